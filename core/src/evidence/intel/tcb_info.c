#include "tcb_info.h"

#include <stdlib.h>

#include <azattest/limits.h>

enum {
    SAW_ID = 1,
    SAW_VERSION = 2,
    SAW_ISSUE_DATE = 4,
    SAW_NEXT_UPDATE = 8,
    SAW_FMSPC = 16,
    SAW_PCEID = 32,
    SAW_TYPE = 64,
    SAW_EVALUATION = 128,
    SAW_LEVELS = 256,
    SAW_MODULE = 512
};

static azattest_status bad(azattest_error **error, const char *member, const char *expected)
{
    return azattest__error_set(error, AZATTEST_E_MALFORMED, "TCB info: %s is missing or is not %s", member, expected);
}

static bool is(azattest_bytes name, const char *text)
{
    return azattest__bytes_equal_text(name, text);
}

/* Array of 16 objects with `svn`. */
static azattest_status read_components(azattest__json_cursor *cursor, const char *what, unsigned char *out,
                                       azattest_error **error)
{
    azattest_bytes name, value;
    size_t count = 0;
    int svn;

    if (!azattest__json_enter(cursor, '['))
        return bad(error, what, "a list");
    while (azattest__json_next_element(cursor)) {
        svn = -1;
        if (!azattest__json_enter(cursor, '{'))
            return bad(error, what, "a list of objects");
        while (azattest__json_next_member(cursor, &name)) {
            value = azattest__json_take(cursor);
            if (is(name, "svn") && !azattest__document_integer(value, 255, &svn))
                return bad(error, what, "a list of SVNs from 0 to 255");
        }
        if (svn < 0)
            return bad(error, what, "a list of objects with an SVN");
        if (count < AZATTEST__TCB_COMPONENTS)
            out[count] = (unsigned char)svn;
        count++;
    }
    if (count != AZATTEST__TCB_COMPONENTS)
        return azattest__error_set(error, AZATTEST_E_MALFORMED, "TCB info: %s has %zu components, expected %u", what,
                                   count, AZATTEST__TCB_COMPONENTS);
    return AZATTEST_OK;
}

/* Index of "sgxtcbcomp01svn" to "sgxtcbcomp16svn"; -1 for another name. */
static int flat_component(azattest_bytes name)
{
    const char *p = name.ptr;
    int number;

    if (name.len != 15 || memcmp(p, "sgxtcbcomp", 10) != 0 || memcmp(p + 12, "svn", 3) != 0 ||
        !azattest__document_integer(azattest__bytes(p + 10, 2), 16, &number) || number == 0)
        return -1;
    return number - 1;
}

/* The parts of `tcb` that were seen: bits 0 to 15 for components of version 2. */
enum { SAW_PCESVN = 1 << 16, SAW_SGX = 1 << 17, SAW_TDX = 1 << 18 };

static azattest_status read_tcb(azattest__json_cursor *cursor, const azattest__tcb_info *info, azattest__tcb_level *out,
                                unsigned *saw, azattest_error **error)
{
    azattest_status status = AZATTEST_OK;
    azattest_bytes name;
    int index, svn;

    if (!azattest__json_enter(cursor, '{'))
        return bad(error, "tcb of a level", "an object");
    while (status == AZATTEST_OK && azattest__json_next_member(cursor, &name)) {
        if (is(name, "pcesvn")) {
            if (!azattest__document_integer(azattest__json_take(cursor), 65535, &out->pcesvn))
                return bad(error, "pcesvn of a level", "a number from 0 to 65535");
            *saw |= SAW_PCESVN;
        } else if (info->version >= 3 && is(name, "sgxtcbcomponents")) {
            status = read_components(cursor, "sgxtcbcomponents", out->sgx, error);
            *saw |= SAW_SGX;
        } else if (info->tdx && is(name, "tdxtcbcomponents")) {
            status = read_components(cursor, "tdxtcbcomponents", out->tdx, error);
            *saw |= SAW_TDX;
        } else if (info->version == 2 && (index = flat_component(name)) >= 0) {
            if (!azattest__document_integer(azattest__json_take(cursor), 255, &svn))
                return bad(error, "an SVN of a level's component", "a number from 0 to 255");
            out->sgx[index] = (unsigned char)svn;
            *saw |= 1u << index;
        } else
            (void)azattest__json_take(cursor);
    }
    return status;
}

