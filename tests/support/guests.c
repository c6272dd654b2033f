#include "guests.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/encoding.h"
#include "evidence/azure/hcl.h"

#define LIMIT (64u * 1024u)

void guests_number(azattest__buf *out, uint64_t value, size_t size)
{
    unsigned char *p = azattest__buf_grow(out, size);

    assert_non_null(p);
    for (size_t i = 0; i < size; i++)
        p[i] = (unsigned char)(value >> 8 * (size - 1 - i));
}

void guests_sized(azattest__buf *out, azattest_bytes bytes)
{
    guests_number(out, bytes.len, 2);
    azattest__buf_append_bytes(out, bytes);
}

static azattest__buf attest_head(unsigned type, azattest_bytes nonce)
{
    static const unsigned char signer[34] = { 0, 0x0b, 1, 2, 3 };
    azattest__buf out;

    azattest__buf_init(&out, LIMIT);
    azattest__buf_append(&out, "\xffTCG", 4);
    guests_number(&out, type, 2);
    guests_sized(&out, azattest__bytes(signer, sizeof(signer)));
    guests_sized(&out, nonce);
    guests_number(&out, 0x1122334455667788, 8); /* clock */
    guests_number(&out, 7, 4);
    guests_number(&out, 9, 4);
    guests_number(&out, 1, 1);
    guests_number(&out, 0x2020031200120003, 8); /* firmware */
    return out;
}

azattest__buf guests_quote(const azattest__pcr_selection *selections, size_t count, azattest_bytes nonce,
                           azattest_bytes pcr_digest)
{
    azattest__buf out = attest_head(AZATTEST__TPM_QUOTE, nonce);

    guests_number(&out, count, 4);
    for (size_t i = 0; i < count; i++) {
        guests_number(&out, selections[i].hash_alg, 2);
        guests_number(&out, 3, 1);
        for (size_t j = 0; j < 3; j++)
            guests_number(&out, selections[i].mask >> 8 * j & 0xff, 1);
    }
    guests_sized(&out, pcr_digest);
    return out;
}

azattest__buf guests_certify(azattest_bytes name)
{
    azattest__buf out = attest_head(AZATTEST__TPM_CERTIFY, azattest__bytes("", 0));

    guests_sized(&out, name);
    guests_sized(&out, name);
    return out;
}

azattest__buf guests_signature(const azattest__key *key, azattest__alg alg, azattest_bytes message)
{
    bool ec = alg >= AZATTEST__ES256, pss = !ec && alg >= AZATTEST__PS256;
    unsigned hash = AZATTEST__TPM_SHA256 + (unsigned)(alg - AZATTEST__RS256) % 3;
    azattest__buf out, signature;

    azattest__buf_init(&signature, AZATTEST_LIMIT_SIGNATURE);
    assert_int_equal(azattest__key_sign(key, alg, message, &signature, NULL), AZATTEST_OK);
    azattest__buf_init(&out, LIMIT);
    guests_number(&out, ec ? AZATTEST__TPM_ECDSA : pss ? AZATTEST__TPM_RSAPSS : AZATTEST__TPM_RSASSA, 2);
    guests_number(&out, hash, 2);
    if (ec) {
        size_t size = signature.len / 2;

        guests_sized(&out, azattest__bytes(signature.ptr, size));
        guests_sized(&out, azattest__bytes(signature.ptr + size, size));
    } else
        guests_sized(&out, azattest__buf_bytes(&signature));
    azattest__buf_free(&signature);
    return out;
}

