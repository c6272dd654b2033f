"""Options: keywords in, dictionaries of C members out. One table for each group of calls; what is in no table is a
TypeError, so that a misspelt check can never be a check that is left out."""

import math
import sys

from .swig import _swig
from ._data import AttestationData
from ._signer import AttestationSigners


def _boolean(name, value):
    if not isinstance(value, bool):
        raise TypeError("%s: True or False expected, not %s" % (name, type(value).__name__))
    return value


def _integer(name, value):
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError("%s: int expected, not %s" % (name, type(value).__name__))
    if not 0 <= value < 2**31:
        raise ValueError("%s: %d is out of range" % (name, value))
    return value


def _steps(name, value):
    """Zero would mean "default" in C."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError("%s: int expected, not %s" % (name, type(value).__name__))
    if not 0 < value < 2**63:
        raise ValueError("%s: %d: one step at least expected" % (name, value))
    return value


def _text(name, value):
    if not isinstance(value, str):
        raise TypeError("%s: str expected, not %s" % (name, type(value).__name__))
    return value


def policy_text(value):
    """The text of a Policy, byte for byte; whatever else is given stays as it is."""
    module = sys.modules.get(__package__ + "._policy")  # where nobody has imported it nobody has a Policy
    return value.text if module is not None and isinstance(value, module.Policy) else value


def _draft(name, value):
    return _text(name, policy_text(value))


def _path(name, value):
    import os

    value = os.fspath(value)
    return value if isinstance(value, str) else os.fsdecode(value)


def bytes_of(name, value):
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        raise TypeError("%s: bytes-like object expected, not str: encode the text first" % name)
    try:
        return bytes(memoryview(value))
    except TypeError:
        raise TypeError("%s: bytes-like object expected, not %s" % (name, type(value).__name__)) from None


def _utf8(name, value):
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, (dict, list)):
        raise TypeError(
            "%s: the JSON text itself expected, not %s: other spacing would be other bytes, and another hash"
            % (name, type(value).__name__)
        )
    return bytes_of(name, value)


def _secret(name, value):
    return value if isinstance(value, str) else bytes_of(name, value).decode()


def _hashes(name, value):
    """One hash, or several of which any will do: the library takes them one behind the other."""
    if not isinstance(value, (list, tuple)):
        return bytes_of(name, value)
    value = [bytes_of(name, item) for item in value]
    if not value or any(len(item) != 32 for item in value):
        raise ValueError("%s: a hash has 32 bytes, and there has to be one" % name)
    return b"".join(value)


def _number(name, value):
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError("%s: a number of seconds expected, not %s" % (name, type(value).__name__))
    if math.isnan(value) or value < 0:
        raise ValueError("%s: %r is not a length of time" % (name, value))
    return value


def _milliseconds(name, value):
    """Zero and endless would mean "default" in C: only those options that have a meaning for them accept them."""
    value = _number(name, value)
    if value <= 0 or value > 2**40:
        raise ValueError("%s: %r: more than 0 and less than 34 years expected" % (name, value))
    return max(1, round(value * 1000))


def _slack(name, value):
    return -1 if _number(name, value) == 0 else _milliseconds(name, value)


def _timeout(name, value):
    return -1 if _number(name, value) == math.inf else _milliseconds(name, value)


def _retries(name, value):
    return _integer(name, value) or -1


def _age(name, value):
    value = _number(name, value)
    if value < 1 or value > 2**40:
        raise ValueError("%s: %r: at least one second expected" % (name, value))
    return int(value)


def epoch_ms(name, value):
    """Milliseconds since 1970 of an aware datetime or of seconds since 1970."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        timestamp = getattr(value, "timestamp", None)
        if timestamp is None:
            raise TypeError(
                "%s: an aware datetime or seconds since 1970 expected, not %s" % (name, type(value).__name__)
            )
        if value.tzinfo is None:
            raise ValueError("%s: a datetime without time zone is ambiguous: give it one" % name)
        value = timestamp()
    if not 0 < value < 2**40:
        raise ValueError("%s: %r seconds since 1970 is not a time that can be checked against" % (name, value))
    return round(value * 1000)


