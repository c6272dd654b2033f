/* The local service: policies change while evidence is attested. Every token is of one policy as a whole: its claims,
 * its hash and its signer are of the same text. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "policy_bench.h"

#define POLICY "/policies/SgxEnclave?api-version=2020-10-01"
#define ATTESTERS 4
#define ROUNDS 25

static struct story {
    azattest__service *service;
    char *body, *tokens[2];
    char hashes[2][64]; /* x-ms-policy-hash of each */
    atomic_bool over;
    atomic_int seen[2], odd;
} story;

/* {"AttestationPolicy": ...} of: version=1.0; authorizationrules{=> permit();}; issuancerules{=> issue(type="text",
 * value="N");}; */
static const char *const payloads[2] = {
    "{\"AttestationPolicy\":\"dmVyc2lvbj0xLjA7IGF1dGhvcml6YXRpb25ydWxlc3s9PiBwZXJtaXQoKTt9OyBpc3N1YW5jZXJ1bGVzez0-IGlz"
    "c3VlKHR5cGU9InRleHQiLCB2YWx1ZT0iMCIpO307\"}",
    "{\"AttestationPolicy\":\"dmVyc2lvbj0xLjA7IGF1dGhvcml6YXRpb25ydWxlc3s9PiBwZXJtaXQoKTt9OyBpc3N1YW5jZXJ1bGVzez0-IGlz"
    "c3VlKHR5cGU9InRleHQiLCB2YWx1ZT0iMSIpO307\"}",
};

/* Which policy the token is of; -1: of none as a whole. */
static int policy_of(const azattest__service_answer *answer)
{
    azattest__json *document = NULL, *claims = NULL;
    azattest__jws jws = { .memory = NULL };
    const char *text, *hash;
    int number = -1;

    if (answer->status == 200 &&
        azattest__json_parse(azattest__buf_bytes(&answer->body), &document, NULL) == AZATTEST_OK &&
        azattest__jws_parse(azattest__text(azattest__json_get_string(document, "token")), &jws, NULL) == AZATTEST_OK &&
        azattest__json_parse(jws.body, &claims, NULL) == AZATTEST_OK &&
        (text = azattest__json_get_string(claims, "text")) != NULL &&
        (hash = azattest__json_get_string(claims, "x-ms-policy-hash")) != NULL)
        for (int i = 0; i < 2; i++) /* the second is signed */
            if (text[0] == '0' + i && strcmp(hash, story.hashes[i]) == 0 &&
                (azattest__json_get(claims, "x-ms-policy-signer") != NULL) == (i == 1))
                number = i;
    azattest__json_free(claims);
    azattest__jws_clear(&jws);
    azattest__json_free(document);
    return number;
}

static void *attest_until_told(void *unused)
{
    azattest__service_request request = { .method = "POST", .target = SGX, .body = azattest__text(story.body) };

    while (!atomic_load(&story.over)) {
        azattest__service_answer answer;
        int number;

        azattest__service_handle(story.service, &request, &answer);
        number = policy_of(&answer);
        atomic_fetch_add(number < 0 ? &story.odd : &story.seen[number], 1);
        azattest__service_answer_clear(&answer);
    }
    return unused;
}

static void put(int number)
{
    policy_expect(story.service, "PUT", POLICY, azattest__text(story.tokens[number]), 200, NULL, "Updated");
}

/* The hash as a token has it that is made while nobody changes anything. */
static void learn(int number)
{
    azattest__service_request request = { .method = "POST", .target = SGX, .body = azattest__text(story.body) };
    azattest__service_answer answer;
    azattest__json *claims;
    azattest__jws jws;

    put(number);
    azattest__service_handle(story.service, &request, &answer);
    assert_int_equal(answer.status, 200);
    open_token(&answer, &jws);
    claims = parse(jws.body);
    snprintf(story.hashes[number], sizeof(story.hashes[number]), "%s",
             azattest__json_get_string(claims, "x-ms-policy-hash"));
    azattest__json_free(claims);
    azattest__jws_clear(&jws);
    azattest__service_answer_clear(&answer);
}

static void every_token_is_of_one_policy(void **state)
{
    pthread_t threads[ATTESTERS];

    (void)state;
    story.service = policy_service(AZATTEST__AAD);
    story.body = expand("{" QUOTE "}");
    for (int i = 0; i < 2; i++)
        story.tokens[i] =
            policy_token(i == 0 ? "none" : "RS256", i == 0 ? NULL : "rsa", i == 0 ? NULL : "rsa", false, payloads[i]);
    learn(1);
    learn(0);
    assert_string_not_equal(story.hashes[0], story.hashes[1]);
    for (int i = 0; i < ATTESTERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, attest_until_told, NULL), 0);
    for (int round = 0; round < ROUNDS || atomic_load(&story.seen[0]) == 0 || atomic_load(&story.seen[1]) == 0; round++)
        put(round % 2);
    atomic_store(&story.over, true);
    for (int i = 0; i < ATTESTERS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(atomic_load(&story.odd), 0);
    free(story.tokens[0]);
    free(story.tokens[1]);
    free(story.body);
    azattest__service_free(story.service);
}

int main(void)
{
    static const struct CMUnitTest tests[] = { cmocka_unit_test(every_token_is_of_one_policy) };

    return cmocka_run_group_tests_name("service_threads", tests, policy_setup, policy_teardown);
}
