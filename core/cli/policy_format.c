/* azattest policy format. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/encoding.h"
#include "commands.h"
#include "error/error.h"
#include "policy_source.h"
#include "words.h"

#include "../simulator/files.h"

static azattest_status check_use(const azattest__arguments *arguments, azattest_error **error)
{
    bool in_place = arguments->value[OPTION_IN_PLACE] != NULL;

    if (in_place && arguments->value[OPTION_CHECK] != NULL) {
        azattest__error_set(error, AZATTEST_E_ARGUMENT, "--check and --in-place exclude each other");
        return azattest__next_step(error, "--check changes nothing and says by its exit code what is to be formatted");
    }
    for (size_t i = 0; in_place && i < arguments->operand_count; i++)
        if (strcmp(arguments->operands[i], "-") == 0 || strncmp(arguments->operands[i], "default:", 8) == 0) {
            azattest__error_set(error, AZATTEST_E_ARGUMENT, "--in-place writes files, and '%s' is none",
                                arguments->operands[i]);
            return azattest__next_step(error, "leave out --in-place: the formatted text comes on standard output");
        }
    return AZATTEST_OK;
}

/* The file itself where a link names it; its mode stays. */
static azattest_status replace(const char *path, const char *text, azattest_error **error)
{
    char *target = realpath(path, NULL);
    struct stat about;
    azattest_status status;

    if (target == NULL || stat(target, &about) != 0)
        status = azattest__file_error(error, "write", path);
    else if (!S_ISREG(about.st_mode)) /* a pipe or a device would become a file */
        status = azattest__error_set(error, AZATTEST_E_STATE, "cannot write %s: it is no regular file", path);
    else
        status = azattest__file_replace(target, azattest__text(text), (int)(about.st_mode & 07777), error);
    free(target);
    return status;
}

/* A changed text has another hash, and tokens are compared with that. */
static void note_hash(const char *name, const char *text)
{
    unsigned char hash[AZATTEST_HASH_SIZE];
    azattest__buf shown;

    azattest__buf_init(&shown, 64);
    if (azattest_policy_hash(azattest__text(text), hash, NULL) == AZATTEST_OK) {
        azattest__base64url_encode(azattest__bytes(hash, sizeof(hash)), &shown);
        if (shown.status == AZATTEST_OK)
            azattest__output_note("%s: formatted; the hash of the policy is now %s", name, (const char *)shown.ptr);
    }
    azattest__buf_free(&shown);
}

/* What came of one file. */
typedef struct formatted {
    azattest__policy_file source;
    azattest_policy *policy;
    bool changes, written;
} formatted;

static void put_result(azattest__json *list, const formatted *from, const azattest_error *error)
{
    azattest__json *object = azattest__json_new_object();

    azattest__json_put_string(object, "file", from->source.name);
    if (from->policy != NULL) {
        azattest__json_put_bool(object, "stable", !from->changes);
        azattest__json_put_bool(object, "written", from->written);
        azattest__json_put_string(object, "formatted", azattest_policy_formatted(from->policy));
    }
    if (error != NULL)
        azattest__json_put(object, "error", azattest__error_json(error));
    if (from->source.report != NULL)
        azattest__json_put(object, "findings", azattest__findings_json(from->source.report, GRAVITY_ERROR));
    azattest__json_add(list, object);
}

/* Without a document: the text, a name, or what is wrong. */
static int say_result(const azattest__arguments *arguments, const formatted *from, azattest_error *error)
{
    if (error != NULL)
        return azattest__policy_file_failure(arguments, &from->source, azattest__error_copy(error), EXIT_NOT_VALID);
    if (arguments->value[OPTION_CHECK] != NULL) {
        if (from->changes)
            printf("%s is not in the stable form\n", azattest__policy_file_shown(&from->source));
    } else if (arguments->value[OPTION_IN_PLACE] == NULL) {
        azattest__output_text(azattest_policy_formatted(from->policy));
    }
    if (from->written)
        note_hash(from->source.name, azattest_policy_formatted(from->policy));
    return from->changes && arguments->value[OPTION_CHECK] != NULL ? EXIT_NOT_VALID : EXIT_VALID;
}

static int format_file(const azattest__arguments *arguments, const char *name, azattest__json *list)
{
    azattest_error *error = NULL;
    formatted done = { .policy = NULL };
    const char *text = NULL;
    int code;

    if (azattest__policy_file_parse(arguments, name, &done.source, &done.policy, &error) == AZATTEST_OK) {
        text = azattest_policy_formatted(done.policy);
        if (text == NULL)
            azattest__error_memory(&error);
        done.changes = text != NULL && !azattest__bytes_equal_text(azattest__buf_bytes(&done.source.text), text);
        if (done.changes && arguments->value[OPTION_IN_PLACE] != NULL)
            done.written = replace(name, text, &error) == AZATTEST_OK;
    }
    if (list != NULL) {
        put_result(list, &done, error);
        code = error != NULL && azattest_error_code(error) != AZATTEST_E_POLICY            ? azattest__exit_code(error)
               : error != NULL || (done.changes && arguments->value[OPTION_CHECK] != NULL) ? EXIT_NOT_VALID
                                                                                           : EXIT_VALID;
    } else {
        code = say_result(arguments, &done, error);
    }
    azattest_error_free(error);
    azattest_policy_free(done.policy);
    azattest__policy_file_clear(&done.source);
    return code;
}

int azattest__command_policy_format(const azattest__arguments *arguments)
{
    bool json = arguments->value[OPTION_JSON] != NULL;
    azattest__json *document = NULL, *list = NULL;
    azattest_error *error = NULL;
    int code = EXIT_VALID;

    if (check_use(arguments, &error) != AZATTEST_OK)
        return azattest__output_failure(json, error);
    list = json ? azattest__json_new_array() : NULL;
    for (size_t i = 0; i < arguments->operand_count; i++) {
        int one = format_file(arguments, arguments->operands[i], list);

        code = one > code ? one : code;
    }
    if (!json)
        return code;
    document = azattest__json_new_object();
    azattest__json_put_bool(document, "ok", code == EXIT_VALID);
    azattest__json_put(document, "files", list);
    return azattest__output_json(document, code);
}
