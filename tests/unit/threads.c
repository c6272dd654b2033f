/* One client, verifier, administration client, credential, key, result, ... used by many threads at once. Meant for a
 * build with ThreadSanitizer; in any other it still compares who fetched what, and every answer. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <azattest/log.h>

#include "crowd.h"
#include "fixtures.h"

#define ROUNDS 12
#define ROTATIONS 3
#define POLICY "version= 1.0;authorizationrules{=> permit();};issuancerules{};"

/* ---- what the threads do ---- */

/* As the bindings do it: with the keys that are there, and with an operation only where those cannot tell. */
static void validate(crowd *all, azattest_bytes text)
{
    azattest_response *response = NULL;
    azattest_error *error = NULL;
    azattest_token *token = NULL;
    azattest_status status = azattest_verifier_validate_cached(all->verifier, text, NULL, &token, &error);
    int64_t svn;

    azattest_token_free(token);
    if (status != AZATTEST_ABSENT) {
        crowd_succeeds(status, error);
        return;
    }
    crowd_succeeds(azattest_verifier_validate(all->verifier, all->transport, text, NULL, &response, &error), error);
    crowd_demand(azattest_result_svn(azattest_response_value(response), &svn) == AZATTEST_OK && svn == 3);
    azattest_response_free(response);
}

/* Attests, and is its own relying party. */
static void attest_and_validate(crowd *all, int thread)
{
    for (int i = 0; i < ROUNDS; i++) {
        azattest_response *response = crowd_attest(all);

        validate(all, azattest_response_raw_token(response));
        azattest_response_free(response);
        crowd_round(all, thread);
    }
}

/* The same until the instance has changed its keys so many times that it has ended. */
static void attest_until_told(crowd *all, int thread)
{
    while (!atomic_load((atomic_bool *)all->user)) {
        azattest_response *response = crowd_attest(all);

        validate(all, azattest_response_raw_token(response));
        azattest_response_free(response);
        crowd_round(all, thread);
    }
}

/* A cache asks for newer keys at most every 30 s, so the clock is moved; and not before every thread has been seen to
 * know the last key, lest an old question use up the permission to ask for the next one. */
static void change_keys(crowd *all)
{
    for (int i = 0; i < ROTATIONS; i++) {
        crowd_await_rounds(all);
        atomic_fetch_add(&all->monotonic_ms, 31000);
        assert_int_equal(azattest__service_rotate_key(world.service, NULL), AZATTEST_OK);
    }
    crowd_await_rounds(all);
    atomic_store((atomic_bool *)all->user, true);
}

/* Its token is refused now and then: it is replaced once, and a second refusal is the caller's. */
static void attest_or_be_refused(crowd *all, int thread)
{
    azattest_bytes quote = { world.raw_quote, world.raw_quote_len };

    for (int i = 0; i < ROUNDS; i++) {
        azattest_response *response = NULL;
        azattest_error *error = NULL;
        azattest_status status =
            azattest_client_attest_sgx_enclave(all->client, all->transport, quote, NULL, &response, &error);

        if (status != AZATTEST_E_AUTH)
            crowd_succeeds(status, error);
        azattest_response_free(response);
        azattest_error_free(error);
        crowd_round(all, thread);
    }
}

/* Reads what it has written, or what another thread has in the meantime: they write the same. */
static void administrate(crowd *all, int thread)
{
    azattest_bytes text = azattest__text(POLICY);

    for (int i = 0; i < ROUNDS; i++) {
        azattest_response *set = NULL, *got = NULL;
        azattest_error *error = NULL;

        crowd_succeeds(
            azattest_admin_client_set_policy(all->admin, all->transport, "OpenEnclave", text, NULL, &set, &error),
            error);
        crowd_succeeds(azattest_admin_client_get_policy(all->admin, all->transport, "OpenEnclave", NULL, &got, &error),
                       error);
        crowd_demand(strcmp(azattest_policy_result_policy_text(azattest_response_policy_result(got)), POLICY) == 0);
        azattest_response_free(set);
        azattest_response_free(got);
        crowd_round(all, thread);
    }
}

/* ---- calls that another thread cancels ---- */

typedef struct cancelling {
    pthread_mutex_t mutex; /* an operation may be cancelled from another thread as long as nobody frees it */
    azattest_op *running[CROWD_THREADS];
    atomic_int cancelled;
} cancelling;

