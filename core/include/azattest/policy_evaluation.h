/**
 * What a policy makes of claims: whether it permits them, what the token would say, and why. It is worked out here,
 * by the rules of the service's language as far as they are published; it sends nothing, and says nothing about where
 * the claims come from.
 *
 * Rules run in their order: configurationrules over no claims at all (the service runs them before it judges evidence),
 * then authorizationrules, and issuancerules when those permit. Any deny() wins; without one, a permit() admits;
 * without either, nothing is permitted. What fails is an error and no evaluation, so that no failure reads as a permit.
 *
 * Source: MicrosoftDocs/azure-security-docs, articles/attestation/policy-version-1-0.md to 1-2.md, claim-sets.md,
 * claim-rule-functions.md.
 */
#ifndef AZATTEST_POLICY_EVALUATION_H
#define AZATTEST_POLICY_EVALUATION_H

#include <stdbool.h>

#include "claim_set.h"
#include "policy_language.h"

AZATTEST_BEGIN

/** One policy over one set of claims: outcome, claims, properties and trace. Immutable; may be shared by threads. */
typedef struct azattest_policy_evaluation azattest_policy_evaluation;

/** How policies are evaluated; a zeroed struct with its size is all defaults. */
typedef struct azattest_evaluation_options {
    size_t size;
    /** Steps that an evaluation may take: one for each test of a claim, and for each node of JSON that a query visits.
     * 0: AZATTEST_LIMIT_POLICY_WORK */
    uint64_t work_limit;
} azattest_evaluation_options;
#define AZATTEST_EVALUATION_OPTIONS_INIT                                                                               \
    {                                                                                                                  \
        .size = sizeof(azattest_evaluation_options)                                                                    \
    }

/**
 * Evaluates. Both are kept as long as the evaluation, and may be used by any number of them at once; the claims do not
 * change any more from now on.
 *
 * @param policy   borrowed; counted
 * @param claims   borrowed; counted
 * @param options  NULL for defaults
 * @param out      receives the evaluation, owned by the caller, or NULL
 * @retval AZATTEST_E_POLICY_EVALUATION  a function got what it does not take (no JSON, a query that is none, values of
 *                                       another type or number), or a read-only value was issued: the message names the
 *                                       place, the line of the rule where that is another, and the reason
 * @retval AZATTEST_E_LIMIT              more steps, memory, claims or text than an evaluation may have
 * @retval AZATTEST_E_ARGUMENT           no policy, no claims, options of a newer version
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_policy_evaluate(const azattest_policy *policy,
                                                                          const azattest_claim_set *claims,
                                                                          const azattest_evaluation_options *options,
                                                                          azattest_policy_evaluation **out,
                                                                          azattest_error **error);
AZATTEST_API void azattest_policy_evaluation_free(azattest_policy_evaluation *evaluation);

/** A rule permits and none denies. False for NULL. What the readers give lives as long as the evaluation. */
AZATTEST_API bool azattest_policy_evaluation_is_permitted(const azattest_policy_evaluation *evaluation);
/** "permit" or "deny"; NULL for NULL. */
AZATTEST_API const char *azattest_policy_evaluation_outcome(const azattest_policy_evaluation *evaluation);
/** What decided: "the rule of line 5 denies", "the rule of line 9 permits", "no rule permits". */
AZATTEST_API const char *azattest_policy_evaluation_reason(const azattest_policy_evaluation *evaluation);
/** Line of the first deny rule that fired; 0 when none did. */
AZATTEST_API unsigned azattest_policy_evaluation_deny_line(const azattest_policy_evaluation *evaluation);
/** Its source text, as the service shows it in its answer; NULL when none fired. */
AZATTEST_API const char *azattest_policy_evaluation_deny_rule(const azattest_policy_evaluation *evaluation);

/* The following are made when they are first asked for, and absent only when memory is short. */

/** The claims that the policy issues, as a JSON object: a value, or the list of the values of that type, in the order
 * in which they were issued. Empty unless permitted. A token has them beside those that the service always makes. */
AZATTEST_API azattest_bytes azattest_policy_evaluation_claims(const azattest_policy_evaluation *evaluation);
/** The properties that the policy sets (`issueproperty`), in the same form. */
AZATTEST_API azattest_bytes azattest_policy_evaluation_properties(const azattest_policy_evaluation *evaluation);
/** All claims at the end, those that came in and those that rules added: a JSON list as azattest_claim_set_json(). */
AZATTEST_API azattest_bytes azattest_policy_evaluation_incoming(const azattest_policy_evaluation *evaluation);
/**
 * What each rule did, in their order: a JSON list of objects with
 * - `section`, `rule` (in its section, counted from 1), `line`, `column`, `source`
 * - `run` (issuancerules run only when permitted), `fired`, `action` ("permit", ...)
 * - `claims`: what its conditions matched, each with `condition` (counted from 1), `identifier` (or null), `type`,
 * `value`, `valueType`, `issuer`; long text is cut, and has its `length`
 * - `made`: the claims that its action made, whether they were there already or not
 * - `failed`: null, or the first condition that did not hold: `condition`, `line`, `column`, `reason`
 * Of a rule at most 32 claims of each kind are listed; `claims_left_out` and `made_left_out` say how many more there
 * are.
 */
AZATTEST_API azattest_bytes azattest_policy_evaluation_trace(const azattest_policy_evaluation *evaluation);
/** The same for people: English text of some lines, UTF-8. Permitted or not and by which rule, what is issued, which
 * properties, and why the other rules did not fire. */
AZATTEST_API const char *azattest_policy_evaluation_explanation(const azattest_policy_evaluation *evaluation);

AZATTEST_END

#endif
