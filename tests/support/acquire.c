#include "acquire.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const nothing[] = { NULL };

const char *variable_of(void *user, const char *name)
{
    size_t len = strlen(name);

    for (const char *const *entry = user; *entry != NULL; entry++)
        if (strncmp(*entry, name, len) == 0 && (*entry)[len] == '=')
            return *entry + len + 1;
    return NULL;
}

azattest_credential_options credential_options(variables environment)
{
    azattest_credential_options options = AZATTEST_CREDENTIAL_OPTIONS_INIT;
    union {
        variables seen;
        void *user;
    } list = { .seen = environment == NULL ? nothing : environment };

    options.environment = variable_of;
    options.environment_user = list.user;
    return options;
}

/* Everything that is wanted, as one text: request line, headers, body. */
static void describe(const azattest_op *op, azattest_need need, char *what, size_t what_size, char *all, size_t size)
{
    const azattest_request *request = azattest_op_request(op);
    azattest_bytes body = azattest_request_body(request);

    all[0] = '\0';
    switch (need) {
    case AZATTEST_NEED_HTTP:
        snprintf(what, what_size, "%s %s", azattest_request_method(request), azattest_request_url(request));
        for (size_t i = 0; i < azattest_request_header_count(request); i++)
            snprintf(all + strlen(all), size - strlen(all), "%s: %s\n", azattest_request_header_name(request, i),
                     azattest_request_header_value(request, i));
        snprintf(all + strlen(all), size - strlen(all), "%.*s%s", (int)body.len,
                 body.ptr == NULL ? "" : (const char *)body.ptr,
                 azattest_request_bypasses_proxy(request) ? "\n(no proxy)" : "");
        break;
    case AZATTEST_NEED_FILE:
        snprintf(what, what_size, "%s", azattest_op_file_path(op));
        break;
    case AZATTEST_NEED_PROCESS:
        what[0] = '\0';
        for (size_t i = 0; azattest_op_process_argument(op, i) != NULL; i++)
            snprintf(what + strlen(what), what_size - strlen(what), "%s%s", i > 0 ? " " : "",
                     azattest_op_process_argument(op, i));
        break;
    default:
        snprintf(what, what_size, "%s", azattest_op_scopes(op));
        break;
    }
}

static void check(const azattest_op *op, azattest_need need, const scene *expected)
{
    static char what[8192], all[65536];
    bool wanted = expected->has != NULL && expected->has[0] != '!';

    describe(op, need, what, sizeof(what), all, sizeof(all));
    if (need != expected->need)
        fail_msg("want %d (%s) instead of %d (%s)", (int)need, what, (int)expected->need,
                 expected->what == NULL ? "any" : expected->what);
    if (expected->what != NULL)
        assert_string_equal(what, expected->what);
    if (expected->has != NULL && (strstr(all, expected->has + !wanted) != NULL) != wanted)
        fail_msg("%s: \"%s\" in %s", what, expected->has, all);
}

static void answer_http(azattest_op *op, const scene *with)
{
    azattest_http_response response = AZATTEST_HTTP_RESPONSE_INIT;
    azattest_header header = { NULL, NULL };
    char name[64] = "";

    if (with->status == 0) {
        assert_int_equal(azattest_op_fail(op, with->fail, "nobody is there", false), AZATTEST_OK);
        return;
    }
    if (with->more != NULL) {
        snprintf(name, sizeof(name), "%.*s", (int)strcspn(with->more, ":"), with->more);
        header.name = name;
        header.value = with->more + strlen(name) + 2;
        response.headers = &header;
        response.header_count = 1;
    }
    response.status = with->status;
    response.body = bytes_of(with->body == NULL ? "" : with->body);
    assert_int_equal(azattest_op_respond(op, &response), AZATTEST_OK);
}

static void give(azattest_op *op, azattest_need need, const scene *with)
{
    azattest_access_token token = AZATTEST_ACCESS_TOKEN_INIT;
    azattest_bytes none = { NULL, 0 };

    if (need == AZATTEST_NEED_HTTP) {
        answer_http(op, with);
    } else if (with->fail != AZATTEST_OK) {
        assert_int_equal(azattest_op_fail(op, with->fail, with->body, false), AZATTEST_OK);
    } else if (need == AZATTEST_NEED_FILE) {
        assert_int_equal(azattest_op_give_file(op, with->body == NULL ? none : bytes_of(with->body)), AZATTEST_OK);
    } else if (need == AZATTEST_NEED_PROCESS) {
        assert_int_equal(azattest_op_give_process(op, with->status, bytes_of(with->body == NULL ? "" : with->body),
                                                  bytes_of(with->more == NULL ? "" : with->more)),
                         AZATTEST_OK);
    } else {
        token.token = with->body;
        token.expires_on_s = with->status;
        assert_int_equal(azattest_op_give_token(op, &token), AZATTEST_OK);
    }
}

