/* Evaluations: the three sections in their order, the outcome, and what readers see of them. */
#include "evaluation.h"

#include <stdio.h>
#include <stdlib.h>

#include <azattest/limits.h>

#include "../../error/options.h"
#include "../choices.h"

static azattest_policy_evaluation *writable(const azattest_policy_evaluation *evaluation)
{
    union {
        const azattest_policy_evaluation *seen;
        azattest_policy_evaluation *made;
    } same = { .seen = evaluation };

    return same.made;
}

/* The claims that the first deny speaks of. */
static azattest_status keep_denied(azattest__evaluator *m, azattest_policy_evaluation *evaluation, size_t index)
{
    const azattest__rule *rule = m->rule;
    azattest_bytes source = azattest__policy_source(m->policy, rule->span);
    size_t count = 0;

    evaluation->deny_rule = rule;
    evaluation->deny_index = index;
    for (size_t i = 0; i < rule->condition_count; i++)
        count += m->bound[i].count;
    evaluation->denied = azattest__arena_array(m->arena, count, sizeof(*evaluation->denied));
    evaluation->deny_source = azattest__arena_text(m->arena, source.ptr, source.len);
    if (m->arena->status != AZATTEST_OK)
        return azattest__evaluator_no_memory(m);
    for (size_t i = 0; i < rule->condition_count; i++)
        for (size_t k = 0; k < m->bound[i].count; k++)
            evaluation->denied[evaluation->denied_count++] = m->bound[i].items[k];
    return AZATTEST_OK;
}

static azattest_status put(azattest__evaluator *m, azattest__claim_list *list, const azattest__claim *claim,
                           uint32_t hash)
{
    if (azattest__claim_list_has(list, claim, hash))
        return AZATTEST_OK;
    if (!azattest__claim_list_add(list, m->arena, claim, hash))
        return azattest__evaluator_no_memory(m);
    return AZATTEST_OK;
}

static azattest_status make(azattest__evaluator *m, azattest_policy_evaluation *evaluation,
                            azattest__section_kind section)
{
    azattest__action_kind action = m->rule->action.kind;
    azattest__claim_list *outside = section == AZATTEST__AUTHORIZATION   ? NULL
                                    : action == AZATTEST__ISSUE          ? &evaluation->outgoing
                                    : action == AZATTEST__ISSUE_PROPERTY ? &evaluation->properties
                                                                         : NULL;
    azattest__claim *made = NULL;
    size_t count = 0;
    azattest_status status = azattest__evaluator_make(m, m->rule, outside != NULL, &made, &count);

    for (size_t i = 0; i < count && status == AZATTEST_OK; i++) {
        uint32_t hash = azattest__claim_hash(&made[i]);

        status = azattest__evaluator_spend(m, 1 + made[i].value.text_len / AZATTEST__BYTES_OF_A_STEP);
        if (status == AZATTEST_OK && outside != NULL)
            status = put(m, outside, &made[i], hash);
        if (status == AZATTEST_OK &&
            (m->set_visible == 0 || !azattest__claim_list_has(&m->set->claims, &made[i], hash)))
            status = put(m, &evaluation->added, &made[i], hash);
        if (status == AZATTEST_OK && m->set_visible + evaluation->added.count > AZATTEST_LIMIT_CLAIMS)
            status = azattest__error_set(m->error, AZATTEST_E_LIMIT, "the rule of line %u makes more than %u claims",
                                         m->rule->span.line, AZATTEST_LIMIT_CLAIMS);
    }
    m->added_visible = evaluation->added.count;
    return status;
}

/* Which actions a section may have was checked when the policy was parsed; here nothing but authorizationrules ever
 * permits. */
static azattest_status act(azattest__evaluator *m, azattest_policy_evaluation *evaluation,
                           azattest__section_kind section, size_t index)
{
    switch (m->rule->action.kind) {
    case AZATTEST__PERMIT:
        if (section == AZATTEST__AUTHORIZATION && evaluation->permit_rule == NULL)
            evaluation->permit_rule = m->rule;
        return AZATTEST_OK;
    case AZATTEST__DENY:
        return evaluation->deny_rule == NULL ? keep_denied(m, evaluation, index) : AZATTEST_OK;
    case AZATTEST__ADD:
    case AZATTEST__ISSUE:
    case AZATTEST__ISSUE_PROPERTY:
        break;
    }
    return make(m, evaluation, section);
}

static azattest_status run(azattest__evaluator *m, azattest_policy_evaluation *evaluation, azattest__section_kind kind)
{
    const azattest__section *section = &m->policy->sections[kind];
    azattest_status status = AZATTEST_OK;

    for (size_t i = 0; i < section->rule_count && status == AZATTEST_OK; i++) {
        azattest__record *record = &evaluation->records[kind][i];
        size_t failed = 0;

        record->run = true;
        record->added_before = m->added_visible;
        status = azattest__evaluator_match(m, &section->rules[i], &failed);
        record->fired = status == AZATTEST_OK && failed == section->rules[i].condition_count;
        if (record->fired)
            status = act(m, evaluation, kind, i);
        record->added_after = m->added_visible;
    }
    return status;
}

