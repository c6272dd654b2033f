/* Memory that is given back all at once: trees of parsed text, and the values of one evaluation. Not wiped. */
#ifndef AZATTEST_BASE_ARENA_H
#define AZATTEST_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

#include <azattest/status.h>

typedef struct azattest__arena {
    struct azattest__arena_block *blocks; /* newest first */
    size_t used, limit;                   /* bytes handed out, and how many may be */
    azattest_status status;               /* the first failure sticks: AZATTEST_E_MEMORY or AZATTEST_E_LIMIT */
} azattest__arena;

void azattest__arena_init(azattest__arena *arena, size_t limit);
/* Zeroed and aligned for any type; NULL when it cannot be had. `size` 0 gives a valid pointer. */
void *azattest__arena_new(azattest__arena *arena, size_t size);
/* `count` elements; an overflow of the product is AZATTEST_E_LIMIT. */
void *azattest__arena_array(azattest__arena *arena, size_t count, size_t size);
/* A NUL-terminated copy. */
char *azattest__arena_text(azattest__arena *arena, const void *text, size_t len);
/* A growing array: room for one more element behind `count`, in *items, which moves. False: no memory. */
bool azattest__arena_grow(azattest__arena *arena, void **items, size_t count, size_t *capacity, size_t size);
/* Gives back all that was handed out, but keeps a block for the next round. */
void azattest__arena_reset(azattest__arena *arena);
void azattest__arena_free(azattest__arena *arena);

#endif
