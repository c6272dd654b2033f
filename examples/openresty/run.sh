#!/bin/sh
# Runs both examples, gateway.conf and key_release.conf, in an nginx with Lua of their own against the local attestation
# service, and shows whom they admit. It exits with 0 only if everything was as it has to be.
#
# Usage: sh examples/openresty/run.sh [--keep] [gateway | key_release]...
#   --keep   leaves nginx and the service running until Enter is pressed, and tells how to ask them
#
# BUILD    folder of the build with the command and the Lua modules: build/default of this checkout
# NGINX    another nginx, such as OpenResty's: nginx of the PATH. Its Lua is built in, or the module of
#          libnginx-mod-http-lua is loaded
# PORT     where the example listens on 127.0.0.1: 8480. What stands behind the gateway has the port after it
set -u
here=$(cd "$(dirname -- "$0")" && pwd) || exit 1
build=${BUILD:-$here/../../build/default}
port=${PORT:-8480}
PATH=$PATH:/usr/sbin:/usr/local/sbin
nginx=${NGINX:-nginx}
azattest=$build/core/azattest
keep=
examples=
for word; do
    case $word in
    -h | --help)
        sed -n '2,/^set /{s/^# \{0,1\}//p;}' "$0"
        exit 0
        ;;
    --keep) keep=yes ;;
    gateway | key_release) examples="$examples $word" ;;
    *)
        echo "run.sh: unknown word '$word'; see --help" >&2
        exit 2
        ;;
    esac
done

die() {
    echo "run.sh: $*" >&2
    exit 1
}

[ -x "$azattest" ] || die "there is no $azattest; build first, or name the build folder by BUILD"
build=$(cd "$build" && pwd)
azattest=$build/core/azattest
command -v "$nginx" >/dev/null || die "there is no nginx; on Debian: apt-get install nginx-light libnginx-mod-http-lua"
command -v curl >/dev/null || die "there is no curl"

work=$(mktemp -d) || die "no temporary folder"
service=
server=
stop_server() {
    [ -z "$server" ] || { kill "$server" 2>/dev/null; wait "$server" 2>/dev/null; }
    server=
}
# shellcheck disable=SC2329 # called by the trap
stop() {
    stop_server
    [ -z "$service" ] || { kill "$service" 2>/dev/null; wait "$service" 2>/dev/null; }
    rm -rf "$work"
}
trap stop EXIT
trap 'exit 130' INT TERM

# await WHAT PROCESS LOG COMMAND...: until the command succeeds
await() {
    what=$1 process=$2 log=$3 tries=0
    shift 3
    until "$@" >/dev/null 2>&1; do
        tries=$((tries + 1))
        kill -0 "$process" 2>/dev/null && [ $tries -lt 300 ] || { cat "$log" >&2; die "$what does not start"; }
        sleep 0.1
    done
}

echo "== the local attestation service (a development tool, not a trust anchor)"
"$azattest" emulator --state "$work/state" --ready-file "$work/ready" >/dev/null 2>"$work/service.log" &
service=$!
await "the service" "$service" "$work/service.log" test -s "$work/ready"
value() { grep -o "\"$1\": *\"[^\"]*" "$work/ready" | head -n 1 | cut -d '"' -f 4; }
AZATTEST_ENDPOINT=$(value endpoint)
ca_file=$(value ca_file)
echo "$AZATTEST_ENDPOINT"

# Three programs in enclaves: the one that is wanted, one of another signer, and the wanted one open to debuggers. Each
# has a key pair, and the token of an attestation that binds its public key.
MR_SIGNER=1111111111111111111111111111111111111111111111111111111111111111
other_signer=2222222222222222222222222222222222222222222222222222222222222222
enclave() {
    name=$1
    shift
    "$azattest" simulate signing-key --out-key "$work/$name.key" --out-certificate "$work/$name.crt" >/dev/null &&
        "$azattest" simulate sgx-quote --state "$work/state" --runtime-data "$work/$name.crt" --out "$work/$name.quote" "$@" >/dev/null &&
        "$azattest" attest sgx-enclave --endpoint "$AZATTEST_ENDPOINT" --ca-file "$ca_file" --quote "$work/$name.quote" \
            --runtime-data "$work/$name.crt" --json >"$work/$name.json" 2>"$work/$name.log" || { cat "$work/$name.log" >&2; die "no token for $name"; }
    grep -o '"token": *"[^"]*' "$work/$name.json" | cut -d '"' -f 4 >"$work/$name.token"
}
enclave wanted --mr-signer $MR_SIGNER --svn 3
enclave other --mr-signer $other_signer
enclave debuggable --mr-signer $MR_SIGNER --debug
# The token of the wanted enclave with another signature: its first letter is changed.
sed -e 's/\.A\([^.]*\)$/.B\1/' -e t -e 's/\.[^.]\([^.]*\)$/.A\1/' "$work/wanted.token" >"$work/forged.token"

printf 'the key of the database' >"$work/secret"
chmod 600 "$work/secret"
SECRET_FILE=$work/secret
POLICY_FILE=$work/policy # the one by which the tokens are to be judged: here the instance's own
AZURE_AUTHORITY_HOST=$(value authority_host) AZURE_TENANT_ID=$(value tenant_id) AZURE_CLIENT_ID=$(value client_id) \
    AZURE_CLIENT_SECRET=$(value client_secret) "$azattest" policy get SgxEnclave --endpoint "$AZATTEST_ENDPOINT" \
    --ca-file "$ca_file" --scopes https://attest.azure.net/.default >"$POLICY_FILE" 2>"$work/policy.log" ||
    { cat "$work/policy.log" >&2; die "the policy cannot be read"; }
