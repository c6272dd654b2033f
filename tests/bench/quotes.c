/*
 * Verifications of evidence with its collateral, from the bytes to the verdict, over and over.
 * Usage: bench_quotes KIND EVIDENCE COLLATERAL NOW STATUS TIMES    prints the CPU nanoseconds of one. Absolute paths,
 * NOW in seconds, STATUS: the TCB status that the verdict has to have; "-" for AMD's, which have none. The kinds: anew
 * evidence and collateral parsed each time collateral  the collateral kept, each time a PCK chain that it has not seen
 * lately kept the collateral kept, and with it the PCK chain or the VCEK's alone       without collateral Before the
 * time is taken the verdict has to be right, and a bit that is changed has to be noticed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <azattest/azattest.h>

#include "measure.h"

#define VARIANTS 160 /* a set keeps fewer PCK chains */

typedef struct job {
    azattest_bytes evidence[VARIANTS], content;
    size_t variants;
    int64_t now_ms;
    const char *status;
} job;

static azattest_collateral *read_collateral(const job *j)
{
    azattest_collateral *collateral = NULL;
    azattest_error *error = NULL;

    succeed(azattest_collateral_new(&collateral, &error), error, "collateral");
    succeed(azattest_collateral_add(collateral, j->content, &error), error, "collateral");
    return collateral;
}

static azattest_verification_result *verify(const job *j, azattest_bytes bytes, const azattest_collateral *collateral)
{
    azattest_verify_options options = AZATTEST_VERIFY_OPTIONS_INIT;
    azattest_verification_result *result = NULL;
    azattest_evidence *evidence = NULL;
    azattest_error *error = NULL;

    options.now_ms = j->now_ms;
    options.collateral = collateral;
    succeed(azattest_evidence_parse(bytes, &evidence, &error), error, "evidence");
    succeed(azattest_evidence_verify(evidence, &options, &result, &error), error, "verification");
    azattest_evidence_free(evidence);
    return result;
}

/* Every check passed and nothing was left out. But a status that is not accepted by default fails its check, and of
 * AMD's revocation lists there is none among the samples. */
static void judge(const job *j, const azattest_verification_result *result, bool complete)
{
    const char *status = azattest_verification_result_tcb_status(result);
    bool amd = strcmp(j->status, "-") == 0;

    for (size_t i = 0; i < azattest_verification_result_check_count(result); i++) {
        const char *id = azattest_verification_result_check_id(result, i);

        if (azattest_verification_result_check_ok(result, i) == 1 || (strcmp(id, "tcb_status") == 0 && complete) ||
            (amd && strcmp(id, "revocation") == 0))
            continue;
        if (azattest_verification_result_check_ok(result, i) == 0 || complete)
            fprintf(stderr, "bench: %s: %s\n", id, azattest_verification_result_check_detail(result, i));
        must(!complete && azattest_verification_result_check_ok(result, i) < 0, "verdict");
    }
    if (!complete)
        return;
    must(azattest_verification_result_not_checked_count(result) == (amd ? 1 : 0), "whole verdict");
    if (!amd)
        must(status != NULL && strcmp(status, j->status) == 0, "TCB status");
}

/* Other text of the same PCK chain: one of eight lines of its base64 ends some characters later. */
static void make_variants(job *j)
{
    const char *first = j->evidence[0].ptr;
    size_t len = j->evidence[0].len;
    const char *begin = memmem(first, len, "-----BEGIN", 10), *body = begin == NULL ? NULL : strchr(begin, '\n');

    must(body != NULL && (size_t)(first + len - body) > 10 * 65, "PCK chain");
    for (j->variants = 1; j->variants < VARIANTS; j->variants++) {
        char *copy = malloc(len + 1);
        size_t line = (size_t)(body - first) + 65 * (1 + j->variants % 8), later = 1 + j->variants / 8;

        must(copy != NULL && first[line] == '\n' && later < 64, "variant of the chain");
        memcpy(copy, first, len);
        memmove(copy + line, copy + line + 1, later);
        copy[line + later] = '\n';
        j->evidence[j->variants] = (azattest_bytes){ copy, len };
    }
}

static void prove(const job *j, const char *kind)
{
    azattest_collateral *collateral = strcmp(kind, "alone") == 0 ? NULL : read_collateral(j);
    azattest_verification_result *result;
    unsigned char *changed;

    for (size_t i = 0; i < j->variants; i++) {
        result = verify(j, j->evidence[i], collateral);
        judge(j, result, collateral != NULL);
        azattest_verification_result_free(result);
    }
    must((changed = malloc(j->evidence[0].len)) != NULL, "memory");
    memcpy(changed, j->evidence[0].ptr, j->evidence[0].len);
    changed[0x70] ^= 1; /* of the report: MRSEAM, MRENCLAVE, or an SEV-SNP report's data */
    result = verify(j, (azattest_bytes){ changed, j->evidence[0].len }, collateral);
    must(!azattest_verification_result_is_valid(result), "refusal of a changed bit");
    for (size_t i = 0; i < azattest_verification_result_check_count(result); i++)
        if (strstr(azattest_verification_result_check_id(result, i), "_signature") != NULL &&
            azattest_verification_result_check_ok(result, i) == 0)
            break;
        else
            must(i + 1 < azattest_verification_result_check_count(result), "refusal by its signature");
    azattest_verification_result_free(result);
    free(changed);
    azattest_collateral_free(collateral);
}

static void run(const job *j, const char *kind, long times)
{
    bool anew = strcmp(kind, "anew") == 0;
    azattest_collateral *kept = anew || strcmp(kind, "alone") == 0 ? NULL : read_collateral(j), *fresh;

    if (kept != NULL) /* what is kept is found out by the first */
        azattest_verification_result_free(verify(j, j->evidence[0], kept));
    for (int warm = 1; warm >= 0; warm--) {
        int64_t cpu = cpu_ns();

        for (long i = 0; i < (warm ? 10 : times); i++) {
            fresh = anew ? read_collateral(j) : NULL;
            azattest_verification_result_free(verify(j, j->evidence[(size_t)i % j->variants], anew ? fresh : kept));
            azattest_collateral_free(fresh);
        }
        if (!warm)
            printf("%.0f\n", (double)(cpu_ns() - cpu) / (double)times);
    }
    azattest_collateral_free(kept);
}

int main(int argc, char **argv)
{
    job j = { .variants = 1 };
    long times;

    if (argc != 7 || (times = atol(argv[6])) < 1) {
        fprintf(stderr, "usage: bench_quotes anew|collateral|kept|alone EVIDENCE COLLATERAL NOW STATUS TIMES\n");
        return 2;
    }
    j.evidence[0] = read_file("", argv[2]);
    j.content = read_file("", argv[3]);
    j.now_ms = atoll(argv[4]) * 1000;
    j.status = argv[5];
    if (strcmp(argv[1], "collateral") == 0)
        make_variants(&j);
    prove(&j, argv[1]);
    run(&j, argv[1], times);
    for (size_t i = 0; i < j.variants; i++)
        free((void *)(uintptr_t)j.evidence[i].ptr);
    free((void *)(uintptr_t)j.content.ptr);
    return 0;
}
