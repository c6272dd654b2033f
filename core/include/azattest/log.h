/**
 * Where the library reports what it does. Off unless a sink is set. A message never holds a token, a key, evidence
 * or a body. The sink belongs to the process; set it once, before the library is used from several threads.
 */
#ifndef AZATTEST_LOG_H
#define AZATTEST_LOG_H

#include "export.h"

AZATTEST_BEGIN

typedef enum azattest_log_level {
    AZATTEST_LOG_VERBOSE = 1,
    AZATTEST_LOG_INFO = 2,
    AZATTEST_LOG_WARNING = 3,
    AZATTEST_LOG_ERROR = 4
} azattest_log_level;

typedef void (*azattest_log_sink)(void *user, azattest_log_level level, const char *message);

/** Sets the sink and the lowest level that reaches it; a NULL sink turns logging off. */
AZATTEST_API void azattest_log_set(azattest_log_sink sink, void *user, azattest_log_level lowest);

AZATTEST_END

#endif
