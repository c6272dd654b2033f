"""Whatever a verdict says beside its required checks is judged by an appraisal, or is listed as not judged: every reader of
a verdict, every warning, and every name of what was not checked has to be known here and in VERIFICATION.md.

A verifier whose signals nobody consumes accepts what it has seen to be wrong.
"""

import pathlib
import re
import sys

CORE = pathlib.Path(__file__).parents[2] / "core"
PAGE = (CORE / "include/azattest/VERIFICATION.md").read_text(encoding="utf-8")

# Readers of a verdict -> the members of an appraisal that judge what they say; "listed" where none does.
READERS = {
    "is_valid": "verdict", "is_complete": "allow_not_checked", "is_appraised": "verdict", "json": "verdict", "free": "verdict",
    "check_count": "verdict", "check_id": "verdict", "check_ok": "verdict", "check_detail": "verdict", "check_required": "verdict",
    "warning_count": "warnings", "warning": "warnings",
    "not_checked_count": "allow_not_checked", "not_checked": "allow_not_checked",
    "root": "listed", "tcb_status": "tcb_statuses", "tcb_date_ms": "min_tcb_date",
    "tcb_evaluation_data_number": "min_tcb_evaluation_data_number",
    "advisory_count": "advisories_accepted", "advisory": "advisories_refused",
    "earliest_expiration_ms": "listed", "latest_issue_ms": "listed",
}
# How warnings begin -> the same.
WARNINGS = {
    "DEBUG": "allow_debug", "EXTRA ROOT": "listed", "TRAILING BYTES": "listed", "EXPIRED COLLATERAL": "listed",
    "EVALUATION NUMBERS": "min_tcb_evaluation_data_number", "IDENTITY": "listed",
    "the report has bits that this library does not know": "listed", "the %s TCB is above": "min_reported_tcb",
    "the certificates beside the report were not used": "listed",
}


def members():
    return set(re.findall(r"^ +X\(\w+, (\w+), ", (CORE / "src/evidence/verdict/appraisal.h").read_text(encoding="utf-8"), re.M))


def main():
    offences = []
    header = (CORE / "include/azattest/evidence.h").read_text(encoding="utf-8")
    readers = set(re.findall(r"\bazattest_verification_result_(\w+)\(", header)) - {"free"} | {"free"}
    offences += [f"reader {name}: not known here" for name in sorted(readers - set(READERS))]
    offences += [f"reader {name}: the header has none" for name in sorted(set(READERS) - readers)]
    known = members()
    if len(known) < 50:
        offences.append("the members of an appraisal were not found")
    for name, member in {**READERS, **WARNINGS}.items():
        if member not in known | {"verdict", "warnings", "listed"}:
            offences.append(f"{name}: an appraisal has no member {member}")
    seen, left = set(), set()
    for path in sorted((CORE / "src/evidence").rglob("*.c")):
        text = path.read_text(encoding="utf-8")
        for warning in re.findall(r"verification_warn\((?!azattest_verification_result)[^;\"]*?\"((?:[^\"\\]|\\.)*)", text):
            begin = next((each for each in WARNINGS if warning.startswith(each)), None)
            if begin is None:
                offences.append(f"{path.name}: the warning '{warning}' is neither judged by an appraisal nor listed")
            seen.add(begin)
        left |= set(re.findall(r"verification_leave\([^;\"]*?\"(\w+)\"", text))
    offences += [f"warning {each}: nobody gives it" for each in sorted(set(WARNINGS) - seen)]
    offences += [f"not checked {each}: VERIFICATION.md does not tell of it" for each in sorted(left) if f"`{each}`" not in PAGE]
    for begin in WARNINGS:
        if begin.replace("the %s TCB is above", "TCB above another") not in PAGE:
            offences.append(f"warning {begin}: VERIFICATION.md does not tell of it")
    print("\n".join(offences), file=sys.stderr)
    return bool(offences)


if __name__ == "__main__":
    sys.exit(main())
