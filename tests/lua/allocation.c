/*
 * "Boxes first, then the call", tested: Lua's memory error jumps out of any function that allocates, so each story of
 * allocation.lua is told again and again with an allocator that gives nothing from the n-th time on, for every n up to
 * the first story that comes to its end. Nothing may crash, and nothing may be left behind.
 *
 *     allocation SCRIPT        (LUA_PATH and LUA_CPATH name the modules)
 */
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Every block of the process is counted, Lua's and the library's alike. These replace the functions of the C library,
 * whose own names (glibc's) do the work.
 */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void __libc_free(void *block);

static long live;

void *malloc(size_t size)
{
    void *block = __libc_malloc(size);

    live += block != NULL;
    return block;
}

void *calloc(size_t count, size_t size)
{
    void *block = __libc_calloc(count, size);

    live += block != NULL;
    return block;
}

void *realloc(void *block, size_t size)
{
    void *moved = __libc_realloc(block, size);

    live += (block == NULL && moved != NULL) - (block != NULL && size == 0);
    return moved;
}

void free(void *block)
{
    live -= block != NULL;
    __libc_free(block);
}

struct budget {
    bool limited;
    long left;
};

static void *allocate(void *user, void *block, size_t old_size, size_t new_size)
{
    struct budget *budget = user;

    if (new_size == 0) {
        free(block);
        return NULL;
    }
    if (budget->limited && (block == NULL || new_size > old_size) && budget->left-- <= 0)
        return NULL;
    return realloc(block, new_size);
}

#define NO_STORY (-1)

/* Runs the script's function `name` in a machine of its own. Gives Lua's status, or NO_STORY where there is none. */
static int tell(const char *script, const char *name, long allocations, char *reason, size_t size)
{
    struct budget budget = { false, 0 };
    lua_State *L = lua_newstate(allocate, &budget);
    int status = LUA_ERRMEM;

    if (L == NULL)
        return status;
    luaL_openlibs(L);
    status = luaL_dofile(L, script);
    if (status == LUA_OK) {
        if (lua_getfield(L, -1, name) == LUA_TNIL) {
            lua_close(L);
            return NO_STORY;
        }
        budget.left = allocations;
        budget.limited = allocations >= 0;
        status = lua_pcall(L, 0, 0, 0);
        budget.limited = false;
    }
    if (status != LUA_OK)
        snprintf(reason, size, "%s", lua_tostring(L, -1) == NULL ? "?" : lua_tostring(L, -1));
    lua_close(L);
    return status;
}

/* Every n once. Gives the number of allocations of the whole story, or -1 when it ended in another way. */
static long cut_short(const char *script, const char *name, char *reason, size_t size)
{
    long n = 0;

    while (tell(script, name, n, reason, size) != LUA_OK) {
        if (strstr(reason, "memory") == NULL)
            return -1;
        n++;
    }
    return n;
}

static bool check(const char *script, const char *name, int number)
{
    char reason[512] = "";
    long before, left, allocations;
    int status = tell(script, name, -1, reason, sizeof(reason));

    if (status == NO_STORY) {
        fprintf(stderr, "SKIPPED: %s (no evidence folder, set AZATTEST_EVIDENCE)\n", name);
        printf("ok %d - %s # SKIP no evidence folder\n", number, name);
        return true;
    }
    if (status != LUA_OK) {
        printf("not ok %d - %s\n# without any limit: %s\n", number, name, reason);
        return false;
    }
    cut_short(script, name, reason, sizeof(reason)); /* what is kept for ever is there after the first round */
    before = live;
    allocations = cut_short(script, name, reason, sizeof(reason));
    if (allocations < 0) {
        printf("not ok %d - %s\n# another error than memory's: %s\n", number, name, reason);
        return false;
    }
    left = live - before;
    printf("%s %d - %s, cut short at each of %ld allocations\n", left <= 0 ? "ok" : "not ok", number, name,
           allocations);
    if (left > 0)
        printf("# %ld blocks were left behind\n", left);
    return left <= 0; /* fewer: a cache of the C library let go */
}

int main(int count, char **arguments)
{
    static const char *const stories[] = { "loading",    "parsing",      "failing",  "options",
                                           "claims",     "calling",      "raising",  "validating",
                                           "verifying",  "typed_claims", "sealing",  "expectations",
                                           "appraising", "collecting",   "policies", "evaluating" };
    size_t i, failed = 0, total = sizeof(stories) / sizeof(*stories);

    if (count != 2) {
        fprintf(stderr, "usage: allocation SCRIPT\n");
        return 2;
    }
    for (i = 0; i < total; i++)
        failed += check(arguments[1], stories[i], (int)i + 1) ? 0 : 1;
    printf("1..%zu\n%zu passed, %zu failed\n", total, total - failed, failed);
    return failed == 0 ? 0 : 1;
}
