/* Parsing: every field at its offset, every length compared with what is there, every other kind named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <azattest/azattest.h>

#include "evidence/evidence.h"
#include "quotes.h"

/* Bytes to put over a simulated quote, and what the parser says. */
static const struct quote_case {
    const char *name;
    size_t offset, len;
    const char *bytes;
    azattest_status status;
    const char *message;
} quote_cases[] = {
    { "version 2 is refused", 0, 2, "\2\0", AZATTEST_E_EVIDENCE, "version at offset 0 is 2, expected 3" },
    { "version 9 is refused", 0, 2, "\11\0", AZATTEST_E_EVIDENCE, "version at offset 0 is 9, expected 3" },
    { "version 6 is refused", 0, 2, "\6\0", AZATTEST_E_EVIDENCE, "version at offset 0 is 6, expected 3, 4 or 5" },
    { "version 4 has no bare QE report", 0, 2, "\4\0", AZATTEST_E_EVIDENCE, "certification data at offset 564" },
    { "version 5 has a body header", 0, 2, "\5\0", AZATTEST_E_EVIDENCE, "body type at offset 48 is" },
    { "a TDX body is longer", 0, 8, "\4\0\2\0\x81\0\0\0", AZATTEST_E_EVIDENCE,
      "TDX quote: signature data at offset 632" },
    { "a TDX quote of version 5 has a body header", 0, 8, "\5\0\2\0\x81\0\0\0", AZATTEST_E_EVIDENCE,
      "TDX quote: body type at offset 48 is" },
    { "key type 1 is refused", 2, 2, "\1\0", AZATTEST_E_EVIDENCE, "key type at offset 2 is 1, expected 2" },
    { "key type 3 is named", 2, 2, "\3\0", AZATTEST_E_UNSUPPORTED, "ECDSA P-384" },
    { "another TEE type is refused", 4, 4, "\1\0\0\0", AZATTEST_E_EVIDENCE, "TEE type at offset 4 is 0x1" },
    { "the TDX type in version 3 is refused", 4, 4, "\x81\0\0\0", AZATTEST_E_EVIDENCE, "TEE type at offset 4 is 0x81" },
    { "another vendor is refused", 12, 1, "\x92", AZATTEST_E_EVIDENCE, "vendor of the quoting enclave at offset 12" },
    { "the last byte of the vendor counts", 27, 1, "\0", AZATTEST_E_EVIDENCE, "vendor of the quoting enclave" },
    { "signature data of 2^32-1 bytes", 432, 4, "\377\377\377\377", AZATTEST_E_EVIDENCE, "4294967295 bytes announced" },
    { "signature data of 2^16-1 bytes", 432, 4, "\377\377\0\0", AZATTEST_E_EVIDENCE, "65535 bytes announced" },
    { "no signature data", 432, 4, "\0\0\0\0", AZATTEST_E_EVIDENCE, "0 bytes announced, at least 584" },
    { "signature data without certification", 432, 4, "\x47\2\0\0", AZATTEST_E_EVIDENCE,
      "583 bytes announced, at least 584" },
    { "signature data shorter than its parts", 432, 4, "\x90\2\0\0", AZATTEST_E_EVIDENCE,
      "certification data at offset 1046" },
    { "authentication data of 2^16-1 bytes", 1012, 2, "\377\377", AZATTEST_E_EVIDENCE,
      "at offset 1012: 65535 bytes announced" },
    { "authentication data of no bytes moves the rest", 1012, 2, "\0\0", AZATTEST_E_EVIDENCE,
      "certification data at offset 1014" },
    { "certification data of 2^32-1 bytes", 1048, 4, "\377\377\377\377", AZATTEST_E_EVIDENCE,
      "certification data at offset 1046: 4294967295 bytes announced" },
    { "certification data of no bytes", 1048, 4, "\0\0\0\0", AZATTEST_E_EVIDENCE, "0 bytes announced" },
    { "an Open Enclave header of version 3 and a format nobody knows", 0, 4, "\3\0\0\0", AZATTEST_E_EVIDENCE,
      "key type at offset 2 is 0" },
};

