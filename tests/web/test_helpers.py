"""People who help, through their pages: whom they reach, what they do, and that nothing more can be had."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from datetime import datetime, timedelta

import pyotp
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from retrouve.demo.mailbox import forget_mails
from retrouve.domain.delegation import Right, Role
from retrouve.domain.limits import HANDED_CODE_FAILURES_PER_DAY, UNLOCKS_PER_DAY
from retrouve.domain.portal import Activation
from retrouve.journeys import help_account, helping
from retrouve.journeys.close_accounts import close_accounts
from retrouve.journeys.delegate import grant_role, take_roles
from retrouve.journeys.help_account import HANDED_RECOVERY_LASTS
from retrouve.journeys.helping import MOST_IN_A_CLASS, PROVEN_TWICE_LASTS
from retrouve.journeys.second_factor import MOST_TRIES, REST
from retrouve.messages.durations import PARIS, until_in_words
from retrouve.records.helpers import grant
from retrouve.records.institutions import keep_institution, see_wish
from retrouve.records.models import (
    AccountRow,
    AuditRow,
    HandedCodeRow,
    MigrationWishRow,
    OutboxRow,
    SecondFactorRow,
    SessionRow,
)
from retrouve.records.second_factors import reserve_code_try
from retrouve.wiring.configuration import portals
from retrouve.wiring.housekeeping import forget
from tests.plugin import MAIL_FOLDER, missing
from tests.visitor import Visitor, words_of
from tests.web.conftest import OLD_PASSWORD, add_person, link_in, plain, received
from tests.web.test_recovery import NEW_PASSWORD, ask, choose, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.store]

SCHOOL, OTHER, AUTHORITY = "E1", "E2", "PO"


@pytest.fixture
def school(make_portal):
    make_portal(activation={})
    keep_institution("essai", AUTHORITY, "Pouvoir organisateur")
    keep_institution("essai", SCHOOL, "Lycée de la Demo", parent=AUTHORITY)
    keep_institution("essai", OTHER, "Collège des Essais", parent=AUTHORITY)


def helper(role: Role, institution: str = "", group: str = "", identifier: str = "rene.referent") -> AccountRow:
    row = add_person(
        identifier=identifier, email=f"{identifier}@example.org", first_name="René", last_name="Référent",
        institution=institution or SCHOOL,
    )  # fmt: skip
    grant("essai", str(row.pk), role, institution, group, timezone.now())
    return row


def person(identifier: str, institution: str = SCHOOL, classes: str = "3A", **more: str) -> AccountRow:
    first, _, last = identifier.partition(".")
    given = {"email": f"{identifier}@example.org", **more}
    return add_person(
        identifier=identifier, first_name=first.title(), last_name=last.title(), institution=institution,
        classes=classes, **given,
    )  # fmt: skip


class Telephone:
    """What gives one-time codes; a code works once, hence the steps."""

    def __init__(self) -> None:
        self.generator: pyotp.TOTP | None = None

    def add(self, visitor: Visitor) -> None:
        secret = re.search(r"(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}", visitor.text)
        assert secret, visitor.text
        self.generator = pyotp.TOTP(secret[0].replace(" ", ""))

    def code(self) -> str:
        return self.generator.now()


def come_to_help(visitor: Visitor, identifier: str = "rene.referent") -> Telephone:
    sign_in(visitor, OLD_PASSWORD, identifier)
    visitor.follow("Mon compte")
    visitor.follow("Aider les autres")
    telephone = Telephone()
    telephone.add(visitor)
    visitor.fill("Code à six chiffres", telephone.code())
    visitor.press("Continuer")
    assert visitor.heading == "Aider"
    received()
    forget_mails(MAIL_FOLDER)  # that a means was added
    return telephone


def search(visitor: Visitor, typed: str) -> None:
    visitor.open(f"/essai/aider/?typed={typed}")


def open_person(visitor: Visitor, row: AccountRow) -> None:
    visitor.open(f"/essai/aider/compte/{row.pk}/")


# Getting in


def test_a_password_alone_opens_nobody_elses_account(school, visitor):
    helper(Role.REFERENT, SCHOOL)
    row = person("paul.eleve")
    sign_in(visitor, OLD_PASSWORD, "rene.referent")
    for page in ("", f"compte/{row.pk}/", "migrer/", "importer/"):
        visitor.open(f"/essai/aider/{page}")
        assert visitor.heading == "Ajouter un second moyen de preuve"


def test_a_one_time_code_works_once_and_five_wrong_ones_make_it_rest__att_15(school, visitor):
    helper(Role.REFERENT, SCHOOL)
    telephone = come_to_help(visitor)
    SessionRow.objects.update(proven_twice_at=timezone.now() - PROVEN_TWICE_LASTS)
    visitor.open("/essai/aider/")
    assert visitor.heading == "Votre code"
    visitor.fill("Code à six chiffres", telephone.code())
    visitor.press("Continuer")
    assert "a déjà servi" in visitor.text
    SecondFactorRow.objects.update(last_step=0, failures=0, rests_until=None)
    for _ in range(MOST_TRIES):
        visitor.fill("Code à six chiffres", "000 000")
        visitor.press("Continuer")
    visitor.fill("Code à six chiffres", telephone.code())
    visitor.press("Continuer")
    assert "n’est pas le bon" in visitor.text


def test_the_session_is_another_one_once_the_second_proof_was_given__att_28(school, visitor):
    helper(Role.REFERENT, SCHOOL)
    sign_in(visitor, OLD_PASSWORD, "rene.referent")
    before = visitor.client.cookies["session-essai"].value
    visitor.open("/essai/aider/")
    telephone = Telephone()
    telephone.add(visitor)
    visitor.fill("Code à six chiffres", telephone.code())
    visitor.press("Continuer")
    assert visitor.client.cookies["session-essai"].value != before


def test_a_new_password_neither_removes_nor_goes_round_the_second_proof__att_49(school, visitor):
    helper(Role.REFERENT, SCHOOL)
    come_to_help(visitor)
    anew = Visitor()
    ask(anew, "rene.referent")
    anew.open(link_in(received()[0]))
    choose(anew)
    sign_in(anew, NEW_PASSWORD, "rene.referent")
    assert anew.heading == "Une preuve de plus"
    anew.open("/essai/aider/")
    assert anew.heading == "Se connecter"
    assert SecondFactorRow.objects.count() == 1


def test_the_secret_of_a_generator_is_not_readable_at_rest__att_17(school, visitor):
    helper(Role.REFERENT, SCHOOL)
    telephone = come_to_help(visitor)
    sealed = bytes(SecondFactorRow.objects.get().sealed)
    assert telephone.generator.secret.encode() not in sealed


def test_whoever_helps_nobody_finds_no_such_page(school, visitor):
    row = person("paul.eleve")
    sign_in(visitor, OLD_PASSWORD, "paul.eleve")
    visitor.open("/essai/mon-compte/")
    assert "Aider" not in visitor.text
    for page in ("", "code/", "migrer/", "importer/", "classe/", f"compte/{row.pk}/"):
        visitor.open(f"/essai/aider/{page}")
        assert visitor.status == 404


def test_wrong_codes_at_once_neither_outrun_the_count_nor_lock_for_ever__att_15(school, visitor):
    helper(Role.REFERENT, SCHOOL)
    come_to_help(visitor)
    row = SecondFactorRow.objects.get()
    now = timezone.now()
    tries = [reserve_code_try(row, now, MOST_TRIES, now + REST) for _ in range(MOST_TRIES + 3)]
    assert tries == [True] * MOST_TRIES + [False] * 3
    assert reserve_code_try(row, now + REST, MOST_TRIES, now + 2 * REST)


def test_each_session_is_shown_a_secret_of_its_own_until_one_is_confirmed__att_49(school, visitor):
    """Whoever knew the password before keeps no generator of somebody else's."""
    helper(Role.REFERENT, SCHOOL)
    thief = Visitor()
    sign_in(thief, OLD_PASSWORD, "rene.referent")
    thief.open("/essai/aider/")
    stolen = Telephone()
    stolen.add(thief)
    come_to_help(visitor)
    thief.fill("Code à six chiffres", stolen.code())
    thief.press("Continuer")
    assert thief.heading == "Se connecter"
    sign_in(thief, OLD_PASSWORD, "rene.referent")
    thief.fill("Code à six chiffres", stolen.code())
    thief.press("Vérifier le code")
    assert "n’est pas le bon" in thief.text


