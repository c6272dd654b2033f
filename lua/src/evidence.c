/* Evidence. Its verdicts are in verdict.c. */
#include "options.h"
#include "readers.h"

#include <math.h>
#include <stdio.h>

CHECK(evidence, azattest_evidence)

/* -1 is the library's word for none. */
#define NUMBER(name)                                                                                                   \
    static int evidence_##name(lua_State *L)                                                                           \
    {                                                                                                                  \
        int64_t number = azattest_evidence_##name(check_evidence(L));                                                  \
                                                                                                                       \
        if (number < 0)                                                                                                \
            lua_pushnil(L);                                                                                            \
        else                                                                                                           \
            azlua_push_integer(L, number);                                                                             \
        return 1;                                                                                                      \
    }

/* 64 bits of a report, which is there when the other reader has something. */
#define WORD(name, beside)                                                                                             \
    static int evidence_##name(lua_State *L)                                                                           \
    {                                                                                                                  \
        const azattest_evidence *evidence = check_evidence(L);                                                         \
                                                                                                                       \
        if (azattest_evidence_##beside(evidence).ptr == NULL)                                                          \
            lua_pushnil(L);                                                                                            \
        else                                                                                                           \
            azlua_push_unsigned(L, azattest_evidence_##name(evidence));                                                \
        return 1;                                                                                                      \
    }

READER(evidence, evidence, kind, azlua_push_text)
READER(evidence, evidence, form, azlua_push_text)
READER(evidence, evidence, raw, azlua_push_bytes)
READER(evidence, evidence, quote, azlua_push_bytes)
READER(evidence, evidence, held_data, azlua_push_bytes)
NUMBER(version)
READER(evidence, evidence, mr_enclave, azlua_push_bytes)
READER(evidence, evidence, mr_signer, azlua_push_bytes)
READER(evidence, evidence, report_data, azlua_push_bytes)
READER(evidence, evidence, cpu_svn, azlua_push_bytes)
NUMBER(product_id)
NUMBER(svn)
READER(evidence, evidence, is_debuggable, lua_pushboolean)
READER(evidence, evidence, tee, azlua_push_text)
READER(evidence, evidence, pck_ca, azlua_push_text)
READER(evidence, evidence, snp_product, azlua_push_text)
READER(evidence, evidence, trailing, azlua_push_bytes)
READER(evidence, evidence, config_id, azlua_push_bytes)
READER(evidence, evidence, isv_family_id, azlua_push_bytes)
READER(evidence, evidence, isv_extended_product_id, azlua_push_bytes)
READER(evidence, evidence, tee_tcb_svn, azlua_push_bytes)
READER(evidence, evidence, mr_seam, azlua_push_bytes)
READER(evidence, evidence, mr_signer_seam, azlua_push_bytes)
READER(evidence, evidence, mr_td, azlua_push_bytes)
READER(evidence, evidence, mr_config_id, azlua_push_bytes)
READER(evidence, evidence, mr_owner, azlua_push_bytes)
READER(evidence, evidence, mr_owner_config, azlua_push_bytes)
READER(evidence, evidence, mr_service_td, azlua_push_bytes)
READER(evidence, evidence, fmspc, azlua_push_bytes)
READER(evidence, evidence, pceid, azlua_push_bytes)
READER(evidence, evidence, measurement, azlua_push_bytes)
READER(evidence, evidence, host_data, azlua_push_bytes)
READER(evidence, evidence, id_key_digest, azlua_push_bytes)
READER(evidence, evidence, author_key_digest, azlua_push_bytes)
READER(evidence, evidence, family_id, azlua_push_bytes)
READER(evidence, evidence, image_id, azlua_push_bytes)
READER(evidence, evidence, report_id, azlua_push_bytes)
READER(evidence, evidence, chip_id, azlua_push_bytes)
READER(evidence, evidence, reported_tcb, azlua_push_bytes)
READER(evidence, evidence, runtime_claims, azlua_push_bytes)
READER(evidence, evidence, user_data, azlua_push_bytes)
READER(evidence, evidence, nonce, azlua_push_bytes)
READER(evidence, evidence, pcr_digest, azlua_push_bytes)
NUMBER(config_svn)
NUMBER(guest_svn)
NUMBER(vmpl)
WORD(td_attributes, mr_td)
WORD(xfam, mr_td)
WORD(guest_policy, measurement)
READER(evidence, evidence, fields, azlua_push_json)

typedef azattest_status (*reads_evidence)(azattest_bytes bytes, azattest_evidence **out, azattest_error **error);

static int read_evidence(lua_State *L, const char *what, reads_evidence read)
{
    azattest_bytes bytes = azlua_check_bytes(L, 1, what);
    struct azlua_box *failed = azlua_box_new(L, &azlua_error), *made = azlua_box_new(L, &azlua_evidence);
    azattest_evidence *evidence = NULL;
    azattest_error *error = NULL;
    azattest_status status = read(bytes, &evidence, &error);

    made->object = evidence;
    failed->object = error;
    azlua_account(L, 4 * bytes.len);
    return azlua_answer(L, status);
}

/* core.evidence_parse(raw) -> evidence | nil, err */
static int evidence_parse(lua_State *L)
{
    return read_evidence(L, "Evidence.parse: the evidence", azattest_evidence_parse);
}

/* core.evidence_load(content) -> evidence | nil, err */
static int evidence_load(lua_State *L)
{
    return read_evidence(L, "Evidence.load: the content of the file", azattest_evidence_load);
}

/* evidence:check_binding(runtime_data) -> true | nil, err */
static int evidence_check_binding(lua_State *L)
{
    const azattest_evidence *evidence = check_evidence(L);
    azattest_bytes data = azlua_check_bytes(L, 2, "check_binding: the runtime data");
    struct azlua_box *failed = azlua_box_new(L, &azlua_error);
    azattest_error *error = NULL;
    azattest_status status = azattest_evidence_check_binding(evidence, data, &error);

    failed->object = error;
    return azlua_answer_true(L, status);
}

/* evidence:verify(options) -> verdict | nil, err */
static int evidence_verify(lua_State *L)
{
    const azattest_evidence *evidence = check_evidence(L);
    azattest_verify_options options;
    azattest_verification_result *result = NULL;
    azattest_error *error = NULL;
    azattest_status status;
    struct azlua_box *failed, *made;

    lua_settop(L, 2);
    failed = azlua_box_new(L, &azlua_error);
    made = azlua_box_new(L, &azlua_verification);
    azlua_read_verify(L, 2, "verify", &options);
    status = azattest_evidence_verify(evidence, &options, &result, &error);
    made->object = result;
    failed->object = error;
    return azlua_answer(L, status);
}

/* A whole number at the index, from 0 to `largest`. */
static size_t check_place(lua_State *L, int index, const char *what, lua_Number largest)
{
    lua_Number place = lua_tonumber(L, index);

    if (lua_type(L, index) != LUA_TNUMBER || !(place >= 0 && place <= largest) || floor(place) != place)
        azlua_usage(L, "%s must be a whole number from 0 to %d", what, (int)largest);
    return (size_t)place;
}

/* evidence:rtmr(index) -> bytes | nil */
static int evidence_rtmr(lua_State *L)
{
    const azattest_evidence *evidence = check_evidence(L);

    azlua_push_bytes(L, azattest_evidence_rtmr(evidence, check_place(L, 2, "rtmr: the index", 3)));
    return 1;
}

/* evidence:pcr(bank or nil, index) -> bytes | nil */
static int evidence_pcr(lua_State *L)
{
    const azattest_evidence *evidence = check_evidence(L);
    const char *bank = lua_isnoneornil(L, 2) ? NULL : azlua_check_text(L, 2, "pcr: the bank");

    azlua_push_bytes(L, azattest_evidence_pcr(evidence, bank, check_place(L, 3, "pcr: the index", 23)));
    return 1;
}

enum { most_pcrs = 4 * 24 }; /* banks, and registers of each */

/* The values of the bank at the top, by their indexes. The tables keep bank and values alive. */
static void read_bank(lua_State *L, const char *bank, azattest_pcr *pcrs, size_t *count)
{
    for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1)) {
        azattest_pcr *pcr = &pcrs[*count];

        if (*count == most_pcrs)
            azlua_usage(L, "new_guest: option 'pcrs' holds more than %d values", most_pcrs);
        pcr->bank = bank;
        pcr->index = (unsigned)check_place(L, -2, "new_guest: the index of a PCR", 23);
        pcr->value = azlua_check_bytes(L, -1, "new_guest: the value of a PCR");
        ++*count;
    }
}

