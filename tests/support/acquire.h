/* Acquiring a token on the bench: a made-up environment, clocks that stand still, and a driver that plays a script. */
#ifndef AZATTEST_TESTS_ACQUIRE_H
#define AZATTEST_TESTS_ACQUIRE_H

#include "instance.h"

#define SCOPE "https://attest.azure.net/.default"
#define RESOURCE "https://attest.azure.net"

/* "NAME=value" each, NULL at the end. */
typedef const char *const *variables;
const char *variable_of(void *user, const char *name);

/* One thing that is wanted, and the answer. */
typedef struct scene {
    azattest_need need;
    const char *what; /* "GET url"; a path; arguments with blanks between; scopes. NULL: any */
    const char *has;  /* "Header: value" or text of the body that has to be there; a "!" in front: that must not */
    int status;       /* of the answer, or of the process; 0 for HTTP: `fail` */
    const char *body; /* of the answer; the file's content or NULL; output of the process; token */
    const char *more; /* "Header: value" of the answer; errors of the process */
    azattest_status fail;
} scene;
#define MOST_SCENES 24

/* Options with that environment, and with the clocks of `time`. */
azattest_credential_options credential_options(variables environment);
/* Begins to get a token for `scopes` and plays the script, all of which has to happen, in its order. *token is a copy
 * of the token's text or NULL; *slept_ms may be NULL. */
azattest_status acquire(azattest_credential *credential, const char *scopes, instance_time *time, const scene *script,
                        char **token, int64_t *slept_ms, azattest_error **error);
/* The same for an operation that exists; it is freed. */
azattest_status play(azattest_op *op, instance_time *time, const scene *script, int64_t *slept_ms,
                     azattest_error **error);

/* Acquires, and compares: the token, or a part of the error's message. */
void expect_token(azattest_credential *credential, instance_time *time, const scene *script, const char *token);
void expect_no_token(azattest_credential *credential, instance_time *time, const scene *script, azattest_status status,
                     const char *const *parts);
/* A constructor gave what it should: the credential, or an error with that text. The error's address: it is set by the
 * call that gives the status, in the same expression. */
void expect_made(azattest_status status, azattest_error **error, const char *text);

#endif
