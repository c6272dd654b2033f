/* AttestationSigner and AttestationSigners. */
#include "readers.h"

CHECK(signer, azattest_signer)
CHECK(signers, azattest_signers)
READER(signer, signer, key_id, azlua_push_text)
READER(signer, signer, key_type, azlua_push_text)
READER(signer, signer, key_bits, lua_pushinteger)
READER(signer, signer, problem, azlua_push_text)
READER(signer, signer, public_key_pem, azlua_push_text)
READER(signers, signers, count, azlua_push_integer)
READER(signers, signers, jwks, azlua_push_bytes)

void azlua_push_signer(lua_State *L, const azattest_signer *signer)
{
    struct azlua_box *box;

    if (signer == NULL) {
        lua_pushnil(L);
        return;
    }
    box = azlua_box_new(L, &azlua_signer);
    box->object = azattest_signer_ref(signer);
}

static int signer_certificates(lua_State *L)
{
    const azattest_signer *signer = check_signer(L);
    size_t i, count = azattest_signer_certificate_count(signer);

    lua_createtable(L, (int)count, 0);
    for (i = 0; i < count; i++) {
        azlua_push_text(L, azattest_signer_certificate_pem(signer, i));
        lua_rawseti(L, -2, (int)i + 1);
    }
    return 1;
}

static int signer_certificates_der(lua_State *L)
{
    const azattest_signer *signer = check_signer(L);
    size_t i, count = azattest_signer_certificate_count(signer);

    lua_createtable(L, (int)count, 0);
    for (i = 0; i < count; i++) {
        azlua_push_bytes(L, azattest_signer_certificate_der(signer, i));
        lua_rawseti(L, -2, (int)i + 1);
    }
    return 1;
}

static int signer_to_text(lua_State *L)
{
    const azattest_signer *signer = azlua_test(L, 1, &azlua_signer);
    const char *key_id = azattest_signer_key_id(signer), *type = azattest_signer_key_type(signer);
    luaL_Buffer buffer;

    if (signer == NULL) {
        lua_pushliteral(L, "AttestationSigner (closed)");
        return 1;
    }
    lua_pushfstring(L, ", %s %d, %d certificates)", type == NULL ? "unusable" : type, azattest_signer_key_bits(signer),
                    (int)azattest_signer_certificate_count(signer));
    luaL_buffinit(L, &buffer);
    luaL_addstring(&buffer, "AttestationSigner(kid=");
    azlua_add_printable(&buffer, key_id == NULL ? "none" : key_id);
    luaL_addstring(&buffer, lua_tostring(L, 2));
    luaL_pushresult(&buffer);
    return 1;
}

/* signers:at(1), signers[1] */
static int signers_at(lua_State *L)
{
    const azattest_signers *signers = check_signers(L);
    lua_Number place = lua_tonumber(L, 2);

    if (lua_type(L, 2) != LUA_TNUMBER)
        return azlua_usage(L, "at: the place must be a number, got %s", luaL_typename(L, 2));
    azlua_push_signer(L, place >= 1 && place <= AZATTEST_LIMIT_KEYS && place == (lua_Number)(size_t)place
                             ? azattest_signers_at(signers, (size_t)place - 1)
                             : NULL);
    return 1;
}

static int signers_to_text(lua_State *L)
{
    const azattest_signers *signers = azlua_test(L, 1, &azlua_signers);

    if (signers == NULL)
        lua_pushliteral(L, "AttestationSigners (closed)");
    else
        lua_pushfstring(L, "AttestationSigners(%d keys)", (int)azattest_signers_count(signers));
    return 1;
}

/* core.signers_parse(text) -> signers | nil, err */
static int signers_parse(lua_State *L)
{
    azattest_bytes text = azlua_check_bytes(L, 1, "AttestationSigners.parse: the key set");
    struct azlua_box *failed = azlua_box_new(L, &azlua_error), *made = azlua_box_new(L, &azlua_signers);
    azattest_signers *signers = NULL;
    azattest_error *error = NULL;
    azattest_status status = azattest_signers_parse(text, &signers, &error);

    made->object = signers;
    failed->object = error;
    azlua_account(L, 4 * text.len);
    return azlua_answer(L, status);
}

static const luaL_Reg signer_readers[] = { { "key_id", signer_key_id },
                                           { "key_type", signer_key_type },
                                           { "key_bits", signer_key_bits },
                                           { "problem", signer_problem },
                                           { "certificates", signer_certificates },
                                           { "certificates_der", signer_certificates_der },
                                           { "public_key_pem", signer_public_key_pem },
                                           { NULL, NULL } };
static const luaL_Reg signer_metamethods[] = { { "__tostring", signer_to_text }, { NULL, NULL } };
static const luaL_Reg signers_methods[] = { { "at", signers_at }, { NULL, NULL } };
static const luaL_Reg signers_readers[] = { { "count", signers_count }, { "jwks", signers_jwks }, { NULL, NULL } };
static const luaL_Reg signers_metamethods[] = { { "__tostring", signers_to_text },
                                                { "__len", signers_count },
                                                { NULL, NULL } };
static const luaL_Reg functions[] = { { "signers_parse", signers_parse }, { NULL, NULL } };

void azlua_register_signer(lua_State *L)
{
    static const struct azlua_members one = { NULL, signer_readers, signer_metamethods, 0 },
                                      set = { signers_methods, signers_readers, signers_metamethods, 0 };

    azlua_class_register(L, &azlua_signer, &one);
    azlua_class_register(L, &azlua_signers, &set);
    azlua_functions(L, functions);
}
