"""Would this evidence be admitted under this policy, and what would the token say? Answered here: nothing is sent.

Usage: policy_language.py POLICY_FILE ATTESTATION_TYPE EVIDENCE_FILE

Says what is wrong with the policy or looks wrong, then what it makes of the claims that the service would make of the
evidence, rule by rule. Whether the evidence is genuine is another question: verify_evidence.py.
"""

import sys
from pathlib import Path

import azattest


def judge(policy_file, attestation_type, evidence_file):
    text = Path(policy_file).read_bytes()
    report = azattest.policy.lint(text, attestation_type)
    for finding in report:
        print(f"{policy_file}:{finding}")
    if report.error_count:
        return False  # the service would refuse the policy; azattest.Policy.parse() raises PolicyError

    policy = azattest.Policy.parse(text, attestation_type)  # may serve many evaluations, of many threads
    known = azattest.policy.known_name(policy.policy_hash)
    print(f"version {policy.version}, rules: {policy.rule_count}{', the ' + known if known else ''}")
    evaluation = policy.evaluate(azattest.evidence.load(Path(evidence_file)))
    print(evaluation.explanation)  # evaluation.claims and .properties are dictionaries
    return evaluation.is_permitted


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    try:
        sys.exit(0 if judge(*sys.argv[1:]) else 1)
    except (azattest.Error, ValueError, OSError) as error:
        sys.exit(f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    main()
