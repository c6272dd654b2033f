/* The typed view of a token's claims. Every reader remembers whether its claim was there and of the right type. */
#include <stdlib.h>
#include <string.h>

#include <azattest/limits.h>

#include "../base/encoding.h"
#include "checks.h"

/* One claim, decoded when the view is made, so that readers may be called from any thread. */
typedef struct field {
    azattest_status status; /* AZATTEST_OK, AZATTEST_ABSENT or AZATTEST_E_TYPE */
    azattest__buf value;
} field;

struct azattest_result {
    azattest_token *token; /* a parsed copy: the view outlives the token it came from */
    bool validated;
    field issuer, unique_id, nonce, version, verifier_type, mr_enclave, mr_signer; /* text */
    field mr_enclave_bytes, mr_signer_bytes, report_data, held_data, policy_hash;  /* bytes */
};

static const azattest__claim_names issuer_names = { { "iss" } }, unique_id_names = { { "jti" } },
                                   report_data_names = { { "x-ms-sgx-report-data" } };

typedef enum coding { TEXT, LOWER_HEX, FROM_HEX, FROM_BASE64URL } coding;

static bool decode(coding how, azattest_bytes text, azattest__buf *out)
{
    azattest__buf bytes;
    bool ok = true;

    switch (how) {
    case TEXT:
        azattest__buf_append_bytes(out, text);
        return true;
    case LOWER_HEX:
        azattest__buf_init(&bytes, AZATTEST_LIMIT_TOKEN_BODY);
        ok = azattest__hex_decode(text, &bytes);
        if (ok)
            azattest__hex_encode(azattest__buf_bytes(&bytes), out);
        azattest__buf_free(&bytes);
        return ok;
    case FROM_HEX:
        return azattest__hex_decode(text, out);
    case FROM_BASE64URL:
        return azattest__base64url_decode(text, out);
    }
    return false;
}

/* size 0: any. A claim of another type or size is E_TYPE, never taken for absent. */
static void read_field(const azattest_token *token, const azattest__claim_names *names, coding how, size_t size,
                       field *out)
{
    azattest_bytes json = azattest__token_claim_any(token, names, NULL);
    azattest__buf text;

    azattest__buf_init(&text, AZATTEST_LIMIT_TOKEN_BODY);
    azattest__buf_init(&out->value, AZATTEST_LIMIT_TOKEN_BODY);
    if (json.ptr == NULL)
        out->status = AZATTEST_ABSENT;
    else if (!azattest__claim_text(json, &text) || !decode(how, azattest__buf_bytes(&text), &out->value) ||
             (size != 0 && out->value.len != size))
        out->status = AZATTEST_E_TYPE;
    else
        out->status = AZATTEST_OK;
    azattest__buf_grow(&out->value, 0);
    if (out->value.status != AZATTEST_OK)
        out->status = out->value.status;
    azattest__buf_free(&text);
}

azattest_status azattest_token_result(const azattest_token *token, bool unverified, azattest_result **out,
                                      azattest_error **error)
{
    azattest_status status = AZATTEST_OK;
    azattest_result *result = NULL;

    if (error != NULL)
        *error = NULL;
    if (out == NULL || token == NULL) {
        if (out != NULL)
            *out = NULL;
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "result: no token, or nowhere to put the result");
    }
    *out = NULL;
    if (!token->validated && !unverified)
        return azattest__error_set(error, AZATTEST_E_STATE,
                                   "result: the token is not validated; validate it first, or ask for the unverified "
                                   "claims by name");
    if ((result = calloc(1, sizeof(*result))) == NULL) {
        status = azattest__error_memory(error);
        goto done;
    }
    if ((status = azattest_token_parse(token->jws.text, &result->token, error)) != AZATTEST_OK)
        goto done;
    result->validated = token->validated;
    read_field(token, &issuer_names, TEXT, 0, &result->issuer);
    read_field(token, &unique_id_names, TEXT, 0, &result->unique_id);
    read_field(token, &azattest__claim_nonce, TEXT, 0, &result->nonce);
    read_field(token, &azattest__claim_version, TEXT, 0, &result->version);
    read_field(token, &azattest__claim_type, TEXT, 0, &result->verifier_type);
    read_field(token, &azattest__claim_mr_enclave, LOWER_HEX, 64, &result->mr_enclave);
    read_field(token, &azattest__claim_mr_signer, LOWER_HEX, 64, &result->mr_signer);
    read_field(token, &azattest__claim_mr_enclave, FROM_HEX, 32, &result->mr_enclave_bytes);
    read_field(token, &azattest__claim_mr_signer, FROM_HEX, 32, &result->mr_signer_bytes);
    read_field(token, &report_data_names, FROM_HEX, 64, &result->report_data);
    read_field(token, &azattest__claim_held_data, FROM_BASE64URL, 0, &result->held_data);
    read_field(token, &azattest__claim_policy_hash, FROM_BASE64URL, 32, &result->policy_hash);
    *out = result;
    result = NULL;
