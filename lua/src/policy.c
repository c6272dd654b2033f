/* Policy: the policy language without a service. What comes of a policy is in policy_outcome.c. */
#include "options.h"
#include "readers.h"

#include <stdio.h>

CHECK(policy, azattest_policy)
READER(policy, policy, text, azlua_push_text)
READER(policy, policy, version, azlua_push_text)
READER(policy, policy, policy_hash, azlua_push_bytes)
READER(policy, policy, rule_count, azlua_push_integer)
READER(policy, policy, formatted, azlua_push_text)
READER(policy, policy, explanation, azlua_push_made_text)

/* core.policy_parse(text, options, who) -> policy | nil, err */
static int policy_parse(lua_State *L)
{
    const char *who = lua_isnoneornil(L, 3) ? "parse" : azlua_check_text(L, 3, "parse: the caller's name");
    char what[64];
    azattest_bytes text;
    struct azlua_box *failed, *made;
    azattest_policy_parse_options options;
    azattest_policy *policy = NULL;
    azattest_error *error = NULL;
    azattest_status status;

    lua_settop(L, 3);
    snprintf(what, sizeof(what), "%s: the policy", who);
    text = azlua_check_bytes(L, 1, what);
    failed = azlua_box_new(L, &azlua_error);
    made = azlua_box_new(L, &azlua_policy);
    azlua_read_parse(L, 2, who, &options);
    status = azattest_policy_parse(text, &options, &policy, &error);
    made->object = policy;
    failed->object = error;
    azlua_account(L, 16 * text.len);
    lua_settop(L, 5);
    return azlua_answer_read(L, status);
}

/* core.policy_lint(text, options) -> report | nil, err */
static int policy_lint(lua_State *L)
{
    azattest_bytes text = azlua_check_bytes(L, 1, "lint: the policy");
    struct azlua_box *failed, *made;
    azattest_policy_parse_options options;
    azattest_policy_report *report = NULL;
    azattest_error *error = NULL;
    azattest_status status;

    lua_settop(L, 2);
    failed = azlua_box_new(L, &azlua_error);
    made = azlua_box_new(L, &azlua_policy_report);
    azlua_read_parse(L, 2, "lint", &options);
    status = azattest_policy_lint(text, &options, &report, &error);
    made->object = report;
    failed->object = error;
    azlua_account(L, azattest_policy_report_count(report) * 512);
    lua_settop(L, 4);
    return azlua_answer_read(L, status);
}

/* core.policy_evaluate(policy, set, options) -> evaluation | nil, err */
static int policy_evaluate(lua_State *L)
{
    enum { roughly = 8 * 1024 }; /* bytes of an evaluation of a default policy */
    const azattest_policy *policy = check_policy(L);
    const azattest_claim_set *claims = azlua_check(L, 2, &azlua_claim_set);
    struct azlua_box *failed, *made;
    azattest_evaluation_options options;
    azattest_policy_evaluation *evaluation = NULL;
    azattest_error *error = NULL;
    azattest_status status;

    lua_settop(L, 3);
    failed = azlua_box_new(L, &azlua_error);
    made = azlua_box_new(L, &azlua_policy_evaluation);
    azlua_read_evaluation(L, 3, "evaluate", &options);
    status = azattest_policy_evaluate(policy, claims, &options, &evaluation, &error);
    made->object = evaluation;
    failed->object = error;
    azlua_account(L, roughly + azattest_policy_rule_count(policy) * 512);
    lua_settop(L, 5);
    return azlua_answer(L, status);
}

/* core.policy_compare(before, after) -> difference | nil, err */
static int policy_compare(lua_State *L)
{
    const azattest_policy *before = check_policy(L), *after = azlua_check(L, 2, &azlua_policy);
    struct azlua_box *failed = azlua_box_new(L, &azlua_error), *made = azlua_box_new(L, &azlua_policy_difference);
    azattest_policy_difference *difference = NULL;
    azattest_error *error = NULL;
    azattest_status status = azattest_policy_compare(before, after, &difference, &error);

    made->object = difference;
    failed->object = error;
    return azlua_answer(L, status);
}

