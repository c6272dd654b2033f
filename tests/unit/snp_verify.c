/* Verdicts of SEV-SNP reports of made-up machines: every product and key, and every state that no real sample shows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <azattest/azattest.h>

#include "evidence/amd/vcek.h"
#include "made.h"
#include "simulator/amd.h"

#define DAY_MS INT64_C(86400000)

/* Everything that is said about one case. */
typedef struct story {
    const char *name;
    made_kind kind;
    azattest_simulated_platform platform;
    const char *failing; /* ids of the checks that fail, comma after each; "" : valid and complete */
    int64_t grace_ms;
    bool masked_allowed, without_roots;
} story;

static char *failing_of(const azattest_verification_result *result, char seen[1024])
{
    seen[0] = '\0';
    for (size_t i = 0; azattest_verification_result_check_id(result, i) != NULL; i++)
        if (azattest_verification_result_check_ok(result, i) == 0) {
            strcat(seen, azattest_verification_result_check_id(result, i));
            strcat(seen, ",");
        }
    return seen;
}

static azattest_collateral *collateral_of(azattest_bytes content)
{
    azattest_collateral *collateral = NULL;
    azattest_error *error = NULL;

    assert_int_equal(azattest_collateral_new(&collateral, NULL), AZATTEST_OK);
    if (content.ptr != NULL && azattest_collateral_add(collateral, content, &error) != AZATTEST_OK)
        fail_msg("%s", azattest_error_message(error));
    return collateral;
}

static void tell(const story *s)
{
    azattest_verify_options options = AZATTEST_VERIFY_OPTIONS_INIT;
    made given = made_of(s->kind, &s->platform);
    azattest_verification_result *result = NULL;
    azattest_evidence *evidence = NULL;
    azattest_error *error = NULL;
    azattest_collateral *collateral = collateral_of(given.collateral);
    char seen[1024];

    if (azattest_evidence_parse(given.evidence, &evidence, &error) != AZATTEST_OK)
        fail_msg("%s: %s", s->name, azattest_error_message(error));
    options.now_ms = QUOTES_NOW_MS;
    options.collateral = collateral;
    options.collateral_grace_ms = s->grace_ms;
    options.runtime_data = azattest__text(MADE_RUNTIME_DATA);
    options.allow_masked_chip_id = s->masked_allowed ? AZATTEST_ON : AZATTEST_DEFAULT;
    if (!s->without_roots)
        options.extra_roots = given.roots;
    if (azattest_evidence_verify(evidence, &options, &result, &error) != AZATTEST_OK)
        fail_msg("%s: %s", s->name, azattest_error_message(error));
    if (strcmp(failing_of(result, seen), s->failing) != 0)
        fail_msg("%s: failing \"%s\", expected \"%s\": %s", s->name, seen, s->failing,
                 (const char *)azattest_verification_result_json(result).ptr);
    assert_int_equal(azattest_verification_result_is_valid(result), s->failing[0] == '\0');
    if (s->failing[0] == '\0') {
        if (!azattest_verification_result_is_complete(result))
            fail_msg("%s: left out: %s", s->name, azattest_verification_result_not_checked(result, 0));
        assert_string_equal(azattest_verification_result_root(result), "extra");
        assert_true(azattest_verification_result_earliest_expiration_ms(result) > QUOTES_NOW_MS - s->grace_ms);
        if (azattest_verification_result_earliest_expiration_ms(result) < QUOTES_NOW_MS)
            assert_non_null(
                strstr((const char *)azattest_verification_result_json(result).ptr, "\"EXPIRED COLLATERAL"));
    }
    azattest_verification_result_free(result);
    azattest_evidence_free(evidence);
    azattest_collateral_free(collateral);
    made_free(&given);
}

/* A hardware id is raw bytes: these begin as a DER INTEGER and a DER OCTET STRING do. */
static const unsigned char integer_chip[64] = { 0x02, 0x3e, 1, 2, 3, 4 }, octets_chip[64] = { 0x04, 0x3e, 9, 9 },
                           integer_chip_8[8] = { 0x02, 0x06, 1, 2, 3, 4, 5, 6 },
                           octets_chip_8[8] = { 0x04, 0x06, 1, 2, 3, 4, 5, 6 };
/* Parts from 128 on have two octets in a DER INTEGER. */
static const unsigned char high_tcb[8] = { 0xff, 0x80, 0, 0, 0, 0, 0xfe, 0xdb },
                           high_turin_tcb[8] = { 0x81, 0xff, 0x80, 0xfe, 0, 0, 0, 0xdb };

