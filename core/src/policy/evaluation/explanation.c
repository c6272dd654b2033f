/* An evaluation in English, for a terminal. */
#include <stdlib.h>

#include "../vocabulary/vocabulary.h"
#include "evaluation.h"

/* Bytes of a rule's source in its line, values of a claim, claims of a list. */
#define SHOWN_SOURCE 240
#define SHOWN_VALUES 8
#define SHOWN_CLAIMS 16

/* A rule in one line, its white space made blanks. */
static void show_source(const azattest_policy *policy, azattest__span span, azattest__buf *out)
{
    azattest_bytes source = azattest__policy_source(policy, span);
    char *line = azattest__dup(source.ptr, source.len), *shown;
    size_t len = 0;

    if (line == NULL) {
        out->status = AZATTEST_E_MEMORY;
        return;
    }
    for (size_t i = 0; i < source.len; i++) {
        bool blank = line[i] == ' ' || line[i] == '\t' || line[i] == '\r' || line[i] == '\n';

        if (!blank)
            line[len++] = line[i];
        else if (len > 0 && line[len - 1] != ' ')
            line[len++] = ' ';
    }
    if ((shown = azattest__printable(azattest__bytes(line, len), SHOWN_SOURCE)) == NULL)
        out->status = AZATTEST_E_MEMORY;
    else
        azattest__buf_append_text(out, shown);
    free(shown);
    free(line);
}

static void show_type(const char *type, azattest__buf *out)
{
    char *shown = azattest__printable(azattest__text(type), SHOWN_SOURCE);

    azattest__buf_append_text(out, shown == NULL ? "?" : shown);
    free(shown);
}

/* What the claims are of: as the policy was parsed for, or as the service says; 0 when neither tells. */
static unsigned type_of(const azattest_policy_evaluation *evaluation)
{
    const azattest__claim_list *claims = &evaluation->set->claims;
    const char *type = evaluation->policy->attestation_type;

    for (size_t i = 0; type == NULL && i < claims->count; i++)
        if (strcmp(claims->items[i].type, "x-ms-attestation-type") == 0 &&
            strcmp(claims->items[i].issuer, AZATTEST__ISSUER_SERVICE) == 0 &&
            claims->items[i].value.kind == AZATTEST__VALUE_STRING)
            type = claims->items[i].value.text;
    return type == NULL || type[0] == '\0' ? 0 : azattest__vocabulary_types(type);
}

/* "  svn = 3", and for several values of one type "  svn = 3, 4". Names that are the service's own are marked, of
 * claims that are issued into a token of that type (0: of none). */
static void show_list(const azattest__claim_list *list, unsigned type, azattest__buf *out)
{
    if (list->count == 0)
        azattest__buf_append_text(out, "  none\n");
    for (size_t i = 0; i < list->count; i++) {
        size_t shown = 0, more = 0, before = 0;

        while (before < i && strcmp(list->items[before].type, list->items[i].type) != 0)
            before++;
        if (before < i)
            continue;
        azattest__buf_append_text(out, "  ");
        show_type(list->items[i].type, out);
        azattest__buf_append_text(out, " = ");
        for (size_t k = i; k < list->count; k++) {
            if (strcmp(list->items[k].type, list->items[i].type) != 0)
                continue;
            if (shown == SHOWN_VALUES) {
                more++;
                continue;
            }
            azattest__buf_append_text(out, shown++ == 0 ? "" : ", ");
            azattest__value_show(&list->items[k].value, out);
        }
        if (more > 0)
            azattest__buf_printf(out, " and %zu more", more);
        if (azattest__known_claim_is_reserved(list->items[i].type, type))
            azattest__buf_printf(out, " (the service keeps its own %s)", list->items[i].type);
        azattest__buf_append_text(out, "\n");
    }
}

static void show_claim(const char *lead, const azattest__claim *claim, azattest__buf *out)
{
    azattest__buf_append_text(out, lead);
    show_type(claim->type, out);
    azattest__buf_append_text(out, " = ");
    azattest__value_show(&claim->value, out);
}

static const char *const verbs[] = { "permits", "denies", "adds", "issues", "sets" };

