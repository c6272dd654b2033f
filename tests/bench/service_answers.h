/* What the benchmarks' service answers, and its settings and counts, which are asked for and set over HTTP as well. */
#ifndef AZATTEST_BENCH_SERVICE_ANSWERS_H
#define AZATTEST_BENCH_SERVICE_ANSWERS_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

typedef struct answer {
    char *text; /* the whole answer, head included */
    size_t len;
    int attest;  /* counted, and delayed */
    int closing; /* says that the connection ends */
} answer;

typedef struct answers {
    answer token, last_token, keys, metadata, missing, done, count;
    int close;                   /* connections end with an attest answer */
    int64_t delay_ns, spread_ns; /* of attest answers: evenly between delay - spread and delay + spread */
    unsigned long attests, requests, accepted, open;
} answers;

/* Reads token, key set and metadata of the fixture. */
void answers_make(answers *all, const char *folder);
/* The answer to a request, whose head ends with a NUL. */
const answer *answers_choose(answers *all, const char *request);

/* Ends the program with errno's and OpenSSL's reasons. */
void die(const char *what);
int64_t now_ns(clockid_t clock);

#endif