def _texts(name, value):
    if isinstance(value, str):
        return (value,)
    value = tuple(_text(name, item) for item in value)
    if not value:
        raise ValueError("%s: an empty list would refuse everything" % name)
    return value


def _claims(name, value):
    import json

    if isinstance(value, str):
        return ((value, None),)
    if hasattr(value, "items"):
        return tuple((_text(name, key), json.dumps(wanted, allow_nan=False)) for key, wanted in value.items())
    return tuple((_text(name, key), None) for key in value)


def _signers(name, value):
    if not isinstance(value, AttestationSigners):
        raise TypeError("%s: AttestationSigners or their JWKS or PEM text expected, not %s" % (name, type(value).__name__))
    return value._handle


def _scopes(name, value):
    return value if isinstance(value, str) else " ".join(_text(name, item) for item in value)


def _tenants(name, value):
    return value if isinstance(value, str) else ";".join(_text(name, item) for item in value)


def _callable(name, value):
    if not callable(value):
        raise TypeError("%s: a callable expected, not %s" % (name, type(value).__name__))
    return value


def _level(name, value):
    from ._log import level_of

    return level_of(name, value)


def _appraisal(name, value):
    from ._appraisal import appraisal_of

    return appraisal_of(name, value)._handle


def _collateral(name, value):
    from ._collateral import collateral_of

    return collateral_of(name, value)._handle


_CHECKS = {
    "off": _swig.AZATTEST_CHECK_EVIDENCE_OFF,
    "binding": _swig.AZATTEST_CHECK_EVIDENCE_BINDING,
    "full": _swig.AZATTEST_CHECK_EVIDENCE_FULL,
}


def _check(name, value):
    if _text(name, value) not in _CHECKS:
        raise ValueError("%s: off, binding or full expected, not %r" % (name, value))
    return _CHECKS[value]


def _grace(name, value):
    return 0 if _number(name, value) == 0 else _milliseconds(name, value)


# keyword: (member of the C structure, or None where Python does the work; conversion)
VALIDATION = {
    "validate_token": ("validate_token", _boolean),
    "validate_signature": ("validate_signature", _boolean),
    "validate_expiration": ("validate_expiration", _boolean),
    "validate_not_before": ("validate_not_before", _boolean),
    "validate_issuer": ("validate_issuer", _boolean),
    "require_expiration": ("require_expiration", _boolean),
    "require_attestation": ("require_attestation", _boolean),
    "allow_unsecured": ("allow_unsecured", _boolean),
    "allow_debug": ("allow_debug", _boolean),
    "issuer": ("issuers", _texts),
    "validation_slack": ("validation_slack_ms", _slack),
    "max_age": ("max_age_s", _age),
    "at": ("now_ms", epoch_ms),
    "clock": (None, _callable),
    "algorithms": ("algorithms", _texts),
    "signers": ("signers", _signers),
    "expected_nonce": ("expected_nonce", _text),
    "expected_runtime_data": ("expected_runtime_data", bytes_of),
    "expected_runtime_json": ("expected_runtime_json", _utf8),
    "expected_policy_hash": ("expected_policy_hash", _hashes),
    "expected_type": ("expected_type", _text),
    "require_claims": ("require_claims", _claims),
    "verify_service_evidence": ("verify_service_evidence", _boolean),
    "service_appraisal": ("service_appraisal", _appraisal),
    "service_collateral": ("service_collateral", _collateral),
    "service_roots": ("service_roots", _utf8),
    "signer_roots": ("signer_roots", _utf8),
    "validation_callback": (None, _callable),
}
ALIASES = {
    "validate_expiration_time": "validate_expiration",
    "validate_not_before_time": "validate_not_before",
}
CLIENT = {
    "api_version": ("api_version", _text),
    "allow_insecure_http": ("allow_insecure_http", _boolean),
    "application_id": ("application_id", _text),
    "retry_total": ("retry_total", _retries),
    "retry_delay": ("retry_delay_ms", _milliseconds),
    "retry_max_delay": ("retry_max_delay_ms", _milliseconds),
    "retry_after_max": ("retry_after_max_ms", _milliseconds),
    "timeout": ("timeout_ms", _timeout),
    "key_cache_life": ("key_cache_life_ms", _milliseconds),
    "trace_bodies": ("trace_bodies", _boolean),
    "log_level": ("log_level", _level),
    "scopes": ("scopes", _scopes),
    "tenant_id": ("tenant_id", _text),
    "check_evidence": ("check_evidence", _check),
    "evidence_collateral": ("evidence_collateral", _collateral),
    "evidence_roots": ("evidence_roots", _utf8),
}
CONNECTION = {
    "ca_file": ("ca_file", _path),
    "ca_path": ("ca_path", _path),
    "ca_pem": ("ca_pem", _utf8),
    "proxy": ("proxy", _text),
    "connect_timeout": ("connect_timeout_ms", _milliseconds),
    "read_timeout": ("read_timeout_ms", _milliseconds),
}
CREDENTIAL = {
    "authority_host": ("authority_host", _text),
    "tenant_id": ("tenant_id", _text),
    "client_id": ("client_id", _text),
    "object_id": ("object_id", _text),
    "resource_id": ("resource_id", _text),
    "subscription": ("subscription", _text),
    "token_file_path": ("token_file_path", _path),
    "send_certificate_chain": ("send_certificate_chain", _boolean),
    "x5t_sha1": ("x5t_sha1", _boolean),
    "process_timeout": ("process_timeout_ms", _milliseconds),
    "additionally_allowed_tenants": ("additionally_allowed_tenants", _tenants),
}


