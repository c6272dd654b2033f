/* The pool of handles of one libcurl transport, used by many threads over TLS, against the whole local service with
 * faults. Meant for a build with ThreadSanitizer; in any other it still compares every answer. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <azattest/simulator.h>
#include <azattest/transport.h>

#include "emulator/running.h"

#define THREADS 8
#define ROUNDS 15

/* The service, and what its ready line says. */
static struct instance {
    azattest__running_settings settings;
    azattest__running *running;
    azattest__json *ready;
    const char *endpoint, *ca_file;
    azattest_simulator *simulator;
    unsigned char *quote;
    size_t quote_len;
} instance;

static void start(const char *const *faults)
{
    azattest_simulated_enclave enclave = AZATTEST_SIMULATED_ENCLAVE_INIT;
    const char *state;

    instance.settings = (azattest__running_settings){ .listen = "127.0.0.1:0" };
    assert_int_equal(azattest__faults_new(&instance.settings.faults, NULL), AZATTEST_OK);
    for (; *faults != NULL; faults++)
        assert_int_equal(azattest__faults_add(instance.settings.faults, *faults, NULL), AZATTEST_OK);
    assert_int_equal(azattest__running_start(&instance.settings, &instance.running, NULL), AZATTEST_OK);
    instance.ready = azattest__json_new_object();
    azattest__running_describe(instance.running, instance.ready);
    instance.endpoint = azattest__json_get_string(instance.ready, "endpoint");
    instance.ca_file = azattest__json_get_string(instance.ready, "ca_file");
    state = azattest__json_get_string(instance.ready, "state");
    enclave.svn = 3;
    assert_int_equal(azattest_simulator_open(state, &instance.simulator, NULL), AZATTEST_OK);
    assert_int_equal(
        azattest_simulator_sgx_quote(instance.simulator, &enclave, &instance.quote, &instance.quote_len, NULL),
        AZATTEST_OK);
}

static void stop(void)
{
    azattest_simulator_free_bytes(instance.quote);
    azattest_simulator_free(instance.simulator);
    azattest__json_free(instance.ready);
    azattest__running_stop(instance.running);
    azattest__faults_free(instance.settings.faults);
}

typedef struct shared {
    const struct story *story;
    azattest_client *client;
    azattest_admin_client *admin;
    azattest_verifier *verifier;
    azattest_transport *transport;
    azattest_credential *credential;
    atomic_int good, broken, interrupted;
    atomic_bool interrupt;
} shared;

static void expect(bool met, const char *what, const azattest_error *error)
{
    if (met)
        return;
    fprintf(stderr, "not true in a thread: %s: %s\n", what, azattest_error_message(error));
    abort();
}

/* ---- what the threads do ---- */

/* An answer to a POST that ends in its middle is an error of the caller: the call may have had its effect. */
static void attest(shared *all)
{
    azattest_response *response = NULL, *again = NULL;
    azattest_error *error = NULL;
    azattest_status status;

    status = azattest_client_attest_sgx_enclave(
        all->client, all->transport, (azattest_bytes){ instance.quote, instance.quote_len }, NULL, &response, &error);
    if (status == AZATTEST_OK) {
        atomic_fetch_add(&all->good, 1);
        status = azattest_verifier_validate(all->verifier, all->transport, azattest_response_raw_token(response), NULL,
                                            &again, &error);
    } else if (status == AZATTEST_E_RESPONSE) {
        atomic_fetch_add(&all->broken, 1);
        status = AZATTEST_OK;
    } else if (status == AZATTEST_E_CANCELLED) {
        atomic_fetch_add(&all->interrupted, 1);
        status = AZATTEST_OK;
    }
    expect(status == AZATTEST_OK || (status == AZATTEST_E_CANCELLED && atomic_load(&all->interrupt)), "attested",
           error);
    azattest_response_free(again);
    azattest_response_free(response);
    azattest_error_free(error);
}

static void administrate(shared *all)
{
    azattest_response *response = NULL;
    azattest_error *error = NULL;

    expect(azattest_admin_client_get_policy(all->admin, all->transport, "SgxEnclave", NULL, &response, &error) ==
               AZATTEST_OK,
           "read a policy", error);
    atomic_fetch_add(&all->good, 1);
    azattest_response_free(response);
}

