/* The typed view of a token's claims. fields.h says which there are; this file says how they are read. */
#include <stdlib.h>
#include <string.h>

#include <azattest/limits.h>

#include "../base/encoding.h"
#include "result.h"

typedef enum kind { TEXT, HEX_TEXT, HEX, BASE64URL, BASE64, INTEGER, BOOLEAN, TIME, OBJECT, INTEGERS } kind;
typedef enum scope { OWN, TEE } scope;

typedef struct field {
    kind kind;
    scope scope;
    size_t size;
    azattest__claim_names claims;
} field;

#define FIELD_NUMBER(kind, name, scope, size, ...) FIELD_##name,
#define FIELD_ROW(kind, name, scope, size, ...) [FIELD_##name] = { kind, scope, size, { { __VA_ARGS__ } } },
enum { AZATTEST__RESULT_FIELDS(FIELD_NUMBER) FIELD_COUNT };
static const field fields[] = { AZATTEST__RESULT_FIELDS(FIELD_ROW) };

/* A claim that was asked for, decoded. Made once, then constant. */
typedef struct kept_value {
    azattest_status status; /* AZATTEST_OK, AZATTEST_ABSENT or AZATTEST_E_TYPE */
    azattest__buf bytes;
} kept_value;

/* What readers fill in: apart from the result, which is const for them. */
typedef struct azattest__decoded {
    _Atomic(kept_value *) values[FIELD_COUNT];
    _Atomic(azattest__payload *) payload;
} azattest__decoded;

/* The token's body, shared by the view of the token and those of its isolation TEE. */
struct azattest__claims_text {
    atomic_int references;
    size_t len;
    char text[];
};

static azattest__claims_text *text_new(azattest_bytes body)
{
    azattest__claims_text *text = malloc(sizeof(*text) + body.len + 1);

    if (text == NULL)
        return NULL;
    atomic_init(&text->references, 1);
    text->len = body.len;
    if (body.len > 0)
        memcpy(text->text, body.ptr, body.len);
    text->text[body.len] = '\0';
    return text;
}

static void text_free(azattest__claims_text *text)
{
    if (text == NULL || atomic_fetch_sub_explicit(&text->references, 1, memory_order_acq_rel) != 1)
        return;
    azattest__wipe(text->text, text->len);
    free(text);
}

/* Takes `text` over, also on failure. */
static azattest_status result_new(azattest__claims_text *text, azattest_bytes body, bool validated,
                                  azattest_result **out)
{
    azattest_result *result = calloc(1, sizeof(*result));

    if (result == NULL || (result->decoded = calloc(1, sizeof(*result->decoded))) == NULL) {
        text_free(text);
        free(result);
        return AZATTEST_E_MEMORY;
    }
    result->text = text;
    result->payload = &result->decoded->payload;
    result->body = body;
    result->validated = validated;
    *out = result;
    return AZATTEST_OK;
}

azattest_status azattest_token_result(const azattest_token *token, bool unverified, azattest_result **out,
                                      azattest_error **error)
{
    azattest__claims_text *text;

    if (error != NULL)
        *error = NULL;
    if (out != NULL)
        *out = NULL;
    if (out == NULL || token == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "result: no token, or nowhere to put the result");
    if (!token->validated && !unverified)
        return azattest__error_set(error, AZATTEST_E_STATE,
                                   "result: the token is not validated; validate it first, or ask for the unverified "
                                   "claims by name");
    if ((text = text_new(token->jws.body)) == NULL ||
        result_new(text, azattest__bytes(text->text, text->len), token->validated, out) != AZATTEST_OK)
        return azattest__error_memory(error);
    return AZATTEST_OK;
}

static void value_free(kept_value *old)
{
    if (old == NULL)
        return;
    azattest__buf_free(&old->bytes);
    free(old);
}

void azattest_result_free(azattest_result *result)
{
    if (result == NULL)
        return;
    for (size_t i = 0; i < FIELD_COUNT; i++)
        value_free(atomic_load(&result->decoded->values[i]));
    azattest__payload_free(atomic_load(&result->decoded->payload));
    free(result->decoded);
    text_free(result->text);
    free(result);
}

