/* Verifying a quote of Intel: its signatures, the quoting enclave behind it, and the PCK chain. */
#include "verify.h"

#include <stdio.h>
#include <stdlib.h>

#include "../collateral/collateral.h"
#include "root.h"

#define REPORT_DATA_SIZE 64u

/* Bytes behind a quote are signed by nobody. Zeros are the rest of its buffer. Others are refused behind an SGX quote;
 * a genuine TDX quote of a public cloud has 39 of them (the buffer was not cleared), so there they are a warning, and a
 * check that fails without counting. Inside of
 * what gives the size, a header or a certificate, nothing is tolerated. */
static bool tolerates_trailing(const azattest_evidence *evidence)
{
    return evidence->intel.tee_type == AZATTEST__TEE_TYPE_TDX && evidence->header_version == 0 &&
           evidence->certificate.der.ptr == NULL;
}

static void plan(azattest__verification *v)
{
    static const char *const always[] = {
        "structure",      "certification_data",  "pck_chain",         "pck_root",        "pck_validity",
        "pck_extensions", "qe_report_signature", "qe_report_binding", "qe_report_debug", "quote_signature",
    };

    for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
        azattest__verification_add(v->result, always[i], true, "not run");
    azattest__verification_add(v->result, "trailing_bytes", !tolerates_trailing(v->evidence), "not run");
    if (v->evidence->claims.ptr != NULL)
        azattest__verification_add(v->result, "claims_hash", true, "not run");
}

static azattest_status check_form(azattest__verification *v)
{
    const azattest_evidence *evidence = v->evidence;
    const unsigned char *behind = evidence->trailing.ptr;
    azattest_status status;
    bool zero = true;

    if ((status = azattest__verification_set(
             v->result, "structure", true, "every field of the %s has the length and value that it must have",
             evidence->header_version == 0 ? "quote" : "header and the quote")) != AZATTEST_OK)
        return status;
    for (size_t i = 0; i < evidence->trailing.len; i++)
        zero = zero && behind[i] == 0;
    if (evidence->trailing.len == 0)
        return azattest__verification_set(v->result, "trailing_bytes", true, "none behind the quote");
    if (evidence->header_version != 0)
        return azattest__verification_set(v->result, "trailing_bytes", false,
                                          "%zu bytes behind the quote in the Open Enclave report, expected none",
                                          evidence->trailing.len);
    if (!zero && tolerates_trailing(evidence) &&
        (status = azattest__verification_warn(v->result,
                                              "TRAILING BYTES: %zu bytes behind the quote are not zero and not signed; "
                                              "nothing may be concluded from them",
                                              evidence->trailing.len)) != AZATTEST_OK)
        return status;
    return azattest__verification_set(v->result, "trailing_bytes", zero,
                                      zero ? "%zu bytes behind the quote, all zero: padding of its buffer"
                                           : "%zu bytes behind the quote, not all zero",
                                      evidence->trailing.len);
}

static bool holds_chain(const azattest__verification *v)
{
    return v->evidence->intel.certification_data_type == AZATTEST__SGX_CERTIFICATION_PCK_CHAIN;
}

static azattest_status check_certification(azattest__verification *v)
{
    unsigned type = v->evidence->intel.certification_data_type;
    const char *more = "";
    bool good = holds_chain(v);

    if (!good && v->pck == &v->found_pck) {
        good = true;
        more = "; the PCK certificate chain is the collateral's";
    } else if (!good)
        more = v->collateral == NULL
                   ? "; expected 5, PCK certificate chain (PEM), or collateral that has one"
                   : "; expected 5, PCK certificate chain (PEM): the collateral has no PCK certificate "
                     "either whose key signed the quoting enclave's report";
    return azattest__verification_set(v->result, "certification_data", good, "type %u, %s%s", type,
                                      azattest__sgx_certification_name(type), more);
}

const char *azattest__intel_trusts(const azattest__verification *v, const azattest__x509 *root)
{
    if (azattest__intel_root_is_key(root->spki))
        return "intel";
    for (size_t i = 0; root->key != NULL && i < v->extra_roots.count; i++) {
        const azattest__key *extra = v->extra_roots.certificates[i].key;

        if (extra != NULL && azattest__key_equal(root->key, extra))
            return "extra";
    }
    return NULL;
}

static azattest_status judge_root(azattest__verification *v, const char *root)
{
    azattest_status found = AZATTEST_OK;
    azattest_error *reason = NULL;

    if (root == NULL)
        found = azattest__error_set(&reason, AZATTEST_E_EVIDENCE_INVALID,
                                    v->extra_roots.count == 0
                                        ? "the key of the chain's root is not that of Intel's SGX root CA"
                                        : "the key of the chain's root is neither that of Intel's SGX root CA nor that "
                                          "of an extra root");
    return azattest__verification_judge(
        v, "pck_root", found, reason,
        root != NULL && strcmp(root, "intel") == 0
            ? "the root has the key of Intel's SGX root CA"
            : "the root has the key of an extra root that the caller trusts, not Intel's");
}

