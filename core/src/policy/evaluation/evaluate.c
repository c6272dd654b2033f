/* Conditions and actions: which claims a rule sees, binds and makes. */
#include "evaluate.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <azattest/limits.h>

#include "../choices.h"

azattest_status azattest__evaluator_open(azattest__evaluator *m, const azattest_policy *policy,
                                         const azattest_claim_set *set, const azattest__claim_list *added,
                                         azattest__arena *arena, uint64_t work_limit, azattest_error **error)
{
    *m = (azattest__evaluator){ .policy = policy, .set = set, .added = added, .arena = arena, .error = error };
    m->work_limit = work_limit == 0 ? AZATTEST_LIMIT_POLICY_WORK : work_limit;
    m->work = (azattest__work){ m->work_limit, AZATTEST_LIMIT_POLICY_MEMORY / 2 };
    azattest__arena_init(&m->scratch, AZATTEST_LIMIT_POLICY_MEMORY / 4);
    return policy->diagnostics.errors == 0
               ? AZATTEST_OK
               : azattest__error_set(error, AZATTEST_E_POLICY, "the policy has errors, and is not evaluated");
}

void azattest__evaluator_close(azattest__evaluator *m)
{
    for (size_t i = 0; i < m->document_count; i++)
        azattest__json_free(m->documents[i].json);
    azattest__arena_free(&m->scratch);
}

azattest_status azattest__evaluator_spend(azattest__evaluator *m, uint64_t steps)
{
    if (steps <= m->work.steps_left) {
        m->work.steps_left -= steps;
        return AZATTEST_OK;
    }
    m->work.steps_left = 0;
    return azattest__error_set(m->error, AZATTEST_E_LIMIT,
                               "the evaluation takes more than %llu steps, and was given up at the rule of line %u",
                               (unsigned long long)m->work_limit, m->rule->span.line);
}

azattest_status azattest__evaluator_no_memory(azattest__evaluator *m)
{
    if (m->arena->status != AZATTEST_E_LIMIT && m->scratch.status != AZATTEST_E_LIMIT)
        return azattest__error_memory(m->error);
    return azattest__error_set(m->error, AZATTEST_E_LIMIT,
                               "the evaluation takes more memory than the %u bytes that one may have, and was given up "
                               "at the rule of line %u",
                               AZATTEST_LIMIT_POLICY_MEMORY, m->rule->span.line);
}

azattest_status azattest__evaluator_refuse(azattest__evaluator *m, azattest_status status, const azattest__span *span,
                                           const char *format, ...)
{
    va_list arguments;
    char *reason = NULL;

    va_start(arguments, format);
    if (vasprintf(&reason, format, arguments) < 0)
        reason = NULL;
    va_end(arguments);
    if (reason == NULL)
        return azattest__error_memory(m->error);
    if (span->line == m->rule->span.line)
        status = azattest__error_set(m->error, status, "line %u, column %u: %s", span->line, span->column, reason);
    else
        status = azattest__error_set(m->error, status, "line %u, column %u, in the rule of line %u: %s", span->line,
                                     span->column, m->rule->span.line, reason);
    free(reason);
    return status;
}

azattest__value azattest__claim_property(const azattest__claim *claim, azattest__property property)
{
    azattest__value name = { .kind = AZATTEST__VALUE_STRING };

    switch (property) {
    case AZATTEST__PROPERTY_VALUE:
        return claim->value;
    case AZATTEST__PROPERTY_TYPE:
        name.text = claim->type;
        name.text_len = claim->type_len;
        name.read_only = claim->type_read_only;
        return name;
    case AZATTEST__PROPERTY_VALUE_TYPE:
        name.text = azattest__value_type(claim->value.kind);
        break;
    case AZATTEST__PROPERTY_ISSUER:
        name.text = claim->issuer;
        break;
    }
    name.text_len = strlen(name.text);
    return name;
}

