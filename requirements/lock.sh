#!/bin/sh
# Resolves pyproject.toml into the three locked lists, with hashes and without any registry's address
# (docs/decisions/0001). Run it after a change of dependencies, with uv on the path.
set -eu
cd "$(dirname "$0")/.."
lock() {
    out=$1
    shift
    uv pip compile pyproject.toml --extra demo --group build "$@" \
        --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet --output-file "$out"
}
lock requirements/run.txt
lock requirements/dev.txt --group dev
lock requirements/bench.txt --group bench
