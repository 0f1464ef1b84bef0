"""The directories of `server.toml`: where accounts live beside our own database."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, Strict, ValidationInfo

from retrouve.config.validation import Table
from retrouve.config.values import LOOPBACK, Duration, TextValue, Url, wrong
from retrouve.domain.portal import FactName
from retrouve.domain.secret import Secret

NAME_OF_ATTRIBUTE = re.compile(r"[A-Za-z][A-Za-z0-9;-]*")
SHORTEST_SIGNING_KEY = 32
OWN = "own"  # the embedded directory, which has no table
# By Active Directory's own schema (searchFlags): others are searched entry by entry until somebody indexes them.
INDEXED_BY_DEFAULT = ("samaccountname", "userprincipalname", "mail", "proxyaddresses", "cn", "displayname")


def is_loopback(url: str) -> bool:
    return urlsplit(url).hostname in LOOPBACK or (urlsplit(url).hostname or "").startswith("127.")


def parse_ldap_url(given: object) -> str:
    try:
        parts = urlsplit(given) if isinstance(given, str) else urlsplit("")
        good = parts.scheme in ("ldap", "ldaps") and parts.hostname and (parts.port or True)
    except ValueError:
        good = False
    if not good or parts.path.strip("/") or parts.query or parts.username:
        raise wrong("bad_ldap_url")
    return str(given).rstrip("/")


def parse_dn(given: object) -> str:
    name, _, value = given.partition("=") if isinstance(given, str) else ("", "", "")
    if not isinstance(given, str) or not NAME_OF_ATTRIBUTE.fullmatch(name) or not value:
        raise wrong("bad_dn")
    return given


def parse_attribute(given: object) -> str:
    """RFC 4512, section 2.5: a name and its options. Names are written into filters, hence nothing else is let in."""
    if not isinstance(given, str) or not NAME_OF_ATTRIBUTE.fullmatch(given):
        raise wrong("bad_attribute")
    return given


def parse_filter(given: object) -> str:
    if not isinstance(given, str) or (given and not (given.startswith("(") and given.endswith(")"))):
        raise wrong("bad_filter")
    return given


def parse_file(given: object, info: ValidationInfo) -> str:
    """A file beside `server.toml`, or anywhere by its whole path."""
    folder: Path = (info.context or {}).get("folder") or Path()
    path = folder / given if isinstance(given, str) else folder
    if not path.is_file():
        raise wrong("no_such_file")
    return str(path.absolute())


def parse_secret(given: object) -> Secret:
    if not isinstance(given, str) or not given:
        raise wrong("empty_secret")
    return Secret(given)


def parse_signing_key(given: object) -> Secret:
    if not isinstance(given, str) or len(given) < SHORTEST_SIGNING_KEY:
        raise wrong("short_key")
    return Secret(given)


def parse_table_url(given: object, info: ValidationInfo) -> Secret:
    """`sqlite:///name` lies in the configuration's folder, `sqlite:////a/name` where it says."""
    try:
        parts = urlsplit(given) if isinstance(given, str) else urlsplit("")
        named = parts.path[1:].strip("/")
    except ValueError:
        parts, named = urlsplit(""), ""
    if parts.scheme == "sqlite" and named and not parts.netloc:
        folder: Path = (info.context or {}).get("folder") or Path()
        return Secret(f"sqlite:///{(folder / parts.path[1:]).absolute()}")
    if parts.scheme in ("postgresql", "mariadb") and named and parts.hostname:
        return Secret(str(given))
    raise wrong("bad_table_url")


LdapUrl = Annotated[Any, BeforeValidator(parse_ldap_url)]
Dn = Annotated[Any, BeforeValidator(parse_dn)]
Attribute = Annotated[Any, BeforeValidator(parse_attribute)]
Filter = Annotated[Any, BeforeValidator(parse_filter)]
FilePath = Annotated[Any, BeforeValidator(parse_file)]
SecretValue = Annotated[Any, BeforeValidator(parse_secret)]
SigningKey = Annotated[Any, BeforeValidator(parse_signing_key)]
TableUrl = Annotated[Any, BeforeValidator(parse_table_url)]


class DirectoryTable(Table):
    """What every kind has. `secret` names the key that RETROUVE_DIRECTORY_NAME_SECRET gives instead of the file."""

    secret: ClassVar[str]

    name: TextValue = Field(description="Le nom que lisent les personnes, sur la page d’attente.")
    timeout: Duration = Field(default=timedelta(seconds=5), description="Combien de temps attendre une réponse.")

    def mistakes(self) -> list[tuple[str, str]]:
        """(key, code) of what no single key can tell."""
        return []

    def doubts(self) -> list[tuple[str, str]]:
        """(key, code) of what works, and works badly."""
        return []


