#!/bin/sh
# Makes .venv (or the folder given second) and installs the locked list `run`, `dev` or `bench` into it, then the
# program itself.
set -eu
cd "$(dirname "$0")/.."
list=$1
venv=${2:-.venv}

python=$(command -v python3.11 || command -v python3) || {
    echo "Python 3.11 manque : installez-le, puis recommencez." >&2
    exit 1
}
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "Python 3.11 au moins est nécessaire ; $("$python" --version) a été trouvé." >&2
    exit 1
}

if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    if [ "$(id -u)" = 0 ]; then
        echo "Debian sépare venv de Python : apt-get install python3-venv"
        apt-get update -qq && apt-get install -y -qq --no-install-recommends python3-venv >/dev/null
    else
        echo "Il manque venv à Python. Tapez : sudo apt-get install python3-venv" >&2
        exit 1
    fi
fi

[ -x "$venv/bin/pip" ] || "$python" -m venv "$venv"
echo "Installation des bibliothèques dans $venv (requirements/$list.txt)…"
"$venv/bin/pip" install --quiet --disable-pip-version-check --require-hashes --requirement "requirements/$list.txt"
"$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
"$venv/bin/python" scripts/catalogue.py compile
touch "$venv/run.stamp" "$venv/$list.stamp"
