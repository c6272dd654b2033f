#include "collateral.h"

#include <stdlib.h>
#include <string.h>

#include <azattest/collateral_cache.h>

#include "connection.h"
#include "error/error.h"
#include "input.h"
#include "output.h"
#include "progress.h"

/* Of the sources that need to be told where they are. */
#define PCCS "pccs"

azattest_status azattest__check_collateral_options(const azattest__arguments *arguments, azattest_error **error)
{
    bool fetches = arguments->value[OPTION_FETCH] != NULL || arguments->value[OPTION_CACHE] != NULL;

    if (arguments->value[OPTION_SOURCE] != NULL && !fetches) {
        azattest__error_set(error, AZATTEST_E_ARGUMENT, "--source without --fetch or --cache has nothing to do");
        azattest__error_set_hint(*error, "add --fetch to ask that source");
        return AZATTEST_E_ARGUMENT;
    }
    if (arguments->value[OPTION_REGION] != NULL && arguments->value[OPTION_SOURCE] == NULL) {
        azattest__error_set(error, AZATTEST_E_ARGUMENT, "--region is of --source azure, which is not given");
        azattest__error_set_hint(*error, "add --source azure");
        return AZATTEST_E_ARGUMENT;
    }
    return AZATTEST_OK;
}

static azattest_status add_file(azattest_collateral *set, const char *path, azattest_error **error)
{
    azattest_error *reason = NULL;
    azattest__buf content;
    azattest_status status;
    char *shown;

    status = azattest__input_read(path, "collateral", AZATTEST_LIMIT_COLLATERAL_FILE, &content, error);
    if (status == AZATTEST_OK &&
        azattest_collateral_add(set, azattest__bytes(content.ptr == NULL ? (const void *)"" : content.ptr, content.len),
                                &reason) != AZATTEST_OK) {
        shown = azattest__printable(azattest__text(path), 200);
        status = azattest__error_set(error, AZATTEST_E_STATE, "--collateral '%s': %s", shown == NULL ? "?" : shown,
                                     azattest_error_message(reason));
        free(shown);
    } else if (status == AZATTEST_E_LIMIT) {
        status = azattest__error_set(error, AZATTEST_E_STATE, "--collateral: the file has more than %u bytes",
                                     AZATTEST_LIMIT_COLLATERAL_FILE);
    }
    azattest_error_free(reason);
    azattest__buf_free(&content);
    return status;
}

/* What a walk through a folder adds to. */
typedef struct added {
    azattest_collateral *set;
    size_t count;
} added;

/* What is none of collateral is passed over, with a line: people keep other things there too. */
static azattest_status visit(void *user, const char *path, azattest_error **error)
{
    added *to = user;
    azattest_error *reason = NULL;

    (void)error;
    if (add_file(to->set, path, &reason) == AZATTEST_OK)
        to->count++;
    else
        azattest__output_note("passed over: %s", azattest_error_message(reason));
    azattest_error_free(reason);
    return AZATTEST_OK;
}

static azattest_status add_folder(azattest_collateral *set, const char *path, azattest_error **error)
{
    added to = { set, 0 };
    azattest_status status = azattest__input_folder(path, "--collateral", visit, &to, error);

    if (status == AZATTEST_OK && to.count == 0)
        status = azattest__error_set(error, AZATTEST_E_STATE, "--collateral: the folder has no collateral in it");
    return status;
}

static azattest_status add_paths(const azattest__arguments *arguments, azattest_collateral *set, azattest_error **error)
{
    const char *paths[AZATTEST_LIMIT_LIST + 1];
    size_t count = azattest__arguments_all(arguments, OPTION_COLLATERAL, paths);
    azattest_status status = AZATTEST_OK;

    for (size_t i = 0; status == AZATTEST_OK && i < count; i++)
        status =
            azattest__input_is_folder(paths[i]) ? add_folder(set, paths[i], error) : add_file(set, paths[i], error);
    return status;
}

/* KIND, KIND=URL or URL; "azure-vm" as the options of the command are written. `copy` is to be freed. */
static azattest_status read_source(const azattest__arguments *arguments, azattest_collateral_options *options,
                                   char **copy, azattest_error **error)
{
    const char *text = arguments->value[OPTION_SOURCE];
    char *equals;

    options->region = arguments->value[OPTION_REGION];
    if (text == NULL)
        return AZATTEST_OK;
    if ((*copy = azattest__dup_text(text)) == NULL)
        return azattest__error_memory(error);
    if (strncmp(text, "https://", 8) == 0 || strncmp(text, "http://", 7) == 0) {
        options->endpoint = *copy;
        return AZATTEST_OK;
    }
    if ((equals = strchr(*copy, '=')) != NULL) {
        *equals = '\0';
        options->endpoint = equals + 1;
    }
    options->source = strcmp(*copy, "azure-vm") == 0 ? "azure_vm" : *copy;
    if (strcmp(options->source, PCCS) == 0 && options->endpoint == NULL) {
        azattest__error_set(error, AZATTEST_E_ARGUMENT, "--source pccs does not say where that is");
        azattest__error_set_hint(*error, "write --source pccs=https://localhost:8081");
        return AZATTEST_E_ARGUMENT;
    }
    return AZATTEST_OK;
}

