/* Quotes of every version and TEE: where each field lies, what every length is compared with, and what is behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <azattest/azattest.h>

#include "evidence.h"
#include "evidence/evidence.h"
#include "json/json.h"
#include "made.h"
#include "simulator/make.h"

static const struct layout {
    const char *name, *kind, *tee;
    made_kind made;
    int version;
    size_t body, body_size, report_data; /* offsets in the quote */
} layouts[] = {
    { "SGX, version 3", "sgx_quote", "sgx", MADE_SGX, 3, 48, 384, 368 },
    { "SGX, version 4", "sgx_quote", "sgx", MADE_SGX_V4, 4, 48, 384, 368 },
    { "SGX, version 5", "sgx_quote", "sgx", MADE_SGX_V5, 5, 54, 384, 374 },
    { "TDX, version 4", "tdx_quote", "tdx", MADE_TDX, 4, 48, 584, 568 },
    { "TDX, version 5, report 1.0", "tdx_quote", "tdx", MADE_TDX_V5_10, 5, 54, 584, 574 },
    { "TDX, version 5, report 1.5", "tdx_quote", "tdx", MADE_TDX_V5, 5, 54, 648, 574 },
};
enum { LAYOUTS = sizeof(layouts) / sizeof(layouts[0]) };

static unsigned char *copy_of(azattest_bytes bytes, size_t more)
{
    unsigned char *copy = calloc(1, bytes.len + more);

    assert_non_null(copy);
    memcpy(copy, bytes.ptr, bytes.len);
    return copy;
}

static azattest_verification_result *verified(const azattest_evidence *evidence, azattest_bytes roots)
{
    azattest_verify_options options = AZATTEST_VERIFY_OPTIONS_INIT;
    azattest_verification_result *result = NULL;

    options.now_ms = QUOTES_NOW_MS;
    options.extra_roots = roots;
    assert_int_equal(azattest_evidence_verify(evidence, &options, &result, NULL), AZATTEST_OK);
    return result;
}

static int outcome_of(const azattest_verification_result *result, const char *id)
{
    for (size_t i = 0; i < azattest_verification_result_check_count(result); i++)
        if (strcmp(azattest_verification_result_check_id(result, i), id) == 0)
            return azattest_verification_result_check_ok(result, i);
    return -2;
}

