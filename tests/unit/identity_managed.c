/* Managed identities, the CLI, and the chain. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acquire.h"
#include "identity/managed.h"
#include "identity/token_reply.h"

#define QUERY "&resource=https%3A%2F%2Fattest.azure.net"
#define IMDS "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01" QUERY
#define ARC_KEY "/var/opt/azcmagent/tokens/f00.key"
#define TEXTS                                                                                                          \
    "{\"access_token\":\"tok-1\",\"client_id\":\"x\",\"expires_in\":\"86399\",\"expires_on\":\"1735776000\","          \
    "\"ext_expires_in\":\"86399\",\"not_before\":\"1735689000\",\"resource\":\"r\",\"token_type\":\"Bearer\"}"
#define HTTP(what, has, status, body)                                                                                  \
    {                                                                                                                  \
        AZATTEST_NEED_HTTP, what, has, status, body, NULL, 0                                                           \
    }
#define NO_AGENT                                                                                                       \
    {                                                                                                                  \
        AZATTEST_NEED_FILE, "/opt/azcmagent/bin/himds", NULL, 0, NULL, NULL, 0                                         \
    }
#define SILENCE                                                                                                        \
    {                                                                                                                  \
        AZATTEST_NEED_HTTP, NULL, NULL, 0, NULL, NULL, AZATTEST_E_TRANSPORT                                            \
    }
#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static instance_time now(void)
{
    instance_time time = { INSTANCE_NOW_S * 1000, 5000 };

    return time;
}

typedef struct ids {
    const char *client, *object, *resource;
} ids;

static azattest_credential *managed(variables environment, ids id, const char *failure)
{
    azattest_credential_options options = credential_options(environment);
    azattest_credential *credential = NULL;
    azattest_error *error = NULL;

    options.client_id = id.client;
    options.object_id = id.object;
    options.resource_id = id.resource;
    expect_made(azattest_managed_identity_credential_new(&options, &credential, &error), &error, failure);
    return credential;
}

/* ---- which source, and what it is asked ---- */

