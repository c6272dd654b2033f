/* Every allocation of a fetch, with its folder, fails once, in turn: nothing is lost, nothing crashes, and the call
 * fails for want of memory or gives the whole set. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "evidence/evidence.h"
#include "expect.h"
#include "failing_memory.h"
#include "source.h"

/* Answers that were made before, so that no allocation of the service's fails. */
typedef struct kept_answer {
    char *url, *body, *chain;
    size_t len;
} kept_answer;

static struct world {
    azattest_evidence *evidence;
    azattest_collateral_options options;
    azattest_client_options client;
    azattest_transport *transport;
    kept_answer answers[8];
    size_t count;
    const char *folder;
} world;

static void send(void *user, azattest_op *op, const azattest_request *request)
{
    static const char *const names[] = { "TCB-Info-Issuer-Chain", "SGX-Enclave-Identity-Issuer-Chain",
                                         "SGX-PCK-CRL-Issuer-Chain", "SGX-PCK-Certificate-Issuer-Chain" };
    azattest_http_response response = AZATTEST_HTTP_RESPONSE_INIT;
    azattest_header headers[4];

    (void)user;
    response.status = 404;
    for (size_t i = 0; i < world.count; i++)
        if (strcmp(world.answers[i].url, azattest_request_url(request)) == 0) {
            response.status = 200;
            response.body = azattest__bytes(world.answers[i].body, world.answers[i].len);
            for (size_t h = 0; h < 4; h++)
                headers[h] = (azattest_header){ names[h], world.answers[i].chain };
            response.headers = headers;
            response.header_count = world.answers[i].chain == NULL ? 0 : 4;
        }
    (void)azattest_op_respond(op, &response);
}

static bool wait(void *user, int64_t wait_ms)
{
    (void)user;
    (void)wait_ms;
    return true;
}

static int64_t now(void *user)
{
    (void)user;
    return QUOTES_NOW_MS;
}

/* Keeps what the source answers. */
static void keep(source *s, size_t index, source_answer *answer)
{
    kept_answer *kept = &world.answers[world.count++];
    const char *chain = NULL;

    for (size_t i = 0; i < answer->header_count; i++)
        if (strstr(answer->headers[i].name, "Issuer-Chain") != NULL)
            chain = answer->headers[i].value;
    kept->url = strdup(s->urls[index]);
    kept->body = azattest__dup(answer->body.ptr, answer->body.len);
    kept->len = answer->body.len;
    kept->chain = chain == NULL ? NULL : strdup(chain);
}

static void set_up(azattest_bytes evidence)
{
    const azattest_transport_functions functions = { .size = sizeof(functions), .send = send, .sleep = wait };
    azattest_collateral *set = NULL;
    azattest_error *error = NULL;
    source s;

    memset(&world, 0, sizeof(world));
    world.options = (azattest_collateral_options)AZATTEST_COLLATERAL_OPTIONS_INIT;
    world.client = (azattest_client_options)AZATTEST_CLIENT_OPTIONS_INIT;
    world.client.clock.now_ms = now;
    world.options.subscription_key = "key";
    expect(azattest_evidence_parse(evidence, &world.evidence, &error), &error, AZATTEST_OK, "");
    source_open(&s);
    s.bend = keep;
    world.options.client = &s.client;
    expect(azattest_fetch_collateral(s.transport, NULL, world.evidence, &world.options, &set, &error), &error,
           AZATTEST_OK, "");
    azattest_collateral_free(set);
    world.options.client = &world.client;
    source_close(&s);
    assert_int_equal(azattest_transport_new(&functions, NULL, &world.transport, NULL), AZATTEST_OK);
}

static void tear_down(void)
{
    for (size_t i = 0; i < world.count; i++) {
        free(world.answers[i].url);
        free(world.answers[i].body);
        free(world.answers[i].chain);
    }
    azattest_transport_free(world.transport);
    azattest_evidence_free(world.evidence);
}

static void empty(const char *folder)
{
    DIR *directory = opendir(folder);
    char path[512];

    for (struct dirent *entry; directory != NULL && (entry = readdir(directory)) != NULL;)
        if (entry->d_name[0] != '.') {
            snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
            unlink(path);
        }
    if (directory != NULL)
        closedir(directory);
}

/* Opens the folder, fetches or takes what is there. */
static azattest_status story(const char *folder, azattest_collateral **set, azattest_error **error)
{
    azattest_collateral_cache *cache = NULL;
    azattest_status status = azattest_collateral_cache_open(folder, &cache, error);

    if (status == AZATTEST_OK)
        status = azattest_fetch_collateral(world.transport, cache, world.evidence, &world.options, set, error);
    azattest_collateral_cache_free(cache);
    return status;
}

static void every_failure(const char *folder, bool keeps)
{
    bool failed = true;

    for (long n = 0; failed; n++) {
        azattest_collateral *set = NULL;
        azattest_error *error = NULL;
        azattest_status status;

        if (!keeps)
            empty(folder);
        allocations_until_failure = n;
        status = story(folder, &set, &error);
        failed = allocations_until_failure < 0;
        allocations_until_failure = -1;
        if (status != AZATTEST_OK && status != AZATTEST_E_MEMORY && status != AZATTEST_E_CRYPTO)
            fail_msg("allocation %ld: %s: %s", n, azattest_status_name(status), azattest_error_message(error));
        assert_true((status == AZATTEST_OK) == (set != NULL));
        if (!failed)
            assert_int_equal(status, AZATTEST_OK);
        azattest_error_free(error);
        azattest_collateral_free(set);
    }
}

static void run_all(void)
{
    char folder[] = "/tmp/azattest-memory-XXXXXX";

    assert_non_null(mkdtemp(folder));
    every_failure(folder, false); /* from the source */
    every_failure(folder, true);  /* from the folder */
    empty(folder);
    assert_int_equal(rmdir(folder), 0);
}

static void a_quote_with_its_certificate(void **state)
{
    made it = made_of(MADE_TDX, NULL);

    (void)state;
    set_up(it.evidence);
    run_all();
    tear_down();
    made_free(&it);
}

static void a_quote_that_names_its_certificate(void **state)
{
    azattest_simulated_enclave enclave = AZATTEST_SIMULATED_ENCLAVE_INIT;
    azattest_error *error = NULL;
    unsigned char *quote = NULL;
    size_t len;

    (void)state;
    enclave.certification_type = 3;
    expect(azattest_simulator_sgx_quote(quotes_simulator(), &enclave, &quote, &len, &error), &error, AZATTEST_OK, "");
    set_up(azattest__bytes(quote, len));
    run_all();
    tear_down();
    azattest_simulator_free_bytes(quote);
}

static int close_all(void **state)
{
    (void)state;
    quotes_close();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quote_with_its_certificate),
        cmocka_unit_test(a_quote_that_names_its_certificate),
    };

    return cmocka_run_group_tests_name("collateral_fetch_memory", tests, NULL, close_all);
}
