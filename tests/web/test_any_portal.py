"""Any portal that a file can describe can be walked, from the sign-in page to the sign-in with the new password.

Hypothesis writes the files: all valid combinations of their options, and not only the four that are shipped.
"""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retrouve.domain.account import Account
from retrouve.domain.phrases import Phrase
from retrouve.domain.portal import FactName, HelpKind, LeadsTo, Portal, SignInLink
from retrouve.domain.secret import Secret
from retrouve.messages.sentences import countries, fact_label
from retrouve.messages.wording import phrase
from retrouve.records.accounts import add_account
from retrouve.wiring import parts
from tests.visitor import Visitor
from tests.web.conftest import OLD_PASSWORD, code_in, link_in, received

pytestmark = [pytest.mark.django_db, pytest.mark.store, pytest.mark.usefixtures("quick_hashes")]

FACTS = [name.value for name in FactName]
KINDS = [{"value": "entreprise", "label": "Entreprise"}, {"value": "ecole", "label": "École"}]
NEW_PASSWORD = "Lanterne7 bleue & Tournesol vert"
numbers = count()


def subsets(values: list[str], *, at_least: int = 0) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), unique=True, min_size=at_least)


@st.composite
def recoveries(draw: st.DrawFn) -> dict[str, Any]:
    identify_by = draw(st.sampled_from(["all_of", "one_of"]))
    lookups = draw(subsets(["username", "email"], at_least=1))
    others = draw(subsets(["first_name", "last_name", "country", "kind"])) if identify_by == "all_of" else []
    return {
        "identify_by": identify_by,
        "fields": lookups + others,
        "proof": draw(st.sampled_from(["code", "link", "both"])),
        "code_shape": draw(st.sampled_from(["digits", "letters"])),
        "ask_again": draw(subsets(FACTS)),
        "mail_shows_account": draw(st.booleans()),
    }


passwords = st.fixed_dictionaries(
    {
        "min_length": st.integers(1, 20),
        "require": subsets(["lower", "upper", "letter", "digit", "special"]),
        "confirm": st.booleans(),
        "offer_generated": st.booleans(),
        "show_strength": st.booleans(),
        "reset_button": st.booleans(),
        "cancel": st.booleans(),
        "rule_style": st.sampled_from(["short", "sentence"]),
    }
)


@st.composite
def portals(draw: st.DrawFn) -> dict[str, Any]:
    helped = draw(st.booleans())
    tables: dict[str, Any] = {
        "languages": draw(st.sampled_from([["fr"], ["fr", "en"]])),
        "mark_required": draw(st.booleans()),
        "sign_in": {
            "identifier": draw(st.sampled_from(["username", "email", "either"])),
            "links": ["help"] if helped else ["recover"],
            "remember_me": draw(st.booleans()),
            "choose_language": draw(st.booleans()),
        },
        "recovery": draw(recoveries()),
        "password": draw(passwords),
        "completion": {
            "wait_page": draw(st.booleans()),
            "show": draw(subsets(["identifier", "email"])),
            **draw(st.sampled_from([{}, {"redirect_after": "5s"}])),
        },
        "facts": {"kind": {"choices": KINDS, "default": "entreprise"}, "country": {"default": "BE"}},
        "look": {"header": draw(st.sampled_from(["band", "rule", "centred", "corner"]))},
    }
    if helped:
        tables["help"] = [{"kind": "text", "title": "Rien"}, {"kind": "recover", "title": "Mot de passe perdu ?"}]
    elif draw(st.booleans()):
        population: dict[str, Any] = {"slug": "agents", "label": "Je suis un agent", "leads_to": "accounts"}
        population |= draw(st.sampled_from([{}, {"password": {"min_length": 4}}]))
        if draw(st.booleans()):
            population["recovery"] = draw(recoveries())
        tables["audience"] = [{"slug": "aide", "label": "J’ai besoin d’aide", "leads_to": "support"}, population]
    return tables


FIFTH = {
    "sign_in": {"identifier": "username", "links": ["recover"]},
    "recovery": {
        "identify_by": "all_of",
        "fields": ["username"],
        "proof": "both",
        "ask_again": ["email", "country", "kind"],
    },
    "completion": {"redirect_after": "5s", "wait_page": True},
    "facts": {"kind": {"choices": KINDS, "default": "entreprise"}},
    "audience": [
        {"slug": "eleves", "label": "Je suis un élève", "leads_to": "accounts"},
        {"slug": "agents", "label": "Je suis un agent", "leads_to": "accounts", "password": {"min_length": 16}},
    ],
}


def test_a_fifth_portal_that_mixes_their_options_just_works(make_portal):
    walk(make_portal("cinquieme", **FIFTH), proof="code")
    walk(make_portal("cinquieme", **FIFTH), proof="link")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tables=portals(), proof=st.sampled_from(["code", "link"]), offered=st.booleans())
def test_any_portal_can_be_walked(make_portal, tables, proof, offered):
    walk(make_portal(f"portail-{next(numbers)}", **tables), proof=proof, offered=offered)


