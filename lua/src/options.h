/*
 * Options: one table, every key known or the call raises. Text is borrowed from the table's own strings, so these
 * functions come after the boxes, and the table stays where it is until the call is over.
 */
#ifndef AZATTEST_LUA_OPTIONS_H
#define AZATTEST_LUA_OPTIONS_H

#include <stdbool.h>

#include <azattest/transport.h>

#include "module.h"

/* The structs of the library with the room that their lists need. */
struct azlua_validation {
    azattest_validation_options options;
    const char *issuers[AZATTEST_LIMIT_LIST];
    const char *algorithms[AZATTEST_LIMIT_LIST];
    azattest_claim_requirement claims[AZATTEST_LIMIT_LIST];
};

struct azlua_attest {
    azattest_attest_options options; /* its `validation` is the next member */
    struct azlua_validation validation;
};

struct azlua_policy {
    azattest_policy_options options; /* its `validation` is the next member */
    struct azlua_validation validation;
};

struct azlua_client {
    azattest_client_options options; /* its `validation` and `user_agent` are the next members */
    char user_agent[64];
    struct azlua_validation validation;
};

struct azlua_fetching {
    azattest_collateral_options options; /* its `client` is the next member */
    azattest_client_options client;
    char user_agent[64];
};

/* Raises for a table that inherits members. */
void azlua_check_plain(lua_State *L, int index, const char *who);
/* `index` is absolute: a table, or nil for defaults. `who` names the call in errors. May leave values on the stack. */
void azlua_read_validation(lua_State *L, int index, const char *who, struct azlua_validation *out);
void azlua_read_attest(lua_State *L, int index, const char *who, struct azlua_attest *out);
void azlua_read_policy(lua_State *L, int index, const char *who, struct azlua_policy *out);
void azlua_read_signing_key(lua_State *L, int index, azattest_signing_key_options *out);
/* The same for a call that gives no token: there is nothing to validate. */
void azlua_read_attest_for_text(lua_State *L, int index, const char *who, struct azlua_attest *out);
/* Behind the options stand what the client runs in (text for User-Agent, or nil) and whether it shares keys. */
void azlua_read_client(lua_State *L, int index, const char *who, struct azlua_client *out);
void azlua_read_connection(lua_State *L, int index, const char *who, azattest_curl_options *out);
void azlua_read_credential(lua_State *L, int index, const char *who, azattest_credential_options *out);
void azlua_read_verify(lua_State *L, int index, const char *who, azattest_verify_options *out);
void azlua_read_guest(lua_State *L, int index, azattest_guest_parts *out); /* all but the PCRs */
/* Behind the options stands what the call runs in, as of azlua_read_client(). */
void azlua_read_fetching(lua_State *L, int index, const char *who, struct azlua_fetching *out);
void azlua_read_tcb_baseline(lua_State *L, int index, azattest_tcb_baseline_options *out);
/* Where claims come from, how a policy is read, and how it is evaluated. */
void azlua_read_claim_source(lua_State *L, int index, const char *who, azattest_claims_options *out);
void azlua_read_parse(lua_State *L, int index, const char *who, azattest_policy_parse_options *out);
void azlua_read_evaluation(lua_State *L, int index, const char *who, azattest_evaluation_options *out);
void azlua_read_secret(lua_State *L, int index, azattest_secret_options *out);
/* The table of claims is at the top. Leaves a table on the stack that keeps the values' JSON text alive. */
void azlua_read_claims(lua_State *L, const char *what, struct azlua_validation *out);
bool azlua_read_unverified(lua_State *L, int index);

#endif
