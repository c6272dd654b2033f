/* azattest emulator: options, start, ready line, end. */
#include <errno.h>
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "json/json.h"

#include "../emulator/running.h"
#include "../emulator/store.h"
#include "../simulator/files.h"

#include "commands.h"
#include "simulated.h"

enum { EXIT_DONE = 0, EXIT_USE = 2, EXIT_SYSTEM = 3 };

static const char usage[] =
    "Usage: azattest emulator [options]\n"
    "\n"
    "A local attestation service over HTTPS, for development and tests. It verifies SGX, Open Enclave, SEV-SNP and "
    "TDX\n"
    "evidence and documents of Azure's guests, and answers with signed tokens as the real service does.\n"
    "\n"
    "It is NOT a trust anchor. Its key lies in a file, it also trusts the made-up platform of the simulator, and it\n"
    "checks neither TCB level nor revocation nor the identity of the quoting enclave: it asks for no collateral, so "
    "of\n"
    "the collateral's hashes its tokens have `quotehash` alone. Policies govern its answers: a text with errors is\n"
    "refused, and each attest call is evaluated under what is in force. Never let anything of value depend on its\n"
    "tokens.\n"
    "\n"
    "Options:\n"
    "  --listen HOST:PORT  where to listen: 127.0.0.1:0 (port 0: any free one)\n"
    "  --allow-remote      let --listen name an address that is not loopback\n"
    "  --state DIR         keep signing key, policies, certificates and the simulator's platform there; share it with\n"
    "                      `azattest simulate`. Default: a private temporary folder, removed at the end\n"
    "  --ready-file FILE   also write the ready line there, when the service answers\n"
    "  --mode MODE         kind of instance: aad (policies unsigned or signed by any key), isolated (only signed by "
    "the\n"
    "                      key of a registered certificate), shared (nothing can be changed). Default: that of the\n"
    "                      state, of a new one aad\n"
    "  --policy-certificate FILE\n"
    "                      PEM certificate (CA:TRUE) of a policy signer, for a new isolated instance; may be given\n"
    "                      more than once. One that exists has to hold it already\n"
    "  --lenient-policies  take policies that the real service might take, too: keywords in another letter case, a\n"
    "                      byte order mark, issue() in authorizationrules\n"
    "  --instance NAME=MODE[:PORT]\n"
    "                      one more instance, with policies, certificates and a signing key of its own; may be given\n"
    "                      more than once. It has a port of its own; a NAME with a dot is a host name instead, which\n"
    "                      shares the first port unless PORT is given (the TLS certificate has the name; that it\n"
    "                      resolves to this machine is your part). New isolated ones take --policy-certificate\n"
    "  --fault SPEC        what is to go wrong, see below; may be given more than once\n"
    "  --with NAME=VALUE   what the collateral that it serves says of the simulator's machines, as `azattest "
    "simulate`\n"
    "                      takes it: fault=revoked-pck, tcb-status=OutOfDate, until=TIME, ... The report in its\n"
    "                      signing certificates is of such a machine. May be given more than once. Default: all\n"
    "                      is well\n"
    "  --token-lifetime SECONDS\n"
    "                      of access tokens: 3599\n"
    "  --at TIME           time of tokens and verification: 2026-01-31T12:00:00Z or epoch seconds (stands still), or\n"
    "                      +SECONDS, -SECONDS (shifted). TLS certificates and access tokens follow the real\n"
    "                      clock all the same\n"
    "  --help              this text\n"
    "\n";

