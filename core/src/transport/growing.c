#include "growing.h"

#include <stdlib.h>
#include <string.h>

/* The head of an answer, and no more than the allocator has at hand. */
#define FIRST 1024

void azattest__growing_free(azattest__growing *store)
{
    if (store->ptr != NULL)
        explicit_bzero(store->ptr, store->capacity); /* of an interim answer more may lie there than `len` says */
    free(store->ptr);
}

/* Not by realloc(), which could leave a copy behind. */
bool azattest__growing_add(azattest__growing *store, const void *data, size_t len)
{
    size_t capacity = store->capacity == 0 ? FIRST : store->capacity;
    char *ptr;

    while (capacity < store->len + len)
        capacity *= 2;
    if (capacity > store->capacity) {
        if ((ptr = malloc(capacity)) == NULL)
            return false;
        if (store->len > 0)
            memcpy(ptr, store->ptr, store->len);
        azattest__growing_free(store);
        store->ptr = ptr;
        store->capacity = capacity;
    }
    if (len > 0)
        memcpy(store->ptr + store->len, data, len);
    store->len += len;
    return true;
}
