"""Signing in, resting after failures, staying signed in."""

from __future__ import annotations

from datetime import timedelta
from threading import Lock, Thread

import pytest
from django.utils import timezone

from retrouve.config.server_file import HashingCost
from retrouve.directories.hashing import Hashing, TooBusyToHash
from retrouve.domain.secret import Secret
from retrouve.records.models import (
    AccountRow,
    HalfSignInRow,
    RememberedRow,
    RequestRow,
    SessionRow,
    SignInTroubleRow,
)
from retrouve.records.objections import freeze
from retrouve.records.sessions import close_all_sessions
from retrouve.wiring import parts
from tests.visitor import Visitor
from tests.web.conftest import OLD_PASSWORD, add_person, link_in, received
from tests.web.test_second_factor import add_codes

pytestmark = [pytest.mark.django_db, pytest.mark.store]


def sign_in(visitor: Visitor, identifier: str = "adelle.adms", password: str = OLD_PASSWORD, *, remember=False) -> str:
    visitor.open("/essai/")
    visitor.fill(visitor.page.find("label", attrs={"for": "id_username"}).get_text().strip(), identifier)
    visitor.fill("Mot de passe", password)
    if remember:
        visitor.choose("Se souvenir de moi")
    visitor.press("Se connecter")
    return visitor.heading


@pytest.mark.parametrize(
    ("kind", "identifier", "works"),
    [
        ("username", "adelle.adms", True),
        ("username", " Adelle.ADMS ", True),
        ("username", "adelle.adms@example.org", False),
        ("email", "adelle.adms@example.org", True),
        ("email", "adelle.adms", False),
        ("either", "adelle.adms", True),
        ("either", "ADELLE.adms@example.org", True),
    ],
)
def test_one_signs_in_with_what_the_portal_says(make_portal, adelle, visitor, kind, identifier, works):
    make_portal(sign_in={"identifier": kind})
    assert (sign_in(visitor, identifier) == "Vous êtes connecté") is works


def test_an_address_typed_for_an_identifier_gets_a_helpful_sentence(make_portal, adelle, visitor):
    make_portal()
    sign_in(visitor, "adelle.adms@example.org")
    assert "on se connecte avec son identifiant" in visitor.text


@pytest.mark.parametrize("state", ["disabled", "not_activated"])
def test_who_may_not_sign_in_reads_what_a_stranger_reads__att_03(make_portal, visitor, state):
    make_portal()
    add_person(state=state)
    sign_in(visitor)
    closed = visitor.text
    stranger = Visitor()
    sign_in(stranger, "personne.inconnue")
    assert stranger.text == closed


def test_an_unknown_identifier_costs_one_hash_like_a_known_one__att_06(make_portal, adelle, monkeypatch):
    make_portal()
    verified = []
    true_verify = Hashing.verify
    monkeypatch.setattr(Hashing, "verify", lambda self, *given: verified.append(1) or true_verify(self, *given))
    for identifier in ("adelle.adms", "personne.inconnue"):
        verified.clear()
        sign_in(Visitor(), identifier, "pas-le-bon-1")
        assert len(verified) == 1


def test_after_five_failures_sign_in_rests_and_says_for_how_long(make_portal, adelle, visitor):
    make_portal()
    for _ in range(5):
        sign_in(visitor, password="pas-le-bon-1")
    sign_in(visitor)
    assert visitor.status == 429
    assert "Réessayez dans 1 minute" in visitor.text
    assert 0 < int(visitor.headers["Retry-After"]) <= 60


def test_recovery_works_while_sign_in_rests_and_lifts_it__att_40_att_75(make_portal, adelle, visitor):
    make_portal()
    for _ in range(6):
        sign_in(visitor, password="pas-le-bon-1")
    visitor.open("/essai/oubli/")
    visitor.fill("Identifiant", "adelle.adms")
    visitor.press("Recevoir un courriel")
    visitor.open(link_in(received()[0]))
    visitor.fill("Nouveau mot de passe", "lanterne-bleue-42")
    visitor.fill("Confirmer le mot de passe", "lanterne-bleue-42")
    visitor.press("Modifier le mot de passe")
    assert sign_in(visitor, password="lanterne-bleue-42") == "Vous êtes connecté"