static void every_source_is_asked_in_its_own_way(void **state)
{
    static const struct {
        const char *name;
        const char *const environment[6];
        ids id;
        scene script[6];
    } cases[] = {
        { "service fabric",
          { "IDENTITY_ENDPOINT=https://localhost:2377/metadata/identity/oauth2/token", "IDENTITY_HEADER=h",
            "IDENTITY_SERVER_THUMBPRINT=0123456789abcdefABCDEF0123456789abcdef01", "IMDS_ENDPOINT=x" },
          { NULL, NULL, NULL },
          { HTTP("GET https://localhost:2377/metadata/identity/oauth2/token?api-version=2019-07-01-preview" QUERY,
                 "Secret: h\n", 200, "{\"access_token\":\"tok-1\",\"expires_on\":1735776000}") } },
        { "app service",
          { "IDENTITY_ENDPOINT=http://127.0.0.1:41741/msi/token/", "IDENTITY_HEADER=h", "MSI_ENDPOINT=http://b" },
          { NULL, NULL, NULL },
          { HTTP("GET http://127.0.0.1:41741/msi/token/?api-version=2019-08-01" QUERY, "X-IDENTITY-HEADER: h\n", 200,
                 "{\"access_token\":\"tok-1\",\"expires_on\":\"1735776000\"}") } },
        { "app service, user-assigned",
          { "IDENTITY_ENDPOINT=http://a/token?x=1", "IDENTITY_HEADER=h" },
          { NULL, NULL, "/subscriptions/s" },
          { HTTP("GET http://a/token?x=1&api-version=2019-08-01" QUERY "&mi_res_id=%2Fsubscriptions%2Fs", "(no proxy)",
                 200, TEXTS) } },
        { "app service, by object",
          { "IDENTITY_ENDPOINT=http://a/token", "IDENTITY_HEADER=h" },
          { NULL, "o", NULL },
          { HTTP("GET http://a/token?api-version=2019-08-01" QUERY "&principal_id=o", NULL, 200, TEXTS) } },
        { "app service of 2017",
          { "MSI_ENDPOINT=http://a/token", "MSI_SECRET=s" },
          { "c", NULL, NULL },
          { HTTP("GET http://a/token?api-version=2017-09-01" QUERY "&clientid=c", "secret: s\n", 200,
                 "{\"access_token\":\"tok-1\",\"expires_on\":\"01/02/2025 02:57:58 AM +00:00\"}") } },
        { "azure ml",
          { "MSI_ENDPOINT=http://a/token", "MSI_SECRET=s", "DEFAULT_IDENTITY_CLIENT_ID=d" },
          { NULL, NULL, NULL },
          { HTTP("GET http://a/token?api-version=2017-09-01" QUERY "&clientid=d", "Metadata: true\n", 200,
                 "{\"access_token\":\"tok-1\",\"expires_on\":1735776000}") } },
        { "cloud shell",
          { "MSI_ENDPOINT=http://localhost:50342/oauth2/token" },
          { NULL, NULL, NULL },
          { HTTP("POST http://localhost:50342/oauth2/token", "\nresource=https%3A%2F%2Fattest.azure.net", 200,
                 TEXTS) } },
        { "arc",
          { "IDENTITY_ENDPOINT=http://localhost:40342/metadata/identity/oauth2/token", "IMDS_ENDPOINT=x" },
          { NULL, NULL, NULL },
          { { AZATTEST_NEED_HTTP,
              "GET http://localhost:40342/metadata/identity/oauth2/token?api-version=2019-11-01" QUERY,
              "Metadata: true\n", 401, "", "Www-Authenticate: Basic realm=" ARC_KEY, 0 },
            { AZATTEST_NEED_FILE, ARC_KEY, NULL, 0, "k3y", NULL, 0 },
            HTTP("GET http://localhost:40342/metadata/identity/oauth2/token?api-version=2019-11-01" QUERY,
                 "Authorization: Basic k3y\n", 200, TEXTS) } },
        { "arc, of its agent",
          { NULL },
          { NULL, NULL, NULL },
          { { AZATTEST_NEED_FILE, "/opt/azcmagent/bin/himds", NULL, 0, "\x7f", NULL, 0 },
            { AZATTEST_NEED_HTTP,
              "GET http://localhost:40342/metadata/identity/oauth2/token?api-version=2019-11-01" QUERY, NULL, 401, "",
              "WWW-Authenticate: Basic realm=\"" ARC_KEY "\"", 0 },
            { AZATTEST_NEED_FILE, ARC_KEY, NULL, 0, "k3y\n", NULL, 0 },
            HTTP(NULL, "Authorization: Basic k3y\n", 200, TEXTS) } },
        { "imds", { NULL }, { NULL, NULL, NULL }, { NO_AGENT, HTTP("GET " IMDS, "Metadata: true\n", 200, TEXTS) } },
        { "imds elsewhere, user-assigned",
          { "AZURE_POD_IDENTITY_AUTHORITY_HOST=http://127.0.0.1:9/" },
          { NULL, NULL, "r" },
          { NO_AGENT,
            HTTP("GET http://127.0.0.1:9/metadata/identity/oauth2/token?api-version=2018-02-01" QUERY "&msi_res_id=r",
                 "(no proxy)", 200, TEXTS) } },
        { "imds, by object",
          { NULL },
          { NULL, "o", NULL },
          { NO_AGENT, HTTP("GET " IMDS "&object_id=o", NULL, 200, TEXTS) } },
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        azattest_credential *credential = managed(cases[i].environment, cases[i].id, NULL);
        instance_time time = now();

        print_message("  %s\n", cases[i].name);
        expect_token(credential, &time, cases[i].script, "tok-1");
        azattest_credential_free(credential);
    }
}

static void wrong_configurations(void **state)
{
    static const struct {
        const char *const environment[4];
        ids id;
        const char *failure;
    } cases[] = {
        { { NULL }, { "a", "b", NULL }, "exclude each other" },
        { { "MSI_ENDPOINT=http://a" }, { "a", NULL, NULL }, "Cloud Shell" },
        { { "MSI_ENDPOINT=http://a", "MSI_SECRET=s" }, { NULL, "o", NULL }, "2017" },
        { { "IDENTITY_ENDPOINT=http://a", "IMDS_ENDPOINT=x" }, { "a", NULL, NULL }, "Azure Arc" },
        { { "IDENTITY_ENDPOINT=https://a", "IDENTITY_HEADER=h",
            "IDENTITY_SERVER_THUMBPRINT=0123456789abcdefABCDEF0123456789abcdef01" },
          { "a", NULL, NULL },
          "Service Fabric" },
        { { "IDENTITY_ENDPOINT=http://a", "IDENTITY_HEADER=h",
            "IDENTITY_SERVER_THUMBPRINT=0123456789abcdefABCDEF0123456789abcdef01" },
          { NULL, NULL, NULL },
          "IDENTITY_ENDPOINT" },
        { { "IDENTITY_ENDPOINT=https://a", "IDENTITY_HEADER=h", "IDENTITY_SERVER_THUMBPRINT=01" },
          { NULL, NULL, NULL },
          "40 hexadecimal" },
        { { "IDENTITY_ENDPOINT=file:///etc/passwd", "IDENTITY_HEADER=h" }, { NULL, NULL, NULL }, "IDENTITY_ENDPOINT" },
        { { "IDENTITY_ENDPOINT=http://u:p@a/", "IDENTITY_HEADER=h" }, { NULL, NULL, NULL }, "IDENTITY_ENDPOINT" },
        { { "IDENTITY_ENDPOINT=http://a/", "IDENTITY_HEADER=h\r\nX: y" }, { NULL, NULL, NULL }, "secret" },
        { { "AZURE_POD_IDENTITY_AUTHORITY_HOST=169.254.1.1" }, { NULL, NULL, NULL }, "AZURE_POD_IDENTITY" },
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++)
        assert_null(managed(cases[i].environment, cases[i].id, cases[i].failure));
}

