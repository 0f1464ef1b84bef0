"""A person whose account lives elsewhere: in OpenLDAP, Active Directory, the table of an application; in several at
once. Real servers, which refuse, go away, lag behind and come back.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from retrouve.directories.openldap import OpenLdapDirectory
from retrouve.directories.port import DirectoryUnavailableError, Refused
from retrouve.domain.account import Account
from retrouve.domain.portal import FactName
from retrouve.domain.secret import Secret
from retrouve.journeys.delegate import Several, forget_second_factor
from retrouve.journeys.propagate_password import LAST_TRY_BEFORE_THE_END
from retrouve.records.models import (
    AuditRow,
    CounterRow,
    FactorLossRow,
    FrozenRow,
    OutboxRow,
    PropagationRow,
    SecondFactorRow,
)
from retrouve.records.propagations import PASSWORDS_TO_WRITE
from retrouve.wiring.configuration import configuration, portals
from retrouve.wiring.directories import directory_of, opened, others
from retrouve.wiring.health import PATIENCE_SECONDS
from retrouve.wiring.work import do_due_work, propagate
from tests.directories.homes import OLD, hashing
from tests.servers.proxy import Mood, Proxy
from tests.visitor import Visitor
from tests.web.conftest import add_person, link_in, plain, received
from tests.web.test_delivery import everybody_keeps_house, time_is_long_over
from tests.web.test_not_me import objection_in
from tests.web.test_recovery import ask, choose, sign_in
from tests.web.test_second_factor import add_codes

pytestmark = [pytest.mark.django_db, pytest.mark.store]

NEW = "Lanterne-bleue-42"
A_LITTLE = timedelta(seconds=1)  # of the time that is left, at the last try but one
ADELLE = Account("", "adelle.adms", "adelle.adms@example.org", "Adelle", "Adms")


@pytest.fixture
def place(home_of) -> Iterator[Callable[..., Any]]:
    """A directory of the server's, under a name, on a real server where Adelle is."""
    placed: dict[str, Any] = {}

    def one(name: str, kind: str, **more: Any) -> Any:
        home = home_of(kind)
        home.settle(ADELLE)
        placed[name] = others()[name] = opened(name, home.config(**more), hashing())
        return home

    yield one
    for name, directory in placed.items():
        directory._directory.close()
        del others()[name]


def open_page(visitor: Visitor, portal: str = "essai") -> None:
    ask(visitor, portal=portal)
    visitor.open(link_in(received()[0]))


def work() -> None:
    """What is due now, once over."""
    for directory in others().values():
        directory._rests_until = 0.0
    PropagationRow.objects.filter(state="pending").update(due_at=timezone.now())
    while do_due_work():
        pass


def states() -> dict[str, tuple[str, str]]:
    return {row.directory: (row.state, row.reason) for row in PropagationRow.objects.order_by("pk")}


def opens(home, password: str) -> bool:
    (account,) = home.directory.find(portals()["leo"], {FactName.USERNAME: "adelle.adms"})
    return home.directory.holds(account.reference, Secret(password))


@pytest.mark.parametrize("kind", ["openldap", "active_directory", "postgresql", "mariadb", "sqlite", "http"])
def test_a_forgotten_password_is_replaced_where_the_account_lives(make_portal, visitor, place, kind):
    home = place("ailleurs", kind)
    make_portal(directory="ailleurs")
    open_page(visitor)
    choose(visitor, NEW)
    assert visitor.heading == "Mot de passe modifié", visitor.text
    sign_in(visitor, OLD.reveal())
    assert "ne vont pas ensemble" in visitor.text
    sign_in(visitor, NEW)
    assert visitor.heading == "Vous êtes connecté"
    assert "adelle.adms" in visitor.text
    assert opens(home, NEW)
    assert PropagationRow.objects.get().sealed is None
    assert "a été modifié" in plain(received()[0].text)


def test_the_other_directories_follow_the_first(make_portal, visitor, place):
    ldap, table = place("region", "openldap"), place("messagerie", "sqlite")
    make_portal(directory="region", also_write_to=["messagerie"], completion={"wait_page": True})
    open_page(visitor)
    choose(visitor, NEW)
    assert visitor.heading == "Mise à jour en cours"
    assert "Annuaire region : en cours" in visitor.text
    assert "Annuaire messagerie : en attente Dès que le premier est à jour." in visitor.text
    work()
    visitor.follow("Actualiser")
    assert visitor.heading == "Mot de passe modifié"
    assert states() == {"region": ("done", ""), "messagerie": ("done", "")}
    assert opens(ldap, NEW)
    assert opens(table, NEW)
    assert [row.outcome for row in AuditRow.objects.filter(event="password_copied")] == ["messagerie"]
    assert not PropagationRow.objects.exclude(sealed=None).exists()


