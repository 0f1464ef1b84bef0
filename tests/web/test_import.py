"""Lists of people becoming accounts: what an operator imports, again and again, and what a list can never do."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from retrouve.directories.old_hashes import SaltPlace
from retrouve.domain.delegation import Role
from retrouve.files import text_lines
from retrouve.files.people import FileRefusal, InstitutionLine, LineRefusal, PersonLine
from retrouve.journeys import import_people as journey
from retrouve.journeys.import_list import Unreadable
from retrouve.journeys.import_people import Outcome, Said, Wishes, import_people
from retrouve.journeys.read_people import Imported, import_files
from retrouve.records.helpers import grant
from retrouve.records.models import AccountRow, AuditRow, HandedCodeRow
from retrouve.wiring.parts import hashing
from tests.visitor import Visitor
from tests.web.conftest import OLD_PASSWORD, add_person
from tests.web.test_recovery import sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.store]

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.fixture
def portal(make_portal):
    return make_portal()


def run(portal, lines: Any, **wishes: Any) -> tuple[Outcome, list[Said]]:
    told: list[Said] = []
    outcome = import_people(
        portal,
        hashing(),
        lines,
        Wishes(**{"dry_run": False, "takes_passwords": True, **wishes}),
        report=lambda said, _: told.append(said),
        progress=lambda _: None,
        by="",
        now=NOW,
    )
    return outcome, told


def line(number: int, **told: Any) -> PersonLine:
    return PersonLine(number, **{"first_name": "Jean", "last_name": "Dupont", "external_id": f"X{number}", **told})


def counts(outcome: Outcome) -> tuple[int, int, int, int]:
    return outcome.created, outcome.changed, outcome.unchanged, outcome.refused


def test_the_same_list_twice_changes_nothing(portal):
    lines = [line(number, classes=("3A",), institution="E1") for number in range(1, 8)]
    assert counts(run(portal, lines)[0]) == (7, 0, 0, 0)
    before = list(AccountRow.objects.order_by("pk").values())
    assert counts(run(portal, lines)[0]) == (0, 0, 7, 0)
    assert list(AccountRow.objects.order_by("pk").values()) == before


def test_of_two_lines_with_one_address_that_signs_in_the_second_is_refused(make_portal):
    """Wherever they stand: neither would sign in otherwise."""
    portal = make_portal(sign_in={"identifier": "either"})
    lines = [line(number, identifier=f"personne{number}", email="un@example.org") for number in (1, 2)]
    outcome, told = run(portal, lines)
    assert (outcome.created, [said.code for said in told]) == (1, ["address_taken"])


def test_weak_hashes_are_wrapped_a_few_at_a_time_so_that_others_may_write(portal, monkeypatch):
    sizes: list[int] = []
    take = journey.Importer.take
    monkeypatch.setattr(journey.Importer, "take", lambda self, some: (sizes.append(len(some)), take(self, some))[1])
    digest = hashlib.md5(OLD_PASSWORD.encode()).hexdigest()  # noqa: S324  what older systems kept
    run(portal, [line(number, password_hash=digest) for number in range(1, 121)])
    run(portal, [line(number) for number in range(1, 121)])
    assert sizes == [50, 50, 20, 120]


def test_an_address_that_its_owner_confirms_while_a_list_is_judged_stays(portal, monkeypatch):
    run(portal, [line(1, email="avant@example.org")])
    hold = journey.hold_addresses

    def first_its_owner(ids):
        AccountRow.objects.update(email="apres@example.org", email_key="apres@example.org")
        return hold(ids)

    monkeypatch.setattr(journey, "hold_addresses", first_its_owner)
    run(portal, [line(1, email="avant@example.org", classes=("3B",))])
    row = AccountRow.objects.get()
    assert (row.email, row.email_key, row.classes) == ("apres@example.org", "apres@example.org", "|3B|")


def test_a_dry_run_tells_the_same_and_writes_nothing(portal):
    lines = [line(number, identifier="moi" if number > 3 else "") for number in range(1, 6)]
    would, told_before = run(portal, lines, dry_run=True)
    assert not AccountRow.objects.exists()
    did, told = run(portal, lines)
    assert counts(would) == counts(did)
    assert told_before == told


def test_people_of_one_name_get_numbers_over_several_parts_and_files(portal, monkeypatch):
    monkeypatch.setattr(journey, "LINES_AT_ONCE", 4)
    outcome, told = run(portal, [line(number) for number in range(1, 12)])
    assert outcome.created == 11
    run(portal, [line(20)])
    names = set(AccountRow.objects.values_list("identifier", flat=True))
    assert names == {"jean.dupont", *(f"jean.dupont{number}" for number in range(2, 13))}
    assert [said.code for said in told] == ["homonym"] * 10


def test_an_identifier_of_somebody_else_is_refused_by_name(portal):
    run(portal, [line(3, identifier="marie.curie")])
    outcome, (said,) = run(portal, [line(4, identifier="marie.curie")])
    assert (outcome.refused, said.code, said.shown) == (1, "identifier_taken", "Jean Dupont")


def test_whoever_is_twice_in_a_file_is_taken_once(portal, monkeypatch):
    monkeypatch.setattr(journey, "LINES_AT_ONCE", 2)
    outcome, told = run(portal, [line(1), line(2, external_id="X1"), line(3), line(4, external_id="X1")])
    assert counts(outcome) == (2, 0, 0, 2)
    assert [said.code for said in told if said.code != "homonym"] == ["seen_before", "seen_before"]


def test_who_has_left_is_flagged_and_never_removed(portal):
    run(portal, [line(1, institution="E1"), line(2, institution="E1"), line(3, institution="E2")])
    outcome, _ = run(portal, [line(1, institution="E1"), line(2, institution="E1", departed=True)])
    assert outcome.departed == 1
    outcome, _ = run(portal, [line(2, institution="E1")], complete=True)
    assert outcome.departed == 1
    gone = AccountRow.objects.exclude(departed_at=None).values_list("external_id", flat=True)
    assert sorted(gone) == ["X1"], "X2 is in the list again, and X3 of an institution that it does not tell of"
    assert AccountRow.objects.count() == 3


def test_a_list_reopens_no_account_and_touches_nobody_who_helps__att_53(portal):
    closed = add_person(identifier="ferme", state="disabled")
    helping = add_person(identifier="aide", email="aide@example.org")
    grant("essai", str(helping.pk), Role.REFERENT, "E1", "", NOW)
    lines = [line(1, identifier="ferme"), line(2, identifier="aide", email="voleur@example.org")]
    outcome, told = run(portal, lines)
    assert counts(outcome) == (0, 0, 0, 2)
    assert [said.code for said in told] == ["closed", "helps_others"]
    closed.refresh_from_db()
    helping.refresh_from_db()
    assert (closed.state, helping.email) == ("disabled", "aide@example.org")


def test_a_list_of_one_institution_reaches_no_other__att_53(portal):
    run(portal, [line(1, institution="E2")])
    outcome, told = run(
        portal, [line(1, institution="E1"), line(2, institution="E2"), line(3)], within=frozenset({"E1"})
    )
    assert [said.code for said in told] == ["elsewhere", "not_your_institution", "homonym"]
    assert counts(outcome) == (1, 0, 0, 2)
    assert AccountRow.objects.get(external_id="X3").institution == "E1"


def test_a_list_makes_nobody_a_guardian_elsewhere_or_of_somebody_who_helps__att_53(portal):
    run(portal, [line(1, institution="E1"), line(2, institution="E2"), line(3, institution="E1")])
    helping = AccountRow.objects.get(external_id="X3")
    grant("essai", str(helping.pk), Role.OPERATOR, "", "", NOW)
    here = {"institution": "E1", "first_name": "Evil", "last_name": "P", "email": "me@example.org"}
    everybody = ("X1", "X2", "X3")
    within = {"within": frozenset({"E1"})}
    run(portal, [line(4, external_id="P1", children=everybody, **here)], **within)
    run(portal, [line(5, external_id="P2", children=everybody, **{**here, "institution": "E2"})], **within)
    told = dict(AccountRow.objects.exclude(guardians="").values_list("external_id", "guardians"))
    assert told == {"X1": "|P1|"}


def test_a_list_takes_nobody_elses_way_to_sign_in(make_portal):
    portal = make_portal(sign_in={"identifier": "either"}, recovery={"fields": ["email"]})
    add_person(identifier="chef", email="chef@example.org")
    run(portal, [line(1, email="autre@example.org", identifier="autre")])
    lines = [
        line(2, identifier="chef@example.org", email="x@example.org"),
        line(3, identifier="moi", email="chef@example.org"),
        line(1, email="chef@example.org", identifier="autre"),
    ]
    _, told = run(portal, lines)
    assert [said.code for said in told] == ["address_taken", "address_taken"]
    assert AccountRow.objects.get(identifier="autre").email == "autre@example.org"


def test_a_list_with_many_kinds_of_hashes_makes_no_sign_in_dear__att_72(portal):
    texts = [f"pbkdf2_sha256${rounds}$c2Vs$" + "A" * 43 + "=" for rounds in range(1000, 1012)]
    _, told = run(portal, [line(n, identifier=f"n{n}", password_hash=text) for n, text in enumerate(texts)])
    assert [said.code for said in told] == ["hash_too_costly"] * 4


def test_the_address_that_somebody_uses_stays_theirs(portal):
    run(portal, [line(1, email="ecole@example.org")])
    AccountRow.objects.update(state="active", email="a.moi@example.org", email_key="a.moi@example.org")
    run(portal, [line(1, email="autre@example.org", classes=("4B",))])
    row = AccountRow.objects.get()
    assert (row.email, row.classes) == ("a.moi@example.org", "|4B|")


def test_an_empty_cell_takes_nothing_away(portal):
    run(portal, [line(1, email="a@example.org", classes=("3A",))])
    run(portal, [line(1)])
    row = AccountRow.objects.get()
    assert (row.email, row.classes) == ("a@example.org", "|3A|")


def test_people_without_any_number_are_found_again_by_name_and_birth(portal):
    lines = [line(1, external_id="", institution="E1", birth_date=datetime(2010, 12, 31, tzinfo=UTC).date())]
    assert counts(run(portal, lines)[0]) == (1, 0, 0, 0)
    assert counts(run(portal, lines)[0]) == (0, 0, 1, 0)


def test_people_without_any_number_are_taken_once_and_told_apart_by_birth_or_class(portal):
    born = [datetime(2010, 12, day, tzinfo=UTC).date() for day in (1, 1, 2)]
    lines = [line(number, external_id="", institution="E1", birth_date=day) for number, day in enumerate(born, 1)]
    lines += [line(4, external_id="", institution="E1", classes=("3A",)), line(5, external_id="", institution="E1")]
    outcome, told = run(portal, lines)
    assert counts(outcome) == (4, 0, 0, 1)
    assert [said.line for said in told if said.code == "seen_before"] == [2]
    assert counts(run(portal, lines)[0]) == (0, 0, 4, 1)


def test_an_import_that_stops_in_the_middle_is_begun_again(portal, monkeypatch):
    monkeypatch.setattr(journey, "LINES_AT_ONCE", 2)

    def breaks_off() -> Iterator[PersonLine | LineRefusal]:
        yield from (line(number) for number in range(1, 6))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(portal, breaks_off())
    assert AccountRow.objects.count() == 4, "whole parts only"
    outcome, _ = run(portal, [line(number) for number in range(1, 8)])
    assert counts(outcome) == (3, 0, 4, 0)


def test_nobody_whose_name_makes_no_identifier_is_lost_without_a_word(portal):
    outcome, told = run(portal, [line(1, first_name="Иван", last_name="Петров", external_id="")])
    assert (outcome.refused, told[0].code) == (1, "no_identifier")


def test_a_list_tells_who_answers_for_whom_from_either_side(portal):
    run(portal, [line(1, guardians=("P1",)), line(2)])
    parent = {"first_name": "Claire", "last_name": "Petit"}
    run(portal, [line(3, external_id="P1", **parent), line(4, external_id="P2", children=("X1", "X2"), **parent)])
    told = dict(AccountRow.objects.exclude(guardians="").values_list("external_id", "guardians"))
    assert told == {"X1": "|P1|P2|", "X2": "|P2|"}


# Passwords of other systems

PBKDF2 = "pbkdf2_sha256$1000$sel$" + "z4XsKfbmBfT+tfqeb8uYrHjx5HDC3rwnKPbVlLvAPUk="


@pytest.fixture
def old_hashes():
    """The same password in three forms of old."""
    from passlib.hash import bcrypt, hex_md5, ldap_salted_sha1  # noqa: PLC0415  libpass under its module's name

    return {
        "bcrypt": bcrypt.using(rounds=4).hash(OLD_PASSWORD),
        "md5": hex_md5.hash(OLD_PASSWORD),
        "ssha": ldap_salted_sha1.hash(OLD_PASSWORD),
    }


def test_old_passwords_open_the_account_and_become_argon2(portal, old_hashes):
    run(portal, [line(n, identifier=name, password_hash=text) for n, (name, text) in enumerate(old_hashes.items(), 1)])
    for name, text in old_hashes.items():
        kept = AccountRow.objects.get(identifier=name)
        assert kept.state == "active"
        assert (text in kept.password) is (name == "bcrypt"), "a fast digest does not stay at rest"
        visitor = Visitor()
        sign_in(visitor, "pas-le-bon-9", name)
        assert visitor.heading == "Se connecter"
        sign_in(visitor, OLD_PASSWORD, name)
        assert visitor.heading == "Vous êtes connecté", name
        kept.refresh_from_db()
        assert kept.password.startswith("argon2$argon2id$")
        assert kept.old_work == ""


def test_a_salted_digest_needs_to_know_where_its_salt_goes(portal):
    digest = hashlib.sha256(f"sel{OLD_PASSWORD}".encode()).hexdigest()
    _, told = run(portal, [line(1, identifier="sans", password_hash=digest, salt="sel")])
    assert [said.code for said in told] == ["hash_salt_unclear"]
    run(portal, [line(2, identifier="avec", password_hash=digest, salt="sel")], salt=SaltPlace.BEFORE)
    visitor = Visitor()
    sign_in(visitor, OLD_PASSWORD, "avec")
    assert visitor.heading == "Vous êtes connecté"


@pytest.mark.parametrize("legacy", [False, True])
def test_a_salt_that_was_forgotten_is_told_by_importing_again(portal, legacy):
    digest = hashlib.sha256(f"sel{OLD_PASSWORD}".encode()).hexdigest()
    lines = [line(1, identifier="avec", password_hash=digest, salt="sel"), line(2, identifier="sans")]
    run(portal, lines, legacy=legacy)
    tried, _ = run(portal, lines, salt=SaltPlace.BEFORE, dry_run=True)
    again, told = run(portal, lines, salt=SaltPlace.BEFORE)
    assert counts(tried) == counts(again) == (0, 1, 1, 0)
    assert told == []
    visitor = Visitor()
    sign_in(visitor, OLD_PASSWORD, "avec")
    assert visitor.heading == "Vous êtes connecté"
    assert AccountRow.objects.get(identifier="sans").password == ""
    assert counts(run(portal, lines, salt=SaltPlace.BEFORE)[0]) == (0, 0, 2, 0)


def test_the_code_on_paper_ends_once_an_old_password_was_taken(portal, old_hashes):
    run(portal, [line(1, identifier="ancien")])
    row = AccountRow.objects.get()
    HandedCodeRow.objects.create(portal="essai", account=str(row.pk), issued_at=NOW, expires_at=NOW)
    run(portal, [line(1, identifier="ancien", password_hash=old_hashes["md5"])])
    assert not HandedCodeRow.objects.exists()


def test_a_list_gives_no_password_to_whoever_chose_or_was_denied_one__att_51(portal, old_hashes):
    run(portal, [line(n, identifier=f"n{n}") for n in (1, 2, 3)])
    AccountRow.objects.filter(identifier="n1").update(state="active", password="argon2$choisi")
    AccountRow.objects.filter(identifier="n2").update(state="active")
    before = list(AccountRow.objects.order_by("pk").values())
    lines = [line(n, identifier=f"n{n}", password_hash=old_hashes["bcrypt"]) for n in (1, 2, 3)]
    page, _ = run(portal, lines, takes_passwords=False)
    assert counts(page) == (0, 0, 3, 0)
    assert list(AccountRow.objects.order_by("pk").values()) == before
    command, _ = run(portal, lines)
    assert counts(command) == (0, 1, 2, 0)
    assert list(AccountRow.objects.order_by("pk").values())[:2] == before[:2]


def test_a_hash_that_cannot_be_used_leaves_an_account_to_activate_and_a_word__att_72(portal):
    bomb = "$2b$31$" + "a" * 53
    outcome, told = run(portal, [line(1, password_hash=bomb), line(2, external_id="Y", password_hash="n'importe quoi")])
    assert outcome.created == 2
    assert {said.code for said in told} == {"hash_too_costly", "hash_unknown_format", "homonym"}
    assert set(AccountRow.objects.values_list("state", "password")) == {("not_activated", "")}


def test_while_old_hashes_are_about_every_sign_in_does_their_work__att_06(portal, old_hashes, monkeypatch):
    from retrouve.directories import own  # noqa: PLC0415  only here

    run(portal, [line(1, identifier="ancien", password_hash=old_hashes["bcrypt"])])
    add_person(identifier="nouveau")
    own._works_seen.clear()
    done: list[str] = []
    monkeypatch.setattr(own, "do_the_work", lambda work, _: done.append(work))
    monkeypatch.setattr(own, "verify_old", lambda *_: done.append("real") or False)
    for identifier in ("ancien", "nouveau", "inconnu"):
        done.clear()
        sign_in(Visitor(), "pas-le-bon-9", identifier)
        assert done == (["real"] if identifier == "ancien" else ["bcrypt:4"])
    own._works_seen.clear()


def test_a_page_takes_no_passwords_for_others__att_51(portal, old_hashes):
    _, told = run(portal, [line(1, password_hash=old_hashes["bcrypt"])], takes_passwords=False)
    assert [said.code for said in told] == ["password_not_taken"]
    assert set(AccountRow.objects.values_list("state", "password")) == {("not_activated", "")}


def test_what_does_not_fit_is_refused_and_the_rest_is_taken(portal):
    lines = [line(1, external_id="x" * 101), line(2, institution="e" * 65), line(3, classes=("c" * 250,) * 4)]
    outcome, told = run(portal, lines)
    assert [said.code for said in told] == ["too_long_for_us", "too_long_for_us"]
    assert outcome.created == 1
    assert len(AccountRow.objects.get().classes) <= 500


def test_a_legacy_list_waits_for_its_migration(portal, old_hashes):
    run(portal, [line(1, identifier="ancien", password_hash=old_hashes["bcrypt"]), line(2)], legacy=True)
    assert set(AccountRow.objects.values_list("state", flat=True)) == {"legacy"}


# Files


def take(portal, *files: tuple[str, bytes], **wishes: Any) -> tuple[Outcome | Unreadable, str]:
    written = io.StringIO()
    outcome = import_files(
        portal,
        hashing(),
        [(name, io.BytesIO(content)) for name, content in files],
        Wishes(**{"dry_run": False, **wishes}),
        report=written,
        language="fr",
        progress=lambda _: None,
        now=NOW,
    )
    return outcome.outcome if isinstance(outcome, Imported) else outcome, written.getvalue()


def aaf(verb: str, kind: str, key: str, **attributes: str) -> str:
    """One entry of a file of people, as the ministry's directory writes it."""
    of_what = "categorieStructure" if kind == "EtabEducNat" else "categoriePersonne"
    told = "".join(f'<attr name="{name}"><value>{value}</value></attr>' for name, value in attributes.items())
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<ficAlimMENESR>'
        f'<{verb}Request><operationalAttributes><attr name="{of_what}"><value>{kind}</value></attr>'
        f"</operationalAttributes><identifier><id>{key}</id></identifier>"
        f"<attributes>{told}</attributes></{verb}Request></ficAlimMENESR>"
    )


