from typing import Any

from . import AttestationAdministrationClient as AttestationAdministrationClient
from . import AttestationSigningKey as AttestationSigningKey
from . import PolicyResult as PolicyResult
from . import StoredAttestationPolicy as StoredAttestationPolicy
from . import AttestationResponse, AttestationToken
from . import _Text

def create_policy_token(
    attestation_policy: _Text,
    signing_key: AttestationSigningKey | _Text | None = None,
    signing_certificate: _Text | None = None,
) -> AttestationToken: ...
def policy_hash(attestation_policy: _Text) -> bytes: ...
def policy_token_hash(token: AttestationToken | _Text) -> bytes: ...
def get_policy(
    attestation_type: str,
    *,
    client: AttestationAdministrationClient | None = None,
    endpoint: str | None = None,
    **options: Any,
) -> AttestationResponse: ...
def set_policy(
    attestation_type: str,
    attestation_policy: _Text,
    *,
    client: AttestationAdministrationClient | None = None,
    endpoint: str | None = None,
    **options: Any,
) -> AttestationResponse: ...
def reset_policy(
    attestation_type: str,
    *,
    client: AttestationAdministrationClient | None = None,
    endpoint: str | None = None,
    **options: Any,
) -> AttestationResponse: ...
