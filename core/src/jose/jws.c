#include "jws.h"

#include <stdlib.h>

#include <azattest/limits.h>

#include "../base/encoding.h"

/* The gate's verdict on a part, told as a fault of the token. */
static azattest_status check_object(azattest_bytes json, const char *part, azattest_error **error)
{
    const unsigned char *p = json.ptr;
    azattest_error *reason = NULL;
    azattest_status status = azattest__json_check(json, &reason);
    size_t i = 0;

    if (status == AZATTEST_E_MEMORY)
        status = azattest__error_memory(error);
    else if (status != AZATTEST_OK)
        status = azattest__error_set(error, AZATTEST_E_TOKEN_MALFORMED, "token %s: %s", part,
                                     azattest_error_message(reason));
    azattest_error_free(reason);
    if (status != AZATTEST_OK)
        return status;
    while (i < json.len && (p[i] == ' ' || p[i] == '\t' || p[i] == '\r' || p[i] == '\n'))
        i++;
    if (i == json.len || p[i] != '{')
        return azattest__error_set(error, AZATTEST_E_TOKEN_MALFORMED, "token %s: not a JSON object", part);
    return AZATTEST_OK;
}

/* Cuts the text at its two dots. */
static bool split(azattest_bytes text, azattest_bytes parts[3])
{
    const char *start = text.ptr, *end = start + text.len;

    for (size_t i = 0; i < 3; i++) {
        const char *dot = start == end ? NULL : memchr(start, '.', (size_t)(end - start));

        if ((dot == NULL) != (i == 2))
            return false;
        parts[i] = azattest__bytes(start, (size_t)((dot == NULL ? end : dot) - start));
        start = dot == NULL ? end : dot + 1;
    }
    return true;
}

static azattest_status check_sizes(const azattest_bytes parts[3], azattest_error **error)
{
    static const char *const names[] = { "header", "body", "signature" };
    static const size_t limits[] = { AZATTEST_LIMIT_TOKEN_HEADER, AZATTEST_LIMIT_TOKEN_BODY, AZATTEST_LIMIT_SIGNATURE };

    if (parts[0].len == 0)
        return azattest__error_set(error, AZATTEST_E_TOKEN_MALFORMED, "token header: empty");
    for (size_t i = 0; i < 3; i++)
        if (parts[i].len / 4 * 3 + parts[i].len % 4 * 3 / 4 > limits[i])
            return azattest__error_set(error, AZATTEST_E_TOKEN_MALFORMED,
                                       "token %s: too large, at most %zu bytes are accepted", names[i], limits[i]);
    return AZATTEST_OK;
}

/* Decodes the three parts behind the copy of the text; each is followed by a NUL. */
static azattest_status decode(const azattest_bytes parts[3], unsigned char *at, azattest_bytes decoded[3],
                              azattest_error **error)
{
    static const char *const names[] = { "header", "body", "signature" };

    for (size_t i = 0; i < 3; i++) {
        size_t len = 0;

        if (!azattest__base64url_decode_into(parts[i], at, &len))
            return azattest__error_set(error, AZATTEST_E_TOKEN_MALFORMED,
                                       "token %s: not base64url without padding (RFC 7515 section 2)", names[i]);
        decoded[i] = azattest__bytes(at, len);
        at += len;
        *at++ = '\0';
    }
    return AZATTEST_OK;
}

azattest_status azattest__jws_parse(azattest_bytes text, azattest__jws *out, azattest_error **error)
{
    azattest_status status;
    azattest__jws jws = { .memory = NULL };
    azattest_bytes parts[3], decoded[3];

    *out = jws;
    if (text.ptr == NULL || text.len == 0)
        return azattest__error_set(error, AZATTEST_E_TOKEN_MALFORMED, "token: empty");
    if (text.len > AZATTEST_LIMIT_TOKEN)
        return azattest__error_set(error, AZATTEST_E_TOKEN_MALFORMED, "token: %zu bytes, at most %u are accepted",
                                   text.len, AZATTEST_LIMIT_TOKEN);
    if (!split(text, parts))
        return azattest__error_set(error, AZATTEST_E_TOKEN_MALFORMED,
                                   "token: a compact token has three parts with a dot between each two");
    if ((status = check_sizes(parts, error)) != AZATTEST_OK)
        return status;
    /* The text, its NUL, and the parts with one each: decoded bytes are at most three quarters of the characters. */
    if ((jws.memory = malloc(text.len + 1 + text.len / 4 * 3 + 3 + 3)) == NULL)
        return azattest__error_memory(error);
    memcpy(jws.memory, text.ptr, text.len);
    jws.memory[text.len] = '\0';
    jws.text = azattest__bytes(jws.memory, text.len);
    jws.signed_elements = azattest__bytes(jws.memory, parts[0].len + 1 + parts[1].len);
    if ((status = decode(parts, (unsigned char *)jws.memory + text.len + 1, decoded, error)) != AZATTEST_OK)
        goto done;
    jws.header = decoded[0];
    jws.body = decoded[1];
    jws.signature = decoded[2];
    if ((status = check_object(jws.header, "header", error)) != AZATTEST_OK)
        goto done;
    if (jws.body.len > 0 && (status = check_object(jws.body, "body", error)) != AZATTEST_OK)
        goto done;
    *out = jws;
    jws.memory = NULL;
done:
    azattest__jws_clear(&jws);
    return status;
}

