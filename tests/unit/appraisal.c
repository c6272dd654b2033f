/* Appraisals as text: what is read, what is refused and with which words, and the canonical form. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <azattest/azattest.h>

#include "evidence/verdict/appraisal.h"

#define HEX16 "000102030405060708090a0b0c0d0e0f"
#define HEX32 HEX16 HEX16
#define HEX48 HEX32 HEX16
#define HEX64 HEX32 HEX32

static struct refusal_case {
    const char *name, *json;
    azattest_status status;
    const char *message; /* a part */
} refusal_cases[] = {
    { "nothing", "", AZATTEST_E_MALFORMED, "appraisal" },
    { "no JSON", "mr_signer: 1", AZATTEST_E_MALFORMED, "appraisal" },
    { "a list", "[]", AZATTEST_E_MALFORMED, "expected an object" },
    { "a member twice", "{\"min_svn\":1,\"min_svn\":2}", AZATTEST_E_MALFORMED, "duplicate member" },
    { "a member with a typing mistake", "{\"mrenclave\":\"\"}", AZATTEST_E_ARGUMENT,
      "member 'mrenclave' is not known; did you mean mr_enclave?" },
    { "a member in capitals", "{\"MR_ENCLAVE\":\"\"}", AZATTEST_E_ARGUMENT, "member 'MR_ENCLAVE' is not known" },
    { "a member that resembles none", "{\"zzzzzzzzzzzz\":1}", AZATTEST_E_ARGUMENT, "azattest/appraisal.h" },
    { "a measurement that is too short", "{\"mr_enclave\":\"00\"}", AZATTEST_E_ARGUMENT,
      "mr_enclave has 2 characters, expected 64 hexadecimal digits (32 bytes)" },
    { "a measurement that is too long", "{\"mr_td\":\"" HEX64 "\"}", AZATTEST_E_ARGUMENT,
      "mr_td has 128 characters, expected 96" },
    { "no word stands for zero", "{\"mr_signer_seam\":\"0\"}", AZATTEST_E_ARGUMENT, "mr_signer_seam has 1 characters" },
    { "an empty measurement", "{\"mr_signer\":\"\"}", AZATTEST_E_ARGUMENT, "mr_signer has 0 characters" },
    { "a prefix", "{\"isv_family_id\":\"0x" HEX16 "\"}", AZATTEST_E_ARGUMENT, "has 34 characters" },
    { "a digit that is none",
      "{\"isv_family_id\":\"g0"
      "0102030405060708090a0b0c0d0e0f\"}",
      AZATTEST_E_ARGUMENT, "no hexadecimal digit" },
    { "a measurement that is a number", "{\"measurement\":0}", AZATTEST_E_ARGUMENT,
      "measurement is of type number, expected hexadecimal text" },
    { "null is not absent", "{\"mr_signer\":null}", AZATTEST_E_ARGUMENT, "mr_signer is of type null" },
    { "the wrong one of a list", "{\"host_data\":[\"" HEX32 "\",\"" HEX16 "\"]}", AZATTEST_E_ARGUMENT,
      "host_data[1] has 32 characters" },
    { "a list that accepts nothing", "{\"mr_enclave\":[]}", AZATTEST_E_ARGUMENT, "empty list, which accepts nothing" },
    { "a list of lists", "{\"mr_enclave\":[[\"" HEX32 "\"]]}", AZATTEST_E_ARGUMENT, "mr_enclave[0] is of type array" },
    { "a version that is negative", "{\"min_svn\":-1}", AZATTEST_E_ARGUMENT, "expected an integer from 0 to 65535" },
    { "a version that is too large", "{\"min_svn\":65536}", AZATTEST_E_ARGUMENT, "min_svn is 65536" },
    { "a version that is no integer", "{\"min_svn\":1.5}", AZATTEST_E_ARGUMENT, "min_svn is 1.5" },
    { "a version as text", "{\"min_svn\":\"1\"}", AZATTEST_E_ARGUMENT, "min_svn is of type string" },
    { "a list where one value is meant", "{\"min_svn\":[1]}", AZATTEST_E_ARGUMENT, "min_svn is of type array" },
    { "a product that is too large", "{\"product_id\":[1,70000]}", AZATTEST_E_ARGUMENT, "product_id[1] is 70000" },
    { "a switch that is a number", "{\"allow_debug\":1}", AZATTEST_E_ARGUMENT, "expected true or false" },
    { "a level that there is not", "{\"max_vmpl\":4}", AZATTEST_E_ARGUMENT, "expected an integer from 0 to 3" },
    { "a kind that there is not", "{\"kinds\":\"sgx_qoute\"}", AZATTEST_E_ARGUMENT, "did you mean sgx_quote?" },
    { "a status with a typing mistake", "{\"tcb_statuses\":[\"UpToDate\",\"SwHardeningNeeded\"]}", AZATTEST_E_ARGUMENT,
      "tcb_statuses[1] 'SwHardeningNeeded' is not known; did you mean SWHardeningNeeded?" },
    { "a revoked platform", "{\"tcb_statuses\":[\"Revoked\"]}", AZATTEST_E_ARGUMENT, "which no appraisal can accept" },
    { "a product by its stepping", "{\"products\":[\"Milan-B0\"]}", AZATTEST_E_ARGUMENT,
      "there are Milan, Genoa, Turin, Venice" },
    { "a name with a blank", "{\"advisories_refused\":[\"INTEL SA\"]}", AZATTEST_E_ARGUMENT, "is no name" },
    { "a name without characters", "{\"allow_not_checked\":[\"\"]}", AZATTEST_E_ARGUMENT,
      "allow_not_checked[0] is no" },
    { "an advisory both accepted and refused",
      "{\"advisories_accepted\":[\"INTEL-SA-1\"],\"advisories_refused\":\"INTEL-SA-1\"}", AZATTEST_E_ARGUMENT,
      "INTEL-SA-1 is both in" },
    { "a date that does not exist", "{\"min_tcb_date\":\"2025-02-30\"}", AZATTEST_E_ARGUMENT, "is no time" },
    { "a date as a number", "{\"min_tcb_date\":20250101}", AZATTEST_E_ARGUMENT, "expected a date such as" },
    { "seconds as text are no date", "{\"min_tcb_date\":\"1735689600\"}", AZATTEST_E_ARGUMENT, "is no time" },
    { "nor are seconds before 1970", "{\"min_tcb_date\":\"-1735689600\"}", AZATTEST_E_ARGUMENT, "is no time" },
    { "attributes without a mask", "{\"td_attributes\":\"0000001000000000\"}", AZATTEST_E_ARGUMENT,
      "expected an object with \"mask\" and \"value\"" },
    { "a mask without a value", "{\"td_attributes\":{\"mask\":\"0000001000000000\"}}", AZATTEST_E_ARGUMENT,
      "td_attributes.value is missing" },
    { "a value outside its mask", "{\"xfam\":{\"mask\":\"0100000000000000\",\"value\":\"0300000000000000\"}}",
      AZATTEST_E_ARGUMENT, "bits that its mask has not" },
    { "a part of a mask that there is not", "{\"xfam\":{\"mask\":\"0100000000000000\",\"values\":\"\"}}",
      AZATTEST_E_ARGUMENT, "did you mean value?" },
    { "a part of a TCB that there is not", "{\"min_reported_tcb\":{\"bootloader\":3}}", AZATTEST_E_ARGUMENT,
      "min_reported_tcb 'bootloader' is not known; did you mean boot_loader?" },
    { "a part of a TCB that is too large", "{\"min_reported_tcb\":{\"snp\":256}}", AZATTEST_E_ARGUMENT,
      "min_reported_tcb.snp is 256" },
    { "a TCB of no parts", "{\"min_launch_tcb\":{}}", AZATTEST_E_ARGUMENT, "min_launch_tcb is empty" },
    { "a TCB as a number", "{\"min_committed_tcb\":7}", AZATTEST_E_ARGUMENT, "expected an object" },
    { "a policy's debugging", "{\"policy\":{\"debug\":false}}", AZATTEST_E_ARGUMENT, "allow_debug is the member" },
    { "a bit of a policy that there is not", "{\"policy\":{\"smd\":false}}", AZATTEST_E_ARGUMENT, "did you mean smt?" },
    { "a bit of a policy that is a number", "{\"policy\":{\"smt\":0}}", AZATTEST_E_ARGUMENT, "policy.smt is of type" },
    { "a bank that there is not", "{\"pcrs\":{\"sha265\":{\"0\":\"" HEX32 "\"}}}", AZATTEST_E_ARGUMENT,
      "did you mean sha256?" },
    { "a register that there is not", "{\"pcrs\":{\"sha256\":{\"24\":\"" HEX32 "\"}}}", AZATTEST_E_ARGUMENT,
      "expected an index from 0 to 23" },
    { "a register with a leading zero", "{\"pcrs\":{\"sha256\":{\"07\":\"" HEX32 "\"}}}", AZATTEST_E_ARGUMENT,
      "member '07'" },
    { "a register of another bank's length", "{\"pcrs\":{\"sha384\":{\"7\":\"" HEX32 "\"}}}", AZATTEST_E_ARGUMENT,
      "pcrs.sha384.7 has 64 characters, expected 96" },
    { "registers as a list", "{\"pcrs\":[]}", AZATTEST_E_ARGUMENT, "pcrs is of type array" },
    { "no bank", "{\"pcrs\":{}}", AZATTEST_E_ARGUMENT, "pcrs is empty" },
    { "a bank of no registers", "{\"pcrs\":{\"sha256\":{}}}", AZATTEST_E_ARGUMENT, "pcrs.sha256 is empty" },
    { "a bank of SHA-1 that is not allowed", "{\"pcrs\":{\"sha1\":{\"0\":\"" HEX16 "00000000\"}}}", AZATTEST_E_ARGUMENT,
      "needs \"allow_sha1\": true" },
    { "text behind it", "{} {}", AZATTEST_E_MALFORMED, "appraisal" },
};

