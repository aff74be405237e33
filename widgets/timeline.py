"""The timeline of an appeal as entries: who, what, when, the latest first."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from textual.content import Content

from cur_tui.domain.model import Event, Note
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.formats import format_datetime
from cur_tui.i18n import _
from cur_tui.services.checklists import NOTABLE_SKEW
from cur_tui.services.words import event_author, event_details, event_words
from widgets.ledger import Entry
from widgets.show import show, show_line

LABELS = 16
"""Width of the column of times."""


def timeline_entries(timeline: Iterable[Event], rulebook: Rulebook, zone: ZoneInfo) -> tuple[Entry, ...]:
    """One entry an event; the device's time beside the server's when they differ by more than a minute."""
    return tuple(_entry(event, rulebook, zone) for event in reversed(tuple(timeline)))


def note_entries(notes: Iterable[Note], zone: ZoneInfo) -> tuple[Entry, ...]:
    """One entry a note, the latest first."""
    return tuple(
        Entry(
            format_datetime(note.at, zone),
            Content.assemble(show_line(note.author_name, style="$text-muted"), "\n", show(note.text)),
        )
        for note in reversed(tuple(notes))
    )


def _entry(event: Event, rulebook: Rulebook, zone: ZoneInfo) -> Entry:
    lines = [show_line(event_words(event)), show_line(event_author(event), style="$text-muted")]
    lines += [show(detail, "$text-muted") for detail in event_details(event, rulebook)]
    if abs(event.device_at - event.at) > NOTABLE_SKEW:
        words = _("on the device: {moment}").format(moment=format_datetime(event.device_at, zone))
        lines.append(Content.styled(words, "$warning"))
    return Entry(format_datetime(event.at, zone), Content("\n").join(lines))
