/* Key sets: what an entry must be to be used, what is judged about it, and the real key sets of the service. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <azattest/limits.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "crypto/issue.h"
#include "evidence.h"
#include "jose/signer.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define YEAR_2020 1577836800
#define YEAR_2030 1893456000

/* What the cases below are put together from: JSON values, and x5c entries (with their quotes). */
enum {
    RSA_N,
    RSA_E,
    WEAK_N,
    EC_X,
    EC_Y,
    EC521_X,
    EC521_Y,
    KID_OF_RSA,
    KID_OF_EC,
    SELF,
    SELF_OTHER,
    SELF_EC,
    FORGED_SELF,
    ROOT,
    OTHER_ROOT,
    LEAF,
    LEAF_OF_LEAF,
    SUB,
    SUB_SUB,
    LEAF_OF_SUB_SUB,
    NOT_DER,
    URL_SAFE,
    TRAILING,
    PEM_CERTIFICATE,
    PEM_PUBLIC_KEY,
    PEM_PRIVATE_KEY,
    VALUES
};
static azattest__buf values[VALUES];
static azattest__key *rsa, *rsa_other, *weak, *p256, *p521;

static void put_number(const azattest__key *key, int first, int second)
{
    azattest__buf a, b;
    azattest__buf *pair[] = { &a, &b };

    azattest__buf_init(&a, 4096);
    azattest__buf_init(&b, 4096);
    assert_int_equal(azattest__key_numbers(key, &a, &b, NULL), AZATTEST_OK);
    for (int i = 0; i < 2; i++) {
        int slot = i == 0 ? first : second;

        if (slot >= 0) {
            azattest__buf_append_text(&values[slot], "\"");
            azattest__base64url_encode(azattest__buf_bytes(pair[i]), &values[slot]);
            azattest__buf_append_text(&values[slot], "\"");
        }
        azattest__buf_free(pair[i]);
    }
}

static void put_base64(int slot, azattest_bytes data)
{
    azattest__buf_append_text(&values[slot], "\"");
    azattest__base64_encode(data, &values[slot]);
    azattest__buf_append_text(&values[slot], "\"");
}

static azattest__cert *put_cert(int slot, const char *name, const azattest__key *key, int path_length,
                                const azattest__cert *issuer, const azattest__key *issuer_key, int64_t not_after)
{
    azattest__cert_request request = { .common_name = name,
                                       .not_before = YEAR_2020 + slot,
                                       .not_after = not_after,
                                       .ca = path_length >= -1,
                                       .path_length = path_length < 0 ? -1 : path_length };
    azattest__cert *cert = NULL;

    assert_int_equal(azattest__cert_issue(&request, key, issuer, issuer_key, &cert, NULL), AZATTEST_OK);
    put_base64(slot, azattest__cert_der(cert));
    return cert;
}

#define NO_CA (-2)

static int make_values(void **state)
{
    azattest__cert *certs[10];
    char id[AZATTEST__SERVICE_KEY_ID];
    unsigned char hash[AZATTEST__SHA256_SIZE];
    azattest__buf url, der;
    size_t count = 0;

    (void)state;
    for (size_t i = 0; i < VALUES; i++)
        azattest__buf_init(&values[i], AZATTEST_LIMIT_RESPONSE);
    azattest__buf_init(&url, AZATTEST_LIMIT_RESPONSE);
    azattest__buf_init(&der, AZATTEST_LIMIT_RESPONSE);
    assert_int_equal(azattest__key_generate_rsa(2048, &rsa, NULL), AZATTEST_OK);
    assert_int_equal(azattest__key_generate_rsa(2048, &rsa_other, NULL), AZATTEST_OK);
    assert_int_equal(azattest__key_generate_rsa(1024, &weak, NULL), AZATTEST_OK);
    assert_int_equal(azattest__key_generate_ec("P-256", &p256, NULL), AZATTEST_OK);
    assert_int_equal(azattest__key_generate_ec("P-521", &p521, NULL), AZATTEST_OK);
    put_number(rsa, RSA_N, RSA_E);
    put_number(weak, WEAK_N, -1);
    put_number(p256, EC_X, EC_Y);
    put_number(p521, EC521_X, EC521_Y);
    assert_int_equal(azattest__service_key_id(rsa, id, hash, NULL), AZATTEST_OK);
    azattest__buf_printf(&values[KID_OF_RSA], "\"%s\"", id);
    assert_int_equal(azattest__service_key_id(p256, id, hash, NULL), AZATTEST_OK);
    azattest__buf_printf(&values[KID_OF_EC], "\"%s\"", id);
    certs[count++] = put_cert(SELF, "https://localhost:8443", rsa, NO_CA, NULL, NULL, YEAR_2030);
    certs[count++] = put_cert(SELF_OTHER, "Self", rsa_other, NO_CA, NULL, NULL, YEAR_2030);
    certs[count++] = put_cert(SELF_EC, "Self", p256, NO_CA, NULL, NULL, YEAR_2030);
    certs[count++] = put_cert(ROOT, "Root", p521, 1, NULL, NULL, YEAR_2030);
    certs[count++] = put_cert(OTHER_ROOT, "Root", p256, -1, NULL, NULL, YEAR_2030);
    certs[count++] = put_cert(LEAF, "Leaf", rsa, NO_CA, certs[3], p521, YEAR_2030 + 5);
    certs[count++] = put_cert(LEAF_OF_LEAF, "Leaf of leaf", rsa, NO_CA, certs[5], rsa, YEAR_2030);
    certs[count++] = put_cert(SUB, "Sub", p256, 0, certs[3], p521, YEAR_2030 - 7);
    certs[count++] = put_cert(SUB_SUB, "Sub sub", p521, -1, certs[7], p256, YEAR_2030);
    certs[count++] = put_cert(LEAF_OF_SUB_SUB, "Leaf", rsa, NO_CA, certs[8], p521, YEAR_2030);
    put_base64(NOT_DER, azattest__text("not DER"));
    azattest__buf_append_text(&url, "\"");
    azattest__base64url_encode(azattest__cert_der(certs[0]), &url);
    azattest__buf_append_text(&url, "-_\"");
    azattest__buf_append_bytes(&values[URL_SAFE], azattest__buf_bytes(&url));
    azattest__buf_append_bytes(&der, azattest__cert_der(certs[0]));
    azattest__buf_append(&der, "", 1);
    put_base64(TRAILING, azattest__buf_bytes(&der));
    azattest__buf_free(&der);
    azattest__pem_encode("CERTIFICATE", azattest__cert_der(certs[0]), &values[PEM_CERTIFICATE]);
    assert_int_equal(azattest__key_public_pem(p256, &values[PEM_PUBLIC_KEY], NULL), AZATTEST_OK);
    assert_int_equal(azattest__key_private_pem(p256, &values[PEM_PRIVATE_KEY], NULL), AZATTEST_OK);
    /* One bit of the signature changed: names itself, but does not verify. */
    azattest__buf_append_bytes(&der, azattest__cert_der(certs[0]));
    der.ptr[der.len - 1] ^= 1;
    put_base64(FORGED_SELF, azattest__buf_bytes(&der));
    for (size_t i = 0; i < count; i++)
        azattest__cert_free(certs[i]);
    azattest__buf_free(&url);
    azattest__buf_free(&der);
    return 0;
}

