/* azattest.core: the library without any I/O. What users see of it, azattest.lua makes. */
#include "module.h"

#include <stdio.h>
#include <string.h>

static int core_version(lua_State *L)
{
    azlua_push_text(L, azattest_version());
    return 1;
}

static int core_defaults(lua_State *L)
{
    azattest_bytes json = { azattest_defaults(), 0 };

    json.len = strlen(json.ptr);
    azlua_push_json(L, json);
    return 1;
}

static azattest_status check_status(lua_State *L)
{
    if (lua_type(L, 1) != LUA_TNUMBER)
        azlua_usage(L, "a status is a number, got %s", luaL_typename(L, 1));
    return (azattest_status)lua_tointeger(L, 1);
}

static int core_status_name(lua_State *L)
{
    azlua_push_text(L, azattest_status_name(check_status(L)));
    return 1;
}

static int core_status_text(lua_State *L)
{
    azlua_push_text(L, azattest_status_text(check_status(L)));
    return 1;
}

static int core_status_check(lua_State *L)
{
    azlua_push_text(L, azattest_status_check(check_status(L)));
    return 1;
}

/* core.usage(text): raises, at the line of the caller's own code. */
static int core_usage(lua_State *L)
{
    return azlua_usage(L, "%s", luaL_checkstring(L, 1));
}

static void push_statuses(lua_State *L)
{
    lua_newtable(L);
#define STATUS(name, number, check, text)                                                                              \
    lua_pushinteger(L, number);                                                                                        \
    lua_setfield(L, -2, #name);
    AZATTEST_STATUS_LIST(STATUS)
#undef STATUS
}

/* Before anything of OpenSSL is used: another version would end in a crash. */
static void check_openssl(lua_State *L)
{
    char text[1024] = "no memory";
    azattest_error *error = NULL;

    if (azattest_check_openssl(&error) == AZATTEST_OK)
        return;
    if (error != NULL)
        snprintf(text, sizeof(text), "%s", azattest_error_message(error));
    azattest_error_free(error);
    luaL_error(L, "azattest: %s", text);
}

__attribute__((visibility("default"))) int luaopen_azattest_core(lua_State *L);

int luaopen_azattest_core(lua_State *L)
{
    static const luaL_Reg functions[] = { { "version", core_version },           { "defaults", core_defaults },
                                          { "status_name", core_status_name },   { "status_text", core_status_text },
                                          { "status_check", core_status_check }, { "usage", core_usage },
                                          { "own_source", azlua_own_source },    { NULL, NULL } };

    check_openssl(L);
    luaL_checkstack(L, 20, "azattest");
    lua_settop(L, 0);
    luaL_newlib(L, functions);
    push_statuses(L);
    lua_setfield(L, 1, "Status");
    azlua_json_register(L);
    lua_newtable(L);
    azlua_register_token(L);
    azlua_register_signer(L);
    azlua_register_result(L);
    azlua_register_secret(L);
    azlua_register_evidence(L);
    azlua_register_verdict(L);
    azlua_register_collateral(L);
    azlua_register_claim_set(L);
    azlua_register_policy(L);
    azlua_register_policy_outcome(L);
    azlua_register_error(L);
    azlua_register_client(L);
    azlua_register_credential(L);
    azlua_register_admin(L);
    azlua_register_op(L);
    azlua_register_options(L);
    lua_setfield(L, 1, "classes");
    return 1;
}
