/* JMESPath: a query, NUL, and a document. What is found is JSON, the same again the next time, and nothing is found
 * with less work than it takes. */
#include <stdlib.h>

#include <azattest/limits.h>

#include "policy/jmespath/jmespath.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { STEPS = 100000, MEMORY = 1 << 20 };

static void require(bool condition)
{
    if (!condition)
        abort();
}

static void see_comparison(void *user, const azattest__jmespath_comparison *seen)
{
    size_t *left = user;

    require(seen->op != NULL && seen->offset < *left);
    require((seen->left == AZATTEST__OPERAND_OTHER) == (seen->left_text == NULL));
    require((seen->right == AZATTEST__OPERAND_OTHER) == (seen->right_text == NULL));
}

static void see_field(void *user, const char *field)
{
    (void)user;
    require(field != NULL);
}

static void check_limits(const azattest__jmespath *query, const azattest__json *document, uint64_t steps)
{
    azattest__work work = { steps / 2, MEMORY };
    azattest_error *error = NULL;
    azattest__buf out;

    azattest__buf_init(&out, MEMORY);
    require(azattest__jmespath_search(query, document, &work, &out, &error) == AZATTEST_E_LIMIT);
    require(error != NULL && out.len == 0);
    azattest_error_free(error);
    azattest__buf_free(&out);
}

static void check_search(const azattest__jmespath *query, const azattest__json *document)
{
    azattest__work work = { STEPS, MEMORY }, again = { STEPS, MEMORY };
    azattest_error *error = NULL;
    azattest__buf out, second;
    azattest_status status;

    azattest__buf_init(&out, MEMORY);
    azattest__buf_init(&second, MEMORY);
    status = azattest__jmespath_search(query, document, &work, &out, &error);
    require((status == AZATTEST_OK) == (error == NULL) && (status == AZATTEST_OK) == (out.len > 0));
    require(status == AZATTEST_OK || status == AZATTEST_E_TYPE || status == AZATTEST_E_LIMIT);
    require(azattest__jmespath_search(query, document, &again, &second, NULL) == status);
    require(again.steps_left == work.steps_left && again.memory_left == work.memory_left);
    require(azattest__bytes_equal(azattest__buf_bytes(&out), azattest__buf_bytes(&second)));
    if (status == AZATTEST_OK) {
        status = azattest__json_check(azattest__buf_bytes(&out), NULL);
        require(status == AZATTEST_OK || status == AZATTEST_E_LIMIT); /* it may nest deeper than what is read */
        if (STEPS - work.steps_left > 1)
            check_limits(query, document, STEPS - work.steps_left);
    }
    azattest_error_free(error);
    azattest__buf_free(&out);
    azattest__buf_free(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = size == 0 ? NULL : memchr(data, 0, size);
    size_t len = end == NULL ? size : (size_t)(end - data), offset = 0;
    azattest__jmespath *query = NULL;
    azattest__json *document = NULL;
    azattest_error *error = NULL;
    azattest_status status = azattest__jmespath_compile(azattest__bytes(data, len), &query, &offset, &error);

    require((status == AZATTEST_OK) == (query != NULL) && (status == AZATTEST_OK) == (error == NULL));
    require(status == AZATTEST_OK || status == AZATTEST_E_MALFORMED || status == AZATTEST_E_LIMIT);
    require(offset <= len);
    azattest__jmespath_comparisons(query, see_comparison, &len);
    azattest__jmespath_first_fields(query, see_field, NULL);
    if (query != NULL && end != NULL &&
        azattest__json_parse(azattest__bytes(end + 1, size - len - 1), &document, NULL) == AZATTEST_OK)
        check_search(query, document);
    azattest__json_free(document);
    azattest__jmespath_free(query);
    azattest_error_free(error);
    return 0;
}