static const char ending[] =
    "\n"
    "Identities: policy and certificate calls need an access token, reading at least Attestation Reader, changing\n"
    "Attestation Contributor. The built-in issuer gives them at authority_host/tenant_id/oauth2/v2.0/token for a "
    "client\n"
    "secret, a certificate or a federated token, and at imds_endpoint as a virtual machine gets them. Its identities\n"
    "contributor, reader and none, and their secrets, are in the ready line and in the state folder. A token that "
    "comes\n"
    "with an attest call is not looked at; in api-version 2018-09-01-preview it needs one, of whatever role.\n"
    "\n"
    "Collateral is served at the paths of Intel's PCS (also as a caching service and Azure's caches have them) and of\n"
    "AMD's KDS at the endpoint, and at those of Azure's metadata service at imds_endpoint.\n"
    "\n"
    "When ready, it prints one JSON line: endpoint, ca_file, state, simulator_root, service_appraisal, mode,\n"
    "instances, authority_host, tenant_id, client_id, client_secret, client_certificate_file, federated_token_file,\n"
    "identities, imds_endpoint, app_service. Standard error gets one line for each request: time, method, path,\n"
    "status, bytes, milliseconds, request id. SIGTERM or Ctrl-C stop it.\n"
    "An unknown or missing api-version is answered with 400 InvalidParameter; what the real service does is not\n"
    "known.\n"
    "\n"
    "Exit code: 0 stopped by a signal, 2 wrong use, 3 cannot listen, read or write.\n";

#define LATEST_S INT64_C(253402300799) /* the last second of the year 9999 */

/* --at: a clock that stands still, or one that is shifted. */
struct fake_time {
    bool fixed;
    int64_t seconds;
};

struct settings {
    azattest__running_settings running;
    const char *ready_file;
    azattest__buf policy_certificates; /* PEM */
    bool help;
    struct fake_time at;
    azattest__simulated with;
};

static int64_t fake_now_ms(void *user)
{
    const struct fake_time *at = user;

    return at->fixed ? at->seconds * 1000 : azattest__clock_now_ms(NULL) + at->seconds * 1000;
}

static azattest_status wrong_use(azattest_error **error, const char *what, const char *value)
{
    char *shown = azattest__printable(azattest__text(value), 60);

    azattest__error_set(error, AZATTEST_E_ARGUMENT, "%s: %s", what, shown == NULL ? "?" : shown);
    free(shown);
    return AZATTEST_E_ARGUMENT;
}

static azattest_status read_time(const char *text, struct fake_time *out, azattest_error **error)
{
    bool shifted = text[0] == '+' || text[0] == '-';
    int64_t told_s;

    if (!azattest__time_parse(text + shifted, &out->seconds) || out->seconds > LATEST_S ||
        (shifted && strspn(text + 1, "0123456789") != strlen(text + 1)))
        return wrong_use(error, "--at takes 2026-01-31T12:00:00Z, epoch seconds, +SECONDS or -SECONDS", text);
    out->fixed = !shifted;
    if (text[0] == '-')
        out->seconds = -out->seconds;
    told_s = fake_now_ms(out) / 1000;
    if (told_s < 1 || told_s > LATEST_S) /* 0 would mean "now" to the verifier */
        return wrong_use(error, "--at is outside of the years 1970 to 9999", text);
    return AZATTEST_OK;
}

/* The file's content behind that of the ones before it. */
static azattest_status read_policy_certificate(const char *path, azattest__buf *out, azattest_error **error)
{
    azattest_status status;
    azattest_bytes block, body, content;
    size_t before = out->len, offset = 0;
    bool found;

    if ((status = azattest__file_read(path, out, &found, error)) != AZATTEST_OK)
        return status;
    if (!found)
        return azattest__error_set(error, AZATTEST_E_STATE, "--policy-certificate: there is no file %s", path);
    content = azattest__bytes(out->ptr + before, out->len - before);
    if (out->len == before || !azattest__pem_next(content, "CERTIFICATE", &offset, &block, &body))
        return wrong_use(error, "--policy-certificate: no certificate in PEM is in", path);
    azattest__buf_append_text(out, "\n");
    return azattest__error_from_buf(error, out, "policy certificates");
}

static azattest_status read_mode(const char *text, const char **out, azattest_error **error)
{
    azattest__mode mode;

    *out = text;
    return azattest__mode_find(text, &mode) ? AZATTEST_OK
                                            : wrong_use(error, "--mode takes aad, isolated or shared", text);
}

static azattest_status add_instance(const char *text, azattest__running_settings *out, azattest_error **error)
{
    azattest_status status;
    azattest__instance_settings *instance = &out->instances[out->instance_count];

    if (out->instance_count == AZATTEST__LIMIT_INSTANCES)
        return wrong_use(error, "--instance may be given 15 times", text);
    if ((status = azattest__instance_read(text, instance, error)) != AZATTEST_OK)
        return status;
    for (size_t i = 0; i < out->instance_count; i++)
        if (strcmp(out->instances[i].name, instance->name) == 0)
            return wrong_use(error, "--instance: two have the name", instance->name);
    out->instance_count++;
    return AZATTEST_OK;
}

