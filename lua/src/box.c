/* Boxes, their classes, and the two ways to fail: wrong use raises, a failed operation gives nil and an error. */
#include "module.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Registry key of the set of our own chunks; a name, because both modules have to find it. */
static const char own_sources[] = "azattest.own_sources";

struct azlua_box *azlua_box_new(lua_State *L, const struct azlua_class *class)
{
    struct azlua_box *box = lua_newuserdata(L, sizeof(*box));

    box->object = NULL;
    luaL_setmetatable(L, class->registry);
    return box;
}

void azlua_box_clear(struct azlua_box *box, const struct azlua_class *class)
{
    void *object = box->object;

    box->object = NULL;
    if (object != NULL)
        class->free(object);
}

void *azlua_test(lua_State *L, int index, const struct azlua_class *class)
{
    const struct azlua_box *box = luaL_testudata(L, index, class->registry);

    return box == NULL ? NULL : box->object;
}

void *azlua_check(lua_State *L, int index, const struct azlua_class *class)
{
    const struct azlua_box *box = luaL_testudata(L, index, class->registry);

    if (box == NULL)
        azlua_usage(L, "%s expected, got %s (methods are called with a colon)", class->name, luaL_typename(L, index));
    else if (box->object == NULL)
        azlua_usage(L, "the %s is closed", class->name);
    else
        return box->object;
    return NULL; /* not reached */
}

static const struct azlua_class *class_of_call(lua_State *L)
{
    return lua_touserdata(L, lua_upvalueindex(1));
}

/* close() and __gc: the second time does nothing. */
static int box_close(lua_State *L)
{
    const struct azlua_class *class = class_of_call(L);
    struct azlua_box *box = luaL_testudata(L, 1, class->registry);

    if (box == NULL)
        return azlua_usage(L, "close: %s expected, got %s", class->name, luaL_typename(L, 1));
    azlua_box_clear(box, class);
    return 0;
}

/* `local object <close>`: its close(), which may be the Lua side's and end more than the box. */
static int box_end(lua_State *L)
{
    lua_settop(L, 1);
    lua_getfield(L, lua_upvalueindex(2), "close");
    if (lua_isnil(L, -1))
        return box_close(L);
    lua_insert(L, 1);
    lua_call(L, 1, 0);
    return 0;
}

/* object.name: a method, a reader's value, or an error: a misspelt member must not read as absent or false. */
static int box_index(lua_State *L)
{
    const struct azlua_class *class = class_of_call(L);
    lua_CFunction read;

    lua_pushvalue(L, 2);
    lua_rawget(L, lua_upvalueindex(2));
    if (!lua_isnil(L, -1))
        return 1;
    lua_pushvalue(L, 2);
    lua_rawget(L, lua_upvalueindex(3));
    if ((read = lua_tocfunction(L, -1)) == NULL && lua_type(L, 2) == LUA_TNUMBER) {
        lua_pushliteral(L, "at");
        lua_rawget(L, lua_upvalueindex(2));
        read = lua_tocfunction(L, -1); /* sequences are read by place */
        lua_settop(L, 2);
        if (read != NULL)
            return read(L);
    }
    if (read == NULL) {
        if (lua_type(L, 2) == LUA_TSTRING)
            return azlua_usage(L, "%s has no member '%s'", class->name, lua_tostring(L, 2));
        return azlua_usage(L, "%s has no members by %s", class->name, luaL_typename(L, 2));
    }
    lua_settop(L, 1);
    return read(L);
}

static int box_to_text(lua_State *L)
{
    const struct azlua_class *class = class_of_call(L);

    lua_pushfstring(L, azlua_test(L, 1, class) == NULL ? "%s (closed)" : "%s", class->name);
    return 1;
}

static void push_for_class(lua_State *L, lua_CFunction function, const struct azlua_class *class)
{
    lua_pushlightuserdata(L, (void *)(uintptr_t) class); /* never written through */
    lua_pushcclosure(L, function, 1);
}

static void new_table_of(lua_State *L, const luaL_Reg *functions)
{
    lua_newtable(L);
    if (functions != NULL)
        luaL_setfuncs(L, functions, 0);
}

