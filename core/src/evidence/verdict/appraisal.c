/* Appraisals as objects: the table of their members, their text, and their life. */
#include "appraisal.h"

#include <stdio.h>
#include <stdlib.h>

#include "../../base/clock.h"
#include "../../base/encoding.h"

static const char *const kind_words[] = { "sgx_quote",  "tdx_quote",  "open_enclave_report", "attested_certificate",
                                          "snp_report", "hcl_report", "tpm_quote",           "azure_guest",
                                          NULL };
/* Every one but Revoked, which nothing accepts. Source: Intel PCS v4, "tcbStatus"; for TDX the two of a relaunch. */
static const char *const status_words[] = { "UpToDate",
                                            "SWHardeningNeeded",
                                            "ConfigurationNeeded",
                                            "ConfigurationAndSWHardeningNeeded",
                                            "OutOfDate",
                                            "OutOfDateConfigurationNeeded",
                                            "TDRelaunchAdvised",
                                            "TDRelaunchAdvisedConfigurationNeeded",
                                            NULL };
static const char *const product_words[] = { "Milan", "Genoa", "Turin", "Venice", NULL };
const char *const azattest__tcb_words[] = { "fmc", "boot_loader", "tee", "snp", "microcode", NULL };
const char *const azattest__policy_words[] = { "smt",
                                               "migration_agent",
                                               "cxl",
                                               "single_socket",
                                               "aes_256_xts",
                                               "rapl_disabled",
                                               "ciphertext_hiding",
                                               "page_swap_disabled",
                                               NULL };

const azattest__pcr_bank azattest__pcr_banks[AZATTEST__TPM_BANKS] = {
    { "sha1", AZATTEST__TPM_SHA1, 20 }, { "sha256", 0x000b, 32 }, { "sha384", 0x000c, 48 }, { "sha512", 0x000d, 64 }
};

