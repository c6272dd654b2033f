/* The lean reader of revocation lists: put together by hand what it must refuse, with OpenSSL who issued what. */
#include <stdlib.h>

#include "expect.h"

#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include "crypto/x509.h"
#include "der.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define ECDSA_256 "\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02"
#define ECDSA_384 "\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x03"
#define NAME "\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x0c\x01\x41"
#define TIME                                                                                                           \
    "\x17\x0d"                                                                                                         \
    "250101000000Z"
#define LATER                                                                                                          \
    "\x17\x0d"                                                                                                         \
    "250201000000Z"
#define BITS "\x03\x05\x00\x30\x02\x05\x00"
#define CE "\x06\x03\x55\x1d"
#define CRITICAL "\x01\x01\xff"
#define ENTRY(serial) "\x30\x12\x02\x01" serial TIME

typedef struct recipe {
    azattest_bytes version, algorithm, issuer, this_update, next_update;
    azattest_bytes revoked, extensions; /* contents of the lists; absent: no list */
    azattest_bytes rest, behind;
} recipe;

static void put(azattest__buf *out, azattest_bytes given, const char *usual, size_t len)
{
    azattest__buf_append_bytes(out, given.ptr != NULL ? given : azattest__bytes(usual, len));
}
#define PUT(given, usual) put(out, given, usual, sizeof(usual) - 1)
#define NONE DER("")

static void bake(const recipe *with, azattest__buf *out)
{
    azattest__buf_init(out, 2 << 20);
    PUT(with->version, "\x02\x01\x01");
    PUT(with->algorithm, ECDSA_256);
    PUT(with->issuer, NAME);
    PUT(with->this_update, TIME);
    PUT(with->next_update, LATER);
    if (with->revoked.ptr != NULL)
        der_put(out, 0x30, with->revoked);
    if (with->extensions.ptr != NULL) {
        size_t start = out->len;

        der_put(out, 0x30, with->extensions);
        der_wrap(out, start, 0xa0);
    }
    PUT(with->rest, "");
    der_wrap(out, 0, 0x30);
    azattest__buf_append(out, ECDSA_256 BITS, sizeof(ECDSA_256 BITS) - 1);
    der_wrap(out, 0, 0x30);
    PUT(with->behind, "");
    assert_int_equal(out->status, AZATTEST_OK);
}

