/*
 * Secure key release: a relying party gives a secret to an attested enclave, and to nobody else.
 * Usage: secret_release ENDPOINT CA_FILE MR_SIGNER POLICY_FILE ENCLAVE OTHER_ENCLAVE      (CA_FILE "-": the system's)
 *
 * ENCLAVE and OTHER_ENCLAVE are folders that stand for two programs in enclaves of different signers: private.pem, the
 * key that never leaves the enclave; public.pem, its public key (or certificate); quote.bin, whose report data is the
 * SHA-256 of public.pem. The relying party wants the signer MR_SIGNER and the policy in POLICY_FILE.
 */
#include "example.h"

static const azattest_bytes secret = { "the key of the database", 23 };

struct enclave {
    file private_key, public_key, quote;
};

static bool enclave_load(const char *folder, struct enclave *out)
{
    char path[3][4096];

    snprintf(path[0], sizeof(path[0]), "%s/private.pem", folder);
    snprintf(path[1], sizeof(path[1]), "%s/public.pem", folder);
    snprintf(path[2], sizeof(path[2]), "%s/quote.bin", folder);
    return read_file(path[0], &out->private_key) && read_file(path[1], &out->public_key) &&
           read_file(path[2], &out->quote);
}

/* The enclave's side: a token that says what runs here, and which public key it has. */
static azattest_status enclave_attest(const struct enclave *enclave, azattest_client *client,
                                      azattest_transport *transport, azattest_response **out, azattest_error **error)
{
    azattest_attest_options options = AZATTEST_ATTEST_OPTIONS_INIT;

    options.runtime_data = bytes_of(&enclave->public_key);
    return azattest_client_attest_sgx_enclave(client, transport, bytes_of(&enclave->quote), &options, out, error);
}

/* The enclave's side: what was sealed to its key. */
static azattest_status enclave_open(const struct enclave *enclave, const char *sealed, azattest_error **error)
{
    azattest_bytes text = { sealed, strlen(sealed) };
    char *opened = NULL;
    size_t length = 0;
    azattest_status status = azattest_secret_open(bytes_of(&enclave->private_key), NULL, text, &opened, &length, error);

    if (status == AZATTEST_OK && (length != secret.len || memcmp(opened, secret.ptr, length) != 0)) {
        status = AZATTEST_E_SECRET;
        *error = azattest_error_new(status, "the enclave opened another secret");
    } else if (status == AZATTEST_OK) {
        printf("the enclave has the secret: %zu bytes\n", length);
    }
    azattest_secret_free(opened, length);
    return status;
}

/* The relying party's side: its conditions are the verifier's, and only the key of a token that meets them is used. */
static azattest_status release(azattest_verifier *verifier, azattest_transport *transport, azattest_bytes token,
                               char **sealed, azattest_error **error)
{
    azattest_response *response = NULL;
    azattest_status status = azattest_verifier_validate(verifier, transport, token, NULL, &response, error);

    if (status == AZATTEST_OK)
        status = azattest_result_seal_secret(azattest_response_value(response), NULL, secret, sealed, NULL, error);
    azattest_response_free(response);
    return status;
}

/* What a relying party would do that reads a token and does not validate it. */
static azattest_status release_unvalidated(azattest_bytes text, char **sealed, azattest_error **error)
{
    azattest_token *token = NULL;
    azattest_result *result = NULL;
    azattest_status status = azattest_token_parse(text, &token, error);

    if (status == AZATTEST_OK && (status = azattest_token_result(token, true, &result, error)) == AZATTEST_OK)
        status = azattest_result_seal_secret(result, NULL, secret, sealed, NULL, error);
    azattest_result_free(result);
    azattest_token_free(token);
    return status;
}

static azattest_status verifier_new(char **argv, const file *policy, azattest_verifier **out, azattest_error **error)
{
    azattest_validation_options conditions = AZATTEST_VALIDATION_OPTIONS_INIT;
    azattest_client_options options = AZATTEST_CLIENT_OPTIONS_INIT;
    unsigned char policy_hash[AZATTEST_HASH_SIZE];
    char mr_signer[80];
    azattest_claim_requirement claim = { "x-ms-sgx-mrsigner", mr_signer };
    azattest_status status = azattest_policy_hash(bytes_of(policy), policy_hash, error);

    if (status != AZATTEST_OK)
        return status;
    snprintf(mr_signer, sizeof(mr_signer), "\"%s\"", argv[3]); /* as JSON */
    conditions.require_claims = &claim;
    conditions.require_claim_count = 1;
    conditions.allow_debug = AZATTEST_OFF;
    conditions.expected_policy_hash = (azattest_bytes){ policy_hash, sizeof(policy_hash) };
    options.validation = &conditions;
    return azattest_verifier_new(argv[1], &options, out, error);
}

int main(int argc, char **argv)
{
    static struct enclave enclave, other;
    static file policy;
    azattest_curl_options curl = AZATTEST_CURL_OPTIONS_INIT;
    azattest_transport *transport = NULL;
    azattest_client *client = NULL;
    azattest_verifier *verifier = NULL;
    azattest_response *response = NULL, *others = NULL;
    azattest_bytes token;
    azattest_error *error = NULL;
    char *sealed = NULL, *none = NULL;
    int result = 1;

    if (argc != 7) {
        fprintf(stderr, "usage: secret_release ENDPOINT CA_FILE MR_SIGNER POLICY_FILE ENCLAVE OTHER_ENCLAVE\n");
        return 2;
    }
    curl.ca_file = strcmp(argv[2], "-") == 0 ? NULL : argv[2];
    if (!read_file(argv[4], &policy) || !enclave_load(argv[5], &enclave) || !enclave_load(argv[6], &other) ||
        azattest_curl_transport_new(&curl, &transport, &error) != AZATTEST_OK ||
        azattest_client_new(argv[1], NULL, &client, &error) != AZATTEST_OK ||
        verifier_new(argv, &policy, &verifier, &error) != AZATTEST_OK)
        goto done;

    /* The token goes to the relying party, the sealed secret comes back: both on any way, neither is a secret. */
    if (enclave_attest(&enclave, client, transport, &response, &error) != AZATTEST_OK ||
        enclave_attest(&other, client, transport, &others, &error) != AZATTEST_OK)
        goto done;
    token = azattest_response_raw_token(response);
    if (release(verifier, transport, token, &sealed, &error) != AZATTEST_OK ||
        enclave_open(&enclave, sealed, &error) != AZATTEST_OK)
        goto done;

    if (was_refused("the same token, not validated", AZATTEST_E_STATE, release_unvalidated(token, &none, &error),
                    &error) &&
        was_refused("the token of the other enclave", AZATTEST_E_TOKEN_CLAIM,
                    release(verifier, transport, azattest_response_raw_token(others), &none, &error), &error) &&
        was_refused("the key of the other enclave", AZATTEST_E_SECRET, enclave_open(&other, sealed, &error), &error))
        result = 0;
done:
    print_error(error);
    azattest_free(none);
    azattest_free(sealed);
    azattest_response_free(others);
    azattest_response_free(response);
    azattest_verifier_free(verifier);
    azattest_client_free(client);
    azattest_transport_free(transport);
    return result;
}
