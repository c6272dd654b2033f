/* One request to the local service: target, a line feed, body. */
#include <stdio.h>
#include <stdlib.h>

#include "crypto/issue.h"
#include "emulator/service.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static azattest__service *start(void)
{
    azattest__service *service = NULL;
    azattest__service_options options = { .endpoint = "https://127.0.0.1:4443" };

    if (azattest__key_generate_rsa(2048, &options.signing_key, NULL) != AZATTEST_OK ||
        azattest__service_new(&options, &service, NULL) != AZATTEST_OK)
        abort();
    azattest__key_free(options.signing_key);
    return service;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static azattest__service *service;
    const uint8_t *line_end = size == 0 ? NULL : memchr(data, '\n', size);
    size_t target_len = line_end == NULL ? size : (size_t)(line_end - data);
    azattest__service_request request = { .method = "POST" };
    azattest__service_answer answer;
    char *target = azattest__dup(data, target_len);

    if (service == NULL)
        service = start();
    if (target == NULL)
        return 0;
    if (strncmp(target, "/attest/", 8) != 0)
        request.method = "GET";
    request.target = target;
    request.body = azattest__bytes(data + target_len + (line_end != NULL), size - target_len - (line_end != NULL));
    azattest__service_handle(service, &request, &answer);
    if (answer.status != 200 && answer.status != 400 && answer.status != 404 && answer.status != 405)
        abort();
    azattest__service_answer_clear(&answer);
    free(target);
    return 0;
}
