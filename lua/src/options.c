/* Tables of the options' names, kinds and places, and the one reader that walks them. */
#include "options.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum kind {
    SWITCH,     /* boolean */
    TEXT,       /* without NUL */
    BYTES,      /* any string */
    DATA,       /* any string, or AttestationData */
    DURATION,   /* seconds; in C a millisecond at least, because 0 is the default there */
    LIMIT,      /* the same; infinity is none, which is negative in C */
    SLACK,      /* seconds; 0 is none, which is negative in C */
    MOMENT,     /* seconds since 1970 */
    AGE,        /* whole seconds, one at least */
    COUNT,      /* 0 is none, which is negative in C */
    ISSUERS,    /* text or a list */
    LIST,       /* list of text */
    SIGNERS,    /* AttestationSigners */
    CREDENTIAL, /* Credential */
    CLAIMS,     /* list of names, or names with values */
    NESTED,     /* a table of validation options */
    FACADE      /* taken by the Lua side before the core sees the table */
};

struct option {
    const char *name;
    enum kind kind;
    size_t offset;
};

#define AT(type, member) offsetof(type, member)
#define VALIDATION(member) AT(struct azlua_validation, options.member)
static const struct option validation_names[] = {
    { "validate_token", SWITCH, VALIDATION(validate_token) },
    { "validate_signature", SWITCH, VALIDATION(validate_signature) },
    { "validate_expiration", SWITCH, VALIDATION(validate_expiration) },
    { "validate_expiration_time", SWITCH, VALIDATION(validate_expiration) }, /* as other SDKs spell it */
    { "validate_not_before", SWITCH, VALIDATION(validate_not_before) },
    { "validate_not_before_time", SWITCH, VALIDATION(validate_not_before) },
    { "validate_issuer", SWITCH, VALIDATION(validate_issuer) },
    { "require_expiration", SWITCH, VALIDATION(require_expiration) },
    { "allow_unsecured", SWITCH, VALIDATION(allow_unsecured) },
    { "allow_debug", SWITCH, VALIDATION(allow_debug) },
    { "issuer", ISSUERS, 0 },
    { "validation_slack", SLACK, VALIDATION(validation_slack_ms) },
    { "max_age", AGE, VALIDATION(max_age_s) },
    { "at", MOMENT, VALIDATION(now_ms) },
    { "clock", FACADE, 0 },
    { "algorithms", LIST, 0 },
    { "signers", SIGNERS, VALIDATION(signers) },
    { "expected_nonce", TEXT, VALIDATION(expected_nonce) },
    { "expected_runtime_data", BYTES, VALIDATION(expected_runtime_data) },
    { "expected_runtime_json", BYTES, VALIDATION(expected_runtime_json) },
    { "expected_policy_hash", BYTES, VALIDATION(expected_policy_hash) },
    { "expected_type", TEXT, VALIDATION(expected_type) },
    { "require_claims", CLAIMS, 0 },
    { "validation_callback", FACADE, 0 },
    { NULL, FACADE, 0 },
};

#define ATTEST(member) AT(struct azlua_attest, options.member)
static const struct option attest_names[] = {
    { "runtime_data", DATA, ATTEST(runtime_data) },           { "runtime_json", BYTES, ATTEST(runtime_json) },
    { "inittime_data", DATA, ATTEST(inittime_data) },         { "inittime_json", BYTES, ATTEST(inittime_json) },
    { "draft_policy", TEXT, ATTEST(draft_policy) },           { "nonce", TEXT, ATTEST(nonce) },
    { "check_binding", SWITCH, ATTEST(check_binding) },       { "validation_options", NESTED, 0 },
    { "client_request_id", TEXT, ATTEST(client_request_id) }, { NULL, FACADE, 0 },
};

