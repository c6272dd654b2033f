#!/bin/sh
# Installs what is missing, builds, and runs every test: the quick ones, the local service, the bindings, the same
# again under sanitizers (many threads under ThreadSanitizer), the fuzz targets for some seconds each, and the format.
# Usage: sh tests/run.sh [--fuzz-seconds N] [--help]
set -u
cd "$(dirname -- "$0")/.." || exit 1
. tests/support/setup.sh

fuzz_seconds=4
while [ $# -gt 0 ]; do
    case $1 in
    --fuzz-seconds)
        [ $# -ge 2 ] || die "--fuzz-seconds needs a number"
        fuzz_seconds=$2
        shift
        ;;
    -h | --help)
        sed -n '2,4s/^# //p' "$0"
        exit 0
        ;;
    *) die "unknown option $1 (see --help)" ;;
    esac
    shift
done

passed=0
failed=0
witnesses=
# step NAME COMMAND...: runs it, keeps going, and remembers.
step() {
    name=$1
    shift
    say "$name"
    if "$@"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'FAILED: %s\n' "$name" >&2
    fi
}

fuzz_all() {
    configure_and_build fuzz || return 1
    result=0
    for target in build/fuzz/tests/fuzz_*; do
        [ -x "$target" ] || continue
        fuzzed=${target##*/fuzz_}
        corpus=build/fuzz/corpus/$fuzzed
        mkdir -p "$corpus"
        "$PYTHON" tests/fuzz/seeds.py "$fuzzed" "$corpus" || result=1
        printf '%s: ' "$fuzzed"
        if "$target" -max_total_time="$fuzz_seconds" -timeout=10 -rss_limit_mb=2048 -max_len=16384 \
            -artifact_prefix="$corpus-crash-" "$corpus" >"build/fuzz/$fuzzed.log" 2>&1; then
            grep -E '^Done ' "build/fuzz/$fuzzed.log" || echo done
        else
            tail -n 30 "build/fuzz/$fuzzed.log"
            result=1
        fi
    done
    return $result
}

check_format() {
    git ls-files -z -- '*.c' '*.h' | xargs -0 clang-format --dry-run --Werror
}

mkdir -p build
say "dependencies"
# for the official SDKs; a node that did not come from Debian brings its npm along
{ command -v node && command -v npm; } >/dev/null 2>&1 || test_packages="$test_packages nodejs npm"
python3 -c 'import ensurepip' 2>/dev/null || test_packages="$test_packages python3-venv"
# shellcheck disable=SC2086 # lists of words
install_missing $build_packages $test_packages
if [ -d "${AZATTEST_EVIDENCE:-../shared/evidence}" ]; then
    echo "real evidence: ${AZATTEST_EVIDENCE:-../shared/evidence}"
else
    echo "SKIPPING ALL TESTS ON REAL EVIDENCE: there is no folder ${AZATTEST_EVIDENCE:-../shared/evidence} (set AZATTEST_EVIDENCE)"
fi
step "build (log: build/default.log)" configure_and_build default -DAZATTEST_TESTS=ON
say "official SDKs, from npm and PyPI"
"$PYTHON" tests/integration/witness/install.py build/default/witness || witnesses="; the tests labelled witness are SKIPPED, see above"
step "tests" ctest --preset default -j2
step "build with AddressSanitizer and UndefinedBehaviorSanitizer (log: build/dev.log)" configure_and_build dev
step "tests under sanitizers" ctest --preset dev -j2
step "build with ThreadSanitizer (log: build/tsan.log)" configure_and_build tsan
step "tests of many threads under it" ctest --preset tsan
step "fuzz targets, $fuzz_seconds s each" fuzz_all
step "format" check_format
printf '\n%d passed, %d failed%s\n' "$passed" "$failed" "$witnesses"
[ "$failed" = 0 ]