azattest_status azattest__evaluator_prepare(azattest__evaluator *m, const azattest__condition *condition,
                                            azattest__ready_test **out)
{
    azattest__ready_test *tests = azattest__arena_array(&m->scratch, condition->test_count, sizeof(*tests));
    azattest_status status = AZATTEST_OK;

    *out = tests;
    if (tests == NULL)
        return azattest__evaluator_no_memory(m);
    for (size_t i = 0; i < condition->test_count && status == AZATTEST_OK; i++) {
        azattest__ready_test *ready = &tests[i];

        ready->test = &condition->tests[i];
        status = azattest__evaluator_express(m, ready->test->expression, &ready->operand);
        if (status == AZATTEST_OK && ready->operand.count == 0 && ready->test->op == AZATTEST__NOT_EQUAL)
            status = azattest__evaluator_fail(m, &ready->test->expression->span,
                                              "there is no value that a claim could differ from");
        for (size_t k = 0; k < ready->operand.count; k++) {
            const azattest__value *value = &ready->operand.items[k];

            if (value->kind != AZATTEST__VALUE_INTEGER)
                continue;
            ready->least = ready->integers == 0 || value->integer < ready->least ? value->integer : ready->least;
            ready->greatest =
                ready->integers == 0 || value->integer > ready->greatest ? value->integer : ready->greatest;
            ready->integers++;
        }
    }
    return status;
}

/* Values of different types are not equal, and of text and booleans none is less. Source: policy-language 2.2. */
static bool compares(const azattest__ready_test *ready, const azattest__value *value)
{
    const azattest__values *operand = &ready->operand;
    bool any = AZATTEST__CHOICE_ANY_VALUE_FITS;
    bool ordered =
        value->kind == AZATTEST__VALUE_INTEGER && ready->integers > 0 && (any || ready->integers == operand->count);

    switch (ready->test->op) {
    case AZATTEST__EQUAL:
        return (any || operand->count == 1) && azattest__values_have(operand, value);
    case AZATTEST__NOT_EQUAL: /* no value is there twice: of several, some differ */
        return (any && operand->count > 1) || (operand->count > 0 && !azattest__values_have(operand, value));
    case AZATTEST__LESS:
        return ordered && value->integer < (any ? ready->greatest : ready->least);
    case AZATTEST__LESS_OR_EQUAL:
        return ordered && value->integer <= (any ? ready->greatest : ready->least);
    case AZATTEST__GREATER:
        return ordered && value->integer > (any ? ready->least : ready->greatest);
    case AZATTEST__GREATER_OR_EQUAL:
        return ordered && value->integer >= (any ? ready->least : ready->greatest);
    }
    return false;
}

bool azattest__test_passes(const azattest__ready_test *test, const azattest__claim *claim, uint64_t *steps)
{
    azattest__value value = azattest__claim_property(claim, test->test->property);
    const azattest__values *operand = &test->operand;

    ++*steps;
    /* What costs more than a step: long texts that may be equal. */
    if (value.kind == AZATTEST__VALUE_STRING && value.text_len >= AZATTEST__BYTES_OF_A_STEP &&
        (operand->count > 1 || (operand->count == 1 && operand->items[0].text_len == value.text_len)))
        *steps += value.text_len / AZATTEST__BYTES_OF_A_STEP;
    return compares(test, &value);
}

static azattest_status bind(azattest__evaluator *m, azattest__bound *bound, const azattest__claim *claim)
{
    void *items = (void *)bound->items;

    if (!azattest__arena_grow(&m->scratch, &items, bound->count, &bound->capacity, sizeof(*bound->items)))
        return azattest__evaluator_no_memory(m);
    bound->items = items;
    bound->items[bound->count++] = claim;
    return AZATTEST_OK;
}