static void a_quote_verifies_and_has_its_fields(void **state)
{
    const struct layout *layout = *state;
    made it = made_of(layout->made, NULL);
    const unsigned char *quote = it.evidence.ptr;
    azattest_verification_result *result;
    azattest_evidence *evidence = NULL;
    const azattest__intel_quote *read;
    bool tdx = strcmp(layout->tee, "tdx") == 0;

    assert_int_equal(azattest_evidence_parse(it.evidence, &evidence, NULL), AZATTEST_OK);
    read = &evidence->intel;
    assert_string_equal(azattest_evidence_kind(evidence), layout->kind);
    assert_string_equal(azattest_evidence_tee(evidence), layout->tee);
    assert_int_equal(azattest_evidence_version(evidence), layout->version);
    assert_int_equal(read->signed_bytes.len, layout->body + layout->body_size);
    assert_int_equal(read->body_type, layout->version != 5       ? 0
                                      : layout->body_size == 384 ? 1
                                      : layout->body_size == 584 ? 2
                                                                 : 3);
    assert_int_equal(read->outer_certification_type, layout->version == 3 ? 0 : 6);
    assert_int_equal(read->certification_data_type, 5);
    assert_memory_equal(azattest_evidence_report_data(evidence).ptr, quote + layout->report_data, 64);
    assert_int_equal(azattest_evidence_quote(evidence).len, it.evidence.len);
    assert_null(azattest_evidence_trailing(evidence).ptr);
    if (tdx) {
        assert_memory_equal(azattest_evidence_tee_tcb_svn(evidence).ptr, quote + layout->body, 16);
        assert_memory_equal(azattest_evidence_mr_seam(evidence).ptr, quote + layout->body + 16, 48);
        assert_memory_equal(azattest_evidence_mr_signer_seam(evidence).ptr, quote + layout->body + 64, 48);
        assert_true(azattest_evidence_td_attributes(evidence) == azattest__le64(quote + layout->body + 120));
        assert_true(azattest_evidence_xfam(evidence) == azattest__le64(quote + layout->body + 128));
        assert_memory_equal(azattest_evidence_mr_td(evidence).ptr, quote + layout->body + 136, 48);
        assert_memory_equal(azattest_evidence_mr_config_id(evidence).ptr, quote + layout->body + 184, 48);
        assert_memory_equal(azattest_evidence_mr_owner(evidence).ptr, quote + layout->body + 232, 48);
        assert_memory_equal(azattest_evidence_mr_owner_config(evidence).ptr, quote + layout->body + 280, 48);
        for (size_t i = 0; i < 4; i++)
            assert_memory_equal(azattest_evidence_rtmr(evidence, i).ptr, quote + layout->body + 328 + 48 * i, 48);
        assert_null(azattest_evidence_rtmr(evidence, 4).ptr);
        assert_int_equal(azattest_evidence_mr_service_td(evidence).len, layout->body_size == 648 ? 48 : 0);
        assert_null(azattest_evidence_mr_enclave(evidence).ptr);
        assert_int_equal(azattest_evidence_mr_enclave(evidence).len, 0);
        assert_int_equal(azattest_evidence_product_id(evidence), -1);
        assert_int_equal(azattest_evidence_svn(evidence), -1);
        assert_int_equal(azattest_evidence_config_svn(evidence), -1);
    } else {
        assert_memory_equal(azattest_evidence_mr_enclave(evidence).ptr, quote + layout->body + 64, 32);
        assert_memory_equal(azattest_evidence_config_id(evidence).ptr, quote + layout->body + 192, 64);
        assert_memory_equal(azattest_evidence_isv_family_id(evidence).ptr, quote + layout->body + 304, 16);
        assert_memory_equal(azattest_evidence_isv_extended_product_id(evidence).ptr, quote + layout->body + 32, 16);
        assert_null(azattest_evidence_mr_td(evidence).ptr);
        assert_null(azattest_evidence_rtmr(evidence, 0).ptr);
        assert_true(azattest_evidence_td_attributes(evidence) == 0);
    }
    assert_int_equal(azattest_evidence_fmspc(evidence).len, 6);
    assert_int_equal(azattest_evidence_pceid(evidence).len, 2);
    result = verified(evidence, it.roots);
    assert_true(azattest_verification_result_is_valid(result));
    assert_int_equal(azattest_verification_result_not_checked_count(result), tdx ? 4 : 3);
    assert_int_equal(azattest_evidence_check_binding(evidence, azattest__text(MADE_RUNTIME_DATA), NULL), AZATTEST_OK);
    assert_int_equal(azattest_evidence_check_binding(evidence, azattest__text("other"), NULL), AZATTEST_E_BINDING);
    azattest_verification_result_free(result);
    azattest_evidence_free(evidence);
    made_free(&it);
}

static void every_truncation_is_refused(void **state)
{
    const struct layout *layout = *state;
    made it = made_of(layout->made, NULL);

    for (size_t len = 1; len < it.evidence.len; len++) {
        azattest_evidence *evidence = NULL;
        azattest_status status = quotes_parse(it.evidence.ptr, len, &evidence, NULL);

        if (status != AZATTEST_E_EVIDENCE)
            fail_msg("%zu of %zu bytes: %s", len, it.evidence.len, azattest_status_name(status));
    }
    made_free(&it);
}

/* Zeros are the rest of a buffer. Anything else is refused behind an SGX quote, and told of behind a TDX quote. */
static void bytes_behind_are_told(void **state)
{
    const struct layout *layout = *state;
    made it = made_of(layout->made, NULL);
    bool tdx = strcmp(layout->tee, "tdx") == 0;
    unsigned char *longer = copy_of(it.evidence, 70);

    for (unsigned last = 0; last < 2; last++) {
        azattest_verification_result *result;
        azattest_evidence *evidence = NULL;

        longer[it.evidence.len + 69] = (unsigned char)last;
        assert_int_equal(quotes_parse(longer, it.evidence.len + 70, &evidence, NULL), AZATTEST_OK);
        assert_int_equal(azattest_evidence_trailing(evidence).len, 70);
        assert_int_equal(azattest_evidence_quote(evidence).len, it.evidence.len);
        result = verified(evidence, it.roots);
        assert_int_equal(azattest_verification_result_is_valid(result), last == 0 || tdx);
        assert_int_equal(outcome_of(result, "trailing_bytes"), last == 0);
        if (last != 0 && tdx)
            assert_non_null(strstr((const char *)azattest_verification_result_json(result).ptr, "TRAILING BYTES: 70"));
        azattest_verification_result_free(result);
        azattest_evidence_free(evidence);
    }
    free(longer);
    made_free(&it);
}

