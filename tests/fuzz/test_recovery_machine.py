"""The recoveries of several people at once, through the pages, in any order that Hypothesis thinks of.

Beside the real one runs a model of what should be. After each step the rows, every secret that was ever mailed and
every password are compared with it; changes of state are compared with the arrows of `recovery.mmd`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from itertools import count

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from retrouve.demo.people import account
from retrouve.domain.keyring import Keyring
from retrouve.domain.limits import FREE_SIGN_IN_FAILURES, TRIES_PER_CODE
from retrouve.domain.portal import Portal
from retrouve.domain.proofs import token_digest
from retrouve.domain.recovery import RequestState, Standing
from retrouve.domain.secret import Secret
from retrouve.journeys import choose_password, prove_by_code, resend_proof
from retrouve.journeys.choose_password import ProvenAccount, proven_account
from retrouve.messages.relay import Delivered, TryLater
from retrouve.records import requests
from retrouve.records.accounts import add_account
from retrouve.records.models import AccountRow, RequestRow
from retrouve.wiring import parts
from retrouve.wiring.work import MAIL, do_one
from tests.fuzz.recovery_model import (
    ARROWS,
    ENOUGH_FAILURES,
    FIRST_STATES,
    TICKET_LASTS,
    Mailed,
    Person,
    Proof,
    Request,
    Ticket,
    named_by,
    proof_works,
)
from tests.visitor import Visitor
from tests.web.conftest import CODE, LINK, OLD_PASSWORD, plain

pytestmark = pytest.mark.django_db

START = datetime(2026, 11, 20, 9, 0, tzinfo=timezone.get_default_timezone())
NAMES = ("adelle.adms", "bruno.bell", "personne.inconnue")
UNKNOWN = NAMES[-1]
CHOOSE = "Choisir un nouveau mot de passe"
CODE_PAGE = "Code de sécurité"

people = st.sampled_from(NAMES)
browsers = st.sampled_from((0, 1))
SOME_TIME = [timedelta(seconds=61), timedelta(minutes=14), timedelta(minutes=20), timedelta(hours=1), timedelta(days=1)]


class PostBox:
    """A relay whose mails the machine reads. It may answer "later", having sent the mail all the same (ATT-65)."""

    def __init__(self) -> None:
        self.answers = True
        self.texts: list[str] = []

    def send(self, message: EmailMessage, _: str) -> Delivered | TryLater:
        part = message.get_body(("plain",))
        self.texts.append(plain(str(part.get_content())).replace("\r\n", "\n") if part else "")
        return Delivered() if self.answers else TryLater("down")


class Browser:
    def __init__(self) -> None:
        self.visitor = Visitor()
        self.flow: Request | None = None
        self.proof: Proof | None = None
        self.signed_in: Person | None = None


class World:
    """What a test prepares once for all the machines: the portal, the clock, the relay."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self.now = START
        self.post = PostBox()

    def clock(self) -> datetime:
        return self.now


