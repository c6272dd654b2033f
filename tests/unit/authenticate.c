/* The access token of a call: when it is sent, to whom, and what happens when it is refused. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "acquire.h"
#include "bench.h"

#define TOKEN(text, expires)                                                                                           \
    {                                                                                                                  \
        AZATTEST_NEED_TOKEN, SCOPE, NULL, expires, text, NULL, 0                                                       \
    }
#define LATER (INSTANCE_NOW_S + 3600)

static azattest_credential *callback(void)
{
    azattest_credential *credential = NULL;

    assert_int_equal(azattest_callback_credential_new(NULL, NULL, NULL, &credential, NULL), AZATTEST_OK);
    return credential;
}

static azattest_op *begin(bench *b, azattest_credential *credential)
{
    azattest_op *op = NULL;

    b->options.credential = credential;
    bench_open(b);
    assert_int_equal(azattest_client_attest_sgx_enclave_begin(b->client, evidence, NULL, &op, NULL), AZATTEST_OK);
    return op;
}

static azattest_op *again(bench *b)
{
    azattest_op *op = NULL;

    assert_int_equal(azattest_client_attest_sgx_enclave_begin(b->client, evidence, NULL, &op, NULL), AZATTEST_OK);
    return op;
}

/* Fails the test unless the script leads to `status`, with `part` in the message. */
static void expect(azattest_op *op, bench *b, const scene *script, azattest_status status, const char *part)
{
    azattest_error *error = NULL;
    azattest_status seen = play(op, &b->time, script, NULL, &error);

    if (seen != status || (part != NULL && strstr(azattest_error_message(error), part) == NULL))
        fail_msg("%s: %s", azattest_status_name(seen), azattest_error_message(error));
    azattest_error_free(error);
}

static void the_token_goes_with_the_call_and_not_for_keys_or_metadata(void **state)
{
    bench *b = *state;
    const scene attest[] = { TOKEN("tok-1", LATER),
                             { AZATTEST_NEED_HTTP, "POST " INSTANCE_ATTEST, "Authorization: Bearer tok-1\n", 200,
                               b->reply, NULL, 0 },
                             { AZATTEST_NEED_HTTP, "GET " INSTANCE_CERTS, "!Authorization", 200, b->jwks, NULL, 0 },
                             { 0 } };
    const scene cached[] = { { AZATTEST_NEED_HTTP, NULL, "Authorization: Bearer tok-1\n", 200, b->reply, NULL, 0 },
                             { 0 } };
    const scene keys[] = { { AZATTEST_NEED_HTTP, "GET " INSTANCE_CERTS, "!Authorization", 200, b->jwks, NULL, 0 },
                           { 0 } };
    const scene metadata[] = { { AZATTEST_NEED_HTTP, NULL, "!Authorization", 200, "{}", NULL, 0 }, { 0 } };
    azattest_credential *credential = callback();
    azattest_op *op = begin(b, credential);

    expect(op, b, attest, AZATTEST_OK, NULL);
    expect(again(b), b, cached, AZATTEST_OK, NULL);
    assert_int_equal(azattest_client_get_signing_certificates_begin(b->client, &op, NULL), AZATTEST_OK);
    expect(op, b, keys, AZATTEST_OK, NULL);
    assert_int_equal(azattest_client_get_open_id_metadata_begin(b->client, &op, NULL), AZATTEST_OK);
    expect(op, b, metadata, AZATTEST_OK, NULL);
    azattest_credential_free(credential);
}

static void without_a_credential_nothing_is_sent(void **state)
{
    bench *b = *state;
    const scene script[] = { { AZATTEST_NEED_HTTP, NULL, "!Authorization", 200, b->reply, NULL, 0 },
                             { AZATTEST_NEED_HTTP, NULL, NULL, 200, b->jwks, NULL, 0 },
                             { 0 } };

    expect(begin(b, NULL), b, script, AZATTEST_OK, NULL);
}

