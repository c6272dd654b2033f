/* TCB info and QE identity: what is read, and every way in which a document can be none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <azattest/limits.h>

#include "evidence/intel/qe_identity.h"
#include "evidence/intel/tcb_info.h"
#include "json/json.h"

#define SVN "{\"svn\":1},"
#define FIFTEEN SVN SVN SVN SVN SVN SVN SVN SVN SVN SVN SVN SVN SVN SVN SVN
#define SIXTEEN "[" FIFTEEN "{\"svn\":255,\"category\":\"BIOS\",\"type\":\"t\"}]"
#define HEAD(id, version)                                                                                              \
    "{\"id\":\"" id "\",\"version\":" version ",\"issueDate\":\"2025-01-01T00:00:00Z\","                               \
    "\"nextUpdate\":\"2025-01-31T00:00:00Z\",\"fmspc\":\"00906ED50000\",\"pceId\":\"0100\",\"tcbType\":0,"             \
    "\"tcbEvaluationDataNumber\":17,"
#define LEVEL(tcb)                                                                                                     \
    "{\"tcb\":{" tcb "},\"tcbDate\":\"2024-03-13T00:00:00Z\",\"tcbStatus\":\"UpToDate\",\"advisoryIDs\":[\"A-1\"]}"
#define SGX_TCB "\"sgxtcbcomponents\":" SIXTEEN ",\"pcesvn\":13"
#define TDX_TCB SGX_TCB ",\"tdxtcbcomponents\":" SIXTEEN
#define SGX_INFO HEAD("SGX", "3") "\"tcbLevels\":[" LEVEL(SGX_TCB) "]}"
#define ZEROS_48 "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
#define MODULE                                                                                                         \
    "\"mrsigner\":\"" ZEROS_48 "\",\"attributes\":\"0000000000000000\",\"attributesMask\":\"FFFFFFFFFFFFFFFF\""
#define MODULE_LEVEL "{\"tcb\":{\"isvsvn\":4},\"tcbDate\":\"2024-03-13T00:00:00Z\",\"tcbStatus\":\"UpToDate\"}"
#define IDENTITY_OF(id) "{\"id\":\"" id "\"," MODULE ",\"tcbLevels\":[" MODULE_LEVEL "]}"
#define TDX_WITH(module, identities, level)                                                                            \
    HEAD("TDX", "3") module "\"tdxModuleIdentities\":[" identities "],\"tcbLevels\":[" level "]}"
#define TDX_MODULE "\"tdxModule\":{" MODULE "},"
#define TDX_INFO TDX_WITH(TDX_MODULE, IDENTITY_OF("TDX_0A"), LEVEL(TDX_TCB))

typedef azattest_status (*read_document)(azattest_bytes text, azattest_error **error);

static azattest_status read_info(azattest_bytes text, azattest_error **error)
{
    azattest__tcb_info info;
    azattest_status status = azattest__tcb_info_read(text, &info, error);

    azattest__tcb_info_clear(&info);
    return status;
}

static azattest_status read_identity(azattest_bytes text, azattest_error **error)
{
    azattest__qe_identity identity;
    azattest_status status = azattest__qe_identity_read(text, &identity, error);

    azattest__qe_identity_clear(&identity);
    return status;
}

/* From memory of exactly its size. */
static azattest_status read_exact(read_document read, const char *text, size_t len, azattest_error **error)
{
    char *exact = malloc(len == 0 ? 1 : len);
    azattest_status status;

    assert_non_null(exact);
    memcpy(exact, text, len);
    if ((status = azattest__json_check(azattest__bytes(exact, len), error)) == AZATTEST_OK)
        status = read(azattest__bytes(exact, len), error);
    free(exact);
    return status;
}

static void good(read_document read, const char *what, const char *text)
{
    azattest_error *error = NULL;

    if (read_exact(read, text, strlen(text), &error) != AZATTEST_OK)
        fail_msg("%s: %s", what, azattest_error_message(error));
}

static void bad(read_document read, const char *what, const char *text, const char *message)
{
    azattest_error *error = NULL;
    azattest_status status = read_exact(read, text, strlen(text), &error);

    if (status == AZATTEST_OK || status == AZATTEST_E_MEMORY || strstr(azattest_error_message(error), message) == NULL)
        fail_msg("%s: %s (%s)", what, azattest_status_name(status), azattest_error_message(error));
    azattest_error_free(error);
}

