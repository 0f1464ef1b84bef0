"""The relay against a real SMTP server that behaves badly in every way that servers do."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from retrouve.domain.secret import Secret
from retrouve.messages.relay import Delivered, RefusedForGood, Relay, RelayAddress, TryLater

LINK = "https://compte.lumiere.example/lumiere/r/kq0Zt3m9XwA7c2bV5nR8eQ"
CAMILLE = "camille@example.org"


def a_mail() -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Lumière <noreply@lumiere.example>"
    message["To"] = f"Camille Martin <{CAMILLE}>"
    message["Subject"] = "Essai"
    message.set_content(LINK + "\n")
    return message


class Behaviour:
    """What the server answers, and what it saw."""

    def __init__(self) -> None:
        self.at_mail = "250 ok"
        self.at_recipient = "250 ok"
        self.at_data = "250 ok"
        self.hangs = False
        self.closes = False
        self.received: list[Envelope] = []
        self.connections = 0
        self.sessions: list[SMTP] = []

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's
        self, server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.sessions.append(server)
        return responses

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.at_mail.startswith("250"):
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return self.at_mail

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.at_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.at_recipient

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.hangs:
            await asyncio.sleep(30)
        if self.closes:
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
            return "250 never read"
        self.received.append(envelope)
        return self.at_data


class Server:
    def __init__(self, behaviour: Behaviour, *, tls: ssl.SSLContext | None = None, **options: Any) -> None:
        self._behaviour = behaviour
        self._options = options
        self._tls = tls
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.port = 0
        self.start()

    def start(self) -> None:
        self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()
        self.port = self._server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()

    def end(self) -> None:
        self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _listen(self) -> asyncio.Server:
        return await self._loop.create_server(self._one, "127.0.0.1", self.port, ssl=self._tls)

    def _one(self) -> SMTP:
        self._behaviour.connections += 1
        return SMTP(self._behaviour, hostname="relay.example", loop=self._loop, **self._options)

    async def _close(self) -> None:
        self._server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


StartServer = Callable[..., Server]
ToServer = Callable[..., Relay]


@pytest.fixture
def behaviour() -> Behaviour:
    return Behaviour()


@pytest.fixture
def serve(behaviour: Behaviour) -> Iterator[StartServer]:
    started: list[Server] = []

    def start(**options: Any) -> Server:
        started.append(Server(behaviour, **options))
        return started[-1]

    yield start
    for server in started:
        server.end()


@pytest.fixture
def relay_to() -> Iterator[ToServer]:
    opened: list[Relay] = []

    def connect(port: int, *, scheme: str = "smtp", who: str = "", **options: Any) -> Relay:
        options.setdefault("timeout", 60)
        opened.append(Relay(Secret(f"{scheme}://{who}127.0.0.1:{port}"), **options))
        return opened[-1]

    yield connect
    for relay in opened:
        relay.close()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """For 127.0.0.1, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(_loopback())]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    )
    path = tmp_path_factory.mktemp("tls") / "certificate.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    )
    return path


def _loopback() -> Any:
    from ipaddress import ip_address  # noqa: PLC0415

    return ip_address("127.0.0.1")


@pytest.fixture
def server_tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def trust(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate))


def test_a_mail_that_the_relay_takes_is_delivered(serve: StartServer, relay_to: ToServer, behaviour: Behaviour) -> None:
    relay = relay_to(serve().port)
    assert relay.send(a_mail(), CAMILLE) == Delivered()
    assert behaviour.received[0].mail_from == "noreply@lumiere.example"
    assert behaviour.received[0].rcpt_tos == [CAMILLE]


def test_the_recipient_may_have_a_name_before_the_address(
    serve: StartServer, relay_to: ToServer, behaviour: Behaviour
) -> None:
    assert relay_to(serve().port).send(a_mail(), f"Éléonore Martin <{CAMILLE}>") == Delivered()
    assert behaviour.received[0].rcpt_tos == [CAMILLE]


def test_one_connection_serves_many_mails(serve: StartServer, relay_to: ToServer, behaviour: Behaviour) -> None:
    relay = relay_to(serve().port)
    assert {relay.send(a_mail(), CAMILLE) for _ in range(5)} == {Delivered()}
    assert behaviour.connections == 1


