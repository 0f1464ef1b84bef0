"""What an operator reads when a portal file is wrong: where, which key, what was expected, what was meant."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import toml_rs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retrouve.config.portal_checks import HOLE, PLACEHOLDERS, PORTAL_NAME
from retrouve.config.portal_file import load_portal, load_portals
from retrouve.config.problems import ConfigurationProblems, Problem
from retrouve.domain.phrases import Phrase
from retrouve.domain.portal import ProofKind, Sessions
from retrouve.messages.wording import USUAL
from tests.plugin import ROOT

GOOD = """\
name = "Essai"
languages = ["fr", "en"]

[look]
accent = "#0b5cad"

[sign_in]
identifier = "username"

[recovery]
identify_by = "one_of"
fields = ["username", "email"]
proof = "link"

[password]
min_length = 8

[mail]
sender = "noreply@essai.example.org"
"""


def problems_of(folder: Path, text: str, name: str = "essai.toml") -> tuple[Problem, ...]:
    file = folder / name
    file.write_text(text, "utf-8")
    with pytest.raises(ConfigurationProblems) as told:
        load_portal(file, ("fr", "en"))
    return told.value.problems


def only(folder: Path, text: str) -> Problem:
    (problem,) = problems_of(folder, text)
    return problem


def test_a_good_file_becomes_a_portal(tmp_path):
    (tmp_path / "essai.toml").write_text(GOOD, "utf-8")
    portal = load_portal(tmp_path / "essai.toml", ("fr", "en"))
    assert (portal.slug, portal.name, portal.recovery.proof) == ("essai", "Essai", ProofKind.LINK)


def test_the_four_shipped_files_are_good():
    shipped = load_portals(ROOT / "src/retrouve/demo/portals", ("fr", "en"))
    assert sorted(shipped) == ["creos", "leo", "metamots", "nouvelle-aquitaine"]


CHANGES = [
    # (what is written instead of what, line, column, key, code, the nearest known)
    ('proof = "link"', 'prof = "link"', 13, 1, "recovery.prof", "unknown_key", "proof"),
    ('proof = "link"', 'proof = "lnk"', 13, 1, "recovery.proof", "not_one_of", "link"),
    ("min_length = 8", "min_lenght = 8", 16, 1, "password.min_lenght", "unknown_key", "min_length"),
    ("min_length = 8", 'min_length = "8"', 16, 1, "password.min_length", "wrong_type", ""),
    ("min_length = 8", "confirm = 1", 16, 1, "password.confirm", "wrong_type", ""),
    ('name = "Essai"', "name = 3", 1, 1, "name", "wrong_type", ""),
    ('"#0b5cad"', '"bleu"', 5, 1, "look.accent", "bad_colour", ""),
    ('"#0b5cad"', '"#ffff00"', 5, 1, "look.accent", "low_contrast", ""),
    ('["fr", "en"]', '["fr", "tlh"]', 2, 1, "languages[2]", "language_not_spoken", ""),
    ('proof = "link"', 'proof = "link"\nproof_lasts = "1 h"', 14, 1, "recovery.proof_lasts", "bad_duration", ""),
    ('proof = "link"', 'proof = "link"\nproof_lasts = "25h"', 14, 1, "recovery.proof_lasts", "too_long_life", ""),
    ('["username", "email"]', "[]", 12, 1, "recovery.fields", "no_lookup", ""),
    ('["username", "email"]', '["username", "username"]', 12, 1, "recovery.fields", "twice", ""),
    ('["username", "email"]', '["username", "mail"]', 12, 1, "recovery.fields[2]", "not_one_of", "email"),
    ("noreply@essai.example.org", "noreply", 19, 1, "mail.sender", "bad_address", ""),
    ('identifier = "username"', 'identifier = "username"\nlinks = ["help"]', 9, 1, "sign_in.links", "needs_help", ""),
    ("[mail]", '[sessions]\nidle = "59s"\n[mail]', 19, 1, "sessions.idle", "out_of_range", ""),
    ("[mail]", '[sessions]\nidle = "13h"\n[mail]', 19, 1, "sessions.idle", "out_of_range", ""),
    ("[mail]", '[sessions]\nidle = "1m"\nabsolute = "4m"\n[mail]', 20, 1, "sessions.absolute", "out_of_range", ""),
    ("[mail]", '[sessions]\nabsolute = "31d"\n[mail]', 19, 1, "sessions.absolute", "out_of_range", ""),
    ("[mail]", '[sessions]\nidel = "5m"\n[mail]', 19, 1, "sessions.idel", "unknown_key", "idle"),
    ("[mail]", '[wording]\nask_titre = "x"\n[mail]', 19, 1, "wording.ask_titre", "unknown_key", "ask_title"),
]


@pytest.mark.parametrize(("old", "new", "line", "column", "key", "code", "nearest"), CHANGES)
def test_a_mistake_is_told_with_its_place_and_the_nearest_known(tmp_path, old, new, line, column, key, code, nearest):
    assert old in GOOD
    found = [one for one in problems_of(tmp_path, GOOD.replace(old, new)) if one.code != "missing_key"]
    if code == "low_contrast":
        found = found[:1]
    if code == "needs_help":
        found = [one for one in found if one.code == code]
    (problem,) = found
    assert (problem.line, problem.key, problem.code, problem.nearest) == (line, key, code, nearest)
    assert problem.column >= column


def test_a_missing_key_is_told_at_its_table(tmp_path):
    problem = only(tmp_path, GOOD.replace('proof = "link"\n', ""))
    assert (problem.key, problem.code) == ("recovery.proof", "missing_key")
    assert problem.line in (10, 11)


def test_sessions_last_as_the_file_says_and_thirty_minutes_of_rest_otherwise(tmp_path):
    (tmp_path / "essai.toml").write_text(GOOD + '\n[sessions]\nabsolute = "8h"\n', "utf-8")
    sessions = load_portal(tmp_path / "essai.toml", ("fr", "en")).sessions
    assert sessions == Sessions(idle=timedelta(minutes=30), absolute=timedelta(hours=8))


def test_a_shorter_whole_than_the_usual_rest_is_told_at_the_rest(tmp_path):
    """`absolute` alone was written: what contradicts it is `idle`, which was not."""
    problem = only(tmp_path, GOOD + '\n[sessions]\nabsolute = "10m"\n')
    assert (problem.key, problem.code) == ("sessions.idle", "out_of_range")
    assert "pas plus longtemps que absolute" in problem.sentence("fr")


def test_the_sentence_is_in_the_operators_language(tmp_path):
    problem = next(one for one in problems_of(tmp_path, GOOD.replace("proof =", "prof =")) if one.nearest)
    french = problem.sentence("fr").replace("\u00a0", " ").replace("\u202f", " ")
    assert french.endswith("essai.toml:13:1 : recovery.prof : clé inconnue ; vouliez-vous dire « proof » ?")
    assert problem.sentence("en").endswith('essai.toml:13:1: recovery.prof: unknown key; did you mean "proof"?')


def test_all_the_mistakes_of_all_the_files_are_told_at_once(tmp_path):
    (tmp_path / "a.toml").write_text(GOOD.replace("proof =", "prof ="), "utf-8")
    (tmp_path / "b.toml").write_text("name = ", "utf-8")
    (tmp_path / "c.toml").write_bytes(b'name = "\xff"')
    (tmp_path / "D_.toml").write_text(GOOD, "utf-8")
    with pytest.raises(ConfigurationProblems) as told:
        load_portals(tmp_path, ("fr", "en"))
    assert [(one.file.name, one.code) for one in told.value.problems] == [
        ("D_.toml", "bad_slug"),
        ("a.toml", "missing_key"),
        ("a.toml", "unknown_key"),
        ("b.toml", "not_toml"),
        ("c.toml", "not_utf8"),
    ]


def test_an_empty_folder_is_told(tmp_path):
    with pytest.raises(ConfigurationProblems, match="no portal file"):
        load_portals(tmp_path, ("fr", "en"))


@pytest.mark.parametrize(
    ("notice", "code", "nearest"),
    [
        ('text = "[ici](recouvrer)"', "bad_link", "recover"),
        ('text = "[ici](javascript:alert)"', "bad_link", ""),
        ('text = "[ici](//evil.example)"', "bad_link", ""),
        ('text = "[ici](help)"', "bad_link", ""),
        ('text = { fr = "a" }', "missing_language", ""),
        ('text = { fr = "a", en = "b", de = "c" }', "unknown_language", ""),
        ("text = 3", "wrong_type", ""),
    ],
)
def test_the_texts_of_a_portal_lead_somewhere_in_all_its_languages(tmp_path, notice, code, nearest):
    text = GOOD + '\n[[sign_in.notice]]\nkind = "information"\n' + notice
    problem = only(tmp_path, text)
    assert (problem.key, problem.code) == ("sign_in.notice[1].text", code)
    assert not nearest or problem.nearest == nearest


@pytest.mark.parametrize(
    ("audience", "key", "code"),
    [
        ('leads_to = "address"', "audience[1].leads_to", "needs_address"),
        ('leads_to = "support"', "audience[1].leads_to", "needs_support"),
        ('leads_to = "accounts"\npasword = {}', "audience[1].pasword", "unknown_key"),
        ('leads_to = "accounts"\npassword = { confirm = true }', "audience[1].password.confirm", "unknown_key"),
        ('leads_to = "accounts"\ndirectory = "ldap"', "audience[1].directory", "unknown_directory"),
        *(
            (f"leads_to = 'address'\naddress = '{address}'", "audience[1].address", "bad_url")
            for address in (
                "http://example.org/",
                "//example.org",
                "https:example.org",
                "https://user@example.org/",
                "https://example.org\\@evil.example",
                "javascript:alert(1)",
                "https://exa mple.org",
            )
        ),
    ],
)
def test_an_audience_leads_to_a_place_that_exists(tmp_path, audience, key, code):
    problem = only(tmp_path, GOOD + f'\n[[audience]]\nslug = "agents"\nlabel = "Agents"\n{audience}\n')
    assert (problem.key, problem.code) == (key, code)


@pytest.mark.parametrize(
    ("logo", "code"), [("../secret.svg", "bad_file_name"), ("a.gif", "bad_file_name"), ("absent.svg", "no_such_file")]
)
def test_a_logo_lies_beside_its_file(tmp_path, logo, code):
    problem = only(tmp_path, GOOD.replace("[sign_in]", f'logo = "{logo}"\n[sign_in]'))
    assert (problem.key, problem.code) == ("look.logo", code)


def test_a_fact_that_is_chosen_needs_its_choices(tmp_path):
    text = GOOD.replace('"one_of"', '"all_of"').replace('["username", "email"]', '["email", "kind"]')
    assert only(tmp_path, text).code == "needs_choices"


def test_only_known_placeholders_are_filled(tmp_path):
    problem = only(tmp_path, GOOD + '\n[wording]\nask_title = "Bonjour {prenom}"\n')
    assert (problem.key, problem.code) == ("wording.ask_title", "bad_placeholder")


@pytest.mark.parametrize("name", Phrase)
def test_the_usual_sentence_may_be_copied_and_altered(name):
    assert set(HOLE.findall(str(USUAL.get(name, "")))) <= PLACEHOLDERS.get(name, PORTAL_NAME)


@pytest.mark.parametrize("name", ["static.toml", "healthz.toml", "Essai.toml", "é.toml", "-a.toml"])
def test_a_file_is_named_as_the_portals_address(tmp_path, name):
    (problem,) = problems_of(tmp_path, GOOD, name)
    assert problem.code == "bad_slug"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300))
def test_no_bytes_at_all_break_the_reading(tmp_path, content):
    file = tmp_path / "essai.toml"
    file.write_bytes(content)
    with pytest.raises(ConfigurationProblems):
        load_portal(file, ("fr", "en"))


values = st.recursive(
    st.text(max_size=12)
    | st.integers(-5, 2000)
    | st.booleans()
    | st.sampled_from(["1h", "#ffffff", "link", "recover"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["fr", "en", "slug"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    table=st.sampled_from(
        ["look", "sign_in", "recovery", "password", "completion", "support", "mail", "facts", "wording"]
    ),
    key=st.sampled_from(
        ["accent", "logo", "links", "notice", "proof_lasts", "fields", "require", "email", "ask_title", "é"]
    ),
    value=values,
)
def test_any_value_at_any_key_is_accepted_or_told_in_both_languages(tmp_path, table, key, value):
    tables = toml_rs.loads(GOOD)
    tables.setdefault(table, {})[key] = value
    file = tmp_path / "essai.toml"
    file.write_text(toml_rs.dumps(tables), "utf-8")
    assert all(one.sentence("fr") and one.sentence("en") for one in mistakes_in(file))


def mistakes_in(file: Path) -> tuple[Problem, ...]:
    try:
        load_portal(file, ("fr", "en"))
    except ConfigurationProblems as told:
        return told.problems
    return ()


def test_the_portal_of_ten_minutes_is_good(tmp_path):
    written = (ROOT / "docs/configuration.md").read_text("utf-8")
    (tmp_path / "mon-service.toml").write_text(written.partition("```toml\n")[2].partition("```")[0], "utf-8")
    assert load_portal(tmp_path / "mon-service.toml", ("fr", "en")).name == "Mon service"


AUDIENCE = '\n[[audience]]\nslug = "a"\nlabel = "A"\nleads_to = "accounts"\n'


@pytest.mark.parametrize(
    ("added", "key", "code"),
    [
        ('[registration]\nfields = ["first_name"]', "registration.fields", "needs_email"),
        ('[registration]\nfields = ["email", "username"]', "registration.fields", "username_is_made"),
        ('[registration]\nfields = ["email", "email"]', "registration.fields", "twice"),
        ('[registration]\nfields = ["email", "kind"]', "registration.fields", "needs_choices"),
        ('[registration]\nfields = ["email"]\nlink_lasts = "25h"', "registration.link_lasts", "too_long_life"),
        ('[registration]\nfields = ["email"]\nterms = "javascript:1"', "registration.terms", "bad_url"),
        ('[registration]\nfields = ["email"]' + AUDIENCE, "registration", "one_population"),
        ('[activation]\ncode_lasts = "400d"', "activation.code_lasts", "out_of_range"),
    ],
)
def test_the_ways_to_an_account_are_checked(tmp_path, added, key, code):
    problem = only(tmp_path, GOOD + f"\n{added}\n")
    assert (problem.key, problem.code) == (key, code)


@pytest.mark.parametrize("link", ["register", "activate"])
def test_a_link_to_a_way_that_is_not_open_is_told(tmp_path, link):
    text = GOOD.replace('identifier = "username"', f'identifier = "username"\nlinks = ["recover", "{link}"]')
    assert (only(tmp_path, text).key, only(tmp_path, text).code) == ("sign_in.links", "needs_table")


def test_accounts_are_created_only_where_retrouve_keeps_them(tmp_path):
    text = GOOD.replace('name = "Essai"', 'name = "Essai"\ndirectory = "region"') + "\n[activation]\n"
    file = tmp_path / "essai.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(ConfigurationProblems) as told:
        load_portal(file, ("fr", "en"), ("own", "region"))
    assert [problem.code for problem in told.value.problems] == ["needs_own_directory"]


@pytest.mark.parametrize(
    ("table", "key", "code"),
    [
        ('after_loss = "23h"', "second_factor.after_loss", "out_of_range"),
        ('after_loss = "31d"', "second_factor.after_loss", "out_of_range"),
        ("required = true\npasskeys = false\ncodes = false", "second_factor.required", "needs_a_means"),
        ("by_mail = true\npasskeys = false\ncodes = false", "second_factor.by_mail", "needs_a_means"),
    ],
)
def test_second_means_that_contradict_one_another_are_told(tmp_path, table, key, code):
    problem = only(tmp_path, f"{GOOD}\n[second_factor]\n{table}\n")
    assert (problem.key, problem.code) == (key, code)


def test_second_means_are_offered_and_not_required_unless_the_file_says_so(tmp_path):
    (tmp_path / "essai.toml").write_text(GOOD, "utf-8")
    offered = load_portal(tmp_path / "essai.toml", ("fr", "en")).second_factor
    assert (offered.passkeys, offered.codes, offered.by_mail, offered.required) == (True, True, False, False)
    assert offered.after_loss == timedelta(hours=72)