static azattest_status name_extra_root(azattest__verification *v, const azattest__x509 *root)
{
    char name[128], *shown;
    azattest_status status;

    if (!azattest__x509_common_name(root->subject, name, sizeof(name)))
        snprintf(name, sizeof(name), "(no name)");
    shown = azattest__printable(azattest__text(name), 128);
    status = shown == NULL ? AZATTEST_E_MEMORY
                           : azattest__verification_warn(v->result,
                                                         "EXTRA ROOT: the chain ends at \"%s\", which the caller "
                                                         "trusts; this is not Intel's root",
                                                         shown);
    free(shown);
    return status;
}

/* Signatures of a chain that verified with this set before are not verified again: the text is the same. */
static azattest_status check_issued(azattest__verification *v, azattest_error **reason)
{
    unsigned char hash[AZATTEST__SHA256_SIZE];
    azattest_status status;
    bool keeps = v->collateral != NULL && holds_chain(v);

    if (keeps && (status = azattest__sha256(v->evidence->intel.certification_data, hash, reason)) != AZATTEST_OK)
        return status;
    if (keeps && azattest__collateral_knows_pck(v->collateral, hash))
        return AZATTEST_OK;
    if ((status = azattest__pck_check_chain(v->pck, reason)) == AZATTEST_OK && keeps)
        azattest__collateral_keep_pck(v->collateral, hash);
    return status;
}

/* *good: the chain is one, under a root that is trusted. */
static azattest_status check_chain(azattest__verification *v, const azattest__x509 *chain, bool *good)
{
    azattest_error *reason = NULL;
    const char *root = NULL;
    azattest_status status, found;

    *good = false;
    if (chain == NULL) {
        found = holds_chain(v) ? azattest__pck_check_chain(v->pck, &reason)
                               : azattest__error_set(&reason, AZATTEST_E_EVIDENCE_INVALID,
                                                     "PCK chain: the certification data hold none");
        if ((status = azattest__verification_judge(v, "pck_chain", found, reason, "")) != AZATTEST_OK ||
            (status = azattest__verification_skip(v->result, "pck_root", "not run: no chain")) != AZATTEST_OK)
            return status;
        return azattest__verification_skip(v->result, "pck_validity", "not run: no chain");
    }
    root = azattest__intel_trusts(v, &chain[AZATTEST__PCK_CHAIN - 1]);
    if ((status = judge_root(v, root)) != AZATTEST_OK)
        return status;
    found = check_issued(v, &reason);
    if (found == AZATTEST_OK && root != NULL && strcmp(root, "intel") == 0)
        found = azattest__pck_check_names(v->pck, &reason);
    if (found == AZATTEST_OK)
        v->result->root = root;
    *good = found == AZATTEST_OK && root != NULL;
    if ((status = azattest__verification_judge(
             v, "pck_chain", found, reason,
             "leaf, intermediate and root; names, signatures, authorities and keys fit")) != AZATTEST_OK)
        return status;
    reason = NULL;
    if (*good && strcmp(root, "extra") == 0 &&
        (status = name_extra_root(v, &chain[AZATTEST__PCK_CHAIN - 1])) != AZATTEST_OK)
        return status;
    for (size_t i = 0; i < AZATTEST__PCK_CHAIN; i++)
        azattest__verification_window(v->result, chain[i].not_before, chain[i].not_after);
    found = azattest__pck_check_validity(v->pck, v->now, &reason);
    return azattest__verification_judge(v, "pck_validity", found, reason,
                                        "every certificate is alive at the time of verification");
}

static azattest_status check_extensions(azattest__verification *v)
{
    const azattest__pck *pck = v->pck;

    if (pck->chain.count == 0)
        return azattest__verification_skip(v->result, "pck_extensions", "not run: no PCK certificate");
    if (pck->extensions_error != NULL)
        return azattest__verification_set(v->result, "pck_extensions", false, "%s",
                                          azattest_error_message(pck->extensions_error));
    return azattest__verification_set(v->result, "pck_extensions", true,
                                      "PPID, TCB, PCEID, FMSPC and SGX type are there, each once");
}

static azattest_status check_signature(azattest__verification *v, const char *id, const azattest__key *key,
                                       azattest_bytes data, azattest_bytes signature, const char *whose,
                                       const char *passed)
{
    azattest_error *reason = NULL;
    bool valid = false;
    azattest_status found = azattest__key_fits(key, AZATTEST__ES256, &reason);

    if (found == AZATTEST_OK)
        found = azattest__key_verify(key, AZATTEST__ES256, data, signature, &valid, &reason);
    if (found == AZATTEST_OK && !valid)
        found = azattest__error_set(&reason, AZATTEST_E_EVIDENCE_INVALID,
                                    "the signature does not verify with %s (ECDSA P-256, SHA-256)", whose);
    return azattest__verification_judge(v, id, found, reason, passed);
}

