/*
 * Would this evidence be admitted under this policy, and what would the token say? Answered here: nothing is sent.
 * Usage: policy_language POLICY_FILE ATTESTATION_TYPE EVIDENCE_FILE
 *
 * Says what is wrong with the policy or looks wrong, then what it makes of the claims that the service would make of
 * the evidence, rule by rule. Whether the evidence is genuine is another question: verify_evidence.
 */
#include "example.h"

/* False when the service would refuse the policy. */
static bool lint(const char *path, azattest_bytes text, const azattest_policy_parse_options *options,
                 azattest_error **error)
{
    azattest_policy_report *report = NULL;
    bool good = azattest_policy_lint(text, options, &report, error) == AZATTEST_OK;

    for (size_t i = 0; i < azattest_policy_report_count(report); i++)
        printf("%s:%u:%u: %s: %s [%s]\n", path, azattest_policy_report_line(report, i),
               azattest_policy_report_column(report, i), azattest_policy_report_severity(report, i),
               azattest_policy_report_message(report, i), azattest_policy_report_id(report, i));
    good = good && azattest_policy_report_error_count(report) == 0;
    azattest_policy_report_free(report);
    return good;
}

static bool admits(const azattest_policy *policy, azattest_bytes content, const char *attestation_type,
                   azattest_error **error)
{
    azattest_claims_options options = AZATTEST_CLAIMS_OPTIONS_INIT;
    azattest_evidence *evidence = NULL;
    azattest_claim_set *claims = NULL;
    azattest_policy_evaluation *evaluation = NULL;
    bool permitted = false; /* what cannot be evaluated is not permitted */

    options.attestation_type = attestation_type;
    if (azattest_evidence_load(content, &evidence, error) == AZATTEST_OK &&
        azattest_claim_set_from_evidence(evidence, &options, &claims, error) == AZATTEST_OK &&
        azattest_policy_evaluate(policy, claims, NULL, &evaluation, error) == AZATTEST_OK) {
        /* ..._claims() and ..._properties() have the same as JSON */
        printf("%s\n", azattest_policy_evaluation_explanation(evaluation));
        permitted = azattest_policy_evaluation_is_permitted(evaluation);
    }
    azattest_policy_evaluation_free(evaluation);
    azattest_claim_set_free(claims);
    azattest_evidence_free(evidence);
    return permitted;
}

int main(int argc, char **argv)
{
    static file text, content;
    azattest_policy_parse_options options = AZATTEST_POLICY_PARSE_OPTIONS_INIT;
    azattest_policy *policy = NULL;
    azattest_error *error = NULL;
    const char *known;
    int result = 1;

    if (argc != 4) {
        fprintf(stderr, "usage: policy_language POLICY_FILE ATTESTATION_TYPE EVIDENCE_FILE\n");
        return 2;
    }
    options.attestation_type = argv[2];
    if (read_file(argv[1], &text) && read_file(argv[3], &content) && lint(argv[1], bytes_of(&text), &options, &error) &&
        azattest_policy_parse(bytes_of(&text), &options, &policy, &error) == AZATTEST_OK) {
        known = azattest_policy_known_name(azattest_policy_policy_hash(policy));
        printf("version %s, rules: %zu%s%s\n", azattest_policy_version(policy), azattest_policy_rule_count(policy),
               known == NULL ? "" : ", the ", known == NULL ? "" : known);
        if (admits(policy, bytes_of(&content), argv[2],
                   &error)) /* a policy may serve many evaluations, of many threads */
            result = 0;
    }
    print_error(error);
    azattest_policy_free(policy);
    return result;
}
