/* Claims of tokens and of evidence as a policy sees them, and whether a token was made under a policy. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <azattest/azattest.h>

#include "base/encoding.h"
#include "evidence.h"
#include "expect.h"
#include "json/json.h"
#include "made.h"

static azattest_token *token_of(const char *body)
{
    azattest_token *token = NULL;

    assert_int_equal(azattest_token_create(azattest__text(body), NULL, &token, NULL), AZATTEST_OK);
    return token;
}

/* The claims one behind the other, "type=value" with text in quotes; all of the service. */
static char *listed(const azattest_claim_set *set)
{
    azattest__buf out;
    size_t len;

    azattest__buf_init(&out, 1024u * 1024u);
    for (size_t i = 0; i < azattest_claim_set_count(set); i++) {
        int64_t number;

        assert_string_equal(azattest_claim_set_issuer(set, i), "AttestationService");
        azattest__buf_printf(&out, "%s%s=", i == 0 ? "" : " ", azattest_claim_set_type(set, i));
        if (azattest_claim_set_string(set, i) != NULL)
            azattest__buf_printf(&out, "\"%s\"", azattest_claim_set_string(set, i));
        else if (azattest_claim_set_integer(set, i, &number) == AZATTEST_OK)
            azattest__buf_printf(&out, "%lld", (long long)number);
        else
            azattest__buf_append_text(&out, azattest_claim_set_boolean(set, i) == 1 ? "true" : "false");
    }
    azattest__buf_append_text(&out, "");
    return (char *)azattest__buf_take(&out, &len);
}

typedef struct seen {
    const char *name, *type, *body, *claims;
} seen;

static const seen tokens[] = {
    { "standard claims are none of the service", NULL,
      "{\"iss\":\"https://x\",\"iat\":1,\"exp\":2,\"nbf\":1,\"jti\":\"00\",\"cnf\":{\"jwk\":{}},"
      "\"x-ms-attestation-type\":\"tdxvm\",\"tdx_seamsvn\":3}",
      "x-ms-attestation-type=\"tdxvm\" tdx_seamsvn=3" },
    { "what x-ms-policy names was issued", NULL,
      "{\"x-ms-attestation-type\":\"tdxvm\",\"x-ms-policy\":{\"level\":1},\"level\":1,\"newer\":true}",
      "x-ms-attestation-type=\"tdxvm\" newer=true" },
    { "a claim of the service stays, whatever x-ms-policy names", NULL,
      "{\"x-ms-attestation-type\":\"tdxvm\",\"x-ms-policy\":{\"tdx_seamsvn\":3},\"tdx_seamsvn\":3}",
      "x-ms-attestation-type=\"tdxvm\" tdx_seamsvn=3" },
    { "a name that only looks like the service's was issued when x-ms-policy says so", NULL,
      "{\"x-ms-attestation-type\":\"tdxvm\",\"x-ms-policy\":{\"tdx_trusted\":true,\"policy_hash\":\"a\"},"
      "\"tdx_trusted\":true,\"policy_hash\":\"a\"}",
      "x-ms-attestation-type=\"tdxvm\"" },
    { "what the service says of other evidence was issued by the policy", NULL,
      "{\"x-ms-attestation-type\":\"sgx\",\"secureboot\":true,\"x-ms-azurevm-dbvalidated\":true,\"tdx_mrtd\":\"a\","
      "\"x-ms-sevsnpvm-vmpl\":0,\"dbgstat\":\"disabled\",\"x-ms-sgx-svn\":1}",
      "x-ms-attestation-type=\"sgx\" x-ms-sgx-svn=1 $svn=1 $tee=\"sgx\"" },
    { "a TPM's token has nothing of an enclave's", NULL,
      "{\"x-ms-attestation-type\":\"tpm\",\"x-ms-sgx-is-debuggable\":false,\"secureboot\":true}",
      "x-ms-attestation-type=\"tpm\"" },
    { "without x-ms-policy everything is issued that the service does not make", NULL,
      "{\"x-ms-attestation-type\":\"azurevm\",\"secureboot\":true,\"level\":1,\"x-ms-azurevm-os-provisioning\":false}",
      "x-ms-attestation-type=\"azurevm\" secureboot=true x-ms-azurevm-os-provisioning=false" },
    { "an x-ms-policy that is no object names nothing", NULL,
      "{\"x-ms-attestation-type\":\"tdxvm\",\"x-ms-policy\":\"text\",\"level\":1}", "x-ms-attestation-type=\"tdxvm\"" },
    { "enclaves have their claims' first names, too", NULL,
      "{\"x-ms-attestation-type\":\"sgx\",\"x-ms-sgx-is-debuggable\":false,\"x-ms-sgx-product-id\":1,\"x-ms-sgx-svn\":"
      "2,"
      "\"x-ms-sgx-mrsigner\":\"aa\",\"x-ms-sgx-mrenclave\":\"bb\",\"x-ms-sgx-tcbidentifier\":\"azuredefault\"}",
      "x-ms-attestation-type=\"sgx\" x-ms-sgx-is-debuggable=false x-ms-sgx-product-id=1 x-ms-sgx-svn=2 "
      "x-ms-sgx-mrsigner=\"aa\" x-ms-sgx-mrenclave=\"bb\" $is-debuggable=false $product-id=1 $svn=2 "
      "$sgx-mrsigner=\"aa\" $sgx-mrenclave=\"bb\" $tee=\"sgx\"" },
    { "objects are text, lists are several claims", NULL,
      "{\"x-ms-attestation-type\":\"azurevm\",\"x-ms-azurevm-attested-pcrs\":[0,1,7],\"x-ms-runtime\":{\"keys\":[]}}",
      "x-ms-attestation-type=\"azurevm\" x-ms-azurevm-attested-pcrs=0 x-ms-azurevm-attested-pcrs=1 "
      "x-ms-azurevm-attested-pcrs=7 x-ms-runtime=\"{\"keys\":[]}\"" },
    { "the type's old name does", NULL, "{\"tee\":\"sgx\",\"x-ms-sgx-svn\":2}",
      "x-ms-sgx-svn=2 x-ms-attestation-type=\"sgx\" $svn=2 $tee=\"sgx\"" },
    { "the type in another spelling", "sev-snp-vm", "{\"x-ms-attestation-type\":\"sevsnpvm\"}",
      "x-ms-attestation-type=\"sevsnpvm\"" },
    { "enclaves on either path", "OpenEnclave", "{\"x-ms-attestation-type\":\"sgx\"}",
      "x-ms-attestation-type=\"sgx\" $tee=\"sgx\"" },
    { "a TPM's policy saw what no token has", "Tpm",
      "{\"x-ms-attestation-type\":\"tpm\",\"x-ms-ver\":\"1.0\",\"aikValidated\":true}",
      "x-ms-attestation-type=\"tpm\" x-ms-ver=\"1.0\"" },
};

