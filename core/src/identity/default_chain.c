/* Several sources, the first that works is kept. */
#include <stdlib.h>

#include "flow.h"
#include "kinds.h"

#define NAME "DefaultAzureCredential"
#define LINKS 4
#define NONE (-1)

typedef struct chain {
    azattest_credential base;
    azattest_credential *links[LINKS];
    size_t count;
    atomic_int chosen; /* the link that worked, or NONE */
} chain;

/* A link that says at once that it has nothing is a failure like a later one. */
static azattest_status start_link(azattest__flow *flow, size_t index)
{
    const chain *self = (const chain *)flow->credential;
    const azattest_credential *link = self->links[index];

    flow->link = index;
    flow->active = link;
    flow->secret = NULL;
    flow->probes = self->count > 1 && atomic_load(&self->chosen) == NONE;
    azattest__log(AZATTEST_LOG_INFO, NAME ": tries %s", link->name);
    return link->class->start(flow, &flow->error);
}

static azattest_status start(azattest__flow *flow, azattest_error **error)
{
    const chain *self = (const chain *)flow->credential;
    int chosen = atomic_load(&self->chosen);

    (void)error; /* it is the flow's own */
    return start_link(flow, chosen == NONE ? 0 : (size_t)chosen);
}

/* Nothing but "unavailable" moves on; what was configured and failed is the answer, unless it is a tool's login. */
static bool moves_on(const chain *self, const azattest__flow *flow)
{
    return atomic_load(&self->chosen) == NONE &&
           (azattest_error_code(flow->error) == AZATTEST_E_CREDENTIAL_UNAVAILABLE ||
            azattest__is_azure_cli(self->links[flow->link]));
}

static void remember_reason(azattest__flow *flow)
{
    azattest__buf_printf(&flow->reasons, "%s%s", flow->reasons.len > 0 ? "; " : "",
                         azattest_error_message(flow->error));
}

/* The last error, with what all of them said. */
static void conclude(const chain *self, azattest__flow *flow)
{
    bool unavailable = azattest_error_code(flow->error) == AZATTEST_E_CREDENTIAL_UNAVAILABLE;
    const char *others =
        flow->reasons.status == AZATTEST_OK && flow->reasons.ptr != NULL ? (const char *)flow->reasons.ptr : NULL;

    if (self->count == 1 || others == NULL)
        azattest__error_prefix(&flow->error, NAME);
    else if (!moves_on(self, flow))
        azattest__error_prefix(&flow->error, NAME ": %s; stopped at the source that is configured and failed", others);
    else
        azattest__error_prefix(&flow->error, NAME ": no source has a token: %s; and last", others);
    if (unavailable && self->count > 1)
        azattest__error_set_hint(flow->error, "Configure one of the sources, or give a credential of another kind; "
                                              "AZURE_TOKEN_CREDENTIALS chooses among them.");
}

static void failed(azattest__flow *flow)
{
    const chain *self = (const chain *)flow->credential;
    azattest_status status = AZATTEST_E_CREDENTIAL_UNAVAILABLE;

    while (status != AZATTEST_OK && moves_on(self, flow) && flow->link + 1 < self->count) {
        azattest__log(AZATTEST_LOG_INFO, "%s", azattest_error_message(flow->error));
        remember_reason(flow);
        azattest_error_free(flow->error);
        flow->error = NULL;
        if ((status = start_link(flow, flow->link + 1)) != AZATTEST_OK) {
            flow->state = AZATTEST__FLOW_FAILED;
            if (flow->error == NULL)
                (void)azattest__error_memory(&flow->error);
        }
    }
    if (flow->state == AZATTEST__FLOW_FAILED)
        conclude(self, flow);
}

static void done(azattest__flow *flow)
{
    chain *self = (chain *)flow->credential;

    atomic_store(&self->chosen, (int)flow->link);
}

static void clear(azattest_credential *credential)
{
    chain *self = (chain *)credential;

    for (size_t i = 0; i < self->count; i++)
        azattest_credential_free(self->links[i]);
}

static const azattest__credential_class class = {
    .name = NAME, .start = start, .clear = clear, .failed = failed, .done = done
};

/* ---- which sources ---- */

typedef azattest_status (*make)(const azattest_credential_options *options, azattest_credential **out,
                                azattest_error **error);

/* As the SDKs: the identity of the machine is AZURE_CLIENT_ID's where the caller names none. */
static azattest_status make_managed(const azattest_credential_options *options, azattest_credential **out,
                                    azattest_error **error)
{
    azattest_credential_options more = *options;

    if (more.client_id == NULL && more.object_id == NULL && more.resource_id == NULL)
        more.client_id = azattest__variable(options, "AZURE_CLIENT_ID");
    return azattest_managed_identity_credential_new(&more, out, error);
}

