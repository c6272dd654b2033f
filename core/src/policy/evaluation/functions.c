/* Expressions, and the functions of version 1.2 with their errors. */
#include <stdlib.h>

#include <azattest/limits.h>

#include "evaluate.h"

/* Bytes of a text that count as one step where it is parsed. */
#define PARSED_OF_A_STEP 16
/* A tree of JSON takes some multiple of its text: cJSON's items have 64 bytes. */
#define TREE_OF_A_BYTE 16
/* So many values are compared one by one. */
#define FEW 16

static bool same_value(const void *items, size_t position, const void *wanted)
{
    return azattest__value_equal((const azattest__value *)items + position, wanted);
}

static size_t find(const azattest__values *values, const azattest__value *value, uint32_t hash)
{
    if (values->count > FEW)
        return azattest__index_find(&values->index, hash, same_value, values->items, value);
    for (size_t i = 0; i < values->count; i++)
        if (azattest__value_equal(&values->items[i], value))
            return i;
    return SIZE_MAX;
}

bool azattest__values_have(const azattest__values *values, const azattest__value *value)
{
    return find(values, value, values->count > FEW ? azattest__value_hash(value) : 0) != SIZE_MAX;
}

azattest_status azattest__values_add(azattest__evaluator *m, azattest__values *values, const azattest__value *value)
{
    uint32_t hash = values->count >= FEW ? azattest__value_hash(value) : 0;
    size_t there = find(values, value, hash), i = values->count;
    void *items = values->items;

    if (there != SIZE_MAX) {
        values->items[there].read_only = values->items[there].read_only || value->read_only;
        return AZATTEST_OK;
    }
    if (!azattest__arena_grow(&m->scratch, &items, values->count, &values->capacity, sizeof(*values->items)))
        return azattest__evaluator_no_memory(m);
    values->items = items;
    values->items[values->count++] = *value;
    /* From here on there are many: all get their place in the index. */
    for (i = i == FEW ? 0 : i; values->count > FEW && i < values->count; i++)
        if (!azattest__index_add(&values->index, &m->scratch, azattest__value_hash(&values->items[i]), i))
            return azattest__evaluator_no_memory(m);
    return AZATTEST_OK;
}

static azattest_status one(azattest__evaluator *m, azattest__values *out, azattest__value value)
{
    return azattest__values_add(m, out, &value);
}

static azattest_status refer(azattest__evaluator *m, const azattest__expression *expression, azattest__values *out)
{
    const azattest__bound *bound;
    azattest_status status = AZATTEST_OK;

    if (expression->condition >= m->rule->condition_count || m->bound[expression->condition].count == 0)
        return azattest__evaluator_fail(m, &expression->span, "nothing is bound to %s", expression->text);
    bound = &m->bound[expression->condition];
    for (size_t i = 0; i < bound->count && status == AZATTEST_OK; i++) {
        azattest__value value = azattest__claim_property(bound->items[i], expression->property);

        if ((status = azattest__evaluator_spend(m, 1 + value.text_len / AZATTEST__BYTES_OF_A_STEP)) == AZATTEST_OK)
            status = azattest__values_add(m, out, &value);
    }
    return status;
}

static const char *const ordinals[] = { "first", "second" };

/* What an argument is, for messages: never its value, which may be evidence. */
static const char *kind_of(const azattest__values *values)
{
    static const char *const kinds[] = { "a string", "an integer", "a boolean" };

    return values->count == 0  ? "an empty set"
           : values->count > 1 ? "a set of several values"
                               : kinds[values->items[0].kind];
}

static azattest_status wrong(azattest__evaluator *m, const azattest__expression *call, size_t argument,
                             const azattest__values *values, const char *expected)
{
    return azattest__evaluator_fail(m, &call->span, "%s(): the %s argument is %s, expected %s", call->text,
                                    ordinals[argument], kind_of(values), expected);
}

static bool is_one(const azattest__values *values, azattest__value_kind kind)
{
    return values->count == 1 && values->items[0].kind == kind;
}

/* The two single strings of a call. */
static azattest_status need_strings(azattest__evaluator *m, const azattest__expression *call,
                                    const azattest__values *arguments, bool may_be_empty)
{
    for (size_t i = 0; i < call->argument_count; i++) {
        if (!is_one(&arguments[i], AZATTEST__VALUE_STRING))
            return wrong(m, call, i, &arguments[i], "one string");
        if (!may_be_empty && arguments[i].items[0].text_len == 0)
            return azattest__evaluator_fail(m, &call->span, "%s(): the %s argument is an empty string", call->text,
                                            ordinals[i]);
    }
    return AZATTEST_OK;
}

