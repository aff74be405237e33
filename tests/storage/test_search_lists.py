"""Lists of a search against a look at every text: filters, orders, relevance, bounds, the index kept up."""

import random
from collections.abc import Iterator
from unittest.mock import patch

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cur_tui.contract.row import AppealRow
from cur_tui.contract.wire import Gone, Put
from cur_tui.domain.language.search_phrases import phrases
from cur_tui.domain.language.stems import WORD_RULES, folded_words, index_text
from cur_tui.domain.query.match import matches
from cur_tui.domain.query.parse import parse_query
from cur_tui.domain.query.query import Flag, FlagTerm, Query, Sort, SortKey, Term, TextTerm
from cur_tui.domain.query.words import default_vocabulary
from cur_tui.domain.vocabulary import State
from storage.cache import Cache
from storage.database.connection import connect
from storage.decoding import ROW_COLUMNS
from storage.lists.filters import compile_view
from storage.search import search_view
from tests.storage.conftest import KEY
from tests.storage.test_filters import EXAMPLES, ME_ACCOUNT, NOW, PLAIN, as_reference, make_rows

WORDS = (
    "вода", "воду", "нет", "лёд", "льда", "окно", "окон", "люди", "человек", "дом", "12а", "12", "а", "ямы",
    "скамейка", "скамеек", "+7 (4162) 22-33-44", "дорога", "остановок", "не", "2026",
)  # fmt: skip
ROWS = [
    (msgspec.structs.replace(row, number=f"INC-20260318-{n:04d}"), text)
    for n, (row, *_) in enumerate(make_rows(9, 300))
    for text in [" ".join(random.Random(n).choices(WORDS, k=1 + n % 7))]
]
REFERENCE = {row.id: as_reference(row, text, 0, 0) for row, text in ROWS}
INDEXED = {row.id: index_text([text, row.number]).split() for row, text in ROWS}


def line(row: AppealRow, text: str) -> Put:
    return Put(1, row, msgspec.Raw(msgspec.json.encode({"text": text})))


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cache]:
    cache = Cache.open(tmp_path_factory.mktemp("lists") / "cache" / "a.db", KEY)
    cache.writer.apply_page([line(row, text) for row, text in ROWS], "c")
    while cache.writer.index_archive(100):
        pass
    yield cache
    cache.close()


def stands(term: TextTerm, indexed: list[str]) -> bool:
    """The naive search: whether the phrase stands anywhere among the stems of a text."""
    asked = phrases(term.words, prefix=term.prefix)
    return not asked or any(
        all(
            stem.startswith(choice[0]) if phrase.prefix and n == len(phrase.words) - 1 else stem in choice
            for n, (stem, choice) in enumerate(zip(indexed[at:], phrase.words, strict=False))
        )
        for phrase in asked
        for at in range(len(indexed) - len(phrase.words) + 1)
    )


def expected(terms: list[Term]) -> set[str]:
    plain = Query(tuple(term for term in terms if not isinstance(term, TextTerm)))
    words = [term for term in terms if isinstance(term, TextTerm)]
    return {
        id_
        for id_, row in REFERENCE.items()
        if matches(plain, row, now=NOW, me=ME_ACCOUNT)
        and all(stands(in_scope(term, row), INDEXED[id_]) != term.negated for term in words)
    }


def in_scope(term: TextTerm, row: dict[str, object]) -> TextTerm:
    """In the archive a single letter does not stand for every word that begins with it."""
    if State(str(row["state"])).is_open or len((folded_words(" ".join(term.words)) or ["..."])[-1]) > 1:
        return term
    return TextTerm(term.words, negated=term.negated)


TEXT = st.builds(
    TextTerm,
    st.lists(
        st.sampled_from([*WORDS, "домой", "че", "22-33-44", "ледяной", "!", "х"]), min_size=1, max_size=2
    ).map(tuple),
    st.booleans(),
    st.booleans(),
)
SCOPE = st.sampled_from([None, FlagTerm(Flag.OPEN), FlagTerm(Flag.CLOSED)])
SORTS = st.none() | st.builds(Sort, st.sampled_from(SortKey), st.booleans())


