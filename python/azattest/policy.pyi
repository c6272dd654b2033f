from typing import Any

from typing_extensions import Unpack

from . import AttestationAdministrationClient as AttestationAdministrationClient
from . import AttestationSigningKey as AttestationSigningKey
from . import ClaimSet as ClaimSet
from . import Policy as Policy
from . import PolicyDifference as PolicyDifference
from . import PolicyEvaluation as PolicyEvaluation
from . import PolicyReport as PolicyReport
from . import PolicyResult as PolicyResult
from . import StoredAttestationPolicy as StoredAttestationPolicy
from . import AttestationResponse, AttestationToken
from . import _AnyClaims, _AnyPolicy, _Bytes, _EvaluationOptions, _Text

def create_policy_token(
    attestation_policy: _AnyPolicy,
    signing_key: AttestationSigningKey | _Text | None = None,
    signing_certificate: _Text | None = None,
) -> AttestationToken: ...
def policy_hash(attestation_policy: _AnyPolicy) -> bytes: ...
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
    attestation_policy: _AnyPolicy,
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
def parse(text: _Text, attestation_type: str | None = None, *, lenient: bool = False) -> Policy: ...
def lint(policy: _AnyPolicy, attestation_type: str | None = None, *, lenient: bool = False) -> PolicyReport: ...
def lint_rules() -> list[dict[str, str]]: ...
def format(policy: _AnyPolicy) -> str: ...
def explain(policy: _AnyPolicy) -> str: ...
def evaluate(policy: _AnyPolicy, claims: _AnyClaims, **options: Unpack[_EvaluationOptions]) -> PolicyEvaluation: ...
def compare(before: _AnyPolicy, after: _AnyPolicy) -> PolicyDifference: ...
def default_text(attestation_type: str) -> str | None: ...
def known_name(policy_hash: _Bytes) -> str | None: ...