static int free_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < VALUES; i++)
        azattest__buf_free(&values[i]);
    azattest__key_free(rsa);
    azattest__key_free(rsa_other);
    azattest__key_free(weak);
    azattest__key_free(p256);
    azattest__key_free(p521);
    return 0;
}

/* The values by name: <name> in a pattern stands for one. */
static const char *const names[VALUES] = {
    [RSA_N] = "n",
    [RSA_E] = "e",
    [WEAK_N] = "weak n",
    [EC_X] = "x",
    [EC_Y] = "y",
    [EC521_X] = "x of P-521",
    [EC521_Y] = "y of P-521",
    [KID_OF_RSA] = "kid",
    [KID_OF_EC] = "kid of EC",
    [SELF] = "self",
    [SELF_OTHER] = "other self",
    [SELF_EC] = "EC self",
    [FORGED_SELF] = "forged self",
    [ROOT] = "root",
    [OTHER_ROOT] = "other root",
    [LEAF] = "leaf",
    [LEAF_OF_LEAF] = "leaf of leaf",
    [SUB] = "sub",
    [SUB_SUB] = "sub sub",
    [LEAF_OF_SUB_SUB] = "leaf of sub sub",
    [NOT_DER] = "not DER",
    [URL_SAFE] = "url-safe",
    [TRAILING] = "trailing",
    [PEM_CERTIFICATE] = "PEM certificate",
    [PEM_PUBLIC_KEY] = "PEM public key",
    [PEM_PRIVATE_KEY] = "PEM private key",
};

static void expand(const char *pattern, azattest__buf *out)
{
    for (const char *p = pattern; *p != '\0'; p++) {
        const char *end = *p == '<' ? strchr(p, '>') : NULL;
        int slot = end == NULL ? VALUES : 0;

        while (slot < VALUES &&
               (strlen(names[slot]) != (size_t)(end - p - 1) || strncmp(names[slot], p + 1, strlen(names[slot])) != 0))
            slot++;
        if (slot < VALUES) {
            azattest__buf_append_bytes(out, azattest__buf_bytes(&values[slot]));
            p = end;
        } else {
            azattest__buf_append(out, p, 1);
        }
    }
    assert_int_equal(out->status, AZATTEST_OK);
}

#define RSA "\"kty\":\"RSA\",\"n\":<n>,\"e\":<e>"
#define EC "\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":<x>,\"y\":<y>"

