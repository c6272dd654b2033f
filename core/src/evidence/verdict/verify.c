/* Verifying evidence: options, the part of each kind, and what all kinds have in common. */
#include "verification.h"

#include <stdio.h>
#include <stdlib.h>

#include "../../base/clock.h"
#include "../../error/options.h"

static azattest_status take_options(const azattest_verify_options *in, azattest_verify_options *out,
                                    azattest_error **error)
{
    struct {
        const char *name;
        azattest_switch value;
    } switches[] = { { "allow_debug", AZATTEST_DEFAULT },
                     { "allow_masked_chip_id", AZATTEST_DEFAULT },
                     { "refuse_unknown_bits", AZATTEST_DEFAULT } };
    azattest_status status;

    if ((status = azattest__options_take(in, out, sizeof(*out), "AZATTEST_VERIFY_OPTIONS_INIT", error)) != AZATTEST_OK)
        return status;
    switches[0].value = out->allow_debug;
    switches[1].value = out->allow_masked_chip_id;
    switches[2].value = out->refuse_unknown_bits;
    for (size_t i = 0; i < sizeof(switches) / sizeof(switches[0]); i++)
        if (switches[i].value != AZATTEST_DEFAULT && switches[i].value != AZATTEST_ON &&
            switches[i].value != AZATTEST_OFF)
            return azattest__error_set(error, AZATTEST_E_ARGUMENT, "verify options: %s is %d, not a switch",
                                       switches[i].name, (int)switches[i].value);
    if (out->runtime_data.len > AZATTEST_LIMIT_RUNTIME_DATA)
        return azattest__error_set(error, AZATTEST_E_LIMIT, "verify options: runtime data of %zu bytes, more than %u",
                                   out->runtime_data.len, AZATTEST_LIMIT_RUNTIME_DATA);
    if (out->runtime_data.ptr == NULL && out->runtime_data.len != 0)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   "verify options: runtime data with a length and no bytes");
    if (out->nonce.len > AZATTEST_LIMIT_NONCE)
        return azattest__error_set(error, AZATTEST_E_LIMIT, "verify options: a nonce of %zu bytes, more than %u",
                                   out->nonce.len, AZATTEST_LIMIT_NONCE);
    if (out->nonce.ptr == NULL && out->nonce.len != 0)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "verify options: a nonce with a length and no bytes");
    if (out->collateral_grace_ms < 0)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   "verify options: collateral_grace_ms is %lld, expected 0 or more",
                                   (long long)out->collateral_grace_ms);
    return AZATTEST_OK;
}

azattest_status azattest__verification_judge(azattest__verification *v, const char *id, azattest_status found,
                                             azattest_error *reason, const char *passed)
{
    azattest_status status;

    if (found == AZATTEST_E_MEMORY)
        status = found;
    else if (found == AZATTEST_OK)
        status = azattest__verification_set(v->result, id, true, "%s", passed);
    else
        status = azattest__verification_set(v->result, id, false, "%s", azattest_error_message(reason));
    azattest_error_free(reason);
    return status;
}

azattest_status azattest__verification_bound(azattest__verification *v, const char *id, azattest_bytes data,
                                             const char *what)
{
    azattest_bytes report_data = azattest_evidence_report_data(v->evidence);
    unsigned char hash[AZATTEST__SHA256_SIZE];
    azattest_error *reason = NULL;
    azattest_status found = azattest__sha256(data, hash, &reason);
    char passed[96];

    if (found == AZATTEST_OK && (report_data.ptr == NULL ||
                                 !azattest__bytes_equal_constant_time(azattest__bytes(hash, sizeof(hash)),
                                                                      azattest__bytes(report_data.ptr, sizeof(hash)))))
        found = azattest__error_set(&reason, AZATTEST_E_EVIDENCE_INVALID,
                                    "the SHA-256 of the %s (%zu bytes) is not the first half of the report data", what,
                                    data.len);
    snprintf(passed, sizeof(passed), "the SHA-256 of the %s is the first half of the report data", what);
    return azattest__verification_judge(v, id, found, reason, passed);
}

static azattest_status check_data(azattest__verification *v)
{
    const azattest_evidence *evidence = v->evidence;
    azattest_bytes held = azattest_evidence_held_data(evidence);
    azattest_status status = AZATTEST_OK;

    if (evidence->document_difference != NULL)
        status = azattest__verification_set(
            v->result, "document_fields", evidence->document_difference[0] == '\0', "%s",
            evidence->document_difference[0] == '\0' ? "what the document says of the enclave is what the quote says"
                                                     : evidence->document_difference);
    if (status != AZATTEST_OK || v->runtime_data.ptr == NULL)
        return status;
    if (held.ptr != NULL && !azattest__bytes_equal(held, v->runtime_data))
        return azattest__verification_set(v->result, "runtime_data", false,
                                          "the held data of the document are not the runtime data that were given");
    return azattest__verification_bound(v, "runtime_data", v->runtime_data,
                                        v->options.runtime_data.ptr == NULL ? "held data of the document"
                                                                            : "runtime data");
}

