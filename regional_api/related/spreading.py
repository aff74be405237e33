"""The head's answer, given to the members: in short transactions, each member under its own lock, each once.

Nothing remembers who is still owed it: that is seen in the appeals themselves, so a process that dies
between two members, a repeat, a second server and a member that comes later are all the same case.
"""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection, select

from cur_tui.contract import MAX_RECORD
from cur_tui.domain.model import Appeal
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.refusal import Refused
from cur_tui.domain.related.mass_incident import MASS_ANSWER, give, head_of, leads_incident, mass_answer_of
from regional_api.database.connections import Database
from regional_api.database.store import Stored, load
from regional_api.database.tables import APPEAL
from regional_api.log import log_event
from regional_api.record import journal
from regional_api.unit_of_work import UnitOfWork, unit_of_work

CHUNK: Final = 100
"""Members of one transaction."""


def spread(database: Database, rulebook: Rulebook, head: str) -> int:
    """Give the answer of the head with this number to all who are owed it; how many got it now."""
    given, last = 0, 0
    while True:
        with database.reading() as connection:
            leader = find_head(connection, head)
            if leader is None or mass_answer_of(leader) is None:
                return given
            rows = connection.execute(
                select(APPEAL.c.pk, APPEAL.c.id)
                .where(
                    APPEAL.c.mass_incident == head,
                    APPEAL.c.pk > last,
                    APPEAL.c.is_open == 1,
                    APPEAL.c.regime.in_([regime.value for regime in rulebook.region.bursts.regimes]),
                )
                .order_by(APPEAL.c.pk)
                .limit(CHUNK)
            ).all()
        if not rows:
            return given
        given += _give(database, rulebook, leader.id, [row.id for row in rows])
        last = rows[-1].pk


def give_to(database: Database, rulebook: Rulebook, head: str, members: Iterable[str]) -> int:
    """Give the answer of the head with this number to those of ``members`` who are owed it."""
    with database.reading() as connection:
        leader = find_head(connection, head)
    if leader is None or mass_answer_of(leader) is None:
        return 0
    wanted = sorted(members)
    return sum(
        _give(database, rulebook, leader.id, wanted[n : n + CHUNK]) for n in range(0, len(wanted), CHUNK)
    )


def find_head(connection: Connection, number: str) -> Appeal | None:
    """The appeal with this number, if it leads a mass incident."""
    id = connection.execute(select(APPEAL.c.id).where(APPEAL.c.number == number)).scalar_one_or_none()
    if id is None:
        return None
    leader = load(connection, [id])[id].appeal
    return leader if leads_incident(leader) else None


def _give(database: Database, rulebook: Rulebook, head: str, members: list[str]) -> int:
    given = 0
    with unit_of_work(database, rulebook) as work:
        locked = load(work.connection, members, lock=True)
        # Read behind the locks: what is given is what the head says now.
        leader = load(work.connection, [head]).get(head)
        if leader is None:
            return 0
        for stored in locked.values():
            given += _give_one(work, leader.appeal, stored)
    return given


def _give_one(work: UnitOfWork, head: Appeal, stored: Stored) -> int:
    answer = mass_answer_of(head)
    after = give(head, stored.appeal, work.rulebook, work.now)
    if after is None or answer is None or head_of(stored.appeal) != head.id:
        return 0
    try:
        work.change(stored, after, room=MAX_RECORD)
    except Refused as refused:
        log_event("mass_answer_refused", appeal=after.number, code=refused.code)
        return 0
    given = after.answers[-1]
    work.record(
        journal.entry_of(
            work.now,
            MASS_ANSWER,
            {
                "head": head.number,
                "head_answer": answer.id,
                "answer": given.id,
                "digest": given.digest,
                "approved_by": given.reviewer,
            },
            appeal=after.id,
            number=after.number,
            before=stored.appeal.version,
            after=after.version,
            command=given.id,
        )
    )
    return 1
