#include "jwe.h"

#include <azattest/limits.h>

#include "../base/encoding.h"

#define ENCRYPTION "A256GCM"

static const char *algorithm_of(const azattest__key *key)
{
    return azattest__key_curve(key) == NULL ? "RSA-OAEP-256" : "ECDH-ES";
}

/* A length of four bytes, big-endian, and the bytes. */
static void append_counted(azattest__buf *out, azattest_bytes bytes)
{
    unsigned char length[4] = { (unsigned char)(bytes.len >> 24), (unsigned char)(bytes.len >> 16),
                                (unsigned char)(bytes.len >> 8), (unsigned char)bytes.len };

    azattest__buf_append(out, length, sizeof(length));
    azattest__buf_append_bytes(out, bytes);
}

azattest_status azattest__concat_kdf(azattest_bytes shared, const char *algorithm, azattest_bytes party_u,
                                     azattest_bytes party_v, unsigned char *out, size_t out_len, azattest_error **error)
{
    static const unsigned char round[4] = { 0, 0, 0, 1 };
    unsigned char bits[4] = { 0, 0, (unsigned char)(out_len * 8 >> 8), (unsigned char)(out_len * 8) };
    unsigned char hash[AZATTEST__SHA256_SIZE];
    azattest_status status;
    azattest__buf text;

    azattest__buf_init(&text, AZATTEST_LIMIT_SEALED_HEADER);
    azattest__buf_append(&text, round, sizeof(round));
    azattest__buf_append_bytes(&text, shared);
    append_counted(&text, azattest__text(algorithm));
    append_counted(&text, party_u);
    append_counted(&text, party_v);
    azattest__buf_append(&text, bits, sizeof(bits));
    if ((status = azattest__error_from_buf(error, &text, "key derivation")) == AZATTEST_OK &&
        (status = azattest__sha256(azattest__buf_bytes(&text), hash, error)) == AZATTEST_OK)
        memcpy(out, hash, out_len < sizeof(hash) ? out_len : sizeof(hash));
    azattest__wipe(hash, sizeof(hash));
    azattest__buf_free(&text);
    return status;
}

/* The content's key by key agreement. */
static azattest_status agree(const azattest__key *own, const azattest__key *peer,
                             unsigned char content_key[AZATTEST__AES_KEY], azattest_error **error)
{
    azattest_bytes nobody = { NULL, 0 };
    azattest_status status;
    azattest__buf shared;

    azattest__buf_init(&shared, 128);
    if ((status = azattest__ecdh(own, peer, &shared, error)) == AZATTEST_OK)
        status = azattest__concat_kdf(azattest__buf_bytes(&shared), ENCRYPTION, nobody, nobody, content_key,
                                      AZATTEST__AES_KEY, error);
    azattest__buf_free(&shared);
    return status;
}

/* {"alg":...,"enc":...,"epk":...,"kid":...} in base64url, followed by its dot. */
static azattest_status put_header(const azattest__key *key, const azattest__key *ephemeral, const char *key_id,
                                  azattest__buf *out, azattest_error **error)
{
    azattest__json *header = azattest__json_new_object(), *epk = NULL;
    azattest_status status = AZATTEST_OK;
    azattest__buf text;

    azattest__buf_init(&text, AZATTEST_LIMIT_SEALED_HEADER);
    azattest__json_put_string(header, "alg", algorithm_of(key));
    azattest__json_put_string(header, "enc", ENCRYPTION);
    if (ephemeral != NULL && (status = azattest__jwk_from_key(ephemeral, &epk, error)) == AZATTEST_OK)
        azattest__json_put(header, "epk", epk);
    if (key_id != NULL)
        azattest__json_put_string(header, "kid", key_id);
    if (status == AZATTEST_OK)
        status = azattest__json_print(header, false, &text, error);
    if (status == AZATTEST_OK) {
        azattest__base64url_encode(azattest__buf_bytes(&text), out);
        status = azattest__error_from_buf(error, out, "sealed secret");
    }
    azattest__json_free(header);
    azattest__buf_free(&text);
    return status;
}

