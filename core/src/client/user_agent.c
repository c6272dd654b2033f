/* User-Agent: "[application ]azattest-c/<version> OpenSSL/<version> (<system> <machine>)[ AZURE_HTTP_USER_AGENT]". A
 * transport puts its own name before OpenSSL's. With AZURE_TELEMETRY_DISABLED only the application and the library are
 * named. */
#include <stdlib.h>
#include <sys/utsname.h>

#include "../crypto/crypto.h"
#include "client.h"

#define APPLICATION_ID_LENGTH 24
#define ENVIRONMENT_LENGTH 256

/* The application id may have blanks around it; they are trimmed. */
static void append_application(const char *id, azattest__buf *out)
{
    int length;

    while (id != NULL && *id == ' ')
        id++;
    length = id == NULL ? 0 : (int)strnlen(id, APPLICATION_ID_LENGTH);
    while (length > 0 && id[length - 1] == ' ')
        length--;
    if (length > 0)
        azattest__buf_printf(out, "%.*s ", length, id);
}

static bool telemetry_is_disabled(void)
{
    const char *value = getenv("AZURE_TELEMETRY_DISABLED");

    return value != NULL && (strcmp(value, "1") == 0 || azattest__text_equal_nocase(value, "true"));
}

/* What the environment adds. Text that could not stand in a header is left out, and said so: nobody should lose his
 * calls for a decoration. */
static void append_environment(azattest__buf *out)
{
    const char *text = getenv("AZURE_HTTP_USER_AGENT");

    if (text == NULL || *text == '\0')
        return;
    if (azattest__header_value_valid(text) && strlen(text) <= ENVIRONMENT_LENGTH)
        azattest__buf_printf(out, " %s", text);
    else
        azattest__log(AZATTEST_LOG_WARNING,
                      "AZURE_HTTP_USER_AGENT is left out: expected 1 to %d visible ASCII characters",
                      ENVIRONMENT_LENGTH);
}

azattest_status azattest__user_agent(const azattest_client_options *options, char **out, azattest_error **error)
{
    const char *library = options->user_agent == NULL ? "azattest-c/" AZATTEST_VERSION : options->user_agent;
    azattest_status status;
    struct utsname system;
    azattest__buf text;

    azattest__buf_init(&text, 1024);
    append_application(options->application_id, &text);
    if (telemetry_is_disabled()) {
        azattest__buf_append(&text, library, strcspn(library, " "));
    } else {
        azattest__buf_printf(&text, "%s OpenSSL/%s", library, azattest__crypto_version());
        if (uname(&system) == 0)
            azattest__buf_printf(&text, " (%s %s)", system.sysname, system.machine);
        append_environment(&text);
    }
    if ((status = azattest__error_from_buf(error, &text, "user_agent")) == AZATTEST_OK)
        *out = (char *)azattest__buf_take(&text, NULL);
    azattest__buf_free(&text);
    return status;
}
