/* JSON: what the gate takes cJSON takes, what is printed says the same, and the readers of raw text agree with the
 * tree. */
#include <stdlib.h>

#include "json/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

static void check_number(const azattest__json *value)
{
    azattest_bytes text = azattest__text(azattest__json_number_text(value));
    int64_t from_tree, from_text;
    bool integral = azattest__json_integer(value, &from_tree);

    require(text.ptr != NULL && azattest__json_check(text, NULL) == AZATTEST_OK);
    require(azattest__json_integer_text(text, &from_text) == integral && from_text == from_tree);
}

/* Members are found by their name, and in the text where the tree has them. */
static void check_members(const azattest__json *root, azattest_bytes text)
{
    size_t budget = 64; /* finding is linear */

    for (const azattest__json *one = azattest__json_first(root); one != NULL && budget-- > 0;
         one = azattest__json_next(one)) {
        const char *const names[] = { "a", azattest__json_name(one) };
        azattest_bytes found = azattest__json_find(text, azattest__json_name(one)), both[2];
        azattest__json *value = NULL;

        azattest__json_find_all(text, names, both, 2);
        require(both[1].ptr == found.ptr && both[0].ptr == azattest__json_find(text, "a").ptr);

        require(azattest__json_get(root, azattest__json_name(one)) == one);
        require(found.ptr != NULL && azattest__json_parse(found, &value, NULL) == AZATTEST_OK);
        require(azattest__json_equal(value, one));
        azattest__json_free(value);
        if (azattest__json_is_string(one)) {
            azattest__buf plain;

            azattest__buf_init(&plain, found.len);
            require(azattest__json_unescape(found, &plain));
            require(strcmp((const char *)plain.ptr, azattest__json_string(one)) == 0);
            azattest__buf_free(&plain);
        } else if (azattest__json_is_number(one)) {
            require(azattest__bytes_equal_text(found, azattest__json_number_text(one)));
            check_number(one);
        }
    }
}

static void check_print(const azattest__json *root, bool pretty, size_t limit)
{
    azattest__json *again = NULL;
    azattest__buf out;

    azattest__buf_init(&out, limit);
    require(azattest__json_print(root, pretty, &out, NULL) == AZATTEST_OK);
    require(azattest__json_parse(azattest__buf_bytes(&out), &again, NULL) == AZATTEST_OK);
    require(azattest__json_equal(root, again));
    azattest__json_free(again);
    azattest__buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    azattest_bytes text = azattest__bytes(data, size);
    azattest__json *root = NULL;
    azattest_error *error = NULL;
    azattest_status status = azattest__json_check(text, &error);

    require((status == AZATTEST_OK) == (error == NULL));
    azattest_error_free(error);
    require(azattest__json_parse(text, &root, NULL) == status);
    (void)azattest__json_find(text, "a"); /* not for text like this, but it must not run away either */
    if (status == AZATTEST_OK) {
        if (azattest__json_is_number(root))
            check_number(root);
        if (azattest__json_is_object(root))
            check_members(root, text);
        else
            require(azattest__json_find(text, "").ptr == NULL);
        /* printing may escape each byte as six characters; nesting is bounded, so are the blanks */
        check_print(root, false, size * 6 + 64);
        check_print(root, true, size * 128 + 256);
    }
    azattest__json_free(root);
    return 0;
}