def test_nothing_is_written_elsewhere_while_the_first_is_away_and_each_line_is_true(make_portal, visitor, place):
    ldap, table = place("region", "openldap"), place("messagerie", "sqlite")
    make_portal(directory="region", also_write_to=["messagerie"], completion={"wait_page": True})
    open_page(visitor)
    choose(visitor, NEW)
    ldap.interrupt()
    try:
        work()
        visitor.follow("Actualiser")
        assert visitor.heading == "Mise à jour en cours"
        assert "Pas encore de réponse. Essai n° 2 à" in plain(visitor.text)
        assert "déjà vous connecter" not in words_shown(visitor)
        assert states()["messagerie"] == ("held", "")
        assert opens(table, OLD.reveal())
    finally:
        ldap.resume()
    work()
    visitor.follow("Actualiser")
    assert visitor.heading == "Mot de passe modifié"
    assert opens(ldap, NEW)
    assert opens(table, NEW)


def words_shown(visitor: Visitor) -> str:
    for hidden in visitor.page.select("[hidden]"):
        hidden.extract()
    return visitor.text


def test_a_directory_that_refuses_says_why_and_nothing_is_written_elsewhere(make_portal, visitor, place):
    ldap, table = place("region", "openldap"), place("messagerie", "sqlite")
    make_portal(directory="region", also_write_to=["messagerie"])
    open_page(visitor)
    choose(visitor, OLD.reveal())
    assert visitor.heading == "Votre mot de passe n’a pas été modifié"
    assert "Il a déjà servi" in visitor.text
    assert states() == {"region": ("refused", "in_history"), "messagerie": ("refused", "first_refused")}
    assert opens(ldap, OLD.reveal())
    assert opens(table, OLD.reveal())
    letter = received()[0]
    assert "Il a déjà servi" in plain(letter.text)
    assert AuditRow.objects.get(event="password_not_changed").outcome == "in_history"


def test_whoever_chose_a_password_that_the_directory_refuses_may_choose_another(make_portal, visitor, place):
    ldap, table = place("region", "openldap"), place("messagerie", "sqlite")
    make_portal(directory="region", also_write_to=["messagerie"])
    open_page(visitor)
    for _ in range(2):
        choose(visitor, OLD.reveal())
        assert "Il a déjà servi" in visitor.text
        visitor.follow("Choisir un autre mot de passe")
    choose(visitor, NEW)
    assert visitor.heading == "Mise à jour en cours"  # the other directory is next
    work()
    visitor.follow("Actualiser")
    assert visitor.heading == "Mot de passe modifié"
    assert opens(ldap, NEW)
    assert opens(table, NEW)
    visitor.open("/essai/nouveau-mot-de-passe/")
    assert visitor.status == 410


def test_a_proof_is_good_for_five_passwords_that_are_refused(make_portal, visitor, place):
    place("region", "openldap")
    make_portal(directory="region")
    open_page(visitor)
    for _ in range(4):
        choose(visitor, OLD.reveal())
        visitor.follow("Choisir un autre mot de passe")
    choose(visitor, OLD.reveal())
    assert "Faites une nouvelle demande" in visitor.text
    visitor.open("/essai/nouveau-mot-de-passe/")
    assert visitor.status == 410


def test_a_refused_password_gives_no_proof_back_once_a_newer_one_was_asked_for__att_12(make_portal, visitor, place):
    place("region", "openldap")
    make_portal(directory="region", completion={"wait_page": True})
    open_page(visitor)
    choose(visitor, OLD.reveal())
    other = Visitor()
    ask(other)
    work()
    visitor.open("/essai/reussite/")
    assert "Faites une nouvelle demande" in visitor.text
    other.open(link_in(next(mail for mail in received() if "/r/" in mail.text)))
    assert other.heading == "Choisir un nouveau mot de passe"


def test_what_works_already_is_told_when_another_directory_does_not_know_the_person(make_portal, visitor, place):
    place("region", "openldap")
    place("messagerie", "sqlite").remove("adelle.adms")
    make_portal(directory="region", also_write_to=["messagerie"])
    open_page(visitor)
    choose(visitor, NEW)
    work()
    visitor.open("/essai/reussite/")
    assert visitor.heading == "Votre mot de passe n’est pas changé partout"
    assert "Annuaire region : terminé" in visitor.text
    assert "Annuaire messagerie : refusé" in visitor.text
    assert "pas trouvé de compte à votre nom" in visitor.text
    letter = next(one for one in received() if "partout" in one.subject)
    assert "Pour Annuaire messagerie, l’ancien mot de passe reste valable." in plain(letter.text)
    sign_in(visitor, NEW)
    assert visitor.heading == "Vous êtes connecté"


def test_a_second_directory_that_is_away_does_not_keep_the_person_waiting(make_portal, visitor, place):
    place("region", "sqlite")
    ldap = place("messagerie", "openldap")
    make_portal(directory="region", also_write_to=["messagerie"], completion={"wait_page": True})
    open_page(visitor)
    choose(visitor, NEW)
    ldap.interrupt()
    try:
        work()
        visitor.follow("Actualiser")
        assert visitor.heading == "Mise à jour en cours"
        assert "Vous pouvez déjà vous connecter" in words_shown(visitor)
        sign_in(Visitor(), NEW)
    finally:
        ldap.resume()
    work()
    visitor.open("/essai/patientez/")
    assert visitor.heading == "Mot de passe modifié"
    assert opens(ldap, NEW)


