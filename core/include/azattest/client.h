/**
 * The client of one attestation instance, and the verifier of a relying party. Both are configuration plus a cache of
 * the instance's signing keys; both may be used from many threads, until one frees it: then no other may be in a call
 * that takes it, nor make one later. Neither does any I/O. Each `_begin` function makes an operation (op.h) for a
 * driver to run; azattest/transport.h has ready drivers.
 */
#ifndef AZATTEST_CLIENT_H
#define AZATTEST_CLIENT_H

#include "data.h"
#include "evidence.h"
#include "op.h"
#include "result.h"
#include "signer.h"
#include "signing_key.h"
#include "token.h"

AZATTEST_BEGIN

#define AZATTEST_DEFAULT_API_VERSION "2025-06-01"

typedef struct azattest_client azattest_client;
typedef struct azattest_verifier azattest_verifier;
typedef struct azattest_response azattest_response;
typedef struct azattest_metadata azattest_metadata;
typedef struct azattest_credential azattest_credential; /* credential.h */
typedef struct azattest_tcb_baselines azattest_tcb_baselines;

/** What is checked of evidence before it is sent. What cannot be checked here is no reason to refuse. */
typedef enum azattest_check_evidence {
    AZATTEST_CHECK_EVIDENCE_DEFAULT = 0,
    AZATTEST_CHECK_EVIDENCE_OFF = 1, /**< nothing */
    /** (the default) what the evidence binds: that its report data binds the runtime data that go along, SEV-SNP's host
     * data the init-time data, the report data of Open Enclave evidence its custom claims, and the hardware's report in
     * an Azure guest's document its runtime claims */
    AZATTEST_CHECK_EVIDENCE_BINDING = 2,
    /** that, and all that azattest_evidence_verify() checks, with the collateral and roots of the options. Refused is
     * what failed. Sent all the same, with a warning in the log: what lacked something, what is DEBUG, what expired
     * collateral is about, and a TCB level below the best (the service's policy judges it), unless it is revoked */
    AZATTEST_CHECK_EVIDENCE_FULL = 3
} azattest_check_evidence;

/** Configuration of a client or verifier. Zero means default; text and lists are copied. */
typedef struct azattest_client_options {
    size_t size;                                   /**< sizeof(azattest_client_options) */
    const char *api_version;                       /**< AZATTEST_DEFAULT_API_VERSION; any text is passed through */
    azattest_switch allow_insecure_http;           /**< off. On: `http://` is accepted for loopback hosts only */
    const azattest_validation_options *validation; /**< defaults of every call */
    azattest_clock clock;                          /**< system's */
    uint32_t (*random)(void *user);                /**< jitter of waits; NULL: the system's. Not used for secrets */
    void *random_user;
    const char *application_id;            /**< in front of User-Agent; cut to 24 characters */
    const char *user_agent;                /**< replaces "azattest-c/<version>" (bindings name themselves) */
    int retry_total;                       /**< tries after the first: 3; negative: none */
    int64_t retry_delay_ms;                /**< first wait: 800; doubles each time */
    int64_t retry_max_delay_ms;            /**< longest computed wait: 60 000 */
    int64_t retry_after_max_ms;            /**< longest wait that the service may ask for: 120 000 */
    int64_t timeout_ms;                    /**< whole operation, waits included: 100 000; negative: none */
    int64_t key_cache_life_ms;             /**< 3 600 000; the service's max-age shortens it */
    const azattest_credential *credential; /**< NULL: calls are anonymous. The client keeps a reference */
    /** of its tokens, separated by blanks, at most AZATTEST_LIMIT_SCOPES; NULL: by the endpoint's cloud, for instance
     * "https://attest.azure.net/.default". With a credential and a host of no known cloud they have to be given */
    const char *scopes;
    /** off. On: the log also shows bodies, as structure with values cut to 8 characters */
    azattest_switch trace_bodies;
    int log_level; /**< lowest azattest_log_level of this client's calls; 0: the process's. See azattest/log.h */
    const azattest_signing_key *signing_key; /**< of an admin client: default of the calls that sign; NULL: none */
    const char *tenant_id; /**< of its tokens; NULL: the credential's own, which has to allow another */
    /** off. On: operations ask for AZATTEST_NEED_KEYS before they fetch the instance's keys, for drivers that share
     * them between processes; azattest_run() fetches them all the same */
    azattest_switch shared_keys;
    azattest_check_evidence check_evidence;         /**< of calls that say nothing of it: binding */
    const azattest_collateral *evidence_collateral; /**< for the full check; counted. NULL: none */
    azattest_bytes evidence_roots; /**< PEM, trusted beside the makers' roots by the full check: a simulator's */
} azattest_client_options;
/* clang-format off */
#define AZATTEST_CLIENT_OPTIONS_INIT { .size = sizeof(azattest_client_options) }
/* clang-format on */