azattest_status azattest__jwe_seal(const azattest__key *key, const char *key_id, azattest_bytes secret,
                                   azattest__buf *out, azattest_error **error)
{
    unsigned char content_key[AZATTEST__AES_KEY], iv[AZATTEST__GCM_IV], tag[AZATTEST__GCM_TAG];
    azattest__key *ephemeral = NULL;
    azattest__buf wrapped, sealed;
    azattest_status status;
    size_t start = out->len, header_len;

    azattest__buf_init(&wrapped, AZATTEST_LIMIT_SIGNATURE);
    azattest__buf_init(&sealed, AZATTEST_LIMIT_SECRET);
    if ((status = azattest__key_encrypts(key, error)) != AZATTEST_OK ||
        (status = azattest__random(iv, sizeof(iv), error)) != AZATTEST_OK)
        goto done;
    if (azattest__key_curve(key) == NULL) {
        if ((status = azattest__random(content_key, sizeof(content_key), error)) != AZATTEST_OK ||
            (status = azattest__rsa_oaep_encrypt(key, azattest__bytes(content_key, sizeof(content_key)), &wrapped,
                                                 error)) != AZATTEST_OK)
            goto done;
    } else if ((status = azattest__key_ephemeral(key, &ephemeral, error)) != AZATTEST_OK ||
               (status = agree(ephemeral, key, content_key, error)) != AZATTEST_OK) {
        goto done;
    }
    if ((status = put_header(key, ephemeral, key_id, out, error)) != AZATTEST_OK)
        goto done;
    header_len = out->len - start;
    if ((status = azattest__gcm_seal(content_key, iv, azattest__bytes(out->ptr + start, header_len), secret, &sealed,
                                     tag, error)) != AZATTEST_OK)
        goto done;
    azattest__buf_append_text(out, ".");
    azattest__base64url_encode(azattest__buf_bytes(&wrapped), out);
    azattest__buf_append_text(out, ".");
    azattest__base64url_encode(azattest__bytes(iv, sizeof(iv)), out);
    azattest__buf_append_text(out, ".");
    azattest__base64url_encode(azattest__buf_bytes(&sealed), out);
    azattest__buf_append_text(out, ".");
    azattest__base64url_encode(azattest__bytes(tag, sizeof(tag)), out);
    status = azattest__error_from_buf(error, out, "sealed secret");
done:
    azattest__wipe(content_key, sizeof(content_key));
    azattest__key_free(ephemeral);
    azattest__buf_free(&wrapped);
    azattest__buf_free(&sealed);
    return status;
}

enum { HEADER, WRAPPED, IV, SEALED, TAG, PARTS };

/* A sealed secret taken apart. */
typedef struct parts {
    azattest_bytes authenticated; /* the header's characters */
    azattest__buf decoded[PARTS];
    azattest__json *header;
} parts;

static azattest_status malformed(azattest_error **error, const char *reason)
{
    return azattest__error_set(error, AZATTEST_E_MALFORMED, "sealed secret: %s", reason);
}

static void parts_clear(parts *from)
{
    for (size_t i = 0; i < PARTS; i++)
        azattest__buf_free(&from->decoded[i]);
    azattest__json_free(from->header);
}

