/*
 * What the default policies do, written by hand for each: what an interpreter of the language cannot beat.
 * Usage: bench_policies_floor sgx|guest CLAIMS TIMES    prints the CPU nanoseconds of one.
 * The claims are kept in a list; each rule is one walk over it, what it issues is copied and put behind the list. That
 * is all: no bounds, no work counted, no trace, no duplicates looked for.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "measure.h"

enum { MAX_CLAIMS = 128 };

typedef struct claim {
    const char *type;
    const char *text; /* NULL: a number or a boolean */
    double number;
    bool boolean;
} claim;

typedef struct set {
    claim items[MAX_CLAIMS];
    size_t count;
} set;

static void load(set *to, const cJSON *document)
{
    for (const cJSON *member = document->child; member != NULL; member = member->next) {
        must(to->count < MAX_CLAIMS, "few claims");
        to->items[to->count++] =
            (claim){ member->string, member->valuestring, member->valuedouble, cJSON_IsTrue(member) };
    }
}

static bool is_false(const set *claims, const char *type)
{
    bool found = false;

    for (size_t i = 0; i < claims->count; i++)
        if (strcmp(claims->items[i].type, type) == 0 && claims->items[i].text == NULL && !claims->items[i].boolean)
            found = true;
    return found;
}

static bool guest(const set *claims)
{
    static const char *const types[] = { "x-ms-azurevm-default-securebootkeysvalidated",
                                         "x-ms-azurevm-debuggersdisabled",
                                         "secureboot",
                                         "x-ms-azurevm-signingdisabled",
                                         "x-ms-azurevm-dbvalidated",
                                         "x-ms-azurevm-dbxvalidated" };
    bool denied = false;

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        denied = is_false(claims, types[i]) || denied;
    return !denied;
}

static bool sgx(const set *claims)
{
    static const char *const names[][2] = { { "x-ms-sgx-is-debuggable", "is-debuggable" },
                                            { "x-ms-sgx-mrsigner", "sgx-mrsigner" },
                                            { "x-ms-sgx-mrenclave", "sgx-mrenclave" },
                                            { "x-ms-sgx-product-id", "product-id" },
                                            { "x-ms-sgx-svn", "svn" },
                                            { "x-ms-attestation-type", "tee" } };
    claim *issued = malloc(MAX_CLAIMS * sizeof(*issued));
    size_t count = 0;
    char *copies[MAX_CLAIMS];

    must(issued != NULL, "memory");
    for (size_t rule = 0; rule < sizeof(names) / sizeof(names[0]); rule++)
        for (size_t i = 0; i < claims->count; i++)
            if (strcmp(claims->items[i].type, names[rule][0]) == 0) {
                issued[count] = claims->items[i];
                issued[count].type = names[rule][1];
                copies[count] = issued[count].text == NULL ? NULL : strdup(issued[count].text);
                count++;
            }
    must(count == 6, "six claims");
    while (count > 0)
        free(copies[--count]);
    free(issued);
    return true;
}

int main(int argc, char **argv)
{
    set claims = { .count = 0 };
    azattest_bytes json;
    cJSON *document;
    bool (*run)(const set *claims);
    long times;
    int64_t cpu;

    if (argc != 4 || (strcmp(argv[1], "sgx") != 0 && strcmp(argv[1], "guest") != 0) || (times = atol(argv[3])) < 1) {
        fprintf(stderr, "usage: bench_policies_floor sgx|guest CLAIMS TIMES\n");
        return 2;
    }
    run = strcmp(argv[1], "sgx") == 0 ? sgx : guest;
    json = read_file("", argv[2]);
    must((document = cJSON_Parse(json.ptr)) != NULL, "claims");
    load(&claims, document);
    cpu = cpu_ns();
    for (long i = 0; i < times; i++)
        must(run(&claims), "permit");
    printf("%.0f\n", (double)(cpu_ns() - cpu) / (double)times);
    cJSON_Delete(document);
    free((void *)(uintptr_t)json.ptr);
    return 0;
}