static void quote_parses(void **state)
{
    const struct quote_case *test = *state;
    azattest__buf quote = quotes_quote();
    azattest_evidence *evidence = NULL;
    azattest_error *error = NULL;
    azattest_status status;

    memcpy(quote.ptr + test->offset, test->bytes, test->len);
    status = quotes_parse(quote.ptr, quote.len, &evidence, &error);
    assert_null(evidence);
    quotes_expect(status, &error, test->status, test->message);
    azattest__buf_free(&quote);
}

/* What begins like something else; zeros follow up to `size`. */
static const struct kind_case {
    const char *name;
    size_t size, len;
    const char *bytes;
    azattest_status status;
    const char *message;
} kind_cases[] = {
    { "one byte", 1, 1, "\3", AZATTEST_E_EVIDENCE, "not evidence: 1 bytes" },
    { "zeros", 4096, 0, "", AZATTEST_E_EVIDENCE, "not evidence" },
    { "bytes 0xff", 8, 8, "\377\377\377\377\377\377\377\377", AZATTEST_E_EVIDENCE, "not evidence" },
    { "JSON", 2, 2, "{}", AZATTEST_E_EVIDENCE, "azattest_evidence_load()" },
    { "PEM", 11, 11, "-----BEGIN ", AZATTEST_E_EVIDENCE, "azattest_evidence_load()" },
    { "a quote's first 20 bytes", 20, 4, "\3\0\2\0", AZATTEST_E_EVIDENCE, "20 bytes, the header alone has 48" },
    { "an HCL report", 2600, 4, "HCLA", AZATTEST_E_EVIDENCE, "HCL report: runtime claims of 0 bytes" },
    { "a TPM quote", 140, 6, "\377TCG\x80\x18", AZATTEST_E_EVIDENCE, "TPM attestation: 99 bytes" },
    { "a TPM quote with its length", 142, 8, "\0\x8c\377TCG\x80\x18", AZATTEST_E_EVIDENCE, "TPM attestation: 99" },
    { "a TDX report", 1024, 1, "\x81", AZATTEST_E_UNSUPPORTED, "a TDX report" },
    { "an SGX EPID quote", 1116, 4, "\2\0\1\0", AZATTEST_E_UNSUPPORTED, "an SGX EPID quote" },
    { "Open Enclave endorsements", 200, 16, "\1\0\0\0\2\0\0\0\0\1\0\0\11\0\0\0", AZATTEST_E_UNSUPPORTED,
      "collateral for verifying quotes" },
    { "collateral of a TDX quote", 200, 8, "\4\0\0\0\x81\0\0\0", AZATTEST_E_UNSUPPORTED,
      "collateral for verifying quotes" },
    { "an Open Enclave local report of another size", 449, 10, "\1\0\0\0\1\0\0\0\xb1\1", AZATTEST_E_EVIDENCE,
      "an SGX report of 433 bytes, expected 432" },
    { "an Open Enclave report of type 3", 448, 10, "\1\0\0\0\3\0\0\0\xb0\1", AZATTEST_E_EVIDENCE, "not evidence" },
    { "an Open Enclave report without a size", 8, 8, "\1\0\0\0\2\0\0\0", AZATTEST_E_EVIDENCE,
      "8 bytes, its header has 16" },
    { "an Open Enclave report without a quote", 16, 8, "\1\0\0\0\2\0\0\0", AZATTEST_E_EVIDENCE,
      "inside the Open Enclave header: quote: 0 bytes" },
    { "an Open Enclave report of 2^64-1 bytes", 432, 16, "\1\0\0\0\2\0\0\0\377\377\377\377\377\377\377\377",
      AZATTEST_E_EVIDENCE, "18446744073709551615 bytes announced, 416" },
    { "Open Enclave evidence of local attestation", 500, 20,
      "\3\0\0\0\x09\x26\x8c\x33\x6e\x0b\x45\xe5\x8a\x27\x15\x64\x4d\x0e\xf8\x9a", AZATTEST_E_UNSUPPORTED,
      "SGX_LOCAL_ATTESTATION" },
    { "Open Enclave evidence of EPID", 500, 20,
      "\3\0\0\0\xf2\x28\xaa\x3f\xde\x4d\x49\xd3\x88\x4c\xb2\xaa\x87\xa5\x0d\xa6", AZATTEST_E_UNSUPPORTED,
      "SGX_EPID_LINKABLE" },
    { "Open Enclave evidence of EPID, unlinkable", 500, 20,
      "\3\0\0\0\x5c\x35\xd2\x90\xa2\xc2\x4c\x55\x9e\x13\x5a\xd7\x32\x74\x6c\x88", AZATTEST_E_UNSUPPORTED,
      "SGX_EPID_UNLINKABLE" },
    { "Open Enclave evidence of TDX without a quote", 32, 20,
      "\3\0\0\0\x8b\xa7\x02\x86\xc1\xcf\x11\xed\xaf\xa1\x02\x42\xac\x12\x00\x02", AZATTEST_E_EVIDENCE,
      "inside the Open Enclave header: quote: 0 bytes" },
    { "Open Enclave evidence with the obsolete header", 500, 20,
      "\2\0\0\0\xa3\xa2\x1e\x87\x1b\x4d\x40\x14\xb7\x0a\xa1\x25\xd2\xfb\xcd\x8c", AZATTEST_E_UNSUPPORTED,
      "obsolete header of version 2" },
    { "Open Enclave evidence without a size", 20, 20,
      "\3\0\0\0\xa3\xa2\x1e\x87\x1b\x4d\x40\x14\xb7\x0a\xa1\x25\xd2\xfb\xcd\x8c", AZATTEST_E_EVIDENCE,
      "20 bytes, its header has 32" },
    { "a certificate's skeleton in DER", 9, 9, "\x30\7\x30\0\x30\0\3\1\0", AZATTEST_E_UNSUPPORTED,
      "an X.509 certificate or revocation list" },
    { "DER with another byte behind it", 10, 10, "\x30\7\x30\0\x30\0\3\1\0\0", AZATTEST_E_EVIDENCE, "not evidence" },
};

