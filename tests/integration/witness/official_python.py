"""Every call of Azure's Python SDK for attestation, written as its users write it. The package is a parameter:

    python official_python.py azure.security.attestation CONFIGURATION [CASE...]    (also azure.security.attestation.aio)
    python official_python.py azattest CONFIGURATION [CASE...]      (also azattest+aio: with asynchronous credentials)

Nothing below knows which one it is, and errors are azure-core's. One JSON line for each case: what it gave, or what went
wrong. witness.py judges the lines.
"""

import asyncio
import base64
import hashlib
import importlib
import json
import os
import sys
import traceback
import unittest.mock

import azure.identity
import azure.identity.aio
from azure.core.exceptions import (ClientAuthenticationError, HttpResponseError, ResourceNotFoundError,
                                   ServiceRequestError)

CASES = []


def case(function):
    CASES.append(function)
    return function


class Blocking:
    """An asynchronous client or credential, each call of it run to its end."""

    loop = asyncio.new_event_loop()

    def __init__(self, inner):
        self.inner = inner

    def __getattr__(self, name):
        attribute = getattr(self.inner, name)

        def call(*arguments, **options):
            result = attribute(*arguments, **options)
            return self.loop.run_until_complete(result) if asyncio.iscoroutine(result) else result

        return call if callable(attribute) else attribute

    def __enter__(self):
        self.loop.run_until_complete(self.inner.__aenter__())
        return self

    def __exit__(self, *exc):
        self.loop.run_until_complete(self.inner.__aexit__(*exc))


class World:
    """What the cases work with: the package under its official name, the instances, credentials, evidence, keys."""

    def __init__(self, package, configuration):
        self.asynchronous = package.endswith(".aio")
        package, _, asynchronous_credentials = package.partition("+")
        self.credentials = azure.identity.aio if self.asynchronous or asynchronous_credentials else azure.identity
        self.clients = importlib.import_module(package)
        self.sdk = importlib.import_module(package.removesuffix(".aio"))
        self.__dict__.update(configuration)
        self.connection = {"connection_verify": self.ca_file}
        self.authority = {"authority": self.identity["authority_host"], "disable_instance_discovery": True, **self.connection}
        # said to the clients because the endpoint is not of a cloud that tells it
        self.options = {**self.connection, "credential_scopes": ["https://attest.azure.net/.default"]}
        for name in ("quote", "report", "runtime_data", "simulated_quote", "forged_quote"):
            with open(configuration[name], "rb") as file:
                setattr(self, name, file.read())
        self.keys = {}
        for name, (key, certificate) in configuration["keys"].items():
            with open(key, encoding="ascii") as key_file, open(certificate, encoding="ascii") as certificate_file:
                self.keys[name] = {"signing_key": key_file.read(), "signing_certificate": certificate_file.read()}

    def credential(self, **changes):
        identity = {**self.identity, **changes}
        return self.credentials.ClientSecretCredential(identity["tenant_id"], identity["client_id"],
                                                       identity["client_secret"], **self.authority)

    def client(self, instance="aad", **options):
        client = self.clients.AttestationClient(self.instances[instance], self.credential(), **self.options, **options)
        return Blocking(client) if self.asynchronous else client

    def admin(self, instance="aad", credential=None, **options):
        client = self.clients.AttestationAdministrationClient(self.instances[instance],
                                                              credential or self.credential(), **self.options, **options)
        return Blocking(client) if self.asynchronous else client


def equal(seen, wanted):
    if seen != wanted:
        raise AssertionError(f"{seen!r} instead of {wanted!r}")


def check(truth, what):
    if not truth:
        raise AssertionError(what)


def raises(kind, call, *arguments, **options):
    """The exception of that class, or one below it; a call that comes back is a failure."""
    try:
        result = call(*arguments, **options)
    except kind as error:
        return error
    raise AssertionError(f"accepted, expected {kind.__name__}; the result is {type(result).__name__}")


