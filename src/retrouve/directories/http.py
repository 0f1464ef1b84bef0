"""Any other home of accounts: a service of the organisation's own, called over HTTP with a signature.

The signature is that of Standard Webhooks 1.0: HMAC-SHA256 of the call's name, its moment and its body. The protocol is
told in `docs/directories.md`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from urllib3 import PoolManager, Timeout
from urllib3.exceptions import HTTPError

from retrouve.config.directory_tables import HttpTable
from retrouve.directories.port import (
    FACTS_OF,
    Answer,
    DirectoryUnavailableError,
    Finding,
    MustChange,
    Refused,
    Verdict,
    Written,
)
from retrouve.domain.account import Account, AccountState, mismatches
from retrouve.domain.passwords.normalise import normalise
from retrouve.domain.portal import FactName, IdentifierKind, PasswordPolicy, Portal, Requirement
from retrouve.domain.secret import Secret

OK = 200
MOST_BYTES = 1_000_000
CONNECTIONS_KEPT = 4
GIVEN_UP_SECONDS = 86_400.0  # no sealed password waits longer


class Said(BaseModel):
    """An answer may say more than we read."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class SaidAccount(Said):
    reference: str
    identifier: str
    email: str = ""
    first_name: str = ""
    last_name: str = ""
    country: str = ""
    kind: str = ""
    language: str = ""
    state: AccountState = AccountState.ACTIVE
    groups: tuple[str, ...] = ()

    def account(self) -> Account:
        return Account(**self.model_dump())


class SaidAccounts(Said):
    accounts: list[SaidAccount]


class SaidOne(Said):
    account: SaidAccount | None
    must_change: bool = False


class SaidWritten(Said):
    refused: str = ""


class SaidHolds(Said):
    holds: bool


class SaidPolicy(Said):
    min_length: int = 1
    max_length: int = 1024
    require: tuple[Requirement, ...] = ()
    categories: int = 0
    refuse_names: bool = False
    history: int = 0


class SaidPolicyOrNone(Said):
    policy: SaidPolicy | None


SaidT = TypeVar("SaidT", bound=Said)


class ChangesTried:
    """The names of changes that were not answered: the next try has the same one, so that the service can tell a
    repetition. The same words said later are another change. Another process that takes over names it anew.
    """

    def __init__(self, key: Secret) -> None:
        self.clock: Callable[[], float] = time.monotonic
        self._key = key
        self._tried: dict[bytes, tuple[float, str]] = {}
        self._lock = threading.Lock()

    def name_of(self, body: bytes) -> str:
        now = self.clock()
        with self._lock:
            self._tried = {which: one for which, one in self._tried.items() if now < one[0] + GIVEN_UP_SECONDS}
            return self._tried.setdefault(self._digest(body), (now, new_name()))[1]

    def answered(self, body: bytes) -> None:
        with self._lock:
            self._tried.pop(self._digest(body), None)

    def _digest(self, body: bytes) -> bytes:
        """No password is kept."""
        return hmac.digest(self._key.reveal().encode(), body, "sha256")