static azattest_status split(azattest_bytes text, parts *out, azattest_error **error)
{
    static const size_t limits[] = { AZATTEST_LIMIT_SEALED_HEADER, AZATTEST_LIMIT_SIGNATURE, AZATTEST__GCM_IV,
                                     AZATTEST_LIMIT_SECRET, AZATTEST__GCM_TAG };
    static const char *const names[] = { "header", "encrypted key", "IV", "ciphertext", "tag" };
    const char *start = text.ptr, *end = start + text.len;

    for (size_t i = 0; i < PARTS; i++) {
        const char *dot = start == end ? NULL : memchr(start, '.', (size_t)(end - start));
        azattest_bytes part = azattest__bytes(start, (size_t)((dot == NULL ? end : dot) - start));

        if ((dot == NULL) != (i == PARTS - 1))
            return malformed(error, "it has to have five parts with a dot between each two (RFC 7516 section 3.1)");
        if (i == HEADER)
            out->authenticated = part;
        if (part.len / 4 * 3 + part.len % 4 * 3 / 4 > limits[i])
            return azattest__error_set(error, AZATTEST_E_MALFORMED, "sealed secret: the %s has more than %zu bytes",
                                       names[i], limits[i]);
        azattest__buf_init(&out->decoded[i], limits[i]);
        if (!azattest__base64url_decode(part, &out->decoded[i]))
            return out->decoded[i].status == AZATTEST_E_MEMORY
                       ? azattest__error_memory(error)
                       : azattest__error_set(error, AZATTEST_E_MALFORMED,
                                             "sealed secret: the %s is not base64url without padding", names[i]);
        start = dot == NULL ? end : dot + 1;
    }
    if (out->decoded[IV].len != AZATTEST__GCM_IV || out->decoded[TAG].len != AZATTEST__GCM_TAG)
        return malformed(error, "the IV has to have 12 bytes, and the tag 16");
    return AZATTEST_OK;
}

static bool is_one_of(const char *name, const char *const *names)
{
    for (; *names != NULL; names++)
        if (strcmp(name, *names) == 0)
            return true;
    return false;
}

/* No member but those. */
static azattest_status check_members(const azattest__json *object, const char *where, const char *const *names,
                                     azattest_error **error)
{
    for (const azattest__json *member = azattest__json_first(object); member != NULL;
         member = azattest__json_next(member))
        if (!is_one_of(azattest__json_name(member), names))
            return azattest__error_set(error, AZATTEST_E_MALFORMED,
                                       "sealed secret: a member of the %s is not understood; no compression, no "
                                       "critical extension and no party information is taken",
                                       where);
    return AZATTEST_OK;
}

static azattest_status check_text(const azattest__json *object, const char *name, const char *wanted,
                                  azattest_error **error)
{
    const char *text = azattest__json_get_string(object, name);

    if (text != NULL && strcmp(text, wanted) == 0)
        return AZATTEST_OK;
    return azattest__error_set(error, AZATTEST_E_SECRET,
                               "sealed secret: \"%s\" is %s, and for this key it has to be \"%s\"", name,
                               text == NULL ? "missing or no text" : "another", wanted);
}

static azattest_status read_header(const azattest__key *key, parts *from, azattest_error **error)
{
    static const char *const with_rsa[] = { "alg", "enc", "kid", NULL };
    static const char *const with_ec[] = { "alg", "enc", "kid", "epk", NULL };
    azattest_error *reason = NULL;
    azattest_status status = azattest__json_parse(azattest__buf_bytes(&from->decoded[HEADER]), &from->header, &reason);

    if (status == AZATTEST_E_MEMORY)
        status = azattest__error_memory(error);
    else if (status != AZATTEST_OK)
        status = azattest__error_set(error, AZATTEST_E_MALFORMED, "sealed secret: header: %s",
                                     azattest_error_message(reason));
    else if (!azattest__json_is_object(from->header))
        status = malformed(error, "the header is not a JSON object");
    azattest_error_free(reason);
    if (status != AZATTEST_OK || (status = check_text(from->header, "alg", algorithm_of(key), error)) != AZATTEST_OK ||
        (status = check_text(from->header, "enc", ENCRYPTION, error)) != AZATTEST_OK ||
        (status = check_members(from->header, "header", azattest__key_curve(key) == NULL ? with_rsa : with_ec,
                                error)) != AZATTEST_OK)
        return status;
    if (azattest__json_get(from->header, "kid") != NULL && azattest__json_get_string(from->header, "kid") == NULL)
        return malformed(error, "\"kid\" is not text");
    return AZATTEST_OK;
}

