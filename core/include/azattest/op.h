/**
 * An operation: one service call with everything around it (retry, key discovery, validation) as a machine that never
 * waits. It says what it wants next; the driver does that and tells it; when it is done it yields a result that owns
 * its memory. An operation belongs to one thread at a time.
 *
 *     while ((need = azattest_op_step(op)) != AZATTEST_NEED_DONE && need != AZATTEST_NEED_FAILED)
 *         need == AZATTEST_NEED_HTTP ? send, then azattest_op_respond() or azattest_op_fail()
 *                                    : wait azattest_op_wait_ms(), then azattest_op_waited();
 */
#ifndef AZATTEST_OP_H
#define AZATTEST_OP_H

#include <stdbool.h>

#include "error.h"

AZATTEST_BEGIN

typedef struct azattest_op azattest_op;
typedef struct azattest_request azattest_request;

typedef enum azattest_need {
    AZATTEST_NEED_HTTP = 1,  /**< send azattest_op_request() */
    AZATTEST_NEED_SLEEP = 2, /**< wait azattest_op_wait_ms() */
    AZATTEST_NEED_DONE = 3,  /**< take the result */
    AZATTEST_NEED_FAILED = 4 /**< take the error */
} azattest_need;

/** What the operation wants next. Calling it again without having done that gives the same answer. */
AZATTEST_API azattest_need azattest_op_step(azattest_op *op);

/** The request to send; borrowed until the next call on the operation. NULL unless it wants one. */
AZATTEST_API const azattest_request *azattest_op_request(const azattest_op *op);
/** Milliseconds to wait; 0 unless it wants to. */
AZATTEST_API int64_t azattest_op_wait_ms(const azattest_op *op);
/** Milliseconds that are left of the operation's time limit, or -1 when it has none. */
AZATTEST_API int64_t azattest_op_remaining_ms(const azattest_op *op);

/** "GET", "POST". */
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
 *                  the other side, which becomes an AZATTEST_E_TRANSPORT that is not tried again
 * @param message   the driver's reason, copied
 * @param answered  bytes of the answer had arrived already (then only a GET is tried again)
 */
AZATTEST_API azattest_status azattest_op_fail(azattest_op *op, azattest_status status, const char *message,
                                              bool answered);
/** Says that the wait is over. */
AZATTEST_API azattest_status azattest_op_waited(azattest_op *op);
/** Ends the operation with AZATTEST_E_CANCELLED at the next step. */
AZATTEST_API void azattest_op_cancel(azattest_op *op);

/** The failure, borrowed; NULL unless failed. */
AZATTEST_API const azattest_error *azattest_op_error(const azattest_op *op);
/** Takes the failure out of the operation; free with azattest_error_free(). NULL unless failed, or taken before. */
AZATTEST_API azattest_error *azattest_op_take_error(azattest_op *op);

/** Frees an operation in any state; NULL is accepted. */
AZATTEST_API void azattest_op_free(azattest_op *op);

AZATTEST_END

#endif
