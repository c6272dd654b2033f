/* Collateral and Appraisal: what is verified beside the evidence, and what is expected of it. Fetching. */
#include "options.h"
#include "readers.h"

CHECK(collateral, azattest_collateral)
CHECK(appraisal, azattest_appraisal)
CHECK(op, azattest_op)

/* ---- Collateral ---- */

/* core.collateral_new() -> collateral | nil, err */
static int collateral_new(lua_State *L)
{
    struct azlua_box *failed = azlua_box_new(L, &azlua_error), *made = azlua_box_new(L, &azlua_collateral);
    azattest_collateral *collateral = NULL;
    azattest_error *error = NULL;
    azattest_status status = azattest_collateral_new(&collateral, &error);

    made->object = collateral;
    failed->object = error;
    return azlua_answer(L, status);
}

/* collateral:add(content) -> true | nil, err */
static int collateral_add(lua_State *L)
{
    azattest_collateral *collateral = check_collateral(L);
    azattest_bytes content = azlua_check_bytes(L, 2, "add: the content");
    struct azlua_box *failed = azlua_box_new(L, &azlua_error);
    azattest_error *error = NULL;
    azattest_status status = azattest_collateral_add(collateral, content, &error);

    failed->object = error;
    azlua_account(L, 4 * content.len);
    return azlua_answer_true(L, status);
}

/* collateral:add_response(item, body, issuer_chain or nil) -> true | nil, err */
static int collateral_add_response(lua_State *L)
{
    azattest_collateral *collateral = check_collateral(L);
    const char *item = azlua_check_text(L, 2, "add_response: the item");
    azattest_bytes body = azlua_check_bytes(L, 3, "add_response: the body"), chain = { NULL, 0 };
    struct azlua_box *failed;
    azattest_error *error = NULL;
    azattest_status status;

    if (!lua_isnoneornil(L, 4))
        chain = azlua_check_bytes(L, 4, "add_response: the issuer chain");
    failed = azlua_box_new(L, &azlua_error);
    status = azattest_collateral_add_response(collateral, item, body, chain, &error);
    failed->object = error;
    azlua_account(L, 4 * (body.len + chain.len));
    return azlua_answer_true(L, status);
}

/* collateral:describe() -> table */
static int collateral_describe(lua_State *L)
{
    return azlua_push_made(L, azattest_collateral_describe(check_collateral(L)));
}

/* collateral:save() -> string | nil, err */
static int collateral_save(lua_State *L)
{
    const azattest_collateral *collateral = check_collateral(L);
    struct azlua_box *failed = azlua_box_new(L, &azlua_error), *made = azlua_box_new(L, &azlua_text);
    unsigned char *text = NULL;
    size_t length = 0;
    azattest_error *error = NULL;
    azattest_status status = azattest_collateral_save(collateral, &text, &length, &error);

    made->object = text;
    failed->object = error;
    if (status != AZATTEST_OK)
        return azlua_answer(L, status);
    lua_pushlstring(L, made->object, length);
    azlua_box_clear(made, &azlua_text);
    return 1;
}

static int collateral_expires(lua_State *L)
{
    azlua_push_moment(L, azattest_collateral_expires_ms(check_collateral(L)));
    return 1;
}

static int collateral_to_text(lua_State *L)
{
    const azattest_collateral *collateral = azlua_test(L, 1, &azlua_collateral);
    int64_t expires_ms = azattest_collateral_expires_ms(collateral);
    luaL_Buffer buffer;

    luaL_buffinit(L, &buffer);
    luaL_addstring(&buffer, collateral == NULL ? "Collateral (closed" : "Collateral(");
    if (expires_ms != 0) {
        luaL_addstring(&buffer, "expires=");
        azlua_add_time(&buffer, expires_ms / 1000);
    }
    luaL_addstring(&buffer, ")");
    luaL_pushresult(&buffer);
    return 1;
}

/* ---- Appraisal ---- */

/* core.appraisal_parse(json) -> appraisal | nil, err */
static int appraisal_parse(lua_State *L)
{
    azattest_bytes json = azlua_check_bytes(L, 1, "Appraisal: the text");
    struct azlua_box *failed = azlua_box_new(L, &azlua_error), *made = azlua_box_new(L, &azlua_appraisal);
    azattest_appraisal *appraisal = NULL;
    azattest_error *error = NULL;
    azattest_status status = azattest_appraisal_parse(json, &appraisal, &error);

    made->object = appraisal;
    failed->object = error;
    azlua_account(L, 4 * json.len);
    return azlua_answer(L, status);
}

static int appraisal_to_dict(lua_State *L)
{
    return azlua_push_made(L, azattest_appraisal_json(check_appraisal(L)));
}

