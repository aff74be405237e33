"""Russian search: forms of a word find each other, prefixes while typing, phrases, numbers, and marks."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cur_tui.domain.commands import Classify
from cur_tui.domain.language.search_marks import highlights, marks_of
from cur_tui.domain.language.stems import folded_words, stem
from cur_tui.domain.model import Place
from cur_tui.domain.query.query import Flag, FlagTerm, Query, TextTerm
from cur_tui.domain.vocabulary import State
from storage.cache import Cache
from storage.lists.filters import compile_view
from storage.search.search import match_expression
from storage.search.search_index import index_key
from tests.factories import NOW, make_appeal, put
from tests.storage.test_local_commands import do

TEXTS = {
    "road": "Разбита дорога у школы, на дорогу не выйти",
    "pit": "Яма на дороге, просим ямочный ремонт",
    "tree": "Ёлка упала на провода, нужна уборка елок",
    "water": "Нет горячей воды третий день",
    "bus": "Автобус не ходит, нет воды в салоне",
}


def find(cache: Cache, *words: str, prefix: bool = False, terms: tuple[FlagTerm, ...] = ()) -> set[str]:
    view = compile_view(Query((*terms, TextTerm(words, prefix))), now=NOW, me=None)
    return {row.row.title.split()[0] for row in cache.reader.first_rows(view, 100)}


@pytest.fixture
def filled(cache: Cache) -> Cache:
    lines = []
    for n, text in enumerate(TEXTS.values(), start=1):
        state = State.RESOLVED if n % 2 else State.DISTRIBUTION
        place = Place(settlement="Зея", address=f"ул. Мухина, {n}")
        lines.append(put(make_appeal(text=text, place=place, state=state, number=f"INC-20260318-000{n}")))
    cache.writer.apply_page(lines, "c")
    while cache.writer.index_archive(2):
        pass
    return cache


@pytest.mark.parametrize("word", ["дорога", "дорогу", "дорог", "ДОРОГАМИ"])
def test_forms_of_a_word_find_each_other(filled: Cache, word: str) -> None:
    assert find(filled, word) == {"Разбита", "Яма"}


def test_yo_is_ye(filled: Cache) -> None:
    assert find(filled, "ёлка") == find(filled, "елка") == find(filled, "елок") == {"Ёлка"}


def test_words_that_stand_together(filled: Cache) -> None:
    assert find(filled, "нет", "воды") == {"Автобус"}
    assert find(filled, "горячей", "воды") == {"Нет"}
    assert find(filled, "нет", "горячей", "воды") == {"Нет"}


def test_the_last_word_while_it_is_typed(filled: Cache) -> None:
    for typed in ("ав", "авто", "автобу", "автобус"):
        assert find(filled, typed, prefix=True) == {"Автобус"}
    assert find(filled, "авто") == set()
    assert find(filled, "нет", "гор", prefix=True) == {"Нет"}


def test_numbers_and_places(filled: Cache) -> None:
    assert find(filled, "INC-20260318-0003") == {"Ёлка"}
    assert find(filled, "0004") == {"Нет"}
    assert find(filled, "Мухина", "2") == {"Яма"}
    assert find(filled, "зея") == {text.split()[0].strip(",") for text in TEXTS.values()}


def test_search_inside_open_or_closed(filled: Cache) -> None:
    assert find(filled, "дорога", terms=(FlagTerm(Flag.OPEN),)) == {"Яма"}
    assert find(filled, "дорога", terms=(FlagTerm(Flag.CLOSED),)) == {"Разбита"}


def indexed(cache: Cache, stem_: str) -> list[int]:
    """How many entries the open and the archive index hold, whether or not a row belongs to them."""
    sql = "SELECT count(*) FROM {0} WHERE {0} MATCH ?"
    tables = ("fts_open", "fts_archive")
    return [cache.writer._connection.execute(sql.format(t), (stem_,)).fetchone()[0] for t in tables]


def test_the_index_follows_the_row(cache: Cache) -> None:
    appeal = make_appeal(text="Сломана скамейка", place=Place())
    cache.writer.apply_page([put(appeal)], "c1")
    cid, after = do(cache, appeal, Classify(essence="Просят качели"))
    assert find(cache, "качели") == {"Просят"}
    cache.writer.undo(cid)
    assert find(cache, "качели") == set()
    assert find(cache, "скамейки") == {"Сломана"}
    closed = replace(after, version=5, state=State.RESOLVED)
    cache.writer.apply_page([put(closed)], "c2")
    assert find(cache, "качели", terms=(FlagTerm(Flag.CLOSED),)) == {"Просят"}
    assert indexed(cache, "качел") == [0, 1]
    cache.writer.apply_page([put(replace(closed, version=6, state=State.ASSIGNED))], "c3")
    assert find(cache, "качели", terms=(FlagTerm(Flag.OPEN),)) == {"Просят"}
    assert indexed(cache, "качел") == [1, 0]
    cache.writer.drop_scope([appeal.id])
    assert indexed(cache, "качел") == [0, 0], "no word of a wiped record stays"


def test_the_archive_is_indexed_in_quiet_moments_newest_first(cache: Cache) -> None:
    appeals = [make_appeal(state=State.RESOLVED, text=f"Фонарь {n}") for n in range(5)]
    cache.writer.apply_page([put(appeal) for appeal in appeals], "c")
    assert (cache.reader.unindexed(), find(cache, "фонари")) == (5, set())
    assert cache.writer.index_archive(2) == 2
    view = compile_view(Query((TextTerm(("фонарь",)),)), now=NOW, me=None)
    assert {row.row.id for row in cache.reader.first_rows(view, 9)} == {appeals[3].id, appeals[4].id}
    assert [cache.writer.index_archive(2) for _ in range(3)] == [2, 1, 0]
    assert cache.reader.unindexed() == 0


def test_marks_stand_on_every_form() -> None:
    text = "Дорога к дорогам, подорожник; ёлки"
    terms = [TextTerm(("дорогу",)), TextTerm(("елка",)), TextTerm(("подорожник",), negated=True)]
    assert [text[a:b] for a, b in marks_of(text, terms)] == ["Дорога", "дорогам", "ёлки"]
    assert [text[a:b] for a, b in highlights(text, ["подо"], prefix=True)] == ["подорожник"]
    assert highlights(text, ["!"]) == []


@given(st.text(max_size=30), st.booleans())
def test_nothing_typed_breaks_the_query(typed: str, prefix: bool) -> None:
    expression = match_expression([typed], prefix=prefix)
    assert (expression is None) == (not folded_words(typed))
    if expression is not None:
        assert all(char.isalnum() or char in '"()* ' for char in expression)


@given(st.text(max_size=40))
def test_any_text_is_indexed_and_found_by_its_first_word(text: str) -> None:
    words = folded_words(text)
    assert all(stem(word) for word in words)
    assert index_key([text]) == index_key([text]) != 0
    assert index_key([text, "a"]) != index_key([text + "a", None])


def test_operators_of_the_index_are_only_words(filled: Cache) -> None:
    for hostile in ('" OR *', "NEAR(a b)", "words : a", "-дорога", "дорога*", "{x}", "'; DROP TABLE appeal"):
        find(filled, hostile, prefix=True)
    assert find(filled, "-дорога") == {"Разбита", "Яма"}


def test_the_stemmer_is_loaded_by_the_first_search_only() -> None:
    program = (
        "import sys, cur_tui.domain.language.stems as stems; before = 'snowballstemmer' in sys.modules\n"
        "stems.stem('вода'); print(before, 'snowballstemmer' in sys.modules)"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, check=True, timeout=60
    )
    assert done.stdout.split() == [b"False", b"True"]
