/* Collateral over TLS from the whole local service: every kind of driver, and what --fault and --collateral do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ftw.h>
#include <sys/stat.h>

#include <azattest/collateral_cache.h>
#include <azattest/multi.h>
#include <azattest/simulator.h>

#include "emulator/running.h"
#include "expect.h"

static struct instance {
    azattest__running_settings settings;
    azattest__running *running;
    azattest__json *ready;
    const char *endpoint, *imds_endpoint;
    azattest_simulator *simulator;
    azattest_curl_options curl;
    azattest_transport *transport;
    unsigned char *roots;
    size_t roots_len;
} instance;

/* One state for all: AMD-like keys take seconds to make. */
static char state_folder[] = "/tmp/azattest-sockets-XXXXXX";

static void start(const char *fault, const azattest_simulated_platform *platform)
{
    azattest_error *error = NULL;

    memset(&instance, 0, sizeof(instance));
    instance.settings =
        (azattest__running_settings){ .listen = "127.0.0.1:0", .state = state_folder, .platform = platform };
    expect(azattest__faults_new(&instance.settings.faults, &error), &error, AZATTEST_OK, "");
    if (fault != NULL)
        expect(azattest__faults_add(instance.settings.faults, fault, &error), &error, AZATTEST_OK, "");
    expect(azattest__running_start(&instance.settings, &instance.running, &error), &error, AZATTEST_OK, "");
    instance.ready = azattest__json_new_object();
    azattest__running_describe(instance.running, instance.ready);
    instance.endpoint = azattest__json_get_string(instance.ready, "endpoint");
    instance.imds_endpoint = azattest__json_get_string(instance.ready, "imds_endpoint");
    instance.curl = (azattest_curl_options)AZATTEST_CURL_OPTIONS_INIT;
    instance.curl.ca_file = azattest__json_get_string(instance.ready, "ca_file");
    expect(azattest_curl_transport_new(&instance.curl, &instance.transport, &error), &error, AZATTEST_OK, "");
    expect(azattest_simulator_open(azattest__json_get_string(instance.ready, "state"), &instance.simulator, &error),
           &error, AZATTEST_OK, "");
    expect(azattest_simulator_roots_pem(instance.simulator, &instance.roots, &instance.roots_len, &error), &error,
           AZATTEST_OK, "");
}

static void stop(void)
{
    azattest_simulator_free_bytes(instance.roots);
    azattest_simulator_free(instance.simulator);
    azattest_transport_free(instance.transport);
    azattest__json_free(instance.ready);
    azattest__running_stop(instance.running);
    azattest__faults_free(instance.settings.faults);
}

static azattest_evidence *evidence_of(const char *kind)
{
    azattest_evidence *evidence = NULL;
    azattest_error *error = NULL;
    azattest_status status;
    unsigned char *bytes = NULL;
    size_t len = 0;

    if (strcmp(kind, "sgx") == 0)
        status = azattest_simulator_sgx_quote(instance.simulator, NULL, &bytes, &len, &error);
    else if (strcmp(kind, "tdx") == 0)
        status = azattest_simulator_tdx_quote(instance.simulator, NULL, &bytes, &len, &error);
    else
        status = azattest_simulator_snp_report(instance.simulator, NULL, &bytes, &len, &error);
    expect(status, &error, AZATTEST_OK, "");
    expect(azattest_evidence_parse(azattest__bytes(bytes, len), &evidence, &error), &error, AZATTEST_OK, "");
    azattest_simulator_free_bytes(bytes);
    return evidence;
}

static azattest_verification_result *verify(const azattest_evidence *evidence, const azattest_collateral *set)
{
    azattest_verify_options options = AZATTEST_VERIFY_OPTIONS_INIT;
    azattest_verification_result *verdict = NULL;
    azattest_error *error = NULL;

    options.collateral = set;
    options.extra_roots = azattest__bytes(instance.roots, instance.roots_len);
    expect(azattest_evidence_verify(evidence, &options, &verdict, &error), &error, AZATTEST_OK, "");
    return verdict;
}

