/* Guests of Azure: the chain from the hardware's report over the runtime claims and the TPM's key to PCRs and nonce
 * breaks wherever one of its links is bent; and nothing that is missing counts as there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "evidence.h"
#include "base/encoding.h"
#include "evidence/azure/guest.h"
#include "expect.h"
#include "guests.h"

/* The real machines' certificates all live then. */
#define NOW INT64_C(1750000000000)

typedef struct piece {
    unsigned char *bytes;
    size_t len;
} piece;

/* Both bundles, loaded; their pieces are lent to azattest_evidence_new_guest(). */
static azattest_evidence *tdx, *snp;
static piece other_quote, other_ak, other_message, other_signature;

static azattest_evidence *load(const char *name)
{
    azattest_evidence *evidence = NULL;
    azattest_error *error = NULL;
    size_t len;
    unsigned char *text = evidence_read(name, &len);

    expect(azattest_evidence_load(azattest__bytes(text, len), &evidence, &error), &error, AZATTEST_OK, NULL);
    free(text);
    return evidence;
}

static piece read_piece(const char *name)
{
    piece read;

    read.bytes = evidence_read(name, &read.len);
    return read;
}

static int setup(void **state)
{
    (void)state;
    if (evidence_folder() == NULL)
        return 0;
    tdx = load("hcl/azure-tdx-v0.evidence.json");
    snp = load("hcl/azure-snp-genoa.evidence.json");
    other_quote = read_piece("tdx/phala-v4.bin");
    other_ak = read_piece("tpm/azure-snp-genoa.ak.pem");
    other_message = read_piece("tpm/azure-snp-genoa.msg");
    other_signature = read_piece("tpm/azure-snp-genoa.sig");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    azattest_evidence_free(tdx);
    azattest_evidence_free(snp);
    free(other_quote.bytes);
    free(other_ak.bytes);
    free(other_message.bytes);
    free(other_signature.bytes);
    return 0;
}

/* A guest whose pieces can be bent before it is made. */
typedef struct machine {
    azattest_guest_parts parts;
    azattest__buf hcl;
    azattest_pcr pcrs[24];
    azattest_verify_options options;
} machine;

static azattest_bytes lend(const azattest_evidence *evidence, azattest__guest_piece which)
{
    return azattest__buf_bytes(&evidence->guest->pieces[which]);
}

static void take(machine *m, const azattest_evidence *evidence)
{
    memset(m, 0, sizeof(*m));
    m->parts = (azattest_guest_parts)AZATTEST_GUEST_PARTS_INIT;
    m->options = (azattest_verify_options)AZATTEST_VERIFY_OPTIONS_INIT;
    m->options.now_ms = NOW;
    azattest__buf_init(&m->hcl, AZATTEST_LIMIT_EVIDENCE);
    azattest__buf_append_bytes(&m->hcl, lend(evidence, AZATTEST__GUEST_HCL_REPORT));
    m->parts.td_quote = lend(evidence, AZATTEST__GUEST_TD_QUOTE);
    m->parts.certificates = lend(evidence, AZATTEST__GUEST_CERTIFICATES);
    m->parts.tpm_message = lend(evidence, AZATTEST__GUEST_TPM_MESSAGE);
    m->parts.tpm_signature = lend(evidence, AZATTEST__GUEST_TPM_SIGNATURE);
    m->parts.pcrs = m->pcrs;
    m->parts.pcr_count = evidence->guest->proof.pcr_count;
    for (size_t i = 0; i < m->parts.pcr_count; i++)
        m->pcrs[i] = (azattest_pcr){ NULL, evidence->guest->proof.pcrs[i].index, evidence->guest->proof.pcrs[i].value };
}

static azattest_verification_result *verify(const azattest_evidence *evidence, const azattest_verify_options *options)
{
    azattest_verification_result *result = NULL;
    azattest_error *error = NULL;

    expect(azattest_evidence_verify(evidence, options, &result, &error), &error, AZATTEST_OK, NULL);
    return result;
}

/* -2: there is no such check. */
static int outcome(const azattest_verification_result *result, const char *id, const char **detail)
{
    *detail = "";
    for (size_t i = 0; i < azattest_verification_result_check_count(result); i++)
        if (strcmp(azattest_verification_result_check_id(result, i), id) == 0) {
            *detail = azattest_verification_result_check_detail(result, i);
            return azattest_verification_result_check_ok(result, i);
        }
    return -2;
}

