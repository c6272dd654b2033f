/* Every allocation of policy and certificate calls fails once, in turn: nothing is lost, nothing crashes, and no answer
 * is taken that would not have been taken with memory enough. */
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"
#include "expect.h"
#include "fixtures.h"
#include "failing_memory.h"

#define TEXT "version=1.0; authorizationrules{=> permit();}; issuancerules{};"
#define HASH "c6sEJQItV50OeP9IrP_bzywAMOVvj5uDPbklA_bwdYQ"
#define OTHER "pyhI2FKMjRkvpvwS07hLclAyvsi5O4TrnzL5OPsIxzM"

/* What a story uses, made while memory is enough. */
typedef struct stage {
    bench *b;
    char *key_pem, *certificate_pem, *reply;
    azattest_credential *credential;
    azattest_signing_key *key;
} stage;

typedef azattest_status (*story)(const stage *s, azattest_admin_client *client, azattest_transport *transport,
                                 azattest_response **response, azattest_error **error);

static azattest_status whole(const stage *s, story tell, azattest_response **response, azattest_error **error)
{
    azattest_scripted_exchange script[] = { answer(NULL, NULL, 200, s->reply), answer("GET", NULL, 200, s->b->jwks) };
    azattest_client_options options = s->b->options;
    azattest_transport *transport = NULL;
    azattest_admin_client *client = NULL;
    azattest_status status = azattest_scripted_transport_new(script, 2, &transport, error);

    options.credential = s->credential;
    if (status == AZATTEST_OK)
        status = azattest_admin_client_new(INSTANCE, &options, &client, error);
    if (status == AZATTEST_OK)
        status = tell(s, client, transport, response, error);
    azattest_admin_client_free(client);
    azattest_transport_free(transport);
    return status;
}

static void every_failure(bench *b, const char *claims, story tell, azattest_status expected)
{
    char *body = instance_claims(claims), *token = instance_token(&b->key, body);
    stage s = { .b = b,
                .key_pem = fixture_read("signing/ec-encrypted.key.pem"),
                .certificate_pem = fixture_read("signing/ec.crt.pem"),
                .reply = instance_reply(token) };
    azattest_status status = AZATTEST_OK;
    bool failed = true;

    assert_int_equal(azattest_static_token_credential_new("token", 0, &s.credential, NULL), AZATTEST_OK);
    assert_int_equal(fixture_signing_key("ec", "ec", NULL, NULL, &s.key, NULL), AZATTEST_OK);
    for (long n = 0; failed; n++) {
        azattest_response *response = NULL;
        azattest_error *error = NULL;

        allocations_until_failure = n;
        status = whole(&s, tell, &response, &error);
        failed = allocations_until_failure < 0;
        allocations_until_failure = -1;
        assert_true(status == expected || (failed && status != AZATTEST_OK));
        assert_int_equal(status == AZATTEST_OK, response != NULL);
        assert_int_equal(status == AZATTEST_OK, error == NULL);
        if (response == NULL)
            assert_int_equal(azattest_error_code(error), status);
        azattest_response_free(response);
        azattest_error_free(error);
    }
    assert_int_equal(status, expected);
    azattest_signing_key_free(s.key);
    azattest_credential_free(s.credential);
    free(s.key_pem);
    free(s.certificate_pem);
    free(s.reply);
    free(token);
    free(body);
}

static azattest_status sets(const stage *s, azattest_admin_client *client, azattest_transport *transport,
                            azattest_response **response, azattest_error **error)
{
    (void)s;
    return azattest_admin_client_set_policy(client, transport, "SgxEnclave", bytes_of(TEXT), NULL, response, error);
}

