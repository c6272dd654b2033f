/* What a policy does, in English: a summary, then a sentence for each rule. */
#include <inttypes.h>
#include <stdlib.h>

#include "write.h"

enum {
    SHOWN = 120, /* characters of a value or a query */
    NAMED = 12   /* claims that the summary lists */
};

typedef struct speaker {
    azattest__buf *out;
    azattest__section_kind section;
    const azattest__rule *rule;
} speaker;

static void say(speaker *s, const char *text)
{
    azattest__buf_append_text(s->out, text);
}

/* Foreign text: what a terminal would obey is escaped. */
static void say_shown(speaker *s, const char *text, size_t len, const char *quote)
{
    char *shown = azattest__printable(azattest__bytes(text, len), SHOWN);

    if (shown == NULL) {
        s->out->status = AZATTEST_E_MEMORY;
        return;
    }
    say(s, quote);
    say(s, shown);
    say(s, quote);
    free(shown);
}

static bool is_plain_name(const char *name)
{
    size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_$.:/");

    return len > 0 && name[len] == '\0';
}

static void say_name(speaker *s, const char *name)
{
    say_shown(s, name, strlen(name), is_plain_name(name) ? "" : "\"");
}

static const char *property_noun(azattest__property property)
{
    return property == AZATTEST__PROPERTY_VALUE_TYPE ? "value type" : azattest__property_name(property);
}

/* ---- What a rule looks at ---- */

static bool names_the_type(const azattest__test *test)
{
    return test->property == AZATTEST__PROPERTY_TYPE && test->op == AZATTEST__EQUAL &&
           test->expression->kind == AZATTEST__STRING;
}

/* NULL: any type. */
static const azattest__test *type_test(const azattest__condition *condition)
{
    for (size_t i = 0; i < condition->test_count; i++)
        if (names_the_type(&condition->tests[i]))
            return &condition->tests[i];
    return NULL;
}

/* "made by an earlier rule", for the issuers that the service knows. */
static const char *origin(const azattest__test *test)
{
    static const struct {
        const char *issuer, *words;
    } known[] = {
        { "AttestationService", "made from the evidence" },
        { "AttestationPolicy", "made by an earlier rule" },
        { "CustomClaim", "sent by the client" },
    };

    if (test->property != AZATTEST__PROPERTY_ISSUER || test->op != AZATTEST__EQUAL ||
        test->expression->kind != AZATTEST__STRING)
        return NULL;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (strcmp(test->expression->text, known[i].issuer) == 0)
            return known[i].words;
    return NULL;
}

static const char *operator_words(azattest__operator op)
{
    static const char *const words[] = { "is", "is not", "is less than", "is at most", "is more than", "is at least" };

    return words[op];
}

/* ---- Expressions ---- */

static void say_expression(speaker *s, const azattest__expression *expression);

/* The claims that an identifier stands for: their type, or the identifier where that says no more. */
static void say_bound(speaker *s, size_t condition, const char *identifier)
{
    const azattest__test *type = NULL;

    if (condition < s->rule->condition_count)
        type = type_test(&s->rule->conditions[condition]);
    for (size_t i = 0; i < s->rule->condition_count && type != NULL; i++) {
        const azattest__test *other = type_test(&s->rule->conditions[i]);

        if (i != condition && s->rule->conditions[i].identifier != NULL && other != NULL &&
            strcmp(other->expression->text, type->expression->text) == 0)
            type = NULL;
    }
    say_name(s, type != NULL ? type->expression->text : identifier);
}

static void say_call(speaker *s, const azattest__expression *call)
{
    static const struct {
        azattest__function function;
        size_t first; /* the argument that is said first */
        const char *before, *between, *behind;
    } phrases[] = {
        { AZATTEST__JMES_PATH, 1, "what the query ", " finds in ", "" },
        { AZATTEST__JSON_TO_CLAIM_VALUE, 0, "", "", ", read as JSON" },
        { AZATTEST__IS_SUBSET_OF, 0, "whether all of ", " is in ", "" },
        { AZATTEST__APPEND_STRING, 0, "", " followed by ", "" },
        { AZATTEST__NEGATE_BOOL, 0, "the opposite of ", "", "" },
        { AZATTEST__CONTAINS_ONLY_VALUE, 0, "whether ", " holds nothing but ", "" },
    };

    for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++)
        if (phrases[i].function == call->function && call->argument_count > phrases[i].first &&
            call->argument_count <= 2) {
            say(s, phrases[i].before);
            if (call->function == AZATTEST__JMES_PATH && call->arguments[1]->kind != AZATTEST__STRING)
                say(s, "in ");
            say_expression(s, call->arguments[phrases[i].first]);
            say(s, phrases[i].between);
            if (call->argument_count == 2)
                say_expression(s, call->arguments[1 - phrases[i].first]);
            say(s, phrases[i].behind);
            return;
        }
    say(s, "the result of ");
    say_name(s, call->text);
}

