#include "tokens.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"

static token_keys keys;

/* A fixture that cannot be made ends the run: no test behind it would mean anything. */
static void must(azattest_status status, const char *what)
{
    if (status != AZATTEST_OK) {
        fprintf(stderr, "fixture: %s failed with %s\n", what, azattest_status_name(status));
        exit(1);
    }
}

const token_keys *tokens_keys(void)
{
    unsigned char hash[AZATTEST__SHA256_SIZE];

    if (keys.rsa != NULL)
        return &keys;
    must(azattest__key_generate_rsa(2048, &keys.rsa, NULL), "RSA key");
    must(azattest__key_generate_rsa(2048, &keys.other_rsa, NULL), "RSA key");
    must(azattest__key_generate_rsa(1024, &keys.small_rsa, NULL), "small RSA key");
    must(azattest__key_generate_ec("P-256", &keys.p256, NULL), "P-256 key");
    must(azattest__key_generate_ec("P-384", &keys.p384, NULL), "P-384 key");
    must(azattest__service_key_id(keys.rsa, keys.key_id, hash, NULL), "key id");
    return &keys;
}

void tokens_keys_free(void)
{
    azattest__key_free(keys.rsa);
    azattest__key_free(keys.other_rsa);
    azattest__key_free(keys.small_rsa);
    azattest__key_free(keys.p256);
    azattest__key_free(keys.p384);
    memset(&keys, 0, sizeof(keys));
}

char *tokens_make(const char *header, const char *body, const azattest__key *key, azattest__alg alg)
{
    azattest__buf out;

    azattest__buf_init(&out, AZATTEST_LIMIT_TOKEN);
    must(azattest__jws_create(azattest__text(header), azattest__text(body), key, alg, &out, NULL), "token");
    return (char *)azattest__buf_take(&out, NULL);
}

char *tokens_header(const char *alg)
{
    char text[512];

    snprintf(text, sizeof(text), "{\"alg\":\"%s\",\"jku\":\"" TOKEN_ENDPOINT "/certs\",\"kid\":\"%s\",\"typ\":\"JWT\"}",
             alg, tokens_keys()->key_id);
    return strdup(text);
}

char *tokens_jwks(const azattest__key *key, const char *key_id, const char *common_name, int64_t not_before,
                  int64_t not_after)
{
    azattest__cert_request request = {
        .common_name = common_name, .not_before = not_before, .not_after = not_after, .serial = 1, .path_length = -1
    };
    azattest__cert *cert = NULL;
    azattest__buf text, out;

    azattest__buf_init(&text, AZATTEST_LIMIT_RESPONSE);
    azattest__buf_init(&out, AZATTEST_LIMIT_RESPONSE);
    must(azattest__cert_issue(&request, key, NULL, key, &cert, NULL), "certificate");
    azattest__base64_encode(azattest__cert_der(cert), &text);
    azattest__buf_printf(&out, "{\"keys\":[{\"x5c\":[\"%s\"],%s%s%s\"kty\":\"%s\"}]}", (const char *)text.ptr,
                         key_id == NULL ? "" : "\"kid\":\"", key_id == NULL ? "" : key_id, key_id == NULL ? "" : "\",",
                         azattest__key_type(key));
    must(out.status, "key set");
    azattest__buf_free(&text);
    azattest__cert_free(cert);
    return (char *)azattest__buf_take(&out, NULL);
}

azattest_signers *tokens_signers(const char *jwks)
{
    azattest_signers *signers = NULL;

    must(azattest_signers_parse(azattest__text(jwks), &signers, NULL), "key set");
    return signers;
}
