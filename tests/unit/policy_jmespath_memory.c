/* Every allocation of a compilation and a search fails once, in turn: nothing is lost, and it is an error. */
#include <stdlib.h>

#include "expect.h"
#include "failing_memory.h"
#include "policy/jmespath/jmespath.h"

static const char document[] =
    "{\"a\":[{\"k\":\"b\",\"n\":1.5},{\"k\":\"a\",\"n\":2},{\"k\":\"c\",\"n\":-1e3}],\"o\":{\"x\":1,\"y\":[1,[2]]}}";
static const char *const queries[] = {
    "a[?n > `1`].{k: k, \"n n\": [n, to_string(@)]} | [::-1]",
    "sort_by(a, &k)[*].k | join('-', @)",
    "[max_by(a, &n), merge(o, `{\"z\":[1,2,{\"q\":null}]}`), reverse(o.y), values(o), keys(o)]",
    "[sum(a[].n), avg(a[].n), to_number('0.25'), abs(`-7`), length('x'), reverse('xy'), o.y[], map(&k, a), `bare`]",
    "a[?equals_ignore_case(k, 'A')] || missing && nothing",
    "a == ",
    "a[?n == 20]",
    "unknwon(a)",
    "length(`1`)",
};

static azattest_status story(const char *query, const azattest__json *root, azattest__buf *out, azattest_error **error)
{
    azattest__work work = { 100000, 100000 };
    azattest__jmespath *compiled = NULL;
    azattest_status status = azattest__jmespath_compile(azattest__text(query), &compiled, NULL, error);

    if (status == AZATTEST_OK)
        status = azattest__jmespath_search(compiled, root, &work, out, error);
    else
        assert_null(compiled);
    azattest__jmespath_free(compiled);
    return status;
}

static void every_allocation_fails_once(void **state)
{
    const char *query = *state;
    azattest__json *root = NULL;
    azattest_error *error = NULL;
    azattest_status status, expected;
    azattest__buf out;
    bool failed = true;

    assert_int_equal(azattest__json_parse(azattest__text(document), &root, NULL), AZATTEST_OK);
    azattest__buf_init(&out, 100000);
    expected = story(query, root, &out, &error);
    azattest_error_free(error);
    azattest__buf_free(&out);
    for (long allocation = 0; failed; allocation++) {
        error = NULL;
        allocations_until_failure = allocation;
        status = story(query, root, &out, &error);
        failed = allocations_until_failure < 0;
        allocations_until_failure = -1;
        /* the error's own text may be what there is no memory for: then it is an error of memory, too */
        assert_true(status == AZATTEST_E_MEMORY || status == expected);
        assert_true(!failed || expected != AZATTEST_OK || status == AZATTEST_E_MEMORY);
        assert_true((status == AZATTEST_OK) == (error == NULL) && (status == AZATTEST_OK) == (out.len > 0));
        assert_true(allocation < 1000);
        azattest_error_free(error);
        azattest__buf_free(&out);
    }
    azattest__json_free(root);
}

int main(void)
{
    struct CMUnitTest tests[sizeof(queries) / sizeof(queries[0])];

    for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++)
        tests[i] =
            (struct CMUnitTest){ queries[i], every_allocation_fails_once, NULL, NULL, (void *)(uintptr_t)queries[i] };
    return cmocka_run_group_tests_name("policy_jmespath_memory", tests, NULL, NULL);
}