/* Bytes to put over a quote, and what the parser says. */
static const struct patch {
    const char *name;
    made_kind made;
    size_t offset, len;
    const char *bytes, *message;
} patches[] = {
    { "version 4, another vendor", MADE_SGX_V4, 12, 1, "\x92", "vendor of the quoting enclave at offset 12" },
    { "version 5, another vendor", MADE_SGX_V5, 27, 1, "\6", "vendor of the quoting enclave at offset 12" },
    { "TDX, another vendor", MADE_TDX, 20, 1, "\x95", "TDX quote: the vendor of the quoting enclave" },
    { "version 4, a key of type 1", MADE_SGX_V4, 2, 2, "\1\0", "key type at offset 2 is 1" },
    { "version 4, another TEE", MADE_SGX_V4, 4, 4, "\1\0\0\0",
      "TEE type at offset 4 is 0x1, expected 0 (SGX) or 0x81" },
    { "version 5, another TEE", MADE_TDX_V5, 4, 4, "\x81\1\0\0", "TEE type at offset 4 is 0x181" },
    { "version 4, certification data of type 5 outside", MADE_SGX_V4, 564, 2, "\5\0",
      "certification data at offset 564 have type 5 (PCK certificate chain (PEM)), expected 6" },
    { "TDX, certification data of type 1 outside", MADE_TDX, 764, 2, "\1\0", "offset 764 have type 1" },
    { "version 4, outer certification data of 2^32-1 bytes", MADE_SGX_V4, 566, 4, "\377\377\377\377",
      "offset 564: 4294967295 bytes announced" },
    { "version 4, outer certification data of no bytes", MADE_SGX_V4, 566, 4, "\0\0\0\0", "offset 564: 0 bytes" },
    { "version 4, signature data of 2^32-1 bytes", MADE_SGX_V4, 432, 4, "\377\377\377\377",
      "offset 432: 4294967295 bytes announced" },
    { "version 4, signature data of 2^16-1 bytes", MADE_SGX_V4, 432, 4, "\377\377\0\0",
      "offset 432: 65535 bytes announced" },
    { "version 4, signature data shorter than their parts", MADE_SGX_V4, 432, 4, "\x4d\2\0\0",
      "589 bytes announced, at "
      "least 590" },
    { "version 4, authentication data of 2^16-1 bytes", MADE_SGX_V4, 1018, 2, "\377\377",
      "offset 1018: 65535 bytes announced" },
    { "version 4, authentication data of no bytes move the rest", MADE_SGX_V4, 1018, 2, "\0\0",
      "certification data at offset 1020" },
    { "version 4, inner certification data of 2^32-1 bytes", MADE_SGX_V4, 1054, 4, "\377\377\377\377",
      "offset 1052: 4294967295 bytes announced" },
    { "version 5, a body of type 0", MADE_SGX_V5, 48, 2, "\0\0", "body type at offset 48 is 0" },
    { "version 5, a body of type 4", MADE_SGX_V5, 48, 2, "\4\0", "body type at offset 48 is 4" },
    { "version 5, a body of type 65535", MADE_TDX_V5, 48, 2, "\377\377", "body type at offset 48 is 65535" },
    { "version 5, a TD's body with the TEE of an enclave", MADE_SGX_V5, 48, 2, "\2\0",
      "body type at offset 48 is 2, and the TEE type 0x0" },
    { "version 5, an enclave's body with the TEE of a TD", MADE_TDX_V5, 48, 2, "\1\0",
      "body type at offset 48 is 1, and the TEE type 0x81" },
    { "version 5, an enclave's TEE with a TD's body", MADE_TDX_V5, 4, 4, "\0\0\0\0", "and the TEE type 0x0" },
    { "version 5, the size of the other report", MADE_TDX_V5, 50, 4, "\x48\2\0\0",
      "body size at offset 50 is 584, a body of type 3 has 648 bytes" },
    { "version 5, a body of 2^32-1 bytes", MADE_TDX_V5, 50, 4, "\377\377\377\377", "body size at offset 50" },
    { "version 5, a body of no bytes", MADE_SGX_V5, 50, 4, "\0\0\0\0", "a body of type 1 has 384 bytes" },
    { "version 5, signature data of 2^32-1 bytes", MADE_TDX_V5, 702, 4, "\377\377\377\377",
      "TDX quote: signature data at offset 702: 4294967295 bytes announced" },
    { "TDX, signature data of 2^16-1 bytes", MADE_TDX, 632, 4, "\377\377\0\0", "offset 632: 65535 bytes announced" },
    { "TDX, authentication data of 2^16-1 bytes", MADE_TDX, 1218, 2, "\377\377", "offset 1218: 65535 bytes" },
};