#define SIZE .size = sizeof(azattest_simulated_platform)
#define BIT(fault) .faults = UINT64_C(1) << (AZATTEST_SIMULATED_##fault)
#define LIFE(from, until, items)                                                                                       \
    .from_ms = QUOTES_NOW_MS + (from)*DAY_MS, .until_ms = QUOTES_NOW_MS + (until)*DAY_MS, .window_items = (items)
#define BYTES(array)                                                                                                   \
    {                                                                                                                  \
        array, sizeof(array)                                                                                           \
    }

/* clang-format off */
static const story stories[] = {
    { "Milan", MADE_SNP, { SIZE }, "", 0, false, false },
    { "Milan, version 2", MADE_SNP_V2, { SIZE }, "", 0, false, false },
    { "Milan, VLEK", MADE_SNP, { SIZE, .vlek = AZATTEST_ON }, "", 0, false, false },
    { "Milan, VLEK, version 2", MADE_SNP_V2, { SIZE, .vlek = AZATTEST_ON }, "", 0, false, false },
    { "Genoa", MADE_SNP, { SIZE, .product = "Genoa" }, "", 0, false, false },
    { "Genoa, version 2", MADE_SNP_V2, { SIZE, .product = "Genoa" }, "", 0, false, false },
    { "Genoa, VLEK", MADE_SNP, { SIZE, .product = "Genoa", .vlek = AZATTEST_ON }, "", 0, false, false },
    { "Turin, version 5", MADE_SNP, { SIZE, .product = "Turin" }, "", 0, false, false },
    { "Turin, version 2", MADE_SNP_V2, { SIZE, .product = "Turin" }, "", 0, false, false },
    { "Turin, VLEK", MADE_SNP, { SIZE, .product = "Turin", .vlek = AZATTEST_ON }, "", 0, false, false },
    { "a chip id that begins as a DER INTEGER", MADE_SNP, { SIZE, .chip_id = BYTES(integer_chip) }, "", 0, false, false },
    { "a chip id that begins as a DER OCTET STRING", MADE_SNP, { SIZE, .chip_id = BYTES(octets_chip) }, "", 0, false, false },
    { "Turin's chip id of 8 bytes that begins as a DER INTEGER", MADE_SNP, { SIZE, .product = "Turin", .chip_id = BYTES(integer_chip_8) }, "", 0, false, false },
    { "Turin's chip id of 8 bytes that begins as a DER OCTET STRING", MADE_SNP, { SIZE, .product = "Turin", .chip_id = BYTES(octets_chip_8) }, "", 0, false, false },
    { "parts of the TCB from 128 on", MADE_SNP, { SIZE, .reported_tcb = BYTES(high_tcb) }, "", 0, false, false },
    { "Turin's parts of the TCB from 128 on", MADE_SNP, { SIZE, .product = "Turin", .reported_tcb = BYTES(high_turin_tcb) }, "", 0, false, false },

    { "a root that nobody trusts", MADE_SNP, { SIZE }, "ark_root,", 0, false, true },
    { "a revoked VCEK", MADE_SNP, { SIZE, BIT(REVOKED_VCEK) }, "vcek_revocation,", 0, false, false },
    { "a revoked VCEK of Turin", MADE_SNP, { SIZE, BIT(REVOKED_VCEK), .product = "Turin" }, "vcek_revocation,", 0, false, false },
    { "a revoked VLEK", MADE_SNP, { SIZE, BIT(REVOKED_VCEK), .vlek = AZATTEST_ON }, "vcek_revocation,", 0, false, false },
    { "a revoked ASK", MADE_SNP, { SIZE, BIT(REVOKED_ASK) }, "vcek_revocation,", 0, false, false },
    { "a revoked ASVK", MADE_SNP, { SIZE, BIT(REVOKED_ASK), .vlek = AZATTEST_ON }, "vcek_revocation,", 0, false, false },
    { "a list with a broken signature", MADE_SNP, { SIZE, BIT(CRL_SIGNATURE) }, "vcek_revocation,", 0, false, false },
    { "the VCEK of another chip", MADE_SNP, { SIZE, BIT(VCEK_OTHER_CHIP) }, "chip_id,", 0, false, false },
    { "the VCEK of another chip of Turin", MADE_SNP, { SIZE, BIT(VCEK_OTHER_CHIP), .product = "Turin" }, "chip_id,", 0, false, false },
    { "the VCEK of another TCB", MADE_SNP, { SIZE, BIT(VCEK_OTHER_TCB) }, "vcek_tcb,", 0, false, false },
    { "the VCEK of another TCB of Turin", MADE_SNP, { SIZE, BIT(VCEK_OTHER_TCB), .product = "Turin" }, "vcek_tcb,", 0, false, false },
    { "a VCEK without hardware id", MADE_SNP, { SIZE, BIT(VCEK_NO_HARDWARE_ID) }, "chip_id,", 0, false, false },
    { "a VCEK without microcode", MADE_SNP, { SIZE, BIT(VCEK_NO_TCB) }, "vcek_tcb,", 0, false, false },
    { "a VCEK of another product", MADE_SNP, { SIZE, BIT(VCEK_OTHER_PRODUCT) }, "product,", 0, false, false },
    { "a VCEK of another product, and a report that does not say", MADE_SNP_V2, { SIZE, BIT(VCEK_OTHER_PRODUCT) }, "product,", 0, false, false },
    { "big-endian scalars", MADE_SNP, { SIZE, BIT(BYTE_ORDER) }, "report_signature,", 0, false, false },
    { "a masked chip id", MADE_SNP, { SIZE, BIT(MASKED_CHIP_ID) }, "chip_id,", 0, false, false },
    { "a masked chip id, which the caller allows", MADE_SNP, { SIZE, BIT(MASKED_CHIP_ID) }, "", 0, true, false },
    { "a masked chip id with a VLEK", MADE_SNP, { SIZE, BIT(MASKED_CHIP_ID), .vlek = AZATTEST_ON }, "", 0, false, false },
    { "the other kind of key", MADE_SNP, { SIZE, BIT(KEY_KIND) }, "signing_key,", 0, false, false },
    { "a VLEK that is said to be a VCEK", MADE_SNP, { SIZE, BIT(KEY_KIND), .vlek = AZATTEST_ON }, "signing_key,", 0, false, false },
    { "the CPUID of another product", MADE_SNP, { SIZE, BIT(CPUID) }, "product,", 0, false, false },
    { "runtime data that are not bound", MADE_SNP, { SIZE, BIT(REPORT_DATA) }, "runtime_data,", 0, false, false },
    { "an expired list", MADE_SNP, { SIZE, LIFE(-40, -10, AZATTEST_SIMULATED_AMD_CRL) }, "collateral_validity,", 0, false, false },
    { "an expired list, for which there is grace", MADE_SNP, { SIZE, LIFE(-40, -10, AZATTEST_SIMULATED_AMD_CRL) }, "", 11 * DAY_MS, false, false },
    { "an expired list, for which the grace is too short", MADE_SNP, { SIZE, LIFE(-40, -10, AZATTEST_SIMULATED_AMD_CRL) }, "collateral_validity,", 9 * DAY_MS, false, false },
    { "a list of the future", MADE_SNP, { SIZE, LIFE(1, 30, AZATTEST_SIMULATED_AMD_CRL) }, "collateral_validity,", 0, false, false },
    { "an expired VCEK", MADE_SNP, { SIZE, LIFE(-40, -10, AZATTEST_SIMULATED_VCEK) }, "vcek_validity,", 0, false, false },
    { "an expired VCEK has no grace", MADE_SNP, { SIZE, LIFE(-40, -10, AZATTEST_SIMULATED_VCEK) }, "vcek_validity,", 30 * DAY_MS, false, false },
    { "a VCEK of the future", MADE_SNP, { SIZE, LIFE(1, 30, AZATTEST_SIMULATED_VCEK) }, "vcek_validity,", 0, false, false },
    { "a revoked VCEK of another chip", MADE_SNP, { SIZE, .faults = AZATTEST_SIMULATED_BIT(REVOKED_VCEK) | AZATTEST_SIMULATED_BIT(VCEK_OTHER_CHIP) }, "chip_id,vcek_revocation,", 0, false, false },
};
/* clang-format on */

