/*
 * What the files of the Lua modules share. One source serves Lua 5.4 and LuaJIT; plain Lua 5.1 is not meant, which is
 * why its version number leads to LuaJIT's header (LuaJIT has luaL_setfuncs and its kind, 5.1 has not).
 *
 * Lua's memory error jumps out of any function that allocates. So every object of the library goes into a box, a
 * userdata that exists before the object does: boxes first, then options, then the call, and nothing of Lua's between
 * the call and the line that puts its outcome into the box.
 */
#ifndef AZATTEST_LUA_MODULE_H
#define AZATTEST_LUA_MODULE_H

#include <lua.h>
#include <lauxlib.h>
#if LUA_VERSION_NUM < 502
#include <luajit.h>
#define lua_rawlen lua_objlen
#endif

#include <azattest/azattest.h>

/* A class of Lua objects, each holding one object of the library. */
struct azlua_class {
    const char *name;     /* as users see it */
    const char *registry; /* name of the metatable */
    void (*free)(void *object);
};

struct azlua_box {
    void *object; /* NULL: not made yet, or closed */
};

/* What a box of azlua_secret holds. */
struct azlua_secret_text {
    char *text;
    size_t length;
};

/* What a class consists of beside its boxes. Readers are called for `object.name`, with the object at index 1. */
struct azlua_members {
    const luaL_Reg *methods;
    const luaL_Reg *readers;
    const luaL_Reg *metamethods;
    int closes; /* has close(): what holds more than memory; the rest ends by <close> and the collector */
};

extern const struct azlua_class azlua_token, azlua_signer, azlua_signers, azlua_result, azlua_response, azlua_metadata,
    azlua_evidence, azlua_verification, azlua_error, azlua_problems, azlua_client, azlua_verifier, azlua_credential,
    azlua_admin_client, azlua_policy_result, azlua_certificates_result, azlua_signing_key, azlua_stored_policy,
    azlua_op, azlua_access_token, azlua_text, azlua_data, azlua_secret, azlua_tcb_baselines, azlua_collateral,
    azlua_appraisal, azlua_claim_set, azlua_policy, azlua_policy_report, azlua_policy_evaluation,
    azlua_policy_difference;

/* -- box.c -- */

/* Makes the class's metatable and puts its tables of methods and readers into the table on the top, by its name. */
void azlua_class_register(lua_State *L, const struct azlua_class *class, const struct azlua_members *members);
/* Pushes an empty box. */
struct azlua_box *azlua_box_new(lua_State *L, const struct azlua_class *class);
/* The object at the index; raises when it is of another class or closed. */
void *azlua_check(lua_State *L, int index, const struct azlua_class *class);
/* The object at the index, or NULL when it is no open one of that class. */
void *azlua_test(lua_State *L, int index, const struct azlua_class *class);
/* Frees the object at the top's box early, before it is left to the collector. */
void azlua_box_clear(struct azlua_box *box, const struct azlua_class *class);

