/* Claim sets: what is read from JSON, what is refused and with which words, and that no claim is there twice. */
#include <stdio.h>
#include <stdlib.h>

#include <azattest/azattest.h>

#include "base/buf.h"
#include "expect.h"
#include "policy/claims/claims.h"

#define S "\"valueType\":\"String\",\"issuer\":\"AttestationService\"}"
#define I "\"valueType\":\"Integer\",\"issuer\":\"AttestationService\"}"
#define B "\"valueType\":\"Boolean\",\"issuer\":\"AttestationService\"}"

typedef struct read_case {
    const char *name, *json, *claims;
} read_case;

static const read_case read_cases[] = {
    { "an object of no members is an empty set", "{}", "[]" },
    { "so is an empty list", " [ ] ", "[]" },
    { "each member is a claim of the service", "{\"a\":\"x\",\"b\":3,\"c\":true,\"d\":false}",
      "[{\"type\":\"a\",\"value\":\"x\"," S ",{\"type\":\"b\",\"value\":3," I ",{\"type\":\"c\",\"value\":true," B
      ",{\"type\":\"d\",\"value\":false," B "]" },
    { "null is no claim", "{\"a\":null,\"b\":[null],\"c\":[]}", "[]" },
    { "a list of plain values is a claim for each", "{\"a\":[2,\"2\",true,null,1]}",
      "[{\"type\":\"a\",\"value\":2," I ",{\"type\":\"a\",\"value\":\"2\"," S ",{\"type\":\"a\",\"value\":true," B
      ",{\"type\":\"a\",\"value\":1," I "]" },
    { "a value that is there already is not there twice", "{\"a\":[1,1,2,1]}",
      "[{\"type\":\"a\",\"value\":1," I ",{\"type\":\"a\",\"value\":2," I "]" },
    { "an object is its text", "{\"events\":{ \"Events\" : [ {\"EventSeq\": 1} ] }}",
      "[{\"type\":\"events\",\"value\":\"{\\\"Events\\\":[{\\\"EventSeq\\\":1}]}\"," S "]" },
    { "a list that holds objects is its text", "{\"keys\":[{\"kty\":\"RSA\"},1]}",
      "[{\"type\":\"keys\",\"value\":\"[{\\\"kty\\\":\\\"RSA\\\"},1]\"," S "]" },
    { "a list of lists too", "{\"a\":[[1]]}", "[{\"type\":\"a\",\"value\":\"[[1]]\"," S "]" },
    { "an integral float is an integer", "{\"a\":1.0,\"b\":8e1}",
      "[{\"type\":\"a\",\"value\":1," I ",{\"type\":\"b\",\"value\":80," I "]" },
    { "the smallest and the largest integer", "{\"a\":[-9223372036854775808,9223372036854775807]}",
      "[{\"type\":\"a\",\"value\":-9223372036854775808," I ",{\"type\":\"a\",\"value\":9223372036854775807," I "]" },
    { "empty text is a value", "{\"a\":\"\"}", "[{\"type\":\"a\",\"value\":\"\"," S "]" },
    { "names and texts keep their case and characters", "{\"$Svn\":\"\\u00c4\\n\"}",
      "[{\"type\":\"$Svn\",\"value\":\"\xc3\x84\\n\"," S "]" },
    { "a list of claims", "[{\"type\":\"a\",\"value\":1},{\"value\":\"x\",\"type\":\"b\"}]",
      "[{\"type\":\"a\",\"value\":1," I ",{\"type\":\"b\",\"value\":\"x\"," S "]" },
    { "a claim of the client", "[{\"type\":\"a\",\"value\":1,\"issuer\":\"CustomClaim\"}]",
      "[{\"type\":\"a\",\"value\":1,\"valueType\":\"Integer\",\"issuer\":\"CustomClaim\"}]" },
    { "the same claim of two issuers is two",
      "[{\"type\":\"a\",\"value\":1,\"issuer\":\"x\"},{\"type\":\"a\",\"value\":1}]",
      "[{\"type\":\"a\",\"value\":1,\"valueType\":\"Integer\",\"issuer\":\"x\"},{\"type\":\"a\",\"value\":1," I "]" },
    { "a type of value that fits",
      "[{\"type\":\"a\",\"value\":1,\"valueType\":\"Integer\"},{\"type\":\"b\",\"value\":true,\"valueType\":"
      "\"Boolean\"},"
      "{\"type\":\"c\",\"value\":{},\"valueType\":\"String\"}]",
      "[{\"type\":\"a\",\"value\":1," I ",{\"type\":\"b\",\"value\":true," B ",{\"type\":\"c\",\"value\":\"{}\"," S
      "]" },
    { "several values of one type", "[{\"type\":\"a\",\"value\":[1,2],\"valueType\":\"Integer\"}]",
      "[{\"type\":\"a\",\"value\":1," I ",{\"type\":\"a\",\"value\":2," I "]" },
};

