/* The local service's own enclave: its signing certificates carry a report of it, which clients ask for. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <azattest/azattest.h>
#include <azattest/collateral_cache.h>
#include <azattest/transport.h>

#include "base/encoding.h"
#include "emulator/enclave.h"
#include "emulator/running.h"
#include "service_bench.h"

/* ---- on the bench ---- */

static azattest_appraisal *appraisal_of(const char *replaced, const char *more)
{
    azattest__json *wanted = azattest__json_new_object();
    azattest_appraisal *appraisal = NULL;
    azattest_error *error = NULL;
    azattest__buf text;
    char *at;

    azattest__buf_init(&text, 4096);
    assert_int_equal(azattest__enclave_appraisal(wanted, NULL), AZATTEST_OK);
    assert_int_equal(azattest__json_print(wanted, false, &text, NULL), AZATTEST_OK);
    if (replaced != NULL) { /* the first digit of that member's value */
        at = strstr((char *)text.ptr, replaced) + strlen(replaced) + 3;
        *at = *at == '0' ? '1' : '0';
    }
    text.len--; /* } */
    azattest__buf_append_text(&text, more);
    azattest__buf_append_text(&text, "}");
    if (azattest_appraisal_parse(azattest__buf_bytes(&text), &appraisal, &error) != AZATTEST_OK)
        fail_msg("%s", azattest_error_message(error));
    azattest__buf_free(&text);
    azattest__json_free(wanted);
    return appraisal;
}

static azattest_collateral *collateral_of(const azattest_simulated_platform *platform)
{
    azattest_collateral *collateral;
    unsigned char *json;
    size_t len;

    assert_int_equal(azattest_simulator_collateral(world.simulator, platform, "sgx", &json, &len, NULL), AZATTEST_OK);
    assert_int_equal(azattest_collateral_new(&collateral, NULL), AZATTEST_OK);
    assert_int_equal(azattest_collateral_add(collateral, azattest__bytes(json, len), NULL), AZATTEST_OK);
    azattest_simulator_free_bytes(json);
    return collateral;
}

static azattest__service *make_service(azattest__service_enclave *enclave)
{
    azattest__service_options options = { .endpoint = ENDPOINT,
                                          .signing_key = world.key,
                                          .clock = service_clock(),
                                          .extra_roots = azattest_simulator_root_pem(world.simulator),
                                          .certify = enclave == NULL ? NULL : azattest__enclave_certify,
                                          .certify_user = enclave };
    azattest__service *service;
    azattest_error *error = NULL;

    if (azattest__service_new(&options, &service, &error) != AZATTEST_OK)
        fail_msg("%s", azattest_error_message(error));
    return service;
}

static void ask_of(azattest__service *service, const char *method, const char *target, const char *body,
                   azattest__service_answer *answer)
{
    azattest__service_request request = { .method = method, .target = target, .body = azattest__text(body) };

    azattest__service_handle(service, &request, answer);
    if (answer->status != 200)
        fail_msg("%d: %s", answer->status, (const char *)answer->body.ptr);
}

static azattest_signers *signers_of(azattest__service *service)
{
    azattest__service_answer answer;
    azattest_signers *signers = NULL;

    ask_of(service, "GET", "/certs", "", &answer);
    assert_int_equal(azattest_signers_parse(azattest__buf_bytes(&answer.body), &signers, NULL), AZATTEST_OK);
    azattest__service_answer_clear(&answer);
    return signers;
}

static azattest_token *token_of(azattest__service *service)
{
    azattest__service_answer answer;
    azattest_token *token = NULL;
    azattest__json *document;
    char *body = expand("{" QUOTE "}");

    ask_of(service, "POST", SGX, body, &answer);
    document = parse(azattest__buf_bytes(&answer.body));
    assert_int_equal(azattest_token_parse(azattest__text(azattest__json_get_string(document, "token")), &token, NULL),
                     AZATTEST_OK);
    azattest__json_free(document);
    azattest__service_answer_clear(&answer);
    free(body);
    return token;
}

/* With everything that the option takes. */
static azattest_status validate(azattest_token *token, const azattest_signers *signers,
                                const azattest_appraisal *appraisal, const azattest_collateral *collateral,
                                bool with_root, azattest_error **error)
{
    azattest_validation_options options = AZATTEST_VALIDATION_OPTIONS_INIT;
    const char *issuer = ENDPOINT;

    options.signers = signers;
    options.issuers = &issuer;
    options.issuer_count = 1;
    options.now_ms = world.now_s * 1000;
    options.verify_service_evidence = AZATTEST_ON;
    options.service_appraisal = appraisal;
    options.service_collateral = collateral;
    if (with_root)
        options.service_roots = azattest_simulator_root_pem(world.simulator);
    return azattest_token_validate(token, &options, error);
}