@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    words=st.lists(TEXT, min_size=1, max_size=3),
    plain=st.lists(PLAIN, max_size=2),
    scope=SCOPE,
    sort=SORTS,
    page=st.integers(1, 40),
)
def test_a_search_finds_what_a_look_at_every_text_finds(
    filled: Cache, words: list[Term], plain: list[Term], scope: Term | None, sort: Sort | None, page: int
) -> None:
    terms = [*([scope] if scope else []), *plain, *words]
    view = compile_view(Query(tuple(terms)), sort, now=NOW, me=ME_ACCOUNT)
    ids = list(filled.reader.ids(view))
    found = [row.row.id for row in filled.reader.rows(ids) if row is not None]
    assert set(found) == expected(terms)
    assert len(found) == len(set(found))
    assert filled.reader.count(view).number == len(found)
    paged = [row.pk for row in filled.reader.first_rows(view, page)]
    while paged and (more := filled.reader.rows_after(view, paged[-1], page)):
        paged.extend(row.pk for row in more)
    assert paged == ids


def listed(cache: Cache, text: str, bound: int | None = None) -> list[str]:
    query = parse_query(text, default_vocabulary())
    view = compile_view(query, now=NOW, me=ME_ACCOUNT)
    assert view.bound == bound
    return [row.row.title for row in cache.reader.first_rows(view, 1000)]


def make(cache: Cache, *texts: str, state: State = State.RESOLVED) -> None:
    base = ROWS[0][0]
    lines = []
    for n, text in enumerate(texts):
        number = f"INC-2026010{1 + state.is_open}-{n:04d}"
        row = msgspec.structs.replace(
            base, id=f"x{state}{n}", number=number, title=text, state=state.value, registered_at=1000 + n,
            control_due_at=5000 - n,
        )  # fmt: skip
        lines.append(line(row, text))
    cache.writer.apply_page(lines, "c")
    while cache.writer.index_archive(100):
        pass


def test_the_archive_is_listed_newest_first_behind_what_is_open(cache: Cache) -> None:
    make(cache, "старая яма", "новая яма")
    make(cache, "яма на столе", "яма в работе", state=State.IN_PROGRESS)
    assert listed(cache, "яма") == ["яма в работе", "яма на столе", "новая яма", "старая яма"]
    assert listed(cache, "ямы closed") == ["новая яма", "старая яма"]
    assert listed(cache, "ям closed sort:registered") == ["старая яма", "новая яма"]
    assert listed(cache, "яма -работа sort:number", 10_000) == ["старая яма", "новая яма", "яма на столе"]


def test_by_relevance_the_text_that_is_about_it_comes_first(cache: Cache) -> None:
    aside = "длинное письмо о разном, где среди многого другого упомянута ещё и яма у самого дома"
    make(cache, "яма, яма, яма", aside, "о другом")
    make(cache, aside, "яма, яма, яма", "о другом", state=State.IN_PROGRESS)
    assert listed(cache, "яма closed sort:relevance", 2_000) == ["яма, яма, яма", aside]
    assert listed(cache, "яма open sort:relevance") == ["яма, яма, яма", aside]
    assert listed(cache, "яма closed sort:-relevance", 2_000) == [aside, "яма, яма, яма"]
    assert listed(cache, "closed sort:relevance") == listed(cache, "closed")
    assert listed(cache, "яма closed overdue sort:relevance") == [], "nothing closed is overdue"


def test_what_is_ranked_and_sorted_of_the_archive_is_bounded(cache: Cache) -> None:
    make(cache, *(f"яма {n}" for n in range(30)))
    with patch.object(search_view, "RANKED", 7), patch.object(search_view, "SORTED", 11):
        assert len(listed(cache, "яма closed sort:relevance", 7)) == 7
        assert listed(cache, "яма closed sort:number", 11) == [f"яма {n}" for n in range(19, 30)]
        assert len(listed(cache, "яма closed")) == 30, "as the index holds them there is no need for a bound"
    view = compile_view(parse_query("яма sort:number", default_vocabulary()), now=NOW, me=None)
    assert filled_count(cache, view.bound) == 30


def filled_count(cache: Cache, bound: int | None) -> int:
    view = compile_view(parse_query("яма", default_vocabulary()), now=NOW, me=None)
    return cache.reader.count(view, bound).number


@pytest.mark.parametrize(
    "rare", ["repeat", "-answered", "provisional", "tone:negative", "state:resolved", "claimed"]
)
def test_the_newest_are_taken_of_those_that_meet_every_filter(cache: Cache, rare: str) -> None:
    make_rare(cache, rare=5, common=25)
    wanted = [f"яма {n}" for n in range(5)]
    with patch.object(search_view, "RANKED", 5), patch.object(search_view, "SORTED", 5):
        for order in ("relevance", "-relevance", "number", "priority", "-rating"):
            for scope in ("", "closed"):
                assert sorted(listed(cache, f"яма {scope} {rare} sort:{order}", 5)) == wanted, (scope, order)