static void is_refused(void **state)
{
    const struct refusal_case *test = *state;
    azattest_appraisal *appraisal = NULL;
    azattest_error *error = NULL;
    azattest_status status = azattest_appraisal_parse(azattest__text(test->json), &appraisal, &error);

    assert_null(appraisal);
    assert_non_null(error);
    if (status != test->status || strstr(azattest_error_message(error), test->message) == NULL)
        fail_msg("%s: \"%s\", expected \"%s\"", azattest_status_name(status), azattest_error_message(error),
                 test->message);
    azattest_error_free(error);
}

static struct form_case {
    const char *name, *json, *canonical; /* NULL: the same */
} form_cases[] = {
    { "an empty one", "{}", NULL },
    { "blanks and order do not matter", " { \"min_svn\" : 2 ,\n\"mr_signer\":\"" HEX32 "\"} ",
      "{\"mr_signer\":\"" HEX32 "\",\"min_svn\":2}" },
    { "digits in capitals", "{\"isv_family_id\":\"0A0B0C0D0E0F0A0B0C0D0E0F0A0B0C0D\"}",
      "{\"isv_family_id\":\"0a0b0c0d0e0f0a0b0c0d0e0f0a0b0c0d\"}" },
    { "a list of one stays a list", "{\"mr_enclave\":[\"" HEX32 "\"],\"product_id\":[7],\"kinds\":[\"sgx_quote\"]}",
      "{\"kinds\":[\"sgx_quote\"],\"mr_enclave\":[\"" HEX32 "\"],\"product_id\":[7]}" },
    { "a list that is empty by right", "{\"allow_not_checked\":[],\"advisories_accepted\":[]}", NULL },
    { "a date", "{\"min_tcb_date\":\"2025-01-31\"}", "{\"min_tcb_date\":\"2025-01-31T00:00:00Z\"}" },
    { "an integral float", "{\"min_svn\":2.0}", "{\"min_svn\":2}" },
    { "parts in their order", "{\"min_reported_tcb\":{\"microcode\":209,\"boot_loader\":4}}",
      "{\"min_reported_tcb\":{\"boot_loader\":4,\"microcode\":209}}" },
    { "registers in their order",
      "{\"pcrs\":{\"sha384\":{\"0\":\"" HEX48 "\"},\"sha256\":{\"11\":\"" HEX32 "\",\"2\":[\"" HEX32 "\"]}}}",
      "{\"pcrs\":{\"sha256\":{\"2\":[\"" HEX32 "\"],\"11\":\"" HEX32 "\"},\"sha384\":{\"0\":\"" HEX48 "\"}}}" },
    { "every member",
      "{\"kinds\":[\"sgx_quote\",\"azure_guest\"],\"allow_debug\":true,\"allow_not_checked\":\"revocation\","
      "\"report_data\":\"" HEX64 "\",\"runtime_data_sha256\":\"" HEX32 "\",\"tcb_statuses\":\"UpToDate\","
      "\"advisories_accepted\":[\"INTEL-SA-00615\"],\"advisories_refused\":\"INTEL-SA-00001\","
      "\"min_tcb_evaluation_data_number\":17,\"min_tcb_date\":\"2025-01-31T12:00:00Z\",\"allow_smt\":true,"
      "\"allow_dynamic_platform\":false,\"allow_cached_keys\":false,\"mr_enclave\":\"" HEX32 "\",\"mr_signer\":\"" HEX32
      "\",\"product_id\":1,\"min_svn\":2,\"config_id\":\"" HEX64 "\",\"min_config_svn\":3,\"isv_family_id\":\"" HEX16
      "\",\"isv_extended_product_id\":\"" HEX16 "\",\"mr_td\":\"" HEX48 "\",\"rtmr0\":\"" HEX48 "\",\"rtmr1\":\"" HEX48
      "\",\"rtmr2\":\"" HEX48 "\",\"rtmr3\":\"" HEX48 "\",\"mr_config_id\":\"" HEX48 "\",\"mr_owner\":\"" HEX48
      "\",\"mr_owner_config\":\"" HEX48 "\",\"mr_service_td\":\"" HEX48 "\",\"mr_seam\":\"" HEX48
      "\",\"mr_signer_seam\":\"" HEX48 "\",\"td_attributes\":{\"mask\":\"ff00001000000000\",\"value\":"
      "\"0000001000000000\"},\"xfam\":{\"mask\":\"ffffffffffffffff\",\"value\":\"e700060000000000\"},"
      "\"allow_migratable\":false,\"require_sept_ve_disable\":true,\"measurement\":\"" HEX48 "\",\"host_data\":\"" HEX32
      "\",\"id_key_digest\":\"" HEX48 "\",\"author_key_digest\":\"" HEX48 "\",\"family_id\":\"" HEX16
      "\",\"image_id\":\"" HEX16 "\",\"chip_id\":\"" HEX64 "\",\"denied_chip_ids\":[\"" HEX64
      "\"],\"min_guest_svn\":4,\"max_vmpl\":1,\"products\":[\"Milan\",\"Turin\"],\"min_reported_tcb\":{\"fmc\":0,"
      "\"boot_loader\":3,\"tee\":0,\"snp\":8,\"microcode\":115},\"min_committed_tcb\":{\"snp\":8},\"min_launch_tcb\":{"
      "\"tee\":0},\"policy\":{\"smt\":true,\"migration_agent\":false,\"cxl\":false,\"single_socket\":true,"
      "\"aes_256_xts\":false,\"rapl_disabled\":false,\"ciphertext_hiding\":true,\"page_swap_disabled\":false},\"pcrs\":"
      "{"
      "\"sha256\":{\"0\":\"" HEX32 "\"}},\"allow_sha1\":false,\"secure_boot\":true,\"vm_unique_id\":"
      "\"01234567-89AB-CDEF-0123-456789ABCDEF\"}",
      NULL },
};

