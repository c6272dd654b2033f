/*
 * The policies of real tokens: for every recorded or published token whose policy's text is known, evaluating it over
 * the claims of the token gives what the token's policy issued; and where the evidence is known that was posted for it,
 * so does evaluating it over the claims that are made of the evidence.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <azattest/azattest.h>

#include "base/encoding.h"
#include "evidence.h"
#include "json/json.h"
#include "policy/vocabulary/known.h"

/* As many as there were when this was written: fewer would mean that a text or a token is not recognised any more. */
#define TOKENS_WITH_A_KNOWN_POLICY 13
#define EVIDENCE_WITH_A_KNOWN_POLICY 5
#define REFUSALS_WITH_A_KNOWN_POLICY 1

static azattest__json *parse(azattest_bytes text)
{
    azattest__json *root = NULL;

    assert_int_equal(azattest__json_parse(text, &root, NULL), AZATTEST_OK);
    return root;
}

static void for_each_file(const char *folder, const char *ending, void (*visit)(const char *name))
{
    char path[4096], name[512];
    struct dirent *entry;
    DIR *open;

    snprintf(path, sizeof(path), "%s/%s", evidence_folder(), folder);
    assert_non_null(open = opendir(path));
    while ((entry = readdir(open)) != NULL) {
        size_t len = strlen(entry->d_name), end = strlen(ending);

        if (len <= end || strcmp(entry->d_name + len - end, ending) != 0)
            continue;
        snprintf(name, sizeof(name), "%s/%s", folder, entry->d_name);
        visit(name);
    }
    closedir(open);
}

/* ---- texts, found by the hash of the token ---- */

static azattest_policy *policies[128];
static size_t policy_count, tokens_known, tokens_unknown, evidence_known, refusals_known;

static void add_text(azattest_bytes text)
{
    assert_true(policy_count < sizeof(policies) / sizeof(policies[0]));
    if (azattest_policy_parse(text, NULL, &policies[policy_count], NULL) == AZATTEST_OK)
        policy_count++;
}

static void add_file(const char *name)
{
    size_t len;
    unsigned char *text = evidence_read(name, &len);

    add_text(azattest__bytes(text, len));
    free(text);
}

static void add_drafts(const char *name)
{
    size_t len;
    unsigned char *text = evidence_read(name, &len);
    azattest__json *document = parse(azattest__bytes(text, len));

    for (const azattest__json *entry = azattest__json_first(azattest__json_get(document, "Entries")); entry != NULL;
         entry = azattest__json_next(entry)) {
        const char *draft =
            azattest__json_get_string(azattest__json_get(entry, "RequestBody"), "draftPolicyForAttestation");

        if (draft != NULL)
            add_text(azattest__text(draft));
    }
    azattest__json_free(document);
    free(text);
}

static void gather_texts(void)
{
    size_t count;
    const azattest__known_policy *known = azattest__known_policies(&count);

    for (size_t i = 0; i < count; i++)
        if (known[i].text != NULL)
            add_text(azattest__text(known[i].text));
    for_each_file("policies", ".policy", add_file);
    for_each_file("recordings", ".json", add_drafts);
}

static const azattest_policy *policy_of(const azattest_token *token)
{
    bool matches;

    for (size_t i = 0; i < policy_count; i++)
        if (azattest_policy_matches_token(policies[i], token, &matches) == AZATTEST_OK && matches)
            return policies[i];
    return NULL;
}

/* ---- what the policy issued ---- */

/* x-ms-policy; of a token without it all that is neither standard, nor the service's. */
static azattest__json *issued_by(const azattest__json *body)
{
    static const char *const standard[] = { "iss", "iat", "exp", "nbf", "jti", "cnf", "x-ms-policy" };
    const azattest__json *issued = azattest__json_get(body, "x-ms-policy");
    azattest__json *rest;

    if (issued != NULL)
        return azattest__json_copy(issued);
    rest = azattest__json_new_object();
    for (const azattest__json *member = azattest__json_first(body); member != NULL;
         member = azattest__json_next(member)) {
        const char *name = azattest__json_name(member);
        bool other = strncmp(name, "x-ms-", 5) == 0 || strncmp(name, "maa-", 4) == 0 || strcmp(name, "aas-ehd") == 0 ||
                     strcmp(name, "secureboot") == 0;

        for (size_t i = 0; i < sizeof(standard) / sizeof(standard[0]); i++)
            other = other || strcmp(name, standard[i]) == 0;
        if (!other)
            azattest__json_put(rest, name, azattest__json_copy(member));
    }
    return rest;
}

