/*
 * Replaces the key that may sign the policies of an isolated instance, and stops when something is not as expected.
 * Usage: certificate_rotation ENDPOINT CA_FILE OLD_KEY OLD_CERTIFICATE NEW_KEY NEW_CERTIFICATE POLICY_FILE
 *
 * Adds the new certificate by the old key; sets the SGX policy by the new key, which proves that it works; only then
 * removes the old certificate, by the new key. The keys and certificates are PEM files; POLICY_FILE is best the policy
 * that is in force. Who calls is found as Azure's tools do: AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET, or a
 * managed identity, or `az login`; it needs the role Attestation Contributor. CA_FILE "-": the system's certificates.
 */
#include "example.h"

/* The public cloud's. The library knows it by itself for instances in Azure; the local service has no cloud. */
#define SCOPE "https://attest.azure.net/.default"

struct rotation {
    azattest_transport *transport;
    azattest_admin_client *admin;
    azattest_signing_key *old_key, *new_key;
};

static bool start(char **argv, struct rotation *out, azattest_error **error)
{
    azattest_curl_options curl = AZATTEST_CURL_OPTIONS_INIT;
    azattest_client_options options = AZATTEST_CLIENT_OPTIONS_INIT;
    azattest_credential *credential = NULL;
    bool started;

    curl.ca_file = strcmp(argv[2], "-") == 0 ? NULL : argv[2];
    started = read_key(argv[3], argv[4], &out->old_key, error) && read_key(argv[5], argv[6], &out->new_key, error) &&
              azattest_curl_transport_new(&curl, &out->transport, error) == AZATTEST_OK &&
              azattest_default_credential_new(NULL, &credential, error) == AZATTEST_OK;
    options.credential = credential;
    options.scopes = SCOPE;
    started = started && azattest_admin_client_new(argv[1], &options, &out->admin, error) == AZATTEST_OK;
    azattest_credential_free(credential); /* the client keeps a reference */
    return started;
}

static bool holds(const azattest_signers *signers, const azattest_signing_key *key)
{
    for (size_t i = 0; i < azattest_signers_count(signers); i++) {
        const char *certificate = azattest_signer_certificate_pem(azattest_signers_at(signers, i), 0);

        if (certificate != NULL && strcmp(certificate, azattest_signing_key_certificate_pem(key)) == 0)
            return true;
    }
    return false;
}

/* Lists the certificates, and compares them with what they should be by now. */
static bool list(const struct rotation *with, bool old_there, bool new_there, azattest_error **error)
{
    azattest_response *response = NULL;
    const azattest_signers *signers;
    bool has_old, has_new, good;

    if (azattest_admin_client_get_policy_management_certificates(with->admin, with->transport, NULL, &response,
                                                                 error) != AZATTEST_OK)
        return false;
    signers = azattest_response_certificates(response);
    has_old = holds(signers, with->old_key);
    has_new = holds(signers, with->new_key);
    printf("certificates  %zu: old %s, new %s\n", azattest_signers_count(signers), has_old ? "yes" : "no",
           has_new ? "yes" : "no");
    good =
        expect(has_old == old_there, old_there ? "the old certificate is not there" : "the old one is still there") &&
        expect(has_new == new_there, new_there ? "the new certificate is not there" : "the new one is there already");
    azattest_response_free(response);
    return good;
}

typedef azattest_status change_call(azattest_admin_client *client, azattest_transport *transport,
                                    azattest_bytes certificate, const azattest_policy_options *options,
                                    azattest_response **response, azattest_error **error);

/* Adds or removes the certificate of a key, by another key. An answer about another certificate, or with another
 * outcome, is an error of the call. */
static bool change(const struct rotation *with, change_call *call, const azattest_signing_key *of,
                   const azattest_signing_key *by, azattest_error **error)
{
    azattest_policy_options options = AZATTEST_POLICY_OPTIONS_INIT;
    const char *certificate = azattest_signing_key_certificate_pem(of);
    const azattest_policy_certificates_modification_result *result;
    azattest_response *response = NULL;

    options.signing_key = by;
    if (call(with->admin, with->transport, (azattest_bytes){ certificate, strlen(certificate) }, &options, &response,
             error) != AZATTEST_OK)
        return false;
    result = azattest_response_certificates_result(response);
    printf("%-13s %s\n", azattest_policy_certificates_modification_result_certificate_resolution(result),
           azattest_policy_certificates_modification_result_certificate_thumbprint(result));
    azattest_response_free(response);
    return true;
}

static bool set_policy(const struct rotation *with, const file *policy, azattest_error **error)
{
    azattest_policy_options options = AZATTEST_POLICY_OPTIONS_INIT;
    azattest_response *response = NULL;

    options.signing_key = with->new_key;
    if (azattest_admin_client_set_policy(with->admin, with->transport, AZATTEST_TYPE_SGX_ENCLAVE, bytes_of(policy),
                                         &options, &response, error) != AZATTEST_OK)
        return false;
    printf("policy        %s by the new key\n",
           azattest_policy_result_policy_resolution(azattest_response_policy_result(response)));
    azattest_response_free(response);
    return true;
}

int main(int argc, char **argv)
{
    static file policy;
    struct rotation with = { NULL, NULL, NULL, NULL };
    azattest_error *error = NULL;
    bool good;

    if (argc != 8) {
        fprintf(stderr, "usage: certificate_rotation ENDPOINT CA_FILE OLD_KEY OLD_CERTIFICATE NEW_KEY NEW_CERTIFICATE "
                        "POLICY_FILE\n");
        return 2;
    }
    good =
        read_file(argv[7], &policy) && start(argv, &with, &error) && list(&with, true, false, &error) &&
        change(&with, azattest_admin_client_add_policy_management_certificate, with.new_key, with.old_key, &error) &&
        list(&with, true, true, &error) && set_policy(&with, &policy, &error) &&
        change(&with, azattest_admin_client_remove_policy_management_certificate, with.old_key, with.new_key, &error) &&
        list(&with, false, true, &error);
    print_error(error);
    azattest_admin_client_free(with.admin);
    azattest_transport_free(with.transport);
    azattest_signing_key_free(with.new_key);
    azattest_signing_key_free(with.old_key);
    return good ? 0 : 1;
}
