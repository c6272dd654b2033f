/* azattest evidence collateral: what a set holds, what it lacks for some evidence, and the set as one file. */
#include "collateral.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "commands.h"
#include "error/error.h"
#include "input.h"
#include "table.h"
#include "verdict.h"

/* Checks of a verdict that fail by the collateral, not by the evidence. */
static const char *const collateral_checks[] = { "root_ca_crl",         "pck_crl",        "tcb_info",
                                                 "tcb_info_match",      "qe_identity",    "vcek_chain",
                                                 "vcek_validity",       "vcek_tcb",       "tcbm",
                                                 "collateral_validity", "ark_root",       "ca_revocation",
                                                 "tdx_module",          "pck_revocation", "vcek_revocation" };
/* What a verdict leaves out for want of something else. */
static const char *const others_left[] = { "ak_binding", "tpm_nonce", "tpm_pcr_digest", "tpm_event_log", "identity" };

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static bool is_one_of(const char *id, const char *const *ids, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(ids[i], id) == 0)
            return true;
    return false;
}

/* [{"id", "detail"}] of what is missing, or does not serve. */
static azattest__json *missing_json(const azattest_verification_result *result)
{
    azattest__json *list = azattest__json_new_array();

    for (size_t i = 0; i < azattest_verification_result_check_count(result); i++) {
        const char *id = azattest_verification_result_check_id(result, i);
        int ok = azattest_verification_result_check_ok(result, i);
        azattest__json *item;

        if (ok == 1 || (ok == 0 && !is_one_of(id, collateral_checks, COUNT(collateral_checks))) ||
            (ok < 0 && is_one_of(id, others_left, COUNT(others_left))))
            continue;
        item = azattest__json_new_object();
        azattest__json_put_string(item, "id", id);
        azattest__json_put_string(item, "detail", azattest_verification_result_check_detail(result, i));
        azattest__json_add(list, item);
    }
    return list;
}

static const char *text_of(const azattest__json *item, const char *name)
{
    return azattest__json_get_string(item, name);
}

static void append(azattest__buf *line, const char *front, const char *text)
{
    if (text != NULL)
        azattest__buf_printf(line, "%s%s", front, text);
}

/* "TDX 90c06f000000, evaluation 17, until 2025-07-19T10:02:32Z (EXPIRED), verifies to intel" */
static void item_row(azattest__table *table, const azattest__json *item, int64_t now)
{
    const azattest__json *number = azattest__json_get(item, "tcb_evaluation_data_number");
    const char *until = text_of(item, "until"), *from = text_of(item, "from"), *root = text_of(item, "root");
    bool verifies = false, missing = false;
    int64_t seconds;
    azattest__buf line;

    azattest__buf_init(&line, AZATTEST__LINE_LIMIT);
    append(&line, "", text_of(item, "tee"));
    append(&line, " ", text_of(item, "fmspc"));
    append(&line, "", text_of(item, "product"));
    append(&line, " chip ", text_of(item, "chip_id"));
    append(&line, line.len > 0 ? ", " : "",
           text_of(item, "subject") != NULL ? text_of(item, "subject") : text_of(item, "issuer"));
    if (azattest__json_is_number(number))
        append(&line, ", evaluation ", azattest__json_number_text(number));
    append(&line, ", ", from);
    append(&line, " to ", until);
    if (until != NULL && azattest__time_parse(until, &seconds) && seconds < now)
        append(&line, "", " (EXPIRED)");
    if (from != NULL && azattest__time_parse(from, &seconds) && seconds > now)
        append(&line, "", " (NOT YET)");
    if (azattest__json_bool(azattest__json_get(item, "verifies"), &verifies) && verifies)
        append(&line, ", verifies to root: ", root == NULL ? "unknown" : root);
    else if (azattest__json_bool(azattest__json_get(item, "issuer_missing"), &missing) && missing)
        append(&line, ", issuer not here: ", text_of(item, "reason") == NULL ? "?" : text_of(item, "reason"));
    else
        append(&line, ", DOES NOT VERIFY: ", text_of(item, "reason") == NULL ? "?" : text_of(item, "reason"));
    azattest__table_row(table, text_of(item, "kind"), "%s", line.ptr == NULL ? "" : (const char *)line.ptr);
    azattest__buf_free(&line);
}

