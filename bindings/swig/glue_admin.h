/* The options of the administration client and of signing keys. Included behind glue.h. */
#ifndef AZATTEST_PY_GLUE_ADMIN_H
#define AZATTEST_PY_GLUE_ADMIN_H

struct azattest_py_policy {
    azattest_policy_options options;
    struct azattest_py_validation validation;
};

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

#endif
