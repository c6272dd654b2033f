"""Verifies evidence with collateral and an appraisal, without any network, and tells why it is valid or is not.

Usage: verify_evidence.py EVIDENCE_FILE COLLATERAL_FILE APPRAISAL_FILE [ROOTS_FILE]

The evidence may be of any kind, in any wrapping. `azattest.fetch_collateral()`, or `azattest evidence collateral --evidence
EVIDENCE_FILE --fetch --out COLLATERAL_FILE`, fetches what its verdict needs; examples/appraisals has appraisals to begin
with. A file of roots is for evidence of the simulator; real evidence needs none.
"""

import sys
from pathlib import Path

import azattest


def verify(evidence_file, collateral_file, appraisal_file, roots_file=None):
    evidence = azattest.evidence.load(Path(evidence_file))
    verdict = evidence.verify(
        collateral=azattest.Collateral.load(collateral_file),  # may serve many verifications: it verifies its signatures once
        appraisal=azattest.Appraisal.load(appraisal_file),
        extra_roots=Path(roots_file).read_bytes() if roots_file else None,
    )
    for check in verdict.checks:
        if check.required or not check.id.startswith("appraisal."):  # members that the appraisal has not got are listed, too
            print(f"{ {True: 'ok', False: 'FAILED', None: 'not run'}[check.ok]:7} {check.id:28} {check.detail}")
    for warning in verdict.warnings:
        print("warning:", warning)
    for name in verdict.not_checked:
        print("not checked:", name)
    platform = f", platform {verdict.tcb_status}" if verdict.tcb_status else ""
    print(f"{'VALID' if verdict.is_valid else 'NOT VALID'}: {evidence.kind}{platform}, "
          f"{'complete' if verdict.is_complete else 'not complete'}")
    return verdict.is_valid


def main():
    if len(sys.argv) not in (4, 5):
        sys.exit(__doc__)
    try:
        sys.exit(0 if verify(*sys.argv[1:]) else 1)
    except (azattest.Error, ValueError, OSError) as error:
        sys.exit(f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    main()
