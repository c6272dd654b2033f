"""Failures, by layer. Wrong use raises TypeError or ValueError instead.

_status.py is imported when there is something to say with it: its modules are half the cost of `import azattest`.
"""

import sys

from .swig import _swig


class _Base(Exception):
    """Between Error and Exception, so that Error's bases can grow (see _adopt_azure): Python replaces a base only by one
    of the same layout, and a built-in class has another than a class made in Python."""


class Error(_Base):
    """What went wrong: what was seen, what was expected, and the next step where it is known.

    Never holds a token, a key or evidence. Once a program has imported azure.core.exceptions, the classes here that
    have namesakes there inherit from them as well (azure itself is never imported), so that existing ``except`` clauses
    go on working.
    """

    _code = _swig.AZATTEST_E_STATE
    hint = reason = error_code = service_message = target = None
    details = inner_error = client_request_id = request_id = retry_after = body = None
    status_code = attempts = 0
    problems = ()

    def __init__(self, message="", **fields):
        from ._status import Status

        Exception.__init__(self, message)
        self.message = message
        self.code = Status(self._code)
        vars(self).update(fields)

    def __str__(self):
        return self.message + (" (%s)" % self.hint if self.hint else "")


class HttpResponseError(Error):
    """The service answered with an error."""

    _code = _swig.AZATTEST_E_HTTP
    response = model = None

    @property
    def error(self):
        """What the service itself said, under the names of azure-core's ODataV4Format."""
        from ._status import ServiceError

        return ServiceError(self.error_code, self.service_message, self.target, self.details, self.inner_error)


class ClientAuthenticationError(HttpResponseError):
    """The service refused the identity (401)."""

    _code = _swig.AZATTEST_E_AUTH


class ResourceNotFoundError(HttpResponseError):
    """The service does not know the resource (404)."""


class ServiceRequestError(Error):
    """The service could not be reached."""

    _code = _swig.AZATTEST_E_TRANSPORT


class ServiceResponseError(Error):
    """The service was asked but gave no answer that can be used, or none in time."""

    _code = _swig.AZATTEST_E_RESPONSE


class CredentialUnavailableError(ClientAuthenticationError):
    """The credential has nothing to offer here: it is not configured, or its source is not there."""

    _code = _swig.AZATTEST_E_CREDENTIAL_UNAVAILABLE


class EvidenceError(Error):
    """The evidence is malformed, of an unknown kind, or does not bind the runtime data."""

    _code = _swig.AZATTEST_E_EVIDENCE


class InputError(Error, ValueError):
    """What was given cannot be read: no PEM or JSON, a value that a claim cannot have, or a key that needs another
    passphrase. A ValueError, as in Azure's Python SDK."""

    _code = _swig.AZATTEST_E_MALFORMED


class PolicyError(Error, ValueError):
    """The policy's text has errors: ``problems`` lists them all, each with its line and column in its text, and
    ``findings`` has the same in parts."""

    _code = _swig.AZATTEST_E_POLICY
    findings = ()


class PolicyEvaluationError(Error):
    """The policy cannot be evaluated over these claims: a function got what it does not take. Neither a permit nor a
    deny."""

    _code = _swig.AZATTEST_E_POLICY_EVALUATION


class AttestationTokenValidationException(Error, ValueError):
    """The token is not valid: ``problems`` lists every failed check. A ValueError, as in Azure's Python SDK."""

    _code = _swig.AZATTEST_E_TOKEN_MALFORMED


_NAMESAKES = (
    ("AzureError", Error),
    ("HttpResponseError", HttpResponseError),
    ("ClientAuthenticationError", ClientAuthenticationError),
    ("ResourceNotFoundError", ResourceNotFoundError),
    ("ServiceRequestError", ServiceRequestError),
    ("ServiceResponseError", ServiceResponseError),
)
for _cls in [_cls for _, _cls in _NAMESAKES] + [
    CredentialUnavailableError,
    EvidenceError,
    InputError,
    PolicyError,
    PolicyEvaluationError,
    AttestationTokenValidationException,
]:
    _cls.__module__ = "azattest"
_adopted = False


