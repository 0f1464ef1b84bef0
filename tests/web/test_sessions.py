"""Staying signed in: for how long, on which devices, and how each of them is left."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from retrouve.directories.own import OwnDirectory
from retrouve.directories.port import DirectoryUnavailableError
from retrouve.domain.delegation import Role
from retrouve.domain.limits import NEW_DEVICES_TOLD
from retrouve.domain.proofs import token_digest
from retrouve.domain.remembering import GRACE
from retrouve.domain.secret import Secret
from retrouve.journeys.known_browsers import is_trusted
from retrouve.records.epochs import meet_browsers_anew
from retrouve.records.housekeeping import forget_what_is_over
from retrouve.records.models import AccountRow, AuditRow, OutboxRow, RememberedRow, RequestRow, SessionRow
from retrouve.web.cookies import LONGEST_VALUE
from retrouve.wiring import parts
from retrouve.wiring.configuration import portals
from tests.visitor import FORM, Visitor, words_of
from tests.web.conftest import OLD_PASSWORD, add_person, do_all_work, link_in, plain, received
from tests.web.test_helpers import OTHER, SCHOOL, come_to_help, helper, open_person, person, school
from tests.web.test_races import at_once
from tests.web.test_recovery import NEW_PASSWORD, ask, choose

__all__ = ["school"]

pytestmark = [pytest.mark.django_db, pytest.mark.store]

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile Safari/604.1"
TWICE = "une connexion gardée a été utilisée deux fois"
TABS = 20


def browser(agent: str = FIREFOX) -> Visitor:
    visitor = Visitor()
    visitor.client.defaults["HTTP_USER_AGENT"] = agent
    return visitor


@pytest.fixture
def visitor() -> Visitor:
    return browser()


@pytest.fixture
def remembering(make_portal, adelle):
    return make_portal(sign_in={"remember_me": True})


def sign_in(
    visitor: Visitor, *, remember: bool = False, identifier: str = "adelle.adms", password=OLD_PASSWORD
) -> None:
    visitor.open("/essai/")
    visitor.fill("Identifiant", identifier)
    visitor.fill("Mot de passe", password)
    if remember:
        visitor.choose("Se souvenir de moi")
    visitor.press("Se connecter")
    assert visitor.heading == "Vous êtes connecté"


def is_in(visitor: Visitor) -> bool:
    visitor.open("/essai/mon-compte/")
    return visitor.heading == "Mon compte"


def kept(visitor: Visitor, name: str = "remembered") -> str:
    cookie = visitor.client.cookies.get(f"{name}-essai")
    return cookie.value if cookie else ""


def put(visitor: Visitor, value: str, name: str = "remembered") -> None:
    visitor.client.cookies[f"{name}-essai"] = value


def let_sessions_end() -> None:
    """As if nobody had asked for a page for long."""
    SessionRow.objects.update(seen_at=timezone.now() - timedelta(hours=2))


def let_time_pass(time: timedelta) -> None:
    """As remembered browsers see it."""
    for row in RememberedRow.objects.all():
        row.rotated_at -= time
        row.expires_at -= time
        row.save()


def come_back(visitor: Visitor) -> None:
    let_sessions_end()
    assert is_in(visitor)


# How long


@pytest.mark.parametrize(("idle_for", "lives"), [(timedelta(minutes=4), True), (timedelta(minutes=6), False)])
def test_a_session_ends_when_no_page_is_asked_for_as_long_as_the_portal_says(
    make_portal, adelle, visitor, idle_for, lives
):
    make_portal(sessions={"idle": "5m", "absolute": "1h"})
    sign_in(visitor)
    SessionRow.objects.update(seen_at=timezone.now() - idle_for)
    assert is_in(visitor) is lives


def test_a_session_ends_at_its_term_however_much_it_is_used(make_portal, adelle, visitor):
    make_portal(sessions={"idle": "30m", "absolute": "1h"})
    sign_in(visitor)
    session = SessionRow.objects.get()
    assert session.expires_at - session.opened_at == timedelta(hours=1)
    SessionRow.objects.update(expires_at=timezone.now())
    assert not is_in(visitor)


def test_a_session_that_may_rest_a_minute_is_kept_alive_by_a_page_every_half_minute(make_portal, adelle, visitor):
    make_portal(sessions={"idle": "1m", "absolute": "1h"})
    sign_in(visitor)
    now = timezone.now()
    SessionRow.objects.update(seen_at=now - timedelta(seconds=30))
    assert is_in(visitor)
    assert SessionRow.objects.get().seen_at >= now


# On a computer that is shared


def test_nothing_is_kept_beyond_the_browser_unless_one_asks(remembering, visitor):
    visitor.open("/essai/")
    assert not visitor.field("Se souvenir de moi").has_attr("checked")
    sign_in(visitor)
    assert visitor.client.cookies["session-essai"]["max-age"] == ""
    assert not kept(visitor)
    let_sessions_end()
    assert not is_in(visitor)


def test_where_the_portal_does_not_offer_it_nobody_is_remembered(make_portal, adelle, visitor):
    make_portal()
    sign_in(visitor)
    visitor.open("/essai/")
    token = visitor.page.find("input", {"name": "csrfmiddlewaretoken"})["value"]
    asked = {"username": "adelle.adms", "password": OLD_PASSWORD, "remember_me": "on", "csrfmiddlewaretoken": token}
    visitor.client.post("/essai/", urlencode(asked), content_type=FORM)
    assert not kept(visitor)
    assert not RememberedRow.objects.exists()


def test_signing_out_forgets_this_browser(remembering, visitor):
    sign_in(visitor, remember=True)
    pair = kept(visitor)
    visitor.press("Se déconnecter")
    assert not kept(visitor)
    put(visitor, pair)
    assert not is_in(visitor)
    assert not RememberedRow.objects.exists()


def test_signing_out_forgets_this_browser_even_after_its_session_has_ended(remembering, visitor):
    sign_in(visitor, remember=True)
    let_sessions_end()
    visitor.press("Se déconnecter")
    assert not RememberedRow.objects.exists()


def test_whoever_signs_in_without_the_box_makes_the_browser_forget_who_was_there(remembering, visitor):
    add_person(identifier="paul.autre", email="paul.autre@example.org")
    sign_in(visitor, remember=True)
    pair = kept(visitor)
    sign_in(visitor, identifier="paul.autre")
    assert not kept(visitor)
    put(visitor, pair)
    let_sessions_end()
    assert not is_in(visitor)


# Remembered


def test_a_remembered_browser_comes_back_after_its_session_has_ended(remembering, visitor):
    sign_in(visitor, remember=True)
    first = SessionRow.objects.get()
    before = (kept(visitor), kept(visitor, "session"))
    come_back(visitor)
    assert kept(visitor) != before[0]
    assert kept(visitor, "session") != before[1]
    opened = SessionRow.objects.exclude(pk=first.pk).get()
    assert opened.signed_in_at == first.signed_in_at
    assert (opened.means, opened.proven_twice_at) == (first.means, None)
    assert AuditRow.objects.filter(event="session_resumed", account=first.account).count() == 1


def test_a_browser_that_comes_back_every_day_leaves_no_pile_of_sessions(remembering, visitor):
    sign_in(visitor, remember=True)
    for _ in range(3):
        SessionRow.objects.update(opened_at=timezone.now() - timedelta(days=1))
        come_back(visitor)
    assert SessionRow.objects.count() == 1
    assert is_in(visitor)


def test_a_browser_that_was_closed_and_lost_its_session_cookie_comes_back_too(remembering, visitor):
    sign_in(visitor, remember=True)
    del visitor.client.cookies["session-essai"]
    assert is_in(visitor)


def test_only_digests_of_what_the_browser_keeps_are_kept__att_17(remembering, visitor):
    sign_in(visitor, remember=True)
    series, token = kept(visitor).split(".")
    row = RememberedRow.objects.get()
    assert (row.series, row.token) == (token_digest(Secret(series)), token_digest(Secret(token)))


def test_the_cookie_of_a_remembered_browser_is_out_of_reach_of_scripts_and_ends_with_its_time(remembering, visitor):
    sign_in(visitor, remember=True)
    cookie = visitor.client.cookies["remembered-essai"]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", 30 * 24 * 3600)
    let_time_pass(timedelta(days=10))
    come_back(visitor)
    assert visitor.client.cookies["remembered-essai"]["max-age"] <= 20 * 24 * 3600 + 1, "its use does not lengthen it"


def test_after_its_time_a_browser_is_no_longer_remembered_and_its_row_is_swept(remembering, visitor):
    sign_in(visitor, remember=True)
    let_time_pass(timedelta(days=30))
    let_sessions_end()
    assert not is_in(visitor)
    assert not kept(visitor)
    forget_what_is_over(timezone.now())
    assert not RememberedRow.objects.exists()


def test_a_session_that_came_back_does_not_outlive_the_memory_of_the_browser(remembering, visitor):
    sign_in(visitor, remember=True)
    RememberedRow.objects.update(expires_at=timezone.now() + timedelta(hours=1))
    come_back(visitor)
    assert SessionRow.objects.latest("opened_at").expires_at == RememberedRow.objects.get().expires_at


def test_a_form_that_is_sent_by_a_remembered_browser_is_done(remembering, visitor):
    sign_in(visitor, remember=True)
    visitor.open("/essai/mon-compte/")
    let_sessions_end()
    visitor.choose("English")
    visitor.press("Changer la langue")
    assert visitor.heading == "My account"


def test_the_sign_in_page_says_who_is_there_and_leads_on(remembering, visitor):
    sign_in(visitor, remember=True)
    let_sessions_end()
    visitor.open("/essai/")
    assert "vous êtes déjà connecté : adelle.adms" in plain(visitor.text)
    visitor.follow("Continuer")
    assert visitor.heading == "Vous êtes connecté"


def test_while_the_directory_is_away_one_reads_the_sign_in_page_and_stays_remembered(remembering, visitor, monkeypatch):
    sign_in(visitor, remember=True)
    let_sessions_end()
    with monkeypatch.context() as away:
        away.setattr(OwnDirectory, "get", is_away)
        visitor.open("/essai/mon-compte/")
        assert visitor.status == 503
        visitor.open("/essai/")
        assert (visitor.status, visitor.heading) == (200, "Se connecter")
    assert is_in(visitor)


def is_away(*_: object) -> None:
    raise DirectoryUnavailableError("away")


def test_a_remembered_browser_of_an_account_that_was_closed_opens_nothing__att_73(remembering, visitor):
    sign_in(visitor, remember=True)
    AccountRow.objects.update(state="disabled")
    let_sessions_end()
    assert not is_in(visitor)
    assert not RememberedRow.objects.exists()


def test_a_remembered_browser_of_one_portal_opens_nothing_on_another__att_36(remembering, make_portal, visitor):
    make_portal("autre", sign_in={"remember_me": True})
    sign_in(visitor, remember=True)
    visitor.client.cookies["remembered-autre"] = kept(visitor)
    visitor.open("/autre/mon-compte/")
    assert visitor.heading == "Se connecter"
    come_back(visitor)


@pytest.mark.parametrize("value", ["", ".", "x", "a.b", "a.b.c", "é.è", "\x00.\x00", "." * 128, "a" * 500])
def test_a_pair_that_nobody_was_given_opens_nothing_and_accuses_nobody__att_81(remembering, visitor, value):
    sign_in(visitor, remember=True)
    stranger = browser()
    put(stranger, value)
    assert not is_in(stranger)
    assert TWICE not in stranger.text
    come_back(visitor)


# Copied


def test_a_copy_that_is_used_after_the_owner_ends_everything_and_the_owner_is_told(remembering, visitor):
    sign_in(visitor, remember=True)
    copy = kept(visitor)
    come_back(visitor)
    let_time_pass(GRACE + timedelta(seconds=1))
    elsewhere, at_home = browser(SAFARI), browser(SAFARI)
    sign_in(elsewhere)
    sign_in(at_home, remember=True)
    thief = browser()
    put(thief, copy)
    assert not is_in(thief)
    assert not is_in(visitor)
    assert not is_in(elsewhere)
    assert not is_in(at_home)
    assert not RememberedRow.objects.exists()
    assert AuditRow.objects.filter(event="remembered_reused").count() == 1
    told = next(mail for mail in received() if "deux fois" in mail.subject)
    assert "toutes vos sessions sont fermées" in plain(told.text)
    assert "/essai/oubli/" in told.text


def test_a_copy_that_is_used_before_the_owner_is_found_when_the_owner_comes_and_the_page_says_why(remembering, visitor):
    sign_in(visitor, remember=True)
    let_sessions_end()
    thief = browser()
    put(thief, kept(visitor))
    assert is_in(thief)
    let_time_pass(GRACE + timedelta(seconds=1))
    assert not is_in(visitor)
    assert TWICE in visitor.text
    assert not kept(visitor)
    assert not is_in(thief)
    sign_in(visitor)
    visitor.open("/essai/")
    assert TWICE not in visitor.text


def test_the_sign_in_page_itself_says_why(remembering, visitor):
    sign_in(visitor, remember=True)
    copy = kept(visitor)
    come_back(visitor)
    let_time_pass(GRACE + timedelta(seconds=1))
    del visitor.client.cookies["session-essai"]
    put(visitor, copy)
    visitor.open("/essai/")
    assert TWICE in visitor.text


def test_a_token_of_the_right_series_that_was_never_given_is_a_copy_too(remembering, visitor):
    sign_in(visitor, remember=True)
    thief = browser()
    put(thief, kept(visitor).split(".")[0] + ".AAAAAAAAAAAAAAAAAAAAAA")
    assert not is_in(thief)
    assert not is_in(visitor)


def test_a_copy_that_is_shown_again_and_again_is_told_once(remembering, visitor):
    sign_in(visitor, remember=True)
    copy = kept(visitor)
    come_back(visitor)
    let_time_pass(GRACE + timedelta(seconds=1))
    for _ in range(3):
        thief = browser()
        put(thief, copy)
        assert not is_in(thief)
    assert OutboxRow.objects.filter(kind="remembered_reused").count() == 1


# Several tabs


def test_two_tabs_that_open_at_once_are_both_let_in_and_the_pair_is_turned_once(remembering, visitor):
    sign_in(visitor, remember=True)
    let_sessions_end()
    other = browser()
    put(other, kept(visitor))
    assert is_in(visitor)
    turned = RememberedRow.objects.get().token
    before = kept(other)
    assert is_in(other)
    assert kept(other) == before, "the tab that came first has set it"
    assert RememberedRow.objects.get().token == turned
    assert is_in(visitor)


@pytest.mark.django_db(transaction=True)
def test_of_twenty_pages_at_once_one_turns_the_pair_and_nobody_is_thrown_out(remembering, visitor):
    sign_in(visitor, remember=True)
    let_sessions_end()
    pair = kept(visitor)

    def open_a_page() -> Client:
        client = Client()
        client.cookies["remembered-essai"] = pair
        assert client.get("/essai/mon-compte/").status_code == 200
        return client

    clients = at_once(TABS, open_a_page)
    assert sum(client.cookies["remembered-essai"].value != pair for client in clients) == 1
    assert all(client.get("/essai/mon-compte/").status_code == 200 for client in clients)
    assert RememberedRow.objects.count() == 1
    assert not AuditRow.objects.filter(event="remembered_reused").exists()


@pytest.mark.django_db(transaction=True)
def test_of_twenty_copies_at_once_one_is_told(remembering, visitor):
    sign_in(visitor, remember=True)
    copy = kept(visitor)
    come_back(visitor)
    let_time_pass(GRACE + timedelta(seconds=1))

    def show_the_copy() -> int:
        client = Client()
        client.cookies["remembered-essai"] = copy
        return client.get("/essai/mon-compte/").status_code

    assert set(at_once(TABS, show_the_copy)) == {303}
    assert OutboxRow.objects.filter(kind="remembered_reused").count() == 1
    assert not SessionRow.objects.exists()


# Ended


def test_a_reset_ends_remembered_browsers_with_all_sessions__att_29(remembering, visitor):
    sign_in(visitor, remember=True)
    owner = browser(SAFARI)
    ask(owner)
    owner.open(link_in(received()[0]))
    choose(owner)
    assert owner.heading == "Mot de passe modifié"
    assert not is_in(visitor)
    assert not RememberedRow.objects.exists()
    assert TWICE not in visitor.text


def test_whoever_changes_their_password_stays_remembered_here_under_another_pair(remembering, visitor):
    elsewhere = browser(SAFARI)
    sign_in(elsewhere, remember=True)
    sign_in(visitor, remember=True)
    pair = kept(visitor)
    visitor.open("/essai/mon-compte/mot-de-passe/")
    visitor.fill("Mot de passe actuel", OLD_PASSWORD)
    visitor.fill("Nouveau mot de passe", NEW_PASSWORD)
    visitor.fill("Confirmer le mot de passe", NEW_PASSWORD)
    visitor.press("Modifier le mot de passe")
    do_all_work()
    assert kept(visitor) != pair
    assert not is_in(elsewhere)
    copy = browser()
    put(copy, pair)
    assert not is_in(copy)
    come_back(visitor)


def test_signing_in_again_leaves_no_pile_of_sessions__att_28(remembering, visitor):
    sign_in(visitor)
    first = kept(visitor, "session")
    sign_in(visitor, remember=True)
    second = kept(visitor, "session")
    sign_in(visitor)
    assert len({first, second, kept(visitor, "session")}) == 3
    assert SessionRow.objects.count() == 1
    assert not RememberedRow.objects.exists()
    stranger = browser()
    put(stranger, first, "session")
    assert not is_in(stranger)


def test_signing_in_as_somebody_else_ends_what_the_other_person_had_open_there(remembering, visitor):
    """Nobody holds it any more, and the applications that were reached in it are to be told."""
    add_person(identifier="paul.autre", email="paul.autre@example.org")
    sign_in(visitor)
    session = kept(visitor, "session")
    sign_in(visitor, identifier="paul.autre")
    put(visitor, session, "session")
    assert not is_in(visitor)


def test_a_session_that_was_planted_before_signing_in_is_worth_nothing_after__att_28(remembering, visitor):
    put(visitor, "planted", "session")
    put(visitor, "planted.planted")
    sign_in(visitor, remember=True)
    assert "planted" not in kept(visitor, "session") + kept(visitor)
    thief = browser()
    put(thief, "planted", "session")
    put(thief, "planted.planted")
    assert not is_in(thief)


# Mon compte


def open_sessions(visitor: Visitor) -> list[str]:
    visitor.open("/essai/mon-compte/sessions/")
    return [words_of(row.b) + (" *" if "Reste connecté" in words_of(row) else "") for row in rows_of(visitor)]


def rows_of(visitor: Visitor) -> list:
    return visitor.page.find_all("li", class_="row")


def test_each_browser_is_named_and_ended_one_by_one(remembering, visitor):
    telephone = browser(SAFARI)
    sign_in(telephone, remember=True)
    sign_in(visitor)
    assert sorted(open_sessions(visitor)) == ["Firefox, Windows", "Safari, iPhone *"]
    assert "Dernière utilisation" in visitor.text
    visitor.press("Déconnecter Safari, iPhone")
    assert open_sessions(visitor) == ["Firefox, Windows"]
    assert not is_in(telephone)
    assert is_in(visitor)
    assert AuditRow.objects.filter(event="session_ended").count() == 1


def test_a_remembered_browser_is_one_line_whether_or_not_a_session_is_open_there(remembering, visitor):
    telephone = browser(SAFARI)
    sign_in(telephone, remember=True)
    come_back(telephone)
    let_sessions_end()
    sign_in(visitor)
    assert sorted(open_sessions(visitor)) == ["Firefox, Windows", "Safari, iPhone *"]
    visitor.press("Déconnecter Safari, iPhone")
    assert not is_in(telephone)


def test_this_session_is_said_to_be_and_ended_as_well(remembering, visitor):
    sign_in(visitor, remember=True)
    assert open_sessions(visitor) == ["Firefox, Windows *"]
    assert "(cette session)" in visitor.text
    visitor.press("Déconnecter Firefox, Windows (cette session)")
    assert visitor.heading == "Se connecter"
    assert not is_in(visitor)


def test_all_the_others_are_ended_at_once_and_this_browser_stays_remembered(remembering, visitor):
    telephone, tablet = browser(SAFARI), browser()
    sign_in(telephone, remember=True)
    sign_in(tablet)
    sign_in(visitor, remember=True)
    open_sessions(visitor)
    visitor.press("Déconnecter mes autres sessions")
    assert open_sessions(visitor) == ["Firefox, Windows *"]
    assert not is_in(telephone)
    assert not is_in(tablet)
    come_back(visitor)


def post_end(visitor: Visitor, chosen: str) -> int:
    visitor.open("/essai/mon-compte/sessions/")
    token = visitor.page.find("input", {"name": "csrfmiddlewaretoken"})["value"]
    fields = urlencode({"end": chosen, "csrfmiddlewaretoken": token})
    return visitor.client.post("/essai/mon-compte/sessions/", fields, content_type=FORM).status_code


def test_nobody_ends_a_session_of_somebody_else__att_36__att_81(remembering, visitor):
    add_person(identifier="paul.autre", email="paul.autre@example.org")
    other = browser(SAFARI)
    sign_in(other, remember=True, identifier="paul.autre")
    sign_in(visitor)
    for row in (SessionRow.objects.exclude(series="").get(), RememberedRow.objects.get()):
        assert post_end(visitor, str(row.public_id)) == post_end(visitor, str(uuid4())) == 303
    assert is_in(other)
    come_back(other)
    assert not AuditRow.objects.filter(event="session_ended").exists()


@pytest.mark.parametrize("chosen", ["", "all", "1", "x" * 300, "' OR 1=1 --"])
def test_what_is_no_session_ends_nothing(remembering, visitor, chosen):
    elsewhere = browser(SAFARI)
    sign_in(elsewhere)
    sign_in(visitor)
    assert post_end(visitor, chosen) == 303
    assert is_in(visitor)
    assert is_in(elsewhere)


def test_ending_a_session_needs_the_forms_token__att_27(remembering, visitor):
    sign_in(visitor)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies["session-essai"] = kept(visitor, "session")
    public_id = str(SessionRow.objects.get().public_id)
    strict.post("/essai/mon-compte/sessions/", urlencode({"end": public_id}), content_type=FORM)
    assert is_in(visitor)


# Those who help


def test_a_helper_ends_all_sessions_of_somebody_who_is_told(school, make_portal, visitor):
    make_portal(activation={}, sign_in={"remember_me": True})
    helper(Role.REFERENT, SCHOOL)
    pupil = person("paul.eleve")
    on_a_shared_computer = browser(SAFARI)
    sign_in(on_a_shared_computer, remember=True, identifier="paul.eleve")
    come_to_help(visitor)
    open_person(visitor, pupil)
    visitor.press("Fermer ses sessions")
    assert "Toutes ses sessions sont fermées." in visitor.text
    assert not is_in(on_a_shared_computer)
    assert not RememberedRow.objects.exists()
    assert "René Référent a fermé toutes les sessions de votre compte" in plain(received()[0].text)
    assert AuditRow.objects.get(event="sessions_ended").outcome.startswith("by ")


def test_a_helper_ends_no_session_of_somebody_out_of_reach__att_50(school, visitor):
    helper(Role.REFERENT, SCHOOL)
    other = person("lea.ailleurs", institution=OTHER)
    elsewhere = browser(SAFARI)
    sign_in(elsewhere, identifier="lea.ailleurs")
    come_to_help(visitor)
    visitor.client.post(f"/essai/aider/compte/{other.pk}/agir/", urlencode({"act": "end_sessions"}), content_type=FORM)
    assert is_in(elsewhere)


def test_a_change_that_a_helper_asks_for_is_not_put_off_by_a_remembered_browser(school, make_portal, visitor):
    make_portal(activation={}, sign_in={"remember_me": True})
    helper(Role.REFERENT, SCHOOL)
    pupil = person("paul.eleve")
    at_home = browser(SAFARI)
    sign_in(at_home, remember=True, identifier="paul.eleve")
    come_to_help(visitor)
    open_person(visitor, pupil)
    visitor.press("Demander un nouveau mot de passe")
    assert is_in(at_home), "at the next sign-in, not in the middle of something"
    let_sessions_end()
    assert not is_in(at_home)


def test_a_browser_that_came_back_is_asked_for_the_second_proof_again(school, make_portal, visitor):
    make_portal(sign_in={"remember_me": True})
    helper(Role.REFERENT, SCHOOL)
    sign_in(visitor, remember=True, identifier="rene.referent")
    visitor.open("/essai/aider/")
    SessionRow.objects.update(proven_twice_at=timezone.now())
    visitor.open("/essai/aider/")
    assert visitor.heading == "Aider"
    let_sessions_end()
    visitor.open("/essai/aider/")
    assert visitor.heading == "Ajouter un second moyen de preuve"


# Somewhere new


def subjects() -> list[str]:
    return [mail.subject for mail in received()]


NEW_DEVICE = "Connexion depuis un nouvel appareil – Essai"


def test_the_first_sign_in_is_not_told_and_one_somewhere_new_is(remembering, visitor):
    sign_in(visitor)
    sign_in(visitor)
    assert subjects() == []
    sign_in(browser(SAFARI))
    (mail,) = received()
    assert (mail.subject, mail.to) == (NEW_DEVICE, "adelle.adms@example.org")
    said = plain(mail.text)
    assert "Appareil : Safari, iPhone" in said
    assert "heure de Paris" in said
    assert "Si ce n’était pas vous, choisissez un nouveau mot de passe" in said
    assert "/essai/oubli/" in said


def test_the_browsers_of_a_family_are_known_to_each_of_them(remembering, visitor):
    add_person(identifier="paul.adms", email="paul.adms@example.org")
    for identifier in ("adelle.adms", "paul.adms") * 3:
        sign_in(visitor, identifier=identifier)
    assert subjects() == []


def test_the_mark_of_one_account_says_nothing_of_another(remembering, visitor):
    add_person(identifier="paul.autre", email="paul.autre@example.org")
    sign_in(visitor)
    thief = browser(SAFARI)
    sign_in(thief, identifier="paul.autre")
    sign_in(thief)
    assert subjects() == [NEW_DEVICE]


def test_a_new_device_is_told_five_times_a_day_at_most__att_45(remembering):
    for _ in range(NEW_DEVICES_TOLD.times + 4):
        sign_in(browser(SAFARI))
    assert len(received()) == NEW_DEVICES_TOLD.times


def test_an_account_without_address_is_mailed_nothing(remembering):
    AccountRow.objects.update(email="", email_key="")
    for _ in range(2):
        sign_in(browser())
    assert not OutboxRow.objects.exists()


def test_a_new_device_and_a_known_one_get_the_same_answer(remembering, visitor):
    sign_in(visitor)
    new = browser()
    seen = []
    for one in (visitor, new):
        sign_in(one)
        seen.append((one.status, one.address, one.text, sorted(one.client.cookies)))
    assert seen[0] == seen[1]


def is_known(visitor: Visitor, account: AccountRow) -> bool:
    return is_trusted(parts.keys(), portals()["essai"], kept(visitor, "known"), str(account.pk))


def test_a_reset_from_a_browser_that_is_not_known_makes_every_browser_new(remembering, visitor):
    adelle = AccountRow.objects.get()
    sign_in(visitor)
    assert is_known(visitor, adelle)
    stranger = browser(SAFARI)
    ask(stranger)
    stranger.open(link_in(received()[0]))
    choose(stranger)
    assert not is_known(visitor, adelle)
    sign_in(visitor, password=NEW_PASSWORD)
    assert subjects()[0] == NEW_DEVICE
    assert is_known(visitor, adelle)


def test_a_reset_from_the_owners_browser_leaves_the_others_known(remembering, visitor):
    adelle = AccountRow.objects.get()
    at_school = browser(SAFARI)
    sign_in(at_school)
    sign_in(visitor)
    ask(visitor)
    visitor.open(link_in(next(mail for mail in received() if "/r/" in mail.text)))
    choose(visitor)
    assert is_known(at_school, adelle)
    assert is_known(visitor, adelle)


def test_not_me_makes_every_browser_new(remembering, visitor):
    adelle = AccountRow.objects.get()
    sign_in(visitor)
    ask(visitor)
    visitor.open(link_in(received()[0]))
    choose(visitor)
    assert is_known(visitor, adelle)
    letter = next(mail for mail in received() if "/pas-moi/" in mail.text)
    visitor.open(next(word for word in letter.text.split() if "/pas-moi/" in word))
    visitor.press("Ce n’est pas moi, bloquer le compte")
    assert not is_known(visitor, adelle)


def test_a_helper_who_ends_all_sessions_makes_every_browser_new(school, make_portal, visitor):
    make_portal(activation={}, sign_in={"remember_me": True})
    helper(Role.REFERENT, SCHOOL)
    pupil = person("paul.eleve")
    at_home = browser(SAFARI)
    sign_in(at_home, identifier="paul.eleve")
    assert is_known(at_home, pupil)
    come_to_help(visitor)
    open_person(visitor, pupil)
    visitor.press("Fermer ses sessions")
    assert not is_known(at_home, pupil)


def test_a_browser_met_anew_shares_the_mails_of_strangers__att_39(remembering, visitor):
    adelle = AccountRow.objects.get()
    sign_in(visitor)
    meet_browsers_anew(str(adelle.pk))
    ask(visitor)
    assert not RequestRow.objects.get().known_browser


def test_the_mark_of_two_people_with_an_address_each_fits_in_its_cookie(remembering, visitor):
    paul = add_person(identifier="paul.adms", email="paul.adms@example.org")
    for identifier in ("adelle.adms", "paul.adms"):
        sign_in(visitor, identifier=identifier)
    assert len(kept(visitor, "known")) <= LONGEST_VALUE
    assert all(is_known(visitor, row) for row in (AccountRow.objects.exclude(pk=paul.pk).get(), paul))
    for identifier in ("adelle.adms", "paul.adms"):
        ask(visitor, identifier)
    assert RequestRow.objects.filter(known_browser=True).count() == 2
