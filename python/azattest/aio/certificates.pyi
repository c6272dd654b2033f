from typing import Any

from .. import AttestationSigner as AttestationSigner
from .. import AttestationSigners as AttestationSigners
from .. import AttestationSigningKey as AttestationSigningKey
from .. import PolicyCertificatesModificationResult as PolicyCertificatesModificationResult
from .. import AttestationResponse, _Text
from . import AttestationAdministrationClient as AttestationAdministrationClient
from . import AttestationClient

async def get_signing_certificates(
    *, client: AttestationClient | None = None, endpoint: str | None = None, **options: Any
) -> AttestationSigners: ...
async def get_policy_management_certificates(
    *, client: AttestationAdministrationClient | None = None, endpoint: str | None = None, **options: Any
) -> AttestationResponse: ...
async def add_policy_management_certificate(
    certificate_to_add: _Text,
    *,
    client: AttestationAdministrationClient | None = None,
    endpoint: str | None = None,
    **options: Any,
) -> AttestationResponse: ...
async def remove_policy_management_certificate(
    certificate_to_remove: _Text,
    *,
    client: AttestationAdministrationClient | None = None,
    endpoint: str | None = None,
    **options: Any,
) -> AttestationResponse: ...
