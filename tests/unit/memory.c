/* Every allocation fails once, in turn: the failure is reported, nothing is lost, nothing half-made is taken for whole.
 * And what is freed does not hold secrets any more. */
#include <setjmp.h>
#include <stdarg.h>
#include <malloc.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <cjson/cJSON.h>

#include "base/encoding.h"
#include "json/json.h"
#include "failing_memory.h"

/* The linker sends the library's calls here (--wrap), as those of failing_memory.h; cJSON's come by its hooks. */
void __real_free(void *block);
void __wrap_free(void *block);

static const char secret[] = "a-rather-secret-value";
static size_t secrets_freed;

void __wrap_free(void *block)
{
    /* the middle is enough: a cut buffer has lost its first byte */
    if (block != NULL && memmem(block, malloc_usable_size(block), secret + 4, 12) != NULL)
        secrets_freed++;
    __real_free(block);
}

static const char text[] =
    "{\"a\":[1,2.5,\"x\"],\"\\u0062\":{\"c\":9007199254740993,\"d\":null},\"e\":\"\\n\",\"f\":true}";
static const char printed[] =
    "{\"a\":[1,2.5,\"x\"],\"b\":{\"c\":9007199254740993,\"d\":null},\"e\":\"\\n\",\"f\":true}";

/* Parses, copies, adds, prints. AZATTEST_OK only with the right text. */
static azattest_status json_story(azattest_error **error)
{
    azattest__json *root = NULL, *copy = NULL;
    azattest_status status;
    azattest__buf out;

    azattest__buf_init(&out, 1000);
    if ((status = azattest__json_parse(azattest__text(text), &root, error)) != AZATTEST_OK)
        goto done;
    if ((copy = azattest__json_copy(root)) == NULL) {
        status = azattest__error_memory(error);
        goto done;
    }
    azattest__json_put_integer(copy, "h", 1);
    azattest__json_put_hex(copy, "g", azattest__bytes("\1", 1));
    azattest__json_put_bytes_text(copy, "i", azattest__text("t"));
    azattest__json_put_raw(copy, "j", azattest__text("[1]"));
    azattest__json_sort(copy);
    if ((status = azattest__json_print(copy, false, &out, error)) != AZATTEST_OK)
        goto done;
    assert_memory_equal(out.ptr, printed, sizeof(printed) - 2);
    assert_string_equal((const char *)out.ptr + sizeof(printed) - 2, ",\"g\":\"01\",\"h\":1,\"i\":\"t\",\"j\":[1]}");
done:
    azattest__buf_free(&out);
    azattest__json_free(copy);
    azattest__json_free(root);
    return status;
}

static azattest_status encoding_story(azattest_error **error)
{
    azattest_bytes block, body;
    azattest__buf pem, back;
    azattest_status status;
    size_t offset = 0;

    azattest__buf_init(&pem, 1000);
    azattest__buf_init(&back, 1000);
    azattest__pem_encode("X", azattest__text(printed), &pem);
    if ((status = azattest__error_from_buf(error, &pem, "pem")) != AZATTEST_OK)
        goto done;
    assert_true(azattest__pem_next(azattest__buf_bytes(&pem), "X", &offset, &block, &body));
    /* decoding has no status of its own: false, and the same as for text that is no PEM */
    if (!azattest__pem_decode_body(body, &back))
        status = azattest__error_memory(error);
    else
        assert_string_equal((const char *)back.ptr, printed);
done:
    azattest__buf_free(&back);
    azattest__buf_free(&pem);
    return status;
}

