/* VerificationResult: the verdict, check by check. */
#include "module.h"
#include "readers.h"

CHECK(verification, azattest_verification_result)
READER(verification, verification_result, is_valid, lua_pushboolean)
READER(verification, verification_result, is_complete, lua_pushboolean)
READER(verification, verification_result, is_appraised, lua_pushboolean)
READER(verification, verification_result, root, azlua_push_text)
READER(verification, verification_result, tcb_status, azlua_push_text)

#define MOMENT(name)                                                                                                   \
    static int verification_##name(lua_State *L)                                                                       \
    {                                                                                                                  \
        azlua_push_moment(L, azattest_verification_result_##name##_ms(check_verification(L)));                         \
        return 1;                                                                                                      \
    }
MOMENT(tcb_date)
MOMENT(earliest_expiration)
MOMENT(latest_issue)

static int verification_tcb_evaluation_data_number(lua_State *L)
{
    int number = azattest_verification_result_tcb_evaluation_data_number(check_verification(L));

    if (number < 0)
        lua_pushnil(L);
    else
        lua_pushinteger(L, number);
    return 1;
}

static int verification_checks(lua_State *L)
{
    const azattest_verification_result *result = check_verification(L);
    size_t i, count = azattest_verification_result_check_count(result);

    lua_createtable(L, (int)count, 0);
    for (i = 0; i < count; i++) {
        int ok = azattest_verification_result_check_ok(result, i);

        lua_createtable(L, 0, 4);
        lua_pushstring(L, azattest_verification_result_check_id(result, i));
        lua_setfield(L, -2, "id");
        if (ok >= 0) {
            lua_pushboolean(L, ok);
            lua_setfield(L, -2, "ok");
        }
        lua_pushstring(L, azattest_verification_result_check_detail(result, i));
        lua_setfield(L, -2, "detail");
        lua_pushboolean(L, azattest_verification_result_check_required(result, i));
        lua_setfield(L, -2, "required");
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

static int verification_advisories(lua_State *L)
{
    const azattest_verification_result *result = check_verification(L);

    return push_texts(L, result, azattest_verification_result_advisory_count(result),
                      azattest_verification_result_advisory);
}

static int verification_to_dict(lua_State *L)
{
    azlua_push_json(L, azattest_verification_result_json(check_verification(L)));
    return 1;
}

/* "valid VerificationResult(...)", or the first check that failed, or else was required and not made. */
static int verification_to_text(lua_State *L)
{
    const azattest_verification_result *result = azlua_test(L, 1, &azlua_verification);
    size_t i, count = azattest_verification_result_check_count(result);
    const char *root = azattest_verification_result_root(result);
    const char *status = azattest_verification_result_tcb_status(result);

    if (result == NULL) {
        lua_pushliteral(L, "VerificationResult (closed)");
        return 1;
    }
    if (azattest_verification_result_is_valid(result)) {
        lua_pushfstring(L, "valid VerificationResult(root=%s%s%s, %d warnings, not checked: %d%s)",
                        root == NULL ? "?" : root, status == NULL ? "" : ", TCB ", status == NULL ? "" : status,
                        (int)azattest_verification_result_warning_count(result),
                        (int)azattest_verification_result_not_checked_count(result),
                        azattest_verification_result_is_appraised(result) ? "" : ", not appraised");
        return 1;
    }
    for (i = 0; i < count && azattest_verification_result_check_ok(result, i) != 0; i++)
        ;
    if (i == count) /* none failed: then one that is required was not made */
        for (i = 0; i < count && (azattest_verification_result_check_ok(result, i) == 1 ||
                                  !azattest_verification_result_check_required(result, i));
             i++)
            ;
    lua_pushfstring(L, "INVALID VerificationResult(%s: %s)",
                    i < count ? azattest_verification_result_check_id(result, i) : "no check is required",
                    i < count ? azattest_verification_result_check_detail(result, i) : "see checks");
    return 1;
}

static const luaL_Reg methods[] = { { "to_dict", verification_to_dict }, { NULL, NULL } };
static const luaL_Reg readers[] = { { "is_valid", verification_is_valid },
                                    { "checks", verification_checks },
                                    { "warnings", verification_warnings },
                                    { "not_checked", verification_not_checked },
                                    { "root", verification_root },
                                    { "is_complete", verification_is_complete },
                                    { "is_appraised", verification_is_appraised },
                                    { "tcb_status", verification_tcb_status },
                                    { "tcb_date", verification_tcb_date },
                                    { "tcb_evaluation_data_number", verification_tcb_evaluation_data_number },
                                    { "advisories", verification_advisories },
                                    { "earliest_expiration", verification_earliest_expiration },
                                    { "latest_issue", verification_latest_issue },
                                    { NULL, NULL } };
static const luaL_Reg metamethods[] = { { "__tostring", verification_to_text }, { NULL, NULL } };

void azlua_register_verdict(lua_State *L)
{
    static const struct azlua_members members = { methods, readers, metamethods, 0 };

    azlua_class_register(L, &azlua_verification, &members);
}