def _authority(name, value):
    if value is False:
        raise ValueError("%s: the certificate check is never switched off: name the authority to trust instead" % name)
    return None if value is True else value


def _https_proxy(name, value):
    return value.get("https") or value.get("all")


# azure-core's keywords of a client that are spelt otherwise here, for programs that come from the official SDK
AZURE_CORE = {
    "connection_timeout": ("connect_timeout", None),
    "connection_verify": ("ca_file", _authority),
    "credential_scopes": ("scopes", _scopes),
    "logging_enable": ("trace_bodies", None),
    "proxies": ("proxy", _https_proxy),
    "retry_backoff_factor": ("retry_delay", None),
    "retry_backoff_max": ("retry_max_delay", None),
    "user_agent": ("application_id", None),
}
# azure-identity's keywords of a credential, for the same reason
AZURE_IDENTITY = {
    "authority": ("authority_host", None),
    "connection_timeout": ("connect_timeout", None),
    "connection_verify": ("ca_file", _authority),
    "proxies": ("proxy", _https_proxy),
}
ATTEST = {
    "runtime_data": ("runtime_data", bytes_of),
    "runtime_json": ("runtime_json", _utf8),
    "inittime_data": ("inittime_data", bytes_of),
    "inittime_json": ("inittime_json", _utf8),
    "draft_policy": ("draft_policy", _draft),
    "nonce": ("nonce", _text),
    "check_binding": ("check_binding", _boolean),
    "check_evidence": ("check_evidence", _check),
    "evidence_collateral": ("evidence_collateral", _collateral),
    "evidence_roots": ("evidence_roots", _utf8),
    "client_request_id": ("client_request_id", _text),
    "vcek_chain": ("vcek_chain", _utf8),
    "endorsements": ("endorsements", bytes_of),
    "traceparent": ("traceparent", _text),
    "log_level": ("log_level", _level),
}
TCB_BASELINE = {
    "provide_current_tcb_in_policy": ("provide_current_tcb_in_policy", _boolean),
    "client_request_id": ("client_request_id", _text),
    "traceparent": ("traceparent", _text),
    "log_level": ("log_level", _level),
}
SIGNING_KEY = {
    "passphrase": ("passphrase", _secret),
    "algorithm": ("algorithm", _text),
}
SECRET = {
    "key_id": ("key_id", _text),
    "allow_debug": ("allow_debug", _boolean),
}
POLICY = {
    "client_request_id": ("client_request_id", _text),
    "traceparent": ("traceparent", _text),
}
VERIFY = {
    "at": ("now_ms", epoch_ms),
    "extra_roots": ("extra_roots", _utf8),
    "runtime_data": ("runtime_data", bytes_of),
    "allow_debug": ("allow_debug", _boolean),
    "collateral": ("collateral", _collateral),
    "collateral_grace": ("collateral_grace_ms", _grace),
    "appraisal": ("appraisal", _appraisal),
    "nonce": ("nonce", bytes_of),
    "allow_masked_chip_id": ("allow_masked_chip_id", _boolean),
    "refuse_unknown_bits": ("refuse_unknown_bits", _boolean),
}
CLAIMS = {
    "attestation_type": ("attestation_type", _text),
    "runtime_data": ("runtime_data", bytes_of),
    "runtime_json": ("runtime_json", _utf8),
    "inittime_data": ("inittime_data", bytes_of),
    "inittime_json": ("inittime_json", _utf8),
    "nonce": ("nonce", _text),
}
PARSE = {
    "attestation_type": ("attestation_type", _text),
    "lenient": ("lenient", _boolean),
}
EVALUATION = {"work_limit": ("work_limit", _steps)}
COLLATERAL = {
    "source": ("source", _text),
    "endpoint": ("endpoint", _text),
    "region": ("region", _text),
    "product": ("product", _text),
    "tcb_evaluation_data_number": ("tcb_evaluation_data_number", _integer),
    "update": ("update", _text),
    "subscription_key": ("subscription_key", _text),
    "crls_only": ("crls_only", _boolean),
}


