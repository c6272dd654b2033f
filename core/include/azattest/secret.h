/**
 * Secure key release: a secret that only the attested program can open. The relying party validates the token, takes
 * the public key that the enclave put into it, and seals the secret to that key; the enclave opens it with its private
 * key. A sealed secret is a compact JWE (RFC 7516): RSA-OAEP-256 with A256GCM for RSA keys from 2048 bits, ECDH-ES with
 * A256GCM for EC keys on P-256, P-384 and P-521, with the key id as "kid". It may travel on any way.
 */
#ifndef AZATTEST_SECRET_H
#define AZATTEST_SECRET_H

#include "result.h"

AZATTEST_BEGIN

/** How to seal. Zero means default. */
typedef struct azattest_secret_options {
    size_t size;        /**< sizeof(azattest_secret_options) */
    const char *key_id; /**< `kid` of the key, or its thumbprint (RFC 7638) where it has none; NULL: there is but one */
    azattest_switch allow_debug; /**< default off: nothing is sealed to a program whose host can read it */
} azattest_secret_options;
/* clang-format off */
#define AZATTEST_SECRET_OPTIONS_INIT { .size = sizeof(azattest_secret_options) }
/* clang-format on */

/**
 * Seals a secret to the key that the attested program put into its token: a JWK in `x-ms-runtime` (the object itself,
 * in "keys", or deeper), a JWK, JWK set, PEM public key or certificate in the held data `x-ms-sgx-ehd`, or `cnf`. A key
 * that says that it is for something else ("use", "key_ops", "alg"), is weak, or is published with its private part is
 * not taken. For the keys of a confidential VM around a guest ask azattest_result_isolation_tee().
 *
 * Nothing is sealed to evidence that the token calls debuggable, whatever its validation allowed: a debugger would read
 * the opened secret. A token that does not say passes, unless it has an isolation TEE, which has to say; ask for it
 * when validating (`allow_debug` off).
 *
 * Validate right before: what was valid when it was validated is taken here, whatever the time is now.
 *
 * @param result   of a token that was validated
 * @param options  NULL for defaults
 * @param secret   1 byte to AZATTEST_LIMIT_SECRET
 * @param sealed   receives NUL-terminated text for azattest_free(), or NULL
 * @param length   receives its length; may be NULL
 * @retval AZATTEST_E_STATE     the token is not validated (a draft's reply never is)
 * @retval AZATTEST_E_TOKEN_DEBUGGABLE  the evidence is debuggable, or the claim that says so cannot be read
 * @retval AZATTEST_E_SECRET    no key to seal to, or several and no key_id
 * @retval AZATTEST_E_ARGUMENT  the secret is empty
 * @retval AZATTEST_E_LIMIT     the secret is too large
 * Source: RFC 7516, RFC 7518 sections 4.3 and 4.6.
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_result_seal_secret(const azattest_result *result,
                                                                             const azattest_secret_options *options,
                                                                             azattest_bytes secret, char **sealed,
                                                                             size_t *length, azattest_error **error);
/**
 * The same for a key that the caller trusts for another reason.
 * @param key_text  JWK, JWK set, or PEM with public keys or certificates, at most AZATTEST_LIMIT_RUNTIME_DATA bytes
 * @retval AZATTEST_E_SECRET    no key to seal to, or several and no key_id
 * @retval AZATTEST_E_ARGUMENT  the secret is empty
 * @retval AZATTEST_E_LIMIT     the secret or the text of the key is too large
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_secret_seal(azattest_bytes key_text,
                                                                      const azattest_secret_options *options,
                                                                      azattest_bytes secret, char **sealed,
                                                                      size_t *length, azattest_error **error);
/**
 * The enclave's side. The key decides which algorithms the text has to name; nothing in the text chooses any.
 *
 * @param private_key  PEM, RSA or EC
 * @param passphrase   of an encrypted PEM, or NULL
 * @param sealed       the compact text, at most AZATTEST_LIMIT_SEALED
 * @param secret       receives the secret (with a NUL behind it) for azattest_secret_free(), or NULL
 * @param length       receives its length
 * @retval AZATTEST_E_MALFORMED  no such text, or a header with members that are not understood; no private key
 * @retval AZATTEST_E_SECRET     sealed to another key, or changed on the way
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_secret_open(azattest_bytes private_key,
                                                                      const char *passphrase, azattest_bytes sealed,
                                                                      char **secret, size_t *length,
                                                                      azattest_error **error);
/**
 * The answer of attest_azure_guest is sealed to a key of the guest's TPM. This gives what the TPM has to decrypt
 * (TPM2_RSA_Decrypt with the scheme RSAES, by the key that the request called EncKeyPub); what it gives is the inner
 * key for azattest_guest_answer_open().
 *
 * @param sealed  the text as the call gave it, at most AZATTEST_LIMIT_RESPONSE
 * @param key     receives the encrypted inner key for azattest_free(), or NULL
 * @retval AZATTEST_E_MALFORMED    no such answer
 * @retval AZATTEST_E_UNSUPPORTED  encrypted in another way than AES-256 in GCM
 * Source: Azure confidential-computing-cvm-guest-attestation, decryption of the answer.
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_guest_answer_key(azattest_bytes sealed, unsigned char **key,
                                                                           size_t *length, azattest_error **error);
/**
 * Opens such an answer with the inner key. The token is as good as the seal says: anybody can seal to a public key, so
 * validate it.
 *
 * @param inner_key  32 bytes
 * @param token      receives the token's text for azattest_free(), or NULL
 * @retval AZATTEST_E_SECRET  sealed with another key, or changed on the way
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_guest_answer_open(azattest_bytes sealed,
                                                                            azattest_bytes inner_key, char **token,
                                                                            azattest_error **error);
/**
 * The same where the private key is at hand, as that of a simulated TPM is.
 *
 * @param private_key  PEM, RSA
 * @param passphrase   of an encrypted PEM, or NULL
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_guest_answer_open_with_key(
    azattest_bytes sealed, azattest_bytes private_key, const char *passphrase, char **token, azattest_error **error);
/** Wipes and frees an opened secret; NULL is accepted. */
AZATTEST_API void azattest_secret_free(char *secret, size_t length);

AZATTEST_END

#endif
