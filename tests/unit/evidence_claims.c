/* What the service says of evidence: of every real file, and of a TPM's log of events. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <azattest/azattest.h>

#include "base/encoding.h"
#include "evidence.h"
#include "evidence/azure/guest.h"
#include "evidence/claims/claims.h"
#include "expect.h"
#include "guests.h"

/* How many of the real files held evidence when this was written. */
#define FILES_THAT_MAP 59
#define EV_EVENT_TAG 6u
#define EV_VARIABLE 0x80000001u

/* ---- real files ---- */

static const char *const folders[] = { "sgx", "openenclave", "snp", "tdx", "hcl", "tpm" };

static void map_file(const char *folder, const char *file, size_t *mapped)
{
    azattest_evidence *evidence = NULL;
    azattest_claim_set *set = NULL;
    azattest_error *error = NULL;
    unsigned char *bytes;
    char name[512];
    size_t len;

    snprintf(name, sizeof(name), "%s/%s", folder, file);
    bytes = evidence_read(name, &len);
    if (azattest_evidence_load(azattest__bytes(bytes, len), &evidence, NULL) == AZATTEST_OK &&
        strcmp(azattest_evidence_tee(evidence), "none") != 0) {
        if (azattest_claim_set_from_evidence(evidence, NULL, &set, &error) != AZATTEST_OK)
            fail_msg("%s: %s", name, azattest_error_message(error));
        assert_true(azattest_claim_set_count(set) >= 4);
        ++*mapped;
    }
    azattest_claim_set_free(set);
    azattest_evidence_free(evidence);
    free(bytes);
}

static void every_real_file_of_evidence_maps(void **state)
{
    size_t mapped = 0;

    (void)state;
    EVIDENCE_OR_SKIP();
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
        char path[4096];
        struct dirent *entry;
        DIR *folder;

        snprintf(path, sizeof(path), "%s/%s", evidence_folder(), folders[i]);
        assert_non_null(folder = opendir(path));
        while ((entry = readdir(folder)) != NULL)
            if (entry->d_name[0] != '.')
                map_file(folders[i], entry->d_name, &mapped);
        closedir(folder);
    }
    print_message("%zu files mapped\n", mapped);
    assert_true(mapped >= FILES_THAT_MAP);
}

typedef struct real {
    const char *file, *type, *claim;
    const char *value; /* JSON */
} real;

static const real reals[] = {
    { "sgx/azure-intelsdk-2023-prodid.quote.bin", NULL, "$product-id", "9999" },
    { "sgx/azure-intelsdk-2023-debug.quote.bin", "OpenEnclave", "x-ms-sgx-is-debuggable", "true" },
    { "sgx/azure-intelsdk-2023-release.quote.bin", NULL, "$is-debuggable", "false" },
    { "openenclave/azure-oesdk-release.report.bin", NULL, "x-ms-attestation-type", "\"sgx\"" },
    { "sgx/azure-intelsdk-2023-release.json", NULL, "x-ms-sgx-ehd", NULL },
    { "hcl/azure-snp-milan.hcl.bin", NULL, "x-ms-attestation-type", "\"azurevm\"" },
    { "hcl/azure-snp-milan.hcl.bin", "SevSnpVm", "x-ms-attestation-type", "\"sevsnpvm\"" },
    { "hcl/azure-tdx-v0.hcl.bin", "TdxVm", "x-ms-attestation-type", "\"tdxvm\"" },
    { "hcl/azure-tdx-v0.evidence.json", "Tpm", "tpmVersion", "2" },
    { "hcl/azure-snp-genoa.evidence.json", "Tpm", "aikValidated", "false" },
    { "tdx/coco-v4-debug.bin", NULL, "dbgstat", "\"enabled\"" },
    { "tdx/google-spr-e4-v4.bin", NULL, "tdx_td_attributes_debug", "false" },
    { "snp/milan-v3.report.bin", NULL, "x-ms-sevsnpvm-vmpl", NULL },
};

