/* Services that repeat in their errors what they were sent: nothing of it may be in ours. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acquire.h"
#include "base/encoding.h"
#include "protocol/http.h"

#define LATER (INSTANCE_NOW_S + 3600)
#define CANARY "c4n4ry-0123456789-abcdefghijklmnopqrstuvwxyz"
#define CUT "c4n4ry-0123456789-abcd" /* what is left of it where a text ends too early */

/* Every way in which a body can hold the text. */
static const char *const echoes[] = {
    "{\"error\":{\"code\":\"%s\",\"message\":\"you sent %s\",\"target\":\"%s\",\"details\":[{\"message\":\"%s\"}],"
    "\"innererror\":{\"code\":\"%s\"}}}",
    "{\"error\":\"%s\",\"error_description\":\"bad %s\",\"correlation_id\":\"%s\",\"message\":\"%s%s\"}",
    "{\"message\":\"no %s\",\"a\":\"%s\",\"b\":\"%s\",\"c\":\"%s\",\"d\":\"%s\"}",
    "\"%s %s %s %s %s\"",
    "<html>%s %s %s %s %s</html>",
};
#define ECHOES (sizeof(echoes) / sizeof(echoes[0]))

static char *echo_of(size_t i, const char *text)
{
    char *body = NULL;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    assert_true(asprintf(&body, echoes[i], text, text, text, text, text) > 0);
#pragma GCC diagnostic pop
    return body;
}

