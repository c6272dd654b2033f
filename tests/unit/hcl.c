/* HCL reports: no size is believed, and the claims are bound by exactly their bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "evidence.h"
#include "evidence/azure/hcl.h"
#include "expect.h"
#include "guests.h"

#define CLAIMS "{\"keys\":[]}"
static unsigned char hardware[1184] = { 0x81 };

static azattest__buf tdx_report(void)
{
    return guests_hcl(AZATTEST__HCL_TDX, 1, azattest__bytes(hardware, sizeof(hardware)), azattest__text(CLAIMS), 2600);
}

static const struct number_case {
    const char *name;
    size_t offset;
    uint32_t value;
    azattest_status status;
    const char *message;
} numbers[] = {
    { "another magic number", 0, 0x414c4342, AZATTEST_E_EVIDENCE, "\"HCLA\"" },
    { "version 0", 4, 0, AZATTEST_E_UNSUPPORTED, "version 0" },
    { "version 3 is taken", 4, 3, AZATTEST_OK, NULL },
    { "a report size of 0", 8, 0, AZATTEST_E_EVIDENCE, "a size of 0 at offset 8" },
    { "a report size of 2^32-1", 8, UINT32_MAX, AZATTEST_E_EVIDENCE, "a size of 4294967295 at offset 8" },
    { "a report size that covers the padding", 8, 2600, AZATTEST_E_EVIDENCE, "a size of 2600 at offset 8" },
    { "a data size of 0", 1216, 0, AZATTEST_E_EVIDENCE, "data of 0 bytes" },
    { "a data size of 2^32-1", 1216, UINT32_MAX, AZATTEST_E_EVIDENCE, "data of 4294967295 bytes" },
    { "a data size that overlaps its own header", 1216, 19, AZATTEST_E_EVIDENCE, "data of 19 bytes" },
    { "claims of 0 bytes", 1232, 0, AZATTEST_E_EVIDENCE, "runtime claims of 0 bytes" },
    { "claims of 2^32-1 bytes", 1232, UINT32_MAX, AZATTEST_E_LIMIT, "runtime claims of 4294967295 bytes" },
    { "claims whose end wraps around", 1232, UINT32_MAX - 19, AZATTEST_E_LIMIT, "more than" },
    { "claims up to one byte behind the end", 1232, 2600 - 1236 + 1, AZATTEST_E_EVIDENCE, "only 1364 bytes are there" },
    { "claims one byte longer than the data", 1232, sizeof(CLAIMS), AZATTEST_E_EVIDENCE, "expected 32" },
    { "claims one byte shorter than the data", 1232, sizeof(CLAIMS) - 2, AZATTEST_E_EVIDENCE, "expected 30" },
    { "report type 0", 1224, 0, AZATTEST_E_UNSUPPORTED, "of type 0" },
    { "report type 5", 1224, 5, AZATTEST_E_UNSUPPORTED, "of type 5" },
    { "Trusted Launch", 1224, 3, AZATTEST_OK, NULL },
    { "hash type 0", 1228, 0, AZATTEST_E_UNSUPPORTED, "hash type 0" },
    { "hash type 4", 1228, 4, AZATTEST_E_UNSUPPORTED, "hash type 4" },
    { "hash type 2^32-1", 1228, UINT32_MAX, AZATTEST_E_UNSUPPORTED, "hash type 4294967295" },
    { "a TDREPORT of another type", 32, 0x80, AZATTEST_E_EVIDENCE, "0x80, expected 0x81" },
};

static void sizes_and_types_are_checked(void **state)
{
    const struct number_case *test = *state;
    azattest__buf report = tdx_report();
    azattest__hcl_report read;
    azattest_error *error = NULL;

    guests_put(&report, test->offset, test->value);
    expect(azattest__hcl_report_parse(azattest__buf_bytes(&report), &read, &error), &error, test->status,
           test->message);
    if (test->status != AZATTEST_OK)
        assert_null(read.runtime_claims.ptr);
    azattest__buf_free(&report);
}

static const struct number_case values[] = {
    { "as it should be", 4, 1, AZATTEST_OK, NULL },
    { "another request type", 12, 1, AZATTEST_E_EVIDENCE_INVALID, "request type 1" },
    { "reserved bytes in use", 20, 1, AZATTEST_E_EVIDENCE_INVALID, "reserved bytes are not zero" },
    { "another version of the data", 1220, 2, AZATTEST_E_EVIDENCE_INVALID, "data of version 2" },
    { "bytes behind the TDREPORT", 32 + 1100, 1, AZATTEST_E_EVIDENCE_INVALID, "bytes behind the TDREPORT" },
    { "bytes right behind the claims", 1236 + sizeof(CLAIMS) - 1, 1, AZATTEST_E_EVIDENCE_INVALID, "not all zero" },
    { "bytes at the end", 2596, 0x01000000, AZATTEST_E_EVIDENCE_INVALID, "not all zero" },
    { "TEE_TCB_INFO changed", 32 + 280, 1, AZATTEST_E_EVIDENCE_INVALID, "digest of TEE_TCB_INFO" },
    { "TDINFO changed", 32 + 528, 1, AZATTEST_E_EVIDENCE_INVALID, "digest of TDINFO" },
};

static void put_digest(size_t digest, size_t offset, size_t size)
{
    size_t len;

    assert_int_equal(
        azattest__digest(AZATTEST__SHA384, azattest__bytes(hardware + offset, size), hardware + digest, &len, NULL),
        AZATTEST_OK);
}

static void what_has_to_be_zero_is(void **state)
{
    const struct number_case *test = *state;
    azattest__hcl_report read;
    azattest_error *error = NULL;
    azattest__buf report;

    put_digest(32, 256, 239);
    put_digest(80, 512, 512);
    report = tdx_report();
    guests_put(&report, test->offset, test->value);
    expect(azattest__hcl_report_parse(azattest__buf_bytes(&report), &read, &error), &error, AZATTEST_OK, NULL);
    expect(azattest__hcl_report_check(&read, &error), &error, test->status, test->message);
    azattest__buf_free(&report);
}

static void every_truncation_is_refused(void **state)
{
    azattest__buf report = tdx_report();
    size_t whole = 1236 + sizeof(CLAIMS) - 1;

    (void)state;
    for (size_t len = 0; len <= report.len; len++) {
        char *copy = malloc(len == 0 ? 1 : len);
        azattest__hcl_report read;
        azattest_status status;

        assert_non_null(copy);
        memcpy(copy, report.ptr, len);
        status = azattest__hcl_report_parse(azattest__bytes(copy, len), &read, NULL);
        if ((status == AZATTEST_OK) != (len >= whole))
            fail_msg("%zu bytes: %s", len, azattest_status_name(status));
        if (status == AZATTEST_OK)
            assert_int_equal(read.trailing.len, len - whole);
        free(copy);
    }
    azattest__buf_free(&report);
}

/* The digest of each type, and zeros behind it. */
static void claims_are_bound_by_each_hash(void **state)
{
    static const struct {
        azattest__hash hash;
        size_t size;
    } hashes[] = { { AZATTEST__SHA256, 32 }, { AZATTEST__SHA384, 48 }, { AZATTEST__SHA512, 64 } };
    azattest_bytes claims = azattest__text("{\"keys\": [ ]}");
    azattest_error *error = NULL;

    (void)state;
    for (uint32_t type = 1; type <= 3; type++) {
        unsigned char data[64] = { 0 };
        size_t len;

        assert_int_equal(azattest__digest(hashes[type - 1].hash, claims, data, &len, NULL), AZATTEST_OK);
        assert_int_equal(len, hashes[type - 1].size);
        expect(azattest__runtime_claims_bound(claims, type, data, &error), &error, AZATTEST_OK, NULL);
        for (uint32_t other = 1; other <= 3; other++)
            if (other != type)
                expect(azattest__runtime_claims_bound(claims, other, data, &error), &error, AZATTEST_E_EVIDENCE_INVALID,
                       "is not the report data");
        /* The same value in other blanks are other bytes. */
        expect(azattest__runtime_claims_bound(azattest__text("{\"keys\":[]}"), type, data, &error), &error,
               AZATTEST_E_EVIDENCE_INVALID, "is not the report data");
        data[63] ^= 1;
        expect(azattest__runtime_claims_bound(claims, type, data, &error), &error, AZATTEST_E_EVIDENCE_INVALID,
               "with zeros behind it");
    }
}

