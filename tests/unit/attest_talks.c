/* Attest calls of virtual machines and of the first preview, as conversations: what is looked at before, what is sent,
 * what the answer has to be. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "bench.h"
#include "evidence/evidence.h"
#include "vm_evidence.h"

typedef azattest_status (*begin_call)(azattest_client *, azattest_bytes, const azattest_attest_options *,
                                      azattest_op **, azattest_error **);

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
        quote[54 + 648 + 4] ^= 1; /* behind what is compared: of the signature or the key */
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
    unsigned char whole[VM_TDX_SIZE];

    (void)state;
    for (unsigned version = 4; version <= 6; version++)
        for (size_t len = 0; len <= VM_TDX_SIZE; len++) {
            unsigned char *copy = malloc(len == 0 ? 1 : len);
            size_t size = version == 5 ? VM_TDX_SIZE : 48u + 584u + 4u + 590u;
            azattest_evidence outline;
            azattest_status status;

            vm_tdx_quote(version, "", whole);
            memcpy(copy, whole, len);
            status = azattest__evidence_outline(azattest__bytes(copy, len), &outline, NULL);
            assert_int_equal(status, version != 6 && len >= size ? AZATTEST_OK : AZATTEST_E_EVIDENCE);
            (void)azattest__evidence_sniff(azattest__bytes(copy, len));
            free(copy);
        }
    vm_snp_report("", NULL, whole);
    for (size_t len = 0; len <= VM_SNP_SIZE; len++) {
        unsigned char *copy = malloc(len == 0 ? 1 : len);
        azattest__snp_report report;

        memcpy(copy, whole, len);
        assert_int_equal(azattest__snp_report_parse(azattest__bytes(copy, len), &report, NULL),
                         len == VM_SNP_SIZE ? AZATTEST_OK : AZATTEST_E_EVIDENCE);
        (void)azattest__evidence_sniff(azattest__bytes(copy, len));
        free(copy);
    }
    whole[0] = 6;
    {
        azattest__snp_report report;

        assert_int_equal(azattest__snp_report_parse(azattest__bytes(whole, sizeof(whole)), &report, NULL),
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

    return cmocka_run_group_tests_name("attest_talks", tests, NULL, NULL);
}
