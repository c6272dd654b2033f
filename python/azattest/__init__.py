"""Microsoft Azure Attestation for people who do not want to trust it blindly.

    >>> import azattest
    >>> with azattest.AttestationClient("https://sharedweu.weu.attest.azure.net") as client:
    ...     response = client.attest_sgx_enclave(quote, runtime_data=data)
    >>> response.value.mr_enclave

Tokens are validated by a complete set of checks unless you say otherwise; evidence is verified offline with
``azattest.evidence``; a failure raises a subclass of ``azattest.Error``, wrong use TypeError or ValueError.
"""

from .swig import _swig
from ._errors import (
    AttestationTokenValidationException,
    ClientAuthenticationError,
    CredentialUnavailableError,
    Error,
    EvidenceError,
    HttpResponseError,
    InputError,
    PolicyError,
    PolicyEvaluationError,
    ResourceNotFoundError,
    ServiceRequestError,
    ServiceResponseError,
)
from ._data import AttestationData
from ._options import AttestationTokenValidationOptions
from ._signer import AttestationSigner, AttestationSigners
from ._token import AttestationResult, AttestationToken, inspect
from ._client import AttestationClient, AttestationResponse, OpenIdMetadata, Verifier

__version__ = _swig.azattest_version()


def version():
    """Version of the library, for instance "0.1.0"."""
    return _swig.azattest_version()


def status_name(code):
    """Name of a status as in C, for instance "AZATTEST_E_TOKEN_EXPIRED"."""
    return _swig.azattest_status_name(code)


def status_text(code):
    """One short phrase for a status."""
    return _swig.azattest_status_text(code)


def status_check(code):
    """The check of the strict set whose failure a status is, for instance "C1"; empty where it is none."""
    return _swig.azattest_status_check(code)


# What is imported when it is first asked for: a program that attests needs none of it.
_MODULES = ("aio", "attest", "certificates", "credentials", "evidence", "policy")
_LATER = {
    "_admin": (
        "AttestationAdministrationClient",
        "AttestationPolicyToken",
        "AttestationSigningKey",
        "PolicyCertificatesModificationResult",
        "PolicyResult",
        "StoredAttestationPolicy",
        "create_policy_token",
    ),
    "_appraisal": ("Appraisal",),
    "_claims": ("ClaimSet",),
    "_collateral": ("Collateral", "CollateralCache", "fetch_collateral"),
    "_enums": ("AttestationType", "CertificateModification", "PolicyModification"),
    "_policy": ("Policy", "PolicyDifference", "PolicyEvaluation", "PolicyReport"),
    "_secret": ("guest_answer_key", "open_guest_answer", "open_guest_answer_with_key", "open_secret", "seal_secret"),
    "_status": ("Problem", "Status", "TcbBaseline"),
    "credentials": (
        "AccessToken",
        "AzureCliCredential",
        "CallbackCredential",
        "ClientCertificateCredential",
        "ClientSecretCredential",
        "DefaultAzureCredential",
        "EnvironmentCredential",
        "ManagedIdentityCredential",
        "StaticTokenCredential",
        "WorkloadIdentityCredential",
    ),
    "evidence": ("Evidence", "VerificationResult"),
}
_HOME = {name: module for module, names in _LATER.items() for name in names}
# the names of two classes in Azure's Python SDK
_ALIASES = {
    "AttestationPolicyResult": "PolicyResult",
    "AttestationPolicyCertificateResult": "PolicyCertificatesModificationResult",
}


def __getattr__(name):
    import importlib

    if name in _MODULES:
        return importlib.import_module("." + name, __name__)
    own_name = _ALIASES.get(name, name)
    if own_name not in _HOME:
        raise AttributeError("module 'azattest' has no attribute %r" % name)
    globals()[name] = getattr(importlib.import_module("." + _HOME[own_name], __name__), own_name)
    return globals()[name]


def __dir__():
    return sorted({*globals(), *_MODULES, *_HOME, *_ALIASES})


def defaults():
    """Every option of the library and its default, as a new dictionary, by the names of C: options that are seconds here
    have `_ms` (milliseconds) or `_s` there."""
    import json

    return json.loads(_swig.azattest_defaults())


__all__ = [
    "AccessToken",
    "Appraisal",
    "AttestationAdministrationClient",
    "AttestationClient",
    "AttestationData",
    "AttestationPolicyToken",
    "AttestationResponse",
    "AttestationResult",
    "AttestationSigner",
    "AttestationSigners",
    "AttestationSigningKey",
    "AttestationToken",
    "AttestationTokenValidationException",
    "AttestationTokenValidationOptions",
    "AzureCliCredential",
    "AttestationType",
    "CallbackCredential",
    "CertificateModification",
    "ClaimSet",
    "ClientAuthenticationError",
    "ClientCertificateCredential",
    "ClientSecretCredential",
    "Collateral",
    "CollateralCache",
    "CredentialUnavailableError",
    "DefaultAzureCredential",
    "EnvironmentCredential",
    "Error",
    "Evidence",
    "EvidenceError",
    "HttpResponseError",
    "InputError",
    "ManagedIdentityCredential",
    "OpenIdMetadata",
    "Policy",
    "PolicyCertificatesModificationResult",
    "PolicyDifference",
    "PolicyError",
    "PolicyEvaluation",
    "PolicyEvaluationError",
    "PolicyModification",
    "PolicyReport",
    "PolicyResult",
    "Problem",
    "ResourceNotFoundError",
    "ServiceRequestError",
    "ServiceResponseError",
    "StaticTokenCredential",
    "Status",
    "StoredAttestationPolicy",
    "TcbBaseline",
    "VerificationResult",
    "Verifier",
    "WorkloadIdentityCredential",
    "attest",
    "certificates",
    "create_policy_token",
    "credentials",
    "defaults",
    "evidence",
    "fetch_collateral",
    "guest_answer_key",
    "inspect",
    "open_guest_answer",
    "open_guest_answer_with_key",
    "open_secret",
    "seal_secret",
    "policy",
    "status_check",
    "status_name",
    "status_text",
    "version",
]
