"""Claims as the conditions of a policy see them."""

from collections import namedtuple

from .swig import _swig
from . import _options
from ._signer import wrap

_SERVICE = "AttestationService"
_SHOWN = 200  # characters of one value, for people


class Claim(namedtuple("Claim", "type value issuer", defaults=(_SERVICE,))):
    """One claim: its name, its value (str, int or bool) and who says so."""

    __slots__ = ()

    @property
    def value_type(self):
        """"String", "Integer" or "Boolean"."""
        return "Boolean" if isinstance(self.value, bool) else "Integer" if isinstance(self.value, int) else "String"

    def __str__(self):
        import json

        value = json.dumps(self.value)
        if len(value) > _SHOWN:
            value = value[:_SHOWN] + "..."
        return "%s = %s%s" % (
            self.type if self.type.isprintable() else json.dumps(self.type),
            value,
            "" if self.issuer == _SERVICE else " (%s)" % (self.issuer if self.issuer.isprintable() else json.dumps(self.issuer)),
        )


def claims_in(data):
    """The claims of JSON text that the library made of a set."""
    import json

    if data is None:
        raise MemoryError("the claims' JSON")
    return tuple(Claim(claim["type"], claim["value"], claim["issuer"]) for claim in json.loads(data))


def _listed(claim):
    """An item of a list of claims, as JSON has it."""
    if hasattr(claim, "items"):
        return dict(claim.items())
    if not isinstance(claim, tuple) or len(claim) not in (2, 3):
        raise TypeError(
            "a claim is (type, value) or (type, value, issuer), or a mapping of these names, not %s" % type(claim).__name__
        )
    return dict(zip(Claim._fields, claim))


def _check_exact(value):
    """A float of 2^53 or more may have been another integer, and JSON would write it as a third."""
    for each in value if isinstance(value, (list, tuple)) else (value,):
        if isinstance(each, float) and not -(2**53) < each < 2**53 and each - each == 0:
            raise ValueError("claims: %r is too large to be exact: give it as an int" % each)


def _text(claims):
    """Both forms of claims as JSON text."""
    import json

    if hasattr(claims, "items"):
        claims = dict(claims.items())
        for name in claims:
            if not isinstance(name, str):
                raise TypeError("the name of a claim is a str, not %s" % type(name).__name__)
            _check_exact(claims[name])
    elif hasattr(claims, "__iter__"):
        claims = [_listed(claim) for claim in claims]
        for claim in claims:
            _check_exact(claim.get("value"))
    else:
        raise TypeError("claims: a mapping, a list of claims, or JSON text expected, not %s" % type(claims).__name__)
    return json.dumps(claims, allow_nan=False)


