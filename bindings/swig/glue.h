/*
 * Conversions in C, for the typemaps of conversions.i. Included by the generated wrapper alone, behind SWIG's runtime.
 * Options come as dictionaries whose keys are the members of the C structures and whose values the facade has brought
 * into plain forms: bool, int, str, bytes, tuples of str. The structures borrow from them for the call.
 */
#ifndef AZATTEST_PY_GLUE_H
#define AZATTEST_PY_GLUE_H

#include <stddef.h>
#include <string.h>

/* ---- failures ---- */

static PyObject *azattest_py_raiser; /* takes an azattest_error, gives the exception to raise */

static void azattest_py_set_raiser(PyObject *raiser)
{
    Py_XINCREF(raiser);
    Py_XSETREF(azattest_py_raiser, raiser);
}

/* Raises what the error says. A failure whose error could not even be allocated is out of memory. */
static void azattest_py_raise(azattest_status status, azattest_error *error)
{
    PyObject *proxy, *exception;

    if (PyErr_Occurred()) { /* a signal stopped the call: its exception wins over "cancelled" */
        azattest_error_free(error);
        return;
    }
    if (error == NULL)
        error = azattest_error_new(status, azattest_status_text(status));
    if (error == NULL || azattest_py_raiser == NULL) {
        azattest_error_free(error);
        PyErr_NoMemory();
        return;
    }
    if ((proxy = SWIG_NewPointerObj(error, SWIGTYPE_p_azattest_error, SWIG_POINTER_OWN)) == NULL)
        return;
    if ((exception = PyObject_CallFunctionObjArgs(azattest_py_raiser, proxy, NULL)) != NULL) {
        PyErr_SetObject((PyObject *)Py_TYPE(exception), exception);
        Py_DECREF(exception);
    }
    Py_DECREF(proxy);
}

/* A reader found a claim of a wrong type: azattest_result_product_id becomes "product_id: ...". */
static void azattest_py_raise_reader(azattest_status status, const char *function)
{
    const char *noun = strchr(function + strlen("azattest_"), '_');
    char message[160];

    snprintf(message, sizeof(message), "%s: %s", noun != NULL ? noun + 1 : function, azattest_status_text(status));
    azattest_py_raise(status, azattest_error_new(status, message));
}

/* ---- bytes and text ---- */

static bool azattest_py_get_bytes(PyObject *object, Py_buffer *view, azattest_bytes *bytes)
{
    if (PyUnicode_Check(object)) {
        PyErr_SetString(PyExc_TypeError, "bytes-like object expected, not str: encode the text first");
        return false;
    }
    if (PyObject_GetBuffer(object, view, PyBUF_SIMPLE) < 0)
        return false;
    bytes->ptr = view->buf != NULL ? view->buf : ""; /* an empty buffer is data; only NULL means absent */
    bytes->len = (size_t)view->len;
    return true;
}

static bool azattest_py_get_text(PyObject *object, Py_buffer *view, azattest_bytes *bytes)
{
    Py_ssize_t length;

    if (!PyUnicode_Check(object))
        return azattest_py_get_bytes(object, view, bytes);
    if ((bytes->ptr = PyUnicode_AsUTF8AndSize(object, &length)) == NULL)
        return false;
    bytes->len = (size_t)length;
    return true;
}

/* Text that C reads up to its NUL: one inside would cut it. */
static const char *azattest_py_get_string(PyObject *object)
{
    const char *text;
    Py_ssize_t length;

    if (!PyUnicode_Check(object)) {
        PyErr_Format(PyExc_TypeError, "str expected, not %.100s", Py_TYPE(object)->tp_name);
        return NULL;
    }
    if ((text = PyUnicode_AsUTF8AndSize(object, &length)) == NULL)
        return NULL;
    if (strlen(text) != (size_t)length) {
        PyErr_SetString(PyExc_ValueError, "text with a NUL character inside");
        return NULL;
    }
    return text;
}

