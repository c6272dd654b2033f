/* The SGX extensions of a PCK certificate: SEQUENCE OF SEQUENCE { OID, value }, looked up by OID because no order is
 * promised. A member that is not known is skipped; a known one may occur once, and must be as long as it should be. */
#include "pck.h"

#include <stdlib.h>

#define ARC "\x2a\x86\x48\x86\xf8\x4d\x01\x0d\x01" /* 1.2.840.113741.1.13.1 */
#define BELOW_ARC(last) azattest__bytes(ARC last, sizeof(ARC last) - 1)
#define OID_TEXT 64

enum { TAG_BOOLEAN = 1, TAG_INTEGER = 2, TAG_OCTETS = 4, TAG_OID = 6, TAG_ENUMERATED = 10, TAG_SEQUENCE = 16 };
enum { PPID = 1, TCB = 2, PCEID = 3, FMSPC = 4, SGX_TYPE = 5, PLATFORM_INSTANCE_ID = 6, CONFIGURATION = 7 };
enum { TCB_PCESVN = 17, TCB_CPUSVN = 18 };

/* One member: its number below the arc (0 for one that is not known) and its value. */
typedef struct member {
    unsigned number;
    azattest__der value;
} member;
typedef azattest_status (*take_member)(const member *found, azattest__pck_extensions *out, azattest_error **error);

static azattest_status bad(azattest_error **error, const char *what, const char *reason)
{
    return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID, "SGX extensions: %s: %s", what, reason);
}

/* The last arc of an OID that is one step below `arc`; 0 otherwise. */
static unsigned number_below(azattest_bytes oid, azattest_bytes arc)
{
    const unsigned char *p = oid.ptr;

    return oid.len == arc.len + 1 && memcmp(p, arc.ptr, arc.len) == 0 && p[arc.len] < 32 ? p[arc.len] : 0;
}

static azattest_status named(azattest_error **error, azattest_bytes arc, unsigned number, const char *what)
{
    char text[OID_TEXT] = "";

    (void)azattest__der_oid(arc, text, sizeof(text));
    return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID, "SGX extensions: %s.%u %s", text, number, what);
}

/* Goes through a SEQUENCE's content; `required` is the set of numbers that must occur. */
static azattest_status walk(azattest_bytes content, azattest_bytes arc, const char *what, uint32_t required,
                            take_member take, azattest__pck_extensions *out, azattest_error **error)
{
    azattest_status status;
    azattest__der element, oid;
    uint32_t seen = 0;
    member found;

    while (content.len > 0) {
        if (!azattest__der_next(&content, &element) || element.tag != TAG_SEQUENCE || !element.constructed)
            return bad(error, what, "a member is not a SEQUENCE in DER");
        if (!azattest__der_next(&element.content, &oid) || oid.tag != TAG_OID || oid.constructed ||
            !azattest__der_is_oid(oid.content) || !azattest__der_next(&element.content, &found.value) ||
            element.content.len != 0)
            return bad(error, what, "a member is not an OID with one value");
        if ((found.number = number_below(oid.content, arc)) == 0)
            continue;
        if ((seen & UINT32_C(1) << found.number) != 0)
            return named(error, arc, found.number, "occurs twice");
        seen |= UINT32_C(1) << found.number;
        if ((status = take(&found, out, error)) != AZATTEST_OK)
            return status;
    }
    for (unsigned i = 1; i < 32; i++)
        if ((required & ~seen & UINT32_C(1) << i) != 0)
            return named(error, arc, i, "is missing");
    return AZATTEST_OK;
}

static azattest_status take_octets(const member *found, const char *what, unsigned char *out, size_t size,
                                   azattest_error **error)
{
    if (found->value.tag != TAG_OCTETS || found->value.constructed || found->value.content.len != size)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID,
                                   "SGX extensions: %s is not an OCTET STRING of %zu bytes", what, size);
    memcpy(out, found->value.content.ptr, size);
    return AZATTEST_OK;
}