static void plan(azattest__verification *v)
{
    if (v->evidence->document_difference != NULL)
        azattest__verification_add(v->result, "document_fields", true, "not run");
    if (v->runtime_data.ptr != NULL)
        azattest__verification_add(v->result, "runtime_data", true, "not run");
    if (v->options.allow_debug == AZATTEST_OFF)
        azattest__verification_add(v->result, "debug", true, "not run");
    if (v->options.nonce.ptr != NULL && v->evidence->tpm.message.ptr == NULL)
        azattest__verification_add(v->result, "tpm_nonce", true,
                                   "not run: the evidence has no TPM quote, and so no nonce");
}

/* A line for each part that evidence can be made of. Evidence without any is never valid. */
static azattest_status verify_parts(azattest__verification *v)
{
    const azattest_evidence *evidence = v->evidence;
    azattest_status status = AZATTEST_OK;
    size_t before = v->result->count;

    if (evidence->certificate.der.ptr != NULL)
        status = azattest__verify_attested_certificate(v);
    if (status == AZATTEST_OK && evidence->intel.version != 0)
        status = azattest__verify_intel(v);
    if (status == AZATTEST_OK && evidence->header_type == AZATTEST__OE_TYPE_LOCAL)
        status = azattest__verify_local_report(v);
    if (status == AZATTEST_OK && evidence->snp.version != 0)
        status = azattest__verify_amd(v);
    if (status == AZATTEST_OK && evidence->hcl.type != 0)
        status = azattest__verify_hcl(v);
    if (status == AZATTEST_OK && evidence->tpm.message.ptr != NULL)
        status = azattest__verify_tpm(v);
    if (v->result->count == before)
        azattest__verification_add(v->result, "structure", true, "not run: nothing in it can be verified here");
    return status;
}

/* What is attested, in the words of the hardware's maker. */
static const char *attested(const azattest_evidence *evidence)
{
    const char *tee = azattest_evidence_tee(evidence);

    return strcmp(tee, "sgx") == 0 ? "enclave" : strcmp(tee, "tdx") == 0 ? "trust domain" : "guest";
}

static azattest_status check_debug(azattest__verification *v)
{
    bool debuggable = azattest_evidence_is_debuggable(v->evidence);
    const char *what = attested(v->evidence);
    azattest_status status;

    if (debuggable &&
        (status = azattest__verification_warn(v->result, "DEBUG: the %s is debuggable; its host can read and change it",
                                              what)) != AZATTEST_OK)
        return status;
    if (v->options.allow_debug != AZATTEST_OFF)
        return AZATTEST_OK;
    return azattest__verification_set(
        v->result, "debug", !debuggable,
        debuggable ? "the %s is debuggable, which the caller does not allow" : "the %s is not debuggable", what);
}

azattest_status azattest_evidence_verify(const azattest_evidence *evidence, const azattest_verify_options *options,
                                         azattest_verification_result **out, azattest_error **error)
{
    return azattest__evidence_verify(evidence, options, false, out, error);
}

azattest_status azattest__evidence_verify(const azattest_evidence *evidence, const azattest_verify_options *options,
                                          bool is_service, azattest_verification_result **out, azattest_error **error)
{
    azattest__verification v = { .evidence = evidence, .is_service = is_service };
    azattest_status status;

    if (error != NULL)
        *error = NULL;
    if (out == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "verify: no place for the result");
    *out = NULL;
    if (evidence == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "verify: no evidence");
    if ((status = take_options(options, &v.options, error)) != AZATTEST_OK)
        return status;
    if (v.options.extra_roots.ptr != NULL &&
        (status = azattest__pck_read_roots(v.options.extra_roots, &v.extra_roots, error)) != AZATTEST_OK)
        goto done;
    v.now = (v.options.now_ms == 0 ? azattest__clock_now_ms(NULL) : v.options.now_ms) / 1000;
    v.collateral = v.options.collateral;
    v.appraisal = v.options.appraisal;
    v.grace = v.options.collateral_grace_ms / 1000;
    v.runtime_data =
        v.options.runtime_data.ptr != NULL ? v.options.runtime_data : azattest_evidence_held_data(evidence);
    if ((v.result = calloc(1, sizeof(*v.result))) == NULL) {
        status = azattest__error_memory(error);
        goto done;
    }
    v.result->evaluation = -1;
    plan(&v);
    if ((status = verify_parts(&v)) != AZATTEST_OK || (status = check_data(&v)) != AZATTEST_OK ||
        (status = check_debug(&v)) != AZATTEST_OK ||
        (is_service && (status = azattest__verify_identity(&v)) != AZATTEST_OK) ||
        (v.appraisal != NULL && (status = azattest__appraise(&v)) != AZATTEST_OK)) {
        status = azattest__error_memory(error); /* the only way that setting a check fails */
        goto done;
    }
    if ((status = azattest__verification_finish(v.result, evidence, error)) != AZATTEST_OK)
        goto done;
    *out = v.result;
    v.result = NULL;
done:
    azattest_verification_result_free(v.result);
    azattest__pck_clear(&v.found_pck);
    azattest__x509_chain_clear(&v.extra_roots);
    return status;
}