def seconds(later, earlier):
    return (later - earlier).total_seconds()


def refused(answer, call, *arguments, **options):
    """The service refuses with that status and code."""
    error = raises(HttpResponseError, call, *arguments, **options)
    equal(f"{error.status_code} {error.error.code}", answer)
    return str(error)


def thumbprint(pem):
    body = "".join(line for line in pem.splitlines() if "-----" not in line)
    return hashlib.sha1(base64.b64decode(body)).hexdigest().upper()


# ------------------------------------------------------------------------------------------------- AttestationClient


@case
def client_get_open_id_metadata(world):
    with world.client() as client:
        metadata = client.get_open_id_metadata()
    equal(metadata["issuer"], world.instances["aad"])
    equal(metadata.get("jwks_uri"), world.instances["aad"] + "/certs")
    check("claims_supported" in metadata, "no claims_supported")
    return sorted(metadata)


@case
def client_get_signing_certificates(world):
    with world.client() as client:
        signers = client.get_signing_certificates()
    check(len(signers) > 0, "no signers")
    check(signers[0].certificates[0].startswith("-----BEGIN CERTIFICATE-----"), "no PEM")
    return [(signer.key_id, [thumbprint(pem) for pem in signer.certificates]) for signer in signers]


@case
def client_close(world):
    client = world.client()
    client.get_open_id_metadata()
    equal(client.close(), None)


def described(result):
    """Every member of an AttestationResult, except those that differ from call to call."""
    check(len(result.unique_id) == 64, "unique_id")
    return {name: getattr(result, name) for name in (
        "issuer", "nonce", "version", "runtime_claims", "inittime_claims", "policy_claims", "verifier_type",
        "policy_signer", "is_debuggable", "product_id", "mr_enclave", "mr_signer", "svn",
        "sgx_collateral")} | {"policy_hash": result.policy_hash.hex(),
                              "enclave_held_data": result.enclave_held_data and result.enclave_held_data.hex()}


def described_token(token):
    """Every member of an AttestationToken, except those that differ from call to call."""
    check(len(token.signature_bytes) >= 256, "signature_bytes")
    equal(json.loads(token.header_bytes)["alg"], token.algorithm)
    equal(json.loads(token.body_bytes)["iss"], token.issuer)
    equal(str(token), token.to_jwt_string())
    return {name: getattr(token, name) for name in (
        "algorithm", "key_id", "content_type", "critical", "key_url", "x509_url", "type", "certificate_thumbprint",
        "certificate_sha256_thumbprint", "issuer", "x509_certificate_chain")} | {
            "lives": seconds(token.expires, token.issued), "early": seconds(token.not_before, token.issued)}


@case
def client_attest_sgx_enclave(world):
    with world.client() as client:
        result, token = client.attest_sgx_enclave(world.quote)
    equal(result.enclave_held_data, None)
    return described(result), described_token(token)


@case
def client_attest_sgx_enclave_with_runtime_data(world):
    with world.client() as client:
        result, _ = client.attest_sgx_enclave(world.quote, runtime_data=world.runtime_data)
    equal(result.enclave_held_data, world.runtime_data)
    return described(result)


@case
def client_attest_sgx_enclave_with_runtime_json(world):
    with world.client() as client:
        result, _ = client.attest_sgx_enclave(world.simulated_quote, runtime_json=world.runtime_json.encode())
    equal(result.runtime_claims, json.loads(world.runtime_json))
    return described(result)


@case
def client_attest_sgx_enclave_with_a_draft_policy(world):
    with world.client() as client:
        result, token = client.attest_sgx_enclave(world.quote, draft_policy=world.policy)
    equal(token.algorithm, "none")
    return described(result)


def refused_init_time(world, **data):
    """No enclave here binds init-time data: that it came there shows in what the service says about it."""
    with world.client() as client:
        text = refused("400 InvalidParameter", client.attest_sgx_enclave, world.quote, **data)
    check("KSS" in text, f"the service did not see init-time data: {text}")


