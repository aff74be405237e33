"""The catalogues are complete, and the program speaks the language it was asked to."""

from __future__ import annotations

import gettext
import logging
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cur_tui import i18n
from tools import catalogue
from tools.extraction import Key, extract

HEADER = (
    'msgid ""\nmsgstr ""\n"Language: ru\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
    '"Plural-Forms: nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : '
    'n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);\\n"\n\n'
)
SOURCE = """
def shown(count, name):
    # TRANSLATORS: a greeting
    print(_("Hello, {name}"), f"{t.gettext('inside')}")
    return ngettext("{count} file", "{count} files", count), pgettext("verb", "open"), _(name)
LATER = N_("two "
           "pieces")
"""
TRANSLATED = (
    'msgid "Hello, {name}"\nmsgstr "Привет, {name}"\n\n'
    'msgid "inside"\nmsgstr "внутри"\n\n'
    'msgid "two pieces"\nmsgstr "две части"\n\n'
    'msgid "{count} file"\nmsgid_plural "{count} files"\n'
    'msgstr[0] "{count} файл"\nmsgstr[1] "{count} файла"\nmsgstr[2] "{count} файлов"\n\n'
    'msgctxt "verb"\nmsgid "open"\nmsgstr "открыть"\n'
)


@pytest.fixture
def locale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty set of catalogues of its own."""
    folder = tmp_path / "locale" / "ru"
    folder.mkdir(parents=True)
    monkeypatch.setattr(catalogue, "LOCALE", tmp_path / "locale")
    return folder


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "module.py"
    path.write_text(SOURCE, encoding="utf-8")
    return path


# -- the product's own catalogues --------------------------------------------------------------------------


def test_the_catalogues_are_exactly_the_translation_of_the_code() -> None:
    faults = catalogue.check()
    assert not faults, "run `python -m tools.catalogue add FRAGMENT PATH` and translate:\n" + "\n".join(
        faults
    )


def test_fragments_are_in_the_canonical_form(locale: Path) -> None:
    """Else the next tool that writes one makes a change nobody meant."""
    for language in i18n.LANGUAGES:
        for path in sorted((i18n.LOCALE_DIR / language).glob("*.po")):
            copy = locale / path.name
            entries = catalogue.messages(catalogue.read_fragment(path, language))
            catalogue.write_fragment(copy, language, entries)
            assert copy.read_text() == path.read_text(), f"{path.name}: run `python -m tools.catalogue tidy`"


# -- the tool ----------------------------------------------------------------------------------------------


def test_extraction_finds_every_kind_of_call(source: Path) -> None:
    found = extract([source])
    assert set(found) == {
        Key("", "Hello, {name}"),
        Key("", "inside"),
        Key("", "{count} file"),
        Key("verb", "open"),
        Key("", "two pieces"),
    }
    assert found[Key("", "{count} file")].plural == "{count} files"
    assert found[Key("", "Hello, {name}")].comments == ("a greeting",)


def test_a_complete_catalogue_has_no_faults(locale: Path, source: Path) -> None:
    (locale / "base.po").write_text(HEADER + TRANSLATED, encoding="utf-8")
    assert catalogue.check(extract([source])) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("Привет, {name}", "Привет, {имя}", "placeholders"),
        ("Привет, {name}", "Привет", "placeholders"),
        ("{count} файлов", "много файлов", "placeholders"),
        ('msgstr "внутри"', 'msgstr ""', "not translated"),
        ('msgstr[1] "{count} файла"', 'msgstr[1] ""', "not translated"),
        ('msgid "inside"', '#, fuzzy\nmsgid "inside"', "fuzzy"),
        ('msgid "inside"\nmsgstr "внутри"\n', "", "missing, used in"),
        ('msgid "inside"', 'msgid "outside"', "no longer in the code"),
        ('msgctxt "verb"\n', "", "missing, used in"),
    ],
)
def test_each_fault_is_seen(locale: Path, source: Path, old: str, new: str, fault: str) -> None:
    assert old in TRANSLATED
    (locale / "base.po").write_text(HEADER + TRANSLATED.replace(old, new), encoding="utf-8")
    assert any(fault in text for text in catalogue.check(extract([source])))


def test_fragments_may_agree_but_not_disagree(locale: Path) -> None:
    entry = 'msgid "Cancel"\nmsgstr "Отмена"\n'
    (locale / "cli.po").write_text(HEADER + entry, encoding="utf-8")
    (locale / "screens.po").write_text(HEADER + entry, encoding="utf-8")
    assert catalogue.merged("ru")[1] == []
    (locale / "screens.po").write_text(HEADER + entry.replace("Отмена", "Отменить"), encoding="utf-8")
    assert len(catalogue.merged("ru")[1]) == 1


def test_adding_keeps_what_is_translated_and_tidying_drops_what_is_gone(locale: Path, source: Path) -> None:
    (locale / "base.po").write_text(HEADER + 'msgid "inside"\nmsgstr "внутри"\n', encoding="utf-8")
    assert catalogue.add("cli", [source]) == 4
    assert catalogue.add("cli", [source]) == 0
    assert '"inside"' not in (locale / "cli.po").read_text()
    assert 'msgid "two pieces"\nmsgstr ""' in (locale / "cli.po").read_text()
    catalogue.tidy()
    assert "внутри" not in (locale / "base.po").read_text(), "the product has no such message"


def test_compiling_is_repeated_only_when_a_fragment_changed(locale: Path) -> None:
    fragment = locale / "base.po"
    fragment.write_text(HEADER + TRANSLATED, encoding="utf-8")
    (compiled,) = catalogue.compile_all()
    assert catalogue.compile_all(if_stale=True) == []
    later = compiled.stat().st_mtime + 1
    os.utime(fragment, (later, later))
    assert catalogue.compile_all(if_stale=True) == [compiled]


# -- the program's side ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environ", "setting", "expected"),
    [
        ({}, None, "ru"),
        ({"LANG": "en_US.UTF-8"}, None, "ru"),
        ({"LC_ALL": "en_US.UTF-8"}, None, "en"),
        ({"LC_ALL": "C.UTF-8"}, None, "ru"),
        ({"LC_ALL": "de_DE.UTF-8"}, None, "ru"),
        ({"LC_ALL": "ru_RU.UTF-8"}, "en", "en"),
        ({"CUR_LANG": "en-GB"}, "ru", "en"),
        ({"CUR_LANG": ""}, "en", "en"),
    ],
)
def test_choice_of_the_language(environ: dict[str, str], setting: str | None, expected: str) -> None:
    assert i18n.choose_language(setting, environ) == expected


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(ValueError, match="'de'"):
        i18n.set_language("de")


def test_switching_the_language_changes_what_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(i18n, "_active", None)
    assert i18n._("under 1 min") == "меньше 1 мин"
    i18n.set_language("en")
    assert i18n._("under 1 min") == "under 1 min"
    assert i18n.pgettext("day of month", "May") == "May"


@pytest.mark.parametrize(
    ("count", "form"),
    [
        (0, "часов"),
        (1, "час"),
        (2, "часа"),
        (5, "часов"),
        (11, "часов"),
        (14, "часов"),
        (21, "час"),
        (22, "часа"),
    ],
)
def test_russian_has_three_forms(count: int, form: str) -> None:
    text = i18n.translator("ru").ngettext("{count} clock hour", "{count} clock hours", count)
    assert text == "{count} " + form


def test_english_has_two_forms() -> None:
    forms = [i18n.translator("en").ngettext("{count} x", "{count} xs", count) for count in (0, 1, 2, 21)]
    assert forms == ["{count} xs", "{count} x", "{count} xs", "{count} xs"]


def test_an_empty_text_is_not_the_header_of_the_catalogue() -> None:
    assert i18n.translator("ru").gettext("") == ""


def test_threads_may_speak_different_languages() -> None:
    def say(number: int) -> str:
        return i18n.translator(i18n.LANGUAGES[number % 2]).gettext("just overdue")

    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(say, range(200)))
    assert said == ["только что просрочено", "just overdue"] * 100


def test_without_a_catalogue_texts_are_english_and_one_warning_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(i18n, "LOCALE_DIR", tmp_path)
    # Around the cache, which holds the real catalogue for the rest of the run.
    with caplog.at_level(logging.WARNING):
        bare = i18n.translator.__wrapped__("ru")
    assert bare.gettext("just overdue") == "just overdue"
    assert bare.ngettext("{count} file", "{count} files", 21) == "{count} files"
    assert ["make catalogues" in record.getMessage() for record in caplog.records] == [True]


def test_texts_are_those_that_the_standard_library_finds() -> None:
    standard = gettext.translation("cur", i18n.LOCALE_DIR, ["ru"])
    ours = i18n.translator("ru")
    for key, text in standard._catalog.items():  # type: ignore[attr-defined]
        if key == "":
            continue
        if isinstance(key, tuple):
            continue
        context, separator, message = key.rpartition("\4")
        assert (ours.pgettext(context, message) if separator else ours.gettext(key)) == text
    assert ours.pgettext("no such context", "state") == "state"


def test_plural_forms_are_those_of_the_catalogue() -> None:
    standard = gettext.translation("cur", i18n.LOCALE_DIR, ["ru"])
    header = standard.info()["plural-forms"]
    rule = gettext.c2py(header.partition("plural=")[2].rstrip(";"))
    assert [i18n.PLURALS["ru"](n) for n in range(1_000)] == [rule(n) for n in range(1_000)]
    for n in (0, 1, 2, 5, 11, 21, 112):
        words = ("{count} appeal", "{count} appeals", n)
        assert i18n.translator("ru").ngettext(*words) == standard.ngettext(*words)
        assert i18n.translator("en").ngettext(*words) == words[n != 1]
