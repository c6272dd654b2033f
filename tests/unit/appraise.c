/* Appraisals of evidence made by hand, so that each member is seen to pass and to fail, for every part that it fits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <azattest/azattest.h>

#include "evidence/azure/guest.h"
#include "evidence/verdict/appraisal.h"

/* Bytes as evidence would hold them, each field with a byte of its own. */
static unsigned char x11[64], x22[64], x33[64], x44[64], x55[64], x66[64], x77[64];
static const unsigned char zero[64];
static const unsigned char milan_tcb[8] = { 4, 0, 0, 0, 0, 0, 24, 219 }, turin_tcb[8] = { 1, 2, 3, 4, 0, 0, 0, 72 };
static azattest__pck pck;
static struct azattest__guest guest;

#define X4(byte) byte byte byte byte
#define X8(byte) X4(byte) X4(byte)
#define X16(byte) X8(byte) X8(byte)
#define X32(byte) X16(byte) X16(byte)
#define X48(byte) X32(byte) X16(byte)
#define X64(byte) X32(byte) X32(byte)

static int fill(void **state)
{
    unsigned char *const all[] = { x11, x22, x33, x44, x55, x66, x77 };

    (void)state;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        memset(all[i], (int)(0x11 * (i + 1)), 64);
    return 0;
}

/* Evidence, and what the verification before the appraisal found out. */
typedef void make(azattest_evidence *evidence, azattest_verification_result *result);

static void platform(azattest_evidence *evidence, azattest_verification_result *result)
{
    (void)evidence;
    pck = (azattest__pck){ .chain.count = 3 };
    pck.extensions.has_configuration = true;
    pck.extensions.smt_enabled = true;
    snprintf(result->tcb_status, sizeof(result->tcb_status), "SWHardeningNeeded");
    result->tcb_date = INT64_C(1736899200); /* 2025-01-15 */
    result->evaluation = 17;
    result->advisories[result->advisory_count++] = azattest__dup_text("INTEL-SA-00615");
    result->advisories[result->advisory_count++] = azattest__dup_text("INTEL-SA-00334");
}

static void sgx(azattest_evidence *evidence, azattest_verification_result *result)
{
    platform(evidence, result);
    evidence->kind = "sgx_quote";
    evidence->intel.version = 3;
    evidence->intel.report = (azattest__sgx_report){ .body = x11,
                                                     .mr_enclave = x11,
                                                     .mr_signer = x22,
                                                     .report_data = x33,
                                                     .config_id = x44,
                                                     .isv_family_id = x55,
                                                     .isv_ext_product_id = x66,
                                                     .isv_product_id = 7,
                                                     .isv_svn = 2,
                                                     .config_svn = 3 };
}

static void sgx_debug(azattest_evidence *evidence, azattest_verification_result *result)
{
    sgx(evidence, result);
    evidence->intel.report.attributes_flags = AZATTEST__SGX_FLAG_DEBUG;
}

/* Without collateral: nothing is known of the platform. */
static void sgx_alone(azattest_evidence *evidence, azattest_verification_result *result)
{
    sgx(evidence, result);
    pck.extensions.has_configuration = false;
    result->tcb_status[0] = '\0';
    result->tcb_date = 0;
    result->evaluation = -1;
    assert_int_equal(azattest__verification_leave(result, "tcb", "not checked"), AZATTEST_OK);
    assert_int_equal(azattest__verification_leave(result, "revocation", "not checked"), AZATTEST_OK);
}

static void tdx(azattest_evidence *evidence, azattest_verification_result *result)
{
    platform(evidence, result);
    evidence->kind = "tdx_quote";
    evidence->intel.version = 5;
    evidence->intel.tee_type = AZATTEST__TEE_TYPE_TDX;
    evidence->intel.td_report = (azattest__tdx_report){ .body = x11,
                                                        .size = AZATTEST__TDX_REPORT_15_SIZE,
                                                        .mr_td = x11,
                                                        .rtmr = { x22, x33, x44, zero },
                                                        .mr_config_id = x55,
                                                        .mr_owner = x66,
                                                        .mr_owner_config = x77,
                                                        .mr_service_td = zero,
                                                        .mr_seam = x44,
                                                        .mr_signer_seam = zero,
                                                        .report_data = x33,
                                                        .tee_tcb_svn = zero,
                                                        .td_attributes = UINT64_C(1) << 28,
                                                        .xfam = 0x600e7 };
}

static void tdx_10(azattest_evidence *evidence, azattest_verification_result *result)
{
    tdx(evidence, result);
    evidence->intel.td_report.size = AZATTEST__TDX_REPORT_10_SIZE;
    evidence->intel.td_report.mr_service_td = NULL;
}

static void tdx_debug(azattest_evidence *evidence, azattest_verification_result *result)
{
    tdx(evidence, result);
    evidence->intel.td_report.td_attributes |= AZATTEST__TDX_FLAG_DEBUG;
}

