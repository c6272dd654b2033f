/* The issuer's tenant, identities and keys, as the state folder keeps them. */
#include <stdio.h>
#include <stdlib.h>

#include "../simulator/files.h"
#include "base/clock.h"
#include "base/encoding.h"
#include "crypto/issue.h"

#include "issuer_parts.h"

#define FILE_LIMIT (64u * 1024u)
#define DAY_S 86400

azattest_status azattest__guid_make(char out[AZATTEST__GUID_SIZE], azattest_error **error)
{
    azattest_status status;
    unsigned char b[16];

    if ((status = azattest__random(b, sizeof(b), error)) != AZATTEST_OK)
        return status;
    b[6] = (unsigned char)((b[6] & 0x0f) | 0x40); /* RFC 4122 section 4.4: version 4 */
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
    snprintf(out, AZATTEST__GUID_SIZE, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0],
             b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
    return AZATTEST_OK;
}

static azattest_status make_secret(char out[AZATTEST__SECRET_SIZE], azattest_error **error)
{
    azattest_status status;
    unsigned char random[32];
    azattest__buf text;

    azattest__buf_init(&text, AZATTEST__SECRET_SIZE);
    if ((status = azattest__random(random, sizeof(random), error)) == AZATTEST_OK) {
        azattest__base64url_encode(azattest__bytes(random, sizeof(random)), &text);
        if ((status = azattest__error_from_buf(error, &text, "secret")) == AZATTEST_OK)
            memcpy(out, text.ptr, AZATTEST__SECRET_SIZE);
    }
    azattest__wipe(random, sizeof(random));
    azattest__buf_free(&text);
    return status;
}

azattest_status azattest__thumbprint(const azattest__cert *certificate, azattest__hash hash,
                                     char out[AZATTEST__THUMBPRINT_SIZE], azattest_error **error)
{
    azattest_status status;
    unsigned char digest[AZATTEST__HASH_MAX];
    size_t len;
    azattest__buf text;

    azattest__buf_init(&text, AZATTEST__THUMBPRINT_SIZE);
    if ((status = azattest__digest(hash, azattest__cert_der(certificate), digest, &len, error)) == AZATTEST_OK) {
        azattest__base64url_encode(azattest__bytes(digest, len), &text);
        if ((status = azattest__error_from_buf(error, &text, "thumbprint")) == AZATTEST_OK)
            snprintf(out, AZATTEST__THUMBPRINT_SIZE, "%s", (const char *)text.ptr);
    }
    azattest__buf_free(&text);
    return status;
}

const azattest__test_identity *azattest__identity_find(const azattest__issuer *issuer, const char *client_id)
{
    for (size_t i = 0; i < AZATTEST__IDENTITIES; i++)
        if (azattest__text_equal_nocase(issuer->identities[i].client_id, client_id))
            return &issuer->identities[i];
    return NULL;
}

/* ---- identity.json ---- */

static azattest_status make_identities(azattest__issuer *issuer, azattest_error **error)
{
    azattest_status status;

    if ((status = azattest__guid_make(issuer->tenant_id, error)) != AZATTEST_OK ||
        (status = make_secret(issuer->managed_secret, error)) != AZATTEST_OK)
        return status;
    for (size_t i = 0; status == AZATTEST_OK && i < AZATTEST__IDENTITIES; i++) {
        azattest__test_identity *identity = &issuer->identities[i];

        if ((status = azattest__guid_make(identity->client_id, error)) != AZATTEST_OK ||
            (status = azattest__guid_make(identity->object_id, error)) != AZATTEST_OK)
            return status;
        status = make_secret(identity->secret, error);
    }
    return status;
}

static azattest_status write_identities(const azattest__issuer *issuer, const char *path, azattest_error **error)
{
    azattest_status status;
    azattest__json *document = azattest__json_new_object(), *list = azattest__json_new_array();
    azattest__buf text;

    azattest__buf_init(&text, FILE_LIMIT);
    azattest__json_put_string(document, "tenant_id", issuer->tenant_id);
    azattest__json_put_string(document, "managed_secret", issuer->managed_secret);
    for (size_t i = 0; i < AZATTEST__IDENTITIES; i++) {
        azattest__json *entry = azattest__json_new_object();

        azattest__json_put_string(entry, "name", issuer->identities[i].name);
        azattest__json_put_string(entry, "client_id", issuer->identities[i].client_id);
        azattest__json_put_string(entry, "object_id", issuer->identities[i].object_id);
        azattest__json_put_string(entry, "client_secret", issuer->identities[i].secret);
        azattest__json_add(list, entry);
    }
    azattest__json_put(document, "identities", list);
    if ((status = azattest__json_print(document, true, &text, error)) == AZATTEST_OK)
        status = azattest__file_replace(path, azattest__buf_bytes(&text), 0600, error);
    azattest__buf_free(&text);
    azattest__json_free(document);
    return status;
}

