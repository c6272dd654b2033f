/* The SEV-SNP report as a part of evidence: how evidence of that kind is read, and its fields as JSON. */
#ifndef AZATTEST_EVIDENCE_AMD_PART_H
#define AZATTEST_EVIDENCE_AMD_PART_H

#include "../../json/json.h"
#include "../evidence.h"

/* Reads evidence->raw, which looks like a report, perhaps with the table of certificates of an extended report behind
 * it. */
azattest_status azattest__snp_evidence_read(azattest_evidence *evidence, azattest_error **error);
/* Every field of the report. */
azattest__json *azattest__snp_report_json(const azattest__snp_report *report);

#endif