static void after_a_401_another_token_is_got_once(void **state)
{
    bench *b = *state;
    const scene mended[] = { TOKEN("tok-1", LATER),
                             { AZATTEST_NEED_HTTP, NULL, "Bearer tok-1\n", 401, "{}", NULL, 0 },
                             TOKEN("tok-2", LATER),
                             { AZATTEST_NEED_HTTP, NULL, "Bearer tok-2\n", 200, b->reply, NULL, 0 },
                             { AZATTEST_NEED_HTTP, NULL, NULL, 200, b->jwks, NULL, 0 },
                             { 0 } };
    const scene twice[] = { { AZATTEST_NEED_HTTP, NULL, "Bearer tok-2\n", 401, "{}", NULL, 0 },
                            TOKEN("tok-3", LATER),
                            { AZATTEST_NEED_HTTP, NULL, "Bearer tok-3\n", 401, "{}", NULL, 0 },
                            { 0 } };
    const scene same[] = { { AZATTEST_NEED_HTTP, NULL, "Bearer tok-3\n", 401, "{}", NULL, 0 },
                           TOKEN("tok-3", LATER),
                           { 0 } };
    const scene none[] = { { AZATTEST_NEED_HTTP, NULL, "Bearer tok-3\n", 401, "{}", NULL, 0 },
                           { AZATTEST_NEED_TOKEN, NULL, NULL, 0, "gone", NULL, AZATTEST_E_CREDENTIAL_UNAVAILABLE },
                           { 0 } };
    azattest_credential *credential = callback();

    expect(begin(b, credential), b, mended, AZATTEST_OK, NULL);
    expect(again(b), b, twice, AZATTEST_E_AUTH, "401");
    expect(again(b), b, same, AZATTEST_E_AUTH, "401"); /* the second 401 did not drop it */
    expect(again(b), b, none, AZATTEST_E_CREDENTIAL_UNAVAILABLE, "gone");
    azattest_credential_free(credential);
}

static void refusals_name_the_role_and_the_credential(void **state)
{
    static const int statuses[] = { 401, 403 };
    bench *b = *state;

    for (size_t i = 0; i < 2; i++) {
        azattest_credential *credential = NULL;
        const scene script[] = { { AZATTEST_NEED_HTTP, NULL, "Bearer tok-1\n", statuses[i], "{}", NULL, 0 }, { 0 } };
        azattest_error *error = NULL;
        azattest_op *op;

        assert_int_equal(azattest_static_token_credential_new("tok-1", 0, &credential, NULL), AZATTEST_OK);
        op = begin(b, credential);
        assert_int_equal(play(op, &b->time, script, NULL, &error), AZATTEST_E_AUTH);
        assert_non_null(strstr(azattest_error_hint(error), "StaticTokenCredential"));
        assert_non_null(strstr(azattest_error_hint(error), "Attestation Reader"));
        assert_non_null(strstr(azattest_error_hint(error), "Attestation Contributor"));
        assert_null(strstr(azattest_error_message(error), "tok-1"));
        azattest_error_free(error);
        azattest_credential_free(credential);
    }
}

static void a_wait_asks_the_cache_anew(void **state)
{
    bench *b = *state;
    const scene script[] = { TOKEN("tok-1", INSTANCE_NOW_S + 310),
                             { AZATTEST_NEED_HTTP, NULL, "Bearer tok-1\n", 503, "", "Retry-After: 20", 0 },
                             TOKEN("tok-2", LATER),
                             { AZATTEST_NEED_HTTP, NULL, "Bearer tok-2\n", 200, b->reply, NULL, 0 },
                             { AZATTEST_NEED_HTTP, NULL, NULL, 200, b->jwks, NULL, 0 },
                             { 0 } };
    azattest_credential *credential = callback();

    expect(begin(b, credential), b, script, AZATTEST_OK, NULL);
    azattest_credential_free(credential);
}

