"""Nothing that leaves the server tells whether there is an account: status, headers, cookies, bytes."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import pytest

from retrouve.messages.relay import Relay, TryLater
from retrouve.records.models import AccountRow
from retrouve.records.requests import end_requests_of
from retrouve.wiring import parts
from retrouve.wiring.work import do_due_work
from tests.attack.cast import STATES, Attacker, asked, forget_counts, person
from tests.visitor import FORM, Visitor
from tests.web.conftest import OLD_PASSWORD, add_person, code_in, link_in, received

pytestmark = [pytest.mark.django_db, pytest.mark.store]

VARYING = re.compile(r'(name="csrfmiddlewaretoken" value=")[^"]+|eleve001|inconnu1')
LINK = re.compile(r"/r/")


def seen(answer: Any) -> dict[str, Any]:
    """All that a browser is given, but for what differs at each visit anyway."""
    cookies = {
        name: (len(cookie.value), {key: cookie[key] for key in ("max-age", "path", "samesite", "httponly")})
        for name, cookie in answer.cookies.items()
    }
    body = VARYING.sub(r"\1", answer.content.decode())
    headers = dict(answer.headers)
    if "Retry-After" in headers:  # as the page says it: the seconds are those that the test took
        headers["Retry-After"] = f"{math.ceil(int(headers['Retry-After']) / 60)} min"
    return {"status": answer.status_code, "headers": headers, "cookies": cookies, "body": body}


def asking(identifier: str) -> list[Any]:
    attacker = Attacker()
    first = attacker.ask(identifier)
    return [first, attacker.get("code/"), attacker.get("envoye/")]


def asking_too_often(identifier: str) -> list[Any]:
    return [Attacker().ask(identifier) for _ in range(5)]


def typing_codes(identifier: str) -> list[Any]:
    with asked(identifier) as attacker:
        return [*(attacker.type_code() for _ in range(7)), attacker.get("code/")]


def using_up_the_days_codes(identifier: str) -> list[Any]:
    answers = []
    for _ in range(3):
        with asked(identifier) as attacker:
            answers += [attacker.type_code() for _ in range(5)]
    return answers


def asking_again(identifier: str) -> list[Any]:
    with asked(identifier) as attacker:
        return [attacker.resend(), attacker.resend(), attacker.get("code/")]


def signing_in(identifier: str) -> list[Any]:
    return [Attacker().sign_in(identifier) for _ in range(7)]


def opening_the_password_page(identifier: str) -> list[Any]:
    with asked(identifier) as attacker:
        return [attacker.get("nouveau-mot-de-passe/"), attacker.get("patientez/"), attacker.get("reussite/")]


STEPS: list[tuple[Callable[[str], list[Any]], str]] = [
    (asking, "att_01"),
    (asking_too_often, "att_02"),
    (typing_codes, "att_02"),
    (using_up_the_days_codes, "att_02"),
    (asking_again, "att_02"),
    (signing_in, "att_03"),
    (opening_the_password_page, "att_08"),
]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("step", [step for step, _ in STEPS], ids=[f"{case}-{step.__name__}" for step, case in STEPS])
def test_every_step_answers_everybody_alike__att_01__att_02__att_03__att_08(make_portal, step, state):
    make_portal(recovery={"proof": "code"})
    known = [seen(answer) for answer in step(person(state, "eleve001"))]
    forget_counts()
    assert known == [seen(answer) for answer in step("inconnu1")]


def going_on_after(attacker: Attacker) -> list[Any]:
    """All that a browser which asked can do while it waits, whatever its request has become."""
    return [
        attacker.get("code/"),
        attacker.type_code(),
        attacker.resend(),
        attacker.get("code/?envoye"),
        *(attacker.type_code() for _ in range(5)),
        attacker.get("code/"),
        attacker.resend(),
    ]


def owner_follows_the_link(row: AccountRow) -> None:
    owner = Visitor()
    owner.open(link_in(received()[0]))
    owner.fill("Nouveau mot de passe", "lanterne-bleue-42")
    owner.fill("Confirmer le mot de passe", "lanterne-bleue-42")
    owner.press("Modifier le mot de passe")
    assert owner.heading == "Mot de passe modifié"


def owner_recovers_by_herself(row: AccountRow) -> None:
    Attacker().ask(row.identifier)
    owner_follows_the_link(row)


def owner_says_not_me(row: AccountRow) -> None:
    owner_recovers_by_herself(row)
    owner = Visitor()
    letter = next(mail for mail in received() if "/pas-moi/" in mail.text)
    owner.open(next(word for word in letter.text.split() if "/pas-moi/" in word))
    owner.press("Ce n’est pas moi, bloquer le compte")


def owner_opens_the_link_and_gives_up(row: AccountRow) -> None:
    owner = Visitor()
    owner.open(link_in(received()[0]))
    owner.client.post("/essai/annuler/", "", content_type=FORM)


def owner_has_another_address(row: AccountRow) -> None:
    end_requests_of(str(row.pk))
    AccountRow.objects.filter(pk=row.pk).update(email="nouvelle@example.org", email_key="nouvelle@example.org")


def account_is_closed(row: AccountRow) -> None:
    end_requests_of(str(row.pk))
    row.delete()


ENDS = [
    owner_follows_the_link,
    owner_recovers_by_herself,
    owner_says_not_me,
    owner_opens_the_link_and_gives_up,
    owner_has_another_address,
    account_is_closed,
]


@pytest.mark.parametrize("ends", ENDS)
def test_a_browser_that_asked_does_not_learn_what_its_request_has_become__att_01__att_02(make_portal, ends):
    """A name that nobody has waits for its code until the request is forgotten: so does any other."""
    make_portal(recovery={"proof": "both"})
    attacker, stranger = Attacker(), Attacker()
    attacker.ask(person("active", "eleve001"))
    stranger.ask("inconnu1")
    ends(AccountRow.objects.get(identifier="eleve001"))
    told = len(received())
    forget_counts()
    known = [seen(answer) for answer in going_on_after(attacker)]
    assert len(received()) == told, "a request that is over sends nothing"
    forget_counts()
    assert known == [seen(answer) for answer in going_on_after(stranger)]


def test_the_code_of_a_request_that_ended_elsewhere_is_a_wrong_one__att_12(make_portal):
    make_portal(recovery={"proof": "both"})
    attacker = Attacker()
    attacker.ask(person("active", "eleve001"))
    code = code_in(received()[0])
    owner_follows_the_link(AccountRow.objects.get())
    assert "n’est pas valable ou a expiré" in attacker.type_code(code).content.decode()


def test_a_browser_that_proved_itself_is_led_to_the_start(make_portal):
    make_portal(recovery={"proof": "both"})
    owner = Attacker()
    owner.ask(person("active", "eleve001"))
    assert owner.type_code(code_in(received()[0]))["Location"] == "/essai/nouveau-mot-de-passe/"
    for answer in (owner.get("code/"), owner.type_code(), owner.resend()):
        assert (answer.status_code, answer["Location"]) == (303, "/essai/oubli/")


def test_a_right_password_that_opens_nothing_is_answered_as_a_wrong_one__att_03(make_portal):
    make_portal()
    wrong = seen(Attacker().sign_in("inconnu1", OLD_PASSWORD))
    for state in ("disabled", "not_activated", "frozen"):
        forget_counts()
        assert (
            seen(Attacker().sign_in(person(state, f"eleve{STATES.index(state):03}"), OLD_PASSWORD))["body"].replace(
                f"eleve{STATES.index(state):03}", ""
            )
            == wrong["body"]
        )


def test_an_address_that_several_share_is_answered_as_nobodys__att_04(make_portal):
    """Which is how somebody asks for a forgotten identifier: the mail tells them all."""
    make_portal(recovery={"identify_by": "all_of", "fields": ["email"]})
    for identifier in ("adelle.adms", "adelle.ecole"):
        add_person(identifier=identifier, email="famille@example.org")

    def asking_by_address(address: str) -> list[Any]:
        attacker = Attacker()
        return [seen(attacker.post("oubli/", email=address)), seen(attacker.get("envoye/"))]

    shared = asking_by_address("famille@example.org")
    assert len(received()) == 1
    assert shared == asking_by_address("personne@example.org")


def test_no_name_address_or_institution_is_shown_before_the_proof__att_08(make_portal):
    make_portal(recovery={"proof": "code"})
    person("active", "eleve001")
    for answer in (*asking("eleve001"), *typing_codes("eleve001"), *signing_in("eleve001")):
        for fact in ("Adelle", "Adms", "@example.org", "e...", "e…"):
            assert fact not in answer.content.decode()


def test_a_relay_that_hangs_is_not_waited_for_by_any_page__att_09(make_portal, monkeypatch):
    """Pages never speak to the relay: were one to, this would fail."""
    make_portal(recovery={"proof": "code"})
    monkeypatch.setattr(Relay, "send", lambda *_: pytest.fail("a page waits for the relay"))
    asking(person("active", "eleve001"))
    asking_again("eleve001")


def test_mail_that_cannot_leave_changes_no_answer__att_76(make_portal, monkeypatch):
    make_portal()
    usual = seen(Attacker().ask("inconnu1"))

    class Refusing:
        def send(self, *_: object) -> TryLater:
            return TryLater("relay unwilling: 452 4.3.1")

    monkeypatch.setattr(parts, "relay", Refusing)
    person("active", "eleve001")
    assert seen(Attacker().ask("eleve001")) == usual
    while do_due_work():
        pass
    assert seen(Attacker().ask("eleve001")) == usual


def test_a_sentence_planted_for_known_accounts_is_found(make_portal, monkeypatch):
    make_portal()
    sentences = iter(["Mot de passe faux.", "Compte inconnu."])
    monkeypatch.setattr("retrouve.web.views.sign_in.wrong_pair", lambda: next(sentences))
    known = seen(Attacker().sign_in(person("active", "eleve001")))
    assert known != seen(Attacker().sign_in("inconnu1"))


def test_only_the_owner_learns_anything_and_by_mail(make_portal):
    make_portal()
    for state in STATES:
        Attacker().ask(person(state, f"eleve{STATES.index(state):03}"))
    letters = {str(mail.to): mail.text for mail in received()}
    # The active account's link, the one that activates another, why a legacy one gets none, the frozen one's notice.
    assert len(letters) == 4
    assert sum(bool(LINK.search(text)) for text in letters.values()) == 2