/* Nesting is bounded by the parser. */
static void say_expression(speaker *s, const azattest__expression *expression)
{
    switch (expression->kind) {
    case AZATTEST__STRING:
        say_shown(s, expression->text, expression->text_len, "\"");
        break;
    case AZATTEST__REFERENCE:
        azattest__buf_printf(s->out, "the %s of ", property_noun(expression->property));
        say_bound(s, expression->condition, expression->text);
        break;
    case AZATTEST__CALL:
        say_call(s, expression);
        break;
    default:
        azattest__policy_write_expression(expression, s->out);
        break;
    }
}

/* ---- Conditions ---- */

static void say_tests(speaker *s, const azattest__condition *condition, azattest__property property, const char *joint)
{
    const azattest__test *named = type_test(condition);
    bool more = false;

    for (size_t i = 0; i < condition->test_count; i++) {
        const azattest__test *test = &condition->tests[i];

        if (test->property != property || test == named || origin(test) != NULL)
            continue;
        say(s, more ? " and " : joint);
        azattest__buf_printf(s->out, "%s ", operator_words(test->op));
        say_expression(s, test->expression);
        more = true;
    }
}

static bool has_value_test(const azattest__condition *condition)
{
    for (size_t i = 0; i < condition->test_count; i++)
        if (condition->tests[i].property == AZATTEST__PROPERTY_VALUE)
            return true;
    return false;
}

/* "a claim secureboot is false", "claims of type a made by an earlier rule exist", "no claim b exists". */
static void say_condition(speaker *s, const azattest__condition *condition)
{
    const azattest__test *type = type_test(condition);
    bool many = condition->identifier != NULL, more = false;

    say(s, condition->negated ? "no claim" : many ? "claims" : "a claim");
    if (type != NULL) {
        say(s, many ? " of type " : " ");
        say_name(s, type->expression->text);
    } else if (many) {
        azattest__buf_printf(s->out, " called %s", condition->identifier);
    }
    for (size_t i = 0; i < condition->test_count; i++)
        if (origin(&condition->tests[i]) != NULL) {
            azattest__buf_printf(s->out, "%s %s", more ? " and" : "", origin(&condition->tests[i]));
            more = true;
        }
    say_tests(s, condition, AZATTEST__PROPERTY_TYPE, " whose type ");
    say_tests(s, condition, AZATTEST__PROPERTY_ISSUER, " whose issuer ");
    say_tests(s, condition, AZATTEST__PROPERTY_VALUE_TYPE, " whose value type ");
    if (many)
        say_tests(s, condition, AZATTEST__PROPERTY_VALUE, " whose value ");
    if (many || !has_value_test(condition))
        say(s, many ? " exist" : " exists");
    else
        say_tests(s, condition, AZATTEST__PROPERTY_VALUE, " ");
}

static void say_conditions(speaker *s)
{
    for (size_t i = 0; i < s->rule->condition_count; i++) {
        say(s, i == 0 ? "when " : i + 1 < s->rule->condition_count ? ", " : " and ");
        say_condition(s, &s->rule->conditions[i]);
    }
}

/* ---- Actions ---- */

static const azattest__expression *assigned(const azattest__action *action, azattest__property property)
{
    for (size_t i = 0; i < action->assignment_count; i++)
        if (action->assignments[i].property == property)
            return action->assignments[i].expression;
    return NULL;
}

/* The rule binds one identifier, so that "their" says which claims are meant. */
static bool is_only_bound(speaker *s)
{
    size_t bound = 0;

    for (size_t i = 0; i < s->rule->condition_count; i++)
        bound += s->rule->conditions[i].identifier != NULL;
    return bound == 1;
}