@case
def client_attest_sgx_enclave_with_inittime_data(world):
    refused_init_time(world, inittime_data=b"config")


@case
def client_attest_sgx_enclave_with_inittime_json(world):
    refused_init_time(world, inittime_json=b'{"config":1}')


@case
def client_attest_sgx_enclave_checks_its_arguments(world):
    with world.client() as client:
        for options in ({"runtime_data": b"a", "runtime_json": b"{}"}, {"inittime_data": b"a", "inittime_json": b"{}"},
                        {"runtime_json": b"{no json"}, {"inittime_json": b"{no json"}):
            raises(ValueError, client.attest_sgx_enclave, world.quote, **options)


@case
def client_attest_sgx_enclave_refuses_a_forged_quote(world):
    with world.client() as client:
        refused("400 InvalidQuote", client.attest_sgx_enclave, world.forged_quote)


@case
def client_attest_open_enclave(world):
    with world.client("isolated") as client:
        result, token = client.attest_open_enclave(world.report)
    return described(result), described_token(token)


@case
def client_attest_open_enclave_with_runtime_data(world):
    with world.client("shared") as client:
        result, _ = client.attest_open_enclave(world.report, runtime_data=world.runtime_data)
    equal(result.enclave_held_data, world.runtime_data)
    return described(result)


@case
def client_attest_open_enclave_with_a_draft_policy(world):
    with world.client() as client:
        result, token = client.attest_open_enclave(world.report, draft_policy=world.policy)
    equal(token.algorithm, "none")
    return described(result)


@case
def client_attest_open_enclave_refuses_a_quote(world):
    with world.client() as client:
        refused("400 InvalidParameter", client.attest_open_enclave, world.forged_quote)


@case
def client_attest_tpm(world):
    with world.admin() as admin, world.client() as client:
        admin.set_policy(world.sdk.AttestationType.TPM, world.tpm_policy)
        answer = json.loads(client.attest_tpm(json.dumps({"payload": {"type": "aikcert"}})))
        admin.reset_policy(world.sdk.AttestationType.TPM)
    check(answer["payload"]["challenge"], "no challenge")
    return sorted(answer), sorted(answer["payload"])


@case
def client_calls_the_validation_callback(world):
    seen = []

    def callback(token, signer):
        seen.append((token.issuer, signer and signer.certificates[0][:27]))

    with world.client(validation_callback=callback) as client:
        client.attest_sgx_enclave(world.quote)
    with world.client() as client:
        client.attest_sgx_enclave(world.quote, validation_callback=callback)
    equal(seen, [(world.instances["aad"], "-----BEGIN CERTIFICATE-----")] * 2)


@case
def client_validation_callback_refuses(world):
    def callback(token, signer):
        raise world.sdk.AttestationTokenValidationException("not this one")

    with world.client() as client:
        error = raises(ValueError, client.attest_sgx_enclave, world.quote, validation_callback=callback)
    check(isinstance(error, world.sdk.AttestationTokenValidationException), "another class")
    check("not this one" in str(error), "another text")


@case
def client_validates_the_issuer_when_asked(world):
    with world.client(validate_issuer=True, issuer=world.instances["aad"]) as client:
        client.attest_sgx_enclave(world.quote)
        raises(world.sdk.AttestationTokenValidationException, client.attest_sgx_enclave, world.quote,
               issuer="https://other.example")


@case
def client_validates_nothing_when_asked(world):
    with world.client(validate_token=False) as client:
        result, _ = client.attest_sgx_enclave(world.quote)
    return described(result)


@case
def client_refuses_a_token_of_the_future(world):
    with world.client("ahead") as client:
        raises(world.sdk.AttestationTokenValidationException, client.attest_sgx_enclave, world.quote)
        client.attest_sgx_enclave(world.quote, validation_slack=7200.0)
        client.attest_sgx_enclave(world.quote, validate_not_before=False)


