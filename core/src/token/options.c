/* Validation options: defaults, merging member by member, and an owned copy. */
#include "token.h"

#include <stdlib.h>
#include <string.h>

#include <azattest/limits.h>
#include <azattest/policy.h>

#include "../base/encoding.h"
#include "../error/options.h"
#include "checks.h"

#define DEFAULT_SLACK_MS 60000

int64_t azattest__validation_slack_ms(const azattest_validation_options *options)
{
    if (options->validation_slack_ms == 0)
        return DEFAULT_SLACK_MS;
    return options->validation_slack_ms < 0 ? 0 : options->validation_slack_ms;
}

static azattest_status take(const azattest_validation_options *in, azattest_validation_options *out,
                            azattest_error **error)
{
    return azattest__options_take(in, out, sizeof(*out), "AZATTEST_VALIDATION_OPTIONS_INIT", error);
}

static azattest_status wrong(azattest_error **error, const char *reason)
{
    return azattest__error_set(error, AZATTEST_E_ARGUMENT, "validation options: %s", reason);
}

/* What is no switch would be taken for on, which for allow_debug is the lenient side. */
static azattest_status check_switches(const azattest_validation_options *options, azattest_error **error)
{
    const struct {
        const char *name;
        azattest_switch value;
    } switches[] = {
        { "validate_token", options->validate_token },
        { "validate_signature", options->validate_signature },
        { "validate_expiration", options->validate_expiration },
        { "validate_not_before", options->validate_not_before },
        { "validate_issuer", options->validate_issuer },
        { "require_expiration", options->require_expiration },
        { "require_attestation", options->require_attestation },
        { "allow_unsecured", options->allow_unsecured },
        { "allow_debug", options->allow_debug },
        { "verify_service_evidence", options->verify_service_evidence },
    };

    for (size_t i = 0; i < sizeof(switches) / sizeof(switches[0]); i++)
        if (switches[i].value != AZATTEST_DEFAULT && switches[i].value != AZATTEST_ON &&
            switches[i].value != AZATTEST_OFF)
            return azattest__error_set(error, AZATTEST_E_ARGUMENT, "validation options: %s is %d, not a switch",
                                       switches[i].name, (int)switches[i].value);
    return AZATTEST_OK;
}

/* Hexadecimal text would pass for two hashes, of which no token has any. */
static azattest_status check_policy_hash(azattest_bytes hashes, azattest_error **error)
{
    azattest__buf decoded;
    bool is_text;

    if (hashes.ptr == NULL)
        return AZATTEST_OK;
    azattest__buf_init(&decoded, AZATTEST_HASH_SIZE);
    is_text = hashes.len == (size_t)2 * AZATTEST_HASH_SIZE && azattest__hex_decode(hashes, &decoded);
    azattest__buf_free(&decoded);
    if (is_text)
        return wrong(error, "expected_policy_hash is hexadecimal text, and has to be the 32 bytes themselves");
    if (hashes.len == 0 || hashes.len % AZATTEST_HASH_SIZE != 0)
        return wrong(error, "expected_policy_hash has to be 32 bytes for each hash");
    if (hashes.len / AZATTEST_HASH_SIZE > AZATTEST_LIMIT_LIST)
        return wrong(error, "expected_policy_hash: at most 64 hashes");
    return AZATTEST_OK;
}

/* A length whose bytes were lost on the way: taking it for "not given" would leave the check out. */
static azattest_status check_bytes(const azattest_validation_options *options, azattest_error **error)
{
    if (options->expected_runtime_data.ptr == NULL && options->expected_runtime_data.len > 0)
        return wrong(error, "expected_runtime_data has a length and no bytes");
    if (options->expected_runtime_json.ptr == NULL && options->expected_runtime_json.len > 0)
        return wrong(error, "expected_runtime_json has a length and no bytes");
    if (options->expected_policy_hash.ptr == NULL && options->expected_policy_hash.len > 0)
        return wrong(error, "expected_policy_hash has a length and no bytes");
    if (options->service_roots.ptr == NULL && options->service_roots.len > 0)
        return wrong(error, "service_roots have a length and no bytes");
    if (options->signer_roots.ptr == NULL && options->signer_roots.len > 0)
        return wrong(error, "signer_roots have a length and no bytes");
    return AZATTEST_OK;
}

