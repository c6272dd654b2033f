/* What the values of claims are compared with: their kind, their form. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../claims/claims.h"
#include "lint.h"

static const azattest__value_kind value_kinds[] = { AZATTEST__VALUE_STRING, AZATTEST__VALUE_INTEGER,
                                                    AZATTEST__VALUE_BOOLEAN, AZATTEST__VALUE_STRING };
static const char *const kind_texts[] = { "a string", "an integer", "a boolean" };

static unsigned bit(azattest__value_kind kind)
{
    return 1u << (unsigned)kind;
}

static unsigned made_kinds(const azattest__lint *lint, size_t rule, const char *type)
{
    unsigned kinds = 0;

    for (size_t i = 0; i < rule; i++) {
        const azattest__lint_rule *earlier = &lint->rules[i];

        if (earlier->makes && !earlier->never && (earlier->made == NULL || strcmp(earlier->made, type) == 0))
            kinds |= earlier->kinds;
    }
    return kinds;
}

/* The kinds that the value of a claim can have which passes the condition. */
unsigned azattest__lint_claim_kinds(const azattest__lint *lint, size_t rule, const azattest__condition *condition)
{
    const azattest__known_claim *claim = azattest__lint_known_claim(lint, rule, condition);
    const char *type = azattest__lint_type_of(condition);
    unsigned kinds;

    if (claim != NULL)
        return bit(value_kinds[claim->kind]);
    if (type == NULL || lint->rules[rule].rule->span.offset >= lint->sure_until ||
        azattest__lint_could_match(condition, NULL, AZATTEST__ISSUER_CLIENT))
        return AZATTEST__ALL_KINDS;
    kinds = made_kinds(lint, rule, type);
    return kinds == 0 ? AZATTEST__ALL_KINDS : kinds;
}

static azattest__value_kind literal_kind(const azattest__expression *expression)
{
    return expression->kind == AZATTEST__STRING    ? AZATTEST__VALUE_STRING
           : expression->kind == AZATTEST__INTEGER ? AZATTEST__VALUE_INTEGER
                                                   : AZATTEST__VALUE_BOOLEAN;
}

static const char *only_kind(unsigned kinds)
{
    for (unsigned i = 0; i < 3; i++)
        if (kinds == 1u << i)
            return kind_texts[i];
    return "of another kind";
}

/* Whether a comparison with this literal can say anything. */
static bool check_kind(azattest__lint *lint, size_t rule, const azattest__condition *condition,
                       const azattest__test *test)
{
    unsigned kinds = azattest__lint_claim_kinds(lint, rule, condition);
    azattest__value_kind kind = literal_kind(test->expression);

    if ((kinds & bit(kind)) != 0)
        return true;
    lint->rules[rule].never |= test->op != AZATTEST__NOT_EQUAL && !condition->negated;
    azattest__lint_say(lint, AZATTEST__WARNING, "claim-value-type", test->expression->span, kind_texts[kind],
                       only_kind(kinds), "\"%s\" is %s and is compared with %s: the test is always %s",
                       azattest__lint_shown(lint, azattest__lint_type_of(condition)), only_kind(kinds),
                       kind_texts[kind], test->op == AZATTEST__NOT_EQUAL ? "true" : "false");
    return false;
}

/* What another claim of the rule is: value=c.value. */
static unsigned reference_kinds(const azattest__lint *lint, size_t rule, const azattest__expression *reference)
{
    if (reference->property != AZATTEST__PROPERTY_VALUE)
        return bit(AZATTEST__VALUE_STRING);
    if (reference->condition == AZATTEST__NO_CONDITION)
        return AZATTEST__ALL_KINDS;
    return azattest__lint_claim_kinds(lint, rule, &lint->rules[rule].rule->conditions[reference->condition]);
}

/* Two claims are compared: <, <=, > and >= hold between integers only, and == between values of one kind. */
static void check_reference(azattest__lint *lint, size_t rule, const azattest__condition *condition,
                            const azattest__test *test)
{
    unsigned kinds = azattest__lint_claim_kinds(lint, rule, condition);
    unsigned other = reference_kinds(lint, rule, test->expression);
    unsigned fitting = test->op > AZATTEST__NOT_EQUAL ? bit(AZATTEST__VALUE_INTEGER) : AZATTEST__ALL_KINDS;

    if ((kinds & other & fitting) != 0)
        return;
    lint->rules[rule].never |= test->op != AZATTEST__NOT_EQUAL && !condition->negated;
    azattest__lint_say(lint, AZATTEST__WARNING, "claim-value-type", test->expression->span, only_kind(other),
                       test->op > AZATTEST__NOT_EQUAL ? "an integer" : only_kind(kinds),
                       "\"%s\" is %s and is compared by %s with %s.%s, which is %s: the test is always %s",
                       azattest__lint_shown(lint, azattest__lint_type_of(condition)), only_kind(kinds),
                       azattest__operator_text(test->op), azattest__lint_shown(lint, test->expression->text),
                       azattest__property_name(test->expression->property), only_kind(other),
                       test->op == AZATTEST__NOT_EQUAL ? "true" : "false");
}

static void check_hex(azattest__lint *lint, const azattest__known_claim *claim, const azattest__expression *value)
{
    const char *text = value->text;
    size_t len = value->text_len, digits = strspn(text, "0123456789abcdefABCDEF");
    const char *shown = azattest__lint_shown(lint, text);
    char *expected = NULL;

    if (asprintf(&expected, "%u lower-case hexadecimal digits", claim->hex) < 0) {
        lint->list->no_memory = true;
        return;
    }
    if (digits != len)
        azattest__lint_say(lint, AZATTEST__WARNING, "claim-value-form", value->span, shown, expected,
                           "\"%s\" is %s, and \"%s\" is something else", claim->name, expected, shown);
    else if (len != claim->hex)
        azattest__lint_say(lint, AZATTEST__WARNING, "claim-value-form", value->span, shown, expected,
                           "\"%s\" is %s, and here are %zu", claim->name, expected, len);
    else if (strpbrk(text, "ABCDEF") != NULL)
        azattest__lint_say(lint, AZATTEST__WARNING, "claim-value-form", value->span, shown, expected,
                           "\"%s\" is %s, and here are capitals: strings compare with regard to case", claim->name,
                           expected);
    free(expected);
}