static void must_be(const azattest_verification_result *result, const char *id, int ok, const char *text)
{
    const char *detail;

    if (outcome(result, id, &detail) != ok || strstr(detail, text) == NULL)
        fail_msg("%s: %d, \"%s\"; expected %d, \"%s\"", id, outcome(result, id, &detail), detail, ok, text);
}

static void nothing(machine *m)
{
    (void)m;
}

static void no_td_quote(machine *m)
{
    m->parts.td_quote.len = 0;
}

static void other_td_quote(machine *m)
{
    m->parts.td_quote = azattest__bytes(other_quote.bytes, other_quote.len);
}

static void claims_changed(machine *m)
{
    m->hcl.ptr[1236 + 1100] ^= 1; /* in the user data */
}

static void claims_longer(machine *m)
{
    guests_put(&m->hcl, 1232, azattest__le32(m->hcl.ptr + 1232) + 1);
    guests_put(&m->hcl, 1216, azattest__le32(m->hcl.ptr + 1216) + 1);
    guests_put(&m->hcl, 8, azattest__le32(m->hcl.ptr + 8) + 1);
}

static void hash_changed(machine *m)
{
    guests_put(&m->hcl, 1228, 2);
}

static void padding_used(machine *m)
{
    m->hcl.ptr[m->hcl.len - 1] = 1;
}

static void td_report_changed(machine *m)
{
    m->hcl.ptr[32 + 528] ^= 1;
}

static void other_key(machine *m)
{
    m->parts.ak_public = azattest__bytes(other_ak.bytes, other_ak.len);
}

static void other_tpm(machine *m)
{
    m->parts.tpm_message = azattest__bytes(other_message.bytes, other_message.len);
    m->parts.tpm_signature = azattest__bytes(other_signature.bytes, other_signature.len);
}

static void other_tpm_and_key(machine *m)
{
    other_tpm(m);
    other_key(m);
}

static void no_signature(machine *m)
{
    m->parts.tpm_signature.len = 0;
}

static void pcr_changed(machine *m)
{
    m->pcrs[4].value = m->pcrs[5].value;
}

static void pcr_missing(machine *m)
{
    m->parts.pcr_count--;
}

static void pcr_elsewhere(machine *m)
{
    m->pcrs[3].bank = "sha384";
    m->pcrs[3].value = azattest__bytes(m->hcl.ptr, 48);
}

static void no_pcrs(machine *m)
{
    m->parts.pcr_count = 0;
}

static void right_nonce(machine *m)
{
    m->options.nonce = azattest__text("challenge");
}

static void wrong_nonce(machine *m)
{
    m->options.nonce = azattest__text("challenges");
}

static void shorter_nonce(machine *m)
{
    m->options.nonce = azattest__text("challeng");
}

static void empty_nonce(machine *m)
{
    m->options.nonce = azattest__bytes("", 0);
}

static void foreign_log(machine *m)
{
    /* one event of the old form: PCR 0, its digest of SHA-1 alone */
    static const unsigned char log[33] = { 0, 0, 0, 0, 1, 0, 0, 0, [28] = 1 };

    m->parts.event_log = azattest__bytes(log, sizeof(log));
}

