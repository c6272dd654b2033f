#include "table.h"

#define ENTRY_SIZE 24u
#define GUID_SIZE 16u

/* As their text reads. */
static const struct {
    unsigned char guid[GUID_SIZE];
    azattest__amd_entry_kind kind;
} known[] = {
    { { 0x63, 0xda, 0x75, 0x8d, 0xe6, 0x64, 0x45, 0x64, 0xad, 0xc5, 0xf4, 0xb9, 0x3b, 0xe8, 0xac, 0xcd },
      AZATTEST__AMD_ENTRY_VCEK },
    { { 0xa8, 0x07, 0x4b, 0xc2, 0xa2, 0x5a, 0x48, 0x3e, 0xaa, 0xe6, 0x39, 0xc0, 0x45, 0xa0, 0xb8, 0xa1 },
      AZATTEST__AMD_ENTRY_VLEK },
    { { 0x4a, 0xb7, 0xb3, 0x79, 0xbb, 0xac, 0x4f, 0xe4, 0xa0, 0x2f, 0x05, 0xae, 0xf3, 0x27, 0xc7, 0x82 },
      AZATTEST__AMD_ENTRY_ASK },
    { { 0xc0, 0xb4, 0x06, 0xa4, 0xa8, 0x03, 0x49, 0x52, 0x97, 0x43, 0x3f, 0xb6, 0x01, 0x4c, 0xd0, 0xae },
      AZATTEST__AMD_ENTRY_ARK },
};

/* In the order of its text, or with the first three groups little-endian: hosts write both. */
static azattest__amd_entry_kind kind_of(const unsigned char *guid)
{
    static const unsigned char swapped[GUID_SIZE] = { 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15 };

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        bool plain = true, mixed = true;

        for (size_t j = 0; j < GUID_SIZE; j++) {
            plain = plain && guid[j] == known[i].guid[j];
            mixed = mixed && guid[swapped[j]] == known[i].guid[j];
        }
        if (plain || mixed)
            return known[i].kind;
    }
    return AZATTEST__AMD_ENTRY_OTHER;
}

bool azattest__amd_table_looks_like(azattest_bytes bytes)
{
    return bytes.len >= ENTRY_SIZE && kind_of(bytes.ptr) != AZATTEST__AMD_ENTRY_OTHER;
}

static bool is_end(const unsigned char *entry)
{
    static const unsigned char zero[ENTRY_SIZE];

    return memcmp(entry, zero, ENTRY_SIZE) == 0;
}

azattest_status azattest__amd_table_read(azattest_bytes bytes, azattest__amd_table *out, azattest_error **error)
{
    const unsigned char *p = bytes.ptr;
    size_t size = 0, offset, length;

    memset(out, 0, sizeof(*out));
    for (;;) { /* the end first: no content may lie inside the table */
        if (bytes.len - size < ENTRY_SIZE)
            return azattest__error_set(error, AZATTEST_E_EVIDENCE,
                                       "certificate table: %zu bytes hold no entry of zeros, which ends it", bytes.len);
        size += ENTRY_SIZE;
        if (is_end(p + size - ENTRY_SIZE))
            break;
        if (size / ENTRY_SIZE > AZATTEST__AMD_TABLE_ENTRIES)
            return azattest__error_set(error, AZATTEST_E_LIMIT, "certificate table: more than %u entries",
                                       AZATTEST__AMD_TABLE_ENTRIES);
    }
    out->size = size;
    for (size_t at = 0; at + ENTRY_SIZE < size; at += ENTRY_SIZE) {
        offset = azattest__le32(p + at + GUID_SIZE);
        length = azattest__le32(p + at + GUID_SIZE + 4);
        if (offset < size || offset > bytes.len || length > bytes.len - offset)
            return azattest__error_set(error, AZATTEST_E_EVIDENCE,
                                       "certificate table: entry %zu has %zu bytes at offset %zu, of %zu behind the "
                                       "table's %zu",
                                       at / ENTRY_SIZE, length, offset, bytes.len, size);
        if (offset + length > out->size)
            out->size = offset + length;
        out->entries[out->count].kind = kind_of(p + at);
        out->entries[out->count++].content = azattest__bytes(p + offset, length);
    }
    return AZATTEST_OK;
}
