/* QE identity: read whole, and matched with a report. */
#include <stdlib.h>

#include "evidence/intel/qe_identity.h"
#include "json/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned char body[AZATTEST__SGX_REPORT_SIZE] = { 0 };
    azattest_bytes text = { data, size };
    azattest__qe_identity_head head;
    azattest__qe_identity identity;
    azattest__sgx_report report;

    if (size == 0 || azattest__json_check(text, NULL) != AZATTEST_OK ||
        azattest__qe_identity_read(text, &identity, NULL) != AZATTEST_OK)
        return 0;
    if (azattest__qe_identity_read_head(text, &head, NULL) != AZATTEST_OK || head.tdx != identity.tdx ||
        head.evaluation != identity.evaluation || identity.level_count == 0)
        abort();
    /* A report made after the identity matches, unless it wants bits outside of its own masks; another signer's never.
     */
    memcpy(body + 16, identity.misc_select, sizeof(identity.misc_select));
    memcpy(body + 48, identity.attributes, sizeof(identity.attributes));
    memcpy(body + 128, identity.mr_signer, sizeof(identity.mr_signer));
    body[256] = (unsigned char)identity.product_id;
    body[257] = (unsigned char)(identity.product_id >> 8);
    report = azattest__sgx_report_read(body);
    (void)azattest__qe_identity_match(&identity, &report, NULL);
    body[128] ^= 1;
    if (azattest__qe_identity_match(&identity, &report, NULL) == AZATTEST_OK)
        abort();
    if (azattest__isvsvn_level_match(identity.levels, identity.level_count, 65535) == NULL)
        abort();
    azattest__qe_identity_clear(&identity);
    return 0;
}