class Recoveries(RuleBasedStateMachine):
    def __init__(self, world: World) -> None:
        super().__init__()
        self.undone = transaction.atomic()  # each example begins with an empty database
        self.undone.__enter__()
        self.world = world
        world.now = START
        world.post = PostBox()
        self.browsers = (Browser(), Browser())
        self.requests: list[Request] = []
        self.mailed: list[Mailed] = []
        self.seen: dict[object, str] = {}
        self.passwords = count(1)
        self.people = {name: self.person(name) for name in NAMES[:-1]}
        self.encoded = {name: self.row_of(name).password for name in self.people}

    def person(self, name: str) -> Person:
        first, last = name.split(".")
        someone = account(name, f"{name}@example.org", first.title(), last.title(), country="FR", kind="entreprise")
        add_account("essai", someone, password=parts.hashing().encode(Secret(OLD_PASSWORD)))
        return Person(name, f"{name}@example.org", OLD_PASSWORD)

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undone.__exit__(None, None, None)

    @property
    def now(self) -> datetime:
        return self.world.now

    def row_of(self, name: str) -> AccountRow:
        return AccountRow.objects.get(portal="essai", identifier_key=name)

    def new_requests(self) -> list[RequestRow]:
        return list(RequestRow.objects.exclude(pk__in=[one.pk for one in self.requests]))

    # Asking, and the mail

    @rule(browser=browsers, name=people)
    def ask(self, browser: int, name: str) -> None:
        one = self.browsers[browser]
        one.visitor.open("/essai/oubli/")
        one.visitor.fill("Identifiant", name)
        one.visitor.press("Recevoir un courriel")
        opened = self.new_requests()
        if one.visitor.status == 429:
            assert opened == []
            return
        assert one.visitor.heading == CODE_PAGE
        assert len(opened) == 1
        one.flow = Request(opened[0].pk, self.people.get(name))
        self.requests.append(one.flow)

    @rule(browser=browsers)
    def ask_for_the_mail_again(self, browser: int) -> None:
        self.press_on_code_page(self.browsers[browser], "Renvoyer le code")

    @rule(answers=st.sampled_from([True, True, True, False]))
    def the_worker_delivers_a_mail(self, answers: bool) -> None:  # noqa: FBT001  Hypothesis gives it by name
        self.deliver(answers=answers)

    @rule(browser=browsers, name=people)
    def ask_and_receive(self, browser: int, name: str) -> None:
        """What people do most."""
        self.ask(browser, name)
        while self.deliver(answers=True):
            pass

    def deliver(self, *, answers: bool) -> bool:
        self.world.post.answers = answers
        known = len(self.world.post.texts)
        worked = do_one(MAIL)
        for text in self.world.post.texts[known:]:
            self.read(text)
        return worked

    def read(self, text: str) -> None:
        link, code = LINK.search(text), CODE.search(text)
        if link is None:
            assert code is None
            return
        row = RequestRow.objects.get(link_digest=token_digest(Secret(link[1].rpartition("/")[2])))
        request = next(one for one in self.requests if one.pk == row.pk)
        assert request.person, "a mail left for an identifier that nobody has"
        assert request.state is RequestState.OPENED
        mail = Mailed(request, request.person, link[1], code[1] if code else "", self.now)
        request.person.newest = mail
        self.mailed.append(mail)

    # The code

    @rule(browser=browsers)
    def type_the_right_code(self, browser: int) -> None:
        flow = self.browsers[browser].flow
        codes = [mail.code for mail in self.mailed if mail.request is flow and mail.code]
        self.type_code(self.browsers[browser], codes[-1] if codes else "123 456")

    @rule(browser=browsers, times=st.sampled_from([1, 2, 5]))
    def type_a_wrong_code(self, browser: int, times: int) -> None:
        codes = {mail.code.replace(" ", "") for mail in self.mailed}
        for _ in range(times):
            self.type_code(self.browsers[browser], next(c for n in range(10**6) if (c := f"{n:06d}") not in codes))

    @precondition(lambda self: self.mailed)
    @rule(browser=browsers, mail=st.integers(0, 20))
    def type_a_code_of_any_mail(self, browser: int, mail: int) -> None:
        """Older ones, other people's, and those that the other browser asked for (ATT-14)."""
        self.type_code(self.browsers[browser], self.mailed[mail % len(self.mailed)].code or "123 456")

    @rule(browser=browsers, name=people)
    def ask_and_type_the_code(self, browser: int, name: str) -> None:
        self.ask_and_receive(browser, name)
        self.every_change_of_state_is_an_arrow_of_the_drawing()  # within a rule too
        self.type_the_right_code(browser)

    @rule(browser=browsers, mine=people, theirs=people)
    def type_the_code_that_the_other_browser_asked_for(self, browser: int, mine: str, theirs: str) -> None:
        self.ask_and_receive(browser, mine)
        self.ask_and_receive(1 - browser, theirs)
        self.every_change_of_state_is_an_arrow_of_the_drawing()
        self.type_code(self.browsers[browser], self.mailed[-1].code if self.mailed else "123 456")

    def press_on_code_page(self, one: Browser, button: str) -> bool:
        one.visitor.open("/essai/code/")
        waits = one.flow is not None and not one.flow.proved_here
        if waits and one.flow.failures >= TRIES_PER_CODE:
            assert one.visitor.status == 410
            return False
        assert (one.visitor.heading == CODE_PAGE) == waits
        if waits:
            one.visitor.press(button)
        return waits

    def type_code(self, one: Browser, code: str) -> None:
        one.visitor.open("/essai/code/")
        flow = one.flow
        if flow is None or flow.proved_here or flow.failures >= TRIES_PER_CODE:
            assert one.visitor.heading != CODE_PAGE
            return
        right = any(mail.request is flow and mail.code_works(code, self.now) for mail in self.mailed)
        one.visitor.fill(CODE_PAGE, code)
        one.visitor.press("Vérifier le code")
        if one.visitor.heading == CHOOSE:
            assert right, "a code opened the page that should not have"
            self.proved(one, flow)
        else:
            self.refused(flow, right=right)

    def proved(self, one: Browser, flow: Request) -> None:
        flow.state, flow.failures, flow.ticket_until = RequestState.PROVEN, 0, self.now + TICKET_LASTS
        one.proof = Ticket(flow)

    def refused(self, flow: Request, *, right: bool) -> None:
        enough = flow.person is None or flow.person.wrong_codes >= ENOUGH_FAILURES
        assert not right or enough, "a right code was refused"
        row = RequestRow.objects.get(pk=flow.pk)
        assert row.failures == flow.failures + 1 or enough
        flow.failures = row.failures
        if flow.person:
            flow.person.wrong_codes += 1
        # Once the account's codes are blocked, its owner is told by a request that no browser holds.
        self.requests += [Request(told.pk, flow.person) for told in self.new_requests()]

    # The link, and the password

    @precondition(lambda self: self.mailed)
    @rule(browser=browsers)
    def open_the_newest_link(self, browser: int) -> None:
        self.open_link(self.browsers[browser], self.mailed[-1])

    @precondition(lambda self: self.mailed)
    @rule(browser=browsers, mail=st.integers(0, 20))
    def open_any_link(self, browser: int, mail: int) -> None:
        self.open_link(self.browsers[browser], self.mailed[mail % len(self.mailed)])

    def open_link(self, one: Browser, mail: Mailed) -> None:
        one.visitor.open(mail.link)
        one.proof = mail
        self.password_page_is_right(one)

    def password_page_is_right(self, one: Browser) -> None:
        works = proof_works(one.proof, self.now)
        assert (one.visitor.heading == CHOOSE) == works, (one.visitor.heading, one.proof)
        assert one.visitor.status == (200 if works or one.proof is None else 410)

    @rule(browser=browsers, again=st.booleans())
    def choose_a_password(self, browser: int, again: bool) -> None:  # noqa: FBT001
        """On the page as it stands, which may have been opened long ago, or `again` on a page that is fresh."""
        one = self.browsers[browser]
        if again:
            one.visitor.open("/essai/nouveau-mot-de-passe/")
            self.password_page_is_right(one)
        if one.visitor.heading != CHOOSE:
            return
        works = proof_works(one.proof, self.now)
        password = f"lanterne-bleue-{next(self.passwords)}"
        one.visitor.fill("Nouveau mot de passe", password)
        one.visitor.fill("Confirmer le mot de passe", password)
        one.visitor.press("Modifier le mot de passe")
        assert (one.visitor.heading == "Mot de passe modifié") == works
        if works:
            self.changed(one.proof.request, password)

    def changed(self, used: Request, password: str) -> None:
        person = used.person
        person.earlier.append(person.password)
        person.password = password
        person.wrong_passwords = 0
        for request in self.requests:
            if request.person is person and request.open:
                request.state = RequestState.CANCELLED
        used.state = RequestState.USED
        for one in self.browsers:
            if one.signed_in is person:
                one.signed_in = None
                assert one.visitor.client.get("/essai/bienvenue/").status_code == 303  # ATT-29

    @rule(browser=browsers, name=people)
    def recover(self, browser: int, name: str) -> None:
        """From end to end, as nearly everybody does."""
        self.ask_and_receive(browser, name)
        self.every_change_of_state_is_an_arrow_of_the_drawing()
        newest = self.people[name].newest if name in self.people else None
        if newest:
            self.open_link(self.browsers[browser], newest)
            self.choose_a_password(browser, again=False)

    @rule(browser=browsers)
    def give_up(self, browser: int) -> None:
        """« Annuler », on the page of the code or on that of the password: what this browser holds, works no more."""
        one = self.browsers[browser]
        if one.visitor.heading not in (CODE_PAGE, CHOOSE):
            one.visitor.open("/essai/code/")
        if one.visitor.heading not in (CODE_PAGE, CHOOSE):
            return
        one.visitor.press("Annuler")
        for request in (one.flow, named_by(one.proof)):
            if request and request.open:
                request.state, request.ticket_until = RequestState.CANCELLED, None
        one.flow = one.proof = None

    # Time, and signing in

    @rule(passed=st.sampled_from(SOME_TIME))
    def time_passes(self, passed: timedelta) -> None:
        self.world.now += passed

    @rule(browser=browsers, name=people, which=st.integers(0, 3))
    def sign_in(self, browser: int, name: str, which: int) -> None:
        """With the password of the day, or with one of those that were."""
        one, person = self.browsers[browser], self.people.get(name)
        candidates = [person.password, *reversed(person.earlier)] if person else [OLD_PASSWORD]
        password = candidates[which % len(candidates)]
        one.visitor.open("/essai/")
        one.visitor.fill("Identifiant", name)
        one.visitor.fill("Mot de passe", password)
        one.visitor.press("Se connecter")
        if one.visitor.status == 429:
            assert person is None or person.wrong_passwords >= FREE_SIGN_IN_FAILURES
            return
        right = person is not None and password == person.password
        assert (one.visitor.heading == "Vous êtes connecté") == right
        if person:
            person.wrong_passwords = 0 if right else person.wrong_passwords + 1
        if right:
            one.signed_in = person

    # What always holds

    @invariant()
    def every_change_of_state_is_an_arrow_of_the_drawing(self) -> None:
        rows = {row.pk: row for row in RequestRow.objects.all()}
        for pk, row in rows.items():
            before = self.seen.get(pk)
            if before is None:
                assert row.state in FIRST_STATES
            elif before != row.state:
                assert (before, row.state) in ARROWS
            self.seen[pk] = row.state
        assert {pk: (row.state, row.failures) for pk, row in rows.items()} == {
            one.pk: (one.state.value, one.failures) for one in self.requests
        }

    @invariant()
    def of_all_that_was_mailed_the_newest_works_at_most(self) -> None:
        working: dict[str, list[Mailed]] = {}
        for mail in self.mailed:
            works = self.opens_the_page(mail)
            assert works == mail.link_works(self.now), (mail.request, self.mailed.index(mail))
            if works:
                working.setdefault(mail.person.identifier, []).append(mail)
        assert all(len(mails) == 1 and mails[0].newest for mails in working.values())

    def opens_the_page(self, mail: Mailed) -> bool:
        portal, token = self.world.portal, Secret(mail.link.rpartition("/")[2])
        found = proven_account(portal, parts.directory_of(portal), parts.keys(), proof=token, now=self.now)
        if not isinstance(found, ProvenAccount):
            return False
        assert found.account.identifier == mail.person.identifier
        return True

    @invariant()
    def the_password_is_the_one_that_was_chosen_last(self) -> None:
        for name, person in self.people.items():
            encoded = self.row_of(name).password
            if encoded != self.encoded[name]:
                self.encoded[name] = encoded
                assert parts.hashing().verify(Secret(person.password), encoded)
                assert not any(parts.hashing().verify(Secret(old), encoded) for old in person.earlier)


