/* AttestationResult: the typed claims. */
#include "readers.h"

CHECK(result, azattest_result)
READER(result, result, is_validated, lua_pushboolean)
STATUS_READER(result, result, issuer, const char *, azlua_push_text)
STATUS_READER(result, result, unique_id, const char *, azlua_push_text)
STATUS_READER(result, result, nonce, const char *, azlua_push_text)
STATUS_READER(result, result, version, const char *, azlua_push_text)
STATUS_READER(result, result, verifier_type, const char *, azlua_push_text)
STATUS_READER(result, result, mr_enclave, const char *, azlua_push_text)
STATUS_READER(result, result, mr_signer, const char *, azlua_push_text)
STATUS_READER(result, result, issued_on, int64_t, azlua_push_integer)
STATUS_READER(result, result, expires_on, int64_t, azlua_push_integer)
STATUS_READER(result, result, not_before, int64_t, azlua_push_integer)
STATUS_READER(result, result, is_debuggable, bool, lua_pushboolean)
STATUS_READER(result, result, product_id, int64_t, azlua_push_integer)
STATUS_READER(result, result, svn, int64_t, azlua_push_integer)
STATUS_READER(result, result, mr_enclave_bytes, azattest_bytes, azlua_push_bytes)
STATUS_READER(result, result, mr_signer_bytes, azattest_bytes, azlua_push_bytes)
STATUS_READER(result, result, report_data, azattest_bytes, azlua_push_bytes)
STATUS_READER(result, result, enclave_held_data, azattest_bytes, azlua_push_bytes)
STATUS_READER(result, result, policy_hash, azattest_bytes, azlua_push_bytes)
STATUS_READER(result, result, runtime_claims, azattest_bytes, azlua_push_json)
STATUS_READER(result, result, inittime_claims, azattest_bytes, azlua_push_json)
STATUS_READER(result, result, policy_claims, azattest_bytes, azlua_push_json)
STATUS_READER(result, result, sgx_collateral, azattest_bytes, azlua_push_json)
STATUS_READER(result, result, confirmation, azattest_bytes, azlua_push_json)
READER(result, result, claims, azlua_push_json)

static int result_policy_signer(lua_State *L)
{
    const azattest_result *result = check_result(L);
    struct azlua_box *box = azlua_box_new(L, &azlua_signer);
    azattest_signer *signer = NULL;
    azattest_status status = azattest_result_policy_signer(result, &signer);

    box->object = signer;
    if (status != AZATTEST_OK)
        azlua_push_status(L, "policy_signer", status);
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

static const luaL_Reg methods[] = { { "claims", result_claims }, { "claim", result_claim }, { NULL, NULL } };
static const luaL_Reg readers[] = { { "is_validated", result_is_validated },
                                    { "issuer", result_issuer },
                                    { "unique_id", result_unique_id },
                                    { "nonce", result_nonce },
                                    { "version", result_version },
                                    { "verifier_type", result_verifier_type },
                                    { "mr_enclave", result_mr_enclave },
                                    { "mr_enclave_bytes", result_mr_enclave_bytes },
                                    { "mr_signer", result_mr_signer },
                                    { "mr_signer_bytes", result_mr_signer_bytes },
                                    { "issued_on", result_issued_on },
                                    { "expires_on", result_expires_on },
                                    { "not_before", result_not_before },
                                    { "is_debuggable", result_is_debuggable },
                                    { "product_id", result_product_id },
                                    { "svn", result_svn },
                                    { "report_data", result_report_data },
                                    { "enclave_held_data", result_enclave_held_data },
                                    { "policy_hash", result_policy_hash },
                                    { "policy_signer", result_policy_signer },
                                    { "runtime_claims", result_runtime_claims },
                                    { "inittime_claims", result_inittime_claims },
                                    { "policy_claims", result_policy_claims },
                                    { "sgx_collateral", result_sgx_collateral },
                                    { "confirmation", result_confirmation },
                                    { NULL, NULL } };
static const luaL_Reg metamethods[] = { { "__tostring", result_to_text }, { NULL, NULL } };

void azlua_register_result(lua_State *L)
{
    static const struct azlua_members members = { methods, readers, metamethods, 0 };

    azlua_class_register(L, &azlua_result, &members);
}
