/* Secure key release, and AttestationData. */
#include "options.h"
#include "readers.h"

#include <string.h>

CHECK(result, azattest_result)
CHECK(data, azattest_data)
READER(data, data, bytes, azlua_push_bytes)
READER(data, data, is_json, lua_pushboolean)

/* Seals to the key of a result, or (NULL) to that key; the secret and the options are the arguments 2 and 3. */
static int seal(lua_State *L, const azattest_result *result, azattest_bytes key)
{
    azattest_bytes secret = azlua_check_bytes(L, 2, "seal_secret: the secret");
    struct azlua_box *failed, *made;
    azattest_secret_options options;
    azattest_error *error = NULL;
    azattest_status status;
    char *sealed = NULL;
    size_t length = 0;

    lua_settop(L, 3);
    failed = azlua_box_new(L, &azlua_error);
    made = azlua_box_new(L, &azlua_text);
    azlua_read_secret(L, 3, &options);
    status = result != NULL ? azattest_result_seal_secret(result, &options, secret, &sealed, &length, &error)
                            : azattest_secret_seal(key, &options, secret, &sealed, &length, &error);
    made->object = sealed;
    failed->object = error;
    lua_settop(L, 5);
    if (status != AZATTEST_OK)
        return azlua_answer(L, status);
    lua_pushlstring(L, made->object, length);
    azlua_box_clear(made, &azlua_text);
    return 1;
}

int azlua_result_seal_secret(lua_State *L)
{
    return seal(L, check_result(L), (azattest_bytes){ NULL, 0 });
}

/* core.seal_secret(key, secret, options) -> JWE text | nil, err */
static int seal_secret(lua_State *L)
{
    return seal(L, NULL, azlua_check_bytes(L, 1, "seal_secret: the key"));
}

/* A box that holds an opened secret with its length until a string of Lua's has it; wiped, whatever happens on the way.
 */
struct secret_box {
    struct azlua_box box; /* its object is the next member */
    struct azlua_secret_text secret;
};

static struct secret_box *secret_box_new(lua_State *L)
{
    struct secret_box *made = lua_newuserdata(L, sizeof(*made));

    made->box.object = NULL;
    luaL_setmetatable(L, azlua_secret.registry);
    return made;
}

/* core.open_secret(private_key, sealed, passphrase) -> secret | nil, err */
static int open_secret(lua_State *L)
{
    azattest_bytes key = azlua_check_bytes(L, 1, "open_secret: the private key");
    azattest_bytes sealed = azlua_check_bytes(L, 2, "open_secret: the sealed secret");
    const char *passphrase = lua_isnoneornil(L, 3) ? NULL : azlua_check_text(L, 3, "open_secret: the passphrase");
    struct azlua_box *failed;
    struct secret_box *made;
    azattest_error *error = NULL;
    azattest_status status;

    lua_settop(L, 3);
    failed = azlua_box_new(L, &azlua_error);
    made = secret_box_new(L);
    status = azattest_secret_open(key, passphrase, sealed, &made->secret.text, &made->secret.length, &error);
    made->box.object = &made->secret;
    failed->object = error;
    if (status != AZATTEST_OK)
        return azlua_answer(L, status);
    lua_pushlstring(L, made->secret.text, made->secret.length);
    azlua_box_clear(&made->box, &azlua_secret);
    return 1;
}

/* ---- the sealed answers of attest_azure_guest ---- */

/* What stands between the two boxes' making and the outcome: gives the string, or nil and the error. */
static int give_text(lua_State *L, azattest_status status, struct azlua_box *made, size_t length)
{
    if (status != AZATTEST_OK)
        return azlua_answer(L, status);
    lua_pushlstring(L, made->object, length);
    azlua_box_clear(made, &azlua_text);
    return 1;
}

/* core.guest_answer_key(sealed) -> string | nil, err */
static int guest_answer_key(lua_State *L)
{
    azattest_bytes sealed = azlua_check_bytes(L, 1, "guest_answer_key: the sealed answer");
    struct azlua_box *failed = azlua_box_new(L, &azlua_error), *made = azlua_box_new(L, &azlua_text);
    unsigned char *key = NULL;
    size_t length = 0;
    azattest_error *error = NULL;
    azattest_status status = azattest_guest_answer_key(sealed, &key, &length, &error);

    made->object = key;
    failed->object = error;
    return give_text(L, status, made, length);
}

