/* AttestationToken: readers, validation, the way to the typed claims. */
#include "options.h"
#include "readers.h"

#include <inttypes.h>

CHECK(token, azattest_token)
READER(token, token, algorithm, azlua_push_text)
READER(token, token, key_id, azlua_push_text)
READER(token, token, type, azlua_push_text)
READER(token, token, content_type, azlua_push_text)
READER(token, token, key_url, azlua_push_text)
READER(token, token, x509_url, azlua_push_text)
READER(token, token, certificate_thumbprint, azlua_push_text)
READER(token, token, certificate_sha256_thumbprint, azlua_push_text)
READER(token, token, critical, azlua_push_json)
READER(token, token, x509_certificate_chain, azlua_push_json)
READER(token, token, issuer, azlua_push_text)
STATUS_READER(token, token, body_bytes, expires_on, int64_t, azlua_push_integer)
STATUS_READER(token, token, body_bytes, issued_on, int64_t, azlua_push_integer)
STATUS_READER(token, token, body_bytes, not_before, int64_t, azlua_push_integer)
READER(token, token, header_bytes, azlua_push_bytes)
READER(token, token, body_bytes, azlua_push_bytes)
READER(token, token, signature_bytes, azlua_push_bytes)
READER(token, token, signed_elements, azlua_push_bytes)
READER(token, token, is_secured, lua_pushboolean)
READER(token, token, is_validated, lua_pushboolean)
READER(token, token, signer, azlua_push_signer)
READER(token, token, serialize, azlua_push_bytes)

static int token_header(lua_State *L)
{
    azlua_push_json(L, azattest_token_header_bytes(check_token(L)));
    return 1;
}

/* An unsecured policy token has an empty body: nothing, rather than an object that is not there. */
static int token_body(lua_State *L)
{
    azattest_bytes body = azattest_token_body_bytes(check_token(L));

    if (body.len == 0)
        lua_pushnil(L);
    else
        azlua_push_json(L, body);
    return 1;
}

static int token_claim(lua_State *L)
{
    const azattest_token *token = check_token(L);

    azlua_push_json(L, azattest_token_claim(token, azlua_check_text(L, 2, "claim: the name")));
    return 1;
}

/* core.token_parse(text) -> token | nil, err */
static int token_parse(lua_State *L)
{
    azattest_bytes text = azlua_check_bytes(L, 1, "AttestationToken.parse: the token");
    struct azlua_box *failed = azlua_box_new(L, &azlua_error), *made = azlua_box_new(L, &azlua_token);
    azattest_token *token = NULL;
    azattest_error *error = NULL;
    azattest_status status = azattest_token_parse(text, &token, &error);

    made->object = token;
    failed->object = error;
    azlua_account(L, 4 * text.len);
    return azlua_answer(L, status);
}

/* core.token_validate(token, options) -> true | nil, err */
static int token_validate(lua_State *L)
{
    azattest_token *token = check_token(L);
    struct azlua_box *failed;
    struct azlua_validation validation;
    azattest_error *error = NULL;
    azattest_status status;

    lua_settop(L, 2);
    failed = azlua_box_new(L, &azlua_error);
    azlua_read_validation(L, 2, "validate", &validation);
    status = azattest_token_validate(token, &validation.options, &error);
    failed->object = error;
    lua_settop(L, 3);
    return azlua_answer_true(L, status);
}

void azlua_push_problem(lua_State *L, azattest_status code, const char *detail)
{
    lua_createtable(L, 0, 2);
    lua_pushinteger(L, code);
    lua_setfield(L, -2, "code");
    lua_pushstring(L, detail);
    lua_setfield(L, -2, "detail");
    luaL_setmetatable(L, "azattest.Problem");
}

/* core.token_problems(token, options) -> list | nil, err */
static int token_problems(lua_State *L)
{
    azattest_token *token = check_token(L);
    struct azlua_box *failed, *made;
    struct azlua_validation validation;
    azattest_problems *problems = NULL;
    azattest_error *error = NULL;
    azattest_status status;
    size_t i, count;

    lua_settop(L, 2);
    failed = azlua_box_new(L, &azlua_error);
    made = azlua_box_new(L, &azlua_problems);
    azlua_read_validation(L, 2, "problems", &validation);
    status = azattest_token_problems(token, &validation.options, &problems, &error);
    made->object = problems;
    failed->object = error;
    lua_settop(L, 4);
    if (status != AZATTEST_OK)
        return azlua_answer(L, status);
    count = azattest_problems_count(problems);
    lua_createtable(L, (int)count, 0);
    for (i = 0; i < count; i++) {
        azlua_push_problem(L, azattest_problems_code(problems, i), azattest_problems_detail(problems, i));
        lua_rawseti(L, -2, (int)i + 1);
    }
    azlua_box_clear(made, &azlua_problems);
    return 1;
}

