"""Small signs with words: state, importance, deadline, holder, hidden characters."""

from datetime import datetime
from zoneinfo import ZoneInfo

from textual.content import Content

from cur_tui.domain.model import Appeal, Clock
from cur_tui.domain.texts.text import display
from cur_tui.domain.vocabulary import HEAD_FLAG, Priority, Regime, Source
from cur_tui.formats import format_datetime, format_number
from cur_tui.i18n import _, ngettext
from cur_tui.services.due import SYMBOLS, Band, due_of
from cur_tui.services.labels import label
from cur_tui.services.words import clock_words, holder_words, state_badge
from widgets.show import show_line

BAND_STYLES: dict[Band, str] = {
    Band.OVERDUE: "bold $error",
    Band.SOON: "bold $warning",
    Band.DAY: "$warning",
    Band.LATER: "$foreground",
    Band.NONE: "$text-muted",
}
"""Colour beside the sign; the sign and the words say the same without it."""


def band_of(clock: Clock, now: datetime) -> Band:
    """How close a clock's control date is."""
    return due_of(int(clock.control_due_at.timestamp()), int(now.timestamp())).band


def due_badge(clock: Clock, now: datetime) -> Content:
    """Sign, time left and name of a running clock."""
    band = band_of(clock, now)
    almost = "≈ " if clock.provisional else ""
    return Content.styled(f"{SYMBOLS[band]} {almost}{clock_words(clock, now)}", BAND_STYLES[band])


def hidden_badge(text: str) -> Content:
    """A warning when a text holds characters that its author saw otherwise than its reader."""
    hidden = display(text).hidden
    if not hidden:
        return Content("")
    words = ngettext("⚠ {count} hidden character", "⚠ {count} hidden characters", hidden)
    return Content.styled(words.format(count=hidden), "bold $warning")


def _head_badge(members: int) -> Content:
    """That an appeal leads a mass incident, of so many ``members`` as far as they are known here."""
    told = _("≣ leads a mass incident")
    if members:
        # Short, since a narrow terminal cuts the line behind it.
        led = ngettext("≣ leads {count} appeal", "≣ leads {count} appeals", members)
        told = led.format(count=format_number(members))
    return Content.styled(told, "bold $warning")


def appeal_header(
    appeal: Appeal, me: str, now: datetime, zone: ZoneInfo, *, unsent: int = 0, members: int = 0
) -> Content:
    """Two lines that say which appeal this is and what presses; ``members`` of the mass incident it leads."""
    first = [
        show_line(appeal.number, style="bold $primary"),
        Content.styled(state_badge(appeal.state), "bold"),
        Content(label(appeal.regime)),
    ]
    if (appeal.regime, appeal.source) != (Regime.POS_MESSAGE, Source.POS):  # its name says it already
        first.append(Content.styled(label(appeal.source), "$text-muted"))
    if appeal.priority is not Priority.NORMAL:
        sign = "‼" if appeal.priority is Priority.EMERGENCY else "!"
        first.append(Content.styled(f"{sign} {label(appeal.priority)}", "bold $error"))
    if HEAD_FLAG in appeal.flags:
        first.insert(2, _head_badge(members))
    if appeal.is_repeat:
        first.append(Content.styled(_("↻ repeat"), "$warning"))
    if appeal.is_reconsideration:
        first.append(Content.styled(_("↺ reconsideration"), "$warning"))
    second = []
    clock = appeal.nearest_clock
    if clock is not None:
        until = format_datetime(clock.control_due_at, zone)
        second.append(
            Content.assemble(due_badge(clock, now), Content(f"  {label(clock.kind)}, "), Content(until))
        )
    second.append(show_line(holder_words(appeal, me, now), style="$text-muted"))
    if unsent:
        waiting = ngettext("↑ {count} act not sent yet", "↑ {count} acts not sent yet", unsent)
        second.append(Content.styled(waiting.format(count=unsent), "$accent"))
    gap = Content("  ·  ").stylize("$text-muted")
    return Content("\n").join([gap.join(first), gap.join(second)])
