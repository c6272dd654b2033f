/* Certificates and chains. Hostile ones are made with OpenSSL itself. */
#include <stdlib.h>

#include "expect.h"

#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include <azattest/limits.h>

#include "base/encoding.h"
#include "crypto/issue.h"
#include "evidence.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define YEAR_2020 1577836800
#define END_OF_2050 2556143999 /* 2050-12-31 23:59:59 UTC: what the service's own certificates say */

static azattest__key *rsa, *rsa_other, *p256, *p256_other;

static int make_keys(void **state)
{
    (void)state;
    return azattest__key_generate_rsa(2048, &rsa, NULL) != AZATTEST_OK ||
           azattest__key_generate_rsa(2048, &rsa_other, NULL) != AZATTEST_OK ||
           azattest__key_generate_ec("P-256", &p256, NULL) != AZATTEST_OK ||
           azattest__key_generate_ec("P-256", &p256_other, NULL) != AZATTEST_OK;
}

static int free_keys(void **state)
{
    (void)state;
    azattest__key_free(rsa);
    azattest__key_free(rsa_other);
    azattest__key_free(p256);
    azattest__key_free(p256_other);
    return 0;
}

static azattest__cert *issue(const azattest__cert_request *changes, const azattest__key *key,
                             const azattest__cert *issuer, const azattest__key *issuer_key)
{
    azattest__cert_request request = *changes;
    azattest_error *error = NULL;
    azattest__cert *cert = NULL;

    if (request.not_after == 0) {
        request.not_before = YEAR_2020;
        request.not_after = END_OF_2050;
    }
    expect(azattest__cert_issue(&request, key, issuer, issuer_key, &cert, &error), &error, AZATTEST_OK, NULL);
    assert_non_null(cert);
    return cert;
}

static void a_certificate_tells_what_was_put_into_it(void **state)
{
    static const azattest__cert_request request = { .common_name = "https://localhost:8443",
                                                    .organization = "Org",
                                                    .country = "US",
                                                    .not_before = 1556668800,
                                                    .not_after = END_OF_2050,
                                                    .serial = 1,
                                                    .path_length = -1,
                                                    .subject_alternative_name = "IP:127.0.0.1,DNS:localhost",
                                                    .server_authentication = true,
                                                    .extension_oid = "1.3.6.1.4.1.311.105.1",
                                                    .extension_value = { "\1\0\0\0quote", 9 } };
    azattest__cert *cert;
    bool twice = true;

    (void)state;
    cert = issue(&request, rsa, NULL, NULL);
    assert_string_equal(azattest__cert_subject_cn(cert), "https://localhost:8443");
    assert_string_equal(azattest__cert_issuer_cn(cert), "https://localhost:8443");
    assert_int_equal(azattest__cert_not_before(cert), 1556668800);
    assert_int_equal(azattest__cert_not_after(cert), END_OF_2050);
    assert_true(azattest__cert_is_self_issued(cert));
    assert_false(azattest__cert_is_ca(cert));
    assert_int_equal(azattest__cert_path_length(cert), -1);
    assert_true(azattest__key_equal(azattest__cert_key(cert), rsa));
    assert_true(azattest__cert_is_issued_by(cert, cert));
    assert_true(azattest__bytes_equal(azattest__cert_extension(cert, "1.3.6.1.4.1.311.105.1", &twice),
                                      request.extension_value));
    assert_false(twice);
    assert_null(azattest__cert_extension(cert, "1.3.6.1.4.1.311.105.2", &twice).ptr);
    assert_null(azattest__cert_extension(cert, "no oid", &twice).ptr);
    assert_non_null(azattest__cert_extension(cert, "2.5.29.17", &twice).ptr);
    azattest__cert_free(cert);
}