def test_an_aaf_delivery_brings_institutions_people_and_departures(portal):
    school = aaf(
        "add", "EtabEducNat", "7001",
        ENTStructureJointure="7001", ENTStructureUAI="0801234A", ENTStructureNomCourant="Lycée inventé",
    )  # fmt: skip
    pupil = aaf(
        "add", "Eleve", "42",
        ENTPersonJointure="42", sn="Inventée", givenName="Zoë", ENTPersonStructRattach="7001",
        ENTEleveClasses="7001$3EME1",
    )  # fmt: skip
    gone = aaf("delete", "Eleve", "42")
    outcome, _ = take(
        portal, ("ENT_0801234A_Complet_20261121_Eleve_0000.xml", pupil.encode()),
        ("ENT_0801234A_Complet_20261121_EtabEducNat_0000.xml", school.encode()),
    )  # fmt: skip
    assert isinstance(outcome, Outcome)
    row = AccountRow.objects.get()
    assert (row.identifier, row.institution, row.classes, row.profile) == (
        "zoe.inventee", "0801234A", "|3EME1|", "pupil",
    )  # fmt: skip
    take(portal, ("ENT_0801234A_Delta_20261122_Eleve_0000.xml", gone.encode()))
    row.refresh_from_db()
    assert row.departed_at == NOW