static PyObject *azattest_py_bytes(azattest_bytes bytes)
{
    if (bytes.ptr == NULL)
        Py_RETURN_NONE;
    return PyBytes_FromStringAndSize(bytes.ptr, (Py_ssize_t)bytes.len);
}

static PyObject *azattest_py_text(const char *text)
{
    if (text == NULL)
        Py_RETURN_NONE;
    return PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), "replace");
}

/* ---- options ---- */

struct azattest_py_validation {
    azattest_validation_options options;
    const char *issuers[AZATTEST_LIMIT_LIST];
    const char *algorithms[AZATTEST_LIMIT_LIST];
    azattest_claim_requirement claims[AZATTEST_LIMIT_LIST];
};
struct azattest_py_attest {
    azattest_attest_options options;
    struct azattest_py_validation validation;
};

struct azattest_py_policy {
    azattest_policy_options options;
    struct azattest_py_validation validation;
};

enum azattest_py_kind { PY_SWITCH, PY_INT, PY_INT64, PY_STRING, PY_BYTES, PY_OTHER };
struct azattest_py_member {
    const char *name;
    enum azattest_py_kind kind;
    size_t offset;
};
#define PY_MEMBER(T, kind, name)                                                                                       \
    {                                                                                                                  \
#name, kind, offsetof(T, name)                                                                                 \
    }

/* Puts one value where its member says. */
static bool azattest_py_store(void *options, const struct azattest_py_member *member, PyObject *value)
{
    void *place = (char *)options + member->offset;
    azattest_bytes *bytes = place;

    switch (member->kind) {
    case PY_SWITCH:
        *(azattest_switch *)place = PyObject_IsTrue(value) ? AZATTEST_ON : AZATTEST_OFF;
        break;
    case PY_INT:
        *(int *)place = (int)PyLong_AsLong(value);
        break;
    case PY_INT64:
        *(int64_t *)place = PyLong_AsLongLong(value);
        break;
    case PY_STRING:
        *(const char **)place = azattest_py_get_string(value);
        break;
    case PY_BYTES:
        bytes->len = (size_t)PyBytes_Size(value);
        bytes->ptr = PyBytes_AsString(value);
        break;
    case PY_OTHER:
        break;
    }
    return !PyErr_Occurred();
}

/* Fills a structure from a dictionary; `other` gets the members that the table leaves to it. */
static bool azattest_py_fill(void *options, const struct azattest_py_member *members, PyObject *dictionary,
                             bool (*other)(void *options, const char *name, PyObject *value))
{
    const struct azattest_py_member *member;
    PyObject *key, *value;
    Py_ssize_t position = 0;

    if (!PyDict_Check(dictionary)) {
        PyErr_SetString(PyExc_TypeError, "options are not a dictionary");
        return false;
    }
    while (PyDict_Next(dictionary, &position, &key, &value)) {
        const char *name = azattest_py_get_string(key);

        if (name == NULL)
            return false;
        for (member = members; member->name != NULL && strcmp(member->name, name) != 0; member++)
            continue;
        if (member->name == NULL) {
            PyErr_Format(PyExc_TypeError, "no option %s", name);
            return false;
        }
        if (member->kind == PY_OTHER ? !other(options, name, value) : !azattest_py_store(options, member, value))
            return false;
    }
    return true;
}

static bool azattest_py_strings(PyObject *tuple, const char **list, size_t *count)
{
    Py_ssize_t length = PyTuple_Size(tuple);

    if (length > (Py_ssize_t)AZATTEST_LIMIT_LIST)
        PyErr_Format(PyExc_ValueError, "%zd entries, at most %u are allowed", length, AZATTEST_LIMIT_LIST);
    for (Py_ssize_t i = 0; i < length && !PyErr_Occurred(); i++)
        list[i] = azattest_py_get_string(PyTuple_GetItem(tuple, i));
    *count = (size_t)length;
    return !PyErr_Occurred();
}

