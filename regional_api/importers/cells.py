"""What a cell says: text freed of the habits of exports, dates, lengths of time, yes and no."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_EMPTY = frozenset({"", "-", "–", "—", "null", "none", "nan", "#н/д"})
_LONGEST_EMPTY = max(map(len, _EMPTY))
_BLANKS = re.compile(r"[^\S\n]+")
_UNTIDY = re.compile(r"  |[^\S\n ]")
_DATES = (
    "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y", "%d.%m.%y",
    "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y",
)  # fmt: skip
_SERIAL = re.compile(r"\d{1,7}(?:[.,]\d+)?(?:E[+-]?\d+)?", re.IGNORECASE)
_DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - the wall time of a spreadsheet; the zone is set after
_DAYS_TO_1904 = 1462
_LAST_SERIAL = 80_000
"""A day in the year 2119: a larger number is no date."""
_DURATION = re.compile(
    r"(?:(?P<days>-?\d+)\s*(?:days?|дн\w*|день|сут\w*|д)\.?,?\s*)?"
    r"(?:(?P<hours>\d+):(?P<minutes>\d{2})(?::(?P<seconds>\d{2})(?:[.,](?P<fraction>\d{1,6})\d*)?)?)?",
    re.IGNORECASE,
)
_YES = frozenset({"да", "yes", "true", "1", "+"})
_NO = frozenset({"нет", "no", "false", "0", *_EMPTY})


def unguarded(cell: str) -> str:
    """The text of a cell as its author wrote it: without outer blanks and the apostrophe that guards it."""
    text = cell.strip()
    if "\r" in text or "_x000D_" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n").replace("_x000D_", "")
    return text[1:].lstrip() if text.startswith("'") else text


def clean(cell: str) -> str:
    """What a cell of labels says: unguarded, with single blanks; «-» and its like are empty."""
    if cell in _EMPTY:
        return ""
    text = unguarded(cell)
    if _UNTIDY.search(text):
        text = _BLANKS.sub(" ", text)
    return "" if len(text) <= _LONGEST_EMPTY and text.casefold() in _EMPTY else text


def folded(text: str) -> str:
    """``text`` for comparison: letter case, «ё» and the number of blanks do not count."""
    return " ".join(text.casefold().replace("ё", "е").split())


def read_moment(text: str, zone: ZoneInfo, *, from_1904: bool = False) -> datetime | None:
    """The instant (UTC) that a date cell means; None for what is no date.

    Without a zone it is time of ``zone``; a date without a time is the beginning of that day.
    """
    wall = _wall_time(text, from_1904)
    if wall is None:
        return None
    try:
        return (wall if wall.tzinfo else wall.replace(tzinfo=zone)).astimezone(UTC)
    except (OverflowError, ValueError):
        return None


def read_date(text: str, *, from_1904: bool = False) -> date | None:
    """The date of a date cell, as written."""
    wall = _wall_time(text, from_1904)
    return None if wall is None else wall.date()


def rewritten_from_1904(text: str) -> str:
    """A cell of a date as every program reads it, where numbers count from 1904; other text as it is."""
    wall = _wall_time(text, from_1904=True) if _SERIAL.fullmatch(text) else None
    if wall is None:
        return text
    return wall.date().isoformat() if wall.time() == time() else wall.isoformat(sep=" ")


def has_time(text: str) -> bool:
    """Whether a date cell says a time of the day as well."""
    wall = _wall_time(text, from_1904=False)
    return wall is not None and (":" in text or wall.time() != time())


def read_duration(text: str) -> timedelta | None:
    """The length of time in a cell: ``11 days, 12:10:25.2``, ``8:30``, or a number of days."""
    if _SERIAL.fullmatch(text):
        days = float(text.replace(",", "."))
        # A spreadsheet keeps a length as a share of a day; the noise of that is below a second.
        return timedelta(seconds=round(days * 86_400)) if days <= _LAST_SERIAL else None
    found = _DURATION.fullmatch(text.strip())
    if found is None or not found[0]:
        return None
    try:
        return timedelta(
            days=int(found["days"] or 0),
            hours=int(found["hours"] or 0),
            minutes=int(found["minutes"] or 0),
            seconds=int(found["seconds"] or 0),
            microseconds=int((found["fraction"] or "0").ljust(6, "0")),
        )
    except (OverflowError, ValueError):
        # More days than a calendar has, or more digits than a number may have.
        return None


def read_yes(text: str) -> bool | None:
    """Yes or no; None for anything else. Empty is no."""
    word = folded(text)
    return True if word in _YES else False if word in _NO else None


def read_whole(text: str) -> str:
    """A number as people write it: spreadsheets say 327441806.0 for 327441806."""
    return text[:-2] if text.endswith(".0") and text[:-2].isdigit() else text


def _wall_time(text: str, from_1904: bool) -> datetime | None:
    if _SERIAL.fullmatch(text):
        days = float(text.replace(",", "."))
        if not 1 <= days <= _LAST_SERIAL:
            return None
        seconds = round((days + (_DAYS_TO_1904 if from_1904 else 0)) * 86_400)
        return _DAY_ZERO + timedelta(seconds=seconds)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    for form in _DATES:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 - the zone is set by the caller
        except ValueError:
            continue
    return None
