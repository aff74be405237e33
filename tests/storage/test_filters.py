"""The compiled query against the plain reference of the query language, on random rows."""

import os
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from unittest.mock import patch
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from cur_tui.contract.row import AppealRow
from cur_tui.contract.wire import Put
from cur_tui.domain.query.match import matches
from cur_tui.domain.query.query import (
    DATE_FIELDS,
    ME,
    NONE,
    NULLABLE_FIELDS,
    Comparison,
    DateTerm,
    Day,
    DayTerm,
    Field,
    FieldTerm,
    Flag,
    FlagTerm,
    Query,
    RelativeTerm,
    Sort,
    SortKey,
    Term,
    TextTerm,
)
from cur_tui.domain.vocabulary import Priority, Regime, Source, State
from storage.cache import Cache
from storage.database.connection import connect
from storage.lists import list_reader
from storage.lists.filters import CompiledView, compile_view
from tests.storage.conftest import KEY

ZONE = ZoneInfo("Asia/Yakutsk")
NOW = datetime(2026, 3, 18, 12, 0, 0, 500_000, tzinfo=ZONE)
ME_ACCOUNT = "op.zarechnaya"

VALUES: dict[Field, list[str]] = {
    Field.BLOCK: ["utilities", "roads", "general"],
    Field.TOPIC: ["utilities.hot_water", "roads.pit"],
    Field.STATE: [state.value for state in State],
    Field.REGIME: [regime.value for regime in Regime],
    Field.PRIORITY: [priority.value for priority in Priority],
    Field.SOURCE: [Source.POS.value, Source.HOTLINE.value],
    Field.TONE: ["negative", "neutral"],
    Field.KIND: ["complaint", "question"],
    Field.MUNICIPALITY: ["zeya", "tynda"],
    Field.AUTHORITY: ["min_roads", "min_utilities"],
    Field.ASSIGNEE: [ME_ACCOUNT, "su.polev"],
    Field.TAG: ["зима", "лёд", "100%", "a_b", "'"],
    Field.NUMBER: ["INC-20260318-0001", "INC-20260318-0007", "INC-20260318-9999"],
    Field.RATING: ["1", "3", "5"],
    Field.OUTCOME: ["solved", "explained"],
}
WORDS = [
    "вода",
    "воды",
    "нет",
    "ёлка",
    "елки",
    "дорога",
    "дорогу",
    "ямы",
    "дом",
    "домофон",
    "INC",
    "2026",
    "большой",
]


