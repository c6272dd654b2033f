#include "diagnostics.h"

#include <azattest/limits.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static void free_texts(azattest__diagnostic *item)
{
    free(item->message);
    free(item->found);
    free(item->expected);
}

/* Place for one more. Whatever else there is to say, why a policy is refused has to be among it. */
static bool make_room(azattest__diagnostics *list, azattest__severity severity)
{
    size_t last = list->count;

    list->cut = true;
    while (severity == AZATTEST__ERROR && last > 0 && list->items[last - 1].severity == AZATTEST__ERROR)
        last--;
    if (severity != AZATTEST__ERROR || last == 0)
        return false;
    free_texts(&list->items[last - 1]);
    list->count--;
    memmove(&list->items[last - 1], &list->items[last], (list->count - (last - 1)) * sizeof(*list->items));
    return true;
}

void azattest__diagnose(azattest__diagnostics *list, azattest__severity severity, const char *id, azattest__span span,
                        const char *found, const char *expected, const char *format, ...)
{
    azattest__diagnostic *grown, item = { .severity = severity, .id = id, .span = span };
    va_list arguments;

    list->errors += severity == AZATTEST__ERROR;
    list->warnings += severity == AZATTEST__WARNING;
    list->lost = list->count == AZATTEST_LIMIT_POLICY_DIAGNOSTICS && !make_room(list, severity);
    if (list->lost)
        return;
    va_start(arguments, format);
    if (vasprintf(&item.message, format, arguments) < 0)
        item.message = NULL;
    va_end(arguments);
    item.found = azattest__dup_text(found);
    item.expected = azattest__dup_text(expected);
    grown = realloc(list->items, (list->count + 1) * sizeof(*grown));
    if (grown != NULL)
        list->items = grown;
    if (grown == NULL || item.message == NULL || (found != NULL && item.found == NULL) ||
        (expected != NULL && item.expected == NULL)) {
        list->no_memory = true;
        free_texts(&item);
        return;
    }
    list->items[list->count++] = item;
}

void azattest__diagnose_path(azattest__diagnostics *list, const char *rule_path)
{
    if (list->count > 0 && !list->lost)
        list->items[list->count - 1].rule_path = rule_path;
}

void azattest__diagnostics_sort(azattest__diagnostics *list)
{
    /* Nearly in order already, and few. */
    for (size_t i = 1; i < list->count; i++) {
        azattest__diagnostic item = list->items[i];
        size_t j = i;

        for (; j > 0 && list->items[j - 1].span.offset > item.span.offset; j--)
            list->items[j] = list->items[j - 1];
        list->items[j] = item;
    }
}

void azattest__diagnostics_clear(azattest__diagnostics *list)
{
    for (size_t i = 0; i < list->count; i++)
        free_texts(&list->items[i]);
    free(list->items);
    *list = (azattest__diagnostics){ .items = NULL };
}

azattest_status azattest__diagnostics_error(const azattest__diagnostics *list, azattest_error **error)
{
    azattest_status status = AZATTEST_OK;
    azattest_problems problems = { NULL, 0 };

    if (list->no_memory)
        return azattest__error_memory(error);
    if (list->errors == 0)
        return AZATTEST_OK;
    for (size_t i = 0; i < list->count && status == AZATTEST_OK; i++)
        if (list->items[i].severity == AZATTEST__ERROR)
            status =
                azattest__problems_add(&problems, AZATTEST_E_POLICY, "line %u, column %u: %s", list->items[i].span.line,
                                       list->items[i].span.column, list->items[i].message);
    if (status == AZATTEST_OK && problems.count > 0)
        return azattest__error_from_problems(error, &problems);
    azattest__problems_clear(&problems);
    return status == AZATTEST_OK ? azattest__error_set(error, AZATTEST_E_POLICY, "the policy has errors")
                                 : azattest__error_memory(error);
}
