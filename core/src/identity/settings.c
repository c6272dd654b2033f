/* Options and variables of credentials. */
#include "settings.h"

#include <stdlib.h>

#include <azattest/limits.h>

#include "../error/options.h"
#include "../protocol/http.h"

azattest_status azattest__settings_take(const azattest_credential_options *in, azattest_credential_options *out,
                                        azattest_error **error)
{
    return azattest__options_take(in, out, sizeof(*out), "AZATTEST_CREDENTIAL_OPTIONS_INIT", error);
}

const char *azattest__variable(const azattest_credential_options *options, const char *name)
{
    const char *value =
        options->environment != NULL ? options->environment(options->environment_user, name) : getenv(name);

    return value == NULL || *value == '\0' ? NULL : value;
}

bool azattest__variable_is_on(const azattest_credential_options *options, const char *name)
{
    const char *value = azattest__variable(options, name);

    return value != NULL && (strcmp(value, "1") == 0 || azattest__text_equal_nocase(value, "true"));
}

const char *azattest__option_or_variable(const azattest_credential_options *options, const char *option,
                                         const char *name)
{
    return option != NULL ? option : azattest__variable(options, name);
}

void azattest__list_variables(const azattest_credential_options *options, const char *const *names, bool set,
                              azattest__buf *out)
{
    const char *before = "";

    for (; *names != NULL; names++) {
        if ((azattest__variable(options, *names) != NULL) != set)
            continue;
        azattest__buf_append_text(out, before);
        azattest__buf_append_text(out, *names);
        before = ", ";
    }
    if (*before == '\0')
        azattest__buf_append_text(out, "none");
}

azattest_status azattest__take_text(const char *credential, const char *name, const char *text, char **out,
                                    azattest_error **error)
{
    if (text == NULL)
        return AZATTEST_OK;
    if (strlen(text) > AZATTEST_LIMIT_IDENTITY_NAME || !azattest__header_value_valid(text))
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "%s: %s has to be 1 to 1024 visible ASCII characters",
                                   credential, name);
    *out = azattest__dup_text(text);
    return *out == NULL ? azattest__error_memory(error) : AZATTEST_OK;
}

static bool is_alphanumeric(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool azattest__is_tenant(const char *text)
{
    size_t len = strlen(text);

    for (size_t i = 0; i < len; i++)
        if (!is_alphanumeric(text[i]) && text[i] != '-' && text[i] != '.')
            return false;
    return len > 0 && len <= AZATTEST_LIMIT_TENANT && text[0] != '-'; /* programs would take it for an option */
}

azattest_status azattest__resource_of(const char *credential, const char *scopes, char **out, azattest_error **error)
{
    static const char suffix[] = "/.default";
    size_t len = strlen(scopes);

    if (strchr(scopes, ' ') != NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "%s: this source gives a token for one scope only",
                                   credential);
    if (len > sizeof(suffix) - 1 && strcmp(scopes + len - (sizeof(suffix) - 1), suffix) == 0)
        len -= sizeof(suffix) - 1;
    *out = azattest__dup(scopes, len);
    return *out == NULL ? azattest__error_memory(error) : AZATTEST_OK;
}

/* ---- somebody else's text ---- */

/* Length of an escape sequence of a terminal at the front ("\x1b[31m"), or 0. */
static size_t escape_length(const char *text, size_t len)
{
    size_t i = 2;

    if (len < 2 || text[0] != '\x1b' || text[1] != '[')
        return 0;
    while (i < len && (text[i] == ';' || (text[i] >= '0' && text[i] <= '9')))
        i++;
    return i < len ? i + 1 : i;
}

/* Length of what looks like a JWT or a part of one at the front, or 0: base64url of an object begins with "eyJ". */
static size_t token_length(const char *text, size_t len)
{
    size_t i = 3;

    if (len < 16 || memcmp(text, "eyJ", 3) != 0)
        return 0;
    while (i < len && (is_alphanumeric(text[i]) || memchr("-_.=+/", text[i], 6) != NULL))
        i++;
    return i < 16 ? 0 : i;
}

/* Length of the value of "accessToken" and its kind when one begins at `text`, which is behind the opening quote. */
static size_t value_length(const char *text, size_t done, size_t len)
{
    static const char *const names[] = { "accessToken\": \"",   "accessToken\":\"",   "access_token\": \"",
                                         "access_token\":\"",   "refresh_token\":\"", "id_token\":\"",
                                         "refresh_token\": \"", "id_token\": \"" };
    size_t i = 0;

    for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++) {
        size_t size = strlen(names[n]);

        if (done < size || memcmp(text - size, names[n], size) != 0)
            continue;
        while (i < len && text[i] != '"')
            i++;
        return i;
    }
    return 0;
}

static size_t secret_length(const char *text, size_t len, const char *secret)
{
    size_t size = secret == NULL ? 0 : strlen(secret);

    return size > 0 && len >= size && memcmp(text, secret, size) == 0 ? size : 0;
}

/* First the colours: what stands on both sides of one comes together, and may be what has to be hidden. */
static void strip(azattest_bytes text, azattest__buf *out)
{
    const char *in = text.ptr;

    for (size_t i = 0; i < text.len;) {
        size_t colour = escape_length(in + i, text.len - i);

        if (colour == 0)
            azattest__buf_append(out, in + i, 1);
        i += colour == 0 ? 1 : colour;
    }
}

char *azattest__shown_clean(azattest_bytes text, size_t limit, const char *secret)
{
    azattest__buf plain, clean;
    char *shown = NULL;
    const char *in;
    size_t hidden;

    azattest__buf_init(&plain, text.len + 1);
    azattest__buf_init(&clean, 4 * text.len + 16);
    strip(text, &plain);
    in = (const char *)plain.ptr;
    for (size_t i = 0; plain.status == AZATTEST_OK && i < plain.len;) {
        size_t left = plain.len - i;

        if ((hidden = secret_length(in + i, left, secret)) > 0 || (hidden = value_length(in + i, i, left)) > 0 ||
            (hidden = token_length(in + i, left)) > 0) {
            azattest__buf_append_text(&clean, "****");
            i += hidden;
        } else {
            azattest__buf_append(&clean, in + i++, 1);
        }
    }
    if (plain.status == AZATTEST_OK && clean.status == AZATTEST_OK)
        shown = azattest__printable(azattest__buf_bytes(&clean), limit);
    azattest__buf_free(&plain);
    azattest__buf_free(&clean);
    return shown;
}
