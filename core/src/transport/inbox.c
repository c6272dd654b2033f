#include "inbox.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

bool azattest__inbox_init(azattest__inbox *inbox)
{
    memset(inbox, 0, sizeof(*inbox));
    inbox->bucket_count = 64;
    inbox->buckets = calloc(inbox->bucket_count, sizeof(*inbox->buckets));
    inbox->wakeup_fd = inbox->buckets == NULL ? -1 : eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (inbox->wakeup_fd >= 0 && pthread_mutex_init(&inbox->mutex, NULL) == 0)
        return true;
    if (inbox->wakeup_fd >= 0)
        close(inbox->wakeup_fd);
    free(inbox->buckets);
    return false;
}

void azattest__inbox_clear(azattest__inbox *inbox, bool foreign)
{
    close(inbox->wakeup_fd);
    free(inbox->buckets);
    if (!foreign)
        pthread_mutex_destroy(&inbox->mutex);
}

/* Operations lie at multiples of 16 or more; the multiplication brings the differing bits up. */
static size_t bucket_of(const azattest__inbox *inbox, const azattest_op *op)
{
    uint64_t mixed = (uint64_t)(uintptr_t)op * UINT64_C(0x9e3779b97f4a7c15);

    return (size_t)(mixed >> 32) & (inbox->bucket_count - 1);
}

static azattest__call *find(const azattest__inbox *inbox, const azattest_op *op)
{
    azattest__call *call = inbox->buckets[bucket_of(inbox, op)];

    while (call != NULL && call->op != op)
        call = call->next_same;
    return call;
}

static void put(azattest__inbox *inbox, azattest__call *call)
{
    azattest__call **bucket = &inbox->buckets[bucket_of(inbox, call->op)];

    call->next_same = *bucket;
    *bucket = call;
}

/* Twice as many buckets; without the memory for them it is slower, and works. */
static void grow(azattest__inbox *inbox)
{
    size_t old_count = inbox->bucket_count;
    azattest__call **old = inbox->buckets, **buckets = calloc(old_count * 2, sizeof(*buckets));

    if (buckets == NULL)
        return;
    inbox->buckets = buckets;
    inbox->bucket_count = old_count * 2;
    for (size_t i = 0; i < old_count; i++)
        while (old[i] != NULL) {
            azattest__call *call = old[i];

            old[i] = call->next_same;
            put(inbox, call);
        }
    free(old);
}

/* Once, until the driver has looked. */
static void signal_driver(azattest__inbox *inbox)
{
    const uint64_t one = 1;

    if (inbox->listening && !inbox->signalled)
        inbox->signalled = write(inbox->wakeup_fd, &one, sizeof(one)) == (ssize_t)sizeof(one);
}

azattest_status azattest__inbox_add(azattest__inbox *inbox, azattest_op *op, void *user)
{
    azattest_status status = AZATTEST_OK;
    azattest__call *call = calloc(1, sizeof(*call));

    if (call == NULL)
        return AZATTEST_E_MEMORY;
    call->op = op;
    call->user = user;
    pthread_mutex_lock(&inbox->mutex);
    if (find(inbox, op) != NULL) {
        status = AZATTEST_E_STATE;
    } else {
        if (inbox->count >= inbox->bucket_count)
            grow(inbox);
        put(inbox, call);
        inbox->count++;
        azattest__calls_put(&inbox->added, call);
        signal_driver(inbox);
        call = NULL;
    }
    pthread_mutex_unlock(&inbox->mutex);
    free(call);
    return status;
}

azattest_status azattest__inbox_cancel(azattest__inbox *inbox, const azattest_op *op)
{
    azattest__call *call;

    pthread_mutex_lock(&inbox->mutex);
    if ((call = find(inbox, op)) != NULL && !call->cancelled) {
        azattest_op_cancel(call->op); /* it is alive as long as it is in */
        call->cancelled = true;
        call->next_cancelled = inbox->cancelled;
        inbox->cancelled = call;
        signal_driver(inbox);
    }
    pthread_mutex_unlock(&inbox->mutex);
    return call == NULL ? AZATTEST_ABSENT : AZATTEST_OK;
}

