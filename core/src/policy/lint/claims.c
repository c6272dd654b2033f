/* Names in conditions: claims that nobody makes, old names, issuers that do not exist. */
#include <string.h>

#include "../../base/nearest.h"
#include "../claims/claims.h"
#include "lint.h"

/* What becomes of a rule whose condition no claim can pass. */
static const char *consequence(const azattest__condition *condition)
{
    return condition->negated ? "the negated condition always holds" : "the rule never fires";
}

static const azattest__test *type_test(const azattest__condition *condition)
{
    const azattest__expression *type = azattest__lint_equal_test(condition, AZATTEST__PROPERTY_TYPE);

    for (size_t i = 0; i < condition->test_count; i++)
        if (condition->tests[i].expression == type)
            return &condition->tests[i];
    return NULL;
}

static const char *nearest_of(const char *word, const char *const *list, size_t count)
{
    const char *best = NULL;
    size_t distance = SIZE_MAX;

    for (size_t i = 0; i < count; i++) {
        if (azattest__text_equal_nocase(word, list[i]))
            return list[i];
        azattest__nearer(word, list[i], &best, &distance);
    }
    return best;
}

/* Words of which there are three: issuers and types of values. */
static void check_words(azattest__lint *lint, size_t rule, const azattest__condition *condition)
{
    static const char *const issuers[] = { AZATTEST__ISSUER_SERVICE, AZATTEST__ISSUER_POLICY, AZATTEST__ISSUER_CLIENT };
    static const char *const value_types[] = { "String", "Integer", "Boolean" };

    for (size_t i = 0; i < condition->test_count; i++) {
        const azattest__test *test = &condition->tests[i];
        bool is_issuer = test->property == AZATTEST__PROPERTY_ISSUER;
        const char *const *list = is_issuer ? issuers : value_types;
        const char *text, *nearest;

        if ((!is_issuer && test->property != AZATTEST__PROPERTY_VALUE_TYPE) || test->expression == NULL ||
            test->expression->kind != AZATTEST__STRING)
            continue;
        text = test->expression->text;
        if (strcmp(text, list[0]) == 0 || strcmp(text, list[1]) == 0 || strcmp(text, list[2]) == 0)
            continue;
        lint->rules[rule].never |= test->op == AZATTEST__EQUAL && !condition->negated;
        nearest = nearest_of(text, list, 3);
        azattest__lint_say(lint, AZATTEST__WARNING, is_issuer ? "unknown-issuer" : "unknown-value-type",
                           test->expression->span, azattest__lint_shown(lint, text),
                           nearest != NULL ? nearest
                           : is_issuer     ? "AttestationService, AttestationPolicy, CustomClaim"
                                           : "String, Integer, Boolean",
                           "no claim has the %s \"%s\"", is_issuer ? "issuer" : "valueType",
                           azattest__lint_shown(lint, text));
    }
}

/* What a rule at or behind this one makes, or a name that is near. */
static const char *nearest_made(const azattest__lint *lint, const char *type)
{
    const char *best = NULL;
    size_t distance = SIZE_MAX;

    for (size_t i = 0; i < lint->rule_count; i++) {
        const char *made =
            lint->rules[i].rule->action.kind >= AZATTEST__ADD ? azattest__lint_target(lint->rules[i].rule) : NULL;

        if (made != NULL && strcmp(made, type) != 0)
            azattest__nearer(type, made, &best, &distance);
    }
    return best;
}

static unsigned line_made_later(const azattest__lint *lint, size_t rule, const char *type)
{
    for (size_t i = rule; i < lint->rule_count; i++) {
        const char *made =
            lint->rules[i].rule->action.kind >= AZATTEST__ADD ? azattest__lint_target(lint->rules[i].rule) : NULL;

        if (made != NULL && strcmp(made, type) == 0)
            return lint->rules[i].rule->span.line;
    }
    return 0;
}

