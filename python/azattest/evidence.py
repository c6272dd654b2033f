"""Evidence of a trusted execution environment: parsed, and verified offline, without network and without the service.

    >>> from azattest import evidence
    >>> verdict = evidence.verify(open("quote.bin", "rb").read())
    >>> verdict.is_valid, verdict.not_checked
"""

from .swig import _swig
from . import _options
from ._errors import Error, EvidenceError
from ._signer import wrap

__all__ = ["Evidence", "VerificationResult", "inspect", "load", "parse", "verify"]

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


class Evidence:
    """Parsed evidence: an Intel SGX quote, or an Open Enclave report around one. Immutable."""

    __slots__ = ("_handle",)

    def __init__(self):
        raise TypeError("evidence comes from Evidence.parse(raw) or Evidence.load(file)")

    @staticmethod
    def parse(raw):
        """Parses raw evidence; its first bytes say what it is."""
        return _made(_swig.azattest_evidence_parse, raw)

    @staticmethod
    def load(file):
        """Parses the content of a file, whatever wraps the evidence: raw, hexadecimal, base64, PEM, JSON."""
        return _made(_swig.azattest_evidence_load, file)

    @property
    def kind(self):
        """"sgx_quote" or "open_enclave_report"."""
        return _swig.azattest_evidence_kind(self._handle)

    @property
    def form(self):
        """What load() unwrapped: "raw", "hex", "base64", "base64url", "pem" or "json"."""
        return _swig.azattest_evidence_form(self._handle)

    @property
    def raw(self):
        """The raw evidence, as the service takes it."""
        return _swig.azattest_evidence_raw(self._handle)

    @property
    def quote(self):
        """The quote inside, without header and without bytes behind it."""
        return _swig.azattest_evidence_quote(self._handle)

    @property
    def held_data(self):
        """Held data that stood beside the evidence in a JSON document, or None."""
        return _swig.azattest_evidence_held_data(self._handle)

    @property
    def version(self):
        """Version of the quote."""
        return _swig.azattest_evidence_version(self._handle)

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
        """Report data, 64 bytes."""
        return _swig.azattest_evidence_report_data(self._handle)

    @property
    def cpu_svn(self):
        """CPUSVN, 16 bytes."""
        return _swig.azattest_evidence_cpu_svn(self._handle)

    @property
    def product_id(self):
        """ISVPRODID."""
        return _swig.azattest_evidence_product_id(self._handle)

    @property
    def svn(self):
        """ISVSVN."""
        return _swig.azattest_evidence_svn(self._handle)

    @property
    def is_debuggable(self):
        """ATTRIBUTES.DEBUG."""
        return _swig.azattest_evidence_is_debuggable(self._handle)

    def fields(self):
        """Every field as a new dictionary, byte strings in lower-case hexadecimal."""
        return _json(_swig.azattest_evidence_fields(self._handle))

    def check_binding(self, runtime_data):
        """Raises EvidenceError unless SHA-256 of the runtime data is the first half of the report data."""
        if _swig.azattest_evidence_check_binding(self._handle, runtime_data) != 0:
            raise RuntimeError("the library did not check the binding")

    def verify(self, *, at=None, extra_roots=None, runtime_data=None, allow_debug=None):
        """Verifies offline, without collateral: signatures, binding of the attestation key, chain to Intel's root key.

        `at` is an aware datetime or seconds since 1970 (now); `extra_roots` PEM certificates that are trusted beside
        Intel's root; `runtime_data` makes its binding a required check; `allow_debug=False` refuses debug enclaves.
        """
        given = {"at": at, "extra_roots": extra_roots, "runtime_data": runtime_data, "allow_debug": allow_debug}
        members = _options.convert(_options.VERIFY, given)
        return VerificationResult._of(_swig.azattest_evidence_verify(self._handle, members))

    def __repr__(self):
        return "Evidence(kind=%s, version=%d, mr_enclave=%s, product_id=%d, svn=%d%s)" % (
            self.kind,
            self.version,
            self.mr_enclave.hex(),
            self.product_id,
            self.svn,
            ", DEBUG" if self.is_debuggable else "",
        )

    def __reduce__(self):
        return (Evidence.parse, (self.raw,))


class VerificationResult:
    """The verdict of an offline verification. It is True in a condition only when it is valid."""

    __slots__ = ("_verdict",)

    def __init__(self):
        raise TypeError("verdicts come from Evidence.verify()")

    @classmethod
    def _of(cls, handle):
        from ._status import Check

        self = object.__new__(cls)
        checks = tuple(
            Check(
                _swig.azattest_verification_result_check_id(handle, i),
                {0: False, 1: True}.get(_swig.azattest_verification_result_check_ok(handle, i)),
                _swig.azattest_verification_result_check_detail(handle, i),
            )
            for i in range(_swig.azattest_verification_result_check_count(handle))
        )
        warnings = tuple(
            _swig.azattest_verification_result_warning(handle, i)
            for i in range(_swig.azattest_verification_result_warning_count(handle))
        )
        not_checked = tuple(
            _swig.azattest_verification_result_not_checked(handle, i)
            for i in range(_swig.azattest_verification_result_not_checked_count(handle))
        )
        self._verdict = (
            _swig.azattest_verification_result_is_valid(handle),
            checks,
            warnings,
            not_checked,
            _swig.azattest_verification_result_root(handle),
            _swig.azattest_verification_result_json(handle),
        )
        return self

    @property
    def is_valid(self):
        """Every required check is true."""
        return self._verdict[0]

    @property
    def checks(self):
        """Every check in order."""
        return self._verdict[1]

    @property
    def warnings(self):
        """What does not refuse but should be seen, for instance a DEBUG enclave."""
        return self._verdict[2]

    @property
    def not_checked(self):
        """What this verification left out."""
        return self._verdict[3]

    @property
    def root(self):
        """"intel", or "extra" for a root that the caller passed; None when the chain reached neither."""
        return self._verdict[4]

    def to_dict(self):
        """The whole verdict as a new dictionary."""
        return _json(self._verdict[5])

    def __bool__(self):
        return self.is_valid

    def __repr__(self):
        failed = [check.id for check in self.checks if check.ok is False]
        return "VerificationResult(%s%s%s, not checked: %s)" % (
            "valid" if self.is_valid else "NOT VALID",
            ", failed: " + " ".join(failed) if failed else "",
            ", warnings: %d" % len(self.warnings) if self.warnings else "",
            " ".join(self.not_checked),
        )


Evidence.__module__ = VerificationResult.__module__ = "azattest"


def parse(raw):
    """Parses raw evidence (bytes)."""
    return Evidence.parse(raw)


def load(file):
    """Parses the content of a file (bytes), whatever wraps the evidence."""
    return Evidence.load(file)


def verify(evidence, **options):
    """Verifies an Evidence, or the content of a file (bytes); the keywords of Evidence.verify()."""
    if not isinstance(evidence, Evidence):
        evidence = Evidence.load(evidence)
    return evidence.verify(**options)


def inspect(file):
    """Kind, form, version and every field of an Evidence, or of the content of a file (bytes), as a dictionary."""
    found = file if isinstance(file, Evidence) else Evidence.load(file)
    return {"kind": found.kind, "form": found.form, "version": found.version, "fields": found.fields()}
