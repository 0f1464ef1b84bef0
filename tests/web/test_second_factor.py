"""Second means, through the pages: added, asked for at sign-in, removed, lost; and never gone round."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit

import pyotp
import pytest
from django.utils import timezone

from retrouve.demo.mailbox import forget_mails
from retrouve.domain.assurance import TWO_FACTORS
from retrouve.domain.delegation import Role
from retrouve.domain.limits import (
    FRESH_PROOF_LASTS,
    HALF_SIGN_IN_LASTS,
    LOSS_USABLE,
    SECOND_FACTORS_PER_DAY,
    TRIES_PER_HALF_SIGN_IN,
)
from retrouve.journeys import recovery_codes, second_factor, second_proof
from retrouve.journeys.delegate import forget_second_factor
from retrouve.journeys.my_account import Person
from retrouve.journeys.recovery_codes import make_recovery_codes, spend_recovery_code
from retrouve.journeys.second_factor import REST, STEP_SECONDS, takes_code
from retrouve.records.accounts import as_account
from retrouve.records.addresses import mark_verified
from retrouve.records.factor_losses import finish_loss
from retrouve.records.half_sign_ins import reserve_second_try
from retrouve.records.helpers import grant
from retrouve.records.housekeeping import forget_what_is_over
from retrouve.records.models import (
    AuditRow,
    ChallengeRow,
    CounterRow,
    FactorLossRow,
    HalfSignInRow,
    PasskeyRow,
    RecoveryCodeRow,
    SecondFactorRow,
    SessionRow,
)
from retrouve.records.passkeys import keep_challenge, take_challenge
from retrouve.records.sessions import open_session
from retrouve.wiring import parts
from retrouve.wiring.configuration import portals
from retrouve.wiring.directories import directory_of
from tests.plugin import MAIL_FOLDER, missing
from tests.visitor import FORM, Visitor, words_of
from tests.web.conftest import OLD_PASSWORD, add_person, code_in, link_in, plain, received
from tests.web.openid import APPLICATION, Application
from tests.web.openid import sign_in as sign_in_for
from tests.web.test_helpers import Telephone
from tests.web.test_races import at_once
from tests.web.test_recovery import NEW_PASSWORD, ask, choose, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.store]

PROOF = "Une preuve de plus"
IN = "Vous êtes connecté"
MEANS = "/essai/mon-compte/preuves/"


@pytest.fixture
def home(make_portal, adelle):
    return make_portal()


def add_codes(visitor: Visitor) -> Telephone:
    """From the page after signing in to the codes on paper, which are left for later."""
    visitor.open(MEANS)
    visitor.follow(
        "Ajouter une application de codes Une application de votre téléphone donne un code à chaque connexion."
    )
    telephone = Telephone()
    telephone.add(visitor)
    visitor.fill("Code à six chiffres", telephone.code())
    visitor.press("Ajouter l’application")
    SecondFactorRow.objects.update(last_step=0)  # as if thirty seconds had passed
    return telephone


def make_codes(visitor: Visitor) -> list[str]:
    visitor.open(f"{MEANS}secours/")
    visitor.press("Faire mes codes de secours")
    return [words_of(one) for one in visitor.page.select(".codes code")]


@pytest.fixture
def protected(home, visitor) -> Telephone:
    """Adelle, who has codes on her telephone; her browser is signed in, and her mails are read."""
    sign_in(visitor, OLD_PASSWORD)
    telephone = add_codes(visitor)
    received()
    forget_mails(MAIL_FOLDER)
    return telephone


def give(visitor: Visitor, code: str) -> None:
    visitor.fill("Code à six chiffres", code)
    visitor.press("Vérifier le code")


def news() -> str:
    """What the newest mail says, but for that of a new device, which comes with a first sign-in anywhere."""
    told = [plain(mail.text) for mail in received()]
    return next(text for text in told if "appareil nouveau" not in text)


def time_passes(length: timedelta) -> None:
    for row in SessionRow.objects.all():
        moved = row.proven_twice_at and row.proven_twice_at - length
        SessionRow.objects.filter(pk=row.pk).update(signed_in_at=row.signed_in_at - length, proven_twice_at=moved)


# One-time codes


def test_anybody_adds_an_application_of_codes_and_is_asked_for_one_at_sign_in(home, visitor):
    sign_in(visitor, OLD_PASSWORD)
    visitor.follow("Mon compte")
    assert "le mot de passe suffit pour se connecter" in visitor.text
    telephone = add_codes(visitor)
    assert visitor.heading == "Codes de secours"
    assert "Une application de codes a été ajoutée à votre compte Essai" in news()
    anew = Visitor()
    sign_in(anew, OLD_PASSWORD)
    assert anew.heading == PROOF
    anew.open("/essai/mon-compte/")
    assert anew.heading == "Se connecter"
    anew.open("/essai/deuxieme-preuve/")
    give(anew, telephone.code())
    assert anew.heading == IN
    session = SessionRow.objects.order_by("-opened_at").first()
    assert session.means == "pwd otp mfa"
    assert session.proven_twice_at is not None


def test_a_wrong_password_is_answered_alike_with_and_without_second_means__att_03(protected):
    add_person(identifier="paul.sans", email="paul@example.org")
    answers = []
    for who in ("adelle.adms", "paul.sans", "personne.inconnue"):
        other = Visitor()
        sign_in(other, "pas-le-bon-1", who)
        answers.append((other.status, other.heading, other.text, sorted(other.client.cookies)))
    assert answers[0] == answers[1] == answers[2]


def test_a_code_opens_once__att_15(protected):
    code = protected.code()
    first, second = Visitor(), Visitor()
    for one in (first, second):
        sign_in(one, OLD_PASSWORD)
        give(one, code)
    assert first.heading == IN
    assert "a déjà servi" in second.text


def test_after_five_wrong_proofs_the_password_is_asked_again_and_the_owner_is_told__att_69(protected):
    thief = Visitor()
    sign_in(thief, OLD_PASSWORD)
    for _ in range(TRIES_PER_HALF_SIGN_IN):
        give(thief, "000 000")
    assert (thief.status, thief.heading) == (410, "Reprenez la connexion")
    assert "Quelqu’un a donné le bon mot de passe" in news()
    thief.open("/essai/deuxieme-preuve/")
    assert thief.heading == "Se connecter"


def test_what_waits_for_a_second_proof_opens_nothing_and_ends_soon__att_30(protected):
    half = Visitor()
    sign_in(half, OLD_PASSWORD)
    for page in ("mon-compte/", "bienvenue/", "mon-compte/preuves/", "mon-compte/preuves/codes/", "aider/"):
        half.open(f"/essai/{page}")
        assert half.heading == "Se connecter"
    half.open("/essai/deuxieme-preuve/")
    HalfSignInRow.objects.update(expires_at=timezone.now())
    give(half, protected.code())
    assert half.heading == "Se connecter"
    assert timedelta(minutes=10) == HALF_SIGN_IN_LASTS


def test_the_ticket_of_one_portal_is_worth_nothing_on_another__att_36(protected, make_portal):
    half = Visitor()
    sign_in(half, OLD_PASSWORD)
    make_portal("autre")
    half.client.cookies["second-autre"] = half.client.cookies["second-essai"].value
    half.open("/autre/deuxieme-preuve/")
    assert half.heading == "Se connecter"


def test_a_new_password_neither_removes_nor_goes_round_the_second_means__att_49(protected):
    half = Visitor()
    sign_in(half, OLD_PASSWORD)
    anew = Visitor()
    ask(anew)
    anew.open(link_in(received()[0]))
    choose(anew)
    assert anew.heading == "Mot de passe modifié"
    anew.open("/essai/mon-compte/")
    assert anew.heading == "Se connecter"
    sign_in(anew, NEW_PASSWORD)
    assert anew.heading == PROOF
    give(anew, protected.code())
    assert anew.heading == IN
    half.open("/essai/deuxieme-preuve/")
    assert half.heading == "Se connecter", "the old password had opened it"


@pytest.mark.parametrize("seconds", [-60, -30, 0, 30, 60])
def test_a_telephone_whose_clock_is_a_minute_off_opens_each_time_with_its_next_code(home, protected, adelle, seconds):
    """And each of its codes once, though the one before was of another moment than ours."""

    def takes(now: datetime, shown_at: datetime) -> bool:
        return takes_code(home, parts.keys(), str(adelle.pk), typed_code=protected.generator.at(shown_at), now=now)

    now, off = timezone.now(), timedelta(seconds=seconds)
    for _ in range(3):
        assert takes(now, now + off)
        assert not takes(now, now + off)
        now += timedelta(seconds=STEP_SECONDS)


@pytest.mark.parametrize("seconds", [-90, 90])
def test_a_code_of_another_moment_opens_nothing__att_15(home, protected, adelle, seconds):
    now = timezone.now()
    code = protected.generator.at(now + timedelta(seconds=seconds))
    assert not takes_code(home, parts.keys(), str(adelle.pk), typed_code=code, now=now)


def test_our_codes_are_those_of_another_program(protected):
    program = shutil.which("oathtool")
    if program is None:
        missing("oathtool")
    for seconds in (59, 1_111_111_109, 1_234_567_890, 2_000_000_000, int(timezone.now().timestamp())):
        when = f"@{seconds}"
        told = subprocess.run(
            [program, "--totp", "-b", protected.generator.secret, "--now", when],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert told.stdout.strip() == pyotp.TOTP(protected.generator.secret, interval=STEP_SECONDS).at(seconds)


def test_a_code_that_another_program_gives_opens_the_account(protected):
    program = shutil.which("oathtool")
    if program is None:
        missing("oathtool")
    secret = protected.generator.secret
    told = subprocess.run([program, "--totp", "-b", secret], capture_output=True, text=True, check=True)
    anew = Visitor()
    sign_in(anew, OLD_PASSWORD)
    give(anew, told.stdout.strip())
    assert anew.heading == IN


def test_the_wish_to_be_remembered_outlives_the_second_proof(make_portal, adelle, visitor):
    make_portal(sign_in={"remember_me": True})
    sign_in(visitor, OLD_PASSWORD)
    telephone = add_codes(visitor)
    anew = Visitor()
    anew.open("/essai/")
    anew.fill("Identifiant", "adelle.adms")
    anew.fill("Mot de passe", OLD_PASSWORD)
    anew.choose("Se souvenir de moi")
    anew.press("Se connecter")
    give(anew, telephone.code())
    assert 30 * 24 * 3600 - anew.client.cookies["remembered-essai"]["max-age"] < 60


# Recovery codes


def test_ten_recovery_codes_are_shown_once_and_kept_as_digests__att_17(protected, visitor):
    codes = make_codes(visitor)
    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"[a-z3-9]{5} [a-z3-9]{5} [a-z3-9]{5}", code) for code in codes)
    kept = set(RecoveryCodeRow.objects.values_list("digest", flat=True))
    assert not kept & {code.replace(" ", "") for code in codes}
    visitor.open(f"{MEANS}secours/")
    assert codes[0] not in visitor.text
    assert "De nouveaux codes de secours" in news()


def test_recovery_codes_are_downloaded_as_text_and_nothing_else_is(protected, visitor):
    codes = make_codes(visitor)
    visitor.press("Télécharger les codes")
    assert "text/plain" in visitor.headers["Content-Type"]
    assert "attachment" in visitor.headers["Content-Disposition"]
    assert all(code in str(visitor.page) for code in codes)
    answer = visitor.client.post(
        f"{MEANS}secours/fichier/", "codes=abcde+fghjk%0A", content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code == 303


def use_recovery_code(code: str) -> Visitor:
    anew = Visitor()
    sign_in(anew, OLD_PASSWORD)
    anew.fill("Code de secours", code)
    anew.press("Utiliser ce code")
    return anew


def test_a_recovery_code_opens_once(protected, visitor):
    codes = make_codes(visitor)
    assert use_recovery_code(codes[0].upper().replace(" ", "-")).heading == IN
    assert "Un code de secours a servi" in news()
    assert "codes de secours qui restent : 9." in news()
    assert use_recovery_code(codes[0]).heading == PROOF
    assert use_recovery_code(codes[1]).heading == IN


def test_wrong_codes_of_a_whole_day_leave_the_codes_on_paper_their_worth__att_39(protected, visitor, monkeypatch):
    """Whoever knows the password could shut its owner out for the day; nobody guesses a code on paper, or a key."""
    monkeypatch.setattr(second_proof, "SECOND_FACTORS_PER_DAY", replace(SECOND_FACTORS_PER_DAY, times=3))
    codes = make_codes(visitor)
    stranger = Visitor()
    sign_in(stranger, OLD_PASSWORD)
    for _ in range(3):
        give(stranger, "000000")
    assert stranger.status == 429
    owner = Visitor()
    sign_in(owner, OLD_PASSWORD)
    give(owner, protected.code())
    assert owner.status == 429
    assert "un code de secours marchent toujours" in owner.text
    assert use_recovery_code(codes[0]).heading == IN


def test_codes_on_paper_that_a_session_asks_for_as_it_ends_are_not_made__att_49(protected, visitor, monkeypatch):
    hold = recovery_codes.hold_account_and_session

    def ended_before(session) -> bool:
        SessionRow.objects.all().delete()
        return hold(session)

    monkeypatch.setattr(recovery_codes, "hold_account_and_session", ended_before)
    assert make_codes(visitor) == []
    assert visitor.heading == "Se connecter"
    assert not RecoveryCodeRow.objects.exists()


def test_new_recovery_codes_end_the_old_ones__att_12(protected, visitor):
    old, new = make_codes(visitor), make_codes(visitor)
    assert use_recovery_code(old[0]).heading == PROOF
    assert use_recovery_code(new[0]).heading == IN


def test_recovery_codes_of_somebody_else_open_nothing__att_13(protected, visitor):
    codes = make_codes(visitor)
    add_person(identifier="paul.autre", email="paul@example.org")
    other = Visitor()
    sign_in(other, OLD_PASSWORD, "paul.autre")
    add_codes(other)
    make_codes(other)
    anew = Visitor()
    sign_in(anew, OLD_PASSWORD, "paul.autre")
    anew.fill("Code de secours", codes[0])
    anew.press("Utiliser ce code")
    assert anew.heading == PROOF


# Looking after one's means


def test_a_session_left_open_changes_no_means_without_one_of_them__att_49(protected, visitor):
    time_passes(FRESH_PROOF_LASTS)
    visitor.open(MEANS)
    visitor.press("Retirer l’application de codes")
    assert visitor.heading == "Confirmez que c’est vous"
    assert SecondFactorRow.objects.exists()
    visitor.fill("Code à six chiffres", "000000" if protected.code() != "000000" else "111111")
    visitor.press("Continuer")
    assert "Ce code n’est pas le bon" in visitor.text
    visitor.client.post(visitor.address, {"current": OLD_PASSWORD})
    before = visitor.client.cookies["session-essai"].value
    visitor.fill("Code à six chiffres", protected.code())
    visitor.press("Continuer")
    assert visitor.heading == "Second moyen de preuve"
    assert visitor.client.cookies["session-essai"].value != before
    visitor.press("Retirer l’application de codes")
    assert not SecondFactorRow.objects.exists()
    assert not RecoveryCodeRow.objects.exists()
    told = news()
    assert "a été retirée" in told
    assert "C’était le dernier" in told


def test_a_session_that_a_password_alone_opened_ends_when_the_first_means_is_added__att_28(home, visitor):
    thief = Visitor()
    for one in (thief, visitor):
        sign_in(one, OLD_PASSWORD)
    add_codes(visitor)
    visitor.open("/essai/mon-compte/")
    assert visitor.heading == "Mon compte"
    thief.open("/essai/mon-compte/")
    assert thief.heading == "Se connecter"


def test_a_generator_whose_session_has_just_ended_does_not_count__att_28(home, visitor, monkeypatch):
    """A reset closed the session after the page had looked: the telephone may be somebody else's."""
    sign_in(visitor, OLD_PASSWORD)
    monkeypatch.setattr(second_factor, "strengthen_session", lambda *_, **__: False)
    visitor.open(f"{MEANS}codes/")
    telephone = Telephone()
    telephone.add(visitor)
    visitor.fill("Code à six chiffres", telephone.code())
    visitor.press("Ajouter l’application")
    assert "Ce code n’est pas le bon" in visitor.text
    assert SecondFactorRow.objects.get().confirmed_at is None
    assert not AuditRow.objects.filter(event="second_factor_added").exists()
    anew = Visitor()
    sign_in(anew, OLD_PASSWORD)
    assert anew.heading == IN