static void tdx_profiled(azattest_evidence *evidence, azattest_verification_result *result)
{
    tdx(evidence, result);
    evidence->intel.td_report.td_attributes |= UINT64_C(1) << 5;
}

static void tdx_migratable(azattest_evidence *evidence, azattest_verification_result *result)
{
    tdx(evidence, result);
    evidence->intel.td_report.td_attributes |= UINT64_C(1) << 29;
}

static void tdx_excepted(azattest_evidence *evidence, azattest_verification_result *result)
{
    tdx(evidence, result);
    evidence->intel.td_report.td_attributes = 0;
}

static void snp(azattest_evidence *evidence, azattest_verification_result *result)
{
    (void)result;
    evidence->kind = "snp_report";
    evidence->snp = (azattest__snp_report){ .version = 3,
                                            .guest_svn = 5,
                                            .policy = 0x3001f,
                                            .measurement = x11,
                                            .host_data = x22,
                                            .report_data = x33,
                                            .id_key_digest = x44,
                                            .family_id = x55,
                                            .image_id = x66,
                                            .author_key_digest = x77,
                                            .chip_id = x44,
                                            .current_tcb = milan_tcb,
                                            .reported_tcb = milan_tcb,
                                            .committed_tcb = milan_tcb,
                                            .launch_tcb = milan_tcb,
                                            .product = AZATTEST__SNP_MILAN };
}

static void snp_turin(azattest_evidence *evidence, azattest_verification_result *result)
{
    snp(evidence, result);
    evidence->snp.product = AZATTEST__SNP_TURIN;
    evidence->snp.reported_tcb = turin_tcb;
}

static void snp_debug(azattest_evidence *evidence, azattest_verification_result *result)
{
    snp(evidence, result);
    evidence->snp.policy |= AZATTEST__SNP_POLICY_DEBUG;
}

static void snp_agent(azattest_evidence *evidence, azattest_verification_result *result)
{
    snp(evidence, result);
    evidence->snp.policy |= AZATTEST__SNP_POLICY_MIGRATE_MA;
}

static void snp_strict(azattest_evidence *evidence, azattest_verification_result *result)
{
    snp(evidence, result);
    evidence->snp.policy = 0x2001f | AZATTEST__SNP_POLICY_SINGLE_SOCKET | AZATTEST__SNP_POLICY_CIPHERTEXT_HIDING;
}

static void snp_vmpl_2(azattest_evidence *evidence, azattest_verification_result *result)
{
    snp(evidence, result);
    evidence->snp.vmpl = 2;
}

static void snp_of_host(azattest_evidence *evidence, azattest_verification_result *result)
{
    snp(evidence, result);
    evidence->snp.vmpl = AZATTEST__SNP_VMPL_HOST;
}

static void snp_masked(azattest_evidence *evidence, azattest_verification_result *result)
{
    snp(evidence, result);
    evidence->snp.chip_id = zero;
}

static void snp_2(azattest_evidence *evidence, azattest_verification_result *result)
{
    snp(evidence, result);
    evidence->snp.version = 2;
    evidence->snp.product = AZATTEST__SNP_UNKNOWN;
}

static void hcl(azattest_evidence *evidence, azattest_verification_result *result)
{
    static char id[] = "2F3B2B6A-9C3C-4E3C-8E1D-0123456789AB";

    snp(evidence, result);
    evidence->kind = "hcl_report";
    evidence->hcl.version = 2;
    evidence->hcl.type = AZATTEST__HCL_SNP;
    memset(&guest, 0, sizeof(guest));
    guest.claims.secure_boot = 1;
    guest.claims.vm_unique_id = id;
    evidence->guest = &guest;
}

static void hcl_silent(azattest_evidence *evidence, azattest_verification_result *result)
{
    hcl(evidence, result);
    guest.claims.secure_boot = -1;
    guest.claims.vm_unique_id = NULL;
}

/* PCRs 0 and 7 of SHA-256, of which the first has the bytes 0x11. */
static void tpm(azattest_evidence *evidence, azattest_verification_result *result)
{
    (void)result;
    evidence->kind = "tpm_quote";
    evidence->tpm.message = azattest__text("message");
    evidence->tpm.selections[0] = (azattest__pcr_selection){ AZATTEST__TPM_SHA256, 0x0081 };
    evidence->tpm.selection_count = 1;
    memset(&guest, 0, sizeof(guest));
    guest.claims.secure_boot = -1;
    assert_int_equal(azattest__guest_add_pcr(&guest, AZATTEST__TPM_SHA256, 0, azattest__bytes(x11, 32), NULL),
                     AZATTEST_OK);
    assert_int_equal(azattest__guest_add_pcr(&guest, AZATTEST__TPM_SHA256, 1, azattest__bytes(x22, 32), NULL),
                     AZATTEST_OK);
    evidence->guest = &guest;
}

