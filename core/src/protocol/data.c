#include "data.h"

#include <stdlib.h>

#include <azattest/limits.h>

#include "../json/json.h"

struct azattest_data {
    azattest__buf bytes;
    bool is_json;
};

/* A JSON object? `reason` tells why not. */
static azattest_status parse(azattest_bytes text, azattest_error **reason)
{
    azattest__json *root = NULL;
    azattest_status status = azattest__json_parse(text, &root, reason);

    if (status == AZATTEST_OK && !azattest__json_is_object(root))
        status = azattest__error_set(reason, AZATTEST_E_MALFORMED, "it is a JSON %s; the service takes an object only",
                                     azattest__json_kind(root));
    azattest__json_free(root);
    return status;
}

static azattest_status find_out(azattest_bytes bytes, azattest_switch said, bool *is_json, azattest_error **error)
{
    azattest_error *reason = NULL;
    azattest_status status;

    *is_json = false;
    if (said == AZATTEST_OFF)
        return AZATTEST_OK;
    status = parse(said == AZATTEST_ON ? azattest__json_unterminated(bytes) : bytes, &reason);
    *is_json = status == AZATTEST_OK;
    if (status == AZATTEST_E_MEMORY)
        status = azattest__error_memory(error);
    else if (status != AZATTEST_OK && said == AZATTEST_ON)
        status =
            azattest__error_set(error, AZATTEST_E_ARGUMENT, "data: said to be JSON, but cannot be used as such: %s",
                                azattest_error_message(reason));
    else
        status = AZATTEST_OK;
    azattest_error_free(reason);
    return status;
}

azattest_status azattest_data_new(azattest_bytes bytes, azattest_switch is_json, azattest_data **out,
                                  azattest_error **error)
{
    azattest_data *data = NULL;
    azattest_status status;

    if (error != NULL)
        *error = NULL;
    if (out == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "data: nowhere to put it");
    *out = NULL;
    if (bytes.ptr == NULL || (is_json != AZATTEST_DEFAULT && is_json != AZATTEST_ON && is_json != AZATTEST_OFF))
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   bytes.ptr == NULL ? "data: no bytes" : "data: is_json is not a switch");
    if (bytes.len > AZATTEST_LIMIT_RUNTIME_DATA)
        return azattest__error_set(error, AZATTEST_E_LIMIT, "data: %zu bytes, at most %u can be sent", bytes.len,
                                   AZATTEST_LIMIT_RUNTIME_DATA);
    if ((data = calloc(1, sizeof(*data))) == NULL)
        return azattest__error_memory(error);
    azattest__buf_init(&data->bytes, AZATTEST_LIMIT_RUNTIME_DATA);
    azattest__buf_append_bytes(&data->bytes, bytes); /* empty data gets an address, too */
    if ((status = azattest__error_from_buf(error, &data->bytes, "data")) == AZATTEST_OK &&
        (status = find_out(bytes, is_json, &data->is_json, error)) == AZATTEST_OK) {
        *out = data;
        data = NULL;
    }
    azattest_data_free(data);
    return status;
}

void azattest_data_free(azattest_data *data)
{
    if (data == NULL)
        return;
    azattest__buf_free(&data->bytes);
    free(data);
}

azattest_bytes azattest_data_bytes(const azattest_data *data)
{
    return data == NULL ? azattest__bytes(NULL, 0) : azattest__buf_bytes(&data->bytes);
}

bool azattest_data_is_json(const azattest_data *data)
{
    return data != NULL && data->is_json;
}

static azattest_status apply(const azattest_data *from, const char *kind, azattest_bytes *data, azattest_bytes *json,
                             azattest_error **error)
{
    if (from == NULL)
        return AZATTEST_OK;
    if (data->ptr != NULL || json->ptr != NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   "attest: AttestationData as %s data excludes %s_data and %s_json", kind, kind, kind);
    *(from->is_json ? json : data) = azattest__buf_bytes(&from->bytes);
    return AZATTEST_OK;
}

azattest_status azattest__data_apply(azattest_attest_options *options, azattest_error **error)
{
    azattest_status status = apply(options->runtime, "runtime", &options->runtime_data, &options->runtime_json, error);

    return status != AZATTEST_OK
               ? status
               : apply(options->inittime, "inittime", &options->inittime_data, &options->inittime_json, error);
}