static void what_is_no_whole_list_is_refused(void **state)
{
    static const struct {
        const char *what;
        recipe with;
        const char *text; /* NULL: it is one */
    } cases[] = {
        { "the usual one", { .rest = NONE }, NULL },
        { "a byte behind it", { .behind = DER("\0") }, "bytes behind its end" },
        { "version 1", { .version = NONE }, NULL },
        { "version 1, written", { .version = DER("\x02\x01\x00") }, "neither 1 nor 2" },
        { "version 3", { .version = DER("\x02\x01\x02") }, "neither 1 nor 2" },
        { "extensions and version 1",
          { .version = NONE, .extensions = DER("\x30\x0a" CE "\x14\x04\x03\x02\x01\x01") },
          "not a list of extensions" },
        { "another algorithm inside", { .algorithm = DER(ECDSA_384) }, "not the one of the signature" },
        { "no issuer", { .issuer = NONE }, "issuer is not a name" },
        { "no thisUpdate", { .this_update = NONE, .next_update = NONE }, "thisUpdate" },
        { "no nextUpdate", { .next_update = NONE }, "good for ever" },
        { "no nextUpdate, with entries", { .next_update = NONE, .revoked = DER(ENTRY("\x01")) }, "good for ever" },
        { "a nextUpdate of no month",
          { .next_update = DER("\x17\x0d"
                               "251301000000Z") },
          "good for ever" },
        { "an empty list of entries", { .revoked = NONE }, NULL },
        { "entries", { .revoked = DER(ENTRY("\x01") ENTRY("\x02")) }, NULL },
        { "an entry that is none", { .revoked = DER(ENTRY("\x01") "\x05\x00") }, "serial number and a time" },
        { "an entry without a time", { .revoked = DER("\x30\x03\x02\x01\x01") }, "serial number and a time" },
        { "an entry with a negative serial number", { .revoked = DER(ENTRY("\x80")) }, "serial number and a time" },
        { "an entry with a padded serial number",
          { .revoked = DER("\x30\x13\x02\x02\x00\x01" TIME) },
          "serial number and a time" },
        { "an entry with a reason",
          { .revoked = DER("\x30\x20\x02\x01\x01" TIME "\x30\x0c\x30\x0a" CE "\x15\x04\x03\x0a\x01\x01") },
          NULL },
        { "an entry of another issuer",
          { .revoked = DER("\x30\x23\x02\x01\x01" TIME "\x30\x0f\x30\x0d" CE "\x1d" CRITICAL "\x04\x03\x30\x01\x00") },
          "an entry has a critical extension" },
        { "an entry with the same extension twice",
          { .revoked = DER("\x30\x2c\x02\x01\x01" TIME "\x30\x18\x30\x0a" CE "\x15\x04\x03\x0a\x01\x01"
                           "\x30\x0a" CE "\x15\x04\x03\x0a\x01\x01") },
          "an extension twice" },
        { "an entry with something else",
          { .revoked = DER("\x30\x14\x02\x01\x01" TIME "\x05\x00") },
          "something else" },
        { "a list of changes",
          { .extensions = DER("\x30\x0d" CE "\x1b" CRITICAL "\x04\x03\x02\x01\x01") },
          "of changes or of a part" },
        { "a list of a part, not even critical",
          { .extensions = DER("\x30\x09" CE "\x1c\x04\x02\x30\x00") },
          "of changes or of a part" },
        { "an unknown critical extension",
          { .extensions = DER("\x30\x09\x06\x02\x2a\x03" CRITICAL "\x04\x00") },
          "critical extension that is not understood" },
        { "an unknown extension", { .extensions = DER("\x30\x06\x06\x02\x2a\x03\x04\x00") }, NULL },
        { "a number twice",
          { .extensions = DER("\x30\x0a" CE "\x14\x04\x03\x02\x01\x01\x30\x0a" CE "\x14\x04\x03\x02\x01\x01") },
          "an extension twice" },
        { "something behind the entries", { .rest = DER("\x05\x00") }, "not a list of extensions" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        azattest_error *error = NULL;
        azattest__x509_crl list;
        azattest__buf der;

        print_message("%s\n", cases[i].what);
        bake(&cases[i].with, &der);
        expect(azattest__x509_crl_read(azattest__buf_bytes(&der), &list, &error), &error,
               cases[i].text == NULL ? AZATTEST_OK : AZATTEST_E_MALFORMED, cases[i].text);
        assert_int_equal(list.der.ptr != NULL, cases[i].text == NULL);
        azattest__buf_free(&der);
    }
}

static void a_list_tells_what_it_lists(void **state)
{
    static const recipe with = { .revoked = DER(ENTRY("\x01") ENTRY("\x7f") "\x30\x13\x02\x02\x00\x80" TIME),
                                 .extensions = DER("\x30\x0a" CE "\x14\x04\x03\x02\x01\x01"
                                                   "\x30\x09" CE "\x23\x04\x02\x30\x00") };
    static const struct {
        azattest_bytes serial;
        bool listed;
    } serials[] = { { DER("\x01"), true },  { DER("\x7f"), true },  { DER("\x00\x80"), true },
                    { DER("\x80"), false }, { DER("\x02"), false }, { DER("\x00\x01"), false },
                    { DER(""), false } };
    azattest_error *error = NULL;
    azattest__x509_crl list;
    azattest__buf der;

    (void)state;
    bake(&with, &der);
    expect(azattest__x509_crl_read(azattest__buf_bytes(&der), &list, &error), &error, AZATTEST_OK, NULL);
    assert_int_equal(list.this_update, 1735689600);
    assert_int_equal(list.next_update, 1738368000);
    assert_int_equal(list.revoked_count, 3);
    assert_true(list.has_number && list.has_authority_key_id);
    for (size_t i = 0; i < COUNT(serials); i++)
        assert_int_equal(azattest__x509_crl_revokes(&list, serials[i].serial), serials[i].listed);
    expect(azattest__x509_crl_read(azattest__bytes(der.ptr, 0), &list, &error), &error, AZATTEST_E_LIMIT, "0 bytes");
    azattest__buf_grow(&der, AZATTEST_LIMIT_CRL);
    expect(azattest__x509_crl_read(azattest__buf_bytes(&der), &list, &error), &error, AZATTEST_E_LIMIT, "1048576");
    azattest__buf_free(&der);
}

typedef struct authority {
    const char *name, *usage; /* usage NULL: no extension */
    EVP_PKEY *key;
    azattest__x509 read;
    unsigned char *der;
} authority;

static void make(authority *out)
{
    X509 *x509 = X509_new();
    azattest_error *error = NULL;
    X509_EXTENSION *extension;
    int len;

    X509_set_version(x509, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
    ASN1_TIME_set(X509_getm_notBefore(x509), 0);
    ASN1_TIME_set(X509_getm_notAfter(x509), 0);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_UTF8, (const unsigned char *)out->name, -1,
                               -1, 0);
    X509_set_issuer_name(x509, X509_get_subject_name(x509));
    X509_set_pubkey(x509, out->key);
    if (out->usage != NULL && (extension = X509V3_EXT_conf(NULL, NULL, "keyUsage", out->usage)) != NULL) {
        X509_add_ext(x509, extension, -1);
        X509_EXTENSION_free(extension);
    }
    assert_true(X509_sign(x509, out->key, EVP_sha256()) > 0);
    out->der = NULL;
    len = i2d_X509(x509, &out->der);
    X509_free(x509);
    expect(azattest__x509_read(azattest__bytes(out->der, (size_t)len), &out->read, &error), &error, AZATTEST_OK, NULL);
}

static size_t make_list(EVP_PKEY *key, const EVP_MD *digest, unsigned char **der)
{
    X509_CRL *crl = X509_CRL_new();
    X509_NAME *name = X509_NAME_new();
    ASN1_TIME *time = ASN1_TIME_set(NULL, 0);
    X509_REVOKED *entry = X509_REVOKED_new();
    ASN1_INTEGER *serial = ASN1_INTEGER_new();
    int len;

    X509_CRL_set_version(crl, X509_CRL_VERSION_2);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)"CA", -1, -1, 0);
    X509_CRL_set_issuer_name(crl, name);
    X509_CRL_set1_lastUpdate(crl, time);
    X509_CRL_set1_nextUpdate(crl, time);
    ASN1_INTEGER_set(serial, 0x1234);
    X509_REVOKED_set_serialNumber(entry, serial);
    X509_REVOKED_set_revocationDate(entry, time);
    X509_CRL_add0_revoked(crl, entry);
    assert_true(X509_CRL_sign(crl, key, digest) > 0);
    *der = NULL;
    len = i2d_X509_CRL(crl, der);
    ASN1_INTEGER_free(serial);
    ASN1_TIME_free(time);
    X509_NAME_free(name);
    X509_CRL_free(crl);
    return (size_t)len;
}

