/**
 * The claims of an attestation token, typed. Readers fall back to the deprecated names of the service. A missing claim
 * is AZATTEST_ABSENT (or NULL); a claim of a wrong type is AZATTEST_E_TYPE, so that nobody mistakes one for the other.
 * Source: reference of the service, "Attestation tokens".
 */
#ifndef AZATTEST_RESULT_H
#define AZATTEST_RESULT_H

#include "token.h"

AZATTEST_BEGIN

AZATTEST_API void azattest_result_free(azattest_result *result);

/** The token was validated, signature and all. */
AZATTEST_API bool azattest_result_is_validated(const azattest_result *result);

/* Text: `*text` borrows from the result and is NULL unless AZATTEST_OK is given back. */
AZATTEST_API azattest_status azattest_result_issuer(const azattest_result *result, const char **text);
AZATTEST_API azattest_status azattest_result_unique_id(const azattest_result *result, const char **text);
AZATTEST_API azattest_status azattest_result_nonce(const azattest_result *result, const char **text);
AZATTEST_API azattest_status azattest_result_version(const azattest_result *result, const char **text);
AZATTEST_API azattest_status azattest_result_verifier_type(const azattest_result *result, const char **text);
/** Lower-case hexadecimal, 64 characters. */
AZATTEST_API azattest_status azattest_result_mr_enclave(const azattest_result *result, const char **text);
/** Lower-case hexadecimal, 64 characters. */
AZATTEST_API azattest_status azattest_result_mr_signer(const azattest_result *result, const char **text);

/* Seconds since 1970 UTC. */
AZATTEST_API azattest_status azattest_result_issued_on(const azattest_result *result, int64_t *seconds);
AZATTEST_API azattest_status azattest_result_expires_on(const azattest_result *result, int64_t *seconds);
AZATTEST_API azattest_status azattest_result_not_before(const azattest_result *result, int64_t *seconds);

AZATTEST_API azattest_status azattest_result_is_debuggable(const azattest_result *result, bool *value);
AZATTEST_API azattest_status azattest_result_product_id(const azattest_result *result, int64_t *value);
AZATTEST_API azattest_status azattest_result_svn(const azattest_result *result, int64_t *value);

/* Bytes, decoded; they borrow from the result. */
AZATTEST_API azattest_status azattest_result_mr_enclave_bytes(const azattest_result *result, azattest_bytes *bytes);
AZATTEST_API azattest_status azattest_result_mr_signer_bytes(const azattest_result *result, azattest_bytes *bytes);
/** `x-ms-sgx-report-data`, 64 bytes. */
AZATTEST_API azattest_status azattest_result_report_data(const azattest_result *result, azattest_bytes *bytes);
/** The runtime data as it was sent in its binary form. */
AZATTEST_API azattest_status azattest_result_enclave_held_data(const azattest_result *result, azattest_bytes *bytes);
/** 32 bytes: SHA-256 over the base64url text of the policy. */
AZATTEST_API azattest_status azattest_result_policy_hash(const azattest_result *result, azattest_bytes *bytes);

/* Objects, as JSON text that borrows from the result. */
AZATTEST_API azattest_status azattest_result_runtime_claims(const azattest_result *result, azattest_bytes *json);
AZATTEST_API azattest_status azattest_result_inittime_claims(const azattest_result *result, azattest_bytes *json);
AZATTEST_API azattest_status azattest_result_policy_claims(const azattest_result *result, azattest_bytes *json);
AZATTEST_API azattest_status azattest_result_sgx_collateral(const azattest_result *result, azattest_bytes *json);
AZATTEST_API azattest_status azattest_result_confirmation(const azattest_result *result, azattest_bytes *json);

/** Who signed the policy: a new reference, for azattest_signer_free(). */
AZATTEST_API azattest_status azattest_result_policy_signer(const azattest_result *result, azattest_signer **signer);

/** One claim as JSON text, or all of them (the token's body). */
AZATTEST_API azattest_bytes azattest_result_claim(const azattest_result *result, const char *name);
AZATTEST_API azattest_bytes azattest_result_claims(const azattest_result *result);

AZATTEST_END

#endif