@pytest.mark.parametrize("place_of_failure", ["first", "second"])
def test_a_sealed_password_ends_at_its_time_and_that_is_told(make_portal, visitor, place, place_of_failure, capsys):
    away = place("region" if place_of_failure == "first" else "messagerie", "openldap")
    place("messagerie" if place_of_failure == "first" else "region", "sqlite")
    make_portal(directory="region", also_write_to=["messagerie"], completion={"wait_page": True})
    open_page(visitor)
    choose(visitor, NEW)
    away.interrupt()
    try:
        work()
        row = PropagationRow.objects.get(state="pending")
        lasts = configuration().server.sealed_lasts
        assert row.due_at <= row.opened_at + lasts
        PropagationRow.objects.update(opened_at=timezone.now() - lasts)
        work()
    finally:
        away.resume()
    assert not PropagationRow.objects.exclude(sealed=None).exists()
    assert ("refused", "expired") in states().values()
    logged = capsys.readouterr().out
    assert "password_not_written" in logged
    assert NEW not in logged
    visitor.follow("Actualiser")
    assert "n’a pas répondu à temps" in visitor.text
    OutboxRow.objects.filter(state="queued").update(due_at=timezone.now())  # the address is known again
    work()
    told = received()[0]
    assert "n’a pas répondu à temps" in plain(told.text)
    expected = "n’a pas été modifié" if place_of_failure == "first" else "n’est pas changé partout"
    assert expected in plain(told.subject)


def test_a_write_that_was_made_and_never_noted_is_found_again(make_portal, visitor, place, monkeypatch):
    """Killed between the directory's answer and our note: the next try is told « already used », and knows why."""
    home = place("region", "openldap")
    make_portal(directory="region")
    open_page(visitor)
    set_password = OpenLdapDirectory.set_password

    def written_and_killed(directory, reference, new_password):
        set_password(directory, reference, new_password)
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr(OpenLdapDirectory, "set_password", written_and_killed)
        with pytest.raises(KeyboardInterrupt):
            choose(visitor, NEW)
    PropagationRow.objects.update(leased_until=timezone.now() - timedelta(minutes=2))
    assert PropagationRow.objects.get().stage == "begun"
    work()
    assert states() == {"region": ("done", "")}
    assert opens(home, NEW)


def test_success_is_said_once_the_password_opens_the_account(make_portal, visitor, place, monkeypatch):
    place("region", "openldap")
    make_portal(directory="region", completion={"wait_page": True})
    open_page(visitor)
    choose(visitor, NEW)
    written = []
    set_password = OpenLdapDirectory.set_password
    monkeypatch.setattr(OpenLdapDirectory, "set_password", lambda *given: written.append(1) or set_password(*given))
    with monkeypatch.context() as lagging:
        lagging.setattr(OpenLdapDirectory, "holds", lambda *_: False)  # the lag itself: directories/test_transport.py
        work()
        visitor.follow("Actualiser")
        assert visitor.heading == "Mise à jour en cours"
        assert "Il arrive sur toutes ses machines." in visitor.text
    work()
    visitor.follow("Actualiser")
    assert visitor.heading == "Mot de passe modifié"
    assert written == [1]


def test_what_was_written_and_never_seen_is_told_as_neither_success_nor_failure(
    make_portal, visitor, place, monkeypatch
):
    """A replica that lags for longer than a sealed password lasts."""
    home = place("region", "openldap")
    make_portal(directory="region", completion={"wait_page": True})
    open_page(visitor)
    choose(visitor, NEW)
    with monkeypatch.context() as lagging:
        lagging.setattr(OpenLdapDirectory, "holds", lambda *_: False)
        work()
        time_is_over()
        work()
    assert states() == {"region": ("done", "not_seen_everywhere")}
    assert not PropagationRow.objects.exclude(sealed=None).exists()
    assert opens(home, NEW)
    visitor.follow("Actualiser")
    assert visitor.heading == "Enregistré, pas encore vu partout"
    assert "Annuaire region : enregistré, pas encore vu partout" in visitor.text
    assert "attendez un peu, puis réessayez" in visitor.text
    told = received()[0]
    assert "a été modifié" in told.subject
    assert "pas encore pu vérifier qu’il fonctionne partout" in plain(told.text)


def test_what_was_written_and_is_seen_at_the_last_moment_is_a_success(make_portal, visitor, place, monkeypatch):
    place("region", "openldap")
    make_portal(directory="region", completion={"wait_page": True})
    open_page(visitor)
    choose(visitor, NEW)
    with monkeypatch.context() as lagging:
        lagging.setattr(OpenLdapDirectory, "holds", lambda *_: False)
        work()
    time_is_over()
    work()
    assert states() == {"region": ("done", "")}


def time_is_over(but: timedelta = timedelta(0)) -> None:
    PropagationRow.objects.update(opened_at=timezone.now() - configuration().server.sealed_lasts + but)


@pytest.fixture
def deaf(monkeypatch) -> None:
    """The directory hears what is to be written, and its answer is lost."""
    set_password = OpenLdapDirectory.set_password

    def written_and_not_heard(directory, reference, new_password):
        set_password(directory, reference, new_password)
        raise DirectoryUnavailableError("no_answer")

    monkeypatch.setattr(OpenLdapDirectory, "set_password", written_and_not_heard)


