/* Documents with a guest's evidence. What is read is written, read again, and the same; and nothing made up is valid.
 */
#include <stdlib.h>

#include "evidence/azure/guest.h"
#include "json/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_again(const azattest_evidence *evidence)
{
    azattest_evidence *again = NULL;
    azattest__buf text;

    if (evidence->guest->pieces[AZATTEST__GUEST_RUNTIME_CLAIMS].ptr != NULL)
        return; /* a request's pieces, for which there is no member */
    azattest__buf_init(&text, AZATTEST_LIMIT_ATTESTATION_INFO);
    if (azattest__guest_document_write(evidence->guest, &text, NULL) != AZATTEST_OK ||
        azattest_evidence_load(azattest__buf_bytes(&text), &again, NULL) != AZATTEST_OK ||
        !azattest__bytes_equal(azattest_evidence_fields(evidence), azattest_evidence_fields(again)))
        abort();
    azattest_evidence_free(again);
    azattest__buf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    azattest_verify_options options = AZATTEST_VERIFY_OPTIONS_INIT;
    azattest_verification_result *result = NULL;
    azattest_evidence *evidence = NULL;
    azattest__json *document = NULL;

    options.now_ms = INT64_C(1750000000000);
    if (azattest__json_parse(azattest__bytes(data, size), &document, NULL) != AZATTEST_OK)
        return 0;
    if (azattest__guest_document_looks_like(document) &&
        azattest__guest_document_load(azattest__bytes(data, size), document, &evidence, NULL) == AZATTEST_OK) {
        read_again(evidence);
        if (azattest_evidence_verify(evidence, &options, &result, NULL) != AZATTEST_OK)
            abort();
        azattest_verification_result_free(result);
    }
    azattest_evidence_free(evidence);
    azattest__json_free(document);
    return 0;
}