static void service_fabric_is_known_by_its_certificate_alone(void **state)
{
    static const char *const environment[] = { "IDENTITY_ENDPOINT=https://localhost:2377/", "IDENTITY_HEADER=h",
                                               "IDENTITY_SERVER_THUMBPRINT=0123456789abcdefABCDEF0123456789abcdef01",
                                               NULL };
    ids none = { NULL, NULL, NULL };
    azattest_credential *credential = managed(environment, none, NULL);
    azattest_client_options options;
    instance_time time = now();
    azattest_op *op = NULL;

    (void)state;
    options = instance_options(&time);
    assert_int_equal(azattest_credential_get_token_begin(credential, SCOPE, &options, &op, NULL), AZATTEST_OK);
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_HTTP);
    assert_string_equal(azattest_request_server_thumbprint(azattest_op_request(op)),
                        "0123456789abcdefABCDEF0123456789abcdef01");
    assert_true(azattest_request_bypasses_proxy(azattest_op_request(op)));
    azattest_op_free(op);
    azattest_credential_free(credential);
}

/* ---- Arc's file ---- */

static void only_arcs_own_files_are_read(void **state)
{
    static const struct {
        const char *challenge;
        bool good;
    } cases[] = {
        { "Basic realm=" ARC_KEY, true },
        { "basic REALM=" ARC_KEY, true },
        { "Basic realm=\"" ARC_KEY "\"", true },
        { NULL, false },
        { "", false },
        { "Bearer realm=" ARC_KEY, false },
        { "Basic realm=/etc/shadow", false },
        { "Basic realm=/etc/shadow.key", false },
        { "Basic realm=/var/opt/azcmagent/tokens/../x.key", false },
        { "Basic realm=/var/opt/azcmagent/tokens/a/b.key", false },
        { "Basic realm=/var/opt/azcmagent/tokens/../../../../etc/x.key", false },
        { "Basic realm=/var/opt/azcmagent/tokens/.key", false },
        { "Basic realm=/var/opt/azcmagent/tokens/", false },
        { "Basic realm=/var/opt/azcmagent/tokens/a.txt", false },
        { "Basic realm=/var/opt/azcmagent/tokens/a.key ", false },
        { "Basic realm=/var/opt/azcmagent/tokens/a b.key", false },
        { "Basic realm=/var/opt/azcmagent/tokensx/a.key", false },
        { "Basic realm=var/opt/azcmagent/tokens/a.key", false },
        { "Basic realm=\"" ARC_KEY, false },
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        const char *reason;
        azattest_bytes path = azattest__arc_realm(cases[i].challenge, &reason);

        if ((path.ptr != NULL) != cases[i].good || (path.ptr == NULL) != (reason != NULL))
            fail_msg("%s", cases[i].challenge);
        if (cases[i].good)
            assert_memory_equal(path.ptr, ARC_KEY, path.len);
    }
}