done:
    azattest_result_free(result);
    return status;
}

void azattest_result_free(azattest_result *result)
{
    if (result == NULL)
        return;
    azattest__buf_free(&result->issuer.value);
    azattest__buf_free(&result->unique_id.value);
    azattest__buf_free(&result->nonce.value);
    azattest__buf_free(&result->version.value);
    azattest__buf_free(&result->verifier_type.value);
    azattest__buf_free(&result->mr_enclave.value);
    azattest__buf_free(&result->mr_signer.value);
    azattest__buf_free(&result->mr_enclave_bytes.value);
    azattest__buf_free(&result->mr_signer_bytes.value);
    azattest__buf_free(&result->report_data.value);
    azattest__buf_free(&result->held_data.value);
    azattest__buf_free(&result->policy_hash.value);
    azattest_token_free(result->token);
    free(result);
}

bool azattest_result_is_validated(const azattest_result *result)
{
    return result != NULL && result->validated;
}

static azattest_status give_text(const field *from, const char **text)
{
    if (text == NULL)
        return AZATTEST_E_ARGUMENT;
    *text = from != NULL && from->status == AZATTEST_OK ? (from->value.ptr == NULL ? "" : (const char *)from->value.ptr)
                                                        : NULL;
    return from == NULL ? AZATTEST_E_ARGUMENT : from->status;
}

static azattest_status give_bytes(const field *from, azattest_bytes *bytes)
{
    if (bytes == NULL)
        return AZATTEST_E_ARGUMENT;
    *bytes = azattest__bytes(NULL, 0);
    if (from != NULL && from->status == AZATTEST_OK)
        *bytes = azattest__bytes(from->value.ptr == NULL ? (const void *)"" : from->value.ptr, from->value.len);
    return from == NULL ? AZATTEST_E_ARGUMENT : from->status;
}

/* clang-format off */
#define TEXT_READER(name) \
    azattest_status azattest_result_##name(const azattest_result *result, const char **text) \
    { \
        return give_text(result == NULL ? NULL : &result->name, text); \
    }
#define BYTES_READER(name, member) \
    azattest_status azattest_result_##name(const azattest_result *result, azattest_bytes *bytes) \
    { \
        return give_bytes(result == NULL ? NULL : &result->member, bytes); \
    }
/* clang-format on */

TEXT_READER(issuer)
TEXT_READER(unique_id)
TEXT_READER(nonce)
TEXT_READER(version)
TEXT_READER(verifier_type)
TEXT_READER(mr_enclave)
TEXT_READER(mr_signer)
BYTES_READER(mr_enclave_bytes, mr_enclave_bytes)
BYTES_READER(mr_signer_bytes, mr_signer_bytes)
BYTES_READER(report_data, report_data)
BYTES_READER(enclave_held_data, held_data)
BYTES_READER(policy_hash, policy_hash)

azattest_status azattest_result_issued_on(const azattest_result *result, int64_t *seconds)
{
    return azattest_token_issued_on(result == NULL ? NULL : result->token, seconds);
}

