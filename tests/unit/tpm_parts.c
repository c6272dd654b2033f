/* What TPMs marshal: attestations, signatures, public areas. Every truncation is refused, and whatever is signed has to
 * be a TPM's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "evidence.h"
#include "expect.h"
#include "guests.h"

#define ALL 0x00ffffffu

static azattest__key *rsa, *other_rsa, *p256, *p384;
static unsigned char memory[2][AZATTEST__TPM_PCRS * 64];
static azattest__tpm_pcr pcrs[2 * AZATTEST__TPM_PCRS];

static int setup(void **state)
{
    (void)state;
    assert_int_equal(azattest__key_generate_rsa(2048, &rsa, NULL), AZATTEST_OK);
    assert_int_equal(azattest__key_generate_rsa(2048, &other_rsa, NULL), AZATTEST_OK);
    assert_int_equal(azattest__key_generate_ec("P-256", &p256, NULL), AZATTEST_OK);
    assert_int_equal(azattest__key_generate_ec("P-384", &p384, NULL), AZATTEST_OK);
    guests_pcrs(AZATTEST__TPM_SHA256, pcrs, memory[0]);
    guests_pcrs(AZATTEST__TPM_SHA384, pcrs + AZATTEST__TPM_PCRS, memory[1]);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    azattest__key_free(rsa);
    azattest__key_free(other_rsa);
    azattest__key_free(p256);
    azattest__key_free(p384);
    return 0;
}

static azattest__buf plain_quote(void)
{
    azattest__pcr_selection all = { AZATTEST__TPM_SHA256, ALL };

    return guests_quote(&all, 1, azattest__text("nonce"), azattest__bytes(memory[0], 32));
}

static void a_quote_is_read_whole(void **state)
{
    azattest__buf message = plain_quote(), sized;
    azattest__tpm_attest attest;
    azattest_error *error = NULL;

    (void)state;
    azattest__buf_init(&sized, 1024);
    guests_sized(&sized, azattest__buf_bytes(&message));
    for (int i = 0; i < 2; i++) {
        expect(azattest__tpm_attest_parse(azattest__buf_bytes(i == 0 ? &message : &sized), &attest, &error), &error,
               AZATTEST_OK, NULL);
        assert_true(azattest__tpm_attest_looks_like(azattest__buf_bytes(i == 0 ? &message : &sized)));
        assert_true(azattest__bytes_equal(attest.message, azattest__buf_bytes(&message)));
        assert_int_equal(attest.type, AZATTEST__TPM_QUOTE);
        assert_true(azattest__bytes_equal_text(attest.extra_data, "nonce"));
        assert_int_equal(attest.qualified_signer.len, 34);
        assert_int_equal(attest.clock, 0x1122334455667788);
        assert_int_equal(attest.reset_count, 7);
        assert_int_equal(attest.restart_count, 9);
        assert_true(attest.safe);
        assert_int_equal(attest.firmware_version, 0x2020031200120003);
        assert_int_equal(attest.selection_count, 1);
        assert_int_equal(attest.selections[0].hash_alg, AZATTEST__TPM_SHA256);
        assert_int_equal(attest.selections[0].mask, ALL);
        assert_int_equal(attest.pcr_digest.len, 32);
    }
    azattest__buf_free(&sized);
    azattest__buf_free(&message);
}

/* The bytes at an offset are replaced. */
static const struct bend_case {
    const char *name;
    size_t offset, len;
    const char *bytes;
    azattest_status status;
    const char *message;
} bends[] = {
    { "another magic number is no TPM's", 0, 4, "\xffTCH", AZATTEST_E_EVIDENCE, "ff544347" },
    { "a magic number of zeros is no TPM's", 0, 4, "\0\0\0\0", AZATTEST_E_EVIDENCE, "ff544347" },
    { "a time attestation is another kind", 4, 2, "\x80\x19", AZATTEST_E_UNSUPPORTED, "0x8019" },
    { "a session audit is another kind", 4, 2, "\x80\x16", AZATTEST_E_UNSUPPORTED, "0x8016" },
    { "a signer's name of 65535 bytes", 6, 2, "\xff\xff", AZATTEST_E_EVIDENCE, "ends before" },
    { "a nonce of 65535 bytes", 42, 2, "\xff\xff", AZATTEST_E_EVIDENCE, "ends before" },
    { "no bank at all leaves bytes behind", 74, 4, "\0\0\0\0", AZATTEST_E_EVIDENCE, "bytes behind its end" },
    { "five banks", 74, 4, "\0\0\0\5", AZATTEST_E_LIMIT, "5 banks" },
    { "2^32-1 banks", 74, 4, "\xff\xff\xff\xff", AZATTEST_E_LIMIT, "4294967295 banks" },
    { "a selection of 5 bytes", 80, 1, "\5", AZATTEST_E_EVIDENCE, "5 bytes" },
    { "a selection of 255 bytes", 80, 1, "\xff", AZATTEST_E_EVIDENCE, "ends before" },
    { "a digest of 33 bytes", 84, 2, "\0\x21", AZATTEST_E_EVIDENCE, "ends before" },
    { "a digest of 31 bytes", 84, 2, "\0\x1f", AZATTEST_E_EVIDENCE, "1 bytes behind its end" },
};

