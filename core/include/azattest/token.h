/**
 * One JSON Web Token as the service issues it: readable before and after validation, validated by the strict set.
 * Parsing trusts nothing; only azattest_token_validate(), a Verifier or an attest call makes a token validated.
 */
#ifndef AZATTEST_TOKEN_H
#define AZATTEST_TOKEN_H

#include <stdbool.h>

#include "error.h"
#include "signer.h"

AZATTEST_BEGIN

typedef struct azattest_token azattest_token;
typedef struct azattest_result azattest_result;
typedef struct azattest_problems azattest_problems;

/** A claim that a token must have: its name, and the value as JSON text (`"text"`, `1`, `true`, `{...}`). */
typedef struct azattest_claim_requirement {
    const char *name;
    const char *value_json; /**< NULL: any value will do */
} azattest_claim_requirement;

/**
 * The caller's own check, the last one. Anything but AZATTEST_OK refuses the token; the message of `*error`, if it was
 * set (azattest_error_new()), becomes the detail of the problem.
 */
typedef azattest_status (*azattest_validation_callback)(void *user, const azattest_token *token,
                                                        const azattest_signer *signer, azattest_error **error);

/**
 * Every check of a token and its default. Zero means default. In the options of a call, a member that is zero keeps
 * what the client was given; members are merged one by one.
 */
typedef struct azattest_validation_options {
    size_t size;                         /**< sizeof(azattest_validation_options), as the caller was built */
    azattest_switch validate_token;      /**< on. Off: nothing is checked, and the token stays UNVERIFIED */
    azattest_switch validate_signature;  /**< on. Off: T3 to S1 are left out; the token stays UNVERIFIED */
    azattest_switch validate_expiration; /**< on: C1 */
    azattest_switch validate_not_before; /**< on: C2 */
    azattest_switch validate_issuer;     /**< on: C3 */
    azattest_switch require_expiration;  /**< on: a token without `exp` is refused */
    /** Refuses a token in which the instance answers about its policies or certificates: it has the key and the issuer
     * of attestations, and attests nothing. On for verifiers and attest calls, off for azattest_token_validate(). Wrong
     * use in the calls that such answers belong to */
    azattest_switch require_attestation;
    azattest_switch allow_unsecured;      /**< off. On: `alg` none passes, and the token stays unsecured */
    azattest_switch allow_debug;          /**< on. Off: D1 refuses debuggable evidence */
    const char *const *issuers;           /**< expected `iss`, any of them; NULL: the endpoint of the client */
    size_t issuer_count;                  /**< at most AZATTEST_LIMIT_LIST */
    int64_t validation_slack_ms;          /**< 60 000, both directions; negative: none */
    int64_t max_age_s;                    /**< seconds since `iat`; 0: not checked */
    int64_t now_ms;                       /**< time of validation since 1970 UTC; 0: the clock */
    const char *const *algorithms;        /**< allow list; NULL: RS/PS 256-512, ES256, ES384, ES512 */
    size_t algorithm_count;               /**< at most AZATTEST_LIMIT_LIST */
    const azattest_signers *signers;      /**< closed list of keys: nothing else is trusted, nothing fetched */
    const char *expected_nonce;           /**< N1; NULL: not checked */
    azattest_bytes expected_runtime_data; /**< N2, binary form; absent: not checked */
    azattest_bytes expected_runtime_json; /**< N2, JSON form, compared as JSON values */
    /** P1, 32 bytes; or several hashes, one behind the other, any of them, at most AZATTEST_LIMIT_LIST: while a policy
     * is replaced, tokens of the older one live on */
    azattest_bytes expected_policy_hash;
    const char *expected_type; /**< `x-ms-attestation-type`, such as "sgx", or AZATTEST_TYPE_SGX_ENCLAVE */
    const azattest_claim_requirement *require_claims;
    size_t require_claim_count;                       /**< at most AZATTEST_LIMIT_LIST */
    azattest_validation_callback validation_callback; /**< last check; NULL: none */
    void *validation_user;
    /** K9, off. On: the certificate of the key that signed has to hold evidence of the enclave that made it
     * (azattest_verify_service_certificate()), judged by `service_appraisal`, which has to be given; or it is one of an
     * authority that reaches one of `signer_roots` */
    azattest_switch verify_service_evidence;
    const struct azattest_appraisal *service_appraisal;   /**< of azattest/appraisal.h: which enclave it has to be */
    const struct azattest_collateral *service_collateral; /**< of azattest/collateral.h; NULL: none */
    /** PEM certificates trusted beside Intel's root for that evidence, for instance of a simulator */
    azattest_bytes service_roots;
    /** K7: PEM certificates (Microsoft's roots). When given, a key whose certificate an authority issued is refused
     * unless its chain reaches the key of one of them; at most AZATTEST_LIMIT_CHAIN certificates */
    azattest_bytes signer_roots;
} azattest_validation_options;
/* clang-format off */
#define AZATTEST_VALIDATION_OPTIONS_INIT { .size = sizeof(azattest_validation_options) }
/* clang-format on */