static void put(cancelling *own, int thread, azattest_op *op)
{
    pthread_mutex_lock(&own->mutex);
    own->running[thread] = op;
    pthread_mutex_unlock(&own->mutex);
}

/* One call; whether it has to be cancelled, or only may be. */
static void attest_until_cancelled(crowd *all, int thread, bool must)
{
    azattest_bytes quote = { world.raw_quote, world.raw_quote_len };
    cancelling *own = all->user;
    azattest_error *error = NULL;
    azattest_op *op = NULL;
    azattest_status status;

    crowd_succeeds(azattest_client_attest_sgx_enclave_begin(all->client, quote, NULL, &op, &error), error);
    put(own, thread, op);
    status = azattest_run(op, all->transport, &error);
    put(own, thread, NULL);
    if (must || status != AZATTEST_OK)
        crowd_demand(status == AZATTEST_E_CANCELLED);
    if (status == AZATTEST_E_CANCELLED)
        atomic_fetch_add(&own->cancelled, 1);
    azattest_error_free(error);
    azattest_op_free(op);
}

static void wait_to_be_cancelled(crowd *all, int thread)
{
    for (int i = 0; i < ROUNDS; i++)
        attest_until_cancelled(all, thread, true);
}

static void every_other_is_cancelled(crowd *all, int thread)
{
    for (int i = 0; i < ROUNDS; i++) {
        if (thread % 2 == 0)
            attest_until_cancelled(all, thread, false);
        else
            azattest_response_free(crowd_attest(all));
    }
}

/* Until all have ended. The keys grow old meanwhile, so that calls are hit that fetch them for others. */
static void cancel_all(crowd *all)
{
    cancelling *own = all->user;
    bool ended = false;

    while (!ended) {
        usleep(1500);
        atomic_fetch_add(&all->monotonic_ms, 3600000);
        pthread_mutex_lock(&own->mutex);
        for (int i = 0; i < CROWD_THREADS; i++)
            azattest_op_cancel(own->running[i]); /* NULL: nothing */
        pthread_mutex_unlock(&own->mutex);
        ended = true;
        for (int i = 0; i < CROWD_THREADS; i++)
            ended = ended && atomic_load(&all->finished[i]);
    }
}

/* ---- objects that are only read ---- */

static void read_one_result(crowd *all, int thread)
{
    const azattest_response *response = all->user;
    const azattest_result *value = azattest_response_value(response);
    azattest_bytes json;
    const char *text;
    int64_t number;

    (void)thread;
    for (int i = 0; i < 50 * ROUNDS; i++) {
        crowd_demand(azattest_result_svn(value, &number) == AZATTEST_OK && number == 3);
        crowd_demand(azattest_result_mr_enclave(value, &text) == AZATTEST_OK && strlen(text) == 64);
        crowd_demand(azattest_result_mr_signer_bytes(value, &json) == AZATTEST_OK && json.len == 32);
        crowd_demand(azattest_result_sgx_collateral(value, &json) == AZATTEST_OK && json.len > 0);
        crowd_demand(azattest_token_claim(azattest_response_token(response), "iss").len > 0);
        crowd_demand(azattest_token_signer(azattest_response_token(response)) != NULL);
    }
}

static void sign_with_one_key(crowd *all, int thread)
{
    azattest_signer *verified_by[2];

    (void)thread;
    for (int i = 0; i < ROUNDS; i++) {
        azattest_signing_key *key = azattest_signing_key_ref(all->signing_key);
        azattest_error *error = NULL;
        azattest_token *token = NULL;

        crowd_succeeds(azattest_token_create(azattest__text("{\"a\":1}"), key, &token, &error), error);
        crowd_demand(strcmp(azattest_token_algorithm(token), "RS256") == 0);
        verified_by[i % 2] = azattest_signer_ref(all->user);
        crowd_demand(azattest_signer_certificate_count(verified_by[i % 2]) == 1);
        azattest_signer_free(verified_by[i % 2]);
        azattest_token_free(token);
        azattest_signing_key_free(key);
    }
}

static void verify_one_quote(crowd *all, int thread)
{
    azattest_verify_options options = AZATTEST_VERIFY_OPTIONS_INIT;

    (void)thread;
    options.extra_roots = azattest_simulator_root_pem(world.simulator);
    options.now_ms = world.now_s * 1000;
    for (int i = 0; i < ROUNDS; i++) {
        azattest_verification_result *verdict = NULL;
        azattest_error *error = NULL;

        crowd_succeeds(azattest_evidence_verify(all->user, &options, &verdict, &error), error);
        crowd_demand(azattest_verification_result_is_valid(verdict));
        azattest_verification_result_free(verdict);
    }
}

