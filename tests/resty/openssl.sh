#!/bin/sh
# azattest.core does not load into a process whose OpenSSL is another one, and says so.
# Usage: openssl.sh LUAJIT OTHER_VERSION.so SECOND_PLACE.so
set -u

load() { # PRELOADED WANTED
    said=$(LD_PRELOAD=$1 "$luajit" -e 'require "azattest.core"' 2>&1)
    status=$?
    case $said in
    *"$2"*) [ $status -ne 0 ] && return ;;
    esac
    echo "status $status, expected a failure with '$2': $said" >&2
    exit 1
}

luajit=$1
"$luajit" -e 'require "azattest.core"' || exit 1
load "$2" "OpenSSL 3 is needed, and this process ($2) brings OpenSSL 1.1.1w"
load "$3" "OpenSSL comes from two places in this process"