def test_the_rest_is_over_in_time_and_a_success_forgets_the_failures(make_portal, adelle, visitor):
    make_portal()
    for _ in range(5):
        sign_in(visitor, password="pas-le-bon-1")
    SignInTroubleRow.objects.update(rests_until=timezone.now())
    assert sign_in(visitor) == "Vous êtes connecté"
    assert not SignInTroubleRow.objects.exists()


def test_the_session_ends_with_the_browser_which_one_may_ask_to_be_remembered(make_portal, adelle, visitor):
    make_portal(sign_in={"remember_me": True})
    sign_in(visitor)
    assert visitor.client.cookies["session-essai"]["max-age"] == ""
    assert "remembered-essai" not in visitor.client.cookies
    sign_in(visitor, remember=True)
    assert visitor.client.cookies["session-essai"]["max-age"] == ""
    assert visitor.client.cookies["remembered-essai"]["max-age"] == 30 * 24 * 3600


def test_the_session_changes_at_each_sign_in_and_only_its_digest_is_kept__att_28(make_portal, adelle, visitor):
    make_portal()
    sign_in(visitor)
    first = visitor.client.cookies["session-essai"].value
    sign_in(visitor)
    second = visitor.client.cookies["session-essai"].value
    assert first != second
    assert not SessionRow.objects.filter(digest__in=[first, second]).exists()


def test_signing_out_ends_the_session(make_portal, adelle, visitor):
    make_portal()
    sign_in(visitor)
    session = visitor.client.cookies["session-essai"].value
    visitor.press("Se déconnecter")
    visitor.client.cookies["session-essai"] = session
    visitor.open("/essai/bienvenue/")
    assert visitor.heading == "Se connecter"


@pytest.mark.parametrize(
    ("seen", "expires", "lives"),
    [
        (timedelta(minutes=29), timedelta(hours=1), True),
        (timedelta(minutes=31), timedelta(hours=1), False),
        (timedelta(0), timedelta(0), False),
    ],
)
def test_a_session_ends_when_nobody_uses_it_and_at_its_term(make_portal, adelle, visitor, seen, expires, lives):
    make_portal()
    sign_in(visitor)
    SessionRow.objects.update(seen_at=timezone.now() - seen, expires_at=timezone.now() + expires)
    visitor.open("/essai/bienvenue/")
    assert (visitor.heading == "Vous êtes connecté") is lives


def test_a_hash_made_more_cheaply_is_made_anew_at_sign_in(make_portal, adelle, visitor):
    make_portal()
    cheap = Hashing(HashingCost(memory_kib=8, time=1, parallelism=1, at_once=1))
    AccountRow.objects.update(password=cheap.encode(Secret(OLD_PASSWORD)))
    assert sign_in(visitor) == "Vous êtes connecté"
    assert "m=19456,t=2,p=1" in AccountRow.objects.get().password


def test_when_too_many_sign_in_at_once_one_is_asked_to_come_back_and_nothing_is_counted(
    make_portal, adelle, visitor, monkeypatch
):
    make_portal()

    def full(*_: object) -> None:
        raise TooBusyToHash

    monkeypatch.setattr(Hashing, "verify", full)
    sign_in(visitor)
    assert visitor.status == 503
    assert visitor.headers["Retry-After"]
    assert SignInTroubleRow.objects.get().failures == 0


