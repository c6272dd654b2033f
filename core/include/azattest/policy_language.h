/**
 * The policy language (versions 1.0, 1.1 and 1.2), without a service: texts are parsed, explained, checked, formatted,
 * compared and evaluated. <azattest/policy.h> has what the service stores and answers; POLICY.md beside this header has
 * the language: grammar, evaluation, functions, claims, and what was chosen where nothing public says what the service
 * does.
 */
#ifndef AZATTEST_POLICY_LANGUAGE_H
#define AZATTEST_POLICY_LANGUAGE_H

#include "bytes.h"
#include "error.h"
#include "token.h"

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
 * @retval AZATTEST_E_POLICY    the text has errors: each is one of azattest_error_problem(), "line 4, column 9: ..."
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

/**
 * The policy that is in force on shared instances where none was set, byte for byte.
 *
 * @param attestation_type  in any letter case, with or without `-` and `_` ("SgxEnclave", "sgx-enclave"), or as the
 *                          claim `x-ms-attestation-type` has it ("sgx")
 * @return a text that lives as long as the library; NULL: there is none (a TPM has none), or the type is not known
 * Source: recorded answers, and `x-ms-policy-hash` of tokens. Of SGX the text of 2022: the bytes that are served since
 * 2023 are not established; azattest_policy_known_name() knows the documentation's, too.
 */
AZATTEST_API const char *azattest_policy_default(const char *attestation_type);
/**
 * What is known of a policy by its hash: "default of AzureGuest on shared instances".
 * @param policy_hash  32 bytes, as `x-ms-policy-hash` of a token decodes to
 * @return a text that lives as long as the library; NULL: nothing is known of it
 */
AZATTEST_API const char *azattest_policy_known_name(azattest_bytes policy_hash);
/**
 * Was this token made under a policy of this text? Compares `x-ms-policy-hash`. Says nothing about the token's
 * validity.
 *
 * @param matches  receives the answer: true only with AZATTEST_OK
 * @retval AZATTEST_ABSENT      the token names no policy
 * @retval AZATTEST_E_MEMORY    out of memory
 * @retval AZATTEST_E_ARGUMENT  no policy, no token, or no place for the answer
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_policy_matches_token(const azattest_policy *policy,
                                                                               const azattest_token *token,
                                                                               bool *matches);

/* Texts that are made when they are first asked for, and live as long as the policy. */

/**
 * The policy in the one layout: a rule on each line, four blanks deep, broken where it is wider than 100 characters;
 * one spelling of values; groups of rules, and comments, kept. It is the same policy, but no longer the same text: it
 * has another hash. Laying it out again changes nothing. A byte order mark is left out.
 *
 * NULL when memory is short, or when the result would be larger than AZATTEST_LIMIT_POLICY and so no policy any more.
 */
AZATTEST_API const char *azattest_policy_formatted(const azattest_policy *policy);
/**
 * The tree as a JSON object:
 * - `version`: "1.1";
 * - `sections`: those that are there, each `{"name", "rules"}`;
 * - a rule: `{"conditions", "action"}`;
 * - a condition: `{"negated", "identifier" (or null), "tests"}`, and a test `{"property", "operator", "expression"}`;
 * - an action: `{"kind": "permit", "deny", "add", "issue" or "issueproperty", "claim" (the identifier of `claim=c`, or
 *   null), "assignments"}`, and an assignment `{"property", "expression"}`;
 * - an expression: `{"kind": "string", "integer" or "boolean", "value"}`, `{"kind": "reference", "identifier",
 *   "property", "condition"}` (of its rule, counted from 0, the one that binds the identifier) or `{"kind": "call",
 *   "function", "arguments"}`;
 * - `comments`: in their order, each `{"text", "own_line"}`.
 *
 * Each of these but the whole also has its place: `line` and `column`, which count from 1, a column in characters, and
 * `offset` and `length` in bytes. Absent when memory is short.
 */
AZATTEST_API azattest_bytes azattest_policy_tree(const azattest_policy *policy);
/**
 * What the policy does, in English, many lines of UTF-8: a summary (version, how many rules, whether and when it
 * permits, what it may issue), then a sentence for each rule with its line. Control characters are escaped. NULL when
 * memory is short.
 */
AZATTEST_API const char *azattest_policy_explanation(const azattest_policy *policy);

AZATTEST_END

#endif