/* token:result{unverified = true} -> result | nil, err */
static int token_result(lua_State *L)
{
    const azattest_token *token = check_token(L);
    struct azlua_box *failed, *made;
    bool unverified;
    azattest_result *result = NULL;
    azattest_error *error = NULL;
    azattest_status status;

    lua_settop(L, 2);
    failed = azlua_box_new(L, &azlua_error);
    made = azlua_box_new(L, &azlua_result);
    unverified = azlua_read_unverified(L, 2);
    status = azattest_token_result(token, unverified, &result, &error);
    made->object = result;
    failed->object = error;
    return azlua_answer(L, status);
}

/* "verified AttestationToken(...)": the verdict first, and never more of the token than a few claims. */
static int token_to_text(lua_State *L)
{
    const azattest_token *token = azlua_test(L, 1, &azlua_token);
    const char *issuer = azattest_token_issuer(token), *algorithm = azattest_token_algorithm(token);
    int64_t expires;
    luaL_Buffer buffer;

    if (token == NULL) {
        lua_pushliteral(L, "AttestationToken (closed)");
        return 1;
    }
    luaL_buffinit(L, &buffer);
    luaL_addstring(&buffer, azattest_token_is_validated(token) ? "verified" : "UNVERIFIED");
    luaL_addstring(&buffer, " AttestationToken(alg=");
    azlua_add_printable(&buffer, algorithm == NULL ? "?" : algorithm);
    if (issuer != NULL) {
        luaL_addstring(&buffer, ", iss=");
        azlua_add_printable(&buffer, issuer);
    }
    if (azattest_token_expires_on(token, &expires) == AZATTEST_OK) {
        luaL_addstring(&buffer, ", exp=");
        azlua_add_time(&buffer, expires);
    }
    luaL_addstring(&buffer, ")");
    luaL_pushresult(&buffer);
    return 1;
}

static int problem_to_text(lua_State *L)
{
    if (lua_type(L, 1) != LUA_TTABLE)
        return azlua_usage(L, "Problem expected, got %s", luaL_typename(L, 1));
    lua_getfield(L, 1, "code");
    lua_getfield(L, 1, "detail");
    lua_pushfstring(L, "%s: %s", azattest_status_name((azattest_status)lua_tointeger(L, -2)), lua_tostring(L, -1));
    return 1;
}

static const luaL_Reg methods[] = { { "serialize", token_serialize }, { "header", token_header },
                                    { "body", token_body },           { "claim", token_claim },
                                    { "result", token_result },       { NULL, NULL } };
static const luaL_Reg readers[] = { { "algorithm", token_algorithm },
                                    { "key_id", token_key_id },
                                    { "type", token_type },
                                    { "content_type", token_content_type },
                                    { "key_url", token_key_url },
                                    { "x509_url", token_x509_url },
                                    { "certificate_thumbprint", token_certificate_thumbprint },
                                    { "certificate_sha256_thumbprint", token_certificate_sha256_thumbprint },
                                    { "critical", token_critical },
                                    { "x509_certificate_chain", token_x509_certificate_chain },
                                    { "issuer", token_issuer },
                                    { "expires_on", token_expires_on },
                                    { "issued_on", token_issued_on },
                                    { "not_before", token_not_before },
                                    { "header_bytes", token_header_bytes },
                                    { "body_bytes", token_body_bytes },
                                    { "signature_bytes", token_signature_bytes },
                                    { "signed_elements", token_signed_elements },
                                    { "is_secured", token_is_secured },
                                    { "is_validated", token_is_validated },
                                    { "signer", token_signer },
                                    { NULL, NULL } };
static const luaL_Reg metamethods[] = { { "__tostring", token_to_text }, { NULL, NULL } };
static const luaL_Reg functions[] = { { "token_parse", token_parse },
                                      { "token_validate", token_validate },
                                      { "token_problems", token_problems },
                                      { NULL, NULL } };

void azlua_register_token(lua_State *L)
{
    static const struct azlua_members token_members = { methods, readers, metamethods, 1 },
                                      none = { NULL, NULL, NULL, 0 };

    azlua_class_register(L, &azlua_token, &token_members);
    azlua_class_register(L, &azlua_problems, &none);
    luaL_newmetatable(L, "azattest.Problem");
    lua_pushcfunction(L, problem_to_text);
    lua_setfield(L, -2, "__tostring");
    lua_pop(L, 1);
    azlua_functions(L, functions);
}