@case
def client_refuses_an_unsigned_reply(world):
    with world.client("unsigned") as client:
        raises(world.sdk.AttestationTokenValidationException, client.attest_sgx_enclave, world.quote)


@case
def client_leaves_out_not_before_by_its_documented_name(world):
    with world.client("ahead", validate_not_before_time=False) as client:
        client.attest_sgx_enclave(world.quote)


@case
def client_cannot_reach_a_service(world):
    client = world.clients.AttestationClient("https://127.0.0.1:9", world.credential(), retry_total=0, **world.options)
    with Blocking(client) if world.asynchronous else client as client:
        raises(ServiceRequestError, client.attest_sgx_enclave, world.quote)


@case
def client_needs_a_credential(world):
    raises(ValueError, world.clients.AttestationClient, world.instances["aad"], None)


# ----------------------------------------------------------------------------------- AttestationAdministrationClient


@case
def admin_get_policy(world):
    with world.admin("shared") as admin:
        policies = {kind: admin.get_policy(kind)[0] for kind in (world.sdk.AttestationType.SGX_ENCLAVE, "OpenEnclave",
                                                                  world.sdk.AttestationType.TPM)}
    check("permit()" in policies["SgxEnclave"], "no default policy")
    return policies


def roll(world, instance, kind, signing, policy=None):
    """Sets a policy, checks the hash as the SDK's sample does, reads it back, resets it."""
    policy = policy or world.policy
    with world.admin(instance) as admin:
        before, _ = admin.get_policy(kind)
        result, token = admin.set_policy(kind, policy, **signing)
        equal(result.policy_resolution, world.sdk.PolicyModification.UPDATED)
        sent = world.sdk.AttestationPolicyToken(policy, **signing)
        if not sent.algorithm.startswith("ES"):  # no two ECDSA signatures are alike: the token cannot be made again
            equal(result.policy_token_hash, hashlib.sha256(sent.to_jwt_string().encode("utf-8")).digest())
        signer = result.policy_signer and [thumbprint(pem) for pem in result.policy_signer.certificates]
        after, _ = admin.get_policy(kind)
        equal(after, policy)
        gone, _ = admin.reset_policy(kind, **signing)
        equal(gone.policy_resolution, world.sdk.PolicyModification.REMOVED)
        equal(admin.get_policy(kind)[0], before)
    return described_token(token), signer


@case
def admin_set_policy_unsigned(world):
    return roll(world, "aad", world.sdk.AttestationType.SGX_ENCLAVE, {})


@case
def admin_set_policy_signed(world):
    signing = world.keys["other"]
    equal(roll(world, "aad", world.sdk.AttestationType.OPEN_ENCLAVE, signing)[1], [thumbprint(signing["signing_certificate"])])


@case
def admin_set_policy_signed_with_an_ec_key(world):
    signing = world.keys["ec"]
    equal(roll(world, "aad", world.sdk.AttestationType.SGX_ENCLAVE, signing)[1], [thumbprint(signing["signing_certificate"])])


@case
def admin_set_policy_signed_on_isolated(world):
    signing = world.keys["registered"]
    equal(roll(world, "isolated", "SgxEnclave", signing)[1], [thumbprint(signing["signing_certificate"])])


@case
def admin_set_policy_beyond_ascii(world):
    roll(world, "aad", "SgxEnclave", {}, world.policy + " // é")


@case
def admin_keys_of_the_constructor_sign(world):
    with world.admin("isolated", **world.keys["registered"]) as admin:
        result, _ = admin.set_policy("OpenEnclave", world.policy)
        equal(result.policy_resolution, "Updated")
        equal(admin.reset_policy("OpenEnclave")[0].policy_resolution, "Removed")


@case
def admin_reset_policy(world):
    """Idempotent, and it says neither hash nor signer."""
    with world.admin() as admin:
        for _ in range(2):
            result, token = admin.reset_policy(world.sdk.AttestationType.OPEN_ENCLAVE)
            equal((result.policy_resolution, result.policy_token_hash, result.policy_signer), ("Removed", None, None))
    return described_token(token)


