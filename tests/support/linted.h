/* Reports of the linter in tests, and texts around the rules that they are about. */
#ifndef AZATTEST_TESTS_LINTED_H
#define AZATTEST_TESTS_LINTED_H

#include <azattest/azattest.h>

#include "expect.h"

/* Authorization rules, and issuance rules behind a permit. */
#define A(rules) "version=1.2;authorizationrules{" rules "};"
#define I(rules) A("=>permit();") "issuancerules{" rules "};"
#define C(rules) "version=1.2;configurationrules{" rules "};authorizationrules{=>permit();};"
/* A query over the log of a TPM. */
#define Q(query) I("c:[type==\"events\"]=>issue(type=\"x\", value=JmesPath(c.value, \"" query "\"));")

static inline azattest_policy_report *linted(const char *text, const char *type, bool lenient)
{
    azattest_policy_parse_options options = AZATTEST_POLICY_PARSE_OPTIONS_INIT;
    azattest_policy_report *report = NULL;
    azattest_error *error = NULL;

    options.attestation_type = type;
    options.lenient = lenient ? AZATTEST_ON : AZATTEST_OFF;
    if (azattest_policy_lint(azattest__text(text), &options, &report, &error) != AZATTEST_OK)
        fail_msg("%s: %s", text, azattest_error_message(error));
    return report;
}

#endif
