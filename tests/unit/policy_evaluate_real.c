/* Every real policy that is valid, over made-up claims that make it permit, and over ones that make it deny. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "evaluation.h"
#include "evidence.h"

/* The `policy` of these is the beginning of a file's name. */
#define SGX                                                                                                            \
    "{'x-ms-attestation-type':'sgx','x-ms-sgx-is-debuggable':false,'x-ms-sgx-product-id':1,'x-ms-sgx-svn':2,"          \
    "'x-ms-sgx-mrsigner':'2c1a44952ae8207135c6c29b75b8c029372ee94b677e15c20bd42340f10d41aa','x-ms-sgx-mrenclave':'ee'" \
    "}"
#define SGX_ISSUED                                                                                                     \
    "{'is-debuggable':false,'sgx-mrsigner':'2c1a44952ae8207135c6c29b75b8c029372ee94b677e15c20bd42340f10d41aa',"        \
    "'sgx-mrenclave':'ee','product-id':1,'svn':2,'tee':'sgx'}"
#define OLD "{'$tee':'sgx','$is-debuggable':false,'$product-id':1,'$svn':2,'$sgx-mrsigner':'aa','$sgx-mrenclave':'ee'}"
#define OLD_ISSUED "{'is-debuggable':false,'sgx-mrsigner':'aa','sgx-mrenclave':'ee','product-id':1,'svn':2,'tee':'sgx'}"
#define SIGNED_BY(debuggable, signer) "{'x-ms-sgx-is-debuggable':" debuggable ",'x-ms-sgx-mrsigner':'" signer "'}"
#define BOOT(aik, secure, more)                                                                                        \
    "{'aikValidated':" aik ",'secureBootEnabled':" secure ",'bootDebuggingDisabled':true,'notSafeMode':true" more "}"
#define VBS ",'vbsEnabled':true,'notWinPE':true"

/* Events as an article shows them: secure boot on, code integrity on, a driver, a state of the dynamic root of trust.
 */
#define SECURE_BOOT                                                                                                    \
    "{'EventSeq':3,'EventTypeString':'EV_EFI_VARIABLE_DRIVER_CONFIG','PcrIndex':7,'ProcessedData':{'VariableGuid':"    \
    "'8BE4DF61-93CA-11D2-AA0D-00E098032B8C','UnicodeName':'SecureBoot','VariableData':'AQ'}}"
#define VARIABLE(name, data)                                                                                           \
    "{'EventSeq':4,'EventTypeString':'EV_EFI_VARIABLE_DRIVER_CONFIG','PcrIndex':7,'ProcessedData':{'VariableGuid':"    \
    "'x','UnicodeName':'" name "','VariableData':'" data "'}}"
#define TAG(seq, pcr, data)                                                                                            \
    "{'EventSeq':" seq ",'EventTypeString':'EV_EVENT_TAG','PcrIndex':" pcr ",'ProcessedData':{" data "}}"
#define BOUNDARY(data) "'EVENT_TRUSTBOUNDARY':{" data "}"
#define INTEGRITY                                                                                                      \
    TAG("9", "13",                                                                                                     \
        BOUNDARY("'EVENT_CODEINTEGRITY':true,'EVENT_BITLOCKER_UNLOCK':{'Value':2},'EVENT_LOADEDMODULE_AGGREGATION':[{" \
                 "'EVENT_IMAGEVALIDATED':true,'EVENT_FILEPATH':'\\\\Windows\\\\System32\\\\Drivers\\\\WdBoot.sys'},{"  \
                 "'EVENT_IMAGEVALIDATED':true,'EVENT_FILEPATH':'other.sys'}]"))
#define PCR_12                                                                                                         \
    TAG("10", "12",                                                                                                    \
        BOUNDARY("'EVENT_BITLOCKER_UNLOCK':{'Value':2},'EVENT_VBS_VSM_REQUIRED':true,'EVENT_CODEINTEGRITY':true,"      \
                 "'EVENT_VBS_MANDATORY_ENFORCEMENT':true,'EVENT_VBS_HVCI_POLICY':{'String':"                           \
                 "'HypervisorEnforcedCodeIntegrityEnable','Value':1}"))
