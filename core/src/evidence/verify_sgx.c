/* Verifying an SGX quote without collateral. Every check that can be run is run, and none ends the work early: a
 * verdict that stops at its first finding hides the others, and one that returns early can hide a failure. */
#include "verification.h"

#include <stdio.h>
#include <stdlib.h>

#include "../base/clock.h"
#include "../error/options.h"

#define REPORT_DATA_SIZE 64u

typedef struct verification {
    const azattest_evidence *evidence;
    azattest_verify_options options;
    int64_t now; /* seconds */
    azattest__cert *extra_roots[AZATTEST_LIMIT_CHAIN];
    size_t extra_root_count;
    azattest_bytes runtime_data; /* whichever is to be bound, or absent */
    azattest_verification_result *result;
} verification;

static azattest_status take_options(const azattest_verify_options *in, azattest_verify_options *out,
                                    azattest_error **error)
{
    azattest_status status;

    if ((status = azattest__options_take(in, out, sizeof(*out), "AZATTEST_VERIFY_OPTIONS_INIT", error)) != AZATTEST_OK)
        return status;
    if (out->allow_debug != AZATTEST_DEFAULT && out->allow_debug != AZATTEST_ON && out->allow_debug != AZATTEST_OFF)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "verify options: allow_debug is %d, not a switch",
                                   (int)out->allow_debug);
    if (out->runtime_data.len > AZATTEST_LIMIT_RUNTIME_DATA)
        return azattest__error_set(error, AZATTEST_E_LIMIT, "verify options: runtime data of %zu bytes, more than %u",
                                   out->runtime_data.len, AZATTEST_LIMIT_RUNTIME_DATA);
    if (out->runtime_data.ptr == NULL && out->runtime_data.len != 0)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   "verify options: runtime data with a length and no bytes");
    return AZATTEST_OK;
}

/* A finding of a check: passed with `passed`, or failed with the error's text. Whatever is not AZATTEST_OK fails it, so
 * that trouble inside the cryptographic library cannot pass either. */
static azattest_status judge(verification *v, const char *id, azattest_status found, azattest_error *reason,
                             const char *passed)
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

static void plan(verification *v)
{
    static const char *const always[] = {
        "structure",         "trailing_bytes",  "certification_data", "pck_chain",
        "pck_root",          "pck_validity",    "pck_extensions",     "qe_report_signature",
        "qe_report_binding", "qe_report_debug", "quote_signature",
    };

    for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
        azattest__verification_add(v->result, always[i], true, "not run");
    if (v->evidence->claims.ptr != NULL)
        azattest__verification_add(v->result, "claims_hash", true, "not run");
    if (v->evidence->document_difference != NULL)
        azattest__verification_add(v->result, "document_fields", true, "not run");
    if (v->runtime_data.ptr != NULL)
        azattest__verification_add(v->result, "runtime_data", true, "not run");
    if (v->options.allow_debug == AZATTEST_OFF)
        azattest__verification_add(v->result, "debug", true, "not run");
}

static azattest_status check_form(verification *v)
{
    const azattest_evidence *evidence = v->evidence;
    const unsigned char *behind = evidence->trailing.ptr;
    unsigned type = evidence->sgx.certification_data_type;
    azattest_status status;
    bool zero = true;

    if ((status = azattest__verification_set(
             v->result, "structure", true, "every field of the %s has the length and value that it must have",
             evidence->header_version == 0 ? "quote" : "header and the quote")) != AZATTEST_OK)
        return status;
    for (size_t i = 0; i < evidence->trailing.len; i++)
        zero = zero && behind[i] == 0;
    if (evidence->trailing.len == 0)
        status = azattest__verification_set(v->result, "trailing_bytes", true, "none behind the quote");
    else if (evidence->header_version != 0)
        status = azattest__verification_set(v->result, "trailing_bytes", false,
                                            "%zu bytes behind the quote in the Open Enclave report, expected none",
                                            evidence->trailing.len);
    else
        status = azattest__verification_set(v->result, "trailing_bytes", zero,
                                            zero ? "%zu bytes behind the quote, all zero: padding of its buffer"
                                                 : "%zu bytes behind the quote, not all zero",
                                            evidence->trailing.len);
    if (status != AZATTEST_OK)
        return status;
    return azattest__verification_set(
        v->result, "certification_data", type == AZATTEST__SGX_CERTIFICATION_PCK_CHAIN, "type %u, %s%s", type,
        azattest__sgx_certification_name(type),
        type == AZATTEST__SGX_CERTIFICATION_PCK_CHAIN ? "" : "; expected 5, PCK certificate chain (PEM)");
}

