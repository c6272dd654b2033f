/*
 * Replaces the SGX policy of an isolated instance while relying parties go on working.
 * Usage: policy_rollover ENDPOINT CA_FILE POLICY_FILE KEY_FILE CERTIFICATE_FILE QUOTE_FILE [reset]
 *
 * KEY_FILE and CERTIFICATE_FILE (PEM) are those of a policy signer that the instance knows. QUOTE_FILE is an enclave
 * whose tokens the relying parties look at. With "reset" the instance goes back to its default policy at the end.
 * Who calls is found as Azure's tools do: AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET, or a managed identity,
 * or `az login`; it needs the role Attestation Contributor. CA_FILE "-": the system's certificates.
 */
#include "example.h"

/* The public cloud's. The library knows it by itself for instances in Azure; the local service has no cloud. */
#define SCOPE "https://attest.azure.net/.default"

struct parties {
    azattest_transport *transport;
    azattest_admin_client *admin;
    azattest_client *client;     /* of the enclave */
    azattest_verifier *verifier; /* of the relying party */
    azattest_signing_key *key;
};

static bool open_parties(char **argv, struct parties *out, azattest_error **error)
{
    azattest_curl_options curl = AZATTEST_CURL_OPTIONS_INIT;
    azattest_client_options options = AZATTEST_CLIENT_OPTIONS_INIT;
    azattest_credential *credential = NULL;
    bool opened;

    curl.ca_file = strcmp(argv[2], "-") == 0 ? NULL : argv[2];
    opened = read_key(argv[4], argv[5], &out->key, error) &&
             azattest_curl_transport_new(&curl, &out->transport, error) == AZATTEST_OK &&
             azattest_client_new(argv[1], NULL, &out->client, error) == AZATTEST_OK &&
             azattest_verifier_new(argv[1], NULL, &out->verifier, error) == AZATTEST_OK &&
             azattest_default_credential_new(NULL, &credential, error) == AZATTEST_OK;
    options.credential = credential;
    options.scopes = SCOPE;
    options.signing_key = out->key; /* of every call that changes something */
    opened = opened && azattest_admin_client_new(argv[1], &options, &out->admin, error) == AZATTEST_OK;
    azattest_credential_free(credential); /* the client keeps a reference */
    return opened;
}

/* The policy in force: the hash that tokens carry, and whether it is this text by this signer, if they are given. */
static bool read_policy(struct parties *with, const file *text, unsigned char *hash, azattest_error **error)
{
    azattest_response *response = NULL;
    azattest_signer *signer = NULL;
    azattest_bytes stored;
    bool good = false;

    if (azattest_admin_client_get_policy(with->admin, with->transport, AZATTEST_TYPE_SGX_ENCLAVE, NULL, &response,
                                         error) != AZATTEST_OK)
        goto done;
    stored.ptr = azattest_policy_result_policy_text(azattest_response_policy_result(response));
    stored.len = stored.ptr == NULL ? 0 : strlen(stored.ptr);
    signer = azattest_policy_result_policy_signer(azattest_response_policy_result(response));
    if (azattest_policy_hash(stored, hash, error) != AZATTEST_OK)
        goto done;
    print_hex("policy hash       ", hash, AZATTEST_HASH_SIZE);
    printf("signed            %s\n", signer == NULL ? "no" : "yes");
    good = text == NULL || (expect(stored.len == text->length && memcmp(stored.ptr, text->content, stored.len) == 0,
                                   "the instance has another policy than was set") &&
                            expect(signer != NULL && strcmp(azattest_signer_certificate_pem(signer, 0),
                                                            azattest_signing_key_certificate_pem(with->key)) == 0,
                                   "the stored policy is not signed by the key that signed it here"));
done:
    azattest_signer_free(signer);
    azattest_response_free(response);
    return good;
}

static bool set_policy(struct parties *with, const file *text, azattest_error **error)
{
    azattest_token *token = NULL;
    azattest_response *response = NULL;
    const azattest_policy_result *result;
    unsigned char hash[AZATTEST_HASH_SIZE];
    azattest_bytes stored;
    bool good = false;

    /* What will be sent. With an RSA key and RS256 it is the same each time; ECDSA signs differently each time. */
    if (azattest_create_policy_token(bytes_of(text), with->key, &token, error) != AZATTEST_OK ||
        azattest_policy_token_hash(azattest_token_serialize(token), hash, error) != AZATTEST_OK)
        goto done;
    print_hex("policy token hash ", hash, sizeof(hash));
    /* The call fails unless the service says that it stored this token, and whose signature it has. */
    if (azattest_admin_client_set_policy(with->admin, with->transport, AZATTEST_TYPE_SGX_ENCLAVE, bytes_of(text), NULL,
                                         &response, error) != AZATTEST_OK)
        goto done;
    result = azattest_response_policy_result(response);
    stored = azattest_policy_result_policy_token_hash(result);
    print_hex("stored            ", stored.ptr, stored.len);
    good = expect(strcmp(azattest_signing_key_algorithm(with->key), "RS256") != 0 ||
                      (stored.len == sizeof(hash) && memcmp(stored.ptr, hash, sizeof(hash)) == 0),
                  "another policy token was stored than was looked at");
done:
    azattest_response_free(response);
    azattest_token_free(token);
    return good;
}