def test_a_write_whose_answer_was_lost_is_looked_for_before_time_is_over(make_portal, visitor, place, deaf):
    place("region", "openldap")
    make_portal(directory="region", completion={"wait_page": True})
    open_page(visitor)
    choose(visitor, NEW)
    work()
    time_is_over()
    work()
    assert states() == {"region": ("done", "")}


@pytest.mark.parametrize("end", ["at the last try", "later"])
def test_a_lost_write_that_replicas_do_not_have_yet_is_no_failure(make_portal, visitor, place, deaf, monkeypatch, end):
    """The master has it: the old password is not valid any more."""
    place("region", "openldap")
    make_portal(directory="region", completion={"wait_page": True})
    open_page(visitor)
    choose(visitor, NEW)
    monkeypatch.setattr(OpenLdapDirectory, "holds", lambda *_: False)
    work()
    if end == "at the last try":
        time_is_over(but=LAST_TRY_BEFORE_THE_END / 2)
        monkeypatch.setattr(OpenLdapDirectory, "set_password", lambda *_: Refused("in_history"))
        work()
    time_is_over()
    work()
    assert states() == {"region": ("done", "not_seen_everywhere")}


def test_nobody_is_told_that_the_old_password_is_valid_when_nobody_knows(make_portal, visitor, place, deaf):
    """The answer to the writing was lost, and the directory has been silent ever since."""
    home = place("region", "openldap")
    place("messagerie", "sqlite")
    make_portal(directory="region", also_write_to=["messagerie"], completion={"wait_page": True})
    somebody = Visitor()
    sign_in(somebody, OLD.reveal())
    open_page(visitor)
    choose(visitor, NEW)
    work()
    home.interrupt()
    try:
        time_is_over()
        work()
    finally:
        home.resume()
    assert states() == {"region": ("refused", "unknown"), "messagerie": ("refused", "first_refused")}
    assert opens(home, NEW)
    visitor.follow("Actualiser")
    assert visitor.heading == "Votre mot de passe est peut-être modifié"
    assert "Essayez le nouveau, puis l’ancien." in visitor.text
    assert "reste valable" not in visitor.text
    somebody.open("/essai/bienvenue/")
    assert somebody.heading == "Se connecter"
    OutboxRow.objects.filter(state="queued").update(due_at=timezone.now())
    work()
    told = received()[0]
    assert "est peut-être modifié" in told.subject
    assert "Essayez le nouveau, puis l’ancien." in told.text
    assert "reste valable" not in told.text
    assert AuditRow.objects.get(event="password_not_changed").outcome == "unknown"


def test_a_password_in_force_whose_place_a_refused_one_took_is_not_forgotten(make_portal, visitor, place, monkeypatch):
    """The first was written, and not yet seen on every machine; the directory takes none of the second."""
    home = place("region", "openldap")
    make_portal(directory="region", completion={"wait_page": True})
    somebody, other = Visitor(), Visitor()
    sign_in(somebody, OLD.reveal())
    open_page(visitor)
    choose(visitor, NEW)
    with monkeypatch.context() as lagging:
        lagging.setattr(OpenLdapDirectory, "holds", lambda *_: False)
        work()
        ask(other)
        other.open(next(link_in(mail) for mail in received() if "/r/" in mail.text))
        choose(other, OLD.reveal())  # which is in the directory's history
        work()
    assert opens(home, NEW)
    other.follow("Actualiser")
    assert other.heading == "Votre mot de passe est peut-être modifié"
    somebody.open("/essai/bienvenue/")
    assert somebody.heading == "Se connecter"
    told = received()[0]
    assert "est peut-être modifié" in told.subject
    assert "reste valable" not in told.text


def test_a_second_directory_of_which_nobody_knows_is_told_so(make_portal, visitor, place, deaf):
    place("region", "sqlite")
    home = place("messagerie", "openldap")
    make_portal(directory="region", also_write_to=["messagerie"], completion={"wait_page": True})
    open_page(visitor)
    choose(visitor, NEW)
    work()
    home.interrupt()
    try:
        time_is_over()
        work()
    finally:
        home.resume()
    visitor.follow("Actualiser")
    assert visitor.heading == "Votre mot de passe n’est pas changé partout"
    assert "Annuaire messagerie : sans réponse" in visitor.text
    assert "reste valable" not in visitor.text
    letter = next(one for one in received() if "partout" in one.subject)
    assert "nous ne savons pas s’il l’est aussi ici : Annuaire messagerie" in plain(letter.text)
    assert "reste valable" not in letter.text


def test_the_last_try_is_a_true_one_at_the_time_that_the_page_says(make_portal, visitor, place):
    """Half a minute before the end: who came back in between still gets the password."""
    home = place("region", "openldap")
    make_portal(directory="region", completion={"wait_page": True})
    open_page(visitor)
    choose(visitor, NEW)
    home.interrupt()
    try:
        time_is_over(but=LAST_TRY_BEFORE_THE_END + A_LITTLE)
        work()
        row = PropagationRow.objects.get()
        assert row.due_at == row.opened_at + configuration().server.sealed_lasts - LAST_TRY_BEFORE_THE_END
        assert "Essai n° 2 à" in plain((visitor.follow("Actualiser"), visitor.text)[1])
    finally:
        home.resume()
    time_is_over(but=LAST_TRY_BEFORE_THE_END)
    work()
    assert states() == {"region": ("done", "")}