/* Which trusted key the chain's root has: "intel", "extra" or NULL. */
static azattest_status find_root(verification *v, const char **root, azattest_error **error)
{
    const azattest__key *key = azattest__cert_key(v->evidence->pck.certificates[AZATTEST__PCK_CHAIN - 1]);
    azattest_status status;
    bool is_intel = false;

    *root = NULL;
    if (key == NULL)
        return AZATTEST_OK;
    if ((status = azattest__pck_is_intel_root(key, &is_intel, error)) != AZATTEST_OK)
        return status;
    if (is_intel)
        *root = "intel";
    for (size_t i = 0; *root == NULL && i < v->extra_root_count; i++) {
        const azattest__key *extra = azattest__cert_key(v->extra_roots[i]);

        if (extra != NULL && azattest__key_equal(key, extra))
            *root = "extra";
    }
    return AZATTEST_OK;
}

static azattest_status judge_root(verification *v, azattest_status found, azattest_error *reason, const char *root)
{
    if (found == AZATTEST_OK && root == NULL)
        found = azattest__error_set(&reason, AZATTEST_E_EVIDENCE_INVALID,
                                    v->extra_root_count == 0
                                        ? "the key of the chain's root is not that of Intel's SGX root CA"
                                        : "the key of the chain's root is neither that of Intel's SGX root CA nor that "
                                          "of an extra root");
    return judge(v, "pck_root", found, reason,
                 root != NULL && strcmp(root, "intel") == 0
                     ? "the root has the key of Intel's SGX root CA"
                     : "the root has the key of an extra root that the caller trusts, not Intel's");
}

static azattest_status name_extra_root(verification *v)
{
    const char *name = azattest__cert_subject_cn(v->evidence->pck.certificates[AZATTEST__PCK_CHAIN - 1]);
    char *shown = azattest__printable(azattest__text(name == NULL ? "(no name)" : name), 128);
    azattest_status status =
        shown == NULL ? AZATTEST_E_MEMORY
                      : azattest__verification_warn(v->result,
                                                    "EXTRA ROOT: the chain ends at \"%s\", which the caller trusts; "
                                                    "this is not Intel's root",
                                                    shown);

    free(shown);
    return status;
}

static azattest_status check_chain(verification *v)
{
    const azattest__pck *pck = &v->evidence->pck;
    azattest_error *reason = NULL;
    const char *root = NULL;
    azattest_status status, found, root_found;

    if (pck->count != AZATTEST__PCK_CHAIN || pck->chain_error != NULL) {
        found = azattest__pck_check_chain(pck, &reason);
        if ((status = judge(v, "pck_chain", found, reason, "")) != AZATTEST_OK ||
            (status = azattest__verification_skip(v->result, "pck_root", "not run: no chain")) != AZATTEST_OK)
            return status;
        return azattest__verification_skip(v->result, "pck_validity", "not run: no chain");
    }
    root_found = find_root(v, &root, &reason);
    if ((status = judge_root(v, root_found, reason, root)) != AZATTEST_OK)
        return status;
    reason = NULL;
    found = azattest__pck_check_chain(pck, &reason);
    if (found == AZATTEST_OK && root != NULL && strcmp(root, "intel") == 0)
        found = azattest__pck_check_names(pck, &reason);
    if (found == AZATTEST_OK)
        v->result->root = root;
    if ((status = judge(v, "pck_chain", found, reason,
                        "leaf, intermediate and root; names, signatures, authorities and keys fit")) != AZATTEST_OK)
        return status;
    reason = NULL;
    if (v->result->root != NULL && strcmp(root, "extra") == 0 && (status = name_extra_root(v)) != AZATTEST_OK)
        return status;
    found = azattest__pck_check_validity(pck, v->now, &reason);
    return judge(v, "pck_validity", found, reason, "every certificate is alive at the time of verification");
}

static azattest_status check_extensions(verification *v)
{
    const azattest__pck *pck = &v->evidence->pck;

    if (pck->count == 0)
        return azattest__verification_skip(v->result, "pck_extensions", "not run: no PCK certificate");
    if (pck->extensions_error != NULL)
        return azattest__verification_set(v->result, "pck_extensions", false, "%s",
                                          azattest_error_message(pck->extensions_error));
    return azattest__verification_set(v->result, "pck_extensions", true,
                                      "PPID, TCB, PCEID, FMSPC and SGX type are there, each once");
}

