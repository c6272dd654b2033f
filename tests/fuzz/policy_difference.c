/* Two policies and a set of claims, parted by NUL: every rule of either is in the difference once, its counts agree
 * with its rules, both texts can be had, and a policy differs from itself in nothing. */
#include <stdlib.h>

#include "policy/difference/difference.h"
#include "policy/text/write.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

/* The bytes up to the next NUL, which is skipped. */
static azattest_bytes take(azattest_bytes *rest)
{
    const unsigned char *first = rest->ptr, *end = rest->len > 0 ? memchr(first, '\0', rest->len) : NULL;
    azattest_bytes piece = azattest__bytes(first, end != NULL ? (size_t)(end - first) : rest->len);

    *rest = azattest__bytes(first + piece.len + (end != NULL), rest->len - piece.len - (end != NULL));
    return piece;
}

static azattest_policy *parse(azattest_bytes text)
{
    azattest_policy_parse_options options = AZATTEST_POLICY_PARSE_OPTIONS_INIT;
    azattest_policy *policy = NULL;

    options.lenient = AZATTEST_ON;
    return azattest_policy_parse(text, &options, &policy, NULL) == AZATTEST_OK ? policy : NULL;
}

/* Which rules of one side the difference has, as a sum of numbers that only all of them together give. */
static void require_all_rules(const azattest_policy_difference *d, bool after)
{
    const azattest_policy *policy = after ? d->after : d->before;
    size_t seen[AZATTEST__SECTIONS] = { 0 }, sum[AZATTEST__SECTIONS] = { 0 };

    for (size_t i = 0; i < d->rule_count; i++) {
        const azattest__rule_change *change = &d->rules[i];
        size_t rule = after ? change->after : change->before;

        if (rule == AZATTEST__NO_RULE)
            continue;
        require(rule < policy->sections[change->section].rule_count);
        seen[change->section]++;
        sum[change->section] += rule;
    }
    for (size_t s = 0; s < AZATTEST__SECTIONS; s++) {
        size_t count = policy->sections[s].rule_count;

        require(seen[s] == count && (count == 0 || sum[s] == count * (count - 1) / 2));
    }
}

static void check(const azattest_policy *before, const azattest_policy *after, const azattest_claim_set *claims)
{
    azattest_policy_difference *d = NULL;

    require(azattest_policy_compare(before, after, &d, NULL) == AZATTEST_OK);
    require_all_rules(d, false);
    require_all_rules(d, true);
    for (size_t i = 0; i < d->rule_count; i++)
        if (d->rules[i].kind == AZATTEST__RULE_ALIKE || d->rules[i].kind == AZATTEST__RULE_MOVED)
            require(azattest__rule_same(&before->sections[d->rules[i].section].rules[d->rules[i].before],
                                        &after->sections[d->rules[i].section].rules[d->rules[i].after]));
    require((azattest_policy_difference_change_count(d) == 0) == azattest_policy_difference_is_same(d));
    if (claims != NULL && azattest_policy_difference_add(d, "claims", claims, NULL) == AZATTEST_OK)
        require(!azattest_policy_difference_is_same(d) || azattest_policy_difference_outcome_changed_count(d) == 0);
    require(azattest_policy_difference_text(d) != NULL);
    require(azattest__json_check(azattest_policy_difference_json(d), NULL) != AZATTEST_E_MALFORMED);
    azattest_policy_difference_free(d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    azattest_bytes rest = azattest__bytes(data, size), first = take(&rest), second = take(&rest);
    azattest_policy *before = parse(first), *after = parse(second);
    azattest_claim_set *claims = NULL;

    if (azattest_claim_set_parse(rest, &claims, NULL) != AZATTEST_OK)
        claims = NULL;
    if (before != NULL)
        check(before, before, claims);
    if (before != NULL && after != NULL)
        check(before, after, claims);
    azattest_claim_set_free(claims);
    azattest_policy_free(before);
    azattest_policy_free(after);
    return 0;
}