azattest_status azattest_result_expires_on(const azattest_result *result, int64_t *seconds)
{
    return azattest_token_expires_on(result == NULL ? NULL : result->token, seconds);
}

azattest_status azattest_result_not_before(const azattest_result *result, int64_t *seconds)
{
    return azattest_token_not_before(result == NULL ? NULL : result->token, seconds);
}

azattest_status azattest_result_is_debuggable(const azattest_result *result, bool *value)
{
    azattest_bytes json;

    if (result == NULL || value == NULL)
        return AZATTEST_E_ARGUMENT;
    json = azattest__token_claim_any(result->token, &azattest__claim_debuggable, NULL);
    *value = azattest__bytes_equal_text(json, "true");
    if (json.ptr == NULL)
        return AZATTEST_ABSENT;
    return *value || azattest__bytes_equal_text(json, "false") ? AZATTEST_OK : AZATTEST_E_TYPE;
}

static azattest_status give_integer(const azattest_result *result, const azattest__claim_names *names, int64_t *value)
{
    azattest_bytes json;

    if (result == NULL || value == NULL)
        return AZATTEST_E_ARGUMENT;
    *value = 0;
    json = azattest__token_claim_any(result->token, names, NULL);
    if (json.ptr == NULL)
        return AZATTEST_ABSENT;
    return azattest__json_integer_text(json, value) ? AZATTEST_OK : AZATTEST_E_TYPE;
}

azattest_status azattest_result_product_id(const azattest_result *result, int64_t *value)
{
    return give_integer(result, &azattest__claim_product_id, value);
}

azattest_status azattest_result_svn(const azattest_result *result, int64_t *value)
{
    return give_integer(result, &azattest__claim_svn, value);
}

static azattest_status give_object(const azattest_result *result, const azattest__claim_names *names,
                                   azattest_bytes *json)
{
    azattest_bytes found;

    if (json == NULL)
        return AZATTEST_E_ARGUMENT;
    *json = azattest__bytes(NULL, 0);
    if (result == NULL)
        return AZATTEST_E_ARGUMENT;
    found = azattest__token_claim_any(result->token, names, NULL);
    if (found.ptr == NULL)
        return AZATTEST_ABSENT;
    if (found.len < 2 || *(const char *)found.ptr != '{')
        return AZATTEST_E_TYPE;
    *json = found;
    return AZATTEST_OK;
}

azattest_status azattest_result_runtime_claims(const azattest_result *result, azattest_bytes *json)
{
    static const azattest__claim_names names = { { "x-ms-runtime" } };

    return give_object(result, &names, json);
}

azattest_status azattest_result_inittime_claims(const azattest_result *result, azattest_bytes *json)
{
    static const azattest__claim_names names = { { "x-ms-inittime" } };

    return give_object(result, &names, json);
}

azattest_status azattest_result_policy_claims(const azattest_result *result, azattest_bytes *json)
{
    static const azattest__claim_names names = { { "x-ms-policy" } };

    return give_object(result, &names, json);
}

azattest_status azattest_result_sgx_collateral(const azattest_result *result, azattest_bytes *json)
{
    return give_object(result, &azattest__claim_collateral, json);
}

azattest_status azattest_result_confirmation(const azattest_result *result, azattest_bytes *json)
{
    static const azattest__claim_names names = { { "cnf" } };

    return give_object(result, &names, json);
}

azattest_status azattest_result_policy_signer(const azattest_result *result, azattest_signer **signer)
{
    azattest__json *object = NULL;
    const azattest__json *jwk;
    azattest_bytes json;
    azattest_status status;

    if (signer == NULL)
        return AZATTEST_E_ARGUMENT;
    *signer = NULL;
    if ((status = give_object(result, &azattest__claim_policy_signer, &json)) != AZATTEST_OK ||
        (status = azattest__json_parse(json, &object, NULL)) != AZATTEST_OK)
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
    return azattest_token_claim(result == NULL ? NULL : result->token, name);
}

azattest_bytes azattest_result_claims(const azattest_result *result)
{
    return azattest_token_body_bytes(result == NULL ? NULL : result->token);
}
