/*
 * The floor of verifying evidence: its signatures, with what has to be read to check them, and nothing else: no TCB
 * levels, no revocation, no dates, no policy. Certificates by a walk over their DER, P-256 keys from their points.
 * Usage: bench_quotes_floor KIND EVIDENCE COLLATERAL TIMES    prints the CPU nanoseconds of one. The kinds:
 *   cold      an Intel quote and the bundle of its collateral, everything from the bytes: nine P-256 verifications
 *   hot       an Intel quote: two, with the PCK certificate's key kept
 *   snp-cold  an SEV-SNP report and PEM of VCEK, ASK, ARK: one P-384 and two RSA-4096 verifications
 *   snp-hot   an SEV-SNP report: one P-384 verification with the VCEK's key kept
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#include "measure.h"

typedef struct span {
    const unsigned char *p;
    size_t len;
} span;

static EVP_PKEY *empty_p256; /* takes the point of each key */

static EVP_PKEY *empty_key(const char *group)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    EVP_PKEY *key = NULL;

    must(EVP_PKEY_paramgen_init(context) == 1 && EVP_PKEY_CTX_set_group_name(context, group) == 1 &&
             EVP_PKEY_paramgen(context, &key) == 1,
         "group");
    EVP_PKEY_CTX_free(context);
    return key;
}

static EVP_PKEY *key_of(const EVP_PKEY *empty, const unsigned char *xy, size_t len)
{
    unsigned char point[97] = { 4 };
    EVP_PKEY *key = EVP_PKEY_dup((EVP_PKEY *)(uintptr_t)empty);

    memcpy(point + 1, xy, len);
    must(EVP_PKEY_set1_encoded_public_key(key, point, 1 + len) == 1, "point");
    return key;
}

static void verify(EVP_PKEY *key, const EVP_MD *md, span data, span signature)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);

    must(EVP_Digest(data.p, data.len, digest, &len, md, NULL) == 1, "digest");
    must(EVP_PKEY_verify_init(context) == 1, "EVP_PKEY_verify_init");
    if (EVP_PKEY_is_a(key, "RSA"))
        must(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
                 EVP_PKEY_CTX_set_rsa_pss_saltlen(context, 48) == 1,
             "PSS");
    must(EVP_PKEY_CTX_set_signature_md(context, md) == 1 &&
             EVP_PKEY_verify(context, signature.p, signature.len, digest, len) == 1,
         "signature");
    EVP_PKEY_CTX_free(context);
}

/* r and s, each of `size` bytes, little-endian if so, as DER. */
static void verify_raw(EVP_PKEY *key, const EVP_MD *md, span data, const unsigned char *rs, size_t size, bool little)
{
    unsigned char der[160], *p = der;
    ECDSA_SIG *pair = ECDSA_SIG_new();
    BIGNUM *r = little ? BN_lebin2bn(rs, (int)size, NULL) : BN_bin2bn(rs, (int)size, NULL);
    BIGNUM *s = little ? BN_lebin2bn(rs + 72, (int)size, NULL) : BN_bin2bn(rs + size, (int)size, NULL);
    int len;

    must(ECDSA_SIG_set0(pair, r, s) == 1 && (len = i2d_ECDSA_SIG(pair, &p)) > 0, "r and s");
    verify(key, md, data, (span){ der, (size_t)len });
    ECDSA_SIG_free(pair);
}

/* ---- DER ---- */

/* Takes an element off the front; `whole` with its head. */
static span take(span *der, span *whole)
{
    size_t head = 2, len;

    must(der->len >= 2, "DER");
    len = der->p[1];
    if (len >= 0x80) {
        size_t bytes = len & 0x7f;

        must(bytes >= 1 && bytes <= 3 && der->len >= 2 + bytes, "DER");
        for (len = 0; head < 2 + bytes; head++)
            len = len << 8 | der->p[head];
    }
    must(der->len >= head + len, "DER");
    if (whole != NULL)
        *whole = (span){ der->p, head + len };
    der->p += head + len;
    der->len -= head + len;
    return (span){ der->p - len, len };
}

/* A certificate or a revocation list: what is signed, its signature, and of the former the bits of the key. */
typedef struct signed_one {
    span tbs, signature, key;
} signed_one;

static signed_one read_signed(span der, bool certificate)
{
    span outer = take(&der, NULL), inside, spki;
    signed_one one;

    inside = take(&outer, &one.tbs);
    take(&outer, NULL);
    one.signature = take(&outer, NULL);
    one.signature.p++;
    one.signature.len--;
    if (certificate) {
        for (int i = 0; i < 6; i++) /* version, serial, algorithm, issuer, validity, subject */
            take(&inside, NULL);
        spki = take(&inside, NULL);
        take(&spki, NULL);
        one.key = take(&spki, NULL);
        one.key.p += 1;
        one.key.len -= 1;
    }
    return one;
}

static EVP_PKEY *p256_of(const signed_one *one)
{
    must(one->key.len == 65, "P-256");
    return key_of(empty_p256, one->key.p + 1, 64);
}