static azattest_status read_lifetime(const char *text, int64_t *out, azattest_error **error)
{
    if (*text == '\0' || strlen(text) > 6 || strspn(text, "0123456789") != strlen(text) ||
        (*out = strtol(text, NULL, 10)) < 1 || *out > 86400)
        return wrong_use(error, "--token-lifetime takes seconds, from 1 to 86400", text);
    return AZATTEST_OK;
}

static bool is_instance(const azattest__running_settings *settings, const char *name)
{
    bool found = *name == '\0' || strcmp(name, "default") == 0;

    for (size_t i = 0; i < settings->instance_count; i++)
        found = found || strcmp(settings->instances[i].name, name) == 0;
    return found;
}

/* A fault for an instance that is not there would never happen, and a test that waits for it would pass. */
static azattest_status check_faults(const azattest__running_settings *settings, azattest_error **error)
{
    const char *name;

    for (size_t i = 0; (name = azattest__faults_instance(settings->faults, i)) != NULL; i++)
        if (!is_instance(settings, name))
            return wrong_use(error, "--fault is for an instance that no --instance makes", name);
    return AZATTEST_OK;
}

static azattest_status read_settings(int argc, char **argv, struct settings *out, azattest_error **error)
{
    enum {
        LISTEN,
        ALLOW_REMOTE,
        STATE,
        READY_FILE,
        MODE,
        POLICY_CERTIFICATE,
        LENIENT_POLICIES,
        INSTANCE,
        FAULT,
        WITH,
        TOKEN_LIFETIME,
        AT,
        HELP
    };
    static const struct option options[] = {
        { "listen", required_argument, NULL, LISTEN },
        { "allow-remote", no_argument, NULL, ALLOW_REMOTE },
        { "state", required_argument, NULL, STATE },
        { "ready-file", required_argument, NULL, READY_FILE },
        { "mode", required_argument, NULL, MODE },
        { "policy-certificate", required_argument, NULL, POLICY_CERTIFICATE },
        { "lenient-policies", no_argument, NULL, LENIENT_POLICIES },
        { "instance", required_argument, NULL, INSTANCE },
        { "fault", required_argument, NULL, FAULT },
        { "with", required_argument, NULL, WITH },
        { "token-lifetime", required_argument, NULL, TOKEN_LIFETIME },
        { "at", required_argument, NULL, AT },
        { "help", no_argument, NULL, HELP },
        { NULL, 0, NULL, 0 },
    };
    azattest_status status;
    int option;

    *out = (struct settings){ .running = { .listen = "127.0.0.1:0" } };
    out->running.clock = (azattest_clock){ .now_ms = fake_now_ms, .user = &out->at };
    azattest__buf_init(&out->policy_certificates, AZATTEST_LIMIT_RESPONSE);
    azattest__simulated_init(&out->with);
    out->running.platform = &out->with.platform;
    status = azattest__faults_new(&out->running.faults, error);
    optind = 1;
    while (status == AZATTEST_OK && (option = getopt_long(argc, argv, ":", options, NULL)) != -1) {
        switch (option) {
        case LISTEN:
            out->running.listen = optarg;
            break;
        case ALLOW_REMOTE:
            out->running.allow_remote = true;
            break;
        case STATE:
            out->running.state = optarg;
            break;
        case READY_FILE:
            out->ready_file = optarg;
            break;
        case MODE:
            status = read_mode(optarg, &out->running.mode, error);
            break;
        case POLICY_CERTIFICATE:
            status = read_policy_certificate(optarg, &out->policy_certificates, error);
            break;
        case LENIENT_POLICIES:
            out->running.lenient_policies = true;
            break;
        case INSTANCE:
            status = add_instance(optarg, &out->running, error);
            break;
        case FAULT:
            status = azattest__faults_add(out->running.faults, optarg, error);
            break;
        case WITH:
            status = azattest__simulated_set(&out->with, SETS_PLATFORM, optarg, error);
            break;
        case TOKEN_LIFETIME:
            status = read_lifetime(optarg, &out->running.token_life_s, error);
            break;
        case AT:
            status = read_time(optarg, &out->at, error);
            break;
        case HELP:
            out->help = true;
            break;
        case ':':
            return wrong_use(error, "a value is missing behind", argv[optind - 1]);
        default:
            return wrong_use(error, "unknown option (azattest emulator --help lists them)", argv[optind - 1]);
        }
    }
    out->running.policy_certificates = azattest__buf_bytes(&out->policy_certificates);
    if (status == AZATTEST_OK && optind < argc)
        status = wrong_use(error, "unexpected word (azattest emulator --help lists the options)", argv[optind]);
    if (status == AZATTEST_OK)
        status = check_faults(&out->running, error);
    return status;
}