/* Denies unless a rule permits, and no deny speaks against it. */
static void decide(azattest_policy_evaluation *evaluation)
{
    const azattest__rule *deny = evaluation->deny_rule, *permit = evaluation->permit_rule;

    if (!AZATTEST__CHOICE_DENY_BEATS_EARLIER_PERMIT && permit != NULL && deny != NULL &&
        permit->span.offset < deny->span.offset)
        deny = NULL;
    evaluation->permitted = deny == NULL && permit != NULL;
    if (deny != NULL)
        snprintf(evaluation->reason, sizeof(evaluation->reason), "the rule of line %u denies", deny->span.line);
    else if (permit != NULL)
        snprintf(evaluation->reason, sizeof(evaluation->reason), "the rule of line %u permits", permit->span.line);
    else
        snprintf(evaluation->reason, sizeof(evaluation->reason), "no rule permits");
}

static azattest_status run_all(azattest__evaluator *m, azattest_policy_evaluation *evaluation, bool configuration_only)
{
    azattest_status status;

    for (int i = 0; i < AZATTEST__SECTIONS; i++) {
        evaluation->records[i] = azattest__arena_array(&evaluation->arena, m->policy->sections[i].rule_count,
                                                       sizeof(*evaluation->records[i]));
        if (evaluation->records[i] == NULL)
            return azattest__error_memory(m->error);
    }
    decide(evaluation);
    /* They come before the evidence is judged, so there are no claims for them. */
    m->set_visible = AZATTEST__CHOICE_CONFIGURATION_SEES_NO_CLAIMS ? 0 : m->set->claims.count;
    if ((status = run(m, evaluation, AZATTEST__CONFIGURATION)) != AZATTEST_OK || configuration_only)
        return status;
    m->set_visible = m->set->claims.count;
    if ((status = run(m, evaluation, AZATTEST__AUTHORIZATION)) != AZATTEST_OK)
        return status;
    decide(evaluation);
    return evaluation->permitted ? run(m, evaluation, AZATTEST__ISSUANCE) : AZATTEST_OK;
}

static azattest_status evaluate(const azattest_policy *policy, const azattest_claim_set *set, uint64_t work_limit,
                                bool configuration_only, azattest_policy_evaluation **out, azattest_error **error)
{
    azattest_policy_evaluation *evaluation = calloc(1, sizeof(*evaluation));
    azattest__evaluator evaluator = { .error = error };
    azattest_status status;

    if (evaluation == NULL)
        return azattest__error_memory(error);
    azattest__arena_init(&evaluation->arena, AZATTEST_LIMIT_POLICY_MEMORY / 4);
    evaluation->policy = azattest_policy_ref(policy);
    evaluation->set = azattest__claim_set_freeze(set);
    evaluation->work_limit = work_limit;
    status =
        azattest__evaluator_open(&evaluator, policy, set, &evaluation->added, &evaluation->arena, work_limit, error);
    if (status == AZATTEST_OK)
        status = run_all(&evaluator, evaluation, configuration_only);
    azattest__evaluator_close(&evaluator);
    if (status == AZATTEST_OK)
        *out = evaluation;
    else
        azattest_policy_evaluation_free(evaluation);
    return status;
}

azattest_status azattest_policy_evaluate(const azattest_policy *policy, const azattest_claim_set *claims,
                                         const azattest_evaluation_options *options, azattest_policy_evaluation **out,
                                         azattest_error **error)
{
    azattest_evaluation_options own;
    azattest_status status;

    if (error != NULL)
        *error = NULL;
    if (out == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "evaluation: no place for the result");
    *out = NULL;
    if (policy == NULL || claims == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "evaluation: no %s",
                                   policy == NULL ? "policy" : "claims");
    status = azattest__options_take(options, &own, sizeof(own), "AZATTEST_EVALUATION_OPTIONS_INIT", error);
    return status == AZATTEST_OK ? evaluate(policy, claims, own.work_limit, false, out, error) : status;
}

azattest_status azattest__policy_configure(const azattest_policy *policy, azattest_policy_evaluation **out,
                                           azattest_error **error)
{
    azattest_claim_set *none = NULL;
    azattest_status status = azattest_claim_set_new(&none, error);

    *out = NULL;
    if (status == AZATTEST_OK)
        status = evaluate(policy, none, 0, true, out, error);
    azattest_claim_set_free(none);
    return status;
}

static void free_text(azattest__buf *text)
{
    if (text != NULL)
        azattest__buf_free(text);
    free(text);
}