def test_what_was_handed_out_before_a_charge_is_worth_nothing_after_it__att_50(at_the_desk, visitor, school):
    row = person("paul.eleve")
    open_person(visitor, row)
    visitor.press("Donner un code")
    code = code_shown(visitor)
    portal = portals()["essai"]
    grant_role(portal, identifier="paul.eleve", role=Role.OPERATOR, institution="", group="", now=timezone.now())
    thief = Visitor()
    type_code(thief, code)
    assert "ne vont pas ensemble" in thief.text


def test_a_code_handed_out_works_however_many_wrong_ones_were_typed_before__att_39(at_the_desk, visitor, school):
    """A classmate may have typed them: whoever helps says who is to have the next one."""
    row = person("paul.eleve")
    pupil = Visitor()
    for _ in range(HANDED_CODE_FAILURES_PER_DAY.times + 1):
        type_code(pupil, "abcd3456")
    assert pupil.status == 429
    open_person(visitor, row)
    visitor.press("Donner un code")
    type_code(pupil, code_shown(visitor))
    assert pupil.heading == "Choisir un nouveau mot de passe"


def type_code(visitor: Visitor, code: str) -> None:
    visitor.open("/essai/activer/")
    visitor.fill("Identifiant", "paul.eleve")
    visitor.fill("Code d’activation", code)
    visitor.press("Continuer")


# Reach


REACH = {
    Role.TEACHER: {"paul.eleve"},
    Role.REFERENT: {"paul.eleve", "lea.eleve", "anne.prof"},
    Role.AUTHORITY: {"paul.eleve", "lea.eleve", "anne.prof", "tom.eleve"},
    Role.OPERATOR: {"paul.eleve", "lea.eleve", "anne.prof", "tom.eleve", "max.eleve"},
}


