"""Signs and short sentences of an appeal: its state, its timeline, its deliveries, who holds it."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from cur_tui.domain.vocabulary import (
    AnswerStatus,
    ClockKind,
    Outcome,
    ReworkReason,
    Role,
    Source,
    State,
    StepStatus,
)
from cur_tui.formats import format_date, format_datetime, format_time_left
from cur_tui.i18n import N_, _
from cur_tui.services.labels import command_label, label, label_of

if TYPE_CHECKING:
    from cur_tui.domain.model import Answer, Appeal, Clock, Event
    from cur_tui.domain.profile.rulebook import Rulebook

STATE_SYMBOLS: dict[State, str] = {
    State.NEW: "○",
    State.DISTRIBUTION: "◇",
    State.ASSIGNED: "→",
    State.IN_PROGRESS: "▸",
    State.IN_REVIEW: "◎",
    State.REVISION_REQUIRED: "↶",
    State.INTERIM_PUBLISHED: "◐",
    State.APPROVED: "✓",
    State.RESOLVED: "●",
    State.REJECTED: "✗",
    State.FORWARDED: "⇒",
    State.DEFERRED: "‖",
}
STEP_SYMBOLS: dict[StepStatus, str] = {StepStatus.OPEN: "○", StepStatus.DONE: "✓", StepStatus.SKIPPED: "–"}
STATUS_SYMBOLS: dict[AnswerStatus, str] = {
    AnswerStatus.SUBMITTED: "◎",
    AnswerStatus.RETURNED: "↶",
    AnswerStatus.APPROVED: "✓",
    AnswerStatus.QUEUED: "…",
    AnswerStatus.SENT: "→",
    AnswerStatus.CONFIRMED: "●",
    AnswerStatus.FAILED: "✗",
}

_TOLD_SEPARATELY = frozenset({"from", "to", "answer", "digest", "notice", "step", "title", "sha256"})
_DETAILS: dict[str, str] = {
    "reason": N_("reason: {value}"),
    "reasons": N_("reasons: {value}"),
    "authority": N_("to: {value}"),
    "previous": N_("before: {value}"),
    "topic": N_("topic: {value}"),
    "block": N_("block: {value}"),
    "fast_track": N_("fast track: {value}"),
    "template": N_("template: {value}"),
    "days": N_("days: {value}"),
    "until": N_("until: {value}"),
    "rating": N_("rating: {value}"),
    "source": N_("source: {value}"),
    "from_holder": N_("held before by: {value}"),
    "target": N_("appeal: {value}"),
    "flag": N_("flag: {value}"),
    "add": N_("added: {value}"),
    "remove": N_("removed: {value}"),
    "priority": N_("importance: {value}"),
    "rule": N_("alert: {value}"),
    "share": N_("per cent of the term: {value}"),
    "times": N_("times: {value}"),
    "waiting": N_("waiting since: {value}"),
}


def state_badge(state: State) -> str:
    """Symbol and word of a state."""
    return f"{STATE_SYMBOLS[state]} {label(state)}"


def status_badge(status: AnswerStatus) -> str:
    """Symbol and word of an answer version's way."""
    return f"{STATUS_SYMBOLS[status]} {label(status)}"


def holder_words(appeal: Appeal, me: str, now: datetime) -> str:
    """Who holds the appeal; an expired lease holds nothing."""
    claim = appeal.claim
    if claim is None or claim.until <= now:
        return _("held by nobody")
    minutes = max(1, round((claim.until - now) / timedelta(minutes=1)))
    if claim.holder == me:
        return _("held by you, {n} min more").format(n=minutes)
    return _("held by {name}, {n} min more").format(name=claim.holder_name, n=minutes)


def clock_words(clock: Clock, now: datetime) -> str:
    """What a clock says now: time left, overdue, met or missed, standing still.

    The return window is a right and no duty: it is open or closed, and nobody can miss it.
    """
    if clock.kind is ClockKind.RETURN_WINDOW and (clock.stopped_at is not None or clock.is_breached(now)):
        return _("closed")
    if clock.stopped_at is not None:
        return _("missed") if clock.is_breached(now) else _("met")
    if clock.paused_since is not None:
        return _("stands still")
    return format_time_left(clock.control_due_at - now)


def outcome_words(answer: Answer) -> str:
    """What an answer says came of the appeal, with the promised day."""
    if answer.outcome is None:
        return ""
    words = label_of(Outcome, answer.outcome.value)
    return f"{words} ({format_date(answer.promised_date)})" if answer.promised_date else words


def event_words(event: Event) -> str:
    """What happened, with the move of the state."""
    words = command_label(event.type)
    title, step = event.details.get("title"), event.details.get("step")
    if step:
        words = f"{words}: {step}. {title}" if title else f"{words}: {step}"
    before, after = event.details.get("from"), event.details.get("to")
    if before and after and before in set(State):
        words = f"{words}: {label_of(State, before)} → {label_of(State, after)}"
    return words


def event_author(event: Event) -> str:
    """Who did it, in which role."""
    if not event.name:
        return _("the system")
    role = label_of(Role, event.role)
    return f"{event.name} ({role})" if role else event.name


def event_details(event: Event, rulebook: Rulebook) -> tuple[str, ...]:
    """The particulars of an event in words, codes of the region as their names."""
    told: list[str] = []
    for name, value in event.details.items():
        pattern = _DETAILS.get(name)
        if not value or name in _TOLD_SEPARATELY or pattern is None:
            continue
        told.append(_(pattern).format(value=_named(name, value, rulebook)))
    return tuple(told)


def _named(name: str, value: str, rulebook: Rulebook) -> str:
    known: dict[str, dict[str, str]] = {
        "authority": {code: body.name for code, body in rulebook.authorities.items()},
        "topic": {code: topic.name for code, topic in rulebook.topics.items()},
        "block": {code: block.name for code, block in rulebook.blocks.items()},
        "fast_track": {code: track.title for code, track in rulebook.fast_tracks.items()},
        "rule": {rule.code: rule.title for rule in rulebook.region.escalation},
    }
    known["previous"] = known["authority"]
    if name in known:
        return known[name].get(value, value)
    if name == "template":
        code, _at, version = value.partition("@")
        template = rulebook.templates.get(code)
        return f"{template.title}, {version}" if template else value
    if name in _WORDS:
        return ", ".join(label_of(_WORDS[name], part) for part in value.split(", "))
    if name in ("until", "waiting"):
        return _moment(value, rulebook)
    return value


_WORDS: dict[str, type[StrEnum]] = {"reasons": ReworkReason, "source": Source}


def _moment(value: str, rulebook: Rulebook) -> str:
    try:
        return format_datetime(datetime.fromisoformat(value), ZoneInfo(rulebook.region.time_zone))
    except ValueError:
        return value


EVIDENCE: dict[str, str] = {
    "text": N_("Asked: a few words on what was done"),
    "external_number": N_("Asked: number of the order or ticket"),
    "photo_before": N_("Asked: photograph before the work (link or name)"),
    "photo_after": N_("Asked: photograph after the work (link or name)"),
    "act": N_("Asked: number and date of the act"),
    "contact": N_("Asked: with whom and when it was agreed"),
}
"""What each kind of evidence asks of a person."""


def evidence_words(kind: str) -> str:
    """What a step's evidence asks of a person."""
    return _(EVIDENCE[kind]) if kind in EVIDENCE else kind
