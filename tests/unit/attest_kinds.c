/* The attest calls beyond enclaves: which version has which, what each takes, what it sends, what comes back. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "bench.h"
#include "evidence/vm_report.h"
#include "json/json.h"
#include "vm_evidence.h"

typedef azattest_status (*begin_call)(azattest_client *, azattest_bytes, const azattest_attest_options *,
                                      azattest_op **, azattest_error **);

#define ATTEST(...) ((azattest_attest_options){ .size = sizeof(azattest_attest_options), __VA_ARGS__ })

static const struct version_case {
    const char *name;
    begin_call begin;
    const char *versions; /* those that have it, by their first ten letters */
} version_cases[] = {
    { "SgxEnclave", azattest_client_attest_sgx_enclave_begin,
      "2020-10-01 2022-08-01 2022-09-01 2023-04-01 2025-06-01 2026-03-11 2099-01-01" },
    { "OpenEnclave", azattest_client_attest_open_enclave_begin,
      "2020-10-01 2022-08-01 2022-09-01 2023-04-01 2025-06-01 2026-03-11 2099-01-01" },
    { "SevSnpVm", azattest_client_attest_sev_snp_vm_begin,
      "2020-10-01 2022-08-01 2022-09-01 2025-06-01 2026-03-11 2099-01-01" },
    { "TdxVm", azattest_client_attest_tdx_vm_begin, "2023-04-01 2025-06-01 2026-03-11 2099-01-01" },
    { "AzureGuest", azattest_client_attest_azure_guest_begin, "2020-10-01 2025-06-01 2026-03-11 2099-01-01" },
    { "Tpm", azattest_client_attest_tpm_begin,
      "2020-10-01 2022-08-01 2022-09-01 2023-04-01 2025-06-01 2026-03-11 2099-01-01" },
    { "Pluton", azattest_client_attest_pluton_begin, "2026-03-11 2099-01-01" },
    { "KeyGuard", azattest_client_attest_key_guard_begin, "2026-03-11 2099-01-01" },
    { "MdepTz", azattest_client_attest_mdep_tz_begin, "2026-03-11 2099-01-01" },
};

static const char snp_document[] = "{\"SnpReport\":\"";

/* A document with an SNP report, for the one call that looks at what it is given. */
static char *make_document(void)
{
    unsigned char report[VM_SNP_SIZE];
    azattest__buf text;

    vm_snp_report("", NULL, report);
    azattest__buf_init(&text, 65536);
    azattest__buf_append_text(&text, snp_document);
    azattest__base64url_encode(azattest__bytes(report, sizeof(report)), &text);
    azattest__buf_append_text(&text, "\",\"VcekCertChain\":\"\"}");
    return (char *)azattest__buf_take(&text, NULL);
}

static void each_call_is_sent_in_the_versions_that_have_it(void **state)
{
    static const char *const versions[] = { "2018-09-01-preview", "2020-10-01",         "2022-08-01",
                                            "2022-09-01-preview", "2023-04-01-preview", "2025-06-01",
                                            "2026-03-11-preview", "2099-01-01" };
    bench *b = *state;
    char *document = make_document();

    for (size_t v = 0; v < sizeof(versions) / sizeof(versions[0]); v++) {
        b->options.api_version = versions[v];
        bench_open(b);
        for (size_t i = 0; i < sizeof(version_cases) / sizeof(version_cases[0]); i++) {
            const struct version_case *one = &version_cases[i];
            char start[11] = { 0 }, url[200];
            azattest_op *op = NULL;
            azattest_error *error = NULL;
            azattest_status status = one->begin(b->client, bytes_of(document), NULL, &op, &error);

            memcpy(start, versions[v], 10);
            if (strstr(one->versions, start) == NULL) {
                if (status == AZATTEST_OK)
                    print_message("in: %s of %s\n", one->name, versions[v]);
                expect_failure(status, AZATTEST_E_ARGUMENT, &error, versions[v]);
                continue;
            }
            if (status != AZATTEST_OK)
                print_message("in: %s of %s\n", one->name, versions[v]);
            expect_success(status, &error);
            snprintf(url, sizeof(url), INSTANCE "/attest/%s?api-version=%s", one->name, versions[v]);
            assert_int_equal(azattest_op_step(op), AZATTEST_NEED_HTTP);
            assert_string_equal(azattest_request_url(azattest_op_request(op)), url);
            azattest_op_free(op);
        }
    }
    free(document);
}

