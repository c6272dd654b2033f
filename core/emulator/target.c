/* What a request's target says: path, query, api-version. */
#include "form.h"
#include "parts.h"

/* Published and recorded versions. Real instances take older ones on newer paths, so each is good for every path. */
static const char *const api_versions[] = {
    "2018-09-01-preview", "2020-10-01", "2022-08-01",         "2022-09-01-preview",
    "2023-04-01-preview", "2025-06-01", "2026-03-11-preview",
};

static void read_query(const char *query, azattest__target *out)
{
    while (*query != '\0') {
        size_t len = strcspn(query, "&"), name_len = strcspn(query, "=&");
        char name[16];

        if (azattest__percent_decode(query, name_len, false, name, sizeof(name)) &&
            azattest__text_equal_nocase(name, "api-version")) {
            size_t skip = name_len < len ? name_len + 1 : name_len;

            out->twice = out->has_version;
            out->has_version = true;
            if (!azattest__percent_decode(query + skip, len - skip, false, out->version, sizeof(out->version)))
                out->version[0] = '\0'; /* unknown */
        }
        query += len + (query[len] == '&');
    }
}

bool azattest__target_read(const char *text, azattest__target *out)
{
    size_t path_len = strcspn(text, "?#");

    memset(out, 0, sizeof(*out));
    if (text[path_len] == '?')
        read_query(text + path_len + 1, out);
    return azattest__percent_decode(text, path_len, false, out->path, sizeof(out->path));
}

/* What to answer to an unknown or missing version is not documented; this is the local service's own choice. */
azattest_status azattest__target_check_version(const azattest__target *target, bool required, azattest_error **error)
{
    if (!target->has_version && !required)
        return AZATTEST_OK;
    if (!target->has_version)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   "the query parameter api-version is missing; for instance "
                                   "?api-version=2025-06-01");
    for (size_t i = 0; !target->twice && i < sizeof(api_versions) / sizeof(api_versions[0]); i++)
        if (strcmp(target->version, api_versions[i]) == 0)
            return AZATTEST_OK;
    return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                               "%s; this service knows 2018-09-01-preview, 2020-10-01, 2022-08-01, "
                               "2022-09-01-preview, 2023-04-01-preview, 2025-06-01 and 2026-03-11-preview",
                               target->twice ? "api-version is given more than once" : "unknown api-version");
}

bool azattest__is_first_version(const char *version)
{
    return strcmp(version, api_versions[0]) == 0;
}

azattest_status azattest__versions_check(const char *version, azattest__versions versions, azattest_error **error)
{
    bool first = azattest__is_first_version(version);

    if (*version == '\0')
        return AZATTEST_OK;
    switch (versions) {
    case AZATTEST__ALL_VERSIONS:
        return AZATTEST_OK;
    case AZATTEST__FIRST_VERSION:
        return first ? AZATTEST_OK
                     : azattest__error_set(error, AZATTEST_E_ARGUMENT, "this path is in api-version %s alone",
                                           api_versions[0]);
    case AZATTEST__LATER_VERSIONS:
        return !first ? AZATTEST_OK
                      : azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                            "api-version %s has no such call; it came with 2020-10-01", version);
    case AZATTEST__BASELINE_VERSIONS:
        /* Of the versions behind 2022-09-01-preview, 2023-04-01-preview is undescribed, and taken. */
        return strcmp(version, "2022-09-01-preview") >= 0
                   ? AZATTEST_OK
                   : azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                         "api-version %s has no such call; it came with 2022-09-01-preview", version);
    }
    return AZATTEST_OK;
}
