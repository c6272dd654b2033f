/**
 * Policies as the service stores them: inside a token whose body is `{"AttestationPolicy": "<base64url of the text>"}`,
 * unsecured or signed by the caller. And what the service says of a changed policy or certificate.
 */
#ifndef AZATTEST_POLICY_H
#define AZATTEST_POLICY_H

#include "signing_key.h"
#include "token.h"

AZATTEST_BEGIN

#define AZATTEST_HASH_SIZE 32

/* Types of attestation that have a policy. Any other text is passed through. */
#define AZATTEST_TYPE_SGX_ENCLAVE "SgxEnclave"
#define AZATTEST_TYPE_OPEN_ENCLAVE "OpenEnclave"
#define AZATTEST_TYPE_TPM "Tpm"
#define AZATTEST_TYPE_SEV_SNP_VM "SevSnpVm"
#define AZATTEST_TYPE_TDX_VM "TdxVm"
#define AZATTEST_TYPE_AZURE_GUEST "AzureGuest"

/* What the service says of a change. The lists are open. */
#define AZATTEST_POLICY_UPDATED "Updated"
#define AZATTEST_POLICY_REMOVED "Removed"
#define AZATTEST_CERTIFICATE_IS_PRESENT "IsPresent"
#define AZATTEST_CERTIFICATE_IS_ABSENT "IsAbsent"

typedef struct azattest_stored_attestation_policy azattest_stored_attestation_policy;
typedef struct azattest_policy_result azattest_policy_result;
typedef struct azattest_policy_certificates_modification_result azattest_policy_certificates_modification_result;

/**
 * Makes a token of a JSON object: unsecured, or signed with the key's certificate in the header (`x5c`).
 *
 * @param body_json  a JSON object, at most AZATTEST_LIMIT_TOKEN_BODY bytes; absent: an empty body, as a reset has it
 * @param key        NULL: unsecured, `alg` none
 * @retval AZATTEST_E_ARGUMENT  the body is no JSON object
 * @retval AZATTEST_E_LIMIT     the body is too large
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_token_create(azattest_bytes body_json,
                                                                       const azattest_signing_key *key,
                                                                       azattest_token **out, azattest_error **error);
/**
 * Exactly the token that setting this policy with this key sends.
 *
 * @param text  the policy, UTF-8, at most AZATTEST_LIMIT_POLICY bytes
 * @param key   NULL: unsecured
 * @retval AZATTEST_E_ARGUMENT  the text is absent or no UTF-8
 * @retval AZATTEST_E_LIMIT     the text is too large
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_create_policy_token(azattest_bytes text,
                                                                              const azattest_signing_key *key,
                                                                              azattest_token **out,
                                                                              azattest_error **error);

/** The body of a policy token: the text of one policy. Parameters as azattest_create_policy_token(). */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_stored_attestation_policy_new(
    azattest_bytes text, azattest_stored_attestation_policy **out, azattest_error **error);
/**
 * Reads the body of a policy token. An empty body is an empty policy. Says nothing about who signed it.
 * @retval AZATTEST_E_MALFORMED  another form
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_stored_attestation_policy_parse(
    const azattest_token *token, azattest_stored_attestation_policy **out, azattest_error **error);
AZATTEST_API void azattest_stored_attestation_policy_free(azattest_stored_attestation_policy *policy);
/** The text, UTF-8 and NUL-terminated. */
AZATTEST_API const char *azattest_stored_attestation_policy_attestation_policy(
    const azattest_stored_attestation_policy *policy);
/** The body as JSON text, as a token carries it; absent for an empty body. */
AZATTEST_API azattest_bytes azattest_stored_attestation_policy_json(const azattest_stored_attestation_policy *policy);

/**
 * `x-ms-policy-hash` of tokens that were made under a policy of this text: SHA-256 over its base64url form.
 * @param text  as azattest_create_policy_token()
 * @retval AZATTEST_E_ARGUMENT  the text is absent or no UTF-8
 * @retval AZATTEST_E_LIMIT     the text is too large
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_policy_hash(azattest_bytes text,
                                                                      unsigned char hash[AZATTEST_HASH_SIZE],
                                                                      azattest_error **error);
/**
 * `x-ms-policy-token-hash` of the answer to setting a policy: SHA-256 over the whole compact policy token.
 * @retval AZATTEST_E_TOKEN_MALFORMED  the text is no compact token
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_policy_token_hash(azattest_bytes token_text,
                                                                            unsigned char hash[AZATTEST_HASH_SIZE],
                                                                            azattest_error **error);

/** What became of a policy. Readers give NULL or absent where the service said nothing. */
AZATTEST_API void azattest_policy_result_free(azattest_policy_result *result);
/** "Updated" or "Removed"; NULL when the policy was only read. */
AZATTEST_API const char *azattest_policy_result_policy_resolution(const azattest_policy_result *result);
/** 32 bytes: the hash of the policy token that the service stored; absent but after a policy was set. */
AZATTEST_API azattest_bytes azattest_policy_result_policy_token_hash(const azattest_policy_result *result);
/**
 * Who signed the policy: a new reference for azattest_signer_free(), NULL for an unsigned one. After a change it is the
 * certificate that was sent; of a policy that was read, the key that verifies the stored token's signature. The service
 * checked whether that certificate was allowed to; this library cannot.
 */
AZATTEST_API azattest_signer *azattest_policy_result_policy_signer(const azattest_policy_result *result);
/** The stored policy token as compact text; NULL unless the policy was read, or when there is none. */
AZATTEST_API const char *azattest_policy_result_policy(const azattest_policy_result *result);
/** The text of the policy, UTF-8, perhaps empty; NULL unless the policy was read. */
AZATTEST_API const char *azattest_policy_result_policy_text(const azattest_policy_result *result);

/** What became of a policy-management certificate. */
AZATTEST_API void azattest_policy_certificates_modification_result_free(
    azattest_policy_certificates_modification_result *result);
/** SHA-1 of the certificate, hexadecimal, as the service sent it. */
AZATTEST_API const char *azattest_policy_certificates_modification_result_certificate_thumbprint(
    const azattest_policy_certificates_modification_result *result);
/** "IsPresent" or "IsAbsent". */
AZATTEST_API const char *azattest_policy_certificates_modification_result_certificate_resolution(
    const azattest_policy_certificates_modification_result *result);

AZATTEST_END

#endif