/* Every block has to be a certificate: a root that is passed over would not be missed. */
static azattest_status check_roots(const char *name, azattest_bytes pem, azattest_error **error)
{
    azattest_bytes block, body;
    azattest_status status = AZATTEST_OK;
    size_t offset = 0, count = 0;

    if (pem.ptr == NULL)
        return AZATTEST_OK;
    while (status == AZATTEST_OK && azattest__pem_next(pem, "CERTIFICATE", &offset, &block, &body)) {
        azattest__cert *root = NULL;
        azattest__buf der;

        azattest__buf_init(&der, AZATTEST_LIMIT_CERTIFICATE);
        if (!azattest__pem_decode_body(body, &der) ||
            azattest__cert_parse(azattest__buf_bytes(&der), &root, NULL) != AZATTEST_OK)
            status = azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                         "validation options: %s: a certificate that cannot be read", name);
        azattest__cert_free(root);
        azattest__buf_free(&der);
        count++;
    }
    if (status == AZATTEST_OK && (count == 0 || count > AZATTEST_LIMIT_CHAIN))
        status =
            azattest__error_set(error, AZATTEST_E_ARGUMENT, "validation options: %s: give 1 to %u certificates in PEM",
                                name, AZATTEST_LIMIT_CHAIN);
    return status;
}

static azattest_status check_limits(const azattest_validation_options *options, azattest_error **error)
{
    azattest_status status;

    if ((status = check_switches(options, error)) != AZATTEST_OK ||
        (status = check_bytes(options, error)) != AZATTEST_OK ||
        (status = check_policy_hash(options->expected_policy_hash, error)) != AZATTEST_OK ||
        (status = check_roots("service_roots", options->service_roots, error)) != AZATTEST_OK ||
        (status = check_roots("signer_roots", options->signer_roots, error)) != AZATTEST_OK)
        return status;
    if (options->issuers != NULL && (options->issuer_count == 0 || options->issuer_count > AZATTEST_LIMIT_LIST))
        return wrong(error, "issuers: give 1 to 64 of them, or NULL for the endpoint");
    if ((options->algorithms == NULL) != (options->algorithm_count == 0) ||
        options->algorithm_count > AZATTEST_LIMIT_LIST)
        return wrong(error, "algorithms: give 1 to 64 of them, or NULL for the default list");
    if (options->require_claims == NULL && options->require_claim_count > 0)
        return wrong(error, "require_claims has a number of claims and no claims");
    if (options->require_claim_count > AZATTEST_LIMIT_LIST)
        return wrong(error, "require_claims: at most 64");
    if (options->expected_runtime_data.ptr != NULL && options->expected_runtime_json.ptr != NULL)
        return wrong(error, "expected_runtime_data and expected_runtime_json exclude each other");
    if (options->max_age_s < 0)
        return wrong(error, "max_age is negative");
    if (options->validation_slack_ms > INT64_C(86400000) * 366)
        return wrong(error, "validation_slack is more than a year");
    return AZATTEST_OK;
}

/* Members of `over` that are not zero replace those of `merged`. */
static void overlay(azattest_validation_options *merged, const azattest_validation_options *over)
{
#define MEMBER(name)                                                                                                   \
    if (over->name)                                                                                                    \
    merged->name = over->name
    MEMBER(validate_token);
    MEMBER(validate_signature);
    MEMBER(validate_expiration);
    MEMBER(validate_not_before);
    MEMBER(validate_issuer);
    MEMBER(require_expiration);
    MEMBER(require_attestation);
    MEMBER(allow_unsecured);
    MEMBER(allow_debug);
    MEMBER(verify_service_evidence);
    MEMBER(service_appraisal);
    MEMBER(service_collateral);
    MEMBER(validation_slack_ms);
    MEMBER(max_age_s);
    MEMBER(now_ms);
    MEMBER(signers);
    MEMBER(expected_nonce);
    MEMBER(expected_type);
#undef MEMBER
    if (over->issuers != NULL) {
        merged->issuers = over->issuers;
        merged->issuer_count = over->issuer_count;
    }
    if (over->algorithms != NULL) {
        merged->algorithms = over->algorithms;
        merged->algorithm_count = over->algorithm_count;
    }
    if (over->require_claims != NULL) {
        merged->require_claims = over->require_claims;
        merged->require_claim_count = over->require_claim_count;
    }
    if (over->expected_runtime_data.ptr != NULL || over->expected_runtime_json.ptr != NULL) {
        merged->expected_runtime_data = over->expected_runtime_data;
        merged->expected_runtime_json = over->expected_runtime_json;
    }
    if (over->expected_policy_hash.ptr != NULL)
        merged->expected_policy_hash = over->expected_policy_hash;
    if (over->service_roots.ptr != NULL)
        merged->service_roots = over->service_roots;
    if (over->signer_roots.ptr != NULL)
        merged->signer_roots = over->signer_roots;
    if (over->validation_callback != NULL) {
        merged->validation_callback = over->validation_callback;
        merged->validation_user = over->validation_user;
    }
}

