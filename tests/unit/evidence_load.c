/* Files: every form is recognised, nothing else is, and held data come along. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <azattest/azattest.h>

#include "base/encoding.h"
#include "quotes.h"

/* Ways of writing the same quote; `insert` goes in every `every` characters, `front` and `back` around it. */
typedef void (*encoder)(azattest_bytes data, azattest__buf *out);

static void raw(azattest_bytes data, azattest__buf *out)
{
    azattest__buf_append_bytes(out, data);
}

static void upper_hex(azattest_bytes data, azattest__buf *out)
{
    size_t start = out->len;

    azattest__hex_encode(data, out);
    for (size_t i = start; i < out->len; i++)
        if (out->ptr[i] >= 'a')
            out->ptr[i] = (unsigned char)(out->ptr[i] - 'a' + 'A');
}

static void padded_base64url(azattest_bytes data, azattest__buf *out)
{
    azattest__base64url_encode(data, out);
    while (out->len % 4 != 0)
        azattest__buf_append(out, "=", 1);
}

static void pem(azattest_bytes data, azattest__buf *out)
{
    azattest__pem_encode("SGX QUOTE", data, out);
}

static const struct form_case {
    const char *name;
    encoder encode;
    size_t every;
    const char *insert, *front, *back, *form;
} form_cases[] = {
    { "raw", raw, 0, "", "", "", "raw" },
    { "hexadecimal", azattest__hex_encode, 0, "", "", "", "hex" },
    { "hexadecimal in upper case", upper_hex, 0, "", "", "", "hex" },
    { "hexadecimal in lines", azattest__hex_encode, 60, "\n", "", "\n", "hex" },
    { "hexadecimal in groups", azattest__hex_encode, 8, " ", "", "\n", "hex" },
    { "base64", azattest__base64_encode, 0, "", "", "", "base64" },
    { "base64 in lines of Windows", azattest__base64_encode, 76, "\r\n", "", "\r\n", "base64" },
    { "base64 with white space around it", azattest__base64_encode, 0, "", " \t\r\n", "\n\n ", "base64" },
    { "base64url", azattest__base64url_encode, 0, "", "", "", "base64url" },
    { "base64url with padding", padded_base64url, 0, "", "", "\n", "base64url" },
    { "PEM", pem, 0, "", "", "", "pem" },
    { "PEM with white space around it", pem, 0, "", "\n\n", "\n", "pem" },
};

static azattest__buf wrapped(const struct form_case *form, azattest_bytes data)
{
    azattest__buf plain, out;

    azattest__buf_init(&plain, AZATTEST_LIMIT_EVIDENCE_FILE);
    azattest__buf_init(&out, AZATTEST_LIMIT_EVIDENCE_FILE);
    form->encode(data, &plain);
    azattest__buf_append_text(&out, form->front);
    for (size_t i = 0; i < plain.len; i++) {
        if (form->every != 0 && i != 0 && i % form->every == 0)
            azattest__buf_append_text(&out, form->insert);
        azattest__buf_append(&out, plain.ptr + i, 1);
    }
    azattest__buf_append_text(&out, form->back);
    assert_int_equal(out.status, AZATTEST_OK);
    azattest__buf_free(&plain);
    return out;
}

static void form_is_recognised(void **state)
{
    const struct form_case *test = *state;
    azattest__buf quote = quotes_quote(), file;
    azattest_evidence *evidence = NULL;
    azattest_error *error = NULL;

    /* Three lengths, so that base64 ends in every way. The zeros are padding of the quote's buffer. */
    for (int i = 0; i < 3; i++) {
        file = wrapped(test, azattest__buf_bytes(&quote));
        if (azattest_evidence_load(azattest__buf_bytes(&file), &evidence, &error) != AZATTEST_OK)
            fail_msg("%s", azattest_error_message(error));
        assert_string_equal(azattest_evidence_kind(evidence), "sgx_quote");
        assert_string_equal(azattest_evidence_form(evidence), test->form);
        assert_int_equal(azattest_evidence_raw(evidence).len, quote.len);
        assert_memory_equal(azattest_evidence_raw(evidence).ptr, quote.ptr, quote.len);
        assert_null(azattest_evidence_held_data(evidence).ptr);
        azattest_evidence_free(evidence);
        azattest__buf_free(&file);
        azattest__buf_append(&quote, "", 1);
    }
    azattest__buf_free(&quote);
}

