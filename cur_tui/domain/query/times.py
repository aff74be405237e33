"""Times in the query language: spans («<4ч»), days («завтра»), dates and ranges of dates."""

import re
from datetime import MAXYEAR, MINYEAR, date, timedelta

from cur_tui.domain.query.fields import DAYS, FLAG_NAMES, RESERVED
from cur_tui.domain.query.query import (
    NONE,
    Comparison,
    DateTerm,
    Day,
    DayTerm,
    Field,
    FieldTerm,
    Flag,
    FlagTerm,
    RelativeTerm,
)

TimeTerm = RelativeTerm | DayTerm | DateTerm | FieldTerm | FlagTerm

_HOUR, _DAY, _WEEK = 60, 24 * 60, 7 * 24 * 60
_UNITS = {
    1: ("m", "мин", "м", "min"),
    _HOUR: ("h", "ч", "час", "часа", "часов"),
    _DAY: ("d", "д", "дн", "день", "дня", "дней"),
    _WEEK: ("w", "н", "нед"),
}
_MINUTES = {spelling: minutes for minutes, spellings in _UNITS.items() for spelling in spellings}
_WRITTEN_UNITS = (_DAY, _HOUR, 1)
_LONGEST_SPAN = 3660 * _DAY

_MAY_BE_EMPTY = frozenset({Field.DUE, Field.DONE})

_COMPARISON = re.compile(r"(<=|>=|<|>)?\s*(.+)", re.DOTALL)
_SPAN = re.compile(r"([0-9]{1,7})\s*([a-zа-яё]+)\.?")
_ISO_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{1,2})(?:-([0-9]{1,2}))?)?")
_RUSSIAN_DATE = re.compile(r"(?:(?:([0-9]{1,2})\.)?([0-9]{1,2})\.)([0-9]{4})")
_RANGE = ".."


def parse_time(field: Field, text: str) -> TimeTerm:
    """Read the value of a date field.

    :raises ValueError: when it is no time, or one outside the calendar.
    """
    text = text.replace("≤", "<=").replace("≥", ">=").strip()
    if (reserved := RESERVED.exact(text)) is not None and reserved.code == NONE and field in _MAY_BE_EMPTY:
        return FieldTerm(field, (NONE,))
    if (flag := FLAG_NAMES.exact(text)) is not None and flag.code == Flag.OVERDUE and field is Field.DUE:
        return FlagTerm(Flag.OVERDUE)
    if (day := DAYS.exact(text)) is not None:
        return DayTerm(field, Day(day.code))
    if _RANGE in text:
        return _range(field, text)
    found = _COMPARISON.fullmatch(text)
    if found is None:
        raise ValueError(text)
    sign, value = found[1], found[2].lower()
    if (span := _SPAN.fullmatch(value)) is not None:
        minutes = int(span[1]) * _MINUTES.get(span[2], 0)
        if not 0 < minutes <= _LONGEST_SPAN:
            raise ValueError(text)
        # «срок:4ч» means within four hours, «дата:7д» within the last seven days.
        return RelativeTerm(field, Comparison(sign or "<"), minutes)
    first, last = _days(value)
    if sign is None:
        return DateTerm(field, first, last)
    try:
        return _bounded(field, Comparison(sign), first, last)
    except OverflowError:
        raise ValueError(text) from None


def format_time(term: RelativeTerm | DayTerm | DateTerm, language: str) -> str:
    """Write the value of a date field so that :func:`parse_time` reads the same term."""
    if isinstance(term, RelativeTerm):
        unit = next(unit for unit in _WRITTEN_UNITS if term.minutes % unit == 0)
        return f"{term.comparison}{term.minutes // unit}{_UNITS[unit][1 if language == 'ru' else 0]}"
    if isinstance(term, DayTerm):
        return DAYS.spell(term.day, language)
    if term.first == term.last and term.first is not None:
        return _write_date(term.first, language)
    return _RANGE.join("" if day is None else _write_date(day, language) for day in (term.first, term.last))


def _write_date(day: date, language: str) -> str:
    return f"{day.day:02}.{day.month:02}.{day.year:04}" if language == "ru" else day.isoformat()


def _range(field: Field, text: str) -> DateTerm:
    low, high = (part.strip() for part in text.split(_RANGE, 1))
    if not low and not high:
        raise ValueError(text)
    first = _days(low)[0] if low else None
    last = _days(high)[1] if high else None
    if first is not None and last is not None and first > last:
        raise ValueError(text)
    return DateTerm(field, first, last)


def _bounded(field: Field, comparison: Comparison, first: date, last: date) -> DateTerm:
    if comparison is Comparison.LESS:
        return DateTerm(field, None, first - timedelta(days=1))
    if comparison is Comparison.AT_MOST:
        return DateTerm(field, None, last)
    if comparison is Comparison.MORE:
        return DateTerm(field, last + timedelta(days=1), None)
    return DateTerm(field, first, None)


def _days(text: str) -> tuple[date, date]:
    """Return the first and the last day of a date, a month («2026-11», «11.2026») or a year."""
    if (iso := _ISO_DATE.fullmatch(text)) is not None:
        year, month, day = iso.groups()
    elif (russian := _RUSSIAN_DATE.fullmatch(text)) is not None:
        day, month, year = russian.groups()
    else:
        raise ValueError(text)
    if not MINYEAR <= int(year) < MAXYEAR:
        raise ValueError(text)
    if month is None:
        return date(int(year), 1, 1), date(int(year), 12, 31)
    first = date(int(year), int(month), int(day or 1))
    if day is not None:
        return first, first
    from calendar import monthrange  # few queries name a month

    return first, first.replace(day=monthrange(first.year, first.month)[1])
