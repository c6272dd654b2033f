/*
 * Locks that a forked child can go on with. In the child there is the thread that forked alone: a mutex that another
 * one held stays locked for ever there, and what it was about to do is never done. So fork() waits until nobody holds
 * any of these, and the child forgets what others had begun. They are held for moments only, and never two at a time.
 */
#ifndef AZATTEST_BASE_FORK_H
#define AZATTEST_BASE_FORK_H

#include <pthread.h>

typedef struct azattest__fork_entry {
    struct azattest__fork_entry *next, **place;
    pthread_mutex_t *mutex;
    void (*in_child)(void *user); /* NULL: nothing to forget. Called with the mutex held */
    void *user;
} azattest__fork_entry;

/* The mutex is initialised; entry and mutex stay where they are until azattest__fork_remove(). */
void azattest__fork_add(azattest__fork_entry *entry, pthread_mutex_t *mutex, void (*in_child)(void *user), void *user);
/* Before the mutex is destroyed. */
void azattest__fork_remove(azattest__fork_entry *entry);

#endif