static void show_made(const azattest__replay *replay, azattest__buf *out)
{
    azattest__action_kind kind = replay->rule->action.kind;

    azattest__buf_printf(out, "      fired: %s", verbs[kind]);
    if (kind != AZATTEST__PERMIT && kind != AZATTEST__DENY && replay->made_count == 0)
        azattest__buf_append_text(out, " nothing, for the value is empty");
    for (size_t i = 0; i < replay->made_count && i < SHOWN_CLAIMS; i++)
        show_claim(i == 0 ? " " : ", ", &replay->made[i], out);
    if (replay->made_count > SHOWN_CLAIMS)
        azattest__buf_printf(out, " and %zu more", replay->made_count - SHOWN_CLAIMS);
    azattest__buf_append_text(out, "\n");
}

/* A deny is what its reader came for: with the claims that it goes by. */
static void show_matched(const azattest__replay *replay, azattest__buf *out)
{
    size_t shown = 0;

    for (size_t i = 0; i < replay->rule->condition_count; i++)
        for (size_t k = 0; k < replay->evaluator.bound[i].count && shown < SHOWN_CLAIMS; k++)
            show_claim(shown++ == 0 ? "      by " : ", ", replay->evaluator.bound[i].items[k], out);
    azattest__buf_append_text(out, shown > 0 ? "\n" : "");
}

static azattest_status show_rule(azattest__replay *replay, azattest__section_kind section, size_t index,
                                 azattest__buf *out)
{
    azattest_status status = azattest__replay_rule(replay, section, index);
    const azattest__condition *condition;

    if (status != AZATTEST_OK)
        return status;
    azattest__buf_printf(out, "    line %u: ", replay->rule->span.line);
    show_source(replay->evaluation->policy, replay->rule->span, out);
    azattest__buf_append_text(out, "\n");
    if (replay->record->fired) {
        show_made(replay, out);
        if (replay->rule->action.kind == AZATTEST__DENY || replay->rule->action.kind == AZATTEST__PERMIT)
            show_matched(replay, out);
        return out->status;
    }
    condition = &replay->rule->conditions[replay->failed];
    azattest__buf_printf(out, "      did not fire: condition %zu (line %u): ", replay->failed + 1,
                         condition->span.line);
    status = azattest__replay_reason(replay, out);
    azattest__buf_append_text(out, "\n");
    return status;
}

static azattest_status show_section(azattest__replay *replay, azattest__section_kind kind, azattest__buf *out)
{
    const azattest_policy_evaluation *evaluation = replay->evaluation;
    const azattest__section *section = &evaluation->policy->sections[kind];
    azattest_status status = AZATTEST_OK;

    if (section->rule_count == 0)
        return AZATTEST_OK;
    azattest__buf_printf(out, "  %s\n", azattest__section_name(kind));
    if (!evaluation->records[kind][0].run) {
        azattest__buf_printf(out, "    not run, for nothing is issued unless the claims are permitted (%zu rule%s)\n",
                             section->rule_count, section->rule_count == 1 ? "" : "s");
        return out->status;
    }
    for (size_t i = 0; i < section->rule_count && status == AZATTEST_OK; i++)
        status = show_rule(replay, kind, i, out);
    return status;
}

azattest_status azattest__evaluation_explain(const azattest_policy_evaluation *evaluation, azattest__buf *out)
{
    azattest__replay replay;
    azattest_status status = azattest__replay_open(&replay, evaluation);

    azattest__buf_printf(out, "%s: %s.\n\n", evaluation->permitted ? "Permitted" : "Not permitted", evaluation->reason);
    if (evaluation->permitted) {
        azattest__buf_append_text(out, "Issued into the token:\n");
        show_list(&evaluation->outgoing, type_of(evaluation), out);
    }
    if (evaluation->properties.count > 0) {
        azattest__buf_append_text(out, "Properties:\n");
        show_list(&evaluation->properties, 0, out);
    }
    azattest__buf_append_text(out, "Rules, in their order:\n");
    for (int i = 0; i < AZATTEST__SECTIONS && status == AZATTEST_OK; i++)
        status = show_section(&replay, (azattest__section_kind)i, out);
    azattest__replay_close(&replay);
    return status;
}
