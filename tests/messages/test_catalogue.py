from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "catalogue.py"


@pytest.fixture
def catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script, looking at a small source tree of its own."""
    spec = importlib.util.spec_from_file_location("catalogue", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for language in ("fr", "en"):
        (tmp_path / "messages/locale" / language / "LC_MESSAGES").mkdir(parents=True)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "SOURCES", tmp_path)
    monkeypatch.setattr(module, "LOCALE", tmp_path / "messages/locale")
    return module


def translate(catalogue: ModuleType, french: str, english: str) -> None:
    po = catalogue.LOCALE / "en/LC_MESSAGES/django.po"
    before, after = f'msgid "{french}"\nmsgstr ""', f'msgid "{french}"\nmsgstr "{english}"'
    assert before in po.read_text()
    po.write_text(po.read_text().replace(before, after))


def test_the_catalogue_of_the_product_is_complete() -> None:
    checked = subprocess.run([sys.executable, SCRIPT, "check"], capture_output=True, text=True, check=False)
    assert checked.stderr == ""
    assert checked.returncode == 0


def test_sentences_are_found_in_python_and_in_templates(catalogue: ModuleType) -> None:
    (catalogue.SOURCES / "one.py").write_text('x = gettext("Un " "deux")\ny = ngettext("a", "b", 2)\n')
    (catalogue.SOURCES / "page.html").write_text(
        "  {% load i18n %}<p>L'été {% translate 'Bonjour' %}</p>\n"
        "{% blocktranslate trimmed with name=who %}\n  Bonsoir\n  {{ name }}{% endblocktranslate %}\n"
        "{% blocktranslate count n=n %}{{ n }} essai{% plural %}{{ n }} essais{% endblocktranslate %}"
    )
    found = {message.id for message in catalogue.messages_in_sources() if message.id}
    assert found == {"Un deux", ("a", "b"), "Bonjour", "Bonsoir %(name)s", ("%(n)s essai", "%(n)s essais")}


def test_check_fails_until_the_translation_is_there(catalogue: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    (catalogue.SOURCES / "one.py").write_text('gettext("Bonjour {name}")\n')
    catalogue.do_extract()
    assert catalogue.do_check() == 1
    assert "one.py: no translation (en): 'Bonjour {name}'" in capsys.readouterr().err
    translate(catalogue, "Bonjour {name}", "Hello {name}")
    assert catalogue.do_check() == 0


def test_check_fails_when_the_translation_has_other_holes(catalogue: ModuleType) -> None:
    (catalogue.SOURCES / "one.py").write_text('gettext("Bonjour {name}")\n')
    catalogue.do_extract()
    translate(catalogue, "Bonjour {name}", "Hello {nom}")
    assert catalogue.do_check() == 1


def test_check_fails_on_a_sentence_that_nobody_says_any_more(
    catalogue: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    (catalogue.SOURCES / "one.py").write_text('gettext("Bonjour")\n')
    catalogue.do_extract()
    translate(catalogue, "Bonjour", "Hello")
    (catalogue.SOURCES / "one.py").write_text("")
    assert catalogue.do_check() == 1
    assert "no longer used: 'Bonjour'" in capsys.readouterr().err
    catalogue.do_extract()
    assert catalogue.do_check() == 0


def test_extracting_keeps_the_translations_there_are(catalogue: ModuleType) -> None:
    (catalogue.SOURCES / "one.py").write_text('gettext("Bonjour")\n')
    catalogue.do_extract()
    translate(catalogue, "Bonjour", "Hello")
    (catalogue.SOURCES / "one.py").write_text('gettext("Bonjour")\ngettext("Merci")\n')
    catalogue.do_extract()
    assert catalogue.read("en").get("Bonjour").string == "Hello"
    assert catalogue.read("en").get("Merci").string == ""


def test_a_sentence_whose_spaces_were_mended_keeps_its_translation(catalogue: ModuleType) -> None:
    (catalogue.SOURCES / "one.py").write_text('gettext("Vide : remplissez")\n')
    catalogue.do_extract()
    translate(catalogue, "Vide : remplissez", "Empty: fill in")
    (catalogue.SOURCES / "one.py").write_text('gettext("Vide\u00a0: remplissez")\n')
    catalogue.do_extract()
    assert catalogue.read("en").get("Vide\u00a0: remplissez").string == "Empty: fill in"


@pytest.mark.parametrize(
    "sentence",
    [
        "Besoin d’aide ?",
        "Besoin d’aide?",
        "Besoin d’aide\u00a0?",
        "Votre code :",
        "Votre code\u202f:",
        "Votre code: 123",
        "Besoin d'aide",
        'Le "code"',
        "« Le code »",
        "Un instant...",
        "Un e-mail",
    ],
)
def test_a_sentence_with_a_fault_of_typography_is_named(catalogue: ModuleType, sentence: str) -> None:
    assert catalogue.faults_of(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Besoin d’aide\u202f?",
        "Votre code\u00a0:",
        'Le code\u00a0: <code class="x">%(code)s</code>',
        "Un chiffre ('0'-'9').",
        "«\u00a0Le code\u00a0»",
        "«\u202fLe code\u202f»",
        "https://exemple.fr/a?b",
        "À 19:14 précises",
        "Quoi\u202f?!",
    ],
)
def test_a_well_written_sentence_has_no_fault(catalogue: ModuleType, sentence: str) -> None:
    assert catalogue.faults_of(sentence) == []


def test_an_unknown_verb_says_what_is_known(catalogue: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert catalogue.main(["translate"]) == 2
    assert "extract | compile | check" in capsys.readouterr().err
