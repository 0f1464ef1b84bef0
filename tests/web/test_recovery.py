"""The recovery, through the door that people use, without JavaScript."""

from __future__ import annotations

import unicodedata

import pytest
from django.utils import timezone

from retrouve.records.institutions import keep_institution
from retrouve.records.models import AccountRow, CounterRow, MigrationWishRow, OutboxRow, RequestRow
from tests.visitor import Visitor
from tests.web.conftest import OLD_PASSWORD, add_person, code_in, do_all_work, link_in, plain, received

pytestmark = [pytest.mark.django_db, pytest.mark.store]

NEW_PASSWORD = "lanterne-bleue-42"


def ask(visitor: Visitor, identifier: str = "adelle.adms", portal: str = "essai") -> None:
    visitor.open(f"/{portal}/")
    visitor.follow("Mot de passe oublié")
    visitor.fill("Identifiant", identifier)
    visitor.press("Recevoir un courriel")


def choose(visitor: Visitor, password: str = NEW_PASSWORD, again: str | None = None) -> None:
    visitor.fill("Nouveau mot de passe", password)
    visitor.fill("Confirmer le mot de passe", password if again is None else again)
    visitor.press("Modifier le mot de passe")


def sign_in(visitor: Visitor, password: str, identifier: str = "adelle.adms", portal: str = "essai") -> None:
    visitor.open(f"/{portal}/")
    visitor.fill("Identifiant", identifier)
    visitor.fill("Mot de passe", password)
    visitor.press("Se connecter")


@pytest.fixture
def by_link(make_portal, adelle):
    return make_portal()


@pytest.fixture
def by_code(make_portal, adelle):
    return make_portal(recovery={"proof": "code"})


# By link


def test_a_forgotten_password_is_replaced_by_a_new_one(by_link, visitor):
    ask(visitor)
    assert visitor.heading == "Consultez votre messagerie"
    visitor.open(link_in(received()[0]))
    assert visitor.heading == "Choisir un nouveau mot de passe"
    choose(visitor)
    assert visitor.heading == "Mot de passe modifié"
    sign_in(visitor, OLD_PASSWORD)
    assert "ne vont pas ensemble" in visitor.text
    sign_in(visitor, NEW_PASSWORD)
    assert visitor.heading == "Vous êtes connecté"


def test_a_link_works_in_another_browser(by_link, visitor):
    ask(visitor)
    elsewhere = Visitor()
    elsewhere.open(link_in(received()[0]))
    choose(elsewhere)
    assert elsewhere.heading == "Mot de passe modifié"


def test_the_address_of_the_page_no_longer_holds_the_token__att_18(by_link, visitor):
    ask(visitor)
    link = link_in(received()[0])
    visitor.open(link)
    assert visitor.address == "/essai/nouveau-mot-de-passe/"
    assert link.rpartition("/")[2] not in str(visitor.page)


@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_opening_a_link_any_number_of_times_consumes_nothing__att_10(by_link, visitor, method):
    ask(visitor)
    link = link_in(received()[0])
    for _ in range(10):
        getattr(Visitor().client, method)(link.removeprefix("http://127.0.0.1:8000"), follow=True)
    visitor.open(link)
    choose(visitor)
    assert visitor.heading == "Mot de passe modifié"


def test_a_used_link_says_so_and_offers_a_new_one(by_link, visitor):
    ask(visitor)
    link = link_in(received()[0])
    visitor.open(link)
    choose(visitor)
    stranger = Visitor()
    stranger.open(link)
    assert stranger.status == 410
    assert "déjà servi" in stranger.text
    stranger.follow("Faire une nouvelle demande")
    assert stranger.heading == "Mot de passe oublié"


def test_an_expired_link_says_so_and_offers_a_new_one(by_link, visitor):
    ask(visitor)
    link = link_in(received()[0])
    RequestRow.objects.update(link_expires_at=timezone.now())
    visitor.open(link)
    assert visitor.status == 410
    assert "a expiré" in visitor.text
    visitor.follow("Faire une nouvelle demande")
    assert visitor.heading == "Mot de passe oublié"