static const struct source_case {
    const char *name, *evidence, *source;
    bool from_vm;
    bool complete; /* Azure's caches have no revocation list of AMD's */
} sources[] = {
    { "SGX, as at Intel", "sgx", "intel", false, true },
    { "SGX, as at a caching service", "sgx", "pccs", false, true },
    { "SGX, as at Azure's cache", "sgx", "azure", false, true },
    { "SGX, as in a VM of Azure", "sgx", "azure_vm", true, true },
    { "TDX, as at Intel", "tdx", "intel", false, true },
    { "TDX, as at a caching service", "tdx", "pccs", false, true },
    { "TDX, as at Azure's cache", "tdx", "azure", false, true },
    { "TDX, as in a VM of Azure", "tdx", "azure_vm", true, true },
    { "SEV-SNP, as at AMD", "snp", "amd", false, true },
    { "SEV-SNP, as at Azure's cache", "snp", "azure", false, false },
    { "SEV-SNP, as in a VM of Azure", "snp", "azure_vm", true, false },
};

static void every_source(void **state)
{
    (void)state;
    start(NULL, NULL);
    for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
        const struct source_case *c = &sources[i];
        azattest_collateral_options options = AZATTEST_COLLATERAL_OPTIONS_INIT;
        azattest_evidence *evidence = evidence_of(c->evidence);
        azattest_verification_result *verdict;
        azattest_collateral *set = NULL;
        azattest_error *error = NULL;

        options.source = c->source;
        options.endpoint = c->from_vm ? instance.imds_endpoint : instance.endpoint;
        if (azattest_fetch_collateral(instance.transport, NULL, evidence, &options, &set, &error) != AZATTEST_OK)
            fail_msg("%s: %s", c->name, azattest_error_message(error));
        verdict = verify(evidence, set);
        if (!azattest_verification_result_is_valid(verdict) ||
            azattest_verification_result_is_complete(verdict) != c->complete)
            fail_msg("%s: %.*s", c->name, (int)azattest_verification_result_json(verdict).len,
                     (const char *)azattest_verification_result_json(verdict).ptr);
        azattest_verification_result_free(verdict);
        azattest_collateral_free(set);
        azattest_evidence_free(evidence);
    }
    stop();
}

static void many_at_once_over_the_multi_driver(void **state)
{
    azattest_evidence *evidence[3];
    azattest_multi *multi = NULL;
    azattest_error *error = NULL;
    azattest_multi_event event = { .size = sizeof(event) };
    size_t done = 0;

    (void)state;
    start("collateral:%5=503", NULL);
    evidence[0] = evidence_of("sgx");
    evidence[1] = evidence_of("tdx");
    evidence[2] = evidence_of("snp");
    expect(azattest_multi_new(&instance.curl, &multi, &error), &error, AZATTEST_OK, "");
    for (size_t i = 0; i < 12; i++) {
        azattest_collateral_options options = AZATTEST_COLLATERAL_OPTIONS_INIT;
        azattest_client_options client = AZATTEST_CLIENT_OPTIONS_INIT;
        azattest_op *op = NULL;

        client.retry_delay_ms = 1;
        options.client = &client;
        options.endpoint = instance.endpoint;
        expect(azattest_collateral_fetch_begin(&options, evidence[i % 3], &op, &error), &error, AZATTEST_OK, "");
        expect(azattest_multi_add(multi, op, evidence[i % 3], &error), &error, AZATTEST_OK, "");
    }
    while (azattest_multi_count(multi) > 0) {
        expect(azattest_multi_poll(multi, -1, &error), &error, AZATTEST_OK, "");
        while (azattest_multi_next(multi, &event)) {
            azattest_collateral *set = azattest_op_take_collateral(event.op);
            azattest_verification_result *verdict;

            if (event.need != AZATTEST_NEED_DONE)
                fail_msg("%s", azattest_error_message(azattest_op_error(event.op)));
            verdict = verify(event.user, set);
            assert_true(azattest_verification_result_is_complete(verdict));
            azattest_verification_result_free(verdict);
            azattest_collateral_free(set);
            azattest_op_free(event.op);
            done++;
        }
    }
    assert_int_equal(done, 12);
    azattest_multi_free(multi);
    for (size_t i = 0; i < 3; i++)
        azattest_evidence_free(evidence[i]);
    stop();
}

static const struct fault_case {
    const char *name, *fault;
    azattest_status status;
} faults[] = {
    { "one failure is made good", "collateral:2=503", AZATTEST_OK },
    { "a reset is made good", "collateral:1=reset", AZATTEST_OK },
    { "half an answer is made good", "collateral:3=cut", AZATTEST_OK },
    { "throttling is waited for", "collateral:1=429;retry-after-ms=5", AZATTEST_OK },
    { "an answer that comes slowly", "collateral:drip;bytes=500;ms=0", AZATTEST_OK },
    { "a refusal is none", "collateral:2=404", AZATTEST_E_HTTP },
    { "half of every answer", "collateral:cut", AZATTEST_E_RESPONSE },
    { "another group", "certs:503", AZATTEST_OK },
    { "a stranger's certificate", "wrong-certificate", AZATTEST_E_TRANSPORT },
};

