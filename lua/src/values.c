/* Plain values from and to Lua. */
#include "module.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
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

azattest_bytes azlua_check_policy_text(lua_State *L, int index, const char *what)
{
    const char *text = azattest_policy_text(azlua_test(L, index, &azlua_policy));

    return text == NULL ? azlua_check_bytes(L, index, what) : (azattest_bytes){ text, strlen(text) };
}

const char *azlua_check_text(lua_State *L, int index, const char *what)
{
    azattest_bytes text = azlua_check_bytes(L, index, what);

    if (memchr(text.ptr, '\0', text.len) != NULL)
        azlua_usage(L, "%s holds a NUL character", what);
    return text.ptr;
}

#if LUA_VERSION_NUM < 503
/* 1LL, or an int64_t of the FFI: it prints as "1LL". LuaJIT's headers have no name for the type. */
static bool read_wide(lua_State *L, int index, const char *what, int64_t *value)
{
    enum { cdata = 10 };
    const char *text;
    char *end;

    if (lua_type(L, index) != cdata || !luaL_callmeta(L, index, "__tostring"))
        return false;
    text = lua_tostring(L, -1);
    errno = 0;
    *value = strtoll(text, &end, 10);
    if (end == text || errno != 0 || (strcmp(end, "LL") != 0 && strcmp(end, "ULL") != 0))
        azlua_usage(L, "%s is no integer of 64 bits: %s", what, text);
    lua_pop(L, 1);
    return true;
}
#else
static bool read_wide(lua_State *L, int index, const char *what, int64_t *value)
{
    (void)what;
    *value = lua_isinteger(L, index) ? lua_tointeger(L, index) : 0;
    return lua_isinteger(L, index);
}
#endif

int64_t azlua_check_integer(lua_State *L, int index, const char *what)
{
    static const lua_Number exact = 9007199254740992.0; /* 2^53: a float from there on may have been another number */
    lua_Number value;
    int64_t wide;

    if (read_wide(L, index, what, &wide))
        return wide;
    if (lua_type(L, index) != LUA_TNUMBER)
        azlua_usage(L, "%s must be a string, a whole number or a boolean, got %s", what, luaL_typename(L, index));
    value = lua_tonumber(L, index);
    if (!(value > -exact && value < exact) || floor(value) != value) /* false for NaN as well */
        azlua_usage(L, "%s must be a whole number, and exact", what);
    return (int64_t)value;
}

void azlua_push_text(lua_State *L, const char *text)
{
    lua_pushstring(L, text); /* pushes nil for NULL, in both machines */
}

void azlua_push_made_text(lua_State *L, const char *text)
{
    if (text == NULL)
        azlua_usage(L, "%s", azattest_status_text(AZATTEST_E_MEMORY));
    lua_pushstring(L, text);
}

void azlua_push_made_bytes(lua_State *L, azattest_bytes bytes)
{
    if (bytes.ptr == NULL)
        azlua_usage(L, "%s", azattest_status_text(AZATTEST_E_MEMORY));
    azlua_push_bytes(L, bytes);
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

static void add_printable(luaL_Buffer *buffer, const char *text, size_t longest)
{
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

void azlua_add_printable(luaL_Buffer *buffer, const char *text)
{
    add_printable(buffer, text, 160);
}

void azlua_add_line(luaL_Buffer *buffer, const char *text)
{
    add_printable(buffer, text, SIZE_MAX);
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
