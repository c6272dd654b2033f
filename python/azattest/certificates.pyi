from typing import Any

from . import AttestationAdministrationClient as AttestationAdministrationClient
from . import AttestationSigner as AttestationSigner
from . import AttestationSigners as AttestationSigners
from . import AttestationSigningKey as AttestationSigningKey
from . import PolicyCertificatesModificationResult as PolicyCertificatesModificationResult
from . import AttestationClient, AttestationResponse
from . import _Text

def get_signing_certificates(
    *, client: AttestationClient | None = None, endpoint: str | None = None, **options: Any
) -> AttestationSigners: ...
def get_policy_management_certificates(
    *, client: AttestationAdministrationClient | None = None, endpoint: str | None = None, **options: Any
) -> AttestationResponse: ...
def add_policy_management_certificate(
    certificate_to_add: _Text,
    *,
    client: AttestationAdministrationClient | None = None,
    endpoint: str | None = None,
    **options: Any,
) -> AttestationResponse: ...
def remove_policy_management_certificate(
    certificate_to_remove: _Text,
    *,
    client: AttestationAdministrationClient | None = None,
    endpoint: str | None = None,
    **options: Any,
) -> AttestationResponse: ...