@case
def admin_set_policy_unsigned_on_isolated_is_refused(world):
    with world.admin("isolated") as admin:
        refused("400 InvalidOperation", admin.set_policy, "SgxEnclave", world.policy)
        refused("400 InvalidOperation", admin.reset_policy, "SgxEnclave")


@case
def admin_set_policy_with_an_unregistered_key_is_refused(world):
    with world.admin("isolated") as admin:
        refused("400 InvalidOperation", admin.set_policy, "SgxEnclave", world.policy, **world.keys["other"])


@case
def admin_set_policy_on_shared_is_refused(world):
    with world.admin("shared") as admin:
        equal(raises(HttpResponseError, admin.set_policy, "SgxEnclave", world.policy).status_code, 403)


@case
def admin_key_and_certificate_are_a_pair(world):
    key, other = world.keys["registered"], world.keys["other"]
    mixed = {**key, "signing_certificate": other["signing_certificate"]}
    with world.admin() as admin:
        for signing in ({"signing_key": key["signing_key"]}, {"signing_certificate": key["signing_certificate"]}, mixed):
            raises(ValueError, admin.set_policy, "SgxEnclave", world.policy, **signing)
            raises(ValueError, world.sdk.AttestationPolicyToken, world.policy, **signing)
            raises(ValueError, world.admin, **signing)


@case
def admin_get_policy_management_certificates(world):
    found = {}
    for instance in ("aad", "shared", "isolated"):
        with world.admin(instance) as admin:
            chains, _ = admin.get_policy_management_certificates()
        found[instance] = [[thumbprint(pem) for pem in chain] for chain in chains]
    equal(found, {"aad": [], "shared": [], "isolated": [[thumbprint(world.keys["registered"]["signing_certificate"])]]})


def add_and_remove(world, added):
    certificate = world.keys[added]["signing_certificate"]
    with world.admin("isolated") as admin:
        add, _ = admin.add_policy_management_certificate(certificate, **world.keys["registered"])
        equal(add.certificate_resolution, world.sdk.CertificateModification.IS_PRESENT)
        equal(add.certificate_thumbprint, thumbprint(certificate))
        equal(len(admin.get_policy_management_certificates()[0]), 2)
        gone, token = admin.remove_policy_management_certificate(certificate, **world.keys["registered"])
        equal(gone.certificate_resolution, "IsAbsent")
        equal(gone.certificate_thumbprint, add.certificate_thumbprint)
        equal(len(admin.get_policy_management_certificates()[0]), 1)
    return described_token(token)


@case
def admin_add_policy_management_certificate(world):
    return add_and_remove(world, "other")


@case
def admin_add_policy_management_certificate_of_an_ec_key(world):
    return add_and_remove(world, "ec")


@case
def admin_remove_policy_management_certificate_that_is_not_there(world):
    with world.admin("isolated", **world.keys["registered"]) as admin:
        gone, _ = admin.remove_policy_management_certificate(world.keys["ec"]["signing_certificate"])
    equal(gone.certificate_resolution, world.sdk.CertificateModification.IS_ABSENT)


@case
def admin_certificate_changes_need_a_registered_key(world):
    certificate, other = world.keys["ec"]["signing_certificate"], world.keys["other"]
    with world.admin("isolated") as admin:
        raises(ValueError, admin.add_policy_management_certificate, certificate)
        raises(ValueError, admin.remove_policy_management_certificate, certificate)
        refused("400 InvalidOperation", admin.add_policy_management_certificate, certificate, **other)
        refused("400 InvalidOperation", admin.remove_policy_management_certificate, certificate, **other)


@case
def admin_the_last_certificate_stays(world):
    registered = world.keys["registered"]
    with world.admin("isolated") as admin:
        refused("400 InvalidOperation", admin.remove_policy_management_certificate, registered["signing_certificate"],
                **registered)