static void each_state_fails_its_own_check(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++)
        tell(&stories[i]);
}

/* ---- debug ---- */

static void debug_is_a_warning_or_refused(void **state)
{
    azattest_simulated_guest guest = AZATTEST_SIMULATED_GUEST_INIT;
    azattest_verify_options options = AZATTEST_VERIFY_OPTIONS_INIT;
    made given = made_of(MADE_SNP, NULL);
    azattest_collateral *collateral = collateral_of(given.collateral);
    azattest_evidence *evidence = NULL;
    unsigned char *report;
    size_t length;

    (void)state;
    guest.debug = AZATTEST_ON;
    assert_int_equal(azattest_simulator_snp_report(quotes_simulator(), &guest, &report, &length, NULL), AZATTEST_OK);
    assert_int_equal(azattest_evidence_parse(azattest__bytes(report, length), &evidence, NULL), AZATTEST_OK);
    assert_true(azattest_evidence_is_debuggable(evidence));
    assert_true((azattest_evidence_guest_policy(evidence) >> 19 & 1) != 0);
    options.now_ms = QUOTES_NOW_MS;
    options.extra_roots = given.roots;
    options.collateral = collateral;
    for (int i = 0; i < 3; i++) {
        azattest_verification_result *result = NULL;
        char seen[1024];

        options.allow_debug = ((const azattest_switch[]){ AZATTEST_DEFAULT, AZATTEST_ON, AZATTEST_OFF })[i];
        assert_int_equal(azattest_evidence_verify(evidence, &options, &result, NULL), AZATTEST_OK);
        assert_string_equal(failing_of(result, seen), i == 2 ? "debug," : "");
        assert_int_equal(azattest_verification_result_is_valid(result), i != 2);
        assert_int_equal(azattest_verification_result_warning_count(result), 2);
        assert_non_null(strstr(azattest_verification_result_warning(result, 0), "EXTRA ROOT: "));
        assert_non_null(strstr(azattest_verification_result_warning(result, 1), "DEBUG: the guest is debuggable"));
        azattest_verification_result_free(result);
    }
    azattest_evidence_free(evidence);
    azattest_simulator_free_bytes(report);
    azattest_collateral_free(collateral);
    made_free(&given);
}

