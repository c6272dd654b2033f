/* Lists of claims without doubles, and the claim set that callers fill. */
#include "claims.h"

#include <stdlib.h>

#include <azattest/limits.h>

#include "../../base/encoding.h"

const char *azattest__value_type(azattest__value_kind kind)
{
    return kind == AZATTEST__VALUE_STRING ? "String" : kind == AZATTEST__VALUE_INTEGER ? "Integer" : "Boolean";
}

/* Texts that came from the same place are the same memory: no need to look at a log of a megabyte. */
static bool text_equal(const char *a, size_t a_len, const char *b, size_t b_len)
{
    return a_len == b_len && (a == b || memcmp(a, b, a_len) == 0);
}

bool azattest__value_equal(const azattest__value *a, const azattest__value *b)
{
    if (a->kind != b->kind)
        return false;
    switch (a->kind) {
    case AZATTEST__VALUE_STRING:
        return text_equal(a->text, a->text_len, b->text, b->text_len);
    case AZATTEST__VALUE_INTEGER:
        return a->integer == b->integer;
    case AZATTEST__VALUE_BOOLEAN:
        return a->boolean == b->boolean;
    }
    return false;
}

static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 29;
}

static uint64_t mix_text(uint64_t hash, const char *text, size_t len)
{
    uint64_t word = 0;

    hash = mix(hash, len);
    for (; len >= sizeof(word); text += sizeof(word), len -= sizeof(word)) {
        memcpy(&word, text, sizeof(word));
        hash = mix(hash, word);
    }
    word = 0;
    memcpy(&word, text, len);
    return mix(hash, word);
}

static uint64_t mix_value(uint64_t hash, const azattest__value *value)
{
    switch (value->kind) {
    case AZATTEST__VALUE_STRING:
        return mix_text(hash, value->text, value->text_len);
    case AZATTEST__VALUE_INTEGER:
        return mix(mix(hash, 1), (uint64_t)value->integer);
    case AZATTEST__VALUE_BOOLEAN:
        return mix(mix(hash, 2), value->boolean);
    }
    return hash;
}

uint32_t azattest__value_hash(const azattest__value *value)
{
    return (uint32_t)(mix_value(1, value) >> 32);
}

size_t azattest__index_find(const azattest__index *index, uint32_t hash,
                            bool (*same)(const void *items, size_t position, const void *wanted), const void *items,
                            const void *wanted)
{
    for (size_t i = hash; index->capacity > 0; i++) {
        const struct azattest__index_slot *slot = &index->slots[i & (index->capacity - 1)];

        if (slot->position_from_1 == 0)
            break;
        if (slot->hash == hash && same(items, slot->position_from_1 - 1, wanted))
            return slot->position_from_1 - 1;
    }
    return SIZE_MAX;
}

static void place(struct azattest__index_slot *slots, size_t capacity, struct azattest__index_slot slot)
{
    size_t i = slot.hash;

    while (slots[i & (capacity - 1)].position_from_1 != 0)
        i++;
    slots[i & (capacity - 1)] = slot;
}

bool azattest__index_add(azattest__index *index, azattest__arena *arena, uint32_t hash, size_t position)
{
    if (2 * (index->count + 1) > index->capacity) {
        size_t capacity = index->capacity == 0 ? 32 : 2 * index->capacity;
        struct azattest__index_slot *slots = azattest__arena_array(arena, capacity, sizeof(*slots));

        if (slots == NULL)
            return false;
        for (size_t i = 0; i < index->capacity; i++)
            if (index->slots[i].position_from_1 != 0)
                place(slots, capacity, index->slots[i]);
        index->slots = slots;
        index->capacity = capacity;
    }
    place(index->slots, index->capacity, (struct azattest__index_slot){ hash, (uint32_t)position + 1 });
    index->count++;
    return true;
}

bool azattest__claim_equal(const azattest__claim *a, const azattest__claim *b)
{
    return a->value.read_only == b->value.read_only && a->type_read_only == b->type_read_only &&
           text_equal(a->type, a->type_len, b->type, b->type_len) &&
           (a->issuer == b->issuer || strcmp(a->issuer, b->issuer) == 0) && azattest__value_equal(&a->value, &b->value);
}

uint32_t azattest__claim_hash(const azattest__claim *claim)
{
    return (uint32_t)(mix_value(mix_text(2, claim->type, claim->type_len), &claim->value) >> 32);
}

static bool same_claim(const void *items, size_t position, const void *wanted)
{
    return azattest__claim_equal((const azattest__claim *)items + position, wanted);
}

bool azattest__claim_list_has(const azattest__claim_list *list, const azattest__claim *claim, uint32_t hash)
{
    return azattest__index_find(&list->index, hash, same_claim, list->items, claim) != SIZE_MAX;
}