def test_people_on_the_same_line_of_two_files_are_two_people(portal):
    files = [
        ("ENT_Eleve.xml", aaf("add", "Eleve", "42", sn="Inventée", givenName="Zoë", mail="zoe@example.org").encode()),
        ("ENT_PersRelEleve.xml", aaf("add", "PersRelEleve", "201", sn="Lefèvre", givenName="Anne").encode()),
    ]
    take(portal, files[0])
    for created in (1, 0):
        outcome, _ = take(portal, *files)
        assert counts(outcome) == (created, 0, 2 - created, 0)


def test_an_institution_that_is_told_after_its_people_is_theirs(portal):
    run(portal, [line(1, institution="E17"), InstitutionLine(2, "E17", code="0801234A", name="Lycée")])
    assert AccountRow.objects.get().institution == "0801234A"


def test_a_file_that_is_no_list_is_refused_as_a_whole(portal):
    outcome, _ = take(portal, ("photo.csv", b"\x89PNG\r\n\x1a\n" + bytes(50)))
    assert isinstance(outcome, Unreadable)
    assert not AccountRow.objects.exists()


def numbered(many: int) -> bytes:
    return ("Matricule;Nom;Prénom\n" + "".join(f"{n};Nom{n};Jean\n" for n in range(many))).encode()