@pytest.mark.parametrize("page", ["codes/", "secours/"])
def test_nothing_is_added_from_a_session_left_open(protected, visitor, page):
    SecondFactorRow.objects.filter(confirmed_at=None).delete()
    time_passes(FRESH_PROOF_LASTS)
    visitor.open(MEANS + page)
    assert visitor.heading == "Confirmez que c’est vous"


def test_a_helper_adds_nothing_from_a_session_left_open__att_49(home, adelle, visitor):
    grant("essai", str(adelle.pk), Role.OPERATOR, "", "", timezone.now())
    sign_in(visitor, OLD_PASSWORD)
    time_passes(FRESH_PROOF_LASTS)
    visitor.open("/essai/aider/")
    assert visitor.heading == "Confirmez que c’est vous"
    visitor.fill("Mot de passe actuel", OLD_PASSWORD)
    visitor.press("Continuer")
    assert visitor.heading == "Ajouter un second moyen de preuve"


def test_whoever_helps_keeps_one_means(protected, adelle, visitor):
    grant("essai", str(adelle.pk), Role.OPERATOR, "", "", timezone.now())
    visitor.open(MEANS)
    assert "C’est votre seul moyen" in visitor.text
    answer = visitor.client.post(f"{MEANS}retirer/", "codes=1", content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 409
    assert SecondFactorRow.objects.exists()


def test_a_helper_who_gave_the_second_proof_at_sign_in_is_not_asked_again(protected, adelle):
    grant("essai", str(adelle.pk), Role.OPERATOR, "", "", timezone.now())
    anew = Visitor()
    sign_in(anew, OLD_PASSWORD)
    give(anew, protected.code())
    anew.open("/essai/aider/")
    assert anew.heading == "Aider"


def test_where_a_portal_requires_it_nothing_opens_before_a_means_is_added(make_portal, adelle, visitor):
    make_portal(second_factor={"required": True})
    sign_in(visitor, OLD_PASSWORD)
    assert visitor.heading == "Second moyen de preuve"
    for page in ("mon-compte/", "bienvenue/", "mon-compte/preuves/continuer/"):
        visitor.open(f"/essai/{page}")
        assert visitor.heading == "Second moyen de preuve"
    add_codes(visitor)
    visitor.open("/essai/mon-compte/preuves/continuer/")
    assert visitor.heading == IN


def test_an_operator_forgets_all_the_means_and_the_owner_is_told(protected, visitor):
    make_codes(visitor)
    portal = portals()["essai"]
    assert forget_second_factor([(portal, directory_of(portal))], identifier="adelle.adms", now=timezone.now())
    assert not SecondFactorRow.objects.exists()
    assert not RecoveryCodeRow.objects.exists()
    assert "Un exploitant a retiré" in news()
    anew = Visitor()
    sign_in(anew, OLD_PASSWORD)
    assert anew.heading == IN


# Loss


def say_lost() -> Visitor:
    anew = Visitor()
    sign_in(anew, OLD_PASSWORD)
    anew.follow("Je n’ai plus mes moyens")
    anew.press("Signaler la perte")
    return anew


def stop_link() -> str:
    told = next(mail for mail in received() if "/preuves-perdues/" in mail.text)
    return next(word for word in told.text.split() if "/preuves-perdues/" in word)


def make_due(late: timedelta = timedelta(0)) -> None:
    FactorLossRow.objects.update(due_at=timezone.now() - late)


def test_a_loss_is_told_at_once_waits_and_then_the_password_opens_and_new_means_are_offered__att_49(protected):
    lost = say_lost()
    assert "votre mot de passe seul ouvrira alors le compte" in lost.text
    assert FactorLossRow.objects.get().due_at > timezone.now() + timedelta(hours=71)
    assert "a signalé la perte de tous vos moyens de preuve" in news()
    early = Visitor()
    sign_in(early, OLD_PASSWORD)
    assert early.heading == PROOF
    make_due()
    late = Visitor()
    sign_in(late, OLD_PASSWORD)
    assert late.heading == "Second moyen de preuve"
    assert not SecondFactorRow.objects.exists()
    assert SessionRow.objects.get().means == "pwd"
    assert "Le délai est passé" in news()
    assert AuditRow.objects.filter(event="factors_lost").count() == 1


def test_a_new_password_does_not_shorten_the_delay__att_49(protected):
    say_lost()
    due = FactorLossRow.objects.get().due_at
    anew = Visitor()
    ask(anew)
    anew.open(link_in(next(mail for mail in received() if "/r/" in mail.text)))
    choose(anew)
    sign_in(anew, NEW_PASSWORD)
    assert anew.heading == PROOF
    assert FactorLossRow.objects.get().due_at == due


def test_asking_again_begins_nothing_anew(protected):
    say_lost()
    due = FactorLossRow.objects.get().due_at
    again = Visitor()
    sign_in(again, OLD_PASSWORD)
    again.follow("Je n’ai plus mes moyens")
    assert "Votre demande est enregistrée" in again.text
    post(again, "/essai/deuxieme-preuve/perdue/")
    assert FactorLossRow.objects.get().due_at == due


def post(visitor: Visitor, address: str, body: str = "rien="):
    return visitor.client.post(address, body, content_type="application/x-www-form-urlencoded")


def test_the_mail_of_a_loss_stops_it_by_a_button_and_a_look_stops_nothing__att_49__att_10(protected, visitor):
    say_lost()
    owner = Visitor()
    owner.open(stop_link())
    assert owner.heading == "Arrêter cette demande"
    assert FactorLossRow.objects.get().state == "waiting"
    owner.press("Arrêter cette demande")
    assert owner.heading == "La demande est arrêtée"
    make_due()
    thief = Visitor()
    sign_in(thief, OLD_PASSWORD)
    assert thief.heading == PROOF
    visitor.open("/essai/mon-compte/")
    assert visitor.heading == "Se connecter"


def test_a_second_proof_stops_a_loss__att_49(protected):
    say_lost()
    anew = Visitor()
    sign_in(anew, OLD_PASSWORD)
    give(anew, protected.code())
    assert FactorLossRow.objects.get().state == "stopped"
    assert "cette demande est annulée" in news()


def test_a_code_given_in_a_session_stops_a_loss_as_well__att_49(protected, visitor):
    time_passes(FRESH_PROOF_LASTS)
    say_lost()
    visitor.open(f"{MEANS}confirmer/liste/")
    give_again(visitor, protected.code())
    assert visitor.heading == "Second moyen de preuve"
    assert FactorLossRow.objects.get().state == "stopped"
    assert "cette demande est annulée" in news()


def give_again(visitor: Visitor, code: str) -> None:
    visitor.fill("Code à six chiffres", code)
    visitor.press("Continuer")


def test_a_loss_that_nobody_used_does_not_lie_in_wait__att_49(protected):
    say_lost()
    make_due(LOSS_USABLE + timedelta(minutes=1))
    thief = Visitor()
    sign_in(thief, OLD_PASSWORD)
    assert thief.heading == PROOF


@pytest.mark.parametrize("why", ["no address", "helps"])
def test_whoever_cannot_be_warned_or_helps_others_asks_somebody__att_49(protected, adelle, why):
    if why == "helps":
        grant("essai", str(adelle.pk), Role.OPERATOR, "", "", timezone.now())
    else:
        type(adelle).objects.update(email="")
    anew = Visitor()
    sign_in(anew, OLD_PASSWORD)
    anew.follow("Je n’ai plus mes moyens")
    assert "Écrivez à l’assistance" in anew.text
    post(anew, "/essai/deuxieme-preuve/perdue/")
    assert not FactorLossRow.objects.exists()


def test_an_account_that_said_not_me_loses_nothing_by_waiting__att_49(protected, visitor):
    owner = Visitor()
    ask(owner)
    owner.open(link_in(next(mail for mail in received() if "/r/" in mail.text)))
    choose(owner)
    anew = Visitor()
    sign_in(anew, NEW_PASSWORD)
    anew.follow("Je n’ai plus mes moyens")
    anew.press("Signaler la perte")
    letter = next(mail for mail in received() if "/pas-moi/" in mail.text)
    owner.open(next(word for word in letter.text.split() if "/pas-moi/" in word))
    owner.press("Ce n’est pas moi, bloquer le compte")
    assert FactorLossRow.objects.get().state == "stopped"
    make_due()
    sign_in(anew, NEW_PASSWORD)
    assert anew.heading == "Se connecter"


@pytest.mark.parametrize(("days", "left"), [(1, 0), (30, 1)])
def test_not_me_forgets_what_whoever_took_the_account_may_have_added_and_nothing_older__att_49(protected, days, left):
    SecondFactorRow.objects.update(added_at=timezone.now() - timedelta(days=days))
    owner = Visitor()
    ask(owner)
    owner.open(link_in(received()[0]))
    choose(owner)
    letter = next(mail for mail in received() if "/pas-moi/" in mail.text)
    owner.open(next(word for word in letter.text.split() if "/pas-moi/" in word))
    owner.press("Ce n’est pas moi, bloquer le compte")
    assert SecondFactorRow.objects.count() == left


def test_what_is_kept_about_second_means_is_downloaded_with_the_rest(protected, visitor):
    data = visitor.client.get("/essai/mon-compte/donnees/").json()
    assert data["second_means"]["passkeys"] == []
    assert data["second_means"]["codes_since"]


# A code by mail


@pytest.fixture
def by_mail(make_portal, adelle, visitor):
    make_portal(second_factor={"by_mail": True})
    mark_verified("essai", str(adelle.pk), parts.keys().address_digest(adelle.email), timezone.now())
    sign_in(visitor, OLD_PASSWORD)
    add_codes(visitor)
    visitor.open("/essai/mon-compte/")
    visitor.press("Se déconnecter")
    return visitor


def open_by_mail(visitor: Visitor) -> None:
    sign_in(visitor, OLD_PASSWORD)
    visitor.press("Recevoir un code par courriel")
    code = code_in(received()[0])
    visitor.open("/essai/deuxieme-preuve/")
    visitor.fill("Code reçu par courriel", code)
    visitor.press("Vérifier le code reçu")
    assert visitor.heading == IN


def test_a_code_by_mail_opens_in_a_browser_that_is_known_and_is_no_second_factor(by_mail, adelle):
    grant("essai", str(adelle.pk), Role.OPERATOR, "", "", timezone.now())
    open_by_mail(by_mail)
    session = SessionRow.objects.get()
    assert (session.means, session.proven_twice_at) == ("pwd otp", None)
    by_mail.open("/essai/aider/")
    assert by_mail.heading == "Votre code"


def test_a_mailbox_alone_does_not_open_an_account_with_second_means__att_49(by_mail):
    """Whoever reads the mails gets a new password, and no code: their browser is not known."""
    thief = Visitor()
    ask(thief)
    thief.open(link_in(next(mail for mail in received() if "/r/" in mail.text)))
    choose(thief)
    sign_in(thief, NEW_PASSWORD)
    assert thief.heading == PROOF
    assert "par courriel" not in thief.text
    before = len(received())
    post(thief, "/essai/deuxieme-preuve/courriel/")
    assert len(received()) == before


def reset_and_sign_in(visitor: Visitor, password: str) -> None:
    """With the mails of the account, and nothing else of its owner's."""
    ask(visitor)
    visitor.open(link_in(next(mail for mail in received() if "/r/" in mail.text)))
    choose(visitor, password)
    assert visitor.heading == "Mot de passe modifié"
    sign_in(visitor, password)


def test_a_browser_that_a_thief_made_known_does_not_open_by_mail_once_there_are_second_means__att_49(
    make_portal, adelle
):
    """Whoever reads the mails signed in before there were any; its owner came back, and added them."""
    make_portal(second_factor={"by_mail": True})
    mark_verified("essai", str(adelle.pk), parts.keys().address_digest(adelle.email), timezone.now())
    thief, owner = Visitor(), Visitor()
    sign_in(owner, OLD_PASSWORD)
    reset_and_sign_in(thief, "grenouille-verte-17")
    assert thief.heading == IN
    reset_and_sign_in(owner, NEW_PASSWORD)
    add_codes(owner)
    CounterRow.objects.all().delete()
    reset_and_sign_in(thief, "grenouille-verte-18")
    assert thief.heading == PROOF
    assert "par courriel" not in thief.text


def test_a_browser_known_before_the_first_second_means_does_not_open_by_mail__att_49(make_portal, adelle, visitor):
    make_portal(second_factor={"by_mail": True})
    mark_verified("essai", str(adelle.pk), parts.keys().address_digest(adelle.email), timezone.now())
    elsewhere = Visitor()
    sign_in(elsewhere, OLD_PASSWORD)
    sign_in(visitor, OLD_PASSWORD)
    telephone = add_codes(visitor)
    sign_in(elsewhere, OLD_PASSWORD)
    assert elsewhere.heading == PROOF
    assert "par courriel" not in elsewhere.text
    give(elsewhere, telephone.code())
    assert elsewhere.heading == IN
    sign_in(elsewhere, OLD_PASSWORD)
    assert "par courriel" in elsewhere.text, "now it is known by more than a password"


def test_a_reset_from_the_owners_own_browser_leaves_it_known(by_mail):
    ask(by_mail)
    by_mail.open(link_in(next(mail for mail in received() if "/r/" in mail.text)))
    choose(by_mail)
    sign_in(by_mail, NEW_PASSWORD)
    assert "par courriel" in by_mail.text


def test_a_code_by_mail_is_not_offered_unless_the_portal_says_so(protected, adelle, visitor):
    mark_verified("essai", str(adelle.pk), parts.keys().address_digest(adelle.email), timezone.now())
    visitor.open("/essai/mon-compte/")
    visitor.press("Se déconnecter")
    sign_in(visitor, OLD_PASSWORD)
    assert visitor.heading == PROOF
    assert "par courriel" not in visitor.text


def test_what_is_over_is_forgotten_and_what_waits_is_kept(protected):
    say_lost()
    now = timezone.now()
    keep_challenge("d" * 64, portal="essai", purpose="sign_in", owner="o", user_handle="", expires_at=now)
    forget_what_is_over(now)
    assert (ChallengeRow.objects.count(), HalfSignInRow.objects.count()) == (0, 1)
    forget_what_is_over(now + HALF_SIGN_IN_LASTS)
    assert (FactorLossRow.objects.count(), HalfSignInRow.objects.count()) == (1, 0)


# Several at once


@pytest.mark.django_db(transaction=True)
def test_a_recovery_code_used_by_many_at_once_opens_for_one(home, adelle):
    portal, account, now = home, as_account(adelle), timezone.now()
    an_hour = timedelta(hours=1)
    session = open_session("d" * 64, portal="essai", account=account.reference, means="pwd", lasts=an_hour, now=now)
    code = make_recovery_codes(portal, parts.keys(), Person(account, session), origin="", now=now)[0].reveal()
    used = at_once(
        12,
        lambda: spend_recovery_code(portal, parts.keys(), account, typed_code=code, origin="", now=timezone.now()),
    )
    assert sum(used) == 1


@pytest.mark.django_db(transaction=True)
def test_a_code_used_by_many_at_once_opens_for_one(protected, adelle, home):
    code = protected.code()
    used = at_once(5, lambda: takes_code(home, parts.keys(), str(adelle.pk), typed_code=code, now=timezone.now()))
    assert sum(used) == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_wrong_proofs_at_once_five_are_looked_at__att_15(protected):
    half = Visitor()
    sign_in(half, OLD_PASSWORD)
    row = HalfSignInRow.objects.get()
    assert sum(at_once(30, lambda: reserve_second_try(row, TRIES_PER_HALF_SIGN_IN))) == TRIES_PER_HALF_SIGN_IN


@pytest.mark.django_db(transaction=True)
def test_a_challenge_taken_by_many_at_once_is_answered_once(home):
    now = timezone.now()
    keep_challenge("d" * 64, portal="essai", purpose="sign_in", owner="o", user_handle="", expires_at=now + REST)
    taken = at_once(
        12, lambda: take_challenge("d" * 64, portal="essai", purpose="sign_in", owner="o", now=now) is not None
    )
    assert sum(taken) == 1


@pytest.mark.django_db(transaction=True)
def test_a_loss_is_believed_once_or_stopped_never_both__att_49(protected):
    say_lost()
    make_due()
    row = FactorLossRow.objects.get()
    won = at_once(12, lambda: finish_loss(row, "done", timezone.now()))
    assert sum(won) == 1


# Passkeys, before a browser is asked (`tests/walks/test_passkeys.py` has one)


def options(purpose: str, visitor: Visitor | None = None, host: str = "localhost"):
    who = visitor or Visitor()
    return who.client.post(
        f"/essai/cle/options/{purpose}/",
        "rien=",
        content_type="application/x-www-form-urlencoded",
        headers={"host": host},
    )


@pytest.fixture
def on_localhost(settings):
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "localhost"]


