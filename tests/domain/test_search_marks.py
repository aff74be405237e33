"""The marks on found words, as a reader of the text sees them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cur_tui.domain.language.search_marks import highlights

TEXT = "Дорога к дорогам: нет воды в окнах, лёд у скамеек. Тел. +7 (4162) 22-33-44, дом 12 А"


def marked(*words: str, prefix: bool = False, text: str = TEXT) -> list[str]:
    return [text[start:end] for start, end in highlights(text, words, prefix=prefix)]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("дорогу",), ["Дорога", "дорогам"]),
        (("окон",), ["окнах"]),
        (("льда",), ["лёд"]),
        (("скамейка",), ["скамеек"]),
        (("нет", "вода"), ["нет", "воды"]),
        (("вода", "нет"), []),
        (("12а",), ["12", "А"]),
        (("84162223344",), ["+7 (4162) 22-33-44"]),
        (("22-33-44",), ["+7 (4162) 22-33-44"]),
        (("!",), []),
    ],
)
def test_every_form_is_marked(words: tuple[str, ...], found: list[str]) -> None:
    assert marked(*words) == found


def test_a_word_being_typed_is_marked_to_its_end() -> None:
    assert marked("дор", prefix=True) == ["Дорога", "дорогам"]
    assert marked("нет", "во", prefix=True) == ["нет", "воды"]
    assert marked("дорогами", prefix=True) == ["Дорога", "дорогам"]


@given(st.text(max_size=60), st.text(max_size=12), st.booleans())
def test_marks_rise_and_do_not_overlap(text: str, typed: str, prefix: bool) -> None:
    at = 0
    for start, end in highlights(text, [typed], prefix=prefix):
        assert at <= start < end <= len(text)
        at = end


@given(st.text("абвёй 12-A", min_size=1, max_size=40))
def test_a_text_is_marked_by_its_own_words(text: str) -> None:
    spans = highlights(text, [text])
    assert bool(spans) == any(char.isalnum() for char in text)
