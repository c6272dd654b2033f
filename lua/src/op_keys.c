/* The keys that an operation wants of a driver which shares them between processes: methods of op.c's class. */
#include "options.h"
#include "readers.h"

CHECK(op, azattest_op)

/* op:keys() -> {url =, kid =, unknown =, failure =}, or nil when none are wanted */
int azlua_op_keys(lua_State *L)
{
    azattest_op *op = check_op(L);

    if (azattest_op_keys_url(op) == NULL) {
        lua_pushnil(L);
        return 1;
    }
    lua_createtable(L, 0, 4);
    azlua_push_text(L, azattest_op_keys_url(op));
    lua_setfield(L, -2, "url");
    azlua_push_text(L, azattest_op_keys_kid(op));
    lua_setfield(L, -2, "kid");
    lua_pushboolean(L, azattest_op_keys_unknown(op));
    lua_setfield(L, -2, "unknown");
    azlua_push_text(L, azattest_op_keys_failure(op));
    lua_setfield(L, -2, "failure");
    return 1;
}

/* Seconds as milliseconds; negative for what is absent, or no such time. */
static int64_t milliseconds_at(lua_State *L, int index)
{
    lua_Number value = lua_type(L, index) == LUA_TNUMBER ? lua_tonumber(L, index) : -1;

    return value >= 0 && value < 1e12 ? (int64_t)(value * 1000) : -1;
}

/* op:give_keys(jwks, age, max_age, warning) -> true, or false when the set cannot be used and none was taken */
int azlua_op_give_keys(lua_State *L)
{
    azattest_op *op = check_op(L);
    azattest_bytes jwks = azlua_check_bytes(L, 2, "give_keys: the key set");
    const char *warning = lua_isnoneornil(L, 5) ? NULL : azlua_check_text(L, 5, "give_keys: the warning");
    azattest_status status = azattest_op_give_keys(op, jwks, milliseconds_at(L, 3), milliseconds_at(L, 4), warning);

    if (status == AZATTEST_E_STATE)
        return azlua_usage(L, "the operation did not ask for keys");
    lua_pushboolean(L, status == AZATTEST_OK);
    return 1;
}

/* op:fetch_keys() */
int azlua_op_fetch_keys(lua_State *L)
{
    if (azattest_op_fetch_keys(check_op(L)) == AZATTEST_E_STATE)
        return azlua_usage(L, "the operation did not ask for keys");
    return 0;
}

/* op:fetched_keys() -> text, max_age in seconds; or nil */
int azlua_op_fetched_keys(lua_State *L)
{
    int64_t max_age_ms;
    azattest_bytes jwks = azattest_op_fetched_keys(check_op(L), &max_age_ms);

    azlua_push_bytes(L, jwks); /* nil when there is none */
    if (jwks.ptr == NULL)
        return 1;
    lua_pushnumber(L, (lua_Number)max_age_ms / 1000);
    return 2;
}
