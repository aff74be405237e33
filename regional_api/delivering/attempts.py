"""Attempts in the database: begun by one process, ended once, and found again when that process died.

An attempt is the process's own from the transaction that begins it until the time at which it counts as dead.
What it did is put down in one transaction with the record, so that a server which is killed at any point has
either said what happened or leaves an attempt without an end. What such an end means depends on the channel:
a webhook knows a repeat by its key and is tried again; of a letter that was handed over nobody knows.
"""

import uuid
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Row, insert, select, update

from cur_tui.domain.answers.delivery_failures import DeliveryFailure, FailureCode, parse_failure
from cur_tui.domain.commands import Arguments, Command, ConfirmDelivery, FailDelivery, MarkSent
from cur_tui.domain.refusal import Refused
from cur_tui.domain.vocabulary import DeliveryChannel
from regional_api.appeals.commands import apply_command
from regional_api.centre import Centre
from regional_api.clock import now, seconds
from regional_api.database.store import Stored, load
from regional_api.delivering.letter import Letter
from regional_api.delivering.outcome import GivenUp, Missed, Outcome, Taken
from regional_api.delivering.settings import DeliverySettings
from regional_api.delivering.tables import DELIVERY, DELIVERY_ATTEMPT, FAILED, IN_FLIGHT, WAITING
from regional_api.identity.callers import Caller
from regional_api.log import log_event
from regional_api.unit_of_work import UnitOfWork, unit_of_work

_NAMESPACE: Final = uuid.UUID("8a0f3c52-52f4-5d0a-b3f1-4c1f0a7be6d3")
_OFF: Final = DeliveryFailure(FailureCode.OFF)
_TOGETHER: Final = 200
"""Texts that are looked at in one go."""
_GRACE: Final = 60
"""Seconds behind an attempt's own limit before it counts as dead: it resolves names and writes rows, too."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt that was begun. ``tries``: how many there were since the text was queued, with this one."""

    delivery: str
    appeal: str
    answer: str
    channel: DeliveryChannel
    receiver: str
    n: int
    tries: int
    letter: Letter | None
    """What was sent before under this id."""