static void arc_is_not_believed_without_its_file(void **state)
{
    static const char *const environment[] = { "IDENTITY_ENDPOINT=http://localhost:40342/x", "IMDS_ENDPOINT=x", NULL };
    static char large[4098];
    static const struct {
        scene script[4];
        const char *part;
    } cases[] = {
        { { HTTP(NULL, NULL, 200, TEXTS) }, "should have made a challenge" },
        { { HTTP(NULL, NULL, 401, "") }, "not believed" },
        { { { AZATTEST_NEED_HTTP, NULL, NULL, 401, "", "WWW-Authenticate: Basic realm=/etc/shadow", 0 } }, "outside" },
        { { { AZATTEST_NEED_HTTP, NULL, NULL, 401, "", "WWW-Authenticate: Basic realm=" ARC_KEY, 0 },
            { AZATTEST_NEED_FILE, ARC_KEY, NULL, 0, NULL, NULL, 0 } },
          "does not exist" },
        { { { AZATTEST_NEED_HTTP, NULL, NULL, 401, "", "WWW-Authenticate: Basic realm=" ARC_KEY, 0 },
            { AZATTEST_NEED_FILE, ARC_KEY, NULL, 0, large, NULL, 0 } },
          "4096" },
        { { { AZATTEST_NEED_HTTP, NULL, NULL, 401, "", "WWW-Authenticate: Basic realm=" ARC_KEY, 0 },
            { AZATTEST_NEED_FILE, ARC_KEY, NULL, 0, "a\r\nX: y", NULL, 0 } },
          "nothing that could be sent" },
        { { { AZATTEST_NEED_HTTP, NULL, NULL, 401, "", "WWW-Authenticate: Basic realm=" ARC_KEY, 0 },
            { AZATTEST_NEED_FILE, ARC_KEY, NULL, 0, "k3y", NULL, 0 },
            HTTP(NULL, NULL, 401, "{\"error\":\"e\"}") },
          "answered 401" },
    };

    (void)state;
    memset(large, 'a', sizeof(large) - 1);
    for (size_t i = 0; i < LENGTH(cases); i++) {
        const char *const parts[] = { cases[i].part, "!k3y", NULL };
        ids none = { NULL, NULL, NULL };
        azattest_credential *credential = managed(environment, none, NULL);
        instance_time time = now();

        expect_no_token(credential, &time, cases[i].script, AZATTEST_E_AUTH, parts);
        azattest_credential_free(credential);
    }
}

/* ---- IMDS ---- */

static void imds_tries(void **state)
{
    static const struct {
        const char *name;
        scene script[10];
        azattest_status status;
        int64_t slept_ms;
    } cases[] = {
        { "busy, then well",
          { NO_AGENT, HTTP(NULL, NULL, 404, ""), HTTP(NULL, NULL, 429, ""), HTTP(NULL, NULL, 500, ""),
            HTTP(NULL, NULL, 200, TEXTS) },
          AZATTEST_OK,
          1000 + 2000 + 4000 },
        { "an update takes its time",
          { NO_AGENT, HTTP(NULL, NULL, 410, ""), HTTP(NULL, NULL, 410, ""), HTTP(NULL, NULL, 410, ""),
            HTTP(NULL, NULL, 410, ""), HTTP(NULL, NULL, 410, ""), HTTP(NULL, NULL, 410, ""), HTTP(NULL, NULL, 410, ""),
            HTTP(NULL, NULL, 200, TEXTS) },
          AZATTEST_OK,
          70000 },
        { "an update without end",
          { NO_AGENT, HTTP(NULL, NULL, 410, ""), HTTP(NULL, NULL, 410, ""), HTTP(NULL, NULL, 410, ""),
            HTTP(NULL, NULL, 410, ""), HTTP(NULL, NULL, 410, ""), HTTP(NULL, NULL, 410, ""), HTTP(NULL, NULL, 410, ""),
            HTTP(NULL, NULL, 410, "") },
          AZATTEST_E_HTTP,
          70000 },
        { "no such identity",
          { NO_AGENT,
            HTTP(NULL, NULL, 400, "{\"error\":\"invalid_request\",\"error_description\":\"Identity not found\"}") },
          AZATTEST_E_CREDENTIAL_UNAVAILABLE,
          0 },
        { "docker",
          { NO_AGENT, HTTP(NULL, NULL, 403, "A socket operation was attempted to an unreachable network") },
          AZATTEST_E_CREDENTIAL_UNAVAILABLE,
          0 },
        { "a gateway", { NO_AGENT, HTTP(NULL, NULL, 403, "no") }, AZATTEST_E_CREDENTIAL_UNAVAILABLE, 0 },
        { "forbidden", { NO_AGENT, HTTP(NULL, NULL, 403, "{\"error\":\"forbidden\"}") }, AZATTEST_E_AUTH, 0 },
        { "somebody else",
          { NO_AGENT, HTTP(NULL, NULL, 200, "<html>welcome</html>") },
          AZATTEST_E_CREDENTIAL_UNAVAILABLE,
          0 },
        { "nobody", { NO_AGENT, SILENCE, SILENCE, SILENCE, SILENCE }, AZATTEST_E_CREDENTIAL_UNAVAILABLE, 7000 },
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        ids none = { NULL, NULL, NULL };
        azattest_credential *credential = managed(NULL, none, NULL);
        azattest_error *error = NULL;
        instance_time time = now();
        char *token = NULL;
        int64_t slept_ms = 0;

        if (acquire(credential, SCOPE, &time, cases[i].script, &token, &slept_ms, &error) != cases[i].status)
            fail_msg("%s: %s", cases[i].name, azattest_error_message(error));
        if (slept_ms != cases[i].slept_ms)
            fail_msg("%s: %lld ms", cases[i].name, (long long)slept_ms);
        free(token);
        azattest_error_free(error);
        azattest_credential_free(credential);
    }
}

