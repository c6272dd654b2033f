/**
 * Statuses: the one list from which the enumeration, the names, the texts and the constants of every language come.
 * Numbers are fixed for ever. `check` is the identifier of the strict set (README, "Trust model"), or "" where the
 * status is not the verdict of a token check.
 */
#ifndef AZATTEST_STATUS_H
#define AZATTEST_STATUS_H

#include "export.h"

AZATTEST_BEGIN

/* clang-format off */
#define AZATTEST_STATUS_LIST(X) \
    X(OK, 0, "", "ok") \
    X(ABSENT, 1, "", "the value is absent") \
    X(E_ARGUMENT, 2, "", "wrong use") \
    X(E_MEMORY, 3, "", "out of memory") \
    X(E_LIMIT, 4, "", "a size limit was exceeded") \
    X(E_MALFORMED, 5, "", "malformed input") \
    X(E_TYPE, 6, "", "the value has another type") \
    X(E_STATE, 7, "", "not possible in this state") \
    X(E_CRYPTO, 8, "", "the cryptographic library failed") \
    X(E_UNSUPPORTED, 9, "", "not supported by this version") \
    X(E_HTTP, 20, "", "the service answered with an error") \
    X(E_AUTH, 21, "", "the service refused the identity") \
    X(E_TRANSPORT, 22, "", "the service could not be reached") \
    X(E_TIMEOUT, 23, "", "the time limit was reached") \
    X(E_RESPONSE, 24, "", "the service sent an answer that cannot be used") \
    X(E_CANCELLED, 25, "", "cancelled") \
    X(E_CREDENTIAL_UNAVAILABLE, 26, "", "the credential has nothing to offer here") \
    X(E_EVIDENCE, 30, "", "malformed evidence") \
    X(E_EVIDENCE_INVALID, 31, "", "the evidence does not verify") \
    X(E_BINDING, 32, "", "the runtime data is not the data that the evidence binds") \
    X(E_TOKEN_MALFORMED, 40, "T1", "malformed token") \
    X(E_TOKEN_TYPE, 41, "T2", "not a JWT by its own header") \
    X(E_TOKEN_ALGORITHM, 42, "T3", "signature algorithm not allowed") \
    X(E_TOKEN_CRITICAL, 43, "T4", "critical header members are not understood") \
    X(E_TOKEN_KEY_UNTRUSTED, 44, "K1", "no trusted keys to verify with") \
    X(E_TOKEN_KEY_URL, 45, "K2", "the token names a key address of another host") \
    X(E_TOKEN_KEY_UNKNOWN, 46, "K3", "no trusted key has the token's key id") \
    X(E_TOKEN_KEY_AMBIGUOUS, 47, "K3", "different keys share the token's key id") \
    X(E_TOKEN_KEY_UNFIT, 48, "K5", "the key does not fit the algorithm") \
    X(E_TOKEN_KEY_MISMATCH, 49, "K6", "the certificate holds another key than the key set says") \
    X(E_TOKEN_CERTIFICATE, 50, "K7", "the key's certificate is not valid") \
    X(E_TOKEN_CERTIFICATE_NAME, 51, "K8", "the key's certificate names another instance") \
    X(E_TOKEN_KEY_ID, 52, "K8a", "the key id is not the hash of the key") \
    X(E_TOKEN_SIGNATURE, 53, "S1", "the signature does not verify") \
    X(E_TOKEN_EXPIRED, 54, "C1", "expired, or without the expiry it must have") \
    X(E_TOKEN_NOT_YET_VALID, 55, "C2", "not valid yet") \
    X(E_TOKEN_ISSUER, 56, "C3", "issued by another instance") \
    X(E_TOKEN_NONCE, 57, "N1", "the nonce is not the one that was sent") \
    X(E_TOKEN_RUNTIME_DATA, 58, "N2", "the runtime data is not the one that was sent") \
    X(E_TOKEN_MEASUREMENT, 59, "N3", "the measurements are not those of the evidence that was sent") \
    X(E_TOKEN_POLICY_HASH, 60, "P1", "another policy was applied") \
    X(E_TOKEN_DEBUGGABLE, 61, "D1", "the evidence is debuggable") \
    X(E_TOKEN_CLAIM, 62, "", "a required claim is missing or different") \
    X(E_TOKEN_ATTESTATION_TYPE, 63, "", "another type of attestation") \
    X(E_TOKEN_AGE, 64, "", "older than allowed") \
    X(E_TOKEN_CALLBACK, 65, "", "refused by the caller's own check") \
    X(E_TOKEN_SERVICE_EVIDENCE, 66, "K9", "the key is not shown to be that of the service that is wanted") \
    X(E_POLICY_HASH, 70, "", "the service did not store the policy token that was sent") \
    X(E_POLICY_SIGNER, 71, "", "the policy is not signed by whom it should be") \
    X(E_CERTIFICATE_THUMBPRINT, 72, "", "the service answered about another certificate") \
    X(E_SECRET, 80, "", "no secret can be sealed to, or opened with, this key") \
    X(E_POLICY, 90, "", "the policy has errors") \
    X(E_POLICY_EVALUATION, 91, "", "the policy cannot be evaluated over these claims")
/* clang-format on */

typedef enum azattest_status {
#define AZATTEST_STATUS_ENUM(name, number, check, text) AZATTEST_##name = number,
    AZATTEST_STATUS_LIST(AZATTEST_STATUS_ENUM)
#undef AZATTEST_STATUS_ENUM
} azattest_status;

/** The constant's name, for instance "AZATTEST_E_TOKEN_EXPIRED"; "AZATTEST_E_?" for a number that is no status. */
AZATTEST_API const char *azattest_status_name(azattest_status status);

/** One short English phrase for the status. */
AZATTEST_API const char *azattest_status_text(azattest_status status);

/** The check of the strict set whose failure this is, for instance "C1"; "" where it is none. */
AZATTEST_API const char *azattest_status_check(azattest_status status);

AZATTEST_END

#endif