/**
 * One attest call. Zero means default; everything is copied when the operation begins. Runtime and init-time data have
 * at most AZATTEST_LIMIT_RUNTIME_DATA bytes each.
 */
typedef struct azattest_attest_options {
    size_t size;                  /**< sizeof(azattest_attest_options) */
    azattest_bytes runtime_data;  /**< NULL pointer: not sent; length 0: empty data */
    azattest_bytes runtime_json;  /**< instead of runtime_data: a JSON object, carried as JSON claims */
    azattest_bytes inittime_data; /**< as runtime_data */
    azattest_bytes inittime_json; /**< as runtime_json */
    /** policy text, UTF-8, at most AZATTEST_LIMIT_POLICY; the answer's token is unsecured, so that `allow_unsecured`
     * switched off is wrong use */
    const char *draft_policy;
    const char *nonce; /**< UTF-8, 1 to AZATTEST_LIMIT_NONCE bytes; comes back as a claim, which is checked */
    /** on: runtime data that the evidence does not bind is refused before sending. On or off, it says so of the binding
     * alone, whatever check_evidence says; zero: as that says */
    azattest_switch check_binding;
    const azattest_validation_options *validation; /**< overrides the client's, member by member */
    const char *client_request_id;                 /**< NULL: a new UUID for each operation */
    /** SEV-SNP: VCEK, ASK and ARK as PEM, or in DER one behind the other; at most AZATTEST_LIMIT_CERTIFICATE_CHAIN */
    azattest_bytes vcek_chain;
    /** SEV-SNP: what a confidential container endorses, at most AZATTEST_LIMIT_ENDORSEMENTS; absent: none */
    azattest_bytes endorsements;
    const char *traceparent;                        /**< W3C trace context, passed through; NULL: none */
    int log_level;                                  /**< lowest azattest_log_level of this call; 0: the client's */
    const azattest_data *runtime;                   /**< instead of runtime_data and runtime_json */
    const azattest_data *inittime;                  /**< instead of inittime_data and inittime_json */
    azattest_check_evidence check_evidence;         /**< zero: the client's */
    const azattest_collateral *evidence_collateral; /**< for the full check, of which it says so; NULL: the client's */
    azattest_bytes evidence_roots;                  /**< likewise */
} azattest_attest_options;
/* clang-format off */
#define AZATTEST_ATTEST_OPTIONS_INIT { .size = sizeof(azattest_attest_options) }
/* clang-format on */

/**
 * Makes a client. Does no I/O.
 *
 * @param endpoint  absolute `https://` address of the instance; a trailing slash, port 443 and upper-case host letters
 *                  are normalised away; a query, a fragment or user information is refused
 * @param options   NULL for defaults
 * @retval AZATTEST_E_ARGUMENT  the endpoint or an option cannot be used; the message says why
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_client_new(const char *endpoint,
                                                                     const azattest_client_options *options,
                                                                     azattest_client **out, azattest_error **error);
/** Gives the caller's reference back; operations that still run keep their own. NULL is accepted. */
AZATTEST_API void azattest_client_free(azattest_client *client);
/** The normalised endpoint. */
AZATTEST_API const char *azattest_client_endpoint(const azattest_client *client);
AZATTEST_API const char *azattest_client_api_version(const azattest_client *client);