static void an_early_refresh_that_fails_is_no_failure(void **state)
{
    bench *b = *state;
    const scene first[] = { TOKEN("tok-1", INSTANCE_NOW_S + 10000),
                            { AZATTEST_NEED_HTTP, NULL, "Bearer tok-1\n", 200, b->reply, NULL, 0 },
                            { AZATTEST_NEED_HTTP, NULL, NULL, 200, b->jwks, NULL, 0 },
                            { 0 } };
    const scene refresh[] = { { AZATTEST_NEED_TOKEN, NULL, NULL, 0, "no", NULL, AZATTEST_E_AUTH },
                              { AZATTEST_NEED_HTTP, NULL, "Bearer tok-1\n", 200, b->reply, NULL, 0 },
                              { 0 } };
    const scene rests[] = { { AZATTEST_NEED_HTTP, NULL, "Bearer tok-1\n", 200, b->reply, NULL, 0 }, { 0 } };
    azattest_credential *credential = callback();

    expect(begin(b, credential), b, first, AZATTEST_OK, NULL);
    b->time.now_ms += 5000000; /* half of its life, which is more than two hours */
    expect(again(b), b, refresh, AZATTEST_OK, NULL);
    expect(again(b), b, rests, AZATTEST_OK, NULL);
    azattest_credential_free(credential);
}

static void many_operations_fetch_one_token(void **state)
{
    bench *b = *state;
    azattest_credential *credential = callback();
    azattest_op *first = begin(b, credential), *second = again(b);
    azattest_access_token token = AZATTEST_ACCESS_TOKEN_INIT;

    assert_int_equal(azattest_op_step(first), AZATTEST_NEED_TOKEN);
    assert_int_equal(azattest_op_step(second), AZATTEST_NEED_SLEEP);
    assert_int_equal(azattest_op_waited(second), AZATTEST_OK);
    assert_int_equal(azattest_op_step(second), AZATTEST_NEED_SLEEP);
    token.token = "tok-1";
    token.expires_on_s = LATER;
    assert_int_equal(azattest_op_give_token(first, &token), AZATTEST_OK);
    assert_int_equal(azattest_op_step(first), AZATTEST_NEED_HTTP);
    assert_int_equal(azattest_op_waited(second), AZATTEST_OK);
    assert_int_equal(azattest_op_step(second), AZATTEST_NEED_HTTP);
    assert_string_equal(header_of(azattest_op_request(second), "Authorization"), "Bearer tok-1");
    azattest_op_free(first);
    azattest_op_free(second);

    /* One that is given up is taken over. */
    b->time.now_ms += 4000000;
    first = again(b);
    second = again(b);
    assert_int_equal(azattest_op_step(first), AZATTEST_NEED_TOKEN);
    assert_int_equal(azattest_op_step(second), AZATTEST_NEED_SLEEP);
    azattest_op_free(first);
    assert_int_equal(azattest_op_waited(second), AZATTEST_OK);
    assert_int_equal(azattest_op_step(second), AZATTEST_NEED_TOKEN);
    azattest_op_free(second);
    azattest_credential_free(credential);
}

static void answers_that_fit_no_question(void **state)
{
    bench *b = *state;
    azattest_credential *credential = callback();
    azattest_access_token token = AZATTEST_ACCESS_TOKEN_INIT;
    azattest_op *op = begin(b, credential);

    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_TOKEN);
    assert_string_equal(azattest_op_scopes(op), SCOPE);
    assert_null(azattest_op_request(op));
    assert_null(azattest_op_file_path(op));
    assert_null(azattest_op_process_argument(op, 0));
    assert_int_equal(azattest_op_give_token(op, &token), AZATTEST_E_ARGUMENT);
    token.token = "two words";
    assert_int_equal(azattest_op_give_token(op, &token), AZATTEST_E_ARGUMENT);
    token.token = "line\nend";
    assert_int_equal(azattest_op_give_token(op, &token), AZATTEST_E_ARGUMENT);
    assert_int_equal(azattest_op_give_file(op, bytes_of("x")), AZATTEST_E_STATE);
    assert_int_equal(azattest_op_give_process(op, 0, bytes_of(""), bytes_of("")), AZATTEST_E_STATE);
    assert_int_equal(azattest_op_waited(op), AZATTEST_E_STATE);
    assert_int_equal(azattest_op_fail(op, AZATTEST_E_MEMORY, "x", false), AZATTEST_E_ARGUMENT);
    assert_int_equal(azattest_op_call_credential(op), AZATTEST_ABSENT);
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_TOKEN);
    azattest_op_cancel(op);
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_FAILED);
    azattest_op_free(op);
    assert_int_equal(azattest_op_give_token(NULL, &token), AZATTEST_E_ARGUMENT);
    assert_null(azattest_op_scopes(NULL));
    assert_null(azattest_op_take_access_token(NULL));
    assert_null(azattest_credential_kind(NULL));
    assert_null(azattest_credential_ref(NULL));
    azattest_credential_free(NULL);
    azattest_access_token_free(NULL);
    azattest_credential_free(credential);
}

