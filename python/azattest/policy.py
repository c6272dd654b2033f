"""Policies in one line, for a REPL and for scripts.

The calls take a `client`, or an `endpoint` with `credential` and the other keywords of AttestationAdministrationClient;
without either the environment variable AZATTEST_ENDPOINT names the instance. Without a credential DefaultAzureCredential
looks for one. The rest sends nothing.
"""

from ._admin import (
    AttestationAdministrationClient,
    AttestationSigningKey,
    PolicyResult,
    StoredAttestationPolicy,
    create_policy_token,
    policy_hash,
    policy_token_hash,
)
from .attest import with_client

__all__ = [
    "AttestationAdministrationClient",
    "AttestationSigningKey",
    "PolicyResult",
    "StoredAttestationPolicy",
    "create_policy_token",
    "get_policy",
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