static void is_read(void **state)
{
    const read_case *test = *state;
    azattest_claim_set *set = NULL, *again = NULL;
    azattest_error *error = NULL;

    expect(azattest_claim_set_parse(azattest__text(test->json), &set, &error), &error, AZATTEST_OK, NULL);
    assert_string_equal(azattest_claim_set_json(set).ptr, test->claims);
    expect(azattest_claim_set_parse(azattest_claim_set_json(set), &again, &error), &error, AZATTEST_OK, NULL);
    assert_string_equal(azattest_claim_set_json(again).ptr, test->claims);
    azattest_claim_set_free(again);
    azattest_claim_set_free(set);
}

typedef struct refusal_case {
    const char *name, *json;
    azattest_status status;
    const char *message;
} refusal_case;

static const refusal_case refusal_cases[] = {
    { "nothing", "", AZATTEST_E_MALFORMED, "claims: " },
    { "no JSON", "a: 1", AZATTEST_E_MALFORMED, "at byte 0" },
    { "a number", "1", AZATTEST_E_MALFORMED, "of type number, expected an object of claims or a list" },
    { "text behind it", "{} {}", AZATTEST_E_MALFORMED, "at byte 3" },
    { "a member twice", "{\"a\":1,\"a\":2}", AZATTEST_E_MALFORMED, "duplicate member" },
    { "a fraction", "{\"svn\":1.5}", AZATTEST_E_TYPE, "'svn' has a value that is no integer of 64 bits: 1.5" },
    { "a fraction in a list", "{\"svn\":[1,0.1]}", AZATTEST_E_TYPE, "0.1" },
    { "an integer that is too large", "{\"svn\":9223372036854775808}", AZATTEST_E_TYPE, "9223372036854775808" },
    { "a claim without a name", "{\"\":1}", AZATTEST_E_ARGUMENT, "without a type" },
    { "a list of numbers", "[{\"type\":\"a\",\"value\":1},1]", AZATTEST_E_MALFORMED, "claim 2 is of type number" },
    { "a claim without a type", "[{\"value\":1}]", AZATTEST_E_ARGUMENT, "claim 1 has no type" },
    { "a claim without a value", "[{\"type\":\"a\"}]", AZATTEST_E_ARGUMENT, "claim 1 has no value" },
    { "a type that is no text", "[{\"type\":1,\"value\":1}]", AZATTEST_E_ARGUMENT,
      "type of claim 1 is of type number" },
    { "an issuer that is no text", "[{\"type\":\"a\",\"value\":1,\"issuer\":null}]", AZATTEST_E_ARGUMENT,
      "issuer of claim 1 is of type null" },
    { "an issuer without characters", "[{\"type\":\"a\",\"value\":1,\"issuer\":\"\"}]", AZATTEST_E_ARGUMENT,
      "without an issuer" },
    { "a misspelt issuer does not become the service", "[{\"type\":\"a\",\"value\":1,\"isuer\":\"x\"}]",
      AZATTEST_E_ARGUMENT, "claim 1 has a member 'isuer'" },
    { "a type of value that one of several does not fit",
      "[{\"type\":\"a\",\"value\":[1,\"1\"],\"valueType\":\"Integer\"}]", AZATTEST_E_ARGUMENT, "which is String" },
    { "the type of the list that several came in", "[{\"type\":\"a\",\"value\":[1],\"valueType\":\"String\"}]",
      AZATTEST_E_ARGUMENT, "which is Integer" },
    { "a type of value that does not fit", "[{\"type\":\"a\",\"value\":\"1\",\"valueType\":\"Integer\"}]",
      AZATTEST_E_ARGUMENT, "which is String" },
    { "a name with control characters is shown escaped", "{\"a\\u001b[31m\":1.5}", AZATTEST_E_TYPE, "'a\\x1b[31m'" },
};

