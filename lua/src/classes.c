/* The classes: name, metatable, and how the library takes its object back. */
#include "module.h"

#define CLASS(name, shown, free_function)                                                                              \
    static void free_##name(void *object)                                                                              \
    {                                                                                                                  \
        free_function(object);                                                                                         \
    }                                                                                                                  \
    const struct azlua_class azlua_##name = { shown, "azattest." shown, free_##name }

CLASS(token, "AttestationToken", azattest_token_free);
CLASS(signer, "AttestationSigner", azattest_signer_free);
CLASS(signers, "AttestationSigners", azattest_signers_free);
CLASS(result, "AttestationResult", azattest_result_free);
CLASS(metadata, "OpenIdMetadata", azattest_metadata_free);
CLASS(evidence, "Evidence", azattest_evidence_free);
CLASS(verification, "VerificationResult", azattest_verification_result_free);
CLASS(collateral, "Collateral", azattest_collateral_free);
CLASS(appraisal, "Appraisal", azattest_appraisal_free);
CLASS(claim_set, "ClaimSet", azattest_claim_set_free);
CLASS(policy, "Policy", azattest_policy_free);
CLASS(policy_report, "PolicyReport", azattest_policy_report_free);
CLASS(policy_evaluation, "PolicyEvaluation", azattest_policy_evaluation_free);
CLASS(policy_difference, "PolicyDifference", azattest_policy_difference_free);
CLASS(error, "Error", azattest_error_free);
CLASS(client, "AttestationClient", azattest_client_free);
CLASS(verifier, "Verifier", azattest_verifier_free);
CLASS(admin_client, "AttestationAdministrationClient", azattest_admin_client_free);
CLASS(policy_result, "PolicyResult", azattest_policy_result_free);
CLASS(certificates_result, "PolicyCertificatesModificationResult",
      azattest_policy_certificates_modification_result_free);
CLASS(signing_key, "AttestationSigningKey", azattest_signing_key_free);
CLASS(stored_policy, "StoredAttestationPolicy", azattest_stored_attestation_policy_free);
CLASS(credential, "Credential", azattest_credential_free);
CLASS(data, "AttestationData", azattest_data_free);
/* Inside only: what users see of these is made of their parts. */
CLASS(op, "Operation", azattest_op_free);
CLASS(response, "Response", azattest_response_free);
CLASS(access_token, "AccessToken", azattest_access_token_free);
CLASS(problems, "Problems", azattest_problems_free);
CLASS(text, "Text", azattest_free);
CLASS(tcb_baselines, "TcbBaselines", azattest_tcb_baselines_free);

/* An opened secret on its way into a string of Lua's: wiped, whatever happens on it. */
static void free_secret(void *object)
{
    struct azlua_secret_text *secret = object;

    azattest_secret_free(secret->text, secret->length);
    secret->text = NULL;
}
const struct azlua_class azlua_secret = { "Secret", "azattest.Secret", free_secret };
