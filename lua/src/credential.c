/* Credentials: made here, asked for tokens by operations. */
#include "options.h"
#include "readers.h"

CHECK(credential, azattest_credential)
READER(credential, credential, kind, azlua_push_text)

/* Boxes for the error and the credential, on the top. */
struct made {
    struct azlua_box *failed, *credential;
    azattest_credential *object;
    azattest_error *error;
};

static void begin(lua_State *L, struct made *made)
{
    made->failed = azlua_box_new(L, &azlua_error);
    made->credential = azlua_box_new(L, &azlua_credential);
    made->object = NULL;
    made->error = NULL;
}

static int end(lua_State *L, struct made *made, azattest_status status)
{
    made->credential->object = made->object;
    made->failed->object = made->error;
    return azlua_answer(L, status);
}

/* core.static_token_credential_new(token, expires_on) -> credential | nil, err */
static int static_token_new(lua_State *L)
{
    const char *token = azlua_check_text(L, 1, "static_token: the token");
    int64_t expires_on = 0;
    struct made made;

    lua_settop(L, 2);
    if (!lua_isnil(L, 2)) {
        if (lua_type(L, 2) != LUA_TNUMBER || !(lua_tonumber(L, 2) >= 1 && lua_tonumber(L, 2) < 1e15))
            return azlua_usage(L, "static_token: expires_on must be seconds since 1970");
        expires_on = (int64_t)lua_tonumber(L, 2);
    }
    begin(L, &made);
    return end(L, &made, azattest_static_token_credential_new(token, expires_on, &made.object, &made.error));
}

/* core.callback_credential_new() -> credential | nil, err: the Lua side gives its tokens */
static int callback_new(lua_State *L)
{
    struct made made;

    lua_settop(L, 0);
    begin(L, &made);
    return end(L, &made, azattest_callback_credential_new(NULL, NULL, NULL, &made.object, &made.error));
}

/* core.client_secret_credential_new(tenant_id, client_id, client_secret, options) -> credential | nil, err */
static int client_secret_new(lua_State *L)
{
    const char *tenant_id = azlua_check_text(L, 1, "client_secret: tenant_id");
    const char *client_id = azlua_check_text(L, 2, "client_secret: client_id");
    const char *secret = azlua_check_text(L, 3, "client_secret: client_secret");
    azattest_credential_options options;
    struct made made;

    lua_settop(L, 4);
    begin(L, &made);
    azlua_read_credential(L, 4, "client_secret", &options);
    return end(
        L, &made,
        azattest_client_secret_credential_new(tenant_id, client_id, secret, &options, &made.object, &made.error));
}

/* core.client_certificate_credential_new(tenant_id, client_id, certificate, password, options) -> credential | nil, err
 */
static int client_certificate_new(lua_State *L)
{
    const char *tenant_id = azlua_check_text(L, 1, "client_certificate: tenant_id");
    const char *client_id = azlua_check_text(L, 2, "client_certificate: client_id");
    azattest_bytes certificate = azlua_check_bytes(L, 3, "client_certificate: certificate_data");
    const char *password = lua_isnoneornil(L, 4) ? NULL : azlua_check_text(L, 4, "client_certificate: password");
    azattest_credential_options options;
    struct made made;

    lua_settop(L, 5);
    begin(L, &made);
    azlua_read_credential(L, 5, "client_certificate", &options);
    return end(L, &made,
               azattest_client_certificate_credential_new(tenant_id, client_id, certificate, password, &options,
                                                          &made.object, &made.error));
}

typedef azattest_status (*makes)(const azattest_credential_options *options, azattest_credential **out,
                                 azattest_error **error);

static int of_options(lua_State *L, const char *who, makes make)
{
    azattest_credential_options options;
    struct made made;

    lua_settop(L, 1);
    begin(L, &made);
    azlua_read_credential(L, 1, who, &options);
    return end(L, &made, make(&options, &made.object, &made.error));
}

/* core.NAME_credential_new(options) -> credential | nil, err */
#define OF_OPTIONS(name)                                                                                               \
    static int name##_new(lua_State *L)                                                                                \
    {                                                                                                                  \
        return of_options(L, #name, azattest_##name##_credential_new);                                                 \
    }
OF_OPTIONS(managed_identity)
OF_OPTIONS(workload_identity)
OF_OPTIONS(azure_cli)
OF_OPTIONS(environment)
OF_OPTIONS(default)

/* core.credential_get_token_begin(credential, scopes) -> op | nil, err */
static int get_token_begin(lua_State *L)
{
    azattest_credential *credential = check_credential(L);
    const char *scopes = azlua_check_text(L, 2, "get_token: the scope");
    azattest_client_options options = AZATTEST_CLIENT_OPTIONS_INIT;
    struct azlua_box *failed, *made;
    azattest_op *op = NULL;
    azattest_error *error = NULL;
    azattest_status status;

    lua_settop(L, 2);
    failed = azlua_box_new(L, &azlua_error);
    made = azlua_box_new(L, &azlua_op);
    status = azattest_credential_get_token_begin(credential, scopes, &options, &op, &error);
    made->object = op;
    failed->object = error;
    return azlua_answer(L, status);
}

static int credential_to_text(lua_State *L)
{
    const char *kind = azattest_credential_kind(azlua_test(L, 1, &azlua_credential));

    lua_pushfstring(L, "%s(%s)", azlua_credential.name, kind == NULL ? "closed" : kind);
    return 1;
}

void azlua_register_credential(lua_State *L)
{
    static const luaL_Reg readers[] = { { "kind", credential_kind }, { NULL, NULL } };
    static const luaL_Reg metamethods[] = { { "__tostring", credential_to_text }, { NULL, NULL } };
    static const luaL_Reg functions[] = { { "static_token_credential_new", static_token_new },
                                          { "callback_credential_new", callback_new },
                                          { "client_secret_credential_new", client_secret_new },
                                          { "client_certificate_credential_new", client_certificate_new },
                                          { "managed_identity_credential_new", managed_identity_new },
                                          { "workload_identity_credential_new", workload_identity_new },
                                          { "azure_cli_credential_new", azure_cli_new },
                                          { "environment_credential_new", environment_new },
                                          { "default_credential_new", default_new },
                                          { "credential_get_token_begin", get_token_begin },
                                          { NULL, NULL } };
    static const struct azlua_members members = { NULL, readers, metamethods, 1 };

    azlua_class_register(L, &azlua_credential, &members);
    azlua_functions(L, functions);
}
