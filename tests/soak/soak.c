/*
 * The worker in C of tests/soak/run.py: attests and validates for as long as it is told, compares every outcome, and
 * prints what it has done and what it holds, one line of JSON at a time.
 *
 *     soak blocking|multi ENDPOINT CA_FILE QUOTE_FILE ATTESTS VALIDATIONS EVERY_MS
 *
 * blocking  four threads share a client, a verifier and the blocking transport. Waits between tries pass on an injected
 *           clock: they take no time, whatever the service asks for
 * multi     64 calls at once on one thread, over azattest_multi, whose waits are real
 *
 * SIGTERM ends it early, in order. Exit code: 0 all outcomes were right, 1 one was not, 2 wrong use.
 */
#include <dirent.h>
#include <inttypes.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <azattest/azattest.h>
#include <azattest/multi.h>

#include "transport/transport.h"

#define THREADS 4
#define IN_FLIGHT 64
#define TRIES 4 /* one, and three more: the default */

enum outcome { GOOD, EXHAUSTED, BROKEN, ISSUER, VALID, FORGED, NONCE, EXPIRED, OUTCOMES };
static const char *const names[OUTCOMES] = { "good",  "exhausted", "broken", "issuer",
                                             "valid", "forged",    "nonce",  "expired" };

static struct soak {
    const char *endpoint;
    azattest_client *client;
    azattest_verifier *verifier;
    azattest_transport *transport, *inside;
    bool injected;
    atomic_int_fast64_t ahead_ms; /* of the real monotonic clock */
    unsigned char quote[65536];
    size_t quote_len;
    long attests, validations;
    atomic_long next, attested, validated, outcomes[OUTCOMES];
    atomic_bool stop;
} soak;

/* ---- clock and transport ---- */

static int64_t real_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t monotonic_ms(void *user)
{
    (void)user;
    return real_ms() + atomic_load(&soak.ahead_ms);
}

static void pass_on(void *user, azattest_op *op, const azattest_request *request)
{
    (void)user;
    soak.inside->functions.send(soak.inside->user, op, request);
}

/* Short waits are for another thread's fetch: nothing is gained by passing them over. */
static bool let_pass(void *user, int64_t wait_ms)
{
    (void)user;
    if (!soak.injected || wait_ms <= 20)
        return soak.inside->functions.sleep(soak.inside->user, wait_ms);
    atomic_fetch_add(&soak.ahead_ms, wait_ms);
    return true;
}

/* ---- outcomes ---- */

_Noreturn static void wrong(const char *what, const azattest_error *error)
{
    fprintf(stderr, "soak: %s: %s %s (%s, %d tries, HTTP %d)\n", what, azattest_error_message(error),
            azattest_error_hint(error) == NULL ? "" : azattest_error_hint(error),
            azattest_status_name(azattest_error_code(error)), azattest_error_attempts(error),
            azattest_error_status_code(error));
    _exit(1);
}

static void count(enum outcome outcome)
{
    atomic_fetch_add(&soak.outcomes[outcome], 1);
}

static void demand(bool met, const char *what, const azattest_error *error)
{
    if (!met)
        wrong(what, error);
}

/* A token that is taken has to be the answer to this very call; a failure has to be one that the faults explain. */
static void judge_attest(azattest_status status, const azattest_response *response, const azattest_error *error,
                         const char *nonce)
{
    const azattest_result *value = azattest_response_value(response);
    int64_t svn = 0;
    const char *text = "";

    if (status == AZATTEST_OK) {
        demand(azattest_result_nonce(value, &text) == AZATTEST_OK && strcmp(text, nonce) == 0, "another nonce", NULL);
        demand(azattest_result_svn(value, &svn) == AZATTEST_OK && svn == 3, "another SVN", NULL);
        demand(azattest_result_issuer(value, &text) == AZATTEST_OK && strcmp(text, soak.endpoint) == 0,
               "another issuer", NULL);
        demand(azattest_token_is_validated(azattest_response_token(response)), "a token that is not validated", NULL);
        count(GOOD);
    } else if (status == AZATTEST_E_TOKEN_ISSUER) {
        count(ISSUER);
    } else if (status == AZATTEST_E_RESPONSE) {
        count(BROKEN);
    } else if ((status == AZATTEST_E_HTTP || status == AZATTEST_E_TRANSPORT) &&
               azattest_error_attempts(error) == TRIES) {
        count(EXHAUSTED);
    } else {
        wrong("attest", error);
    }
    atomic_fetch_add(&soak.attested, 1);
}

/* What a thread has in hand: the last good token. */
typedef struct holding {
    char *token;
    size_t len;
    char nonce[64];
    long owed, done;
} holding;

static void keep(holding *own, const azattest_response *response, const char *nonce)
{
    azattest_bytes text = azattest_response_raw_token(response);

    free(own->token);
    if ((own->token = malloc(text.len)) == NULL)
        abort();
    memcpy(own->token, text.ptr, own->len = text.len);
    snprintf(own->nonce, sizeof(own->nonce), "%s", nonce);
}

