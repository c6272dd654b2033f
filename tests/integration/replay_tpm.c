/* The recorded first step of a TPM's attestation, replayed: the request's bytes are the recorded ones, and the answer
 * is the service's message. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <azattest/azattest.h>
#include <azattest/transport.h>

#include "base/encoding.h"
#include "evidence.h"
#include "json/json.h"

typedef struct step {
    const azattest__json *request, *answer;
    int asked;
} step;

static void play(void *user, azattest_op *op, const azattest_request *request)
{
    step *recorded = user;
    azattest_http_response response = AZATTEST_HTTP_RESPONSE_INIT;
    azattest__buf body, sent;

    recorded->asked++;
    azattest__buf_init(&body, AZATTEST_LIMIT_RESPONSE);
    azattest__buf_init(&sent, AZATTEST_LIMIT_RESPONSE);
    assert_int_equal(azattest__json_print(recorded->request, false, &sent, NULL), AZATTEST_OK);
    assert_true(azattest__bytes_equal(azattest_request_body(request), azattest__buf_bytes(&sent)));
    assert_string_equal(azattest_request_url(request),
                        "https://tpm.wus.attest.azure.net/attest/Tpm?api-version=2020-10-01");
    assert_int_equal(azattest__json_print(recorded->answer, false, &body, NULL), AZATTEST_OK);
    response.status = 200;
    response.body = azattest__buf_bytes(&body);
    assert_int_equal(azattest_op_respond(op, &response), AZATTEST_OK);
    azattest__buf_free(&body);
    azattest__buf_free(&sent);
}

static bool never_sleeps(void *user, int64_t wait_ms)
{
    (void)user, (void)wait_ms;
    return false;
}

static void the_first_step(void **state)
{
    azattest_transport_functions functions = { .size = sizeof(functions), .send = play, .sleep = never_sleeps };
    azattest_client_options options = AZATTEST_CLIENT_OPTIONS_INIT;
    azattest_transport *transport = NULL;
    azattest_client *client = NULL;
    azattest__json *document = NULL, *message = NULL;
    const azattest__json *payload;
    azattest__buf content, challenge;
    step recorded = { NULL, NULL, 0 };
    azattest_error *error = NULL;
    unsigned char *file;
    char *text = NULL;
    size_t len = 0;

    (void)state;
    EVIDENCE_OR_SKIP();
    file = evidence_read("recordings/attest-tpm.json", &len);
    assert_int_equal(azattest__json_parse(azattest__bytes(file, len), &document, NULL), AZATTEST_OK);
    for (const azattest__json *one = azattest__json_first(azattest__json_get(document, "Entries")); one != NULL;
         one = azattest__json_next(one))
        if (strstr(azattest__json_get_string(one, "RequestUri"), "/attest/Tpm") != NULL) {
            recorded.request = azattest__json_get(one, "RequestBody");
            recorded.answer = azattest__json_get(one, "ResponseBody");
        }
    azattest__buf_init(&content, 65536);
    azattest__buf_init(&challenge, 65536);
    assert_true(
        azattest__base64url_decode(azattest__text(azattest__json_get_string(recorded.request, "data")), &content));
    options.api_version = "2020-10-01";
    assert_int_equal(azattest_transport_new(&functions, &recorded, &transport, NULL), AZATTEST_OK);
    assert_int_equal(azattest_client_new("https://tpm.wus.attest.azure.net", &options, &client, NULL), AZATTEST_OK);
    assert_int_equal(
        azattest_client_attest_tpm(client, transport, azattest__buf_bytes(&content), NULL, &text, &len, &error),
        AZATTEST_OK);
    assert_int_equal(recorded.asked, 1);
    assert_int_equal(azattest__json_parse(azattest__bytes(text, len), &message, NULL), AZATTEST_OK);
    payload = azattest__json_get(message, "payload");
    assert_true(
        azattest__base64url_decode(azattest__text(azattest__json_get_string(payload, "challenge")), &challenge));
    assert_int_equal(challenge.len, 16);
    assert_non_null(azattest__json_get_string(payload, "service_context"));
    azattest_free(text);
    azattest__json_free(message);
    azattest__json_free(document);
    azattest_client_free(client);
    azattest_transport_free(transport);
    azattest__buf_free(&content);
    azattest__buf_free(&challenge);
    free(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(the_first_step) };

    return cmocka_run_group_tests_name("replay_tpm", tests, NULL, NULL);
}
