"""One step of the exchange at a time; each can be cut off anywhere and simply be done again.

What makes that safe: rows and the mark of how far they reach are one transaction of the cache; a snapshot's
cursor is taken before its first page; commands keep their ids. Reading never waits for sending.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from cur_tui.contract import API_PREFIX, SCHEMA
from cur_tui.contract.codec import decode_appeal
from cur_tui.contract.packing import KNOWN, UnpackError
from cur_tui.contract.wire import Disclosure, End, Hello, NextRequest, NextResult, Put, Reference, Welcome
from cur_tui.domain.model import Appeal
from cur_tui.sync.ahead import ahead
from cur_tui.sync.clock import ServerClock
from cur_tui.sync.faults import NoContact, ServerProblem
from cur_tui.sync.files import FileSender, fetch_file
from cur_tui.sync.person import remember_account, remembered_account
from cur_tui.sync.program import app_version
from cur_tui.sync.pushing import Pushed, Pusher
from cur_tui.sync.session import TokenSession
from cur_tui.sync.streams import Block, Page, PageSize, read_blocks, read_page
from cur_tui.sync.transport import Query, Transport
from storage.cache import Cache
from storage.database.schema import BOOTSTRAP, COMPLETE, CURSOR, GENERATION, SNAPSHOT_TOKEN

if TYPE_CHECKING:
    from cur_tui.sync.cuts import CutCalls
    from cur_tui.sync.delivering import DeliveryCalls
    from cur_tui.sync.importing import ImportCalls
    from cur_tui.sync.related import RelatedCalls

EPOCH: Final = "epoch"

CHANGES_PAGE: Final = 2_000
SNAPSHOT_PAGE: Final = 5_000
MOST_ORDER_TRIES: Final = 3
PACKED: Final[Query] = {"packed": [str(number) for number in KNOWN]}
"""What tells the server that documents may come as it stores them."""


@dataclass(frozen=True, slots=True)
class Bootstrapped:
    """One step of the first reading: records here so far, of how many, and whether that was the last step."""

    done: int
    total: int
    complete: bool


@dataclass(frozen=True, slots=True)
class Pulled:
    """One page of changes. ``renewed``: everything must be read anew, by ``bootstrap_step``."""

    lines: int
    more: bool
    renewed: bool = False


def _go_on(_step: Bootstrapped) -> bool:
    return True


class SyncEngine:
    """The steps between one cache and one server.

    Pulling and pushing may run in two threads. Every method that speaks to the server raises
    :class:`NoContact`, :class:`ServerProblem`, :class:`SignInNeeded` or the cache's own errors, and leaves a
    state from which it can be called again.
    """

    def __init__(
        self, cache: Cache, transport: Transport, session: TokenSession, *, clock: ServerClock, device: str
    ) -> None:
        self._cache = cache
        self._transport = transport
        self._session = session
        self._clock = clock
        self._device = device
        self._pusher = Pusher(cache, transport, session, clock, device)
        self._files = FileSender(cache, transport, session)
        self._pushing = threading.Lock()
        self._greeted = False
        self._changes_size = PageSize(CHANGES_PAGE)
        self._snapshot_size = PageSize(SNAPSHOT_PAGE)

    # --- what is known without asking -----------------------------------------------------------------------

    @property
    def cache(self) -> Cache:
        """The cache that is kept in step."""
        return self._cache

    @property
    def clock(self) -> ServerClock:
        """The estimate of the server's time."""
        return self._clock

    @property
    def is_greeted(self) -> bool:
        """Whether the server knows us and we know where our commands stand with it."""
        return self._greeted

    @property
    def can_read(self) -> bool:
        """Whether there is a position in the feed to read from, also without a greeting."""
        return self._cache.reader.state(CURSOR) is not None

    @property
    def needs_bootstrap(self) -> bool:
        """Whether everything has to be read, or is being read, before changes make sense."""
        return self._cache.reader.state(BOOTSTRAP) != COMPLETE

    # --- steps ----------------------------------------------------------------------------------------------

    def hello(self) -> Welcome:
        """Greet the server: who we are to it, what time it is there, which commands it knows of.

        Begins the first reading when there was none, and a new one when the server is not the one that was
        read before (it was restored from a backup). Raises ``schema_too_old`` when we may only read.
        """
        with self._pushing:
            return self._greet()

    def bootstrap_step(self, told: Callable[[Bootstrapped], bool] = _go_on) -> Bootstrapped:
        """Read the next part of everything, piece by piece. A piece and the mark behind it are kept together.

        ``told`` hears of each piece that is here to stay, and answers whether to go on; a later step goes on
        behind the last one.
        """
        if self._cache.reader.state(CURSOR) is None:
            self.hello()
        try:
            return self._read_snapshot(told)
        except ServerProblem as problem:
            if not self._starts_anew(problem):
                raise
            return Bootstrapped(0, 0, complete=False)

    def pull_once(self, wait: float = 0.0) -> Pulled:
        """Read one page of changes; the server may hold its answer ``wait`` seconds for some to come."""
        generation = self._generation()
        cursor = self._cache.reader.state(CURSOR)
        if cursor is None or self.needs_bootstrap:
            return Pulled(0, more=True, renewed=True)
        try:
            page = self._read_changes(cursor, wait)
        except ServerProblem as problem:
            if not self._starts_anew(problem):
                raise
            return Pulled(0, more=True, renewed=True)
        with self._documents():
            if not self._cache.writer.apply_page(page.records, page.end.cursor, generation, page.end.scopes):
                return Pulled(0, more=True, renewed=True)
        if self._tells_of_us(page):
            # Our role may be another one: the next greeting says what it permits.
            self._greeted = False
        return Pulled(len(page.records), more=page.end.more)

    def push_once(self) -> Pushed:
        """Send the next commands, or else the next piece of a file that waits."""
        with self._pushing:
            if not self._cache.reader.outbox():
                # Files come after all commands: those are small, and people wait for them.
                return Pushed(more=self._files.step())
            if not self._greeted:
                self._greet()
            for _ in range(MOST_ORDER_TRIES):
                try:
                    with self._documents():
                        return self._pusher.push()
                except ServerProblem as problem:
                    if problem.code != "order":
                        raise
                    last = problem
                    self._greet()
        raise last

    def next(self, query: str) -> Appeal | None:
        """Claim the most urgent unheld appeal that ``query`` finds on the server; None when there is none."""
        from uuid6 import uuid7  # its import reads the metadata of packages

        # The same id both times: an answer that got lost must not leave a second appeal claimed.
        body = NextRequest(id=str(uuid7()), device=self._device, query=query)
        try:
            result = self._ask_next(body)
        except NoContact as failure:
            if failure.code not in ("interrupted", "timeout", "damaged"):
                raise
            result = self._ask_next(body)
        put = result.record
        if put is None:
            return None
        with self._documents():
            self._cache.writer.apply_record(put, result.scopes)
        return decode_appeal(bytes(put.doc), None if put.applicant is None else bytes(put.applicant))

    def disclose(self, appeal: str, reason: str) -> Appeal:
        """The appeal with this id and its personal data, as the server opens them for ``reason``.

        Only for the eyes of who asked: nothing of it goes into the cache.
        """
        path = f"{API_PREFIX}/appeals/{appeal}/disclosure"
        put = self._session.authorised(
            lambda token: self._transport.call("POST", path, Put, body=Disclosure(reason), token=token)
        )
        return decode_appeal(bytes(put.doc), None if put.applicant is None else bytes(put.applicant))

    @property
    def imports(self) -> ImportCalls:
        """What the server is asked about imports."""
        from cur_tui.sync.importing import ImportCalls

        return ImportCalls(self._transport, self._session)

    @property
    def related(self) -> RelatedCalls:
        """What the server is asked about likenesses and mass incidents."""
        from cur_tui.sync.related import RelatedCalls

        return RelatedCalls(self._transport, self._session)

    @property
    def cuts(self) -> CutCalls:
        """What the server is told about shared cuts."""
        from cur_tui.sync.cuts import CutCalls

        return CutCalls(self._transport, self._session)

    @property
    def deliveries(self) -> DeliveryCalls:
        """What the server is asked about deliveries."""
        from cur_tui.sync.delivering import DeliveryCalls

        return DeliveryCalls(self._transport, self._session)

    def fetch_file(
        self, sha256: str, start: int, begin: Callable[[int], None], give: Callable[[bytes], None]
    ) -> None:
        """Read an attachment's file from byte ``start`` on; see :func:`cur_tui.sync.files.fetch_file`."""
        fetch_file(self._transport, self._session, sha256, start, begin, give)

    # --- inside ---------------------------------------------------------------------------------------------

    def _greet(self) -> Welcome:
        body = Hello(device=self._device, app_version=app_version(), schema=SCHEMA)
        sent = self._clock.local()
        welcome = self._session.authorised(
            lambda token: self._transport.call("POST", f"{API_PREFIX}/hello", Welcome, body=body, token=token)
        )
        self._clock.observe(sent, self._clock.local(), datetime.fromisoformat(welcome.server_time))
        reader, writer = self._cache.reader, self._cache.writer
        if reader.set_aside():
            writer.read_set_aside()
        remember_account(self._cache, welcome.account)
        known = reader.state(EPOCH)
        writer.reoffer(welcome.last_dseq, restored=known != welcome.epoch)
        if reader.state(CURSOR) is None or known not in (None, welcome.epoch):
            writer.begin_generation(welcome.cursor, welcome.scopes)
        if known != welcome.epoch:
            writer.set_state(EPOCH, welcome.epoch)
        self._greeted = True
        return welcome

    def _tells_of_us(self, page: Page) -> bool:
        accounts = {
            record.id for record in page.records if isinstance(record, Reference) and record.kind == "account"
        }
        person = remembered_account(self._cache) if accounts else None
        return person is not None and person.account in accounts

    def _starts_anew(self, problem: ServerProblem) -> bool:
        """Answer the two problems that mean reading everything again; False for any other."""
        if problem.code not in ("resync", "scope_changed"):
            return False
        with self._pushing:
            welcome = self._greet()
            if problem.code == "scope_changed":
                if self.needs_bootstrap:
                    # What is left of older readings may lie elsewhere since before the cursor that the
                    # server has named departures for: nobody here knows whose it is now.
                    self._cache.writer.sweep()
                self._leave(welcome.scopes, problem.extra.get("out"))
            self._cache.writer.begin_generation(welcome.cursor, welcome.scopes)
        return True

    def _leave(self, scopes: Sequence[str], out: object) -> None:
        """Wipe what may not be seen any more: now, since the sweep comes only after everything was read.

        What this cache knows of an appeal's block may be outdated; those that lie elsewhere by now are named
        in ``out``.
        """
        region = self._cache.reader.region()
        topics = [topic.code for topic in region.topics if topic.is_restricted] if region else []
        self._cache.writer.drop_outside(scopes, topics)
        self._cache.writer.drop_scope([str(appeal) for appeal in out] if isinstance(out, list) else [])

    def _generation(self) -> int:
        """The present generation. Asked for before the marks that a request is made of: a greeting in the
        other thread may begin another at any moment, and what is asked for by old marks is not for that.
        """
        return int(self._cache.reader.state(GENERATION) or "1")

    def _read_snapshot(self, told: Callable[[Bootstrapped], bool]) -> Bootstrapped:
        reader, writer = self._cache.reader, self._cache.writer
        generation = self._generation()
        query: Query = {
            "limit": str(self._snapshot_size.lines),
            "cursor": reader.state(CURSOR) or "",
            "after": reader.state(SNAPSHOT_TOKEN) or [],
            **PACKED,
        }

        def fetch(give: Callable[[Block | End], None]) -> None:
            def read(token: str) -> None:
                with self._transport.lines(f"{API_PREFIX}/snapshot", query, token=token) as lines:
                    for block in read_blocks(lines):
                        give(block)

            self._checked(read, self._snapshot_size)

        step = Bootstrapped(0, 0, complete=False)
        rests = True
        try:
            with ahead(fetch) as blocks, self._documents():
                for block in blocks:
                    if isinstance(block, End):
                        complete = writer.complete_reading(generation)
                        return Bootstrapped(step.done, step.total, complete)
                    if not writer.apply_snapshot_page(block.records, block.checkpoint.after, generation):
                        return Bootstrapped(0, 0, complete=False)
                    step = Bootstrapped(block.checkpoint.n, block.checkpoint.total, complete=False)
                    if not told(step):
                        return step
            if not step.total:
                raise self._damaged("NDJSON")
            rests = False
            return step
        finally:
            # Paused, stopped, cut off: who knows for how long. Only between two pages the memory is kept.
            if rests:
                writer.narrow()

    def _read_changes(self, cursor: str, wait: float) -> Page:
        query: Query = {
            "cursor": cursor,
            "limit": str(self._changes_size.lines),
            "wait": f"{wait:g}",
            **PACKED,
        }
        page: list[Page] = []

        def read(token: str) -> None:
            with self._transport.lines(f"{API_PREFIX}/changes", query, token=token, wait=wait) as lines:
                page.append(read_page(lines))

        sent = self._clock.local()
        self._checked(read, self._changes_size)
        end = page[-1].end
        if not wait:
            # The middle of a long poll says nothing of when its answer was written.
            self._clock.observe(sent, self._clock.local(), datetime.fromisoformat(end.server_time))
        return page[-1]

    def _checked(self, read: Callable[[str], None], size: PageSize) -> None:
        try:
            self._session.authorised(read)
        except NoContact as failure:
            if failure.code == "too_large":
                size.shrink()
            raise
        size.grow()

    @contextmanager
    def _documents(self) -> Iterator[None]:
        """Documents that came damaged, and of which the cache has taken nothing, are asked for again."""
        try:
            yield
        except UnpackError:
            raise self._damaged("zstd") from None

    def _damaged(self, reason: str) -> NoContact:
        return NoContact("damaged", {"server": self._transport.host, "reason": reason})

    def _ask_next(self, body: NextRequest) -> NextResult:
        return self._session.authorised(
            lambda token: self._transport.call(
                "POST", f"{API_PREFIX}/next", NextResult, body=body, token=token
            )
        )
