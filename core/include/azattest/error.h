/**
 * What went wrong, in full. An error owns all its text and outlives everything else. No error text ever holds a
 * token, a key or evidence. Functions take `azattest_error **error`: NULL when the caller does not care; otherwise
 * it receives a new error on failure, and NULL on success.
 */
#ifndef AZATTEST_ERROR_H
#define AZATTEST_ERROR_H

#include "bytes.h"
#include "status.h"

AZATTEST_BEGIN

typedef struct azattest_error azattest_error;

/** Frees an error; NULL is accepted. */
AZATTEST_API void azattest_error_free(azattest_error *error);

/**
 * Makes an error, for transports and callbacks outside the library.
 * @param message UTF-8, copied. Never NULL: without memory it is a static AZATTEST_E_MEMORY, which may be freed too.
 */
AZATTEST_API azattest_error *azattest_error_new(azattest_status status, const char *message);

/** The stable status of the failure; AZATTEST_E_ARGUMENT for NULL. */
AZATTEST_API azattest_status azattest_error_code(const azattest_error *error);
/** What happened, which value was seen and which was expected. Never NULL. */
AZATTEST_API const char *azattest_error_message(const azattest_error *error);
/** One sentence with the next step for causes that are known, or NULL. */
AZATTEST_API const char *azattest_error_hint(const azattest_error *error);

/** HTTP status of the answer, 0 when there was none. */
AZATTEST_API int azattest_error_status_code(const azattest_error *error);
/** Reason phrase of the answer, or NULL. */
AZATTEST_API const char *azattest_error_reason(const azattest_error *error);
/** The service's own `error.code`, for instance "PolicyEvaluationError", or NULL. */
AZATTEST_API const char *azattest_error_error_code(const azattest_error *error);
/** The service's own `error.message`, or NULL. */
AZATTEST_API const char *azattest_error_service_message(const azattest_error *error);
/** The service's `error.target`, or NULL. */
AZATTEST_API const char *azattest_error_target(const azattest_error *error);
/** The service's `error.details` as JSON text, or NULL. */
AZATTEST_API const char *azattest_error_details(const azattest_error *error);
/** The service's `error.innererror` as JSON text, or NULL. */
AZATTEST_API const char *azattest_error_inner_error(const azattest_error *error);
/** `x-ms-client-request-id` as sent, or NULL. */
AZATTEST_API const char *azattest_error_client_request_id(const azattest_error *error);
/** `x-ms-request-id` of the answer, or NULL. */
AZATTEST_API const char *azattest_error_request_id(const azattest_error *error);
/** Milliseconds that the service asked to wait, or -1. */
AZATTEST_API int64_t azattest_error_retry_after_ms(const azattest_error *error);
/** Number of tries that were made; 0 when nothing was sent. */
AZATTEST_API int azattest_error_attempts(const azattest_error *error);
/** The first 2048 bytes of the answer's body, control characters escaped, or NULL. */
AZATTEST_API const char *azattest_error_body(const azattest_error *error);

/** Failed token checks, all of them, in the order of work; 0 for other failures. */
AZATTEST_API size_t azattest_error_problem_count(const azattest_error *error);
/** The status of one failed check; AZATTEST_ABSENT past the end. */
AZATTEST_API azattest_status azattest_error_problem_code(const azattest_error *error, size_t index);
/** What that check saw and expected; NULL past the end. */
AZATTEST_API const char *azattest_error_problem_detail(const azattest_error *error, size_t index);

AZATTEST_END

#endif
