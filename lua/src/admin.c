/* AttestationAdministrationClient, its results, signing keys and policy tokens. */
#include "options.h"
#include "readers.h"

#include <string.h>

CHECK(admin_client, azattest_admin_client)
CHECK(policy_result, azattest_policy_result)
CHECK(certificates_result, azattest_policy_certificates_modification_result)
CHECK(signing_key, azattest_signing_key)
CHECK(stored_policy, azattest_stored_attestation_policy)
READER(admin_client, admin_client, endpoint, azlua_push_text)
READER(admin_client, admin_client, api_version, azlua_push_text)
READER(policy_result, policy_result, policy_resolution, azlua_push_text)
READER(policy_result, policy_result, policy_token_hash, azlua_push_bytes)
READER(policy_result, policy_result, policy, azlua_push_text)
READER(policy_result, policy_result, policy_text, azlua_push_text)
READER(certificates_result, policy_certificates_modification_result, certificate_thumbprint, azlua_push_text)
READER(certificates_result, policy_certificates_modification_result, certificate_resolution, azlua_push_text)
READER(signing_key, signing_key, algorithm, azlua_push_text)
READER(signing_key, signing_key, key_type, azlua_push_text)
READER(signing_key, signing_key, certificate_pem, azlua_push_text)
READER(stored_policy, stored_attestation_policy, attestation_policy, azlua_push_text)
READER(stored_policy, stored_attestation_policy, json, azlua_push_bytes)

static int policy_result_policy_signer(lua_State *L)
{
    const azattest_policy_result *result = check_policy_result(L);
    struct azlua_box *box = azlua_box_new(L, &azlua_signer);

    box->object = azattest_policy_result_policy_signer(result);
    if (box->object == NULL)
        lua_pushnil(L);
    return 1;
}

/* ---- the client ---- */

/* core.admin_client_new(endpoint, options, agent, shared_keys) -> client | nil, err */
static int admin_client_new(lua_State *L)
{
    const char *endpoint = azlua_check_text(L, 1, "AttestationAdministrationClient: the endpoint");
    struct azlua_box *failed, *made;
    struct azlua_client options;
    azattest_admin_client *client = NULL;
    azattest_error *error = NULL;
    azattest_status status;

    lua_settop(L, 4);
    failed = azlua_box_new(L, &azlua_error);
    made = azlua_box_new(L, &azlua_admin_client);
    azlua_read_client(L, 2, "AttestationAdministrationClient", &options);
    status = azattest_admin_client_new(endpoint, &options.options, &client, &error);
    made->object = client;
    failed->object = error;
    lua_settop(L, 6);
    return azlua_answer(L, status);
}

/* core.admin_begin(client, call, first, second, options) -> op | nil, err: `first` is the type of attestation or the
 * certificate, `second` the policy. */
static int admin_begin(lua_State *L)
{
    static const char *const calls[] = { "get_policy",
                                         "set_policy",
                                         "reset_policy",
                                         "get_policy_management_certificates",
                                         "add_policy_management_certificate",
                                         "remove_policy_management_certificate",
                                         NULL };
    azattest_admin_client *client = check_admin_client(L);
    int call = luaL_checkoption(L, 2, NULL, calls);
    const char *type = call < 3 ? azlua_check_text(L, 3, "the type of attestation") : NULL;
    azattest_bytes bytes = { NULL, 0 };
    struct azlua_box *failed, *made;
    struct azlua_policy options;
    azattest_op *op = NULL;
    azattest_error *error = NULL;
    azattest_status status = AZATTEST_E_ARGUMENT;

    if (call == 1)
        bytes = azlua_check_policy_text(L, 4, "set_policy: the policy");
    else if (call > 3)
        bytes = azlua_check_bytes(L, 3, "the certificate");
    lua_settop(L, 5);
    failed = azlua_box_new(L, &azlua_error);
    made = azlua_box_new(L, &azlua_op);
    azlua_read_policy(L, 5, calls[call], &options);
    switch (call) {
    case 0:
        status = azattest_admin_client_get_policy_begin(client, type, &options.options, &op, &error);
        break;
    case 1:
        status = azattest_admin_client_set_policy_begin(client, type, bytes, &options.options, &op, &error);
        break;
    case 2:
        status = azattest_admin_client_reset_policy_begin(client, type, &options.options, &op, &error);
        break;
    case 3:
        status = azattest_admin_client_get_policy_management_certificates_begin(client, &options.options, &op, &error);
        break;
    case 4:
        status =
            azattest_admin_client_add_policy_management_certificate_begin(client, bytes, &options.options, &op, &error);
        break;
    default:
        status = azattest_admin_client_remove_policy_management_certificate_begin(client, bytes, &options.options, &op,
                                                                                  &error);
        break;
    }
    made->object = op;
    failed->object = error;
    lua_settop(L, 7);
    azlua_account(L, 4 * bytes.len);
    return azlua_answer(L, status);
}

