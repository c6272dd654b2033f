/*
 * GET /tcbbaselines/{type}. The values are samples: the first entry is the documentation's example, the second is made
 * up around Intel's next evaluation data number, so that a list has two. This service applies no baseline at all.
 */
#include <stdio.h>

#include "form.h"
#include "parts.h"

static const struct {
    int number;
    const char *released, *linux, *windows;
    bool selected;
} samples[] = {
    { 11, "2021-06-09T00:00:00", "2.13.3", "2.13.100.2", false },
    { 12, "2021-11-10T00:00:00", "2.14", "2.14.100.2", true },
};

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

azattest_status azattest__get_tcb_baselines(azattest__call *call, azattest_error **error)
{
    azattest_status status;
    bool preview = strcmp(call->version, "2022-09-01-preview") == 0;
    azattest__json *document, *list;
    char text[16];

    if ((status = check_parameter(call, error)) != AZATTEST_OK)
        return status;
    if (strcmp(call->kind->name, "SgxEnclave") != 0 && strcmp(call->kind->name, "OpenEnclave") != 0)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   "%s has no TCB baselines here; SgxEnclave and OpenEnclave have", call->kind->name);
    document = azattest__json_new_object();
    list = azattest__json_new_array();
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
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
        azattest__json_put_bool(entry, "isSelectedTcb", samples[i].selected);
        azattest__json_add(list, entry);
    }
    azattest__json_put(document, "tcbBaselines", list);
    status = azattest__answer_json(call->answer, document, error);
    azattest__json_free(document);
    return status;
}
