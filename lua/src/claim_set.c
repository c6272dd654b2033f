/* ClaimSet: what the conditions of a policy see. Tables of claims become JSON text on the Lua side. */
#include "options.h"
#include "readers.h"

CHECK(claim_set, azattest_claim_set)

/* The end of a call, for which there are the error's box and, on the top, the set's. */
static int answer_set(lua_State *L, azattest_status status, azattest_claim_set *set, azattest_error *error)
{
    struct azlua_box *failed = lua_touserdata(L, -2), *made = lua_touserdata(L, -1);

    made->object = set;
    failed->object = error;
    azlua_account(L, azattest_claim_set_count(set) * 128);
    return azlua_answer_read(L, status);
}

/* core.claim_set_new() -> set | nil, err */
static int claim_set_new(lua_State *L)
{
    azattest_claim_set *set = NULL;
    azattest_error *error = NULL;
    azattest_status status;

    azlua_box_new(L, &azlua_error);
    azlua_box_new(L, &azlua_claim_set);
    status = azattest_claim_set_new(&set, &error);
    return answer_set(L, status, set, error);
}

/* core.claim_set_from_claims(json, options, who) -> set | nil, err */
static int claim_set_from_claims(lua_State *L)
{
    azattest_bytes json = azlua_check_bytes(L, 1, "ClaimSet: the JSON text");
    const char *who = azlua_check_text(L, 3, "claim_set_from_claims: the caller's name");
    azattest_claims_options options;
    azattest_claim_set *set = NULL;
    azattest_error *error = NULL;
    azattest_status status;

    lua_settop(L, 3);
    azlua_read_claim_source(L, 2, who, &options);
    azlua_box_new(L, &azlua_error);
    azlua_box_new(L, &azlua_claim_set);
    status = azattest_claim_set_from_claims(json, &options, &set, &error);
    return answer_set(L, status, set, error);
}

/* core.claim_set_from_token(token, options, who) -> set | nil, err */
static int claim_set_from_token(lua_State *L)
{
    const azattest_token *token = azlua_check(L, 1, &azlua_token);
    const char *who = azlua_check_text(L, 3, "claim_set_from_token: the caller's name");
    azattest_claims_options options;
    azattest_claim_set *set = NULL;
    azattest_error *error = NULL;
    azattest_status status;

    lua_settop(L, 3);
    azlua_read_claim_source(L, 2, who, &options);
    azlua_box_new(L, &azlua_error);
    azlua_box_new(L, &azlua_claim_set);
    status = azattest_claim_set_from_token(token, &options, &set, &error);
    return answer_set(L, status, set, error);
}

/* core.result_token(result) -> token | nil, err: an unsecured one of the same claims. */
static int result_token(lua_State *L)
{
    const azattest_result *result = azlua_check(L, 1, &azlua_result);
    azattest_bytes claims = azattest_result_claims(result);
    const char *issuer = NULL;
    struct azlua_box *failed, *made;
    azattest_token *token = NULL;
    azattest_error *error = NULL;
    azattest_status status;

    if (azattest_result_issuer(result, &issuer) == AZATTEST_ABSENT)
        return azlua_usage(L, "an AttestationResult without an issuer is no token's own: give the one around it");
    failed = azlua_box_new(L, &azlua_error);
    made = azlua_box_new(L, &azlua_token);
    status = azattest_token_create(claims, NULL, &token, &error);
    made->object = token;
    failed->object = error;
    azlua_account(L, 4 * claims.len);
    return azlua_answer(L, status);
}

/* core.claim_set_from_evidence(evidence, options, who) -> set | nil, err */
static int claim_set_from_evidence(lua_State *L)
{
    const azattest_evidence *evidence = azlua_check(L, 1, &azlua_evidence);
    const char *who = azlua_check_text(L, 3, "claim_set_from_evidence: the caller's name");
    azattest_claims_options options;
    azattest_claim_set *set = NULL;
    azattest_error *error = NULL;
    azattest_status status;

    lua_settop(L, 3);
    azlua_read_claim_source(L, 2, who, &options);
    azlua_box_new(L, &azlua_error);
    azlua_box_new(L, &azlua_claim_set);
    status = azattest_claim_set_from_evidence(evidence, &options, &set, &error);
    return answer_set(L, status, set, error);
}

