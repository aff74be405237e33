"""The desk: everything that a screen or the headless program may ask for or do, and nothing else.

A desk works on the local cache alone. What it changes is painted at once and waits in the outbox; the
sync runner, if there is one, carries it to the server and brings back what others did.
"""

import threading
from array import array
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from cur_tui.contract.codec import parse_arguments
from cur_tui.domain.commands import Arguments, Command
from cur_tui.domain.model import Appeal
from cur_tui.domain.query import Flag, FlagTerm, Query
from cur_tui.domain.query_parse import Reading, parse_leniently, parse_query
from cur_tui.domain.query_vocabulary import Vocabulary
from cur_tui.domain.refusal import Refused
from cur_tui.domain.rights import Actor, can
from cur_tui.domain.rulebook import Rulebook
from cur_tui.services.views import View, built_in_views
from cur_tui.services.vocabulary import vocabulary_of
from cur_tui.services.window import GLIMPSE, Names, Window
from storage.cache import Cache
from storage.changes import Area, Change
from storage.entries import BandCounts, CachedRow, Count, Draft, OutboxEntry, SavedView, UnsentEntry
from storage.filters import CompiledView, compile_view

__all__ = ["Area", "Change", "Clock", "Desk", "Done", "Failed"]

Clock = Callable[[], datetime]


