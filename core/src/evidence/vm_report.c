#include "vm_report.h"

static azattest_bytes part(const unsigned char *p, size_t offset, size_t size)
{
    return azattest__bytes(p + offset, size);
}

azattest_status azattest__snp_outline_read(azattest_bytes report, azattest__snp_outline *out, azattest_error **error)
{
    const unsigned char *p = report.ptr;
    uint64_t policy;

    memset(out, 0, sizeof(*out));
    if (report.len != AZATTEST__SNP_REPORT_SIZE)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE, "SEV-SNP report: %zu bytes, expected %u", report.len,
                                   AZATTEST__SNP_REPORT_SIZE);
    if (azattest__le32(p) < 2 || azattest__le32(p) > 5)
        return azattest__error_set(error, AZATTEST_E_UNSUPPORTED,
                                   "SEV-SNP report: version %u; versions 2 to 5 are known",
                                   (unsigned)azattest__le32(p));
    policy = azattest__le64(p + 0x08);
    out->guest_svn = azattest__le32(p + 0x04);
    out->is_smt_allowed = (policy >> 16 & 1) != 0;
    out->is_migration_allowed = (policy >> 18 & 1) != 0;
    out->is_debuggable = (policy >> 19 & 1) != 0;
    out->family_id = part(p, 0x10, 16);
    out->image_id = part(p, 0x20, 16);
    out->vmpl = azattest__le32(p + 0x30);
    out->report_data = part(p, 0x50, 64);
    out->measurement = part(p, 0x90, 48);
    out->host_data = part(p, 0xc0, 32);
    out->id_key_digest = part(p, 0xe0, 48);
    out->author_key_digest = part(p, 0x110, 48);
    out->report_id = part(p, 0x140, 32);
    return AZATTEST_OK;
}

bool azattest__snp_looks_like(azattest_bytes raw)
{
    const unsigned char *p = raw.ptr;

    return raw.len == AZATTEST__SNP_REPORT_SIZE && azattest__le32(p) >= 2 && azattest__le32(p) <= 5 &&
           azattest__le32(p + 0x34) == 1 /* ECDSA P-384 with SHA-384 */;
}
