"""RFC 4511 over TLS, by ldap3, with a connection for each thread."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import Any, TypeVar

from ldap3 import BASE, NONE, SUBTREE, Connection, Server, Tls
from ldap3.core.exceptions import LDAPException
from ldap3.utils.conv import escape_filter_chars

from retrouve.config.directory_tables import LdapTable
from retrouve.directories.port import DirectoryUnavailableError, Refused
from retrouve.domain.passwords.normalise import normalise
from retrouve.domain.secret import Secret

MOST_ACCOUNTS = 10

# RFC 4511, appendix A
SUCCESS, SIZE_LIMIT_EXCEEDED, REFERRAL, NO_SUCH_ATTRIBUTE, CONSTRAINT_VIOLATION = 0, 4, 10, 16, 19
NO_SUCH_OBJECT, INVALID_CREDENTIALS, INSUFFICIENT_RIGHTS, BUSY, UNAVAILABLE, UNWILLING = 32, 49, 50, 51, 52, 53
# Troubles of the whole server: they say nothing of a password.
NOT_NOW = (BUSY, UNAVAILABLE)
# What a write is refused for whenever it is tried.
FINAL: Mapping[int, Refused] = {
    CONSTRAINT_VIOLATION: Refused(f"ldap_{CONSTRAINT_VIOLATION}"),
    NO_SUCH_OBJECT: Refused("account_gone"),
    INSUFFICIENT_RIGHTS: Refused("no_right"),
}

Values = Mapping[str, list[bytes]]
Entry = tuple[str, Values]  # its distinguished name, what it holds
Result = Mapping[str, Any]
T = TypeVar("T")


class VerifiedTls(Tls):
    """TLS 1.2 or newer, with the certificate and the machine's name verified by OpenSSL (ATT-57)."""

    def __init__(self, ca_file: str) -> None:
        super().__init__()
        self._ca_file = ca_file

    @cached_property
    def _context(self) -> ssl.SSLContext:
        """Made when first needed: a file that holds no certificate is told as every other trouble of the line."""
        return ssl.create_default_context(cafile=self._ca_file or None)

    def wrap_socket(self, connection: Connection, do_handshake: bool = False) -> None:  # noqa: FBT001, FBT002  ldap3's
        connection.socket = self._context.wrap_socket(
            connection.socket, do_handshake_on_connect=do_handshake, server_hostname=connection.server.host
        )