/* Pairs (name, value as JSON text or None). */
static bool azattest_py_claims(PyObject *tuple, azattest_claim_requirement *list, size_t *count)
{
    Py_ssize_t length = PyTuple_Size(tuple);

    if (length > (Py_ssize_t)AZATTEST_LIMIT_LIST)
        PyErr_Format(PyExc_ValueError, "%zd entries, at most %u are allowed", length, AZATTEST_LIMIT_LIST);
    for (Py_ssize_t i = 0; i < length && !PyErr_Occurred(); i++) {
        PyObject *pair = PyTuple_GetItem(tuple, i), *json = PyTuple_GetItem(pair, 1);

        if (json == NULL)
            break;
        list[i].name = azattest_py_get_string(PyTuple_GetItem(pair, 0));
        list[i].value_json = json != Py_None ? azattest_py_get_string(json) : NULL;
    }
    *count = (size_t)length;
    return !PyErr_Occurred();
}

static const struct azattest_py_member azattest_py_validation_members[] = {
    PY_MEMBER(azattest_validation_options, PY_SWITCH, validate_token),
    PY_MEMBER(azattest_validation_options, PY_SWITCH, validate_signature),
    PY_MEMBER(azattest_validation_options, PY_SWITCH, validate_expiration),
    PY_MEMBER(azattest_validation_options, PY_SWITCH, validate_not_before),
    PY_MEMBER(azattest_validation_options, PY_SWITCH, validate_issuer),
    PY_MEMBER(azattest_validation_options, PY_SWITCH, require_expiration),
    PY_MEMBER(azattest_validation_options, PY_SWITCH, allow_unsecured),
    PY_MEMBER(azattest_validation_options, PY_SWITCH, allow_debug),
    PY_MEMBER(azattest_validation_options, PY_OTHER, issuers),
    PY_MEMBER(azattest_validation_options, PY_INT64, validation_slack_ms),
    PY_MEMBER(azattest_validation_options, PY_INT64, max_age_s),
    PY_MEMBER(azattest_validation_options, PY_INT64, now_ms),
    PY_MEMBER(azattest_validation_options, PY_OTHER, algorithms),
    PY_MEMBER(azattest_validation_options, PY_OTHER, signers),
    PY_MEMBER(azattest_validation_options, PY_STRING, expected_nonce),
    PY_MEMBER(azattest_validation_options, PY_BYTES, expected_runtime_data),
    PY_MEMBER(azattest_validation_options, PY_BYTES, expected_runtime_json),
    PY_MEMBER(azattest_validation_options, PY_BYTES, expected_policy_hash),
    PY_MEMBER(azattest_validation_options, PY_STRING, expected_type),
    PY_MEMBER(azattest_validation_options, PY_OTHER, require_claims),
    { NULL, PY_OTHER, 0 },
};

static bool azattest_py_store_validation(void *options, const char *name, PyObject *value)
{
    struct azattest_py_validation *holder = options; /* the structure is the holder's first member */
    void *signers = NULL;

    if (strcmp(name, "issuers") == 0) {
        holder->options.issuers = holder->issuers;
        return azattest_py_strings(value, holder->issuers, &holder->options.issuer_count);
    }
    if (strcmp(name, "algorithms") == 0) {
        holder->options.algorithms = holder->algorithms;
        return azattest_py_strings(value, holder->algorithms, &holder->options.algorithm_count);
    }
    if (strcmp(name, "require_claims") == 0) {
        holder->options.require_claims = holder->claims;
        return azattest_py_claims(value, holder->claims, &holder->options.require_claim_count);
    }
    if (!SWIG_IsOK(SWIG_ConvertPtr(value, &signers, SWIGTYPE_p_azattest_signers, 0)) || signers == NULL) {
        PyErr_SetString(PyExc_TypeError, "signers are not a key set");
        return false;
    }
    holder->options.signers = signers;
    return true;
}

