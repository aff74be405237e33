"""Answer templates at work: which ones fit an appeal, in what order, and their text filled from it."""

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from cur_tui.domain.model import Appeal
from cur_tui.domain.profile import AnswerTemplate
from cur_tui.domain.rendering import Rendered, render
from cur_tui.domain.rulebook import Rulebook
from cur_tui.domain.vocabulary import ClockKind, Outcome, State, TemplateKind
from cur_tui.formats import format_date

OUTCOME_OF: dict[TemplateKind, Outcome] = {
    TemplateKind.FINAL_SOLVED: Outcome.SOLVED,
    TemplateKind.FINAL_EXPLAINED: Outcome.EXPLAINED,
    TemplateKind.FINAL_REFUSED: Outcome.NOT_SOLVED,
    TemplateKind.PLANNED_WITH_DATE: Outcome.PLANNED,
    TemplateKind.FORWARDED: Outcome.FORWARDED,
    TemplateKind.THANKS: Outcome.EXPLAINED,
    TemplateKind.CHANNEL_EXPLANATION_EMAIL: Outcome.EXPLAINED,
}
"""The outcome that a template of this kind speaks of."""

INTERIM_KINDS = frozenset(
    {TemplateKind.INTERIM, TemplateKind.CLARIFICATION, TemplateKind.PRIVATE_CHANNEL_REQUEST}
)
"""Kinds whose text is an interim answer."""


def ranked(appeal: Appeal, rulebook: Rulebook, today: date) -> tuple[AnswerTemplate, ...]:
    """The templates that fit ``appeal``, the most specific first.

    A template of another block, topic, regime or channel is left out; among the others those of the topic
    come first, then those of the block, then the general ones; the fast track's own final text leads.
    """
    track = rulebook.fast_tracks.get(appeal.fast_track or "")
    own = {track.final_template, track.interim_template} if track else set()

    def fits(template: AnswerTemplate) -> bool:
        return (
            (template.block is None or template.block == appeal.block)
            and (not template.topics or appeal.topic in template.topics)
            and (not template.regimes or appeal.regime in template.regimes)
            and (not template.channels or appeal.source.value in template.channels)
            and (template.valid_to is None or template.valid_to >= today)
        )

    def rank(template: AnswerTemplate) -> tuple[bool, bool, bool, int]:
        return (
            template.code not in own,
            not template.topics,
            template.block is None,
            _KIND_ORDER.index(template.kind),
        )

    return tuple(sorted(filter(fits, rulebook.region.templates), key=rank))


_KIND_ORDER = (
    TemplateKind.FINAL_SOLVED,
    TemplateKind.PLANNED_WITH_DATE,
    TemplateKind.FINAL_EXPLAINED,
    TemplateKind.INTERIM,
    TemplateKind.CLARIFICATION,
    TemplateKind.PRIVATE_CHANNEL_REQUEST,
    TemplateKind.FINAL_REFUSED,
    TemplateKind.THANKS,
    TemplateKind.REGISTERED,
    TemplateKind.FORWARDED,
    TemplateKind.EXTENSION_NOTICE,
    TemplateKind.CHANNEL_EXPLANATION_EMAIL,
    TemplateKind.CORRESPONDENCE_ENDED,
    TemplateKind.RETURNED_COURT,
)


def fill(
    template: AnswerTemplate,
    appeal: Appeal,
    rulebook: Rulebook,
    now: datetime,
    given: Mapping[str, str] | None = None,
) -> Rendered:
    """The template's text with everything that the appeal itself can tell; ``given`` wins over it."""
    return render(template.body, {**values_of(appeal, rulebook, now), **(given or {})})


def values_of(appeal: Appeal, rulebook: Rulebook, now: datetime) -> dict[str, str]:
    """The placeholders that the appeal fills by itself; what only a person knows stays missing.

    ``done_date`` is proposed as today: the person sees it in the text before anything is sent.
    """
    zone = ZoneInfo(rulebook.region.time_zone)
    body = rulebook.authorities.get(appeal.authority or "")
    topic = rulebook.topics.get(appeal.topic or "")
    due = appeal.clock(ClockKind.FINAL) or appeal.clock(ClockKind.FINAL_AFTER_INTERIM)
    values = {
        "incident_code": appeal.number,
        "registration_date": format_date(appeal.registered_at.astimezone(zone).date()),
        "done_date": format_date(now.astimezone(zone).date()),
        "citizen_name": greeting_name(appeal.applicant.name),
        "address": appeal.place.address or "",
        "topic": topic.name if topic else "",
        "authority": body.name if body else "",
        "authority_signature": body.signature if body else "",
        "executor_phone": (body.phone or "") if body else "",
        "due_date": format_date(due.control_due_at.astimezone(zone).date()) if due else "",
    }
    if appeal.state is State.FORWARDED:
        values["forwarded_to"] = appeal.timeline[-1].details.get("to", "")
    return {name: value for name, value in values.items() if value}


def greeting_name(name: str | None) -> str:
    """How to address a person: name and patronymic when all three parts are known, else the name as given."""
    parts = (name or "").split()
    return " ".join(parts[1:]) if len(parts) == 3 else " ".join(parts)