def test_the_options_to_sign_in_with_a_passkey_are_the_same_for_everybody__att_05(protected, visitor, on_localhost):
    known, unknown = options("sign_in", visitor).json(), options("sign_in").json()
    assert known.pop("challenge") != unknown.pop("challenge")
    assert known == unknown
    assert known["rpId"] == "localhost"
    assert known["userVerification"] == "required"
    assert not known.get("allowCredentials")


@pytest.mark.parametrize("purpose", ["create", "second_proof", "again", "autre"])
def test_other_options_are_given_to_nobody_who_has_shown_nothing(home, on_localhost, purpose):
    assert options(purpose).status_code == 403


def test_where_a_portal_offers_no_passkeys_none_is_made_nor_signs_in_alone(make_portal, adelle, visitor, on_localhost):
    make_portal(second_factor={"passkeys": False})
    visitor.client.defaults["HTTP_HOST"] = "localhost"
    sign_in(visitor, OLD_PASSWORD)
    assert options("sign_in", visitor).status_code == 403
    assert options("create", visitor).status_code == 403
    visitor.open(f"{MEANS}cle/")
    assert visitor.heading == "Second moyen de preuve"
    assert "Ajouter une clé d’accès" not in visitor.text


def test_the_options_to_make_a_passkey_are_given_just_after_signing_in(home, visitor, on_localhost):
    sign_in(visitor, OLD_PASSWORD)
    given = options("create", visitor).json()
    assert given["rp"] == {"name": "Essai", "id": "localhost"}
    assert given["user"]["name"] == "adelle.adms"
    assert given["authenticatorSelection"]["userVerification"] == "required"
    time_passes(FRESH_PROOF_LASTS)
    assert options("create", visitor).status_code == 403