class LdapTable(DirectoryTable):
    secret = "bind_password"  # noqa: S105  the name of a key

    url: LdapUrl = Field(
        description="`ldaps://machine` ou `ldap://machine`, avec un port s’il n’est pas le port usuel."
    )
    start_tls: bool = Field(default=False, description="Chiffre une connexion `ldap://` (StartTLS).")
    ca_file: FilePath = Field(
        default="", description="Les certificats de l’autorité de l’organisation ; ceux du système par défaut."
    )
    bind_dn: Dn = Field(description="Le compte de service : ses droits sont décrits dans `docs/directories.md`.")
    bind_password: SecretValue = Field(description="Le mot de passe du compte de service.")
    base: Dn = Field(description="Où chercher les personnes.")
    filter: Filter = Field(default="", description="Une condition de plus sur les personnes, comme `(ou=Lycées)`.")
    replicas: list[LdapUrl] = Field(
        default=[],
        description="Les copies où les personnes se connectent : « Réussite » attend que chacune ait le nouveau mot "
        "de passe.",
    )
    username: Attribute = Field(description="L’attribut de l’identifiant.")
    email: Attribute = Field(default="mail", description="L’attribut de l’adresse.")
    first_name: Attribute = Field(default="givenName", description="L’attribut du prénom.")
    last_name: Attribute = Field(default="sn", description="L’attribut du nom.")

    def mistakes(self) -> list[tuple[str, str]]:
        """Passwords travel here: in the clear on this machine only (RFC 4513, 6.2)."""
        clear = [
            (key, "needs_tls")
            for key, url in (("url", self.url), *(("replicas", url) for url in self.replicas))
            if url.startswith("ldap://") and not self.start_tls and not is_loopback(url)
        ]
        return clear + self.encrypted_twice()

    def encrypted_twice(self) -> list[tuple[str, str]]:
        if not self.start_tls:
            return []
        if self.url.startswith("ldaps"):
            return [("start_tls", "tls_twice")]
        return [("replicas", "tls_mixed")] if any(url.startswith("ldaps") for url in self.replicas) else []

    def doubts(self) -> list[tuple[str, str]]:
        """A negation, or a value that begins with a star, is looked for entry by entry."""
        return [("filter", "filter_without_index")] if "(!" in self.filter or "=*" in self.filter else []


class OpenLdapTable(LdapTable):
    kind: Literal["openldap"] = Field(description="Un annuaire OpenLDAP.")
    username: Attribute = Field(default="uid", description="L’attribut de l’identifiant.")
    object_class: Attribute = Field(default="inetOrgPerson", description="La classe des personnes.")
    policy_dn: Dn = Field(
        default="", description="La politique de mots de passe (`ppolicy`) à montrer aux personnes avant la saisie."
    )


class ActiveDirectoryTable(LdapTable):
    kind: Literal["active_directory"] = Field(description="Un domaine Active Directory, ou Samba.")
    username: Attribute = Field(default="sAMAccountName", description="L’attribut de l’identifiant.")

    def mistakes(self) -> list[tuple[str, str]]:
        """`unicodePwd` is written over an encrypted connection only, on any machine (MS-ADTS 3.1.1.3.1.5)."""
        clear = [("url", "ad_needs_tls")] if self.url.startswith("ldap://") and not self.start_tls else []
        return clear or super().mistakes()

    def doubts(self) -> list[tuple[str, str]]:
        searched = (("username", self.username), ("email", self.email))
        unusual = [(key, "seldom_indexed") for key, name in searched if name.lower() not in INDEXED_BY_DEFAULT]
        return super().doubts() + unusual


class HashFormat(StrEnum):
    """How another application keeps its passwords; the names are those of the libraries that wrote them."""

    ARGON2 = "argon2"
    BCRYPT = "bcrypt"
    PBKDF2_SHA256 = "pbkdf2_sha256"
    SHA512_CRYPT = "sha512_crypt"
    PHPASS = "phpass"
    DJANGO_PBKDF2_SHA256 = "django_pbkdf2_sha256"
    LDAP_SALTED_SHA512 = "ldap_salted_sha512"


class ColumnsTable(Table):
    reference: str = Field(description="La clé de la ligne, qui ne change jamais.")
    username: str = Field(description="L’identifiant.")
    password: str = Field(description="L’empreinte du mot de passe.")
    email: str = Field(default="", description="L’adresse.")
    first_name: str = Field(default="", description="Le prénom.")
    last_name: str = Field(default="", description="Le nom.")
    active: str = Field(default="", description="Une colonne qui vaut vrai, ou 1, quand le compte est ouvert.")


class SqlTable(DirectoryTable):
    secret = "database_url"  # noqa: S105  the name of a key

    kind: Literal["sql"] = Field(description="La table d’une autre application.")
    database_url: TableUrl = Field(description="`postgresql://…`, `mariadb://…` ou `sqlite:///nom`.")
    ca_file: FilePath = Field(default="", description="Les certificats de l’autorité qui a signé celui de la base.")
    table: str = Field(min_length=1, description="La table des comptes ; `schéma.table` où il y a un schéma.")
    columns: ColumnsTable = Field(description="Quelle colonne tient quoi.")
    hash: Annotated[HashFormat, Strict(strict=False)] = Field(
        description="Comment l’application garde les mots de passe : "
        + ", ".join(f"`{one}`" for one in HashFormat)
        + "."
    )
    also_reads: list[Annotated[HashFormat, Strict(strict=False)]] = Field(
        default=[], description="Les formats anciens que l’application lit encore."
    )


class HttpTable(DirectoryTable):
    secret = "signing_key"  # noqa: S105  the name of a key

    kind: Literal["http"] = Field(description="Un service à vous, appelé en HTTP (`docs/directories.md`).")
    url: Url = Field(description="L’adresse appelée ; `https`, sauf sur cette machine.")
    ca_file: FilePath = Field(
        default="", description="Les certificats de l’autorité de l’organisation ; ceux du système par défaut."
    )
    signing_key: SigningKey = Field(description="La clé qui signe chaque appel : 32 caractères au moins.")


DirectoryConfig = OpenLdapTable | ActiveDirectoryTable | SqlTable | HttpTable
KINDS: Mapping[str, type[DirectoryConfig]] = {
    "openldap": OpenLdapTable,
    "active_directory": ActiveDirectoryTable,
    "sql": SqlTable,
    "http": HttpTable,
}


def attributes_of(table: LdapTable) -> Mapping[FactName, str]:
    """Which attribute holds which fact."""
    return {
        FactName.USERNAME: table.username,
        FactName.EMAIL: table.email,
        FactName.FIRST_NAME: table.first_name,
        FactName.LAST_NAME: table.last_name,
    }