def is_validation(name):
    """Whether a keyword is one of AttestationTokenValidationOptions."""
    return name in VALIDATION or name in ALIASES


def unknown(names):
    """What is said about keywords that nobody knows here: each with what may have been meant."""
    from difflib import get_close_matches

    known = {*VALIDATION, *ATTEST, *CLIENT, *CONNECTION, *CREDENTIAL, *COLLATERAL, *VERIFY}
    known |= {"endpoint", "transport", "validation_options"}
    told = []
    for name in sorted(names):
        near = get_close_matches(name, known, 1, 0.75)
        if name in CLIENT or name in CONNECTION:
            name += " (it is one of a client's constructor)"
        elif near and near[0] != name:
            name += " (did you mean %s?)" % near[0]
        told.append(name)
    return TypeError("no such option: " + ", ".join(told))


def convert(table, given):
    """The C members of the given keywords; None keeps a default."""
    return {table[name][0]: table[name][1](name, value) for name, value in given.items() if value is not None}


def translated(given, theirs=AZURE_CORE):
    """Keywords with those of the official packages under our names."""
    result = {name: value for name, value in given.items() if name not in theirs}
    for name in given.keys() & theirs.keys():
        ours, conversion = theirs[name]
        value = given[name] if conversion is None or given[name] is None else conversion(name, given[name])
        if result.get(ours) is not None:
            raise TypeError("%s and %s say the same: give one of them" % (name, ours))
        result[ours] = value
    return result


def attest_members(given, table=ATTEST):
    """The C members of an attest call, or of claims of evidence; AttestationData takes the place of the plain forms."""
    given = dict(given)
    for kind in ("runtime", "inittime"):
        data = given.get(kind + "_data")
        if isinstance(data, AttestationData):
            if given.get(kind + "_json") is not None:
                raise ValueError("%s_data and %s_json exclude each other" % (kind, kind))
            del given[kind + "_data"]
            given[kind + ("_json" if data.is_json else "_data")] = data.bytes
    return convert(table, given)


def split(given, *tables):
    """Takes the keywords of each table out of `given`; what is left belongs to nobody."""
    parts = [{name: given.pop(name) for name in list(given) if name in table} for table in tables]
    if given:
        raise unknown(given)
    return parts


def _frozen(name, value):
    """A value that later changes of the caller's own do not reach."""
    if isinstance(value, (bool, int, AttestationSigners)):
        return value
    if name == "signers" and isinstance(value, (str, bytes)):
        return AttestationSigners.parse(value)
    if name == "service_appraisal":
        from ._appraisal import appraisal_of

        return appraisal_of(name, value)
    if name == "service_collateral":
        from ._collateral import collateral_of

        return collateral_of(name, value)
    if isinstance(value, (bytearray, memoryview)):
        return bytes(value)
    if isinstance(value, list):
        return tuple(value)
    return dict(value) if isinstance(value, dict) else value