/* All claims that pass all tests. */
static azattest_status filter(azattest__evaluator *m, const azattest__condition *condition, azattest__bound *bound)
{
    size_t claims = azattest__evaluator_claim_count(m);
    azattest__ready_test *tests = NULL;
    azattest_status status = azattest__evaluator_prepare(m, condition, &tests);
    uint64_t steps = 1;

    for (size_t i = 0; i < claims && status == AZATTEST_OK; i++) {
        const azattest__claim *claim = azattest__evaluator_claim(m, i);
        size_t passed = 0;

        while (passed < condition->test_count && azattest__test_passes(&tests[passed], claim, &steps))
            passed++;
        if (passed == condition->test_count)
            status = bind(m, bound, claim);
        if (steps >= 1024 && status == AZATTEST_OK) {
            status = azattest__evaluator_spend(m, steps);
            steps = 0;
        }
    }
    return status == AZATTEST_OK ? azattest__evaluator_spend(m, steps) : status;
}

azattest_status azattest__evaluator_match(azattest__evaluator *m, const azattest__rule *rule, size_t *failed)
{
    azattest_status status = AZATTEST_OK;

    m->rule = rule;
    azattest__arena_reset(&m->scratch);
    m->bound = azattest__arena_array(&m->scratch, rule->condition_count, sizeof(*m->bound));
    if (m->bound == NULL)
        return azattest__evaluator_no_memory(m);
    for (*failed = 0; *failed < rule->condition_count; ++*failed) {
        const azattest__condition *condition = &rule->conditions[*failed];
        azattest__bound *bound = &m->bound[*failed];

        if ((status = filter(m, condition, bound)) != AZATTEST_OK)
            return status;
        if ((bound->count == 0) != condition->negated)
            return AZATTEST_OK;
    }
    return AZATTEST_OK;
}

/* What an action assigns, by property. */
typedef struct assigned {
    const azattest__assignment *by_property[AZATTEST__PROPERTY_ISSUER + 1];
} assigned;

static azattest_status read_assignments(azattest__evaluator *m, const azattest__action *action, assigned *out)
{
    for (size_t i = 0; i < action->assignment_count; i++) {
        const azattest__assignment *one = &action->assignments[i];

        if (out->by_property[one->property] != NULL)
            return azattest__evaluator_fail(m, &one->span, "%s is assigned twice",
                                            azattest__property_name(one->property));
        out->by_property[one->property] = one;
    }
    if (out->by_property[AZATTEST__PROPERTY_ISSUER] != NULL)
        return azattest__evaluator_fail(m, &out->by_property[AZATTEST__PROPERTY_ISSUER]->span,
                                        "the issuer of what a rule makes is AttestationPolicy, and is not assigned");
    if (out->by_property[AZATTEST__PROPERTY_TYPE] == NULL || out->by_property[AZATTEST__PROPERTY_VALUE] == NULL)
        return azattest__evaluator_fail(m, &action->span, "%s() without %s", azattest__action_name(action->kind),
                                        out->by_property[AZATTEST__PROPERTY_TYPE] == NULL ? "type" : "value");
    return AZATTEST_OK;
}

/* The one name of what an action makes. A name that was made of a read-only value taints what bears it. */
static azattest_status make_type(azattest__evaluator *m, const azattest__assignment *assignment, azattest__value *out)
{
    azattest__values values;
    azattest_status status = azattest__evaluator_express(m, assignment->expression, &values);

    if (status != AZATTEST_OK)
        return status;
    if (values.count != 1 || values.items[0].kind != AZATTEST__VALUE_STRING || values.items[0].text_len == 0)
        return azattest__evaluator_fail(m, &assignment->span, "the type of a claim is one string that is not empty");
    *out = values.items[0];
    if (out->text_len > AZATTEST_LIMIT_CLAIM_TYPE)
        return azattest__evaluator_refuse(m, AZATTEST_E_LIMIT, &assignment->span,
                                          "the type of a claim has %zu bytes, more than %u", out->text_len,
                                          AZATTEST_LIMIT_CLAIM_TYPE);
    return AZATTEST_OK;
}

