"""Completion of the filter line: names, flags and values, in either language and either layout."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cur_tui.domain.query.complete import complete
from cur_tui.domain.query.parse import parse_leniently
from cur_tui.domain.query.words import default_vocabulary

VOCABULARY = default_vocabulary()


@pytest.mark.parametrize(
    ("line", "texts"),
    [
        ("бл", ["блок:"]),
        ("вода -назн", ["назначено"]),
        ("prio", ["priority:"]),
        (",kj", ["блок:"]),
        ("идщ", ["block:"]),
        ("блок:ж", ["жкх"]),
        ("блок:;r", ["жкх"]),
        ("блок:жкх,дор", ["дороги"]),
        ("state:in_", ["in_progress", "in_review", "interim_published"]),
        ("статус:на_с", ["на_согласовании"]),
        ("срок:", ["<4ч", "<1д", "<3д", "сегодня", "завтра", "вчера", "просрочено", "нет"]),
        ("due:to", ["today", "tomorrow"]),
        ("assignee:", ["none", "me"]),
        ("sort:-re", ["registered", "relevance"]),
        ("fast_track:", ["yes", "no"]),
        ('"нет во', []),
        ("xyzzy:", []),
        ("вода", []),
    ],
)
def test_completions(line: str, texts: list[str]) -> None:
    assert [completion.text for completion in complete(line, len(line), VOCABULARY)] == texts


def test_an_empty_place_offers_every_name_in_the_language_of_the_interface() -> None:
    russian = [completion.text for completion in complete("блок:жкх ", 9, VOCABULARY)]
    english = [completion.text for completion in complete("", 0, VOCABULARY, "en")]
    assert {"блок:", "срок:", "мои"} <= set(russian)
    assert {"block:", "due:", "mine"} <= set(english)
    assert len(russian) == len(english)


def test_completion_takes_the_place_of_the_word_at_the_cursor() -> None:
    line = "блок:жкх,дор вода"
    (completion,) = complete(line, line.index(" "), VOCABULARY)
    assert line[: completion.start] + completion.text + line[completion.end :] == "блок:жкх,дороги вода"
    (sort,) = complete("sort:-reg", 9, VOCABULARY)
    assert (sort.start, sort.end, sort.code) == (6, 9, "registered")


@given(st.text(st.sampled_from('блоксрdue:-,"№ <4 '), max_size=20), st.integers(0, 20))
def test_what_is_offered_reads_without_a_fault_in_its_place(line: str, cursor: int) -> None:
    cursor = min(cursor, len(line))
    for completion in complete(line, cursor, VOCABULARY):
        assert completion.end == cursor
        done = line[: completion.start] + completion.text
        faults = parse_leniently(done, VOCABULARY).errors
        named = completion.text.endswith(":")
        assert not [
            error for error in faults if error.position == completion.start and error.length and not named
        ]
