/**
 * An operation: one service call with everything around it (retry, key discovery, validation) as a machine that never
 * waits. It says what it wants next; the driver does that and tells it; when it is done it yields a result that owns
 * its memory. An operation belongs to one thread at a time.
 *
 *     while ((need = azattest_op_step(op)) != AZATTEST_NEED_DONE && need != AZATTEST_NEED_FAILED)
 *         need == AZATTEST_NEED_HTTP ? send, then azattest_op_respond() or azattest_op_fail()
 *                                    : wait azattest_op_wait_ms(), then azattest_op_waited();
 *
 * With a credential three more needs may come: a token that the caller has, a file, a process. azattest_serve_local()
 * of azattest/transport.h does the last two. With shared_keys of the client there is one more: the instance's keys.
 */
#ifndef AZATTEST_OP_H
#define AZATTEST_OP_H

#include <stdbool.h>

#include "error.h"

AZATTEST_BEGIN

typedef struct azattest_op azattest_op;
typedef struct azattest_request azattest_request;

typedef enum azattest_need {
    AZATTEST_NEED_HTTP = 1,   /**< send azattest_op_request() */
    AZATTEST_NEED_SLEEP = 2,  /**< wait azattest_op_wait_ms() */
    AZATTEST_NEED_DONE = 3,   /**< take the result */
    AZATTEST_NEED_FAILED = 4, /**< take the error */
    AZATTEST_NEED_TOKEN =
        5,                  /**< get a token for azattest_op_scopes(); azattest_op_give_token() or azattest_op_fail() */
    AZATTEST_NEED_FILE = 6, /**< read azattest_op_file_path(); azattest_op_give_file() or azattest_op_fail() */
    AZATTEST_NEED_PROCESS =
        7, /**< run azattest_op_process_argument(); azattest_op_give_process() or azattest_op_fail() */
    /** look for the keys of azattest_op_keys_url(); azattest_op_give_keys(), azattest_op_fetch_keys() or
     * azattest_op_fail() */
    AZATTEST_NEED_KEYS = 8
} azattest_need;

/** What the operation wants next. Calling it again without having done that gives the same answer. */
AZATTEST_API azattest_need azattest_op_step(azattest_op *op);

/** The request to send; borrowed until the next call on the operation. NULL unless it wants one. */
AZATTEST_API const azattest_request *azattest_op_request(const azattest_op *op);
/** Milliseconds to wait; 0 unless it wants to. */
AZATTEST_API int64_t azattest_op_wait_ms(const azattest_op *op);
/** Milliseconds that are left of the operation's time limit, or -1 when it has none. */
AZATTEST_API int64_t azattest_op_remaining_ms(const azattest_op *op);

/** "GET", "POST", "PUT". */
AZATTEST_API const char *azattest_request_method(const azattest_request *request);
/** Absolute address. */
AZATTEST_API const char *azattest_request_url(const azattest_request *request);
AZATTEST_API size_t azattest_request_header_count(const azattest_request *request);
AZATTEST_API const char *azattest_request_header_name(const azattest_request *request, size_t index);
AZATTEST_API const char *azattest_request_header_value(const azattest_request *request, size_t index);
/** Absent when the request has no body. */
AZATTEST_API azattest_bytes azattest_request_body(const azattest_request *request);
/** Largest answer body that will be taken, after decompression; a driver may stop reading there. */
AZATTEST_API size_t azattest_request_response_limit(const azattest_request *request);

/** The address is one of this machine or of its network link (a managed identity): no proxy may stand between. */
AZATTEST_API bool azattest_request_bypasses_proxy(const azattest_request *request);
/** Milliseconds that connecting may take; 0: the driver's own limit. */
AZATTEST_API int64_t azattest_request_connect_timeout_ms(const azattest_request *request);
/** 40 hexadecimal digits, or NULL. Then the server's certificate is accepted if its SHA-1 is this, and in no other
 * case: authorities and names are not looked at. Only Service Fabric's token service is checked in this way. */
AZATTEST_API const char *azattest_request_server_thumbprint(const azattest_request *request);

/** "sha256//" and 44 characters of base64, with the NUL. */
#define AZATTEST_PUBLIC_KEY_PIN_SIZE 53
/**
 * Compares the server's own certificate with the request's thumbprint, before the request is sent. Another connection
 * is the same server when it shows the same key: libcurl's CURLOPT_PINNEDPUBLICKEY.
 * @param certificate_pem  as the server showed it
 * @param pin              receives the SHA-256 of its public key, NUL-terminated
 * @retval AZATTEST_E_CRYPTO  another certificate, or one that cannot be read
 */
