/* Answers about collateral, and records of them. The first byte chooses the item; up to the first NUL stands the header
 * with the issuer chain, behind it the body. A record that is taken is written again in the same way. */
#include <stdlib.h>
#include <string.h>

#include <azattest/limits.h>

#include "base/encoding.h"
#include "operation/op.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_record(azattest_bytes text)
{
    azattest__collateral_record kept;
    azattest__buf again;

    if (azattest__collateral_record_read(text, &kept, NULL) != AZATTEST_OK)
        return;
    azattest__buf_init(&again, AZATTEST_LIMIT_COLLATERAL_RECORD);
    if (azattest__collateral_record_write(kept.key, kept.item, kept.fetched_ms, kept.fresh_until_ms,
                                          azattest__buf_bytes(&kept.chain), azattest__buf_bytes(&kept.body), &again,
                                          NULL) != AZATTEST_OK)
        abort();
    azattest__buf_free(&again);
    azattest__collateral_record_clear(&kept);
}

/* A record whose hash is right, so that what is behind it is reached. */
static void read_hashed(azattest_bytes text)
{
    unsigned char hash[AZATTEST__SHA256_SIZE];
    azattest__buf whole;

    azattest__buf_init(&whole, 2 * AZATTEST_LIMIT_COLLATERAL_RECORD);
    if (azattest__sha256(text, hash, NULL) != AZATTEST_OK)
        abort();
    azattest__buf_append_text(&whole, "azattest-collateral 1 ");
    azattest__hex_encode(azattest__bytes(hash, sizeof(hash)), &whole);
    azattest__buf_append_text(&whole, "\n");
    azattest__buf_append_bytes(&whole, text);
    read_record(azattest__buf_bytes(&whole));
    azattest__buf_free(&whole);
}

static void read_answer(azattest__collateral_item item, const char *header, azattest_bytes body)
{
    static const char *const names[] = { "SGX-TCB-Info-Issuer-Chain", "SGX-QE-Identity-Issuer-Chain",
                                         "SGX-PCK-CRL-Issuer-Chain", "SGX-PCK-Certificate-Issuer-Chain",
                                         "Cache-Control" };
    azattest__collateral_subject subject = { .is_intel = true, .ca = "platform" };
    azattest_http_response response = AZATTEST_HTTP_RESPONSE_INIT;
    azattest_collateral *set = NULL;
    azattest_header headers[5];
    azattest__buf chain;

    for (size_t i = 0; i < 5; i++)
        headers[i] = (azattest_header){ names[i], header };
    response.status = 200;
    response.headers = headers;
    response.header_count = 5;
    response.body = body;
    azattest__buf_init(&chain, AZATTEST_LIMIT_CERTIFICATE_CHAIN);
    if (azattest_collateral_new(&set, NULL) != AZATTEST_OK)
        abort();
    if (azattest__collateral_life_ms(item, &response) < 0)
        abort();
    if (azattest__collateral_issuer_chain(item, &response, &chain, NULL) == AZATTEST_OK &&
        azattest__collateral_put(item, body, azattest__buf_bytes(&chain), set, NULL) == AZATTEST_OK) {
        (void)azattest__collateral_check_subject(item, &subject, set, NULL);
        (void)azattest_collateral_expires_ms(set);
        if (item == AZATTEST__PCK_CERTIFICATE)
            (void)azattest__collateral_subject_complete(&subject, body, NULL);
    }
    azattest__buf_free(&chain);
    azattest_collateral_free(set);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end;
    char *header;
    size_t len;

    if (size == 0)
        return 0;
    if (data[0] > AZATTEST__AMD_CERTIFICATES) {
        read_record(azattest__bytes(data + 1, size - 1));
        read_hashed(azattest__bytes(data + 1, size - 1));
        return 0;
    }
    end = memchr(data + 1, 0, size - 1);
    len = end == NULL ? size - 1 : (size_t)(end - data - 1);
    if ((header = azattest__dup(data + 1, len)) == NULL)
        return 0;
    read_answer((azattest__collateral_item)data[0], header,
                azattest__bytes(data + 1 + len + (end != NULL), size - 1 - len - (end != NULL)));
    free(header);
    return 0;
}
