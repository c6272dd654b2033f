/*
 * JSON text to tables. The text comes from the library, whose gate has passed it (UTF-8, unique names, depth), so what
 * is malformed here is a fault of ours: it raises, and no read ever leaves the text.
 */
#include "module.h"

#include <stdbool.h>
#include <string.h>

static const char array_metatable; /* its address is the registry key */

/* The tree of a policy is deeper than JSON that comes from outside: two levels for a call in a call. */
enum { deepest = AZATTEST_LIMIT_JSON_DEPTH + 2 * AZATTEST_LIMIT_POLICY_CALLS };

struct reader {
    const char *at, *end;
    unsigned depth;
};

static int fault(lua_State *L)
{
    return azlua_usage(L, "JSON text that the library handed out is malformed; please report this");
}

static void skip_space(struct reader *reader)
{
    while (reader->at < reader->end && memchr(" \t\r\n", *reader->at, 4) != NULL)
        reader->at++;
}

/* Takes the character if it is the next one after white space. */
static bool take(struct reader *reader, char c)
{
    skip_space(reader);
    if (reader->at == reader->end || *reader->at != c)
        return false;
    reader->at++;
    return true;
}

static unsigned read_hex4(lua_State *L, struct reader *reader)
{
    static const char digits[] = "0123456789abcdef";
    unsigned value = 0, i;

    if (reader->end - reader->at < 4)
        fault(L);
    for (i = 0; i < 4; i++) {
        const char *digit = memchr(digits, *reader->at | 0x20, 16);

        if (digit == NULL)
            fault(L);
        value = value << 4 | (unsigned)(digit - digits);
        reader->at++;
    }
    return value;
}

static void add_utf8(luaL_Buffer *buffer, unsigned c)
{
    if (c < 0x80) {
        luaL_addchar(buffer, (char)c);
        return;
    }
    if (c < 0x800) {
        luaL_addchar(buffer, (char)(0xc0u | c >> 6));
    } else {
        if (c < 0x10000) {
            luaL_addchar(buffer, (char)(0xe0u | c >> 12));
        } else {
            luaL_addchar(buffer, (char)(0xf0u | c >> 18));
            luaL_addchar(buffer, (char)(0x80u | (c >> 12 & 0x3fu)));
        }
        luaL_addchar(buffer, (char)(0x80u | (c >> 6 & 0x3fu)));
    }
    luaL_addchar(buffer, (char)(0x80u | (c & 0x3fu)));
}

static void add_escape(lua_State *L, struct reader *reader, luaL_Buffer *buffer)
{
    static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    const char *name;
    unsigned c, low;

    if (reader->at == reader->end)
        fault(L);
    if (*reader->at != 'u') {
        if ((name = memchr(names, *reader->at, sizeof(names) - 1)) == NULL)
            fault(L);
        luaL_addchar(buffer, values[name - names]);
        reader->at++;
        return;
    }
    reader->at++;
    c = read_hex4(L, reader);
    if (c >= 0xd800 && c < 0xdc00) {
        if (reader->end - reader->at < 2 || reader->at[0] != '\\' || reader->at[1] != 'u')
            fault(L);
        reader->at += 2;
        low = read_hex4(L, reader);
        c = 0x10000u + ((c - 0xd800u) << 10) + ((low - 0xdc00u) & 0x3ffu);
    }
    add_utf8(buffer, c);
}

/* The opening quote is taken. Its buffer is large, and not to lie in the frame of a function that calls itself. */
__attribute__((noinline)) static void push_string(lua_State *L, struct reader *reader)
{
    const char *start = reader->at;
    luaL_Buffer buffer;

    while (reader->at < reader->end && *reader->at != '"' && *reader->at != '\\')
        reader->at++;
    if (reader->at < reader->end && *reader->at == '"') { /* the usual case: nothing escaped */
        lua_pushlstring(L, start, (size_t)(reader->at - start));
        reader->at++;
        return;
    }
    luaL_buffinit(L, &buffer);
    luaL_addlstring(&buffer, start, (size_t)(reader->at - start));
    while (reader->at < reader->end && *reader->at != '"') {
        if (*reader->at++ == '\\')
            add_escape(L, reader, &buffer);
        else
            luaL_addchar(&buffer, reader->at[-1]);
    }
    if (reader->at == reader->end)
        fault(L);
    reader->at++;
    luaL_pushresult(&buffer);
}

