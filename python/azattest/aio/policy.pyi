from typing import Any

from .. import AttestationSigningKey as AttestationSigningKey
from .. import ClaimSet as ClaimSet
from .. import Policy as Policy
from .. import PolicyDifference as PolicyDifference
from .. import PolicyEvaluation as PolicyEvaluation
from .. import PolicyReport as PolicyReport
from .. import PolicyResult as PolicyResult
from .. import StoredAttestationPolicy as StoredAttestationPolicy
from .. import AttestationResponse, _AnyPolicy
from ..policy import compare as compare
from ..policy import create_policy_token as create_policy_token
from ..policy import default_text as default_text
from ..policy import evaluate as evaluate
from ..policy import explain as explain
from ..policy import format as format
from ..policy import known_name as known_name
from ..policy import lint as lint
from ..policy import lint_rules as lint_rules
from ..policy import parse as parse
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
    attestation_policy: _AnyPolicy,
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