def begin(centre: Centre, settings: DeliverySettings, receiver: str, limit: int) -> list[Attempt]:
    """Take up to ``limit`` texts for ``receiver`` that are due. Nobody else takes them until they end."""
    at = seconds(now())
    until = at + settings.receivers[receiver].timeout + _GRACE
    due = (
        select(DELIVERY)
        .where(DELIVERY.c.state == WAITING, DELIVERY.c.receiver == receiver, DELIVERY.c.next_at <= at)
        .order_by(DELIVERY.c.next_at, DELIVERY.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    with centre.database.writing() as connection:
        begun = [_attempt_of(row, 1) for row in connection.execute(due)]
        for one in begun:
            connection.execute(
                update(DELIVERY)
                .where(DELIVERY.c.id == one.delivery)
                .values(state=IN_FLIGHT, attempt=one.n, tries=one.tries, until=until, handed=0, changed_at=at)
            )
        if begun:
            connection.execute(
                insert(DELIVERY_ATTEMPT),
                [
                    {"delivery": one.delivery, "n": one.n, "receiver": one.receiver, "began_at": at}
                    for one in begun
                ],
            )
    return begun


def keep_letter(centre: Centre, attempt: Attempt, letter: Letter) -> bool:
    """Keep what is about to be sent, for every later attempt. False when the attempt is not ours any more."""
    return _note(centre, attempt, letter=msgspec.json.encode(letter))


def hand_over(centre: Centre, attempt: Attempt) -> bool:
    """Note that the text is handed over now. False when the attempt is not ours any more, or not for much
    longer: a process that slept past its time must not send what others may have ended or taken back.
    """
    return _note(centre, attempt, DELIVERY.c.until > seconds(now()), handed=1)


def finish(
    centre: Centre, settings: DeliverySettings, caller: Caller, attempt: Attempt, outcome: Outcome
) -> None:
    """Put down what became of ``attempt``; nothing but its end if somebody else has decided meanwhile."""
    with unit_of_work(centre.database, centre.rulebook) as work:
        ending, row = _held(work, settings, caller, attempt)
        _end(work, attempt, outcome)
        if ending is not None and _is_running(row, attempt):
            ending.settle(outcome)


def bury(centre: Centre, settings: DeliverySettings, caller: Caller, attempt: Attempt) -> None:
    """End an attempt of :func:`find_dead` by what is known of it now, unless it has ended meanwhile: the
    process that made it may have been asleep, and have handed the letter over since it was found.
    """
    with unit_of_work(centre.database, centre.rulebook) as work:
        ending, row = _held(work, settings, caller, attempt)
        if ending is not None and row is not None and _is_running(row, attempt):
            outcome = _fate(row)
            _end(work, attempt, outcome)
            ending.settle(outcome)


def find_dead(centre: Centre) -> list[Attempt]:
    """Attempts whose time is over without an end."""
    cut_off = select(DELIVERY).where(DELIVERY.c.state == IN_FLIGHT, DELIVERY.c.until <= seconds(now()))
    with centre.database.reading() as connection:
        rows = connection.execute(cut_off.order_by(DELIVERY.c.id).limit(_TOGETHER)).all()
    return [_attempt_of(row, 0) for row in rows]


def find_unroutable(centre: Centre) -> list[tuple[Attempt, Outcome]]:
    """Texts that were to leave by a channel which is not theirs, with the reason."""
    refused = select(DELIVERY).where(
        DELIVERY.c.state == WAITING, DELIVERY.c.receiver == "", DELIVERY.c.reason.is_not(None)
    )
    refused = refused.where(DELIVERY.c.next_at.is_not(None)).order_by(DELIVERY.c.id).limit(_TOGETHER)
    with centre.database.reading() as connection:
        rows = connection.execute(refused).all()
    return [(_attempt_of(row, 0), GivenUp(parse_failure(row.reason) or _OFF)) for row in rows]


def refuse(
    centre: Centre, settings: DeliverySettings, caller: Caller, attempt: Attempt, outcome: Outcome
) -> None:
    """Fail a text that was never tried, unless somebody has queued it anew meanwhile."""
    with unit_of_work(centre.database, centre.rulebook) as work:
        ending, row = _held(work, settings, caller, attempt)
        if ending is not None and row is not None and row.state == WAITING and row.receiver == "":
            ending.tell(outcome)


@dataclass(frozen=True, slots=True)
class _Ending:
    """The end of an attempt, put down by ``caller`` in the transaction that holds its record."""

    work: UnitOfWork
    settings: DeliverySettings
    caller: Caller
    stored: Stored
    attempt: Attempt

    def settle(self, outcome: Outcome) -> None:
        """Wait for the next attempt, or say in the record what became of the text."""
        log_event("delivery", delivery=self.attempt.delivery, n=self.attempt.n, outcome=_word(outcome))
        if isinstance(outcome, Missed) and self.attempt.tries < self.settings.retry.tries:
            self._wait(outcome)
        else:
            self.tell(outcome)

    def tell(self, outcome: Outcome) -> None:
        """Say it in the record, as an act of the account that delivers."""
        attempt, appeal = self.attempt, self.stored.appeal
        id = str(uuid.uuid5(_NAMESPACE, f"{attempt.delivery}\n{attempt.n}\n{attempt.tries}"))
        command = Command(id, appeal.id, self._said(outcome), appeal.version, self.work.now)
        try:
            apply_command(self.work, self.caller, self.stored, command)
        except Refused as refused:
            # The record does not take it: what it says of the text counts, and the text leaves no more by
            # itself.
            log_event("delivery_untold", delivery=attempt.delivery, code=refused.code)
            self._move(state=FAILED, next_at=None, until=None, reason=str(_OFF))

    def _said(self, outcome: Outcome) -> Arguments:
        answer = self.attempt.answer
        if not isinstance(outcome, Taken):
            return FailDelivery(answer, str(outcome.failure))
        receiver = self.settings.receivers.get(self.attempt.receiver)
        arrived = outcome.arrived or (receiver is not None and receiver.confirmed_by == "acceptance")
        return (ConfirmDelivery if arrived else MarkSent)(answer, outcome.reference)

    def _wait(self, missed: Missed) -> None:
        retry = self.settings.retry
        wait = min(retry.first_wait * 2 ** (self.attempt.tries - 1), retry.longest_wait)
        # By its id, so that texts which failed together do not come back together.
        wait += int(self.attempt.delivery[:4], 16) * wait // (10 * 0xFFFF)
        after = max(wait, min(missed.after, retry.longest_wait))
        at = seconds(self.work.now)
        reason = str(missed.failure)
        self._move(state=WAITING, next_at=at + after, until=None, handed=0, reason=reason, changed_at=at)

    def _move(self, **values: object) -> None:
        mine = update(DELIVERY).where(DELIVERY.c.id == self.attempt.delivery)
        self.work.connection.execute(mine.values(**values))


def _held(
    work: UnitOfWork, settings: DeliverySettings, caller: Caller, attempt: Attempt
) -> tuple[_Ending | None, Row[Any] | None]:
    """The record and the line of a text, locked in the order in which everybody locks them."""
    stored = load(work.connection, [attempt.appeal], lock=True).get(attempt.appeal)
    line = select(DELIVERY).where(DELIVERY.c.id == attempt.delivery).with_for_update()
    ending = None if stored is None else _Ending(work, settings, caller, stored, attempt)
    return ending, work.connection.execute(line).one_or_none()


def _is_running(row: Row[Any] | None, attempt: Attempt) -> bool:
    return row is not None and bool(row.state == IN_FLIGHT and row.attempt == attempt.n)


def _attempt_of(row: Row[Any], step: int) -> Attempt:
    return Attempt(
        delivery=row.id,
        appeal=row.appeal,
        answer=row.answer,
        channel=DeliveryChannel(row.channel),
        receiver=row.receiver or "",
        n=row.attempt + step,
        tries=row.tries + step,
        letter=msgspec.json.decode(bytes(row.letter), type=Letter) if row.letter is not None else None,
    )


def _fate(row: Row[Any]) -> Outcome:
    if row.channel == DeliveryChannel.EMAIL and row.handed:
        return GivenUp(DeliveryFailure(FailureCode.UNCERTAIN))
    return Missed(DeliveryFailure(FailureCode.NO_ANSWER))


def _note(centre: Centre, attempt: Attempt, *conditions: ColumnElement[bool], **values: object) -> bool:
    ours = (
        (DELIVERY.c.id == attempt.delivery)
        & (DELIVERY.c.attempt == attempt.n)
        & (DELIVERY.c.state == IN_FLIGHT)
    )
    with centre.database.writing() as connection:
        return connection.execute(update(DELIVERY).where(ours, *conditions).values(values)).rowcount == 1


def _end(work: UnitOfWork, attempt: Attempt, outcome: Outcome) -> None:
    ended = (DELIVERY_ATTEMPT.c.delivery == attempt.delivery) & (DELIVERY_ATTEMPT.c.n == attempt.n)
    work.connection.execute(
        update(DELIVERY_ATTEMPT)
        .where(ended, DELIVERY_ATTEMPT.c.ended_at.is_(None))
        .values(ended_at=seconds(work.now), outcome=_word(outcome))
    )


def _word(outcome: Outcome) -> str:
    if isinstance(outcome, Taken):
        return "arrived" if outcome.arrived else "taken"
    return str(outcome.failure)
