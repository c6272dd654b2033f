/* The lean reader of certificates. What it must refuse is put together by hand; who issued what is made with OpenSSL.
 */
#include <stdlib.h>

#include "expect.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "base/encoding.h"
#include "crypto/issue.h"
#include "crypto/x509.h"
#include "der.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define YEAR_2020 1577836800
#define END_OF_2050 2556143999

/* Parts of a certificate as whole elements; an absent one is the usual one, NONE is left out. */
#define ECDSA_256 "\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02"
#define ECDSA_384 "\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x03"
#define NAME "\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x0c\x01\x41"
#define UTC "\x17\x0d" /* 200101000000Z */
#define TIMES "\x30\x1e" UTC "200101000000Z" UTC "491231235959Z"
#define POINT                                                                                                          \
    "\x6b\x17\xd1\xf2\xe1\x2c\x42\x47\xf8\xbc\xe6\xe5\x63\xa4\x40\xf2\x77\x03\x7d\x81\x2d\xeb\x33\xa0\xf4\xa1\x39\x45" \
    "\xd8\x98\xc2\x96\x4f\xe3\x42\xe2\xfe\x1a\x7f\x9b\x8e\xe7\xeb\x4a\x7c\x0f\x9e\x16\x2b\xce\x33\x57\x6b\x31\x5e\xce" \
    "\xcb\xb6\x40\x68\x37\xbf\x51\xf5" /* the generator of P-256 */
#define P256 "\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"
#define RSA "\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00"
#define SPKI "\x30\x59" P256 "\x03\x42\x00\x04" POINT
#define BITS "\x03\x05\x00\x30\x02\x05\x00"
#define CE "\x06\x03\x55\x1d"
#define CRITICAL "\x01\x01\xff"

typedef struct recipe {
    azattest_bytes version, serial, algorithm, issuer, times, subject, spki, unique;
    azattest_bytes extensions; /* content of the list; absent: none */
    azattest_bytes outer_algorithm, bits, more, behind;
} recipe;

static void put(azattest__buf *out, azattest_bytes given, const char *usual, size_t len)
{
    azattest__buf_append_bytes(out, given.ptr != NULL ? given : azattest__bytes(usual, len));
}
#define PUT(given, usual) put(out, given, usual, sizeof(usual) - 1)
#define NONE DER("")

static void bake(const recipe *with, azattest__buf *out)
{
    azattest__buf_init(out, 1 << 20);
    PUT(with->version, "\xa0\x03\x02\x01\x02");
    PUT(with->serial, "\x02\x01\x05");
    PUT(with->algorithm, ECDSA_256);
    PUT(with->issuer, NAME);
    PUT(with->times, TIMES);
    PUT(with->subject, NAME);
    PUT(with->spki, SPKI);
    PUT(with->unique, "");
    if (with->extensions.ptr != NULL) {
        size_t start = out->len;

        der_put(out, 0x30, with->extensions);
        der_wrap(out, start, 0xa3);
    }
    der_wrap(out, 0, 0x30);
    PUT(with->outer_algorithm, ECDSA_256);
    PUT(with->bits, BITS);
    PUT(with->more, "");
    der_wrap(out, 0, 0x30);
    PUT(with->behind, "");
    assert_int_equal(out->status, AZATTEST_OK);
}

