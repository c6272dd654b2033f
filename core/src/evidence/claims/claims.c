/* The claims of a token: of SGX and Open Enclave the set that recorded tokens of shared instances have; of virtual
 * machines also machine.c and guest.c. */
#include "claims.h"

azattest__json *azattest__claims_sorted(const azattest__json *value)
{
    bool object = azattest__json_is_object(value);
    azattest__json *copy;

    if (!object && !azattest__json_is_array(value))
        return azattest__json_copy(value);
    copy = object ? azattest__json_new_object() : azattest__json_new_array();
    for (const azattest__json *child = azattest__json_first(value); child != NULL; child = azattest__json_next(child)) {
        if (object)
            azattest__json_put(copy, azattest__json_name(child), azattest__claims_sorted(child));
        else
            azattest__json_add(copy, azattest__claims_sorted(child));
    }
    if (object)
        azattest__json_sort(copy);
    return copy;
}

/* The service also names the hashes of the collateral it used. None is held here, so none are named. */
static azattest_status put_collateral(azattest__json *claims, azattest_bytes posted, azattest_error **error)
{
    static const char *const names[] = { "maa-attestationcollateral", "x-ms-sgx-collateral" };
    azattest_status status;
    unsigned char hash[AZATTEST__SHA256_SIZE];

    if ((status = azattest__sha256(posted, hash, error)) != AZATTEST_OK)
        return status;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        azattest__json *collateral = azattest__json_new_object();

        azattest__json_put_hex(collateral, "quotehash", azattest__bytes(hash, sizeof(hash)));
        azattest__json_put(claims, names[i], collateral);
    }
    return AZATTEST_OK;
}

void azattest__claims_put_sgx(azattest__json *claims, const azattest__sgx_report *report)
{
    azattest__json_put_string(claims, "x-ms-attestation-type", "sgx");
    azattest__json_put_bool(claims, "x-ms-sgx-is-debuggable",
                            (report->attributes_flags & AZATTEST__SGX_FLAG_DEBUG) != 0);
    azattest__json_put_hex(claims, "x-ms-sgx-mrenclave", azattest__bytes(report->mr_enclave, 32));
    azattest__json_put_hex(claims, "x-ms-sgx-mrsigner", azattest__bytes(report->mr_signer, 32));
    azattest__json_put_integer(claims, "x-ms-sgx-product-id", report->isv_product_id);
    azattest__json_put_hex(claims, "x-ms-sgx-report-data", azattest__bytes(report->report_data, 64));
    azattest__json_put_integer(claims, "x-ms-sgx-svn", report->isv_svn);
    if ((report->attributes_flags & AZATTEST__SGX_FLAG_KSS) != 0) {
        azattest__json_put_hex(claims, "x-ms-sgx-config-id", azattest__bytes(report->config_id, 64));
        azattest__json_put_integer(claims, "x-ms-sgx-config-svn", report->config_svn);
        azattest__json_put_hex(claims, "x-ms-sgx-isv-extended-product-id",
                               azattest__bytes(report->isv_ext_product_id, 16));
        azattest__json_put_hex(claims, "x-ms-sgx-isv-family-id", azattest__bytes(report->isv_family_id, 16));
    }
}

/* Which claim carries binary init-time data is not known, nor which one binary runtime data of a virtual machine: so
 * none does. */
static void put_data(azattest__json *claims, const azattest__claims_request *request, bool enclave)
{
    static const char *const names[] = { "aas-ehd", "maa-ehd", "x-ms-sgx-ehd" };
    const azattest__claims_data *runtime = &request->runtime, *inittime = &request->inittime;

    if (runtime->given && runtime->json != NULL)
        azattest__json_put(claims, "x-ms-runtime", azattest__claims_sorted(runtime->json));
    else if (runtime->given && enclave)
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
            azattest__json_put_base64url(claims, names[i], runtime->bytes);
    if (inittime->given && inittime->json != NULL)
        azattest__json_put(claims, "x-ms-inittime", azattest__claims_sorted(inittime->json));
}

static azattest_status misfit(const azattest_evidence *evidence, const char *wanted, azattest_error **error)
{
    return azattest__error_set(error, AZATTEST_E_ARGUMENT, "the evidence is of kind %s (TEE %s) and holds no %s",
                               evidence->kind, azattest_evidence_tee(evidence), wanted);
}

static azattest_status put_evidence(azattest__claims_kind kind, const azattest__claims_request *request,
                                    azattest__json *claims, azattest_error **error)
{
    const azattest_evidence *evidence = request->evidence;
    azattest__tdx_report td;

    switch (kind) {
    case AZATTEST__CLAIMS_SGX:
        if (evidence->intel.report.body == NULL)
            return misfit(evidence, "report of an enclave", error);
        azattest__claims_put_sgx(claims, &evidence->intel.report);
        return put_collateral(claims, request->posted, error);
    case AZATTEST__CLAIMS_SNP:
        if (evidence->snp.version == 0)
            return misfit(evidence, "SEV-SNP report", error);
        azattest__claims_put_snp(claims, &evidence->snp);
        return AZATTEST_OK;
    case AZATTEST__CLAIMS_TDX:
        if (!azattest__claims_td_report(evidence, &td))
            return misfit(evidence, "report of a trust domain", error);
        azattest__claims_put_tdx(claims, &td);
        return AZATTEST_OK;
    case AZATTEST__CLAIMS_GUEST:
        if (evidence->guest == NULL)
            return misfit(evidence, "evidence of an Azure guest", error);
        return azattest__claims_put_guest(claims, evidence, error);
    case AZATTEST__CLAIMS_TPM:
        if (evidence->tpm.message.ptr == NULL)
            return misfit(evidence, "quote of a TPM", error);
        return azattest__claims_put_tpm(claims, evidence, error);
    }
    return AZATTEST_E_ARGUMENT;
}

azattest_status azattest__evidence_claims(azattest__claims_kind kind, const azattest__claims_request *request,
                                          azattest__json *claims, azattest_error **error)
{
    azattest_status status = put_evidence(kind, request, claims, error);

    if (status != AZATTEST_OK)
        return status;
    put_data(claims, request, kind == AZATTEST__CLAIMS_SGX);
    if (request->nonce != NULL)
        azattest__json_put_string(claims, "nonce", request->nonce);
    azattest__json_put_string(claims, "x-ms-ver", "1.0");
    return azattest__json_is_whole(claims) ? AZATTEST_OK : azattest__error_memory(error);
}
