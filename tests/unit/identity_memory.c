/* Every allocation of an acquisition fails once, in turn: nothing is lost, nothing crashes, and what comes is a token
 * or an error. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acquire.h"
#include "bench.h"
#include "fixtures.h"
#include "failing_memory.h"

typedef azattest_status (*make)(const azattest_credential_options *options, azattest_credential **out,
                                azattest_error **error);

static char *pem;

static azattest_status make_secret(const azattest_credential_options *options, azattest_credential **out,
                                   azattest_error **error)
{
    return azattest_client_secret_credential_new("t", "c", "s", options, out, error);
}

static azattest_status make_certificate(const azattest_credential_options *options, azattest_credential **out,
                                        azattest_error **error)
{
    return azattest_client_certificate_credential_new("t", "c", bytes_of(pem), NULL, options, out, error);
}

static azattest_status story(make make_it, const azattest_credential_options *options,
                             const azattest_scripted_exchange *script, size_t count, instance_time *time,
                             azattest_access_token **token, azattest_error **error)
{
    azattest_client_options client = instance_options(time);
    azattest_credential *credential = NULL;
    azattest_transport *transport = NULL;
    azattest_op *op = NULL;
    azattest_status status = azattest_scripted_transport_new(script, count, &transport, error);

    if (status == AZATTEST_OK)
        status = make_it(options, &credential, error);
    if (status == AZATTEST_OK)
        status = azattest_credential_get_token_begin(credential, SCOPE, &client, &op, error);
    if (status == AZATTEST_OK)
        status = azattest_run(op, transport, error);
    *token = azattest_op_take_access_token(op);
    azattest_op_free(op);
    azattest_credential_free(credential);
    azattest_transport_free(transport);
    return status;
}

static void every_failure(make make_it, variables environment, const azattest_scripted_exchange *script, size_t count,
                          azattest_status expected)
{
    azattest_credential_options options = credential_options(environment);
    instance_time time = { INSTANCE_NOW_S * 1000, 5000 };
    azattest_status status = AZATTEST_OK;
    bool failed = true;

    for (long n = 0; failed; n++) {
        azattest_access_token *token = NULL;
        azattest_error *error = NULL;

        allocations_until_failure = n;
        status = story(make_it, &options, script, count, &time, &token, &error);
        failed = allocations_until_failure < 0;
        allocations_until_failure = -1;
        if (!(status == expected || (failed && status != AZATTEST_OK)))
            fail_msg("allocation %ld: %s", n, azattest_error_message(error));
        assert_int_equal(status == AZATTEST_OK, error == NULL);
        if (token != NULL)
            assert_string_equal(token->token, "tok-1");
        azattest_access_token_free(token);
        azattest_error_free(error);
    }
    assert_int_equal(status, expected);
}

#define REPLY "{\"access_token\":\"tok-1\",\"expires_in\":\"3600\",\"token_type\":\"Bearer\"}"

static void secret(void **state)
{
    azattest_scripted_exchange script[] = { answer("POST", NULL, 503, ""), answer("POST", NULL, 200, REPLY) };

    (void)state;
    every_failure(make_secret, NULL, script, 2, AZATTEST_OK);
}

static void refusal(void **state)
{
    azattest_scripted_exchange script[] = { answer("POST", NULL, 401,
                                                   "{\"error\":\"invalid_client\",\"error_description\":\"AADSTS1: x\","
                                                   "\"correlation_id\":\"c\"}") };

    (void)state;
    every_failure(make_secret, NULL, script, 1, AZATTEST_E_AUTH);
}

static void certificate(void **state)
{
    azattest_scripted_exchange script[] = { answer("POST", NULL, 200, REPLY) };
    char *key = fixture_read("signing/rsa.key.pem"), *cert = fixture_read("signing/rsa.crt.pem");

    (void)state;
    assert_true(asprintf(&pem, "%s%s", cert, key) > 0);
    every_failure(make_certificate, NULL, script, 1, AZATTEST_OK);
    free(pem);
    free(key);
    free(cert);
}

/* Without memory a link may look as if it had nothing to offer; then another one is asked, or the chain fails. */
static void chain(void **state)
{
    static const char *const environment[] = { "IDENTITY_ENDPOINT=http://a/t", "IDENTITY_HEADER=h",
                                               "AZURE_TOKEN_CREDENTIALS=prod", NULL };
    azattest_scripted_exchange script[] = { answer("GET", NULL, 200, REPLY) };

    (void)state;
    every_failure(azattest_default_credential_new, environment, script, 1, AZATTEST_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(secret),
        cmocka_unit_test(refusal),
        cmocka_unit_test(certificate),
        cmocka_unit_test(chain),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
