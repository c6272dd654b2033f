/* Verdicts: each check alone can make one invalid, none hides another, and no bit of a quote is out of their reach. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <azattest/azattest.h>

#include "base/encoding.h"
#include "crypto/issue.h"
#include "evidence/verdict/verification.h"
#include "json/json.h"
#include "quotes.h"

#define DAY INT64_C(86400)
#define YEAR (365 * DAY)
#define NOW (QUOTES_NOW_MS / 1000)
#define SGX_OID "1.2.840.113741.1.13.1"

static azattest_verify_options trusting(void)
{
    azattest_verify_options options = AZATTEST_VERIFY_OPTIONS_INIT;

    options.now_ms = QUOTES_NOW_MS;
    options.extra_roots = azattest_simulator_root_pem(quotes_simulator());
    return options;
}

static azattest_evidence *parsed(azattest__buf *quote)
{
    azattest_evidence *evidence = NULL;
    azattest_error *error = NULL;

    if (quotes_parse(quote->ptr, quote->len, &evidence, &error) != AZATTEST_OK)
        fail_msg("%s", azattest_error_message(error));
    azattest__buf_free(quote);
    return evidence;
}

static azattest_verification_result *verified(const azattest_evidence *evidence, const azattest_verify_options *options)
{
    azattest_verification_result *result = NULL;
    azattest_error *error = NULL;

    if (azattest_evidence_verify(evidence, options, &result, &error) != AZATTEST_OK)
        fail_msg("%s", azattest_error_message(error));
    return result;
}

static size_t index_of(const azattest_verification_result *result, const char *id)
{
    size_t i = 0;

    while (azattest_verification_result_check_id(result, i) != NULL &&
           strcmp(azattest_verification_result_check_id(result, i), id) != 0)
        i++;
    return i;
}

/* Exactly that one check failed, and its detail has that part; id NULL: the verdict is valid. */
static void expect_failure(const azattest_verification_result *result, const char *id, const char *detail)
{
    assert_int_equal(azattest_verification_result_is_valid(result), id == NULL);
    for (size_t i = 0; i < azattest_verification_result_check_count(result); i++) {
        const char *found = azattest_verification_result_check_id(result, i);

        if (azattest_verification_result_check_ok(result, i) == 0 && (id == NULL || strcmp(found, id) != 0))
            fail_msg("%s failed: %s", found, azattest_verification_result_check_detail(result, i));
    }
    if (id != NULL) {
        size_t i = index_of(result, id);

        assert_int_equal(azattest_verification_result_check_ok(result, i), 0);
        if (strstr(azattest_verification_result_check_detail(result, i), detail) == NULL)
            fail_msg("%s: \"%s\", expected \"%s\"", id, azattest_verification_result_check_detail(result, i), detail);
    }
}

/* Forgeries by somebody who has the platform's keys: the signatures are right, something else is not. */
static const unsigned char auth_bytes[65535];
static azattest__buf scratch; /* certification data that a forgery makes */

static void auth_of(azattest__quote_parts *parts, size_t len)
{
    parts->auth_data = azattest__bytes(auth_bytes, len);
}
static void auth_0(azattest__quote_parts *parts)
{
    auth_of(parts, 0);
}
static void auth_64(azattest__quote_parts *parts)
{
    auth_of(parts, 64);
}
static void auth_65535(azattest__quote_parts *parts)
{
    auth_of(parts, 65535);
}
static void debug_enclave(azattest__quote_parts *parts)
{
    parts->report[48] |= AZATTEST__SGX_FLAG_DEBUG;
}
static void debug_quoting_enclave(azattest__quote_parts *parts)
{
    parts->qe_report[48] |= AZATTEST__SGX_FLAG_DEBUG;
}
static void second_half_not_zero(azattest__quote_parts *parts)
{
    parts->qe_report[383] = 1;
}
static void root_signs_qe(azattest__quote_parts *parts)
{
    parts->pck_key = quotes_simulator()->platform.keys[LEVEL_ROOT];
}
static void attestation_key_signs_qe(azattest__quote_parts *parts)
{
    parts->pck_key = parts->attestation_key;
}
static void certification(azattest__quote_parts *parts, unsigned type, const char *data, size_t len)
{
    parts->certification_type = type;
    parts->certification = azattest__bytes(data, len);
}
static void type_0(azattest__quote_parts *parts)
{
    parts->certification_type = 0;
}
static void type_1(azattest__quote_parts *parts)
{
    certification(parts, 1, (const char *)auth_bytes, 36);
}
static void type_2(azattest__quote_parts *parts)
{
    certification(parts, 2, (const char *)auth_bytes, 276);
}
static void type_3(azattest__quote_parts *parts)
{
    certification(parts, 3, (const char *)auth_bytes, 404);
}
static void type_4(azattest__quote_parts *parts)
{
    parts->certification_type = 4;
}
static void type_6(azattest__quote_parts *parts)
{
    parts->certification_type = 6;
}
static void type_7(azattest__quote_parts *parts)
{
    certification(parts, 7, "", 0);
}
static void type_65535(azattest__quote_parts *parts)
{
    parts->certification_type = 65535;
}
static void no_pem(azattest__quote_parts *parts)
{
    certification(parts, 5, "", 0);
}
static void one_nul(azattest__quote_parts *parts)
{
    certification(parts, 5, "\0", 1);
}
static void text_for_pem(azattest__quote_parts *parts)
{
    certification(parts, 5, "certificates", 12);
}
static void empty_blocks(azattest__quote_parts *parts)
{
    static const char text[] = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n";

    certification(parts, 5, text, sizeof(text));
}
static void nonsense_block(azattest__quote_parts *parts)
{
    static const char text[] = "-----BEGIN CERTIFICATE-----\nAQID\n-----END CERTIFICATE-----\n";

    certification(parts, 5, text, sizeof(text));
}