static const struct bent_case {
    const char *name;
    void (*bend)(machine *m);
    bool valid;
    const char *check;
    int ok;
    const char *detail;
} bents[] = {
    { "a real TDX guest", nothing, true, "ak_binding", 1, "HCLAkPub" },
    { "its TD quote is over its TDREPORT", nothing, true, "td_report_match", 1, "over this TDREPORT" },
    { "without a TD quote it is never valid", no_td_quote, false, "td_report_match", -1, "no TD quote" },
    { "the TD quote of another machine", other_td_quote, false, "td_report_match", 0, "another REPORTDATA" },
    { "the TD quote of another machine does not bind the claims", other_td_quote, false, "runtime_claims_binding", 0,
      "is not the report data" },
    { "runtime claims with one bit flipped", claims_changed, false, "runtime_claims_binding", 0, "1201 bytes" },
    { "runtime claims with a NUL more", claims_longer, false, "runtime_claims_binding", 0, "1202 bytes" },
    { "another hash type", hash_changed, false, "runtime_claims_binding", 0, "SHA-384" },
    { "a byte at the end of the padding", padding_used, false, "hcl_structure", 0, "not all zero" },
    { "a TDREPORT that was changed", td_report_changed, false, "hcl_structure", 0, "TDINFO" },
    { "a TDREPORT with another MRTD than the quote", td_report_changed, false, "td_report_match", 0, "another MRTD" },
    { "the attestation key of another machine", other_key, false, "ak_binding", 0, "not HCLAkPub" },
    { "the TPM quote of another machine", other_tpm, false, "tpm_quote_signature", 0, "not by the attestation key" },
    { "the TPM quote and key of another machine", other_tpm_and_key, false, "tpm_quote_signature", 0,
      "not by the attestation key" },
    { "the TPM quote and key of another machine are not bound", other_tpm_and_key, false, "ak_binding", 0,
      "not HCLAkPub" },
    { "without the TPM's signature", no_signature, false, "tpm_quote_signature", -1, "no signature" },
    { "another value of a PCR", pcr_changed, false, "tpm_pcr_digest", 0, "is not the quote's digest" },
    { "a PCR without its value", pcr_missing, false, "tpm_pcr_digest", 0, "PCR 23" },
    { "a PCR of a bank that is not quoted", pcr_elsewhere, false, "tpm_pcr_digest", 0, "does not cover" },
    { "without values of PCRs their digest is not checked", no_pcrs, true, "tpm_pcr_digest", -1, "no values" },
    { "the nonce that was expected", right_nonce, true, "tpm_nonce", 1, "9 bytes" },
    { "another nonce", wrong_nonce, false, "tpm_nonce", 0, "is not the one" },
    { "the beginning of the nonce", shorter_nonce, false, "tpm_nonce", 0, "is not the one" },
    { "no nonce, where there is one", empty_nonce, false, "tpm_nonce", 0, "is not the one" },
    { "without a nonce to compare it is not checked", nothing, true, "tpm_nonce", -1, "no nonce was given" },
    { "an event log of another bank", foreign_log, false, "tpm_event_log", 0, "no digest of bank sha256" },
};

static void a_bent_guest_is_refused(void **state)
{
    const struct bent_case *test = *state;
    azattest_evidence *evidence = NULL;
    azattest_verification_result *result;
    azattest_error *error = NULL;
    machine m;

    EVIDENCE_OR_SKIP();
    take(&m, tdx);
    test->bend(&m);
    m.parts.hcl_report = azattest__buf_bytes(&m.hcl);
    expect(azattest_evidence_new_guest(&m.parts, &evidence, &error), &error, AZATTEST_OK, NULL);
    assert_string_equal(azattest_evidence_kind(evidence), "azure_guest");
    assert_string_equal(azattest_evidence_form(evidence), "parts");
    result = verify(evidence, &m.options);
    must_be(result, test->check, test->ok, test->detail);
    if (azattest_verification_result_is_valid(result) != test->valid)
        fail_msg("%s", (const char *)azattest_verification_result_json(result).ptr);
    azattest_verification_result_free(result);
    azattest_evidence_free(evidence);
    azattest__buf_free(&m.hcl);
}

/* Each field that both have: the quote is over another TDREPORT when one differs. */
static const struct field_case {
    const char *name;
    size_t offset; /* in the TDREPORT */
    const char *field;
} fields[] = {
    { "report data", 128, "REPORTDATA" },
    { "report data's last byte", 191, "REPORTDATA" },
    { "SVNs", 264, "TEE_TCB_SVN" },
    { "module", 280, "MRSEAM" },
    { "signer of the module", 328, "MRSIGNERSEAM" },
    { "attributes of the module", 376, "SEAMATTRIBUTES" },
    { "attributes", 512, "TDATTRIBUTES" },
    { "XFAM", 520, "XFAM" },
    { "MRTD", 575, "MRTD" },
    { "MRCONFIGID", 576, "MRCONFIGID" },
    { "MROWNER", 624, "MROWNER" },
    { "MROWNERCONFIG", 672, "MROWNERCONFIG" },
    { "RTMR0", 720, "RTMR0" },
    { "RTMR1", 768, "RTMR1" },
    { "RTMR2", 816, "RTMR2" },
    { "RTMR3", 911, "RTMR3" },
};

