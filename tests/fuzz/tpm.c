/* A message of the TPM exchange: as it stands, or behind a '!' the header and, on the next line, the payload of a
 * request whose '@' stand for the context of a challenge that was given. */
#include <stdlib.h>

#include "base/encoding.h"
#include "crypto/issue.h"
#include "emulator/parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TPM "/attest/Tpm?api-version=2020-10-01"
/* version=1.0;authorizationrules{}; */
#define POLICY                                                                                                         \
    "eyJhbGciOiJub25lIn0.eyJBdHRlc3RhdGlvblBvbGljeSI6ImRtVnljMmx2YmoweExqQTdZWFYwYUc5eWFYcGhkR2x2Ym5KMWJHVnplMzA3In0."

static azattest__service *service;
static char *context;

static void call(const char *method, const char *target, azattest_bytes body, azattest__service_answer *answer)
{
    azattest__service_request request = { .method = method, .target = target, .body = body };

    azattest__service_handle(service, &request, answer);
}

static void send_message(azattest_bytes message, azattest__service_answer *answer)
{
    azattest__buf body;

    azattest__buf_init(&body, 1024 * 1024);
    azattest__buf_append_text(&body, "{\"data\":\"");
    azattest__base64url_encode(message, &body);
    azattest__buf_append_text(&body, "\"}");
    call("POST", TPM, azattest__buf_bytes(&body), answer);
    azattest__buf_free(&body);
}

static void start(void)
{
    azattest__service_options options = { .endpoint = "https://127.0.0.1:4443" };
    azattest__service_answer answer;
    azattest__json *document = NULL, *message = NULL;
    azattest__buf data;

    if (azattest__key_generate_rsa(2048, &options.signing_key, NULL) != AZATTEST_OK ||
        azattest__service_new(&options, &service, NULL) != AZATTEST_OK)
        abort();
    azattest__key_free(options.signing_key);
    call("PUT", "/policies/Tpm?api-version=2020-10-01", azattest__text(POLICY), &answer);
    if (answer.status != 200)
        abort();
    azattest__service_answer_clear(&answer);
    send_message(azattest__text("{\"payload\":{\"type\":\"aikcert\"}}"), &answer);
    azattest__buf_init(&data, 64 * 1024);
    if (azattest__json_parse(azattest__buf_bytes(&answer.body), &document, NULL) != AZATTEST_OK ||
        !azattest__base64url_decode(azattest__text(azattest__json_get_string(document, "data")), &data) ||
        azattest__json_parse(azattest__buf_bytes(&data), &message, NULL) != AZATTEST_OK)
        abort();
    context = azattest__dup_text(azattest__json_get_string(azattest__json_get(message, "payload"), "service_context"));
    azattest__json_free(message);
    azattest__json_free(document);
    azattest__buf_free(&data);
    azattest__service_answer_clear(&answer);
}

/* {"payload":{"request":JWS}} */
static void build(const uint8_t *data, size_t size, azattest__buf *message)
{
    const uint8_t *end = memchr(data, '\n', size);
    size_t head = end == NULL ? size : (size_t)(end - data);
    azattest__buf body;

    azattest__buf_init(&body, 1024 * 1024);
    for (size_t i = head + 1; i < size; i++) {
        if (data[i] == '@')
            azattest__buf_append_text(&body, context);
        else
            azattest__buf_append(&body, data + i, 1);
    }
    azattest__buf_append_text(message, "{\"payload\":{\"request\":\"");
    azattest__base64url_encode(azattest__bytes(data, head), message);
    azattest__buf_append_text(message, ".");
    azattest__base64url_encode(azattest__bytes(body.ptr == NULL ? (const void *)"" : body.ptr, body.len), message);
    azattest__buf_append_text(message, ".AAAA\"}}");
    azattest__buf_free(&body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    azattest__service_answer answer;
    azattest__buf message;

    if (service == NULL)
        start();
    azattest__buf_init(&message, 4 * 1024 * 1024);
    if (size > 0 && data[0] == '!')
        build(data + 1, size - 1, &message);
    else
        azattest__buf_append(&message, data, size);
    send_message(azattest__buf_bytes(&message), &answer);
    if (answer.status != 400 && (answer.status != 200 || (size > 0 && data[0] == '!')))
        abort(); /* never a report */
    azattest__service_answer_clear(&answer);
    azattest__buf_free(&message);
    return 0;
}