static void what_does_not_fit_is_refused(void **state)
{
    const struct patch *patch = *state;
    made it = made_of(patch->made, NULL);
    unsigned char *quote = copy_of(it.evidence, 1);
    azattest_evidence *evidence = NULL;
    azattest_error *error = NULL;
    azattest_status status;

    memcpy(quote + patch->offset, patch->bytes, patch->len);
    status = quotes_parse(quote, it.evidence.len, &evidence, &error);
    assert_null(evidence);
    quotes_expect(status, &error, AZATTEST_E_EVIDENCE, patch->message);
    free(quote);
    made_free(&it);
}

/* No signature covers the type of the inner certification data: only the check of the type refuses these. */
static void certification_data_of_other_types_are_refused(void **state)
{
    made it = made_of(MADE_TDX, NULL);
    unsigned char *quote = copy_of(it.evidence, 1);

    (void)state;
    for (unsigned type = 0; type < 9; type++) {
        azattest_verification_result *result;
        azattest_evidence *evidence = NULL;

        quote[1252] = (unsigned char)type;
        assert_int_equal(quotes_parse(quote, it.evidence.len, &evidence, NULL), AZATTEST_OK);
        result = verified(evidence, it.roots);
        assert_int_equal(azattest_verification_result_is_valid(result), type == 5);
        assert_int_equal(outcome_of(result, "certification_data"), type == 5);
        assert_true(azattest_evidence_fields(evidence).len > 0);
        azattest_verification_result_free(result);
        azattest_evidence_free(evidence);
    }
    free(quote);
    made_free(&it);
}

/* What stands in for a certificate: types 1 to 3, each with its own size. */
static void platforms_without_a_certificate_are_read(void **state)
{
    static const size_t sizes[] = { 0, 36, 276, 404 };

    (void)state;
    for (unsigned type = 1; type <= 3; type++)
        for (int off = -1; off <= 1; off++) {
            azattest__quote_parts parts = quotes_parts();
            size_t size = sizes[type] + (size_t)off;
            unsigned char data[512];
            azattest__json *fields = NULL;
            const azattest__json *platform;
            azattest_evidence *evidence = NULL;
            azattest__buf quote;
            int64_t pcesvn = 0;

            for (size_t i = 0; i < size; i++)
                data[i] = (unsigned char)(i + type);
            parts.certification_type = type;
            parts.certification = azattest__bytes(data, size);
            quote = quotes_assemble(&parts);
            assert_int_equal(quotes_parse(quote.ptr, quote.len, &evidence, NULL), AZATTEST_OK);
            assert_int_equal(azattest__json_parse(azattest_evidence_fields(evidence), &fields, NULL), AZATTEST_OK);
            platform = azattest__json_get(azattest__json_get(fields, "signature"), "platform");
            if (off != 0) {
                assert_null(platform);
                assert_null(azattest_evidence_pceid(evidence).ptr);
            } else {
                const char *ppid = azattest__json_get_string(platform, type == 1 ? "ppid" : "encrypted_ppid");

                assert_int_equal(strlen(ppid), 2 * (size - 20));
                assert_true(azattest__json_integer(azattest__json_get(platform, "pcesvn"), &pcesvn));
                assert_int_equal(pcesvn, data[size - 4] | data[size - 3] << 8);
                assert_memory_equal(azattest_evidence_pceid(evidence).ptr, data + size - 2, 2);
                assert_memory_equal(evidence->intel.platform.cpu_svn, data + size - 20, 16);
            }
            assert_null(azattest_evidence_fmspc(evidence).ptr);
            assert_null(azattest_evidence_pck_ca(evidence));
            azattest__json_free(fields);
            azattest_evidence_free(evidence);
            azattest__buf_free(&quote);
        }
}

