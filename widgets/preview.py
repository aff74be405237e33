"""The appeal under the cursor, short: enough to decide what to do with it without opening it."""

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from textual.content import Content

from cur_tui.domain.vocabulary import HEAD_FLAG, LinkKind, Priority
from cur_tui.formats import format_datetime, format_number
from cur_tui.i18n import _, ngettext
from cur_tui.services.due import SYMBOLS, Band, due_of
from cur_tui.services.labels import label, label_of
from cur_tui.services.lists.found import Find
from cur_tui.services.lists.window import Names
from cur_tui.services.words import clock_words, event_author, event_words, holder_words, state_badge
from widgets.show import erased_note, show, show_line
from widgets.text_pane import TextPane

if TYPE_CHECKING:
    from cur_tui.domain.model import Appeal

NOTES_SHOWN = 2
EVENTS_SHOWN = 3
_BANDS = {Band.OVERDUE: "bold $error", Band.SOON: "bold $warning", Band.DAY: "$warning"}


class Preview(TextPane):
    """Shows one appeal; None clears it."""

    DEFAULT_CSS = "Preview { background: $surface; padding: 0 1; }"

    def show(
        self,
        appeal: "Appeal | None",
        *,
        names: Names,
        me: str,
        now: datetime,
        zone: ZoneInfo,
        find: Find | None = None,
        members: int = 0,
    ) -> None:
        """Draw ``appeal`` from its beginning; ``find`` says where the words of a search stand in a text,
        ``members`` how many belong to the mass incident that it leads.
        """
        if appeal is None:
            self.write(Content.styled(_("Nothing is chosen."), "$text-muted"))
            return
        self.write(
            _head(appeal, names, me, now, zone, find),
            *(_mass(appeal, members)),
            Content(""),
            show(appeal.text, find=find) if appeal.erased_at is None else erased_note(),
            Content(""),
            _more(appeal, names, zone, find).stylize_before("$text-muted"),
        )


def _head(
    appeal: "Appeal", names: Names, me: str, now: datetime, zone: ZoneInfo, find: Find | None
) -> Content:
    lines = [
        Content.assemble(show_line(appeal.number, style="bold $primary"), "  ", state_badge(appeal.state)),
        _due(appeal, now, zone),
        Content.styled(holder_words(appeal, me, now), "$text-muted"),
    ]
    if appeal.priority is not Priority.NORMAL:
        lines.insert(1, Content.styled(f"! {label(appeal.priority)}", "bold $error"))
    town = names.municipalities.get(appeal.place.municipality or "")
    facts = [
        (_("Topic"), names.topics.get(appeal.topic or "") or _("not set")),
        (_("Place"), ", ".join(filter(None, (town, appeal.place.address)))),
        (_("Answers"), names.authorities.get(appeal.authority or "") or _("nobody yet")),
        (_("Regime"), f"{label(appeal.regime)} · {label_of(type(appeal.source), appeal.source.value)}"),
    ]  # fmt: skip
    lines += [_fact(name, value) for name, value in facts if value]
    if appeal.essence:
        lines.append(Content.assemble("\n", show_line(appeal.essence, 400, "bold", find)))
    return Content("\n").join(lines)


def _mass(appeal: "Appeal", members: int) -> list[Content]:
    """That it leads a mass incident, or belongs to one."""
    if HEAD_FLAG in appeal.flags:
        led = ngettext(
            "leads a mass incident of {count} appeal", "leads a mass incident of {count} appeals", members
        )
        return [Content.styled(f"≣ {led.format(count=format_number(members))}", "bold $warning")]
    heads = [link.number for link in appeal.links if link.kind is LinkKind.MASS_INCIDENT]
    told = _("belongs to the mass incident of {number}")
    return [show_line(f"≡ {told.format(number=number)}", style="$warning") for number in heads]


def _fact(name: str, value: str) -> Content:
    return Content.assemble((f"{name}: ", "$text-muted"), show_line(value, 200))


def _due(appeal: "Appeal", now: datetime, zone: ZoneInfo) -> Content:
    clock = appeal.nearest_clock
    if clock is None:
        return Content.styled(_("no clock is running"), "$text-muted")
    band = due_of(int(clock.control_due_at.timestamp()), int(now.timestamp())).band
    said = f"{SYMBOLS[band]} {label(clock.kind)}: {clock_words(clock, now)}"
    until = format_datetime(clock.control_due_at, zone)
    return Content.assemble((said, _BANDS.get(band, "")), (f" ({until})", "$text-muted"))


def _more(appeal: "Appeal", names: Names, zone: ZoneInfo, find: Find | None) -> Content:
    lines: list[Content] = []
    for note in appeal.notes[-NOTES_SHOWN:]:
        lines.append(Content.assemble("✎ ", show_line(f"{note.author_name}: {note.text}", 300, find=find)))
    answer = appeal.answers[-1] if appeal.answers else None
    if answer is not None:
        lines.append(Content(f"✉ {label(answer.kind)}: {label(answer.status)}"))
        if answer.failure:
            from cur_tui.services.answers.delivery_words import failure_words  # no list needs it

            lines.append(show_line(f"✗ {failure_words(answer.failure)}", 300, "bold $error"))
    for event in reversed(appeal.timeline[-EVENTS_SHOWN:]):
        moment = format_datetime(event.at, zone)
        lines.append(show_line(f"{moment}  {event_words(event)} · {event_author(event)}", 200))
    return Content("\n").join(lines)