/* core.take_admin_response(op) -> token, value, request_id, warning; or nil */
static int take_admin_response(lua_State *L)
{
    azattest_op *op = azlua_check(L, 1, &azlua_op);
    struct azlua_box *box, *token, *policy, *certificates, *change;
    azattest_response *response;
    int value;

    lua_settop(L, 1);
    box = azlua_box_new(L, &azlua_response);
    token = azlua_box_new(L, &azlua_token);
    policy = azlua_box_new(L, &azlua_policy_result);
    certificates = azlua_box_new(L, &azlua_signers);
    change = azlua_box_new(L, &azlua_certificates_result);
    if ((response = azattest_op_take_response(op)) == NULL) {
        lua_pushnil(L);
        return 1;
    }
    box->object = response;
    azlua_push_text(L, azattest_response_request_id(response));
    azlua_push_text(L, azattest_response_warning(response));
    token->object = azattest_response_take_token(response);
    policy->object = azattest_response_take_policy_result(response);
    certificates->object = azattest_response_take_certificates(response);
    change->object = azattest_response_take_certificates_result(response);
    value = policy->object != NULL ? 4 : certificates->object != NULL ? 5 : 6;
    azlua_account(L, 4 * azattest_token_serialize(token->object).len);
    lua_pushvalue(L, 3);
    lua_pushvalue(L, value);
    lua_pushvalue(L, 7);
    lua_pushvalue(L, 8);
    azlua_box_clear(box, &azlua_response);
    return 4;
}

static int admin_client_to_text(lua_State *L)
{
    const char *endpoint = azattest_admin_client_endpoint(azlua_test(L, 1, &azlua_admin_client));

    lua_pushfstring(L, endpoint == NULL ? "%s (closed)" : "%s(%s)", azlua_admin_client.name, endpoint);
    return 1;
}

/* ---- signing keys and tokens ---- */

/* core.signing_key_new(key, certificate, options) -> key | nil, err */
static int signing_key_new(lua_State *L)
{
    azattest_bytes key_pem = azlua_check_bytes(L, 1, "AttestationSigningKey: the key");
    azattest_bytes certificate_pem = azlua_check_bytes(L, 2, "AttestationSigningKey: the certificate");
    struct azlua_box *failed, *made;
    azattest_signing_key_options options;
    azattest_signing_key *key = NULL;
    azattest_error *error = NULL;
    azattest_status status;

    lua_settop(L, 3);
    failed = azlua_box_new(L, &azlua_error);
    made = azlua_box_new(L, &azlua_signing_key);
    azlua_read_signing_key(L, 3, &options);
    status = azattest_signing_key_new(key_pem, certificate_pem, &options, &key, &error);
    made->object = key;
    failed->object = error;
    lua_settop(L, 5);
    return azlua_answer(L, status);
}

static const azattest_signing_key *optional_key(lua_State *L, int index)
{
    return lua_isnoneornil(L, index) ? NULL : azlua_check(L, index, &azlua_signing_key);
}

/* core.token_create(body, key) -> token | nil, err: both may be nil */
static int token_create(lua_State *L)
{
    azattest_bytes body = { NULL, 0 };
    const azattest_signing_key *key = optional_key(L, 2);
    struct azlua_box *failed, *made;
    azattest_token *token = NULL;
    azattest_error *error = NULL;
    azattest_status status;

    if (!lua_isnoneornil(L, 1))
        body = azlua_check_bytes(L, 1, "AttestationToken.create: the body");
    failed = azlua_box_new(L, &azlua_error);
    made = azlua_box_new(L, &azlua_token);
    status = azattest_token_create(body, key, &token, &error);
    made->object = token;
    failed->object = error;
    azlua_account(L, 4 * body.len);
    return azlua_answer(L, status);
}

