#include "crowd.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fixtures.h"

void crowd_fail(const char *file, int line, const char *what, const azattest_error *error)
{
    fprintf(stderr, "%s:%d: not true in a thread: %s%s%s\n", file, line, what, error == NULL ? "" : ": ",
            error == NULL ? "" : azattest_error_message(error));
    abort();
}

/* ---- the instance ---- */

static int64_t read_now(void *user)
{
    (void)user;
    return world.now_s * 1000;
}

static int64_t read_monotonic(void *user)
{
    return atomic_load(&((crowd *)user)->monotonic_ms);
}

static const char *header_of(const azattest_request *request, const char *name)
{
    for (size_t i = 0; i < azattest_request_header_count(request); i++)
        if (strcmp(azattest_request_header_name(request, i), name) == 0)
            return azattest_request_header_value(request, i);
    return NULL;
}

/* What Entra ID would say: a token that nobody else has. */
static void answer_token(crowd *all, azattest_op *op)
{
    azattest_http_response response = AZATTEST_HTTP_RESPONSE_INIT;
    char body[128];

    snprintf(body, sizeof(body), "{\"token_type\":\"Bearer\",\"expires_in\":3599,\"access_token\":\"token-%d\"}",
             atomic_fetch_add(&all->token_requests, 1) + 1);
    response.status = 200;
    response.body = azattest__text(body);
    crowd_demand(azattest_op_respond(op, &response) == AZATTEST_OK);
}

static bool refuses(crowd *all)
{
    int count = atomic_fetch_add(&all->attests, 1) + 1;

    return all->refused_each > 0 && count % all->refused_each == 0;
}

static void crowd_send(void *user, azattest_op *op, const azattest_request *request)
{
    const char *url = azattest_request_url(request);
    azattest_http_response response = AZATTEST_HTTP_RESPONSE_INIT;
    azattest__service_request call = { .method = azattest_request_method(request),
                                       .target = url + strlen(ENDPOINT),
                                       .authorization = header_of(request, "Authorization"),
                                       .content_type = header_of(request, "Content-Type"),
                                       .body = azattest_request_body(request) };
    azattest__service_answer answer;
    crowd *all = user;

    if (strncmp(url, ENDPOINT "/", strlen(ENDPOINT "/")) != 0) {
        answer_token(all, op);
        return;
    }
    if (strncmp(call.target, "/certs", 6) == 0) {
        crowd_demand(call.authorization == NULL);
        atomic_fetch_add(&all->key_fetches, 1);
        usleep(2000); /* so that the others come while it is under way */
    }
    if (strncmp(call.target, "/attest/", 8) == 0 && refuses(all)) {
        response.status = all->refusal;
        crowd_demand(azattest_op_respond(op, &response) == AZATTEST_OK);
        return;
    }
    azattest__service_handle(world.service, &call, &answer);
    response.status = answer.status;
    response.body = azattest__buf_bytes(&answer.body);
    crowd_demand(azattest_op_respond(op, &response) == AZATTEST_OK);
    azattest__service_answer_clear(&answer);
}

static bool crowd_sleep(void *user, int64_t wait_ms)
{
    (void)wait_ms;
    usleep(((crowd *)user)->sleep_us);
    return true;
}

/* ---- the objects that are shared ---- */

void crowd_open(crowd *all, azattest_credential *credential)
{
    const azattest_transport_functions functions = { .size = sizeof(functions),
                                                     .send = crowd_send,
                                                     .sleep = crowd_sleep };
    azattest_client_options options = AZATTEST_CLIENT_OPTIONS_INIT;

    memset(all, 0, sizeof(*all));
    atomic_init(&all->monotonic_ms, 1000000);
    all->sleep_us = 500;
    all->credential = credential;
    options.clock.now_ms = read_now;
    options.clock.monotonic_ms = read_monotonic;
    options.clock.user = all;
    options.timeout_ms = -1; /* its clock is moved on by much */
    options.retry_total = 50;
    assert_int_equal(azattest_transport_new(&functions, all, &all->transport, NULL), AZATTEST_OK);
    assert_int_equal(azattest_verifier_new(ENDPOINT, &options, &all->verifier, NULL), AZATTEST_OK);
    if (credential != NULL) {
        options.credential = credential;
        options.scopes = "https://attest.azure.net/.default";
        assert_int_equal(fixture_signing_key("rsa", "rsa", NULL, NULL, &all->signing_key, NULL), AZATTEST_OK);
        options.signing_key = all->signing_key;
        assert_int_equal(azattest_admin_client_new(ENDPOINT, &options, &all->admin, NULL), AZATTEST_OK);
    }
    assert_int_equal(azattest_client_new(ENDPOINT, &options, &all->client, NULL), AZATTEST_OK);
}

void crowd_close(crowd *all)
{
    azattest_client_free(all->client);
    azattest_verifier_free(all->verifier);
    azattest_admin_client_free(all->admin);
    azattest_credential_free(all->credential);
    azattest_signing_key_free(all->signing_key);
    azattest_transport_free(all->transport);
}

azattest_response *crowd_attest(crowd *all)
{
    azattest_bytes quote = { world.raw_quote, world.raw_quote_len };
    azattest_response *response = NULL;
    azattest_error *error = NULL;
    int64_t svn;

    crowd_succeeds(azattest_client_attest_sgx_enclave(all->client, all->transport, quote, NULL, &response, &error),
                   error);
    crowd_demand(azattest_token_is_validated(azattest_response_token(response)));
    crowd_demand(azattest_result_svn(azattest_response_value(response), &svn) == AZATTEST_OK && svn == 3);
    return response;
}

/* ---- the threads ---- */

typedef struct member {
    crowd *all;
    pthread_barrier_t *start;
    void (*work)(crowd *all, int thread);
    int number;
    pthread_t thread;
} member;

static void *begin(void *user)
{
    member *own = user;

    pthread_barrier_wait(own->start);
    own->work(own->all, own->number);
    atomic_store(&own->all->finished[own->number], true);
    return NULL;
}

void crowd_run(crowd *all, void (*work)(crowd *all, int thread), void (*meanwhile)(crowd *all))
{
    member members[CROWD_THREADS];
    pthread_barrier_t start;

    assert_int_equal(pthread_barrier_init(&start, NULL, CROWD_THREADS), 0);
    for (int i = 0; i < CROWD_THREADS; i++) {
        atomic_store(&all->rounds[i], 0);
        atomic_store(&all->finished[i], false);
        members[i] = (member){ .all = all, .start = &start, .work = work, .number = i };
        assert_int_equal(pthread_create(&members[i].thread, NULL, begin, &members[i]), 0);
    }
    if (meanwhile != NULL)
        meanwhile(all);
    for (int i = 0; i < CROWD_THREADS; i++)
        pthread_join(members[i].thread, NULL);
    pthread_barrier_destroy(&start);
}

void crowd_round(crowd *all, int thread)
{
    atomic_fetch_add(&all->rounds[thread], 1);
}

void crowd_await_rounds(crowd *all)
{
    int from[CROWD_THREADS];

    for (int i = 0; i < CROWD_THREADS; i++)
        from[i] = atomic_load(&all->rounds[i]);
    for (int i = 0; i < CROWD_THREADS; i++)
        while (!atomic_load(&all->finished[i]) && atomic_load(&all->rounds[i]) < from[i] + 2)
            usleep(200);
}
