/* What the token issuer reads: its first byte chooses between a client assertion, an Authorization header, a request to
 * the token endpoint and one to the managed-identity endpoints. */
#include <stdlib.h>

#include "emulator/issuer_parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static azattest__issuer *start(void)
{
    azattest__state state;
    azattest__issuer *issuer = NULL;
    azattest__issuer_options options = { .authority = "https://127.0.0.1:4443", .state = &state };

    if (azattest__state_open(NULL, &state, NULL) != AZATTEST_OK ||
        azattest__issuer_new(&options, &issuer, NULL) != AZATTEST_OK)
        abort();
    azattest__state_close(&state);
    return issuer;
}

static void ask(const azattest__issuer *issuer, bool managed, const char *text)
{
    azattest__service_answer answer;
    azattest__service_request request = { .method = managed ? "GET" : "POST",
                                          .target = managed ? text : "/adfs/oauth2/v2.0/token",
                                          .metadata = "true",
                                          .secret = issuer->managed_secret,
                                          .identity_header = issuer->managed_secret,
                                          .body = azattest__text(text) };

    if (managed)
        azattest__issuer_handle_managed(issuer, &request, &answer);
    else if (!azattest__issuer_handle(issuer, &request, &answer))
        abort();
    if (answer.status < 200 || answer.status >= 500 || (!managed && answer.status == 200))
        abort(); /* nobody guesses the secret */
    azattest__service_answer_clear(&answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static azattest__issuer *issuer;
    azattest__assertion_verdict verdict;
    azattest__access access;
    char *text = size == 0 ? NULL : azattest__dup(data + 1, size - 1);

    if (issuer == NULL)
        issuer = start();
    if (text == NULL)
        return 0;
    switch (data[0] % 4) {
    case 0:
        if (azattest__assertion_check(issuer, text, issuer->identities[0].client_id, issuer->tenant_id, &verdict,
                                      NULL) == AZATTEST_OK &&
            verdict.number == 0)
            abort(); /* nobody has the key */
        break;
    case 1:
        if (azattest__issuer_authenticate(issuer, text, &access, NULL) == AZATTEST_OK)
            abort();
        break;
    case 2:
        ask(issuer, false, text);
        break;
    default:
        ask(issuer, true, text);
    }
    free(text);
    return 0;
}