static void kind_is_named(void **state)
{
    const struct kind_case *test = *state;
    azattest_evidence *evidence = NULL;
    azattest_error *error = NULL;
    azattest_status status;
    char *bytes = calloc(1, test->size);

    assert_non_null(bytes);
    memcpy(bytes, test->bytes, test->len);
    status = quotes_parse(bytes, test->size, &evidence, &error);
    assert_null(evidence);
    quotes_expect(status, &error, test->status, test->message);
    free(bytes);
}

static void empty_absent_and_huge_input_is_refused(void **state)
{
    azattest_evidence *evidence = (azattest_evidence *)&evidence;
    azattest_error *error = NULL;
    char *huge = calloc(1, AZATTEST_LIMIT_EVIDENCE + 1);

    (void)state;
    assert_non_null(huge);
    quotes_expect(azattest_evidence_parse(azattest__bytes(NULL, 0), &evidence, &error), &error, AZATTEST_E_ARGUMENT,
                  NULL);
    assert_null(evidence);
    quotes_expect(azattest_evidence_parse(azattest__bytes("", 0), &evidence, &error), &error, AZATTEST_E_EVIDENCE,
                  NULL);
    quotes_expect(azattest_evidence_parse(azattest__bytes(huge, AZATTEST_LIMIT_EVIDENCE + 1), &evidence, &error),
                  &error, AZATTEST_E_LIMIT, NULL);
    assert_int_equal(azattest_evidence_parse(azattest__bytes("x", 1), NULL, NULL), AZATTEST_E_ARGUMENT);
    free(huge);
}

static void truncated(azattest__buf evidence)
{
    for (size_t len = 1; len < evidence.len; len++) {
        azattest_evidence *parsed = NULL;
        azattest_status status = quotes_parse(evidence.ptr, len, &parsed, NULL);

        if (status != AZATTEST_E_EVIDENCE)
            fail_msg("%zu of %zu bytes: %s", len, evidence.len, azattest_status_name(status));
        assert_null(parsed);
    }
    azattest__buf_free(&evidence);
}

static void every_truncation_of_a_quote_is_malformed(void **state)
{
    (void)state;
    truncated(quotes_quote());
}

static void every_truncation_of_a_report_is_malformed(void **state)
{
    (void)state;
    truncated(quotes_report());
}

static uint64_t number(const unsigned char *body, size_t offset, size_t size)
{
    uint64_t value = 0;

    for (size_t i = size; i > 0; i--)
        value = value << 8 | body[offset + i - 1];
    return value;
}

