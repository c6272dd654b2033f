/*
 * Answers queries for the witness: each line of the input is a query and a document, both as JSON in an array of two,
 * ["query", document]; each line of the output is what the search gives, or "error: " and why.
 */
#include <stdio.h>
#include <stdlib.h>

#include <azattest/limits.h>

#include "policy/jmespath/jmespath.h"

static azattest_status answer(azattest_bytes line, azattest__buf *out, azattest_error **error)
{
    azattest__work work = { AZATTEST_LIMIT_POLICY_WORK, AZATTEST_LIMIT_POLICY_MEMORY };
    azattest__jmespath *query = NULL;
    azattest__json *pair = NULL;
    azattest_status status;
    size_t offset;

    if ((status = azattest__json_parse(line, &pair, error)) == AZATTEST_OK &&
        (status = azattest__jmespath_compile(azattest__text(azattest__json_string(azattest__json_first(pair))), &query,
                                             &offset, error)) == AZATTEST_OK)
        status = azattest__jmespath_search(query, azattest__json_next(azattest__json_first(pair)), &work, out, error);
    azattest__jmespath_free(query);
    azattest__json_free(pair);
    return status;
}

int main(void)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t len;

    while ((len = getline(&line, &room, stdin)) > 0) {
        azattest_error *error = NULL;
        azattest__buf out;

        azattest__buf_init(&out, AZATTEST_LIMIT_POLICY_MEMORY);
        if (answer(azattest__bytes(line, (size_t)len), &out, &error) == AZATTEST_OK)
            printf("%s\n", (const char *)out.ptr);
        else
            printf("error: %s\n", azattest_error_message(error));
        azattest_error_free(error);
        azattest__buf_free(&out);
    }
    free(line);
    return 0;
}