class GrowingFile(io.BytesIO):
    """Somebody still writes to it while it is read."""

    def __init__(self, content: bytes, more: bytes) -> None:
        super().__init__(content)
        self.more = more

    def read(self, size: int | None = -1) -> bytes:
        found = super().read(size)
        if not found:
            found, self.more = self.more, b""
        return found


def test_a_file_that_is_too_large_is_refused_before_anything_is_read(portal, monkeypatch):
    monkeypatch.setattr(text_lines, "MOST_BYTES", 300_000)
    monkeypatch.setattr(journey, "LINES_AT_ONCE", 100)
    small, large = aaf("add", "Eleve", "1", sn="A", givenName="B").encode(), bytes(300_001)
    for files in ([("a.csv", numbered(30_000))], [("a.xml", small), ("b.xml", large)]):
        outcome, _ = take(portal, *files)
        assert isinstance(outcome, Unreadable)
        assert (outcome.reason, outcome.values["file"]) == (FileRefusal.TOO_LARGE, files[-1][0])
    assert not AccountRow.objects.exists()
    assert not AuditRow.objects.filter(event="accounts_imported").exists()


def test_a_file_that_grows_too_large_leaves_what_was_committed_and_says_so(portal, monkeypatch):
    monkeypatch.setattr(text_lines, "MOST_BYTES", 300_000)
    monkeypatch.setattr(journey, "LINES_AT_ONCE", 1000)
    stream = GrowingFile(numbered(5_000), b"x;y;z\n" * 50_000)
    told = import_files(
        portal, hashing(), [("a.csv", stream)], Wishes(dry_run=False), report=io.StringIO(), language="fr",
        progress=lambda _: None, now=NOW,
    )  # fmt: skip
    assert isinstance(told, Imported)
    assert told.outcome.created == AccountRow.objects.count() > 0
    assert told.broken_off is not None
    assert (told.broken_off.reason, told.broken_off.values["file"]) == (FileRefusal.TOO_LARGE, "a.csv")
    (event,) = AuditRow.objects.filter(event="accounts_imported")
    assert event.outcome == f"{told.outcome.created} created 0 changed 0 departed 0 refused broken off"