static const struct claims_case {
    const char *name, *text, *problem; /* NULL: there is a key */
} claims_cases[] = {
    { "not JSON", "{", "no JSON object" },
    { "an array", "[]", "no JSON object" },
    { "a member twice", "{\"keys\":[],\"keys\":[]}", "no JSON object" },
    { "no keys", "{}", "no key HCLAkPub" },
    { "keys that are no array", "{\"keys\":7}", "no key HCLAkPub" },
    { "another key alone", "{\"keys\":[{\"kid\":\"HCLEkPub\",\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"AQ\"}]}",
      "no key HCLAkPub" },
    { "a key of another type", "{\"keys\":[{\"kid\":\"HCLAkPub\",\"kty\":\"EC\"}]}", "no RSA key" },
    { "a key without numbers", "{\"keys\":[{\"kid\":\"HCLAkPub\",\"kty\":\"RSA\"}]}", "no modulus" },
    { "a key of one byte", "{\"keys\":[{\"kid\":\"HCLAkPub\",\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"AQ\"}]}",
      "no usable RSA key" },
    { "a key for encryption",
      "{\"keys\":[{\"kid\":\"HCLAkPub\",\"kty\":\"RSA\",\"key_ops\":[\"encrypt\"],\"e\":\"AQAB\",\"n\":\"AQ\"}]}",
      "not for signing" },
    { "two keys of that name",
      "{\"keys\":[{\"kid\":\"HCLAkPub\",\"kty\":\"RSA\"},{\"kid\":\"HCLAkPub\",\"kty\":\"RSA\"}]}",
      "two keys HCLAkPub" },
};

