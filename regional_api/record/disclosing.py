"""Personal data by explicit request: read and journaled in one transaction, so that neither is without the
other (152-ФЗ art. 19 part 2 item 8: acts with personal data are registered).
"""

from typing import Any

import msgspec
from sqlalchemy import Row, select

from cur_tui.contract.wire import Put
from cur_tui.domain.decisions.case import required_text
from cur_tui.domain.refusal import Refused
from cur_tui.domain.rights import Permission
from cur_tui.domain.texts.text import neutralise
from regional_api.centre import Centre
from regional_api.clock import stamp
from regional_api.database.store import put_columns, put_of
from regional_api.database.tables import APPEAL, ORIGINAL
from regional_api.identity.callers import Caller
from regional_api.record import journal
from regional_api.unit_of_work import UnitOfWork, unit_of_work

MAX_REASON = 500


def disclose(centre: Centre, caller: Caller, id: str, reason: str) -> Put:
    """The appeal ``id`` with its applicant and its texts as they are.

    Raises :class:`Refused`: ``not_permitted``, ``not_found``, and ``empty_field`` or ``too_long`` for a
    reason that says nothing or too much.
    """
    if Permission.SEE_PERSONAL_DATA not in caller.permissions:
        caller.must(Permission.DISCLOSE_PERSONAL_DATA, "disclose")
    why = required_text("reason", neutralise(reason))
    if len(why) > MAX_REASON:
        raise Refused("too_long", field="reason", limit=str(MAX_REASON))
    with unit_of_work(centre.database, centre.rulebook) as work:
        query = select(*put_columns(personal_data=True)).where(APPEAL.c.id == id, caller.scope.where())
        row = work.connection.execute(query).one_or_none()
        if row is None:
            raise Refused("not_found")
        put = put_of(row, personal_data=True)
        _tell(work, caller, "disclose", put.row.id, put.row.number, put.row.version, {"reason": why})
    return put


def read_original(centre: Centre, caller: Caller, id: str) -> Row[*tuple[Any, ...]]:
    """``data`` and ``sha256`` of the message as it was received. Raises ``not_found``."""
    with unit_of_work(centre.database, centre.rulebook) as work:
        query = (
            select(ORIGINAL.c.data, ORIGINAL.c.sha256, APPEAL.c.number, APPEAL.c.version)
            .join_from(ORIGINAL, APPEAL, APPEAL.c.id == ORIGINAL.c.appeal)
            .where(ORIGINAL.c.appeal == id, caller.scope.where())
        )
        row = work.connection.execute(query).one_or_none()
        if row is None:
            raise Refused("not_found")
        _tell(work, caller, "read_original", id, row.number, row.version, {"sha256": row.sha256})
    return row


def _tell(
    work: UnitOfWork, caller: Caller, act: str, id: str, number: str, version: int, payload: dict[str, str]
) -> None:
    work.record(
        journal.Entry(
            at=stamp(work.now),
            account=caller.actor.account,
            role=caller.actor.role.value,
            type=act,
            appeal=id,
            number=number,
            before=version,
            after=version,
            payload=msgspec.json.encode(payload),
        )
    )