static bool azattest_py_fill_validation(PyObject *dictionary, struct azattest_py_validation *holder,
                                        azattest_validation_options **options)
{
    *options = NULL;
    if (dictionary == Py_None)
        return true;
    holder->options = (azattest_validation_options)AZATTEST_VALIDATION_OPTIONS_INIT;
    *options = &holder->options;
    return azattest_py_fill(&holder->options, azattest_py_validation_members, dictionary, azattest_py_store_validation);
}

static const struct azattest_py_member azattest_py_attest_members[] = {
    PY_MEMBER(azattest_attest_options, PY_BYTES, runtime_data),
    PY_MEMBER(azattest_attest_options, PY_BYTES, runtime_json),
    PY_MEMBER(azattest_attest_options, PY_BYTES, inittime_data),
    PY_MEMBER(azattest_attest_options, PY_BYTES, inittime_json),
    PY_MEMBER(azattest_attest_options, PY_STRING, draft_policy),
    PY_MEMBER(azattest_attest_options, PY_STRING, nonce),
    PY_MEMBER(azattest_attest_options, PY_SWITCH, check_binding),
    PY_MEMBER(azattest_attest_options, PY_OTHER, validation),
    PY_MEMBER(azattest_attest_options, PY_STRING, client_request_id),
    { NULL, PY_OTHER, 0 },
};

static bool azattest_py_store_attest(void *options, const char *name, PyObject *value)
{
    struct azattest_py_attest *holder = options;
    azattest_validation_options *validation;

    (void)name; /* validation is the only one */
    if (!azattest_py_fill_validation(value, &holder->validation, &validation))
        return false;
    holder->options.validation = validation;
    return true;
}

static bool azattest_py_fill_attest(PyObject *dictionary, struct azattest_py_attest *holder,
                                    azattest_attest_options **options)
{
    holder->options = (azattest_attest_options)AZATTEST_ATTEST_OPTIONS_INIT;
    *options = &holder->options;
    return azattest_py_fill(&holder->options, azattest_py_attest_members, dictionary, azattest_py_store_attest);
}

static const struct azattest_py_member azattest_py_policy_members[] = {
    PY_MEMBER(azattest_policy_options, PY_OTHER, signing_key),
    PY_MEMBER(azattest_policy_options, PY_OTHER, validation),
    PY_MEMBER(azattest_policy_options, PY_STRING, client_request_id),
    PY_MEMBER(azattest_policy_options, PY_STRING, traceparent),
    { NULL, PY_OTHER, 0 },
};

static bool azattest_py_store_policy(void *options, const char *name, PyObject *value)
{
    struct azattest_py_policy *holder = options;
    azattest_validation_options *validation;
    void *key = NULL;

    if (strcmp(name, "validation") == 0) {
        if (!azattest_py_fill_validation(value, &holder->validation, &validation))
            return false;
        holder->options.validation = validation;
        return true;
    }
    if (!SWIG_IsOK(SWIG_ConvertPtr(value, &key, SWIGTYPE_p_azattest_signing_key, 0)) || key == NULL) {
        PyErr_SetString(PyExc_TypeError, "signing_key is no signing key");
        return false;
    }
    holder->options.signing_key = key;
    return true;
}

static bool azattest_py_fill_policy(PyObject *dictionary, struct azattest_py_policy *holder,
                                    azattest_policy_options **options)
{
    holder->options = (azattest_policy_options)AZATTEST_POLICY_OPTIONS_INIT;
    *options = &holder->options;
    return azattest_py_fill(&holder->options, azattest_py_policy_members, dictionary, azattest_py_store_policy);
}

static const struct azattest_py_member azattest_py_signing_key_members[] = {
    PY_MEMBER(azattest_signing_key_options, PY_STRING, passphrase),
    PY_MEMBER(azattest_signing_key_options, PY_STRING, algorithm),
    { NULL, PY_OTHER, 0 },
};