static void a_refusal_names_the_versions_that_would_do(void **state)
{
    bench *b = *state;
    azattest_op *op = NULL;
    azattest_error *error = NULL;

    b->options.api_version = "2020-10-01";
    bench_open(b);
    expect_failure(azattest_client_attest_tdx_vm_begin(b->client, evidence, NULL, &op, &error), AZATTEST_E_ARGUMENT,
                   &error, "2023-04-01-preview, 2025-06-01, 2026-03-11-preview");
    b->options.api_version = "2018-09-01-preview";
    bench_open(b);
    expect_failure(azattest_client_attest_sgx_enclave_begin(b->client, evidence, NULL, &op, &error),
                   AZATTEST_E_ARGUMENT, &error, "needs an access token");
}

static void what_a_call_does_not_take_is_refused_by_name(void **state)
{
    const struct {
        const char *name;
        begin_call begin;
        const char *version;
        azattest_attest_options options;
        const char *text;
    } cases[] = {
        { "binary data for SNP", azattest_client_attest_sev_snp_vm_begin, NULL, ATTEST(.runtime_data = { "", 0 }),
          "give a JSON object as runtime_json" },
        { "a draft for TDX", azattest_client_attest_tdx_vm_begin, NULL, ATTEST(.draft_policy = "x"),
          "draft_policy is no part of this call in any api-version" },
        { "a draft for a guest of 2025", azattest_client_attest_azure_guest_begin, "2025-06-01",
          ATTEST(.draft_policy = "x"), "2026-03-11-preview" },
        { "runtime data for a guest", azattest_client_attest_azure_guest_begin, NULL,
          ATTEST(.runtime_json = { "{}", 2 }), "stands inside attestation_info" },
        { "a nonce for a TPM", azattest_client_attest_tpm_begin, NULL, ATTEST(.nonce = "n"), "stands inside content" },
        { "certificates for TDX", azattest_client_attest_tdx_vm_begin, NULL, ATTEST(.vcek_chain = { "x", 1 }),
          "vcek_chain belongs to SEV-SNP" },
        { "endorsements for SGX", azattest_client_attest_sgx_enclave_begin, NULL, ATTEST(.endorsements = { "x", 1 }),
          "endorsements belong to SEV-SNP" },
        { "JSON data in 2018", azattest_client_attest_sgx_enclave_begin, "2018-09-01-preview",
          ATTEST(.runtime_json = { "{}", 2 }), "give it as runtime_data" },
        { "a nonce in 2018", azattest_client_attest_sgx_enclave_begin, "2018-09-01-preview", ATTEST(.nonce = "n"),
          "a nonce is not taken" },
        { "a trace context that would be a header", azattest_client_attest_sgx_enclave_begin, NULL,
          ATTEST(.traceparent = "a\r\nb: c"), "traceparent" },
        { "a level that is none", azattest_client_attest_sgx_enclave_begin, NULL, ATTEST(.log_level = 9), "log_level" },
        { "too much endorsement", azattest_client_attest_sev_snp_vm_begin, NULL,
          ATTEST(.endorsements = { NULL, 1 }, .vcek_chain = { NULL, 1 }), "has a length and no bytes" },
    };
    bench *b = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        azattest_op *op = NULL;
        azattest_error *error = NULL;

        print_message("in: %s\n", cases[i].name);
        b->options.api_version = cases[i].version;
        bench_open(b);
        expect_failure(cases[i].begin(b->client, evidence, &cases[i].options, &op, &error), AZATTEST_E_ARGUMENT, &error,
                       cases[i].text);
        assert_null(op);
    }
}

/* The body as a JSON document. */
static azattest__json *body_of(azattest_op *op)
{
    azattest__json *body = NULL;

    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_HTTP);
    assert_int_equal(azattest__json_parse(azattest_request_body(azattest_op_request(op)), &body, NULL), AZATTEST_OK);
    return body;
}