/* Offsets of the format's description, said again: a body in which every byte differs from its neighbours. */
static void report_is_at(const azattest__sgx_report *report, const unsigned char *body)
{
    assert_memory_equal(report->body, body, 384);
    assert_memory_equal(report->cpu_svn, body, 16);
    assert_int_equal(report->misc_select, number(body, 16, 4));
    assert_int_equal(*report->cet_attributes, body[20]);
    assert_memory_equal(report->isv_ext_product_id, body + 32, 16);
    assert_true(report->attributes_flags == number(body, 48, 8));
    assert_true(report->attributes_xfrm == number(body, 56, 8));
    assert_memory_equal(report->mr_enclave, body + 64, 32);
    assert_memory_equal(report->mr_signer, body + 128, 32);
    assert_memory_equal(report->config_id, body + 192, 64);
    assert_int_equal(report->isv_product_id, number(body, 256, 2));
    assert_int_equal(report->isv_svn, number(body, 258, 2));
    assert_int_equal(report->config_svn, number(body, 260, 2));
    assert_memory_equal(report->isv_family_id, body + 304, 16);
    assert_memory_equal(report->report_data, body + 320, 64);
}

static void every_field_has_its_offset(void **state)
{
    azattest__quote_parts parts = quotes_parts();
    azattest_evidence *evidence = NULL;
    const azattest__intel_quote *sgx;
    const unsigned char *raw;
    azattest__buf quote;
    size_t size;

    (void)state;
    for (size_t i = 0; i < 384; i++) {
        parts.report[i] = (unsigned char)(i * 7 + 1);
        parts.qe_report[i] = (unsigned char)(i * 11 + 3);
    }
    for (size_t i = 28; i < 48; i++)
        parts.header[i] = (unsigned char)i;
    quote = quotes_assemble(&parts);
    assert_int_equal(quotes_parse(quote.ptr, quote.len, &evidence, NULL), AZATTEST_OK);
    sgx = &evidence->intel;
    raw = evidence->raw;
    size = 436 + (size_t)number(quote.ptr, 432, 4);
    assert_int_equal(sgx->version, 3);
    assert_int_equal(sgx->attestation_key_type, 2);
    assert_int_equal(sgx->tee_type, 0);
    assert_int_equal(sgx->qe_svn, 10);
    assert_int_equal(sgx->pce_svn, 13);
    assert_ptr_equal(sgx->qe_vendor_id, raw + 12);
    assert_ptr_equal(sgx->user_data, raw + 28);
    report_is_at(&sgx->report, quote.ptr + 48);
    report_is_at(&sgx->qe_report, quote.ptr + 564);
    assert_memory_equal(azattest_evidence_report_data(evidence).ptr, quote.ptr + 368, 64);
    assert_ptr_equal(sgx->signed_bytes.ptr, raw);
    assert_int_equal(sgx->signed_bytes.len, 432);
    assert_ptr_equal(sgx->signature.ptr, raw + 436);
    assert_ptr_equal(sgx->attestation_key.ptr, raw + 500);
    assert_ptr_equal(sgx->qe_report_signature.ptr, raw + 948);
    assert_ptr_equal(sgx->qe_auth_data.ptr, raw + 1014);
    assert_int_equal(sgx->qe_auth_data.len, 32);
    assert_int_equal(sgx->certification_data_type, 5);
    assert_ptr_equal(sgx->certification_data.ptr, raw + 1052);
    assert_int_equal(sgx->certification_data.len, size - 1052);
    assert_int_equal(sgx->size, quote.len);
    azattest_evidence_free(evidence);
    azattest__buf_free(&quote);
}

static void readers_give_what_was_made(void **state)
{
    azattest__buf report = quotes_report();
    azattest_evidence *evidence = NULL;

    (void)state;
    assert_int_equal(quotes_parse(report.ptr, report.len, &evidence, NULL), AZATTEST_OK);
    assert_string_equal(azattest_evidence_kind(evidence), "open_enclave_report");
    assert_string_equal(azattest_evidence_form(evidence), "raw");
    assert_int_equal(azattest_evidence_raw(evidence).len, report.len);
    assert_memory_equal(azattest_evidence_raw(evidence).ptr, report.ptr, report.len);
    assert_int_equal(azattest_evidence_quote(evidence).len, report.len - 16);
    assert_memory_equal(azattest_evidence_quote(evidence).ptr, report.ptr + 16, report.len - 16);
    assert_int_equal(azattest_evidence_version(evidence), 3);
    assert_int_equal(azattest_evidence_product_id(evidence), 7);
    assert_int_equal(azattest_evidence_svn(evidence), 11);
    assert_int_equal(azattest_evidence_mr_enclave(evidence).len, 32);
    assert_int_equal(azattest_evidence_mr_signer(evidence).len, 32);
    assert_int_equal(azattest_evidence_report_data(evidence).len, 64);
    assert_int_equal(azattest_evidence_cpu_svn(evidence).len, 16);
    assert_false(azattest_evidence_is_debuggable(evidence));
    assert_null(azattest_evidence_held_data(evidence).ptr);
    assert_true(azattest_evidence_fields(evidence).len > 1000);
    azattest_evidence_free(evidence);
    azattest__buf_free(&report);
}