static int appraisal_to_text(lua_State *L)
{
    azattest_bytes json = azattest_appraisal_json(azlua_test(L, 1, &azlua_appraisal));
    luaL_Buffer buffer;

    luaL_buffinit(L, &buffer);
    luaL_addstring(&buffer, json.ptr == NULL ? "Appraisal (closed" : "Appraisal(");
    azlua_add_printable(&buffer, json.ptr == NULL ? "" : json.ptr);
    luaL_addstring(&buffer, ")");
    luaL_pushresult(&buffer);
    return 1;
}

/* ---- fetching ---- */

/* core.collateral_fetch_begin(evidence, options, agent) -> op | nil, err */
static int collateral_fetch_begin(lua_State *L)
{
    const azattest_evidence *evidence = azlua_check(L, 1, &azlua_evidence);
    struct azlua_box *failed, *made;
    struct azlua_fetching options;
    azattest_op *op = NULL;
    azattest_error *error = NULL;
    azattest_status status;

    lua_settop(L, 3);
    failed = azlua_box_new(L, &azlua_error);
    made = azlua_box_new(L, &azlua_op);
    azlua_read_fetching(L, 2, "fetch_collateral", &options);
    status = azattest_collateral_fetch_begin(&options.options, evidence, &op, &error);
    made->object = op;
    failed->object = error;
    lua_settop(L, 5);
    return azlua_answer(L, status);
}

int azlua_op_take_collateral(lua_State *L)
{
    azattest_op *op = check_op(L);
    struct azlua_box *box = azlua_box_new(L, &azlua_collateral);

    box->object = azattest_op_take_collateral(op);
    if (box->object == NULL)
        lua_pushnil(L);
    return 1;
}

int azlua_op_collateral_items(lua_State *L)
{
    const azattest_op *op = check_op(L);
    size_t i, count = azattest_op_collateral_count(op);

    lua_createtable(L, (int)count, 0);
    for (i = 0; i < count; i++) {
        lua_createtable(L, 0, 4);
        azlua_push_text(L, azattest_op_collateral_item(op, i));
        lua_setfield(L, -2, "item");
        azlua_push_text(L, azattest_op_collateral_key(op, i));
        lua_setfield(L, -2, "key");
        lua_pushboolean(L, azattest_op_has_collateral(op, i));
        lua_setfield(L, -2, "is_there");
        azlua_push_bytes(L, azattest_op_collateral_record(op, i));
        lua_setfield(L, -2, "record");
        lua_rawseti(L, -2, (int)i + 1);
    }
    return 1;
}

int azlua_op_give_collateral(lua_State *L)
{
    azattest_op *op = check_op(L);
    lua_Number place = luaL_checknumber(L, 2);
    azattest_bytes record = azlua_check_bytes(L, 3, "give_collateral: the record");
    struct azlua_box *failed = azlua_box_new(L, &azlua_error);
    azattest_error *error = NULL;
    azattest_status status;

    if (!(place >= 1 && place <= 1000))
        return azlua_usage(L, "give_collateral: there is no such item");
    status = azattest_op_give_collateral(op, (size_t)place - 1, record, lua_toboolean(L, 4) != 0, &error);
    failed->object = error;
    if (status == AZATTEST_ABSENT) {
        lua_pushboolean(L, 0);
        return 1;
    }
    return azlua_answer_true(L, status);
}

static const luaL_Reg collateral_methods[] = { { "add", collateral_add },
                                               { "add_response", collateral_add_response },
                                               { "describe", collateral_describe },
                                               { "save", collateral_save },
                                               { NULL, NULL } };
static const luaL_Reg collateral_readers[] = { { "expires", collateral_expires }, { NULL, NULL } };
static const luaL_Reg collateral_metamethods[] = { { "__tostring", collateral_to_text }, { NULL, NULL } };
static const luaL_Reg appraisal_methods[] = { { "to_dict", appraisal_to_dict }, { NULL, NULL } };
static const luaL_Reg appraisal_metamethods[] = { { "__tostring", appraisal_to_text }, { NULL, NULL } };
static const luaL_Reg functions[] = { { "collateral_new", collateral_new },
                                      { "appraisal_parse", appraisal_parse },
                                      { "collateral_fetch_begin", collateral_fetch_begin },
                                      { NULL, NULL } };

void azlua_register_collateral(lua_State *L)
{
    static const struct azlua_members collateral = { collateral_methods, collateral_readers, collateral_metamethods,
                                                     0 },
                                      appraisal = { appraisal_methods, NULL, appraisal_metamethods, 0 };

    azlua_class_register(L, &azlua_collateral, &collateral);
    azlua_class_register(L, &azlua_appraisal, &appraisal);
    azlua_functions(L, functions);
}
