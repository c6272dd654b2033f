"""Evidence of a trusted execution environment: parsed, and verified offline, without network and without the service.

    >>> from azattest import evidence
    >>> verdict = evidence.verify(open("quote.bin", "rb").read())
    >>> verdict.is_valid, verdict.not_checked

With collateral (``azattest.fetch_collateral(quote)``, or ``azattest.Collateral.load(*paths)``) revocation and TCB are verified
as well, and with an appraisal (``azattest.Appraisal(mr_enclave=..., ...)``) that it is the right program.
"""

import os

from .swig import _swig
from . import _options
from ._errors import Error, EvidenceError
from ._signer import AttestationSigner, wrap
from ._verdict import VerificationResult

__all__ = ["Evidence", "VerificationResult", "inspect", "load", "parse", "verify", "verify_service_certificate"]


def _json(data):
    import json

    return json.loads(data)


def _made(make, data):
    """What is too large or of a kind for later versions is a failure of the evidence too, though its status is not."""
    try:
        return wrap(Evidence, make(data))
    except Error as error:
        if type(error) is Error:
            error.__class__ = EvidenceError
        raise


def _content(file):
    """A path is read; what else it is, the library tells."""
    if isinstance(file, os.PathLike):
        with open(file, "rb") as opened:
            return opened.read()
    if isinstance(file, str):
        raise TypeError("bytes, or a path as an os.PathLike (pathlib.Path), expected, not str")
    return file


_PARTS = {
    "hcl_report": ("hcl_report", _options.bytes_of),
    "td_quote": ("td_quote", _options.bytes_of),
    "certificates": ("certificates", _options._utf8),
    "tpm_message": ("tpm_message", _options.bytes_of),
    "tpm_signature": ("tpm_signature", _options.bytes_of),
    "ak_public": ("ak_public", _options._utf8),
    "event_log": ("event_log", _options.bytes_of),
}


def _pcrs(pcrs):
    """{"sha256": {0: value}}, or {0: value} of that bank, as the library takes them."""
    if not any(hasattr(values, "items") for values in pcrs.values()):
        pcrs = {"sha256": pcrs}
    found = []
    for bank, values in pcrs.items():
        for index, value in values.items():
            found.append((_options._text("pcrs", bank), _options._integer("pcrs", int(index)), _options.bytes_of("pcrs", value)))
    return tuple(found)


def _given(names):
    """The keywords of verify() among the names of a function."""
    return {name: names[name] for name in _options.VERIFY}