static void readers_accept_no_evidence(void **state)
{
    (void)state;
    assert_null(azattest_evidence_kind(NULL));
    assert_null(azattest_evidence_form(NULL));
    assert_null(azattest_evidence_raw(NULL).ptr);
    assert_null(azattest_evidence_quote(NULL).ptr);
    assert_null(azattest_evidence_held_data(NULL).ptr);
    assert_null(azattest_evidence_mr_enclave(NULL).ptr);
    assert_null(azattest_evidence_mr_signer(NULL).ptr);
    assert_null(azattest_evidence_report_data(NULL).ptr);
    assert_null(azattest_evidence_cpu_svn(NULL).ptr);
    assert_null(azattest_evidence_fields(NULL).ptr);
    assert_int_equal(azattest_evidence_version(NULL), 0);
    assert_int_equal(azattest_evidence_product_id(NULL), 0);
    assert_int_equal(azattest_evidence_svn(NULL), 0);
    assert_false(azattest_evidence_is_debuggable(NULL));
    azattest_evidence_free(NULL);
}

static void binding_is_of_the_first_half(void **state)
{
    azattest__buf quote = quotes_quote();
    azattest_evidence *evidence = NULL;
    azattest_error *error = NULL;

    (void)state;
    assert_int_equal(quotes_parse(quote.ptr, quote.len, &evidence, NULL), AZATTEST_OK);
    assert_int_equal(azattest_evidence_check_binding(evidence, azattest__text(QUOTES_RUNTIME_DATA), &error),
                     AZATTEST_OK);
    assert_null(error);
    quotes_expect(azattest_evidence_check_binding(evidence, azattest__text("runtime dat"), &error), &error,
                  AZATTEST_E_BINDING, "not the first half of the report data");
    assert_int_equal(azattest_evidence_check_binding(evidence, azattest__bytes("", 0), NULL), AZATTEST_E_BINDING);
    assert_int_equal(azattest_evidence_check_binding(evidence, azattest__bytes(NULL, 0), NULL), AZATTEST_E_ARGUMENT);
    assert_int_equal(azattest_evidence_check_binding(NULL, azattest__text("x"), NULL), AZATTEST_E_ARGUMENT);
    azattest_evidence_free(evidence);
    azattest__buf_free(&quote);
}

static int close_simulator(void **state)
{
    (void)state;
    quotes_close();
    return 0;
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

int main(void)
{
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(empty_absent_and_huge_input_is_refused),
        cmocka_unit_test(every_truncation_of_a_quote_is_malformed),
        cmocka_unit_test(every_truncation_of_a_report_is_malformed),
        cmocka_unit_test(every_field_has_its_offset),
        cmocka_unit_test(readers_give_what_was_made),
        cmocka_unit_test(readers_accept_no_evidence),
        cmocka_unit_test(binding_is_of_the_first_half),
    };
    struct CMUnitTest tests[COUNT(quote_cases) + COUNT(kind_cases) + COUNT(others)];
    size_t count = 0;

    for (size_t i = 0; i < COUNT(quote_cases); i++)
        tests[count++] =
            (struct CMUnitTest){ quote_cases[i].name, quote_parses, NULL, NULL, (void *)(uintptr_t)&quote_cases[i] };
    for (size_t i = 0; i < COUNT(kind_cases); i++)
        tests[count++] =
            (struct CMUnitTest){ kind_cases[i].name, kind_is_named, NULL, NULL, (void *)(uintptr_t)&kind_cases[i] };
    for (size_t i = 0; i < COUNT(others); i++)
        tests[count++] = others[i];
    return cmocka_run_group_tests_name("sgx_quote", tests, NULL, close_simulator);
}