static void a_bent_quote_is_refused(void **state)
{
    const struct bend_case *test = *state;
    azattest__buf message = plain_quote();
    azattest__tpm_attest attest;
    azattest_error *error = NULL;

    memcpy(message.ptr + test->offset, test->bytes, test->len);
    expect(azattest__tpm_attest_parse(azattest__buf_bytes(&message), &attest, &error), &error, test->status,
           test->message);
    assert_null(attest.message.ptr);
    azattest__buf_free(&message);
}

/* Each in memory of its own size, for the sanitizer. */
static void refuse_truncations(azattest_bytes whole, azattest_status (*parse)(azattest_bytes bytes))
{
    assert_int_equal(parse(whole), AZATTEST_OK);
    for (size_t len = 0; len < whole.len; len++) {
        char *copy = malloc(len == 0 ? 1 : len);

        assert_non_null(copy);
        memcpy(copy, whole.ptr, len);
        if (parse(azattest__bytes(copy, len)) == AZATTEST_OK)
            fail_msg("%zu of %zu bytes are taken", len, whole.len);
        free(copy);
    }
}

static azattest_status parse_attest(azattest_bytes bytes)
{
    azattest__tpm_attest out;

    return azattest__tpm_attest_parse(bytes, &out, NULL);
}

static azattest_status parse_signature(azattest_bytes bytes)
{
    azattest__tpm_signature out;

    return azattest__tpm_signature_parse(bytes, &out, NULL);
}

static azattest_status parse_public(azattest_bytes bytes)
{
    azattest__tpm_public out;

    return azattest__tpm_public_parse(bytes, &out, NULL);
}

static void every_truncation_is_refused(void **state)
{
    azattest__buf quote = plain_quote(), certify = guests_certify(azattest__text("name")), sized,
                  area = guests_public(rsa, GUESTS_AK_ATTRIBUTES), point = guests_public(p256, GUESTS_AK_ATTRIBUTES),
                  signature = guests_signature(p256, AZATTEST__ES256, azattest__buf_bytes(&quote));

    (void)state;
    azattest__buf_init(&sized, 4096);
    guests_sized(&sized, azattest__buf_bytes(&quote));
    refuse_truncations(azattest__buf_bytes(&quote), parse_attest);
    refuse_truncations(azattest__buf_bytes(&sized), parse_attest);
    refuse_truncations(azattest__buf_bytes(&certify), parse_attest);
    refuse_truncations(azattest__buf_bytes(&area), parse_public);
    refuse_truncations(azattest__buf_bytes(&point), parse_public);
    refuse_truncations(azattest__buf_bytes(&signature), parse_signature);
    azattest__buf_free(&signature);
    azattest__buf_free(&point);
    azattest__buf_free(&area);
    azattest__buf_free(&certify);
    azattest__buf_free(&quote);
    azattest__buf_free(&sized);
}

/* 256 of the 262 bytes of an RSA signature's structure look like a bare signature: it is read, and does not verify. */
static void a_cut_rsa_signature_never_verifies(void **state)
{
    azattest__buf message = plain_quote(),
                  signature = guests_signature(rsa, AZATTEST__RS256, azattest__buf_bytes(&message));
    azattest__tpm_attest attest;
    azattest__tpm_signature read;
    azattest_error *error = NULL;

    (void)state;
    assert_int_equal(azattest__tpm_attest_parse(azattest__buf_bytes(&message), &attest, NULL), AZATTEST_OK);
    for (size_t len = 0; len < signature.len; len++)
        if (azattest__tpm_signature_parse(azattest__bytes(signature.ptr, len), &read, NULL) == AZATTEST_OK) {
            assert_int_equal(len, 256);
            expect(azattest__tpm_verify(&attest, &read, rsa, &error), &error, AZATTEST_E_EVIDENCE_INVALID,
                   "is not by the attestation key");
        }
    azattest__buf_free(&signature);
    azattest__buf_free(&message);
}

