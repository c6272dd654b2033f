/* What a TPM attests: TPMS_ATTEST of a quote or a certification, its signature and key. All integers big-endian.
 * Source: TCG TPM 2.0 library, part 2, sections 10.12 (attestation), 11.3 (signatures), 12.2 (public areas). */
#ifndef AZATTEST_EVIDENCE_TPM_QUOTE_H
#define AZATTEST_EVIDENCE_TPM_QUOTE_H

#include "../../crypto/crypto.h"

#define AZATTEST__TPM_PCRS 24u
#define AZATTEST__TPM_BANKS 4u
#define AZATTEST__TPM_QUOTE 0x8018u   /* TPM_ST_ATTEST_QUOTE */
#define AZATTEST__TPM_CERTIFY 0x8017u /* TPM_ST_ATTEST_CERTIFY */

/* TPM_ALG_ID. */
#define AZATTEST__TPM_SHA1 0x0004u
#define AZATTEST__TPM_SHA256 0x000bu
#define AZATTEST__TPM_SHA384 0x000cu
#define AZATTEST__TPM_SHA512 0x000du
#define AZATTEST__TPM_NULL 0x0010u
#define AZATTEST__TPM_RSASSA 0x0014u
#define AZATTEST__TPM_RSAPSS 0x0016u
#define AZATTEST__TPM_ECDSA 0x0018u
#define AZATTEST__TPM_RSA 0x0001u
#define AZATTEST__TPM_ECC 0x0023u

/* Hash algorithms: their id, name ("sha256") and size. NULL, 0 for others. */
bool azattest__tpm_hash(uint16_t alg, azattest__hash *hash);
const char *azattest__tpm_hash_name(uint16_t alg);
size_t azattest__tpm_hash_size(uint16_t alg);
uint16_t azattest__tpm_hash_from_name(const char *name); /* in any case, with or without "-"; 0: unknown */

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
/* It begins as one does, the magic number alone being looked at. */
bool azattest__tpm_attest_looks_like(azattest_bytes bytes);

typedef struct azattest__tpm_signature {
    uint16_t scheme;   /* 0: there is none */
    uint16_t hash_alg; /* 0: a bare RSA signature, as some tools give it, does not tell */
    azattest_bytes rsa, r, s;
} azattest__tpm_signature;
/* TPMT_SIGNATURE, or an RSA signature without any head (then of the scheme RSASSA). */
azattest_status azattest__tpm_signature_parse(azattest_bytes bytes, azattest__tpm_signature *out,
                                              azattest_error **error);

/* TPMA_OBJECT. */
#define AZATTEST__TPM_FIXED_TPM (UINT32_C(1) << 1)
#define AZATTEST__TPM_FIXED_PARENT (UINT32_C(1) << 4)
#define AZATTEST__TPM_SENSITIVE_DATA_ORIGIN (UINT32_C(1) << 5)
#define AZATTEST__TPM_RESTRICTED (UINT32_C(1) << 16)
#define AZATTEST__TPM_DECRYPT (UINT32_C(1) << 17)
#define AZATTEST__TPM_SIGN (UINT32_C(1) << 18)

typedef struct azattest__tpm_public {
    azattest_bytes area; /* TPMT_PUBLIC; absent: there is none */
    uint16_t type, name_alg, scheme, scheme_hash, curve;
    uint32_t attributes, exponent; /* exponent as it stands: 0 means 65537 */
    uint16_t key_bits;
    azattest_bytes auth_policy, modulus, x, y;
} azattest__tpm_public;
/* TPMT_PUBLIC, TPM2B_PUBLIC, or the answer of TPM2_ReadPublic (a TPM2B_PUBLIC with two names behind it). */
azattest_status azattest__tpm_public_parse(azattest_bytes bytes, azattest__tpm_public *out, azattest_error **error);
azattest_status azattest__tpm_public_key(const azattest__tpm_public *area, azattest__key **out, azattest_error **error);
/* Name: the algorithm, and the hash of the public area by it; at most 2 + 64 bytes. */
azattest_status azattest__tpm_public_name(const azattest__tpm_public *area, unsigned char name[2 + AZATTEST__HASH_MAX],
                                          size_t *len, azattest_error **error);
/* What a key must be for its signature to say that the TPM itself made what is signed: restricted, signing, born in
 * this TPM and never to leave it. AZATTEST_E_EVIDENCE_INVALID names what is missing. */
azattest_status azattest__tpm_public_attests(const azattest__tpm_public *area, azattest_error **error);

/* One PCR's value as the evidence states it. */
typedef struct azattest__tpm_pcr {
    uint16_t bank;
    unsigned index;
    azattest_bytes value;
} azattest__tpm_pcr;

/* What stands beside a quote and makes it verifiable. */
typedef struct azattest__tpm_proof {
    azattest__tpm_signature signature;
    azattest__tpm_public area; /* of the attestation key, where one came along */
    azattest__key *key;        /* owned; NULL: none */
    azattest__tpm_pcr pcrs[AZATTEST__TPM_BANKS * AZATTEST__TPM_PCRS];
    size_t pcr_count;
} azattest__tpm_proof;

/* Signature of the message by that key, with the signature's scheme and hash. */
azattest_status azattest__tpm_verify(const azattest__tpm_attest *attest, const azattest__tpm_signature *signature,
                                     const azattest__key *key, azattest_error **error);
/* The algorithm that the signature was made with; that of a bare one follows from the size of the quote's digest. */
uint16_t azattest__tpm_signature_hash(const azattest__tpm_attest *attest, const azattest__tpm_signature *signature);
/* Digest over the PCRs that the quote selects, bank by bank as listed, indices ascending, is the quote's; every PCR
 * given is selected, and every one selected is given. */
azattest_status azattest__tpm_check_pcrs(const azattest__tpm_attest *attest, uint16_t hash_alg,
                                         const azattest__tpm_pcr *pcrs, size_t count, azattest_error **error);

#endif
