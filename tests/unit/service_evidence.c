/* K9 and the roots of K7: the enclave, or the authority, behind the key that signed a token. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pthread.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <azattest/azattest.h>

#include "base/encoding.h"
#include "client/client.h"
#include "evidence.h"
#include "made.h"
#include "operation/service_evidence.h"
#include "tokens.h"

#define ISSUER "https://sharedwus.wus.attest.azure.net"

#define NO_COLLATERAL "\"allow_not_checked\":[\"tcb\",\"revocation\",\"qe_identity\"]"
#define SIGNER "\"mr_signer\":\"74ba5fba208571cf99e1f7158e6536a05bbb6ce7807eef8f6a97f64a7af64b83\",\"product_id\":1"
#define OTHER "\"mr_signer\":\"5e5410aaf99a32e32df2a97d579e65f8310f274816ec4f34cedeeb1be410a526\",\"product_id\":1"
#define GOOD "{" SIGNER "," NO_COLLATERAL "}"

static int64_t token_time; /* of the real token, in milliseconds */

static azattest_token *real_token(void)
{
    azattest_token *token = NULL;
    size_t len;
    unsigned char *text = evidence_read("maa-tokens/sgx-shared-2022-11.jwt", &len);
    int64_t expires;

    while (len > 0 && text[len - 1] == '\n')
        len--;
    assert_int_equal(azattest_token_parse(azattest__bytes(text, len), &token, NULL), AZATTEST_OK);
    assert_int_equal(azattest_token_expires_on(token, &expires), AZATTEST_OK);
    token_time = (expires - 1800) * 1000;
    free(text);
    return token;
}

static azattest_signers *real_signers(const char *file)
{
    azattest_signers *signers = NULL;
    size_t len;
    unsigned char *text = evidence_read(file, &len);

    assert_int_equal(azattest_signers_parse(azattest__bytes(text, len), &signers, NULL), AZATTEST_OK);
    free(text);
    return signers;
}

static azattest_appraisal *appraisal_of(const char *json)
{
    azattest_appraisal *appraisal = NULL;

    if (json != NULL)
        assert_int_equal(azattest_appraisal_parse(azattest__text(json), &appraisal, NULL), AZATTEST_OK);
    return appraisal;
}

static const struct real_case {
    const char *name, *appraisal;
    azattest_switch verify, allow_unsecured, validate_signature;
    azattest_status status;
    const char *message;
} real_cases[] = {
    { "the service's enclave, named by signer and product", GOOD, AZATTEST_ON, 0, 0, AZATTEST_OK, NULL },
    { "without the option nothing is looked at", "{" OTHER "}", AZATTEST_DEFAULT, 0, 0, AZATTEST_OK, NULL },
    { "another enclave", "{" OTHER "," NO_COLLATERAL "}", AZATTEST_ON, 0, 0, AZATTEST_E_TOKEN_SERVICE_EVIDENCE,
      "appraisal.mr_signer: " },
    { "an appraisal that wants collateral", "{" SIGNER "}", AZATTEST_ON, 0, 0, AZATTEST_E_TOKEN_SERVICE_EVIDENCE,
      "appraisal.allow_not_checked: " },
    { "an appraisal that names nobody", "{" NO_COLLATERAL "}", AZATTEST_ON, 0, 0, AZATTEST_E_TOKEN_SERVICE_EVIDENCE,
      "identity" },
    { "no appraisal is wrong use: any enclave would do", NULL, AZATTEST_ON, 0, 0, AZATTEST_E_ARGUMENT,
      "needs a service_appraisal" },
    { "unsecured tokens have no key", GOOD, AZATTEST_ON, AZATTEST_ON, 0, AZATTEST_E_ARGUMENT,
      "excludes allow_unsecured" },
    { "without the signature there is no key", GOOD, AZATTEST_ON, 0, AZATTEST_OFF, AZATTEST_E_ARGUMENT,
      "validate_signature cannot be off" },
    { "no switch", GOOD, (azattest_switch)7, 0, 0, AZATTEST_E_ARGUMENT, "verify_service_evidence is 7" },
};