/* The chain's certificates in another order or number, as digits: 2 leaf, 1 intermediate, 0 root. */
static void chain(azattest__quote_parts *parts, const char *levels, const char *front, const char *between)
{
    azattest__buf_init(&scratch, 65536);
    azattest__buf_append_text(&scratch, front);
    for (const char *level = levels; *level != '\0'; level++) {
        azattest__platform_put_certificate(quotes_simulator()->platform.certificates[*level - '0'], &scratch);
        azattest__buf_append_text(&scratch, between);
    }
    certification(parts, 5, (const char *)scratch.ptr, scratch.len);
}
static void without_nul(azattest__quote_parts *parts)
{
    chain(parts, "210", "", "");
}
static void leaf_alone(azattest__quote_parts *parts)
{
    chain(parts, "2", "", "");
}
static void without_intermediate(azattest__quote_parts *parts)
{
    chain(parts, "20", "", "");
}
static void without_root(azattest__quote_parts *parts)
{
    chain(parts, "21", "", "");
}
static void root_twice(azattest__quote_parts *parts)
{
    chain(parts, "2100", "", "");
}
static void root_first(azattest__quote_parts *parts)
{
    chain(parts, "012", "", "");
}
static void leaf_thrice(azattest__quote_parts *parts)
{
    chain(parts, "222", "", "");
}
static void leaf_root_root(azattest__quote_parts *parts)
{
    chain(parts, "200", "", "");
}
static void blank_lines(azattest__quote_parts *parts)
{
    chain(parts, "210", "", "\n\n");
}
static void comment_between(azattest__quote_parts *parts)
{
    chain(parts, "210", "", "# x\n");
}
static void comment_before(azattest__quote_parts *parts)
{
    chain(parts, "210", "# x\n", "");
}
static void two_nuls(azattest__quote_parts *parts)
{
    chain(parts, "210", "", "");
    azattest__buf_append(&scratch, "\0", 2);
    parts->certification = azattest__buf_bytes(&scratch);
}

/* Hierarchies of its own: what a caller's root may sign, and what is refused even under a trusted key. */
typedef struct hierarchy {
    azattest__key *keys[LEVELS];
    azattest__cert *certificates[LEVELS];
    azattest__cert_request requests[LEVELS];
    azattest__key *leaf_key; /* another kind of key, or NULL */
} hierarchy;

static azattest_bytes simulated_extension(void)
{
    bool twice;

    return azattest__cert_extension(quotes_simulator()->platform.certificates[LEVEL_PCK], SGX_OID, &twice);
}

static void hierarchy_begin(hierarchy *own)
{
    static const char *const names[] = { "a root", "a platform CA", "a leaf" };

    memset(own, 0, sizeof(*own));
    for (int i = 0; i < LEVELS; i++) {
        assert_int_equal(azattest__key_generate_ec("P-256", &own->keys[i], NULL), AZATTEST_OK);
        own->requests[i] = (azattest__cert_request){ .common_name = names[i],
                                                     .not_before = NOW - YEAR,
                                                     .not_after = NOW + YEAR,
                                                     .ca = i != LEVEL_PCK,
                                                     .path_length = -1 };
    }
    own->requests[LEVEL_PCK].extension_oid = SGX_OID;
    own->requests[LEVEL_PCK].extension_value = simulated_extension();
}

static void hierarchy_issue(hierarchy *own)
{
    for (int i = 0; i < LEVELS; i++)
        assert_int_equal(azattest__cert_issue(&own->requests[i], own->keys[i], i == 0 ? NULL : own->certificates[i - 1],
                                              i == 0 ? NULL : own->keys[i - 1], &own->certificates[i], NULL),
                         AZATTEST_OK);
}

static void hierarchy_free(hierarchy *own)
{
    for (int i = 0; i < LEVELS; i++) {
        azattest__key_free(own->keys[i]);
        azattest__cert_free(own->certificates[i]);
    }
}

static const struct forgery_case {
    const char *name;
    void (*forge)(azattest__quote_parts *parts);
    const char *id, *detail; /* NULL: valid */
} forgery_cases[] = {
    { "a quote as it should be", NULL, NULL, NULL },
    { "authentication data of no bytes are genuine", auth_0, NULL, NULL },
    { "authentication data of 64 bytes are genuine", auth_64, NULL, NULL },
    { "authentication data of 65535 bytes are genuine", auth_65535, NULL, NULL },
    { "a chain without a NUL behind it is genuine", without_nul, NULL, NULL },
    { "a debuggable enclave is valid with a warning", debug_enclave, NULL, NULL },
    { "a debuggable quoting enclave is refused", debug_quoting_enclave, "qe_report_debug", "is debuggable" },
    { "the second half of the quoting enclave's report data", second_half_not_zero, "qe_report_binding",
      "followed by zeros" },
    { "the root signs the quoting enclave's report", root_signs_qe, "qe_report_signature", "does not verify" },
    { "the attestation key signs its own quoting enclave", attestation_key_signs_qe, "qe_report_signature",
      "does not verify" },
    { "the leaf under the root", leaf_root_root, "pck_chain", "the leaf is not issued by the intermediate" },
};

/* These leave nothing to check other things with: the chain fails, its dependants are not run, nothing is valid. */
static const struct chain_case {
    const char *name;
    void (*forge)(azattest__quote_parts *parts);
    const char *id, *detail;
} chain_cases[] = {
    { "certification data of type 0", type_0, "certification_data", "type 0, unknown; expected 5" },
    { "certification data of type 1", type_1, "certification_data", "type 1, PPID in clear; expected 5" },
    { "certification data of type 2", type_2, "certification_data", "type 2, PPID encrypted" },
    { "certification data of type 3", type_3, "certification_data", "type 3, PPID encrypted" },
    { "certification data of type 4", type_4, "certification_data", "type 4, PCK certificate (PEM)" },
    { "certification data of type 6", type_6, "certification_data", "type 6" },
    { "certification data of type 7", type_7, "certification_data", "type 7, platform manifest" },
    { "certification data of type 65535", type_65535, "certification_data", "type 65535, unknown" },
    { "an empty chain", no_pem, "pck_chain", "empty" },
    { "a chain of one NUL", one_nul, "pck_chain", "empty" },
    { "a chain of text", text_for_pem, "pck_chain", "no certificate in PEM" },
    { "a chain of empty blocks", empty_blocks, "pck_chain", "leaf: not base64" },
    { "a chain of nonsense", nonsense_block, "pck_chain", "leaf: certificate: not X.509" },
    { "a chain of the leaf alone", leaf_alone, "pck_chain", "1 certificate, expected 3" },
    { "a chain without its intermediate", without_intermediate, "pck_chain", "2 certificates, expected 3" },
    { "a chain without its root", without_root, "pck_chain", "2 certificates, expected 3" },
    { "a chain of four", root_twice, "pck_chain", "more than 3 certificates" },
    { "blank lines in a chain", blank_lines, "pck_chain", "other text before or between" },
    { "a comment in a chain", comment_between, "pck_chain", "other text before or between" },
    { "a comment before a chain", comment_before, "pck_chain", "other text before or between" },
    { "two NULs behind a chain", two_nuls, "pck_chain", "other text behind" },
};

