"""What changed since: AAF deltas after a complete delivery, and lists of guardians after the first one."""

from __future__ import annotations

from io import BytesIO

import pytest

from retrouve.domain.delegation import Role
from retrouve.files.aaf import read_aaf
from retrouve.files.csv_lists import read_csv
from retrouve.files.people import InstitutionLine
from retrouve.journeys import guardian_links
from retrouve.journeys import import_people as journey
from retrouve.journeys.import_people import Outcome
from retrouve.records.helpers import grant
from retrouve.records.models import AccountRow, InstitutionRow
from tests.visitor import Visitor
from tests.web.conftest import received
from tests.web.test_import import NOW, aaf, counts, line, run, take
from tests.web.test_life import only_link
from tests.web.test_recovery import ask

pytestmark = [pytest.mark.django_db, pytest.mark.store]

SCHOOL = aaf(
    "add", "EtabEducNat", "7001",
    ENTStructureJointure="7001", ENTStructureUAI="0801234A", ENTStructureNomCourant="Lycée inventé",
)  # fmt: skip
ZOE = aaf(
    "add", "Eleve", "42",
    ENTPersonJointure="42", sn="Inventée", givenName="Zoë", mail="zoe@example.org", ENTPersonDateNaissance="31/12/2010",
    ENTPersonStructRattach="7001", ENTEleveClasses="7001$3EME1", ENTElevePersRelEleve="201$1$1$1$1$0",
)  # fmt: skip


def deliver(portal, *requests: str, **wishes: bool) -> tuple[Outcome, list[str]]:
    files = [(f"ENT_{number}.xml", BytesIO(request.encode())) for number, request in enumerate(requests)]
    outcome, told = run(portal, read_aaf(files), **wishes)
    return outcome, [said.code for said in told]


def modify(key: str = "42", kind: str = "Eleve", **attributes: str) -> str:
    return aaf("modify", kind, key, **attributes)


@pytest.fixture
def portal(make_portal):
    return make_portal(recovery={"guardian_approves": True}, activation={})


@pytest.fixture
def zoe(portal) -> AccountRow:
    deliver(portal, SCHOOL, ZOE)
    return AccountRow.objects.get()


# Institutions, by the key that AAF gives them


def test_a_class_that_changes_is_of_the_pupils_own_school(portal, zoe):
    assert counts(deliver(portal, modify(ENTEleveClasses="7001$3EME2"))[0]) == (0, 1, 0, 0)
    zoe.refresh_from_db()
    assert (zoe.institution, zoe.classes) == ("0801234A", "|3EME2|")
    assert counts(deliver(portal, modify(ENTEleveClasses="7001$3EME2"))[0]) == (0, 0, 1, 0)


def test_a_class_of_another_school_is_not_taken_for_one_of_this_school(portal, zoe):
    deliver(portal, modify(ENTEleveClasses="7002$LATIN"))
    zoe.refresh_from_db()
    assert zoe.classes == "|7002$LATIN|"


def test_a_delta_without_its_institutions_names_those_of_the_last_delivery(portal, zoe):
    new = aaf("add", "Eleve", "43", sn="Neuf", givenName="Max", ENTPersonStructRattach="7001", ENTEleveClasses="7001$A")
    deliver(portal, modify(ENTPersonStructRattach="7001", ENTEleveClasses="7001$3EME2"), new)
    told = AccountRow.objects.order_by("pk").values_list("institution", "classes")
    assert list(told) == [("0801234A", "|3EME2|"), ("0801234A", "|A|")]
    assert [row.code for row in InstitutionRow.objects.all()] == ["0801234A"]


def test_a_school_that_changes_its_name_keeps_its_code(portal, zoe):
    deliver(portal, modify("7001", "EtabEducNat", ENTStructureNomCourant="Lycée renommé"))
    assert list(InstitutionRow.objects.values_list("code", "name")) == [("0801234A", "Lycée renommé")]
    deliver(portal, modify("7001", "EtabEducNat", ENTStructureEmail="lycee@example.org"))
    assert list(InstitutionRow.objects.values_list("code", "name")) == [("0801234A", "Lycée renommé")]


def test_a_school_without_a_name_is_still_found_by_its_key(portal):
    deliver(portal, aaf("add", "EtabEducNat", "7001", ENTStructureUAI="0801234A"))
    deliver(portal, ZOE)
    assert AccountRow.objects.get().institution == "0801234A"


def test_a_dry_run_of_a_delivery_keeps_no_key(portal):
    deliver(portal, SCHOOL, ZOE, dry_run=True)
    assert not InstitutionRow.objects.exists()


def test_a_school_that_is_deleted_is_told_and_nothing_goes_with_it(portal, zoe):
    gone = aaf("delete", "EtabEducNat", "7001")
    outcome, told = deliver(portal, gone, modify(ENTPersonStructRattach="7001", ENTEleveClasses="7001$3EME2"))
    assert (outcome.refused, told) == (0, ["institution_gone"])
    zoe.refresh_from_db()
    assert (zoe.institution, zoe.classes, zoe.departed_at) == ("0801234A", "|3EME2|", None)
    assert InstitutionRow.objects.count() == 1


def test_a_school_whose_code_does_not_fit_is_refused(portal):
    lines = [InstitutionLine(1, "7001", "U" * 65, "Lycée"), InstitutionLine(2, "k" * 101, "A", "L")]
    outcome, told = run(portal, lines)
    assert (outcome.refused, {said.code for said in told}) == (2, {"too_long_for_us"})
    assert not InstitutionRow.objects.exists()