/* A text member of exactly size - 1 characters. */
static bool read_text(const azattest__json *object, const char *name, char *out, size_t size)
{
    const char *text = azattest__json_get_string(object, name);

    if (text == NULL || strlen(text) != size - 1)
        return false;
    memcpy(out, text, size);
    return true;
}

static azattest_status read_identities(azattest__issuer *issuer, const char *path, azattest_bytes text,
                                       azattest_error **error)
{
    azattest_status status;
    azattest__json *document = NULL;
    const azattest__json *entry;
    size_t i = 0;

    if ((status = azattest__json_parse(text, &document, error)) != AZATTEST_OK) {
        azattest__error_prefix(error, "%s", path);
        return status;
    }
    entry = azattest__json_first(azattest__json_get(document, "identities"));
    if (!read_text(document, "tenant_id", issuer->tenant_id, AZATTEST__GUID_SIZE) ||
        !read_text(document, "managed_secret", issuer->managed_secret, AZATTEST__SECRET_SIZE))
        entry = NULL;
    for (; entry != NULL && i < AZATTEST__IDENTITIES; entry = azattest__json_next(entry), i++) {
        azattest__test_identity *identity = &issuer->identities[i];

        if (!read_text(entry, "client_id", identity->client_id, AZATTEST__GUID_SIZE) ||
            !read_text(entry, "object_id", identity->object_id, AZATTEST__GUID_SIZE) ||
            !read_text(entry, "client_secret", identity->secret, AZATTEST__SECRET_SIZE))
            break;
    }
    if (i != AZATTEST__IDENTITIES)
        status =
            azattest__error_set(error, AZATTEST_E_STATE,
                                "%s does not hold the identities of a local service; remove it to get new ones", path);
    azattest__json_free(document);
    return status;
}

static azattest_status open_identities(azattest__issuer *issuer, const azattest__state *state, azattest_error **error)
{
    azattest_status status;
    char *path = azattest__state_path(state, "identity.json");
    azattest__buf text;
    bool found;

    azattest__buf_init(&text, FILE_LIMIT);
    if (path == NULL)
        status = azattest__error_memory(error);
    else if ((status = azattest__file_read(path, &text, &found, error)) == AZATTEST_OK && found)
        status = read_identities(issuer, path, azattest__buf_bytes(&text), error);
    else if (status == AZATTEST_OK && (status = make_identities(issuer, error)) == AZATTEST_OK)
        status = write_identities(issuer, path, error);
    azattest__buf_free(&text);
    free(path);
    return status;
}

/* ---- keys and certificates ---- */

static azattest_status issue(const char *common_name, const azattest__key *key, azattest__cert **out,
                             azattest_error **error)
{
    int64_t now_s = azattest__clock_now_ms(NULL) / 1000;
    azattest__cert_request request = { .common_name = common_name,
                                       .not_before = now_s - DAY_S,
                                       .not_after = now_s + 3650 * (int64_t)DAY_S,
                                       .path_length = -1 };

    return azattest__cert_issue(&request, key, NULL, NULL, out, error);
}

static azattest_status make_pair(const char *common_name, const char *path, azattest__key **key,
                                 azattest__cert **certificate, azattest_error **error)
{
    azattest_status status;
    azattest__buf pem;

    azattest__buf_init(&pem, FILE_LIMIT);
    if ((status = azattest__key_generate_rsa(2048, key, error)) != AZATTEST_OK ||
        (status = issue(common_name, *key, certificate, error)) != AZATTEST_OK ||
        (status = azattest__key_private_pem(*key, &pem, error)) != AZATTEST_OK)
        goto done;
    azattest__pem_encode("CERTIFICATE", azattest__cert_der(*certificate), &pem);
    if ((status = azattest__error_from_buf(error, &pem, path)) == AZATTEST_OK)
        status = azattest__file_replace(path, azattest__buf_bytes(&pem), 0600, error);
done:
    azattest__buf_free(&pem);
    return status;
}

static azattest_status read_pair(azattest_bytes pem, azattest__key **key, azattest__cert **certificate,
                                 azattest_error **error)
{
    azattest_status status;
    azattest_bytes block, body;
    size_t offset = 0;
    azattest__buf der;

    azattest__buf_init(&der, AZATTEST_LIMIT_CERTIFICATE);
    if ((status = azattest__key_from_private_pem(pem, key, error)) != AZATTEST_OK)
        goto done;
    if (!azattest__pem_next(pem, "CERTIFICATE", &offset, &block, &body) || !azattest__pem_decode_body(body, &der))
        status = azattest__error_set(error, AZATTEST_E_MALFORMED, "no certificate behind the key");
    else if ((status = azattest__cert_parse(azattest__buf_bytes(&der), certificate, error)) == AZATTEST_OK &&
             !azattest__key_equal(*key, azattest__cert_key(*certificate)))
        status = azattest__error_set(error, AZATTEST_E_MALFORMED, "the certificate holds another key");
done:
    azattest__buf_free(&der);
    return status;
}

