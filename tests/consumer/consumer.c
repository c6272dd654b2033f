/* Uses the installed headers and libraries as a stranger would. Ends with 0 when a forged token is refused. */
#include <stdio.h>
#include <string.h>

#include <azattest/azattest.h>
#include <azattest/transport.h>

int main(void)
{
    static const char forged[] = "eyJhbGciOiJub25lIn0.e30.";
    azattest_bytes text = { forged, sizeof(forged) - 1 };
    azattest_validation_options options = AZATTEST_VALIDATION_OPTIONS_INIT;
    azattest_transport *transport = NULL;
    azattest_token *token = NULL;
    azattest_error *error = NULL;
    azattest_status status;
    int result = 1;

    options.validate_issuer = AZATTEST_OFF;
    if (azattest_curl_transport_new(NULL, &transport, &error) != AZATTEST_OK ||
        azattest_token_parse(text, &token, &error) != AZATTEST_OK)
        goto done;
    status = azattest_token_validate(token, &options, &error);
    printf("azattest %s: %s: %s\n", azattest_version(), azattest_status_name(status), azattest_error_message(error));
    result = status == AZATTEST_E_TOKEN_ALGORITHM ? 0 : 1;
done:
    azattest_error_free(error);
    azattest_token_free(token);
    azattest_transport_free(transport);
    return result;
}
