#include "instance.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "crypto/issue.h"

static int64_t read_now(void *user)
{
    return ((instance_time *)user)->now_ms;
}

static int64_t read_monotonic(void *user)
{
    return ((instance_time *)user)->monotonic_ms;
}

uint32_t instance_random(void *user)
{
    (void)user;
    return UINT32_C(0x80000000);
}

azattest_client_options instance_options(instance_time *time)
{
    azattest_client_options options = AZATTEST_CLIENT_OPTIONS_INIT;

    options.clock.now_ms = read_now;
    options.clock.monotonic_ms = read_monotonic;
    options.clock.user = time;
    options.random = instance_random;
    return options;
}

azattest_bytes bytes_of(const char *text)
{
    return azattest__text(text);
}

static char *format(const char *text, ...) __attribute__((format(printf, 1, 2)));
static char *format(const char *text, ...)
{
    va_list arguments;
    char *out = NULL;

    va_start(arguments, text);
    assert_true(vasprintf(&out, text, arguments) >= 0);
    va_end(arguments);
    return out;
}

void instance_key_make(instance_key *key, const char *endpoint)
{
    azattest__cert_request request = { .common_name = endpoint,
                                       .not_before = INSTANCE_NOW_S - 86400,
                                       .not_after = INSTANCE_NOW_S + 86400 * 365,
                                       .path_length = -1 };
    unsigned char hash[AZATTEST__SHA256_SIZE];
    azattest__cert *cert = NULL;
    azattest__buf x5c;

    azattest__buf_init(&x5c, 65536);
    assert_int_equal(azattest__key_generate_ec("P-256", &key->key, NULL), AZATTEST_OK);
    assert_int_equal(azattest__cert_issue(&request, key->key, NULL, NULL, &cert, NULL), AZATTEST_OK);
    assert_int_equal(azattest__service_key_id(key->key, key->kid, hash, NULL), AZATTEST_OK);
    azattest__base64_encode(azattest__cert_der(cert), &x5c);
    key->jwk = format("{\"x5c\":[\"%s\"],\"kid\":\"%s\",\"kty\":\"EC\"}", (const char *)x5c.ptr, key->kid);
    azattest__buf_free(&x5c);
    azattest__cert_free(cert);
}

void instance_key_clear(instance_key *key)
{
    azattest__key_free(key->key);
    free(key->jwk);
    memset(key, 0, sizeof(*key));
}

char *instance_jwks(const instance_key *first, const instance_key *second)
{
    return format("{\"keys\":[%s%s%s]}", first->jwk, second == NULL ? "" : ",", second == NULL ? "" : second->jwk);
}

char *instance_claims(const char *more)
{
    return format("{\"exp\":%lld,\"iat\":%lld,\"iss\":\"" INSTANCE "\",\"nbf\":%lld,"
                  "\"x-ms-attestation-type\":\"sgx\"%s}",
                  (long long)INSTANCE_NOW_S + 28800, (long long)INSTANCE_NOW_S, (long long)INSTANCE_NOW_S, more);
}

char *instance_token(const instance_key *key, const char *claims)
{
    char *header, *token;
    azattest__buf out;

    azattest__buf_init(&out, AZATTEST_LIMIT_TOKEN);
    if (key == NULL)
        header = format("{\"alg\":\"none\",\"jku\":\"" INSTANCE "/certs\",\"typ\":\"JWT\"}");
    else
        header = format("{\"alg\":\"ES256\",\"jku\":\"" INSTANCE "/certs\",\"kid\":\"%s\",\"typ\":\"JWT\"}", key->kid);
    assert_int_equal(azattest__jws_create(bytes_of(header), bytes_of(claims), key == NULL ? NULL : key->key,
                                          AZATTEST__ES256, &out, NULL),
                     AZATTEST_OK);
    token = (char *)azattest__buf_take(&out, NULL);
    free(header);
    return token;
}

char *instance_reply(const char *token)
{
    return format("{\"token\":\"%s\"}", token);
}

static void hash_of(const char *data, unsigned char out[64])
{
    memset(out, 0, 64);
    assert_int_equal(azattest__sha256(bytes_of(data), out, NULL), AZATTEST_OK);
}

unsigned char *instance_quote(const char *runtime_data, bool report, size_t *len)
{
    static const unsigned char vendor[16] = { 0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9,
                                              0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07 };
    size_t front = report ? 16 : 0;
    unsigned char *whole = calloc(1, front + INSTANCE_QUOTE_SIZE), *quote = whole + front;

    assert_non_null(whole);
    if (report) {
        whole[0] = 1;
        whole[4] = 2;
        whole[8] = INSTANCE_QUOTE_SIZE & 0xff;
        whole[9] = INSTANCE_QUOTE_SIZE >> 8;
    }
    quote[0] = 3; /* version */
    quote[2] = 2; /* ECDSA P-256 */
    memcpy(quote + 12, vendor, sizeof(vendor));
    memset(quote + 48 + 64, 0x11, 32);  /* MRENCLAVE */
    memset(quote + 48 + 128, 0x22, 32); /* MRSIGNER */
    quote[48 + 256] = 7;                /* ISVPRODID */
    quote[48 + 258] = 3;                /* ISVSVN */
    hash_of(runtime_data, quote + 48 + 320);
    quote[432] = (INSTANCE_QUOTE_SIZE - 436) & 0xff; /* signature data: all zero, with nothing in its variable parts */
    quote[433] = (INSTANCE_QUOTE_SIZE - 436) >> 8;
    quote[436 + 578] = 5; /* certification data: a PEM chain, empty */
    *len = front + INSTANCE_QUOTE_SIZE;
    return whole;
}

char *instance_quote_claims(const char *runtime_data)
{
    unsigned char data[64];
    azattest__buf hex;
    char *claims;

    hash_of(runtime_data, data);
    azattest__buf_init(&hex, 256);
    azattest__hex_encode(azattest__bytes(data, sizeof(data)), &hex);
    claims = format(",\"x-ms-sgx-mrenclave\":\"%s\",\"x-ms-sgx-mrsigner\":\"%s\",\"x-ms-sgx-product-id\":7,"
                    "\"x-ms-sgx-svn\":3,\"x-ms-sgx-is-debuggable\":false,\"x-ms-sgx-report-data\":\"%s\"",
                    "1111111111111111111111111111111111111111111111111111111111111111",
                    "2222222222222222222222222222222222222222222222222222222222222222", (const char *)hex.ptr);
    azattest__buf_free(&hex);
    return claims;
}
