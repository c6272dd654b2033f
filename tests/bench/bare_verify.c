/*
 * One bare signature verification for nginx, as the smallest Lua C function that does it: what a guard cannot leave
 * out. No claim is read, not even decoded. require("bench_bare").key(FILE) reads the public key; .verify(TOKEN) gives a
 * boolean.
 */
#include <string.h>

#include <lauxlib.h>
#include <lua.h>

#include <openssl/evp.h>
#include <openssl/pem.h>

static EVP_PKEY *key;

static int read_key(lua_State *L)
{
    BIO *file = BIO_new_file(luaL_checkstring(L, 1), "rb");

    EVP_PKEY_free(key);
    key = file == NULL ? NULL : PEM_read_bio_PUBKEY(file, NULL, NULL, NULL);
    BIO_free(file);
    if (key == NULL)
        return luaL_error(L, "the key cannot be read");
    return 0;
}

static int decode(const char *in, size_t len, unsigned char *out)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    static signed char values[256];
    unsigned bits = 0;
    int have = 0, count = 0;

    if (values['B'] == 0) {
        memset(values, -1, sizeof(values));
        for (int i = 0; i < 64; i++)
            values[(unsigned char)alphabet[i]] = (signed char)i;
    }
    for (size_t i = 0; i < len; i++) {
        if (values[(unsigned char)in[i]] < 0)
            return -1;
        bits = bits << 6 | (unsigned)values[(unsigned char)in[i]];
        if ((have += 6) >= 8)
            out[count++] = (unsigned char)(bits >> (have -= 8));
    }
    return count;
}

static int verify(lua_State *L)
{
    unsigned char signature[1024];
    size_t len;
    const char *token = luaL_checklstring(L, 1, &len), *dot = strrchr(token, '.');
    EVP_MD_CTX *context;
    int count = -1, valid = 0;

    if (dot != NULL && (size_t)(token + len - dot) < 1000)
        count = decode(dot + 1, (size_t)(token + len - dot - 1), signature);
    if (count > 0 && (context = EVP_MD_CTX_new()) != NULL) {
        valid = EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
                EVP_DigestVerify(context, signature, (size_t)count, (const unsigned char *)token,
                                 (size_t)(dot - token)) == 1;
        EVP_MD_CTX_free(context);
    }
    lua_pushboolean(L, valid);
    return 1;
}

int luaopen_bench_bare(lua_State *L)
{
    lua_newtable(L);
    lua_pushcfunction(L, read_key);
    lua_setfield(L, -2, "key");
    lua_pushcfunction(L, verify);
    lua_setfield(L, -2, "verify");
    return 1;
}