static void one_scope_only(void **state)
{
    ids none = { NULL, NULL, NULL };
    azattest_credential *credential = managed(NULL, none, NULL);
    azattest_error *error = NULL;
    instance_time time = now();
    static const scene script[] = { NO_AGENT, { 0 } };
    char *token = NULL;

    (void)state;
    assert_int_equal(acquire(credential, "a b", &time, script, &token, NULL, &error), AZATTEST_E_ARGUMENT);
    assert_non_null(strstr(azattest_error_message(error), "one scope"));
    azattest_error_free(error);
    azattest_credential_free(credential);
}

/* ---- CLI ---- */

#define AZ "az account get-access-token --output json --resource " RESOURCE
#define CLI_REPLY                                                                                                      \
    "{\"accessToken\": \"tok-1\", \"expiresOn\": \"2025-01-01 13:00:00.000000\", \"expires_on\": 1735776000, "         \
    "\"tenant\": \"t\", \"tokenType\": \"Bearer\"}\n"

static azattest_credential *cli(const char *tenant, const char *subscription, const char *failure)
{
    azattest_credential_options options = credential_options(NULL);
    azattest_credential *credential = NULL;
    azattest_error *error = NULL;

    options.tenant_id = tenant;
    options.subscription = subscription;
    expect_made(azattest_azure_cli_credential_new(&options, &credential, &error), &error, failure);
    return credential;
}

static void the_cli_is_asked(void **state)
{
    static const scene plain[] = { { AZATTEST_NEED_PROCESS, AZ, NULL, 0, CLI_REPLY, NULL, 0 }, { 0 } };
    static const scene more[] = { { AZATTEST_NEED_PROCESS, AZ " --tenant t.example --subscription My Sub_1", NULL, 0,
                                    CLI_REPLY, "WARNING: something", 0 },
                                  { 0 } };
    azattest_credential *credential = cli(NULL, NULL, NULL);
    instance_time time = now();

    (void)state;
    expect_token(credential, &time, plain, "tok-1");
    azattest_credential_free(credential);
    credential = cli("t.example", "My Sub_1", NULL);
    expect_token(credential, &time, more, "tok-1");
    azattest_credential_free(credential);
}

static void the_cli_is_given_no_strange_characters(void **state)
{
    azattest_credential *credential;
    azattest_error *error = NULL;
    instance_time time = now();
    char *token = NULL;

    (void)state;
    assert_null(cli("a;b", NULL, "tenant"));
    assert_null(cli("--x", NULL, "'-'"));
    assert_null(cli(NULL, "a;b", "subscription"));
    assert_null(cli(NULL, "a\"b", "subscription"));
    assert_null(cli(NULL, "-x", "subscription"));
    credential = cli(NULL, NULL, NULL);
    assert_int_equal(acquire(credential, "https://a;rm", &time, NULL, &token, NULL, &error), AZATTEST_E_ARGUMENT);
    azattest_error_free(error);
    error = NULL;
    assert_int_equal(acquire(credential, "--help", &time, NULL, &token, NULL, &error), AZATTEST_E_ARGUMENT);
    azattest_error_free(error);
    azattest_credential_free(credential);
}

