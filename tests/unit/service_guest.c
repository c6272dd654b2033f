/* The local service and guests of Azure: the whole chain is verified, every claim is there, and only the guest's own
 * TPM opens the answer. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <azattest/secret.h>

#include "base/encoding.h"
#include "crypto/issue.h"
#include "service_bench.h"
#include "simulator/platform.h"

#define GUEST "/attest/AzureGuest?api-version=2020-10-01"
#define HASH "wm9mHlvTU82e8UqoOy1Yj1FBRSNkfe99-69IYDq9eWs"

static char *ek; /* PEM of the made-up TPM's key */

static int setup(void **state)
{
    const azattest__vault *vault = NULL;
    unsigned char *roots;
    azattest__buf pem;
    size_t len;

    service_setup(state);
    assert_int_equal(azattest_simulator_roots_pem(world.simulator, &roots, &len, NULL), AZATTEST_OK);
    azattest__buf_cut(&world.service->extra_roots, 0);
    azattest__buf_append(&world.service->extra_roots, roots, len);
    assert_int_equal(world.service->extra_roots.status, AZATTEST_OK);
    azattest_simulator_free_bytes(roots);
    assert_int_equal(azattest__vault_need(world.simulator, VAULT_TPM, &vault, NULL), AZATTEST_OK);
    azattest__buf_init(&pem, 65536);
    assert_int_equal(azattest__key_private_pem(vault->keys[TPM_EK], &pem, NULL), AZATTEST_OK);
    ek = (char *)azattest__buf_take(&pem, NULL);
    return 0;
}

static int teardown(void **state)
{
    free(ek);
    return service_teardown(state);
}

static char *make_info(const azattest_simulated_vm *vm)
{
    unsigned char *info;
    char *text;
    size_t len;

    assert_int_equal(azattest_simulator_azure_guest(world.simulator, vm, "attestation_info", &info, &len, NULL),
                     AZATTEST_OK);
    assert_non_null(text = azattest__dup(info, len));
    azattest_simulator_free_bytes(info);
    return text;
}

/* Posts it; `more` goes behind the member. */
static void post(const char *info, const char *more, azattest__service_answer *answer)
{
    char *text = encode(info, strlen(info), false);
    azattest__buf body;

    azattest__buf_init(&body, 1024 * 1024);
    azattest__buf_printf(&body, "{\"AttestationInfo\":\"%s\"%s}", text, more);
    ask("POST", GUEST, azattest__buf_bytes(&body), answer);
    azattest__buf_free(&body);
    free(text);
}

/* The token of the answer, opened with the TPM's key, its signature checked. */
static void open_sealed(const azattest__service_answer *answer, azattest__jws *jws)
{
    azattest__json *document = parse(azattest__buf_bytes(&answer->body));
    azattest_bytes sealed = azattest__text(azattest__json_get_string(document, "token"));
    char *token = NULL;
    bool valid = false;

    assert_int_equal(azattest_guest_answer_open_with_key(sealed, azattest__text(ek), NULL, &token, NULL), AZATTEST_OK);
    assert_int_equal(azattest__jws_parse(azattest__text(token), jws, NULL), AZATTEST_OK);
    if (jws->signature.len > 0) {
        assert_int_equal(
            azattest__key_verify(world.key, AZATTEST__RS256, jws->signed_elements, jws->signature, &valid, NULL),
            AZATTEST_OK);
        assert_true(valid);
    }
    azattest__json_free(document);
    free(token);
}

static const char *text_of(const azattest__json *object, const char *name)
{
    const char *text = azattest__json_get_string(object, name);

    if (text == NULL)
        fail_msg("no claim %s", name);
    return text;
}

static bool flag_of(const azattest__json *object, const char *name)
{
    bool value = false;

    if (!azattest__json_bool(azattest__json_get(object, name), &value))
        fail_msg("no claim %s", name);
    return value;
}

static const char *const snp_claims[] = { "authorkeydigest",
                                          "bootloader-svn",
                                          "familyId",
                                          "guestsvn",
                                          "hostdata",
                                          "idkeydigest",
                                          "imageId",
                                          "is-debuggable",
                                          "launchmeasurement",
                                          "microcode-svn",
                                          "migration-allowed",
                                          "reportdata",
                                          "reportid",
                                          "smt-allowed",
                                          "snpfw-svn",
                                          "tee-svn",
                                          "vmpl" };