AZATTEST_API azattest_status azattest_request_check_server(const azattest_request *request,
                                                           azattest_bytes certificate_pem,
                                                           char pin[AZATTEST_PUBLIC_KEY_PIN_SIZE]);

/** One header of an answer; names compare without regard to case. */
typedef struct azattest_header {
    const char *name;
    const char *value;
} azattest_header;

/** An answer of the service. All members are borrowed for the call. */
typedef struct azattest_http_response {
    size_t size;        /**< sizeof(azattest_http_response) */
    int status;         /**< 100 to 599 */
    const char *reason; /**< or NULL */
    const azattest_header *headers;
    size_t header_count;
    azattest_bytes body; /**< decompressed */
} azattest_http_response;
/* clang-format off */
#define AZATTEST_HTTP_RESPONSE_INIT { .size = sizeof(azattest_http_response) }
/* clang-format on */

/**
 * Hands over an answer. A body of more than azattest_request_response_limit() bytes is refused, so a driver that stops
 * reading there hands over one byte more.
 * @retval AZATTEST_E_STATE the operation did not ask for one
 */
AZATTEST_API azattest_status azattest_op_respond(azattest_op *op, const azattest_http_response *response);
/**
 * Says that no usable answer came.
 * @param status    AZATTEST_E_TRANSPORT, AZATTEST_E_TIMEOUT or AZATTEST_E_CANCELLED; AZATTEST_E_CRYPTO when TLS refused
 *                  the other side, which becomes an AZATTEST_E_TRANSPORT that is not tried again. For a token, a file
 *                  or a process also AZATTEST_E_AUTH and AZATTEST_E_CREDENTIAL_UNAVAILABLE (a chain then goes on). For
 *                  keys: none are to be had, not by a fetch either; what this process has may still do
 * @param message   the driver's reason, copied
 * @param answered  bytes of the answer had arrived already (then only a GET is tried again, and the operation's error
 * is AZATTEST_E_RESPONSE instead of AZATTEST_E_TRANSPORT)
 * @retval AZATTEST_E_ARGUMENT  a status that is no such reason
 * @retval AZATTEST_E_STATE     the operation did not ask for anything
 */
AZATTEST_API azattest_status azattest_op_fail(azattest_op *op, azattest_status status, const char *message,
                                              bool answered);
/** An access token that somebody else acquired. It is visible ASCII, a JWT or not; the library never looks at it. */
typedef struct azattest_access_token {
    size_t size;          /**< sizeof(azattest_access_token) */
    const char *token;    /**< what stands behind "Bearer " */
    int64_t expires_on_s; /**< seconds since 1970; 0: not known (a JWT's own `exp` then counts) */
    int64_t refresh_on_s; /**< a new one is asked for from then on; 0: no wish */
} azattest_access_token;
/* clang-format off */
#define AZATTEST_ACCESS_TOKEN_INIT { .size = sizeof(azattest_access_token) }
/* clang-format on */

/** The scopes that a token is wanted for, separated by blanks; NULL unless one is wanted. */
AZATTEST_API const char *azattest_op_scopes(const azattest_op *op);
/**
 * Hands over a token, which is copied.
 * @retval AZATTEST_E_ARGUMENT  it is empty, or no token could look like that
 * @retval AZATTEST_E_STATE     the operation did not ask for one
 */
AZATTEST_API azattest_status azattest_op_give_token(azattest_op *op, const azattest_access_token *token);
/** Lets the callback credential's own function answer. @retval AZATTEST_ABSENT it has none, or no token is wanted */
AZATTEST_API azattest_status azattest_op_call_credential(azattest_op *op);

/** The file to read; NULL unless one is wanted. */
AZATTEST_API const char *azattest_op_file_path(const azattest_op *op);
/** Its largest size; a driver reads one byte more at most. 0: only whether it exists is asked. */
AZATTEST_API size_t azattest_op_file_limit(const azattest_op *op);
/** Hands over its content, borrowed for the call; absent: there is no such file. @retval AZATTEST_E_STATE none is
 * wanted */
AZATTEST_API azattest_status azattest_op_give_file(azattest_op *op, azattest_bytes content);

/**
 * The program (looked for on PATH) and its arguments; NULL past the end, or unless a process is wanted. No shell stands
 * between. The working directory is "/bin", where the user cannot write; AZURE_CORE_NO_COLOR is "true".
 */
