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

static azattest_bytes azattest_py_no_claims(const void *object)
{
    (void)object;
    return (azattest_bytes){ NULL, 0 };
}

/* What a reader of this object reads in. */
#define azattest_py_claims_of(object)                                                                                  \
    _Generic((object), azattest_result *                                                                               \
             : azattest_result_claims, azattest_token *                                                                \
             : azattest_token_body_bytes, default                                                                      \
             : azattest_py_no_claims)(object)

/* A reader found a claim of a wrong type: azattest_result_product_id becomes "product_id: ...". */
static void azattest_py_raise_reader(azattest_status status, azattest_bytes claims, const char *function)
{
    const char *noun = strchr(function + strlen("azattest_"), '_');
    azattest_error *reason = NULL;
    char message[320];

    noun = noun != NULL ? noun + 1 : function;
    if (status == AZATTEST_E_TYPE)
        reason = azattest_claim_error(claims, noun);
    snprintf(message, sizeof(message), "%s: %s", noun,
             reason == NULL ? azattest_status_text(status) : azattest_error_message(reason));
    azattest_error_free(reason);
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

#include "glue_options.h"

#include "glue_policy.h"

/* ---- text ---- */

/* The answer of a call without a token, as bytes; None when there is none. */
static PyObject *azattest_py_take_text(azattest_op *op)
{
    size_t length = 0;
    char *text = azattest_op_take_text(op, &length);
    azattest_bytes bytes = { text, length };
    PyObject *object = azattest_py_bytes(bytes);

    azattest_free(text);
    return object;
}

/* (level, message), or None: what the library kept while it worked. It never calls into Python by itself. */
static PyObject *azattest_py_log_take(void)
{
    int level = 0;
    char *message = azattest_log_take(&level);
    PyObject *pair = Py_None;

    if (message == NULL)
        Py_INCREF(pair);
    else
        pair = Py_BuildValue("(iN)", level, azattest_py_text(message));
    azattest_free(message);
    return pair;
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
