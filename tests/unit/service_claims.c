/* Tokens of the local service, of each kind of evidence that it takes: their claims are those that are made of the
 * evidence, and the default policy gives over both what the token's policy issued. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <azattest/azattest.h>

#include "base/encoding.h"
#include "service_bench.h"
#include "simulator/platform.h"

typedef struct posted {
    char *body; /* of the request */
    azattest_evidence *evidence;
    char *tpm_key; /* opens the answer; NULL: it is not sealed */
} posted;

static char *text_of_bytes(unsigned char *bytes, size_t len)
{
    char *text = azattest__dup(bytes, len);

    assert_non_null(text);
    azattest_simulator_free_bytes(bytes);
    return text;
}

static azattest_evidence *load(const void *bytes, size_t len)
{
    azattest_evidence *evidence = NULL;

    assert_int_equal(azattest_evidence_load(azattest__bytes(bytes, len), &evidence, NULL), AZATTEST_OK);
    return evidence;
}

/* {"MEMBER":"evidence", runtime data as JSON}. */
static char *body_of(const char *member, const void *evidence, size_t len, bool data)
{
    char *encoded = encode(evidence, len, false), *runtime = encode(DATA, strlen(DATA), false), *out = NULL;

    assert_true(asprintf(&out, "{\"%s\":\"%s\"%s%s%s}", member, encoded,
                         data ? ",\"runtimeData\":{\"dataType\":\"JSON\",\"data\":\"" : "", data ? runtime : "",
                         data ? "\"}" : "") > 0);
    free(runtime);
    free(encoded);
    return out;
}

static posted post_sgx(void)
{
    return (posted){ body_of("quote", world.raw_quote, world.raw_quote_len, true),
                     load(world.raw_quote, world.raw_quote_len), NULL };
}

static posted post_open_enclave(void)
{
    azattest__buf report;
    posted out;

    azattest__buf_init(&report, AZATTEST_LIMIT_EVIDENCE);
    assert_true(azattest__base64url_decode(azattest__text(world.report), &report));
    out = (posted){ body_of("report", report.ptr, report.len, true), load(report.ptr, report.len), NULL };
    azattest__buf_free(&report);
    return out;
}

static posted post_tdx(void)
{
    azattest_simulated_td td = AZATTEST_SIMULATED_TD_INIT;
    unsigned char *quote;
    size_t len;
    posted out;

    td.runtime_data = azattest__text(DATA);
    assert_int_equal(azattest_simulator_tdx_quote(world.simulator, &td, &quote, &len, NULL), AZATTEST_OK);
    out = (posted){ body_of("quote", quote, len, true), load(quote, len), NULL };
    azattest_simulator_free_bytes(quote);
    return out;
}

static posted post_snp(void)
{
    azattest_simulated_guest guest = AZATTEST_SIMULATED_GUEST_INIT;
    azattest__json *document = azattest__json_new_object();
    unsigned char *report, *vcek;
    azattest__buf chain, text;
    size_t len, vcek_len;
    char *issuers;
    posted out;

    guest.runtime_data = azattest__text(DATA);
    assert_int_equal(azattest_simulator_snp_report(world.simulator, &guest, &report, &len, NULL), AZATTEST_OK);
    assert_int_equal(
        azattest_simulator_collateral_item(world.simulator, NULL, "snp", "vcek", &vcek, &vcek_len, &issuers, NULL),
        AZATTEST_OK);
    azattest__buf_init(&chain, 1 << 20);
    azattest__buf_init(&text, 1 << 20);
    azattest__pem_encode("CERTIFICATE", azattest__bytes(vcek, vcek_len), &chain);
    azattest__buf_append_text(&chain, issuers);
    azattest__json_put_base64url(document, "SnpReport", azattest__bytes(report, len));
    azattest__json_put_base64url(document, "VcekCertChain", azattest__buf_bytes(&chain));
    assert_int_equal(azattest__json_print(document, false, &text, NULL), AZATTEST_OK);
    out = (posted){ body_of("report", text.ptr, text.len, true), load(text.ptr, text.len), NULL };
    azattest__json_free(document);
    azattest__buf_free(&text);
    azattest__buf_free(&chain);
    azattest_simulator_free_bytes(report);
    azattest_simulator_free_bytes(vcek);
    azattest_simulator_free_bytes((unsigned char *)issuers);
    return out;
}

static posted post_guest(const char *tee)
{
    azattest_simulated_vm vm = AZATTEST_SIMULATED_VM_INIT;
    const azattest__vault *vault = NULL;
    unsigned char *info, *roots;
    azattest__buf key;
    size_t len;
    char *text;
    posted out;

    vm.tee = tee;
    assert_int_equal(azattest_simulator_azure_guest(world.simulator, &vm, "attestation_info", &info, &len, NULL),
                     AZATTEST_OK);
    text = text_of_bytes(info, len);
    out = (posted){ body_of("AttestationInfo", text, strlen(text), false), load(text, strlen(text)), NULL };
    free(text);
    assert_int_equal(azattest_simulator_roots_pem(world.simulator, &roots, &len, NULL), AZATTEST_OK);
    azattest__buf_cut(&world.service->extra_roots, 0);
    azattest__buf_append(&world.service->extra_roots, roots, len);
    azattest_simulator_free_bytes(roots);
    azattest__buf_init(&key, 65536);
    assert_int_equal(azattest__vault_need(world.simulator, VAULT_TPM, &vault, NULL), AZATTEST_OK);
    assert_int_equal(azattest__key_private_pem(vault->keys[TPM_EK], &key, NULL), AZATTEST_OK);
    out.tpm_key = (char *)azattest__buf_take(&key, &len);
    return out;
}

static posted post_snp_guest(void)
{
    return post_guest("snp");
}

