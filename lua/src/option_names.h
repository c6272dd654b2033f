/* Tables of the options' names, kinds and places. Included by options.c alone. */
#ifndef AZATTEST_LUA_OPTION_NAMES_H
#define AZATTEST_LUA_OPTION_NAMES_H

#include <stddef.h>

#include "options.h"

enum kind {
    SWITCH,     /* boolean */
    TEXT,       /* without NUL */
    DRAFT,      /* the same, or a Policy */
    BYTES,      /* any string */
    DATA,       /* any string, or AttestationData */
    DURATION,   /* seconds; in C a millisecond at least, because 0 is the default there */
    LIMIT,      /* the same; infinity is none, which is negative in C */
    SLACK,      /* seconds; 0 is none, which is negative in C */
    MOMENT,     /* seconds since 1970 */
    AGE,        /* whole seconds, one at least */
    LEVEL,      /* a word of AZURE_LOG_LEVEL, or "off" */
    COUNT,      /* 0 is none, which is negative in C */
    ISSUERS,    /* text or a list */
    LIST,       /* list of text */
    SIGNERS,    /* AttestationSigners */
    CREDENTIAL, /* Credential */
    KEY,        /* AttestationSigningKey */
    APPRAISAL,  /* Appraisal; the Lua side makes one of a table or of text */
    COLLATERAL, /* Collateral; of content the same */
    CHECK,      /* "off", "binding" or "full" */
    STEPS,      /* a whole number above 0, of 64 bits in C */
    OWN_DATA,   /* any string, or AttestationData: the bytes of claims_names, or the JSON behind them */
    NUMBER,     /* a whole number above 0 */
    GRACE,      /* seconds, 0 is none */
    CLAIMS,     /* list of names, or names with values */
    NESTED,     /* a table of validation options */
    FACADE      /* taken by the Lua side before the core sees the table */
};

struct option {
    const char *name;
    enum kind kind;
    size_t offset;
};

#define AT(type, member) offsetof(type, member)
#define VALIDATION(member) AT(struct azlua_validation, options.member)
static const struct option validation_names[] = {
    { "validate_token", SWITCH, VALIDATION(validate_token) },
    { "validate_signature", SWITCH, VALIDATION(validate_signature) },
    { "validate_expiration", SWITCH, VALIDATION(validate_expiration) },
    { "validate_expiration_time", SWITCH, VALIDATION(validate_expiration) }, /* as other SDKs spell it */
    { "validate_not_before", SWITCH, VALIDATION(validate_not_before) },
    { "validate_not_before_time", SWITCH, VALIDATION(validate_not_before) },
    { "validate_issuer", SWITCH, VALIDATION(validate_issuer) },
    { "require_expiration", SWITCH, VALIDATION(require_expiration) },
    { "require_attestation", SWITCH, VALIDATION(require_attestation) },
    { "allow_unsecured", SWITCH, VALIDATION(allow_unsecured) },
    { "allow_debug", SWITCH, VALIDATION(allow_debug) },
    { "issuer", ISSUERS, 0 },
    { "validation_slack", SLACK, VALIDATION(validation_slack_ms) },
    { "max_age", AGE, VALIDATION(max_age_s) },
    { "at", MOMENT, VALIDATION(now_ms) },
    { "clock", FACADE, 0 },
    { "algorithms", LIST, 0 },
    { "signers", SIGNERS, VALIDATION(signers) },
    { "expected_nonce", TEXT, VALIDATION(expected_nonce) },
    { "expected_runtime_data", BYTES, VALIDATION(expected_runtime_data) },
    { "expected_runtime_json", BYTES, VALIDATION(expected_runtime_json) },
    { "expected_policy_hash", BYTES, VALIDATION(expected_policy_hash) },
    { "expected_type", TEXT, VALIDATION(expected_type) },
    { "require_claims", CLAIMS, 0 },
    { "verify_service_evidence", SWITCH, VALIDATION(verify_service_evidence) },
    { "service_appraisal", APPRAISAL, VALIDATION(service_appraisal) },
    { "service_collateral", COLLATERAL, VALIDATION(service_collateral) },
    { "signer_roots", BYTES, VALIDATION(signer_roots) },
    { "service_roots", BYTES, VALIDATION(service_roots) },
    { "validation_callback", FACADE, 0 },
    { NULL, FACADE, 0 },
};