def test_a_delivery_with_a_broken_file_keeps_what_came_before_and_flags_nobody(portal, monkeypatch):
    run(portal, [line(9, institution="0801234A")])
    monkeypatch.setattr(journey, "LINES_AT_ONCE", 1)
    school = aaf("add", "EtabEducNat", "7001", ENTStructureJointure="7001", ENTStructureUAI="0801234A")
    pupil = aaf("add", "Eleve", "42", sn="Inventée", givenName="Zoë", ENTPersonStructRattach="7001")
    wrong = aaf("add", "Eleve", "43", sn="Épée", givenName="Max", mail="pas-une-adresse")
    files = [("a_EtabEducNat.xml", school), ("b.xml", pupil), ("c.xml", wrong), ("d.xml", pupil[:-30])]
    outcome, report = take(portal, *((name, text.encode()) for name, text in files), complete=True)
    assert isinstance(outcome, Outcome)
    assert counts(outcome) == (1, 0, 0, 1)
    assert outcome.broken_by is not None
    assert outcome.broken_by.values == {"file": "d.xml", "line": "2"}
    assert "pas-une-adresse" in report
    assert not AccountRow.objects.exclude(departed_at=None).exists(), "who is missing may be further down"
    assert AuditRow.objects.filter(event="accounts_imported").count() == 2
    again, _ = take(portal, *((name, text.encode()) for name, text in files[:2]))
    assert isinstance(again, Outcome)
    assert counts(again) == (0, 0, 1, 0)