/* One entry each. `problem`, `chain` and `kid` are the verdicts, with a part of the text of the one that is not OK. */
static const struct entry_case {
    const char *name, *jwk;
    azattest_status problem, chain, kid;
    const char *text;
} entry_cases[] = {
#define FINE AZATTEST_OK, AZATTEST_OK, AZATTEST_OK, NULL
#define USELESS(text) AZATTEST_E_TOKEN_KEY_UNFIT, AZATTEST_OK, AZATTEST_OK, text
#define BROKEN(text) AZATTEST_E_MALFORMED, AZATTEST_OK, AZATTEST_OK, text
#define MISMATCH(text) AZATTEST_E_TOKEN_KEY_MISMATCH, AZATTEST_OK, AZATTEST_OK, text
#define CHAIN(text) AZATTEST_OK, AZATTEST_E_TOKEN_CERTIFICATE, AZATTEST_OK, text
#define KID(text) AZATTEST_OK, AZATTEST_OK, AZATTEST_E_TOKEN_KEY_ID, text
    { "an RSA key", RSA, FINE },
    { "an RSA key too small for anything is still a key", "\"kty\":\"RSA\",\"n\":<weak n>,\"e\":<e>", FINE },
    { "an EC key", EC, FINE },
    { "an EC key on P-521", "\"kty\":\"EC\",\"crv\":\"P-521\",\"x\":<x of P-521>,\"y\":<y of P-521>", FINE },
    { "members nobody knows are ignored", RSA ",\"x5t\":\"?\",\"more\":{\"d\":1}", FINE },
    { "use for signatures", RSA ",\"use\":\"sig\"", FINE },
    { "operations with verify", RSA ",\"key_ops\":[\"sign\",\"verify\"]", FINE },
    { "its own algorithm", RSA ",\"alg\":\"PS384\"", FINE },
    { "no kty", "\"n\":<n>,\"e\":<e>", BROKEN("\"kty\" is missing") },
    { "kty a number", "\"kty\":1", BROKEN("\"kty\" is of type number") },
    { "kty in another case", "\"kty\":\"rsa\",\"n\":<n>,\"e\":<e>", USELESS("\"kty\" is \"rsa\"") },
    { "a secret for HMAC", "\"kty\":\"oct\",\"k\":\"AAAA\"", USELESS("\"kty\" is \"oct\"") },
    { "an Ed25519 key", "\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AAAA\"", USELESS("\"kty\" is \"OKP\"") },
    { "a secret beside an RSA key", RSA ",\"k\":\"AAAA\"", USELESS("\"k\" is published") },
    { "a private RSA key", RSA ",\"d\":\"AAAA\"", USELESS("\"d\" is published") },
    { "a prime of the RSA key", RSA ",\"p\":\"AAAA\"", USELESS("\"p\" is published") },
    { "a private EC key", EC ",\"d\":\"AAAA\"", USELESS("\"d\" is published") },
    { "use for encryption", RSA ",\"use\":\"enc\"", USELESS("\"use\" is \"enc\"") },
    { "use a number", RSA ",\"use\":1", BROKEN("\"use\" is of type number") },
    { "operations without verify", RSA ",\"key_ops\":[\"encrypt\"]", USELESS("\"key_ops\"") },
    { "operations as one text", RSA ",\"key_ops\":\"verify\"", USELESS("\"key_ops\"") },
    { "operations as an object", RSA ",\"key_ops\":{\"0\":\"verify\"}", USELESS("\"key_ops\"") },
    { "algorithm HS256", RSA ",\"alg\":\"HS256\"", USELESS("\"alg\" is \"HS256\"") },
    { "algorithm none", RSA ",\"alg\":\"none\"", USELESS("\"alg\" is \"none\"") },
    { "algorithm for encryption", RSA ",\"alg\":\"RSA-OAEP\"", USELESS("\"alg\" is \"RSA-OAEP\"") },
    { "algorithm not text", RSA ",\"alg\":[]", BROKEN("\"alg\" is of type array") },
    { "no key at all", "\"kty\":\"RSA\"", BROKEN("neither \"n\" nor \"x5c\"") },
    { "no EC key at all", "\"kty\":\"EC\"", BROKEN("neither \"x\" nor \"x5c\"") },
    { "no modulus", "\"kty\":\"RSA\",\"e\":<e>", BROKEN("\"n\" is missing") },
    { "no exponent", "\"kty\":\"RSA\",\"n\":<n>", BROKEN("\"e\" is missing") },
    { "modulus a number", "\"kty\":\"RSA\",\"n\":1,\"e\":<e>", BROKEN("\"n\" is of type number") },
    { "modulus empty", "\"kty\":\"RSA\",\"n\":\"\",\"e\":<e>", BROKEN("\"n\" is not base64url") },
    { "modulus in the standard alphabet", "\"kty\":\"RSA\",\"n\":\"+///\",\"e\":<e>",
      BROKEN("\"n\" is not base64url") },
    { "exponent padded", "\"kty\":\"RSA\",\"n\":<n>,\"e\":\"AQ==\"", BROKEN("\"e\" is not base64url") },
    { "exponent one", "\"kty\":\"RSA\",\"n\":<n>,\"e\":\"AQ\"", BROKEN("above 1") },
    { "exponent even", "\"kty\":\"RSA\",\"n\":<n>,\"e\":\"Ag\"", BROKEN("must be odd") },
    { "modulus short", "\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":<e>", BROKEN("at least 512 bits") },
    { "no curve", "\"kty\":\"EC\",\"x\":<x>,\"y\":<y>", BROKEN("\"crv\" is missing") },
    { "a curve alone", "\"kty\":\"EC\",\"crv\":\"P-256\"", BROKEN("\"x\" is missing") },
    { "another curve", "\"kty\":\"EC\",\"crv\":\"secp256k1\",\"x\":<x>,\"y\":<y>", USELESS("only P-256") },
    { "the wrong curve", "\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":<x>,\"y\":<y>", BROKEN("P-384 has 48") },
    { "a point beside the curve", "\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":<x>,\"y\":<x>", BROKEN("not on the curve") },
    { "an EC key that says RSA", "\"kty\":\"RSA\",\"crv\":\"P-256\",\"x\":<x>,\"y\":<y>", BROKEN("neither \"n\"") },
    { "an RSA key that says EC", "\"kty\":\"EC\",\"n\":<n>,\"e\":<e>", BROKEN("neither \"x\"") },
    /* Certificates. */
    { "a self-signed certificate", "\"kty\":\"RSA\",\"x5c\":[<self>]", FINE },
    { "a certificate and its own numbers", RSA ",\"x5c\":[<self>]", FINE },
    { "a chain", "\"kty\":\"RSA\",\"x5c\":[<leaf>,<root>]", FINE },
    { "a leaf without its chain", "\"kty\":\"RSA\",\"x5c\":[<leaf>]", FINE },
    { "x5c a text", "\"kty\":\"RSA\",\"x5c\":<self>", BROKEN("\"x5c\" (type string") },
    { "x5c empty", RSA ",\"x5c\":[]", BROKEN("0 entries) is not an array of 1 to 8") },
    { "x5c too long", "\"kty\":\"RSA\",\"x5c\":[<self>,<self>,<self>,<self>,<self>,<self>,<self>,<self>,<self>]",
      BROKEN("9 entries) is not an array of 1 to 8") },
    { "x5c with a number", "\"kty\":\"RSA\",\"x5c\":[1]", BROKEN("x5c[0]: is of type number") },
    { "x5c in the URL alphabet", "\"kty\":\"RSA\",\"x5c\":[<url-safe>]", BROKEN("x5c[0]: not base64") },
    { "x5c with a line end", "\"kty\":\"RSA\",\"x5c\":[\"QQ==\\n\"]", BROKEN("x5c[0]: not base64") },
    { "x5c with no DER", "\"kty\":\"RSA\",\"x5c\":[<not DER>]", BROKEN("x5c[0]: certificate: not X.509") },
    { "x5c with a byte behind", "\"kty\":\"RSA\",\"x5c\":[<trailing>]", BROKEN("1 bytes behind its end") },
    { "a bad certificate beside good numbers", RSA ",\"x5c\":[<not DER>]", BROKEN("x5c[0]") },
    { "a bad second certificate", "\"kty\":\"RSA\",\"x5c\":[<leaf>,<not DER>]", BROKEN("x5c[1]") },
    /* K6 */
    { "a certificate of another key", RSA ",\"x5c\":[<other self>]", MISMATCH("not the key of the entry's own") },
    { "a certificate of another kind of key", RSA ",\"x5c\":[<EC self>]", MISMATCH("not the key of the entry's own") },
    { "a certificate against kty", "\"kty\":\"EC\",\"x5c\":[<self>]", MISMATCH("\"kty\" is EC, but") },
    { "an EC certificate against kty", "\"kty\":\"RSA\",\"x5c\":[<EC self>]", MISMATCH("\"kty\" is RSA, but") },
    { "the numbers of a later certificate", EC ",\"x5c\":[<leaf>,<EC self>]", MISMATCH("not the key") },
    /* K7 */
    { "a self-signed certificate that is changed", "\"kty\":\"RSA\",\"x5c\":[<forged self>]",
      CHAIN("x5c[0] names itself as its issuer but does not verify") },
    { "a chain to another root of that name", "\"kty\":\"RSA\",\"x5c\":[<leaf>,<other root>]",
      CHAIN("x5c[0] is not issued by x5c[1]") },
    { "a chain in the wrong order", "\"kty\":\"EC\",\"x5c\":[<root>,<leaf>]", CHAIN("x5c[0] is not issued by x5c[1]") },
    { "a chain with a gap", "\"kty\":\"RSA\",\"x5c\":[<leaf of sub sub>,<root>]", CHAIN("x5c[0] is not issued by") },
    { "a certificate twice", "\"kty\":\"RSA\",\"x5c\":[<self>,<self>]", CHAIN("x5c[1] issued x5c[0] but is no") },
    { "an issuer that is no authority", "\"kty\":\"RSA\",\"x5c\":[<leaf of leaf>,<leaf>,<root>]",
      CHAIN("x5c[1] issued x5c[0] but is no certificate authority") },
    { "more authorities than allowed", "\"kty\":\"RSA\",\"x5c\":[<leaf of sub sub>,<sub sub>,<sub>,<root>]",
      CHAIN("x5c[2] allows 0 authorities below it, there are 1") },
    { "a chain and something unrelated", "\"kty\":\"RSA\",\"x5c\":[<leaf>,<root>,<self>]",
      CHAIN("x5c[1] is not issued by x5c[2]") },
    /* K8a */
    { "a kid of the key's hash", RSA ",\"kid\":<kid>", FINE },
    { "a kid of the certificate's key's hash", "\"kty\":\"RSA\",\"x5c\":[<self>],\"kid\":<kid>", FINE },
    { "a kid of an EC key's hash", EC ",\"kid\":<kid of EC>", FINE },
    { "a kid of another key's hash", RSA ",\"kid\":<kid of EC>", KID("the hash of the key is") },
    { "a kid of another form", RSA ",\"kid\":\"D5DR62_fG0AlpALMbsP-wriTWjU\"", FINE },
    { "a kid of nothing", RSA ",\"kid\":\"\"", FINE },
    { "a kid that is a number", RSA ",\"kid\":1", BROKEN("\"kid\" is of type number") },
};

static void judges_entry(void **state)
{
    const struct entry_case *test = *state;
    azattest__json *jwk = NULL;
    azattest_signer *signer = NULL;
    azattest__buf text;
    const char *said;

    azattest__buf_init(&text, AZATTEST_LIMIT_RESPONSE);
    azattest__buf_append_text(&text, "{");
    expand(test->jwk, &text);
    azattest__buf_append_text(&text, "}");
    assert_int_equal(azattest__json_parse(azattest__buf_bytes(&text), &jwk, NULL), AZATTEST_OK);
    assert_int_equal(azattest__signer_from_jwk(jwk, &signer, NULL), AZATTEST_OK);
    if (signer->problem != NULL && test->problem == AZATTEST_OK)
        fail_msg("%s", signer->problem);
    assert_string_equal(azattest_status_name(signer->problem_code), azattest_status_name(test->problem));
    assert_string_equal(azattest_status_name(signer->chain_code), azattest_status_name(test->chain));
    assert_string_equal(azattest_status_name(signer->key_id_code), azattest_status_name(test->kid));
    said = test->problem != AZATTEST_OK ? azattest_signer_problem(signer)
           : test->chain != AZATTEST_OK ? signer->chain_problem
                                        : signer->key_id_problem;
    if (test->text == NULL)
        assert_null(said);
    else if (said == NULL || strstr(said, test->text) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", test->text, said == NULL ? "" : said);
    /* An entry with a problem has no key, so that nobody can use it by mistake. */
    assert_int_equal(signer->key == NULL, test->problem != AZATTEST_OK);
    assert_int_equal(azattest_signer_key_type(signer) == NULL, test->problem != AZATTEST_OK);
    assert_int_equal(azattest_signer_public_key_pem(signer) == NULL, test->problem != AZATTEST_OK);
    assert_int_equal(azattest_signer_key_bits(signer) == 0, test->problem != AZATTEST_OK);
    azattest_signer_free(signer);
    azattest__json_free(jwk);
    azattest__buf_free(&text);
}

static azattest_status parse(const char *pattern, azattest_signers **out, azattest_error **error)
{
    azattest_status status;
    azattest__buf text;

    azattest__buf_init(&text, 2 * AZATTEST_LIMIT_RESPONSE);
    azattest__buf_append(&text, "", 0); /* an empty text is not an absent one */
    expand(pattern, &text);
    status = azattest_signers_parse(azattest__buf_bytes(&text), out, error);
    azattest__buf_free(&text);
    return status;
}

/* Whole documents. */
static const struct set_case {
    const char *name, *text;
    azattest_status status;
    size_t count;
    const char *message;
} set_cases[] = {
    { "no keys", "{\"keys\":[]}", AZATTEST_OK, 0, NULL },
    { "two keys, one of them useless", "{\"keys\":[{" RSA "},{\"kty\":\"oct\"}]}", AZATTEST_OK, 2, NULL },
    { "an empty entry spoils only itself", "{\"keys\":[{},{" RSA "}]}", AZATTEST_OK, 2, NULL },
    { "unknown members", "{\"next\":null,\"keys\":[{" EC "}]}", AZATTEST_OK, 1, NULL },
    { "white space in front", "\r\n\t {\"keys\":[{" EC "}]}\n", AZATTEST_OK, 1, NULL },
    { "a certificate in PEM", "<PEM certificate>", AZATTEST_OK, 1, NULL },
    { "a public key in PEM", "<PEM public key>", AZATTEST_OK, 1, NULL },
    { "several blocks with text between", "Subject: a\n<PEM certificate>\nnext\n<PEM public key><PEM certificate>\n",
      AZATTEST_OK, 3, NULL },
    { "nothing", "", AZATTEST_E_MALFORMED, 0, "key set: " },
    { "a web page", "<html><body>502</body></html>", AZATTEST_E_MALFORMED, 0, "key set: " },
    { "an array", "[{" RSA "}]", AZATTEST_E_MALFORMED, 0, "\"keys\" is missing" },
    { "one key without a set", "{" RSA "}", AZATTEST_E_MALFORMED, 0, "\"keys\" is missing" },
    { "keys in another case", "{\"Keys\":[]}", AZATTEST_E_MALFORMED, 0, "\"keys\" is missing" },
    { "keys an object", "{\"keys\":{}}", AZATTEST_E_MALFORMED, 0, "\"keys\" is object, expected an array" },
    { "an entry that is text", "{\"keys\":[{" RSA "},\"x\"]}", AZATTEST_E_MALFORMED, 0, "keys[1] is of type string" },
    { "a member twice", "{\"keys\":[{\"kid\":\"a\",\"kid\":\"b\"," RSA "}]}", AZATTEST_E_MALFORMED, 0,
      "duplicate member" },
    { "keys twice", "{\"keys\":[],\"keys\":[]}", AZATTEST_E_MALFORMED, 0, "duplicate member" },
    { "something behind", "{\"keys\":[]}{}", AZATTEST_E_MALFORMED, 0, "key set: " },
    { "a NUL in a kid", "{\"keys\":[{\"kid\":\"a\\u0000b\"," RSA "}]}", AZATTEST_E_MALFORMED, 0, "key set: " },
    { "a private key in PEM", "<PEM public key><PEM private key>", AZATTEST_E_MALFORMED, 0, "no whole certificate" },
    { "a private key in front of what may be there", "<PEM private key><PEM certificate><PEM public key>",
      AZATTEST_E_MALFORMED, 0, "PEM block at byte 0 is no whole certificate" },
    { "PEM that is no base64", "-----BEGIN CERTIFICATE-----\n????\n-----END CERTIFICATE-----\n", AZATTEST_E_MALFORMED,
      0, "PEM block at byte 0: not base64" },
    { "PEM that is no certificate", "-----BEGIN CERTIFICATE-----\nQUFB\n-----END CERTIFICATE-----\n",
      AZATTEST_E_MALFORMED, 0, "not X.509" },
    { "PEM that is cut", "<PEM certificate>-----BEGIN CERTIFICATE-----\nQUFB\n", AZATTEST_E_MALFORMED, 0,
      "no whole certificate" },
    { "an Ed25519 key in PEM",
      "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAO2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2ik=\n-----END PUBLIC "
      "KEY-----\n",
      AZATTEST_E_UNSUPPORTED, 0, "only RSA and EC" },
};

static void parses_set(void **state)
{
    const struct set_case *test = *state;
    azattest_signers *set = NULL, *again = NULL;
    azattest_error *error = NULL;
    azattest_status status = parse(test->text, &set, &error);

    if (test->status == AZATTEST_OK && error != NULL)
        fail_msg("%s", azattest_error_message(error));
    assert_string_equal(azattest_status_name(status), azattest_status_name(test->status));
    assert_int_equal(azattest_signers_count(set), test->count);
    if (status != AZATTEST_OK) {
        assert_null(set);
        assert_non_null(error);
        assert_int_equal(azattest_error_code(error), status);
        if (strstr(azattest_error_message(error), test->message) == NULL)
            fail_msg("\"%s\" is not in \"%s\"", test->message, azattest_error_message(error));
        azattest_error_free(error);
        return;
    }
    /* What is written out reads back as the same set. */
    assert_int_equal(azattest_signers_parse(azattest_signers_jwks(set), &again, NULL), AZATTEST_OK);
    assert_int_equal(azattest_signers_count(again), test->count);
    for (size_t i = 0; i < test->count; i++) {
        const azattest_signer *a = azattest_signers_at(set, i), *b = azattest_signers_at(again, i);

        assert_int_equal(a->problem_code, b->problem_code);
        assert_int_equal(a->certificate_count, b->certificate_count);
        if (a->key != NULL)
            assert_true(azattest__key_equal(a->key, b->key));
    }
    assert_true(azattest__bytes_equal(azattest_signers_jwks(set), azattest_signers_jwks(again)));
    azattest_signers_free(set);
    azattest_signers_free(again);
}

static void the_number_of_keys_has_a_ceiling(void **state)
{
    azattest_signers *set = NULL;
    azattest_error *error = NULL;
    azattest__buf text;

    (void)state;
    azattest__buf_init(&text, AZATTEST_LIMIT_RESPONSE);
    azattest__buf_append_text(&text, "{\"keys\":[{}");
    for (unsigned i = 1; i < AZATTEST_LIMIT_KEYS; i++)
        azattest__buf_append_text(&text, ",{}");
    azattest__buf_append_text(&text, "]}");
    assert_int_equal(azattest_signers_parse(azattest__buf_bytes(&text), &set, NULL), AZATTEST_OK);
    assert_int_equal(azattest_signers_count(set), AZATTEST_LIMIT_KEYS);
    azattest_signers_free(set);
    text.len -= 2;
    azattest__buf_append_text(&text, ",{}]}");
    assert_int_equal(azattest_signers_parse(azattest__buf_bytes(&text), &set, &error), AZATTEST_E_LIMIT);
    assert_non_null(strstr(azattest_error_message(error), "more than 64 keys"));
    assert_null(set);
    azattest_error_free(error);
    azattest__buf_free(&text);
}

static void the_size_of_a_set_has_a_ceiling(void **state)
{
    azattest_signers *set = NULL;
    azattest_error *error = NULL;
    char *text = malloc(AZATTEST_LIMIT_RESPONSE + 1);

    (void)state;
    assert_non_null(text);
    memset(text, ' ', AZATTEST_LIMIT_RESPONSE + 1);
    assert_int_equal(azattest_signers_parse(azattest__bytes(text, AZATTEST_LIMIT_RESPONSE + 1), &set, &error),
                     AZATTEST_E_LIMIT);
    assert_non_null(strstr(azattest_error_message(error), "4194305 bytes, at most 4194304"));
    azattest_error_free(error);
    free(text);
}

static void a_long_kid_makes_an_entry_useless(void **state)
{
    char kid[AZATTEST_LIMIT_KEY_ID + 2];

    (void)state;
    for (size_t len = AZATTEST_LIMIT_KEY_ID; len <= AZATTEST_LIMIT_KEY_ID + 1; len++) {
        azattest_signers *set = NULL;
        const azattest_signer *signer;
        azattest__buf text;

        memset(kid, 'k', len);
        kid[len] = '\0';
        azattest__buf_init(&text, 4096);
        azattest__buf_printf(&text, "{\"keys\":[{\"kid\":\"%s\",", kid);
        expand(RSA "}]}", &text);
        assert_int_equal(azattest_signers_parse(azattest__buf_bytes(&text), &set, NULL), AZATTEST_OK);
        signer = azattest_signers_at(set, 0);
        if (len == AZATTEST_LIMIT_KEY_ID) {
            assert_string_equal(azattest_signer_key_id(signer), kid);
            assert_null(azattest_signer_problem(signer));
        } else {
            assert_null(azattest_signer_key_id(signer));
            assert_non_null(strstr(azattest_signer_problem(signer), "\"kid\" has 257 bytes, at most 256"));
        }
        azattest_signers_free(set);
        azattest__buf_free(&text);
    }
}

static void an_own_algorithm_is_the_only_one(void **state)
{
    azattest_signers *set = NULL;
    azattest_error *error = NULL;
    const azattest_signer *any, *only;

    (void)state;
    assert_int_equal(parse("{\"keys\":[{" RSA "},{" RSA ",\"alg\":\"PS256\"}]}", &set, NULL), AZATTEST_OK);
    any = azattest_signers_at(set, 0);
    only = azattest_signers_at(set, 1);
    assert_int_equal(azattest__signer_fits(any, AZATTEST__RS256, NULL), AZATTEST_OK);
    assert_int_equal(azattest__signer_fits(any, AZATTEST__PS256, NULL), AZATTEST_OK);
    assert_int_equal(azattest__signer_fits(any, AZATTEST__ES256, NULL), AZATTEST_E_TOKEN_KEY_UNFIT);
    assert_int_equal(azattest__signer_fits(only, AZATTEST__PS256, NULL), AZATTEST_OK);
    assert_int_equal(azattest__signer_fits(only, AZATTEST__RS256, &error), AZATTEST_E_TOKEN_KEY_UNFIT);
    assert_non_null(strstr(azattest_error_message(error), "for PS256 only, the token says RS256"));
    azattest_error_free(error);
    azattest_signers_free(set);
}

static void the_window_is_that_of_all_certificates(void **state)
{
    azattest_signers *set = NULL;
    const azattest_signer *signer;

    (void)state;
    assert_int_equal(parse("{\"keys\":[{\"kty\":\"RSA\",\"x5c\":[<leaf>,<root>]},{" RSA "},"
                           "{\"kty\":\"RSA\",\"x5c\":[<leaf of sub sub>,<sub sub>,<sub>,<root>]}]}",
                           &set, NULL),
                     AZATTEST_OK);
    signer = azattest_signers_at(set, 0);
    assert_int_equal(signer->not_before, YEAR_2020 + LEAF);
    assert_int_equal(signer->not_after, YEAR_2030);
    signer = azattest_signers_at(set, 1);
    assert_int_equal(signer->not_before, 0);
    assert_true(signer->not_after == INT64_MAX);
    signer = azattest_signers_at(set, 2);
    assert_int_equal(signer->not_before, YEAR_2020 + LEAF_OF_SUB_SUB);
    assert_int_equal(signer->not_after, YEAR_2030 - 7);
    azattest_signers_free(set);
}

static void only_a_self_issued_https_name_is_an_instance(void **state)
{
    azattest_signers *set = NULL;

    (void)state;
    assert_int_equal(parse("{\"keys\":[{\"kty\":\"RSA\",\"x5c\":[<self>]},{\"kty\":\"RSA\",\"x5c\":[<other self>]},"
                           "{\"kty\":\"RSA\",\"x5c\":[<leaf>]},{" RSA "}]}",
                           &set, NULL),
                     AZATTEST_OK);
    assert_string_equal(azattest_signers_at(set, 0)->instance, "https://localhost:8443");
    for (size_t i = 1; i < 4; i++)
        assert_null(azattest_signers_at(set, i)->instance);
    azattest_signers_free(set);
}

static void a_signer_outlives_its_set(void **state)
{
    azattest_signers *set = NULL;
    azattest_signer *kept;
    azattest_bytes der;

    (void)state;
    assert_int_equal(parse("{\"keys\":[{\"kid\":\"a\",\"kty\":\"RSA\",\"x5c\":[<self>]}]}", &set, NULL), AZATTEST_OK);
    kept = azattest_signer_ref(azattest_signers_at(set, 0));
    azattest_signers_free(set);
    assert_string_equal(azattest_signer_key_id(kept), "a");
    assert_string_equal(azattest_signer_key_type(kept), "RSA");
    assert_int_equal(azattest_signer_key_bits(kept), 2048);
    assert_int_equal(azattest_signer_certificate_count(kept), 1);
    der = azattest_signer_certificate_der(kept, 0);
    assert_true(der.len > 500);
    assert_string_equal(azattest_signer_certificate_pem(kept, 0), values[PEM_CERTIFICATE].ptr);
    assert_null(azattest_signer_certificate_der(kept, 1).ptr);
    assert_null(azattest_signer_certificate_pem(kept, 1));
    assert_non_null(strstr(azattest_signer_public_key_pem(kept), "-----BEGIN PUBLIC KEY-----\n"));
    azattest_signer_free(kept);
}

static void *read_first(void *user)
{
    return (void *)(uintptr_t)azattest_signers_at(user, 0);
}

/* Entries are read when they are asked for, by whoever asks first. */
static void all_threads_get_the_same_signer(void **state)
{
    azattest_signers *set = NULL;
    pthread_t threads[4];
    void *got[4];

    (void)state;
    for (int round = 0; round < 20; round++) {
        assert_int_equal(
            azattest_signers_parse(azattest__text("{\"keys\":[{\"kty\":\"EC\",\"kid\":\"k\"}]}"), &set, NULL),
            AZATTEST_OK);
        for (size_t i = 0; i < COUNT(threads); i++)
            assert_int_equal(pthread_create(&threads[i], NULL, read_first, set), 0);
        for (size_t i = 0; i < COUNT(threads); i++)
            assert_int_equal(pthread_join(threads[i], &got[i]), 0);
        for (size_t i = 0; i < COUNT(threads); i++)
            assert_ptr_equal(got[i], azattest_signers_at(set, 0));
        assert_string_equal(azattest_signer_key_id(got[0]), "k");
        azattest_signers_free(set);
    }
}

static void nothing_is_read_from_nothing(void **state)
{
    azattest_signers *set = NULL;

    (void)state;
    azattest_signer_free(NULL);
    azattest_signers_free(NULL);
    assert_null(azattest_signer_ref(NULL));
    assert_null(azattest_signer_key_id(NULL));
    assert_null(azattest_signer_key_type(NULL));
    assert_int_equal(azattest_signer_key_bits(NULL), 0);
    assert_null(azattest_signer_problem(NULL));
    assert_int_equal(azattest_signer_certificate_count(NULL), 0);
    assert_null(azattest_signer_certificate_der(NULL, 0).ptr);
    assert_null(azattest_signer_certificate_pem(NULL, 0));
    assert_null(azattest_signer_public_key_pem(NULL));
    assert_int_equal(azattest_signers_count(NULL), 0);
    assert_null(azattest_signers_at(NULL, 0));
    assert_null(azattest_signers_jwks(NULL).ptr);
    assert_int_equal(azattest_signers_parse(azattest__text("{}"), NULL, NULL), AZATTEST_E_ARGUMENT);
    assert_int_equal(azattest_signers_parse(azattest__bytes(NULL, 0), &set, NULL), AZATTEST_E_ARGUMENT);
}

static void a_cut_set_is_refused(void **state)
{
    static const char *const patterns[] = { "{\"keys\":[{\"kid\":<kid>,\"kty\":\"RSA\",\"x5c\":[<self>]},{" EC "}]}",
                                            "<PEM public key><PEM certificate>" };

    (void)state;
    for (size_t i = 0; i < COUNT(patterns); i++) {
        azattest__buf text;
        size_t taken = 0;

        azattest__buf_init(&text, AZATTEST_LIMIT_RESPONSE);
        expand(patterns[i], &text);
        for (size_t len = 0; len < text.len; len++) {
            azattest_signers *set = NULL;
            char *exact = malloc(len + 1);

            assert_non_null(exact);
            memcpy(exact + 1, text.ptr, len);
            taken += azattest_signers_parse(azattest__bytes(exact + 1, len), &set, NULL) == AZATTEST_OK;
            free(exact);
            azattest_signers_free(set);
        }
        /* PEM is whole behind a block, with or without its line end, until the next one's BEGIN is; no JSON text is. */
        assert_int_equal(taken, i == 0 ? 0 : 2 + strlen("-----BEGIN ") - 1 + 1);
        azattest__buf_free(&text);
    }
}

/* The real key sets, each entry against what an independent checker found, and against its fitness in November 2022. */
static const azattest__json *member_of(const azattest__json *object, const char *name)
{
    const azattest__json *member = azattest__json_get(object, name);

    if (member == NULL)
        fail_msg("facts.json: no \"%s\"", name);
    return member;
}

/* "2022-11-17 00:00:00" */
static int64_t fact_time(const azattest__json *facts, const char *name)
{
    char text[32];
    int64_t seconds;

    snprintf(text, sizeof(text), "%sZ", azattest__json_string(member_of(facts, name)));
    text[10] = 'T';
    assert_true(azattest__time_parse(text, &seconds));
    return seconds;
}

static void check_real_signer(const azattest_signer *signer, const azattest__json *facts, int64_t now)
{
    const azattest__json *chain_ok = azattest__json_get(facts, "chain_ok");
    bool holds = true, kid_ok = false, fits;
    int64_t number;

    assert_null(azattest_signer_problem(signer));
    assert_string_equal(azattest_signer_key_id(signer), azattest__json_get_string(facts, "kid"));
    assert_string_equal(azattest_signer_key_type(signer), azattest__json_get_string(facts, "kty"));
    assert_true(azattest__json_integer(member_of(facts, "rsa_bits"), &number));
    assert_int_equal(azattest_signer_key_bits(signer), number);
    fits = azattest__signer_fits(signer, AZATTEST__RS256, NULL) == AZATTEST_OK;
    assert_int_equal(fits, number >= 2048);
    assert_true(azattest__json_integer(member_of(facts, "x5c"), &number));
    assert_int_equal(azattest_signer_certificate_count(signer), number);
    assert_true(azattest__json_bool(member_of(facts, "kid_ok"), &kid_ok));
    assert_int_equal(signer->key_id_code == AZATTEST_OK, kid_ok);
    assert_int_equal(azattest__is_service_key_id(signer->key_id),
                     strcmp(azattest__json_get_string(facts, "kid_is"), "sha256(pem+nul)") == 0);
    if (number == 0)
        return;
    assert_true(azattest__json_bool(chain_ok, &holds));
    assert_int_equal(signer->chain_code == AZATTEST_OK, holds);
    /* The window is the leaf's: the authorities above it live longer. */
    assert_int_equal(signer->not_before, fact_time(facts, "not_before"));
    assert_int_equal(signer->not_after, fact_time(facts, "not_after"));
    if (azattest__json_get(facts, "self_signed") != NULL)
        assert_string_equal(signer->instance, azattest__json_get_string(facts, "subject"));
    else
        assert_null(signer->instance);
    print_message("%-45s %s\n", signer->key_id,
                  fits && holds && now >= signer->not_before && now <= signer->not_after ? "usable" : "not usable");
}

static void real_key_sets_are_judged_as_the_facts_say(void **state)
{
    static const struct {
        const char *file;
        size_t usable; /* on 2022-11-17 */
    } sets[] = {
        { "maa-certs/wus-shared-2022-11.jwks.json", 2 },     { "maa-certs/wus-aad-2022-11.jwks.json", 2 },
        { "maa-certs/neg-wus-quote-bitflip.jwks.json", 0 },  { "maa-certs/neg-wus-no-intermediate.jwks.json", 0 },
        { "maa-certs/uks-2020.get.certs.response.json", 0 }, { "maa-certs/sharedweu.keys-only.jwks.json", 2 },
    };
    azattest__json *facts = NULL;
    unsigned char *text;
    size_t len;
    int64_t now;

    (void)state;
    EVIDENCE_OR_SKIP();
    text = evidence_read("facts.json", &len);
    assert_int_equal(azattest__json_parse(azattest__bytes(text, len), &facts, NULL), AZATTEST_OK);
    free(text);
    assert_true(azattest__time_parse("2022-11-17T00:00:00Z", &now));
    for (size_t i = 0; i < COUNT(sets); i++) {
        const azattest__json *fact = azattest__json_first(member_of(member_of(facts, sets[i].file), "keys"));
        azattest_signers *set = NULL;
        size_t usable = 0;

        print_message("%s\n", sets[i].file);
        text = evidence_read(sets[i].file, &len);
        assert_int_equal(azattest_signers_parse(azattest__bytes(text, len), &set, NULL), AZATTEST_OK);
        assert_true(azattest__bytes_equal(azattest_signers_jwks(set), azattest__bytes(text, len)));
        free(text);
        for (size_t k = 0; k < azattest_signers_count(set); k++, fact = azattest__json_next(fact)) {
            const azattest_signer *signer = azattest_signers_at(set, k);

            assert_non_null(fact);
            check_real_signer(signer, fact, now);
            usable += signer->chain_code == AZATTEST_OK && signer->key_id_code == AZATTEST_OK &&
                      now >= signer->not_before && now <= signer->not_after &&
                      azattest__signer_fits(signer, AZATTEST__RS256, NULL) == AZATTEST_OK;
        }
        assert_null(fact);
        assert_int_equal(usable, sets[i].usable);
        azattest_signers_free(set);
    }
    azattest__json_free(facts);
}

static void a_real_certificate_in_pem_is_a_signer(void **state)
{
    azattest_signers *set = NULL;
    const azattest_signer *signer;
    unsigned char *text;
    size_t len;

    (void)state;
    EVIDENCE_OR_SKIP();
    text = evidence_read("maa-certs/maa.prod.uks.signing.cert.pem", &len);
    assert_int_equal(azattest_signers_parse(azattest__bytes(text, len), &set, NULL), AZATTEST_OK);
    free(text);
    assert_int_equal(azattest_signers_count(set), 1);
    signer = azattest_signers_at(set, 0);
    assert_null(azattest_signer_key_id(signer));
    assert_int_equal(azattest_signer_key_bits(signer), 1024);
    assert_int_equal(signer->chain_code, AZATTEST_OK);
    assert_string_equal(signer->instance, "https://shareduks.uks.attest.azure.net");
    azattest_signers_free(set);
}

int main(void)
{
    const struct CMUnitTest others[] = {
        cmocka_unit_test(the_number_of_keys_has_a_ceiling),
        cmocka_unit_test(the_size_of_a_set_has_a_ceiling),
        cmocka_unit_test(a_long_kid_makes_an_entry_useless),
        cmocka_unit_test(an_own_algorithm_is_the_only_one),
        cmocka_unit_test(the_window_is_that_of_all_certificates),
        cmocka_unit_test(only_a_self_issued_https_name_is_an_instance),
        cmocka_unit_test(a_signer_outlives_its_set),
        cmocka_unit_test(all_threads_get_the_same_signer),
        cmocka_unit_test(nothing_is_read_from_nothing),
        cmocka_unit_test(a_cut_set_is_refused),
        cmocka_unit_test(real_key_sets_are_judged_as_the_facts_say),
        cmocka_unit_test(a_real_certificate_in_pem_is_a_signer),
    };
    struct CMUnitTest tests[COUNT(entry_cases) + COUNT(set_cases) + COUNT(others)];
    size_t count = 0;

    for (size_t i = 0; i < COUNT(entry_cases); i++)
        tests[count++] =
            (struct CMUnitTest){ entry_cases[i].name, judges_entry, NULL, NULL, (void *)(uintptr_t)&entry_cases[i] };
    for (size_t i = 0; i < COUNT(set_cases); i++)
        tests[count++] =
            (struct CMUnitTest){ set_cases[i].name, parses_set, NULL, NULL, (void *)(uintptr_t)&set_cases[i] };
    for (size_t i = 0; i < COUNT(others); i++)
        tests[count++] = others[i];
    return cmocka_run_group_tests_name("signers", tests, make_values, free_values);
}
