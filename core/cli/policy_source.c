/* Reading policies: files, standard input, defaults that are known. */
#include "policy_source.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/encoding.h"
#include "base/nearest.h"
#include "error/error.h"
#include "input.h"
#include "policy/vocabulary/known.h"
#include "words.h"

#define DEFAULT_OF "default:"

/* As the service writes them; those whose policies people write. */
static const char *const types[] = { "SgxEnclave", "OpenEnclave", "SevSnpVm", "TdxVm", "AzureGuest", "Tpm" };
#define TYPE_COUNT (sizeof(types) / sizeof(types[0]))

/* "did you mean ...?", or all of those that there are. */
static azattest_status unknown_type(const char *given, const char *what, azattest_error **error)
{
    char *shown = azattest__printable(azattest__text(given), 60);
    const char *best = NULL;
    size_t distance = SIZE_MAX;
    azattest__buf hint;

    azattest__buf_init(&hint, AZATTEST__LINE_LIMIT);
    for (size_t i = 0; i < TYPE_COUNT; i++)
        azattest__nearer(given, types[i], &best, &distance);
    if (best != NULL)
        azattest__buf_printf(&hint, "did you mean %s?", best);
    for (size_t i = 0; best == NULL && i < TYPE_COUNT; i++)
        azattest__buf_printf(&hint, "%s%s", i == 0 ? "types are " : ", ", types[i]);
    azattest__error_set(error, AZATTEST_E_ARGUMENT, "%s '%s'", what, shown == NULL ? "?" : shown);
    if (hint.status == AZATTEST_OK)
        azattest__error_set_hint(*error, (const char *)hint.ptr);
    azattest__buf_free(&hint);
    free(shown);
    return AZATTEST_E_ARGUMENT;
}

azattest_status azattest__type_option(const azattest__arguments *arguments, const char **out, azattest_error **error)
{
    const char *given = arguments->value[OPTION_POLICY_TYPE];

    *out = azattest__policy_type(given);
    if (given == NULL || *out != NULL)
        return AZATTEST_OK;
    return unknown_type(given, "--type: no claims are known of the type", error);
}

azattest_status azattest__parse_options(const azattest__arguments *arguments, azattest_policy_parse_options *out,
                                        azattest_error **error)
{
    static const azattest_policy_parse_options defaults = AZATTEST_POLICY_PARSE_OPTIONS_INIT;

    *out = defaults;
    if (arguments->value[OPTION_LENIENT] != NULL)
        out->lenient = AZATTEST_ON;
    return azattest__type_option(arguments, &out->attestation_type, error);
}

static azattest_status read_default(const char *type, azattest__policy_file *out, azattest_error **error)
{
    const char *text = azattest_policy_default(type);

    azattest__buf_init(&out->text, AZATTEST_LIMIT_POLICY);
    if (text == NULL && azattest__policy_type(type) != NULL) {
        azattest__error_set(error, AZATTEST_E_ARGUMENT, "%s has no default policy", azattest__policy_type(type));
        return azattest__next_step(error, "until one is set, the service refuses to attest it: name a file");
    }
    if (text == NULL)
        return unknown_type(type, "no default policy is known of the type", error);
    azattest__buf_append_text(&out->text, text);
    return azattest__error_from_buf(error, &out->text, "policy");
}

/* What to do about a file that cannot be read. */
static void explain_path(const char *path, azattest_error *error)
{
    struct stat about;

    if (strcmp(path, "-") == 0)
        return;
    if (stat(path, &about) == 0 && S_ISDIR(about.st_mode))
        azattest__error_set_hint(error, "that is a folder: name the files in it");
    else if (stat(path, &about) != 0 && azattest_policy_default(path) != NULL)
        azattest__error_set_hint(error,
                                 "write default:TYPE for the default policy of a type, as in default:SgxEnclave");
}

azattest_status azattest__policy_file_read(const char *name, azattest__policy_file *out, azattest_error **error)
{
    azattest_status status;

    *out = (azattest__policy_file){ .name = name };
    if (strncmp(name, DEFAULT_OF, strlen(DEFAULT_OF)) == 0)
        return read_default(name + strlen(DEFAULT_OF), out, error);
    status = azattest__input_read(name, "policy", AZATTEST_LIMIT_POLICY, &out->text, error);
    if (status == AZATTEST_E_STATE) {
        explain_path(name, *error);
    } else if (status == AZATTEST_E_LIMIT) { /* not a verdict on anything: it was not read */
        status =
            azattest__error_set(error, AZATTEST_E_STATE, "the policy has more than %u bytes", AZATTEST_LIMIT_POLICY);
        azattest__error_set_hint(*error, "no service is known to take so large a policy; the largest published one has "
                                         "12 KB");
    } else if (status == AZATTEST_OK && out->text.len == 0) {
        status = azattest__error_set(error, AZATTEST_E_ARGUMENT, "the policy is empty");
        azattest__error_set_hint(*error, "the least that permits is: version= 1.0;authorizationrules{=> permit();};");
    }
    return status;
}

