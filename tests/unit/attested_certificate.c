/* Certificates that hold evidence of the enclave that has their key: real ones of the service, and made ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <azattest/azattest.h>

#include "base/encoding.h"
#include "crypto/issue.h"
#include "evidence.h"
#include "evidence/evidence.h"
#include "json/json.h"
#include "quotes.h"

/* 2023-06-01: the service's certificates of 2022 and their platforms' are alive. */
#define NOW_MS (INT64_C(1685577600) * 1000)

/* A certificate of a key set, or a file of its own. */
static azattest__buf real_certificate(const char *file, int index)
{
    const azattest__json *key;
    azattest__json *document = NULL;
    azattest__buf out;
    unsigned char *content;
    size_t len;

    azattest__buf_init(&out, AZATTEST_LIMIT_CERTIFICATE);
    content = evidence_read(file, &len);
    if (index < 0) {
        azattest__buf_append(&out, content, len);
    } else {
        assert_int_equal(azattest__json_parse(azattest__bytes(content, len), &document, NULL), AZATTEST_OK);
        key = azattest__json_first(azattest__json_get(document, "keys"));
        for (int i = 0; i < index; i++)
            key = azattest__json_next(key);
        assert_true(azattest__base64_decode(
            azattest__text(azattest__json_string(azattest__json_first(azattest__json_get(key, "x5c")))), &out));
        azattest__json_free(document);
    }
    free(content);
    return out;
}

/* The ids of required checks that are not passed, in the verdict's order, and "valid" for none. */
static void failures(const azattest_verification_result *result, char *text, size_t size)
{
    size_t at = 0;

    text[0] = '\0';
    for (size_t i = 0; i < azattest_verification_result_check_count(result); i++)
        if (azattest_verification_result_check_ok(result, i) == 0)
            at += (size_t)snprintf(text + at, size - at, "%s%s", at == 0 ? "" : " ",
                                   azattest_verification_result_check_id(result, i));
    if (at == 0)
        snprintf(text, size, "%s", azattest_verification_result_is_valid(result) ? "valid" : "not valid");
}

static const struct real_case {
    const char *name, *file;
    int index;
    const char *extension;
    bool wrapped;
    const char *mr_signer; /* how it begins */
    bool debug;
    const char *outcome;
} real_cases[] = {
    { "the service, 2022", "maa-certs/wus-shared-2022-11.jwks.json", 0, "1.3.6.1.4.1.311.105.1", false, "74ba5fba",
      false, "valid" },
    { "an instance of its own, 2022", "maa-certs/wus-aad-2022-11.jwks.json", 0, "1.3.6.1.4.1.311.105.1", false,
      "74ba5fba", false, "valid" },
    { "the preview of 2020: a bare quote in an OCTET STRING, and a second extension that is no evidence",
      "maa-certs/uks-2020.get.certs.response.json", 0, "1.2.840.113556.10.1.1", true, "5e5410aa", true,
      "certificate_key certificate_validity" },
    { "the preview of 2020, as PEM", "maa-certs/maa.prod.uks.signing.cert.pem", -1, "1.2.840.113556.10.1.1", true,
      "5e5410aa", true, "certificate_key certificate_validity" },
    { "a flipped bit inside of the quote", "maa-certs/neg-wus-quote-bitflip.jwks.json", 0, "1.3.6.1.4.1.311.105.1",
      false, "74ba5fba", false, "certificate_signature quote_signature" },
    { "a test certificate of Open Enclave that is bad at its source", "openenclave/neg-real-sgx_cert_rsa_bad.der", -1,
      "1.2.840.113556.10.1.1", false, "", true, "certificate_signature pck_chain" },
};