ROWS_AT_ONCE = 1_000
"""How many rows one statement reads."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _new_id() -> str:
    from uuid6 import uuid7  # its import reads the metadata of packages: 15 ms that no start should pay

    return str(uuid7())


@dataclass(frozen=True, slots=True)
class Done:
    """An act that was applied here and waits to be sent."""

    command: str
    appeal: Appeal


@dataclass(frozen=True, slots=True)
class Failed:
    """One appeal of a bulk act that the rules refused."""

    number: str
    refused: Refused


class Desk:
    """One person's desk over one cache. ``clock`` gives the estimated server time.

    Safe from any thread. Raises ``Refused("no_region")`` while the region profile has not arrived.
    """

    def __init__(self, cache: Cache, actor: Actor, *, clock: Clock = _utc_now) -> None:
        self.cache = cache
        self.actor = actor
        self.now = clock
        self._acts: list[tuple[str, ...]] = []
        self._given: Callable[[str], None] = lambda command: None
        self._acting = threading.Lock()
        self.refresh_reference()
        cache.replay_with(self.replay)

    # --- what is known -----------------------------------------------------------------------------

    def refresh_reference(self) -> None:
        """Take the region profile and the colleagues anew, after the server sent other ones."""
        region = self.cache.reader.region()
        if region is None:
            raise Refused("no_region")
        self.rulebook = Rulebook(region)
        self.zone = ZoneInfo(region.time_zone)
        self.names = Names(
            topics={topic.code: topic.name for topic in region.topics},
            municipalities={town.code: town.name for town in region.municipalities},
            authorities={body.code: body.name for body in region.authorities},
            colleagues={
                str(account["account"]): str(account["name"]) for account in self.cache.reader.accounts()
            },
        )
        self.vocabulary: Vocabulary = vocabulary_of(self.rulebook, self.names.colleagues)

    def may(self, permission: str) -> bool:
        """Whether the person's role has a permission; the server decides again."""
        return can(self.rulebook.region, self.actor, permission)

    def local_now(self) -> datetime:
        """The estimated server time on the region's clocks."""
        return self.now().astimezone(self.zone)

    # --- queues ------------------------------------------------------------------------------------

    def views(self) -> tuple[View, ...]:
        """The queues of the role, then those that the person saved."""
        saved = (
            View(view.code, view.title, view.query, group="saved", saved=True)
            for view in self.cache.reader.saved_views()
        )
        return (*built_in_views(self.actor, self.rulebook), *saved)

    def counts(self, views: Iterable[View]) -> dict[str, Count]:
        """How many appeals each queue holds, up to a bound; a query that no longer reads is left out."""
        compiled = {
            view.code: self._compiled(reading.query)
            for view in views
            if not (reading := self.read(view.query)).errors
        }
        return dict(zip(compiled, self.cache.reader.counts(compiled.values()), strict=True))

    def parse(self, line: str) -> Query:
        """A query from its line. Raises :class:`cur_tui.domain.query.QueryError`."""
        return parse_query(line, self.vocabulary)

    def read(self, line: str) -> Reading:
        """What can be read of a line that is still being typed, and what is wrong with it."""
        return parse_leniently(line, self.vocabulary)

    def glimpse(self, query: Query) -> Window:
        """The first rows of the list behind a query: what the first paint needs, at once."""
        reader = self.cache.reader
        rows = reader.first_rows(self._compiled(query), GLIMPSE)
        return Window(array("q", [row.pk for row in rows]), reader.rows, rows, whole=len(rows) < GLIMPSE)

    def open(self, query: Query) -> Window:
        """The whole list behind a query; for a worker, since a million keys take a third of a second."""
        reader = self.cache.reader
        return Window(reader.ids(self._compiled(query)), reader.rows)

    def first_unheld(self, query: Query) -> str | None:
        """The id of the first appeal of a list that nobody holds; None when there is none."""
        free = Query((*query.terms, FlagTerm(Flag.OPEN), FlagTerm(Flag.CLAIMED, negated=True)), query.sort)
        rows = self.cache.reader.first_rows(self._compiled(free), 1)
        return rows[0].row.id if rows else None

    def page(self, query: Query, limit: int, after: str | None = None) -> tuple[list[CachedRow], bool]:
        """At most ``limit`` rows of a list, behind the appeal ``after`` if one is named; whether more follow.

        Raises ``Refused("not_found")`` when ``after`` is not in the cache.
        """
        view, reader = self._compiled(query), self.cache.reader
        if after is None:
            found = reader.first_rows(view, limit + 1)
        else:
            key = reader.position_key(after)
            if key is None:
                raise Refused("not_found", number=after)
            found = reader.rows_after(view, key, limit + 1)
        return found[:limit], len(found) > limit

    def position_key(self, key: str) -> int | None:
        """The cache's own key of an appeal, by its id or number; lists are made of these keys."""
        return self.cache.reader.position_key(key)

    def ids_of(self, pks: Sequence[int]) -> list[str]:
        """The ids of the appeals with these keys, in the same order; those that have gone are left out."""
        ids: list[str] = []
        for start in range(0, len(pks), ROWS_AT_ONCE):
            rows = self.cache.reader.rows(pks[start : start + ROWS_AT_ONCE])
            ids += [listed.row.id for listed in rows if listed is not None]
        return ids

    def _compiled(self, query: Query) -> CompiledView:
        return compile_view(query, now=self.local_now(), me=self.actor.account)

    def clocks_by_queue(self) -> dict[str | None, BandCounts]:
        """Open appeals by block and by how soon they are due; None: no block yet."""
        return self.cache.reader.clocks_by_queue(self.local_now())

    def save_view(self, title: str, query: str) -> SavedView:
        """Keep a query under a name."""
        known = self.cache.reader.saved_views()
        position = max((view.position for view in known), default=0) + 1
        view = SavedView(code=f"saved:{_new_id()}", title=title.strip(), query=query, position=position)
        self.cache.writer.save_view(view)
        return view

    def delete_view(self, code: str) -> None:
        """Forget a saved query."""
        self.cache.writer.delete_view(code)

    # --- appeals -----------------------------------------------------------------------------------

    def find(self, key: str) -> Appeal | None:
        """An appeal by its id or number, or None when it is not here."""
        return self.cache.reader.appeal(key)

    def appeal(self, key: str) -> Appeal:
        """An appeal by its id or number, as it stands with what is still unsent."""
        appeal = self.find(key)
        if appeal is None:
            raise Refused("not_found", number=key)
        return appeal

    def row(self, key: str) -> CachedRow | None:
        """The appeal's line of the lists, by its id or number: what waits to be sent, what was refused."""
        return self.cache.reader.row(key)

    # --- acts --------------------------------------------------------------------------------------

    def do(self, name: str, key: str, **values: object) -> Done:
        """Give a command with loosely typed values, as a form or a command line has them."""
        return self.give(self.appeal(key), parse_arguments(name, values, strict=False))

    def give(self, appeal: Appeal, arguments: Arguments) -> Done:
        """Give a command on an appeal as the person sees it. Raises :class:`Refused` and changes nothing."""
        # What the person looked at, without what is still unsent of it; never a version that came since, or
        # the command would overrule in silence what a colleague has done meanwhile.
        base = min(appeal.version, self.cache.reader.server_version(appeal.id) or appeal.version)
        command = Command(
            id=_new_id(),
            appeal=appeal.id,
            arguments=arguments,
            base=base,
            device_at=_utc_now(),
        )
        after = self.replay(appeal, command)
        self.cache.writer.apply_local(command, after)
        self._acts.append((command.id,))
        self._given(command.type)
        return Done(command.id, after)

    def each(self, name: str, keys: Iterable[str], **values: object) -> Generator[Done | Failed, None, None]:
        """Give one command on many appeals, one at each step; each succeeds or fails by itself.

        What was given until the caller stops is one act for :meth:`undo`.
        """
        arguments = parse_arguments(name, values, strict=False)
        before = len(self._acts)
        try:
            for key in keys:
                number = key
                try:
                    appeal = self.appeal(key)
                    number = appeal.number
                    yield self.give(appeal, arguments)
                except Refused as refused:
                    yield Failed(number, refused)
        finally:
            together = tuple(command for act in self._acts[before:] for command in act)
            self._acts[before:] = [together] if together else []

    def undo(self) -> list[OutboxEntry]:
        """Take back the person's latest act of this session as far as it has not been sent; what that was.

        Raises ``Refused``: ``nothing_to_undo``, or ``already_sent`` when all that was done has left; and the
        cache's own ``UndoRefused``.
        """
        with self._acting:
            if not self._acts:
                raise Refused("nothing_to_undo")
            waiting = {entry.id: entry for entry in self.cache.reader.outbox() if entry.state == "pending"}
            taken_back = [waiting[command] for command in reversed(self._acts[-1]) if command in waiting]
            for entry in taken_back:
                self.cache.writer.undo(entry.id)
            self._acts.pop()
        if not taken_back:
            raise Refused("already_sent")
        return taken_back

    def replay(self, appeal: Appeal, command: Command) -> Appeal:
        """What a waiting command makes of a newer record; the cache rebases with it."""
        from cur_tui.domain.decisions import decide  # the rules are not needed to look at a list

        return decide(appeal, command, self.actor, self.rulebook, self.now())

    # --- texts and exchange ------------------------------------------------------------------------

    def draft(self, appeal: str, kind: str) -> Draft | None:
        """The draft of one kind for an appeal."""
        return self.cache.reader.draft(appeal, kind)

    def save_draft(self, draft: Draft) -> None:
        """Keep a text that is being written; at once and durably."""
        self.cache.writer.save_draft(replace(draft, saved_at=_utc_now()))

    def outbox(self) -> list[OutboxEntry]:
        """What waits to be sent, in its order."""
        return self.cache.reader.outbox()

    def unsent(self) -> list[UnsentEntry]:
        """What the server refused, with everything that was typed."""
        return self.cache.reader.unsent()

    def on_change(self, listener: Callable[[Change], None]) -> Callable[[], None]:
        """Call ``listener`` after each change of the cache, on the thread that made it; returns the end."""
        return self.cache.changes.subscribe(listener)

    def tell_given(self, listener: Callable[[str], None]) -> None:
        """Call ``listener`` with the type of each command that is given here, on the thread that gives it."""
        self._given = listener

    def warm_up(self) -> None:
        """Load what writing needs, half a second of imports, so that the first act does not wait for it."""
        _ = self.cache.writer