def test_a_newer_password_replaces_one_still_on_its_way_everywhere(make_portal, visitor, place):
    first, second = place("region", "openldap"), place("messagerie", "sqlite")
    make_portal(directory="region", also_write_to=["messagerie"], completion={"wait_page": True})
    open_page(visitor)
    choose(visitor, "Fenetre-verte-17")
    other = Visitor()
    ask(other)
    first_mail = next(mail for mail in received() if "/r/" in mail.text)
    other.open(link_in(first_mail))
    choose(other, NEW)
    work()
    assert opens(first, NEW)
    assert opens(second, NEW)
    assert not PropagationRow.objects.exclude(sealed=None).exists()


@pytest.fixture
def door(make_portal) -> Callable[..., Visitor]:
    """To the one account of the one directory, by a portal of its own: its owner is about to choose a password there.
    What is on its way to the directory stays so meanwhile.
    """

    def opened_page(slug: str, **tables: Any) -> Visitor:
        make_portal(slug, directory="region", completion={"wait_page": True}, **tables)
        PropagationRow.objects.filter(state="pending").update(due_at=timezone.now() + timedelta(minutes=1))
        visitor = Visitor()
        ask(visitor, portal=slug)
        visitor.open(next(link_in(mail) for mail in received() if f"/{slug}/r/" in mail.text))
        return visitor

    return opened_page


def went(portal: str) -> list[tuple[str, str]]:
    rows = PropagationRow.objects.filter(portal=portal).order_by("pk")
    return [(row.directory, row.state) for row in rows]


def test_a_newer_password_replaces_one_of_another_portal(place, door):
    ldap, table = place("region", "openldap"), place("messagerie", "sqlite")
    choose(door("essai", also_write_to=["messagerie"]), "Fenetre-verte-17")
    choose(door("autre", also_write_to=["messagerie"]), NEW)
    assert went("essai") == [("region", "replaced"), ("messagerie", "replaced")]
    work()
    assert opens(ldap, NEW)
    assert opens(table, NEW)
    assert not PropagationRow.objects.exclude(sealed=None).exists()


def test_a_password_that_was_replaced_leaves_nothing_that_waits_for_it(place, door):
    """Where the newer one does not go to as many directories."""
    place("region", "openldap")
    table = place("messagerie", "sqlite")
    choose(door("essai", also_write_to=["messagerie"]), "Fenetre-verte-17")
    choose(door("autre"), NEW)
    assert went("essai") == [("region", "replaced"), ("messagerie", "replaced")]
    work()
    assert opens(table, OLD.reveal())
    assert not PropagationRow.objects.exclude(sealed=None).exists()


def test_a_newer_password_waits_while_one_of_another_portal_is_being_written(place, door):
    place("region", "openldap")
    choose(door("essai"), "Fenetre-verte-17")
    older = PASSWORDS_TO_WRITE.lease(PropagationRow.objects.get().pk, timezone.now())
    choose(door("autre"), NEW)
    work()
    assert went("autre") == [("region", "pending")]
    propagate(older)  # which finds that it was replaced
    work()
    assert went("autre") == [("region", "done")]


def test_accounts_of_our_own_that_follow_one_of_a_directory_are_each_portals(place, door):
    place("region", "openldap")
    for slug in ("essai", "autre"):
        add_person(slug)
    choose(door("essai", also_write_to=["own"]), "Fenetre-verte-17")
    do_due_work()
    assert went("essai") == [("region", "done"), ("own", "pending")]
    choose(door("autre", also_write_to=["own"]), NEW)
    work()
    assert went("essai") == [("region", "done"), ("own", "done")]
    assert went("autre") == [("region", "done"), ("own", "done")]


def test_a_password_changed_by_one_portal_ends_what_is_open_at_the_other__att_29(place, door):
    """The account is one: sessions end, and of the links in hand the newest is good."""
    place("region", "openldap")
    older = door("autre")
    at_the_other = Visitor()
    sign_in(at_the_other, OLD.reveal(), portal="autre")
    choose(door("essai"), NEW)
    work()
    at_the_other.open("/autre/mon-compte/")
    assert at_the_other.heading == "Se connecter"
    choose(older, "Fenetre-verte-17")
    assert older.heading == "Ce lien ou ce code ne fonctionne plus"
    sign_in(at_the_other, NEW, portal="autre")
    assert at_the_other.heading == "Vous êtes connecté"


def test_an_account_that_its_owner_closes_at_one_portal_is_closed_at_the_other(place, door):
    place("region", "openldap")
    door("autre")
    choose(door("essai"), NEW)
    work()
    owner, thief = Visitor(), Visitor()
    owner.open(objection_in(received()[0]))
    owner.press("Ce n’est pas moi, bloquer le compte")
    sign_in(thief, NEW, portal="autre")
    assert "ne vont pas ensemble" in thief.text
    ask(thief, portal="autre")
    assert "bloqué" in received()[0].text
    assert "/r/" not in received()[0].text