@pytest.mark.parametrize("names", [("a.csv", "b.csv"), ("a.csv", "b.xml"), ("b.xml", "a.csv")])
def test_a_list_among_other_files_is_refused_and_named(portal, names):
    outcome, _ = take(portal, *((name, numbered(2)) for name in names))
    assert outcome == Unreadable(FileRefusal.CSV_NOT_ALONE, {"file": "a.csv"})
    assert not AccountRow.objects.exists()


def test_refused_lines_come_back_with_their_reason_and_harmless(portal):
    _, report = take(
        portal, ("a.csv", 'Nom;Prénom;Courriel\nDupont;Jean;"=HYPERLINK(1)"\nCurie;Marie;pas-une-adresse\n'.encode())
    )
    lines = report.splitlines()
    assert lines[0] == "Nom;Prénom;Courriel;Ligne;Avis;Explication"
    assert lines[1].startswith("Dupont;Jean;'=HYPERLINK(1);2;Refusée;")
    assert "n’est pas une adresse électronique" in lines[2]


def test_what_the_import_itself_refuses_comes_back_with_its_cells(portal):
    take(portal, ("a.csv", "Matricule;Nom;Prénom;Identifiant\n1;Curie;Marie;marie\n".encode()))
    _, report = take(portal, ("a.csv", "Matricule;Nom;Prénom;Identifiant\n2;Dupont;Jean;marie\n".encode()))
    assert report.splitlines()[1].startswith("2;Dupont;Jean;marie;2;Refusée;L’identifiant demandé pour Jean Dupont")