/**
 * Starts the attestation of an Intel SGX quote. Sends nothing: drive the op and take the answer with
 * azattest_op_take_response().
 *
 * @param quote    raw quote, 1 byte to AZATTEST_LIMIT_EVIDENCE; copied
 * @param options  NULL for defaults; borrowed for this call
 * @param op       receives a new operation, owned by the caller, or NULL
 * @retval AZATTEST_E_ARGUMENT  the quote is empty; data and JSON of the same kind; JSON that is no object
 * @retval AZATTEST_E_LIMIT     an input is too large
 * @retval AZATTEST_E_BINDING   the quote does not bind the runtime data
 * @retval AZATTEST_E_EVIDENCE_INVALID  with the full check_evidence: it does not verify; the message names the checks
 * Source: REST "Attest Sgx Enclave", POST /attest/SgxEnclave.
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_client_attest_sgx_enclave_begin(
    azattest_client *client, azattest_bytes quote, const azattest_attest_options *options, azattest_op **op,
    azattest_error **error);
/** The same for an Open Enclave report (header and quote). Source: REST POST /attest/OpenEnclave. */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_client_attest_open_enclave_begin(
    azattest_client *client, azattest_bytes report, const azattest_attest_options *options, azattest_op **op,
    azattest_error **error);
/**
 * The same for an AMD SEV-SNP virtual machine. The service takes JSON runtime data only.
 *
 * @param report  the raw report of 1184 bytes, to which options->vcek_chain belongs; or the JSON document
 *                {"SnpReport", "VcekCertChain", "Endorsements"}, which is sent as it is
 * @retval AZATTEST_E_ARGUMENT  report and certificates do not make a document; the call is not in this api-version
 * @retval AZATTEST_E_BINDING   the report data does not bind the runtime data, or the host data the init-time data
 * Source: REST POST /attest/SevSnpVm.
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_client_attest_sev_snp_vm_begin(
    azattest_client *client, azattest_bytes report, const azattest_attest_options *options, azattest_op **op,
    azattest_error **error);
/** The same for the raw quote of an Intel TDX virtual machine. No api-version takes a draft policy. POST /attest/TdxVm.
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status
azattest_client_attest_tdx_vm_begin(azattest_client *client, azattest_bytes quote,
                                    const azattest_attest_options *options, azattest_op **op, azattest_error **error);
/** The same for a report of an MdepTz device, from 2026-03-11-preview on. Source: REST POST /attest/MdepTz. */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status
azattest_client_attest_mdep_tz_begin(azattest_client *client, azattest_bytes report,
                                     const azattest_attest_options *options, azattest_op **op, azattest_error **error);
/**
 * Starts the attestation of an Azure virtual machine by its guest. The answer is sealed to a key of the guest's TPM, so
 * nothing of it is validated here: azattest_op_take_text() gives it as it came. Open it, then validate its token with a
 * verifier.
 *
 * @param attestation_info  the guest's JSON document (protocol 2.0), at most AZATTEST_LIMIT_ATTESTATION_INFO
 * @param options           ids, log level, what of check_evidence; a draft policy from 2026-03-11-preview on; anything
 *                          else is refused
 * @retval AZATTEST_E_ARGUMENT  it is empty; an option that the call does not take; the call is not in this api-version
 * @retval AZATTEST_E_LIMIT     it is too large
 * @retval AZATTEST_E_BINDING   the hardware's report in it does not bind its runtime claims
 * @retval AZATTEST_E_EVIDENCE_INVALID  with the full check_evidence: it does not verify; the message names the checks
 * Source: REST POST /attest/AzureGuest.
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_client_attest_azure_guest_begin(
    azattest_client *client, azattest_bytes attestation_info, const azattest_attest_options *options, azattest_op **op,
    azattest_error **error);
/** The same for KeyGuard, from 2026-03-11-preview on. Source: REST POST /attest/KeyGuard. */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_client_attest_key_guard_begin(
    azattest_client *client, azattest_bytes attestation_info, const azattest_attest_options *options, azattest_op **op,
    azattest_error **error);
