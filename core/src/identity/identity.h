/* Credentials inside: what all kinds share. Each kind is a struct that begins with `struct azattest_credential`. */
#ifndef AZATTEST_IDENTITY_IDENTITY_H
#define AZATTEST_IDENTITY_IDENTITY_H

#include <stdatomic.h>

#include <azattest/credential.h>

#include "token_cache.h"

typedef struct azattest__flow azattest__flow;

typedef struct azattest__credential_class {
    const char *name; /* as in Python */
    /* Sets what an acquisition wants first: by one of the functions of flow.h, or a failure. */
    azattest_status (*start)(azattest__flow *flow, azattest_error **error);
    void (*clear)(azattest_credential *credential); /* frees what the kind has beside the common part */
    /* Of a chain, or NULL: the link has failed with flow->error, and another one may start; the link has a token. */
    void (*failed)(azattest__flow *flow);
    void (*done)(azattest__flow *flow);
} azattest__credential_class;

struct azattest_credential {
    atomic_int references;
    const azattest__credential_class *class;
    const char *name; /* in messages: that of the class, or of the credential that this one serves */
    azattest__token_cache cache;
};

/* Memory of `size` bytes, zero but for the common part; one reference. */
azattest_status azattest__credential_new(size_t size, const azattest__credential_class *class,
                                         azattest_credential **out, azattest_error **error);
/* The start of every constructor: no error, no credential, and a place for it. */
azattest_status azattest__credential_check_out(const char *name, azattest_credential **out, azattest_error **error);

/* callback.c: lets the function of a callback credential answer; false when it has none. */
bool azattest__callback_call(const azattest_credential *credential, azattest_op *op, const char *scopes);

#endif
