/* What is issued says what was asked for, as our own lean reader reads it. */
#include <stdlib.h>

#include "expect.h"

#include "crypto/issue.h"
#include "crypto/x509.h"

#define YEAR_2020 1577836800
#define YEAR_2040 2208988800

static azattest__key *rsa, *p256;

static int make_keys(void **state)
{
    (void)state;
    return azattest__key_generate_rsa(2048, &rsa, NULL) != AZATTEST_OK ||
           azattest__key_generate_ec("P-256", &p256, NULL) != AZATTEST_OK;
}

static int free_keys(void **state)
{
    (void)state;
    azattest__key_free(rsa);
    azattest__key_free(p256);
    return 0;
}

static azattest__cert *issued(azattest__cert_request request, const azattest__key *key, const azattest__cert *issuer,
                              const azattest__key *issuer_key)
{
    azattest__cert *certificate = NULL;
    azattest_error *error = NULL;

    request.not_before = YEAR_2020;
    request.not_after = YEAR_2040;
    expect(azattest__cert_issue(&request, key, issuer, issuer_key, &certificate, &error), &error, AZATTEST_OK, NULL);
    return certificate;
}

/* As AMD's: names from the unit to the common name, RSASSA-PSS, no extension but raw ones, serial number 0. */
static void a_bare_certificate_is_signed_with_pss(void **state)
{
    static const unsigned char zero[1] = { 0 }, raw[2] = { 0x02, 0x3e };
    const azattest__cert_extension_request extensions[2] = { { "1.3.6.1.4.1.3704.1.4", { raw, sizeof(raw) }, false },
                                                             { "1.3.6.1.4.1.3704.1.2", { "x", 1 }, false } };
    azattest__cert *root = issued((azattest__cert_request){ .common_name = "ARK",
                                                            .organizational_unit = "Unit",
                                                            .organization = "Org",
                                                            .country = "US",
                                                            .ca = true,
                                                            .path_length = -1,
                                                            .pss = true },
                                  rsa, NULL, NULL),
                   *leaf = issued((azattest__cert_request){ .common_name = "VCEK",
                                                            .bare = true,
                                                            .pss = true,
                                                            .serial_bytes = azattest__bytes(zero, 1),
                                                            .extensions = extensions,
                                                            .extension_count = 2 },
                                  p256, root, rsa);
    azattest__x509 above, below;
    bool twice;

    (void)state;
    assert_int_equal(azattest__x509_read(azattest__cert_der(root), &above, NULL), AZATTEST_OK);
    assert_int_equal(azattest__x509_read(azattest__cert_der(leaf), &below, NULL), AZATTEST_OK);
    assert_int_equal(below.alg, AZATTEST__X509_PSS_SHA384);
    assert_int_equal(azattest__x509_check_issued(&below, &above, 0, NULL), AZATTEST_OK);
    assert_true(azattest__bytes_equal(below.serial, azattest__bytes(zero, 1)));
    assert_memory_equal(azattest__x509_extension(&below, "1.3.6.1.4.1.3704.1.4", &twice).ptr, raw, 2);
    assert_int_equal(azattest__x509_extension(&below, "1.3.6.1.4.1.3704.1.2", &twice).len, 1);
    assert_null(azattest__x509_extension(&below, "2.5.29.19", &twice).ptr);
    assert_memory_equal((const char *)above.subject.ptr + 13, "Unit", 4); /* the first of the names */
    azattest__x509_clear(&above);
    azattest__x509_clear(&below);
    azattest__cert_free(root);
    azattest__cert_free(leaf);
}

