/*
 * A parsed policy. Every node knows its place in the text, which is kept byte for byte: its hash is what counts. The
 * tree is immutable from the end of parsing on, and shared by threads.
 */
#ifndef AZATTEST_POLICY_TREE_H
#define AZATTEST_POLICY_TREE_H

#include <stdarg.h>
#include <stdatomic.h>

#include <azattest/policy_language.h>

#include "../../base/arena.h"
#include "diagnostics.h"
#include "../jmespath/jmespath.h"

typedef enum azattest__property {
    AZATTEST__PROPERTY_TYPE,
    AZATTEST__PROPERTY_VALUE,
    AZATTEST__PROPERTY_VALUE_TYPE,
    AZATTEST__PROPERTY_ISSUER
} azattest__property;

typedef enum azattest__operator {
    AZATTEST__EQUAL,
    AZATTEST__NOT_EQUAL,
    AZATTEST__LESS,
    AZATTEST__LESS_OR_EQUAL,
    AZATTEST__GREATER,
    AZATTEST__GREATER_OR_EQUAL
} azattest__operator;

typedef enum azattest__function {
    AZATTEST__UNKNOWN_FUNCTION,
    AZATTEST__JMES_PATH,
    AZATTEST__JSON_TO_CLAIM_VALUE,
    AZATTEST__IS_SUBSET_OF,
    AZATTEST__APPEND_STRING,
    AZATTEST__NEGATE_BOOL,
    AZATTEST__CONTAINS_ONLY_VALUE
} azattest__function;

#define AZATTEST__NO_CONDITION ((size_t)-1)

typedef enum azattest__expression_kind {
    AZATTEST__STRING,
    AZATTEST__INTEGER,
    AZATTEST__BOOLEAN,
    AZATTEST__REFERENCE, /* c.value */
    AZATTEST__CALL
} azattest__expression_kind;

typedef struct azattest__expression azattest__expression;
struct azattest__expression {
    azattest__expression_kind kind;
    azattest__span span;
    const char *text; /* a string without quotes and escapes (no NUL inside), an identifier, or a function's name as
                         written; NULL for the others */
    size_t text_len;
    int64_t integer;
    bool boolean;
    azattest__property property; /* of a reference */
    size_t condition; /* of a reference: the condition of its rule that binds it, or AZATTEST__NO_CONDITION */
    azattest__function function;
    azattest__expression **arguments;
    size_t argument_count;
    azattest__jmespath *query; /* of a JmesPath call whose second argument is a literal that compiles; else NULL */
};

typedef struct azattest__test {
    azattest__property property;
    azattest__operator op;
    azattest__expression *expression;
    azattest__span span;
} azattest__test;

typedef struct azattest__condition {
    bool negated;
    const char *identifier; /* NULL: none */
    azattest__test *tests;
    size_t test_count;
    azattest__span span;
} azattest__condition;

typedef enum azattest__action_kind {
    AZATTEST__PERMIT,
    AZATTEST__DENY,
    AZATTEST__ADD,
    AZATTEST__ISSUE,
    AZATTEST__ISSUE_PROPERTY
} azattest__action_kind;

typedef struct azattest__assignment {
    azattest__property property;
    azattest__expression *expression;
    azattest__span span;
} azattest__assignment;

typedef struct azattest__action {
    azattest__action_kind kind;
    const char *identifier; /* of `claim = c`; NULL: assignments instead */
    azattest__span identifier_span;
    size_t condition; /* what binds it, or AZATTEST__NO_CONDITION */
    azattest__assignment *assignments;
    size_t assignment_count;
    azattest__span span;
} azattest__action;

typedef struct azattest__rule {
    azattest__condition *conditions;
    size_t condition_count;
    azattest__action action;
    azattest__span span; /* from its first character to its semicolon */
} azattest__rule;

typedef enum azattest__section_kind {
    AZATTEST__CONFIGURATION,
    AZATTEST__AUTHORIZATION,
    AZATTEST__ISSUANCE
} azattest__section_kind;
#define AZATTEST__SECTIONS 3

typedef struct azattest__section {
    bool present;
    azattest__rule *rules;
    size_t rule_count;
    azattest__span span;    /* from its keyword to its semicolon */
    azattest__span keyword; /* as it stands there, which is not always as it is spelt */
} azattest__section;

