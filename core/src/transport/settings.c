#include "settings.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

static pthread_once_t global_once = PTHREAD_ONCE_INIT;
static CURLcode global_status;

/* Once for the process, and never undone: other users of libcurl may outlive us. */
static void global_init(void)
{
    global_status = curl_global_init(CURL_GLOBAL_DEFAULT);
}

static pthread_once_t version_once = PTHREAD_ONCE_INIT;
static char version_text[64];

static void version_init(void)
{
    snprintf(version_text, sizeof(version_text), "libcurl/%s", curl_version_info(CURLVERSION_NOW)->version);
}

/* LIBCURL_VERSION would be that of the headers; what runs is what counts. */
const char *azattest_curl_version(void)
{
    (void)pthread_once(&version_once, version_init);
    return version_text;
}

/* Also for a multi, whose options these are: the same mistake is told in the same words. */
static azattest_status refuse(azattest_error **error, azattest_status status, const char *what)
{
    char text[512];

    snprintf(text, sizeof(text), "curl transport: %s", what);
    return azattest__transport_error(error, status, text);
}

/* A file that cannot be read is told now, and not after the tries of the first call. */
static azattest_status check_readable(const char *name, const char *path, azattest_error **error)
{
    char text[400];
    FILE *file;

    if (path == NULL)
        return AZATTEST_OK;
    if ((file = fopen(path, "rb")) != NULL) {
        fclose(file);
        return AZATTEST_OK;
    }
    snprintf(text, sizeof(text), "%s \"%.300s\" cannot be read", name, path);
    return refuse(error, AZATTEST_E_ARGUMENT, text);
}

static azattest_status check_options(const azattest_curl_options *options, azattest_error **error)
{
    const int64_t most = INT64_C(86400000);
    azattest_status status;

    if ((options->ca_file != NULL) + (options->ca_path != NULL) + (options->ca_pem.ptr != NULL) > 1)
        return refuse(error, AZATTEST_E_ARGUMENT, "ca_file, ca_path and ca_pem exclude each other: give one");
    if (options->connect_timeout_ms < 0 || options->connect_timeout_ms > most || options->read_timeout_ms < 0 ||
        options->read_timeout_ms > most)
        return refuse(error, AZATTEST_E_ARGUMENT, "a timeout is negative or longer than a day");
    if ((status = check_readable("ca_file", options->ca_file, error)) != AZATTEST_OK)
        return status;
    return check_readable("ca_path", options->ca_path, error);
}

static azattest_status take_options(const azattest_curl_options *in, azattest_curl_options *out, azattest_error **error)
{
    const unsigned char *bytes = (const unsigned char *)in;

    memset(out, 0, sizeof(*out));
    if (in == NULL)
        return AZATTEST_OK;
    if (in->size < sizeof(in->size) || in->size > 4096)
        return refuse(error, AZATTEST_E_ARGUMENT,
                      "the size of the options is wrong; start with AZATTEST_CURL_OPTIONS_INIT");
    for (size_t i = sizeof(*out); i < in->size; i++)
        if (bytes[i] != 0)
            return refuse(error, AZATTEST_E_ARGUMENT, "options made for a newer version of the library");
    memcpy(out, in, in->size < sizeof(*out) ? in->size : sizeof(*out));
    return AZATTEST_OK;
}

static bool copy_text(const char *text, char **out)
{
    return text == NULL || (*out = strdup(text)) != NULL;
}

static bool copy_pem(azattest_bytes pem, azattest__curl_settings *settings)
{
    if (pem.ptr == NULL)
        return true;
    if ((settings->ca_pem = malloc(pem.len + 1)) == NULL)
        return false;
    memcpy(settings->ca_pem, pem.ptr, pem.len);
    settings->ca_pem_len = pem.len;
    return true;
}

azattest_status azattest__curl_settings_make(const azattest_curl_options *options, azattest__curl_settings *out,
                                             azattest_error **error)
{
    azattest_curl_options taken;
    azattest_status status;

    memset(out, 0, sizeof(*out));
    if ((status = take_options(options, &taken, error)) != AZATTEST_OK ||
        (status = check_options(&taken, error)) != AZATTEST_OK)
        return status;
    if (pthread_once(&global_once, global_init) != 0 || global_status != CURLE_OK)
        return refuse(error, AZATTEST_E_TRANSPORT, "libcurl cannot be initialised");
    out->connect_timeout_ms = AZATTEST__CONNECT_TIMEOUT_MS;
    if (taken.connect_timeout_ms != 0)
        out->connect_timeout_ms = (long)taken.connect_timeout_ms;
    out->read_timeout_ms = taken.read_timeout_ms == 0 ? AZATTEST__READ_TIMEOUT_MS : taken.read_timeout_ms;
    out->interrupted = taken.interrupted;
    out->interrupted_user = taken.interrupted_user;
    if (copy_text(taken.ca_file, &out->ca_file) && copy_text(taken.ca_path, &out->ca_path) &&
        copy_text(taken.proxy, &out->proxy) && copy_pem(taken.ca_pem, out))
        return AZATTEST_OK;
    azattest__curl_settings_clear(out);
    return azattest__transport_error(error, AZATTEST_E_MEMORY, "out of memory");
}

void azattest__curl_settings_clear(azattest__curl_settings *settings)
{
    free(settings->ca_file);
    free(settings->ca_path);
    free(settings->proxy);
    free(settings->ca_pem);
    memset(settings, 0, sizeof(*settings));
}
