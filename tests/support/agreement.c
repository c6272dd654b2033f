#include "agreement.h"

#include "expect.h"
#include "json/json.h"
#include "policy/evaluation/evaluation.h"

static bool is_in(const azattest__claim *claim, const azattest__claim *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(items[i].type, claim->type) == 0 && azattest__value_equal(&items[i].value, &claim->value))
            return true;
    return false;
}

/* The lists of the evaluation, as far as the rules before have been found to have made them. */
typedef struct progress {
    size_t outgoing, properties;
    const azattest__rule *permits, *denies;
} progress;

/* What a rule made was there, or comes next. */
static void goes_on(const azattest__replay *replay, const azattest__claim_list *list, size_t *seen)
{
    for (size_t i = 0; i < replay->made_count; i++) {
        if (is_in(&replay->made[i], list->items, *seen))
            continue;
        if (*seen == list->count || !is_in(&replay->made[i], &list->items[*seen], 1))
            fail_msg("line %u made %s, which is not in the outcome", replay->rule->span.line, replay->made[i].type);
        ++*seen;
    }
}

static void was_added(const azattest__replay *replay)
{
    const azattest_policy_evaluation *evaluation = replay->evaluation;
    const azattest__claim *added = evaluation->added.items;

    for (size_t i = 0; i < replay->made_count; i++)
        if (!is_in(&replay->made[i], added, replay->record->added_after) &&
            !is_in(&replay->made[i], evaluation->set->claims.items, evaluation->set->claims.count))
            fail_msg("line %u made %s, which was not added", replay->rule->span.line, replay->made[i].type);
    for (size_t i = replay->record->added_before; i < replay->record->added_after; i++)
        if (!is_in(&added[i], replay->made, replay->made_count))
            fail_msg("line %u added %s, and did not make it", replay->rule->span.line, added[i].type);
}

static void follow(const azattest__replay *replay, azattest__section_kind section, progress *to)
{
    const azattest__rule *rule = replay->rule;

    switch (rule->action.kind) {
    case AZATTEST__PERMIT:
        to->permits = to->permits == NULL ? rule : to->permits;
        break;
    case AZATTEST__DENY:
        to->denies = to->denies == NULL ? rule : to->denies;
        break;
    case AZATTEST__ADD:
        was_added(replay);
        break;
    case AZATTEST__ISSUE:
        was_added(replay);
        if (section == AZATTEST__ISSUANCE)
            goes_on(replay, &replay->evaluation->outgoing, &to->outgoing);
        break;
    case AZATTEST__ISSUE_PROPERTY:
        was_added(replay);
        goes_on(replay, &replay->evaluation->properties, &to->properties);
        break;
    }
}

/* All conditions up to the one that failed hold, and that one does not. */
static void conditions_are(const azattest__replay *replay)
{
    const azattest__rule *rule = replay->rule;

    if (replay->record->fired != (replay->failed == rule->condition_count))
        fail_msg("line %u %s, and condition %zu of %zu fails", rule->span.line,
                 replay->record->fired ? "fired" : "did not fire", replay->failed + 1, rule->condition_count);
    for (size_t i = 0; i < rule->condition_count && i <= replay->failed; i++)
        if ((replay->evaluator.bound[i].count > 0) != (rule->conditions[i].negated == (i == replay->failed)))
            fail_msg("line %u: condition %zu is bound to %zu claims", rule->span.line, i + 1,
                     replay->evaluator.bound[i].count);
}

static void said(const azattest__replay *replay, const azattest__json *rule)
{
    const azattest__json *failed = azattest__json_get(rule, "failed");
    bool run = false, fired = false;
    int64_t condition = 0, line = 0;

    assert_true(azattest__json_bool(azattest__json_get(rule, "run"), &run));
    assert_true(azattest__json_bool(azattest__json_get(rule, "fired"), &fired));
    assert_true(azattest__json_integer(azattest__json_get(rule, "line"), &line));
    assert_int_equal(line, replay->rule->span.line);
    assert_int_equal(run, replay->record->run);
    assert_int_equal(fired, replay->record->fired);
    assert_int_equal(azattest__json_is_null(failed), fired || !run);
    assert_true(run || !fired);
    if (azattest__json_is_null(failed))
        return;
    assert_true(azattest__json_integer(azattest__json_get(failed, "condition"), &condition));
    assert_int_equal(condition, replay->failed + 1);
    assert_non_null(azattest__json_get_string(failed, "reason"));
}

void trace_agrees(const azattest_policy_evaluation *evaluation)
{
    azattest__json *trace = NULL;
    const azattest__json *next;
    azattest__replay replay;
    progress to = { 0, 0, NULL, NULL };

    assert_int_equal(azattest__replay_open(&replay, evaluation), AZATTEST_OK);
    for (int section = 0; section < AZATTEST__SECTIONS; section++)
        for (size_t i = 0; i < evaluation->policy->sections[section].rule_count; i++) {
            assert_int_equal(azattest__replay_rule(&replay, (azattest__section_kind)section, i), AZATTEST_OK);
            assert_int_equal(replay.record->run, section != AZATTEST__ISSUANCE || evaluation->permitted);
            if (replay.record->run)
                conditions_are(&replay);
            if (replay.record->fired)
                follow(&replay, (azattest__section_kind)section, &to);
        }
    assert_int_equal(evaluation->permitted, to.permits != NULL && to.denies == NULL);
    assert_ptr_equal(evaluation->deny_rule, to.denies);
    assert_int_equal(evaluation->outgoing.count, to.outgoing);
    assert_int_equal(evaluation->properties.count, to.properties);
    assert_int_equal(azattest__json_parse(azattest_policy_evaluation_trace(evaluation), &trace, NULL), AZATTEST_OK);
    next = azattest__json_first(trace);
    for (int section = 0; section < AZATTEST__SECTIONS; section++)
        for (size_t i = 0; i < evaluation->policy->sections[section].rule_count; i++) {
            assert_non_null(next);
            assert_int_equal(azattest__replay_rule(&replay, (azattest__section_kind)section, i), AZATTEST_OK);
            said(&replay, next);
            next = azattest__json_next(next);
        }
    assert_null(next);
    azattest__json_free(trace);
    azattest__replay_close(&replay);
}
