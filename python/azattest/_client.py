"""The client of one instance, and the verifier of a relying party."""

from .swig import _swig
from . import _options
from ._instance import Blocking, speaks_as
from ._signer import AttestationSigners, wrap
from ._token import AttestationResult, AttestationToken, _json


class AttestationResponse:
    """What a call gives; unpacks as ``value, token = response``. The value of an attest call or a validation is an
    AttestationResult; that of an administration call is text, a PolicyResult, AttestationSigners or a
    PolicyCertificatesModificationResult, as the call says."""

    __slots__ = ("_value", "_token", "_request_id", "_is_draft", "_warning", "_policy_token", "_policy_signer")

    def __init__(self):
        raise TypeError("responses come from the calls of a client or from Verifier.validate()")

    @classmethod
    def _of(cls, token, value=None, request_id=None, is_draft=False, warning=None):
        self = object.__new__(cls)
        self._token = token
        self._value = value
        self._request_id = request_id
        self._is_draft = is_draft
        self._warning = warning
        self._policy_token = self._policy_signer = None
        return self

    @property
    def value(self):
        """The typed claims, or what an administration call gives."""
        if self._value is None:
            # What came here was accepted by the caller's own options, with or without the signature check: the view
            # of it is given, and says itself whether it is verified.
            self._value = self._token.result(unverified=True)
        return self._value

    body = value

    @property
    def token(self):
        """The token that the claims came from."""
        return self._token

    @property
    def raw_token(self):
        """The compact token."""
        return self._token.serialize()

    @property
    def request_id(self):
        """`x-ms-request-id` of the answer, or None."""
        return self._request_id

    @property
    def is_draft(self):
        """The answer to a draft policy: good for this call alone, and not secured."""
        return self._is_draft

    @property
    def warning(self):
        """A warning, or None: a refresh of the key cache failed and older keys were used, or the evidence could not be read
        here, so that the token's measurements were not compared with it."""
        return self._warning

    @property
    def policy_token(self):
        """The stored policy token that get_policy() read, as AttestationToken; None when there is none."""
        return self._policy_token

    @property
    def policy_signer(self):
        """Who signed the policy that get_policy() read: the key that verifies the stored token; None when nobody did."""
        return self._policy_signer

    def __iter__(self):
        return iter((self.value, self.token))

    def __len__(self):
        return 2

    def __getitem__(self, index):
        return (self.value, self.token)[index]

    def __repr__(self):
        return "AttestationResponse(value=%r, token=%r)" % (self.value, self.token)

    def __reduce__(self):
        if self._value is not None and not isinstance(self._value, AttestationResult):
            raise TypeError("the response of an administration call is not pickled: keep its token")
        return (_restore_response, (self.token, self.request_id, self.is_draft, self.warning))


def _restore_response(token, request_id, is_draft, warning):
    return AttestationResponse._of(token, None, request_id, is_draft, warning)


class OpenIdMetadata:
    """The metadata document of an instance. Members that are missing are None. Reads as a dictionary, too."""

    __slots__ = ("_handle",)

    def __init__(self):
        raise TypeError("metadata comes from get_open_id_metadata()")

    @property
    def issuer(self):
        """`issuer`."""
        return _swig.azattest_metadata_issuer(self._handle)

    @property
    def jwks_uri(self):
        """`jwks_uri`."""
        return _swig.azattest_metadata_jwks_uri(self._handle)

    @property
    def revocation_endpoint(self):
        """`revocation_endpoint`."""
        return _swig.azattest_metadata_revocation_endpoint(self._handle)

    @property
    def claims_supported(self):
        """`claims_supported`."""
        return _json(_swig.azattest_metadata_claims_supported(self._handle))

    @property
    def response_types_supported(self):
        """`response_types_supported`."""
        return _json(_swig.azattest_metadata_response_types_supported(self._handle))

    @property
    def id_token_signing_alg_values_supported(self):
        """`id_token_signing_alg_values_supported`."""
        return _json(_swig.azattest_metadata_id_token_signing_alg_values_supported(self._handle))

    def to_dict(self):
        """The whole document, decoded anew at each call."""
        return _json(_swig.azattest_metadata_json(self._handle))

    def keys(self):
        """The names of the document's members; with ``metadata[name]``, ``dict(metadata)`` works."""
        return self.to_dict().keys()

    def get(self, name, default=None):
        """A member of the document, decoded anew at each call."""
        return self.to_dict().get(name, default)

    def __getitem__(self, name):
        return self.to_dict()[name]

    def __iter__(self):
        return iter(self.to_dict())

    def __len__(self):
        return len(self.to_dict())

    def __contains__(self, name):
        return name in self.to_dict()

    def __repr__(self):
        return "OpenIdMetadata(issuer=%r, jwks_uri=%r)" % (self.issuer, self.jwks_uri)