def test_only_the_newest_link_works__att_12(by_link, visitor):
    ask(visitor)
    older = link_in(received()[0])
    ask(visitor)
    newer = link_in(received()[0])
    visitor.open(older)
    assert visitor.status == 410
    assert "Seul le plus récent" in visitor.text
    visitor.open(newer)
    choose(visitor)
    assert visitor.heading == "Mot de passe modifié"


@pytest.mark.parametrize("end", [".", ">", "%20", "/"])
def test_a_link_copied_with_what_follows_it_still_works__att_19(by_link, visitor, end):
    ask(visitor)
    visitor.open(link_in(received()[0]) + end)
    assert visitor.heading == "Choisir un nouveau mot de passe"


def test_a_link_of_another_portal_is_not_known_here__att_13(by_link, make_portal, visitor):
    make_portal("autre")
    ask(visitor)
    visitor.open(link_in(received()[0]).replace("/essai/", "/autre/"))
    assert visitor.status == 410


def test_the_sessions_of_the_account_end_when_its_password_changes__att_29(by_link, visitor):
    sign_in(visitor, OLD_PASSWORD)
    elsewhere = Visitor()
    ask(elsewhere)
    elsewhere.open(link_in(received()[0]))
    choose(elsewhere)
    visitor.open("/essai/bienvenue/")
    assert visitor.heading == "Se connecter"


def test_the_person_is_told_by_mail_that_the_password_has_changed(by_link, visitor):
    ask(visitor)
    visitor.open(link_in(received()[0]))
    choose(visitor)
    newest = received()[0]
    assert newest.to == "adelle.adms@example.org"
    assert "a été modifié" in newest.text
    assert NEW_PASSWORD not in newest.text + newest.html


# Known and unknown


def test_an_unknown_identifier_gets_the_same_page_and_no_mail__att_01(by_link, visitor):
    ask(visitor)
    known = (visitor.status, visitor.address, visitor.text)
    received()
    stranger = Visitor()
    ask(stranger, "personne.inconnue")
    assert (stranger.status, stranger.address, stranger.text) == known
    assert len(received()) == 1


def test_an_account_that_cannot_recover_gets_the_same_page_and_no_mail__att_01(make_portal, visitor):
    make_portal()
    add_person(state="disabled")
    ask(visitor)
    assert visitor.heading == "Consultez votre messagerie"
    assert received() == []


def test_an_account_never_activated_gets_a_link_that_activates_it(make_portal, visitor):
    make_portal()
    person = add_person(state="not_activated")
    ask(visitor)
    (mail,) = received()
    assert "n’a pas encore été activé" in mail.text
    visitor.open(link_in(mail))
    assert "sera le premier de votre compte" in visitor.text
    choose(visitor)
    person.refresh_from_db()
    assert (visitor.heading, person.state) == ("Mot de passe modifié", "active")


def test_the_owner_of_a_legacy_account_reads_who_can_migrate_it__att_01(make_portal, visitor):
    make_portal()
    keep_institution("essai", "E1", "École de la Demo")
    person = add_person(state="legacy", institution="E1")
    ask(visitor)
    assert visitor.heading == "Consultez votre messagerie"
    (mail,) = received()
    assert "École de la Demo voit votre demande" in mail.text
    assert "/r/" not in mail.text
    assert MigrationWishRow.objects.get().account == str(person.pk)


def test_known_and_unknown_leave_the_same_rows__att_06(by_link, visitor):
    ask(visitor)
    rows = (RequestRow.objects.count(), OutboxRow.objects.count(), CounterRow.objects.count())
    ask(Visitor(), "personne.inconnue")
    after = (RequestRow.objects.count(), OutboxRow.objects.count(), CounterRow.objects.count())
    assert after == (2 * rows[0], 2 * rows[1], 2 * rows[2] - 1)  # the address of both is counted once