static void real_certificate_is_judged(void **state)
{
    const struct real_case *test = *state;
    azattest_verify_options options = AZATTEST_VERIFY_OPTIONS_INIT;
    azattest_verification_result *result = NULL;
    azattest_evidence *evidence = NULL;
    azattest__json *fields = NULL;
    const azattest__json *certificate;
    azattest__buf content, hex;
    char text[512];

    EVIDENCE_OR_SKIP();
    content = real_certificate(test->file, test->index);
    assert_int_equal(azattest_evidence_load(azattest__buf_bytes(&content), &evidence, NULL), AZATTEST_OK);
    assert_string_equal(azattest_evidence_kind(evidence), "attested_certificate");
    assert_string_equal(azattest_evidence_tee(evidence), "sgx");
    assert_string_equal(azattest_evidence_form(evidence), content.ptr[0] == '-' ? "pem" : "raw");
    assert_int_equal(azattest_evidence_version(evidence), 3);
    assert_int_equal(azattest_evidence_is_debuggable(evidence), test->debug);
    azattest__buf_init(&hex, 256);
    azattest__hex_encode(azattest_evidence_mr_signer(evidence), &hex);
    assert_memory_equal(hex.ptr, test->mr_signer, strlen(test->mr_signer));
    assert_int_equal(azattest__json_parse(azattest_evidence_fields(evidence), &fields, NULL), AZATTEST_OK);
    certificate = azattest__json_get(fields, "certificate");
    assert_string_equal(azattest__json_get_string(certificate, "extension"), test->extension);
    assert_int_equal(evidence->certificate.wrapped, test->wrapped);
    assert_non_null(azattest__json_get(fields, "report"));
    options.now_ms = NOW_MS;
    assert_int_equal(azattest_evidence_verify(evidence, &options, &result, NULL), AZATTEST_OK);
    failures(result, text, sizeof(text));
    assert_string_equal(text, test->outcome);
    azattest_verification_result_free(result);
    azattest__json_free(fields);
    azattest_evidence_free(evidence);
    azattest__buf_free(&hex);
    azattest__buf_free(&content);
}

/* Signers that an authority certified hold no evidence, and are named. */
static void a_certificate_without_evidence_is_named(void **state)
{
    azattest_evidence *evidence = NULL;
    azattest_error *error = NULL;
    azattest__buf content;

    (void)state;
    EVIDENCE_OR_SKIP();
    content = real_certificate("maa-certs/wus-shared-2022-11.jwks.json", 1);
    quotes_expect(azattest_evidence_load(azattest__buf_bytes(&content), &evidence, &error), &error,
                  AZATTEST_E_UNSUPPORTED, "an X.509 certificate or revocation list (DER), not evidence");
    azattest__buf_free(&content);
}

static void every_truncation_is_refused(void **state)
{
    azattest__buf content;

    (void)state;
    EVIDENCE_OR_SKIP();
    content = real_certificate("maa-certs/wus-shared-2022-11.jwks.json", 0);
    for (size_t len = 1; len < content.len; len++) {
        azattest_evidence *evidence = NULL;

        assert_int_equal(quotes_parse(content.ptr, len, &evidence, NULL), AZATTEST_E_EVIDENCE);
    }
    azattest__buf_free(&content);
}

/* One bit of every byte: its own signature sees it, whatever else does. */
static void no_bit_changes_unnoticed(void **state)
{
    azattest_verify_options options = AZATTEST_VERIFY_OPTIONS_INIT;
    azattest__buf content;

    (void)state;
    EVIDENCE_OR_SKIP();
    content = real_certificate("maa-certs/wus-shared-2022-11.jwks.json", 0);
    options.now_ms = NOW_MS;
    for (size_t i = 0; i < content.len; i++) {
        azattest_verification_result *result = NULL;
        azattest_evidence *evidence = NULL;

        content.ptr[i] ^= (unsigned char)(1u << (i % 8));
        if (quotes_parse(content.ptr, content.len, &evidence, NULL) == AZATTEST_OK) {
            assert_int_equal(azattest_evidence_verify(evidence, &options, &result, NULL), AZATTEST_OK);
            if (azattest_verification_result_is_valid(result))
                fail_msg("a bit of byte %zu", i);
        }
        azattest_verification_result_free(result);
        azattest_evidence_free(evidence);
        content.ptr[i] ^= (unsigned char)(1u << (i % 8));
    }
    azattest__buf_free(&content);
}

