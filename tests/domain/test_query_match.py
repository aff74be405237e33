"""The reference meaning of each term on a row, with the edges of time and of empty fields."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cur_tui.domain.query.match import matches
from cur_tui.domain.query.parse import parse_query
from cur_tui.domain.query.query import Comparison, Field, FlagTerm, Query, RelativeTerm
from cur_tui.domain.query.words import default_vocabulary
from cur_tui.domain.vocabulary import State

REGION = ZoneInfo("Asia/Yakutsk")
UTC = ZoneInfo("UTC")
NOW = datetime(2026, 11, 21, 10, 0, tzinfo=REGION)

ROW: dict[str, object] = {
    "number": "INC-20261121-0001",
    "block": "utilities",
    "topic": None,
    "state": State.IN_PROGRESS,
    "regime": "open_source",
    "priority": "normal",
    "source": "social",
    "tone": "negative",
    "item_kind": "complaint",
    "municipality": "m-01",
    "authority": None,
    "assignee": "operator.one",
    "tags": ["зима 2026", "вода"],
    "control_due_at": NOW + timedelta(hours=3),
    # 23:30 of the day before in UTC is already the 21st in the region.
    "registered_at": datetime(2026, 11, 20, 23, 30, tzinfo=UTC),
    "rating": 2,
    "fast_track": True,
    "is_repeat": False,
    "is_duplicate": False,
    "mass_incident": "mi-7",
    "pending": True,
    "provisional": False,
    "text": "Третий день нет горячей воды. Ёлка во дворе!",
}


def holds(line: str, me: str | None = "operator.one", **changed: object) -> bool:
    return matches(parse_query(line, default_vocabulary()), {**ROW, **changed}, now=NOW, me=me)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "блок:жкх,дороги вид:жалоба тон:негатив",
        "-блок:дороги",
        "тема:нет орган:none",
        "исполнитель:operator.one",
        "исполнитель:я",
        "исполнитель:нет,я",
        'метка:"зима 2026"',
        "метка:вода,лето",
        "№inc-20261121-0001",
        "оценка:<3",
        "срок:<4ч",
        "срок:<=3ч",
        "срок:>=3ч",
        "-срок:<3ч",
        "срок:сегодня",
        "срок:21.11.2026",
        "-срок:завтра",
        "дата:сегодня",
        "дата:..21.11.2026",
        "дата:<4ч",
        "дата:>1ч",
        "мои назначено открыто",
        "-не_назначено -закрыто -просрочено",
        "фаст_трек массовое не_отправлено",
        "-повторное -дубль -предварительно -взято -отвечено -конфликт",
        '"нет горячей воды"',
        "ГОРЯЧ*",
        "елка",
        "-холодной",
    ],
)
def test_rows_that_match(line: str) -> None:
    assert holds(line)


@pytest.mark.parametrize(
    "line",
    [
        "блок:дороги",
        "-блок:жкх",
        "блок:нет",
        "тема:no_heating",
        "исполнитель:operator.two",
        "метка:лето",
        "метка:нет",
        "номер:INC-20261121-0002",
        "оценка:>=3",
        "срок:<3ч",
        "срок:>3ч",
        "срок:завтра",
        "срок:нет",
        "дата:вчера",
        "дата:20.11.2026",
        "дата:>4ч",
        "просрочено",
        "не_назначено",
        "закрыто",
        "возвращено",
        "ждёт_согласования",
        '"воды нет"',
        "горяч",
        "блок:жкх вид:вопрос",
    ],
)
def test_rows_that_do_not(line: str) -> None:
    assert not holds(line)


def test_overdue_is_past_the_control_date_and_open() -> None:
    assert not holds("просрочено", control_due_at=NOW)
    past = NOW - timedelta(seconds=1)
    assert holds("просрочено", control_due_at=past)
    assert holds("срок:<4ч", control_due_at=past)
    assert not holds("просрочено", control_due_at=past, state=State.RESOLVED)


def test_a_closed_appeal_has_no_due_date() -> None:
    assert holds("срок:нет", state=State.FORWARDED)
    assert not holds("срок:<4ч", state=State.FORWARDED)
    assert holds("-срок:<4ч", state=State.FORWARDED)


def test_nobody_has_nothing_of_his_own() -> None:
    assert not holds("мои", me=None, assignee=None)
    assert not holds("исполнитель:я", me=None, assignee=None)
    assert holds("исполнитель:нет", me=None, assignee=None)


@pytest.mark.parametrize(
    ("line", "state"),
    [
        ("возвращено", State.REVISION_REQUIRED),
        ("ждёт_согласования", State.IN_REVIEW),
        ("закрыто", State.REJECTED),
    ],
)
def test_flags_of_the_state(line: str, state: State) -> None:
    assert holds(line, state=state)


def test_a_bare_row_is_empty_and_has_no_flag() -> None:
    row = {"state": "new"}
    for line in ("метка:нет", "срок:нет", "оценка:нет", "-массовое", "-дата:<3000д"):
        assert matches(parse_query(line, default_vocabulary()), row, now=NOW, me=None)


@given(st.sampled_from([*"абв"]), st.sampled_from(State), st.integers(-9000, 9000), st.integers(1, 9000))
def test_a_minus_and_its_opposite_comparison_agree(text: str, state: State, left: int, minutes: int) -> None:
    row = {**ROW, "state": state, "text": text, "control_due_at": NOW + timedelta(minutes=left)}
    less = RelativeTerm(Field.DUE, Comparison.LESS, minutes)
    at_least = RelativeTerm(Field.DUE, Comparison.AT_LEAST, minutes)
    found = [matches(Query((term,)), row, now=NOW, me=None) for term in (less, at_least)]
    assert found.count(True) == (1 if state.is_open else 0)


@given(st.sampled_from(["open", "assigned", "mine", "overdue", "fast_track"]))
def test_a_minus_turns_a_flag_round(name: str) -> None:
    (term,) = parse_query(name, default_vocabulary()).terms
    assert isinstance(term, FlagTerm)
    assert holds(name) != holds(f"-{name}")
