/* Policies that the command reads, and what is said of them: shared by the words of `policy` that send nothing. */
#ifndef AZATTEST_CLI_POLICY_SOURCE_H
#define AZATTEST_CLI_POLICY_SOURCE_H

#include "arguments.h"
#include "base/buf.h"
#include "json/json.h"
#include "output.h"

/* A policy as it is named on the command line. */
typedef struct azattest__policy_file {
    const char *name; /* a path, "-", or "default:SgxEnclave" */
    azattest__buf text;
    azattest_policy_report *report; /* made by azattest__policy_file_check() */
} azattest__policy_file;

/* Reads the bytes of a file, of standard input for "-", or of the default policy of a type ("default:SgxEnclave").
 * AZATTEST_E_STATE: it cannot be read, or is too large; AZATTEST_E_ARGUMENT: it is empty, or the type has no default.
 */
azattest_status azattest__policy_file_read(const char *name, azattest__policy_file *out, azattest_error **error);
/* The same of what must be text: AZATTEST_E_STATE names the first byte that is none. */
azattest_status azattest__policy_file_text(const char *name, azattest__policy_file *out, azattest_error **error);
void azattest__policy_file_clear(azattest__policy_file *source);

/* --type and --lenient. */
azattest_status azattest__parse_options(const azattest__arguments *arguments, azattest_policy_parse_options *out,
                                        azattest_error **error);
/* --type in the service's spelling; AZATTEST_E_ARGUMENT with the nearest one when there is no such type. NULL without
 * it. */
azattest_status azattest__type_option(const azattest__arguments *arguments, const char **out, azattest_error **error);

/* Lints the text into source->report. */
azattest_status azattest__policy_file_check(const azattest__arguments *arguments, azattest__policy_file *source,
                                            azattest_error **error);
/* Reads and parses what an operand names. AZATTEST_E_POLICY: it has errors; source->report lists them. */
azattest_status azattest__policy_file_parse(const azattest__arguments *arguments, const char *name,
                                            azattest__policy_file *source, azattest_policy **out,
                                            azattest_error **error);
/* Says why a policy could not be had, frees the error, and gives `code` for a policy with errors, else the error's own
 * exit code. With --json one document: {"file","error","findings"}. */
int azattest__policy_file_failure(const azattest__arguments *arguments, const azattest__policy_file *source,
                                  azattest_error *error, int code);

/* claims_input.c: claims in JSON, or what the service would make of evidence, which nobody verifies here. Content that
 * cannot be used is AZATTEST_E_STATE: there is nothing to judge. */
azattest_status azattest__claims_read(const char *path, const char *type, azattest_claim_set **out,
                                      azattest_error **error);
azattest_status azattest__claims_of_evidence(const char *path, const char *type, azattest_claim_set **out,
                                             azattest_error **error);

/* The least grave severity that counts: "error", "warning" or "note". */
typedef enum azattest__gravity { GRAVITY_NOTE, GRAVITY_WARNING, GRAVITY_ERROR } azattest__gravity;
azattest__gravity azattest__gravity_of(const char *severity);

/* policy_rules.c: --explain ID; the exit code. */
int azattest__explain_finding(const azattest__arguments *arguments);

/* findings.c: FILE:LINE:COLUMN: severity: message [id], the line of the source, and a caret under the place. */
void azattest__findings_print(FILE *to, const azattest__policy_file *source, azattest__gravity least);
/* The report's own list, those of at least this gravity. */
azattest__json *azattest__findings_json(const azattest_policy_report *report, azattest__gravity least);
/* A piece of a policy for one line: white space is a blank, but in strings, and comments are left out. A new text to
 * free, or NULL when out of memory. */
char *azattest__one_line(azattest_bytes source);
/* "-" is "<stdin>" in front of findings. */
const char *azattest__policy_file_shown(const azattest__policy_file *source);

#endif