static posted post_tdx_guest(void)
{
    return post_guest("tdx");
}

static azattest_token *attested(const char *type, const posted *request)
{
    azattest__service_answer answer;
    azattest_token *token = NULL;
    azattest__json *document;
    const char *text;
    char target[128], *opened = NULL;

    snprintf(target, sizeof(target), "/attest/%s?api-version=2025-06-01", type);
    ask("POST", target, azattest__text(request->body), &answer);
    if (answer.status != 200)
        fail_msg("%s: %d %s", type, answer.status, (const char *)answer.body.ptr);
    document = parse(azattest__buf_bytes(&answer.body));
    text = azattest__json_get_string(document, "token");
    if (request->tpm_key != NULL) {
        assert_int_equal(azattest_guest_answer_open_with_key(azattest__text(text), azattest__text(request->tpm_key),
                                                             NULL, &opened, NULL),
                         AZATTEST_OK);
        text = opened;
    }
    assert_int_equal(azattest_token_parse(azattest__text(text), &token, NULL), AZATTEST_OK);
    free(opened);
    azattest__json_free(document);
    azattest__service_answer_clear(&answer);
    return token;
}

static const azattest__json *find_claim(const azattest__json *list, const azattest__json *wanted)
{
    for (const azattest__json *one = azattest__json_first(list); one != NULL; one = azattest__json_next(one))
        if (azattest__json_equal(one, wanted))
            return one;
    return NULL;
}

static void compare_sets(const char *type, const azattest_claim_set *of_token, const azattest_claim_set *of_evidence)
{
    azattest__json *theirs = parse(azattest_claim_set_json(of_token)),
                   *ours = parse(azattest_claim_set_json(of_evidence));

    assert_int_equal(azattest__json_count(ours) + 1, azattest__json_count(theirs));
    for (const azattest__json *one = azattest__json_first(theirs); one != NULL; one = azattest__json_next(one))
        if (strcmp(azattest__json_get_string(one, "type"), "x-ms-policy-hash") != 0 && find_claim(ours, one) == NULL)
            fail_msg("%s: the evidence does not give the token's claim %s", type,
                     azattest__json_get_string(one, "type"));
    azattest__json_free(ours);
    azattest__json_free(theirs);
}

static void judge(const char *type, const azattest_token *token, const azattest_claim_set *claims)
{
    azattest_bytes issued = azattest_token_claim(token, "x-ms-policy");
    azattest_policy_evaluation *evaluation = NULL;
    azattest_policy *policy = NULL;
    azattest__json *wanted, *ours;
    bool matches = false;

    assert_int_equal(azattest_policy_parse(azattest__text(azattest_policy_default(type)), NULL, &policy, NULL),
                     AZATTEST_OK);
    assert_int_equal(azattest_policy_matches_token(policy, token, &matches), AZATTEST_OK);
    assert_true(matches);
    assert_int_equal(azattest_policy_evaluate(policy, claims, NULL, &evaluation, NULL), AZATTEST_OK);
    assert_true(azattest_policy_evaluation_is_permitted(evaluation));
    wanted = parse(issued.ptr == NULL ? azattest__text("{}") : issued);
    ours = parse(azattest_policy_evaluation_claims(evaluation));
    assert_true(azattest__json_equal(wanted, ours));
    assert_int_equal(azattest__json_count(ours) > 0, strstr(type, "Enclave") != NULL);
    azattest__json_free(ours);
    azattest__json_free(wanted);
    azattest_policy_evaluation_free(evaluation);
    azattest_policy_free(policy);
}

typedef struct kind {
    const char *name, *type;
    posted (*post)(void);
    bool data; /* runtime data beside the evidence */
} kind;

static const kind kinds[] = {
    { "an enclave's quote", "SgxEnclave", post_sgx, true },
    { "an Open Enclave report", "OpenEnclave", post_open_enclave, true },
    { "a trust domain's quote", "TdxVm", post_tdx, true },
    { "an SEV-SNP report", "SevSnpVm", post_snp, true },
    { "a guest on SEV-SNP", "AzureGuest", post_snp_guest, false },
    { "a guest on TDX", "AzureGuest", post_tdx_guest, false },
};

static void token_and_evidence_give_the_same_claims(void **state)
{
    const kind *test = *state;
    azattest_claims_options options = AZATTEST_CLAIMS_OPTIONS_INIT;
    azattest_claim_set *of_token = NULL, *of_evidence = NULL;
    posted request = test->post();
    azattest_token *token = attested(test->type, &request);

    options.attestation_type = test->type;
    assert_int_equal(azattest_claim_set_from_token(token, &options, &of_token, NULL), AZATTEST_OK);
    if (test->data)
        options.runtime_json = azattest__text(DATA);
    assert_int_equal(azattest_claim_set_from_evidence(request.evidence, &options, &of_evidence, NULL), AZATTEST_OK);
    compare_sets(test->type, of_token, of_evidence);
    judge(test->type, token, of_token);
    judge(test->type, token, of_evidence);
    azattest_claim_set_free(of_evidence);
    azattest_claim_set_free(of_token);
    azattest_token_free(token);
    azattest_evidence_free(request.evidence);
    free(request.tpm_key);
    free(request.body);
}

#define COUNT (sizeof(kinds) / sizeof(kinds[0]))

int main(void)
{
    struct CMUnitTest tests[COUNT];

    for (size_t i = 0; i < COUNT; i++)
        tests[i] = (struct CMUnitTest){ kinds[i].name, token_and_evidence_give_the_same_claims, NULL, NULL,
                                        (void *)(uintptr_t)&kinds[i] };
    return cmocka_run_group_tests_name("service_claims", tests, service_setup, service_teardown);
}
