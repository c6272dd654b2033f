/* Access tokens: made for clients of the token endpoint, and checked when they come back in requests. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"

#include "issuer_parts.h"

#define SCHEME "Bearer "
#define LIMIT_ACCESS_TOKEN (16u * 1024u)

static const char *const role_names[] = { [AZATTEST__ANYBODY] = NULL,
                                          [AZATTEST__READER] = "Attestation Reader",
                                          [AZATTEST__CONTRIBUTOR] = "Attestation Contributor" };

const char *azattest__role_name(azattest__access access)
{
    return role_names[access];
}

/* "AUTHORITY/TENANT/", as version 1.0 tokens name their issuer. */
static azattest_status issuer_name(const azattest__issuer *issuer, char **out, azattest_error **error)
{
    if (asprintf(out, "%s/%s/", issuer->authority, issuer->tenant_id) >= 0)
        return AZATTEST_OK;
    *out = NULL;
    return azattest__error_memory(error);
}

static azattest_status make_claims(const azattest__issuer *issuer, const azattest__test_identity *identity,
                                   const char *audience, azattest__buf *out, azattest_error **error)
{
    azattest_status status;
    int64_t now_s = azattest__clock_now_ms(&issuer->clock) / 1000;
    azattest__json *claims = azattest__json_new_object(), *roles = azattest__json_new_array();
    char *name = NULL, unique[AZATTEST__GUID_SIZE];

    if ((status = issuer_name(issuer, &name, error)) != AZATTEST_OK ||
        (status = azattest__guid_make(unique, error)) != AZATTEST_OK) {
        azattest__json_free(roles);
        goto done;
    }
    azattest__json_put_string(claims, "aud", audience);
    azattest__json_put_string(claims, "iss", name);
    azattest__json_put_integer(claims, "iat", now_s);
    azattest__json_put_integer(claims, "nbf", now_s);
    azattest__json_put_integer(claims, "exp", now_s + issuer->token_life_s);
    azattest__json_put_string(claims, "appid", identity->client_id);
    azattest__json_put_string(claims, "appidacr", "1");
    azattest__json_put_string(claims, "idp", name);
    azattest__json_put_string(claims, "idtyp", "app");
    azattest__json_put_string(claims, "oid", identity->object_id);
    if (role_names[identity->access] != NULL)
        azattest__json_add_string(roles, role_names[identity->access]);
    azattest__json_put(claims, "roles", roles);
    azattest__json_put_string(claims, "sub", identity->object_id);
    azattest__json_put_string(claims, "tid", issuer->tenant_id);
    azattest__json_put_string(claims, "uti", unique);
    azattest__json_put_string(claims, "ver", "1.0");
    status = azattest__json_print(claims, false, out, error);
done:
    free(name);
    azattest__json_free(claims);
    return status;
}

azattest_status azattest__access_token_make(const azattest__issuer *issuer, const azattest__test_identity *identity,
                                            const char *audience, azattest__buf *token, azattest_error **error)
{
    azattest_status status;
    azattest__json *header = azattest__json_new_object();
    azattest__buf head, claims;

    azattest__buf_init(&head, AZATTEST_LIMIT_TOKEN_HEADER);
    azattest__buf_init(&claims, AZATTEST_LIMIT_TOKEN_BODY);
    azattest__json_put_string(header, "typ", "JWT");
    azattest__json_put_string(header, "alg", "RS256");
    azattest__json_put_string(header, "x5t", issuer->key_thumbprint);
    azattest__json_put_string(header, "kid", issuer->key_thumbprint);
    if ((status = azattest__json_print(header, false, &head, error)) == AZATTEST_OK &&
        (status = make_claims(issuer, identity, audience, &claims, error)) == AZATTEST_OK)
        status = azattest__jws_create(azattest__buf_bytes(&head), azattest__buf_bytes(&claims), issuer->key,
                                      AZATTEST__RS256, token, error);
    azattest__buf_free(&claims);
    azattest__buf_free(&head);
    azattest__json_free(header);
    return status;
}

char *azattest__issuer_challenge(const azattest__issuer *issuer)
{
    char *text = NULL;

    return asprintf(&text, "Bearer authorization_uri=\"%s/%s\", resource=\"%s\"", issuer->authority, issuer->tenant_id,
                    AZATTEST__AUDIENCE) < 0
               ? NULL
               : text;
}

/* ---- checking ---- */

