/*
 * The claim `events`: a TCG event log as JSON, in the shape that published policies query:
 *
 *     {"Events":[{"EventSeq":n,"EventTypeString":"EV_...","PcrIndex":n,"ProcessedData":{...}}]}
 *
 * The vendor has not published the shape; what no published query reads is not established and is left out. That is:
 * - EventSeq: queries compare it with itself alone. It counts from 0 here, as the log has them.
 * - ProcessedData of anything but EFI variables (VariableGuid, UnicodeName, VariableData) and of some of the events of
 *   Windows' loader (windows.c): an empty object, as it is of an event that is not as its type has it.
 * - Events of Linux's integrity measurement (IMA_MEASUREMENT_EVENT): they are in a log of their own, which the evidence
 *   has not got.
 * - Events of PCRs that the evidence has no value of. And of an event whose data are not what its digest was made of,
 * the data: replaying a log compares digests alone, so that nothing else says that somebody measured them. That is so
 * of all EV_EFI_VARIABLE_BOOT whose digest is of the value without its name.
 * - `bootEvents`, the log of an earlier boot attestation: the evidence has one log, that of the quoted state.
 * Sources: the queries of public policies; TCG PC Client Platform Firmware Profile, section 10.4 (types of events);
 * UEFI_VARIABLE_DATA there, 10.2.6.
 */
#include <stdio.h>

#include "../../base/encoding.h"
#include "../tpm/event_log.h"
#include "claims.h"

#define EV_EVENT_TAG 0x00000006u
#define VARIABLE_HEAD 32u /* GUID, and two sizes */

static const struct {
    uint32_t type;
    const char *name;
} names[] = {
    { 0x00000000, "EV_PREBOOT_CERT" },
    { 0x00000001, "EV_POST_CODE" },
    { 0x00000002, "EV_UNUSED" },
    { 0x00000003, "EV_NO_ACTION" },
    { 0x00000004, "EV_SEPARATOR" },
    { 0x00000005, "EV_ACTION" },
    { EV_EVENT_TAG, "EV_EVENT_TAG" },
    { 0x00000007, "EV_S_CRTM_CONTENTS" },
    { 0x00000008, "EV_S_CRTM_VERSION" },
    { 0x00000009, "EV_CPU_MICROCODE" },
    { 0x0000000a, "EV_PLATFORM_CONFIG_FLAGS" },
    { 0x0000000b, "EV_TABLE_OF_DEVICES" },
    { 0x0000000c, "EV_COMPACT_HASH" },
    { 0x0000000d, "EV_IPL" },
    { 0x0000000e, "EV_IPL_PARTITION_DATA" },
    { 0x0000000f, "EV_NONHOST_CODE" },
    { 0x00000010, "EV_NONHOST_CONFIG" },
    { 0x00000011, "EV_NONHOST_INFO" },
    { 0x00000012, "EV_OMIT_BOOT_DEVICE_EVENTS" },
    { 0x80000001, "EV_EFI_VARIABLE_DRIVER_CONFIG" },
    { 0x80000002, "EV_EFI_VARIABLE_BOOT" },
    { 0x80000003, "EV_EFI_BOOT_SERVICES_APPLICATION" },
    { 0x80000004, "EV_EFI_BOOT_SERVICES_DRIVER" },
    { 0x80000005, "EV_EFI_RUNTIME_SERVICES_DRIVER" },
    { 0x80000006, "EV_EFI_GPT_EVENT" },
    { 0x80000007, "EV_EFI_ACTION" },
    { 0x80000008, "EV_EFI_PLATFORM_FIRMWARE_BLOB" },
    { 0x80000009, "EV_EFI_HANDOFF_TABLES" },
    { 0x8000000a, "EV_EFI_PLATFORM_FIRMWARE_BLOB2" },
    { 0x8000000b, "EV_EFI_HANDOFF_TABLES2" },
    { 0x8000000c, "EV_EFI_VARIABLE_BOOT2" },
    { 0x80000010, "EV_EFI_HCRTM_EVENT" },
    { 0x800000e0, "EV_EFI_VARIABLE_AUTHORITY" },
    { 0x800000e1, "EV_EFI_SPDM_FIRMWARE_BLOB" },
    { 0x800000e2, "EV_EFI_SPDM_FIRMWARE_CONFIG" },
};

static void put_type(azattest__json *event, uint32_t type)
{
    char text[16];

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (names[i].type == type) {
            azattest__json_put_string(event, "EventTypeString", names[i].name);
            return;
        }
    snprintf(text, sizeof(text), "0x%08x", (unsigned)type);
    azattest__json_put_string(event, "EventTypeString", text);
}

static bool is_variable(uint32_t type)
{
    return type == 0x80000001 || type == 0x80000002 || type == 0x8000000c || type == 0x800000e0;
}

