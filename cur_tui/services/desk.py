"""The desk: everything that a screen or the headless program may ask for or do, and nothing else.

A desk works on the local cache alone. What it changes is painted at once and waits in the outbox; the
sync runner, if there is one, carries it to the server and brings back what others did.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from cur_tui.domain.refusal import Refused
from cur_tui.domain.vocabulary import HEAD_FLAG
from cur_tui.services.lists.lists import Lists
from cur_tui.services.reference import ReferenceData
from cur_tui.sync.person import actor_of, remembered_account
from storage.changes import Area, Change
from storage.errors import CacheError

# The rules, the commands and the aggregate are imported where they are used: nobody needs them to look at a
# list, and they cost as much as drawing one.
if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from cur_tui.domain.commands import Arguments, Command, RegisterAppeal
    from cur_tui.domain.model import Appeal
    from cur_tui.domain.profile.rulebook import Rulebook
    from cur_tui.domain.rights import Actor
    from cur_tui.services.lists.window import Names
    from storage.cache import Cache
    from storage.entries import CachedRow, Draft, OutboxEntry, UnsentEntry

__all__ = ["Area", "CacheError", "Change", "Clock", "Desk", "Done", "Failed"]

Clock = Callable[[], datetime]


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _new_id() -> str:
    from uuid6 import uuid7  # its import reads the metadata of packages: 15 ms that no start should pay

    return str(uuid7())


class Done(msgspec.Struct, frozen=True):
    """An act that was applied here and waits to be sent."""

    command: str
    appeal: Appeal


class Failed(msgspec.Struct, frozen=True):
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
        self._unkept: dict[tuple[str, str], Draft] = {}
        self._reference = ReferenceData(cache)
        self.lists = Lists(cache, actor, self._reference, now=self.local_now)
        cache.replay_with(self.replay)

    # --- what is known -----------------------------------------------------------------------------

    def refresh_reference(self) -> None:
        """Take the region profile and the colleagues anew, after the server sent other ones."""
        self._reference.refresh()

    def refresh_person(self) -> None:
        """Take on the role, the blocks and the name that the server last told of the person."""
        account = remembered_account(self.cache)
        if account is not None and (actor := actor_of(account)) != self.actor:
            self.actor = self.lists.actor = actor

    @property
    def rulebook(self) -> Rulebook:
        """The rules of the region."""
        return self._reference.rulebook

    @property
    def region_name(self) -> str:
        """What people call the region."""
        return self._reference.front.name

    @property
    def zone(self) -> ZoneInfo:
        """The region's time zone."""
        return self._reference.zone

    @property
    def rules_are_unread(self) -> bool:
        """Whether the region's rules in the cache cannot be read, so that nothing can be done by them."""
        return self._reference.is_unread

    @property
    def names(self) -> Names:
        """What people read for codes."""
        return self._reference.front.names

    def may(self, permission: str) -> bool:
        """Whether the person's role has a permission; the server decides again."""
        from cur_tui.domain.rights import Permission

        return Permission(permission) in self._reference.front.permissions.get(self.actor.role, ())

    def local_now(self) -> datetime:
        """The estimated server time on the region's clocks."""
        return self.now().astimezone(self.zone)

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

    def members_of(self, appeal: Appeal) -> int:
        """How many appeals here belong to the mass incident that ``appeal`` leads; 0 if it leads none."""
        return self.cache.reader.members_of(appeal.number) if HEAD_FLAG in appeal.flags else 0

    def row(self, key: str) -> CachedRow | None:
        """The appeal's line of the lists, by its id or number: what waits to be sent, what was refused."""
        return self.cache.reader.row(key)

    # --- acts --------------------------------------------------------------------------------------

    def do(self, name: str, key: str, form: tuple[str, str] | None = None, /, **values: object) -> Done:
        """Give a command with loosely typed values, as a form or a command line has them."""
        from cur_tui.contract.codec import parse_arguments

        return self.give(self.appeal(key), parse_arguments(name, values, strict=False), form=form)

    def register(
        self, taken: RegisterAppeal, *, instead_of: str | None = None, form: tuple[str, str] | None = None
    ) -> Done:
        """Take down what was said or handed in, also without contact; the appeal as it will be, but for the
        number, which the server gives. Raises :class:`Refused` and changes nothing.

        With it goes the refused registration that it is given ``instead_of``, or the draft of its ``form``.
        """
        from cur_tui.domain.commands import Command
        from cur_tui.domain.intake import register
        from cur_tui.domain.reception import incoming_of

        incoming = incoming_of(taken, self.actor, self.rulebook, self.now())
        command = Command(_new_id(), _new_id(), taken, 0, _utc_now())
        appeal = register(
            incoming, id=command.appeal, number="", command=command.id, rulebook=self.rulebook, by=self.actor
        )
        self.cache.writer.queue_registration(command, instead_of=instead_of, form=form)
        self._acts.append((command.id,))
        self._given(command.type)
        return Done(command.id, appeal)

    def give(
        self,
        appeal: Appeal,
        arguments: Arguments,
        *,
        instead_of: str | None = None,
        form: tuple[str, str] | None = None,
    ) -> Done:
        """Give a command on an appeal as the person sees it. Raises :class:`Refused` and changes nothing.

        With it goes the refused command that is given again by this one, or the draft of its ``form``.
        """
        from cur_tui.domain.commands import Command

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
        self.cache.writer.apply_local(command, after, instead_of, form=form)
        self._acts.append((command.id,))
        self._given(command.type)
        return Done(command.id, after)

    def each(self, name: str, keys: Iterable[str], **values: object) -> Generator[Done | Failed, None, None]:
        """Give one command on many appeals, one at each step; each succeeds or fails by itself.

        What was given until the caller stops is one act for :meth:`undo`.
        """
        from cur_tui.contract.codec import parse_arguments

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
            for entry in taken_back[1:]:
                self._drop_copy(entry)
            self._acts.pop()
        if not taken_back:
            raise Refused("already_sent")
        return taken_back

    def _drop_copy(self, entry: OutboxEntry) -> None:
        """What was written for many appeals is one text: taken back, it waits in the draft of one of them."""
        from cur_tui.domain.commands import WRITTEN

        draft = self.draft(entry.appeal, entry.type)
        if draft is not None and draft.text == entry.arguments.get(WRITTEN.get(entry.type, "")):
            self.cache.writer.delete_draft(draft.appeal, draft.kind)

    def replay(self, appeal: Appeal, command: Command) -> Appeal:
        """What a waiting command makes of a newer record; the cache rebases with it."""
        from cur_tui.domain.decisions import decide

        return decide(appeal, command, self.actor, self.rulebook, self.now())

    # --- texts and exchange ------------------------------------------------------------------------

    def draft(self, appeal: str, kind: str) -> Draft | None:
        """The draft of one kind for an appeal."""
        return self.cache.reader.draft(appeal, kind)

    def save_draft(self, draft: Draft) -> None:
        """Keep a text that is being written; at once and durably. What the cache refuses is in ``unkept``."""
        identity = draft.appeal, draft.kind
        try:
            self.cache.writer.save_draft(msgspec.structs.replace(draft, saved_at=_utc_now()))
        except CacheError:
            self._unkept[identity] = draft
            raise
        self._unkept.pop(identity, None)

    @property
    def unkept(self) -> tuple[Draft, ...]:
        """Texts that the cache did not take as they were last: it is damaged, or the disk is full."""
        return tuple(self._unkept.values())

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
        from cur_tui.domain import decisions  # noqa: F401 - the rules, for the first act

        if not self.rules_are_unread:
            _ = self.rulebook.time
        _ = self.cache.writer
        self._reference.keep()
