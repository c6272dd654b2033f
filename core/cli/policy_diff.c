/* azattest policy diff. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <azattest/limits.h>

#include "base/encoding.h"
#include "commands.h"
#include "error/error.h"
#include "input.h"
#include "policy_source.h"

typedef struct comparison {
    azattest__policy_file sources[2];
    azattest_policy *policies[2];
    azattest_policy_difference *difference;
    const char *type;
    bool evidence;          /* what the walk reads: evidence, else claims */
    azattest__json *unread; /* {"file","error"} of what could not be used */
    size_t used;
    bool json, full; /* full: no more sets of claims are taken, and that was said */
} comparison;

/* Names of files need not be UTF-8, and those of a difference are. */
static azattest_status add_claims(const comparison *of, const char *path, const azattest_claim_set *claims,
                                  azattest_error **error)
{
    char *shown =
        azattest__utf8_valid(azattest__text(path)) ? strdup(path) : azattest__escaped(path, AZATTEST__LINE_LIMIT);
    azattest_status status = shown == NULL ? azattest__error_memory(error)
                                           : azattest_policy_difference_add(of->difference, shown, claims, error);

    free(shown);
    return status;
}

/* Evaluates both policies over one file. What cannot be used is named and counted, and the others still are: only
 * memory ends the walk. */
static azattest_status add_file(void *user, const char *path, azattest_error **error)
{
    comparison *of = user;
    azattest_claim_set *claims = NULL;
    azattest_error *reason = NULL;
    azattest_status status;
    bool full;

    status = of->evidence ? azattest__claims_of_evidence(path, of->type, &claims, &reason)
                          : azattest__claims_read(path, of->type, &claims, &reason);
    if (status == AZATTEST_OK && (status = add_claims(of, path, claims, &reason)) == AZATTEST_OK) {
        of->used++;
    } else if (status == AZATTEST_E_MEMORY) {
        azattest__error_memory(error);
    } else {
        azattest__json *object = azattest__json_new_object();

        azattest__json_put_string(object, "file", path);
        azattest__json_put(object, "error", azattest__error_json(reason));
        azattest__json_add(of->unread, object);
        full = azattest_policy_difference_outcome_count(of->difference) >= AZATTEST_LIMIT_POLICY_OUTCOMES;
        if (!of->json && !(full && of->full)) /* once, not for each of a large folder's files */
            azattest__output_note("%s", azattest_error_message(reason));
        of->full = full;
        status = AZATTEST_OK;
    }
    azattest_error_free(reason);
    azattest_claim_set_free(claims);
    return status;
}

static azattest_status add_paths(const azattest__arguments *arguments, azattest__option option, comparison *of,
                                 azattest_error **error)
{
    const char *paths[AZATTEST_LIMIT_LIST + 1];
    size_t count = azattest__arguments_all(arguments, option, paths);
    azattest_status status = AZATTEST_OK;

    of->evidence = option == OPTION_EVIDENCE_PATH;
    for (size_t i = 0; status == AZATTEST_OK && i < count; i++)
        status = azattest__input_is_folder(paths[i])
                     ? azattest__input_folder(paths[i], azattest__option_name(option), add_file, of, error)
                     : add_file(of, paths[i], error);
    return status;
}

static bool is_same(const comparison *of)
{
    return azattest_policy_difference_is_same(of->difference) &&
           azattest_policy_difference_outcome_changed_count(of->difference) == 0;
}

static int code_of(const comparison *of)
{
    if (azattest__json_count(of->unread) > 0)
        return EXIT_UNREACHED; /* what they would have shown is not known */
    return is_same(of) ? EXIT_VALID : EXIT_NOT_VALID;
}

static int print_document(comparison *of)
{
    azattest__json *document = azattest__json_new_object();
    int code = code_of(of);

    azattest__json_put_string(document, "before", of->sources[0].name);
    azattest__json_put_string(document, "after", of->sources[1].name);
    azattest__json_put_raw(document, "difference", azattest_policy_difference_json(of->difference));
    azattest__json_put(document, "unread", of->unread);
    of->unread = NULL;
    return azattest__output_json(document, code);
}

static void print_text(const comparison *of)
{
    size_t unread = azattest__json_count(of->unread);
    const char *text = azattest_policy_difference_text(of->difference);

    printf("--- %s\n+++ %s\n", azattest__policy_file_shown(&of->sources[0]),
           azattest__policy_file_shown(&of->sources[1]));
    azattest__output_text(text == NULL ? "" : text);
    if (unread > 0)
        printf("%zu file%s could not be used, so nothing is known of %s\n", unread, unread == 1 ? "" : "s",
               unread == 1 ? "it" : "them");
}

int azattest__command_policy_diff(const azattest__arguments *arguments)
{
    comparison of = { .json = arguments->value[OPTION_JSON] != NULL };
    azattest_error *error = NULL;
    azattest_status status = AZATTEST_OK;
    size_t i;
    int code;

    of.unread = azattest__json_new_array();
    for (i = 0; status == AZATTEST_OK && i < 2; i++)
        status =
            azattest__policy_file_parse(arguments, arguments->operands[i], &of.sources[i], &of.policies[i], &error);
    if (status != AZATTEST_OK) { /* their author is at the keyboard */
        code = azattest__policy_file_failure(arguments, &of.sources[i - 1], error, EXIT_WRONG_USE);
        goto done;
    }
    if ((status = azattest__type_option(arguments, &of.type, &error)) == AZATTEST_OK &&
        (status = azattest_policy_compare(of.policies[0], of.policies[1], &of.difference, &error)) == AZATTEST_OK &&
        (status = add_paths(arguments, OPTION_CLAIMS_PATH, &of, &error)) == AZATTEST_OK)
        status = add_paths(arguments, OPTION_EVIDENCE_PATH, &of, &error);
    if (status != AZATTEST_OK) {
        code = azattest__output_failure(of.json, error);
    } else if (of.json) {
        code = print_document(&of);
    } else {
        print_text(&of);
        code = code_of(&of);
    }
done:
    azattest__json_free(of.unread);
    azattest_policy_difference_free(of.difference);
    for (i = 0; i < 2; i++) {
        azattest_policy_free(of.policies[i]);
        azattest__policy_file_clear(&of.sources[i]);
    }
    return code;
}