void azattest__jws_clear(azattest__jws *jws)
{
    if (jws->memory != NULL)
        azattest__wipe(jws->memory, jws->text.len + 1 + jws->text.len / 4 * 3 + 3 + 3);
    free(jws->memory);
    *jws = (azattest__jws){ .memory = NULL };
}

azattest_status azattest__jws_create(azattest_bytes header_json, azattest_bytes body, const azattest__key *key,
                                     azattest__alg alg, azattest__buf *out, azattest_error **error)
{
    azattest_status status;
    azattest__buf signature;
    size_t start = out->len;

    azattest__buf_init(&signature, AZATTEST_LIMIT_SIGNATURE);
    azattest__base64url_encode(header_json, out);
    azattest__buf_append_text(out, ".");
    azattest__base64url_encode(body, out);
    if ((status = azattest__error_from_buf(error, out, "token")) != AZATTEST_OK)
        goto done;
    if (key != NULL && (status = azattest__key_sign(key, alg, azattest__bytes(out->ptr + start, out->len - start),
                                                    &signature, error)) != AZATTEST_OK)
        goto done;
    azattest__buf_append_text(out, ".");
    azattest__base64url_encode(azattest__buf_bytes(&signature), out);
    status = azattest__error_from_buf(error, out, "token");
done:
    azattest__buf_free(&signature);
    return status;
}

azattest_status azattest__service_key_id_of_pem(const char *pem, char id[AZATTEST__SERVICE_KEY_ID],
                                                unsigned char hash[AZATTEST__SHA256_SIZE], azattest_error **error)
{
    azattest_status status;
    azattest__buf text;

    azattest__buf_init(&text, AZATTEST__SERVICE_KEY_ID);
    /* The service hashes a C string with its end. */
    if ((status = azattest__sha256(azattest__bytes(pem, strlen(pem) + 1), hash, error)) != AZATTEST_OK)
        return status;
    azattest__base64_encode(azattest__bytes(hash, AZATTEST__SHA256_SIZE), &text);
    if ((status = azattest__error_from_buf(error, &text, "key id")) == AZATTEST_OK)
        memcpy(id, text.ptr, AZATTEST__SERVICE_KEY_ID);
    azattest__buf_free(&text);
    return status;
}

azattest_status azattest__service_key_id(const azattest__key *key, char id[AZATTEST__SERVICE_KEY_ID],
                                         unsigned char hash[AZATTEST__SHA256_SIZE], azattest_error **error)
{
    azattest_status status;
    azattest__buf pem;

    azattest__buf_init(&pem, AZATTEST_LIMIT_CERTIFICATE);
    if ((status = azattest__key_public_pem(key, &pem, error)) == AZATTEST_OK)
        status = azattest__service_key_id_of_pem((const char *)pem.ptr, id, hash, error);
    azattest__buf_free(&pem);
    return status;
}

bool azattest__is_service_key_id(const char *key_id)
{
    azattest__buf hash;
    bool has_form;

    azattest__buf_init(&hash, AZATTEST__SERVICE_KEY_ID);
    has_form = key_id != NULL && strlen(key_id) == AZATTEST__SERVICE_KEY_ID - 1 &&
               azattest__base64_decode(azattest__text(key_id), &hash) && hash.len == AZATTEST__SHA256_SIZE;
    azattest__buf_free(&hash);
    return has_form;
}
