"""The certificates of an instance in one line: those that it signs tokens with (see azattest.attest for `client` and
`endpoint`), and those whose keys may sign its policies (see azattest.policy)."""

from ._admin import AttestationAdministrationClient, AttestationSigningKey, PolicyCertificatesModificationResult
from ._signer import AttestationSigner, AttestationSigners
from .attest import with_client
from .policy import with_admin_client

__all__ = [
    "AttestationAdministrationClient",
    "AttestationSigner",
    "AttestationSigners",
    "AttestationSigningKey",
    "PolicyCertificatesModificationResult",
    "add_policy_management_certificate",
    "get_policy_management_certificates",
    "get_signing_certificates",
    "remove_policy_management_certificate",
]


def get_signing_certificates(*, client=None, endpoint=None, **options):
    """AttestationClient.get_signing_certificates in one line."""
    return with_client("get_signing_certificates", (), options, client, endpoint)


def get_policy_management_certificates(*, client=None, endpoint=None, **options):
    """AttestationAdministrationClient.get_policy_management_certificates in one line."""
    return with_admin_client("get_policy_management_certificates", (), options, client, endpoint)


def add_policy_management_certificate(certificate_to_add, *, client=None, endpoint=None, **options):
    """AttestationAdministrationClient.add_policy_management_certificate in one line."""
    return with_admin_client("add_policy_management_certificate", (certificate_to_add,), options, client, endpoint)


def remove_policy_management_certificate(certificate_to_remove, *, client=None, endpoint=None, **options):
    """AttestationAdministrationClient.remove_policy_management_certificate in one line."""
    return with_admin_client("remove_policy_management_certificate", (certificate_to_remove,), options, client, endpoint)
