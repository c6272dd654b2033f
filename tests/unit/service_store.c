/* What the local service keeps: stores that are opened again, modes, files that are no stores. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <pthread.h>
#include <sqlite3.h>

#include "base/encoding.h"
#include "expect.h"
#include "policy_bench.h"

#define POLICY "/policies/SgxEnclave?api-version=2020-10-01"

static char *path(const char *name)
{
    char *out = azattest__state_path(&world.state, name);

    assert_non_null(out);
    unlink(out);
    return out;
}

static azattest_status start(azattest__store *store, const char *mode, const char *signer, azattest__service **out,
                             azattest_error **error)
{
    azattest__service_options options = {
        .endpoint = ENDPOINT, .signing_key = world.key, .clock = service_clock(), .store = store, .mode = mode
    };
    azattest_status status;
    char *pem = NULL;

    if (signer != NULL)
        assert_true(asprintf(&pem, "-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n",
                             policy_certificate(signer)) > 0);
    options.policy_certificates = azattest__text(pem);
    status = azattest__service_new(&options, out, error);
    free(pem);
    return status;
}

static void an_instance_is_as_it_was_when_it_is_opened_again(void **state)
{
    char *file = path("again.db"), *token = policy_token("RS256", "rsa", "rsa", false, PAYLOAD), *got;
    azattest__store *store = NULL;
    azattest__service *service = NULL;
    azattest_error *error = NULL;

    (void)state;
    assert_int_equal(azattest__store_open(file, &store, NULL), AZATTEST_OK);
    assert_int_equal(start(store, "isolated", "rsa", &service, NULL), AZATTEST_OK);
    policy_expect(service, "PUT", POLICY, azattest__text(token), 200, NULL, "Updated");
    azattest__service_free(service);
    azattest__store_free(store);

    assert_int_equal(azattest__store_open(file, &store, NULL), AZATTEST_OK);
    expect(start(store, NULL, "other", &service, &error), &error, AZATTEST_E_STATE, "policy certificate 1 is none");
    assert_int_equal(start(store, NULL, "rsa", &service, NULL), AZATTEST_OK); /* one that it has */
    azattest__service_free(service);
    assert_int_equal(start(store, NULL, NULL, &service, NULL), AZATTEST_OK); /* its own certificates stay */
    assert_int_equal(azattest__service_mode(service), AZATTEST__ISOLATED);
    got = policy_get(service, POLICY);
    assert_string_equal(got, token);
    free(got);
    policy_expect(service, "PUT", POLICY, azattest__text(token), 200, NULL, "Updated");
    free(token);
    token = policy_token("RS256", "other", "other", false, PAYLOAD);
    policy_expect(service, "PUT", POLICY, azattest__text(token), 400, "InvalidOperation", "not signed with");
    azattest__service_free(service);
    azattest__store_free(store);

    assert_int_equal(azattest__store_open(NULL, &store, NULL), AZATTEST_OK);
    assert_int_equal(start(store, "aad", NULL, &service, NULL), AZATTEST_OK);
    azattest__service_free(service);
    expect(start(store, NULL, "rsa", &service, &error), &error, AZATTEST_E_ARGUMENT, "this one is of mode aad");
    azattest__store_free(store);
    free(token);
    free(file);
}

