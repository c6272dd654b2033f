/* The caller's own function, or the caller of the driver. */
#include "flow.h"

#define NAME "CallbackCredential"

typedef struct callback {
    azattest_credential base;
    void (*get_token)(void *user, azattest_op *op, const char *scopes);
    void *user;
    void (*free)(void *user);
} callback;

static azattest_status start(azattest__flow *flow, azattest_error **error)
{
    (void)error;
    azattest__flow_ask(flow);
    return AZATTEST_OK;
}

static void clear(azattest_credential *credential)
{
    callback *self = (callback *)credential;

    if (self->free != NULL)
        self->free(self->user);
}

static const azattest__credential_class class = { .name = NAME, .start = start, .clear = clear };

bool azattest__callback_call(const azattest_credential *credential, azattest_op *op, const char *scopes)
{
    const callback *self = (const callback *)credential;

    if (credential->class != &class || self->get_token == NULL)
        return false;
    self->get_token(self->user, op, scopes);
    return true;
}

azattest_status azattest_callback_credential_new(void (*get_token)(void *user, azattest_op *op, const char *scopes),
                                                 void *user, void (*free_user)(void *user), azattest_credential **out,
                                                 azattest_error **error)
{
    azattest_credential *credential = NULL;
    callback *self;
    azattest_status status;

    if ((status = azattest__credential_check_out(NAME, out, error)) != AZATTEST_OK ||
        (status = azattest__credential_new(sizeof(callback), &class, &credential, error)) != AZATTEST_OK)
        return status;
    self = (callback *)credential;
    self->get_token = get_token;
    self->user = user;
    self->free = free_user;
    *out = credential;
    return AZATTEST_OK;
}