static void compare(const char *file, const char *what, const azattest_policy *policy, const azattest_claim_set *claims,
                    const azattest__json *body)
{
    azattest__json *wanted = issued_by(body), *issued, *properties;
    azattest_policy_evaluation *evaluation = NULL;
    azattest_error *error = NULL;

    if (azattest_policy_evaluate(policy, claims, NULL, &evaluation, &error) != AZATTEST_OK)
        fail_msg("%s, %s: %s", file, what, azattest_error_message(error));
    if (!azattest_policy_evaluation_is_permitted(evaluation))
        fail_msg("%s, %s: %s", file, what, azattest_policy_evaluation_reason(evaluation));
    issued = parse(azattest_policy_evaluation_claims(evaluation));
    if (!azattest__json_equal(issued, wanted))
        fail_msg("%s, %s: %s", file, what, (const char *)azattest_policy_evaluation_claims(evaluation).ptr);
    for (const azattest__json *one = azattest__json_first(issued); one != NULL; one = azattest__json_next(one))
        if (!azattest__json_equal(one, azattest__json_get(body, azattest__json_name(one))))
            fail_msg("%s: %s is not in the token as it was issued", file, azattest__json_name(one));
    properties = parse(azattest_policy_evaluation_properties(evaluation));
    for (const azattest__json *one = azattest__json_first(properties); one != NULL; one = azattest__json_next(one))
        if (!azattest__json_equal(one, azattest__json_get(body, azattest__json_name(one))))
            fail_msg("%s: the token has not got the property %s", file, azattest__json_name(one));
    azattest__json_free(properties);
    azattest__json_free(issued);
    azattest__json_free(wanted);
    azattest_policy_evaluation_free(evaluation);
}

/* The text is known, and says of the token's claims what the token says. */
static const azattest_policy *judge_token(const char *file, const char *text, azattest__json **body,
                                          azattest_claim_set **claims)
{
    azattest_error *error = NULL;
    azattest_token *token = NULL;
    const azattest_policy *policy = NULL;

    *body = NULL;
    *claims = NULL;
    assert_int_equal(azattest_token_parse(azattest__text(text), &token, NULL), AZATTEST_OK);
    if (azattest_token_body_bytes(token).len > 0)
        *body = parse(azattest_token_body_bytes(token));
    if (azattest__json_get(*body, "x-ms-attestation-type") != NULL) {
        policy = policy_of(token);
        *(policy == NULL ? &tokens_unknown : &tokens_known) += 1;
        if (azattest_claim_set_from_token(token, NULL, claims, &error) != AZATTEST_OK)
            fail_msg("%s: %s", file, azattest_error_message(error));
    }
    if (policy != NULL)
        compare(file, "claims of the token", policy, *claims, *body);
    azattest_token_free(token);
    return policy;
}

static void judge_file(const char *name)
{
    azattest_claim_set *claims;
    azattest__json *body;
    char *text;
    size_t len;

    if (strstr(name, "/neg-") != NULL) /* made of the others, by changing them */
        return;
    text = (char *)evidence_read(name, &len);
    while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r'))
        text[--len] = '\0';
    (void)judge_token(name, text, &body, &claims);
    azattest_claim_set_free(claims);
    azattest__json_free(body);
    free(text);
}

/* ---- recorded conversations ---- */

static azattest__buf decoded(const char *text)
{
    azattest__buf bytes;

    azattest__buf_init(&bytes, 1024u * 1024u);
    if (text != NULL)
        assert_true(azattest__base64_any_decode(azattest__text(text), &bytes));
    return bytes;
}

