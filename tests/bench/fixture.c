/*
 * Writes what the benchmarks work on. Usage: bench_fixture FOLDER [ENDPOINT]
 *   token.jwt      an RS256 token of the size and shape of the service's (about 3.7 KB), issued by the endpoint
 *   forged.jwt     the same with one character of its signature changed
 *   expired.jwt    the same long expired
 *   keys.jwks      a key set of four keys as /certs has it (about 30 KB); the wanted key is the last one
 *   key.pem        the wanted key
 *   metadata.json  the metadata document, shortened
 *   quote.bin      the SGX quote of a made-up platform (platform/) that the token is about
 *   ca.pem, server.pem, server.key   an authority, and a certificate of it for 127.0.0.1 and localhost
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/encoding.h"
#include "crypto/issue.h"
#include "jose/jws.h"

#include <azattest/limits.h>
#include <azattest/simulator.h>

static const char *endpoint = "https://bench.wus.attest.azure.net";

static void must(azattest_status status)
{
    if (status != AZATTEST_OK) {
        fprintf(stderr, "fixture: %s\n", azattest_status_name(status));
        exit(1);
    }
}

static void write_file(const char *folder, const char *name, azattest_bytes data)
{
    char path[4096];
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    if ((file = fopen(path, "wb")) == NULL || fwrite(data.ptr, 1, data.len, file) != data.len || fclose(file) != 0) {
        fprintf(stderr, "fixture: cannot write %s\n", path);
        exit(1);
    }
}

/* One object of seven hashes, as the collateral claim has. */
static void collateral(azattest__buf *out)
{
    static const char *const names[] = { "qeidcertshash",    "qeidcrlhash",    "qeidhash",   "quotehash",
                                         "tcbinfocertshash", "tcbinfocrlhash", "tcbinfohash" };

    for (int i = 0; i < 7; i++)
        azattest__buf_printf(out, "%s\"%s\":\"%064x\"", i == 0 ? "{" : ",", names[i], 0x1234567 + i);
    azattest__buf_append_text(out, "}");
}

static void claims(azattest__buf *out, long now)
{
    azattest__buf_printf(out, "{\"exp\":%ld,\"iat\":%ld,\"is-debuggable\":false,\"iss\":\"%s\",\"jti\":\"%064x\",",
                         now + 28800, now, endpoint, 42);
    azattest__buf_append_text(out, "\"maa-attestationcollateral\":");
    collateral(out);
    azattest__buf_printf(
        out,
        ",\"nbf\":%ld,\"product-id\":1,\"sgx-mrenclave\":\"%064x\",\"sgx-mrsigner\":\"%064x\",\"svn\":1,"
        "\"tee\":\"sgx\",\"x-ms-attestation-type\":\"sgx\",\"x-ms-policy\":{\"is-debuggable\":false,"
        "\"product-id\":1,\"sgx-mrenclave\":\"%064x\",\"sgx-mrsigner\":\"%064x\",\"svn\":1,\"tee\":\"sgx\"},"
        "\"x-ms-policy-hash\":\"bROrN897ZfWmWY2V0FLUlu3uwk5xatGnKYHn3zBbSlw\",\"x-ms-sgx-collateral\":",
        now, 1, 2, 1, 2);
    collateral(out);
    azattest__buf_printf(out,
                         ",\"x-ms-sgx-is-debuggable\":false,\"x-ms-sgx-mrenclave\":\"%064x\",\"x-ms-sgx-mrsigner\":"
                         "\"%064x\",\"x-ms-sgx-product-id\":1,\"x-ms-sgx-report-data\":\"%0128x\",\"x-ms-sgx-svn\":1,"
                         "\"x-ms-sgx-tcbidentifier\":\"azuredefault\",\"x-ms-ver\":\"1.0\"}",
                         1, 2, 0);
}

