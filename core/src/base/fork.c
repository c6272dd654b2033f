#include "fork.h"

#include <stddef.h>

static pthread_mutex_t list_mutex = PTHREAD_MUTEX_INITIALIZER;
static azattest__fork_entry *entries;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void before(void)
{
    pthread_mutex_lock(&list_mutex);
    for (azattest__fork_entry *entry = entries; entry != NULL; entry = entry->next)
        pthread_mutex_lock(entry->mutex);
}

static void in_parent(void)
{
    for (azattest__fork_entry *entry = entries; entry != NULL; entry = entry->next)
        pthread_mutex_unlock(entry->mutex);
    pthread_mutex_unlock(&list_mutex);
}

static void in_child(void)
{
    for (azattest__fork_entry *entry = entries; entry != NULL; entry = entry->next)
        if (entry->in_child != NULL)
            entry->in_child(entry->user);
    in_parent();
}

/* Without memory for this, forking is as dangerous as it is for others. */
static void watch(void)
{
    (void)pthread_atfork(before, in_parent, in_child);
}

void azattest__fork_add(azattest__fork_entry *entry, pthread_mutex_t *mutex, void (*child)(void *user), void *user)
{
    (void)pthread_once(&once, watch);
    entry->mutex = mutex;
    entry->in_child = child;
    entry->user = user;
    pthread_mutex_lock(&list_mutex);
    entry->next = entries;
    entry->place = &entries;
    if (entries != NULL)
        entries->place = &entry->next;
    entries = entry;
    pthread_mutex_unlock(&list_mutex);
}

void azattest__fork_remove(azattest__fork_entry *entry)
{
    pthread_mutex_lock(&list_mutex);
    *entry->place = entry->next;
    if (entry->next != NULL)
        entry->next->place = entry->place;
    pthread_mutex_unlock(&list_mutex);
}