static void each_field_of_the_td_report_counts(void **state)
{
    const struct field_case *test = *state;
    azattest_evidence *evidence = NULL;
    azattest_verification_result *result;
    azattest_error *error = NULL;
    char text[64];
    machine m;

    EVIDENCE_OR_SKIP();
    take(&m, tdx);
    m.hcl.ptr[32 + test->offset] ^= 0x80;
    m.parts.hcl_report = azattest__buf_bytes(&m.hcl);
    expect(azattest_evidence_new_guest(&m.parts, &evidence, &error), &error, AZATTEST_OK, NULL);
    result = verify(evidence, &m.options);
    snprintf(text, sizeof(text), "another %s", test->field);
    must_be(result, "td_report_match", 0, text);
    assert_false(azattest_verification_result_is_valid(result));
    azattest_verification_result_free(result);
    azattest_evidence_free(evidence);
    azattest__buf_free(&m.hcl);
}

/* The guest itself can ask for a report at another level, with whatever report data it likes. */
static void an_snp_report_of_the_guest_itself_is_refused(void **state)
{
    azattest_evidence *evidence = NULL;
    azattest_verification_result *result;
    azattest_error *error = NULL;
    machine m;

    (void)state;
    EVIDENCE_OR_SKIP();
    for (uint32_t vmpl = 0; vmpl < 4; vmpl++) {
        take(&m, snp);
        guests_put(&m.hcl, 32 + 0x30, vmpl);
        m.parts.hcl_report = azattest__buf_bytes(&m.hcl);
        expect(azattest_evidence_new_guest(&m.parts, &evidence, &error), &error, AZATTEST_OK, NULL);
        result = verify(evidence, &m.options);
        must_be(result, "hcl_vmpl", vmpl == 0, "VMPL");
        must_be(result, "runtime_claims_binding", 1, "");
        azattest_verification_result_free(result);
        azattest_evidence_free(evidence);
        azattest__buf_free(&m.hcl);
    }
}

static void a_guest_from_pieces_is_the_one_that_its_document_gives(void **state)
{
    azattest_evidence *evidence = NULL, *again = NULL;
    azattest_error *error = NULL;
    machine m;

    (void)state;
    EVIDENCE_OR_SKIP();
    take(&m, tdx);
    m.parts.hcl_report = azattest__buf_bytes(&m.hcl);
    expect(azattest_evidence_new_guest(&m.parts, &evidence, &error), &error, AZATTEST_OK, NULL);
    expect(azattest_evidence_load(azattest_evidence_raw(evidence), &again, &error), &error, AZATTEST_OK, NULL);
    assert_string_equal(azattest_evidence_form(again), "json");
    assert_true(azattest__bytes_equal(azattest_evidence_fields(evidence), azattest_evidence_fields(tdx)));
    assert_true(azattest__bytes_equal(azattest_evidence_fields(again), azattest_evidence_fields(tdx)));
    azattest_evidence_free(again);
    azattest_evidence_free(evidence);
    azattest__buf_free(&m.hcl);
}

static void readers_give_what_is_there(void **state)
{
    (void)state;
    EVIDENCE_OR_SKIP();
    assert_string_equal(azattest_evidence_tee(tdx), "tdx");
    assert_string_equal(azattest_evidence_tee(snp), "snp");
    assert_int_equal(azattest_evidence_version(tdx), 4);
    assert_int_equal(azattest_evidence_version(snp), 3);
    assert_true(azattest__bytes_equal_text(azattest_evidence_nonce(tdx), "challenge"));
    assert_int_equal(azattest_evidence_runtime_claims(tdx).len, 1201);
    assert_int_equal(azattest_evidence_user_data(tdx).len, 64);
    assert_int_equal(azattest_evidence_pcr_digest(tdx).len, 32);
    assert_int_equal(azattest_evidence_pcr(tdx, NULL, 23).len, 32);
    assert_int_equal(azattest_evidence_pcr(tdx, "SHA-256", 0).len, 32);
    assert_null(azattest_evidence_pcr(tdx, "sha1", 0).ptr);
    assert_null(azattest_evidence_pcr(tdx, "md5", 0).ptr);
    assert_null(azattest_evidence_pcr(tdx, NULL, 24).ptr);
    assert_int_equal(azattest__guest_secure_boot(tdx), 1);
    assert_string_equal(azattest__guest_vm_unique_id(tdx), "6332533D-5649-4D02-8AA7-8F64B7C3EE21");
    assert_null(azattest_evidence_runtime_claims(NULL).ptr);
    assert_null(azattest_evidence_user_data(NULL).ptr);
    assert_null(azattest_evidence_nonce(NULL).ptr);
    assert_null(azattest_evidence_pcr(NULL, NULL, 0).ptr);
    assert_null(azattest_evidence_pcr_digest(NULL).ptr);
}

