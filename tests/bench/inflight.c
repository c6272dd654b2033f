/*
 * Many attest calls in flight on one thread: libcurl's multi interface alone, which posts the same bytes and looks at
 * nothing (floor: curl_multi_perform and curl_multi_poll; epoll: curl_multi_socket_action), or azattest_multi with the
 * token check and all. As soon as a call is over, the next one begins.
 * Usage: bench_inflight floor|epoll|ours FOLDER ENDPOINT CA_FILE WIDTH CALLS
 * Prints {"cpu_us", "wall_us", "rate", "resident_kb", "heap_kb", "peak_kb"}: of one call; calls a second; memory for
 * each call in flight beyond what the process had after its first call; peak of the process. The first wave, which
 * connects, is counted for memory and not for time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <azattest/multi.h>

#include "measure.h"

#define LOOKS 32 /* at the heap, spread over the calls: more would cost time */

/* One of the two ways: begins a call in a slot, drives until some are over, and says which. */
typedef struct driving {
    const char *name;
    void (*open)(void);
    void (*close)(void);
    void (*begin)(size_t slot);
    size_t (*drive)(size_t *slots, size_t most); /* slots whose call is over and was good */
} driving;

static struct {
    const char *endpoint, *ca_file;
    azattest_bytes quote;
    size_t width;
} world;

/* ----------------------------------------------------------------------------------------------- libcurl alone */

static struct {
    bench_request request;
    CURLM *multi;
    CURL **easy;
    bench_answer *answers;
    int epoll;
    int64_t due_ns; /* when libcurl wants to be called for time; -1: not */
} bare;

static void bare_open(void)
{
    bare.request = copy_request(world.endpoint, world.quote);
    bare.multi = curl_multi_init();
    bare.easy = calloc(world.width, sizeof(CURL *));
    bare.answers = calloc(world.width, sizeof(bench_answer));
    must(bare.multi != NULL && bare.easy != NULL && bare.answers != NULL, "memory");
    must(curl_multi_setopt(bare.multi, CURLMOPT_MAXCONNECTS, (long)world.width) == CURLM_OK, "CURLMOPT_MAXCONNECTS");
}

static void bare_close(void)
{
    for (size_t i = 0; i < world.width; i++)
        curl_easy_cleanup(bare.easy[i]);
    curl_multi_cleanup(bare.multi);
    bench_request_free(&bare.request);
    free((void *)bare.easy);
    free(bare.answers);
}

static void bare_begin(size_t slot)
{
    if (bare.easy[slot] == NULL)
        bare.easy[slot] = bench_handle(&bare.request, world.ca_file, &bare.answers[slot]);
    bare.answers[slot].len = 0;
    must(curl_multi_add_handle(bare.multi, bare.easy[slot]) == CURLM_OK, "curl_multi_add_handle");
}

static size_t take_done(size_t *slots, size_t most)
{
    size_t count = 0;
    CURLMsg *message;
    int left;

    while (count < most && (message = curl_multi_info_read(bare.multi, &left)) != NULL) {
        CURL *easy = message->easy_handle;
        bench_answer *answer = NULL;

        must(message->msg == CURLMSG_DONE && message->data.result == CURLE_OK, "a call");
        must(curl_easy_getinfo(easy, CURLINFO_PRIVATE, &answer) == CURLE_OK, "CURLINFO_PRIVATE");
        bench_check(easy, answer);
        must(curl_multi_remove_handle(bare.multi, easy) == CURLM_OK, "curl_multi_remove_handle");
        slots[count++] = (size_t)(answer - bare.answers);
    }
    return count;
}

static size_t bare_drive(size_t *slots, size_t most)
{
    size_t count;
    int running;

    must(curl_multi_perform(bare.multi, &running) == CURLM_OK, "curl_multi_perform");
    if ((count = take_done(slots, most)) == 0)
        must(curl_multi_poll(bare.multi, NULL, 0, 10000, NULL) == CURLM_OK, "curl_multi_poll");
    return count;
}

