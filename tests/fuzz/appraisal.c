/* Appraisals: whatever is taken has one canonical form, and evidence that fails by itself stays invalid under it. */
#include <stdlib.h>

#include "evidence/verdict/appraisal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Evidence without any part, beside a check that failed: every member is judged or found not to fit. */
static void judge(const azattest_appraisal *appraisal, unsigned made)
{
    static const unsigned char bytes[64] = { 1 };
    azattest_evidence evidence = { .kind = "sgx_quote" };
    azattest__verification v = { .evidence = &evidence, .appraisal = appraisal };

    if (made == 1) {
        evidence.intel.version = 3;
        evidence.intel.report =
            (azattest__sgx_report){ bytes, bytes, bytes, bytes, bytes, bytes, bytes, bytes, bytes, 0, 5, 3, 1, 2, 3 };
    } else if (made == 2) {
        evidence.snp = (azattest__snp_report){ .version = 3, .measurement = bytes, .host_data = bytes };
        evidence.snp.id_key_digest = evidence.snp.author_key_digest = evidence.snp.family_id = evidence.snp.image_id =
            evidence.snp.chip_id = evidence.snp.report_data = evidence.snp.current_tcb = evidence.snp.reported_tcb =
                evidence.snp.committed_tcb = evidence.snp.launch_tcb = bytes;
    }
    if ((v.result = calloc(1, sizeof(*v.result))) == NULL)
        return;
    azattest__verification_add(v.result, "structure", true, "not run");
    if (azattest__appraise(&v) != AZATTEST_OK || azattest_verification_result_is_valid(v.result))
        abort();
    azattest_verification_result_free(v.result);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    azattest_appraisal *appraisal = NULL, *again = NULL;
    azattest_error *error = NULL;

    if (azattest_appraisal_parse(azattest__bytes(data, size), &appraisal, &error) != AZATTEST_OK) {
        if (appraisal != NULL || error == NULL)
            abort();
        azattest_error_free(error);
        return 0;
    }
    if (azattest_appraisal_parse(azattest_appraisal_json(appraisal), &again, NULL) != AZATTEST_OK ||
        !azattest__bytes_equal(azattest_appraisal_json(appraisal), azattest_appraisal_json(again)))
        abort();
    for (unsigned made = 0; made < 3; made++)
        judge(appraisal, made);
    azattest_appraisal_free(again);
    azattest_appraisal_free(appraisal);
    return 0;
}