def test_no_more_hashes_are_computed_at_once_than_configured(monkeypatch):
    bounded = Hashing(HashingCost(memory_kib=8, time=1, parallelism=1, at_once=2), most_waiting=18)
    lock, now, most = Lock(), [0], [0]
    true_verify = bounded._hasher.verify

    def watched(*given: str) -> bool:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        try:
            return true_verify(*given)
        finally:
            with lock:
                now[0] -= 1

    monkeypatch.setattr(bounded._hasher, "verify", watched)
    threads = [Thread(target=bounded.verify, args=(Secret("x"), None)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most[0] <= 2


def test_the_password_is_hashed_with_argon2id(make_portal, adelle):
    assert parts.hashing().encode(Secret("x")).startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")


def test_an_old_password_is_not_written_over_a_new_one__att_62(make_portal, adelle, monkeypatch):
    """Signing in renews an outdated hash; a reset may come in between."""
    make_portal()
    monkeypatch.setattr(Hashing, "outdated", lambda *_: True)
    true_encode = Hashing.encode

    def reset_meanwhile(self, password):
        AccountRow.objects.filter(pk=adelle.pk).update(password="the new one")
        return true_encode(self, password)

    monkeypatch.setattr(Hashing, "encode", reset_meanwhile)
    visitor = Visitor()
    sign_in(visitor)
    assert visitor.heading == "Se connecter"
    adelle.refresh_from_db()
    assert adelle.password == "the new one"


def while_the_hash_is_computed(monkeypatch, happens) -> None:
    """The old password is judged by what was read before."""
    true_verify = Hashing.verify

    def verify(self, *given):
        monkeypatch.setattr(Hashing, "verify", true_verify)
        happens()
        return true_verify(self, *given)

    monkeypatch.setattr(Hashing, "verify", verify)


def nothing_is_open() -> bool:
    rows = (SessionRow, RememberedRow, HalfSignInRow, RequestRow)
    return not any(row.objects.exists() for row in rows)


@pytest.mark.parametrize("must_change", [False, True])
def test_an_old_password_opens_nothing_once_a_new_one_has_ended_all_sessions__att_29__att_79(
    make_portal, adelle, visitor, monkeypatch, must_change
):
    make_portal(sign_in={"remember_me": True})
    AccountRow.objects.update(must_change=must_change)

    def reset() -> None:
        parts.own_directory().set_password(str(adelle.pk), Secret("lanterne-bleue-42"))
        close_all_sessions(str(adelle.pk), now=timezone.now())

    while_the_hash_is_computed(monkeypatch, reset)
    assert sign_in(visitor, remember=True) == "Se connecter"
    assert "ne vont pas ensemble" in visitor.text
    assert nothing_is_open()
    assert sign_in(visitor, password="lanterne-bleue-42") == "Vous êtes connecté"


def test_an_old_password_does_not_come_half_in_either__att_29(make_portal, adelle, visitor, monkeypatch):
    make_portal()
    sign_in(visitor)
    add_codes(visitor)
    SessionRow.objects.all().delete()
    while_the_hash_is_computed(monkeypatch, lambda: close_all_sessions(str(adelle.pk), now=timezone.now()))
    thief = Visitor()
    assert sign_in(thief) == "Se connecter"
    assert nothing_is_open()


def test_an_account_frozen_while_its_password_is_looked_at_opens_nothing__att_73(
    make_portal, adelle, visitor, monkeypatch
):
    make_portal()
    while_the_hash_is_computed(monkeypatch, lambda: freeze("essai", str(adelle.pk), "REFERENCE", timezone.now()))
    assert sign_in(visitor) == "Se connecter"
    assert nothing_is_open()


def test_the_reset_of_somebody_else_turns_nobody_away(make_portal, adelle, visitor, monkeypatch):
    make_portal()
    other = add_person(identifier="paul.adms", email="paul@example.org")
    while_the_hash_is_computed(monkeypatch, lambda: close_all_sessions(str(other.pk), now=timezone.now()))
    assert sign_in(visitor) == "Vous êtes connecté"
