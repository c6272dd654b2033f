/* Credentials, for the typemaps of conversions.i: behind glue.h, whose readers of dictionaries it uses. */
#ifndef AZATTEST_PY_CREDENTIALS_H
#define AZATTEST_PY_CREDENTIALS_H

static const struct azattest_py_member azattest_py_credential_members[] = {
    PY_MEMBER(azattest_credential_options, PY_STRING, authority_host),
    PY_MEMBER(azattest_credential_options, PY_STRING, tenant_id),
    PY_MEMBER(azattest_credential_options, PY_STRING, client_id),
    PY_MEMBER(azattest_credential_options, PY_STRING, object_id),
    PY_MEMBER(azattest_credential_options, PY_STRING, resource_id),
    PY_MEMBER(azattest_credential_options, PY_STRING, subscription),
    PY_MEMBER(azattest_credential_options, PY_STRING, token_file_path),
    PY_MEMBER(azattest_credential_options, PY_SWITCH, send_certificate_chain),
    PY_MEMBER(azattest_credential_options, PY_SWITCH, x5t_sha1),
    PY_MEMBER(azattest_credential_options, PY_INT64, process_timeout_ms),
    PY_MEMBER(azattest_credential_options, PY_STRING, additionally_allowed_tenants),
    { NULL, PY_OTHER, 0 },
};

static bool azattest_py_fill_credential(PyObject *dictionary, azattest_credential_options *holder,
                                        azattest_credential_options **options)
{
    *holder = (azattest_credential_options)AZATTEST_CREDENTIAL_OPTIONS_INIT;
    *options = holder;
    return azattest_py_fill(holder, azattest_py_credential_members, dictionary, NULL);
}

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

#endif
