/* What a caller may ask about the SEV-SNP report in evidence, whatever wraps it. */
#include <azattest/evidence.h>

#include "table.h"
#include "part.h"

azattest_status azattest__snp_evidence_read(azattest_evidence *evidence, azattest_error **error)
{
    azattest_bytes behind;
    azattest_status status;
    azattest__amd_table table;
    size_t size;

    evidence->kind = "snp_report";
    if ((status = azattest__snp_report_parse(azattest__bytes(evidence->raw, evidence->raw_len), &evidence->snp,
                                             error)) != AZATTEST_OK)
        return status;
    evidence->quote = azattest__bytes(evidence->raw, AZATTEST__SNP_REPORT_SIZE);
    behind = azattest__bytes(evidence->raw + AZATTEST__SNP_REPORT_SIZE, evidence->raw_len - AZATTEST__SNP_REPORT_SIZE);
    if (!azattest__amd_table_looks_like(behind)) {
        evidence->trailing = behind;
        return AZATTEST_OK;
    }
    /* One that cannot be read is kept whole: the verdict says what is wrong with it. */
    size = azattest__amd_table_read(behind, &table, NULL) == AZATTEST_OK ? table.size : behind.len;
    evidence->amd_certificates = azattest__bytes(behind.ptr, size);
    evidence->trailing = azattest__bytes((const unsigned char *)behind.ptr + size, behind.len - size);
    return AZATTEST_OK;
}

static const azattest__snp_report *report_of(const azattest_evidence *evidence)
{
    return evidence == NULL || evidence->snp.version == 0 ? NULL : &evidence->snp;
}

/* A part of the report; absent where there is none. */
#define READER(name, member, size)                                                                                     \
    azattest_bytes azattest_evidence_##name(const azattest_evidence *evidence)                                         \
    {                                                                                                                  \
        const azattest__snp_report *report = report_of(evidence);                                                      \
                                                                                                                       \
        return report == NULL ? azattest__bytes(NULL, 0) : azattest__bytes(report->member, size);                      \
    }

READER(measurement, measurement, 48)
READER(host_data, host_data, 32)
READER(id_key_digest, id_key_digest, 48)
READER(author_key_digest, author_key_digest, 48)
READER(chip_id, chip_id, AZATTEST__SNP_CHIP_ID_SIZE)
READER(family_id, family_id, 16)
READER(image_id, image_id, 16)
READER(report_id, report_id, 32)
READER(reported_tcb, reported_tcb, AZATTEST__SNP_TCB_SIZE)

int64_t azattest_evidence_guest_svn(const azattest_evidence *evidence)
{
    return report_of(evidence) == NULL ? -1 : (int64_t)evidence->snp.guest_svn;
}

uint64_t azattest_evidence_guest_policy(const azattest_evidence *evidence)
{
    return report_of(evidence) == NULL ? 0 : evidence->snp.policy;
}

int64_t azattest_evidence_vmpl(const azattest_evidence *evidence)
{
    return report_of(evidence) == NULL ? -1 : (int64_t)evidence->snp.vmpl;
}

const char *azattest_evidence_snp_product(const azattest_evidence *evidence)
{
    return report_of(evidence) == NULL ? NULL : azattest__snp_product_name(evidence->snp.product);
}