static void a_token_gives_the_claims_that_its_policy_saw(void **state)
{
    const seen *test = *state;
    azattest_claims_options options = AZATTEST_CLAIMS_OPTIONS_INIT;
    azattest_token *token = token_of(test->body);
    azattest_claim_set *set = NULL;
    azattest_error *error = NULL;
    char *text;

    options.attestation_type = test->type;
    expect(azattest_claim_set_from_token(token, &options, &set, &error), &error, AZATTEST_OK, NULL);
    text = listed(set);
    assert_string_equal(text, test->claims);
    free(text);
    azattest_claim_set_free(set);
    azattest_token_free(token);
}

typedef struct refusal {
    const char *name, *type, *body;
    azattest_status status;
    const char *message;
} refusal;

static const refusal refusals[] = {
    { "another type than the token's", "TdxVm", "{\"x-ms-attestation-type\":\"sgx\"}", AZATTEST_E_ARGUMENT,
      "attestation type TdxVm: the token is of an attestation of type \"sgx\" (SgxEnclave)" },
    { "a type that is none", "Sgx1", "{\"x-ms-attestation-type\":\"sgx\"}", AZATTEST_E_ARGUMENT,
      "attestation type \"Sgx1\": none whose claims are known; expected one of SgxEnclave" },
    { "a token of a type that is not known", NULL, "{\"x-ms-attestation-type\":\"pluton\"}", AZATTEST_E_ARGUMENT,
      "claim x-ms-attestation-type of the token: attestation type \"pluton\"" },
    { "a token of no attestation", "Tpm", "{\"x-ms-policy-result\":\"Updated\"}", AZATTEST_E_ARGUMENT,
      "the token has no claim x-ms-attestation-type" },
    { "a type that is no text", NULL, "{\"x-ms-attestation-type\":1}", AZATTEST_E_ARGUMENT, "has no claim" },
    { "a fraction", NULL, "{\"x-ms-attestation-type\":\"tdxvm\",\"tdx_x\":1.5}", AZATTEST_E_TYPE, "tdx_x" },
};