static void what_the_cli_says(void **state)
{
    static char long_text[2000];
    static const struct {
        scene scene;
        azattest_status status;
        const char *parts[4];
    } cases[] = {
        { { AZATTEST_NEED_PROCESS, NULL, NULL, 127, "", "", 0 },
          AZATTEST_E_CREDENTIAL_UNAVAILABLE,
          { "not installed" } },
        { { AZATTEST_NEED_PROCESS, NULL, NULL, 0, "the program \"az\" cannot be started", NULL,
            AZATTEST_E_CREDENTIAL_UNAVAILABLE },
          AZATTEST_E_CREDENTIAL_UNAVAILABLE,
          { "cannot be started" } },
        { { AZATTEST_NEED_PROCESS, NULL, NULL, 1, "", "ERROR: Please run 'az login' to setup account.", 0 },
          AZATTEST_E_CREDENTIAL_UNAVAILABLE,
          { "az login" } },
        { { AZATTEST_NEED_PROCESS, NULL, NULL, 1, "",
            "\x1b[31mERROR: the tenant is gone eyJhbGciOiJSUzI1NiJ9.e30.x\x1b[0m", 0 },
          AZATTEST_E_AUTH,
          { "az ended with 1: ERROR: the tenant is gone ****", "!eyJ", "!\x1b" } },
        { { AZATTEST_NEED_PROCESS, NULL, NULL, 1, "", long_text, 0 },
          AZATTEST_E_AUTH,
          { "...", "!"
                   "xxxxxxxxxxy" } },
        { { AZATTEST_NEED_PROCESS, NULL, NULL, 0, "it took too long", NULL, AZATTEST_E_TIMEOUT },
          AZATTEST_E_TIMEOUT,
          { "too long" } },
        { { AZATTEST_NEED_PROCESS, NULL, NULL, 0, "no json", "", 0 }, AZATTEST_E_RESPONSE, { "no JSON" } },
        { { AZATTEST_NEED_PROCESS, NULL, NULL, 0, "{\"accessToken\":\"t\"}", "", 0 },
          AZATTEST_E_RESPONSE,
          { "expires" } },
        { { AZATTEST_NEED_PROCESS, NULL, NULL, 137, "", "", 0 }, AZATTEST_E_AUTH, { "137" } },
    };

    (void)state;
    memset(long_text, 'x', sizeof(long_text) - 2);
    long_text[sizeof(long_text) - 2] = 'y';
    for (size_t i = 0; i < LENGTH(cases); i++) {
        const scene script[] = { cases[i].scene, { 0 } };
        azattest_credential *credential = cli(NULL, NULL, NULL);
        instance_time time = now();

        expect_no_token(credential, &time, script, cases[i].status, cases[i].parts);
        azattest_credential_free(credential);
    }
}

static void the_clis_answer(void **state)
{
    static const struct {
        const char *output;
        int64_t expires_on; /* 0: refused */
    } cases[] = {
        { CLI_REPLY, 1735776000 },
        { "{\"accessToken\":\"t\",\"expiresOn\":\"2025-01-01 13:00:00.000000\"}", 1735736400 },
        { "{\"accessToken\":\"t\",\"expiresOn\":\"2025-01-01T13:00:00\"}", 1735736400 },
        { "{\"accessToken\":\"t\",\"expires_on\":\"1735776000\"}", 1735776000 },
        { "{\"accessToken\":\"t\",\"expiresOn\":\"soon\"}", 0 },
        { "{\"accessToken\":\"t\",\"expiresOn\":\"2025-13-01 13:00:00\"}", 0 },
        { "{\"accessToken\":\"t\",\"expiresOn\":\"2025-01-01 13:00:00 and more\"}", 0 },
        { "{\"accessToken\":\"a b\",\"expires_on\":1735776000}", 0 },
    };

    (void)state;
    setenv("TZ", "UTC", 1);
    for (size_t i = 0; i < LENGTH(cases); i++) {
        azattest__access_token token;
        azattest_status status = azattest__cli_reply("x", bytes_of(cases[i].output), &token, NULL);

        assert_int_equal(status == AZATTEST_OK, cases[i].expires_on != 0);
        if (token.expires_on_s != cases[i].expires_on)
            fail_msg("%s: %lld", cases[i].output, (long long)token.expires_on_s);
        azattest__access_token_clear(&token);
    }
    for (size_t i = 0; i + 2 < strlen(CLI_REPLY); i++) {
        azattest__access_token token;
        char *cut = strndup(CLI_REPLY, i);

        assert_int_equal(azattest__cli_reply("x", azattest__bytes(cut, i), &token, NULL), AZATTEST_E_RESPONSE);
        free(cut);
    }
}

/* ---- the chain ---- */

static azattest_credential *chain(variables environment, const char *failure)
{
    azattest_credential_options options = credential_options(environment);
    azattest_credential *credential = NULL;
    azattest_error *error = NULL;

    expect_made(azattest_default_credential_new(&options, &credential, &error), &error, failure);
    return credential;
}