#define ATTEST(member) AT(struct azlua_attest, options.member)
static const struct option attest_names[] = {
    { "runtime_data", DATA, ATTEST(runtime_data) },
    { "runtime_json", BYTES, ATTEST(runtime_json) },
    { "inittime_data", DATA, ATTEST(inittime_data) },
    { "inittime_json", BYTES, ATTEST(inittime_json) },
    { "draft_policy", DRAFT, ATTEST(draft_policy) },
    { "nonce", TEXT, ATTEST(nonce) },
    { "check_binding", SWITCH, ATTEST(check_binding) },
    { "check_evidence", CHECK, ATTEST(check_evidence) },
    { "evidence_collateral", COLLATERAL, ATTEST(evidence_collateral) },
    { "evidence_roots", BYTES, ATTEST(evidence_roots) },
    { "validation_options", NESTED, 0 },
    { "client_request_id", TEXT, ATTEST(client_request_id) },
    { "vcek_chain", BYTES, ATTEST(vcek_chain) },
    { "endorsements", BYTES, ATTEST(endorsements) },
    { "traceparent", TEXT, ATTEST(traceparent) },
    { "log_level", LEVEL, ATTEST(log_level) },
    { NULL, FACADE, 0 },
};

#define BASELINE(member) AT(azattest_tcb_baseline_options, member)
static const struct option tcb_baseline_names[] = {
    { "provide_current_tcb_in_policy", SWITCH, BASELINE(provide_current_tcb_in_policy) },
    { "client_request_id", TEXT, BASELINE(client_request_id) },
    { "traceparent", TEXT, BASELINE(traceparent) },
    { "log_level", LEVEL, BASELINE(log_level) },
    { NULL, FACADE, 0 },
};

#define POLICY(member) AT(struct azlua_policy, options.member)
static const struct option policy_names[] = {
    { "signing_key", KEY, POLICY(signing_key) },  { "signing_certificate", FACADE, 0 },
    { "validation_options", NESTED, 0 },          { "client_request_id", TEXT, POLICY(client_request_id) },
    { "traceparent", TEXT, POLICY(traceparent) }, { NULL, FACADE, 0 },
};

#define SIGNING_KEY(member) AT(azattest_signing_key_options, member)
static const struct option signing_key_names[] = {
    { "passphrase", TEXT, SIGNING_KEY(passphrase) },
    { "algorithm", TEXT, SIGNING_KEY(algorithm) },
    { NULL, FACADE, 0 },
};

#define CLIENT(member) AT(struct azlua_client, options.member)
static const struct option client_names[] = {
    { "api_version", TEXT, CLIENT(api_version) },
    { "allow_insecure_http", SWITCH, CLIENT(allow_insecure_http) },
    { "validation_options", NESTED, 0 },
    { "application_id", TEXT, CLIENT(application_id) },
    { "retry_total", COUNT, CLIENT(retry_total) },
    { "retry_delay", DURATION, CLIENT(retry_delay_ms) },
    { "retry_max_delay", DURATION, CLIENT(retry_max_delay_ms) },
    { "retry_after_max", DURATION, CLIENT(retry_after_max_ms) },
    { "timeout", LIMIT, CLIENT(timeout_ms) },
    { "key_cache_life", DURATION, CLIENT(key_cache_life_ms) },
    { "trace_bodies", SWITCH, CLIENT(trace_bodies) },
    { "log_level", LEVEL, CLIENT(log_level) },
    { "credential", CREDENTIAL, CLIENT(credential) },
    { "scopes", TEXT, CLIENT(scopes) },
    { "tenant_id", TEXT, CLIENT(tenant_id) },
    { "check_evidence", CHECK, CLIENT(check_evidence) },
    { "evidence_collateral", COLLATERAL, CLIENT(evidence_collateral) },
    { "evidence_roots", BYTES, CLIENT(evidence_roots) },
    { NULL, FACADE, 0 },
};

#define CONNECTION(member) AT(azattest_curl_options, member)
static const struct option connection_names[] = {
    { "ca_file", TEXT, CONNECTION(ca_file) },
    { "ca_path", TEXT, CONNECTION(ca_path) },
    { "ca_pem", BYTES, CONNECTION(ca_pem) },
    { "proxy", TEXT, CONNECTION(proxy) },
    { "connect_timeout", DURATION, CONNECTION(connect_timeout_ms) },
    { "read_timeout", DURATION, CONNECTION(read_timeout_ms) },
    { NULL, FACADE, 0 },
};

#define IDENTITY(member) AT(azattest_credential_options, member)
static const struct option credential_names[] = {
    { "authority_host", TEXT, IDENTITY(authority_host) },
    { "tenant_id", TEXT, IDENTITY(tenant_id) },
    { "client_id", TEXT, IDENTITY(client_id) },
    { "object_id", TEXT, IDENTITY(object_id) },
    { "resource_id", TEXT, IDENTITY(resource_id) },
    { "subscription", TEXT, IDENTITY(subscription) },
    { "token_file_path", TEXT, IDENTITY(token_file_path) },
    { "send_certificate_chain", SWITCH, IDENTITY(send_certificate_chain) },
    { "x5t_sha1", SWITCH, IDENTITY(x5t_sha1) },
    { "process_timeout", DURATION, IDENTITY(process_timeout_ms) },
    { "additionally_allowed_tenants", TEXT, IDENTITY(additionally_allowed_tenants) },
    { NULL, FACADE, 0 },
};