static void a_token_that_does_not_fit_is_refused(void **state)
{
    const refusal *test = *state;
    azattest_claims_options options = AZATTEST_CLAIMS_OPTIONS_INIT;
    azattest_token *token = token_of(test->body);
    azattest_claim_set *set = NULL;
    azattest_error *error = NULL;

    options.attestation_type = test->type;
    expect(azattest_claim_set_from_token(token, &options, &set, &error), &error, test->status, test->message);
    assert_null(set);
    azattest_token_free(token);
}

static void wrong_use_is_refused(void **state)
{
    azattest_claims_options options = AZATTEST_CLAIMS_OPTIONS_INIT;
    azattest_token *token = token_of("{\"x-ms-attestation-type\":\"sgx\"}");
    azattest_claim_set *set = NULL;
    azattest_error *error = NULL;

    (void)state;
    expect(azattest_claim_set_from_token(NULL, NULL, &set, &error), &error, AZATTEST_E_ARGUMENT, "no token");
    expect(azattest_claim_set_from_token(token, NULL, NULL, &error), &error, AZATTEST_E_ARGUMENT, "no place");
    expect(azattest_claim_set_from_evidence(NULL, NULL, &set, &error), &error, AZATTEST_E_ARGUMENT, "no evidence");
    options.nonce = "n";
    expect(azattest_claim_set_from_token(token, &options, &set, &error), &error, AZATTEST_E_ARGUMENT,
           "data and nonce go with evidence");
    options.size = 0;
    expect(azattest_claim_set_from_token(token, &options, &set, &error), &error, AZATTEST_E_ARGUMENT,
           "AZATTEST_CLAIMS_OPTIONS_INIT");
    assert_int_equal(azattest_claim_set_from_token(token, &options, &set, NULL), AZATTEST_E_ARGUMENT);
    azattest_token_free(token);
}

/* Of a token that is cut anywhere there is a whole set, or none. */
static void a_token_that_is_cut_gives_all_or_nothing(void **state)
{
    azattest_token *whole =
        token_of("{\"x-ms-attestation-type\":\"sgx\",\"x-ms-sgx-svn\":1,\"x-ms-policy\":{\"a\":1}}");
    azattest_bytes text = azattest_token_serialize(whole);
    size_t parsed = 0;

    (void)state;
    for (size_t cut = 0; cut <= text.len; cut++) {
        unsigned char *exact = malloc(cut == 0 ? 1 : cut); /* so that a read behind the end is seen */
        azattest_claim_set *set = NULL;
        azattest_token *token = NULL;

        assert_non_null(exact);
        memcpy(exact, text.ptr, cut);
        if (azattest_token_parse(azattest__bytes(exact, cut), &token, NULL) == AZATTEST_OK) {
            parsed++;
            assert_int_equal(azattest_claim_set_from_token(token, NULL, &set, NULL), AZATTEST_OK);
            assert_int_equal(azattest_claim_set_count(set), 4);
        }
        azattest_claim_set_free(set);
        azattest_token_free(token);
        free(exact);
    }
    assert_int_equal(parsed, 1);
    azattest_token_free(whole);
}

/* ---- evidence ---- */

typedef struct sent {
    const char *name;
    made_kind kind;
    const char *type, *runtime_data, *runtime_json, *inittime_data, *nonce;
    azattest_status status;
    const char *text; /* in the list of claims, or in the message */
} sent;

