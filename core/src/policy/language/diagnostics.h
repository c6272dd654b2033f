/* What is wrong with a policy, or looks wrong: where, what was found, what was expected. */
#ifndef AZATTEST_POLICY_DIAGNOSTICS_H
#define AZATTEST_POLICY_DIAGNOSTICS_H

#include "../../error/error.h"

/* A piece of the source. Lines and columns count from 1; a column is a character, not a byte. */
typedef struct azattest__span {
    size_t offset, length; /* bytes */
    unsigned line, column;
} azattest__span;

typedef enum azattest__severity {
    AZATTEST__ERROR,   /* refused: such a policy is not evaluated */
    AZATTEST__WARNING, /* it is evaluated, and probably does not mean what its author thinks */
    AZATTEST__NOTE     /* works, but there is a better form */
} azattest__severity;

typedef struct azattest__diagnostic {
    azattest__severity severity;
    const char *id; /* stable, a literal: "syntax", "unbound-identifier" */
    azattest__span span;
    char *message;  /* one sentence, without the place */
    char *found;    /* the source's own text as it is shown, "end of text"; NULL: does not apply */
    char *expected; /* words of the grammar, a blank between them, classes in capitals: "; STRING". NULL: does not apply
                       (in a syntax error: `found` is no word of the language at all) */
    const char *rule_path; /* of the grammar, for syntax errors: "policy > versionInfo"; a literal or NULL */
} azattest__diagnostic;

typedef struct azattest__diagnostics {
    azattest__diagnostic *items;
    size_t count, errors, warnings;
    bool cut;       /* there were more than AZATTEST_LIMIT_POLICY_DIAGNOSTICS: warnings went before errors */
    bool lost;      /* the last one is not in the list */
    bool no_memory; /* one could not be kept: the whole list is worth nothing */
} azattest__diagnostics;

/* Appends; the texts are copied, foreign ones made printable by the caller. The message is a format. */
__attribute__((format(printf, 7, 8))) void azattest__diagnose(azattest__diagnostics *list, azattest__severity severity,
                                                              const char *id, azattest__span span, const char *found,
                                                              const char *expected, const char *format, ...);
/* The last one gets a path of the grammar. */
void azattest__diagnose_path(azattest__diagnostics *list, const char *rule_path);
/* In order of their places; what is at the same place stays as it was. */
void azattest__diagnostics_sort(azattest__diagnostics *list);
void azattest__diagnostics_clear(azattest__diagnostics *list);
/* AZATTEST_E_POLICY with every error of the list as a problem; AZATTEST_OK when it has none. */
azattest_status azattest__diagnostics_error(const azattest__diagnostics *list, azattest_error **error);

#endif
