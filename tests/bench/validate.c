/*
 * Token validations, over and over: the floor (base64url, cJSON and one EVP verify, nothing else) or the library.
 * Usage: bench_validate KIND FOLDER TIMES    prints the CPU nanoseconds of one validation. The kinds:
 *   floor     what nobody can leave out when the key is kept
 *   cold      the same from the text of the key set: cJSON, the certificate of the wanted key, then the floor
 *   token     parse and validate with parsed signers
 *   verifier  the verifier, whose keys are kept; claim: and one typed claim; claims: and the JSON text of all claims
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <azattest/transport.h>

#include "measure.h"

#define ENDPOINT "https://bench.wus.attest.azure.net"

typedef struct text {
    char *ptr;
    size_t len;
} text;

static text read_text(const char *folder, const char *name)
{
    azattest_bytes bytes = read_file(folder, name);

    return (text){ (char *)bytes.ptr, bytes.len };
}

static signed char values[256];

static size_t decode(const char *in, size_t len, unsigned char *out)
{
    unsigned char *start = out;
    unsigned bits = 0;
    int have = 0;

    for (size_t i = 0; i < len; i++) {
        must(values[(unsigned char)in[i]] >= 0, "base64url");
        bits = bits << 6 | (unsigned)values[(unsigned char)in[i]];
        have += 6;
        if (have >= 8) {
            have -= 8;
            *out++ = (unsigned char)(bits >> have);
        }
    }
    return (size_t)(out - start);
}

/* What nobody can leave out: decode the three parts, parse the two JSON texts, one verification with a kept key. */
static void floor_once(const text *token, EVP_PKEY *key)
{
    static unsigned char header[1024], body[8192], signature[512];
    const char *dot = strchr(token->ptr, '.'), *second = strchr(dot + 1, '.');
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    size_t body_len, signature_len;
    cJSON *one, *two;

    header[decode(token->ptr, (size_t)(dot - token->ptr), header)] = '\0';
    body_len = decode(dot + 1, (size_t)(second - dot - 1), body);
    signature_len = decode(second + 1, token->len - (size_t)(second + 1 - token->ptr), signature);
    one = cJSON_Parse((const char *)header);
    two = cJSON_ParseWithLength((const char *)body, body_len);
    must(one != NULL && two != NULL, "cJSON");
    must(EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key) == 1, "EVP_DigestVerifyInit");
    must(EVP_DigestVerify(context, signature, signature_len, (const unsigned char *)token->ptr,
                          (size_t)(second - token->ptr)) == 1,
         "EVP_DigestVerify");
    EVP_MD_CTX_free(context);
    cJSON_Delete(one);
    cJSON_Delete(two);
}

static EVP_PKEY *read_key(const char *folder)
{
    text pem = read_text(folder, "key.pem");
    BIO *bio = BIO_new_mem_buf(pem.ptr, (int)pem.len);
    EVP_PKEY *key = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
    const char *alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    must(key != NULL, "key");
    BIO_free(bio);
    free(pem.ptr);
    memset(values, -1, sizeof(values));
    for (int i = 0; i < 64; i++)
        values[(unsigned char)alphabet[i]] = (signed char)i;
    return key;
}

/* The floor of the first validation after a key fetch: the key comes out of the set's text, the wanted one last of
 * four. */
static void cold_once(const text *token, const text *jwks)
{
    static unsigned char der[8192];
    static char key_id[1024];
    const unsigned char *next = der;
    const char *dot = strchr(token->ptr, '.');
    cJSON *set = cJSON_ParseWithLength(jwks->ptr, jwks->len), *header, *key;
    const char *x5c = NULL;
    X509 *certificate;
    EVP_PKEY *found;
    int len;

    key_id[decode(token->ptr, (size_t)(dot - token->ptr), (unsigned char *)key_id)] = '\0';
    must((header = cJSON_Parse(key_id)) != NULL, "header");
    cJSON_ArrayForEach(key, cJSON_GetObjectItem(set, "keys"))
    {
        if (cJSON_Compare(cJSON_GetObjectItem(key, "kid"), cJSON_GetObjectItem(header, "kid"), true))
            x5c = cJSON_GetArrayItem(cJSON_GetObjectItem(key, "x5c"), 0)->valuestring;
    }
    must(x5c != NULL && strlen(x5c) < sizeof(der), "key of the token");
    len = EVP_DecodeBlock(der, (const unsigned char *)x5c, (int)strlen(x5c));
    must(len > 0 && (certificate = d2i_X509(NULL, &next, len)) != NULL, "certificate");
    must((found = X509_get0_pubkey(certificate)) != NULL, "public key");
    floor_once(token, found);
    X509_free(certificate);
    cJSON_Delete(header);
    cJSON_Delete(set);
}