static void has_one_form(void **state)
{
    const struct form_case *test = *state;
    const char *expected = test->canonical == NULL ? test->json : test->canonical;
    azattest_appraisal *appraisal = NULL, *again = NULL;
    azattest_error *error = NULL;

    if (azattest_appraisal_parse(azattest__text(test->json), &appraisal, &error) != AZATTEST_OK)
        fail_msg("%s", azattest_error_message(error));
    assert_string_equal(azattest_appraisal_json(appraisal).ptr, expected);
    assert_int_equal(azattest_appraisal_parse(azattest_appraisal_json(appraisal), &again, NULL), AZATTEST_OK);
    assert_string_equal(azattest_appraisal_json(again).ptr, expected);
    azattest_appraisal_free(again);
    azattest_appraisal_free(appraisal);
}

static void every_member_is_in_the_long_one(void **state)
{
    const struct form_case *all = &form_cases[sizeof(form_cases) / sizeof(form_cases[0]) - 1];
    azattest_appraisal *appraisal = NULL;

    (void)state;
    assert_int_equal(azattest_appraisal_parse(azattest__text(all->json), &appraisal, NULL), AZATTEST_OK);
    for (int i = 0; i < AZATTEST__MEMBERS; i++)
        if (!appraisal->members[i].given)
            fail_msg("%s", azattest__appraisal_members[i].name);
    azattest_appraisal_free(appraisal);
}