static void tpm_sha1(azattest_evidence *evidence, azattest_verification_result *result)
{
    tpm(evidence, result);
    evidence->tpm.selections[0].hash_alg = AZATTEST__TPM_SHA1;
}

/* NULL for what fails: the appraisal passes whole. Else that check fails, with that in its detail, and no other. */
static struct appraise_case {
    const char *name;
    make *made;
    const char *json, *fails, *detail;
} cases
    [] = {
        { "an enclave passes an appraisal of nothing", sgx, "{}", NULL, NULL },
        { "a TD passes an appraisal of nothing", tdx, "{}", NULL, NULL },
        { "an SEV-SNP guest passes an appraisal of nothing", snp, "{}", NULL, NULL },
        { "the kind, one of a list", sgx, "{\"kinds\":[\"tdx_quote\",\"sgx_quote\"]}", NULL, NULL },
        { "another kind", tdx, "{\"kinds\":\"sgx_quote\"}", "kinds", "tdx_quote, expected sgx_quote" },
        { "a debuggable enclave", sgx_debug, "{}", "allow_debug", "debuggable, which the appraisal does not allow" },
        { "a debuggable enclave that is allowed", sgx_debug, "{\"allow_debug\":true}", NULL, NULL },
        { "a debuggable TD", tdx_debug, "{\"allow_debug\":false}", "allow_debug", "does not allow" },
        { "a profiled TD", tdx_profiled, "{}", "allow_debug", "does not allow" },
        { "a profiled TD that is allowed", tdx_profiled, "{\"allow_debug\":true}", NULL, NULL },
        { "a debuggable guest", snp_debug, "{}", "allow_debug", "does not allow" },
        { "a debuggable guest that is allowed", snp_debug, "{\"allow_debug\":true}", NULL, NULL },
        { "something was left out", sgx_alone, "{}", "allow_not_checked", "does not allow that: tcb, revocation" },
        { "half of what was left out is allowed", sgx_alone, "{\"allow_not_checked\":\"tcb\"}", "allow_not_checked",
          "does not allow that: revocation" },
        { "all that was left out is allowed", sgx_alone, "{\"allow_not_checked\":[\"revocation\",\"tcb\"]}", NULL,
          NULL },
        { "the report data of an enclave", sgx, "{\"report_data\":\"" X64("33") "\"}", NULL, NULL },
        { "the report data of a TD", tdx, "{\"report_data\":\"" X64("33") "\"}", NULL, NULL },
        { "the report data of a guest", snp, "{\"report_data\":\"" X64("33") "\"}", NULL, NULL },
        { "report data that agree but for the last byte", sgx,
          "{\"report_data\":\"" X48("33") X8("33") X4("33") "33333334\"}", "report_data", "33333333, expected 3333" },
        { "report data for a TPM", tpm, "{\"report_data\":\"" X64("33") "\"}", "report_data", "does not fit" },
        { "the runtime data's hash", tdx, "{\"runtime_data_sha256\":\"" X32("33") "\"}", NULL, NULL },
        { "another hash of runtime data", snp, "{\"runtime_data_sha256\":\"" X32("34") "\"}", "runtime_data_sha256",
          "expected 3434" },
        { "a status of the list", sgx, "{\"tcb_statuses\":[\"UpToDate\",\"SWHardeningNeeded\"]}", NULL, NULL },
        { "a status that is not in the list", sgx, "{\"tcb_statuses\":\"UpToDate\"}", "tcb_statuses",
          "SWHardeningNeeded, expected UpToDate" },
        { "a status that nobody established", sgx_alone,
          "{\"allow_not_checked\":[\"revocation\",\"tcb\"],\"tcb_statuses\":\"UpToDate\"}", "tcb_statuses",
          "not established" },
        { "a status for a guest", snp, "{\"tcb_statuses\":\"UpToDate\"}", "tcb_statuses", "does not fit" },
        { "all advisories are accepted", sgx, "{\"advisories_accepted\":[\"INTEL-SA-00334\",\"INTEL-SA-00615\"]}", NULL,
          NULL },
        { "one advisory is not accepted", sgx, "{\"advisories_accepted\":\"INTEL-SA-00334\"}", "advisories_accepted",
          "has INTEL-SA-00615, which is not accepted" },
        { "no advisory is accepted", sgx, "{\"advisories_accepted\":[]}", "advisories_accepted",
          "INTEL-SA-00615, INTEL-SA-00334" },
        { "another advisory is refused", sgx, "{\"advisories_refused\":\"INTEL-SA-00001\"}", NULL, NULL },
        { "an advisory is refused", sgx, "{\"advisories_refused\":[\"INTEL-SA-00615\"]}", "advisories_refused",
          "has INTEL-SA-00615, which is refused" },
        { "advisories that nobody established", sgx_alone,
          "{\"allow_not_checked\":[\"revocation\",\"tcb\"],\"advisories_refused\":\"INTEL-SA-00001\"}",
          "advisories_refused", "needs collateral" },
        { "an evaluation number as low as it may be", sgx, "{\"min_tcb_evaluation_data_number\":17}", NULL, NULL },
        { "an evaluation number that is too low", tdx, "{\"min_tcb_evaluation_data_number\":18}",
          "min_tcb_evaluation_data_number", "17, expected at least 18" },
        { "an evaluation number that nobody established", sgx_alone,
          "{\"allow_not_checked\":[\"revocation\",\"tcb\"],\"min_tcb_evaluation_data_number\":0}",
          "min_tcb_evaluation_data_number", "not established" },
        { "a date as early as it may be", sgx, "{\"min_tcb_date\":\"2025-01-15\"}", NULL, NULL },
        { "a date that is too early", sgx, "{\"min_tcb_date\":\"2025-01-15T00:00:01Z\"}", "min_tcb_date",
          "2025-01-15T00:00:00Z, expected 2025-01-15T00:00:01Z or later" },
        { "a date that nobody established", sgx_alone,
          "{\"allow_not_checked\":[\"revocation\",\"tcb\"],\"min_tcb_date\":\"2020-01-01\"}", "min_tcb_date",
          "needs collateral" },
        { "threads that are allowed", sgx, "{\"allow_smt\":true}", NULL, NULL },
        { "threads that are not allowed", sgx, "{\"allow_smt\":false}", "allow_smt",
          "has simultaneous multithreading" },
        { "a platform that is not dynamic", sgx, "{\"allow_dynamic_platform\":false}", NULL, NULL },
        { "a platform that caches no keys", tdx, "{\"allow_cached_keys\":false}", NULL, NULL },
        { "a certificate that does not say", sgx_alone,
          "{\"allow_not_checked\":[\"revocation\",\"tcb\"],\"allow_cached_keys\":false}", "allow_cached_keys",
          "does not say" },
        { "the measurement", sgx, "{\"mr_enclave\":\"" X32("11") "\"}", NULL, NULL },
        { "another measurement", sgx, "{\"mr_enclave\":\"" X32("12") "\"}", "mr_enclave", "expected 1212" },
        { "none of several measurements", sgx, "{\"mr_enclave\":[\"" X32("12") "\",\"" X32("13") "\"]}", "mr_enclave",
          "none of the 2 accepted values" },
        { "the first of several measurements", sgx, "{\"mr_enclave\":[\"" X32("11") "\",\"" X32("13") "\"]}", NULL,
          NULL },
        { "an all-zero measurement is no wildcard", sgx, "{\"mr_enclave\":\"" X32("00") "\"}", "mr_enclave",
          "expected 00" },
        { "a measurement of an enclave for a TD", tdx, "{\"mr_enclave\":\"" X32("11") "\"}", "mr_enclave",
          "does not fit: the evidence (tdx_quote) has not an SGX report" },
        { "the signer", sgx, "{\"mr_signer\":\"" X32("22") "\"}", NULL, NULL },
        { "another signer", sgx, "{\"mr_signer\":\"" X32("11") "\"}", "mr_signer", "expected 11" },
        { "the product", sgx, "{\"product_id\":[1,7]}", NULL, NULL },
        { "another product", sgx, "{\"product_id\":0}", "product_id", "7, expected 0" },
        { "a version as low as it may be", sgx, "{\"min_svn\":2}", NULL, NULL },
        { "a version that is too low", sgx, "{\"min_svn\":3}", "min_svn", "2, expected at least 3" },
        { "the configuration", sgx, "{\"config_id\":\"" X64("44") "\",\"min_config_svn\":3}", NULL, NULL },
        { "another configuration", sgx, "{\"config_id\":\"" X64("45") "\"}", "config_id", "expected 45" },
        { "a configuration that is too old", sgx, "{\"min_config_svn\":4}", "min_config_svn",
          "3, expected at least 4" },
        { "the family and the extended product", sgx,
          "{\"isv_family_id\":\"" X16("55") "\",\"isv_extended_product_id\":\"" X16("66") "\"}", NULL, NULL },
        { "another family", sgx, "{\"isv_family_id\":\"" X16("66") "\"}", "isv_family_id", "expected 66" },
        { "another extended product", sgx, "{\"isv_extended_product_id\":\"" X16("55") "\"}", "isv_extended_product_id",
          "expected 55" },
        { "every measurement of a TD", tdx,
          "{\"mr_td\":\"" X48("11") "\",\"rtmr0\":\"" X48("22") "\",\"rtmr1\":\"" X48("33") "\",\"rtmr2\":\"" X48("44") "\",\"rtmr3\":\"" X48("00") "\",\"mr_config_id\":\"" X48(
              "55") "\",\"mr_owner\":\"" X48("66") "\",\"mr_owner_config\":\"" X48("77") "\",\"mr_service_td\":\"" X48("00") "\",\"mr_seam\":\"" X48("44") "\",\"mr_signer_seam\":\"" X48("00") "\"}",
          NULL, NULL },
        { "another TD", tdx, "{\"mr_td\":\"" X48("22") "\"}", "mr_td", "expected 22" },
        { "another register 0", tdx, "{\"rtmr0\":\"" X48("23") "\"}", "rtmr0", "expected 23" },
        { "another register 1", tdx, "{\"rtmr1\":\"" X48("22") "\"}", "rtmr1", "expected 22" },
        { "another register 2", tdx, "{\"rtmr2\":\"" X48("22") "\"}", "rtmr2", "expected 22" },
        { "another register 3", tdx, "{\"rtmr3\":\"" X48("22") "\"}", "rtmr3", "expected 22" },
        { "another configuration of a TD", tdx, "{\"mr_config_id\":\"" X48("22") "\"}", "mr_config_id", "expected 22" },
        { "another owner", tdx, "{\"mr_owner\":\"" X48("22") "\"}", "mr_owner", "expected 22" },
        { "another configuration by the owner", tdx, "{\"mr_owner_config\":\"" X48("22") "\"}", "mr_owner_config",
          "22" },
        { "a service TD", tdx, "{\"mr_service_td\":\"" X48("22") "\"}", "mr_service_td", "expected 22" },
        { "a report that tells no service TD", tdx_10, "{\"mr_service_td\":\"" X48("00") "\"}", "mr_service_td",
          "the evidence has no mr_service_td" },
        { "another module", tdx, "{\"mr_seam\":\"" X48("22") "\"}", "mr_seam", "expected 22" },
        { "another signer of the module", tdx, "{\"mr_signer_seam\":\"" X48("22") "\"}", "mr_signer_seam",
          "expected 22" },
        { "a TD's measurement for an enclave", sgx, "{\"rtmr3\":\"" X48("22") "\"}", "rtmr3",
          "has not a TD report that its quote signs" },
        { "attributes under a mask", tdx,
          "{\"td_attributes\":{\"mask\":\"0000003000000000\",\"value\":\"0000001000000000\"}}", NULL, NULL },
        { "attributes that are not those", tdx,
          "{\"td_attributes\":{\"mask\":\"0000001000000000\",\"value\":\"0000000000000000\"}}", "td_attributes",
          "0x10000000, under the mask 0x10000000 not the expected 0x0" },
        { "features", tdx, "{\"xfam\":{\"mask\":\"ffffffffffffffff\",\"value\":\"e700060000000000\"}}", NULL, NULL },
        { "features that are not those", tdx,
          "{\"xfam\":{\"mask\":\"ffffffffffffffff\",\"value\":\"e700000000000000\"}}", "xfam", "0x600e7" },
        { "a TD that may be migrated", tdx_migratable, "{}", "allow_migratable", "may be migrated" },
        { "a TD that may be migrated, as it is allowed", tdx_migratable, "{\"allow_migratable\":true}", NULL, NULL },
        { "a TD that takes exceptions", tdx_excepted, "{}", "require_sept_ve_disable", "does not set" },
        { "a TD that may take exceptions", tdx_excepted, "{\"require_sept_ve_disable\":false}", NULL, NULL },
        { "a switch of TDs for an enclave", sgx, "{\"allow_migratable\":true}", "allow_migratable", "does not fit" },
        { "every value of a guest", snp,
          "{\"measurement\":\"" X48("11") "\",\"host_data\":\"" X32("22") "\",\"id_key_digest\":\"" X48(
              "44") "\",\"author_key_digest\":\"" X48("77") "\",\"family_id\":\"" X16("55") "\",\"image_id\":\"" X16("6"
                                                                                                                     "6") "\",\"chip_id\":\"" X64("44") "\",\"min_guest_svn\":5,\"products\":[\"Genoa\",\"Milan\"]}",
          NULL, NULL },
        { "another guest", snp, "{\"measurement\":\"" X48("12") "\"}", "measurement", "expected 12" },
        { "other data of the host", snp, "{\"host_data\":\"" X32("12") "\"}", "host_data", "expected 12" },
        { "another key", snp, "{\"id_key_digest\":\"" X48("12") "\"}", "id_key_digest", "expected 12" },
        { "another author", snp, "{\"author_key_digest\":\"" X48("12") "\"}", "author_key_digest", "expected 12" },
        { "another family of guests", snp, "{\"family_id\":\"" X16("12") "\"}", "family_id", "expected 12" },
        { "another image", snp, "{\"image_id\":\"" X16("12") "\"}", "image_id", "expected 12" },
        { "another chip", snp, "{\"chip_id\":\"" X64("12") "\"}", "chip_id", "expected 12" },
        { "a chip that is not denied", snp, "{\"denied_chip_ids\":\"" X64("12") "\"}", NULL, NULL },
        { "a chip that is denied", snp, "{\"denied_chip_ids\":[\"" X64("12") "\",\"" X64("44") "\"]}",
          "denied_chip_ids", "one of those that are denied" },
        { "a chip that hides", snp_masked, "{\"denied_chip_ids\":\"" X64("12") "\"}", "denied_chip_ids", "masks" },
        { "a guest that is too old", snp, "{\"min_guest_svn\":6}", "min_guest_svn", "5, expected at least 6" },
        { "a guest at another level", snp_vmpl_2, "{}", "max_vmpl", "2, expected at most 0" },
        { "a guest at a level that is allowed", snp_vmpl_2, "{\"max_vmpl\":2}", NULL, NULL },
        { "a report for the host", snp_of_host, "{\"max_vmpl\":3}", "max_vmpl", "the host asked" },
        { "another product of AMD", snp, "{\"products\":\"Genoa\"}", "products", "Milan, expected Genoa" },
        { "a product that nobody established", snp_2, "{\"products\":\"Milan\"}", "products", "not established" },
        { "versions as low as they may be", snp,
          "{\"min_reported_tcb\":{\"boot_loader\":4,\"tee\":0,\"snp\":24,\"microcode\":219},"
          "\"min_committed_tcb\":{\"snp\":1},\"min_launch_tcb\":{\"microcode\":200}}",
          NULL, NULL },
        { "one version that is too low", snp, "{\"min_reported_tcb\":{\"boot_loader\":0,\"microcode\":220}}",
          "min_reported_tcb", "microcode is 219, expected at least 220" },
        { "a committed version that is too low", snp, "{\"min_committed_tcb\":{\"snp\":25}}", "min_committed_tcb",
          "snp is 24, expected at least 25" },
        { "a version at launch that is too low", snp, "{\"min_launch_tcb\":{\"tee\":1}}", "min_launch_tcb",
          "tee is 0" },
        { "a part that Milan has not", snp, "{\"min_reported_tcb\":{\"fmc\":0}}", "min_reported_tcb",
          "fmc: the product has none" },
        { "Turin has its parts elsewhere", snp_turin,
          "{\"min_reported_tcb\":{\"fmc\":1,\"boot_loader\":2,\"tee\":3,\"snp\":4,\"microcode\":72}}", NULL, NULL },
        { "one of Turin's parts that is too low", snp_turin, "{\"min_reported_tcb\":{\"fmc\":2}}", "min_reported_tcb",
          "fmc is 1, expected at least 2" },
        { "a policy that allows threads", snp, "{\"policy\":{\"smt\":false}}", "policy", "allows smt" },
        { "a policy that may allow threads", snp, "{\"policy\":{\"smt\":true,\"cxl\":false}}", NULL, NULL },
        { "a policy with a migration agent", snp_agent, "{}", "policy", "allows migration_agent" },
        { "a policy with a migration agent, and other bits", snp_agent, "{\"policy\":{\"smt\":true}}", "policy",
          "allows migration_agent" },
        { "a migration agent that is allowed", snp_agent, "{\"policy\":{\"migration_agent\":true}}", NULL, NULL },
        { "a policy that does not demand one socket", snp, "{\"policy\":{\"single_socket\":true}}", "policy",
          "does not demand single_socket" },
        { "a policy that demands what is demanded", snp_strict,
          "{\"policy\":{\"single_socket\":true,\"ciphertext_hiding\":true,\"smt\":false}}", NULL, NULL },
        { "a policy that demands more than is demanded", snp_strict, "{\"policy\":{\"single_socket\":false}}", NULL,
          NULL },
        { "a policy for an enclave", sgx, "{\"policy\":{\"smt\":false}}", "policy", "has not an SEV-SNP report" },
        { "an SEV-SNP guest inside an HCL report", hcl, "{\"measurement\":\"" X48("11") "\"}", NULL, NULL },
        { "secure boot that is on", hcl, "{\"secure_boot\":true}", NULL, NULL },
        { "secure boot that is on, unexpectedly", hcl, "{\"secure_boot\":false}", "secure_boot", "on, expected off" },
        { "claims that do not say", hcl_silent, "{\"secure_boot\":true}", "secure_boot", "do not say" },
        { "secure boot of an enclave", sgx, "{\"secure_boot\":true}", "secure_boot", "has not an HCL report" },
        { "the machine, whatever its letters", hcl, "{\"vm_unique_id\":\"2f3b2b6a-9c3c-4e3c-8e1d-0123456789ab\"}", NULL,
          NULL },
        { "another machine", hcl, "{\"vm_unique_id\":\"2F3B2B6A-9C3C-4E3C-8E1D-0123456789AC\"}", "vm_unique_id",
          "89AB, expected 2F3B2B6A" },
        { "a prefix of the machine", hcl, "{\"vm_unique_id\":\"2F3B2B6A\"}", "vm_unique_id", "expected 2F3B2B6A" },
        { "a machine without a name", hcl_silent, "{\"vm_unique_id\":\"2F3B2B6A\"}", "vm_unique_id", "name no VM" },
        { "a bank of SHA-256", tpm, "{\"allow_sha1\":false}", NULL, NULL },
        { "a bank of SHA-1", tpm_sha1, "{}", "allow_sha1", "not allowed" },
        { "a bank of SHA-1 that is allowed", tpm_sha1, "{\"allow_sha1\":true}", NULL, NULL },
        { "a register of a TPM", tpm, "{\"pcrs\":{\"sha256\":{\"0\":\"" X32("11") "\"}}}", NULL, NULL },
        { "a register, one of a list", tpm, "{\"pcrs\":{\"sha256\":{\"0\":[\"" X32("12") "\",\"" X32("11") "\"]}}}",
          NULL, NULL },
        { "another value of a register", tpm, "{\"pcrs\":{\"sha256\":{\"0\":\"" X32("12") "\"}}}", "pcrs",
          "PCR 0 of sha256 is 1111" },
        { "a register that the quote does not cover", tpm, "{\"pcrs\":{\"sha256\":{\"1\":\"" X32("22") "\"}}}", "pcrs",
          "PCR 1 of sha256 is not among those of the quote" },
        { "a register that nobody tells", tpm, "{\"pcrs\":{\"sha256\":{\"7\":\"" X32("22") "\"}}}", "pcrs",
          "does not tell PCR 7 of sha256" },
        { "a register of a bank that the quote does not cover", tpm,
          "{\"pcrs\":{\"sha384\":{\"0\":\"" X48("11") "\"}}}", "pcrs", "PCR 0 of sha384 is not among" },
        { "registers of an enclave", sgx, "{\"pcrs\":{\"sha256\":{\"0\":\"" X32("00") "\"}}}", "pcrs",
          "has not a TPM" },
    };

