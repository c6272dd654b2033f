from typing import Any

from .. import AttestationSigningKey as AttestationSigningKey
from .. import PolicyResult as PolicyResult
from .. import StoredAttestationPolicy as StoredAttestationPolicy
from .. import AttestationResponse, _Text
from ..policy import create_policy_token as create_policy_token
from ..policy import policy_hash as policy_hash
from ..policy import policy_token_hash as policy_token_hash
from . import AttestationAdministrationClient as AttestationAdministrationClient

async def get_policy(
    attestation_type: str,
    *,
    client: AttestationAdministrationClient | None = None,
    endpoint: str | None = None,
    **options: Any,
) -> AttestationResponse: ...
async def set_policy(
    attestation_type: str,
    attestation_policy: _Text,
    *,
    client: AttestationAdministrationClient | None = None,
    endpoint: str | None = None,
    **options: Any,
) -> AttestationResponse: ...
async def reset_policy(
    attestation_type: str,
    *,
    client: AttestationAdministrationClient | None = None,
    endpoint: str | None = None,
    **options: Any,
) -> AttestationResponse: ...
