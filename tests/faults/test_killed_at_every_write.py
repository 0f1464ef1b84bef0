"""One whole journey, killed before each thing that it writes or sends, then taken up again as in real life: leases run
out, a worker goes on, and the person goes on from what they have.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from retrouve.demo.mailbox import ReceivedMail, forget_mails, mails
from retrouve.directories.own import OwnDirectory
from retrouve.domain.limits import MAILS_PER_ACCOUNT_HOUR
from retrouve.domain.secret import Secret
from retrouve.journeys import choose_password, deliver_mail, propagate_password
from retrouve.journeys.keep_trail import Intact, verify_trail
from retrouve.records.audit import note
from retrouve.records.models import (
    AccountRow,
    AuditRow,
    ObjectionRow,
    OutboxRow,
    PropagationRow,
    RequestRow,
    SessionRow,
)
from retrouve.records.outbox import finish_mail
from retrouve.records.sessions import open_session
from retrouve.wiring import parts
from retrouve.wiring.work import do_due_work
from tests.faults.killing import (
    Browser,
    Ending,
    Killer,
    RelayWithPoints,
    in_child,
    points_in_database,
    relay_of_this_life,
)
from tests.faults.person import Memory, Person, links_in, objections_in, works
from tests.plugin import MAIL_FOLDER
from tests.visitor import Visitor
from tests.web.conftest import OLD_PASSWORD, add_person, code_in, link_in, received
from tests.web.test_recovery import ask, choose, open_password_page, sign_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.store]

MOST_POINTS = 500
MOST_STEPS = 20

Plant = Callable[[], None]


def nothing_planted() -> None:
    pass


@dataclass
class Journey:
    """One account, its owner, and the lives of the server that they meet."""

    number: int
    folder: Path
    patient: bool = True
    by_code: bool = False
    only: str = ""
    plant: Plant = nothing_planted
    account: AccountRow = field(init=False)

    def __post_init__(self) -> None:
        forget_mails(MAIL_FOLDER)
        self.identifier = f"adelle.{self.number}"
        self.email = f"{self.identifier}@example.org"
        self.account = add_person(identifier=self.identifier, email=self.email)
        self.file = self.folder / f"memory-{self.number}"
        earlier = timezone.now()
        open_session(
            f"earlier-{self.number}",
            portal="essai",
            account=self.reference,
            means="pwd",
            lasts=timedelta(hours=12),
            now=earlier,
        )

    @property
    def reference(self) -> str:
        return str(self.account.pk)

    @property
    def told(self) -> Path:
        return self.folder / f"told-{self.number}"

    def live(self, at: int) -> Ending:
        return in_child(lambda: self.live_until(Killer(at, self.told, self.only)), self.told)

    def live_until(self, killer: Killer) -> None:
        relay_of_this_life(killer)
        self.plant()
        with points_in_database(killer):
            self.recover(self.person(killer))

    def recover(self, person: Person) -> None:
        for number in range(MOST_STEPS):
            person.step()
            work()
            if person.memory.told:
                return
            if number >= MOST_STEPS // 2:
                time_passes()  # for the impatient as well
        raise AssertionError(f"still nothing after {MOST_STEPS} steps: {person.memory} {person.visitor.text}")

    def person(self, killer: Killer) -> Person:
        memory = Memory.of(self.file)
        person = Person(
            self.identifier, self.visitor(), self.letters, memory, patient=self.patient, by_code=self.by_code, looks=0
        )
        person.keep = lambda: memory.keep(self.file)
        person.visitor.client = Browser(killer, memory, person.keep, REMOTE_ADDR=self.origin)
        return person

    def visitor(self) -> Visitor:
        visitor = Visitor()
        visitor.client.defaults["REMOTE_ADDR"] = self.origin
        return visitor

    @property
    def origin(self) -> str:
        """Each from elsewhere: a limit on one address is not what this is about."""
        return f"10.0.{self.number // 250}.{self.number % 250 + 1}"

    def letters(self) -> list[ReceivedMail]:
        return [letter for letter in mails(MAIL_FOLDER) if letter.to == self.email]

    def go_on(self) -> None:
        in_child(self.live_again, self.told)

    def live_again(self) -> None:
        """The patient wait for the worker, which waits for leases; the others go on while leases still stand."""
        killer = Killer(0, self.told)
        relay_of_this_life(killer)
        if self.patient:
            time_passes()
            work()
            self.judge_links()
        self.recover(self.person(killer))
        time_passes()
        work()

    def die_at_the_relay(self) -> None:
        relay_of_this_life(Killer(1, self.told))
        work()

    # What must be true

    def judge_kill(self) -> None:
        """At once, before anybody goes on: whatever is in force was told by a row that outlives the process."""
        account = AccountRow.objects.get(pk=self.account.pk)
        if account.password != self.account.password:
            assert self.propagations().exists(), "a password is in force, and no row says why"
            assert self.events("password_chosen"), "a password is in force, and no event says why"
        unfinished = self.outbox().exclude(state="queued").filter(finished_at=None)
        assert not unfinished.exists(), "a mail is half finished"

    def judge_links(self) -> None:
        opened = {link: works(link, self.visitor()) for link in links_in(self.letters())}
        assert sum(opened.values()) <= 1, f"{sum(opened.values())} links work"
        assert not any(list(opened.values())[1:]), "an older link works"

    def judge_end(self) -> None:
        self.judge_rows()
        self.judge_trail()
        self.judge_secrets()
        self.judge_passwords()

    def judge_rows(self) -> None:
        letters = self.letters()
        sent = self.outbox().filter(state="sent")
        assert not self.outbox().filter(state="queued").exists(), "a mail never left"
        assert not self.outbox().filter(finished_at=None).exists(), "a mail is half finished"
        assert not self.outbox().filter(state="refused").exists(), "a mail was given up"
        assert sent.count() <= len(letters) <= sent.count() + 1, f"{sent.count()} sent, {len(letters)} arrived"
        assert links_in(letters), "the person got no link"
        assert not self.propagations().filter(state="pending").exists(), "a password never left"
        assert not self.propagations().exclude(sealed=None).exists(), "a password is still sealed"
        done = self.propagations().filter(state="done").count()
        assert done >= 1, "no password was changed"
        assert self.outbox().filter(kind="password_changed").count() == done, "a change was not told by mail"
        arrived = len(objections_in(letters))
        assert arrived >= done, f"{done} changes, {arrived} mails that tell of them"
        assert not SessionRow.objects.filter(account=self.reference).exists(), "an earlier session goes on"

    def judge_trail(self) -> None:
        done = self.propagations().filter(state="done").count()
        assert self.events("recovery_asked") == RequestRow.objects.filter(account=self.reference).count()
        assert self.events("password_chosen") == self.propagations().count()
        assert self.events("password_changed") == done, f"{done} done, {self.events('password_changed')} events"
        sent = self.outbox().filter(state="sent").count()
        assert self.events("mail_sent") == sent, f"{sent} sent, {self.events('mail_sent')} events"
        assert self.events("sessions_ended") == 1
        assert self.events("address_verified") == 1

    def judge_secrets(self) -> None:
        letters = self.letters()
        assert not any(works(link, self.visitor()) for link in links_in(letters)), "a link works after the change"
        assert ObjectionRow.objects.filter(account=self.reference).count() <= 1
        objections = [works(link, self.visitor()) for link in objections_in(letters)]
        assert not any(objections[1:]), "an older objection works"
        assert objections[0], "the newest objection does not work"

    def judge_passwords(self) -> None:
        memory = Memory.of(self.file)
        person = Person(self.identifier, self.visitor(), self.letters, memory)
        assert person.signs_in(memory.told), "the password that the page told does not open the account"
        encoded = AccountRow.objects.get(pk=self.account.pk).password
        for other in {OLD_PASSWORD, *memory.typed.values()} - {memory.told}:
            assert not parts.hashing().verify(Secret(other), encoded), f"{other} opens the account as well"

    def outbox(self):
        return OutboxRow.objects.filter(account=self.reference)

    def propagations(self):
        return PropagationRow.objects.filter(account=self.reference)

    def events(self, name: str) -> int:
        return AuditRow.objects.filter(account=self.reference, event=name).count()


def work() -> None:
    while do_due_work():
        pass


def time_passes() -> None:
    """Leases run out, and what was put off falls due."""
    past = timezone.now() - timedelta(seconds=1)
    for model in (OutboxRow, PropagationRow):
        model.objects.exclude(leased_until=None).update(leased_until=past)
        model.objects.filter(due_at__gt=past).update(due_at=past)


def kill_before_every_point(folder: Path, **facts: object) -> list[str]:
    """Where the journey was killed: all the places there are."""
    places: list[str] = []
    warm_up(folder)
    for number in range(1, MOST_POINTS):
        journey = Journey(number, folder, **facts)
        ending = journey.live(at=number)
        try:
            judge(journey, ending)
        except AssertionError as fault:
            raise AssertionError(f"killed at point {number}, {ending.killed_at}: {fault}") from fault
        if not ending.killed_at:
            return places
        places.append(ending.killed_at)
    raise AssertionError("the journey has no end")


def warm_up(folder: Path) -> None:
    """Once in this process, so that each child finds templates, translations and word lists already read."""
    journey = Journey(0, folder)
    person = journey.person(Killer(0, journey.told))
    journey.recover(person)


def judge(journey: Journey, ending: Ending) -> None:
    if ending.killed_at:
        journey.judge_kill()
        journey.go_on()
    journey.judge_end()


# What is inside a transaction is true with its COMMIT; before it, all comes to what was true after the one before.
BETWEEN = "^after|relay|answer"


@pytest.mark.parametrize(
    ("by_code", "patient", "only"),
    [
        pytest.param(False, True, "", id="by link, each statement"),
        pytest.param(False, False, BETWEEN, id="by link, impatient"),
        pytest.param(True, True, BETWEEN, id="by code, with a wait page"),
    ],
)
def test_a_journey_killed_before_anything_it_writes_or_sends_ends_well__att_62(
    make_portal, tmp_path, by_code, patient, only
):
    make_portal(recovery={"proof": "both" if by_code else "link"}, completion={"wait_page": by_code})
    places = kill_before_every_point(tmp_path, patient=patient, by_code=by_code, only=only)
    sys.stdout.write(f"{len(places)} kills\n")
    assert sum("relay" in place for place in places) == 4
    assert sum("COMMIT" in place for place in places) >= 8
    assert isinstance(verify_trail(parts.keys()), Intact)


# Does it see what it looks for?


def mail_is_finished_before_it_is_sent() -> None:
    send = RelayWithPoints.send

    def send_late(relay, message, recipient):
        OutboxRow.objects.filter(state="queued").update(state="sent", finished_at=timezone.now(), leased_until=None)
        return send(relay, message, recipient)

    RelayWithPoints.send = send_late


def mail_is_finished_before_it_is_noted() -> None:
    def finish(row, state, reason, event, now):
        finish_mail(row, state, reason, now)
        note(event, portal=row.portal, outcome=row.kind, account=row.account, request=row.request, now=now)

    deliver_mail.finish = finish


def password_is_written_before_it_is_accepted() -> None:
    accept = choose_password.accept

    def write_and_accept(portal, keys, request, proof, new_password, *more):
        parts.directory_of(portal).set_password(request.account, new_password)
        return accept(portal, keys, request, proof, new_password, *more)

    choose_password.accept = write_and_accept


def password_is_forgotten_before_it_is_written() -> None:
    write = propagate_password.write

    def forget_and_write(row, route, keys, **more):
        PropagationRow.objects.filter(pk=row.pk).update(state="done", sealed=None, finished_at=timezone.now())
        answer = write(row, route, keys, **more)
        PropagationRow.objects.filter(pk=row.pk).update(state="pending")
        return answer

    propagate_password.write = forget_and_write


def change_is_written_in_pieces() -> None:
    propagate_password.transaction = NoTransaction


class NoTransaction:
    atomic = nullcontext


@pytest.mark.parametrize(
    ("plant", "only", "seen"),
    [
        (mail_is_finished_before_it_is_sent, "relay", "arrived|got no link"),
        (mail_is_finished_before_it_is_noted, "after UPDATE .records_outboxrow", "sent, . events"),
        (password_is_written_before_it_is_accepted, "after UPDATE .records_accountrow", "no row says why"),
        (password_is_forgotten_before_it_is_written, "after UPDATE .records_propagationrow", "a change was not told"),
        (change_is_written_in_pieces, "after UPDATE .records_propagationrow", "a change was not told"),
    ],
)
def test_the_harness_sees_a_fault_that_was_planted__att_62(make_portal, tmp_path, plant, only, seen):
    make_portal()
    with pytest.raises(AssertionError, match=f"killed at point .*({seen})"):
        kill_before_every_point(tmp_path, only=only, plant=plant)


# What it found


def test_a_mail_whose_delivery_is_killed_again_and_again_leaves_in_the_end__att_62(make_portal, tmp_path):
    """Each try used to count against the limit of mails per account, and the last was dropped as one too many."""
    make_portal()
    journey = Journey(1, tmp_path)
    Person(journey.identifier, journey.visitor(), journey.letters, Memory()).ask()
    for _ in range(MAILS_PER_ACCOUNT_HOUR.times + 1):
        ending = in_child(journey.die_at_the_relay, journey.told)
        assert "relay" in ending.killed_at
        time_passes()
    work()
    assert [row.state for row in journey.outbox()] == ["sent"]
    assert len(journey.letters()) == 1


def test_a_person_whose_right_code_was_never_answered_still_has_the_link__att_62(make_portal, adelle, visitor):
    make_portal(recovery={"proof": "both"})
    ask(visitor)
    (letter,) = received()
    visitor.fill("Code de sécurité", code_in(letter))
    visitor.press("Vérifier le code")  # and the answer is lost
    elsewhere = Visitor()
    elsewhere.open(link_in(letter))
    assert elsewhere.heading == "Choisir un nouveau mot de passe"
    choose(elsewhere)
    assert elsewhere.heading == "Mot de passe modifié"
    choose(visitor)
    assert visitor.status == 410


def test_a_password_that_is_written_late_never_replaces_a_newer_one__att_62(make_portal, adelle, visitor, monkeypatch):
    """A server that stood still while it wrote, or that a kill left to another, comes last with the older password."""
    make_portal()
    set_password = OwnDirectory.set_password
    other = Visitor()

    def slowly(directory, reference, new_password):
        monkeypatch.setattr(OwnDirectory, "set_password", set_password)
        open_password_page(other)
        choose(other, "fenetre-ouverte-88")
        return set_password(directory, reference, new_password)

    open_password_page(visitor)
    monkeypatch.setattr(OwnDirectory, "set_password", slowly)
    choose(visitor)
    work()
    other.open("/essai/reussite/")
    assert other.heading == "Mot de passe modifié"
    sign_in(other, "fenetre-ouverte-88")
    assert other.heading == "Vous êtes connecté"
