/* The fields of Open Enclave's headers and claims, as JSON. */
#include "../../base/encoding.h"
#include "../formats.h"

/* One entry of serialized claims: u64 size of the name with its NUL, u64 size of the value, name, value. */
static bool next_claim(azattest_bytes *rest, azattest_bytes *name, azattest_bytes *value)
{
    const unsigned char *p = rest->ptr;
    uint64_t name_size, value_size;
    size_t left = rest->len;

    if (left < 16)
        return false;
    name_size = azattest__le64(p);
    value_size = azattest__le64(p + 8);
    p += 16;
    left -= 16;
    if (name_size < 1 || name_size > left || value_size > left - name_size || p[name_size - 1] != '\0' ||
        memchr(p, '\0', (size_t)name_size - 1) != NULL)
        return false;
    *name = azattest__bytes(p, (size_t)name_size - 1);
    *value = azattest__bytes(p + name_size, (size_t)value_size);
    *rest = azattest__bytes(p + name_size + value_size, left - (size_t)name_size - (size_t)value_size);
    return azattest__utf8_valid(*name);
}

/* The claims may hold anything. Where they have the form that Open Enclave's helper writes (u64 version 1, u64 count,
 * entries), the entries are shown; otherwise there is nothing but bytes. Source: Open Enclave, custom_claims.h. */
static azattest__json *claims_json(azattest_bytes claims)
{
    const unsigned char *p = claims.ptr;
    azattest_bytes rest, name, value;
    azattest__json *list, *entry;
    uint64_t count;

    if (claims.len < 16 || azattest__le64(p) != 1 || azattest__le64(p + 8) > (claims.len - 16) / 17)
        return NULL;
    count = azattest__le64(p + 8);
    rest = azattest__bytes(p + 16, claims.len - 16);
    list = azattest__json_new_array();
    for (uint64_t i = 0; i < count; i++) {
        if (!next_claim(&rest, &name, &value)) {
            azattest__json_free(list);
            return NULL;
        }
        entry = azattest__json_new_object();
        azattest__json_put_bytes_text(entry, "name", name);
        azattest__json_put_hex(entry, "value", value);
        azattest__json_add(list, entry);
    }
    if (rest.len == 0)
        return list;
    azattest__json_free(list);
    return NULL;
}

void azattest__open_enclave_fields(const azattest_evidence *evidence, azattest__json *fields)
{
    azattest__json *json, *claims;

    if (evidence->header_version == 0)
        return;
    json = azattest__json_new_object();
    azattest__json_put_integer(json, "header_version", evidence->header_version);
    if (evidence->format == NULL) {
        azattest__json_put_integer(json, "type", evidence->header_type);
        azattest__json_put_integer(json, "size", (int64_t)(evidence->wrapped.len - AZATTEST__OE_REPORT_HEADER_SIZE));
    } else {
        azattest__json_put_string(json, "format", evidence->format);
        azattest__json_put_hex(json, "format_id",
                               azattest__bytes((const unsigned char *)evidence->wrapped.ptr + 4, 16));
        azattest__json_put_integer(json, "size", (int64_t)(evidence->wrapped.len - AZATTEST__OE_EVIDENCE_HEADER_SIZE));
    }
    if (evidence->claims.ptr != NULL) {
        azattest__json_put_hex(json, "custom_claims", evidence->claims);
        if ((claims = claims_json(evidence->claims)) != NULL)
            azattest__json_put(json, "custom_claims_entries", claims);
    }
    azattest__json_put(fields, "open_enclave", json);
    if (evidence->header_type == AZATTEST__OE_TYPE_LOCAL) {
        const unsigned char *behind = evidence->intel.report.body + AZATTEST__SGX_REPORT_SIZE;

        json = azattest__sgx_report_json(&evidence->intel.report);
        azattest__json_put_hex(json, "key_id", azattest__bytes(behind, 32));
        azattest__json_put_hex(json, "mac", azattest__bytes(behind + 32, 16));
        azattest__json_put(fields, "report", json);
    }
}