def make_rows(seed: int, n: int) -> list[tuple[AppealRow, str, int, int]]:
    """Random rows, each with its text, its pending commands and its mark of conflict."""
    rng = random.Random(seed)
    other = random.Random(-seed)

    def maybe(values: list[str]) -> str | None:
        return rng.choice([None, *values])

    def moment(hours: int) -> int:
        # Whole hours and minutes around now and around midnight, so that every boundary is met.
        base = rng.choice([NOW, NOW.replace(hour=0, minute=0, second=0)])
        return int(base.timestamp()) + rng.randint(-hours, hours) * 3600 + rng.choice([-1, 0, 0, 1])

    found = []
    for serial in range(n):
        text = " ".join(rng.choices(WORDS, k=rng.randint(1, 5)))
        row = AppealRow(
            id=f"{seed}-{serial}",
            number=f"INC-20260318-{serial:04d}",
            version=1,
            state=rng.choice(VALUES[Field.STATE]),
            regime=rng.choice(VALUES[Field.REGIME]),
            source=rng.choice(VALUES[Field.SOURCE]),
            priority=rng.choice(VALUES[Field.PRIORITY]),
            block=maybe(VALUES[Field.BLOCK]),
            topic=maybe(VALUES[Field.TOPIC]),
            authority=maybe(VALUES[Field.AUTHORITY]),
            municipality=maybe(VALUES[Field.MUNICIPALITY]),
            worker=maybe(VALUES[Field.ASSIGNEE]),
            claim_holder=None,
            claim_until=rng.choice([None, moment(1)]),
            control_due_at=rng.choice([None, moment(60), moment(60)]),
            legal_due_at=None,
            due_clock=None,
            provisional=rng.randint(0, 1),
            received_at=0,
            registered_at=moment(100),
            updated_at=0,
            answered_at=rng.choice([None, moment(5)]),
            title=text,
            item_kind=maybe(VALUES[Field.KIND]),
            tone=maybe(VALUES[Field.TONE]),
            fast_track=maybe(["ft"]),
            outcome=other.choice([None, *VALUES[Field.OUTCOME]]),
            rating=rng.choice([None, 1, 2, 3, 4, 5]),
            is_repeat=rng.randint(0, 1),
            is_duplicate=rng.randint(0, 1),
            mass_incident=maybe(["INC-1"]),
            answer_status=None,
            steps_done=0,
            steps_total=0,
            flags=rng.choice(["", "", "on_control", "communication_error escalated", "conflict escalated"]),
            tags=" ".join(rng.sample(VALUES[Field.TAG], rng.randint(0, 3))),
            done_at=other.choice([None, int(NOW.timestamp()) + other.randint(-100, 100) * 3600]),
            in_time=other.choice([None, 0, 1]),
            spent=other.choice([None, other.randint(0, 50_000)]),
            allowed=other.choice([1_440, 14_400, 43_200]),
            reworks=other.choice([0, 0, 1, 3]),
            complete=other.choice([None, 0, 1]),
        )
        found.append((row, text, rng.choice([0, 0, 2]), rng.randint(0, 1)))
    return found


ROWS = make_rows(1, 400)


def as_moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def as_reference(row: AppealRow, text: str, pending: int, conflict: int) -> dict[str, object]:
    return {
        **msgspec.structs.asdict(row),
        "assignee": row.worker,
        "tags": row.tags.split(),
        "control_due_at": None
        if row.control_due_at is None
        else datetime.fromtimestamp(row.control_due_at, UTC),
        "registered_at": datetime.fromtimestamp(row.registered_at, UTC),
        "done_at": as_moment(row.done_at),
        "in_time": None if row.in_time is None else bool(row.in_time),
        "complete": None if row.complete is None else bool(row.complete),
        "claimed": row.claim_until is not None and row.claim_until > NOW.timestamp(),
        "answered": row.answered_at is not None,
        "pending": pending > 0,
        "conflict": bool(conflict),
        "escalated": "escalated" in row.flags.split(),
        "conflict_situation": "conflict" in row.flags.split(),
        "communication_error": "communication_error" in row.flags.split(),
        "text": f"{text} {row.number}",
    }


REFERENCE = {row.id: as_reference(row, text, pending, conflict) for row, text, pending, conflict in ROWS}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cache]:
    path: Path = tmp_path_factory.mktemp("filters") / "cache" / "a.db"
    cache = Cache.open(path, KEY)
    lines = [Put(1, row, msgspec.Raw(msgspec.json.encode({"text": text}))) for row, text, _, _ in ROWS]
    cache.writer.apply_page(lines, "c")
    while cache.writer.index_archive(150):
        pass
    connection = connect(path, KEY, writer=True)
    marks = [(pending, conflict, row.id) for row, _, pending, conflict in ROWS]
    connection.executemany("UPDATE appeal SET pending=?, conflict=? WHERE id=?", marks)
    connection.close()
    yield cache
    cache.close()


def field_terms(field: Field) -> st.SearchStrategy[Term]:
    values = list(VALUES[field])
    if field in NULLABLE_FIELDS:
        values.append(NONE)
    if field is Field.ASSIGNEE:
        values.append(ME)
    chosen = st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True).map(tuple)
    return st.builds(FieldTerm, st.just(field), chosen, st.booleans())