/* ---- scopes ---- */

static void scopes_follow_the_cloud(void **state)
{
    static const struct {
        const char *endpoint, *scopes, *expected; /* NULL: refused, and the option is named */
    } cases[] = {
        { "https://a.eus.attest.azure.net", NULL, "https://attest.azure.net/.default" },
        { "https://a.attest.azure.us:8443", NULL, "https://attest.azure.us/.default" },
        { "https://attest.azure.net.evil.example", NULL, NULL },
        { "https://attest.azure.net", NULL, NULL },
        { "https://xattest.azure.net", NULL, NULL },
        { "https://localhost:8443", NULL, NULL },
        { "https://localhost:8443", "a b", "a b" },
        { "https://a.eus.attest.azure.net", "c", "c" },
        { "https://localhost", "a  b", NULL },
        { "https://localhost", "", NULL },
        { "https://localhost", "a\nb", NULL },
    };
    bench *b = *state;
    azattest_credential *credential = callback();

    b->options.credential = credential;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        azattest_client *client = NULL;
        azattest_error *error = NULL;
        azattest_op *op = NULL;

        b->options.scopes = cases[i].scopes;
        if (azattest_client_new(cases[i].endpoint, &b->options, &client, &error) != AZATTEST_OK) {
            if (cases[i].expected != NULL || strstr(azattest_error_message(error), "scopes") == NULL)
                fail_msg("%s: %s", cases[i].endpoint, azattest_error_message(error));
            azattest_error_free(error);
            continue;
        }
        if (cases[i].expected == NULL)
            fail_msg("%s was taken", cases[i].endpoint);
        assert_int_equal(azattest_client_attest_sgx_enclave_begin(client, evidence, NULL, &op, NULL), AZATTEST_OK);
        assert_int_equal(azattest_op_step(op), AZATTEST_NEED_TOKEN);
        assert_string_equal(azattest_op_scopes(op), cases[i].expected);
        azattest_op_free(op);
        azattest_client_free(client);
    }
    b->options.scopes = NULL;
    b->options.credential = NULL;
    azattest_credential_free(credential);
}

/* ---- tokens that the caller has ---- */