/**
 * Starts one step of the attestation of a TPM or a VBS enclave: a message out, a message back, as JSON text from
 * azattest_op_take_text(). The first message is {"payload":{"type":"aikcert"}}; its answer holds `payload.challenge`
 * and `payload.service_context`, which go back unchanged inside the request that the TPM's key signs
 * ({"payload":{"request":"<JWS>"}}). The report in the last answer is a token for a verifier.
 *
 * @param content  the message, at most AZATTEST_LIMIT_ATTESTATION_INFO
 * @param options  ids, log level; anything else is refused
 * @retval AZATTEST_E_ARGUMENT  it is empty; an option that the call does not take; the call is not in this api-version
 * @retval AZATTEST_E_LIMIT     it is too large
 * Source: REST POST /attest/Tpm.
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status
azattest_client_attest_tpm_begin(azattest_client *client, azattest_bytes content,
                                 const azattest_attest_options *options, azattest_op **op, azattest_error **error);
/** The same for Pluton, from 2026-03-11-preview on; the answer's bytes. Source: REST POST /attest/Pluton. */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status
azattest_client_attest_pluton_begin(azattest_client *client, azattest_bytes content,
                                    const azattest_attest_options *options, azattest_op **op, azattest_error **error);

/** Options of azattest_client_get_tcb_baseline_begin(). */
typedef struct azattest_tcb_baseline_options {
    size_t size;                                   /**< sizeof(azattest_tcb_baseline_options) */
    azattest_switch provide_current_tcb_in_policy; /**< not sent; on or off: 2022-09-01-preview alone has it */
    const char *client_request_id;                 /**< NULL: a new UUID */
    const char *traceparent;                       /**< passed through; NULL: none */
    int log_level;                                 /**< 0: the client's */
} azattest_tcb_baseline_options;
/* clang-format off */
#define AZATTEST_TCB_BASELINE_OPTIONS_INIT { .size = sizeof(azattest_tcb_baseline_options) }
/* clang-format on */
/**
 * Starts to fetch the TCB baselines among which a policy of that attestation type can choose.
 * azattest_op_take_tcb_baselines().
 *
 * @param type  "SgxEnclave" and the like, any case; any other text is passed through, at most
 *              AZATTEST_LIMIT_ATTESTATION_TYPE characters
 * @retval AZATTEST_E_ARGUMENT  the call, or an option, is not in the client's api-version; no such type can be asked
 * for Source: REST GET /tcbbaselines/{attestationType}.
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_client_get_tcb_baseline_begin(
    azattest_client *client, const char *type, const azattest_tcb_baseline_options *options, azattest_op **op,
    azattest_error **error);
/** Starts to fetch the signing keys; the answer also fills the client's key cache. azattest_op_take_signers(). */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_client_get_signing_certificates_begin(azattest_client *client,
                                                                                                azattest_op **op,
                                                                                                azattest_error **error);
/** Starts to fetch the metadata document. azattest_op_take_metadata(). */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_client_get_open_id_metadata_begin(azattest_client *client,
                                                                                            azattest_op **op,
                                                                                            azattest_error **error);

/** Makes a verifier for tokens of one instance; parameters as azattest_client_new(). */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_verifier_new(const char *endpoint,
                                                                       const azattest_client_options *options,
                                                                       azattest_verifier **out, azattest_error **error);
