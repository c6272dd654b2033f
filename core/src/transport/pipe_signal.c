#include "pipe_signal.h"

#include <stddef.h>

static sigset_t pipe_only(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    return set;
}

void azattest__pipe_signal_hold(azattest__pipe_signal *signal)
{
    const sigset_t set = pipe_only();

    sigemptyset(&signal->before);
    (void)pthread_sigmask(SIG_BLOCK, &set, &signal->before);
}

/* Where it was held back already, it is the caller's to see. Where it was not, none can have been waiting. */
void azattest__pipe_signal_release(const azattest__pipe_signal *signal)
{
    const struct timespec at_once = { 0, 0 };
    const sigset_t set = pipe_only();

    if (sigismember(&signal->before, SIGPIPE) == 1)
        return;
    (void)sigtimedwait(&set, NULL, &at_once);
    (void)pthread_sigmask(SIG_SETMASK, &signal->before, NULL);
}