/* The text with one part replaced; the part has to be there. */
static char *with(const char *text, const char *part, const char *replacement)
{
    const char *hit = strstr(text, part);
    char *out = NULL;

    if (hit == NULL)
        fail_msg("\"%s\" is not in the document", part);
    assert_true(asprintf(&out, "%.*s%s%s", (int)(hit - text), text, replacement, hit + strlen(part)) > 0);
    return out;
}

static void a_tcb_info_is_read_whole(void **state)
{
    azattest__tcb_info info;

    (void)state;
    assert_int_equal(azattest__tcb_info_read(azattest__text(TDX_INFO), &info, NULL), AZATTEST_OK);
    assert_true(info.tdx);
    assert_int_equal(info.evaluation, 17);
    assert_memory_equal(info.fmspc, "\x00\x90\x6e\xd5\x00\x00", 6);
    assert_memory_equal(info.pceid, "\x01\x00", 2);
    assert_int_equal(info.level_count, 1);
    assert_int_equal(info.levels[0].sgx[15], 255);
    assert_int_equal(info.levels[0].tdx[0], 1);
    assert_int_equal(info.levels[0].pcesvn, 13);
    assert_true(azattest__bytes_equal_text(info.levels[0].advisories, "[\"A-1\"]"));
    assert_int_equal(info.identity_count, 1);
    assert_non_null(azattest__tcb_info_module(&info, 10));
    assert_null(azattest__tcb_info_module(&info, 1));
    assert_int_equal(info.module.attributes_mask[7], 0xff);
    azattest__tcb_info_clear(&info);
}

static void module_ids_are_known_in_any_case(void **state)
{
    static const char *const ids[] = { "TDX_0A", "TDX_0a", "tdx_0A", "Tdx_0a" };
    static const char *const none[] = { "TDX_00", "TDX_G0", "TDX_A", "TDX-0A", "TDX_0AA", "XDT_0A", "TDX_ A" };
    azattest__tcb_info info;
    char *text;

    (void)state;
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        text = with(TDX_INFO, "TDX_0A", ids[i]);
        assert_int_equal(azattest__tcb_info_read(azattest__text(text), &info, NULL), AZATTEST_OK);
        assert_non_null(azattest__tcb_info_module(&info, 10));
        azattest__tcb_info_clear(&info);
        free(text);
    }
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        text = with(TDX_INFO, "TDX_0A", none[i]);
        bad(read_info, none[i], text, "id of a TDX module");
        free(text);
    }
}