def test_what_a_thief_added_at_the_other_portal_goes_and_what_was_there_before_stays__att_49(place, door):
    place("region", "openldap")
    choose(door("essai"), NEW)
    work()
    account = PropagationRow.objects.get().account
    now = timezone.now()
    for portal, added_at in (("autre", now), ("ailleurs", now - timedelta(days=400))):
        SecondFactorRow.objects.create(portal=portal, account=account, sealed=b"", added_at=added_at)
    FactorLossRow.objects.create(portal="ailleurs", account=account, asked_at=now, due_at=now + timedelta(days=1))
    owner = Visitor()
    owner.open(objection_in(received()[0]))
    owner.press("Ce n’est pas moi, bloquer le compte")
    assert [row.portal for row in SecondFactorRow.objects.all()] == ["ailleurs"]
    assert FactorLossRow.objects.get().state == "stopped"


def test_a_sealed_password_ends_at_its_time_were_there_nobody_to_write_it(make_portal, visitor, place, capsys):
    place("region", "sqlite")
    place("messagerie", "postgresql")
    make_portal(directory="region", also_write_to=["messagerie"], completion={"wait_page": True})
    open_page(visitor)
    choose(visitor, NEW)
    assert visitor.heading == "Mise à jour en cours"
    time_is_long_over()
    everybody_keeps_house()
    told = list(PropagationRow.objects.order_by("place").values_list("state", "reason", "sealed"))
    assert told == [("refused", "expired", None), ("refused", "first_refused", None)]
    assert "password_not_written" in capsys.readouterr().out
    assert AuditRow.objects.get(event="password_not_changed").outcome == "expired"
    assert "L’ancien mot de passe reste valable." in received()[0].text
    visitor.follow("Actualiser")
    assert visitor.heading == "Votre mot de passe n’a pas été modifié"


def test_a_sealed_password_that_waits_for_one_that_is_over_ends_too(make_portal, visitor, place):
    place("region", "sqlite")
    place("messagerie", "postgresql")
    make_portal(directory="region", also_write_to=["messagerie"], completion={"wait_page": True})
    open_page(visitor)
    choose(visitor, NEW)
    PropagationRow.objects.filter(place=0).update(state="replaced", sealed=None)
    time_is_long_over()
    everybody_keeps_house()
    assert not PropagationRow.objects.exclude(sealed=None).exists()
    assert not PropagationRow.objects.filter(state="held").exists()


# Away


@pytest.mark.parametrize("identifier", ["adelle.adms", "inconnu.e"])
def test_whoever_asks_while_the_directory_is_away_is_told_so_and_loses_nothing(make_portal, visitor, place, identifier):
    home = place("region", "openldap")
    make_portal(directory="region")
    home.interrupt()
    try:
        for _ in range(5):
            ask(visitor, identifier)
            assert visitor.status == 503
            assert visitor.heading == "Le service se repose un instant"
        sign_in(visitor, OLD.reveal(), identifier)
        assert visitor.status == 503
    finally:
        home.resume()
    work()
    assert not OutboxRow.objects.exists()
    ask(visitor, identifier)
    assert visitor.heading == "Consultez votre messagerie"
    assert not CounterRow.objects.filter(limit="sign_in", spent__gt=0).exists()


def test_a_mail_waits_for_the_directory_that_knows_its_address(make_portal, visitor, place):
    home = place("region", "openldap")
    make_portal(directory="region")
    ask(visitor)
    home.interrupt()
    try:
        work()
        row = OutboxRow.objects.get()
        assert (row.state, row.reason) == ("queued", "directory: no_answer")
    finally:
        home.resume()
    OutboxRow.objects.update(due_at=timezone.now())
    work()
    assert OutboxRow.objects.get().state == "sent"


@pytest.mark.django_db(transaction=True)
def test_a_directory_that_hangs_keeps_no_other_portal_waiting(make_portal, place, home_of, adelle):
    """Twelve people ask of a directory that says nothing: four wait for it, the rest are told at once; elsewhere,
    pages are answered meanwhile."""
    home = home_of("openldap")
    proxy = Proxy(home.server.tls_port)
    place("pendu", "openldap", url=f"ldaps://127.0.0.1:{proxy.port}", timeout="60s")
    make_portal(directory="pendu")
    make_portal("autre")
    proxy.mood = Mood.SILENT
    answers: list[int] = []
    people = [threading.Thread(target=ask_and_note, args=(answers, number)) for number in range(12)]
    try:
        for one in people:
            one.start()
        while len(answers) < 8:
            people[0].join(0.05)
        elsewhere = Visitor()
        ask(elsewhere, portal="autre")
        assert elsewhere.heading == "Consultez votre messagerie"
        assert sum(one.is_alive() for one in people) == 4
    finally:
        proxy.stop()
        for one in people:
            one.join()
    assert answers == [503] * 12


SILENT = [f"muet-{number}" for number in range(20)]
WITHOUT_WAITING_SECONDS = 15  # one that hangs is given up after a minute; a second for each of them would be twenty


@pytest.fixture
def silent(place, home_of) -> Iterator[Callable[..., Any]]:
    """Directories behind proxies that accept, and never say a word once they are told to."""
    proxies: list[Proxy] = []

    def one(name: str) -> Proxy:
        proxy = Proxy(home_of("openldap").server.port)
        proxies.append(proxy)
        place(name, "openldap", url=f"ldap://127.0.0.1:{proxy.port}", timeout="60s")
        return proxy

    yield one
    for proxy in proxies:
        proxy.stop()