/* JSON documents. %Q: the quote in base64url; %X: in hexadecimal; %R: a report in base64url; %S, %E: what the quote
 * says of signer and enclave. */
static const struct json_case {
    const char *name, *text;
    azattest_status status;
    const char *message; /* of the failure; otherwise the kind */
    const char *held;    /* NULL: none */
} json_cases[] = {
    { "QuoteHex", "{\"QuoteHex\":\"%X\"}", AZATTEST_OK, "sgx_quote", NULL },
    { "QuoteHex in another case", "{\"quotehex\":\"%X\"}", AZATTEST_OK, "sgx_quote", NULL },
    { "QuoteHex with held data", "{\"Type\":2,\"QuoteHex\":\"%X\",\"EnclaveHeldDataHex\":\"72756E74696d65\"}",
      AZATTEST_OK, "sgx_quote", "runtime" },
    { "empty held data are not absent", "{\"QuoteHex\":\"%X\",\"EnclaveHeldDataHex\":\"\"}", AZATTEST_OK, "sgx_quote",
      "" },
    { "null held data are absent", "{\"QuoteHex\":\"%X\",\"EnclaveHeldDataHex\":null}", AZATTEST_OK, "sgx_quote",
      NULL },
    { "Quote with EnclaveHeldData", "{\"Quote\":\"%Q\",\"EnclaveHeldData\":\"cnVudGltZQ\"}", AZATTEST_OK, "sgx_quote",
      "runtime" },
    { "quote with runtimeData", "{\"quote\":\"%Q\",\"runtimeData\":{\"data\":\"cnVudGltZQ\",\"dataType\":\"Binary\"}}",
      AZATTEST_OK, "sgx_quote", "runtime" },
    { "report with runtimeData", "{\"report\":\"%R\",\"runtimeData\":{\"data\":\"cnVudGltZQ\"}}", AZATTEST_OK,
      "open_enclave_report", "runtime" },
    { "report with runtimeData as text", "{\"report\":\"%R\",\"runtimeData\":\"cnVudGltZQ==\"}", AZATTEST_OK,
      "open_enclave_report", "runtime" },
    { "white space around the document", "\r\n {\"quote\":\"%Q\"} \n", AZATTEST_OK, "sgx_quote", NULL },
    { "no evidence in it", "{}", AZATTEST_E_EVIDENCE, "no evidence in it", NULL },
    { "an array", "[]", AZATTEST_E_EVIDENCE, "not an object", NULL },
    { "not JSON", "{\"quote\":", AZATTEST_E_EVIDENCE, "JSON document: ", NULL },
    { "a member twice", "{\"quote\":\"%Q\",\"quote\":\"%Q\"}", AZATTEST_E_EVIDENCE, "JSON document: ", NULL },
    { "a member twice but for its case", "{\"quote\":\"%Q\",\"Quote\":\"%Q\"}", AZATTEST_E_EVIDENCE,
      "two members are called \"quote\"", NULL },
    { "two pieces of evidence", "{\"quote\":\"%Q\",\"report\":\"%R\"}", AZATTEST_E_EVIDENCE,
      "both \"quote\" and \"report\"", NULL },
    { "held data twice", "{\"quote\":\"%Q\",\"EnclaveHeldData\":\"AQ\",\"runtimeData\":{\"data\":\"AQ\"}}",
      AZATTEST_E_EVIDENCE, "held data stand in two members", NULL },
    { "evidence that is a number", "{\"quote\":7}", AZATTEST_E_EVIDENCE, "\"quote\": not a string", NULL },
    { "evidence that is null", "{\"quote\":null}", AZATTEST_E_EVIDENCE, "empty", NULL },
    { "empty evidence", "{\"quote\":\"\"}", AZATTEST_E_EVIDENCE, "empty", NULL },
    { "QuoteHex in base64", "{\"QuoteHex\":\"%Q\"}", AZATTEST_E_EVIDENCE, "\"QuoteHex\": ", NULL },
    { "QuoteHex with an odd digit", "{\"QuoteHex\":\"%X0\"}", AZATTEST_E_EVIDENCE, "odd number of hexadecimal digits",
      NULL },
    { "held data that are not base64url", "{\"quote\":\"%Q\",\"EnclaveHeldData\":\"a b\"}", AZATTEST_E_EVIDENCE,
      "\"EnclaveHeldData\": not base64", NULL },
    { "measurements that are not text", "{\"quote\":\"%Q\",\"MrEnclaveHex\":1}", AZATTEST_E_EVIDENCE,
      "\"MrEnclaveHex\": not a string", NULL },
    { "a bundle of a confidential VM", "{\"td_quote\":[4],\"hcl_report\":[1]}", AZATTEST_E_EVIDENCE,
      "HCL report: ", NULL },
    { "an empty bundle", "{\"quote\":{},\"report\":[],\"vcek\":\"\"}", AZATTEST_E_EVIDENCE,
      "neither a hardware report nor a TPM's quote", NULL },
    { "a key set", "{\"keys\":[]}", AZATTEST_E_UNSUPPORTED, "a key set", NULL },
    { "collateral", "{\"tcbInfo\":{},\"signature\":\"\"}", AZATTEST_E_UNSUPPORTED, "Intel collateral", NULL },
    { "an answer of the service", "{\"token\":\"eyJ\"}", AZATTEST_E_UNSUPPORTED, "holds a token", NULL },
    { "AMD certificates", "{\"vcekCert\":\"\"}", AZATTEST_E_UNSUPPORTED, "AMD certificates", NULL },
};

