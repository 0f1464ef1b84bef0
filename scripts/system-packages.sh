#!/bin/sh
# What the tests run beside Retrouve, from Debian's packages: a browser, databases, directories, a web server.
# With the word "directories", only those of `make demo-directories`.
# Root installs what is missing; anybody else is told the line to type, and the tests that need it are skipped.
set -eu
missing=""
[ -x /usr/sbin/slapd ] && [ -e /usr/lib/ldap/ppolicy.so ] || missing="$missing slapd"
command -v samba-tool >/dev/null && [ -x /usr/sbin/samba ] && [ -d /usr/share/samba/setup ] ||
    missing="$missing samba samba-ad-provision winbind samba-dsdb-modules samba-vfs-modules"
if [ "${1:-}" != directories ]; then
    command -v chromium >/dev/null || missing="$missing chromium fonts-dejavu-core"
    command -v pdftotext >/dev/null || missing="$missing poppler-utils"
    ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
    [ -x /usr/sbin/mariadbd ] || missing="$missing mariadb-server"
    [ -x /usr/sbin/apache2 ] || missing="$missing apache2-bin"
    [ -e /usr/lib/apache2/modules/mod_auth_openidc.so ] || missing="$missing libapache2-mod-auth-openidc"
    [ -e /usr/lib/apache2/modules/mod_auth_cas.so ] || missing="$missing libapache2-mod-auth-cas"
    [ -e /usr/lib/apache2/modules/mod_auth_mellon.so ] || missing="$missing libapache2-mod-auth-mellon"
    command -v xmlsec1 >/dev/null || missing="$missing xmlsec1"
    command -v oathtool >/dev/null || missing="$missing oathtool"
fi
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Il faut aussi :$missing (apt-get install)"
    # Installed, and not started: those that the tests need, they start themselves, elsewhere.
    if [ ! -e /usr/sbin/policy-rc.d ]; then
        trap 'rm -f /usr/sbin/policy-rc.d' EXIT
        printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
        chmod +x /usr/sbin/policy-rc.d
    fi
    apt-get update -qq
    # shellcheck disable=SC2086  # the list is meant to be split
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
else
    echo "Des parties seront laissées de côté. Pour les avoir toutes : sudo apt-get install$missing" >&2
fi