/* The claims of the evidence that was posted. */
static azattest_claim_set *claims_of_request(const char *file, const azattest__json *entry)
{
    const azattest__json *request = azattest__json_get(entry, "RequestBody"),
                         *data = azattest__json_get(request, "runtimeData");
    bool report = strstr(azattest__json_get_string(entry, "RequestUri"), "/OpenEnclave") != NULL;
    azattest__buf bytes = decoded(azattest__json_get_string(request, report ? "report" : "quote")),
                  runtime = decoded(azattest__json_get_string(data, "data"));
    const char *type = azattest__json_get_string(data, "dataType");
    azattest_claims_options options = AZATTEST_CLAIMS_OPTIONS_INIT;
    azattest_evidence *evidence = NULL;
    azattest_claim_set *claims = NULL;
    azattest_error *error = NULL;

    options.attestation_type = report ? "OpenEnclave" : "SgxEnclave";
    if (type != NULL)
        *(strcmp(type, "JSON") == 0 ? &options.runtime_json : &options.runtime_data) = azattest__buf_bytes(&runtime);
    assert_int_equal(azattest_evidence_parse(azattest__buf_bytes(&bytes), &evidence, NULL), AZATTEST_OK);
    if (azattest_claim_set_from_evidence(evidence, &options, &claims, &error) != AZATTEST_OK)
        fail_msg("%s: %s", file, azattest_error_message(error));
    azattest_evidence_free(evidence);
    azattest__buf_free(&runtime);
    azattest__buf_free(&bytes);
    return claims;
}

static const azattest__json *find_claim(const azattest__json *list, const azattest__json *wanted)
{
    for (const azattest__json *one = azattest__json_first(list); one != NULL; one = azattest__json_next(one))
        if (azattest__json_equal(one, wanted))
            return one;
    return NULL;
}

/* Token and evidence give the same claims: but for the collateral, which the service alone knows, and the policy's
 * hash.
 */
static void compare_sources(const char *file, const azattest_claim_set *of_token, const azattest_claim_set *of_evidence)
{
    azattest__json *theirs = parse(azattest_claim_set_json(of_token)),
                   *ours = parse(azattest_claim_set_json(of_evidence));

    assert_int_equal(azattest__json_count(ours) + 1, azattest__json_count(theirs));
    for (const azattest__json *one = azattest__json_first(theirs); one != NULL; one = azattest__json_next(one)) {
        const char *type = azattest__json_get_string(one, "type");

        if (strstr(type, "collateral") == NULL && strcmp(type, "x-ms-policy-hash") != 0 &&
            find_claim(ours, one) == NULL)
            fail_msg("%s: the evidence does not give the token's claim %s", file, type);
    }
    azattest__json_free(ours);
    azattest__json_free(theirs);
}

/* The default policies of enclaves of all years issue the same; those of 2020 by the claims' first names. */
static void judge_other_defaults(const char *file, const azattest_claim_set *claims, const azattest__json *body)
{
    const char *hash = azattest__json_get_string(body, "x-ms-policy-hash");
    size_t count, defaults = 0;
    const azattest__known_policy *known = azattest__known_policies(&count);

    if (hash == NULL || strcmp(hash, known[0].hash) != 0)
        return;
    for (size_t i = 0; i < count; i++) {
        azattest_policy *policy = NULL;

        if (known[i].types[0] == NULL || strcmp(known[i].types[0], "SgxEnclave") != 0)
            continue;
        assert_int_equal(azattest_policy_parse(azattest__text(known[i].text), NULL, &policy, NULL), AZATTEST_OK);
        compare(file, known[i].name, policy, claims, body);
        azattest_policy_free(policy);
        defaults++;
    }
    assert_int_equal(defaults, 5);
}

