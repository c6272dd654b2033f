/* Policy and certificate requests to an instance. The first byte chooses: 0 to 3 the operation on an isolated instance,
 * 4 to 7 on one of mode aad, with the rest as the body; 8 and 9 a policy or certificate JWT with the rest as its
 * payload, 10 with the rest as its header, both signed by a registered key: what stands behind the check of the
 * signature; 11 sets the rest as a policy's text and, when it is taken, applies it to an enclave, 12 to a guest. */
#include <stdio.h>
#include <stdlib.h>

#include "base/encoding.h"
#include "crypto/issue.h"
#include "emulator/policy_apply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static azattest__service *isolated, *aad;
static azattest__key *signer;
static char *header;

static void must(bool done)
{
    if (!done)
        abort();
}

static void start(void)
{
    azattest__service_options options = { .endpoint = "https://127.0.0.1:4443", .mode = "aad" };
    azattest__cert_request request = {
        .common_name = "signer", .not_after = 4102444800, .ca = true, .path_length = -1
    };
    azattest__cert *certificate = NULL;
    azattest__buf pem, text;

    azattest__buf_init(&pem, 65536);
    azattest__buf_init(&text, 65536);
    must(azattest__key_generate_rsa(2048, &options.signing_key, NULL) == AZATTEST_OK &&
         azattest__key_generate_ec("P-256", &signer, NULL) == AZATTEST_OK &&
         azattest__cert_issue(&request, signer, NULL, NULL, &certificate, NULL) == AZATTEST_OK &&
         azattest__service_new(&options, &aad, NULL) == AZATTEST_OK);
    azattest__pem_encode("CERTIFICATE", azattest__cert_der(certificate), &pem);
    azattest__base64_encode(azattest__cert_der(certificate), &text);
    options.mode = "isolated";
    options.policy_certificates = azattest__buf_bytes(&pem);
    must(azattest__service_new(&options, &isolated, NULL) == AZATTEST_OK &&
         asprintf(&header, "{\"alg\":\"ES256\",\"x5c\":[\"%s\"]}", (const char *)text.ptr) > 0);
    azattest__buf_free(&text);
    azattest__buf_free(&pem);
    azattest__cert_free(certificate);
    azattest__key_free(options.signing_key);
}

static void ask(azattest__service *service, unsigned operation, azattest_bytes body)
{
    static const char *const targets[] = {
        "/policies/SgxEnclave?api-version=2025-06-01",
        "/policies/SgxEnclave:reset?api-version=2025-06-01",
        "/certificates:add?api-version=2025-06-01",
        "/certificates:remove?api-version=2025-06-01",
    };
    azattest__service_request request = { .method = operation == 0 ? "PUT" : "POST",
                                          .target = targets[operation],
                                          .body = body };
    azattest__service_answer answer;

    azattest__service_handle(service, &request, &answer);
    must(answer.status == 200 || answer.status == 400);
    azattest__service_answer_clear(&answer);
    if (operation > 1)
        return;
    request.method = "GET"; /* what was stored can be read again */
    request.target = targets[0];
    request.body = azattest__bytes(NULL, 0);
    azattest__service_handle(service, &request, &answer);
    must(answer.status == 200);
    azattest__service_answer_clear(&answer);
}

static void ask_signed(unsigned operation, azattest_bytes token_header, azattest_bytes payload)
{
    azattest__buf token;

    azattest__buf_init(&token, AZATTEST_LIMIT_TOKEN);
    azattest__buf_append_text(&token, "\"");
    must(azattest__jws_create(token_header, payload, signer, AZATTEST__ES256, &token, NULL) == AZATTEST_OK);
    azattest__buf_append_text(&token, "\"");
    ask(isolated, operation, azattest__buf_bytes(&token));
    azattest__buf_free(&token);
}

