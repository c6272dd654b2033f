/* Parsed evidence inside. Fields point into `raw`. */
#ifndef AZATTEST_EVIDENCE_EVIDENCE_H
#define AZATTEST_EVIDENCE_EVIDENCE_H

#include <stdatomic.h>

#include <azattest/evidence.h>
#include <azattest/limits.h>

#include "amd/report.h"
#include "azure/hcl.h"
#include "intel/pck.h"
#include "intel/quote.h"
#include "open_enclave/certificate.h"
#include "tpm/quote.h"

/* Fields as JSON: hexadecimal doubles the bytes; custom claims occur twice, the second time with names of which a byte
 * can take six characters. */
#define AZATTEST__FIELDS_LIMIT (9u * AZATTEST_LIMIT_EVIDENCE)

/* What an Open Enclave header of version 1 is around. */
#define AZATTEST__OE_TYPE_LOCAL 1u
#define AZATTEST__OE_TYPE_REMOTE 2u

/* Made when somebody asks: certificates and JSON cost ten times what parsing costs. The first of several threads that
 * ask at once wins; the others throw theirs away. */
typedef struct azattest__evidence_lazy {
    atomic_uint references;
    struct azattest_evidence *self;
    _Atomic(azattest__pck *) pck;
    _Atomic(azattest__buf *) fields;
} azattest__evidence_lazy;

struct azattest_evidence {
    const char *kind;      /* as azattest_evidence_kind() says */
    const char *form;      /* how the file held it */
    unsigned char *memory; /* holds raw; NULL in an outline, which borrows it */
    const unsigned char *raw;
    size_t raw_len;
    azattest_bytes quote;    /* inside raw */
    azattest_bytes trailing; /* bytes behind the quote, inside raw */
    azattest_bytes claims;   /* Open Enclave custom claims, or absent */
    azattest_bytes wrapped;  /* the Open Enclave header and all that it counts, or absent */
    uint32_t header_version; /* Open Enclave header; 0 for a bare quote */
    uint32_t header_type;    /* what it holds: 1 a report for local attestation, 2 a quote */
    const char *format;      /* Open Enclave evidence format by name, or NULL */
    /* What it is made of; a part that is not there has version 0 (or an absent message). */
    azattest__attested_certificate certificate;
    azattest__intel_quote intel;
    azattest__snp_report snp;
    azattest__hcl_report hcl;
    azattest__tpm_attest tpm;
    /* What stands beside these, and what the runtime claims say (azure/guest.h); NULL for other kinds and in an
     * outline. */
    struct azattest__guest *guest;
    /* Certificates that came with an SNP report: a table, PEM, DER or THIM JSON; in raw or amd_memory. */
    azattest_bytes amd_certificates;
    unsigned char *amd_memory;
    unsigned char *held_data; /* from a JSON document, or NULL */
    size_t held_data_len;
    char *document_difference; /* from a JSON document: "" when what it says of the quote is so, else the difference */
    azattest__evidence_lazy *lazy; /* NULL in an outline */
};

/* Layout and report alone, pointing into `raw`. For look_at_evidence(); nothing is to be freed. */
azattest_status azattest__evidence_outline(azattest_bytes raw, azattest_evidence *out, azattest_error **error);
/* Which kind the first bytes are of, by azattest_evidence_kind()'s names; NULL for anything else. What is behind them
 * can still be wrong. */
const char *azattest__evidence_sniff(azattest_bytes raw);

/* Another reference to the same evidence, which does not change; for azattest_evidence_free(). NULL gives NULL. */
azattest_evidence *azattest__evidence_ref(const azattest_evidence *evidence);
/* What the certification data of `intel` say of the platform, read at the first call; lives as long as the evidence.
 * count is 0 when they are none of certificates. NULL: no memory, or an outline. */
const azattest__pck *azattest__evidence_pck(const azattest_evidence *evidence);
/* The same; if it is the first to ask, keys that are among `keys` are not made anew. */
const azattest__pck *azattest__evidence_pck_with(const azattest_evidence *evidence, const azattest__x509_keys *keys);

#endif
