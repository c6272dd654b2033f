/*
 * GET /tcbbaselines/{type}, and what a policy's choice of a baseline does. The identifiers are those that the
 * documentation names ("10" to "15": Intel's evaluation data numbers); of the values only those of 11 are its example,
 * the others are made up around it. This service holds no baseline, so that choosing one changes no verdict: the token
 * and the list name it, and one that is not in the list is refused, as the real service could not judge by it either.
 */
#include <stdio.h>

#include "form.h"
#include "policy_apply.h"

static const struct {
    int number;
    const char *released, *linux, *windows;
} samples[] = {
    { 10, "2020-11-11T00:00:00", "2.11", "2.11.100.2" }, { 11, "2021-06-09T00:00:00", "2.13.3", "2.13.100.2" },
    { 12, "2021-11-10T00:00:00", "2.14", "2.14.100.2" }, { 13, "2022-08-10T00:00:00", "2.17", "2.17.100.2" },
    { 14, "2022-11-09T00:00:00", "2.18", "2.18.100.2" }, { 15, "2023-02-14T00:00:00", "2.19", "2.19.100.2" },
};
#define SAMPLES (sizeof(samples) / sizeof(samples[0]))
#define AZURE_DEFAULT 12 /* what "azuredefault" stands for in the list */

/* The number that an identifier stands for; 0: none in the list. */
static int find_number(const char *identifier)
{
    char text[16];

    if (strcmp(identifier, AZATTEST__TCB_DEFAULT) == 0)
        return AZURE_DEFAULT;
    for (size_t i = 0; i < SAMPLES; i++) {
        snprintf(text, sizeof(text), "%d", samples[i].number);
        if (strcmp(identifier, text) == 0)
            return samples[i].number;
    }
    return 0;
}

bool azattest__tcb_is_known(const char *identifier)
{
    return find_number(identifier) != 0;
}

/* The preview has one more parameter, a truth value. */
static azattest_status check_parameter(const azattest__call *call, azattest_error **error)
{
    azattest_status status;
    const char *query = strchr(call->request->target, '?'), *value;
    azattest__form form;

    if ((status = azattest__form_parse(azattest__text(query == NULL ? "" : query + 1), &form, error)) != AZATTEST_OK)
        return status;
    value = azattest__form_get(&form, "provideCurrentTcbInPolicy");
    if (value != NULL && !azattest__text_equal_nocase(value, "true") && !azattest__text_equal_nocase(value, "false"))
        status = azattest__error_set(error, AZATTEST_E_ARGUMENT, "provideCurrentTcbInPolicy is neither true nor false");
    azattest__form_clear(&form);
    return status;
}

/* What the policy in force chooses; 0: nothing that the list has. */
static azattest_status find_selected(const azattest__call *call, int *out, azattest_error **error)
{
    azattest_status status;
    azattest__service_policy *policy = NULL;
    azattest__buf identifier;

    azattest__buf_init(&identifier, AZATTEST_LIMIT_POLICY);
    if ((status = azattest__service_policy_in_force(call->service, call->kind, &policy, error)) == AZATTEST_OK) {
        azattest__service_policy_baseline(policy, &identifier);
        if ((status = azattest__error_from_buf(error, &identifier, "baseline")) == AZATTEST_OK)
            *out = identifier.ptr == NULL ? 0 : find_number((const char *)identifier.ptr);
    }
    azattest__buf_free(&identifier);
    azattest__service_policy_free(policy);
    return status;
}

azattest_status azattest__get_tcb_baselines(azattest__call *call, azattest_error **error)
{
    azattest_status status;
    bool preview = strcmp(call->version, "2022-09-01-preview") == 0;
    int selected = AZURE_DEFAULT;
    azattest__json *document, *list;
    char text[16];

    if ((status = check_parameter(call, error)) != AZATTEST_OK)
        return status;
    if (strcmp(call->kind->name, "SgxEnclave") != 0 && strcmp(call->kind->name, "OpenEnclave") != 0)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   "%s has no TCB baselines here; SgxEnclave and OpenEnclave have", call->kind->name);
    if ((status = find_selected(call, &selected, error)) != AZATTEST_OK)
        return status;
    document = azattest__json_new_object();
    list = azattest__json_new_array();
    for (size_t i = 0; i < SAMPLES; i++) {
        azattest__json *entry = azattest__json_new_object();

        snprintf(text, sizeof(text), "%d", samples[i].number);
        azattest__json_put_string(entry, "tcbIdentifier", text);
        if (preview)
            azattest__json_put_string(entry, "tcbEvaluationDataNumber", text);
        else
            azattest__json_put_integer(entry, "tcbEvaluationDataNumber", samples[i].number);
        azattest__json_put_string(entry, "tcbReleaseDate",
                                  samples[i].released); /* without a zone, as in the examples */
        azattest__json_put_string(entry, "minimumPswLinuxVersion", samples[i].linux);
        azattest__json_put_string(entry, "minimumPswWindowsVersion", samples[i].windows);
        azattest__json_put_bool(entry, "isSelectedTcb", samples[i].number == selected);
        azattest__json_add(list, entry);
    }
    azattest__json_put(document, "tcbBaselines", list);
    status = azattest__answer_json(call->answer, document, error);
    azattest__json_free(document);
    return status;
}
