"""Numbers, dates and durations in both languages."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cur_tui.domain.vocabulary import TimeUnit
from cur_tui.formats import (
    NBSP,
    format_date,
    format_datetime,
    format_decimal,
    format_duration,
    format_long_date,
    format_norm,
    format_number,
    format_percent,
    format_time_left,
)
from cur_tui.i18n import translator

RU, EN = translator("ru"), translator("en")


def plain(text: str) -> str:
    return text.replace(NBSP, " ")


def test_numbers() -> None:
    assert plain(format_number(1234567, RU)) == "1 234 567"
    assert format_number(1234567, EN) == "1,234,567"
    assert format_number(999, RU) == "999"
    assert plain(format_number(-1000, RU)) == "-1 000"
    assert format_decimal(4.5, t=RU) == "4,5"
    assert format_decimal(4.5, t=EN) == "4.5"
    assert format_decimal(4.4, 0, RU) == "4"
    assert plain(format_percent(0.854, RU)) == "85 %"
    assert format_percent(0.854, EN) == "85%"


def test_dates() -> None:
    day = date(2026, 11, 2)
    assert format_date(day, RU) == "02.11.2026"
    assert format_date(day, EN) == "2026-11-02"
    assert plain(format_long_date(day, RU)) == "2 ноября 2026 г."
    assert plain(format_long_date(day, EN)) == "2 November 2026"


def test_every_month_is_in_the_genitive() -> None:
    months = [plain(format_long_date(date(2026, month, 1), RU)).split()[1] for month in range(1, 13)]
    assert all(month.endswith(("я", "а")) for month in months)
    assert len(set(months)) == 12


def test_a_moment_is_shown_on_the_clocks_of_the_region() -> None:
    moment = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)
    assert plain(format_datetime(moment, ZoneInfo("Asia/Yakutsk"), RU)) == "01.01.2027 01:30"
    assert plain(format_datetime(moment, ZoneInfo("Europe/Moscow"), RU)) == "31.12.2026 19:30"


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        format_datetime(datetime(2026, 1, 1), UTC, RU)  # noqa: DTZ001 - the naive moment is the case


@pytest.mark.parametrize(
    ("span", "working", "russian", "english"),
    [
        (timedelta(seconds=59), False, "меньше 1 мин", "under 1 min"),
        (timedelta(minutes=10), False, "10 мин", "10 min"),
        (timedelta(hours=2, minutes=10, seconds=59), False, "2 ч 10 мин", "2 h 10 min"),
        (timedelta(hours=3), False, "3 ч", "3 h"),
        (timedelta(days=2, hours=5, minutes=40), False, "2 дн. 5 ч", "2 d 5 h"),
        (timedelta(days=30), False, "30 дн.", "30 d"),
        (timedelta(hours=18, minutes=10), True, "18 раб. ч 10 мин", "18 work h 10 min"),
        (timedelta(hours=50), True, "50 раб. ч", "50 work h"),
        (timedelta(minutes=15), True, "15 раб. мин", "15 work min"),
    ],
)
def test_durations(span: timedelta, working: bool, russian: str, english: str) -> None:
    assert plain(format_duration(span, working=working, t=RU)) == russian
    assert plain(format_duration(span, working=working, t=EN)) == english
    assert format_duration(-span, working=working, t=RU) == format_duration(span, working=working, t=RU)


def test_what_is_left_and_what_is_overdue() -> None:
    assert plain(format_time_left(timedelta(hours=2, minutes=10), t=RU)) == "осталось 2 ч 10 мин"
    assert plain(format_time_left(timedelta(hours=-3), t=RU)) == "просрочено на 3 ч"
    assert plain(format_time_left(timedelta(hours=-3), working=True, t=EN)) == "overdue by 3 work h"
    assert plain(format_time_left(timedelta(0), t=RU)) == "срок сейчас"
    assert plain(format_time_left(timedelta(seconds=-1), t=RU)) == "только что просрочено"


@pytest.mark.parametrize(
    ("count", "russian"),
    [
        (1, "1 рабочий день"),
        (3, "3 рабочих дня"),
        (7, "7 рабочих дней"),
        (11, "11 рабочих дней"),
        (21, "21 рабочий день"),
    ],
)
def test_norms_agree_with_their_number(count: int, russian: str) -> None:
    assert plain(format_norm(count, TimeUnit.WORKING_DAY, RU)) == russian


@pytest.mark.parametrize("unit", TimeUnit)
def test_every_unit_has_words(unit: TimeUnit) -> None:
    russian, english = format_norm(4, unit, RU), format_norm(4, unit, EN)
    assert russian.startswith("4")
    assert english.startswith("4")
    assert russian != english


def test_values_do_not_break_at_the_end_of_a_line() -> None:
    assert " " not in format_time_left(timedelta(days=-2, hours=-1), t=RU)
    assert " " not in format_long_date(date(2026, 5, 9), RU)