static azattest_status check_tcb(const azattest__tcb_info *info, unsigned saw, azattest_error **error)
{
    if ((saw & SAW_PCESVN) == 0)
        return bad(error, "pcesvn of a level", "a number");
    if (info->version == 2 && (saw & 0xffff) != 0xffff)
        return bad(error, "sgxtcbcomp01svn to sgxtcbcomp16svn of a level", "16 numbers");
    if (info->version >= 3 && (saw & SAW_SGX) == 0)
        return bad(error, "sgxtcbcomponents of a level", "a list");
    if (info->tdx && (saw & SAW_TDX) == 0)
        return bad(error, "tdxtcbcomponents of a level for TDX", "a list");
    return AZATTEST_OK;
}

static azattest_status read_level(azattest__json_cursor *cursor, const azattest__tcb_info *info,
                                  azattest__tcb_level *out, azattest_error **error)
{
    azattest_status status;
    azattest_bytes name;
    unsigned saw = 0;
    bool taken;

    memset(out, 0, sizeof(*out));
    out->date = INT64_MIN;
    if (!azattest__json_enter(cursor, '{'))
        return bad(error, "a level", "an object");
    while (azattest__json_next_member(cursor, &name)) {
        if ((status = azattest__document_level_member(cursor, name, "TCB info: a level", &out->status, &out->date,
                                                      &out->advisories, &taken, error)) != AZATTEST_OK)
            return status;
        if (taken)
            continue;
        if (!is(name, "tcb"))
            (void)azattest__json_take(cursor);
        else if ((status = read_tcb(cursor, info, out, &saw, error)) != AZATTEST_OK)
            return status;
    }
    if (out->date == INT64_MIN)
        return bad(error, "tcbDate of a level", "a time");
    if (out->status == AZATTEST__TCB_NOT_SUPPORTED)
        return bad(error, "tcbStatus of a level", "a status that is known");
    return check_tcb(info, saw, error);
}

static azattest_status read_levels(azattest__json_cursor *cursor, azattest__tcb_info *out, azattest_error **error)
{
    azattest_status status;

    if (!azattest__json_enter(cursor, '['))
        return bad(error, "tcbLevels", "a list");
    while (azattest__json_next_element(cursor)) {
        if ((status = azattest__document_grow((void **)&out->levels, sizeof(*out->levels), out->level_count,
                                              AZATTEST_LIMIT_TCB_LEVELS, "TCB info: tcbLevels", error)) != AZATTEST_OK)
            return status;
        if ((status = read_level(cursor, out, &out->levels[out->level_count], error)) != AZATTEST_OK)
            return status;
        out->level_count++;
    }
    if (out->level_count == 0)
        return bad(error, "tcbLevels", "a list with a level");
    azattest__tcb_levels_sort(out->levels, out->level_count);
    return AZATTEST_OK;
}

static azattest_status read_module_levels(azattest__json_cursor *cursor, azattest__tdx_module *out,
                                          azattest_error **error)
{
    azattest_status status;

    if (!azattest__json_enter(cursor, '['))
        return bad(error, "tcbLevels of a TDX module", "a list");
    while (azattest__json_next_element(cursor)) {
        if ((status = azattest__document_grow((void **)&out->levels, sizeof(*out->levels), out->level_count,
                                              AZATTEST_LIMIT_TCB_LEVELS, "TCB info: tcbLevels of a TDX module",
                                              error)) != AZATTEST_OK)
            return status;
        if ((status = azattest__document_isvsvn_level(cursor, "TCB info: a level of a TDX module",
                                                      &out->levels[out->level_count], error)) != AZATTEST_OK)
            return status;
        out->level_count++;
    }
    azattest__isvsvn_levels_sort(out->levels, out->level_count);
    return AZATTEST_OK;
}

/* "TDX_" and two hexadecimal digits, in any case. */
static bool read_module_id(azattest_bytes value, int *version)
{
    azattest_bytes text;
    const char *p;
    int number;

    if (!azattest__document_text(value, &text) || text.len != 6)
        return false;
    p = text.ptr;
    number = azattest__json_hex4((const unsigned char[]){ '0', '0', (unsigned char)p[4], (unsigned char)p[5] });
    *version = number;
    return (p[0] == 'T' || p[0] == 't') && (p[1] == 'D' || p[1] == 'd') && (p[2] == 'X' || p[2] == 'x') &&
           p[3] == '_' && number > 0;
}