static azattest_appraisal *appraisal_of(const char *json)
{
    azattest_appraisal *appraisal = NULL;
    azattest_error *error = NULL;

    if (azattest_appraisal_parse(azattest__text(json), &appraisal, &error) != AZATTEST_OK)
        fail_msg("%s", azattest_error_message(error));
    return appraisal;
}

/* As azattest_evidence_verify() does behind the parts, with a part that passed. */
static azattest_verification_result *appraised(make *made, const char *json)
{
    azattest_evidence evidence = { .kind = "" };
    azattest__verification v = { .evidence = &evidence };
    azattest_appraisal *appraisal = appraisal_of(json);

    v.appraisal = appraisal;
    v.pck = &pck;
    v.result = calloc(1, sizeof(*v.result));
    assert_non_null(v.result);
    v.result->evaluation = -1;
    azattest__verification_add(v.result, "structure", true, "not run");
    assert_int_equal(azattest__verification_set(v.result, "structure", true, "ok"), AZATTEST_OK);
    made(&evidence, v.result);
    assert_int_equal(azattest__appraise(&v), AZATTEST_OK);
    azattest_appraisal_free(appraisal);
    return v.result;
}

static void is_appraised(void **state)
{
    const struct appraise_case *test = *state;
    azattest_verification_result *result = appraised(test->made, test->json);
    bool seen = false;

    for (size_t i = 0; i < result->count; i++) {
        const azattest__check *check = &result->checks[i];

        if (test->fails != NULL && strncmp(check->id, "appraisal.", 10) == 0 &&
            strcmp(check->id + 10, test->fails) == 0) {
            seen = true;
            if (check->ok != 0 || !check->required || strstr(check->detail, test->detail) == NULL)
                fail_msg("%s: %d \"%s\", expected \"%s\"", check->id, check->ok, check->detail, test->detail);
        } else if (check->required && check->ok != 1) {
            fail_msg("%s: %d %s", check->id, check->ok, check->detail);
        }
    }
    assert_int_equal(seen, test->fails != NULL);
    assert_int_equal(azattest_verification_result_is_valid(result), test->fails == NULL);
    assert_true(azattest_verification_result_is_appraised(result));
    azattest_verification_result_free(result);
}

