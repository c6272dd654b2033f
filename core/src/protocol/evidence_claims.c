/* The claims that the service would make of evidence. What it would refuse because of the data beside the evidence is
 * refused here, too; whether the evidence is genuine, verdicts say. */
#include <azattest/data.h>
#include <azattest/policy.h>

#include "../error/options.h"
#include "../evidence/azure/guest.h"
#include "claim_source.h"

/* The type that evidence of a kind is mostly sent to. */
static const char *usual_type(const azattest_evidence *evidence)
{
    static const struct {
        const char *kind, *tee, *type; /* tee NULL: whatever it is */
    } types[] = {
        { "sgx_quote", NULL, AZATTEST_TYPE_SGX_ENCLAVE },
        { "tdx_quote", NULL, AZATTEST_TYPE_TDX_VM },
        { "open_enclave_report", "tdx", AZATTEST_TYPE_TDX_VM },
        { "open_enclave_report", NULL, AZATTEST_TYPE_OPEN_ENCLAVE },
        { "attested_certificate", "tdx", AZATTEST_TYPE_TDX_VM },
        { "attested_certificate", NULL, AZATTEST_TYPE_OPEN_ENCLAVE },
        { "snp_report", NULL, AZATTEST_TYPE_SEV_SNP_VM },
        { "hcl_report", NULL, AZATTEST_TYPE_AZURE_GUEST },
        { "azure_guest", NULL, AZATTEST_TYPE_AZURE_GUEST },
        { "tpm_quote", NULL, AZATTEST_TYPE_TPM },
    };

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (strcmp(types[i].kind, evidence->kind) == 0 &&
            (types[i].tee == NULL || strcmp(types[i].tee, azattest_evidence_tee(evidence)) == 0))
            return types[i].type;
    return evidence->kind;
}

/* The service hashes what it gets: with the header of Open Enclave on one path, without it on the other. */
static azattest_bytes posted(const azattest_evidence *evidence, const char *type)
{
    if (strcmp(type, AZATTEST_TYPE_SGX_ENCLAVE) == 0 && strcmp(evidence->kind, "sgx_quote") != 0 &&
        evidence->quote.ptr != NULL) /* a report for local attestation is in no quote */
        return evidence->quote;
    return strcmp(evidence->kind, "attested_certificate") == 0 && evidence->wrapped.ptr != NULL
               ? evidence->wrapped
               : azattest__bytes(evidence->raw, evidence->raw_len);
}

/* ---- data beside the evidence ---- */

static azattest_status parse_object(const char *name, azattest_bytes json, azattest__json **out, azattest_error **error)
{
    azattest_error *reason = NULL;
    azattest_status status = azattest__json_parse(azattest__json_unterminated(json), out, &reason);

    if (status == AZATTEST_E_MEMORY)
        status = azattest__error_memory(error);
    else if (status != AZATTEST_OK)
        status = azattest__error_set(error, AZATTEST_E_ARGUMENT, "claims: %s_json cannot be used: %s", name,
                                     azattest_error_message(reason));
    else if (!azattest__json_is_object(*out))
        status = azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                     "claims: %s_json is a JSON %s; the service takes an object only", name,
                                     azattest__json_kind(*out));
    azattest_error_free(reason);
    return status;
}

/* `json` is what the claims point into, for the caller to free. */
static azattest_status take_data(const char *name, azattest_bytes binary, azattest_bytes json,
                                 azattest__claims_data *out, azattest__json **document, azattest_error **error)
{
    azattest_bytes bytes = json.ptr != NULL ? json : binary;
    azattest_status status;

    if (binary.ptr != NULL && json.ptr != NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "claims: %s_data and %s_json exclude each other", name,
                                   name);
    if (bytes.ptr == NULL && binary.len + json.len != 0)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "claims: %s data have a length and no bytes", name);
    if (bytes.len > AZATTEST_LIMIT_RUNTIME_DATA)
        return azattest__error_set(error, AZATTEST_E_LIMIT, "claims: %s data of %zu bytes, at most %u can be sent",
                                   name, bytes.len, AZATTEST_LIMIT_RUNTIME_DATA);
    if (json.ptr != NULL && (status = parse_object(name, json, document, error)) != AZATTEST_OK)
        return status;
    *out = (azattest__claims_data){ bytes.ptr != NULL, bytes, *document };
    return AZATTEST_OK;
}

static azattest_status check_bound(const azattest__claims_data *data, const unsigned char *bound, const char *name,
                                   const char *where, azattest_error **error)
{
    unsigned char hash[AZATTEST__SHA256_SIZE];
    azattest_status status;

    if (!data->given)
        return AZATTEST_OK;
    if (bound == NULL)
        return azattest__error_set(error, AZATTEST_E_BINDING, "claims: %s data: %s", name, where);
    if ((status = azattest__sha256(data->bytes, hash, error)) != AZATTEST_OK)
        return status;
    if (memcmp(hash, bound, sizeof(hash)) != 0)
        return azattest__error_set(error, AZATTEST_E_BINDING, "claims: the SHA-256 of the %s data is not %s", name,
                                   where);
    return AZATTEST_OK;
}

