"""Every form of a word finds every other: measured on 200 words of the field and on 200 others."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cur_tui.domain.language.search_phrases import MAX_RUNS, Phrase, phrases
from cur_tui.domain.language.stems import fold, folded_words, index_text, stem
from cur_tui.domain.language.word_forms import stems_of

FORMS = Path(__file__).with_name("forms")
"""A line for each word with all its forms, from the OpenCorpora dictionary (CC BY-SA 3.0)."""


def lexemes(name: str) -> list[list[str]]:
    return [line.split() for line in (FORMS / f"{name}.txt").read_text(encoding="utf-8").splitlines()]


def missed(forms: list[str]) -> Iterator[tuple[str, str]]:
    for typed in forms:
        found = stems_of(fold(typed))
        yield from ((typed, form) for form in forms if stem(fold(form)) not in found)


@pytest.mark.parametrize(("name", "least"), [("field_words", 1.0), ("other_words", 0.995)])
def test_every_form_finds_every_form(name: str, least: float) -> None:
    words = lexemes(name)
    assert len(words) == 200
    pairs = sum(len(forms) ** 2 for forms in words)
    not_found = [pair for forms in words for pair in missed(forms)]
    assert 1 - len(not_found) / pairs >= least, not_found[:20]


@pytest.mark.parametrize(
    ("typed", "standing"),
    [
        ("окон", "окнами"),
        ("льда", "лёд"),
        ("люди", "человеку"),
        ("детей", "ребёнок"),
        ("скамеек", "скамейка"),
        ("дня", "день"),
        ("отец", "отцами"),
        ("течёт", "течь"),
        ("пишу", "писать"),
        ("ВОДОЙ", "вода"),
    ],
)
def test_forms_that_look_unlike(typed: str, standing: str) -> None:
    assert stem(fold(standing)) in stems_of(fold(typed))
    assert stem(fold(typed)) in stems_of(fold(standing))


@pytest.mark.parametrize(
    ("typed", "alien"), [("дом", "дома́шний"), ("вес", "весна"), ("зам", "замена"), ("стол", "столица")]
)
def test_words_of_another_meaning_stay_apart(typed: str, alien: str) -> None:
    assert stem(fold(alien)) not in stems_of(fold(typed))


@pytest.mark.parametrize(
    ("typed", "standing"), [("хрумзалок", "хрумзалка"), ("дрындец", "дрындца"), ("брюмсеек", "брюмсейка")]
)
def test_words_of_no_dictionary_lose_and_get_their_vowel(typed: str, standing: str) -> None:
    assert stem(standing) in stems_of(typed)
    assert stem(typed) in stems_of(standing)


def test_what_is_one_word_for_people_is_one_for_the_search() -> None:
    assert fold("ЁЛКА") == fold("елка")
    assert fold("за́мок") == fold("замок"), "a stress mark"
    assert fold("Mосква") == fold("москва"), "a Latin M"
    assert folded_words("дом 12а") == folded_words("дом 12 А") == folded_words("дом 12-a")
    assert folded_words("59-ФЗ") == folded_words("59фз")


def asked(*words: str, prefix: bool = False) -> set[tuple[str, ...]]:
    return {run for phrase in phrases(words, prefix=prefix) for run in phrase.runs()}


def test_a_telephone_number_is_one_number_however_it_is_written() -> None:
    ways = ("8 (4162) 22-33-44", "+7 4162 223344", "84162223344", "+7(4162)22-33-44", "8-4162-22-33-44")
    for text in ways:
        indexed = index_text([f"Звоните: {text}, вечером"]).split()
        for typed in ways:
            assert ("4162223344",) in asked(typed)
            assert "4162223344" in indexed, text
        for typed in ("22-33-44", "22 33 44"):
            assert ("223344",) in asked(typed)
            assert "223344" in indexed, text
    assert ("9140000000",) not in asked("дом 12, кв. 9")


def test_numbers_that_are_no_telephones_stay_as_they_are() -> None:
    assert index_text(["№ 02-14/2026, дом 12"]) == "02 14 2026 дом 12"
    assert asked("01-15/1234") == {("01", "15", "1234")}


def test_nothing_is_asked_where_there_is_no_word() -> None:
    assert phrases(["!", "—"]) == () == phrases([])


def test_a_long_phrase_stays_within_bounds() -> None:
    phrase = Phrase((tuple("абвгд"),) * 9)
    assert 0 < len(set(phrase.runs())) <= MAX_RUNS


@given(st.text(max_size=40))
def test_any_text_asks_for_what_its_index_holds(text: str) -> None:
    words = folded_words(text)
    assert all(stem(word) in stems_of(word) for word in words)
    run = tuple(map(stem, words))
    assert not run or any(
        all(one in choice for one, choice in zip(run, phrase.words, strict=False))
        for phrase in phrases([text])
    )


@given(st.text("абвоеёйьклмн ", max_size=12))
def test_while_a_word_is_typed_what_it_becomes_is_found(text: str) -> None:
    words = folded_words(text)
    if words:
        found = phrases(words, prefix=True)
        assert any(phrase.prefix and phrase.words[-1] == (words[-1],) for phrase in found)


@pytest.mark.parametrize(
    "word",
    re.findall(
        r"\w+",
        """
        роют кладут люди роет смотреть сделайте разрушается ответственностью управляющую здравствуйте
        дозвониться обратились начислениях вчерашнего дорога ёлки club
        """,
    ),
)
def test_a_word_is_found_from_its_first_letter_to_its_last(word: str) -> None:
    indexed = index_text([word])
    for length in range(1, len(word) + 1):
        begun = word[:length]
        assert any(
            indexed.startswith(phrase.words[-1][0]) if phrase.prefix else indexed in phrase.words[-1]
            for phrase in phrases((begun,), prefix=True)
        ), begun


def test_a_letter_that_both_alphabets_have_begins_words_of_both() -> None:
    begun = {phrase.words for phrase in phrases(("C",), prefix=True) if phrase.prefix}
    assert begun == {(("с",),), (("c",),)}
