"""azattest.policy for asyncio: the same functions; those that call the service are to be awaited."""

from .. import policy as _blocking
from .._admin import (
    AttestationSigningKey,
    PolicyResult,
    StoredAttestationPolicy,
    create_policy_token,
    policy_hash,
    policy_token_hash,
)
from .._claims import ClaimSet
from .._policy import Policy, PolicyDifference, PolicyEvaluation, PolicyReport
from ..policy import compare, default_text, evaluate, explain, format, known_name, lint, lint_rules, parse
from . import AttestationAdministrationClient
from ._one_line import coroutine

__all__ = list(_blocking.__all__)


def with_admin_client(function):
    """The function over an administration client."""
    return coroutine(function, AttestationAdministrationClient, _blocking.add_credential)


get_policy = with_admin_client(_blocking.get_policy)
set_policy = with_admin_client(_blocking.set_policy)
reset_policy = with_admin_client(_blocking.reset_policy)