/* What the service compares before it asks a policy. */
static azattest_status check_bindings(azattest__claims_kind kind, const azattest__claims_request *request,
                                      azattest_error **error)
{
    const azattest_evidence *evidence = request->evidence;
    const azattest__sgx_report *report = &evidence->intel.report;
    bool enclave = kind == AZATTEST__CLAIMS_SGX && report->body != NULL,
         kss = enclave && (report->attributes_flags & AZATTEST__SGX_FLAG_KSS) != 0;
    const unsigned char *bound = kss                                                          ? report->config_id
                                 : kind == AZATTEST__CLAIMS_SNP && evidence->snp.version != 0 ? evidence->snp.host_data
                                                                                              : NULL;
    azattest_status status;

    if ((status = check_bound(&request->runtime, azattest_evidence_report_data(evidence).ptr, "runtime",
                              "the first half of the report data", error)) != AZATTEST_OK)
        return status;
    return check_bound(&request->inittime, bound, "init-time",
                       bound == NULL ? "nothing of this evidence is known to bind them"
                       : kss         ? "the first half of the config id"
                                     : "the host data",
                       error);
}

/* A guest's request carries all that belongs to it, and so does the message around a TPM's evidence. */
static azattest_status check_taken(azattest__claims_kind kind, const char *type, const azattest_claims_options *options,
                                   azattest_error **error)
{
    bool any = options->runtime_data.ptr != NULL || options->runtime_json.ptr != NULL ||
               options->inittime_data.ptr != NULL || options->inittime_json.ptr != NULL || options->nonce != NULL;

    if (any && (kind == AZATTEST__CLAIMS_GUEST || kind == AZATTEST__CLAIMS_TPM))
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   "claims: %s takes no data and no nonce beside its "
                                   "evidence",
                                   type);
    if (kind == AZATTEST__CLAIMS_SNP && options->runtime_data.ptr != NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "claims: %s takes runtime data as JSON only", type);
    if (options->nonce != NULL && strlen(options->nonce) > AZATTEST_LIMIT_NONCE)
        return azattest__error_set(error, AZATTEST_E_LIMIT, "claims: the nonce has more than %u bytes",
                                   AZATTEST_LIMIT_NONCE);
    return AZATTEST_OK;
}

/* Data that came with the evidence: held data beside a quote, where the quote binds them, and the runtime claims inside
 * a paravisor's report, which no other data than these can belong to. */
static void take_own_data(azattest__claims_kind kind, azattest__claims_request *request)
{
    const azattest_evidence *evidence = request->evidence;
    azattest_bytes held = azattest_evidence_held_data(evidence);

    if (request->runtime.given)
        return;
    if (kind == AZATTEST__CLAIMS_SGX && held.ptr != NULL &&
        azattest_evidence_check_binding(evidence, held, NULL) == AZATTEST_OK)
        request->runtime = (azattest__claims_data){ true, held, NULL };
    else if ((kind == AZATTEST__CLAIMS_SNP || kind == AZATTEST__CLAIMS_TDX) && evidence->guest != NULL)
        request->runtime = (azattest__claims_data){ evidence->guest->claims.document != NULL,
                                                    evidence->hcl.runtime_claims, evidence->guest->claims.document };
}

static azattest_status make_set(const azattest_evidence *evidence, const azattest_claims_options *options,
                                azattest_claim_set **out, azattest_error **error)
{
    azattest__json *members = NULL, *runtime = NULL, *inittime = NULL;
    azattest__claims_request request = { .evidence = evidence, .nonce = options->nonce };
    azattest__claims_kind kind;
    azattest_status status;
    const char *type;

    if ((status = azattest__claim_source_kind(options->attestation_type == NULL ? usual_type(evidence)
                                                                                : options->attestation_type,
                                              &type, &kind, error)) != AZATTEST_OK ||
        (status = check_taken(kind, type, options, error)) != AZATTEST_OK ||
        (status = take_data("runtime", options->runtime_data, options->runtime_json, &request.runtime, &runtime,
                            error)) != AZATTEST_OK ||
        (status = take_data("inittime", options->inittime_data, options->inittime_json, &request.inittime, &inittime,
                            error)) != AZATTEST_OK)
        goto done;
    request.posted = posted(evidence, type);
    if ((members = azattest__json_new_object()) == NULL) {
        status = azattest__error_memory(error);
        goto done;
    }
    take_own_data(kind, &request);
    if ((status = azattest__evidence_claims(kind, &request, members, error)) != AZATTEST_OK) {
        azattest__error_prefix(error, "attestation type %s", type);
        goto done;
    }
    if ((runtime == NULL && options->runtime_data.ptr == NULL && inittime == NULL &&
         options->inittime_data.ptr == NULL) ||
        (status = check_bindings(kind, &request, error)) == AZATTEST_OK) {
        azattest__json_sort(members);
        status = azattest__claim_source_set(kind, members, out, error);
    }
done:
    azattest__json_free(members);
    azattest__json_free(inittime);
    azattest__json_free(runtime);
    return status;
}

azattest_status azattest_claim_set_from_evidence(const azattest_evidence *evidence, const azattest_claims_options *in,
                                                 azattest_claim_set **out, azattest_error **error)
{
    azattest_claims_options options;
    azattest_status status = azattest__claim_source_begin(in, evidence, "evidence", &options, out, error);

    return status != AZATTEST_OK ? status : make_set(evidence, &options, out, error);
}