@pytest.mark.parametrize("role", list(Role))
def test_helpers_find_and_open_those_in_their_reach_and_nobody_else__att_50(school, visitor, role):
    where = {Role.TEACHER: SCHOOL, Role.REFERENT: SCHOOL, Role.AUTHORITY: AUTHORITY, Role.OPERATOR: ""}[role]
    helper(role, where, "3A" if role is Role.TEACHER else "")
    teacher = person("anne.prof", classes="3A")
    grant("essai", str(teacher.pk), Role.TEACHER, SCHOOL, "3A", timezone.now())
    rows = [
        person("paul.eleve"), person("lea.eleve", classes="3B"), person("tom.eleve", OTHER), person("max.eleve", ""),
        teacher,
    ]  # fmt: skip
    come_to_help(visitor)
    for row in rows:
        reached = row.identifier in REACH[role]
        search(visitor, row.identifier)
        assert (row.identifier in visitor.text.replace(visitor.address, "").split("Trouvé")[-1]) is reached, row
        open_person(visitor, row)
        assert (visitor.status == 200) is reached, row
        for act in ("issue_code", "send_activation", "force_change", "unlock", "migrate"):
            before = AuditRow.objects.exclude(event="helper_refused").count()
            answer = post(visitor, f"/essai/aider/compte/{row.pk}/agir/", act=act)
            if not reached:
                assert answer.status_code == 404
                assert AuditRow.objects.exclude(event="helper_refused").count() == before
    assert HandedCodeRow.objects.count() == len(REACH[role])


def post(visitor: Visitor, address: str, **fields: str):
    return visitor.client.post(address, fields, content_type="application/x-www-form-urlencoded") if not fields else (
        visitor.client.post(
            address,
            "&".join(f"{name}={value}" for name, value in fields.items()),
            content_type="application/x-www-form-urlencoded",
        )
    )  # fmt: skip


def test_nobody_helps_themselves_nor_somebody_as_high__att_50(school, visitor):
    me = helper(Role.REFERENT, SCHOOL)
    other = person("odile.autre")
    grant("essai", str(other.pk), Role.REFERENT, SCHOOL, "", timezone.now())
    come_to_help(visitor)
    for row in (me, other):
        open_person(visitor, row)
        assert visitor.status == 404


def test_a_helper_of_one_portal_is_nobody_on_another__att_36(school, make_portal, visitor):
    helper(Role.OPERATOR)
    come_to_help(visitor)
    make_portal("autre")
    stranger = person("paul.eleve")
    AccountRow.objects.filter(pk=stranger.pk).update(portal="autre")
    open_person(visitor, stranger)
    assert visitor.status == 404
    visitor.open("/autre/aider/")
    assert visitor.heading == "Se connecter"


# Acts


@pytest.fixture
def at_the_desk(school, visitor):
    helper(Role.REFERENT, SCHOOL)
    come_to_help(visitor)
    return visitor


def test_a_code_is_shown_once_and_opens_the_account_and_its_owner_is_told__att_51(at_the_desk, visitor):
    row = person("paul.eleve")
    open_person(visitor, row)
    visitor.press("Donner un code")
    assert visitor.heading == "Le code"
    code = code_shown(visitor)
    assert "René Référent a préparé un code" in plain(received()[0].text)
    open_person(visitor, row)
    assert code not in visitor.text
    assert "Code remis" in visitor.text
    pupil = Visitor()
    pupil.open("/essai/activer/")
    pupil.fill("Identifiant", "paul.eleve")
    pupil.fill("Code d’activation", code)
    pupil.press("Continuer")
    choose(pupil)
    sign_in(pupil, NEW_PASSWORD, "paul.eleve")
    assert pupil.heading == "Vous êtes connecté"
    events = AuditRow.objects.filter(event="code_issued").values_list("account", "outcome")
    assert [(account, outcome.split()[0]) for account, outcome in events] == [(str(row.pk), "by")]


def code_shown(visitor: Visitor) -> str:
    return words_of(visitor.page.find(class_="big-code"))


def test_a_newer_code_takes_the_place_of_the_older__att_12(at_the_desk, visitor):
    row = person("paul.eleve")
    codes = []
    for _ in range(2):
        open_person(visitor, row)
        visitor.press("Donner un code")
        codes.append(code_shown(visitor))
    pupil = Visitor()
    pupil.open("/essai/activer/")
    pupil.fill("Identifiant", "paul.eleve")
    pupil.fill("Code d’activation", codes[0])
    pupil.press("Continuer")
    assert "ne vont pas ensemble" in pupil.text


