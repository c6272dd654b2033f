#include "guest_answer.h"

#include <stdlib.h>

#include <azattest/limits.h>
#include <azattest/secret.h>

#include "../base/encoding.h"
#include "../json/json.h"

/* What the service authenticates beside the token. */
#define AUTHENTICATED "Transport Key"

typedef struct answer {
    azattest__buf key, iv, tag, token; /* the last two as they are encrypted */
} answer;

static void answer_init(answer *a)
{
    azattest__buf_init(&a->key, AZATTEST_LIMIT_SIGNATURE);
    azattest__buf_init(&a->iv, AZATTEST_LIMIT_SIGNATURE);
    azattest__buf_init(&a->tag, AZATTEST_LIMIT_SIGNATURE);
    azattest__buf_init(&a->token, AZATTEST_LIMIT_TOKEN);
}

static void answer_clear(answer *a)
{
    azattest__buf_free(&a->key);
    azattest__buf_free(&a->iv);
    azattest__buf_free(&a->tag);
    azattest__buf_free(&a->token);
}

static azattest_status read_member(const azattest__json *object, const char *name, azattest__buf *out,
                                   azattest_error **error)
{
    const char *text = azattest__json_get_string(object, name);

    if (text == NULL || !azattest__base64_any_decode(azattest__text(text), out) || out->len == 0)
        return out->status != AZATTEST_OK
                   ? azattest__error_from_buf(error, out, name)
                   : azattest__error_set(error, AZATTEST_E_MALFORMED,
                                         "sealed answer: \"%s\" is absent, empty or not base64", name);
    return AZATTEST_OK;
}

/* Absent is as good as the one value that is known. */
static azattest_status check_member(const azattest__json *object, const char *name, const char *known,
                                    azattest_error **error)
{
    const azattest__json *member = azattest__json_get(object, name);
    const char *text = azattest__json_string(member);

    return member == NULL || (text != NULL && azattest__text_equal_nocase(text, known))
               ? AZATTEST_OK
               : azattest__error_set(error, AZATTEST_E_UNSUPPORTED, "sealed answer: \"%s\" is not \"%s\"", name, known);
}

static azattest_status read_params(const azattest__json *document, answer *out, azattest_error **error)
{
    const azattest__json *params = azattest__json_get(document, "EncryptionParams"), *bits;
    azattest_status status;
    int64_t size = 8 * AZATTEST__AES_KEY;

    if ((status = check_member(params, "Cipher", "AES", error)) != AZATTEST_OK ||
        (status = check_member(params, "BlockMode", "ChainingModeGCM", error)) != AZATTEST_OK)
        return status;
    bits = azattest__json_get(params, "KeySizeInBits");
    if (bits != NULL && (!azattest__json_integer(bits, &size) || size != 8 * AZATTEST__AES_KEY))
        return azattest__error_set(error, AZATTEST_E_UNSUPPORTED, "sealed answer: a key of another size than %d bits",
                                   8 * AZATTEST__AES_KEY);
    if ((status = read_member(params, "Iv", &out->iv, error)) != AZATTEST_OK)
        return status;
    return out->iv.len == AZATTEST__GCM_IV
               ? AZATTEST_OK
               : azattest__error_set(error, AZATTEST_E_UNSUPPORTED, "sealed answer: an IV of %zu bytes, expected %d",
                                     out->iv.len, AZATTEST__GCM_IV);
}