static void claims_without_a_key_say_why(void **state)
{
    const struct claims_case *test = *state;
    azattest__runtime_claims claims = { 0 };

    assert_int_equal(azattest__runtime_claims_read(azattest__text(test->text), &claims, NULL), AZATTEST_OK);
    assert_null(claims.ak);
    assert_non_null(claims.problem);
    if (strstr(claims.problem, test->problem) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", test->problem, claims.problem);
    azattest__runtime_claims_clear(&claims);
}

static void claims_are_read(void **state)
{
    azattest__runtime_claims claims = { 0 };
    azattest__key *key = NULL;
    azattest__buf text;

    (void)state;
    assert_int_equal(azattest__key_generate_rsa(2048, &key, NULL), AZATTEST_OK);
    text = guests_claims(key);
    assert_int_equal(azattest__runtime_claims_read(azattest__buf_bytes(&text), &claims, NULL), AZATTEST_OK);
    assert_null(claims.problem);
    assert_true(azattest__key_equal(claims.ak, key));
    assert_int_equal(claims.secure_boot, 1);
    assert_int_equal(claims.console_enabled, 0);
    assert_string_equal(claims.vm_unique_id, "00112233-4455-6677-8899-AABBCCDDEEFF");
    assert_true(claims.has_user_data);
    assert_int_equal(claims.user_data[63], 63);
    azattest__runtime_claims_clear(&claims);
    azattest__buf_free(&text);
    azattest__key_free(key);
}

#define TABLE(cases, function)                                                                                         \
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)                                                      \
        tests[count++] = (struct CMUnitTest)                                                                           \
        {                                                                                                              \
            cases[i].name, function, NULL, NULL, (void *)(uintptr_t)&cases[i]                                          \
        }

int main(void)
{
    static const struct CMUnitTest plain[] = {
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(claims_are_bound_by_each_hash),
        cmocka_unit_test(claims_are_read),
    };
    static struct CMUnitTest tests[64];
    size_t count = 0;

    TABLE(numbers, sizes_and_types_are_checked);
    TABLE(values, what_has_to_be_zero_is);
    TABLE(claims_cases, claims_without_a_key_say_why);
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
        tests[count++] = plain[i];
    return _cmocka_run_group_tests("hcl", tests, count, NULL, NULL);
}