static bool azattest_py_fill_signing_key(PyObject *dictionary, azattest_signing_key_options *holder,
                                         azattest_signing_key_options **options)
{
    *holder = (azattest_signing_key_options)AZATTEST_SIGNING_KEY_OPTIONS_INIT;
    *options = holder;
    return azattest_py_fill(holder, azattest_py_signing_key_members, dictionary, NULL);
}

static const struct azattest_py_member azattest_py_client_members[] = {
    PY_MEMBER(azattest_client_options, PY_STRING, api_version),
    PY_MEMBER(azattest_client_options, PY_SWITCH, allow_insecure_http),
    PY_MEMBER(azattest_client_options, PY_STRING, application_id),
    PY_MEMBER(azattest_client_options, PY_STRING, user_agent),
    PY_MEMBER(azattest_client_options, PY_INT, retry_total),
    PY_MEMBER(azattest_client_options, PY_INT64, retry_delay_ms),
    PY_MEMBER(azattest_client_options, PY_INT64, retry_max_delay_ms),
    PY_MEMBER(azattest_client_options, PY_INT64, retry_after_max_ms),
    PY_MEMBER(azattest_client_options, PY_INT64, timeout_ms),
    PY_MEMBER(azattest_client_options, PY_INT64, key_cache_life_ms),
    PY_MEMBER(azattest_client_options, PY_OTHER, credential),
    PY_MEMBER(azattest_client_options, PY_STRING, scopes),
    { NULL, PY_OTHER, 0 },
};

static bool azattest_py_store_client(void *options, const char *name, PyObject *value)
{
    void *credential = NULL;

    (void)name; /* credential is the only one */
    if (!SWIG_IsOK(SWIG_ConvertPtr(value, &credential, SWIGTYPE_p_azattest_credential, 0)) || credential == NULL) {
        PyErr_SetString(PyExc_TypeError, "credential is none of the library's");
        return false;
    }
    ((azattest_client_options *)options)->credential = credential;
    return true;
}

static bool azattest_py_fill_client(PyObject *dictionary, azattest_client_options *holder,
                                    azattest_client_options **options)
{
    *holder = (azattest_client_options)AZATTEST_CLIENT_OPTIONS_INIT;
    *options = holder;
    return azattest_py_fill(holder, azattest_py_client_members, dictionary, azattest_py_store_client);
}

static const struct azattest_py_member azattest_py_verify_members[] = {
    PY_MEMBER(azattest_verify_options, PY_INT64, now_ms),
    PY_MEMBER(azattest_verify_options, PY_BYTES, extra_roots),
    PY_MEMBER(azattest_verify_options, PY_BYTES, runtime_data),
    PY_MEMBER(azattest_verify_options, PY_SWITCH, allow_debug),
    { NULL, PY_OTHER, 0 },
};

static bool azattest_py_fill_verify(PyObject *dictionary, azattest_verify_options *holder,
                                    azattest_verify_options **options)
{
    *holder = (azattest_verify_options)AZATTEST_VERIFY_OPTIONS_INIT;
    *options = holder;
    return azattest_py_fill(holder, azattest_py_verify_members, dictionary, NULL);
}

static const struct azattest_py_member azattest_py_secret_members[] = {
    PY_MEMBER(azattest_secret_options, PY_STRING, key_id),
    { NULL, PY_OTHER, 0 },
};

static bool azattest_py_fill_secret(PyObject *dictionary, azattest_secret_options *holder,
                                    azattest_secret_options **options)
{
    *holder = (azattest_secret_options)AZATTEST_SECRET_OPTIONS_INIT;
    *options = holder;
    return azattest_py_fill(holder, azattest_py_secret_members, dictionary, NULL);
}

/* ---- transports ---- */

static const struct azattest_py_member azattest_py_curl_members[] = {
    PY_MEMBER(azattest_curl_options, PY_STRING, ca_file),
    PY_MEMBER(azattest_curl_options, PY_STRING, ca_path),
    PY_MEMBER(azattest_curl_options, PY_BYTES, ca_pem),
    PY_MEMBER(azattest_curl_options, PY_STRING, proxy),
    PY_MEMBER(azattest_curl_options, PY_INT64, connect_timeout_ms),
    PY_MEMBER(azattest_curl_options, PY_INT64, read_timeout_ms),
    { NULL, PY_OTHER, 0 },
};

