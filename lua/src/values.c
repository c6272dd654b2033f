/* Plain values from and to Lua. */
#include "module.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

azattest_bytes azlua_check_bytes(lua_State *L, int index, const char *what)
{
    azattest_bytes bytes = { NULL, 0 };

    if (lua_type(L, index) != LUA_TSTRING) /* a number would be turned into text silently */
        azlua_usage(L, "%s must be a string, got %s", what, luaL_typename(L, index));
    bytes.ptr = lua_tolstring(L, index, &bytes.len);
    return bytes;
}

const char *azlua_check_text(lua_State *L, int index, const char *what)
{
    azattest_bytes text = azlua_check_bytes(L, index, what);

    if (memchr(text.ptr, '\0', text.len) != NULL)
        azlua_usage(L, "%s holds a NUL character", what);
    return text.ptr;
}

void azlua_push_text(lua_State *L, const char *text)
{
    lua_pushstring(L, text); /* pushes nil for NULL, in both machines */
}

void azlua_push_bytes(lua_State *L, azattest_bytes bytes)
{
    if (bytes.ptr == NULL)
        lua_pushnil(L);
    else
        lua_pushlstring(L, bytes.ptr, bytes.len);
}

void azlua_push_integer(lua_State *L, int64_t value)
{
#if LUA_VERSION_NUM >= 503
    lua_pushinteger(L, value);
#else
    char text[24];

    if (value >= -9007199254740992 && value <= 9007199254740992) {
        lua_pushnumber(L, (lua_Number)value);
        return;
    }
    snprintf(text, sizeof(text), "%" PRId64, value);
    lua_pushstring(L, text);
#endif
}

void azlua_push_unsigned(lua_State *L, uint64_t value)
{
    char text[24];

    if (value <= INT64_MAX) {
        azlua_push_integer(L, (int64_t)value);
        return;
    }
    snprintf(text, sizeof(text), "%" PRIu64, value);
    lua_pushstring(L, text);
}

void azlua_push_moment(lua_State *L, int64_t moment_ms)
{
    if (moment_ms == 0)
        lua_pushnil(L);
    else if (moment_ms % 1000 == 0)
        azlua_push_integer(L, moment_ms / 1000);
    else
        lua_pushnumber(L, (lua_Number)moment_ms / 1000);
}

void azlua_push_status(lua_State *L, const char *what, azattest_status status)
{
    azlua_push_claim_status(L, (azattest_bytes){ NULL, 0 }, what, status);
}

void azlua_push_claim_status(lua_State *L, azattest_bytes claims, const char *what, azattest_status status)
{
    azattest_error *reason = NULL;
    char text[320];
    struct azlua_box *box;

    if (status == AZATTEST_ABSENT) {
        lua_pushnil(L);
        return;
    }
    /* A reader gives one value, so the failure cannot come back beside a nil that would read as "absent". */
    if (status == AZATTEST_E_TYPE)
        reason = azattest_claim_error(claims, what);
    snprintf(text, sizeof(text), "%s: %s", what,
             reason == NULL ? azattest_status_text(status) : azattest_error_message(reason));
    azattest_error_free(reason);
    box = azlua_box_new(L, &azlua_error);
    if ((box->object = azattest_error_new(status, text)) == NULL)
        azlua_usage(L, "%s", text);
    lua_error(L);
}

void azlua_add_printable(luaL_Buffer *buffer, const char *text)
{
    static const size_t longest = 160;
    char escaped[8];
    size_t i;

    for (i = 0; text[i] != '\0'; i++) {
        unsigned char c = (unsigned char)text[i];

        if (i >= longest && (c & 0xc0u) != 0x80u) { /* not in the middle of a character */
            luaL_addstring(buffer, "...");
            return;
        }
        if (c >= 0x20 && c != 0x7f) {
            luaL_addchar(buffer, text[i]);
            continue;
        }
        snprintf(escaped, sizeof(escaped), "\\x%02x", c);
        luaL_addstring(buffer, escaped);
    }
}

void azlua_add_time(luaL_Buffer *buffer, int64_t seconds)
{
    char text[40];
    time_t moment = (time_t)seconds;
    struct tm utc;

    if (gmtime_r(&moment, &utc) == NULL || strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc) == 0)
        snprintf(text, sizeof(text), "%" PRId64, seconds);
    luaL_addstring(buffer, text);
}