static azattest_status error_story(azattest_error **error)
{
    azattest_problems problems = { NULL, 0 };
    azattest__error_http http = { .status_code = 400, .reason = "r", .body = { "b\n", 2 } };
    azattest_error *first = NULL, *copy;
    azattest_status status;

    if ((status = azattest__problems_add(&problems, AZATTEST_E_TOKEN_AGE, "%s", "old")) != AZATTEST_OK) {
        azattest__error_memory(error);
        goto done;
    }
    status = azattest__error_from_problems(&first, &problems);
    assert_int_equal(status, AZATTEST_E_TOKEN_AGE); /* the verdict stays a refusal whatever fails */
    azattest__error_set_http(first, &http);
    azattest__error_prefix(&first, "p");
    copy = azattest__error_copy(first);
    assert_non_null(copy);
    assert_non_null(azattest_error_message(copy));
    status = azattest_error_code(copy) == AZATTEST_E_MEMORY ? azattest__error_memory(error) : AZATTEST_OK;
    azattest_error_free(copy);
done:
    azattest__problems_clear(&problems);
    azattest_error_free(first);
    return status;
}

static void fail_each(azattest_status (*story)(azattest_error **error), long least)
{
    azattest_error *error = NULL;
    azattest_status status;
    bool failed = true;
    long n;

    for (n = 0; failed; n++) {
        assert_true(n < 1000);
        allocations_until_failure = n;
        status = story(&error);
        failed = allocations_until_failure < 0;
        allocations_until_failure = -1;
        assert_true(failed || status == AZATTEST_OK);
        if (status != AZATTEST_OK) {
            assert_int_equal(status, AZATTEST_E_MEMORY);
            assert_int_equal(azattest_error_code(error), AZATTEST_E_MEMORY);
            assert_string_equal(azattest_error_message(error), "out of memory");
        }
        azattest_error_free(error);
        error = NULL;
    }
    assert_true(n > least);
}

static void json_survives_want_of_memory(void **state)
{
    cJSON_Hooks hooks = { __wrap_malloc, __wrap_free };

    (void)state;
    cJSON_InitHooks(&hooks);
    fail_each(json_story, 30);
    cJSON_InitHooks(NULL);
}

static void encoding_survives_want_of_memory(void **state)
{
    (void)state;
    fail_each(encoding_story, 3);
}

static void errors_survive_want_of_memory(void **state)
{
    (void)state;
    fail_each(error_story, 5);
}

static void secrets_are_wiped_before_they_are_freed(void **state)
{
    cJSON_Hooks hooks = { __wrap_malloc, __wrap_free };
    azattest__json *root = NULL;
    azattest__buf buf, out;
    char *witness;

    (void)state;
    witness = azattest__dup_text(secret);
    __wrap_free(witness);
    assert_int_equal(secrets_freed, 1); /* it would be seen */
    secrets_freed = 0;

    azattest__buf_init(&buf, 1000);
    azattest__buf_append_text(&buf, "{\"password\":\"");
    azattest__buf_append_text(&buf, secret);
    azattest__buf_append_text(&buf, "\",\"list\":[\"");
    azattest__buf_append_text(&buf, secret); /* grows */
    azattest__buf_append_text(&buf, "\"]}");
    cJSON_InitHooks(&hooks);
    assert_int_equal(azattest__json_parse(azattest__buf_bytes(&buf), &root, NULL), AZATTEST_OK);
    azattest__json_put_bytes_text(root, "again", azattest__text(secret));
    azattest__json_put_string(root, "and again", secret);
    azattest__buf_init(&out, 1000);
    assert_int_equal(azattest__json_print(root, true, &out, NULL), AZATTEST_OK);
    azattest__buf_free(&out);
    azattest__json_free(root);
    cJSON_InitHooks(NULL);
    azattest__buf_free(&buf);

    azattest__base64url_encode(azattest__text(secret), &buf);
    azattest__buf_append_text(&buf, "!!!!"); /* refused after the secret was decoded */
    assert_false(azattest__base64url_decode(azattest__buf_bytes(&buf), &out));
    azattest__buf_free(&out);
    azattest__buf_free(&buf);
    assert_int_equal(secrets_freed, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_survives_want_of_memory),
        cmocka_unit_test(encoding_survives_want_of_memory),
        cmocka_unit_test(errors_survive_want_of_memory),
        cmocka_unit_test(secrets_are_wiped_before_they_are_freed),
    };

    return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
