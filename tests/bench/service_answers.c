#include "service_answers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>

#define LARGEST_FILE (1 << 20)
#define OK "200 OK\r\nContent-Type: application/json"

void die(const char *what)
{
    fprintf(stderr, "bench_service: %s: %s\n", what, errno != 0 ? strerror(errno) : "failed");
    ERR_print_errors_fp(stderr);
    exit(1);
}

int64_t now_ns(clockid_t clock)
{
    struct timespec time;

    clock_gettime(clock, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void set_answer(answer *out, const char *head_lines, const char *body, size_t len)
{
    char *text = malloc(len + 512);
    int head;

    if (text == NULL)
        die("memory");
    head = snprintf(text, 512, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n\r\n", head_lines, len);
    memcpy(text + head, body, len);
    free(out->text);
    out->text = text;
    out->len = (size_t)head + len;
}

static char *read_file(const char *folder, const char *name, size_t *len)
{
    char path[4096], *data = malloc(LARGEST_FILE);
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    if (data == NULL || (file = fopen(path, "rb")) == NULL)
        die(path);
    *len = fread(data, 1, LARGEST_FILE, file);
    fclose(file);
    return data;
}

void answers_make(answers *all, const char *folder)
{
    size_t len;
    char *data = read_file(folder, "token.jwt", &len), *body = malloc(len + 32);

    if (body == NULL)
        die("memory");
    len = (size_t)sprintf(body, "{\"token\":\"%.*s\"}", (int)len, data);
    set_answer(&all->token, OK "; charset=utf-8", body, len);
    set_answer(&all->last_token, OK "; charset=utf-8\r\nConnection: close", body, len);
    all->token.attest = all->last_token.attest = all->last_token.closing = 1;
    free(body);
    free(data);
    data = read_file(folder, "keys.jwks", &len);
    set_answer(&all->keys, OK, data, len);
    free(data);
    data = read_file(folder, "metadata.json", &len);
    set_answer(&all->metadata, OK, data, len);
    free(data);
    set_answer(&all->missing, "404 Not Found", "{}", 2);
    set_answer(&all->done, OK, "{}", 2);
}

static const answer *make_count(answers *all)
{
    char text[512];

    snprintf(text, sizeof(text),
             "{\"attest\":%lu,\"requests\":%lu,\"accepted\":%lu,\"open\":%lu,\"delay_ms\":%.3f,\"cpu_ns\":%lld}",
             all->attests, all->requests, all->accepted, all->open, (double)all->delay_ns / 1e6,
             (long long)now_ns(CLOCK_PROCESS_CPUTIME_ID));
    set_answer(&all->count, OK, text, strlen(text));
    return &all->count;
}

static int begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

const answer *answers_choose(answers *all, const char *request)
{
    char *end;

    if (begins(request, "POST /attest"))
        return all->close ? &all->last_token : &all->token;
    if (begins(request, "GET /certs"))
        return &all->keys;
    if (begins(request, "GET /.well-known/openid-configuration"))
        return &all->metadata;
    if (begins(request, "GET /count"))
        return make_count(all);
    if (begins(request, "GET /delay?ms=")) {
        all->delay_ns = (int64_t)(strtod(request + strlen("GET /delay?ms="), &end) * 1e6);
        all->spread_ns = begins(end, "&spread=") ? (int64_t)(strtod(end + strlen("&spread="), NULL) * 1e6) : 0;
        return &all->done;
    }
    if (begins(request, "GET /close?on=")) {
        all->close = request[strlen("GET /close?on=")] == '1';
        return &all->done;
    }
    return &all->missing;
}
