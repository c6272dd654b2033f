/* Calls that read and change policies and policy-management certificates. What the answer says is compared with what
 * was sent: the service's signature proves who answered, not that the answer fits the question. */
#include "op.h"

#include <stdlib.h>

#include "../base/encoding.h"
#include "../protocol/versions.h"

/* The first preview had other paths and bodies for all of these. */
#define VERSIONS (AZATTEST__2020_10 | AZATTEST__FROM_2022_08)

/* ---- beginning ---- */

static const azattest_signing_key *signing_key(const azattest__instance *instance,
                                               const azattest_policy_options *options)
{
    return options->signing_key != NULL ? options->signing_key : instance->signing_key;
}

/* What all these calls share: who validates, and their ids. */
static azattest_status begin(azattest__instance *instance, const char *what, const azattest_policy_options *options,
                             azattest_op **out, azattest_error **error)
{
    azattest_op *op = NULL;
    azattest_status status;

    *out = NULL;
    if ((status = azattest__check_ids(what, options->client_request_id, options->traceparent, error)) != AZATTEST_OK ||
        (status = azattest__api_version_check(what, instance->api_version, VERSIONS, error)) != AZATTEST_OK ||
        (status = azattest__op_new(instance, &op, error)) != AZATTEST_OK)
        return status;
    status =
        azattest__validation_own(&instance->validation.options, options->validation, &op->validation, &op->lent, error);
    if (status == AZATTEST_OK && op->validation.options.require_attestation == AZATTEST_ON)
        status = azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                     "%s: its answer is no attestation, so require_attestation would refuse it: leave "
                                     "that out of the validation options",
                                     what);
    if (status == AZATTEST_OK)
        status = azattest__op_identify(op, options->client_request_id, options->traceparent, 0, error);
    if (status == AZATTEST_OK)
        *out = op;
    else
        azattest_op_free(op);
    return status;
}

static azattest_status send(azattest_op *op, const char *what, azattest__op_finish finish, azattest_error **error)
{
    op->finish = finish;
    return azattest__op_exchange(op, what, azattest__op_receive_token, error);
}

/* ---- policies ---- */

static azattest_status check_resolution(const char *what, const char *said, const char *expected,
                                        azattest_error **error)
{
    char shown[AZATTEST__QUOTED];

    if (strcmp(said, expected) == 0)
        return AZATTEST_OK;
    return azattest__error_set(error, AZATTEST_E_RESPONSE,
                               "%s: the service says %s where \"%s\" was expected: read back what it holds now", what,
                               azattest__quoted(said, shown), expected);
}

static azattest_status check_hash(const azattest_op *op, const azattest_policy_result *result,
                                  azattest_problems *problems)
{
    azattest_bytes said = azattest_policy_result_policy_token_hash(result);

    if (said.ptr == NULL && op->sent.policy == AZATTEST__POLICY_RESET)
        return AZATTEST_OK;
    if (said.ptr == NULL)
        return azattest__problems_add(problems, AZATTEST_E_POLICY_HASH,
                                      "the answer has no hash of the policy token (\"x-ms-policy-token-hash\")");
    if (!azattest__bytes_equal_constant_time(said, azattest__bytes(op->sent.token_hash, AZATTEST_HASH_SIZE)))
        return azattest__problems_add(problems, AZATTEST_E_POLICY_HASH,
                                      "the hash of the stored policy token is not that of the token that was sent; "
                                      "read the policy back");
    return AZATTEST_OK;
}

/* The key alone would do for the signature; the certificate is what was sent, and what an audit will look for. */
static bool same_signer(const azattest_signer *a, const azattest_signer *b)
{
    return azattest__bytes_equal(azattest_signer_certificate_der(a, 0), azattest_signer_certificate_der(b, 0)) &&
           azattest__key_equal(a->key, b->key);
}

