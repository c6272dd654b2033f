/* What /attest/SevSnpVm takes as evidence: {"SnpReport":..., "VcekCertChain":..., "Endorsements":...}. */
#ifndef AZATTEST_PROTOCOL_SNP_DOCUMENT_H
#define AZATTEST_PROTOCOL_SNP_DOCUMENT_H

#include <azattest/limits.h>

#include "../error/error.h"

/* Base64 of PEM of the longest chain, and of the endorsements, with the names around them. */
#define AZATTEST__SNP_DOCUMENT_LIMIT (2u * (AZATTEST_LIMIT_CERTIFICATE_CHAIN + AZATTEST_LIMIT_ENDORSEMENTS) + 8192u)

/* The document as it is sent, and the report inside it. */
typedef struct azattest__snp_document {
    azattest__buf text, report;
} azattest__snp_document;

void azattest__snp_document_init(azattest__snp_document *document);
void azattest__snp_document_clear(azattest__snp_document *document);
/* `evidence` is a raw report, to which the certificates belong, or the document itself, which is taken as it is.
 * `vcek_chain`: PEM text, or one or more certificates in DER. `endorsements`: bytes, absent when there are none.
 * AZATTEST_E_ARGUMENT when the parts do not make a document. */
azattest_status azattest__snp_document_make(const char *what, azattest_bytes evidence, azattest_bytes vcek_chain,
                                            azattest_bytes endorsements, azattest__snp_document *out,
                                            azattest_error **error);

#endif