static const struct signature_case {
    const char *name;
    azattest__key **key;
    azattest__alg alg;
} signatures[] = {
    { "RSASSA with SHA-256", &rsa, AZATTEST__RS256 }, { "RSASSA with SHA-384", &rsa, AZATTEST__RS384 },
    { "RSASSA with SHA-512", &rsa, AZATTEST__RS512 }, { "RSAPSS with SHA-256", &rsa, AZATTEST__PS256 },
    { "RSAPSS with SHA-384", &rsa, AZATTEST__PS384 }, { "ECDSA on P-256", &p256, AZATTEST__ES256 },
    { "ECDSA on P-384", &p384, AZATTEST__ES384 },
};

static void a_signature_verifies_and_its_bent_ones_do_not(void **state)
{
    const struct signature_case *test = *state;
    azattest__buf message = plain_quote(),
                  signature = guests_signature(*test->key, test->alg, azattest__buf_bytes(&message));
    azattest__tpm_attest attest;
    azattest__tpm_signature read;
    azattest_error *error = NULL;

    assert_int_equal(azattest__tpm_attest_parse(azattest__buf_bytes(&message), &attest, NULL), AZATTEST_OK);
    expect(azattest__tpm_signature_parse(azattest__buf_bytes(&signature), &read, &error), &error, AZATTEST_OK, NULL);
    expect(azattest__tpm_verify(&attest, &read, *test->key, &error), &error, AZATTEST_OK, NULL);
    expect(azattest__tpm_verify(&attest, &read, other_rsa, &error), &error,
           *test->key == rsa ? AZATTEST_E_EVIDENCE_INVALID : AZATTEST_E_TOKEN_KEY_UNFIT,
           *test->key == rsa ? "is not by the attestation key" : "the key is RSA");
    signature.ptr[signature.len - 1] ^= 1;
    expect(azattest__tpm_verify(&attest, &read, *test->key, &error), &error, AZATTEST_E_EVIDENCE_INVALID,
           "is not by the attestation key");
    signature.ptr[signature.len - 1] ^= 1;
    message.ptr[message.len - 1] ^= 1;
    expect(azattest__tpm_verify(&attest, &read, *test->key, &error), &error, AZATTEST_E_EVIDENCE_INVALID,
           "is not by the attestation key");
    azattest__buf_free(&signature);
    azattest__buf_free(&message);
}

static void a_bare_rsa_signature_takes_its_hash_from_the_digest(void **state)
{
    azattest__buf message = plain_quote(), bare;
    azattest__tpm_attest attest;
    azattest__tpm_signature read;
    azattest_error *error = NULL;

    (void)state;
    azattest__buf_init(&bare, AZATTEST_LIMIT_SIGNATURE);
    assert_int_equal(azattest__key_sign(rsa, AZATTEST__RS256, azattest__buf_bytes(&message), &bare, NULL), AZATTEST_OK);
    assert_int_equal(azattest__tpm_attest_parse(azattest__buf_bytes(&message), &attest, NULL), AZATTEST_OK);
    expect(azattest__tpm_signature_parse(azattest__buf_bytes(&bare), &read, &error), &error, AZATTEST_OK, NULL);
    assert_int_equal(read.hash_alg, 0);
    assert_int_equal(azattest__tpm_signature_hash(&attest, &read), AZATTEST__TPM_SHA256);
    expect(azattest__tpm_verify(&attest, &read, rsa, &error), &error, AZATTEST_OK, NULL);
    azattest__buf_free(&bare);
    azattest__buf_free(&message);
}