class Ldap:
    """One server and its replicas, as the service account sees them."""

    def __init__(self, table: LdapTable) -> None:
        self.table = table
        self._tls = VerifiedTls(table.ca_file)
        self._seconds = max(1, int(table.timeout.total_seconds()))
        self._kept = threading.local()

    def search(self, base: str, condition: str, attributes: Sequence[str], scope: str = SUBTREE) -> list[Entry]:
        """(dn, values) of at most MOST_ACCOUNTS entries. A connection that died meanwhile is opened anew, once."""
        return self._reading(lambda service: self._searched(service, base, condition, attributes, scope))

    def read_at(self, url: str, dn: str, attribute: str) -> str:
        """What one replica holds of one entry; empty where it has neither."""
        service = self._connection(url, self.table.bind_dn, self.table.bind_password)
        try:
            self._enter(service)
            found = self._searched(service, dn, "(objectClass=*)", (attribute,), BASE)
        except LDAPException as error:
            raise DirectoryUnavailableError(reason_of(error), str(error)) from None
        finally:
            unbind(service)
        return first_text(found[0][1], attribute) if found else ""

    def root(self, *attributes: str) -> Values:
        """Of the server itself (RFC 4512, section 5.1)."""
        found = self.search("", "(objectClass=*)", attributes, BASE)
        return found[0][1] if found else {}

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Whether something was written is unknown when this raises. ldap3's own decoder stumbles over the answer of a
        copy that sends an extended operation elsewhere; pyasn1's, which is slower, does not.
        """
        try:
            service = self._service()
            service.fast_decoder = False
            yield service
            service.fast_decoder = True
        except LDAPException as error:
            self.close()
            raise DirectoryUnavailableError(reason_of(error), str(error)) from None

    def bind_as(self, dn: str, password: Secret, url: str = "", controls: list[Any] | None = None) -> Result:
        """The server's answer to somebody else's bind, on a connection kept for binds alone, each of which replaces the
        one before (RFC 4511, 4.2). An empty password is not sent: it would bind as nobody, and succeed (ATT-56; RFC
        4513, 5.1.2).
        """
        if not password.reveal():
            return {"result": INVALID_CREDENTIALS}
        where = url or self.table.url
        known = where in self._doors
        try:
            said = self._bound(where, dn, password, controls)
        except LDAPException as error:
            self._shut(where)
            if not known:
                raise DirectoryUnavailableError(reason_of(error), str(error)) from None
            return self.bind_as(dn, password, url, controls)
        if said["result"] in NOT_NOW:
            raise DirectoryUnavailableError(f"ldap_{said['result']}", str(said.get("message", "")))
        return said

    def _bound(self, where: str, dn: str, password: Secret, controls: list[Any] | None) -> Result:
        door = self._doors.get(where)
        if door is None:
            door = self._doors[where] = self._connection(where, dn, password)
            self._open(door)
        door.user, door.password = dn, as_bytes(password)
        try:
            door.bind(read_server_info=False, controls=controls)
            return dict(door.result)
        finally:
            door.password = b""  # nobody's password stays with a connection

    @property
    def _doors(self) -> dict[str, Connection]:
        """This thread's connections for binds, by address."""
        if not hasattr(self._kept, "doors"):
            self._kept.doors = {}
        doors: dict[str, Connection] = self._kept.doors
        return doors

    def _shut(self, where: str) -> None:
        door = self._doors.pop(where, None)
        if door:
            unbind(door)

    def close(self) -> None:
        """This thread's own connections."""
        connection = getattr(self._kept, "connection", None)
        self._kept.connection = None
        if connection:
            unbind(connection)
        for where in list(self._doors):
            self._shut(where)

    def _reading(self, read: Callable[[Connection], T]) -> T:
        known = getattr(self._kept, "connection", None) is not None
        try:
            return read(self._service())
        except LDAPException as error:
            self.close()
            if not known:
                raise DirectoryUnavailableError(reason_of(error), str(error)) from None
        return self._reading(read)

    def _searched(
        self, service: Connection, base: str, condition: str, attributes: Sequence[str], scope: str
    ) -> list[Entry]:
        service.search(
            base,
            condition,
            scope,
            attributes=list(attributes) or None,
            size_limit=MOST_ACCOUNTS,
            time_limit=self._seconds,
        )
        code = service.result["result"]
        if code not in (SUCCESS, SIZE_LIMIT_EXCEEDED, NO_SUCH_OBJECT):
            raise DirectoryUnavailableError(f"ldap_{code}", str(service.result.get("message", "")))
        entries = [entry for entry in service.response or [] if entry["type"] == "searchResEntry"]
        return [(entry["dn"], entry["raw_attributes"]) for entry in entries]

    def _service(self) -> Connection:
        """Our own connection, kept by each thread."""
        connection = getattr(self._kept, "connection", None)
        if connection is None or connection.closed:
            connection = self._connection(self.table.url, self.table.bind_dn, self.table.bind_password)
            try:
                self._enter(connection)
            except BaseException:
                unbind(connection)
                raise
            self._kept.connection = connection
        return connection

    def _enter(self, connection: Connection) -> None:
        self._open(connection)
        if not connection.bind():
            raise DirectoryUnavailableError("service_refused", str(connection.result.get("description", "")))

    def _open(self, connection: Connection) -> None:
        connection.open(read_server_info=False)
        if self.table.start_tls and not connection.start_tls(read_server_info=False):
            raise DirectoryUnavailableError("tls_refused")

    def _connection(self, url: str, dn: str, password: Secret) -> Connection:
        server = Server(url, get_info=NONE, connect_timeout=self._seconds, tls=self._tls)
        return Connection(
            server,
            dn,
            as_bytes(password),
            receive_timeout=self._seconds,
            auto_referrals=False,
            raise_exceptions=False,
            check_names=False,
        )


def as_bytes(password: Secret) -> bytes:
    """As every other application sends it. ldap3 would rewrite a text (`²` as `2`) or refuse it (RFC 4013), and the
    password would then open here alone.
    """
    return normalise(password.reveal()).encode("utf-8", "replace")


def unbind(connection: Connection) -> None:
    """ldap3 leaves the socket of a connection that failed open."""
    with suppress(LDAPException, OSError):
        connection.unbind()
    if connection.socket is not None:
        connection.socket.close()


def reason_of(error: Exception) -> str:
    said = str(error)
    if "CERTIFICATE_VERIFY_FAILED" in said or "certificate verify failed" in said:
        return "tls_untrusted"
    if "SSL" in said or "ssl" in said:
        return "tls_failed"
    return "no_answer"


def escape(value: str) -> str:
    """RFC 4515, section 3."""
    return str(escape_filter_chars(value))


def first_text(values: Values, name: str) -> str:
    """Attribute names have no case (RFC 4512, section 2.5)."""
    found = next((held for key, held in values.items() if key.lower() == name.lower()), [])
    return found[0].decode("utf-8", "replace") if found else ""


def texts(values: Values, name: str) -> tuple[str, ...]:
    found = next((held for key, held in values.items() if key.lower() == name.lower()), [])
    return tuple(value.decode("utf-8", "replace") for value in found)
