/* Error: what comes back beside nil. People concatenate it and assert on it, so it turns into text by itself. */
#include "readers.h"

CHECK(error, azattest_error)
READER(error, error, code, lua_pushinteger)
READER(error, error, message, azlua_push_text)
READER(error, error, hint, azlua_push_text)
READER(error, error, status_code, lua_pushinteger)
READER(error, error, reason, azlua_push_text)
READER(error, error, error_code, azlua_push_text)
READER(error, error, service_message, azlua_push_text)
READER(error, error, target, azlua_push_text)
READER(error, error, client_request_id, azlua_push_text)
READER(error, error, request_id, azlua_push_text)
READER(error, error, attempts, lua_pushinteger)
READER(error, error, body, azlua_push_text)

READER(error, error, details, azlua_push_json_text)
READER(error, error, inner_error, azlua_push_json_text)

static int error_retry_after(lua_State *L)
{
    int64_t wait_ms = azattest_error_retry_after_ms(check_error(L));

    if (wait_ms < 0)
        lua_pushnil(L);
    else
        lua_pushnumber(L, (lua_Number)wait_ms / 1000);
    return 1;
}

static int error_problems(lua_State *L)
{
    const azattest_error *error = check_error(L);
    size_t i, count = azattest_error_problem_count(error);

    lua_createtable(L, (int)count, 0);
    for (i = 0; i < count; i++) {
        azlua_push_problem(L, azattest_error_problem_code(error, i), azattest_error_problem_detail(error, i));
        lua_rawseti(L, -2, (int)i + 1);
    }
    /* The caller's own check runs on this side of the core, which knows nothing of it. */
    if (count == 0 && azattest_error_code(error) == AZATTEST_E_TOKEN_CALLBACK) {
        azlua_push_problem(L, AZATTEST_E_TOKEN_CALLBACK, azattest_error_message(error));
        lua_rawseti(L, -2, 1);
    }
    return 1;
}

/* "AZATTEST_E_TOKEN_EXPIRED: what was seen and expected; the next step" */
static int error_to_text(lua_State *L)
{
    const azattest_error *error = azlua_test(L, 1, &azlua_error);
    const char *hint = azattest_error_hint(error);

    if (error == NULL)
        lua_pushliteral(L, "Error (closed)");
    else
        lua_pushfstring(L, "%s: %s%s%s", azattest_status_name(azattest_error_code(error)),
                        azattest_error_message(error), hint == NULL ? "" : "; ", hint == NULL ? "" : hint);
    return 1;
}

static void push_operand(lua_State *L, int index)
{
    if (lua_isstring(L, index)) {
        lua_pushvalue(L, index); /* numbers too, as Lua's own concatenation has it */
        return;
    }
    if (luaL_testudata(L, index, azlua_error.registry) == NULL)
        azlua_usage(L, "attempt to concatenate an Error and a value of type %s", luaL_typename(L, index));
    lua_pushcfunction(L, error_to_text);
    lua_pushvalue(L, index);
    lua_call(L, 1, 1); /* our own function: it neither yields nor fails */
}

static int error_concat(lua_State *L)
{
    push_operand(L, 1);
    push_operand(L, 2);
    lua_concat(L, 2);
    return 1;
}

/* core.error_new(code, message) -> error */
static int error_new(lua_State *L)
{
    int code = (int)luaL_checkinteger(L, 1);
    const char *message = luaL_checkstring(L, 2);
    struct azlua_box *box = azlua_box_new(L, &azlua_error);

    if ((box->object = azattest_error_new((azattest_status)code, message)) == NULL)
        return azlua_usage(L, "%s", azattest_status_text(AZATTEST_E_MEMORY));
    return 1;
}

static const luaL_Reg readers[] = { { "code", error_code },
                                    { "message", error_message },
                                    { "hint", error_hint },
                                    { "status_code", error_status_code },
                                    { "reason", error_reason },
                                    { "error_code", error_error_code },
                                    { "service_message", error_service_message },
                                    { "target", error_target },
                                    { "details", error_details },
                                    { "inner_error", error_inner_error },
                                    { "client_request_id", error_client_request_id },
                                    { "request_id", error_request_id },
                                    { "retry_after", error_retry_after },
                                    { "attempts", error_attempts },
                                    { "body", error_body },
                                    { "problems", error_problems },
                                    { NULL, NULL } };
static const luaL_Reg metamethods[] = { { "__tostring", error_to_text }, { "__concat", error_concat }, { NULL, NULL } };
static const luaL_Reg functions[] = { { "error_new", error_new }, { NULL, NULL } };

void azlua_register_error(lua_State *L)
{
    static const struct azlua_members members = { NULL, readers, metamethods, 0 };

    azlua_class_register(L, &azlua_error, &members);
    azlua_functions(L, functions);
}
