"""Attestation in one line, for a REPL and for scripts.

Each function takes a `client`, or an `endpoint` with the keywords of AttestationClient, or neither: then the
environment variable AZATTEST_ENDPOINT names the instance.
"""

import os

from . import _options
from ._client import AttestationClient

__all__ = ["attest_open_enclave", "attest_sgx_enclave", "get_open_id_metadata"]

_OF_CLIENT = ("credential", "transport", *_options.CLIENT, *_options.CONNECTION)


def with_client(method, arguments, options, client, endpoint, cls=AttestationClient):
    """Calls a method of the client that is given, or of one of class `cls` that lives for this call."""
    if client is not None:
        if endpoint is not None:
            raise TypeError("client and endpoint exclude each other")
        return getattr(client, method)(*arguments, **options)
    endpoint = endpoint or os.environ.get("AZATTEST_ENDPOINT")
    if not endpoint:
        raise TypeError("no instance: give client= or endpoint=, or set AZATTEST_ENDPOINT")
    of_client = {name: options.pop(name) for name in _OF_CLIENT if name in options}
    with cls(endpoint, **of_client) as client:
        return getattr(client, method)(*arguments, **options)


def attest_sgx_enclave(quote, *, client=None, endpoint=None, **options):
    """AttestationClient.attest_sgx_enclave in one line."""
    return with_client("attest_sgx_enclave", (quote,), options, client, endpoint)


def attest_open_enclave(report, *, client=None, endpoint=None, **options):
    """AttestationClient.attest_open_enclave in one line."""
    return with_client("attest_open_enclave", (report,), options, client, endpoint)


def get_open_id_metadata(*, client=None, endpoint=None, **options):
    """AttestationClient.get_open_id_metadata in one line."""
    return with_client("get_open_id_metadata", (), options, client, endpoint)