/* What is made: its name. */
static void say_made(speaker *s, const azattest__expression *type)
{
    if (type != NULL && type->kind == AZATTEST__STRING)
        say_name(s, type->text);
    else if (type != NULL)
        say_expression(s, type);
}

/* Nothing reaches the token from the rules of authorization: where issue() is let pass there, it adds. */
static azattest__action_kind effect(const speaker *s)
{
    azattest__action_kind kind = s->rule->action.kind;

    return kind == AZATTEST__ISSUE && s->section == AZATTEST__AUTHORIZATION ? AZATTEST__ADD : kind;
}

static const char *verb(const speaker *s)
{
    return effect(s) == AZATTEST__ISSUE ? "issues" : effect(s) == AZATTEST__ADD ? "adds" : "sets";
}

static void say_assignments(speaker *s, const azattest__action *action)
{
    const azattest__expression *type = assigned(action, AZATTEST__PROPERTY_TYPE);
    const azattest__expression *value = assigned(action, AZATTEST__PROPERTY_VALUE);
    const azattest__expression *value_type = assigned(action, AZATTEST__PROPERTY_VALUE_TYPE);
    bool property = action->kind == AZATTEST__ISSUE_PROPERTY;

    azattest__buf_printf(s->out, "%s ", verb(s));
    if (!property && value != NULL && value->kind == AZATTEST__REFERENCE && is_only_bound(s)) {
        azattest__buf_printf(s->out, "their %ss as ", property_noun(value->property));
        say_made(s, type);
    } else {
        say(s, property ? "the property " : "the claim ");
        say_made(s, type);
        if (value != NULL) {
            say(s, property ? " to " : ": ");
            say_expression(s, value);
        }
    }
    if (value_type != NULL) {
        say(s, ", of value type ");
        say_expression(s, value_type);
    }
}

static void say_copies(speaker *s, const azattest__action *action)
{
    azattest__buf_printf(s->out, "%s ", verb(s));
    if (is_only_bound(s)) {
        say(s, "them as they are");
        return;
    }
    say(s, "the claims ");
    say_bound(s, action->condition, action->identifier);
    say(s, " as they are");
}

static void say_action(speaker *s, const azattest__action *action)
{
    if (action->identifier != NULL)
        say_copies(s, action);
    else
        say_assignments(s, action);
    if (effect(s) == AZATTEST__ADD)
        say(s, ", for later rules");
}

static void say_rule(speaker *s, bool shares_line)
{
    const azattest__action *action = &s->rule->action;
    bool always = s->rule->condition_count == 0;

    azattest__buf_printf(s->out, "  Line %u", s->rule->span.line);
    if (shares_line)
        azattest__buf_printf(s->out, ", column %u", s->rule->span.column);
    say(s, ": ");
    if (action->kind == AZATTEST__PERMIT || action->kind == AZATTEST__DENY) {
        say(s, action->kind == AZATTEST__PERMIT ? "permits " : "denies ");
        if (always)
            say(s, "always");
        else
            say_conditions(s);
    } else {
        say_conditions(s);
        say(s, always ? "always " : ", ");
        say_action(s, action);
    }
    say(s, ".\n");
}

/* ---- The summary ---- */

typedef struct judges {
    size_t permits, denies;
    unsigned permit_line, deny_line;        /* of the last */
    unsigned always_permits, always_denies; /* line of the first; 0: none */
} judges;

static judges count_judges(const azattest__section *section)
{
    judges found = { 0 };

    for (size_t i = 0; i < section->rule_count; i++) {
        const azattest__rule *rule = &section->rules[i];
        bool always = rule->condition_count == 0;

        if (rule->action.kind == AZATTEST__PERMIT) {
            found.permits++;
            found.permit_line = rule->span.line;
            if (always && found.always_permits == 0)
                found.always_permits = rule->span.line;
        } else if (rule->action.kind == AZATTEST__DENY) {
            found.denies++;
            found.deny_line = rule->span.line;
            if (always && found.always_denies == 0)
                found.always_denies = rule->span.line;
        }
    }
    return found;
}

