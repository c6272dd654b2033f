/* Calls whose answer is no token: guests, KeyGuard, TPM, Pluton; and the TCB baselines. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <azattest/transport.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "commands.h"
#include "connection.h"
#include "error/error.h"
#include "input.h"
#include "login.h"
#include "progress.h"
#include "table.h"

typedef azattest_status (*text_call)(azattest_client *, azattest_transport *, azattest_bytes,
                                     const azattest_attest_options *, char **, size_t *, azattest_error **);

/* A client, and a transport to run its call. */
typedef struct session {
    azattest_client_options options;
    azattest_credential *credential;
    azattest_client *client;
    azattest_transport *transport;
} session;

static azattest_status session_open(const azattest__arguments *arguments, azattest__login_need need, session *out,
                                    azattest_error **error)
{
    static const azattest_client_options defaults = AZATTEST_CLIENT_OPTIONS_INIT;
    const char *endpoint;
    azattest_status status;

    memset(out, 0, sizeof(*out));
    out->options = defaults;
    if ((status = azattest__endpoint(arguments, &endpoint, error)) != AZATTEST_OK ||
        (status = azattest__client_options(arguments, &out->options, error)) != AZATTEST_OK ||
        (status = azattest__login(arguments, need, &out->options, &out->credential, error)) != AZATTEST_OK ||
        (status = azattest_client_new(endpoint, &out->options, &out->client, error)) != AZATTEST_OK)
        return status;
    azattest__progress_begin();
    return azattest__connect(arguments, &out->transport, error);
}

static void session_close(session *open)
{
    azattest_client_free(open->client);
    azattest_credential_free(open->credential);
    azattest_transport_free(open->transport);
}

/* The answer for a file or a pipe as it came, text with a line feed behind it. In a document as text, or in base64url
 * where it may be no text; on a terminal, too. */
static int print_answer(const azattest__arguments *arguments, const char *text, size_t length, bool is_text)
{
    bool terminal = isatty(STDOUT_FILENO);
    azattest__json *document;
    azattest__buf encoded;

    if (arguments->value[OPTION_JSON] == NULL) {
        azattest__buf_init(&encoded, AZATTEST_LIMIT_RESPONSE);
        if (terminal && !is_text)
            azattest__base64url_encode(azattest__bytes(text, length), &encoded);
        if (is_text)
            azattest__output_text(text);
        else if (terminal)
            printf("%s", encoded.ptr == NULL ? "?" : (const char *)encoded.ptr);
        else
            fwrite(text, 1, length, stdout);
        if (terminal != is_text) /* a terminal has had the line feeds of text */
            putchar('\n');
        azattest__buf_free(&encoded);
        return EXIT_VALID;
    }
    document = azattest__json_new_object();
    if (is_text)
        azattest__json_put_bytes_text(document, "answer", azattest__bytes(text, length));
    else
        azattest__json_put_base64url(document, "answer", azattest__bytes(text, length));
    return azattest__output_json(document, EXIT_VALID);
}

static int attest_for_text(const azattest__arguments *arguments, azattest__option content, text_call call, bool is_text)
{
    azattest_attest_options options = AZATTEST_ATTEST_OPTIONS_INIT;
    azattest__buf file, policy;
    azattest_bytes sent, draft;
    session open = { .client = NULL };
    azattest_error *error = NULL;
    char *text = NULL;
    size_t length = 0;
    azattest_status status;
    int code;

    azattest__buf_init(&policy, 1);
    status = azattest__input_option(arguments, content, AZATTEST_LIMIT_ATTESTATION_INFO, &file, &sent, &error);
    if (status == AZATTEST_OK)
        status = azattest__input_option(arguments, OPTION_DRAFT_POLICY, AZATTEST_LIMIT_POLICY, &policy, &draft, &error);
    if (status == AZATTEST_OK && draft.ptr != NULL && memchr(draft.ptr, 0, draft.len) != NULL)
        status =
            azattest__error_set(&error, AZATTEST_E_ARGUMENT, "--draft-policy: the file is no text: it has a NUL byte");
    if (status == AZATTEST_OK)
        options.draft_policy = draft.ptr;
    if (status == AZATTEST_OK &&
        (status = session_open(arguments, azattest__attest_login(arguments), &open, &error)) == AZATTEST_OK)
        status = call(open.client, open.transport, sent, &options, &text, &length, &error);
    azattest__login_explain(&open.options, error);
    code = status == AZATTEST_OK ? print_answer(arguments, text, length, is_text)
                                 : azattest__output_failure(arguments->value[OPTION_JSON] != NULL, error);
    azattest_free(text);
    session_close(&open);
    azattest__buf_free(&file);
    azattest__buf_free(&policy);
    return code;
}