static void modes_have_their_rules(void **state)
{
    static const struct {
        const char *first, *signer; /* NULL: none */
        azattest_status status;
        const char *text;
        const char *again;
        azattest_status status_again;
        const char *text_again;
    } cases[] = {
        { NULL, NULL, AZATTEST_OK, "", "aad", AZATTEST_OK, "" },
        { "aad", NULL, AZATTEST_OK, "", "shared", AZATTEST_E_STATE, "is of mode aad, asked for was shared" },
        { "shared", NULL, AZATTEST_OK, "", NULL, AZATTEST_OK, "" },
        { "isolated", "rsa", AZATTEST_OK, "", "isolated", AZATTEST_OK, "" },
        { "isolated", "rsa", AZATTEST_OK, "", "aad", AZATTEST_E_STATE, "is of mode isolated, asked for was aad" },
        { "isolated", NULL, AZATTEST_E_ARGUMENT, "give --policy-certificate FILE", "aad", AZATTEST_OK, "" },
        { "isolated", "leaf", AZATTEST_E_ARGUMENT, "policy certificate 1: ", "aad", AZATTEST_OK, "" },
        { "aad", "rsa", AZATTEST_E_ARGUMENT, "this one is of mode aad", "isolated", AZATTEST_E_ARGUMENT,
          "needs a policy certificate" },
        { "confidential", NULL, AZATTEST_E_ARGUMENT, "aad, isolated or shared", NULL, AZATTEST_OK, "" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        azattest__store *store = NULL;
        azattest__service *service = NULL;
        azattest_error *error = NULL;

        assert_int_equal(azattest__store_open(NULL, &store, NULL), AZATTEST_OK);
        expect(start(store, cases[i].first, cases[i].signer, &service, &error), &error, cases[i].status, cases[i].text);
        azattest__service_free(service);
        expect(start(store, cases[i].again, NULL, &service, &error), &error, cases[i].status_again,
               cases[i].text_again);
        azattest__service_free(service);
        azattest__store_free(store);
    }
}

static void instances_share_a_store_and_nothing_else(void **state)
{
    azattest__service_options options = { .endpoint = ENDPOINT, .signing_key = world.key, .clock = service_clock() };
    azattest__service *one = NULL, *two = NULL;
    char *token = policy_token("none", NULL, NULL, false, PAYLOAD), *got;

    (void)state;
    assert_int_equal(azattest__store_open(NULL, &options.store, NULL), AZATTEST_OK);
    options.instance = "one";
    assert_int_equal(azattest__service_new(&options, &one, NULL), AZATTEST_OK);
    options.instance = "two";
    options.mode = "shared";
    assert_int_equal(azattest__service_new(&options, &two, NULL), AZATTEST_OK);
    policy_expect(one, "PUT", POLICY, azattest__text(token), 200, NULL, "Updated");
    policy_expect(two, "PUT", POLICY, azattest__text(token), 403, "Forbidden", "shared");
    got = policy_get(two, POLICY);
    assert_string_not_equal(got, token);
    free(got);
    free(token);
    azattest__service_free(one);
    azattest__service_free(two);
    azattest__store_free(options.store);
}

static void run_sql(const char *file, const char *sql)
{
    sqlite3 *db = NULL;

    assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void files_that_are_no_stores_of_ours_are_left_alone(void **state)
{
    static const struct {
        const char *sql; /* NULL: no database at all */
        const char *text;
    } files[] = {
        { NULL, "not a database" },
        { "CREATE TABLE theirs(a)", "database of another program" },
        { "PRAGMA user_version=1", "database of another program" },
        { "PRAGMA application_id=1635410292; PRAGMA user_version=2", "schema version 2, this azattest knows 1" },
        { "PRAGMA application_id=1635410292; PRAGMA user_version=0; CREATE TABLE instance(name, mode)",
          "schema version 0" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        char *file = path("foreign.db");
        azattest__store *store = NULL;
        azattest_error *error = NULL;

        if (files[i].sql == NULL) {
            FILE *stream = fopen(file, "w");

            for (int line = 0; line < 100; line++)
                fputs("this is the text of somebody else\n", stream);
            fclose(stream);
        } else {
            run_sql(file, files[i].sql);
        }
        expect(azattest__store_open(file, &store, &error), &error, AZATTEST_E_STATE, files[i].text);
        assert_null(store);
        unlink(file);
        free(file);
    }
}

/* What is in the file may be anything; a request then fails on the service's side, and a token is never the answer. */
static void damaged_content_is_the_services_fault(void **state)
{
    char *file = path("damaged.db"), *body = expand("{" QUOTE "}");
    azattest__store *store = NULL;
    azattest__service *service = NULL;
    azattest_error *error = NULL;

    (void)state;
    assert_int_equal(azattest__store_open(file, &store, NULL), AZATTEST_OK);
    assert_int_equal(start(store, "isolated", "rsa", &service, NULL), AZATTEST_OK);
    run_sql(file, "INSERT INTO policy VALUES('default', 'SgxEnclave', 'no token')");
    azattest__service_free(service);
    {
        azattest__service_options options = { .endpoint = ENDPOINT,
                                              .signing_key = world.key,
                                              .extra_roots = azattest_simulator_root_pem(world.simulator),
                                              .clock = service_clock(),
                                              .store = store };

        assert_int_equal(azattest__service_new(&options, &service, NULL), AZATTEST_OK);
    }
    policy_expect(service, "POST", SGX, azattest__text(body), 500, "InternalError", "stored policy of SgxEnclave");
    run_sql(file, "UPDATE certificate SET der=x'3000'");
    policy_expect(service, "GET", "/certificates?api-version=2020-10-01", azattest__text(""), 500, "InternalError",
                  "a stored certificate cannot be read");
    run_sql(file, "DROP TABLE policy");
    policy_expect(service, "GET", POLICY, azattest__text(""), 500, "InternalError", "damaged.db");
    azattest__service_free(service);
    service = NULL;
    run_sql(file, "UPDATE instance SET mode='none'");
    expect(start(store, NULL, NULL, &service, &error), &error, AZATTEST_E_STATE, "unknown mode");
    azattest__store_free(store);
    free(body);
    free(file);
}

/* Eight threads change and read two policies: each answer is one of the policies that were put, and no call fails. */
static azattest__service *shared_by_threads;

static void *work(void *user)
{
    const char *target = user;
    char *token = policy_token("none", NULL, NULL, false, PAYLOAD);

    for (int i = 0; i < 20; i++) {
        azattest__service_request put = { .method = "PUT", .target = target, .body = azattest__text(token) };
        azattest__service_request get = { .method = "GET", .target = target };
        azattest__service_answer answer;

        azattest__service_handle(shared_by_threads, &put, &answer);
        if (answer.status != 200)
            abort();
        azattest__service_answer_clear(&answer);
        azattest__service_handle(shared_by_threads, &get, &answer);
        if (answer.status != 200)
            abort();
        azattest__service_answer_clear(&answer);
    }
    free(token);
    return NULL;
}

static void threads_do_not_meet(void **state)
{
    static char sgx_target[] = POLICY, tpm_target[] = "/policies/Tpm?api-version=2020-10-01";
    pthread_t threads[8];
    char *token = policy_token("none", NULL, NULL, false, PAYLOAD), *got;

    (void)state;
    shared_by_threads = policy_service(AZATTEST__AAD);
    for (size_t i = 0; i < 8; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, work, i % 2 == 0 ? sgx_target : tpm_target), 0);
    for (size_t i = 0; i < 8; i++)
        pthread_join(threads[i], NULL);
    got = policy_get(shared_by_threads, tpm_target);
    assert_string_equal(got, token);
    free(got);
    free(token);
    azattest__service_free(shared_by_threads);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_instance_is_as_it_was_when_it_is_opened_again),
        cmocka_unit_test(modes_have_their_rules),
        cmocka_unit_test(instances_share_a_store_and_nothing_else),
        cmocka_unit_test(files_that_are_no_stores_of_ours_are_left_alone),
        cmocka_unit_test(damaged_content_is_the_services_fault),
        cmocka_unit_test(threads_do_not_meet),
    };

    return cmocka_run_group_tests_name("service_store", tests, policy_setup, policy_teardown);
}