def test_at_a_number_no_passkey_is_offered_and_the_page_says_where_they_are(protected, visitor, settings):
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "localhost", "127.0.0.1"]
    assert options("sign_in", host="127.0.0.1").status_code == 403
    visitor.client.defaults["HTTP_HOST"] = "127.0.0.1"
    visitor.open(MEANS)
    assert "http://localhost/essai/mon-compte/preuves/" in visitor.text


def test_an_answer_that_is_no_passkeys_is_refused_with_a_sentence(home, on_localhost, visitor):
    visitor.client.defaults["HTTP_HOST"] = "localhost"
    options("sign_in", visitor)
    for answer in ("", "{}", "null", "[1]", "%7B%22id%22%3A1%7D", "x" * 3000):
        refused = visitor.client.post(
            "/essai/cle/", f"answer={answer}", content_type="application/x-www-form-urlencoded"
        )
        assert refused.status_code == 200
        assert "n’a pas pu être vérifiée" in plain(refused.content.decode())


def test_password_managers_find_the_pages_of_passkeys_where_there_is_one_portal(make_portal, visitor, settings):
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "compte.example.org"]
    visitor.client.defaults["HTTP_HOST"] = "compte.example.org"
    assert visitor.client.get("/.well-known/passkey-endpoints").status_code == 404
    make_portal(hosts=["compte.example.org"])
    answer = visitor.client.get("/.well-known/passkey-endpoints")
    assert answer.json() == {
        "enroll": "http://compte.example.org/essai/mon-compte/preuves/cle/",
        "manage": "http://compte.example.org/essai/mon-compte/preuves/",
    }


