/* The driver's processes inside programs that have their own way with children. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <azattest/transport.h>

#include "instance.h"

#define GOOD "echo '{\"accessToken\":\"tok-1\",\"expires_on\":4102444800}'"

/* Runs "az", which is this script; the token or the error. */
static azattest_status run_az(const char *script, int64_t timeout_ms, char **token, azattest_error **error)
{
    azattest_credential_options options = AZATTEST_CREDENTIAL_OPTIONS_INIT;
    char folder[] = "/tmp/azattest-az-XXXXXX", path[512], file[64], *before = strdup(getenv("PATH"));
    azattest_transport *transport = NULL;
    azattest_credential *credential = NULL;
    azattest_access_token *got;
    azattest_op *op = NULL;
    azattest_status status;
    FILE *out;

    assert_non_null(mkdtemp(folder));
    snprintf(file, sizeof(file), "%s/az", folder);
    snprintf(path, sizeof(path), "%s:%s", folder, before);
    assert_non_null(out = fopen(file, "w"));
    fprintf(out, "#!/bin/sh\n%s\n", script);
    fclose(out);
    assert_int_equal(chmod(file, 0755), 0);
    setenv("PATH", path, 1);
    options.process_timeout_ms = timeout_ms;
    assert_int_equal(azattest_curl_transport_new(NULL, &transport, NULL), AZATTEST_OK);
    assert_int_equal(azattest_azure_cli_credential_new(&options, &credential, NULL), AZATTEST_OK);
    assert_int_equal(
        azattest_credential_get_token_begin(credential, "https://attest.azure.net/.default", NULL, &op, NULL),
        AZATTEST_OK);
    status = azattest_run(op, transport, error);
    if ((got = azattest_op_take_access_token(op)) != NULL)
        *token = strdup(got->token);
    azattest_access_token_free(got);
    azattest_op_free(op);
    azattest_credential_free(credential);
    azattest_transport_free(transport);
    setenv("PATH", before, 1);
    unlink(file);
    rmdir(folder);
    free(before);
    return status;
}

static void expect_az(const char *script, int64_t timeout_ms, azattest_status expected, const char *part)
{
    azattest_error *error = NULL;
    char *token = NULL;
    azattest_status status = run_az(script, timeout_ms, &token, &error);

    if (status != expected || strstr(token != NULL ? token : azattest_error_message(error), part) == NULL)
        fail_msg("%s: %s", azattest_status_name(status), azattest_error_message(error));
    free(token);
    azattest_error_free(error);
}

static void a_program_may_ignore_its_children(void **state)
{
    void (*before)(int) = signal(SIGCHLD, SIG_IGN);

    (void)state;
    expect_az(GOOD, 600000, AZATTEST_OK, "tok-1");
    expect_az("echo 'ERROR: no such tenant' >&2; exit 3", 600000, AZATTEST_E_AUTH, "no such tenant");
    expect_az("exec >&- 2>&-; sleep 1000", 300, AZATTEST_E_TIMEOUT, "300 ms");
    signal(SIGCHLD, before);
}

static atomic_bool reaping;

static void *reap_all(void *user)
{
    (void)user;
    while (atomic_load(&reaping))
        if (waitpid(-1, NULL, WNOHANG) <= 0)
            usleep(1000);
    return NULL;
}

static void a_program_may_wait_for_all_children(void **state)
{
    pthread_t reaper;

    (void)state;
    atomic_store(&reaping, true);
    assert_int_equal(pthread_create(&reaper, NULL, reap_all, NULL), 0);
    for (int i = 0; i < 20; i++)
        expect_az(GOOD, 600000, AZATTEST_OK, "tok-1");
    expect_az("exec >&- 2>&-; sleep 1000", 300, AZATTEST_E_TIMEOUT, "300 ms");
    atomic_store(&reaping, false);
    pthread_join(reaper, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_program_may_ignore_its_children),
        cmocka_unit_test(a_program_may_wait_for_all_children),
    };

    return cmocka_run_group_tests_name("process", tests, NULL, NULL);
}