static void short_scalars_are_padded_and_long_ones_refused(void **state)
{
    azattest__buf message = plain_quote();
    azattest__tpm_attest attest;
    unsigned char zeros[80] = { 0 };
    azattest_error *error = NULL;

    (void)state;
    assert_int_equal(azattest__tpm_attest_parse(azattest__buf_bytes(&message), &attest, NULL), AZATTEST_OK);
    /* A signature whose r begins with a zero, which a TPM may leave out. */
    for (int i = 0; i < 4096; i++) {
        azattest__buf signature = guests_signature(p256, AZATTEST__ES256, azattest__buf_bytes(&message));
        azattest__tpm_signature read;
        const unsigned char *r;

        assert_int_equal(azattest__tpm_signature_parse(azattest__buf_bytes(&signature), &read, NULL), AZATTEST_OK);
        r = read.r.ptr;
        if (r[0] == 0) {
            read.r = azattest__bytes(r + 1, 31);
            expect(azattest__tpm_verify(&attest, &read, p256, &error), &error, AZATTEST_OK, NULL);
            i = 4096;
        }
        read.r = azattest__bytes(zeros, 33);
        expect(azattest__tpm_verify(&attest, &read, p256, &error), &error, AZATTEST_E_EVIDENCE_INVALID, "is not by");
        read.r = azattest__bytes(zeros, 0); /* r = 0 */
        expect(azattest__tpm_verify(&attest, &read, p256, &error), &error, AZATTEST_E_EVIDENCE_INVALID, "is not by");
        azattest__buf_free(&signature);
    }
    azattest__buf_free(&message);
}

static void public_areas_give_key_name_and_attributes(void **state)
{
    azattest__key **keys[] = { &rsa, &p256, &p384 };
    azattest_error *error = NULL;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        azattest__buf plain = guests_public(*keys[i], GUESTS_AK_ATTRIBUTES), sized, answer;
        unsigned char name[2 + AZATTEST__HASH_MAX], hash[AZATTEST__SHA256_SIZE];
        azattest__tpm_public area;
        azattest__key *key = NULL;
        size_t len;

        azattest__buf_init(&sized, 4096);
        azattest__buf_init(&answer, 4096);
        guests_sized(&sized, azattest__buf_bytes(&plain));
        azattest__buf_append_bytes(&answer, azattest__buf_bytes(&sized)); /* of TPM2_ReadPublic */
        guests_sized(&answer, azattest__text("name"));
        guests_sized(&answer, azattest__text("qualified name"));
        for (int form = 0; form < 3; form++) {
            expect(azattest__tpm_public_parse(azattest__buf_bytes(form == 0   ? &plain
                                                                  : form == 1 ? &sized
                                                                              : &answer),
                                              &area, &error),
                   &error, AZATTEST_OK, NULL);
            assert_true(azattest__bytes_equal(area.area, azattest__buf_bytes(&plain)));
        }
        expect(azattest__tpm_public_key(&area, &key, &error), &error, AZATTEST_OK, NULL);
        assert_true(azattest__key_equal(key, *keys[i]));
        expect(azattest__tpm_public_name(&area, name, &len, &error), &error, AZATTEST_OK, NULL);
        assert_int_equal(len, 34);
        assert_int_equal(azattest__sha256(azattest__buf_bytes(&plain), hash, NULL), AZATTEST_OK);
        assert_memory_equal(name, "\0\x0b", 2);
        assert_memory_equal(name + 2, hash, 32);
        expect(azattest__tpm_public_attests(&area, &error), &error, AZATTEST_OK, NULL);
        azattest__key_free(key);
        azattest__buf_free(&answer);
        azattest__buf_free(&sized);
        azattest__buf_free(&plain);
    }
}

static const struct attribute_case {
    const char *name;
    uint32_t attributes;
    const char *message;
} attributes[] = {
    { "a key that signs anything is no attestation key", GUESTS_AK_ATTRIBUTES & ~AZATTEST__TPM_RESTRICTED,
      "not restricted" },
    { "a key that does not sign is no attestation key", GUESTS_AK_ATTRIBUTES & ~AZATTEST__TPM_SIGN, "no signing key" },
    { "a key that decrypts is no attestation key", GUESTS_AK_ATTRIBUTES | AZATTEST__TPM_DECRYPT, "it decrypts" },
    { "a key that can leave is no attestation key", GUESTS_AK_ATTRIBUTES & ~AZATTEST__TPM_FIXED_TPM, "fixedTPM" },
    { "a key that can be moved is no attestation key", GUESTS_AK_ATTRIBUTES & ~AZATTEST__TPM_FIXED_PARENT,
      "fixedParent" },
    { "a key from outside is no attestation key", GUESTS_AK_ATTRIBUTES & ~AZATTEST__TPM_SENSITIVE_DATA_ORIGIN,
      "sensitiveDataOrigin" },
};