/* Every member must be seen to pass and to fail above. */
static void every_member_passes_and_fails(void **state)
{
    (void)state;
    for (int id = 0; id < AZATTEST__MEMBERS; id++) {
        const char *name = azattest__appraisal_members[id].name;
        bool passes = false, fails = false;
        char member[64];

        snprintf(member, sizeof(member), "\"%s\":", name);
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
            passes = passes || (cases[i].fails == NULL && strstr(cases[i].json, member) != NULL);
            fails = fails || (cases[i].fails != NULL && strcmp(cases[i].fails, name) == 0);
        }
        if (!passes || (!fails && id != AZATTEST__MEMBER_ALLOW_DYNAMIC_PLATFORM))
            fail_msg("%s is not seen to %s", name, passes ? "fail" : "pass");
    }
}

/* What does not fit is never ignored, whatever the member and the evidence. */
static void a_member_that_does_not_fit_fails(void **state)
{
    static make *const made[] = { sgx, tdx, snp, tpm };
    static const unsigned fits[] = { AZATTEST__FITS_INTEL | AZATTEST__FITS_SGX,
                                     AZATTEST__FITS_INTEL | AZATTEST__FITS_TDX, AZATTEST__FITS_SNP,
                                     AZATTEST__FITS_TPM };

    (void)state;
    for (size_t k = 0; k < sizeof(made) / sizeof(made[0]); k++)
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
            azattest_verification_result *result;
            azattest_appraisal *appraisal = appraisal_of(cases[i].json);
            bool all_fit = true;

            for (int id = 0; id < AZATTEST__MEMBERS; id++)
                all_fit =
                    all_fit && (!appraisal->members[id].given || (azattest__appraisal_members[id].fits & fits[k]) != 0);
            azattest_appraisal_free(appraisal);
            if (all_fit)
                continue;
            result = appraised(made[k], cases[i].json);
            assert_false(azattest_verification_result_is_valid(result));
            azattest_verification_result_free(result);
        }
}