static void a_real_file_has_this_claim(void **state)
{
    const real *test = *state;
    azattest_claims_options options = AZATTEST_CLAIMS_OPTIONS_INIT;
    azattest_evidence *evidence = NULL;
    azattest_claim_set *set = NULL;
    azattest__json *list = NULL;
    unsigned char *bytes;
    bool found = false;
    size_t len;

    EVIDENCE_OR_SKIP();
    bytes = evidence_read(test->file, &len);
    assert_int_equal(azattest_evidence_load(azattest__bytes(bytes, len), &evidence, NULL), AZATTEST_OK);
    options.attestation_type = test->type;
    assert_int_equal(azattest_claim_set_from_evidence(evidence, &options, &set, NULL), AZATTEST_OK);
    assert_int_equal(azattest__json_parse(azattest_claim_set_json(set), &list, NULL), AZATTEST_OK);
    for (const azattest__json *one = azattest__json_first(list); one != NULL; one = azattest__json_next(one)) {
        azattest__buf value;

        if (strcmp(azattest__json_get_string(one, "type"), test->claim) != 0)
            continue;
        azattest__buf_init(&value, 1024u * 1024u);
        assert_int_equal(azattest__json_print(azattest__json_get(one, "value"), false, &value, NULL), AZATTEST_OK);
        if (test->value != NULL)
            assert_string_equal((char *)value.ptr, test->value);
        azattest__buf_free(&value);
        found = true;
    }
    assert_true(found);
    azattest__json_free(list);
    azattest_claim_set_free(set);
    azattest_evidence_free(evidence);
    free(bytes);
}

/* ---- a log ---- */

static void put(azattest__buf *log, uint64_t value, size_t size)
{
    unsigned char *p = azattest__buf_grow(log, size);

    assert_non_null(p);
    for (size_t i = 0; i < size; i++)
        p[i] = (unsigned char)(value >> 8 * i);
}

static void put_utf16(azattest__buf *log, const char *text)
{
    for (; *text != '\0'; text++)
        put(log, (unsigned char)*text, 2);
}

static azattest__buf new_buf(void)
{
    azattest__buf buf;

    azattest__buf_init(&buf, 65536);
    return buf;
}

/* An event of the old form; takes the data. */
static void event(azattest__buf *log, uint32_t pcr, uint32_t type, azattest__buf *data)
{
    unsigned char digest[AZATTEST__HASH_MAX];
    size_t len;

    put(log, pcr, 4);
    put(log, type, 4);
    assert_int_equal(azattest__digest(AZATTEST__SHA1, azattest__buf_bytes(data), digest, &len, NULL), AZATTEST_OK);
    azattest__buf_append(log, digest, len);
    put(log, data->len, 4);
    azattest__buf_append_bytes(log, azattest__buf_bytes(data));
    azattest__buf_free(data);
}

/* UEFI_VARIABLE_DATA of the global variables' GUID. */
static azattest__buf variable(const char *name, const void *value, size_t len)
{
    static const unsigned char guid[] = { 0x61, 0xdf, 0xe4, 0x8b, 0xca, 0x93, 0xd2, 0x11,
                                          0xaa, 0x0d, 0x00, 0xe0, 0x98, 0x03, 0x2b, 0x8c };
    azattest__buf data = new_buf();

    azattest__buf_append(&data, guid, sizeof(guid));
    put(&data, strlen(name), 8);
    put(&data, len, 8);
    put_utf16(&data, name);
    azattest__buf_append(&data, value, len);
    return data;
}

/* An item of Windows' loader; takes the content. */
static void item(azattest__buf *out, uint32_t type, azattest__buf *content)
{
    put(out, type, 4);
    put(out, content->len, 4);
    azattest__buf_append_bytes(out, azattest__buf_bytes(content));
    azattest__buf_free(content);
}

static void number_item(azattest__buf *out, uint32_t type, uint64_t value, size_t size)
{
    azattest__buf content = new_buf();

    put(&content, value, size);
    item(out, type, &content);
}

static void text_item(azattest__buf *out, uint32_t type, const char *text)
{
    azattest__buf content = new_buf();

    put_utf16(&content, text);
    put(&content, 0, 2);
    item(out, type, &content);
}

static void module(azattest__buf *out, const char *path, bool validated)
{
    azattest__buf content = new_buf();

    text_item(&content, 0x00070001, path);
    number_item(&content, 0x00070002, 1234, 8); /* its size, which no query reads */
    number_item(&content, 0x0007000a, validated, 1);
    item(out, 0x40010003, &content);
}

/* EV_EVENT_TAG with a trust boundary around these items; takes them. */
static void boundary(azattest__buf *log, uint32_t pcr, azattest__buf *items)
{
    azattest__buf data = new_buf();

    item(&data, 0x40010001, items);
    event(log, pcr, EV_EVENT_TAG, &data);
}