/**
 * Makes a verifier for tokens of several instances, each with its own keys and cache. The token's `iss`, which is not
 * verified yet, only chooses which of them judges it; that one then applies the whole strict set, its own keys and
 * issuer included. A token of none of them is refused with AZATTEST_E_TOKEN_ISSUER and nothing is fetched for it.
 *
 * @param endpoints  1 to AZATTEST_LIMIT_LIST different addresses
 * @param options    of all of them, as azattest_client_new()
 * @retval AZATTEST_E_ARGUMENT  none, too many, one twice, or an endpoint or option that cannot be used
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_verifier_new_many(const char *const *endpoints, size_t count,
                                                                            const azattest_client_options *options,
                                                                            azattest_verifier **out,
                                                                            azattest_error **error);
AZATTEST_API void azattest_verifier_free(azattest_verifier *verifier);
/** The first endpoint, normalised. */
AZATTEST_API const char *azattest_verifier_endpoint(const azattest_verifier *verifier);
AZATTEST_API size_t azattest_verifier_endpoint_count(const azattest_verifier *verifier);
/** One endpoint, normalised; NULL past the end. */
AZATTEST_API const char *azattest_verifier_endpoint_at(const azattest_verifier *verifier, size_t index);
/**
 * Starts the validation of a token: with the cached keys, or after fetching them. While the keys are cached the
 * operation is done at its first step. azattest_op_take_response() gives token and value.
 *
 * A token in which the instance answers about policies or certificates has the same key and issuer, and is refused
 * (AZATTEST_E_TOKEN_ATTESTATION_TYPE): it attests nothing. See `require_attestation`.
 *
 * @param token_text  compact token, at most AZATTEST_LIMIT_TOKEN; copied
 * @param options     NULL for the verifier's own
 * @retval AZATTEST_E_TOKEN_MALFORMED  no compact token
 * @retval AZATTEST_E_TOKEN_ISSUER     a token of none of several instances
 * The operation fails with the first failed check, and its error lists them all.
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status
azattest_verifier_validate_begin(azattest_verifier *verifier, azattest_bytes token_text,
                                 const azattest_validation_options *options, azattest_op **op, azattest_error **error);
/**
 * Validates with the cached keys alone, without an operation: the quick way for a relying party.
 * @param token  receives the validated token, owned by the caller, or NULL
 * @retval AZATTEST_ABSENT  keys have to be fetched first: use azattest_verifier_validate_begin()
 * @retval AZATTEST_E_TOKEN_... the first failed check; the error lists them all
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_verifier_validate_cached(
    azattest_verifier *verifier, azattest_bytes token_text, const azattest_validation_options *options,
    azattest_token **token, azattest_error **error);
/**
 * The cached key set of one instance as JWKS text, copied into a new buffer for azattest_free(). Kept in a file it
 * validates later without any connection: azattest_signers_parse(), then `signers` and `issuers` of the options.
 *
 * @param endpoint  which of the verifier's instances; NULL: the only one
 * @retval AZATTEST_ABSENT      none was fetched yet
 * @retval AZATTEST_E_ARGUMENT  not one of the verifier's, or NULL where there are several
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_verifier_export_keys(azattest_verifier *verifier,
                                                                               const char *endpoint, char **jwks,
                                                                               size_t *length, azattest_error **error);

/** Results of operations: each gives the object once, owned by the caller; NULL when there is none of that kind. */
AZATTEST_API azattest_response *azattest_op_take_response(azattest_op *op);
AZATTEST_API azattest_signers *azattest_op_take_signers(azattest_op *op);
AZATTEST_API azattest_metadata *azattest_op_take_metadata(azattest_op *op);
AZATTEST_API azattest_tcb_baselines *azattest_op_take_tcb_baselines(azattest_op *op);
/** The answer of a call that gives no token, NUL-terminated, for azattest_free(). `length` may be NULL. */
AZATTEST_API char *azattest_op_take_text(azattest_op *op, size_t *length);

