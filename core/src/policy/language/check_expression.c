/* Checks of values: functions, their arguments, literal queries. */
#include "check.h"

#include <stdlib.h>

#include "../../base/nearest.h"

azattest__known_kind azattest__known_kind_of(const azattest__expression *expression)
{
    switch (expression->kind) {
    case AZATTEST__STRING:
        return AZATTEST__KNOWN_TEXT;
    case AZATTEST__INTEGER:
        return AZATTEST__KNOWN_INTEGER;
    case AZATTEST__BOOLEAN:
        return AZATTEST__KNOWN_BOOLEAN;
    case AZATTEST__REFERENCE:
        return expression->property == AZATTEST__PROPERTY_VALUE ? AZATTEST__KNOWN_NOT : AZATTEST__KNOWN_TEXT;
    case AZATTEST__CALL:
        break;
    }
    switch (expression->function) {
    case AZATTEST__JMES_PATH:
    case AZATTEST__APPEND_STRING:
        return AZATTEST__KNOWN_TEXT;
    case AZATTEST__IS_SUBSET_OF:
    case AZATTEST__NEGATE_BOOL:
    case AZATTEST__CONTAINS_ONLY_VALUE:
        return AZATTEST__KNOWN_BOOLEAN;
    case AZATTEST__JSON_TO_CLAIM_VALUE:
    case AZATTEST__UNKNOWN_FUNCTION:
        break;
    }
    return AZATTEST__KNOWN_NOT;
}

const char *azattest__known_kind_name(azattest__known_kind kind)
{
    switch (kind) {
    case AZATTEST__KNOWN_TEXT:
        return "text";
    case AZATTEST__KNOWN_INTEGER:
        return "an integer";
    case AZATTEST__KNOWN_BOOLEAN:
        return "a boolean";
    case AZATTEST__KNOWN_NOT:
        break;
    }
    return "a value";
}

/* ---- literal queries ---- */

/* Where a byte of a string's value is in the source: behind the quote and the escapes before it. */
static azattest__span place_in_string(const azattest_policy *policy, azattest__span span, size_t offset)
{
    const char *p = policy->text + span.offset;
    size_t at = 1;

    for (; offset > 0 && at + 1 < span.length; offset--)
        at += p[at] == '\\' ? 2 : 1;
    for (size_t i = 0; i < at; i++)
        span.column += ((unsigned char)p[i] & 0xc0) != 0x80;
    span.offset += at;
    span.length = 1; /* at the query's end: the closing quote */
    return span;
}

static bool keep(azattest_policy *policy, azattest__jmespath *query)
{
    size_t capacity = policy->query_count == 0 ? 0 : 4;

    while (capacity != 0 && capacity < policy->query_count)
        capacity *= 2;
    if (!azattest__arena_grow(&policy->arena, (void **)&policy->queries, policy->query_count, &capacity,
                              sizeof(azattest__jmespath *)))
        return false;
    policy->queries[policy->query_count++] = query;
    return true;
}

static void compile(azattest__check *check, azattest__expression *call)
{
    const azattest__expression *literal = call->arguments[1];
    azattest__jmespath *query = NULL;
    azattest_error *reason = NULL;
    azattest_status status;
    size_t offset = 0;

    status = azattest__jmespath_compile(azattest__bytes(literal->text, literal->text_len), &query, &offset, &reason);
    if (status == AZATTEST_E_MEMORY)
        check->policy->diagnostics.no_memory = true;
    else if (status != AZATTEST_OK)
        azattest__check_error(check, "jmespath-syntax", place_in_string(check->policy, literal->span, offset),
                              "the query is no JMESPath: %s", azattest_error_message(reason));
    else if (keep(check->policy, query))
        call->query = query;
    else
        azattest__jmespath_free(query);
    azattest_error_free(reason);
}

/* ---- functions ---- */

static void unknown(azattest__check *check, const azattest__expression *call)
{
    const char *best = NULL;
    size_t distance = SIZE_MAX;

    for (int function = 1; azattest__function_name((azattest__function)function) != NULL; function++)
        azattest__nearer(call->text, azattest__function_name((azattest__function)function), &best, &distance);
    if (best != NULL)
        azattest__check_error(check, "unknown-function", call->span, "there is no function %.40s: did you mean %s?",
                              call->text, best);
    else
        azattest__check_error(check, "unknown-function", call->span,
                              "there is no function %.40s: there are JmesPath, JsonToClaimValue, IsSubsetOf, "
                              "AppendString, NegateBool and ContainsOnlyValue",
                              call->text);
}

/* What the function takes; AZATTEST__KNOWN_NOT: anything. */
static azattest__known_kind wanted(azattest__function function)
{
    switch (function) {
    case AZATTEST__JMES_PATH:
    case AZATTEST__JSON_TO_CLAIM_VALUE:
    case AZATTEST__APPEND_STRING:
        return AZATTEST__KNOWN_TEXT;
    case AZATTEST__NEGATE_BOOL:
        return AZATTEST__KNOWN_BOOLEAN;
    case AZATTEST__IS_SUBSET_OF:
    case AZATTEST__CONTAINS_ONLY_VALUE:
    case AZATTEST__UNKNOWN_FUNCTION:
        break;
    }
    return AZATTEST__KNOWN_NOT;
}

static bool check_argument(azattest__check *check, const azattest__expression *call, size_t index)
{
    const azattest__expression *argument = call->arguments[index];
    azattest__known_kind kind = azattest__known_kind_of(argument), want = wanted(call->function);

    if (want != AZATTEST__KNOWN_NOT && kind != AZATTEST__KNOWN_NOT && kind != want) {
        azattest__check_error(check, "argument-type", argument->span, "argument %zu of %s is %s: it has to be %s",
                              index + 1, call->text, azattest__known_kind_name(kind), azattest__known_kind_name(want));
        return false;
    }
    if (argument->kind == AZATTEST__STRING && argument->text_len == 0 && want == AZATTEST__KNOWN_TEXT &&
        call->function != AZATTEST__APPEND_STRING) {
        azattest__check_error(check, "argument-type", argument->span, "argument %zu of %s is empty", index + 1,
                              call->text);
        return false;
    }
    return true;
}

static void check_call(azattest__check *check, azattest__expression *call)
{
    size_t arity = azattest__function_arity(call->function);
    bool fit = true;

    if (call->function == AZATTEST__UNKNOWN_FUNCTION) {
        unknown(check, call);
        return;
    }
    if (call->argument_count != arity) {
        azattest__check_error(check, "arity", call->span, "%s takes %zu argument%s, and gets %zu", call->text, arity,
                              arity == 1 ? "" : "s", call->argument_count);
        return;
    }
    for (size_t i = 0; i < arity; i++)
        fit = check_argument(check, call, i) && fit;
    if (fit && call->function == AZATTEST__JMES_PATH && call->arguments[1]->kind == AZATTEST__STRING)
        compile(check, call);
}

static void walk(azattest__check *check, azattest__expression *expression)
{
    if (expression->kind == AZATTEST__REFERENCE)
        expression->condition = azattest__check_identifier(check, expression->text, expression->span);
    if (expression->kind != AZATTEST__CALL)
        return;
    for (size_t i = 0; i < expression->argument_count; i++)
        walk(check, expression->arguments[i]);
    check_call(check, expression);
}

void azattest__check_expression(azattest__check *check, azattest__expression *expression)
{
    /* Once for all the calls of a value. */
    if (expression->kind == AZATTEST__CALL)
        azattest__check_version(check->policy, 12, expression->span, "functions");
    walk(check, expression);
}
