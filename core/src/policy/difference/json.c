/* A difference as JSON; policy_difference.h says what its members are. */
#include <azattest/limits.h>

#include "difference.h"

static azattest__json *side_json(const azattest_policy *policy)
{
    azattest__json *object = azattest__json_new_object();
    size_t rules = 0;

    for (size_t i = 0; i < AZATTEST__SECTIONS; i++)
        rules += policy->sections[i].rule_count;
    azattest__json_put_string(object, "version", azattest__version_text(policy->version));
    azattest__json_put_base64url(object, "hash", azattest__bytes(policy->hash, sizeof(policy->hash)));
    azattest__json_put_integer(object, "rules", (int64_t)rules);
    return object;
}

static void put_rule(azattest__json *change, const char *name, const azattest_policy *policy,
                     azattest__section_kind section, size_t index)
{
    const azattest__rule *rule;
    azattest__json *object;

    if (index == AZATTEST__NO_RULE)
        return;
    rule = &policy->sections[section].rules[index];
    object = azattest__json_new_object();
    azattest__json_put_integer(object, "rule", (int64_t)index + 1);
    azattest__json_put_integer(object, "line", rule->span.line);
    azattest__json_put_integer(object, "column", rule->span.column);
    azattest__json_put_bytes_text(object, "source", azattest__policy_source(policy, rule->span));
    azattest__json_put(change, name, object);
}

static void put_version(azattest__json *changes, const azattest_policy_difference *d)
{
    azattest__json *change;

    if (d->before->version == d->after->version)
        return;
    change = azattest__json_new_object();
    azattest__json_put_string(change, "kind", "version");
    azattest__json_put_string(change, "before", azattest__version_text(d->before->version));
    azattest__json_put_string(change, "after", azattest__version_text(d->after->version));
    azattest__json_add(changes, change);
}

static void put_sections(azattest__json *changes, const azattest_policy_difference *d)
{
    for (int kind = 0; kind < AZATTEST__SECTIONS; kind++) {
        azattest__json *change;

        if (d->before->sections[kind].present == d->after->sections[kind].present)
            continue;
        change = azattest__json_new_object();
        azattest__json_put_string(change, "kind",
                                  d->after->sections[kind].present ? "section_added" : "section_removed");
        azattest__json_put_string(change, "section", azattest__section_name((azattest__section_kind)kind));
        azattest__json_add(changes, change);
    }
}

static void put_rules(azattest__json *changes, const azattest_policy_difference *d)
{
    static const char *const kinds[] = { NULL, "rule_removed", "rule_added", "rule_changed", "rule_moved" };

    for (size_t i = 0; i < d->rule_count; i++) {
        const azattest__rule_change *rule = &d->rules[i];
        azattest__json *change;

        if (rule->kind == AZATTEST__RULE_ALIKE)
            continue;
        change = azattest__json_new_object();
        azattest__json_put_string(change, "kind", kinds[rule->kind]);
        azattest__json_put_string(change, "section", azattest__section_name(rule->section));
        put_rule(change, "before", d->before, rule->section, rule->before);
        put_rule(change, "after", d->after, rule->section, rule->after);
        azattest__json_add(changes, change);
    }
}

void azattest__difference_json(const azattest_policy_difference *difference, azattest__buf *out)
{
    azattest__json *object = azattest__json_new_object(), *changes = azattest__json_new_array();
    azattest__json *outcomes = azattest__json_new_array();

    azattest__json_put_bool(object, "same", azattest_policy_difference_is_same(difference));
    azattest__json_put_bool(object, "same_text", azattest_policy_difference_is_same_text(difference));
    azattest__json_put(object, "before", side_json(difference->before));
    azattest__json_put(object, "after", side_json(difference->after));
    put_version(changes, difference);
    put_sections(changes, difference);
    put_rules(changes, difference);
    azattest__json_put(object, "changes", changes);
    for (size_t i = 0; i < difference->outcome_count; i++)
        azattest__json_add(outcomes, azattest__json_copy(difference->outcomes[i]));
    azattest__json_put(object, "outcomes", outcomes);
    if (azattest__json_print(object, false, out, NULL) != AZATTEST_OK && out->status == AZATTEST_OK)
        out->status = AZATTEST_E_MEMORY;
    azattest__json_free(object);
}
