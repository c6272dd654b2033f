/* What a virtual TPM and a paravisor of Azure would have made: messages, signatures, public areas and reports of
 * made-up machines, with a field bent where a test asks for it. */
#ifndef AZATTEST_TESTS_GUESTS_H
#define AZATTEST_TESTS_GUESTS_H

#include <azattest/limits.h>

#include "base/buf.h"
#include "crypto/issue.h"
#include "evidence/tpm/quote.h"

/* Big-endian numbers, and a TPM2B. */
void guests_number(azattest__buf *out, uint64_t value, size_t size);
void guests_sized(azattest__buf *out, azattest_bytes bytes);

/* A TPMS_ATTEST that quotes `selections` with that digest. */
azattest__buf guests_quote(const azattest__pcr_selection *selections, size_t count, azattest_bytes nonce,
                           azattest_bytes pcr_digest);
/* One that certifies a name. */
azattest__buf guests_certify(azattest_bytes name);
/* TPMT_SIGNATURE over the message; `alg` is one of JOSE's. */
azattest__buf guests_signature(const azattest__key *key, azattest__alg alg, azattest_bytes message);
/* TPMT_PUBLIC of a key, with the attributes of an attestation key unless others are given. */
#define GUESTS_AK_ATTRIBUTES 0x00050072u
azattest__buf guests_public(const azattest__key *key, uint32_t attributes);
/* 24 PCRs of a bank, each filled with its index; values point into `memory` of 24 * 64 bytes. */
void guests_pcrs(uint16_t bank, azattest__tpm_pcr pcrs[AZATTEST__TPM_PCRS], unsigned char *memory);

/* An HCL report around `hardware` (1184 bytes, or fewer), with zeros up to `size`. */
azattest__buf guests_hcl(uint32_t type, uint32_t hash_type, azattest_bytes hardware, azattest_bytes claims,
                         size_t size);
/* Puts a little-endian number into it. */
void guests_put(azattest__buf *report, size_t offset, uint32_t value);
/* Runtime claims with that key as HCLAkPub. */
azattest__buf guests_claims(const azattest__key *ak);

#endif
