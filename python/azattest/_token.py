"""Tokens and the typed view of their claims."""

from .swig import _swig
from . import _text
from ._errors import refused
from ._options import NO_OPTIONS, merged
from ._signer import AttestationSigner, wrap


def _json(data):
    if data is None:
        return None
    import json

    return json.loads(data)


def callback_problems(callback, token):
    """What the caller's own check has against a token: problems, empty when there are none. Exceptions pass."""
    answer = callback(token, token.signer)
    if answer is None or answer is True:
        return []
    from ._status import Problem, Status

    if answer is False:
        return [Problem(Status.E_TOKEN_CALLBACK, "the validation callback gave False")]
    if isinstance(answer, str):
        answer = [answer]
    return [
        item if isinstance(item, Problem) else Problem(Status.E_TOKEN_CALLBACK, str(item)) for item in answer
    ]


def check_callback(callback, token):
    problems = callback_problems(callback, token)
    if problems:
        raise refused(problems)


class AttestationToken:
    """One token as the service issues it. ``parse`` trusts nothing; ``validate``, a Verifier or an attest call makes it
    validated. ``str(token)`` is the compact text, ``print(token.pretty())`` a table. A pickled token comes back as its
    text alone: unverified."""

    __slots__ = ("_handle",)

    def __init__(self, *, token=None, body=None, signing_key=None, signing_certificate=None):
        """parse() and create() as Azure's Python SDK spells them: with `token` the one, else the other."""
        if token is not None:
            if (body, signing_key, signing_certificate) != (None, None, None):
                raise TypeError("token: an existing token has a body and a signature of its own")
            self._handle = AttestationToken.parse(token)._handle
        elif (body, signing_key, signing_certificate) != (None, None, None):
            self._handle = AttestationToken.create(body, signing_key, signing_certificate)._handle
        else:
            raise TypeError("tokens come from AttestationToken.parse(text) or create(body), from a Verifier or from a call")

    @staticmethod
    def parse(text):
        """Takes a compact token apart, strictly; str or bytes."""
        return wrap(AttestationToken, _swig.azattest_token_parse(text))

    @staticmethod
    def create(body=None, signing_key=None, signing_certificate=None):
        """Makes a token of a mapping or of JSON text: unsecured, or signed by a key with its certificate (PEM texts, or
        an AttestationSigningKey alone). Without a body the token's is empty."""
        from ._admin import signing_key_of

        if hasattr(body, "keys"):
            import json

            body = json.dumps(body, allow_nan=False, separators=(",", ":"))
        key = signing_key_of(signing_key, signing_certificate)
        return wrap(AttestationToken, _swig.azattest_token_create(body, None if key is None else key._handle))

    def serialize(self):
        """The original text, byte for byte."""
        return _swig.azattest_token_serialize(self._handle).decode()

    __str__ = to_jwt_string = serialize

    def validate(self, signers=None, *, validation_options=None, **options):
        """Validates with the keys of `signers`; sends nothing. Gives the token itself.

        Takes the keywords of AttestationTokenValidationOptions. Needs an `issuer` to compare, unless `validate_issuer`
        is False. Raises AttestationTokenValidationException, which lists every failed check.
        """
        handle, members, callback = self._prepare(signers, validation_options, options)
        if _swig.azattest_token_validate(handle, members) != 0:
            raise RuntimeError("the library neither accepted nor refused the token")
        if callback is not None:
            check_callback(callback, wrap(AttestationToken, handle))
        self._handle = handle
        return self

    def problems(self, signers=None, *, validation_options=None, **options):
        """As validate(), but gives the failed checks as a list; empty when the token is valid."""
        from ._status import Problem, Status

        handle, members, callback = self._prepare(signers, validation_options, options)
        found = _swig.azattest_token_problems(handle, members)
        problems = [
            Problem(Status(_swig.azattest_problems_code(found, i)), _swig.azattest_problems_detail(found, i))
            for i in range(_swig.azattest_problems_count(found))
        ]
        if not problems and callback is not None:
            problems = callback_problems(callback, wrap(AttestationToken, handle))
        if not problems:
            self._handle = handle
        return problems

    def _prepare(self, signers, validation_options, options):
        """With a callback the work is done on a copy: a token that only the callback refuses is never marked."""
        if signers is not None:
            options["signers"] = signers
        options = merged(NO_OPTIONS, validation_options, options)
        callback = options.callback
        handle = self._handle if callback is None else _swig.azattest_token_parse(self.serialize())
        return handle, options.members(), callback

    def result(self, unverified=False):
        """The typed claims. Refused before a validation that passed, unless `unverified` is True."""
        if not isinstance(unverified, bool):
            raise TypeError("unverified: True or False expected, not %s" % type(unverified).__name__)
        return AttestationResult._of(_swig.azattest_token_result(self._handle, unverified), self)

    def header(self):
        """The header, decoded anew at each call."""
        return _json(self.header_bytes)

    def body(self):
        """The body, decoded anew at each call; empty when the token has none."""
        return _json(self.body_bytes or b"{}")

    def claim(self, name):
        """One claim of the body by its name; None when there is none."""
        return _json(_swig.azattest_token_claim(self._handle, name))

    def pretty(self):
        """An indented table of header and claims with dates in words."""
        return _text.table("AttestationToken", self.is_validated, [("header", self.header()), ("claims", self.body())])

    def _repr_html_(self):
        return _text.html("AttestationToken", self.is_validated, [("header", self.header()), ("claims", self.body())])

    def __repr__(self):
        return _text.line("AttestationToken", self.is_validated, self.body())

    def __eq__(self, other):
        return self.serialize() == other.serialize() if isinstance(other, AttestationToken) else NotImplemented

    def __hash__(self):
        return hash(self.serialize())

    def __reduce__(self):
        return (AttestationToken.parse, (self.serialize(),))

    @property
    def algorithm(self):
        """`alg` of the header."""
        return _swig.azattest_token_algorithm(self._handle)

    @property
    def key_id(self):
        """`kid` of the header."""
        return _swig.azattest_token_key_id(self._handle)

    @property
    def type(self):
        """`typ` of the header."""
        return _swig.azattest_token_type(self._handle)

    @property
    def content_type(self):
        """`cty` of the header."""
        return _swig.azattest_token_content_type(self._handle)

    @property
    def key_url(self):
        """`jku` of the header. Never fetched."""
        return _swig.azattest_token_key_url(self._handle)

    @property
    def x509_url(self):
        """`x5u` of the header. Never fetched."""
        return _swig.azattest_token_x509_url(self._handle)

    @property
    def certificate_thumbprint(self):
        """`x5t` of the header."""
        return _swig.azattest_token_certificate_thumbprint(self._handle)

    @property
    def certificate_sha256_thumbprint(self):
        """`x5t#S256` of the header."""
        return _swig.azattest_token_certificate_sha256_thumbprint(self._handle)

    @property
    def critical(self):
        """`crit` of the header."""
        return _json(_swig.azattest_token_critical(self._handle))

    @property
    def x509_certificate_chain(self):
        """`x5c` of the header: base64 DER. Never used to verify anything."""
        return _json(_swig.azattest_token_x509_certificate_chain(self._handle))

    @property
    def issuer(self):
        """`iss` of the body."""
        return _swig.azattest_token_issuer(self._handle)

    @property
    def expires_on(self):
        """`exp` of the body as an aware UTC datetime."""
        return _text.time("exp", _swig.azattest_token_expires_on(self._handle))

    @property
    def issued_on(self):
        """`iat` of the body as an aware UTC datetime."""
        return _text.time("iat", _swig.azattest_token_issued_on(self._handle))

    expires, issued = expires_on, issued_on  # their names in Azure's Python SDK

    @property
    def not_before(self):
        """`nbf` of the body as an aware UTC datetime."""
        return _text.time("nbf", _swig.azattest_token_not_before(self._handle))

    @property
    def header_bytes(self):
        """The decoded header, as it was signed."""
        return _swig.azattest_token_header_bytes(self._handle)

    @property
    def body_bytes(self):
        """The decoded body, as it was signed."""
        return _swig.azattest_token_body_bytes(self._handle)

    @property
    def signature_bytes(self):
        """The decoded signature."""
        return _swig.azattest_token_signature_bytes(self._handle)

    @property
    def signed_elements(self):
        """The characters that are signed."""
        return _swig.azattest_token_signed_elements(self._handle)

    @property
    def is_secured(self):
        """`alg` is not "none"."""
        return _swig.azattest_token_is_secured(self._handle)

    @property
    def is_validated(self):
        """All checks passed, the signature among them."""
        return _swig.azattest_token_is_validated(self._handle)

    @property
    def signer(self):
        """The signer that verified the token; None before a validation that passed."""
        return wrap(AttestationSigner, _swig.azattest_token_signer(self._handle))


