/* Layout of the quotes of Intel, SGX and TDX. Sources: Intel SGX ECDSA QuoteLib reference, Intel TDX DCAP quoting
 * library reference. Offsets are named in the .c. */
#ifndef AZATTEST_EVIDENCE_INTEL_QUOTE_H
#define AZATTEST_EVIDENCE_INTEL_QUOTE_H

#include "tdx_report.h"

#define AZATTEST__SGX_HEADER_SIZE 48u
#define AZATTEST__SGX_REPORT_SIZE 384u
#define AZATTEST__SGX_SIGNED_SIZE (AZATTEST__SGX_HEADER_SIZE + AZATTEST__SGX_REPORT_SIZE) /* versions 3 and 4 */
#define AZATTEST__SGX_VENDOR_OFFSET 12u
#define AZATTEST__SGX_VENDOR_SIZE 16u
#define AZATTEST__SGX_FLAG_DEBUG (1u << 1)
/* Key separation and sharing: only with it do config id, config SVN, family id and extended product id mean anything.
 */
#define AZATTEST__SGX_FLAG_KSS (1u << 7)
#define AZATTEST__SGX_VERSION 3u /* the first of three: 3, 4, 5 */
#define AZATTEST__SGX_VERSION_LAST 5u
#define AZATTEST__SGX_KEY_TYPE_P256 2u
#define AZATTEST__SGX_CERTIFICATION_PPID 1u /* to 3: in clear, or encrypted */
#define AZATTEST__SGX_CERTIFICATION_PPID_LAST 3u
#define AZATTEST__SGX_CERTIFICATION_PCK_LEAF 4u
#define AZATTEST__SGX_CERTIFICATION_PCK_CHAIN 5u
#define AZATTEST__SGX_CERTIFICATION_QE_REPORT 6u /* what versions 4 and 5 put around it */

#define AZATTEST__TEE_TYPE_SGX 0u
#define AZATTEST__TEE_TYPE_TDX 0x81u

/* The one vendor of quoting enclaves. */
extern const unsigned char azattest__sgx_intel_vendor[AZATTEST__SGX_VENDOR_SIZE];

/* A report body; pointers into the quote. */
typedef struct azattest__sgx_report {
    const unsigned char *body; /* all 384 bytes */
    const unsigned char *cpu_svn, *cet_attributes, *isv_ext_product_id, *mr_enclave, *mr_signer, *config_id,
        *isv_family_id, *report_data;
    uint32_t misc_select;
    uint64_t attributes_flags, attributes_xfrm;
    uint16_t isv_product_id, isv_svn, config_svn;
} azattest__sgx_report;

/* The body has 384 bytes. */
azattest__sgx_report azattest__sgx_report_read(const unsigned char *body);

/* Certification data of types 1 to 3: which PCK certificate it is, for whoever has it. */
typedef struct azattest__intel_platform {
    azattest_bytes ppid; /* in clear, or encrypted for Intel; absent: no such data, or not of their size */
    const unsigned char *cpu_svn, *pceid;
    uint16_t pcesvn;
} azattest__intel_platform;

/* Of any version and TEE; version 0: there is none. */
typedef struct azattest__intel_quote {
    uint16_t version, attestation_key_type, qe_svn, pce_svn;
    uint32_t tee_type;              /* AZATTEST__TEE_TYPE_... */
    uint16_t body_type;             /* of version 5: 1 SGX, 2 TD report 1.0, 3 TD report 1.5; 0 otherwise */
    azattest__tdx_report td_report; /* when tee_type is TDX; `report` otherwise */
    const unsigned char *qe_vendor_id, *user_data;
    azattest__sgx_report report;
    azattest_bytes signed_bytes;
    uint32_t signature_data_size;
    azattest_bytes signature, attestation_key, qe_report_signature, qe_auth_data, certification_data;
    azattest__sgx_report qe_report;
    uint16_t outer_certification_type; /* of versions 4 and 5: 6; 0 otherwise */
    uint16_t certification_data_type;  /* of `certification_data`, inside of that */
    azattest__intel_platform platform;
    size_t size; /* of the whole quote */
} azattest__intel_quote;

/* Parses a quote at the front of `bytes`; bytes behind it are left to the caller. AZATTEST_E_EVIDENCE names the field.
 */
azattest_status azattest__intel_quote_parse(azattest_bytes bytes, azattest__intel_quote *out, azattest_error **error);

/* What a type of certification data holds: "PCK certificate chain (PEM)"; "unknown" for other numbers. */
const char *azattest__sgx_certification_name(unsigned type);
/* Size that certification data of types 1 to 3 must have; 0 for other types, which have no fixed one. */
size_t azattest__sgx_certification_size(unsigned type);

#endif
