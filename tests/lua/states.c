/*
 * A Lua state for each thread, all in the library at the same time. Each runs the script, which gets the other words
 * and the number of its thread, and says what is wrong by raising it.
 *
 *     states SCRIPT WORD...        (LUA_PATH and LUA_CPATH name the modules)
 */
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>

#define THREADS 8

static pthread_barrier_t all_are_there;
static char **words;
static int word_count;

typedef struct teller {
    pthread_t thread;
    int number;
    bool done;
} teller;

static void *tell(void *user)
{
    teller *own = user;
    lua_State *L = luaL_newstate();

    pthread_barrier_wait(&all_are_there); /* the modules are loaded at once, too */
    if (L == NULL)
        return NULL;
    luaL_openlibs(L);
    if (luaL_loadfile(L, words[0]) == 0) {
        for (int i = 1; i < word_count; i++)
            lua_pushstring(L, words[i]);
        lua_pushinteger(L, own->number);
        own->done = lua_pcall(L, word_count, 0, 0) == 0;
    }
    if (!own->done) {
        (void)luaL_callmeta(L, -1, "__tostring"); /* an error object */
        fprintf(stderr, "thread %d: %s\n", own->number, lua_isstring(L, -1) ? lua_tostring(L, -1) : "?");
    }
    lua_close(L);
    return NULL;
}

int main(int count, char **arguments)
{
    teller tellers[THREADS] = { 0 };
    int failed = 0;

    if (count < 2) {
        fprintf(stderr, "usage: states SCRIPT WORD...\n");
        return 2;
    }
    words = arguments + 1;
    word_count = count - 1;
    pthread_barrier_init(&all_are_there, NULL, THREADS);
    for (int i = 0; i < THREADS; i++) {
        tellers[i].number = i;
        if (pthread_create(&tellers[i].thread, NULL, tell, &tellers[i]) != 0)
            return 1;
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(tellers[i].thread, NULL);
        failed += tellers[i].done ? 0 : 1;
    }
    printf("%d states, %d failed\n", THREADS, failed);
    return failed == 0 ? 0 : 1;
}