/* One report and one set of collateral, whose items are found and verified by whoever comes first. */
typedef struct guest_story {
    azattest_evidence *evidence;
    azattest_collateral *collateral;
    azattest_bytes roots;
} guest_story;

static void verify_one_guest(crowd *all, int thread)
{
    azattest_verify_options options = AZATTEST_VERIFY_OPTIONS_INIT;
    const guest_story *story = all->user;

    (void)thread;
    options.extra_roots = story->roots;
    options.collateral = story->collateral;
    options.now_ms = world.now_s * 1000;
    for (int i = 0; i < ROUNDS; i++) {
        azattest_verification_result *verdict = NULL;
        azattest_error *error = NULL;

        crowd_succeeds(azattest_evidence_verify(story->evidence, &options, &verdict, &error), error);
        crowd_demand(azattest_verification_result_is_valid(verdict));
        crowd_demand(azattest_verification_result_is_complete(verdict));
        azattest_verification_result_free(verdict);
    }
}

/* The operation outlives its client, and the credential that both share outlives them. */
static void free_the_client_of_a_call(crowd *all, int thread)
{
    azattest_client_options options = AZATTEST_CLIENT_OPTIONS_INIT;
    azattest_bytes quote = { world.raw_quote, world.raw_quote_len };

    (void)thread;
    options.credential = all->credential;
    options.scopes = "https://attest.azure.net/.default";
    options.clock = service_clock();
    for (int i = 0; i < ROUNDS; i++) {
        azattest_client *client = NULL;
        azattest_error *error = NULL;
        azattest_op *op = NULL;

        crowd_succeeds(azattest_client_new(ENDPOINT, &options, &client, &error), error);
        crowd_succeeds(azattest_client_attest_sgx_enclave_begin(client, quote, NULL, &op, &error), error);
        azattest_client_free(client);
        crowd_succeeds(azattest_run(op, all->transport, &error), error);
        azattest_op_free(op);
    }
}

/* ---- children ---- */

typedef struct forking {
    azattest_bytes token;
    atomic_bool over;
} forking;

/* Finds the keys too old again and again. */
static void validate_until_told(crowd *all, int thread)
{
    const forking *own = all->user;

    (void)thread;
    while (!atomic_load(&own->over))
        validate(all, own->token);
}

/* In the child nobody ends what other threads had begun, so that it has to fetch the keys itself; nothing may be
 * locked. */