static azattest__buf document(const char *text)
{
    azattest__buf quote = quotes_quote(), report = quotes_report(), out;

    azattest__buf_init(&out, AZATTEST_LIMIT_EVIDENCE_FILE);
    for (; *text != '\0'; text++) {
        if (*text != '%')
            azattest__buf_append(&out, text, 1);
        else if (*++text == 'X')
            upper_hex(azattest__buf_bytes(&quote), &out);
        else
            azattest__base64url_encode(azattest__buf_bytes(*text == 'R' ? &report : &quote), &out);
    }
    assert_int_equal(out.status, AZATTEST_OK);
    azattest__buf_free(&quote);
    azattest__buf_free(&report);
    return out;
}

static void json_is_loaded(void **state)
{
    const struct json_case *test = *state;
    azattest__buf file = document(test->text);
    azattest_evidence *evidence = NULL;
    azattest_error *error = NULL;
    azattest_status status = azattest_evidence_load(azattest__buf_bytes(&file), &evidence, &error);

    if (test->status == AZATTEST_OK && status == AZATTEST_OK) {
        assert_string_equal(azattest_evidence_kind(evidence), test->message);
        assert_string_equal(azattest_evidence_form(evidence), "json");
        assert_true(test->held == NULL ? azattest_evidence_held_data(evidence).ptr == NULL
                                       : azattest__bytes_equal_text(azattest_evidence_held_data(evidence), test->held));
    } else {
        assert_null(evidence);
        quotes_expect(status, &error, test->status, test->status == AZATTEST_OK ? NULL : test->message);
    }
    azattest_evidence_free(evidence);
    azattest__buf_free(&file);
}

