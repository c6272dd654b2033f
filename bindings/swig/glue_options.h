/*
 * Options: dictionaries whose keys are the members of the C structures and whose values the facade has brought into
 * plain forms. A part of glue.h, which includes it behind what it needs.
 */
#ifndef AZATTEST_PY_GLUE_OPTIONS_H
#define AZATTEST_PY_GLUE_OPTIONS_H

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

struct azattest_py_collateral {
    azattest_collateral_options options;
    azattest_client_options client;
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

static const azattest_collateral *azattest_py_collateral(PyObject *value)
{
    void *collateral = NULL;

    if (!SWIG_IsOK(SWIG_ConvertPtr(value, &collateral, SWIGTYPE_p_azattest_collateral, 0)) || collateral == NULL)
        PyErr_SetString(PyExc_TypeError, "collateral is none of the library's");
    return collateral;
}

static const azattest_appraisal *azattest_py_appraisal(PyObject *value)
{
    void *appraisal = NULL;

    if (!SWIG_IsOK(SWIG_ConvertPtr(value, &appraisal, SWIGTYPE_p_azattest_appraisal, 0)) || appraisal == NULL)
        PyErr_SetString(PyExc_TypeError, "appraisal is none of the library's");
    return appraisal;
}

static const struct azattest_py_member azattest_py_validation_members[] = {
    PY_MEMBER(azattest_validation_options, PY_SWITCH, validate_token),
    PY_MEMBER(azattest_validation_options, PY_SWITCH, validate_signature),
    PY_MEMBER(azattest_validation_options, PY_SWITCH, validate_expiration),
    PY_MEMBER(azattest_validation_options, PY_SWITCH, validate_not_before),
    PY_MEMBER(azattest_validation_options, PY_SWITCH, validate_issuer),
    PY_MEMBER(azattest_validation_options, PY_SWITCH, require_expiration),
    PY_MEMBER(azattest_validation_options, PY_SWITCH, require_attestation),
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
    PY_MEMBER(azattest_validation_options, PY_SWITCH, verify_service_evidence),
    PY_MEMBER(azattest_validation_options, PY_OTHER, service_appraisal),
    PY_MEMBER(azattest_validation_options, PY_OTHER, service_collateral),
    PY_MEMBER(azattest_validation_options, PY_BYTES, service_roots),
    PY_MEMBER(azattest_validation_options, PY_BYTES, signer_roots),
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
    if (strcmp(name, "service_appraisal") == 0)
        return (holder->options.service_appraisal = azattest_py_appraisal(value)) != NULL;
    if (strcmp(name, "service_collateral") == 0)
        return (holder->options.service_collateral = azattest_py_collateral(value)) != NULL;
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
    PY_MEMBER(azattest_attest_options, PY_INT, check_evidence),
    PY_MEMBER(azattest_attest_options, PY_OTHER, evidence_collateral),
    PY_MEMBER(azattest_attest_options, PY_BYTES, evidence_roots),
    PY_MEMBER(azattest_attest_options, PY_OTHER, validation),
    PY_MEMBER(azattest_attest_options, PY_STRING, client_request_id),
    PY_MEMBER(azattest_attest_options, PY_BYTES, vcek_chain),
    PY_MEMBER(azattest_attest_options, PY_BYTES, endorsements),
    PY_MEMBER(azattest_attest_options, PY_STRING, traceparent),
    PY_MEMBER(azattest_attest_options, PY_INT, log_level),
    { NULL, PY_OTHER, 0 },
};

static bool azattest_py_store_attest(void *options, const char *name, PyObject *value)
{
    struct azattest_py_attest *holder = options;
    azattest_validation_options *validation;

    if (strcmp(name, "evidence_collateral") == 0)
        return (holder->options.evidence_collateral = azattest_py_collateral(value)) != NULL;
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
    PY_MEMBER(azattest_client_options, PY_SWITCH, trace_bodies),
    PY_MEMBER(azattest_client_options, PY_INT, log_level),
    PY_MEMBER(azattest_client_options, PY_INT, check_evidence),
    PY_MEMBER(azattest_client_options, PY_OTHER, evidence_collateral),
    PY_MEMBER(azattest_client_options, PY_BYTES, evidence_roots),
    PY_MEMBER(azattest_client_options, PY_OTHER, credential),
    PY_MEMBER(azattest_client_options, PY_STRING, scopes),
    PY_MEMBER(azattest_client_options, PY_STRING, tenant_id),
    { NULL, PY_OTHER, 0 },
};

static bool azattest_py_store_client(void *options, const char *name, PyObject *value)
{
    azattest_client_options *client = options;
    void *credential = NULL;

    if (strcmp(name, "evidence_collateral") == 0)
        return (client->evidence_collateral = azattest_py_collateral(value)) != NULL;
    if (!SWIG_IsOK(SWIG_ConvertPtr(value, &credential, SWIGTYPE_p_azattest_credential, 0)) || credential == NULL) {
        PyErr_SetString(PyExc_TypeError, "credential is none of the library's");
        return false;
    }
    client->credential = credential;
    return true;
}

static bool azattest_py_fill_client(PyObject *dictionary, azattest_client_options *holder,
                                    azattest_client_options **options)
{
    *holder = (azattest_client_options)AZATTEST_CLIENT_OPTIONS_INIT;
    *options = holder;
    return azattest_py_fill(holder, azattest_py_client_members, dictionary, azattest_py_store_client);
}

static const struct azattest_py_member azattest_py_tcb_baseline_members[] = {
    PY_MEMBER(azattest_tcb_baseline_options, PY_SWITCH, provide_current_tcb_in_policy),
    PY_MEMBER(azattest_tcb_baseline_options, PY_STRING, client_request_id),
    PY_MEMBER(azattest_tcb_baseline_options, PY_STRING, traceparent),
    PY_MEMBER(azattest_tcb_baseline_options, PY_INT, log_level),
    { NULL, PY_OTHER, 0 },
};

static bool azattest_py_fill_tcb_baseline(PyObject *dictionary, azattest_tcb_baseline_options *holder,
                                          azattest_tcb_baseline_options **options)
{
    *holder = (azattest_tcb_baseline_options)AZATTEST_TCB_BASELINE_OPTIONS_INIT;
    *options = holder;
    return azattest_py_fill(holder, azattest_py_tcb_baseline_members, dictionary, NULL);
}

static const struct azattest_py_member azattest_py_verify_members[] = {
    PY_MEMBER(azattest_verify_options, PY_INT64, now_ms),
    PY_MEMBER(azattest_verify_options, PY_BYTES, extra_roots),
    PY_MEMBER(azattest_verify_options, PY_BYTES, runtime_data),
    PY_MEMBER(azattest_verify_options, PY_SWITCH, allow_debug),
    PY_MEMBER(azattest_verify_options, PY_OTHER, collateral),
    PY_MEMBER(azattest_verify_options, PY_OTHER, appraisal),
    PY_MEMBER(azattest_verify_options, PY_BYTES, nonce),
    PY_MEMBER(azattest_verify_options, PY_INT64, collateral_grace_ms),
    PY_MEMBER(azattest_verify_options, PY_SWITCH, allow_masked_chip_id),
    PY_MEMBER(azattest_verify_options, PY_SWITCH, refuse_unknown_bits),
    { NULL, PY_OTHER, 0 },
};

static bool azattest_py_store_verify(void *options, const char *name, PyObject *value)
{
    azattest_verify_options *verify = options;

    if (strcmp(name, "collateral") == 0)
        return (verify->collateral = azattest_py_collateral(value)) != NULL;
    return (verify->appraisal = azattest_py_appraisal(value)) != NULL;
}

static bool azattest_py_fill_verify(PyObject *dictionary, azattest_verify_options *holder,
                                    azattest_verify_options **options)
{
    *holder = (azattest_verify_options)AZATTEST_VERIFY_OPTIONS_INIT;
    *options = holder;
    return azattest_py_fill(holder, azattest_py_verify_members, dictionary, azattest_py_store_verify);
}

static const struct azattest_py_member azattest_py_collateral_members[] = {
    PY_MEMBER(azattest_collateral_options, PY_STRING, source),
    PY_MEMBER(azattest_collateral_options, PY_STRING, endpoint),
    PY_MEMBER(azattest_collateral_options, PY_STRING, region),
    PY_MEMBER(azattest_collateral_options, PY_STRING, product),
    PY_MEMBER(azattest_collateral_options, PY_INT, tcb_evaluation_data_number),
    PY_MEMBER(azattest_collateral_options, PY_STRING, update),
    PY_MEMBER(azattest_collateral_options, PY_STRING, subscription_key),
    PY_MEMBER(azattest_collateral_options, PY_SWITCH, crls_only),
    PY_MEMBER(azattest_collateral_options, PY_OTHER, client),
    { NULL, PY_OTHER, 0 },
};

static bool azattest_py_store_collateral(void *options, const char *name, PyObject *value)
{
    struct azattest_py_collateral *holder = options;
    azattest_client_options *client;

    (void)name; /* client is the only one */
    if (!azattest_py_fill_client(value, &holder->client, &client))
        return false;
    holder->options.client = client;
    return true;
}

static bool azattest_py_fill_collateral(PyObject *dictionary, struct azattest_py_collateral *holder,
                                        azattest_collateral_options **options)
{
    holder->options = (azattest_collateral_options)AZATTEST_COLLATERAL_OPTIONS_INIT;
    *options = &holder->options;
    return azattest_py_fill(holder, azattest_py_collateral_members, dictionary, azattest_py_store_collateral);
}

static const struct azattest_py_member azattest_py_guest_members[] = {
    PY_MEMBER(azattest_guest_parts, PY_BYTES, hcl_report),    PY_MEMBER(azattest_guest_parts, PY_BYTES, td_quote),
    PY_MEMBER(azattest_guest_parts, PY_BYTES, certificates),  PY_MEMBER(azattest_guest_parts, PY_BYTES, tpm_message),
    PY_MEMBER(azattest_guest_parts, PY_BYTES, tpm_signature), PY_MEMBER(azattest_guest_parts, PY_BYTES, ak_public),
    PY_MEMBER(azattest_guest_parts, PY_BYTES, event_log),     PY_MEMBER(azattest_guest_parts, PY_OTHER, pcrs),
    { NULL, PY_OTHER, 0 },
};

/* Triples (bank, index, value). The list is the caller's to free. */
static bool azattest_py_store_guest(void *options, const char *name, PyObject *value)
{
    azattest_guest_parts *parts = options;
    Py_ssize_t count = PyTuple_Size(value);
    azattest_pcr *pcrs;

    (void)name; /* pcrs is the only one */
    if (count < 0 || (pcrs = PyMem_Calloc((size_t)count + 1, sizeof(*pcrs))) == NULL)
        return false;
    parts->pcrs = pcrs;
    parts->pcr_count = (size_t)count;
    for (Py_ssize_t i = 0; i < count; i++) {
        const char *bytes = NULL;
        Py_ssize_t length = 0;

        if (!PyArg_ParseTuple(PyTuple_GetItem(value, i), "sIy#", &pcrs[i].bank, &pcrs[i].index, &bytes, &length))
            return false;
        pcrs[i].value = (azattest_bytes){ bytes, (size_t)length };
    }
    return true;
}

static azattest_status azattest_py_new_guest(PyObject *dictionary, azattest_evidence **out, azattest_error **error)
{
    azattest_guest_parts parts = AZATTEST_GUEST_PARTS_INIT;
    azattest_status status = AZATTEST_E_ARGUMENT; /* with the Python exception set */

    *out = NULL;
    *error = NULL;
    if (azattest_py_fill(&parts, azattest_py_guest_members, dictionary, azattest_py_store_guest))
        status = azattest_evidence_new_guest(&parts, out, error);
    PyMem_Free((void *)parts.pcrs);
    return status;
}

static const struct azattest_py_member azattest_py_secret_members[] = {
    PY_MEMBER(azattest_secret_options, PY_STRING, key_id),
    PY_MEMBER(azattest_secret_options, PY_SWITCH, allow_debug),
    { NULL, PY_OTHER, 0 },
};

static bool azattest_py_fill_secret(PyObject *dictionary, azattest_secret_options *holder,
                                    azattest_secret_options **options)
{
    *holder = (azattest_secret_options)AZATTEST_SECRET_OPTIONS_INIT;
    *options = holder;
    return azattest_py_fill(holder, azattest_py_secret_members, dictionary, NULL);
}

#endif
