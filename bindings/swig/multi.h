/* The multi of an engine of azattest.aio: behind glue.h, whose readers of dictionaries it uses. */
#ifndef AZATTEST_PY_MULTI_H
#define AZATTEST_PY_MULTI_H

static azattest_status azattest_py_multi_new(PyObject *dictionary, azattest_multi **out, azattest_error **error)
{
    azattest_curl_options options = AZATTEST_CURL_OPTIONS_INIT;

    *out = NULL;
    *error = NULL;
    if (!azattest_py_fill(&options, azattest_py_curl_members, dictionary, NULL))
        return AZATTEST_E_ARGUMENT; /* with the Python exception set */
    return azattest_multi_new(&options, out, error);
}

/* Closing connections may take a moment, for instance when a name is just being looked up. */
static void azattest_py_multi_free(azattest_multi *multi)
{
    PyThreadState *state = PyEval_SaveThread();

    azattest_multi_free(multi);
    PyEval_RestoreThread(state);
}

/* The facade finds its call again by a number. */
static azattest_status azattest_py_multi_add(azattest_multi *multi, azattest_op *op, size_t number,
                                             azattest_error **error)
{
    return azattest_multi_add(multi, op, (void *)(uintptr_t)number, error);
}

/* (number, need), or None. */
static PyObject *azattest_py_multi_next(azattest_multi *multi)
{
    azattest_multi_event event = AZATTEST_MULTI_EVENT_INIT;

    if (!azattest_multi_next(multi, &event))
        Py_RETURN_NONE;
    return Py_BuildValue("(ni)", (Py_ssize_t)(uintptr_t)event.user, (int)event.need);
}

#endif