/* Decodes a member of base64url. */
static void decode(const azattest__json *object, const char *name, azattest__buf *out)
{
    azattest__buf_init(out, 1 << 20);
    assert_non_null(azattest__json_get_string(object, name));
    assert_true(azattest__base64url_decode(azattest__text(azattest__json_get_string(object, name)), out));
}

static void check_document(azattest_op *op, const unsigned char *report, size_t certificates, const char *endorsements)
{
    azattest__json *body = body_of(op), *document = NULL;
    azattest__buf text, part;
    azattest_bytes block, inside;
    size_t offset = 0, count = 0;

    decode(body, "report", &text);
    assert_int_equal(azattest__json_parse(azattest__buf_bytes(&text), &document, NULL), AZATTEST_OK);
    decode(document, "SnpReport", &part);
    assert_int_equal(part.len, VM_SNP_SIZE);
    assert_memory_equal(part.ptr, report, VM_SNP_SIZE);
    azattest__buf_free(&part);
    decode(document, "VcekCertChain", &part);
    while (azattest__pem_next(azattest__buf_bytes(&part), "CERTIFICATE", &offset, &block, &inside))
        count++;
    assert_int_equal(count, certificates);
    azattest__buf_free(&part);
    if (endorsements != NULL) {
        decode(document, "Endorsements", &part);
        assert_true(azattest__bytes_equal_text(azattest__buf_bytes(&part), endorsements));
        azattest__buf_free(&part);
    } else {
        assert_null(azattest__json_get(document, "Endorsements"));
    }
    azattest__buf_free(&text);
    azattest__json_free(document);
    azattest__json_free(body);
    azattest_op_free(op);
}

static void report_and_certificates_become_one_document(void **state)
{
    bench *b = *state;
    azattest_attest_options options = AZATTEST_ATTEST_OPTIONS_INIT;
    unsigned char report[VM_SNP_SIZE], *der, *both;
    azattest_bytes raw = { report, sizeof(report) };
    azattest_op *op = NULL;
    azattest__buf pem;
    size_t len;

    vm_snp_report("", NULL, report);
    der = vm_certificate(&b->key, &len);
    options.vcek_chain = azattest__bytes(der, len);
    assert_int_equal(azattest_client_attest_sev_snp_vm_begin(b->client, raw, &options, &op, NULL), AZATTEST_OK);
    check_document(op, report, 1, NULL);

    both = malloc(2 * len);
    memcpy(both, der, len);
    memcpy(both + len, der, len);
    options.vcek_chain = azattest__bytes(both, 2 * len);
    options.endorsements = bytes_of("endorsed");
    assert_int_equal(azattest_client_attest_sev_snp_vm_begin(b->client, raw, &options, &op, NULL), AZATTEST_OK);
    check_document(op, report, 2, "endorsed");

    azattest__buf_init(&pem, 1 << 20);
    for (int i = 0; i < 3; i++) {
        azattest__pem_encode("CERTIFICATE", azattest__bytes(der, len), &pem);
        azattest__buf_append_text(&pem, "\r\n");
    }
    options.vcek_chain = azattest__buf_bytes(&pem);
    assert_int_equal(azattest_client_attest_sev_snp_vm_begin(b->client, raw, &options, &op, NULL), AZATTEST_OK);
    check_document(op, report, 3, "endorsed");
    azattest__buf_free(&pem);
    free(der);
    free(both);
}

static void a_document_is_sent_as_it_is(void **state)
{
    bench *b = *state;
    char *document = make_document();
    azattest_op *op = NULL;
    azattest__json *body;
    azattest__buf text;

    assert_int_equal(azattest_client_attest_sev_snp_vm_begin(b->client, bytes_of(document), NULL, &op, NULL),
                     AZATTEST_OK);
    body = body_of(op);
    decode(body, "report", &text);
    assert_true(azattest__bytes_equal_text(azattest__buf_bytes(&text), document));
    azattest__buf_free(&text);
    azattest__json_free(body);
    azattest_op_free(op);
    free(document);
}