/* What the service says of evidence. */
static const char *const emitted[] = {
    "{\"x-ms-attestation-type\":\"sgx\",\"x-ms-sgx-is-debuggable\":false,\"x-ms-sgx-mrenclave\":\"00\",\"x-ms-sgx-"
    "mrsigner\":"
    "\"11\",\"x-ms-sgx-product-id\":7,\"x-ms-sgx-svn\":3,\"x-ms-runtime\":{\"Events\":[{\"PcrIndex\":7,\"a\":[true,"
    "null]}]}}",
    "{\"x-ms-attestation-type\":\"azurevm\",\"secureboot\":false,\"x-ms-azurevm-attested-pcrs\":[0,1,2],\"x-ms-azurevm-"
    "dbvalidated\":true,\"x-ms-isolation-tee\":{\"x-ms-sevsnpvm-vmpl\":0}}",
};

/* Whatever comes out, it is a verdict or a refusal with an answer, and nothing of the service's is replaced. */
static void apply(const azattest__kind *kind, const char *claims)
{
    azattest__service_answer answer;
    azattest__call call = { .service = aad, .kind = kind, .version = "", .answer = &answer };
    azattest__service_policy *policy = NULL;
    azattest__service_verdict verdict = { .claims = NULL };
    azattest__json *document = NULL;
    azattest_status status;

    azattest__answer_init(&answer, NULL);
    must(azattest__json_parse(azattest__text(claims), &document, NULL) == AZATTEST_OK &&
         azattest__service_policy_in_force(aad, kind, &policy, NULL) == AZATTEST_OK && policy != NULL);
    status = azattest__service_policy_apply(&call, policy, document, &verdict, NULL);
    must(status != AZATTEST_OK || (!call.refused && verdict.claims != NULL));
    must(!call.refused || answer.status == 400);
    for (const azattest__json *one = azattest__json_first(document); status == AZATTEST_OK && one != NULL;
         one = azattest__json_next(one))
        must(azattest__json_get(verdict.claims, azattest__json_name(one)) == NULL);
    must(azattest__json_get(verdict.claims, "iss") == NULL && azattest__json_get(verdict.claims, "exp") == NULL);
    azattest__service_verdict_clear(&verdict);
    azattest__service_policy_free(policy);
    azattest__json_free(document);
    azattest__service_answer_clear(&answer);
}

static void govern(bool guest, azattest_bytes text)
{
    const char *name = guest ? "AzureGuest" : "SgxEnclave";
    azattest__service_request request = { .method = "PUT",
                                          .target = guest ? "/policies/AzureGuest?api-version=2025-06-01"
                                                          : "/policies/SgxEnclave?api-version=2025-06-01" };
    azattest__service_answer answer;
    azattest__buf payload, token;

    if (text.len > AZATTEST_LIMIT_POLICY)
        return;
    azattest__buf_init(&payload, AZATTEST_LIMIT_TOKEN);
    azattest__buf_init(&token, AZATTEST_LIMIT_TOKEN);
    azattest__buf_append_text(&payload, "{\"AttestationPolicy\":\"");
    azattest__base64url_encode(text, &payload);
    azattest__buf_append_text(&payload, "\"}");
    must(azattest__jws_create(azattest__text("{\"alg\":\"none\"}"), azattest__buf_bytes(&payload), NULL,
                              AZATTEST__ALG_UNKNOWN, &token, NULL) == AZATTEST_OK);
    request.body = azattest__buf_bytes(&token);
    azattest__service_handle(aad, &request, &answer);
    must(answer.status == 200 || answer.status == 400);
    if (answer.status == 200)
        apply(azattest__kind_find(name, strlen(name)), emitted[guest]);
    azattest__service_answer_clear(&answer);
    azattest__buf_free(&token);
    azattest__buf_free(&payload);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char payload[] = "{\"AttestationPolicy\":\"dmVyc2lvbj0xLjA7\"}";
    azattest_bytes rest;

    if (signer == NULL)
        start();
    if (size == 0 || data[0] > 12)
        return -1;
    rest = azattest__bytes(data + 1, size - 1);
    if (data[0] < 8)
        ask(data[0] < 4 ? isolated : aad, data[0] % 4, rest);
    else if (data[0] < 10)
        ask_signed(data[0] == 8 ? 0 : 2, azattest__text(header), rest);
    else if (data[0] == 10)
        ask_signed(0, rest, azattest__text(payload));
    else
        govern(data[0] == 12, rest);
    return 0;
}