#define CLIENT(member) AT(struct azlua_client, options.member)
static const struct option client_names[] = {
    { "api_version", TEXT, CLIENT(api_version) },
    { "allow_insecure_http", SWITCH, CLIENT(allow_insecure_http) },
    { "validation_options", NESTED, 0 },
    { "application_id", TEXT, CLIENT(application_id) },
    { "retry_total", COUNT, CLIENT(retry_total) },
    { "retry_delay", DURATION, CLIENT(retry_delay_ms) },
    { "retry_max_delay", DURATION, CLIENT(retry_max_delay_ms) },
    { "retry_after_max", DURATION, CLIENT(retry_after_max_ms) },
    { "timeout", LIMIT, CLIENT(timeout_ms) },
    { "key_cache_life", DURATION, CLIENT(key_cache_life_ms) },
    { "credential", CREDENTIAL, CLIENT(credential) },
    { "scopes", TEXT, CLIENT(scopes) },
    { NULL, FACADE, 0 },
};

#define CONNECTION(member) AT(azattest_curl_options, member)
static const struct option connection_names[] = {
    { "ca_file", TEXT, CONNECTION(ca_file) },
    { "ca_path", TEXT, CONNECTION(ca_path) },
    { "ca_pem", BYTES, CONNECTION(ca_pem) },
    { "proxy", TEXT, CONNECTION(proxy) },
    { "connect_timeout", DURATION, CONNECTION(connect_timeout_ms) },
    { "read_timeout", DURATION, CONNECTION(read_timeout_ms) },
    { NULL, FACADE, 0 },
};

static const struct option secret_names[] = {
    { "key_id", TEXT, AT(azattest_secret_options, key_id) },
    { NULL, FACADE, 0 },
};

#define VERIFY(member) AT(azattest_verify_options, member)
static const struct option verify_names[] = {
    { "at", MOMENT, VERIFY(now_ms) },
    { "extra_roots", BYTES, VERIFY(extra_roots) },
    { "runtime_data", BYTES, VERIFY(runtime_data) },
    { "allow_debug", SWITCH, VERIFY(allow_debug) },
    { NULL, FACADE, 0 },
};

static const struct option *find(const struct option *names, const char *name)
{
    for (; names->name != NULL; names++)
        if (strcmp(names->name, name) == 0)
            return names;
    return NULL;
}

/* The value's own name in an error: "validate: option 'at'". */
static const char *label(char *text, size_t size, const char *who, const char *name)
{
    snprintf(text, size, "%s: option '%s'", who, name);
    return text;
}

#define LABEL_SIZE 96

static int64_t read_number(lua_State *L, const char *what, enum kind kind)
{
    lua_Number value = lua_tonumber(L, -1), scaled;

    if (lua_type(L, -1) != LUA_TNUMBER)
        azlua_usage(L, "%s must be a number, got %s", what, luaL_typename(L, -1));
    if (kind == LIMIT && isinf(value) && value > 0)
        return -1;
    scaled = kind == COUNT || kind == AGE ? value : ceil(value * 1000);
    if (!(value >= 0 && scaled < 1e15)) /* false for NaN as well */
        azlua_usage(L, "%s must be a number from 0 up to a sensible size", what);
    if ((kind == COUNT || kind == AGE) && floor(value) != value)
        azlua_usage(L, "%s must be a whole number", what);
    if ((kind == MOMENT || kind == AGE) && scaled < 1)
        azlua_usage(L, "%s must be above 0", what);
    if (kind == COUNT && value > 1000)
        azlua_usage(L, "%s is more than 1000", what);
    if (scaled < 1)
        return kind == DURATION || kind == LIMIT ? 1 : -1;
    return (int64_t)scaled;
}

static size_t read_list(lua_State *L, const char *what, const char **list)
{
    size_t i, count = lua_rawlen(L, -1);

    if (lua_type(L, -1) != LUA_TTABLE)
        azlua_usage(L, "%s must be a list of strings, got %s", what, luaL_typename(L, -1));
    if (count == 0 || count > AZATTEST_LIMIT_LIST)
        azlua_usage(L, "%s must hold 1 to %u strings", what, AZATTEST_LIMIT_LIST);
    for (i = 0; i < count; i++) {
        lua_rawgeti(L, -1, (int)i + 1);
        list[i] = azlua_check_text(L, -1, what); /* the list keeps it alive */
        lua_pop(L, 1);
    }
    return count;
}

