#include "lint.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <azattest/limits.h>

#include "../claims/claims.h"
#include "report.h"

/* Characters of a name or value that a message shows. */
#define SHOWN 80u

const char *azattest__lint_shown(azattest__lint *lint, const char *text)
{
    char *printable = azattest__printable(azattest__text(text), SHOWN), *kept;

    if (printable == NULL) {
        lint->list->no_memory = true;
        return "";
    }
    kept = azattest__arena_text(&lint->arena, printable, strlen(printable));
    free(printable);
    return kept == NULL ? "" : kept;
}

/* A comment of the line, or of the file, that names the id. */
static bool is_silenced(azattest__lint *lint, azattest__severity severity, const char *id, unsigned line)
{
    bool silenced = false;

    for (size_t i = 0; i < lint->silencer_count; i++) {
        azattest__silencer *silencer = &lint->silencers[i];

        if (line < silencer->first_line || line > silencer->last_line || strcmp(silencer->id->id, id) != 0)
            continue;
        if (severity == AZATTEST__ERROR)
            silencer->met_error = true;
        else
            silenced = silencer->used = true;
    }
    return silenced;
}

/* A full list makes room for what is worse: the last of what matters least goes. */
static bool make_room(azattest__diagnostics *list, azattest__severity severity)
{
    azattest__diagnostic *least = NULL;

    if (list->count < AZATTEST_LIMIT_POLICY_DIAGNOSTICS)
        return true;
    list->cut = true;
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].severity > severity && (least == NULL || list->items[i].severity >= least->severity))
            least = &list->items[i];
    if (least == NULL)
        return false;
    list->warnings -= least->severity == AZATTEST__WARNING;
    free(least->message);
    free(least->found);
    free(least->expected);
    list->count--;
    memmove(least, least + 1, (size_t)(list->items + list->count - least) * sizeof(*least));
    return true;
}

/* The same finding at the same place: queries that are put together of one claim are looked at for each use. */
static bool is_said(const azattest__diagnostics *list, const char *id, azattest__span span)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].span.offset == span.offset && list->items[i].span.length == span.length &&
            strcmp(list->items[i].id, id) == 0)
            return true;
    return false;
}

bool azattest__lint_wants(azattest__lint *lint, azattest__severity severity, const char *id, azattest__span span)
{
    if (is_silenced(lint, severity, id, span.line) || is_said(lint->list, id, span))
        return false;
    if (lint->list->count < AZATTEST_LIMIT_POLICY_DIAGNOSTICS)
        return true;
    lint->list->cut = true;
    for (size_t i = 0; i < lint->list->count; i++)
        if (lint->list->items[i].severity > severity)
            return true;
    return false;
}

void azattest__lint_say(azattest__lint *lint, azattest__severity severity, const char *id, azattest__span span,
                        const char *found, const char *expected, const char *format, ...)
{
    char *message = NULL;
    va_list arguments;

    if (!azattest__lint_wants(lint, severity, id, span) || !make_room(lint->list, severity))
        return;
    va_start(arguments, format);
    if (vasprintf(&message, format, arguments) < 0)
        message = NULL;
    va_end(arguments);
    if (message == NULL)
        lint->list->no_memory = true;
    else
        azattest__diagnose(lint->list, severity, id, span, found, expected, "%s", message);
    free(message);
}

/* What the parser said. Its warnings can be silenced, too. */
static void take_over(azattest__lint *lint)
{
    const azattest__diagnostics *theirs = &lint->policy->diagnostics;

    lint->sure_until = theirs->cut ? 0 : SIZE_MAX;
    for (size_t i = 0; i < theirs->count; i++) {
        const azattest__diagnostic *item = &theirs->items[i];
        const azattest__lint_id *known = azattest__lint_id_find(item->id, strlen(item->id));
        size_t before = lint->list->count;

        if (item->severity == AZATTEST__ERROR && (known == NULL || known->loses) &&
            item->span.offset < lint->sure_until)
            lint->sure_until = item->span.offset;
        azattest__lint_say(lint, item->severity, item->id, item->span, item->found, item->expected, "%s",
                           item->message);
        if (lint->list->count > before)
            azattest__diagnose_path(lint->list, item->rule_path);
    }
    lint->list->cut |= theirs->cut;
    lint->list->no_memory |= theirs->no_memory;
}