def _bytes(value):
    """JSON may come as text."""
    return value.encode() if isinstance(value, str) else value


def taken(op):
    """The library's response of an operation, and ours around its token, whose value is still to be set."""
    raw = _swig.azattest_op_take_response(op)
    return raw, AttestationResponse._of(
        wrap(AttestationToken, _swig.azattest_response_take_token(raw)),
        None,
        _swig.azattest_response_request_id(raw),
        _swig.azattest_response_is_draft(raw),
        _swig.azattest_response_warning(raw),
    )


def _take_attestation(op):
    raw, response = taken(op)
    value = _swig.azattest_response_take_value(raw)
    if value is not None:
        response._value = AttestationResult._of(value, response._token)
    return response


def _take_text(op):
    return _swig.azattest_py_take_text(op).decode()


def _take_tpm_text(op):
    answer = _swig.azattest_py_take_text(op)
    try:
        return answer.decode()
    except UnicodeDecodeError:
        from ._errors import _exception

        message = "attest TPM: the service's answer is no text (%d bytes)" % len(answer)
        raise _exception(_swig.azattest_error_new(_swig.AZATTEST_E_RESPONSE, message)) from None


def _take_tcb_baselines(op):
    from ._status import TcbBaseline

    return TcbBaseline._list(_swig.azattest_op_take_tcb_baselines(op))


def _take_signers(op):
    return wrap(AttestationSigners, _swig.azattest_op_take_signers(op))


def _take_metadata(op):
    return wrap(OpenIdMetadata, _swig.azattest_op_take_metadata(op))


