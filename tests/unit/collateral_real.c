/* Real collateral: every file is read, and every Intel sample gets the level that the facts give, at its dates. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <azattest/azattest.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "evidence.h"
#include "evidence/collateral/collateral.h"
#include "evidence/evidence.h"
#include "evidence/intel/root.h"
#include "json/json.h"
#include "verdict.h"

static azattest__json *facts;

static int read_facts(void **state)
{
    size_t len = 0;
    unsigned char *text;

    (void)state;
    if (evidence_folder() == NULL)
        return 0;
    text = evidence_read("facts.json", &len);
    if (azattest__json_parse(azattest__bytes(text, len), &facts, NULL) != AZATTEST_OK)
        return -1;
    free(text);
    return 0;
}

static int free_facts(void **state)
{
    (void)state;
    azattest__json_free(facts);
    return 0;
}

static azattest_status add(azattest_collateral *collateral, const char *file, azattest_error **error)
{
    size_t len = 0;
    unsigned char *content = evidence_read(file, &len);
    azattest_status status = azattest_collateral_add(collateral, azattest__bytes(content, len), error);

    free(content);
    return status;
}

static void must_add(azattest_collateral *collateral, const char *file)
{
    azattest_error *error = NULL;

    if (add(collateral, file, &error) != AZATTEST_OK)
        fail_msg("%s: %s", file, azattest_error_message(error));
}

static azattest_collateral *new_set(void)
{
    azattest_collateral *set = NULL;

    assert_int_equal(azattest_collateral_new(&set, NULL), AZATTEST_OK);
    return set;
}

static int64_t at(const char *date)
{
    char text[40];
    int64_t seconds = 0;

    snprintf(text, sizeof(text), "%sT12:00:00Z", date);
    assert_true(azattest__time_parse(text, &seconds));
    return seconds * 1000;
}

static azattest_verification_result *verify(const char *file, const azattest_collateral *set, int64_t now_ms,
                                            azattest_bytes roots)
{
    azattest_verify_options options = AZATTEST_VERIFY_OPTIONS_INIT;
    azattest_verification_result *result = NULL;
    azattest_evidence *evidence = NULL;
    azattest_error *error = NULL;
    size_t len = 0;
    unsigned char *content = evidence_read(file, &len);

    if (azattest_evidence_load(azattest__bytes(content, len), &evidence, &error) != AZATTEST_OK) {
        azattest_error_free(error);
        free(content);
        return NULL;
    }
    options.now_ms = now_ms;
    options.collateral = set;
    options.extra_roots = roots;
    assert_int_equal(azattest_evidence_verify(evidence, &options, &result, NULL), AZATTEST_OK);
    azattest_evidence_free(evidence);
    free(content);
    return result;
}

/* The level that the facts name is the platform's alone: it stands first in the check's text. */
static void want_level(const char *file, const azattest_verification_result *result, const char *status)
{
    const char *detail;
    char expected[64];
    int ok = verdict_check(result, "tcb_level", &detail);

    if (strcmp(status, "no level matches") == 0) {
        if (ok != 0 || azattest_verification_result_tcb_status(result) != NULL)
            fail_msg("%s: %s, expected no level", file, detail);
        return;
    }
    snprintf(expected, sizeof(expected), " is %s; TDX module", status);
    if (ok != 1 || strstr(detail, expected) == NULL)
        fail_msg("%s: %s, expected %s", file, detail, status);
}

/* Pieces that do not come with the TCB info; whether they are alive then is another check. */
static void add_others(azattest_collateral *set)
{
    static const char *const files[] = { "collateral/tcb-signing.der",      "collateral/intel-root.der",
                                         "collateral/qe-identity-sgx.json", "collateral/qe-identity-td.json",
                                         "collateral/root-ca-crl-2025.der", "collateral/pck-crl-platform-2025-08.der" };

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        must_add(set, files[i]);
}