/* Each of the bits of "TD under debug" is a way in for the host; those behind are not. */
static void a_td_under_debug_is_debuggable(void **state)
{
    made it = made_of(MADE_TDX, NULL);
    unsigned char *quote = copy_of(it.evidence, 1), *attributes = quote + 48 + 120;

    (void)state;
    for (unsigned bit = 0; bit < 64; bit++) {
        azattest_evidence *evidence = NULL;

        memset(attributes, 0, 8);
        attributes[bit / 8] = (unsigned char)(1u << bit % 8);
        assert_int_equal(quotes_parse(quote, it.evidence.len, &evidence, NULL), AZATTEST_OK);
        assert_int_equal(azattest_evidence_is_debuggable(evidence), bit < 8);
        assert_true(azattest_evidence_td_attributes(evidence) == UINT64_C(1) << bit);
        azattest_evidence_free(evidence);
    }
    free(quote);
    made_free(&it);
}

/* One bit of every byte of a real quote: none may change unnoticed, but for the zeros behind it. */
static void no_bit_of_a_real_td_quote_changes_unnoticed(void **state)
{
    azattest_verify_options options = AZATTEST_VERIFY_OPTIONS_INIT;
    unsigned char *quote;
    size_t len;

    (void)state;
    EVIDENCE_OR_SKIP();
    quote = evidence_read("tdx/phala-v4.bin", &len);
    options.now_ms = INT64_C(1751328000) * 1000; /* 2025-07-01 */
    for (size_t i = 0; i <= len; i++) {
        azattest_verification_result *result = NULL;
        azattest_evidence *evidence = NULL;
        unsigned char bit = (unsigned char)(i < len ? 1u << (i % 8) : 0);
        bool valid = false;

        quote[i] ^= bit; /* the last round changes nothing: evidence_read() has a NUL there */
        if (azattest_evidence_parse(azattest__bytes(quote, len), &evidence, NULL) == AZATTEST_OK) {
            assert_int_equal(azattest_evidence_verify(evidence, &options, &result, NULL), AZATTEST_OK);
            valid = azattest_verification_result_is_valid(result);
        }
        if (valid != (i >= len - 70))
            fail_msg("bit 0x%02x of byte %zu of %zu", bit, i, len);
        azattest_verification_result_free(result);
        azattest_evidence_free(evidence);
        quote[i] ^= bit;
    }
    free(quote);
}

/* ---- Open Enclave ---- */

static const struct format {
    const char *name, *kind_inside;
    bool has_claims;
} formats[] = {
    { "sgx_ecdsa", "sgx", true },
    { "legacy_report", "sgx", false },
    { "raw_sgx_quote", "sgx", false },
    { "tdx_quote", "tdx", false },
};
enum { FORMATS = sizeof(formats) / sizeof(formats[0]) };

static azattest__buf oe_evidence(const char *format, const char *claims)
{
    azattest_simulated_enclave enclave = AZATTEST_SIMULATED_ENCLAVE_INIT;
    azattest__buf out;

    azattest__buf_init(&out, AZATTEST_LIMIT_EVIDENCE);
    assert_int_equal(
        azattest__make_oe_evidence(quotes_simulator(), &enclave, format, azattest__text(claims), &out, NULL),
        AZATTEST_OK);
    return out;
}

