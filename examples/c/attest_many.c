/*
 * Attests one SGX quote many times, hundreds at once, on one thread: an event loop on epoll, with nothing beside it.
 * With libuv, libevent or a loop of one's own it is the same: sockets, a time and a descriptor for wake-ups.
 */
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include <azattest/multi.h>

#include "example.h"

static const char usage[] =
    "usage: attest_many ENDPOINT CA_FILE QUOTE_FILE [COUNT [AT_ONCE]]\n"
    "\n"
    "Attests the quote COUNT times (1000), AT_ONCE calls at the same time (100), checks every token, and prints\n"
    "the rate and what the service says about the enclave. CA_FILE \"-\": the system's certificates. Each call at\n"
    "the same time needs a connection: see `ulimit -n`. Ctrl-C breaks the calls off and prints what was done.\n";

typedef struct run {
    azattest_client *client;
    azattest_multi *multi;
    azattest_bytes quote;
    long count, at_once, begun, done, failed;
    bool interrupted;
    int epoll, signals;
    azattest_op **ops; /* at_once places: what is in the multi, or NULL */
    azattest_response *last;
} run;

static bool begin_one(run *r, long place, azattest_error **error)
{
    if (azattest_client_attest_sgx_enclave_begin(r->client, r->quote, NULL, &r->ops[place], error) != AZATTEST_OK ||
        azattest_multi_add(r->multi, r->ops[place], &r->ops[place], error) != AZATTEST_OK)
        return false;
    r->begun++;
    return true;
}

/* Takes what has ended, and puts the next ones in its places. */
static bool take_ended(run *r, azattest_error **error)
{
    azattest_multi_event event = AZATTEST_MULTI_EVENT_INIT;

    while (azattest_multi_next(r->multi, &event)) {
        azattest_op **place = event.user;
        azattest_response *response = azattest_op_take_response(event.op);

        if (response != NULL) {
            azattest_response_free(r->last);
            r->last = response;
            r->done++;
        } else if (!r->interrupted && r->failed++ == 0) {
            print_error(azattest_op_take_error(event.op)); /* the others will be like the first */
        }
        azattest_op_free(event.op);
        *place = NULL;
        if (!r->interrupted && r->begun < r->count && !begin_one(r, place - r->ops, error))
            return false;
    }
    return true;
}

/* Tells epoll what libazattest tells us. */
static void watch(run *r)
{
    azattest_multi_socket change = AZATTEST_MULTI_SOCKET_INIT;

    while (azattest_multi_next_socket(r->multi, &change)) {
        struct epoll_event event = { .data = { .fd = change.fd } };

        if (change.events & AZATTEST_MULTI_READ)
            event.events |= EPOLLIN;
        if (change.events & AZATTEST_MULTI_WRITE)
            event.events |= EPOLLOUT;
        if (change.events == 0)
            (void)epoll_ctl(r->epoll, EPOLL_CTL_DEL, change.fd, NULL);
        else if (epoll_ctl(r->epoll, EPOLL_CTL_MOD, change.fd, &event) != 0)
            (void)epoll_ctl(r->epoll, EPOLL_CTL_ADD, change.fd, &event);
    }
}

static bool handle(run *r, const struct epoll_event *event, azattest_error **error)
{
    struct signalfd_siginfo signal;
    int events = 0;

    if (event->data.fd == r->signals) {
        r->interrupted = read(r->signals, &signal, sizeof(signal)) > 0;
        for (long i = 0; i < r->at_once; i++)
            if (r->ops[i] != NULL)
                (void)azattest_multi_cancel(r->multi, r->ops[i]);
        return true;
    }
    if (event->events & (EPOLLIN | EPOLLERR | EPOLLHUP))
        events |= AZATTEST_MULTI_READ;
    if (event->events & EPOLLOUT)
        events |= AZATTEST_MULTI_WRITE;
    return azattest_multi_advance(r->multi, event->data.fd, events, error) == AZATTEST_OK;
}

/* The event loop. */
static bool loop(run *r, azattest_error **error)
{
    struct epoll_event ready[64];

    while (azattest_multi_count(r->multi) > 0) {
        int count;

        watch(r);
        count = epoll_wait(r->epoll, ready, 64, (int)azattest_multi_wait_ms(r->multi));
        for (int i = 0; i < count; i++)
            if (!handle(r, &ready[i], error))
                return false;
        if (count == 0 && azattest_multi_advance(r->multi, -1, 0, error) != AZATTEST_OK)
            return false;
        if (!take_ended(r, error))
            return false;
    }
    return true;
}