bool azattest_result_is_validated(const azattest_result *result)
{
    return result != NULL && result->validated;
}

/* The claim's JSON text, by the rules of fields.h. */
static azattest_status find(const azattest_result *result, const field *one, azattest_bytes *json)
{
    azattest_bytes isolation;

    *json = azattest__claim_any(result->body, &one->claims, NULL);
    if (json->ptr != NULL)
        return AZATTEST_OK;
    if (one->scope != TEE || (isolation = azattest__claim_isolation(result->body)).ptr == NULL)
        return AZATTEST_ABSENT;
    if (!azattest__claim_is_object(isolation))
        return AZATTEST_E_TYPE; /* what it holds cannot be told from what it lacks */
    *json = azattest__claim_any(isolation, &one->claims, NULL);
    return json->ptr != NULL ? AZATTEST_OK : AZATTEST_ABSENT;
}

static bool decode(kind how, azattest_bytes text, azattest__buf *out)
{
    azattest__buf bytes;
    bool ok = false;

    switch (how) {
    case TEXT:
        azattest__buf_append_bytes(out, text);
        return true;
    case HEX_TEXT:
        azattest__buf_init(&bytes, AZATTEST_LIMIT_TOKEN_BODY);
        ok = azattest__hex_decode(text, &bytes);
        if (ok)
            azattest__hex_encode(azattest__buf_bytes(&bytes), out);
        azattest__buf_free(&bytes);
        return ok;
    case HEX:
        return azattest__hex_decode(text, out);
    case BASE64URL:
        return azattest__base64url_decode(text, out);
    case BASE64:
        return azattest__base64_any_decode(text, out);
    default:
        return false;
    }
}

/* A claim of another type or size is E_TYPE, never taken for absent. */
static azattest_status read_claim(const azattest_result *result, size_t number, azattest__buf *out)
{
    const field *one = &fields[number];
    size_t len = one->kind == HEX_TEXT ? 2 * one->size : one->size;
    azattest_status status;
    azattest_bytes json;
    azattest__buf text;

    if (number == FIELD_nonce) {
        status = azattest__claim_nonce_text(result->body, out);
    } else if ((status = find(result, one, &json)) == AZATTEST_OK) {
        azattest__buf_init(&text, AZATTEST_LIMIT_TOKEN_BODY);
        if (!azattest__claim_text(json, &text) || !decode(one->kind, azattest__buf_bytes(&text), out) ||
            (len != 0 && out->len != len))
            status = AZATTEST_E_TYPE;
        if (text.status != AZATTEST_OK)
            out->status = text.status;
        azattest__buf_free(&text);
    }
    azattest__buf_grow(out, 0); /* empty text is text */
    return out->status != AZATTEST_OK ? out->status : status;
}

/* The value, decoded now or before; NULL when out of memory. */
static const kept_value *value_of(const azattest_result *result, size_t number)
{
    _Atomic(kept_value *) *slot = &result->decoded->values[number];
    kept_value *kept = atomic_load_explicit(slot, memory_order_acquire), *made;

    if (kept != NULL)
        return kept;
    if ((made = calloc(1, sizeof(*made))) == NULL)
        return NULL;
    azattest__buf_init(&made->bytes, AZATTEST_LIMIT_TOKEN_BODY);
    made->status = read_claim(result, number, &made->bytes);
    if (made->status == AZATTEST_E_MEMORY) {
        value_free(made);
        return NULL;
    }
    if (atomic_compare_exchange_strong_explicit(slot, &kept, made, memory_order_acq_rel, memory_order_acquire))
        return made;
    value_free(made); /* another thread was first */
    return kept;
}

static azattest_status give_bytes(const azattest_result *result, size_t number, azattest_bytes *bytes)
{
    const kept_value *found;

    if (bytes == NULL)
        return AZATTEST_E_ARGUMENT;
    *bytes = azattest__bytes(NULL, 0);
    if (result == NULL)
        return AZATTEST_E_ARGUMENT;
    if ((found = value_of(result, number)) == NULL)
        return AZATTEST_E_MEMORY;
    if (found->status == AZATTEST_OK)
        *bytes = azattest__bytes(found->bytes.ptr == NULL ? (const void *)"" : found->bytes.ptr, found->bytes.len);
    return found->status;
}