@pytest.mark.parametrize("proof", ["link", "code", "both"])
def test_the_activation_mail_is_sent_to_the_address_on_file_and_says_who_sent_it__att_51(
    school, make_portal, visitor, proof
):
    """By a link whatever the portal's own proof is: no page waits for a code."""
    make_portal(
        activation={},
        recovery={"proof": proof},
        wording={
            "mail_subject": {"fr": "Réinitialisation du mot de passe", "en": "Password reset"},
            "mail_reason": {"fr": "Vous avez demandé la réinitialisation.", "en": "You asked for a reset."},
        },
    )
    helper(Role.REFERENT, SCHOOL)
    come_to_help(visitor)
    row = person("paul.eleve", state="not_activated")
    open_person(visitor, row)
    assert "p...@" in visitor.text
    assert "paul.eleve@example.org" not in visitor.text
    visitor.press("Envoyer l’activation")
    assert "Le courriel part." in visitor.text
    (mail,) = received()
    assert "René Référent vous envoie de quoi activer votre compte Essai." in plain(mail.text)
    assert plain(mail.subject) == "Activez votre compte – Essai"
    assert "Vous avez demandé" not in mail.text
    open_person(visitor, row)
    assert "Activation du compte : remis" in plain(visitor.text)
    pupil = Visitor()
    pupil.open(link_in(mail))
    choose(pupil)
    row.refresh_from_db()
    assert row.state == "active"


def test_a_link_that_a_helper_sends_to_an_account_in_use_says_who_sent_it(at_the_desk, visitor):
    open_person(visitor, person("paul.eleve"))
    visitor.press("Envoyer un lien")
    (mail,) = received()
    assert "René Référent vous envoie de quoi choisir un nouveau mot de passe pour votre compte Essai." in plain(
        mail.text
    )
    assert plain(mail.subject) == "Choisissez un nouveau mot de passe – Essai"
    pupil = Visitor()
    pupil.open(link_in(mail))
    choose(pupil)
    sign_in(pupil, NEW_PASSWORD, "paul.eleve")
    assert pupil.heading == "Vous êtes connecté"


# What each right leaves in the list that its owner reads; None for those that change nothing of an account.
READ_BY_ITS_OWNER = {
    Right.SEARCH: None,  # finds and looks
    Right.SEE_MAILS: None,  # looks
    Right.IMPORT: None,  # a list, not an account
    Right.ISSUE_CODE: "Code remis pour choisir un mot de passe",
    Right.PRINT: "Code remis pour choisir un mot de passe",
    Right.SEND_ACTIVATION: "Courriel envoyé pour choisir un mot de passe",
    Right.FORCE_CHANGE: "Nouveau mot de passe exigé à la prochaine connexion",
    Right.END_SESSIONS: "Sessions déconnectées",
    Right.UNLOCK: "Compte débloqué",
    Right.MIGRATE: "Compte migré",
}
ACTS = [right for right in Right if READ_BY_ITS_OWNER[right]]


@pytest.mark.parametrize("right", ACTS, ids=lambda right: right.value)
def test_each_act_on_an_account_is_read_by_its_owner_with_the_name_of_who_did_it__att_51(at_the_desk, visitor, right):
    row = person("paul.eleve", email="" if right is Right.ISSUE_CODE else "paul.eleve@example.org",
                 state="legacy" if right is Right.MIGRATE else "active")  # fmt: skip
    if right is Right.PRINT:
        where = {"etablissement": SCHOOL, "classe": "3A"}
        post(visitor, "/essai/aider/fiches/", par_page="8", **where, **{f"choisi-{row.pk}": "on"})
    else:
        post(visitor, f"/essai/aider/compte/{row.pk}/agir/", act=right.value)
    received()
    owner = Visitor()
    sign_in(owner, OLD_PASSWORD, "paul.eleve")
    if owner.heading == "Choisir un nouveau mot de passe":
        choose(owner)
        sign_in(owner, NEW_PASSWORD, "paul.eleve")
    read = happened(owner)
    (told,) = [line for line in read if line.startswith(READ_BY_ITS_OWNER[right])]
    assert told.endswith("par René Référent")


def happened(owner: Visitor) -> list[str]:
    owner.open("/essai/mon-compte/activite/")
    return [plain(words_of(one)) for one in owner.page.find_all("li", class_="row")]


def test_a_code_that_was_handed_over_leaves_its_use_in_the_list(at_the_desk, visitor):
    row = person("paul.eleve", email="")
    open_person(visitor, row)
    visitor.press("Donner un code")
    code = code_shown(visitor)
    pupil = Visitor()
    for typed in ("BCDF GHJK", code):
        pupil.open("/essai/activer/")
        pupil.fill("Identifiant", "paul.eleve")
        pupil.fill("Code d’activation", typed)
        pupil.press("Continuer")
    choose(pupil)
    sign_in(pupil, NEW_PASSWORD, "paul.eleve")
    read = "\n".join(happened(pupil))
    assert "Un code remis a servi" in read
    assert "Un code remis a été mal saisi" in read


def test_what_was_done_by_somebody_who_has_gone_since_keeps_its_place_in_the_list(at_the_desk, visitor):
    row = person("paul.eleve")
    post(visitor, f"/essai/aider/compte/{row.pk}/agir/", act="unlock")
    AccountRow.objects.filter(identifier="rene.referent").delete()
    owner = Visitor()
    sign_in(owner, OLD_PASSWORD, "paul.eleve")
    (told,) = [line for line in happened(owner) if line.startswith("Compte débloqué")]
    assert told.endswith("par une personne dont le compte n’existe plus")