/* ---- made ones ---- */

/* What the report data are made of, and what stands in the extension. */
typedef enum bound { BIND_PEM_NUL, BIND_PEM, BIND_SPKI, BIND_PEM_NUL_AND_MORE, BIND_OTHER_KEY } bound;
typedef enum held {
    HOLDS_QUOTE,
    HOLDS_REPORT,
    HOLDS_EVIDENCE,     /* SGX_ECDSA, with the key as its claims */
    HOLDS_OTHER_CLAIMS, /* SGX_ECDSA, whose claims are something else */
    HOLDS_RAW,          /* RAW_SGX_QUOTE_ECDSA */
    HOLDS_WRAPPED,      /* an OCTET STRING around a quote */
    HOLDS_LOCAL,        /* a report for local attestation */
    HOLDS_NUMBER,       /* INTEGER 1 */
    HOLDS_NOTHING,
    HOLDS_TAIL /* a quote with bytes behind it */
} held;

static const struct made_case {
    const char *name, *oid;
    bound binding;
    held holds;
    const char *curve; /* NULL: RSA */
    const char *outcome;
} made_cases[] = {
    { "a report, OID of 2019", "1.2.840.113556.10.1.1", BIND_PEM_NUL, HOLDS_REPORT, "P-256", "valid" },
    { "a report, current OID", "1.3.6.1.4.1.311.105.1", BIND_PEM_NUL, HOLDS_REPORT, NULL, "valid" },
    { "a bare quote under the OID of reports", "1.2.840.113556.10.1.1", BIND_PEM_NUL, HOLDS_QUOTE, "P-384", "valid" },
    { "a wrapped quote", "1.2.840.113556.10.1.1", BIND_PEM_NUL, HOLDS_WRAPPED, "P-256", "valid" },
    { "evidence, OID of 2020", "1.2.840.113556.10.1.2", BIND_PEM_NUL, HOLDS_EVIDENCE, "P-256", "valid" },
    { "evidence, current OID", "1.3.6.1.4.1.311.105.2", BIND_PEM_NUL, HOLDS_EVIDENCE, "P-256", "valid" },
    { "evidence around a bare quote", "1.3.6.1.4.1.311.105.2", BIND_PEM_NUL, HOLDS_RAW, "P-256", "valid" },
    { "Gramine's", "1.2.840.113741.1337.6", BIND_SPKI, HOLDS_QUOTE, "P-384", "valid" },
    { "the PEM without its NUL", "1.3.6.1.4.1.311.105.1", BIND_PEM, HOLDS_REPORT, "P-256", "key_binding" },
    { "the DER, as Gramine binds, under an OID of Open Enclave", "1.3.6.1.4.1.311.105.1", BIND_SPKI, HOLDS_REPORT,
      "P-256", "key_binding" },
    { "the PEM, as Open Enclave binds, under Gramine's OID", "1.2.840.113741.1337.6", BIND_PEM_NUL, HOLDS_QUOTE,
      "P-256", "key_binding" },
    { "a second half that is not zero", "1.3.6.1.4.1.311.105.1", BIND_PEM_NUL_AND_MORE, HOLDS_REPORT, "P-256",
      "key_binding" },
    { "the key of another", "1.3.6.1.4.1.311.105.1", BIND_OTHER_KEY, HOLDS_REPORT, "P-256", "key_binding" },
    { "evidence with other claims than the key", "1.3.6.1.4.1.311.105.2", BIND_PEM_NUL, HOLDS_OTHER_CLAIMS, "P-256",
      "claims_hash" },
    { "a report for local attestation", "1.3.6.1.4.1.311.105.1", BIND_PEM_NUL, HOLDS_LOCAL, "P-256", "local_report" },
    { "bytes behind the quote", "1.2.840.113741.1337.6", BIND_SPKI, HOLDS_TAIL, "P-256", "trailing_bytes" },
    { "INTEGER 1, as the service had in 2020", "1.2.840.113556.10.1.2", BIND_PEM_NUL, HOLDS_NUMBER, "P-256",
      "certificate: extension 1.2.840.113556.10.1.2: quote: 3 bytes" },
    { "nothing", "1.3.6.1.4.1.311.105.1", BIND_PEM_NUL, HOLDS_NOTHING, "P-256",
      "certificate: extension 1.3.6.1.4.1.311.105.1: quote: 0 bytes" },
};