def _adopt_azure():
    """Inherits from azure.core's classes. Done when the first error is raised after the program has imported them:
    only then can an ``except`` clause of its name them."""
    global _adopted
    azure = sys.modules.get("azure.core.exceptions")
    if _adopted or azure is None:
        return
    _adopted = True
    pairs = [(getattr(azure, name, None), ours) for name, ours in _NAMESAKES]
    identity = sys.modules.get("azure.identity")
    pairs.append((getattr(identity, "CredentialUnavailableError", None), CredentialUnavailableError))
    for theirs, ours in pairs:
        if isinstance(theirs, type) and issubclass(theirs, Exception):
            ours.__bases__ = (*ours.__bases__, theirs)


_BY_STATUS = {
    _swig.AZATTEST_E_HTTP: HttpResponseError,
    _swig.AZATTEST_E_AUTH: ClientAuthenticationError,
    _swig.AZATTEST_E_CREDENTIAL_UNAVAILABLE: CredentialUnavailableError,
    _swig.AZATTEST_E_TRANSPORT: ServiceRequestError,
    _swig.AZATTEST_E_TIMEOUT: ServiceResponseError,
    _swig.AZATTEST_E_RESPONSE: ServiceResponseError,
    _swig.AZATTEST_E_MALFORMED: InputError,
    _swig.AZATTEST_E_TYPE: InputError,
    _swig.AZATTEST_E_EVIDENCE: EvidenceError,
    _swig.AZATTEST_E_EVIDENCE_INVALID: EvidenceError,
    _swig.AZATTEST_E_BINDING: EvidenceError,
    _swig.AZATTEST_E_POLICY: PolicyError,
    _swig.AZATTEST_E_POLICY_EVALUATION: PolicyEvaluationError,
}


def _class_of(code, status_code):
    if code == _swig.AZATTEST_E_HTTP and status_code == 404:
        return ResourceNotFoundError
    if code == _swig.AZATTEST_E_HTTP and status_code == 401:
        return ClientAuthenticationError
    of_tokens = code >= _swig.AZATTEST_E_TOKEN_MALFORMED
    return _BY_STATUS.get(code, AttestationTokenValidationException if of_tokens else Error)


def refused(problems):
    """What the caller's own check has against a token."""
    _adopt_azure()
    message = "refused by the validation callback: " + problems[0].detail
    return AttestationTokenValidationException(message, code=problems[0].code, problems=tuple(problems))


def _json(text):
    if text is None:
        return None
    import json

    try:
        return json.loads(text)
    except ValueError:  # cut or escaped for showing: better as text than not at all
        return text


def _exception(error):
    """The exception for an error of the library; called by the native layer."""
    from ._status import Problem, Status

    code = Status(_swig.azattest_error_code(error))
    message, hint = _swig.azattest_error_message(error), _swig.azattest_error_hint(error)
    if code is Status.E_ARGUMENT:
        return ValueError(message + (" (%s)" % hint if hint else ""))
    if code is Status.E_MEMORY:
        return MemoryError(message)
    _adopt_azure()
    status_code = _swig.azattest_error_status_code(error)
    retry_after_ms = _swig.azattest_error_retry_after_ms(error)
    return _class_of(code, status_code)(
        message,
        code=code,
        hint=hint,
        status_code=status_code,
        reason=_swig.azattest_error_reason(error),
        error_code=_swig.azattest_error_error_code(error),
        service_message=_swig.azattest_error_service_message(error),
        target=_swig.azattest_error_target(error),
        details=_json(_swig.azattest_error_details(error)),
        inner_error=_json(_swig.azattest_error_inner_error(error)),
        client_request_id=_swig.azattest_error_client_request_id(error),
        request_id=_swig.azattest_error_request_id(error),
        retry_after=retry_after_ms / 1000 if retry_after_ms >= 0 else None,
        attempts=_swig.azattest_error_attempts(error),
        body=_swig.azattest_error_body(error),
        problems=tuple(
            Problem(
                Status(_swig.azattest_error_problem_code(error, i)), _swig.azattest_error_problem_detail(error, i)
            )
            for i in range(_swig.azattest_error_problem_count(error))
        ),
    )


_swig.azattest_py_set_raiser(_exception)
