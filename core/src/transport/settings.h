/* What every libcurl transport is told once: trust, proxy, time limits. */
#ifndef AZATTEST_TRANSPORT_SETTINGS_H
#define AZATTEST_TRANSPORT_SETTINGS_H

#include "transport.h"

typedef struct azattest__curl_settings {
    char *ca_file, *ca_path, *proxy, *ca_pem; /* NULL: not given */
    size_t ca_pem_len;
    long connect_timeout_ms;
    int64_t read_timeout_ms;
    bool (*interrupted)(void *user);
    void *interrupted_user;
} azattest__curl_settings;

/* Initialises libcurl, and makes settings of the options (NULL: defaults); cleared on failure. */
azattest_status azattest__curl_settings_make(const azattest_curl_options *options, azattest__curl_settings *out,
                                             azattest_error **error);
void azattest__curl_settings_clear(azattest__curl_settings *settings);

#endif
