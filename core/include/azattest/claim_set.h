/**
 * Claim sets: what the conditions of a policy see. A claim has a type (its name), a value (text, an integer or a
 * boolean) and an issuer. In a set every claim is there once, in the order in which it came; one type may have several
 * values.
 *
 * Source: MicrosoftDocs/azure-security-docs, articles/attestation/claim-sets.md and basic-concepts.md.
 */
#ifndef AZATTEST_CLAIM_SET_H
#define AZATTEST_CLAIM_SET_H

#include <stdbool.h>

#include "error.h"
#include "evidence.h"
#include "token.h"

AZATTEST_BEGIN

/** Claims in the order of their insertion, none of them twice. Issuers are "AttestationService" (made of the evidence),
 * "AttestationPolicy" (made by a rule) and "CustomClaim" (sent by the client). */
typedef struct azattest_claim_set azattest_claim_set;

/**
 * An empty set. It may be added to until it is evaluated for the first time; from then on it is immutable, and may be
 * shared by threads and by any number of evaluations.
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_claim_set_new(azattest_claim_set **out,
                                                                        azattest_error **error);
/**
 * Reads claims from JSON, in one of two forms:
 * - an object: `{"x-ms-sgx-svn": 3, "secureboot": true}`. Each member is a claim of the service (AttestationService); a
 *   list of plain values is one claim for each, null is none, and an object, or a list that holds objects or lists, is
 *   its JSON text, as the service gives `events` to a policy;
 * - a list: `[{"type": "svn", "value": 3, "issuer": "CustomClaim"}]`, as azattest_claim_set_json() writes it. `issuer`
 *   may be left out (AttestationService), and so may `valueType`, which otherwise has to fit the value.
 *
 * @param json  UTF-8, at most AZATTEST_LIMIT_CLAIM_SET bytes
 * @param out   receives the set, owned by the caller, or NULL
 * @retval AZATTEST_E_MALFORMED  no JSON, or neither of the forms
 * @retval AZATTEST_E_TYPE       a value that no claim can have: a fraction, an integer beyond 64 bits
 * @retval AZATTEST_E_ARGUMENT   a claim without type or value, or with a member that is not known
 * @retval AZATTEST_E_LIMIT      too large, or more than AZATTEST_LIMIT_CLAIMS claims
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_claim_set_parse(azattest_bytes json, azattest_claim_set **out,
                                                                          azattest_error **error);
/** Another owner of the same set; NULL gives NULL. */
AZATTEST_API azattest_claim_set *azattest_claim_set_ref(const azattest_claim_set *set);
AZATTEST_API void azattest_claim_set_free(azattest_claim_set *set);

/**
 * Adds a claim; one that is there already is not added again.
 *
 * @param type    its name: 1 to AZATTEST_LIMIT_CLAIM_TYPE bytes of UTF-8
 * @param value   UTF-8 without U+0000, at most AZATTEST_LIMIT_CLAIM_VALUE bytes; may be empty
 * @param issuer  NULL: AttestationService
 * @retval AZATTEST_E_ARGUMENT  an empty type or issuer, text that is no UTF-8
 * @retval AZATTEST_E_LIMIT     too long, or more than AZATTEST_LIMIT_CLAIMS claims
 * @retval AZATTEST_E_STATE     the set was evaluated, and does not change any more
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_claim_set_add_string(azattest_claim_set *set,
                                                                               const char *type, azattest_bytes value,
                                                                               const char *issuer,
                                                                               azattest_error **error);
/** The same for an integer. */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_claim_set_add_integer(azattest_claim_set *set,
                                                                                const char *type, int64_t value,
                                                                                const char *issuer,
                                                                                azattest_error **error);
/** The same for a boolean. */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_claim_set_add_boolean(azattest_claim_set *set,
                                                                                const char *type, bool value,
                                                                                const char *issuer,
                                                                                azattest_error **error);

/** How many claims there are. What the readers give lives as long as the set. */
AZATTEST_API size_t azattest_claim_set_count(const azattest_claim_set *set);
/** Name of a claim, counted from 0; NULL beyond the last. */
AZATTEST_API const char *azattest_claim_set_type(const azattest_claim_set *set, size_t index);
AZATTEST_API const char *azattest_claim_set_issuer(const azattest_claim_set *set, size_t index);
/** "String", "Integer" or "Boolean". */
AZATTEST_API const char *azattest_claim_set_value_type(const azattest_claim_set *set, size_t index);
/** The value of a "String", UTF-8 and NUL-terminated; NULL for the others. */
AZATTEST_API const char *azattest_claim_set_string(const azattest_claim_set *set, size_t index);
/**
 * The value of an "Integer".
 * @retval AZATTEST_E_TYPE      another type of value
 * @retval AZATTEST_ABSENT      no such claim
 * @retval AZATTEST_E_ARGUMENT  no set, or no place for the value
 */