/* core.open_guest_answer(sealed, inner_key) -> token text | nil, err */
static int open_guest_answer(lua_State *L)
{
    azattest_bytes sealed = azlua_check_bytes(L, 1, "open_guest_answer: the sealed answer");
    azattest_bytes key = azlua_check_bytes(L, 2, "open_guest_answer: the inner key");
    struct azlua_box *failed = azlua_box_new(L, &azlua_error), *made = azlua_box_new(L, &azlua_text);
    char *token = NULL;
    azattest_error *error = NULL;
    azattest_status status = azattest_guest_answer_open(sealed, key, &token, &error);

    made->object = token;
    failed->object = error;
    return give_text(L, status, made, token == NULL ? 0 : strlen(token));
}

/* core.open_guest_answer_with_key(sealed, private_key, passphrase) -> token text | nil, err */
static int open_guest_answer_with_key(lua_State *L)
{
    azattest_bytes sealed = azlua_check_bytes(L, 1, "open_guest_answer_with_key: the sealed answer");
    azattest_bytes key = azlua_check_bytes(L, 2, "open_guest_answer_with_key: the private key");
    const char *passphrase =
        lua_isnoneornil(L, 3) ? NULL : azlua_check_text(L, 3, "open_guest_answer_with_key: the passphrase");
    struct azlua_box *failed = azlua_box_new(L, &azlua_error), *made = azlua_box_new(L, &azlua_text);
    char *token = NULL;
    azattest_error *error = NULL;
    azattest_status status = azattest_guest_answer_open_with_key(sealed, key, passphrase, &token, &error);

    made->object = token;
    failed->object = error;
    return give_text(L, status, made, token == NULL ? 0 : strlen(token));
}

/* core.data_new(data, is_json) -> AttestationData | nil, err */
static int data_new(lua_State *L)
{
    azattest_bytes bytes = azlua_check_bytes(L, 1, "AttestationData: the data");
    azattest_switch is_json = AZATTEST_DEFAULT;
    struct azlua_box *failed, *made;
    azattest_data *data = NULL;
    azattest_error *error = NULL;
    azattest_status status;

    if (!lua_isnoneornil(L, 2) && lua_type(L, 2) != LUA_TBOOLEAN)
        return azlua_usage(L, "AttestationData: is_json must be true, false or nil, got %s", luaL_typename(L, 2));
    if (!lua_isnoneornil(L, 2))
        is_json = lua_toboolean(L, 2) ? AZATTEST_ON : AZATTEST_OFF;
    lua_settop(L, 2);
    failed = azlua_box_new(L, &azlua_error);
    made = azlua_box_new(L, &azlua_data);
    status = azattest_data_new(bytes, is_json, &data, &error);
    made->object = data;
    failed->object = error;
    azlua_account(L, bytes.len);
    return azlua_answer(L, status);
}

static int data_to_text(lua_State *L)
{
    const azattest_data *data = azlua_test(L, 1, &azlua_data);

    if (data == NULL)
        lua_pushliteral(L, "AttestationData (closed)");
    else
        lua_pushfstring(L, "AttestationData(%d bytes, %s)", (int)azattest_data_bytes(data).len,
                        azattest_data_is_json(data) ? "JSON" : "binary");
    return 1;
}

static const luaL_Reg data_readers[] = { { "bytes", data_bytes }, { "is_json", data_is_json }, { NULL, NULL } };
static const luaL_Reg data_metamethods[] = { { "__tostring", data_to_text }, { NULL, NULL } };
static const luaL_Reg functions[] = { { "seal_secret", seal_secret },
                                      { "open_secret", open_secret },
                                      { "data_new", data_new },
                                      { "guest_answer_key", guest_answer_key },
                                      { "open_guest_answer", open_guest_answer },
                                      { "open_guest_answer_with_key", open_guest_answer_with_key },
                                      { NULL, NULL } };

void azlua_register_secret(lua_State *L)
{
    static const struct azlua_members data = { NULL, data_readers, data_metamethods, 1 },
                                      none = { NULL, NULL, NULL, 0 };

    azlua_class_register(L, &azlua_data, &data);
    azlua_class_register(L, &azlua_secret, &none);
    azlua_functions(L, functions);
}