static azattest_status check_qe_report(azattest__verification *v)
{
    const azattest__intel_quote *quote = &v->evidence->intel;
    const azattest__pck *pck = v->pck;
    const azattest__key *key = pck->chain.count > 0 ? pck->chain.certificates[0].key : NULL;

    if (key == NULL)
        return azattest__verification_skip(v->result, "qe_report_signature", "not run: no PCK certificate with a key");
    return check_signature(v, "qe_report_signature", key,
                           azattest__bytes(quote->qe_report.body, AZATTEST__SGX_REPORT_SIZE),
                           quote->qe_report_signature, "the key of the PCK certificate",
                           "the PCK key signed the report of the quoting enclave");
}

/* First half: the hash; second half: zero, as every genuine quoting enclave leaves it. */
static azattest_status check_qe_binding(azattest__verification *v)
{
    const azattest__intel_quote *quote = &v->evidence->intel;
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
    return azattest__verification_judge(
        v, "qe_report_binding", found, reason,
        "the quoting enclave's report names this attestation key and authentication data");
}

static azattest_status check_quote_signature(azattest__verification *v)
{
    const azattest__intel_quote *quote = &v->evidence->intel;
    const unsigned char *point = quote->attestation_key.ptr;
    azattest__key *key = NULL;
    azattest_error *reason = NULL;
    azattest_status status;

    if ((status = azattest__key_from_ec("P-256", azattest__bytes(point, 32), azattest__bytes(point + 32, 32), &key,
                                        &reason)) != AZATTEST_OK) {
        azattest__error_prefix(&reason, "the attestation key is not a point of P-256");
        return azattest__verification_judge(v, "quote_signature", status, reason, "");
    }
    status = check_signature(v, "quote_signature", key, quote->signed_bytes, quote->signature, "the attestation key",
                             "the attestation key signed header and report");
    azattest__key_free(key);
    return status;
}

/* The keys of a debuggable quoting enclave are no secret: nothing allows that. */
static azattest_status check_qe_debug(azattest__verification *v)
{
    bool debuggable = (v->evidence->intel.qe_report.attributes_flags & AZATTEST__SGX_FLAG_DEBUG) != 0;

    return azattest__verification_set(v->result, "qe_report_debug", !debuggable,
                                      debuggable ? "the quoting enclave is debuggable: its key is no secret"
                                                 : "the quoting enclave is not debuggable");
}

/* The certificates of a chain of three; NULL: there is none. */
static const azattest__x509 *chain_of(const azattest__verification *v)
{
    const azattest__pck *pck = v->pck;

    if ((!holds_chain(v) && pck != &v->found_pck) || pck->chain.count != AZATTEST__PCK_CHAIN ||
        pck->chain_error != NULL)
        return NULL;
    return pck->chain.certificates;
}

static azattest_status run_checks(azattest__verification *v, const azattest__x509 *chain)
{
    azattest_status status;
    bool good;

    if ((status = check_form(v)) != AZATTEST_OK || (status = check_certification(v)) != AZATTEST_OK ||
        (status = check_chain(v, chain, &good)) != AZATTEST_OK || (status = check_extensions(v)) != AZATTEST_OK ||
        (status = check_qe_report(v)) != AZATTEST_OK || (status = check_qe_binding(v)) != AZATTEST_OK ||
        (status = check_qe_debug(v)) != AZATTEST_OK || (status = check_quote_signature(v)) != AZATTEST_OK)
        return status;
    if (v->evidence->claims.ptr != NULL &&
        (status = azattest__verification_bound(v, "claims_hash", v->evidence->claims, "custom claims")) != AZATTEST_OK)
        return status;
    return azattest__verify_intel_collateral(v, good ? chain : NULL);
}

azattest_status azattest__verify_intel(azattest__verification *v)
{
    const azattest__x509_keys keys = azattest__collateral_keys(v->collateral);
    azattest_status status;

    if ((v->pck = azattest__evidence_pck_with(v->evidence, v->collateral == NULL ? NULL : &keys)) == NULL)
        return AZATTEST_E_MEMORY;
    if (!holds_chain(v) && v->collateral != NULL) {
        if ((status = azattest__intel_find_pck(v, &v->found_pck)) != AZATTEST_OK)
            return status;
        if (v->found_pck.chain.count > 0)
            v->pck = &v->found_pck;
    }
    plan(v);
    return run_checks(v, chain_of(v));
}
