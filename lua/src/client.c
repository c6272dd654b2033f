/* AttestationClient, Verifier and OpenIdMetadata: configuration, key cache, and the beginning of operations. */
#include "options.h"
#include "readers.h"

#include <string.h>

CHECK(client, azattest_client)
CHECK(verifier, azattest_verifier)
CHECK(metadata, azattest_metadata)
READER(client, client, endpoint, azlua_push_text)
READER(client, client, api_version, azlua_push_text)
READER(verifier, verifier, endpoint, azlua_push_text)

static int verifier_endpoints(lua_State *L)
{
    const azattest_verifier *verifier = check_verifier(L);
    size_t i, count = azattest_verifier_endpoint_count(verifier);

    lua_createtable(L, (int)count, 0);
    for (i = 0; i < count; i++) {
        azlua_push_text(L, azattest_verifier_endpoint_at(verifier, i));
        lua_rawseti(L, -2, (int)i + 1);
    }
    return 1;
}
READER(metadata, metadata, issuer, azlua_push_text)
READER(metadata, metadata, jwks_uri, azlua_push_text)
READER(metadata, metadata, revocation_endpoint, azlua_push_text)
READER(metadata, metadata, claims_supported, azlua_push_json)
READER(metadata, metadata, response_types_supported, azlua_push_json)
READER(metadata, metadata, id_token_signing_alg_values_supported, azlua_push_json)

static int metadata_to_dict(lua_State *L)
{
    azlua_push_json(L, azattest_metadata_json(check_metadata(L)));
    return 1;
}

/* core.client_new(endpoint, options, agent, shared_keys) -> client | nil, err */
static int client_new(lua_State *L)
{
    const char *endpoint = azlua_check_text(L, 1, "AttestationClient: the endpoint");
    struct azlua_box *failed, *made;
    struct azlua_client options;
    azattest_client *client = NULL;
    azattest_error *error = NULL;
    azattest_status status;

    lua_settop(L, 4);
    failed = azlua_box_new(L, &azlua_error);
    made = azlua_box_new(L, &azlua_client);
    azlua_read_client(L, 2, "AttestationClient", &options);
    status = azattest_client_new(endpoint, &options.options, &client, &error);
    made->object = client;
    failed->object = error;
    lua_settop(L, 6);
    return azlua_answer(L, status);
}

/* The text at index 1, or the list of texts, which keeps them alive. */
static size_t read_endpoints(lua_State *L, const char *endpoints[AZATTEST_LIMIT_LIST])
{
    size_t i, count = lua_type(L, 1) == LUA_TTABLE ? lua_rawlen(L, 1) : 1;

    if (lua_type(L, 1) != LUA_TTABLE) {
        endpoints[0] = azlua_check_text(L, 1, "Verifier: the endpoint");
        return 1;
    }
    if (count == 0 || count > AZATTEST_LIMIT_LIST)
        azlua_usage(L, "Verifier: option 'endpoint' must hold 1 to %u addresses", AZATTEST_LIMIT_LIST);
    for (i = 0; i < count; i++) {
        lua_rawgeti(L, 1, (int)i + 1);
        endpoints[i] = azlua_check_text(L, -1, "Verifier: an endpoint");
        lua_pop(L, 1);
    }
    return count;
}

/* core.verifier_new(endpoint or list, options, agent, shared_keys) -> verifier | nil, err */
static int verifier_new(lua_State *L)
{
    const char *endpoints[AZATTEST_LIMIT_LIST];
    size_t count = read_endpoints(L, endpoints);
    struct azlua_box *failed, *made;
    struct azlua_client options;
    azattest_verifier *verifier = NULL;
    azattest_error *error = NULL;
    azattest_status status;

    lua_settop(L, 4);
    failed = azlua_box_new(L, &azlua_error);
    made = azlua_box_new(L, &azlua_verifier);
    azlua_read_client(L, 2, "Verifier", &options);
    status = azattest_verifier_new_many(endpoints, count, &options.options, &verifier, &error);
    made->object = verifier;
    failed->object = error;
    lua_settop(L, 6);
    return azlua_answer(L, status);
}

