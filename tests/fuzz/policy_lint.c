/* Reports about any text: in its order, inside its bounds, of ids that the list has; their JSON reads back. */
#include <stdlib.h>
#include <string.h>

#include "json/json.h"
#include "policy/lint/lint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const azattest_policy_report *report, size_t size)
{
    size_t count = azattest_policy_report_count(report), last = 0;
    azattest__json *list = NULL;

    for (size_t i = 0; i < count; i++) {
        const char *id = azattest_policy_report_id(report, i);
        size_t offset = azattest_policy_report_offset(report, i);

        if (offset < last || offset > size || azattest_policy_report_length(report, i) > size - offset ||
            azattest_policy_report_line(report, i) == 0 || azattest_policy_report_column(report, i) == 0 ||
            azattest__lint_id_find(id, strlen(id)) == NULL || azattest_policy_report_message(report, i)[0] == '\0')
            abort();
        last = offset;
    }
    if (azattest__json_parse(azattest_policy_report_json(report), &list, NULL) != AZATTEST_OK ||
        azattest__json_count(list) != count)
        abort();
    azattest__json_free(list);
}

/* The first byte chooses the type of attestation and whether the reading is lenient. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const types[] = { NULL, "SgxEnclave", "SevSnpVm", "TdxVm", "AzureGuest", "Tpm", "Pluton" };
    azattest_policy_parse_options options = AZATTEST_POLICY_PARSE_OPTIONS_INIT;
    azattest_policy_report *report = NULL;
    azattest_policy *policy = NULL;
    azattest_bytes text;

    if (size == 0)
        return 0;
    options.attestation_type = types[(data[0] >> 1) % (sizeof(types) / sizeof(types[0]))];
    options.lenient = (data[0] & 1) != 0 ? AZATTEST_ON : AZATTEST_OFF;
    text = azattest__bytes(data + 1, size - 1);
    if (azattest_policy_lint(text, &options, &report, NULL) == AZATTEST_OK) {
        check(report, text.len);
        /* a text that is taken has errors of the linter's own only */
        if (azattest_policy_parse(text, &options, &policy, NULL) != AZATTEST_OK &&
            azattest_policy_report_error_count(report) == 0)
            abort();
    }
    azattest_policy_free(policy);
    azattest_policy_report_free(report);
    return 0;
}