/* Fails when any text of the error has it. */
static void check_error(const azattest_error *error, const char *canary)
{
    const char *const texts[] = {
        azattest_error_message(error),
        azattest_error_hint(error),
        azattest_error_reason(error),
        azattest_error_error_code(error),
        azattest_error_target(error),
        azattest_error_service_message(error),
        azattest_error_details(error),
        azattest_error_inner_error(error),
        azattest_error_body(error),
        azattest_error_request_id(error),
        azattest_error_client_request_id(error),
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (texts[i] != NULL && strstr(texts[i], canary) != NULL)
            fail_msg("text %zu: %s", i, texts[i]);
}

static instance_time now(void)
{
    instance_time time = { INSTANCE_NOW_S * 1000, 5000 };

    return time;
}

/* ---- the service ---- */

static azattest_client *client_with(azattest_credential *credential, instance_time *time)
{
    azattest_client_options options = instance_options(time);
    azattest_client *client = NULL;

    options.credential = credential;
    options.retry_total = -1;
    assert_int_equal(azattest_client_new(INSTANCE, &options, &client, NULL), AZATTEST_OK);
    return client;
}

static void the_service_repeats_the_access_token(void **state)
{
    static const int statuses[] = { 307, 400, 403, 500 };
    size_t len;
    unsigned char *quote = instance_quote("data", false, &len);

    (void)state;
    for (size_t i = 0; i < ECHOES * 4; i++) {
        char *body = echo_of(i % ECHOES, "Bearer " CANARY);
        const scene script[] = { { AZATTEST_NEED_TOKEN, NULL, NULL, LATER, CANARY, NULL, 0 },
                                 { AZATTEST_NEED_HTTP, NULL, "Bearer " CANARY, statuses[i / ECHOES], body,
                                   "Location: https://elsewhere/?" CANARY, 0 },
                                 { 0 } };
        azattest_credential *credential = NULL;
        instance_time time = now();
        azattest_client *client;
        azattest_error *error = NULL;
        azattest_op *op = NULL;

        assert_int_equal(azattest_callback_credential_new(NULL, NULL, NULL, &credential, NULL), AZATTEST_OK);
        client = client_with(credential, &time);
        assert_int_equal(
            azattest_client_attest_sgx_enclave_begin(client, (azattest_bytes){ quote, len }, NULL, &op, NULL),
            AZATTEST_OK);
        assert_int_not_equal(play(op, &time, script, NULL, &error), AZATTEST_OK);
        check_error(error, CUT);
        azattest_error_free(error);
        azattest_client_free(client);
        azattest_credential_free(credential);
        free(body);
    }
    free(quote);
}

static void the_service_repeats_the_evidence(void **state)
{
    size_t len;
    unsigned char *quote = instance_quote("data", false, &len);
    azattest__buf text;

    (void)state;
    azattest__buf_init(&text, 65536);
    azattest__base64url_encode(azattest__bytes(quote, len), &text);
    for (size_t i = 0; i < ECHOES; i++) {
        char *body = echo_of(i, (const char *)text.ptr), *part = strndup((const char *)text.ptr + 300, 130);
        const scene script[] = { { AZATTEST_NEED_HTTP, NULL, NULL, 400, body, NULL, 0 }, { 0 } };
        instance_time time = now();
        azattest_client *client = client_with(NULL, &time);
        azattest_error *error = NULL;
        azattest_op *op = NULL;

        assert_int_equal(
            azattest_client_attest_sgx_enclave_begin(client, (azattest_bytes){ quote, len }, NULL, &op, NULL),
            AZATTEST_OK);
        assert_int_not_equal(play(op, &time, script, NULL, &error), AZATTEST_OK);
        check_error(error, part);
        azattest_error_free(error);
        azattest_client_free(client);
        free(part);
        free(body);
    }
    azattest__buf_free(&text);
    free(quote);
}

/* Some megabytes that are full of what is hidden cost one pass. */
static void a_service_cannot_make_hiding_slow(void **state)
{
    static const char start[] = "{\"error\":{\"details\":\"", end[] = "\"}}";
    const size_t size = 4000000;
    azattest_http_response response = AZATTEST_HTTP_RESPONSE_INIT;
    char *body = malloc(size + 1);
    azattest_error *error = NULL;

    (void)state;
    for (size_t i = 0; i < size; i++)
        body[i] = i % 130 == 0 ? ' ' : 'a';
    memcpy(body, start, sizeof(start) - 1);
    memcpy(body + size - sizeof(end) + 1, end, sizeof(end) - 1);
    response.status = 400;
    response.body = azattest__bytes(body, size);
    assert_int_equal(azattest__response_error(&response, "call", &error), AZATTEST_E_HTTP);
    for (int i = 0; i < 10; i++)
        azattest__error_hide(error, "aaaaaaaaaaaaaaaaaaaaaaaaa");
    assert_true(strlen(azattest_error_details(error)) < size / 20);
    azattest_error_free(error);
    free(body);
}

/* ---- sources of tokens ---- */

static void expect_silence(azattest_credential *credential, const scene *script)
{
    azattest_error *error = NULL;
    instance_time time = now();
    char *token = NULL;

    assert_int_not_equal(acquire(credential, SCOPE, &time, script, &token, NULL, &error), AZATTEST_OK);
    assert_null(token);
    check_error(error, CUT);
    azattest_error_free(error);
}

static void a_managed_identity_repeats_its_secret(void **state)
{
    static const char *const app_service[] = { "IDENTITY_ENDPOINT=http://localhost/x", "IDENTITY_HEADER=" CANARY,
                                               NULL };
    static const char *const app_service_2017[] = { "MSI_ENDPOINT=http://localhost/x", "MSI_SECRET=" CANARY, NULL };
    static const char *const fabric[] = { "IDENTITY_ENDPOINT=https://localhost/x", "IDENTITY_HEADER=" CANARY,
                                          "IDENTITY_SERVER_THUMBPRINT=0123456789012345678901234567890123456789", NULL };
    static const variables environments[] = { app_service, app_service_2017, fabric };

    (void)state;
    for (size_t i = 0; i < 3 * ECHOES; i++) {
        char *body = echo_of(i % ECHOES, CANARY);
        const scene script[] = { { AZATTEST_NEED_HTTP, NULL, CANARY, 400, body, NULL, 0 }, { 0 } };
        azattest_credential_options options = credential_options(environments[i / ECHOES]);
        azattest_credential *credential = NULL;

        assert_int_equal(azattest_managed_identity_credential_new(&options, &credential, NULL), AZATTEST_OK);
        expect_silence(credential, script);
        azattest_credential_free(credential);
        free(body);
    }
}

static void arc_repeats_its_key(void **state)
{
    static const char *const environment[] = { "IDENTITY_ENDPOINT=http://localhost:40342/x", "IMDS_ENDPOINT=x", NULL };

    (void)state;
    for (size_t i = 0; i < ECHOES; i++) {
        char *body = echo_of(i, CANARY);
        const scene script[] = {
            { AZATTEST_NEED_HTTP, NULL, NULL, 401, "", "WWW-Authenticate: Basic realm=/var/opt/azcmagent/tokens/a.key",
              0 },
            { AZATTEST_NEED_FILE, NULL, NULL, 0, CANARY, NULL, 0 },
            { AZATTEST_NEED_HTTP, NULL, "Basic " CANARY, 403, body, NULL, 0 },
            { 0 },
        };
        azattest_credential_options options = credential_options(environment);
        azattest_credential *credential = NULL;

        assert_int_equal(azattest_managed_identity_credential_new(&options, &credential, NULL), AZATTEST_OK);
        expect_silence(credential, script);
        azattest_credential_free(credential);
        free(body);
    }
}

/* As it was given, and as the form has it. */
static void entra_repeats_the_client_secret(void **state)
{
    static const char *const secrets[][2] = { { CANARY, CANARY }, { CUT "+/= %", CUT "%2B%2F%3D%20%25" } };

    (void)state;
    for (size_t i = 0; i < 4 * ECHOES; i++) {
        char *body = echo_of(i % ECHOES, secrets[i / ECHOES % 2][i / ECHOES / 2]);
        const scene script[] = { { AZATTEST_NEED_HTTP, NULL, NULL, 401, body, NULL, 0 }, { 0 } };
        azattest_credential_options options = credential_options(NULL);
        azattest_credential *credential = NULL;

        assert_int_equal(azattest_client_secret_credential_new("tenant", "client", secrets[i / ECHOES % 2][0], &options,
                                                               &credential, NULL),
                         AZATTEST_OK);
        expect_silence(credential, script);
        azattest_credential_free(credential);
        free(body);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_service_repeats_the_access_token),
        cmocka_unit_test(the_service_repeats_the_evidence),
        cmocka_unit_test(a_service_cannot_make_hiding_slow),
        cmocka_unit_test(a_managed_identity_repeats_its_secret),
        cmocka_unit_test(arc_repeats_its_key),
        cmocka_unit_test(entra_repeats_the_client_secret),
    };

    return cmocka_run_group_tests_name("leaks", tests, NULL, NULL);
}
