/* Answers that hold no token: sealed text, base64url data, TCB baselines; and bodies on their way into the log. The
 * first byte chooses. */
#include <stdlib.h>
#include <string.h>

#include <azattest/limits.h>

#include "protocol/attest.h"
#include "protocol/tcb_baselines.h"
#include "protocol/trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_baselines(const azattest_http_response *response)
{
    azattest_tcb_baselines *list = NULL;
    const char *text;
    int64_t number;
    bool selected;

    if (azattest__tcb_baselines_reply(response, &list, NULL) != AZATTEST_OK)
        return;
    for (size_t i = 0; i <= azattest_tcb_baselines_count(list); i++) {
        (void)azattest_tcb_baselines_tcb_identifier(list, i, &text);
        (void)azattest_tcb_baselines_minimum_psw_linux_version(list, i, &text);
        (void)azattest_tcb_baselines_tcb_release_date(list, i, &number);
        if (azattest_tcb_baselines_tcb_evaluation_data_number(list, i, &number) != AZATTEST_OK && number != 0)
            abort();
        (void)azattest_tcb_baselines_is_selected_tcb(list, i, &selected);
    }
    azattest_tcb_baselines_free(list);
}

static void read_token(const azattest_http_response *response, const char *api_version)
{
    azattest__buf token;

    azattest__buf_init(&token, AZATTEST_LIMIT_RESPONSE);
    if (azattest__attest_reply(response, "attest", api_version, &token, NULL) == AZATTEST_OK &&
        (token.ptr == NULL || strlen((const char *)token.ptr) != token.len))
        abort();
    azattest__buf_free(&token);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    azattest_http_response response = AZATTEST_HTTP_RESPONSE_INIT;
    azattest__buf text;

    if (size == 0)
        return 0;
    response.status = 200;
    response.body = azattest__bytes(data + 1, size - 1);
    azattest__buf_init(&text, AZATTEST_LIMIT_RESPONSE);
    switch (data[0] & 3) {
    case 0:
        (void)azattest__attest_text_reply(&azattest__attest_azure_guest, &response, &text, NULL);
        read_token(&response, "2018-09-01-preview");
        read_token(&response, "2022-08-01");
        break;
    case 1:
        (void)azattest__attest_text_reply(&azattest__attest_tpm, &response, &text, NULL);
        break;
    case 2:
        read_baselines(&response);
        break;
    default:
        azattest__trace_body(response.body, &text);
        if (text.len > 0 && strlen((const char *)text.ptr) != text.len)
            abort();
    }
    azattest__buf_free(&text);
    return 0;
}
