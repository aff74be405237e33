"""The book of deliveries: one line for each text that leaves, kept in step with the record it is part of.

Whoever changes an appeal changes the line in the same transaction, by whatever way the change came: a text
that was approved is never forgotten, and one that was taken back is never sent.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, select, update

from cur_tui.domain.answers.delivery_failures import parse_failure
from cur_tui.domain.decisions.delivery import IN_DELIVERY
from cur_tui.domain.model import Answer, Appeal
from cur_tui.domain.refusal import Refused
from cur_tui.domain.vocabulary import AnswerStatus
from regional_api.database.connections import upsert
from regional_api.delivering.tables import (
    CONFIRMED,
    DELIVERY,
    DELIVERY_ATTEMPT,
    FAILED,
    IN_FLIGHT,
    SENT,
    WAITING,
    WITHDRAWN,
)

_NAMESPACE: Final = uuid.UUID("3c6a4f0e-0f5b-5d7e-9a51-6f0d5b1d2e07")
_STATES: Final = {
    AnswerStatus.APPROVED: WAITING,
    AnswerStatus.QUEUED: WAITING,
    AnswerStatus.SENT: SENT,
    AnswerStatus.CONFIRMED: CONFIRMED,
    AnswerStatus.FAILED: FAILED,
    AnswerStatus.RETURNED: WITHDRAWN,
}
_SETTLED: Final = (CONFIRMED, WITHDRAWN)
"""Nothing of these is ever sent again, so that nothing of their letters is kept."""

_STANDING = select(DELIVERY.c.id, DELIVERY.c.state, DELIVERY.c.until).where(
    DELIVERY.c.id.in_(bindparam("ids", expanding=True))
)
_LOCKED = _STANDING.with_for_update()
_MOVES: Final = ("state", "wanted", "next_at", "until", "handed", "reason", "changed_at")
"""What changes of a line with the standing of its text."""
_ANEW: Final = (*_MOVES, "channel", "receiver", "tries")
"""What a line forgets when its text is queued once more: the person may have named a channel, the settings
may be others. Its letter and the count of attempts stay."""


def delivery_id(appeal: str, answer: str) -> str:
    """The id of the delivery of an answer: the same for ever, so that receivers can tell a repeat."""
    return str(uuid.uuid5(_NAMESPACE, f"{appeal}\n{answer}"))


@dataclass(slots=True)
class Changes:
    """What a transaction changes in the book."""

    lines: dict[str, dict[str, Any]] = field(default_factory=dict)
    """New standing by delivery, for texts that may still leave or arrive."""
    ends: dict[str, str] = field(default_factory=dict)
    """New state of those that are over."""
    wiped: list[str] = field(default_factory=list)
    """Appeals whose texts are gone."""
    deleted: list[str] = field(default_factory=list)

    def take(self, before: Appeal | None, after: Appeal, now: int) -> tuple[str, ...]:
        """Note what a change of an appeal means. Returns the deliveries that must not be under way for it."""
        if after.erased_at is not None:
            self.wiped.append(after.id)
            return ()
        known = {answer.id: answer for answer in before.answers} if before is not None else {}
        taken_back = []
        for answer in after.answers:
            old = known.get(answer.id)
            if old is not None and (old.status, old.channel) == (answer.status, answer.channel):
                continue
            id = delivery_id(after.id, answer.id)
            state = _STATES.get(answer.status)
            if answer.status in IN_DELIVERY:
                self.lines[id] = _line(id, after.id, answer, now)
            elif state in _SETTLED and old is not None:
                # What comes settled from another system was never on its way here.
                self.ends[id] = state
                self.lines.pop(id, None)
            if old is not None and old.status in IN_DELIVERY and state in (WAITING, WITHDRAWN):
                taken_back.append(id)
        return tuple(taken_back)

    def write(self, connection: Connection, now: int) -> None:
        """Put everything down."""
        for queued, names in ((True, _ANEW), (False, _MOVES)):
            lines = [line for line in self.lines.values() if (line["state"] == WAITING) is queued]
            if lines:
                statement = upsert(connection, DELIVERY)
                known = {name: statement.excluded[name] for name in names}
                connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=known), lines)
        for id, state in self.ends.items():
            connection.execute(
                update(DELIVERY)
                .where(DELIVERY.c.id == id)
                .values(state=state, next_at=None, until=None, letter=None, reason=None, changed_at=now)
            )
        if self.wiped:
            self._wipe(connection, now)
        if self.deleted:
            gone = select(DELIVERY.c.id).where(DELIVERY.c.appeal.in_(self.deleted))
            connection.execute(delete(DELIVERY_ATTEMPT).where(DELIVERY_ATTEMPT.c.delivery.in_(gone)))
            connection.execute(delete(DELIVERY).where(DELIVERY.c.appeal.in_(self.deleted)))

    def _wipe(self, connection: Connection, now: int) -> None:
        of_them = DELIVERY.c.appeal.in_(self.wiped)
        connection.execute(update(DELIVERY).where(of_them).values(letter=None))
        connection.execute(
            update(DELIVERY)
            .where(of_them, DELIVERY.c.state.not_in(_SETTLED))
            .values(state=WITHDRAWN, next_at=None, until=None, changed_at=now)
        )


def check_not_under_way(connection: Connection, deliveries: Sequence[str], now: int) -> None:
    """Raises ``delivery_under_way`` when one of these texts is being sent; until the transaction ends none
    of them will be.
    """
    for row in connection.execute(_LOCKED, {"ids": sorted(deliveries)}):
        if row.state == IN_FLIGHT and (row.until or 0) > now:
            raise Refused("delivery_under_way")


def remember(connection: Connection, appeals: Iterable[Appeal], now: int) -> None:
    """Put down what waits in appeals that were stored before there was a book; known lines stay."""
    found = Changes()
    for appeal in appeals:
        found.take(None, appeal, now)
    if found.lines:
        lines = list(found.lines.values())
        connection.execute(upsert(connection, DELIVERY).on_conflict_do_nothing(), lines)


def _line(id: str, appeal: str, answer: Answer, now: int) -> dict[str, Any]:
    state = _STATES[answer.status]
    return {
        "id": id,
        "appeal": appeal,
        "answer": answer.id,
        "kind": answer.kind.value,
        "state": state,
        "wanted": answer.channel.value if answer.channel else None,
        "channel": None,
        "receiver": None,
        "tries": 0,
        "attempt": 0,
        "next_at": now if state == WAITING else None,
        "until": None,
        "handed": 0,
        "reason": answer.failure if answer.failure and parse_failure(answer.failure) else None,
        "letter": None,
        "exports": 0,
        "exported_at": None,
        "changed_at": now,
    }
