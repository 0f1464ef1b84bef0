"""Who has left, in a list that is all there is: those whom no line is about, and nobody else; and who is back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest

from retrouve.domain.delegation import Role
from retrouve.files.csv_lists import read_csv
from retrouve.files.people import LineRefusal, RefusalCode
from retrouve.journeys import import_people as journey
from retrouve.journeys.close_accounts import accounts_to_close
from retrouve.records.helpers import grant
from retrouve.records.models import AccountRow
from tests.web.test_import import NOW, aaf, counts, line, run, take

pytestmark = [pytest.mark.django_db, pytest.mark.store]

LATER = NOW + timedelta(days=1)
HEADER = "Matricule;Identifiant;Nom;Prénom;Date de naissance;Code établissement"
JEAN = "1;jean;Dupont;Jean;01/02/2010;E1"
MARIE = "2;marie;Curie;Marie;01/02/2010;E1"
PAUL = "3;paul;Petit;Paul;01/02/2010;E2"


@pytest.fixture
def portal(make_portal):
    return make_portal()


def listed(*lines: str, header: str = HEADER) -> tuple[str, bytes]:
    return "a.csv", "\n".join((header, *lines, "")).encode()


def complete(portal, *lines: str, header: str = HEADER) -> tuple[int, list[str]]:
    """How many left, and what was said."""
    outcome, told = run(portal, read_csv(BytesIO(listed(*lines, header=header)[1])).lines, complete=True)
    return outcome.departed, [said.code for said in told]


def gone() -> set[str]:
    return set(AccountRow.objects.exclude(departed_at=None).values_list("identifier", flat=True))


@pytest.fixture
def three(portal):
    take(portal, listed(JEAN, MARIE, PAUL))


# Whose line was refused


@pytest.mark.parametrize(
    "marie",
    [
        "2;marie;Curie;Marie;1er février;E1",
        "2;;;;01/02/2010;E1",
        "2;marie;=1+1;Marie;01/02/2010;E1",
        f"2;marie;Curie;Marie;01/02/2010;{'E' * 65}",
    ],
)
def test_whoever_has_a_refused_line_has_not_left(portal, three, marie):
    complete(portal, JEAN, marie)
    assert gone() == set()


@pytest.mark.parametrize("marie", ["=2;marie;Curie;Marie;01/02/2010;E1", ";;Curie;Marie;1er février;E1"])
def test_a_refused_line_shows_somebody_by_identifier_or_name(portal, three, marie):
    paul, jacques = "3;paul;Petit;Paul;01/02/2010;E1", "4;jacques;Petit;Jacques;01/02/2010;E1"
    take(portal, listed(paul, jacques))
    assert complete(portal, JEAN, marie, paul)[0] == 1
    assert gone() == {"jacques"}


def test_where_a_refused_line_may_be_anybodys_nobody_of_its_institution_has_left(portal, three):
    take(portal, listed("4;jacques;Petit;Jacques;01/02/2010;E2"))
    departed, told = complete(portal, JEAN, ";;Inconnue;Zoé;1er février;E1", ";;Autre;Zoé;1er mars;E1", PAUL)
    assert departed == 1
    assert told == ["bad_date", "bad_date", "departures_unsure_here"]
    assert gone() == {"jacques"}, "in the other institution"


@pytest.mark.parametrize("cut", ["2;mar", "2;marie;Curie;Marie;01/02/2010;E1;de trop", '2;"marie;Curie;Marie'])
def test_where_a_refused_line_may_be_anybodys_anywhere_nobody_has_left(portal, three, cut):
    departed, told = complete(portal, JEAN, cut, "3;paul;Petit;Paul;1er mars;E2")
    assert (departed, told.count("departures_unsure")) == (0, 1)
    assert gone() == set()


def test_a_refused_line_about_somebody_new_hides_no_departure(portal, three):
    assert complete(portal, JEAN, "9;neuve;Neuve;Zoé;1er mars;E1")[0] == 1
    assert gone() == {"marie"}


def test_whoever_is_refused_by_rank_or_by_a_clash_has_not_left(portal, three):
    helping = AccountRow.objects.get(identifier="marie")
    grant("essai", str(helping.pk), Role.REFERENT, "E1", "", NOW)
    run(portal, [line(4, external_id="", identifier="marie", institution="E1"), jean()], complete=True)
    assert gone() == set()
    run(
        portal,
        [line(2, identifier="jean", institution="E1"), line(3, external_id="N", institution="E1")],
        complete=True,
    )
    assert "jean" not in gone(), "somebody else's number stood on that line"


def jean(**more: Any) -> Any:
    return line(1, external_id="1", institution="E1", **more)


def test_whoever_is_told_without_their_number_has_not_left(portal, three, monkeypatch):
    monkeypatch.setattr(journey, "LINES_AT_ONCE", 1)
    by_name = "Identifiant;Nom;Prénom;Code établissement"
    assert complete(portal, "jean;Dupont;Jean;E1", "marie;Curie;Marie;E1", header=by_name)[0] == 0
    bare = "Nom;Prénom;Date de naissance;Code établissement"
    assert complete(portal, "Dupont;Jean;01/02/2010;E1", "Curie;Marie;01/02/2010;E1", header=bare)[0] == 0
    assert gone() == set()


def test_a_refused_line_takes_nothing_from_a_good_one_further_on(portal, three):
    assert complete(portal, "1;jean;Dupont;Jean;1er mars;E1", JEAN, MARIE) == (0, ["bad_date"])


def test_a_dry_run_counts_the_same_departures(portal, three):
    refused = LineRefusal(2, RefusalCode.OPEN_QUOTE)
    for lines in ([jean()], [jean(), refused]):
        would, _ = run(portal, lines, complete=True, dry_run=True)
        did, _ = run(portal, lines, complete=True)
        assert would.departed == did.departed
        AccountRow.objects.update(departed_at=None)


def test_a_pupil_whom_an_aaf_delivery_refuses_has_not_left(portal):
    def pupil(key: str, **more: str) -> tuple[str, bytes]:
        facts = {"ENTPersonJointure": key, "sn": f"Nom{key}", "givenName": "Zoë", "ENTPersonStructRattach": "7001"}
        return f"ENT_Eleve_{key}.xml", aaf("add", "Eleve", key, **(facts | more)).encode()

    take(portal, pupil("1"), pupil("2"), pupil("3"))
    outcome, _ = take(portal, pupil("1"), pupil("2", mail="pas-une-adresse"), complete=True)
    assert outcome.departed == 1
    assert gone() == {"zoe.nom3"}
    AccountRow.objects.update(departed_at=None)
    outcome, _ = take(portal, pupil("1"), pupil("", sn="Nomdautrui", mail="pas-une-adresse"), complete=True)
    assert outcome.departed == 0


def test_whose_quality_the_portal_does_not_offer_has_not_left(make_portal):
    choices = [{"value": "entreprise", "label": {"fr": "Entreprise", "en": "Company"}}]
    portal = make_portal(facts={"kind": {"choices": choices}})
    run(portal, [jean(), line(2, institution="E1")])
    _, told = run(portal, [jean(), line(2, institution="E1", kind="Roi")], complete=True)
    assert [said.code for said in told] == ["unknown_kind"]
    assert gone() == set()


def test_the_report_says_on_the_refused_line_that_nobody_is_taken_for_gone(portal, three):
    _, report = take(portal, listed(JEAN, ";;Inconnue;Zoé;1er février;E1"), complete=True)
    (told,) = report.splitlines()[1:]
    assert "1er février" in told
    assert "aucun départ n’est déduit pour l’établissement E1" in told


# Who is back


@pytest.mark.parametrize("back", [{}, {"departed": False}, {"left_on": date(2027, 7, 1)}])
def test_whoever_is_in_a_list_again_is_back(portal, back):
    run(portal, [jean(), line(2, institution="E1")])
    run(portal, [jean(departed=True), line(2, institution="E1", departed=True)])
    outcome, told = run(portal, [jean(**back)])
    assert counts(outcome) == (0, 1, 0, 0)
    assert [(said.code, said.shown) for said in told] == [("returned", "Jean Dupont")]
    assert gone() == {"jean.dupont2"}
    assert [one.identifier for one in accounts_to_close(portal, LATER)] == ["jean.dupont2"]


def test_a_dry_run_tells_who_would_be_back_and_leaves_the_flag(portal):
    run(portal, [jean()])
    run(portal, [jean(departed=True)])
    outcome, told = run(portal, [jean()], dry_run=True)
    assert (counts(outcome), [said.code for said in told]) == ((0, 1, 0, 0), ["returned"])
    assert gone() == {"jean.dupont"}


def test_a_departure_told_again_keeps_its_day(portal):
    run(portal, [jean()])
    run(portal, [jean(departed=True)])
    day = datetime(2026, 9, 1, tzinfo=UTC)
    AccountRow.objects.update(departed_at=day)
    outcome, _ = run(portal, [jean(departed=True)])
    assert counts(outcome) == (0, 0, 1, 0)
    assert AccountRow.objects.get().departed_at == day