/* The same with epoll and curl_multi_socket_action, which looks at none but the sockets that are ready. */

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *user, void *known)
{
    static char mark;
    struct epoll_event event = { .data.fd = fd };

    (void)easy;
    (void)user;
    event.events = (what & CURL_POLL_IN ? EPOLLIN : 0U) | (what & CURL_POLL_OUT ? EPOLLOUT : 0U);
    if (what == CURL_POLL_REMOVE) {
        (void)epoll_ctl(bare.epoll, EPOLL_CTL_DEL, fd, NULL); /* it may be closed already */
        return 0;
    }
    must(epoll_ctl(bare.epoll, known == NULL ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &event) == 0, "epoll_ctl");
    return curl_multi_assign(bare.multi, fd, &mark) == CURLM_OK ? 0 : -1;
}

static int on_timer(CURLM *multi, long timeout_ms, void *user)
{
    (void)multi;
    (void)user;
    bare.due_ns = timeout_ms < 0 ? -1 : wall_ns() + (int64_t)timeout_ms * 1000000;
    return 0;
}

static void epoll_open(void)
{
    bare_open();
    must((bare.epoll = epoll_create1(EPOLL_CLOEXEC)) >= 0, "epoll_create1");
    bare.due_ns = -1;
    must(curl_multi_setopt(bare.multi, CURLMOPT_SOCKETFUNCTION, on_socket) == CURLM_OK &&
             curl_multi_setopt(bare.multi, CURLMOPT_TIMERFUNCTION, on_timer) == CURLM_OK,
         "libcurl's options");
}

static void epoll_close(void)
{
    bare_close();
    close(bare.epoll);
}

static int wait_ms(void)
{
    int64_t left = bare.due_ns < 0 ? 10000 : (bare.due_ns - wall_ns() + 999999) / 1000000;

    return left < 0 ? 0 : left > 10000 ? 10000 : (int)left;
}