static azattest_status own_list(const char *const *list, size_t count, const char *what, char ***out,
                                azattest_error **error)
{
    char **copy;

    if ((copy = calloc(count + 1, sizeof(*copy))) == NULL)
        return azattest__error_memory(error);
    *out = copy;
    for (size_t i = 0; i < count; i++) {
        if (list[i] == NULL || *list[i] == '\0')
            return azattest__error_set(error, AZATTEST_E_ARGUMENT, "validation options: %s[%zu] is empty", what, i);
        if ((copy[i] = azattest__dup_text(list[i])) == NULL)
            return azattest__error_memory(error);
    }
    return AZATTEST_OK;
}

static azattest_status own_claims(azattest__validation *own, azattest_error **error)
{
    azattest_validation_options *options = &own->options;
    azattest_claim_requirement *copy;
    size_t count = options->require_claim_count;

    if ((copy = calloc(count + 1, sizeof(*copy))) == NULL)
        return azattest__error_memory(error);
    own->claims = copy;
    for (size_t i = 0; i < count; i++) {
        const azattest_claim_requirement *claim = &options->require_claims[i];

        if (claim->name == NULL || *claim->name == '\0')
            return wrong(error, "require_claims: a claim without a name");
        if (claim->value_json != NULL && azattest__json_check(azattest__text(claim->value_json), NULL) != AZATTEST_OK)
            return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                       "validation options: the value of require_claims \"%s\" is not JSON text",
                                       claim->name);
        copy[i].name = azattest__dup_text(claim->name);
        copy[i].value_json = azattest__dup_text(claim->value_json);
        if (copy[i].name == NULL || (claim->value_json != NULL && copy[i].value_json == NULL))
            return azattest__error_memory(error);
    }
    options->require_claims = copy;
    return AZATTEST_OK;
}

static azattest_status own_bytes(azattest_bytes *bytes, azattest__buf *copy, azattest_error **error)
{
    if (bytes->ptr == NULL)
        return AZATTEST_OK;
    if (bytes->len == 0) {
        *bytes = azattest__text(""); /* empty data is data: its copy needs an address, too */
        return AZATTEST_OK;
    }
    azattest__buf_append_bytes(copy, *bytes);
    *bytes = azattest__buf_bytes(copy);
    return azattest__error_from_buf(error, copy, "validation options: an expected value");
}

static azattest_status check_algorithms(const azattest_validation_options *options, azattest_error **error)
{
    for (size_t i = 0; options->algorithms != NULL && i < options->algorithm_count; i++)
        if (azattest__alg_from_name(options->algorithms[i]) == AZATTEST__ALG_UNKNOWN)
            return wrong(error, "algorithms: only RS, PS and ES algorithms of RFC 7518 can be allowed; for unsigned "
                                "tokens there is allow_unsecured");
    return AZATTEST_OK;
}