static void expect(azattest_status status, azattest_error **error, azattest_status expected, const char *message)
{
    if (status != expected || (message != NULL && strstr(azattest_error_message(*error), message) == NULL))
        fail_msg("%s (%s), expected %s with \"%s\"", azattest_status_name(status),
                 *error == NULL ? "" : azattest_error_message(*error), azattest_status_name(expected),
                 message == NULL ? "" : message);
    azattest_error_free(*error);
    *error = NULL;
}

static void real_token_is_judged(void **state)
{
    const struct real_case *test = *state;
    azattest_validation_options options = AZATTEST_VALIDATION_OPTIONS_INIT;
    const char *issuer = ISSUER;
    azattest_appraisal *appraisal;
    azattest_signers *signers;
    azattest_error *error = NULL;
    azattest_token *token;
    azattest_status status;

    EVIDENCE_OR_SKIP();
    token = real_token();
    signers = real_signers("maa-certs/wus-shared-2022-11.jwks.json");
    appraisal = appraisal_of(test->appraisal);
    options.signers = signers;
    options.issuers = &issuer;
    options.issuer_count = 1;
    options.now_ms = token_time;
    options.verify_service_evidence = test->verify;
    options.service_appraisal = appraisal;
    options.allow_unsecured = test->allow_unsecured;
    options.validate_signature = test->validate_signature;
    status = azattest_token_validate(token, &options, &error);
    assert_int_equal(azattest_token_is_validated(token), status == AZATTEST_OK);
    expect(status, &error, test->status, test->message);
    azattest_appraisal_free(appraisal);
    azattest_signers_free(signers);
    azattest_token_free(token);
}

/* The quote is verified once for a key, a set of rules and a time in which all of it lives. */
static void a_verdict_is_kept_while_it_lives(void **state)
{
    azattest_client_options client = AZATTEST_CLIENT_OPTIONS_INIT;
    azattest_validation_options options = AZATTEST_VALIDATION_OPTIONS_INIT, other = AZATTEST_VALIDATION_OPTIONS_INIT;
    azattest_appraisal *appraisal, *same;
    azattest_verifier *verifier = NULL;
    azattest_signers *signers;
    azattest_token *token = NULL;
    azattest_error *error = NULL;
    azattest__service_cache *cache;
    unsigned char *text;
    size_t len;

    (void)state;
    EVIDENCE_OR_SKIP();
    azattest_token_free(real_token());
    text = evidence_read("maa-tokens/sgx-shared-2022-11.jwt", &len);
    len -= text[len - 1] == '\n';
    signers = real_signers("maa-certs/wus-shared-2022-11.jwks.json");
    appraisal = appraisal_of(GOOD);
    same = appraisal_of(GOOD);
    options.signers = signers;
    options.now_ms = token_time;
    options.verify_service_evidence = AZATTEST_ON;
    options.service_appraisal = appraisal;
    client.validation = &options;
    assert_int_equal(azattest_verifier_new(ISSUER, &client, &verifier, NULL), AZATTEST_OK);
    azattest_appraisal_free(appraisal); /* the verifier keeps it */
    cache = &verifier->instances[0]->service;
    for (int i = 0; i < 3; i++) {
        expect(azattest_verifier_validate_cached(verifier, azattest__bytes(text, len), NULL, &token, &error), &error,
               AZATTEST_OK, NULL);
        assert_true(azattest_token_is_validated(token));
        azattest_token_free(token);
        assert_int_equal(cache->fresh, 1);
    }
    /* Other rules are other verdicts, if they say the same. */
    other.service_appraisal = same;
    for (int i = 0; i < 2; i++) {
        expect(azattest_verifier_validate_cached(verifier, azattest__bytes(text, len), &other, &token, &error), &error,
               AZATTEST_OK, NULL);
        azattest_token_free(token);
        assert_int_equal(cache->fresh, 2);
    }
    /* A time outside is judged anew, and here refused: the platform's certificate has ended. */
    other.now_ms = INT64_C(2500000000) * 1000;
    other.validate_expiration = AZATTEST_OFF;
    expect(azattest_verifier_validate_cached(verifier, azattest__bytes(text, len), &other, &token, &error), &error,
           AZATTEST_E_TOKEN_SERVICE_EVIDENCE, "pck_validity: ");
    assert_null(token);
    assert_int_equal(cache->fresh, 2);
    azattest_verifier_free(verifier);
    azattest_appraisal_free(same);
    azattest_signers_free(signers);
    free(text);
}