static azattest_evidence *forged(void (*forge)(azattest__quote_parts *parts))
{
    azattest__quote_parts parts = quotes_parts();
    azattest__buf quote;

    if (forge != NULL)
        forge(&parts);
    quote = quotes_assemble(&parts);
    azattest__buf_free(&scratch);
    return parsed(&quote);
}

static void forgery_is_judged(void **state)
{
    const struct forgery_case *test = *state;
    azattest_evidence *evidence = forged(test->forge);
    azattest_verify_options options = trusting();
    azattest_verification_result *result = verified(evidence, &options);

    expect_failure(result, test->id, test->detail);
    if (test->id == NULL)
        assert_string_equal(azattest_verification_result_root(result), "extra");
    azattest_verification_result_free(result);
    azattest_evidence_free(evidence);
}

static void chain_is_judged(void **state)
{
    const struct chain_case *test = *state;
    azattest_evidence *evidence = forged(test->forge);
    azattest_verify_options options = trusting();
    azattest_verification_result *result = verified(evidence, &options);
    size_t i = index_of(result, test->id);

    assert_false(azattest_verification_result_is_valid(result));
    assert_null(azattest_verification_result_root(result));
    assert_int_equal(azattest_verification_result_check_ok(result, i), 0);
    if (strstr(azattest_verification_result_check_detail(result, i), test->detail) == NULL)
        fail_msg("%s", azattest_verification_result_check_detail(result, i));
    assert_int_equal(azattest_verification_result_check_ok(result, index_of(result, "pck_chain")), 0);
    assert_int_equal(azattest_verification_result_check_ok(result, index_of(result, "pck_root")), -1);
    assert_int_equal(azattest_verification_result_check_ok(result, index_of(result, "pck_validity")), -1);
    /* What needs no chain was run all the same. */
    assert_int_equal(azattest_verification_result_check_ok(result, index_of(result, "qe_report_binding")), 1);
    assert_int_equal(azattest_verification_result_check_ok(result, index_of(result, "quote_signature")), 1);
    azattest_verification_result_free(result);
    azattest_evidence_free(evidence);
}

static void a_chain_in_another_order_is_none(void **state)
{
    void (*const forgeries[])(azattest__quote_parts *) = { root_first, leaf_thrice };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        azattest_evidence *evidence = forged(forgeries[i]);
        azattest_verify_options options = trusting();
        azattest_verification_result *result = verified(evidence, &options);

        assert_false(azattest_verification_result_is_valid(result));
        assert_null(azattest_verification_result_root(result));
        assert_int_equal(azattest_verification_result_check_ok(result, index_of(result, "pck_chain")), 0);
        assert_int_equal(azattest_verification_result_check_ok(result, index_of(result, "pck_root")), 0);
        azattest_verification_result_free(result);
        azattest_evidence_free(evidence);
    }
}

/* What a hierarchy is made like, and how it is judged when its root is trusted. */
static void nothing(hierarchy *own)
{
    (void)own;
}
static void leaf_is_ca(hierarchy *own)
{
    own->requests[LEVEL_PCK].ca = true;
}
static void intermediate_is_no_ca(hierarchy *own)
{
    own->requests[LEVEL_PLATFORM_CA].ca = false;
}
static void root_is_no_ca(hierarchy *own)
{
    own->requests[LEVEL_ROOT].ca = false;
}
static void root_path_length_0(hierarchy *own)
{
    own->requests[LEVEL_ROOT].path_length = 0;
}
static void path_lengths(hierarchy *own)
{
    own->requests[LEVEL_ROOT].path_length = 1;
    own->requests[LEVEL_PLATFORM_CA].path_length = 0;
}
static void replace_key(hierarchy *own, int level, azattest__key *key)
{
    azattest__key_free(own->keys[level]);
    own->keys[level] = key;
}
static void leaf_p384(hierarchy *own)
{
    azattest__key *key;

    assert_int_equal(azattest__key_generate_ec("P-384", &key, NULL), AZATTEST_OK);
    replace_key(own, LEVEL_PCK, key);
}
static void intermediate_rsa(hierarchy *own)
{
    azattest__key *key;

    assert_int_equal(azattest__key_generate_rsa(2048, &key, NULL), AZATTEST_OK);
    replace_key(own, LEVEL_PLATFORM_CA, key);
}
static void leaf_expired(hierarchy *own)
{
    own->requests[LEVEL_PCK].not_after = NOW - 1;
}
static void leaf_ends_now(hierarchy *own)
{
    own->requests[LEVEL_PCK].not_after = NOW;
}
static void intermediate_in_future(hierarchy *own)
{
    own->requests[LEVEL_PLATFORM_CA].not_before = NOW + 1;
}
static void intermediate_begins_now(hierarchy *own)
{
    own->requests[LEVEL_PLATFORM_CA].not_before = NOW;
}
static void root_expired(hierarchy *own)
{
    own->requests[LEVEL_ROOT].not_after = NOW - DAY;
}
static void no_extension(hierarchy *own)
{
    own->requests[LEVEL_PCK].extension_oid = NULL;
}
static void empty_extension(hierarchy *own)
{
    own->requests[LEVEL_PCK].extension_value = azattest__bytes("\x30\0", 2);
}
static void intel_names(hierarchy *own)
{
    own->requests[LEVEL_ROOT].common_name = "Intel SGX Root CA";
    own->requests[LEVEL_PLATFORM_CA].common_name = "Intel SGX PCK Platform CA";
    own->requests[LEVEL_PCK].common_name = "Intel SGX PCK Certificate";
}

