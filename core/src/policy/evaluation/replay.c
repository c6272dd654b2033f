/* Rules of an evaluation once more, for whoever asks what they did and why they did not. */
#include <stdlib.h>

#include <azattest/limits.h>

#include "../../base/nearest.h"
#include "../choices.h"
#include "evaluation.h"

/* Text of a value, and values of a set, that a sentence shows. */
#define SHOWN_TEXT 64
#define SHOWN_VALUES 4
/* Names of claims are long and much alike: only what differs by so much is taken for a typing mistake. */
#define LIKELY_MISTAKE 2
#define MOST_COMPARED 20000
#define ISSUER_WEIGHT 4

azattest_status azattest__replay_open(azattest__replay *replay, const azattest_policy_evaluation *evaluation)
{
    memset(replay, 0, sizeof(*replay));
    replay->evaluation = evaluation;
    azattest__arena_init(&replay->arena, AZATTEST_LIMIT_POLICY_MEMORY / 4);
    /* What the evaluation did in so many steps can be done in as many again; a reason looks once more at one condition
     * of each rule. */
    return azattest__evaluator_open(&replay->evaluator, evaluation->policy, evaluation->set, &evaluation->added,
                                    &replay->arena, UINT64_MAX, NULL);
}

void azattest__replay_close(azattest__replay *replay)
{
    azattest__evaluator_close(&replay->evaluator);
    azattest__arena_free(&replay->arena);
}

azattest_status azattest__replay_rule(azattest__replay *replay, azattest__section_kind section, size_t rule)
{
    azattest__evaluator *m = &replay->evaluator;
    azattest_status status;

    replay->rule = &replay->evaluation->policy->sections[section].rules[rule];
    replay->record = &replay->evaluation->records[section][rule];
    replay->made = NULL;
    replay->made_count = replay->failed = 0;
    if (!replay->record->run)
        return AZATTEST_OK;
    m->set_visible = section == AZATTEST__CONFIGURATION && AZATTEST__CHOICE_CONFIGURATION_SEES_NO_CLAIMS
                         ? 0
                         : replay->evaluation->set->claims.count;
    m->added_visible = replay->record->added_before;
    status = azattest__evaluator_match(m, replay->rule, &replay->failed);
    if (status == AZATTEST_OK && replay->record->fired)
        status = azattest__evaluator_make(m, replay->rule, false, &replay->made, &replay->made_count);
    return status;
}

static void show_text(const char *text, size_t len, azattest__buf *out)
{
    char *shown = azattest__printable(azattest__bytes(text, len), SHOWN_TEXT);

    if (shown == NULL)
        out->status = AZATTEST_E_MEMORY;
    else
        azattest__buf_printf(out, "\"%s\"", shown);
    free(shown);
}

void azattest__value_show(const azattest__value *value, azattest__buf *out)
{
    if (value->kind == AZATTEST__VALUE_STRING)
        show_text(value->text, value->text_len, out);
    else
        azattest__value_print(value, out);
}

static void show_values(const azattest__values *values, azattest__buf *out)
{
    for (size_t i = 0; i < values->count && i < SHOWN_VALUES; i++) {
        azattest__buf_append_text(out, i == 0 ? "" : ", ");
        azattest__value_show(&values->items[i], out);
    }
    if (values->count > SHOWN_VALUES)
        azattest__buf_printf(out, " and %zu more", values->count - SHOWN_VALUES);
    if (values->count == 0)
        azattest__buf_append_text(out, "nothing");
}

/* What a test wants: "false", "anything but 5", "at least 2", "one of the values of c (1, 2)". */
static void show_wanted(const azattest__ready_test *ready, bool with_kind, azattest__buf *out)
{
    static const char *const words[] = { "", "anything but ", "less than ", "at most ", "more than ", "at least " };
    const azattest__expression *expression = ready->test->expression;
    const azattest__values *values = &ready->operand;

    azattest__buf_append_text(out, words[ready->test->op]);
    if (expression->kind == AZATTEST__REFERENCE) {
        azattest__buf_printf(out, values->count == 1 ? "that of %s.%s (" : "one of those of %s.%s (", expression->text,
                             azattest__property_name(expression->property));
        show_values(values, out);
        azattest__buf_append_text(out, ")");
    } else if (values->count > 1) {
        azattest__buf_append_text(out, "one of ");
        show_values(values, out);
    } else {
        show_values(values, out);
    }
    if (with_kind && values->count > 0)
        azattest__buf_printf(out, " (%s)", azattest__value_type(values->items[0].kind));
}

/* How near a claim comes: all tests of its type first, then of its issuer, then how many others it passes. */
typedef struct nearness {
    bool type_fits;
    size_t passed;                      /* one of the issuer counts for several */
    const azattest__ready_test *missed; /* the first test that it does not pass, one of the type before others */
} nearness;

static nearness how_near(const azattest__ready_test *tests, size_t count, const azattest__claim *claim)
{
    nearness near = { true, 0, NULL };
    uint64_t steps = 0;

    for (size_t i = 0; i < count; i++) {
        bool is_type = tests[i].test->property == AZATTEST__PROPERTY_TYPE;

        if (azattest__test_passes(&tests[i], claim, &steps)) {
            near.passed += tests[i].test->property == AZATTEST__PROPERTY_ISSUER ? ISSUER_WEIGHT : 1;
        } else if (near.missed == NULL || (is_type && near.type_fits)) {
            near.missed = &tests[i];
            near.type_fits = near.type_fits && !is_type;
        }
    }
    return near;
}