bool azattest__claims_utf16(azattest_bytes units, azattest__buf *out)
{
    const unsigned char *p = units.ptr;
    size_t count = units.len / 2;

    for (size_t i = 0; i < count; i++) {
        uint32_t c = azattest__le16(p + 2 * i);
        unsigned char bytes[4];
        size_t len = 0;

        if (c == 0)
            return true;
        if (c >= 0xd800 && c < 0xe000) { /* a pair */
            uint32_t low = i + 1 < count ? azattest__le16(p + 2 * (i + 1)) : 0;

            if (c >= 0xdc00 || low < 0xdc00 || low >= 0xe000)
                return false;
            c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
            i++;
        }
        if (c < 0x80)
            bytes[len++] = (unsigned char)c;
        else if (c < 0x800)
            bytes[len++] = (unsigned char)(0xc0 | c >> 6);
        else if (c < 0x10000)
            bytes[len++] = (unsigned char)(0xe0 | c >> 12);
        else
            bytes[len++] = (unsigned char)(0xf0 | c >> 18);
        if (c >= 0x10000)
            bytes[len++] = (unsigned char)(0x80 | (c >> 12 & 0x3f));
        if (c >= 0x800)
            bytes[len++] = (unsigned char)(0x80 | (c >> 6 & 0x3f));
        if (c >= 0x80)
            bytes[len++] = (unsigned char)(0x80 | (c & 0x3f));
        azattest__buf_append(out, bytes, len);
    }
    return out->status == AZATTEST_OK;
}

/* Its first three parts are little-endian numbers. */
static void put_guid(azattest__json *data, const unsigned char *p)
{
    char text[40];

    snprintf(text, sizeof(text), "%08X-%04X-%04X-%02X%02X-%02X%02X%02X%02X%02X%02X", (unsigned)azattest__le32(p),
             azattest__le16(p + 4), azattest__le16(p + 6), p[8], p[9], p[10], p[11], p[12], p[13], p[14], p[15]);
    azattest__json_put_string(data, "VariableGuid", text);
}

/* UEFI_VARIABLE_DATA: GUID, characters of the name, bytes of the value, the name, the value. */
static void put_variable(azattest__json *data, azattest_bytes event)
{
    const unsigned char *p = event.ptr;
    uint64_t characters, size;
    azattest__buf name;

    if (event.len < VARIABLE_HEAD)
        return;
    characters = azattest__le64(p + 16);
    size = azattest__le64(p + 24);
    if (characters > (event.len - VARIABLE_HEAD) / 2 || size > event.len - VARIABLE_HEAD - 2 * (size_t)characters)
        return;
    azattest__buf_init(&name, 4 * (size_t)characters + 1);
    if (azattest__claims_utf16(azattest__bytes(p + VARIABLE_HEAD, 2 * (size_t)characters), &name)) {
        put_guid(data, p);
        azattest__json_put_bytes_text(data, "UnicodeName",
                                      name.len == 0 ? azattest__text("") : azattest__buf_bytes(&name));
        azattest__json_put_base64url(data, "VariableData",
                                     azattest__bytes(p + VARIABLE_HEAD + 2 * (size_t)characters, (size_t)size));
    }
    azattest__buf_free(&name);
}

/* The list at work, and what of the log somebody vouches for. */
typedef struct reading {
    azattest__json *list;
    uint16_t bank;
    uint32_t pcrs;
} reading;

static azattest_status is_measured(const azattest__event *event, uint16_t bank, bool *out, azattest_error **error)
{
    unsigned char hash[AZATTEST__HASH_MAX];
    azattest__hash alg = AZATTEST__SHA256;
    azattest_status status;
    size_t len = 0;

    *out = false;
    if (!azattest__tpm_hash(bank, &alg))
        return AZATTEST_OK;
    status = azattest__digest(alg, event->data, hash, &len, error);
    *out = status == AZATTEST_OK && azattest__bytes_equal(event->digest, azattest__bytes(hash, len));
    return status;
}

static azattest_status process(const azattest__event *event, uint16_t bank, azattest__json **out,
                               azattest_error **error)
{
    bool measured = false;
    azattest_status status = AZATTEST_OK;

    *out = NULL;
    if (event->type == EV_EVENT_TAG || is_variable(event->type))
        status = is_measured(event, bank, &measured, error);
    if (measured && event->type == EV_EVENT_TAG)
        *out = azattest__claims_windows_event(event->data);
    if (*out == NULL)
        *out = azattest__json_new_object();
    if (measured && is_variable(event->type))
        put_variable(*out, event->data);
    return status;
}

static azattest_status visit(void *user, const azattest__event *event, azattest_error **error)
{
    const reading *at = user;
    azattest__json *list = at->list, *one, *data;
    azattest_status status;

    if (event->pcr >= AZATTEST__TPM_PCRS || (at->pcrs >> event->pcr & 1) == 0)
        return AZATTEST_OK;
    if ((status = process(event, at->bank, &data, error)) != AZATTEST_OK) {
        azattest__json_free(data);
        return status;
    }
    one = azattest__json_new_object();
    azattest__json_put_integer(one, "EventSeq", (int64_t)event->index);
    put_type(one, event->type);
    azattest__json_put_integer(one, "PcrIndex", event->pcr);
    azattest__json_put(one, "ProcessedData", data);
    azattest__json_add(list, one);
    return AZATTEST_OK;
}

azattest_status azattest__claims_events(azattest_bytes log, uint16_t bank, uint32_t pcrs, azattest__json **out,
                                        azattest_error **error)
{
    reading at = { azattest__json_new_array(), bank, pcrs };
    azattest_status status = azattest__event_log_walk(log, bank, visit, &at, error);

    *out = NULL;
    if (status == AZATTEST_OK) {
        *out = azattest__json_new_object();
        azattest__json_put(*out, "Events", at.list);
    } else {
        azattest__json_free(at.list);
    }
    return status;
}
