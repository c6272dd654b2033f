/* Evidence of virtual machines that reads and does not verify, and what the service says of it. */
#ifndef AZATTEST_TESTS_VM_EVIDENCE_H
#define AZATTEST_TESTS_VM_EVIDENCE_H

#include "instance.h"

#define VM_TDX_SIZE 1296u /* of version 5; that of version 4 has zeros behind it */
#define VM_SNP_SIZE 1184u

/* A TDX quote of that version (4 or 5) whose fields are bytes that count up, and whose report data binds the data. */
void vm_tdx_quote(unsigned version, const char *runtime_data, unsigned char out[VM_TDX_SIZE]);
/* An SEV-SNP report in the same manner; host data binds the init-time data unless it is NULL. */
void vm_snp_report(const char *runtime_data, const char *inittime_data, unsigned char out[VM_SNP_SIZE]);
/* Whole claims of a good token about it, with `more` behind them (",\"a\":1"), or "". For free(). */
char *vm_tdx_claims(unsigned version, const unsigned char *quote, const char *more);
char *vm_snp_claims(const unsigned char *report, const char *more);
/* The certificate of the key in DER. For free(). */
unsigned char *vm_certificate(const instance_key *key, size_t *len);

#endif
