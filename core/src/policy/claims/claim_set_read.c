/* Claims from JSON: an object of them, or a list of what claims consist of. */
#include <stdlib.h>

#include <azattest/limits.h>

#include "claims.h"

#define SHOWN 64

static azattest_status refuse(azattest_error **error, azattest_status status, const char *type, const char *problem,
                              const char *seen)
{
    char *name = azattest__printable(azattest__text(type), SHOWN);

    status = azattest__error_set(error, status, "claims: the claim '%s' %s%s", name == NULL ? "" : name, problem,
                                 seen == NULL ? "" : seen);
    free(name);
    return status;
}

static bool is_list_or_object(const azattest__json *value)
{
    return azattest__json_is_array(value) || azattest__json_is_object(value);
}

static bool is_list_of_scalars(const azattest__json *value)
{
    if (!azattest__json_is_array(value))
        return false;
    for (const azattest__json *one = azattest__json_first(value); one != NULL; one = azattest__json_next(one))
        if (is_list_or_object(one))
            return false;
    return true;
}

static azattest_status add_scalar(azattest_claim_set *set, azattest__claim *claim, const azattest__json *value,
                                  azattest_error **error)
{
    claim->value = (azattest__value){ .kind = AZATTEST__VALUE_BOOLEAN };
    if (azattest__json_is_null(value))
        return AZATTEST_OK;
    if (azattest__json_is_string(value)) {
        claim->value.kind = AZATTEST__VALUE_STRING;
        claim->value.text = azattest__json_string(value);
        claim->value.text_len = strlen(claim->value.text);
    } else if (azattest__json_is_number(value)) {
        claim->value.kind = AZATTEST__VALUE_INTEGER;
        if (!azattest__json_integer(value, &claim->value.integer))
            return refuse(error, AZATTEST_E_TYPE, claim->type,
                          "has a value that is no integer of 64 bits: ", azattest__json_number_text(value));
    } else {
        azattest__json_bool(value, &claim->value.boolean);
    }
    return azattest__claim_set_add(set, claim, error);
}

/* As the service gives its documents to a policy: their text, for JmesPath. */
static azattest_status add_document(azattest_claim_set *set, azattest__claim *claim, const azattest__json *value,
                                    azattest_error **error)
{
    azattest__buf text;
    azattest_status status;

    azattest__buf_init(&text, AZATTEST_LIMIT_CLAIM_VALUE);
    if ((status = azattest__json_print(value, false, &text, error)) == AZATTEST_OK) {
        claim->value =
            (azattest__value){ .kind = AZATTEST__VALUE_STRING, .text = (const char *)text.ptr, .text_len = text.len };
        status = azattest__claim_set_add(set, claim, error);
    } else if (status == AZATTEST_E_LIMIT) {
        refuse(error, status, claim->type, "has more text than a claim may have (1 MiB)", NULL);
    }
    azattest__buf_free(&text);
    return status;
}

azattest_status azattest__claim_set_add_value(azattest_claim_set *set, const char *type, const azattest__json *value,
                                              const char *issuer, azattest_error **error)
{
    azattest__claim claim = { .type = type, .issuer = issuer };
    azattest_status status = AZATTEST_OK;

    if (!is_list_or_object(value))
        return add_scalar(set, &claim, value, error);
    if (!is_list_of_scalars(value))
        return add_document(set, &claim, value, error);
    for (const azattest__json *one = azattest__json_first(value); one != NULL && status == AZATTEST_OK;
         one = azattest__json_next(one))
        status = add_scalar(set, &claim, one, error);
    return status;
}

azattest_status azattest__claim_set_add_json(azattest_claim_set *set, const azattest__json *object, const char *issuer,
                                             azattest_error **error)
{
    azattest_status status = AZATTEST_OK;

    for (const azattest__json *one = azattest__json_first(object); one != NULL && status == AZATTEST_OK;
         one = azattest__json_next(one))
        status = azattest__claim_set_add_value(set, azattest__json_name(one), one, issuer, error);
    return status;
}

/* What one element of the list says. A member that is not known is refused: `isuer` must not make a claim of the
 * service's. */
typedef struct parts {
    const azattest__json *type, *value, *issuer, *value_type;
} parts;

