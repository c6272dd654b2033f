"""The administration of one instance: policies, and the certificates whose keys may sign them."""

from .swig import _swig
from . import _options
from ._client import taken
from ._instance import Blocking, speaks_as
from ._signer import AttestationSigner, AttestationSigners, wrap
from ._token import AttestationToken


class AttestationSigningKey:
    """A private key and its certificate, both as PEM text; the pair has to match.

    RSA from 2048 bits, or EC on P-256, P-384 or P-521. `passphrase` opens an encrypted key. `algorithm` is chosen by the
    key (RS256, ES256, ES384, ES512); RS384, RS512 and PS256 to PS512 may be asked for. Immutable; never pickled.
    """

    __slots__ = ("_handle",)

    def __init__(self, signing_key, certificate, *, passphrase=None, algorithm=None):
        options = {"passphrase": passphrase, "algorithm": algorithm}
        self._handle = _swig.azattest_signing_key_new(
            signing_key, certificate, _options.convert(_options.SIGNING_KEY, options)
        )

    @property
    def algorithm(self):
        """The algorithm that it signs with, for instance "RS256"."""
        return _swig.azattest_signing_key_algorithm(self._handle)

    @property
    def key_type(self):
        """"RSA" or "EC"."""
        return _swig.azattest_signing_key_key_type(self._handle)

    @property
    def certificate_pem(self):
        """The key's certificate as PEM text."""
        return _swig.azattest_signing_key_certificate_pem(self._handle)

    def __repr__(self):
        return "AttestationSigningKey(algorithm=%r, key_type=%r)" % (self.algorithm, self.key_type)

    def __reduce__(self):
        raise TypeError("an AttestationSigningKey is not pickled: its key would leave the process")


def signing_key_of(signing_key, signing_certificate):
    """The AttestationSigningKey of a pair of PEM texts, or the one that is given; None for neither."""
    if signing_key is None and signing_certificate is None:
        return None
    if isinstance(signing_key, AttestationSigningKey):
        if signing_certificate is not None:
            raise TypeError("signing_certificate: the AttestationSigningKey has one of its own")
        return signing_key
    if signing_key is None or signing_certificate is None:
        raise ValueError("signing_key and signing_certificate come as a pair")
    return AttestationSigningKey(signing_key, signing_certificate)


def _handle_of(key):
    return None if key is None else key._handle


class StoredAttestationPolicy:
    """The body of a policy token: the text of one policy."""

    __slots__ = ("_handle",)

    def __init__(self, attestation_policy):
        self._handle = _swig.azattest_stored_attestation_policy_new(attestation_policy)

    @staticmethod
    def parse(token):
        """Reads the body of a policy token (AttestationToken, str or bytes). Says nothing about who signed it."""
        if not isinstance(token, AttestationToken):
            token = AttestationToken.parse(token)
        return wrap(StoredAttestationPolicy, _swig.azattest_stored_attestation_policy_parse(token._handle))

    @property
    def attestation_policy(self):
        """The text of the policy."""
        return _swig.azattest_stored_attestation_policy_attestation_policy(self._handle)

    @property
    def json(self):
        """The body as JSON text, as a token carries it; None for an empty body."""
        body = _swig.azattest_stored_attestation_policy_json(self._handle)
        return None if body is None else body.decode()

    def __repr__(self):
        return "StoredAttestationPolicy(%r)" % self.attestation_policy

    def __eq__(self, other):
        return self.json == other.json if isinstance(other, StoredAttestationPolicy) else NotImplemented

    def __hash__(self):
        return hash(self.json)

    def __reduce__(self):
        return (StoredAttestationPolicy, (self.attestation_policy,))