/* Who waits for the file must not find that of an earlier run. What is no regular file is none of ours. */
static azattest_status remove_ready_file(const char *path, azattest_error **error)
{
    struct stat info;

    if (lstat(path, &info) != 0)
        return AZATTEST_OK; /* a folder that cannot be looked into will show when the file is written */
    if (!S_ISREG(info.st_mode) || unlink(path) != 0)
        return azattest__error_set(error, AZATTEST_E_STATE, "--ready-file %s cannot be replaced: %s", path,
                                   S_ISREG(info.st_mode) ? strerror(errno) : "no regular file");
    return AZATTEST_OK;
}

static azattest_status say_ready(const azattest__running *running, const char *ready_file, azattest_error **error)
{
    azattest_status status;
    azattest__json *line = azattest__json_new_object();
    azattest__buf text;

    azattest__buf_init(&text, 64 * 1024);
    azattest__running_describe(running, line);
    if ((status = azattest__json_print(line, false, &text, error)) != AZATTEST_OK)
        goto done;
    azattest__buf_append_text(&text, "\n");
    if ((status = azattest__error_from_buf(error, &text, "ready line")) != AZATTEST_OK)
        goto done;
    /* Private: it holds the test identities' secrets. */
    if (ready_file != NULL &&
        (status = azattest__file_replace(ready_file, azattest__buf_bytes(&text), 0600, error)) != AZATTEST_OK)
        goto done;
    if (fwrite(text.ptr, 1, text.len, stdout) != text.len || fflush(stdout) != 0)
        status = azattest__error_set(error, AZATTEST_E_STATE, "cannot write to standard output: %s", strerror(errno));
done:
    azattest__buf_free(&text);
    azattest__json_free(line);
    return status;
}

int azattest__command_emulator(int argc, char **argv)
{
    azattest_status status;
    azattest_error *error = NULL;
    struct settings settings;
    azattest__running *running = NULL;
    sigset_t signals;
    int caught;

    if ((status = read_settings(argc, argv, &settings, &error)) != AZATTEST_OK)
        goto done;
    if (settings.help) {
        if (fputs(usage, stdout) < 0 || fputs(azattest__fault_help, stdout) < 0 || fputs(ending, stdout) < 0 ||
            fflush(stdout) != 0)
            status = azattest__error_set(&error, AZATTEST_E_STATE, "cannot write to standard output");
        goto done;
    }
    /* Before any thread starts, so that all of them inherit it and sigwait() alone gets the signals. */
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    if ((settings.ready_file == NULL || (status = remove_ready_file(settings.ready_file, &error)) == AZATTEST_OK) &&
        (status = azattest__running_start(&settings.running, &running, &error)) == AZATTEST_OK &&
        (status = say_ready(running, settings.ready_file, &error)) == AZATTEST_OK)
        sigwait(&signals, &caught);
    azattest__running_stop(running);
done:
    if (status != AZATTEST_OK)
        fprintf(stderr, "azattest emulator: %s\n",
                error == NULL ? azattest_status_text(status) : azattest_error_message(error));
    azattest_error_free(error);
    azattest__faults_free(settings.running.faults);
    azattest__buf_free(&settings.policy_certificates);
    azattest__simulated_clear(&settings.with);
    return status == AZATTEST_OK ? EXIT_DONE : status == AZATTEST_E_ARGUMENT ? EXIT_USE : EXIT_SYSTEM;
}