static void what_is_no_certificate_is_refused(void **state)
{
    static const struct {
        const char *what;
        recipe with;
        const char *text; /* NULL: it is one */
    } cases[] = {
        { "the usual one", { .unique = NONE }, NULL },
        { "a byte behind it", { .behind = DER("\0") }, "bytes behind its end" },
        { "a fourth part", { .more = DER("\x05\x00") }, "signed content, algorithm and signature" },
        { "no signature", { .bits = NONE }, "signed content, algorithm and signature" },
        { "an empty signature", { .bits = DER("\x03\x01\x00") }, "signature is empty" },
        { "a signature of seven bits", { .bits = DER("\x03\x02\x01\x02") }, "no whole number of bytes" },
        { "a signature without a count of bits", { .bits = DER("\x03\x00") }, "signature is empty" },
        { "version 1, which is not written", { .version = NONE }, "version is not 3" },
        { "version 2", { .version = DER("\xa0\x03\x02\x01\x01") }, "version is not 3" },
        { "version 4", { .version = DER("\xa0\x03\x02\x01\x03") }, "version is not 3" },
        { "serial number 0, as AMD's", { .serial = DER("\x02\x01\x00") }, NULL },
        { "no content of the serial number", { .serial = DER("\x02\x00") }, "serial number" },
        { "a negative serial number", { .serial = DER("\x02\x01\x80") }, "serial number" },
        { "a padded serial number", { .serial = DER("\x02\x02\x00\x7f") }, "serial number" },
        { "a serial number that needs the zero byte", { .serial = DER("\x02\x02\x00\x80") }, NULL },
        { "a serial number of 33 bytes",
          { .serial = DER("\x02\x21\x01"
                          "12345678901234567890123456789012") },
          NULL },
        { "a serial number of 34 bytes",
          { .serial = DER("\x02\x22\x01"
                          "123456789012345678901234567890123") },
          "serial number" },
        { "another algorithm inside", { .algorithm = DER(ECDSA_384) }, "not the one of the signature" },
        { "another algorithm outside", { .outer_algorithm = DER(ECDSA_384) }, "not the one of the signature" },
        { "an issuer with a type that does not end",
          { .issuer = DER("\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x83\x0c\x01\x41") },
          "issuer is not a name" },
        { "an issuer with a padded type",
          { .issuer = DER("\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x80\x03\x0c\x01\x41") },
          "issuer is not a name" },
        { "an empty issuer", { .issuer = DER("\x30\x00") }, NULL },
        { "an issuer with an empty set", { .issuer = DER("\x30\x02\x31\x00") }, "issuer is not a name" },
        { "an issuer with a NUL in it",
          { .issuer = DER("\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x0c\x01\x00") },
          "issuer is not a name" },
        { "a subject that is no UTF-8",
          { .subject = DER("\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x0c\x01\xff") },
          "subject is not a name" },
        { "a subject of UTF-16",
          { .subject = DER("\x30\x0d\x31\x0b\x30\x09\x06\x03\x55\x04\x03\x1e\x02\x00\x41") },
          "subject is not a name" },
        { "a subject with more than a type and a value",
          { .subject = DER("\x30\x0e\x31\x0c\x30\x0a\x06\x03\x55\x04\x03\x0c\x01\x41\x05\x00") },
          "subject is not a name" },
        { "no times", { .times = DER("\x30\x00") }, "pair of times" },
        { "one time", { .times = DER("\x30\x0f" UTC "200101000000Z") }, "pair of times" },
        { "three times",
          { .times = DER("\x30\x2d" UTC "200101000000Z" UTC "491231235959Z" UTC "491231235959Z") },
          "pair of times" },
        { "a year of four digits",
          { .times = DER("\x30\x20" UTC "200101000000Z\x18\x0f"
                         "99991231235959Z") },
          NULL },
        { "a time without seconds",
          { .times = DER("\x30\x1c\x17\x0b"
                         "2001010000Z" UTC "491231235959Z") },
          "pair of" },
        { "a time with an offset",
          { .times = DER("\x30\x22\x17\x11"
                         "200101000000+0100" UTC "491231235959Z") },
          "pair of times" },
        { "a time of no zone", { .times = DER("\x30\x1e" UTC "2001010000000" UTC "491231235959Z") }, "pair of times" },
        { "a fraction of a second",
          { .times = DER("\x30\x22\x18\x11"
                         "20200101000000.5Z" UTC "491231235959Z") },
          "pair of times" },
        { "month 13", { .times = DER("\x30\x1e" UTC "201301000000Z" UTC "491231235959Z") }, "pair of times" },
        { "30 February", { .times = DER("\x30\x1e" UTC "200230000000Z" UTC "491231235959Z") }, "pair of times" },
        { "hour 24", { .times = DER("\x30\x1e" UTC "200101240000Z" UTC "491231235959Z") }, "pair of times" },
        { "second 60", { .times = DER("\x30\x1e" UTC "200101000060Z" UTC "491231235959Z") }, "pair of times" },
        { "a letter", { .times = DER("\x30\x1e" UTC "2001010000x0Z" UTC "491231235959Z") }, "pair of times" },
        { "a sign", { .times = DER("\x30\x1e" UTC "+10101000000Z" UTC "491231235959Z") }, "pair of times" },
        { "no key", { .spki = NONE }, "public key is missing" },
        { "unique identifiers", { .unique = DER("\x81\x02\x00\x05") }, "not a list of extensions" },
        { "a key with a part too many",
          { .spki = DER("\x30\x5b" P256 "\x03\x42\x00\x04" POINT "\x05\x00") },
          "algorithm and bits" },
        { "a key of 527 bits", { .spki = DER("\x30\x59" P256 "\x03\x42\x01\x04" POINT) }, "algorithm and bits" },
        { "a compressed point",
          { .spki = DER("\x30\x39" P256 "\x03\x22\x00\x02"
                        "12345678901234567890123456789012") },
          "uncompressed point" },
        { "the point at infinity", { .spki = DER("\x30\x19" P256 "\x03\x02\x00\x00") }, "uncompressed point" },
        { "a point beside the curve",
          { .spki = DER("\x30\x59" P256 "\x03\x42\x00\x04"
                        "1234567890123456789012345678901212345678901234567890123456789012") },
          "not on the curve" },
        { "an RSA key without numbers",
          { .spki = DER("\x30\x14" RSA "\x03\x03\x00\x30\x00") },
          "two positive numbers" },
        { "a negative modulus",
          { .spki = DER("\x30\x1a" RSA "\x03\x09\x00\x30\x06\x02\x01\x85\x02\x01\x03") },
          "two positive numbers" },
        { "a modulus of 8 bits",
          { .spki = DER("\x30\x1b" RSA "\x03\x0a\x00\x30\x07\x02\x02\x00\x85\x02\x01\x03") },
          "must be odd and have at least 512 bits" },
        { "a third number",
          { .spki = DER("\x30\x1d" RSA "\x03\x0c\x00\x30\x09\x02\x01\x05\x02\x01\x03\x02\x01\x03") },
          "two positive numbers" },
        { "a key of another type", { .spki = DER("\x30\x0a\x30\x05\x06\x03\x2b\x65\x70\x03\x01\x00") }, "algorithm" },
        { "extensions", { .extensions = DER("\x30\x06\x06\x02\x2a\x03\x04\x00") }, NULL },
        { "something that is no extension", { .extensions = DER("\x05\x00") }, "an extension is not in DER" },
        { "an extension without a value", { .extensions = DER("\x30\x04\x06\x02\x2a\x03") }, "an extension is not" },
        { "an extension of an empty type", { .extensions = DER("\x30\x04\x06\x00\x04\x00") }, "an extension is not" },
        { "an extension with a rest",
          { .extensions = DER("\x30\x08\x06\x02\x2a\x03\x04\x00\x05\x00") },
          "an extension is not in DER" },
        { "FALSE written out",
          { .extensions = DER("\x30\x09\x06\x02\x2a\x03\x01\x01\x00\x04\x00") },
          "an extension is not in DER" },
        { "a TRUE of one",
          { .extensions = DER("\x30\x09\x06\x02\x2a\x03\x01\x01\x01\x04\x00") },
          "an extension is not in DER" },
        { "an extension twice",
          { .extensions = DER("\x30\x06\x06\x02\x2a\x03\x04\x00\x30\x06\x06\x02\x2a\x04\x04\x00"
                              "\x30\x06\x06\x02\x2a\x03\x04\x00") },
          "an extension twice" },
        { "CA:FALSE written out",
          { .extensions = DER("\x30\x0c" CE "\x13\x04\x05\x30\x03\x01\x01\x00") },
          "basic constraints" },
        { "basic constraints of nothing", { .extensions = DER("\x30\x07" CE "\x13\x04\x00") }, "basic constraints" },
        { "a path length of no authority",
          { .extensions = DER("\x30\x0c" CE "\x13\x04\x05\x30\x03\x02\x01\x00") },
          "is no certificate authority" },
        { "a negative path length",
          { .extensions = DER("\x30\x0f" CE "\x13\x04\x08\x30\x06\x01\x01\xff\x02\x01\x80") },
          "basic constraints" },
        { "a path length of five bytes",
          { .extensions = DER("\x30\x13" CE "\x13\x04\x0c\x30\x0a\x01\x01\xff\x02\x05\x01\x00\x00\x00\x00") },
          "basic constraints" },
        { "basic constraints with a rest",
          { .extensions = DER("\x30\x0e" CE "\x13\x04\x07\x30\x05\x01\x01\xff\x05\x00") },
          "basic constraints" },
        { "an empty key usage", { .extensions = DER("\x30\x0a" CE "\x0f\x04\x03\x03\x01\x00") }, "key usage" },
        { "a key usage with eight unused bits",
          { .extensions = DER("\x30\x0b" CE "\x0f\x04\x04\x03\x02\x08\x04") },
          "key usage" },
        { "a key usage with a bit among the unused",
          { .extensions = DER("\x30\x0b" CE "\x0f\x04\x04\x03\x02\x02\x06") },
          "key usage" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        azattest_error *error = NULL;
        azattest__x509 certificate;
        azattest__buf der;

        print_message("%s\n", cases[i].what);
        bake(&cases[i].with, &der);
        expect(azattest__x509_read(azattest__buf_bytes(&der), &certificate, &error), &error,
               cases[i].text == NULL ? AZATTEST_OK : AZATTEST_E_MALFORMED, cases[i].text);
        assert_int_equal(certificate.der.ptr != NULL, cases[i].text == NULL);
        azattest__x509_clear(&certificate);
        azattest__buf_free(&der);
    }
}

static void the_fields_are_those_of_the_certificate(void **state)
{
    static const recipe with = { .serial = DER("\x02\x02\x00\x80"),
                                 .subject = DER("\x30\x18\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x13\x01\x42"
                                                "\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x0c\x01\x43"),
                                 .times = DER("\x30\x1e" UTC "500101000000Z" UTC "491231235959Z"),
                                 .extensions = DER("\x30\x0f" CE "\x13\x04\x08\x30\x06\x01\x01\xff\x02\x01\x03"
                                                   "\x30\x0b" CE "\x0f\x04\x04\x03\x02\x01\x06"
                                                   "\x30\x06\x06\x02\x2a\x03\x04\x00"
                                                   "\x30\x0b\x06\x04\x2a\x03\x86\x37" CRITICAL "\x04\x00") };
    azattest__x509 certificate;
    azattest_error *error = NULL;
    azattest__buf der;
    char text[8];
    bool twice;

    (void)state;
    bake(&with, &der);
    expect(azattest__x509_read(azattest__buf_bytes(&der), &certificate, &error), &error, AZATTEST_OK, NULL);
    assert_true(azattest__bytes_equal(certificate.serial, azattest__bytes("\x00\x80", 2)));
    assert_true(azattest__x509_common_name(certificate.subject, text, sizeof(text)));
    assert_string_equal(text, "C"); /* the last one */
    assert_false(azattest__x509_common_name(certificate.subject, text, 1));
    assert_false(azattest__x509_common_name(azattest__bytes("\x30\x00", 2), text, sizeof(text)));
    assert_false(azattest__x509_self_issued(&certificate));
    assert_int_equal(certificate.not_before, -631152000); /* 1950 */
    assert_int_equal(certificate.not_after, 2524607999);  /* 2049 */
    assert_true(certificate.ca && certificate.has_key_usage && certificate.key_cert_sign && certificate.crl_sign);
    assert_int_equal(certificate.path_length, 3);
    assert_true(certificate.has_unknown_critical);
    assert_int_equal(certificate.alg, AZATTEST__X509_ECDSA_SHA256);
    assert_string_equal(azattest__key_curve(certificate.key), "P-256");
    assert_non_null(azattest__x509_extension(&certificate, "1.2.3", &twice).ptr); /* empty, but there */
    assert_int_equal(azattest__x509_extension(&certificate, "1.2.3", &twice).len, 0);
    assert_false(twice);
    assert_non_null(azattest__x509_extension(&certificate, "1.2.3.823", &twice).ptr);
    assert_int_equal(azattest__x509_extension(&certificate, "2.5.29.19", &twice).len, 8);
    assert_null(azattest__x509_extension(&certificate, "1.2", &twice).ptr);
    assert_null(azattest__x509_extension(&certificate, "1.2.3.", &twice).ptr);
    assert_null(azattest__x509_extension(&certificate, "no oid", &twice).ptr);
    azattest__x509_clear(&certificate);
    azattest__x509_clear(&certificate);
    azattest__x509_clear(NULL);
    azattest__buf_free(&der);
}

static void too_many_and_too_long_is_refused(void **state)
{
    azattest__x509 certificate;
    azattest_error *error = NULL;
    azattest__buf list, der;
    recipe with = { .unique = NONE };

    (void)state;
    azattest__buf_init(&list, 1 << 16);
    for (unsigned i = 0; i < 65; i++) {
        char extension[] = "\x30\x06\x06\x02\x2a\x00\x04\x00";

        extension[5] = (char)i;
        with.extensions = azattest__buf_bytes(&list);
        bake(&with, &der);
        if (i > 0)
            expect(azattest__x509_read(azattest__buf_bytes(&der), &certificate, &error), &error, AZATTEST_OK, NULL);
        if (i > 0)
            azattest__x509_clear(&certificate);
        azattest__buf_free(&der);
        azattest__buf_append(&list, extension, 8);
    }
    with.extensions = azattest__buf_bytes(&list);
    bake(&with, &der);
    expect(azattest__x509_read(azattest__buf_bytes(&der), &certificate, &error), &error, AZATTEST_E_MALFORMED,
           "more than 64 extensions");
    expect(azattest__x509_read(azattest__bytes(der.ptr, 0), &certificate, &error), &error, AZATTEST_E_LIMIT, "0 bytes");
    expect(azattest__x509_read(azattest__bytes(der.ptr, AZATTEST_LIMIT_CERTIFICATE + 1), &certificate, &error), &error,
           AZATTEST_E_LIMIT, "65537 bytes");
    azattest__buf_free(&der);
    azattest__buf_free(&list);
}

static void lengths_are_definite_and_minimal(void **state)
{
    static const struct {
        const char *what;
        azattest_bytes der;
    } cases[] = {
        { "an indefinite length", DER("\x30\x80\x30\x00\x00\x00") },
        { "a length of one byte too many", DER("\x30\x81\x05\x30\x00\x30\x00\x00") },
        { "a length with a leading zero", DER("\x30\x82\x00\x85\x30\x00") },
        { "a length of five bytes", DER("\x30\x85\x00\x00\x00\x00\x02\x30\x00") },
        { "a length past the end", DER("\x30\x03\x30\x00") },
        { "another element", DER("\x31\x02\x30\x00") },
        { "text", DER("-----BEGIN CERTIFICATE-----") },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        azattest_error *error = NULL;
        azattest__x509 certificate;

        print_message("%s\n", cases[i].what);
        expect(azattest__x509_read(cases[i].der, &certificate, &error), &error, AZATTEST_E_MALFORMED,
               "not X.509 in DER, or cut");
    }
}

/* Who issued what: made with OpenSSL. */
typedef struct made {
    azattest__x509 read;
    unsigned char *der;
} made;

static EVP_PKEY *p256, *p256_other, *p384, *rsa, *rsa_1024, *ed25519;

static int make_keys(void **state)
{
    (void)state;
    return (p256 = EVP_EC_gen("P-256")) == NULL || (p256_other = EVP_EC_gen("P-256")) == NULL ||
           (p384 = EVP_EC_gen("P-384")) == NULL || (rsa = EVP_RSA_gen(2048)) == NULL ||
           (rsa_1024 = EVP_RSA_gen(1024)) == NULL || (ed25519 = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")) == NULL;
}

static int free_keys(void **state)
{
    (void)state;
    EVP_PKEY_free(p256);
    EVP_PKEY_free(p256_other);
    EVP_PKEY_free(p384);
    EVP_PKEY_free(rsa);
    EVP_PKEY_free(rsa_1024);
    EVP_PKEY_free(ed25519);
    return 0;
}

typedef struct order {
    const char *subject, *issuer; /* common names; NULL: "Root" */
    const char *extensions[3][2]; /* names and values as OpenSSL's configuration has them */
    EVP_PKEY **key, **issuer_key; /* NULL: p256 */
    const char *digest;           /* NULL: SHA256 */
    int salt;                     /* not 0: PSS with that salt */
    const char *mgf1;             /* of PSS; NULL: the digest */
} order;

#define AUTHORITY                                                                                                      \
    {                                                                                                                  \
        { "basicConstraints", "critical,CA:TRUE" },                                                                    \
        {                                                                                                              \
            "keyUsage", "critical,keyCertSign,cRLSign"                                                                 \
        }                                                                                                              \
    }

static void set_name(X509_NAME *name, const char *text)
{
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)(text == NULL ? "Root" : text), -1, -1,
                               0);
}