static azattest_status read_module(azattest__json_cursor *cursor, bool identity, azattest__tdx_module *out,
                                   azattest_error **error)
{
    const unsigned wanted = identity ? 31 : 14;
    azattest_status status;
    azattest_bytes name;
    unsigned saw = 0;

    if (!azattest__json_enter(cursor, '{'))
        return bad(error, identity ? "an entry of tdxModuleIdentities" : "tdxModule", "an object");
    while (azattest__json_next_member(cursor, &name)) {
        if (identity && is(name, "id")) {
            if (!read_module_id(azattest__json_take(cursor), &out->version))
                return bad(error, "id of a TDX module", "\"TDX_\" with two hexadecimal digits, not 00");
            saw |= 1;
        } else if (is(name, "mrsigner")) {
            if (!azattest__document_hex(azattest__json_take(cursor), out->mr_signer, sizeof(out->mr_signer)))
                return bad(error, "mrsigner of a TDX module", "96 hexadecimal digits");
            saw |= 2;
        } else if (is(name, "attributes")) {
            if (!azattest__document_hex(azattest__json_take(cursor), out->attributes, sizeof(out->attributes)))
                return bad(error, "attributes of a TDX module", "16 hexadecimal digits");
            saw |= 4;
        } else if (is(name, "attributesMask")) {
            if (!azattest__document_hex(azattest__json_take(cursor), out->attributes_mask,
                                        sizeof(out->attributes_mask)))
                return bad(error, "attributesMask of a TDX module", "16 hexadecimal digits");
            saw |= 8;
        } else if (identity && is(name, "tcbLevels")) {
            if ((status = read_module_levels(cursor, out, error)) != AZATTEST_OK)
                return status;
            saw |= 16;
        } else
            (void)azattest__json_take(cursor);
    }
    return saw == wanted ? AZATTEST_OK
                         : bad(error, identity ? "an entry of tdxModuleIdentities" : "tdxModule",
                               identity ? "complete (id, mrsigner, attributes, attributesMask, tcbLevels)"
                                        : "complete (mrsigner, attributes, attributesMask)");
}

static azattest_status read_identities(azattest__json_cursor *cursor, azattest__tcb_info *out, azattest_error **error)
{
    azattest_status status;
    azattest__tdx_module *entry;

    if (!azattest__json_enter(cursor, '['))
        return bad(error, "tdxModuleIdentities", "a list");
    while (azattest__json_next_element(cursor)) {
        if ((status = azattest__document_grow((void **)&out->identities, sizeof(*out->identities), out->identity_count,
                                              AZATTEST_LIMIT_TCB_LEVELS, "TCB info: tdxModuleIdentities", error)) !=
            AZATTEST_OK)
            return status;
        entry = &out->identities[out->identity_count++];
        memset(entry, 0, sizeof(*entry));
        if ((status = read_module(cursor, true, entry, error)) != AZATTEST_OK)
            return status;
        if (azattest__tcb_info_module(out, entry->version) != entry)
            return azattest__error_set(error, AZATTEST_E_MALFORMED,
                                       "TCB info: two entries of tdxModuleIdentities for version %d", entry->version);
    }
    return AZATTEST_OK;
}

/* What stands before the levels in any document of Intel's; 0: the member is none of them. */
static azattest_status read_scalar(azattest__json_cursor *cursor, azattest_bytes name, azattest__tcb_info *out,
                                   unsigned *saw, azattest_error **error)
{
    int zero = -1;

    if (is(name, "issueDate")) {
        if (!azattest__document_time(azattest__json_take(cursor), &out->issue_date))
            return bad(error, "issueDate", "a time such as 2024-03-13T00:00:00Z");
        *saw |= SAW_ISSUE_DATE;
    } else if (is(name, "nextUpdate")) {
        if (!azattest__document_time(azattest__json_take(cursor), &out->next_update))
            return bad(error, "nextUpdate", "a time such as 2024-03-13T00:00:00Z");
        *saw |= SAW_NEXT_UPDATE;
    } else if (is(name, "fmspc")) {
        if (!azattest__document_hex(azattest__json_take(cursor), out->fmspc, sizeof(out->fmspc)))
            return bad(error, "fmspc", "12 hexadecimal digits");
        *saw |= SAW_FMSPC;
    } else if (is(name, "pceId")) {
        if (!azattest__document_hex(azattest__json_take(cursor), out->pceid, sizeof(out->pceid)))
            return bad(error, "pceId", "4 hexadecimal digits");
        *saw |= SAW_PCEID;
    } else if (is(name, "tcbType")) {
        if (!azattest__document_integer(azattest__json_take(cursor), 0, &zero))
            return bad(error, "tcbType", "0, the one composition of a TCB that is known");
        *saw |= SAW_TYPE;
    } else if (is(name, "tcbEvaluationDataNumber")) {
        if (!azattest__document_integer(azattest__json_take(cursor), 999999999, &out->evaluation))
            return bad(error, "tcbEvaluationDataNumber", "a number");
        *saw |= SAW_EVALUATION;
    } else
        (void)azattest__json_take(cursor);
    return AZATTEST_OK;
}

