/* The option `require_claims`: names, or names with values, whose JSON text the library takes. */
#include "options.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Pushes the JSON text of a required value at the top: a string, a whole number, a boolean or azattest.null. */
static void push_json_of(lua_State *L, const char *what)
{
    static const char *const escapes = "\"\\";
    luaL_Buffer buffer;
    const char *text;
    size_t i, length;
    char unit[8], digits[32];

    switch (lua_type(L, -1)) {
    case LUA_TBOOLEAN:
        lua_pushstring(L, lua_toboolean(L, -1) ? "true" : "false");
        return;
    case LUA_TLIGHTUSERDATA:
        if (lua_touserdata(L, -1) != NULL)
            break;
        lua_pushliteral(L, "null");
        return;
    case LUA_TNUMBER:
        if (lua_tonumber(L, -1) != floor(lua_tonumber(L, -1)) || fabs(lua_tonumber(L, -1)) > 9007199254740992.0)
            break;
        snprintf(digits, sizeof(digits), "%.0f", (double)lua_tonumber(L, -1));
        lua_pushstring(L, digits);
        return;
    case LUA_TSTRING:
        text = lua_tolstring(L, -1, &length);
        luaL_buffinit(L, &buffer);
        luaL_addchar(&buffer, '"');
        for (i = 0; i < length; i++) {
            if (strchr(escapes, text[i]) != NULL && text[i] != '\0')
                luaL_addchar(&buffer, '\\');
            if ((unsigned char)text[i] < 0x20) {
                snprintf(unit, sizeof(unit), "\\u%04x", (unsigned)text[i]);
                luaL_addstring(&buffer, unit);
            } else {
                luaL_addchar(&buffer, text[i]);
            }
        }
        luaL_addchar(&buffer, '"');
        luaL_pushresult(&buffer);
        return;
    default:
        break;
    }
    azlua_usage(L, "%s: values must be strings, whole numbers, booleans or azattest.null", what);
}

/* The table of claims is at the top. Leaves a table on the stack that keeps the values' JSON text alive. */
void azlua_read_claims(lua_State *L, const char *what, struct azlua_validation *out)
{
    size_t count = 0;
    int given = lua_gettop(L), anchors = given + 1;

    if (lua_type(L, given) != LUA_TTABLE)
        azlua_usage(L, "%s must be a table of claims, got %s", what, luaL_typename(L, given));
    azlua_check_plain(L, given, what);
    lua_newtable(L);
    for (lua_pushnil(L); lua_next(L, given) != 0; lua_settop(L, anchors + 1)) {
        azattest_claim_requirement *claim = &out->claims[count];

        if (count++ == AZATTEST_LIMIT_LIST)
            azlua_usage(L, "%s holds more than %u claims", what, AZATTEST_LIMIT_LIST);
        if (lua_type(L, -2) == LUA_TNUMBER) { /* a name alone */
            claim->name = azlua_check_text(L, -1, what);
            claim->value_json = NULL;
            continue;
        }
        claim->name = azlua_check_text(L, -2, what);
        push_json_of(L, what);
        claim->value_json = lua_tostring(L, -1);
        lua_rawseti(L, anchors, (int)count);
    }
    if (count == 0)
        azlua_usage(L, "%s is empty", what);
    out->options.require_claims = out->claims;
    out->options.require_claim_count = count;
}