static const struct hierarchy_case {
    const char *name;
    void (*change)(hierarchy *own);
    const char *id, *detail;
} hierarchy_cases[] = {
    { "a root of the caller's own need not have Intel's names", nothing, NULL, NULL },
    { "path lengths as Intel sets them", path_lengths, NULL, NULL },
    { "a leaf that is an authority", leaf_is_ca, "pck_chain", "the leaf is a certificate authority" },
    { "an intermediate that is no authority", intermediate_is_no_ca, "pck_chain",
      "the intermediate is not a certificate authority" },
    { "a root that is no authority", root_is_no_ca, "pck_chain", "the root is not a certificate authority" },
    { "a root that allows no intermediate", root_path_length_0, "pck_chain", "path length of the root is 0" },
    { "an intermediate with an RSA key", intermediate_rsa, "pck_chain", "the key of the intermediate is not" },
    { "a leaf that has ended", leaf_expired, "pck_validity", "the leaf is valid from" },
    { "a leaf in its last second", leaf_ends_now, NULL, NULL },
    { "an intermediate of the future", intermediate_in_future, "pck_validity", "the intermediate is valid from" },
    { "an intermediate in its first second", intermediate_begins_now, NULL, NULL },
    { "a root that has ended", root_expired, "pck_validity", "the root is valid from" },
    { "a leaf without SGX extensions", no_extension, "pck_extensions", "has none" },
    { "a leaf with empty SGX extensions", empty_extension, "pck_extensions", "is missing" },
};

/* A quote under that hierarchy, and its root as PEM. */
static azattest_evidence *under(hierarchy *own, azattest__buf *root)
{
    azattest__quote_parts parts = quotes_parts();
    azattest__buf quote;

    azattest__buf_init(root, 65536);
    azattest__buf_init(&scratch, 65536);
    for (int i = LEVELS - 1; i >= 0; i--)
        azattest__platform_put_certificate(own->certificates[i], &scratch);
    azattest__platform_put_certificate(own->certificates[LEVEL_ROOT], root);
    parts.certification = azattest__buf_bytes(&scratch);
    if (strcmp(azattest__key_type(own->keys[LEVEL_PCK]), "EC") == 0 &&
        strcmp(azattest__key_curve(own->keys[LEVEL_PCK]), "P-256") == 0)
        parts.pck_key = own->keys[LEVEL_PCK];
    quote = quotes_assemble(&parts);
    azattest__buf_free(&scratch);
    return parsed(&quote);
}

static void hierarchy_is_judged(void **state)
{
    const struct hierarchy_case *test = *state;
    azattest_verify_options options = AZATTEST_VERIFY_OPTIONS_INIT;
    azattest_verification_result *result;
    azattest_evidence *evidence;
    azattest__buf root;
    hierarchy own;

    hierarchy_begin(&own);
    test->change(&own);
    hierarchy_issue(&own);
    evidence = under(&own, &root);
    options.now_ms = QUOTES_NOW_MS;
    options.extra_roots = azattest__buf_bytes(&root);
    result = verified(evidence, &options);
    expect_failure(result, test->id, test->detail);
    azattest_verification_result_free(result);
    azattest_evidence_free(evidence);
    azattest__buf_free(&root);
    hierarchy_free(&own);
}

static void a_leaf_key_of_another_curve_fails_all_that_needs_it(void **state)
{
    azattest_verify_options options = AZATTEST_VERIFY_OPTIONS_INIT;
    azattest_verification_result *result;
    azattest_evidence *evidence;
    azattest__buf root;
    hierarchy own;

    (void)state;
    hierarchy_begin(&own);
    leaf_p384(&own);
    hierarchy_issue(&own);
    evidence = under(&own, &root);
    options.now_ms = QUOTES_NOW_MS;
    options.extra_roots = azattest__buf_bytes(&root);
    result = verified(evidence, &options);
    assert_false(azattest_verification_result_is_valid(result));
    assert_int_equal(azattest_verification_result_check_ok(result, index_of(result, "pck_chain")), 0);
    assert_int_equal(azattest_verification_result_check_ok(result, index_of(result, "qe_report_signature")), 0);
    azattest_verification_result_free(result);
    azattest_evidence_free(evidence);
    azattest__buf_free(&root);
    hierarchy_free(&own);
}

/* Names prove nothing: only the key makes a root Intel's. */
static void a_root_with_intels_name_is_not_intels(void **state)
{
    azattest_verify_options options = AZATTEST_VERIFY_OPTIONS_INIT;
    azattest_verification_result *result;
    azattest_evidence *evidence;
    azattest__buf root;
    hierarchy own;

    (void)state;
    hierarchy_begin(&own);
    intel_names(&own);
    hierarchy_issue(&own);
    evidence = under(&own, &root);
    options.now_ms = QUOTES_NOW_MS;
    result = verified(evidence, &options);
    expect_failure(result, "pck_root", "not that of Intel's SGX root CA");
    assert_null(azattest_verification_result_root(result));
    azattest_verification_result_free(result);
    azattest_evidence_free(evidence);
    azattest__buf_free(&root);
    hierarchy_free(&own);
}

/* Under Intel's key nothing but a PCK chain counts: its other certificates have other names. */
static void names_of_intels_hierarchy(void **state)
{
    static const char *const leaves[] = { "Intel SGX PCK Certificate", "Intel SGX TCB Signing" };
    azattest_error *error = NULL;

    (void)state;
    for (int i = 0; i < 2; i++) {
        azattest__pck pck = { .chain.count = AZATTEST__PCK_CHAIN };
        hierarchy own;

        hierarchy_begin(&own);
        intel_names(&own);
        own.requests[LEVEL_PCK].common_name = leaves[i];
        hierarchy_issue(&own);
        for (int level = 0; level < LEVELS; level++)
            assert_int_equal(azattest__x509_read(azattest__cert_der(own.certificates[level]),
                                                 &pck.chain.certificates[LEVELS - 1 - level], NULL),
                             AZATTEST_OK);
        quotes_expect(azattest__pck_check_names(&pck, &error), &error,
                      i == 0 ? AZATTEST_OK : AZATTEST_E_EVIDENCE_INVALID,
                      i == 0 ? NULL : "the leaf under Intel's root has not the name of one");
        azattest__pck_clear(&pck);
        hierarchy_free(&own);
    }
}

static void the_simulators_root_is_trusted_only_when_told(void **state)
{
    azattest_evidence *evidence = forged(NULL);
    azattest_verify_options options = trusting();
    azattest_verification_result *result;

    (void)state;
    options.extra_roots = azattest__bytes(NULL, 0);
    result = verified(evidence, &options);
    expect_failure(result, "pck_root", "not that of Intel's SGX root CA");
    assert_null(azattest_verification_result_root(result));
    azattest_verification_result_free(result);
    options = trusting();
    result = verified(evidence, &options);
    expect_failure(result, NULL, NULL);
    assert_int_equal(azattest_verification_result_warning_count(result), 1);
    assert_non_null(strstr(azattest_verification_result_warning(result, 0), "EXTRA ROOT: "));
    assert_non_null(strstr(azattest_verification_result_warning(result, 0), "azattest Simulated SGX Root CA"));
    azattest_verification_result_free(result);
    azattest_evidence_free(evidence);
}