/* Pushes the JSON text of a required value at the top: a string, a whole number, a boolean or azattest.null. */
static void push_json_of(lua_State *L, const char *what)
{
    static const char *const escapes = "\"\\";
    luaL_Buffer buffer;
    const char *text;
    size_t i, length;
    char unit[8], digits[32];

    switch (lua_type(L, -1)) {
    case LUA_TBOOLEAN:
        lua_pushstring(L, lua_toboolean(L, -1) ? "true" : "false");
        return;
    case LUA_TLIGHTUSERDATA:
        if (lua_touserdata(L, -1) != NULL)
            break;
        lua_pushliteral(L, "null");
        return;
    case LUA_TNUMBER:
        if (lua_tonumber(L, -1) != floor(lua_tonumber(L, -1)) || fabs(lua_tonumber(L, -1)) > 9007199254740992.0)
            break;
        snprintf(digits, sizeof(digits), "%.0f", (double)lua_tonumber(L, -1));
        lua_pushstring(L, digits);
        return;
    case LUA_TSTRING:
        text = lua_tolstring(L, -1, &length);
        luaL_buffinit(L, &buffer);
        luaL_addchar(&buffer, '"');
        for (i = 0; i < length; i++) {
            if (strchr(escapes, text[i]) != NULL && text[i] != '\0')
                luaL_addchar(&buffer, '\\');
            if ((unsigned char)text[i] < 0x20) {
                snprintf(unit, sizeof(unit), "\\u%04x", (unsigned)text[i]);
                luaL_addstring(&buffer, unit);
            } else {
                luaL_addchar(&buffer, text[i]);
            }
        }
        luaL_addchar(&buffer, '"');
        luaL_pushresult(&buffer);
        return;
    default:
        break;
    }
    azlua_usage(L, "%s: values must be strings, whole numbers, booleans or azattest.null", what);
}

/* The table of claims is at the top. Leaves a table on the stack that keeps the values' JSON text alive. */
static void read_claims(lua_State *L, const char *what, struct azlua_validation *out)
{
    size_t count = 0;
    int given = lua_gettop(L), anchors = given + 1;

    if (lua_type(L, given) != LUA_TTABLE)
        azlua_usage(L, "%s must be a table of claims, got %s", what, luaL_typename(L, given));
    lua_newtable(L);
    for (lua_pushnil(L); lua_next(L, given) != 0; lua_settop(L, anchors + 1)) {
        azattest_claim_requirement *claim = &out->claims[count];

        if (count++ == AZATTEST_LIMIT_LIST)
            azlua_usage(L, "%s holds more than %u claims", what, AZATTEST_LIMIT_LIST);
        if (lua_type(L, -2) == LUA_TNUMBER) { /* a name alone */
            claim->name = azlua_check_text(L, -1, what);
            claim->value_json = NULL;
            continue;
        }
        claim->name = azlua_check_text(L, -2, what);
        push_json_of(L, what);
        claim->value_json = lua_tostring(L, -1);
        lua_rawseti(L, anchors, (int)count);
    }
    if (count == 0)
        azlua_usage(L, "%s is empty", what);
    out->options.require_claims = out->claims;
    out->options.require_claim_count = count;
}