/* core.policy_matches_token(policy, token) -> true | false | nil when the token has no hash */
static int policy_matches_token(lua_State *L)
{
    bool matches;
    azattest_status status = azattest_policy_matches_token(check_policy(L), azlua_check(L, 2, &azlua_token), &matches);

    if (status != AZATTEST_OK && status != AZATTEST_ABSENT)
        return azlua_usage(L, "%s", azattest_status_text(status));
    if (status == AZATTEST_OK)
        lua_pushboolean(L, matches);
    else
        lua_pushnil(L);
    return 1;
}

static int policy_tree(lua_State *L)
{
    return azlua_push_made(L, azattest_policy_tree(check_policy(L)));
}

/* core.policy_default(attestation_type) -> text | nil */
static int policy_default(lua_State *L)
{
    azlua_push_text(L, azattest_policy_default(azlua_check_text(L, 1, "default_text: the type of attestation")));
    return 1;
}

/* core.policy_known_name(hash) -> text | nil */
static int policy_known_name(lua_State *L)
{
    azattest_bytes hash = azlua_check_bytes(L, 1, "known_name: the hash");

    azlua_push_text(L, azattest_policy_known_name(hash));
    return 1;
}

/* core.policy_lint_rules() -> list of {id, severity, meaning, fix} */
static int policy_lint_rules(lua_State *L)
{
    azlua_push_json_text(L, azattest_policy_lint_rules());
    return 1;
}

/* Base64url, in which tokens have the hash. 32 bytes: the last of them have two characters and a half. */
static void write_hash(azattest_bytes hash, char text[AZATTEST_HASH_SIZE * 4 / 3 + 2])
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const unsigned char *bytes = hash.ptr;
    unsigned bits = 0, pending = 0;
    size_t i;

    for (i = 0; i < hash.len; i++) {
        pending = (pending << 8 | bytes[i]) & 0xffffu;
        for (bits += 8; bits >= 6; bits -= 6)
            *text++ = alphabet[pending >> (bits - 6) & 63u];
    }
    if (bits > 0)
        *text++ = alphabet[pending << (6 - bits) & 63u];
    *text = '\0';
}

/* "Policy(version 1.0, 1 rule, hash 9NY0VnTQ-...: default of SevSnpVm on shared instances)" */
static int policy_to_text(lua_State *L)
{
    const azattest_policy *policy = azlua_test(L, 1, &azlua_policy);
    azattest_bytes hash = azattest_policy_policy_hash(policy);
    const char *name = azattest_policy_known_name(hash);
    size_t rules = azattest_policy_rule_count(policy);
    char text[AZATTEST_HASH_SIZE * 4 / 3 + 2];

    if (policy == NULL) {
        lua_pushliteral(L, "Policy (closed)");
        return 1;
    }
    write_hash(hash, text);
    lua_pushfstring(L, "Policy(version %s, %d rule%s, hash %s%s%s)", azattest_policy_version(policy), (int)rules,
                    rules == 1 ? "" : "s", text, name == NULL ? "" : ": ", name == NULL ? "" : name);
    return 1;
}

static const luaL_Reg methods[] = { { "tree", policy_tree }, { NULL, NULL } };
static const luaL_Reg readers[] = { { "text", policy_text },
                                    { "version", policy_version },
                                    { "policy_hash", policy_policy_hash },
                                    { "rule_count", policy_rule_count },
                                    { "formatted", policy_formatted },
                                    { "explanation", policy_explanation },
                                    { NULL, NULL } };
static const luaL_Reg metamethods[] = { { "__tostring", policy_to_text }, { NULL, NULL } };
static const luaL_Reg functions[] = { { "policy_parse", policy_parse },
                                      { "policy_lint", policy_lint },
                                      { "policy_evaluate", policy_evaluate },
                                      { "policy_compare", policy_compare },
                                      { "policy_matches_token", policy_matches_token },
                                      { "policy_default", policy_default },
                                      { "policy_known_name", policy_known_name },
                                      { "policy_lint_rules", policy_lint_rules },
                                      { NULL, NULL } };

void azlua_register_policy(lua_State *L)
{
    static const struct azlua_members members = { methods, readers, metamethods, 0 };

    azlua_class_register(L, &azlua_policy, &members);
    azlua_functions(L, functions);
}