/* What an appraisal does not set is in the verdict all the same, not required and not run. */
static void what_is_not_set_is_listed(void **state)
{
    azattest_verification_result *result = appraised(sgx, "{\"mr_signer\":\"" X32("22") "\"}");
    size_t listed = 0, required = 0;

    (void)state;
    for (size_t i = 1; i < result->count; i++) {
        if (result->checks[i].required) {
            required++;
        } else {
            listed++;
            assert_int_equal(result->checks[i].ok, -1);
            assert_string_equal(result->checks[i].detail, "not checked: the appraisal does not set it");
        }
    }
    assert_int_equal(required, 3); /* mr_signer, allow_debug, allow_not_checked */
    for (int id = 0; id < AZATTEST__MEMBERS; id++)
        listed -= (azattest__appraisal_members[id].fits & (AZATTEST__FITS_INTEL | AZATTEST__FITS_SGX)) != 0;
    assert_int_equal(listed + required, 0);
    azattest_verification_result_free(result);
}

static void an_appraisal_that_names_no_program_warns(void **state)
{
    azattest_verification_result *result = appraised(sgx, "{\"min_svn\":1}");

    (void)state;
    assert_int_equal(azattest_verification_result_warning_count(result), 1);
    assert_non_null(strstr(azattest_verification_result_warning(result, 0), "IDENTITY"));
    azattest_verification_result_free(result);
    result = appraised(sgx, "{\"mr_signer\":\"" X32("22") "\"}");
    assert_int_equal(azattest_verification_result_warning_count(result), 0);
    azattest_verification_result_free(result);
}