azattest__buf guests_public(const azattest__key *key, uint32_t attributes)
{
    bool rsa = azattest__key_curve(key) == NULL;
    azattest__buf out, n, e;

    azattest__buf_init(&out, LIMIT);
    azattest__buf_init(&n, AZATTEST_LIMIT_SIGNATURE);
    azattest__buf_init(&e, AZATTEST_LIMIT_SIGNATURE);
    assert_int_equal(azattest__key_numbers(key, &n, &e, NULL), AZATTEST_OK);
    guests_number(&out, rsa ? AZATTEST__TPM_RSA : AZATTEST__TPM_ECC, 2);
    guests_number(&out, AZATTEST__TPM_SHA256, 2);
    guests_number(&out, attributes, 4);
    guests_sized(&out, azattest__bytes("", 0));
    guests_number(&out, AZATTEST__TPM_NULL, 2);
    guests_number(&out, rsa ? AZATTEST__TPM_RSASSA : AZATTEST__TPM_ECDSA, 2);
    guests_number(&out, AZATTEST__TPM_SHA256, 2);
    if (rsa) {
        guests_number(&out, (uint64_t)azattest__key_bits(key), 2);
        guests_number(&out, 0, 4); /* 65537 */
        guests_sized(&out, azattest__buf_bytes(&n));
    } else {
        guests_number(&out, strcmp(azattest__key_curve(key), "P-256") == 0 ? 3 : 4, 2);
        guests_number(&out, AZATTEST__TPM_NULL, 2);
        guests_sized(&out, azattest__buf_bytes(&n));
        guests_sized(&out, azattest__buf_bytes(&e));
    }
    azattest__buf_free(&e);
    azattest__buf_free(&n);
    return out;
}

void guests_pcrs(uint16_t bank, azattest__tpm_pcr pcrs[AZATTEST__TPM_PCRS], unsigned char *memory)
{
    size_t size = azattest__tpm_hash_size(bank);

    for (unsigned i = 0; i < AZATTEST__TPM_PCRS; i++) {
        memset(memory + 64 * i, (int)i, size);
        pcrs[i] = (azattest__tpm_pcr){ bank, i, azattest__bytes(memory + 64 * i, size) };
    }
}

void guests_put(azattest__buf *report, size_t offset, uint32_t value)
{
    for (size_t i = 0; i < 4; i++)
        report->ptr[offset + i] = (unsigned char)(value >> 8 * i);
}

azattest__buf guests_hcl(uint32_t type, uint32_t hash_type, azattest_bytes hardware, azattest_bytes claims, size_t size)
{
    azattest__buf out;
    unsigned char *p;

    azattest__buf_init(&out, LIMIT);
    assert_non_null(p = azattest__buf_grow(&out, size));
    memset(p, 0, size);
    memcpy(p, "HCLA", 4);
    guests_put(&out, 4, 2);
    guests_put(&out, 8, (uint32_t)(1236 + claims.len));
    guests_put(&out, 12, 2);
    memcpy(p + 32, hardware.ptr, hardware.len);
    guests_put(&out, 1216, (uint32_t)(20 + claims.len));
    guests_put(&out, 1220, 1);
    guests_put(&out, 1224, type);
    guests_put(&out, 1228, hash_type);
    guests_put(&out, 1232, (uint32_t)claims.len);
    memcpy(p + 1236, claims.ptr, claims.len);
    return out;
}

azattest__buf guests_claims(const azattest__key *ak)
{
    azattest__buf out, n, e;

    azattest__buf_init(&out, LIMIT);
    azattest__buf_init(&n, AZATTEST_LIMIT_SIGNATURE);
    azattest__buf_init(&e, AZATTEST_LIMIT_SIGNATURE);
    assert_int_equal(azattest__key_numbers(ak, &n, &e, NULL), AZATTEST_OK);
    azattest__buf_append_text(&out, "{\"keys\":[{\"kid\":\"HCLAkPub\",\"key_ops\":[\"sign\"],\"kty\":\"RSA\",\"e\":\"");
    azattest__base64url_encode(azattest__buf_bytes(&e), &out);
    azattest__buf_append_text(&out, "\",\"n\":\"");
    azattest__base64url_encode(azattest__buf_bytes(&n), &out);
    azattest__buf_append_text(&out, "\"}],\"vm-configuration\":{\"console-enabled\":false,\"secure-boot\":true,"
                                    "\"tpm-enabled\":true,\"tpm-persisted\":true,\"vmUniqueId\":"
                                    "\"00112233-4455-6677-8899-AABBCCDDEEFF\"},\"user-data\":\"");
    for (size_t i = 0; i < AZATTEST__USER_DATA_SIZE; i++)
        azattest__buf_printf(&out, "%02x", (unsigned)i);
    azattest__buf_append_text(&out, "\"}");
    azattest__buf_free(&e);
    azattest__buf_free(&n);
    return out;
}
