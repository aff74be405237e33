"""The clocks of an appeal as entries: what runs first, then what was met or missed."""

from datetime import datetime
from zoneinfo import ZoneInfo

from textual.content import Content

from cur_tui.domain.model import Appeal, Clock
from cur_tui.domain.vocabulary import ClockKind, Regime
from cur_tui.formats import format_date, format_datetime, format_norm
from cur_tui.i18n import _
from cur_tui.services.due import SYMBOLS
from cur_tui.services.labels import label
from cur_tui.services.words import clock_words
from widgets.badges import BAND_STYLES, band_of
from widgets.ledger import Entry
from widgets.show import show_line

LABELS = 21
"""Width of the column of names."""


LAW = frozenset({ClockKind.REGISTER, ClockKind.FORWARD, ClockKind.FINAL})
"""What 59-ФЗ sets terms for (art. 8 and 12); every other term is a norm of the region or of the centre."""


def clock_entries(appeal: Appeal, now: datetime, zone: ZoneInfo) -> tuple[Entry, ...]:
    """One entry a clock; the running ones by their control dates, the stopped ones behind them."""
    ordered = sorted(
        appeal.clocks,
        key=lambda clock: (
            clock.stopped_at is not None,
            clock.kind is ClockKind.RETURN_WINDOW,
            clock.control_due_at,
        ),
    )
    by_law = appeal.regime is Regime.FZ59
    return tuple(_entry(clock, now, zone, by_law=by_law and clock.kind in LAW) for clock in ordered)


def _entry(clock: Clock, now: datetime, zone: ZoneInfo, *, by_law: bool) -> Entry:
    missed = clock.is_breached(now)
    if clock.kind is ClockKind.RETURN_WINDOW and (clock.stopped_at is not None or missed):
        sign, style = "·", "$text-muted"
    elif clock.stopped_at is not None:
        sign, style = ("✗", "$error") if missed else ("✓", "$text-muted")
    elif clock.paused_since is not None:
        sign, style = "‖", "$text-muted"
    else:
        band = band_of(clock, now)
        sign, style = SYMBOLS[band], BAND_STYLES[band]
    lines = [Content.styled(clock_words(clock, now), style)]
    until = _("by {moment}").format(moment=format_datetime(clock.control_due_at, zone))
    parts = [Content(until)]
    if clock.provisional:
        parts.append(Content.styled(_("≈ provisional"), "$warning"))
    lines.append(Content("  ").join(parts))
    if clock.stopped_at is None:
        lines.append(Content.styled(_norm(clock, zone, by_law=by_law), "$text-muted"))
    if clock.extension is not None:
        lines.append(_extension(clock, zone))
    return Entry(f"{sign} {label(clock.kind)}", Content("\n").join(lines), style)


def _norm(clock: Clock, zone: ZoneInfo, *, by_law: bool) -> str:
    """The norm, and its own date where a stricter one is kept to."""
    norm = format_norm(clock.amount, clock.unit)
    if clock.due_at == clock.control_due_at:
        return _("{norm}, by law").format(norm=norm) if by_law else norm
    words = _("{norm}, by law until {date}") if by_law else _("{norm}, by the norm until {date}")
    return words.format(norm=norm, date=format_date(clock.due_at.astimezone(zone).date()))


def _extension(clock: Clock, zone: ZoneInfo) -> Content:
    extension = clock.extension
    if extension is None:
        return Content("")
    words = _("extended by {days} d, first promised {date}: ").format(
        days=extension.days, date=format_date(clock.original_due_at.astimezone(zone).date())
    )
    return Content.assemble(Content.styled(words, "$warning"), show_line(extension.reason))