static void debug_is_a_warning_and_refused_on_request(void **state)
{
    azattest_evidence *evidence = forged(debug_enclave);
    azattest_verify_options options = trusting();
    azattest_verification_result *result = verified(evidence, &options);

    (void)state;
    expect_failure(result, NULL, NULL);
    assert_int_equal(azattest_verification_result_warning_count(result), 2);
    assert_int_equal(strncmp(azattest_verification_result_warning(result, 1), "DEBUG: ", 7), 0);
    azattest_verification_result_free(result);
    options.allow_debug = AZATTEST_OFF;
    result = verified(evidence, &options);
    expect_failure(result, "debug", "the enclave is debuggable");
    azattest_verification_result_free(result);
    azattest_evidence_free(evidence);
    evidence = forged(NULL);
    result = verified(evidence, &options);
    expect_failure(result, NULL, NULL);
    assert_int_equal(azattest_verification_result_check_ok(result, index_of(result, "debug")), 1);
    azattest_verification_result_free(result);
    azattest_evidence_free(evidence);
}

static void runtime_data_are_bound_when_given(void **state)
{
    azattest_evidence *evidence = forged(NULL);
    azattest_verify_options options = trusting();
    azattest_verification_result *result;

    (void)state;
    options.runtime_data = azattest__text(QUOTES_RUNTIME_DATA);
    result = verified(evidence, &options);
    expect_failure(result, NULL, NULL);
    assert_int_equal(azattest_verification_result_check_ok(result, index_of(result, "runtime_data")), 1);
    azattest_verification_result_free(result);
    options.runtime_data = azattest__bytes("", 0); /* given, and empty */
    result = verified(evidence, &options);
    expect_failure(result, "runtime_data", "is not the first half of the report data");
    azattest_verification_result_free(result);
    azattest_evidence_free(evidence);
}

/* A JSON document around a quote; the pieces of text go between. */
static azattest_evidence *from_document(const char *members)
{
    azattest__buf quote = quotes_quote(), text;
    azattest_evidence *evidence = NULL;

    azattest__buf_init(&text, AZATTEST_LIMIT_EVIDENCE_FILE);
    azattest__buf_append_text(&text, "{\"QuoteHex\":\"");
    azattest__hex_encode(azattest__buf_bytes(&quote), &text);
    azattest__buf_append_text(&text, "\"");
    azattest__buf_append_text(&text, members);
    azattest__buf_append_text(&text, "}");
    assert_int_equal(azattest_evidence_load(azattest__buf_bytes(&text), &evidence, NULL), AZATTEST_OK);
    azattest__buf_free(&quote);
    azattest__buf_free(&text);
    return evidence;
}

static const struct document_case {
    const char *name, *members;
    const char *runtime_data; /* option, or NULL */
    const char *id, *detail;
} document_cases[] = {
    { "held data that are bound", ",\"EnclaveHeldDataHex\":\"72756e74696d652064617461\"", NULL, NULL, NULL },
    { "held data that are not bound", ",\"EnclaveHeldDataHex\":\"72756e74696d652064617462\"", NULL, "runtime_data",
      "the held data of the document (12 bytes)" },
    { "empty held data", ",\"EnclaveHeldDataHex\":\"\"", NULL, "runtime_data", "(0 bytes)" },
    { "held data that are the runtime data", ",\"EnclaveHeldDataHex\":\"72756e74696d652064617461\"",
      QUOTES_RUNTIME_DATA, NULL, NULL },
    { "runtime data that are not the held data", ",\"EnclaveHeldDataHex\":\"00\"", QUOTES_RUNTIME_DATA, "runtime_data",
      "are not the runtime data that were given" },
    { "product id and version that are so",
      ",\"ProductIdHex\":\"07000000000000000000000000000000\",\"SecurityVersion\":11", NULL, NULL, NULL },
    { "another product id", ",\"ProductIdHex\":\"08000000000000000000000000000000\",\"SecurityVersion\":11", NULL,
      "document_fields", "ProductIdHex is not that of the quote" },
    { "a product id of 2 bytes", ",\"ProductIdHex\":\"0700\"", NULL, "document_fields", "ProductIdHex is not" },
    { "another version", ",\"SecurityVersion\":12", NULL, "document_fields", "SecurityVersion is not 11" },
    { "a version that is text", ",\"SecurityVersion\":\"11\"", NULL, "document_fields", "SecurityVersion is not 11" },
    { "another enclave and signer", ",\"MrEnclaveHex\":\"00\",\"MrSignerHex\":\"00\"", NULL, "document_fields",
      "MrEnclaveHex is not that of the quote; MrSignerHex is not that of the quote" },
};

static void document_is_judged(void **state)
{
    const struct document_case *test = *state;
    azattest_evidence *evidence = from_document(test->members);
    azattest_verify_options options = trusting();
    azattest_verification_result *result;

    if (test->runtime_data != NULL)
        options.runtime_data = azattest__text(test->runtime_data);
    result = verified(evidence, &options);
    expect_failure(result, test->id, test->detail);
    azattest_verification_result_free(result);
    azattest_evidence_free(evidence);
}

/* Bytes behind a quote, and what is made of them. */
static void trailing(const char *behind, size_t len, bool report, const char *id, const char *detail)
{
    azattest_verify_options options = trusting();
    azattest_verification_result *result;
    azattest_evidence *evidence;
    azattest__buf bytes = report ? quotes_report() : quotes_quote();

    azattest__buf_append(&bytes, behind, len);
    if (report)
        bytes.ptr[8] = (unsigned char)(bytes.ptr[8] + len); /* the header's size; no carry, or the parser says so */
    evidence = parsed(&bytes);
    result = verified(evidence, &options);
    expect_failure(result, id, detail);
    assert_int_equal(evidence->trailing.len, len);
    azattest_verification_result_free(result);
    azattest_evidence_free(evidence);
}

