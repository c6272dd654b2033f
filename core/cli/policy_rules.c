/* azattest policy lint --explain ID. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "commands.h"
#include "error/error.h"
#include "policy_source.h"
#include "words.h"

static const azattest__json *find(const azattest__json *rules, const char *id)
{
    for (const azattest__json *rule = azattest__json_first(rules); rule != NULL; rule = azattest__json_next(rule))
        if (strcmp(azattest__json_get_string(rule, "id"), id) == 0)
            return rule;
    return NULL;
}

static azattest_status unknown(const azattest__json *rules, const char *id, azattest_error **error)
{
    char *shown = azattest__printable(azattest__text(id), 60);
    size_t distance = SIZE_MAX;
    const char *best = NULL;

    for (const azattest__json *rule = azattest__json_first(rules); rule != NULL; rule = azattest__json_next(rule))
        azattest__nearer(id, azattest__json_get_string(rule, "id"), &best, &distance);
    azattest__error_set(error, AZATTEST_E_ARGUMENT, "--explain: no finding is called '%s'",
                        shown == NULL ? "?" : shown);
    free(shown);
    if (best != NULL)
        return azattest__next_step(error, "did you mean %s?", best);
    return azattest__next_step(error, "it stands in brackets behind a finding; --explain all explains every one");
}

static void print(const azattest__json *rule)
{
    printf("%s (%s)\n  %s\n  %s\n", azattest__json_get_string(rule, "id"), azattest__json_get_string(rule, "severity"),
           azattest__json_get_string(rule, "meaning"), azattest__json_get_string(rule, "fix"));
}

int azattest__explain_finding(const azattest__arguments *arguments)
{
    const char *id = arguments->value[OPTION_EXPLAIN];
    bool json = arguments->value[OPTION_JSON] != NULL, all = strcmp(id, "all") == 0;
    azattest__json *rules = NULL;
    const azattest__json *rule = NULL;
    azattest_error *error = NULL;
    int code = EXIT_VALID;

    if (arguments->operand_count > 0) {
        azattest__error_set(&error, AZATTEST_E_ARGUMENT, "--explain explains, and looks at no file");
        azattest__next_step(&error, "leave out the files, or --explain");
    } else if (azattest__json_parse(azattest__text(azattest_policy_lint_rules()), &rules, &error) == AZATTEST_OK &&
               !all && (rule = find(rules, id)) == NULL) {
        unknown(rules, id, &error);
    }
    if (error != NULL) {
        code = azattest__output_failure(json, error);
    } else if (json) {
        code = azattest__output_json(azattest__json_copy(all ? rules : rule), EXIT_VALID);
    } else if (!all) {
        print(rule);
    } else {
        for (rule = azattest__json_first(rules); rule != NULL; rule = azattest__json_next(rule)) {
            print(rule);
            printf("%s", azattest__json_next(rule) == NULL ? "" : "\n");
        }
    }
    azattest__json_free(rules);
    return code;
}