/* "the rule of line 5", "one of 3 rules". */
static void say_one_of(speaker *s, size_t count, unsigned line)
{
    if (count == 1)
        azattest__buf_printf(s->out, "the rule of line %u", line);
    else
        azattest__buf_printf(s->out, "one of %zu rules", count);
}

static void say_verdict(speaker *s, const azattest__section *section)
{
    judges found = count_judges(section);

    if (found.permits == 0) {
        say(s, "Denies everything: no rule permits.\n");
    } else if (found.always_denies != 0) {
        azattest__buf_printf(s->out, "Denies everything: line %u always denies, and one deny outweighs every permit.\n",
                             found.always_denies);
    } else if (found.always_permits != 0 && found.denies == 0) {
        azattest__buf_printf(s->out, "Permits all evidence that the service accepts: line %u always permits.\n",
                             found.always_permits);
    } else if (found.always_permits != 0) {
        say(s, "Permits unless ");
        say_one_of(s, found.denies, found.deny_line);
        say(s, " denies; one deny outweighs every permit.\n");
    } else {
        say(s, "Denies unless ");
        say_one_of(s, found.permits, found.permit_line);
        say(s, " permits; what no rule permits is denied");
        if (found.denies > 0)
            say(s, ", and one deny outweighs every permit");
        say(s, ".\n");
    }
}

/* The name that the rule gives to what it issues; NULL: none that stands in the text. */
static const char *issued_name(const azattest__rule *rule)
{
    const azattest__expression *type = assigned(&rule->action, AZATTEST__PROPERTY_TYPE);

    return rule->action.kind == AZATTEST__ISSUE && type != NULL && type->kind == AZATTEST__STRING ? type->text : NULL;
}

static bool is_first_of_its_name(const azattest__section *section, size_t rule)
{
    const char *name = issued_name(&section->rules[rule]), *other;

    for (size_t i = 0; name != NULL && i < rule; i++)
        if ((other = issued_name(&section->rules[i])) != NULL && strcmp(name, other) == 0)
            return false;
    return name != NULL;
}

static void say_issued(speaker *s, const azattest__section *section)
{
    size_t count = 0;

    for (size_t i = 0; i < section->rule_count; i++) {
        if (!is_first_of_its_name(section, i))
            continue;
        if (count++ < NAMED) {
            say(s, count == 1 ? "May issue " : ", ");
            say_name(s, issued_name(&section->rules[i]));
        }
    }
    if (count > NAMED)
        azattest__buf_printf(s->out, " and %zu more", count - NAMED);
    if (count > 0)
        say(s, ".\n");
}

static void say_summary(speaker *s, const azattest_policy *policy)
{
    static const char *const kinds[] = { "configuration", "authorization", "issuance" };
    bool more = false;

    azattest__buf_printf(s->out, "Version %s: ", azattest__version_text(policy->version));
    for (int kind = 0; kind < AZATTEST__SECTIONS; kind++) {
        size_t count = policy->sections[kind].rule_count;

        if (kind == AZATTEST__CONFIGURATION && count == 0)
            continue;
        say(s, more ? ", " : "");
        if (count == 0)
            azattest__buf_printf(s->out, "no %s rules", kinds[kind]);
        else
            azattest__buf_printf(s->out, "%zu %s %s", count, kinds[kind], count == 1 ? "rule" : "rules");
        more = true;
    }
    say(s, ".\n");
    say_verdict(s, &policy->sections[AZATTEST__AUTHORIZATION]);
    say_issued(s, &policy->sections[AZATTEST__ISSUANCE]);
}

void azattest__policy_explain(const azattest_policy *policy, azattest__buf *out)
{
    speaker s = { .out = out };

    say_summary(&s, policy);
    for (int kind = 0; kind < AZATTEST__SECTIONS; kind++) {
        const azattest__section *section = &policy->sections[kind];

        s.section = (azattest__section_kind)kind;
        if (section->rule_count > 0)
            azattest__buf_printf(out, "%s:\n", azattest__section_name((azattest__section_kind)kind));
        for (size_t i = 0; i < section->rule_count; i++) {
            const azattest__rule *rule = s.rule = &section->rules[i];

            say_rule(&s, (i > 0 && rule[-1].span.line == rule->span.line) ||
                             (i + 1 < section->rule_count && rule[1].span.line == rule->span.line));
        }
    }
}
