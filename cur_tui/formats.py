"""Numbers, dates and durations as people of the language write them.

Every function takes the :class:`~cur_tui.i18n.Translator` to use and falls back to the process-wide one, so
the server can answer each request in its own language. The patterns are messages of the catalogue, hence
there is no ``if language ==`` here. Spaces inside a value are non-breaking: no value is torn apart at the end
of a line.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo
from typing import Final

from cur_tui.domain.vocabulary import TimeUnit
from cur_tui.i18n import Translator, current

NBSP: Final = "\u00a0"
_MINUTE: Final = timedelta(minutes=1)


def _months(t: Translator) -> tuple[str, ...]:
    return (
        t.pgettext("day of month", "January"),
        t.pgettext("day of month", "February"),
        t.pgettext("day of month", "March"),
        t.pgettext("day of month", "April"),
        t.pgettext("day of month", "May"),
        t.pgettext("day of month", "June"),
        t.pgettext("day of month", "July"),
        t.pgettext("day of month", "August"),
        t.pgettext("day of month", "September"),
        t.pgettext("day of month", "October"),
        t.pgettext("day of month", "November"),
        t.pgettext("day of month", "December"),
    )


def _glue(text: str) -> str:
    return text.replace(" ", NBSP)


def format_number(value: int, t: Translator | None = None) -> str:
    """A whole number with its thousands apart: «12 345», "12,345"."""
    t = t or current()
    # TRANSLATORS: the character between thousands; a space becomes a non-breaking one.
    separator = t.pgettext("thousands separator", ",")
    return _glue(f"{value:,}".replace(",", separator))


def format_decimal(value: float, places: int = 1, t: Translator | None = None) -> str:
    """A fraction rounded to ``places``: «4,5», "4.5"."""
    t = t or current()
    whole, _point, fraction = f"{value:.{places}f}".partition(".")
    # TRANSLATORS: the character between the whole and the fraction of a number.
    mark = t.pgettext("decimal mark", ".")
    return f"{whole}{mark}{fraction}" if fraction else whole


def format_percent(share: float, t: Translator | None = None) -> str:
    """A share of one in whole per cent: 0.85 is «85 %», "85%"."""
    t = t or current()
    return _glue(t.gettext("{percent}%").format(percent=round(share * 100)))


def format_date(day: date, t: Translator | None = None) -> str:
    """A date in figures, for tables: «21.11.2026», "2026-11-21"."""
    t = t or current()
    return day.strftime(t.pgettext("date", "%Y-%m-%d"))


def format_long_date(day: date, t: Translator | None = None) -> str:
    """A date in words, for letters and headings: «21 ноября 2026 г.», "21 November 2026"."""
    t = t or current()
    month = _months(t)[day.month - 1]
    # TRANSLATORS: a date in words.
    return _glue(t.gettext("{day} {month} {year}").format(day=day.day, month=month, year=day.year))


def format_datetime(moment: datetime, zone: tzinfo, t: Translator | None = None) -> str:
    """A moment on the clocks of ``zone`` (the region's, not the laptop's): «21.11.2026 14:05».

    Raises :class:`ValueError` for a moment without a zone: guessing one has already cost somebody a deadline.
    """
    t = t or current()
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone cannot be shown")
    return _glue(moment.astimezone(zone).strftime(t.pgettext("date and time", "%Y-%m-%d %H:%M")))


def format_duration(span: timedelta, *, working: bool = False, t: Translator | None = None) -> str:
    """The length of ``span``, signless, in its two largest units, rounded down to minutes: «2 ч 10 мин».

    ``working`` marks time counted by the working calendar: «18 раб. ч 10 мин». It is never turned into days,
    since the length of a working day differs by region and date.
    """
    t = t or current()
    minutes = abs(span) // _MINUTE
    if minutes == 0:
        return _glue(t.gettext("under 1 min"))
    hours, minutes = divmod(minutes, 60)
    days, hours = (0, hours) if working else divmod(hours, 24)
    parts: list[str] = []
    if days:
        parts.append(t.gettext("{days} d").format(days=days))
    if hours:
        # TRANSLATORS: short for hours of the working calendar.
        pattern = t.gettext("{hours} work h") if working else t.gettext("{hours} h")
        parts.append(pattern.format(hours=hours))
    if minutes and not days:
        mark = working and not hours
        # TRANSLATORS: short for minutes of the working calendar.
        pattern = t.gettext("{minutes} work min") if mark else t.gettext("{minutes} min")
        parts.append(pattern.format(minutes=minutes))
    return _glue(" ".join(parts))


def format_time_left(left: timedelta, *, working: bool = False, t: Translator | None = None) -> str:
    """What a deadline's clock says: «осталось 2 ч 10 мин», or «просрочено на 3 ч» once ``left`` is negative.

    A deadline that falls due at this very moment is not overdue yet.
    """
    t = t or current()
    overdue = left < timedelta(0)
    if abs(left) < _MINUTE:
        return _glue(t.gettext("just overdue") if overdue else t.gettext("due now"))
    length = format_duration(left, working=working, t=t)
    pattern = t.gettext("overdue by {duration}") if overdue else t.gettext("{duration} left")
    return _glue(pattern.format(duration=length))


def format_norm(count: int, unit: TimeUnit, t: Translator | None = None) -> str:
    """A norm in the unit the law or the region counts it in: «7 рабочих дней», "4 clock hours"."""
    t = t or current()
    match unit:
        case TimeUnit.CALENDAR_DAY:
            pattern = t.ngettext("{count} calendar day", "{count} calendar days", count)
        case TimeUnit.WORKING_DAY:
            pattern = t.ngettext("{count} working day", "{count} working days", count)
        case TimeUnit.WORKING_HOUR:
            pattern = t.ngettext("{count} working hour", "{count} working hours", count)
        case TimeUnit.CLOCK_HOUR:
            pattern = t.ngettext("{count} clock hour", "{count} clock hours", count)
        case TimeUnit.WORKING_MINUTE:
            pattern = t.ngettext("{count} working minute", "{count} working minutes", count)
    return _glue(pattern.format(count=count))