static EVP_PKEY *rsa_of(const signed_one *one)
{
    span bits = one->key, numbers = take(&bits, NULL), n = take(&numbers, NULL), e = take(&numbers, NULL);
    unsigned char little_n[1024], little_e[8];
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    EVP_PKEY *key = NULL;

    must(n.len <= sizeof(little_n) && e.len <= sizeof(little_e), "RSA");
    for (size_t i = 0; i < n.len; i++)
        little_n[i] = n.p[n.len - 1 - i];
    for (size_t i = 0; i < e.len; i++)
        little_e[i] = e.p[e.len - 1 - i];
    OSSL_PARAM params[] = { OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_N, little_n, n.len),
                            OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_E, little_e, e.len),
                            OSSL_PARAM_construct_end() };

    must(EVP_PKEY_fromdata_init(context) == 1 && EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params) == 1,
         "RSA");
    EVP_PKEY_CTX_free(context);
    return key;
}

/* The certificates of PEM text, into `der`. */
static size_t read_pem(const char *text, unsigned char *der, signed_one *out, size_t most)
{
    static const char begin[] = "-----BEGIN CERTIFICATE-----", end[] = "-----END CERTIFICATE-----";
    size_t count = 0;

    while (count < most && (text = strstr(text, begin)) != NULL) {
        const char *stop = strstr(text, end);
        char body[8192];
        size_t len = 0;
        int bytes;

        must(stop != NULL && (size_t)(stop - text) < sizeof(body), "PEM");
        for (text += sizeof(begin) - 1; text < stop; text++)
            if (*text != '\n' && *text != '\r')
                body[len++] = *text;
        must((bytes = EVP_DecodeBlock(der, (const unsigned char *)body, (int)len)) > 0, "base64");
        out[count++] = read_signed((span){ der, (size_t)bytes }, true);
        der += bytes;
    }
    return count;
}

static size_t read_hex(const char *text, unsigned char *out)
{
    static const char digits[] = "0123456789abcdef";
    size_t len = 0;

    for (; text[0] != '\0' && text[1] != '\0'; text += 2)
        out[len++] = (unsigned char)((strchr(digits, text[0]) - digits) << 4 | (strchr(digits, text[1]) - digits));
    return len;
}

/* ---- Intel ---- */

typedef struct quote {
    span signed_bytes, qe_report, auth;
    const unsigned char *signature, *key, *qe_signature;
    const char *chain;
} quote;

static size_t le32(const unsigned char *p)
{
    return p[0] | (size_t)p[1] << 8 | (size_t)p[2] << 16 | (size_t)p[3] << 24;
}

static quote read_quote(azattest_bytes bytes)
{
    const unsigned char *p = bytes.ptr;
    size_t body = le32(p + 4) == 0x81 ? 584 : 384;
    quote q = { .signed_bytes = { p, 48 + body } };

    p += 48 + body + 4;
    q.signature = p;
    q.key = p + 64;
    p += 128 + (((const unsigned char *)bytes.ptr)[0] >= 4 ? 6 : 0); /* versions 4 and 5 nest the rest in type 6 */
    q.qe_report = (span){ p, 384 };
    q.qe_signature = p + 384;
    q.auth = (span){ p + 450, p[448] | (size_t)p[449] << 8 };
    q.chain = (const char *)q.auth.p + q.auth.len + 6;
    must((const unsigned char *)q.chain < (const unsigned char *)bytes.ptr + bytes.len, "quote");
    return q;
}

static void verify_quote(const quote *q, EVP_PKEY *pck)
{
    unsigned char bound[1024], hash[32];
    EVP_PKEY *attestation = key_of(empty_p256, q->key, 64);

    verify_raw(pck, EVP_sha256(), q->qe_report, q->qe_signature, 32, false);
    must(64 + q->auth.len <= sizeof(bound), "auth data");
    memcpy(bound, q->key, 64);
    memcpy(bound + 64, q->auth.p, q->auth.len);
    EVP_Digest(bound, 64 + q->auth.len, hash, NULL, EVP_sha256(), NULL);
    must(memcmp(hash, q->qe_report.p + 320, sizeof(hash)) == 0, "binding");
    verify_raw(attestation, EVP_sha256(), q->signed_bytes, q->signature, 32, false);
    EVP_PKEY_free(attestation);
}

static const char *member(const cJSON *json, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, name));

    must(text != NULL, name);
    return text;
}

static void verify_json(const cJSON *bundle, const char *name, const char *signature_name, EVP_PKEY *key)
{
    const char *text = member(bundle, name), *hex = member(bundle, signature_name);
    unsigned char signature[64];
    cJSON *json = cJSON_Parse(text);

    must(json != NULL && strlen(hex) == 128 && read_hex(hex, signature) == 64, name);
    verify_raw(key, EVP_sha256(), (span){ (const unsigned char *)text, strlen(text) }, signature, 32, false);
    cJSON_Delete(json);
}

