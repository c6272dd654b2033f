#include "policies.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "evidence.h"

static azattest_policy *read(azattest_bytes text, bool lenient)
{
    azattest_policy *policy = NULL;
    azattest_error *error = NULL;

    if (azattest__policy_read(text, lenient, NULL, &policy, &error) != AZATTEST_OK)
        fail_msg("%s", azattest_error_message(error));
    azattest__policy_check(policy);
    assert_false(policy->diagnostics.no_memory);
    return policy;
}

azattest_policy *policy_of(const char *text, bool lenient)
{
    return read(azattest__text(text), lenient);
}

azattest_policy *policy_of_file(const char *name, bool lenient)
{
    char path[256];
    size_t len = 0;
    unsigned char *text;
    azattest_policy *policy;

    snprintf(path, sizeof(path), "policies/%s", name);
    text = evidence_read(path, &len);
    policy = read(azattest__bytes(text, len), lenient);
    free(text);
    return policy;
}

char *policy_findings(const azattest_policy *policy)
{
    static const char *const marks[] = { "", "?", "-" };
    azattest__buf out;

    azattest__buf_init(&out, 1u << 20);
    for (size_t i = 0; i < policy->diagnostics.count; i++) {
        const azattest__diagnostic *one = &policy->diagnostics.items[i];

        azattest__buf_printf(&out, "%s%u:%u %s%s", i == 0 ? "" : ", ", one->span.line, one->span.column,
                             marks[one->severity], one->id);
    }
    azattest__buf_append_text(&out, "");
    assert_int_equal(out.status, AZATTEST_OK);
    return (char *)azattest__buf_take(&out, NULL);
}

unsigned policy_differs(azattest_policy *policy, const char *about, const char *expected)
{
    char *found = policy_findings(policy);
    bool differs = strcmp(found, expected) != 0;

    if (differs) {
        print_error("%s: \"%s\" in place of \"%s\"\n", about, found, expected);
        for (size_t i = 0; i < policy->diagnostics.count; i++)
            print_error("  line %u, column %u: %s\n", policy->diagnostics.items[i].span.line,
                        policy->diagnostics.items[i].span.column, policy->diagnostics.items[i].message);
    }
    free(found);
    azattest_policy_free(policy);
    return differs;
}