@case
def admin_certificates_of_an_aad_instance_are_refused(world):
    registered = world.keys["registered"]
    with world.admin() as admin:
        refused("400 InvalidOperation", admin.add_policy_management_certificate, registered["signing_certificate"],
                **registered)


@case
def admin_a_wrong_secret_is_an_authentication_error(world):
    with world.admin(credential=world.credential(client_secret="wrong")) as admin:
        raises(ClientAuthenticationError, admin.get_policy, "SgxEnclave")


def read_with(world, credential):
    with world.admin(credential=credential) as admin:
        check("permit()" in admin.get_policy("SgxEnclave")[0], "no policy")


@case
def admin_with_a_certificate_credential(world):
    identity = world.identity
    read_with(world, world.credentials.CertificateCredential(
        identity["tenant_id"], identity["client_id"], identity["client_certificate_file"], **world.authority))


@case
def admin_with_a_workload_identity(world):
    identity = world.identity
    read_with(world, world.credentials.WorkloadIdentityCredential(
        tenant_id=identity["tenant_id"], client_id=identity["client_id"],
        token_file_path=identity["federated_token_file"], **world.authority))


@case
def admin_with_a_managed_identity(world):
    with unittest.mock.patch.dict(os.environ, AZURE_POD_IDENTITY_AUTHORITY_HOST=world.identity["imds_endpoint"]):
        read_with(world, world.credentials.ManagedIdentityCredential())


@case
def admin_with_an_environment_credential(world):
    variables = {f"AZURE_{name.upper()}": world.identity[name] for name in ("tenant_id", "client_id", "client_secret")}
    with unittest.mock.patch.dict(os.environ, variables):
        read_with(world, world.credentials.EnvironmentCredential(**world.authority))


@case
def admin_a_reader_may_read_and_not_change(world):
    read_with(world, world.credential(**world.identity["reader"]))
    with world.admin(credential=world.credential(**world.identity["reader"])) as admin:
        equal(raises(HttpResponseError, admin.set_policy, "SgxEnclave", world.policy).status_code, 403)


@case
def admin_an_unknown_type_is_refused(world):
    with world.admin() as admin:
        raises(ResourceNotFoundError, admin.get_policy, "NoSuchEnclave")


@case
def admin_needs_a_credential(world):
    raises(ValueError, world.clients.AttestationAdministrationClient, world.instances["aad"], None)


@case
def admin_close(world):
    admin = world.admin()
    admin.get_policy("SgxEnclave")
    equal(admin.close(), None)


# --------------------------------------------------------------------------------------------------- tokens and models


@case
def token_of_a_policy_is_readable(world):
    signing = world.keys["registered"]
    unsigned, signed = world.sdk.AttestationPolicyToken(world.policy), world.sdk.AttestationPolicyToken(world.policy, **signing)
    equal((unsigned.algorithm, unsigned.signature_bytes), ("none", b""))
    body = json.loads(signed.body_bytes)
    equal(list(body), ["AttestationPolicy"])
    equal(base64.urlsafe_b64decode(body["AttestationPolicy"] + "==").decode(), world.policy)
    equal(json.loads(unsigned.body_bytes), body)


@case
def policy_tokens(world):
    """What would be sent, unsigned and signed."""
    return [world.sdk.AttestationPolicyToken(world.policy, **signing).to_jwt_string()
            for signing in ({}, world.keys["registered"])]


@case
def token_from_text(world):
    with world.client() as client:
        _, token = client.attest_sgx_enclave(world.quote)
    equal(described_token(world.sdk.AttestationToken(token=token.to_jwt_string())), described_token(token))
    raises(ValueError, world.sdk.AttestationToken, token="no.token")


@case
def token_with_a_body(world):
    token = world.sdk.AttestationToken(body={"a": 1}, **world.keys["registered"])
    equal(json.loads(token.body_bytes), {"a": 1})
    return len(token.signature_bytes)