/* A kept key with its certificate, or a new one. */
static azattest_status open_pair(const char *common_name, const char *path, azattest__key **key,
                                 azattest__cert **certificate, azattest_error **error)
{
    azattest_status status;
    azattest__buf pem;
    bool found;

    azattest__buf_init(&pem, FILE_LIMIT);
    if ((status = azattest__file_read(path, &pem, &found, error)) != AZATTEST_OK)
        goto done;
    if (!found)
        status = make_pair(common_name, path, key, certificate, error);
    else if ((status = read_pair(azattest__buf_bytes(&pem), key, certificate, error)) != AZATTEST_OK)
        azattest__error_prefix(error, "%s", path);
done:
    azattest__buf_free(&pem);
    return status;
}

/* The file that a pod would find: a token of a made-up cluster. Made anew at each start, and good for a year. */
static azattest_status write_federated_token(const azattest__issuer *issuer, azattest_error **error)
{
    azattest_status status;
    int64_t now_s = azattest__clock_now_ms(&issuer->clock) / 1000;
    azattest__json *claims = azattest__json_new_object();
    azattest__buf text, token;

    azattest__buf_init(&text, AZATTEST_LIMIT_TOKEN_BODY);
    azattest__buf_init(&token, AZATTEST_LIMIT_TOKEN);
    azattest__json_put_string(claims, "aud", AZATTEST__FEDERATION_AUDIENCE);
    azattest__json_put_integer(claims, "exp", now_s + 366 * (int64_t)DAY_S);
    azattest__json_put_integer(claims, "iat", now_s);
    azattest__json_put_string(claims, "iss", AZATTEST__FEDERATION_ISSUER);
    azattest__json_put_integer(claims, "nbf", now_s);
    azattest__json_put_string(claims, "sub", AZATTEST__FEDERATION_SUBJECT);
    if ((status = azattest__json_print(claims, false, &text, error)) == AZATTEST_OK &&
        (status =
             azattest__jws_create(azattest__text("{\"alg\":\"ES256\",\"typ\":\"JWT\"}"), azattest__buf_bytes(&text),
                                  issuer->federation_key, AZATTEST__ES256, &token, error)) == AZATTEST_OK)
        status = azattest__file_replace(issuer->federated_token_file, azattest__buf_bytes(&token), 0600, error);
    azattest__buf_free(&token);
    azattest__buf_free(&text);
    azattest__json_free(claims);
    return status;
}

azattest_status azattest__identities_open(azattest__issuer *issuer, const azattest__state *state,
                                          azattest_error **error)
{
    static const struct {
        const char *name;
        azattest__access access;
    } made[AZATTEST__IDENTITIES] = { { "contributor", AZATTEST__CONTRIBUTOR },
                                     { "reader", AZATTEST__READER },
                                     { "none", AZATTEST__ANYBODY } };
    azattest_status status;
    azattest__key *client_key = NULL;
    char *key_file = azattest__state_path(state, "issuer-key.pem");

    for (size_t i = 0; i < AZATTEST__IDENTITIES; i++) {
        issuer->identities[i].name = made[i].name;
        issuer->identities[i].access = made[i].access;
    }
    if (key_file == NULL ||
        (issuer->certificate_file = azattest__state_path(state, "client-certificate.pem")) == NULL ||
        (issuer->federated_token_file = azattest__state_path(state, "federated-token")) == NULL ||
        (issuer->arc_file = azattest__state_path(state, "arc.key")) == NULL) {
        status = azattest__error_memory(error);
        goto done;
    }
    if ((status = open_identities(issuer, state, error)) != AZATTEST_OK ||
        (status = open_pair("azattest token issuer", key_file, &issuer->key, &issuer->certificate, error)) !=
            AZATTEST_OK ||
        (status = open_pair("azattest test client", issuer->certificate_file, &client_key, &issuer->client_certificate,
                            error)) != AZATTEST_OK ||
        (status = azattest__thumbprint(issuer->certificate, AZATTEST__SHA1, issuer->key_thumbprint, error)) !=
            AZATTEST_OK ||
        (status = azattest__thumbprint(issuer->client_certificate, AZATTEST__SHA1, issuer->client_sha1, error)) !=
            AZATTEST_OK ||
        (status = azattest__thumbprint(issuer->client_certificate, AZATTEST__SHA256, issuer->client_sha256, error)) !=
            AZATTEST_OK ||
        (status = azattest__key_generate_ec("P-256", &issuer->federation_key, error)) != AZATTEST_OK ||
        (status = write_federated_token(issuer, error)) != AZATTEST_OK)
        goto done;
    status = azattest__file_replace(issuer->arc_file, azattest__text(issuer->managed_secret), 0600, error);
done:
    azattest__key_free(client_key);
    free(key_file);
    return status;
}
