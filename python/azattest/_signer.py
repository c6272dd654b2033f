"""Keys that the service signs with."""

from .swig import _swig


def wrap(cls, handle):
    """An object of the facade around an object of the library; None for none."""
    if handle is None:
        return None
    self = object.__new__(cls)
    self._handle = handle
    return self


def _certificate(pem):
    """The base64 of one PEM certificate."""
    start, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
    before, found, rest = pem.partition(start)
    text, ended, after = rest.partition(end)
    if not found or not ended or before.strip() or after.strip():
        raise ValueError("certificates: one certificate as PEM text expected in each item")
    return text


class AttestationSigner:
    """One key that the service or a policy's author signs with. Comes from a key set, a validated token or a policy;
    immutable. As a sequence it is its certificates in PEM."""

    __slots__ = ("_handle",)

    def __init__(self, certificates, key_id=None):
        """Of PEM certificates, leaf first. Others come from AttestationSigners, a token, or a policy."""
        import json

        certificates = list(certificates)
        key = {"x5c": ["".join(_certificate(pem).split()) for pem in certificates]}
        key["kty"] = AttestationSigners.parse(certificates[0]).at(0).key_type if certificates else None
        if key_id is not None:
            key["kid"] = key_id
        signers = AttestationSigners.parse(json.dumps({"keys": [key]}))
        self._handle = signers.at(0)._handle

    @property
    def key_id(self):
        """`kid` of the key, or None."""
        return _swig.azattest_signer_key_id(self._handle)

    @property
    def key_type(self):
        """"RSA" or "EC"; None when the key cannot be used."""
        return _swig.azattest_signer_key_type(self._handle)

    @property
    def key_bits(self):
        """Size of the key in bits; 0 when it cannot be used."""
        return _swig.azattest_signer_key_bits(self._handle)

    @property
    def problem(self):
        """Why the key or its certificates cannot be used at all, or None."""
        return _swig.azattest_signer_problem(self._handle)

    @property
    def certificates(self):
        """The certificates as PEM text, leaf first."""
        count = _swig.azattest_signer_certificate_count(self._handle)
        return [_swig.azattest_signer_certificate_pem(self._handle, i) for i in range(count)]

    @property
    def certificates_der(self):
        """The certificates as DER, leaf first."""
        count = _swig.azattest_signer_certificate_count(self._handle)
        return [_swig.azattest_signer_certificate_der(self._handle, i) for i in range(count)]

    @property
    def public_key_pem(self):
        """The public key as PEM text; None when it cannot be used."""
        return _swig.azattest_signer_public_key_pem(self._handle)

    def __len__(self):
        return _swig.azattest_signer_certificate_count(self._handle)

    def __getitem__(self, index):
        return self.certificates[index]

    def __bool__(self):
        return True

    def __repr__(self):
        return "AttestationSigner(key_id=%r, key_type=%r, key_bits=%d, certificates=%d)" % (
            self.key_id,
            self.key_type,
            self.key_bits,
            _swig.azattest_signer_certificate_count(self._handle),
        )


class AttestationSigners:
    """A key set: a sequence of AttestationSigner."""

    __slots__ = ("_handle",)

    def __init__(self):
        raise TypeError("AttestationSigners come from AttestationSigners.parse() or get_signing_certificates()")

    @staticmethod
    def parse(text):
        """Reads JWKS text, or PEM text with certificates or public keys; str or bytes."""
        return wrap(AttestationSigners, _swig.azattest_signers_parse(text))

    @property
    def count(self):
        """Number of entries, as len() says it."""
        return _swig.azattest_signers_count(self._handle)

    @property
    def jwks(self):
        """The set as JWKS text that parse() reads back."""
        return _swig.azattest_signers_jwks(self._handle).decode()

    def at(self, index):
        """The entry at `index`, counted from 0; None past the end."""
        return wrap(AttestationSigner, _swig.azattest_signers_at(self._handle, index)) if index >= 0 else None

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        if isinstance(index, slice):
            return [self.at(i) for i in range(*index.indices(self.count))]
        signer = self.at(index + self.count if index < 0 else index)
        if signer is None:
            raise IndexError("there are %d signers" % self.count)
        return signer

    def __repr__(self):
        return "AttestationSigners(count=%d)" % self.count

    def __reduce__(self):
        return (AttestationSigners.parse, (self.jwks,))


AttestationSigner.__module__ = AttestationSigners.__module__ = "azattest"
