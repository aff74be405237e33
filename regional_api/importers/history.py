"""An appeal with the history that its source tells: events, clocks and answers as if they had happened here.

So the statistics of the first day are those of the source. Nothing is invented: what the source does not date
counts as a moment it does date, and a matter that was closed at an unknown time gets no clocks at all, since
nobody can say whether its terms were kept.
"""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime

from cur_tui.domain.evolve import replace
from cur_tui.domain.intake import SYSTEM_ACCOUNT, Incoming, register
from cur_tui.domain.model import Answer, Appeal, Assignment, Event
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.time.clocks import ASSIGNED_CLOCKS, restrict_clocks, start_clocks, stop_clocks
from cur_tui.domain.vocabulary import AnswerKind, AnswerStatus, ClockKind, State
from regional_api.importers.base import GivenAnswer, History

ROW = "row"
"""The detail of an event that names the row it was made from, by its fingerprint."""

_WITH_BODY = frozenset(
    {State.ASSIGNED, State.IN_PROGRESS, State.INTERIM_PUBLISHED, State.RESOLVED, State.DEFERRED}
)
_CLOSING = {State.REJECTED: "reject", State.FORWARDED: "forward"}
_DISTRIBUTION = (ClockKind.ROUTE, ClockKind.FORWARD, *ASSIGNED_CLOCKS)


@dataclass(frozen=True, slots=True)
class Told:
    """What an appeal is made of: the message, its history, and who the source is."""

    incoming: Incoming
    history: History
    authority: str | None
    is_fast_track: bool
    fingerprint: str
    teller: str
    """The name of the source, as the author of what it answered."""


def appeal_of(told: Told, *, id: str, number: str, rulebook: Rulebook, policy: str | None = None) -> Appeal:
    """The appeal. ``policy`` is the frozen one of an appeal that is known already."""
    story = _Story(_registered(told, id, number, rulebook, policy), rulebook, told)
    story.assign()
    for answer in told.history.answers:
        story.answer(answer)
    story.close()
    story.rate()
    return story.appeal


def _registered(told: Told, id: str, number: str, rulebook: Rulebook, policy: str | None) -> Appeal:
    incoming = told.incoming
    # Drawn, while all other ids follow from the row: it is what nobody can guess about the imprint that the
    # journal has of the message.
    command = str(uuid.uuid4())
    appeal = register(incoming, id=id, number=number, command=command, rulebook=rulebook)
    if policy is not None and policy != appeal.policy and policy in rulebook.policies:
        appeal = start_clocks(
            replace(appeal, policy=policy, clocks=()), "received", incoming.received_at, rulebook
        )
        appeal = stop_clocks(appeal, (ClockKind.REGISTER,), incoming.registered_at)
        appeal = start_clocks(appeal, "registered", incoming.registered_at, rulebook)
    elif policy is None and told.is_fast_track:
        short = rulebook.policy_for(incoming.regime, incoming.priority, fast_track=True)
        appeal = restrict_clocks(appeal, short, rulebook)
    (event,) = appeal.timeline
    details = {**event.details, "policy": appeal.policy, ROW: told.fingerprint}
    return replace(appeal, timeline=(replace(event, details=details),))


