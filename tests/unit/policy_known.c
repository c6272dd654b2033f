/* The default policies and the hashes that have a name, against the published texts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <azattest/azattest.h>

#include "base/encoding.h"
#include "evidence.h"
#include "policy/vocabulary/known.h"

static azattest_bytes hash_of(const char *base64url, unsigned char bytes[32])
{
    azattest__buf out;

    azattest__buf_init(&out, 64);
    assert_true(azattest__base64url_decode(azattest__text(base64url), &out));
    assert_int_equal(out.len, 32);
    memcpy(bytes, out.ptr, 32);
    azattest__buf_free(&out);
    return azattest__bytes(bytes, 32);
}

static void every_known_text_has_its_hash(void **state)
{
    size_t count, texts = 0;
    const azattest__known_policy *known = azattest__known_policies(&count);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        unsigned char bytes[32], hash[AZATTEST_HASH_SIZE];
        azattest_bytes wanted = hash_of(known[i].hash, bytes);

        assert_string_equal(azattest_policy_known_name(wanted), known[i].name);
        if (known[i].text == NULL)
            continue;
        assert_int_equal(azattest_policy_hash(azattest__text(known[i].text), hash, NULL), AZATTEST_OK);
        if (memcmp(hash, bytes, sizeof(hash)) != 0)
            fail_msg("%s", known[i].name);
        texts++;
    }
    assert_int_equal(count, 10);
    assert_int_equal(texts, 8);
}

static void every_known_text_is_a_policy(void **state)
{
    size_t count;
    const azattest__known_policy *known = azattest__known_policies(&count);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        azattest_policy *policy = NULL;

        if (known[i].text == NULL)
            continue;
        assert_int_equal(azattest_policy_parse(azattest__text(known[i].text), NULL, &policy, NULL), AZATTEST_OK);
        assert_string_equal(azattest_policy_known_name(azattest_policy_policy_hash(policy)), known[i].name);
        azattest_policy_free(policy);
    }
}

static void published_texts_are_known_by_their_bytes(void **state)
{
    static const struct {
        const char *file, *name;
    } files[] = {
        { "policies/01-default-azureguest.policy", "default of AzureGuest on shared instances" },
        { "policies/02-default-sevsnp-tdx.policy", "default of SevSnpVm and TdxVm on shared instances" },
        { "policies/03-default-sgx-2023.policy",
          "default of SgxEnclave and OpenEnclave, as its documentation prints it since 2023" },
        { "policies/04-default-sgx-2021-recorded.policy",
          "default of SgxEnclave and OpenEnclave, as served in 2021 and 2022" },
        { "policies/05-default-sgx-2020-legacy.policy", "default of SgxEnclave and OpenEnclave, as served in 2020" },
        { "policies/06-default-sgx-2021-docs.policy",
          "default of SgxEnclave and OpenEnclave, as its documentation printed it in 2021" },
        { "policies/42-cyres-default.policy", "default of CyResComponent, a type that is no more" },
        { "policies/07-minimal-permit.policy", NULL },
        { "policies/22-tpm-add-custom-claim.policy", NULL },
    };

    (void)state;
    EVIDENCE_OR_SKIP();
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        size_t len;
        unsigned char *text = evidence_read(files[i].file, &len), hash[AZATTEST_HASH_SIZE];
        const char *name;

        assert_int_equal(azattest_policy_hash(azattest__bytes(text, len), hash, NULL), AZATTEST_OK);
        name = azattest_policy_known_name(azattest__bytes(hash, sizeof(hash)));
        if (files[i].name == NULL ? name != NULL : name == NULL || strcmp(name, files[i].name) != 0)
            fail_msg("%s: %s", files[i].file, name == NULL ? "not known" : name);
        free(text);
    }
}

static void hashes_without_a_text_have_a_name_that_says_so(void **state)
{
    static const char *const hashes[] = { "LTPRQQju-FejAwdYihF8YV_c2XWebG9joKvrHKc3bxs",
                                          "B56nbp5slhw66peoRYkpdq1WykMkEworvdol08hnMXE" };
    unsigned char bytes[32];

    (void)state;
    for (size_t i = 0; i < 2; i++)
        assert_non_null(strstr(azattest_policy_known_name(hash_of(hashes[i], bytes)), "text not known"));
    bytes[0] ^= 1;
    assert_null(azattest_policy_known_name(azattest__bytes(bytes, 32)));
    assert_null(azattest_policy_known_name(azattest__bytes(bytes, 31)));
    assert_null(azattest_policy_known_name(azattest__bytes(NULL, 0)));
}

static void each_type_has_its_default_in_any_spelling(void **state)
{
    static const struct {
        const char *spelling, *type, *hash;
    } types[] = {
        { "SgxEnclave", "SgxEnclave", "ViVGS4BYl70X8eUrgryHg0TtbEk9WtIc6DtTBEFxaWc" },
        { "sgx-enclave", "SgxEnclave", "ViVGS4BYl70X8eUrgryHg0TtbEk9WtIc6DtTBEFxaWc" },
        { "sgx", "SgxEnclave", "ViVGS4BYl70X8eUrgryHg0TtbEk9WtIc6DtTBEFxaWc" },
        { "OPENENCLAVE", "OpenEnclave", "ViVGS4BYl70X8eUrgryHg0TtbEk9WtIc6DtTBEFxaWc" },
        { "open_enclave", "OpenEnclave", "ViVGS4BYl70X8eUrgryHg0TtbEk9WtIc6DtTBEFxaWc" },
        { "SevSnpVm", "SevSnpVm", "9NY0VnTQ-IiBriBplVUpFbczcDaEBUwsiFYAzHu_gco" },
        { "sev-snp-vm", "SevSnpVm", "9NY0VnTQ-IiBriBplVUpFbczcDaEBUwsiFYAzHu_gco" },
        { "tdxvm", "TdxVm", "9NY0VnTQ-IiBriBplVUpFbczcDaEBUwsiFYAzHu_gco" },
        { "azurevm", "AzureGuest", "wm9mHlvTU82e8UqoOy1Yj1FBRSNkfe99-69IYDq9eWs" },
        { "azure-guest", "AzureGuest", "wm9mHlvTU82e8UqoOy1Yj1FBRSNkfe99-69IYDq9eWs" },
        { "Tpm", "Tpm", NULL },
        { "vbs", "Tpm", NULL },
        { "CyResComponent", NULL, NULL },
        { "SgxEnclav", NULL, NULL },
        { "SgxEnclavee", NULL, NULL },
        { "", NULL, NULL },
        { "-", NULL, NULL },
        { NULL, NULL, NULL },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        const char *text = azattest_policy_default(types[i].spelling), *type = azattest__policy_type(types[i].spelling);
        unsigned char bytes[32], hash[AZATTEST_HASH_SIZE];

        if (types[i].type == NULL ? type != NULL : type == NULL || strcmp(type, types[i].type) != 0)
            fail_msg("%s: type %s", types[i].spelling, type);
        if (types[i].hash == NULL) {
            assert_null(text);
            continue;
        }
        assert_int_equal(azattest_policy_hash(azattest__text(text), hash, NULL), AZATTEST_OK);
        (void)hash_of(types[i].hash, bytes);
        if (memcmp(bytes, hash, sizeof(hash)) != 0)
            fail_msg("%s", types[i].spelling);
    }
    assert_string_equal(azattest__policy_type_claim("OpenEnclave"), "sgx");
    assert_null(azattest__policy_type_claim("sgx"));
    assert_null(azattest__policy_type_claim(NULL));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_known_text_has_its_hash),
        cmocka_unit_test(every_known_text_is_a_policy),
        cmocka_unit_test(published_texts_are_known_by_their_bytes),
        cmocka_unit_test(hashes_without_a_text_have_a_name_that_says_so),
        cmocka_unit_test(each_type_has_its_default_in_any_spelling),
    };

    return cmocka_run_group_tests_name("policy_known", tests, NULL, NULL);
}