class AttestationTokenValidationOptions:
    """Every check of a token, as keywords; what is not given keeps its default (``azattest.defaults()``).

    ``validate_token``, ``validate_signature``, ``validate_expiration``, ``validate_not_before``, ``validate_issuer``,
    ``require_expiration``, ``require_attestation``, ``allow_unsecured``, ``allow_debug``: True or False. ``issuer``: text or a list.
    ``validation_slack``, ``max_age``: seconds. ``at``: aware datetime or seconds since 1970; ``clock``: callable that
    gives such seconds, asked at each call. ``algorithms``: list. ``signers``: a closed list of keys. ``expected_nonce``,
    ``expected_runtime_data``, ``expected_runtime_json``, ``expected_type``; ``expected_policy_hash``: 32 bytes or a list of such
    hashes; ``require_claims``: names, or a mapping of names to values. ``verify_service_evidence``: the signing
    certificate has to hold evidence of the enclave that made the key, by ``service_appraisal``, with ``service_collateral``
    and, beside Intel's, ``service_roots``; ``signer_roots``: PEM roots for those of authorities. ``validation_callback(token, signer)`` comes
    last: False, a list of problems, or an exception refuses the token.
    """

    __slots__ = ("_given", "_members")

    def __init__(self, **options):
        given, members = {}, {}
        for name, value in options.items():
            name = ALIASES.get(name, name)
            if name not in VALIDATION:
                raise unknown([name])
            if name in given:
                raise TypeError("%s is given twice" % name)
            if value is not None:
                member, conversion = VALIDATION[name]
                given[name] = value = _frozen(name, value)
                value = conversion(name, value)
                if member is not None:
                    members[member] = value
        object.__setattr__(self, "_given", given)
        object.__setattr__(self, "_members", members)

    def __setattr__(self, name, value):
        raise AttributeError("options do not change; make new ones")

    __delattr__ = __setattr__

    def __getattr__(self, name):
        if name in VALIDATION:
            return self._given.get(name)
        raise AttributeError("no such option: " + name)

    def __dir__(self):
        return sorted(set(object.__dir__(self)) | set(VALIDATION))

    def __repr__(self):
        return "AttestationTokenValidationOptions(%s)" % ", ".join("%s=%r" % item for item in self._given.items())

    def __eq__(self, other):
        return self._given == other._given if type(other) is type(self) else NotImplemented

    __hash__ = None

    def __reduce__(self):
        return (_restore, (self._given,))

    @property
    def callback(self):
        return self._given.get("validation_callback")

    def members(self):
        """The C members for one call: the clock is asked now."""
        if "clock" in self._given and "at" not in self._given:
            return dict(self._members, now_ms=epoch_ms("clock", self._given["clock"]()))
        return self._members


AttestationTokenValidationOptions.__module__ = "azattest"


def _restore(given):
    return AttestationTokenValidationOptions(**given)


NO_OPTIONS = AttestationTokenValidationOptions()


def merged(base, options, loose):
    """`base` (options) overridden member by member by `options` (options, a mapping, or None), then by the loose
    keywords of a call."""
    if options is not None:
        if not isinstance(options, AttestationTokenValidationOptions):
            if not hasattr(options, "keys"):
                raise TypeError(
                    "validation_options: AttestationTokenValidationOptions or a mapping expected, not %s"
                    % type(options).__name__
                )
            options = AttestationTokenValidationOptions(**options)
        base = _overridden(base, options)
    return _overridden(base, AttestationTokenValidationOptions(**loose)) if loose else base


def _overridden(base, options):
    """A time given closer to the call wins over a clock given further away."""
    if not base._given:
        return options
    given, members = dict(base._given), dict(base._members)
    if "clock" in options._given:
        given.pop("at", None)
        members.pop("now_ms", None)
    given.update(options._given)
    members.update(options._members)
    both = object.__new__(AttestationTokenValidationOptions)
    object.__setattr__(both, "_given", given)
    object.__setattr__(both, "_members", members)
    return both