class ClaimSet:
    """The claims that a policy is evaluated over, in the order in which they came, none of them twice.

        >>> ClaimSet({"x-ms-sgx-is-debuggable": False, "x-ms-sgx-svn": 3})

    Of a mapping, or JSON text of one: each member is a claim of the service; a list is a claim for each of its values, None
    is no claim, and objects are claims of their JSON text. Of a list, or JSON text of one: each item has `type`, `value`
    and perhaps `issuer`, as a mapping or a tuple. With `attestation_type` ("SgxEnclave", ...) a mapping gets what the
    service adds for that type: `x-ms-attestation-type`, and `$svn` of `x-ms-sgx-svn`; a list stays as it is. A sequence of claims: named tuples of type, value and issuer. May be added
    to until it is evaluated for the first time, and does not change from then on.
    """

    __slots__ = ("_handle",)

    def __init__(self, claims=None, /, *, attestation_type=None):
        if claims is None and attestation_type is None:
            self._handle = _swig.azattest_claim_set_new()
        else:
            given = isinstance(claims, (str, bytes, bytearray, memoryview))
            members = _options.convert(_options.CLAIMS, {"attestation_type": attestation_type})
            self._handle = _swig.azattest_claim_set_from_claims(claims if given else _text({} if claims is None else claims), members)

    @staticmethod
    def from_token(token, *, attestation_type=None):
        """The claims of a token (AttestationToken, AttestationResult, AttestationResponse, or compact text) that its policy
        saw: without standard ones, and without those that the policy issued. Says nothing about the token's validity."""
        members = _options.convert(_options.CLAIMS, {"attestation_type": attestation_type})
        return wrap(ClaimSet, _swig.azattest_claim_set_from_token(token_of(token)._handle, members))

    @staticmethod
    def from_evidence(
        evidence,
        *,
        attestation_type=None,
        runtime_data=None,
        runtime_json=None,
        inittime_data=None,
        inittime_json=None,
        nonce=None,
    ):
        """The claims that the service would make of an Evidence, or of the content of a file (bytes, os.PathLike).

        `attestation_type` is "SgxEnclave" and so on (the one that such evidence is mostly sent to); data and nonce are what
        an attest call would send along. Says nothing about the evidence being genuine: verify it.
        """
        given = {name: value for name, value in locals().items() if name in _options.CLAIMS}
        from .evidence import evidence_of

        members = _options.attest_members(given, _options.CLAIMS)
        return wrap(ClaimSet, _swig.azattest_claim_set_from_evidence(evidence_of(evidence)._handle, members))

    def add(self, type, value, issuer=None):
        """Adds a claim whose value is a str, an int or a bool; one that is there already is not added again."""
        if isinstance(value, bool):
            add = _swig.azattest_claim_set_add_boolean
        elif isinstance(value, int):
            add = _swig.azattest_claim_set_add_integer
            if not -(2**63) <= value < 2**63:
                raise ValueError("value: %d does not fit into the 64 bits of a claim" % value)
        elif isinstance(value, str):
            add, value = _swig.azattest_claim_set_add_string, str.encode(value)
        else:
            raise TypeError("value: str, int or bool expected, not %s" % value.__class__.__name__)
        if add(self._handle, type, value, issuer) != 0:
            raise RuntimeError("the library did not add it")

    @property
    def claims(self):
        """The claims in their order: named tuples of ``type``, ``value`` and ``issuer``."""
        return claims_in(_swig.azattest_claim_set_json(self._handle))

    def __len__(self):
        return _swig.azattest_claim_set_count(self._handle)

    def __iter__(self):
        return iter(self.claims)

    def __getitem__(self, index):
        return self.claims[index]

    def __eq__(self, other):
        return self.claims == other.claims if isinstance(other, ClaimSet) else NotImplemented

    __hash__ = None

    def __repr__(self):
        count = len(self)
        return "ClaimSet(%d claim%s)" % (count, "" if count == 1 else "s")

    def __str__(self):
        """A line for each claim."""
        return "\n".join(map(str, self.claims))

    def __reduce__(self):
        return (ClaimSet, (_swig.azattest_claim_set_json(self._handle),))


ClaimSet.__module__ = "azattest"


def token_of(token):
    """An AttestationToken: that of a result or a response, or of compact text."""
    from ._client import AttestationResponse
    from ._token import AttestationResult, AttestationToken

    if isinstance(token, AttestationResponse):
        return token.token
    if isinstance(token, AttestationResult):
        if token._inner:
            raise ValueError("these are the claims of the machine around an Azure guest: give the guest's own result")
        return token._token
    return token if isinstance(token, AttestationToken) else AttestationToken.parse(token)


def claims_of(claims, options, attestation_type=None):
    """A ClaimSet, or that of what has claims; `options` are those of from_evidence(), `attestation_type` is where they have
    none."""
    given = {name: value for name, value in options.items() if value is not None}
    if isinstance(claims, ClaimSet) and not given:
        return claims
    from ._client import AttestationResponse
    from ._token import AttestationResult, AttestationToken
    from .evidence import Evidence

    if isinstance(claims, Evidence):
        return ClaimSet.from_evidence(claims, **{"attestation_type": attestation_type, **given})
    from_token = isinstance(claims, (AttestationToken, AttestationResult, AttestationResponse))
    useless = sorted(given if isinstance(claims, ClaimSet) else given.keys() - {"attestation_type"})
    if useless:
        raise TypeError("%s: for evidence, of which claims are to be made, not for %s" % (", ".join(useless), type(claims).__name__))
    if from_token:
        return ClaimSet.from_token(claims, **{"attestation_type": attestation_type, **given})
    if claims is None:
        raise TypeError("claims: none were given; no claims at all are {}")
    return ClaimSet(claims, **{"attestation_type": attestation_type, **given})
