/* Answers that bring a token, of every source: a token is text that may stand in a header, and nothing of it is shown
 * in a failure. */
#include <stdlib.h>

#include "identity/entra.h"
#include "identity/token_reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(azattest_status status, azattest__access_token *token)
{
    if ((status == AZATTEST_OK) != (token->text != NULL) ||
        (status == AZATTEST_OK && (token->expires_on_s <= 0 || strpbrk(token->text, " \r\n") != NULL)))
        abort();
    azattest__access_token_clear(token);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    azattest_http_response response = AZATTEST_HTTP_RESPONSE_INIT;
    azattest_bytes text = azattest__bytes(size == 0 ? (const void *)"" : data, size);
    char *copy = azattest__dup(data, size), *shown;
    azattest__access_token token;
    azattest_error *error = NULL;
    int64_t seconds;

    if (copy == NULL)
        return 0;
    check(azattest__token_reply("fuzz", text, 1000, &token, &error), &token);
    azattest_error_free(error);
    error = NULL;
    check(azattest__cli_reply("fuzz", text, &token, &error), &token);
    azattest_error_free(error);
    error = NULL;
    response.status = 400;
    response.body = text;
    (void)azattest__entra_error("fuzz", &response, "s3cret", &error);
    if (strstr(azattest_error_message(error), "s3cret") != NULL)
        abort();
    azattest_error_free(error);
    (void)azattest__msi_date_parse(copy, &seconds);
    (void)azattest__local_date_parse(copy, &seconds);
    (void)azattest__access_token_expiry(copy, &seconds);
    shown = azattest__shown_clean(text, 250, "s3cret");
    if (shown != NULL && strstr(shown, "s3cret") != NULL)
        abort();
    free(shown);
    free(copy);
    return 0;
}