static azattest_status validate(azattest_bytes text, const azattest_validation_options *options, azattest_error **error)
{
    azattest_response *response = NULL;
    azattest_token *token = NULL;
    azattest_status status = azattest_verifier_validate_cached(soak.verifier, text, options, &token, error);

    azattest_token_free(token);
    if (status != AZATTEST_ABSENT)
        return status;
    status = azattest_verifier_validate(soak.verifier, soak.transport, text, options, &response, error);
    azattest_response_free(response);
    return status;
}

/* One of four ways in turn: as it is, with another signature, for another nonce, a week later. */
static void validate_once(holding *own, long number)
{
    static const azattest_status expected[] = { AZATTEST_OK, AZATTEST_E_TOKEN_SIGNATURE, AZATTEST_E_TOKEN_NONCE,
                                                AZATTEST_E_TOKEN_EXPIRED };
    azattest_validation_options options = AZATTEST_VALIDATION_OPTIONS_INIT;
    int way = number % 10 < 7 ? 0 : (int)(number % 10) - 6;
    char *flipped = &own->token[own->len - 100], before = *flipped;
    azattest_error *error = NULL;

    options.expected_nonce = way == 2 ? "another" : own->nonce;
    if (way == 1)
        *flipped = before == 'A' ? 'B' : 'A';
    if (way == 3)
        options.now_ms = ((int64_t)time(NULL) + 7 * 86400) * 1000;
    if (validate((azattest_bytes){ own->token, own->len }, &options, &error) != expected[way])
        wrong(way == 0 ? "a valid token was refused" : "another outcome of a token that is not valid", error);
    *flipped = before;
    azattest_error_free(error);
    count(VALID + (enum outcome)way);
    atomic_fetch_add(&soak.validated, 1);
}

/* As many validations as belong to that attest call; they are owed until there is a token. */
static void validate_some(holding *own, long ticket)
{
    own->owed += (long)((int64_t)soak.validations * (ticket + 1) / soak.attests -
                        (int64_t)soak.validations * ticket / soak.attests);
    for (; own->token != NULL && own->owed > 0 && !atomic_load(&soak.stop); own->owed--)
        validate_once(own, own->done++);
}

static bool take_ticket(long *ticket, char nonce[64])
{
    if (atomic_load(&soak.stop) || (*ticket = atomic_fetch_add(&soak.next, 1)) >= soak.attests)
        return false;
    snprintf(nonce, 64, "n-%d-%ld", (int)getpid(), *ticket);
    return true;
}

/* ---- the two ways ---- */

static void *attest_blocking(void *user)
{
    azattest_attest_options options = AZATTEST_ATTEST_OPTIONS_INIT;
    holding own = { .token = NULL };
    char nonce[64];
    long ticket;

    (void)user;
    options.nonce = nonce;
    while (take_ticket(&ticket, nonce)) {
        azattest_response *response = NULL;
        azattest_error *error = NULL;
        azattest_status status = azattest_client_attest_sgx_enclave(
            soak.client, soak.transport, (azattest_bytes){ soak.quote, soak.quote_len }, &options, &response, &error);

        judge_attest(status, response, error, nonce);
        if (status == AZATTEST_OK)
            keep(&own, response, nonce);
        azattest_response_free(response);
        azattest_error_free(error);
        validate_some(&own, ticket);
    }
    free(own.token);
    return NULL;
}

typedef struct call {
    char nonce[64];
    long ticket;
} call;

static bool begin(azattest_multi *multi, call *call)
{
    azattest_attest_options options = AZATTEST_ATTEST_OPTIONS_INIT;
    azattest_error *error = NULL;
    azattest_op *op = NULL;

    if (!take_ticket(&call->ticket, call->nonce))
        return false;
    options.nonce = call->nonce;
    demand(azattest_client_attest_sgx_enclave_begin(soak.client, (azattest_bytes){ soak.quote, soak.quote_len },
                                                    &options, &op, &error) == AZATTEST_OK &&
               azattest_multi_add(multi, op, call, &error) == AZATTEST_OK,
           "begin", error);
    return true;
}

static void end(const azattest_multi_event *event, holding *own)
{
    azattest_response *response = azattest_op_take_response(event->op);
    azattest_error *error = azattest_op_take_error(event->op);
    const call *call = event->user;

    judge_attest(event->need == AZATTEST_NEED_DONE ? AZATTEST_OK : azattest_error_code(error), response, error,
                 call->nonce);
    if (response != NULL)
        keep(own, response, call->nonce);
    azattest_response_free(response);
    azattest_error_free(error);
    azattest_op_free(event->op);
    validate_some(own, call->ticket);
}