/* Stores the value at the top at its place in `out`. */
static void store(lua_State *L, const char *who, const struct option *option, void *out)
{
    char text[LABEL_SIZE];
    const char *what = label(text, sizeof(text), who, option->name);
    char *place = (char *)out + option->offset;
    struct azlua_validation *validation = out;
    int64_t number;

    switch (option->kind) {
    case SWITCH:
        if (lua_type(L, -1) != LUA_TBOOLEAN)
            azlua_usage(L, "%s must be true or false, got %s", what, luaL_typename(L, -1));
        *(azattest_switch *)(void *)place = lua_toboolean(L, -1) ? AZATTEST_ON : AZATTEST_OFF;
        break;
    case TEXT:
        *(const char **)(void *)place = azlua_check_text(L, -1, what);
        break;
    case BYTES:
        *(azattest_bytes *)(void *)place = azlua_check_bytes(L, -1, what);
        break;
    case DATA:
        if (lua_type(L, -1) == LUA_TUSERDATA)
            *(const azattest_data **)(void *)((char *)out + (option->offset == ATTEST(runtime_data)
                                                                 ? ATTEST(runtime)
                                                                 : ATTEST(inittime))) = azlua_check(L, -1, &azlua_data);
        else
            *(azattest_bytes *)(void *)place = azlua_check_bytes(L, -1, what);
        break;
    case COUNT:
        *(int *)(void *)place = (int)read_number(L, what, COUNT);
        break;
    case DURATION:
    case LIMIT:
    case SLACK:
    case MOMENT:
    case AGE:
        number = read_number(L, what, option->kind);
        memcpy(place, &number, sizeof(number));
        break;
    case ISSUERS:
        validation->options.issuers = validation->issuers;
        validation->options.issuer_count = 1;
        if (lua_type(L, -1) == LUA_TSTRING)
            validation->issuers[0] = azlua_check_text(L, -1, what);
        else
            validation->options.issuer_count = read_list(L, what, validation->issuers);
        break;
    case LIST:
        validation->options.algorithms = validation->algorithms;
        validation->options.algorithm_count = read_list(L, what, validation->algorithms);
        break;
    case SIGNERS:
        validation->options.signers = azlua_check(L, -1, &azlua_signers);
        break;
    case CREDENTIAL:
        *(const azattest_credential **)(void *)place = azlua_check(L, -1, &azlua_credential);
        break;
    case CLAIMS: /* read beforehand, because it leaves something on the stack */
    case NESTED:
    case FACADE:
        break;
    }
}

/* Whether there is anything to read. */
static bool check_table(lua_State *L, int index, const char *who)
{
    if (lua_isnoneornil(L, index))
        return false;
    if (lua_type(L, index) != LUA_TTABLE)
        azlua_usage(L, "%s: the options must be a table, got %s", who, luaL_typename(L, index));
    return true;
}

/* Reads every member of the table by either list of names; the second may be NULL. */
static void read_members(lua_State *L, int index, const char *who, const struct option *names, void *out,
                         const struct option *more_names, void *more)
{
    const struct option *option;
    const char *name;

    luaL_checkstack(L, 12, who);
    for (lua_pushnil(L); lua_next(L, index) != 0; lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING)
            azlua_usage(L, "%s: options go by name, but there is one of type %s", who, luaL_typename(L, -2));
        name = lua_tostring(L, -2);
        if ((option = find(names, name)) != NULL)
            store(L, who, option, out);
        else if (more_names != NULL && (option = find(more_names, name)) != NULL)
            store(L, who, option, more);
        else
            azlua_usage(L, "%s: unknown option '%s'", who, name);
    }
}

/* Pushes a member without asking metamethods: what it gives stays alive as long as the table. */
static int raw_member(lua_State *L, int index, const char *name)
{
    lua_pushstring(L, name);
    lua_rawget(L, index);
    return lua_type(L, -1);
}

static void read_claims_of(lua_State *L, int index, const char *who, struct azlua_validation *out)
{
    char text[LABEL_SIZE];

    if (raw_member(L, index, "require_claims") != LUA_TNIL)
        read_claims(L, label(text, sizeof(text), who, "require_claims"), out);
}

static void clear_validation(struct azlua_validation *out)
{
    static const azattest_validation_options defaults = AZATTEST_VALIDATION_OPTIONS_INIT;

    out->options = defaults; /* the lists are read only as far as their counts say */
}