static const char *const no_faults[] = { NULL };
static const char *const many_faults[] = {
    "attest:%7=503;retry-after-ms=1,%11=reset,%19=cut,%23=drip;bytes=900;ms=1",
    "attest:40=rotate-key",
    "certs:1=503;retry-after-ms=1,3=cut",
    NULL,
};
static const char *const refused_tokens[] = { "token:1=503;retry-after-ms=1", "policies:%9=429;retry-after-ms=1",
                                              NULL };
static const char *const slow[] = { "attest:delay;ms=60000", NULL };

static const struct story {
    const char *name;
    const char *const *faults;
    void (*work)(shared *all);
    int rounds;
    bool breaks;     /* some answers are cut */
    bool interrupts; /* while all wait */
} stories[] = {
    { "attest and validate, connections and TLS sessions kept", no_faults, attest, ROUNDS, false, false },
    { "attest and validate through refusals, resets, cut and slow answers, and a new key", many_faults, attest, ROUNDS,
      true, false },
    { "policies, with tokens of one client secret", refused_tokens, administrate, ROUNDS, false, false },
    { "all are interrupted while they wait for an answer", slow, attest, 1, false, true },
};

static bool is_interrupted(void *user)
{
    return atomic_load(&((shared *)user)->interrupt);
}

static void open_all(shared *all)
{
    azattest_curl_options curl = AZATTEST_CURL_OPTIONS_INIT;
    azattest_client_options options = AZATTEST_CLIENT_OPTIONS_INIT;
    azattest_credential_options identity = AZATTEST_CREDENTIAL_OPTIONS_INIT;

    curl.ca_file = instance.ca_file;
    curl.interrupted = is_interrupted;
    curl.interrupted_user = all;
    identity.authority_host = azattest__json_get_string(instance.ready, "authority_host");
    assert_int_equal(azattest_curl_transport_new(&curl, &all->transport, NULL), AZATTEST_OK);
    assert_int_equal(azattest_client_secret_credential_new(azattest__json_get_string(instance.ready, "tenant_id"),
                                                           azattest__json_get_string(instance.ready, "client_id"),
                                                           azattest__json_get_string(instance.ready, "client_secret"),
                                                           &identity, &all->credential, NULL),
                     AZATTEST_OK);
    options.retry_delay_ms = 1;
    options.retry_total = 20;
    assert_int_equal(azattest_client_new(instance.endpoint, &options, &all->client, NULL), AZATTEST_OK);
    assert_int_equal(azattest_verifier_new(instance.endpoint, &options, &all->verifier, NULL), AZATTEST_OK);
    options.credential = all->credential;
    options.scopes = "https://attest.azure.net/.default";
    assert_int_equal(azattest_admin_client_new(instance.endpoint, &options, &all->admin, NULL), AZATTEST_OK);
}

static void *work(void *user)
{
    shared *all = user;

    for (int i = 0; i < all->story->rounds; i++)
        all->story->work(all);
    return NULL;
}

static void is_told(void **state)
{
    const struct story *story = *state;
    pthread_t threads[THREADS];
    shared all;

    start(story->faults);
    memset(&all, 0, sizeof(all));
    all.story = story;
    open_all(&all);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, work, &all), 0);
    if (story->interrupts) {
        usleep(300000);
        atomic_store(&all.interrupt, true);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(atomic_load(&all.good) + atomic_load(&all.broken) + atomic_load(&all.interrupted),
                     THREADS * story->rounds);
    assert_int_equal(atomic_load(&all.broken) > 0, story->breaks);
    assert_int_equal(atomic_load(&all.interrupted), story->interrupts ? THREADS : 0);
    azattest_client_free(all.client);
    azattest_admin_client_free(all.admin);
    azattest_verifier_free(all.verifier);
    azattest_credential_free(all.credential);
    azattest_transport_free(all.transport);
    stop();
}

int main(void)
{
    enum { STORIES = sizeof(stories) / sizeof(stories[0]) };
    struct CMUnitTest tests[STORIES];

    signal(SIGPIPE, SIG_IGN); /* the service's matter: the command does the same */
    for (size_t i = 0; i < STORIES; i++)
        tests[i] = (struct CMUnitTest){ stories[i].name, is_told, NULL, NULL, (void *)(uintptr_t)&stories[i] };
    return cmocka_run_group_tests_name("threads_sockets", tests, NULL, NULL);
}