static const struct text_case {
    const char *name, *text;
    azattest_status status;
    const char *message;
} text_cases[] = {
    { "nothing", "", AZATTEST_E_EVIDENCE, "empty" },
    { "white space", " \r\n\t", AZATTEST_E_EVIDENCE, "empty" },
    { "a sentence", "not evidence", AZATTEST_E_EVIDENCE, "in the characters of base64, but not in its form" },
    { "text with a dot", "a.b", AZATTEST_E_EVIDENCE, "none of hexadecimal, base64, base64url, PEM, JSON" },
    { "an odd number of digits", "030", AZATTEST_E_EVIDENCE, "odd number of hexadecimal digits" },
    { "digits of zeros", "00000000", AZATTEST_E_EVIDENCE, "not evidence: 4 bytes" },
    { "both alphabets of base64", "AwAC+_==", AZATTEST_E_EVIDENCE, "not in its form" },
    { "base64 with stray bits", "AwB=", AZATTEST_E_EVIDENCE, "not in its form" },
    { "base64 with padding inside", "Aw==AwAC", AZATTEST_E_EVIDENCE, "not in its form" },
    { "a token", "eyJhbGciOiJub25lIn0.e30.", AZATTEST_E_UNSUPPORTED,
      "a token (JWT), not evidence: validate it as one" },
    { "a certificate", "-----BEGIN CERTIFICATE-----\nAQID\n-----END CERTIFICATE-----\n", AZATTEST_E_UNSUPPORTED,
      "an X.509 certificate (PEM), not evidence, and none is inside" },
    { "a revocation list", "-----BEGIN X509 CRL-----\nAQID\n-----END X509 CRL-----\n", AZATTEST_E_UNSUPPORTED,
      "revocation list (PEM), not evidence: give it as collateral" },
    { "a public key", "-----BEGIN PUBLIC KEY-----\nAQID\n-----END PUBLIC KEY-----\n", AZATTEST_E_UNSUPPORTED,
      "a public key" },
    { "a private key", "-----BEGIN PRIVATE KEY-----\nAQID\n-----END PRIVATE KEY-----\n", AZATTEST_E_UNSUPPORTED,
      "a private key" },
    { "PEM without an end", "-----BEGIN QUOTE-----\nAQID\n", AZATTEST_E_EVIDENCE, "no END line" },
    { "PEM with another end", "-----BEGIN QUOTE-----\nAQID\n-----END REPORT-----\n", AZATTEST_E_EVIDENCE,
      "no END line" },
    { "PEM without a label", "-----BEGIN -----\nAQID\n-----END -----\n", AZATTEST_E_EVIDENCE, "has no label" },
    { "PEM cut in its label", "-----BEGIN QUO", AZATTEST_E_EVIDENCE, "has no label" },
    { "PEM with a label of two lines", "-----BEGIN A\nB-----\nAQID\n-----END A\nB-----", AZATTEST_E_EVIDENCE,
      "has no label" },
    { "PEM with a label of 64 characters",
      "-----BEGIN AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA-----\n", AZATTEST_E_EVIDENCE,
      "has no label" },
    { "PEM with text behind it", "-----BEGIN QUOTE-----\nAQID\n-----END QUOTE-----\nx", AZATTEST_E_EVIDENCE,
      "more text behind the block" },
    { "two blocks of PEM",
      "-----BEGIN QUOTE-----\nAQID\n-----END QUOTE-----\n-----BEGIN QUOTE-----\nAQID\n-----END QUOTE-----\n",
      AZATTEST_E_EVIDENCE, "more text behind the block" },
    { "PEM that is not base64", "-----BEGIN QUOTE-----\nA QI\n-----END QUOTE-----\n", AZATTEST_E_EVIDENCE,
      "not base64 between its BEGIN and END lines" },
    { "empty PEM", "-----BEGIN QUOTE-----\n-----END QUOTE-----\n", AZATTEST_E_EVIDENCE, "not base64 between" },
    { "JSON of depth", "{{{{", AZATTEST_E_EVIDENCE, "JSON document: " },
    { "text that is not UTF-8", "\xc3(", AZATTEST_E_EVIDENCE, "not evidence" },
};