static void attributes_are_demanded(void **state)
{
    const struct attribute_case *test = *state;
    azattest__buf plain = guests_public(rsa, test->attributes);
    azattest__tpm_public area;
    azattest_error *error = NULL;

    expect(azattest__tpm_public_parse(azattest__buf_bytes(&plain), &area, &error), &error, AZATTEST_OK, NULL);
    expect(azattest__tpm_public_attests(&area, &error), &error, AZATTEST_E_EVIDENCE_INVALID, test->message);
    azattest__buf_free(&plain);
}

/* What the quote selects in its order, and what the evidence gives. */
static const struct pcr_case {
    const char *name;
    azattest__pcr_selection selected[2];
    size_t banks;
    bool list_backwards; /* the digest is made with the banks the other way round */
    uint16_t hash_alg;
    azattest__pcr_selection given[2];
    const char *message; /* NULL: they agree */
} pcr_cases[] = {
    { "all of one bank",
      { { AZATTEST__TPM_SHA256, ALL } },
      1,
      false,
      AZATTEST__TPM_SHA256,
      { { AZATTEST__TPM_SHA256, ALL } },
      NULL },
    { "a few of one bank",
      { { AZATTEST__TPM_SHA256, 0x000881 } },
      1,
      false,
      AZATTEST__TPM_SHA256,
      { { AZATTEST__TPM_SHA256, 0x000881 } },
      NULL },
    { "none at all", { { AZATTEST__TPM_SHA256, 0 } }, 1, false, AZATTEST__TPM_SHA256, { { 0, 0 } }, NULL },
    { "another hash than the bank's",
      { { AZATTEST__TPM_SHA256, ALL } },
      1,
      false,
      AZATTEST__TPM_SHA384,
      { { AZATTEST__TPM_SHA256, ALL } },
      NULL },
    { "two banks in their order",
      { { AZATTEST__TPM_SHA384, 0x3 }, { AZATTEST__TPM_SHA256, 0x80 } },
      2,
      false,
      AZATTEST__TPM_SHA256,
      { { AZATTEST__TPM_SHA384, 0x3 }, { AZATTEST__TPM_SHA256, 0x80 } },
      NULL },
    { "two banks in another order than listed",
      { { AZATTEST__TPM_SHA384, 0x3 }, { AZATTEST__TPM_SHA256, 0x80 } },
      2,
      true,
      AZATTEST__TPM_SHA256,
      { { AZATTEST__TPM_SHA384, 0x3 }, { AZATTEST__TPM_SHA256, 0x80 } },
      "is not the quote's digest" },
    { "one claimed that is not selected",
      { { AZATTEST__TPM_SHA256, 0x7f } },
      1,
      false,
      AZATTEST__TPM_SHA256,
      { { AZATTEST__TPM_SHA256, 0xff } },
      "PCR 7 of bank sha256 is given, which the quote does not cover" },
    { "one claimed of a bank that is not selected",
      { { AZATTEST__TPM_SHA256, 0x7f } },
      1,
      false,
      AZATTEST__TPM_SHA256,
      { { AZATTEST__TPM_SHA256, 0x7f }, { AZATTEST__TPM_SHA384, 1 } },
      "PCR 0 of bank sha384 is given, which the quote does not cover" },
    { "one selected that is missing",
      { { AZATTEST__TPM_SHA256, 0xff } },
      1,
      false,
      AZATTEST__TPM_SHA256,
      { { AZATTEST__TPM_SHA256, 0x7f } },
      "PCR 7 of bank 0x000b, and no value" },
};

static size_t select_pcrs(const azattest__pcr_selection *selections, azattest__tpm_pcr *out)
{
    size_t count = 0;

    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; j < 2 * AZATTEST__TPM_PCRS; j++)
            if (pcrs[j].bank == selections[i].hash_alg && (selections[i].mask >> pcrs[j].index & 1) != 0)
                out[count++] = pcrs[j];
    return count;
}

