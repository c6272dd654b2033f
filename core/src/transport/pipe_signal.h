/* A peer that closes early must not end the process: libcurl leaves SIGPIPE alone when it may use no signals. */
#ifndef AZATTEST_TRANSPORT_PIPE_SIGNAL_H
#define AZATTEST_TRANSPORT_PIPE_SIGNAL_H

#include <signal.h>

typedef struct azattest__pipe_signal {
    sigset_t before;
} azattest__pipe_signal;

/* Holds SIGPIPE back from this thread, and lets it through again without those that came in between. */
void azattest__pipe_signal_hold(azattest__pipe_signal *signal);
void azattest__pipe_signal_release(const azattest__pipe_signal *signal);

#endif
