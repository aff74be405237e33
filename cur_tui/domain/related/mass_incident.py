"""A mass incident: one head answers, and its members get that answer, each once and by its own channel.

The head is an appeal like any other that somebody with the right to distribute has declared to be the head.
Its members are linked to it one by one, so that each stays an appeal with its own terms, its own channel and
its own author. What a member gets is an answer of its own with the text, the outcome and the approval of the
head's: its id follows from both, so the same answer can never be given twice, however often and by whomever
this is decided.
"""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Final

from cur_tui.domain.decisions.checklist import open_mandatory_steps
from cur_tui.domain.evolve import replace
from cur_tui.domain.intake import SYSTEM_ACCOUNT
from cur_tui.domain.model import Answer, Appeal, Assignment, Event
from cur_tui.domain.privacy.personal import names_author
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.time.clocks import ASSIGNED_CLOCKS, start_clocks, stop_clocks
from cur_tui.domain.vocabulary import HEAD_FLAG, AnswerKind, AnswerStatus, ClockKind, LinkKind, State

MASS_ANSWER: Final = "mass_answer"
"""The event that tells a member of the head's answer; the server makes it, and no command does."""

_NAMESPACE: Final = uuid.UUID("2f4f7a3e-6d11-5a55-8b0b-7f6f1e0a9c21")
_APPROVED: Final = frozenset(
    {
        AnswerStatus.APPROVED,
        AnswerStatus.QUEUED,
        AnswerStatus.SENT,
        AnswerStatus.CONFIRMED,
        AnswerStatus.FAILED,
    }
)
_UNDECIDED: Final = frozenset(
    {
        State.NEW,
        State.DISTRIBUTION,
        State.ASSIGNED,
        State.IN_PROGRESS,
        State.REVISION_REQUIRED,
        State.INTERIM_PUBLISHED,
        State.DEFERRED,
    }
)
"""States in which nobody has written or approved a final answer of the member's own."""
_MOVED_BY_INTERIM: Final = frozenset({State.NEW, State.DISTRIBUTION, State.ASSIGNED, State.IN_PROGRESS})


class Verdict(StrEnum):
    """What a member gets of its head, and if nothing, why."""

    GIVEN = "given"
    WAITING = "waiting"
    """The head has nothing to give yet."""
    DUE = "due"
    """It is to be given, which happens within moments."""
    OWN_ANSWER = "own_answer"
    """Answered, or about to be approved, on its own."""
    OWN_LETTER = "own_letter"
    """Its regime owes each author a letter of their own (59-ФЗ art. 10 part 1; e-mail since 30.03.2025)."""
    CLOSED = "closed"
    CHECKLIST = "checklist"
    """Its fast track has mandatory steps that nobody has done yet."""
    PERSONAL = "personal"
    """The text names the head's applicant: it is nobody else's to read."""
    RESTRICTED = "restricted"
    """The head is on a sensitive topic and the member is not: its readers may not see the text."""


def leads_incident(appeal: Appeal) -> bool:
    """Whether ``appeal`` is the head of a mass incident."""
    return HEAD_FLAG in appeal.flags


def head_of(member: Appeal) -> str | None:
    """The id of the head that ``member`` belongs to."""
    links = (link.appeal for link in reversed(member.links) if link.kind is LinkKind.MASS_INCIDENT)
    return next(links, None)


def mass_answer_of(head: Appeal) -> Answer | None:
    """What members are owed now: the last approved final answer, else the last interim one."""
    if not leads_incident(head):
        return None
    approved = [answer for answer in reversed(head.answers) if answer.status in _APPROVED]
    for kind in (AnswerKind.FINAL, AnswerKind.INTERIM):
        for answer in approved:
            if answer.kind is kind:
                return answer
    return None


def given_id(answer: Answer, member: Appeal) -> str:
    """The id that the head's ``answer`` has as an answer of ``member``."""
    return str(uuid.uuid5(_NAMESPACE, f"{answer.id} {member.id}"))