static void faults_of_the_service(void **state)
{
    const struct fault_case *c = *state;
    azattest_collateral_options options = AZATTEST_COLLATERAL_OPTIONS_INIT;
    azattest_client_options client = AZATTEST_CLIENT_OPTIONS_INIT;
    azattest_collateral *set = NULL;
    azattest_error *error = NULL;
    azattest_evidence *evidence;

    start(c->fault, NULL);
    evidence = evidence_of("sgx");
    client.retry_delay_ms = 1;
    options.client = &client;
    options.endpoint = instance.endpoint;
    expect(azattest_fetch_collateral(instance.transport, NULL, evidence, &options, &set, &error), &error, c->status,
           "");
    azattest_collateral_free(set);
    azattest_evidence_free(evidence);
    stop();
}

#define PLATFORM(...)                                                                                                  \
    {                                                                                                                  \
        .size = sizeof(azattest_simulated_platform), __VA_ARGS__                                                       \
    }

static const struct state_case {
    const char *name, *evidence, *failed; /* the check that refuses */
    azattest_simulated_platform platform;
} states[] = {
    { "a revoked authority", "sgx", "ca_revocation", PLATFORM(.faults = AZATTEST_SIMULATED_BIT(REVOKED_PCK_CA)) },
    { "a status", "tdx", "tcb_status", PLATFORM(.tcb_status = "OutOfDate") },
    { "an end that is over", "sgx", "collateral_validity", PLATFORM(.until_ms = INT64_C(1577836800000)) },
    { "two at once", "sgx", "tcb_status", PLATFORM(.tcb_status = "SWHardeningNeeded", .qe_status = "Revoked") },
    { "a revoked signer of AMD's", "snp", "vcek_revocation", PLATFORM(.faults = AZATTEST_SIMULATED_BIT(REVOKED_ASK)) },
};

static void states_of_the_collateral(void **state)
{
    const struct state_case *c = *state;
    azattest_collateral_options options = AZATTEST_COLLATERAL_OPTIONS_INIT;
    azattest_verification_result *verdict;
    azattest_collateral *set = NULL;
    azattest_error *error = NULL;
    azattest_evidence *evidence;
    bool found = false;

    start(NULL, &c->platform);
    evidence = evidence_of(c->evidence);
    options.endpoint = instance.endpoint;
    expect(azattest_fetch_collateral(instance.transport, NULL, evidence, &options, &set, &error), &error, AZATTEST_OK,
           "");
    verdict = verify(evidence, set);
    assert_false(azattest_verification_result_is_valid(verdict));
    for (size_t i = 0; i < azattest_verification_result_check_count(verdict); i++)
        found = found || (strcmp(azattest_verification_result_check_id(verdict, i), c->failed) == 0 &&
                          azattest_verification_result_check_ok(verdict, i) == 0);
    if (!found)
        fail_msg("%s is not what refuses: %.*s", c->failed, (int)azattest_verification_result_json(verdict).len,
                 (const char *)azattest_verification_result_json(verdict).ptr);
    azattest_verification_result_free(verdict);
    azattest_collateral_free(set);
    azattest_evidence_free(evidence);
    stop();
}

static int make_state(void **state)
{
    (void)state;
    return mkdtemp(state_folder) == NULL;
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *place)
{
    (void)info;
    (void)kind;
    (void)place;
    return remove(path);
}

static int remove_state(void **state)
{
    (void)state;
    return nftw(state_folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

#define TABLE(function, cases)                                                                                         \
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)                                                      \
        tests[count++] = (struct CMUnitTest)                                                                           \
        {                                                                                                              \
            cases[i].name, function, NULL, NULL, (void *)(uintptr_t)&cases[i]                                          \
        }
#define ONE(function) tests[count++] = (struct CMUnitTest)cmocka_unit_test(function)

int main(void)
{
    struct CMUnitTest tests[32];
    size_t count = 0;

    ONE(every_source);
    ONE(many_at_once_over_the_multi_driver);
    TABLE(faults_of_the_service, faults);
    TABLE(states_of_the_collateral, states);
    return _cmocka_run_group_tests("collateral_sockets", tests, count, make_state, remove_state);
}