#define NOTHING NULL, NULL, NULL, NULL
static const sent sources[] = {
    { "a quote", MADE_SGX, NULL, NOTHING, AZATTEST_OK, "$tee=\"sgx\"" },
    { "a quote on the path of Open Enclave", MADE_SGX, "OpenEnclave", NOTHING, AZATTEST_OK, "$svn=" },
    { "a report on the path of quotes", MADE_OPEN_ENCLAVE, "sgx-enclave", NOTHING, AZATTEST_OK, "x-ms-sgx-mrsigner=" },
    { "binary runtime data", MADE_SGX, NULL, QUOTES_RUNTIME_DATA, NULL, NULL, NULL, AZATTEST_OK,
      "x-ms-sgx-ehd=\"cnVudGltZSBkYXRh\"" },
    { "binary runtime data by its old name", MADE_SGX, NULL, QUOTES_RUNTIME_DATA, NULL, NULL, NULL, AZATTEST_OK,
      "aas-ehd=\"cnVudGltZSBkYXRh\"" },
    { "binary runtime data of a trust domain, of which no claim is known", MADE_TDX, NULL, QUOTES_RUNTIME_DATA, NULL,
      NULL, NULL, AZATTEST_OK, "tdx_mrtd=" },
    { "a nonce", MADE_SGX, NULL, NULL, NULL, NULL, "17", AZATTEST_OK, "nonce=\"17\"" },
    { "a trust domain", MADE_TDX_V5, "TdxVm", NOTHING, AZATTEST_OK, "dbgstat=\"disabled\"" },
    { "an SEV-SNP report", MADE_SNP, NULL, NOTHING, AZATTEST_OK, "x-ms-sevsnpvm-launchmeasurement=" },
    { "the report inside of a paravisor's", MADE_HCL_SNP, "SevSnpVm", NOTHING, AZATTEST_OK, "x-ms-runtime=\"{" },
    { "the TDREPORT inside of a paravisor's", MADE_HCL_TDX, "TdxVm", NOTHING, AZATTEST_OK, "tdx_mrtd=" },
    { "a paravisor's report", MADE_HCL_TDX, NULL, NOTHING, AZATTEST_OK, "x-ms-isolation-tee=\"{" },
    { "a guest", MADE_GUEST_SNP, NULL, NOTHING, AZATTEST_OK, "x-ms-azurevm-attested-pcrs=0" },
    { "a guest's TPM", MADE_GUEST_TDX, "tpm", NOTHING, AZATTEST_OK, "pcrs=\"{\"PCRs\":[{\"Index\":0,\"Digests\"" },
    { "a guest's hardware", MADE_GUEST_TDX, "tdx-vm", NOTHING, AZATTEST_OK, "tdx_rtmr3=" },
    { "a quote is no trust domain", MADE_SGX, "TdxVm", NOTHING, AZATTEST_E_ARGUMENT,
      "attestation type TdxVm: the evidence is of kind sgx_quote (TEE sgx) and holds no report of a trust domain" },
    { "a trust domain is no enclave", MADE_TDX, "SgxEnclave", NOTHING, AZATTEST_E_ARGUMENT,
      "attestation type SgxEnclave: the evidence is of kind tdx_quote (TEE tdx)" },
    { "a report is no guest", MADE_SNP, "AzureGuest", NOTHING, AZATTEST_E_ARGUMENT,
      "attestation type AzureGuest: the evidence is of kind snp_report" },
    { "a report is no TPM", MADE_SNP, "Tpm", NOTHING, AZATTEST_E_ARGUMENT, "holds no quote of a TPM" },
    { "a guest of SEV-SNP is no trust domain", MADE_GUEST_SNP, "TdxVm", NOTHING, AZATTEST_E_ARGUMENT, "azure_guest" },
    { "a type that is none", MADE_SNP, "SevSnp", NOTHING, AZATTEST_E_ARGUMENT, "none whose claims are known" },
    { "runtime data that are not bound", MADE_SGX, NULL, "others", NULL, NULL, NULL, AZATTEST_E_BINDING,
      "the SHA-256 of the runtime data is not the first half of the report data" },
    { "runtime data in both forms", MADE_SGX, NULL, "a", "{}", NULL, NULL, AZATTEST_E_ARGUMENT, "exclude each other" },
    { "runtime data that are no JSON", MADE_SGX, NULL, NULL, "{", NULL, NULL, AZATTEST_E_ARGUMENT,
      "runtime_json cannot be used" },
    { "runtime data that are no object", MADE_SGX, NULL, NULL, "[]", NULL, NULL, AZATTEST_E_ARGUMENT, "JSON array" },
    { "binary runtime data of SEV-SNP", MADE_SNP, NULL, QUOTES_RUNTIME_DATA, NULL, NULL, NULL, AZATTEST_E_ARGUMENT,
      "SevSnpVm takes runtime data as JSON only" },
    { "runtime data of a guest", MADE_GUEST_SNP, NULL, "a", NULL, NULL, NULL, AZATTEST_E_ARGUMENT,
      "AzureGuest takes no data" },
    { "a nonce of a TPM", MADE_GUEST_SNP, "Tpm", NULL, NULL, NULL, "1", AZATTEST_E_ARGUMENT, "Tpm takes no data" },
    { "init-time data of a trust domain", MADE_TDX, NULL, NULL, NULL, "a", NULL, AZATTEST_E_BINDING,
      "nothing of this evidence is known to bind them" },
    { "init-time data of an enclave without KSS", MADE_SGX, NULL, NULL, NULL, "a", NULL, AZATTEST_E_BINDING,
      "nothing of this evidence" },
    { "init-time data that are not bound", MADE_SNP, NULL, NULL, NULL, "a", NULL, AZATTEST_E_BINDING, "the host data" },
};