/* ---- revocation ---- */

/* Of the VCEK's own authority: it says nothing of that authority itself. */
static void a_list_that_is_not_the_arks_leaves_revocation(void **state)
{
    azattest__crl_request request = { .number = 1, .pss = true, .this_update = 1, .next_update = QUOTES_NOW_MS / 1000 };
    azattest_verify_options options = AZATTEST_VERIFY_OPTIONS_INIT;
    azattest_verification_result *result = NULL;
    azattest_evidence *evidence = NULL;
    azattest_collateral *collateral;
    azattest__amd_machine machine;
    azattest_bytes chain, vcek;
    azattest__buf list;
    made given = made_of(MADE_SNP, NULL);

    (void)state;
    azattest__buf_init(&list, 1 << 16);
    assert_int_equal(azattest__amd_open(quotes_simulator(), NULL, &machine, NULL), AZATTEST_OK);
    assert_int_equal(
        azattest__crl_issue(&request, machine.vault->certificates[AMD_ASK], machine.vault->keys[AMD_ASK], &list, NULL),
        AZATTEST_OK);
    vcek = made_item(MADE_SNP, NULL, "vcek", &chain);
    collateral = collateral_of(vcek);
    assert_int_equal(azattest_collateral_add(collateral, chain, NULL), AZATTEST_OK);
    assert_int_equal(azattest_collateral_add(collateral, azattest__buf_bytes(&list), NULL), AZATTEST_OK);
    options.now_ms = QUOTES_NOW_MS;
    options.extra_roots = given.roots;
    options.collateral = collateral;
    assert_int_equal(azattest_evidence_parse(given.evidence, &evidence, NULL), AZATTEST_OK);
    assert_int_equal(azattest_evidence_verify(evidence, &options, &result, NULL), AZATTEST_OK);
    assert_true(azattest_verification_result_is_valid(result));
    assert_false(azattest_verification_result_is_complete(result));
    assert_string_equal(azattest_verification_result_not_checked(result, 0), "revocation");
    azattest_verification_result_free(result);
    azattest_evidence_free(evidence);
    azattest_collateral_free(collateral);
    made_bytes_free(&vcek);
    made_bytes_free(&chain);
    azattest__amd_clear(&machine);
    azattest__buf_free(&list);
    made_free(&given);
}

/* ---- a report of version 2 does not say whose layout its TCB has ---- */

