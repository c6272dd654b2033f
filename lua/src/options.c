/* The one reader that walks the tables of options. */
#include "option_names.h"
#include "options.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

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

static int read_level(lua_State *L, const char *what)
{
    const char *word = azlua_check_text(L, -1, what);
    int level = strcmp(word, "off") == 0 ? AZATTEST_LOG_OFF : azattest_log_level_of(word);

    if (level == 0)
        azlua_usage(L, "%s must be verbose, info, warning, error or off, got '%s'", what, word);
    return level;
}

static azattest_check_evidence read_check(lua_State *L, const char *what)
{
    const char *word = azlua_check_text(L, -1, what);

    if (strcmp(word, "off") == 0)
        return AZATTEST_CHECK_EVIDENCE_OFF;
    if (strcmp(word, "binding") == 0)
        return AZATTEST_CHECK_EVIDENCE_BINDING;
    if (strcmp(word, "full") != 0)
        azlua_usage(L, "%s must be off, binding or full, got '%s'", what, word);
    return AZATTEST_CHECK_EVIDENCE_FULL;
}

/* Data of azattest_claims_options: behind the bytes stands the member for the same as JSON. */
static void store_data(lua_State *L, const char *what, azattest_bytes *data_and_json)
{
    const azattest_data *data;

    _Static_assert(CLAIMS_OF(runtime_json) == CLAIMS_OF(runtime_data) + sizeof(azattest_bytes) &&
                       CLAIMS_OF(inittime_json) == CLAIMS_OF(inittime_data) + sizeof(azattest_bytes),
                   "the same data as JSON comes next");
    if (lua_type(L, -1) != LUA_TUSERDATA) {
        data_and_json[0] = azlua_check_bytes(L, -1, what);
        return;
    }
    data = azlua_check(L, -1, &azlua_data);
    data_and_json[azattest_data_is_json(data) ? 1 : 0] = azattest_data_bytes(data);
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
    case DRAFT:
        if (lua_type(L, -1) == LUA_TUSERDATA)
            *(const char **)(void *)place = azattest_policy_text(azlua_check(L, -1, &azlua_policy));
        else
            *(const char **)(void *)place = azlua_check_text(L, -1, what);
        break;
    case BYTES:
        *(azattest_bytes *)(void *)place = azlua_check_bytes(L, -1, what);
        break;
    case LEVEL:
        *(int *)(void *)place = read_level(L, what);
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
    case KEY:
        *(const azattest_signing_key **)(void *)place = azlua_check(L, -1, &azlua_signing_key);
        break;
    case APPRAISAL:
        *(const azattest_appraisal **)(void *)place = azlua_check(L, -1, &azlua_appraisal);
        break;
    case COLLATERAL:
        *(const azattest_collateral **)(void *)place = azlua_check(L, -1, &azlua_collateral);
        break;
    case CHECK:
        *(azattest_check_evidence *)(void *)place = read_check(L, what);
        break;
    case GRACE:
        number = read_number(L, what, DURATION);
        if (lua_tonumber(L, -1) <= 0)
            number = 0;
        memcpy(place, &number, sizeof(number));
        break;
    case STEPS:
        number = read_number(L, what, AGE);
        memcpy(place, &number, sizeof(number));
        break;
    case OWN_DATA:
        store_data(L, what, (azattest_bytes *)(void *)place);
        break;
    case NUMBER:
        number = read_number(L, what, AGE);
        if (number > INT_MAX)
            azlua_usage(L, "%s is too large", what);
        *(int *)(void *)place = (int)number;
        break;
    case CLAIMS: /* read beforehand, because it leaves something on the stack */
    case NESTED:
    case FACADE:
        break;
    }
}

/* What a metatable's __index adds is not among the members, and a check that is asked for there would not be made. */
void azlua_check_plain(lua_State *L, int index, const char *who)
{
    if (lua_type(L, index) == LUA_TTABLE && luaL_getmetafield(L, index, "__index"))
        azlua_usage(L, "%s: a table without the metamethod __index expected: what it adds would not be seen", who);
}

/* core.check_plain(who, value): raises for a table that inherits members. */
static int check_plain(lua_State *L)
{
    azlua_check_plain(L, 2, azlua_check_text(L, 1, "check_plain: the caller's name"));
    return 0;
}