/* A quote with the measurements of the claims: 1 and 2 in the last of 32 bytes. */
static void write_quote(const char *folder)
{
    const unsigned char one[32] = { [31] = 1 }, two[32] = { [31] = 2 };
    azattest_simulated_enclave enclave = AZATTEST_SIMULATED_ENCLAVE_INIT;
    azattest_simulator *simulator = NULL;
    unsigned char *quote = NULL;
    char path[4096];
    size_t len;

    enclave.mr_enclave = azattest__bytes(one, sizeof(one));
    enclave.mr_signer = azattest__bytes(two, sizeof(two));
    enclave.product_id = enclave.svn = 1;
    snprintf(path, sizeof(path), "%s/platform", folder);
    must(azattest_simulator_open(path, &simulator, NULL));
    must(azattest_simulator_sgx_quote(simulator, &enclave, &quote, &len, NULL));
    write_file(folder, "quote.bin", azattest__bytes(quote, len));
    azattest_simulator_free_bytes(quote);
    azattest_simulator_free(simulator);
}

/* An entry as /certs has it: a self-signed certificate of 5.5 KB (the service's carry a quote in an extension) and a
 * kid, no numbers. */
static void add_key(azattest__buf *out, const azattest__key *key, const char *key_id, bool last)
{
    static const unsigned char filling[4600] = { 1 };
    azattest__cert_request request = {
        .common_name = endpoint,
        .not_before = 1556668800,
        .not_after = 2556143999,
        .serial = 1,
        .path_length = -1,
        .extension_oid = "1.3.6.1.4.1.55555.1",
        .extension_value = { filling, sizeof(filling) },
    };
    azattest__cert *cert = NULL;
    azattest__buf text;

    azattest__buf_init(&text, AZATTEST_LIMIT_RESPONSE);
    must(azattest__cert_issue(&request, key, NULL, key, &cert, NULL));
    azattest__base64_encode(azattest__cert_der(cert), &text);
    azattest__buf_printf(out, "{\"x5c\":[\"%s\"],\"kid\":\"%s\",\"kty\":\"RSA\"}%s", (const char *)text.ptr, key_id,
                         last ? "" : ",");
    azattest__buf_free(&text);
    azattest__cert_free(cert);
}

static void write_pem(const char *folder, const char *name, const azattest__cert *cert)
{
    azattest__buf text, pem;

    azattest__buf_init(&text, AZATTEST_LIMIT_CERTIFICATE);
    azattest__buf_init(&pem, AZATTEST_LIMIT_CERTIFICATE);
    azattest__base64_encode(azattest__cert_der(cert), &text);
    azattest__buf_append_text(&pem, "-----BEGIN CERTIFICATE-----\n");
    for (size_t i = 0; i < text.len; i += 64)
        azattest__buf_printf(&pem, "%.64s\n", (const char *)text.ptr + i);
    azattest__buf_append_text(&pem, "-----END CERTIFICATE-----\n");
    write_file(folder, name, azattest__buf_bytes(&pem));
    azattest__buf_free(&text);
    azattest__buf_free(&pem);
}

/* The service on this machine: an authority and its certificate. The address stands there as a name too, because the
 * cosockets of nginx compare names only. */
static void write_server(const char *folder)
{
    azattest__cert_request authority = { .common_name = "azattest bench authority",
                                         .not_before = 1556668800,
                                         .not_after = 2556143999,
                                         .ca = true,
                                         .path_length = 0 };
    azattest__cert_request server = { .common_name = "azattest bench service",
                                      .not_before = 1556668800,
                                      .not_after = 2556143999,
                                      .path_length = -1,
                                      .subject_alternative_name = "IP:127.0.0.1,DNS:localhost,DNS:127.0.0.1",
                                      .server_authentication = true };
    azattest__key *authority_key = NULL, *server_key = NULL;
    azattest__cert *authority_cert = NULL, *server_cert = NULL;
    azattest__buf pem;

    azattest__buf_init(&pem, AZATTEST_LIMIT_CERTIFICATE);
    must(azattest__key_generate_rsa(2048, &authority_key, NULL));
    must(azattest__key_generate_rsa(2048, &server_key, NULL));
    must(azattest__cert_issue(&authority, authority_key, NULL, authority_key, &authority_cert, NULL));
    must(azattest__cert_issue(&server, server_key, authority_cert, authority_key, &server_cert, NULL));
    must(azattest__key_private_pem(server_key, &pem, NULL));
    write_pem(folder, "ca.pem", authority_cert);
    write_pem(folder, "server.pem", server_cert);
    write_file(folder, "server.key", azattest__buf_bytes(&pem));
    azattest__buf_free(&pem);
    azattest__cert_free(authority_cert);
    azattest__cert_free(server_cert);
    azattest__key_free(authority_key);
    azattest__key_free(server_key);
}

