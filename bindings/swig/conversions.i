/* How values cross: bytes by the buffer protocol, options from dictionaries, absent as None, failures as exceptions. */

%include <stdint.i>

/* ---- failures: the status of a call is for the typemaps below; an error becomes an exception ---- */

%typemap(out) azattest_status "$result = PyLong_FromLong($1);"
%typemap(in, numinputs=0) azattest_error **error (azattest_error *raised = NULL) "$1 = &raised;"
%typemap(argout) azattest_error **error {
  if (*$1 != NULL || (result != AZATTEST_OK && result != AZATTEST_ABSENT) || PyErr_Occurred()) {
    Py_CLEAR($result);
    azattest_py_raise(result, *$1); /* takes the error */
    SWIG_fail;
  }
}

/* ---- objects: Python owns what a function makes ---- */

%define %owned_by(T, FREE)
%nodefaultctor T;
struct T {};
%extend T { ~T() { FREE($self); } }
%typemap(in, numinputs=0) T ** (T *made = NULL) "$1 = &made;"
%typemap(argout) T ** {
  Py_XDECREF($result);
  $result = SWIG_NewPointerObj(*$1, $*1_descriptor, SWIG_POINTER_OWN); /* None for NULL */
}
%enddef
%define %owned(T)
%owned_by(T, T##_free)
%enddef
/* A signer that is lent is one reference more. */
%typemap(out) const azattest_signer * {
  $result = SWIG_NewPointerObj(azattest_signer_ref($1), $1_descriptor, SWIG_POINTER_OWN);
}

/* ---- bytes ---- */

%typemap(in) azattest_bytes (Py_buffer view = {0}) {
  if (!azattest_py_get_bytes($input, &view, &$1)) SWIG_fail;
}
%typemap(in) azattest_bytes text (Py_buffer view = {0}) {
  if (!azattest_py_get_text($input, &view, &$1)) SWIG_fail;
}
%typemap(freearg) azattest_bytes "PyBuffer_Release(&view$argnum);"
%apply azattest_bytes text { azattest_bytes token_text, azattest_bytes key_pem, azattest_bytes certificate_pem,
                             azattest_bytes certificate, azattest_bytes key_text, azattest_bytes private_key,
                             azattest_bytes sealed, azattest_bytes json, azattest_bytes content };
%typemap(in) azattest_bytes body_json (Py_buffer view = {0}) {
  if ($input == Py_None) {
    $1.ptr = NULL;
    $1.len = 0;
  } else if (!azattest_py_get_text($input, &view, &$1)) {
    SWIG_fail;
  }
}
%apply azattest_bytes body_json { azattest_bytes issuer_chain };
%typemap(out) azattest_bytes "$result = azattest_py_bytes($1);"

/* ---- text ---- */

%typemap(in) const char * {
  if (($1 = (char *)azattest_py_get_string($input)) == NULL) SWIG_fail;
}
%typemap(freearg) const char * ""
/* None is NULL where the library has a meaning for it. */
%typemap(in) const char *passphrase {
  $1 = NULL;
  if ($input != Py_None && ($1 = (char *)azattest_py_get_string($input)) == NULL) SWIG_fail;
}
%apply const char *passphrase { const char *endpoint, const char *password, const char *bank,
                               const char *issuer };
%typemap(out) const char * "$result = azattest_py_text($1);"

/* ---- readers that may be absent: OK gives the value, ABSENT None, anything else an exception ---- */

%define %reader(TYPE, NAME, CONVERT)
%typemap(in, numinputs=0) TYPE *NAME (TYPE value = {0}) "$1 = &value;"
%typemap(argout) TYPE *NAME {
  Py_XDECREF($result);
  $result = NULL;
  if (result == AZATTEST_OK) {
    $result = CONVERT(*$1);
  } else if (result == AZATTEST_ABSENT) {
    $result = SWIG_Py_Void();
  } else {
    azattest_py_raise_reader(result, azattest_py_claims_of(arg1), "$symname");
  }
  if ($result == NULL) SWIG_fail;
}
%enddef
%reader(int64_t, seconds, PyLong_FromLongLong)
%reader(int64_t, value, PyLong_FromLongLong)
%reader(bool, value, PyBool_FromLong)
%reader(bool, matches, PyBool_FromLong)
%reader(azattest_bytes, bytes, azattest_py_bytes)
%reader(azattest_bytes, json, azattest_py_bytes)
%typemap(in, numinputs=0) const char **text (char *value = NULL) "$1 = &value;"
%typemap(argout) const char **text {
  Py_XDECREF($result);
  $result = NULL;
  if (result == AZATTEST_OK || result == AZATTEST_ABSENT) {
    $result = azattest_py_text(*$1); /* None for NULL */
  } else {
    azattest_py_raise_reader(result, azattest_py_claims_of(arg1), "$symname");
  }
  if ($result == NULL) SWIG_fail;
}
%define %made_reader(T, NAME)
%typemap(argout) T **NAME {
  Py_XDECREF($result);
  $result = NULL;
  if (result == AZATTEST_OK || result == AZATTEST_ABSENT) {
    $result = SWIG_NewPointerObj(*$1, $*1_descriptor, SWIG_POINTER_OWN);
  } else {
    azattest_py_raise_reader(result, azattest_py_claims_of(arg1), "$symname");
  }
  if ($result == NULL) SWIG_fail;
}
%enddef
%made_reader(azattest_signer, signer)
%made_reader(azattest_result, isolation)

%typemap(in, numinputs=0) unsigned char hash[ANY] (unsigned char made[$1_dim0]) "$1 = made;"
%typemap(argout) unsigned char hash[ANY] {
  Py_XDECREF($result);
  $result = PyBytes_FromStringAndSize((const char *)made$argnum, $1_dim0);
}

/* A new text with its length: the exported key set. */
%typemap(in, numinputs=0) (char **jwks, size_t *length) (char *made = NULL, size_t size = 0) {
  $1 = &made;
  $2 = &size;
}
%typemap(argout) (char **jwks, size_t *length) {
  Py_XDECREF($result);
  $result = made$argnum != NULL ? PyUnicode_DecodeUTF8(made$argnum, (Py_ssize_t)size$argnum, "strict") : SWIG_Py_Void();
  azattest_free(made$argnum);
  if ($result == NULL) SWIG_fail;
}

%apply (char **jwks, size_t *length) { (char **sealed, size_t *length) };

/* New bytes with their length, and a new text up to its NUL. */
%typemap(in, numinputs=0) (unsigned char **key, size_t *length) (unsigned char *made = NULL, size_t size = 0) {
  $1 = &made;
  $2 = &size;
}
%typemap(argout) (unsigned char **key, size_t *length) {
  Py_XDECREF($result);
  $result = made$argnum != NULL ? PyBytes_FromStringAndSize((char *)made$argnum, (Py_ssize_t)size$argnum) : SWIG_Py_Void();
  azattest_free(made$argnum);
  if ($result == NULL) SWIG_fail;
}
%apply (unsigned char **key, size_t *length) { (unsigned char **bytes, size_t *len) };
%typemap(in, numinputs=0) char **token (char *made = NULL) "$1 = &made;"
%typemap(argout) char **token {
  Py_XDECREF($result);
  $result = azattest_py_text(made$argnum);
  azattest_free(made$argnum);
  if ($result == NULL) SWIG_fail;
}

/* An opened secret: bytes, and no copy left behind in C. */
%typemap(in, numinputs=0) (char **secret, size_t *length) (char *made = NULL, size_t size = 0) {
  $1 = &made;
  $2 = &size;
}
%typemap(argout) (char **secret, size_t *length) {
  Py_XDECREF($result);
  $result = made$argnum != NULL ? PyBytes_FromStringAndSize(made$argnum, (Py_ssize_t)size$argnum) : SWIG_Py_Void();
  azattest_secret_free(made$argnum, size$argnum);
  if ($result == NULL) SWIG_fail;
}

%typemap(in) azattest_switch {
  long number = PyLong_AsLong($input);
  if (number == -1 && PyErr_Occurred()) SWIG_fail;
  $1 = (azattest_switch)number;
}
%typemap(in) (const char *const *endpoints, size_t count) (const char *list[AZATTEST_LIMIT_LIST]) {
  if (!PyTuple_Check($input)) {
    PyErr_SetString(PyExc_TypeError, "endpoints are not a tuple");
    SWIG_fail;
  }
  if (!azattest_py_strings($input, list, &$2)) SWIG_fail;
  $1 = list;
}

/* ---- options: a dictionary of C names, or None ---- */

%define %options(T, HOLDER, FILL)
%typemap(in) const T * (HOLDER holder) {
  if (!FILL($input, &holder, &$1)) SWIG_fail;
}
%enddef
%options(azattest_validation_options, struct azattest_py_validation, azattest_py_fill_validation)
%options(azattest_attest_options, struct azattest_py_attest, azattest_py_fill_attest)
%options(azattest_tcb_baseline_options, azattest_tcb_baseline_options, azattest_py_fill_tcb_baseline)
%options(azattest_client_options, azattest_client_options, azattest_py_fill_client)
%options(azattest_collateral_options, struct azattest_py_collateral, azattest_py_fill_collateral)
%options(azattest_claims_options, azattest_claims_options, azattest_py_fill_claims)
%options(azattest_credential_options, azattest_credential_options, azattest_py_fill_credential)
%options(azattest_evaluation_options, azattest_evaluation_options, azattest_py_fill_evaluation)
%options(azattest_policy_parse_options, azattest_policy_parse_options, azattest_py_fill_parse)
%options(azattest_secret_options, azattest_secret_options, azattest_py_fill_secret)
%options(azattest_policy_options, struct azattest_py_policy, azattest_py_fill_policy)
%options(azattest_signing_key_options, azattest_signing_key_options, azattest_py_fill_signing_key)
%options(azattest_verify_options, azattest_verify_options, azattest_py_fill_verify)

%typemap(in) PyObject * "$1 = $input;"
