/* Timers, the next one first. They are parts of what they wake, so that setting one cannot fail (a pairing heap). */
#ifndef AZATTEST_TRANSPORT_TIMERS_H
#define AZATTEST_TRANSPORT_TIMERS_H

#include <stdbool.h>
#include <stdint.h>

/* Zero: not set. */
typedef struct azattest__timer {
    int64_t due_ms;
    bool is_set;
    struct azattest__timer *child, *next;
    struct azattest__timer *before; /* the sibling in front, or the parent */
} azattest__timer;

typedef struct azattest__timers {
    azattest__timer *first;
} azattest__timers;

/* Sets it anew when it was set. */
void azattest__timers_set(azattest__timers *timers, azattest__timer *timer, int64_t due_ms);
void azattest__timers_stop(azattest__timers *timers, azattest__timer *timer);
/* Takes out the first of those that are due, which still says when that was; NULL: none. */
azattest__timer *azattest__timers_take_due(azattest__timers *timers, int64_t now_ms);

#endif