static void what_is_no_tcb_info_is_refused_by_name(void **state)
{
    static const struct {
        const char *what, *document, *part, *replacement, *message;
    } cases[] = {
        { "no version", SGX_INFO, "\"version\":3,", "", "version" },
        { "version as a text", SGX_INFO, "\"version\":3", "\"version\":\"3\"", "version" },
        { "version 1", SGX_INFO, "\"version\":3", "\"version\":1", "version 1" },
        { "version 4", SGX_INFO, "\"version\":3", "\"version\":4", "version 4" },
        { "version 3.0", SGX_INFO, "\"version\":3", "\"version\":3.0", "version" },
        { "no id", SGX_INFO, "\"id\":\"SGX\",", "", "id" },
        { "another id", SGX_INFO, "\"SGX\"", "\"SNP\"", "id" },
        { "id in lower case", SGX_INFO, "\"SGX\"", "\"sgx\"", "id" },
        { "an escaped name", SGX_INFO, "\"tcbLevels\"", "\"\\u0074cbLevels\"", "escaped" },
        { "no issue date", SGX_INFO, "\"issueDate\":\"2025-01-01T00:00:00Z\",", "", "missing" },
        { "a date without time", SGX_INFO, "2025-01-01T00:00:00Z", "2025-01-01", "issueDate" },
        { "a date that does not exist", SGX_INFO, "2025-01-31T00:00:00Z", "2025-02-30T00:00:00Z", "nextUpdate" },
        { "a date with an offset", SGX_INFO, "2025-01-31T00:00:00Z", "2025-01-31T00:00:00+00:00", "nextUpdate" },
        { "an end before the beginning", SGX_INFO, "2025-01-31", "2024-01-31", "before" },
        { "an FMSPC of 5 bytes", SGX_INFO, "00906ED50000", "00906ED500", "fmspc" },
        { "an FMSPC that is no hexadecimal", SGX_INFO, "00906ED50000", "00906ED5000G", "fmspc" },
        { "a PCEID of 1 byte", SGX_INFO, "\"0100\"", "\"01\"", "pceId" },
        { "another type of TCB", SGX_INFO, "\"tcbType\":0", "\"tcbType\":1", "tcbType" },
        { "no type of TCB", SGX_INFO, "\"tcbType\":0,", "", "missing" },
        { "no evaluation number", SGX_INFO, "\"tcbEvaluationDataNumber\":17,", "", "missing" },
        { "a negative evaluation number", SGX_INFO, "Number\":17", "Number\":-1", "tcbEvaluationDataNumber" },
        { "no levels", SGX_INFO, "\"tcbLevels\"", "\"tcbLevel\"", "missing" },
        { "levels that are no list", HEAD("SGX", "3") "\"tcbLevels\":{}}", "{}", "{}", "tcbLevels" },
        { "an empty list of levels", HEAD("SGX", "3") "\"tcbLevels\":[]}", "[]", "[]", "tcbLevels" },
        { "no components", SGX_INFO, "\"sgxtcbcomponents\"", "\"components\"", "sgxtcbcomponents" },
        { "an SVN of 256", SGX_INFO, "{\"svn\":255", "{\"svn\":256", "sgxtcbcomponents" },
        { "a negative SVN", SGX_INFO, "{\"svn\":255", "{\"svn\":-1", "sgxtcbcomponents" },
        { "a fraction as an SVN", SGX_INFO, "{\"svn\":255", "{\"svn\":1.5", "sgxtcbcomponents" },
        { "an SVN as a text", SGX_INFO, "{\"svn\":255", "{\"svn\":\"1\"", "sgxtcbcomponents" },
        { "a component without an SVN", SGX_INFO, "{\"svn\":255", "{\"sv\":255", "sgxtcbcomponents" },
        { "no PCESVN", SGX_INFO, "\"pcesvn\":13", "\"pces\":13", "pcesvn" },
        { "a PCESVN of 65536", SGX_INFO, "\"pcesvn\":13", "\"pcesvn\":65536", "pcesvn" },
        { "no status", SGX_INFO, "\"tcbStatus\":\"UpToDate\",", "", "tcbStatus" },
        { "an unknown status", SGX_INFO, "UpToDate", "Fine", "tcbStatus" },
        { "a status that is only found", SGX_INFO, "UpToDate", "TDRelaunchAdvised", "tcbStatus" },
        { "no date of a level", SGX_INFO, "\"tcbDate\"", "\"date\"", "tcbDate" },
        { "advisories that are no list", SGX_INFO, "[\"A-1\"]", "\"A-1\"", "advisoryIDs" },
        { "an advisory that is a number", SGX_INFO, "[\"A-1\"]", "[1]", "advisoryIDs" },
        { "an empty advisory", SGX_INFO, "[\"A-1\"]", "[\"\"]", "advisoryIDs" },
        { "a TDX level without its components", TDX_INFO, "\"tdxtcbcomponents\"", "\"tdxcomponents\"",
          "tdxtcbcomponents" },
        { "no TDX module", TDX_INFO, TDX_MODULE, "", "tdxModule" },
        { "a module without a mask", TDX_INFO, "\"attributesMask\"", "\"mask\"", "tdxModule" },
        { "a signer of 47 bytes", TDX_INFO, ZEROS_48, "00", "mrsigner" },
        { "attributes of 7 bytes", TDX_INFO, "\"attributes\":\"0000000000000000\"", "\"attributes\":\"00000000000000\"",
          "attributes" },
        { "a module level without an ISVSVN", TDX_INFO, "\"isvsvn\":4", "\"svn\":4", "isvsvn" },
        { "a module level with a platform's status", TDX_INFO,
          "\"isvsvn\":4},\"tcbDate\":\"2024-03-13T00:00:00Z\",\"tcbStatus\":\"UpToDate\"",
          "\"isvsvn\":4},\"tcbDate\":\"2024-03-13T00:00:00Z\",\"tcbStatus\":\"ConfigurationNeeded\"", "tcbStatus" },
        { "two identities of one version", TDX_INFO, IDENTITY_OF("TDX_0A"),
          IDENTITY_OF("TDX_0A") "," IDENTITY_OF("tdx_0a"), "two entries" },
        { "an identity without levels", TDX_INFO, ",\"tcbLevels\":[" MODULE_LEVEL "]", "", "tdxModuleIdentities" },
    };

    (void)state;
    good(read_info, "the document itself", SGX_INFO);
    good(read_info, "that of TDX", TDX_INFO);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *text = with(cases[i].document, cases[i].part, cases[i].replacement);

        bad(read_info, cases[i].what, text, cases[i].message);
        free(text);
    }
}

