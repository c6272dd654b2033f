/* Any file as collateral: added, described, saved, added again. The first byte of the input chooses how. */
#include <stdlib.h>

#include <azattest/azattest.h>

#include "evidence/collateral/collateral.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void empty_after_failure(const azattest_collateral *set)
{
    if (set->document_count + set->crl_count + set->certificate_count != 0)
        abort();
}

/* The saved form of a set gives the set. */
static void save_and_read(const azattest_collateral *set)
{
    azattest_collateral *again = NULL;
    unsigned char *saved = NULL;
    size_t len = 0;

    if (azattest_collateral_describe(set).len == 0 ||
        azattest_collateral_save(set, &saved, &len, NULL) != AZATTEST_OK ||
        azattest_collateral_new(&again, NULL) != AZATTEST_OK)
        abort();
    if (len <= AZATTEST_LIMIT_COLLATERAL_FILE) {
        if (azattest_collateral_add(again, azattest__bytes(saved, len), NULL) != AZATTEST_OK ||
            again->document_count != set->document_count || again->crl_count != set->crl_count ||
            again->certificate_count != set->certificate_count)
            abort();
    }
    azattest_free(saved);
    azattest_collateral_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const items[] = { "tcb_info", "qe_identity", "pck_crl", "root_ca_crl",
                                         "vcek",     "amd_chain",   "amd_crl" };
    azattest_collateral *set = NULL;
    azattest_bytes content;
    azattest_status status;

    if (size < 2 || azattest_collateral_new(&set, NULL) != AZATTEST_OK)
        return 0;
    content = azattest__bytes(data + 1, size - 1);
    if (data[0] % 8 == 0)
        status = azattest_collateral_add(set, content, NULL);
    else
        status = azattest_collateral_add_response(set, items[data[0] % 8 - 1], content, azattest__bytes(NULL, 0), NULL);
    if (status != AZATTEST_OK)
        empty_after_failure(set);
    else
        save_and_read(set);
    azattest_collateral_free(set);
    return 0;
}