static void put_header(azattest__buf *out, const unsigned char *id, size_t size)
{
    unsigned char header[32] = { 3 };

    memcpy(header + 4, id, 16);
    for (size_t i = 0; i < 4; i++)
        header[24 + i] = (unsigned char)(size >> 8 * i);
    azattest__buf_append(out, header, sizeof(header));
}

static void put_report(azattest__buf *out, unsigned type, size_t size)
{
    unsigned char header[16] = { 1, 0, 0, 0, (unsigned char)type };

    header[8] = (unsigned char)size;
    header[9] = (unsigned char)(size >> 8);
    azattest__buf_append(out, header, sizeof(header));
}

static azattest__buf extension_of(held holds, azattest_bytes quote, azattest_bytes pem)
{
    static const unsigned char ecdsa[16] = { 0xa3, 0xa2, 0x1e, 0x87, 0x1b, 0x4d, 0x40, 0x14,
                                             0xb7, 0x0a, 0xa1, 0x25, 0xd2, 0xfb, 0xcd, 0x8c },
                               raw[16] = { 0x19, 0x23, 0xd9, 0x1e, 0x12, 0xd2, 0x4c, 0x72,
                                           0xb2, 0x20, 0x25, 0xcd, 0x8d, 0xac, 0xe8, 0x71 };
    unsigned char wrap[4] = { 0x04, 0x82, (unsigned char)(quote.len >> 8), (unsigned char)quote.len };
    azattest__buf out;

    azattest__buf_init(&out, AZATTEST_LIMIT_CERTIFICATE);
    azattest__buf_append(&out, "", 0);
    if (holds == HOLDS_REPORT)
        put_report(&out, 2, quote.len);
    if (holds == HOLDS_LOCAL) {
        put_report(&out, 1, 432);
        quote = azattest__bytes((const unsigned char *)quote.ptr + 48, 432);
    }
    if (holds == HOLDS_EVIDENCE || holds == HOLDS_OTHER_CLAIMS)
        put_header(&out, ecdsa, quote.len + pem.len);
    if (holds == HOLDS_RAW)
        put_header(&out, raw, quote.len);
    if (holds == HOLDS_WRAPPED)
        azattest__buf_append(&out, wrap, sizeof(wrap));
    if (holds == HOLDS_NUMBER)
        azattest__buf_append(&out, "\2\1\1", 3);
    else if (holds != HOLDS_NOTHING)
        azattest__buf_append_bytes(&out, quote);
    if (holds == HOLDS_EVIDENCE || holds == HOLDS_OTHER_CLAIMS)
        azattest__buf_append_bytes(&out, pem);
    if (holds == HOLDS_OTHER_CLAIMS)
        out.ptr[out.len - 2] = ' '; /* for the last line end */
    if (holds == HOLDS_TAIL)
        azattest__buf_append(&out, "tail", 4);
    return out;
}

static azattest__buf quote_of(bound binding, const azattest__key *key, azattest_bytes pem)
{
    azattest__quote_parts parts = quotes_parts();
    azattest__buf der;

    azattest__buf_init(&der, 4096);
    assert_int_equal(azattest__key_public_der(key, &der, NULL), AZATTEST_OK);
    memset(parts.report + 320, 0, 64);
    if (binding == BIND_PEM)
        pem.len--;
    assert_int_equal(azattest__sha256(binding == BIND_SPKI ? azattest__buf_bytes(&der) : pem, parts.report + 320, NULL),
                     AZATTEST_OK);
    if (binding == BIND_PEM_NUL_AND_MORE)
        parts.report[383] = 1;
    if (binding == BIND_OTHER_KEY)
        parts.report[320] ^= 1;
    azattest__buf_free(&der);
    return quotes_assemble(&parts);
}

