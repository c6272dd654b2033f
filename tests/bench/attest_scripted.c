/*
 * Attest calls and first validations without a network, for counting instructions and memory: what the library itself
 * costs beside the transport.
 * Usage: bench_attest_scripted attest|first|inflight FOLDER TIMES
 *   attest    one client, TIMES calls answered at once: prints the CPU nanoseconds of one
 *   first     TIMES new verifiers, each of which gets the key set and validates one token: the same
 *   inflight  TIMES calls at once whose requests are out: prints the bytes of heap that each holds
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <azattest/transport.h>

#include "measure.h"

#define ENDPOINT "https://bench.wus.attest.azure.net"

typedef struct fixture {
    azattest_bytes token, keys, quote;
    char answer[16384];
} fixture;

static void answer(void *user, azattest_op *op, const azattest_request *request)
{
    const fixture *files = user;
    azattest_http_response response = { .size = sizeof(response), .status = 200 };

    if (strcmp(azattest_request_method(request), "GET") == 0)
        response.body = files->keys;
    else
        response.body = (azattest_bytes){ files->answer, strlen(files->answer) };
    must(azattest_op_respond(op, &response) == AZATTEST_OK, "respond");
}

static bool no_sleep(void *user, int64_t wait_ms)
{
    (void)user;
    return wait_ms < 0;
}

static azattest_transport *new_transport(fixture *files)
{
    const azattest_transport_functions functions = { .size = sizeof(functions), .send = answer, .sleep = no_sleep };
    azattest_transport *transport = NULL;

    must(azattest_transport_new(&functions, files, &transport, NULL) == AZATTEST_OK, "transport");
    return transport;
}

static void attest_once(azattest_client *client, azattest_transport *transport, azattest_bytes quote)
{
    azattest_response *response = NULL;
    azattest_error *error = NULL;

    succeed(azattest_client_attest_sgx_enclave(client, transport, quote, NULL, &response, &error), error, "attest");
    must(azattest_token_is_validated(azattest_response_token(response)), "validated");
    azattest_response_free(response);
}

static void first_once(azattest_transport *transport, azattest_bytes token)
{
    azattest_verifier *verifier = NULL;
    azattest_response *response = NULL;
    azattest_error *error = NULL;

    succeed(azattest_verifier_new(ENDPOINT, NULL, &verifier, &error), error, "verifier");
    succeed(azattest_verifier_validate(verifier, transport, token, NULL, &response, &error), error, "validate");
    azattest_response_free(response);
    azattest_verifier_free(verifier);
}

static void print_cpu(const char *work, azattest_client *client, fixture *files, long times)
{
    azattest_transport *transport = new_transport(files);
    int64_t cpu;

    attest_once(client, transport, files->quote); /* fetches the keys */
    cpu = cpu_ns();
    for (long i = 0; i < times; i++) {
        if (strcmp(work, "attest") == 0)
            attest_once(client, transport, files->quote);
        else
            first_once(transport, files->token);
    }
    printf("%.0f\n", (double)(cpu_ns() - cpu) / (double)times);
    azattest_transport_free(transport);
}

static void print_memory(azattest_client *client, azattest_bytes quote, long times)
{
    azattest_op **ops = calloc((size_t)times, sizeof(azattest_op *));
    size_t before = heap_bytes();

    must(ops != NULL, "memory");
    for (long i = 0; i < times; i++) {
        must(azattest_client_attest_sgx_enclave_begin(client, quote, NULL, &ops[i], NULL) == AZATTEST_OK, "begin");
        must(azattest_op_step(ops[i]) == AZATTEST_NEED_HTTP, "step");
    }
    printf("%zu\n", (heap_bytes() - before) / (size_t)times);
    for (long i = 0; i < times; i++)
        azattest_op_free(ops[i]);
    free(ops);
}

int main(int argc, char **argv)
{
    azattest_client *client = NULL;
    static fixture files;
    long times;

    if (argc != 4 || (times = atol(argv[3])) < 1) {
        fprintf(stderr, "usage: bench_attest_scripted attest|first|inflight FOLDER TIMES\n");
        return 2;
    }
    files.token = read_file(argv[2], "token.jwt");
    files.keys = read_file(argv[2], "keys.jwks");
    files.quote = read_file(argv[2], "quote.bin");
    snprintf(files.answer, sizeof(files.answer), "{\"token\":\"%.*s\"}", (int)files.token.len,
             (const char *)files.token.ptr);
    must(azattest_client_new(ENDPOINT, NULL, &client, NULL) == AZATTEST_OK, "client");
    if (strcmp(argv[1], "inflight") == 0)
        print_memory(client, files.quote, times);
    else
        print_cpu(argv[1], client, &files, times);
    azattest_client_free(client);
    free((void *)files.token.ptr);
    free((void *)files.keys.ptr);
    free((void *)files.quote.ptr);
    return 0;
}
