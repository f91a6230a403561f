#!/bin/sh
# Fetches prometheus and promtool for the tests into the user's cache folder, unless they are there or on PATH. They
# come out of Debian's package, whose signature apt checks; it is not installed, since that would start a server.
set -eu

if [ "$(uname)" = Darwin ]; then cache=$HOME/Library/Caches; else cache=${XDG_CACHE_HOME:-$HOME/.cache}; fi
tools=$cache/ibarura/tools

have() { command -v "$1" >/dev/null || [ -x "$tools/$1" ]; }
if have prometheus && have promtool; then exit 0; fi

if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
    echo "The tests need prometheus and promtool, 2.42 or later: put them on PATH or into $tools." >&2
    exit 1
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
# A machine whose lists of packages are empty or old gets lists of its own for this, which takes no root.
own() { apt-get -qq -o Dir::State="$scratch/state" -o Dir::Cache="$scratch/cache" "$@"; }
mkdir -p state/lists/partial cache/archives/partial
if ! apt-get -qq download prometheus 2>/dev/null && ! { own update && own download prometheus; } 2>errors; then
    cat errors >&2
    echo "Debian's package prometheus cannot be fetched: put prometheus and promtool on PATH or into $tools." >&2
    exit 1
fi
dpkg-deb -x prometheus_*.deb .
mkdir -p "$tools"
# Under another name first: who looks for them meanwhile finds whole ones or none.
for tool in prometheus promtool; do
    cp "usr/bin/$tool" "$tools/$tool.$$"
    mv "$tools/$tool.$$" "$tools/$tool"
done
echo "prometheus and promtool are in $tools"
