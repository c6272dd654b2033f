/* An operation while it is in a multi. */
#ifndef AZATTEST_TRANSPORT_CALL_H
#define AZATTEST_TRANSPORT_CALL_H

#include "exchange.h"
#include "timers.h"

/* A handle of libcurl with what belongs to one request. It is used by one call after another. */
typedef struct azattest__transfer {
    azattest__exchange exchange;
    struct azattest__call *call;
    struct azattest__transfer *next; /* idle */
} azattest__transfer;

typedef enum azattest__call_state {
    AZATTEST__CALL_NEW,
    AZATTEST__CALL_SENDING,  /* has a transfer; the timer looks whether it has fallen silent */
    AZATTEST__CALL_SLEEPING, /* until the timer */
    AZATTEST__CALL_OUT       /* an event that is not taken yet */
} azattest__call_state;

typedef struct azattest__call {
    azattest__timer timer; /* first, so that it is found by it */
    azattest_op *op;
    void *user;
    azattest__transfer *transfer;
    azattest__call_state state;
    azattest_need need;                    /* of CALL_OUT */
    bool excused;                          /* its silence, at the last look: the driver had been away */
    bool cancelled;                        /* of the inbox: by its mutex */
    struct azattest__call *next;           /* of the queue it is in */
    struct azattest__call *next_cancelled; /* of the inbox */
    struct azattest__call *next_same;      /* of the inbox: in one bucket */
    struct azattest__call *next_other;     /* of whoever looks at all */
} azattest__call;

/* First in, first out. */
typedef struct azattest__calls {
    azattest__call *first, *last;
} azattest__calls;

static inline void azattest__calls_put(azattest__calls *calls, azattest__call *call)
{
    call->next = NULL;
    if (calls->last == NULL)
        calls->first = call;
    else
        calls->last->next = call;
    calls->last = call;
}

static inline azattest__call *azattest__calls_take(azattest__calls *calls)
{
    azattest__call *call = calls->first;

    if (call != NULL && (calls->first = call->next) == NULL)
        calls->last = NULL;
    return call;
}

#endif
