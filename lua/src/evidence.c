/* Evidence and VerificationResult. */
#include "options.h"
#include "readers.h"

CHECK(evidence, azattest_evidence)
CHECK(verification, azattest_verification_result)
READER(evidence, evidence, kind, azlua_push_text)
READER(evidence, evidence, form, azlua_push_text)
READER(evidence, evidence, raw, azlua_push_bytes)
READER(evidence, evidence, quote, azlua_push_bytes)
READER(evidence, evidence, held_data, azlua_push_bytes)
READER(evidence, evidence, version, lua_pushinteger)
READER(evidence, evidence, mr_enclave, azlua_push_bytes)
READER(evidence, evidence, mr_signer, azlua_push_bytes)
READER(evidence, evidence, report_data, azlua_push_bytes)
READER(evidence, evidence, cpu_svn, azlua_push_bytes)
READER(evidence, evidence, product_id, lua_pushinteger)
READER(evidence, evidence, svn, lua_pushinteger)
READER(evidence, evidence, is_debuggable, lua_pushboolean)
READER(evidence, evidence, fields, azlua_push_json)
READER(verification, verification_result, is_valid, lua_pushboolean)
READER(verification, verification_result, root, azlua_push_text)

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
    azlua_read_verify(L, 2, &options);
    status = azattest_evidence_verify(evidence, &options, &result, &error);
    made->object = result;
    failed->object = error;
    return azlua_answer(L, status);
}

static int evidence_to_text(lua_State *L)
{
    const azattest_evidence *evidence = azlua_test(L, 1, &azlua_evidence);
    azattest_bytes measured = azattest_evidence_mr_enclave(evidence);
    size_t i;

    if (evidence == NULL) {
        lua_pushliteral(L, "Evidence (closed)");
        return 1;
    }
    lua_pushfstring(L, "Evidence(%s, version %d, mr_enclave=", azattest_evidence_kind(evidence),
                    azattest_evidence_version(evidence));
    for (i = 0; i < 4 && i < measured.len; i++) {
        static const char digits[] = "0123456789abcdef";
        unsigned byte = ((const unsigned char *)measured.ptr)[i];

        lua_pushfstring(L, "%s%c%c", lua_tostring(L, -1), digits[byte >> 4], digits[byte & 15u]);
        lua_remove(L, -2);
    }
    lua_pushfstring(L, "%s...%s)", lua_tostring(L, -1), azattest_evidence_is_debuggable(evidence) ? ", DEBUG" : "");
    return 1;
}

static int verification_checks(lua_State *L)
{
    const azattest_verification_result *result = check_verification(L);
    size_t i, count = azattest_verification_result_check_count(result);

    lua_createtable(L, (int)count, 0);
    for (i = 0; i < count; i++) {
        int ok = azattest_verification_result_check_ok(result, i);

        lua_createtable(L, 0, 3);
        lua_pushstring(L, azattest_verification_result_check_id(result, i));
        lua_setfield(L, -2, "id");
        if (ok >= 0) {
            lua_pushboolean(L, ok);
            lua_setfield(L, -2, "ok");
        }
        lua_pushstring(L, azattest_verification_result_check_detail(result, i));
        lua_setfield(L, -2, "detail");
        lua_rawseti(L, -2, (int)i + 1);
    }
    return 1;
}

static int push_texts(lua_State *L, const azattest_verification_result *result, size_t count,
                      const char *(*text)(const azattest_verification_result *result, size_t index))
{
    size_t i;

    lua_createtable(L, (int)count, 0);
    for (i = 0; i < count; i++) {
        lua_pushstring(L, text(result, i));
        lua_rawseti(L, -2, (int)i + 1);
    }
    return 1;
}

static int verification_warnings(lua_State *L)
{
    const azattest_verification_result *result = check_verification(L);

    return push_texts(L, result, azattest_verification_result_warning_count(result),
                      azattest_verification_result_warning);
}

static int verification_not_checked(lua_State *L)
{
    const azattest_verification_result *result = check_verification(L);

    return push_texts(L, result, azattest_verification_result_not_checked_count(result),
                      azattest_verification_result_not_checked);
}

static int verification_to_dict(lua_State *L)
{
    azlua_push_json(L, azattest_verification_result_json(check_verification(L)));
    return 1;
}

/* "valid VerificationResult(...)", or the first check that failed. */
static int verification_to_text(lua_State *L)
{
    const azattest_verification_result *result = azlua_test(L, 1, &azlua_verification);
    size_t i, count = azattest_verification_result_check_count(result);
    const char *root = azattest_verification_result_root(result);

    if (result == NULL) {
        lua_pushliteral(L, "VerificationResult (closed)");
        return 1;
    }
    if (azattest_verification_result_is_valid(result)) {
        lua_pushfstring(L, "valid VerificationResult(root=%s, %d warnings, not checked: %d)", root == NULL ? "?" : root,
                        (int)azattest_verification_result_warning_count(result),
                        (int)azattest_verification_result_not_checked_count(result));
        return 1;
    }
    for (i = 0; i < count && azattest_verification_result_check_ok(result, i) != 0; i++)
        ;
    lua_pushfstring(L, "INVALID VerificationResult(%s: %s)",
                    i < count ? azattest_verification_result_check_id(result, i) : "a required check was not made",
                    i < count ? azattest_verification_result_check_detail(result, i) : "see checks");
    return 1;
}

static const luaL_Reg evidence_methods[] = { { "fields", evidence_fields },
                                             { "check_binding", evidence_check_binding },
                                             { "verify", evidence_verify },
                                             { NULL, NULL } };
static const luaL_Reg evidence_readers[] = { { "kind", evidence_kind },
                                             { "form", evidence_form },
                                             { "raw", evidence_raw },
                                             { "quote", evidence_quote },
                                             { "held_data", evidence_held_data },
                                             { "version", evidence_version },
                                             { "mr_enclave", evidence_mr_enclave },
                                             { "mr_signer", evidence_mr_signer },
                                             { "report_data", evidence_report_data },
                                             { "cpu_svn", evidence_cpu_svn },
                                             { "product_id", evidence_product_id },
                                             { "svn", evidence_svn },
                                             { "is_debuggable", evidence_is_debuggable },
                                             { NULL, NULL } };
static const luaL_Reg evidence_metamethods[] = { { "__tostring", evidence_to_text }, { NULL, NULL } };
static const luaL_Reg verification_methods[] = { { "to_dict", verification_to_dict }, { NULL, NULL } };
static const luaL_Reg verification_readers[] = {
    { "is_valid", verification_is_valid }, { "checks", verification_checks },
    { "warnings", verification_warnings }, { "not_checked", verification_not_checked },
    { "root", verification_root },         { NULL, NULL }
};
static const luaL_Reg verification_metamethods[] = { { "__tostring", verification_to_text }, { NULL, NULL } };
static const luaL_Reg functions[] = { { "evidence_parse", evidence_parse },
                                      { "evidence_load", evidence_load },
                                      { NULL, NULL } };

void azlua_register_evidence(lua_State *L)
{
    static const struct azlua_members evidence = { evidence_methods, evidence_readers, evidence_metamethods, 0 },
                                      verification = { verification_methods, verification_readers,
                                                       verification_metamethods, 0 };

    azlua_class_register(L, &azlua_evidence, &evidence);
    azlua_class_register(L, &azlua_verification, &verification);
    azlua_functions(L, functions);
}