/* How many bytes from the start are UTF-8 without a NUL. */
static size_t text_length(azattest_bytes bytes)
{
    const unsigned char *p = bytes.ptr;
    size_t at = 0;

    while (at < bytes.len) {
        size_t step = p[at] < 0x80 ? 1 : p[at] < 0xe0 ? 2 : p[at] < 0xf0 ? 3 : 4;

        if (p[at] == '\0' || step > bytes.len - at || !azattest__utf8_valid(azattest__bytes(p + at, step)))
            break;
        at += step;
    }
    return at;
}

azattest_status azattest__policy_file_text(const char *name, azattest__policy_file *out, azattest_error **error)
{
    azattest_status status = azattest__policy_file_read(name, out, error);
    const unsigned char *p = out->text.ptr;
    size_t good;

    if (status != AZATTEST_OK || (good = text_length(azattest__buf_bytes(&out->text))) == out->text.len)
        return status;
    azattest__error_set(error, AZATTEST_E_STATE, "the policy is no text in UTF-8: byte %zu is 0x%02x", good + 1,
                        p[good]);
    if (out->text.len >= 2 && ((p[0] == 0xff && p[1] == 0xfe) || (p[0] == 0xfe && p[1] == 0xff)))
        azattest__error_set_hint(*error, "it looks like UTF-16: iconv -f UTF-16 -t UTF-8 makes UTF-8 of it");
    else if (p[good] >= 0x80)
        azattest__error_set_hint(*error, "if it was saved in Windows-1252, iconv -f WINDOWS-1252 -t UTF-8 makes UTF-8 "
                                         "of it");
    else
        azattest__error_set_hint(*error, "name the file with the policy's text, not a program or an archive");
    return AZATTEST_E_STATE;
}

void azattest__policy_file_clear(azattest__policy_file *source)
{
    azattest_policy_report_free(source->report);
    azattest__buf_free(&source->text);
    source->report = NULL;
}

azattest_status azattest__policy_file_check(const azattest__arguments *arguments, azattest__policy_file *source,
                                            azattest_error **error)
{
    azattest_policy_parse_options options;
    azattest_status status = azattest__parse_options(arguments, &options, error);

    if (status == AZATTEST_OK && source->report == NULL)
        status = azattest_policy_lint(azattest__buf_bytes(&source->text), &options, &source->report, error);
    return status;
}

azattest_status azattest__policy_file_parse(const azattest__arguments *arguments, const char *name,
                                            azattest__policy_file *source, azattest_policy **out,
                                            azattest_error **error)
{
    azattest_policy_parse_options options;
    azattest_status status;

    *out = NULL;
    *source = (azattest__policy_file){ .name = name };
    azattest__buf_init(&source->text, 1);
    if ((status = azattest__parse_options(arguments, &options, error)) != AZATTEST_OK ||
        (status = azattest__policy_file_text(name, source, error)) != AZATTEST_OK)
        return status;
    status = azattest_policy_parse(azattest__buf_bytes(&source->text), &options, out, error);
    if (status == AZATTEST_E_POLICY) /* the places, which the error has in words only */
        azattest__policy_file_check(arguments, source, NULL);
    return status;
}

int azattest__policy_file_failure(const azattest__arguments *arguments, const azattest__policy_file *source,
                                  azattest_error *error, int code)
{
    azattest__json *document;

    if (azattest_error_code(error) != AZATTEST_E_POLICY || source->report == NULL)
        return azattest__output_failure(arguments->value[OPTION_JSON] != NULL, error);
    if (arguments->value[OPTION_JSON] != NULL) {
        document = azattest__json_new_object();
        azattest__json_put_string(document, "file", source->name);
        azattest__json_put(document, "error", azattest__error_json(error));
        azattest__json_put(document, "findings", azattest__findings_json(source->report, GRAVITY_ERROR));
        code = azattest__output_json(document, code);
    } else {
        fflush(stdout);
        azattest__findings_print(stderr, source, GRAVITY_ERROR);
        azattest__output_note("%s has errors, so there is nothing to go by; 'azattest policy lint' lists all findings",
                              azattest__policy_file_shown(source));
    }
    azattest_error_free(error);
    return code;
}
