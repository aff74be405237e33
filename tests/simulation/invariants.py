"""What must hold: at every step, at every answer, and in the evening, when everything is exchanged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import httpx
import msgspec
from sqlalchemy import select

from cur_tui.contract.packing import unpack
from cur_tui.contract.wire import BatchResult, CommandBatch, Statistics
from cur_tui.domain.model import Appeal
from cur_tui.domain.rights import Actor, Permission, can, can_see
from cur_tui.domain.vocabulary import AnswerKind, AnswerStatus, Role
from regional_api.clock import now
from regional_api.database.tables import APPEAL, DEVICE, JOURNAL, JOURNAL_PAYLOAD, REFERENCE, SETTLED
from regional_api.figures.statistics import Counted, StatisticsRequest, read_statistics
from regional_api.identity.callers import Caller, find_actor
from regional_api.record import journal
from storage.database.schema import CURSOR
from tests.simulation.given import broken_incidents
from tests.simulation.model import broken_claims, held_after, holder_at
from tests.simulation.person import Person
from tests.simulation.server import RESTRICTED_TOPIC, Server
from tests.storage.registers import check_registers
from tests.sync.faulty import Made

_STATES = select(
    *(APPEAL.c[name] for name in ("id", "version", "block", "authority", "restricted", "doc", "applicant"))
)
_PUBLISHED = (AnswerStatus.APPROVED, AnswerStatus.SENT, AnswerStatus.CONFIRMED)


def on_the_way(person: Person) -> Iterator[str]:
    """At every step: what was seen is not taken back, and nothing is shown twice."""
    reader = person.cache.reader
    rows = person.cache._connections.all(
        "SELECT a.id, a.pending, a.generation, coalesce(s.version, a.version) "
        "FROM appeal a LEFT JOIN shadow s USING (pk)"
    )
    # A reading of everything may bring lower versions, if the server has gone back in time.
    seen = {str(id_): (int(str(reading)), int(str(version))) for id_, _, reading, version in rows}
    for id_, state in seen.items():
        if state < person.seen.get(id_, state):
            yield f"{person.name}: {id_} went back to version {state[1]}"
    person.seen = seen
    for id_, pending, *_ in rows:
        if pending:
            shown = reader.appeal(str(id_))
            assert shown is not None
            yield from _shown_twice(person.name, shown)


def _shown_twice(where: str, appeal: Appeal) -> Iterator[str]:
    for what, keys in (
        ("command", [event.command for event in appeal.timeline]),
        ("note", [note.id for note in appeal.notes]),
        ("answer", [answer.id for answer in appeal.answers]),
    ):
        for key, times in Counter(keys).items():
            if times > 1:
                yield f"{where}: {what} {key} stands {times} times in {appeal.number}"


def after_other_rights(server: Server, person: Person) -> Iterator[str]:
    """As soon as a program knows of other rights: nothing is left that may not be seen any more."""
    here = {str(id_) for (id_,) in person.cache._connections.all("SELECT id FROM appeal")}
    # What was deleted goes with the feed.
    for id_ in sorted((here & server.appeals().keys()) - _visible(server, person).keys()):
        yield f"{person.name} may not see {id_} any more, and still has it"


def at_this_moment(
    server: Server, person: Person, request: httpx.Request, body: bytes, answer: Made
) -> Iterator[str]:
    """At every answer to commands: who is told that another holds the appeal is told the truth."""
    if not request.url.path.endswith("/commands") or answer.status_code != 200:
        return
    batch = msgspec.json.decode(body, type=CommandBatch)
    result = msgspec.json.decode(answer.whole, type=BatchResult)
    refused = [
        n
        for n, one in enumerate(result.results)
        if one.status == "rejected" and one.problem is not None and one.problem.code == "claimed_by_other"
    ]
    if not refused:
        return
    appeals = server.appeals()
    for n in refused:
        command = batch.commands[n]
        later = {one.id for one in batch.commands[n:]}
        appeal = appeals.get(command.appeal)
        if appeal is None:
            continue
        before = [event for event in appeal.timeline if event.command not in later]
        holder = holder_at(held_after(before), server.stage.server_time())
        if holder in (None, person.account):
            yield f"{person.name} was refused {appeal.number}, which {holder or 'nobody'} held"


def at_the_end(server: Server, people: Sequence[Person]) -> Iterator[str]:
    """In the evening."""
    yield from _record(server)
    record = _texts_of_the_record(server)
    for person in people:
        yield from _texts(person, record)
        yield from _cache(server, person)
        yield from _outbox(server, person)
    yield from _counts(server, people)


def _record(server: Server) -> Iterator[str]:
    verdict = journal.verify(server.database, server.centre.shard)
    if not verdict.ok:
        yield f"the journal does not hold at {verdict.bad}: {verdict.reason}"
    with server.database.reading() as connection:
        lines = connection.execute(select(JOURNAL.c.command, JOURNAL.c.type)).all()
        applied = connection.execute(select(SETTLED.c.id).where(SETTLED.c.status == "applied")).scalars()
        missing = set(applied) - {line.command for line in lines}
    for command in missing:
        yield f"command {command} was applied, and the journal does not say so"
    for command, times in Counter(line.command for line in lines if line.command).items():
        if times > 1:
            yield f"command {command} stands {times} times in the journal"
    appeals = server.appeals()
    yield from broken_incidents(appeals, RESTRICTED_TOPIC)
    for appeal in appeals.values():
        yield from broken_claims(appeal)
        yield from _shown_twice("the record", appeal)
        yield from _answers(appeal)


def _answers(appeal: Appeal) -> Iterator[str]:
    """No answer is published twice, and no appeal is answered twice."""
    published = [a for a in appeal.answers if a.kind is AnswerKind.FINAL and a.status in _PUBLISHED]
    if len(published) > 1:
        yield f"{appeal.number} is answered {len(published)} times"
    for act in ("approve", "mark_sent", "confirm_delivery"):
        done = Counter(event.details.get("answer") for event in appeal.timeline if event.type == act)
        for answer, times in done.items():
            if times > 1 and act != "mark_sent":
                yield f"{appeal.number}: «{act}» was done {times} times to answer {answer}"


def _texts_of_the_record(server: Server) -> bytes:
    with server.database.reading() as connection:
        return b"\n".join(connection.execute(select(JOURNAL_PAYLOAD.c.data)).scalars())


def _texts(person: Person, record: bytes) -> Iterator[str]:
    reader = person.cache.reader
    drafts = "\n".join(draft.text for draft in reader.drafts())
    unsent = "\n".join(msgspec.json.encode(entry.arguments).decode() for entry in reader.unsent())
    for typed in person.typed.values():
        times = record.count(typed.mark.encode())
        if typed.given_up:
            if times:
                yield f"{person.name}: {typed.mark} was taken back, and yet it is in the record"
        elif not times and typed.mark not in drafts and typed.mark not in unsent:
            yield f"{person.name}: {typed.mark} is lost"
        elif times > 1 and typed.once:
            yield f"{person.name}: {typed.mark} is in the record {times} times"


def _visible(server: Server, person: Person) -> dict[str, tuple[object, ...]]:
    """What the owner may see: version, document and author of each appeal by its id."""
    region = server.centre.region
    with server.database.reading() as connection:
        actor = find_actor(connection, person.account, region)
        rows = connection.execute(_STATES).all()
    if actor is None:
        return {}
    with_authors = can(region, actor, Permission.SEE_PERSONAL_DATA)
    return {
        row.id: (row.version, unpack(bytes(row.doc)), bytes(row.applicant) if with_authors else None)
        for row in rows
        if can_see(region, actor, block=row.block, authority=row.authority, restricted=bool(row.restricted))
    }


def _cache(server: Server, person: Person) -> Iterator[str]:
    """The cache is what its owner may see, no more and no less, to the byte."""
    wanted = _visible(server, person)
    own = person.cache._connections.all(
        "SELECT id, version, doc, applicant, pending FROM appeal JOIN appeal_doc USING (pk)"
    )
    here = {
        str(id_): (version, unpack(doc), applicant)  # type: ignore[arg-type]
        for id_, version, doc, applicant, pending in own
        if not pending
    }
    if here.keys() != wanted.keys():
        many, missing = sorted(here.keys() - wanted.keys()), sorted(wanted.keys() - here.keys())
        yield f"{person.name}: {many} too many, {missing} missing"
    yield from (
        f"{person.name}: {id_} is at version {here[id_][0]}, the server's {wanted[id_][0]} is another"
        for id_ in sorted(here.keys() & wanted.keys())
        if here[id_] != wanted[id_]
    )
    with server.database.reading() as connection:
        reference = connection.execute(select(REFERENCE.c.kind, REFERENCE.c.id, REFERENCE.c.doc)).all()
    known = person.cache._connections.all("SELECT kind, id, doc FROM reference")
    if set(known) != {(row.kind, row.id, bytes(row.doc)) for row in reference}:
        yield f"{person.name}: the reference data differ"


def _outbox(server: Server, person: Person) -> Iterator[str]:
    reader = person.cache.reader
    if waiting := [(entry.type, entry.dseq, entry.doubt) for entry in reader.outbox()]:
        yield f"{person.name}: the outbox does not drain, {waiting}"
    ask = person.cache._connections.all
    if left := ask("SELECT pk FROM shadow UNION SELECT pk FROM appeal WHERE pending"):
        yield f"{person.name}: {len(left)} appeals wait for commands that are settled"
    acknowledged = {str(cid) for (cid,) in ask("SELECT cid FROM settled WHERE refused=0")}
    with server.database.reading() as connection:
        applied = connection.execute(select(SETTLED.c.id).where(SETTLED.c.status == "applied")).scalars()
        for command in sorted(acknowledged - set(applied)):
            yield f"{person.name}: command {command} was acknowledged, and the server does not know it"
        last = connection.execute(
            select(DEVICE.c.last_dseq).where(
                DEVICE.c.account == person.account, DEVICE.c.device == person.name
            )
        ).scalar_one_or_none()
    if (last or 0) < int(reader.state("next_dseq") or "1") - 1:
        person.greet()  # a restored server may have forgotten what it refused, which is no loss
    following = int(reader.state("next_dseq") or "1")
    if (last or 0) != following - 1:
        yield f"{person.name}: the server settled up to {last}, the next number here is {following}"
    if reader.state(CURSOR) is None:
        yield f"{person.name}: has no position in the feed"


def statistics(server: Server, counted: Counted) -> Statistics:
    """The table of blocks and states, carried on from what was ``counted`` before."""
    blocks = frozenset(block.code for block in server.centre.region.blocks)
    caller = Caller(Actor("supervisor", "", Role.SUPERVISOR, blocks, None), server.centre.region)
    return read_statistics(server.centre, counted, caller, StatisticsRequest("block", "state"), now())


def _counts(server: Server, people: Sequence[Person]) -> Iterator[str]:
    for person in people:
        try:
            check_registers(person.path)
        except AssertionError as error:
            yield f"{person.name}: the registers differ from the rows, {str(error)[:200]}"
    if statistics(server, server.app.state.counted) != statistics(server, Counted()):
        yield "the server's statistics differ from a recount"