static azattest_status give_text(const azattest_result *result, size_t number, const char **text)
{
    azattest_bytes bytes;
    azattest_status status;

    if (text == NULL)
        return AZATTEST_E_ARGUMENT;
    status = give_bytes(result, number, &bytes);
    *text = bytes.ptr;
    return status;
}

static azattest_status find_for(const azattest_result *result, size_t number, azattest_bytes *json)
{
    *json = azattest__bytes(NULL, 0);
    return result == NULL ? AZATTEST_E_ARGUMENT : find(result, &fields[number], json);
}

static azattest_status give_integer(const azattest_result *result, size_t number, int64_t *value)
{
    azattest_bytes json;
    azattest_status status;

    if (value == NULL)
        return AZATTEST_E_ARGUMENT;
    *value = 0;
    if ((status = find_for(result, number, &json)) == AZATTEST_OK && !azattest__json_integer_text(json, value))
        status = AZATTEST_E_TYPE;
    return status;
}

static azattest_status give_boolean(const azattest_result *result, size_t number, bool *value)
{
    azattest_bytes json;
    azattest_status status;

    if (value == NULL)
        return AZATTEST_E_ARGUMENT;
    *value = false;
    if ((status = find_for(result, number, &json)) != AZATTEST_OK)
        return status;
    *value = azattest__bytes_equal_text(json, "true");
    return *value || azattest__bytes_equal_text(json, "false") ? AZATTEST_OK : AZATTEST_E_TYPE;
}

static azattest_status give_object(const azattest_result *result, size_t number, azattest_bytes *json)
{
    azattest_bytes found;
    azattest_status status;

    if (json == NULL)
        return AZATTEST_E_ARGUMENT;
    *json = azattest__bytes(NULL, 0);
    if ((status = find_for(result, number, &found)) != AZATTEST_OK)
        return status;
    if (!azattest__claim_is_object(found))
        return AZATTEST_E_TYPE;
    *json = found;
    return AZATTEST_OK;
}

static azattest_status give_integers(const azattest_result *result, size_t number, azattest_bytes *json)
{
    azattest__json *array = NULL;
    azattest_bytes found;
    azattest_status status;
    int64_t integer;

    if (json == NULL)
        return AZATTEST_E_ARGUMENT;
    *json = azattest__bytes(NULL, 0);
    if ((status = find_for(result, number, &found)) != AZATTEST_OK)
        return status;
    if ((status = azattest__json_parse(found, &array, NULL)) == AZATTEST_OK && !azattest__json_is_array(array))
        status = AZATTEST_E_TYPE;
    for (const azattest__json *item = azattest__json_first(array); status == AZATTEST_OK && item != NULL;
         item = azattest__json_next(item))
        if (!azattest__json_integer(item, &integer))
            status = AZATTEST_E_TYPE;
    if (status == AZATTEST_OK)
        *json = found;
    azattest__json_free(array);
    return status;
}

