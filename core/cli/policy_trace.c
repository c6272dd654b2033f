/* What each rule of a policy did, for people. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy_eval.h"

static int64_t number(const azattest__json *object, const char *name)
{
    int64_t value = 0;

    azattest__json_integer(azattest__json_get(object, name), &value);
    return value;
}

static bool is_true(const azattest__json *object, const char *name)
{
    bool value = false;

    return azattest__json_bool(azattest__json_get(object, name), &value) && value;
}

static void print_escaped(const char *text)
{
    char *safe = azattest__escaped(text == NULL ? "?" : text, 400);

    fputs(safe == NULL ? "?" : safe, stdout);
    free(safe);
}

/* "secureboot = false (AttestationService)" */
static void print_claim(const char *lead, const azattest__json *claim)
{
    const char *identifier = azattest__json_get_string(claim, "identifier");
    azattest__buf value;

    azattest__buf_init(&value, AZATTEST_LIMIT_CLAIM_VALUE * 2);
    if (azattest__json_print(azattest__json_get(claim, "value"), false, &value, NULL) != AZATTEST_OK)
        azattest__buf_cut(&value, 0);
    printf("              %s ", lead);
    if (identifier != NULL)
        printf("%s: ", identifier);
    print_escaped(azattest__json_get_string(claim, "type"));
    printf(" = ");
    print_escaped(value.len == 0 ? "?" : (const char *)value.ptr);
    printf(" (");
    print_escaped(azattest__json_get_string(claim, "issuer"));
    printf(")\n");
    azattest__buf_free(&value);
}

static void print_claims(const azattest__json *rule, const char *name, const char *left_out, const char *lead)
{
    const azattest__json *list = azattest__json_get(rule, name);

    for (const azattest__json *claim = azattest__json_first(list); claim != NULL; claim = azattest__json_next(claim))
        print_claim(lead, claim);
    if (number(rule, left_out) > 0)
        printf("              %s %lld more\n", lead, (long long)number(rule, left_out));
}

/* What an action does to claims, as it is said of them. */
static const char *made_word(const azattest__json *rule)
{
    const char *action = azattest__json_get_string(rule, "action");

    return action == NULL                         ? "made"
           : strcmp(action, "add") == 0           ? "added"
           : strcmp(action, "issue") == 0         ? "issued"
           : strcmp(action, "issueproperty") == 0 ? "set property"
                                                  : "made";
}

static void print_rule(const azattest__json *rule)
{
    const azattest__json *failed = azattest__json_get(rule, "failed");
    const char *source = azattest__json_get_string(rule, "source");
    char *line = source == NULL ? NULL : azattest__one_line(azattest__text(source));
    char place[48];

    snprintf(place, sizeof(place), "%lld:%lld", (long long)number(rule, "line"), (long long)number(rule, "column"));
    printf("%8s  %s %s\n", place, is_true(rule, "fired") ? "*" : "-", line == NULL ? "?" : line);
    free(line);
    if (azattest__json_get(rule, "run") != NULL && !is_true(rule, "run")) {
        printf("              not run: nothing was permitted\n");
        return;
    }
    print_claims(rule, "claims", "claims_left_out", "matched");
    if (azattest__json_is_object(failed)) {
        printf("              condition %lld does not hold: ", (long long)number(failed, "condition"));
        print_escaped(azattest__json_get_string(failed, "reason"));
        printf("\n");
    }
    print_claims(rule, "made", "made_left_out", made_word(rule));
}

void azattest__trace_print(azattest_bytes trace)
{
    azattest__json *list = NULL;
    const char *section = "";

    if (trace.ptr == NULL || azattest__json_parse(trace, &list, NULL) != AZATTEST_OK)
        return;
    printf("\nTrace (* fired, - did not)\n");
    for (const azattest__json *rule = azattest__json_first(list); rule != NULL; rule = azattest__json_next(rule)) {
        const char *own = azattest__json_get_string(rule, "section");

        if (own != NULL && strcmp(own, section) != 0)
            printf("  %s\n", section = own);
        print_rule(rule);
    }
    azattest__json_free(list);
}
