/* Whole answers: status, one header, body; given to every kind of operation. The first byte chooses. */
#include <stdlib.h>
#include <string.h>

#include <azattest/azattest.h>

#include "base/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int64_t still(void *user)
{
    (void)user;
    return INT64_C(1735689600000);
}

static azattest_client *make_client(void)
{
    azattest_client_options options = AZATTEST_CLIENT_OPTIONS_INIT;
    azattest_client *client = NULL;

    options.clock.now_ms = options.clock.monotonic_ms = still;
    if (azattest_client_new("https://a.example", &options, &client, NULL) != AZATTEST_OK)
        abort();
    return client;
}

static azattest_op *begin(azattest_client *client, unsigned kind)
{
    const azattest_bytes evidence = { "x", 1 };
    azattest_attest_options draft = AZATTEST_ATTEST_OPTIONS_INIT;
    azattest_op *op = NULL;
    azattest_status status;

    draft.draft_policy = "version=1.0;";
    if (kind == 0)
        status = azattest_client_get_signing_certificates_begin(client, &op, NULL);
    else if (kind == 1)
        status = azattest_client_get_open_id_metadata_begin(client, &op, NULL);
    else
        status = azattest_client_attest_sgx_enclave_begin(client, evidence, kind == 2 ? NULL : &draft, &op, NULL);
    if (status != AZATTEST_OK)
        abort();
    return op;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int statuses[] = { 200, 200, 302, 400, 401, 429, 503, 204 };
    static const char *const names[] = { "Retry-After", "retry-after-ms", "Cache-Control", "Content-Type" };
    azattest_http_response response = AZATTEST_HTTP_RESPONSE_INIT;
    azattest_header header;
    azattest_client *client;
    azattest_response *result;
    azattest_op *op;
    char value[32];

    if (size < sizeof(value) + 1)
        return 0;
    memcpy(value, data + 1, sizeof(value) - 1);
    value[sizeof(value) - 1] = '\0';
    header.name = names[data[0] >> 5 & 3];
    header.value = value;
    response.status = statuses[data[0] >> 2 & 7];
    response.headers = &header;
    response.header_count = 1;
    response.body = azattest__bytes(data + sizeof(value), size - sizeof(value));
    client = make_client();
    op = begin(client, data[0] & 3);
    if (azattest_op_step(op) != AZATTEST_NEED_HTTP || azattest_op_respond(op, &response) != AZATTEST_OK)
        abort();
    (void)azattest_op_step(op);
    result = azattest_op_take_response(op);
    /* No key was ever given: whatever was accepted can only be the unsecured answer to a draft policy. */
    if (result != NULL && (!azattest_response_is_draft(result) || (data[0] & 3) != 3 ||
                           azattest_token_is_validated(azattest_response_token(result))))
        abort();
    azattest_response_free(result);
    azattest_op_free(op);
    azattest_client_free(client);
    return 0;
}
