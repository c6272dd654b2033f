/* The libcurl transport: its options, its pool of handles, its waits. */
#include "curl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

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

static azattest_status set_error(azattest_error **error, azattest_status status, const char *message)
{
    if (error != NULL)
        *error = azattest_error_new(status, message);
    return status;
}

bool azattest__curl_interrupted(const azattest__curl *curl)
{
    return curl->interrupted != NULL && curl->interrupted(curl->interrupted_user);
}

static void handle_free(azattest__curl_handle *handle)
{
    if (handle == NULL)
        return;
    curl_easy_cleanup(handle->easy);
    curl_multi_cleanup(handle->multi);
    free(handle);
}

static azattest__curl_handle *handle_take(azattest__curl *curl)
{
    azattest__curl_handle *handle;

    pthread_mutex_lock(&curl->mutex);
    if ((handle = curl->idle) != NULL)
        curl->idle = handle->next;
    pthread_mutex_unlock(&curl->mutex);
    if (handle != NULL || (handle = calloc(1, sizeof(*handle))) == NULL)
        return handle;
    handle->easy = curl_easy_init();
    handle->multi = curl_multi_init();
    if (handle->easy != NULL && handle->multi != NULL)
        return handle;
    handle_free(handle);
    return NULL;
}

static void handle_give_back(azattest__curl *curl, azattest__curl_handle *handle)
{
    pthread_mutex_lock(&curl->mutex);
    handle->next = curl->idle;
    curl->idle = handle;
    pthread_mutex_unlock(&curl->mutex);
}

static void curl_send(void *user, azattest_op *op, const azattest_request *request)
{
    azattest__curl *curl = user;
    azattest__curl_handle *handle;

    if (azattest__curl_interrupted(curl)) {
        (void)azattest_op_fail(op, AZATTEST_E_CANCELLED, "interrupted", false);
    } else if ((handle = handle_take(curl)) == NULL) {
        (void)azattest_op_fail(op, AZATTEST_E_TRANSPORT, "no memory for a connection", false);
    } else {
        azattest__curl_exchange(curl, handle, op, request);
        handle_give_back(curl, handle);
    }
}

static bool curl_sleep(void *user, int64_t wait_ms)
{
    const azattest__curl *curl = user;

    while (wait_ms > 0) {
        int64_t slice = wait_ms < AZATTEST__SLICE_MS ? wait_ms : AZATTEST__SLICE_MS;
        struct timespec time = { .tv_sec = 0, .tv_nsec = (long)slice * 1000000 };

        if (azattest__curl_interrupted(curl))
            return false;
        (void)nanosleep(&time, NULL); /* a signal shortens one slice; whether it means anything, interrupted() says */
        wait_ms -= slice;
    }
    return !azattest__curl_interrupted(curl);
}

static void curl_free_transport(void *user)
{
    azattest__curl *curl = user;

    while (curl->idle != NULL) {
        azattest__curl_handle *handle = curl->idle;

        curl->idle = handle->next;
        handle_free(handle);
    }
    pthread_mutex_destroy(&curl->mutex);
    free(curl->ca_file);
    free(curl->ca_path);
    free(curl->proxy);
    free(curl->ca_pem);
    free(curl);
}

static bool copy_text(const char *text, char **out)
{
    return text == NULL || (*out = strdup(text)) != NULL;
}

/* A file that cannot be read is told now, and not after the tries of the first call. */
static azattest_status check_readable(const char *name, const char *path, azattest_error **error)
{
    char text[512];
    FILE *file;

    if (path == NULL)
        return AZATTEST_OK;
    if ((file = fopen(path, "rb")) != NULL) {
        fclose(file);
        return AZATTEST_OK;
    }
    snprintf(text, sizeof(text), "curl transport: %s \"%.300s\" cannot be read", name, path);
    return set_error(error, AZATTEST_E_ARGUMENT, text);
}