/* A rule does make it, and never fires: what is wrong with that one is said there. */
static bool is_made_in_vain(const azattest__lint *lint, size_t rule, const char *type)
{
    for (size_t i = 0; i < rule; i++)
        if (lint->rules[i].makes && lint->rules[i].made != NULL && strcmp(lint->rules[i].made, type) == 0)
            return true;
    return false;
}

static void check_unmade(azattest__lint *lint, size_t rule, const azattest__condition *condition, const char *type)
{
    const azattest__expression *literal = azattest__lint_equal_test(condition, AZATTEST__PROPERTY_TYPE);
    const char *shown, *nearest;
    unsigned line;

    if (lint->rules[rule].rule->span.offset >= lint->sure_until || azattest__lint_is_made(lint, rule, type, NULL))
        return;
    lint->rules[rule].never |= !condition->negated;
    if (lint->rules[rule].section == AZATTEST__CONFIGURATION || is_made_in_vain(lint, rule, type) ||
        !azattest__lint_wants(lint, AZATTEST__WARNING, "unmade-claim", literal->span))
        return;
    shown = azattest__lint_shown(lint, type);
    line = line_made_later(lint, rule, type);
    nearest = line != 0 ? NULL : nearest_made(lint, type);
    if (line != 0)
        azattest__lint_say(lint, AZATTEST__WARNING, "unmade-claim", literal->span, shown, NULL,
                           "no rule before this one makes \"%s\", only the one of line %u: %s", shown, line,
                           consequence(condition));
    else if (nearest != NULL)
        azattest__lint_say(lint, AZATTEST__WARNING, "unmade-claim", literal->span, shown,
                           azattest__lint_shown(lint, nearest), "no rule makes \"%s\", perhaps \"%s\" is meant: %s",
                           shown, azattest__lint_shown(lint, nearest), consequence(condition));
    else
        azattest__lint_say(lint, AZATTEST__WARNING, "unmade-claim", literal->span, shown, NULL,
                           "no rule makes \"%s\": %s", shown, consequence(condition));
}

static void check_known(azattest__lint *lint, size_t rule, const azattest__condition *condition,
                        const azattest__known_claim *claim)
{
    const azattest__expression *literal = azattest__lint_equal_test(condition, AZATTEST__PROPERTY_TYPE);

    if ((claim->flags & AZATTEST__CLAIM_INCOMING) == 0) {
        lint->rules[rule].never |= !condition->negated;
        azattest__lint_say(lint, AZATTEST__WARNING, "token-only-claim", literal->span, claim->name, NULL,
                           "the service puts \"%s\" into the token, and no policy sees it: %s", claim->name,
                           consequence(condition));
        return;
    }
    if (claim->successor != NULL)
        azattest__lint_say(lint, AZATTEST__NOTE, "deprecated-claim", literal->span, claim->name, claim->successor,
                           "\"%s\" is another, older name of \"%s\"", claim->name, claim->successor);
    if ((claim->flags & AZATTEST__CLAIM_FROM_12) != 0 && lint->policy->version != 0 && lint->policy->version < 12)
        azattest__lint_say(lint, AZATTEST__WARNING, "claim-version", literal->span, claim->name, "version=1.2",
                           "\"%s\" is there from version 1.2 of the language on, and this policy has version %s: %s",
                           claim->name, azattest__version_text(lint->policy->version), consequence(condition));
}