/* From memory of exactly their size, so that a read behind them is seen. */
static void every_shorter_text_is_refused(void **state)
{
    const char *json = form_cases[sizeof(form_cases) / sizeof(form_cases[0]) - 1].json;

    (void)state;
    for (size_t len = 0; len < strlen(json); len++) {
        azattest_appraisal *appraisal = NULL;
        azattest_error *error = NULL;
        char *cut = malloc(len == 0 ? 1 : len);

        assert_non_null(cut);
        memcpy(cut, json, len);
        assert_int_equal(azattest_appraisal_parse(azattest__bytes(cut, len), &appraisal, &error), AZATTEST_E_MALFORMED);
        assert_null(appraisal);
        azattest_error_free(error);
        free(cut);
    }
}

static void what_is_too_large_is_refused(void **state)
{
    azattest_appraisal *appraisal = NULL;
    azattest_error *error = NULL;
    azattest__buf text;

    (void)state;
    azattest__buf_init(&text, 2 * AZATTEST_LIMIT_APPRAISAL);
    azattest__buf_append_text(&text, "{\"allow_not_checked\":[\"a\"");
    for (size_t i = 0; i < AZATTEST_LIMIT_APPRAISAL_VALUES; i++)
        azattest__buf_append_text(&text, ",\"a\"");
    azattest__buf_append_text(&text, "]}");
    assert_int_equal(azattest_appraisal_parse(azattest__buf_bytes(&text), &appraisal, &error), AZATTEST_E_LIMIT);
    assert_non_null(strstr(azattest_error_message(error), "has 1025 values, more than 1024"));
    azattest_error_free(error);
    while (text.len <= AZATTEST_LIMIT_APPRAISAL)
        azattest__buf_append_text(&text, "                                                                ");
    assert_int_equal(azattest_appraisal_parse(azattest__buf_bytes(&text), &appraisal, &error), AZATTEST_E_LIMIT);
    azattest_error_free(error);
    azattest__buf_free(&text);
}