typedef struct azattest__comment {
    azattest__span span; /* with the two slashes, without the line's end */
    bool own_line;       /* nothing but white space stands before it */
} azattest__comment;

struct azattest_policy {
    atomic_uint references;
    azattest__arena arena; /* all below, but for the queries */
    char *text;            /* as it came, NUL-terminated; no NUL inside */
    size_t text_len;
    bool lenient;
    char *attestation_type; /* NULL: none was given */
    bool has_bom;
    int version; /* 10, 11, 12; 0: none that is known */
    azattest__span version_span;
    azattest__section sections[AZATTEST__SECTIONS];
    azattest__comment *comments;
    size_t comment_count;
    azattest__jmespath **queries; /* every compiled one, for the end */
    size_t query_count;
    azattest__diagnostics diagnostics;            /* what parsing and checking found; errors make the policy invalid */
    unsigned char hash[32];                       /* x-ms-policy-hash */
    _Atomic(char *) formatted, tree, explanation; /* made when first asked for */
};

/* names.c: words of the language. */
const char *azattest__property_name(azattest__property property);
const char *azattest__operator_text(azattest__operator op);
const char *azattest__function_name(azattest__function function); /* "JmesPath"; NULL for the unknown one */
azattest__function azattest__function_find(const char *name, size_t len);
size_t azattest__function_arity(azattest__function function);
const char *azattest__action_name(azattest__action_kind kind);      /* "permit" */
const char *azattest__section_name(azattest__section_kind section); /* "authorizationrules" */
const char *azattest__version_text(int version);                    /* "1.0"; NULL when unknown */

/* parse.c: always gives a tree, as far as the text was understood, unless memory is short, or the text is no UTF-8 or
 * has a NUL (AZATTEST_E_ARGUMENT), or one of the ceilings of AZATTEST_LIMIT_POLICY* is passed (AZATTEST_E_LIMIT). Its
 * diagnostics, in order of their places, say whether it is a policy. A rule with a fault that leaves a value unknown is
 * not in the tree; one that was mended (= for ==, a missing semicolon) is. Options are checked already. */
azattest_status azattest__policy_read(azattest_bytes text, bool lenient, const char *attestation_type,
                                      azattest_policy **out, azattest_error **error);
/* check.c: what the grammar alone cannot see: version gates, identifiers, functions and their arguments, actions of a
 * section, operands, literal queries. Adds to the policy's diagnostics. */
void azattest__policy_check(azattest_policy *policy);
/* policy.c */
/* The options as they were given, checked; what they point to stays the caller's. */
azattest_status azattest__policy_options_take(const azattest_policy_parse_options *in,
                                              azattest_policy_parse_options *out, azattest_error **error);
/* A policy that has its text and nothing else; NULL without memory. */
azattest_policy *azattest__policy_new(azattest_bytes text, bool lenient, const char *attestation_type);
/* source.c: a diagnostic about a piece of the text, which it shows as `found`. `tell_found`: the message gets it too.
 */
__attribute__((format(printf, 6, 7))) void azattest__policy_report(azattest_policy *policy, azattest__severity severity,
                                                                   const char *id, azattest__span span,
                                                                   const char *expected, const char *format, ...);
__attribute__((format(printf, 7, 0))) void azattest__policy_vreport(azattest_policy *policy,
                                                                    azattest__severity severity, const char *id,
                                                                    azattest__span span, bool tell_found,
                                                                    const char *expected, const char *format,
                                                                    va_list arguments);
/* A span's text as it is shown in messages: printable, cut, "end of text". NULL without memory. For free(). */
char *azattest__source_shown(const azattest_policy *policy, azattest__span span);
/* What a strict reading refuses and a lenient one takes with a warning. */
static inline azattest__severity azattest__strictly(const azattest_policy *policy)
{
    return policy->lenient ? AZATTEST__WARNING : AZATTEST__ERROR;
}
/* The source text of a span. */
static inline azattest_bytes azattest__policy_source(const azattest_policy *policy, azattest__span span)
{
    return azattest__bytes(policy->text + span.offset, span.length);
}

#endif
