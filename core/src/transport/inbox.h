/* The part of a multi that every thread may touch: which operations are in it, and what its driver has not seen yet. */
#ifndef AZATTEST_TRANSPORT_INBOX_H
#define AZATTEST_TRANSPORT_INBOX_H

#include <pthread.h>

#include "call.h"

typedef struct azattest__inbox {
    pthread_mutex_t mutex;
    azattest__call **buckets; /* by operation */
    size_t bucket_count;      /* a power of two */
    size_t count;
    azattest__calls added;
    azattest__call *cancelled; /* by next_cancelled */
    int wakeup_fd;             /* an eventfd */
    bool listening;            /* the driver waits for the descriptor; without that, it looks before it waits */
    bool signalled;            /* the descriptor is readable */
    bool woken;                /* by azattest_multi_wakeup() */
} azattest__inbox;

bool azattest__inbox_init(azattest__inbox *inbox);
/* `foreign`: in a child of fork(), where somebody may hold the mutex for ever. */
void azattest__inbox_clear(azattest__inbox *inbox, bool foreign);

/* By any thread. AZATTEST_E_STATE: it is in. */
azattest_status azattest__inbox_add(azattest__inbox *inbox, azattest_op *op, void *user);
azattest_status azattest__inbox_cancel(azattest__inbox *inbox, const azattest_op *op);
void azattest__inbox_wakeup(azattest__inbox *inbox);
size_t azattest__inbox_count(azattest__inbox *inbox);

/* By the driver. Takes what came; the descriptor is not readable any more. */
void azattest__inbox_take(azattest__inbox *inbox, azattest__calls *added, azattest__call **cancelled);
/* From now on the descriptor tells. False: something is there already. */
bool azattest__inbox_listen(azattest__inbox *inbox);
void azattest__inbox_stop_listening(azattest__inbox *inbox);
/* It tells at any time, also of what is there already. */
void azattest__inbox_listen_always(azattest__inbox *inbox);
bool azattest__inbox_is_empty(azattest__inbox *inbox);
/* Whether somebody called azattest_multi_wakeup(); once. */
bool azattest__inbox_was_woken(azattest__inbox *inbox);
/* The call is out. True: it was cancelled after its operation had said what it wants. */
bool azattest__inbox_remove(azattest__inbox *inbox, azattest__call *call);
/* All calls, linked by next_other. */
azattest__call *azattest__inbox_all(azattest__inbox *inbox);

#endif
