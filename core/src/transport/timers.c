#include "timers.h"

#include <stddef.h>

/* The later one becomes the first child of the earlier one. */
static azattest__timer *meld(azattest__timer *a, azattest__timer *b)
{
    azattest__timer *parent, *child;

    if (a == NULL || b == NULL)
        return a == NULL ? b : a;
    parent = b->due_ms < a->due_ms ? b : a;
    child = parent == a ? b : a;
    child->before = parent;
    child->next = parent->child;
    if (child->next != NULL)
        child->next->before = child;
    parent->child = child;
    parent->before = parent->next = NULL;
    return parent;
}

/* One heap of siblings: in pairs from the left, then these from the right. */
static azattest__timer *meld_all(azattest__timer *siblings)
{
    azattest__timer *pairs = NULL, *all = NULL;

    while (siblings != NULL) {
        azattest__timer *a = siblings, *b = a->next, *pair;

        siblings = b == NULL ? NULL : b->next;
        a->before = a->next = NULL;
        if (b != NULL)
            b->before = b->next = NULL;
        pair = meld(a, b);
        pair->next = pairs;
        pairs = pair;
    }
    while (pairs != NULL) {
        azattest__timer *pair = pairs;

        pairs = pair->next;
        pair->next = NULL;
        all = meld(all, pair);
    }
    return all;
}

void azattest__timers_set(azattest__timers *timers, azattest__timer *timer, int64_t due_ms)
{
    azattest__timers_stop(timers, timer);
    *timer = (azattest__timer){ .due_ms = due_ms, .is_set = true };
    timers->first = meld(timers->first, timer);
}

void azattest__timers_stop(azattest__timers *timers, azattest__timer *timer)
{
    azattest__timer *children = timer->child;

    if (!timer->is_set)
        return;
    if (timers->first == timer) {
        timers->first = NULL;
    } else {
        if (timer->before->child == timer)
            timer->before->child = timer->next;
        else
            timer->before->next = timer->next;
        if (timer->next != NULL)
            timer->next->before = timer->before;
    }
    *timer = (azattest__timer){ 0 };
    timers->first = meld(timers->first, meld_all(children));
}

azattest__timer *azattest__timers_take_due(azattest__timers *timers, int64_t now_ms)
{
    azattest__timer *first = timers->first;
    int64_t due_ms;

    if (first == NULL || first->due_ms > now_ms)
        return NULL;
    due_ms = first->due_ms;
    azattest__timers_stop(timers, first);
    first->due_ms = due_ms;
    return first;
}