def test_a_dead_connection_is_opened_again(serve: StartServer, relay_to: ToServer, behaviour: Behaviour) -> None:
    server = serve()
    relay = relay_to(server.port)
    relay.send(a_mail(), CAMILLE)
    server.stop()
    server.start()
    assert relay.send(a_mail(), CAMILLE) == Delivered()
    assert behaviour.connections == 2


def test_several_threads_share_one_relay(serve: StartServer, relay_to: ToServer, behaviour: Behaviour) -> None:
    relay = relay_to(serve().port)
    together, outcomes = Barrier(8), []

    def send() -> None:
        together.wait()
        outcomes.append(relay.send(a_mail(), CAMILLE))

    threads = [Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == [Delivered()] * 8
    assert len(behaviour.received) == 8
    assert behaviour.connections == 1


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        ({"at_recipient": "451 4.2.1 try later"}, TryLater("recipient refused: 451 4.2.1")),
        ({"at_recipient": "550 5.1.1 no such user"}, RefusedForGood("recipient refused: 550 5.1.1")),
        ({"at_recipient": "421 closing"}, TryLater("recipient refused: 421")),
        ({"at_data": "451 4.3.0 busy"}, TryLater("mail refused: 451 4.3.0")),
        ({"at_data": "554 5.7.1 looks like spam"}, RefusedForGood("mail refused: 554 5.7.1")),
        ({"at_mail": "553 5.1.8 who are you"}, TryLater("relay unwilling: 553 5.1.8")),
        ({"at_mail": "451 4.3.0 busy"}, TryLater("relay unwilling: 451 4.3.0")),
        ({"closes": True}, TryLater("connection failed or broken")),
    ],
)
def test_att_65_what_the_relay_answers_decides(
    serve: StartServer, relay_to: ToServer, behaviour: Behaviour, answers: dict[str, Any], outcome: object
) -> None:
    vars(behaviour).update(answers)
    assert relay_to(serve().port).send(a_mail(), CAMILLE) == outcome


def test_att_65_after_a_trouble_the_next_mail_leaves(
    serve: StartServer, relay_to: ToServer, behaviour: Behaviour
) -> None:
    relay = relay_to(serve().port)
    for trouble in ({"at_recipient": "550 no"}, {"at_data": "451 busy"}, {"closes": True}):
        ways = Behaviour()
        vars(behaviour).update(trouble)
        assert relay.send(a_mail(), CAMILLE) != Delivered()
        for name in ("at_recipient", "at_data", "closes"):
            setattr(behaviour, name, getattr(ways, name))
        assert relay.send(a_mail(), CAMILLE) == Delivered()


def test_att_65_a_relay_that_hangs_is_left_after_the_timeout(
    serve: StartServer, relay_to: ToServer, behaviour: Behaviour
) -> None:
    behaviour.hangs = True
    assert relay_to(serve().port, timeout=0.3).send(a_mail(), CAMILLE) == TryLater("relay did not answer in time")