def seconds_of(visitor: Visitor, address: str) -> float:
    began = time.monotonic()
    visitor.open(address)
    assert visitor.status == 200
    return time.monotonic() - began


def test_who_watches_waits_for_no_directory_that_hangs(visitor, place, silent):
    """A balancer waits for two seconds or so, and would take a server away from every portal."""
    assert PATIENCE_SECONDS < 2
    proxies = [silent(name) for name in SILENT]
    place("debout", "sqlite")
    visitor.open("/readyz")
    for proxy in proxies:
        proxy.mood = Mood.SILENT
    for name in SILENT:
        others()[name]._pinged_at = None
    for _ in range(3):
        assert seconds_of(visitor, "/readyz") < WITHOUT_WAITING_SECONDS
    said = visitor.client.get("/readyz").content.decode()
    assert all(f"directory {name}: no_answer" in said for name in SILENT)
    assert "directory debout: answers" in said


def test_who_watches_asks_a_directory_that_hangs_one_question_at_a_time(visitor, place, monkeypatch):
    """Each holds a place that people need."""
    place("pendu", "openldap")
    asked, let_go = [], threading.Event()
    monkeypatch.setattr(OpenLdapDirectory, "ping", lambda *_: (asked.append(1), let_go.wait()))
    for _ in range(2):
        visitor.open("/readyz")
        assert "directory pendu: no_answer" in visitor.client.get("/readyz").content.decode()
    assert asked == [1]
    let_go.set()


def test_the_wait_page_asks_no_directory_how_far_the_password_is(make_portal, visitor, silent):
    proxy = silent("pendu")
    make_portal(directory="pendu", completion={"wait_page": True})
    open_page(visitor)
    choose(visitor, NEW)
    proxy.mood = Mood.SILENT
    assert seconds_of(visitor, "/essai/patientez/") < WITHOUT_WAITING_SECONDS
    assert seconds_of(visitor, "/essai/patientez/etat/") < WITHOUT_WAITING_SECONDS


def ask_and_note(answers: list[int], number: int) -> None:
    visitor = Visitor()
    try:
        ask(visitor, f"personne{number}")
        answers.append(visitor.status)
    finally:
        connections.close_all()


# Before typing


def test_what_the_directory_demands_is_read_before_typing(make_portal, visitor, place):
    place("region", "active_directory")
    make_portal(directory="region", password={"min_length": 5, "require": []})
    open_page(visitor)
    rules = [item.get_text(" ", strip=True) for item in visitor.page.select("[data-rule]")]
    assert [plain(rule).partition(" (")[0] for rule in rules][:3] == [
        "7 caractères minimum",
        "3 sortes de caractères minimum, parmi : minuscules, majuscules, chiffres, caractères spéciaux",
        "Ni votre identifiant, ni votre nom dedans",
    ]
    choose(visitor, "toutminuscule")
    assert "Il faut au moins 3 sortes de caractères" in plain(visitor.text)
    choose(visitor, "Lanterne-adelle-42")
    assert "Il contient votre identifiant ou votre nom" in plain(visitor.text)
    choose(visitor, NEW)
    assert visitor.heading == "Mot de passe modifié"


def test_former_passwords_are_told_of_where_only_the_directory_knows_them(make_portal, visitor, place):
    place("region", "openldap")
    make_portal(directory="region")
    open_page(visitor)
    assert "Différent de vos 3 derniers mots de passe" in visitor.text
    assert "9 caractères minimum" in visitor.text


# Signing in, over several directories


POPULATIONS = [
    {"slug": "agents", "label": {"fr": "Agents", "en": "Agents"}, "leads_to": "accounts", "directory": "region"},
    {"slug": "usagers", "label": {"fr": "Usagers", "en": "People"}, "leads_to": "accounts", "directory": "table"},
]


def test_everybody_signs_in_by_the_same_door_wherever_their_account_lives(make_portal, visitor, place):
    place("region", "openldap").remove("adelle.adms")
    place("table", "sqlite")
    ldap = place("region", "openldap")
    ldap.remove("adelle.adms")
    ldap.settle(Account("", "paul.adms", "paul.adms@example.org", "Paul", "Adms"))
    make_portal(audience=POPULATIONS)
    for identifier in ("adelle.adms", "paul.adms"):
        sign_in(visitor, OLD.reveal(), identifier)
        assert visitor.heading == "Vous êtes connecté"
        assert identifier in visitor.text
        visitor.press("Se déconnecter")
    ldap.interrupt()
    try:
        sign_in(visitor, OLD.reveal())
        assert visitor.heading == "Vous êtes connecté"
        visitor.press("Se déconnecter")
        sign_in(visitor, "pas-le-bon")
        assert visitor.status == 503  # who cannot be asked may know this pair
    finally:
        ldap.resume()


def test_an_account_that_is_frozen_in_one_directory_is_not_another_of_the_same_number(make_portal, visitor, place):
    """Our own account 1, and the first row of somebody's table."""
    place("table", "sqlite")
    own = add_person(identifier="paul.adms", email="paul.adms@example.org")
    make_portal(directory="table")
    for number in {str(own.pk), "1", "2"}:
        FrozenRow.objects.create(portal="essai", account=number, reference="R", frozen_at=timezone.now())
    sign_in(visitor, OLD.reveal())
    assert visitor.heading == "Vous êtes connecté"


