/* PEM: blocks lie inside the text, the walk ends, and what a block holds is found again when it is written. */
#include <stdlib.h>

#include "base/encoding.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

static void write_and_read(azattest_bytes bytes)
{
    azattest_bytes block, body;
    azattest__buf text, back;
    size_t offset = 0;

    azattest__buf_init(&text, bytes.len * 2 + 128);
    azattest__buf_init(&back, bytes.len);
    azattest__pem_encode("CERTIFICATE", bytes, &text);
    require(azattest__pem_next(azattest__buf_bytes(&text), "CERTIFICATE", &offset, &block, &body));
    require(block.len == text.len - 1 && offset == block.len);
    if (bytes.len > 0) {
        require(azattest__pem_decode_body(body, &back) && back.len == bytes.len);
        require(memcmp(back.ptr, bytes.ptr, bytes.len) == 0);
    }
    require(!azattest__pem_next(azattest__buf_bytes(&text), "CERTIFICATE", &offset, &block, &body));
    azattest__buf_free(&text);
    azattest__buf_free(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    azattest_bytes text = azattest__bytes(data, size), block, body;
    size_t offset = 0, before = 0;
    azattest__buf out;

    write_and_read(text);
    while (azattest__pem_next(text, "CERTIFICATE", &offset, &block, &body)) {
        const uint8_t *first = block.ptr, *inside = body.ptr;

        require(offset > before && offset <= size);
        require(first >= data + before && first + block.len == data + offset);
        require(inside > first && inside + body.len < first + block.len);
        azattest__buf_init(&out, body.len);
        if (azattest__pem_decode_body(body, &out))
            write_and_read(azattest__buf_bytes(&out));
        else
            require(out.len == 0);
        azattest__buf_free(&out);
        before = offset;
    }
    require(offset == before);
    return 0;
}