/* A draft that the service refused is refused here. */
static void judge_refusal(const char *file, const azattest__json *entry)
{
    const char *draft =
                   azattest__json_get_string(azattest__json_get(entry, "RequestBody"), "draftPolicyForAttestation"),
               *code = azattest__json_get_string(azattest__json_get(azattest__json_get(entry, "ResponseBody"), "error"),
                                                 "code");
    azattest_policy_evaluation *evaluation = NULL;
    azattest_claim_set *claims;
    azattest_policy *policy = NULL;

    if (draft == NULL || code == NULL || strcmp(code, "PolicyEvaluationError") != 0)
        return;
    claims = claims_of_request(file, entry);
    assert_int_equal(azattest_policy_parse(azattest__text(draft), NULL, &policy, NULL), AZATTEST_OK);
    assert_int_equal(azattest_policy_evaluate(policy, claims, NULL, &evaluation, NULL), AZATTEST_OK);
    assert_false(azattest_policy_evaluation_is_permitted(evaluation));
    refusals_known++;
    azattest_policy_evaluation_free(evaluation);
    azattest_policy_free(policy);
    azattest_claim_set_free(claims);
}

static void judge_entry(const char *file, const azattest__json *entry)
{
    const char *token = azattest__json_get_string(azattest__json_get(entry, "ResponseBody"), "token");
    azattest_claim_set *of_token = NULL, *of_evidence = NULL;
    const azattest_policy *policy;
    azattest__json *body = NULL;

    if (strstr(azattest__json_get_string(entry, "RequestUri"), "/attest/") == NULL)
        return;
    if (token == NULL) {
        judge_refusal(file, entry);
        return;
    }
    policy = judge_token(file, token, &body, &of_token);
    if (policy != NULL && azattest__json_is_object(azattest__json_get(entry, "RequestBody"))) {
        of_evidence = claims_of_request(file, entry);
        compare_sources(file, of_token, of_evidence);
        compare(file, "claims of the evidence", policy, of_evidence, body);
        judge_other_defaults(file, of_evidence, body);
        judge_other_defaults(file, of_token, body);
        evidence_known++;
    }
    azattest_claim_set_free(of_evidence);
    azattest_claim_set_free(of_token);
    azattest__json_free(body);
}

/* The older form of recordings has no bodies of requests, and answers as text. */
static void judge_older_entry(const char *file, const azattest__json *record)
{
    const char *text = azattest__json_get_string(azattest__json_get(record, "Response"), "BODY");
    azattest__json *answer = NULL, *body = NULL;
    azattest_claim_set *claims = NULL;

    if (strstr(azattest__json_get_string(record, "Url"), "/attest/") == NULL)
        return;
    answer = parse(azattest__text(text));
    (void)judge_token(file, azattest__json_get_string(answer, "token"), &body, &claims);
    azattest_claim_set_free(claims);
    azattest__json_free(body);
    azattest__json_free(answer);
}

static void judge_recording(const char *name)
{
    size_t len;
    unsigned char *text = evidence_read(name, &len);
    azattest__json *document = parse(azattest__bytes(text, len));

    for (const azattest__json *entry = azattest__json_first(azattest__json_get(document, "Entries")); entry != NULL;
         entry = azattest__json_next(entry))
        judge_entry(name, entry);
    for (const azattest__json *record = azattest__json_first(azattest__json_get(document, "networkCallRecords"));
         record != NULL; record = azattest__json_next(record))
        judge_older_entry(name, record);
    azattest__json_free(document);
    free(text);
}

static void known_policies_give_what_their_tokens_have(void **state)
{
    (void)state;
    EVIDENCE_OR_SKIP();
    gather_texts();
    for_each_file("maa-tokens", ".jwt", judge_file);
    for_each_file("recordings", ".json", judge_recording);
    print_message(
        "%zu tokens and %zu pieces of evidence with a known policy, %zu tokens with an unknown one, %zu refusals\n",
        tokens_known, evidence_known, tokens_unknown, refusals_known);
    assert_true(tokens_known >= TOKENS_WITH_A_KNOWN_POLICY);
    assert_true(evidence_known >= EVIDENCE_WITH_A_KNOWN_POLICY);
    assert_true(refusals_known >= REFUSALS_WITH_A_KNOWN_POLICY);
    for (size_t i = 0; i < policy_count; i++)
        azattest_policy_free(policies[i]);
}

int main(void)
{
    static const struct CMUnitTest tests[] = { cmocka_unit_test(known_policies_give_what_their_tokens_have) };

    return cmocka_run_group_tests_name("policy_tokens", tests, NULL, NULL);
}