DATES = st.sampled_from(sorted(DATE_FIELDS))
DAYS = st.none() | st.dates(date(2026, 3, 14), date(2026, 3, 22)) | st.sampled_from([date.min, date.max])
PLAIN = st.one_of(
    st.sampled_from(sorted(VALUES)).flatmap(field_terms),
    st.builds(FieldTerm, st.sampled_from([Field.DUE, Field.DONE]), st.just((NONE,)), st.booleans()),
    st.builds(FlagTerm, st.sampled_from(Flag), st.booleans()),
    st.builds(
        RelativeTerm,
        DATES,
        st.sampled_from(Comparison),
        st.sampled_from([0, 1, 60, 12 * 60, 24 * 60, 2880]) | st.integers(0, 6000),
        st.booleans(),
    ),
    st.builds(DayTerm, DATES, st.sampled_from(Day), st.booleans()),
    st.builds(DateTerm, DATES, DAYS, DAYS, st.booleans()),
)
OPEN_OR_CLOSED = st.builds(FlagTerm, st.sampled_from([Flag.OPEN, Flag.CLOSED]), st.booleans())
SORTS = st.builds(Sort, st.sampled_from(SortKey), st.booleans())
MOMENTS = st.sampled_from(
    [NOW, NOW.replace(microsecond=0), NOW.replace(hour=0, minute=0, second=0, microsecond=0)]
)
EXAMPLES = int(os.environ.get("CUR_EXAMPLES", "75"))
"""Enough to find a fault in the run of a week; set the variable to thousands for a soak."""
ONE_CACHE = settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture])


def found(cache: Cache, query: Query, now: datetime = NOW, me: str | None = ME_ACCOUNT) -> list[str]:
    ids = cache.reader.ids(compile_view(query, now=now, me=me))
    return [row.row.id for row in cache.reader.rows(ids) if row is not None]


@ONE_CACHE
@given(terms=st.lists(PLAIN, max_size=4), now=MOMENTS, me=st.sampled_from([ME_ACCOUNT, None]))
def test_a_list_holds_exactly_what_matches(
    filled: Cache, terms: list[Term], now: datetime, me: str | None
) -> None:
    query = Query(tuple(terms))
    rows = {
        id_: {**row, "claimed": row["claim_until"] is not None and row["claim_until"] > now.timestamp()}  # type: ignore[operator]
        for id_, row in REFERENCE.items()
    }
    wanted = {id_ for id_, row in rows.items() if matches(query, row, now=now, me=me)}
    listed = found(filled, query, now, me)
    assert set(listed) == wanted
    assert len(listed) == len(wanted)
    view = compile_view(query, now=now, me=me)
    assert filled.reader.count(view).number == len(wanted)
    walked = CompiledView(tuple(replace(leg, when_few=None) for leg in view.legs), view.counting)
    assert filled.reader.ids(walked) == filled.reader.ids(view)


@ONE_CACHE
@given(
    words=st.lists(
        st.sampled_from([*WORDS, "до", "дом-ой", "домо", "во", "больш", "20", "!"]), min_size=1, max_size=2
    ),
    prefix=st.booleans(),
    others=st.lists(
        st.builds(FlagTerm, st.sampled_from([Flag.OPEN, Flag.CLOSED]), st.booleans()), max_size=1
    ),
)
def test_search_finds_every_row_that_matches_and_maybe_other_forms(
    filled: Cache, words: list[str], prefix: bool, others: list[Term]
) -> None:
    term = TextTerm(tuple(words), prefix)
    query = Query((*others, term))
    wanted = {id_ for id_, row in REFERENCE.items() if matches(query, row, now=NOW, me=None)}
    listed = set(found(filled, query))
    assert wanted <= listed
    rest = {id_ for id_, row in REFERENCE.items() if matches(Query(tuple(others)), row, now=NOW, me=None)}
    assert set(found(filled, Query((*others, replace(term, negated=True))))) == rest - listed