static void check_words(azattest__lint *lint, const azattest__known_claim *claim, const azattest__expression *value)
{
    const char *at = claim->words;
    size_t len = value->text_len;

    while (len > 0 && (at = strstr(at, value->text)) != NULL) {
        if (at[-1] == ' ' && at[len] == ' ' && memchr(value->text, ' ', len) == NULL)
            return;
        at += len;
    }
    azattest__lint_say(lint, AZATTEST__WARNING, "claim-value-form", value->span,
                       azattest__lint_shown(lint, value->text), claim->words + 1,
                       "\"%s\" never is \"%s\", it is one of:%.*s", claim->name,
                       azattest__lint_shown(lint, value->text), (int)strlen(claim->words) - 1, claim->words);
}

static void check_value(azattest__lint *lint, size_t rule, const azattest__condition *condition,
                        const azattest__test *test)
{
    const azattest__known_claim *claim = azattest__lint_known_claim(lint, rule, condition);

    if (!check_kind(lint, rule, condition, test) || claim == NULL || test->expression->kind != AZATTEST__STRING ||
        test->op > AZATTEST__NOT_EQUAL || azattest__lint_is_placeholder(test->expression->text))
        return;
    if (claim->hex != 0)
        check_hex(lint, claim, test->expression);
    else if (claim->words != NULL)
        check_words(lint, claim, test->expression);
}

/* valueType of a claim whose kind is known. */
static void check_value_type(azattest__lint *lint, size_t rule, const azattest__condition *condition,
                             const azattest__test *test)
{
    static const char *const names[] = { "String", "Integer", "Boolean" };
    unsigned kinds = azattest__lint_claim_kinds(lint, rule, condition);

    if (test->expression->kind != AZATTEST__STRING || test->op != AZATTEST__EQUAL)
        return;
    for (unsigned i = 0; i < 3; i++)
        if (strcmp(test->expression->text, names[i]) == 0 && (kinds & 1u << i) == 0) {
            lint->rules[rule].never |= !condition->negated;
            azattest__lint_say(lint, AZATTEST__WARNING, "claim-value-type", test->expression->span, names[i], NULL,
                               "\"%s\" is %s: the test is always false",
                               azattest__lint_shown(lint, azattest__lint_type_of(condition)), only_kind(kinds));
        }
}

/* The one kind that all arguments of a function have; AZATTEST__ALL_KINDS: any. */
static unsigned argument_kinds(azattest__function function)
{
    switch (function) {
    case AZATTEST__JMES_PATH:
    case AZATTEST__JSON_TO_CLAIM_VALUE:
    case AZATTEST__APPEND_STRING:
        return bit(AZATTEST__VALUE_STRING);
    case AZATTEST__NEGATE_BOOL:
        return bit(AZATTEST__VALUE_BOOLEAN);
    case AZATTEST__IS_SUBSET_OF:
    case AZATTEST__CONTAINS_ONLY_VALUE:
    case AZATTEST__UNKNOWN_FUNCTION:
        break;
    }
    return AZATTEST__ALL_KINDS;
}

/* What the checker cannot see, since it knows no claims: NegateBool(c.value) of an integer. */
static void check_arguments(azattest__lint *lint, size_t rule, const azattest__expression *call)
{
    unsigned wanted = call->kind == AZATTEST__CALL ? argument_kinds(call->function) : AZATTEST__ALL_KINDS;

    for (size_t i = 0; i < call->argument_count && wanted != AZATTEST__ALL_KINDS; i++) {
        const azattest__expression *argument = call->arguments[i];
        unsigned kinds = argument->kind == AZATTEST__REFERENCE ? reference_kinds(lint, rule, argument) : wanted;

        if (argument->property == AZATTEST__PROPERTY_VALUE && (kinds & wanted) == 0)
            azattest__lint_say(lint, AZATTEST__WARNING, "argument-type", argument->span, only_kind(kinds),
                               only_kind(wanted),
                               "%s takes %s, and %s.value is %s: the evaluation fails here, and nothing is admitted",
                               azattest__function_name(call->function), only_kind(wanted),
                               azattest__lint_shown(lint, argument->text), only_kind(kinds));
    }
}

void azattest__lint_values(azattest__lint *lint, size_t rule)
{
    const azattest__rule *source = lint->rules[rule].rule;

    for (size_t i = 0; i < source->condition_count; i++) {
        const azattest__condition *condition = &source->conditions[i];

        for (size_t j = 0; j < condition->test_count && azattest__lint_type_of(condition) != NULL; j++) {
            const azattest__test *test = &condition->tests[j];

            if (test->expression == NULL || test->expression->kind == AZATTEST__CALL)
                continue;
            if (test->property == AZATTEST__PROPERTY_VALUE && test->expression->kind == AZATTEST__REFERENCE)
                check_reference(lint, rule, condition, test);
            else if (test->property == AZATTEST__PROPERTY_VALUE)
                check_value(lint, rule, condition, test);
            else if (test->property == AZATTEST__PROPERTY_VALUE_TYPE)
                check_value_type(lint, rule, condition, test);
        }
    }
    azattest__lint_expressions(lint, rule, check_arguments);
}