/* Runs until the end; the operation stays. */
static azattest_status run(azattest_op *op, instance_time *time, const scene *script, int64_t *slept_ms,
                           azattest_error **error)
{
    size_t played = 0, count = 0;
    azattest_need need;

    while (count < MOST_SCENES && script != NULL && script[count].need != 0)
        count++;
    if (slept_ms != NULL)
        *slept_ms = 0;
    while ((need = azattest_op_step(op)) != AZATTEST_NEED_DONE && need != AZATTEST_NEED_FAILED) {
        if (need == AZATTEST_NEED_SLEEP) {
            int64_t wait_ms = azattest_op_wait_ms(op);

            time->now_ms += wait_ms;
            time->monotonic_ms += wait_ms;
            if (slept_ms != NULL)
                *slept_ms += wait_ms;
            assert_int_equal(azattest_op_waited(op), AZATTEST_OK);
            continue;
        }
        if (played == count) {
            static char what[8192], all[65536];

            describe(op, need, what, sizeof(what), all, sizeof(all));
            fail_msg("the script is at its end, and this is wanted: %s", what);
        }
        check(op, need, &script[played]);
        give(op, need, &script[played++]);
    }
    *error = azattest_op_take_error(op);
    if (played != count)
        fail_msg("only %zu of %zu scenes were played: %s", played, count,
                 *error == NULL ? "done" : azattest_error_message(*error));
    return *error == NULL ? AZATTEST_OK : azattest_error_code(*error);
}

azattest_status play(azattest_op *op, instance_time *time, const scene *script, int64_t *slept_ms,
                     azattest_error **error)
{
    azattest_status status = run(op, time, script, slept_ms, error);

    azattest_op_free(op);
    return status;
}

azattest_status acquire(azattest_credential *credential, const char *scopes, instance_time *time, const scene *script,
                        char **token, int64_t *slept_ms, azattest_error **error)
{
    azattest_client_options options = instance_options(time);
    azattest_access_token *got;
    azattest_op *op = NULL;
    azattest_status status;

    *token = NULL;
    status = azattest_credential_get_token_begin(credential, scopes, &options, &op, error);
    if (status != AZATTEST_OK)
        return status;
    status = run(op, time, script, slept_ms, error);
    if ((got = azattest_op_take_access_token(op)) != NULL)
        *token = strdup(got->token);
    azattest_access_token_free(got);
    azattest_op_free(op);
    return status;
}

void expect_token(azattest_credential *credential, instance_time *time, const scene *script, const char *token)
{
    azattest_error *error = NULL;
    azattest_status status;
    char *got = NULL;

    status = acquire(credential, SCOPE, time, script, &got, NULL, &error);
    if (status != AZATTEST_OK)
        fail_msg("no token: %s", azattest_error_message(error));
    assert_non_null(got);
    assert_string_equal(got, token);
    free(got);
}

void expect_no_token(azattest_credential *credential, instance_time *time, const scene *script, azattest_status status,
                     const char *const *parts)
{
    azattest_error *error = NULL;
    char *got = NULL;
    azattest_status seen = acquire(credential, SCOPE, time, script, &got, NULL, &error);

    if (seen != status)
        print_message("got %s: %s\n", azattest_status_name(seen), azattest_error_message(error));
    assert_int_equal(seen, status);
    assert_null(got);
    for (; *parts != NULL; parts++)
        if ((strstr(azattest_error_message(error), *parts + (**parts == '!')) != NULL) == (**parts == '!'))
            fail_msg("\"%s\" in: %s", *parts, azattest_error_message(error));
    azattest_error_free(error);
}

void expect_made(azattest_status status, azattest_error **error, const char *text)
{
    if (text == NULL && status != AZATTEST_OK)
        fail_msg("not made: %s", azattest_error_message(*error));
    if (text != NULL) {
        assert_int_equal(status, AZATTEST_E_ARGUMENT);
        if (strstr(azattest_error_message(*error), text) == NULL)
            fail_msg("\"%s\" is not in: %s", text, azattest_error_message(*error));
    }
    azattest_error_free(*error);
    *error = NULL;
}
