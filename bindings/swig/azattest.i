/*
 * The native layer of the Python module: the C functions as they are in the headers, made safe for Python by the
 * typemaps of conversions.i. Private to the package; what users see is the facade in python/azattest.
 *
 * The module is called `swig`, since SWIG puts the underscore before the extension's name itself. The GIL is kept
 * everywhere but in the functions that wait: azattest_run(), azattest_serve_local(), azattest_multi_poll().
 */
%module(package="azattest", threads="1") swig
%nothread;

%{
#include <azattest/azattest.h>
#include <azattest/collateral_cache.h>
#include <azattest/multi.h>
#include <azattest/transport.h>
#include "glue.h"
#include "credentials.h"
#include "multi.h"
%}

/* The headers without what only compilers read. */
#define AZATTEST_API
#define AZATTEST_MUST_CHECK
#define AZATTEST_BEGIN
#define AZATTEST_END

%include "conversions.i"

%owned(azattest_admin_client)
%owned(azattest_appraisal)
%owned(azattest_claim_set)
%owned(azattest_client)
%owned(azattest_collateral)
%owned(azattest_collateral_cache)
%owned(azattest_credential)
%owned(azattest_data)
%owned(azattest_error)
%owned(azattest_evidence)
%owned(azattest_metadata)
%owned_by(azattest_multi, azattest_py_multi_free)
%owned(azattest_op)
%owned(azattest_policy)
%owned(azattest_policy_certificates_modification_result)
%owned(azattest_policy_difference)
%owned(azattest_policy_evaluation)
%owned(azattest_policy_report)
%owned(azattest_policy_result)
%owned(azattest_problems)
%owned(azattest_response)
%owned(azattest_result)
%owned(azattest_signer)
%owned(azattest_signers)
%owned(azattest_tcb_baselines)
%owned(azattest_signing_key)
%owned(azattest_stored_attestation_policy)
%owned(azattest_token)
%owned(azattest_transport)
%owned(azattest_verification_result)
%owned(azattest_verifier)
%newobject azattest_error_new;
%newobject azattest_op_take_collateral;
%newobject azattest_op_take_error;
%newobject azattest_op_take_metadata;
%newobject azattest_op_take_response;
%newobject azattest_op_take_signers;
%newobject azattest_op_take_tcb_baselines;
%newobject azattest_policy_result_policy_signer;
%newobject azattest_response_take_certificates;
%newobject azattest_response_take_certificates_result;
%newobject azattest_response_take_policy_result;
%newobject azattest_response_take_token;
%newobject azattest_response_take_value;