static void bytes_behind_the_quote(void **state)
{
    (void)state;
    trailing((const char *)auth_bytes, 3065, false, NULL, NULL);
    trailing("\0\0\0\1", 4, false, "trailing_bytes", "4 bytes behind the quote, not all zero");
    trailing("\1\0\0\0", 4, false, "trailing_bytes", "not all zero");
    trailing("\0", 1, true, "trailing_bytes", "in the Open Enclave report, expected none");
}

/* Open Enclave evidence: header of 32 bytes, then the quote, then the claims. */
static azattest__buf evidence_of(const char *format, azattest_bytes claims, bool report)
{
    azattest__quote_parts parts = quotes_parts();
    unsigned char header[32] = { 3, 0, 0, 0 }, report_header[16] = { 1, 0, 0, 0, 2, 0, 0, 0 };
    azattest__buf quote, out;
    size_t size;

    assert_int_equal(azattest__sha256(claims, parts.report + 320, NULL), AZATTEST_OK);
    quote = quotes_assemble(&parts);
    memcpy(header + 4, format, 16);
    memset(header + 20, 0xa5, 4); /* the padding holds whatever was in memory */
    size = quote.len + claims.len + (report ? 16 : 0);
    header[24] = (unsigned char)size;
    header[25] = (unsigned char)(size >> 8);
    header[26] = (unsigned char)(size >> 16);
    report_header[8] = (unsigned char)quote.len;
    report_header[9] = (unsigned char)(quote.len >> 8);
    azattest__buf_init(&out, AZATTEST_LIMIT_EVIDENCE);
    azattest__buf_append(&out, header, sizeof(header));
    if (report)
        azattest__buf_append(&out, report_header, sizeof(report_header));
    azattest__buf_append_bytes(&out, azattest__buf_bytes(&quote));
    azattest__buf_append_bytes(&out, claims);
    azattest__buf_free(&quote);
    return out;
}
#define FORMAT_SGX_ECDSA "\xa3\xa2\x1e\x87\x1b\x4d\x40\x14\xb7\x0a\xa1\x25\xd2\xfb\xcd\x8c"
#define FORMAT_LEGACY "\xc8\x30\x34\x54\xd9\x23\x4c\x2c\xa6\x91\xdf\x7d\xef\x46\x0a\x76"
#define FORMAT_RAW "\x19\x23\xd9\x1e\x12\xd2\x4c\x72\xb2\x20\x25\xcd\x8d\xac\xe8\x71"

static void open_enclave_evidence_binds_its_claims(void **state)
{
    static const char claims[] = "\1\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\5\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0name\0\xca\xfe";
    const azattest_bytes all[] = { azattest__bytes("", 0), azattest__bytes(claims, sizeof(claims) - 1),
                                   azattest__text("anything at all") };
    azattest_verify_options options = trusting();
    azattest_verification_result *result;
    azattest_evidence *evidence;
    azattest__buf bytes;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        bytes = evidence_of(FORMAT_SGX_ECDSA, all[i], false);
        evidence = parsed(&bytes);
        assert_string_equal(azattest_evidence_kind(evidence), "open_enclave_report");
        assert_string_equal(evidence->format, "SGX_ECDSA");
        assert_true(azattest__bytes_equal(evidence->claims, all[i]));
        assert_int_equal(strstr((const char *)azattest_evidence_fields(evidence).ptr,
                                "{\"name\":\"name\",\"value\":\"cafe\"}") != NULL,
                         i == 1);
        result = verified(evidence, &options);
        expect_failure(result, NULL, NULL);
        assert_int_equal(azattest_verification_result_check_ok(result, index_of(result, "claims_hash")), 1);
        azattest_verification_result_free(result);
        azattest_evidence_free(evidence);
    }
    bytes = evidence_of(FORMAT_SGX_ECDSA, all[1], false);
    bytes.ptr[bytes.len - 1] ^= 1;
    evidence = parsed(&bytes);
    result = verified(evidence, &options);
    expect_failure(result, "claims_hash", "the SHA-256 of the custom claims");
    azattest_verification_result_free(result);
    azattest_evidence_free(evidence);
}

/* Each character of such a name is six in JSON: the largest evidence has fields and a verdict's text too. */
static void claims_with_the_worst_of_names_are_told(void **state)
{
    static unsigned char claims[AZATTEST_LIMIT_EVIDENCE - 8192] = { 1, [8] = 1 };
    const size_t name = sizeof(claims) - 32; /* with its NUL */
    azattest_verify_options options = trusting();
    azattest_verification_result *result;
    azattest_evidence *evidence;
    azattest__buf bytes;

    (void)state;
    for (size_t i = 0; i < 8; i++)
        claims[16 + i] = (unsigned char)(name >> (8 * i));
    memset(claims + 32, 1, name - 1);
    bytes = evidence_of(FORMAT_SGX_ECDSA, azattest__bytes(claims, sizeof(claims)), false);
    assert_in_range(bytes.len, AZATTEST_LIMIT_EVIDENCE - 8192, AZATTEST_LIMIT_EVIDENCE);
    evidence = parsed(&bytes);
    assert_non_null(strstr((const char *)azattest_evidence_fields(evidence).ptr, "\\u0001\\u0001"));
    result = verified(evidence, &options);
    assert_true(azattest_verification_result_is_valid(result));
    assert_true(azattest_verification_result_json(result).len > azattest_evidence_fields(evidence).len);
    azattest_verification_result_free(result);
    azattest_evidence_free(evidence);
}

static void open_enclave_evidence_of_other_formats_is_unwrapped(void **state)
{
    azattest_verify_options options = trusting();
    azattest__buf files[2] = { evidence_of(FORMAT_LEGACY, azattest__bytes("", 0), true),
                               evidence_of(FORMAT_RAW, azattest__bytes("", 0), false) };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        azattest_evidence *evidence = parsed(&files[i]);
        azattest_verification_result *result = verified(evidence, &options);

        assert_string_equal(evidence->format, i == 0 ? "LEGACY_REPORT_REMOTE" : "RAW_SGX_QUOTE_ECDSA");
        expect_failure(result, NULL, NULL);
        assert_null(azattest_verification_result_check_id(result, index_of(result, "claims_hash")));
        azattest_verification_result_free(result);
        azattest_evidence_free(evidence);
    }
}

