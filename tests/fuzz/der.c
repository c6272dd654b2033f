/* DER elements: each lies inside what it was taken from, and integers and OIDs are read or refused. */
#include <stdlib.h>

#include "crypto/crypto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void walk(azattest_bytes der, int depth)
{
    azattest__der element;
    const unsigned char *end = der.len == 0 ? NULL : (const unsigned char *)der.ptr + der.len;
    size_t left = der.len;
    char text[128];
    int value = 0;

    while (azattest__der_next(&der, &element)) {
        const unsigned char *content = element.content.ptr;

        if (der.len >= left || content + element.content.len > end || (const unsigned char *)der.ptr + der.len != end)
            abort();
        left = der.len;
        if (azattest__der_integer(element.content, &value) && value < 0)
            abort();
        (void)azattest__der_oid(element.content, text, sizeof(text));
        if (element.constructed && depth < 8)
            walk(element.content, depth + 1);
    }
    if (der.len != left)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    walk(azattest__bytes(data, size), 0);
    return 0;
}