class Evidence:
    """Parsed evidence of any kind: what a reader's kind of evidence has not got is None. Nothing of it is verified before
    verify() says so. Immutable."""

    __slots__ = ("_handle",)

    def __init__(self):
        raise TypeError("evidence comes from Evidence.parse(raw) or Evidence.load(file)")

    @staticmethod
    def parse(raw):
        """Parses raw evidence; its first bytes say what it is."""
        return _made(_swig.azattest_evidence_parse, raw)

    @staticmethod
    def load(file):
        """Parses the content of a file (bytes, or an os.PathLike of it), whatever wraps the evidence: raw, hexadecimal,
        base64, PEM, JSON."""
        return _made(_swig.azattest_evidence_load, _content(file))

    @staticmethod
    def new_guest(
        *,
        hcl_report=None,
        td_quote=None,
        certificates=None,
        tpm_message=None,
        tpm_signature=None,
        ak_public=None,
        pcrs=None,
        event_log=None,
    ):
        """Evidence of an Azure guest, or of any TPM, whose pieces are at hand one by one.

        `hcl_report` is that of NV index 0x01400001; `td_quote` is over the TDREPORT in it, `certificates` are those of the
        SEV-SNP report's key; `tpm_message` is TPMS_ATTEST, `tpm_signature` TPMT_SIGNATURE or an RSA signature alone;
        `ak_public` PEM or TPMT_PUBLIC; `pcrs` values by index, or such mappings by bank; `event_log` the TCG log.
        """
        given = {"hcl_report": hcl_report, "td_quote": td_quote, "certificates": certificates, "tpm_message": tpm_message}
        given.update(tpm_signature=tpm_signature, ak_public=ak_public, event_log=event_log)
        parts = _options.convert(_PARTS, given)
        if pcrs is not None:
            parts["pcrs"] = _pcrs(pcrs)
        return _made(_swig.azattest_py_new_guest, parts)

    @property
    def kind(self):
        """"sgx_quote", "tdx_quote", "open_enclave_report", "attested_certificate", "snp_report", "hcl_report", "tpm_quote" or
        "azure_guest"."""
        return _swig.azattest_evidence_kind(self._handle)

    @property
    def tee(self):
        """Whose hardware it speaks of: "sgx", "tdx", "snp", "tpm" or "none"."""
        return _swig.azattest_evidence_tee(self._handle)

    @property
    def form(self):
        """What load() unwrapped: "raw", "hex", "base64", "base64url", "pem" or "json"; "parts" of new_guest()."""
        return _swig.azattest_evidence_form(self._handle)

    @property
    def raw(self):
        """The raw evidence, as the service takes it."""
        return _swig.azattest_evidence_raw(self._handle)

    @property
    def quote(self):
        """The quote or report inside, without header and without bytes behind it."""
        return _swig.azattest_evidence_quote(self._handle)

    @property
    def trailing(self):
        """Bytes behind the quote, which nothing signs."""
        return _swig.azattest_evidence_trailing(self._handle)

    @property
    def held_data(self):
        """Held data that stood beside the evidence in a JSON document, or None."""
        return _swig.azattest_evidence_held_data(self._handle)

    @property
    def version(self):
        """Version of the quote or report; None where there is none (a local report)."""
        return self._number(_swig.azattest_evidence_version)

    @property
    def mr_enclave(self):
        """MRENCLAVE, 32 bytes."""
        return _swig.azattest_evidence_mr_enclave(self._handle)

    @property
    def mr_signer(self):
        """MRSIGNER, 32 bytes."""
        return _swig.azattest_evidence_mr_signer(self._handle)

    @property
    def report_data(self):
        """What the attested program put into the hardware's report, 64 bytes."""
        return _swig.azattest_evidence_report_data(self._handle)

    @property
    def cpu_svn(self):
        """CPUSVN, 16 bytes."""
        return _swig.azattest_evidence_cpu_svn(self._handle)

    @property
    def product_id(self):
        """ISVPRODID."""
        return self._number(_swig.azattest_evidence_product_id)

    @property
    def svn(self):
        """ISVSVN."""
        return self._number(_swig.azattest_evidence_svn)

    @property
    def is_debuggable(self):
        """The host can read and change what is attested: ATTRIBUTES.DEBUG, a TD under debug, or the guest policy's bit."""
        return _swig.azattest_evidence_is_debuggable(self._handle)

    @property
    def config_id(self):
        """CONFIGID of an enclave, 64 bytes."""
        return _swig.azattest_evidence_config_id(self._handle)

    @property
    def config_svn(self):
        """CONFIGSVN of an enclave."""
        return self._number(_swig.azattest_evidence_config_svn)

    @property
    def isv_family_id(self):
        """ISVFAMILYID of an enclave, 16 bytes."""
        return _swig.azattest_evidence_isv_family_id(self._handle)

    @property
    def isv_extended_product_id(self):
        """ISVEXTPRODID of an enclave, 16 bytes."""
        return _swig.azattest_evidence_isv_extended_product_id(self._handle)

    @property
    def tee_tcb_svn(self):
        """TEE_TCB_SVN of a trust domain, 16 bytes."""
        return _swig.azattest_evidence_tee_tcb_svn(self._handle)

    @property
    def mr_seam(self):
        """MRSEAM, 48 bytes."""
        return _swig.azattest_evidence_mr_seam(self._handle)

    @property
    def mr_signer_seam(self):
        """MRSIGNERSEAM, 48 bytes."""
        return _swig.azattest_evidence_mr_signer_seam(self._handle)

    @property
    def mr_td(self):
        """MRTD of a trust domain, 48 bytes."""
        return _swig.azattest_evidence_mr_td(self._handle)

    def rtmr(self, index):
        """A run-time measurement register (0 to 3) of a trust domain, 48 bytes."""
        if not 0 <= _options._integer("index", index) <= 3:
            raise ValueError("index: there are RTMRs 0 to 3, not %d" % index)
        return _swig.azattest_evidence_rtmr(self._handle, index)

    @property
    def mr_config_id(self):
        """MRCONFIGID, 48 bytes."""
        return _swig.azattest_evidence_mr_config_id(self._handle)

    @property
    def mr_owner(self):
        """MROWNER, 48 bytes."""
        return _swig.azattest_evidence_mr_owner(self._handle)

    @property
    def mr_owner_config(self):
        """MROWNERCONFIG, 48 bytes."""
        return _swig.azattest_evidence_mr_owner_config(self._handle)

    @property
    def mr_service_td(self):
        """MRSERVICETD of TD report 1.5, 48 bytes."""
        return _swig.azattest_evidence_mr_service_td(self._handle)

    @property
    def td_attributes(self):
        """TDATTRIBUTES."""
        return _swig.azattest_evidence_td_attributes(self._handle) if self.mr_td is not None else None

    @property
    def xfam(self):
        """XFAM."""
        return _swig.azattest_evidence_xfam(self._handle) if self.mr_td is not None else None

    @property
    def fmspc(self):
        """FMSPC of the platform, from the PCK certificate, 6 bytes."""
        return _swig.azattest_evidence_fmspc(self._handle)

    @property
    def pceid(self):
        """PCEID, 2 bytes."""
        return _swig.azattest_evidence_pceid(self._handle)

    @property
    def pck_ca(self):
        """"processor" or "platform": the authority that issued the PCK certificate."""
        return _swig.azattest_evidence_pck_ca(self._handle)

    @property
    def measurement(self):
        """The launch measurement of an SEV-SNP guest, 48 bytes."""
        return _swig.azattest_evidence_measurement(self._handle)

    @property
    def host_data(self):
        """Host data of an SEV-SNP report, 32 bytes."""
        return _swig.azattest_evidence_host_data(self._handle)

    @property
    def id_key_digest(self):
        """Digest of the key that signed the identity block of an SEV-SNP guest, 48 bytes."""
        return _swig.azattest_evidence_id_key_digest(self._handle)

    @property
    def author_key_digest(self):
        """Digest of the author key of an SEV-SNP guest, 48 bytes."""
        return _swig.azattest_evidence_author_key_digest(self._handle)

    @property
    def family_id(self):
        """Family id of an SEV-SNP guest, 16 bytes."""
        return _swig.azattest_evidence_family_id(self._handle)

    @property
    def image_id(self):
        """Image id of an SEV-SNP guest, 16 bytes."""
        return _swig.azattest_evidence_image_id(self._handle)

    @property
    def report_id(self):
        """Report id of an SEV-SNP guest, 32 bytes."""
        return _swig.azattest_evidence_report_id(self._handle)

    @property
    def chip_id(self):
        """Chip id of an SEV-SNP report, 64 bytes; all zero when masked."""
        return _swig.azattest_evidence_chip_id(self._handle)

    @property
    def reported_tcb(self):
        """Reported TCB version of an SEV-SNP report, 8 bytes; fields() has its parts."""
        return _swig.azattest_evidence_reported_tcb(self._handle)

    @property
    def guest_svn(self):
        """Security version of an SEV-SNP guest."""
        return self._number(_swig.azattest_evidence_guest_svn)

    @property
    def guest_policy(self):
        """Policy bits of an SEV-SNP guest."""
        return _swig.azattest_evidence_guest_policy(self._handle) if self.measurement is not None else None

    @property
    def vmpl(self):
        """VMPL of an SEV-SNP report: 0 to 3, or 4294967295 when the host asked for it."""
        return self._number(_swig.azattest_evidence_vmpl)

    @property
    def snp_product(self):
        """Product of an SEV-SNP report: "Milan", "Genoa", "Turin", "Venice"."""
        return _swig.azattest_evidence_snp_product(self._handle)

    @property
    def runtime_claims(self):
        """Runtime claims of an Azure guest: JSON, exactly the bytes that the hardware's report binds."""
        return _swig.azattest_evidence_runtime_claims(self._handle)

    @property
    def user_data(self):
        """What the guest itself put into its runtime claims, 64 bytes."""
        return _swig.azattest_evidence_user_data(self._handle)

    @property
    def nonce(self):
        """Nonce (qualifying data) of a TPM's quote, perhaps of no bytes."""
        return _swig.azattest_evidence_nonce(self._handle)

    def pcr(self, bank, index):
        """The value of a PCR as it came along: of a bank ("sha256", which None is, too; "sha1", "sha384", "sha512"), by index."""
        return _swig.azattest_evidence_pcr(self._handle, bank, _options._integer("index", index))

    @property
    def pcr_digest(self):
        """The digest over PCRs that a TPM's quote states."""
        return _swig.azattest_evidence_pcr_digest(self._handle)

    def _number(self, read):
        """-1 is the library's word for none."""
        number = read(self._handle)
        return None if number < 0 else number

    def fields(self):
        """Every field as a new dictionary, byte strings in lower-case hexadecimal."""
        return _json(_swig.azattest_evidence_fields(self._handle))

    def check_binding(self, runtime_data):
        """Raises EvidenceError unless SHA-256 of the runtime data is the first half of the report data."""
        if _swig.azattest_evidence_check_binding(self._handle, runtime_data) != 0:
            raise RuntimeError("the library did not check the binding")

    def verify(
        self,
        *,
        at=None,
        extra_roots=None,
        runtime_data=None,
        allow_debug=None,
        collateral=None,
        collateral_grace=None,
        appraisal=None,
        nonce=None,
        allow_masked_chip_id=None,
        refuse_unknown_bits=None,
    ):
        """Verifies offline: signatures, bindings, the chain to the maker's root key. What was left out, the verdict says.

        `collateral` (a Collateral, or the content of a file or several) adds revocation and TCB; `appraisal` (an Appraisal, a
        mapping of its members, or JSON text) says what is expected of the evidence. `at` is an aware datetime or seconds since
        1970 (now); `extra_roots` PEM certificates that are trusted beside the makers' roots; `runtime_data` makes its binding
        a required check, `nonce` the qualifying data of a TPM's quote; `allow_debug=False` refuses debuggable programs;
        `collateral_grace` is for how many seconds collateral that expired still counts; `allow_masked_chip_id` takes SEV-SNP
        reports without a chip id, `refuse_unknown_bits` refuses those with bits that are not known here.
        """
        members = _options.convert(_options.VERIFY, _given(locals()))
        return VerificationResult._of(_swig.azattest_evidence_verify(self._handle, members))

    def __repr__(self):
        parts = ["kind=%s" % self.kind]
        for name in ("version", "mr_enclave", "product_id", "svn", "mr_td", "measurement"):
            value = getattr(self, name)
            if value is not None:
                parts.append("%s=%s" % (name, value.hex() if isinstance(value, bytes) else value))
        return "Evidence(%s%s)" % (", ".join(parts), ", DEBUG" if self.is_debuggable else "")

    def __reduce__(self):
        return (Evidence.load if self.form == "parts" or self.kind == "azure_guest" else Evidence.parse, (self.raw,))


