/**
 * What a policy's author should know before it is set: errors, which the service refuses, and what it takes though it
 * probably means something else. A comment silences a finding: `// azattest: ignore ID, ID` behind the code of its line
 * or behind a rule, or alone on the line before either, `// azattest: ignore-file ID` anywhere; errors cannot be
 * silenced. POLICY.md beside this header lists all findings.
 */
#ifndef AZATTEST_POLICY_REPORT_H
#define AZATTEST_POLICY_REPORT_H

#include "claim_set.h"
#include "policy_language.h"

AZATTEST_BEGIN

/** Errors, warnings and notes about one text, in its order. Immutable. */
typedef struct azattest_policy_report azattest_policy_report;

/**
 * Reads any text and reports what is wrong with it: faults of its syntax, and whatever else can be said in spite of
 * them. With an attestation type its claims are known, without one only those that no type has are unknown.
 *
 * @param text     borrowed; UTF-8 without NUL, at most AZATTEST_LIMIT_POLICY bytes
 * @param options  NULL: the defaults
 * @param out      the report, owned by the caller; a text with nothing to say about has an empty one
 * @retval AZATTEST_E_ARGUMENT  absent or no UTF-8, a NUL inside, bad options
 * @retval AZATTEST_E_LIMIT     too large, or too much of something (limits.h)
 * Source: policy language, sections 1 to 7.
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_policy_lint(azattest_bytes text,
                                                                      const azattest_policy_parse_options *options,
                                                                      azattest_policy_report **out,
                                                                      azattest_error **error);
/** NULL is accepted. */
AZATTEST_API void azattest_policy_report_free(azattest_policy_report *report);

/** Findings in the list, and how many of them are of each severity. */
AZATTEST_API size_t azattest_policy_report_count(const azattest_policy_report *report);
AZATTEST_API size_t azattest_policy_report_error_count(const azattest_policy_report *report);
AZATTEST_API size_t azattest_policy_report_warning_count(const azattest_policy_report *report);
AZATTEST_API size_t azattest_policy_report_note_count(const azattest_policy_report *report);
/** Whether there was more to say than AZATTEST_LIMIT_POLICY_DIAGNOSTICS findings. */
AZATTEST_API bool azattest_policy_report_is_cut(const azattest_policy_report *report);

/** "error", "warning" or "note". All readers of a finding: NULL or 0 behind the end of the list. */
AZATTEST_API const char *azattest_policy_report_severity(const azattest_policy_report *report, size_t index);
/** Stable, for programs: "never-fires". azattest_policy_lint_rules() has them all. */
AZATTEST_API const char *azattest_policy_report_id(const azattest_policy_report *report, size_t index);
/** From 1; a column is a character. */
AZATTEST_API unsigned azattest_policy_report_line(const azattest_policy_report *report, size_t index);
AZATTEST_API unsigned azattest_policy_report_column(const azattest_policy_report *report, size_t index);
/** Bytes of the text, from 0. */
AZATTEST_API size_t azattest_policy_report_offset(const azattest_policy_report *report, size_t index);
AZATTEST_API size_t azattest_policy_report_length(const azattest_policy_report *report, size_t index);
/** One sentence. */
AZATTEST_API const char *azattest_policy_report_message(const azattest_policy_report *report, size_t index);
/** What stands there, and what would do; NULL where that does not apply. */
AZATTEST_API const char *azattest_policy_report_found(const azattest_policy_report *report, size_t index);
AZATTEST_API const char *azattest_policy_report_expected(const azattest_policy_report *report, size_t index);
/**
 * All of it as a JSON array of objects: severity, id, line, column, offset, length, message, found, expected. Lives as
 * long as the report; absent for NULL, and when memory is short.
 */
AZATTEST_API azattest_bytes azattest_policy_report_json(const azattest_policy_report *report);

/**
 * Everything that a report may say, as a JSON array of objects: id, severity ("error", "warning", "note", or two of
 * them where it depends), meaning, fix. Static.
 */
AZATTEST_API const char *azattest_policy_lint_rules(void);

AZATTEST_END

#endif
