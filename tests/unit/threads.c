/* One credential, one client and one result, used by many threads at once. Meant for a build with ThreadSanitizer; in
 * any other it still counts who fetched. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <azattest/transport.h>

#include "instance.h"

#define THREADS 8
#define ROUNDS 60

static atomic_int fetched, key_fetches;
static char *jwks, *reply;

static void get_token(void *user, azattest_op *op, const char *scopes)
{
    azattest_access_token token = AZATTEST_ACCESS_TOKEN_INIT;
    char text[64];

    (void)user;
    snprintf(text, sizeof(text), "tok-%zu-%d", strlen(scopes), atomic_fetch_add(&fetched, 1));
    token.token = text;
    token.expires_on_s = INSTANCE_NOW_S + 200 + atomic_load(&fetched) % 2; /* lives, but is to be renewed */
    usleep(200);
    if (azattest_op_give_token(op, &token) != AZATTEST_OK)
        abort();
}

/* A service in memory: checks that the token of a scope goes with its client alone. */
static void send(void *user, azattest_op *op, const azattest_request *request)
{
    azattest_http_response response = AZATTEST_HTTP_RESPONSE_INIT;
    bool keys = strstr(azattest_request_url(request), "/certs") != NULL;

    (void)user;
    for (size_t i = 0; i < azattest_request_header_count(request); i++)
        if (strcmp(azattest_request_header_name(request, i), "Authorization") == 0 && keys)
            abort();
    if (keys)
        atomic_fetch_add(&key_fetches, 1);
    response.status = !keys && atomic_load(&fetched) % 7 == 3 ? 401 : 200;
    response.body = bytes_of(keys ? jwks : response.status == 401 ? "{}" : reply);
    if (azattest_op_respond(op, &response) != AZATTEST_OK)
        abort();
}

static bool nap(void *user, int64_t wait_ms)
{
    (void)user;
    (void)wait_ms;
    usleep(300);
    return true;
}

typedef struct shared {
    azattest_client *clients[2];
    azattest_credential *credential;
    azattest_transport *transport;
    unsigned char *quote;
    size_t quote_len;
    atomic_int done, refused;
} shared;

static void *work(void *user)
{
    shared *all = user;

    for (int i = 0; i < ROUNDS; i++) {
        azattest_response *response = NULL;
        azattest_error *error = NULL;
        azattest_status status;

        status =
            azattest_client_attest_sgx_enclave(all->clients[i % 2], all->transport,
                                               (azattest_bytes){ all->quote, all->quote_len }, NULL, &response, &error);
        if (status == AZATTEST_OK) {
            const char *text;

            if (azattest_result_mr_enclave(azattest_response_value(response), &text) != AZATTEST_OK)
                abort();
            atomic_fetch_add(&all->done, 1);
        } else if (status == AZATTEST_E_AUTH) {
            atomic_fetch_add(&all->refused, 1);
        } else {
            print_message("%s\n", azattest_error_message(error));
            abort();
        }
        azattest_response_free(response);
        azattest_error_free(error);
    }
    return NULL;
}

static void one_credential_serves_many_threads(void **state)
{
    static const char *const scopes[] = { "https://attest.azure.net/.default", "https://other.example/.default" };
    const azattest_transport_functions functions = { .size = sizeof(functions), .send = send, .sleep = nap };
    instance_time time = { INSTANCE_NOW_S * 1000, 5000 };
    pthread_t threads[THREADS];
    instance_key key;
    char *claims, *token, *more;
    shared all;

    (void)state;
    memset(&all, 0, sizeof(all));
    instance_key_make(&key, INSTANCE);
    jwks = instance_jwks(&key, NULL);
    more = instance_quote_claims("data");
    claims = instance_claims(more);
    free(more);
    token = instance_token(&key, claims);
    reply = instance_reply(token);
    all.quote = instance_quote("data", false, &all.quote_len);
    assert_int_equal(azattest_callback_credential_new(get_token, NULL, NULL, &all.credential, NULL), AZATTEST_OK);
    assert_int_equal(azattest_transport_new(&functions, NULL, &all.transport, NULL), AZATTEST_OK);
    for (int i = 0; i < 2; i++) {
        azattest_client_options options = instance_options(&time);

        options.credential = all.credential;
        options.scopes = scopes[i];
        assert_int_equal(azattest_client_new(INSTANCE, &options, &all.clients[i], NULL), AZATTEST_OK);
    }
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, work, &all), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(atomic_load(&all.done) + atomic_load(&all.refused), THREADS * ROUNDS);
    assert_true(atomic_load(&all.done) > 0);
    print_message("%d done, %d refused, %d tokens, %d key sets\n", atomic_load(&all.done), atomic_load(&all.refused),
                  atomic_load(&fetched), atomic_load(&key_fetches));
    azattest_client_free(all.clients[0]);
    azattest_client_free(all.clients[1]);
    azattest_credential_free(all.credential);
    azattest_transport_free(all.transport);
    instance_key_clear(&key);
    free(all.quote);
    free(reply);
    free(token);
    free(claims);
    free(jwks);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(one_credential_serves_many_threads) };

    return cmocka_run_group_tests_name("threads", tests, NULL, NULL);
}