static void parts_that_make_no_document(void **state)
{
    static unsigned char report[VM_SNP_SIZE], der[4096];
    static char pem[] = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    bench *b = *state;
    size_t len;
    unsigned char *certificate = vm_certificate(&b->key, &len);
    const azattest_bytes raw = { report, sizeof(report) };
    const struct {
        const char *name;
        azattest_bytes report;
        azattest_attest_options options;
        const char *text;
    } cases[] = {
        { "no certificates", raw, ATTEST(.nonce = NULL), "give VCEK, ASK and ARK as vcek_chain" },
        { "empty certificates", raw, ATTEST(.vcek_chain = { "", 0 }), "give VCEK, ASK and ARK as vcek_chain" },
        { "a chain that is text", raw, ATTEST(.vcek_chain = { "hello", 5 }), "neither PEM nor DER" },
        { "PEM around nothing", raw, ATTEST(.vcek_chain = { pem, sizeof(pem) - 1 }), "certificate 1 of vcek_chain" },
        { "a certificate and a bit", raw, ATTEST(.vcek_chain = { der, len + 1 }), "neither PEM nor DER" },
        { "a certificate that ends early", raw, ATTEST(.vcek_chain = { der, len - 1 }), "neither PEM nor DER" },
        { "a report that is cut", { report, sizeof(report) - 1 }, ATTEST(.nonce = NULL), "1183 bytes; expected a raw" },
        { "a document that is none", { "{", 1 }, ATTEST(.nonce = NULL), "looks like a JSON document and is none" },
        { "a document without a report", { "{}", 2 }, ATTEST(.nonce = NULL), "no \"SnpReport\"" },
        { "a document with a short report",
          { "{\"SnpReport\":\"AAAA\"}", 20 },
          ATTEST(.nonce = NULL),
          "no \"SnpReport\"" },
        { "a document and certificates", { "{}", 2 }, ATTEST(.vcek_chain = { der, len }), "put vcek_chain into it" },
        { "a document and endorsements", { "{}", 2 }, ATTEST(.endorsements = { "x", 1 }), "put endorsements into it" },
    };

    vm_snp_report("", NULL, report);
    memcpy(der, certificate, len);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        azattest_op *op = NULL;
        azattest_error *error = NULL;

        print_message("in: %s\n", cases[i].name);
        expect_failure(
            azattest_client_attest_sev_snp_vm_begin(b->client, cases[i].report, &cases[i].options, &op, &error),
            AZATTEST_E_ARGUMENT, &error, cases[i].text);
    }
    free(certificate);
}

static void evidence_of_another_kind_names_its_own_call(void **state)
{
    bench *b = *state;
    unsigned char tdx[VM_TDX_SIZE], snp[VM_SNP_SIZE];
    azattest_op *op = NULL;
    azattest_error *error = NULL;
    size_t len;
    unsigned char *sgx = instance_quote("", false, &len);

    vm_tdx_quote(4, "", tdx);
    vm_snp_report("", NULL, snp);
    expect_failure(
        azattest_client_attest_sgx_enclave_begin(b->client, azattest__bytes(tdx, sizeof(tdx)), NULL, &op, &error),
        AZATTEST_E_ARGUMENT, &error, "use attest_tdx_vm");
    expect_failure(azattest_client_attest_tdx_vm_begin(b->client, azattest__bytes(sgx, len), NULL, &op, &error),
                   AZATTEST_E_ARGUMENT, &error, "use attest_sgx_enclave");
    expect_failure(azattest_client_attest_tdx_vm_begin(b->client, azattest__bytes(snp, sizeof(snp)), NULL, &op, &error),
                   AZATTEST_E_ARGUMENT, &error, "use attest_sev_snp_vm");
    free(sgx);
}