#define DRTM                                                                                                           \
    TAG("20", "20", BOUNDARY("'EVENT_DRTM_STATE_AUTH':{'SignatureValid':true}"))                                       \
    "," TAG("15", "20", "'EVENT_DRTM_SMM':{'Value':3}") "," TAG("25", "20", "'EVENT_DRTM_SMM':{'Value':4}")
#define EVENTS(list) "'events':{'Events':[" list "]}"
#define IMA                                                                                                            \
    "{'EventSeq':30,'EventTypeString':'IMA_MEASUREMENT_EVENT','PcrIndex':10,'ProcessedData':{'KernelVersion':'5.4'}}," \
    "{'EventSeq':31,'EventTypeString':'IMA_MEASUREMENT_EVENT','PcrIndex':10,'ProcessedData':{'Keyring':"               \
    "'.builtin_trusted_keys','CertificateSubject':'CN=key'}}"
#define REGISTER(index, value) "{'Index':" index ",'Digests':{'SHA1':'x','SHA256':'" value "'}}"
#define PCR1 "8c25e3be6ad6f5bd33c9ae40d5d5461e88c1a7366df0c9ee5c7e5ff40d3d1d0e"
#define PCR2 "3d458cfe55cc03ea1f443f1562beec8df51c75e14a9fcf9a7234a13f198e7969"
#define REGISTERS(first)                                                                                               \
    "{'pcrs':{'PCRs':[" REGISTER("0", first) "," REGISTER("1", PCR1) "," REGISTER("2", PCR2) "," REGISTER("3",         \
                                                                                                          PCR2) "]}}"