static void pcrs_agree_with_the_quote_or_not(void **state)
{
    const struct pcr_case *test = *state;
    azattest__pcr_selection order[2] = { test->selected[0], test->selected[1] };
    azattest__tpm_pcr given[2 * AZATTEST__TPM_PCRS], selected[2 * AZATTEST__TPM_PCRS];
    unsigned char digest[AZATTEST__HASH_MAX];
    azattest__hash hash = AZATTEST__SHA1;
    azattest__tpm_attest attest;
    azattest_error *error = NULL;
    azattest__buf values, message;
    size_t count, len;

    if (test->list_backwards) {
        order[0] = test->selected[1];
        order[1] = test->selected[0];
    }
    azattest__buf_init(&values, 8192);
    azattest__buf_append(&values, "", 0);
    count = select_pcrs(order, selected);
    for (size_t i = 0; i < count; i++)
        azattest__buf_append_bytes(&values, selected[i].value);
    assert_true(azattest__tpm_hash(test->hash_alg, &hash));
    assert_int_equal(azattest__digest(hash, azattest__buf_bytes(&values), digest, &len, NULL), AZATTEST_OK);
    message = guests_quote(test->selected, test->banks, azattest__text("n"), azattest__bytes(digest, len));
    assert_int_equal(azattest__tpm_attest_parse(azattest__buf_bytes(&message), &attest, NULL), AZATTEST_OK);
    count = select_pcrs(test->given, given);
    expect(azattest__tpm_check_pcrs(&attest, test->hash_alg, given, count, &error), &error,
           test->message == NULL ? AZATTEST_OK : AZATTEST_E_EVIDENCE_INVALID, test->message);
    /* Another value, another size, a value twice. */
    if (test->message == NULL && count > 1) {
        azattest__tpm_pcr kept = given[1];

        given[1].value = azattest__bytes(memory[0] + 1, given[1].value.len);
        expect(azattest__tpm_check_pcrs(&attest, test->hash_alg, given, count, &error), &error,
               AZATTEST_E_EVIDENCE_INVALID, "is not the quote's digest");
        given[1].value = azattest__bytes(kept.value.ptr, kept.value.len - 1);
        expect(azattest__tpm_check_pcrs(&attest, test->hash_alg, given, count, &error), &error,
               AZATTEST_E_EVIDENCE_INVALID, "not the size of its bank's digest");
        given[1] = given[0];
        expect(azattest__tpm_check_pcrs(&attest, test->hash_alg, given, count, &error), &error,
               AZATTEST_E_EVIDENCE_INVALID, "two values for PCR");
    }
    /* The digest has the size of the signature's hash, not of another. */
    expect(azattest__tpm_check_pcrs(&attest, AZATTEST__TPM_SHA512, given, 0, &error), &error,
           AZATTEST_E_EVIDENCE_INVALID, "one of sha512 has 64");
    azattest__buf_free(&message);
    azattest__buf_free(&values);
}

static const char *const real[] = { "azure-snp-genoa", "azure-tdx-v0" };

static void real_quotes_are_read_and_verify(void **state)
{
    (void)state;
    EVIDENCE_OR_SKIP();
    for (size_t i = 0; i < sizeof(real) / sizeof(real[0]); i++) {
        char name[64];
        unsigned char *message, *signature;
        size_t message_len, signature_len;
        azattest__tpm_attest attest;
        azattest__tpm_signature read;
        azattest_error *error = NULL;

        snprintf(name, sizeof(name), "tpm/%s.msg", real[i]);
        message = evidence_read(name, &message_len);
        snprintf(name, sizeof(name), "tpm/%s.sig", real[i]);
        signature = evidence_read(name, &signature_len);
        expect(azattest__tpm_attest_parse(azattest__bytes(message, message_len), &attest, &error), &error, AZATTEST_OK,
               NULL);
        assert_int_equal(attest.selections[0].mask, ALL);
        expect(azattest__tpm_signature_parse(azattest__bytes(signature, signature_len), &read, &error), &error,
               AZATTEST_OK, NULL);
        refuse_truncations(azattest__bytes(message, message_len), parse_attest);
        free(signature);
        free(message);
    }
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
        cmocka_unit_test(a_quote_is_read_whole),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(a_cut_rsa_signature_never_verifies),
        cmocka_unit_test(a_bare_rsa_signature_takes_its_hash_from_the_digest),
        cmocka_unit_test(short_scalars_are_padded_and_long_ones_refused),
        cmocka_unit_test(public_areas_give_key_name_and_attributes),
        cmocka_unit_test(real_quotes_are_read_and_verify),
    };
    static struct CMUnitTest tests[64];
    size_t count = 0;

    TABLE(bends, a_bent_quote_is_refused);
    TABLE(signatures, a_signature_verifies_and_its_bent_ones_do_not);
    TABLE(attributes, attributes_are_demanded);
    TABLE(pcr_cases, pcrs_agree_with_the_quote_or_not);
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
        tests[count++] = plain[i];
    return _cmocka_run_group_tests("tpm_parts", tests, count, setup, teardown);
}