def test_password_managers_find_where_to_change_a_password(make_portal, visitor, settings):
    """And that what is not there is said not to be (W3C, response code reliability)."""
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "compte.example.org"]
    visitor.client.defaults["HTTP_HOST"] = "compte.example.org"
    address = "/.well-known/change-password"
    assert visitor.client.get(address).status_code == 404
    make_portal(hosts=["compte.example.org"])
    assert visitor.client.get(address).status_code == 303
    visitor.open(address)
    assert (visitor.status, visitor.heading) == (200, "Se connecter")
    odd = "/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200"
    assert visitor.client.get(odd).status_code == 404


@pytest.mark.parametrize("page", ["codes/", "secours/", "cle/"])
def test_a_mailbox_and_a_password_add_no_means_beside_those_there_are__att_49(by_mail, adelle, page):
    """Whoever took the mailbox has the password by a reset; a mailed code opens, and shows no second means."""
    open_by_mail(by_mail)
    by_mail.open(f"{MEANS}{page}")
    if page == "cle/":  # there is none to add on an address of numbers
        assert by_mail.client.post("/essai/cle/options/create/").status_code != 200
        return
    assert by_mail.heading == "Confirmez que c’est vous"
    assert not by_mail.page.find(id="id_current"), "the password is not asked: it would prove nothing more"