class PolicyResult:
    """What became of a policy."""

    __slots__ = ("_handle",)

    def __init__(self):
        raise TypeError("a PolicyResult comes from set_policy() or reset_policy()")

    @property
    def policy_resolution(self):
        """PolicyModification.UPDATED or REMOVED, or other text; None when the policy was only read."""
        from ._enums import PolicyModification, known

        return known(PolicyModification, _swig.azattest_policy_result_policy_resolution(self._handle))

    @property
    def policy_token_hash(self):
        """32 bytes: the hash of the policy token that the service stored; None but after a policy was set."""
        return _swig.azattest_policy_result_policy_token_hash(self._handle)

    @property
    def policy_signer(self):
        """Who signed the policy, as AttestationSigner; None for an unsigned one."""
        return wrap(AttestationSigner, _swig.azattest_policy_result_policy_signer(self._handle))

    @property
    def policy(self):
        """The stored policy token as compact text; None unless the policy was read."""
        return _swig.azattest_policy_result_policy(self._handle)

    @property
    def policy_text(self):
        """The text of the policy, perhaps empty; None unless the policy was read."""
        return _swig.azattest_policy_result_policy_text(self._handle)

    def __repr__(self):
        token_hash = self.policy_token_hash
        return "PolicyResult(policy_resolution=%r, policy_token_hash=%r, policy_signer=%r)" % (
            str(self.policy_resolution),
            token_hash and token_hash.hex(),
            self.policy_signer,
        )


class PolicyCertificatesModificationResult:
    """What became of a policy-management certificate."""

    __slots__ = ("_handle",)

    def __init__(self):
        raise TypeError("a PolicyCertificatesModificationResult comes from adding or removing a certificate")

    @property
    def certificate_thumbprint(self):
        """SHA-1 of the certificate, hexadecimal, as the service sent it."""
        return _swig.azattest_policy_certificates_modification_result_certificate_thumbprint(self._handle)

    @property
    def certificate_resolution(self):
        """CertificateModification.IS_PRESENT or IS_ABSENT, or other text."""
        from ._enums import CertificateModification, known

        said = _swig.azattest_policy_certificates_modification_result_certificate_resolution(self._handle)
        return known(CertificateModification, said)

    def __repr__(self):
        return "PolicyCertificatesModificationResult(certificate_thumbprint=%r, certificate_resolution=%r)" % (
            self.certificate_thumbprint,
            str(self.certificate_resolution),
        )


def create_policy_token(attestation_policy, signing_key=None, signing_certificate=None):
    """Exactly the token that set_policy() with these arguments sends, as AttestationToken; sends nothing.

    With an RSA key it is the same at each call, except for PS algorithms; ECDSA signatures differ each time.
    """
    key = signing_key_of(signing_key, signing_certificate)
    return wrap(AttestationToken, _swig.azattest_create_policy_token(_options.policy_text(attestation_policy), _handle_of(key)))


def AttestationPolicyToken(policy, *, signing_key=None, signing_certificate=None):
    """create_policy_token() under the name that other SDKs have."""
    return create_policy_token(policy, signing_key, signing_certificate)


def policy_hash(attestation_policy):
    """`x-ms-policy-hash` of tokens that are made under a policy of this text: 32 bytes."""
    return _swig.azattest_policy_hash(_options.policy_text(attestation_policy))


def policy_token_hash(token):
    """`x-ms-policy-token-hash` that setting a policy by this token gives: 32 bytes."""
    return _swig.azattest_policy_token_hash(token.serialize() if isinstance(token, AttestationToken) else token)


def _take_policy_change(op):
    raw, response = taken(op)
    response._value = wrap(PolicyResult, _swig.azattest_response_take_policy_result(raw))
    return response


def _take_policy(op):
    response = _take_policy_change(op)
    result = response._value
    response._value = result.policy_text
    if result.policy is not None:
        response._policy_token = AttestationToken.parse(result.policy)
    response._policy_signer = result.policy_signer
    return response


def _take_certificates(op):
    raw, response = taken(op)
    response._value = wrap(AttestationSigners, _swig.azattest_response_take_certificates(raw))
    return response


def _take_certificate_change(op):
    raw, response = taken(op)
    result = _swig.azattest_response_take_certificates_result(raw)
    response._value = wrap(PolicyCertificatesModificationResult, result)
    return response