static const evaluation_case cases[] = {
    { "the default for guests admits a machine in order", "01-",
      "{'secureboot':true,'x-ms-azurevm-default-securebootkeysvalidated':true,'x-ms-azurevm-debuggersdisabled':true,"
      "'x-ms-azurevm-signingdisabled':true,'x-ms-azurevm-dbvalidated':true,'x-ms-azurevm-dbxvalidated':true}",
      "permit", NULL },
    { "and one whose claims are missing", "01-", "{}", "permit", NULL },
    { "and refuses one without secure boot", "01-", "{'secureboot':false}", "deny", NULL, NULL,
      "Not permitted: the rule of line 9 denies." },
    { "the default for SEV-SNP and TDX admits anything", "02-", "{'x-ms-sevsnpvm-is-debuggable':true}", "permit",
      NULL },
    { "the default for enclaves issues the old names", "03-", SGX, "permit", SGX_ISSUED,
      "{'x-ms-sgx-tcbidentifier':'azuredefault'}" },
    { "as it was recorded in 2021", "04-", SGX, "permit", SGX_ISSUED },
    { "as it was recorded in 2020", "05-", OLD, "permit", OLD_ISSUED },
    { "which needs to know whether it is debuggable", "05-", SGX, "deny" },
    { "as it was printed in 2021", "06-", SGX, "permit", SGX_ISSUED },
    { "the smallest one admits anything", "07-", "{}", "permit", NULL },
    { "also with blanks", "08-", "{}", "permit", NULL },
    { "two signers: the first", "10-", SIGNED_BY("true", "mrsigner1"), "permit", NULL, NULL,
      "the rule of line 4 permits" },
    { "two signers: the second", "10-", SIGNED_BY("true", "mrsigner2"), "permit", NULL, NULL,
      "the rule of line 6 permits" },
    { "two signers: neither", "10-", SIGNED_BY("true", "mrsigner3"), "deny", NULL, NULL,
      "the value of 'x-ms-sgx-mrsigner' is 'mrsigner3', expected 'mrsigner2'" },
    { "two signers: not debuggable", "10-", SIGNED_BY("false", "mrsigner1"), "deny" },
    { "rotating a signer, before", "11-", SIGNED_BY("false", "mrsigner1"), "permit", NULL },
    { "rotating a signer, before: the new one", "11-", SIGNED_BY("false", "mrsigner2"), "deny" },
    { "rotating a signer, during: the old one", "12-", SIGNED_BY("false", "mrsigner1"), "permit", NULL },
    { "rotating a signer, during: the new one", "12-", SIGNED_BY("false", "mrsigner2"), "permit", NULL },
    { "rotating a signer, during: debuggable", "12-", SIGNED_BY("true", "mrsigner2"), "deny" },
    { "rotating a signer, after", "13-", SIGNED_BY("false", "mrsigner2"), "permit", NULL },
    { "rotating a signer, after: the old one", "13-", SIGNED_BY("false", "mrsigner1"), "deny" },
    { "a baseline of its own", "15-", SGX, "permit", SGX_ISSUED, "{'x-ms-sgx-tcbidentifier':'10'}" },
    { "a rule that is there twice issues one claim", "16-", SGX, "permit", SGX_ISSUED,
      "{'x-ms-sgx-tcbidentifier':'10'}" },
    { "a draft for a debuggable enclave", "17-",
      "{'x-ms-sgx-is-debuggable':true,'x-ms-sgx-product-id':1,'x-ms-sgx-svn':0,'x-ms-sgx-mrsigner':"
      "'4aea5f9a0ed04b11f889aadfe6a1d376213a29a95a85ce7337ae6f7fece6610c'}",
      "permit", "{'custom-name':'4aea5f9a0ed04b11f889aadfe6a1d376213a29a95a85ce7337ae6f7fece6610c'}" },
    { "a draft for a debuggable enclave, of product 0", "17-",
      "{'x-ms-sgx-is-debuggable':true,'x-ms-sgx-product-id':0,'x-ms-sgx-svn':0,'x-ms-sgx-mrsigner':"
      "'4aea5f9a0ed04b11f889aadfe6a1d376213a29a95a85ce7337ae6f7fece6610c'}",
      "deny", NULL, NULL, "the value of 'x-ms-sgx-product-id' is 0, expected anything but 0" },
    { "a draft that denies its sample", "18-",
      "{'x-ms-sgx-is-debuggable':true,'x-ms-sgx-product-id':1,'x-ms-sgx-svn':0,'x-ms-sgx-mrsigner':'aa'}", "deny" },
    { "a draft that admits another", "18-",
      "{'x-ms-sgx-is-debuggable':false,'x-ms-sgx-product-id':0,'x-ms-sgx-svn':0,'x-ms-sgx-mrsigner':'aa'}", "permit",
      "{'custom-name':'aa'}" },
    { "a signer of one's own", "19-", SGX, "permit",
      "{'My-MrSigner':'2c1a44952ae8207135c6c29b75b8c029372ee94b677e15c20bd42340f10d41aa'}" },
    { "a signer of one's own: another", "19-", SIGNED_BY("false", "aa"), "deny" },
    { "deny all", "20-", "{'secureBootEnabled':true}", "deny", NULL, NULL, "the rule of line 5 denies" },
    { "secure boot", "21-", "{'secureBootEnabled':true}", "permit", NULL },
    { "secure boot, by the client's word", "21-", "[{'type':'secureBootEnabled','value':true,'issuer':'CustomClaim'}]",
      "deny", NULL, NULL, "the issuer of 'secureBootEnabled' is 'CustomClaim', expected 'AttestationService'" },
    { "a claim of one's own", "22-", "{'secureBootEnabled':true}", "permit", "{'SecurityLevelValue':100}" },
    { "a claim of one's own: not without secure boot", "22-", "{'secureBootEnabled':false}", "deny" },
    { "a platform that is attested", "25-", BOOT("true", "true", ""), "permit", "{'PlatformAttested':true}" },
    { "a platform that is not", "25-", BOOT("true", "false", ""), "permit", NULL },
    { "a certificate that need not be valid", "26-", BOOT("true", "true", ""), "permit", "{'PlatformAttested':true}",
      "{'required_pcr_mask':15,'require_valid_aik_cert':false}" },
    { "and is not", "26-", BOOT("false", "true", ""), "permit", "{'PlatformAttested':false}",
      "{'required_pcr_mask':15,'require_valid_aik_cert':false}" },
    { "two booleans", "28-", BOOT("true", "true", ""), "permit", "{'PlatformAttested':true}" },
    { "two booleans, one false", "28-", BOOT("false", "true", ""), "permit", NULL },
    { "six booleans", "31-", BOOT("true", "true", VBS), "permit", "{'PlatformAttested':true}" },
    { "six booleans, two missing", "31-", BOOT("true", "true", ""), "permit", NULL },
    /* Its `true` and `null` are fields: the filter never matches, and a list is not that field. */
    { "protected code integrity, and a driver test that is always true", "29-",
      "{" EVENTS(SECURE_BOOT "," INTEGRITY "," PCR_12) "}", "permit",
      "{'hvciEnabled':true,'MaliciousDriverLoaded':true}" },
    { "protected code integrity without events", "29-", "{}", "permit",
      "{'hvciEnabled':false,'MaliciousDriverLoaded':false}" },
    { "Linux with its keys", "30-",
      "{'aikValidated':true," EVENTS(SECURE_BOOT "," VARIABLE("PK", "cGs") "," VARIABLE("db", "ZGI") "," IMA) "}",
      "permit",
      "{'bootOrder':false,'secureBootEnabled':true,'platformKey':'cGs','keyExchangeKey':false,'keyDatabase':'ZGI',"
      "'forbiddenSignatures':false,'kernelVersions':'5.4','builtintrustedkeys':'CN=key'}" },
    { "Linux without events", "30-", "{'aikValidated':true}", "permit",
      "{'bootOrder':0,'secureBootEnabled':false,'platformKey':0,'keyExchangeKey':0,'keyDatabase':0,"
      "'forbiddenSignatures':0,'kernelVersions':0,'builtintrustedkeys':0}" },
    { "Linux with a key that is not valid", "30-", "{'aikValidated':false}", "deny" },
    { "Windows in order", "32-", "{'aikValidated':true," EVENTS(SECURE_BOOT "," INTEGRITY "," PCR_12) "}", "permit",
      "{'aikValidated':true,'SecureBootEnabled':true,'CodeIntegrityEnabled':true,'BitlockerStatus':true,'"
      "ELAMDriverLoaded':true}" },
    { "Windows without events", "32-", "{'aikValidated':false}", "permit",
      "{'aikValidated':false,'SecureBootEnabled':false,'CodeIntegrityEnabled':false,'BitlockerStatus':false,"
      "'ELAMDriverLoaded':false}" },
    { "registers that fit", "33-", REGISTERS("4c833b1c361fceffd8dc0f81eec76081b71e1a0eb2193caed0b6e1c7735ec33e"),
      "permit", NULL },
    { "registers that do not", "33-", REGISTERS("00"), "deny", NULL, NULL,
      "the value of 'pcr0Validated' is false, expected true" },
    { "no registers", "33-", "{}", "deny" },
    { "a dynamic root of trust", "34-", "{" EVENTS(DRTM) "}", "permit", "{'drtmMleValid':true,'smmLevel':3}" },
    { "no dynamic root of trust", "34-", "{}", "permit", "{'drtmMleValid':false}" },
    { "a dynamic root of trust without its event", "34-", "{" EVENTS(SECURE_BOOT) "}", "permit",
      "{'drtmMleValid':false}" },
    { "an enclave of virtualization-based security", "35-",
      "{'vsmReportPresent':true,'enclaveAuthorId':'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA','enclaveImageId':"
      "'AQEAAAAAAAAAAAAAAAAAAA','enclaveSvn':0}",
      "permit", NULL },
    { "an enclave of another author", "35-",
      "{'vsmReportPresent':true,'enclaveAuthorId':'B','enclaveImageId':'AQEAAAAAAAAAAAAAAAAAAA','enclaveSvn':0}",
      "deny" },
    { "all events as they are", "36-", "{'bootEvents':'b','events':{'Events':[]}}", "permit",
      "{'outputBootEvents':'b','outputEvents':'{\\'Events\\':[]}'}" },
    { "critical properties without events", "37-", "{}", "permit",
      "{'secureBootEnabled':false,'bootDebuggingDisabled':false,'vbsEnabled':false,'drtmMleValid':false}" },
    { "critical properties of a machine without a dynamic root", "37-", "{" EVENTS(SECURE_BOOT "," PCR_12) "}",
      "permit", "{'secureBootEnabled':true,'bootDebuggingDisabled':false,'vbsEnabled':true,'drtmMleValid':false}" },
    { "drivers as JSON text", "38-", "{" EVENTS(INTEGRITY) "}", "permit",
      "{'alldriverloads':'[\\'\\\\\\\\Windows\\\\\\\\System32\\\\\\\\Drivers\\\\\\\\WdBoot.sys\\',\\'other.sys\\']',"
      "'DriverLoadPolicy':'null'}" },
    { "a key that is attested", "39-",
      "{'x-ms-tpm-request-key':{'jwk':{'kty':'RSA'},'info':{'tpm_certify':{'name_alg':11,'obj_attr':50}}}}", "permit",
      NULL, NULL, NULL, NULL, true },
    { "a key of other attributes", "39-",
      "{'x-ms-tpm-request-key':{'jwk':{'kty':'RSA'},'info':{'tpm_certify':{'name_alg':11,'obj_attr':51}}}}", "deny",
      NULL, NULL, "the value of 'requestKeyCertifyObjAttr' is 51, expected 50", NULL, true },
    { "a key that is not certified", "39-", "{'x-ms-tpm-request-key':{'jwk':{'kty':'RSA'},'info':{}}}", "deny", NULL,
      NULL, NULL, NULL, true },
    { "Constellation lets secure boot be off", "40-", "{'secureboot':false}", "permit", NULL },
    { "Constellation refuses debuggers", "40-", "{'x-ms-azurevm-debuggersdisabled':false}", "deny", NULL, NULL,
      "by x-ms-azurevm-debuggersdisabled = false" },
    { "a rule on a claim that never is", "41-", OLD, "permit", OLD_ISSUED },
    { "a rule on a claim that never is: no claims", "41-", "{}", "deny" },
    { "a retired type", "42-", "{'$is-debuggable':false,'$public_key_0':'k','$product_id_0':7,'$tee':'x'}", "permit",
      "{'device_id':'k','component_0_id':7,'expected_components':'component_0','tee':'x'}" },
    { "a retired type: no claims", "42-", "{}", "deny" },
    { "the client's own claim", "43-", "[{'type':'aas-ehd','value':'x','issuer':'CustomClaim'}]", "permit",
      "{'aas-ehd':'x'}", "{'omit_x5c':true}" },
    { "not the service's", "43-", "{'aas-ehd':'x'}", "permit", "{}", "{'omit_x5c':true}" },
};

