/* What comes of a policy: PolicyReport, PolicyEvaluation, PolicyDifference. */
#include "module.h"
#include "readers.h"

#include <stdio.h>

CHECK(policy_report, azattest_policy_report)
CHECK(policy_evaluation, azattest_policy_evaluation)
CHECK(policy_difference, azattest_policy_difference)

/* What is made when it is first asked for, and absent only when memory is short. */
#define MADE(class, name)                                                                                              \
    static int class##_##name(lua_State *L)                                                                            \
    {                                                                                                                  \
        return azlua_push_made(L, azattest_##class##_##name(check_##class(L)));                                        \
    }

/* ---- PolicyReport ---- */

READER(policy_report, policy_report, error_count, azlua_push_integer)
READER(policy_report, policy_report, warning_count, azlua_push_integer)
READER(policy_report, policy_report, note_count, azlua_push_integer)
READER(policy_report, policy_report, is_cut, lua_pushboolean)
READER(policy_report, policy_report, json, azlua_push_made_bytes)

static const char finding_name[] = "azattest.Finding"; /* metatable of a table: it only has a text for people */

static void set_text(lua_State *L, const char *name, const char *text)
{
    lua_pushstring(L, text);
    lua_setfield(L, -2, name);
}

static void set_number(lua_State *L, const char *name, size_t number)
{
    azlua_push_integer(L, (int64_t)number);
    lua_setfield(L, -2, name);
}

static int policy_report_findings(lua_State *L)
{
    const azattest_policy_report *report = check_policy_report(L);
    size_t i, count = azattest_policy_report_count(report);

    lua_createtable(L, (int)count, 0);
    for (i = 0; i < count; i++) {
        lua_createtable(L, 0, 9);
        set_text(L, "severity", azattest_policy_report_severity(report, i));
        set_text(L, "id", azattest_policy_report_id(report, i));
        set_number(L, "line", azattest_policy_report_line(report, i));
        set_number(L, "column", azattest_policy_report_column(report, i));
        set_number(L, "offset", azattest_policy_report_offset(report, i));
        set_number(L, "length", azattest_policy_report_length(report, i));
        set_text(L, "message", azattest_policy_report_message(report, i));
        set_text(L, "found", azattest_policy_report_found(report, i));
        set_text(L, "expected", azattest_policy_report_expected(report, i));
        luaL_setmetatable(L, finding_name);
        lua_rawseti(L, -2, (int)i + 1);
    }
    return 1;
}

static int policy_report_length(lua_State *L)
{
    azlua_push_integer(L, (int64_t)azattest_policy_report_count(check_policy_report(L)));
    return 1;
}

/* "3:8: error: = assigns: ... [single-equals]" */
static void add_finding(luaL_Buffer *buffer, long line, long column, const char *severity, const char *message,
                        const char *id)
{
    char place[48];

    snprintf(place, sizeof(place), "%ld:%ld: ", line, column);
    luaL_addstring(buffer, place);
    luaL_addstring(buffer, severity);
    luaL_addstring(buffer, ": ");
    azlua_add_line(buffer, message);
    luaL_addstring(buffer, " [");
    luaL_addstring(buffer, id);
    luaL_addstring(buffer, "]");
}

/* A line or a column; what cannot be one is 0. Findings are tables, in which anything may be put. */
static long check_place(lua_State *L, int index)
{
    lua_Number number = luaL_checknumber(L, index);

    return number >= 0 && number < 1e9 ? (long)number : 0;
}

/* Of a finding of the list `findings`. */
static int finding_to_text(lua_State *L)
{
    enum { line = 2, column, severity, message, id };
    luaL_Buffer buffer;

    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    lua_getfield(L, 1, "line");
    lua_getfield(L, 1, "column");
    lua_getfield(L, 1, "severity");
    lua_getfield(L, 1, "message");
    lua_getfield(L, 1, "id");
    luaL_buffinit(L, &buffer);
    add_finding(&buffer, check_place(L, line), check_place(L, column), luaL_checkstring(L, severity),
                luaL_checkstring(L, message), luaL_checkstring(L, id));
    luaL_pushresult(&buffer);
    return 1;
}

static size_t add_count(lua_State *L, luaL_Buffer *buffer, size_t before, size_t count, const char *what)
{
    if (count == 0)
        return before;
    lua_pushfstring(L, "%s%d %s%s", before == 0 ? "" : ", ", (int)count, what, count == 1 ? "" : "s");
    luaL_addvalue(buffer);
    return before + count;
}

/* A line for each finding, then how many there are. */
static int policy_report_to_text(lua_State *L)
{
    const azattest_policy_report *report = azlua_test(L, 1, &azlua_policy_report);
    size_t i, told = 0, count = azattest_policy_report_count(report);
    luaL_Buffer buffer;

    if (report == NULL) {
        lua_pushliteral(L, "PolicyReport (closed)");
        return 1;
    }
    luaL_buffinit(L, &buffer);
    for (i = 0; i < count; i++) {
        add_finding(&buffer, azattest_policy_report_line(report, i), azattest_policy_report_column(report, i),
                    azattest_policy_report_severity(report, i), azattest_policy_report_message(report, i),
                    azattest_policy_report_id(report, i));
        luaL_addchar(&buffer, '\n');
    }
    told = add_count(L, &buffer, told, azattest_policy_report_error_count(report), "error");
    told = add_count(L, &buffer, told, azattest_policy_report_warning_count(report), "warning");
    told = add_count(L, &buffer, told, azattest_policy_report_note_count(report), "note");
    if (told == 0)
        luaL_addstring(&buffer, "no findings");
    if (azattest_policy_report_is_cut(report))
        luaL_addstring(&buffer, ", and more that is left out");
    luaL_pushresult(&buffer);
    return 1;
}

/* ---- PolicyEvaluation ---- */

READER(policy_evaluation, policy_evaluation, is_permitted, lua_pushboolean)
READER(policy_evaluation, policy_evaluation, outcome, azlua_push_text)
READER(policy_evaluation, policy_evaluation, reason, azlua_push_text)
READER(policy_evaluation, policy_evaluation, deny_rule, azlua_push_text)
MADE(policy_evaluation, claims)
MADE(policy_evaluation, properties)
MADE(policy_evaluation, trace)
READER(policy_evaluation, policy_evaluation, explanation, azlua_push_made_text)

static int policy_evaluation_incoming(lua_State *L)
{
    return azlua_push_claims(L, azattest_policy_evaluation_incoming(check_policy_evaluation(L)));
}

static int policy_evaluation_deny_line(lua_State *L)
{
    unsigned line = azattest_policy_evaluation_deny_line(check_policy_evaluation(L));

    if (line == 0)
        lua_pushnil(L);
    else
        lua_pushinteger(L, (lua_Integer)line);
    return 1;
}

static int policy_evaluation_to_text(lua_State *L)
{
    const azattest_policy_evaluation *evaluation = azlua_test(L, 1, &azlua_policy_evaluation);

    if (evaluation == NULL)
        lua_pushliteral(L, "PolicyEvaluation (closed)");
    else
        azlua_push_made_text(L, azattest_policy_evaluation_explanation(evaluation));
    return 1;
}

/* ---- PolicyDifference ---- */

READER(policy_difference, policy_difference, is_same, lua_pushboolean)
READER(policy_difference, policy_difference, is_same_text, lua_pushboolean)
READER(policy_difference, policy_difference, change_count, azlua_push_integer)
READER(policy_difference, policy_difference, outcome_count, azlua_push_integer)
READER(policy_difference, policy_difference, outcome_changed_count, azlua_push_integer)
READER(policy_difference, policy_difference, text, azlua_push_made_text)
MADE(policy_difference, json)

/* core.policy_difference_add(difference, name, set) -> true | nil, err */
static int policy_difference_add(lua_State *L)
{
    azattest_policy_difference *difference = check_policy_difference(L);
    const char *name = azlua_check_text(L, 2, "add: the name of the claims");
    const azattest_claim_set *claims = azlua_check(L, 3, &azlua_claim_set);
    struct azlua_box *failed = azlua_box_new(L, &azlua_error);
    azattest_error *error = NULL;
    azattest_status status = azattest_policy_difference_add(difference, name, claims, &error);

    failed->object = error;
    azlua_account(L, 1024);
    return azlua_answer_true(L, status);
}

static int policy_difference_to_text(lua_State *L)
{
    const azattest_policy_difference *difference = azlua_test(L, 1, &azlua_policy_difference);

    if (difference == NULL)
        lua_pushliteral(L, "PolicyDifference (closed)");
    else
        azlua_push_made_text(L, azattest_policy_difference_text(difference));
    return 1;
}

/* ---- */

static const luaL_Reg report_readers[] = { { "findings", policy_report_findings },
                                           { "error_count", policy_report_error_count },
                                           { "warning_count", policy_report_warning_count },
                                           { "note_count", policy_report_note_count },
                                           { "is_cut", policy_report_is_cut },
                                           { "json", policy_report_json },
                                           { NULL, NULL } };
static const luaL_Reg report_metamethods[] = { { "__tostring", policy_report_to_text },
                                               { "__len", policy_report_length },
                                               { NULL, NULL } };
static const luaL_Reg evaluation_readers[] = { { "is_permitted", policy_evaluation_is_permitted },
                                               { "outcome", policy_evaluation_outcome },
                                               { "reason", policy_evaluation_reason },
                                               { "deny_line", policy_evaluation_deny_line },
                                               { "deny_rule", policy_evaluation_deny_rule },
                                               { "claims", policy_evaluation_claims },
                                               { "properties", policy_evaluation_properties },
                                               { "incoming", policy_evaluation_incoming },
                                               { "trace", policy_evaluation_trace },
                                               { "explanation", policy_evaluation_explanation },
                                               { NULL, NULL } };
static const luaL_Reg evaluation_metamethods[] = { { "__tostring", policy_evaluation_to_text }, { NULL, NULL } };
static const luaL_Reg difference_methods[] = { { "to_dict", policy_difference_json }, { NULL, NULL } };
static const luaL_Reg difference_readers[] = { { "is_same", policy_difference_is_same },
                                               { "is_same_text", policy_difference_is_same_text },
                                               { "change_count", policy_difference_change_count },
                                               { "outcome_count", policy_difference_outcome_count },
                                               { "outcome_changed_count", policy_difference_outcome_changed_count },
                                               { "text", policy_difference_text },
                                               { NULL, NULL } };
static const luaL_Reg difference_metamethods[] = { { "__tostring", policy_difference_to_text }, { NULL, NULL } };
static const luaL_Reg functions[] = { { "policy_difference_add", policy_difference_add }, { NULL, NULL } };

void azlua_register_policy_outcome(lua_State *L)
{
    static const struct azlua_members report = { NULL, report_readers, report_metamethods, 0 },
                                      evaluation = { NULL, evaluation_readers, evaluation_metamethods, 0 },
                                      difference = { difference_methods, difference_readers, difference_metamethods,
                                                     0 };

    azlua_class_register(L, &azlua_policy_report, &report);
    azlua_class_register(L, &azlua_policy_evaluation, &evaluation);
    azlua_class_register(L, &azlua_policy_difference, &difference);
    luaL_newmetatable(L, finding_name);
    lua_pushcfunction(L, finding_to_text);
    lua_setfield(L, -2, "__tostring");
    lua_pop(L, 1);
    azlua_functions(L, functions);
}
