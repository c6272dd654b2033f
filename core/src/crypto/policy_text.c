#include "policy_text.h"

#include <azattest/limits.h>

#include "../base/encoding.h"

azattest_status azattest__policy_text_check(azattest_bytes text, azattest_error **error)
{
    if (text.ptr == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "policy: no text");
    if (text.len > AZATTEST_LIMIT_POLICY)
        return azattest__error_set(error, AZATTEST_E_LIMIT, "policy: %zu bytes, at most %u are accepted", text.len,
                                   AZATTEST_LIMIT_POLICY);
    if (memchr(text.ptr, '\0', text.len) != NULL || !azattest__utf8_valid(text))
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "policy: the text is not UTF-8%s",
                                   memchr(text.ptr, '\0', text.len) != NULL ? " without NUL" : "");
    return AZATTEST_OK;
}

azattest_status azattest__policy_text_hash(azattest_bytes text, unsigned char hash[AZATTEST__SHA256_SIZE],
                                           azattest_error **error)
{
    azattest_status status;
    azattest__buf encoded;

    azattest__buf_init(&encoded, 2 * AZATTEST_LIMIT_POLICY);
    azattest__base64url_encode(text, &encoded);
    if ((status = azattest__error_from_buf(error, &encoded, "policy")) == AZATTEST_OK)
        status = azattest__sha256(azattest__buf_bytes(&encoded), hash, error);
    azattest__buf_free(&encoded);
    return status;
}
