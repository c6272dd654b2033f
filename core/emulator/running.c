#include "running.h"

#include <stdio.h>
#include <stdlib.h>

#include <azattest/simulator.h>

#include "../simulator/files.h"

#include "collateral_simulated.h"
#include "enclave.h"
#include "front.h"
#include "http.h"
#include "state.h"

#define STORE_FILE "service.db"
#define CA_FILE "ca.pem"
#define APPRAISAL_FILE "service-appraisal.json"
#define IMDS_ADDRESS "127.0.0.1:0" /* whatever --listen says: plain HTTP never leaves the machine */

/* A port, and what a handler has to know about it. */
struct port {
    azattest__listener listener;
    azattest__server *server;
    const azattest__front *front;
    unsigned number;
};

struct azattest__running {
    const azattest__running_settings *settings;
    azattest__state state;
    azattest_simulator *simulator;
    azattest__store *store;
    azattest__issuer *issuer;
    azattest__front front;
    azattest__simulated_collateral collateral;
    azattest__service_enclave enclave;                /* of all instances, as those of a region share one */
    char *collateral_state;                           /* what its platform points to */
    char *endpoints[AZATTEST__FRONT_LIMIT_INSTANCES]; /* of the front's instances, in their order */
    struct port ports[AZATTEST__FRONT_LIMIT_INSTANCES];
    size_t port_count;
    struct port imds;
    char *imds_endpoint, *ca_file, *appraisal_file;
    azattest__tls_identity identity;
};

/* ---- --instance ---- */

azattest_status azattest__instance_read(const char *text, azattest__instance_settings *out, azattest_error **error)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-.";
    size_t name_len = strcspn(text, "="), mode_len;
    const char *mode = text + name_len + (text[name_len] == '='), *colon = strchr(mode, ':');
    azattest__mode known;
    char word[16];

    *out = (azattest__instance_settings){ .port = -1 };
    if (name_len == 0 || name_len >= sizeof(out->name) || strspn(text, allowed) != name_len || text[0] == '.' ||
        text[0] == '-' || text[name_len - 1] == '.' || strncmp(text, "default=", 8) == 0)
        return azattest__error_set(
            error, AZATTEST_E_ARGUMENT,
            "--instance takes NAME=MODE[:PORT]; the name has lower-case letters, digits, '-' and "
            "'.', and \"default\" is the first instance's");
    memcpy(out->name, text, name_len);
    mode_len = colon == NULL ? strlen(mode) : (size_t)(colon - mode);
    snprintf(word, sizeof(word), "%.*s", (int)(mode_len < 15 ? mode_len : 15), mode);
    if (text[name_len] != '=' || !azattest__mode_find(word, &known))
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   "--instance %s: behind '=' a mode is expected: aad, isolated or shared", out->name);
    out->mode = azattest__mode_name(known);
    if (colon == NULL)
        return AZATTEST_OK;
    if (colon[1] == '\0' || strspn(colon + 1, "0123456789") != strlen(colon + 1) || strlen(colon + 1) > 5 ||
        (out->port = atoi(colon + 1)) > 65535)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "--instance %s: the port is no number from 0 to 65535",
                                   out->name);
    return AZATTEST_OK;
}

static bool is_host_name(const azattest__instance_settings *instance)
{
    return strchr(instance->name, '.') != NULL;
}

/* ---- start ---- */

/* Another port on the host of the first: "https://HOST:PORT" without its ends. */
static azattest_status listen_beside(const azattest__running *running, int port, azattest__listener *out,
                                     azattest_error **error)
{
    azattest_status status;
    const char *first = running->ports[0].listener.endpoint + strlen("https://");
    char *address = NULL;

    if (asprintf(&address, "%.*s:%d", (int)(strrchr(first, ':') - first), first, port < 0 ? 0 : port) < 0)
        return azattest__error_memory(error);
    status = azattest__listen(address, running->settings->allow_remote, out, error);
    free(address);
    return status;
}

