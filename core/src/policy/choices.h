/*
 * Where nothing public says what the service does, a choice is made, and all of them are here. Each is what a careful
 * service would do; "strict" is the default and "lenient" takes with a warning what the service might take.
 */
#ifndef AZATTEST_POLICY_CHOICES_H
#define AZATTEST_POLICY_CHOICES_H

/* A deny counts wherever it stands: also behind a permit that held. */
#define AZATTEST__CHOICE_DENY_BEATS_EARLIER_PERMIT 1
/* Several claims bound to an identifier: a comparison holds if any of their values fits. */
#define AZATTEST__CHOICE_ANY_VALUE_FITS 1
/* `issue(claim = c)` gives the copy the issuer AttestationPolicy. */
#define AZATTEST__CHOICE_COPY_IS_THE_POLICYS 1
/* Issuing a read-only value, and a function's error anywhere, end the evaluation with an error. */
#define AZATTEST__CHOICE_READ_ONLY_IS_AN_ERROR 1
/* equals_ignore_case() of anything but two strings is an error, and its folding is that of ASCII. */
#define AZATTEST__CHOICE_EQUALS_IGNORE_CASE_IS_STRICT 1

#endif