/*
 * libcurl waits with the GIL released and asks here several times a second, so that Ctrl-C ends a call at once. The
 * exception stays set in the thread's state; the typemap of azattest_run() finds it. No Python code runs but the
 * handlers of pending signals, and those only in the main thread.
 */
static bool azattest_py_interrupted(void *user)
{
    PyGILState_STATE state = PyGILState_Ensure();
    bool interrupted = PyErr_Occurred() != NULL || PyErr_CheckSignals() != 0;

    (void)user;
    PyGILState_Release(state);
    return interrupted;
}

static azattest_status azattest_py_curl_transport(PyObject *dictionary, azattest_transport **out,
                                                  azattest_error **error)
{
    azattest_curl_options options = AZATTEST_CURL_OPTIONS_INIT;

    *out = NULL;
    *error = NULL;
    if (!azattest_py_fill(&options, azattest_py_curl_members, dictionary, NULL))
        return AZATTEST_E_ARGUMENT; /* with the Python exception set */
    options.interrupted = azattest_py_interrupted;
    return azattest_curl_transport_new(&options, out, error);
}

/* ---- credentials ---- */

/* A credential whose tokens the facade gives. */
static azattest_status azattest_py_callback_credential(azattest_credential **out, azattest_error **error)
{
    return azattest_callback_credential_new(NULL, NULL, NULL, out, error);
}

static azattest_status azattest_py_give_token(azattest_op *op, const char *text, int64_t expires_on_s,
                                              int64_t refresh_on_s, azattest_error **error)
{
    azattest_access_token token = AZATTEST_ACCESS_TOKEN_INIT;
    azattest_status status;

    *error = NULL;
    token.token = text;
    token.expires_on_s = expires_on_s;
    token.refresh_on_s = refresh_on_s;
    if ((status = azattest_op_give_token(op, &token)) == AZATTEST_E_ARGUMENT)
        *error = azattest_error_new(status, "the credential's token is empty, too long, or no visible ASCII text");
    return status;
}

/* (token, expires_on, refresh_on), or None. */
static PyObject *azattest_py_take_access_token(azattest_op *op)
{
    azattest_access_token *token = azattest_op_take_access_token(op);
    PyObject *result;

    if (token == NULL)
        Py_RETURN_NONE;
    result = Py_BuildValue("(sLL)", token->token, (long long)token->expires_on_s, (long long)token->refresh_on_s);
    azattest_access_token_free(token);
    return result;
}

/* Answers with (name, value) pairs of text as headers; `headers` is a tuple that the facade has made. */
static azattest_status azattest_py_respond(azattest_op *op, int status, PyObject *headers, azattest_bytes body,
                                           azattest_error **error)
{
    azattest_http_response response = AZATTEST_HTTP_RESPONSE_INIT;
    Py_ssize_t count = PyTuple_Size(headers);
    azattest_header *list = NULL;
    azattest_status result = AZATTEST_E_ARGUMENT; /* with the Python exception set */

    *error = NULL;
    if (count < 0 || (list = PyMem_Calloc((size_t)count + 1, sizeof(*list))) == NULL)
        goto done;
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *pair = PyTuple_GetItem(headers, i), *value = PyTuple_GetItem(pair, 1);

        if (value == NULL || (list[i].name = azattest_py_get_string(PyTuple_GetItem(pair, 0))) == NULL ||
            (list[i].value = azattest_py_get_string(value)) == NULL)
            goto done;
    }
    response.status = status;
    response.headers = list;
    response.header_count = (size_t)count;
    response.body = body;
    result = azattest_op_respond(op, &response);
done:
    PyMem_Free(list);
    return result;
}

#endif