static azattest_status check_options(const azattest_curl_options *options, azattest_error **error)
{
    const int64_t most = INT64_C(86400000);
    azattest_status status;

    if ((options->ca_file != NULL) + (options->ca_path != NULL) + (options->ca_pem.ptr != NULL) > 1)
        return set_error(error, AZATTEST_E_ARGUMENT,
                         "curl transport: ca_file, ca_path and ca_pem exclude each other: give one");
    if (options->connect_timeout_ms < 0 || options->connect_timeout_ms > most || options->read_timeout_ms < 0 ||
        options->read_timeout_ms > most)
        return set_error(error, AZATTEST_E_ARGUMENT, "curl transport: a timeout is negative or longer than a day");
    if ((status = check_readable("ca_file", options->ca_file, error)) != AZATTEST_OK)
        return status;
    return check_readable("ca_path", options->ca_path, error);
}

static azattest_status configure(const azattest_curl_options *options, azattest__curl *curl, azattest_error **error)
{
    curl->connect_timeout_ms = AZATTEST__CONNECT_TIMEOUT_MS;
    if (options->connect_timeout_ms != 0)
        curl->connect_timeout_ms = (long)options->connect_timeout_ms;
    curl->read_timeout_ms = options->read_timeout_ms == 0 ? AZATTEST__READ_TIMEOUT_MS : options->read_timeout_ms;
    curl->interrupted = options->interrupted;
    curl->interrupted_user = options->interrupted_user;
    if (!copy_text(options->ca_file, &curl->ca_file) || !copy_text(options->ca_path, &curl->ca_path) ||
        !copy_text(options->proxy, &curl->proxy))
        return set_error(error, AZATTEST_E_MEMORY, "out of memory");
    if (options->ca_pem.ptr == NULL)
        return AZATTEST_OK;
    if ((curl->ca_pem = malloc(options->ca_pem.len + 1)) == NULL)
        return set_error(error, AZATTEST_E_MEMORY, "out of memory");
    memcpy(curl->ca_pem, options->ca_pem.ptr, options->ca_pem.len);
    curl->ca_pem_len = options->ca_pem.len;
    return AZATTEST_OK;
}

static azattest_status take_options(const azattest_curl_options *in, azattest_curl_options *out, azattest_error **error)
{
    const unsigned char *bytes = (const unsigned char *)in;

    memset(out, 0, sizeof(*out));
    if (in == NULL)
        return AZATTEST_OK;
    if (in->size < sizeof(in->size) || in->size > 4096)
        return set_error(error, AZATTEST_E_ARGUMENT,
                         "curl transport: the size of the options is wrong; start with AZATTEST_CURL_OPTIONS_INIT");
    for (size_t i = sizeof(*out); i < in->size; i++)
        if (bytes[i] != 0)
            return set_error(error, AZATTEST_E_ARGUMENT,
                             "curl transport: options made for a newer version of the library");
    memcpy(out, in, in->size < sizeof(*out) ? in->size : sizeof(*out));
    return AZATTEST_OK;
}

azattest_status azattest_curl_transport_new(const azattest_curl_options *options, azattest_transport **out,
                                            azattest_error **error)
{
    const azattest_transport_functions functions = {
        .size = sizeof(functions), .send = curl_send, .sleep = curl_sleep, .free = curl_free_transport
    };
    azattest_curl_options taken;
    azattest__curl *curl = NULL;
    azattest_status status;

    if (error != NULL)
        *error = NULL;
    if (out == NULL)
        return set_error(error, AZATTEST_E_ARGUMENT, "curl transport: nowhere to put it");
    *out = NULL;
    if ((status = take_options(options, &taken, error)) != AZATTEST_OK ||
        (status = check_options(&taken, error)) != AZATTEST_OK)
        return status;
    if (pthread_once(&global_once, global_init) != 0 || global_status != CURLE_OK)
        return set_error(error, AZATTEST_E_TRANSPORT, "curl transport: libcurl cannot be initialised");
    if ((curl = calloc(1, sizeof(*curl))) == NULL)
        return set_error(error, AZATTEST_E_MEMORY, "out of memory");
    if (pthread_mutex_init(&curl->mutex, NULL) != 0) {
        free(curl);
        return set_error(error, AZATTEST_E_MEMORY, "out of memory");
    }
    if ((status = configure(&taken, curl, error)) == AZATTEST_OK)
        status = azattest_transport_new(&functions, curl, out, error);
    if (status != AZATTEST_OK)
        curl_free_transport(curl);
    return status;
}

/* LIBCURL_VERSION would be that of the headers; what runs is what counts. */
const char *azattest_curl_version(void)
{
    (void)pthread_once(&version_once, version_init);
    return version_text;
}