static void an_appraisal_reads_a_tcb_by_the_product_that_signed(void **state)
{
    static const unsigned char tcb[8] = { 9, 1, 0, 4, 0, 0, 0, 200 }; /* FMC 9, boot loader 1, SNP 4 */
    static const struct {
        const char *least;
        bool reached;
    } cases[] = { { "{\"fmc\":9,\"boot_loader\":1,\"tee\":0,\"snp\":4,\"microcode\":200}", true },
                  { "{\"boot_loader\":2}", false },
                  { "{\"tee\":1}", false },
                  { "{\"fmc\":10}", false } };
    azattest_simulated_platform platform = AZATTEST_SIMULATED_PLATFORM_INIT;
    azattest_verify_options options = AZATTEST_VERIFY_OPTIONS_INIT;
    azattest_evidence *evidence = NULL;
    made given;

    (void)state;
    platform.product = "Turin";
    platform.reported_tcb = azattest__bytes(tcb, sizeof(tcb));
    given = made_of(MADE_SNP_V2, &platform);
    options.now_ms = QUOTES_NOW_MS;
    options.extra_roots = given.roots;
    options.collateral = collateral_of(given.collateral);
    assert_int_equal(azattest_evidence_parse(given.evidence, &evidence, NULL), AZATTEST_OK);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        azattest_verification_result *result = NULL;
        azattest_appraisal *appraisal = NULL;
        char text[128];

        snprintf(text, sizeof(text), "{\"min_reported_tcb\":%s}", cases[i].least);
        assert_int_equal(azattest_appraisal_parse(azattest__text(text), &appraisal, NULL), AZATTEST_OK);
        options.appraisal = appraisal;
        assert_int_equal(azattest_evidence_verify(evidence, &options, &result, NULL), AZATTEST_OK);
        if (azattest_verification_result_is_valid(result) != cases[i].reached)
            fail_msg("%s: %s", text, (const char *)azattest_verification_result_json(result).ptr);
        assert_null(strstr((const char *)azattest_verification_result_json(result).ptr, "does not know"));
        azattest_verification_result_free(result);
        azattest_appraisal_free(appraisal);
    }
    azattest_evidence_free(evidence);
    azattest_collateral_free((azattest_collateral *)(uintptr_t)options.collateral);
    made_free(&given);
}

/* ---- which certificate ---- */

/* A set for many machines: each report finds the VCEK of its own chip and TCB. */
static void a_set_for_many_machines(void **state)
{
    static const unsigned char chips[3][64] = { { 1, 2, 3 }, { 1, 2, 4 }, { 1, 2, 5 } };
    azattest_simulated_platform platforms[4];
    azattest_collateral *collateral = NULL;
    azattest_verify_options options = AZATTEST_VERIFY_OPTIONS_INIT;
    made mades[4];

    (void)state;
    assert_int_equal(azattest_collateral_new(&collateral, NULL), AZATTEST_OK);
    for (size_t i = 0; i < 4; i++) {
        azattest_simulated_platform fresh = AZATTEST_SIMULATED_PLATFORM_INIT;

        platforms[i] = fresh;
        platforms[i].chip_id = azattest__bytes(chips[i % 3], 64);
        if (i == 3) /* the first chip once more, after an update */
            platforms[i].reported_tcb = azattest__bytes(high_tcb, sizeof(high_tcb));
        mades[i] = made_of(MADE_SNP, &platforms[i]);
        assert_int_equal(azattest_collateral_add(collateral, mades[i].collateral, NULL), AZATTEST_OK);
    }
    options.now_ms = QUOTES_NOW_MS;
    options.collateral = collateral;
    options.extra_roots = mades[0].roots;
    for (size_t round = 0; round < 2; round++)
        for (size_t i = 0; i < 4; i++) {
            azattest_verification_result *result = NULL;
            azattest_evidence *evidence = NULL;

            assert_int_equal(azattest_evidence_parse(mades[i].evidence, &evidence, NULL), AZATTEST_OK);
            assert_int_equal(azattest_evidence_verify(evidence, &options, &result, NULL), AZATTEST_OK);
            if (!azattest_verification_result_is_valid(result))
                fail_msg("%zu: %s", i, (const char *)azattest_verification_result_json(result).ptr);
            azattest_verification_result_free(result);
            azattest_evidence_free(evidence);
        }
    azattest_collateral_free(collateral);
    for (size_t i = 0; i < 4; i++)
        made_free(&mades[i]);
}

/* ---- extensions ---- */

/* Extensions of a certificate, as far as they matter here. */
typedef struct extensions {
    unsigned char bytes[2048];
    size_t len;
} extensions;

/* SEQUENCE { OID 1.3.6.1.4.1.3704.1.suffix, OCTET STRING value } */
static void put(extensions *out, const unsigned char *suffix, size_t suffix_len, const void *value, size_t len)
{
    static const unsigned char arc[] = { 0x2b, 0x06, 0x01, 0x04, 0x01, 0x9c, 0x78, 0x01 };
    unsigned char *p = out->bytes + out->len;
    size_t inner = 2 + sizeof(arc) + suffix_len + 2 + len;

    assert_true(inner < 128 && out->len + inner + 2 <= sizeof(out->bytes));
    *p++ = 0x30;
    *p++ = (unsigned char)inner;
    *p++ = 0x06;
    *p++ = (unsigned char)(sizeof(arc) + suffix_len);
    memcpy(p, arc, sizeof(arc));
    memcpy(p + sizeof(arc), suffix, suffix_len);
    p += sizeof(arc) + suffix_len;
    *p++ = 0x04;
    *p++ = (unsigned char)len;
    memcpy(p, value, len);
    out->len += inner + 2;
}

