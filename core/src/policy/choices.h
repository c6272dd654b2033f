/*
 * Where nothing public says what the service does, a choice is made, and all of them are here, 1 for what is chosen.
 * Each is what a careful service would do; "strict" is the default and "lenient" takes with a warning what the service
 * might take.
 */
#ifndef AZATTEST_POLICY_CHOICES_H
#define AZATTEST_POLICY_CHOICES_H

/* A strict reading refuses these, a lenient one warns: other cases of keywords, what only a later
 * version has, issue() in authorizationrules (which a published policy uses like add()). */
#define AZATTEST__CHOICE_KEYWORDS_HAVE_ONE_CASE 1
#define AZATTEST__CHOICE_VERSIONS_LACK_LATER_PARTS 1
#define AZATTEST__CHOICE_NO_ISSUE_IN_AUTHORIZATION 1
/* Both refuse these: add() in configurationrules; an identifier of a negated condition, which never has claims; one
 * that two conditions of a rule bind; an action that says who its claim's issuer is, or a valueType that its value has
 * not got. */
#define AZATTEST__CHOICE_NO_ADD_IN_CONFIGURATION 1
#define AZATTEST__CHOICE_NO_NEGATED_IDENTIFIER 1
#define AZATTEST__CHOICE_IDENTIFIERS_ARE_BOUND_ONCE 1
#define AZATTEST__CHOICE_ISSUER_IS_NOT_ASSIGNED 1
#define AZATTEST__CHOICE_VALUE_TYPE_FITS_THE_VALUE 1
/* <, <=, > and >= with text or a boolean are an error when the policy is set; with claims, they are false. */
#define AZATTEST__CHOICE_RELATIONS_ARE_OF_INTEGERS 1
/* A deny counts wherever it stands: also behind a permit that held. */
#define AZATTEST__CHOICE_DENY_BEATS_EARLIER_PERMIT 1
/* Several claims bound to an identifier: a comparison holds if any of their values fits; else all have to. */
#define AZATTEST__CHOICE_ANY_VALUE_FITS 1
/* `issue(claim = c)` gives the copy the issuer AttestationPolicy. */
#define AZATTEST__CHOICE_COPY_IS_THE_POLICYS 1
/* Configuration rules see no claims but those that they made themselves. */
#define AZATTEST__CHOICE_CONFIGURATION_SEES_NO_CLAIMS 1

/* clang-format off */
/*
 * Those that the code has no other way for, and where they are made:
 *
 * language/lexer*.c        Block comments and strings over a line's end are refused. Integers are decimal, with a sign
 *                          and 64 bits. An escape that is none keeps the character behind its backslash, with a
 *                          warning.
 * language/parse.c         A byte order mark is refused, leniently it is left out, and it counts for the hash. An
 *                          unknown version is an error for every type of attestation, the known ones are for all.
 *                          authorizationrules may be empty, and denies everything then.
 * evaluation/evaluate.c    The right sides of a condition's tests are worked out once, before its claims are looked at:
 *                          a function's error does not depend on which claims there are. No value at all (of JSON
 *                          that is null, or an empty array) equals no claim; whether a claim differs from it is not
 *                          established, and either answer would let a deny rule or a permit rule be passed by leaving
 *                          something out, so "!=" with it is an error. Conditions stop at the first that fails.
 *                          Issuing a read-only value, as a claim or a property or in its name, is an error.
 * evaluation/evaluation.c  All rules of a section run, also behind a deny. An error anywhere, also in issuancerules,
 *                          ends the evaluation. What a lenient policy issues in authorizationrules is added, and does
 *                          not reach the token.
 * evaluation/functions.c   A value is in a set once: of an array with repeats the token has each once. An integral
 *                          float of JSON (1.0, 1e2) is an integer.
 * jmespath/functions_*.c   equals_ignore_case() of anything but two strings is an error, and its folding is ASCII's.
 */
/* clang-format on */

#endif