/* core.create_policy_token(policy, key) -> token | nil, err: the key may be nil */
static int create_policy_token(lua_State *L)
{
    azattest_bytes text = azlua_check_policy_text(L, 1, "create_policy_token: the policy");
    const azattest_signing_key *key = optional_key(L, 2);
    struct azlua_box *failed = azlua_box_new(L, &azlua_error), *made = azlua_box_new(L, &azlua_token);
    azattest_token *token = NULL;
    azattest_error *error = NULL;
    azattest_status status = azattest_create_policy_token(text, key, &token, &error);

    made->object = token;
    failed->object = error;
    azlua_account(L, 4 * text.len);
    return azlua_answer(L, status);
}

/* core.stored_policy_new(policy) -> object | nil, err */
static int stored_policy_new(lua_State *L)
{
    azattest_bytes text = azlua_check_policy_text(L, 1, "StoredAttestationPolicy: the policy");
    struct azlua_box *failed = azlua_box_new(L, &azlua_error), *made = azlua_box_new(L, &azlua_stored_policy);
    azattest_stored_attestation_policy *policy = NULL;
    azattest_error *error = NULL;
    azattest_status status = azattest_stored_attestation_policy_new(text, &policy, &error);

    made->object = policy;
    failed->object = error;
    return azlua_answer(L, status);
}

/* core.stored_policy_parse(token) -> object | nil, err */
static int stored_policy_parse(lua_State *L)
{
    const azattest_token *token = azlua_check(L, 1, &azlua_token);
    struct azlua_box *failed = azlua_box_new(L, &azlua_error), *made = azlua_box_new(L, &azlua_stored_policy);
    azattest_stored_attestation_policy *policy = NULL;
    azattest_error *error = NULL;
    azattest_status status = azattest_stored_attestation_policy_parse(token, &policy, &error);

    made->object = policy;
    failed->object = error;
    return azlua_answer(L, status);
}

typedef azattest_status (*hashes)(azattest_bytes text, unsigned char hash[AZATTEST_HASH_SIZE], azattest_error **error);

static int hash_of(lua_State *L, const char *what, hashes function)
{
    azattest_bytes text = azlua_check_policy_text(L, 1, what);
    struct azlua_box *failed = azlua_box_new(L, &azlua_error);
    unsigned char hash[AZATTEST_HASH_SIZE];
    azattest_error *error = NULL;
    azattest_status status = function(text, hash, &error);

    failed->object = error;
    if (status != AZATTEST_OK)
        return azlua_answer_true(L, status);
    lua_pushlstring(L, (const char *)hash, sizeof(hash));
    return 1;
}

/* core.policy_hash(policy) -> 32 bytes | nil, err */
static int policy_hash(lua_State *L)
{
    return hash_of(L, "policy_hash: the policy", azattest_policy_hash);
}

/* core.policy_token_hash(text) -> 32 bytes | nil, err */
static int policy_token_hash(lua_State *L)
{
    return hash_of(L, "policy_token_hash: the token", azattest_policy_token_hash);
}

static int signing_key_to_text(lua_State *L)
{
    const char *algorithm = azattest_signing_key_algorithm(azlua_test(L, 1, &azlua_signing_key));

    lua_pushfstring(L, algorithm == NULL ? "%s (closed)" : "%s(%s)", azlua_signing_key.name, algorithm);
    return 1;
}

static const char *or_none(const char *text)
{
    return text == NULL ? "none" : text;
}

static int policy_result_to_text(lua_State *L)
{
    const azattest_policy_result *result = azlua_test(L, 1, &azlua_policy_result);

    lua_pushfstring(L, "%s(%s, signer=%s)", azlua_policy_result.name,
                    or_none(azattest_policy_result_policy_resolution(result)),
                    or_none(azattest_signer_key_type(azattest_policy_result_policy_signer(result))));
    return 1;
}

static int certificates_result_to_text(lua_State *L)
{
    const azattest_policy_certificates_modification_result *result = azlua_test(L, 1, &azlua_certificates_result);

    lua_pushfstring(L, "%s(%s, %s)", azlua_certificates_result.name,
                    or_none(azattest_policy_certificates_modification_result_certificate_resolution(result)),
                    or_none(azattest_policy_certificates_modification_result_certificate_thumbprint(result)));
    return 1;
}

/* ---- names ---- */

static void push_names(lua_State *L, const char *name, const char *const (*names)[2])
{
    lua_newtable(L);
    for (; (*names)[0] != NULL; names++) {
        azlua_push_text(L, (*names)[1]);
        lua_setfield(L, -2, (*names)[0]);
    }
    lua_setfield(L, 1, name);
}