/* ---- a TPM alone ---- */

static azattest__key *ak, *small;

static int make_keys(void **state)
{
    (void)state;
    assert_int_equal(azattest__key_generate_rsa(2048, &ak, NULL), AZATTEST_OK);
    assert_int_equal(azattest__key_generate_rsa(1024, &small, NULL), AZATTEST_OK);
    return 0;
}

static int free_keys(void **state)
{
    (void)state;
    azattest__key_free(ak);
    azattest__key_free(small);
    return 0;
}

typedef struct tpm_made {
    azattest__pcr_selection selection;
    const char *nonce;
    uint32_t attributes;
    bool certify, sha1_signature, pem, without_key;
    const char *expected_nonce; /* NULL: none is given */
} tpm_made;

static const struct tpm_case {
    const char *name;
    tpm_made made;
    bool valid;
    const char *check;
    int ok;
    const char *detail;
} tpms[] = {
    { "a TPM quote whose key the caller knows",
      { .selection = { AZATTEST__TPM_SHA256, 0xff }, .nonce = "n", .attributes = GUESTS_AK_ATTRIBUTES },
      true,
      "ak_binding",
      -1,
      "no hardware report" },
    { "its key's attributes are checked",
      { .selection = { AZATTEST__TPM_SHA256, 0xff }, .nonce = "n", .attributes = GUESTS_AK_ATTRIBUTES },
      true,
      "ak_attributes",
      1,
      "restricted" },
    { "a key that signs whatever it is given",
      { .selection = { AZATTEST__TPM_SHA256, 0xff },
        .nonce = "n",
        .attributes = GUESTS_AK_ATTRIBUTES & ~AZATTEST__TPM_RESTRICTED },
      false,
      "ak_attributes",
      0,
      "not restricted" },
    { "a key as PEM has no attributes to check",
      { .selection = { AZATTEST__TPM_SHA256, 0xff }, .nonce = "n", .pem = true },
      true,
      "ak_attributes",
      -2,
      "" },
    { "without a key nothing is valid",
      { .selection = { AZATTEST__TPM_SHA256, 0xff }, .nonce = "n", .without_key = true },
      false,
      "tpm_quote_signature",
      -1,
      "no attestation key" },
    { "an empty qualifying data is named",
      { .selection = { AZATTEST__TPM_SHA256, 0xff }, .nonce = "", .attributes = GUESTS_AK_ATTRIBUTES },
      true,
      "tpm_nonce",
      -1,
      "empty qualifying data" },
    { "an empty qualifying data is no nonce",
      { .selection = { AZATTEST__TPM_SHA256, 0xff },
        .nonce = "",
        .attributes = GUESTS_AK_ATTRIBUTES,
        .expected_nonce = "n" },
      false,
      "tpm_nonce",
      0,
      "empty qualifying data" },
    { "the nonce",
      { .selection = { AZATTEST__TPM_SHA256, 0xff },
        .nonce = "n",
        .attributes = GUESTS_AK_ATTRIBUTES,
        .expected_nonce = "n" },
      true,
      "tpm_nonce",
      1,
      "1 bytes" },
    { "a signature with SHA-1 is refused",
      { .selection = { AZATTEST__TPM_SHA256, 0xff },
        .nonce = "n",
        .attributes = GUESTS_AK_ATTRIBUTES,
        .sha1_signature = true },
      false,
      "tpm_hash",
      0,
      "signed with SHA-1" },
    { "a bank of SHA-1 is refused",
      { .selection = { AZATTEST__TPM_SHA1, 0xff }, .nonce = "n", .attributes = GUESTS_AK_ATTRIBUTES },
      false,
      "tpm_hash",
      0,
      "a bank of SHA-1" },
    { "a certification is no quote",
      { .certify = true, .nonce = "n", .attributes = GUESTS_AK_ATTRIBUTES },
      false,
      "tpm_structure",
      0,
      "0x8017" },
};