static void is_refused(void **state)
{
    const refusal_case *test = *state;
    azattest_claim_set *set = NULL;
    azattest_error *error = NULL;

    expect(azattest_claim_set_parse(azattest__text(test->json), &set, &error), &error, test->status, test->message);
    assert_null(set);
}

static void every_cut_text_is_refused(void **state)
{
    static const char *const texts[] = {
        "{\"a\":\"x\",\"b\":[1,true,null],\"c\":{\"d\":[{}]}}",
        "[{\"type\":\"a\",\"value\":\"\\u00e4\",\"issuer\":\"CustomClaim\",\"valueType\":\"String\"}]",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        for (size_t len = 0; len < strlen(texts[i]); len++) {
            char *cut = azattest__dup(texts[i], len); /* a buffer of its own: reading behind it is seen */
            azattest_claim_set *set = NULL;
            azattest_error *error = NULL;

            expect(azattest_claim_set_parse(azattest__bytes(cut, len), &set, &error), &error, AZATTEST_E_MALFORMED,
                   "claims");
            assert_null(set);
            free(cut);
        }
}

static void claims_are_added_and_read(void **state)
{
    azattest_claim_set *set = NULL;
    azattest_error *error = NULL;
    int64_t number = 1;

    (void)state;
    expect(azattest_claim_set_new(&set, &error), &error, AZATTEST_OK, NULL);
    assert_int_equal(azattest_claim_set_count(set), 0);
    assert_string_equal(azattest_claim_set_json(set).ptr, "[]");
    for (int twice = 0; twice < 2; twice++) {
        expect(azattest_claim_set_add_string(set, "a", azattest__text("x"), NULL, &error), &error, AZATTEST_OK, NULL);
        expect(azattest_claim_set_add_integer(set, "b", -5, NULL, &error), &error, AZATTEST_OK, NULL);
        expect(azattest_claim_set_add_boolean(set, "c", true, "CustomClaim", &error), &error, AZATTEST_OK, NULL);
    }
    assert_int_equal(azattest_claim_set_count(set), 3);
    assert_string_equal(azattest_claim_set_type(set, 0), "a");
    assert_string_equal(azattest_claim_set_value_type(set, 0), "String");
    assert_string_equal(azattest_claim_set_string(set, 0), "x");
    assert_int_equal(azattest_claim_set_integer(set, 0, &number), AZATTEST_E_TYPE);
    assert_int_equal(number, 0);
    assert_int_equal(azattest_claim_set_boolean(set, 0), -1);
    assert_string_equal(azattest_claim_set_value_type(set, 1), "Integer");
    assert_int_equal(azattest_claim_set_integer(set, 1, &number), AZATTEST_OK);
    assert_int_equal(number, -5);
    assert_null(azattest_claim_set_string(set, 1));
    assert_int_equal(azattest_claim_set_boolean(set, 2), 1);
    assert_string_equal(azattest_claim_set_issuer(set, 2), "CustomClaim");
    assert_string_equal(azattest_claim_set_issuer(set, 1), "AttestationService");
    assert_string_equal(azattest_claim_set_json(set).ptr,
                        "[{\"type\":\"a\",\"value\":\"x\"," S ",{\"type\":\"b\",\"value\":-5," I
                        ",{\"type\":\"c\",\"value\":true,\"valueType\":\"Boolean\",\"issuer\":\"CustomClaim\"}]");
    azattest_claim_set_free(set);
}

static void what_does_not_exist_is_absent(void **state)
{
    azattest_claim_set *set = NULL;
    azattest_error *error = NULL;
    int64_t number = 1;

    (void)state;
    assert_int_equal(azattest_claim_set_new(&set, NULL), AZATTEST_OK);
    for (const azattest_claim_set *one = set;; one = NULL) {
        assert_null(azattest_claim_set_type(one, 0));
        assert_null(azattest_claim_set_issuer(one, 0));
        assert_null(azattest_claim_set_value_type(one, 0));
        assert_null(azattest_claim_set_string(one, 0));
        assert_int_equal(azattest_claim_set_boolean(one, 0), -1);
        assert_int_equal(azattest_claim_set_integer(one, 0, &number),
                         one == NULL ? AZATTEST_E_ARGUMENT : AZATTEST_ABSENT);
        if (one == NULL)
            break;
    }
    assert_int_equal(azattest_claim_set_integer(set, 0, NULL), AZATTEST_E_ARGUMENT);
    assert_int_equal(azattest_claim_set_count(NULL), 0);
    assert_null(azattest_claim_set_json(NULL).ptr);
    assert_null(azattest_claim_set_ref(NULL));
    expect(azattest_claim_set_new(NULL, &error), &error, AZATTEST_E_ARGUMENT, "no place");
    expect(azattest_claim_set_parse(azattest__text("{}"), NULL, &error), &error, AZATTEST_E_ARGUMENT, "no place");
    azattest_claim_set_free(set);
    set = NULL;
    expect(azattest_claim_set_parse(azattest__bytes(NULL, 0), &set, &error), &error, AZATTEST_E_ARGUMENT, "no text");
    expect(azattest_claim_set_add_integer(NULL, "a", 1, NULL, &error), &error, AZATTEST_E_ARGUMENT, "no set");
    azattest_claim_set_free(NULL);
}

static void bad_claims_are_not_added(void **state)
{
    azattest_claim_set *set = NULL;
    azattest_error *error = NULL;
    char *large = malloc(AZATTEST_LIMIT_CLAIM_VALUE + 2);

    (void)state;
    assert_non_null(large);
    memset(large, 'x', AZATTEST_LIMIT_CLAIM_VALUE + 1);
    large[AZATTEST_LIMIT_CLAIM_VALUE + 1] = '\0';
    assert_int_equal(azattest_claim_set_new(&set, NULL), AZATTEST_OK);
    expect(azattest_claim_set_add_integer(set, NULL, 1, NULL, &error), &error, AZATTEST_E_ARGUMENT, "no type");
    expect(azattest_claim_set_add_integer(set, "", 1, NULL, &error), &error, AZATTEST_E_ARGUMENT, "without a type");
    expect(azattest_claim_set_add_integer(set, "a", 1, "", &error), &error, AZATTEST_E_ARGUMENT, "without an issuer");
    expect(azattest_claim_set_add_integer(set, "\xff", 1, NULL, &error), &error, AZATTEST_E_ARGUMENT, "no UTF-8");
    expect(azattest_claim_set_add_string(set, "a", azattest__bytes("\xc0\x80", 2), NULL, &error), &error,
           AZATTEST_E_ARGUMENT, "'a' has text that is no UTF-8");
    expect(azattest_claim_set_add_string(set, "a", azattest__bytes("b\0c", 3), NULL, &error), &error,
           AZATTEST_E_ARGUMENT, "a NUL");
    expect(azattest_claim_set_add_string(set, "a", azattest__bytes(NULL, 0), NULL, &error), &error, AZATTEST_E_ARGUMENT,
           "no text");
    expect(
        azattest_claim_set_add_string(set, "a", azattest__bytes(large, AZATTEST_LIMIT_CLAIM_VALUE + 1), NULL, &error),
        &error, AZATTEST_E_LIMIT, "1 MiB");
    large[AZATTEST_LIMIT_CLAIM_TYPE + 1] = '\0';
    expect(azattest_claim_set_add_integer(set, large, 1, NULL, &error), &error, AZATTEST_E_LIMIT, "1025 bytes");
    large[AZATTEST_LIMIT_CLAIM_TYPE] = '\0';
    expect(azattest_claim_set_add_integer(set, large, 1, NULL, &error), &error, AZATTEST_OK, NULL);
    assert_int_equal(azattest_claim_set_count(set), 1);
    free(large);
    azattest_claim_set_free(set);
}

static void there_is_a_most_of_claims(void **state)
{
    azattest_claim_set *set = NULL;
    azattest_error *error = NULL;

    (void)state;
    assert_int_equal(azattest_claim_set_new(&set, NULL), AZATTEST_OK);
    for (int64_t i = 0; i < AZATTEST_LIMIT_CLAIMS; i++)
        expect(azattest_claim_set_add_integer(set, "a", i, NULL, &error), &error, AZATTEST_OK, NULL);
    expect(azattest_claim_set_add_integer(set, "a", 7, NULL, &error), &error, AZATTEST_OK, NULL); /* it is there */
    expect(azattest_claim_set_add_integer(set, "a", -1, NULL, &error), &error, AZATTEST_E_LIMIT, "more than 4096");
    assert_int_equal(azattest_claim_set_count(set), AZATTEST_LIMIT_CLAIMS);
    azattest_claim_set_free(set);
}

static void there_is_a_most_of_memory(void **state)
{
    azattest_claim_set *set = NULL;
    azattest_error *error = NULL;
    char *text = malloc(AZATTEST_LIMIT_CLAIM_VALUE);
    azattest_status status = AZATTEST_OK;
    int count = 0;

    (void)state;
    assert_non_null(text);
    memset(text, 'x', AZATTEST_LIMIT_CLAIM_VALUE);
    assert_int_equal(azattest_claim_set_new(&set, NULL), AZATTEST_OK);
    while (status == AZATTEST_OK && count < 100) {
        text[0] = (char)('a' + count++);
        status =
            azattest_claim_set_add_string(set, "a", azattest__bytes(text, AZATTEST_LIMIT_CLAIM_VALUE), NULL, &error);
    }
    expect(status, &error, AZATTEST_E_LIMIT, "all together");
    assert_int_equal(azattest_claim_set_count(set), 7);
    free(text);
    azattest_claim_set_free(set);
}

static void a_set_that_was_evaluated_does_not_change(void **state)
{
    azattest_claim_set *set = NULL, *other;
    azattest_error *error = NULL;

    (void)state;
    assert_int_equal(azattest_claim_set_parse(azattest__text("{\"a\":1}"), &set, NULL), AZATTEST_OK);
    other = azattest__claim_set_freeze(set);
    assert_ptr_equal(other, set);
    azattest_claim_set_free(set);
    expect(azattest_claim_set_add_integer(other, "b", 1, NULL, &error), &error, AZATTEST_E_STATE, "make a new one");
    assert_int_equal(azattest_claim_set_count(other), 1);
    azattest_claim_set_free(other);
}

static void the_register_values_of_the_service_are_read_only(void **state)
{
    azattest_claim_set *set = NULL;

    (void)state;
    assert_int_equal(
        azattest_claim_set_parse(
            azattest__text("[{\"type\":\"pcrs\",\"value\":{\"PCRs\":[]}},{\"type\":\"events\",\"value\":\"{}\"},"
                           "{\"type\":\"pcrs\",\"value\":\"{}\",\"issuer\":\"CustomClaim\"}]"),
            &set, NULL),
        AZATTEST_OK);
    assert_true(set->claims.items[0].value.read_only);
    assert_false(set->claims.items[1].value.read_only);
    assert_false(set->claims.items[2].value.read_only);
    azattest_claim_set_free(set);
}

#define TABLE(cases, function)                                                                                         \
    for (size_t i = 0; i < sizeof(cases) / sizeof((cases)[0]); i++)                                                    \
        tests[count++] = (struct CMUnitTest)                                                                           \
        {                                                                                                              \
            (cases)[i].name, function, NULL, NULL, (void *)(uintptr_t) & (cases)[i]                                    \
        }

int main(void)
{
    static const struct CMUnitTest single[] = {
        cmocka_unit_test(every_cut_text_is_refused),
        cmocka_unit_test(claims_are_added_and_read),
        cmocka_unit_test(what_does_not_exist_is_absent),
        cmocka_unit_test(bad_claims_are_not_added),
        cmocka_unit_test(there_is_a_most_of_claims),
        cmocka_unit_test(there_is_a_most_of_memory),
        cmocka_unit_test(a_set_that_was_evaluated_does_not_change),
        cmocka_unit_test(the_register_values_of_the_service_are_read_only),
    };
    struct CMUnitTest tests[sizeof(read_cases) / sizeof(read_cases[0]) +
                            sizeof(refusal_cases) / sizeof(refusal_cases[0]) + sizeof(single) / sizeof(single[0])];
    size_t count = 0;

    TABLE(read_cases, is_read);
    TABLE(refusal_cases, is_refused);
    for (size_t i = 0; i < sizeof(single) / sizeof(single[0]); i++)
        tests[count++] = single[i];
    return _cmocka_run_group_tests("policy_claims", tests, count, NULL, NULL);
}
