/**
 * Runtime or init-time data as one object: bytes, and whether the service is to take them as JSON, so that they come
 * back as JSON claims, or as they are. The attest calls take it wherever they take such data.
 */
#ifndef AZATTEST_DATA_H
#define AZATTEST_DATA_H

#include <stdbool.h>

#include "error.h"

AZATTEST_BEGIN

typedef struct azattest_data azattest_data;

/**
 * Makes it; immutable afterwards.
 *
 * @param bytes    copied; at most AZATTEST_LIMIT_RUNTIME_DATA; length 0 is empty data
 * @param is_json  default: found out, by parsing: strictly a JSON object is JSON, because the service takes no other
 *                 value. On: it must be one (a single NUL behind the text is allowed, as programs in C hash it)
 * @retval AZATTEST_E_ARGUMENT  no bytes, or said to be JSON and no JSON object
 * @retval AZATTEST_E_LIMIT     too large
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_data_new(azattest_bytes bytes, azattest_switch is_json,
                                                                   azattest_data **out, azattest_error **error);
/** Wipes and frees; NULL is accepted. */
AZATTEST_API void azattest_data_free(azattest_data *data);
/** Borrowed from the object; absent for NULL. */
AZATTEST_API azattest_bytes azattest_data_bytes(const azattest_data *data);
AZATTEST_API bool azattest_data_is_json(const azattest_data *data);

AZATTEST_END

#endif