/* One attest call of a virtual machine over a script: the reply holds these claims. */
static azattest_status converse(bench *b, begin_call begin, azattest_bytes raw, const azattest_attest_options *options,
                                const char *claims, azattest_error **error)
{
    char *token = instance_token(&b->key, claims), *reply = instance_reply(token);
    azattest_scripted_exchange script[] = { answer("POST", NULL, 200, reply),
                                            answer("GET", INSTANCE_CERTS, 200, b->jwks) };
    azattest_transport *transport = NULL;
    azattest_op *op = NULL;
    azattest_status status;

    bench_open(b);
    assert_int_equal(azattest_scripted_transport_new(script, 2, &transport, NULL), AZATTEST_OK);
    if ((status = begin(b->client, raw, options, &op, error)) == AZATTEST_OK)
        status = azattest_run(op, transport, error);
    azattest_op_free(op);
    azattest_transport_free(transport);
    free(token);
    free(reply);
    return status;
}

static void a_token_repeats_the_quote_of_a_trust_domain(void **state)
{
    bench *b = *state;
    azattest_attest_options options = AZATTEST_ATTEST_OPTIONS_INIT;
    unsigned char quote[VM_TDX_SIZE];
    azattest_bytes raw = { quote, sizeof(quote) };
    azattest_error *error = NULL;
    char *claims;

    for (unsigned version = 4; version <= 5; version++) {
        vm_tdx_quote(version, "data", quote);
        claims = vm_tdx_claims(version, quote, "");
        options.runtime_data = bytes_of("data");
        expect_success(converse(b, azattest_client_attest_tdx_vm_begin, raw, &options, claims, &error), &error);
        quote[VM_TDX_SIZE - 1] ^= 1; /* behind what is compared */
        expect_success(converse(b, azattest_client_attest_tdx_vm_begin, raw, &options, claims, &error), &error);
        for (size_t offset = 0; offset < 584; offset += 8) {
            unsigned char *byte = quote + (version == 5 ? 54 : 48) + offset;

            if ((offset >= 112 && offset < 136) || offset >= 520)
                continue; /* attributes; the report data is judged before */
            *byte ^= 0x80;
            expect_failure(converse(b, azattest_client_attest_tdx_vm_begin, raw, &options, claims, &error),
                           AZATTEST_E_TOKEN_MEASUREMENT, &error, "tdx_");
            *byte ^= 0x80;
        }
        quote[(version == 5 ? 54 : 48) + 120] |= 1;
        expect_failure(converse(b, azattest_client_attest_tdx_vm_begin, raw, &options, claims, &error),
                       AZATTEST_E_TOKEN_MEASUREMENT, &error, "tdx_td_attributes_debug");
        free(claims);
    }
}

static void a_token_repeats_the_report_of_a_guest(void **state)
{
    static const size_t changes[] = { 4, 10, 0x10, 0x20, 0x30, 0x90, 0xbf, 0xe0, 0x110, 0x140, 0x15f };
    static const char runtime[] = "{\"keys\":[]}", inittime[] = "{\"policy\":1}";
    bench *b = *state;
    azattest_attest_options options = AZATTEST_ATTEST_OPTIONS_INIT;
    unsigned char report[VM_SNP_SIZE];
    azattest_bytes raw = { report, sizeof(report) };
    azattest_error *error = NULL;
    size_t len;
    unsigned char *der = vm_certificate(&b->key, &len);
    char *claims;

    vm_snp_report(runtime, inittime, report);
    claims = vm_snp_claims(report, ",\"x-ms-runtime\":{\"keys\":[ ]}");
    options.vcek_chain = azattest__bytes(der, len);
    options.runtime_json = bytes_of(runtime);
    options.inittime_json = bytes_of(inittime);
    expect_success(converse(b, azattest_client_attest_sev_snp_vm_begin, raw, &options, claims, &error), &error);
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        report[changes[i]] ^= 0x1c; /* of the policy: bits 18 to 20 */
        expect_failure(converse(b, azattest_client_attest_sev_snp_vm_begin, raw, &options, claims, &error),
                       AZATTEST_E_TOKEN_MEASUREMENT, &error, "x-ms-sevsnpvm-");
        report[changes[i]] ^= 0x1c;
    }
    report[0xc0] ^= 1;
    expect_failure(converse(b, azattest_client_attest_sev_snp_vm_begin, raw, &options, claims, &error),
                   AZATTEST_E_BINDING, &error, "init-time data");
    report[0xc0] ^= 1;
    free(claims);
    claims = vm_snp_claims(report, ",\"x-ms-runtime\":{\"keys\":[1]}");
    expect_failure(converse(b, azattest_client_attest_sev_snp_vm_begin, raw, &options, claims, &error),
                   AZATTEST_E_TOKEN_RUNTIME_DATA, &error, "x-ms-runtime");
    free(claims);
    free(der);
}