/* Those that no parser takes: wrong at their source, or of another language. */
static const char *const refused[] = { "09-", "14-", "23-", "24-", "27-", "44-", "45-" };

static DIR *open_policies(void)
{
    char path[4096];

    snprintf(path, sizeof(path), "%s/policies", evidence_folder());
    return opendir(path);
}

/* The file whose name begins so. */
static unsigned char *read_policy(const char *beginning, size_t *len)
{
    DIR *folder = open_policies();
    unsigned char *text = NULL;

    assert_non_null(folder);
    for (struct dirent *entry; text == NULL && (entry = readdir(folder)) != NULL;)
        if (strncmp(entry->d_name, beginning, strlen(beginning)) == 0) {
            char name[512];

            snprintf(name, sizeof(name), "policies/%s", entry->d_name);
            text = evidence_read(name, len);
        }
    closedir(folder);
    assert_non_null(text);
    return text;
}

static void real_policy_comes_out(void **state)
{
    const evaluation_case *test = *state;
    azattest_policy_parse_options parsing = AZATTEST_POLICY_PARSE_OPTIONS_INIT;
    azattest_policy_evaluation *evaluation = NULL;
    azattest_policy *policy = NULL;
    azattest_claim_set *set = NULL;
    azattest_error *error = NULL;
    unsigned char *text;
    char *claims;
    size_t len;

    EVIDENCE_OR_SKIP();
    text = read_policy(test->policy, &len);
    claims = evaluation_text(test->claims);
    parsing.lenient = test->lenient ? AZATTEST_ON : AZATTEST_OFF;
    expect(azattest_policy_parse(azattest__bytes(text, len), &parsing, &policy, &error), &error, AZATTEST_OK, NULL);
    expect(azattest_claim_set_parse(azattest__text(claims), &set, &error), &error, AZATTEST_OK, NULL);
    expect(azattest_policy_evaluate(policy, set, NULL, &evaluation, &error), &error, AZATTEST_OK, NULL);
    evaluation_is(test, evaluation);
    azattest_policy_evaluation_free(evaluation);
    azattest_claim_set_free(set);
    azattest_policy_free(policy);
    free(claims);
    free(text);
}