/* The service names no signer, which a signed policy must have. */
static azattest_status sets_signed(const stage *s, azattest_admin_client *client, azattest_transport *transport,
                                   azattest_response **response, azattest_error **error)
{
    azattest_signing_key_options key_options = AZATTEST_SIGNING_KEY_OPTIONS_INIT;
    azattest_policy_options options = AZATTEST_POLICY_OPTIONS_INIT;
    azattest_signing_key *key = NULL;
    azattest_status status;

    key_options.passphrase = "correct-horse";
    if ((status = azattest_signing_key_new(bytes_of(s->key_pem), bytes_of(s->certificate_pem), &key_options, &key,
                                           error)) == AZATTEST_OK) {
        options.signing_key = key;
        options.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        status = azattest_admin_client_set_policy(client, transport, "SgxEnclave", bytes_of(TEXT), &options, response,
                                                  error);
    }
    azattest_signing_key_free(key);
    return status;
}

static azattest_status reads(const stage *s, azattest_admin_client *client, azattest_transport *transport,
                             azattest_response **response, azattest_error **error)
{
    (void)s;
    return azattest_admin_client_get_policy(client, transport, "SgxEnclave", NULL, response, error);
}

static azattest_status lists(const stage *s, azattest_admin_client *client, azattest_transport *transport,
                             azattest_response **response, azattest_error **error)
{
    (void)s;
    return azattest_admin_client_get_policy_management_certificates(client, transport, NULL, response, error);
}

static azattest_status adds(const stage *s, azattest_admin_client *client, azattest_transport *transport,
                            azattest_response **response, azattest_error **error)
{
    azattest_policy_options options = AZATTEST_POLICY_OPTIONS_INIT;

    options.signing_key = s->key;
    return azattest_admin_client_add_policy_management_certificate(client, transport, bytes_of(s->certificate_pem),
                                                                   &options, response, error);
}

static void a_policy_is_set(void **state)
{
    every_failure(*state, ",\"x-ms-policy-result\":\"Updated\",\"x-ms-policy-token-hash\":\"" HASH "\"", sets,
                  AZATTEST_OK);
}

static void another_policy_was_set(void **state)
{
    every_failure(*state, ",\"x-ms-policy-result\":\"Updated\",\"x-ms-policy-token-hash\":\"" OTHER "\"", sets,
                  AZATTEST_E_POLICY_HASH);
}

static void a_signed_policy_is_not_confirmed(void **state)
{
    every_failure(*state, ",\"x-ms-policy-result\":\"Updated\",\"x-ms-policy-token-hash\":\"" OTHER "\"", sets_signed,
                  AZATTEST_E_POLICY_HASH);
}

static void a_signed_policy_is_read(void **state)
{
    azattest_signing_key *key = NULL;
    azattest_token *token = NULL;
    char claims[4096];

    assert_int_equal(fixture_signing_key("ec", "ec", NULL, NULL, &key, NULL), AZATTEST_OK);
    assert_int_equal(azattest_create_policy_token(bytes_of(TEXT), key, &token, NULL), AZATTEST_OK);
    snprintf(claims, sizeof(claims), ",\"x-ms-policy\":\"%s\"", (const char *)azattest_token_serialize(token).ptr);
    every_failure(*state, claims, reads, AZATTEST_OK);
    azattest_token_free(token);
    azattest_signing_key_free(key);
}

static void certificates_are_listed(void **state)
{
    bench *b = *state;
    char *claims = NULL;

    assert_true(asprintf(&claims, ",\"x-ms-policy-certificates\":%s", b->jwks) > 0);
    every_failure(b, claims, lists, AZATTEST_OK);
    free(claims);
}

static void another_certificate_was_added(void **state)
{
    every_failure(*state, ",\"x-ms-certificate-thumbprint\":\"00\",\"x-ms-policycertificates-result\":\"IsPresent\"",
                  adds, AZATTEST_E_CERTIFICATE_THUMBPRINT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_policy_is_set),         TEST(another_policy_was_set),  TEST(a_signed_policy_is_not_confirmed),
        TEST(a_signed_policy_is_read), TEST(certificates_are_listed), TEST(another_certificate_was_added),
    };

    return cmocka_run_group_tests_name("admin_memory", tests, NULL, NULL);
}
