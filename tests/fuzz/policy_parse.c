/* Texts of policies: every place is inside the text and says its line and column, diagnostics are in order, what a
 * strict reading takes a lenient one takes as well, and a policy comes exactly when there is no error. */
#include <stdlib.h>

#include <azattest/limits.h>
#include <azattest/policy.h>

#include "policy/language/tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

/* ---- places ---- */

static void check_place(const azattest_policy *policy, azattest__span span)
{
    unsigned line = 1, column = 1;

    require(span.offset <= policy->text_len && span.length <= policy->text_len - span.offset);
    for (size_t i = policy->has_bom ? 3 : 0; i < span.offset; i++) {
        unsigned char c = (unsigned char)policy->text[i];

        if (c == '\n') {
            line++;
            column = 1;
        } else {
            column += (c & 0xc0) != 0x80;
        }
    }
    require(span.line == line && span.column == column);
}

static void check_inside(azattest__span inner, azattest__span outer)
{
    require(inner.length > 0 && inner.offset >= outer.offset &&
            inner.offset + inner.length <= outer.offset + outer.length);
}

static void check_expression(const azattest_policy *policy, const azattest__expression *expression,
                             azattest__span outer, const azattest__rule *rule)
{
    check_inside(expression->span, outer);
    if (expression->kind == AZATTEST__STRING)
        require(strlen(expression->text) == expression->text_len && policy->text[expression->span.offset] == '"');
    if (expression->kind == AZATTEST__REFERENCE && policy->diagnostics.errors == 0) {
        require(expression->condition < rule->condition_count);
        require(strcmp(rule->conditions[expression->condition].identifier, expression->text) == 0);
    }
    for (size_t i = 0; i < expression->argument_count; i++)
        check_expression(policy, expression->arguments[i], expression->span, rule);
}

static void check_rule(const azattest_policy *policy, const azattest__rule *rule, azattest__span outer)
{
    check_inside(rule->span, outer);
    for (size_t i = 0; i < rule->condition_count; i++) {
        const azattest__condition *condition = &rule->conditions[i];

        check_inside(condition->span, rule->span);
        require(condition->test_count > 0);
        for (size_t j = 0; j < condition->test_count; j++) {
            check_inside(condition->tests[j].span, condition->span);
            check_expression(policy, condition->tests[j].expression, condition->tests[j].span, rule);
        }
    }
    check_inside(rule->action.span, rule->span);
    for (size_t i = 0; i < rule->action.assignment_count; i++) {
        check_inside(rule->action.assignments[i].span, rule->action.span);
        check_expression(policy, rule->action.assignments[i].expression, rule->action.assignments[i].span, rule);
    }
}

static void check_tree(const azattest_policy *policy)
{
    const azattest__span whole = { 0, policy->text_len, 1, 1 };

    for (size_t i = 0; i < AZATTEST__SECTIONS; i++) {
        const azattest__section *section = &policy->sections[i];

        for (size_t j = 0; j < section->rule_count; j++)
            check_rule(policy, &section->rules[j], policy->diagnostics.errors == 0 ? section->span : whole);
    }
    for (size_t i = 0; i < policy->comment_count; i++)
        require(policy->comments[i].span.length >= 2 &&
                memcmp(policy->text + policy->comments[i].span.offset, "//", 2) == 0);
}

static void check_diagnostics(const azattest_policy *policy)
{
    const azattest__diagnostics *list = &policy->diagnostics;
    size_t errors = 0;

    for (size_t i = 0; i < list->count; i++) {
        if (i < 16)
            check_place(policy, list->items[i].span);
        require(i == 0 || list->items[i - 1].span.offset <= list->items[i].span.offset);
        require(list->items[i].message[0] != '\0' && list->items[i].id != NULL && list->items[i].found != NULL);
        errors += list->items[i].severity == AZATTEST__ERROR;
    }
    require(list->cut ? errors <= list->errors : errors == list->errors);
    require(list->errors > 0 || (policy->version != 0 && policy->sections[AZATTEST__AUTHORIZATION].present));
}

/* ---- the two readings ---- */

static azattest_policy *read(azattest_bytes text, bool lenient)
{
    azattest_policy *policy = NULL;
    azattest_error *error = NULL;
    azattest_status status = azattest__policy_read(text, lenient, NULL, &policy, &error);

    require((status == AZATTEST_OK) == (policy != NULL) && (error == NULL) == (policy != NULL));
    require(policy != NULL || status == AZATTEST_E_ARGUMENT || status == AZATTEST_E_LIMIT);
    azattest_error_free(error);
    if (policy == NULL)
        return NULL;
    azattest__policy_check(policy);
    check_diagnostics(policy);
    check_tree(policy);
    return policy;
}

static void check_public(azattest_bytes text, const azattest_policy *read_so)
{
    unsigned char hash[AZATTEST_HASH_SIZE];
    azattest_policy *policy = NULL;
    azattest_status status = azattest_policy_parse(text, NULL, &policy, NULL);

    require(status == (read_so->diagnostics.errors == 0 ? AZATTEST_OK : AZATTEST_E_POLICY));
    require((policy != NULL) == (status == AZATTEST_OK));
    require(azattest_policy_hash(text, hash, NULL) == AZATTEST_OK && memcmp(hash, read_so->hash, sizeof(hash)) == 0);
    azattest_policy_free(policy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    azattest_bytes text = azattest__bytes(data, size);
    azattest_policy *strict = read(text, false), *lenient = read(text, true);

    require((strict == NULL) == (lenient == NULL));
    if (strict != NULL) {
        require(strict->diagnostics.errors >= lenient->diagnostics.errors);
        require(azattest_policy_rule_count(strict) == azattest_policy_rule_count(lenient));
        check_public(text, strict);
    }
    azattest_policy_free(strict);
    azattest_policy_free(lenient);
    return 0;
}