def walk(portal: Portal, *, proof: str, offered: bool = False) -> None:
    number = next(numbers)
    person = Account(
        reference="",
        identifier=f"camille.martin{number}",
        email=f"camille.martin{number}@example.org",
        first_name="Marie-Hélène",
        last_name="Roy",
        country="BE",
        kind="ecole",
    )
    met = population(portal)
    add_account(portal.slug, person, audience=met.audience, password=parts.hashing().encode(Secret(OLD_PASSWORD)))
    visitor = Visitor()
    open_recovery(visitor, portal)
    say_who(visitor, met, person)
    prove(visitor, met, proof)
    password = choose(visitor, met, person, offered=offered)
    finish(visitor, met)
    identifier = person.email if portal.sign_in.identifier.value == "email" else person.identifier
    assert try_to_sign_in(visitor, portal, identifier, OLD_PASSWORD) != "Vous êtes connecté"
    assert try_to_sign_in(visitor, portal, identifier, password) == "Vous êtes connecté"


def population(portal: Portal) -> Portal:
    with_accounts = [audience for audience in portal.audiences if audience.leads_to is LeadsTo.ACCOUNTS]
    return portal.for_audience(with_accounts[-1]) if with_accounts else portal


def looked_at(visitor: Visitor, portal: Portal) -> None:
    """What holds of every page that a person sees."""
    assert visitor.status == 200, visitor.text
    assert len(visitor.page.find_all("h1")) == 1
    assert visitor.title.endswith(f"- {portal.name}")
    assert visitor.page.html["lang"] in portal.languages
    assert "None" not in visitor.text
    assert "{" not in visitor.text


def say(portal: Portal, name: Phrase) -> str:
    return " ".join(phrase(portal, name, "fr").split())


def open_recovery(visitor: Visitor, portal: Portal) -> None:
    visitor.open(f"/{portal.slug}/")
    looked_at(visitor, portal)
    by_help = SignInLink.HELP in portal.sign_in.links
    visitor.follow(say(portal, Phrase.HELP_LINK if by_help else Phrase.FORGOT_LINK))
    looked_at(visitor, portal)
    if portal.audiences:
        label = population(portal).audience_named(population(portal).audience).label.in_language("fr")
        visitor.open(next(str(a["href"]) for a in visitor.page.find_all("a") if label in a.get_text()))
        looked_at(visitor, portal)


def say_who(visitor: Visitor, portal: Portal, person: Account) -> None:
    fields = portal.recovery.fields
    if portal.recovery.identify_by.value == "one_of" and len(fields) > 1:
        chosen = fields[-1]
        visitor.choose(fact_label(portal, chosen, "fr"))
        visitor.filled["value"] = person.fact(chosen)
    else:
        fill_facts(visitor, portal, person, fields)
    if any(section.kind is HelpKind.RECOVER for section in portal.help):
        visitor.filled["section"] = "1"
    visitor.press(say(portal, Phrase.ASK_BUTTON))
    looked_at(visitor, portal)


def fill_facts(visitor: Visitor, portal: Portal, person: Account, names: tuple[FactName, ...]) -> None:
    for name in names:
        label = fact_label(portal, name, "fr")
        if name is FactName.COUNTRY:
            visitor.choose(dict(countries("fr", "BE"))[person.country])
        elif name is FactName.KIND:
            visitor.choose("École")
        else:
            visitor.fill(label, person.fact(name))


def prove(visitor: Visitor, portal: Portal, proof: str) -> None:
    mail = received()[0]
    if portal.recovery.by_code and (proof == "code" or not portal.recovery.by_link):
        visitor.fill("Code de sécurité", code_in(mail))
        visitor.press("Vérifier le code")
    else:
        visitor.open(link_in(mail))
    looked_at(visitor, portal)


def choose(visitor: Visitor, portal: Portal, person: Account, *, offered: bool) -> str:
    fill_facts(visitor, portal, person, portal.recovery.ask_again)
    radio = visitor.page.find("input", attrs={"name": "offered"})
    if offered and radio:
        password = str(radio["value"])
        visitor.filled["offered"] = password
    else:
        password = NEW_PASSWORD
        visitor.fill(say(portal, Phrase.NEW_PASSWORD_LABEL), password)
        if portal.password_page.confirm:
            visitor.fill(say(portal, Phrase.CONFIRM_LABEL), password)
    visitor.press(say(portal, Phrase.NEW_PASSWORD_BUTTON))
    looked_at(visitor, portal)
    return password


def finish(visitor: Visitor, portal: Portal) -> None:
    if portal.completion.wait_page:
        assert visitor.heading == say(portal, Phrase.WAIT_TITLE)
        received()
        visitor.follow("Actualiser")
        looked_at(visitor, portal)
    assert visitor.heading == say(portal, Phrase.RESULT_TITLE)
    assert ("c..." in visitor.text) == bool(portal.completion.show)


def try_to_sign_in(visitor: Visitor, portal: Portal, identifier: str, password: str) -> str:
    visitor.open(f"/{portal.slug}/")
    visitor.fill(say(portal, Phrase.IDENTIFIER_LABEL), identifier)
    visitor.fill("Mot de passe", password)
    visitor.press(say(portal, Phrase.SIGN_IN_BUTTON))
    looked_at(visitor, portal)
    return visitor.heading
