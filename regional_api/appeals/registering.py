"""Registration by a person: what was taken down becomes an appeal, in the transaction of its command."""

from zoneinfo import ZoneInfo

import msgspec

from cur_tui.domain.commands import Command, RegisterAppeal
from cur_tui.domain.intake import register
from cur_tui.domain.model import Appeal
from cur_tui.domain.reception import incoming_of
from cur_tui.domain.refusal import Refused
from regional_api.appeals.intake import Original, original_row, take_numbers
from regional_api.clock import stamp
from regional_api.database.identifiers import is_identifier
from regional_api.database.store import load
from regional_api.identity.callers import Caller
from regional_api.record import journal
from regional_api.unit_of_work import UnitOfWork


def register_taken(work: UnitOfWork, caller: Caller, id: str, command: Command) -> Appeal:
    """The appeal ``id`` that ``command`` registers, with its number and its line in the journal.

    Raises :class:`Refused`: what :func:`~cur_tui.domain.reception.incoming_of` raises, and ``malformed`` for
    an id that is none or in use.
    """
    taken = command.arguments
    assert isinstance(taken, RegisterAppeal), "the dispatch is by the command's name"
    incoming = incoming_of(taken, caller.actor, work.rulebook, work.now)
    if not is_identifier(id) or load(work.connection, [id]):
        raise Refused("malformed", reason="appeal: not a UUID, or in use")
    day = incoming.registered_at.astimezone(ZoneInfo(work.rulebook.region.time_zone)).date()
    # Decided before a number is taken: a refusal leaves no gap among the numbers.
    register(incoming, id=id, number="", command=command.id, rulebook=work.rulebook)
    (number,) = take_numbers(work.connection, [day])
    appeal = register(
        incoming, id=id, number=number, command=command.id, rulebook=work.rulebook, by=caller.actor
    )
    payload = msgspec.json.encode(taken)
    work.add(appeal, original_row(id, Original(payload, "application/json")))
    work.record(
        journal.Entry(
            at=stamp(work.now),
            device_at=stamp(command.device_at),
            account=caller.actor.account,
            role=caller.actor.role.value,
            type=command.type,
            appeal=id,
            number=number,
            before=None,
            after=appeal.version,
            command=command.id,
            payload=payload,
        )
    )
    return appeal
