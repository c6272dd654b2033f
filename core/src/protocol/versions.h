/* The api-versions of the service that are known, and which of them have a call. Source: reference of the service,
 * section 1. A version that is not known is newer or private: it is passed through, and the service judges it. */
#ifndef AZATTEST_PROTOCOL_VERSIONS_H
#define AZATTEST_PROTOCOL_VERSIONS_H

#include "../error/error.h"

/* One bit for each, in order of time. */
typedef enum azattest__api_version {
    AZATTEST__2018_09_PREVIEW = 1,
    AZATTEST__2020_10 = 2,
    AZATTEST__2022_08 = 4,
    AZATTEST__2022_09_PREVIEW = 8,
    AZATTEST__2023_04_PREVIEW = 16,
    AZATTEST__2025_06 = 32,
    AZATTEST__2026_03_PREVIEW = 64
} azattest__api_version;
#define AZATTEST__FROM_2025_06 (AZATTEST__2025_06 | AZATTEST__2026_03_PREVIEW)
#define AZATTEST__FROM_2022_08                                                                                         \
    (AZATTEST__2022_08 | AZATTEST__2022_09_PREVIEW | AZATTEST__2023_04_PREVIEW | AZATTEST__FROM_2025_06)

/* The version's bit, or 0 when it is not known. */
unsigned azattest__api_version_bit(const char *version);
/* From 2025-06-01 on. Versions begin with their date, so their text order is their order, also that of unknown ones. */
bool azattest__api_version_is_from_2025_06(const char *version);
/* AZATTEST_E_ARGUMENT when the version is known and not among `versions`; the message names those. `what` is the call
 * or its option. */
azattest_status azattest__api_version_check(const char *what, const char *version, unsigned versions,
                                            azattest_error **error);

#endif
