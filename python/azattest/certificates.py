"""The signing certificates of an instance in one line; see azattest.attest for `client` and `endpoint`."""

from .attest import with_client

__all__ = ["get_signing_certificates"]


def get_signing_certificates(*, client=None, endpoint=None, **options):
    """AttestationClient.get_signing_certificates in one line."""
    return with_client("get_signing_certificates", (), options, client, endpoint)