static size_t check_sample(const char *file, const azattest__json *level, bool chain)
{
    const char *tcb_info = azattest__json_get_string(level, "tcb_info");
    azattest_collateral *set = new_set();
    azattest_verification_result *result;
    const char *detail;

    must_add(set, tcb_info);
    if (strstr(tcb_info, "phala") == NULL)
        add_others(set);
    if ((result = verify(file, set, at(azattest__json_get_string(level, "issued")) + 86400000,
                         azattest__bytes(NULL, 0))) == NULL) {
        azattest_collateral_free(set);
        return 0; /* does not parse: others' tests */
    }
    verdict_want(result, file, "tcb_info", 1);
    verdict_want(result, file, "tcb_info_match", 1);
    verdict_want(result, file, "qe_identity", 1);
    verdict_want(result, file, "qe_identity_match", 1);
    verdict_want(result, file, "root_ca_crl", chain ? 1 : -1);
    if (verdict_check(result, "pck_crl", &detail) == 1) /* of the other CA in some sets */
        verdict_want(result, file, "pck_revocation", 1);
    want_level(file, result, azattest__json_get_string(level, "status"));
    azattest_verification_result_free(result);
    azattest_collateral_free(set);
    return 1;
}

static void every_sample_reaches_the_level_that_the_facts_give(void **state)
{
    size_t count = 0;

    (void)state;
    EVIDENCE_OR_SKIP();
    for (const azattest__json *entry = azattest__json_first(facts); entry != NULL; entry = azattest__json_next(entry)) {
        const azattest__json *levels = azattest__json_get(entry, "tcb_status");
        const char *file = azattest__json_name(entry);

        if (levels == NULL || !azattest__json_is_array(levels))
            continue;
        for (const azattest__json *level = azattest__json_first(levels); level != NULL;
             level = azattest__json_next(level))
            count += check_sample(file, level, strstr(file, "no-intermediate") == NULL);
    }
    assert_true(count >= 30);
}

/* Whole sets, at a time when all of them live. */
static void whole_sets_give_whole_verdicts(void **state)
{
    static const struct {
        const char *file, *set, *date, *status;
        bool valid;
    } cases[] = {
        { "tdx/phala-v4.bin", "collateral/phala-tdx-b0c06f000000.json", "2025-06-25", "UpToDate", true },
        { "sgx/alibaba-quote.bin", "collateral/phala-sgx-00a067110000.json", "2025-06-25",
          "ConfigurationAndSWHardeningNeeded", false },
        { "tdx/phala-v5-outdated.bin", "collateral/phala-tdx-90c06f000000-2026-02.json", "2026-02-25", NULL, false },
        { "tdx/azure-cvm-v4.bin", "collateral/phala-tdx-90c06f000000-2026-02.json", "2026-02-25", NULL, false },
    };

    (void)state;
    EVIDENCE_OR_SKIP();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        azattest_collateral *set = new_set();
        azattest_verification_result *result;

        must_add(set, cases[i].set);
        assert_non_null(result = verify(cases[i].file, set, at(cases[i].date), azattest__bytes(NULL, 0)));
        verdict_want(result, cases[i].file, "collateral_validity", 1);
        verdict_want(result, cases[i].file, "ca_revocation", 1);
        verdict_want(result, cases[i].file, "pck_revocation", 1);
        assert_int_equal(azattest_verification_result_not_checked_count(result), 0);
        assert_int_equal(azattest_verification_result_is_valid(result), cases[i].valid);
        if (cases[i].status == NULL)
            assert_null(azattest_verification_result_tcb_status(result));
        else
            assert_string_equal(azattest_verification_result_tcb_status(result), cases[i].status);
        azattest_verification_result_free(result);
        /* A year later everything but the age is as it was. */
        assert_non_null(
            result = verify(cases[i].file, set, at(cases[i].date) + INT64_C(365) * 86400000, azattest__bytes(NULL, 0)));
        verdict_want(result, cases[i].file, "collateral_validity", 0);
        verdict_want(result, cases[i].file, "tcb_info", 1);
        verdict_want(result, cases[i].file, "tcb_level", cases[i].status == NULL ? 0 : 1);
        assert_false(azattest_verification_result_is_valid(result));
        azattest_verification_result_free(result);
        azattest_collateral_free(set);
    }
}