static void fork_children(crowd *all)
{
    forking *own = all->user;

    for (int i = 0; i < 30; i++) {
        pid_t child;
        int status;

        usleep(1000);
        atomic_fetch_add(&all->monotonic_ms, 3600000);
        usleep(1000); /* its fetch takes two of these */
        if ((child = fork()) == 0) {
            alarm(60);
            validate(all, own->token);
            _exit(0);
        }
        assert_true(child > 0);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    atomic_store(&own->over, true);
}

/* Half of them make messages, half of them take what comes: every line whole, with its level. */
static void log_and_take(crowd *all, int thread)
{
    for (int i = 0; i < ROUNDS; i++) {
        char *line;
        int level;

        if (thread % 2 == 0)
            azattest_response_free(crowd_attest(all));
        while ((line = azattest_log_take(&level)) != NULL) {
            crowd_demand(level >= AZATTEST_LOG_VERBOSE && level <= AZATTEST_LOG_ERROR && strchr(line, ':') != NULL);
            atomic_fetch_add((atomic_int *)all->user, 1);
            azattest_free(line);
        }
    }
}

/* ---- the stories ---- */

static atomic_int callback_calls;

/* Answers with a token that lives, but is to be renewed at once when `renewed` is set. */
static void get_token(void *renewed, azattest_op *op, const char *scopes)
{
    azattest_access_token token = AZATTEST_ACCESS_TOKEN_INIT;
    char text[64];

    snprintf(text, sizeof(text), "token-%zu-%d", strlen(scopes), atomic_fetch_add(&callback_calls, 1));
    token.token = text;
    token.expires_on_s = world.now_s + (renewed == NULL ? 3600 : 200);
    usleep(500);
    crowd_demand(azattest_op_give_token(op, &token) == AZATTEST_OK);
}

enum identity { NOBODY, CALLBACK, RENEWED, SECRET };

static azattest_credential *make_credential(enum identity who)
{
    static int renewed;
    azattest_credential *credential = NULL;

    if (who == SECRET)
        assert_int_equal(azattest_client_secret_credential_new("tenant", "client", "secret", NULL, &credential, NULL),
                         AZATTEST_OK);
    else if (who != NOBODY)
        assert_int_equal(
            azattest_callback_credential_new(get_token, who == RENEWED ? &renewed : NULL, NULL, &credential, NULL),
            AZATTEST_OK);
    return credential;
}

static const struct story {
    const char *name;
    void (*work)(crowd *all, int thread);
    void (*meanwhile)(crowd *all);
    enum identity who;
    int refused_each, refusal;
    int key_fetches, callback_calls, token_requests; /* -1: any number */
} stories[] = {
    { "many callers attest and validate, each cache fetches the keys once", attest_and_validate, NULL, NOBODY, 0, 0, 2,
      0, 0 },
    { "answers of 503 in between are the caller's own matter", attest_and_validate, NULL, NOBODY, 3, 503, 2, 0, 0 },
    { "the function of a credential is asked once for all callers", attest_and_validate, NULL, CALLBACK, 0, 0, 2, 1,
      0 },
    { "Entra ID is asked once for all callers", attest_and_validate, NULL, SECRET, 0, 0, 2, 0, 1 },
    { "tokens are renewed, and replaced after a 401, while others use them", attest_or_be_refused, NULL, RENEWED, 7,
      401, 1, -1, 0 },
    { "policies are set and read by many, signed with one key", administrate, NULL, CALLBACK, 0, 0, 1, 1, 0 },
    { "a client is freed while its call runs", free_the_client_of_a_call, NULL, CALLBACK, 0, 0, CROWD_THREADS *ROUNDS,
      1, 0 },
};

static void is_told(void **state)
{
    const struct story *story = *state;
    crowd all;

    atomic_store(&callback_calls, 0);
    crowd_open(&all, make_credential(story->who));
    all.refused_each = story->refused_each;
    all.refusal = story->refusal;
    crowd_run(&all, story->work, story->meanwhile);
    assert_int_equal(atomic_load(&all.key_fetches), story->key_fetches);
    if (story->callback_calls >= 0)
        assert_int_equal(atomic_load(&callback_calls), story->callback_calls);
    assert_int_equal(atomic_load(&all.token_requests), story->token_requests);
    crowd_close(&all);
}

static void calls_go_on_while_the_instance_changes_its_keys(void **state)
{
    atomic_bool over = false;
    crowd all;

    (void)state;
    crowd_open(&all, NULL);
    all.user = &over;
    crowd_run(&all, attest_until_told, change_keys);
    assert_int_equal(atomic_load(&all.key_fetches), 2 * (1 + ROTATIONS));
    crowd_close(&all);
}

static void tell_cancelling(void (*work)(crowd *all, int thread), int refused_each, int expected)
{
    cancelling own = { .mutex = PTHREAD_MUTEX_INITIALIZER };
    crowd all;

    crowd_open(&all, NULL);
    all.refused_each = refused_each;
    all.refusal = 503;
    all.sleep_us = 20000; /* 50 tries take longer than it takes to be cancelled */
    all.user = &own;
    crowd_run(&all, work, cancel_all);
    if (expected >= 0)
        assert_int_equal(atomic_load(&own.cancelled), expected);
    crowd_close(&all);
}

static void calls_are_cancelled_from_another_thread(void **state)
{
    (void)state;
    tell_cancelling(wait_to_be_cancelled, 1, CROWD_THREADS * ROUNDS);
}

static void who_waited_for_the_keys_of_a_cancelled_call_fetches_them(void **state)
{
    (void)state;
    tell_cancelling(every_other_is_cancelled, 0, -1);
}

static void a_forked_child_goes_on(void **state)
{
    azattest_response *response;
    forking own = { .over = false };
    crowd all;

    (void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    print_message("SKIPPED: the allocator of the sanitizer itself stays locked in a forked child\n");
    skip();
#endif
    crowd_open(&all, NULL);
    response = crowd_attest(&all);
    own.token = azattest_response_raw_token(response);
    all.user = &own;
    crowd_run(&all, validate_until_told, fork_children);
    azattest_response_free(response);
    crowd_close(&all);
}

static void one_result_has_many_readers(void **state)
{
    crowd all;

    (void)state;
    crowd_open(&all, NULL);
    all.user = crowd_attest(&all);
    crowd_run(&all, read_one_result, NULL);
    azattest_response_free(all.user);
    crowd_close(&all);
}

static void one_signing_key_has_many_users(void **state)
{
    azattest_response *response;
    crowd all;

    (void)state;
    crowd_open(&all, make_credential(CALLBACK));
    response = crowd_attest(&all);
    all.user = azattest_signer_ref(azattest_token_signer(azattest_response_token(response)));
    azattest_response_free(response);
    crowd_run(&all, sign_with_one_key, NULL);
    azattest_signer_free(all.user);
    crowd_close(&all);
}

static void one_quote_is_verified_by_many(void **state)
{
    azattest_evidence *evidence = NULL;
    crowd all;

    (void)state;
    crowd_open(&all, NULL);
    assert_int_equal(azattest_evidence_parse((azattest_bytes){ world.raw_quote, world.raw_quote_len }, &evidence, NULL),
                     AZATTEST_OK);
    all.user = evidence;
    crowd_run(&all, verify_one_quote, NULL);
    azattest_evidence_free(evidence);
    crowd_close(&all);
}

static void one_report_and_one_set_of_collateral_are_shared(void **state)
{
    guest_story story;
    crowd all;
    unsigned char *report, *collateral, *roots;
    size_t report_len, collateral_len;

    (void)state;
    crowd_open(&all, NULL);
    assert_int_equal(azattest_simulator_snp_report(world.simulator, NULL, &report, &report_len, NULL), AZATTEST_OK);
    assert_int_equal(azattest_simulator_collateral(world.simulator, NULL, "snp", &collateral, &collateral_len, NULL),
                     AZATTEST_OK);
    assert_int_equal(azattest_simulator_roots_pem(world.simulator, &roots, &story.roots.len, NULL), AZATTEST_OK);
    story.roots.ptr = roots;
    assert_int_equal(azattest_evidence_parse(azattest__bytes(report, report_len), &story.evidence, NULL), AZATTEST_OK);
    assert_int_equal(azattest_collateral_new(&story.collateral, NULL), AZATTEST_OK);
    assert_int_equal(azattest_collateral_add(story.collateral, azattest__bytes(collateral, collateral_len), NULL),
                     AZATTEST_OK);
    all.user = &story;
    crowd_run(&all, verify_one_guest, NULL);
    azattest_evidence_free(story.evidence);
    azattest_collateral_free(story.collateral);
    azattest_simulator_free_bytes(report);
    azattest_simulator_free_bytes(collateral);
    azattest_simulator_free_bytes(roots);
    crowd_close(&all);
}

static void messages_are_made_and_taken_by_many(void **state)
{
    atomic_int taken = 0;
    crowd all;

    (void)state;
    crowd_open(&all, NULL);
    all.user = &taken;
    azattest_log_collect(AZATTEST_LOG_VERBOSE);
    crowd_run(&all, log_and_take, NULL);
    log_and_take(&all, 1);
    azattest_log_set(NULL, NULL, AZATTEST_LOG_OFF);
    /* a request and its answer for each call, and for the one fetch of the keys */
    assert_int_equal(atomic_load(&taken), 2 * (CROWD_THREADS / 2 * ROUNDS + 1));
    crowd_close(&all);
}

#define STORIES (sizeof(stories) / sizeof(stories[0]))

int main(void)
{
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(calls_go_on_while_the_instance_changes_its_keys),
        cmocka_unit_test(calls_are_cancelled_from_another_thread),
        cmocka_unit_test(who_waited_for_the_keys_of_a_cancelled_call_fetches_them),
        cmocka_unit_test(a_forked_child_goes_on),
        cmocka_unit_test(one_result_has_many_readers),
        cmocka_unit_test(one_signing_key_has_many_users),
        cmocka_unit_test(one_quote_is_verified_by_many),
        cmocka_unit_test(one_report_and_one_set_of_collateral_are_shared),
        cmocka_unit_test(messages_are_made_and_taken_by_many),
    };
    struct CMUnitTest tests[STORIES + sizeof(others) / sizeof(others[0])];

    for (size_t i = 0; i < STORIES; i++)
        tests[i] = (struct CMUnitTest){ stories[i].name, is_told, NULL, NULL, (void *)(uintptr_t)&stories[i] };
    memcpy(&tests[STORIES], others, sizeof(others));
    return cmocka_run_group_tests_name("threads", tests, service_setup, service_teardown);
}