static void there_are_sixteen_components(void **state)
{
    static const struct {
        const char *list;
        bool good;
    } cases[] = { { SIXTEEN, true },
                  { "[" FIFTEEN "{\"svn\":1}]", true },
                  { "[" SVN SVN SVN SVN SVN SVN SVN SVN SVN SVN SVN SVN SVN SVN "{\"svn\":1}]", false },
                  { "[" FIFTEEN SVN "{\"svn\":1}]", false },
                  { "[]", false },
                  { "[1,2,3]", false },
                  { "{}", false },
                  { "null", false } };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        for (int tdx = 0; tdx < 2; tdx++) {
            char member[32], *replacement, *text;

            snprintf(member, sizeof(member), "\"%stcbcomponents\":", tdx ? "tdx" : "sgx");
            assert_true(asprintf(&replacement, "%s%s", member, cases[i].list) > 0);
            assert_true(asprintf(&text, "%s%s", member, SIXTEEN) > 0);
            {
                char *changed = with(TDX_INFO, text, replacement);

                if (cases[i].good)
                    good(read_info, cases[i].list, changed);
                else
                    bad(read_info, cases[i].list, changed, "tcbcomponents");
                free(changed);
            }
            free(replacement);
            free(text);
        }
}

static void version_2_has_flat_components(void **state)
{
    azattest__buf text;
    azattest__tcb_info info;
    char *changed;

    (void)state;
    azattest__buf_init(&text, 16384);
    azattest__buf_append_text(&text, "{\"version\":2,\"issueDate\":\"2025-01-01T00:00:00Z\",\"nextUpdate\":"
                                     "\"2025-01-31T00:00:00Z\",\"fmspc\":\"00906ed50000\",\"pceId\":\"0000\","
                                     "\"tcbType\":0,\"tcbEvaluationDataNumber\":3,\"tcbLevels\":[{\"tcb\":{");
    for (int i = 1; i <= 16; i++)
        azattest__buf_printf(&text, "\"sgxtcbcomp%02dsvn\":%d,", i, i);
    azattest__buf_append_text(&text,
                              "\"pcesvn\":5},\"tcbDate\":\"2019-09-01T00:00:00Z\",\"tcbStatus\":\"UpToDate\"}]}");
    assert_int_equal(azattest__tcb_info_read(azattest__buf_bytes(&text), &info, NULL), AZATTEST_OK);
    assert_false(info.tdx);
    for (int i = 0; i < 16; i++)
        assert_int_equal(info.levels[0].sgx[i], i + 1);
    azattest__tcb_info_clear(&info);
    changed = with((char *)text.ptr, "sgxtcbcomp07svn", "sgxtcbcomp17svn");
    bad(read_info, "component 17 for 7", changed, "sgxtcbcomp01svn to sgxtcbcomp16svn");
    free(changed);
    changed = with((char *)text.ptr, "\"sgxtcbcomp16svn\":16", "\"sgxtcbcomp16svn\":256");
    bad(read_info, "256", changed, "component");
    free(changed);
    /* The form of version 3 is none of version 2's, and the other way. */
    changed = with(SGX_INFO, "\"version\":3", "\"version\":2");
    bad(read_info, "components of version 3", changed, "sgxtcbcomp01svn");
    free(changed);
    changed = with((char *)text.ptr, "{\"version\":2", "{\"id\":\"SGX\",\"version\":3");
    bad(read_info, "components of version 2", changed, "sgxtcbcomponents");
    free(changed);
    azattest__buf_free(&text);
}