/* The table of PCRs at the top: values by index, or such tables by bank. */
static void read_pcrs(lua_State *L, azattest_pcr *pcrs, size_t *count)
{
    int given = lua_gettop(L);
    bool by_bank;

    if (lua_type(L, given) != LUA_TTABLE)
        azlua_usage(L, "new_guest: option 'pcrs' must be a table, got %s", luaL_typename(L, given));
    lua_pushnil(L);
    if (lua_next(L, given) == 0)
        return;
    by_bank = lua_type(L, -1) == LUA_TTABLE;
    lua_settop(L, given);
    if (!by_bank) {
        read_bank(L, "sha256", pcrs, count);
        return;
    }
    for (lua_pushnil(L); lua_next(L, given) != 0; lua_pop(L, 1)) {
        const char *bank = azlua_check_text(L, -2, "new_guest: the name of a bank of PCRs");

        if (lua_type(L, -1) != LUA_TTABLE)
            azlua_usage(L, "new_guest: the PCRs of bank '%s' must be a table, got %s", bank, luaL_typename(L, -1));
        read_bank(L, bank, pcrs, count);
    }
}

/* core.evidence_new_guest(parts) -> evidence | nil, err */
static int evidence_new_guest(lua_State *L)
{
    azattest_guest_parts parts = AZATTEST_GUEST_PARTS_INIT;
    azattest_pcr pcrs[most_pcrs];
    azattest_evidence *evidence = NULL;
    azattest_error *error = NULL;
    azattest_status status;
    struct azlua_box *failed, *made;

    if (lua_type(L, 1) != LUA_TTABLE)
        return azlua_usage(L, "new_guest: a table of pieces expected, got %s", luaL_typename(L, 1));
    lua_settop(L, 1);
    failed = azlua_box_new(L, &azlua_error);
    made = azlua_box_new(L, &azlua_evidence);
    azlua_read_guest(L, 1, &parts);
    lua_pushliteral(L, "pcrs");
    lua_rawget(L, 1);
    if (!lua_isnil(L, -1))
        read_pcrs(L, pcrs, &parts.pcr_count);
    parts.pcrs = pcrs;
    status = azattest_evidence_new_guest(&parts, &evidence, &error);
    made->object = evidence;
    failed->object = error;
    azlua_account(L, 4 * azattest_evidence_raw(evidence).len);
    lua_settop(L, 3);
    return azlua_answer(L, status);
}

