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
#include "json/json.h"
#include "protocol/attest.h"
#include "protocol/snp_document.h"
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

/* Whatever is missing at the end, nothing half-read is taken for an answer or for a document. */
static void answers_and_documents_cut_at_every_byte(void **state)
{
    static const struct {
        const azattest__attest_call *call;
        const char *body;
    } answers[] = { { &azattest__attest_tpm, "{\"data\":\"eyJhIjoxfQ\"}" },
                    { &azattest__attest_azure_guest, "{\"token\":\"c2VhbGVk\"}" } };
    char *document = make_document();

    (void)state;
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
        for (size_t len = 0; len < strlen(answers[i].body); len++) {
            azattest_http_response response = AZATTEST_HTTP_RESPONSE_INIT;
            char *copy = malloc(len == 0 ? 1 : len);
            azattest__buf text;

            memcpy(copy, answers[i].body, len);
            response.status = 200;
            response.body = azattest__bytes(copy, len);
            azattest__buf_init(&text, 65536);
            assert_int_equal(azattest__attest_text_reply(answers[i].call, &response, &text, NULL), AZATTEST_E_RESPONSE);
            azattest__buf_free(&text);
            free(copy);
        }
    for (size_t len = 0; len < strlen(document); len++) {
        azattest__snp_document made;
        char *copy = malloc(len == 0 ? 1 : len);

        memcpy(copy, document, len);
        azattest__snp_document_init(&made);
        assert_int_equal(azattest__snp_document_make("test", azattest__bytes(copy, len), azattest__bytes(NULL, 0),
                                                     azattest__bytes(NULL, 0), &made, NULL),
                         AZATTEST_E_ARGUMENT);
        azattest__snp_document_clear(&made);
        free(copy);
    }
    free(document);
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
        TEST(answers_and_documents_cut_at_every_byte),
    };

    return cmocka_run_group_tests_name("attest_kinds", tests, NULL, NULL);
}