const azattest__member azattest__appraisal_members[AZATTEST__MEMBERS] = {
#define MEMBER(constant, name, form, size, fits, words)                                                                \
    { #name, "appraisal." #name, AZATTEST__FORM_##form, size, AZATTEST__FITS_##fits, words },
    AZATTEST__APPRAISAL_MEMBERS(MEMBER)
#undef MEMBER
};

static void clear(azattest__expected *expected)
{
    for (size_t i = 0; expected->words != NULL && i < expected->count; i++)
        free(expected->words[i]);
    free(expected->words);
    free(expected->bytes);
    free(expected->numbers);
}

void azattest_appraisal_free(azattest_appraisal *appraisal)
{
    if (appraisal == NULL || atomic_fetch_sub_explicit(&appraisal->references, 1, memory_order_acq_rel) > 1)
        return;
    for (int i = 0; i < AZATTEST__MEMBERS; i++)
        clear(&appraisal->members[i]);
    for (size_t i = 0; i < appraisal->pcr_count; i++)
        clear(&appraisal->pcrs[i].values);
    free(appraisal->pcrs);
    azattest__buf_free(&appraisal->json);
    free(appraisal);
}

/* What users see as constant counts its references. */
azattest_appraisal *azattest_appraisal_ref(const azattest_appraisal *appraisal)
{
    union {
        const azattest_appraisal *seen;
        azattest_appraisal *counted;
    } same = { .seen = appraisal };

    if (appraisal != NULL)
        atomic_fetch_add_explicit(&same.counted->references, 1, memory_order_relaxed);
    return same.counted;
}

azattest_status azattest_appraisal_parse(azattest_bytes json, azattest_appraisal **out, azattest_error **error)
{
    azattest_appraisal *appraisal = NULL;
    azattest__json *document = NULL;
    azattest_status status;

    if (error != NULL)
        *error = NULL;
    if (out == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "appraisal: no place for the result");
    *out = NULL;
    if (json.ptr == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "appraisal: no text");
    if (json.len > AZATTEST_LIMIT_APPRAISAL)
        return azattest__error_set(error, AZATTEST_E_LIMIT, "appraisal: %zu bytes, more than %u", json.len,
                                   AZATTEST_LIMIT_APPRAISAL);
    if ((status = azattest__json_parse(json, &document, error)) != AZATTEST_OK) {
        azattest__error_prefix(error, "appraisal");
        goto done;
    }
    if ((appraisal = calloc(1, sizeof(*appraisal))) == NULL) {
        status = azattest__error_memory(error);
        goto done;
    }
    atomic_init(&appraisal->references, 1);
    azattest__buf_init(&appraisal->json, 2 * AZATTEST_LIMIT_APPRAISAL);
    if ((status = azattest__appraisal_read(appraisal, document, error)) != AZATTEST_OK ||
        (status = azattest__appraisal_write(appraisal, error)) != AZATTEST_OK)
        goto done;
    *out = appraisal;
    appraisal = NULL;
done:
    azattest_appraisal_free(appraisal);
    azattest__json_free(document);
    return status;
}

azattest_bytes azattest_appraisal_json(const azattest_appraisal *appraisal)
{
    return appraisal == NULL ? azattest__bytes(NULL, 0) : azattest__buf_bytes(&appraisal->json);
}

/* A value by itself, or the list that was given. */
static void put_bytes(azattest__json *object, const char *name, const azattest__expected *expected, size_t size)
{
    azattest__json *list;
    azattest__buf text;

    if (!expected->is_list) {
        azattest__json_put_hex(object, name, azattest__bytes(expected->bytes, size));
        return;
    }
    list = azattest__json_new_array();
    azattest__buf_init(&text, AZATTEST_LIMIT_APPRAISAL);
    for (size_t i = 0; i < expected->count; i++) {
        azattest__buf_cut(&text, 0);
        azattest__hex_encode(azattest__bytes(expected->bytes + i * size, size), &text);
        azattest__json_add_string(list, text.status == AZATTEST_OK ? (const char *)text.ptr : NULL);
    }
    azattest__buf_free(&text);
    azattest__json_put(object, name, list);
}

static void put_words(azattest__json *object, const char *name, const azattest__expected *expected)
{
    azattest__json *list;

    if (!expected->is_list) {
        azattest__json_put_string(object, name, expected->words[0]);
        return;
    }
    list = azattest__json_new_array();
    for (size_t i = 0; i < expected->count; i++)
        azattest__json_add_string(list, expected->words[i]);
    azattest__json_put(object, name, list);
}

static void put_numbers(azattest__json *object, const char *name, const azattest__expected *expected)
{
    azattest__buf text;

    if (!expected->is_list) {
        azattest__json_put_integer(object, name, expected->numbers[0]);
        return;
    }
    azattest__buf_init(&text, AZATTEST_LIMIT_APPRAISAL);
    for (size_t i = 0; i < expected->count; i++)
        azattest__buf_printf(&text, "%s%lld", i == 0 ? "[" : ",", (long long)expected->numbers[i]);
    azattest__buf_append_text(&text, "]");
    azattest__json_put_raw(object, name, azattest__buf_bytes(&text));
    azattest__buf_free(&text);
}

static void put_object(azattest__json *object, const azattest__member *member, const azattest__expected *expected)
{
    azattest__json *inner = azattest__json_new_object();

    if (member->form == AZATTEST__FORM_MASK) {
        azattest__json_put_hex(inner, "mask", azattest__bytes(expected->bytes, (size_t)member->size));
        azattest__json_put_hex(inner, "value", azattest__bytes(expected->bytes + member->size, (size_t)member->size));
    }
    for (size_t i = 0; member->form != AZATTEST__FORM_MASK && member->words[i] != NULL; i++)
        if (expected->numbers[i] >= 0 && member->form == AZATTEST__FORM_PARTS)
            azattest__json_put_integer(inner, member->words[i], expected->numbers[i]);
        else if (expected->numbers[i] >= 0)
            azattest__json_put_bool(inner, member->words[i], expected->numbers[i] != 0);
    azattest__json_put(object, member->name, inner);
}

static void put_pcrs(azattest__json *object, const azattest_appraisal *appraisal)
{
    azattest__json *banks = azattest__json_new_object();

    for (size_t b = 0; b < AZATTEST__TPM_BANKS; b++) {
        azattest__json *bank = azattest__json_new_object();

        for (unsigned index = 0; index < AZATTEST__TPM_PCRS; index++)
            for (size_t i = 0; i < appraisal->pcr_count; i++) {
                const azattest__expected_pcr *pcr = &appraisal->pcrs[i];
                char name[16];

                snprintf(name, sizeof(name), "%u", index);
                if (pcr->algorithm == azattest__pcr_banks[b].algorithm && pcr->index == index)
                    put_bytes(bank, name, &pcr->values, pcr->size);
            }
        if (azattest__json_count(bank) > 0)
            azattest__json_put(banks, azattest__pcr_banks[b].name, bank);
        else
            azattest__json_free(bank);
    }
    azattest__json_put(object, "pcrs", banks);
}

static void put_member(azattest__json *document, const azattest_appraisal *appraisal, azattest__member_id id)
{
    const azattest__member *member = &azattest__appraisal_members[id];
    const azattest__expected *expected = &appraisal->members[id];
    char time[AZATTEST__TIME_TEXT];

    switch (member->form) {
    case AZATTEST__FORM_BYTES:
        put_bytes(document, member->name, expected, (size_t)member->size);
        break;
    case AZATTEST__FORM_WORDS:
        put_words(document, member->name, expected);
        break;
    case AZATTEST__FORM_NUMBERS:
    case AZATTEST__FORM_NUMBER:
        put_numbers(document, member->name, expected);
        break;
    case AZATTEST__FORM_SWITCH:
        azattest__json_put_bool(document, member->name, expected->numbers[0] != 0);
        break;
    case AZATTEST__FORM_TIME:
        azattest__time_format(expected->numbers[0], time);
        azattest__json_put_string(document, member->name, time);
        break;
    case AZATTEST__FORM_MASK:
    case AZATTEST__FORM_PARTS:
    case AZATTEST__FORM_SWITCHES:
        put_object(document, member, expected);
        break;
    case AZATTEST__FORM_PCRS:
        put_pcrs(document, appraisal);
        break;
    }
}

azattest_status azattest__appraisal_write(azattest_appraisal *appraisal, azattest_error **error)
{
    azattest__json *document = azattest__json_new_object();
    azattest_status status;

    for (int i = 0; i < AZATTEST__MEMBERS; i++)
        if (appraisal->members[i].given)
            put_member(document, appraisal, (azattest__member_id)i);
    status = azattest__json_print(document, false, &appraisal->json, error);
    azattest__json_free(document);
    return status;
}
