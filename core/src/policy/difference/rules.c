/*
 * The rules of two policies, aligned section by section: a longest common subsequence of rules that are spelt alike in
 * the canonical form; what is left over is moved where it is found again, else changed where a neighbour is similar.
 *
 * A policy has at most AZATTEST_LIMIT_POLICY_RULES rules, so that the table of the subsequence has a million cells.
 */
#include <stdlib.h>

#include <azattest/limits.h>

#include "difference.h"
#include "../text/write.h"

typedef struct spelling {
    size_t offset, len; /* in `texts` */
    uint64_t hash;
    size_t id; /* equal for equal rules */
    azattest__change_kind kind;
    size_t partner;
} spelling;

typedef struct alignment {
    azattest_policy_difference *difference;
    azattest__section_kind section;
    azattest__buf texts;
    spelling *before, *after; /* one array; `after` begins in it */
    size_t before_count, after_count;
    uint16_t *table; /* [i][j]: length of the subsequence of what begins there */
} alignment;

/* ---- Equal rules ---- */

static uint64_t hash_of(const unsigned char *p, size_t len)
{
    uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a: only spares comparisons */

    for (size_t i = 0; i < len; i++)
        hash = (hash ^ p[i]) * 0x100000001b3u;
    return hash;
}

static void spell(alignment *a, const azattest__section *section, spelling *out)
{
    for (size_t i = 0; i < section->rule_count; i++) {
        out[i].offset = a->texts.len;
        azattest__policy_write_rule(&section->rules[i], &a->texts);
        out[i].len = a->texts.len - out[i].offset;
        out[i].hash = a->texts.status != AZATTEST_OK ? 0 : hash_of(a->texts.ptr + out[i].offset, out[i].len);
        out[i].partner = AZATTEST__NO_RULE;
    }
}

static void number(alignment *a)
{
    spelling *all = a->before;

    for (size_t i = 0; i < a->before_count + a->after_count; i++) {
        all[i].id = i;
        for (size_t k = 0; k < i && all[i].id == i; k++)
            if (all[k].hash == all[i].hash && all[k].len == all[i].len &&
                memcmp(a->texts.ptr + all[k].offset, a->texts.ptr + all[i].offset, all[i].len) == 0)
                all[i].id = all[k].id;
    }
}

static void pair(alignment *a, size_t before, size_t after, azattest__change_kind kind)
{
    a->before[before].partner = after;
    a->after[after].partner = before;
    a->before[before].kind = a->after[after].kind = kind;
}

static uint16_t *cell(alignment *a, size_t i, size_t j)
{
    return &a->table[i * (a->after_count + 1) + j];
}

static void find_subsequence(alignment *a)
{
    size_t i = a->before_count, j = a->after_count;

    for (i = a->before_count; i-- > 0;)
        for (j = a->after_count; j-- > 0;) {
            uint16_t down = *cell(a, i + 1, j), right = *cell(a, i, j + 1);

            *cell(a, i, j) = a->before[i].id == a->after[j].id ? (uint16_t)(*cell(a, i + 1, j + 1) + 1)
                             : down > right                    ? down
                                                               : right;
        }
    for (i = j = 0; i < a->before_count && j < a->after_count;) {
        if (a->before[i].id == a->after[j].id) {
            pair(a, i, j, AZATTEST__RULE_ALIKE);
            i++;
            j++;
        } else if (*cell(a, i + 1, j) >= *cell(a, i, j + 1)) {
            i++;
        } else {
            j++;
        }
    }
}

static void find_moved(alignment *a)
{
    for (size_t i = 0; i < a->before_count; i++)
        for (size_t j = 0; j < a->after_count && a->before[i].partner == AZATTEST__NO_RULE; j++)
            if (a->after[j].partner == AZATTEST__NO_RULE && a->before[i].id == a->after[j].id)
                pair(a, i, j, AZATTEST__RULE_MOVED);
}

/* ---- Similar rules ---- */

/* Characters that both begin and end with, in percent of the longer one. */
static size_t similarity(const alignment *a, const spelling *one, const spelling *other)
{
    const unsigned char *p = a->texts.ptr + one->offset, *q = a->texts.ptr + other->offset;
    size_t shorter = one->len < other->len ? one->len : other->len;
    size_t longer = one->len < other->len ? other->len : one->len, front = 0, back = 0;

    while (front < shorter && p[front] == q[front])
        front++;
    while (back < shorter - front && p[one->len - 1 - back] == q[other->len - 1 - back])
        back++;
    return (front + back) * 100 / longer;
}

