"""Microsoft Azure Attestation for people who do not want to trust it blindly.

    >>> import azattest
    >>> with azattest.AttestationClient("https://sharedweu.weu.attest.azure.net") as client:
    ...     response = client.attest_sgx_enclave(quote, runtime_data=data)
    >>> response.value.mr_enclave

Tokens are validated by a complete set of checks unless you say otherwise; evidence is verified offline with
``azattest.evidence``; a failure raises a subclass of ``azattest.Error``, wrong use TypeError or ValueError.
"""

from .swig import _swig
from ._status import Problem, Status, status_check, status_name, status_text
from ._errors import (
    AttestationTokenValidationException,
    ClientAuthenticationError,
    CredentialUnavailableError,
    Error,
    EvidenceError,
    HttpResponseError,
    ResourceNotFoundError,
    ServiceRequestError,
    ServiceResponseError,
)
from ._options import AttestationTokenValidationOptions
from ._signer import AttestationSigner, AttestationSigners
from ._token import AttestationResult, AttestationToken, inspect
from ._client import AttestationClient, AttestationResponse, OpenIdMetadata, Verifier
from .evidence import Evidence, VerificationResult
from . import attest, certificates, evidence

__version__ = _swig.azattest_version()


def version():
    """Version of the library, for instance "0.1.0"."""
    return _swig.azattest_version()


def defaults():
    """Every option of the library and its default, as a new dictionary."""
    import json

    return json.loads(_swig.azattest_defaults())


__all__ = [
    "AttestationClient",
    "AttestationResponse",
    "AttestationResult",
    "AttestationSigner",
    "AttestationSigners",
    "AttestationToken",
    "AttestationTokenValidationException",
    "AttestationTokenValidationOptions",
    "ClientAuthenticationError",
    "CredentialUnavailableError",
    "Error",
    "Evidence",
    "EvidenceError",
    "HttpResponseError",
    "OpenIdMetadata",
    "Problem",
    "ResourceNotFoundError",
    "ServiceRequestError",
    "ServiceResponseError",
    "Status",
    "VerificationResult",
    "Verifier",
    "attest",
    "certificates",
    "defaults",
    "evidence",
    "inspect",
    "status_check",
    "status_name",
    "status_text",
    "version",
]
