/**
 * The policy language (versions 1.0, 1.1 and 1.2), without a service: texts are parsed, explained, checked, formatted,
 * compared and evaluated. <azattest/policy.h> has what the service stores and answers.
 */
#ifndef AZATTEST_POLICY_LANGUAGE_H
#define AZATTEST_POLICY_LANGUAGE_H

#include "bytes.h"
#include "error.h"

AZATTEST_BEGIN

/** A parsed policy: immutable, counted, shared by threads, used for any number of evaluations. */
typedef struct azattest_policy azattest_policy;

/** How a policy is read. Start with AZATTEST_POLICY_PARSE_OPTIONS_INIT. */
typedef struct azattest_policy_parse_options {
    size_t size; /**< sizeof(azattest_policy_parse_options), as the caller was built */
    /** What the policy is for, "SgxEnclave" and so on; borrowed. NULL: none in particular */
    const char *attestation_type;
    /** off. On: what the service may or may not take is a warning instead of an error: other cases of keywords, a byte
     * order mark, parts of a later version of the language, issue() in authorizationrules */
    azattest_switch lenient;
} azattest_policy_parse_options;
/* clang-format off */
#define AZATTEST_POLICY_PARSE_OPTIONS_INIT { .size = sizeof(azattest_policy_parse_options) }
/* clang-format on */

/**
 * Parses a policy and checks all that can be known without claims: versions, identifiers, functions and their
 * arguments, actions, queries. Its text is kept byte for byte. Source: the vendor's articles on the policy language.
 *
 * @param text     the policy, UTF-8, at most AZATTEST_LIMIT_POLICY bytes; copied
 * @param options  NULL: strict, for no type of attestation in particular
 * @param out      receives the policy, owned by the caller, or NULL. It never has errors
 * @retval AZATTEST_E_POLICY    the text has errors: each is one of azattest_error_problems(), "line 4, column 9: ..."
 *                              (lines and columns count from 1, columns are characters)
 * @retval AZATTEST_E_ARGUMENT  the text is absent, no UTF-8, or has a NUL; options that are none
 * @retval AZATTEST_E_LIMIT     too large: bytes (AZATTEST_LIMIT_POLICY), rules, conditions of a rule, calls in calls
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_policy_parse(azattest_bytes text,
                                                                       const azattest_policy_parse_options *options,
                                                                       azattest_policy **out, azattest_error **error);
/** Another owner of the same policy; NULL gives NULL. */
AZATTEST_API azattest_policy *azattest_policy_ref(const azattest_policy *policy);
AZATTEST_API void azattest_policy_free(azattest_policy *policy);
/** The text as it was given, byte for byte, NUL-terminated. */
AZATTEST_API const char *azattest_policy_text(const azattest_policy *policy);
/** "1.0", "1.1" or "1.2". */
AZATTEST_API const char *azattest_policy_version(const azattest_policy *policy);
/** 32 bytes: what `x-ms-policy-hash` of tokens has that were made under this text. See azattest_policy_hash(). */
AZATTEST_API azattest_bytes azattest_policy_policy_hash(const azattest_policy *policy);
/** Rules of all sections. */
AZATTEST_API size_t azattest_policy_rule_count(const azattest_policy *policy);

AZATTEST_END

#endif