#define QE_IDENTITY                                                                                                    \
    "{\"id\":\"QE\",\"version\":2,\"issueDate\":\"2025-01-01T00:00:00Z\",\"nextUpdate\":\"2025-01-31T00:00:00Z\","     \
    "\"tcbEvaluationDataNumber\":17,\"miscselect\":\"00000000\",\"miscselectMask\":\"FFFFFFFF\",\"attributes\":"       \
    "\"11000000000000000000000000000000\",\"attributesMask\":\"FBFFFFFFFFFFFFFF0000000000000000\",\"mrsigner\":"       \
    "\"8C4F5775D796503E96137F77C68A829A0056AC8DED70140B081B094490C57BFF\",\"isvprodid\":1,\"tcbLevels\":"              \
    "[" MODULE_LEVEL "]}"

static void what_is_no_qe_identity_is_refused_by_name(void **state)
{
    static const struct {
        const char *what, *part, *replacement, *message;
    } cases[] = {
        { "the verification enclave", "\"QE\"", "\"QVE\"", "QVE" },
        { "another id", "\"QE\"", "\"qe\"", "id" },
        { "version 1", "\"version\":2", "\"version\":1", "version 1" },
        { "no MRSIGNER", "\"mrsigner\"", "\"signer\"", "mrsigner" },
        { "an MRSIGNER of 31 bytes", "C57BFF\"", "C57B\"", "mrsigner" },
        { "no product id", "\"isvprodid\":1,", "", "isvprodid" },
        { "a product id of 65536", "\"isvprodid\":1", "\"isvprodid\":65536", "isvprodid" },
        { "no mask of the attributes", "\"attributesMask\"", "\"mask\"", "missing" },
        { "attributes of 15 bytes", "\"11000000000000000000000000000000\"", "\"110000000000000000000000000000\"",
          "attributes" },
        { "a MISCSELECT of 3 bytes", "\"00000000\"", "\"000000\"", "miscselect" },
        { "no levels", "\"tcbLevels\"", "\"levels\"", "missing" },
        { "an empty list of levels", MODULE_LEVEL, "", "tcbLevels" },
        { "a level with an unknown status", "UpToDate", "Fine", "tcbStatus" },
        { "a level with a platform's status", "UpToDate", "SWHardeningNeeded", "tcbStatus" },
        { "an ISVSVN of 65536", "\"isvsvn\":4", "\"isvsvn\":65536", "isvsvn" },
        { "an end before the beginning", "2025-01-31", "2024-01-31", "before" },
    };

    (void)state;
    good(read_identity, "the document itself", QE_IDENTITY);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *text = with(QE_IDENTITY, cases[i].part, cases[i].replacement);

        bad(read_identity, cases[i].what, text, cases[i].message);
        free(text);
    }
}

