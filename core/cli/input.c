#include "input.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error/error.h"
#include "json/json.h"

/* Room for the JSON document around a token. */
enum { TOKEN_WRAPPING = 64 * 1024 };
#define PASSPHRASE_LIMIT 1024u

/* A JWT, which must not come back in a message. */
static bool looks_like_a_token(const char *path)
{
    return strncmp(path, "eyJ", 3) == 0 && strchr(path, '.') != NULL && strchr(path, '/') == NULL;
}

static azattest_status cannot(const char *what, const char *path, int reason, azattest_error **error)
{
    char *shown = azattest__printable(azattest__text(path), 200);

    if (looks_like_a_token(path)) {
        azattest__error_set(error, AZATTEST_E_STATE,
                            "cannot read %s: what stands there is no file, but looks like a token itself", what);
        azattest__error_set_hint(*error, "put it into a file that is readable for you alone, or give - and pipe it: "
                                         "everybody on this machine sees command lines");
    } else {
        azattest__error_set(error, AZATTEST_E_STATE, "cannot read %s '%s': %s", what, shown == NULL ? "?" : shown,
                            strerror(reason));
    }
    free(shown);
    return AZATTEST_E_STATE;
}

azattest_status azattest__input_read(const char *path, const char *what, size_t limit, azattest__buf *out,
                                     azattest_error **error)
{
    bool standard = strcmp(path, "-") == 0;
    int file = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    azattest_status status = AZATTEST_OK;
    unsigned char chunk[16 * 1024];
    ssize_t got = 0;

    azattest__buf_init(out, limit + 1); /* one more, to see that there is more */
    if (file < 0)
        return cannot(what, path, errno, error);
    while (out->len <= limit && (got = read(file, chunk, sizeof(chunk))) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            status = cannot(what, standard ? "standard input" : path, errno, error);
            goto done;
        }
        azattest__buf_append(out, chunk, (size_t)got);
        if (out->status == AZATTEST_E_LIMIT)
            break;
    }
    if (out->len > limit || out->status == AZATTEST_E_LIMIT)
        status = azattest__error_set(error, AZATTEST_E_LIMIT, "the %s has more than %zu bytes", what, limit);
    else
        status = azattest__error_from_buf(error, out, what);
done:
    if (!standard)
        close(file);
    azattest__wipe(chunk, sizeof(chunk)); /* may be a token */
    return status;
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

azattest_status azattest__input_folder(const char *path, const char *what, azattest__input_visit visit, void *user,
                                       azattest_error **error)
{
    struct dirent **entries = NULL;
    int count = scandir(path, &entries, is_visible, alphasort);
    azattest_status status = AZATTEST_OK;

    if (count < 0)
        return azattest__error_set(error, AZATTEST_E_STATE, "%s: the folder cannot be read", what);
    for (int i = 0; i < count; i++) {
        struct stat about;
        char *full = NULL;

        if (status == AZATTEST_OK && asprintf(&full, "%s/%s", path, entries[i]->d_name) < 0)
            status = azattest__error_memory(error);
        if (status == AZATTEST_OK && stat(full, &about) == 0 && S_ISREG(about.st_mode))
            status = visit(user, full, error);
        free(full);
        free(entries[i]);
    }
    free(entries);
    return status;
}