static void usage_and_distribution_points_are_as_asked(void **state)
{
    static const unsigned char serial[20] = { 0x7f, 1, 2 };
    azattest__cert *certificate = issued((azattest__cert_request){ .common_name = "CA",
                                                                   .ca = true,
                                                                   .path_length = 0,
                                                                   .key_usage = "critical,keyCertSign",
                                                                   .crl_uri = "https://lists.example/a.der",
                                                                   .serial_bytes = azattest__bytes(serial, 20) },
                                         p256, NULL, NULL);
    azattest__x509 read;
    azattest__buf number;
    bool twice;

    (void)state;
    assert_int_equal(azattest__x509_read(azattest__cert_der(certificate), &read, NULL), AZATTEST_OK);
    assert_true(read.ca && read.key_cert_sign && !read.crl_sign);
    assert_int_equal(read.path_length, 0);
    assert_non_null(azattest__x509_extension(&read, "2.5.29.31", &twice).ptr);
    azattest__buf_init(&number, 64);
    assert_int_equal(azattest__cert_serial(certificate, &number, NULL), AZATTEST_OK);
    assert_true(azattest__bytes_equal(azattest__buf_bytes(&number), azattest__bytes(serial, 20)));
    assert_true(azattest__bytes_equal(read.serial, azattest__bytes(serial, 20)));
    azattest__buf_free(&number);
    azattest__x509_clear(&read);
    azattest__cert_free(certificate);
}

static void lists_say_what_was_asked_for(void **state)
{
    static const unsigned char first[2] = { 0x91, 0x05 }, second[1] = { 7 }, other[1] = { 5 };
    const azattest_bytes revoked[2] = { { first, 2 }, { second, 1 } };
    azattest_error *error = NULL;

    (void)state;
    for (int i = 0; i < 8; i++) {
        bool pss = (i & 1) != 0, empty = (i & 2) != 0, plain = (i & 4) != 0;
        azattest__key *key = pss ? rsa : p256;
        azattest__cert *issuer =
            issued((azattest__cert_request){ .common_name = "CA", .ca = true, .path_length = -1, .pss = pss }, key,
                   NULL, NULL);
        const azattest__crl_request request = { .this_update = YEAR_2020,
                                                .next_update = YEAR_2040,
                                                .number = plain ? 0 : 300,
                                                .without_authority = plain,
                                                .pss = pss,
                                                .revoked = revoked,
                                                .revoked_count = empty ? 0 : 2 };
        azattest__x509 above;
        azattest__x509_crl crl;
        azattest__buf der;

        azattest__buf_init(&der, 65536);
        expect(azattest__crl_issue(&request, issuer, key, &der, &error), &error, AZATTEST_OK, NULL);
        assert_int_equal(azattest__x509_read(azattest__cert_der(issuer), &above, NULL), AZATTEST_OK);
        expect(azattest__x509_crl_read(azattest__buf_bytes(&der), &crl, &error), &error, AZATTEST_OK, NULL);
        assert_int_equal(azattest__x509_crl_check_issued(&crl, &above, NULL), AZATTEST_OK);
        assert_int_equal(crl.revoked_count, empty ? 0 : 2);
        assert_int_equal(crl.has_number, !plain);
        assert_int_equal(crl.has_authority_key_id, !plain);
        assert_int_equal(crl.this_update, YEAR_2020);
        assert_int_equal(crl.next_update, YEAR_2040);
        /* In a certificate, an INTEGER with its high bit set has a zero in front. */
        assert_int_equal(azattest__x509_crl_revokes(&crl, azattest__bytes("\0\x91\x05", 3)), !empty);
        assert_int_equal(azattest__x509_crl_revokes(&crl, azattest__bytes(second, 1)), !empty);
        assert_false(azattest__x509_crl_revokes(&crl, azattest__bytes(other, 1)));
        azattest__buf_free(&der);
        azattest__x509_clear(&above);
        azattest__cert_free(issuer);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bare_certificate_is_signed_with_pss),
        cmocka_unit_test(usage_and_distribution_points_are_as_asked),
        cmocka_unit_test(lists_say_what_was_asked_for),
    };

    return cmocka_run_group_tests_name("issue", tests, make_keys, free_keys);
}
