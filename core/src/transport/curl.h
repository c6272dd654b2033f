/* The libcurl transport: what its two files share. */
#ifndef AZATTEST_TRANSPORT_CURL_H
#define AZATTEST_TRANSPORT_CURL_H

#include <pthread.h>

#include <curl/curl.h>

#include "transport.h"

/* An easy handle with a multi handle of its own, which keeps its connections between calls. */
typedef struct azattest__curl_handle {
    CURL *easy;
    CURLM *multi;
    struct azattest__curl_handle *next;
} azattest__curl_handle;

typedef struct azattest__curl {
    char *ca_file, *ca_path, *proxy, *ca_pem; /* NULL: not given */
    size_t ca_pem_len;
    long connect_timeout_ms;
    int64_t read_timeout_ms;
    bool (*interrupted)(void *user);
    void *interrupted_user;
    pthread_mutex_t mutex;
    azattest__curl_handle *idle; /* the handle used last comes first: its connection is warm */
} azattest__curl;

bool azattest__curl_interrupted(const azattest__curl *curl);
/* Sends one request and tells the operation what came of it. */
void azattest__curl_exchange(const azattest__curl *curl, azattest__curl_handle *handle, azattest_op *op,
                             const azattest_request *request);

#endif