static const char *const tdx_claims[] = { "tdx_mrconfigid",
                                          "tdx_mrowner",
                                          "tdx_mrownerconfig",
                                          "tdx_mrseam",
                                          "tdx_mrsignerseam",
                                          "tdx_mrtd",
                                          "tdx_report_data",
                                          "tdx_rtmr0",
                                          "tdx_rtmr1",
                                          "tdx_rtmr2",
                                          "tdx_rtmr3",
                                          "tdx_seam_attributes",
                                          "tdx_seamsvn",
                                          "tdx_td_attributes",
                                          "tdx_td_attributes_debug",
                                          "tdx_td_attributes_key_locker",
                                          "tdx_td_attributes_perfmon",
                                          "tdx_td_attributes_protection_keys",
                                          "tdx_td_attributes_septve_disable",
                                          "tdx_tee_tcb_svn",
                                          "tdx_xfam",
                                          "dbgstat",
                                          "eat_profile",
                                          "intuse" };

static void check_isolation(const azattest__json *isolation, const char *tee)
{
    bool snp = strcmp(tee, "snp") == 0;
    char name[64];

    assert_string_equal(text_of(isolation, "x-ms-attestation-type"), snp ? "sevsnpvm" : "tdxvm");
    assert_string_equal(text_of(isolation, "x-ms-compliance-status"), "azure-compliant-cvm");
    assert_non_null(azattest__json_get(azattest__json_get(isolation, "x-ms-runtime"), "vm-configuration"));
    for (size_t i = 0;
         i < (snp ? sizeof(snp_claims) / sizeof(snp_claims[0]) : sizeof(tdx_claims) / sizeof(tdx_claims[0])); i++) {
        snprintf(name, sizeof(name), "%s%s", snp ? "x-ms-sevsnpvm-" : "", snp ? snp_claims[i] : tdx_claims[i]);
        if (azattest__json_get(isolation, name) == NULL)
            fail_msg("no claim %s", name);
    }
}

static void a_guest_gets_every_claim(void **state)
{
    const char *tee = *state;
    azattest_simulated_vm vm = AZATTEST_SIMULATED_VM_INIT;
    azattest__service_answer answer;
    const azattest__json *runtime;
    azattest__json *claims, *info_document;
    azattest__jws jws;
    char *info;

    vm.tee = tee;
    vm.nonce = azattest__text("fresh");
    info = make_info(&vm);
    info_document = parse(azattest__text(info));
    post(info, "", &answer);
    if (answer.status != 200)
        fail_msg("%s", (const char *)answer.body.ptr);
    open_sealed(&answer, &jws);
    assert_header(&jws, "RS256");
    claims = parse(jws.body);
    assert_string_equal(text_of(claims, "iss"), ENDPOINT);
    assert_string_equal(text_of(claims, "x-ms-attestation-type"), "azurevm");
    assert_string_equal(text_of(claims, "x-ms-policy-hash"), HASH);
    assert_string_equal(text_of(claims, "x-ms-azurevm-attestation-protocol-ver"), "2.0");
    assert_string_equal(text_of(claims, "x-ms-azurevm-ostype"), "Linux");
    assert_int_equal(strlen(text_of(claims, "x-ms-azurevm-vmid")), 36);
    assert_int_equal(azattest__json_count(azattest__json_get(claims, "x-ms-azurevm-attested-pcrs")), 24);
    assert_true(flag_of(claims, "secureboot"));
    assert_true(flag_of(claims, "x-ms-azurevm-debuggersdisabled"));
    assert_false(flag_of(claims, "x-ms-azurevm-kerneldebug-enabled"));
    assert_false(flag_of(claims, "x-ms-azurevm-is-windows"));
    runtime = azattest__json_get(claims, "x-ms-runtime");
    assert_true(azattest__json_equal(azattest__json_get(runtime, "client-payload"),
                                     azattest__json_get(info_document, "ClientPayload")));
    assert_string_equal(text_of(azattest__json_first(azattest__json_get(runtime, "keys")), "kid"),
                        "TpmEphemeralEncryptionKey");
    check_isolation(azattest__json_get(claims, "x-ms-isolation-tee"), tee);
    azattest__json_free(info_document);
    azattest__json_free(claims);
    azattest__jws_clear(&jws);
    azattest__service_answer_clear(&answer);
    free(info);
}