static void the_chain_goes_on_until_one_works(void **state)
{
    static const struct {
        const char *name;
        const char *const environment[8];
        scene script[6];
    } cases[] = {
        { "environment",
          { "AZURE_TENANT_ID=t", "AZURE_CLIENT_ID=c", "AZURE_CLIENT_SECRET=s" },
          { HTTP(NULL, "client_secret=s", 200, TEXTS) } },
        { "workload",
          { "AZURE_TENANT_ID=t", "AZURE_CLIENT_ID=c", "AZURE_FEDERATED_TOKEN_FILE=/f" },
          { { AZATTEST_NEED_FILE, "/f", NULL, 0, "eyJ", NULL, 0 }, HTTP(NULL, "client_assertion=eyJ", 200, TEXTS) } },
        { "imds is probed first",
          { NULL },
          { NO_AGENT, HTTP("GET " IMDS, "!Metadata", 400, "{}"), HTTP("GET " IMDS, "Metadata: true\n", 200, TEXTS) } },
        { "imds with AZURE_CLIENT_ID",
          { "AZURE_CLIENT_ID=c" },
          { NO_AGENT, HTTP("GET " IMDS "&client_id=c", "!Metadata", 400, "{}"),
            HTTP("GET " IMDS "&client_id=c", "Metadata: true\n", 200, TEXTS) } },
        { "app service is not probed",
          { "IDENTITY_ENDPOINT=http://a", "IDENTITY_HEADER=h" },
          { HTTP(NULL, "X-IDENTITY-HEADER: h", 200, TEXTS) } },
        { "no imds", { NULL }, { NO_AGENT, SILENCE, { AZATTEST_NEED_PROCESS, AZ, NULL, 0, CLI_REPLY, NULL, 0 } } },
        { "docker",
          { NULL },
          { NO_AGENT,
            HTTP(NULL, NULL, 403, "unreachable host"),
            { AZATTEST_NEED_PROCESS, AZ, NULL, 0, CLI_REPLY, NULL, 0 } } },
        { "a gateway that denies",
          { NULL },
          { NO_AGENT,
            HTTP(NULL, NULL, 403, "denied destination"),
            { AZATTEST_NEED_PROCESS, AZ, NULL, 0, CLI_REPLY, NULL, 0 } } },
        { "no such identity",
          { NULL },
          { NO_AGENT,
            HTTP(NULL, NULL, 400, "{}"),
            HTTP(NULL, NULL, 400, "{}"),
            { AZATTEST_NEED_PROCESS, AZ, NULL, 0, CLI_REPLY, NULL, 0 } } },
        { "managed identity that is wrongly configured",
          { "IDENTITY_ENDPOINT=x", "IDENTITY_HEADER=h" },
          { { AZATTEST_NEED_PROCESS, AZ, NULL, 0, CLI_REPLY, NULL, 0 } } },
        { "dev",
          { "AZURE_TOKEN_CREDENTIALS= DEV ", "AZURE_TENANT_ID=t", "AZURE_CLIENT_ID=c", "AZURE_CLIENT_SECRET=s" },
          { { AZATTEST_NEED_PROCESS, AZ, NULL, 0, CLI_REPLY, NULL, 0 } } },
        { "by name, without a probe",
          { "AZURE_TOKEN_CREDENTIALS=managedidentitycredential" },
          { NO_AGENT, HTTP("GET " IMDS, "Metadata: true\n", 200, TEXTS) } },
        { "prod",
          { "AZURE_TOKEN_CREDENTIALS=prod" },
          { NO_AGENT, HTTP(NULL, "!Metadata", 400, "{}"), HTTP(NULL, "Metadata: true\n", 200, TEXTS) } },
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        azattest_credential *credential = chain(cases[i].environment, NULL);
        instance_time time = now();

        print_message("  %s\n", cases[i].name);
        expect_token(credential, &time, cases[i].script, "tok-1");
        azattest_credential_free(credential);
    }
}