static void evidence_of_open_enclave_verifies(void **state)
{
    const struct format *format = *state;
    azattest_bytes roots = azattest_simulator_root_pem(quotes_simulator());

    for (int with = 0; with < 2; with++) {
        azattest__buf bytes = oe_evidence(format->name, with ? "claims" : NULL);
        azattest_verification_result *result;
        azattest_evidence *evidence = NULL;

        memset(bytes.ptr + 20, 0xa5, 4); /* padding, of any content */
        assert_int_equal(quotes_parse(bytes.ptr, bytes.len, &evidence, NULL), AZATTEST_OK);
        assert_string_equal(azattest_evidence_kind(evidence), "open_enclave_report");
        assert_string_equal(azattest_evidence_tee(evidence), format->kind_inside);
        result = verified(evidence, roots);
        assert_true(azattest_verification_result_is_valid(result));
        assert_int_equal(outcome_of(result, "claims_hash"), format->has_claims ? 1 : -2);
        azattest_verification_result_free(result);
        azattest_evidence_free(evidence);
        /* Without claims the hash is that of nothing; with other claims it is not theirs. */
        if (format->has_claims && with) {
            bytes.ptr[bytes.len - 1] ^= 1;
            assert_int_equal(quotes_parse(bytes.ptr, bytes.len, &evidence, NULL), AZATTEST_OK);
            result = verified(evidence, roots);
            assert_false(azattest_verification_result_is_valid(result));
            assert_int_equal(outcome_of(result, "claims_hash"), 0);
            azattest_verification_result_free(result);
            azattest_evidence_free(evidence);
        }
        azattest__buf_free(&bytes);
    }
}

static void evidence_of_open_enclave_is_cut_nowhere(void **state)
{
    const struct format *format = *state;
    azattest__buf bytes = oe_evidence(format->name, format->has_claims ? "claims" : NULL);

    for (size_t len = 1; len < bytes.len; len++) {
        azattest_evidence *evidence = NULL;

        assert_int_equal(quotes_parse(bytes.ptr, len, &evidence, NULL), AZATTEST_E_EVIDENCE);
    }
    azattest__buf_free(&bytes);
}

/* The other TEE's quote, one byte too many, sizes that nothing has. */
static void evidence_of_open_enclave_must_fit_its_header(void **state)
{
    static const unsigned char raw_id[16] = { 0x19, 0x23, 0xd9, 0x1e, 0x12, 0xd2, 0x4c, 0x72,
                                              0xb2, 0x20, 0x25, 0xcd, 0x8d, 0xac, 0xe8, 0x71 };
    azattest__buf sgx = oe_evidence("raw_sgx_quote", NULL), tdx = oe_evidence("tdx_quote", NULL);
    azattest_evidence *evidence = NULL;
    azattest_error *error = NULL;
    unsigned char id[16];

    (void)state;
    memcpy(id, tdx.ptr + 4, 16);
    memcpy(tdx.ptr + 4, raw_id, 16);
    quotes_expect(quotes_parse(tdx.ptr, tdx.len, &evidence, &error), &error, AZATTEST_E_EVIDENCE,
                  "a TDX quote inside, expected an SGX quote");
    memcpy(sgx.ptr + 4, id, 16);
    quotes_expect(quotes_parse(sgx.ptr, sgx.len, &evidence, &error), &error, AZATTEST_E_EVIDENCE,
                  "an SGX quote inside, expected a TDX quote");
    memcpy(sgx.ptr + 4, raw_id, 16);
    azattest__buf_append(&sgx, "", 1);
    quotes_expect(quotes_parse(sgx.ptr, sgx.len, &evidence, &error), &error, AZATTEST_E_EVIDENCE,
                  "Open Enclave evidence: size at offset 24");
    memset(sgx.ptr + 24, 0xff, 8);
    quotes_expect(quotes_parse(sgx.ptr, sgx.len, &evidence, &error), &error, AZATTEST_E_EVIDENCE,
                  "18446744073709551615 bytes announced");
    azattest__buf_free(&sgx);
    azattest__buf_free(&tdx);
}