static void token_once(const text *token, const azattest_signers *signers)
{
    static const char *const issuer[] = { ENDPOINT };
    azattest_validation_options options = AZATTEST_VALIDATION_OPTIONS_INIT;
    azattest_bytes bytes = { token->ptr, token->len };
    azattest_token *parsed = NULL;

    options.signers = signers;
    options.issuers = issuer;
    options.issuer_count = 1;
    must(azattest_token_parse(bytes, &parsed, NULL) == AZATTEST_OK, "parse");
    must(azattest_token_validate(parsed, &options, NULL) == AZATTEST_OK, "validate");
    azattest_token_free(parsed);
}

static void verifier_once(const text *token, azattest_verifier *verifier, const char *kind)
{
    azattest_bytes bytes = { token->ptr, token->len };
    azattest_result *claims = NULL;
    azattest_token *validated = NULL;
    const char *signer = NULL;

    must(azattest_verifier_validate_cached(verifier, bytes, NULL, &validated, NULL) == AZATTEST_OK, "validate");
    if (strcmp(kind, "verifier") != 0) {
        must(azattest_token_result(validated, false, &claims, NULL) == AZATTEST_OK, "claims");
        if (strcmp(kind, "claim") == 0)
            must(azattest_result_mr_signer(claims, &signer) == AZATTEST_OK && signer != NULL, "x-ms-sgx-mrsigner");
        else
            must(azattest_result_claims(claims).len > 0, "claims");
        azattest_result_free(claims);
    }
    azattest_token_free(validated);
}

/* Fills the verifier's cache by one validation over a scripted answer of /certs. */
static azattest_verifier *filled_verifier(const text *jwks, const text *token)
{
    azattest_scripted_exchange script = {
        .method = "GET",
        .response = { .size = sizeof(azattest_http_response), .status = 200, .body = { jwks->ptr, jwks->len } }
    };
    azattest_bytes bytes = { token->ptr, token->len };
    azattest_transport *transport = NULL;
    azattest_verifier *verifier = NULL;
    azattest_response *response = NULL;

    must(azattest_verifier_new(ENDPOINT, NULL, &verifier, NULL) == AZATTEST_OK, "verifier");
    must(azattest_scripted_transport_new(&script, 1, &transport, NULL) == AZATTEST_OK, "transport");
    must(azattest_verifier_validate(verifier, transport, bytes, NULL, &response, NULL) == AZATTEST_OK,
         "first validation");
    azattest_response_free(response);
    azattest_transport_free(transport);
    return verifier;
}

int main(int argc, char **argv)
{
    text token, jwks;
    azattest_signers *signers = NULL;
    azattest_verifier *verifier;
    int64_t cpu;
    EVP_PKEY *key;
    long times;

    if (argc != 4 || (times = atol(argv[3])) < 1) {
        fprintf(stderr, "usage: bench_validate floor|cold|token|verifier|claim|claims FOLDER TIMES\n");
        return 2;
    }
    token = read_text(argv[2], "token.jwt");
    jwks = read_text(argv[2], "keys.jwks");
    key = read_key(argv[2]);
    must(azattest_signers_parse((azattest_bytes){ jwks.ptr, jwks.len }, &signers, NULL) == AZATTEST_OK, "key set");
    verifier = filled_verifier(&jwks, &token);
    cpu = cpu_ns();
    for (long i = 0; i < times; i++) {
        if (strcmp(argv[1], "floor") == 0)
            floor_once(&token, key);
        else if (strcmp(argv[1], "cold") == 0)
            cold_once(&token, &jwks);
        else if (strcmp(argv[1], "token") == 0)
            token_once(&token, signers);
        else
            verifier_once(&token, verifier, argv[1]);
    }
    printf("%.0f\n", (double)(cpu_ns() - cpu) / (double)times);
    azattest_verifier_free(verifier);
    azattest_signers_free(signers);
    EVP_PKEY_free(key);
    free(token.ptr);
    free(jwks.ptr);
    return 0;
}