static azattest_status check_value_type(azattest__evaluator *m, const azattest__assignment *assignment,
                                        const azattest__values *values)
{
    azattest__values said;
    azattest_status status;

    if (assignment == NULL)
        return AZATTEST_OK;
    if ((status = azattest__evaluator_express(m, assignment->expression, &said)) != AZATTEST_OK)
        return status;
    for (size_t i = 0; i < values->count; i++) {
        const char *is = azattest__value_type(values->items[i].kind);
        azattest__value expected = { .kind = AZATTEST__VALUE_STRING, .text = is, .text_len = strlen(is) };

        if (said.count != 1 || !azattest__value_equal(&said.items[0], &expected))
            return azattest__evaluator_fail(m, &assignment->span, "valueType is not that of the value, which is %s",
                                            is);
    }
    return AZATTEST_OK;
}

/* One claim for each value. */
static azattest_status make_of_values(azattest__evaluator *m, const azattest__action *action, azattest__claim **out,
                                      size_t *count)
{
    assigned parts = { { NULL } };
    azattest__value type = { .kind = AZATTEST__VALUE_STRING };
    azattest__values values = { NULL, 0, 0, { NULL, 0, 0 } };
    azattest_status status;

    if ((status = read_assignments(m, action, &parts)) != AZATTEST_OK ||
        (status = make_type(m, parts.by_property[AZATTEST__PROPERTY_TYPE], &type)) != AZATTEST_OK ||
        (status = azattest__evaluator_express(m, parts.by_property[AZATTEST__PROPERTY_VALUE]->expression, &values)) !=
            AZATTEST_OK ||
        (status = check_value_type(m, parts.by_property[AZATTEST__PROPERTY_VALUE_TYPE], &values)) != AZATTEST_OK)
        return status;
    if ((*out = azattest__arena_array(&m->scratch, values.count, sizeof(**out))) == NULL)
        return azattest__evaluator_no_memory(m);
    for (*count = 0; *count < values.count; ++*count) {
        azattest__claim *claim = &(*out)[*count];

        *claim = (azattest__claim){ .type = type.text,
                                    .type_len = type.text_len,
                                    .type_read_only = type.read_only,
                                    .issuer = AZATTEST__ISSUER_POLICY,
                                    .value = values.items[*count] };
        claim->value.read_only = claim->value.read_only || type.read_only;
    }
    return AZATTEST_OK;
}

/* `claim = c` */
static azattest_status make_copies(azattest__evaluator *m, const azattest__action *action, azattest__claim **out,
                                   size_t *count)
{
    const azattest__bound *bound;

    if (action->condition >= m->rule->condition_count || m->bound[action->condition].count == 0)
        return azattest__evaluator_fail(m, &action->span, "nothing is bound to %s", action->identifier);
    bound = &m->bound[action->condition];
    if ((*out = azattest__arena_array(&m->scratch, bound->count, sizeof(**out))) == NULL)
        return azattest__evaluator_no_memory(m);
    for (*count = 0; *count < bound->count; ++*count) {
        (*out)[*count] = *bound->items[*count];
        if (AZATTEST__CHOICE_COPY_IS_THE_POLICYS)
            (*out)[*count].issuer = AZATTEST__ISSUER_POLICY;
    }
    return AZATTEST_OK;
}

azattest_status azattest__evaluator_make(azattest__evaluator *m, const azattest__rule *rule, bool reaches_outside,
                                         azattest__claim **out, size_t *count)
{
    const azattest__action *action = &rule->action;
    azattest_status status;

    *out = NULL;
    *count = 0;
    if (action->kind == AZATTEST__PERMIT || action->kind == AZATTEST__DENY)
        return AZATTEST_OK;
    status = action->identifier != NULL ? make_copies(m, action, out, count) : make_of_values(m, action, out, count);
    if (status == AZATTEST_OK)
        status = azattest__evaluator_spend(m, *count);
    for (size_t i = 0; reaches_outside && status == AZATTEST_OK && i < *count; i++)
        if ((*out)[i].value.read_only)
            status =
                azattest__evaluator_fail(m, &action->span,
                                         "%s() of a value that is read-only (pcrs, or made of it); it may be tested "
                                         "and added only",
                                         azattest__action_name(action->kind));
    return status;
}
