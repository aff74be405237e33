"""The steps of a fast track as entries: what, who, by when, what proves it, what became of it."""

from zoneinfo import ZoneInfo

from textual.content import Content

from cur_tui.domain.model import StepRecord
from cur_tui.domain.profile.profile import FastTrack
from cur_tui.domain.vocabulary import StepStatus
from cur_tui.formats import format_datetime, format_duration, format_norm, format_time_left
from cur_tui.i18n import _
from cur_tui.services.checklists import NOTABLE_SKEW, StepView
from cur_tui.services.labels import label
from cur_tui.services.words import STEP_SYMBOLS, evidence_words
from widgets.ledger import Entry
from widgets.show import line_text, show, show_line

LABELS = 5
"""Width of the column of signs and numbers."""

_SOURCE = 200


def step_entries(steps: tuple[StepView, ...], zone: ZoneInfo) -> tuple[Entry, ...]:
    """One entry a step."""
    return tuple(_entry(view, zone) for view in steps)


def track_entries(tracks: tuple[FastTrack, ...], topic: str | None) -> tuple[Entry, ...]:
    """One entry a scheme that may be started; those made for the topic carry a star."""
    return tuple(
        Entry(
            "★" if topic in track.topics else "·",
            Content.assemble(
                show_line(track.title, style="bold"),
                "\n",
                show_line(f"{track.limit} — {track.limit_source}", style="$text-muted"),
            ),
            "$accent",
        )
        for track in tracks
    )


def _entry(view: StepView, zone: ZoneInfo) -> Entry:
    step, open_ = view.step, view.status is StepStatus.OPEN
    if open_:
        sign, style = ("▲", "bold $error") if view.is_late else (STEP_SYMBOLS[view.status], "bold")
    else:
        sign, style = (
            STEP_SYMBOLS[view.status],
            "$success" if view.status is StepStatus.DONE else "$text-muted",
        )
    title = show_line(step.title, style="bold" if open_ else "$text-muted")
    who = label(step.role) if step.mandatory else _("{role}, if needed").format(role=label(step.role))
    lines = [Content.assemble(title, (f"  {who}", "$text-muted"))]
    lines += _open(view, zone) if open_ else []
    if view.record is not None and not open_:
        lines += _closed(view, view.record, zone)
    return Entry(f"{sign} {step.n}.", Content("\n").join(lines), style)


def _open(view: StepView, zone: ZoneInfo) -> list[Content]:
    step, lines = view.step, []
    if view.due is not None and view.left is not None and step.due_amount and step.due_unit:
        until = _("by {moment}").format(moment=format_datetime(view.due, zone))
        norm = format_norm(step.due_amount, step.due_unit)
        source = f" — {line_text(step.source, _SOURCE)}" if step.source else ""
        lines.append(
            Content.assemble(
                (format_time_left(view.left), "bold $error" if view.is_late else "$foreground"),
                (f"  {until}  ({norm}{source})", "$text-muted"),
            )
        )
    if view.fulfils_itself:
        lines.append(Content.styled(_("closes by itself with the final answer (E)"), "$text-muted"))
    elif step.evidence:
        lines.append(Content.styled(evidence_words(step.evidence), "$warning"))
    return lines


def _closed(view: StepView, record: StepRecord, zone: ZoneInfo) -> list[Content]:
    done = f"{label(view.status)} {format_datetime(record.at, zone)}, {record.by_name}"
    lines = [show_line(done, style="$text-muted")]
    if view.is_late and view.left is not None and view.status is StepStatus.DONE:
        late = _("late by {duration}").format(duration=format_duration(view.left))
        lines[0] = Content.assemble(lines[0], (f"  {late}", "$error"))
    if abs(record.device_at - record.at) > NOTABLE_SKEW:
        words = _("on the device: {moment}").format(moment=format_datetime(record.device_at, zone))
        lines.append(Content.styled(words, "$warning"))
    told = record.evidence or record.reason
    if told:
        lines.append(show(told))
    return lines
