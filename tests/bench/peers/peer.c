/*
 * Times the validation of one token by a library that is not ours.
 * Usage: bench_peer_NAME FOLDER TIMES    prints the CPU nanoseconds of one validation
 *        bench_peer_NAME FOLDER 0        prints what it does with an expired token: "accepts" or "refuses"
 * Before either, token.jwt has to be accepted and forged.jwt (one character of the signature differs) refused.
 */
#include "peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/bio.h>
#include <openssl/pem.h>

static void must(bool ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "peer: %s\n", what);
        exit(1);
    }
}

static char *read_file(const char *folder, const char *name)
{
    static char data[1 << 16];
    char path[4096], *copy;
    FILE *file;
    size_t len;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    must((file = fopen(path, "rb")) != NULL, path);
    len = fread(data, 1, sizeof(data) - 1, file);
    fclose(file);
    data[len] = '\0';
    must((copy = strdup(data)) != NULL, "no memory");
    return copy;
}

static EVP_PKEY *parsed_key(const char *pem)
{
    BIO *bio = BIO_new_mem_buf(pem, -1);
    EVP_PKEY *key = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);

    BIO_free(bio);
    must(key != NULL, "key.pem does not parse");
    return key;
}

static double cpu_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void run(const char *folder, long times)
{
    char *token = read_file(folder, "token.jwt"), *forged = read_file(folder, "forged.jwt");
    char *expired = read_file(folder, "expired.jwt"), *pem = read_file(folder, "key.pem");
    EVP_PKEY *key = parsed_key(pem);
    size_t len = strlen(token);
    double start;

    must(peer_prepare(pem, key), "it does not take the key");
    must(peer_validate(token, len), "a good token was refused");
    must(!peer_validate(forged, strlen(forged)), "a token with a changed signature was accepted");
    if (times == 0) {
        puts(peer_validate(expired, strlen(expired)) ? "accepts" : "refuses");
    } else {
        start = cpu_ns();
        for (long i = 0; i < times; i++)
            must(peer_validate(token, len), "a good token was refused");
        printf("%.0f\n", (cpu_ns() - start) / (double)times);
    }
    peer_free();
    EVP_PKEY_free(key);
    free(pem);
    free(expired);
    free(forged);
    free(token);
}

int main(int argc, char **argv)
{
    char *end;
    long times = argc == 3 ? strtol(argv[2], &end, 10) : -1;

    if (times < 0 || *end != '\0') {
        fprintf(stderr, "usage: %s FOLDER TIMES\n", argv[0]);
        return 2;
    }
    run(argv[1], times);
    return 0;
}