@speaks_as("AttestationAdministrationClient")
class _AdministrationCalls:
    """The calls of an AttestationAdministrationClient, without a way of waiting."""

    __slots__ = ()

    def __init__(
        self,
        endpoint,
        credential,
        *,
        signing_key=None,
        signing_certificate=None,
        validation_options=None,
        transport=None,
        **options
    ):
        if credential is None:
            raise ValueError("credential: the administration of an instance needs one, for instance DefaultAzureCredential()")
        self._signing_key = signing_key_of(signing_key, signing_certificate)
        super().__init__(_swig.azattest_admin_client_new, endpoint, validation_options, transport, options, credential)

    @property
    def endpoint(self):
        """The normalised endpoint."""
        return _swig.azattest_admin_client_endpoint(self._open())

    @property
    def api_version(self):
        """The version of the service's interface that calls name."""
        return _swig.azattest_admin_client_api_version(self._open())

    def get_policy(self, attestation_type, *, validation_options=None, **options):
        """The text of the policy for that type; "" when there is none. The response also has `policy_token`, the stored
        token, and `policy_signer`, who signed it."""
        begin = _swig.azattest_admin_client_get_policy_begin
        return self._call(begin, (attestation_type,), _take_policy, None, None, validation_options, options)

    def set_policy(
        self, attestation_type, attestation_policy, *, signing_key=None, signing_certificate=None,
        validation_options=None, **options
    ):
        """Sets the policy (a text, or a Policy) for that type, signed if there is a signing key. The value is a PolicyResult,
        whose hash and signer have been compared with what was sent."""
        arguments = (attestation_type, _options.policy_text(attestation_policy))
        return self._call(
            _swig.azattest_admin_client_set_policy_begin, arguments, _take_policy_change,
            signing_key, signing_certificate, validation_options, options
        )

    def reset_policy(
        self, attestation_type, *, signing_key=None, signing_certificate=None, validation_options=None, **options
    ):
        """Goes back to the default policy for that type. The value is a PolicyResult."""
        return self._call(
            _swig.azattest_admin_client_reset_policy_begin, (attestation_type,), _take_policy_change,
            signing_key, signing_certificate, validation_options, options
        )

    def get_policy_management_certificates(self, *, validation_options=None, **options):
        """The certificates whose keys may sign policies, as AttestationSigners; none but on isolated instances."""
        begin = _swig.azattest_admin_client_get_policy_management_certificates_begin
        return self._call(begin, (), _take_certificates, None, None, validation_options, options)

    def add_policy_management_certificate(
        self, certificate_to_add, *, signing_key=None, signing_certificate=None, validation_options=None, **options
    ):
        """Adds a certificate (PEM text, or DER bytes); signed by the key of one that the instance knows already. The
        value is a PolicyCertificatesModificationResult, whose thumbprint has been compared with what was sent."""
        return self._call(
            _swig.azattest_admin_client_add_policy_management_certificate_begin, (certificate_to_add,),
            _take_certificate_change, signing_key, signing_certificate, validation_options, options
        )

    def remove_policy_management_certificate(
        self, certificate_to_remove, *, signing_key=None, signing_certificate=None, validation_options=None, **options
    ):
        """Removes a certificate; as adding one."""
        return self._call(
            _swig.azattest_admin_client_remove_policy_management_certificate_begin, (certificate_to_remove,),
            _take_certificate_change, signing_key, signing_certificate, validation_options, options
        )

    def _call(self, begin, arguments, take, signing_key, signing_certificate, validation_options, options):
        call = {name: options.pop(name) for name in list(options) if name in _options.POLICY}
        validation = _options.merged(self._validation, validation_options, options)
        key = signing_key_of(signing_key, signing_certificate) or self._signing_key
        members = _options.convert(_options.POLICY, call)
        members["validation"] = validation.members()
        if key is not None:
            members["signing_key"] = key._handle
        return self._complete(self._begin(begin, *arguments, members), take, validation.callback)


class AttestationAdministrationClient(_AdministrationCalls, Blocking):
    """Reads and changes the policies of the instance at `endpoint`, and the certificates whose keys may sign them.

    `credential` is mandatory: what AttestationClient takes. ``signing_key`` and ``signing_certificate`` (PEM text, or an
    AttestationSigningKey alone) are the defaults of the calls that sign. Takes the other keywords of AttestationClient.
    An answer that contradicts the call (another hash, another signer, another certificate) raises. Sends nothing by
    itself.
    """

    __slots__ = ("_signing_key",)


for _cls in (
    AttestationAdministrationClient,
    AttestationPolicyToken,
    AttestationSigningKey,
    PolicyCertificatesModificationResult,
    PolicyResult,
    StoredAttestationPolicy,
    create_policy_token,
):
    _cls.__module__ = "azattest"
