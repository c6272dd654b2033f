/* The JSON document in which /attest/SevSnpVm takes a report: {"SnpReport": base64url, "VcekCertChain": base64url of
 * PEM, "Endorsements": base64url}. Names in any case, as the service binds them. */
#ifndef AZATTEST_EVIDENCE_AMD_DOCUMENT_H
#define AZATTEST_EVIDENCE_AMD_DOCUMENT_H

#include <azattest/limits.h>

#include "../../json/json.h"
#include "report.h"

bool azattest__snp_document_looks_like(const azattest__json *document);
/* The report's bytes, exactly one report, and the chain's: VCEK, ASK and ARK; its ptr stays NULL when the document has
 * none. Both were initialised by the caller. AZATTEST_E_EVIDENCE names the member. */
azattest_status azattest__snp_document_read(const azattest__json *document, azattest__buf *report, azattest__buf *chain,
                                            azattest_error **error);
/* The same for text that may be such a document (what a request carries as its "report"): *is_document tells. */
azattest_status azattest__snp_document_read_text(azattest_bytes text, bool *is_document, azattest__buf *report,
                                                 azattest__buf *chain, azattest_error **error);

#endif