/* A failure of a parser or a query becomes one of the evaluation; limits and memory stay what they are. */
static azattest_status because(azattest__evaluator *m, const azattest__expression *call, azattest_status status,
                               azattest_error *reason, const char *what)
{
    if (status == AZATTEST_E_MEMORY)
        status = azattest__error_memory(m->error);
    else
        status =
            azattest__evaluator_refuse(m, status == AZATTEST_E_LIMIT ? status : AZATTEST_E_POLICY_EVALUATION,
                                       &call->span, "%s(): %s%s", call->text, what, azattest_error_message(reason));
    azattest_error_free(reason);
    return status;
}

static azattest_status count_memory(azattest__evaluator *m, const azattest__expression *call, size_t text_len)
{
    size_t size = text_len * TREE_OF_A_BYTE;

    if (size > m->work.memory_left)
        return azattest__evaluator_refuse(
            m, AZATTEST_E_LIMIT, &call->span,
            "%s(): the JSON of all queries takes more memory than one evaluation may have", call->text);
    m->work.memory_left -= size;
    return azattest__evaluator_spend(m, 1 + text_len / PARSED_OF_A_STEP);
}

/* The text of a claim of the set is parsed once for all evaluations, but counted in each, so that all fail alike. */
static azattest_status claims_document(azattest__evaluator *m, const azattest__expression *call,
                                       const azattest__value *text, const azattest__json **out)
{
    size_t position = text->document - 1;
    azattest_error *reason = NULL;
    azattest_status status;

    if (m->document_counted == NULL &&
        (m->document_counted = azattest__arena_array(m->arena, m->set->claims.count, sizeof(bool))) == NULL)
        return azattest__evaluator_no_memory(m);
    if (!m->document_counted[position] && (status = count_memory(m, call, text->text_len)) != AZATTEST_OK)
        return status;
    m->document_counted[position] = true;
    status = azattest__claim_set_document(m->set, position, out, &reason);
    return status == AZATTEST_OK ? status : because(m, call, status, reason, "the first argument: ");
}

static azattest_status other_document(azattest__evaluator *m, const azattest__expression *call,
                                      const azattest__value *text, const azattest__json **out)
{
    azattest_error *reason = NULL;
    azattest_status status;
    azattest__json *made = NULL;
    void *documents;

    if ((status = azattest__evaluator_spend(m, m->document_count)) != AZATTEST_OK)
        return status;
    for (size_t i = 0; i < m->document_count; i++)
        if (m->documents[i].text == text->text) {
            *out = m->documents[i].json;
            return AZATTEST_OK;
        }
    if ((status = count_memory(m, call, text->text_len)) != AZATTEST_OK)
        return status;
    documents = m->documents;
    if (!azattest__arena_grow(m->arena, &documents, m->document_count, &m->document_capacity, sizeof(*m->documents)))
        return azattest__evaluator_no_memory(m);
    m->documents = documents;
    status = azattest__json_parse(azattest__bytes(text->text, text->text_len), &made, &reason);
    if (status != AZATTEST_OK)
        return because(m, call, status, reason, "the first argument: ");
    m->documents[m->document_count++] = (azattest__parsed){ text->text, made };
    *out = made;
    return AZATTEST_OK;
}

/* A query that was put together at run time. */
static azattest_status compile(azattest__evaluator *m, const azattest__expression *call, const azattest__value *query,
                               azattest__jmespath **out)
{
    azattest_error *reason = NULL;
    azattest_status status = azattest__evaluator_spend(m, 1 + query->text_len);

    if (status != AZATTEST_OK)
        return status;
    status = azattest__jmespath_compile(azattest__bytes(query->text, query->text_len), out, NULL, &reason);
    return status == AZATTEST_OK ? status : because(m, call, status, reason, "the query: ");
}

static azattest_status search(azattest__evaluator *m, const azattest__expression *call, const azattest__jmespath *query,
                              const azattest__value *text, azattest__buf *out)
{
    const azattest__json *document = NULL;
    azattest_error *reason = NULL;
    azattest_status status =
        text->document != 0 ? claims_document(m, call, text, &document) : other_document(m, call, text, &document);

    if (status != AZATTEST_OK)
        return status;
    status = azattest__jmespath_search(query, document, &m->work, out, &reason);
    if (status != AZATTEST_E_LIMIT || m->work.steps_left > 0)
        return status == AZATTEST_OK ? status : because(m, call, status, reason, "the query: ");
    azattest_error_free(reason);
    return azattest__evaluator_spend(m, 1); /* says how many steps there were */
}