static azattest_status read_parts(const azattest__json *object, size_t number, parts *out, azattest_error **error)
{
    const struct {
        const char *name;
        const azattest__json **place;
        bool text;
    } members[] = { { "type", &out->type, true },
                    { "value", &out->value, false },
                    { "issuer", &out->issuer, true },
                    { "valueType", &out->value_type, true } };
    const size_t count = sizeof(members) / sizeof(members[0]);
    azattest_status status;
    size_t i;

    for (const azattest__json *one = azattest__json_first(object); one != NULL; one = azattest__json_next(one)) {
        const char *name = azattest__json_name(one);

        for (i = 0; i < count && strcmp(members[i].name, name) != 0; i++)
            ;
        if (i == count) {
            char *shown = azattest__printable(azattest__text(name), SHOWN);

            status = azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                         "claims: claim %zu has a member '%s'; there are type, value, issuer and "
                                         "valueType",
                                         number, shown == NULL ? "" : shown);
            free(shown);
            return status;
        }
        if (members[i].text && !azattest__json_is_string(one))
            return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                       "claims: %s of claim %zu is of type %s, expected text", members[i].name, number,
                                       azattest__json_kind(one));
        *members[i].place = one;
    }
    if (out->type == NULL || out->value == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "claims: claim %zu has no %s", number,
                                   out->type == NULL ? "type" : "value");
    return AZATTEST_OK;
}

static const char *kind_of(const azattest__json *value)
{
    return azattest__json_is_number(value)                               ? "Integer"
           : azattest__json_is_string(value) || is_list_or_object(value) ? "String"
           : azattest__json_is_null(value)                               ? "null"
                                                                         : "Boolean";
}

/* An array of plain values is a claim for each. */
static azattest_status check_value_type(const parts *claim, azattest_error **error)
{
    const char *said = azattest__json_string(claim->value_type), *wrong = NULL;
    bool several = is_list_of_scalars(claim->value);

    if (said == NULL)
        return AZATTEST_OK;
    for (const azattest__json *one = several ? azattest__json_first(claim->value) : claim->value;
         one != NULL && wrong == NULL; one = several ? azattest__json_next(one) : NULL)
        wrong = strcmp(said, kind_of(one)) == 0 ? NULL : kind_of(one);
    if (wrong == NULL)
        return AZATTEST_OK;
    return refuse(error, AZATTEST_E_ARGUMENT, azattest__json_string(claim->type),
                  "has another valueType than its value, which is ", wrong);
}

static azattest_status read_list(azattest_claim_set *set, const azattest__json *list, azattest_error **error)
{
    azattest_status status = AZATTEST_OK;
    size_t number = 0;

    for (const azattest__json *one = azattest__json_first(list); one != NULL && status == AZATTEST_OK;
         one = azattest__json_next(one)) {
        parts claim = { NULL, NULL, NULL, NULL };

        if (!azattest__json_is_object(one))
            return azattest__error_set(error, AZATTEST_E_MALFORMED,
                                       "claims: claim %zu is of type %s, expected an object with type and value",
                                       number + 1, azattest__json_kind(one));
        if ((status = read_parts(one, ++number, &claim, error)) == AZATTEST_OK &&
            (status = check_value_type(&claim, error)) == AZATTEST_OK)
            status = azattest__claim_set_add_value(
                set, azattest__json_string(claim.type), claim.value,
                claim.issuer == NULL ? AZATTEST__ISSUER_SERVICE : azattest__json_string(claim.issuer), error);
    }
    return status;
}

azattest_status azattest_claim_set_parse(azattest_bytes json, azattest_claim_set **out, azattest_error **error)
{
    azattest_claim_set *set = NULL;
    azattest__json *document = NULL;
    azattest_status status;

    if (error != NULL)
        *error = NULL;
    if (out == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "claims: no place for the result");
    *out = NULL;
    if (json.ptr == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "claims: no text");
    if (json.len > AZATTEST_LIMIT_CLAIM_SET)
        return azattest__error_set(error, AZATTEST_E_LIMIT, "claims: %zu bytes, more than %u", json.len,
                                   AZATTEST_LIMIT_CLAIM_SET);
    if ((status = azattest__json_parse(json, &document, error)) != AZATTEST_OK) {
        azattest__error_prefix(error, "claims");
        goto done;
    }
    if ((status = azattest_claim_set_new(&set, error)) != AZATTEST_OK)
        goto done;
    if (azattest__json_is_object(document))
        status = azattest__claim_set_add_json(set, document, AZATTEST__ISSUER_SERVICE, error);
    else if (azattest__json_is_array(document))
        status = read_list(set, document, error);
    else
        status = azattest__error_set(error, AZATTEST_E_MALFORMED,
                                     "claims: the JSON is of type %s, expected an object of claims or a list of them",
                                     azattest__json_kind(document));
    if (status != AZATTEST_OK)
        goto done;
    *out = set;
    set = NULL;
done:
    azattest_claim_set_free(set);
    azattest__json_free(document);
    return status;
}
