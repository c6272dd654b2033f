/* The claims of a token: of SGX and Open Enclave the set that recorded tokens of shared instances have; of virtual
 * machines also vm_claims.c. */
#include "parts.h"

#define TOKEN_LIFE_S 28800 /* the service's eight hours; not configurable there either */

/* A copy with the members of every object sorted, as the service prints client data. The gate has bounded the depth. */
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

/* The service also names the hashes of the collateral it used. This one holds none, so it names none. */
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

static void put_report(azattest__json *claims, const azattest__sgx_report *report)
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
static void put_data(azattest__json *claims, const azattest__attest_data *runtime,
                     const azattest__attest_data *inittime, bool enclave)
{
    static const char *const names[] = { "aas-ehd", "maa-ehd", "x-ms-sgx-ehd" };

    if (runtime->given && runtime->json != NULL)
        azattest__json_put(claims, "x-ms-runtime", azattest__claims_sorted(runtime->json));
    else if (runtime->given && enclave)
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
            azattest__json_put_base64url(claims, names[i], azattest__buf_bytes(&runtime->bytes));
    if (inittime->given && inittime->json != NULL)
        azattest__json_put(claims, "x-ms-inittime", azattest__claims_sorted(inittime->json));
}

static void put_all(azattest__json *claims, const azattest__json *members)
{
    for (const azattest__json *member = azattest__json_first(members); member != NULL;
         member = azattest__json_next(member))
        azattest__json_put(claims, azattest__json_name(member), azattest__json_copy(member));
}

azattest_status azattest__claims_policy(azattest__json *claims, const azattest__claims_source *source,
                                        azattest_error **error)
{
    azattest_status status;
    azattest__buf hash;

    azattest__buf_init(&hash, 64);
    if ((status = azattest__policy_hash(source->policy, &hash, error)) != AZATTEST_OK)
        goto done;
    put_all(claims, source->verdict->claims);
    put_all(claims, source->verdict->properties);
    /* Recorded tokens of virtual machines, whose policies issue nothing, have no such member. */
    if (azattest__json_count(source->verdict->claims) > 0)
        azattest__json_put(claims, "x-ms-policy", azattest__claims_sorted(source->verdict->claims));
    azattest__json_put_bytes_text(claims, "x-ms-policy-hash", azattest__buf_bytes(&hash));
    if (source->policy_signer != NULL)
        azattest__json_put(claims, "x-ms-policy-signer", azattest__json_copy(source->policy_signer));
done:
    azattest__buf_free(&hash);
    return status;
}

azattest_status azattest__claims_standard(azattest__json *claims, const azattest__claims_source *source,
                                          azattest_error **error)
{
    azattest_status status;
    unsigned char id[32];

    if ((status = azattest__random(id, sizeof(id), error)) != AZATTEST_OK)
        return status;
    azattest__json_put_integer(claims, "exp", source->now_s + TOKEN_LIFE_S);
    azattest__json_put_integer(claims, "iat", source->now_s);
    azattest__json_put_string(claims, "iss", source->issuer);
    azattest__json_put_hex(claims, "jti", azattest__bytes(id, sizeof(id)));
    azattest__json_put_integer(claims, "nbf", source->now_s);
    if (source->nonce != NULL)
        azattest__json_put_string(claims, "nonce", source->nonce);
    azattest__json_put_string(claims, "x-ms-ver", "1.0");
    return AZATTEST_OK;
}

azattest_status azattest__claims_make(const azattest__claims_source *source, azattest__buf *out, azattest_error **error)
{
    azattest_status status;
    azattest__json *claims = azattest__json_new_object();
    bool enclave = source->evidence->intel.report.body != NULL;

    if ((status = azattest__claims_standard(claims, source, error)) != AZATTEST_OK ||
        (enclave && (status = put_collateral(claims, source->posted, error)) != AZATTEST_OK) ||
        (status = azattest__claims_policy(claims, source, error)) != AZATTEST_OK)
        goto done;
    if (enclave)
        put_report(claims, &source->evidence->intel.report);
    else if (source->evidence->intel.td_report.body != NULL)
        azattest__claims_put_tdx(claims, &source->evidence->intel.td_report);
    else
        azattest__claims_put_snp(claims, &source->evidence->snp);
    put_data(claims, source->runtime, source->inittime, enclave);
    azattest__json_sort(claims);
    status = azattest__json_print(claims, false, out, error);
done:
    azattest__json_free(claims);
    return status;
}