@pytest.fixture
def world(make_portal: Callable[..., Portal], monkeypatch: pytest.MonkeyPatch) -> World:
    world = World(make_portal(recovery={"proof": "both"}, password={"cancel": True}))
    monkeypatch.setattr(timezone, "now", world.clock)
    monkeypatch.setattr(parts, "relay", lambda: world.post)
    return world


def run(world: World, **more: object) -> None:
    usual = {"deadline": None, "suppress_health_check": list(HealthCheck)}
    run_state_machine_as_test(lambda: Recoveries(world), settings=settings(**{**usual, **more}))


def test_in_any_order_each_recovery_is_as_drawn_and_only_the_newest_secret_works__att_12(world):
    run(world, max_examples=18, stateful_step_count=25)


# Faults planted on purpose: the machine is worth what it catches.


def mint_without_voiding_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "other_requests", lambda _: RequestRow.objects.none())


def use_whatever_its_state_or_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    def use_request(request: RequestRow, digest: str, now: datetime) -> bool:
        return bool(RequestRow.objects.filter(pk=request.pk).update(state=RequestState.USED, used_at=now))

    monkeypatch.setattr(choose_password, "proof_standing", lambda *_, **__: Standing.HOLDS)
    monkeypatch.setattr(choose_password, "use_request", use_request)