def test_a_charge_that_is_granted_and_taken_back_is_read_by_who_has_it(school, visitor):
    person("paul.eleve")
    portal, now = portals()["essai"], timezone.now()
    grant_role(portal, identifier="paul.eleve", role=Role.TEACHER, institution=SCHOOL, group="3A", now=now)
    take_roles(portal, identifier="paul.eleve", now=now)
    sign_in(visitor, OLD_PASSWORD, "paul.eleve")
    read = "\n".join(happened(visitor))
    assert "Vous aidez d’autres personnes" in read
    assert "Vous n’aidez plus d’autres personnes" in read


def test_a_new_password_is_demanded_at_the_next_sign_in(at_the_desk, visitor):
    row = person("paul.eleve")
    open_person(visitor, row)
    visitor.press("Demander un nouveau mot de passe")
    assert "Un nouveau mot de passe sera demandé" in visitor.text
    pupil = Visitor()
    sign_in(pupil, OLD_PASSWORD, "paul.eleve")
    assert pupil.heading == "Choisir un nouveau mot de passe"


def test_a_sign_in_that_had_half_begun_does_not_go_round_the_demand_for_a_new_password(at_the_desk, visitor):
    row = person("paul.eleve")
    pupil = Visitor()
    sign_in(pupil, OLD_PASSWORD, "paul.eleve")
    pupil.open("/essai/mon-compte/preuves/codes/")
    telephone = Telephone()
    telephone.add(pupil)
    pupil.fill("Code à six chiffres", telephone.code())
    pupil.press("Ajouter l’application")
    SecondFactorRow.objects.update(last_step=0)  # as if thirty seconds had passed
    half = Visitor()
    sign_in(half, OLD_PASSWORD, "paul.eleve")
    assert half.heading == "Une preuve de plus"
    open_person(visitor, row)
    visitor.press("Demander un nouveau mot de passe")
    half.fill("Code à six chiffres", telephone.code())
    half.press("Vérifier le code")
    assert half.heading == "Se connecter"


def test_an_account_that_said_not_me_is_given_back(at_the_desk, visitor):
    person("paul.eleve")
    owner = Visitor()
    ask(owner, "paul.eleve")
    owner.open(link_in(received()[0]))
    choose(owner)
    letter = next(mail for mail in received() if "/pas-moi/" in mail.text)
    owner.open(next(word for word in letter.text.split() if "/pas-moi/" in word))
    owner.press("Ce n’est pas moi, bloquer le compte")
    row = AccountRow.objects.get(identifier="paul.eleve")
    open_person(visitor, row)
    assert "Bloqué" in visitor.text
    visitor.press("Débloquer")
    assert "Le compte est débloqué" in visitor.text
    assert "Bloqué :" not in plain(visitor.text)


def test_a_helper_reads_why_a_mail_did_not_arrive_without_reading_it(at_the_desk, visitor):
    row = person("paul.eleve", email="pas une adresse")
    ask(Visitor(), "paul.eleve")
    received()
    open_person(visitor, row)
    assert "Nouveau mot de passe : refusé" in plain(visitor.text)
    assert "pas une adresse" not in visitor.text


def test_what_a_relay_says_of_an_address_is_read_without_the_address(at_the_desk, visitor):
    row = person("paul.eleve")
    ask(Visitor(), "paul.eleve")
    received()
    OutboxRow.objects.filter(account=str(row.pk)).update(state="refused", reason="550 <paul.eleve@example.org> unknown")
    open_person(visitor, row)
    assert "550 <…@…> unknown" in visitor.text


def test_unlocking_is_traced_told_and_no_way_to_guess_on__att_69(at_the_desk, visitor):
    row = person("paul.eleve")
    for number in range(UNLOCKS_PER_DAY.times + 1):
        for _ in range(5):
            sign_in(Visitor(), f"essai-faux-{number}", "paul.eleve")
        open_person(visitor, row)
        visitor.press("Débloquer")
    assert "Cela ne se peut pas" in visitor.text
    assert AuditRow.objects.filter(event="account_unfrozen").count() == UNLOCKS_PER_DAY.times
    assert sum("a débloqué votre compte" in mail.text for mail in received()) == UNLOCKS_PER_DAY.times


# Migration


def test_a_legacy_account_is_migrated_by_its_institution_and_recovers(at_the_desk, visitor):
    row = person("legacy.dupuis", state="legacy")
    elsewhere = person("legacy.ailleurs", OTHER, state="legacy")
    for identifier in ("legacy.dupuis", "legacy.ailleurs"):
        ask(Visitor(), identifier)
    received()
    visitor.open("/essai/aider/")
    assert "Attendent la migration de leur compte Legacy Dupuis" in visitor.text
    assert "Ailleurs" not in visitor.text
    visitor.follow("Migrer des comptes")
    visitor.choose("Legacy Dupuis legacy.dupuis, Lycée de la Demo")
    visitor.press("Migrer les comptes cochés")
    assert "1 compte migré." in visitor.text
    assert "a migré votre compte" in received()[0].text
    visitor.open("/essai/aider/")
    assert "Attendent la migration" not in visitor.text
    owner = Visitor()
    ask(owner, "legacy.dupuis")
    owner.open(link_in(received()[0]))
    choose(owner)
    assert owner.heading == "Mot de passe modifié"
    row.refresh_from_db()
    elsewhere.refresh_from_db()
    assert (row.state, elsewhere.state) == ("active", "legacy")


