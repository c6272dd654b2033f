/* Reads what a TPM marshals: big-endian, never behind the end. A failed read sticks, and gives zeros. */
#ifndef AZATTEST_EVIDENCE_TPM_READER_H
#define AZATTEST_EVIDENCE_TPM_READER_H

#include "../../base/buf.h"

typedef struct azattest__tpm_reader {
    const unsigned char *at;
    size_t left;
    bool failed;
} azattest__tpm_reader;

static inline azattest__tpm_reader azattest__tpm_reader_of(azattest_bytes bytes)
{
    azattest__tpm_reader reader = { bytes.ptr, bytes.len, false };

    return reader;
}

static inline azattest_bytes azattest__tpm_take(azattest__tpm_reader *reader, size_t len)
{
    azattest_bytes taken = azattest__bytes(reader->at, len);

    if (reader->failed || len > reader->left) {
        reader->failed = true;
        return azattest__bytes("", 0);
    }
    reader->at += len;
    reader->left -= len;
    return taken;
}

static inline uint64_t azattest__tpm_number(azattest__tpm_reader *reader, size_t size)
{
    azattest_bytes bytes = azattest__tpm_take(reader, size);
    const unsigned char *p = bytes.ptr;
    uint64_t number = 0;

    for (size_t i = 0; i < bytes.len; i++)
        number = number << 8 | p[i];
    return number;
}

static inline uint16_t azattest__tpm_u16(azattest__tpm_reader *reader)
{
    return (uint16_t)azattest__tpm_number(reader, 2);
}

static inline uint32_t azattest__tpm_u32(azattest__tpm_reader *reader)
{
    return (uint32_t)azattest__tpm_number(reader, 4);
}

/* A TPM2B: two bytes of size, and as many. */
static inline azattest_bytes azattest__tpm_sized(azattest__tpm_reader *reader)
{
    size_t size = azattest__tpm_u16(reader);

    return azattest__tpm_take(reader, size);
}

#endif