class _Story:
    """Goes through the history in its order; no event is earlier than the one before it."""

    def __init__(self, appeal: Appeal, rulebook: Rulebook, told: Told) -> None:
        self.appeal = appeal
        self._rulebook = rulebook
        self._told = told
        self._history = told.history

    def assign(self) -> None:
        """Give the appeal to its body, unless it waits for distribution there as well."""
        history = self._history
        if history.state not in _WITH_BODY or self._told.authority is None:
            return
        # Sources tell of the last assignment only; it may have followed an answer that needed one before.
        first = min((answer.at for answer in history.answers), default=None)
        at = history.assigned_at or self.appeal.registered_at
        at = self._not_before(min(at, first) if first is not None else at)
        cycle = Assignment(1, self._told.authority, None, SYSTEM_ACCOUNT, at)
        stopped = stop_clocks(replace(self.appeal, assignments=(cycle,)), _DISTRIBUTION, at)
        self.appeal = start_clocks(stopped, "assigned", at, self._rulebook)
        self._set_state(State.ASSIGNED)
        self._tell("assign", at, {"authority": cycle.authority, "cycle": "1"})

    def answer(self, given: GivenAnswer) -> None:
        """An answer that the source delivered stops the clocks that its delivery here would stop."""
        at = self._not_before(given.at)
        kind = AnswerKind.FINAL if given.is_final else AnswerKind.INTERIM
        answer = Answer(
            id=_uuid(self.appeal.id, f"answer {len(self.appeal.answers) + 1}"),
            kind=kind,
            text=given.text,
            digest=hashlib.sha256(given.text.encode()).hexdigest(),
            author=SYSTEM_ACCOUNT,
            author_name=self._told.teller,
            submitted_at=at,
            status=AnswerStatus.CONFIRMED,
            outcome=self._history.outcome if given.is_final else None,
            sent_at=at,
            confirmed_at=at,
        )
        self.appeal = replace(self.appeal, answers=(*self.appeal.answers, answer))
        if given.is_final:
            self.appeal = stop_clocks(self.appeal, None, at)
        else:
            self.appeal = stop_clocks(self.appeal, self._bought_by_interim(), at)
            self.appeal = start_clocks(self.appeal, "interim_published", at, self._rulebook)
        self._tell("confirm_delivery", at, {"answer": answer.id, "kind": kind.value})

    def close(self) -> None:
        """Bring the appeal into the state that the source has it in."""
        history = self._history
        if history.state is None:
            return
        if history.state.is_open:
            needs_body = history.state in _WITH_BODY and self.appeal.authority is None
            self._set_state(State.DISTRIBUTION if needs_body else history.state)
            return
        at = history.closed_at
        act = _CLOSING.get(history.state)
        if act is not None:
            self._tell(
                act, self._not_before(at or self.appeal.registered_at), {"reason": history.closing_reason}
            )
        answered = any(answer.kind is AnswerKind.FINAL for answer in self.appeal.answers)
        if at is None and not answered:
            self.appeal = replace(self.appeal, clocks=())
        elif at is not None:
            self.appeal = stop_clocks(self.appeal, None, self._not_before(at))
        self._set_state(history.state)
        self.appeal = replace(
            self.appeal, outcome=history.outcome, closing_reason=history.closing_reason or None
        )

    def rate(self) -> None:
        """The applicant's rating."""
        rating = self._history.rating
        if rating is None or self.appeal.state is not State.RESOLVED:
            return
        self.appeal = replace(self.appeal, rating=rating)
        at = self._not_before(self._history.closed_at or self.appeal.registered_at)
        self._tell("rate", at, {"rating": str(rating)})

    def _bought_by_interim(self) -> tuple[ClockKind, ...]:
        policy = self._rulebook.policies[self.appeal.policy]
        if any(rule.kind is ClockKind.FINAL_AFTER_INTERIM for rule in policy.clocks):
            return (ClockKind.FIRST_RESPONSE, ClockKind.FINAL, ClockKind.FINAL_AFTER_INTERIM, ClockKind.DRAFT)
        return (ClockKind.FIRST_RESPONSE,)

    def _set_state(self, state: State) -> None:
        self.appeal = replace(self.appeal, state=state)

    def _not_before(self, at: datetime) -> datetime:
        return max(at, self.appeal.timeline[-1].at)

    def _tell(self, type: str, at: datetime, details: dict[str, str]) -> None:
        version = self.appeal.version + 1
        event = Event(
            version=version,
            command=_uuid(self.appeal.id, f"{type} {at.isoformat()} {details}"),
            type=type,
            at=at,
            device_at=at,
            account=SYSTEM_ACCOUNT,
            name="",
            role=SYSTEM_ACCOUNT,
            details={name: value for name, value in details.items() if value},
        )
        self.appeal = replace(self.appeal, version=version, timeline=(*self.appeal.timeline, event))


def _uuid(appeal: str, what: str) -> str:
    """The same id for the same thing, however often it is told."""
    return str(uuid.uuid5(uuid.UUID(appeal), what))