def test_a_report_is_mended_and_read_again(portal):
    hashed = "+bc"  # of no form we know, and what a spreadsheet would compute
    list_ = f"""Matricule;Nom;Prénom;Courriel;Identifiant;Hash
1;Dupont;Jean;;jean.dupont;
2;Dupont;Jean;;;{hashed}
3;Curie;Marie;pas-une-adresse;;{hashed}
4;Épée;Zoë;;jean.dupont;{hashed}
"""
    first, report = take(portal, ("a.csv", list_.encode()), takes_passwords=True)
    assert isinstance(first, Outcome)
    assert (counts(first), first.remarks) == ((2, 0, 0, 2), 3)
    verdicts = [(row["Ligne"], row["Avis"]) for row in csv.DictReader(io.StringIO(report), delimiter=";")]
    assert sorted(verdicts) == [("3", "À savoir"), ("4", "Refusée"), ("5", "Refusée")], "each line once"
    report = report.replace("Zoë;;jean.dupont", "Zoë;;zoe.epee")
    mended = report.replace("pas-une-adresse", "marie@example.org")
    again, report = take(portal, ("a.csv.refus.csv", mended.encode()), takes_passwords=True)
    assert isinstance(again, Outcome)
    assert counts(again) == (2, 0, 1, 0), report
    assert AccountRow.objects.get(external_id="3").email == "marie@example.org"


