#include "arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 4096 };

struct azattest__arena_block {
    struct azattest__arena_block *next;
    size_t capacity, used;
    max_align_t memory[];
};

void azattest__arena_init(azattest__arena *arena, size_t limit)
{
    *arena = (azattest__arena){ .limit = limit };
}

static bool add_block(azattest__arena *arena, size_t size)
{
    size_t capacity = size > BLOCK ? size : BLOCK;
    struct azattest__arena_block *block = malloc(sizeof(*block) + capacity);

    if (block == NULL) {
        arena->status = AZATTEST_E_MEMORY;
        return false;
    }
    block->next = arena->blocks;
    block->capacity = capacity;
    block->used = 0;
    arena->blocks = block;
    return true;
}

void *azattest__arena_new(azattest__arena *arena, size_t size)
{
    size_t rounded;
    void *memory;

    if (arena->status != AZATTEST_OK)
        return NULL;
    if (size > arena->limit - arena->used) {
        arena->status = AZATTEST_E_LIMIT;
        return NULL;
    }
    arena->used += size;
    rounded = (size + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
    if ((arena->blocks == NULL || rounded > arena->blocks->capacity - arena->blocks->used) &&
        !add_block(arena, rounded))
        return NULL;
    memory = (unsigned char *)arena->blocks->memory + arena->blocks->used;
    arena->blocks->used += rounded;
    return memset(memory, 0, size);
}

void *azattest__arena_array(azattest__arena *arena, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size) {
        if (arena->status == AZATTEST_OK)
            arena->status = AZATTEST_E_LIMIT;
        return NULL;
    }
    return azattest__arena_new(arena, count * size);
}

char *azattest__arena_text(azattest__arena *arena, const void *text, size_t len)
{
    char *copy = len == SIZE_MAX ? NULL : azattest__arena_new(arena, len + 1);

    if (copy != NULL && len > 0)
        memcpy(copy, text, len);
    return copy;
}

bool azattest__arena_grow(azattest__arena *arena, void **items, size_t count, size_t *capacity, size_t size)
{
    size_t more = *capacity == 0 ? 4 : 2 * *capacity;
    void *grown;

    if (count < *capacity)
        return true;
    if ((grown = azattest__arena_array(arena, more, size)) == NULL)
        return false;
    if (count > 0)
        memcpy(grown, *items, count * size);
    *items = grown;
    *capacity = more;
    return true;
}

void azattest__arena_reset(azattest__arena *arena)
{
    struct azattest__arena_block *kept = arena->blocks, *next;

    if (kept == NULL || kept->capacity != BLOCK) {
        azattest__arena_free(arena);
        return;
    }
    for (struct azattest__arena_block *block = kept->next; block != NULL; block = next) {
        next = block->next;
        free(block);
    }
    kept->next = NULL;
    kept->used = 0;
    azattest__arena_init(arena, arena->limit);
    arena->blocks = kept;
}

void azattest__arena_free(azattest__arena *arena)
{
    struct azattest__arena_block *next;

    for (struct azattest__arena_block *block = arena->blocks; block != NULL; block = next) {
        next = block->next;
        free(block);
    }
    azattest__arena_init(arena, arena->limit);
}