def test_a_password_that_must_be_changed_leads_to_a_new_one(make_portal, visitor, place):
    home = place("region", "openldap")
    make_portal(directory="region")
    with home.administered() as admin:
        assert admin.modify(home.dn("adelle.adms"), {"pwdReset": [("MODIFY_REPLACE", ["TRUE"])]})
    sign_in(visitor, OLD.reveal())
    assert visitor.heading == "Choisir un nouveau mot de passe"
    choose(visitor, NEW)
    assert visitor.heading == "Mot de passe modifié"
    sign_in(visitor, OLD.reveal())
    assert "ne vont pas ensemble" in visitor.text
    sign_in(visitor, NEW)
    assert visitor.heading == "Vous êtes connecté"


def test_an_operator_forgets_means_wherever_the_account_lives_and_asks_which_of_two(make_portal, visitor, place):
    place("region", "openldap")
    place("table", "sqlite")
    make_portal(audience=POPULATIONS)
    sign_in(visitor, OLD.reveal())
    add_codes(visitor)
    portal = portals()["essai"]
    among = [(met, directory_of(met)) for met in map(portal.for_audience, portal.audiences)]
    named = {"identifier": "adelle.adms", "now": timezone.now()}
    assert forget_second_factor(among, **named) == Several([met.audience for met, _ in among])
    assert SecondFactorRow.objects.exists()
    assert forget_second_factor(among[:1], **named)
    assert not SecondFactorRow.objects.exists()
    assert not forget_second_factor(among[:1], **named)


def test_populations_of_one_directory_are_no_two_people_of_one_identifier(make_portal, visitor, place):
    place("region", "openldap")
    make_portal(audience=[POPULATIONS[0], {**POPULATIONS[1], "directory": "region"}])
    sign_in(visitor, OLD.reveal())
    add_codes(visitor)
    portal = portals()["essai"]
    among = [(met, directory_of(met)) for met in map(portal.for_audience, portal.audiences)]
    assert forget_second_factor(among, identifier="adelle.adms", now=timezone.now()) is True
    assert not SecondFactorRow.objects.exists()


def say_that_it_was_not_me(visitor: Visitor) -> None:
    open_page(visitor)
    choose(visitor, NEW)
    work()
    letter = next(mail for mail in received() if "/pas-moi/" in mail.text)
    owner = Visitor()
    owner.open(next(word for word in letter.text.split() if "/pas-moi/" in word))
    owner.press("Ce n’est pas moi, bloquer le compte")
    assert owner.heading == "Votre compte est bloqué"


def test_not_me_locks_every_directory(make_portal, visitor, place):
    first, second = place("region", "openldap"), place("messagerie", "sqlite")
    make_portal(directory="region", also_write_to=["messagerie"])
    say_that_it_was_not_me(visitor)
    work()
    for home in (first, second):
        assert not opens(home, NEW)
        assert not opens(home, OLD.reveal())


def locked() -> dict[str, tuple[str, str]]:
    return {row.directory: (row.state, row.reason) for row in PropagationRow.objects.filter(purpose="locked")}


def to_support_of_a_lock_that_failed() -> list[str]:
    return [mail.text for mail in received() if "aide@" in str(mail.to) and "mot de passe à vérifier" in mail.subject]


def test_the_support_is_told_at_once_when_the_directory_does_not_take_the_lock(make_portal, visitor, place):
    """The thief's password may still open the account there; the mail does not wait for the directory."""
    first = place("region", "openldap")
    place("messagerie", "sqlite")
    make_portal(directory="region", also_write_to=["messagerie"])
    open_page(visitor)
    choose(visitor, NEW)
    work()
    letter = next(mail for mail in received() if "/pas-moi/" in mail.text)
    first.interrupt()
    try:
        owner = Visitor()
        owner.open(next(word for word in letter.text.split() if "/pas-moi/" in word))
        owner.press("Ce n’est pas moi, bloquer le compte")
        time_is_over()
        work()
        (told,) = to_support_of_a_lock_that_failed()
    finally:
        first.resume()
    assert locked() == {"region": ("refused", "expired"), "messagerie": ("refused", "first_refused")}
    for words in (FrozenRow.objects.get().reference, "Annuaire region", "Annuaire messagerie"):
        assert words in plain(told)
    assert AuditRow.objects.get(event="password_not_changed").outcome == "expired"


def test_the_support_is_told_which_directory_does_not_take_the_lock(make_portal, visitor, place):
    place("region", "openldap")
    second = place("messagerie", "sqlite")
    make_portal(directory="region", also_write_to=["messagerie"])
    say_that_it_was_not_me(visitor)
    second.remove("adelle.adms")
    work()
    assert locked() == {"region": ("done", ""), "messagerie": ("refused", "not_there")}
    (told,) = to_support_of_a_lock_that_failed()
    assert "Annuaire messagerie" in plain(told)
    assert "Annuaire region" not in plain(told)
    assert AuditRow.objects.get(event="password_not_copied").outcome == "messagerie not_there"
    assert not OutboxRow.objects.filter(kind__in=("password_not_changed", "password_partly_changed")).exists()