static azattest_status take_number(const member *found, int tag, const char *what, int limit, int *out,
                                   azattest_error **error)
{
    if (found->value.tag != tag || found->value.constructed || !azattest__der_integer(found->value.content, out) ||
        *out > limit)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID,
                                   "SGX extensions: %s is not a number from 0 to %d", what, limit);
    return AZATTEST_OK;
}

static azattest_status take_tcb(const member *found, azattest__pck_extensions *out, azattest_error **error)
{
    if (found->number <= AZATTEST__PCK_COMPONENTS)
        return take_number(found, TAG_INTEGER, "a TCB component", 255, &out->components[found->number - 1], error);
    if (found->number == TCB_PCESVN)
        return take_number(found, TAG_INTEGER, "PCESVN", 65535, &out->pcesvn, error);
    if (found->number == TCB_CPUSVN)
        return take_octets(found, "CPUSVN", out->cpu_svn, sizeof(out->cpu_svn), error);
    return AZATTEST_OK;
}

static azattest_status take_configuration(const member *found, azattest__pck_extensions *out, azattest_error **error)
{
    bool *const flags[] = { &out->dynamic_platform, &out->cached_keys, &out->smt_enabled };
    const unsigned char *content = found->value.content.ptr;

    if (found->number > sizeof(flags) / sizeof(flags[0]))
        return AZATTEST_OK;
    if (found->value.tag != TAG_BOOLEAN || found->value.constructed || found->value.content.len != 1 ||
        (*content != 0 && *content != 0xff))
        return bad(error, "configuration", "a member is not a BOOLEAN in DER");
    *flags[found->number - 1] = *content != 0;
    return AZATTEST_OK;
}

static azattest_status take_extension(const member *found, azattest__pck_extensions *out, azattest_error **error)
{
    const azattest__der *value = &found->value;

    switch (found->number) {
    case PPID:
        return take_octets(found, "PPID", out->ppid, sizeof(out->ppid), error);
    case PCEID:
        return take_octets(found, "PCEID", out->pceid, sizeof(out->pceid), error);
    case FMSPC:
        return take_octets(found, "FMSPC", out->fmspc, sizeof(out->fmspc), error);
    case SGX_TYPE:
        return take_number(found, TAG_ENUMERATED, "the SGX type", 255, &out->sgx_type, error);
    case PLATFORM_INSTANCE_ID:
        out->has_platform_instance_id = true;
        return take_octets(found, "the platform instance id", out->platform_instance_id,
                           sizeof(out->platform_instance_id), error);
    case TCB:
        if (value->tag != TAG_SEQUENCE || !value->constructed)
            return bad(error, "TCB", "not a SEQUENCE");
        /* 16 components, PCESVN and CPUSVN: bits 1 to 18 */
        return walk(value->content, BELOW_ARC("\x02"), "TCB", UINT32_C(0x7fffe), take_tcb, out, error);
    case CONFIGURATION:
        if (value->tag != TAG_SEQUENCE || !value->constructed)
            return bad(error, "configuration", "not a SEQUENCE");
        out->has_configuration = true;
        return walk(value->content, BELOW_ARC("\x07"), "configuration", 0, take_configuration, out, error);
    default:
        return AZATTEST_OK;
    }
}

azattest_status azattest__pck_extensions_parse(azattest_bytes value, azattest__pck_extensions *out,
                                               azattest_error **error)
{
    const uint32_t required = 1u << PPID | 1u << TCB | 1u << PCEID | 1u << FMSPC | 1u << SGX_TYPE;
    azattest__der outer;

    memset(out, 0, sizeof(*out));
    if (!azattest__der_next(&value, &outer) || outer.tag != TAG_SEQUENCE || !outer.constructed || value.len != 0)
        return bad(error, "the extension", "not one SEQUENCE in DER");
    return walk(outer.content, BELOW_ARC(""), "the extension", required, take_extension, out, error);
}