/* core.verify_service_certificate(certificate, options) -> verdict | nil, err */
static int verify_service_certificate(lua_State *L)
{
    azattest_bytes certificate = azlua_check_bytes(L, 1, "verify_service_certificate: the certificate");
    azattest_verify_options options;
    azattest_verification_result *result = NULL;
    azattest_error *error = NULL;
    azattest_status status;
    struct azlua_box *failed, *made;

    lua_settop(L, 2);
    failed = azlua_box_new(L, &azlua_error);
    made = azlua_box_new(L, &azlua_verification);
    azlua_read_verify(L, 2, "verify_service_certificate", &options);
    status = azattest_verify_service_certificate(certificate, &options, &result, &error);
    made->object = result;
    failed->object = error;
    lua_settop(L, 4);
    return azlua_answer(L, status);
}

/* What was measured at the start of the program, by the kind's own name. */
static azattest_bytes measured(const azattest_evidence *evidence, const char **name)
{
    azattest_bytes found = azattest_evidence_mr_enclave(evidence);

    *name = "mr_enclave";
    if (found.ptr == NULL) {
        found = azattest_evidence_mr_td(evidence);
        *name = "mr_td";
    }
    if (found.ptr == NULL) {
        found = azattest_evidence_measurement(evidence);
        *name = "measurement";
    }
    return found;
}

