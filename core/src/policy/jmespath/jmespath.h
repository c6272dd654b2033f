/*
 * JMESPath (jmespath.org, the whole standard), and equals_ignore_case(string, string), which the service adds. A query
 * is compiled once and searched by any number of threads.
 */
#ifndef AZATTEST_POLICY_JMESPATH_H
#define AZATTEST_POLICY_JMESPATH_H

#include "../../json/json.h"

typedef struct azattest__jmespath azattest__jmespath;

/* What one evaluation may still spend. */
typedef struct azattest__work {
    uint64_t steps_left;
    size_t memory_left; /* bytes of results */
} azattest__work;

/* Compiles. AZATTEST_E_MALFORMED for a bad query, also for unknown functions and a wrong number of arguments: the
 * message says what was found and expected, *offset (or NULL) is the byte of the query that is wrong. AZATTEST_E_LIMIT:
 * longer than AZATTEST_LIMIT_JMESPATH or nested deeper than AZATTEST_LIMIT_JMESPATH_DEPTH. */
azattest_status azattest__jmespath_compile(azattest_bytes query, azattest__jmespath **out, size_t *offset,
                                           azattest_error **error);
void azattest__jmespath_free(azattest__jmespath *query);
/* Searches, and appends the result as compact JSON ("null" for nothing); numbers of the document keep their text, but
 * integers lose an exponent. AZATTEST_E_TYPE: a function got an argument of a wrong type. AZATTEST_E_LIMIT: the work
 * was used up, or `out` is full. The work is charged for what was done, and its memory for what was appended. */
azattest_status azattest__jmespath_search(const azattest__jmespath *query, const azattest__json *document,
                                          azattest__work *work, azattest__buf *out, azattest_error **error);

/* For the linter: calls back for every comparison of the query, with what stands on either side. Field names `true`,
 * `false` and `null`, and numbers compared with strings, are its prey. */
typedef enum azattest__jmespath_operand {
    AZATTEST__OPERAND_OTHER,
    AZATTEST__OPERAND_FIELD, /* a bare identifier */
    AZATTEST__OPERAND_RAW_STRING,
    AZATTEST__OPERAND_NUMBER, /* literals in backticks */
    AZATTEST__OPERAND_STRING,
    AZATTEST__OPERAND_CONSTANT, /* true, false, null in backticks */
    AZATTEST__OPERAND_PATH      /* fields of fields: the text is the last one's name */
} azattest__jmespath_operand;
typedef struct azattest__jmespath_comparison {
    const char *op;
    azattest__jmespath_operand left, right;
    const char *left_text, *right_text; /* name of the field, or value of the literal; else NULL */
    size_t offset;                      /* of the operator in the query */
} azattest__jmespath_comparison;
void azattest__jmespath_comparisons(const azattest__jmespath *query,
                                    void (*visit)(void *user, const azattest__jmespath_comparison *comparison),
                                    void *user);
/* The fields that the query begins with ("Events", "PCRs"), for every path that starts at the document itself. */
void azattest__jmespath_first_fields(const azattest__jmespath *query, void (*visit)(void *user, const char *field),
                                     void *user);

#endif
