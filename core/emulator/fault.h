/*
 * Faults on request: what `azattest emulator --fault SPEC` understands, and which request they hit. A specification is
 *
 *     [[INSTANCE/]GROUP:] STEP {, STEP}         STEP = [N | N-M | N- | %N =] ACTION {; OPTION=VALUE}
 *
 * It counts the requests of its group, and the first of its steps whose numbers hold the count acts.
 */
#ifndef AZATTEST_EMULATOR_FAULT_H
#define AZATTEST_EMULATOR_FAULT_H

#include "error/error.h"

/* The language as text for --help. */
extern const char azattest__fault_help[];

#define AZATTEST__FAULT_LIMIT_SPECS 32u
#define AZATTEST__FAULT_LIMIT_STEPS 16u
#define AZATTEST__FAULT_LIMIT_TEXT 1024u

typedef enum azattest__fault_action {
    AZATTEST__FAULT_NONE,
    AZATTEST__FAULT_STATUS,           /* an error instead of the answer */
    AZATTEST__FAULT_RESET,            /* the connection is reset before any answer */
    AZATTEST__FAULT_DRIP,             /* the answer's body comes a few bytes at a time */
    AZATTEST__FAULT_CUT,              /* the connection ends in the middle of the body */
    AZATTEST__FAULT_DELAY,            /* the answer comes late */
    AZATTEST__FAULT_WRONG_ISSUER,     /* a token of this answer names another issuer */
    AZATTEST__FAULT_ROTATE_KEY,       /* the instance signs with a new key from this request on */
    AZATTEST__FAULT_WRONG_CERTIFICATE /* of TLS, for the whole run; see azattest__faults_tls() */
} azattest__fault_action;

typedef struct azattest__fault {
    azattest__fault_action action;
    int status;                                  /* 400 to 599 */
    int64_t retry_after_s;                       /* -1: no such header, as for the next two */
    int64_t retry_after_ms, x_ms_retry_after_ms; /* the headers of Azure's own services */
    bool retry_after_date;                       /* as an HTTP date that many seconds from now */
    size_t bytes;                                /* of one drop */
    int64_t ms;                                  /* between drops, or before the answer */
} azattest__fault;

/* Which TLS certificate is shown. */
typedef enum azattest__tls_fault {
    AZATTEST__TLS_RIGHT,
    AZATTEST__TLS_WRONG_CA,   /* of a CA that nobody knows */
    AZATTEST__TLS_WRONG_NAME, /* for another host */
    AZATTEST__TLS_EXPIRED
} azattest__tls_fault;

typedef struct azattest__faults azattest__faults;
azattest_status azattest__faults_new(azattest__faults **out, azattest_error **error);
void azattest__faults_free(azattest__faults *faults);
/* AZATTEST_E_ARGUMENT: what of the text is wrong, and what is expected. */
azattest_status azattest__faults_add(azattest__faults *faults, const char *specification, azattest_error **error);
/* The instance that the index-th specification names, "" for all of them; NULL behind the last. */
const char *azattest__faults_instance(const azattest__faults *faults, size_t index);

azattest__tls_fault azattest__faults_tls(const azattest__faults *faults);
/* Some answers take their time, so that each connection needs a thread of its own. */
bool azattest__faults_are_slow(const azattest__faults *faults);
/* Counts a request of that instance and group ("attest", "certs", ...), and gives what is to happen to it. Any number
 * of threads may ask; NULL faults never happen. */
azattest__fault azattest__faults_next(azattest__faults *faults, const char *instance, const char *group);
/* The group that a request path belongs to; "other" for one that no group has. */
const char *azattest__fault_group(const char *path);

#endif
