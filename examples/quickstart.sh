#!/bin/sh
# Installs what is missing, builds, starts the local attestation service, attests an SGX quote through C, Python and
# Lua, and shows that a forgery is refused. Usage: sh examples/quickstart.sh      (QUOTE=file attests that quote)
set -u
case ${1-} in
-h | --help)
    sed -n '2,3s/^# //p' "$0"
    exit 0
    ;;
esac
quote=${QUOTE-}
case $quote in
'' | /*) ;;
*) quote=$PWD/$quote ;;
esac
cd "$(dirname -- "$0")/.." || exit 1
. tests/support/setup.sh

service=
work=
# shellcheck disable=SC2329 # called by the trap
stop() {
    [ -z "$service" ] || kill "$service" 2>/dev/null
    [ -z "$service" ] || wait "$service" 2>/dev/null
    [ -z "$work" ] || rm -rf "$work"
}
trap stop EXIT
trap 'exit 130' INT TERM

say "1 of 4: what is needed"
# shellcheck disable=SC2086 # a list of words
install_missing $build_packages
say "2 of 4: build (log: build/default.log)"
mkdir -p build
tests=OFF
[ "$(sed -n 's/^AZATTEST_TESTS:BOOL=//p' build/default/CMakeCache.txt 2>/dev/null)" != ON ] || tests=ON
configure_and_build default -DAZATTEST_TESTS=$tests || exit 1
azattest=$PWD/build/default/core/azattest

say "3 of 4: the local attestation service (a development tool, not a trust anchor)"
work=$(mktemp -d) || die "no temporary folder"
"$azattest" emulator --state "$work/state" --ready-file "$work/ready" >/dev/null 2>"$work/service.log" &
service=$!
tries=0
while [ ! -s "$work/ready" ]; do
    tries=$((tries + 1))
    kill -0 "$service" 2>/dev/null && [ $tries -lt 300 ] || { cat "$work/service.log" >&2; die "the service did not start"; }
    sleep 0.1
done
endpoint=$("$PYTHON" -c 'import json, sys; print(json.load(open(sys.argv[1]))["endpoint"])' "$work/ready")
ca_file=$("$PYTHON" -c 'import json, sys; print(json.load(open(sys.argv[1]))["ca_file"])' "$work/ready")
echo "$endpoint"

real=${AZATTEST_EVIDENCE:-../shared/evidence}/sgx/azure-intelsdk-2023-release.quote.bin
if [ -n "$quote" ]; then
    [ -r "$quote" ] || die "cannot read QUOTE=$quote"
    echo "the quote: $quote (your own)"
elif [ -r "$real" ]; then
    quote=$real
    echo "the quote: $quote (a real one, made by an enclave in Azure)"
else
    quote=$work/quote.bin
    "$azattest" simulate sgx-quote --state "$work/state" --out "$quote" || die "the simulator failed"
    echo "the quote: simulated, since there is no evidence folder (set QUOTE=file or AZATTEST_EVIDENCE for a real one)"
fi

failed=0
# show NAME COMMAND...: the command has to succeed.
show() {
    printf '\n-- %s\n' "$1"
    shift
    "$@" || { failed=1; echo "FAILED" >&2; }
}

say "4 of 4: the same attestation in each language"
show "C (examples/c/attest.c)" build/default/examples/attest "$endpoint" "$ca_file" "$quote"
show "Python (examples/python/attest.py)" env PYTHONPATH="$PWD/build/default/python" \
    "$PYTHON" examples/python/attest.py "$endpoint" "$ca_file" "$quote"
for lua in 5.4 luajit; do
    modules=$PWD/build/default/lua/$lua
    command=luajit
    [ "$lua" = luajit ] || command=lua$lua
    show "Lua, $command (examples/lua/attest.lua)" env LUA_PATH="$modules/?.lua;;" LUA_CPATH="$modules/?.so;;" \
        "$command" examples/lua/attest.lua "$endpoint" "$ca_file" "$quote"
done

printf '\n-- a forgery: one bit of the MRENCLAVE in the same quote is flipped\n'
"$PYTHON" - "$quote" "$work/forged.bin" "$azattest" <<'PY' || die "cannot make the forgery"
import json, subprocess, sys
quote, forged, azattest = sys.argv[1:]
fields = json.loads(subprocess.run([azattest, "evidence", "inspect", quote, "--json"], capture_output=True).stdout)["fields"]
data = open(quote, "rb").read()
def find(text):
    for key, value in text.items():
        if key == "mr_enclave":
            return value
        if isinstance(value, dict) and (found := find(value)):
            return found
wanted = bytes.fromhex(find(fields))
for form in (wanted, wanted.hex().encode(), wanted.hex().upper().encode()):
    if form in data:
        at = data.index(form)
        open(forged, "wb").write(data[:at] + bytes([data[at] ^ 1]) + data[at + 1:])
        break
else:
    sys.exit("the quote's MRENCLAVE does not stand in the file as such (base64?): give a raw or hexadecimal one")
PY
if build/default/examples/attest "$endpoint" "$ca_file" "$work/forged.bin"; then
    failed=1
    echo "FAILED: the forgery was accepted" >&2
else
    echo "refused, as it must be"
fi
[ "$failed" = 0 ] || exit 1
say "examples/ has more stories: secret_release, offline, policy_rollover, certificate_rotation, attest_many; each tells its usage"
say "examples/openresty/run.sh shows two more in nginx"
say "done: read README.md next; 'build/default/core/azattest --help' lists the command's words"
