/* What a TPM attests: TPMS_ATTEST of a quote or a certification, its signature and key. All integers big-endian.
 * Source: TCG TPM 2.0 library, part 2, sections 10.12 (attestation), 11.3 (signatures), 12.2 (public areas). */
#ifndef AZATTEST_EVIDENCE_TPM_QUOTE_H
#define AZATTEST_EVIDENCE_TPM_QUOTE_H

#include "../../crypto/crypto.h"

#define AZATTEST__TPM_PCRS 24u
#define AZATTEST__TPM_BANKS 4u

typedef struct azattest__pcr_selection {
    uint16_t hash_alg;
    uint32_t mask; /* bit i: PCR i */
} azattest__pcr_selection;

typedef struct azattest__tpm_attest {
    azattest_bytes message; /* TPMS_ATTEST, without the size of a TPM2B; absent: there is none */
    uint16_t type;          /* 0x8018 quote, 0x8017 certify */
    azattest_bytes qualified_signer, extra_data;
    uint64_t clock, firmware_version;
    uint32_t reset_count, restart_count;
    bool safe;
    azattest__pcr_selection selections[AZATTEST__TPM_BANKS];
    size_t selection_count;
    azattest_bytes pcr_digest, name, qualified_name;
} azattest__tpm_attest;

/* With or without the size of a TPM2B in front; no byte behind it. */
azattest_status azattest__tpm_attest_parse(azattest_bytes bytes, azattest__tpm_attest *out, azattest_error **error);

#endif
