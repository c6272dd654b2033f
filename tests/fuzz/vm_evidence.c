/* Evidence of virtual machines, and the document that carries an SEV-SNP report: the first byte chooses. */
#include <stdlib.h>

#include "evidence/evidence.h"
#include "protocol/snp_document.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    azattest__snp_document document;
    azattest_evidence outline;
    azattest_bytes rest;

    if (size == 0)
        return 0;
    rest = azattest__bytes(data + 1, size - 1);
    (void)azattest__evidence_sniff(rest);
    azattest__snp_document_init(&document);
    switch (data[0] & 3) {
    case 0:
        if (azattest__evidence_outline(rest, &outline, NULL) == AZATTEST_OK &&
            azattest_evidence_report_data(&outline).len != 64)
            abort();
        break;
    case 2: /* a document of the caller's */
        if (azattest__snp_document_make("fuzz", rest, azattest__bytes(NULL, 0), azattest__bytes(NULL, 0), &document,
                                        NULL) == AZATTEST_OK &&
            document.report.len != AZATTEST__SNP_REPORT_SIZE)
            abort();
        break;
    default: { /* certificates beside a report */
        static const unsigned char zero[AZATTEST__SNP_REPORT_SIZE];

        (void)azattest__snp_document_make("fuzz", azattest__bytes(zero, sizeof(zero)), rest, azattest__bytes(NULL, 0),
                                          &document, NULL);
    }
    }
    azattest__snp_document_clear(&document);
    return 0;
}
