"""azattest.certificates for asyncio: the same functions, to be awaited."""

from .. import certificates as _blocking
from .._admin import AttestationSigningKey, PolicyCertificatesModificationResult
from .._signer import AttestationSigner, AttestationSigners
from . import AttestationAdministrationClient, AttestationClient
from ._one_line import coroutine
from .policy import with_admin_client

__all__ = list(_blocking.__all__)

get_signing_certificates = coroutine(_blocking.get_signing_certificates, AttestationClient)
get_policy_management_certificates = with_admin_client(_blocking.get_policy_management_certificates)
add_policy_management_certificate = with_admin_client(_blocking.add_policy_management_certificate)
remove_policy_management_certificate = with_admin_client(_blocking.remove_policy_management_certificate)