static azattest_status check_signature(verification *v, const char *id, const azattest__key *key, azattest_bytes data,
                                       azattest_bytes signature, const char *whose, const char *passed)
{
    azattest_error *reason = NULL;
    bool valid = false;
    azattest_status found = azattest__key_fits(key, AZATTEST__ES256, &reason);

    if (found == AZATTEST_OK)
        found = azattest__key_verify(key, AZATTEST__ES256, data, signature, &valid, &reason);
    if (found == AZATTEST_OK && !valid)
        found = azattest__error_set(&reason, AZATTEST_E_EVIDENCE_INVALID,
                                    "the signature does not verify with %s (ECDSA P-256, SHA-256)", whose);
    return judge(v, id, found, reason, passed);
}

static azattest_status check_qe_report(verification *v)
{
    const azattest__sgx_quote *quote = &v->evidence->sgx;
    const azattest__pck *pck = &v->evidence->pck;
    const azattest__key *key = pck->count > 0 ? azattest__cert_key(pck->certificates[0]) : NULL;

    if (key == NULL)
        return azattest__verification_skip(v->result, "qe_report_signature", "not run: no PCK certificate with a key");
    return check_signature(v, "qe_report_signature", key,
                           azattest__bytes(quote->qe_report.body, AZATTEST__SGX_REPORT_SIZE),
                           quote->qe_report_signature, "the key of the PCK certificate",
                           "the PCK key signed the report of the quoting enclave");
}

/* First half: the hash; second half: zero, as every genuine quoting enclave leaves it. */
static azattest_status check_qe_binding(verification *v)
{
    const azattest__sgx_quote *quote = &v->evidence->sgx;
    unsigned char expected[REPORT_DATA_SIZE] = { 0 };
    azattest_error *reason = NULL;
    azattest_status found;
    azattest__buf text;

    azattest__buf_init(&text, AZATTEST_LIMIT_EVIDENCE);
    azattest__buf_append_bytes(&text, quote->attestation_key);
    azattest__buf_append_bytes(&text, quote->qe_auth_data);
    if ((found = azattest__error_from_buf(&reason, &text, "authentication data")) == AZATTEST_OK &&
        (found = azattest__sha256(azattest__buf_bytes(&text), expected, &reason)) == AZATTEST_OK &&
        !azattest__bytes_equal_constant_time(azattest__bytes(expected, sizeof(expected)),
                                             azattest__bytes(quote->qe_report.report_data, REPORT_DATA_SIZE)))
        found =
            azattest__error_set(&reason, AZATTEST_E_EVIDENCE_INVALID,
                                "the report data of the quoting enclave's report are not the SHA-256 of attestation "
                                "key and authentication data, followed by zeros");
    azattest__buf_free(&text);
    return judge(v, "qe_report_binding", found, reason,
                 "the quoting enclave's report names this attestation key and authentication data");
}

static azattest_status check_quote_signature(verification *v)
{
    const azattest__sgx_quote *quote = &v->evidence->sgx;
    const unsigned char *point = quote->attestation_key.ptr;
    azattest__key *key = NULL;
    azattest_error *reason = NULL;
    azattest_status status;

    if ((status = azattest__key_from_ec("P-256", azattest__bytes(point, 32), azattest__bytes(point + 32, 32), &key,
                                        &reason)) != AZATTEST_OK) {
        azattest__error_prefix(&reason, "the attestation key is not a point of P-256");
        return judge(v, "quote_signature", status, reason, "");
    }
    status = check_signature(v, "quote_signature", key, quote->signed_bytes, quote->signature, "the attestation key",
                             "the attestation key signed header and report");
    azattest__key_free(key);
    return status;
}

/* SHA-256 of the data is the first half of the report data. */
static azattest_status check_bound(verification *v, const char *id, azattest_bytes data, const char *what)
{
    unsigned char hash[AZATTEST__SHA256_SIZE];
    azattest_error *reason = NULL;
    azattest_status found = azattest__sha256(data, hash, &reason);
    char passed[96];

    if (found == AZATTEST_OK &&
        !azattest__bytes_equal_constant_time(azattest__bytes(hash, sizeof(hash)),
                                             azattest__bytes(v->evidence->sgx.report.report_data, sizeof(hash))))
        found = azattest__error_set(&reason, AZATTEST_E_EVIDENCE_INVALID,
                                    "the SHA-256 of the %s (%zu bytes) is not the first half of the report data", what,
                                    data.len);
    snprintf(passed, sizeof(passed), "the SHA-256 of the %s is the first half of the report data", what);
    return judge(v, id, found, reason, passed);
}