static const struct enclave_case {
    const char *name;
    bool no_report, debug, no_collateral, no_root;
    uint64_t faults;
    const char *replaced, *more; /* of the appraisal */
    const char *message;         /* NULL: the token is valid */
} cases[] = {
    { .name = "the service's enclave is accepted" },
    { .name = "another MRSIGNER is pinned", .replaced = "mr_signer", .message = "appraisal.mr_signer" },
    { .name = "another MRENCLAVE is pinned", .replaced = "mr_enclave", .message = "appraisal.mr_enclave" },
    { .name = "a DEBUG enclave is refused", .debug = true, .message = "appraisal.allow_debug" },
    { .name = "a DEBUG enclave is accepted where the appraisal says so",
      .debug = true,
      .more = ",\"allow_debug\":true" },
    { .name = "a certificate without report is refused", .no_report = true, .message = "no evidence" },
    { .name = "a report that binds another key is refused",
      .faults = AZATTEST_SIMULATED_BIT(CERTIFICATE_KEY),
      .message = "key_binding" },
    { .name = "a revoked machine is refused",
      .faults = AZATTEST_SIMULATED_BIT(REVOKED_PCK),
      .message = "pck_revocation" },
    { .name = "without collateral too much is left out",
      .no_collateral = true,
      .message = "appraisal.allow_not_checked" },
    { .name = "without collateral it is accepted where the appraisal says so",
      .no_collateral = true,
      .more = ",\"allow_not_checked\":[\"tcb\",\"revocation\",\"qe_identity\"]" },
    { .name = "nobody trusts the simulator's root unasked", .no_root = true, .message = "pck_root" },
};

static void the_enclave_is_judged(void **state)
{
    const struct enclave_case *test = *state;
    azattest_simulated_platform platform = AZATTEST_SIMULATED_PLATFORM_INIT;
    azattest__service_enclave enclave = { .simulator = world.simulator,
                                          .platform = &platform,
                                          .debug = test->debug ? AZATTEST_ON : AZATTEST_DEFAULT };
    azattest_appraisal *appraisal = appraisal_of(test->replaced, test->more == NULL ? "" : test->more);
    azattest_collateral *collateral;
    azattest__service *service;
    azattest_signers *signers;
    azattest_error *error = NULL;
    azattest_token *token;
    azattest_status status;

    platform.faults = test->faults;
    service = make_service(test->no_report ? NULL : &enclave);
    collateral = test->no_collateral ? NULL : collateral_of(&platform);
    signers = signers_of(service);
    token = token_of(service);
    status = validate(token, signers, appraisal, collateral, !test->no_root, &error);
    if (test->message == NULL && status != AZATTEST_OK)
        fail_msg("%s", azattest_error_message(error));
    if (test->message != NULL &&
        (status != AZATTEST_E_TOKEN_SERVICE_EVIDENCE || strstr(azattest_error_message(error), test->message) == NULL))
        fail_msg("%s: %s", azattest_status_name(status), error == NULL ? "" : azattest_error_message(error));
    azattest_error_free(error);
    azattest_token_free(token);
    azattest_signers_free(signers);
    azattest_collateral_free(collateral);
    azattest_appraisal_free(appraisal);
    azattest__service_free(service);
}

/* The key's name is what the report in its certificate binds: SHA-256 of the PEM text and its NUL. */
static void names_what_the_report_binds(const azattest_signer *signer)
{
    azattest_evidence *evidence = NULL;
    azattest_error *error = NULL;
    azattest__buf text;
    size_t zeros = 32;

    azattest__buf_init(&text, 128);
    if (azattest_evidence_parse(azattest_signer_certificate_der(signer, 0), &evidence, &error) != AZATTEST_OK)
        fail_msg("%s", azattest_error_message(error));
    assert_string_equal(azattest_evidence_kind(evidence), "attested_certificate");
    azattest__base64_encode(azattest__bytes(azattest_evidence_report_data(evidence).ptr, 32), &text);
    assert_string_equal((const char *)text.ptr, azattest_signer_key_id(signer));
    while (zeros < 64 && ((const unsigned char *)azattest_evidence_report_data(evidence).ptr)[zeros] == 0)
        zeros++;
    assert_int_equal(zeros, 64);
    azattest__buf_free(&text);
    azattest_evidence_free(evidence);
}