/* Which part is other than it should be; value NULL leaves it out. */
typedef struct change {
    const char *name;
    const char *suffix; /* as in the reference: "3.8" */
    const unsigned char *value;
    size_t len;
    const char *product_problem, *tcb_problem, *identity_problem;
} change;

static void read_changed(const change *c, bool turin, bool vlek, azattest__vcek *out, extensions *given)
{
    static const unsigned char zero[] = { 2, 1, 0 }, level[] = { 2, 1, 7 }, microcode[] = { 2, 2, 0, 0xdb },
                               milan[] = "\x16\x08Milan-B0", turin_name[] = "\x16\x05Turin", hwid[64] = { 2, 4, 8 },
                               csp[] = "\x16\x04some";
    const struct {
        const char *suffix;
        const void *value;
        size_t len;
        bool there;
    } all[] = {
        { "1", zero, 3, true },     { "2", turin ? turin_name : milan, turin ? 7 : 10, true },
        { "3.1", level, 3, true },  { "3.2", level, 3, true },
        { "3.3", level, 3, true },  { "3.4", zero, 3, !turin },
        { "3.5", zero, 3, true },   { "3.6", zero, 3, true },
        { "3.7", zero, 3, true },   { "3.8", microcode, 4, true },
        { "3.9", level, 3, turin }, { "4", hwid, turin ? 8 : 64, !vlek },
        { "5", csp, 6, vlek },
    };
    azattest__x509 certificate;
    bool done = false;

    memset(given, 0, sizeof(*given));
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        unsigned char suffix[2] = { (unsigned char)(all[i].suffix[0] - '0') };
        size_t suffix_len = 1;
        bool changed = c->suffix != NULL && strcmp(c->suffix, all[i].suffix) == 0;

        if (all[i].suffix[1] == '.') {
            suffix[1] = (unsigned char)(all[i].suffix[2] - '0');
            suffix_len = 2;
        }
        done = done || changed;
        if (changed && c->value != NULL)
            put(given, suffix, suffix_len, c->value, c->len);
        else if (!changed && all[i].there)
            put(given, suffix, suffix_len, all[i].value, all[i].len);
    }
    assert_true(done || c->suffix == NULL);
    memset(&certificate, 0, sizeof(certificate));
    certificate.extensions = azattest__bytes(given->bytes, given->len);
    azattest__vcek_read(&certificate, vlek, out);
}

static void expect_problem(const char *name, const char *seen, const char *expected)
{
    if (expected == NULL ? seen[0] != '\0' : strstr(seen, expected) == NULL)
        fail_msg("%s: \"%s\", expected \"%s\"", name, seen, expected == NULL ? "" : expected);
}

#define VALUE(text) (const unsigned char *)(text), sizeof(text) - 1

