"""Answer templates at work: which ones fit an appeal, in what order, and their text filled from it."""

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from cur_tui.domain.answers.rendering import Rendered, render
from cur_tui.domain.model import Appeal
from cur_tui.domain.profile.profile import AnswerTemplate
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.time.clocks import make_clock
from cur_tui.domain.vocabulary import ClockKind, Outcome, TemplateKind
from cur_tui.formats import format_date

OUTCOME_OF: dict[TemplateKind, Outcome] = {
    TemplateKind.FINAL_SOLVED: Outcome.SOLVED,
    TemplateKind.FINAL_EXPLAINED: Outcome.EXPLAINED,
    TemplateKind.FINAL_REFUSED: Outcome.NOT_SOLVED,
    TemplateKind.PLANNED_WITH_DATE: Outcome.PLANNED,
    TemplateKind.FORWARDED: Outcome.FORWARDED,
    TemplateKind.THANKS: Outcome.EXPLAINED,
    TemplateKind.CHANNEL_EXPLANATION_EMAIL: Outcome.EXPLAINED,
    TemplateKind.CHANNEL_EXPLANATION_APP: Outcome.EXPLAINED,
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
    TemplateKind.CHANNEL_EXPLANATION_APP,
    TemplateKind.CORRESPONDENCE_ENDED,
    TemplateKind.RETURNED_COURT,
)


_FINAL_TERMS = (ClockKind.FINAL, ClockKind.FINAL_AFTER_INTERIM)


def fill(
    template: AnswerTemplate,
    appeal: Appeal,
    rulebook: Rulebook,
    now: datetime,
    given: Mapping[str, str] | None = None,
) -> Rendered:
    """The template's text with everything that the appeal itself can tell; ``given`` wins over it.

    ``done_date`` is proposed as today: the person sees it in the text before anything is sent. What only a
    person knows stays missing.
    """
    day = _date_in_text(template.kind, appeal, rulebook, now)
    dated = {"done_date": _written(now, rulebook), "due_date": _written(day, rulebook) if day else ""}
    return render(template.body, {**_facts(appeal, rulebook), **dated, **(given or {})})


def notice_text(kind: TemplateKind, appeal: Appeal, rulebook: Rulebook) -> str:
    """The general notice of ``kind`` for the appeal's regime, filled as far as the appeal goes; may be empty.

    The date in a notice of extension is the new one, which the appeal does not know yet: it stays open.
    """
    template = next(
        (
            known
            for known in rulebook.region.templates
            if known.kind is kind
            and known.block is None
            and (not known.regimes or appeal.regime in known.regimes)
        ),
        None,
    )
    if template is None:
        return ""
    due = None if kind is TemplateKind.EXTENSION_NOTICE else _final_date(appeal)
    dated = {"due_date": _written(due, rulebook)} if due else {}
    return render(template.body, {**_facts(appeal, rulebook), **dated}).text


def _facts(appeal: Appeal, rulebook: Rulebook) -> dict[str, str]:
    body = rulebook.authorities.get(appeal.authority or "")
    topic = rulebook.topics.get(appeal.topic or "")
    return {
        "incident_code": appeal.number,
        "registration_date": _written(appeal.registered_at, rulebook),
        "citizen_name": greeting_name(appeal.applicant.name),
        "address": appeal.place.address or "",
        "topic": topic.name if topic else "",
        "authority": body.name if body else "",
        "authority_signature": body.signature if body else "",
        "executor_phone": (body.phone or "") if body else "",
    }


def _date_in_text(kind: TemplateKind, appeal: Appeal, rulebook: Rulebook, now: datetime) -> datetime | None:
    """What ``due_date`` means in a text of ``kind``.

    A question gives the citizen the term for clarifying; an interim answer names the end of the term that it
    buys, where it buys one. Every other text names the final term as it stands.
    """
    policy = rulebook.policies[appeal.policy]
    rules = {rule.kind: rule for rule in policy.clocks}
    if kind is TemplateKind.CLARIFICATION:
        asked = rules.get(ClockKind.CITIZEN_CLARIFICATION)
        return make_clock(asked, policy, now, rulebook).due_at if asked else None
    bought = rules.get(ClockKind.FINAL_AFTER_INTERIM)
    if kind is TemplateKind.INTERIM and bought and appeal.clock(ClockKind.FINAL_AFTER_INTERIM) is None:
        return make_clock(bought, policy, now, rulebook).control_due_at
    return _final_date(appeal)


def _final_date(appeal: Appeal) -> datetime | None:
    terms = [clock for clock in appeal.clocks if clock.kind in _FINAL_TERMS]
    running = [clock for clock in terms if clock.stopped_at is None]
    last = (running or terms)[-1:]
    return last[0].control_due_at if last else None


def _written(instant: datetime, rulebook: Rulebook) -> str:
    return format_date(instant.astimezone(ZoneInfo(rulebook.region.time_zone)).date())


def greeting_name(name: str | None) -> str:
    """How to address a person: name and patronymic when all three parts are known, else the name as given."""
    parts = (name or "").split()
    return " ".join(parts[1:]) if len(parts) == 3 else " ".join(parts)