def make_rare(cache: Cache, *, rare: int, common: int) -> None:
    """Closed appeals, of which the oldest meet every rare filter and the others none."""
    lines = []
    for n in range(rare + common):
        kind = {
            "state": "resolved",
            "is_repeat": 1,
            "provisional": 1,
            "tone": "negative",
            "claim_until": 1 << 40,
        }
        if n >= rare:
            kind = {
                "state": "rejected",
                "is_repeat": 0,
                "provisional": 0,
                "tone": "positive",
                "answered_at": 5,
            }
        plain = {
            "answered_at": None,
            "claim_until": None,
            "number": f"INC-20260101-{n:04d}",
            "registered_at": 1000 + n,
        }
        row = msgspec.structs.replace(ROWS[0][0], id=f"f{n}", title=f"яма {n}", **(plain | kind))
        lines.append(line(row, f"яма {n}"))
    cache.writer.apply_page(lines, "c")
    while cache.writer.index_archive(100):
        pass


@pytest.mark.parametrize("order", ["relevance", "number", "due", "registered"])
def test_behind_a_row_that_is_no_find_there_is_nothing_or_the_rest(cache: Cache, order: str) -> None:
    make(cache, "яма", "о другом")
    make(cache, "яма на столе", "яма в работе", state=State.IN_PROGRESS)
    for scope in ("", "overdue", "closed"):
        view = compile_view(
            parse_query(f"яма {scope} sort:{order}", default_vocabulary()), now=NOW, me=ME_ACCOUNT
        )
        finds = set(cache.reader.ids(view))
        for pk in cache.reader.ids(compile_view(Query(), now=NOW, me=None)):
            behind = {row.pk for row in cache.reader.rows_after(view, pk, 9)}
            assert behind <= finds - {pk}
            if order == "relevance" and pk not in finds:
                assert not behind


def test_a_find_that_is_no_longer_one_has_nothing_behind_it(cache: Cache) -> None:
    make(cache, "яма", "яма и яма", "яма у дома")
    view = compile_view(parse_query("яма closed sort:relevance", default_vocabulary()), now=NOW, me=None)
    first, *others = cache.reader.ids(view)
    assert [row.pk for row in cache.reader.rows_after(view, first, 9)] == others
    fallen = cache.reader.rows([first])[0]
    assert fallen is not None
    cache.writer.apply_page([line(msgspec.structs.replace(fallen.row, version=2), "о другом")], "d")
    assert cache.reader.rows_after(view, first, 9) == []
    cache.writer.drop_scope([fallen.row.id])
    assert cache.reader.rows_after(view, first, 9) == []


STATEMENTS = {
    "вода closed": "SCAN fts_archive VIRTUAL TABLE INDEX",
    "вода closed block:roads": "SCAN fts_archive VIRTUAL TABLE INDEX",
    "closed -вода": "SCAN fts_archive VIRTUAL TABLE INDEX",
    "вода closed tone:negative": "SCAN fts_archive VIRTUAL TABLE INDEX",
    "вода closed municipality:none -repeat": "SCAN fts_archive VIRTUAL TABLE INDEX",
    "вода open": "open_due",
    "вода": "open_due",
    '"нет воды" mine open': "open_worker_due",
}