/* Raises an error that names the line of the caller's own code, whatever lies between. */
int azlua_usage(lua_State *L, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* core.own_source(): errors of wrong use never point into the chunk that calls this. */
int azlua_own_source(lua_State *L);

/* Tells the collector how much memory hangs on an object that it sees as a few bytes. */
void azlua_account(lua_State *L, size_t bytes);

/*
 * The end of a function that made two boxes, the error's below the object's: gives the object, or nil and the error;
 * raises where the library calls it wrong use.
 */
int azlua_answer(lua_State *L, azattest_status status);
/* The same where what the library refuses may be others' text, token or evidence: that is no wrong use of this call. */
int azlua_answer_read(lua_State *L, azattest_status status);
/* The same for a function without an object of its own: only the error's box, on the top; gives true. */
int azlua_answer_true(lua_State *L, azattest_status status);

/* -- values.c -- */

/* Arguments: `what` names the function and the argument in the error. */
azattest_bytes azlua_check_bytes(lua_State *L, int index, const char *what);
const char *azlua_check_text(lua_State *L, int index, const char *what);
/* The same of a Policy, as long as it stays where it is; or of its text, in which the caller has still to look for a
 * NUL. */
azattest_bytes azlua_check_policy_text(lua_State *L, int index, const char *what);
/* A whole number that is exact; LuaJIT's int64_t as well. */
int64_t azlua_check_integer(lua_State *L, int index, const char *what);

void azlua_push_text(lua_State *L, const char *text);           /* NULL: nil */
void azlua_push_bytes(lua_State *L, azattest_bytes bytes);      /* absent: nil */
void azlua_push_made_text(lua_State *L, const char *text);      /* NULL raises: memory was short */
void azlua_push_made_bytes(lua_State *L, azattest_bytes bytes); /* absent: the same */
void azlua_push_integer(lua_State *L, int64_t value);    /* LuaJIT: a decimal string where a number is not exact */
void azlua_push_unsigned(lua_State *L, uint64_t value);  /* the same; in Lua 5.4 a string beyond its integers */
void azlua_push_moment(lua_State *L, int64_t moment_ms); /* seconds since 1970; 0: nil */
void azlua_push_status(lua_State *L, const char *what, azattest_status status); /* nil, or raises for another type */
/* The same for the reader `what` of these claims, which names the claim. */
void azlua_push_claim_status(lua_State *L, azattest_bytes claims, const char *what, azattest_status status);
/* Appends text for people: control characters escaped, long text cut. */
void azlua_add_printable(luaL_Buffer *buffer, const char *text);
/* The same uncut. */
void azlua_add_line(luaL_Buffer *buffer, const char *text);
void azlua_add_time(luaL_Buffer *buffer, int64_t seconds);

/* -- json.c -- */

/* Pushes the value of JSON text that the library handed out; absent text: nil. */
void azlua_push_json(lua_State *L, azattest_bytes json);
void azlua_push_json_text(lua_State *L, const char *json); /* NULL: nil */
/* Returns 1 with the value of what the library makes when it is asked; raises when it had no memory for it. */
int azlua_push_made(lua_State *L, azattest_bytes json);
/* The same for a list of claims, whose `valueType` is called value_type. */
int azlua_push_claims(lua_State *L, azattest_bytes json);
/* Makes `array_mt` and `null` in the table on the top; arrays have that metatable, null is that value. */
void azlua_json_register(lua_State *L);

/* -- signer.c -- */

/* A box with one more reference to a borrowed signer; NULL: nil. */
void azlua_push_signer(lua_State *L, const azattest_signer *signer);

/* -- secret.c -- */

/* result:seal_secret(secret, options) -> JWE text | nil, err */
int azlua_result_seal_secret(lua_State *L);

/* -- token.c -- */

/* A table {code, detail}. */
void azlua_push_problem(lua_State *L, azattest_status code, const char *detail);

/*
 * The parts of luaopen_azattest_core(): each adds its functions to the table at index 1 and its classes to the one at
 * index 2, which is the top.
 */
void azlua_functions(lua_State *L, const luaL_Reg *functions);
void azlua_register_token(lua_State *L);
void azlua_register_signer(lua_State *L);
void azlua_register_result(lua_State *L);
void azlua_register_secret(lua_State *L);
void azlua_register_evidence(lua_State *L);
void azlua_register_verdict(lua_State *L);
void azlua_register_collateral(lua_State *L);
void azlua_register_claim_set(lua_State *L);
void azlua_register_policy(lua_State *L);
void azlua_register_policy_outcome(lua_State *L);
void azlua_register_error(lua_State *L);
void azlua_register_client(lua_State *L);
void azlua_register_credential(lua_State *L);
void azlua_register_admin(lua_State *L);
void azlua_register_op(lua_State *L);
/* op:take_collateral() -> collateral, or nil */
int azlua_op_take_collateral(lua_State *L);
/* op:collateral_items() -> list of {item, key, is_there, record}: the record is what to keep of one that was fetched */
int azlua_op_collateral_items(lua_State *L);
/* op:give_collateral(place, record, stale) -> true | false when it is not fresh any more | nil, err */
int azlua_op_give_collateral(lua_State *L);
int azlua_op_keys(lua_State *L);
int azlua_op_give_keys(lua_State *L);
int azlua_op_fetch_keys(lua_State *L);
int azlua_op_fetched_keys(lua_State *L);
void azlua_register_options(lua_State *L);

#endif
