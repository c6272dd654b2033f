/*
 * The local attestation service without its sockets: one request in, one answer out. One object is one instance. Any
 * number of threads may call azattest__service_handle() on it: what changes (policies, certificates) has a lock. It
 * verifies evidence with the library's own verifier, without collateral; it is for development and tests, and no trust
 * anchor.
 */
#ifndef AZATTEST_EMULATOR_SERVICE_H
#define AZATTEST_EMULATOR_SERVICE_H

#include <azattest/limits.h>

#include "fault.h"
#include "store.h"

/* The largest request body: evidence and runtime data in base64url stay far below it. */
#define AZATTEST__SERVICE_LIMIT_BODY (1024u * 1024u)

typedef struct azattest__service azattest__service;
typedef struct azattest__service_request azattest__service_request;
typedef struct azattest__service_answer azattest__service_answer;

/* Appends PEM certificates of further trusted roots. Called when evidence is the first that may need them, perhaps by
 * several threads at once. */
typedef azattest_status (*azattest__more_roots)(void *user, azattest__buf *pem, azattest_error **error);

/* Appends the self-signed certificate of a signing key (DER), whose common name is `subject`: one with evidence inside
 * that binds the key. Called when the service is made, and by whoever rotates its key. */
typedef azattest_status (*azattest__certifier)(void *user, const azattest__key *key, const char *subject,
                                               azattest__buf *der, azattest_error **error);

typedef struct azattest__service_options {
    const char *endpoint;       /* "https://127.0.0.1:8443": issuer, address of the keys, name of the certificate */
    azattest__key *signing_key; /* RSA; the service takes a reference of its own */
    azattest_bytes extra_roots; /* PEM certificates trusted beside the makers' roots; copied */
    azattest__more_roots more_roots; /* of kinds of evidence that few ask about; NULL: none */
    void *more_roots_user;           /* outlives the service */
    azattest__certifier certify;     /* NULL: the certificates hold no evidence */
    void *certify_user;              /* outlives the service */
    azattest_clock clock;            /* of tokens and of the verification of evidence */

    azattest__store *store;             /* borrowed, may be shared by instances; NULL: a store in memory */
    const char *instance;               /* name in the store; NULL: "default" */
    const char *mode;                   /* "aad", "isolated" or "shared"; NULL: that of the store, of a new one "aad" */
    azattest_bytes policy_certificates; /* PEM; of a new isolated instance. One that exists has to hold them */
    bool lenient_policies;              /* policies are parsed leniently */
    const struct azattest__issuer
        *issuer; /* whose access tokens count; outlives the service. NULL: none are asked for */
} azattest__service_options;

/*
 * Makes the service, and issues the certificate of its signing key anew. An instance that the store does not know is
 * made there. AZATTEST_E_ARGUMENT: unknown mode, no or unfit policy certificates for a new isolated instance, some for
 * one of another mode; AZATTEST_E_STATE: the instance has another mode, or the store failed.
 */
azattest_status azattest__service_new(const azattest__service_options *options, azattest__service **out,
                                      azattest_error **error);
void azattest__service_free(azattest__service *service);
/* Signs with a new key from now on; /certs then has it and those before. Forgotten when the service ends. */
azattest_status azattest__service_rotate_key(azattest__service *service, azattest_error **error);
const char *azattest__service_endpoint(const azattest__service *service);
azattest__mode azattest__service_mode(const azattest__service *service);

struct azattest__service_request {
    const char *method;
    const char *target; /* path and query as they came, not decoded */
    /* Headers that matter; NULL: none. */
    const char *traceparent, *authorization, *content_type, *host;
    const char *client_request_id;                   /* the token endpoint's correlation id */
    const char *metadata, *identity_header, *secret; /* of the managed-identity endpoints */
    const char *token_issuer; /* a fault: tokens of this answer name this issuer; NULL: the endpoint, as they should */
    azattest_bytes body;
};

#define AZATTEST__REQUEST_ID_SIZE 56 /* W3C trace context with its NUL */

#define AZATTEST__ANSWER_HEADERS 4

struct azattest__service_answer {
    int status;          /* HTTP status */
    char error_code[32]; /* for the header x-ms-error-code; "" on success */
    char allow[32];      /* for the header Allow; "": none */
    char request_id[AZATTEST__REQUEST_ID_SIZE];
    azattest__buf body;
    const char *content_type; /* a literal; NULL: JSON */
    /* Further headers; see azattest__answer_header(). */
    struct {
        const char *name;
        char *value;
    } headers[AZATTEST__ANSWER_HEADERS];
    size_t header_count;
    azattest__fault fault; /* what is to go wrong when it is sent */
};

/* Always answers: what goes wrong inside becomes a 500. Free the answer with azattest__service_answer_clear(). */
void azattest__service_handle(azattest__service *service, const azattest__service_request *request,
                              azattest__service_answer *answer);
/* The answer to a body that was longer than AZATTEST__SERVICE_LIMIT_BODY and therefore not kept. */
void azattest__service_too_large(const azattest__service_request *request, azattest__service_answer *answer);
void azattest__service_answer_clear(azattest__service_answer *answer);

#endif