def test_all_the_legacy_accounts_of_an_institution_are_migrated_at_once__att_50(at_the_desk, visitor):
    rows = [person(f"legacy.numero{number}", state="legacy") for number in range(3)]
    other = person("legacy.ailleurs", OTHER, state="legacy")
    visitor.open("/essai/aider/migrer/")
    visitor.press("Tout migrer")
    assert "3 comptes migrés." in visitor.text
    assert AccountRow.objects.filter(pk__in=[row.pk for row in rows], state="active").count() == 3
    visitor.open("/essai/aider/migrer/")
    answer = post(visitor, "/essai/aider/migrer/", **{f"choisi-{other.pk}": "on", "act": "chosen"})
    assert answer.status_code == 303
    other.refresh_from_db()
    assert other.state == "legacy"


def legacy_accounts(number: int, institution: str = SCHOOL) -> None:
    names = [f"ancien.{institution.lower()}.{place}" for place in range(number)]
    AccountRow.objects.bulk_create(
        AccountRow(portal="essai", identifier=one, identifier_key=one, institution=institution, state="legacy")
        for one in names
    )


def test_whoever_waits_here_is_shown_however_many_have_waited_longer_elsewhere(at_the_desk, visitor):
    now = timezone.now()
    legacy_accounts(1100, OTHER)
    wish_for_all(now - timedelta(days=30))
    person("legacy.dupuis", state="legacy")
    person("legacy.avant", state="legacy")
    ask(Visitor(), "legacy.dupuis")
    received()
    see_wish("essai", str(AccountRow.objects.get(identifier="legacy.avant").pk), now - timedelta(days=1))
    visitor.open("/essai/aider/")
    assert "Attendent la migration de leur compte Legacy Avant" in visitor.text
    assert "Legacy Dupuis" in visitor.text.split("Legacy Avant")[1], "the longest wait comes first"
    assert "ancien." not in visitor.text


def wish_for_all(asked_at: datetime) -> None:
    rows = AccountRow.objects.filter(state="legacy")
    MigrationWishRow.objects.bulk_create(
        MigrationWishRow(portal="essai", account=str(row.pk), asked_at=asked_at) for row in rows
    )


def test_nobody_waits_any_more_for_an_account_that_was_migrated_or_closed(at_the_desk, visitor):
    legacy_accounts(2)
    gone = person("legacy.parti", OTHER, state="legacy")
    now = timezone.now()
    AccountRow.objects.filter(pk=gone.pk).update(departed_at=now - timedelta(days=40))
    wish_for_all(now)
    visitor.open("/essai/aider/migrer/")
    visitor.press("Tout migrer")
    assert list(MigrationWishRow.objects.values_list("account", flat=True)) == [str(gone.pk)]
    close_accounts(portals()["essai"], now - timedelta(days=30), now)
    assert not MigrationWishRow.objects.exists()


def test_a_wish_to_be_migrated_is_forgotten_as_late_as_the_portal_keeps_traces(make_portal):
    now = timezone.now()
    make_portal(audit={"keep_traces": "40d"})
    for portal, account, days in (("essai", "1", 39), ("essai", "2", 41), ("ancien", "3", 41), ("ancien", "4", 181)):
        see_wish(portal, account, now - timedelta(days=days))
    forget()
    assert set(MigrationWishRow.objects.values_list("account", flat=True)) == {"1", "3"}


def test_more_legacy_accounts_than_the_page_shows_are_all_migrated_traced_and_told(at_the_desk, visitor):
    legacy_accounts(MOST_IN_A_CLASS + 50)
    legacy_accounts(3, OTHER)
    visitor.open("/essai/aider/migrer/")
    assert "250 comptes sont à migrer. Voici les 200 premiers." in visitor.text
    assert "à la fois" not in visitor.text
    visitor.press("Tout migrer")
    assert "250 comptes migrés." in visitor.text
    assert "Tous les comptes dont vous vous occupez sont migrés." in visitor.text
    assert not AccountRow.objects.filter(institution=SCHOOL, state="legacy").exists()
    assert AccountRow.objects.filter(institution=OTHER, state="legacy").count() == 3
    assert AuditRow.objects.filter(event="account_migrated").values("account").distinct().count() == 250
    assert OutboxRow.objects.filter(kind="helped").values("account").distinct().count() == 250


def test_where_one_press_does_not_migrate_everybody_the_page_says_so_and_goes_on(at_the_desk, visitor, monkeypatch):
    monkeypatch.setattr(help_account, "IN_A_PART", 2)
    monkeypatch.setattr(help_account, "MOST_AT_ONCE", 4)
    monkeypatch.setattr(helping, "MOST_IN_A_CLASS", 3)
    legacy_accounts(8)
    visitor.open("/essai/aider/migrer/")
    assert "8 comptes sont à migrer. Voici les 3 premiers. « Tout migrer » en migre 4 à la fois" in visitor.text
    visitor.press("Tout migrer")
    assert "4 comptes migrés." in visitor.text
    assert "4 comptes sont à migrer. Voici les 3 premiers." in visitor.text
    assert "à la fois" not in visitor.text
    visitor.press("Tout migrer")
    assert "Tous les comptes dont vous vous occupez sont migrés." in visitor.text