static void text_is_refused(void **state)
{
    const struct text_case *test = *state;
    azattest_evidence *evidence = NULL;
    azattest_error *error = NULL;

    quotes_expect(azattest_evidence_load(azattest__text(test->text), &evidence, &error), &error, test->status,
                  test->message);
    assert_null(evidence);
}

static void every_truncation_of_every_form_is_refused(void **state)
{
    azattest__buf quote = quotes_quote();

    (void)state;
    for (size_t i = 1; i < sizeof(form_cases) / sizeof(form_cases[0]); i++) {
        azattest__buf file = wrapped(&form_cases[i], azattest__buf_bytes(&quote));

        /* The ends: what is trimmed there, or padding that base64 does not need, may be missing. */
        for (size_t len = 0; len + 8 < file.len; len += len > 200 && len + 300 < file.len ? 97 : 1) {
            char *exact = malloc(len + 1);
            azattest_evidence *evidence = NULL;

            assert_non_null(exact);
            memcpy(exact, file.ptr, len);
            if (azattest_evidence_load(azattest__bytes(exact, len), &evidence, NULL) == AZATTEST_OK)
                fail_msg("%s: %zu of %zu bytes", form_cases[i].name, len, file.len);
            assert_null(evidence);
            free(exact);
        }
        azattest__buf_free(&file);
    }
    azattest__buf_free(&quote);
}

static void ceilings_hold(void **state)
{
    azattest_evidence *evidence = NULL;
    azattest_error *error = NULL;
    char *digits = malloc(AZATTEST_LIMIT_EVIDENCE_FILE + 1);

    (void)state;
    assert_non_null(digits);
    memset(digits, '0', AZATTEST_LIMIT_EVIDENCE_FILE + 1);
    quotes_expect(azattest_evidence_load(azattest__bytes(digits, AZATTEST_LIMIT_EVIDENCE_FILE + 1), &evidence, &error),
                  &error, AZATTEST_E_LIMIT, "524289 bytes, more than 524288");
    quotes_expect(azattest_evidence_load(azattest__bytes(digits, AZATTEST_LIMIT_EVIDENCE_FILE), &evidence, &error),
                  &error, AZATTEST_E_LIMIT, "more than 131072");
    quotes_expect(azattest_evidence_load(azattest__bytes(NULL, 0), &evidence, &error), &error, AZATTEST_E_ARGUMENT,
                  NULL);
    assert_int_equal(azattest_evidence_load(azattest__bytes(digits, 2), NULL, NULL), AZATTEST_E_ARGUMENT);
    assert_null(evidence);
    free(digits);
}

static int close_simulator(void **state)
{
    (void)state;
    quotes_close();
    return 0;
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ADD(cases, function)                                                                                           \
    for (size_t i = 0; i < COUNT(cases); i++)                                                                          \
        tests[count++] = (struct CMUnitTest)                                                                           \
        {                                                                                                              \
            (cases)[i].name, function, NULL, NULL, (void *)(uintptr_t) & (cases)[i]                                    \
        }

int main(void)
{
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(every_truncation_of_every_form_is_refused),
        cmocka_unit_test(ceilings_hold),
    };
    struct CMUnitTest tests[COUNT(form_cases) + COUNT(json_cases) + COUNT(text_cases) + COUNT(others)];
    size_t count = 0;

    ADD(form_cases, form_is_recognised);
    ADD(json_cases, json_is_loaded);
    ADD(text_cases, text_is_refused);
    for (size_t i = 0; i < COUNT(others); i++)
        tests[count++] = others[i];
    return cmocka_run_group_tests_name("evidence_load", tests, NULL, close_simulator);
}