/* ---- certificates of authorities ---- */

typedef struct authority {
    azattest__key *key;
    azattest__cert *cert;
    char *pem;
} authority;

static authority root, other_root, middle;

static char *pem_of(const azattest__cert *cert)
{
    azattest__buf out;

    azattest__buf_init(&out, 65536);
    azattest__pem_encode("CERTIFICATE", azattest__cert_der(cert), &out);
    return (char *)azattest__buf_take(&out, NULL);
}

static void make_authority(authority *out, const char *name, const authority *issuer)
{
    azattest__cert_request request = { .common_name = name,
                                       .not_before = TOKEN_NOW - 86400,
                                       .not_after = TOKEN_NOW + 86400,
                                       .ca = true,
                                       .path_length = -1 };

    assert_int_equal(azattest__key_generate_ec("P-256", &out->key, NULL), AZATTEST_OK);
    assert_int_equal(azattest__cert_issue(&request, out->key, issuer == NULL ? NULL : issuer->cert,
                                          issuer == NULL ? NULL : issuer->key, &out->cert, NULL),
                     AZATTEST_OK);
    out->pem = pem_of(out->cert);
}

static void free_authority(authority *out)
{
    azattest__key_free(out->key);
    azattest__cert_free(out->cert);
    free(out->pem);
}

static int make_authorities(void **state)
{
    (void)state;
    make_authority(&root, "Root", NULL);
    make_authority(&other_root, "Root", NULL); /* the same name, another key */
    make_authority(&middle, "Middle", &root);
    return 0;
}

static int free_authorities(void **state)
{
    (void)state;
    free_authority(&root);
    free_authority(&other_root);
    free_authority(&middle);
    tokens_keys_free();
    quotes_close();
    return 0;
}

static void put_certificate(azattest__buf *out, const char *before, const azattest__cert *cert)
{
    azattest__buf_printf(out, "%s\"", before);
    azattest__base64_encode(azattest__cert_der(cert), out);
    azattest__buf_append_text(out, "\"");
}

/* A key set of the run's key, certified by `middle` (or by itself), with what the chain has behind the leaf. */
static azattest_signers *certified(const char *chain)
{
    azattest__cert_request request = {
        .common_name = "Signer", .not_before = TOKEN_NOW - 86400, .not_after = TOKEN_NOW + 86400, .path_length = -1
    };
    bool self = strchr(chain, 's') != NULL;
    azattest__cert *leaf = NULL;
    azattest_signers *signers;
    azattest__buf jwks;

    assert_int_equal(azattest__cert_issue(&request, tokens_keys()->rsa, self ? NULL : middle.cert,
                                          self ? NULL : middle.key, &leaf, NULL),
                     AZATTEST_OK);
    azattest__buf_init(&jwks, 65536);
    azattest__buf_printf(&jwks, "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"one\",\"x5c\":[");
    put_certificate(&jwks, "", leaf);
    if (strchr(chain, 'm') != NULL)
        put_certificate(&jwks, ",", middle.cert);
    if (strchr(chain, 'r') != NULL)
        put_certificate(&jwks, ",", root.cert);
    azattest__buf_append_text(&jwks, "]}]}");
    signers = tokens_signers((const char *)jwks.ptr);
    azattest__buf_free(&jwks);
    azattest__cert_free(leaf);
    return signers;
}

