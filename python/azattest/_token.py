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


def problems_of(answer):
    """What the caller's own check has against a token, by what it gave: problems, empty when there are none."""
    if answer is None or answer is True:
        return []
    from ._status import Problem, Status

    if answer is False:
        return [Problem(Status.E_TOKEN_CALLBACK, "the validation callback gave False")]
    if isinstance(answer, (str, Problem)):
        answer = [answer]
    if not hasattr(answer, "__iter__") or hasattr(answer, "__await__"):  # a future can be iterated, and gives nothing
        raise TypeError(
            "validation_callback: None, True, False or problems expected, not %s" % type(answer).__name__
        )
    return [
        item if isinstance(item, Problem) else Problem(Status.E_TOKEN_CALLBACK, str(item)) for item in answer
    ]


def judge(answer):
    """Raises when the caller's own check refuses."""
    problems = problems_of(answer)
    if problems:
        raise refused(problems)


def unverify(token):
    """A token that was refused does not stay verified, whoever kept it."""
    token._handle = _swig.azattest_token_parse(token.serialize())


def check_callback(callback, token):
    """The caller's own check."""
    try:
        judge(callback(token, token.signer))
    except BaseException:
        unverify(token)
        raise


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
            validated = wrap(AttestationToken, handle)
            problems = problems_of(callback(validated, validated.signer))
        if not problems:
            self._handle = handle
        return problems

    def _prepare(self, signers, validation_options, options):
        """With a callback the work is done on a copy: a token that only the callback refuses is never marked."""
        if self.is_validated:
            # Before anything can fail: a call that could not be made says nothing for the token.
            self._handle = _swig.azattest_token_parse(self.serialize())
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


def _claim(name, doc, convert=None):
    """A reader of one claim."""
    read = getattr(_swig, "azattest_result_" + name)
    if convert is None:
        return property(lambda self: read(self._handle), doc=doc)
    return property(lambda self: convert(read(self._handle)), doc=doc)


def _time(name, doc):
    return _claim(name, doc, lambda seconds: _text.time(name, seconds))


def _document(name, doc):
    return _claim(name, doc, _json)


