/* The layout of a policy: whatever parses is laid out as a text that parses to the same tree, has the same comments in
 * the same order, and is laid out as itself. The tree is JSON, and the explanation is there. */
#include <stdlib.h>

#include <azattest/limits.h>

#include "json/json.h"
#include "policy/text/write.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

static azattest_policy *parse(azattest_bytes text, azattest_switch lenient)
{
    azattest_policy_parse_options options = AZATTEST_POLICY_PARSE_OPTIONS_INIT;
    azattest_policy *policy = NULL;

    options.lenient = lenient;
    return azattest_policy_parse(text, &options, &policy, NULL) == AZATTEST_OK ? policy : NULL;
}

static azattest_bytes comment(const azattest_policy *policy, size_t i)
{
    azattest_bytes text = azattest__policy_source(policy, policy->comments[i].span);

    while (text.len > 0 && strchr(" \t\r\n", ((const char *)text.ptr)[text.len - 1]) != NULL)
        text.len--;
    return text;
}

static void check(azattest_bytes text, azattest_switch lenient)
{
    azattest_policy *policy = parse(text, lenient), *again;
    const char *formatted;

    if (policy == NULL)
        return;
    require(azattest__json_check(azattest_policy_tree(policy), NULL) != AZATTEST_E_MALFORMED);
    require(azattest_policy_explanation(policy) != NULL);
    require(azattest__bytes_equal(text, azattest__text(azattest_policy_text(policy))));
    /* Arguments in deep calls grow most: a line of 40 blanks for each. */
    if ((formatted = azattest_policy_formatted(policy)) == NULL) {
        require(text.len > AZATTEST_LIMIT_POLICY / 16);
    } else {
        again = parse(azattest__text(formatted), lenient);
        require(again != NULL && azattest__policy_same(policy, again));
        require(policy->comment_count == again->comment_count);
        for (size_t i = 0; i < policy->comment_count; i++)
            require(azattest__bytes_equal(comment(policy, i), comment(again, i)));
        require(strcmp(azattest_policy_formatted(again), formatted) == 0);
        azattest_policy_free(again);
    }
    azattest_policy_free(policy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check(azattest__bytes(data, size), AZATTEST_OFF);
    check(azattest__bytes(data, size), AZATTEST_ON);
    return 0;
}
