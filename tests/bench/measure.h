/* What the benchmark programs share: the fixture's files, clocks, memory, and bare libcurl as the floor of a call. */
#ifndef AZATTEST_BENCH_MEASURE_H
#define AZATTEST_BENCH_MEASURE_H

#include <stdbool.h>
#include <stdint.h>

#include <curl/curl.h>

#include <azattest/azattest.h>

/* Ends the program with a word to standard error unless it is so. */
void must(bool ok, const char *what);
void succeed(azattest_status status, const azattest_error *error, const char *what);
/* A whole file of the fixture, for free(); a NUL stands behind it. */
azattest_bytes read_file(const char *folder, const char *name);

int64_t cpu_ns(void);  /* of this process, all threads */
int64_t wall_ns(void); /* monotonic */
long peak_kb(void);    /* VmHWM: highest resident memory of this process, none of its parent's */
long resident_kb(void);
size_t heap_bytes(void); /* allocated and not freed */

/* An attest request as the library sends it, copied, so that the floor sends the same bytes. */
typedef struct bench_request {
    char *url;
    azattest_bytes body;
    struct curl_slist *headers;
} bench_request;
bench_request copy_request(const char *endpoint, azattest_bytes quote);
void bench_request_free(bench_request *request);

/* A handle that posts the request over and over: verified TLS, connection kept, CURLOPT_CAPATH NULL so that libcurl
 * keeps its CA store; the answer lands in memory that is the handle's own. */
#define BENCH_ANSWER 16384
typedef struct bench_answer {
    size_t len;
    char data[BENCH_ANSWER];
} bench_answer;
CURL *bench_handle(const bench_request *request, const char *ca_file, bench_answer *answer);
/* The answer is 200 and has a token. */
void bench_check(CURL *easy, const bench_answer *answer);

#endif
