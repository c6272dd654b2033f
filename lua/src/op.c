/*
 * Operations, as a driver in Lua sees them: what is wanted next, the answer, the outcome. No function here waits or
 * calls back, so a driver may yield between any two of them.
 */
#include "options.h"
#include "readers.h"

#include <string.h>

CHECK(op, azattest_op)

/* op:step() -> "http", "sleep", "token", "file", "process", "keys", "done" or "failed" */
static int op_step(lua_State *L)
{
    switch (azattest_op_step(check_op(L))) {
    case AZATTEST_NEED_HTTP:
        lua_pushliteral(L, "http");
        return 1;
    case AZATTEST_NEED_SLEEP:
        lua_pushliteral(L, "sleep");
        return 1;
    case AZATTEST_NEED_TOKEN:
        lua_pushliteral(L, "token");
        return 1;
    case AZATTEST_NEED_FILE:
        lua_pushliteral(L, "file");
        return 1;
    case AZATTEST_NEED_PROCESS:
        lua_pushliteral(L, "process");
        return 1;
    case AZATTEST_NEED_KEYS:
        lua_pushliteral(L, "keys");
        return 1;
    case AZATTEST_NEED_DONE:
        lua_pushliteral(L, "done");
        return 1;
    case AZATTEST_NEED_FAILED:
        break;
    }
    lua_pushliteral(L, "failed");
    return 1;
}

/* op:request() -> {method, url, headers, body, response_limit, timeout, and of managed identities bypasses_proxy,
 * connect_timeout, server_thumbprint}, or nil when none is wanted */
static int op_request(lua_State *L)
{
    azattest_op *op = check_op(L);
    const azattest_request *request = azattest_op_request(op);
    int64_t remaining_ms = azattest_op_remaining_ms(op);
    size_t i, count = azattest_request_header_count(request);

    if (request == NULL) {
        lua_pushnil(L);
        return 1;
    }
    lua_createtable(L, 0, 6);
    azlua_push_text(L, azattest_request_method(request));
    lua_setfield(L, -2, "method");
    azlua_push_text(L, azattest_request_url(request));
    lua_setfield(L, -2, "url");
    lua_createtable(L, 0, (int)count);
    for (i = 0; i < count; i++) {
        azlua_push_text(L, azattest_request_header_value(request, i));
        lua_setfield(L, -2, azattest_request_header_name(request, i));
    }
    lua_setfield(L, -2, "headers");
    azlua_push_bytes(L, azattest_request_body(request));
    lua_setfield(L, -2, "body");
    azlua_push_integer(L, (int64_t)azattest_request_response_limit(request));
    lua_setfield(L, -2, "response_limit");
    if (remaining_ms >= 0) {
        lua_pushnumber(L, (lua_Number)remaining_ms / 1000);
        lua_setfield(L, -2, "timeout");
    }
    lua_pushboolean(L, azattest_request_bypasses_proxy(request));
    lua_setfield(L, -2, "bypasses_proxy");
    if (azattest_request_connect_timeout_ms(request) > 0) {
        lua_pushnumber(L, (lua_Number)azattest_request_connect_timeout_ms(request) / 1000);
        lua_setfield(L, -2, "connect_timeout");
    }
    azlua_push_text(L, azattest_request_server_thumbprint(request));
    lua_setfield(L, -2, "server_thumbprint");
    return 1;
}

/* op:wait() -> seconds */
static int op_wait(lua_State *L)
{
    lua_pushnumber(L, (lua_Number)azattest_op_wait_ms(check_op(L)) / 1000);
    return 1;
}

static int op_waited(lua_State *L)
{
    if (azattest_op_waited(check_op(L)) != AZATTEST_OK)
        return azlua_usage(L, "the operation does not wait");
    return 0;
}

static int op_cancel(lua_State *L)
{
    azattest_op_cancel(check_op(L));
    return 0;
}

/* Number of header lines in the table at the top; each value is a string or a list of strings. */
static size_t count_headers(lua_State *L)
{
    size_t count = 0;

    for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1)) {
        azlua_check_text(L, -2, "the answer: the name of a header");
        count += lua_type(L, -1) == LUA_TTABLE ? lua_rawlen(L, -1) : 1;
    }
    return count;
}

