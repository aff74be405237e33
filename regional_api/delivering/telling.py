"""What others say of a delivery, put down once: by a sheet that was filled in, or by a receiver."""

import uuid
from typing import Final

from sqlalchemy import Connection, insert, select

from cur_tui.domain.commands import Arguments, Command, ConfirmDelivery, FailDelivery, MarkSent
from cur_tui.domain.model import Answer
from cur_tui.domain.vocabulary import AnswerStatus
from regional_api.appeals.commands import apply_command, fingerprint, settle_rows
from regional_api.database.store import Stored
from regional_api.database.tables import SETTLED
from regional_api.identity.callers import Caller
from regional_api.unit_of_work import UnitOfWork

_NAMESPACE: Final = uuid.UUID("5d8b7f3e-9c0a-5f6b-8d2d-2a4b1c9e7f10")
_ALREADY: Final = {
    "confirmed": (AnswerStatus.CONFIRMED,),
    "sent": (AnswerStatus.SENT, AnswerStatus.CONFIRMED),
    "failed": (),
}


class NotTakenError(Exception):
    """What was said of a delivery is not taken; ``code`` is one of
    :data:`~cur_tui.contract.delivering.FAULTS`.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def tell(
    work: UnitOfWork,
    caller: Caller,
    stored: Stored,
    answer: Answer,
    result: str,
    *,
    said: str,
    reference: str = "",
    reason: str = "",
) -> Stored | None:
    """Put ``result`` (``confirmed``, ``sent`` or ``failed``) down; None when that was said before.

    ``said`` names the saying: the same one counts once, whatever has become of the text since. Raises
    :class:`~cur_tui.domain.refusal.Refused`.
    """
    id = str(uuid.uuid5(_NAMESPACE, said))
    if answer.status in _ALREADY[result] or _was_said(work.connection, id):
        return None
    arguments: Arguments
    if result == "failed":
        arguments = FailDelivery(answer.id, reason)
    else:
        arguments = (ConfirmDelivery if result == "confirmed" else MarkSent)(answer.id, reference)
    command = Command(id, stored.appeal.id, arguments, stored.appeal.version, work.now)
    after = apply_command(work, caller, stored, command)
    mark = fingerprint(command.type, command.appeal, command.base, {})
    settled = [(id, mark, command.appeal, "applied", after.appeal.version, None)]
    work.connection.execute(insert(SETTLED), settle_rows(caller.actor.account, work.now, settled))
    return after


def _was_said(connection: Connection, id: str) -> bool:
    return connection.execute(select(SETTLED.c.id).where(SETTLED.c.id == id)).first() is not None
