/*
 * Attest calls one after the other: bare libcurl that posts the same bytes and looks at nothing, or the library with
 * its token check and all. Set-up, the key set and the first connection are not counted.
 *
 *     bench_attest floor|ours FOLDER ENDPOINT CA_FILE TIMES
 *
 * Prints {"cpu_us", "wall_us", "peak_kb"}: of one call, and of the process.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <azattest/transport.h>

#include "measure.h"

#define WARM_UP 3

typedef struct span {
    int64_t cpu, wall;
} span;

static void start(span *at)
{
    at->cpu = cpu_ns();
    at->wall = wall_ns();
}

static void print(const span *from, long times)
{
    span now;

    start(&now);
    printf("{\"cpu_us\": %.2f, \"wall_us\": %.2f, \"peak_kb\": %ld}\n",
           (double)(now.cpu - from->cpu) / 1e3 / (double)times, (double)(now.wall - from->wall) / 1e3 / (double)times,
           peak_kb());
}

static void post(CURL *easy, bench_answer *answer)
{
    answer->len = 0;
    must(curl_easy_perform(easy) == CURLE_OK, "curl_easy_perform");
    bench_check(easy, answer);
}

static void bare_calls(const char *endpoint, azattest_bytes quote, const char *ca_file, long times)
{
    static bench_answer answer;
    bench_request request = copy_request(endpoint, quote);
    CURL *easy = bench_handle(&request, ca_file, &answer);
    span from;

    for (int i = 0; i < WARM_UP; i++)
        post(easy, &answer);
    start(&from);
    for (long i = 0; i < times; i++)
        post(easy, &answer);
    print(&from, times);
    curl_easy_cleanup(easy);
    bench_request_free(&request);
}

static void attest(azattest_client *client, azattest_transport *transport, azattest_bytes quote)
{
    azattest_response *response = NULL;
    azattest_error *error = NULL;

    succeed(azattest_client_attest_sgx_enclave(client, transport, quote, NULL, &response, &error), error, "attest");
    must(azattest_token_is_validated(azattest_response_token(response)), "a validated token");
    azattest_response_free(response);
}

static void our_calls(const char *endpoint, azattest_bytes quote, const char *ca_file, long times)
{
    azattest_curl_options options = AZATTEST_CURL_OPTIONS_INIT;
    azattest_transport *transport = NULL;
    azattest_client *client = NULL;
    azattest_error *error = NULL;
    span from;

    options.ca_file = ca_file;
    succeed(azattest_client_new(endpoint, NULL, &client, &error), error, "client");
    succeed(azattest_curl_transport_new(&options, &transport, &error), error, "transport");
    for (int i = 0; i < WARM_UP; i++)
        attest(client, transport, quote);
    start(&from);
    for (long i = 0; i < times; i++)
        attest(client, transport, quote);
    print(&from, times);
    azattest_transport_free(transport);
    azattest_client_free(client);
}

int main(int argc, char **argv)
{
    azattest_bytes quote;
    long times;

    if (argc != 6 || (times = atol(argv[5])) < 1 || (strcmp(argv[1], "floor") != 0 && strcmp(argv[1], "ours") != 0)) {
        fprintf(stderr, "usage: bench_attest floor|ours FOLDER ENDPOINT CA_FILE TIMES\n");
        return 2;
    }
    curl_global_init(CURL_GLOBAL_DEFAULT);
    quote = read_file(argv[2], "quote.bin");
    (strcmp(argv[1], "floor") == 0 ? bare_calls : our_calls)(argv[3], quote, argv[4], times);
    free((void *)quote.ptr);
    return 0;
}