static void wrong_use_is_told(void **state)
{
    azattest_appraisal *appraisal = NULL;
    azattest_error *error = NULL;

    (void)state;
    assert_int_equal(azattest_appraisal_parse(azattest__text("{}"), NULL, &error), AZATTEST_E_ARGUMENT);
    azattest_error_free(error);
    assert_int_equal(azattest_appraisal_parse(azattest__bytes(NULL, 0), &appraisal, &error), AZATTEST_E_ARGUMENT);
    azattest_error_free(error);
    azattest_appraisal_free(NULL);
    assert_null(azattest_appraisal_ref(NULL));
    assert_null(azattest_appraisal_json(NULL).ptr);
}

static void a_second_owner_keeps_it(void **state)
{
    azattest_appraisal *appraisal = NULL, *second;

    (void)state;
    assert_int_equal(azattest_appraisal_parse(azattest__text("{\"min_svn\":1}"), &appraisal, NULL), AZATTEST_OK);
    second = azattest_appraisal_ref(appraisal);
    azattest_appraisal_free(appraisal);
    assert_string_equal(azattest_appraisal_json(second).ptr, "{\"min_svn\":1}");
    azattest_appraisal_free(second);
}

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

int main(void)
{
    static const struct CMUnitTest single[] = {
        cmocka_unit_test(every_member_is_in_the_long_one), cmocka_unit_test(every_shorter_text_is_refused),
        cmocka_unit_test(what_is_too_large_is_refused),    cmocka_unit_test(wrong_use_is_told),
        cmocka_unit_test(a_second_owner_keeps_it),
    };
    struct CMUnitTest tests[COUNT(refusal_cases) + COUNT(form_cases) + COUNT(single)];
    size_t count = 0;

    for (size_t i = 0; i < COUNT(refusal_cases); i++)
        tests[count++] = (struct CMUnitTest){ refusal_cases[i].name, is_refused, NULL, NULL, &refusal_cases[i] };
    for (size_t i = 0; i < COUNT(form_cases); i++)
        tests[count++] = (struct CMUnitTest){ form_cases[i].name, has_one_form, NULL, NULL, &form_cases[i] };
    for (size_t i = 0; i < COUNT(single); i++)
        tests[count++] = single[i];
    return cmocka_run_group_tests_name("appraisal", tests, NULL, NULL);
}
