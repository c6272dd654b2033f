/* Parsing a token and reading its parts. */
#include "token.h"

#include <stdlib.h>
#include <string.h>

#include <azattest/limits.h>

#include "checks.h"

/* A header member that must be a string when it is there. */
static azattest_status header_text(azattest_bytes json, const char *name, size_t limit, char **out,
                                   azattest_error **error)
{
    azattest_status status = AZATTEST_OK;
    azattest__buf text;

    azattest__buf_init(&text, AZATTEST_LIMIT_TOKEN_HEADER);
    if (json.ptr == NULL)
        goto done;
    if (!azattest__claim_text(json, &text)) {
        status =
            azattest__error_set(error, AZATTEST_E_TOKEN_MALFORMED, "token: header member \"%s\" is not a string", name);
        goto done;
    }
    if ((status = azattest__error_from_buf(error, &text, "token header")) != AZATTEST_OK)
        goto done;
    if (text.len > limit) {
        status = azattest__error_set(error, AZATTEST_E_TOKEN_MALFORMED,
                                     "token: header member \"%s\" has %zu bytes, more than %zu", name, text.len, limit);
        goto done;
    }
    *out = (char *)azattest__buf_take(&text, NULL);
done:
    azattest__buf_free(&text);
    return status;
}

static azattest_status read_header(azattest_token *token, azattest_error **error)
{
    static const char *const names[] = { "alg", "kid", "typ", "cty", "jku", "x5u", "x5t", "x5t#S256" };
    const struct {
        size_t limit;
        char **out;
    } members[] = {
        { 64, &token->algorithm },
        { AZATTEST_LIMIT_KEY_ID, &token->key_id },
        { 256, &token->type },
        { 256, &token->content_type },
        { AZATTEST_LIMIT_ENDPOINT, &token->key_url },
        { AZATTEST_LIMIT_ENDPOINT, &token->x509_url },
        { 256, &token->x5t },
        { 256, &token->x5t_s256 },
    };
    azattest_bytes found[sizeof(names) / sizeof(names[0])];
    azattest_status status = AZATTEST_OK;

    azattest__json_find_all(token->jws.header, names, found, sizeof(names) / sizeof(names[0]));
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]) && status == AZATTEST_OK; i++)
        status = header_text(found[i], names[i], members[i].limit, members[i].out, error);
    if (status == AZATTEST_OK && token->algorithm == NULL)
        status = azattest__error_set(error, AZATTEST_E_TOKEN_MALFORMED, "token: the header has no \"alg\"");
    return status;
}

/* `iss` for the reader; a value that is no string is left to the check of the issuer, which refuses it. */
static azattest_status read_issuer(azattest_token *token, azattest_error **error)
{
    azattest_status status;
    azattest__buf text;

    azattest__buf_init(&text, AZATTEST_LIMIT_TOKEN_BODY);
    (void)azattest__claim_text(azattest_token_claim(token, "iss"), &text);
    status = azattest__error_from_buf(error, &text, "token issuer");
    if (status == AZATTEST_OK)
        token->issuer = (char *)azattest__buf_take(&text, NULL); /* NULL: it is no string */
    azattest__buf_free(&text);
    return status;
}

azattest_status azattest_token_parse(azattest_bytes text, azattest_token **out, azattest_error **error)
{
    azattest_status status = AZATTEST_OK;
    azattest_token *token = NULL;

    if (error != NULL)
        *error = NULL;
    if (out == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "token: nowhere to put the token");
    *out = NULL;
    if (text.ptr == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "token: no text");
    if ((token = calloc(1, sizeof(*token))) == NULL) {
        status = azattest__error_memory(error);
        goto done;
    }
    if ((status = azattest__jws_parse(text, &token->jws, error)) != AZATTEST_OK ||
        (status = read_header(token, error)) != AZATTEST_OK || (status = read_issuer(token, error)) != AZATTEST_OK)
        goto done;
    *out = token;
    token = NULL;
done:
    azattest_token_free(token);
    return status;
}

