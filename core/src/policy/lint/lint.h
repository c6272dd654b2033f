/*
 * The linter's inside. Each part looks at the same tree for one sort of mistake; lint_rules.c has the list of all that
 * a report may say. Severities: an error is refused by the service or certainly broken, a warning is taken and probably
 * does not mean what its author thinks, a note has a better form.
 */
#ifndef AZATTEST_POLICY_LINT_H
#define AZATTEST_POLICY_LINT_H

#include <azattest/policy_report.h>

#include "../language/tree.h"
#include "../vocabulary/vocabulary.h"

/* lint_rules.c */
typedef struct azattest__lint_id {
    const char *id;
    const char *severity; /* "error", "warning", "note"; "error or warning" where it depends */
    const char *meaning, *fix;
    bool loses; /* the parser leaves a rule, or more, out of the tree where it has said this */
} azattest__lint_id;
const azattest__lint_id *azattest__lint_id_find(const char *id, size_t len);
const azattest__lint_id *azattest__lint_id_at(size_t index); /* NULL behind the end */
const char *azattest__lint_id_nearest(const char *id);
const char *azattest__severity_text(azattest__severity severity);

/* One id of one comment that silences. */
typedef struct azattest__silencer {
    const azattest__lint_id *id;
    unsigned first_line, last_line; /* 0 and UINT_MAX: the whole file */
    azattest__span span;
    bool used, met_error;
} azattest__silencer;

/* A rule, and what is known of it once those before it are. */
typedef struct azattest__lint_rule {
    const azattest__rule *rule;
    azattest__section_kind section;
    bool never;        /* it cannot fire */
    bool makes;        /* it puts a claim into what later conditions see */
    const char *made;  /* that claim's type; NULL though it makes: any */
    bool read_only;    /* what it makes must not be issued */
    unsigned kinds;    /* what that value can be: bits of 1 << AZATTEST__VALUE_... */
    bool made_is_read; /* a later condition can see it */
} azattest__lint_rule;
#define AZATTEST__ALL_KINDS 7u

typedef struct azattest__lint {
    const azattest_policy *policy;
    bool typed;                 /* the attestation type is given, and known */
    unsigned types;             /* it, or any; 0: a type whose claims are not known */
    unsigned guessed;           /* the same, narrowed by the claims that the policy tests */
    azattest__lint_rule *rules; /* of all sections, in the order of their evaluation */
    size_t rule_count;
    size_t sure_until; /* bytes: before it no rule is missing from the tree; SIZE_MAX: none at all is */
    azattest__silencer *silencers;
    size_t silencer_count, silencer_capacity;
    size_t assembled; /* bytes of queries that were put together so far */
    azattest__diagnostics *list;
    azattest__arena arena;
} azattest__lint;

/* lint.c. Whether this would be kept: neither silenced nor behind the limit. Asked before work that only a message
 * needs. */
bool azattest__lint_wants(azattest__lint *lint, azattest__severity severity, const char *id, azattest__span span);
__attribute__((format(printf, 7, 8))) void azattest__lint_say(azattest__lint *lint, azattest__severity severity,
                                                              const char *id, azattest__span span, const char *found,
                                                              const char *expected, const char *format, ...);
/* Foreign text for a message: printable, cut. Lives as long as the linter. */
const char *azattest__lint_shown(azattest__lint *lint, const char *text);

/* lint_silence.c */
void azattest__lint_silencers(azattest__lint *lint);
/* Notes about those that silenced nothing. */
void azattest__lint_unused_silencers(azattest__lint *lint);

/* lint_parts.c: reading the tree. A literal that the condition tests the property to be equal to; NULL: none. */
const azattest__expression *azattest__lint_equal_test(const azattest__condition *condition,
                                                      azattest__property property);
const char *azattest__lint_type_of(const azattest__condition *condition);
/* Whether a claim of that type and issuer could pass; NULL: any. */
bool azattest__lint_could_match(const azattest__condition *condition, const char *type, const char *issuer);
bool azattest__lint_issuer_is(const azattest__condition *condition, const char *issuer);
/* The claim of the service that the condition is about; NULL: none, or perhaps another's. */
const azattest__known_claim *azattest__lint_known_claim(const azattest__lint *lint, size_t rule,
                                                        const azattest__condition *condition);
const azattest__expression *azattest__lint_assigned(const azattest__action *action, azattest__property property);
/* The type that an action names or, by `claim = c`, copies; NULL: it is not known before evaluation. */
const char *azattest__lint_target(const azattest__rule *rule);
bool azattest__lint_same_expression(const azattest__expression *a, const azattest__expression *b);
bool azattest__lint_same_condition(const azattest__condition *a, const azattest__condition *b);
bool azattest__lint_same_rule(const azattest__rule *a, const azattest__rule *b);
/* Whether a rule before `rule` can have made a claim of that type. `from`: the first; SIZE_MAX: none. */
bool azattest__lint_is_made(const azattest__lint *lint, size_t rule, const char *type, size_t *from);
/* Calls back for every expression of a rule, the inner ones too. */
typedef void (*azattest__lint_visit)(azattest__lint *lint, size_t rule, const azattest__expression *expression);
void azattest__lint_expressions(azattest__lint *lint, size_t rule, azattest__lint_visit visit);

/* lint_values.c: the kinds that the value of a claim can have which passes the condition. */
unsigned azattest__lint_claim_kinds(const azattest__lint *lint, size_t rule, const azattest__condition *condition);
/* lint_style.c: text that stands for another, to be filled in. */
bool azattest__lint_is_placeholder(const char *text);

/* The parts. Those of one rule are called in the order of the rules, before the rule's own facts are used by later
 * ones. */
void azattest__lint_claims(azattest__lint *lint, size_t rule);  /* lint_claims.c: names in conditions */
void azattest__lint_values(azattest__lint *lint, size_t rule);  /* lint_values.c: what they are compared with */
void azattest__lint_logic(azattest__lint *lint, size_t rule);   /* lint_logic.c: contradictions */
void azattest__lint_made(azattest__lint *lint, size_t rule);    /* lint_flow.c: what the rule makes of what */
void azattest__lint_issued(azattest__lint *lint, size_t rule);  /* lint_issue.c: names and values in actions */
void azattest__lint_queries(azattest__lint *lint, size_t rule); /* lint_query.c */
void azattest__lint_style(azattest__lint *lint, size_t rule);   /* lint_style.c: placeholders, what is not used */
void azattest__lint_repeated(azattest__lint *lint);             /* lint_flow.c: rules of all sections together */
void azattest__lint_outcome(azattest__lint *lint);              /* lint_outcome.c: permits and denies */

#endif