static void evidence_gives_the_claims_that_the_service_would_make(void **state)
{
    const sent *test = *state;
    azattest_claims_options options = AZATTEST_CLAIMS_OPTIONS_INIT;
    made it = made_with(test->kind, 0);
    azattest_evidence *evidence = NULL;
    azattest_claim_set *set = NULL;
    azattest_error *error = NULL;
    char *text;

    assert_int_equal(azattest_evidence_load(it.evidence, &evidence, NULL), AZATTEST_OK);
    options.attestation_type = test->type;
    options.runtime_data = azattest__text(test->runtime_data);
    options.runtime_json = azattest__text(test->runtime_json);
    options.inittime_data = azattest__text(test->inittime_data);
    options.nonce = test->nonce;
    expect(azattest_claim_set_from_evidence(evidence, &options, &set, &error), &error, test->status, test->text);
    if (test->status == AZATTEST_OK) {
        text = listed(set);
        if (strstr(text, test->text) == NULL)
            fail_msg("\"%s\" is not in \"%s\"", test->text, text);
        free(text);
    }
    azattest_claim_set_free(set);
    azattest_evidence_free(evidence);
    made_free(&it);
}

/* A guest's request; `isolation`: with its hardware's report, `wrapped`: as the member of a request's body. */
static azattest_evidence *guest_request(bool isolation, bool wrapped)
{
    azattest_simulated_vm vm = AZATTEST_SIMULATED_VM_INIT;
    azattest__json *document = NULL, *changed = azattest__json_new_object(), *body = azattest__json_new_object();
    azattest_evidence *evidence = NULL;
    unsigned char *info;
    azattest__buf text;
    size_t len;

    assert_int_equal(azattest_simulator_azure_guest(quotes_simulator(), &vm, "attestation_info", &info, &len, NULL),
                     AZATTEST_OK);
    assert_int_equal(azattest__json_parse(azattest__bytes(info, len), &document, NULL), AZATTEST_OK);
    for (const azattest__json *one = azattest__json_first(document); one != NULL; one = azattest__json_next(one))
        if (isolation || strcmp(azattest__json_name(one), "IsolationInfo") != 0)
            azattest__json_put(changed, azattest__json_name(one), azattest__json_copy(one));
    azattest__buf_init(&text, 1024u * 1024u);
    assert_int_equal(azattest__json_print(changed, false, &text, NULL), AZATTEST_OK);
    if (wrapped) {
        azattest__json_put_base64url(body, "AttestationInfo", azattest__buf_bytes(&text));
        azattest__buf_cut(&text, 0);
        assert_int_equal(azattest__json_print(body, false, &text, NULL), AZATTEST_OK);
    }
    assert_int_equal(azattest_evidence_load(azattest__buf_bytes(&text), &evidence, NULL), AZATTEST_OK);
    azattest__buf_free(&text);
    azattest__json_free(body);
    azattest__json_free(changed);
    azattest__json_free(document);
    azattest_simulator_free_bytes(info);
    return evidence;
}

static void a_guests_request_gives_its_claims_with_and_without_hardware(void **state)
{
    (void)state;
    for (unsigned form = 0; form < 4; form++) {
        bool isolation = (form & 1) != 0;
        azattest_evidence *evidence = guest_request(isolation, (form & 2) != 0);
        azattest_claims_options options = AZATTEST_CLAIMS_OPTIONS_INIT;
        azattest_claim_set *set = NULL;
        azattest_error *error = NULL;
        char *text;

        options.attestation_type = "azurevm";
        expect(azattest_claim_set_from_evidence(evidence, &options, &set, &error), &error, AZATTEST_OK, NULL);
        text = listed(set);
        assert_non_null(strstr(text, "x-ms-azurevm-ostype=\""));
        assert_non_null(strstr(text, "x-ms-runtime=\"{"));
        assert_non_null(strstr(text, "\"kid\":\"TpmEphemeralEncryptionKey\""));
        assert_int_equal(strstr(text, "x-ms-isolation-tee=") != NULL, isolation);
        assert_int_equal(strstr(text, "secureboot=true") != NULL, isolation); /* only the hardware's report says so */
        /* nor does anything say that nobody debugs the others */
        assert_int_equal(strstr(text, "x-ms-azurevm-kerneldebug-enabled=false") != NULL, isolation);
        assert_int_equal(strstr(text, "x-ms-azurevm-testsigning-enabled=false") != NULL, isolation);
        assert_non_null(strstr(text, "x-ms-azurevm-elam-enabled=false"));
        free(text);
        azattest_claim_set_free(set);
        azattest_evidence_free(evidence);
    }
}