/* DER of a certificate whose extension is as asked for. */
static azattest__buf made_certificate(const char *oid, bound binding, held holds, const char *curve, int64_t not_after)
{
    azattest__cert_request request = { .common_name = "https://instance.example",
                                       .not_before = INT64_C(1767225600) - 86400,
                                       .not_after = not_after,
                                       .path_length = -1,
                                       .extension_oid = oid };
    azattest__buf pem, quote, extension, out;
    azattest__key *key = NULL;
    azattest__cert *cert = NULL;

    azattest__buf_init(&pem, 8192);
    azattest__buf_init(&out, AZATTEST_LIMIT_CERTIFICATE);
    assert_int_equal(curve == NULL ? azattest__key_generate_rsa(2048, &key, NULL)
                                   : azattest__key_generate_ec(curve, &key, NULL),
                     AZATTEST_OK);
    assert_int_equal(azattest__key_public_pem(key, &pem, NULL), AZATTEST_OK);
    azattest__buf_append(&pem, "", 1);
    quote = quote_of(binding, key, azattest__buf_bytes(&pem));
    extension = extension_of(holds, azattest__buf_bytes(&quote), azattest__buf_bytes(&pem));
    request.extension_value = azattest__buf_bytes(&extension);
    assert_int_equal(azattest__cert_issue(&request, key, NULL, NULL, &cert, NULL), AZATTEST_OK);
    azattest__buf_append_bytes(&out, azattest__cert_der(cert));
    azattest__cert_free(cert);
    azattest__key_free(key);
    azattest__buf_free(&extension);
    azattest__buf_free(&quote);
    azattest__buf_free(&pem);
    return out;
}

static void made_certificate_is_judged(void **state)
{
    const struct made_case *test = *state;
    azattest_verify_options options = AZATTEST_VERIFY_OPTIONS_INIT;
    azattest_verification_result *result = NULL;
    azattest_evidence *evidence = NULL;
    azattest_error *error = NULL;
    azattest_status status;
    azattest__buf der;
    char text[512];

    der = made_certificate(test->oid, test->binding, test->holds, test->curve, INT64_C(1767225600) + 86400);
    status = quotes_parse(der.ptr, der.len, &evidence, &error);
    if (strchr(test->outcome, ':') != NULL) {
        quotes_expect(status, &error, AZATTEST_E_EVIDENCE, test->outcome);
    } else {
        assert_int_equal(status, AZATTEST_OK);
        options.now_ms = QUOTES_NOW_MS;
        options.extra_roots = azattest_simulator_root_pem(quotes_simulator());
        assert_int_equal(azattest_evidence_verify(evidence, &options, &result, NULL), AZATTEST_OK);
        failures(result, text, sizeof(text));
        assert_string_equal(text, test->outcome);
    }
    azattest_verification_result_free(result);
    azattest_evidence_free(evidence);
    azattest__buf_free(&der);
}

static void a_certificate_has_a_life(void **state)
{
    static const struct {
        int64_t at;
        const char *outcome;
    } times[] = { { INT64_C(1767225600) - 86401, "certificate_validity" },
                  { INT64_C(1767225600) - 86400, "valid" },
                  { INT64_C(1767225600) + 86400, "valid" },
                  { INT64_C(1767225600) + 86401, "certificate_validity" } };
    azattest__buf der =
        made_certificate("1.3.6.1.4.1.311.105.1", BIND_PEM_NUL, HOLDS_REPORT, "P-256", INT64_C(1767225600) + 86400);
    azattest_evidence *evidence = NULL;
    char text[512];

    (void)state;
    assert_int_equal(quotes_parse(der.ptr, der.len, &evidence, NULL), AZATTEST_OK);
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        azattest_verify_options options = AZATTEST_VERIFY_OPTIONS_INIT;
        azattest_verification_result *result = NULL;

        options.now_ms = times[i].at * 1000;
        options.extra_roots = azattest_simulator_root_pem(quotes_simulator());
        assert_int_equal(azattest_evidence_verify(evidence, &options, &result, NULL), AZATTEST_OK);
        failures(result, text, sizeof(text));
        assert_string_equal(text, times[i].outcome);
        azattest_verification_result_free(result);
    }
    azattest_evidence_free(evidence);
    azattest__buf_free(&der);
}

