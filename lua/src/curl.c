/* azattest.curl: the blocking transport on libcurl. Loaded by the first blocking call; never inside nginx. */
#include <dirent.h>

#include <azattest/collateral_cache.h>

#include "options.h"

static void free_transport(void *object)
{
    azattest_transport_free(object);
}

static const struct azlua_class transport_class = { "Transport", "azattest.Transport", free_transport };

/*
 * Ctrl-C: the stand-alone interpreters' signal handler sets a debug hook that raises as soon as Lua runs again. While
 * libcurl waits Lua does not run, so a hook that was not there when the call began ends the wait. Reading it is all
 * that is done here: nothing of Lua may run inside a call of libcurl's.
 */
struct watch {
    lua_State *caller, *main; /* Lua 5.4 has a hook for each coroutine; the handler sets the main one's */
    lua_Hook caller_hook, main_hook;
};

static bool hook_appeared(void *user)
{
    const struct watch *watch = user;

    return watch->caller != NULL &&
           (lua_gethook(watch->caller) != watch->caller_hook || lua_gethook(watch->main) != watch->main_hook);
}

static void watch_begin(lua_State *L, struct watch *watch)
{
    watch->main = L;
#if LUA_VERSION_NUM >= 502
    lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
    watch->main = lua_tothread(L, -1);
    lua_pop(L, 1);
#endif
    watch->caller_hook = lua_gethook(L);
    watch->main_hook = lua_gethook(watch->main);
    watch->caller = L;
}

/* curl.new(options) -> transport, watch | nil, err: the caller keeps both as long as the transport */
static int curl_new(lua_State *L)
{
    azattest_curl_options options;
    azattest_transport *transport = NULL;
    azattest_error *error = NULL;
    azattest_status status;
    struct azlua_box *failed, *made;
    struct watch *watch;

    lua_settop(L, 1);
    watch = lua_newuserdata(L, sizeof(*watch));
    watch->caller = NULL;
    failed = azlua_box_new(L, &azlua_error);
    made = azlua_box_new(L, &transport_class);
    azlua_read_connection(L, 1, "azattest.curl", &options);
    options.interrupted = hook_appeared;
    options.interrupted_user = watch;
    status = azattest_curl_transport_new(&options, &transport, &error);
    made->object = transport;
    failed->object = error;
    if (status == AZATTEST_OK) {
        lua_pushvalue(L, 2);
        return 2;
    }
    if (error == NULL)
        return azlua_usage(L, "%s", azattest_status_text(status));
    lua_pushnil(L); /* a CA file that cannot be read is no fault of the code, so this never raises */
    lua_pushvalue(L, 3);
    return 2;
}

/* curl.run(transport, watch, op) -> true | false when a token is wanted | nil, err */
static int curl_run(lua_State *L)
{
    azattest_transport *transport = azlua_check(L, 1, &transport_class);
    struct watch *watch = lua_touserdata(L, 2);
    azattest_op *op = azlua_check(L, 3, &azlua_op);
    struct azlua_box *failed = azlua_box_new(L, &azlua_error);
    azattest_error *error = NULL;
    azattest_status status;

    watch_begin(L, watch);
    status = azattest_run(op, transport, &error);
    watch->caller = NULL;
    failed->object = error;
    if (status == AZATTEST_ABSENT) {
        lua_pushboolean(L, 0);
        return 1;
    }
    return azlua_answer_true(L, status);
}

/* curl.serve_local(op): the file or the process that it wants */
static int curl_serve_local(lua_State *L)
{
    if (azattest_serve_local(azlua_check(L, 1, &azlua_op)) != AZATTEST_OK)
        return azlua_usage(L, "the operation wants neither a file nor a process");
    return 0;
}

/* ---- collateral in a folder ---- */

static void free_cache(void *object)
{
    azattest_collateral_cache_free(object);
}

static const struct azlua_class cache_class = { "CollateralCache", "azattest.CollateralCache", free_cache };

/* curl.cache_open(folder) -> cache | nil, err */
static int cache_open(lua_State *L)
{
    const char *folder = azlua_check_text(L, 1, "CollateralCache: the folder");
    struct azlua_box *failed = azlua_box_new(L, &azlua_error), *made = azlua_box_new(L, &cache_class);
    azattest_collateral_cache *cache = NULL;
    azattest_error *error = NULL;
    azattest_status status = azattest_collateral_cache_open(folder, &cache, &error);

    made->object = cache;
    failed->object = error;
    return azlua_answer(L, status);
}

/* curl.cache_check(cache): raises for anything else */
static int cache_check(lua_State *L)
{
    azlua_check(L, 1, &cache_class);
    return 0;
}

/* curl.cache_load(cache, op, stale) -> true | nil, err */
static int cache_load(lua_State *L)
{
    const azattest_collateral_cache *cache = azlua_check(L, 1, &cache_class);
    azattest_op *op = azlua_check(L, 2, &azlua_op);
    struct azlua_box *failed = azlua_box_new(L, &azlua_error);
    azattest_error *error = NULL;
    azattest_status status = azattest_collateral_cache_load(cache, op, lua_toboolean(L, 3) != 0, &error);

    failed->object = error;
    return azlua_answer_true(L, status);
}

/* curl.cache_store(cache, op) -> true | nil, err */
static int cache_store(lua_State *L)
{
    const azattest_collateral_cache *cache = azlua_check(L, 1, &cache_class);
    const azattest_op *op = azlua_check(L, 2, &azlua_op);
    struct azlua_box *failed = azlua_box_new(L, &azlua_error);
    azattest_error *error = NULL;
    azattest_status status = azattest_collateral_cache_store(cache, op, &error);

    failed->object = error;
    return azlua_answer_true(L, status);
}

/* ---- folders ---- */

static void free_folder(void *object)
{
    closedir(object);
}

static const struct azlua_class folder_class = { "Folder", "azattest.Folder", free_folder };

/* curl.list_folder(path) -> list of the names in it, those that begin with a dot left out | nil when it is none */
static int list_folder(lua_State *L)
{
    const char *path = azlua_check_text(L, 1, "load: the path");
    struct azlua_box *box = azlua_box_new(L, &folder_class);
    const struct dirent *entry;
    int count = 0;

    if ((box->object = opendir(path)) == NULL) {
        lua_pushnil(L);
        return 1;
    }
    lua_newtable(L);
    while ((entry = readdir(box->object)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        lua_pushstring(L, entry->d_name);
        lua_rawseti(L, -2, ++count);
    }
    azlua_box_clear(box, &folder_class);
    return 1;
}

__attribute__((visibility("default"))) int luaopen_azattest_curl(lua_State *L);

int luaopen_azattest_curl(lua_State *L)
{
    static const luaL_Reg functions[] = { { "new", curl_new },
                                          { "run", curl_run },
                                          { "serve_local", curl_serve_local },
                                          { "cache_open", cache_open },
                                          { "cache_check", cache_check },
                                          { "cache_load", cache_load },
                                          { "cache_store", cache_store },
                                          { "list_folder", list_folder },
                                          { NULL, NULL } };
    static const struct azlua_members members = { NULL, NULL, NULL, 1 }, none = { NULL, NULL, NULL, 0 };

    lua_settop(L, 0);
    luaL_newlib(L, functions);
    lua_newtable(L);
    azlua_class_register(L, &transport_class, &members);
    azlua_class_register(L, &cache_class, &none);
    azlua_class_register(L, &folder_class, &none);
    lua_settop(L, 1);
    return 1;
}