static void a_chain_holds_only_with_the_right_names_and_keys(void **state)
{
    static const azattest__cert_request root_request = { .common_name = "Root", .ca = true, .path_length = 1 },
                                        leaf_request = { .common_name = "Leaf", .path_length = -1 },
                                        other_request = { .common_name = "Other", .ca = true, .path_length = -1 };
    azattest__cert *root, *leaf, *same_name, *same_key, *forged;

    (void)state;
    root = issue(&root_request, p256, NULL, NULL);
    leaf = issue(&leaf_request, rsa, root, p256);
    same_name = issue(&root_request, p256_other, NULL, NULL);
    same_key = issue(&other_request, p256, NULL, NULL);
    forged = issue(&leaf_request, rsa, root, rsa_other);
    assert_true(azattest__cert_is_ca(root));
    assert_int_equal(azattest__cert_path_length(root), 1);
    assert_false(azattest__cert_is_ca(leaf));
    assert_string_equal(azattest__cert_issuer_cn(leaf), "Root");
    assert_false(azattest__cert_is_self_issued(leaf));
    assert_true(azattest__cert_is_issued_by(leaf, root));
    assert_true(azattest__cert_is_issued_by(root, root));
    assert_false(azattest__cert_is_issued_by(root, leaf));
    assert_false(azattest__cert_is_issued_by(leaf, leaf));
    assert_false(azattest__cert_is_issued_by(leaf, same_name));
    assert_false(azattest__cert_is_issued_by(leaf, same_key));
    assert_false(azattest__cert_is_issued_by(forged, root));
    azattest__cert_free(root);
    azattest__cert_free(leaf);
    azattest__cert_free(same_name);
    azattest__cert_free(same_key);
    azattest__cert_free(forged);
}

