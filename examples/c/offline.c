/*
 * Validates a token where there is no network, with the keys of the instance from a file.
 * Usage: offline collect ENDPOINT CA_FILE QUOTE_FILE NONCE KEYS_FILE TOKEN_FILE             (CA_FILE "-": the system's)
 *        offline validate ENDPOINT KEYS_FILE TOKEN_FILE NONCE POLICY_FILE MR_SIGNER
 *
 * `collect` attests a quote and writes down the token and the keys of the instance. `validate` may run later and
 * elsewhere, and sends nothing: of the library it needs azattest_core alone. The file of keys is what it trusts: bring
 * it there on a way that you trust. A token that is signed by a key that is not in the file is refused; the service
 * changes its keys now and then, so renew the file.
 */
#include <time.h>

#include "example.h"

static int collect(char **argv)
{
    static file quote;
    azattest_curl_options curl = AZATTEST_CURL_OPTIONS_INIT;
    azattest_attest_options options = AZATTEST_ATTEST_OPTIONS_INIT;
    azattest_transport *transport = NULL;
    azattest_client *client = NULL;
    azattest_response *response = NULL;
    azattest_signers *signers = NULL;
    azattest_error *error = NULL;
    int result = 1;

    curl.ca_file = strcmp(argv[1], "-") == 0 ? NULL : argv[1];
    options.nonce = argv[3];
    if (!read_file(argv[2], &quote) || azattest_curl_transport_new(&curl, &transport, &error) != AZATTEST_OK ||
        azattest_client_new(argv[0], NULL, &client, &error) != AZATTEST_OK ||
        azattest_client_attest_sgx_enclave(client, transport, bytes_of(&quote), &options, &response, &error) !=
            AZATTEST_OK ||
        azattest_client_get_signing_certificates(client, transport, &signers, &error) != AZATTEST_OK ||
        !write_file(argv[4], azattest_signers_jwks(signers)) ||
        !write_file(argv[5], azattest_response_raw_token(response)))
        goto done;
    printf("%zu keys of %s in %s, a token in %s\n", azattest_signers_count(signers), argv[0], argv[4], argv[5]);
    result = 0;
done:
    print_error(error);
    azattest_signers_free(signers);
    azattest_response_free(response);
    azattest_client_free(client);
    azattest_transport_free(transport);
    return result;
}

static void print_token(const azattest_token *token, const azattest_result *claims)
{
    char text[32] = "";
    const char *mr_enclave = NULL;
    int64_t expires_on = 0;
    time_t seconds;

    if (azattest_token_expires_on(token, &expires_on) == AZATTEST_OK) {
        seconds = (time_t)expires_on;
        strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", gmtime(&seconds));
    }
    printf("valid until    %s\n", text);
    printf("signed by      %s\n", azattest_signer_key_id(azattest_token_signer(token)));
    if (azattest_result_mr_enclave(claims, &mr_enclave) == AZATTEST_OK)
        printf("mr_enclave     %s\n", mr_enclave);
}

static int validate(char **argv)
{
    static file keys, text, policy;
    azattest_validation_options options = AZATTEST_VALIDATION_OPTIONS_INIT;
    const char *issuer = argv[0];
    unsigned char policy_hash[AZATTEST_HASH_SIZE];
    char mr_signer[80];
    azattest_claim_requirement claim = { "x-ms-sgx-mrsigner", mr_signer };
    azattest_signers *signers = NULL;
    azattest_token *token = NULL;
    azattest_result *claims = NULL;
    azattest_error *error = NULL;
    int result = 1;

    if (!read_file(argv[1], &keys) || !read_file(argv[2], &text) || !read_file(argv[4], &policy) ||
        azattest_signers_parse(bytes_of(&keys), &signers, &error) != AZATTEST_OK ||
        azattest_token_parse(bytes_of(&text), &token, &error) != AZATTEST_OK ||
        azattest_policy_hash(bytes_of(&policy), policy_hash, &error) != AZATTEST_OK)
        goto done;
    snprintf(mr_signer, sizeof(mr_signer), "\"%s\"", argv[5]); /* as JSON */
    options.signers = signers;
    options.issuers = &issuer; /* keys alone do not say whose they are */
    options.issuer_count = 1;
    options.expected_nonce = argv[3];
    options.expected_policy_hash = (azattest_bytes){ policy_hash, sizeof(policy_hash) };
    options.require_claims = &claim;
    options.require_claim_count = 1;
    if (azattest_token_validate(token, &options, &error) == AZATTEST_OK &&
        azattest_token_result(token, false, &claims, &error) == AZATTEST_OK) {
        print_token(token, claims);
        result = 0;
    }
    for (size_t i = 0; i < azattest_error_problem_count(error); i++)
        printf("refused: %s: %s\n", azattest_status_name(azattest_error_problem_code(error, i)),
               azattest_error_problem_detail(error, i));
done:
    print_error(error);
    azattest_result_free(claims);
    azattest_token_free(token);
    azattest_signers_free(signers);
    return result;
}

int main(int argc, char **argv)
{
    if (argc == 8 && strcmp(argv[1], "collect") == 0)
        return collect(argv + 2);
    if (argc == 8 && strcmp(argv[1], "validate") == 0)
        return validate(argv + 2);
    fprintf(stderr, "usage: offline collect ENDPOINT CA_FILE QUOTE_FILE NONCE KEYS_FILE TOKEN_FILE\n"
                    "       offline validate ENDPOINT KEYS_FILE TOKEN_FILE NONCE POLICY_FILE MR_SIGNER\n");
    return 2;
}
