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


seal_secret.__module__ = open_secret.__module__ = "azattest"