static azattest_status parse(azattest_bytes sealed, answer *out, azattest_error **error)
{
    azattest__json *document = NULL;
    azattest_status status;
    azattest__buf text;

    azattest__buf_init(&text, AZATTEST_LIMIT_RESPONSE);
    if (sealed.ptr == NULL || !azattest__base64_any_decode(sealed, &text)) {
        status = text.status != AZATTEST_OK
                     ? azattest__error_from_buf(error, &text, "sealed answer")
                     : azattest__error_set(error, AZATTEST_E_MALFORMED, "sealed answer: it is not base64url");
        goto done;
    }
    if ((status = azattest__json_parse(azattest__buf_bytes(&text), &document, error)) != AZATTEST_OK) {
        azattest__error_prefix(error, "sealed answer");
        goto done;
    }
    if ((status = read_member(document, "EncryptedInnerKey", &out->key, error)) != AZATTEST_OK ||
        (status = read_params(document, out, error)) != AZATTEST_OK ||
        (status = read_member(document, "AuthenticationData", &out->tag, error)) != AZATTEST_OK ||
        (status = read_member(document, "Jwt", &out->token, error)) != AZATTEST_OK)
        goto done;
    if (out->tag.len != AZATTEST__GCM_TAG)
        status = azattest__error_set(error, AZATTEST_E_MALFORMED,
                                     "sealed answer: \"AuthenticationData\" has %zu bytes, expected %d", out->tag.len,
                                     AZATTEST__GCM_TAG);
done:
    azattest__json_free(document);
    azattest__buf_free(&text);
    return status;
}

azattest_status azattest_guest_answer_key(azattest_bytes sealed, unsigned char **key, size_t *length,
                                          azattest_error **error)
{
    azattest_status status;
    answer read;

    if (error != NULL)
        *error = NULL;
    if (key != NULL)
        *key = NULL;
    if (key == NULL || length == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "sealed answer: no place for the key, or its length");
    answer_init(&read);
    if ((status = parse(sealed, &read, error)) == AZATTEST_OK)
        *key = azattest__buf_take(&read.key, length);
    answer_clear(&read);
    return status;
}

static azattest_status open_answer(const answer *read, azattest_bytes inner_key, char **token, azattest_error **error)
{
    azattest_status status;
    azattest__buf plain;
    bool opened = false;

    azattest__buf_init(&plain, AZATTEST_LIMIT_TOKEN);
    if (inner_key.ptr == NULL || inner_key.len != AZATTEST__AES_KEY)
        return azattest__error_set(error, AZATTEST_E_SECRET, "sealed answer: an inner key of %zu bytes, expected %d",
                                   inner_key.ptr == NULL ? 0 : inner_key.len, AZATTEST__AES_KEY);
    if ((status = azattest__gcm_open(inner_key.ptr, read->iv.ptr, azattest__text(AUTHENTICATED),
                                     azattest__buf_bytes(&read->token), read->tag.ptr, &plain, &opened, error)) !=
        AZATTEST_OK)
        goto done;
    if (!opened || memchr(plain.ptr, 0, plain.len) != NULL)
        status = azattest__error_set(error, AZATTEST_E_SECRET,
                                     "sealed answer: sealed with another key, or changed on the way");
    else
        *token = (char *)azattest__buf_take(&plain, NULL);
done:
    azattest__buf_free(&plain);
    return status;
}

azattest_status azattest_guest_answer_open(azattest_bytes sealed, azattest_bytes inner_key, char **token,
                                           azattest_error **error)
{
    azattest_status status;
    answer read;

    if (error != NULL)
        *error = NULL;
    if (token == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "sealed answer: no place for the token");
    *token = NULL;
    answer_init(&read);
    if ((status = parse(sealed, &read, error)) == AZATTEST_OK)
        status = open_answer(&read, inner_key, token, error);
    answer_clear(&read);
    return status;
}

