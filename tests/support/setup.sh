# Sourced by examples/quickstart.sh and tests/run.sh: installs what is missing on Debian, and builds.
# POSIX sh. Sets PYTHON (the interpreter itself, not a shim in front of it).

build_packages="ca-certificates gcc libc6-dev cmake ninja-build pkg-config libssl-dev libcurl4-openssl-dev libcjson-dev libmicrohttpd-dev libsqlite3-dev
    swig python3 python3-dev lua5.4 liblua5.4-dev luajit2 libluajit2-5.1-dev"
test_packages="libcmocka-dev clang libclang-rt-14-dev clang-format valgrind git curl nginx libnginx-mod-http-lua wrk
    libcjose-dev libjwt-dev python3-jwt"

say() {
    printf '\n== %s\n' "$*"
}

die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1; then
        sudo "$@"
    else
        die "these packages are missing and neither root nor sudo is at hand: $missing"
    fi
}

# install_missing PACKAGE...: asks the package database first, so that a second run touches nothing.
install_missing() {
    command -v dpkg-query >/dev/null 2>&1 || {
        echo "not a Debian system: please see to it yourself that these are there: $*"
        return 0
    }
    missing=
    for package in "$@"; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing="$missing $package"
    done
    [ -n "$missing" ] || {
        echo "everything needed is installed"
        return 0
    }
    echo "installing:$missing"
    # shellcheck disable=SC2086 # a list of words
    as_root apt-get update -qq && as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends $missing >/dev/null ||
        die "apt-get could not install:$missing"
}

find_python() {
    # python3 may be a shim that picks a version by the current folder; what is built must fit what runs it
    PYTHON=$(python3 -c 'import sys; print(sys.executable)') || die "python3 does not run"
    export PYTHON
}

# configure_and_build PRESET [OPTION...]: fails with the log's last words.
configure_and_build() {
    preset=$1
    shift
    find_python
    if ! cmake --preset "$preset" -DPython3_EXECUTABLE="$PYTHON" "$@" >"build/$preset.log" 2>&1; then
        tail -n 40 "build/$preset.log" >&2
        echo "error: cmake --preset $preset failed; the log is build/$preset.log" >&2
        return 1
    fi
    if ! cmake --build --preset "$preset" >>"build/$preset.log" 2>&1; then
        grep -nE 'error|FAILED|undefined' "build/$preset.log" | head -n 20 >&2
        echo "error: the build failed; the log is build/$preset.log" >&2
        return 1
    fi
}