@case
def token_names_its_signers_certificate(world):
    """A key set of its own, as a relying party makes one."""
    certificate = world.keys["registered"]["signing_certificate"]
    signer = world.sdk.AttestationSigner([certificate], "a-key")
    return signer.key_id, [thumbprint(pem) for pem in signer.certificates]


@case
def token_sha256_thumbprint(world):
    part = base64.urlsafe_b64encode(json.dumps({"alg": "none", "x5t#S256": "abc"}).encode()).decode().rstrip("=")
    equal(world.sdk.AttestationToken(token=part + "..").certificate_sha256_thumbprint, "abc")


@case
def result_policy_signer(world):
    """An attestation token names who signed the policy that let it through."""
    signing = world.keys["registered"]
    with world.admin("isolated") as admin, world.client("isolated") as client:
        admin.set_policy("SgxEnclave", world.policy, **signing)
        try:
            result, _ = client.attest_sgx_enclave(world.quote)
        finally:
            admin.reset_policy("SgxEnclave", **signing)
    equal([thumbprint(pem) for pem in result.policy_signer.certificates], [thumbprint(signing["signing_certificate"])])


@case
def policies_govern_attestation(world):
    """Each real policy is set, unsigned and signed, and governs the next call: the claims that it issues, or the refusal."""
    outcomes = {}
    for instance, signing in (("aad", {}), ("isolated", world.keys["registered"])):
        with world.admin(instance) as admin, world.client(instance) as client:
            for name, text in world.policies.items():
                result, _ = admin.set_policy("SgxEnclave", text, **signing)
                equal(result.policy_resolution, "Updated")
                try:
                    _, token = client.attest_sgx_enclave(world.quote)
                    claims = json.loads(token.body_bytes)
                    outcome = claims.get("x-ms-policy", {})
                    equal({claim: claims.get(claim) for claim in outcome}, outcome)
                except HttpResponseError as error:
                    equal(error.status_code, 400)
                    outcome = error.error.code
                equal(outcomes.setdefault(name, outcome), outcome)
            admin.reset_policy("SgxEnclave", **signing)
    return outcomes


@case
def admin_set_policy_with_an_error(world):
    """What is in force stays. Texts beyond ASCII the SDK cannot send."""
    for instance, signing in (("aad", {}), ("isolated", world.keys["registered"])):
        with world.admin(instance) as admin:
            before, _ = admin.get_policy("SgxEnclave")
            for name, text in world.invalid_policies.items():
                if text.isascii():
                    message = refused("400 PolicyParsingError", admin.set_policy, "SgxEnclave", text, **signing)
                    check("Native operation failed with 65526" in message and "Failing rule: '" in message, f"{name}: {message}")
            equal(admin.get_policy("SgxEnclave")[0], before)


@case
def enumerations(world):
    sdk = world.sdk
    equal([sdk.AttestationType.SGX_ENCLAVE, sdk.AttestationType.OPEN_ENCLAVE, sdk.AttestationType.TPM],
          ["SgxEnclave", "OpenEnclave", "Tpm"])
    equal([sdk.PolicyModification.UPDATED, sdk.PolicyModification.REMOVED], ["Updated", "Removed"])
    equal([sdk.CertificateModification.IS_PRESENT, sdk.CertificateModification.IS_ABSENT], ["IsPresent", "IsAbsent"])
    for name in ("AttestationPolicyResult", "AttestationPolicyCertificateResult", "AttestationResult", "AttestationSigner"):
        check(isinstance(getattr(sdk, name), type), name)


def main():
    package, configuration = sys.argv[1:3]
    with open(configuration, encoding="utf-8") as file:
        world = World(package, json.load(file))
    for function in CASES:
        if sys.argv[3:] and function.__name__ not in sys.argv[3:]:
            continue
        line = {"case": function.__name__}
        try:
            line["gave"] = json.loads(json.dumps(function(world)))
        except Exception as error:  # every failure is a line; the judgement is another's
            where = traceback.extract_tb(error.__traceback__)[-1]
            line["problem"] = f"{type(error).__name__}: {error} ({where.name})"
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