static azattest_status read_members(azattest_bytes text, azattest__tcb_info *out, azattest_error **error)
{
    azattest__json_cursor cursor = azattest__json_cursor_at(text);
    unsigned wanted = SAW_VERSION | SAW_ISSUE_DATE | SAW_NEXT_UPDATE | SAW_FMSPC | SAW_PCEID | SAW_TYPE |
                      SAW_EVALUATION | SAW_LEVELS | (out->tdx ? SAW_MODULE : 0u);
    unsigned saw = SAW_VERSION;
    azattest_status status = AZATTEST_OK;
    azattest_bytes name;

    if (!azattest__json_enter(&cursor, '{'))
        return bad(error, "the document", "an object");
    while (status == AZATTEST_OK && azattest__json_next_member(&cursor, &name)) {
        if (is(name, "tcbLevels")) {
            status = read_levels(&cursor, out, error);
            saw |= SAW_LEVELS;
        } else if (out->tdx && is(name, "tdxModule")) {
            status = read_module(&cursor, false, &out->module, error);
            saw |= SAW_MODULE;
        } else if (out->tdx && is(name, "tdxModuleIdentities"))
            status = read_identities(&cursor, out, error);
        else
            status = read_scalar(&cursor, name, out, &saw, error);
    }
    if (status == AZATTEST_OK && (saw & wanted) != wanted)
        status = azattest__error_set(error, AZATTEST_E_MALFORMED, "TCB info: %s is missing",
                                     (wanted & ~saw) == SAW_MODULE ? "tdxModule" : "a member");
    if (status == AZATTEST_OK && out->issue_date > out->next_update)
        status = azattest__error_set(error, AZATTEST_E_MALFORMED, "TCB info: nextUpdate is before issueDate");
    return status;
}

/* What decides how all else is read, wherever it stands. */
static azattest_status read_kind(azattest_bytes text, int *version, bool *tdx, azattest_error **error)
{
    azattest_bytes value = azattest__json_find(text, "version"), id;

    *tdx = false;
    if (memchr(text.ptr, '\\', text.len) != NULL) /* Intel needs none: one spelling of each name */
        return azattest__error_set(error, AZATTEST_E_MALFORMED, "TCB info: an escaped character, where Intel has none");
    if (!azattest__document_integer(value, 999999999, version))
        return bad(error, "version", "a number");
    if (*version != 2 && *version != 3)
        return azattest__error_set(error, AZATTEST_E_UNSUPPORTED, "TCB info: version %d, known are 2 and 3", *version);
    if (*version == 2)
        return AZATTEST_OK;
    if (!azattest__document_text(azattest__json_find(text, "id"), &id) || (!is(id, "SGX") && !is(id, "TDX")))
        return bad(error, "id", "\"SGX\" or \"TDX\"");
    *tdx = is(id, "TDX");
    return AZATTEST_OK;
}

azattest_status azattest__tcb_info_read(azattest_bytes text, azattest__tcb_info *out, azattest_error **error)
{
    azattest_status status;

    memset(out, 0, sizeof(*out));
    if ((status = read_kind(text, &out->version, &out->tdx, error)) == AZATTEST_OK)
        status = read_members(text, out, error);
    if (status != AZATTEST_OK)
        azattest__tcb_info_clear(out);
    return status;
}

void azattest__tcb_info_clear(azattest__tcb_info *info)
{
    for (size_t i = 0; i < info->identity_count; i++)
        free(info->identities[i].levels);
    free(info->identities);
    free(info->levels);
    memset(info, 0, sizeof(*info));
}

azattest_status azattest__tcb_info_read_head(azattest_bytes text, azattest__tcb_info_head *out, azattest_error **error)
{
    static const char *const names[] = { "issueDate", "nextUpdate", "fmspc", "tcbEvaluationDataNumber" };
    azattest_bytes values[4];
    azattest_status status;

    memset(out, 0, sizeof(*out));
    if ((status = read_kind(text, &out->version, &out->tdx, error)) != AZATTEST_OK)
        return status;
    azattest__json_find_all(text, names, values, 4);
    if (!azattest__document_time(values[0], &out->issue_date))
        return bad(error, "issueDate", "a time such as 2024-03-13T00:00:00Z");
    if (!azattest__document_time(values[1], &out->next_update))
        return bad(error, "nextUpdate", "a time such as 2024-03-13T00:00:00Z");
    if (!azattest__document_hex(values[2], out->fmspc, sizeof(out->fmspc)))
        return bad(error, "fmspc", "12 hexadecimal digits");
    if (!azattest__document_integer(values[3], 999999999, &out->evaluation))
        return bad(error, "tcbEvaluationDataNumber", "a number");
    return AZATTEST_OK;
}

const azattest__tdx_module *azattest__tcb_info_module(const azattest__tcb_info *info, int version)
{
    for (size_t i = 0; i < info->identity_count; i++)
        if (info->identities[i].version == version)
            return &info->identities[i];
    return NULL;
}