def test_those_who_help_as_much_and_a_class_elsewhere_are_not_among_those_to_migrate__att_50(
    school, visitor, monkeypatch
):
    me = helper(Role.REFERENT, SCHOOL)
    grant("essai", str(me.pk), Role.TEACHER, OTHER, "3A", timezone.now())
    come_to_help(visitor)
    left = [person("legacy.referent", state="legacy"), person("legacy.classe", OTHER, state="legacy")]
    grant("essai", str(left[0].pk), Role.REFERENT, SCHOOL, "", timezone.now())
    teacher = person("legacy.prof", state="legacy")
    grant("essai", str(teacher.pk), Role.TEACHER, SCHOOL, "3A", timezone.now())
    monkeypatch.setattr(help_account, "IN_A_PART", 1)
    visitor.open("/essai/aider/migrer/")
    assert "Legacy Prof" in visitor.text
    assert "Legacy Referent" not in visitor.text
    assert "Legacy Classe" not in visitor.text
    visitor.press("Tout migrer")
    assert "1 compte migré." in visitor.text
    assert AccountRow.objects.filter(pk__in=[one.pk for one in left], state="legacy").count() == 2
    assert not AuditRow.objects.filter(event="helper_refused").exists()


def test_the_old_password_that_was_imported_migrates_by_itself(school, visitor):
    row = person("legacy.dupuis", state="legacy")
    sign_in(visitor, OLD_PASSWORD, "legacy.dupuis")
    assert visitor.heading == "Vous êtes connecté"
    row.refresh_from_db()
    assert row.state == "active"
    assert AuditRow.objects.filter(event="account_migrated", outcome="by_password").exists()


# Cards


def test_a_teacher_prints_cards_for_the_class_and_each_holds_a_code_that_works__att_52(school, visitor):
    helper(Role.TEACHER, SCHOOL, "3A")
    rows = [person(f"eleve.numero{number}", email="", state="not_activated") for number in range(3)]
    person("eleve.autre", classes="3B", email="")
    come_to_help(visitor)
    visitor.follow("3A Lycée de la Demo, 3 personnes")
    assert "eleve.autre" not in visitor.text
    answer = post(
        visitor, "/essai/aider/fiches/", etablissement=SCHOOL, classe="3A", par_page="8",
        **{f"choisi-{row.pk}": "on" for row in rows[:2]},
    )  # fmt: skip
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")
    assert set(HandedCodeRow.objects.values_list("account", flat=True)) == {str(row.pk) for row in rows[:2]}


def test_each_card_of_a_mixed_class_says_what_its_own_code_opens_and_until_when(school, visitor):
    if shutil.which("pdftotext") is None:
        missing("pdftotext (poppler-utils)")
    helper(Role.TEACHER, SCHOOL, "3A")
    rows = [person("anne.active"), person("paul.nouveau", state="not_activated")]
    come_to_help(visitor)
    where = {"etablissement": SCHOOL, "classe": "3A", "par_page": "1"}
    answer = post(visitor, "/essai/aider/fiches/", **where, **{f"choisi-{row.pk}": "on" for row in rows})
    told = subprocess.run(["pdftotext", "-", "-"], input=answer.content, capture_output=True, check=True).stdout
    used, new = (plain(" ".join(page.split())) for page in told.decode().split("\f")[:-1])
    now = timezone.now()
    for page, identifier, choose_it, ends in (
        (used, "anne.active", "Choisissez votre nouveau mot de passe.", now + HANDED_RECOVERY_LASTS),
        (new, "paul.nouveau", "Choisissez votre mot de passe.", now + Activation().code_lasts),
    ):
        assert identifier in page
        assert choose_it in page
        assert until_in_words(ends, now, PARIS, "fr").split(" à ")[0] in page


def test_cards_of_another_class_cannot_be_had_by_naming_its_people__att_50(school, visitor):
    helper(Role.TEACHER, SCHOOL, "3A")
    person("paul.eleve")
    other = person("lea.eleve", classes="3B")
    come_to_help(visitor)
    for name in ("3A", "3B"):
        answer = post(
            visitor, "/essai/aider/fiches/", etablissement=SCHOOL, classe=name, **{f"choisi-{other.pk}": "on"}
        )
        assert answer.status_code == 303
    assert not HandedCodeRow.objects.exists()


# Import


def send(visitor: Visitor, content: bytes, name: str = "eleves.csv") -> None:
    answer = visitor.client.post("/essai/aider/importer/", {"liste": SimpleUploadedFile(name, content)})
    visitor._take(answer, "/essai/aider/importer/")


LIST = """Matricule;Nom;Prénom;Date de naissance;Classe;Établissement
1;Dupont;Jean;31/12/2010;3A;E1
2;Dupont;Jean;30/11/2010;3B;E1
3;Épée;Zoë;2011-01-05;3A;E1
4;Ailleurs;Tom;05/01/2011;3A;E2
5;=cmd;Max;05/01/2011;3A;E1
"""