static void an_identity_matches_under_its_masks(void **state)
{
    static const struct {
        const char *what;
        size_t at; /* byte of the report body */
        unsigned char flip;
        const char *message; /* NULL: still matches */
    } cases[] = {
        { "as it is", 383, 0, NULL },
        { "MODE64BIT, which the mask leaves out", 48, 0x04, NULL },
        { "XFRM, which the mask leaves out", 56, 0xff, NULL },
        { "ISVSVN, which is the level's", 258, 0xff, NULL },
        { "DEBUG", 48, 0x02, "ATTRIBUTES" },
        { "no PROVISIONKEY", 48, 0x10, "ATTRIBUTES" },
        { "the last byte of FLAGS", 55, 0x80, "ATTRIBUTES" },
        { "MISCSELECT", 16, 1, "MISCSELECT" },
        { "the last byte of MISCSELECT", 19, 0x80, "MISCSELECT" },
        { "the first byte of MRSIGNER", 128, 1, "MRSIGNER" },
        { "the last byte of MRSIGNER", 159, 1, "MRSIGNER" },
        { "ISVPRODID", 256, 1, "ISVPRODID" },
        { "the high byte of ISVPRODID", 257, 1, "ISVPRODID" },
    };
    azattest__qe_identity identity;

    (void)state;
    assert_int_equal(azattest__qe_identity_read(azattest__text(QE_IDENTITY), &identity, NULL), AZATTEST_OK);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        unsigned char body[384] = { 0 };
        azattest__sgx_report report;
        azattest_error *error = NULL;
        azattest_status status;

        body[48] = 0x15;
        memcpy(body + 128, identity.mr_signer, 32);
        body[256] = 1;
        body[cases[i].at] ^= cases[i].flip;
        report = azattest__sgx_report_read(body);
        status = azattest__qe_identity_match(&identity, &report, &error);
        if ((status == AZATTEST_OK) != (cases[i].message == NULL) ||
            (error != NULL && strstr(azattest_error_message(error), cases[i].message) == NULL))
            fail_msg("%s: %s", cases[i].what, error == NULL ? "matches" : azattest_error_message(error));
        azattest_error_free(error);
    }
    /* A bit that the document wants outside of its own mask matches nothing. */
    identity.attributes[0] |= 0x04;
    {
        unsigned char body[384] = { 0 };
        azattest__sgx_report report;

        body[48] = 0x15;
        memcpy(body + 128, identity.mr_signer, 32);
        body[256] = 1;
        report = azattest__sgx_report_read(body);
        assert_int_equal(azattest__qe_identity_match(&identity, &report, NULL), AZATTEST_E_EVIDENCE_INVALID);
    }
    azattest__qe_identity_clear(&identity);
}

static void every_truncation_is_refused(void **state)
{
    static const struct {
        read_document read;
        const char *text;
    } documents[] = { { read_info, SGX_INFO }, { read_info, TDX_INFO }, { read_identity, QE_IDENTITY } };

    (void)state;
    for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++)
        for (size_t len = 0; len < strlen(documents[i].text); len++)
            assert_int_not_equal(read_exact(documents[i].read, documents[i].text, len, NULL), AZATTEST_OK);
}

/* White space inside and members in another order are other bytes, but the same document. */
static void members_may_stand_in_any_order(void **state)
{
    (void)state;
    good(read_info, "levels first",
         "{ \"tcbLevels\" : [ { \"tcbStatus\" : \"Revoked\" , \"tcbDate\" : \"2024-03-13T00:00:00Z\" ,\n"
         "\"tcb\" : { \"pcesvn\" : 0 , \"sgxtcbcomponents\" : " SIXTEEN
         " } } ] , \"unknown\" : { \"a\" : [ 1 , {} ] } ,\n"
         "\"tcbEvaluationDataNumber\" : 1 , \"tcbType\" : 0 , \"pceId\" : \"0000\" , \"fmspc\" : \"000000000000\" ,\n"
         "\"nextUpdate\" : \"2025-01-31T00:00:00Z\" , \"issueDate\" : \"2025-01-01T00:00:00Z\" , \"version\" : 3 ,\n"
         "\"id\" : \"SGX\" }");
}

static void there_is_a_ceiling_for_levels(void **state)
{
    azattest__buf text;

    (void)state;
    for (size_t count = AZATTEST_LIMIT_TCB_LEVELS; count <= AZATTEST_LIMIT_TCB_LEVELS + 1; count++) {
        char *changed;

        azattest__buf_init(&text, 1u << 20);
        for (size_t i = 0; i < count; i++)
            azattest__buf_append_text(&text, i == 0 ? MODULE_LEVEL : "," MODULE_LEVEL);
        changed = with(QE_IDENTITY, MODULE_LEVEL, (char *)text.ptr);
        if (count <= AZATTEST_LIMIT_TCB_LEVELS)
            good(read_identity, "as many as there may be", changed);
        else
            bad(read_identity, "one more", changed, "more than 512");
        free(changed);
        azattest__buf_free(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tcb_info_is_read_whole),
        cmocka_unit_test(module_ids_are_known_in_any_case),
        cmocka_unit_test(what_is_no_tcb_info_is_refused_by_name),
        cmocka_unit_test(there_are_sixteen_components),
        cmocka_unit_test(version_2_has_flat_components),
        cmocka_unit_test(what_is_no_qe_identity_is_refused_by_name),
        cmocka_unit_test(an_identity_matches_under_its_masks),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(members_may_stand_in_any_order),
        cmocka_unit_test(there_is_a_ceiling_for_levels),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