static void fill_headers(lua_State *L, int table, azattest_header *headers, size_t count)
{
    size_t used = 0, i;

    for (lua_pushnil(L); lua_next(L, table) != 0; lua_pop(L, 1)) {
        const char *name = lua_tostring(L, -2);

        if (lua_type(L, -1) != LUA_TTABLE) {
            headers[used].name = name;
            headers[used++].value = azlua_check_text(L, -1, "the answer: the value of a header");
            continue;
        }
        for (i = 1; used < count && i <= lua_rawlen(L, -1); i++) {
            lua_rawgeti(L, -1, (int)i);
            headers[used].name = name;
            headers[used++].value = azlua_check_text(L, -1, "the answer: the value of a header");
            lua_pop(L, 1); /* its list keeps it alive */
        }
    }
}

static int field(lua_State *L, int table, const char *name)
{
    lua_pushstring(L, name);
    lua_rawget(L, table);
    return lua_type(L, -1);
}

/* op:respond{status =, reason =, headers =, body =} */
static int op_respond(lua_State *L)
{
    azattest_op *op = check_op(L);
    azattest_http_response response = AZATTEST_HTTP_RESPONSE_INIT;
    azattest_header *headers;

    lua_settop(L, 2);
    if (lua_type(L, 2) != LUA_TTABLE)
        return azlua_usage(L, "the transport's answer must be a table, got %s", luaL_typename(L, 2));
    if (field(L, 2, "status") != LUA_TNUMBER || !(lua_tonumber(L, -1) >= 100 && lua_tonumber(L, -1) <= 599))
        return azlua_usage(L, "the transport's answer has no HTTP status from 100 to 599");
    response.status = (int)lua_tonumber(L, -1);
    if (field(L, 2, "reason") != LUA_TNIL)
        response.reason = azlua_check_text(L, -1, "the answer: the reason");
    if (field(L, 2, "body") != LUA_TNIL)
        response.body = azlua_check_bytes(L, -1, "the answer: the body");
    if (field(L, 2, "headers") != LUA_TNIL) {
        int table = lua_gettop(L);

        if (lua_type(L, table) != LUA_TTABLE)
            return azlua_usage(L, "the answer: the headers must be a table, got %s", luaL_typename(L, table));
        response.header_count = count_headers(L);
        headers = lua_newuserdata(L, (response.header_count + 1) * sizeof(*headers)); /* plain memory of Lua's */
        fill_headers(L, table, headers, response.header_count);
        response.headers = headers;
    }
    if (azattest_op_respond(op, &response) == AZATTEST_E_STATE)
        return azlua_usage(L, "the operation did not ask for an answer");
    return 0; /* any other failure is the operation's, which the next step tells */
}

/* op:fail(kind, message, answered): kind is "transport", "timeout", "cancelled", or "final" (not to be tried again);
 * for a token, a file or a process also "auth" and "unavailable" */
static int op_fail(lua_State *L)
{
    static const struct {
        const char *kind;
        azattest_status status;
        bool of_request;
    } kinds[] = {
        { "transport", AZATTEST_E_TRANSPORT, true }, { "timeout", AZATTEST_E_TIMEOUT, true },
        { "cancelled", AZATTEST_E_CANCELLED, true }, { "final", AZATTEST_E_CRYPTO, true },
        { "auth", AZATTEST_E_AUTH, false },          { "unavailable", AZATTEST_E_CREDENTIAL_UNAVAILABLE, false }
    };
    const size_t count = sizeof(kinds) / sizeof(kinds[0]);
    azattest_op *op = check_op(L);
    const char *kind = azlua_check_text(L, 2, "the transport's kind of failure");
    const char *message = azlua_check_text(L, 3, "the transport's message");
    size_t i;

    for (i = 0; i < count && strcmp(kinds[i].kind, kind) != 0; i++)
        ;
    if (i == count || (!kinds[i].of_request && azattest_op_request(op) != NULL))
        return azlua_usage(
            L, "the transport's kind of failure must be transport, timeout, cancelled or final, not '%s'", kind);
    if (azattest_op_fail(op, kinds[i].status, message, lua_toboolean(L, 4) != 0) == AZATTEST_E_STATE)
        return azlua_usage(L, "the operation did not ask for an answer");
    return 0;
}

/* op:scopes() -> text, or nil when no token is wanted */
static int op_scopes(lua_State *L)
{
    azlua_push_text(L, azattest_op_scopes(check_op(L)));
    return 1;
}

static int64_t seconds_at(lua_State *L, int index)
{
    lua_Number value = lua_tonumber(L, index);

    return value >= 1 && value < 1e15 ? (int64_t)value : 0;
}

