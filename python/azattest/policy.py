"""Policies in one line, for a REPL and for scripts.

The calls take a `client`, or an `endpoint` with `credential` and the other keywords of AttestationAdministrationClient;
without either the environment variable AZATTEST_ENDPOINT names the instance. Without a credential DefaultAzureCredential
looks for one. The rest sends nothing.

    >>> from azattest import policy
    >>> print(policy.lint(text, "SgxEnclave"))
    >>> policy.evaluate(text, azattest.Evidence.load(path))
"""

from .swig import _swig

from ._admin import (
    AttestationAdministrationClient,
    AttestationSigningKey,
    PolicyResult,
    StoredAttestationPolicy,
    create_policy_token,
    policy_hash,
    policy_token_hash,
)
from ._claims import ClaimSet
from ._policy import Policy, PolicyDifference, PolicyEvaluation, PolicyReport, policy_of
from .attest import with_client

__all__ = [
    "AttestationAdministrationClient",
    "AttestationSigningKey",
    "ClaimSet",
    "Policy",
    "PolicyDifference",
    "PolicyEvaluation",
    "PolicyReport",
    "PolicyResult",
    "StoredAttestationPolicy",
    "compare",
    "create_policy_token",
    "default_text",
    "evaluate",
    "explain",
    "format",
    "get_policy",
    "known_name",
    "lint",
    "lint_rules",
    "parse",
    "policy_hash",
    "policy_token_hash",
    "reset_policy",
    "set_policy",
]


def add_credential(client, options):
    """A client that is made for one call gets the credential that can be found, unless the caller gave one."""
    if client is None and options.get("credential") is None:
        from .credentials import DefaultAzureCredential

        options["credential"] = DefaultAzureCredential()


def with_admin_client(method, arguments, options, client, endpoint):
    """As with_client, for the administration client."""
    add_credential(client, options)
    return with_client(method, arguments, options, client, endpoint, AttestationAdministrationClient)


def get_policy(attestation_type, *, client=None, endpoint=None, **options):
    """AttestationAdministrationClient.get_policy in one line."""
    return with_admin_client("get_policy", (attestation_type,), options, client, endpoint)


def set_policy(attestation_type, attestation_policy, *, client=None, endpoint=None, **options):
    """AttestationAdministrationClient.set_policy in one line."""
    return with_admin_client("set_policy", (attestation_type, attestation_policy), options, client, endpoint)


def reset_policy(attestation_type, *, client=None, endpoint=None, **options):
    """AttestationAdministrationClient.reset_policy in one line."""
    return with_admin_client("reset_policy", (attestation_type,), options, client, endpoint)


def parse(text, attestation_type=None, *, lenient=False):
    """Policy.parse: a policy (str or bytes), checked as far as it can be without claims."""
    return Policy.parse(text, attestation_type, lenient=lenient)


def lint(policy, attestation_type=None, *, lenient=False):
    """What is wrong with a policy's text (str or bytes), or looks wrong: PolicyReport. Any text has a report.

    With `attestation_type` the claims of that type are known, without it only those that no type has are unknown. A
    comment ``// azattest: ignore ID`` silences a finding of that line, or of the next.
    """
    if isinstance(policy, Policy):
        policy_of(policy, attestation_type, lenient=lenient)
        return policy.lint()
    from . import _options

    members = _options.convert(_options.PARSE, {"attestation_type": attestation_type, "lenient": lenient})
    return PolicyReport._of(policy, members)


def lint_rules():
    """Everything that a report may say: a list of dictionaries of ``id``, ``severity``, ``meaning`` and ``fix``."""
    import json

    return json.loads(_swig.azattest_policy_lint_rules())


def format(policy):
    """The same policy (Policy, or text) in the one layout, as a str: another text, and so another hash."""
    formatted = policy_of(policy).formatted
    if formatted is None:
        raise ValueError("in the one layout the policy would be larger than a policy may be")
    return formatted


def explain(policy):
    """What a policy (Policy, or text) does, in English."""
    return policy_of(policy).explanation


def evaluate(policy, claims, **options):
    """What a policy (Policy, or text) makes of claims: Policy.evaluate with its keywords."""
    return policy_of(policy).evaluate(claims, **options)


def compare(before, after):
    """What differs between two policies, each a Policy or text: PolicyDifference."""
    return PolicyDifference.compare(before, after)


def default_text(attestation_type):
    """The policy that is in force on shared instances where none was set; None where there is none, or none is known."""
    return _swig.azattest_policy_default(attestation_type)


def known_name(policy_hash):
    """What is known of a policy by its hash of 32 bytes: "default of AzureGuest on shared instances". None: nothing."""
    return _swig.azattest_policy_known_name(policy_hash)