/* Replaces everything borrowed by copies. What was copied so far is freed by azattest__validation_clear(). */
static azattest_status own(azattest__validation *out, azattest_error **error)
{
    azattest_validation_options *options = &out->options;
    azattest_status status = AZATTEST_OK;

    if (options->issuers != NULL) {
        status = own_list(options->issuers, options->issuer_count, "issuers", &out->issuers, error);
        options->issuers = (const char *const *)out->issuers;
    }
    if (status == AZATTEST_OK && options->algorithms != NULL) {
        status = own_list(options->algorithms, options->algorithm_count, "algorithms", &out->algorithms, error);
        options->algorithms = (const char *const *)out->algorithms;
        if (status == AZATTEST_OK)
            status = check_algorithms(options, error);
    }
    if (status == AZATTEST_OK && options->require_claims != NULL)
        status = own_claims(out, error);
    if (status == AZATTEST_OK && options->expected_nonce != NULL &&
        (options->expected_nonce = out->nonce = azattest__dup_text(options->expected_nonce)) == NULL)
        status = azattest__error_memory(error);
    if (status == AZATTEST_OK && options->expected_type != NULL &&
        (options->expected_type = out->type = azattest__dup_text(options->expected_type)) == NULL)
        status = azattest__error_memory(error);
    if (status == AZATTEST_OK)
        status = own_bytes(&options->expected_runtime_data, &out->runtime_data, error);
    if (status == AZATTEST_OK)
        status = own_bytes(&options->expected_runtime_json, &out->runtime_json, error);
    if (status == AZATTEST_OK)
        status = own_bytes(&options->expected_policy_hash, &out->policy_hash, error);
    if (status == AZATTEST_OK)
        status = own_bytes(&options->service_roots, &out->service_roots, error);
    if (status == AZATTEST_OK)
        status = own_bytes(&options->signer_roots, &out->signer_roots, error);
    return status;
}

azattest_status azattest__validation_merge(const azattest_validation_options *base,
                                           const azattest_validation_options *override, azattest__validation *out,
                                           azattest_error **error)
{
    azattest_validation_options first, second;
    azattest_status status;

    memset(out, 0, sizeof(*out));
    azattest__buf_init(&out->runtime_data, AZATTEST_LIMIT_RUNTIME_DATA);
    azattest__buf_init(&out->runtime_json, AZATTEST_LIMIT_RUNTIME_DATA);
    azattest__buf_init(&out->policy_hash, (size_t)AZATTEST_LIMIT_LIST * AZATTEST_HASH_SIZE);
    azattest__buf_init(&out->service_roots, AZATTEST_LIMIT_CERTIFICATE_CHAIN);
    azattest__buf_init(&out->signer_roots, AZATTEST_LIMIT_CERTIFICATE_CHAIN);
    if ((status = take(base, &first, error)) != AZATTEST_OK || (status = take(override, &second, error)) != AZATTEST_OK)
        return status;
    if ((status = check_limits(&first, error)) != AZATTEST_OK || (status = check_limits(&second, error)) != AZATTEST_OK)
        return status;
    overlay(&first, &second);
    if (first.verify_service_evidence == AZATTEST_ON &&
        (first.validate_signature == AZATTEST_OFF || first.allow_unsecured == AZATTEST_ON))
        return wrong(error, "verify_service_evidence judges the key that signed: it excludes allow_unsecured, and "
                            "validate_signature cannot be off");
    /* Any enclave of genuine hardware would do, and everybody can make one. */
    if (first.verify_service_evidence == AZATTEST_ON && first.service_appraisal == NULL)
        return wrong(error,
                     "verify_service_evidence needs a service_appraisal that says which enclave the service has to "
                     "be (mr_signer and product_id, or mr_enclave)");
    first.size = sizeof(first);
    out->options = first;
    if ((status = own(out, error)) != AZATTEST_OK)
        azattest__validation_clear(out);
    return status;
}

void azattest__validation_clear(azattest__validation *validation)
{
    for (size_t i = 0; validation->issuers != NULL && validation->issuers[i] != NULL; i++)
        free(validation->issuers[i]);
    free(validation->issuers);
    for (size_t i = 0; validation->algorithms != NULL && validation->algorithms[i] != NULL; i++)
        free(validation->algorithms[i]);
    free(validation->algorithms);
    for (size_t i = 0; validation->claims != NULL && validation->claims[i].name != NULL; i++) {
        free((void *)(uintptr_t)validation->claims[i].name);
        free((void *)(uintptr_t)validation->claims[i].value_json);
    }
    free(validation->claims);
    free(validation->nonce);
    free(validation->type);
    azattest__buf_free(&validation->runtime_data);
    azattest__buf_free(&validation->runtime_json);
    azattest__buf_free(&validation->policy_hash);
    azattest__buf_free(&validation->service_roots);
    azattest__buf_free(&validation->signer_roots);
    memset(validation, 0, sizeof(*validation));
}