/* core.claim_source(value) -> "set", "token", "result", "evidence"; nil: something else */
static int claim_source(lua_State *L)
{
    const char *source = NULL;

    luaL_checkany(L, 1);
    if (luaL_testudata(L, 1, azlua_claim_set.registry) != NULL)
        source = "set";
    else if (luaL_testudata(L, 1, azlua_token.registry) != NULL)
        source = "token";
    else if (luaL_testudata(L, 1, azlua_result.registry) != NULL)
        source = "result";
    else if (luaL_testudata(L, 1, azlua_evidence.registry) != NULL)
        source = "evidence";
    azlua_push_text(L, source);
    return 1;
}

/* set:add(type, value, issuer or nil) -> true | nil, err */
static int claim_set_add(lua_State *L)
{
    azattest_claim_set *set = check_claim_set(L);
    const char *type = azlua_check_text(L, 2, "add: the type");
    const char *issuer = lua_isnoneornil(L, 4) ? NULL : azlua_check_text(L, 4, "add: the issuer");
    azattest_bytes text = { NULL, 0 };
    int64_t integer = 0;
    struct azlua_box *failed;
    azattest_error *error = NULL;
    azattest_status status;
    int kind = lua_type(L, 3);

    lua_settop(L, 4);
    if (kind == LUA_TSTRING)
        text = azlua_check_bytes(L, 3, "add: the value");
    else if (kind != LUA_TBOOLEAN)
        integer = azlua_check_integer(L, 3, "add: the value");
    failed = azlua_box_new(L, &azlua_error);
    if (kind == LUA_TSTRING)
        status = azattest_claim_set_add_string(set, type, text, issuer, &error);
    else if (kind == LUA_TBOOLEAN)
        status = azattest_claim_set_add_boolean(set, type, lua_toboolean(L, 3) != 0, issuer, &error);
    else
        status = azattest_claim_set_add_integer(set, type, integer, issuer, &error);
    failed->object = error;
    azlua_account(L, text.len);
    return azlua_answer_true(L, status);
}

static int claim_set_claims(lua_State *L)
{
    return azlua_push_claims(L, azattest_claim_set_json(check_claim_set(L)));
}

static int claim_set_length(lua_State *L)
{
    azlua_push_integer(L, (int64_t)azattest_claim_set_count(check_claim_set(L)));
    return 1;
}

/* The types of the first claims, each once where it comes several times in a row. */
static int claim_set_to_text(lua_State *L)
{
    enum { shown = 6 };
    const azattest_claim_set *set = azlua_test(L, 1, &azlua_claim_set);
    size_t i, count = azattest_claim_set_count(set);
    luaL_Buffer buffer;

    if (set == NULL) {
        lua_pushliteral(L, "ClaimSet (closed)");
        return 1;
    }
    lua_settop(L, 1);
    lua_pushfstring(L, "ClaimSet(%d claim%s", (int)count, count == 1 ? "" : "s");
    luaL_buffinit(L, &buffer);
    luaL_addstring(&buffer, lua_tostring(L, 2));
    for (i = 0; i < count && i < shown; i++) {
        luaL_addstring(&buffer, i == 0 ? ": " : ", ");
        azlua_add_printable(&buffer, azattest_claim_set_type(set, i));
    }
    luaL_addstring(&buffer, count > shown ? ", ...)" : ")");
    luaL_pushresult(&buffer);
    return 1;
}

static const luaL_Reg methods[] = { { "add", claim_set_add }, { NULL, NULL } };
static const luaL_Reg readers[] = { { "claims", claim_set_claims }, { NULL, NULL } };
static const luaL_Reg metamethods[] = { { "__tostring", claim_set_to_text },
                                        { "__len", claim_set_length },
                                        { NULL, NULL } };
static const luaL_Reg functions[] = { { "claim_set_new", claim_set_new },
                                      { "claim_set_from_claims", claim_set_from_claims },
                                      { "claim_set_from_token", claim_set_from_token },
                                      { "claim_set_from_evidence", claim_set_from_evidence },
                                      { "claim_source", claim_source },
                                      { "result_token", result_token },
                                      { NULL, NULL } };

void azlua_register_claim_set(lua_State *L)
{
    static const struct azlua_members members = { methods, readers, metamethods, 0 };

    azlua_class_register(L, &azlua_claim_set, &members);
    azlua_functions(L, functions);
}
