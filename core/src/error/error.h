/* How errors are made inside the library. */
#ifndef AZATTEST_ERROR_ERROR_H
#define AZATTEST_ERROR_ERROR_H

#include <azattest/error.h>
#include <azattest/log.h>
#include <azattest/token.h>

#include "../base/buf.h"

/* Makes *error (unless error is NULL) and gives the status back, so that `return azattest__error_set(...)` reads well.
 * A *error that is set already is freed and replaced. If memory is short, *error is a static error that may be freed.
 */
__attribute__((format(printf, 3, 4))) azattest_status azattest__error_set(azattest_error **error,
                                                                          azattest_status status, const char *format,
                                                                          ...);
/* Shorthand for AZATTEST_E_MEMORY. */
azattest_status azattest__error_memory(azattest_error **error);
/* The buffer's sticky status as an error; AZATTEST_OK when it has none. `what` names the thing in the text. */
azattest_status azattest__error_from_buf(azattest_error **error, const azattest__buf *buf, const char *what);
/* Puts "prefix: " before the message of *error. */
__attribute__((format(printf, 2, 3))) void azattest__error_prefix(azattest_error **error, const char *format, ...);
azattest_error *azattest__error_copy(const azattest_error *error); /* NULL on NULL or out of memory */

/* Everything an HTTP failure knows; text is copied, NULL where unknown. Needs a *error that is set. */
typedef struct azattest__error_http {
    int status_code;
    const char *reason, *error_code, *service_message, *target, *details, *inner_error, *request_id, *hint;
    azattest_bytes body; /* cut to 2048 bytes and escaped by the setter */
} azattest__error_http;
/* Hides long runs of base64 in these and in the message: services repeat the evidence or the token that they refuse. */
void azattest__error_set_http(azattest_error *error, const azattest__error_http *http);
/* Hides the secret, or its beginning where a text was cut, in all that came from a service. NULL is accepted. */
void azattest__error_hide(azattest_error *error, const char *secret);
void azattest__error_set_hint(azattest_error *error, const char *hint);
void azattest__error_set_call(azattest_error *error, const char *client_request_id, int attempts,
                              int64_t retry_after_ms);

/* The list of failed token checks. */
struct azattest_problems {
    struct azattest__problem {
        azattest_status code;
        char *detail;
    } * items;
    size_t count;
};
/* Appends; gives AZATTEST_E_MEMORY when it cannot. */
__attribute__((format(printf, 3, 4))) azattest_status azattest__problems_add(azattest_problems *problems,
                                                                             azattest_status code, const char *format,
                                                                             ...);
void azattest__problems_clear(azattest_problems *problems);
/* An error from a non-empty list: status and text of the first, all details in the message, the list moved into it. */
azattest_status azattest__error_from_problems(azattest_error **error, azattest_problems *problems);

/* Foreign text for a message: control characters and invalid UTF-8 escaped, cut to `limit` characters with "...". */
char *azattest__printable(azattest_bytes text, size_t limit);

/* One line to the sink, if the level is on. Never tokens, keys, evidence, bodies. */
__attribute__((format(printf, 2, 3))) void azattest__log(azattest_log_level level, const char *format, ...);
bool azattest__log_enabled(azattest_log_level level);
/* The same for a call or a client with a lowest level of its own; 0: the process's alone. */
__attribute__((format(printf, 3, 4))) void azattest__log_for(int own_lowest, azattest_log_level level,
                                                             const char *format, ...);
bool azattest__log_enabled_for(int own_lowest, azattest_log_level level);

#endif
