/**
 * The policy language (versions 1.0, 1.1 and 1.2), without a service: texts are parsed, explained, checked, formatted,
 * compared and evaluated. <azattest/policy.h> has what the service stores and answers.
 */
#ifndef AZATTEST_POLICY_LANGUAGE_H
#define AZATTEST_POLICY_LANGUAGE_H

#include "error.h"

AZATTEST_BEGIN

/** A parsed policy: immutable, counted, shared by threads, used for any number of evaluations. */
typedef struct azattest_policy azattest_policy;

AZATTEST_END

#endif