static azattest_status refuse(azattest_error **error, const char *why)
{
    return azattest__error_set(error, AZATTEST_E_AUTH, "%s", why);
}

static azattest_status check_signature(const azattest__issuer *issuer, const azattest__jws *jws, azattest_error **error)
{
    azattest_status status;
    azattest__json *header = NULL;
    const char *alg, *key_id;
    bool valid = false;

    if ((status = azattest__json_parse(jws->header, &header, error)) != AZATTEST_OK)
        return status;
    alg = azattest__json_get_string(header, "alg");
    key_id = azattest__json_get_string(header, "kid");
    if (alg == NULL || strcmp(alg, "RS256") != 0)
        status = refuse(error, "the access token is not signed by RS256");
    else if (key_id == NULL || strcmp(key_id, issuer->key_thumbprint) != 0)
        status = refuse(error, "the access token was not issued by this service's token issuer: it names another key");
    else if ((status = azattest__key_verify(issuer->key, AZATTEST__RS256, jws->signed_elements, jws->signature, &valid,
                                            error)) == AZATTEST_OK &&
             !valid)
        status = refuse(error, "the access token's signature does not verify");
    azattest__json_free(header);
    return status;
}

static azattest__access read_access(const azattest__json *claims)
{
    azattest__access found = AZATTEST__ANYBODY;
    const azattest__json *roles = azattest__json_get(claims, "roles");

    for (const azattest__json *role = azattest__json_first(roles); role != NULL; role = azattest__json_next(role)) {
        const char *name = azattest__json_string(role);

        for (size_t i = AZATTEST__READER; i <= AZATTEST__CONTRIBUTOR; i++)
            if (name != NULL && strcmp(name, role_names[i]) == 0 && i > found)
                found = (azattest__access)i;
    }
    return found;
}

static azattest_status check_claims(const azattest__issuer *issuer, const azattest__json *claims,
                                    azattest_error **error)
{
    azattest_status status;
    int64_t now_s = azattest__clock_now_ms(&issuer->clock) / 1000, expires, not_before;
    const char *issued_by = azattest__json_get_string(claims, "iss");
    const char *audience = azattest__json_get_string(claims, "aud");
    char *name = NULL;

    if ((status = issuer_name(issuer, &name, error)) != AZATTEST_OK)
        return status;
    if (issued_by == NULL || strcmp(issued_by, name) != 0)
        status = refuse(error, "the access token has another issuer");
    else if (audience == NULL || strcmp(audience, AZATTEST__AUDIENCE) != 0)
        status = refuse(error, "the access token is for another audience than " AZATTEST__AUDIENCE
                               "; ask for the scope " AZATTEST__AUDIENCE "/.default");
    else if (!azattest__json_integer(azattest__json_get(claims, "exp"), &expires) || expires <= now_s)
        status = refuse(error, "the access token has expired");
    else if (!azattest__json_integer(azattest__json_get(claims, "nbf"), &not_before) || not_before > now_s)
        status = refuse(error, "the access token is not valid yet");
    free(name);
    return status;
}

azattest_status azattest__issuer_authenticate(const azattest__issuer *issuer, const char *authorization,
                                              azattest__access *access, azattest_error **error)
{
    azattest_status status;
    azattest__jws jws = { .memory = NULL };
    azattest__json *claims = NULL;
    azattest_bytes token;
    char scheme[sizeof(SCHEME)] = "";

    *access = AZATTEST__ANYBODY;
    if (authorization == NULL)
        return refuse(error, "the request has no access token: its header Authorization is missing");
    snprintf(scheme, sizeof(scheme), "%s", authorization);
    if (!azattest__text_equal_nocase(scheme, SCHEME))
        return refuse(error, "the header Authorization does not begin with \"Bearer \"");
    token = azattest__text(authorization + strlen(SCHEME));
    if (token.len > LIMIT_ACCESS_TOKEN)
        return refuse(error, "the access token is too long");
    if (azattest__jws_parse(token, &jws, NULL) != AZATTEST_OK)
        return refuse(error, "the access token is not a signed JWT");
    if ((status = check_signature(issuer, &jws, error)) == AZATTEST_OK &&
        (status = azattest__json_parse(jws.body, &claims, error)) == AZATTEST_OK &&
        (status = check_claims(issuer, claims, error)) == AZATTEST_OK)
        *access = read_access(claims);
    azattest__json_free(claims);
    azattest__jws_clear(&jws);
    return status;
}