static void write_metadata(const char *folder)
{
    azattest__buf text;

    azattest__buf_init(&text, AZATTEST_LIMIT_RESPONSE);
    azattest__buf_printf(&text,
                         "{\"response_types_supported\":[\"token\",\"none\"],"
                         "\"id_token_signing_alg_values_supported\":[\"RS256\"],\"revocation_endpoint\":\"%s/revoke\","
                         "\"issuer\":\"%s\",\"jwks_uri\":\"%s/certs\",\"claims_supported\":[\"x-ms-ver\"]}",
                         endpoint, endpoint, endpoint);
    write_file(folder, "metadata.json", azattest__buf_bytes(&text));
    azattest__buf_free(&text);
}

/* A token that was issued at that time and lives for eight hours. */
static void issue(const azattest__key *key, const char *key_id, long now, azattest__buf *token)
{
    azattest__buf body;
    char header[512];

    azattest__buf_init(&body, AZATTEST_LIMIT_TOKEN_BODY);
    snprintf(header, sizeof(header), "{\"alg\":\"RS256\",\"jku\":\"%s/certs\",\"kid\":\"%s\",\"typ\":\"JWT\"}",
             endpoint, key_id);
    claims(&body, now);
    must(azattest__jws_create(azattest__text(header), azattest__buf_bytes(&body), key, AZATTEST__RS256, token, NULL));
    azattest__buf_free(&body);
}

/* The token, the expired one, and the token with a character in the middle of its signature changed. */
static size_t write_tokens(const char *folder, const azattest__key *key, const char *key_id)
{
    long now = (long)time(NULL);
    azattest__buf token, expired;
    unsigned char *middle;
    size_t len;

    azattest__buf_init(&token, AZATTEST_LIMIT_TOKEN);
    azattest__buf_init(&expired, AZATTEST_LIMIT_TOKEN);
    issue(key, key_id, now, &token);
    issue(key, key_id, now - 30L * 24 * 3600, &expired);
    write_file(folder, "token.jwt", azattest__buf_bytes(&token));
    write_file(folder, "expired.jwt", azattest__buf_bytes(&expired));
    len = token.len;
    middle = &token.ptr[len - 100];
    *middle = *middle == 'A' ? 'B' : 'A';
    write_file(folder, "forged.jwt", azattest__buf_bytes(&token));
    azattest__buf_free(&token);
    azattest__buf_free(&expired);
    return len;
}

int main(int argc, char **argv)
{
    char key_id[AZATTEST__SERVICE_KEY_ID];
    unsigned char hash[AZATTEST__SHA256_SIZE];
    azattest__buf jwks, pem;
    azattest__key *key = NULL;

    if (argc < 2 || argc > 3) {
        fprintf(stderr, "usage: bench_fixture FOLDER [ENDPOINT]\n");
        return 2;
    }
    if (argc == 3)
        endpoint = argv[2];
    azattest__buf_init(&jwks, AZATTEST_LIMIT_RESPONSE);
    azattest__buf_init(&pem, AZATTEST_LIMIT_CERTIFICATE);
    azattest__buf_append_text(&jwks, "{\"keys\":[");
    /* The wanted key is the last one. */
    for (int i = 0; i < 4; i++) {
        azattest__key_free(key);
        must(azattest__key_generate_rsa(2048, &key, NULL));
        must(azattest__service_key_id(key, key_id, hash, NULL));
        add_key(&jwks, key, key_id, i == 3);
    }
    azattest__buf_append_text(&jwks, "]}");
    must(azattest__key_public_pem(key, &pem, NULL));
    write_file(argv[1], "keys.jwks", azattest__buf_bytes(&jwks));
    write_file(argv[1], "key.pem", azattest__buf_bytes(&pem));
    write_quote(argv[1]);
    write_metadata(argv[1]);
    write_server(argv[1]);
    printf("%zu\n", write_tokens(argv[1], key, key_id));
    azattest__key_free(key);
    azattest__buf_free(&jwks);
    azattest__buf_free(&pem);
    return 0;
}