@pytest.mark.parametrize("who", ["adelle.adms", "personne.inconnue"])
def test_a_fourth_ask_within_the_hour_is_told_when_to_ask_again_and_mails_nothing__att_39(by_link, visitor, who):
    for _ in range(3):
        ask(visitor, who)
        assert visitor.heading == "Consultez votre messagerie"
    ask(visitor, who)
    assert (visitor.status, visitor.heading) == (429, "Merci de patienter un peu")
    assert "Le dernier envoyé reste valable" in visitor.text
    assert 3500 < int(visitor.headers["Retry-After"]) <= 3600
    assert len(received()) == (3 if who == "adelle.adms" else 0)


FAMILY = "adelle.adms@example.org"


@pytest.fixture
def siblings(make_portal):
    make_portal(recovery={"fields": ["email"]})
    keep_institution("essai", "E1", "Lycée de la Demo")
    return [
        add_person(identifier="adelle.adms", institution="E1"),
        add_person(identifier="paul.adms", first_name="Paul"),
        add_person(identifier="ferme.adms", state="disabled"),
    ]


def ask_by_address(visitor):
    visitor.open("/essai/oubli/")
    visitor.fill("Adresse électronique", FAMILY)
    visitor.press("Recevoir un courriel")
    return received()[0]


def test_closed_accounts_do_not_hide_one_that_came_later(make_portal, visitor):
    make_portal(recovery={"fields": ["email"]})
    for number in range(12):
        add_person(identifier=f"parti{number}", state="disabled")
    add_person(identifier="lea.adms", first_name="Léa")
    mail = ask_by_address(visitor)
    assert "Bonjour Léa" in mail.text
    assert link_in(mail)


def test_of_many_on_one_address_the_other_facts_tell_who_it_is(make_portal, visitor):
    make_portal(recovery={"fields": ["email", "first_name"]})
    for number in range(12):
        add_person(identifier=f"collegue{number}", first_name=f"Prénom{number}")
    visitor.open("/essai/oubli/")
    visitor.fill("Adresse électronique", FAMILY)
    visitor.fill("Prénom", "Prénom11")
    visitor.press("Recevoir un courriel")
    assert "Bonjour Prénom11" in received()[0].text
    assert link_in(received()[0])


def test_several_accounts_on_one_address_are_named_in_one_mail_each_with_its_institution(siblings, visitor):
    text = plain(ask_by_address(visitor).text)
    assert len(received()) == 1
    assert "2 comptes Essai utilisent cette adresse" in text
    assert "adelle.adms (Lycée de la Demo)" in text.splitlines()
    assert "paul.adms" in text.splitlines()
    assert "ferme.adms" not in text


def test_one_of_several_accounts_is_chosen_after_the_proof_and_only_it_changes__att_08(siblings, visitor):
    mail = ask_by_address(visitor)
    assert "paul.adms" not in visitor.text
    visitor.open(link_in(mail))
    assert visitor.heading == "Quel compte ?"
    assert "Adelle Adms, Lycée de la Demo" in visitor.text
    visitor.press("Continuer")
    assert "Choisissez un compte pour continuer" in visitor.text
    visitor.choose("paul.adms Paul Adms")
    visitor.press("Continuer")
    choose(visitor)
    assert visitor.heading == "Mot de passe modifié"
    changed = [row.identifier for row in siblings if row.password != AccountRow.objects.get(pk=row.pk).password]
    assert changed == ["paul.adms"]


def test_an_account_that_was_not_offered_cannot_be_chosen__att_81(siblings, visitor):
    add_person(identifier="voisin", email="voisin@example.org")
    visitor.open(link_in(ask_by_address(visitor)))
    visitor.filled["account"] = "voisin"
    visitor.press("Continuer")
    assert "Choisissez un compte pour continuer" in visitor.text


