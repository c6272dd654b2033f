/* Parsed evidence inside. Fields point into `raw`. */
#ifndef AZATTEST_EVIDENCE_EVIDENCE_H
#define AZATTEST_EVIDENCE_EVIDENCE_H

#include <azattest/evidence.h>
#include <azattest/limits.h>

#include "amd/report.h"
#include "azure/hcl.h"
#include "intel/pck.h"
#include "intel/quote.h"
#include "tpm/quote.h"

/* Fields as JSON: hexadecimal doubles the bytes, and custom claims occur twice. */
#define AZATTEST__FIELDS_LIMIT (6u * AZATTEST_LIMIT_EVIDENCE)

struct azattest_evidence {
    const char *kind;      /* "sgx_quote" or "open_enclave_report" */
    const char *form;      /* how the file held it */
    unsigned char *memory; /* holds raw; NULL in an outline, which borrows it */
    const unsigned char *raw;
    size_t raw_len;
    azattest_bytes quote;    /* inside raw */
    azattest_bytes trailing; /* bytes behind the quote, inside raw */
    azattest_bytes claims;   /* Open Enclave custom claims, or absent */
    uint32_t header_version; /* Open Enclave header; 0 for a bare quote */
    const char *format;      /* Open Enclave evidence format by name, or NULL */
    /* What it is made of; a part that is not there has version 0 (or an absent message). */
    azattest__intel_quote intel;
    azattest__snp_report snp;
    azattest__hcl_report hcl;
    azattest__tpm_attest tpm;
    azattest__pck pck; /* what the certification data of `intel` says */
    azattest_bytes
        amd_certificates; /* that came with an SNP report: a table, PEM, DER or THIM JSON; in raw or amd_memory */
    unsigned char *amd_memory;
    unsigned char *held_data; /* from a JSON document, or NULL */
    size_t held_data_len;
    char *document_difference; /* from a JSON document: "" when what it says of the quote is so, else the difference */
    azattest__buf fields;      /* JSON, made when parsed */
};

/* Layout and report alone, pointing into `raw`: neither certificates nor fields are read, which would take ten times as
 * long as the check of a token. For look_at_evidence(); nothing is to be freed. */
azattest_status azattest__evidence_outline(azattest_bytes raw, azattest_evidence *out, azattest_error **error);

#endif