/**
 * Takes a compact token apart. Strict: exactly two dots, unpadded base64url, header and body JSON objects with unique
 * member names, `alg` present. Leading and trailing white space is refused.
 *
 * @param text  borrowed; 1 byte to AZATTEST_LIMIT_TOKEN
 * @param out   receives the token, owned by the caller, or NULL
 * @retval AZATTEST_E_TOKEN_MALFORMED  with the part and the reason
 * Source: RFC 7515 section 3.1, RFC 7519 section 3.
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_token_parse(azattest_bytes text, azattest_token **out,
                                                                      azattest_error **error);
/** Frees and wipes a token; NULL is accepted. */
AZATTEST_API void azattest_token_free(azattest_token *token);

/** The original text, byte for byte. */
AZATTEST_API azattest_bytes azattest_token_serialize(const azattest_token *token);

/* Header. Text readers give NULL when the member is absent. */
AZATTEST_API const char *azattest_token_algorithm(const azattest_token *token);                     /**< `alg` */
AZATTEST_API const char *azattest_token_key_id(const azattest_token *token);                        /**< `kid` */
AZATTEST_API const char *azattest_token_type(const azattest_token *token);                          /**< `typ` */
AZATTEST_API const char *azattest_token_content_type(const azattest_token *token);                  /**< `cty` */
AZATTEST_API const char *azattest_token_key_url(const azattest_token *token);                       /**< `jku` */
AZATTEST_API const char *azattest_token_x509_url(const azattest_token *token);                      /**< `x5u` */
AZATTEST_API const char *azattest_token_certificate_thumbprint(const azattest_token *token);        /**< `x5t` */
AZATTEST_API const char *azattest_token_certificate_sha256_thumbprint(const azattest_token *token); /**< `x5t#S256` */
/** `crit` as JSON text; absent when there is none. */
AZATTEST_API azattest_bytes azattest_token_critical(const azattest_token *token);
/** `x5c` as JSON text (an array of base64 DER); absent when there is none. Never used to verify anything. */
AZATTEST_API azattest_bytes azattest_token_x509_certificate_chain(const azattest_token *token);

/* Body. */
/** `iss`, or NULL. */
AZATTEST_API const char *azattest_token_issuer(const azattest_token *token);
/** `exp` in seconds since 1970 UTC. @retval AZATTEST_ABSENT no such claim. @retval AZATTEST_E_TYPE not a number. */
AZATTEST_API azattest_status azattest_token_expires_on(const azattest_token *token, int64_t *seconds);
/** `iat`, as azattest_token_expires_on(). */
AZATTEST_API azattest_status azattest_token_issued_on(const azattest_token *token, int64_t *seconds);
/** `nbf`, as azattest_token_expires_on(). */
AZATTEST_API azattest_status azattest_token_not_before(const azattest_token *token, int64_t *seconds);
/** One claim as JSON text, exactly as it stands in the token; absent when there is none. */
AZATTEST_API azattest_bytes azattest_token_claim(const azattest_token *token, const char *name);

/** Decoded header and body (JSON text), decoded signature, and the characters that are signed. */
AZATTEST_API azattest_bytes azattest_token_header_bytes(const azattest_token *token);
AZATTEST_API azattest_bytes azattest_token_body_bytes(const azattest_token *token);
AZATTEST_API azattest_bytes azattest_token_signature_bytes(const azattest_token *token);
AZATTEST_API azattest_bytes azattest_token_signed_elements(const azattest_token *token);

/** `alg` is not "none". */
AZATTEST_API bool azattest_token_is_secured(const azattest_token *token);
/** All checks passed, the signature among them. Never true for an unsecured token. */
AZATTEST_API bool azattest_token_is_validated(const azattest_token *token);
/** The signer that verified it, borrowed from the token; NULL before a validation that passed. */
AZATTEST_API const azattest_signer *azattest_token_signer(const azattest_token *token);

/**
 * Validates with the keys of `options->signers`; sends nothing. The error lists every failed check. Takes any token of
 * the instance, unless `require_attestation` is on: switch it on before anything is given away for the token.
 *
 * @param options  must name the keys, and an issuer unless `validate_issuer` is off
 * @retval AZATTEST_E_ARGUMENT  signers without an issuer to compare, or options that contradict themselves
 * @retval AZATTEST_E_TOKEN_... the first failed check
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_token_validate(azattest_token *token,
                                                                         const azattest_validation_options *options,
                                                                         azattest_error **error);
/**
 * As azattest_token_validate(), but gives the failed checks as a list (empty when the token is valid) and succeeds
 * unless the call itself was wrong.
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_token_problems(azattest_token *token,
                                                                         const azattest_validation_options *options,
                                                                         azattest_problems **out,
                                                                         azattest_error **error);

AZATTEST_API size_t azattest_problems_count(const azattest_problems *problems);
/** AZATTEST_ABSENT past the end. */
AZATTEST_API azattest_status azattest_problems_code(const azattest_problems *problems, size_t index);
/** NULL past the end. */
AZATTEST_API const char *azattest_problems_detail(const azattest_problems *problems, size_t index);
AZATTEST_API void azattest_problems_free(azattest_problems *problems);

/**
 * The typed view of the claims.
 * @param unverified  gives the view of a token that was not validated as well
 * @retval AZATTEST_E_STATE  the token is not validated and `unverified` is false
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_token_result(const azattest_token *token, bool unverified,
                                                                       azattest_result **out, azattest_error **error);

AZATTEST_END

#endif
