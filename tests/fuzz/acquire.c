/* A call that needs a token, with every kind of credential, and a driver that answers anything to anything. Whatever
 * comes, the token goes to the endpoint alone, secrets to their source alone, only known files are asked for, and no
 * text of an error or of the log has a secret. First byte: the kind; then for each answer a byte for its sort, two for
 * its length, and its text. */
#include <stdlib.h>
#include <string.h>

#include <azattest/azattest.h>

#include "base/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ENDPOINT "https://a.eus.attest.azure.net"
/* Begins with no hexadecimal digit: escapes of other bytes would make it whole. */
#define SECRET "z4n4ry-secret-0123456789"
#define MOST_ANSWERS 40

static int64_t now_ms = INT64_C(1735689600000);

static int64_t now(void *user)
{
    (void)user;
    return now_ms;
}

static const char *const environments[][9] = {
    { NULL },
    { "IDENTITY_ENDPOINT", "http://localhost:1/x", "IDENTITY_HEADER", SECRET, NULL },
    { "IDENTITY_ENDPOINT", "http://localhost:1/x", "IMDS_ENDPOINT", "http://localhost:2", NULL },
    { "MSI_ENDPOINT", "http://localhost:1/x?a=b", "MSI_SECRET", SECRET, NULL },
    { "MSI_ENDPOINT", "http://localhost:1/x", NULL },
    { "AZURE_TENANT_ID", "t", "AZURE_CLIENT_ID", "c", "AZURE_CLIENT_SECRET", SECRET, NULL },
    { "AZURE_TENANT_ID", "t", "AZURE_CLIENT_ID", "c", "AZURE_FEDERATED_TOKEN_FILE", "/federated", NULL },
    { "AZURE_TENANT_ID", "t", "AZURE_CLIENT_ID", "c", "AZURE_CLIENT_CERTIFICATE_PATH", "/certificate", NULL },
};
#define ENVIRONMENTS (sizeof(environments) / sizeof(environments[0]))

static const char *variable(void *user, const char *name)
{
    for (const char *const *one = user; *one != NULL; one += 2)
        if (strcmp(one[0], name) == 0)
            return one[1];
    return NULL;
}

static azattest_credential *make(unsigned kind)
{
    azattest_credential_options options = AZATTEST_CREDENTIAL_OPTIONS_INIT;
    azattest_credential *credential = NULL;
    union {
        const char *const *seen;
        void *user;
    } list = { .seen = environments[kind % ENVIRONMENTS] };
    azattest_status status;

    options.environment = variable;
    options.environment_user = list.user;
    switch (kind / ENVIRONMENTS % 5) {
    case 0:
        status = azattest_default_credential_new(&options, &credential, NULL);
        break;
    case 1:
        status = azattest_managed_identity_credential_new(&options, &credential, NULL);
        break;
    case 2:
        status = azattest_azure_cli_credential_new(&options, &credential, NULL);
        break;
    case 3:
        status = azattest_client_secret_credential_new("t", "c", SECRET, &options, &credential, NULL);
        break;
    default:
        status = azattest_callback_credential_new(NULL, NULL, NULL, &credential, NULL);
        break;
    }
    return status == AZATTEST_OK ? credential : NULL;
}

static bool holds(const char *text, const char *part)
{
    return text != NULL && strstr(text, part) != NULL;
}

static void on_log(void *user, azattest_log_level level, const char *message)
{
    (void)user;
    (void)level;
    if (holds(message, SECRET))
        abort();
}

static void check_request(const azattest_request *request)
{
    static const char *const sources[] = { "https://login.microsoftonline.com/t/", "http://localhost:1/x",
                                           "http://localhost:40342/", "http://169.254.169.254/metadata/" };
    const char *url = azattest_request_url(request);
    azattest_bytes body = azattest_request_body(request);
    bool endpoint = strncmp(url, ENDPOINT "/", sizeof(ENDPOINT)) == 0, source = false;

    for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++)
        source = source || strncmp(url, sources[i], strlen(sources[i])) == 0;
    if (endpoint == source || holds(url, SECRET))
        abort();
    if (endpoint && body.len > 0 && memmem(body.ptr, body.len, SECRET, sizeof(SECRET) - 1) != NULL)
        abort();
    for (size_t i = 0; i < azattest_request_header_count(request); i++) {
        const char *value = azattest_request_header_value(request, i);

        if (strpbrk(value, "\r\n") != NULL || (endpoint && holds(value, SECRET)) ||
            (strncmp(value, "Bearer ", 7) == 0 && (!endpoint || holds(url, "/certs"))))
            abort();
    }
}

static void check_error(const azattest_error *error)
{
    const char *const texts[] = { azattest_error_message(error), azattest_error_hint(error),
                                  azattest_error_reason(error),  azattest_error_error_code(error),
                                  azattest_error_target(error),  azattest_error_service_message(error),
                                  azattest_error_details(error), azattest_error_inner_error(error),
                                  azattest_error_body(error) };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (holds(texts[i], SECRET))
            abort();
}

/* The next answer of the script: its sort, and its text (which ends with a NUL behind it). */
static unsigned next(const uint8_t **at, size_t *left, char **text, size_t *len)
{
    unsigned sort = 0;

    *len = 0;
    if (*left >= 3) {
        sort = (*at)[0];
        *len = (size_t)((*at)[1] << 8 | (*at)[2]);
        *at += 3;
        *left -= 3;
        *len = *len > *left ? *left : *len;
    } else {
        *left = 0;
    }
    *text = azattest__dup(*at, *len);
    *at += *len;
    *left -= *len;
    return sort;
}