/* Integers stay exact: a number where the machine's is, otherwise their own digits as a string. */
static void push_number(lua_State *L, struct reader *reader)
{
    const char *start = reader->at;
    bool integer = true;
    size_t length;
    lua_Number value;

    while (reader->at < reader->end && memchr("+-0123456789.eE", *reader->at, 15) != NULL)
        if (memchr(".eE", *reader->at++, 3) != NULL)
            integer = false;
    length = (size_t)(reader->at - start);
    if (length == 0)
        fault(L);
    lua_pushlstring(L, start, length);
    if (integer && length <= 15 + (*start == '-')) { /* below 10^15: exact in every machine */
        int64_t small = 0;
        const char *digit = start + (*start == '-');

        for (; digit < reader->at; digit++)
            small = small * 10 + (*digit - '0');
        lua_pop(L, 1);
        azlua_push_integer(L, *start == '-' ? -small : small);
        return;
    }
#if LUA_VERSION_NUM >= 503
    if (integer) {
        if (lua_stringtonumber(L, lua_tostring(L, -1)) == 0)
            fault(L);
        if (lua_isinteger(L, -1))
            lua_remove(L, -2);
        else
            lua_pop(L, 1); /* beyond 64 bits: the string stays */
        return;
    }
#endif
    value = lua_tonumber(L, -1);
    if (integer ? value >= 9007199254740992.0 || value <= -9007199254740992.0 : value - value != 0)
        return; /* the string stays */
    lua_pop(L, 1);
    lua_pushnumber(L, value);
}

static void push_value(lua_State *L, struct reader *reader);

static void push_object(lua_State *L, struct reader *reader)
{
    lua_newtable(L);
    if (take(reader, '}'))
        return;
    do {
        if (!take(reader, '"'))
            fault(L);
        push_string(L, reader);
        if (!take(reader, ':'))
            fault(L);
        push_value(L, reader);
        lua_rawset(L, -3);
    } while (take(reader, ','));
    if (!take(reader, '}'))
        fault(L);
}

static void push_array(lua_State *L, struct reader *reader)
{
    int count = 0;

    lua_newtable(L);
    lua_pushlightuserdata(L, (void *)(uintptr_t)&array_metatable);
    lua_rawget(L, LUA_REGISTRYINDEX);
    lua_setmetatable(L, -2);
    if (take(reader, ']'))
        return;
    do {
        push_value(L, reader);
        lua_rawseti(L, -2, ++count);
    } while (take(reader, ','));
    if (!take(reader, ']'))
        fault(L);
}

static bool take_word(struct reader *reader, const char *word)
{
    size_t length = strlen(word);

    if ((size_t)(reader->end - reader->at) < length || memcmp(reader->at, word, length) != 0)
        return false;
    reader->at += length;
    return true;
}

static void push_value(lua_State *L, struct reader *reader)
{
    if (++reader->depth > deepest)
        fault(L);
    luaL_checkstack(L, 8, "JSON");
    if (take(reader, '{'))
        push_object(L, reader);
    else if (take(reader, '['))
        push_array(L, reader);
    else if (take(reader, '"'))
        push_string(L, reader);
    else if (take_word(reader, "true"))
        lua_pushboolean(L, 1);
    else if (take_word(reader, "false"))
        lua_pushboolean(L, 0);
    else if (take_word(reader, "null"))
        lua_pushlightuserdata(L, NULL);
    else
        push_number(L, reader);
    reader->depth--;
}

void azlua_push_json(lua_State *L, azattest_bytes json)
{
    struct reader reader = { json.ptr, json.ptr, 0 };

    if (json.ptr == NULL) {
        lua_pushnil(L);
        return;
    }
    reader.end = reader.at + json.len;
    push_value(L, &reader);
    skip_space(&reader);
    if (reader.at != reader.end)
        fault(L);
}

void azlua_push_json_text(lua_State *L, const char *json)
{
    azlua_push_json(L, (azattest_bytes){ json, json == NULL ? 0 : strlen(json) });
}

int azlua_push_made(lua_State *L, azattest_bytes json)
{
    if (json.ptr == NULL)
        return azlua_usage(L, "%s", azattest_status_text(AZATTEST_E_MEMORY));
    azlua_push_json(L, json);
    return 1;
}

int azlua_push_claims(lua_State *L, azattest_bytes json)
{
    size_t i, count;

    azlua_push_made(L, json);
    count = lua_rawlen(L, -1);
    for (i = 1; i <= count; i++) {
        lua_rawgeti(L, -1, (int)i);
        lua_getfield(L, -1, "valueType");
        lua_setfield(L, -2, "value_type");
        lua_pushnil(L);
        lua_setfield(L, -2, "valueType");
        lua_pop(L, 1);
    }
    return 1;
}

void azlua_json_register(lua_State *L)
{
    lua_createtable(L, 0, 1); /* empty but for its mark: a table is an array if this is its metatable */
    lua_pushliteral(L, "azattest.array");
    lua_setfield(L, -2, "__name");
    lua_pushlightuserdata(L, (void *)(uintptr_t)&array_metatable);
    lua_pushvalue(L, -2);
    lua_rawset(L, LUA_REGISTRYINDEX);
    lua_setfield(L, -2, "array_mt");
    lua_pushlightuserdata(L, NULL);
    lua_setfield(L, -2, "null");
}