static azattest_status jmes_path(azattest__evaluator *m, const azattest__expression *call,
                                 const azattest__values *arguments, azattest__values *out)
{
    const azattest__value *text = arguments[0].items, *query = arguments[1].items;
    azattest__value result = { .kind = AZATTEST__VALUE_STRING };
    azattest__jmespath *compiled = NULL;
    azattest__buf found;
    azattest_status status;

    if ((status = need_strings(m, call, arguments, false)) != AZATTEST_OK)
        return status;
    azattest__buf_init(&found, AZATTEST_LIMIT_CLAIM_VALUE);
    if (call->query == NULL)
        status = compile(m, call, query, &compiled);
    if (status == AZATTEST_OK)
        status = search(m, call, call->query != NULL ? call->query : compiled, text, &found);
    if (status == AZATTEST_OK) {
        result.text = azattest__arena_text(m->arena, found.ptr, found.len);
        result.text_len = found.len;
        result.read_only = text->read_only || query->read_only;
        status = result.text == NULL ? azattest__evaluator_no_memory(m) : one(m, out, result);
    }
    azattest__jmespath_free(compiled);
    azattest__buf_free(&found);
    return status;
}

/* Adds a scalar of JSON; null is no value. */
static azattest_status add_scalar(azattest__evaluator *m, const azattest__expression *call, const azattest__json *json,
                                  bool read_only, azattest__values *out)
{
    azattest__value value = { .kind = AZATTEST__VALUE_BOOLEAN, .read_only = read_only };
    azattest_status status = azattest__evaluator_spend(m, 1);
    const char *text = azattest__json_string(json);

    if (status != AZATTEST_OK || azattest__json_is_null(json))
        return status;
    if (text != NULL) {
        value.kind = AZATTEST__VALUE_STRING;
        value.text_len = strlen(text);
        if ((value.text = azattest__arena_text(m->arena, text, value.text_len)) == NULL)
            return azattest__evaluator_no_memory(m);
    } else if (azattest__json_is_number(json)) {
        value.kind = AZATTEST__VALUE_INTEGER;
        if (!azattest__json_integer(json, &value.integer))
            return azattest__evaluator_fail(m, &call->span, "%s(): %s is no integer of 64 bits", call->text,
                                            azattest__json_number_text(json));
    } else if (!azattest__json_bool(json, &value.boolean)) {
        return azattest__evaluator_fail(m, &call->span,
                                        "%s(): the JSON is an array with an %s in it; expected plain values",
                                        call->text, azattest__json_kind(json));
    }
    return azattest__values_add(m, out, &value);
}

static azattest_status json_to_claim_value(azattest__evaluator *m, const azattest__expression *call,
                                           const azattest__values *arguments, azattest__values *out)
{
    const azattest__value *text = arguments[0].items;
    azattest_error *reason = NULL;
    azattest__json *json = NULL;
    azattest_status status;

    if ((status = need_strings(m, call, arguments, true)) != AZATTEST_OK)
        return status;
    if ((status = azattest__evaluator_spend(m, 1 + text->text_len / PARSED_OF_A_STEP)) != AZATTEST_OK)
        return status;
    status = azattest__json_parse(azattest__bytes(text->text, text->text_len), &json, &reason);
    if (status != AZATTEST_OK)
        return because(m, call, status, reason, "the argument: ");
    if (azattest__json_is_object(json)) {
        status = azattest__evaluator_fail(
            m, &call->span, "%s(): the JSON is an object, expected a plain value or an array", call->text);
    } else if (!azattest__json_is_array(json)) {
        status = add_scalar(m, call, json, text->read_only, out);
    } else {
        for (const azattest__json *each = azattest__json_first(json); each != NULL && status == AZATTEST_OK;
             each = azattest__json_next(each))
            status = add_scalar(m, call, each, text->read_only, out);
    }
    azattest__json_free(json);
    return status;
}

static azattest_status is_subset_of(azattest__evaluator *m, const azattest__values *arguments, azattest__values *out)
{
    azattest__value result = { .kind = AZATTEST__VALUE_BOOLEAN, .boolean = true };
    azattest_status status = AZATTEST_OK;

    for (size_t i = 0; i < arguments[0].count && result.boolean && status == AZATTEST_OK; i++) {
        status = azattest__evaluator_spend(m, 1 + arguments[0].items[i].text_len / AZATTEST__BYTES_OF_A_STEP);
        result.boolean = azattest__values_have(&arguments[1], &arguments[0].items[i]);
    }
    return status == AZATTEST_OK ? one(m, out, result) : status;
}

