/** Two policies compared: by rule, and by what they make of claims. */
#ifndef AZATTEST_POLICY_DIFFERENCE_H
#define AZATTEST_POLICY_DIFFERENCE_H

#include "claim_set.h"
#include "policy_language.h"

AZATTEST_BEGIN

/**
 * What differs between two policies. Its readers may be called from several threads, but not while sets of claims are
 * added. What they give lives until the next azattest_policy_difference_add(), or the end of the difference.
 */
typedef struct azattest_policy_difference azattest_policy_difference;

/**
 * Compares rule by rule, section by section. Layout, comments, and how a value was spelt make no difference; the order
 * of the rules does: the same rule at another place is a moved one.
 *
 * @param before  borrowed for this call; the difference keeps references of its own, as of `after`
 * @param out     receives the difference, owned by the caller, or NULL
 * @retval AZATTEST_E_ARGUMENT  a policy is NULL
 * @retval AZATTEST_E_MEMORY    out of memory
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_policy_compare(const azattest_policy *before,
                                                                         const azattest_policy *after,
                                                                         azattest_policy_difference **out,
                                                                         azattest_error **error);
AZATTEST_API void azattest_policy_difference_free(azattest_policy_difference *difference);

/**
 * Evaluates both policies over a set of claims, and keeps what differs: the outcome, issued claims, properties. Where a
 * policy cannot be evaluated over them (a function's error, a limit) its outcome is "error", which is neither a permit
 * nor a deny.
 *
 * @param name    of the set, for the texts: perhaps of the file that it came from; UTF-8; copied
 * @param claims  borrowed for this call
 * @retval AZATTEST_E_ARGUMENT  something is NULL, or the name is not UTF-8
 * @retval AZATTEST_E_LIMIT     more than AZATTEST_LIMIT_POLICY_OUTCOMES sets, or claims that are too large as JSON
 * @retval AZATTEST_E_MEMORY    out of memory; the set does not count
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_policy_difference_add(azattest_policy_difference *difference,
                                                                                const char *name,
                                                                                const azattest_claim_set *claims,
                                                                                azattest_error **error);

/** The same version, sections and rules in the same order: both policies act alike on all claims. */
AZATTEST_API bool azattest_policy_difference_is_same(const azattest_policy_difference *difference);
/** The same text, byte for byte, and so the same hash. */
AZATTEST_API bool azattest_policy_difference_is_same_text(const azattest_policy_difference *difference);
/** Rules that were added, removed, changed or moved, sections that only one policy has, and another version. */
AZATTEST_API size_t azattest_policy_difference_change_count(const azattest_policy_difference *difference);
/** Sets of claims that were added. */
AZATTEST_API size_t azattest_policy_difference_outcome_count(const azattest_policy_difference *difference);
/** Those of them for which the outcome, an issued claim or a property differs. */
AZATTEST_API size_t azattest_policy_difference_outcome_changed_count(const azattest_policy_difference *difference);

/**
 * All of it as a JSON object:
 * - `same`, `same_text`: as azattest_policy_difference_is_same() and azattest_policy_difference_is_same_text();
 * - `before`, `after`: `{"version", "hash" (base64url), "rules" (how many)}`;
 * - `changes`: a list of `{"kind": "version", "before": "1.0", "after": "1.1"}`; `{"kind": "section_added" or
 *   "section_removed", "section"}`; `{"kind": "rule_added", "rule_removed", "rule_changed" or "rule_moved", "section",
 *   "before", "after"}`, whose rules are `{"rule" (in its section, from 1), "line", "column", "source"}`, absent where
 *   there is none;
 * - `outcomes`: a list of `{"name", "changed", "before", "after", "claims", "properties"}`, where `before` and `after`
 * are
 *   `{"outcome": "permit", "deny" or "error", "reason"}` and the others lists of what differs: `{"name", "before",
 *   "after"}` with values as the token has them, absent where there is none.
 *
 * Absent when memory is short.
 */
AZATTEST_API azattest_bytes azattest_policy_difference_json(const azattest_policy_difference *difference);
/**
 * The same for people, many lines of UTF-8: rules in the manner of a unified diff, each on one line behind its line in
 * the policy before and in the one after (`-` gone, `+` new, `>` moved), then the outcomes. Control characters are
 * escaped. NULL when memory is short.
 */
AZATTEST_API const char *azattest_policy_difference_text(const azattest_policy_difference *difference);

AZATTEST_END

#endif