/* chain: m the intermediate, r the root, s signed by itself; roots: r the root, o the other one of its name. */
static const struct authority_case {
    const char *name, *chain, *roots;
    azattest_switch verify;
    azattest_status status;
    const char *message;
} authority_cases[] = {
    { "a chain with its root", "mr", "r", AZATTEST_DEFAULT, AZATTEST_OK, NULL },
    { "a chain without its root", "m", "r", AZATTEST_DEFAULT, AZATTEST_OK, NULL },
    { "one of several roots", "mr", "or", AZATTEST_DEFAULT, AZATTEST_OK, NULL },
    { "the authority of a chain vouches where evidence is asked for", "mr", "r", AZATTEST_ON, AZATTEST_OK, NULL },
    { "a root of the same name and another key", "mr", "o", AZATTEST_DEFAULT, AZATTEST_E_TOKEN_CERTIFICATE,
      "reaches none of the signer_roots" },
    { "a chain without its root, and another root of the name", "m", "o", AZATTEST_DEFAULT,
      AZATTEST_E_TOKEN_CERTIFICATE, "reaches none of the signer_roots" },
    { "a chain without its intermediate", "", "r", AZATTEST_DEFAULT, AZATTEST_E_TOKEN_CERTIFICATE,
      "reaches none of the signer_roots" },
    { "a chain where evidence is asked for, and no roots", "mr", "", AZATTEST_ON, AZATTEST_E_TOKEN_SERVICE_EVIDENCE,
      "an authority issued" },
    { "roots say nothing of a certificate that is signed with its own key", "s", "r", AZATTEST_DEFAULT, AZATTEST_OK,
      NULL },
    { "a certificate that is signed with its own key and holds no evidence", "s", "r", AZATTEST_ON,
      AZATTEST_E_TOKEN_SERVICE_EVIDENCE, "holds no evidence that can be verified" },
};

static void authority_is_judged(void **state)
{
    const struct authority_case *test = *state;
    azattest_validation_options options = AZATTEST_VALIDATION_OPTIONS_INIT;
    azattest_signers *signers = certified(test->chain);
    azattest_appraisal *appraisal = appraisal_of(GOOD);
    const char *issuer = TOKEN_ENDPOINT;
    azattest_error *error = NULL;
    azattest_token *token = NULL;
    azattest__buf roots;
    char body[256], *text;

    snprintf(body, sizeof(body), "{\"iss\":\"%s\",\"exp\":%lld}", issuer, (long long)TOKEN_NOW + 3600);
    text =
        tokens_make("{\"alg\":\"RS256\",\"kid\":\"one\",\"typ\":\"JWT\"}", body, tokens_keys()->rsa, AZATTEST__RS256);
    assert_int_equal(azattest_token_parse(azattest__text(text), &token, NULL), AZATTEST_OK);
    azattest__buf_init(&roots, 65536);
    for (const char *each = test->roots; *each != '\0'; each++)
        azattest__buf_append_text(&roots, *each == 'r' ? root.pem : other_root.pem);
    options.signers = signers;
    options.issuers = &issuer;
    options.issuer_count = 1;
    options.now_ms = TOKEN_NOW * 1000;
    options.signer_roots = azattest__buf_bytes(&roots);
    options.verify_service_evidence = test->verify;
    options.service_appraisal = appraisal;
    expect(azattest_token_validate(token, &options, &error), &error, test->status, test->message);
    assert_int_equal(azattest_token_is_validated(token), test->status == AZATTEST_OK);
    azattest__buf_free(&roots);
    azattest_token_free(token);
    azattest_appraisal_free(appraisal);
    azattest_signers_free(signers);
    free(text);
}

/* ---- a simulated enclave, with everything that a verdict can stand on ---- */

static azattest__buf simulated_certificate(const char *form, bool debug)
{
    azattest_simulated_enclave enclave = AZATTEST_SIMULATED_ENCLAVE_INIT;
    unsigned char *der = NULL;
    azattest__buf pem, out;
    size_t len = 0;

    enclave.product_id = 7;
    enclave.debug = debug;
    azattest__buf_init(&pem, 65536);
    azattest__buf_init(&out, 65536);
    assert_int_equal(azattest__key_private_pem(tokens_keys()->rsa, &pem, NULL), AZATTEST_OK);
    assert_int_equal(azattest_simulator_attested_certificate(quotes_simulator(), &enclave, azattest__buf_bytes(&pem),
                                                             form, TOKEN_ENDPOINT, &der, &len, NULL),
                     AZATTEST_OK);
    azattest__buf_append(&out, der, len);
    azattest_free(der);
    azattest__buf_free(&pem);
    return out;
}