static size_t epoll_drive(size_t *slots, size_t most)
{
    struct epoll_event events[64];
    int running, count = epoll_wait(bare.epoll, events, 64, wait_ms());

    for (int i = 0; i < count; i++) {
        int what = (events[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                   (events[i].events & ~(unsigned)EPOLLOUT ? CURL_CSELECT_IN : 0);

        must(curl_multi_socket_action(bare.multi, events[i].data.fd, what, &running) == CURLM_OK, "socket_action");
    }
    if (bare.due_ns >= 0 && wall_ns() >= bare.due_ns) {
        bare.due_ns = -1;
        must(curl_multi_socket_action(bare.multi, CURL_SOCKET_TIMEOUT, 0, &running) == CURLM_OK, "socket_action");
    }
    return take_done(slots, most);
}

/* ------------------------------------------------------------------------------------------------- the library */

static struct {
    azattest_client *client;
    azattest_multi *multi;
} ours;

static void ours_open(void)
{
    azattest_curl_options options = AZATTEST_CURL_OPTIONS_INIT;
    azattest_error *error = NULL;

    options.ca_file = world.ca_file;
    succeed(azattest_client_new(world.endpoint, NULL, &ours.client, &error), error, "client");
    succeed(azattest_multi_new(&options, &ours.multi, &error), error, "multi");
}

static void ours_close(void)
{
    azattest_multi_free(ours.multi);
    azattest_client_free(ours.client);
}

static void ours_begin(size_t slot)
{
    azattest_op *op = NULL;
    azattest_error *error = NULL;

    succeed(azattest_client_attest_sgx_enclave_begin(ours.client, world.quote, NULL, &op, &error), error, "begin");
    succeed(azattest_multi_add(ours.multi, op, (void *)slot, &error), error, "add");
}

static size_t ours_drive(size_t *slots, size_t most)
{
    azattest_multi_event event = AZATTEST_MULTI_EVENT_INIT;
    azattest_error *error = NULL;
    size_t count = 0;

    succeed(azattest_multi_poll(ours.multi, 10000, &error), error, "poll");
    while (count < most && azattest_multi_next(ours.multi, &event)) {
        azattest_response *response;

        if (event.need != AZATTEST_NEED_DONE)
            succeed(AZATTEST_E_STATE, azattest_op_error(event.op), "a call");
        response = azattest_op_take_response(event.op);
        must(azattest_token_is_validated(azattest_response_token(response)), "a validated token");
        azattest_response_free(response);
        azattest_op_free(event.op);
        slots[count++] = (size_t)event.user;
    }
    return count;
}

/* --------------------------------------------------------------------------------------------------------- both */

typedef struct memory {
    size_t heap;
    long resident;
} memory;

/* Makes `calls` calls, `width` at once; gives the most heap that was seen while all of them were out. */
static size_t run(const driving *way, size_t width, size_t calls)
{
    size_t *slots = calloc(width, sizeof(size_t)), begun = 0, done = 0, most = 0, looked = 0;

    must(slots != NULL, "memory");
    while (begun < width && begun < calls)
        way->begin(begun++);
    while (done < calls) {
        size_t count = way->drive(slots, width);

        done += count;
        for (size_t i = 0; i < count && begun < calls; i++, begun++)
            way->begin(slots[i]);
        if (done * LOOKS / calls > looked && begun < calls) {
            size_t now = heap_bytes();

            looked = done * LOOKS / calls;
            most = now > most ? now : most;
        }
    }
    free(slots);
    return most;
}

static void measure(const driving *way, size_t calls)
{
    size_t width = world.width, heap;
    int64_t cpu, wall;
    memory before;

    (void)run(way, 1, 2); /* the key set, the CA store, the first connection */
    before.heap = heap_bytes();
    before.resident = resident_kb();
    (void)run(way, width, 2 * width);
    cpu = cpu_ns();
    wall = wall_ns();
    heap = run(way, width, calls);
    cpu = cpu_ns() - cpu;
    wall = wall_ns() - wall;
    printf("{\"cpu_us\": %.2f, \"wall_us\": %.2f, \"rate\": %.1f, \"resident_kb\": %.2f, \"heap_kb\": %.2f, "
           "\"peak_kb\": %ld}\n",
           (double)cpu / 1e3 / (double)calls, (double)wall / 1e3 / (double)calls, (double)calls * 1e9 / (double)wall,
           (double)(peak_kb() - before.resident) / (double)width,
           ((double)heap - (double)before.heap) / 1024 / (double)width, peak_kb());
}

int main(int argc, char **argv)
{
    static const driving ways[] = { { "floor", bare_open, bare_close, bare_begin, bare_drive },
                                    { "epoll", epoll_open, epoll_close, bare_begin, epoll_drive },
                                    { "ours", ours_open, ours_close, ours_begin, ours_drive } };
    const driving *way = NULL;
    long calls;

    for (size_t i = 0; argc == 7 && i < sizeof(ways) / sizeof(ways[0]); i++)
        way = strcmp(argv[1], ways[i].name) == 0 ? &ways[i] : way;
    if (way == NULL || atol(argv[5]) < 1 || (calls = atol(argv[6])) < atol(argv[5])) {
        fprintf(stderr,
                "usage: bench_inflight floor|epoll|ours FOLDER ENDPOINT CA_FILE WIDTH CALLS (not fewer than WIDTH)\n");
        return 2;
    }
    curl_global_init(CURL_GLOBAL_DEFAULT);
    world.quote = read_file(argv[2], "quote.bin");
    world.endpoint = argv[3];
    world.ca_file = argv[4];
    world.width = (size_t)atol(argv[5]);
    way->open();
    measure(way, (size_t)calls);
    way->close();
    free((void *)world.quote.ptr);
    return 0;
}