typedef azattest_status (*begins_attestation)(azattest_client *client, azattest_bytes evidence,
                                              const azattest_attest_options *options, azattest_op **op,
                                              azattest_error **error);

typedef void (*reads_options)(lua_State *L, int index, const char *who, struct azlua_attest *out);

static int attest_begin(lua_State *L, const char *who, const char *what, begins_attestation begin, reads_options read)
{
    azattest_client *client = check_client(L);
    azattest_bytes evidence = azlua_check_bytes(L, 2, what);
    struct azlua_box *failed, *made;
    struct azlua_attest options;
    azattest_op *op = NULL;
    azattest_error *error = NULL;
    azattest_status status;

    lua_settop(L, 3);
    failed = azlua_box_new(L, &azlua_error);
    made = azlua_box_new(L, &azlua_op);
    read(L, 3, who, &options);
    status = begin(client, evidence, &options.options, &op, &error);
    made->object = op;
    failed->object = error;
    lua_settop(L, 5);
    azlua_account(L, 4 * evidence.len);
    return azlua_answer(L, status);
}

/* core.attest_sgx_enclave_begin(client, quote, options) -> op | nil, err */
static int attest_sgx_enclave_begin(lua_State *L)
{
    return attest_begin(L, "attest_sgx_enclave", "attest_sgx_enclave: the quote",
                        azattest_client_attest_sgx_enclave_begin, azlua_read_attest);
}

/* core.attest_open_enclave_begin(client, report, options) -> op | nil, err */
static int attest_open_enclave_begin(lua_State *L)
{
    return attest_begin(L, "attest_open_enclave", "attest_open_enclave: the report",
                        azattest_client_attest_open_enclave_begin, azlua_read_attest);
}