@pytest.mark.parametrize(("text", "start"), STATEMENTS.items())
def test_a_search_walks_an_index_and_sorts_nothing(filled: Cache, text: str, start: str) -> None:
    view = compile_view(parse_query(text, default_vocabulary()), now=NOW, me=ME_ACCOUNT)
    connection = connect(filled.path, KEY, writer=False)
    plans = []
    for leg in view.legs:
        sql, params = leg.select(ROW_COLUMNS, 50)
        plans.append([str(row[3]) for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", params)])
    connection.close()
    assert start in plans[0][0], plans
    assert not [step for plan in plans for step in plan if "TEMP B-TREE" in step], plans


def test_filters_of_an_archived_search_are_asked_of_the_index(filled: Cache) -> None:
    for rare in (
        "block:roads",
        "municipality:none",
        "-topic:roads.pit",
        "tone:positive",
        "priority:emergency",
    ):
        view = compile_view(parse_query(f"вода closed {rare}", default_vocabulary()), now=NOW, me=None)
        (leg,) = view.legs
        assert leg.bare == "fts_archive", f"a row is looked at to know of {rare}"


def words_of(cache: Cache) -> dict[str, set[int]]:
    """Every entry of the index as it stands in the file."""
    connection = connect(cache.path, KEY, writer=True)
    found: dict[str, set[int]] = {}
    for table in ("fts_open", "fts_archive"):
        connection.execute(f"CREATE VIRTUAL TABLE temp.v USING fts5vocab(main, {table}, instance)")
        for term, pk in connection.execute("SELECT term, doc FROM temp.v"):
            found.setdefault(f"{table} {term}", set()).add(pk)
        connection.execute("DROP TABLE temp.v")
    connection.close()
    return found


STEPS = st.lists(
    st.tuples(
        st.integers(0, 5),
        st.sampled_from(["put", "put", "put", "gone", "index"]),
        st.sampled_from([State.RESOLVED, State.ASSIGNED, State.REJECTED]),
        st.sampled_from(["нет воды", "лёд у дома 12а", "звонить 8 (4162) 22-33-44"]),
        st.sampled_from([None, "roads"]),
    ),
    max_size=12,
)


@settings(max_examples=EXAMPLES // 3, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_the_index_equals_the_rows_whatever_was_written(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, str, State, str, str | None]]
) -> None:
    place = tmp_path_factory.mktemp("any")
    base = ROWS[0][0]
    cache, straight = Cache.open(place / "a" / "a.db", KEY), Cache.open(place / "b" / "b.db", KEY)
    last: dict[str, Put] = {}
    for version, (n, what, state, text, block) in enumerate(steps, start=1):
        row = msgspec.structs.replace(
            base, id=f"i{n}", number=f"N-{n}", version=version, state=state.value, block=block,
            registered_at=100 * n,
        )  # fmt: skip
        if what == "put":
            last[row.id] = line(row, text)
            cache.writer.apply_page([last[row.id]], "c")
        elif what == "gone":
            last.pop(row.id, None)
            cache.writer.apply_page([Gone(1, row.id, version)], "c")
        else:
            cache.writer.index_archive(2)
    straight.writer.apply_page([last[id_] for id_ in sorted(last)], "c")
    for one in (cache, straight):
        while one.writer.index_archive(100):
            pass
        one.close()
    assert words_of(cache) == words_of(straight)


def test_an_index_of_older_rules_is_made_anew_in_the_background(cache: Cache) -> None:
    make(cache, "нет воды", "нет света", "нет газа")
    make(cache, "нет тепла", "нет связи", state=State.IN_PROGRESS)
    fresh = words_of(cache)
    connection = connect(cache.path, KEY, writer=True)
    connection.execute("DELETE FROM sync_state WHERE k='search_rules'")
    for table in ("fts_open", "fts_archive"):
        for (pk,) in connection.execute(f"SELECT rowid FROM {table}").fetchall():
            connection.execute(f"DELETE FROM {table} WHERE rowid=?", (pk,))
            connection.execute(f"INSERT INTO {table} (rowid, words) VALUES (?, 'нет старо')", (pk,))
    connection.close()
    assert cache.reader.unindexed() == 3
    assert sorted(listed(cache, "нет")) == ["нет воды", "нет газа", "нет света", "нет связи", "нет тепла"]
    steps = []
    while done := cache.writer.index_archive(1):
        steps.append(
            (done, len(listed(cache, "тепла")), len(listed(cache, "связь")), cache.reader.unindexed())
        )
    assert steps[:2] == [(1, 0, 1, 3), (1, 1, 1, 3)], "the open ones first, the newest before"
    assert [left for *_, left in steps[2:]] == [2, 1, 1]
    assert cache.reader.state("search_rules") == str(WORD_RULES)
    assert cache.reader.unindexed() == 0
    assert words_of(cache) == fresh


def age(cache: Cache, rows: int | None = None) -> None:
    """Leave the cache as the first schema did: without facets among the words, some never indexed at all."""
    connection = connect(cache.path, KEY, writer=True)
    connection.execute("DELETE FROM sync_state WHERE k='search_rules'")
    closed = "SELECT pk, id, number FROM appeal WHERE fts=2 ORDER BY pk"
    for at, (pk, id_, number) in enumerate(connection.execute(closed).fetchall()):
        connection.execute("DELETE FROM fts_archive WHERE rowid=?", (pk,))
        if rows is None or at < rows:
            words = index_text([TEXT_OF.get(id_, "яма"), number])
            connection.execute("INSERT INTO fts_archive (rowid, words) VALUES (?,?)", (pk, words))
        else:
            connection.execute("UPDATE appeal SET fts=0, words=0 WHERE pk=?", (pk,))
    connection.close()


TEXT_OF = {row.id: text for row, text in ROWS}


def test_filters_of_a_search_hold_before_the_index_knows_its_facets(cache: Cache) -> None:
    cache.writer.apply_page([line(row, text) for row, text in ROWS], "c")
    while cache.writer.index_archive(100):
        pass
    asked = [
        f"{words} {rare} {scope} sort:{order}"
        for words in ("вода", "-вода", "вода -нет")
        for rare in ("", "block:roads", "-topic:roads.pit", "municipality:none", "priority:emergency")
        for scope in ("", "closed")
        for order in ("due", "-registered", "number", "relevance")
    ]

    def found() -> list[list[int]]:
        is_stale = cache.reader.is_search_stale()
        queries = [parse_query(text, default_vocabulary()) for text in asked]
        views = [compile_view(query, now=NOW, me=None, is_stale=is_stale) for query in queries]
        assert all(cache.reader.count(view).number == len(cache.reader.ids(view)) for view in views)
        return [sorted(cache.reader.ids(view)) for view in views]

    fresh = found()
    age(cache)
    assert cache.reader.is_search_stale()
    assert found() == fresh
    cache.writer.index_archive(100)
    cache.writer.index_archive(100)
    assert cache.reader.is_search_stale(), "some have their facets and some have not"
    assert found() == fresh
    while cache.writer.index_archive(100):
        pass
    assert not cache.reader.is_search_stale()
    assert found() == fresh


def test_what_was_never_indexed_and_what_is_stale_is_one_work(cache: Cache) -> None:
    make(cache, *(f"яма {n}" for n in range(6)))
    fresh = words_of(cache)
    age(cache, rows=2)
    assert cache.reader.unindexed() == 6
    left, done = [], 0
    while step := cache.writer.index_archive(1):
        left.append(cache.reader.unindexed())
        done += step
    assert left == [5, 4, 3, 2, 1, 1], "it only grows less"
    assert (done, cache.reader.unindexed()) == (6, 0), "none is made twice"
    assert words_of(cache) == fresh


def test_what_arrives_behind_the_mark_is_counted_and_indexed(cache: Cache) -> None:
    make(cache, *(f"яма {n}" for n in range(4)))
    age(cache, rows=2)
    assert cache.writer.index_archive(2) == 2
    assert cache.reader.unindexed() == 2
    late = msgspec.structs.replace(ROWS[0][0], id="late", number="N-9", state="resolved", registered_at=5000)
    cache.writer.apply_page([line(late, "яма опоздала")], "d")
    assert cache.reader.unindexed() == 3
    assert cache.writer.index_archive(5) == 1
    assert (len(listed(cache, "опоздала")), cache.reader.unindexed()) == (1, 2)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("дарога", ("дорога",)),
        ("остоновка", ("остановка",)),
        ("скмаейка", ("скамейка",)),
        ("скамейкаа", ("скамейка",)),
        ("ostanovka", ()),
        ("ljhjuf", ("дорога",)),
        ("дороги", ()),
        ("гиппопотам", ()),
        ("яма", ()),
    ],
)
def test_a_slip_of_one_letter_is_told(cache: Cache, typed: str, meant: tuple[str, ...]) -> None:
    make(cache, "Разбита дорога", "Дорога и остановка", "остановка, скамейка")
    make(cache, "дорога", state=State.IN_PROGRESS)
    assert cache.reader.correction(TextTerm((typed,))) == meant


def test_the_commonest_is_proposed_first_and_phrases_as_a_whole(cache: Cache) -> None:
    make(cache, "кошка", "мошка", "мошка", "нет воды")
    assert cache.reader.correction(TextTerm(("ношка",))) == ("мошка", "кошка")
    assert cache.reader.correction(TextTerm(("нет", "вооды"))) == ("нет воды",)
    assert cache.reader.correction(TextTerm(("нет", "воды"))) == ()


def test_nothing_is_corrected_while_the_word_may_still_become_one(cache: Cache) -> None:
    make(cache, "остановка")
    assert cache.reader.correction(TextTerm(("оста",), prefix=True)) == ()
    assert cache.reader.correction(TextTerm(("остоновк",), prefix=True)) == ("остановк",)