static int evidence_to_text(lua_State *L)
{
    const azattest_evidence *evidence = azlua_test(L, 1, &azlua_evidence);
    const char *name;
    azattest_bytes seen = measured(evidence, &name);
    char text[64];
    size_t i;

    if (evidence == NULL) {
        lua_pushliteral(L, "Evidence (closed)");
        return 1;
    }
    lua_pushfstring(L, "Evidence(%s", azattest_evidence_kind(evidence));
    if (azattest_evidence_version(evidence) >= 0)
        lua_pushfstring(L, ", version %d", azattest_evidence_version(evidence));
    else
        lua_pushliteral(L, "");
    text[0] = '\0';
    for (i = 0; i < 4 && i < seen.len; i++)
        snprintf(text + 2 * i, sizeof(text) - 2 * i, "%02x", ((const unsigned char *)seen.ptr)[i]);
    if (seen.len > 0)
        lua_pushfstring(L, ", %s=%s...", name, text);
    else
        lua_pushliteral(L, "");
    lua_pushstring(L, azattest_evidence_is_debuggable(evidence) ? ", DEBUG)" : ")");
    lua_concat(L, 4);
    return 1;
}

#define METHOD(name)                                                                                                   \
    {                                                                                                                  \
#name, evidence_##name                                                                                         \
    }
static const luaL_Reg methods[] = { METHOD(fields), METHOD(check_binding), METHOD(verify),
                                    METHOD(rtmr),   METHOD(pcr),           { NULL, NULL } };
static const luaL_Reg readers[] = { METHOD(kind),
                                    METHOD(tee),
                                    METHOD(form),
                                    METHOD(raw),
                                    METHOD(quote),
                                    METHOD(trailing),
                                    METHOD(held_data),
                                    METHOD(version),
                                    METHOD(mr_enclave),
                                    METHOD(mr_signer),
                                    METHOD(report_data),
                                    METHOD(cpu_svn),
                                    METHOD(product_id),
                                    METHOD(svn),
                                    METHOD(is_debuggable),
                                    METHOD(config_id),
                                    METHOD(config_svn),
                                    METHOD(isv_family_id),
                                    METHOD(isv_extended_product_id),
                                    METHOD(tee_tcb_svn),
                                    METHOD(mr_seam),
                                    METHOD(mr_signer_seam),
                                    METHOD(mr_td),
                                    METHOD(mr_config_id),
                                    METHOD(mr_owner),
                                    METHOD(mr_owner_config),
                                    METHOD(mr_service_td),
                                    METHOD(td_attributes),
                                    METHOD(xfam),
                                    METHOD(fmspc),
                                    METHOD(pceid),
                                    METHOD(pck_ca),
                                    METHOD(measurement),
                                    METHOD(host_data),
                                    METHOD(id_key_digest),
                                    METHOD(author_key_digest),
                                    METHOD(family_id),
                                    METHOD(image_id),
                                    METHOD(report_id),
                                    METHOD(chip_id),
                                    METHOD(reported_tcb),
                                    METHOD(guest_svn),
                                    METHOD(guest_policy),
                                    METHOD(vmpl),
                                    METHOD(snp_product),
                                    METHOD(runtime_claims),
                                    METHOD(user_data),
                                    METHOD(nonce),
                                    METHOD(pcr_digest),
                                    { NULL, NULL } };
static const luaL_Reg metamethods[] = { { "__tostring", evidence_to_text }, { NULL, NULL } };
static const luaL_Reg functions[] = { { "evidence_parse", evidence_parse },
                                      { "evidence_load", evidence_load },
                                      { "evidence_new_guest", evidence_new_guest },
                                      { "verify_service_certificate", verify_service_certificate },
                                      { NULL, NULL } };

void azlua_register_evidence(lua_State *L)
{
    static const struct azlua_members members = { methods, readers, metamethods, 0 };

    azlua_class_register(L, &azlua_evidence, &members);
    azlua_functions(L, functions);
}