def test_a_remembered_browser_adds_no_means_by_the_password_alone__att_49(protected, visitor):
    SessionRow.objects.update(proven_twice_at=None)
    visitor.open(f"{MEANS}secours/")
    assert visitor.heading == "Confirmez que c’est vous"
    visitor.client.post(visitor.address, {"current": OLD_PASSWORD})
    visitor.open(f"{MEANS}secours/")
    assert visitor.heading == "Confirmez que c’est vous"


def sees_the_means(session: str) -> tuple[Visitor, str]:
    """And the token of the page's forms."""
    other = Visitor()
    other.client.cookies["session-essai"] = session
    other.open(MEANS)
    return other, other.page.find("input", attrs={"name": "csrfmiddlewaretoken"})["value"]


@pytest.mark.django_db(transaction=True)
def test_of_two_means_taken_away_at_once_one_stays_where_one_must(make_portal, adelle, visitor):
    portal = make_portal(second_factor={"required": True})
    sign_in(visitor, OLD_PASSWORD)
    add_codes(visitor)
    key = PasskeyRow.objects.create(
        portal=portal.slug, account=str(adelle.pk), credential="x", rp_id="localhost", public_key=b"x",
        user_handle="x", name="Clé", added_at=timezone.now(),
    )  # fmt: skip
    session = visitor.client.cookies["session-essai"].value
    forms = [sees_the_means(session), sees_the_means(session)]  # both, before either is sent

    def take_away(what: dict[str, str]) -> None:
        other, token = forms.pop()
        body = urlencode({**what, "csrfmiddlewaretoken": token})
        other.client.post(f"{MEANS}retirer/", body, content_type=FORM)

    wishes = iter([{"codes": "1"}, {"passkey": str(key.pk)}])
    at_once(2, lambda: take_away(next(wishes)))
    assert PasskeyRow.objects.count() + SecondFactorRow.objects.count() == 1