static const struct option secret_names[] = {
    { "key_id", TEXT, AT(azattest_secret_options, key_id) },
    { "allow_debug", SWITCH, AT(azattest_secret_options, allow_debug) },
    { NULL, FACADE, 0 },
};

#define VERIFY(member) AT(azattest_verify_options, member)
static const struct option verify_names[] = {
    { "at", MOMENT, VERIFY(now_ms) },
    { "extra_roots", BYTES, VERIFY(extra_roots) },
    { "runtime_data", BYTES, VERIFY(runtime_data) },
    { "allow_debug", SWITCH, VERIFY(allow_debug) },
    { "collateral", COLLATERAL, VERIFY(collateral) },
    { "collateral_grace", GRACE, VERIFY(collateral_grace_ms) },
    { "appraisal", APPRAISAL, VERIFY(appraisal) },
    { "nonce", BYTES, VERIFY(nonce) },
    { "allow_masked_chip_id", SWITCH, VERIFY(allow_masked_chip_id) },
    { "refuse_unknown_bits", SWITCH, VERIFY(refuse_unknown_bits) },
    { NULL, FACADE, 0 },
};

#define FETCHING(member) AT(struct azlua_fetching, options.member)
static const struct option collateral_names[] = {
    { "source", TEXT, FETCHING(source) },
    { "endpoint", TEXT, FETCHING(endpoint) },
    { "region", TEXT, FETCHING(region) },
    { "product", TEXT, FETCHING(product) },
    { "tcb_evaluation_data_number", NUMBER, FETCHING(tcb_evaluation_data_number) },
    { "update", TEXT, FETCHING(update) },
    { "subscription_key", TEXT, FETCHING(subscription_key) },
    { "crls_only", SWITCH, FETCHING(crls_only) },
    { NULL, FACADE, 0 },
};

/* What stands beside them is a client's. */
#define FETCHER(member) AT(struct azlua_fetching, client.member)
static const struct option fetching_names[] = {
    { "application_id", TEXT, FETCHER(application_id) },
    { "retry_total", COUNT, FETCHER(retry_total) },
    { "retry_delay", DURATION, FETCHER(retry_delay_ms) },
    { "retry_max_delay", DURATION, FETCHER(retry_max_delay_ms) },
    { "retry_after_max", DURATION, FETCHER(retry_after_max_ms) },
    { "timeout", LIMIT, FETCHER(timeout_ms) },
    { "log_level", LEVEL, FETCHER(log_level) },
    { NULL, FACADE, 0 },
};

#define GUEST(member) AT(azattest_guest_parts, member)
static const struct option guest_names[] = {
    { "hcl_report", BYTES, GUEST(hcl_report) },
    { "td_quote", BYTES, GUEST(td_quote) },
    { "certificates", BYTES, GUEST(certificates) },
    { "tpm_message", BYTES, GUEST(tpm_message) },
    { "tpm_signature", BYTES, GUEST(tpm_signature) },
    { "ak_public", BYTES, GUEST(ak_public) },
    { "event_log", BYTES, GUEST(event_log) },
    { "pcrs", FACADE, 0 },
    { NULL, FACADE, 0 },
};

#define CLAIMS_OF(member) AT(azattest_claims_options, member)
static const struct option claims_names[] = {
    { "attestation_type", TEXT, CLAIMS_OF(attestation_type) },
    { "runtime_data", OWN_DATA, CLAIMS_OF(runtime_data) },
    { "runtime_json", BYTES, CLAIMS_OF(runtime_json) },
    { "inittime_data", OWN_DATA, CLAIMS_OF(inittime_data) },
    { "inittime_json", BYTES, CLAIMS_OF(inittime_json) },
    { "nonce", TEXT, CLAIMS_OF(nonce) },
    { NULL, FACADE, 0 },
};

static const struct option parse_names[] = {
    { "attestation_type", TEXT, AT(azattest_policy_parse_options, attestation_type) },
    { "lenient", SWITCH, AT(azattest_policy_parse_options, lenient) },
    { NULL, FACADE, 0 },
};

static const struct option evaluation_names[] = {
    { "work_limit", STEPS, AT(azattest_evaluation_options, work_limit) },
    { NULL, FACADE, 0 },
};

#endif