static void extensions_are_read_as_what_they_are(void **state)
{
    static const change changes[] = {
        { "nothing", NULL, NULL, 0, NULL, NULL, NULL },
        { "no product", "2", NULL, 0, "no extension 1.3.6.1.4.1.3704.1.2", NULL, NULL },
        { "a product that is not known", "2",
          VALUE("\x16\x05"
                "Florx"),
          "none that is known", NULL, NULL },
        { "a product whose name goes on", "2", VALUE("\x16\x06MilanX"), "none that is known", NULL, NULL },
        { "a product in other letters", "2", VALUE("\x16\x05milan"), "none that is known", NULL, NULL },
        { "a product as UTF8String", "2", VALUE("\x0c\x05Milan"), NULL, NULL, NULL },
        { "a product as OCTET STRING", "2", VALUE("\x04\x05Milan"), "not a short IA5String", NULL, NULL },
        { "a byte behind the product", "2", VALUE("\x16\x05MilanX"), "not a short IA5String", NULL, NULL },
        { "a product with a NUL", "2", VALUE("\x16\x06Milan\0"), "none that is known", NULL, NULL },
        { "an empty product", "2", VALUE("\x16\x00"), "none that is known", NULL, NULL },
        { "no boot loader", "3.1", NULL, 0, NULL, "no extension 1.3.6.1.4.1.3704.1.3.1 (boot loader)", NULL },
        { "no TEE", "3.2", NULL, 0, NULL, "3.2 (TEE)", NULL },
        { "no SNP", "3.3", NULL, 0, NULL, "3.3 (SNP)", NULL },
        { "no microcode", "3.8", NULL, 0, NULL, "3.8 (microcode)", NULL },
        { "no reserved part", "3.4", NULL, 0, NULL, NULL, NULL },
        { "261, whose last octet is 5", "3.1", VALUE("\x02\x02\x01\x05"), NULL, "is 261", NULL },
        { "a negative number", "3.1", VALUE("\x02\x01\x80"), NULL, "not a DER INTEGER", NULL },
        { "a number with a needless zero", "3.1", VALUE("\x02\x02\x00\x05"), NULL, "not a DER INTEGER", NULL },
        { "a raw octet", "3.1", VALUE("\x05"), NULL, "not a DER INTEGER", NULL },
        { "a byte behind the number", "3.1", VALUE("\x02\x01\x05\x00"), NULL, "not a DER INTEGER", NULL },
        { "an OCTET STRING", "3.1", VALUE("\x04\x01\x05"), NULL, "not a DER INTEGER", NULL },
        { "an FMC of Milan", "3.9", VALUE("\x02\x01\x05"), NULL, "has not got", NULL },
        { "no hardware id", "4", NULL, 0, NULL, NULL, "no extension 1.3.6.1.4.1.3704.1.4 (hardware id)" },
        { "a short hardware id", "4",
          VALUE("\x02\x06"
                "123456"),
          NULL, NULL, "8 bytes, expected 64" },
        { "a CSP id in a VCEK", "5", VALUE("\x16\x04some"), NULL, NULL, "a VCEK with extension" },
    };
    azattest__vcek vcek;
    extensions given;

    (void)state;
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        read_changed(&changes[i], false, false, &vcek, &given);
        expect_problem(changes[i].name, vcek.product_problem, changes[i].product_problem);
        if (changes[i].product_problem == NULL)
            expect_problem(changes[i].name, vcek.tcb_problem, changes[i].tcb_problem);
        expect_problem(changes[i].name, vcek.identity_problem, changes[i].identity_problem);
    }
    read_changed(&changes[0], false, false, &vcek, &given);
    assert_int_equal(vcek.product, AZATTEST__SNP_MILAN);
    assert_string_equal(vcek.product_text, "Milan-B0");
    assert_int_equal(vcek.tcb.microcode, 0xdb);
    assert_int_equal(vcek.tcb.fmc, -1);
    assert_int_equal(vcek.hardware_id.len, 64);
}

/* Cut anywhere, something is missing, and is said to be. */
static void extensions_cut_at_every_byte(void **state)
{
    static const change none = { "nothing", NULL, NULL, 0, NULL, NULL, NULL };
    azattest__vcek vcek;
    extensions given;

    (void)state;
    read_changed(&none, true, false, &vcek, &given);
    for (size_t len = 0; len < given.len; len++) {
        unsigned char *copy = malloc(len == 0 ? 1 : len);
        azattest__x509 certificate;

        memcpy(copy, given.bytes, len);
        memset(&certificate, 0, sizeof(certificate));
        certificate.extensions = azattest__bytes(copy, len);
        azattest__vcek_read(&certificate, false, &vcek);
        assert_true(vcek.product_problem[0] != '\0' || vcek.tcb_problem[0] != '\0' || vcek.identity_problem[0] != '\0');
        free(copy);
    }
}

static void extensions_of_turin_and_of_a_vlek(void **state)
{
    static const change none = { "nothing", NULL, NULL, 0, NULL, NULL, NULL },
                        no_fmc = { "no FMC", "3.9", NULL, 0, NULL, NULL, NULL },
                        long_id = { "a long hardware id", "4", VALUE("0123456789abcdef"), NULL, NULL, NULL },
                        no_csp = { "no CSP id", "5", NULL, 0, NULL, NULL, NULL },
                        raw_csp = { "a raw CSP id", "5", VALUE("some"), NULL, NULL, NULL },
                        hwid = { "a hardware id", "4", VALUE("12345678"), NULL, NULL, NULL };
    unsigned char chip[64] = { 2, 4, 8 };
    azattest__vcek vcek;
    extensions given;

    (void)state;
    read_changed(&none, true, false, &vcek, &given);
    expect_problem("Turin", vcek.tcb_problem, NULL);
    expect_problem("Turin", vcek.identity_problem, NULL);
    assert_int_equal(vcek.tcb.fmc, 7);
    assert_int_equal(vcek.hardware_id.len, 8);
    assert_true(azattest__vcek_is_of_chip(&vcek, chip));
    chip[8] = 1; /* behind the eight there are zeros */
    assert_false(azattest__vcek_is_of_chip(&vcek, chip));
    read_changed(&no_fmc, true, false, &vcek, &given);
    expect_problem("Turin", vcek.tcb_problem, "3.9 (FMC)");
    read_changed(&long_id, true, false, &vcek, &given);
    expect_problem("Turin", vcek.identity_problem, "16 bytes, expected 8");
    read_changed(&none, false, true, &vcek, &given);
    expect_problem("VLEK", vcek.identity_problem, NULL);
    assert_true(azattest__bytes_equal_text(vcek.csp_id, "some"));
    assert_false(azattest__vcek_is_of_chip(&vcek, chip));
    read_changed(&no_csp, false, true, &vcek, &given);
    expect_problem("VLEK", vcek.identity_problem, "no extension 1.3.6.1.4.1.3704.1.5 (CSP id)");
    read_changed(&raw_csp, false, true, &vcek, &given);
    expect_problem("VLEK", vcek.identity_problem, "not an IA5String");
    read_changed(&hwid, false, true, &vcek, &given);
    expect_problem("VLEK", vcek.identity_problem, "a VLEK with extension");
}

