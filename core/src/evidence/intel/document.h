/* Values of Intel's signed JSON documents, as they stand in text that passed the gate. Strict: a value is written in
 * the one way in which Intel writes it, or the document is refused. */
#ifndef AZATTEST_EVIDENCE_INTEL_DOCUMENT_H
#define AZATTEST_EVIDENCE_INTEL_DOCUMENT_H

#include "../../json/cursor.h"
#include "tcb_level.h"

/* A string of exactly 2 * size hexadecimal digits. */
bool azattest__document_hex(azattest_bytes value, unsigned char *out, size_t size);
/* Digits alone, from 0 to `max`. */
bool azattest__document_integer(azattest_bytes value, int max, int *out);
/* A string "YYYY-MM-DDThh:mm:ssZ". */
bool azattest__document_time(azattest_bytes value, int64_t *out);
/* A string without escapes; gives what is between its quotes. */
bool azattest__document_text(azattest_bytes value, azattest_bytes *out);
/* A list of identifiers (printable ASCII, no blanks), at most AZATTEST_LIMIT_ADVISORIES. */
bool azattest__document_advisories(azattest_bytes value);

/* Room for one more in a list that grows. */
azattest_status azattest__document_grow(void **items, size_t size, size_t count, size_t limit, const char *what,
                                        azattest_error **error);

/* {"tcb": {"isvsvn": n}, "tcbDate": ..., "tcbStatus": ..., "advisoryIDs": [...]} of modules and enclaves. */
azattest_status azattest__document_isvsvn_level(azattest__json_cursor *cursor, const char *what,
                                                azattest__isvsvn_level *out, azattest_error **error);
/* Of any level: takes the member when it is tcbDate, tcbStatus or advisoryIDs; *taken tells. */
azattest_status azattest__document_level_member(azattest__json_cursor *cursor, azattest_bytes name, const char *what,
                                                azattest__tcb_status *status, int64_t *date, azattest_bytes *advisories,
                                                bool *taken, azattest_error **error);

#endif