/* Its query is put together at run time, and is none. */
static void a_query_that_is_wrong_at_run_time_is_an_error(void **state)
{
    char *claims = evaluation_text("{" EVENTS(
        TAG("20", "20", BOUNDARY("'EVENT_DRTM_STATE_AUTH':{'SignatureValid':true}"))) ",'boolProperties':1}");
    azattest_policy_evaluation *evaluation = NULL;
    azattest_policy *policy = NULL;
    azattest_claim_set *set = NULL;
    azattest_error *error = NULL;
    unsigned char *text, *changed;
    size_t len;

    (void)state;
    EVIDENCE_OR_SKIP();
    text = read_policy("37-", &len);
    /* As published the event is never found, for '20' is text; with a number the second query is reached. */
    changed = (unsigned char *)strstr((char *)text, "PcrIndex == '20'");
    assert_non_null(changed);
    memcpy(changed + 12, "`20`", 4);
    changed = (unsigned char *)strstr((char *)text, "length(@) == '1'");
    assert_non_null(changed);
    memcpy(changed + 13, "`1`", 3);
    expect(azattest_policy_parse(azattest__bytes(text, len), NULL, &policy, &error), &error, AZATTEST_OK, NULL);
    expect(azattest_claim_set_parse(azattest__text(claims), &set, &error), &error, AZATTEST_OK, NULL);
    expect(azattest_policy_evaluate(policy, set, NULL, &evaluation, &error), &error, AZATTEST_E_POLICY_EVALUATION,
           "JmesPath(): the query: ");
    assert_null(evaluation);
    azattest_claim_set_free(set);
    azattest_policy_free(policy);
    free(claims);
    free(text);
}