/** What an attest call or a validation gives: the typed value and the token it came from. */
AZATTEST_API void azattest_response_free(azattest_response *response);
/** Borrowed from the response. NULL when it was taken out, and when the response is about a policy or a certificate. */
AZATTEST_API const azattest_result *azattest_response_value(const azattest_response *response);
/** Borrowed from the response; NULL when it was taken out. */
AZATTEST_API const azattest_token *azattest_response_token(const azattest_response *response);
/** Takes the value or the token out of the response; NULL when taken before. */
AZATTEST_API azattest_result *azattest_response_take_value(azattest_response *response);
AZATTEST_API azattest_token *azattest_response_take_token(azattest_response *response);
/** The compact token. */
AZATTEST_API azattest_bytes azattest_response_raw_token(const azattest_response *response);
/** `x-ms-request-id` of the answer, or NULL. */
AZATTEST_API const char *azattest_response_request_id(const azattest_response *response);
/** The reply to a draft policy: accepted for this call alone, and not secured. */
AZATTEST_API bool azattest_response_is_draft(const azattest_response *response);
/** A warning of the key cache (a refresh failed and older keys were used), or that the evidence that was sent could not
 * be read here, so that the token's measurements were not compared with it; or NULL. */
AZATTEST_API const char *azattest_response_warning(const azattest_response *response);

/** The metadata document. Text is NULL, lists are JSON text and absent, when the member is missing. */
AZATTEST_API void azattest_metadata_free(azattest_metadata *metadata);
AZATTEST_API const char *azattest_metadata_issuer(const azattest_metadata *metadata);
AZATTEST_API const char *azattest_metadata_jwks_uri(const azattest_metadata *metadata);
AZATTEST_API const char *azattest_metadata_revocation_endpoint(const azattest_metadata *metadata);
AZATTEST_API azattest_bytes azattest_metadata_claims_supported(const azattest_metadata *metadata);
AZATTEST_API azattest_bytes azattest_metadata_response_types_supported(const azattest_metadata *metadata);
AZATTEST_API azattest_bytes azattest_metadata_id_token_signing_alg_values_supported(const azattest_metadata *metadata);
/** The whole document as JSON text. */
AZATTEST_API azattest_bytes azattest_metadata_json(const azattest_metadata *metadata);

/**
 * TCB baselines, in the service's order. A reader gives AZATTEST_ABSENT for a member that is missing (and past the
 * end), and AZATTEST_E_TYPE for one that is not what its name says. Text borrows from the list.
 */
AZATTEST_API void azattest_tcb_baselines_free(azattest_tcb_baselines *baselines);
AZATTEST_API size_t azattest_tcb_baselines_count(const azattest_tcb_baselines *baselines);
/** What `x-ms-sgx-tcbidentifier` of a policy names. */
AZATTEST_API azattest_status azattest_tcb_baselines_tcb_identifier(const azattest_tcb_baselines *baselines,
                                                                   size_t index, const char **text);
/** Number or digits in text, as the api-versions have it. */
AZATTEST_API azattest_status azattest_tcb_baselines_tcb_evaluation_data_number(const azattest_tcb_baselines *baselines,
                                                                               size_t index, int64_t *value);
/** Seconds since 1970 UTC; a date without a zone is UTC. */
AZATTEST_API azattest_status azattest_tcb_baselines_tcb_release_date(const azattest_tcb_baselines *baselines,
                                                                     size_t index, int64_t *seconds);
AZATTEST_API azattest_status azattest_tcb_baselines_minimum_psw_linux_version(const azattest_tcb_baselines *baselines,
                                                                              size_t index, const char **text);
AZATTEST_API azattest_status azattest_tcb_baselines_minimum_psw_windows_version(const azattest_tcb_baselines *baselines,
                                                                                size_t index, const char **text);
AZATTEST_API azattest_status azattest_tcb_baselines_is_selected_tcb(const azattest_tcb_baselines *baselines,
                                                                    size_t index, bool *value);
/** The whole document as JSON text. */
AZATTEST_API azattest_bytes azattest_tcb_baselines_json(const azattest_tcb_baselines *baselines);

/** Frees memory that the library handed out as plain text. */
AZATTEST_API void azattest_free(void *memory);

AZATTEST_END

#endif
