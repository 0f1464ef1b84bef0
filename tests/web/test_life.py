"""An account's life, through the doors that people use: created, activated, found again, looked after."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from retrouve.demo.mailbox import forget_mails
from retrouve.directories.hashing import Hashing, TooBusyToHash
from retrouve.domain.limits import (
    ADDRESS_CHANGES_PER_DAY,
    ASK_PER_HOUR,
    HANDED_CODE_FAILURES_PER_DAY,
    TRIES_PER_HANDED_CODE,
)
from retrouve.domain.secret import Secret
from retrouve.journeys import change_address as change_address_journey
from retrouve.journeys import prove_by_handed_code
from retrouve.journeys import register as register_journey
from retrouve.journeys.prove_by_handed_code import handed_digest
from retrouve.journeys.unfreeze_account import unfreeze_account
from retrouve.records.accounts import has_identifier
from retrouve.records.handed_codes import hand_code
from retrouve.records.institutions import keep_institution
from retrouve.records.models import (
    AccountRow,
    AddressChangeRow,
    AuditRow,
    CounterRow,
    FrozenRow,
    HandedCodeRow,
    OutboxRow,
    PropagationRow,
    RegistrationRow,
    RequestRow,
    SessionRow,
)
from retrouve.records.objections import freeze
from retrouve.wiring import parts
from tests.plugin import MAIL_FOLDER
from tests.visitor import Visitor, words_of
from tests.web.conftest import OLD_PASSWORD, add_person, link_in, plain, received
from tests.web.test_not_me import objection_in
from tests.web.test_recovery import NEW_PASSWORD, ask, choose, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.store]

LINK = re.compile(r"^(https?://\S+)$", re.MULTILINE)
CODE = "kz7m3wxa"


def only_link(mail) -> str:
    (found,) = LINK.findall(mail.text)
    return found


# Registration


@pytest.fixture
def open_to_all(make_portal):
    return make_portal(
        sign_in={"identifier": "email", "links": ["register", "recover"]},
        recovery={"fields": ["email"]},
        registration={"fields": ["email", "first_name", "last_name"], "terms": "https://example.org/conditions"},
    )


def register(visitor: Visitor, email: str = "lea.neuve@example.org", password: str = NEW_PASSWORD) -> None:
    visitor.open("/essai/")
    visitor.follow("Créer un compte")
    visitor.fill("Adresse électronique", email)
    visitor.fill("Prénom", "Léa")
    visitor.fill("Nom", "Neuve")
    visitor.fill("Mot de passe", password)
    visitor.fill("Confirmer le mot de passe", password)
    visitor.choose("J’ai lu et j’accepte les conditions d’utilisation")
    visitor.press("Créer mon compte")


def test_a_person_creates_an_account_and_signs_in(open_to_all, visitor):
    register(visitor)
    assert visitor.heading == "Confirmez votre adresse"
    assert not AccountRow.objects.exists()
    visitor.open(only_link(received()[0]))
    assert not AccountRow.objects.exists(), "a scanner opens links too"
    visitor.press("Créer mon compte")
    assert visitor.heading == "Votre compte est créé"
    visitor.follow("Se connecter")
    visitor.fill("Adresse électronique", "lea.neuve@example.org")
    visitor.fill("Mot de passe", NEW_PASSWORD)
    visitor.press("Se connecter")
    assert visitor.heading == "Vous êtes connecté"


def test_the_link_makes_one_account_however_often_it_is_used__att_13(open_to_all, visitor):
    register(visitor)
    link = only_link(received()[0])
    visitor.open(link)
    visitor.press("Créer mon compte")
    visitor.open(link)
    assert (visitor.status, visitor.heading) == (410, "Ce lien ne fonctionne plus")
    assert "déjà créé" in visitor.text
    assert AccountRow.objects.count() == 1


def test_an_address_that_has_an_account_gets_the_same_page_and_another_mail__att_04(open_to_all, visitor):
    register(visitor)
    fresh = (visitor.status, visitor.address, visitor.text)
    received()
    add_person(identifier="deja@example.org", email="deja@example.org")
    other = Visitor()
    register(other, "Deja@example.org")
    assert (other.status, other.address, other.text) == fresh
    told = received()[0]
    assert "Vous en avez déjà un" in told.text
    assert "/creer/" not in told.text


def test_whoever_registered_with_anothers_address_holds_nothing__att_47(open_to_all, visitor):
    attacker = Visitor()
    register(attacker, password="mot-de-passe-du-voleur-9")
    visitor.open(only_link(received()[0]))
    assert "dans un autre navigateur" in visitor.text
    visitor.fill("Mot de passe", NEW_PASSWORD)
    visitor.fill("Confirmer le mot de passe", NEW_PASSWORD)
    visitor.press("Créer mon compte")
    assert visitor.heading == "Votre compte est créé"
    for password, heading in (("mot-de-passe-du-voleur-9", "Se connecter"), (NEW_PASSWORD, "Vous êtes connecté")):
        visitor.open("/essai/")
        visitor.fill("Adresse électronique", "lea.neuve@example.org")
        visitor.fill("Mot de passe", password)
        visitor.press("Se connecter")
        assert visitor.heading == heading


def test_the_terms_that_were_agreed_to_are_kept_with_the_moment_even_when_they_change(
    make_portal, open_to_all, visitor
):
    before = timezone.now().replace(microsecond=0)
    register(visitor)
    agreed_by = timezone.now()
    link = only_link(received()[0])
    make_portal(
        sign_in={"identifier": "email", "links": ["register", "recover"]},
        registration={"fields": ["email", "first_name", "last_name"], "terms": "https://example.org/plus-tard"},
    )
    visitor.open(link)
    visitor.press("Créer mon compte")
    created = AuditRow.objects.get(event="account_created")
    word, moment, terms = created.outcome.split()
    assert (word, terms) == ("terms", "https://example.org/conditions")
    assert before <= datetime.fromisoformat(moment) <= agreed_by
    assert created.account == str(AccountRow.objects.get().pk)


def test_where_no_terms_are_asked_none_are_said_to_be_agreed_to(make_portal, visitor):
    make_portal(
        sign_in={"identifier": "email", "links": ["register", "recover"]},
        recovery={"fields": ["email"]},
        registration={"fields": ["email"]},
    )
    visitor.open("/essai/creer-un-compte/")
    visitor.fill("Adresse électronique", "lea.neuve@example.org")
    visitor.fill("Mot de passe", NEW_PASSWORD)
    visitor.fill("Confirmer le mot de passe", NEW_PASSWORD)
    visitor.press("Créer mon compte")
    visitor.open(only_link(received()[0]))
    visitor.press("Créer mon compte")
    assert AuditRow.objects.get(event="account_created").outcome == ""


def test_a_weak_password_or_unread_terms_are_told_and_nothing_is_lost(open_to_all, visitor):
    register(visitor, password="azerty1")
    assert visitor.title.startswith("Erreur :")
    assert visitor.field("Prénom")["value"] == "Léa"
    assert not RegistrationRow.objects.exists()
    visitor.open("/essai/creer-un-compte/")
    visitor.press("Créer mon compte")
    assert "Cochez cette case" in visitor.text


def test_unread_terms_are_told_by_one_link_that_leads_to_their_box(open_to_all, visitor):
    visitor.open("/essai/creer-un-compte/")
    visitor.press("Créer mon compte")
    told = [one for one in visitor.page.find(class_="summary").find_all("a") if "conditions" in words_of(one)]
    assert [(one["href"], plain(words_of(one))) for one in told] == [
        ("#id_terms", "J’ai lu et j’accepte les conditions d’utilisation : Cochez cette case pour continuer.")
    ]


def test_registration_mails_one_address_only_so_often__att_45(open_to_all, visitor):
    for _ in range(4):
        register(visitor)
    assert visitor.status == 429
    assert len(received()) == 3


def test_an_expired_confirmation_offers_to_begin_again(open_to_all, visitor):
    register(visitor)
    link = only_link(received()[0])
    RegistrationRow.objects.update(link_expires_at=timezone.now())
    visitor.open(link)
    assert visitor.status == 410
    visitor.follow("Recommencer")
    assert visitor.heading == "Créer un compte"


def test_homonyms_get_identifiers_of_their_own(make_portal, visitor):
    make_portal(
        sign_in={"links": ["register", "recover"]}, registration={"fields": ["email", "first_name", "last_name"]}
    )
    add_person(identifier="lea.neuve", email="autre@example.org")
    visitor.open("/essai/")
    visitor.follow("Créer un compte")
    visitor.fill("Adresse électronique", "lea.neuve@example.org")
    visitor.fill("Prénom", "Léa")
    visitor.fill("Nom", "Neuve")
    visitor.fill("Mot de passe", NEW_PASSWORD)
    visitor.fill("Confirmer le mot de passe", NEW_PASSWORD)
    visitor.press("Créer mon compte")
    visitor.open(only_link(received()[0]))
    visitor.press("Créer mon compte")
    assert "lea.neuve2" in visitor.text


# Activation


def test_a_homonym_who_signs_up_at_the_same_moment_has_the_next_number(make_portal, visitor, monkeypatch):
    make_portal(
        sign_in={"links": ["register", "recover"]}, registration={"fields": ["email", "first_name", "last_name"]}
    )
    visitor.open("/essai/")
    visitor.follow("Créer un compte")
    visitor.fill("Adresse électronique", "lea.neuve@example.org")
    visitor.fill("Prénom", "Léa")
    visitor.fill("Nom", "Neuve")
    visitor.fill("Mot de passe", NEW_PASSWORD)
    visitor.fill("Confirmer le mot de passe", NEW_PASSWORD)
    visitor.press("Créer mon compte")
    visitor.open(only_link(received()[0]))
    add_person(identifier="lea.neuve", email="autre@example.org")
    looks = iter([False])  # the other is there a moment after the first one
    monkeypatch.setattr(register_journey, "has_identifier", lambda *given: next(looks, has_identifier(*given)))
    visitor.press("Créer mon compte")
    assert "lea.neuve2" in visitor.text


def test_whoever_is_told_to_come_back_has_lost_no_try_to_sign_up(open_to_all, visitor, monkeypatch):
    def busy(*_):
        raise TooBusyToHash

    with monkeypatch.context() as crowded:
        crowded.setattr(Hashing, "encode", busy)
        for _ in range(ASK_PER_HOUR.times + 1):
            register(visitor)
            assert visitor.status == 503
    register(visitor)
    assert visitor.heading == "Confirmez votre adresse"


@pytest.fixture
def school(make_portal):
    make_portal(sign_in={"links": ["recover", "activate"]}, activation={})
    return make_portal


def pupil(code: str = CODE, lasts: timedelta = timedelta(days=1), **more: str) -> AccountRow:
    row = add_person(**{"identifier": "paul.activer", "email": "", "state": "not_activated", **more})
    now = timezone.now()
    hand_code(
        portal="essai",
        audience="",
        account=str(row.pk),
        code_digest=handed_digest(parts.keys(), "essai", str(row.pk), Secret(code)),
        issued_by="",
        expires_at=now + lasts,
        now=now,
    )
    return row


def activate(visitor: Visitor, code: str = CODE, identifier: str = "paul.activer", email: str = "") -> None:
    visitor.open("/essai/")
    visitor.follow("Activer mon compte")
    visitor.fill("Identifiant", identifier)
    visitor.fill("Code d’activation", code)
    visitor.fill("Votre adresse personnelle (facultatif)", email)
    visitor.press("Continuer")


def test_a_pupil_activates_an_account_with_identifier_and_code_and_records_an_address(school, visitor):
    row = pupil()
    activate(visitor, "KZ7M-3WXA ", email="parent@example.org")
    choose(visitor)
    assert visitor.heading == "Mot de passe modifié"
    sign_in(visitor, NEW_PASSWORD, "paul.activer")
    assert visitor.heading == "Vous êtes connecté"
    row.refresh_from_db()
    assert (row.state, row.email) == ("active", "")
    to_confirm = next(mail for mail in received() if mail.to == "parent@example.org")
    visitor.open(only_link(to_confirm))
    visitor.press("Confirmer mon adresse")
    row.refresh_from_db()
    assert row.email == "parent@example.org"


@pytest.mark.parametrize("proof", ["link", "code"])
def test_whoever_gets_no_mail_reads_that_a_code_on_paper_opens_the_account_too__att_01(make_portal, proof):
    make_portal(recovery={"proof": proof}, activation={})
    pupil()
    add_person()
    read = []
    for identifier in ("paul.activer", "adelle.adms", "personne.inconnue"):
        visitor = Visitor()
        ask(visitor, identifier)
        read.append(visitor.text)
    assert read[0] == read[1] == read[2]
    assert "Votre établissement peut vous remettre un code sur papier. Activer mon compte" in read[0]
    visitor.follow("Activer mon compte")
    assert visitor.heading == "Activer votre compte"


@pytest.mark.parametrize("proof", ["link", "code"])
def test_where_there_are_no_codes_on_paper_nobody_is_sent_for_one(make_portal, visitor, proof):
    make_portal(recovery={"proof": proof})
    ask(visitor)
    assert "Vous ne recevez rien" in visitor.text
    assert "code sur papier" not in visitor.text


def test_a_code_on_paper_works_until_a_password_was_chosen_with_it_and_never_after__att_52(school, visitor):
    pupil()
    activate(visitor)
    assert visitor.heading == "Choisir un nouveau mot de passe"
    again = Visitor()
    activate(again)
    assert again.heading == "Choisir un nouveau mot de passe"
    choose(again)
    choose(visitor)
    assert visitor.status == 410
    late = Visitor()
    activate(late)
    assert "ne vont pas ensemble" in late.text
    assert not HandedCodeRow.objects.exists()


@pytest.mark.parametrize(
    ("code", "identifier", "lasts"),
    [("abcd3456", "paul.activer", 1), (CODE, "personne.inconnue", 1), (CODE, "paul.activer", -1), (CODE, "voisin", 1)],
)
def test_whatever_is_wrong_with_a_code_on_paper_gets_the_same_answer__att_04(school, visitor, code, identifier, lasts):
    pupil(lasts=timedelta(days=lasts))
    add_person(identifier="voisin")
    activate(visitor, code, identifier)
    assert visitor.status == 200
    assert "Cet identifiant et ce code ne vont pas ensemble, ou le code a expiré." in visitor.text


def test_a_code_on_paper_bears_twenty_wrong_tries__att_54(school, visitor):
    pupil()
    for _ in range(TRIES_PER_HANDED_CODE):
        activate(visitor, "abcd3456")
        CounterRow.objects.all().delete()
    activate(visitor)
    assert "ne vont pas ensemble" in visitor.text


@pytest.mark.parametrize("who", ["paul.activer", "personne.inconnue"])
def test_guessing_codes_on_paper_stops_for_the_day_whether_or_not_there_is_an_account__att_54(school, visitor, who):
    pupil()
    for _ in range(HANDED_CODE_FAILURES_PER_DAY.times):
        activate(visitor, "abcd3456", who)
        assert visitor.status == 200
    activate(visitor, CODE, who)
    assert visitor.status == 429


def test_a_code_that_is_replaced_or_an_account_frozen_while_it_is_judged_opens_nothing__att_52(
    school, visitor, monkeypatch
):
    row = pupil()
    held = prove_by_handed_code.hold_account

    def first_somebody_else(account: str) -> int:
        HandedCodeRow.objects.update(code_digest="of a newer one")
        return held(account)

    monkeypatch.setattr(prove_by_handed_code, "hold_account", first_somebody_else)
    activate(visitor)
    assert visitor.heading == "Activer votre compte"
    HandedCodeRow.objects.update(code_digest=handed_digest(parts.keys(), "essai", str(row.pk), Secret(CODE)))

    def first_the_owner(account: str) -> int:
        freeze("essai", account, "R", timezone.now())
        return held(account)

    monkeypatch.setattr(prove_by_handed_code, "hold_account", first_the_owner)
    activate(visitor)
    assert visitor.heading == "Activer votre compte"
    assert not RequestRow.objects.exists()


def test_a_code_typed_in_place_of_the_password_leads_to_the_right_page(school, visitor):
    pupil()
    sign_in(visitor, "KZ7M 3WXA", "paul.activer")
    assert visitor.heading == "Choisir un nouveau mot de passe"
    choose(visitor)
    sign_in(visitor, CODE, "paul.activer")
    assert visitor.heading == "Se connecter"
    sign_in(visitor, NEW_PASSWORD, "paul.activer")
    assert visitor.heading == "Vous êtes connecté"


@pytest.mark.parametrize("identifier", ["paul.activer", "personne.inconnue"])
def test_a_wrong_code_in_place_of_the_password_is_answered_as_a_wrong_password__att_03(school, visitor, identifier):
    pupil()
    sign_in(visitor, "abcd3456", identifier)
    assert visitor.status == 200
    assert "ne vont pas ensemble" in visitor.text


def test_a_code_in_hand_does_not_change_an_address_that_is_known(school, visitor):
    pupil(email="parent@example.org", state="active")
    activate(visitor, email="voleur@example.org")
    assert visitor.heading == "Choisir un nouveau mot de passe"
    assert [mail.to for mail in received()] == []


def test_an_address_typed_with_a_code_is_written_to_once_a_password_was_chosen__att_45(school, visitor):
    pupil()
    for number in range(3):
        activate(visitor, email=f"cible{number}@example.org")
    assert received() == []
    choose(visitor)
    assert {mail.to for mail in received()} == {"cible2@example.org"}


# Forgotten identifier


def test_a_forgotten_identifier_comes_by_mail_with_all_those_of_the_address(make_portal, visitor):
    make_portal(
        sign_in={"links": ["help", "recover"]},
        help=[{"kind": "identifier", "title": "Vous avez perdu votre identifiant ?"}],
    )
    keep_institution("essai", "E1", "Lycée de la Demo")
    add_person(identifier="adelle.adms", institution="E1")
    add_person(identifier="paul.adms", state="not_activated")
    add_person(identifier="ferme.adms", state="disabled")
    said = []
    for address in ("Adelle.ADMS@example.org", "inconnue@example.org"):
        visitor.open("/essai/aide/")
        visitor.fill("Votre adresse électronique", address)
        visitor.press("Recevoir mon identifiant")
        said.append((visitor.status, visitor.heading, visitor.text))
    assert said[0] == said[1]
    (mail,) = received()
    assert {"adelle.adms (Lycée de la Demo)", "paul.adms"} <= set(plain(mail.text).splitlines())
    assert "ferme.adms" not in mail.text
    assert "/r/" not in mail.text


def test_whoever_is_still_lost_finds_who_helps_in_their_institution(make_portal, visitor):
    make_portal(
        sign_in={"links": ["help", "recover"]},
        help=[{"kind": "institution", "title": "Vous êtes toujours perdu ?"}],
    )
    keep_institution("essai", "E1", "Lycée de la Demo", contact="Vie scolaire, bâtiment A")
    keep_institution("essai", "E2", "Collège des Essais")
    visitor.open("/essai/aide/")
    visitor.fill("Le nom de votre établissement", "lycée")
    visitor.press("Chercher")
    assert "Vie scolaire, bâtiment A" in visitor.text
    assert "Collège des Essais" not in visitor.text
    visitor.fill("Le nom de votre établissement", "<script>")
    visitor.press("Chercher")
    assert "Aucun établissement de ce nom" in visitor.text


# A pupil without an address


@pytest.fixture
def family(make_portal):
    make_portal(recovery={"guardian_approves": True}, activation={})
    tom = add_person(identifier="tom.petit", email="", first_name="Tom", last_name="Petit")
    AccountRow.objects.filter(pk=tom.pk).update(guardians="|P1|P2|")
    for number, name in enumerate(("claire", "marc", "voisin"), start=1):
        row = add_person(identifier=f"{name}.petit", email=f"{name}@example.org", first_name=name.title())
        AccountRow.objects.filter(pk=row.pk).update(external_id=f"P{number}")
    return tom


def test_those_who_answer_for_a_pupil_agree_and_read_a_code_to_hand_on(family, visitor):
    ask(visitor, "tom.petit")
    assert visitor.heading == "Consultez votre messagerie"
    letters = {mail.to: mail for mail in received()}
    assert set(letters) == {"claire@example.org", "marc@example.org"}
    mother, father = Visitor(), Visitor()
    for guardian, letter in ((mother, letters["claire@example.org"]), (father, letters["marc@example.org"])):
        guardian.open(only_link(letter))
        assert guardian.heading == "Votre accord"
    assert not HandedCodeRow.objects.exists(), "a scanner opens links too"
    mother.press("Donner mon accord")
    code = words_of(mother.page.find(class_="big-code"))
    father.press("Donner mon accord")
    assert father.status == 410
    visitor.open("/essai/activer/")
    visitor.fill("Identifiant", "tom.petit")
    visitor.fill("Code d’activation", code)
    visitor.press("Continuer")
    choose(visitor)
    assert visitor.heading == "Mot de passe modifié"
    outcomes = AuditRow.objects.filter(event="guardian_approved").values_list("account", flat=True)
    assert list(outcomes) == [str(family.pk)]
    sign_in(visitor, NEW_PASSWORD, "tom.petit")
    visitor.open("/essai/mon-compte/activite/")
    (told,) = [
        line for line in visitor.page.find_all("li", class_="row") if "Accord d’un responsable" in words_of(line)
    ]
    assert words_of(told).endswith("par Claire Adms")


@pytest.mark.parametrize("change", [{"departed_at": timezone.now()}, {"state": "disabled"}, {"external_id": "P9"}])
def test_whoever_no_longer_answers_for_a_pupil_agrees_to_nothing(family, visitor, change):
    ask(visitor, "tom.petit")
    mother, father = Visitor(), Visitor()
    letters = {mail.to: mail for mail in received()}
    AccountRow.objects.filter(email="claire@example.org").update(**change)
    mother.open(only_link(letters["claire@example.org"]))
    assert mother.status == 410
    father.open(only_link(letters["marc@example.org"]))
    assert father.heading == "Votre accord"
    ask(Visitor(), "tom.petit")
    assert [mail.to for mail in received()[: -len(letters)]] == ["marc@example.org"]


def test_guardians_are_written_to_only_where_the_portal_says_so(make_portal, family, visitor):
    make_portal()
    ask(visitor, "tom.petit")
    assert visitor.heading == "Consultez votre messagerie"
    assert received() == []


def test_guardians_are_not_written_to_more_often_than_allowed__att_45(family):
    for _ in range(4):
        ask(Visitor(), "tom.petit")
    assert len(received()) <= 6


def test_a_consent_for_an_account_that_was_closed_meanwhile_gives_nothing__att_73(family, visitor):
    ask(visitor, "tom.petit")
    link = only_link(received()[0])
    AccountRow.objects.filter(pk=family.pk).update(state="disabled")
    visitor.open(link)
    assert visitor.status == 410


def test_a_consent_that_comes_too_late_leaves_its_trace(family, visitor):
    ask(visitor, "tom.petit")
    visitor.open(only_link(received()[0]))
    AccountRow.objects.filter(pk=family.pk).update(state="disabled")
    visitor.press("Donner mon accord")
    assert visitor.status == 410
    assert AuditRow.objects.filter(event="guardian_refused").count() == 1


# My account


@pytest.fixture
def signed_in(make_portal, adelle, visitor):
    make_portal()
    sign_in(visitor, OLD_PASSWORD)
    visitor.follow("Mon compte")
    return visitor


def change_password(visitor: Visitor, current: str = OLD_PASSWORD, new: str = NEW_PASSWORD) -> None:
    visitor.open("/essai/mon-compte/")
    visitor.follow("Changer le mot de passe")
    visitor.fill("Mot de passe actuel", current)
    visitor.fill("Nouveau mot de passe", new)
    visitor.fill("Confirmer le mot de passe", new)
    visitor.press("Modifier le mot de passe")


def test_a_person_changes_the_password_stays_here_and_is_signed_out_elsewhere__att_28(signed_in, adelle):
    elsewhere = Visitor()
    sign_in(elsewhere, OLD_PASSWORD)
    before = signed_in.client.cookies["session-essai"].value
    change_password(signed_in)
    assert signed_in.heading == "Mot de passe modifié"
    assert signed_in.client.cookies["session-essai"].value != before
    signed_in.open("/essai/mon-compte/")
    assert signed_in.heading == "Mon compte"
    elsewhere.open("/essai/mon-compte/")
    assert elsewhere.heading == "Se connecter"
    assert "a été modifié" in received()[0].text


def test_the_current_password_is_asked_and_cannot_be_guessed_from_an_open_session__att_48(signed_in):
    for _ in range(10):
        change_password(signed_in, current="pas-le-bon")
        assert "Ce n’est pas votre mot de passe actuel" in signed_in.text
    change_password(signed_in)
    assert signed_in.status == 429


def test_a_bad_new_password_is_told_where_it_is(signed_in):
    change_password(signed_in, new="court")
    assert signed_in.error_beside("Nouveau mot de passe")
    assert signed_in.heading == "Changer le mot de passe"


def change_address(visitor: Visitor, email: str = "neuve@example.org", current: str = OLD_PASSWORD) -> None:
    visitor.open("/essai/mon-compte/")
    visitor.follow("Changer l’adresse personnelle")
    visitor.fill("Nouvelle adresse personnelle", email)
    visitor.fill("Mot de passe actuel", current)
    visitor.press("Envoyer le courriel")


def test_a_new_address_counts_once_confirmed_and_the_old_one_can_take_it_back__att_48(signed_in, adelle):
    change_address(signed_in)
    assert "neuve@example.org attend sa confirmation" in signed_in.text
    (to_new,) = received()
    assert to_new.to == "neuve@example.org"
    adelle.refresh_from_db()
    assert adelle.email == "adelle.adms@example.org"
    signed_in.open(only_link(to_new))
    signed_in.press("Confirmer mon adresse")
    assert signed_in.heading == "Votre adresse est confirmée"
    adelle.refresh_from_db()
    assert adelle.email == "neuve@example.org"
    to_old = next(mail for mail in received() if mail.to == "adelle.adms@example.org")
    owner = Visitor()
    owner.open(only_link(to_old))
    assert owner.heading == "Remettre votre adresse"
    owner.press("Remettre mon adresse")
    assert owner.heading == "Votre adresse est remise"
    adelle.refresh_from_db()
    assert adelle.email == "adelle.adms@example.org"
    assert not SessionRow.objects.exists()


def test_an_address_change_kills_the_links_that_were_sent_to_the_old_one__att_74(signed_in):
    other = Visitor()
    ask(other)
    link = link_in(received()[0])
    change_address(signed_in)
    signed_in.open(only_link(received()[0]))
    signed_in.press("Confirmer mon adresse")
    other.open(link)
    assert other.status == 410


def test_a_new_address_needs_the_password_and_one_address__att_22(signed_in):
    change_address(signed_in, current="pas-le-bon")
    assert "Ce n’est pas votre mot de passe actuel" in signed_in.text
    change_address(signed_in, email="a@example.org,b@example.org")
    assert signed_in.error_beside("Nouvelle adresse personnelle")
    assert received() == []


def test_a_thief_who_changes_the_address_twice_gets_no_right_to_undo__att_48(signed_in, adelle):
    """The second change tells the thief's first address, which must not be worth more than the owner's."""
    change_address(signed_in, "voleur1@example.org")
    signed_in.open(only_link(received()[0]))
    signed_in.press("Confirmer mon adresse")
    to_owner = next(mail for mail in received() if mail.to == "adelle.adms@example.org")
    change_address(signed_in, "voleur2@example.org")
    signed_in.open(only_link(next(mail for mail in received() if mail.to == "voleur2@example.org")))
    signed_in.press("Confirmer mon adresse")
    to_thief = next(mail for mail in received() if mail.to == "voleur1@example.org" and "annuler" in mail.text)
    owner, thief = Visitor(), Visitor()
    thief.open(only_link(to_thief))
    owner.open(only_link(to_owner))
    owner.press("Remettre mon adresse")
    thief.press("Remettre mon adresse")
    adelle.refresh_from_db()
    assert adelle.email == "adelle.adms@example.org"


def test_the_address_before_hears_of_a_new_password_and_can_lock_the_account__att_48(signed_in, adelle):
    """A thief who changed the address first, then the password."""
    change_address(signed_in, "voleur@example.org")
    signed_in.open(only_link(received()[0]))
    signed_in.press("Confirmer mon adresse")
    received()
    forget_mails(MAIL_FOLDER)
    change_password(signed_in)
    told = {mail.to: mail.text for mail in received()}
    assert set(told) == {"voleur@example.org", "adelle.adms@example.org"}
    assert "voleur" not in told["adelle.adms@example.org"]
    owner = Visitor()
    owner.open(re.search(r"^(http\S+/pas-moi/\S+)$", told["adelle.adms@example.org"], re.MULTILINE)[1])
    owner.press("Ce n’est pas moi, bloquer le compte")
    assert owner.heading == "Votre compte est bloqué"


@pytest.fixture
def told_of_a_new_password(signed_in) -> list[tuple[str, str]]:
    """After a new address, at the new one and at the one before, twice each, the newest first: to whom, and the link
    that says « ce n’est pas moi ».
    """
    change_address(signed_in, "neuve@example.org")
    signed_in.open(only_link(received()[0]))
    signed_in.press("Confirmer mon adresse")
    received()
    forget_mails(MAIL_FOLDER)
    change_password(signed_in)
    composed = {row.pk: row.content for row in OutboxRow.objects.filter(kind="password_changed")}
    received()
    for pk, content in composed.items():  # as those that a relay put off
        OutboxRow.objects.filter(pk=pk).update(state="queued", content=content)
    return [(mail.to, objection_in(mail)) for mail in received()]


def test_each_mail_that_tells_of_a_new_password_can_lock_the_account__att_48(told_of_a_new_password):
    """Whichever left first; of one that was sent twice, the newer."""
    newest, older = told_of_a_new_password[:2], told_of_a_new_password[2:]
    assert {to for to, _ in newest} == {to for to, _ in older} == {"adelle.adms@example.org", "neuve@example.org"}
    for _, link in older:
        nobody = Visitor()
        nobody.open(link)
        assert nobody.status == 410
    headings, references = set(), set()
    for _, link in newest:
        owner = Visitor()
        owner.open(link)
        assert owner.status == 200
        owner.press("Ce n’est pas moi, bloquer le compte")
        headings.add(owner.heading)
        references.add(words_of(owner.page.code))
    assert headings == {"Votre compte est bloqué"}
    assert references == {FrozenRow.objects.get().reference}
    assert OutboxRow.objects.filter(kind="frozen_to_support").count() == 1


def test_once_somebody_who_helps_has_looked_no_link_locks_the_account_again__att_48(
    told_of_a_new_password, adelle, make_portal
):
    (_, link), (_, other) = told_of_a_new_password[:2]
    owner, thief = Visitor(), Visitor()
    owner.open(link)
    owner.press("Ce n’est pas moi, bloquer le compte")
    thief.open(other)
    portal = make_portal()
    assert unfreeze_account(portal, parts.directory_of(portal), identifier="adelle.adms", now=timezone.now())
    thief.press("Ce n’est pas moi, bloquer le compte")
    assert thief.status == 410
    assert not FrozenRow.objects.exists()


def test_the_address_before_hears_that_the_account_is_locked_and_can_take_it_back__att_48(signed_in, adelle):
    change_address(signed_in, "voleur@example.org")
    signed_in.open(only_link(received()[0]))
    signed_in.press("Confirmer mon adresse")
    to_owner = next(only_link(mail) for mail in received() if mail.to == "adelle.adms@example.org")
    change_password(signed_in)
    owner = Visitor()
    owner.open(next(objection_in(mail) for mail in received() if "/pas-moi/" in mail.text))
    forget_mails(MAIL_FOLDER)
    owner.press("Ce n’est pas moi, bloquer le compte")
    told = {mail.to: mail.text for mail in received() if "bloqué" in mail.text}
    assert {"voleur@example.org", "adelle.adms@example.org"} <= set(told)
    assert FrozenRow.objects.get().reference in told["adelle.adms@example.org"]
    assert "voleur" not in told["adelle.adms@example.org"]
    owner.open(to_owner)
    owner.press("Remettre mon adresse")
    assert owner.status == 200
    adelle.refresh_from_db()
    assert adelle.email == "adelle.adms@example.org"
    assert FrozenRow.objects.exists()


def test_a_wish_for_an_address_that_comes_while_the_password_is_written_ends_too__att_74(make_portal, adelle, visitor):
    make_portal(completion={"wait_page": True})
    sign_in(visitor, OLD_PASSWORD)
    owner = Visitor()
    ask(owner)
    owner.open(link_in(received()[0]))
    choose(owner)
    visitor.open("/essai/mon-compte/")
    change_address(visitor, "voleur@example.org")
    assert AddressChangeRow.objects.filter(state="asked").exists()
    PropagationRow.objects.update(due_at=timezone.now())
    received()
    assert not AddressChangeRow.objects.exists()


def test_one_s_own_address_spelt_otherwise_is_nobody_else_s(make_portal, visitor):
    make_portal(sign_in={"identifier": "email"})
    row = add_person(identifier="lea@example.org", email="lea@example.org")
    visitor.open("/essai/")
    visitor.fill("Adresse électronique", "lea@example.org")
    visitor.fill("Mot de passe", OLD_PASSWORD)
    visitor.press("Se connecter")
    change_address(visitor, "Lea@example.org")
    visitor.open(only_link(next(mail for mail in received() if "confirmer" in mail.text.lower())))
    visitor.press("Confirmer mon adresse")
    assert visitor.status == 200
    row.refresh_from_db()
    assert row.email == "Lea@example.org"


def test_an_address_with_which_somebody_has_just_signed_up_is_theirs(make_portal, visitor, monkeypatch):
    make_portal(sign_in={"identifier": "email"})
    add_person(identifier="lea@example.org", email="lea@example.org")
    visitor.open("/essai/")
    visitor.fill("Adresse électronique", "lea@example.org")
    visitor.fill("Mot de passe", OLD_PASSWORD)
    visitor.press("Se connecter")
    change_address(visitor, "neuve@example.org")
    visitor.open(only_link(next(mail for mail in received() if "confirmer" in mail.text.lower())))
    add_person(identifier="neuve@example.org", email="neuve@example.org")
    monkeypatch.setattr(change_address_journey, "has_identifier", lambda *_, **__: False)
    visitor.press("Confirmer mon adresse")
    assert visitor.status == 409


def test_a_new_password_ends_the_wish_for_another_address__att_74(signed_in, adelle):
    change_address(signed_in, "voleur@example.org")
    link = only_link(received()[0])
    owner = Visitor()
    ask(owner)
    owner.open(link_in(received()[0]))
    choose(owner)
    signed_in.open(link)
    assert signed_in.status == 410
    adelle.refresh_from_db()
    assert adelle.email == "adelle.adms@example.org"


def test_a_frozen_account_changes_no_address__att_73(signed_in, adelle):
    change_address(signed_in, "voleur@example.org")
    link = only_link(received()[0])
    freeze("essai", str(adelle.pk), "R", timezone.now())
    signed_in.open(link)
    signed_in.press("Confirmer mon adresse")
    assert signed_in.status == 410
    assert AuditRow.objects.get(event="address_change_refused").outcome == "link"


def test_too_many_changes_of_address_leave_one_trace(signed_in):
    for _ in range(ADDRESS_CHANGES_PER_DAY.times + 2):
        change_address(signed_in)
    assert AuditRow.objects.filter(event="address_change_limited").count() == 1


def test_links_about_an_address_change_nothing_when_they_are_opened__att_10(signed_in, adelle):
    change_address(signed_in)
    scanner = Visitor()
    for _ in range(2):
        scanner.open(only_link(received()[0]))
    adelle.refresh_from_db()
    assert adelle.email == "adelle.adms@example.org"


def test_the_newest_wish_for_an_address_is_the_one_that_counts__att_12(signed_in):
    change_address(signed_in, "premiere@example.org")
    first = only_link(received()[0])
    change_address(signed_in, "seconde@example.org")
    signed_in.open(first)
    assert (signed_in.status, signed_in.heading) == (410, "Ce lien ne fonctionne plus")


def test_a_person_ends_their_other_sessions(signed_in):
    elsewhere = Visitor()
    sign_in(elsewhere, OLD_PASSWORD)
    signed_in.follow("Mes sessions 1 navigateur connecté")
    signed_in.press("Déconnecter mes autres sessions")
    assert "cette session" in signed_in.text
    elsewhere.open("/essai/mon-compte/")
    assert elsewhere.heading == "Se connecter"


def test_a_person_sees_what_happened_and_downloads_what_is_kept(signed_in):
    signed_in.follow("Ce qui s’est passé récemment")
    assert "Connexion" in signed_in.text
    answer = signed_in.client.get("/essai/mon-compte/donnees/")
    data = json.loads(answer.content)
    assert data["account"]["identifier"] == "adelle.adms"
    assert [event["event"] for event in data["events"]] == ["data_downloaded", "signed_in"]
    assert [one["device"] for one in data["sessions"]] == [""]
    assert "argon2" not in answer.content.decode()
    assert "attachment" in answer["Content-Disposition"]
    assert AuditRow.objects.filter(event="data_downloaded").exists()


def test_a_person_chooses_the_language_of_pages_and_mails(signed_in, adelle):
    signed_in.choose("English")
    signed_in.press("Changer la langue")
    assert signed_in.heading == "My account"
    adelle.refresh_from_db()
    assert adelle.language == "en"


@pytest.mark.parametrize("page", ["", "mot-de-passe/", "adresse/", "sessions/", "activite/", "donnees/"])
def test_my_account_is_for_those_who_are_signed_in(make_portal, visitor, page):
    make_portal()
    visitor.open(f"/essai/mon-compte/{page}")
    assert visitor.heading == "Se connecter"


def test_a_session_of_an_account_that_was_closed_opens_nothing__att_73(signed_in):
    AccountRow.objects.update(state="disabled")
    signed_in.open("/essai/mon-compte/")
    assert signed_in.heading == "Se connecter"


def test_codes_in_hand_cost_the_same_whether_or_not_there_is_one__att_06(school):
    pupil()
    asked = []
    # The first one also wakes the workers; they are not waked again while that call waits.
    for identifier in ("un.premier", "paul.activer", "personne.inconnue"):
        visitor = Visitor()
        visitor.open("/essai/activer/")
        visitor.fill("Identifiant", identifier)
        visitor.fill("Code d’activation", "abcd3456")
        with CaptureQueriesContext(connection) as captured:
            visitor.press("Continuer")
        asked.append(len(captured))
    assert asked[1] == asked[2]


# A password that somebody else asked to change


def test_a_password_that_must_be_changed_is_changed_before_one_gets_in(make_portal, adelle, visitor):
    make_portal()
    AccountRow.objects.update(must_change=True)
    sign_in(visitor, OLD_PASSWORD)
    assert visitor.heading == "Choisir un nouveau mot de passe"
    assert not SessionRow.objects.exists()
    choose(visitor)
    sign_in(visitor, NEW_PASSWORD)
    assert visitor.heading == "Vous êtes connecté"