/* A character of a member's text is exchanged, or the text for another. */
static const struct refused_case {
    const char *name, *member, *replace, *with, *code, *message;
    size_t offset;
} refusals[] = {
    { "another key to seal to", "EncKeyPub", NULL, NULL, "InvalidQuote", "EncKey", 200 },
    { "another certification", "EncKeyCertifyInfo", NULL, NULL, "InvalidQuote", "EncKeyCertifyInfo", 100 },
    { "no key to seal to", NULL, "EncKeyPub", "EncKeyPubs", "InvalidParameter", "there is no key (EncKeyPub)", 0 },
    { "another quote of the TPM", "PcrQuote", NULL, NULL, "InvalidQuote", "tpm_quote_signature", 150 },
    { "another signature of the TPM", "PcrSignature", NULL, NULL, "InvalidQuote", "tpm_quote_signature", 150 },
    { "no quote of the TPM", NULL, "PcrQuote", "PcrQuotes", "InvalidParameter", "without the message", 0 },
    { "other runtime data", "RunTimeData", NULL, NULL, "InvalidQuote", "runtime_claims_binding", 150 },
    { "another proof", "Proof", NULL, NULL, NULL, "", 900 },
    { "no TPM at all", NULL, "TpmInfo", "TpmInfos", "InvalidParameter", "no \\\"TpmInfo\\\"", 0 },
    { "an unknown kind of isolation", NULL, "\"Tdx\"", "\"Cca\"", "InvalidParameter", "is none of", 0 },
};

static void a_bent_guest_gets_no_token(void **state)
{
    const struct refused_case *test = *state;
    azattest_simulated_vm vm = AZATTEST_SIMULATED_VM_INIT;
    azattest__service_answer answer;
    azattest__buf bent;
    char *info, *at, name[64];

    vm.tee = "tdx";
    info = make_info(&vm);
    azattest__buf_init(&bent, 1024 * 1024);
    if (test->member != NULL) {
        snprintf(name, sizeof(name), "\"%s\":\"", test->member);
        assert_non_null(at = strstr(info, name));
        at += strlen(name) + test->offset;
        *at = *at == 'A' ? 'B' : 'A';
        azattest__buf_append_text(&bent, info);
    } else {
        assert_non_null(at = strstr(info, test->replace));
        azattest__buf_append(&bent, info, (size_t)(at - info));
        azattest__buf_append_text(&bent, test->with);
        azattest__buf_append_text(&bent, at + strlen(test->replace));
    }
    post((const char *)bent.ptr, "", &answer);
    assert_int_equal(answer.status, 400);
    if ((test->code != NULL && strcmp(answer.error_code, test->code) != 0) ||
        strstr((const char *)answer.body.ptr, test->message) == NULL)
        fail_msg("%s", (const char *)answer.body.ptr);
    azattest__service_answer_clear(&answer);
    azattest__buf_free(&bent);
    free(info);
}

/* The published shape: the rule in the message, and what it matched. */
static void the_default_policy_denies_a_guest_without_secure_boot(void **state)
{
    azattest_simulated_vm vm = AZATTEST_SIMULATED_VM_INIT;
    azattest__service_answer answer;
    azattest__json *document;
    const azattest__json *error, *detail;
    const char *message;
    char *info;

    (void)state;
    vm.tee = "tdx";
    vm.secure_boot = AZATTEST_OFF;
    info = make_info(&vm);
    post(info, "", &answer);
    assert_int_equal(answer.status, 400);
    assert_string_equal(answer.error_code, "PolicyEvaluationError");
    document = parse(azattest__buf_bytes(&answer.body));
    error = azattest__json_get(document, "error");
    message = azattest__json_get_string(error, "message");
    assert_non_null(strstr(message, "failed with 65518"));
    assert_non_null(strstr(message, "A Deny claim was issued, authorization failed."));
    assert_non_null(
        strstr(message, "[type==\"x-ms-azurevm-default-securebootkeysvalidated\", value==false] => deny();"));
    assert_string_equal(azattest__json_get_string(azattest__json_get(error, "innererror"), "code"),
                        "PolicyValidationFailure");
    assert_int_equal(azattest__json_count(azattest__json_get(error, "details")), 1);
    detail = azattest__json_first(azattest__json_get(error, "details"));
    assert_string_equal(azattest__json_get_string(detail, "code"), "PolicyFailureClaim");
    assert_string_equal(azattest__json_get_string(detail, "target"), "x-ms-azurevm-default-securebootkeysvalidated");
    assert_string_equal(azattest__json_get_string(detail, "message"), "false");
    azattest__json_free(document);
    azattest__service_answer_clear(&answer);
    free(info);
}