/* A set may hold lists and documents of many dates; those of the time of verification are used. */
static void the_items_of_the_time_are_found_among_others(void **state)
{
    static const char *const others[] = { "collateral/phala-tdx-90c06f000000-2026-02.json",
                                          "collateral/qe-identity-td.json", "collateral/pck-crl-platform-2025-08.der" };
    azattest_collateral *set;
    azattest_verification_result *result;

    (void)state;
    EVIDENCE_OR_SKIP();
    set = new_set();
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        must_add(set, others[i]);
    must_add(set, "collateral/phala-tdx-b0c06f000000.json");
    assert_non_null(result = verify("tdx/phala-v4.bin", set, at("2025-06-25"), azattest__bytes(NULL, 0)));
    verdict_want(result, "among others", "collateral_validity", 1);
    assert_true(azattest_verification_result_is_complete(result));
    azattest_verification_result_free(result);
    azattest_collateral_free(set);
}

/* Intel's own synthetic set: a quote that names its platform alone, under a root of its own. */
static void the_synthetic_set_of_intel_is_valid_under_its_root(void **state)
{
    static const char *const files[] = { "intermediateCaCrl.pem", "pckCert.pem",          "pckSignChain.pem",
                                         "qeIdentity.json",       "rootCaCrl.pem",        "tcbInfo.json",
                                         "tcbSignChain.pem",      "trustedRootCaCert.pem" };
    static const char quote[] = "sgx/intel-qvl-sample-certtype1.bin";
    azattest_collateral *set = new_set(), *without_pck = new_set();
    azattest_verification_result *result;
    unsigned char *root;
    size_t len = 0;

    (void)state;
    EVIDENCE_OR_SKIP();
    root = evidence_read("collateral/intel-qvl-sample/trustedRootCaCert.pem", &len);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        char path[96];

        snprintf(path, sizeof(path), "collateral/intel-qvl-sample/%s", files[i]);
        must_add(set, path);
        if (strcmp(files[i], "pckCert.pem") != 0)
            must_add(without_pck, path);
    }
    assert_non_null(result = verify(quote, set, at("2023-02-25"), azattest__bytes(root, len)));
    assert_true(azattest_verification_result_is_valid(result));
    assert_string_equal(azattest_verification_result_root(result), "extra");
    assert_string_equal(azattest_verification_result_tcb_status(result), "UpToDate");
    assert_int_equal(azattest_verification_result_not_checked_count(result), 0);
    azattest_verification_result_free(result);
    /* Nobody trusts that root unasked. */
    assert_non_null(result = verify(quote, set, at("2023-02-25"), azattest__bytes(NULL, 0)));
    verdict_want(result, quote, "pck_root", 0);
    verdict_want(result, quote, "tcb_info", 0);
    verdict_want(result, quote, "qe_identity", 0);
    assert_false(azattest_verification_result_is_valid(result));
    azattest_verification_result_free(result);
    assert_non_null(result = verify(quote, without_pck, at("2023-02-25"), azattest__bytes(root, len)));
    verdict_want(result, quote, "certification_data", 0);
    assert_false(azattest_verification_result_is_valid(result));
    azattest_verification_result_free(result);
    free(root);
    azattest_collateral_free(set);
    azattest_collateral_free(without_pck);
}

/* The forged files of the folder. */
static void forged_collateral_is_refused(void **state)
{
    static const char quote[] = "tdx/google-gcp-v4-ccel.bin", sgx[] = "sgx/azure-intelsdk-2023-release.quote.bin";
    azattest_collateral *set = new_set();
    azattest_verification_result *result;

    (void)state;
    EVIDENCE_OR_SKIP();
    must_add(set, "collateral/neg-pck-crl-bitflip.der");
    must_add(set, "collateral/tcb-signing.der");
    must_add(set, "collateral/intel-root.der");
    must_add(set, "collateral/neg-tcbinfo-status-changed.json");
    assert_non_null(result = verify(quote, set, at("2025-08-20"), azattest__bytes(NULL, 0)));
    verdict_want(result, quote, "pck_crl", 0);
    verdict_want(result, quote, "pck_revocation", -1);
    assert_false(azattest_verification_result_is_valid(result));
    azattest_verification_result_free(result);
    assert_non_null(result = verify(sgx, set, at("2025-09-29"), azattest__bytes(NULL, 0)));
    verdict_want(result, sgx, "tcb_info", 0);
    verdict_want(result, sgx, "tcb_level", -1);
    verdict_want(result, sgx, "tcb_status", -1);
    assert_null(azattest_verification_result_tcb_status(result));
    azattest_verification_result_free(result);
    azattest_collateral_free(set);
    /* Beside the genuine file it does no harm: the one that verifies is used. */
    set = new_set();
    must_add(set, "collateral/neg-tcbinfo-status-changed.json");
    must_add(set, "collateral/tcbinfo-v3-sgx-00906ed50000.json");
    must_add(set, "collateral/tcb-signing.der");
    must_add(set, "collateral/intel-root.der");
    assert_non_null(result = verify(sgx, set, at("2025-09-29"), azattest__bytes(NULL, 0)));
    verdict_want(result, sgx, "tcb_info", 1);
    assert_string_equal(azattest_verification_result_tcb_status(result), "OutOfDate");
    azattest_verification_result_free(result);
    azattest_collateral_free(set);
}

