/* Every certificate and revocation list of the evidence folder, read twice: by the lean reader and by OpenSSL's. */
#include <ftw.h>
#include <stdlib.h>

#include "expect.h"

#include <openssl/asn1.h>
#include <openssl/x509.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "crypto/x509.h"
#include "evidence.h"

#define CERTIFICATES 64 /* of one file, which are tried as each other's issuers */

typedef struct both {
    azattest__x509 lean;
    azattest__cert *full;
} both;

static struct {
    both found[CERTIFICATES];
    size_t count, certificates, issued, lists, revoked, refused;
    const char *file;
} at;

/* What the two readers say about one certificate. */
static void compare(const both *pair)
{
    char subject[256] = "", issuer[256] = "";
    bool has_subject = azattest__x509_common_name(pair->lean.subject, subject, sizeof(subject));
    bool has_issuer = azattest__x509_common_name(pair->lean.issuer, issuer, sizeof(issuer));
    const char *full_subject = azattest__cert_subject_cn(pair->full);
    const char *full_issuer = azattest__cert_issuer_cn(pair->full);
    azattest__key *key = azattest__cert_key(pair->full);

    assert_int_equal(has_subject, full_subject != NULL);
    assert_int_equal(has_issuer, full_issuer != NULL);
    assert_string_equal(subject, full_subject == NULL ? "" : full_subject);
    assert_string_equal(issuer, full_issuer == NULL ? "" : full_issuer);
    assert_int_equal(pair->lean.not_before, azattest__cert_not_before(pair->full));
    assert_int_equal(pair->lean.not_after, azattest__cert_not_after(pair->full));
    assert_int_equal(azattest__x509_self_issued(&pair->lean), azattest__cert_is_self_issued(pair->full));
    assert_int_equal(pair->lean.ca && (!pair->lean.has_key_usage || pair->lean.key_cert_sign),
                     azattest__cert_is_ca(pair->full));
    assert_int_equal(pair->lean.path_length, azattest__cert_path_length(pair->full));
    assert_int_equal(pair->lean.key != NULL, key != NULL);
    assert_true(key == NULL || azattest__key_equal(pair->lean.key, key));
}

static void compare_extensions(const both *pair)
{
    static const char *const oids[] = { "1.2.840.113741.1.13.1",
                                        "1.3.6.1.4.1.3704.1.1",
                                        "1.3.6.1.4.1.3704.1.4",
                                        "1.3.6.1.4.1.3704.1.3.8",
                                        "1.3.6.1.4.1.311.105.1",
                                        "1.2.840.113556.10.1.1",
                                        "1.2.840.113741.1337.6",
                                        "2.5.29.14",
                                        "2.5.29.19",
                                        "1.3.6.1.4.1.3704.1.3.8.1",
                                        "1.2.840.113741.1.13.1.1" };

    for (size_t i = 0; i < sizeof(oids) / sizeof(oids[0]); i++) {
        bool twice = true, full_twice = true;
        azattest_bytes lean = azattest__x509_extension(&pair->lean, oids[i], &twice);
        azattest_bytes full = azattest__cert_extension(pair->full, oids[i], &full_twice);

        assert_int_equal(lean.ptr != NULL, full.ptr != NULL);
        assert_true(lean.len == full.len && (lean.len == 0 || memcmp(lean.ptr, full.ptr, lean.len) == 0));
        assert_false(twice || full_twice);
    }
}

/* A DER element that may be a certificate. Spans are borrowed, so each certificate gets bytes of its own. */
static bool take_certificate(azattest_bytes der)
{
    unsigned char *copy = (unsigned char *)azattest__dup(der.ptr, der.len);
    azattest_error *error = NULL;
    both pair;

    if (azattest__cert_parse(azattest__bytes(copy, der.len), &pair.full, NULL) != AZATTEST_OK) {
        assert_true(azattest__x509_read(azattest__bytes(copy, der.len), &pair.lean, NULL) != AZATTEST_OK);
        free(copy);
        return false;
    }
    if (azattest__x509_read(azattest__bytes(copy, der.len), &pair.lean, &error) != AZATTEST_OK) {
        /* A damaged PCK certificate: OpenSSL reads it, but its key is none. */
        if (strstr(at.file, "/neg-") == NULL || azattest__cert_key(pair.full) != NULL)
            fail_msg("%s: %s", at.file, azattest_error_message(error));
        azattest_error_free(error);
        azattest__cert_free(pair.full);
        free(copy);
        at.refused++;
        return true;
    }
    compare(&pair);
    compare_extensions(&pair);
    at.certificates++;
    assert_true(at.count < CERTIFICATES);
    at.found[at.count++] = pair;
    return true;
}