AZATTEST_API const char *azattest_op_process_argument(const azattest_op *op, size_t index);
/** Milliseconds after which it is ended. */
AZATTEST_API int64_t azattest_op_process_timeout_ms(const azattest_op *op);
/**
 * Hands over what it printed: at most AZATTEST_LIMIT_PROCESS_OUTPUT of each, or one byte more.
 * @param exit_status  0 to 255; 128 and the number of the signal that ended it
 * @retval AZATTEST_E_STATE  the operation did not ask for one
 */
AZATTEST_API azattest_status azattest_op_give_process(azattest_op *op, int exit_status, azattest_bytes output,
                                                      azattest_bytes errors);

/**
 * The address of the key set that is wanted, which names it in a cache that processes share; NULL unless keys are
 * wanted. They are only with shared_keys of the client, where the operation would otherwise fetch them at once.
 */
AZATTEST_API const char *azattest_op_keys_url(const azattest_op *op);
/** The key id that the token names, at most AZATTEST_LIMIT_KEY_ID of anybody's bytes; NULL: none, or no keys wanted. */
AZATTEST_API const char *azattest_op_keys_kid(const azattest_op *op);
/** Keys are wanted because the set that this process holds does not know that key id. What is given now, or fetched,
 * has the last word. */
AZATTEST_API bool azattest_op_keys_unknown(const azattest_op *op);
/** Why the fetch failed that azattest_op_fetch_keys() began; NULL: keys are wanted for the first time, or not at all.
 */
AZATTEST_API const char *azattest_op_keys_failure(const azattest_op *op);
/**
 * Hands over a key set that somebody keeps, in place of a fetch. It passes the same reader as the service's answer, is
 * kept by this process for what is left of its life (the shorter of max_age_ms and key_cache_life_ms, less its age),
 * and judges the token. Also taken while a fetch that azattest_op_fetch_keys() began waits for its next try.
 * @param jwks        the document, at most AZATTEST_LIMIT_RESPONSE; copied
 * @param age_ms      milliseconds since it was fetched; 24 hours are too many in any case
 * @param max_age_ms  what azattest_op_fetched_keys() gave; negative: not known
 * @param warning     why a set is given whose life is over; NULL: that is not so. It becomes the response's
 * @retval AZATTEST_E_ARGUMENT  no operation or document; age_ms negative or too large; life over, and no warning
 * @retval AZATTEST_E_RESPONSE  no key set that can be used, and none was taken: fetch one
 * @retval AZATTEST_E_STATE     no keys are wanted
 * @retval AZATTEST_E_MEMORY    out of memory; none was taken
 */
AZATTEST_API azattest_status azattest_op_give_keys(azattest_op *op, azattest_bytes jwks, int64_t age_ms,
                                                   int64_t max_age_ms, const char *warning);
/**
 * Says that there are none: the operation fetches them, with requests and waits as its next needs. When that fails the
 * keys are wanted once more (see azattest_op_keys_failure()): perhaps there are older ones. The second time this says
 * that there are not: the operation goes on with what this process has, or fails.
 * @retval AZATTEST_E_ARGUMENT  no operation
 * @retval AZATTEST_E_STATE     no keys are wanted
 */
AZATTEST_API azattest_status azattest_op_fetch_keys(azattest_op *op);
/**
 * The key set that the operation has fetched, for whoever keeps it; borrowed from the operation. Absent: none yet.
 * azattest_client_get_signing_certificates_begin() makes an operation that has one when it is done.
 * @param max_age_ms  receives how long it is good, in milliseconds from its fetch, or 0; may be NULL
 */
AZATTEST_API azattest_bytes azattest_op_fetched_keys(const azattest_op *op, int64_t *max_age_ms);

/** Says that the wait is over. @retval AZATTEST_E_STATE the operation did not ask for one */
AZATTEST_API azattest_status azattest_op_waited(azattest_op *op);
/** Ends the operation with AZATTEST_E_CANCELLED at the next step. Alone of these functions it may be called from any
 * thread, while nobody frees the operation. */
AZATTEST_API void azattest_op_cancel(azattest_op *op);

/** The failure, borrowed; NULL unless failed. */
AZATTEST_API const azattest_error *azattest_op_error(const azattest_op *op);
/** Takes the failure out of the operation; free with azattest_error_free(). NULL unless failed, or taken before. */
AZATTEST_API azattest_error *azattest_op_take_error(azattest_op *op);

/** One line to the log (azattest/log.h) from a driver, if the operation's own level or the process's lets it through.
 * @param level  an azattest_log_level */
AZATTEST_API void azattest_op_log(const azattest_op *op, int level, const char *message);

/** Frees an operation in any state; NULL is accepted. */
AZATTEST_API void azattest_op_free(azattest_op *op);

AZATTEST_END

#endif