/* Message, signature, key and PCRs of `made`, as evidence. */
static azattest_evidence *tpm_evidence(const tpm_made *made)
{
    static unsigned char memory[24 * 64];
    azattest__tpm_pcr values[AZATTEST__TPM_PCRS];
    azattest_pcr pcrs[AZATTEST__TPM_PCRS];
    azattest_guest_parts parts = AZATTEST_GUEST_PARTS_INIT;
    azattest_evidence *evidence = NULL;
    azattest_error *error = NULL;
    azattest__buf message, signature, key, joined;
    unsigned char digest[AZATTEST__SHA256_SIZE];

    guests_pcrs(made->certify ? AZATTEST__TPM_SHA256 : made->selection.hash_alg, values, memory);
    azattest__buf_init(&joined, 4096);
    azattest__buf_append(&joined, "", 0);
    for (unsigned i = 0; i < AZATTEST__TPM_PCRS; i++)
        if ((made->selection.mask >> i & 1) != 0) {
            azattest__buf_append_bytes(&joined, values[i].value);
            pcrs[parts.pcr_count++] = (azattest_pcr){ azattest__tpm_hash_name(values[i].bank), i, values[i].value };
        }
    assert_int_equal(azattest__sha256(azattest__buf_bytes(&joined), digest, NULL), AZATTEST_OK);
    message = made->certify ? guests_certify(azattest__text("name"))
                            : guests_quote(&made->selection, 1, azattest__text(made->nonce),
                                           azattest__bytes(digest, sizeof(digest)));
    signature = guests_signature(ak, AZATTEST__RS256, azattest__buf_bytes(&message));
    if (made->sha1_signature)
        signature.ptr[3] = AZATTEST__TPM_SHA1;
    key = guests_public(ak, made->attributes);
    if (made->pem) {
        azattest__buf_cut(&key, 0);
        assert_int_equal(azattest__key_public_pem(ak, &key, NULL), AZATTEST_OK);
    }
    parts.tpm_message = azattest__buf_bytes(&message);
    parts.tpm_signature = azattest__buf_bytes(&signature);
    if (!made->without_key)
        parts.ak_public = azattest__buf_bytes(&key);
    parts.pcrs = pcrs;
    expect(azattest_evidence_new_guest(&parts, &evidence, &error), &error, AZATTEST_OK, NULL);
    azattest__buf_free(&joined);
    azattest__buf_free(&key);
    azattest__buf_free(&signature);
    azattest__buf_free(&message);
    return evidence;
}

static void a_tpm_alone(void **state)
{
    const struct tpm_case *test = *state;
    azattest_verify_options options = AZATTEST_VERIFY_OPTIONS_INIT;
    azattest_evidence *evidence = tpm_evidence(&test->made);
    azattest_verification_result *result;

    if (test->made.expected_nonce != NULL)
        options.nonce = azattest__text(test->made.expected_nonce);
    assert_string_equal(azattest_evidence_kind(evidence), "tpm_quote");
    assert_string_equal(azattest_evidence_tee(evidence), "tpm");
    result = verify(evidence, &options);
    must_be(result, test->check, test->ok, test->detail);
    if (azattest_verification_result_is_valid(result) != test->valid)
        fail_msg("%s", (const char *)azattest_verification_result_json(result).ptr);
    azattest_verification_result_free(result);
    azattest_evidence_free(evidence);
}

static void an_rsa_key_of_1024_bits_signs_nothing(void **state)
{
    azattest_guest_parts parts = AZATTEST_GUEST_PARTS_INIT;
    azattest__pcr_selection none = { AZATTEST__TPM_SHA256, 0 };
    azattest__buf message =
                      guests_quote(&none, 1, azattest__text("n"), azattest__text("0123456789abcdef0123456789abcdef")),
                  key = guests_public(small, GUESTS_AK_ATTRIBUTES), signature;
    azattest_verification_result *result;
    azattest_evidence *evidence = NULL;
    azattest_error *error = NULL;

    (void)state;
    azattest__buf_init(&signature, 1024);
    guests_number(&signature, AZATTEST__TPM_RSASSA, 2);
    guests_number(&signature, AZATTEST__TPM_SHA256, 2);
    guests_sized(&signature, azattest__bytes(message.ptr, 100));
    parts.tpm_message = azattest__buf_bytes(&message);
    parts.tpm_signature = azattest__buf_bytes(&signature);
    parts.ak_public = azattest__buf_bytes(&key);
    expect(azattest_evidence_new_guest(&parts, &evidence, &error), &error, AZATTEST_OK, NULL);
    result = verify(evidence, NULL);
    must_be(result, "tpm_quote_signature", 0, "at least 2048 bits");
    assert_false(azattest_verification_result_is_valid(result));
    azattest_verification_result_free(result);
    azattest_evidence_free(evidence);
    azattest__buf_free(&signature);
    azattest__buf_free(&key);
    azattest__buf_free(&message);
}