class HttpDirectory:
    def __init__(self, config: HttpTable) -> None:
        self._config = config
        self._changes = ChangesTried(config.signing_key)
        self._pool = PoolManager(
            maxsize=CONNECTIONS_KEPT,
            timeout=Timeout(total=config.timeout.total_seconds()),
            retries=False,  # a write is tried again by its propagation; no redirection is followed (ATT-58)
            ca_certs=config.ca_file or None,
        )

    def find(self, portal: Portal, typed: Mapping[FactName, str]) -> Sequence[Account]:
        if not {FactName.USERNAME, FactName.EMAIL} & set(typed):
            return []
        facts = {name.value: value for name, value in typed.items()}
        said = self._ask(SaidAccounts, "find", portal=portal.slug, audience=portal.audience, facts=facts)
        return [account for one in said.accounts if not mismatches(account := one.account(), typed)]

    def get(self, reference: str) -> Account | None:
        said = self._ask(SaidOne, "get", reference=reference)
        return replace(said.account.account(), must_change=said.must_change) if said.account else None

    def check_password(
        self, portal: Portal, identifier: str, kind: IdentifierKind, password: Secret
    ) -> Account | MustChange | None:
        said = self._ask(
            SaidOne,
            "check_password",
            portal=portal.slug,
            audience=portal.audience,
            identifier=identifier,
            kind=kind.value,
            password=normalise(password.reveal()),
        )
        if said.account is None or not password.reveal():
            return None
        account = said.account.account()
        if all(mismatches(account, {fact: identifier}) for fact in FACTS_OF[kind]):
            return None  # it compares more loosely than tries are counted (ATT-71)
        return MustChange(account) if said.must_change else account

    def set_password(self, reference: str, new_password: Secret) -> Answer:
        body = call("set_password", reference=reference, new_password=normalise(new_password.reveal()))
        said = self._said(SaidWritten, body, self._changes.name_of(body))
        self._changes.answered(body)
        return Refused(said.refused) if said.refused else Written()

    def holds(self, reference: str, password: Secret) -> bool:
        return self._ask(SaidHolds, "holds", reference=reference, password=normalise(password.reveal())).holds

    def unlock(self, reference: str) -> Answer:
        said = self._ask(SaidWritten, "unlock", reference=reference)
        return Refused(said.refused) if said.refused else Written()

    def describe_policy(self) -> PasswordPolicy | None:
        said = self._ask(SaidPolicyOrNone, "describe_policy").policy
        return PasswordPolicy(refuse_common=False, **said.model_dump()) if said else None

    def ping(self) -> None:
        self._ask(Said, "ping")

    def examine(self) -> Iterator[Finding]:
        try:
            self.ping()
        except DirectoryUnavailableError as error:
            yield Finding(Verdict.BAD, error.reason, {"detail": error.detail})
            return
        yield Finding(Verdict.GOOD, "answered", {"url": self._config.url})
        try:
            found = self._ask(SaidAccounts, "find", portal="", audience="", facts={"username": uuid.uuid4().hex})
        except DirectoryUnavailableError as error:
            yield Finding(Verdict.BAD, error.reason, {"detail": error.detail})
            return
        yield Finding(Verdict.BAD, "finds_anybody") if found.accounts else Finding(Verdict.GOOD, "finds_nobody")

    def close(self) -> None:
        self._pool.clear()

    def _ask(self, expected: type[SaidT], verb: str, **told: Any) -> SaidT:  # noqa: ANN401  what JSON holds
        return self._said(expected, call(verb, **told), new_name())

    def _said(self, expected: type[SaidT], body: bytes, name: str) -> SaidT:
        try:
            answer = self._pool.request(
                "POST",
                self._config.url,
                body=body,
                headers=signed(self._config.signing_key, name, body, str(int(time.time()))),
                redirect=False,
                preload_content=False,
            )
            data = answer.read(MOST_BYTES, decode_content=True)
            answer.release_conn()
        except HTTPError as error:
            raise DirectoryUnavailableError(reason_of(error), type(error).__name__) from None
        if answer.status != OK:
            raise DirectoryUnavailableError("http_status", str(answer.status))
        try:
            return expected.model_validate_json(data)
        except ValidationError as error:
            places = ", ".join(".".join(map(str, one["loc"])) for one in error.errors())
            raise DirectoryUnavailableError("answer_not_understood", places) from None


def call(verb: str, **told: Any) -> bytes:  # noqa: ANN401  what JSON holds
    return json.dumps({"do": verb, **told}, ensure_ascii=False).encode("utf-8", "replace")


def new_name() -> str:
    return f"msg_{uuid.uuid4().hex}"


def signed(key: Secret, name: str, body: bytes, moment: str) -> dict[str, str]:
    secret = key.reveal().encode()
    mark = hmac.new(secret, b".".join((name.encode(), moment.encode(), body)), hashlib.sha256).digest()
    return {
        "Content-Type": "application/json",
        "webhook-id": name,
        "webhook-timestamp": moment,
        "webhook-signature": "v1," + base64.b64encode(mark).decode(),
    }


def reason_of(error: HTTPError) -> str:
    return "tls_untrusted" if "CERTIFICATE_VERIFY_FAILED" in str(error) else "no_answer"