@speaks_as("AttestationClient")
class _AttestationCalls:
    """The calls of an AttestationClient, without a way of waiting."""

    __slots__ = ()

    def __init__(self, endpoint, credential=None, *, validation_options=None, transport=None, **options):
        super().__init__(_swig.azattest_client_new, endpoint, validation_options, transport, options, credential)

    @property
    def endpoint(self):
        """The normalised endpoint."""
        return _swig.azattest_client_endpoint(self._open())

    @property
    def api_version(self):
        """The version of the service's interface that calls name."""
        return _swig.azattest_client_api_version(self._open())

    def attest_sgx_enclave(self, quote, *, validation_options=None, **options):
        """Attests an Intel SGX quote (raw bytes) and validates the token that comes back.

        Keywords: ``runtime_data`` or ``runtime_json``, ``inittime_data`` or ``inittime_json``, ``draft_policy``,
        ``nonce``, ``check_binding``, ``client_request_id``, and those of AttestationTokenValidationOptions, which
        override the client's one by one. ``check_evidence`` is what is checked before sending: "off", "binding" (that the
        evidence binds the runtime data; the default) or "full" (also that it verifies, with ``evidence_collateral`` and
        ``evidence_roots``).
        """
        return self._attest(_swig.azattest_client_attest_sgx_enclave_begin, quote, validation_options, options)

    def attest_open_enclave(self, report, *, validation_options=None, **options):
        """The same for an Open Enclave report (header and quote, raw bytes)."""
        return self._attest(_swig.azattest_client_attest_open_enclave_begin, report, validation_options, options)

    def attest_sev_snp_vm(self, report, *, validation_options=None, **options):
        """Attests an AMD SEV-SNP virtual machine: the raw report of 1184 bytes with its certificates as ``vcek_chain``
        (PEM text or DER bytes), and ``endorsements`` if there are any; or the whole JSON document instead, which is sent
        as it is. Runtime data goes as ``runtime_json``."""
        return self._attest(_swig.azattest_client_attest_sev_snp_vm_begin, _bytes(report), validation_options, options)

    def attest_tdx_vm(self, quote, *, validation_options=None, **options):
        """Attests an Intel TDX virtual machine by its raw quote. The service takes no draft policy here."""
        return self._attest(_swig.azattest_client_attest_tdx_vm_begin, quote, validation_options, options)

    def attest_mdep_tz(self, report, *, validation_options=None, **options):
        """Attests an MdepTz device, from api_version 2026-03-11-preview on."""
        return self._attest(_swig.azattest_client_attest_mdep_tz_begin, report, validation_options, options)

    def attest_azure_guest(self, attestation_info, **options):
        """Sends the document of an Azure guest (bytes or JSON text) and gives the answer as it comes: text that only the
        guest's own TPM opens. Nothing of it is validated here: open it, then validate its token with a Verifier.

        Keywords: ``client_request_id``, ``traceparent``, ``log_level``, ``check_evidence`` and what belongs to it;
        ``draft_policy`` from 2026-03-11-preview on."""
        return self._attest_for_text(_swig.azattest_client_attest_azure_guest_begin, attestation_info, options, _take_text)

    def attest_key_guard(self, attestation_info, **options):
        """The same for KeyGuard, from api_version 2026-03-11-preview on."""
        return self._attest_for_text(_swig.azattest_client_attest_key_guard_begin, attestation_info, options, _take_text)

    def attest_tpm(self, content, **options):
        """One step of the attestation of a TPM or a VBS enclave: a JSON message out (text or bytes), one back, as text.

        The first message is ``{"payload": {"type": "aikcert"}}``. Its answer holds ``challenge`` and ``service_context``,
        which go back inside the request that the TPM's key signs: ``{"payload": {"request": "<JWS>"}}``."""
        return self._attest_for_text(_swig.azattest_client_attest_tpm_begin, content, options, _take_tpm_text)

    def attest_pluton(self, content, **options):
        """The same for Pluton, from api_version 2026-03-11-preview on; gives bytes."""
        take = _swig.azattest_py_take_text
        return self._attest_for_text(_swig.azattest_client_attest_pluton_begin, content, options, take)

    def get_tcb_baseline(self, attestation_type, **options):
        """The TCB baselines that a policy of this type can choose from: a list of TcbBaseline.

        Keywords: ``provide_current_tcb_in_policy`` (2022-09-01-preview alone has it), ``client_request_id``,
        ``traceparent``, ``log_level``."""
        (members,) = _options.split(options, _options.TCB_BASELINE)
        members = _options.convert(_options.TCB_BASELINE, members)
        op = self._begin(_swig.azattest_client_get_tcb_baseline_begin, attestation_type, members)
        return self._complete(op, _take_tcb_baselines)

    def get_signing_certificates(self):
        """Fetches the keys that the instance signs with; they also fill the key cache."""
        return self._complete(_swig.azattest_client_get_signing_certificates_begin(self._open()), _take_signers)

    def get_open_id_metadata(self):
        """Fetches the metadata document of the instance."""
        return self._complete(_swig.azattest_client_get_open_id_metadata_begin(self._open()), _take_metadata)

    def _attest(self, begin, evidence, validation_options, options):
        attest = {name: options.pop(name) for name in list(options) if name in _options.ATTEST}
        validation = _options.merged(self._validation, validation_options, options)
        members = _options.attest_members(attest)
        members["validation"] = validation.members()
        return self._complete(self._begin(begin, evidence, members), _take_attestation, validation.callback)

    def _attest_for_text(self, begin, content, options, take):
        (members,) = _options.split(options, _options.ATTEST)
        return self._complete(self._begin(begin, _bytes(content), _options.convert(_options.ATTEST, members)), take)


