/* An SEV-SNP report, with whatever lies behind it: parsed, shown and judged. */
#include <stdlib.h>

#include "evidence/amd/part.h"
#include "evidence/verdict/verification.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    azattest_bytes bytes = azattest__bytes(data, size);
    azattest_verification_result *result = NULL;
    azattest_evidence *evidence = NULL;
    azattest__snp_report report;
    azattest_status status = azattest__snp_report_parse(bytes, &report, NULL);

    if ((status == AZATTEST_OK) !=
        (size >= AZATTEST__SNP_REPORT_SIZE && azattest__le32(data) >= 2 && azattest__le32(data) <= 5))
        abort();
    if (status != AZATTEST_OK || azattest_evidence_parse(bytes, &evidence, NULL) != AZATTEST_OK)
        return 0;
    if (azattest_evidence_fields(evidence).ptr == NULL ||
        azattest_evidence_verify(evidence, NULL, &result, NULL) != AZATTEST_OK)
        abort();
    /* Only its own certificates can make it valid, and only up to a root that is AMD's. */
    if (azattest_verification_result_is_valid(result) &&
        (azattest_verification_result_root(result) == NULL || evidence->snp.version == 0))
        abort();
    azattest_verification_result_free(result);
    azattest_evidence_free(evidence);
    return 0;
}