static void every_changed_bit_breaks_a_certificate(void **state)
{
    static const azattest__cert_request request = { .common_name = "Self", .path_length = -1, .serial = 1 };
    azattest__cert *cert, *changed;
    azattest_bytes der;
    unsigned char *copy;

    (void)state;
    cert = issue(&request, p256, NULL, NULL);
    der = azattest__cert_der(cert);
    copy = (unsigned char *)azattest__dup(der.ptr, der.len);
    for (size_t bit = 0; bit < der.len * 8; bit++) {
        copy[bit / 8] ^= (unsigned char)(1 << bit % 8);
        if (azattest__cert_parse(azattest__bytes(copy, der.len), &changed, NULL) == AZATTEST_OK) {
            assert_false(azattest__cert_is_issued_by(changed, changed));
            azattest__cert_free(changed);
        }
        copy[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    free(copy);
    azattest__cert_free(cert);
}

static void a_cut_or_extended_certificate_is_refused(void **state)
{
    static const azattest__cert_request request = { .common_name = "Self", .path_length = -1 };
    azattest__cert *cert, *cut;
    azattest_error *error = NULL;
    azattest__buf der;

    (void)state;
    azattest__buf_init(&der, 2 * AZATTEST_LIMIT_CERTIFICATE);
    cert = issue(&request, p256, NULL, NULL);
    azattest__buf_append_bytes(&der, azattest__cert_der(cert));
    for (size_t len = 0; len < der.len; len++) {
        unsigned char *exact = malloc(len + 1); /* so that a read past the end is seen */

        assert_non_null(exact);
        memcpy(exact + 1, der.ptr, len);
        assert_true(azattest__cert_parse(azattest__bytes(exact + 1, len), &cut, NULL) != AZATTEST_OK);
        assert_null(cut);
        free(exact);
    }
    azattest__buf_append(&der, "", 1);
    expect(azattest__cert_parse(azattest__buf_bytes(&der), &cut, &error), &error, AZATTEST_E_MALFORMED,
           "1 bytes behind its end");
    expect(azattest__cert_parse(azattest__text("text"), &cut, &error), &error, AZATTEST_E_MALFORMED, "not X.509");
    expect(azattest__cert_parse(azattest__bytes(der.ptr, AZATTEST_LIMIT_CERTIFICATE + 1), &cut, &error), &error,
           AZATTEST_E_LIMIT, "65537 bytes");
    azattest__cert_free(cert);
    azattest__buf_free(&der);
}

/* A certificate that OpenSSL makes with whatever `change` does to it, signed by its own key with `digest`. */
static azattest_status made(void (*change)(X509 *), EVP_PKEY *key, const EVP_MD *digest, azattest__cert **out,
                            azattest_error **error)
{
    X509 *x509 = X509_new();
    unsigned char *der = NULL;
    azattest_status status;
    int len;

    X509_set_version(x509, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
    ASN1_TIME_set(X509_getm_notBefore(x509), YEAR_2020);
    ASN1_TIME_set(X509_getm_notAfter(x509), END_OF_2050);
    X509_set_pubkey(x509, key);
    if (change != NULL)
        change(x509);
    assert_true(X509_sign(x509, key, digest) > 0);
    len = i2d_X509(x509, &der);
    status = azattest__cert_parse(azattest__bytes(der, (size_t)len), out, error);
    OPENSSL_free(der);
    X509_free(x509);
    return status;
}

static void add_name(X509 *x509, const char *text, int len)
{
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", V_ASN1_UTF8STRING, (const unsigned char *)text, len,
                               -1, 0);
}

static void name_with_nul(X509 *x509)
{
    add_name(x509, "https://a\0.example", 18);
}

static void two_names(X509 *x509)
{
    add_name(x509, "first", -1);
    add_name(x509, "last", -1);
}

static void extension_twice(X509 *x509)
{
    ASN1_OBJECT *object = OBJ_txt2obj("1.2.3.4", 1);
    ASN1_OCTET_STRING *data = ASN1_OCTET_STRING_new();
    X509_EXTENSION *extension = X509_EXTENSION_create_by_OBJ(NULL, object, 0, data);

    X509_add_ext(x509, extension, -1);
    X509_add_ext(x509, extension, -1);
    X509_EXTENSION_free(extension);
    ASN1_OCTET_STRING_free(data);
    ASN1_OBJECT_free(object);
}

static void authority_without_cert_sign(X509 *x509)
{
    X509V3_CTX context;
    X509_EXTENSION *extension;

    X509V3_set_ctx(&context, x509, x509, NULL, NULL, 0);
    extension = X509V3_EXT_conf_nid(NULL, &context, NID_basic_constraints, "critical,CA:TRUE");
    X509_add_ext(x509, extension, -1);
    X509_EXTENSION_free(extension);
    extension = X509V3_EXT_conf_nid(NULL, &context, NID_key_usage, "digitalSignature");
    X509_add_ext(x509, extension, -1);
    X509_EXTENSION_free(extension);
}

static void version_1(X509 *x509)
{
    X509_set_version(x509, X509_VERSION_1);
}

static void bad_time(X509 *x509)
{
    ASN1_STRING_set(X509_getm_notAfter(x509), "991332000000Z", 13);
}

static void odd_certificates_are_read_carefully(void **state)
{
    EVP_PKEY *key = EVP_RSA_gen(2048);
    azattest_error *error = NULL;
    azattest__cert *cert = NULL;
    bool twice = false;

    (void)state;
    expect(made(name_with_nul, key, EVP_sha256(), &cert, &error), &error, AZATTEST_E_MALFORMED, "common name");
    expect(made(bad_time, key, EVP_sha256(), &cert, &error), &error, AZATTEST_E_MALFORMED, "validity");
    assert_int_equal(made(two_names, key, EVP_sha256(), &cert, NULL), AZATTEST_OK);
    assert_string_equal(azattest__cert_subject_cn(cert), "last");
    assert_null(azattest__cert_issuer_cn(cert));
    azattest__cert_free(cert);
    assert_int_equal(made(extension_twice, key, EVP_sha256(), &cert, NULL), AZATTEST_OK);
    assert_non_null(azattest__cert_extension(cert, "1.2.3.4", &twice).ptr); /* empty, but there */
    assert_true(twice);
    azattest__cert_free(cert);
    assert_int_equal(made(authority_without_cert_sign, key, EVP_sha256(), &cert, NULL), AZATTEST_OK);
    assert_false(azattest__cert_is_ca(cert));
    azattest__cert_free(cert);
    assert_int_equal(made(version_1, key, EVP_sha256(), &cert, NULL), AZATTEST_OK);
    assert_false(azattest__cert_is_ca(cert));
    azattest__cert_free(cert);
    EVP_PKEY_free(key);
}

static void weak_certificate_signatures_do_not_count(void **state)
{
    EVP_PKEY *key = EVP_RSA_gen(2048);
    const struct {
        const EVP_MD *digest;
        bool counts;
    } cases[] = { { EVP_md5(), false },   { EVP_sha1(), false },  { EVP_sha224(), false },
                  { EVP_sha256(), true }, { EVP_sha384(), true }, { EVP_sha512(), true } };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        azattest__cert *cert = NULL;

        assert_int_equal(made(NULL, key, cases[i].digest, &cert, NULL), AZATTEST_OK);
        assert_int_equal(azattest__cert_is_issued_by(cert, cert), cases[i].counts);
        azattest__cert_free(cert);
    }
    EVP_PKEY_free(key);
}

static void a_certificate_with_a_foreign_key_has_none(void **state)
{
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    azattest__cert *cert = NULL;

    (void)state;
    assert_int_equal(made(NULL, key, NULL, &cert, NULL), AZATTEST_OK);
    assert_null(azattest__cert_key(cert));
    assert_false(azattest__cert_is_issued_by(cert, cert));
    azattest__cert_free(cert);
    EVP_PKEY_free(key);
}

static void issuing_without_a_private_key_fails(void **state)
{
    static const azattest__cert_request request = { .common_name = "Self", .not_after = END_OF_2050 };
    azattest__cert *cert = NULL;
    azattest_error *error = NULL;
    azattest__key *public_key;
    azattest__buf der;

    (void)state;
    azattest__buf_init(&der, 4096);
    assert_int_equal(azattest__key_public_der(p256, &der, NULL), AZATTEST_OK);
    assert_int_equal(azattest__key_from_public_der(azattest__buf_bytes(&der), &public_key, NULL), AZATTEST_OK);
    expect(azattest__cert_issue(&request, public_key, NULL, NULL, &cert, &error), &error, AZATTEST_E_CRYPTO,
           "issuing a certificate");
    azattest__key_free(public_key);
    azattest__buf_free(&der);
}

/* Chains of AMD (RSA-PSS, SHA-384), of Intel (ECDSA) and an old one of the service, each leaf first. */
static void real_chains_hold_and_changed_ones_do_not(void **state)
{
    static const char *const files[] = { "snp/azure-aci-20250617.chain.pem", "snp/azure-aci-milan-v2.chain.pem",
                                         "maa-certs/maa.prod.uks.signing.cert.pem",
                                         "collateral/intel-qvl-sample/pckSignChain.pem" };

    (void)state;
    EVIDENCE_OR_SKIP();
    for (size_t i = 0; i < COUNT(files); i++) {
        azattest__cert *certs[4] = { NULL };
        azattest_bytes block, body, text;
        size_t count = 0, offset = 0, len;
        unsigned char *file = evidence_read(files[i], &len);

        print_message("%s\n", files[i]);
        text = azattest__bytes(file, len);
        while (count < COUNT(certs) && azattest__pem_next(text, "CERTIFICATE", &offset, &block, &body)) {
            azattest__buf der;

            azattest__buf_init(&der, AZATTEST_LIMIT_CERTIFICATE);
            assert_true(azattest__pem_decode_body(body, &der));
            assert_int_equal(azattest__cert_parse(azattest__buf_bytes(&der), &certs[count++], NULL), AZATTEST_OK);
            azattest__buf_free(&der);
        }
        assert_true(count >= 1);
        for (size_t a = 0; a < count; a++)
            for (size_t b = 0; b < count; b++) {
                /* Some of the files have the root first. */
                const char *issuer = azattest__cert_issuer_cn(certs[a]), *subject = azattest__cert_subject_cn(certs[b]);

                assert_int_equal(azattest__cert_is_issued_by(certs[a], certs[b]), strcmp(issuer, subject) == 0);
            }
        for (size_t a = 0; a < count; a++)
            azattest__cert_free(certs[a]);
        free(file);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_certificate_tells_what_was_put_into_it),
        cmocka_unit_test(a_chain_holds_only_with_the_right_names_and_keys),
        cmocka_unit_test(every_changed_bit_breaks_a_certificate),
        cmocka_unit_test(a_cut_or_extended_certificate_is_refused),
        cmocka_unit_test(odd_certificates_are_read_carefully),
        cmocka_unit_test(weak_certificate_signatures_do_not_count),
        cmocka_unit_test(a_certificate_with_a_foreign_key_has_none),
        cmocka_unit_test(issuing_without_a_private_key_fails),
        cmocka_unit_test(real_chains_hold_and_changed_ones_do_not),
    };

    return cmocka_run_group_tests_name("certificate", tests, make_keys, free_keys);
}