/* Whether there is anything to read. */
static bool check_table(lua_State *L, int index, const char *who)
{
    if (lua_isnoneornil(L, index))
        return false;
    if (lua_type(L, index) != LUA_TTABLE)
        azlua_usage(L, "%s: the options must be a table, got %s", who, luaL_typename(L, index));
    azlua_check_plain(L, index, who);
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
        azlua_read_claims(L, label(text, sizeof(text), who, "require_claims"), out);
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

void azlua_read_attest_for_text(lua_State *L, int index, const char *who, struct azlua_attest *out)
{
    static const azattest_attest_options defaults = AZATTEST_ATTEST_OPTIONS_INIT;

    out->options = defaults;
    if (!check_table(L, index, who))
        return;
    if (raw_member(L, index, "validation_options") != LUA_TNIL)
        azlua_usage(L, "%s: no token comes back, so there is nothing to validate", who);
    read_members(L, index, who, attest_names, out, NULL, NULL);
}

/* A table of a call whose answer is validated: its own options, and those of validation nested or beside them. */
static void read_validated(lua_State *L, int index, const char *who, const struct option *names, void *out,
                           struct azlua_validation *validation)
{
    read_nested(L, index, who, validation);
    read_claims_of(L, index, who, validation);
    read_members(L, index, who, names, out, validation_names, validation);
}

void azlua_read_attest(lua_State *L, int index, const char *who, struct azlua_attest *out)
{
    static const azattest_attest_options defaults = AZATTEST_ATTEST_OPTIONS_INIT;

    out->options = defaults;
    if (!check_table(L, index, who))
        return;
    out->options.validation = &out->validation.options;
    read_validated(L, index, who, attest_names, out, &out->validation);
}

void azlua_read_policy(lua_State *L, int index, const char *who, struct azlua_policy *out)
{
    static const azattest_policy_options defaults = AZATTEST_POLICY_OPTIONS_INIT;

    out->options = defaults;
    if (!check_table(L, index, who))
        return;
    out->options.validation = &out->validation.options;
    read_validated(L, index, who, policy_names, out, &out->validation);
}

void azlua_read_signing_key(lua_State *L, int index, azattest_signing_key_options *out)
{
    static const azattest_signing_key_options defaults = AZATTEST_SIGNING_KEY_OPTIONS_INIT;

    *out = defaults;
    if (check_table(L, index, "AttestationSigningKey"))
        read_members(L, index, "AttestationSigningKey", signing_key_names, out, NULL, NULL);
}

/* What User-Agent says: this library, and (text at the index, or nil) what it runs in. */
static void write_user_agent(lua_State *L, int index, char *text, size_t size)
{
    const char *host = lua_isnoneornil(L, index) ? NULL : azlua_check_text(L, index, "what the client runs in");

    snprintf(text, size, "azattest-lua/%s%s%s", azattest_version(), host == NULL ? "" : " ", host == NULL ? "" : host);
}

void azlua_read_client(lua_State *L, int index, const char *who, struct azlua_client *out)
{
    static const azattest_client_options defaults = AZATTEST_CLIENT_OPTIONS_INIT;

    write_user_agent(L, index + 1, out->user_agent, sizeof(out->user_agent));
    out->options = defaults;
    out->options.user_agent = out->user_agent;
    out->options.shared_keys = lua_toboolean(L, index + 2) ? AZATTEST_ON : AZATTEST_DEFAULT;
    if (!check_table(L, index, who))
        return;
    if (read_nested(L, index, who, &out->validation))
        out->options.validation = &out->validation.options;
    read_members(L, index, who, client_names, out, NULL, NULL);
}

/* Those that have no tables inside. */
#define READS(function, type, init, names)                                                                             \
    void function(lua_State *L, int index, const char *who, type *out)                                                 \
    {                                                                                                                  \
        static const type defaults = init;                                                                             \
                                                                                                                       \
        *out = defaults;                                                                                               \
        if (check_table(L, index, who))                                                                                \
            read_members(L, index, who, names, out, NULL, NULL);                                                       \
    }
READS(azlua_read_connection, azattest_curl_options, AZATTEST_CURL_OPTIONS_INIT, connection_names)
READS(azlua_read_credential, azattest_credential_options, AZATTEST_CREDENTIAL_OPTIONS_INIT, credential_names)
READS(azlua_read_verify, azattest_verify_options, AZATTEST_VERIFY_OPTIONS_INIT, verify_names)
READS(azlua_read_claim_source, azattest_claims_options, AZATTEST_CLAIMS_OPTIONS_INIT, claims_names)
READS(azlua_read_parse, azattest_policy_parse_options, AZATTEST_POLICY_PARSE_OPTIONS_INIT, parse_names)
READS(azlua_read_evaluation, azattest_evaluation_options, AZATTEST_EVALUATION_OPTIONS_INIT, evaluation_names)

void azlua_read_guest(lua_State *L, int index, azattest_guest_parts *out)
{
    if (check_table(L, index, "new_guest"))
        read_members(L, index, "new_guest", guest_names, out, NULL, NULL);
}

void azlua_read_fetching(lua_State *L, int index, const char *who, struct azlua_fetching *out)
{
    static const azattest_collateral_options defaults = AZATTEST_COLLATERAL_OPTIONS_INIT;
    static const azattest_client_options of_client = AZATTEST_CLIENT_OPTIONS_INIT;

    out->options = defaults;
    out->client = of_client;
    write_user_agent(L, index + 1, out->user_agent, sizeof(out->user_agent));
    out->client.user_agent = out->user_agent;
    out->options.client = &out->client;
    if (check_table(L, index, who))
        read_members(L, index, who, collateral_names, out, fetching_names, out);
}

void azlua_read_tcb_baseline(lua_State *L, int index, azattest_tcb_baseline_options *out)
{
    static const azattest_tcb_baseline_options defaults = AZATTEST_TCB_BASELINE_OPTIONS_INIT;

    *out = defaults;
    if (check_table(L, index, "get_tcb_baseline"))
        read_members(L, index, "get_tcb_baseline", tcb_baseline_names, out, NULL, NULL);
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
    static const luaL_Reg functions[] = { { "connection_check", connection_check },
                                          { "check_plain", check_plain },
                                          { NULL, NULL } };

    azlua_functions(L, functions);
    lua_newtable(L);
    push_names(L, "validation", validation_names);
    push_names(L, "attest", attest_names);
    push_names(L, "policy", policy_names);
    push_names(L, "signing_key", signing_key_names);
    push_names(L, "client", client_names);
    push_names(L, "connection", connection_names);
    push_names(L, "credential", credential_names);
    push_names(L, "verify", verify_names);
    push_names(L, "tcb_baseline", tcb_baseline_names);
    push_names(L, "secret", secret_names);
    push_names(L, "claims", claims_names);
    push_names(L, "parse", parse_names);
    push_names(L, "evaluation", evaluation_names);
    push_names(L, "collateral", collateral_names);
    push_names(L, "fetching", fetching_names);
    lua_setfield(L, 1, "options"); /* which option belongs to which group */
}