def test_a_changed_password_ends_an_older_choice_that_was_still_open__att_12(siblings, visitor):
    older = link_in(ask_by_address(visitor))
    visitor.open(older)
    visitor.choose("paul.adms Paul Adms")
    visitor.press("Continuer")
    later = Visitor()
    ask_by_address(later)
    visitor.open(older)
    assert visitor.status == 410


# By code


def test_a_code_opens_the_page_where_a_password_is_chosen(by_code, visitor):
    ask(visitor)
    assert visitor.heading == "Code de sécurité"
    visitor.fill("Code de sécurité", code_in(received()[0]))
    visitor.press("Vérifier le code")
    choose(visitor)
    assert visitor.heading == "Mot de passe modifié"


def test_a_wrong_code_is_told_beside_its_field_with_the_tries_left(by_code, visitor):
    ask(visitor)
    visitor.fill("Code de sécurité", "000000" if code_in(received()[0]) != "000 000" else "111111")
    visitor.press("Vérifier le code")
    assert visitor.title.startswith("Erreur :")
    assert "n’est pas valable ou a expiré" in visitor.error_beside("Code de sécurité")
    assert "Il vous reste 4 essais." in visitor.text


def wrong(code: str) -> str:
    return "111111" if code.replace(" ", "") == "000000" else "000000"


def test_a_sixth_try_is_refused_even_with_the_right_code__att_15(by_code, visitor):
    ask(visitor)
    code = code_in(received()[0])
    for _ in range(5):
        visitor.fill("Code de sécurité", wrong(code))
        visitor.press("Vérifier le code")
        if visitor.status == 410:
            break
    visitor.open("/essai/code/")
    assert visitor.status == 410
    assert RequestRow.objects.get().failures == 5


def test_asking_for_another_code_does_not_give_back_tries__att_16(by_code, visitor):
    ask(visitor)
    code = code_in(received()[0])
    for _ in range(4):
        visitor.fill("Code de sécurité", wrong(code))
        visitor.press("Vérifier le code")
    visitor.press("Renvoyer le code")
    assert "Un nouveau code vient d’être envoyé" in visitor.text
    assert "Il vous reste 1 essai." in visitor.text
    visitor.fill("Code de sécurité", wrong(code_in(received()[0])))
    visitor.press("Vérifier le code")
    assert visitor.status == 410


def test_a_second_resend_within_a_minute_says_when_it_will_be_possible(by_code, visitor):
    ask(visitor)
    visitor.press("Renvoyer le code")
    visitor.press("Renvoyer le code")
    assert "pourra être demandé dans" in visitor.text
    assert len(received()) == 2


def test_after_three_mails_in_an_hour_the_page_says_how_long_to_wait(by_code, visitor):
    for _ in range(3):
        ask(visitor)
    visitor.press("Renvoyer le code")
    assert "pourra être demandé dans 1 heure." in visitor.text
    assert len(received()) == 3


def test_an_older_code_dies_when_a_newer_one_is_sent__att_12(by_code, visitor):
    ask(visitor)
    older = code_in(received()[0])
    visitor.press("Renvoyer le code")
    newer = code_in(received()[0])
    visitor.fill("Code de sécurité", older)
    visitor.press("Vérifier le code")
    assert older == newer or visitor.error_beside("Code de sécurité")
    visitor.fill("Code de sécurité", newer)
    visitor.press("Vérifier le code")
    assert visitor.heading == "Choisir un nouveau mot de passe"


def test_a_code_means_nothing_in_another_browser__att_14(by_code, visitor):
    ask(visitor)
    code = code_in(received()[0])
    stranger = Visitor()
    ask(stranger, "personne.inconnue")
    stranger.fill("Code de sécurité", code)
    stranger.press("Vérifier le code")
    assert stranger.error_beside("Code de sécurité")