def sort_key(row: dict[str, object], sort: Sort) -> tuple[object, ...]:
    due = row["control_due_at"] if State(str(row["state"])).is_open else None
    falling = -1 if sort.descending else 1
    match sort.key:
        case SortKey.RELEVANCE:
            return sort_key(row, Sort(SortKey.DUE))
        case SortKey.DUE:
            return (due is None, falling * due.timestamp() if isinstance(due, datetime) else 0)
        case SortKey.REGISTERED:
            return (falling * row["registered_at"].timestamp(),)  # type: ignore[attr-defined]
        case SortKey.PRIORITY:
            far = datetime(9999, 1, 1, tzinfo=UTC)
            order = [p.value for p in (Priority.EMERGENCY, Priority.ELEVATED, Priority.NORMAL)]
            return (
                falling * order.index(str(row["priority"])),
                falling * (due if isinstance(due, datetime) else far).timestamp(),
            )
        case SortKey.RATING:
            rating = row["rating"]
            return (rating is None, falling * rating if isinstance(rating, int) else 0)
        case SortKey.NUMBER:
            return (falling * int(str(row["number"])[-4:]),)


@settings(max_examples=EXAMPLES // 3, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sort=SORTS, terms=st.lists(PLAIN, max_size=1), page=st.integers(1, 90))
def test_every_order_is_kept_and_goes_on_page_by_page(
    filled: Cache, sort: Sort, terms: list[Term], page: int
) -> None:
    view = compile_view(Query(tuple(terms)), sort, now=NOW, me=ME_ACCOUNT)
    grown: list[list[int]] = []
    with patch.object(list_reader, "KEYS_AT_ONCE", page):
        ids = list(filled.reader.ids(view, grown=lambda keys: grown.append(list(keys))))
    assert all(ids[: len(keys)] == keys for keys in grown)
    rows = [REFERENCE[row.row.id] for row in filled.reader.rows(ids) if row is not None]
    assert all(sort_key(a, sort) <= sort_key(b, sort) for a, b in pairwise(rows))
    paged = [row.pk for row in filled.reader.first_rows(view, page)]
    while paged and (more := filled.reader.rows_after(view, paged[-1], page)):
        paged.extend(row.pk for row in more)
    assert paged == ids


def test_the_order_of_the_caller_wins_over_that_of_the_query() -> None:
    query = Query(sort=Sort(SortKey.NUMBER))
    assert [leg.keys for leg in compile_view(query, now=NOW, me=None).legs] == [("number",)]
    by_term = compile_view(query, Sort(SortKey.DUE), now=NOW, me=None)
    assert by_term == compile_view(Query(), now=NOW, me=None)
    assert by_term.legs[0].keys == ("due_rank",)


@given(terms=st.lists(PLAIN, max_size=4), sort=SORTS)
def test_values_travel_as_parameters_only(terms: list[Term], sort: Sort) -> None:
    marked = "x'; DROP TABLE appeal; --"
    query = Query((*terms, FieldTerm(Field.BLOCK, (marked,)), TextTerm((marked,))))
    view = compile_view(query, sort, now=NOW, me=marked)
    statements = [leg.select("pk", 1)[0] for leg in view.legs]
    if view.counting is not None:
        statements.append(view.counting.statement(1)[0])
    assert not any("DROP" in statement for statement in statements)


@pytest.mark.parametrize(
    "never",
    [FieldTerm(Field.ASSIGNEE, (ME,)), FlagTerm(Flag.MINE), FieldTerm(Field.TAG, ("два слова",))],
)
def test_what_nothing_can_meet_is_an_empty_list(filled: Cache, never: Term) -> None:
    others = (FieldTerm(Field.ASSIGNEE, (ME_ACCOUNT,)), FlagTerm(Flag.OVERDUE))
    assert found(filled, Query((*others, never)), me=None) == []
    assert len(found(filled, Query((*others, replace(never, negated=True))), me=None)) > 0


def test_counts_stop_at_their_bound(filled: Cache) -> None:
    old = RelativeTerm(Field.REGISTERED, Comparison.LESS, 60, negated=True)
    view = compile_view(Query((FlagTerm(Flag.CLOSED), old)), now=NOW, me=None)
    few, exact = filled.reader.counts([view], bound=7)[0], filled.reader.counts([view])[0]
    assert (few.number, few.exact) == (7, False)
    assert (exact.number, exact.exact) == (len(filled.reader.ids(view)), True)


@pytest.mark.parametrize(
    "terms",
    [
        (),
        (FlagTerm(Flag.CLOSED),),
        (FlagTerm(Flag.OPEN), FieldTerm(Field.BLOCK, ("roads", NONE))),
        (FieldTerm(Field.STATE, (State.RESOLVED.value,)), FieldTerm(Field.BLOCK, ("roads",), negated=True)),
        (FlagTerm(Flag.AWAITING_APPROVAL, negated=True),),
        (FlagTerm(Flag.CLOSED), FieldTerm(Field.REGIME, (Regime.FZ59.value,))),
        (FlagTerm(Flag.OPEN), FlagTerm(Flag.CLAIMED, negated=True)),
        (FlagTerm(Flag.OPEN), FlagTerm(Flag.OVERDUE)),
        (FlagTerm(Flag.CLOSED), RelativeTerm(Field.REGISTERED, Comparison.LESS, 6_000)),
        (FlagTerm(Flag.CONFLICT_SITUATION), RelativeTerm(Field.REGISTERED, Comparison.LESS, 6_000)),
    ],
)
def test_what_needs_no_rows_of_the_archive_is_exact(filled: Cache, terms: tuple[Term, ...]) -> None:
    view = compile_view(Query(terms), now=NOW, me=None)
    (count,) = filled.reader.counts([view], bound=7)
    assert (count.number, count.exact) == (len(filled.reader.ids(view)), True)
    assert count.number > 7


@pytest.mark.parametrize("minutes", [120, 40 * 60, 12 * 24 * 60], ids=["hours", "a weekend", "holidays"])
def test_clocks_by_queue_agree_with_the_filters(filled: Cache, minutes: int) -> None:
    """Two working hours may be two hours or the whole of the New Year holidays."""
    clocks = filled.reader.clocks_by_queue(NOW, NOW + timedelta(minutes=minutes))
    for block, counts in clocks.items():
        in_block = FieldTerm(Field.BLOCK, (block or NONE,))

        def number(*terms: Term, within: Term = in_block) -> int:
            return len(found(filled, Query((within, FlagTerm(Flag.OPEN), *terms))))

        overdue, soon = FlagTerm(Flag.OVERDUE), RelativeTerm(Field.DUE, Comparison.LESS, minutes)
        not_soon = replace(soon, negated=True)
        assert counts.overdue == number(overdue)
        assert counts.soon == number(soon, replace(overdue, negated=True))
        assert counts.today == number(DayTerm(Field.DUE, Day.TODAY), not_soon)
        assert counts.tomorrow == number(DayTerm(Field.DUE, Day.TOMORROW), not_soon)
        undated, deferred = FieldTerm(Field.DUE, (NONE,)), FieldTerm(Field.STATE, ("deferred",))
        day = NOW.date() + timedelta(days=2)
        assert counts.later == number(DateTerm(Field.DUE, day, None), not_soon)
        assert counts.paused == number(undated, deferred)
        assert counts.none == number(undated, replace(deferred, negated=True))
        assert counts.provisional == number(FlagTerm(Flag.PROVISIONAL))
        assert counts.total == number()
    assert set(clocks) == {row.block for row, *_ in ROWS if State(row.state).is_open}
    assert filled.reader.clocks_by_queue(*[NOW + timedelta(days=400)] * 2)[None].today == 0