/* op:give_token(token, expires_on, refresh_on) -> true, or false when that is no token */
static int op_give_token(lua_State *L)
{
    azattest_op *op = check_op(L);
    azattest_access_token token = AZATTEST_ACCESS_TOKEN_INIT;
    azattest_status status;

    token.token = azlua_check_text(L, 2, "the credential's token");
    token.expires_on_s = seconds_at(L, 3);
    token.refresh_on_s = seconds_at(L, 4);
    if ((status = azattest_op_give_token(op, &token)) == AZATTEST_E_STATE)
        return azlua_usage(L, "the operation did not ask for a token");
    lua_pushboolean(L, status == AZATTEST_OK);
    return 1;
}

/* op:file() -> path, largest size; or nil when no file is wanted */
static int op_file(lua_State *L)
{
    azattest_op *op = check_op(L);

    azlua_push_text(L, azattest_op_file_path(op));
    azlua_push_integer(L, (int64_t)azattest_op_file_limit(op));
    return 2;
}

/* op:give_file(content): nil when there is no such file */
static int op_give_file(lua_State *L)
{
    azattest_op *op = check_op(L);
    azattest_bytes content = { NULL, 0 };

    lua_settop(L, 2);
    if (!lua_isnil(L, 2))
        content = azlua_check_bytes(L, 2, "the file's content");
    if (azattest_op_give_file(op, content) == AZATTEST_E_STATE)
        return azlua_usage(L, "the operation did not ask for a file");
    return 0;
}

/* op:take_access_token() -> token, expires_on; or nil */
static int op_take_access_token(lua_State *L)
{
    azattest_op *op = check_op(L);
    struct azlua_box *box = azlua_box_new(L, &azlua_access_token);
    azattest_access_token *token = azattest_op_take_access_token(op);

    if (token == NULL) {
        lua_pushnil(L);
        return 1;
    }
    box->object = token;
    azlua_push_text(L, token->token);
    azlua_push_integer(L, token->expires_on_s);
    azlua_box_clear(box, &azlua_access_token);
    return 2;
}

/* op:take_error() -> err, or nil */
static int op_take_error(lua_State *L)
{
    azattest_op *op = check_op(L);
    struct azlua_box *box = azlua_box_new(L, &azlua_error);

    box->object = azattest_op_take_error(op);
    if (box->object == NULL)
        lua_pushnil(L);
    return 1;
}

/* op:take_response() -> token, value, request_id, is_draft, warning; or nil */
static int op_take_response(lua_State *L)
{
    azattest_op *op = check_op(L);
    struct azlua_box *box = azlua_box_new(L, &azlua_response), *token = azlua_box_new(L, &azlua_token),
                     *value = azlua_box_new(L, &azlua_result);
    azattest_response *response = azattest_op_take_response(op);

    if (response == NULL) {
        lua_pushnil(L);
        return 1;
    }
    box->object = response;
    azlua_push_text(L, azattest_response_request_id(response));
    lua_pushboolean(L, azattest_response_is_draft(response));
    azlua_push_text(L, azattest_response_warning(response));
    token->object = azattest_response_take_token(response);
    value->object = azattest_response_take_value(response);
    azlua_account(L, 4 * azattest_token_serialize(token->object).len);
    azlua_box_clear(box, &azlua_response);
    return 5;
}

/* op:take_signers() -> signers, or nil */
static int op_take_signers(lua_State *L)
{
    azattest_op *op = check_op(L);
    struct azlua_box *box = azlua_box_new(L, &azlua_signers);

    box->object = azattest_op_take_signers(op);
    if (box->object == NULL)
        lua_pushnil(L);
    return 1;
}

/* op:take_metadata() -> metadata, or nil */
static int op_take_metadata(lua_State *L)
{
    azattest_op *op = check_op(L);
    struct azlua_box *box = azlua_box_new(L, &azlua_metadata);

    box->object = azattest_op_take_metadata(op);
    if (box->object == NULL)
        lua_pushnil(L);
    return 1;
}

/* op:take_text() -> string, or nil */
static int op_take_text(lua_State *L)
{
    azattest_op *op = check_op(L);
    struct azlua_box *box = azlua_box_new(L, &azlua_text);
    size_t length = 0;
    char *text = azattest_op_take_text(op, &length);

    box->object = text;
    if (text == NULL)
        lua_pushnil(L);
    else
        lua_pushlstring(L, text, length);
    azlua_box_clear(box, &azlua_text);
    return 1;
}