static void data_that_is_not_bound_is_not_sent(void **state)
{
    bench *b = *state;
    azattest_attest_options options = AZATTEST_ATTEST_OPTIONS_INIT;
    unsigned char quote[VM_TDX_SIZE];
    azattest_bytes raw = { quote, sizeof(quote) };
    azattest_error *error = NULL;
    azattest_op *op = NULL;
    char *claims;

    vm_tdx_quote(4, "data", quote);
    options.runtime_data = bytes_of("other");
    expect_failure(azattest_client_attest_tdx_vm_begin(b->client, raw, &options, &op, &error), AZATTEST_E_BINDING,
                   &error, "before sending: the quote does not bind the runtime data");
    /* Sent all the same where the caller says so: then the token itself has to speak of the data. */
    options.check_binding = AZATTEST_OFF;
    claims = vm_tdx_claims(4, quote, "");
    expect_failure(converse(b, azattest_client_attest_tdx_vm_begin, raw, &options, claims, &error),
                   AZATTEST_E_TOKEN_RUNTIME_DATA, &error, "");
    free(claims);
}

static void a_token_of_another_kind_is_refused(void **state)
{
    bench *b = *state;
    unsigned char quote[VM_TDX_SIZE];
    azattest_bytes raw = { quote, sizeof(quote) };
    azattest_error *error = NULL;
    char *claims, *type;

    vm_tdx_quote(4, "", quote);
    claims = vm_tdx_claims(4, quote, "");
    type = strstr(claims, "tdxvm");
    memcpy(type, "sgxvm", 5);
    expect_failure(converse(b, azattest_client_attest_tdx_vm_begin, raw, NULL, claims, &error),
                   AZATTEST_E_TOKEN_ATTESTATION_TYPE, &error, "tdxvm");
    free(claims);
}

static void a_sealed_answer_comes_as_it_is(void **state)
{
    static const struct {
        const char *name;
        azattest_status (*call)(azattest_client *, azattest_transport *, azattest_bytes,
                                const azattest_attest_options *, char **, size_t *, azattest_error **);
        const char *body, *reply, *text; /* NULL: refused */
    } cases[] = {
        { "a guest", azattest_client_attest_azure_guest, "{\"attestationInfo\":\"e30\"}", "{\"token\":\"eyJFbmMi+/=\"}",
          "eyJFbmMi+/=" },
        { "KeyGuard", azattest_client_attest_key_guard, "{\"attestationInfo\":\"e30\"}", "{\"token\":\"s.e-_\"}",
          "s.e-_" },
        { "a TPM", azattest_client_attest_tpm, "{\"data\":\"e30\"}", "{\"data\":\"eyJhIjoxfQ\"}", "{\"a\":1}" },
        { "a TPM, padded", azattest_client_attest_tpm, "{\"data\":\"e30\"}", "{\"data\":\"eyJhIjoxfQ==\"}",
          "{\"a\":1}" },
        { "Pluton", azattest_client_attest_pluton, "{\"data\":\"e30\"}", "{\"data\":\"\"}", "" },
        { "no member", azattest_client_attest_tpm, NULL, "{\"token\":\"eyJhIjoxfQ\"}", NULL },
        { "an empty token", azattest_client_attest_azure_guest, NULL, "{\"token\":\"\"}", NULL },
        { "a bare string", azattest_client_attest_azure_guest, NULL, "\"abc\"", NULL },
        { "no base64", azattest_client_attest_tpm, NULL, "{\"data\":\"e3!0\"}", NULL },
        { "a page", azattest_client_attest_tpm, NULL, "<html>", NULL },
    };
    bench *b = *state;

    b->options.api_version = "2026-03-11-preview";
    bench_open(b);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        azattest_scripted_exchange script[] = { answer("POST", NULL, 200, cases[i].reply) };
        azattest_transport *transport = NULL;
        azattest_error *error = NULL;
        char *text = NULL;
        size_t len = 7;
        azattest_status status;

        print_message("in: %s\n", cases[i].name);
        assert_int_equal(azattest_scripted_transport_new(script, 1, &transport, NULL), AZATTEST_OK);
        status = cases[i].call(b->client, transport, bytes_of("{}"), NULL, &text, &len, &error);
        if (cases[i].text == NULL) {
            expect_failure(status, AZATTEST_E_RESPONSE, &error, "cannot be used");
            assert_null(text);
            assert_int_equal(len, 0);
        } else {
            expect_success(status, &error);
            assert_string_equal(text, cases[i].text);
            assert_int_equal(len, strlen(text));
        }
        azattest_free(text);
        azattest_transport_free(transport);
    }
}

