/* A multi inside. */
#ifndef AZATTEST_TRANSPORT_ENGINE_H
#define AZATTEST_TRANSPORT_ENGINE_H

#include <azattest/multi.h>

#include "inbox.h"
#include "sockets.h"

typedef enum azattest__form { AZATTEST__FORM_OPEN, AZATTEST__FORM_POLL, AZATTEST__FORM_EXTERNAL } azattest__form;

struct azattest_multi {
    unsigned generation; /* of the process that made it: a child has the same descriptors, and no business with them */
    azattest__curl_settings settings;
    azattest__inbox inbox;

    /* By the driver alone. */
    azattest__form form;
    CURLM *curl;
    int64_t curl_due_ms; /* when libcurl wants to be called without an event; INT64_MAX: not */
    azattest__sockets sockets;
    azattest__timers timers;
    azattest__calls out;      /* events that are not taken */
    azattest__transfer *idle; /* the one used last comes first */
    size_t idle_count, running, kept_connections;
    azattest__socket_change second_half; /* a descriptor to watch, after it was forgotten; .fd -1: none */
};

/* calls.c. Goes on with a call until it waits for something or is out. */
void azattest__call_step(azattest_multi *multi, azattest__call *call);
/* It is not to go on: breaks its transfer or its sleep off, and steps it. */
void azattest__call_cancelled(azattest_multi *multi, azattest__call *call);
/* Its timer rang. */
void azattest__call_timed(azattest_multi *multi, azattest__call *call, int64_t now_ms);
/* libcurl has ended its transfer. */
void azattest__call_transferred(azattest_multi *multi, azattest__transfer *transfer, CURLcode code);
/* libcurl cannot go on with any transfer. */
void azattest__calls_fail(azattest_multi *multi);
/* Takes its transfer away without stepping it. */
void azattest__call_drop(azattest_multi *multi, azattest__call *call);
void azattest__transfer_free(azattest__transfer *transfer);

/* multi.c. It was made before fork(). */
bool azattest__multi_is_foreign(const azattest_multi *multi);
/* Sets *error to NULL, and refuses one that is none, or foreign. */
azattest_status azattest__multi_check(const azattest_multi *multi, azattest_error **error);

/* advance.c. */
/* Tells libcurl that a descriptor is ready; CURL_SOCKET_TIMEOUT: that its time is over. */
void azattest__multi_ready(azattest_multi *multi, int fd, int events);
/* All that can be done without waiting. */
void azattest__multi_work(azattest_multi *multi);
/* As azattest_multi_wait_ms(). */
int64_t azattest__multi_wait_ms(azattest_multi *multi, int64_t now_ms);

#endif