/* Sets a field of the table at the top from a reader's status: absent leaves it out, another type raises. */
#define BASELINE_FIELD(name, value_type, push)                                                                         \
    do {                                                                                                               \
        value_type value;                                                                                              \
        azattest_status status = azattest_tcb_baselines_##name(list, i, &value);                                       \
                                                                                                                       \
        if (status == AZATTEST_OK)                                                                                     \
            push(L, value);                                                                                            \
        else                                                                                                           \
            azlua_push_status(L, #name, status);                                                                       \
        lua_setfield(L, -2, #name);                                                                                    \
    } while (0)

/* op:take_tcb_baselines() -> list of tables, or nil */
static int op_take_tcb_baselines(lua_State *L)
{
    azattest_op *op = check_op(L);
    struct azlua_box *box = azlua_box_new(L, &azlua_tcb_baselines);
    azattest_tcb_baselines *list = azattest_op_take_tcb_baselines(op);
    size_t i;

    box->object = list;
    if (list == NULL) {
        lua_pushnil(L);
        return 1;
    }
    lua_createtable(L, (int)azattest_tcb_baselines_count(list), 0);
    for (i = 0; i < azattest_tcb_baselines_count(list); i++) {
        lua_createtable(L, 0, 6);
        BASELINE_FIELD(tcb_identifier, const char *, azlua_push_text);
        BASELINE_FIELD(tcb_evaluation_data_number, int64_t, azlua_push_integer);
        BASELINE_FIELD(tcb_release_date, int64_t, azlua_push_integer);
        BASELINE_FIELD(minimum_psw_linux_version, const char *, azlua_push_text);
        BASELINE_FIELD(minimum_psw_windows_version, const char *, azlua_push_text);
        BASELINE_FIELD(is_selected_tcb, bool, lua_pushboolean);
        lua_rawseti(L, -2, (int)i + 1);
    }
    azlua_box_clear(box, &azlua_tcb_baselines);
    return 1;
}

/* core.log_take() -> level, message; or nothing: what the library has said since */
static int log_take(lua_State *L)
{
    static const char *const names[] = { "off", "verbose", "info", "warning", "error" };
    struct azlua_box *box = azlua_box_new(L, &azlua_text);
    int level = 0;
    char *message = azattest_log_take(&level);

    box->object = message;
    if (message == NULL)
        return 0;
    lua_pushstring(L, names[level >= AZATTEST_LOG_VERBOSE && level <= AZATTEST_LOG_ERROR ? level : 0]);
    lua_pushstring(L, message);
    azlua_box_clear(box, &azlua_text);
    return 2;
}

/* core.log_collect(word): from that level on messages are kept for log_take(); without a word none. */
static int log_collect(lua_State *L)
{
    const char *word = lua_isnoneornil(L, 1) ? "off" : azlua_check_text(L, 1, "log_set: the level");
    int level = strcmp(word, "off") == 0 ? AZATTEST_LOG_OFF : azattest_log_level_of(word);

    if (level == 0)
        return azlua_usage(L, "log_set: the level must be verbose, info, warning, error or off, got '%s'", word);
    azattest_log_collect((azattest_log_level)level);
    return 0;
}

static const luaL_Reg methods[] = { { "step", op_step },
                                    { "request", op_request },
                                    { "respond", op_respond },
                                    { "fail", op_fail },
                                    { "wait", op_wait },
                                    { "waited", op_waited },
                                    { "cancel", op_cancel },
                                    { "scopes", op_scopes },
                                    { "give_token", op_give_token },
                                    { "file", op_file },
                                    { "give_file", op_give_file },
                                    { "keys", azlua_op_keys },
                                    { "give_keys", azlua_op_give_keys },
                                    { "fetch_keys", azlua_op_fetch_keys },
                                    { "fetched_keys", azlua_op_fetched_keys },
                                    { "take_access_token", op_take_access_token },
                                    { "take_error", op_take_error },
                                    { "take_response", op_take_response },
                                    { "take_signers", op_take_signers },
                                    { "take_metadata", op_take_metadata },
                                    { "take_text", op_take_text },
                                    { "take_tcb_baselines", op_take_tcb_baselines },
                                    { "take_collateral", azlua_op_take_collateral },
                                    { "collateral_items", azlua_op_collateral_items },
                                    { "give_collateral", azlua_op_give_collateral },
                                    { NULL, NULL } };

void azlua_register_op(lua_State *L)
{
    static const luaL_Reg functions[] = { { "log_take", log_take }, { "log_collect", log_collect }, { NULL, NULL } };
    static const struct azlua_members members = { methods, NULL, NULL, 1 }, none = { NULL, NULL, NULL, 0 };

    azlua_class_register(L, &azlua_op, &members);
    azlua_class_register(L, &azlua_response, &none);
    azlua_class_register(L, &azlua_access_token, &none);
    azlua_class_register(L, &azlua_tcb_baselines, &none);
    azlua_functions(L, functions);
}