void azattest_policy_evaluation_free(azattest_policy_evaluation *evaluation)
{
    if (evaluation == NULL)
        return;
    free_text(atomic_load(&evaluation->claims_text));
    free_text(atomic_load(&evaluation->properties_text));
    free_text(atomic_load(&evaluation->incoming_text));
    free_text(atomic_load(&evaluation->trace_text));
    free_text(atomic_load(&evaluation->explanation_text));
    azattest__arena_free(&evaluation->arena);
    azattest_claim_set_free(evaluation->set);
    azattest_policy_free(evaluation->policy);
    free(evaluation);
}

bool azattest_policy_evaluation_is_permitted(const azattest_policy_evaluation *evaluation)
{
    return evaluation != NULL && evaluation->permitted;
}

const char *azattest_policy_evaluation_outcome(const azattest_policy_evaluation *evaluation)
{
    return evaluation == NULL ? NULL : evaluation->permitted ? "permit" : "deny";
}

const char *azattest_policy_evaluation_reason(const azattest_policy_evaluation *evaluation)
{
    return evaluation == NULL ? NULL : evaluation->reason;
}

unsigned azattest_policy_evaluation_deny_line(const azattest_policy_evaluation *evaluation)
{
    return evaluation == NULL || evaluation->deny_rule == NULL ? 0 : evaluation->deny_rule->span.line;
}

const char *azattest_policy_evaluation_deny_rule(const azattest_policy_evaluation *evaluation)
{
    return evaluation == NULL ? NULL : evaluation->deny_source;
}

const azattest__value *azattest__policy_evaluation_property(const azattest_policy_evaluation *evaluation,
                                                            const char *name)
{
    const azattest__value *found = NULL;

    for (size_t i = 0; i < evaluation->properties.count; i++) {
        if (strcmp(evaluation->properties.items[i].type, name) != 0)
            continue;
        if (found != NULL)
            return NULL;
        found = &evaluation->properties.items[i].value;
    }
    return found;
}

/* A text is made once, by whoever asks first; of two that are at it at the same time one throws its own away. */
static const azattest__buf *made_once(const azattest_policy_evaluation *evaluation, _Atomic(azattest__buf *) *place,
                                      azattest_status (*write)(const azattest_policy_evaluation *evaluation,
                                                               azattest__buf *out))
{
    azattest__buf *made, *first = atomic_load(place);

    if (first != NULL)
        return first;
    if ((made = malloc(sizeof(*made))) == NULL)
        return NULL;
    azattest__buf_init(made, AZATTEST_LIMIT_POLICY_MEMORY);
    if (write(evaluation, made) != AZATTEST_OK || made->status != AZATTEST_OK) {
        free_text(made);
        return NULL;
    }
    if (atomic_compare_exchange_strong(place, &first, made))
        return made;
    free_text(made);
    return first;
}

static azattest_status write_claims(const azattest_policy_evaluation *evaluation, azattest__buf *out)
{
    return azattest__claim_list_members(&evaluation->outgoing, out);
}

static azattest_status write_properties(const azattest_policy_evaluation *evaluation, azattest__buf *out)
{
    return azattest__claim_list_members(&evaluation->properties, out);
}

static azattest_status write_incoming(const azattest_policy_evaluation *evaluation, azattest__buf *out)
{
    azattest__buf_append_text(out, "[");
    for (size_t i = 0; i < evaluation->set->claims.count + evaluation->added.count; i++) {
        size_t own = evaluation->set->claims.count;

        azattest__buf_append_text(out, i == 0 ? "" : ",");
        azattest__claim_print(i < own ? &evaluation->set->claims.items[i] : &evaluation->added.items[i - own], SIZE_MAX,
                              out);
    }
    azattest__buf_append_text(out, "]");
    return out->status;
}

#define TEXT(place, write)                                                                                             \
    bytes_of(evaluation == NULL ? NULL : made_once(evaluation, &writable(evaluation)->place, write))

static azattest_bytes bytes_of(const azattest__buf *text)
{
    return text == NULL ? azattest__bytes(NULL, 0) : azattest__buf_bytes(text);
}

azattest_bytes azattest_policy_evaluation_claims(const azattest_policy_evaluation *evaluation)
{
    return TEXT(claims_text, write_claims);
}

azattest_bytes azattest_policy_evaluation_properties(const azattest_policy_evaluation *evaluation)
{
    return TEXT(properties_text, write_properties);
}

azattest_bytes azattest_policy_evaluation_incoming(const azattest_policy_evaluation *evaluation)
{
    return TEXT(incoming_text, write_incoming);
}

azattest_bytes azattest_policy_evaluation_trace(const azattest_policy_evaluation *evaluation)
{
    return TEXT(trace_text, azattest__evaluation_trace);
}

const char *azattest_policy_evaluation_explanation(const azattest_policy_evaluation *evaluation)
{
    return TEXT(explanation_text, azattest__evaluation_explain).ptr;
}