static azattest__buf made_log(void)
{
    azattest__buf log = new_buf(), items = new_buf(), data = new_buf();

    azattest__buf_append_text(&data, "an action");
    event(&log, 5, 0x80000007u, &data);
    data = variable("SecureBoot", "\1", 1);
    event(&log, 7, EV_VARIABLE, &data);
    data = variable("PK", "", 0);
    event(&log, 7, EV_VARIABLE, &data);
    number_item(&items, 0x00050002, 1, 1); /* code integrity */
    number_item(&items, 0x00020004, 4, 4); /* BitLocker */
    number_item(&items, 0x000a0007, 1, 8); /* HVCI */
    module(&items, "\\Windows\\a.sys", true);
    boundary(&log, 12, &items);
    items = new_buf();
    module(&items, "b.sys", true);
    module(&items, "c.sys", false);
    number_item(&items, 0x00050005, 0, 1); /* safe mode */
    number_item(&items, 0x00060001, 0, 1); /* not queried by any public policy */
    boundary(&log, 13, &items);
    return log;
}

#define GUID "\"VariableGuid\":\"8BE4DF61-93CA-11D2-AA0D-00E098032B8C\""
static const char made_events[] =
    "{\"Events\":["
    "{\"EventSeq\":0,\"EventTypeString\":\"EV_EFI_ACTION\",\"PcrIndex\":5,\"ProcessedData\":{}},"
    "{\"EventSeq\":1,\"EventTypeString\":\"EV_EFI_VARIABLE_DRIVER_CONFIG\",\"PcrIndex\":7,\"ProcessedData\":{" GUID
    ",\"UnicodeName\":\"SecureBoot\",\"VariableData\":\"AQ\"}},"
    "{\"EventSeq\":2,\"EventTypeString\":\"EV_EFI_VARIABLE_DRIVER_CONFIG\",\"PcrIndex\":7,\"ProcessedData\":{" GUID
    ",\"UnicodeName\":\"PK\",\"VariableData\":\"\"}},"
    "{\"EventSeq\":3,\"EventTypeString\":\"EV_EVENT_TAG\",\"PcrIndex\":12,\"ProcessedData\":{\"EVENT_TRUSTBOUNDARY\":{"
    "\"EVENT_LOADEDMODULE_AGGREGATION\":{\"EVENT_FILEPATH\":\"\\\\Windows\\\\a.sys\",\"EVENT_IMAGEVALIDATED\":true},"
    "\"EVENT_BITLOCKER_UNLOCK\":{\"Value\":4},\"EVENT_CODEINTEGRITY\":true,"
    "\"EVENT_VBS_HVCI_POLICY\":{\"String\":\"HypervisorEnforcedCodeIntegrityEnable\",\"Value\":1}}}},"
    "{\"EventSeq\":4,\"EventTypeString\":\"EV_EVENT_TAG\",\"PcrIndex\":13,\"ProcessedData\":{\"EVENT_TRUSTBOUNDARY\":{"
    "\"EVENT_LOADEDMODULE_AGGREGATION\":[{\"EVENT_FILEPATH\":\"b.sys\",\"EVENT_IMAGEVALIDATED\":true},"
    "{\"EVENT_FILEPATH\":\"c.sys\",\"EVENT_IMAGEVALIDATED\":false}],\"EVENT_SAFEMODE\":false}}}]}";

static char *events_of(azattest_bytes log)
{
    azattest__json *events = NULL;
    azattest_error *error = NULL;
    azattest__buf text;
    size_t len;

    expect(azattest__claims_events(log, AZATTEST__TPM_SHA1, UINT32_MAX, &events, &error), &error, AZATTEST_OK, NULL);
    azattest__buf_init(&text, 65536);
    assert_int_equal(azattest__json_print(events, false, &text, NULL), AZATTEST_OK);
    azattest__json_free(events);
    return (char *)azattest__buf_take(&text, &len);
}

static void a_log_is_json_as_policies_query_it(void **state)
{
    azattest__buf log = made_log();
    char *text = events_of(azattest__buf_bytes(&log));

    (void)state;
    assert_string_equal(text, made_events);
    free(text);
    azattest__buf_free(&log);
}