class AttestationResult:
    """The claims of an attestation token, typed. A missing claim is None; a claim of a wrong type raises Error.

    Claims with a name of their own are attributes; ``claims()`` gives all of them, ``claim(name)`` one. A pickled
    result comes back with the same claims, but unverified.
    """

    __slots__ = ("_handle", "_token", "_inner")

    def __init__(self):
        raise TypeError("results come from an attest call, a Verifier or AttestationToken.result()")

    @classmethod
    def _of(cls, handle, token, inner=False):
        self = wrap(cls, handle)
        self._token = token
        self._inner = inner
        return self

    @property
    def is_validated(self):
        """The token was validated, signature and all."""
        return _swig.azattest_result_is_validated(self._handle)

    @property
    def is_debuggable(self):
        """Whether the host can read and change what was attested: the debug claim of SGX, SEV-SNP or TDX, inside
        `x-ms-isolation-tee` too. None when the token does not say."""
        return _swig.azattest_result_is_debuggable(self._handle)

    @property
    def isolation_tee(self):
        """`x-ms-isolation-tee`: the claims of the confidential VM around an Azure guest, as a result of its own. Claims
        that only its hardware makes are readers of the outer result, too."""
        handle = _swig.azattest_result_isolation_tee(self._handle)
        return None if handle is None else AttestationResult._of(handle, self._token, inner=True)

    @property
    def policy_signer(self):
        """`x-ms-policy-signer`: who signed the policy."""
        return wrap(AttestationSigner, _swig.azattest_result_policy_signer(self._handle))

    @property
    def client_payload(self):
        """`client-payload` of `x-ms-runtime`: what an Azure guest sent along, a dictionary of bytes made anew."""
        count = _swig.azattest_result_client_payload_count(self._handle)
        if count is None:
            return None
        name, value = _swig.azattest_result_client_payload_name, _swig.azattest_result_client_payload_value
        return {name(self._handle, i): value(self._handle, i) for i in range(count)}

    # Common claims
    issuer = _claim("issuer", "`iss`.")
    unique_id = _claim("unique_id", "`jti`.")
    nonce = _claim("nonce", "`nonce`; of an Azure guest the payload's \"nonce\".")
    version = _claim("version", "`x-ms-ver`.")
    verifier_type = _claim("verifier_type", '`x-ms-attestation-type`, for instance "sgx".')
    issued_on = _time("issued_on", "`iat`. As an aware UTC datetime.")
    expires_on = _time("expires_on", "`exp`. As an aware UTC datetime.")
    not_before = _time("not_before", "`nbf`. As an aware UTC datetime.")
    policy_hash = _claim("policy_hash", "`x-ms-policy-hash`, 32 bytes: SHA-256 over the base64url text of the policy.")
    runtime_claims = _document("runtime_claims", "`x-ms-runtime`. Decoded anew at each call.")
    inittime_claims = _document("inittime_claims", "`x-ms-inittime`. Decoded anew at each call.")
    policy_claims = _document("policy_claims", "`x-ms-policy`. Decoded anew at each call.")
    confirmation = _document("confirmation", "`cnf`: the attested key. Decoded anew at each call.")
    compliance_status = _claim("compliance_status", '`x-ms-compliance-status`, for instance "azure-compliant-cvm".')
    report_data = _claim("report_data", "Report data, 64 bytes: `x-ms-sgx-report-data`, `x-ms-sevsnpvm-reportdata`, `tdx_report_data`.")

    # SGX
    mr_enclave = _claim("mr_enclave", "`x-ms-sgx-mrenclave`, lower-case hexadecimal.")
    mr_enclave_bytes = _claim("mr_enclave_bytes", "`x-ms-sgx-mrenclave`, 32 bytes.")
    mr_signer = _claim("mr_signer", "`x-ms-sgx-mrsigner`, lower-case hexadecimal.")
    mr_signer_bytes = _claim("mr_signer_bytes", "`x-ms-sgx-mrsigner`, 32 bytes.")
    product_id = _claim("product_id", "`x-ms-sgx-product-id`.")
    svn = _claim("svn", "`x-ms-sgx-svn`.")
    enclave_held_data = _claim("enclave_held_data", "`x-ms-sgx-ehd`: the runtime data as it was sent in its binary form.")
    sgx_collateral = _document("sgx_collateral", "`x-ms-sgx-collateral`. Decoded anew at each call.")
    config_id = _claim("config_id", "`x-ms-sgx-config-id`, 64 bytes; platforms with KSS only.")
    config_svn = _claim("config_svn", "`x-ms-sgx-config-svn`; platforms with KSS only.")
    isv_extended_product_id = _claim("isv_extended_product_id", "`x-ms-sgx-isv-extended-product-id`, 16 bytes; platforms with KSS only.")
    isv_family_id = _claim("isv_family_id", "`x-ms-sgx-isv-family-id`, 16 bytes; platforms with KSS only.")

    # SEV-SNP
    launch_measurement = _claim("launch_measurement", "`x-ms-sevsnpvm-launchmeasurement`, 48 bytes.")
    host_data = _claim("host_data", "`x-ms-sevsnpvm-hostdata`, 32 bytes.")
    report_id = _claim("report_id", "`x-ms-sevsnpvm-reportid`, 32 bytes.")
    id_key_digest = _claim("id_key_digest", "`x-ms-sevsnpvm-idkeydigest`, 48 bytes.")
    author_key_digest = _claim("author_key_digest", "`x-ms-sevsnpvm-authorkeydigest`, 48 bytes.")
    family_id = _claim("family_id", "`x-ms-sevsnpvm-familyId`, 16 bytes.")
    image_id = _claim("image_id", "`x-ms-sevsnpvm-imageId`, 16 bytes.")
    guest_svn = _claim("guest_svn", "`x-ms-sevsnpvm-guestsvn`.")
    bootloader_svn = _claim("bootloader_svn", "`x-ms-sevsnpvm-bootloader-svn`.")
    tee_svn = _claim("tee_svn", "`x-ms-sevsnpvm-tee-svn`.")
    snp_firmware_svn = _claim("snp_firmware_svn", "`x-ms-sevsnpvm-snpfw-svn`.")
    microcode_svn = _claim("microcode_svn", "`x-ms-sevsnpvm-microcode-svn`.")
    vmpl = _claim("vmpl", "`x-ms-sevsnpvm-vmpl`.")
    is_migration_allowed = _claim("is_migration_allowed", "`x-ms-sevsnpvm-migration-allowed`.")
    is_smt_allowed = _claim("is_smt_allowed", "`x-ms-sevsnpvm-smt-allowed`.")

    # TDX
    mr_td = _claim("mr_td", "`tdx_mrtd`, 48 bytes.")
    rtmr0 = _claim("rtmr0", "`tdx_rtmr0`, 48 bytes.")
    rtmr1 = _claim("rtmr1", "`tdx_rtmr1`, 48 bytes.")
    rtmr2 = _claim("rtmr2", "`tdx_rtmr2`, 48 bytes.")
    rtmr3 = _claim("rtmr3", "`tdx_rtmr3`, 48 bytes.")
    mr_config_id = _claim("mr_config_id", "`tdx_mrconfigid`, 48 bytes.")
    mr_owner = _claim("mr_owner", "`tdx_mrowner`, 48 bytes.")
    mr_owner_config = _claim("mr_owner_config", "`tdx_mrownerconfig`, 48 bytes.")
    mr_seam = _claim("mr_seam", "`tdx_mrseam`, 48 bytes.")
    mr_signer_seam = _claim("mr_signer_seam", "`tdx_mrsignerseam`, 48 bytes.")
    seam_attributes = _claim("seam_attributes", "`tdx_seam_attributes`, 8 bytes.")
    seam_svn = _claim("seam_svn", "`tdx_seamsvn`.")
    td_attributes = _claim("td_attributes", "`tdx_td_attributes`, 8 bytes.")
    td_attributes_debug = _claim("td_attributes_debug", "`tdx_td_attributes_debug`.")
    td_attributes_key_locker = _claim("td_attributes_key_locker", "`tdx_td_attributes_key_locker`.")
    td_attributes_perfmon = _claim("td_attributes_perfmon", "`tdx_td_attributes_perfmon`.")
    td_attributes_protection_keys = _claim("td_attributes_protection_keys", "`tdx_td_attributes_protection_keys`.")
    td_attributes_septve_disable = _claim("td_attributes_septve_disable", "`tdx_td_attributes_septve_disable`.")
    xfam = _claim("xfam", "`tdx_xfam`, 8 bytes.")
    tee_tcb_svn = _claim("tee_tcb_svn", "`tdx_tee_tcb_svn`, 16 bytes.")
    attester_tcb_status = _claim("attester_tcb_status", "`attester_tcb_status`.")
    debug_status = _claim("debug_status", "`dbgstat`.")
    eat_profile = _claim("eat_profile", "`eat_profile`.")
    intended_use = _claim("intended_use", "`intuse`.")

    # Azure guests
    secure_boot = _claim("secure_boot", "`secureboot`, `secureBootEnabled`.")
    vm_id = _claim("vm_id", "`x-ms-azurevm-vmid`.")
    os_type = _claim("os_type", "`x-ms-azurevm-ostype`.")
    os_distro = _claim("os_distro", "`x-ms-azurevm-osdistro`.")
    os_build = _claim("os_build", "`x-ms-azurevm-osbuild`.")
    os_version_major = _claim("os_version_major", "`x-ms-azurevm-osversion-major`.")
    os_version_minor = _claim("os_version_minor", "`x-ms-azurevm-osversion-minor`.")
    is_windows = _claim("is_windows", "`x-ms-azurevm-is-windows`.")
    os_provisioning = _claim("os_provisioning", "`x-ms-azurevm-os-provisioning`.")
    attestation_protocol_version = _claim("attestation_protocol_version", "`x-ms-azurevm-attestation-protocol-ver`.")
    attested_pcrs = _document("attested_pcrs", "`x-ms-azurevm-attested-pcrs`: numbers of the registers.")
    boot_debug_enabled = _claim("boot_debug_enabled", "`x-ms-azurevm-bootdebug-enabled`.")
    kernel_debug_enabled = _claim("kernel_debug_enabled", "`x-ms-azurevm-kerneldebug-enabled`.")
    hypervisor_debug_enabled = _claim("hypervisor_debug_enabled", "`x-ms-azurevm-hypervisordebug-enabled`.")
    debuggers_disabled = _claim("debuggers_disabled", "`x-ms-azurevm-debuggersdisabled`.")
    db_validated = _claim("db_validated", "`x-ms-azurevm-dbvalidated`.")
    dbx_validated = _claim("dbx_validated", "`x-ms-azurevm-dbxvalidated`.")
    default_secure_boot_keys_validated = _claim("default_secure_boot_keys_validated", "`x-ms-azurevm-default-securebootkeysvalidated`.")
    elam_enabled = _claim("elam_enabled", "`x-ms-azurevm-elam-enabled`.")
    flight_signing_enabled = _claim("flight_signing_enabled", "`x-ms-azurevm-flightsigning-enabled`.")
    hvci_policy = _claim("hvci_policy", "`x-ms-azurevm-hvci-policy`.")
    signing_disabled = _claim("signing_disabled", "`x-ms-azurevm-signingdisabled`.")
    test_signing_enabled = _claim("test_signing_enabled", "`x-ms-azurevm-testsigning-enabled`.")

    # TPM and VBS
    aik_validated = _claim("aik_validated", "`aikValidated`.")
    aik_pub_hash = _claim("aik_pub_hash", "`aikPubHash`, 32 bytes: SHA-256 of the public attestation key in DER.")
    tpm_version = _claim("tpm_version", "`tpmVersion`.")
    iommu_enabled = _claim("iommu_enabled", "`iommuEnabled`.")
    boot_debugging_disabled = _claim("boot_debugging_disabled", "`bootDebuggingDisabled`.")
    not_safe_mode = _claim("not_safe_mode", "`notSafeMode`.")
    not_win_pe = _claim("not_win_pe", "`notWinPE`.")
    vbs_enabled = _claim("vbs_enabled", "`vbsEnabled`.")
    vbs_report_present = _claim("vbs_report_present", "`vbsReportPresent`.")
    enclave_author_id = _claim("enclave_author_id", "`enclaveAuthorId`, bytes.")
    enclave_image_id = _claim("enclave_image_id", "`enclaveImageId`, bytes.")
    enclave_owner_id = _claim("enclave_owner_id", "`enclaveOwnerId`, bytes.")
    enclave_family_id = _claim("enclave_family_id", "`enclaveFamilyId`, bytes.")
    enclave_svn = _claim("enclave_svn", "`enclaveSvn`.")
    enclave_platform_svn = _claim("enclave_platform_svn", "`enclavePlatformSvn`.")
    enclave_flags = _claim("enclave_flags", "`enclaveFlags`.")

    def claims(self):
        """All claims, decoded anew at each call."""
        return _json(_swig.azattest_result_claims(self._handle) or b"{}")

    def claim(self, name):
        """One claim by its name; None when there is none."""
        return _json(_swig.azattest_result_claim(self._handle, name))

    def seal_secret(self, secret, key_id=None, *, allow_debug=False):
        """Seals a secret (bytes) to the public key that the attested program put into its token: a JWK in
        `runtime_claims`, a JWK or PEM in `enclave_held_data`, or `confirmation`. Gives a compact JWE, which only that
        program can open (``open_secret``). `key_id` chooses among several keys. Refused unless the token is validated, and
        for debuggable evidence unless `allow_debug` is True."""
        from ._secret import members
        from ._options import bytes_of

        return _swig.azattest_result_seal_secret(self._handle, members(key_id, allow_debug), bytes_of("secret", secret))

    def pretty(self):
        """An indented table of the claims with dates in words."""
        return _text.table("AttestationResult", self.is_validated, [("claims", self.claims())])

    def _repr_html_(self):
        return _text.html("AttestationResult", self.is_validated, [("claims", self.claims())])

    def __repr__(self):
        return _text.line("AttestationResult", self.is_validated, self.claims())

    def __reduce__(self):
        return (_restore_result, (self._token.serialize(), self._inner))


def _restore_result(text, inner):
    result = AttestationToken.parse(text).result(unverified=True)
    return result.isolation_tee if inner else result


AttestationToken.__module__ = AttestationResult.__module__ = inspect.__module__ = "azattest"
