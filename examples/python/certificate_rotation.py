"""Replaces the key that may sign the policies of an isolated instance, and stops when something is not as expected.

Usage: certificate_rotation.py ENDPOINT CA_FILE OLD_KEY OLD_CERTIFICATE NEW_KEY NEW_CERTIFICATE POLICY_FILE

Adds the new certificate by the old key; sets the SGX policy by the new key, which proves that it works; only then removes
the old certificate, by the new key. The keys and certificates are PEM files; POLICY_FILE is best the policy that is in
force. Who calls is found as Azure's tools do: AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET, or a managed
identity, or `az login`; it needs the role Attestation Contributor. CA_FILE "-": the system's certificates.
"""

import sys
from pathlib import Path

import azattest
from azattest import AttestationType

# The public cloud's. The library knows it by itself for instances in Azure; the local service has no cloud.
SCOPE = "https://attest.azure.net/.default"


def expect(holds, otherwise):
    if not holds:
        sys.exit(f"stopped: {otherwise}")


def read_key(key_file, certificate_file):
    return azattest.AttestationSigningKey(Path(key_file).read_bytes(), Path(certificate_file).read_bytes())


def list_certificates(admin, old_key, new_key):
    """Lists the certificates of policy signers: is the old one there, is the new one?"""
    signers = admin.get_policy_management_certificates().value
    certificates = [signer.certificates[0] for signer in signers]
    found = [key.certificate_pem in certificates for key in (old_key, new_key)]
    print(f"certificates  {len(signers)}:", *(f"{name} {'yes' if there else 'no'}" for name, there in zip(("old", "new"), found)))
    return found


def main():
    endpoint, ca_file, *key_files, policy_file = sys.argv[1:]
    old_key, new_key = read_key(*key_files[:2]), read_key(*key_files[2:])
    policy = Path(policy_file).read_bytes().decode()
    credential = azattest.DefaultAzureCredential()
    with azattest.AttestationAdministrationClient(
        endpoint, credential, scopes=SCOPE, ca_file=None if ca_file == "-" else ca_file
    ) as admin:
        old_there, new_there = list_certificates(admin, old_key, new_key)
        expect(old_there, "the old certificate is not there")
        expect(not new_there, "the new one is there already")

        # An answer about another certificate, or with another outcome, raises.
        result = admin.add_policy_management_certificate(new_key.certificate_pem, signing_key=old_key).value
        print(f"{result.certificate_resolution:13} {result.certificate_thumbprint}")
        expect(all(list_certificates(admin, old_key, new_key)), "one of the certificates is not there")

        result = admin.set_policy(AttestationType.SGX_ENCLAVE, policy, signing_key=new_key).value
        print(f"policy        {result.policy_resolution} by the new key")

        result = admin.remove_policy_management_certificate(old_key.certificate_pem, signing_key=new_key).value
        print(f"{result.certificate_resolution:13} {result.certificate_thumbprint}")
        old_there, new_there = list_certificates(admin, old_key, new_key)
        expect(not old_there, "the old one is still there")
        expect(new_there, "the new certificate is not there")


if __name__ == "__main__":
    if len(sys.argv) != 8:
        sys.exit(__doc__)
    try:
        main()
    except (azattest.Error, OSError) as error:
        sys.exit(f"{type(error).__name__}: {error}")
