/* What the linter found, as the public readers have it. */
#ifndef AZATTEST_POLICY_REPORT_INSIDE_H
#define AZATTEST_POLICY_REPORT_INSIDE_H

#include <stdatomic.h>

#include <azattest/policy_report.h>

#include "../language/tree.h"

struct azattest_policy_report {
    azattest__diagnostics list;
    _Atomic(azattest__buf *) json; /* made when first asked for */
};

/* Everything there is to say about a policy that was read, in the order of its text, the parser's findings as well. */
azattest_status azattest__lint_policy(const azattest_policy *policy, azattest__diagnostics *list,
                                      azattest_error **error);

#endif