static void sign(X509 *x509, const order *what)
{
    EVP_PKEY *key = what->issuer_key == NULL ? p256 : *what->issuer_key;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *pctx = NULL;
    const EVP_MD *digest = key == ed25519 ? NULL : EVP_get_digestbyname(what->digest == NULL ? "SHA256" : what->digest);

    assert_int_equal(EVP_DigestSignInit(context, &pctx, digest, NULL, key), 1);
    if (what->salt != 0) {
        assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PSS_PADDING), 1);
        assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, what->salt), 1);
        if (what->mgf1 != NULL)
            assert_int_equal(EVP_PKEY_CTX_set_rsa_mgf1_md(pctx, EVP_get_digestbyname(what->mgf1)), 1);
    }
    assert_true(X509_sign_ctx(x509, context) > 0);
    EVP_MD_CTX_free(context);
}

static void make(const order *what, made *out)
{
    X509 *x509 = X509_new();
    azattest_error *error = NULL;
    int len;

    X509_set_version(x509, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
    ASN1_TIME_set(X509_getm_notBefore(x509), YEAR_2020);
    ASN1_TIME_set(X509_getm_notAfter(x509), END_OF_2050);
    set_name(X509_get_subject_name(x509), what->subject);
    set_name(X509_get_issuer_name(x509), what->issuer);
    X509_set_pubkey(x509, what->key == NULL ? p256 : *what->key);
    for (size_t i = 0; i < COUNT(what->extensions) && what->extensions[i][0] != NULL; i++) {
        X509_EXTENSION *extension = X509V3_EXT_conf(NULL, NULL, what->extensions[i][0], what->extensions[i][1]);

        assert_non_null(extension);
        X509_add_ext(x509, extension, -1);
        X509_EXTENSION_free(extension);
    }
    sign(x509, what);
    out->der = NULL;
    len = i2d_X509(x509, &out->der);
    X509_free(x509);
    expect(azattest__x509_read(azattest__bytes(out->der, (size_t)len), &out->read, &error), &error, AZATTEST_OK, NULL);
}

static void unmake(made *one)
{
    azattest__x509_clear(&one->read);
    OPENSSL_free(one->der);
}

static void an_authority_issues_only_what_it_may(void **state)
{
    static const struct {
        const char *what;
        order issuer, leaf;
        int below;
        const char *text; /* NULL: it did */
    } cases[] = {
        { "the usual", { .extensions = AUTHORITY }, { .subject = "Leaf" }, 0, NULL },
        { "its own", { .extensions = AUTHORITY }, { .extensions = AUTHORITY }, 0, NULL },
        { "another name", { .extensions = AUTHORITY }, { .issuer = "root" }, 0, "another name" },
        { "another key", { .extensions = AUTHORITY }, { .issuer_key = &p256_other }, 0, "not one of its issuer's key" },
        { "no authority", { .subject = NULL }, { .subject = "Leaf" }, 0, "not a certificate authority" },
        { "CA:FALSE",
          { .extensions = { { "basicConstraints", "CA:FALSE" } } },
          { .subject = "Leaf" },
          0,
          "not a certificate authority" },
        { "an authority without key usage",
          { .extensions = { { "basicConstraints", "CA:TRUE" } } },
          { .subject = "Leaf" },
          0,
          NULL },
        { "an authority for revocation lists only",
          { .extensions = { { "basicConstraints", "CA:TRUE" }, { "keyUsage", "cRLSign" } } },
          { .subject = "Leaf" },
          0,
          "not for signing certificates" },
        { "a path long enough",
          { .extensions = { { "basicConstraints", "CA:TRUE,pathlen:1" } } },
          { .subject = "Leaf" },
          1,
          NULL },
        { "a path too short",
          { .extensions = { { "basicConstraints", "CA:TRUE,pathlen:0" } } },
          { .subject = "Leaf" },
          1,
          "path length of its issuer is 0, expected at least 1" },
        { "an unknown extension", { .extensions = AUTHORITY }, { .extensions = { { "1.2.3", "DER:0500" } } }, 0, NULL },
        { "an unknown critical extension",
          { .extensions = AUTHORITY },
          { .extensions = { { "1.2.3", "critical,DER:0500" } } },
          0,
          "it has a critical extension" },
        { "an unknown critical extension of the issuer",
          { .extensions = { { "basicConstraints", "CA:TRUE" }, { "1.2.3", "critical,DER:0500" } } },
          { .subject = "Leaf" },
          0,
          "its issuer has a critical extension" },
        { "constraints of names, which are not looked at",
          { .extensions = { { "basicConstraints", "CA:TRUE" }, { "nameConstraints", "critical,permitted;DNS:a" } } },
          { .subject = "Leaf" },
          0,
          "its issuer has a critical extension" },
        { "P-384", { .key = &p384, .extensions = AUTHORITY }, { .issuer_key = &p384, .digest = "SHA384" }, 0, NULL },
        { "P-384 with SHA-256",
          { .key = &p384, .extensions = AUTHORITY },
          { .issuer_key = &p384 },
          0,
          "does not fit its signature algorithm" },
        { "RSA with SHA-256", { .key = &rsa, .extensions = AUTHORITY }, { .issuer_key = &rsa }, 0, NULL },
        { "RSA with SHA-384",
          { .key = &rsa, .extensions = AUTHORITY },
          { .issuer_key = &rsa, .digest = "SHA384" },
          0,
          NULL },
        { "RSA with SHA-1",
          { .key = &rsa, .extensions = AUTHORITY },
          { .issuer_key = &rsa, .digest = "SHA1" },
          0,
          "signature algorithm is none of" },
        { "ECDSA with SHA-1", { .extensions = AUTHORITY }, { .digest = "SHA1" }, 0, "signature algorithm is none of" },
        { "RSA with 1024 bits",
          { .key = &rsa_1024, .extensions = AUTHORITY },
          { .issuer_key = &rsa_1024 },
          0,
          "(RSA, 1024 bits) does not fit" },
        { "an algorithm of another type of key",
          { .key = &rsa, .extensions = AUTHORITY },
          { .subject = "Leaf" },
          0,
          "(RSA, 2048 bits) does not fit" },
        { "PSS as AMD has it",
          { .key = &rsa, .extensions = AUTHORITY },
          { .issuer_key = &rsa, .digest = "SHA384", .salt = 48 },
          0,
          NULL },
        { "PSS with a salt of 32 bytes",
          { .key = &rsa, .extensions = AUTHORITY },
          { .issuer_key = &rsa, .digest = "SHA384", .salt = 32 },
          0,
          "signature algorithm is none of" },
        { "PSS with SHA-256 for the mask",
          { .key = &rsa, .extensions = AUTHORITY },
          { .issuer_key = &rsa, .digest = "SHA384", .salt = 48, .mgf1 = "SHA256" },
          0,
          "signature algorithm is none of" },
        { "PSS with SHA-512",
          { .key = &rsa, .extensions = AUTHORITY },
          { .issuer_key = &rsa, .digest = "SHA512", .salt = 48 },
          0,
          "signature algorithm is none of" },
        { "a key that is not supported",
          { .key = &ed25519, .extensions = AUTHORITY },
          { .subject = "Leaf" },
          0,
          "type of its issuer's key" },
        { "an algorithm that is not supported",
          { .key = &ed25519, .extensions = AUTHORITY },
          { .issuer_key = &ed25519 },
          0,
          "signature algorithm is none of" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        azattest_error *error = NULL;
        made issuer, leaf;

        print_message("%s\n", cases[i].what);
        make(&cases[i].issuer, &issuer);
        make(&cases[i].leaf, &leaf);
        expect(azattest__x509_check_issued(&leaf.read, &issuer.read, cases[i].below, &error), &error,
               cases[i].text == NULL ? AZATTEST_OK : AZATTEST_E_EVIDENCE_INVALID, cases[i].text);
        unmake(&issuer);
        unmake(&leaf);
    }
}

/* What the lean reader takes and finds issued, OpenSSL's takes too. */
static void every_changed_bit_and_every_cut_breaks_a_certificate(void **state)
{
    static const order orders[] = {
        { .extensions = AUTHORITY },
        { .key = &rsa, .issuer_key = &rsa, .digest = "SHA384", .salt = 48, .extensions = AUTHORITY },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(orders); i++) {
        azattest__x509 changed;
        made self;
        size_t len;

        make(&orders[i], &self);
        len = self.read.der.len;
        assert_int_equal(azattest__x509_check_issued(&self.read, &self.read, 0, NULL), AZATTEST_OK);
        for (size_t bit = 0; bit < len * 8; bit++) {
            unsigned char *copy = (unsigned char *)azattest__dup(self.der, len);

            copy[bit / 8] ^= (unsigned char)(1 << bit % 8);
            if (azattest__x509_read(azattest__bytes(copy, len), &changed, NULL) == AZATTEST_OK)
                assert_true(azattest__x509_check_issued(&changed, &self.read, 0, NULL) != AZATTEST_OK);
            azattest__x509_clear(&changed);
            free(copy);
        }
        for (size_t cut = 0; cut < len; cut++) {
            unsigned char *exact = malloc(cut + 1); /* so that a read past the end is seen */

            assert_non_null(exact);
            memcpy(exact + 1, self.der, cut);
            assert_true(azattest__x509_read(azattest__bytes(exact + 1, cut), &changed, NULL) != AZATTEST_OK);
            free(exact);
        }
        unmake(&self);
    }
}

/* r or s of 0 or of the order; numbers that are padded or negative; a rest. None may count, whatever the digest. */
static void ecdsa_numbers_out_of_range_do_not_count(void **state)
{
#define ORDER                                                                                                          \
    "\x02\x21\x00\xff\xff\xff\xff\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\xbc\xe6\xfa\xad\xa7\x17\x9e\x84\xf3" \
    "\xb9\xca\xc2\xfc\x63\x25\x51"
    static const azattest_bytes cases[] = {
        DER("\x30\x06\x02\x01\x00\x02\x01\x01"),
        DER("\x30\x06\x02\x01\x01\x02\x01\x00"),
        DER("\x30\x26" ORDER "\x02\x01\x01"),
        DER("\x30\x26\x02\x01\x01" ORDER),
        DER("\x30\x06\x02\x01\x81\x02\x01\x01"),
        DER("\x30\x07\x02\x02\x00\x01\x02\x01\x01"),
        DER("\x30\x05\x02\x00\x02\x01\x01"),
        DER("\x30\x03\x02\x01\x01"),
        DER("\x30\x08\x02\x01\x01\x02\x01\x01\x05\x00"),
        DER("\x30\x06\x02\x01\x01\x02\x01\x01\x00"),
        DER("\x30\x00"),
        DER(""),
    };
    made self;
    bool valid;

    (void)state;
    make(&(order){ .extensions = AUTHORITY }, &self);
    for (size_t i = 0; i < COUNT(cases); i++) {
        valid = true;
        assert_int_equal(
            azattest__x509_verify(self.read.key, AZATTEST__X509_ECDSA_SHA256, self.read.tbs, cases[i], &valid, NULL),
            AZATTEST_OK);
        assert_false(valid);
    }
    assert_int_equal(azattest__x509_verify(self.read.key, AZATTEST__X509_ECDSA_SHA256, self.read.tbs,
                                           self.read.signature, &valid, NULL),
                     AZATTEST_OK);
    assert_true(valid);
    assert_true(azattest__x509_verify(self.read.key, AZATTEST__X509_ALG_UNKNOWN, self.read.tbs, self.read.signature,
                                      &valid, NULL) != AZATTEST_OK);
    assert_false(valid);
    assert_true(azattest__x509_verify(NULL, AZATTEST__X509_ECDSA_SHA256, self.read.tbs, self.read.signature, &valid,
                                      NULL) != AZATTEST_OK);
    unmake(&self);
}

static void a_chain_is_certificates_and_nothing_else(void **state)
{
    static const struct {
        const char *before, *between, *behind;
        size_t behind_len;
        int count;
        azattest_status status;
        const char *text;
    } cases[] = {
        { "", "", "", 0, 1, AZATTEST_OK, NULL },
        { "", "", "", 0, 8, AZATTEST_OK, NULL },
        { "\n", "\r\n \t\n", "\n\0\0", 3, 3, AZATTEST_OK, NULL },
        { "", "", "", 0, 9, AZATTEST_E_LIMIT, "more than 8 certificates" },
        { "x", "", "", 0, 1, AZATTEST_E_MALFORMED, "other text before or between" },
        { "", "x\n", "", 0, 2, AZATTEST_E_MALFORMED, "other text before or between" },
        { "", "", "x", 1, 2, AZATTEST_E_MALFORMED, "other text behind" },
        { "", "", "\0x", 2, 2, AZATTEST_E_MALFORMED, "other text behind" },
        { "", "", "-----BEGIN CERTIFICATE-----\n", 28, 2, AZATTEST_E_MALFORMED, "other text behind" },
        { "-----BEGIN CERTIFICATE-----\nMAA\n-----END CERTIFICATE-----\n", "", "", 0, 1, AZATTEST_E_MALFORMED,
          "number 1 of the chain: not base64" },
        { "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n", "", "", 0, 1, AZATTEST_E_MALFORMED,
          "number 1 of the chain: certificate: it is not made of" },
        { "\n", "", "", 0, 0, AZATTEST_E_MALFORMED, "no certificate" },
        { "", "", "\0", 1, 0, AZATTEST_E_MALFORMED, "empty" },
        { "", "", "", 0, 0, AZATTEST_E_MALFORMED, "empty" },
    };
    made self;

    (void)state;
    make(&(order){ .extensions = AUTHORITY }, &self);
    for (size_t i = 0; i < COUNT(cases); i++) {
        azattest_error *error = NULL;
        azattest__x509_chain chain;
        azattest__buf pem;

        azattest__buf_init(&pem, 1 << 16);
        azattest__buf_append_text(&pem, cases[i].before);
        for (int n = 0; n < cases[i].count; n++) {
            azattest__buf_append_text(&pem, n > 0 ? cases[i].between : "");
            azattest__pem_encode("CERTIFICATE", self.read.der, &pem);
        }
        azattest__buf_append(&pem, cases[i].behind, cases[i].behind_len);
        expect(azattest__x509_chain_read_pem(azattest__buf_bytes(&pem), &chain, &error), &error, cases[i].status,
               cases[i].text);
        if (cases[i].status == AZATTEST_OK)
            assert_int_equal(chain.count, cases[i].count);
        for (size_t n = 0; n < chain.count; n++)
            assert_int_equal(azattest__x509_check_issued(&chain.certificates[n], &self.read, 0, NULL), AZATTEST_OK);
        azattest__x509_chain_clear(&chain);
        azattest__buf_free(&pem);
    }
    azattest__x509_chain_clear(NULL);
    unmake(&self);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_certificate_is_refused),
        cmocka_unit_test(the_fields_are_those_of_the_certificate),
        cmocka_unit_test(too_many_and_too_long_is_refused),
        cmocka_unit_test(lengths_are_definite_and_minimal),
        cmocka_unit_test(an_authority_issues_only_what_it_may),
        cmocka_unit_test(every_changed_bit_and_every_cut_breaks_a_certificate),
        cmocka_unit_test(ecdsa_numbers_out_of_range_do_not_count),
        cmocka_unit_test(a_chain_is_certificates_and_nothing_else),
    };

    return cmocka_run_group_tests(tests, make_keys, free_keys);
}
