/*
 * Attests an SGX quote and prints what the service says about the enclave, after checking that it is true.
 * Usage: attest ENDPOINT CA_FILE QUOTE_FILE      (CA_FILE "-": the system's certificates)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <azattest/azattest.h>
#include <azattest/transport.h>

/* A quote has a few kilobytes; what is longer than the limit is none. */
static size_t read_file(const char *path, unsigned char *data, size_t size)
{
    FILE *file = fopen(path, "rb");
    size_t len = file == NULL ? 0 : fread(data, 1, size, file);

    if (file != NULL)
        fclose(file);
    return len;
}

static void print_claims(const azattest_result *result)
{
    const char *mr_enclave = NULL, *mr_signer = NULL;
    bool debuggable = true;
    int64_t svn = 0;

    if (azattest_result_mr_enclave(result, &mr_enclave) == AZATTEST_OK)
        printf("mr_enclave     %s\n", mr_enclave);
    if (azattest_result_mr_signer(result, &mr_signer) == AZATTEST_OK)
        printf("mr_signer      %s\n", mr_signer);
    if (azattest_result_svn(result, &svn) == AZATTEST_OK)
        printf("svn            %lld\n", (long long)svn);
    if (azattest_result_is_debuggable(result, &debuggable) == AZATTEST_OK)
        printf("is_debuggable  %s\n", debuggable ? "true" : "false");
}

int main(int argc, char **argv)
{
    static unsigned char file[AZATTEST_LIMIT_EVIDENCE_FILE];
    azattest_curl_options curl = AZATTEST_CURL_OPTIONS_INIT;
    azattest_attest_options options = AZATTEST_ATTEST_OPTIONS_INIT;
    azattest_transport *transport = NULL;
    azattest_evidence *evidence = NULL;
    azattest_client *client = NULL;
    azattest_response *response = NULL;
    azattest_error *error = NULL;
    azattest_bytes content = { file, 0 };
    int result = 1;

    if (argc != 4) {
        fprintf(stderr, "usage: attest ENDPOINT CA_FILE QUOTE_FILE\n");
        return 2;
    }
    content.len = read_file(argv[3], file, sizeof(file));
    curl.ca_file = strcmp(argv[2], "-") == 0 ? NULL : argv[2];
    options.nonce = "from-c";

    /* The file may be raw, hexadecimal, base64 or one of the service's JSON samples. */
    if (azattest_evidence_load(content, &evidence, &error) != AZATTEST_OK ||
        azattest_curl_transport_new(&curl, &transport, &error) != AZATTEST_OK ||
        azattest_client_new(argv[1], NULL, &client, &error) != AZATTEST_OK ||
        azattest_client_attest_sgx_enclave(client, transport, azattest_evidence_raw(evidence), &options, &response,
                                           &error) != AZATTEST_OK)
        goto done;
    print_claims(azattest_response_value(response));
    result = 0;
done:
    if (error != NULL)
        fprintf(stderr, "%s: %s\n", azattest_status_name(azattest_error_code(error)), azattest_error_message(error));
    azattest_error_free(error);
    azattest_response_free(response);
    azattest_client_free(client);
    azattest_transport_free(transport);
    azattest_evidence_free(evidence);
    return result;
}