void azlua_read_validation(lua_State *L, int index, const char *who, struct azlua_validation *out)
{
    clear_validation(out);
    if (!check_table(L, index, who))
        return;
    read_claims_of(L, index, who, out);
    read_members(L, index, who, validation_names, out, NULL, NULL);
}

/* The nested table first: a member that also stands alone wins. */
static bool read_nested(lua_State *L, int index, const char *who, struct azlua_validation *out)
{
    clear_validation(out);
    if (raw_member(L, index, "validation_options") == LUA_TNIL)
        return false;
    azlua_read_validation(L, lua_gettop(L), who, out);
    return true;
}

void azlua_read_attest(lua_State *L, int index, const char *who, struct azlua_attest *out)
{
    static const azattest_attest_options defaults = AZATTEST_ATTEST_OPTIONS_INIT;

    out->options = defaults;
    if (!check_table(L, index, who))
        return;
    out->options.validation = &out->validation.options;
    read_nested(L, index, who, &out->validation);
    read_claims_of(L, index, who, &out->validation);
    read_members(L, index, who, attest_names, out, validation_names, &out->validation);
}

void azlua_read_client(lua_State *L, int index, const char *who, struct azlua_client *out)
{
    static const azattest_client_options defaults = AZATTEST_CLIENT_OPTIONS_INIT;

    out->options = defaults;
    if (!check_table(L, index, who))
        return;
    if (read_nested(L, index, who, &out->validation))
        out->options.validation = &out->validation.options;
    read_members(L, index, who, client_names, out, NULL, NULL);
}

void azlua_read_connection(lua_State *L, int index, const char *who, azattest_curl_options *out)
{
    static const azattest_curl_options defaults = AZATTEST_CURL_OPTIONS_INIT;

    *out = defaults;
    if (check_table(L, index, who))
        read_members(L, index, who, connection_names, out, NULL, NULL);
}

void azlua_read_verify(lua_State *L, int index, azattest_verify_options *out)
{
    static const azattest_verify_options defaults = AZATTEST_VERIFY_OPTIONS_INIT;

    *out = defaults;
    if (check_table(L, index, "verify"))
        read_members(L, index, "verify", verify_names, out, NULL, NULL);
}

void azlua_read_secret(lua_State *L, int index, azattest_secret_options *out)
{
    static const azattest_secret_options defaults = AZATTEST_SECRET_OPTIONS_INIT;

    *out = defaults;
    if (check_table(L, index, "seal_secret"))
        read_members(L, index, "seal_secret", secret_names, out, NULL, NULL);
}

bool azlua_read_unverified(lua_State *L, int index)
{
    static const struct option names[] = { { "unverified", SWITCH, 0 }, { NULL, FACADE, 0 } };
    azattest_switch unverified = AZATTEST_DEFAULT;

    if (check_table(L, index, "result"))
        read_members(L, index, "result", names, &unverified, NULL, NULL);
    return unverified == AZATTEST_ON;
}

/* core.connection_check(options): raises what azattest.curl would raise, before it is loaded. */
static int connection_check(lua_State *L)
{
    azattest_curl_options options;

    lua_settop(L, 2);
    azlua_read_connection(L, 1, azlua_check_text(L, 2, "connection_check: the caller's name"), &options);
    return 0;
}

static void push_names(lua_State *L, const char *group, const struct option *names)
{
    lua_newtable(L);
    for (; names->name != NULL; names++) {
        lua_pushboolean(L, 1);
        lua_setfield(L, -2, names->name);
    }
    lua_setfield(L, -2, group);
}

void azlua_register_options(lua_State *L)
{
    static const luaL_Reg functions[] = { { "connection_check", connection_check }, { NULL, NULL } };

    azlua_functions(L, functions);
    lua_newtable(L);
    push_names(L, "validation", validation_names);
    push_names(L, "attest", attest_names);
    push_names(L, "client", client_names);
    push_names(L, "connection", connection_names);
    push_names(L, "verify", verify_names);
    push_names(L, "secret", secret_names);
    lua_setfield(L, 1, "options"); /* which option belongs to which group */
}
