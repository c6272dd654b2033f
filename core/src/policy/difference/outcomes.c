/* What two policies make of one set of claims. */
#include <azattest/limits.h>
#include <azattest/policy_evaluation.h>

#include "difference.h"

typedef struct judged {
    const char *outcome; /* "error" until it is known better */
    azattest_policy_evaluation *evaluation;
    azattest_error *failure;
    azattest__json *claims, *properties;
} judged;

static void judged_free(judged *j)
{
    azattest_policy_evaluation_free(j->evaluation);
    azattest_error_free(j->failure);
    azattest__json_free(j->claims);
    azattest__json_free(j->properties);
}

/* A policy that cannot be evaluated over the claims has the outcome "error"; only a lack of memory is a failure. */
static azattest_status judge(judged *j, const azattest_policy *policy, const azattest_claim_set *claims,
                             azattest_error **error)
{
    azattest_status status = azattest_policy_evaluate(policy, claims, NULL, &j->evaluation, &j->failure);
    azattest_bytes made, properties;

    j->outcome = "error";
    if (status == AZATTEST_E_MEMORY || status == AZATTEST_E_ARGUMENT) {
        if (error != NULL)
            *error = azattest__error_copy(j->failure);
        return status;
    }
    if (status != AZATTEST_OK)
        return AZATTEST_OK;
    made = azattest_policy_evaluation_claims(j->evaluation);
    properties = azattest_policy_evaluation_properties(j->evaluation);
    if (made.ptr == NULL || properties.ptr == NULL)
        return azattest__error_memory(error);
    if ((status = azattest__json_parse(made, &j->claims, error)) != AZATTEST_OK ||
        (status = azattest__json_parse(properties, &j->properties, error)) != AZATTEST_OK)
        return status;
    j->outcome = azattest_policy_evaluation_is_permitted(j->evaluation) ? "permit" : "deny";
    return AZATTEST_OK;
}

static azattest__json *outcome_json(const judged *j)
{
    azattest__json *object = azattest__json_new_object();

    azattest__json_put_string(object, "outcome", j->outcome);
    azattest__json_put_string(object, "reason",
                              j->evaluation != NULL ? azattest_policy_evaluation_reason(j->evaluation)
                                                    : azattest_error_message(j->failure));
    return object;
}

/* A member that is absent on one side is absent in the entry. */
static void add_entry(azattest__json *list, const char *name, const azattest__json *before, const azattest__json *after)
{
    azattest__json *entry = azattest__json_new_object();

    azattest__json_put_string(entry, "name", name);
    if (before != NULL)
        azattest__json_put(entry, "before", azattest__json_copy(before));
    if (after != NULL)
        azattest__json_put(entry, "after", azattest__json_copy(after));
    azattest__json_add(list, entry);
}

/* Members of two objects that differ. */
static azattest__json *differing(const azattest__json *before, const azattest__json *after)
{
    azattest__json *list = azattest__json_new_array();

    for (const azattest__json *one = azattest__json_first(before); one != NULL; one = azattest__json_next(one)) {
        const azattest__json *other = azattest__json_get(after, azattest__json_name(one));

        if (other == NULL || !azattest__json_equal(one, other))
            add_entry(list, azattest__json_name(one), one, other);
    }
    for (const azattest__json *one = azattest__json_first(after); one != NULL; one = azattest__json_next(one))
        if (azattest__json_get(before, azattest__json_name(one)) == NULL)
            add_entry(list, azattest__json_name(one), NULL, one);
    return list;
}

azattest_status azattest__difference_judge(const azattest_policy_difference *difference, const char *name,
                                           const azattest_claim_set *claims, azattest__json **out, bool *changed,
                                           azattest_error **error)
{
    azattest__json *object = NULL, *claim_list = NULL, *property_list = NULL;
    judged before = { 0 }, after = { 0 };
    azattest__buf printed;
    azattest_status status;

    azattest__buf_init(&printed, AZATTEST_LIMIT_POLICY_MEMORY);
    if ((status = judge(&before, difference->before, claims, error)) != AZATTEST_OK ||
        (status = judge(&after, difference->after, claims, error)) != AZATTEST_OK)
        goto done;
    object = azattest__json_new_object();
    claim_list = differing(before.claims, after.claims);
    property_list = differing(before.properties, after.properties);
    if (object == NULL || claim_list == NULL || property_list == NULL) {
        status = azattest__error_memory(error);
        goto done;
    }
    *changed = strcmp(before.outcome, after.outcome) != 0 || azattest__json_count(claim_list) > 0 ||
               azattest__json_count(property_list) > 0;
    azattest__json_put_string(object, "name", name);
    azattest__json_put_bool(object, "changed", *changed);
    azattest__json_put(object, "before", outcome_json(&before));
    azattest__json_put(object, "after", outcome_json(&after));
    azattest__json_put(object, "claims", claim_list);
    azattest__json_put(object, "properties", property_list);
    claim_list = property_list = NULL;
    /* What could not be built shows itself here. */
    if ((status = azattest__json_print(object, false, &printed, error)) != AZATTEST_OK)
        goto done;
    *out = object;
    object = NULL;
done:
    azattest__buf_free(&printed);
    azattest__json_free(object);
    azattest__json_free(claim_list);
    azattest__json_free(property_list);
    judged_free(&before);
    judged_free(&after);
    return status;
}