/* Who was not told the secret cannot repeat it. */
static void forget_secret(char *text, size_t len)
{
    char *found;

    while ((found = memmem(text, len, SECRET, sizeof(SECRET) - 1)) != NULL)
        *found = 'x';
}

static bool was_told(const azattest_request *request)
{
    azattest_bytes body = azattest_request_body(request);
    bool told = body.len > 0 && memmem(body.ptr, body.len, SECRET, sizeof(SECRET) - 1) != NULL;

    for (size_t i = 0; i < azattest_request_header_count(request); i++)
        told = told || holds(azattest_request_header_value(request, i), SECRET);
    return told;
}

static void answer_http(azattest_op *op, unsigned sort, char *text, size_t len)
{
    static const int statuses[] = { 200, 401, 400, 302, 403, 404, 410, 429, 500, 503, 204, 405 };
    static const char realm[] = "Basic realm=/var/opt/azcmagent/tokens/a.key";
    azattest_http_response response = AZATTEST_HTTP_RESPONSE_INIT;
    azattest_header headers[2] = { { "WWW-Authenticate", sort & 16 ? realm : text }, { "Retry-After", text } };

    check_request(azattest_op_request(op));
    if (!was_told(azattest_op_request(op)))
        forget_secret(text, len);
    response.status = statuses[sort % (sizeof(statuses) / sizeof(statuses[0]))];
    response.headers = headers;
    response.header_count = 2;
    response.reason = sort & 32 ? text : NULL;
    response.body.ptr = text;
    response.body.len = len;
    (void)azattest_op_respond(op, &response);
}

static void answer_file(azattest_op *op, unsigned sort, char *text, size_t len)
{
    static const char *const known[] = { "/federated", "/certificate", "/var/opt/azcmagent/tokens/" };
    azattest_bytes content = { sort % 3 == 0 ? NULL : text, sort % 3 == 0 ? 0 : len };
    const char *path = azattest_op_file_path(op);
    bool fits = azattest_op_file_limit(op) == 0; /* only whether it is there */

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        fits = fits || strncmp(path, known[i], strlen(known[i])) == 0;
    if (!fits || holds(path, "/../"))
        abort();
    if (strncmp(path, known[2], strlen(known[2])) != 0 || strcmp(text, SECRET) != 0)
        forget_secret(text, len); /* a part of a key or of an assertion is nobody's secret */
    (void)azattest_op_give_file(op, content);
}

static void answer(azattest_op *op, azattest_need need, unsigned sort, char *text, size_t len)
{
    static const azattest_status reasons[] = { AZATTEST_E_TRANSPORT, AZATTEST_E_TIMEOUT, AZATTEST_E_AUTH,
                                               AZATTEST_E_CREDENTIAL_UNAVAILABLE, AZATTEST_E_CRYPTO };
    azattest_access_token token = AZATTEST_ACCESS_TOKEN_INIT;
    azattest_bytes bytes = { text, len };

    if (sort == 0xff) {
        azattest_op_cancel(op);
    } else if ((sort & 0xc0) == 0xc0 && need != AZATTEST_NEED_SLEEP) {
        (void)azattest_op_fail(op, reasons[sort % 5], "nobody is there", (sort & 32) != 0);
    } else if (need == AZATTEST_NEED_SLEEP) {
        now_ms += azattest_op_wait_ms(op);
        (void)azattest_op_waited(op);
    } else if (need == AZATTEST_NEED_HTTP) {
        answer_http(op, sort, text, len);
    } else if (need == AZATTEST_NEED_FILE) {
        answer_file(op, sort, text, len);
    } else if (need == AZATTEST_NEED_PROCESS) {
        if (strcmp(azattest_op_process_argument(op, 0), "az") != 0)
            abort();
        forget_secret(text, len);
        (void)azattest_op_give_process(op, sort % 4, bytes, bytes);
    } else {
        forget_secret(text, len);
        token.token = text;
        token.expires_on_s = now_ms / 1000 + (int64_t)sort * 10 - 100;
        (void)azattest_op_give_token(op, &token);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    azattest_client_options options = AZATTEST_CLIENT_OPTIONS_INIT;
    azattest_admin_client *client = NULL;
    azattest_error *error = NULL;
    azattest_op *op = NULL;
    azattest_need need;

    if (size == 0 || (options.credential = make(data[0])) == NULL)
        return 0;
    azattest_log_set(on_log, NULL, AZATTEST_LOG_VERBOSE);
    now_ms = INT64_C(1735689600000);
    options.clock.now_ms = options.clock.monotonic_ms = now;
    options.trace_bodies = AZATTEST_ON;
    if (azattest_admin_client_new(ENDPOINT, &options, &client, NULL) != AZATTEST_OK)
        abort();
    data++;
    size--;
    /* Twice: the second call finds what the first one left in the cache. */
    for (int call = 0; call < 2; call++) {
        if (azattest_admin_client_get_policy_begin(client, "Tpm", NULL, &op, NULL) != AZATTEST_OK)
            abort();
        for (int i = 0; i < MOST_ANSWERS; i++) {
            char *text;
            size_t len;
            unsigned sort;

            need = azattest_op_step(op);
            if (need == AZATTEST_NEED_DONE)
                abort(); /* no key was ever given that could sign an answer */
            if (need == AZATTEST_NEED_FAILED)
                break;
            sort = next(&data, &size, &text, &len);
            if (text != NULL)
                answer(op, need, sort, text, len);
            free(text);
        }
        error = azattest_op_take_error(op);
        check_error(error);
        azattest_error_free(error);
        azattest_op_free(op);
    }
    azattest_admin_client_free(client);
    azattest_credential_free((azattest_credential *)(uintptr_t)options.credential);
    return 0;
}
