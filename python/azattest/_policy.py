"""Policies without a service: parsed, checked, compared, and evaluated."""

from collections import namedtuple

from .swig import _swig
from . import _options
from ._claims import claims_in, claims_of, token_of
from ._errors import PolicyError
from ._signer import wrap

_WIDTH = 100  # of a line of source text in a report


def _made(value, what):
    """What the library makes when it is asked for is missing only when memory is short."""
    if value is None:
        raise MemoryError(what)
    return value


def _json(data, what):
    import json

    return json.loads(_made(data, what))


def _count(number, what):
    return "%d %s%s" % (number, what, "" if number == 1 else "s")


class Finding(namedtuple("Finding", "severity id line column offset length message found expected")):
    """One finding about a policy: "error", "warning" or "note", its stable id, and where it is: line and column count from
    1, a column is a character; offset and length are bytes of the text in UTF-8."""

    __slots__ = ()

    def __str__(self):
        return "%d:%d: %s: %s [%s]" % (self.line, self.column, self.severity, _printable(self.message), self.id)


def _printable(text):
    """Foreign text on one line; a blank stands for a tab, so that columns stay columns."""
    return "".join(c if c.isprintable() else " " if c == "\t" else ascii(c)[1:-1] for c in text)


def _place(lines, finding):
    """The line of a finding, and a mark below it."""
    if not 0 < finding.line <= len(lines):
        return []
    line, at = lines[finding.line - 1].rstrip("\r"), finding.column - 1
    first = max(0, at - _WIDTH // 2) if len(line) > _WIDTH else 0
    before, after = _printable(line[first:at]), _printable(line[at : first + _WIDTH])
    return [("    " + before + after).rstrip(), "    " + " " * len(before) + "^"]


class PolicyReport:
    """What is wrong with a policy's text, or looks wrong. A sequence of findings (named tuples), so it is True in a
    condition when there are any; ``print(report)`` shows them as compilers do."""

    __slots__ = ("_handle", "_given", "_findings")

    def __init__(self):
        raise TypeError("reports come from azattest.policy.lint() or Policy.lint()")

    @classmethod
    def _of(cls, text, members):
        self = object.__new__(cls)
        self._handle = _swig.azattest_policy_lint(text, members)
        self._given = (text if isinstance(text, str) else bytes(text).decode(), members)
        self._findings = None
        return self

    @property
    def findings(self):
        """The findings in the order of the text."""
        if self._findings is None:
            found = _json(_swig.azattest_policy_report_json(self._handle), "the report's JSON")
            self._findings = tuple(Finding(*map(each.get, Finding._fields)) for each in found)
        return self._findings

    @property
    def error_count(self):
        """Findings that the service refuses, or that certainly break the policy."""
        return _swig.azattest_policy_report_error_count(self._handle)

    @property
    def warning_count(self):
        """Findings that are taken, and probably do not mean what their author thinks."""
        return _swig.azattest_policy_report_warning_count(self._handle)

    @property
    def note_count(self):
        """Findings that have a better form."""
        return _swig.azattest_policy_report_note_count(self._handle)

    @property
    def is_cut(self):
        """There was more to say than a report holds."""
        return _swig.azattest_policy_report_is_cut(self._handle)

    @property
    def json(self):
        """The findings as JSON text."""
        return _made(_swig.azattest_policy_report_json(self._handle), "the report's JSON").decode()

    def __len__(self):
        return _swig.azattest_policy_report_count(self._handle)

    def __iter__(self):
        return iter(self.findings)

    def __getitem__(self, index):
        return self.findings[index]

    def _summary(self):
        counts = ((self.error_count, "error"), (self.warning_count, "warning"), (self.note_count, "note"))
        told = ", ".join(_count(*each) for each in counts if each[0]) or "no findings"
        return told + (", and more that is left out" if self.is_cut else "")

    def __str__(self):
        """Each finding with its line of the text, then how many there are."""
        lines, told = self._given[0].split("\n"), []
        for finding in self.findings:
            told += [str(finding), *_place(lines, finding)]
        return "\n".join([*told, self._summary()])

    def __repr__(self):
        return "PolicyReport(%s)" % self._summary()

    def __reduce__(self):
        return (PolicyReport._of, self._given)


class Policy:
    """A parsed policy: it has no errors. Immutable; evaluated any number of times, by any number of threads.

    ``print(policy)`` shows it in the one layout; ``text`` is what was parsed, byte for byte, and what the hash is of.
    """

    __slots__ = ("_handle", "_members")

    def __init__(self):
        raise TypeError("policies come from Policy.parse(text)")

    @staticmethod
    def parse(text, attestation_type=None, *, lenient=False):
        """Parses a policy (str or bytes), and checks all that can be known without claims.

        `attestation_type` ("SgxEnclave", ...) is what it is for: the claims of evidence are then made for that type. With
        `lenient` what the service may or may not take is let pass: ``lint()`` warns of it. Raises PolicyError, which lists
        every error.
        """
        members = _options.convert(_options.PARSE, {"attestation_type": attestation_type, "lenient": lenient})
        try:
            self = wrap(Policy, _swig.azattest_policy_parse(text, members))
        except PolicyError as error:
            error.findings = tuple(each for each in PolicyReport._of(text, members) if each.severity == "error")
            raise
        self._members = members
        return self

    @property
    def text(self):
        """The text as it was given."""
        return _swig.azattest_policy_text(self._handle)

    @property
    def version(self):
        """"1.0", "1.1" or "1.2"."""
        return _swig.azattest_policy_version(self._handle)

    @property
    def policy_hash(self):
        """What `x-ms-policy-hash` of tokens has that were made under this text, 32 bytes."""
        return _swig.azattest_policy_policy_hash(self._handle)

    @property
    def rule_count(self):
        """Rules of all sections."""
        return _swig.azattest_policy_rule_count(self._handle)

    @property
    def formatted(self):
        """The same policy in the one layout, with its comments: another text, and so another hash. None when it would be
        larger than a policy may be."""
        return _swig.azattest_policy_formatted(self._handle)

    @property
    def explanation(self):
        """What the policy does, in English: a summary, then a sentence for each rule."""
        return _made(_swig.azattest_policy_explanation(self._handle), "the policy's explanation")

    def tree(self):
        """Sections, rules, conditions, tests and actions as a new dictionary, each with its place in the text."""
        return _json(_swig.azattest_policy_tree(self._handle), "the policy's tree")

    def lint(self):
        """What looks wrong with it: PolicyReport."""
        return PolicyReport._of(self.text, self._members)

    def matches_token(self, token):
        """Whether a token (AttestationToken, AttestationResult, AttestationResponse or text) was made under this text, by its
        hash; None when it has none. Says nothing about the token's validity."""
        return _swig.azattest_policy_matches_token(self._handle, token_of(token)._handle)

    def evaluate(
        self,
        claims,
        *,
        work_limit=None,
        attestation_type=None,
        runtime_data=None,
        runtime_json=None,
        inittime_data=None,
        inittime_json=None,
        nonce=None,
    ):
        """What the policy makes of claims: PolicyEvaluation.

        `claims` is a ClaimSet, or what one is made of: a mapping, a list of claims, JSON text (of `attestation_type`, or of
        the policy's own); the claims of a token (AttestationToken, AttestationResult, AttestationResponse) are those that its
        policy saw, an Evidence's those that the service would make of it, with the keywords of ClaimSet.from_evidence().
        `work_limit` is how many steps it may take. What cannot be evaluated raises PolicyEvaluationError, or Error where a
        limit is reached, and is no permit.
        """
        given = {name: value for name, value in locals().items() if name in _options.CLAIMS}
        members = _options.convert(_options.EVALUATION, {"work_limit": work_limit})
        return PolicyEvaluation._of(self, claims_of(claims, given, self._members.get("attestation_type")), members)

    def compare(self, other):
        """What differs from this policy to another one (Policy, or text): PolicyDifference."""
        return PolicyDifference.compare(self, other)

    def __str__(self):
        return self.formatted or self.text

    def __repr__(self):
        known = _swig.azattest_policy_known_name(self.policy_hash)
        return "Policy(version %s, %s, hash %s%s)" % (
            self.version,
            _count(self.rule_count, "rule"),
            _base64url(self.policy_hash),
            ": " + known if known else "",
        )

    def __eq__(self, other):
        if not isinstance(other, Policy):
            return NotImplemented
        return (self.text, self._members) == (other.text, other._members)

    def __hash__(self):
        return hash(self.text)

    def __reduce__(self):
        return (_restore, (self.text, self._members))


def _base64url(data):
    import base64

    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _restore(text, members):
    self = wrap(Policy, _swig.azattest_policy_parse(text, members))
    self._members = members
    return self


def policy_of(policy, attestation_type=None, *, lenient=False):
    """A Policy, or the one of a text."""
    if not isinstance(policy, Policy):
        return Policy.parse(policy, attestation_type, lenient=lenient)
    if attestation_type is not None or lenient:
        raise TypeError("attestation_type and lenient are for a policy's text: a Policy has been parsed")
    return policy


class PolicyEvaluation:
    """What a policy makes of claims. True in a condition only when they are permitted (``is_permitted``); ``print()`` tells
    why, or why not. Immutable."""

    __slots__ = ("_handle", "_of_what")

    def __init__(self):
        raise TypeError("evaluations come from Policy.evaluate(claims)")

    @classmethod
    def _of(cls, policy, claims, members):
        self = object.__new__(cls)
        self._handle = _swig.azattest_policy_evaluate(policy._handle, claims._handle, members)
        self._of_what = (policy, claims, members)
        return self

    @property
    def is_permitted(self):
        """A rule permits, and none denies."""
        return _swig.azattest_policy_evaluation_is_permitted(self._handle)

    @property
    def outcome(self):
        """"permit" or "deny"."""
        return _swig.azattest_policy_evaluation_outcome(self._handle)

    @property
    def reason(self):
        """What decided: "the rule of line 5 denies"."""
        return _swig.azattest_policy_evaluation_reason(self._handle)

    @property
    def deny_line(self):
        """Line of the first deny rule that fired; None when none did."""
        return _swig.azattest_policy_evaluation_deny_line(self._handle) or None

    @property
    def deny_rule(self):
        """Its source text, or None."""
        return _swig.azattest_policy_evaluation_deny_rule(self._handle)

    @property
    def claims(self):
        """What the policy issues into the token: type to value, or to a list of values. A new dictionary."""
        return _json(_swig.azattest_policy_evaluation_claims(self._handle), "the claims' JSON")

    @property
    def properties(self):
        """The properties that the policy sets, in the same form. A new dictionary."""
        return _json(_swig.azattest_policy_evaluation_properties(self._handle), "the properties' JSON")

    @property
    def incoming(self):
        """All claims at the end, those that came in and those that rules added: named tuples as of a ClaimSet."""
        return claims_in(_swig.azattest_policy_evaluation_incoming(self._handle))

    @property
    def trace(self):
        """What each rule did, in their order: a new list of dictionaries, which say whether it fired, with which claims,
        what it made, and why it did not."""
        return _json(_swig.azattest_policy_evaluation_trace(self._handle), "the trace's JSON")

    @property
    def explanation(self):
        """The same in English, of some lines."""
        return _made(_swig.azattest_policy_evaluation_explanation(self._handle), "the evaluation's explanation")

    def __bool__(self):
        return self.is_permitted

    def __str__(self):
        return self.explanation

    def __repr__(self):
        claims, properties = len(self.claims), len(self.properties)
        return "PolicyEvaluation(%s: %s%s%s)" % (
            self.outcome,
            self.reason,
            ", issues " + _count(claims, "claim") if self.is_permitted else "",
            ", sets %d %s" % (properties, "property" if properties == 1 else "properties") if properties else "",
        )

    def __reduce__(self):
        return (PolicyEvaluation._of, self._of_what)


class PolicyDifference:
    """Two policies compared rule by rule, and by what they make of claims (``add()``). True in a condition when their rules
    differ; ``print()`` shows how."""

    __slots__ = ("_handle",)

    def __init__(self):
        raise TypeError("differences come from Policy.compare(other) or PolicyDifference.compare(before, after)")

    @staticmethod
    def compare(before, after):
        """Compares two policies, each a Policy or text."""
        before, after = policy_of(before), policy_of(after)
        return wrap(PolicyDifference, _swig.azattest_policy_compare(before._handle, after._handle))

    def add(
        self,
        name,
        claims,
        *,
        attestation_type=None,
        runtime_data=None,
        runtime_json=None,
        inittime_data=None,
        inittime_json=None,
        nonce=None,
    ):
        """Evaluates both over claims (as Policy.evaluate() takes them), and keeps under a name what differs. A policy that
        cannot be evaluated over them has the outcome "error"."""
        given = {each: value for each, value in locals().items() if each in _options.CLAIMS}
        if _swig.azattest_policy_difference_add(self._handle, name, claims_of(claims, given)._handle) != 0:
            raise RuntimeError("the library did not add it")

    @property
    def is_same(self):
        """The same version, sections and rules in the same order."""
        return _swig.azattest_policy_difference_is_same(self._handle)

    @property
    def is_same_text(self):
        """The same text, byte for byte, and so the same hash."""
        return _swig.azattest_policy_difference_is_same_text(self._handle)

    @property
    def change_count(self):
        """Rules added, removed, changed or moved, sections that only one policy has, and another version."""
        return _swig.azattest_policy_difference_change_count(self._handle)

    @property
    def outcome_count(self):
        """Sets of claims that were added."""
        return _swig.azattest_policy_difference_outcome_count(self._handle)

    @property
    def outcome_changed_count(self):
        """Those of them for which the outcome, a claim or a property differs."""
        return _swig.azattest_policy_difference_outcome_changed_count(self._handle)

    @property
    def text(self):
        """All of it for people: rules as in a unified diff, then the outcomes."""
        return _made(_swig.azattest_policy_difference_text(self._handle), "the difference's text")

    def to_dict(self):
        """All of it as a new dictionary: what is the same, versions and hashes, changes, outcomes."""
        return _json(_swig.azattest_policy_difference_json(self._handle), "the difference's JSON")

    def __bool__(self):
        return not self.is_same

    def __str__(self):
        return self.text

    def __repr__(self):
        same = "same text" if self.is_same_text else "same rules, other text" if self.is_same else None
        outcomes = "%d of %s differ" % (self.outcome_changed_count, _count(self.outcome_count, "outcome"))
        return "PolicyDifference(%s%s)" % (same or _count(self.change_count, "change"), ", " + outcomes if self.outcome_count else "")

    def __reduce__(self):
        raise TypeError("a PolicyDifference is not pickled: to_dict() has all of it")


for _each in (Policy, PolicyDifference, PolicyEvaluation, PolicyReport):
    _each.__module__ = "azattest"