static void what_a_chain_says_when_nothing_works(void **state)
{
    static const char *const configured[] = { "AZURE_TENANT_ID=t", "AZURE_CLIENT_ID=c", "AZURE_CLIENT_SECRET=hidden",
                                              NULL };
    static const char *const workload[] = { "AZURE_TENANT_ID=t", "AZURE_CLIENT_ID=c", "AZURE_FEDERATED_TOKEN_FILE=/f",
                                            NULL };
    static const char *const prod[] = { "AZURE_TOKEN_CREDENTIALS=prod", NULL };
    static const char *const named[] = { "AZURE_TOKEN_CREDENTIALS=EnvironmentCredential", NULL };
    static const scene nobody[] = { NO_AGENT, SILENCE, { AZATTEST_NEED_PROCESS, NULL, NULL, 127, "", "", 0 }, { 0 } };
    static const scene cli_fails[] = {
        NO_AGENT, SILENCE, { AZATTEST_NEED_PROCESS, NULL, NULL, 1, "", "boom", 0 }, { 0 }
    };
    static const scene refused[] = {
        HTTP(NULL, NULL, 401, "{\"error\":\"invalid_client\",\"error_description\":\"AADSTS7000222: expired\"}"), { 0 }
    };
    static const scene federated[] = { { AZATTEST_NEED_FILE, "/f", NULL, 0, "eyJ", NULL, 0 },
                                       HTTP(NULL, NULL, 400, "{\"error\":\"invalid_request\"}"),
                                       { 0 } };
    static const scene imds_only[] = { NO_AGENT, SILENCE, { 0 } };
    static const struct {
        variables environment;
        const scene *script;
        azattest_status status;
        const char *parts[7];
    } cases[] = {
        { NULL,
          nobody,
          AZATTEST_E_CREDENTIAL_UNAVAILABLE,
          { "EnvironmentCredential: not configured", "WorkloadIdentityCredential: not configured",
            "ManagedIdentityCredential: nobody is there", "AzureCliCredential: the Azure CLI is not installed",
            "DefaultAzureCredential: no source has a token" } },
        { NULL, cli_fails, AZATTEST_E_AUTH, { "EnvironmentCredential", "az ended with 1: boom" } },
        { configured,
          refused,
          AZATTEST_E_AUTH,
          { "DefaultAzureCredential: EnvironmentCredential", "AADSTS7000222", "!hidden", "!Workload" } },
        { workload,
          federated,
          AZATTEST_E_AUTH,
          { "EnvironmentCredential: not configured", "stopped", "WorkloadIdentityCredential: the token was refused" } },
        { prod, imds_only, AZATTEST_E_CREDENTIAL_UNAVAILABLE, { "ManagedIdentityCredential", "!AzureCli" } },
        { named, NULL, AZATTEST_E_CREDENTIAL_UNAVAILABLE, { "EnvironmentCredential", "!Managed" } },
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        azattest_credential *credential = chain(cases[i].environment, NULL);
        instance_time time = now();

        expect_no_token(credential, &time, cases[i].script, cases[i].status, cases[i].parts);
        azattest_credential_free(credential);
    }
}

static void the_first_that_works_is_kept(void **state)
{
    static const scene first[] = {
        NO_AGENT, SILENCE, { AZATTEST_NEED_PROCESS, AZ, NULL, 0, CLI_REPLY, NULL, 0 }, { 0 }
    };
    static const scene later[] = { { AZATTEST_NEED_PROCESS,
                                     "az account get-access-token --output json --resource other", NULL, 0, CLI_REPLY,
                                     NULL, 0 },
                                   { 0 } };
    azattest_credential *credential = chain(NULL, NULL);
    azattest_error *error = NULL;
    instance_time time = now();
    char *token = NULL;

    (void)state;
    expect_token(credential, &time, first, "tok-1");
    assert_int_equal(acquire(credential, "other/.default", &time, later, &token, NULL, &error), AZATTEST_OK);
    free(token);
    assert_string_equal(azattest_credential_kind(credential), "DefaultAzureCredential");
    azattest_credential_free(credential);
}

static void a_choice_that_is_none_is_an_error(void **state)
{
    static const char *const wrong[] = { "AZURE_TOKEN_CREDENTIALS=production", NULL };
    static const char *const broken[] = { "AZURE_TOKEN_CREDENTIALS=ManagedIdentityCredential", "IDENTITY_ENDPOINT=x",
                                          "IDENTITY_HEADER=h", NULL };

    (void)state;
    assert_null(chain(wrong, "AZURE_TOKEN_CREDENTIALS"));
    assert_null(chain(broken, "IDENTITY_ENDPOINT"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_source_is_asked_in_its_own_way),
        cmocka_unit_test(wrong_configurations),
        cmocka_unit_test(service_fabric_is_known_by_its_certificate_alone),
        cmocka_unit_test(only_arcs_own_files_are_read),
        cmocka_unit_test(arc_is_not_believed_without_its_file),
        cmocka_unit_test(imds_tries),
        cmocka_unit_test(one_scope_only),
        cmocka_unit_test(the_cli_is_asked),
        cmocka_unit_test(the_cli_is_given_no_strange_characters),
        cmocka_unit_test(what_the_cli_says),
        cmocka_unit_test(the_clis_answer),
        cmocka_unit_test(the_chain_goes_on_until_one_works),
        cmocka_unit_test(what_a_chain_says_when_nothing_works),
        cmocka_unit_test(the_first_that_works_is_kept),
        cmocka_unit_test(a_choice_that_is_none_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
