/* Requests for collateral at the local service: the target up to the first NUL, behind it what the documents' maker
 * gives. */
#include <stdlib.h>
#include <string.h>

#include "emulator/collateral.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static azattest_status make(void *user, const azattest__collateral_query *query, azattest__buf *body,
                            azattest__buf *chain, azattest_error **error)
{
    const azattest_bytes *content = user;

    (void)error;
    if (query->tee == NULL || query->item == NULL || query->chip_id_len > sizeof(query->chip_id))
        abort();
    if (content->len == 0)
        return AZATTEST_ABSENT;
    azattest__buf_append_bytes(body, *content);
    azattest__buf_append_text(chain, "-----BEGIN");
    return AZATTEST_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = size == 0 ? NULL : memchr(data, 0, size);
    azattest_bytes content = { end == NULL ? NULL : end + 1, end == NULL ? 0 : size - (size_t)(end - data) - 1 };
    azattest__collateral_maker maker = { .make = make, .user = &content };
    azattest__service_request request = { .method = "GET", .metadata = "true" };
    azattest__service_answer answer;
    char *target = azattest__dup(data, end == NULL ? size : (size_t)(end - data));

    if (target == NULL)
        return 0;
    request.target = target;
    if (azattest__collateral_handle(&maker, &request, &answer)) {
        if (answer.status < 200 || answer.status > 599)
            abort();
        azattest__service_answer_clear(&answer);
    }
    free(target);
    return 0;
}