export AZATTEST_ENDPOINT MR_SIGNER SECRET_FILE POLICY_FILE

# configure EXAMPLE: what the example's own file says it needs around it
configure() {
    "$nginx" -V 2>&1 | grep -Eq 'add-module=[^ ]*(ngx_lua|lua-nginx-module)' || for module in ndk_http_module ngx_http_lua_module; do
        file=$(ls "$("$nginx" -V 2>&1 | grep -o 'modules-path=[^ ]*' | cut -d = -f 2)/$module.so" /usr/lib/nginx/modules/$module.so 2>/dev/null | head -n 1)
        [ -n "$file" ] || die "nginx has no Lua; on Debian: apt-get install libnginx-mod-http-lua"
        echo "load_module $file;"
    done
    [ "$(id -u)" != 0 ] || echo "user root;" # the folder of this run is root's
    cat <<CONF
daemon off;
pid $work/pid;
error_log $work/error.log warn;
worker_processes 2;
env AZATTEST_ENDPOINT;
env MR_SIGNER;
env SECRET_FILE;
env POLICY_FILE;
events { }
http {
    access_log off;
    client_body_temp_path $work/body;
    proxy_temp_path $work/proxy;
    fastcgi_temp_path $work/fastcgi;
    uwsgi_temp_path $work/uwsgi;
    scgi_temp_path $work/scgi;
    large_client_header_buffers 4 16k; # tokens of virtual machines are larger than the usual 8k
    lua_package_path '$here/?.lua;$build/lua/luajit/?.lua;;';
    lua_package_cpath '$build/lua/luajit/?.so;;';
    lua_ssl_trusted_certificate $ca_file; # the local service's; else those of the system
    lua_ssl_verify_depth 5;
$(sed "s/127\.0\.0\.1:8480/127.0.0.1:$port/; s/127\.0\.0\.1:8481/127.0.0.1:$((port + 1))/" "$here/$1.conf")
}
CONF
}

listens() { curl -s -o "$work/answer" "http://127.0.0.1:$port/"; }

start() {
    configure "$1" >"$work/$1.conf" || exit 1
    "$nginx" -p "$work" -c "$work/$1.conf" 2>"$work/nginx.log" &
    server=$!
    await "nginx" "$server" "$work/nginx.log" listens
}

failed=0
# ask EXPECTED WHAT CURL-WORDS...: the status of the answer has to be the expected one. $work/answer has its body.
ask() {
    expected=$1 what=$2
    shift 2
    status=$(curl -s -o "$work/answer" -D "$work/head" -w '%{http_code}' "$@")
    printf '%-46s %s' "$what" "$status"
    sed -n 's/\r$//; s/^[Ww][Ww][Ww]-[Aa]uthenticate: /  /p' "$work/head" | tr -d '\n'
    echo
    [ "$status" = "$expected" ] || { failed=1; echo "FAILED: expected $expected" >&2; }
}
token() { printf 'Authorization: Bearer %s' "$(cat "$work/$1.token")"; }

refusals() {
    ask 401 "no token" "$@"
    ask 401 "a forged token" -H "$(token forged)" "$@"
    ask 403 "an enclave of another signer" -H "$(token other)" "$@"
    ask 403 "a debuggable enclave" -H "$(token debuggable)" "$@"
}

show_gateway() {
    address=http://127.0.0.1:$port/
    refusals $address
    ask 200 "the enclave that is wanted" -H "$(token wanted)" -H "X-Attested-Enclave: forged" $address
    echo "    behind the gateway: $(cat "$work/answer")"
    grep -q "^enclave [0-9a-f]\{64\}, svn 3, token ''" "$work/answer" || { failed=1; echo "FAILED: what it was told" >&2; }
    ask 204 "no token, where none is needed" ${address}healthz
}

show_key_release() {
    address=http://127.0.0.1:$port/release
    refusals -X POST $address
    ask 403 "a method that is not allowed" -H "$(token wanted)" $address
    ask 200 "the enclave that is wanted" -X POST -H "$(token wanted)" $address
    cp "$work/answer" "$work/sealed"
    if "$azattest" secret open "$work/sealed" --key "$work/wanted.key" --out "$work/opened" >/dev/null 2>&1 &&
        cmp -s "$work/opened" "$work/secret"; then
        echo "    the enclave has the secret: $(wc -c <"$work/opened") bytes"
    else
        failed=1
        echo "FAILED: the enclave cannot open it" >&2
    fi
    if "$azattest" secret open "$work/sealed" --key "$work/other.key" --out "$work/stolen" >/dev/null 2>&1; then
        failed=1
        echo "FAILED: another enclave opened it" >&2
    else
        echo "    the key of the other enclave does not open it"
    fi
}

for example in ${examples:-gateway key_release}; do
    echo
    echo "== $example.conf"
    start "$example"
    "show_$example"
    if [ -n "$keep" ]; then
        echo "nginx listens on 127.0.0.1:$port; a token that is admitted is in $work/wanted.token:"
        echo "    curl -H \"Authorization: Bearer \$(cat $work/wanted.token)\" $address"
        printf 'Enter goes on: '
        read -r _
    fi
    stop_server
    if grep -qF "$(cut -c 1-60 "$work/wanted.token")" "$work/error.log"; then
        failed=1
        echo "FAILED: a token is in the log" >&2
    fi
done
[ "$failed" = 0 ] || { cat "$work/error.log" >&2; exit 1; }
