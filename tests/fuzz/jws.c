/* Compact tokens: parse, and check that the parts are what the text says. */
#include <stdlib.h>

#include "base/encoding.h"
#include "jose/jws.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    azattest__jws jws;
    azattest__buf again;

    if (azattest__jws_parse(azattest__bytes(data, size), &jws, NULL) != AZATTEST_OK)
        return 0;
    /* Strict base64url has one spelling for each value, so that the same text has to come out again. */
    azattest__buf_init(&again, size + 1);
    azattest__base64url_encode(jws.header, &again);
    azattest__buf_append_text(&again, ".");
    azattest__base64url_encode(jws.body, &again);
    if (!azattest__bytes_equal(azattest__buf_bytes(&again), jws.signed_elements))
        abort();
    azattest__buf_append_text(&again, ".");
    azattest__base64url_encode(jws.signature, &again);
    if (!azattest__bytes_equal(azattest__buf_bytes(&again), azattest__bytes(data, size)))
        abort();
    azattest__buf_free(&again);
    azattest__jws_clear(&jws);
    return 0;
}
