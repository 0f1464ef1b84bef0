#!/bin/sh
# What the tests run beside Retrouve: a browser and a database server, from Debian's packages.
# Root installs what is missing; anybody else is told the line to type, and the tests that need it are skipped.
set -eu
missing=""
command -v chromium >/dev/null || missing="$missing chromium fonts-dejavu-core"
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Les essais ont besoin de :$missing (apt-get install)"
    apt-get update -qq
    # shellcheck disable=SC2086  # the list is meant to be split
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
else
    echo "Des essais seront laissés de côté. Pour les faire tous : sudo apt-get install$missing" >&2
fi