/* ---- what is wrong with the pieces themselves ---- */

/* Of two forms in one document another reader may take the other. */
static void documents_of_two_forms_are_refused(void **state)
{
    static const struct {
        const char *text, *expected;
    } cases[] = {
        { "{\"AttestationInfo\":\"e30\",\"TpmInfo\":{}}", "\"AttestationInfo\" and \"TpmInfo\"" },
        { "{\"TpmInfo\":{},\"hcl_report\":\"AA\"}", "\"TpmInfo\" and \"hcl_report\"" },
        { "{\"hcl_report\":\"AA\",\"report\":\"AA\"}", "\"hcl_report\" and \"report\"" },
        { "{\"quote\":{},\"td_quote\":\"AA\"}", "\"td_quote\" and \"quote\"" },
        { "{\"REPORT\":[0],\"snpreport\":\"AA\"}", "\"report\" and \"SnpReport\"" },
        { "{\"IsolationInfo\":{},\"tpm_quote\":{}}", "\"IsolationInfo\" and \"tpm_quote\"" },
        { "{\"hcl_report\":null,\"report\":[0]}", "HCLA" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        azattest_evidence *evidence = NULL;
        azattest_error *error = NULL;

        expect(azattest_evidence_load(azattest__text(cases[i].text), &evidence, &error), &error, AZATTEST_E_EVIDENCE,
               cases[i].expected);
    }
}

/* A TD quote that nothing binds to the claims would be a second machine in the same verdict. */
static void a_td_quote_beside_another_machine_is_refused(void **state)
{
    azattest_evidence *evidence = NULL;
    azattest_error *error = NULL;
    machine m;

    (void)state;
    EVIDENCE_OR_SKIP();
    take(&m, snp);
    m.parts.hcl_report = azattest__buf_bytes(&m.hcl);
    m.parts.td_quote = lend(tdx, AZATTEST__GUEST_TD_QUOTE);
    expect(azattest_evidence_new_guest(&m.parts, &evidence, &error), &error, AZATTEST_E_EVIDENCE,
           "a TD quote beside a report of type snp");
    guests_put(&m.hcl, 1224, AZATTEST__HCL_TRUSTED_LAUNCH);
    expect(azattest_evidence_new_guest(&m.parts, &evidence, &error), &error, AZATTEST_E_EVIDENCE,
           "a TD quote beside a report of type trusted_launch");
    azattest__buf_free(&m.hcl);
}

static void pieces_that_fit_nothing_are_refused(void **state)
{
    azattest_pcr pcr = { NULL, 24, { "0123456789abcdef0123456789abcdef", 32 } };
    azattest_guest_parts parts = AZATTEST_GUEST_PARTS_INIT;
    azattest_evidence *evidence = NULL;
    azattest_error *error = NULL;

    (void)state;
    expect(azattest_evidence_new_guest(NULL, &evidence, &error), &error, AZATTEST_E_ARGUMENT, "no parts");
    expect(azattest_evidence_new_guest(&parts, NULL, &error), &error, AZATTEST_E_ARGUMENT, "no place");
    expect(azattest_evidence_new_guest(&parts, &evidence, &error), &error, AZATTEST_E_EVIDENCE, "neither a hardware");
    parts.pcr_count = 1;
    expect(azattest_evidence_new_guest(&parts, &evidence, &error), &error, AZATTEST_E_ARGUMENT, "no list of them");
    parts.pcrs = &pcr;
    expect(azattest_evidence_new_guest(&parts, &evidence, &error), &error, AZATTEST_E_EVIDENCE, "index 24");
    pcr.index = 1;
    expect(azattest_evidence_new_guest(&parts, &evidence, &error), &error, AZATTEST_E_EVIDENCE, "without the message");
    pcr.bank = "sha3";
    expect(azattest_evidence_new_guest(&parts, &evidence, &error), &error, AZATTEST_E_EVIDENCE, "a bank that is none");
    pcr.bank = "sha384";
    expect(azattest_evidence_new_guest(&parts, &evidence, &error), &error, AZATTEST_E_EVIDENCE, "bank sha384 has 48");
    parts.pcr_count = 0;
    parts.td_quote = azattest__text("quote");
    expect(azattest_evidence_new_guest(&parts, &evidence, &error), &error, AZATTEST_E_EVIDENCE,
           "without the runtime claims");
    parts.td_quote = azattest__bytes(NULL, 7);
    expect(azattest_evidence_new_guest(&parts, &evidence, &error), &error, AZATTEST_E_ARGUMENT, "no bytes");
    assert_null(evidence);
}

static void files_of_a_folder_verify_beside_each_other(void **state)
{
    static const struct {
        const char *name, *ak;
        bool valid;
    } files[] = { { "azure-snp-genoa", "azure-snp-genoa", true },
                  { "azure-tdx-v0", "azure-tdx-v0", true },
                  { "azure-tdx-v0", "azure-snp-genoa", false },
                  { "neg-tpm-pcr-changed", "azure-snp-genoa", false },
                  { "neg-tpm-sig-bitflip", "azure-snp-genoa", false } };

    (void)state;
    EVIDENCE_OR_SKIP();
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        azattest_guest_parts parts = AZATTEST_GUEST_PARTS_INIT;
        azattest__buf values[24];
        azattest_pcr pcrs[24];
        azattest_evidence *evidence = NULL;
        azattest_verification_result *result;
        azattest_error *error = NULL;
        azattest__json *list = NULL;
        piece message, signature, key, text;
        char name[96];

        snprintf(name, sizeof(name), "tpm/%s.msg", files[i].name);
        message = read_piece(name);
        snprintf(name, sizeof(name), "tpm/%s.sig", files[i].name);
        signature = read_piece(name);
        snprintf(name, sizeof(name), "tpm/%s.ak.pem", files[i].ak);
        key = read_piece(name);
        snprintf(name, sizeof(name), "tpm/%s.pcrs.json",
                 strcmp(files[i].name, "neg-tpm-sig-bitflip") == 0 ? files[i].ak : files[i].name);
        text = read_piece(name);
        assert_int_equal(azattest__json_parse(azattest__bytes(text.bytes, text.len), &list, NULL), AZATTEST_OK);
        for (const azattest__json *one = azattest__json_first(list); one != NULL; one = azattest__json_next(one)) {
            azattest__buf_init(&values[parts.pcr_count], 64);
            assert_true(azattest__hex_decode(azattest__text(azattest__json_string(one)), &values[parts.pcr_count]));
            pcrs[parts.pcr_count] =
                (azattest_pcr){ "sha256", (unsigned)parts.pcr_count, azattest__buf_bytes(&values[parts.pcr_count]) };
            parts.pcr_count++;
        }
        parts.tpm_message = azattest__bytes(message.bytes, message.len);
        parts.tpm_signature = azattest__bytes(signature.bytes, signature.len);
        parts.ak_public = azattest__bytes(key.bytes, key.len);
        parts.pcrs = pcrs;
        expect(azattest_evidence_new_guest(&parts, &evidence, &error), &error, AZATTEST_OK, NULL);
        result = verify(evidence, NULL);
        if (azattest_verification_result_is_valid(result) != files[i].valid)
            fail_msg("%s: %s", files[i].name, (const char *)azattest_verification_result_json(result).ptr);
        azattest_verification_result_free(result);
        azattest_evidence_free(evidence);
        for (size_t j = 0; j < parts.pcr_count; j++)
            azattest__buf_free(&values[j]);
        azattest__json_free(list);
        free(text.bytes);
        free(key.bytes);
        free(signature.bytes);
        free(message.bytes);
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
        cmocka_unit_test(an_snp_report_of_the_guest_itself_is_refused),
        cmocka_unit_test(a_guest_from_pieces_is_the_one_that_its_document_gives),
        cmocka_unit_test(readers_give_what_is_there),
        cmocka_unit_test(files_of_a_folder_verify_beside_each_other),
        cmocka_unit_test(pieces_that_fit_nothing_are_refused),
        cmocka_unit_test(a_td_quote_beside_another_machine_is_refused),
        cmocka_unit_test(documents_of_two_forms_are_refused),
    };
    static struct CMUnitTest tests[64];
    size_t count = 0;
    int failed;

    TABLE(bents, a_bent_guest_is_refused);
    TABLE(fields, each_field_of_the_td_report_counts);
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
        tests[count++] = plain[i];
    failed = _cmocka_run_group_tests("guest", tests, count, setup, teardown);
    count = 0;
    TABLE(tpms, a_tpm_alone);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(an_rsa_key_of_1024_bits_signs_nothing);
    return failed + _cmocka_run_group_tests("tpm alone", tests, count, make_keys, free_keys);
}