def end_nothing_when_the_password_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choose_password, "end_other_requests", lambda _: None)


def accept_any_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prove_by_code, "code_is_right", lambda *_: True)


def accept_a_code_of_any_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    real = prove_by_code.same
    digests = Keyring.code_digest
    monkeypatch.setattr(Keyring, "code_digest", lambda keys, _, code: digests(keys, "the same for all", code))
    minted = RequestRow.objects.exclude(code_digest=None).values_list("code_digest", flat=True)
    monkeypatch.setattr(prove_by_code, "same", lambda left, _: any(real(left, digest) for digest in minted.all()))


def forget_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choose_password, "standing_of", lambda *_: Standing.HOLDS)
    monkeypatch.setattr(choose_password, "request_of_proof", lambda _, digest: row_of_digest(digest))


def row_of_digest(digest: str) -> RequestRow | None:
    return RequestRow.objects.filter(link_digest=digest, state="opened").first()


def resend_when_proven(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request that goes back from proven to opened: no such arrow."""

    def reopened(portal: str, digest: str) -> RequestRow | None:
        RequestRow.objects.filter(flow_digest=digest, state="proven").update(state="opened")
        return requests.request_of_flow(portal, digest)

    monkeypatch.setattr(prove_by_code, "request_of_flow", reopened)
    monkeypatch.setattr(resend_proof, "request_of_flow", reopened)


FAULTS = [
    mint_without_voiding_the_others,
    use_whatever_its_state_or_digest,
    end_nothing_when_the_password_changes,
    accept_any_code,
    accept_a_code_of_any_browser,
    forget_the_clock,
    resend_when_proven,
]


@pytest.mark.parametrize("plant", FAULTS)
def test_the_machine_catches_a_planted_fault(world, monkeypatch, plant):
    plant(monkeypatch)
    with pytest.raises(AssertionError):
        run(
            world,
            max_examples=60,
            stateful_step_count=25,
            derandomize=True,
            phases=[Phase.generate],
            report_multiple_bugs=False,
        )
