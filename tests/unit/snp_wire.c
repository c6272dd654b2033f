/* attest_sev_snp_vm from end to end: the C client, TLS, the local service with its verifier, and the comparison of the
 * token with the report that was sent. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <azattest/azattest.h>
#include <azattest/simulator.h>
#include <azattest/transport.h>

#include "base/encoding.h"
#include "emulator/running.h"

#define DATA "{\"keys\":[{\"kid\":\"HCLAkPub\"}]}"

static struct world {
    azattest__running_settings settings;
    azattest__running *running;
    azattest__json *ready;
    azattest_simulator *simulator;
    azattest_transport *transport;
    azattest_client *client;
    unsigned char *report;
    size_t report_len;
} world;

static int start(void **state)
{
    azattest_simulated_guest guest = AZATTEST_SIMULATED_GUEST_INIT;
    azattest_curl_options curl = AZATTEST_CURL_OPTIONS_INIT;
    azattest_client_options options = AZATTEST_CLIENT_OPTIONS_INIT;

    (void)state;
    signal(SIGPIPE, SIG_IGN);
    world.settings = (azattest__running_settings){ .listen = "127.0.0.1:0" };
    assert_int_equal(azattest__faults_new(&world.settings.faults, NULL), AZATTEST_OK);
    assert_int_equal(azattest__running_start(&world.settings, &world.running, NULL), AZATTEST_OK);
    world.ready = azattest__json_new_object();
    azattest__running_describe(world.running, world.ready);
    assert_int_equal(azattest_simulator_open(azattest__json_get_string(world.ready, "state"), &world.simulator, NULL),
                     AZATTEST_OK);
    guest.runtime_data = azattest__text(DATA);
    guest.vmpl = 1;
    assert_int_equal(azattest_simulator_snp_report(world.simulator, &guest, &world.report, &world.report_len, NULL),
                     AZATTEST_OK);
    curl.ca_file = azattest__json_get_string(world.ready, "ca_file");
    assert_int_equal(azattest_curl_transport_new(&curl, &world.transport, NULL), AZATTEST_OK);
    options.retry_total = 0;
    assert_int_equal(
        azattest_client_new(azattest__json_get_string(world.ready, "endpoint"), &options, &world.client, NULL),
        AZATTEST_OK);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    azattest_client_free(world.client);
    azattest_transport_free(world.transport);
    azattest_simulator_free_bytes(world.report);
    azattest_simulator_free(world.simulator);
    azattest__json_free(world.ready);
    azattest__running_stop(world.running);
    azattest__faults_free(world.settings.faults);
    return 0;
}

/* VCEK, ASK and ARK; for free(). */
static char *chain_of(const azattest_simulated_platform *platform)
{
    unsigned char *vcek;
    size_t len;
    char *issuers;
    azattest__buf pem;

    assert_int_equal(
        azattest_simulator_collateral_item(world.simulator, platform, "snp", "vcek", &vcek, &len, &issuers, NULL),
        AZATTEST_OK);
    azattest__buf_init(&pem, 1 << 20);
    azattest__pem_encode("CERTIFICATE", azattest__bytes(vcek, len), &pem);
    azattest__buf_append_text(&pem, issuers);
    azattest_simulator_free_bytes(vcek);
    azattest_simulator_free_bytes((unsigned char *)issuers);
    return (char *)azattest__buf_take(&pem, NULL);
}

static void the_token_repeats_the_report(void **state)
{
    azattest_attest_options options = AZATTEST_ATTEST_OPTIONS_INIT;
    azattest_response *response = NULL;
    azattest_error *error = NULL;
    azattest__json *claims = NULL;
    azattest__buf measurement;
    char *chain = chain_of(NULL);

    (void)state;
    options.runtime_json = azattest__text(DATA);
    options.vcek_chain = azattest__text(chain);
    options.nonce = "a nonce";
    if (azattest_client_attest_sev_snp_vm(world.client, world.transport,
                                          azattest__bytes(world.report, world.report_len), &options, &response,
                                          &error) != AZATTEST_OK)
        fail_msg("%s", azattest_error_message(error));
    assert_null(azattest_response_warning(response)); /* the report was read, so the token was compared with it */
    assert_int_equal(azattest__json_parse(azattest_token_body_bytes(azattest_response_token(response)), &claims, NULL),
                     AZATTEST_OK);
    azattest__buf_init(&measurement, 128);
    azattest__hex_encode(azattest__bytes(world.report + 0x90, 48), &measurement);
    assert_string_equal(azattest__json_get_string(claims, "x-ms-sevsnpvm-launchmeasurement"),
                        (const char *)measurement.ptr);
    assert_non_null(azattest__json_get(azattest__json_get(claims, "x-ms-runtime"), "keys"));
    azattest__buf_free(&measurement);
    azattest__json_free(claims);
    azattest_response_free(response);
    free(chain);
}

static void data_that_the_report_does_not_bind_are_not_sent(void **state)
{
    azattest_attest_options options = AZATTEST_ATTEST_OPTIONS_INIT;
    azattest_response *response = NULL;
    azattest_error *error = NULL;
    char *chain = chain_of(NULL);

    (void)state;
    options.runtime_json = azattest__text("{\"keys\":[]}");
    options.vcek_chain = azattest__text(chain);
    assert_int_equal(azattest_client_attest_sev_snp_vm(world.client, world.transport,
                                                       azattest__bytes(world.report, world.report_len), &options,
                                                       &response, &error),
                     AZATTEST_E_BINDING);
    azattest_error_free(error);
    error = NULL;
    /* Sent all the same, the service says it. */
    options.check_binding = AZATTEST_OFF;
    assert_int_equal(azattest_client_attest_sev_snp_vm(world.client, world.transport,
                                                       azattest__bytes(world.report, world.report_len), &options,
                                                       &response, &error),
                     AZATTEST_E_HTTP);
    assert_non_null(strstr(azattest_error_message(error), "runtimeData"));
    azattest_error_free(error);
    free(chain);
}

static void the_service_refuses_the_certificates_of_another_machine(void **state)
{
    static const unsigned char chip[64] = { 9, 8, 7 };
    azattest_simulated_platform other = AZATTEST_SIMULATED_PLATFORM_INIT;
    azattest_attest_options options = AZATTEST_ATTEST_OPTIONS_INIT;
    azattest_response *response = NULL;
    azattest_error *error = NULL;
    char *chain;

    (void)state;
    other.chip_id = azattest__bytes(chip, sizeof(chip));
    chain = chain_of(&other);
    options.vcek_chain = azattest__text(chain);
    assert_int_equal(azattest_client_attest_sev_snp_vm(world.client, world.transport,
                                                       azattest__bytes(world.report, world.report_len), &options,
                                                       &response, &error),
                     AZATTEST_E_HTTP);
    assert_non_null(strstr(azattest_error_message(error), "chip_id"));
    azattest_error_free(error);
    free(chain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_token_repeats_the_report),
        cmocka_unit_test(data_that_the_report_does_not_bind_are_not_sent),
        cmocka_unit_test(the_service_refuses_the_certificates_of_another_machine),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