/* After a reset the service names nobody. */
static azattest_status check_signer(const azattest_op *op, const azattest_policy_result *result,
                                    azattest_problems *problems)
{
    const azattest_signer *sent = op->sent.signer, *said = result->signer;

    if (said == NULL && (sent == NULL || op->sent.policy == AZATTEST__POLICY_RESET))
        return AZATTEST_OK;
    if (said == NULL)
        return azattest__problems_add(problems, AZATTEST_E_POLICY_SIGNER,
                                      "the policy was sent signed, and the answer names no signer");
    if (sent == NULL)
        return azattest__problems_add(problems, AZATTEST_E_POLICY_SIGNER,
                                      "the policy was sent unsigned, and the answer names a signer");
    if (!same_signer(sent, said))
        return azattest__problems_add(problems, AZATTEST_E_POLICY_SIGNER,
                                      "the signer that the answer names is not the signing certificate that was sent");
    return AZATTEST_OK;
}

static azattest_status finish_policy(azattest_op *op, azattest_response *response, azattest_problems *problems,
                                     azattest_error **error)
{
    azattest_policy_result *result = NULL;
    azattest_status status;

    if ((status = azattest__policy_answer_read(op->sent.policy, op->token, &result, error)) != AZATTEST_OK)
        return status;
    response->policy_result = result;
    if (op->sent.policy == AZATTEST__POLICY_GET)
        return AZATTEST_OK;
    if ((status = check_resolution(
             azattest__policy_what(op->sent.policy), result->resolution,
             op->sent.policy == AZATTEST__POLICY_SET ? AZATTEST_POLICY_UPDATED : AZATTEST_POLICY_REMOVED, error)) !=
        AZATTEST_OK)
        return status;
    if (check_hash(op, result, problems) != AZATTEST_OK || check_signer(op, result, problems) != AZATTEST_OK)
        return azattest__error_memory(error);
    return AZATTEST_OK;
}

static azattest_status make_token(azattest_op *op, azattest_bytes text, const azattest_signing_key *key,
                                  azattest_token **out, azattest_error **error)
{
    azattest_status status;

    if (op->sent.policy == AZATTEST__POLICY_SET)
        status = azattest_create_policy_token(text, key, out, error);
    else
        status = azattest_token_create(azattest__bytes(NULL, 0), key, out, error);
    if (status != AZATTEST_OK)
        return status;
    op->sent.signer = key == NULL ? NULL : azattest_signer_ref(key->signer);
    return azattest__sha256(azattest_token_serialize(*out), op->sent.token_hash, error);
}

azattest_status azattest__op_policy(azattest__instance *instance, azattest__policy_action action, const char *type,
                                    azattest_bytes text, const azattest_policy_options *options, azattest_op **out,
                                    azattest_error **error)
{
    const char *what = azattest__policy_what(action);
    azattest_op *op = NULL;
    azattest_token *token = NULL;
    azattest_status status;

    *out = NULL;
    if ((status = begin(instance, what, options, &op, error)) != AZATTEST_OK)
        return status;
    op->sent.policy = action;
    if ((action != AZATTEST__POLICY_GET &&
         (status = make_token(op, text, signing_key(instance, options), &token, error)) != AZATTEST_OK) ||
        (status = azattest__policy_request(action, instance->endpoint.text, instance->api_version, type,
                                           azattest_token_serialize(token), &op->request, error)) != AZATTEST_OK ||
        (status = send(op, what, finish_policy, error)) != AZATTEST_OK)
        goto done;
    *out = op;
    op = NULL;
done:
    azattest_token_free(token);
    azattest_op_free(op);
    return status;
}

/* ---- certificates ---- */

static azattest_status finish_list(azattest_op *op, azattest_response *response, azattest_problems *problems,
                                   azattest_error **error)
{
    (void)problems;
    return azattest__certificates_read_list(op->token, &response->certificates, error);
}