def test_the_report_names_the_school_that_is_gone_and_its_file(portal, zoe):
    _, report = take(portal, ("ENT_Delta_EtabEducNat.xml", aaf("delete", "EtabEducNat", "7001").encode()))
    (told,) = report.splitlines()[1:]
    assert told.startswith(
        "EtabEducNat;7001;;;ENT_Delta_EtabEducNat.xml;2;À savoir;L’établissement 0801234A est retiré"
    )


# What was emptied


def test_what_a_delta_empties_is_empty_and_the_rest_stays(portal, zoe):
    deliver(portal, modify(ENTElevePersRelEleve="", mail=""))
    zoe.refresh_from_db()
    assert (zoe.guardians, zoe.email, zoe.email_key, zoe.classes) == ("", "", "", "|3EME1|")
    deliver(portal, modify(ENTEleveClasses="", ENTPersonDateNaissance="", sn="", ENTPersonStructRattach=""))
    zoe.refresh_from_db()
    assert (zoe.classes, zoe.birth_date) == ("", None)
    assert (zoe.last_name, zoe.institution) == ("Inventée", "0801234A"), "nobody is left without a name or a place"


def test_a_delta_takes_nobodys_address_away_that_they_use(portal, zoe):
    AccountRow.objects.update(state="active")
    deliver(portal, modify(mail=""))
    zoe.refresh_from_db()
    assert (zoe.email, zoe.email_key) == ("zoe@example.org", "zoe@example.org")


def test_a_guardian_whom_a_delta_removes_agrees_to_nothing_any_more__att_53(portal, zoe):
    guardian = {"sn": "Lefèvre", "givenName": "Anne", "mail": "anne@example.org"}
    deliver(portal, modify(mail=""), aaf("add", "PersRelEleve", "201", **guardian))
    ask(Visitor(), zoe.identifier)
    link = only_link(received()[0])
    deliver(portal, modify(ENTElevePersRelEleve=""))
    visitor = Visitor()
    visitor.open(link)
    assert visitor.status == 410, "asked before, answered after"
    ask(Visitor(), zoe.identifier)
    assert len(received()) == 1


def test_a_change_to_somebody_unknown_makes_no_account(portal, zoe):
    school = modify("7009", "EtabEducNat", ENTStructureNomCourant="Lycée inconnu")
    outcome, told = deliver(portal, modify("99", mail="q@example.org"), school)
    assert (outcome.refused, told) == (2, ["unknown_to_change", "unknown_to_change"])
    assert (AccountRow.objects.count(), InstitutionRow.objects.count()) == (1, 1)


# Guardians who name the children


PUPILS = [line(number, institution="E1" if number < 4 else "E2", first_name=f"P{number}") for number in range(1, 6)]
GUARDIANS = "Matricule;Nom;Prénom;Code établissement;Enfants"


def guardians() -> dict[str, str]:
    return dict(AccountRow.objects.exclude(guardians="").values_list("external_id", "guardians"))


def tell(portal, *lines: str, header: str = GUARDIANS, **wishes: object) -> None:
    run(portal, read_csv(BytesIO("\n".join((header, *lines, "")).encode())).lines, **wishes)


def test_a_child_whom_a_guardians_line_no_longer_names_is_not_theirs_any_more__att_53(portal, monkeypatch):
    monkeypatch.setattr(guardian_links, "CHILDREN_AT_ONCE", 1)
    monkeypatch.setattr(journey, "LINES_AT_ONCE", 1)
    run(portal, PUPILS)
    tell(portal, "G1;Petit;Claire;E1;X1,X2", "G2;Petit;Marc;E1;X1,X2")
    assert guardians() == {"X1": "|G1|G2|", "X2": "|G1|G2|"}
    tell(portal, "G1;Petit;Claire;E1;X1,X3", "G2;Petit;Marc;E1;X1,X2")
    assert guardians() == {"X1": "|G1|G2|", "X2": "|G2|", "X3": "|G1|"}


def test_children_whom_the_list_cannot_know_of_stay_their_guardians(portal):
    run(portal, PUPILS)
    tell(portal, "G1;Petit;Claire;E1;X1,X2", "G2;Petit;Marc;E1;X2")
    tell(portal, "G1;Petit;Claire;E2;X4", "G2;Petit;Marc;E1;")
    assert guardians() == {"X1": "|G1|", "X2": "|G1|G2|", "X4": "|G1|"}, "of another school; of an empty cell"
    tell(portal, "G1;Petit;Claire;E1;X1", within=frozenset({"E2"}))
    assert guardians() == {"X1": "|G1|", "X2": "|G1|G2|", "X4": "|G1|"}, "out of reach"
    tell(portal, "G1;Petit;Claire;E1;X1", dry_run=True)
    assert guardians() == {"X1": "|G1|", "X2": "|G1|G2|", "X4": "|G1|"}, "only looked at"


def test_without_institutions_the_children_named_tell_where_the_list_looks(portal):
    run(portal, PUPILS)
    header = "Matricule;Nom;Prénom;Enfants"
    tell(portal, "G1;Petit;Claire;X1,X2,X4", header=header)
    tell(portal, "G1;Petit;Claire;X1", header=header)
    assert guardians() == {"X1": "|G1|", "X4": "|G1|"}


def test_a_list_takes_no_guardian_from_somebody_who_helps__att_53(portal):
    run(portal, PUPILS)
    tell(portal, "G1;Petit;Claire;E1;X1,X2")
    grant("essai", str(AccountRow.objects.get(external_id="X2").pk), Role.REFERENT, "E1", "", NOW)
    tell(portal, "G1;Petit;Claire;E1;X1")
    assert guardians() == {"X1": "|G1|", "X2": "|G1|"}