/* ---- TCB versions ---- */

static void tcb_versions_have_the_layout_of_their_product(void **state)
{
    static const unsigned char eight[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
    azattest__snp_tcb milan = azattest__snp_tcb_read(eight, AZATTEST__SNP_MILAN),
                      turin = azattest__snp_tcb_read(eight, AZATTEST__SNP_TURIN), other;
    const char *part = NULL;

    (void)state;
    assert_int_equal(milan.fmc, -1);
    assert_int_equal(milan.boot_loader, 1);
    assert_int_equal(milan.tee, 2);
    assert_int_equal(milan.snp, 7);
    assert_int_equal(milan.microcode, 8);
    assert_memory_equal(milan.reserved, eight + 2, 4);
    assert_int_equal(turin.fmc, 1);
    assert_int_equal(turin.boot_loader, 2);
    assert_int_equal(turin.tee, 3);
    assert_int_equal(turin.snp, 4);
    assert_int_equal(turin.microcode, 8);
    assert_memory_equal(turin.reserved, eight + 4, 3);
    /* Part by part: a higher microcode does not make up for a lower boot loader, as it would in one number. */
    other = milan;
    other.microcode = 200;
    other.boot_loader = 0;
    assert_false(azattest__snp_tcb_at_least(&other, &milan, &part));
    assert_string_equal(part, "boot loader");
    other.boot_loader = 1;
    assert_true(azattest__snp_tcb_at_least(&other, &milan, NULL));
}

static void products_are_those_of_the_cpuid(void **state)
{
    static const struct {
        int family, model;
        azattest__snp_product product;
    } cases[] = {
        { 0x19, 0x00, AZATTEST__SNP_MILAN },   { 0x19, 0x01, AZATTEST__SNP_MILAN },
        { 0x19, 0x0f, AZATTEST__SNP_MILAN },   { 0x19, 0x10, AZATTEST__SNP_GENOA },
        { 0x19, 0x11, AZATTEST__SNP_GENOA },   { 0x19, 0x1f, AZATTEST__SNP_GENOA },
        { 0x19, 0x20, AZATTEST__SNP_UNKNOWN }, { 0x19, 0xa0, AZATTEST__SNP_GENOA },
        { 0x19, 0xaf, AZATTEST__SNP_GENOA },   { 0x19, 0xb0, AZATTEST__SNP_UNKNOWN },
        { 0x1a, 0x00, AZATTEST__SNP_TURIN },   { 0x1a, 0x11, AZATTEST__SNP_TURIN },
        { 0x1a, 0x12, AZATTEST__SNP_UNKNOWN }, { 0x1a, 0x50, AZATTEST__SNP_VENICE },
        { 0x17, 0x01, AZATTEST__SNP_UNKNOWN },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(azattest__snp_product_of_cpuid(cases[i].family, cases[i].model), cases[i].product);
}

static int close_simulator(void **state)
{
    (void)state;
    quotes_close();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_state_fails_its_own_check),
        cmocka_unit_test(debug_is_a_warning_or_refused),
        cmocka_unit_test(a_list_that_is_not_the_arks_leaves_revocation),
        cmocka_unit_test(an_appraisal_reads_a_tcb_by_the_product_that_signed),
        cmocka_unit_test(a_set_for_many_machines),
        cmocka_unit_test(extensions_are_read_as_what_they_are),
        cmocka_unit_test(extensions_cut_at_every_byte),
        cmocka_unit_test(extensions_of_turin_and_of_a_vlek),
        cmocka_unit_test(tcb_versions_have_the_layout_of_their_product),
        cmocka_unit_test(products_are_those_of_the_cpuid),
    };

    return cmocka_run_group_tests(tests, NULL, close_simulator);
}