/* Which of RSA's ways to fail it was is nobody's business (RFC 7516 section 11.5): then a key of chance decrypts. */
static azattest_status unwrap(const azattest__key *key, const parts *from, unsigned char content_key[AZATTEST__AES_KEY],
                              azattest_error **error)
{
    azattest_status status;
    azattest__buf plain;
    bool opened = false;

    azattest__buf_init(&plain, AZATTEST_LIMIT_SIGNATURE);
    if ((status = azattest__random(content_key, AZATTEST__AES_KEY, error)) == AZATTEST_OK &&
        (status = azattest__rsa_oaep_decrypt(key, azattest__buf_bytes(&from->decoded[WRAPPED]), &plain, &opened,
                                             error)) == AZATTEST_OK &&
        opened && plain.len == AZATTEST__AES_KEY)
        memcpy(content_key, plain.ptr, AZATTEST__AES_KEY);
    azattest__buf_free(&plain);
    return status;
}

/* The sender's key has to be a point on the curve of ours, or what we answer could tell our key. */
static azattest_status agree_with_sender(const azattest__key *key, const parts *from,
                                         unsigned char content_key[AZATTEST__AES_KEY], azattest_error **error)
{
    static const char *const members[] = { "crv", "kty", "x", "y", NULL };
    const azattest__json *epk = azattest__json_get(from->header, "epk");
    azattest__key *peer = NULL;
    azattest_error *reason = NULL;
    azattest_status status;

    if (!azattest__json_is_object(epk) || from->decoded[WRAPPED].len != 0)
        return malformed(error, epk == NULL ? "\"epk\" is missing"
                                            : "\"epk\" is not an object, or there is an "
                                              "encrypted key beside it");
    if ((status = check_members(epk, "ephemeral key", members, error)) != AZATTEST_OK ||
        (status = check_text(epk, "kty", "EC", error)) != AZATTEST_OK ||
        (status = check_text(epk, "crv", azattest__key_curve(key), error)) != AZATTEST_OK)
        return status;
    if ((status = azattest__jwk_key(epk, &peer, &reason)) == AZATTEST_E_MEMORY)
        status = azattest__error_memory(error);
    else if (status != AZATTEST_OK)
        status = azattest__error_set(error, AZATTEST_E_MALFORMED, "sealed secret: \"epk\": %s",
                                     azattest_error_message(reason));
    else
        status = agree(key, peer, content_key, error);
    azattest_error_free(reason);
    azattest__key_free(peer);
    return status;
}

azattest_status azattest__jwe_open(const azattest__key *key, azattest_bytes text, azattest__buf *out,
                                   azattest_error **error)
{
    unsigned char content_key[AZATTEST__AES_KEY];
    azattest_status status;
    parts from = { .header = NULL };
    bool opened = false;

    for (size_t i = 0; i < PARTS; i++)
        azattest__buf_init(&from.decoded[i], 0);
    if (text.ptr == NULL || text.len == 0 || text.len > AZATTEST_LIMIT_SEALED) {
        status = malformed(error, text.len == 0 ? "it is empty" : "it is too large");
        goto done;
    }
    if ((status = azattest__key_encrypts(key, error)) != AZATTEST_OK ||
        (status = split(text, &from, error)) != AZATTEST_OK || (status = read_header(key, &from, error)) != AZATTEST_OK)
        goto done;
    status = azattest__key_curve(key) == NULL ? unwrap(key, &from, content_key, error)
                                              : agree_with_sender(key, &from, content_key, error);
    if (status == AZATTEST_OK)
        status =
            azattest__gcm_open(content_key, from.decoded[IV].ptr, from.authenticated,
                               azattest__buf_bytes(&from.decoded[SEALED]), from.decoded[TAG].ptr, out, &opened, error);
    if (status == AZATTEST_OK && !opened)
        status = azattest__error_set(error, AZATTEST_E_SECRET,
                                     "sealed secret: it does not open: it was sealed to another key, or changed");
done:
    azattest__wipe(content_key, sizeof(content_key));
    parts_clear(&from);
    return status;
}