def test_a_relay_that_does_not_even_greet_is_left_after_the_timeout(relay_to: ToServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        relay = relay_to(silent.getsockname()[1], timeout=0.3)
        assert relay.send(a_mail(), CAMILLE) == TryLater("relay did not answer in time")


def test_nobody_at_the_address_is_for_later(relay_to: ToServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    relay = relay_to(port)
    assert relay.send(a_mail(), CAMILLE) == TryLater("connection failed or broken")
    assert not relay.reachable()


def test_an_address_with_accents_needs_a_relay_that_takes_them(serve: StartServer, relay_to: ToServer) -> None:
    refused = relay_to(serve().port).send(a_mail(), "josé@example.org")
    assert refused == RefusedForGood("relay does not take addresses with accents")
    assert relay_to(serve(enable_SMTPUTF8=True).port).send(a_mail(), "josé@example.org") == Delivered()


def signs_in(_server: object, _session: object, _envelope: object, _mechanism: str, data: Any) -> AuthResult:
    known = isinstance(data, LoginPassword) and (data.login, data.password) == (b"us@er", b"p:a/ss")
    return AuthResult(success=known, handled=known)


@pytest.mark.filterwarnings("ignore:Requiring AUTH:UserWarning")  # in clear, on the loopback, for the test
@pytest.mark.parametrize(
    ("who", "outcome"),
    [
        ("us%40er:p%3Aa%2Fss@", Delivered()),
        ("us%40er:wrong@", TryLater("our user or password refused: 535 5.7.8")),
        ("", TryLater("relay unwilling: 530 5.7.0")),
    ],
)
def test_the_relay_asks_who_we_are(serve: StartServer, relay_to: ToServer, who: str, outcome: object) -> None:
    server = serve(authenticator=signs_in, auth_required=True, auth_require_tls=False)
    assert relay_to(server.port, who=who).send(a_mail(), CAMILLE) == outcome


def test_att_57_starttls_protects_the_connection(
    serve: StartServer, relay_to: ToServer, server_tls: ssl.SSLContext, trust: ssl.SSLContext
) -> None:
    server = serve(tls_context=server_tls, require_starttls=True)
    relay = relay_to(server.port, scheme="smtp+starttls", trust=trust)
    assert relay.send(a_mail(), CAMILLE) == Delivered()
    assert relay.reachable()


def test_att_57_nothing_leaves_in_clear_when_starttls_is_not_offered(
    serve: StartServer, relay_to: ToServer, behaviour: Behaviour, trust: ssl.SSLContext
) -> None:
    outcome = relay_to(serve().port, scheme="smtp+starttls", trust=trust).send(a_mail(), CAMILLE)
    assert outcome == TryLater("relay does not offer what we ask (STARTTLS or AUTH)")
    assert behaviour.received == []


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # the server's side of a broken handshake
@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
def test_att_57_a_certificate_that_nobody_vouches_for_is_refused(
    serve: StartServer, relay_to: ToServer, behaviour: Behaviour, server_tls: ssl.SSLContext, scheme: str
) -> None:
    server = serve(tls=server_tls) if scheme == "smtps" else serve(tls_context=server_tls)
    outcome = relay_to(server.port, scheme=scheme).send(a_mail(), CAMILLE)
    assert outcome == TryLater("TLS failed or certificate not trusted")
    assert behaviour.received == []


def test_att_57_tls_from_the_first_byte(
    serve: StartServer, relay_to: ToServer, server_tls: ssl.SSLContext, trust: ssl.SSLContext
) -> None:
    relay = relay_to(serve(tls=server_tls).port, scheme="smtps", trust=trust)
    assert relay.send(a_mail(), CAMILLE) == Delivered()


@pytest.mark.parametrize(
    ("url", "host", "port", "user"),
    [
        ("smtp://relay.example", "relay.example", 25, ""),
        ("smtps://relay.example", "relay.example", 465, ""),
        ("smtp+starttls://a%40b:c@relay.example", "relay.example", 587, "a@b"),
        ("smtp://[::1]:2525", "::1", 2525, ""),
    ],
)
def test_the_address_of_the_relay_is_read(url: str, host: str, port: int, user: str) -> None:
    address = RelayAddress.parse(Secret(url))
    assert (address.host, address.port, address.user) == (host, port, user)


@pytest.mark.parametrize(
    "url",
    ["", "relay.example", "http://u:hush@relay.example", "smtp://", "smtp://u:hu/sh@r:25", "smtp://u:hush@r:port",
     "smtp://é:hush@relay.example"],
)  # fmt: skip
def test_a_wrong_address_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ValueError, match="the relay's") as refusal:
        RelayAddress.parse(Secret(url))
    assert "hu" not in str(refusal.value).replace("host", "")
    assert refusal.value.__suppress_context__ or refusal.value.__context__ is None


def test_a_password_is_not_shown_by_its_relay() -> None:
    assert "hush" not in repr(RelayAddress.parse(Secret("smtp://u:hush@relay.example")))
    assert "hush" not in repr(vars(Relay(Secret("smtp://u:hush@relay.example"))))


def test_a_reason_never_repeats_what_the_relay_said(
    serve: StartServer, relay_to: ToServer, behaviour: Behaviour
) -> None:
    behaviour.at_recipient = f"550 5.1.1 <{CAMILLE}> unknown, saw {LINK}"
    outcome = relay_to(serve().port).send(a_mail(), CAMILLE)
    assert isinstance(outcome, RefusedForGood)
    assert "camille" not in outcome.reason
    assert "http" not in outcome.reason
