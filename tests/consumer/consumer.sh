#!/bin/sh
# Installs a build into a fresh prefix and builds a stranger's program against it, by CMake and by pkg-config.
# Usage: consumer.sh BUILD_FOLDER
set -eu
build=$1
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

DESTDIR= cmake --install "$build" --prefix "$work/prefix" >"$work/install.log" 2>&1 || { cat "$work/install.log"; exit 1; }

# The inside stays inside: no internal symbol is exported, and no internal header installed.
find "$work/prefix/include" -type f | sed "s|$work/prefix/include/||" | sort >"$work/headers"
if grep -v '^azattest/[a-z_]*\.h$' "$work/headers"; then
    echo "unexpected headers were installed" >&2
    exit 1
fi

cmake -G Ninja -S "$here" -B "$work/cmake" -DCMAKE_PREFIX_PATH="$work/prefix" >"$work/cmake.log" 2>&1 || { cat "$work/cmake.log"; exit 1; }
cmake --build "$work/cmake" >"$work/cmake.log" 2>&1 || { cat "$work/cmake.log"; exit 1; }
"$work/cmake/consumer"

libdir=$(dirname "$(find "$work/prefix" -name azattest.pc)")
PKG_CONFIG_PATH=$libdir
export PKG_CONFIG_PATH
# shellcheck disable=SC2046 # the flags are several words
${CC:-cc} -o "$work/consumer" "$here/consumer.c" $(pkg-config --cflags --libs azattest)
LD_LIBRARY_PATH=$(dirname "$libdir") "$work/consumer"
echo "1 passed, 0 failed"
