/* What the grammar alone cannot see. */
#include "parser.h"

void azattest__policy_check(azattest_policy *policy)
{
    (void)policy;
}