azattest_status azattest_guest_answer_open_with_key(azattest_bytes sealed, azattest_bytes private_key,
                                                    const char *passphrase, char **token, azattest_error **error)
{
    azattest__key *key = NULL;
    azattest_status status;
    azattest__buf inner;
    bool opened = false;
    answer read;

    if (error != NULL)
        *error = NULL;
    if (token == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "sealed answer: no place for the token");
    *token = NULL;
    if (private_key.ptr == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "sealed answer: no private key");
    answer_init(&read);
    azattest__buf_init(&inner, AZATTEST_LIMIT_SIGNATURE);
    if ((status = parse(sealed, &read, error)) != AZATTEST_OK ||
        (status = azattest__key_from_encrypted_pem(private_key, passphrase, &key, error)) != AZATTEST_OK)
        goto done;
    if (azattest__key_curve(key) != NULL)
        status = azattest__error_set(error, AZATTEST_E_SECRET, "sealed answer: it is sealed to an RSA key, this is %s",
                                     azattest__key_curve(key));
    else if ((status = azattest__rsa_es_decrypt(key, azattest__buf_bytes(&read.key), &inner, &opened, error)) ==
             AZATTEST_OK)
        status = opened ? open_answer(&read, azattest__buf_bytes(&inner), token, error)
                        : azattest__error_set(error, AZATTEST_E_SECRET,
                                              "sealed answer: sealed to another key, or changed on the way");
done:
    azattest__buf_free(&inner);
    answer_clear(&read);
    azattest__key_free(key);
    return status;
}

/* ---- the other side ---- */

static void put_base64(azattest__json *object, const char *name, azattest_bytes bytes)
{
    azattest__buf text;

    azattest__buf_init(&text, 2 * AZATTEST_LIMIT_TOKEN);
    azattest__base64_encode(bytes, &text);
    azattest__json_put_bytes_text(object, name, azattest__buf_bytes(&text));
    azattest__buf_free(&text);
}

static azattest_status write_answer(const answer *made, azattest__buf *out, azattest_error **error)
{
    azattest__json *document = azattest__json_new_object(), *params = azattest__json_new_object();
    azattest_status status;
    azattest__buf text;

    azattest__buf_init(&text, AZATTEST_LIMIT_RESPONSE);
    azattest__json_put_string(params, "Cipher", "AES");
    azattest__json_put_string(params, "BlockMode", "ChainingModeGCM");
    azattest__json_put_string(params, "BlockPadding", "PKCS7");
    azattest__json_put_integer(params, "KeySizeInBits", 8 * AZATTEST__AES_KEY);
    put_base64(params, "Iv", azattest__buf_bytes(&made->iv));
    put_base64(document, "EncryptedInnerKey", azattest__buf_bytes(&made->key));
    azattest__json_put(document, "EncryptionParams", params);
    put_base64(document, "AuthenticationData", azattest__buf_bytes(&made->tag));
    put_base64(document, "Jwt", azattest__buf_bytes(&made->token));
    if ((status = azattest__json_print(document, false, &text, error)) == AZATTEST_OK) {
        azattest__base64url_encode(azattest__buf_bytes(&text), out);
        status = azattest__error_from_buf(error, out, "sealed answer");
    }
    azattest__buf_free(&text);
    azattest__json_free(document);
    return status;
}

azattest_status azattest__guest_answer_seal(const azattest__key *key, azattest_bytes token, azattest__buf *out,
                                            azattest_error **error)
{
    unsigned char inner[AZATTEST__AES_KEY], *iv, *tag;
    azattest_status status;
    answer made;

    answer_init(&made);
    iv = azattest__buf_grow(&made.iv, AZATTEST__GCM_IV);
    tag = azattest__buf_grow(&made.tag, AZATTEST__GCM_TAG);
    if (iv == NULL || tag == NULL)
        status = azattest__error_memory(error);
    else if ((status = azattest__random(inner, sizeof(inner), error)) == AZATTEST_OK &&
             (status = azattest__random(iv, AZATTEST__GCM_IV, error)) == AZATTEST_OK &&
             (status = azattest__rsa_es_encrypt(key, azattest__bytes(inner, sizeof(inner)), &made.key, error)) ==
                 AZATTEST_OK &&
             (status = azattest__gcm_seal(inner, iv, azattest__text(AUTHENTICATED), token, &made.token, tag, error)) ==
                 AZATTEST_OK)
        status = write_answer(&made, out, error);
    azattest__wipe(inner, sizeof(inner));
    answer_clear(&made);
    return status;
}