static void static_tokens(void **state)
{
    static const struct {
        const char *token;
        int64_t expires_on;
        bool good;
    } cases[] = {
        { "opaque", 0, true },
        { "opaque", INSTANCE_NOW_S + 1, true },
        { "opaque", INSTANCE_NOW_S, false },
        { "eyJhbGciOiJub25lIn0.eyJleHAiOjE3MzU2ODk2MDF9.", 0, true },  /* exp one second later */
        { "eyJhbGciOiJub25lIn0.eyJleHAiOjE3MzU2ODk2MDB9.", 0, false }, /* exp now */
        { "eyJhbGciOiJub25lIn0.eyJleHAiOjE3MzU2ODk2MDB9.", INSTANCE_NOW_S + 9, true },
        { "a.b.c", 0, true },
    };
    bench *b = *state;
    azattest_credential *credential = NULL;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        static const char *const expired[] = { "expired", NULL };

        assert_int_equal(azattest_static_token_credential_new(cases[i].token, cases[i].expires_on, &credential, NULL),
                         AZATTEST_OK);
        if (cases[i].good)
            expect_token(credential, &b->time, NULL, cases[i].token);
        else
            expect_no_token(credential, &b->time, NULL, AZATTEST_E_AUTH, expired);
        azattest_credential_free(credential);
    }
    assert_int_equal(azattest_static_token_credential_new(NULL, 0, &credential, NULL), AZATTEST_E_ARGUMENT);
    assert_int_equal(azattest_static_token_credential_new("", 0, &credential, NULL), AZATTEST_E_ARGUMENT);
    assert_int_equal(azattest_static_token_credential_new("a b", 0, &credential, NULL), AZATTEST_E_ARGUMENT);
    assert_int_equal(azattest_static_token_credential_new("a\r\nb", 0, &credential, NULL), AZATTEST_E_ARGUMENT);
    assert_int_equal(azattest_static_token_credential_new("a", -1, &credential, NULL), AZATTEST_E_ARGUMENT);
    assert_null(credential);
}

/* ---- the driver ---- */

static int asked;

static void give_token(void *user, azattest_op *op, const char *scopes)
{
    azattest_access_token token = AZATTEST_ACCESS_TOKEN_INIT;

    asked++;
    assert_string_equal(scopes, SCOPE);
    token.token = user;
    if (user != NULL)
        assert_int_equal(azattest_op_give_token(op, &token), AZATTEST_OK);
}

static void the_driver_calls_the_function_of_a_callback(void **state)
{
    static char text[] = "tok-1";
    bench *b = *state;
    azattest_scripted_exchange script[] = { answer("POST", NULL, 200, b->reply), answer("GET", NULL, 200, b->jwks) };
    azattest_credential *credential = NULL;
    azattest_response *response = NULL;
    azattest_error *error = NULL;

    asked = 0;
    assert_int_equal(azattest_callback_credential_new(give_token, text, NULL, &credential, NULL), AZATTEST_OK);
    b->options.credential = credential;
    bench_open(b);
    expect_success(attest(b, script, 2, NULL, &response, &error, NULL), &error);
    assert_int_equal(asked, 1);
    azattest_response_free(response);
    azattest_credential_free(credential);
    /* One that forgets to answer has failed. */
    assert_int_equal(azattest_callback_credential_new(give_token, NULL, NULL, &credential, NULL), AZATTEST_OK);
    b->options.credential = credential;
    bench_open(b);
    expect_failure(attest(b, script, 0, NULL, &response, &error, NULL), AZATTEST_E_AUTH, &error, "neither gave");
    azattest_credential_free(credential);
    /* Without a function nobody could answer in between. */
    b->options.credential = credential = callback();
    bench_open(b);
    expect_failure(attest(b, script, 0, NULL, &response, &error, NULL), AZATTEST_E_STATE, &error, "step by step");
    azattest_credential_free(credential);
}

static void no_blocking_call_ends_without_an_error(void **state)
{
    bench *b = *state;
    azattest_credential *credential = callback();
    azattest_tcb_baselines *list = NULL;
    azattest_transport *transport = NULL;
    azattest_error *error = NULL;
    char *text = NULL;

    b->options.credential = credential;
    bench_open(b);
    assert_int_equal(azattest_scripted_transport_new(NULL, 0, &transport, NULL), AZATTEST_OK);
    expect_failure(azattest_client_attest_tpm(b->client, transport, azattest__text("{}"), NULL, &text, NULL, &error),
                   AZATTEST_E_STATE, &error, "step by step");
    assert_null(text);
    expect_failure(azattest_client_get_tcb_baseline(b->client, transport, "SgxEnclave", NULL, &list, &error),
                   AZATTEST_E_STATE, &error, "step by step");
    assert_null(list);
    azattest_transport_free(transport);
    azattest_credential_free(credential);
}

static bool stop(void *user)
{
    return user != NULL && --*(int *)user < 0;
}

