/**
 * The policy language (versions 1.0, 1.1 and 1.2), without a service: texts are parsed, explained, checked, formatted,
 * compared and evaluated. <azattest/policy.h> has what the service stores and answers.
 */
#ifndef AZATTEST_POLICY_LANGUAGE_H
#define AZATTEST_POLICY_LANGUAGE_H

#include "error.h"
#include "token.h"

AZATTEST_BEGIN

/** A parsed policy: immutable, counted, shared by threads, used for any number of evaluations. */
typedef struct azattest_policy azattest_policy;

/**
 * The policy that is in force on shared instances where none was set, byte for byte.
 *
 * @param attestation_type  in any letter case, with or without `-` and `_` ("SgxEnclave", "sgx-enclave"), or as the
 *                          claim `x-ms-attestation-type` has it ("sgx")
 * @return a text that lives as long as the library; NULL: there is none (a TPM has none), or the type is not known
 * Source: recorded answers, and `x-ms-policy-hash` of tokens. Of SGX the text of 2022: the bytes that are served since
 * 2023 are not established; azattest_policy_known_name() knows the documentation's, too.
 */
AZATTEST_API const char *azattest_policy_default(const char *attestation_type);
/**
 * What is known of a policy by its hash: "default of AzureGuest on shared instances".
 * @param policy_hash  32 bytes, as `x-ms-policy-hash` of a token decodes to
 * @return a text that lives as long as the library; NULL: nothing is known of it
 */
AZATTEST_API const char *azattest_policy_known_name(azattest_bytes policy_hash);
/**
 * Was this token made under a policy of this text? Compares `x-ms-policy-hash`. Says nothing about the token's
 * validity.
 * @return 1: its hash is that of this text; 0: it is another; -1: the token has none, or an argument is NULL
 */
AZATTEST_API int azattest_policy_matches_token(const azattest_policy *policy, const azattest_token *token);

AZATTEST_END

#endif
