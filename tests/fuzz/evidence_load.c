/* Files around evidence: whatever is unwrapped parses again from its raw bytes, as the same kind. */
#include <stdlib.h>
#include <string.h>

#include <azattest/azattest.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    azattest_bytes file = { data, size };
    azattest_evidence *evidence = NULL, *again = NULL;

    if (azattest_evidence_load(file, &evidence, NULL) != AZATTEST_OK)
        return 0;
    if (azattest_evidence_parse(azattest_evidence_raw(evidence), &again, NULL) != AZATTEST_OK ||
        strcmp(azattest_evidence_kind(evidence), azattest_evidence_kind(again)) != 0)
        abort();
    azattest_evidence_free(again);
    azattest_evidence_free(evidence);
    return 0;
}