/* The instance's endpoint, on the port that it listens on. */
static azattest_status make_endpoint(azattest__running *running, size_t index, unsigned port, const char *host,
                                     azattest_error **error)
{
    const char *endpoint = running->ports[port].listener.endpoint;
    int len = host == NULL ? asprintf(&running->endpoints[index], "%s", endpoint)
                           : asprintf(&running->endpoints[index], "https://%s%s", host, strrchr(endpoint, ':'));

    if (len >= 0)
        return AZATTEST_OK;
    running->endpoints[index] = NULL;
    return azattest__error_memory(error);
}

/* The machines of AMD are made when somebody asks about them: their keys take a second. */
static azattest_status amd_roots(void *user, azattest__buf *pem, azattest_error **error)
{
    unsigned char *roots = NULL;
    size_t len;
    azattest_status status = azattest_simulator_roots_pem(user, &roots, &len, error);

    if (status == AZATTEST_OK)
        azattest__buf_append(pem, roots, len);
    azattest_simulator_free_bytes(roots);
    return status;
}

static azattest_status add_instance(azattest__running *running, const azattest__instance_settings *instance,
                                    unsigned port, azattest_error **error)
{
    azattest_status status;
    const azattest__running_settings *settings = running->settings;
    struct azattest__front_instance *entry = &running->front.instances[running->front.count];
    azattest__key *key = NULL;
    azattest__service_options options = { .extra_roots = azattest_simulator_root_pem(running->simulator),
                                          .more_roots = amd_roots,
                                          .more_roots_user = running->simulator,
                                          .certify = azattest__enclave_certify,
                                          .certify_user = &running->enclave,
                                          .clock = settings->clock,
                                          .store = running->store,
                                          .instance = instance == NULL ? NULL : instance->name,
                                          .mode = instance == NULL ? settings->mode : instance->mode,
                                          .policy_certificates = settings->policy_certificates,
                                          .lenient_policies = settings->lenient_policies,
                                          .issuer = running->issuer };
    bool isolated = options.mode != NULL && strcmp(options.mode, "isolated") == 0, others = false;

    /* With further isolated instances the certificates are theirs; else a first one of another mode is wrong use. */
    for (size_t i = 0; i < settings->instance_count; i++)
        others = others || strcmp(settings->instances[i].mode, "isolated") == 0;
    if (!isolated && (instance != NULL || others))
        options.policy_certificates = azattest__bytes(NULL, 0);
    if ((status = make_endpoint(running, running->front.count, port,
                                instance != NULL && is_host_name(instance) ? instance->name : NULL, error)) !=
            AZATTEST_OK ||
        (status = instance == NULL
                      ? azattest__state_signing_key(&running->state, &key, error)
                      : azattest__state_instance_key(&running->state, instance->name, &key, error)) != AZATTEST_OK)
        goto done;
    options.endpoint = running->endpoints[running->front.count];
    options.signing_key = key;
    if ((entry->name = azattest__dup_text(instance == NULL ? "default" : instance->name)) == NULL)
        status = azattest__error_memory(error);
    else if ((status = azattest__service_new(&options, &entry->service, error)) == AZATTEST_OK) {
        entry->port = port;
        running->front.count++;
    } else {
        free(entry->name);
        entry->name = NULL;
        if (instance != NULL)
            azattest__error_prefix(error, "instance %s", instance->name);
    }
done:
    azattest__key_free(key);
    return status;
}

static azattest_status add_instances(azattest__running *running, azattest_error **error)
{
    azattest_status status = add_instance(running, NULL, 0, error);

    for (size_t i = 0; status == AZATTEST_OK && i < running->settings->instance_count; i++) {
        const azattest__instance_settings *instance = &running->settings->instances[i];
        unsigned port = 0;

        if (!is_host_name(instance) || instance->port >= 0) {
            port = (unsigned)running->port_count;
            if ((status = listen_beside(running, instance->port, &running->ports[port].listener, error)) != AZATTEST_OK)
                return status;
            running->port_count++;
        }
        status = add_instance(running, instance, port, error);
    }
    return status;
}

