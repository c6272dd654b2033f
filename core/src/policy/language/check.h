/* The checks' inside: what the grammar alone cannot see. */
#ifndef AZATTEST_POLICY_CHECK_H
#define AZATTEST_POLICY_CHECK_H

#include "tree.h"

typedef struct azattest__check {
    azattest_policy *policy;
    azattest__section_kind section;
    azattest__rule *rule;
    size_t bound; /* the rule's conditions before this one are those whose identifiers may be used */
} azattest__check;

/* What a value is known to be before there are claims. */
typedef enum azattest__known_kind {
    AZATTEST__KNOWN_NOT,
    AZATTEST__KNOWN_TEXT,
    AZATTEST__KNOWN_INTEGER,
    AZATTEST__KNOWN_BOOLEAN
} azattest__known_kind;
azattest__known_kind azattest__known_kind_of(const azattest__expression *expression);
/* "text", "an integer" */
const char *azattest__known_kind_name(azattest__known_kind kind);

/* check.c: the condition before check->bound that binds the identifier; reports, and gives AZATTEST__NO_CONDITION,
 * when there is none. */
size_t azattest__check_identifier(azattest__check *check, const char *identifier, azattest__span span);
/* An error, always. */
__attribute__((format(printf, 4, 5))) void azattest__check_error(azattest__check *check, const char *id,
                                                                 azattest__span span, const char *format, ...);
/* A part that the policy's version has not got. */
void azattest__check_version(azattest_policy *policy, int version, azattest__span span, const char *what);
/* check_expression.c */
void azattest__check_expression(azattest__check *check, azattest__expression *expression);
/* check_action.c */
void azattest__check_action(azattest__check *check, azattest__action *action);

#endif