/* ---- the service's own ---- */

#define NO_COLLATERAL "\"allow_not_checked\":[\"tcb\",\"revocation\",\"qe_identity\"]"
#define SIGNER "\"mr_signer\":\"74ba5fba208571cf99e1f7158e6536a05bbb6ce7807eef8f6a97f64a7af64b83\""
#define ENCLAVE "\"mr_enclave\":\"a89f001d64b369c11fedf59eab65e4cedde6befa1b4dea1480ece184b07cdda4\""
#define SIGNER_2020 "\"mr_signer\":\"5e5410aaf99a32e32df2a97d579e65f8310f274816ec4f34cedeeb1be410a526\""
#define CURRENT "maa-certs/wus-shared-2022-11.jwks.json", 0
#define PREVIEW "maa-certs/maa.prod.uks.signing.cert.pem", -1

static const struct service_case {
    const char *name, *file;
    int index;
    const char *appraisal; /* NULL: none */
    azattest_switch allow_debug;
    const char *outcome, *not_checked;
} service_cases[] = {
    { "without an appraisal any enclave passes, and the verdict says so", CURRENT, NULL, AZATTEST_DEFAULT, "valid",
      "tcb revocation qe_identity identity" },
    { "a signer and a product pin it", CURRENT, "{" SIGNER ",\"product_id\":1," NO_COLLATERAL "}", AZATTEST_DEFAULT,
      "valid", "tcb revocation qe_identity" },
    { "an enclave pins it", CURRENT, "{" ENCLAVE "," NO_COLLATERAL "}", AZATTEST_DEFAULT, "valid",
      "tcb revocation qe_identity" },
    { "a signer alone does not", CURRENT, "{" SIGNER "," NO_COLLATERAL "}", AZATTEST_DEFAULT,
      "appraisal.allow_not_checked", "tcb revocation qe_identity identity" },
    { "an appraisal wants the collateral", CURRENT, "{" ENCLAVE "}", AZATTEST_DEFAULT, "appraisal.allow_not_checked",
      "tcb revocation qe_identity" },
    { "another signer", CURRENT, "{" SIGNER_2020 ",\"product_id\":1," NO_COLLATERAL "}", AZATTEST_DEFAULT,
      "appraisal.mr_signer", "tcb revocation qe_identity" },
    { "another product", CURRENT, "{" SIGNER ",\"product_id\":2," NO_COLLATERAL "}", AZATTEST_DEFAULT,
      "appraisal.product_id", "tcb revocation qe_identity" },
    { "DEBUG is refused by default", PREVIEW, NULL, AZATTEST_DEFAULT, "debug certificate_key certificate_validity",
      "tcb revocation qe_identity identity" },
    { "an appraisal alone does not allow DEBUG", PREVIEW,
      "{\"allow_debug\":true," SIGNER_2020 ",\"product_id\":1," NO_COLLATERAL "}", AZATTEST_DEFAULT,
      "debug certificate_key certificate_validity", "tcb revocation qe_identity" },
    { "an option alone does not allow DEBUG", PREVIEW, "{" SIGNER_2020 ",\"product_id\":1," NO_COLLATERAL "}",
      AZATTEST_ON, "certificate_key certificate_validity appraisal.allow_debug", "tcb revocation qe_identity" },
};