static void every_rotated_key_has_a_report_of_its_own(void **state)
{
    azattest__service_enclave enclave = { .simulator = world.simulator };
    azattest_appraisal *appraisal = appraisal_of(NULL, "");
    azattest_collateral *collateral = collateral_of(NULL);
    azattest__service *service = make_service(&enclave);
    azattest_token *before = token_of(service), *after;
    azattest_signers *signers;
    azattest_error *error = NULL;

    (void)state;
    assert_int_equal(azattest__service_rotate_key(service, NULL), AZATTEST_OK);
    after = token_of(service);
    signers = signers_of(service);
    assert_int_equal(azattest_signers_count(signers), 2);
    assert_string_not_equal(azattest_signer_key_id(azattest_signers_at(signers, 0)),
                            azattest_signer_key_id(azattest_signers_at(signers, 1)));
    for (size_t i = 0; i < 2; i++)
        names_what_the_report_binds(azattest_signers_at(signers, i));
    assert_int_equal(validate(before, signers, appraisal, collateral, true, &error), AZATTEST_OK);
    assert_int_equal(validate(after, signers, appraisal, collateral, true, &error), AZATTEST_OK);
    azattest_signers_free(signers);
    azattest_token_free(before);
    azattest_token_free(after);
    azattest_collateral_free(collateral);
    azattest_appraisal_free(appraisal);
    azattest__service_free(service);
}

/* ---- running ---- */

typedef struct run {
    azattest__running_settings settings;
    azattest__running *running;
    azattest__json *ready;
    azattest_transport *transport;
} run;

static void start(run *it, const char *folder)
{
    azattest_curl_options curl = AZATTEST_CURL_OPTIONS_INIT;
    azattest_error *error = NULL;

    it->settings = (azattest__running_settings){ .listen = "127.0.0.1:0", .state = folder };
    assert_int_equal(azattest__faults_new(&it->settings.faults, NULL), AZATTEST_OK);
    if (azattest__running_start(&it->settings, &it->running, &error) != AZATTEST_OK)
        fail_msg("%s", azattest_error_message(error));
    it->ready = azattest__json_new_object();
    azattest__running_describe(it->running, it->ready);
    curl.ca_file = azattest__json_get_string(it->ready, "ca_file");
    assert_int_equal(azattest_curl_transport_new(&curl, &it->transport, NULL), AZATTEST_OK);
}

static void stop(run *it)
{
    azattest_transport_free(it->transport);
    azattest__json_free(it->ready);
    azattest__running_stop(it->running);
    azattest__faults_free(it->settings.faults);
}

/* A file that the ready line names. For free(). */
static char *file_of(const run *it, const char *member)
{
    FILE *file = fopen(azattest__json_get_string(it->ready, member), "rb");
    char *text = calloc(1, 65536);

    assert_non_null(file);
    assert_non_null(text);
    assert_true(fread(text, 1, 65535, file) > 0);
    fclose(file);
    return text;
}

static azattest_signers *fetch_signers(const run *it)
{
    azattest_client_options options = AZATTEST_CLIENT_OPTIONS_INIT;
    azattest_client *client;
    azattest_signers *signers = NULL;

    options.retry_total = -1;
    assert_int_equal(azattest_client_new(azattest__json_get_string(it->ready, "endpoint"), &options, &client, NULL),
                     AZATTEST_OK);
    assert_int_equal(azattest_client_get_signing_certificates(client, it->transport, &signers, NULL), AZATTEST_OK);
    azattest_client_free(client);
    return signers;
}

/* From the service itself, as the real one's comes from Intel. */
static azattest_collateral *fetch_collateral(const run *it, azattest_bytes certificate)
{
    azattest_collateral_options options = AZATTEST_COLLATERAL_OPTIONS_INIT;
    azattest_collateral *collateral = NULL;
    azattest_evidence *evidence;
    azattest_error *error = NULL;

    options.source = "intel";
    options.endpoint = azattest__json_get_string(it->ready, "endpoint");
    assert_int_equal(azattest_evidence_parse(certificate, &evidence, NULL), AZATTEST_OK);
    if (azattest_fetch_collateral(it->transport, NULL, evidence, &options, &collateral, &error) != AZATTEST_OK)
        fail_msg("%s", azattest_error_message(error));
    azattest_evidence_free(evidence);
    return collateral;
}