static const struct source {
    const char *name;
    make make;
    bool tool;
} sources[LINKS] = {
    { "EnvironmentCredential", azattest_environment_credential_new, false },
    { "WorkloadIdentityCredential", azattest_workload_identity_credential_new, false },
    { "ManagedIdentityCredential", make_managed, false },
    { "AzureCliCredential", azattest_azure_cli_credential_new, true },
};

/* A source whose configuration is wrong is not left out silently: it says so when its turn comes. */
typedef struct broken {
    azattest_credential base;
    azattest_error *reason;
} broken;

static azattest_status broken_start(azattest__flow *flow, azattest_error **error)
{
    const broken *self = (const broken *)flow->active;

    return azattest__error_set(error, AZATTEST_E_CREDENTIAL_UNAVAILABLE, "%s", azattest_error_message(self->reason));
}

static void broken_clear(azattest_credential *credential)
{
    azattest_error_free(((broken *)credential)->reason);
}

static const azattest__credential_class broken_class = { .name = "unusable",
                                                         .start = broken_start,
                                                         .clear = broken_clear };

static azattest_status add(chain *self, const struct source *source, const azattest_credential_options *options,
                           bool alone, azattest_error **error)
{
    azattest_credential *link = NULL;
    azattest_error *reason = NULL;
    azattest_status status = source->make(options, &link, &reason);

    if (status == AZATTEST_E_ARGUMENT && !alone &&
        (status = azattest__credential_new(sizeof(broken), &broken_class, &link, error)) == AZATTEST_OK) {
        link->name = source->name;
        ((broken *)link)->reason = reason;
        reason = NULL;
    } else if (status != AZATTEST_OK) {
        status = azattest__error_set(error, status, NAME ": %s", azattest_error_message(reason));
    }
    if (status == AZATTEST_OK)
        self->links[self->count++] = link;
    azattest_error_free(reason);
    return status;
}

/* The variable without the blanks around it. */
static bool is_choice(azattest_bytes choice, const char *name)
{
    return choice.len == strlen(name) && strncasecmp(choice.ptr, name, choice.len) == 0;
}

static azattest_status fill(chain *self, const azattest_credential_options *options, azattest_error **error)
{
    azattest_bytes choice = azattest__text(azattest__variable(options, "AZURE_TOKEN_CREDENTIALS"));
    azattest_status status = AZATTEST_OK;
    bool all, prod, dev;

    while (choice.len > 0 && strchr(" \t\r\n", *(const char *)choice.ptr) != NULL)
        choice = azattest__bytes((const char *)choice.ptr + 1, choice.len - 1);
    while (choice.len > 0 && strchr(" \t\r\n", ((const char *)choice.ptr)[choice.len - 1]) != NULL)
        choice.len--;
    all = choice.len == 0;
    prod = is_choice(choice, "prod");
    dev = is_choice(choice, "dev");
    for (size_t i = 0; i < LINKS && status == AZATTEST_OK; i++) {
        bool named = is_choice(choice, sources[i].name);

        if (all || named || (prod && !sources[i].tool) || (dev && sources[i].tool))
            status = add(self, &sources[i], options, named, error);
    }
    if (status == AZATTEST_OK && self->count == 0)
        status = azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                     NAME ": AZURE_TOKEN_CREDENTIALS has to be \"prod\", \"dev\", or one of "
                                          "EnvironmentCredential, WorkloadIdentityCredential, "
                                          "ManagedIdentityCredential, AzureCliCredential");
    return status;
}

azattest_status azattest_default_credential_new(const azattest_credential_options *options, azattest_credential **out,
                                                azattest_error **error)
{
    azattest_credential *credential = NULL;
    azattest_credential_options taken;
    azattest_status status;

    if ((status = azattest__credential_check_out(NAME, out, error)) != AZATTEST_OK ||
        (status = azattest__settings_take(options, &taken, error)) != AZATTEST_OK ||
        (status = azattest__credential_new(sizeof(chain), &class, &credential, error)) != AZATTEST_OK)
        return status;
    taken.size = sizeof(taken); /* it is handed on */
    atomic_init(&((chain *)credential)->chosen, NONE);
    if ((status = fill((chain *)credential, &taken, error)) == AZATTEST_OK)
        *out = credential;
    else
        azattest_credential_free(credential);
    return status;
}