/* Ctrl-C comes through a descriptor, like all the rest. */
static bool prepare_loop(run *r)
{
    struct epoll_event event = { .events = EPOLLIN };
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, NULL);
    r->epoll = epoll_create1(EPOLL_CLOEXEC);
    r->signals = signalfd(-1, &set, SFD_CLOEXEC);
    event.data.fd = r->signals;
    if (epoll_ctl(r->epoll, EPOLL_CTL_ADD, r->signals, &event) != 0)
        return expect(false, "no descriptors for an event loop");
    event.data.fd = azattest_multi_wakeup_fd(r->multi);
    return expect(epoll_ctl(r->epoll, EPOLL_CTL_ADD, event.data.fd, &event) == 0, "no descriptor for wake-ups");
}

static double seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void report(const run *r, double took)
{
    const azattest_result *result = azattest_response_value(r->last);
    const char *text = NULL;
    int64_t svn = 0;

    printf("%ld of %ld attestations in %.2f s: %.0f a second, %ld at once%s\n", r->done, r->count, took,
           (double)r->done / took, r->at_once, r->interrupted ? "; interrupted" : "");
    if (r->failed > 0)
        printf("%ld failed\n", r->failed);
    if (azattest_result_mr_enclave(result, &text) == AZATTEST_OK)
        printf("mr_enclave  %s\n", text);
    if (azattest_result_mr_signer(result, &text) == AZATTEST_OK)
        printf("mr_signer   %s\n", text);
    if (azattest_result_svn(result, &svn) == AZATTEST_OK)
        printf("svn         %lld\n", (long long)svn);
}

static bool attest_many(run *r, azattest_error **error)
{
    double began = seconds();

    for (long i = 0; i < r->at_once && r->begun < r->count; i++)
        if (!begin_one(r, i, error))
            return false;
    if (!loop(r, error))
        return false;
    report(r, seconds() - began);
    return r->done == r->count;
}

static long number(const char *text)
{
    char *end;
    long value = strtol(text, &end, 10);

    return *end == '\0' && value > 0 && value <= 1000000 ? value : 0;
}

int main(int argc, char **argv)
{
    static file content;
    azattest_curl_options curl = AZATTEST_CURL_OPTIONS_INIT;
    azattest_evidence *evidence = NULL;
    azattest_error *error = NULL;
    run r = { .count = 1000, .at_once = 100, .epoll = -1, .signals = -1 };
    bool done = false;

    if (argc == 2 && strcmp(argv[1], "--help") == 0)
        return fputs(usage, stdout) < 0;
    if (argc > 4)
        r.count = number(argv[4]);
    if (argc > 5)
        r.at_once = number(argv[5]);
    if (argc < 4 || argc > 6 || r.count == 0 || r.at_once == 0) {
        fputs(usage, stderr);
        return 2;
    }
    curl.ca_file = strcmp(argv[2], "-") == 0 ? NULL : argv[2];
    r.ops = calloc((size_t)r.at_once, sizeof(*r.ops));
    if (r.ops != NULL && read_file(argv[3], &content) &&
        azattest_evidence_load(bytes_of(&content), &evidence, &error) == AZATTEST_OK &&
        azattest_client_new(argv[1], NULL, &r.client, &error) == AZATTEST_OK &&
        azattest_multi_new(&curl, &r.multi, &error) == AZATTEST_OK && prepare_loop(&r)) {
        r.quote = azattest_evidence_raw(evidence);
        done = attest_many(&r, &error);
    }
    print_error(error);
    azattest_multi_free(r.multi); /* before the operations that may still be in it */
    for (long i = 0; r.ops != NULL && i < r.at_once; i++)
        azattest_op_free(r.ops[i]);
    free(r.ops);
    azattest_response_free(r.last);
    azattest_client_free(r.client);
    azattest_evidence_free(evidence);
    if (r.epoll >= 0)
        close(r.epoll);
    if (r.signals >= 0)
        close(r.signals);
    return done ? 0 : 1;
}