/* The first item of that kind, which is the file's: it came first. */
static const azattest__json *described(const azattest__json *document, const char *kind)
{
    const azattest__json *item = azattest__json_first(azattest__json_get(document, "items"));

    while (item != NULL && strcmp(azattest__json_get_string(item, "kind"), kind) != 0)
        item = azattest__json_next(item);
    assert_non_null(item);
    return item;
}

static const char *kind_of(const char *file)
{
    return strstr(file, "crl") != NULL || strstr(file, "Crl") != NULL             ? "crl"
           : strstr(file, "identity") != NULL || strstr(file, "Identity") != NULL ? "qe_identity"
           : strstr(file, ".json") != NULL                                        ? "tcb_info"
                                                                                  : "certificate";
}

/* A description of what the facts say about each file. */
static void every_file_is_described_as_the_facts_say(void **state)
{
    size_t count = 0;

    (void)state;
    EVIDENCE_OR_SKIP();
    for (const azattest__json *entry = azattest__json_first(facts); entry != NULL; entry = azattest__json_next(entry)) {
        const char *file = azattest__json_name(entry);
        bool synthetic = strstr(file, "intel-qvl-sample/") != NULL, negative = strstr(file, "neg-") != NULL, good;
        azattest_collateral *set;
        azattest__json *document = NULL;
        const azattest__json *verifies;

        if (strncmp(file, "collateral/", 11) != 0)
            continue;
        set = new_set();
        must_add(set, file);
        for (size_t i = 0; i < 3; i++) /* whoever signed the others */
            must_add(set, synthetic ? (const char *[]){ "collateral/intel-qvl-sample/pckSignChain.pem",
                                                        "collateral/intel-qvl-sample/tcbSignChain.pem",
                                                        "collateral/intel-qvl-sample/trustedRootCaCert.pem" }[i]
                                    : (const char *[]){ "collateral/tcb-signing.der", "collateral/intel-root.der",
                                                        "collateral/phala-tdx-b0c06f000000.json" }[i]);
        assert_int_equal(azattest__json_parse(azattest_collateral_describe(set), &document, NULL), AZATTEST_OK);
        assert_non_null(verifies = azattest__json_get(described(document, kind_of(file)), "verifies"));
        assert_true(azattest__json_bool(verifies, &good));
        if (good == negative)
            fail_msg("%s: %s", file, (const char *)azattest_collateral_describe(set).ptr);
        azattest__json_free(document);
        azattest_collateral_free(set);
        count++;
    }
    assert_true(count >= 20);
}