static azattest_status open_stores(azattest__running *running, azattest_error **error)
{
    azattest_status status;
    char *path = azattest__state_path(&running->state, STORE_FILE);
    azattest__issuer_options options = { .authority = running->ports[0].listener.endpoint,
                                         .state = &running->state,
                                         .token_life_s = running->settings->token_life_s };

    if (path == NULL)
        return azattest__error_memory(error);
    if ((status = azattest_simulator_open(running->state.folder, &running->simulator, error)) == AZATTEST_OK &&
        (status = azattest__store_open(path, &running->store, error)) == AZATTEST_OK)
        status = azattest__issuer_new(&options, &running->issuer, error);
    running->enclave.simulator = running->simulator;
    running->enclave.platform = running->settings->platform;
    free(path);
    return status;
}

static void make_collateral(azattest__running *running)
{
    azattest__simulated_collateral *collateral = &running->collateral;

    collateral->simulator = running->simulator;
    collateral->platform = running->settings->platform != NULL
                               ? *running->settings->platform
                               : (azattest_simulated_platform)AZATTEST_SIMULATED_PLATFORM_INIT;
    running->front.collateral = azattest__simulated_maker(collateral);
}

/* One certificate for all ports and names. */
static azattest_status make_identity(azattest__running *running, azattest_error **error)
{
    azattest_status status;
    azattest__buf names;

    azattest__buf_init(&names, 16 * 1024);
    azattest__buf_append_text(&names, running->ports[0].listener.names);
    for (size_t i = 0; i < running->settings->instance_count; i++)
        if (is_host_name(&running->settings->instances[i]))
            azattest__buf_printf(&names, ",DNS:%s", running->settings->instances[i].name);
    if ((status = azattest__error_from_buf(error, &names, "host names")) == AZATTEST_OK)
        status = azattest__tls_identity_make((const char *)names.ptr, azattest__faults_tls(running->settings->faults),
                                             &running->identity, error);
    azattest__buf_free(&names);
    if (status != AZATTEST_OK)
        return status;
    if ((running->ca_file = azattest__state_path(&running->state, CA_FILE)) == NULL)
        return azattest__error_memory(error);
    return azattest__file_replace(running->ca_file, azattest__buf_bytes(&running->identity.ca), 0644, error);
}

/* What `azattest service verify` takes as --appraisal. */
static azattest_status write_appraisal(azattest__running *running, azattest_error **error)
{
    azattest_status status;
    azattest__json *appraisal = azattest__json_new_object();
    azattest__buf text;

    azattest__buf_init(&text, 4096);
    if ((running->appraisal_file = azattest__state_path(&running->state, APPRAISAL_FILE)) == NULL)
        status = azattest__error_memory(error);
    else if ((status = azattest__enclave_appraisal(appraisal, error)) == AZATTEST_OK &&
             (status = azattest__json_print(appraisal, false, &text, error)) == AZATTEST_OK)
        status = azattest__file_replace(running->appraisal_file, azattest__buf_bytes(&text), 0644, error);
    azattest__buf_free(&text);
    azattest__json_free(appraisal);
    return status;
}

static void handle(void *user, const azattest__service_request *request, azattest__service_answer *answer)
{
    const struct port *port = user;

    azattest__front_handle(port->front, port->number, request, answer);
}

static void handle_managed(void *user, const azattest__service_request *request, azattest__service_answer *answer)
{
    const struct port *port = user;

    azattest__front_handle_managed(port->front, request, answer);
}

static azattest_status serve(azattest__running *running, azattest_error **error)
{
    azattest_status status = AZATTEST_OK;
    azattest__handler handler = { .handle = handle, .patient = azattest__faults_are_slow(running->settings->faults) };

    for (size_t i = 0; status == AZATTEST_OK && i < running->port_count; i++) {
        struct port *port = &running->ports[i];

        port->front = &running->front;
        port->number = (unsigned)i;
        handler.user = port;
        status = azattest__server_start(&handler, &port->listener, &running->identity, &port->server, error);
    }
    if (status != AZATTEST_OK)
        return status;
    if ((status = azattest__listen(IMDS_ADDRESS, false, &running->imds.listener, error)) != AZATTEST_OK)
        return status;
    if (asprintf(&running->imds_endpoint, "http%s", running->imds.listener.endpoint + strlen("https")) < 0) {
        running->imds_endpoint = NULL;
        return azattest__error_memory(error);
    }
    running->imds.front = &running->front;
    handler.handle = handle_managed;
    handler.user = &running->imds;
    return azattest__server_start(&handler, &running->imds.listener, NULL, &running->imds.server, error);
}