static bool list_rules(azattest__lint *lint)
{
    size_t count = 0;

    for (size_t i = 0; i < AZATTEST__SECTIONS; i++)
        count += lint->policy->sections[i].rule_count;
    lint->rules = azattest__arena_array(&lint->arena, count, sizeof(*lint->rules));
    if (lint->rules == NULL)
        return false;
    for (size_t i = 0; i < AZATTEST__SECTIONS; i++)
        for (size_t j = 0; j < lint->policy->sections[i].rule_count; j++) {
            azattest__lint_rule *rule = &lint->rules[lint->rule_count++];

            rule->rule = &lint->policy->sections[i].rules[j];
            rule->section = (azattest__section_kind)i;
        }
    return true;
}

/* Which types the policy can be for, by the claims that it tests: narrower than any where it tests some. */
static unsigned guess_types(const azattest__lint *lint)
{
    unsigned guess = lint->types;

    for (size_t i = 0; i < lint->rule_count; i++)
        for (size_t j = 0; j < lint->rules[i].rule->condition_count; j++) {
            const azattest__condition *condition = &lint->rules[i].rule->conditions[j];
            const char *type = azattest__lint_type_of(condition);
            const azattest__known_claim *claim;
            unsigned with = 0;

            if (type == NULL || !azattest__lint_could_match(condition, NULL, AZATTEST__ISSUER_SERVICE))
                continue;
            for (size_t k = 0; (claim = azattest__known_claim_at(k)) != NULL; k++)
                if ((claim->flags & AZATTEST__CLAIM_INCOMING) != 0 && strcmp(claim->name, type) == 0)
                    with |= claim->types;
            if (with != 0 && (guess & with) == 0)
                return lint->types; /* claims of several types: nothing can be guessed */
            guess &= with == 0 ? guess : with;
        }
    return guess;
}

/* A misspelt type must not read as "nothing is wrong with the names of claims". */
static void check_type(azattest__lint *lint)
{
    azattest__span span = lint->policy->version_span;
    const char *shown, *nearest;

    if (lint->types != 0)
        return;
    if (span.line == 0)
        span = (azattest__span){ .line = 1, .column = 1 };
    shown = azattest__lint_shown(lint, lint->policy->attestation_type);
    nearest = azattest__vocabulary_type_nearest(lint->policy->attestation_type);
    azattest__lint_say(lint, AZATTEST__WARNING, "unknown-type", span, shown, nearest,
                       "no claims are known of the attestation type \"%s\"%s%s%s: their names are not checked", shown,
                       nearest == NULL ? "" : ", perhaps \"", nearest == NULL ? "" : nearest,
                       nearest == NULL ? "" : "\" is meant");
}

static void run_parts(azattest__lint *lint)
{
    check_type(lint);
    for (size_t i = 0; i < lint->rule_count; i++) {
        azattest__lint_logic(lint, i);
        azattest__lint_claims(lint, i);
        azattest__lint_values(lint, i);
        azattest__lint_made(lint, i);
        azattest__lint_issued(lint, i);
        azattest__lint_queries(lint, i);
        azattest__lint_style(lint, i);
    }
    azattest__lint_repeated(lint);
    azattest__lint_outcome(lint);
    azattest__lint_unused_silencers(lint);
}

azattest_status azattest__lint_policy(const azattest_policy *policy, azattest__diagnostics *list,
                                      azattest_error **error)
{
    azattest_status status = AZATTEST_OK;
    azattest__lint lint = { .policy = policy, .list = list };

    azattest__arena_init(&lint.arena, AZATTEST_LIMIT_POLICY_TREE);
    lint.types = azattest__vocabulary_types(policy->attestation_type);
    lint.typed = policy->attestation_type != NULL && lint.types != 0;
    azattest__lint_silencers(&lint);
    take_over(&lint);
    if (list_rules(&lint)) {
        lint.guessed = guess_types(&lint);
        run_parts(&lint);
    }
    if (list->no_memory || lint.arena.status == AZATTEST_E_MEMORY)
        status = azattest__error_memory(error);
    else if (lint.arena.status != AZATTEST_OK)
        status = azattest__error_set(error, AZATTEST_E_LIMIT, "linting takes more than %u bytes",
                                     AZATTEST_LIMIT_POLICY_TREE);
    else
        azattest__diagnostics_sort(list);
    azattest__arena_free(&lint.arena);
    return status;
}