static azattest_status append_string(azattest__evaluator *m, const azattest__expression *call,
                                     const azattest__values *arguments, azattest__values *out)
{
    azattest__value result = { .kind = AZATTEST__VALUE_STRING };
    const azattest__value *a = arguments[0].items, *b = arguments[1].items;
    azattest_status status = need_strings(m, call, arguments, true);
    char *text;

    if (status != AZATTEST_OK)
        return status;
    result.text_len = a->text_len + b->text_len;
    if (result.text_len > AZATTEST_LIMIT_CLAIM_VALUE)
        return azattest__evaluator_refuse(m, AZATTEST_E_LIMIT, &call->span, "%s(): %zu bytes, more than %u", call->text,
                                          result.text_len, AZATTEST_LIMIT_CLAIM_VALUE);
    if ((status = azattest__evaluator_spend(m, 1 + result.text_len / AZATTEST__BYTES_OF_A_STEP)) != AZATTEST_OK)
        return status;
    if ((text = azattest__arena_new(m->arena, result.text_len + 1)) == NULL)
        return azattest__evaluator_no_memory(m);
    memcpy(text, a->text, a->text_len);
    memcpy(text + a->text_len, b->text, b->text_len);
    result.text = text;
    result.read_only = a->read_only || b->read_only;
    return one(m, out, result);
}

static azattest_status negate_bool(azattest__evaluator *m, const azattest__expression *call,
                                   const azattest__values *arguments, azattest__values *out)
{
    azattest__value result;

    if (!is_one(&arguments[0], AZATTEST__VALUE_BOOLEAN))
        return wrong(m, call, 0, &arguments[0], "one boolean");
    result = arguments[0].items[0];
    result.boolean = !result.boolean;
    return one(m, out, result);
}

static azattest_status contains_only_value(azattest__evaluator *m, const azattest__expression *call,
                                           const azattest__values *arguments, azattest__values *out)
{
    azattest__value result = { .kind = AZATTEST__VALUE_BOOLEAN };

    if (arguments[1].count != 1)
        return wrong(m, call, 1, &arguments[1], "one value");
    /* A set has no value twice. */
    result.boolean = arguments[0].count == 1 && azattest__value_equal(arguments[0].items, arguments[1].items);
    return one(m, out, result);
}

static azattest_status invoke(azattest__evaluator *m, const azattest__expression *call, azattest__values *out)
{
    azattest__values arguments[2] = { { NULL, 0, 0, { NULL, 0, 0 } } };
    azattest_status status = azattest__evaluator_spend(m, 1);

    if (status == AZATTEST_OK && (call->function == AZATTEST__UNKNOWN_FUNCTION || call->argument_count > 2 ||
                                  call->argument_count != azattest__function_arity(call->function)))
        status = azattest__evaluator_fail(m, &call->span, "%s() with %zu arguments is not known", call->text,
                                          call->argument_count);
    for (size_t i = 0; i < call->argument_count && status == AZATTEST_OK; i++)
        status = azattest__evaluator_express(m, call->arguments[i], &arguments[i]);
    if (status != AZATTEST_OK)
        return status;
    switch (call->function) {
    case AZATTEST__JMES_PATH:
        return jmes_path(m, call, arguments, out);
    case AZATTEST__JSON_TO_CLAIM_VALUE:
        return json_to_claim_value(m, call, arguments, out);
    case AZATTEST__IS_SUBSET_OF:
        return is_subset_of(m, arguments, out);
    case AZATTEST__APPEND_STRING:
        return append_string(m, call, arguments, out);
    case AZATTEST__NEGATE_BOOL:
        return negate_bool(m, call, arguments, out);
    case AZATTEST__CONTAINS_ONLY_VALUE:
        return contains_only_value(m, call, arguments, out);
    case AZATTEST__UNKNOWN_FUNCTION:
        break;
    }
    return azattest__evaluator_fail(m, &call->span, "%s() is not known", call->text);
}

azattest_status azattest__evaluator_express(azattest__evaluator *m, const azattest__expression *expression,
                                            azattest__values *out)
{
    *out = (azattest__values){ NULL, 0, 0, { NULL, 0, 0 } };
    switch (expression->kind) {
    case AZATTEST__STRING:
        return one(m, out,
                   (azattest__value){
                       .kind = AZATTEST__VALUE_STRING, .text = expression->text, .text_len = expression->text_len });
    case AZATTEST__INTEGER:
        return one(m, out, (azattest__value){ .kind = AZATTEST__VALUE_INTEGER, .integer = expression->integer });
    case AZATTEST__BOOLEAN:
        return one(m, out, (azattest__value){ .kind = AZATTEST__VALUE_BOOLEAN, .boolean = expression->boolean });
    case AZATTEST__REFERENCE:
        return refer(m, expression, out);
    case AZATTEST__CALL:
        return invoke(m, expression, out);
    }
    return azattest__evaluator_fail(m, &expression->span, "an expression of no kind");
}