/* clang-format off */
#define READER(name, give, type) \
    azattest_status azattest_result_##name(const azattest_result *result, type *out) \
    { \
        return give(result, FIELD_##name, out); \
    }
#define READER_TEXT(name) READER(name, give_text, const char *)
#define READER_HEX_TEXT(name) READER(name, give_text, const char *)
#define READER_HEX(name) READER(name, give_bytes, azattest_bytes)
#define READER_BASE64URL(name) READER(name, give_bytes, azattest_bytes)
#define READER_BASE64(name) READER(name, give_bytes, azattest_bytes)
#define READER_INTEGER(name) READER(name, give_integer, int64_t)
#define READER_TIME(name) READER(name, give_integer, int64_t)
#define READER_BOOLEAN(name) READER(name, give_boolean, bool)
#define READER_OBJECT(name) READER(name, give_object, azattest_bytes)
#define READER_INTEGERS(name) READER(name, give_integers, azattest_bytes)
#define FIELD_READER(kind, name, scope, size, ...) READER_##kind(name)
AZATTEST__RESULT_FIELDS(FIELD_READER)
/* clang-format on */

azattest_status azattest_result_is_debuggable(const azattest_result *result, bool *value)
{
    const char *name;

    if (value == NULL)
        return AZATTEST_E_ARGUMENT;
    *value = false;
    if (result == NULL)
        return AZATTEST_E_ARGUMENT;
    switch (azattest__claims_debug(result->body, &name)) {
    case AZATTEST__DEBUG_ON:
        *value = true;
        return AZATTEST_OK;
    case AZATTEST__DEBUG_OFF:
        return AZATTEST_OK;
    case AZATTEST__DEBUG_UNSAID:
        return AZATTEST_ABSENT;
    case AZATTEST__DEBUG_UNCLEAR:
        break;
    }
    return AZATTEST_E_TYPE;
}

azattest_status azattest_result_isolation_tee(const azattest_result *result, azattest_result **isolation)
{
    azattest_bytes json;

    if (isolation == NULL)
        return AZATTEST_E_ARGUMENT;
    *isolation = NULL;
    if (result == NULL)
        return AZATTEST_E_ARGUMENT;
    if ((json = azattest__claim_isolation(result->body)).ptr == NULL)
        return AZATTEST_ABSENT;
    if (!azattest__claim_is_object(json))
        return AZATTEST_E_TYPE;
    atomic_fetch_add_explicit(&result->text->references, 1, memory_order_relaxed);
    return result_new(result->text, json, result->validated, isolation);
}

azattest_status azattest_result_policy_signer(const azattest_result *result, azattest_signer **signer)
{
    static const azattest__claim_names names = { { AZATTEST__POLICY_SIGNER_CLAIMS } };
    azattest__json *object = NULL;
    const azattest__json *jwk;
    azattest_bytes json;
    azattest_status status;

    if (signer == NULL)
        return AZATTEST_E_ARGUMENT;
    *signer = NULL;
    if (result == NULL)
        return AZATTEST_E_ARGUMENT;
    json = azattest__claim_any(result->body, &names, NULL);
    if (json.ptr == NULL)
        return AZATTEST_ABSENT;
    if (!azattest__claim_is_object(json))
        return AZATTEST_E_TYPE;
    if ((status = azattest__json_parse(json, &object, NULL)) != AZATTEST_OK)
        goto done;
    /* The service's documentation wraps the key in "jwk", its description does not: both are read. */
    jwk = azattest__json_get(object, "jwk");
    status = azattest__signer_from_jwk(jwk != NULL ? jwk : object, signer, NULL);
done:
    azattest__json_free(object);
    return status;
}

azattest_bytes azattest_result_claim(const azattest_result *result, const char *name)
{
    if (result == NULL || name == NULL || result->body.len == 0)
        return azattest__bytes(NULL, 0);
    return azattest__json_find(result->body, name);
}

azattest_bytes azattest_result_claims(const azattest_result *result)
{
    return result == NULL ? azattest__bytes(NULL, 0) : result->body;
}

/* Its reader looks for it in `x-ms-isolation-tee`, too. */
static bool is_of_tee(const char *name)
{
    for (size_t i = 0; i < FIELD_COUNT; i++)
        for (size_t j = 0; fields[i].scope == TEE && j < 4 && fields[i].claims.names[j] != NULL; j++)
            if (strcmp(fields[i].claims.names[j], name) == 0)
                return true;
    return false;
}

void azattest__claims_required(azattest_bytes body, const char *const *names, azattest_bytes *values, size_t count)
{
    azattest_bytes isolation = { NULL, 0 };
    bool looked = false;

    azattest__json_find_all(body, names, values, count);
    for (size_t i = 0; i < count; i++) {
        if (values[i].ptr != NULL || !is_of_tee(names[i]))
            continue;
        if (!looked)
            isolation = azattest__claim_isolation(body);
        looked = true;
        if (azattest__claim_is_object(isolation))
            values[i] = azattest__json_find(isolation, names[i]);
    }
}
