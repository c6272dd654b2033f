/*
 * Verifies evidence with collateral and an appraisal, without any network, and tells why it is valid or is not.
 * Usage: verify_evidence EVIDENCE_FILE COLLATERAL_FILE APPRAISAL_FILE [ROOTS_FILE]
 *
 * The evidence may be of any kind, in any wrapping. `azattest evidence collateral --evidence EVIDENCE_FILE --fetch
 * --out COLLATERAL_FILE` fetches what its verdict needs; examples/appraisals has appraisals to begin with. A file of
 * roots is for evidence of the simulator; real evidence needs none.
 */
#include "example.h"

static void print_checks(const azattest_verification_result *verdict)
{
    static const char *const outcomes[] = { "not run", "FAILED", "ok" };

    for (size_t i = 0; i < azattest_verification_result_check_count(verdict); i++) {
        const char *id = azattest_verification_result_check_id(verdict, i);
        int ok = azattest_verification_result_check_ok(verdict, i);

        /* members that the appraisal has not got are listed, too */
        if (azattest_verification_result_check_required(verdict, i) || strncmp(id, "appraisal.", 10) != 0)
            printf("%-7s %-28s %s\n", outcomes[ok + 1], id, azattest_verification_result_check_detail(verdict, i));
    }
}

static void print_verdict(const azattest_evidence *evidence, const azattest_verification_result *verdict)
{
    const char *tcb_status = azattest_verification_result_tcb_status(verdict);

    print_checks(verdict);
    for (size_t i = 0; i < azattest_verification_result_warning_count(verdict); i++)
        printf("warning: %s\n", azattest_verification_result_warning(verdict, i));
    for (size_t i = 0; i < azattest_verification_result_not_checked_count(verdict); i++)
        printf("not checked: %s\n", azattest_verification_result_not_checked(verdict, i));
    printf("%s: %s%s%s, %s\n", azattest_verification_result_is_valid(verdict) ? "VALID" : "NOT VALID",
           azattest_evidence_kind(evidence), tcb_status == NULL ? "" : ", platform ",
           tcb_status == NULL ? "" : tcb_status,
           azattest_verification_result_is_complete(verdict) ? "complete" : "not complete");
}

int main(int argc, char **argv)
{
    static file content, published, expected, roots;
    azattest_verify_options options = AZATTEST_VERIFY_OPTIONS_INIT;
    azattest_evidence *evidence = NULL;
    azattest_collateral *collateral = NULL;
    azattest_appraisal *appraisal = NULL;
    azattest_verification_result *verdict = NULL;
    azattest_error *error = NULL;
    int result = 1;

    if (argc != 4 && argc != 5) {
        fprintf(stderr, "usage: verify_evidence EVIDENCE_FILE COLLATERAL_FILE APPRAISAL_FILE [ROOTS_FILE]\n");
        return 2;
    }
    if (!read_file(argv[1], &content) || !read_file(argv[2], &published) || !read_file(argv[3], &expected) ||
        (argc == 5 && !read_file(argv[4], &roots)) ||
        azattest_evidence_load(bytes_of(&content), &evidence, &error) != AZATTEST_OK ||
        azattest_collateral_new(&collateral, &error) != AZATTEST_OK ||
        azattest_collateral_add(collateral, bytes_of(&published), &error) != AZATTEST_OK ||
        azattest_appraisal_parse(bytes_of(&expected), &appraisal, &error) != AZATTEST_OK)
        goto done;
    options.collateral = collateral; /* may serve many verifications: signatures in it are verified once */
    options.appraisal = appraisal;
    if (argc == 5)
        options.extra_roots = bytes_of(&roots);
    if (azattest_evidence_verify(evidence, &options, &verdict, &error) ==
        AZATTEST_OK) { /* there is a verdict: look at it */
        print_verdict(evidence, verdict);
        result = azattest_verification_result_is_valid(verdict) ? 0 : 1;
    }
done:
    print_error(error);
    azattest_verification_result_free(verdict);
    azattest_appraisal_free(appraisal);
    azattest_collateral_free(collateral);
    azattest_evidence_free(evidence);
    return result;
}
