/* What is kept of an answer: "azattest-collateral 1 ", the SHA-256 of the rest, a line end, and one JSON object. The
 * hash is against damage, not against forgery: what is kept is signed by its maker, and passes the readers again. */
#include "collateral.h"

#include <stdlib.h>
#include <string.h>

#include <azattest/limits.h>

#include "../base/encoding.h"
#include "../crypto/crypto.h"

static const char magic[] = "azattest-collateral 1 ";
#define MAGIC_LEN (sizeof(magic) - 1)
#define HEADER_LEN (MAGIC_LEN + 2 * AZATTEST__SHA256_SIZE + 1)

static void put_base64(azattest__json *object, const char *name, azattest_bytes data)
{
    azattest__buf text;

    azattest__buf_init(&text, AZATTEST_LIMIT_COLLATERAL_RECORD);
    azattest__base64_encode(data, &text);
    azattest__json_put_bytes_text(
        object, name, text.status == AZATTEST_OK && text.ptr != NULL ? azattest__buf_bytes(&text) : azattest__text(""));
    azattest__buf_free(&text);
}

azattest_status azattest__collateral_record_write(const char *key, azattest__collateral_item item, int64_t fetched_ms,
                                                  int64_t fresh_until_ms, azattest_bytes chain, azattest_bytes body,
                                                  azattest__buf *out, azattest_error **error)
{
    azattest__json *object = azattest__json_new_object();
    unsigned char hash[AZATTEST__SHA256_SIZE];
    azattest_status status;
    azattest__buf text;

    azattest__buf_init(&text, AZATTEST_LIMIT_COLLATERAL_RECORD);
    azattest__json_put_string(object, "key", key);
    azattest__json_put_string(object, "item", azattest__collateral_item_name(item));
    azattest__json_put_integer(object, "fetched_ms", fetched_ms);
    azattest__json_put_integer(object, "fresh_until_ms", fresh_until_ms);
    put_base64(object, "issuer_chain", chain);
    put_base64(object, "body", body);
    if ((status = azattest__json_print(object, false, &text, error)) != AZATTEST_OK ||
        (status = azattest__sha256(azattest__buf_bytes(&text), hash, error)) != AZATTEST_OK)
        goto done;
    azattest__buf_append_text(out, magic);
    azattest__hex_encode(azattest__bytes(hash, sizeof(hash)), out);
    azattest__buf_append_text(out, "\n");
    azattest__buf_append_bytes(out, azattest__buf_bytes(&text));
    status = azattest__error_from_buf(error, out, "record of collateral");
done:
    azattest__buf_free(&text);
    azattest__json_free(object);
    return status;
}

static azattest_status damaged(azattest_error **error, const char *what)
{
    return azattest__error_set(error, AZATTEST_E_MALFORMED, "record of collateral: %s", what);
}

static azattest_status check_hash(azattest_bytes text, azattest_bytes *rest, azattest_error **error)
{
    const char *p = text.ptr;
    unsigned char hash[AZATTEST__SHA256_SIZE], stated[AZATTEST__SHA256_SIZE];
    azattest_status status;

    if (text.len > AZATTEST_LIMIT_COLLATERAL_RECORD)
        return azattest__error_set(error, AZATTEST_E_LIMIT, "record of collateral: more than %u bytes",
                                   AZATTEST_LIMIT_COLLATERAL_RECORD);
    if (text.len < HEADER_LEN || memcmp(p, magic, MAGIC_LEN) != 0 || p[HEADER_LEN - 1] != '\n')
        return damaged(error, "its first line is not that of one");
    *rest = azattest__bytes(p + HEADER_LEN, text.len - HEADER_LEN);
    if ((status = azattest__sha256(*rest, hash, error)) != AZATTEST_OK)
        return status;
    if (azattest__hex_decode_exactly(azattest__bytes(p + MAGIC_LEN, 2 * sizeof(stated)), stated, sizeof(stated)) &&
        memcmp(stated, hash, sizeof(hash)) == 0)
        return AZATTEST_OK;
    return damaged(error, "its hash is not that of its content");
}

static bool find_item(const char *name, azattest__collateral_item *out)
{
    for (int i = AZATTEST__PCK_CERTIFICATE; name != NULL && i <= AZATTEST__AMD_CERTIFICATES; i++)
        if (strcmp(name, azattest__collateral_item_name((azattest__collateral_item)i)) == 0) {
            *out = (azattest__collateral_item)i;
            return true;
        }
    return false;
}

static azattest_status read_base64(const azattest__json *object, const char *name, azattest__buf *out,
                                   azattest_error **error)
{
    const char *text = azattest__json_get_string(object, name);

    if (text != NULL && azattest__base64_decode(azattest__text(text), out))
        return AZATTEST_OK;
    if (out->status != AZATTEST_OK)
        return azattest__error_from_buf(error, out, name);
    return azattest__error_set(error, AZATTEST_E_MALFORMED, "record of collateral: \"%s\" is no base64 text", name);
}

azattest_status azattest__collateral_record_read(azattest_bytes text, azattest__collateral_record *out,
                                                 azattest_error **error)
{
    azattest__json *object = NULL;
    azattest_status status;
    azattest_bytes rest;
    const char *key;

    memset(out, 0, sizeof(*out));
    azattest__buf_init(&out->chain, AZATTEST_LIMIT_CERTIFICATE_CHAIN);
    azattest__buf_init(&out->body, AZATTEST_LIMIT_COLLATERAL_FILE);
    if ((status = check_hash(text, &rest, error)) != AZATTEST_OK ||
        (status = azattest__json_parse(rest, &object, error)) != AZATTEST_OK)
        goto done;
    key = azattest__json_get_string(object, "key");
    if (key == NULL || strlen(key) >= AZATTEST_COLLATERAL_KEY_SIZE ||
        !find_item(azattest__json_get_string(object, "item"), &out->item) ||
        !azattest__json_integer(azattest__json_get(object, "fetched_ms"), &out->fetched_ms) ||
        !azattest__json_integer(azattest__json_get(object, "fresh_until_ms"), &out->fresh_until_ms)) {
        status = damaged(error, "\"key\", \"item\", \"fetched_ms\" or \"fresh_until_ms\" is missing or strange");
        goto done;
    }
    if ((status = read_base64(object, "issuer_chain", &out->chain, error)) != AZATTEST_OK ||
        (status = read_base64(object, "body", &out->body, error)) != AZATTEST_OK)
        goto done;
    if ((out->key = azattest__dup_text(key)) == NULL)
        status = azattest__error_memory(error);
done:
    azattest__json_free(object);
    if (status != AZATTEST_OK)
        azattest__collateral_record_clear(out);
    return status;
}

void azattest__collateral_record_clear(azattest__collateral_record *record)
{
    free(record->key);
    record->key = NULL;
    azattest__buf_free(&record->chain);
    azattest__buf_free(&record->body);
}