static azattest_status finish_change(azattest_op *op, azattest_response *response, azattest_problems *problems,
                                     azattest_error **error)
{
    azattest_policy_certificates_modification_result *result = NULL;
    bool added = op->sent.certificates == AZATTEST__CERTIFICATES_ADD;
    char shown[AZATTEST__QUOTED];
    azattest_status status;

    if ((status = azattest__certificates_read_change(op->sent.certificates, op->token, &result, error)) != AZATTEST_OK)
        return status;
    response->certificates_result = result;
    if (!azattest__text_equal_nocase(result->thumbprint, op->sent.thumbprint)) {
        status = azattest__problems_add(problems, AZATTEST_E_CERTIFICATE_THUMBPRINT,
                                        "the answer is about the certificate with the thumbprint %s, %s was sent",
                                        azattest__quoted(result->thumbprint, shown), op->sent.thumbprint);
        return status != AZATTEST_OK ? azattest__error_memory(error) : AZATTEST_OK;
    }
    return check_resolution(azattest__certificates_what(op->sent.certificates), result->resolution,
                            added ? AZATTEST_CERTIFICATE_IS_PRESENT : AZATTEST_CERTIFICATE_IS_ABSENT, error);
}

/* Upper-case hexadecimal SHA-1 of the DER, as the service writes it. */
static azattest_status take_thumbprint(azattest_op *op, const azattest_signer *certificate, azattest_error **error)
{
    unsigned char hash[AZATTEST__HASH_MAX];
    azattest_status status;
    azattest__buf text;
    size_t len;

    azattest__buf_init(&text, sizeof(op->sent.thumbprint) - 1);
    if ((status = azattest__digest(AZATTEST__SHA1, azattest_signer_certificate_der(certificate, 0), hash, &len,
                                   error)) != AZATTEST_OK)
        return status;
    azattest__hex_encode_upper(azattest__bytes(hash, len), &text);
    if ((status = azattest__error_from_buf(error, &text, "thumbprint")) == AZATTEST_OK)
        memcpy(op->sent.thumbprint, text.ptr, text.len + 1);
    azattest__buf_free(&text);
    return status;
}

static azattest_status read_certificate(const char *what, azattest_bytes text, azattest_signer **out,
                                        azattest_error **error)
{
    azattest_status status;

    *out = NULL;
    if (text.ptr == NULL || text.len == 0)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "%s: no certificate", what);
    if ((status = azattest__signer_from_certificates(text, out, error)) != AZATTEST_OK) {
        azattest__error_prefix(error, "%s", what);
    } else if (azattest_signer_certificate_count(*out) != 1) {
        status = azattest__error_set(error, AZATTEST_E_MALFORMED, "%s: %zu certificates, expected one", what,
                                     azattest_signer_certificate_count(*out));
        azattest_signer_free(*out);
        *out = NULL;
    }
    return status;
}

static azattest_status begin_change(azattest_op *op, azattest_bytes text, const azattest_policy_options *options,
                                    azattest_error **error)
{
    const azattest__instance *instance = op->instance;
    const azattest_signing_key *key = signing_key(instance, options);
    const char *what = azattest__certificates_what(op->sent.certificates);
    azattest_signer *certificate = NULL;
    azattest_status status;

    if (key == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   "%s: no signing key: the call is signed by the key of a certificate that the "
                                   "instance knows already",
                                   what);
    if ((status = read_certificate(what, text, &certificate, error)) == AZATTEST_OK &&
        (status = take_thumbprint(op, certificate, error)) == AZATTEST_OK)
        status = azattest__certificates_change_request(op->sent.certificates, instance->endpoint.text,
                                                       instance->api_version, certificate, key, &op->request, error);
    azattest_signer_free(certificate);
    return status;
}

azattest_status azattest__op_certificates(azattest__instance *instance, azattest__certificates_action action,
                                          azattest_bytes certificate, const azattest_policy_options *options,
                                          azattest_op **out, azattest_error **error)
{
    const char *what = azattest__certificates_what(action);
    bool reads = action == AZATTEST__CERTIFICATES_GET;
    azattest_op *op = NULL;
    azattest_status status;

    *out = NULL;
    if ((status = begin(instance, what, options, &op, error)) != AZATTEST_OK)
        return status;
    op->sent.certificates = action;
    if (reads)
        status =
            azattest__certificates_get_request(instance->endpoint.text, instance->api_version, &op->request, error);
    else
        status = begin_change(op, certificate, options, error);
    if (status == AZATTEST_OK)
        status = send(op, what, reads ? finish_list : finish_change, error);
    if (status == AZATTEST_OK) {
        *out = op;
        op = NULL;
    }
    azattest_op_free(op);
    return status;
}