Evidence.__module__ = "azattest"


def evidence_of(evidence):
    """An Evidence, or that in the content of a file."""
    return evidence if isinstance(evidence, Evidence) else Evidence.load(evidence)


def parse(raw):
    """Parses raw evidence (bytes)."""
    return Evidence.parse(raw)


def load(file):
    """Parses the content of a file (bytes, or an os.PathLike of it), whatever wraps the evidence."""
    return Evidence.load(file)


def verify(evidence, **options):
    """Verifies an Evidence, or the content of a file (bytes, os.PathLike); the keywords of Evidence.verify()."""
    return evidence_of(evidence).verify(**options)


def verify_service_certificate(
    certificate,
    *,
    at=None,
    extra_roots=None,
    runtime_data=None,
    allow_debug=None,
    collateral=None,
    collateral_grace=None,
    appraisal=None,
    nonce=None,
    allow_masked_chip_id=None,
    refuse_unknown_bits=None,
):
    """Verifies the evidence inside a signing certificate of the service: DER, PEM, or an AttestationSigner, whose first
    certificate it is. Signed with its own key, alive, the quote inside genuine, and the key bound by it.

    The keywords are those of Evidence.verify(), but a debuggable enclave is refused unless `allow_debug` is True. Which enclave
    it has to be, an appraisal says by ``mr_enclave``, or ``mr_signer`` with ``product_id``: "identity" is not checked otherwise.
    """
    members = _options.convert(_options.VERIFY, _given(locals()))
    if isinstance(certificate, AttestationSigner):
        certificates = certificate.certificates_der
        if not certificates:
            raise ValueError("certificate: this signer has none")
        certificate = certificates[0]
    if not isinstance(certificate, str):  # PEM
        certificate = _content(certificate)
    return VerificationResult._of(_swig.azattest_verify_service_certificate(certificate, members))


def inspect(file):
    """Kind, form, version and every field of an Evidence, or of the content of a file (bytes, os.PathLike), as a
    dictionary."""
    found = evidence_of(file)
    return {"kind": found.kind, "form": found.form, "version": found.version, "fields": found.fields()}