bool azattest__claim_list_add(azattest__claim_list *list, azattest__arena *arena, const azattest__claim *claim,
                              uint32_t hash)
{
    void *items = list->items;

    if (!azattest__arena_grow(arena, &items, list->count, &list->capacity, sizeof(*list->items)))
        return false;
    list->items = items;
    if (!azattest__index_add(&list->index, arena, hash, list->count))
        return false;
    list->items[list->count++] = *claim;
    return true;
}

void azattest__value_print(const azattest__value *value, azattest__buf *out)
{
    if (value->kind == AZATTEST__VALUE_STRING)
        azattest__json_append_string(value->text, out);
    else if (value->kind == AZATTEST__VALUE_INTEGER)
        azattest__buf_printf(out, "%lld", (long long)value->integer);
    else
        azattest__buf_append_text(out, value->boolean ? "true" : "false");
}

/* The beginning of a text, without half a character. */
static void print_cut(const azattest__value *value, size_t most, azattest__buf *out)
{
    size_t len = most;
    char *cut;

    while (len > 0 && ((unsigned char)value->text[len] & 0xc0) == 0x80)
        len--;
    if ((cut = azattest__dup(value->text, len)) == NULL) {
        out->status = AZATTEST_E_MEMORY;
        return;
    }
    azattest__json_append_string(cut, out);
    azattest__buf_printf(out, ",\"length\":%zu", value->text_len);
    free(cut);
}

void azattest__claim_print_members(const azattest__claim *claim, size_t most, azattest__buf *out)
{
    azattest__buf_append_text(out, "\"type\":");
    azattest__json_append_string(claim->type, out);
    azattest__buf_append_text(out, ",\"value\":");
    if (claim->value.kind == AZATTEST__VALUE_STRING && claim->value.text_len > most)
        print_cut(&claim->value, most, out);
    else
        azattest__value_print(&claim->value, out);
    azattest__buf_printf(out, ",\"valueType\":\"%s\",\"issuer\":", azattest__value_type(claim->value.kind));
    azattest__json_append_string(claim->issuer, out);
}

void azattest__claim_print(const azattest__claim *claim, size_t most, azattest__buf *out)
{
    azattest__buf_append_text(out, "{");
    azattest__claim_print_members(claim, most, out);
    azattest__buf_append_text(out, "}");
}

/* Claims of one type, chained by their positions from 1. */
typedef struct group {
    size_t first, last;
    bool several;
} group;

static bool same_type(const void *items, size_t position, const void *wanted)
{
    const azattest__claim *a = (const azattest__claim *)items + position, *b = wanted;

    return text_equal(a->type, a->type_len, b->type, b->type_len);
}

/* The group of each first claim of its type, and what follows each claim. */
static bool group_by_type(const azattest__claim_list *list, azattest__arena *arena, group *groups, size_t *next)
{
    azattest__index types = { NULL, 0, 0 };

    for (size_t i = 0; i < list->count; i++) {
        const azattest__claim *claim = &list->items[i];
        uint32_t hash = (uint32_t)(mix_text(3, claim->type, claim->type_len) >> 32);
        size_t first = azattest__index_find(&types, hash, same_type, list->items, claim);

        if (first == SIZE_MAX) {
            if (!azattest__index_add(&types, arena, hash, i))
                return false;
            groups[i] = (group){ i + 1, i + 1, false };
        } else {
            next[groups[first].last - 1] = i + 1;
            groups[first].last = i + 1;
            groups[first].several = true;
        }
    }
    return true;
}

azattest_status azattest__claim_list_members(const azattest__claim_list *list, azattest__buf *out)
{
    azattest_status status;
    azattest__arena arena;
    size_t *next, written = 0;
    group *groups;

    azattest__arena_init(&arena, AZATTEST_LIMIT_CLAIM_SET);
    groups = azattest__arena_array(&arena, list->count, sizeof(*groups));
    next = azattest__arena_array(&arena, list->count, sizeof(*next));
    if (next == NULL || !group_by_type(list, &arena, groups, next)) {
        status = arena.status;
        azattest__arena_free(&arena);
        return status;
    }
    azattest__buf_append_text(out, "{");
    for (size_t i = 0; i < list->count; i++) {
        if (groups[i].first == 0)
            continue;
        azattest__buf_append_text(out, written++ == 0 ? "" : ",");
        azattest__json_append_string(list->items[i].type, out);
        azattest__buf_append_text(out, groups[i].several ? ":[" : ":");
        for (size_t k = i + 1; k != 0; k = next[k - 1]) {
            azattest__buf_append_text(out, k == i + 1 ? "" : ",");
            azattest__value_print(&list->items[k - 1].value, out);
        }
        azattest__buf_append_text(out, groups[i].several ? "]" : "");
    }
    azattest__buf_append_text(out, "}");
    azattest__arena_free(&arena);
    return out->status;
}