bool azattest__input_is_folder(const char *path)
{
    struct stat about;

    return strcmp(path, "-") != 0 && stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

azattest_status azattest__input_option(const azattest__arguments *arguments, azattest__option option, size_t limit,
                                       azattest__buf *out, azattest_bytes *bytes, azattest_error **error)
{
    azattest_status status;

    azattest__buf_init(out, limit);
    *bytes = azattest__bytes(NULL, 0);
    if (arguments->value[option] == NULL)
        return AZATTEST_OK;
    status = azattest__input_read(arguments->value[option], azattest__option_name(option), limit, out, error);
    if (status == AZATTEST_E_LIMIT) /* not a verdict on anything: it was not read */
        status = azattest__error_set(error, AZATTEST_E_STATE, "%s: the file has more than %zu bytes",
                                     azattest__option_name(option), limit);
    if (status == AZATTEST_OK)
        *bytes = azattest__bytes(out->ptr == NULL ? (const void *)"" : out->ptr, out->len); /* empty is not absent */
    return status;
}

azattest_status azattest__input_line(const char *path, const char *what, size_t limit, azattest__buf *out,
                                     azattest_error **error)
{
    azattest_status status;

    status = azattest__input_read(path, what, limit, out, error);
    if (status == AZATTEST_E_LIMIT) /* not a verdict on anything: it was not read */
        status = azattest__error_set(error, AZATTEST_E_STATE, "the %s has more than %zu bytes", what, limit);
    if (status != AZATTEST_OK)
        return status;
    if (out->len > 0)
        azattest__buf_cut(out, strcspn((const char *)out->ptr, "\r\n"));
    if (out->len > 0)
        return AZATTEST_OK;
    azattest__error_set(error, AZATTEST_E_ARGUMENT, "the %s is empty", what);
    azattest__error_set_hint(*error, "it stands in the first line of the file");
    return AZATTEST_E_ARGUMENT;
}

azattest_status azattest__input_passphrase(const azattest__arguments *arguments, azattest__buf *out,
                                           azattest_error **error)
{
    const char *path = arguments->value[OPTION_PASSPHRASE_FILE];

    azattest__buf_init(out, PASSPHRASE_LIMIT);
    return path == NULL ? AZATTEST_OK : azattest__input_line(path, "passphrase", PASSPHRASE_LIMIT, out, error);
}

azattest_status azattest__input_evidence(const char *path, azattest_evidence **out, azattest_error **error)
{
    azattest__buf file;
    azattest_status status;

    *out = NULL;
    if ((status = azattest__input_read(path, "evidence", AZATTEST_LIMIT_EVIDENCE_FILE, &file, error)) != AZATTEST_OK)
        goto done;
    if (file.len == 0) {
        status = azattest__error_set(error, AZATTEST_E_EVIDENCE, "the evidence is empty");
        goto done;
    }
    status = azattest_evidence_load(azattest__buf_bytes(&file), out, error);
done:
    azattest__buf_free(&file);
    return status;
}

/* Without the white space around it, which editors and shells leave. */
static azattest_bytes trimmed(azattest_bytes text)
{
    const char *first = text.ptr, *end = first + text.len;

    while (first < end && strchr(" \t\r\n", *first) != NULL && *first != '\0')
        first++;
    while (end > first && strchr(" \t\r\n", end[-1]) != NULL && end[-1] != '\0')
        end--;
    return azattest__bytes(first, (size_t)(end - first));
}

/* The member "token" of a JSON document, which keeps the text. */
static azattest_status unwrap(azattest_bytes *text, azattest__json **document, azattest_error **error)
{
    azattest_error *reason = NULL;
    const char *inner;

    if (azattest__json_parse(*text, document, &reason) != AZATTEST_OK) {
        azattest__error_set(error, AZATTEST_E_TOKEN_MALFORMED, "not a JSON document around a token: %s",
                            azattest_error_message(reason));
        azattest_error_free(reason);
        return AZATTEST_E_TOKEN_MALFORMED;
    }
    if ((inner = azattest__json_get_string(*document, "token")) == NULL)
        return azattest__error_set(error, AZATTEST_E_TOKEN_MALFORMED,
                                   "the JSON document has no member \"token\" with text");
    *text = azattest__text(inner);
    return AZATTEST_OK;
}

azattest_status azattest__input_token(const char *path, azattest_token **out, azattest_error **error)
{
    azattest__json *document = NULL;
    azattest__buf file;
    azattest_bytes text;
    azattest_status status;

    *out = NULL;
    status = azattest__input_read(path, "token", AZATTEST_LIMIT_TOKEN + TOKEN_WRAPPING, &file, error);
    if (status == AZATTEST_E_LIMIT)
        status = azattest__error_set(error, AZATTEST_E_TOKEN_MALFORMED, "the token has more than %u bytes",
                                     AZATTEST_LIMIT_TOKEN);
    if (status != AZATTEST_OK)
        goto done;
    text = trimmed(file.ptr == NULL ? azattest__text("") : azattest__buf_bytes(&file));
    if (text.len > 0 && ((const char *)text.ptr)[0] == '{' && (status = unwrap(&text, &document, error)) != AZATTEST_OK)
        goto done;
    status = azattest_token_parse(text, out, error);
done:
    azattest__json_free(document);
    azattest__buf_free(&file);
    return status;
}