static azattest_status attest_with(const run *it, const azattest_validation_options *validation, azattest_error **error)
{
    azattest_client_options options = AZATTEST_CLIENT_OPTIONS_INIT;
    azattest_attest_options attest_options = AZATTEST_ATTEST_OPTIONS_INIT;
    azattest_simulated_enclave enclave = AZATTEST_SIMULATED_ENCLAVE_INIT;
    azattest_response *response = NULL;
    azattest_simulator *simulator;
    azattest_client *client;
    azattest_status status;
    unsigned char *quote;
    size_t len;

    assert_int_equal(azattest_simulator_open(azattest__json_get_string(it->ready, "state"), &simulator, NULL),
                     AZATTEST_OK);
    enclave.runtime_data = attest_options.runtime_data = azattest__text("data");
    assert_int_equal(azattest_simulator_sgx_quote(simulator, &enclave, &quote, &len, NULL), AZATTEST_OK);
    options.validation = validation;
    options.retry_total = -1;
    assert_int_equal(azattest_client_new(azattest__json_get_string(it->ready, "endpoint"), &options, &client, NULL),
                     AZATTEST_OK);
    status = azattest_client_attest_sgx_enclave(client, it->transport, azattest__bytes(quote, len), &attest_options,
                                                &response, error);
    assert_int_equal(response != NULL, status == AZATTEST_OK);
    azattest_response_free(response);
    azattest_client_free(client);
    azattest_simulator_free_bytes(quote);
    azattest_simulator_free(simulator);
    return status;
}

/* What the ready line names is all that a client needs. */
static void a_client_verifies_the_running_service(void **state)
{
    azattest_validation_options validation = AZATTEST_VALIDATION_OPTIONS_INIT;
    azattest_appraisal *appraisal = NULL, *other = appraisal_of("mr_signer", "");
    azattest_collateral *collateral;
    azattest_signers *signers;
    azattest_error *error = NULL;
    char *rules, *root;
    run it;

    (void)state;
    start(&it, NULL);
    rules = file_of(&it, "service_appraisal");
    root = file_of(&it, "simulator_root");
    assert_int_equal(azattest_appraisal_parse(azattest__text(rules), &appraisal, NULL), AZATTEST_OK);
    signers = fetch_signers(&it);
    collateral = fetch_collateral(&it, azattest_signer_certificate_der(azattest_signers_at(signers, 0), 0));
    validation.verify_service_evidence = AZATTEST_ON;
    validation.service_appraisal = appraisal;
    validation.service_collateral = collateral;
    validation.service_roots = azattest__text(root);
    if (attest_with(&it, &validation, &error) != AZATTEST_OK)
        fail_msg("%s", azattest_error_message(error));
    validation.service_appraisal = other;
    assert_int_equal(attest_with(&it, &validation, &error), AZATTEST_E_TOKEN_SERVICE_EVIDENCE);
    assert_non_null(strstr(azattest_error_message(error), "appraisal.mr_signer"));
    azattest_error_free(error);
    azattest_collateral_free(collateral);
    azattest_appraisal_free(appraisal);
    azattest_appraisal_free(other);
    azattest_signers_free(signers);
    free(rules);
    free(root);
    stop(&it);
}

/* A folder of an older version has the key, and nothing that this one wrote beside it. */
static void a_folder_of_an_older_version_goes_on(void **state)
{
    char folder[] = "/tmp/azattest-enclave-XXXXXX", *path = NULL, *command = NULL, *key_id;
    azattest_signers *signers;
    run it;

    (void)state;
    assert_non_null(mkdtemp(folder));
    start(&it, folder);
    signers = fetch_signers(&it);
    key_id = strdup(azattest_signer_key_id(azattest_signers_at(signers, 0)));
    azattest_signers_free(signers);
    stop(&it);
    assert_true(asprintf(&path, "%s/service-appraisal.json", folder) > 0);
    assert_int_equal(unlink(path), 0);
    start(&it, folder);
    signers = fetch_signers(&it);
    assert_string_equal(azattest_signer_key_id(azattest_signers_at(signers, 0)), key_id);
    names_what_the_report_binds(azattest_signers_at(signers, 0));
    azattest_signers_free(signers);
    stop(&it);
    assert_int_equal(access(path, R_OK), 0);
    assert_true(asprintf(&command, "rm -r %s", folder) > 0);
    assert_int_equal(system(command), 0);
    free(command);
    free(path);
    free(key_id);
}

int main(void)
{
    struct CMUnitTest tests[20];
    size_t count = 0;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        tests[count++] =
            (struct CMUnitTest){ cases[i].name, the_enclave_is_judged, NULL, NULL, (void *)(uintptr_t)&cases[i] };
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(every_rotated_key_has_a_report_of_its_own);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(a_client_verifies_the_running_service);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(a_folder_of_an_older_version_goes_on);
    return _cmocka_run_group_tests("service_enclave", tests, count, service_setup, service_teardown);
}
