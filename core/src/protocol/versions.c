#include "versions.h"

static const char *const names[] = {
    "2018-09-01-preview", "2020-10-01", "2022-08-01",         "2022-09-01-preview",
    "2023-04-01-preview", "2025-06-01", "2026-03-11-preview",
};
#define COUNT (sizeof(names) / sizeof(names[0]))

unsigned azattest__api_version_bit(const char *version)
{
    for (size_t i = 0; i < COUNT; i++)
        if (azattest__text_equal_nocase(version, names[i]))
            return 1u << i;
    return 0;
}

bool azattest__api_version_is_from_2025_06(const char *version)
{
    return strncmp(version, "2025-06-01", strlen("2025-06-01")) >= 0;
}

azattest_status azattest__api_version_check(const char *what, const char *version, unsigned versions,
                                            azattest_error **error)
{
    unsigned bit = azattest__api_version_bit(version);
    azattest_status status;
    azattest__buf list;

    if (bit == 0 || (versions & bit) != 0)
        return AZATTEST_OK;
    azattest__buf_init(&list, 256);
    for (size_t i = 0; i < COUNT; i++)
        if ((versions & 1u << i) != 0)
            azattest__buf_printf(&list, "%s%s", list.len == 0 ? "" : ", ", names[i]);
    status = list.status != AZATTEST_OK
                 ? azattest__error_memory(error)
                 : azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                       "%s: not in api-version %s; give the client an api_version that has it: %s",
                                       what, version, list.ptr == NULL ? "none" : (const char *)list.ptr);
    azattest__buf_free(&list);
    return status;
}