static void print_set(const azattest__json *document, int64_t now)
{
    azattest__table table = { NULL, 0, false };
    const azattest__json *missing = azattest__json_get(document, "missing");

    for (const azattest__json *item = azattest__json_first(azattest__json_get(document, "items")); item != NULL;
         item = azattest__json_next(item))
        item_row(&table, item, now);
    if (table.count == 0)
        printf("The set is empty.\n");
    azattest__table_print(&table, NULL);
    if (missing == NULL)
        return;
    for (const azattest__json *item = azattest__json_first(missing); item != NULL; item = azattest__json_next(item))
        azattest__table_row(&table, text_of(item, "id"), "%s", text_of(item, "detail"));
    if (table.count == 0)
        printf("\nNothing is missing for this evidence.\n");
    azattest__table_print(&table, "Missing, or of no use, for this evidence");
}

static azattest_status save(const azattest__arguments *arguments, const azattest_collateral *set,
                            azattest_error **error)
{
    unsigned char *bytes = NULL;
    size_t len = 0;
    azattest_status status = azattest_collateral_save(set, &bytes, &len, error);

    if (status == AZATTEST_OK)
        status = azattest__output_file(arguments->value[OPTION_OUT], azattest__bytes(bytes, len), 0644, error);
    azattest_free(bytes);
    return status;
}

static int print(const azattest__arguments *arguments, const azattest__expectations *from,
                 const azattest_verification_result *result)
{
    bool json = arguments->value[OPTION_JSON] != NULL;
    const char *out = arguments->value[OPTION_OUT];
    azattest__json *document = NULL;
    azattest_error *error = NULL;
    int code = EXIT_VALID;

    if (azattest__json_parse(azattest_collateral_describe(from->collateral), &document, &error) != AZATTEST_OK)
        return azattest__output_failure(json, error);
    if (result != NULL) {
        azattest__json *missing = missing_json(result);

        if (azattest__json_count(missing) > 0)
            code = EXIT_NOT_VALID;
        azattest__json_put(document, "missing", missing);
    }
    if (json)
        return azattest__output_json(document, code);
    if (out == NULL || strcmp(out, "-") != 0)
        print_set(document, azattest__expectations_now(from));
    if (out != NULL && strcmp(out, "-") != 0)
        printf("\nWritten as one file for --collateral.\n");
    azattest__json_free(document);
    return code;
}

static azattest_status check_options(const azattest__arguments *arguments, azattest_error **error)
{
    bool fetches = arguments->value[OPTION_FETCH] != NULL || arguments->value[OPTION_CACHE] != NULL;

    if (fetches && arguments->value[OPTION_EVIDENCE] == NULL) {
        azattest__error_set(error, AZATTEST_E_ARGUMENT, "nobody says which platform's collateral is meant");
        azattest__error_set_hint(*error, "add --evidence FILE: what is fetched is what that evidence needs");
        return AZATTEST_E_ARGUMENT;
    }
    if (!fetches && arguments->value[OPTION_COLLATERAL] == NULL) {
        azattest__error_set(error, AZATTEST_E_ARGUMENT, "no collateral is given");
        azattest__error_set_hint(*error, "add --collateral PATH, or --evidence FILE with --fetch");
        return AZATTEST_E_ARGUMENT;
    }
    if (arguments->value[OPTION_JSON] != NULL && arguments->value[OPTION_OUT] != NULL &&
        strcmp(arguments->value[OPTION_OUT], "-") == 0) {
        azattest__error_set(error, AZATTEST_E_ARGUMENT, "--json and --out - both want standard output");
        azattest__error_set_hint(*error, "write the set to a file");
        return AZATTEST_E_ARGUMENT;
    }
    return AZATTEST_OK;
}

int azattest__command_evidence_collateral(const azattest__arguments *arguments)
{
    azattest_verification_result *result = NULL;
    azattest_evidence *evidence = NULL;
    azattest_error *error = NULL;
    azattest__expectations from;
    azattest_status status;
    int code;

    if ((status = azattest__expectations_read(arguments, &from, &error)) == AZATTEST_OK &&
        (status = check_options(arguments, &error)) == AZATTEST_OK && arguments->value[OPTION_EVIDENCE] != NULL)
        status = azattest__input_evidence(arguments->value[OPTION_EVIDENCE], &evidence, &error);
    if (status == AZATTEST_OK &&
        (status = azattest__expectations_gather(arguments, evidence, &from, &error)) == AZATTEST_OK && evidence != NULL)
        status = azattest_evidence_verify(evidence, &from.options, &result, &error);
    if (status == AZATTEST_OK && arguments->value[OPTION_OUT] != NULL)
        status = save(arguments, from.collateral, &error);
    code = status == AZATTEST_OK ? print(arguments, &from, result)
                                 : azattest__output_failure(arguments->value[OPTION_JSON] != NULL, error);
    azattest_verification_result_free(result);
    azattest_evidence_free(evidence);
    azattest__expectations_clear(&from);
    return code;
}
