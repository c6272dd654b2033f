/* What comes with an SEV-SNP report, in any form: certificate table, JSON of a host, PEM, DER; revocation lists; the
 * document of a request. The first byte chooses. */
#include <stdlib.h>

#include "evidence/amd/chain.h"
#include "evidence/amd/document.h"
#include "evidence/amd/table.h"
#include "evidence/collateral/amd.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void find_chain(const azattest__amd_items *items)
{
    static const unsigned char zero[AZATTEST__SNP_REPORT_SIZE] = { 3 };
    const azattest__amd_items *sets[AZATTEST__AMD_SETS] = { items, NULL, items };
    azattest__snp_report report;
    azattest__amd_chain chain;

    if (azattest__snp_report_parse(azattest__bytes(zero, sizeof(zero)), &report, NULL) != AZATTEST_OK)
        abort();
    azattest__amd_chain_find(sets, &report, &chain);
    if (chain.leaf != NULL && azattest__amd_chain_check(&chain, NULL) == AZATTEST_OK &&
        (chain.authority == NULL || chain.root == NULL))
        abort();
    azattest__amd_chain_clear(&chain);
}

static void read_table(azattest_bytes bytes)
{
    const unsigned char *start = bytes.ptr;
    azattest__amd_table table;

    if (azattest__amd_table_read(bytes, &table, NULL) != AZATTEST_OK)
        return;
    for (size_t i = 0; i < table.count; i++) {
        const unsigned char *p = table.entries[i].content.ptr;

        if (p < start || p > start + bytes.len || table.entries[i].content.len > (size_t)(start + bytes.len - p))
            abort();
    }
}

static void read_document(azattest_bytes bytes)
{
    azattest__buf report, chain;
    bool is_document = false;

    azattest__buf_init(&report, AZATTEST_LIMIT_EVIDENCE);
    azattest__buf_init(&chain, AZATTEST_LIMIT_CERTIFICATE_CHAIN);
    if (azattest__snp_document_read_text(bytes, &is_document, &report, &chain, NULL) == AZATTEST_OK && is_document &&
        report.len != AZATTEST__SNP_REPORT_SIZE)
        abort();
    azattest__buf_free(&report);
    azattest__buf_free(&chain);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    azattest__amd_items items = { .certificates = NULL };
    azattest_bytes rest;

    if (size == 0)
        return 0;
    rest = azattest__bytes(data + 1, size - 1);
    switch (data[0] & 3) {
    case 0:
        read_table(rest);
        break;
    case 1:
        (void)azattest__amd_add_crl(&items, rest, NULL);
        break;
    case 2:
        read_document(rest);
        break;
    default:
        if (azattest__amd_add_any(&items, rest, NULL) != AZATTEST_OK && items.certificate_count != 0)
            abort();
        find_chain(&items);
    }
    azattest__amd_items_clear(&items);
    return 0;
}