/* Structures are filled by glue.h, never made in Python; functions that take or give C callbacks stay in C. */
%rename("$ignore", regexmatch$name="_options$|^azattest_(bytes|clock|header|http_response|multi_event|multi_socket|transport_functions|claim_requirement|scripted_exchange|pcr|guest_parts)$", %$isclass) "";
%rename("$ignore", regexmatch$name="_free$", %$isfunction) "";
%ignore azattest_evidence_new_guest;  /* azattest_py_new_guest() */
%ignore azattest_appraisal_ref;
%ignore azattest_claim_set_ref;
%ignore azattest_collateral_ref;
%ignore azattest_op_collateral_key;   /* for caches of one's own */
%ignore azattest_op_collateral_record;
%ignore azattest_op_give_collateral;
%ignore azattest_fetch_collateral;    /* the facade begins, runs and takes */
%ignore azattest_access_token;        /* azattest_py_take_access_token() */
%ignore azattest_callback_credential_new; /* azattest_py_callback_credential() */
%ignore azattest_credential_ref;
%ignore azattest_op_call_credential;  /* the callbacks are Python's */
%ignore azattest_op_give_token;       /* azattest_py_give_token() */
%ignore azattest_op_take_access_token;
%ignore azattest_policy_ref;
%ignore azattest_signer_ref;          /* done where a reader lends a signer */
%ignore azattest_signing_key_ref;
%ignore azattest_log_set;
%ignore azattest_log_take;            /* azattest_py_log_take() */
%ignore azattest_log_sink;
%ignore azattest_multi_new;           /* azattest_py_multi_new() */
%ignore azattest_multi_add;           /* azattest_py_multi_add() */
%ignore azattest_multi_next;          /* azattest_py_multi_next() */
%ignore azattest_multi_next_socket;   /* the engine of azattest.aio is driven by azattest_multi_poll() */
%ignore azattest_multi_wait_ms;
%ignore azattest_multi_wakeup_fd;
%ignore azattest_multi_advance;
%ignore azattest_op_take_text;        /* azattest_py_take_text() */
%ignore azattest_op_error;            /* lends what azattest_op_take_error() gives */
%ignore azattest_op_respond;          /* azattest_py_respond() */
%ignore azattest_request_check_server;
%ignore azattest_response_token;      /* lends what azattest_response_take_token() gives */
%ignore azattest_response_value;
%ignore azattest_response_policy_result;
%ignore azattest_response_certificates;
%ignore azattest_response_certificates_result;
%ignore azattest_transport_new;
%ignore azattest_curl_transport_new;  /* azattest_py_curl_transport() */
%ignore azattest_scripted_transport_new;
%ignore azattest_scripted_transport_played;
%ignore azattest_scripted_transport_slept_ms;
%ignore azattest_client_attest_sgx_enclave; /* the facade begins, runs and takes */
%ignore azattest_client_attest_open_enclave;
%ignore azattest_client_attest_sev_snp_vm;
%ignore azattest_client_attest_tdx_vm;
%ignore azattest_client_attest_mdep_tz;
%ignore azattest_client_attest_azure_guest;
%ignore azattest_client_attest_key_guard;
%ignore azattest_client_attest_tpm;
%ignore azattest_client_attest_pluton;
%ignore azattest_client_get_tcb_baseline;
%ignore azattest_client_get_signing_certificates;
%ignore azattest_client_get_open_id_metadata;
%ignore azattest_verifier_validate;
%ignore azattest_admin_client_get_policy;
%ignore azattest_admin_client_set_policy;
%ignore azattest_admin_client_reset_policy;
%ignore azattest_admin_client_get_policy_management_certificates;
%ignore azattest_admin_client_add_policy_management_certificate;
%ignore azattest_admin_client_remove_policy_management_certificate;
%thread azattest_run;
%thread azattest_serve_local;
%thread azattest_multi_poll;

%include <azattest/status.h>
%include <azattest/defaults.h>
%include <azattest/error.h>
%include <azattest/log.h>
%include <azattest/signer.h>
%include <azattest/token.h>
%include <azattest/signing_key.h>
%include <azattest/policy.h>
%include <azattest/claim_set.h>
%include <azattest/policy_language.h>
%include <azattest/policy_report.h>
%include <azattest/policy_evaluation.h>
%include <azattest/policy_difference.h>
%include <azattest/result.h>
%include <azattest/secret.h>
%include <azattest/data.h>
%include <azattest/collateral.h>
%include <azattest/appraisal.h>
%include <azattest/evidence.h>
%include <azattest/service.h>
%include <azattest/op.h>
%include <azattest/client.h>
%include <azattest/admin.h>
%include <azattest/collateral_client.h>
%include <azattest/credential.h>
%include <azattest/transport.h>
%include <azattest/collateral_cache.h>
%include <azattest/multi.h>

void azattest_py_set_raiser(PyObject *raiser);
azattest_status azattest_py_new_guest(PyObject *parts, azattest_evidence **out, azattest_error **error);
azattest_status azattest_py_respond(azattest_op *op, int status, PyObject *headers, azattest_bytes body,
                                    azattest_error **error);
azattest_status azattest_py_callback_credential(azattest_credential **out, azattest_error **error);
azattest_status azattest_py_give_token(azattest_op *op, const char *text, int64_t expires_on_s, int64_t refresh_on_s,
                                       azattest_error **error);
PyObject *azattest_py_take_access_token(azattest_op *op);
azattest_status azattest_py_curl_transport(PyObject *options, azattest_transport **out, azattest_error **error);
azattest_status azattest_py_multi_new(PyObject *options, azattest_multi **out, azattest_error **error);
azattest_status azattest_py_multi_add(azattest_multi *multi, azattest_op *op, size_t number, azattest_error **error);
PyObject *azattest_py_multi_next(azattest_multi *multi);
PyObject *azattest_py_take_text(azattest_op *op);
PyObject *azattest_py_log_take(void);
