/*
 * A process that attests once and ends: client, transport, the call, the key set, the token check.
 * Usage: bench_startup FOLDER ENDPOINT CA_FILE
 */
#include <stdlib.h>

#include <azattest/transport.h>

#include "measure.h"

int main(int argc, char **argv)
{
    azattest_curl_options options = AZATTEST_CURL_OPTIONS_INIT;
    azattest_transport *transport = NULL;
    azattest_response *response = NULL;
    azattest_client *client = NULL;
    azattest_error *error = NULL;
    azattest_bytes quote;

    must(argc == 4, "usage: bench_startup FOLDER ENDPOINT CA_FILE");
    quote = read_file(argv[1], "quote.bin");
    options.ca_file = argv[3];
    succeed(azattest_client_new(argv[2], NULL, &client, &error), error, "client");
    succeed(azattest_curl_transport_new(&options, &transport, &error), error, "transport");
    succeed(azattest_client_attest_sgx_enclave(client, transport, quote, NULL, &response, &error), error, "attest");
    must(azattest_token_is_validated(azattest_response_token(response)), "a validated token");
    azattest_response_free(response);
    azattest_transport_free(transport);
    azattest_client_free(client);
    free((void *)quote.ptr);
    return 0;
}