static void ids_of_the_caller_pass_through_every_exchange(void **state)
{
    static const char trace[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    bench *b = *state;
    azattest_attest_options options = AZATTEST_ATTEST_OPTIONS_INIT;
    azattest_op *op = NULL;

    options.client_request_id = "mine";
    options.traceparent = trace;
    assert_int_equal(azattest_client_attest_sgx_enclave_begin(b->client, evidence, &options, &op, NULL), AZATTEST_OK);
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_HTTP);
    assert_string_equal(header_of(azattest_op_request(op), "traceparent"), trace);
    respond(op, 200, b->reply);
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_HTTP); /* the keys */
    assert_string_equal(azattest_request_method(azattest_op_request(op)), "GET");
    assert_string_equal(header_of(azattest_op_request(op), "traceparent"), trace);
    assert_string_equal(header_of(azattest_op_request(op), "x-ms-client-request-id"), "mine");
    azattest_op_free(op);
}

/* The first preview: other path, other names, a bare string for an answer, claims under the short names. */
static void the_first_preview_speaks_otherwise(void **state)
{
    static const char expected[] = "\"EnclaveHeldData\":\"ZGF0YQ\",\"DraftPolicyForAttestation\":\"dmVyc2lvbj0xLjA7\"}";
    bench *b = *state;
    azattest_attest_options options = AZATTEST_ATTEST_OPTIONS_INIT;
    azattest_credential *credential = NULL;
    azattest_response *response = NULL;
    azattest_error *error = NULL;
    azattest_op *op = NULL;
    size_t len;
    unsigned char *quote = instance_quote("data", true, &len);
    char *claims, *token, reply[8192];
    azattest_bytes body;

    assert_int_equal(azattest_static_token_credential_new("secret", 0, &credential, NULL), AZATTEST_OK);
    b->options.api_version = "2018-09-01-preview";
    b->options.credential = credential;
    b->options.scopes = "https://attest.azure.net/.default";
    bench_open(b);
    claims = instance_claims(",\"sgx-mrenclave\":\"1111111111111111111111111111111111111111111111111111111111111111\","
                             "\"sgx-mrsigner\":\"2222222222222222222222222222222222222222222222222222222222222222\","
                             "\"product-id\":7,\"svn\":3,\"is-debuggable\":false,\"maa-ehd\":\"ZGF0YQ\"");
    token = instance_token(&b->key, claims);
    options.runtime_data = bytes_of("data");
    options.draft_policy = "version=1.0;";
    expect_success(
        azattest_client_attest_open_enclave_begin(b->client, azattest__bytes(quote, len), &options, &op, &error),
        &error);
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_HTTP);
    assert_string_equal(azattest_request_url(azattest_op_request(op)),
                        INSTANCE "/attest/Tee/OpenEnclave?api-version=2018-09-01-preview");
    assert_string_equal(header_of(azattest_op_request(op), "Authorization"), "Bearer secret");
    body = azattest_request_body(azattest_op_request(op));
    assert_memory_equal(body.ptr, "{\"Quote\":\"AQ", 12);
    assert_memory_equal((const char *)body.ptr + body.len - strlen(expected), expected, strlen(expected));
    snprintf(reply, sizeof(reply), "\"%s\"", token);
    respond(op, 200, reply);
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_HTTP);
    assert_string_equal(azattest_request_url(azattest_op_request(op)), INSTANCE "/certs");
    assert_null(header_of(azattest_op_request(op), "Authorization"));
    respond(op, 200, b->jwks);
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_DONE);
    response = azattest_op_take_response(op);
    assert_true(azattest_token_is_validated(azattest_response_token(response)));
    azattest_response_free(response);
    azattest_op_free(op);
    azattest_credential_free(credential);
    b->options.credential = NULL;
    free(claims);
    free(token);
    free(quote);
}