static void two_findings_are_both_reported(void **state)
{
    azattest_verify_options options = trusting();
    azattest_verification_result *result;
    azattest_evidence *evidence;
    azattest__buf quote = quotes_quote();

    (void)state;
    quote.ptr[436] ^= 1;  /* quote signature */
    quote.ptr[1014] ^= 1; /* authentication data */
    evidence = parsed(&quote);
    options.now_ms = 1000; /* 1970: no certificate lives */
    options.extra_roots = azattest__bytes(NULL, 0);
    options.allow_debug = AZATTEST_OFF;
    result = verified(evidence, &options);
    assert_false(azattest_verification_result_is_valid(result));
    for (size_t i = 0; i < azattest_verification_result_check_count(result); i++) {
        static const char *const failing[] = { "quote_signature", "qe_report_binding", "pck_validity", "pck_root" };
        const char *id = azattest_verification_result_check_id(result, i);
        bool fails = false;

        for (size_t j = 0; j < 4; j++)
            fails = fails || strcmp(id, failing[j]) == 0;
        if (azattest_verification_result_check_ok(result, i) >= 0)
            assert_int_equal(azattest_verification_result_check_ok(result, i), fails ? 0 : 1);
    }
    azattest_verification_result_free(result);
    azattest_evidence_free(evidence);
}

/* A bit of every byte, a different one each time: not one change may pass. */
static void flipped(azattest__buf *bytes)
{
    azattest_verify_options options = trusting();

    for (size_t i = 0; i < bytes->len; i++) {
        azattest_verification_result *result = NULL;
        azattest_evidence *evidence = NULL;
        unsigned char bit = (unsigned char)(1u << (i % 8));

        bytes->ptr[i] ^= bit;
        if (quotes_parse(bytes->ptr, bytes->len, &evidence, NULL) == AZATTEST_OK) {
            result = verified(evidence, &options);
            if (azattest_verification_result_is_valid(result))
                fail_msg("bit 0x%02x of byte %zu of %zu can be changed unnoticed", bit, i, bytes->len);
        }
        azattest_verification_result_free(result);
        azattest_evidence_free(evidence);
        bytes->ptr[i] ^= bit;
    }
    azattest__buf_free(bytes);
}

static void no_bit_of_a_quote_changes_unnoticed(void **state)
{
    azattest__buf quote = quotes_quote();

    (void)state;
    flipped(&quote);
}

static void no_bit_of_a_reports_header_changes_unnoticed(void **state)
{
    azattest__buf report = quotes_report();

    (void)state;
    for (size_t i = 0; i < 16 * 8; i++) {
        azattest_evidence *evidence = NULL;

        report.ptr[i / 8] ^= (unsigned char)(1u << i % 8);
        assert_int_not_equal(quotes_parse(report.ptr, report.len, &evidence, NULL), AZATTEST_OK);
        report.ptr[i / 8] ^= (unsigned char)(1u << i % 8);
    }
    azattest__buf_free(&report);
}

/* The header's padding alone is free: Open Enclave does not set it, so that it has no right value. */
static void no_bit_of_open_enclave_evidence_changes_unnoticed_but_padding(void **state)
{
    azattest__buf bytes = evidence_of(FORMAT_SGX_ECDSA, azattest__text("claims"), false);
    azattest_verify_options options = trusting();

    (void)state;
    for (size_t i = 0; i < bytes.len; i = i == 32 ? bytes.len - 16 : i + 1) { /* the quote has its own test */
        azattest_verification_result *result = NULL;
        azattest_evidence *evidence = NULL;
        bool valid = false;

        bytes.ptr[i] ^= 4;
        if (quotes_parse(bytes.ptr, bytes.len, &evidence, NULL) == AZATTEST_OK) {
            result = verified(evidence, &options);
            valid = azattest_verification_result_is_valid(result);
        }
        assert_int_equal(valid, i >= 20 && i < 24);
        azattest_verification_result_free(result);
        azattest_evidence_free(evidence);
        bytes.ptr[i] ^= 4;
    }
    azattest__buf_free(&bytes);
}

static void the_verdict_as_json_says_the_same(void **state)
{
    azattest_evidence *evidence = forged(debug_enclave);
    azattest_verify_options options = trusting();
    azattest_verification_result *result = verified(evidence, &options);
    azattest__json *document = NULL;
    const azattest__json *check;
    size_t i = 0;

    (void)state;
    assert_int_equal(azattest__json_parse(azattest_verification_result_json(result), &document, NULL), AZATTEST_OK);
    assert_string_equal(azattest__json_get_string(document, "kind"), "sgx_quote");
    assert_string_equal(azattest__json_get_string(document, "verdict"), "valid");
    assert_string_equal(azattest__json_get_string(document, "root"), "extra");
    assert_int_equal(azattest__json_count(azattest__json_get(document, "warnings")), 2);
    for (check = azattest__json_first(azattest__json_get(document, "checks")); check != NULL;
         check = azattest__json_next(check), i++) {
        bool ok = false;
        int expected = azattest_verification_result_check_ok(result, i);

        assert_string_equal(azattest__json_get_string(check, "id"), azattest_verification_result_check_id(result, i));
        assert_string_equal(azattest__json_get_string(check, "detail"),
                            azattest_verification_result_check_detail(result, i));
        assert_int_equal(azattest__json_bool(azattest__json_get(check, "ok"), &ok) ? (ok ? 1 : 0) : -1, expected);
    }
    assert_int_equal(i, azattest_verification_result_check_count(result));
    assert_non_null(azattest__json_get(azattest__json_get(document, "fields"), "report"));
    azattest__json_free(document);
    azattest_verification_result_free(result);
    azattest_evidence_free(evidence);
}

static void what_is_not_checked_is_always_said(void **state)
{
    static const char *const left_out[] = { "tcb", "revocation", "qe_identity" };
    azattest_evidence *evidence = forged(NULL);
    azattest_verify_options options = trusting();
    azattest_verification_result *result = verified(evidence, &options);

    (void)state;
    assert_int_equal(azattest_verification_result_not_checked_count(result), 3);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(azattest_verification_result_not_checked(result, i), left_out[i]);
        assert_string_equal(azattest_verification_result_check_id(result, index_of(result, left_out[i])), left_out[i]);
        assert_int_equal(azattest_verification_result_check_ok(result, index_of(result, left_out[i])), -1);
    }
    assert_null(azattest_verification_result_not_checked(result, 3));
    azattest_verification_result_free(result);
    azattest_evidence_free(evidence);
}

