"""The real server, called without a network; it can end at any statement and come back older than it was."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import event, select, update

from cur_tui.domain.commands import Arguments, Assign, Classify, Command, LeadIncident, LinkAppeal
from cur_tui.domain.decisions import decide
from cur_tui.domain.intake import Incoming
from cur_tui.domain.model import Appeal, Applicant
from cur_tui.domain.refusal import Refused
from cur_tui.domain.vocabulary import LinkKind, Regime, Role, Source
from regional_api.app import create_app
from regional_api.appeals.intake import Intake, Original
from regional_api.centre import Centre, open_centre
from regional_api.clock import now, seconds
from regional_api.database.connections import Database
from regional_api.database.schema import create_region
from regional_api.database.store import load
from regional_api.database.tables import ACCOUNT, APPEAL, SESSION, TOKEN
from regional_api.feed.pages import forget_exits
from regional_api.identity.accounts import NewAccount, add_account
from regional_api.identity.callers import find_actor
from regional_api.related.follower import Follower
from regional_api.settings import Settings
from regional_api.unit_of_work import horizon, unit_of_work
from tests.factories import make_region
from tests.simulation.faults import Fuse, Killed
from tests.simulation.released import as_released
from tests.simulation.stage import Stage, drive
from tests.sync.faulty import Made, made

PASSWORD = "a long password"
AUTHORITY = "amur_utilities"
RESTRICTED_TOPIC = "general.military_payments"
BLOCKS = ("utilities", "roads")


@dataclass(frozen=True)
class Staff:
    """An account as it is every morning."""

    account: str
    role: Role
    blocks: tuple[str, ...] = ()
    authority: str | None = None


STAFF = (
    Staff("operator", Role.BLOCK_OPERATOR, BLOCKS),
    Staff("supervisor", Role.SUPERVISOR, ("*",)),
    Staff("agent", Role.SECONDED_AGENT, (), AUTHORITY),
    Staff("approver", Role.APPROVER, ("utilities",)),
    Staff("colleague", Role.BLOCK_OPERATOR, ("utilities",)),
)


class Server:
    """One region. The application is made once; each run and each restart renews its centre.

    One engine serves all runs, since compiling its statements anew would cost more than running them.
    """

    def __init__(self, folder: Path, stage: Stage) -> None:
        self.stage = stage
        self.path = folder / "region.db"
        self.fuse = Fuse()
        self.life = 0
        """Grows with every start, so that what was under way in the life before is known to be lost."""
        self.backups: list[bytes] = []
        founded = Database(str(self.path))
        _found(founded)
        founded.close()
        self.app = create_app(Settings(str(self.path)))
        self.database: Database = self.app.state.centre.database
        head, *members = sorted(self.appeals())[1:4]
        self.declare_incident(head, members)
        event.listen(self.database.engine, "before_cursor_execute", lambda *_: self.fuse.burn())
        self.keep_as_morning()

    @property
    def centre(self) -> Centre:
        return self.app.state.centre  # type: ignore[no-any-return]

    # --- lives ------------------------------------------------------------------------------------

    def keep_as_morning(self) -> None:
        """From now on every run begins with the region as it is."""
        self.database.engine.dispose()
        self._morning = self.path.read_bytes()
        self._released = as_released(self.path)

    def begin(self, released: int | None) -> None:
        """The region as it is every morning, in the schema of an earlier release if one is named."""
        content = self._morning if released is None else self._released[released]
        self._put(content)
        self.path.with_name(self.path.name + ".mark").unlink(missing_ok=True)
        # A copy from before the upgrade is the oldest backup.
        self.backups = [content]
        self.start()

    @property
    def releases(self) -> Sequence[int]:
        """The schemas that a region may still have in the morning."""
        return sorted(self._released)

    def start(self) -> None:
        """The process begins, on the file as it is."""
        self.fuse.set(0)
        self.database.engine.dispose()
        self.life += 1
        # In place: whoever holds the centre of the process has that of the new one.
        fresh = open_centre(self.database)
        for field in fields(Centre):
            object.__setattr__(self.centre, field.name, getattr(fresh, field.name))
        self.app.state.counted.__init__()

    def back_up(self) -> None:
        """Keep a copy of the database."""
        self.database.engine.dispose()
        self.backups.append(self.path.read_bytes())

    def restore(self, backup: int) -> None:
        """Put an older copy in place of the database."""
        self._put(self.backups[backup])
        self.start()

    def _put(self, content: bytes) -> None:
        self.database.engine.dispose()
        for side in ("-wal", "-shm"):
            self.path.with_name(self.path.name + side).unlink(missing_ok=True)
        self.path.write_bytes(content)

    # --- requests -----------------------------------------------------------------------------------

    def answer(self, request: httpx.Request, body: bytes, plain: bool, between: Callable[[], None]) -> Made:
        """The answer of the application; ``between`` happens between the pieces of a stream.

        Raises :class:`httpx.ReadError` when the process ends meanwhile; it has been started again then.
        """
        life = self.life
        parts: list[bytes] = []
        head: dict[str, Any] = {}

        async def receive() -> dict[str, object]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                head.update(message)
            else:
                parts.append(message["body"])
                if message.get("more_body"):
                    between()
                    if self.life != life:
                        raise Killed

        try:
            drive(self.app(_scope(request, plain), receive, send))
        except Killed:
            if self.life == life:
                self.start()
            raise httpx.ReadError("the server has ended", request=request) from None
        headers = {name.decode(): value.decode() for name, value in head["headers"]}
        kept = {name: headers[name] for name in ("content-encoding", "retry-after") if name in headers}
        return made(head["status"], headers.get("content-type", ""), b"".join(parts), kept)

    # --- what happens in the region -------------------------------------------------------------------

    def register(self, block: str | None, topic: str | None = None) -> None:
        """A new appeal."""
        _register(Intake(self.database), block, topic)

    def last_number(self) -> int:
        """The number of the last change."""
        with self.database.reading() as connection:
            return horizon(connection, self.centre.shard)

    def appeals(self) -> dict[str, Appeal]:
        """All appeals by id."""
        with self.database.reading() as connection:
            ids = connection.execute(select(APPEAL.c.id)).scalars().all()
            return {id_: stored.appeal for id_, stored in load(connection, ids).items()}

    def act(self, account: str, appeal: str, arguments: Arguments) -> None:
        """Something that is done at the centre itself, past every workstation. Raises ``Refused``."""
        with unit_of_work(self.database, self.centre.rulebook) as work:
            actor = find_actor(work.connection, account, self.centre.region)
            stored = load(work.connection, [appeal]).get(appeal)
            if actor is None or stored is None:
                return
            command = Command(str(self.stage.new_id()), appeal, arguments, stored.appeal.version, work.now)
            work.change(stored, decide(stored.appeal, command, actor, work.rulebook, work.now))

    def declare_incident(self, head: str, members: Sequence[str]) -> int:
        """A pipe has burst: several appeals are one matter, and the head is on its way to who answers it. For
        how many of them this could be put down.
        """
        joins = LinkAppeal(LinkKind.MASS_INCIDENT, head, self.appeals()[head].number)
        leads: list[Arguments] = [LeadIncident(), Classify(block="utilities")]
        acts = [(head, leads), *((member, [joins]) for member in members)]
        done = sum(self._could(appeal, wanted) for appeal, wanted in acts)
        self._could(head, [Assign(AUTHORITY, reason="по принадлежности")])
        return done

    def _could(self, appeal: str, acts: Sequence[Arguments]) -> bool:
        try:
            for act in acts:
                self.act("supervisor", appeal, act)
        except Refused:
            return False
        return True

    def delete(self, appeal: str) -> None:
        """Remove an appeal for good."""
        with unit_of_work(self.database, self.centre.rulebook) as work:
            stored = load(work.connection, [appeal]).get(appeal)
            if stored is not None:
                work.delete(stored)

    def appoint(self, account: str, **values: object) -> None:
        """Give an account another role, other blocks, or none of it."""
        with self.database.writing() as connection:
            connection.execute(update(ACCOUNT).where(ACCOUNT.c.account == account).values(**values))

    def blocks_of(self, account: str) -> str:
        """The blocks of an account, as they are kept."""
        with self.database.reading() as connection:
            return str(
                connection.execute(select(ACCOUNT.c.blocks).where(ACCOUNT.c.account == account)).scalar_one()
            )

    def end_sessions(self, account: str) -> None:
        """The account has to sign in again everywhere."""
        with self.database.writing() as connection:
            connection.execute(
                update(SESSION).where(SESSION.c.account == account).values(revoked_at=seconds(now()))
            )

    def expire_tokens(self) -> None:
        """All access tokens run out."""
        with self.database.writing() as connection:
            connection.execute(update(TOKEN).where(TOKEN.c.kind == "access").values(expires_at=1))

    def follow(self) -> int:
        """What follows from what was done: pairs, bursts, and answers of heads; how many got one."""
        return Follower(self.database, self.centre.rulebook).catch_up().given

    def compact(self) -> None:
        """Forget exits and tombstones that are a few minutes old, as the server does after months."""
        forget_exits(self.centre, seconds(now() - timedelta(minutes=5)))


def _scope(request: httpx.Request, plain: bool) -> dict[str, object]:
    headers = [(name.lower(), value) for name, value in request.headers.raw]
    if plain:
        headers = [pair for pair in headers if pair[0] != b"accept-encoding"]
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": "http",
        "path": request.url.path,
        "raw_path": request.url.raw_path,
        "query_string": request.url.query,
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 1),
    }


def _found(database: Database) -> None:
    create_region(database, make_region())
    centre = open_centre(database)
    with unit_of_work(database, centre.rulebook) as work:
        for one in STAFF:
            name = f"Некто {one.account}"
            add_account(work, NewAccount(one.account, name, one.role, PASSWORD, one.blocks, one.authority))
    intake = Intake(database)
    for block in ("utilities", "utilities", "utilities", "roads", "health", None):
        _register(intake, block)
    _register(intake, "general", RESTRICTED_TOPIC)


def _register(intake: Intake, block: str | None, topic: str | None = None) -> None:
    instant = now().replace(microsecond=0)
    incoming = Incoming(
        regime=Regime.POS_MESSAGE,
        source=Source.POS,
        text="На улице Садовой третий день нет воды.",
        received_at=instant - timedelta(minutes=5),
        registered_at=instant,
        applicant=Applicant(name="Ветрова Алла Кузьминична", phone="+7 000 000-00-00"),
        block=block,
        topic=topic,
    )
    for _ in intake.register([(incoming, Original(b"x"))]):
        pass