/* Its MAC is for an enclave of its own platform: fields, and never a good verdict. */
static void a_local_report_is_read_and_never_valid(void **state)
{
    azattest_verification_result *result;
    azattest_evidence *evidence = NULL;
    unsigned char report[16 + 432] = { 1, 0, 0, 0, 1, 0, 0, 0, 0xb0, 1 };

    (void)state;
    for (size_t i = 16; i < sizeof(report); i++)
        report[i] = (unsigned char)i;
    report[16 + 48] = 5; /* no DEBUG */
    assert_int_equal(quotes_parse(report, sizeof(report), &evidence, NULL), AZATTEST_OK);
    assert_string_equal(azattest_evidence_kind(evidence), "open_enclave_report");
    assert_string_equal(azattest_evidence_tee(evidence), "sgx");
    assert_int_equal(azattest_evidence_version(evidence), -1);
    assert_memory_equal(azattest_evidence_mr_enclave(evidence).ptr, report + 16 + 64, 32);
    assert_memory_equal(azattest_evidence_report_data(evidence).ptr, report + 16 + 320, 64);
    assert_non_null(strstr((const char *)azattest_evidence_fields(evidence).ptr, "\"mac\":\""));
    result = verified(evidence, azattest_simulator_root_pem(quotes_simulator()));
    assert_false(azattest_verification_result_is_valid(result));
    assert_int_equal(outcome_of(result, "local_report"), 0);
    azattest_verification_result_free(result);
    azattest_evidence_free(evidence);
}

/* A reference outlives its maker; what is made when asked for is made once. */
static void evidence_is_counted(void **state)
{
    made it = made_of(MADE_TDX, NULL);
    azattest_evidence *evidence = NULL, *other;
    azattest_bytes fields;

    (void)state;
    assert_int_equal(azattest_evidence_parse(it.evidence, &evidence, NULL), AZATTEST_OK);
    other = azattest__evidence_ref(evidence);
    assert_ptr_equal(other, evidence);
    fields = azattest_evidence_fields(evidence);
    azattest_evidence_free(evidence);
    assert_ptr_equal(azattest_evidence_fields(other).ptr, fields.ptr);
    assert_ptr_equal(azattest__evidence_pck(other), azattest__evidence_pck(other));
    azattest_evidence_free(other);
    assert_null(azattest__evidence_ref(NULL));
    made_free(&it);
}

static int close_simulator(void **state)
{
    (void)state;
    quotes_close();
    return 0;
}

int main(void)
{
    enum { PATCHES = sizeof(patches) / sizeof(patches[0]), MORE = 7 };
    const struct CMUnitTest more[MORE] = {
        cmocka_unit_test(certification_data_of_other_types_are_refused),
        cmocka_unit_test(platforms_without_a_certificate_are_read),
        cmocka_unit_test(a_td_under_debug_is_debuggable),
        cmocka_unit_test(no_bit_of_a_real_td_quote_changes_unnoticed),
        cmocka_unit_test(evidence_of_open_enclave_must_fit_its_header),
        cmocka_unit_test(a_local_report_is_read_and_never_valid),
        cmocka_unit_test(evidence_is_counted),
    };
    struct CMUnitTest tests[3 * LAYOUTS + PATCHES + 2 * FORMATS + MORE];
    size_t count = 0;

    for (size_t i = 0; i < LAYOUTS; i++) {
        void *layout = (void *)(uintptr_t)&layouts[i];

        tests[count++] =
            (struct CMUnitTest){ layouts[i].name, a_quote_verifies_and_has_its_fields, NULL, NULL, layout };
        tests[count++] = (struct CMUnitTest){ layouts[i].name, every_truncation_is_refused, NULL, NULL, layout };
        tests[count++] = (struct CMUnitTest){ layouts[i].name, bytes_behind_are_told, NULL, NULL, layout };
    }
    for (size_t i = 0; i < PATCHES; i++)
        tests[count++] = (struct CMUnitTest){ patches[i].name, what_does_not_fit_is_refused, NULL, NULL,
                                              (void *)(uintptr_t)&patches[i] };
    for (size_t i = 0; i < FORMATS; i++) {
        void *format = (void *)(uintptr_t)&formats[i];

        tests[count++] = (struct CMUnitTest){ formats[i].name, evidence_of_open_enclave_verifies, NULL, NULL, format };
        tests[count++] =
            (struct CMUnitTest){ formats[i].name, evidence_of_open_enclave_is_cut_nowhere, NULL, NULL, format };
    }
    memcpy(tests + count, more, sizeof(more));
    return cmocka_run_group_tests_name("intel_quotes", tests, NULL, close_simulator);
}