static void service_certificate_is_judged(void **state)
{
    const struct service_case *test = *state;
    azattest_verify_options options = AZATTEST_VERIFY_OPTIONS_INIT;
    azattest_verification_result *result = NULL;
    azattest_appraisal *appraisal = NULL;
    azattest__buf content;
    char text[512];
    size_t at = 0;

    EVIDENCE_OR_SKIP();
    content = real_certificate(test->file, test->index);
    if (test->appraisal != NULL)
        assert_int_equal(azattest_appraisal_parse(azattest__text(test->appraisal), &appraisal, NULL), AZATTEST_OK);
    options.appraisal = appraisal;
    options.allow_debug = test->allow_debug;
    options.now_ms = NOW_MS;
    assert_int_equal(azattest_verify_service_certificate(azattest__buf_bytes(&content), &options, &result, NULL),
                     AZATTEST_OK);
    failures(result, text, sizeof(text));
    assert_string_equal(text, test->outcome);
    text[0] = '\0';
    for (size_t i = 0; i < azattest_verification_result_not_checked_count(result); i++)
        at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s", at == 0 ? "" : " ",
                               azattest_verification_result_not_checked(result, i));
    assert_string_equal(text, test->not_checked);
    azattest_verification_result_free(result);
    azattest_appraisal_free(appraisal);
    azattest__buf_free(&content);
}

static void what_is_no_service_certificate_is_named(void **state)
{
    azattest_verification_result *result = NULL;
    azattest_error *error = NULL;
    azattest__buf quote = quotes_quote(), content;

    (void)state;
    quotes_expect(azattest_verify_service_certificate(azattest__buf_bytes(&quote), NULL, &result, &error), &error,
                  AZATTEST_E_UNSUPPORTED, "evidence of kind sgx_quote");
    quotes_expect(azattest_verify_service_certificate(azattest__bytes(NULL, 0), NULL, &result, &error), &error,
                  AZATTEST_E_ARGUMENT, NULL);
    assert_int_equal(azattest_verify_service_certificate(azattest__buf_bytes(&quote), NULL, NULL, NULL),
                     AZATTEST_E_ARGUMENT);
    assert_null(result);
    azattest__buf_free(&quote);
    EVIDENCE_OR_SKIP();
    content = real_certificate("maa-certs/wus-shared-2022-11.jwks.json", 1);
    quotes_expect(azattest_verify_service_certificate(azattest__buf_bytes(&content), NULL, &result, &error), &error,
                  AZATTEST_E_UNSUPPORTED, "service certificate: an X.509 certificate");
    azattest__buf_free(&content);
}

static int close_simulator(void **state)
{
    (void)state;
    quotes_close();
    return 0;
}

int main(void)
{
    enum {
        REAL = sizeof(real_cases) / sizeof(real_cases[0]),
        MADE = sizeof(made_cases) / sizeof(made_cases[0]),
        SERVICE = sizeof(service_cases) / sizeof(service_cases[0]),
        MORE = 5
    };
    const struct CMUnitTest more[MORE] = {
        cmocka_unit_test(a_certificate_without_evidence_is_named),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(no_bit_changes_unnoticed),
        cmocka_unit_test(a_certificate_has_a_life),
        cmocka_unit_test(what_is_no_service_certificate_is_named),
    };
    struct CMUnitTest tests[REAL + MADE + SERVICE + MORE];
    size_t count = 0;

    for (size_t i = 0; i < REAL; i++)
        tests[count++] = (struct CMUnitTest){ real_cases[i].name, real_certificate_is_judged, NULL, NULL,
                                              (void *)(uintptr_t)&real_cases[i] };
    for (size_t i = 0; i < MADE; i++)
        tests[count++] = (struct CMUnitTest){ made_cases[i].name, made_certificate_is_judged, NULL, NULL,
                                              (void *)(uintptr_t)&made_cases[i] };
    for (size_t i = 0; i < SERVICE; i++)
        tests[count++] = (struct CMUnitTest){ service_cases[i].name, service_certificate_is_judged, NULL, NULL,
                                              (void *)(uintptr_t)&service_cases[i] };
    memcpy(tests + count, more, sizeof(more));
    return cmocka_run_group_tests_name("attested_certificate", tests, NULL, close_simulator);
}