AZATTEST_API azattest_status azattest_claim_set_integer(const azattest_claim_set *set, size_t index, int64_t *value);
/** The value of a "Boolean": 1 or 0; -1 for the others. */
AZATTEST_API int azattest_claim_set_boolean(const azattest_claim_set *set, size_t index);
/**
 * All of it as a JSON list of `{"type", "value", "valueType", "issuer"}`, which azattest_claim_set_parse() reads back.
 * Made when it is first asked for; lives until the set changes or ends. Absent when memory is short.
 */
AZATTEST_API azattest_bytes azattest_claim_set_json(const azattest_claim_set *set);

/** Where claims come from. Zero means default. */
typedef struct azattest_claims_options {
    size_t size; /**< sizeof(azattest_claims_options) */
    /** in any letter case, with or without `-` and `_` ("SgxEnclave", "sgx-enclave"), or as the claim
     * `x-ms-attestation-type` has it ("sgx"). NULL: the token's, or the one that such evidence is mostly sent to; of
     * claims by hand: none */
    const char *attestation_type;
    /* Of evidence alone, as the attest calls take them: */
    azattest_bytes runtime_data;  /**< absent: held data that came with the evidence and that it binds, or none */
    azattest_bytes runtime_json;  /**< instead of runtime_data: a JSON object */
    azattest_bytes inittime_data; /**< as runtime_data; which claim the service makes of it is not established: none */
    azattest_bytes inittime_json; /**< as runtime_json */
    const char *nonce;            /**< NULL: none */
} azattest_claims_options;
/* clang-format off */
#define AZATTEST_CLAIMS_OPTIONS_INIT { .size = sizeof(azattest_claims_options) }
/* clang-format on */

/**
 * Claims as azattest_claim_set_parse() reads them, and with a type what the service would add to them: an object of
 * claims gets `x-ms-attestation-type`, and of enclaves the first names (`$svn`) of those that are there. A list is
 * taken exactly as it is.
 *
 * @param json     as for azattest_claim_set_parse()
 * @param options  the type; NULL, or no type: nothing is added
 * @param out      receives the set, owned by the caller, or NULL
 * @retval AZATTEST_E_ARGUMENT  also a type whose claims are not known, claims that name another type, data or a nonce
 * The other errors are those of azattest_claim_set_parse().
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_claim_set_from_claims(azattest_bytes json,
                                                                                const azattest_claims_options *options,
                                                                                azattest_claim_set **out,
                                                                                azattest_error **error);
/**
 * The claims of a token that its policy saw: those of the service, without the standard ones (`iss`, `exp`, ...) and
 * without those that the policy issued (`x-ms-policy` names them; in a token that has no such member, whatever the
 * service does not make itself). A list is a claim for each of its values, an object is its JSON text. Of enclaves also
 * the first names (`$svn`), which policies may use as well. What a policy saw of a TPM does not come into the token.
 * Says nothing about the token's validity.
 *
 * @param token    validated or not
 * @param options  NULL for defaults
 * @param out      receives the set, owned by the caller, or NULL
 * @retval AZATTEST_E_ARGUMENT  not of an attestation, of another type than the one given (the message names both), or
 *                              of one whose claims are not known
 * @retval AZATTEST_E_TYPE      a value that no claim can have
 * @retval AZATTEST_E_LIMIT     more claims, or longer ones, than a set takes
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_claim_set_from_token(const azattest_token *token,
                                                                               const azattest_claims_options *options,
                                                                               azattest_claim_set **out,
                                                                               azattest_error **error);
/**
 * The claims that the service would make of evidence for a policy to see. Says nothing about the evidence being
 * genuine: verify it (azattest_evidence_verify()). What only the service knows is left out: hashes of its collateral,
 * the status of the platform, and what it reads from a TPM's log but has not published.
 *
 * SgxEnclave and OpenEnclave take quotes and reports of enclaves, TdxVm and SevSnpVm whatever holds such a report, Tpm
 * what holds a TPM's quote, AzureGuest a guest's request or the paravisor's report. Data that are given have to be
 * bound by the evidence, as the service demands.
 *
 * @param options  NULL for defaults
 * @param out      receives the set, owned by the caller, or NULL
 * @retval AZATTEST_E_ARGUMENT  the evidence is not of that type (the message names both), or the type takes no such
 * data
 * @retval AZATTEST_E_BINDING   the evidence does not bind the data
 * @retval AZATTEST_E_EVIDENCE  a log of a TPM's events, or a key, that cannot be read
 * @retval AZATTEST_E_LIMIT     a log whose JSON is larger than a claim can be
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status
azattest_claim_set_from_evidence(const azattest_evidence *evidence, const azattest_claims_options *options,
                                 azattest_claim_set **out, azattest_error **error);

AZATTEST_END

#endif