/* The test that names one type; NULL when there is none. */
static const azattest__ready_test *named_type(const azattest__ready_test *tests, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (tests[i].test->property == AZATTEST__PROPERTY_TYPE && tests[i].test->op == AZATTEST__EQUAL &&
            tests[i].operand.count == 1 && tests[i].operand.items[0].kind == AZATTEST__VALUE_STRING)
            return &tests[i];
    return NULL;
}

/* A claim whose type looks as the one that nobody has: a typing mistake. Comparing costs more than anything else here,
 * so only so many are compared for one evaluation. */
static const char *find_alike(azattest__replay *replay, const azattest__value *wanted)
{
    const azattest__evaluator *m = &replay->evaluator;
    const char *nearest = NULL;
    size_t distance = LIKELY_MISTAKE + 1;

    for (size_t i = 0; i < azattest__evaluator_claim_count(m) && replay->compared < MOST_COMPARED; i++) {
        const azattest__claim *claim = azattest__evaluator_claim(m, i);

        if (claim->type_len > wanted->text_len + LIKELY_MISTAKE || claim->type_len + LIKELY_MISTAKE < wanted->text_len)
            continue;
        replay->compared++;
        azattest__nearer(wanted->text, claim->type, &nearest, &distance);
    }
    return nearest;
}

static void say_no_type(azattest__replay *replay, const azattest__ready_test *type, azattest__buf *out)
{
    const char *alike = find_alike(replay, &type->operand.items[0]);

    azattest__buf_append_text(out, "there is no claim of type ");
    azattest__value_show(&type->operand.items[0], out);
    if (alike == NULL)
        return;
    azattest__buf_append_text(out, "; did you mean ");
    show_text(alike, strlen(alike), out);
    azattest__buf_append_text(out, "?");
}

/* The nearest claim is of the right type, if one is asked for, and fails this test. */
static void say_missed(const azattest__claim *claim, const nearness *near, size_t as_near, const char *type,
                       azattest__buf *out)
{
    azattest__value is = azattest__claim_property(claim, near->missed->test->property);
    const azattest__values *wanted = &near->missed->operand;
    bool other_kind = wanted->count == 1 && wanted->items[0].kind != is.kind;

    if (as_near > 1) {
        azattest__buf_printf(out, "none of %zu claims%s", as_near, type == NULL ? "" : " of type ");
        if (type != NULL)
            show_text(type, strlen(type), out);
        azattest__buf_printf(out, " fits: the %s of the first is ",
                             azattest__property_name(near->missed->test->property));
    } else {
        azattest__buf_printf(out, "the %s of ", azattest__property_name(near->missed->test->property));
        show_text(claim->type, claim->type_len, out);
        azattest__buf_append_text(out, " is ");
    }
    azattest__value_show(&is, out);
    if (other_kind)
        azattest__buf_printf(out, " (%s)", azattest__value_type(is.kind));
    azattest__buf_append_text(out, ", expected ");
    show_wanted(near->missed, other_kind, out);
}

static void say_nearest(azattest__replay *replay, const azattest__condition *condition,
                        const azattest__ready_test *tests, azattest__buf *out)
{
    const azattest__evaluator *m = &replay->evaluator;
    const azattest__ready_test *type = named_type(tests, condition->test_count);
    const azattest__claim *best = NULL;
    nearness best_near = { false, 0, NULL };
    size_t as_near = 0;

    for (size_t i = 0; i < azattest__evaluator_claim_count(m); i++) {
        const azattest__claim *claim = azattest__evaluator_claim(m, i);
        nearness near = how_near(tests, condition->test_count, claim);
        bool nearer = best == NULL || near.type_fits > best_near.type_fits ||
                      (near.type_fits == best_near.type_fits && near.passed > best_near.passed);

        if (nearer) {
            best = claim;
            best_near = near;
        }
        if (type != NULL && !near.type_fits)
            continue;
        as_near = nearer ? 1 : as_near + (near.type_fits == best_near.type_fits && near.passed == best_near.passed);
    }
    if (best == NULL)
        azattest__buf_append_text(out, "there are no claims");
    else if (type != NULL && !best_near.type_fits)
        say_no_type(replay, type, out);
    else if (best_near.missed != NULL)
        say_missed(best, &best_near, as_near, type == NULL ? NULL : type->operand.items[0].text, out);
}

azattest_status azattest__replay_reason(azattest__replay *replay, azattest__buf *out)
{
    azattest__evaluator *m = &replay->evaluator;
    const azattest__condition *condition = &replay->rule->conditions[replay->failed];
    const azattest__bound *bound = &m->bound[replay->failed];
    azattest__ready_test *tests;
    azattest_status status;

    if (condition->negated) {
        azattest__buf_printf(out, "%zu claim%s match%s and none may: ", bound->count, bound->count == 1 ? "" : "s",
                             bound->count == 1 ? "es" : "");
        show_text(bound->items[0]->type, bound->items[0]->type_len, out);
        azattest__buf_append_text(out, " is ");
        azattest__value_show(&bound->items[0]->value, out);
        return out->status;
    }
    if ((status = azattest__evaluator_prepare(m, condition, &tests)) != AZATTEST_OK)
        return status;
    say_nearest(replay, condition, tests, out);
    return out->status;
}
