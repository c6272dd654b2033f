#include "service_bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/encoding.h"

struct world world;

static int64_t now_ms(void *user)
{
    (void)user;
    return world.now_s * 1000;
}

azattest_clock service_clock(void)
{
    return (azattest_clock){ .now_ms = now_ms };
}

char *encode(const void *data, size_t len, bool standard)
{
    azattest__buf text;

    azattest__buf_init(&text, 4 * 1024 * 1024);
    if (standard)
        azattest__base64_encode(azattest__bytes(data, len), &text);
    else
        azattest__base64url_encode(azattest__bytes(data, len), &text);
    assert_int_equal(text.status, AZATTEST_OK);
    return (char *)azattest__buf_take(&text, &len);
}

static void simulate(bool debug, bool open_enclave, unsigned char **out, size_t *len)
{
    azattest_simulated_enclave enclave = AZATTEST_SIMULATED_ENCLAVE_INIT;

    enclave.product_id = 7;
    enclave.svn = 3;
    enclave.debug = debug ? AZATTEST_ON : AZATTEST_OFF;
    enclave.runtime_data = azattest__text(DATA);
    assert_int_equal(open_enclave ? azattest_simulator_open_enclave_report(world.simulator, &enclave, out, len, NULL)
                                  : azattest_simulator_sgx_quote(world.simulator, &enclave, out, len, NULL),
                     AZATTEST_OK);
}

static azattest_status amd_roots(void *user, azattest__buf *pem, azattest_error **error)
{
    unsigned char *roots;
    size_t len;

    (void)user;
    assert_int_equal(azattest_simulator_roots_pem(world.simulator, &roots, &len, error), AZATTEST_OK);
    azattest__buf_append(pem, roots, len);
    azattest_simulator_free_bytes(roots);
    return AZATTEST_OK;
}

int service_setup(void **state)
{
    azattest__service_options options = { .endpoint = ENDPOINT, .clock = service_clock() };
    unsigned char *bytes;
    size_t len;

    (void)state;
    world.now_s = azattest__clock_now_ms(NULL) / 1000;
    assert_int_equal(azattest__state_open(NULL, &world.state, NULL), AZATTEST_OK);
    assert_int_equal(azattest_simulator_open(world.state.folder, &world.simulator, NULL), AZATTEST_OK);
    assert_int_equal(azattest__state_signing_key(&world.state, &world.key, NULL), AZATTEST_OK);
    options.signing_key = world.key;
    options.extra_roots = azattest_simulator_root_pem(world.simulator);
    options.more_roots = amd_roots;
    assert_int_equal(azattest__service_new(&options, &world.service, NULL), AZATTEST_OK);
    simulate(false, false, &world.raw_quote, &world.raw_quote_len);
    world.quote = encode(world.raw_quote, world.raw_quote_len, false);
    world.standard = encode(world.raw_quote, world.raw_quote_len, true);
    world.raw_quote[48 + 64] ^= 1; /* MRENCLAVE */
    world.forged = encode(world.raw_quote, world.raw_quote_len, false);
    world.raw_quote[48 + 64] ^= 1;
    simulate(true, false, &bytes, &len);
    world.debug = encode(bytes, len, false);
    azattest_simulator_free_bytes(bytes);
    simulate(false, true, &bytes, &len);
    world.report = encode(bytes, len, false);
    azattest_simulator_free_bytes(bytes);
    world.data = encode(DATA, strlen(DATA), false);
    return 0;
}

int service_teardown(void **state)
{
    (void)state;
    free(world.quote);
    free(world.report);
    free(world.debug);
    free(world.forged);
    free(world.standard);
    free(world.data);
    azattest_simulator_free_bytes(world.raw_quote);
    azattest__service_free(world.service);
    azattest__key_free(world.key);
    azattest_simulator_free(world.simulator);
    azattest__state_close(&world.state);
    return 0;
}

/* Puts evidence and data for $quote, $report, ... in a template. */

/* Puts evidence and data for $quote, $report, ... in a template. */
char *expand(const char *template)
{
    const struct {
        const char *name, *value;
    } words[] = {
        { "$quote", world.quote },
        { "$report", world.report },
        { "$debug", world.debug },
        { "$forged", world.forged },
        { "$standard", world.standard },
        { "$data", world.data },
        { "$policy", "version= 1.0;authorizationrules{=> permit();};issuancerules{};" },
    };
    azattest__buf out;
    size_t len;

    azattest__buf_init(&out, 8 * 1024 * 1024);
    while (*template != '\0') {
        size_t i, count = sizeof(words) / sizeof(words[0]);

        for (i = 0; i < count; i++)
            if (strncmp(template, words[i].name, strlen(words[i].name)) == 0)
                break;
        azattest__buf_append(&out, i < count ? words[i].value : template, i < count ? strlen(words[i].value) : 1);
        template += i < count ? strlen(words[i].name) : 1;
    }
    assert_int_equal(out.status, AZATTEST_OK);
    return (char *)azattest__buf_take(&out, &len);
}

void ask(const char *method, const char *target, azattest_bytes body, azattest__service_answer *answer)
{
    azattest__service_request request = { .method = method, .target = target, .body = body };

    azattest__service_handle(world.service, &request, answer);
}

azattest__json *parse(azattest_bytes text)
{
    azattest__json *document = NULL;

    assert_int_equal(azattest__json_parse(text, &document, NULL), AZATTEST_OK);
    return document;
}

/* The claims of an answer's token, whose signature has been checked. */
void open_token(const azattest__service_answer *answer, azattest__jws *jws)
{
    azattest__json *document = parse(azattest__buf_bytes(&answer->body));
    bool valid = false;

    assert_int_equal(azattest__jws_parse(azattest__text(azattest__json_get_string(document, "token")), jws, NULL),
                     AZATTEST_OK);
    if (jws->signature.len > 0) {
        assert_int_equal(
            azattest__key_verify(world.key, AZATTEST__RS256, jws->signed_elements, jws->signature, &valid, NULL),
            AZATTEST_OK);
        assert_true(valid);
    }
    azattest__json_free(document);
}

void attest(const char *template, azattest__jws *jws)
{
    char *body = expand(template);
    azattest__service_answer answer;

    ask("POST", SGX, azattest__text(body), &answer);
    assert_int_equal(answer.status, 200);
    open_token(&answer, jws);
    azattest__service_answer_clear(&answer);
    free(body);
}

void assert_header(const azattest__jws *jws, const char *algorithm)
{
    char expected[512], id[AZATTEST__SERVICE_KEY_ID];
    unsigned char hash[AZATTEST__SHA256_SIZE];

    assert_int_equal(azattest__service_key_id(world.key, id, hash, NULL), AZATTEST_OK);
    snprintf(expected, sizeof(expected),
             "{\"alg\":\"%s\",\"jku\":\"" ENDPOINT "/certs\",\"kid\":\"%s\",\"typ\":\"JWT\"}", algorithm, id);
    assert_string_equal((const char *)jws->header.ptr, expected);
}

const azattest__kind *sgx(void)
{
    return azattest__kind_find("SgxEnclave", strlen("SgxEnclave"));
}