static void say_unknown(azattest__lint *lint, size_t rule, const azattest__condition *condition, const char *type)
{
    const azattest__expression *literal = azattest__lint_equal_test(condition, AZATTEST__PROPERTY_TYPE);
    bool open = !azattest__lint_issuer_is(condition, AZATTEST__ISSUER_SERVICE);
    const char *shown, *nearest, *evidence;
    char text[AZATTEST__TYPES_TEXT];
    unsigned line;

    if (!azattest__lint_wants(lint, AZATTEST__WARNING, "unknown-claim", literal->span))
        return;
    shown = azattest__lint_shown(lint, type);
    nearest = azattest__known_claim_nearest(type, lint->guessed);
    line = open ? line_made_later(lint, rule, type) : 0;
    evidence =
        lint->guessed == AZATTEST__ANY_TYPE ? "any evidence" : azattest__vocabulary_types_text(lint->guessed, text);
    if (line != 0)
        azattest__lint_say(lint, AZATTEST__WARNING, "unknown-claim", literal->span, shown, NULL,
                           "the service makes no claim \"%s\" of %s, and no rule before this one does, only the one of "
                           "line %u",
                           shown, evidence, line);
    else if (nearest != NULL)
        azattest__lint_say(lint, AZATTEST__WARNING, "unknown-claim", literal->span, shown, nearest,
                           "the service makes no claim \"%s\" of %s, perhaps \"%s\" is meant", shown, evidence,
                           nearest);
    else
        azattest__lint_say(lint, AZATTEST__WARNING, "unknown-claim", literal->span, shown, NULL,
                           "the service makes no claim \"%s\" of %s%s", shown, evidence,
                           open ? "; a claim that the client sends has the issuer CustomClaim" : "");
}

/* A member of a claim that is an object, "x-ms-isolation-tee.x-ms-compliance-status". How policies see such claims is
 * not established (3.5): nothing is said of them. */
static bool is_member(const azattest__lint *lint, const char *type)
{
    const azattest__known_claim *claim;
    const char *dot = strchr(type, '.');

    for (size_t i = 0; dot != NULL && (claim = azattest__known_claim_at(i)) != NULL; i++)
        if ((claim->types & lint->types) != 0 && claim->kind == AZATTEST__KIND_JSON &&
            azattest__bytes_equal_text(azattest__bytes(type, (size_t)(dot - type)), claim->name))
            return true;
    return false;
}

/* Claims of the evidence, or of anybody. */
static void check_incoming(azattest__lint *lint, size_t rule, const azattest__condition *condition, const char *type)
{
    const azattest__known_claim *claim = azattest__lint_known_claim(lint, rule, condition);
    bool of_service = azattest__lint_issuer_is(condition, AZATTEST__ISSUER_SERVICE);
    char text[AZATTEST__TYPES_TEXT];

    if (lint->types == 0 || is_member(lint, type) || (!of_service && azattest__lint_is_made(lint, rule, type, NULL)))
        return;
    if (claim != NULL) {
        check_known(lint, rule, condition, claim);
        return;
    }
    claim = azattest__known_claim_find(type, AZATTEST__ANY_TYPE);
    if (claim == NULL || (claim->flags & AZATTEST__CLAIM_INCOMING) == 0) {
        lint->rules[rule].never |= of_service && !condition->negated;
        say_unknown(lint, rule, condition, type);
        return;
    }
    lint->rules[rule].never |= !condition->negated;
    azattest__lint_say(lint, AZATTEST__WARNING, "unknown-claim",
                       azattest__lint_equal_test(condition, AZATTEST__PROPERTY_TYPE)->span, claim->name, NULL,
                       "\"%s\" is a claim of %s, which other evidence has not: %s", claim->name,
                       azattest__vocabulary_types_text(claim->types, text), consequence(condition));
}

void azattest__lint_claims(azattest__lint *lint, size_t rule)
{
    const azattest__rule *source = lint->rules[rule].rule;

    for (size_t i = 0; i < source->condition_count; i++) {
        const azattest__condition *condition = &source->conditions[i];
        const char *type = azattest__lint_type_of(condition);
        const azattest__test *test = type_test(condition);

        check_words(lint, rule, condition);
        if (type == NULL || test == NULL)
            continue;
        if (!azattest__lint_could_match(condition, NULL, AZATTEST__ISSUER_SERVICE)) {
            if (azattest__lint_issuer_is(condition, AZATTEST__ISSUER_POLICY))
                check_unmade(lint, rule, condition, type);
        } else
            check_incoming(lint, rule, condition, type);
    }
}
