/* What the service says of policies and certificates: the body of a token that has passed, read by every call. */
#include <stdlib.h>

#include <azattest/limits.h>

#include "base/encoding.h"
#include "protocol/certificates.h"
#include "protocol/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_policy(azattest__policy_action action, const azattest_token *token)
{
    bool reads = action == AZATTEST__POLICY_GET;
    azattest_policy_result *result = NULL;
    azattest_signer *signer;
    azattest_bytes hash;

    if (azattest__policy_answer_read(action, token, &result, NULL) != AZATTEST_OK)
        return;
    signer = azattest_policy_result_policy_signer(result);
    hash = azattest_policy_result_policy_token_hash(result);
    if ((azattest_policy_result_policy_text(result) != NULL) != reads ||
        (azattest_policy_result_policy_resolution(result) != NULL) == reads ||
        (hash.ptr != NULL && hash.len != AZATTEST_HASH_SIZE))
        abort();
    if (signer != NULL && (azattest_signer_problem(signer) != NULL || azattest_signer_key_type(signer) == NULL))
        abort();
    /* Nobody can sign for a key whose private part is not here. */
    if (reads && signer != NULL && azattest_policy_result_policy(result) == NULL)
        abort();
    azattest_signer_free(signer);
    azattest_policy_result_free(result);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    azattest_policy_certificates_modification_result *change = NULL;
    azattest_signers *certificates = NULL;
    azattest_token *token = NULL;
    azattest__buf text;

    azattest__buf_init(&text, AZATTEST_LIMIT_TOKEN);
    azattest__buf_append_text(&text, "eyJhbGciOiJub25lIn0.");
    azattest__base64url_encode(azattest__bytes(data, size), &text);
    azattest__buf_append_text(&text, ".");
    if (text.status == AZATTEST_OK && azattest_token_parse(azattest__buf_bytes(&text), &token, NULL) == AZATTEST_OK) {
        check_policy(AZATTEST__POLICY_GET, token);
        check_policy(AZATTEST__POLICY_SET, token);
        check_policy(AZATTEST__POLICY_RESET, token);
        if (azattest__certificates_read_list(token, &certificates, NULL) == AZATTEST_OK && certificates == NULL)
            abort();
        if (azattest__certificates_read_change(AZATTEST__CERTIFICATES_ADD, token, &change, NULL) == AZATTEST_OK &&
            (azattest_policy_certificates_modification_result_certificate_thumbprint(change) == NULL ||
             azattest_policy_certificates_modification_result_certificate_resolution(change) == NULL))
            abort();
    }
    azattest_signers_free(certificates);
    azattest_policy_certificates_modification_result_free(change);
    azattest_token_free(token);
    azattest__buf_free(&text);
    return 0;
}