/* A cut log is refused wherever it does not end between two events. */
static void a_log_that_is_cut_is_refused(void **state)
{
    azattest__buf log = made_log();
    size_t whole = 0;

    (void)state;
    for (size_t cut = 0; cut < log.len; cut++) {
        unsigned char *exact = malloc(cut == 0 ? 1 : cut);
        azattest__json *events = NULL;
        azattest_status status;

        assert_non_null(exact);
        memcpy(exact, log.ptr, cut);
        status = azattest__claims_events(azattest__bytes(exact, cut), AZATTEST__TPM_SHA1, UINT32_MAX, &events, NULL);
        assert_true(status == AZATTEST_OK || status == AZATTEST_E_EVIDENCE);
        assert_int_equal(status == AZATTEST_OK, events != NULL);
        whole += status == AZATTEST_OK;
        azattest__json_free(events);
        free(exact);
    }
    assert_true(whole >= 5 && whole < 12); /* nothing; or an end that zeros may stand for */
    azattest__buf_free(&log);
}

/* The data of one event, cut and bent: what is not as its type has it, is an empty object. */
static void an_event_that_is_not_as_its_type_has_it_says_nothing(void **state)
{
    static const struct {
        uint32_t type;
        const char *data;
        size_t len;
    } events[] = {
        { EV_VARIABLE, "", 0 },
        { EV_VARIABLE, "0123456789abcdef\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 31 },
        { EV_VARIABLE, "0123456789abcdef\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 32 },      /* no room for the name */
        { EV_VARIABLE, "0123456789abcdef\1\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0A\0", 34 },   /* nor for the value */
        { EV_VARIABLE, "0123456789abcdef\1\0\0\0\0\0\0\x80\0\0\0\0\0\0\0\0A\0", 34 }, /* 2^63 characters */
        { EV_VARIABLE,
          "0123456789abcdef\1\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff"
          "A\0",
          34 },
        { EV_VARIABLE, "0123456789abcdef\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\xd8", 34 }, /* half a pair */
        { EV_EVENT_TAG, "\1\0\1\x40", 4 },
        { EV_EVENT_TAG, "\1\0\1\x40\1\0\0\0", 8 },      /* a byte is missing */
        { EV_EVENT_TAG, "\2\0\5\0\1\0\0\0\1\0", 10 },   /* a byte too many */
        { EV_EVENT_TAG, "\2\0\5\0\2\0\0\0\1\0", 10 },   /* a boolean of two bytes */
        { EV_EVENT_TAG, "\4\0\2\0\2\0\0\0\1\0", 10 },   /* a number of two bytes */
        { EV_EVENT_TAG, "\1\0\1\x40\2\0\0\0\1\0", 10 }, /* a container of no items */
        { EV_EVENT_TAG, "\x4\0\2\0\x8\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff", 16 },
        { EV_EVENT_TAG, "\xed\x22\x3b\x8f\1\0\0\0\0", 9 }, /* of another system's loader */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
        azattest__buf log = new_buf(), data = new_buf();
        char *text;

        azattest__buf_append(&data, events[i].data, events[i].len);
        event(&log, 1, events[i].type, &data);
        text = events_of(azattest__buf_bytes(&log));
        if (strstr(text, "\"ProcessedData\":{}") == NULL)
            fail_msg("%zu: %s", i, text);
        free(text);
        azattest__buf_free(&log);
    }
}

static void containers_nest_only_so_deep(void **state)
{
    azattest__buf inner = new_buf(), log = new_buf();
    char *text;

    (void)state;
    for (unsigned i = 0; i < 40; i++) {
        azattest__buf outer = new_buf();

        item(&outer, 0x40010001, &inner);
        inner = outer;
    }
    event(&log, 12, EV_EVENT_TAG, &inner);
    text = events_of(azattest__buf_bytes(&log));
    assert_non_null(strstr(text, "{\"EVENT_TRUSTBOUNDARY\":{\"EVENT_TRUSTBOUNDARY\":"));
    free(text);
    azattest__buf_free(&log);
}

static void text_of_utf16_becomes_utf8(void **state)
{
    static const struct {
        const char *units;
        size_t len;
        const char *text; /* NULL: no text */
    } texts[] = {
        { "A\0\xe4\0\xac\x20\x3d\xd8\x00\xde", 10, "A\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80" },
        { "A\0\0\0B\0", 6, "A" },
        { "", 0, "" },
        { "A\0B", 3, "A" }, /* half a unit */
        { "\0\xd8", 2, NULL },
        { "\0\xd8"
          "A\0",
          4, NULL },
        { "\0\xdc", 2, NULL },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        azattest__buf out = new_buf();
        bool good = azattest__claims_utf16(azattest__bytes(texts[i].units, texts[i].len), &out);

        assert_int_equal(good, texts[i].text != NULL);
        if (good)
            assert_string_equal(out.ptr == NULL ? "" : (char *)out.ptr, texts[i].text);
        azattest__buf_free(&out);
    }
}

/* ---- a TPM's claims ---- */

typedef struct said {
    const char *name;
    bool windows; /* the items of `on` are there */
    uint32_t type;
    int first, second;         /* -1: none */
    const char *claim, *value; /* value NULL: there is no such claim */
} said;

static const said booleans[] = {
    { "boot debugging is off", true, 0x00040001, 0, -1, "bootDebuggingDisabled", "true" },
    { "boot debugging is on once", true, 0x00040001, 0, 1, "bootDebuggingDisabled", "false" },
    { "nothing of boot debugging", true, 0x00050002, 1, -1, "bootDebuggingDisabled", NULL },
    { "no safe mode", true, 0x00050005, 0, -1, "notSafeMode", "true" },
    { "safe mode", true, 0x00050005, 1, -1, "notSafeMode", "false" },
    { "no WinPE", true, 0x00050006, 0, 0, "notWinPE", "true" },
    { "WinPE", true, 0x00050006, 1, -1, "notWinPE", "false" },
    { "an IOMMU is required", true, 0x000a0003, 1, -1, "iommuEnabled", "true" },
    { "an IOMMU is not always required", true, 0x000a0003, 1, 0, "iommuEnabled", "false" },
    { "VBS is required", true, 0x000a0001, 1, -1, "vbsEnabled", "true" },
    { "VBS is not enforced", true, 0x000a0006, 0, -1, "vbsEnabled", "false" },
    { "nothing of VBS", true, 0x00050002, 1, -1, "vbsEnabled", NULL },
    { "secure boot is on", false, 1, 1, -1, "secureBootEnabled", "true" },
    { "secure boot is off", false, 1, 0, -1, "secureBootEnabled", "false" },
    { "secure boot is said twice, in two ways", false, 1, 1, 0, "secureBootEnabled", "false" },
    { "nothing of secure boot", true, 0x00050002, 1, -1, "secureBootEnabled", NULL },
};

/* A log is of the bank sha1, and of these PCRs. */
static azattest_evidence *tpm_with(azattest_bytes log)
{
    static const unsigned char zeros[32];
    const azattest_pcr logged[] = { { "sha1", 5, { zeros, 20 } },
                                    { "sha1", 7, { zeros, 20 } },
                                    { "sha1", 12, { zeros, 20 } },
                                    { "sha1", 13, { zeros, 20 } } };
    const azattest_pcr pcrs[] = { { "sha256", 7, { zeros, 32 } },
                                  { "sha1", 7, { zeros, 20 } },
                                  { NULL, 0, { zeros, 32 } } };
    static const azattest__pcr_selection selection = { AZATTEST__TPM_SHA256, 0x81 };
    azattest__buf message = guests_quote(&selection, 1, azattest__text("nonce"), azattest__bytes(zeros, 32));
    azattest_guest_parts parts = AZATTEST_GUEST_PARTS_INIT;
    azattest_evidence *evidence = NULL;
    azattest_error *error = NULL;

    parts.tpm_message = azattest__buf_bytes(&message);
    parts.event_log = log;
    parts.pcrs = log.ptr == NULL ? pcrs : logged;
    parts.pcr_count = log.ptr == NULL ? 3 : 4;
    expect(azattest_evidence_new_guest(&parts, &evidence, &error), &error, AZATTEST_OK, NULL);
    azattest__buf_free(&message);
    return evidence;
}

static azattest__json *claims_of(const azattest_evidence *evidence)
{
    azattest__claims_request request = { .evidence = evidence };
    azattest__json *claims = azattest__json_new_object();
    azattest_error *error = NULL;

    expect(azattest__evidence_claims(AZATTEST__CLAIMS_TPM, &request, claims, &error), &error, AZATTEST_OK, NULL);
    return claims;
}

static void add_said(azattest__buf *log, const said *test, int value)
{
    char byte = (char)value;
    azattest__buf data;

    if (value < 0)
        return;
    data = test->windows ? new_buf() : variable("SecureBoot", &byte, 1);
    if (test->windows) {
        number_item(&data, test->type, (uint64_t)value, 1);
        boundary(log, 12, &data);
    } else {
        event(log, 7, EV_VARIABLE, &data);
    }
}

static void a_boolean_follows_what_the_log_says(void **state)
{
    const said *test = *state;
    azattest__buf log = new_buf();
    azattest_evidence *evidence;
    azattest__json *claims;
    const azattest__json *claim;
    bool value;

    add_said(&log, test, test->first);
    add_said(&log, test, test->second);
    evidence = tpm_with(azattest__buf_bytes(&log));
    claims = claims_of(evidence);
    claim = azattest__json_get(claims, test->claim);
    assert_int_equal(claim != NULL, test->value != NULL);
    if (claim != NULL) {
        assert_true(azattest__json_bool(claim, &value));
        assert_string_equal(value ? "true" : "false", test->value);
    }
    azattest__json_free(claims);
    azattest_evidence_free(evidence);
    azattest__buf_free(&log);
}

/* Whoever sends a log may write into it what he likes beside the digests that replay to the quoted PCRs. */
static void what_nobody_measured_says_nothing(void **state)
{
    static const struct {
        const char *name;
        uint32_t pcr;
        bool windows, forged;
        const char *claim; /* that must not be there */
    } events[] = {
        { "a variable with other data than its digest's", 7, false, true, "secureBootEnabled" },
        { "a variable of another PCR", 5, false, false, "secureBootEnabled" },
        { "a loader's event with other data than its digest's", 12, true, true, "vbsEnabled" },
        { "a loader's event in a PCR that is not the loader's", 5, true, false, "vbsEnabled" },
        { "a loader's event in a PCR that has no value", 19, true, false, "vbsEnabled" },
        { "a loader's event in a PCR that there is not", 44, true, false, "vbsEnabled" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
        azattest__buf log = new_buf(), data = events[i].windows ? new_buf() : variable("SecureBoot", "\0", 1);
        azattest_evidence *evidence;
        azattest__json *claims;

        if (events[i].windows) {
            number_item(&data, 0x000a0001, !events[i].forged, 1);
            boundary(&log, events[i].pcr, &data);
        } else {
            event(&log, events[i].pcr, EV_VARIABLE, &data);
        }
        if (events[i].forged)
            log.ptr[log.len - 1] ^= 1; /* false becomes true */
        evidence = tpm_with(azattest__buf_bytes(&log));
        claims = claims_of(evidence);
        if (azattest__json_get(claims, events[i].claim) != NULL ||
            (events[i].forged && strstr(azattest__json_get_string(claims, "events"), "\"ProcessedData\":{}") == NULL))
            fail_msg("%s: %s", events[i].name, azattest__json_get_string(claims, "events"));
        azattest__json_free(claims);
        azattest_evidence_free(evidence);
        azattest__buf_free(&log);
    }
}

static void pcrs_are_a_document_that_no_policy_may_issue(void **state)
{
    azattest_evidence *evidence = tpm_with(azattest__bytes(NULL, 0));
    azattest__json *claims = claims_of(evidence);

    (void)state;
    assert_string_equal(
        azattest__json_get_string(claims, "pcrs"),
        "{\"PCRs\":[{\"Index\":0,\"Digests\":{\"SHA256\":"
        "\"0000000000000000000000000000000000000000000000000000000000000000\"}},{\"Index\":7,\"Digests\":{\"SHA256\":"
        "\"0000000000000000000000000000000000000000000000000000000000000000\",\"SHA1\":"
        "\"0000000000000000000000000000000000000000\"}}]}");
    assert_null(azattest__json_get(claims, "events"));
    assert_null(azattest__json_get(claims, "notSafeMode"));
    azattest__json_free(claims);
    azattest_evidence_free(evidence);
}

/* Published policies, over the log above. */
static void published_policies_read_the_log(void **state)
{
    static const struct {
        const char *file, *issued; /* NULL: denied, for nobody validated the key, or for the PCRs are others */
    } policies[] = {
        { "policies/32-tpm-12-windows.policy",
          "{\"aikValidated\":false,\"SecureBootEnabled\":true,\"CodeIntegrityEnabled\":true,\"BitlockerStatus\":true,"
          "\"ELAMDriverLoaded\":true}" },
        { "policies/29-tpm-12-hvci-driver.policy", "{\"hvciEnabled\":true,\"MaliciousDriverLoaded\":true}" },
        { "policies/38-tpm-12-drivers.policy", "{\"alldriverloads\":\"[\\\"\\\\\\\\Windows\\\\\\\\a.sys\\\","
                                               "\\\"b.sys\\\",\\\"c.sys\\\"]\",\"DriverLoadPolicy\":\"null\"}" },
        { "policies/30-tpm-12-linux-ima.policy", NULL },
        { "policies/33-tpm-12-pcrs.policy", NULL },
    };
    azattest__buf log = made_log();
    azattest_evidence *evidence = tpm_with(azattest__buf_bytes(&log));
    azattest_claim_set *set = NULL;

    (void)state;
    assert_int_equal(azattest_claim_set_from_evidence(evidence, NULL, &set, NULL), AZATTEST_OK);
    for (size_t i = 0; evidence_folder() != NULL && i < sizeof(policies) / sizeof(policies[0]); i++) {
        size_t len;
        unsigned char *text = evidence_read(policies[i].file, &len);
        azattest_policy_evaluation *evaluation = NULL;
        azattest_policy *policy = NULL;
        azattest_error *error = NULL;

        expect(azattest_policy_parse(azattest__bytes(text, len), NULL, &policy, &error), &error, AZATTEST_OK, NULL);
        expect(azattest_policy_evaluate(policy, set, NULL, &evaluation, &error), &error, AZATTEST_OK, NULL);
        assert_int_equal(azattest_policy_evaluation_is_permitted(evaluation), policies[i].issued != NULL);
        if (policies[i].issued != NULL)
            assert_string_equal((const char *)azattest_policy_evaluation_claims(evaluation).ptr, policies[i].issued);
        azattest_policy_evaluation_free(evaluation);
        azattest_policy_free(policy);
        free(text);
    }
    azattest_claim_set_free(set);
    azattest_evidence_free(evidence);
    azattest__buf_free(&log);
}

static void a_log_that_cannot_be_read_is_an_error(void **state)
{
    azattest_evidence *evidence = tpm_with(azattest__text("no log"));
    azattest_claim_set *set = NULL;
    azattest_error *error = NULL;

    (void)state;
    expect(azattest_claim_set_from_evidence(evidence, NULL, &set, &error), &error, AZATTEST_E_EVIDENCE,
           "attestation type Tpm: event log: event 0 is cut or malformed");
    azattest_evidence_free(evidence);
}

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

int main(void)
{
    static const struct CMUnitTest first[] = {
        cmocka_unit_test(every_real_file_of_evidence_maps),
        cmocka_unit_test(a_log_is_json_as_policies_query_it),
        cmocka_unit_test(a_log_that_is_cut_is_refused),
        cmocka_unit_test(an_event_that_is_not_as_its_type_has_it_says_nothing),
        cmocka_unit_test(containers_nest_only_so_deep),
        cmocka_unit_test(text_of_utf16_becomes_utf8),
        cmocka_unit_test(what_nobody_measured_says_nothing),
        cmocka_unit_test(pcrs_are_a_document_that_no_policy_may_issue),
        cmocka_unit_test(a_log_that_cannot_be_read_is_an_error),
        cmocka_unit_test(published_policies_read_the_log),
    };
    struct CMUnitTest tests[COUNT(first) + COUNT(reals) + COUNT(booleans)];
    size_t at = COUNT(first);

    memcpy(tests, first, sizeof(first));
    for (size_t i = 0; i < COUNT(reals); i++)
        tests[at++] =
            (struct CMUnitTest){ reals[i].file, a_real_file_has_this_claim, NULL, NULL, (void *)(uintptr_t)&reals[i] };
    for (size_t i = 0; i < COUNT(booleans); i++)
        tests[at++] = (struct CMUnitTest){ booleans[i].name, a_boolean_follows_what_the_log_says, NULL, NULL,
                                           (void *)(uintptr_t)&booleans[i] };
    return cmocka_run_group_tests_name("evidence_claims", tests, NULL, NULL);
}