def verdict_on(head: Appeal, member: Appeal, rulebook: Rulebook) -> Verdict:
    """What ``member`` gets of ``head`` as both stand now."""
    answer = mass_answer_of(head)
    if answer is not None and member.answer(given_id(answer, member)) is not None:
        return Verdict.GIVEN
    if not member.state.is_open or member.erased_at is not None:
        return Verdict.CLOSED
    if member.regime not in rulebook.region.bursts.regimes:
        return Verdict.OWN_LETTER
    if member.state not in _UNDECIDED:
        return Verdict.OWN_ANSWER
    if answer is None:
        return Verdict.WAITING
    if names_author(answer.text, head.applicant):
        return Verdict.PERSONAL
    if rulebook.is_restricted(head.topic) and not rulebook.is_restricted(member.topic):
        return Verdict.RESTRICTED
    if answer.kind is AnswerKind.FINAL and member.checklists and open_mandatory_steps(member.checklists[-1]):
        return Verdict.CHECKLIST
    return Verdict.DUE


def give(head: Appeal, member: Appeal, rulebook: Rulebook, now: datetime) -> Appeal | None:
    """``member`` one version on, with the head's answer as its own; None unless the verdict is ``due``.

    A member that nobody answers yet goes to the body that answers the head. The approval is the one that the
    head's text got; delivery, its confirmation and the last clock are the member's own.
    """
    answer = mass_answer_of(head)
    if answer is None or verdict_on(head, member, rulebook) is not Verdict.DUE:
        return None
    final = answer.kind is AnswerKind.FINAL
    given = Answer(
        id=given_id(answer, member),
        kind=answer.kind,
        text=answer.text,
        digest=answer.digest,
        author=answer.author,
        author_name=answer.author_name,
        submitted_at=now,
        status=AnswerStatus.APPROVED if final else AnswerStatus.QUEUED,
        outcome=answer.outcome,
        promised_date=answer.promised_date,
        evidence=answer.evidence,
        reviewer=answer.reviewer,
        reviewer_name=answer.reviewer_name,
        reviewed_at=answer.reviewed_at,
    )
    after = _with_body(head, member, answer, rulebook, now)
    after = replace(after, answers=(*after.answers, given))
    if final:
        after = stop_clocks(after, (ClockKind.ROUTE, ClockKind.FORWARD, *ASSIGNED_CLOCKS), now)
        after = replace(after, state=State.APPROVED, outcome=answer.outcome, claim=None, deferred_until=None)
    else:
        after = stop_clocks(after, (ClockKind.RETURN_WINDOW,), now)
        if after.state in _MOVED_BY_INTERIM:
            after = replace(after, state=State.INTERIM_PUBLISHED)
    return replace(
        after,
        version=member.version + 1,
        timeline=(*member.timeline, _event(head, member, given, after.state, now)),
    )


def _with_body(head: Appeal, member: Appeal, answer: Answer, rulebook: Rulebook, now: datetime) -> Appeal:
    """``member`` with the head's body, if none owes its answer."""
    if member.assignment is not None or head.authority is None:
        return member
    cycle = Assignment(
        n=len(member.assignments) + 1,
        authority=head.authority,
        executor=None,
        assigned_by=answer.reviewer or answer.author,
        assigned_at=now,
    )
    after = replace(member, assignments=(*member.assignments, cycle))
    after = stop_clocks(after, (ClockKind.ROUTE, ClockKind.FORWARD), now)
    return start_clocks(after, "assigned", now, rulebook)


def _event(head: Appeal, member: Appeal, given: Answer, state: State, now: datetime) -> Event:
    """The line of the timeline: in the name of who approved the text, by the hand of the system."""
    moved = {} if state is member.state else {"from": member.state.value, "to": state.value}
    return Event(
        version=member.version + 1,
        command=given.id,
        type=MASS_ANSWER,
        at=now,
        device_at=now,
        account=given.reviewer or given.author,
        name=given.reviewer_name or given.author_name,
        role=SYSTEM_ACCOUNT,
        details={
            **moved,
            "answer": given.id,
            "kind": given.kind.value,
            "digest": given.digest,
            "head": head.number,
        },
    )
