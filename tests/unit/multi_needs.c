/* What operations in a multi want: keys, for which one fetches while the others look; and tokens, files, processes and
 * shared keys, for which they come out and go in again. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <azattest/credential.h>

#include "instance.h"
#include "many.h"

/* A service that gives a token of its own, and its keys. */
typedef struct issuer {
    many many;
    instance_time time;
    instance_key key;
    char *token_answer, *keys_answer;
    atomic_int key_fetches;
    azattest_switch shared_keys;
} issuer;

static web_answer issue(void *user, const char *request)
{
    issuer *service = user;
    bool keys = strncmp(request, "GET /certs?", 11) == 0;

    if (keys)
        atomic_fetch_add(&service->key_fetches, 1);
    return (web_answer){ .bytes = keys ? service->keys_answer : service->token_answer, .delay_ms = keys ? 60 : 0 };
}

static char *answer_of(const char *body)
{
    char *out = NULL;

    assert_true(asprintf(&out, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s", strlen(body), body) > 0);
    return out;
}

static void issuer_open(issuer *service)
{
    const char *endpoint = service->many.server.endpoint;
    char *header = NULL, *claims = NULL, *token, *reply, *jwks;
    azattest__buf out;

    service->time = (instance_time){ .now_ms = INSTANCE_NOW_S * 1000 };
    service->many.options = instance_options(&service->time);
    service->many.options.shared_keys = service->shared_keys;
    many_open(&service->many);
    instance_key_make(&service->key, endpoint);
    assert_true(asprintf(&header, "{\"alg\":\"ES256\",\"jku\":\"%s/certs\",\"kid\":\"%s\",\"typ\":\"JWT\"}", endpoint,
                         service->key.kid) > 0);
    assert_true(asprintf(&claims,
                         "{\"exp\":%lld,\"iat\":%lld,\"iss\":\"%s\",\"nbf\":%lld,\"x-ms-attestation-type\":\"sgx\"}",
                         (long long)INSTANCE_NOW_S + 28800, (long long)INSTANCE_NOW_S, endpoint,
                         (long long)INSTANCE_NOW_S) > 0);
    azattest__buf_init(&out, AZATTEST_LIMIT_TOKEN);
    assert_int_equal(
        azattest__jws_create(bytes_of(header), bytes_of(claims), service->key.key, AZATTEST__ES256, &out, NULL),
        AZATTEST_OK);
    token = (char *)azattest__buf_take(&out, NULL);
    reply = instance_reply(token);
    jwks = instance_jwks(&service->key, NULL);
    service->token_answer = answer_of(reply);
    service->keys_answer = answer_of(jwks);
    service->many.server.user = service;
    service->many.server.answer = issue;
    free(header);
    free(claims);
    free(token);
    free(reply);
    free(jwks);
}

static void issuer_close(issuer *service)
{
    many_close(&service->many);
    instance_key_clear(&service->key);
    free(service->token_answer);
    free(service->keys_answer);
}

static void fifty_cold_calls_fetch_the_keys_once(void **state)
{
    static issuer service;
    many *m = &service.many;

    (void)state;
    issuer_open(&service);
    for (int i = 0; i < 50; i++) {
        azattest_op *op = NULL;

        assert_int_equal(azattest_client_attest_sgx_enclave_begin(m->client, bytes_of("no quote"), NULL, &op, NULL),
                         AZATTEST_OK);
        assert_int_equal(azattest_multi_add(m->multi, op, NULL, NULL), AZATTEST_OK);
    }
    for (int i = 0; i < 50; i++) {
        azattest_multi_event event = many_next(m);
        azattest_response *response = azattest_op_take_response(event.op);

        if (response == NULL)
            print_error("%s\n", azattest_error_message(azattest_op_error(event.op)));
        assert_non_null(response);
        assert_true(azattest_result_is_validated(azattest_response_value(response)));
        azattest_response_free(response);
        azattest_op_free(event.op);
    }
    assert_int_equal(atomic_load(&service.key_fetches), 1);
    assert_int_equal(atomic_load(&m->server.requests), 51);
    issuer_close(&service);
}

typedef struct need_case {
    const char *name;
    azattest_need need;
    azattest_status (*make)(azattest_credential **credential);
    azattest_status (*satisfy)(azattest_op *op);
    azattest_status status; /* in the end */
    const char *text;
} need_case;

static const char *environment_of(void *user, const char *name)
{
    (void)user;
    return strcmp(name, "AZURE_TENANT_ID") == 0              ? "tenant"
           : strcmp(name, "AZURE_CLIENT_ID") == 0            ? "client"
           : strcmp(name, "AZURE_FEDERATED_TOKEN_FILE") == 0 ? "/no/such/file"
                                                             : NULL;
}

static azattest_status make_callback(azattest_credential **credential)
{
    return azattest_callback_credential_new(NULL, NULL, NULL, credential, NULL);
}

static azattest_status make_cli(azattest_credential **credential)
{
    azattest_credential_options options = AZATTEST_CREDENTIAL_OPTIONS_INIT;

    options.environment = environment_of;
    return azattest_azure_cli_credential_new(&options, credential, NULL);
}

static azattest_status make_workload_identity(azattest_credential **credential)
{
    azattest_credential_options options = AZATTEST_CREDENTIAL_OPTIONS_INIT;

    options.environment = environment_of;
    return azattest_workload_identity_credential_new(&options, credential, NULL);
}

static azattest_status give_token(azattest_op *op)
{
    azattest_access_token token = AZATTEST_ACCESS_TOKEN_INIT;

    assert_string_equal(azattest_op_scopes(op), "scope");
    token.token = "secret";
    return azattest_op_give_token(op, &token);
}

static azattest_status give_output(azattest_op *op)
{
    assert_string_equal(azattest_op_process_argument(op, 0), "az");
    return azattest_op_give_process(op, 0, bytes_of("{\"accessToken\":\"secret\",\"expires_on\":4102444800}"),
                                    bytes_of(""));
}

static azattest_status refuse(azattest_op *op)
{
    return azattest_op_fail(op, AZATTEST_E_AUTH, "nobody is at home", false);
}

static const need_case cases[] = {
    { "a token that the caller has", AZATTEST_NEED_TOKEN, make_callback, give_token, AZATTEST_OK, NULL },
    { "a token that the caller has not", AZATTEST_NEED_TOKEN, make_callback, refuse, AZATTEST_E_AUTH,
      "nobody is at home" },
    { "a process", AZATTEST_NEED_PROCESS, make_cli, give_output, AZATTEST_OK, NULL },
    { "a file that is read meanwhile, and is not there", AZATTEST_NEED_FILE, make_workload_identity,
      azattest_serve_local, AZATTEST_E_CREDENTIAL_UNAVAILABLE, "/no/such/file" },
};
enum { CASES = sizeof(cases) / sizeof(cases[0]) };

/* A request that needs a token, in a multi of its own. */
static azattest_op *open_with(const need_case *c, many *m)
{
    azattest_credential *credential = NULL;

    memset(m, 0, sizeof(*m));
    assert_int_equal(c->make(&credential), AZATTEST_OK);
    m->options.credential = credential;
    m->options.scopes = "scope";
    many_open(m);
    azattest_credential_free(credential);
    return many_begin(m, "", true);
}

static void comes_out_and_goes_in(void **state)
{
    const need_case *c = *state;
    static many m;
    azattest_op *op = open_with(c, &m);
    azattest_multi_event event = many_next(&m);

    assert_ptr_equal(event.op, op);
    assert_int_equal(event.need, c->need);
    assert_int_equal(azattest_multi_count(m.multi), 0);
    assert_int_equal(azattest_multi_cancel(m.multi, op), AZATTEST_ABSENT);
    assert_int_equal(c->satisfy(op), AZATTEST_OK);
    assert_int_equal(azattest_multi_add(m.multi, op, NULL, NULL), AZATTEST_OK);
    many_expect(&m, op, c->status, c->text);
    many_close(&m);
}

/* It goes in again without what it came out for. */
static void nothing_was_done_about_it(void **state)
{
    static many m;
    azattest_op *op = open_with(&cases[0], &m);

    (void)state;
    assert_int_equal(many_next(&m).need, AZATTEST_NEED_TOKEN);
    assert_int_equal(azattest_multi_add(m.multi, op, NULL, NULL), AZATTEST_OK);
    assert_int_equal(many_next(&m).need, AZATTEST_NEED_TOKEN);
    azattest_op_free(op);
    many_close(&m);
}

static void cancelled_before_its_need_was_taken(void **state)
{
    static many m;
    azattest_op *op = open_with(&cases[0], &m);

    (void)state;
    many_drive(&m, 10000);
    assert_int_equal(azattest_multi_cancel(m.multi, op), AZATTEST_OK);
    many_expect(&m, op, AZATTEST_E_CANCELLED, "cancelled");
    assert_int_equal(azattest_multi_count(m.multi), 0);
    many_drive(&m, 0); /* the cancelled call is known no more */
    many_close(&m);
}

static void keys_that_the_driver_shares(void **state)
{
    static issuer service;
    azattest_op *op = NULL;

    (void)state;
    memset(&service, 0, sizeof(service));
    service.shared_keys = AZATTEST_ON;
    issuer_open(&service);
    assert_int_equal(
        azattest_client_attest_sgx_enclave_begin(service.many.client, bytes_of("no quote"), NULL, &op, NULL),
        AZATTEST_OK);
    assert_int_equal(azattest_multi_add(service.many.multi, op, NULL, NULL), AZATTEST_OK);
    assert_int_equal(many_next(&service.many).need, AZATTEST_NEED_KEYS);
    assert_int_equal(azattest_op_fetch_keys(op), AZATTEST_OK);
    assert_int_equal(azattest_multi_add(service.many.multi, op, NULL, NULL), AZATTEST_OK);
    many_expect(&service.many, op, AZATTEST_OK, NULL);
    assert_int_equal(atomic_load(&service.key_fetches), 1);
    issuer_close(&service);
}

int main(void)
{
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(fifty_cold_calls_fetch_the_keys_once),
        cmocka_unit_test(nothing_was_done_about_it),
        cmocka_unit_test(cancelled_before_its_need_was_taken),
        cmocka_unit_test(keys_that_the_driver_shares),
    };
    enum { OTHERS = sizeof(others) / sizeof(others[0]) };
    struct CMUnitTest tests[OTHERS + CASES];

    memcpy(tests, others, sizeof(others));
    for (size_t i = 0; i < CASES; i++)
        tests[OTHERS + i] =
            (struct CMUnitTest){ cases[i].name, comes_out_and_goes_in, NULL, NULL, (void *)(uintptr_t)&cases[i] };
    return cmocka_run_group_tests_name("multi_needs", tests, NULL, NULL);
}