# For an application


@pytest.fixture
def app(make_portal, adelle) -> Application:
    make_portal(application=[APPLICATION])
    return Application()


def test_the_way_back_to_an_application_survives_the_second_proof_and_it_is_told_of_two(app, visitor):
    visitor.open("/essai/")
    sign_in(visitor, OLD_PASSWORD)
    telephone = add_codes(visitor)
    anew = Visitor()
    anew.open(app.address(acr_values=TWO_FACTORS))
    sign_in_for(anew, OLD_PASSWORD)
    assert anew.heading == PROOF
    assert "Pour continuer vers L’application" in anew.page.get_text(" ", strip=True)
    give(anew, telephone.code())
    claims = app.claims(app.tokens(anew))
    assert claims["acr"] == TWO_FACTORS
    assert claims["amr"] == ["pwd", "otp", "mfa"]


def test_an_application_that_wishes_for_two_proofs_has_a_resumed_session_show_both(app, visitor):
    visitor.open("/essai/")
    sign_in(visitor, OLD_PASSWORD)
    add_codes(visitor)
    SessionRow.objects.update(proven_twice_at=None)
    visitor.open(app.address(acr_values=TWO_FACTORS))
    assert visitor.heading == "Se connecter"
    visitor.open(app.address(prompt="none", acr_values=TWO_FACTORS))
    assert app.came_back(visitor)["error"] == "login_required"


def test_where_a_second_means_is_required_nobody_enters_an_application_before_adding_one(make_portal, adelle, visitor):
    make_portal(application=[APPLICATION], second_factor={"required": True})
    app = Application()
    visitor.open(app.address())
    sign_in_for(visitor, OLD_PASSWORD)
    assert urlsplit(visitor.address).path == MEANS
    visitor.open(app.address(prompt="none"))
    assert app.came_back(visitor)["error"] == "interaction_required"
    visitor.open(app.address())
    assert urlsplit(visitor.address).path == MEANS
    add_codes(visitor)
    visitor.open("/essai/mon-compte/preuves/continuer/")
    assert app.claims(app.tokens(visitor))["sub"]