static void a_missing_issuer_is_told_from_a_forged_signature(void **state)
{
    static const struct {
        const char *kind, *files[4];
        bool verifies, missing;
    } sets[] = {
        { "certificate", { "tcb-signing.der" }, false, true },
        { "certificate", { "tcb-signing.der", "intel-root.der" }, true, false },
        { "certificate", { "intel-root.der" }, true, false },
        { "tcb_info", { "tcbinfo-v3-sgx-00906ed50000.json" }, false, true },
        { "tcb_info", { "tcbinfo-v3-sgx-00906ed50000.json", "intel-root.der" }, false, true },
        { "tcb_info", { "tcbinfo-v3-sgx-00906ed50000.json", "tcb-signing.der" }, false, true },
        { "tcb_info", { "tcbinfo-v3-sgx-00906ed50000.json", "tcb-signing.der", "intel-root.der" }, true, false },
        { "tcb_info", { "neg-tcbinfo-status-changed.json" }, false, true },
        { "tcb_info", { "neg-tcbinfo-status-changed.json", "tcb-signing.der", "intel-root.der" }, false, false },
        { "crl", { "neg-pck-crl-bitflip.der" }, false, true },
        { "crl", { "neg-pck-crl-bitflip.der", "intel-root.der" }, false, true },
        { "crl", { "neg-pck-crl-bitflip.der", "phala-tdx-b0c06f000000.json" }, false, false },
    };
    char path[80];

    (void)state;
    for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
        azattest_collateral *set = new_set();
        azattest__json *document = NULL;
        const azattest__json *item;
        bool verifies, missing;

        for (size_t j = 0; sets[i].files[j] != NULL; j++) {
            snprintf(path, sizeof(path), "collateral/%s", sets[i].files[j]);
            must_add(set, path);
        }
        assert_int_equal(azattest__json_parse(azattest_collateral_describe(set), &document, NULL), AZATTEST_OK);
        assert_non_null(item = described(document, sets[i].kind));
        assert_true(azattest__json_bool(azattest__json_get(item, "verifies"), &verifies));
        assert_true(azattest__json_bool(azattest__json_get(item, "issuer_missing"), &missing));
        if (verifies != sets[i].verifies || missing != sets[i].missing)
            fail_msg("set %zu: %s", i, (const char *)azattest_collateral_describe(set).ptr);
        azattest__json_free(document);
        azattest_collateral_free(set);
    }
}

/* Flattened structures of the quote provider library, as Open Enclave's tests have one. */
static void a_structure_of_the_quote_provider_library_is_taken_apart(void **state)
{
    azattest_collateral *set = new_set();
    azattest_error *error = NULL;
    unsigned char *content;
    size_t len = 0;

    (void)state;
    EVIDENCE_OR_SKIP();
    content = evidence_read("openenclave/endorsements-tdx.bin", &len);
    assert_int_equal(azattest_collateral_add(set, azattest__bytes(content, len), NULL), AZATTEST_OK);
    assert_int_equal(set->document_count, 2);
    assert_int_equal(set->crl_count, 2);
    assert_int_equal(set->certificate_count, 3); /* two chains of the signer, one of the platform CA: each once */
    azattest_collateral_free(set);
    /* Cut anywhere it is refused, and leaves nothing behind. */
    set = new_set();
    for (size_t cut = 1; cut < len; cut += cut < 200 ? 1 : 37) {
        unsigned char *exact = malloc(cut);

        assert_non_null(exact);
        memcpy(exact, content, cut);
        assert_int_not_equal(azattest_collateral_add(set, azattest__bytes(exact, cut), &error), AZATTEST_OK);
        azattest_error_free(error);
        error = NULL;
        free(exact);
        assert_int_equal(set->document_count + set->crl_count + set->certificate_count, 0);
    }
    azattest_collateral_free(set);
    free(content);
}

static const azattest__x509 *same_key(const azattest_collateral *set, const azattest__x509 *certificate)
{
    for (size_t i = 0; i < set->certificate_count; i++)
        if (azattest__bytes_equal(set->certificates[i]->x509.spki, certificate->spki))
            return &set->certificates[i]->x509;
    return NULL;
}