def test_a_list_as_excel_writes_it_is_looked_at_first_and_then_imported(at_the_desk, visitor):
    send(visitor, LIST.encode("cp1252"))
    said = plain(visitor.text)
    assert "Rien n’est encore changé" in said
    assert "Comptes créés 3" in said
    assert "Lignes refusées 2" in said
    assert "Tom Ailleurs n’est pas d’un établissement dont vous vous occupez." in said
    assert "est une formule de tableur" in said
    assert "son identifiant est jean.dupont2" in said
    assert not AccountRow.objects.filter(external_id="1").exists()
    visitor.press("Importer")
    assert "C’est fait." in visitor.text
    names = dict(AccountRow.objects.exclude(external_id="").values_list("external_id", "identifier"))
    assert names == {"1": "jean.dupont", "2": "jean.dupont2", "3": "zoe.epee"}
    visitor.follow("Télécharger le rapport")
    report = visitor.client.get("/essai/aider/importer/rapport/").content.decode("utf-8-sig").splitlines()
    assert report[0] == "Matricule;Nom;Prénom;Date de naissance;Classe;Établissement;Ligne;Avis;Explication"
    assert "5;'=cmd;Max;05/01/2011;3A;E1;6;Refusée;" in report[1]
    assert report[2].startswith("4;Ailleurs;Tom;05/01/2011;3A;E2;5;Refusée;Tom Ailleurs n’est pas d’un établissement")
    assert report[3].startswith("2;Dupont;Jean;30/11/2010;3B;E1;3;À savoir;Une autre personne porte ce nom")
    events = AuditRow.objects.filter(event="accounts_imported").values_list("outcome", flat=True)
    assert list(events) == ["3 created 0 changed 0 departed 2 refused"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "Le fichier est vide."),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "C’est une image, pas une liste."),
        (b"PK\x03\x04" + bytes(100), "C’est une archive."),
        (b"a;b;c\n1;2;3\n", "eleves.csv : Aucune colonne n’est reconnue dans « a, b, c »."),
        (";".join(["Nom"] + [f"c{n}" for n in range(1000)]).encode() + b"\n", "trop de colonnes"),
    ],
)
def test_what_is_not_a_list_is_refused_with_a_sentence(at_the_desk, visitor, content, says):
    send(visitor, content)
    assert says in plain(visitor.text)
    assert visitor.title.startswith("Erreur")


def test_the_report_of_a_list_keeps_no_hash_of_a_password_at_rest(at_the_desk, visitor):
    send(visitor, b"Matricule;Nom;Mot de passe hache;Portable\n1;Dupont;$2b$04$abcdefghijklmnopqrstuu;0600000000\n")
    said = plain(visitor.text)
    assert "À savoir 1" in said
    assert "Colonnes non reprises Portable" in said
    report = visitor.client.get("/essai/aider/importer/rapport/").content.decode("utf-8-sig")
    assert "1;Dupont;;0600000000;2;À savoir;Mot de passe pas repris" in report
    assert "$2b$" not in report


def test_a_list_is_imported_once_and_only_as_it_was_looked_at(at_the_desk, visitor):
    send(visitor, LIST.encode("cp1252"))
    first = visitor._fields_of(visitor._form_of(visitor.button("Importer")))
    other = Visitor()
    other.client.cookies = visitor.client.cookies
    send(other, LIST.replace("Jean", "Marc").encode("cp1252"))
    visitor.press("Importer")
    assert not AccountRow.objects.filter(first_name__in=("Jean", "Marc")).exists(), "another list was sent since"
    other.press("Importer")
    assert AccountRow.objects.filter(first_name="Marc").count() == 2
    assert first["looked_at"]
    other.client.post("/essai/aider/importer/", {**first, "act": "import"})
    assert not AccountRow.objects.filter(first_name="Jean").exists()


@pytest.mark.parametrize("address", ["classe/?classe=%00&etablissement=E1", f"compte/{'9' * 40}/", "compte/x/"])
def test_odd_addresses_are_no_fault_of_ours__att_80(at_the_desk, visitor, address):
    visitor.open(f"/essai/aider/{address}")
    assert visitor.status in (400, 404)


def test_no_file_at_all_is_told(at_the_desk, visitor):
    answer = visitor.client.post("/essai/aider/importer/", {"rien": "x"})
    visitor._take(answer, "/essai/aider/importer/")
    assert "Choisissez un fichier." in visitor.text


def test_files_are_read_of_helpers_only__att_42(school, visitor):
    file = io.BytesIO(LIST.encode())
    file.name = "a.csv"
    assert visitor.client.post("/essai/aider/importer/", {"liste": file}).status_code == 415
    person("paul.eleve")
    sign_in(visitor, OLD_PASSWORD, "paul.eleve")
    file.seek(0)
    assert visitor.client.post("/essai/aider/importer/", {"liste": file}).status_code == 404
    file.seek(0)
    assert visitor.client.post("/essai/oubli/", {"liste": file}).status_code == 415


def test_a_teacher_does_not_import(school, visitor):
    helper(Role.TEACHER, SCHOOL, "3A")
    come_to_help(visitor)
    visitor.open("/essai/aider/importer/")
    assert visitor.status == 404
