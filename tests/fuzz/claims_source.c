/* Claims of tokens (first byte 0), of evidence of any form (1), and of logs of events (2): every claim that comes out
 * is the service's, and a set that was made reads back. */
#include <stdlib.h>

#include <azattest/azattest.h>

#include "evidence/claims/claims.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const azattest_claim_set *set)
{
    azattest_claim_set *again = NULL;

    for (size_t i = 0; i < azattest_claim_set_count(set); i++)
        if (strcmp(azattest_claim_set_issuer(set, i), "AttestationService") != 0 ||
            *azattest_claim_set_type(set, i) == 0)
            abort();
    if (azattest_claim_set_parse(azattest_claim_set_json(set), &again, NULL) != AZATTEST_OK ||
        azattest_claim_set_count(again) != azattest_claim_set_count(set))
        abort();
    azattest_claim_set_free(again);
}

static const char *const types[] = { NULL, "SgxEnclave", "OpenEnclave", "SevSnpVm", "TdxVm", "AzureGuest", "Tpm" };

static void of_token(azattest_bytes body)
{
    azattest_token *token = NULL;

    if (azattest_token_create(body, NULL, &token, NULL) != AZATTEST_OK)
        return;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        azattest_claims_options options = AZATTEST_CLAIMS_OPTIONS_INIT;
        azattest_claim_set *set = NULL;

        options.attestation_type = types[i];
        if (azattest_claim_set_from_token(token, &options, &set, NULL) == AZATTEST_OK)
            check(set);
        azattest_claim_set_free(set);
    }
    azattest_token_free(token);
}

static void of_evidence(azattest_bytes file)
{
    azattest_evidence *evidence = NULL;

    if (azattest_evidence_load(file, &evidence, NULL) != AZATTEST_OK)
        return;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        azattest_claims_options options = AZATTEST_CLAIMS_OPTIONS_INIT;
        azattest_claim_set *set = NULL;

        options.attestation_type = types[i];
        if (azattest_claim_set_from_evidence(evidence, &options, &set, NULL) == AZATTEST_OK)
            check(set);
        azattest_claim_set_free(set);
    }
    azattest_evidence_free(evidence);
}

/* What is made of a log is JSON that the strict gate takes, however bent its texts are. */
static void of_log(azattest_bytes log)
{
    azattest__json *events = NULL, *again = NULL;
    azattest__buf text;

    azattest__json_free(azattest__claims_windows_event(log)); /* few logs have the digests that let it be reached */
    if (azattest__claims_events(log, AZATTEST__TPM_SHA1, UINT32_MAX, &events, NULL) != AZATTEST_OK)
        return;
    azattest__buf_init(&text, 16u * 1024u * 1024u);
    if (azattest__json_print(events, false, &text, NULL) != AZATTEST_OK ||
        azattest__json_parse(azattest__buf_bytes(&text), &again, NULL) == AZATTEST_E_MALFORMED)
        abort();
    if (again != NULL && !azattest__json_equal(events, again))
        abort();
    azattest__json_free(again);
    azattest__buf_free(&text);
    azattest__json_free(events);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    if (data[0] == 0)
        of_token(azattest__bytes(data + 1, size - 1));
    else if (data[0] == 1)
        of_evidence(azattest__bytes(data + 1, size - 1));
    else
        of_log(azattest__bytes(data + 1, size - 1));
    return 0;
}