def test_an_expired_code_gets_the_same_sentence_as_a_wrong_one(by_code, visitor):
    ask(visitor)
    code = code_in(received()[0])
    RequestRow.objects.update(code_expires_at=timezone.now())
    visitor.fill("Code de sécurité", code)
    visitor.press("Vérifier le code")
    assert "n’est pas valable ou a expiré" in visitor.error_beside("Code de sécurité")


def test_cancelling_leads_back_to_sign_in_and_voids_the_code(by_code, visitor):
    ask(visitor)
    received()
    visitor.press("Annuler")
    assert visitor.heading == "Se connecter"
    assert RequestRow.objects.get().state == "cancelled"
    visitor.open("/essai/code/")
    assert visitor.heading == "Mot de passe oublié"


def test_an_unknown_identifier_meets_the_same_code_page_to_the_last_try__att_02(by_code, visitor):
    stranger = Visitor()
    ask(visitor)
    ask(stranger, "personne.inconnue")
    received()
    assert stranger.text == visitor.text
    for _ in range(5):
        for one in (visitor, stranger):
            one.fill("Code de sécurité", "not-it")
            one.press("Vérifier le code")
        assert (stranger.status, stranger.text) == (visitor.status, visitor.text)


def test_a_mail_with_code_and_link_can_be_answered_by_either(make_portal, adelle, visitor):
    make_portal(recovery={"proof": "both", "code_shape": "letters"})
    ask(visitor)
    mail = received()[0]
    assert code_in(mail) not in mail.subject
    visitor.open(link_in(mail))
    assert visitor.heading == "Choisir un nouveau mot de passe"
    visitor.open("/essai/code/")
    visitor.fill("Code de sécurité", code_in(mail).lower())
    visitor.press("Vérifier le code")
    assert visitor.heading == "Choisir un nouveau mot de passe"


def test_a_newer_mail_is_closed_by_whoever_finishes_with_an_older_code(make_portal, adelle, visitor):
    make_portal(recovery={"proof": "both"})
    ask(visitor)
    visitor.fill("Code de sécurité", code_in(received()[0]))
    visitor.press("Vérifier le code")
    ask(Visitor())
    newer = link_in(received()[0])
    visitor.fill("Nouveau mot de passe", "lanterne-bleue-42")
    visitor.fill("Confirmer le mot de passe", "lanterne-bleue-42")
    visitor.press("Modifier le mot de passe")
    assert visitor.heading == "Mot de passe modifié"
    visitor.open(newer)
    assert visitor.status == 410
    assert "le mot de passe a été changé entre-temps" in visitor.text


# The new password


def open_password_page(visitor: Visitor) -> None:
    ask(visitor)
    visitor.open(link_in(received()[0]))


def test_a_weak_password_is_told_beside_its_field_and_never_shown_again(by_link, visitor):
    open_password_page(visitor)
    choose(visitor, "abc")
    told = visitor.error_beside("Nouveau mot de passe")
    assert "au moins 8 caractères" in told
    assert "chiffre" in told
    assert 'value="abc"' not in str(visitor.page)


@pytest.mark.parametrize("password", ["azerty123", "Adelle2026", "essai2026!", "automne2026"])
def test_a_password_that_others_would_guess_is_refused_with_the_reason(by_link, visitor, password):
    open_password_page(visitor)
    choose(visitor, password)
    assert visitor.error_beside("Nouveau mot de passe")


def test_two_different_passwords_are_told_beside_the_second(by_link, visitor):
    open_password_page(visitor)
    choose(visitor, NEW_PASSWORD, "lanterne-bleue-43")
    assert "ne sont pas identiques" in visitor.error_beside("Confirmer le mot de passe")


def test_nothing_typed_is_told_beside_each_field(by_link, visitor):
    open_password_page(visitor)
    visitor.press("Modifier le mot de passe")
    assert visitor.error_beside("Nouveau mot de passe")