/* The statuses that the check "tcb_status" of the parts takes. */
static void the_appraisal_decides_which_statuses_are_taken(void **state)
{
    azattest__verification v = { .evidence = NULL };
    azattest_appraisal *appraisal = appraisal_of("{\"tcb_statuses\":[\"OutOfDate\"]}"), *silent = appraisal_of("{}");

    (void)state;
    for (int i = 0; i < 2; i++, v.appraisal = silent) {
        assert_true(azattest__verification_takes_tcb_status(&v, "UpToDate"));
        assert_true(azattest__verification_takes_tcb_status(&v, "SWHardeningNeeded"));
        assert_false(azattest__verification_takes_tcb_status(&v, "OutOfDate"));
        assert_false(azattest__verification_takes_tcb_status(&v, "Revoked"));
        assert_false(azattest__verification_takes_tcb_status(&v, ""));
        assert_false(azattest__verification_takes_sha1(&v));
    }
    v.appraisal = appraisal;
    assert_true(azattest__verification_takes_tcb_status(&v, "OutOfDate"));
    assert_false(azattest__verification_takes_tcb_status(&v, "UpToDate"));
    assert_false(azattest__verification_takes_tcb_status(&v, "Revoked"));
    azattest_appraisal_free(appraisal);
    azattest_appraisal_free(silent);
}

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

int main(void)
{
    static const struct CMUnitTest single[] = {
        cmocka_unit_test(every_member_passes_and_fails),
        cmocka_unit_test(a_member_that_does_not_fit_fails),
        cmocka_unit_test(what_is_not_set_is_listed),
        cmocka_unit_test(an_appraisal_that_names_no_program_warns),
        cmocka_unit_test(the_appraisal_decides_which_statuses_are_taken),
    };
    struct CMUnitTest tests[COUNT(cases) + COUNT(single)];
    size_t count = 0;

    for (size_t i = 0; i < COUNT(cases); i++)
        tests[count++] = (struct CMUnitTest){ cases[i].name, is_appraised, NULL, NULL, &cases[i] };
    for (size_t i = 0; i < COUNT(single); i++)
        tests[count++] = single[i];
    return cmocka_run_group_tests_name("appraise", tests, fill, NULL);
}
