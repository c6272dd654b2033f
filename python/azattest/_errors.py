"""Failures, by layer. Wrong use raises TypeError or ValueError instead."""

import sys
from collections import namedtuple

from .swig import _swig
from ._status import Problem, Status

ServiceError = namedtuple("ServiceError", "code message target details innererror")
ServiceError.__doc__ = "What the service itself said, under the names of azure-core's ODataV4Format."


class _Base(Exception):
    """Between Error and Exception, so that Error's bases can grow (see _adopt_azure): Python replaces a base only by one
    of the same layout, and a built-in class has another than a class made in Python."""


class Error(_Base):
    """What went wrong: what was seen, what was expected, and the next step where it is known.

    Never holds a token, a key or evidence. Once a program has imported azure.core.exceptions, the classes here that
    have namesakes there inherit from them as well (azure itself is never imported), so that existing ``except`` clauses
    go on working.
    """

    code = Status.E_STATE
    hint = reason = error_code = service_message = target = None
    details = inner_error = client_request_id = request_id = retry_after = body = None
    status_code = attempts = 0
    problems = ()

    def __init__(self, message="", **fields):
        Exception.__init__(self, message)
        self.message = message
        vars(self).update(fields)

    def __str__(self):
        return self.message + (" (%s)" % self.hint if self.hint else "")


class HttpResponseError(Error):
    """The service answered with an error."""

    code = Status.E_HTTP
    response = model = None

    @property
    def error(self):
        return ServiceError(self.error_code, self.service_message, self.target, self.details, self.inner_error)


class ClientAuthenticationError(HttpResponseError):
    """The service refused the identity (401)."""

    code = Status.E_AUTH


class ResourceNotFoundError(HttpResponseError):
    """The service does not know the resource (404)."""


class ServiceRequestError(Error):
    """The service could not be reached."""

    code = Status.E_TRANSPORT


class ServiceResponseError(Error):
    """The service was asked but gave no answer that can be used, or none in time."""

    code = Status.E_RESPONSE


class CredentialUnavailableError(Error):
    """No credential could be had. Nothing that this version calls needs one."""


class EvidenceError(Error):
    """The evidence is malformed, of an unknown kind, or does not bind the runtime data."""

    code = Status.E_EVIDENCE


class AttestationTokenValidationException(Error):
    """The token is not valid: ``problems`` lists every failed check."""

    code = Status.E_TOKEN_MALFORMED


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
    for name, ours in _NAMESAKES:
        theirs = getattr(azure, name, None)
        if isinstance(theirs, type) and issubclass(theirs, Exception):
            ours.__bases__ = (*ours.__bases__, theirs)


_BY_STATUS = {
    Status.E_HTTP: HttpResponseError,
    Status.E_AUTH: ClientAuthenticationError,
    Status.E_TRANSPORT: ServiceRequestError,
    Status.E_TIMEOUT: ServiceResponseError,
    Status.E_RESPONSE: ServiceResponseError,
    Status.E_EVIDENCE: EvidenceError,
    Status.E_EVIDENCE_INVALID: EvidenceError,
    Status.E_BINDING: EvidenceError,
}


def _class_of(code, status_code):
    if code is Status.E_HTTP and status_code == 404:
        return ResourceNotFoundError
    if code is Status.E_HTTP and status_code == 401:
        return ClientAuthenticationError
    if code >= Status.E_TOKEN_MALFORMED:
        return AttestationTokenValidationException
    return _BY_STATUS.get(code, Error)


def refused(code, message, problems):
    """An AttestationTokenValidationException of our own making."""
    _adopt_azure()
    return AttestationTokenValidationException(message, code=code, problems=tuple(problems))


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
