/* AttestationResult: the typed claims. */
#include "readers.h"

CHECK(result, azattest_result)
READER(result, result, is_validated, lua_pushboolean)
READER(result, result, claims, azlua_push_json)
STATUS_READER(result, result, claims, is_debuggable, bool, lua_pushboolean)

/* The claims, by the kind of their values. */
/* clang-format off */
#define TEXTS(X) \
    X(issuer) X(unique_id) X(nonce) X(version) X(verifier_type) X(compliance_status) X(mr_enclave) X(mr_signer) \
    X(attester_tcb_status) X(debug_status) X(eat_profile) X(intended_use) X(vm_id) X(os_type) X(os_distro) \
    X(os_build) X(attestation_protocol_version)
#define INTEGERS(X) \
    X(issued_on) X(expires_on) X(not_before) X(product_id) X(svn) X(config_svn) X(guest_svn) X(bootloader_svn) \
    X(tee_svn) X(snp_firmware_svn) X(microcode_svn) X(vmpl) X(seam_svn) X(os_version_major) X(os_version_minor) \
    X(hvci_policy) X(tpm_version) X(enclave_svn) X(enclave_platform_svn) X(enclave_flags)
#define BOOLEANS(X) \
    X(is_migration_allowed) X(is_smt_allowed) X(td_attributes_debug) X(td_attributes_key_locker) \
    X(td_attributes_perfmon) X(td_attributes_protection_keys) X(td_attributes_septve_disable) X(secure_boot) \
    X(is_windows) X(os_provisioning) X(boot_debug_enabled) X(kernel_debug_enabled) X(hypervisor_debug_enabled) \
    X(debuggers_disabled) X(db_validated) X(dbx_validated) X(default_secure_boot_keys_validated) X(elam_enabled) \
    X(flight_signing_enabled) X(signing_disabled) X(test_signing_enabled) X(aik_validated) X(iommu_enabled) \
    X(boot_debugging_disabled) X(not_safe_mode) X(not_win_pe) X(vbs_enabled) X(vbs_report_present)
#define BYTES(X) \
    X(policy_hash) X(report_data) X(mr_enclave_bytes) X(mr_signer_bytes) X(enclave_held_data) X(config_id) \
    X(isv_extended_product_id) X(isv_family_id) X(launch_measurement) X(host_data) X(report_id) X(id_key_digest) \
    X(author_key_digest) X(family_id) X(image_id) X(mr_td) X(rtmr0) X(rtmr1) X(rtmr2) X(rtmr3) X(mr_config_id) \
    X(mr_owner) X(mr_owner_config) X(mr_seam) X(mr_signer_seam) X(seam_attributes) X(td_attributes) X(xfam) \
    X(tee_tcb_svn) X(aik_pub_hash) X(enclave_author_id) X(enclave_image_id) X(enclave_owner_id) \
    X(enclave_family_id)
#define DOCUMENTS(X) \
    X(runtime_claims) X(inittime_claims) X(policy_claims) X(confirmation) X(sgx_collateral) X(attested_pcrs)
/* clang-format on */

#define X(name) STATUS_READER(result, result, claims, name, const char *, azlua_push_text)
TEXTS(X)
#undef X
#define X(name) STATUS_READER(result, result, claims, name, int64_t, azlua_push_integer)
INTEGERS(X)
#undef X
#define X(name) STATUS_READER(result, result, claims, name, bool, lua_pushboolean)
BOOLEANS(X)
#undef X
#define X(name) STATUS_READER(result, result, claims, name, azattest_bytes, azlua_push_bytes)
BYTES(X)
#undef X
#define X(name) STATUS_READER(result, result, claims, name, azattest_bytes, azlua_push_json)
DOCUMENTS(X)
#undef X

/* The confidential VM around a guest, as a result of its own. */
static int result_isolation_tee(lua_State *L)
{
    const azattest_result *result = check_result(L);
    struct azlua_box *box = azlua_box_new(L, &azlua_result);
    azattest_result *isolation = NULL;
    azattest_status status = azattest_result_isolation_tee(result, &isolation);

    box->object = isolation;
    if (status != AZATTEST_OK)
        azlua_push_claim_status(L, azattest_result_claims(result), "isolation_tee", status);
    return 1;
}

static int result_client_payload(lua_State *L)
{
    const azattest_result *result = check_result(L);
    int64_t count;
    azattest_status status = azattest_result_client_payload_count(result, &count);

    if (status != AZATTEST_OK) {
        azlua_push_claim_status(L, azattest_result_claims(result), "client_payload", status);
        return 1;
    }
    lua_createtable(L, 0, (int)count);
    for (size_t i = 0; i < (size_t)count; i++) {
        azlua_push_bytes(L, azattest_result_client_payload_value(result, i));
        lua_setfield(L, -2, azattest_result_client_payload_name(result, i));
    }
    return 1;
}

static int result_policy_signer(lua_State *L)
{
    const azattest_result *result = check_result(L);
    struct azlua_box *box = azlua_box_new(L, &azlua_signer);
    azattest_signer *signer = NULL;
    azattest_status status = azattest_result_policy_signer(result, &signer);

    box->object = signer;
    if (status != AZATTEST_OK)
        azlua_push_claim_status(L, azattest_result_claims(result), "policy_signer", status);
    return 1;
}

static int result_claim(lua_State *L)
{
    const azattest_result *result = check_result(L);

    azlua_push_json(L, azattest_result_claim(result, azlua_check_text(L, 2, "claim: the name")));
    return 1;
}

static int result_to_text(lua_State *L)
{
    const azattest_result *result = azlua_test(L, 1, &azlua_result);
    const char *issuer = NULL, *type = NULL;
    int64_t expires;
    luaL_Buffer buffer;

    if (result == NULL) {
        lua_pushliteral(L, "AttestationResult (closed)");
        return 1;
    }
    luaL_buffinit(L, &buffer);
    luaL_addstring(&buffer, azattest_result_is_validated(result) ? "verified" : "UNVERIFIED");
    luaL_addstring(&buffer, " AttestationResult(type=");
    azlua_add_printable(&buffer, azattest_result_verifier_type(result, &type) == AZATTEST_OK ? type : "?");
    if (azattest_result_issuer(result, &issuer) == AZATTEST_OK) {
        luaL_addstring(&buffer, ", iss=");
        azlua_add_printable(&buffer, issuer);
    }
    if (azattest_result_expires_on(result, &expires) == AZATTEST_OK) {
        luaL_addstring(&buffer, ", exp=");
        azlua_add_time(&buffer, expires);
    }
    luaL_addstring(&buffer, ")");
    luaL_pushresult(&buffer);
    return 1;
}

static const luaL_Reg methods[] = {
    { "claims", result_claims }, { "claim", result_claim }, { "seal_secret", azlua_result_seal_secret }, { NULL, NULL }
};
#define X(name) { #name, result_##name },
static const luaL_Reg readers[] = { { "is_validated", result_is_validated },
                                    { "is_debuggable", result_is_debuggable },
                                    { "isolation_tee", result_isolation_tee },
                                    { "policy_signer", result_policy_signer },
                                    { "client_payload", result_client_payload },
                                    TEXTS(X) INTEGERS(X) BOOLEANS(X) BYTES(X) DOCUMENTS(X) /* one each */
                                    { NULL, NULL } };
#undef X
static const luaL_Reg metamethods[] = { { "__tostring", result_to_text }, { NULL, NULL } };

void azlua_register_result(lua_State *L)
{
    static const struct azlua_members members = { methods, readers, metamethods, 1 };

    azlua_class_register(L, &azlua_result, &members);
}
