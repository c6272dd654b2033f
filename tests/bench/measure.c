#include "measure.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void must(bool ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "bench: %s failed\n", what);
        exit(1);
    }
}

void succeed(azattest_status status, const azattest_error *error, const char *what)
{
    if (status != AZATTEST_OK)
        fprintf(stderr, "bench: %s\n", azattest_error_message(error));
    must(status == AZATTEST_OK, what);
}

azattest_bytes read_file(const char *folder, const char *name)
{
    char path[4096], *data;
    FILE *file;
    long len;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    must((file = fopen(path, "rb")) != NULL && fseek(file, 0, SEEK_END) == 0 && (len = ftell(file)) >= 0, path);
    rewind(file);
    must((data = malloc((size_t)len + 1)) != NULL && fread(data, 1, (size_t)len, file) == (size_t)len, path);
    data[len] = '\0';
    fclose(file);
    return (azattest_bytes){ data, (size_t)len };
}

static int64_t read_clock(clockid_t clock)
{
    struct timespec time;

    clock_gettime(clock, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

int64_t cpu_ns(void)
{
    return read_clock(CLOCK_PROCESS_CPUTIME_ID);
}

int64_t wall_ns(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

static long status_kb(const char *name)
{
    char line[256];
    long value = -1;
    FILE *file = fopen("/proc/self/status", "r");

    must(file != NULL, "/proc/self/status");
    while (fgets(line, sizeof(line), file) != NULL)
        if (strncmp(line, name, strlen(name)) == 0)
            value = atol(line + strlen(name));
    fclose(file);
    must(value >= 0, name);
    return value;
}

long peak_kb(void)
{
    return status_kb("VmHWM:");
}

long resident_kb(void)
{
    return status_kb("VmRSS:");
}

size_t heap_bytes(void)
{
    struct mallinfo2 info = mallinfo2();

    return info.uordblks + info.hblkhd;
}

bench_request copy_request(const char *endpoint, azattest_bytes quote)
{
    bench_request copy = { .url = NULL };
    azattest_client *client = NULL;
    azattest_op *op = NULL;
    azattest_error *error = NULL;
    const azattest_request *request;
    azattest_bytes body;
    char line[2048];

    succeed(azattest_client_new(endpoint, NULL, &client, &error), error, "client");
    succeed(azattest_client_attest_sgx_enclave_begin(client, quote, NULL, &op, &error), error, "begin");
    must(azattest_op_step(op) == AZATTEST_NEED_HTTP, "step");
    request = azattest_op_request(op);
    body = azattest_request_body(request);
    must((copy.url = strdup(azattest_request_url(request))) != NULL && (copy.body.ptr = malloc(body.len)) != NULL,
         "memory");
    memcpy((void *)copy.body.ptr, body.ptr, body.len);
    copy.body.len = body.len;
    for (size_t i = 0; i < azattest_request_header_count(request); i++) {
        snprintf(line, sizeof(line), "%s: %s", azattest_request_header_name(request, i),
                 azattest_request_header_value(request, i));
        copy.headers = curl_slist_append(copy.headers, line);
    }
    azattest_op_free(op);
    azattest_client_free(client);
    return copy;
}

void bench_request_free(bench_request *request)
{
    free(request->url);
    free((void *)request->body.ptr);
    curl_slist_free_all(request->headers);
}

static size_t on_body(char *data, size_t size, size_t count, void *user)
{
    bench_answer *answer = user;
    size_t len = size * count;

    must(len < sizeof(answer->data) - answer->len, "an answer that fits");
    memcpy(answer->data + answer->len, data, len);
    answer->len += len;
    answer->data[answer->len] = '\0';
    return len;
}

CURL *bench_handle(const bench_request *request, const char *ca_file, bench_answer *answer)
{
    CURL *easy = curl_easy_init();

    must(easy != NULL, "curl_easy_init");
    must(curl_easy_setopt(easy, CURLOPT_URL, request->url) == CURLE_OK &&
             curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
             curl_easy_setopt(easy, CURLOPT_PROXY, "") == CURLE_OK &&
             curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) == CURLE_OK &&
             curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file) == CURLE_OK &&
             curl_easy_setopt(easy, CURLOPT_CAPATH, NULL) == CURLE_OK &&
             curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.len) == CURLE_OK &&
             curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body.ptr) == CURLE_OK &&
             curl_easy_setopt(easy, CURLOPT_HTTPHEADER, request->headers) == CURLE_OK &&
             curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK &&
             curl_easy_setopt(easy, CURLOPT_WRITEDATA, answer) == CURLE_OK &&
             curl_easy_setopt(easy, CURLOPT_PRIVATE, answer) == CURLE_OK,
         "libcurl's options");
    return easy;
}

void bench_check(CURL *easy, const bench_answer *answer)
{
    long status = 0;

    must(curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK && status == 200, "status 200");
    must(strncmp(answer->data, "{\"token\":", 9) == 0, "a token");
}