static void a_list_counts_only_under_its_issuer(void **state)
{
    EVP_PKEY *key = EVP_EC_gen("P-256"), *other = EVP_EC_gen("P-256");
    authority authorities[] = { { .name = "CA", .usage = "cRLSign", .key = key },
                                { .name = "CA", .key = key },
                                { .name = "CA", .usage = "keyCertSign", .key = key },
                                { .name = "Ca", .usage = "cRLSign", .key = key },
                                { .name = "CA", .usage = "cRLSign", .key = other } };
    static const char *const texts[] = { NULL, NULL, "not for signing revocation lists", "another name",
                                         "not one of its issuer's key" };
    azattest_error *error = NULL;
    azattest__x509_crl list;
    unsigned char *der;
    size_t len = make_list(key, EVP_sha256(), &der);

    (void)state;
    expect(azattest__x509_crl_read(azattest__bytes(der, len), &list, &error), &error, AZATTEST_OK, NULL);
    assert_true(azattest__x509_crl_revokes(&list, azattest__bytes("\x12\x34", 2)));
    for (size_t i = 0; i < COUNT(authorities); i++) {
        make(&authorities[i]);
        expect(azattest__x509_crl_check_issued(&list, &authorities[i].read, &error), &error,
               texts[i] == NULL ? AZATTEST_OK : AZATTEST_E_EVIDENCE_INVALID, texts[i]);
    }
    OPENSSL_free(der);
    len = make_list(key, EVP_sha1(), &der);
    expect(azattest__x509_crl_read(azattest__bytes(der, len), &list, &error), &error, AZATTEST_OK, NULL);
    expect(azattest__x509_crl_check_issued(&list, &authorities[0].read, &error), &error, AZATTEST_E_EVIDENCE_INVALID,
           "signature algorithm is none of");
    OPENSSL_free(der);
    for (size_t i = 0; i < COUNT(authorities); i++) {
        azattest__x509_clear(&authorities[i].read);
        OPENSSL_free(authorities[i].der);
    }
    EVP_PKEY_free(key);
    EVP_PKEY_free(other);
}

static void every_changed_bit_and_every_cut_breaks_a_list(void **state)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    authority issuer = { .name = "CA", .usage = "cRLSign", .key = key };
    azattest__x509_crl list;
    unsigned char *der;
    size_t len = make_list(key, EVP_sha256(), &der);

    (void)state;
    make(&issuer);
    for (size_t bit = 0; bit < len * 8; bit++) {
        der[bit / 8] ^= (unsigned char)(1 << bit % 8);
        if (azattest__x509_crl_read(azattest__bytes(der, len), &list, NULL) == AZATTEST_OK)
            assert_true(azattest__x509_crl_check_issued(&list, &issuer.read, NULL) != AZATTEST_OK);
        der[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    for (size_t cut = 0; cut < len; cut++) {
        unsigned char *exact = malloc(cut + 1); /* so that a read past the end is seen */

        assert_non_null(exact);
        memcpy(exact + 1, der, cut);
        assert_true(azattest__x509_crl_read(azattest__bytes(exact + 1, cut), &list, NULL) != AZATTEST_OK);
        free(exact);
    }
    azattest__x509_clear(&issuer.read);
    OPENSSL_free(issuer.der);
    OPENSSL_free(der);
    EVP_PKEY_free(key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_whole_list_is_refused),
        cmocka_unit_test(a_list_tells_what_it_lists),
        cmocka_unit_test(a_list_counts_only_under_its_issuer),
        cmocka_unit_test(every_changed_bit_and_every_cut_breaks_a_list),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