#define ATTEST_BEGIN(name, argument, read)                                                                             \
    static int attest_##name##_begin(lua_State *L)                                                                     \
    {                                                                                                                  \
        return attest_begin(L, "attest_" #name, "attest_" #name ": the " argument,                                     \
                            azattest_client_attest_##name##_begin, read);                                              \
    }
ATTEST_BEGIN(sev_snp_vm, "report", azlua_read_attest)
ATTEST_BEGIN(tdx_vm, "quote", azlua_read_attest)
ATTEST_BEGIN(mdep_tz, "report", azlua_read_attest)
ATTEST_BEGIN(azure_guest, "attestation_info", azlua_read_attest_for_text)
ATTEST_BEGIN(key_guard, "attestation_info", azlua_read_attest_for_text)
ATTEST_BEGIN(tpm, "content", azlua_read_attest_for_text)
ATTEST_BEGIN(pluton, "content", azlua_read_attest_for_text)

/* core.get_tcb_baseline_begin(client, type, options) -> op | nil, err */
static int get_tcb_baseline_begin(lua_State *L)
{
    azattest_client *client = check_client(L);
    const char *type = azlua_check_text(L, 2, "get_tcb_baseline: the attestation type");
    struct azlua_box *failed, *made;
    azattest_tcb_baseline_options options;
    azattest_op *op = NULL;
    azattest_error *error = NULL;
    azattest_status status;

    lua_settop(L, 3);
    failed = azlua_box_new(L, &azlua_error);
    made = azlua_box_new(L, &azlua_op);
    azlua_read_tcb_baseline(L, 3, &options);
    status = azattest_client_get_tcb_baseline_begin(client, type, &options, &op, &error);
    made->object = op;
    failed->object = error;
    lua_settop(L, 5);
    return azlua_answer(L, status);
}

typedef azattest_status (*begins_fetch)(azattest_client *client, azattest_op **op, azattest_error **error);

static int fetch_begin(lua_State *L, begins_fetch begin)
{
    azattest_client *client = check_client(L);
    struct azlua_box *failed = azlua_box_new(L, &azlua_error), *made = azlua_box_new(L, &azlua_op);
    azattest_op *op = NULL;
    azattest_error *error = NULL;
    azattest_status status = begin(client, &op, &error);

    made->object = op;
    failed->object = error;
    return azlua_answer(L, status);
}

/* core.get_signing_certificates_begin(client) -> op | nil, err */
static int get_signing_certificates_begin(lua_State *L)
{
    return fetch_begin(L, azattest_client_get_signing_certificates_begin);
}

/* core.get_open_id_metadata_begin(client) -> op | nil, err */
static int get_open_id_metadata_begin(lua_State *L)
{
    return fetch_begin(L, azattest_client_get_open_id_metadata_begin);
}

/* core.validate_begin(verifier, token_text, options) -> op | nil, err */
static int validate_begin(lua_State *L)
{
    azattest_verifier *verifier = check_verifier(L);
    azattest_bytes text = azlua_check_bytes(L, 2, "validate: the token");
    struct azlua_box *failed, *made;
    struct azlua_validation validation;
    azattest_op *op = NULL;
    azattest_error *error = NULL;
    azattest_status status;

    lua_settop(L, 3);
    failed = azlua_box_new(L, &azlua_error);
    made = azlua_box_new(L, &azlua_op);
    azlua_read_validation(L, 3, "validate", &validation);
    status = azattest_verifier_validate_begin(verifier, text, &validation.options, &op, &error);
    made->object = op;
    failed->object = error;
    lua_settop(L, 5);
    return azlua_answer(L, status);
}

/* core.validate_cached(verifier, token_text, options) -> token | nil, err | false when keys have to be fetched */
static int validate_cached(lua_State *L)
{
    azattest_verifier *verifier = check_verifier(L);
    azattest_bytes text = azlua_check_bytes(L, 2, "validate: the token");
    struct azlua_box *failed, *made;
    struct azlua_validation validation;
    azattest_token *token = NULL;
    azattest_error *error = NULL;
    azattest_status status;

    lua_settop(L, 3);
    failed = azlua_box_new(L, &azlua_error);
    made = azlua_box_new(L, &azlua_token);
    azlua_read_validation(L, 3, "validate", &validation);
    status =
        azattest_verifier_validate_cached(verifier, text, lua_isnil(L, 3) ? NULL : &validation.options, &token, &error);
    made->object = token;
    failed->object = error;
    lua_settop(L, 5);
    /* A part of what the token holds: counted whole, the collector costs a server half as much as the signature. What
     * waits for it stays within a few times Lua's own heap either way. */
    azlua_account(L, text.len);
    if (status == AZATTEST_ABSENT) {
        lua_pushboolean(L, 0);
        return 1;
    }
    return azlua_answer(L, status);
}

/* verifier:export_keys(endpoint) -> JWKS text | nil | nil, err */
static int verifier_export_keys(lua_State *L)
{
    azattest_verifier *verifier = check_verifier(L);
    const char *endpoint = lua_isnoneornil(L, 2) ? NULL : azlua_check_text(L, 2, "export_keys: the endpoint");
    struct azlua_box *failed = azlua_box_new(L, &azlua_error), *made = azlua_box_new(L, &azlua_text);
    char *jwks = NULL;
    size_t length = 0;
    azattest_error *error = NULL;
    azattest_status status = azattest_verifier_export_keys(verifier, endpoint, &jwks, &length, &error);

    made->object = jwks;
    failed->object = error;
    if (status == AZATTEST_OK)
        lua_pushlstring(L, jwks, length);
    else if (status == AZATTEST_ABSENT)
        lua_pushnil(L);
    else
        return azlua_answer(L, status);
    azlua_box_clear(made, &azlua_text);
    return 1;
}

static int endpoint_to_text(lua_State *L, const char *name, const char *endpoint)
{
    luaL_Buffer buffer;

    luaL_buffinit(L, &buffer);
    luaL_addstring(&buffer, name);
    luaL_addstring(&buffer, endpoint == NULL ? " (closed" : "(");
    azlua_add_printable(&buffer, endpoint == NULL ? "" : endpoint);
    luaL_addstring(&buffer, ")");
    luaL_pushresult(&buffer);
    return 1;
}

static int client_to_text(lua_State *L)
{
    return endpoint_to_text(L, azlua_client.name, azattest_client_endpoint(azlua_test(L, 1, &azlua_client)));
}

static int verifier_to_text(lua_State *L)
{
    return endpoint_to_text(L, azlua_verifier.name, azattest_verifier_endpoint(azlua_test(L, 1, &azlua_verifier)));
}

static int metadata_to_text(lua_State *L)
{
    const azattest_metadata *metadata = azlua_test(L, 1, &azlua_metadata);
    const char *issuer = azattest_metadata_issuer(metadata);

    return endpoint_to_text(L, azlua_metadata.name, metadata != NULL && issuer == NULL ? "no issuer" : issuer);
}

static const luaL_Reg client_readers[] = { { "endpoint", client_endpoint },
                                           { "api_version", client_api_version },
                                           { NULL, NULL } };
static const luaL_Reg client_metamethods[] = { { "__tostring", client_to_text }, { NULL, NULL } };
static const luaL_Reg verifier_methods[] = { { "export_keys", verifier_export_keys }, { NULL, NULL } };
static const luaL_Reg verifier_readers[] = { { "endpoint", verifier_endpoint },
                                             { "endpoints", verifier_endpoints },
                                             { NULL, NULL } };
static const luaL_Reg verifier_metamethods[] = { { "__tostring", verifier_to_text }, { NULL, NULL } };
static const luaL_Reg metadata_methods[] = { { "to_dict", metadata_to_dict }, { NULL, NULL } };
static const luaL_Reg metadata_readers[] = { { "issuer", metadata_issuer },
                                             { "jwks_uri", metadata_jwks_uri },
                                             { "revocation_endpoint", metadata_revocation_endpoint },
                                             { "claims_supported", metadata_claims_supported },
                                             { "response_types_supported", metadata_response_types_supported },
                                             { "id_token_signing_alg_values_supported",
                                               metadata_id_token_signing_alg_values_supported },
                                             { NULL, NULL } };
static const luaL_Reg metadata_metamethods[] = { { "__tostring", metadata_to_text }, { NULL, NULL } };
static const luaL_Reg functions[] = { { "client_new", client_new },
                                      { "verifier_new", verifier_new },
                                      { "attest_sgx_enclave_begin", attest_sgx_enclave_begin },
                                      { "attest_open_enclave_begin", attest_open_enclave_begin },
                                      { "attest_sev_snp_vm_begin", attest_sev_snp_vm_begin },
                                      { "attest_tdx_vm_begin", attest_tdx_vm_begin },
                                      { "attest_mdep_tz_begin", attest_mdep_tz_begin },
                                      { "attest_azure_guest_begin", attest_azure_guest_begin },
                                      { "attest_key_guard_begin", attest_key_guard_begin },
                                      { "attest_tpm_begin", attest_tpm_begin },
                                      { "attest_pluton_begin", attest_pluton_begin },
                                      { "get_tcb_baseline_begin", get_tcb_baseline_begin },
                                      { "get_signing_certificates_begin", get_signing_certificates_begin },
                                      { "get_open_id_metadata_begin", get_open_id_metadata_begin },
                                      { "validate_begin", validate_begin },
                                      { "validate_cached", validate_cached },
                                      { NULL, NULL } };

void azlua_register_client(lua_State *L)
{
    static const struct azlua_members client = { NULL, client_readers, client_metamethods, 1 },
                                      verifier = { verifier_methods, verifier_readers, verifier_metamethods, 1 },
                                      metadata = { metadata_methods, metadata_readers, metadata_metamethods, 0 },
                                      none = { NULL, NULL, NULL, 0 };

    azlua_class_register(L, &azlua_client, &client);
    azlua_class_register(L, &azlua_verifier, &verifier);
    azlua_class_register(L, &azlua_metadata, &metadata);
    azlua_class_register(L, &azlua_text, &none);
    azlua_functions(L, functions);
}
