/* The PCK chain of a quote that does not carry it: certification data of types 1 to 4. */
#include <stdlib.h>

#include "../../base/encoding.h"
#include "../collateral/collateral.h"
#include "verify.h"

#define SGX_EXTENSIONS "1.2.840.113741.1.13.1"

/* The proof that a PCK certificate is the platform's: its key signed the quoting enclave's report. The PPID of the
 * certification data may be encrypted, and its CPUSVN need not be that of the certificate. */
static bool signed_report(const azattest__verification *v, const azattest__x509 *leaf)
{
    const azattest__intel_quote *quote = &v->evidence->intel;
    bool valid = false;

    return leaf->key != NULL && azattest__key_fits(leaf->key, AZATTEST__ES256, NULL) == AZATTEST_OK &&
           azattest__key_verify(leaf->key, AZATTEST__ES256,
                                azattest__bytes(quote->qe_report.body, AZATTEST__SGX_REPORT_SIZE),
                                quote->qe_report_signature, &valid, NULL) == AZATTEST_OK &&
           valid;
}

static bool is_pck(const azattest__x509 *certificate)
{
    bool twice;

    return !certificate->ca && azattest__x509_extension(certificate, SGX_EXTENSIONS, &twice).ptr != NULL;
}

static const azattest__x509 *find_issuer(const azattest_collateral *c, const azattest__x509 *certificate)
{
    for (size_t i = 0; i < c->certificate_count; i++)
        if (azattest__x509_check_issued(certificate, &c->certificates[i]->x509, 0, NULL) == AZATTEST_OK)
            return &c->certificates[i]->x509;
    return NULL;
}

/* The leaf alone, when the certification data are one (type 4). */
static const azattest__x509 *find_leaf(const azattest__verification *v, azattest__x509_chain *carried)
{
    const azattest_collateral *c = v->collateral;

    if (v->evidence->intel.certification_data_type == AZATTEST__SGX_CERTIFICATION_PCK_LEAF)
        return azattest__x509_chain_read_pem(v->evidence->intel.certification_data, carried, NULL) == AZATTEST_OK &&
                       carried->count == 1
                   ? &carried->certificates[0]
                   : NULL;
    for (size_t i = 0; i < c->certificate_count; i++)
        if (is_pck(&c->certificates[i]->x509) && signed_report(v, &c->certificates[i]->x509))
            return &c->certificates[i]->x509;
    return NULL;
}

azattest_status azattest__intel_find_pck(const azattest__verification *v, azattest__pck *out)
{
    const azattest__x509_keys keys = azattest__collateral_keys(v->collateral);
    const azattest__x509 *leaf, *intermediate = NULL, *root = NULL;
    azattest__x509_chain carried = { 0 };
    azattest_status status = AZATTEST_OK;
    azattest__buf pem;

    memset(out, 0, sizeof(*out));
    azattest__buf_init(&pem, AZATTEST_LIMIT_CERTIFICATE_CHAIN);
    if ((leaf = find_leaf(v, &carried)) != NULL && (intermediate = find_issuer(v->collateral, leaf)) != NULL)
        root = find_issuer(v->collateral, intermediate);
    if (root != NULL) {
        /* As text, so that it is read and judged as one that the quote carries. */
        azattest__pem_encode("CERTIFICATE", leaf->der, &pem);
        azattest__pem_encode("CERTIFICATE", intermediate->der, &pem);
        azattest__pem_encode("CERTIFICATE", root->der, &pem);
        status = pem.status == AZATTEST_E_MEMORY ? pem.status
                                                 : azattest__pck_read(azattest__buf_bytes(&pem), &keys, out, NULL);
    }
    azattest__buf_free(&pem);
    azattest__x509_chain_clear(&carried);
    return status;
}