/* The heart of a verdict: whatever was left out makes it invalid. */
static void a_verdict_without_a_required_check_is_invalid(void **state)
{
    azattest_verification_result *result = calloc(1, sizeof(*result));

    (void)state;
    assert_non_null(result);
    assert_false(azattest_verification_result_is_valid(result));
    azattest__verification_add(result, "optional", false, "not run");
    assert_false(azattest_verification_result_is_valid(result));
    azattest__verification_add(result, "a", true, "not run");
    azattest__verification_add(result, "b", true, "not run");
    assert_false(azattest_verification_result_is_valid(result));
    assert_int_equal(azattest__verification_set(result, "a", true, "seen"), AZATTEST_OK);
    assert_false(azattest_verification_result_is_valid(result));
    assert_int_equal(azattest__verification_set(result, "b", true, "seen"), AZATTEST_OK);
    assert_true(azattest_verification_result_is_valid(result));
    assert_int_equal(azattest__verification_skip(result, "b", "not run"), AZATTEST_OK);
    assert_false(azattest_verification_result_is_valid(result));
    azattest_verification_result_free(result);
}

static void options_are_checked(void **state)
{
    azattest_evidence *evidence = forged(NULL);
    azattest_verification_result *result = NULL;
    azattest_verify_options options = trusting();
    azattest_error *error = NULL;

    (void)state;
    options.size = 1;
    quotes_expect(azattest_evidence_verify(evidence, &options, &result, &error), &error, AZATTEST_E_ARGUMENT,
                  "size is 1");
    options = trusting();
    options.allow_debug = (azattest_switch)7;
    quotes_expect(azattest_evidence_verify(evidence, &options, &result, &error), &error, AZATTEST_E_ARGUMENT,
                  "allow_debug is 7");
    options = trusting();
    options.extra_roots = azattest__text("no PEM");
    quotes_expect(azattest_evidence_verify(evidence, &options, &result, &error), &error, AZATTEST_E_ARGUMENT,
                  "no certificate in PEM");
    options.extra_roots = azattest__text("-----BEGIN CERTIFICATE-----\nAQID\n-----END CERTIFICATE-----\n");
    quotes_expect(azattest_evidence_verify(evidence, &options, &result, &error), &error, AZATTEST_E_ARGUMENT,
                  "extra roots: certificate 1");
    options = trusting();
    options.runtime_data = azattest__bytes(auth_bytes, AZATTEST_LIMIT_RUNTIME_DATA + 1);
    quotes_expect(azattest_evidence_verify(evidence, &options, &result, &error), &error, AZATTEST_E_LIMIT,
                  "runtime data of 1048577 bytes");
    quotes_expect(azattest_evidence_verify(NULL, NULL, &result, &error), &error, AZATTEST_E_ARGUMENT, "no evidence");
    assert_int_equal(azattest_evidence_verify(evidence, NULL, NULL, NULL), AZATTEST_E_ARGUMENT);
    assert_null(result);
    azattest_evidence_free(evidence);
}

static void readers_accept_no_result(void **state)
{
    (void)state;
    assert_false(azattest_verification_result_is_valid(NULL));
    assert_int_equal(azattest_verification_result_check_count(NULL), 0);
    assert_null(azattest_verification_result_check_id(NULL, 0));
    assert_int_equal(azattest_verification_result_check_ok(NULL, 0), -1);
    assert_null(azattest_verification_result_check_detail(NULL, 0));
    assert_int_equal(azattest_verification_result_warning_count(NULL), 0);
    assert_null(azattest_verification_result_warning(NULL, 0));
    assert_int_equal(azattest_verification_result_not_checked_count(NULL), 0);
    assert_null(azattest_verification_result_not_checked(NULL, 0));
    assert_null(azattest_verification_result_root(NULL));
    assert_null(azattest_verification_result_json(NULL).ptr);
    azattest_verification_result_free(NULL);
}

static int close_simulator(void **state)
{
    (void)state;
    quotes_close();
    return 0;
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ADD(cases, function)                                                                                           \
    for (size_t i = 0; i < COUNT(cases); i++)                                                                          \
        tests[count++] = (struct CMUnitTest)                                                                           \
        {                                                                                                              \
            (cases)[i].name, function, NULL, NULL, (void *)(uintptr_t) & (cases)[i]                                    \
        }

int main(void)
{
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(a_chain_in_another_order_is_none),
        cmocka_unit_test(a_leaf_key_of_another_curve_fails_all_that_needs_it),
        cmocka_unit_test(a_root_with_intels_name_is_not_intels),
        cmocka_unit_test(names_of_intels_hierarchy),
        cmocka_unit_test(the_simulators_root_is_trusted_only_when_told),
        cmocka_unit_test(debug_is_a_warning_and_refused_on_request),
        cmocka_unit_test(runtime_data_are_bound_when_given),
        cmocka_unit_test(bytes_behind_the_quote),
        cmocka_unit_test(open_enclave_evidence_binds_its_claims),
        cmocka_unit_test(claims_with_the_worst_of_names_are_told),
        cmocka_unit_test(open_enclave_evidence_of_other_formats_is_unwrapped),
        cmocka_unit_test(two_findings_are_both_reported),
        cmocka_unit_test(no_bit_of_a_quote_changes_unnoticed),
        cmocka_unit_test(no_bit_of_a_reports_header_changes_unnoticed),
        cmocka_unit_test(no_bit_of_open_enclave_evidence_changes_unnoticed_but_padding),
        cmocka_unit_test(the_verdict_as_json_says_the_same),
        cmocka_unit_test(what_is_not_checked_is_always_said),
        cmocka_unit_test(a_verdict_without_a_required_check_is_invalid),
        cmocka_unit_test(options_are_checked),
        cmocka_unit_test(readers_accept_no_result),
    };
    struct CMUnitTest tests[COUNT(forgery_cases) + COUNT(chain_cases) + COUNT(hierarchy_cases) + COUNT(document_cases) +
                            COUNT(others)];
    size_t count = 0;

    ADD(forgery_cases, forgery_is_judged);
    ADD(chain_cases, chain_is_judged);
    ADD(hierarchy_cases, hierarchy_is_judged);
    ADD(document_cases, document_is_judged);
    for (size_t i = 0; i < COUNT(others); i++)
        tests[count++] = others[i];
    return cmocka_run_group_tests_name("evidence_verify", tests, NULL, close_simulator);
}