/* c: collateral, r: the simulator's root, d: debug of the enclave, a: that the appraisal allows it. */
static const struct simulated_case {
    const char *name, *form, *with;
    azattest_status status;
    const char *message;
} simulated_cases[] = {
    { "complete, with collateral", "ga", "cr", AZATTEST_OK, NULL },
    { "evidence instead of a report", "evidence", "cr", AZATTEST_OK, NULL },
    { "Gramine's", "ra_tls", "cr", AZATTEST_OK, NULL },
    { "without collateral", "ga", "r", AZATTEST_E_TOKEN_SERVICE_EVIDENCE, "appraisal.allow_not_checked" },
    { "without the root", "ga", "c", AZATTEST_E_TOKEN_SERVICE_EVIDENCE, "pck_root" },
    { "debuggable", "ga", "crd", AZATTEST_E_TOKEN_SERVICE_EVIDENCE, "appraisal.allow_debug" },
    { "debuggable, and the appraisal allows it", "ga", "crda", AZATTEST_OK, NULL },
};

static void simulated_enclave_is_judged(void **state)
{
    const struct simulated_case *test = *state;
    azattest_validation_options options = AZATTEST_VALIDATION_OPTIONS_INIT;
    bool debug = strchr(test->with, 'd') != NULL, allowed = strchr(test->with, 'a') != NULL;
    azattest__buf certificate = simulated_certificate(test->form, debug), json, jwks, signer;
    azattest_bytes bytes = made_collateral(MADE_SGX, NULL);
    azattest_collateral *collateral = NULL;
    azattest_evidence *evidence = NULL;
    azattest_appraisal *appraisal;
    azattest_signers *signers;
    const char *issuer = TOKEN_ENDPOINT;
    azattest_error *error = NULL;
    azattest_token *token = NULL;
    char body[256], *text;

    assert_int_equal(azattest_evidence_parse(azattest__buf_bytes(&certificate), &evidence, NULL), AZATTEST_OK);
    azattest__buf_init(&signer, 256);
    azattest__hex_encode(azattest_evidence_mr_signer(evidence), &signer);
    azattest__buf_init(&json, 1024);
    azattest__buf_printf(&json, "{\"mr_signer\":\"%s\",\"product_id\":7%s}", (const char *)signer.ptr,
                         allowed ? ",\"allow_debug\":true" : "");
    appraisal = appraisal_of((const char *)json.ptr);
    assert_int_equal(azattest_collateral_new(&collateral, NULL), AZATTEST_OK);
    assert_int_equal(azattest_collateral_add(collateral, bytes, NULL), AZATTEST_OK);
    azattest__buf_init(&jwks, 65536);
    azattest__buf_append_text(&jwks, "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"one\",\"x5c\":[\"");
    azattest__base64_encode(azattest__buf_bytes(&certificate), &jwks);
    azattest__buf_append_text(&jwks, "\"]}]}");
    signers = tokens_signers((const char *)jwks.ptr);
    snprintf(body, sizeof(body), "{\"iss\":\"%s\",\"exp\":%lld}", issuer, (long long)TOKEN_NOW + 3600);
    text = tokens_make("{\"alg\":\"RS256\",\"kid\":\"one\"}", body, tokens_keys()->rsa, AZATTEST__RS256);
    assert_int_equal(azattest_token_parse(azattest__text(text), &token, NULL), AZATTEST_OK);
    options.signers = signers;
    options.issuers = &issuer;
    options.issuer_count = 1;
    options.now_ms = TOKEN_NOW * 1000;
    options.verify_service_evidence = AZATTEST_ON;
    options.service_appraisal = appraisal;
    if (strchr(test->with, 'c') != NULL)
        options.service_collateral = collateral;
    if (strchr(test->with, 'r') != NULL)
        options.service_roots = azattest_simulator_root_pem(quotes_simulator());
    expect(azattest_token_validate(token, &options, &error), &error, test->status, test->message);
    assert_int_equal(azattest_token_is_validated(token), test->status == AZATTEST_OK);
    azattest_token_free(token);
    azattest_signers_free(signers);
    azattest_appraisal_free(appraisal);
    azattest_collateral_free(collateral);
    azattest_evidence_free(evidence);
    made_bytes_free(&bytes);
    azattest__buf_free(&certificate);
    azattest__buf_free(&json);
    azattest__buf_free(&jwks);
    azattest__buf_free(&signer);
    free(text);
}