/* A key is made once for certificates that have the same, byte for byte, and lives as long as whoever has it. */
static void a_pck_chain_has_the_keys_of_the_collateral(void **state)
{
    azattest_verify_options options = AZATTEST_VERIFY_OPTIONS_INIT;
    azattest_verification_result *result = NULL;
    azattest_evidence *evidence = NULL;
    const azattest__x509 *chain, *other;
    azattest_collateral *set;
    size_t len = 0, offset = 0;
    unsigned char *content;
    azattest_bytes block, body;

    (void)state;
    EVIDENCE_OR_SKIP();
    set = new_set();
    content = evidence_read("tdx/phala-v4.bin", &len);
    must_add(set, "collateral/phala-tdx-b0c06f000000.json");
    assert_int_equal(azattest_evidence_parse(azattest__bytes(content, len), &evidence, NULL), AZATTEST_OK);
    options.now_ms = at("2025-06-25");
    options.collateral = set;
    assert_int_equal(azattest_evidence_verify(evidence, &options, &result, NULL), AZATTEST_OK);
    assert_true(azattest_verification_result_is_valid(result));
    azattest_verification_result_free(result);
    chain = azattest__evidence_pck(evidence)->chain.certificates;
    assert_null(same_key(set, &chain[0]));
    for (size_t i = 1; i < AZATTEST__PCK_CHAIN; i++) {
        assert_non_null(other = same_key(set, &chain[i]));
        assert_ptr_equal(chain[i].key, other->key);
    }
    azattest_collateral_free(set);
    assert_int_equal(azattest__pck_check_chain(azattest__evidence_pck(evidence), NULL), AZATTEST_OK);
    azattest_evidence_free(evidence);
    /* A leaf whose key is another's on no byte but one is not read with that other's. */
    set = new_set();
    assert_true(azattest__pem_next(azattest__bytes(content, len), "CERTIFICATE", &offset, &block, &body));
    assert_int_equal(azattest_collateral_add(set, block, NULL), AZATTEST_OK);
    set->certificates[0]
        ->der[(const unsigned char *)set->certificates[0]->x509.spki.ptr + 90 - set->certificates[0]->der] ^= 1;
    options.collateral = set;
    assert_int_equal(azattest_evidence_parse(azattest__bytes(content, len), &evidence, NULL), AZATTEST_OK);
    assert_int_equal(azattest_evidence_verify(evidence, &options, &result, NULL), AZATTEST_OK);
    azattest_verification_result_free(result);
    assert_ptr_not_equal(azattest__evidence_pck(evidence)->chain.certificates[0].key, set->certificates[0]->x509.key);
    azattest_evidence_free(evidence);
    azattest_collateral_free(set);
    free(content);
}

/* The key that is pinned is the one whose hash is published. */
static void intels_root_key_is_known_by_every_byte(void **state)
{
    static const unsigned char published[AZATTEST__SHA256_SIZE] = {
        0xa0, 0xaf, 0x03, 0x12, 0x89, 0xf5, 0xd5, 0xd4, 0x13, 0x2f, 0x91, 0x86, 0x06, 0x8a, 0x7f, 0xc1,
        0x36, 0x28, 0x63, 0x3b, 0xa2, 0x35, 0x77, 0x74, 0x72, 0xe2, 0x9b, 0x6b, 0x6c, 0x67, 0xa4, 0x9e,
    };
    unsigned char hash[AZATTEST__SHA256_SIZE], changed[91];
    azattest_collateral *set;
    size_t known = 0;

    (void)state;
    EVIDENCE_OR_SKIP();
    set = new_set();
    must_add(set, "collateral/phala-tdx-b0c06f000000.json");
    for (size_t i = 0; i < set->certificate_count; i++) {
        azattest_bytes spki = set->certificates[i]->x509.spki;
        bool is_published;

        assert_int_equal(azattest__sha256(spki, hash, NULL), AZATTEST_OK);
        is_published = memcmp(hash, published, sizeof(hash)) == 0;
        assert_int_equal(azattest__intel_root_is_key(spki), is_published);
        known += is_published;
        assert_int_equal(spki.len, sizeof(changed));
        for (size_t bit = 0; is_published && bit < 8 * sizeof(changed); bit++) {
            memcpy(changed, spki.ptr, sizeof(changed));
            changed[bit / 8] ^= (unsigned char)(1 << bit % 8);
            assert_false(azattest__intel_root_is_key(azattest__bytes(changed, sizeof(changed))));
        }
        assert_false(azattest__intel_root_is_key(azattest__bytes(spki.ptr, spki.len - 1)));
    }
    assert_int_equal(known, 1);
    azattest_collateral_free(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_sample_reaches_the_level_that_the_facts_give),
        cmocka_unit_test(whole_sets_give_whole_verdicts),
        cmocka_unit_test(the_items_of_the_time_are_found_among_others),
        cmocka_unit_test(the_synthetic_set_of_intel_is_valid_under_its_root),
        cmocka_unit_test(forged_collateral_is_refused),
        cmocka_unit_test(every_file_is_described_as_the_facts_say),
        cmocka_unit_test(a_missing_issuer_is_told_from_a_forged_signature),
        cmocka_unit_test(a_structure_of_the_quote_provider_library_is_taken_apart),
        cmocka_unit_test(a_pck_chain_has_the_keys_of_the_collateral),
        cmocka_unit_test(intels_root_key_is_known_by_every_byte),
    };

    return cmocka_run_group_tests(tests, read_facts, free_facts);
}
