/*
 * A machine of its own for each thread: all load the modules, attest and validate at the same time. Built for Lua 5.4
 * and for LuaJIT.
 *
 *     threads SCRIPT ENDPOINT CA_FILE QUOTE_FILE        (LUA_PATH and LUA_CPATH name the modules)
 */
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define THREADS 8
#define MACHINES 3 /* one after the other, in each thread */

struct work {
    char **arguments;
    int number, failed;
    pthread_t thread;
    pthread_barrier_t *start;
};

/* The script gives a function, which is called with number, endpoint, CA file and quote file. */
static int run(const struct work *own, int machine)
{
    lua_State *L = luaL_newstate();
    int failed = 1;

    if (L == NULL)
        return failed;
    luaL_openlibs(L);
    if (luaL_loadfile(L, own->arguments[1]) == 0 && lua_pcall(L, 0, 1, 0) == 0) {
        lua_pushinteger(L, own->number * MACHINES + machine);
        for (int i = 2; i <= 4; i++)
            lua_pushstring(L, own->arguments[i]);
        failed = lua_pcall(L, 4, 0, 0) != 0;
    }
    if (failed) {
        (void)luaL_callmeta(L, -1, "__tostring"); /* an error object */
        fprintf(stderr, "thread %d: %s\n", own->number, lua_tostring(L, -1) == NULL ? "?" : lua_tostring(L, -1));
    }
    lua_close(L);
    return failed;
}

static void *begin(void *user)
{
    struct work *own = user;

    pthread_barrier_wait(own->start);
    for (int i = 0; i < MACHINES && !own->failed; i++)
        own->failed = run(own, i);
    return NULL;
}

int main(int count, char **arguments)
{
    struct work all[THREADS];
    pthread_barrier_t start;
    int failed = 0;

    if (count != 5) {
        fprintf(stderr, "usage: threads SCRIPT ENDPOINT CA_FILE QUOTE_FILE\n");
        return 2;
    }
    pthread_barrier_init(&start, NULL, THREADS);
    for (int i = 0; i < THREADS; i++) {
        all[i] = (struct work){ .arguments = arguments, .number = i, .start = &start };
        if (pthread_create(&all[i].thread, NULL, begin, &all[i]) != 0)
            return 2;
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(all[i].thread, NULL);
        failed += all[i].failed;
    }
    pthread_barrier_destroy(&start);
    printf("%d threads, %d machines each, %d failed\n", THREADS, MACHINES, failed);
    return failed != 0;
}
