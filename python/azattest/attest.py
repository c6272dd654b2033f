"""Attestation in one line, for a REPL and for scripts.

Each function takes a `client`, or an `endpoint` with the keywords of AttestationClient, or neither: then the
environment variable AZATTEST_ENDPOINT names the instance.
"""

import os

from . import _options
from ._client import AttestationClient, AttestationResponse, OpenIdMetadata
from ._data import AttestationData
from ._token import AttestationResult, AttestationToken

__all__ = [
    "AttestationClient",
    "AttestationData",
    "AttestationResponse",
    "AttestationResult",
    "AttestationToken",
    "OpenIdMetadata",
    "attest_azure_guest",
    "attest_key_guard",
    "attest_mdep_tz",
    "attest_open_enclave",
    "attest_pluton",
    "attest_sev_snp_vm",
    "attest_sgx_enclave",
    "attest_tdx_vm",
    "attest_tpm",
    "get_open_id_metadata",
    "get_tcb_baseline",
]

_OF_CLIENT = ("credential", "transport", *_options.CLIENT, *_options.CONNECTION)


def made_client(cls, client, endpoint, options):
    """A client for one call, of those options that are a client's; None when the caller gave one."""
    if client is not None:
        if endpoint is not None:
            raise TypeError("client and endpoint exclude each other")
        if not isinstance(client, cls):
            wanted, given = ("%s.%s" % (each.__module__, each.__qualname__) for each in (cls, type(client)))
            raise TypeError("client: %s expected, not %s" % (wanted, given))
        return None
    endpoint = endpoint or os.environ.get("AZATTEST_ENDPOINT")
    if not endpoint:
        raise TypeError("no instance: give client= or endpoint=, or set AZATTEST_ENDPOINT")
    return cls(endpoint, **{name: options.pop(name) for name in _OF_CLIENT if name in options})


def with_client(method, arguments, options, client, endpoint, cls=AttestationClient):
    """Calls a method of the client that is given, or of one of class `cls` that lives for this call."""
    made = made_client(cls, client, endpoint, options)
    if made is None:
        return getattr(client, method)(*arguments, **options)
    with made:
        return getattr(made, method)(*arguments, **options)


def attest_sgx_enclave(quote, *, client=None, endpoint=None, **options):
    """AttestationClient.attest_sgx_enclave in one line."""
    return with_client("attest_sgx_enclave", (quote,), options, client, endpoint)


def attest_open_enclave(report, *, client=None, endpoint=None, **options):
    """AttestationClient.attest_open_enclave in one line."""
    return with_client("attest_open_enclave", (report,), options, client, endpoint)


def attest_sev_snp_vm(report, *, client=None, endpoint=None, **options):
    """AttestationClient.attest_sev_snp_vm in one line."""
    return with_client("attest_sev_snp_vm", (report,), options, client, endpoint)


def attest_tdx_vm(quote, *, client=None, endpoint=None, **options):
    """AttestationClient.attest_tdx_vm in one line."""
    return with_client("attest_tdx_vm", (quote,), options, client, endpoint)


def attest_azure_guest(attestation_info, *, client=None, endpoint=None, **options):
    """AttestationClient.attest_azure_guest in one line."""
    return with_client("attest_azure_guest", (attestation_info,), options, client, endpoint)


def attest_tpm(content, *, client=None, endpoint=None, **options):
    """AttestationClient.attest_tpm in one line."""
    return with_client("attest_tpm", (content,), options, client, endpoint)


def attest_pluton(content, *, client=None, endpoint=None, **options):
    """AttestationClient.attest_pluton in one line."""
    return with_client("attest_pluton", (content,), options, client, endpoint)


def attest_key_guard(attestation_info, *, client=None, endpoint=None, **options):
    """AttestationClient.attest_key_guard in one line."""
    return with_client("attest_key_guard", (attestation_info,), options, client, endpoint)


def attest_mdep_tz(report, *, client=None, endpoint=None, **options):
    """AttestationClient.attest_mdep_tz in one line."""
    return with_client("attest_mdep_tz", (report,), options, client, endpoint)


def get_tcb_baseline(attestation_type, *, client=None, endpoint=None, **options):
    """AttestationClient.get_tcb_baseline in one line."""
    return with_client("get_tcb_baseline", (attestation_type,), options, client, endpoint)


def get_open_id_metadata(*, client=None, endpoint=None, **options):
    """AttestationClient.get_open_id_metadata in one line."""
    return with_client("get_open_id_metadata", (), options, client, endpoint)