/* Runs the CLI's credential over libcurl's transport, which is what asks for interruptions. */
static azattest_status run_cli(bench *b, int *patience, int64_t timeout_ms, char **token, azattest_error **error)
{
    azattest_curl_options connection = AZATTEST_CURL_OPTIONS_INIT;
    azattest_credential_options options = AZATTEST_CREDENTIAL_OPTIONS_INIT;
    azattest_credential *credential = NULL;
    azattest_transport *transport = NULL;
    azattest_access_token *got;
    azattest_op *op = NULL;
    azattest_status status;

    (void)b;
    options.process_timeout_ms = timeout_ms;
    connection.interrupted = stop;
    connection.interrupted_user = patience;
    assert_int_equal(azattest_azure_cli_credential_new(&options, &credential, NULL), AZATTEST_OK);
    assert_int_equal(azattest_curl_transport_new(&connection, &transport, NULL), AZATTEST_OK);
    assert_int_equal(azattest_credential_get_token_begin(credential, SCOPE, NULL, &op, NULL), AZATTEST_OK);
    status = azattest_run(op, transport, error);
    got = azattest_op_take_access_token(op);
    *token = got == NULL ? NULL : strdup(got->token);
    azattest_access_token_free(got);
    azattest_op_free(op);
    azattest_transport_free(transport);
    azattest_credential_free(credential);
    return status;
}

static void write_az(const char *folder, const char *script)
{
    char path[256];
    FILE *file;

    snprintf(path, sizeof(path), "%s/az", folder);
    assert_non_null(file = fopen(path, "w"));
    fprintf(file, "#!/bin/sh\n%s\n", script);
    fclose(file);
    assert_int_equal(chmod(path, 0755), 0);
}

static void a_program_is_run_without_a_shell_and_not_for_ever(void **state)
{
    static const struct {
        const char *name, *script;
        int patience;
        int64_t timeout_ms;
        azattest_status status;
        const char *part;
    } cases[] = {
        { "works",
          "test \"$(pwd)\" -ef /bin || exit 9; test \"$AZURE_CORE_NO_COLOR\" = true || exit 8\n"
          "test \"$*\" = 'account get-access-token --output json --resource https://attest.azure.net' || exit 7\n"
          "read line && exit 6; ls /proc/self/fd | wc -l >&2\n"
          "echo '{\"accessToken\":\"tok-1\",\"expires_on\":4102444800}'",
          100, 10000, AZATTEST_OK, "tok-1" },
        { "fails", "echo 'ERROR: no such tenant' >&2; exit 3", 100, 10000, AZATTEST_E_AUTH,
          "ended with 3: ERROR: no such" },
        { "is not logged in", "echo 'run az login' >&2; exit 1", 100, 10000, AZATTEST_E_CREDENTIAL_UNAVAILABLE,
          "az login" },
        { "hangs", "sleep 1000 & sleep 1000", 100, 300, AZATTEST_E_TIMEOUT, "300 ms" },
        { "is interrupted", "sleep 1000", 3, 10000, AZATTEST_E_CANCELLED, "cancelled" },
        { "prints without end", "yes", 1 << 30, 400, AZATTEST_E_TIMEOUT, "400 ms" },
        { "prints too much", "yes | head -c 300000", 1000, 10000, AZATTEST_E_RESPONSE, "131072" },
        { "is killed", "kill -9 $$", 100, 10000, AZATTEST_E_AUTH, "137" },
        { "closes its outputs and stays", "exec >&- 2>&-; sleep 1000", 1000, 300, AZATTEST_E_TIMEOUT, "300 ms" },
    };
    char folder[] = "/tmp/azattest-cli-XXXXXX", path[512], file[64];
    char *before = strdup(getenv("PATH"));

    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s:%s", folder, before);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        azattest_error *error = NULL;
        int patience = cases[i].patience;
        azattest_status status;
        char *token = NULL;

        write_az(folder, cases[i].script);
        setenv("PATH", path, 1);
        status = run_cli(*state, &patience, cases[i].timeout_ms, &token, &error);
        if (status != cases[i].status ||
            strstr(token != NULL ? token : azattest_error_message(error), cases[i].part) == NULL)
            fail_msg("%s: %s: %s", cases[i].name, azattest_status_name(status), azattest_error_message(error));
        free(token);
        azattest_error_free(error);
    }
    setenv("PATH", folder, 1); /* nothing there but this */
    snprintf(file, sizeof(file), "%s/az", folder);
    unlink(file);
    {
        azattest_error *error = NULL;
        char *token = NULL;

        assert_int_equal(run_cli(*state, NULL, 10000, &token, &error), AZATTEST_E_CREDENTIAL_UNAVAILABLE);
        assert_non_null(strstr(azattest_error_message(error), "\"az\" cannot be started"));
        azattest_error_free(error);
    }
    setenv("PATH", before, 1);
    rmdir(folder);
    free(before);
}