void azlua_class_register(lua_State *L, const struct azlua_class *class, const struct azlua_members *members)
{
    int classes = lua_gettop(L), methods = classes + 1, readers = classes + 2, metatable = classes + 3;

    new_table_of(L, members->methods);
    if (members->closes) {
        push_for_class(L, box_close, class);
        lua_setfield(L, methods, "close");
    }
    new_table_of(L, members->readers);
    luaL_newmetatable(L, class->registry);
    push_for_class(L, box_close, class);
    lua_setfield(L, metatable, "__gc");
    lua_pushlightuserdata(L, (void *)(uintptr_t) class);
    lua_pushvalue(L, methods);
    lua_pushcclosure(L, box_end, 2);
    lua_setfield(L, metatable, "__close");
    push_for_class(L, box_to_text, class);
    lua_setfield(L, metatable, "__tostring");
    if (members->metamethods != NULL)
        luaL_setfuncs(L, members->metamethods, 0);
    lua_pushlightuserdata(L, (void *)(uintptr_t) class);
    lua_pushvalue(L, methods);
    lua_pushvalue(L, readers);
    lua_pushcclosure(L, box_index, 3);
    lua_setfield(L, metatable, "__index");
    lua_pushboolean(L, 0);
    lua_setfield(L, metatable, "__metatable"); /* nobody takes a box apart */
    lua_pop(L, 1);

    lua_createtable(L, 0, 2);
    lua_pushvalue(L, methods);
    lua_setfield(L, -2, "methods");
    lua_pushvalue(L, readers);
    lua_setfield(L, -2, "readers");
    lua_setfield(L, classes, class->name);
    lua_settop(L, classes);
}

void azlua_functions(lua_State *L, const luaL_Reg *functions)
{
    lua_pushvalue(L, 1);
    luaL_setfuncs(L, functions, 0);
    lua_pop(L, 1);
}

static void push_own_sources(lua_State *L)
{
    lua_getfield(L, LUA_REGISTRYINDEX, own_sources);
    if (!lua_isnil(L, -1))
        return;
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_setfield(L, LUA_REGISTRYINDEX, own_sources);
}

int azlua_own_source(lua_State *L)
{
    lua_Debug caller;

    if (!lua_getstack(L, 1, &caller) || !lua_getinfo(L, "S", &caller))
        return 0;
    push_own_sources(L);
    lua_pushstring(L, caller.source);
    lua_pushboolean(L, 1);
    lua_rawset(L, -3);
    return 0;
}

/* Pushes "file:line: " of the nearest Lua code that is not ours, or "". */
static void push_where(lua_State *L)
{
    lua_Debug frame;
    int level, ours;

    push_own_sources(L);
    for (level = 1; lua_getstack(L, level, &frame); level++) {
        if (!lua_getinfo(L, "Sl", &frame) || frame.currentline <= 0)
            continue;
        lua_pushstring(L, frame.source);
        lua_rawget(L, -2);
        ours = lua_toboolean(L, -1);
        lua_pop(L, 1);
        if (!ours) {
            lua_pushfstring(L, "%s:%d: ", frame.short_src, frame.currentline);
            return;
        }
    }
    lua_pushliteral(L, "");
}

int azlua_usage(lua_State *L, const char *format, ...)
{
    char text[1024]; /* cut, if need be: it may hold a name that the caller chose */
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    luaL_checkstack(L, 8, "azattest");
    push_where(L);
    lua_pushfstring(L, "%s%s", lua_tostring(L, -1), text);
    return lua_error(L);
}

void azlua_account(lua_State *L, size_t bytes)
{
    /* A step of nothing is a whole one, and a step starts a collector that its owner has stopped. */
    if (bytes >= 1024 && lua_gc(L, LUA_GCISRUNNING, 0))
        lua_gc(L, LUA_GCSTEP, (int)(bytes / 1024u));
}

static int raise_or_give(lua_State *L, bool raises, azattest_status status, int box_index_of_error)
{
    const struct azlua_box *box = lua_touserdata(L, box_index_of_error);

    if (raises || box->object == NULL)
        return azlua_usage(L, "%s",
                           box->object == NULL ? azattest_status_text(status) : azattest_error_message(box->object));
    lua_pushnil(L);
    lua_pushvalue(L, box_index_of_error);
    return 2;
}

int azlua_answer(lua_State *L, azattest_status status)
{
    return status == AZATTEST_OK ? 1 : raise_or_give(L, status == AZATTEST_E_ARGUMENT, status, lua_gettop(L) - 1);
}

int azlua_answer_read(lua_State *L, azattest_status status)
{
    return status == AZATTEST_OK ? 1 : raise_or_give(L, false, status, lua_gettop(L) - 1);
}

int azlua_answer_true(lua_State *L, azattest_status status)
{
    if (status != AZATTEST_OK)
        return raise_or_give(L, status == AZATTEST_E_ARGUMENT, status, lua_gettop(L));
    lua_pushboolean(L, 1);
    return 1;
}