@pytest.mark.parametrize(
    "password", ["é" * 7 + "1" + "ß" * 3, "chat 🐈 noir 7 moustaches", "a1" * 512, "mot\u00a0de\u00a0passe 77x"]
)
def test_any_unicode_password_works_at_sign_in_in_both_its_forms__att_80(by_link, visitor, password):
    open_password_page(visitor)
    choose(visitor, password)
    assert visitor.heading == "Mot de passe modifié"
    sign_in(visitor, unicodedata.normalize("NFD", password))
    assert visitor.heading == "Vous êtes connecté"


def test_a_password_page_without_proof_leads_to_the_start__att_30(by_link, visitor):
    visitor.open("/essai/nouveau-mot-de-passe/")
    assert visitor.heading == "Mot de passe oublié"


def test_an_offered_password_may_be_picked_instead_of_typed(make_portal, adelle, visitor):
    make_portal(password={"offer_generated": True, "min_length": 12})
    open_password_page(visitor)
    offered = visitor.page.find("input", attrs={"name": "offered"})
    visitor.filled["offered"] = offered["value"]
    visitor.press("Modifier le mot de passe")
    assert visitor.heading == "Mot de passe modifié"
    sign_in(visitor, offered["value"])
    assert visitor.heading == "Vous êtes connecté"


def test_facts_asked_again_must_be_the_accounts_own(make_portal, adelle, visitor):
    make_portal(recovery={"ask_again": ["email"]})
    open_password_page(visitor)
    visitor.fill("Adresse électronique", "quelquun.dautre@example.org")
    choose(visitor)
    assert visitor.error_beside("Adresse électronique")
    assert visitor.field("Adresse électronique")["value"] == "quelquun.dautre@example.org"
    visitor.fill("Adresse électronique", "Adelle.Adms@example.org")
    choose(visitor)
    assert visitor.heading == "Mot de passe modifié"


def test_a_stolen_link_does_not_let_one_guess_the_facts_for_ever(make_portal, adelle, visitor):
    make_portal(recovery={"ask_again": ["email"]})
    open_password_page(visitor)
    for attempt in range(6):
        if visitor.status == 410:
            break
        visitor.fill("Adresse électronique", f"essai{attempt}@example.org")
        choose(visitor)
    assert visitor.status == 410


def test_an_account_closed_meanwhile_gets_the_generic_answer__att_73(by_link, adelle, visitor):
    open_password_page(visitor)
    type(adelle).objects.update(state="disabled")
    choose(visitor)
    assert visitor.status == 410


def test_the_wait_page_tells_the_true_state(make_portal, adelle, visitor):
    make_portal(completion={"wait_page": True, "show": ["identifier", "email"]})
    open_password_page(visitor)
    choose(visitor)
    assert visitor.heading == "Mise à jour en cours"
    visitor.follow("Actualiser")
    assert visitor.heading == "Mise à jour en cours"
    do_all_work()
    visitor.follow("Actualiser")
    assert visitor.heading == "Mot de passe modifié"
    assert "a..." in visitor.text
    assert "a...@...mple.org" in visitor.text


def test_choosing_again_after_success_repeats_nothing__att_34(by_link, visitor):
    open_password_page(visitor)
    choose(visitor)
    visitor.open("/essai/nouveau-mot-de-passe/")
    assert visitor.status == 410


def test_whoever_asks_again_is_of_the_same_population(make_portal, visitor):
    usagers = {"slug": "usagers", "label": "Je suis un usager", "leads_to": "accounts"}
    make_portal(audience=[usagers, {"slug": "agents", "label": "Je suis un agent", "leads_to": "accounts"}])
    visitor.open("/essai/oubli/usagers/")
    visitor.fill("Identifiant", "adelle.adms")
    visitor.press("Recevoir un courriel")
    visitor.follow("Faire une nouvelle demande")
    assert visitor.address == "/essai/oubli/usagers/"