static azattest_status check_data(verification *v)
{
    const azattest_evidence *evidence = v->evidence;
    azattest_bytes held = azattest_evidence_held_data(evidence);
    azattest_status status = AZATTEST_OK;

    if (evidence->claims.ptr != NULL)
        status = check_bound(v, "claims_hash", evidence->claims, "custom claims");
    if (status == AZATTEST_OK && evidence->document_difference != NULL)
        status = azattest__verification_set(
            v->result, "document_fields", evidence->document_difference[0] == '\0', "%s",
            evidence->document_difference[0] == '\0' ? "what the document says of the enclave is what the quote says"
                                                     : evidence->document_difference);
    if (status != AZATTEST_OK || v->runtime_data.ptr == NULL)
        return status;
    if (held.ptr != NULL && !azattest__bytes_equal(held, v->runtime_data))
        return azattest__verification_set(v->result, "runtime_data", false,
                                          "the held data of the document are not the runtime data that were given");
    return check_bound(v, "runtime_data", v->runtime_data,
                       v->options.runtime_data.ptr == NULL ? "held data of the document" : "runtime data");
}

static azattest_status check_debug(verification *v)
{
    bool quoting_enclave = (v->evidence->sgx.qe_report.attributes_flags & AZATTEST__SGX_FLAG_DEBUG) != 0;
    bool enclave = azattest_evidence_is_debuggable(v->evidence);
    azattest_status status;

    if ((status = azattest__verification_set(v->result, "qe_report_debug", !quoting_enclave,
                                             quoting_enclave ? "the quoting enclave is debuggable: its key is no secret"
                                                             : "the quoting enclave is not debuggable")) != AZATTEST_OK)
        return status;
    if (enclave && (status = azattest__verification_warn(v->result, "DEBUG: the enclave is debuggable; its host can "
                                                                    "read and change it")) != AZATTEST_OK)
        return status;
    if (v->options.allow_debug != AZATTEST_OFF)
        return AZATTEST_OK;
    return azattest__verification_set(v->result, "debug", !enclave,
                                      enclave ? "the enclave is debuggable, which the caller does not allow"
                                              : "the enclave is not debuggable");
}

azattest_status azattest_evidence_verify(const azattest_evidence *evidence, const azattest_verify_options *options,
                                         azattest_verification_result **out, azattest_error **error)
{
    verification v = { .evidence = evidence };
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
        (status = azattest__pck_read_roots(v.options.extra_roots, v.extra_roots, &v.extra_root_count, error)) !=
            AZATTEST_OK)
        goto done;
    v.now = (v.options.now_ms == 0 ? azattest__clock_now_ms(NULL) : v.options.now_ms) / 1000;
    v.runtime_data =
        v.options.runtime_data.ptr != NULL ? v.options.runtime_data : azattest_evidence_held_data(evidence);
    if ((v.result = calloc(1, sizeof(*v.result))) == NULL) {
        status = azattest__error_memory(error);
        goto done;
    }
    plan(&v);
    if ((status = check_form(&v)) != AZATTEST_OK || (status = check_chain(&v)) != AZATTEST_OK ||
        (status = check_extensions(&v)) != AZATTEST_OK || (status = check_qe_report(&v)) != AZATTEST_OK ||
        (status = check_qe_binding(&v)) != AZATTEST_OK || (status = check_quote_signature(&v)) != AZATTEST_OK ||
        (status = check_data(&v)) != AZATTEST_OK || (status = check_debug(&v)) != AZATTEST_OK) {
        status = azattest__error_memory(error); /* the only way that setting a check fails */
        goto done;
    }
    if ((status = azattest__verification_finish(v.result, evidence, error)) != AZATTEST_OK)
        goto done;
    *out = v.result;
    v.result = NULL;
done:
    azattest_verification_result_free(v.result);
    for (size_t i = 0; i < v.extra_root_count; i++)
        azattest__cert_free(v.extra_roots[i]);
    return status;
}
