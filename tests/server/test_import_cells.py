"""Cells as exports write them: dates as text or numbers, lengths of time, guarded and empty texts."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from regional_api.importers.cells import (
    clean,
    has_time,
    read_date,
    read_duration,
    read_moment,
    read_whole,
    unguarded,
)

AMUR = ZoneInfo("Asia/Yakutsk")
NOON = datetime(2025, 12, 1, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "01.12.2025 12:00",
        "01.12.2025 12:00:00",
        "2025-12-01 12:00:00",
        "2025-12-01T12:00:00.000",
        "2025-12-01T06:00:00+03:00",
        "01/12/2025 12:00",
        "45992.5",
        "45992,5",
        "4.59925E4",
    ],
)
def test_a_moment_is_read_in_the_zone_of_the_source(written: str) -> None:
    assert read_moment(written, AMUR) == NOON


def test_a_date_alone_is_the_beginning_of_its_day() -> None:
    for written in ("01.12.2025", "01.12.25", "45992", "2025-12-01"):
        assert read_moment(written, AMUR) == NOON - timedelta(hours=12)
        assert read_date(written) == date(2025, 12, 1)
        assert not has_time(written)
    assert has_time("01.12.2025 00:00")
    assert read_moment("44530", AMUR, from_1904=True) == NOON - timedelta(hours=12)


@pytest.mark.parametrize("written", ["вчера", "31.02.2025", "0", "999999", "12:30", "0001-01-01", ""])
def test_what_is_no_date_is_none(written: str) -> None:
    assert read_moment(written, AMUR) is None


@pytest.mark.parametrize(
    ("written", "length"),
    [
        ("11 days, 12:10:25.2", timedelta(days=11, hours=12, minutes=10, seconds=25, milliseconds=200)),
        ("1 day, 0:05:00", timedelta(days=1, minutes=5)),
        ("2 дн. 03:00:00", timedelta(days=2, hours=3)),
        ("8:30", timedelta(hours=8, minutes=30)),
        ("125:00:00", timedelta(hours=125)),
        ("0:00:01.123456789", timedelta(seconds=1, microseconds=123456)),
        ("0.5", timedelta(hours=12)),
        ("3 days", timedelta(days=3)),
    ],
)
def test_lengths_of_time(written: str, length: timedelta) -> None:
    assert read_duration(written) == length


@pytest.mark.parametrize(
    "written", ["", "долго", "-", "1:2:3:4", "999999", "99999999999 дней", "9" * 5_000 + " дней"]
)
def test_what_is_no_length_is_none(written: str) -> None:
    assert read_duration(written) is None


def test_texts_are_freed_of_the_habits_of_exports() -> None:
    assert clean("  Комитет   связи\u00a0края ") == "Комитет связи края"
    assert [clean(cell) for cell in ("-", " — ", "'-", "NULL", "")] == [""] * 5
    assert unguarded("'Текст  с\r\nдвумя строками ") == "Текст  с\nдвумя строками"
    assert read_whole("327441806.0") == "327441806"
    assert read_whole("07/19-ОГ-10") == "07/19-ОГ-10"
