/**
 * Where the library reports what it does. A message never holds a token, a key, evidence or a secret; bodies are told
 * only where a client asks for it (`trace_bodies`), and then as structure with values cut to 8 characters.
 *
 * Without a sink the environment decides, as for all Azure SDKs: AZURE_LOG_LEVEL (`verbose`, `debug` or `1`; `info`,
 * `information`, `informational` or `2`; `warning`, `warn` or `3`; `error`, `err` or `4`; any case) names the lowest
 * level that is written to standard error; unset, or any other word, nothing is written. Sink and level belong to the
 * process; set them before the library is used from several threads. A client or a call with a `log_level` of its own
 * logs from that level on, whatever the process's is.
 */
#ifndef AZATTEST_LOG_H
#define AZATTEST_LOG_H

#include <stddef.h>
#include <stdint.h>

#include "export.h"

AZATTEST_BEGIN

typedef enum azattest_log_level {
    AZATTEST_LOG_VERBOSE = 1,
    AZATTEST_LOG_INFO = 2,
    AZATTEST_LOG_WARNING = 3,
    AZATTEST_LOG_ERROR = 4,
    AZATTEST_LOG_OFF = 5 /**< nothing, but for clients and calls with a level of their own */
} azattest_log_level;

/** Called on any thread, inside the library: it must not call the library, nor wait. `message` is one line. */
typedef void (*azattest_log_sink)(void *user, azattest_log_level level, const char *message);

/** Sets the sink and the lowest level that reaches it; a NULL sink turns logging off, whatever the environment says. */
AZATTEST_API void azattest_log_set(azattest_log_sink sink, void *user, azattest_log_level lowest);

/**
 * Keeps the messages in memory instead, for programs that must not be called from inside the library (bindings): at
 * most AZATTEST_LIMIT_LOG_LINES of them, the newest, to be taken with azattest_log_take().
 */
AZATTEST_API void azattest_log_collect(azattest_log_level lowest);
/**
 * The oldest message that azattest_log_collect() kept, for azattest_free(); NULL when there is none. May be called from
 * any thread.
 * @param level  receives its level, or 0
 */
AZATTEST_API char *azattest_log_take(int *level);

/** The level that a word of AZURE_LOG_LEVEL means, any case; 0 when it means none. NULL: what the environment says. */
AZATTEST_API int azattest_log_level_of(const char *word);

AZATTEST_END

#endif