/* The relying party: a token is good that was made under one of the policies that it accepts at this time. */
static azattest_status judge(struct parties *with, const azattest_response *attested, azattest_bytes hashes,
                             azattest_error **error)
{
    azattest_validation_options options = AZATTEST_VALIDATION_OPTIONS_INIT;
    azattest_response *response = NULL;
    azattest_status status;

    options.expected_policy_hash = hashes; /* one, or one behind the other */
    status = azattest_verifier_validate(with->verifier, with->transport, azattest_response_raw_token(attested),
                                        &options, &response, error);
    azattest_response_free(response);
    return status;
}

static bool attest(struct parties *with, const file *quote, azattest_response **out, azattest_error **error)
{
    return azattest_client_attest_sgx_enclave(with->client, with->transport, bytes_of(quote), NULL, out, error) ==
           AZATTEST_OK;
}

static bool roll_over(struct parties *with, const file *text, const file *quote, azattest_error **error)
{
    azattest_response *older = NULL, *newer = NULL;
    unsigned char hashes[2][AZATTEST_HASH_SIZE]; /* of the old policy and of the new one */
    azattest_bytes both_hashes = { hashes, sizeof(hashes) }, new_hash = { hashes[1], sizeof(hashes[1]) };
    bool good = read_policy(with, NULL, hashes[0], error) && attest(with, quote, &older, error) &&
                azattest_policy_hash(bytes_of(text), hashes[1], error) == AZATTEST_OK &&
                expect(memcmp(hashes[0], hashes[1], AZATTEST_HASH_SIZE) != 0, "the policy is in force already") &&
                set_policy(with, text, error) && read_policy(with, text, hashes[1], error) &&
                attest(with, quote, &newer, error);

    /* Tokens of the old policy live on for hours: both are good meanwhile. Then the old hash is taken off the list. */
    good = good && judge(with, older, both_hashes, error) == AZATTEST_OK &&
           judge(with, newer, both_hashes, error) == AZATTEST_OK;
    if (good)
        printf("meanwhile         tokens of both policies are accepted\n");
    good = good &&
           was_refused("the token of the old policy", AZATTEST_E_TOKEN_POLICY_HASH, judge(with, older, new_hash, error),
                       error) &&
           judge(with, newer, new_hash, error) == AZATTEST_OK;
    azattest_response_free(newer);
    azattest_response_free(older);
    return good;
}

static bool reset(struct parties *with, azattest_error **error)
{
    azattest_response *response = NULL;
    bool good = azattest_admin_client_reset_policy(with->admin, with->transport, AZATTEST_TYPE_SGX_ENCLAVE, NULL,
                                                   &response, error) == AZATTEST_OK;

    if (good)
        printf("reset             %s\n",
               azattest_policy_result_policy_resolution(azattest_response_policy_result(response)));
    azattest_response_free(response);
    return good;
}

int main(int argc, char **argv)
{
    static file policy, quote;
    struct parties parties = { NULL, NULL, NULL, NULL, NULL };
    unsigned char hash[AZATTEST_HASH_SIZE];
    azattest_error *error = NULL;
    bool good;

    if (argc != 7 && !(argc == 8 && strcmp(argv[7], "reset") == 0)) {
        fprintf(stderr, "usage: policy_rollover ENDPOINT CA_FILE POLICY_FILE KEY_FILE CERTIFICATE_FILE QUOTE_FILE "
                        "[reset]\n");
        return 2;
    }
    good = read_file(argv[3], &policy) && read_file(argv[6], &quote) && open_parties(argv, &parties, &error) &&
           roll_over(&parties, &policy, &quote, &error);
    if (good && argc == 8)
        good = reset(&parties, &error) && read_policy(&parties, NULL, hash, &error);
    print_error(error);
    azattest_admin_client_free(parties.admin);
    azattest_verifier_free(parties.verifier);
    azattest_client_free(parties.client);
    azattest_transport_free(parties.transport);
    azattest_signing_key_free(parties.key);
    return good ? 0 : 1;
}