def inspect(jwt):
    """Reads a compact token without network and without trust: ``print(azattest.inspect(jwt).pretty())``."""
    return AttestationToken.parse(jwt)


class AttestationResult:
    """The claims of an attestation token, typed. A missing claim is None; a claim of a wrong type raises Error.

    Claims with a name of their own are attributes; ``claims()`` gives all of them, ``claim(name)`` one. A pickled
    result comes back with the same claims, but unverified.
    """

    __slots__ = ("_handle", "_token")

    def __init__(self):
        raise TypeError("results come from an attest call, a Verifier or AttestationToken.result()")

    @classmethod
    def _of(cls, handle, token):
        self = wrap(cls, handle)
        self._token = token
        return self

    @property
    def is_validated(self):
        """The token was validated, signature and all."""
        return _swig.azattest_result_is_validated(self._handle)

    @property
    def issuer(self):
        """`iss`."""
        return _swig.azattest_result_issuer(self._handle)

    @property
    def unique_id(self):
        """`jti`."""
        return _swig.azattest_result_unique_id(self._handle)

    @property
    def nonce(self):
        """`nonce`."""
        return _swig.azattest_result_nonce(self._handle)

    @property
    def version(self):
        """`x-ms-ver`."""
        return _swig.azattest_result_version(self._handle)

    @property
    def verifier_type(self):
        """`x-ms-attestation-type`, for instance "sgx"."""
        return _swig.azattest_result_verifier_type(self._handle)

    @property
    def mr_enclave(self):
        """`x-ms-sgx-mrenclave`, lower-case hexadecimal."""
        return _swig.azattest_result_mr_enclave(self._handle)

    @property
    def mr_enclave_bytes(self):
        """`x-ms-sgx-mrenclave`, 32 bytes."""
        return _swig.azattest_result_mr_enclave_bytes(self._handle)

    @property
    def mr_signer(self):
        """`x-ms-sgx-mrsigner`, lower-case hexadecimal."""
        return _swig.azattest_result_mr_signer(self._handle)

    @property
    def mr_signer_bytes(self):
        """`x-ms-sgx-mrsigner`, 32 bytes."""
        return _swig.azattest_result_mr_signer_bytes(self._handle)

    @property
    def issued_on(self):
        """`iat` as an aware UTC datetime."""
        return _text.time("iat", _swig.azattest_result_issued_on(self._handle))

    @property
    def expires_on(self):
        """`exp` as an aware UTC datetime."""
        return _text.time("exp", _swig.azattest_result_expires_on(self._handle))

    @property
    def not_before(self):
        """`nbf` as an aware UTC datetime."""
        return _text.time("nbf", _swig.azattest_result_not_before(self._handle))

    @property
    def is_debuggable(self):
        """`x-ms-sgx-is-debuggable`."""
        return _swig.azattest_result_is_debuggable(self._handle)

    @property
    def product_id(self):
        """`x-ms-sgx-product-id`."""
        return _swig.azattest_result_product_id(self._handle)

    @property
    def svn(self):
        """`x-ms-sgx-svn`."""
        return _swig.azattest_result_svn(self._handle)

    @property
    def report_data(self):
        """`x-ms-sgx-report-data`, 64 bytes."""
        return _swig.azattest_result_report_data(self._handle)

    @property
    def enclave_held_data(self):
        """`x-ms-sgx-ehd`: the runtime data as it was sent in its binary form."""
        return _swig.azattest_result_enclave_held_data(self._handle)

    @property
    def policy_hash(self):
        """`x-ms-policy-hash`, 32 bytes."""
        return _swig.azattest_result_policy_hash(self._handle)

    @property
    def policy_signer(self):
        """`x-ms-policy-signer`: who signed the policy."""
        return wrap(AttestationSigner, _swig.azattest_result_policy_signer(self._handle))

    @property
    def runtime_claims(self):
        """`x-ms-runtime`, decoded anew at each call."""
        return _json(_swig.azattest_result_runtime_claims(self._handle))

    @property
    def inittime_claims(self):
        """`x-ms-inittime`, decoded anew at each call."""
        return _json(_swig.azattest_result_inittime_claims(self._handle))

    @property
    def policy_claims(self):
        """`x-ms-policy`, decoded anew at each call."""
        return _json(_swig.azattest_result_policy_claims(self._handle))

    @property
    def sgx_collateral(self):
        """`x-ms-sgx-collateral`, decoded anew at each call."""
        return _json(_swig.azattest_result_sgx_collateral(self._handle))

    @property
    def confirmation(self):
        """`cnf`, decoded anew at each call."""
        return _json(_swig.azattest_result_confirmation(self._handle))

    def claims(self):
        """All claims, decoded anew at each call."""
        return _json(_swig.azattest_result_claims(self._handle) or b"{}")

    def claim(self, name):
        """One claim by its name; None when there is none."""
        return _json(_swig.azattest_result_claim(self._handle, name))

    def pretty(self):
        """An indented table of the claims with dates in words."""
        return _text.table("AttestationResult", self.is_validated, [("claims", self.claims())])

    def _repr_html_(self):
        return _text.html("AttestationResult", self.is_validated, [("claims", self.claims())])

    def __repr__(self):
        return _text.line("AttestationResult", self.is_validated, self.claims())

    def __reduce__(self):
        return (_restore_result, (self._token.serialize(),))


def _restore_result(text):
    return AttestationToken.parse(text).result(unverified=True)


AttestationToken.__module__ = AttestationResult.__module__ = inspect.__module__ = "azattest"