static void attest_multi(azattest_multi *multi)
{
    azattest_multi_event event = AZATTEST_MULTI_EVENT_INIT;
    holding own = { .token = NULL };
    call calls[IN_FLIGHT];
    azattest_error *error = NULL;

    for (size_t i = 0; i < IN_FLIGHT; i++)
        (void)begin(multi, &calls[i]);
    while (azattest_multi_count(multi) > 0) {
        demand(azattest_multi_poll(multi, -1, &error) == AZATTEST_OK, "poll", error);
        while (azattest_multi_next(multi, &event)) {
            end(&event, &own);
            (void)begin(multi, event.user);
        }
    }
    free(own.token);
}

static void *drive_multi(void *user)
{
    attest_multi(user);
    return NULL;
}

/* ---- what is reported ---- */

static long resident_kb(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    long all = 0, resident = 0;

    if (file == NULL || fscanf(file, "%ld %ld", &all, &resident) != 2)
        resident = 0;
    if (file != NULL)
        fclose(file);
    return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

static long descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    long entries = 0;

    while (folder != NULL && readdir(folder) != NULL)
        entries++;
    if (folder != NULL)
        closedir(folder);
    return entries - 3; /* ".", "..", and its own */
}

static void report(bool done)
{
    printf("{\"attest\":%ld,\"validate\":%ld,\"rss_kb\":%ld,\"heap_kb\":%zu,\"fds\":%ld,\"outcomes\":{",
           atomic_load(&soak.attested), atomic_load(&soak.validated), resident_kb(), mallinfo2().uordblks / 1024,
           descriptors());
    for (int i = 0; i < OUTCOMES; i++)
        printf("%s\"%s\":%ld", i == 0 ? "" : ",", names[i], atomic_load(&soak.outcomes[i]));
    printf("},\"done\":%s}\n", done ? "true" : "false");
    fflush(stdout);
}

/* Reports until the threads have ended; a signal lets them end early. */
static void watch(pthread_t *threads, int count, long every_ms, const sigset_t *signals)
{
    const struct timespec interval = { every_ms / 1000, every_ms % 1000 * 1000000 };
    int ended = 0;

    while (ended < count) {
        if (sigtimedwait(signals, NULL, &interval) > 0)
            atomic_store(&soak.stop, true);
        report(false);
        while (ended < count && pthread_tryjoin_np(threads[ended], NULL) == 0)
            ended++;
    }
    report(true);
}

static void read_quote(const char *path)
{
    FILE *file = fopen(path, "rb");

    if (file != NULL) {
        soak.quote_len = fread(soak.quote, 1, sizeof(soak.quote), file);
        fclose(file);
    }
    if (soak.quote_len == 0) {
        fprintf(stderr, "soak: %s cannot be read\n", path);
        exit(2);
    }
}

static void open_all(const char *ca_file, azattest_multi **multi)
{
    const azattest_transport_functions functions = { .size = sizeof(functions), .send = pass_on, .sleep = let_pass };
    azattest_client_options options = AZATTEST_CLIENT_OPTIONS_INIT;
    azattest_curl_options curl = AZATTEST_CURL_OPTIONS_INIT;
    azattest_error *error = NULL;

    curl.ca_file = ca_file;
    options.retry_delay_ms = 5;
    options.timeout_ms = -1; /* what all the others wait would count */
    if (soak.injected) {
        options.retry_delay_ms = 0;
        options.clock.monotonic_ms = monotonic_ms;
    }
    demand(azattest_curl_transport_new(&curl, &soak.inside, &error) == AZATTEST_OK &&
               azattest_transport_new(&functions, NULL, &soak.transport, &error) == AZATTEST_OK &&
               azattest_client_new(soak.endpoint, &options, &soak.client, &error) == AZATTEST_OK &&
               azattest_verifier_new(soak.endpoint, &options, &soak.verifier, &error) == AZATTEST_OK &&
               (soak.injected || azattest_multi_new(&curl, multi, &error) == AZATTEST_OK),
           "start", error);
}

int main(int argc, char **argv)
{
    pthread_t threads[THREADS];
    azattest_multi *multi = NULL;
    int count = THREADS;
    sigset_t signals;

    if (argc != 8 || (strcmp(argv[1], "blocking") != 0 && strcmp(argv[1], "multi") != 0)) {
        fprintf(stderr, "usage: soak blocking|multi ENDPOINT CA_FILE QUOTE_FILE ATTESTS VALIDATIONS EVERY_MS\n");
        return 2;
    }
    soak.injected = strcmp(argv[1], "blocking") == 0;
    soak.endpoint = argv[2];
    read_quote(argv[4]);
    soak.attests = atol(argv[5]);
    soak.validations = atol(argv[6]);
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    open_all(argv[3], &multi);
    if (!soak.injected)
        count = 1;
    for (int i = 0; i < count; i++)
        if (pthread_create(&threads[i], NULL, soak.injected ? attest_blocking : drive_multi, multi) != 0)
            return 1;
    watch(threads, count, atol(argv[7]), &signals);
    azattest_multi_free(multi);
    azattest_verifier_free(soak.verifier);
    azattest_client_free(soak.client);
    azattest_transport_free(soak.transport);
    azattest_transport_free(soak.inside);
    return 0;
}