/* Cut at every byte, and one byte changed at a time: nothing is read beyond the end, whatever is said. */
static void evidence_is_read_within_its_bounds(void **state)
{
    unsigned char whole[VM_SNP_SIZE];

    (void)state;
    for (unsigned version = 4; version <= 6; version++)
        for (size_t len = 0; len <= 54 + 648; len++) {
            unsigned char *copy = malloc(len == 0 ? 1 : len);
            azattest__tdx_body body;
            azattest_status status;

            vm_tdx_quote(version, "", whole);
            memcpy(copy, whole, len);
            status = azattest__tdx_body_read(azattest__bytes(copy, len), &body, NULL);
            if (version == 6 && len >= 48)
                assert_int_equal(status, AZATTEST_E_UNSUPPORTED);
            else
                assert_int_equal(status, len >= (version == 5 ? 54u + 648u : 48u + 584u) && version != 6
                                             ? AZATTEST_OK
                                             : AZATTEST_E_EVIDENCE);
            (void)azattest__evidence_sniff(azattest__bytes(copy, len));
            free(copy);
        }
    vm_snp_report("", NULL, whole);
    for (size_t len = 0; len <= VM_SNP_SIZE; len++) {
        unsigned char *copy = malloc(len == 0 ? 1 : len);
        azattest__snp_report report;

        memcpy(copy, whole, len);
        assert_int_equal(azattest__snp_report_read(azattest__bytes(copy, len), &report, NULL),
                         len == VM_SNP_SIZE ? AZATTEST_OK : AZATTEST_E_EVIDENCE);
        (void)azattest__evidence_sniff(azattest__bytes(copy, len));
        free(copy);
    }
    whole[0] = 6;
    {
        azattest__snp_report report;

        assert_int_equal(azattest__snp_report_read(azattest__bytes(whole, sizeof(whole)), &report, NULL),
                         AZATTEST_E_UNSUPPORTED);
    }
}

/* A kind or version that is not known goes to the service, which may know it. */
static void evidence_that_is_not_known_is_sent_unread(void **state)
{
    bench *b = *state;
    azattest_attest_options options = AZATTEST_ATTEST_OPTIONS_INIT;
    unsigned char quote[VM_TDX_SIZE];
    azattest_op *op = NULL;

    vm_tdx_quote(4, "data", quote);
    quote[0] = 7;
    options.runtime_data = bytes_of("other");
    assert_int_equal(
        azattest_client_attest_tdx_vm_begin(b->client, azattest__bytes(quote, sizeof(quote)), &options, &op, NULL),
        AZATTEST_OK);
    azattest_op_free(op);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_call_is_sent_in_the_versions_that_have_it),
        TEST(a_refusal_names_the_versions_that_would_do),
        TEST(what_a_call_does_not_take_is_refused_by_name),
        TEST(report_and_certificates_become_one_document),
        TEST(a_document_is_sent_as_it_is),
        TEST(parts_that_make_no_document),
        TEST(evidence_of_another_kind_names_its_own_call),
        TEST(a_token_repeats_the_quote_of_a_trust_domain),
        TEST(a_token_repeats_the_report_of_a_guest),
        TEST(data_that_is_not_bound_is_not_sent),
        TEST(a_token_of_another_kind_is_refused),
        TEST(a_sealed_answer_comes_as_it_is),
        TEST(ids_of_the_caller_pass_through_every_exchange),
        TEST(the_first_preview_speaks_otherwise),
        TEST(evidence_is_read_within_its_bounds),
        TEST(evidence_that_is_not_known_is_sent_unread),
    };

    return cmocka_run_group_tests_name("attest_kinds", tests, NULL, NULL);
}