void azattest__inbox_wakeup(azattest__inbox *inbox)
{
    pthread_mutex_lock(&inbox->mutex);
    inbox->woken = true;
    signal_driver(inbox);
    pthread_mutex_unlock(&inbox->mutex);
}

size_t azattest__inbox_count(azattest__inbox *inbox)
{
    size_t count;

    pthread_mutex_lock(&inbox->mutex);
    count = inbox->count;
    pthread_mutex_unlock(&inbox->mutex);
    return count;
}

void azattest__inbox_take(azattest__inbox *inbox, azattest__calls *added, azattest__call **cancelled)
{
    uint64_t times;

    pthread_mutex_lock(&inbox->mutex);
    *added = inbox->added;
    *cancelled = inbox->cancelled;
    inbox->added = (azattest__calls){ NULL, NULL };
    inbox->cancelled = NULL;
    if (inbox->signalled)
        (void)!read(inbox->wakeup_fd, &times, sizeof(times));
    inbox->signalled = false;
    pthread_mutex_unlock(&inbox->mutex);
}

static bool is_empty(const azattest__inbox *inbox)
{
    return inbox->added.first == NULL && inbox->cancelled == NULL && !inbox->woken;
}

bool azattest__inbox_listen(azattest__inbox *inbox)
{
    bool empty;

    pthread_mutex_lock(&inbox->mutex);
    empty = is_empty(inbox);
    inbox->listening = empty;
    pthread_mutex_unlock(&inbox->mutex);
    return empty;
}

void azattest__inbox_stop_listening(azattest__inbox *inbox)
{
    pthread_mutex_lock(&inbox->mutex);
    inbox->listening = false;
    pthread_mutex_unlock(&inbox->mutex);
}

void azattest__inbox_listen_always(azattest__inbox *inbox)
{
    pthread_mutex_lock(&inbox->mutex);
    inbox->listening = true;
    if (!is_empty(inbox))
        signal_driver(inbox);
    pthread_mutex_unlock(&inbox->mutex);
}

bool azattest__inbox_is_empty(azattest__inbox *inbox)
{
    bool empty;

    pthread_mutex_lock(&inbox->mutex);
    empty = is_empty(inbox);
    pthread_mutex_unlock(&inbox->mutex);
    return empty;
}

bool azattest__inbox_was_woken(azattest__inbox *inbox)
{
    bool woken;

    pthread_mutex_lock(&inbox->mutex);
    woken = inbox->woken;
    inbox->woken = false;
    pthread_mutex_unlock(&inbox->mutex);
    return woken;
}

bool azattest__inbox_remove(azattest__inbox *inbox, azattest__call *call)
{
    azattest__call **link, **cancelled;
    bool was_cancelled;

    pthread_mutex_lock(&inbox->mutex);
    link = &inbox->buckets[bucket_of(inbox, call->op)];
    while (*link != call)
        link = &(*link)->next_same;
    *link = call->next_same;
    inbox->count--;
    was_cancelled = call->cancelled;
    for (cancelled = &inbox->cancelled; was_cancelled && *cancelled != NULL; cancelled = &(*cancelled)->next_cancelled)
        if (*cancelled == call) {
            *cancelled = call->next_cancelled;
            break;
        }
    pthread_mutex_unlock(&inbox->mutex);
    return was_cancelled;
}

azattest__call *azattest__inbox_all(azattest__inbox *inbox)
{
    azattest__call *all = NULL;

    pthread_mutex_lock(&inbox->mutex);
    for (size_t i = 0; i < inbox->bucket_count; i++)
        for (azattest__call *call = inbox->buckets[i]; call != NULL; call = call->next_same) {
            call->next_other = all;
            all = call;
        }
    pthread_mutex_unlock(&inbox->mutex);
    return all;
}
