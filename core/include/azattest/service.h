/**
 * The enclave behind the service's own key. A signing certificate of an instance (azattest_signer_certificate()) holds
 * a quote of the enclave that made the key; verifying it replaces trust in whoever answers at /certs by trust in
 * hardware. The validation option `verify_service_evidence` does so for every token.
 */
#ifndef AZATTEST_SERVICE_H
#define AZATTEST_SERVICE_H

#include "evidence.h"

AZATTEST_BEGIN

/**
 * Verifies a certificate with evidence inside: signed with its own key, alive, the quote inside genuine, and the key
 * bound by the quote. What Open Enclave's oe_verify_attestation_certificate() does, and more: the verdict is kept apart
 * by check, DEBUG is refused unless `options->allow_debug` is on (an appraisal has to allow it as well), and a verdict
 * that nobody told which enclave it has to be says so: "identity" is among what was not checked unless the appraisal
 * has `mr_enclave`, or `mr_signer` with `product_id` (a signer's name alone stands for all of its programs). For
 * evidence of a trust domain that is `mr_td`.
 *
 * @param certificate  borrowed; one certificate in DER or PEM
 * @param options      as of azattest_evidence_verify(), with another default of allow_debug; may be NULL
 * @param out          receives the verdict, valid or not, owned by the caller
 * @retval AZATTEST_OK             the verdict was reached; look at azattest_verification_result_is_valid()
 * @retval AZATTEST_E_UNSUPPORTED  no evidence inside: a certificate that an authority issued, or something else
 * @retval AZATTEST_E_EVIDENCE     what is inside is not well-formed
 * Source: Open Enclave, `oe_verify_attestation_certificate`; certificates of the service.
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status
azattest_verify_service_certificate(azattest_bytes certificate, const azattest_verify_options *options,
                                    azattest_verification_result **out, azattest_error **error);

AZATTEST_END

#endif