/* ---- policies ---- */

static void a_token_matches_the_policy_of_its_hash(void **state)
{
    static const struct {
        const char *body;
        azattest_status status;
        bool matches;
    } bodies[] = {
        { "{\"x-ms-policy-hash\":\"9NY0VnTQ-IiBriBplVUpFbczcDaEBUwsiFYAzHu_gco\"}", AZATTEST_OK, true },
        { "{\"policy_hash\":\"9NY0VnTQ-IiBriBplVUpFbczcDaEBUwsiFYAzHu_gco\"}", AZATTEST_OK, true },
        { "{\"x-ms-policy-hash\":\"wm9mHlvTU82e8UqoOy1Yj1FBRSNkfe99-69IYDq9eWs\"}", AZATTEST_OK, false },
        { "{\"x-ms-policy-hash\":\"9NY0VnTQ-IiBriBplVUpFbczcDaEBUwsiFYAzHu_gc\"}", AZATTEST_OK, false },
        { "{\"x-ms-policy-hash\":\"9NY0VnTQ+IiBriBplVUpFbczcDaEBUwsiFYAzHu/gco=\"}", AZATTEST_OK, false },
        { "{\"x-ms-policy-hash\":\"\"}", AZATTEST_OK, false },
        { "{\"x-ms-policy-hash\":null}", AZATTEST_ABSENT, false },
        { "{\"x-ms-policy-hash\":[\"9NY0VnTQ-IiBriBplVUpFbczcDaEBUwsiFYAzHu_gco\"]}", AZATTEST_ABSENT, false },
        { "{}", AZATTEST_ABSENT, false },
    };
    azattest_policy *policy = NULL;
    azattest_token *token = token_of("{}");
    bool matches = true;

    (void)state;
    assert_int_equal(azattest_policy_parse(azattest__text(azattest_policy_default("TdxVm")), NULL, &policy, NULL),
                     AZATTEST_OK);
    assert_int_equal(azattest_policy_matches_token(NULL, token, &matches), AZATTEST_E_ARGUMENT);
    assert_false(matches);
    matches = true;
    assert_int_equal(azattest_policy_matches_token(policy, NULL, &matches), AZATTEST_E_ARGUMENT);
    assert_false(matches);
    assert_int_equal(azattest_policy_matches_token(policy, token, NULL), AZATTEST_E_ARGUMENT);
    azattest_token_free(token);
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        token = token_of(bodies[i].body);
        matches = !bodies[i].matches;
        if (azattest_policy_matches_token(policy, token, &matches) != bodies[i].status || matches != bodies[i].matches)
            fail_msg("%s", bodies[i].body);
        azattest_token_free(token);
    }
    azattest_policy_free(policy);
}

static int close_all(void **state)
{
    (void)state;
    quotes_close();
    return 0;
}

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

int main(void)
{
    struct CMUnitTest tests[COUNT(tokens) + COUNT(refusals) + COUNT(sources) + 4] = {
        cmocka_unit_test(wrong_use_is_refused),
        cmocka_unit_test(a_token_matches_the_policy_of_its_hash),
        cmocka_unit_test(a_token_that_is_cut_gives_all_or_nothing),
        cmocka_unit_test(a_guests_request_gives_its_claims_with_and_without_hardware),
    };
    size_t at = 4;

    for (size_t i = 0; i < COUNT(tokens); i++)
        tests[at++] = (struct CMUnitTest){ tokens[i].name, a_token_gives_the_claims_that_its_policy_saw, NULL, NULL,
                                           (void *)(uintptr_t)&tokens[i] };
    for (size_t i = 0; i < COUNT(refusals); i++)
        tests[at++] = (struct CMUnitTest){ refusals[i].name, a_token_that_does_not_fit_is_refused, NULL, NULL,
                                           (void *)(uintptr_t)&refusals[i] };
    for (size_t i = 0; i < COUNT(sources); i++)
        tests[at++] = (struct CMUnitTest){ sources[i].name, evidence_gives_the_claims_that_the_service_would_make, NULL,
                                           NULL, (void *)(uintptr_t)&sources[i] };
    return cmocka_run_group_tests_name("claim_source", tests, NULL, close_all);
}
