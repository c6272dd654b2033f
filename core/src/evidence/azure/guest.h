/* A guest of Azure: hardware report and runtime claims, the quote of its virtual TPM, and what makes both verifiable.
 * A quote of any TPM that came with its signature and key is held the same way. */
#ifndef AZATTEST_EVIDENCE_AZURE_GUEST_H
#define AZATTEST_EVIDENCE_AZURE_GUEST_H

#include "../evidence.h"
#include "../tpm/event_log.h"

/* The pieces, as they came. */
typedef enum azattest__guest_piece {
    AZATTEST__GUEST_HCL_REPORT,
    AZATTEST__GUEST_SNP_REPORT, /* of a request to attest a guest, which has no HCL report, but its parts */
    AZATTEST__GUEST_RUNTIME_CLAIMS,
    AZATTEST__GUEST_TD_QUOTE,
    AZATTEST__GUEST_CERTIFICATES, /* of the SNP report's key */
    AZATTEST__GUEST_TPM_MESSAGE,
    AZATTEST__GUEST_TPM_SIGNATURE,
    AZATTEST__GUEST_AK_PUBLIC,
    AZATTEST__GUEST_AK_CERTIFICATE,
    AZATTEST__GUEST_EVENT_LOG,
    AZATTEST__GUEST_KEY_PUBLIC, /* of a request: the key that the answer is to be sealed to, and its certification */
    AZATTEST__GUEST_KEY_CERTIFICATION,
    AZATTEST__GUEST_KEY_SIGNATURE,
    AZATTEST__GUEST_PIECES
} azattest__guest_piece;

struct azattest__guest {
    azattest__runtime_claims claims;
    azattest__tpm_proof proof;
    azattest__buf pieces[AZATTEST__GUEST_PIECES];
    unsigned char pcr_values[AZATTEST__TPM_BANKS * AZATTEST__TPM_PCRS][AZATTEST__HASH_MAX];
};

/* For evidence->guest; NULL: no memory. */
struct azattest__guest *azattest__guest_alloc(void);
void azattest__guest_free(struct azattest__guest *guest);
/* Keeps one PCR's value (copied). AZATTEST_E_EVIDENCE: an index, a bank or a size that no TPM has, or too many. */
azattest_status azattest__guest_add_pcr(struct azattest__guest *guest, uint16_t bank, int64_t index,
                                        azattest_bytes value, azattest_error **error);
/* Keeps a copy of a piece; empty and absent ones are left out. */
azattest_status azattest__guest_put(struct azattest__guest *guest, azattest__guest_piece piece, azattest_bytes bytes,
                                    azattest_error **error);
/* Takes the pieces of evidence->guest apart and sets the evidence's parts and kind. */
azattest_status azattest__guest_read(azattest_evidence *evidence, azattest_error **error);

/* For the table of kinds. */
azattest_status azattest__hcl_evidence_read(azattest_evidence *evidence, azattest_bytes raw, azattest_error **error);
azattest_status azattest__tpm_evidence_read(azattest_evidence *evidence, azattest_bytes raw, azattest_error **error);

/* Documents. A JSON object that is one of a guest's; what is wrong with it, the reader says. */
bool azattest__guest_document_looks_like(const azattest__json *document);
/* `text` becomes azattest_evidence_raw(). */
azattest_status azattest__guest_document_load(azattest_bytes text, const azattest__json *document,
                                              azattest_evidence **out, azattest_error **error);
/* The form that is written: the second of the two that are read. */
azattest_status azattest__guest_document_write(const struct azattest__guest *guest, azattest__buf *out,
                                               azattest_error **error);

/* Members of the fields' JSON. */
azattest_status azattest__guest_fields(const azattest_evidence *evidence, azattest__json *fields,
                                       azattest_error **error);

/* Whether the pieces belong together, no signature looked at: the hardware's report binds the runtime claims, and a TD
 * quote is over the TDREPORT beside them. AZATTEST_E_BINDING says what does not; what is not there does not count. */
azattest_status azattest__guest_check_bound(const azattest_evidence *evidence, azattest_error **error);

/* For appraisals: what the evidence states, bound or not (the verdict's other checks say that). A PCR of the bank;
 * absent: not given. */
azattest_bytes azattest__guest_pcr(const azattest_evidence *evidence, uint16_t bank, unsigned index);
/* 1, 0, or -1: not stated. */
int azattest__guest_secure_boot(const azattest_evidence *evidence);
const char *azattest__guest_vm_unique_id(const azattest_evidence *evidence); /* NULL: not stated */
/* The hash of the TPM quote's signature; 0: none. */
uint16_t azattest__guest_signature_hash(const azattest_evidence *evidence);
/* The key that signs the TPM's quotes: HCLAkPub where there are runtime claims, the one that came along otherwise;
 * borrowed, NULL: none. */
const azattest__key *azattest__guest_attestation_key(const azattest_evidence *evidence);

/* The key that a request to attest a guest wants its answer sealed to: certified by the attestation key, and one that
 * decrypts inside of the TPM alone. AZATTEST_E_EVIDENCE_INVALID says what is not so; AZATTEST_E_EVIDENCE: none came. */
azattest_status azattest__guest_certified_key(const azattest_evidence *evidence, azattest__key **out,
                                              azattest_error **error);

#endif