int azattest__command_attest_azure_guest(const azattest__arguments *arguments)
{
    return attest_for_text(arguments, OPTION_ATTESTATION_INFO, azattest_client_attest_azure_guest, true);
}

int azattest__command_attest_key_guard(const azattest__arguments *arguments)
{
    return attest_for_text(arguments, OPTION_ATTESTATION_INFO, azattest_client_attest_key_guard, true);
}

int azattest__command_attest_tpm(const azattest__arguments *arguments)
{
    return attest_for_text(arguments, OPTION_CONTENT, azattest_client_attest_tpm, true);
}

int azattest__command_attest_pluton(const azattest__arguments *arguments)
{
    return attest_for_text(arguments, OPTION_CONTENT, azattest_client_attest_pluton, false);
}

static void print_baseline(const azattest_tcb_baselines *list, size_t i, int64_t now)
{
    azattest__table table = { NULL, 0, false };
    const char *identifier = NULL, *text = NULL;
    int64_t number = 0;
    bool selected = false;
    char heading[96], *shown;

    (void)azattest_tcb_baselines_tcb_identifier(list, i, &identifier);
    (void)azattest_tcb_baselines_is_selected_tcb(list, i, &selected);
    shown = azattest__escaped(identifier == NULL ? "(no identifier)" : identifier, 64);
    snprintf(heading, sizeof(heading), "%s%s", shown == NULL ? "?" : shown, selected ? " (selected)" : "");
    if (azattest_tcb_baselines_tcb_evaluation_data_number(list, i, &number) == AZATTEST_OK)
        azattest__table_row(&table, "evaluation data number", "%lld", (long long)number);
    if (azattest_tcb_baselines_tcb_release_date(list, i, &number) == AZATTEST_OK)
        azattest__table_time(&table, "released", number, now);
    (void)azattest_tcb_baselines_minimum_psw_linux_version(list, i, &text);
    azattest__table_text(&table, "platform software, Linux", text);
    (void)azattest_tcb_baselines_minimum_psw_windows_version(list, i, &text);
    azattest__table_text(&table, "platform software, Windows", text);
    azattest__table_print(&table, heading);
    free(shown);
}

static int print_baselines(const azattest__arguments *arguments, const azattest_tcb_baselines *list)
{
    azattest__json *document = NULL;

    if (arguments->value[OPTION_JSON] != NULL) {
        (void)azattest__json_parse(azattest_tcb_baselines_json(list), &document, NULL);
        return azattest__output_json(document, EXIT_VALID);
    }
    for (size_t i = 0; i < azattest_tcb_baselines_count(list); i++)
        print_baseline(list, i, azattest__clock_now_ms(NULL) / 1000);
    return EXIT_VALID;
}

static azattest_status get_baselines(const azattest__arguments *arguments, azattest__login_need need,
                                     azattest_tcb_baselines **list, azattest_error **error)
{
    session open;
    azattest_status status;

    if ((status = session_open(arguments, need, &open, error)) == AZATTEST_OK)
        status = azattest_client_get_tcb_baseline(open.client, open.transport, arguments->operand, NULL, list, error);
    azattest__login_explain(&open.options, *error);
    session_close(&open);
    return status;
}

/* The service's description asks for an access token here, and whether the service does is not established. So the
 * first question is anonymous, which costs nobody a login, and a 401 brings the default chain. */
int azattest__command_tcb_baselines(const azattest__arguments *arguments)
{
    azattest_tcb_baselines *list = NULL;
    azattest_error *error = NULL;
    azattest_status status;
    int code;

    if ((status = get_baselines(arguments, LOGIN_LATER, &list, &error)) != AZATTEST_OK &&
        azattest_error_status_code(error) == 401 && arguments->value[OPTION_CREDENTIAL] == NULL &&
        arguments->value[OPTION_ACCESS_TOKEN_FILE] == NULL) {
        azattest__output_note("the instance wants an access token for this: trying --credential default");
        azattest_error_free(error);
        error = NULL;
        status = get_baselines(arguments, LOGIN_DEFAULT, &list, &error);
    }
    code = status == AZATTEST_OK ? print_baselines(arguments, list)
                                 : azattest__output_failure(arguments->value[OPTION_JSON] != NULL, error);
    azattest_tcb_baselines_free(list);
    return code;
}