static void register_names(lua_State *L)
{
    static const char *const types[][2] = { { "SGX_ENCLAVE", AZATTEST_TYPE_SGX_ENCLAVE },
                                            { "OPEN_ENCLAVE", AZATTEST_TYPE_OPEN_ENCLAVE },
                                            { "TPM", AZATTEST_TYPE_TPM },
                                            { "SEV_SNP_VM", AZATTEST_TYPE_SEV_SNP_VM },
                                            { "TDX_VM", AZATTEST_TYPE_TDX_VM },
                                            { "AZURE_GUEST", AZATTEST_TYPE_AZURE_GUEST },
                                            { NULL, NULL } };
    static const char *const policies[][2] = { { "UPDATED", AZATTEST_POLICY_UPDATED },
                                               { "REMOVED", AZATTEST_POLICY_REMOVED },
                                               { NULL, NULL } };
    static const char *const certificates[][2] = { { "IS_PRESENT", AZATTEST_CERTIFICATE_IS_PRESENT },
                                                   { "IS_ABSENT", AZATTEST_CERTIFICATE_IS_ABSENT },
                                                   { NULL, NULL } };

    push_names(L, "AttestationType", types);
    push_names(L, "PolicyModification", policies);
    push_names(L, "CertificateModification", certificates);
}

static const luaL_Reg client_readers[] = { { "endpoint", admin_client_endpoint },
                                           { "api_version", admin_client_api_version },
                                           { NULL, NULL } };
static const luaL_Reg client_metamethods[] = { { "__tostring", admin_client_to_text }, { NULL, NULL } };
static const luaL_Reg policy_readers[] = { { "policy_resolution", policy_result_policy_resolution },
                                           { "policy_token_hash", policy_result_policy_token_hash },
                                           { "policy_signer", policy_result_policy_signer },
                                           { "policy", policy_result_policy },
                                           { "policy_text", policy_result_policy_text },
                                           { NULL, NULL } };
static const luaL_Reg change_readers[] = { { "certificate_thumbprint", certificates_result_certificate_thumbprint },
                                           { "certificate_resolution", certificates_result_certificate_resolution },
                                           { NULL, NULL } };
static const luaL_Reg policy_metamethods[] = { { "__tostring", policy_result_to_text }, { NULL, NULL } };
static const luaL_Reg change_metamethods[] = { { "__tostring", certificates_result_to_text }, { NULL, NULL } };
static const luaL_Reg key_readers[] = { { "algorithm", signing_key_algorithm },
                                        { "key_type", signing_key_key_type },
                                        { "certificate_pem", signing_key_certificate_pem },
                                        { NULL, NULL } };
static const luaL_Reg key_metamethods[] = { { "__tostring", signing_key_to_text }, { NULL, NULL } };
static const luaL_Reg stored_readers[] = { { "attestation_policy", stored_policy_attestation_policy },
                                           { "json", stored_policy_json },
                                           { NULL, NULL } };
static const luaL_Reg functions[] = { { "admin_client_new", admin_client_new },
                                      { "admin_begin", admin_begin },
                                      { "take_admin_response", take_admin_response },
                                      { "signing_key_new", signing_key_new },
                                      { "token_create", token_create },
                                      { "create_policy_token", create_policy_token },
                                      { "stored_policy_new", stored_policy_new },
                                      { "stored_policy_parse", stored_policy_parse },
                                      { "policy_hash", policy_hash },
                                      { "policy_token_hash", policy_token_hash },
                                      { NULL, NULL } };

void azlua_register_admin(lua_State *L)
{
    static const struct azlua_members client = { NULL, client_readers, client_metamethods, 1 },
                                      policy = { NULL, policy_readers, policy_metamethods, 0 },
                                      change = { NULL, change_readers, change_metamethods, 0 },
                                      key = { NULL, key_readers, key_metamethods, 1 },
                                      stored = { NULL, stored_readers, NULL, 0 };

    azlua_class_register(L, &azlua_admin_client, &client);
    azlua_class_register(L, &azlua_policy_result, &policy);
    azlua_class_register(L, &azlua_certificates_result, &change);
    azlua_class_register(L, &azlua_signing_key, &key);
    azlua_class_register(L, &azlua_stored_policy, &stored);
    azlua_functions(L, functions);
    register_names(L);
}
