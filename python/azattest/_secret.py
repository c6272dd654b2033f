"""Secure key release: secrets sealed to the key of an attested program, and opened inside."""

from .swig import _swig
from ._options import SECRET, bytes_of, convert


def members(key_id, allow_debug=None):
    return convert(SECRET, {"key_id": key_id, "allow_debug": allow_debug})


def seal_secret(key, secret, key_id=None):
    """Seals a secret (bytes) to a public key: JWK, JWK set or PEM, str or bytes. Gives a compact JWE.

    For the key of an attested program use ``result.seal_secret()``, which takes it from a validated token alone.
    """
    return _swig.azattest_secret_seal(key, members(key_id), bytes_of("secret", secret))


def open_secret(private_key, sealed, passphrase=None):
    """Opens a sealed secret with a private key in PEM (RSA or EC); `passphrase` of an encrypted one. Gives bytes."""
    return _swig.azattest_secret_open(private_key, passphrase, sealed)


def guest_answer_key(sealed):
    """What the guest's TPM has to decrypt (TPM2_RSA_Decrypt, RSAES) of the sealed answer of attest_azure_guest(): bytes."""
    return _swig.azattest_guest_answer_key(sealed)


def open_guest_answer(sealed, inner_key):
    """Opens the sealed answer of attest_azure_guest() with the inner key (32 bytes) that the TPM gave: the token's text.
    Anybody can seal to a public key, so validate it."""
    return _swig.azattest_guest_answer_open(sealed, bytes_of("inner_key", inner_key))


def open_guest_answer_with_key(sealed, private_key, passphrase=None):
    """The same with the private key in PEM (RSA), as a simulated TPM has it."""
    return _swig.azattest_guest_answer_open_with_key(sealed, private_key, passphrase)


for _each in (seal_secret, open_secret, guest_answer_key, open_guest_answer, open_guest_answer_with_key):
    _each.__module__ = "azattest"