static bool serial_equals(const X509_REVOKED *entry, azattest_bytes serial)
{
    unsigned char *der = NULL;
    int len = i2d_ASN1_INTEGER(X509_REVOKED_get0_serialNumber(entry), &der);
    bool equal = len == (int)serial.len + 2 && memcmp(der + 2, serial.ptr, serial.len) == 0;

    OPENSSL_free(der);
    return equal;
}

static int64_t seconds(const ASN1_TIME *time)
{
    struct tm civil;
    int64_t value;

    assert_int_equal(ASN1_TIME_to_tm(time, &civil), 1);
    assert_true(azattest__time_from_civil(civil.tm_year + 1900, civil.tm_mon + 1, civil.tm_mday, civil.tm_hour,
                                          civil.tm_min, civil.tm_sec, &value));
    return value;
}

static bool take_list(azattest_bytes der)
{
    const unsigned char *p = der.ptr;
    X509_CRL *full = d2i_X509_CRL(NULL, &p, (long)der.len);
    azattest_error *error = NULL;
    STACK_OF(X509_REVOKED) * entries;
    azattest__x509_crl lean;

    if (full == NULL)
        return false;
    expect(azattest__x509_crl_read(der, &lean, &error), &error, AZATTEST_OK, NULL);
    entries = X509_CRL_get_REVOKED(full);
    assert_int_equal(lean.revoked_count, entries == NULL ? 0 : sk_X509_REVOKED_num(entries));
    assert_int_equal(lean.this_update, seconds(X509_CRL_get0_lastUpdate(full)));
    assert_int_equal(lean.next_update, seconds(X509_CRL_get0_nextUpdate(full)));
    assert_true(lean.has_number && lean.has_authority_key_id);
    for (int i = 0; i < (int)lean.revoked_count; i++) {
        unsigned char *serial = NULL;
        int len = i2d_ASN1_INTEGER(X509_REVOKED_get0_serialNumber(sk_X509_REVOKED_value(entries, i)), &serial);

        assert_true(azattest__x509_crl_revokes(&lean, azattest__bytes(serial + 2, (size_t)len - 2)));
        serial[len - 1] ^= 1;
        for (int other = 0; other < (int)lean.revoked_count; other++)
            if (serial_equals(sk_X509_REVOKED_value(entries, other), azattest__bytes(serial + 2, (size_t)len - 2)))
                serial[2] = 0x7f, serial[3] ^= 0x55;
        assert_false(azattest__x509_crl_revokes(&lean, azattest__bytes(serial + 2, (size_t)len - 2)));
        OPENSSL_free(serial);
        at.revoked++;
    }
    for (size_t i = 0; i < at.count; i++) {
        X509_CRL *copy = X509_CRL_dup(full); /* keeps no verdict of another key */
        const unsigned char *issuer_der = at.found[i].lean.der.ptr;
        X509 *issuer = d2i_X509(NULL, &issuer_der, (long)at.found[i].lean.der.len);
        bool named = X509_NAME_cmp(X509_CRL_get_issuer(full), X509_get_subject_name(issuer)) == 0;

        assert_int_equal(azattest__x509_crl_check_issued(&lean, &at.found[i].lean, NULL) == AZATTEST_OK,
                         named && X509_CRL_verify(copy, X509_get0_pubkey(issuer)) == 1);
        X509_free(issuer);
        X509_CRL_free(copy);
    }
    X509_CRL_free(full);
    at.lists++;
    return true;
}

/* SEQUENCEs of a two-byte length with another inside at the front: certificates, lists, and much else. */
static void scan(azattest_bytes data)
{
    const unsigned char *p = data.ptr;

    for (size_t i = 0; i + 8 < data.len; i++) {
        size_t len = (size_t)p[i + 2] << 8 | p[i + 3];

        if (p[i] != 0x30 || p[i + 1] != 0x82 || p[i + 4] != 0x30 || len + 4 > data.len - i)
            continue;
        if (take_certificate(azattest__bytes(p + i, len + 4)) || take_list(azattest__bytes(p + i, len + 4)))
            i += len + 3;
    }
}