/* A file's content, its absence, what is no file, and one that is larger than asked for. */
static void files_are_read_up_to_their_limit(void **state)
{
    char folder[] = "/tmp/azattest-file-XXXXXX", path[64], fifo[64];
    bench *b = *state;
    const struct {
        const char *path, *content;
        azattest_status status;
        const char *part;
    } cases[] = {
        { path, NULL, AZATTEST_E_CREDENTIAL_UNAVAILABLE, "does not exist" },
        { path, "eyJ", AZATTEST_E_CRYPTO, NULL }, /* it got as far as the request, which the script has not */
        { folder, NULL, AZATTEST_E_CREDENTIAL_UNAVAILABLE, "no plain file" },
        { fifo, NULL, AZATTEST_E_CREDENTIAL_UNAVAILABLE, "no plain file" },
    };

    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/token", folder);
    snprintf(fifo, sizeof(fifo), "%s/fifo", folder);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        azattest_credential_options options = credential_options(NULL);
        azattest_credential *credential = NULL;
        azattest_transport *transport = NULL;
        azattest_error *error = NULL;
        azattest_op *op = NULL;
        azattest_status status;
        FILE *file;

        if (cases[i].content != NULL) {
            assert_non_null(file = fopen(cases[i].path, "w"));
            fputs(cases[i].content, file);
            fclose(file);
        }
        options.tenant_id = options.client_id = "t";
        options.token_file_path = cases[i].path;
        assert_int_equal(azattest_workload_identity_credential_new(&options, &credential, NULL), AZATTEST_OK);
        assert_int_equal(azattest_scripted_transport_new(NULL, 0, &transport, NULL), AZATTEST_OK);
        assert_int_equal(azattest_credential_get_token_begin(credential, SCOPE, &b->options, &op, NULL), AZATTEST_OK);
        status = azattest_run(op, transport, &error);
        if (cases[i].part != NULL &&
            (status != cases[i].status || strstr(azattest_error_message(error), cases[i].part) == NULL))
            fail_msg("%s: %s", cases[i].path, azattest_error_message(error));
        if (cases[i].part == NULL)
            assert_non_null(strstr(azattest_error_message(error), "script"));
        azattest_op_free(op);
        azattest_error_free(error);
        azattest_transport_free(transport);
        azattest_credential_free(credential);
    }
    unlink(path);
    unlink(fifo);
    rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_token_goes_with_the_call_and_not_for_keys_or_metadata),
        TEST(without_a_credential_nothing_is_sent),
        TEST(after_a_401_another_token_is_got_once),
        TEST(refusals_name_the_role_and_the_credential),
        TEST(a_wait_asks_the_cache_anew),
        TEST(an_early_refresh_that_fails_is_no_failure),
        TEST(many_operations_fetch_one_token),
        TEST(answers_that_fit_no_question),
        TEST(scopes_follow_the_cloud),
        TEST(static_tokens),
        TEST(the_driver_calls_the_function_of_a_callback),
        TEST(no_blocking_call_ends_without_an_error),
        TEST(a_program_is_run_without_a_shell_and_not_for_ever),
        TEST(files_are_read_up_to_their_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