void azattest_token_free(azattest_token *token)
{
    if (token == NULL)
        return;
    azattest__jws_clear(&token->jws);
    free(token->algorithm);
    free(token->key_id);
    free(token->type);
    free(token->content_type);
    free(token->key_url);
    free(token->x509_url);
    free(token->x5t);
    free(token->x5t_s256);
    free(token->issuer);
    azattest_signer_free(token->signer);
    free(token);
}

static const azattest_bytes absent = { NULL, 0 };

azattest_bytes azattest_token_serialize(const azattest_token *token)
{
    return token == NULL ? absent : token->jws.text;
}

const char *azattest_token_algorithm(const azattest_token *token)
{
    return token == NULL ? NULL : token->algorithm;
}

const char *azattest_token_key_id(const azattest_token *token)
{
    return token == NULL ? NULL : token->key_id;
}

const char *azattest_token_type(const azattest_token *token)
{
    return token == NULL ? NULL : token->type;
}

const char *azattest_token_content_type(const azattest_token *token)
{
    return token == NULL ? NULL : token->content_type;
}

const char *azattest_token_key_url(const azattest_token *token)
{
    return token == NULL ? NULL : token->key_url;
}

const char *azattest_token_x509_url(const azattest_token *token)
{
    return token == NULL ? NULL : token->x509_url;
}

const char *azattest_token_certificate_thumbprint(const azattest_token *token)
{
    return token == NULL ? NULL : token->x5t;
}

const char *azattest_token_certificate_sha256_thumbprint(const azattest_token *token)
{
    return token == NULL ? NULL : token->x5t_s256;
}

azattest_bytes azattest_token_critical(const azattest_token *token)
{
    return token == NULL ? absent : azattest__json_find(token->jws.header, "crit");
}

azattest_bytes azattest_token_x509_certificate_chain(const azattest_token *token)
{
    return token == NULL ? absent : azattest__json_find(token->jws.header, "x5c");
}

const char *azattest_token_issuer(const azattest_token *token)
{
    return token == NULL ? NULL : token->issuer;
}

azattest_bytes azattest_token_claim(const azattest_token *token, const char *name)
{
    if (token == NULL || name == NULL || token->jws.body.len == 0)
        return absent;
    return azattest__json_find(token->jws.body, name);
}

static azattest_status claim_time(const azattest_token *token, const char *name, int64_t *seconds)
{
    azattest_bytes json;

    if (token == NULL || seconds == NULL)
        return AZATTEST_E_ARGUMENT;
    *seconds = 0;
    json = azattest_token_claim(token, name);
    if (json.ptr == NULL)
        return AZATTEST_ABSENT;
    return azattest__json_integer_text(json, seconds) ? AZATTEST_OK : AZATTEST_E_TYPE;
}

azattest_status azattest_token_expires_on(const azattest_token *token, int64_t *seconds)
{
    return claim_time(token, "exp", seconds);
}

azattest_status azattest_token_issued_on(const azattest_token *token, int64_t *seconds)
{
    return claim_time(token, "iat", seconds);
}

azattest_status azattest_token_not_before(const azattest_token *token, int64_t *seconds)
{
    return claim_time(token, "nbf", seconds);
}

azattest_bytes azattest_token_header_bytes(const azattest_token *token)
{
    return token == NULL ? absent : token->jws.header;
}

azattest_bytes azattest_token_body_bytes(const azattest_token *token)
{
    return token == NULL ? absent : token->jws.body;
}

azattest_bytes azattest_token_signature_bytes(const azattest_token *token)
{
    return token == NULL ? absent : token->jws.signature;
}

azattest_bytes azattest_token_signed_elements(const azattest_token *token)
{
    return token == NULL ? absent : token->jws.signed_elements;
}

bool azattest_token_is_secured(const azattest_token *token)
{
    return token != NULL && strcmp(token->algorithm, "none") != 0;
}

bool azattest_token_is_validated(const azattest_token *token)
{
    return token != NULL && token->validated;
}

const azattest_signer *azattest_token_signer(const azattest_token *token)
{
    return token == NULL || !token->validated ? NULL : token->signer;
}