azattest_status azattest__running_start(const azattest__running_settings *settings, azattest__running **out,
                                        azattest_error **error)
{
    azattest_status status;
    azattest__running *running;

    *out = NULL;
    if ((running = calloc(1, sizeof(*running))) == NULL)
        return azattest__error_memory(error);
    running->settings = settings;
    running->state.lock = -1;
    running->imds.listener.socket = -1;
    for (size_t i = 0; i < AZATTEST__FRONT_LIMIT_INSTANCES; i++)
        running->ports[i].listener.socket = -1;
    if ((status = azattest__listen(settings->listen, settings->allow_remote, &running->ports[0].listener, error)) !=
        AZATTEST_OK)
        goto done;
    running->port_count = 1;
    if ((status = azattest__state_open(settings->state, &running->state, error)) != AZATTEST_OK ||
        (status = open_stores(running, error)) != AZATTEST_OK ||
        (status = add_instances(running, error)) != AZATTEST_OK)
        goto done;
    make_collateral(running);
    running->front.issuer = running->issuer;
    running->front.faults = settings->faults;
    if ((status = make_identity(running, error)) != AZATTEST_OK ||
        (status = write_appraisal(running, error)) != AZATTEST_OK || (status = serve(running, error)) != AZATTEST_OK)
        goto done;
    *out = running;
    running = NULL;
done:
    azattest__running_stop(running);
    return status;
}

void azattest__running_stop(azattest__running *running)
{
    if (running == NULL)
        return;
    azattest__server_stop(running->imds.server);
    for (size_t i = 0; i < running->port_count; i++)
        azattest__server_stop(running->ports[i].server);
    for (size_t i = 0; i < running->front.count; i++) {
        azattest__service_free(running->front.instances[i].service);
        free(running->front.instances[i].name);
    }
    for (size_t i = 0; i < AZATTEST__FRONT_LIMIT_INSTANCES; i++)
        free(running->endpoints[i]);
    azattest__issuer_free(running->issuer);
    azattest__store_free(running->store);
    azattest_simulator_free(running->simulator);
    azattest__tls_identity_clear(&running->identity);
    azattest__listener_close(&running->imds.listener);
    for (size_t i = 0; i < running->port_count; i++)
        azattest__listener_close(&running->ports[i].listener);
    azattest__state_close(&running->state);
    free(running->imds_endpoint);
    free(running->ca_file);
    free(running->appraisal_file);
    free(running);
}

void azattest__running_describe(const azattest__running *running, azattest__json *line)
{
    azattest__json *list = azattest__json_new_array();

    azattest__json_put_string(line, "endpoint", running->endpoints[0]);
    azattest__json_put_string(line, "ca_file", running->ca_file);
    azattest__json_put_string(line, "state", running->state.folder);
    azattest__json_put_string(line, "simulator_root", azattest_simulator_root_path(running->simulator));
    azattest__json_put_string(line, "service_appraisal", running->appraisal_file);
    azattest__json_put_string(line, "mode",
                              azattest__mode_name(azattest__service_mode(running->front.instances[0].service)));
    for (size_t i = 0; i < running->front.count; i++) {
        const struct azattest__front_instance *instance = &running->front.instances[i];
        azattest__json *entry = azattest__json_new_object();

        azattest__json_put_string(entry, "name", instance->name);
        azattest__json_put_string(entry, "mode", azattest__mode_name(azattest__service_mode(instance->service)));
        azattest__json_put_string(entry, "endpoint", running->endpoints[i]);
        azattest__json_add(list, entry);
    }
    azattest__json_put(line, "instances", list);
    azattest__issuer_describe(running->issuer, running->imds_endpoint, line);
}
