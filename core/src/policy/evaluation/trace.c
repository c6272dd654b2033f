/* What each rule did, as JSON. Made when it is asked for, so that evaluating pays nothing for it. */
#include <stdlib.h>

#include "evaluation.h"

/* Claims of a kind that one rule lists, and bytes of a text that is shown of each. */
#define LISTED 32
#define SHOWN 256

static void put_source(const azattest_policy *policy, azattest__span span, azattest__buf *out)
{
    azattest_bytes source = azattest__policy_source(policy, span);
    char *text = azattest__dup(source.ptr, source.len);

    if (text == NULL)
        out->status = AZATTEST_E_MEMORY;
    else
        azattest__json_append_string(text, out);
    free(text);
}

static void put_bound(const azattest__replay *replay, azattest__buf *out)
{
    size_t listed = 0, left_out = 0;

    azattest__buf_append_text(out, ",\"claims\":[");
    for (size_t i = 0; replay->record->run && i < replay->rule->condition_count && i <= replay->failed; i++) {
        const azattest__condition *condition = &replay->rule->conditions[i];
        const azattest__bound *bound = &replay->evaluator.bound[i];

        for (size_t k = 0; k < bound->count; k++) {
            if (listed == LISTED) {
                left_out += bound->count - k;
                break;
            }
            azattest__buf_printf(out, "%s{\"condition\":%zu,\"identifier\":", listed++ == 0 ? "" : ",", i + 1);
            if (condition->identifier == NULL)
                azattest__buf_append_text(out, "null,");
            else
                azattest__buf_printf(out, "\"%s\",", condition->identifier);
            azattest__claim_print_members(bound->items[k], SHOWN, out);
            azattest__buf_append_text(out, "}");
        }
    }
    azattest__buf_printf(out, "],\"claims_left_out\":%zu", left_out);
}

static void put_made(const azattest__replay *replay, azattest__buf *out)
{
    size_t listed = replay->made_count < LISTED ? replay->made_count : LISTED;

    azattest__buf_append_text(out, ",\"made\":[");
    for (size_t i = 0; i < listed; i++) {
        azattest__buf_append_text(out, i == 0 ? "" : ",");
        azattest__claim_print(&replay->made[i], SHOWN, out);
    }
    azattest__buf_printf(out, "],\"made_left_out\":%zu", replay->made_count - listed);
}

static azattest_status put_failed(azattest__replay *replay, azattest__buf *out)
{
    const azattest__condition *condition;
    azattest__buf reason;
    azattest_status status;

    if (!replay->record->run || replay->record->fired) {
        azattest__buf_append_text(out, ",\"failed\":null");
        return out->status;
    }
    condition = &replay->rule->conditions[replay->failed];
    azattest__buf_printf(out,
                         ",\"failed\":{\"condition\":%zu,\"line\":%u,\"column\":%u,\"reason\":", replay->failed + 1,
                         condition->span.line, condition->span.column);
    azattest__buf_init(&reason, 65536);
    if ((status = azattest__replay_reason(replay, &reason)) == AZATTEST_OK)
        azattest__json_append_string((const char *)reason.ptr, out);
    azattest__buf_free(&reason);
    azattest__buf_append_text(out, "}");
    return status;
}

static azattest_status put_rule(azattest__replay *replay, azattest__section_kind section, size_t index,
                                azattest__buf *out)
{
    azattest_status status = azattest__replay_rule(replay, section, index);
    const azattest__rule *rule = replay->rule;

    if (status != AZATTEST_OK)
        return status;
    azattest__buf_printf(out, "{\"section\":\"%s\",\"rule\":%zu,\"line\":%u,\"column\":%u,\"source\":",
                         azattest__section_name(section), index + 1, rule->span.line, rule->span.column);
    put_source(replay->evaluation->policy, rule->span, out);
    azattest__buf_printf(out, ",\"run\":%s,\"fired\":%s,\"action\":\"%s\"", replay->record->run ? "true" : "false",
                         replay->record->fired ? "true" : "false", azattest__action_name(rule->action.kind));
    put_bound(replay, out);
    put_made(replay, out);
    status = put_failed(replay, out);
    azattest__buf_append_text(out, "}");
    return status == AZATTEST_OK ? out->status : status;
}

azattest_status azattest__evaluation_trace(const azattest_policy_evaluation *evaluation, azattest__buf *out)
{
    azattest__replay replay;
    azattest_status status = azattest__replay_open(&replay, evaluation);
    size_t written = 0;

    azattest__buf_append_text(out, "[");
    for (int i = 0; i < AZATTEST__SECTIONS; i++)
        for (size_t k = 0; k < evaluation->policy->sections[i].rule_count && status == AZATTEST_OK; k++) {
            azattest__buf_append_text(out, written++ == 0 ? "" : ",");
            status = put_rule(&replay, (azattest__section_kind)i, k, out);
        }
    azattest__buf_append_text(out, "]");
    azattest__replay_close(&replay);
    return status;
}