static void verify_crl(const cJSON *bundle, const char *name, EVP_PKEY *key)
{
    static unsigned char der[65536];
    const char *hex = member(bundle, name);
    signed_one crl;

    must(strlen(hex) <= 2 * sizeof(der), name);
    crl = read_signed((span){ der, read_hex(hex, der) }, false);
    verify(key, EVP_sha256(), crl.tbs, crl.signature);
}

static void cold(azattest_bytes evidence, azattest_bytes collateral)
{
    static unsigned char der[2][16384];
    quote q = read_quote(evidence);
    cJSON *bundle = cJSON_ParseWithLength(collateral.ptr, collateral.len);
    signed_one chain[3], signer[2];
    EVP_PKEY *pck, *ca, *root, *tcb;

    must(bundle != NULL && read_pem(q.chain, der[0], chain, 3) == 3, "PCK chain");
    must(read_pem(member(bundle, "tcb_info_issuer_chain"), der[1], signer, 2) == 2, "TCB signing chain");
    must(memcmp(chain[2].key.p, signer[1].key.p, 65) == 0, "one root");
    pck = p256_of(&chain[0]);
    ca = p256_of(&chain[1]);
    root = p256_of(&chain[2]);
    tcb = p256_of(&signer[0]);
    verify(ca, EVP_sha256(), chain[0].tbs, chain[0].signature);
    verify(root, EVP_sha256(), chain[1].tbs, chain[1].signature);
    verify(root, EVP_sha256(), signer[0].tbs, signer[0].signature);
    verify_crl(bundle, "root_ca_crl", root);
    verify_crl(bundle, "pck_crl", ca);
    verify_json(bundle, "tcb_info", "tcb_info_signature", tcb);
    verify_json(bundle, "qe_identity", "qe_identity_signature", tcb);
    verify_quote(&q, pck);
    EVP_PKEY_free(pck);
    EVP_PKEY_free(ca);
    EVP_PKEY_free(root);
    EVP_PKEY_free(tcb);
    cJSON_Delete(bundle);
}

/* ---- AMD ---- */

static void verify_report(azattest_bytes report, EVP_PKEY *vcek)
{
    verify_raw(vcek, EVP_sha384(), (span){ report.ptr, 0x2a0 }, (const unsigned char *)report.ptr + 0x2a0, 48, true);
}

static void snp_cold(azattest_bytes evidence, azattest_bytes pem, EVP_PKEY *empty)
{
    static unsigned char der[16384];
    signed_one chain[3];
    EVP_PKEY *vcek, *ask, *ark;

    must(read_pem(pem.ptr, der, chain, 3) == 3 && chain[0].key.len == 97, "VCEK, ASK, ARK");
    vcek = key_of(empty, chain[0].key.p + 1, 96);
    ask = rsa_of(&chain[1]);
    ark = rsa_of(&chain[2]);
    verify(ask, EVP_sha384(), chain[0].tbs, chain[0].signature);
    verify(ark, EVP_sha384(), chain[1].tbs, chain[1].signature);
    verify_report(evidence, vcek);
    EVP_PKEY_free(vcek);
    EVP_PKEY_free(ask);
    EVP_PKEY_free(ark);
}

int main(int argc, char **argv)
{
    static unsigned char der[16384];
    azattest_bytes evidence, collateral;
    EVP_PKEY *kept = NULL, *empty_p384;
    signed_one chain[3];
    quote q;
    int64_t cpu;
    long times;

    if (argc != 5 || (times = atol(argv[4])) < 1) {
        fprintf(stderr, "usage: bench_quotes_floor cold|hot|snp-cold|snp-hot EVIDENCE COLLATERAL TIMES\n");
        return 2;
    }
    evidence = read_file("", argv[2]);
    collateral = read_file("", argv[3]);
    empty_p256 = empty_key("P-256");
    empty_p384 = empty_key("P-384");
    if (strcmp(argv[1], "hot") == 0) {
        must(read_pem(read_quote(evidence).chain, der, chain, 3) == 3, "PCK chain");
        kept = p256_of(&chain[0]);
    } else if (strcmp(argv[1], "snp-hot") == 0) {
        must(read_pem(collateral.ptr, der, chain, 3) == 3, "VCEK, ASK, ARK");
        kept = key_of(empty_p384, chain[0].key.p + 1, 96);
    }
    cpu = cpu_ns();
    for (long i = 0; i < times; i++) {
        if (strcmp(argv[1], "cold") == 0) {
            cold(evidence, collateral);
        } else if (strcmp(argv[1], "hot") == 0) {
            q = read_quote(evidence);
            verify_quote(&q, kept);
        } else if (strcmp(argv[1], "snp-cold") == 0) {
            snp_cold(evidence, collateral, empty_p384);
        } else {
            verify_report(evidence, kept);
        }
    }
    printf("%.0f\n", (double)(cpu_ns() - cpu) / (double)times);
    EVP_PKEY_free(kept);
    EVP_PKEY_free(empty_p256);
    EVP_PKEY_free(empty_p384);
    free((void *)(uintptr_t)evidence.ptr);
    free((void *)(uintptr_t)collateral.ptr);
    return 0;
}