/* A draft that asks for what the machine is, and issues it. */
static void a_draft_governs_a_guest(void **state)
{
    static const char draft[] =
        "version=1.0;authorizationrules{[type==\\\"x-ms-azurevm-ostype\\\", value==\\\"Linux\\\"] "
        "=> permit();};issuancerules{c:[type==\\\"secureboot\\\"] => issue(type=\\\"sb\\\", "
        "value=c.value);};",
                      windows[] =
                          "version=1.0;authorizationrules{[type==\\\"x-ms-azurevm-is-windows\\\", value==true] => "
                          "permit();};";
    azattest_simulated_vm vm = AZATTEST_SIMULATED_VM_INIT;
    azattest__service_answer answer;
    azattest__json *claims;
    azattest__jws jws;
    char *info, *more;

    (void)state;
    vm.tee = "snp";
    info = make_info(&vm);
    assert_true(asprintf(&more, ",\"draftPolicyForAttestation\":\"%s\"", draft) > 0);
    post(info, more, &answer);
    if (answer.status != 200)
        fail_msg("%s", (const char *)answer.body.ptr);
    open_sealed(&answer, &jws);
    assert_header(&jws, "none");
    claims = parse(jws.body);
    assert_true(flag_of(claims, "sb"));
    assert_true(flag_of(azattest__json_get(claims, "x-ms-policy"), "sb"));
    azattest__json_free(claims);
    azattest__jws_clear(&jws);
    azattest__service_answer_clear(&answer);
    free(more);
    assert_true(asprintf(&more, ",\"draftPolicyForAttestation\":\"%s\"", windows) > 0);
    post(info, more, &answer);
    assert_int_equal(answer.status, 400);
    assert_non_null(strstr((const char *)answer.body.ptr, "No Permit claim was issued"));
    assert_non_null(strstr((const char *)answer.body.ptr, "PolicyValidationFailure"));
    azattest__service_answer_clear(&answer);
    free(more);
    free(info);
}

static void a_machine_without_hardware_report_gets_no_token(void **state)
{
    azattest_simulated_vm vm = AZATTEST_SIMULATED_VM_INIT;
    azattest__service_answer answer;
    char *info;

    (void)state;
    vm.tee = "none";
    info = make_info(&vm);
    post(info, "", &answer);
    assert_int_equal(answer.status, 400);
    assert_non_null(strstr((const char *)answer.body.ptr, "Trusted Launch"));
    azattest__service_answer_clear(&answer);
    free(info);
}

static void no_other_key_opens_the_answer(void **state)
{
    azattest_simulated_vm vm = AZATTEST_SIMULATED_VM_INIT;
    azattest__service_answer answer;
    azattest__json *document;
    azattest__key *other = NULL;
    azattest__buf pem;
    char *info, *token = NULL;

    (void)state;
    vm.tee = "tdx";
    info = make_info(&vm);
    post(info, "", &answer);
    assert_int_equal(answer.status, 200);
    document = parse(azattest__buf_bytes(&answer.body));
    azattest__buf_init(&pem, 65536);
    assert_int_equal(azattest__key_generate_rsa(2048, &other, NULL), AZATTEST_OK);
    assert_int_equal(azattest__key_private_pem(other, &pem, NULL), AZATTEST_OK);
    assert_int_equal(azattest_guest_answer_open_with_key(azattest__text(azattest__json_get_string(document, "token")),
                                                         azattest__buf_bytes(&pem), NULL, &token, NULL),
                     AZATTEST_E_SECRET);
    assert_null(token);
    azattest__key_free(other);
    azattest__buf_free(&pem);
    azattest__json_free(document);
    azattest__service_answer_clear(&answer);
    free(info);
}

int main(void)
{
    static char tdx[] = "tdx", snp[] = "snp";
    struct CMUnitTest tests[32];
    size_t count = 0;

    tests[count++] = (struct CMUnitTest){ "a TDX guest gets every claim", a_guest_gets_every_claim, NULL, NULL, tdx };
    tests[count++] =
        (struct CMUnitTest){ "an SEV-SNP guest gets every claim", a_guest_gets_every_claim, NULL, NULL, snp };
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
        tests[count++] = (struct CMUnitTest){ refusals[i].name, a_bent_guest_gets_no_token, NULL, NULL,
                                              (void *)(uintptr_t)&refusals[i] };
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(the_default_policy_denies_a_guest_without_secure_boot);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(a_draft_governs_a_guest);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(a_machine_without_hardware_report_gets_no_token);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(no_other_key_opens_the_answer);
    return _cmocka_run_group_tests("service_guest", tests, count, setup, teardown);
}
