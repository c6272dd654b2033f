#include "qe_identity.h"

#include <stdlib.h>

#include <azattest/limits.h>

static azattest_status bad(azattest_error **error, const char *member, const char *expected)
{
    return azattest__error_set(error, AZATTEST_E_MALFORMED, "QE identity: %s is missing or is not %s", member,
                               expected);
}

static bool is(azattest_bytes name, const char *text)
{
    return azattest__bytes_equal_text(name, text);
}

static azattest_status read_levels(azattest__json_cursor *cursor, azattest__qe_identity *out, azattest_error **error)
{
    azattest_status status;

    if (!azattest__json_enter(cursor, '['))
        return bad(error, "tcbLevels", "a list");
    while (azattest__json_next_element(cursor)) {
        if ((status = azattest__document_grow((void **)&out->levels, sizeof(*out->levels), out->level_count,
                                              AZATTEST_LIMIT_TCB_LEVELS, "QE identity: tcbLevels", error)) !=
                AZATTEST_OK ||
            (status = azattest__document_isvsvn_level(cursor, "QE identity: a level", &out->levels[out->level_count],
                                                      error)) != AZATTEST_OK)
            return status;
        out->level_count++;
    }
    if (out->level_count == 0)
        return bad(error, "tcbLevels", "a list with a level");
    azattest__isvsvn_levels_sort(out->levels, out->level_count);
    return AZATTEST_OK;
}

enum { SAW_PRODUCT_ID = 1 << 16, SAW_LEVELS = 1 << 17, SAW_HEX = 31 };

/* Members in hexadecimal; the number of digits is that of the field. */
static azattest_status read_other(azattest__json_cursor *cursor, azattest_bytes name, azattest__qe_identity *out,
                                  unsigned *saw, azattest_error **error)
{
    const struct {
        const char *name;
        unsigned char *place;
        size_t size;
    } members[] = {
        { "miscselect", out->misc_select, sizeof(out->misc_select) },
        { "miscselectMask", out->misc_select_mask, sizeof(out->misc_select_mask) },
        { "attributes", out->attributes, sizeof(out->attributes) },
        { "attributesMask", out->attributes_mask, sizeof(out->attributes_mask) },
        { "mrsigner", out->mr_signer, sizeof(out->mr_signer) },
    };
    azattest_bytes value = azattest__json_take(cursor);

    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
        if (is(name, members[i].name)) {
            if (!azattest__document_hex(value, members[i].place, members[i].size))
                return azattest__error_set(error, AZATTEST_E_MALFORMED,
                                           "QE identity: %s is not a string of %zu hexadecimal digits", members[i].name,
                                           2 * members[i].size);
            *saw |= 1u << i;
        }
    if (is(name, "isvprodid")) {
        if (!azattest__document_integer(value, 65535, &out->product_id))
            return bad(error, "isvprodid", "a number from 0 to 65535");
        *saw |= SAW_PRODUCT_ID;
    }
    return AZATTEST_OK;
}

static azattest_status read_members(azattest_bytes text, azattest__qe_identity *out, azattest_error **error)
{
    azattest__json_cursor cursor = azattest__json_cursor_at(text);
    azattest_status status = AZATTEST_OK;
    azattest_bytes name;
    unsigned saw = 0;

    if (!azattest__json_enter(&cursor, '{'))
        return bad(error, "the document", "an object");
    while (status == AZATTEST_OK && azattest__json_next_member(&cursor, &name)) {
        if (is(name, "tcbLevels")) {
            status = read_levels(&cursor, out, error);
            saw |= SAW_LEVELS;
        } else
            status = read_other(&cursor, name, out, &saw, error);
    }
    if (status == AZATTEST_OK && saw != (SAW_HEX | SAW_PRODUCT_ID | SAW_LEVELS))
        status =
            bad(error, "one of miscselect, miscselectMask, attributes, attributesMask, mrsigner, isvprodid, tcbLevels",
                "there");
    return status;
}