static int base64_length(const char *p)
{
    if (p[0] == '\\' && (p[1] == 'n' || p[1] == 'r')) /* a line end in JSON */
        return 2;
    return *p == '\n' || *p == '\r' ? 1 : 0;
}

/* base64 of something that begins with such a SEQUENCE, in PEM, in JSON, in PEM in JSON; hexadecimal of one. */
static void scan_text(const char *text, size_t len)
{
    const char *p = text, *end = text + len;

    while (p < end) {
        azattest__buf encoded, der;
        int skip;

        azattest__buf_init(&encoded, 1 << 20);
        azattest__buf_init(&der, 1 << 20);
        if (strncmp(p, "MI", 2) == 0)
            for (; p<end; p += skip> 0 ? skip : 1) {
                if ((skip = base64_length(p)) > 0)
                    continue;
                if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=", *p) == NULL ||
                    *p == '\0')
                    break;
                azattest__buf_append(&encoded, p, 1);
            }
        else if (strncmp(p, "3082", 4) == 0)
            for (; strchr("0123456789abcdefABCDEF", *p) != NULL && *p != '\0'; p++)
                azattest__buf_append(&encoded, p, 1);
        if (encoded.len > 0 && (*encoded.ptr == '3' ? azattest__hex_decode(azattest__buf_bytes(&encoded), &der)
                                                    : azattest__base64_any_decode(azattest__buf_bytes(&encoded), &der)))
            scan(azattest__buf_bytes(&der));
        p++;
        azattest__buf_free(&encoded);
        azattest__buf_free(&der);
    }
}

/* Each as the issuer of each, itself among them. */
static void compare_issuers(void)
{
    for (size_t i = 0; i < at.count; i++)
        for (size_t j = 0; j < at.count; j++) {
            const both *one = &at.found[i], *issuer = &at.found[j];
            azattest_error *error = NULL;
            bool lean = azattest__x509_check_issued(&one->lean, &issuer->lean, 0, &error) == AZATTEST_OK;
            /* OpenSSL takes keys of any size: those of a test instance of 2020 have 1024 bits. */
            bool weak = azattest__cert_key(issuer->full) != NULL &&
                        azattest__key_curve(azattest__cert_key(issuer->full)) == NULL &&
                        azattest__key_bits(azattest__cert_key(issuer->full)) < 2048;
            bool full =
                azattest__cert_is_ca(issuer->full) && !weak && azattest__cert_is_issued_by(one->full, issuer->full);

            if (lean != full && error != NULL)
                print_error("%s: %s\n", at.file, azattest_error_message(error));
            assert_int_equal(lean, full);
            at.issued += lean;
            azattest_error_free(error);
        }
}

static int take_file(const char *path, const struct stat *info, int type, struct FTW *where)
{
    const char *name = path + strlen(evidence_folder()) + 1;
    unsigned char *data;
    size_t len;

    (void)info;
    (void)where;
    if (type != FTW_F || strstr(path, "wycheproof") != NULL)
        return 0;
    at.file = name;
    data = evidence_read(name, &len);
    scan(azattest__bytes(data, len));
    scan_text((const char *)data, len);
    compare_issuers();
    while (at.count > 0) {
        both *pair = &at.found[--at.count];

        free((void *)(uintptr_t)pair->lean.der.ptr);
        azattest__x509_clear(&pair->lean);
        azattest__cert_free(pair->full);
    }
    free(data);
    return 0;
}

static void both_readers_say_the_same_of_all_real_ones(void **state)
{
    (void)state;
    EVIDENCE_OR_SKIP();
    assert_int_equal(nftw(evidence_folder(), take_file, 16, FTW_PHYS), 0);
    print_message("%zu certificates, %zu with their issuer, %zu lists of %zu entries, %zu refused\n", at.certificates,
                  at.issued, at.lists, at.revoked, at.refused);
    assert_true(at.certificates >= 100 && at.issued >= 50 && at.lists >= 5 && at.revoked >= 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_readers_say_the_same_of_all_real_ones),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