static void roots_that_are_none_are_wrong_use(void **state)
{
    static const char *const texts[] = { "", "text", "-----BEGIN CERTIFICATE-----\nAQID\n-----END CERTIFICATE-----\n" };
    azattest_validation_options options = AZATTEST_VALIDATION_OPTIONS_INIT;
    azattest_signers *signers = certified("mr");
    const char *issuer = TOKEN_ENDPOINT;
    azattest_token *token = NULL;
    char *text = tokens_make("{\"alg\":\"RS256\"}", "{}", tokens_keys()->rsa, AZATTEST__RS256);

    (void)state;
    assert_int_equal(azattest_token_parse(azattest__text(text), &token, NULL), AZATTEST_OK);
    options.signers = signers;
    options.issuers = &issuer;
    options.issuer_count = 1;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        azattest_error *error = NULL;

        options.signer_roots = azattest__text(texts[i]);
        expect(azattest_token_validate(token, &options, &error), &error, AZATTEST_E_ARGUMENT, "signer_roots");
        options.signer_roots = azattest__bytes(NULL, 0);
        options.service_roots = azattest__text(texts[i]);
        expect(azattest_token_validate(token, &options, &error), &error, AZATTEST_E_ARGUMENT, "service_roots");
        options.service_roots = azattest__bytes(NULL, 0);
    }
    azattest_token_free(token);
    azattest_signers_free(signers);
    free(text);
}

/* Holds the lock of a cache for as long as a verdict takes. */
static void *hold(void *lock)
{
    const struct timespec moment = { 0, 100 * 1000 * 1000 };

    pthread_mutex_lock(lock);
    nanosleep(&moment, NULL);
    pthread_mutex_unlock(lock);
    return NULL;
}

static void a_child_of_fork_finds_the_cache_open(void **state)
{
    const struct timespec begun = { 0, 20 * 1000 * 1000 };
    azattest__service_cache cache;
    int code = -1, locked;
    pthread_t holder;
    pid_t child;

    (void)state;
    assert_int_equal(azattest__service_cache_init(&cache, NULL), AZATTEST_OK);
    assert_int_equal(pthread_create(&holder, NULL, hold, &cache.mutex), 0);
    nanosleep(&begun, NULL);
    assert_true((child = fork()) >= 0);
    if (child == 0) {
        locked = pthread_mutex_trylock(&cache.mutex);
        _exit(locked == 0 ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &code, 0), child);
    assert_int_equal(code, 0);
    pthread_join(holder, NULL);
    azattest__service_cache_clear(&cache);
}

int main(void)
{
    enum {
        REAL = sizeof(real_cases) / sizeof(real_cases[0]),
        AUTHORITY = sizeof(authority_cases) / sizeof(authority_cases[0]),
        SIMULATED = sizeof(simulated_cases) / sizeof(simulated_cases[0]),
        MORE = 3
    };
    const struct CMUnitTest more[MORE] = {
        cmocka_unit_test(a_verdict_is_kept_while_it_lives),
        cmocka_unit_test(roots_that_are_none_are_wrong_use),
        cmocka_unit_test(a_child_of_fork_finds_the_cache_open),
    };
    struct CMUnitTest tests[REAL + AUTHORITY + SIMULATED + MORE];
    size_t count = 0;

    for (size_t i = 0; i < REAL; i++)
        tests[count++] = (struct CMUnitTest){ real_cases[i].name, real_token_is_judged, NULL, NULL,
                                              (void *)(uintptr_t)&real_cases[i] };
    for (size_t i = 0; i < AUTHORITY; i++)
        tests[count++] = (struct CMUnitTest){ authority_cases[i].name, authority_is_judged, NULL, NULL,
                                              (void *)(uintptr_t)&authority_cases[i] };
    for (size_t i = 0; i < SIMULATED; i++)
        tests[count++] = (struct CMUnitTest){ simulated_cases[i].name, simulated_enclave_is_judged, NULL, NULL,
                                              (void *)(uintptr_t)&simulated_cases[i] };
    memcpy(tests + count, more, sizeof(more));
    return cmocka_run_group_tests_name("service_evidence", tests, make_authorities, free_authorities);
}