azattest_status azattest__qe_identity_read_head(azattest_bytes text, azattest__qe_identity_head *out,
                                                azattest_error **error)
{
    static const char *const names[] = { "id", "version", "issueDate", "nextUpdate", "tcbEvaluationDataNumber" };
    azattest_bytes values[5], id;
    int version;

    memset(out, 0, sizeof(*out));
    if (memchr(text.ptr, '\\', text.len) != NULL) /* Intel needs none: one spelling of each name */
        return azattest__error_set(error, AZATTEST_E_MALFORMED,
                                   "QE identity: an escaped character, where Intel has none");
    azattest__json_find_all(text, names, values, 5);
    if (!azattest__document_integer(values[1], 999999999, &version))
        return bad(error, "version", "a number");
    if (version != 2)
        return azattest__error_set(error, AZATTEST_E_UNSUPPORTED, "QE identity: version %d, known is 2", version);
    if (!azattest__document_text(values[0], &id))
        return bad(error, "id", "\"QE\" or \"TD_QE\"");
    if (is(id, "QVE"))
        return azattest__error_set(error, AZATTEST_E_UNSUPPORTED,
                                   "the identity of the quote verification enclave (QVE), which is not used here");
    if (!is(id, "QE") && !is(id, "TD_QE"))
        return bad(error, "id", "\"QE\" or \"TD_QE\"");
    out->tdx = is(id, "TD_QE");
    if (!azattest__document_time(values[2], &out->issue_date))
        return bad(error, "issueDate", "a time such as 2024-03-13T00:00:00Z");
    if (!azattest__document_time(values[3], &out->next_update))
        return bad(error, "nextUpdate", "a time such as 2024-03-13T00:00:00Z");
    if (out->issue_date > out->next_update)
        return azattest__error_set(error, AZATTEST_E_MALFORMED, "QE identity: nextUpdate is before issueDate");
    if (!azattest__document_integer(values[4], 999999999, &out->evaluation))
        return bad(error, "tcbEvaluationDataNumber", "a number");
    return AZATTEST_OK;
}

azattest_status azattest__qe_identity_read(azattest_bytes text, azattest__qe_identity *out, azattest_error **error)
{
    azattest__qe_identity_head head;
    azattest_status status;

    memset(out, 0, sizeof(*out));
    if ((status = azattest__qe_identity_read_head(text, &head, error)) != AZATTEST_OK)
        return status;
    out->tdx = head.tdx;
    out->issue_date = head.issue_date;
    out->next_update = head.next_update;
    out->evaluation = head.evaluation;
    if ((status = read_members(text, out, error)) != AZATTEST_OK)
        azattest__qe_identity_clear(out);
    return status;
}

void azattest__qe_identity_clear(azattest__qe_identity *identity)
{
    free(identity->levels);
    memset(identity, 0, sizeof(*identity));
}

/* Bits outside the mask may be anything; a bit of the document outside its own mask matches nothing. */
static bool same_under_mask(const unsigned char *seen, const unsigned char *expected, const unsigned char *mask,
                            size_t size)
{
    unsigned char different = 0;

    for (size_t i = 0; i < size; i++)
        different |= (unsigned char)((seen[i] & mask[i]) ^ expected[i]);
    return different == 0;
}

static azattest_status differs(azattest_error **error, const char *what)
{
    return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID,
                               "the %s of the quoting enclave is not that of Intel's identity", what);
}

#define REPORT_MISC_SELECT 16u
#define REPORT_ATTRIBUTES 48u

azattest_status azattest__qe_identity_match(const azattest__qe_identity *identity, const azattest__sgx_report *report,
                                            azattest_error **error)
{
    if (memcmp(report->mr_signer, identity->mr_signer, sizeof(identity->mr_signer)) != 0)
        return differs(error, "MRSIGNER");
    if (report->isv_product_id != identity->product_id)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID,
                                   "the ISVPRODID of the quoting enclave is %u, that of Intel's identity %d",
                                   report->isv_product_id, identity->product_id);
    if (!same_under_mask(report->body + REPORT_MISC_SELECT, identity->misc_select, identity->misc_select_mask,
                         sizeof(identity->misc_select)))
        return differs(error, "MISCSELECT (under its mask)");
    if (!same_under_mask(report->body + REPORT_ATTRIBUTES, identity->attributes, identity->attributes_mask,
                         sizeof(identity->attributes)))
        return differs(error, "ATTRIBUTES (under their mask)");
    return AZATTEST_OK;
}