class AttestationClient(_AttestationCalls, Blocking):
    """Attests evidence at the instance at `endpoint` (an https address).

    `credential` is None (attest calls are anonymous), a credential of this package, any object with azure-identity's
    get_token(), a callable that takes scopes, or a token as str. Signing certificates and metadata are always fetched
    without it. Keywords: ``scopes`` (where the endpoint's cloud does not tell them), ``api_version``,
    ``validation_options`` (defaults of every call; a mapping will do), ``check_evidence``, ``evidence_collateral`` and
    ``evidence_roots`` (of attest calls that say nothing of them), ``application_id``, ``retry_total``,
    ``retry_delay``, ``retry_max_delay``, ``retry_after_max``, ``timeout``, ``key_cache_life`` (seconds), ``log_level``
    and ``trace_bodies`` (the logger ``azattest``; bodies as structure with values cut to 8 characters), ``ca_file``,
    ``ca_path``, ``ca_pem``, ``proxy``, ``connect_timeout``, ``read_timeout``, ``allow_insecure_http`` (loopback only),
    and ``transport``: an object with ``send(request)``, which gives (status, headers, body), and ``sleep(seconds)``. The
    keywords of AttestationTokenValidationOptions may stand alone, as in a call, and azure-core's spellings are known.
    Sends nothing by itself. May be used from many threads; ``with`` or ``close()`` ends it.
    """

    __slots__ = ()


@speaks_as("Verifier")
class _VerifierCalls:
    """The calls of a Verifier, without a way of waiting."""

    __slots__ = ()

    def __init__(self, endpoint, *, validation_options=None, transport=None, **options):
        endpoints = (endpoint,) if isinstance(endpoint, str) else tuple(endpoint)
        super().__init__(_swig.azattest_verifier_new_many, endpoints, validation_options, transport, options)

    @property
    def endpoint(self):
        """The normalised endpoint; the first of several."""
        return _swig.azattest_verifier_endpoint(self._open())

    @property
    def endpoints(self):
        """All endpoints, normalised."""
        handle = self._open()
        count = _swig.azattest_verifier_endpoint_count(handle)
        return tuple(_swig.azattest_verifier_endpoint_at(handle, i) for i in range(count))

    def validate(self, token, *, validation_options=None, **options):
        """Validates a compact token (str, bytes or AttestationToken): with the cached keys at once, otherwise after
        fetching them. Takes the keywords of AttestationTokenValidationOptions."""
        handle = self._open()
        if isinstance(token, AttestationToken):
            token = token.serialize()
        validation = self._validation
        if options or validation_options is not None:
            validation = _options.merged(validation, validation_options, options)
        members, callback = validation.members(), validation.callback
        valid = _swig.azattest_verifier_validate_cached(handle, token, members)
        if valid is None:  # keys have to be fetched first
            op = _swig.azattest_verifier_validate_begin(handle, token, members)
            return self._complete(op, _take_attestation, callback)
        response = AttestationResponse._of(wrap(AttestationToken, valid))
        return response if callback is None else self._judge(response, callback)

    def export_keys(self, endpoint=None):
        """The cached key set as JWKS text for AttestationSigners.parse(), or a file; None when none was fetched yet. With
        several endpoints say whose."""
        return _swig.azattest_verifier_export_keys(self._open(), endpoint)

    def __repr__(self):
        return "Verifier(closed)" if self._handle is None else "Verifier(%s)" % ", ".join(map(repr, self.endpoints))


class Verifier(_VerifierCalls, Blocking):
    """Relying party: validates tokens of the instance at `endpoint` without attesting anything.

    Takes the keywords of AttestationClient. Fetches the keys when it first needs them and keeps them. `endpoint` may be a
    list: then the token's `iss` chooses the instance, by whose keys and rules alone it is judged; a token of none of them
    is refused.
    """

    __slots__ = ()


for _cls in (AttestationClient, AttestationResponse, OpenIdMetadata, Verifier):
    _cls.__module__ = "azattest"