/* What was fetched, into the set of the files. */
static azattest_status add_fetched(azattest_collateral *set, const azattest_collateral *fetched, azattest_error **error)
{
    unsigned char *bytes = NULL;
    size_t len = 0;
    azattest_status status = azattest_collateral_save(fetched, &bytes, &len, error);

    if (status == AZATTEST_OK)
        status = azattest_collateral_add(set, azattest__bytes(bytes, len), error);
    azattest_free(bytes);
    return status;
}

/* Whoever fetched from one source and forgets to name it again: whole sets of the others, which need no connection to
 * be found. One at an address of its own cannot be guessed. */
static void name_kept(const azattest_collateral_cache *cache, const azattest_evidence *evidence,
                      const azattest_collateral_options *asked, azattest_error *error)
{
    static const char *const sources[][2] = {
        { "intel", "intel" }, { "amd", "amd" }, { "azure", "azure" }, { "azure_vm", "azure-vm" }
    };
    azattest_collateral_options options = *asked;
    azattest__buf hint;

    options.endpoint = NULL;
    azattest__buf_init(&hint, AZATTEST__LINE_LIMIT);
    for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
        azattest_collateral *set = NULL;

        options.source = sources[i][0];
        if (azattest_fetch_collateral(NULL, cache, evidence, &options, &set, NULL) == AZATTEST_OK)
            azattest__buf_printf(&hint, "%s--source %s", hint.len == 0 ? "the folder has it from " : ", ",
                                 sources[i][1]);
        azattest_collateral_free(set);
    }
    if (hint.len == 0)
        azattest__buf_printf(&hint, "add the --source that it was fetched from, or --fetch to fetch it now");
    if (hint.status == AZATTEST_OK)
        azattest__error_set_hint(error, (const char *)hint.ptr);
    azattest__buf_free(&hint);
}

static azattest_status fetch(const azattest__arguments *arguments, const azattest_evidence *evidence,
                             azattest_collateral **out, azattest_error **error)
{
    azattest_collateral_options options = AZATTEST_COLLATERAL_OPTIONS_INIT;
    azattest_client_options client = AZATTEST_CLIENT_OPTIONS_INIT;
    azattest_collateral_cache *cache = NULL;
    azattest_transport *transport = NULL;
    char *source = NULL;
    azattest_status status;

    options.client = &client;
    if ((status = azattest__client_options(arguments, &client, error)) != AZATTEST_OK ||
        (status = read_source(arguments, &options, &source, error)) != AZATTEST_OK ||
        (arguments->value[OPTION_CACHE] != NULL &&
         (status = azattest_collateral_cache_open(arguments->value[OPTION_CACHE], &cache, error)) != AZATTEST_OK) ||
        (arguments->value[OPTION_FETCH] != NULL &&
         (status = azattest__connect(arguments, &transport, error)) != AZATTEST_OK))
        goto done;
    azattest__progress_begin();
    status = azattest_fetch_collateral(transport, cache, evidence, &options, out, error);
    if (status == AZATTEST_E_TRANSPORT && transport == NULL)
        name_kept(cache, evidence, &options, *error);
done:
    azattest_transport_free(transport);
    azattest_collateral_cache_free(cache);
    free(source);
    return status;
}

azattest_status azattest__gather_collateral(const azattest__arguments *arguments, const azattest_evidence *evidence,
                                            azattest_collateral **out, azattest_error **error)
{
    bool fetches = arguments->value[OPTION_FETCH] != NULL || arguments->value[OPTION_CACHE] != NULL;
    azattest_collateral *set = NULL, *fetched = NULL;
    azattest_status status;

    *out = NULL;
    if ((status = azattest__check_collateral_options(arguments, error)) != AZATTEST_OK)
        return status;
    if (arguments->value[OPTION_COLLATERAL] == NULL)
        return fetches && evidence != NULL ? fetch(arguments, evidence, out, error) : AZATTEST_OK;
    if ((status = azattest_collateral_new(&set, error)) == AZATTEST_OK &&
        (status = add_paths(arguments, set, error)) == AZATTEST_OK && fetches && evidence != NULL &&
        (status = fetch(arguments, evidence, &fetched, error)) == AZATTEST_OK)
        status = add_fetched(set, fetched, error);
    azattest_collateral_free(fetched);
    if (status == AZATTEST_OK)
        *out = set;
    else
        azattest_collateral_free(set);
    return status;
}
