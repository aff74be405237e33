"""The desk: everything that a screen or the headless program may ask for or do, and nothing else.

A desk works on the local cache alone. What it changes is painted at once and waits in the outbox; the
sync runner, if there is one, carries it to the server and brings back what others did.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property

from uuid6 import uuid7

from cur_tui.contract.codec import parse_arguments
from cur_tui.domain.commands import Arguments, Command
from cur_tui.domain.decisions import decide
from cur_tui.domain.model import Appeal
from cur_tui.domain.query import Query
from cur_tui.domain.query_parse import parse_query
from cur_tui.domain.query_vocabulary import Vocabulary
from cur_tui.domain.refusal import Refused
from cur_tui.domain.rights import Actor, can
from cur_tui.domain.rulebook import Rulebook
from cur_tui.services.views import View, built_in_views
from cur_tui.services.vocabulary import vocabulary_of
from cur_tui.services.window import Names, Window
from storage.cache import Cache
from storage.changes import Area, Change
from storage.entries import BandCounts, Count, Draft, OutboxEntry, SavedView, UnsentEntry

__all__ = ["Area", "Change", "Clock", "Desk", "Done", "Failed"]

Clock = Callable[[], datetime]


def _utc_now() -> datetime:
    return datetime.now(UTC)


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
    """One person's desk over one cache. ``clock`` gives the estimated server time."""

    def __init__(self, cache: Cache, actor: Actor, *, clock: Clock = _utc_now) -> None:
        region = cache.reader.region()
        if region is None:
            raise Refused("cache_empty")
        self.cache = cache
        self.actor = actor
        self.rulebook = Rulebook(region)
        self.now = clock
        self._acts: list[str] = []
        cache.writer.use_rules(self.replay)

    # --- what is known -----------------------------------------------------------------------------

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The words of the query language in this region."""
        return vocabulary_of(self.rulebook, self.names.colleagues)

    @cached_property
    def names(self) -> Names:
        """What people read for codes."""
        region = self.rulebook.region
        return Names(
            topics={topic.code: topic.name for topic in region.topics},
            municipalities={town.code: town.name for town in region.municipalities},
            authorities={body.code: body.name for body in region.authorities},
            colleagues=self.cache.reader.colleagues(),
        )

    def may(self, permission: str) -> bool:
        """Whether the person's role has a permission; the server decides again."""
        return can(self.rulebook.region, self.actor, permission)

    # --- queues ------------------------------------------------------------------------------------

    def views(self) -> tuple[View, ...]:
        """The queues of the role, then those that the person saved."""
        saved = (
            View(view.code, view.title, view.query, group="saved", saved=True)
            for view in self.cache.reader.saved_views()
        )
        return (*built_in_views(self.actor, self.rulebook), *saved)

    def counts(self, views: Iterable[View]) -> dict[str, Count]:
        """How many appeals each queue holds."""
        return {view.code: self.cache.reader.count(self._compiled(self.parse(view.query))) for view in views}

    def parse(self, line: str) -> Query:
        """A query from its line. Raises :class:`cur_tui.domain.query.QueryError`."""
        return parse_query(line, self.vocabulary)

    def open(self, query: Query) -> Window:
        """The list behind a query."""
        reader = self.cache.reader
        return Window(reader.ids(self._compiled(query)), reader.rows)

    def _compiled(self, query: Query):  # type: ignore[no-untyped-def]
        return self.cache.compile(query, now=self.now(), me=self.actor.account, rulebook=self.rulebook)

    def clocks_by_queue(self) -> dict[str, BandCounts]:
        """Open appeals by block and by how soon they are due."""
        return self.cache.reader.clocks_by_queue(self.now(), self.rulebook.region.time_zone)

    def save_view(self, title: str, query: str) -> SavedView:
        """Keep a query under a name."""
        view = SavedView(code=f"saved:{uuid7()}", title=title.strip(), query=query)
        self.cache.writer.save_view(view)
        return view

    def delete_view(self, code: str) -> None:
        """Forget a saved query."""
        self.cache.writer.delete_view(code)

    # --- appeals -----------------------------------------------------------------------------------

    def appeal(self, key: str) -> Appeal:
        """An appeal by its id or number, as it stands with what is still unsent."""
        appeal = self.cache.reader.appeal(key)
        if appeal is None:
            raise Refused("not_found", number=key)
        return appeal

    # --- acts --------------------------------------------------------------------------------------

    def do(self, name: str, key: str, **values: object) -> Done:
        """Give a command with loosely typed values, as a form or a command line has them."""
        return self.give(self.appeal(key), parse_arguments(name, values, strict=False))

    def give(self, appeal: Appeal, arguments: Arguments) -> Done:
        """Give a command on an appeal as the person sees it. Raises :class:`Refused` and changes nothing."""
        command = Command(
            id=str(uuid7()),
            appeal=appeal.id,
            arguments=arguments,
            base=self.cache.reader.server_version(appeal.id) or appeal.version,
            device_at=_utc_now(),
        )
        after = decide(appeal, command, self.actor, self.rulebook, self.now())
        self.cache.writer.apply_local(command, after)
        self._acts.append(command.id)
        return Done(command.id, after)

    def do_many(self, name: str, keys: Iterable[str], **values: object) -> tuple[list[Done], list[Failed]]:
        """Give one command on many appeals; each succeeds or fails by itself."""
        arguments = parse_arguments(name, values, strict=False)
        done: list[Done] = []
        failed: list[Failed] = []
        for key in keys:
            number = key
            try:
                appeal = self.appeal(key)
                number = appeal.number
                done.append(self.give(appeal, arguments))
            except Refused as refused:
                failed.append(Failed(number, refused))
        return done, failed

    def undo(self) -> OutboxEntry:
        """Take back the person's latest act that has not been sent yet.

        Raises ``Refused("nothing_to_undo")``, or ``already_sent`` when it has left.
        """
        while self._acts:
            act = self._acts.pop()
            entry = next((entry for entry in self.cache.reader.outbox() if entry.id == act), None)
            if entry is not None:
                self.cache.writer.undo(act)
                return entry
        raise Refused("nothing_to_undo")

    def replay(self, appeal: Appeal, command: Command) -> Appeal:
        """What a waiting command makes of a newer record; the cache rebases with it."""
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
        """Call ``listener`` after each change of the cache, on the thread that made it; returns how to stop."""
        return self.cache.changes.subscribe(listener)