def test_the_report_of_a_delivery_names_the_file_and_keeps_its_columns(portal):
    run(portal, [line(1, external_id="1", identifier="marie.curie")])
    wrong = aaf("add", "Eleve", "42", sn="Inventée", givenName="Zoë", mail="pas-une-adresse")
    homonym = aaf("add", "Eleve", "43", sn="Curie", givenName="Marie")
    _, report = take(portal, ("a_Eleve.xml", wrong.encode()), ("b_Eleve.xml", homonym.encode()))
    header, refused, remark = report.splitlines()
    assert header == "categorie;id;sn;givenName;fichier;Ligne;Avis;Explication"
    assert refused.startswith("Eleve;42;Inventée;Zoë;a_Eleve.xml;2;Refusée;")
    assert remark.startswith("Eleve;43;Curie;Marie;b_Eleve.xml;2;À savoir;")


def test_a_country_by_its_name_is_the_one_that_is_chosen_to_recover(portal):
    rows = "A;B;1;Allemagne\nC;D;2;suisse\nE;F;3;Pays-Bas\nG;H;4;België\nI;J;5;FRA\nK;L;6;Atlantide\n"
    outcome, report = take(portal, ("a.csv", f"Nom;Prénom;Matricule;Pays\n{rows}".encode()))
    told = AccountRow.objects.order_by("external_id").values_list("country", flat=True)
    assert list(told) == ["DE", "CH", "NL", "BE", "FR"]
    assert isinstance(outcome, Outcome)
    assert outcome.refused == 1
    assert "«\u00a0Atlantide\u00a0» n’est pas un pays connu" in report


def test_a_kind_is_one_that_the_portal_offers(make_portal):
    choices = [{"value": "entreprise", "label": {"fr": "Entreprise", "en": "Company"}}]
    portal = make_portal(facts={"kind": {"choices": choices}})
    rows = "A;B;1;Entreprise\nC;D;2;COMPANY\nE;F;3;entreprise\nG;H;4;\nI;J;5;Planète\n"
    _, report = take(portal, ("a.csv", f"Nom;Prénom;Matricule;Qualité\n{rows}".encode()))
    told = AccountRow.objects.order_by("external_id").values_list("kind", flat=True)
    assert list(told) == ["entreprise", "entreprise", "entreprise", ""]
    refused = report.splitlines()[1]
    assert refused.startswith("I;J;5;Planète;6;Refusée;«\u00a0Planète\u00a0» n’est pas une qualité")