/* Between two rules that are alike: the most similar one, if at least half of it is. */
static void find_changed(alignment *a, size_t before, size_t before_end, size_t after, size_t after_end)
{
    for (size_t i = before; i < before_end; i++) {
        size_t best = AZATTEST__NO_RULE, most = 49;

        for (size_t j = after; j < after_end && a->before[i].partner == AZATTEST__NO_RULE; j++) {
            size_t alike;

            if (a->after[j].partner != AZATTEST__NO_RULE)
                continue;
            if ((alike = similarity(a, &a->before[i], &a->after[j])) > most) {
                most = alike;
                best = j;
            }
        }
        if (best != AZATTEST__NO_RULE)
            pair(a, i, best, AZATTEST__RULE_CHANGED);
    }
}

/* ---- In the order of reading ---- */

static void add(alignment *a, azattest__change_kind kind, size_t before, size_t after)
{
    azattest_policy_difference *d = a->difference;

    d->rules[d->rule_count++] = (azattest__rule_change){ kind, a->section, before, after };
    d->counts[kind]++;
}

/* New ones, and old ones that came here, up to a rule of `after`. */
static size_t add_new(alignment *a, size_t j, size_t end)
{
    for (; j < end; j++) {
        if (a->after[j].partner == AZATTEST__NO_RULE)
            add(a, AZATTEST__RULE_ADDED, AZATTEST__NO_RULE, j);
        else if (a->after[j].kind == AZATTEST__RULE_MOVED)
            add(a, AZATTEST__RULE_MOVED, a->after[j].partner, j);
    }
    return j;
}

static void list_gap(alignment *a, size_t before, size_t before_end, size_t after, size_t after_end)
{
    find_changed(a, before, before_end, after, after_end);
    for (size_t i = before; i < before_end; i++) {
        const spelling *one = &a->before[i];

        if (one->partner == AZATTEST__NO_RULE) {
            add(a, AZATTEST__RULE_REMOVED, i, AZATTEST__NO_RULE);
        } else if (one->kind == AZATTEST__RULE_CHANGED) {
            if (after < one->partner)
                after = add_new(a, after, one->partner);
            add(a, AZATTEST__RULE_CHANGED, i, one->partner);
        }
    }
    add_new(a, after, after_end);
}

static void list(alignment *a)
{
    size_t i = 0, j = 0;

    for (;;) {
        size_t before = i, after = j;

        while (i < a->before_count &&
               (a->before[i].partner == AZATTEST__NO_RULE || a->before[i].kind != AZATTEST__RULE_ALIKE))
            i++;
        j = i < a->before_count ? a->before[i].partner : a->after_count;
        list_gap(a, before, i, after, j);
        if (i == a->before_count)
            return;
        add(a, AZATTEST__RULE_ALIKE, i++, j++);
    }
}

static azattest_status align_section(alignment *a, azattest_error **error)
{
    const azattest__section *before = &a->difference->before->sections[a->section];
    const azattest__section *after = &a->difference->after->sections[a->section];
    azattest_status status = AZATTEST_OK;

    a->before_count = before->rule_count;
    a->after_count = after->rule_count;
    a->before = calloc(a->before_count + a->after_count + 1, sizeof(*a->before));
    a->table = calloc((a->before_count + 1) * (a->after_count + 1), sizeof(*a->table));
    if (a->before == NULL || a->table == NULL) {
        status = azattest__error_memory(error);
        goto done;
    }
    a->after = a->before + a->before_count;
    spell(a, before, a->before);
    spell(a, after, a->after);
    if ((status = azattest__error_from_buf(error, &a->texts, "rules of the policies")) != AZATTEST_OK)
        goto done;
    number(a);
    find_subsequence(a);
    find_moved(a);
    list(a);
done:
    free(a->before);
    free(a->table);
    azattest__buf_free(&a->texts);
    return status;
}

azattest_status azattest__difference_align(azattest_policy_difference *difference, azattest_error **error)
{
    azattest_status status = AZATTEST_OK;
    alignment a = { .difference = difference };
    size_t most = 1;

    for (size_t i = 0; i < AZATTEST__SECTIONS; i++)
        most += difference->before->sections[i].rule_count + difference->after->sections[i].rule_count;
    if ((difference->rules = calloc(most, sizeof(*difference->rules))) == NULL)
        return azattest__error_memory(error);
    azattest__buf_init(&a.texts, 4 * AZATTEST_LIMIT_POLICY);
    for (int kind = 0; kind < AZATTEST__SECTIONS && status == AZATTEST_OK; kind++) {
        a.section = (azattest__section_kind)kind;
        status = align_section(&a, error);
    }
    return status;
}