static bool is_listed(const char *name, const char *outcome)
{
    for (size_t i = 0; i < COUNT(cases); i++)
        if (strncmp(name, cases[i].policy, 3) == 0 && strcmp(cases[i].outcome, outcome) == 0)
            return true;
    return false;
}

static bool is_refused(const char *name)
{
    for (size_t i = 0; i < COUNT(refused); i++)
        if (strncmp(name, refused[i], 3) == 0)
            return true;
    return false;
}

/* None is left out: each has a case that admits, unless it denies all. */
static void every_policy_has_its_cases(void **state)
{
    DIR *folder;

    (void)state;
    EVIDENCE_OR_SKIP();
    folder = open_policies();
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
        if (strstr(entry->d_name, ".policy") != NULL && !is_refused(entry->d_name) &&
            !is_listed(entry->d_name, strncmp(entry->d_name, "20-", 3) == 0 ? "deny" : "permit"))
            fail_msg("%s has no case", entry->d_name);
    closedir(folder);
}

int main(void)
{
    static const struct CMUnitTest single[] = {
        cmocka_unit_test(a_query_that_is_wrong_at_run_time_is_an_error),
        cmocka_unit_test(every_policy_has_its_cases),
    };
    struct CMUnitTest tests[COUNT(cases) + COUNT(single)];
    size_t count = 0;

    TABLE(cases, real_policy_comes_out);
    for (size_t i = 0; i < COUNT(single); i++)
        tests[count++] = single[i];
    return _cmocka_run_group_tests("policy_evaluate_real", tests, count, NULL, NULL);
}
