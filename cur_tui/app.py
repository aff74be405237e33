"""The workstation: one application over one desk, with a mode for each place that keeps its state."""

import asyncio
import gc
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual.binding import BindingType
from textual.events import Event, InputEvent, Paste
from textual.filter import LineFilter
from textual.message import Message
from textual.screen import Screen

from cur_tui.domain.refusal import Refused
from cur_tui.i18n import _
from cur_tui.services.access.entrance import Entrance, Seat
from cur_tui.services.desk import Area, Change, Desk
from cur_tui.services.exchange.exchange import Exchange, Phase, SyncState
from screens.places import Places
from widgets.guard import TerminalGuard
from widgets.keys import bindings_for
from widgets.stylesheet import KeepingStylesheet
from widgets.themes import DARK, THEMES, next_theme

if TYPE_CHECKING:
    from cur_tui.services.access.signin import Access
    from screens.locking import StationLock
    from storage.entries import Draft

T = TypeVar("T")

COALESCE = 0.25
"""Seconds in which changes of the cache are gathered before the screens repaint."""

EXCHANGE_LOOK = 0.5
"""Seconds between two looks at the exchange."""

SETTLE = 0.1
"""Seconds in which the first paint reaches the terminal before anything else takes the processor."""

GRACE = 3.0
"""Seconds that an act waits before it is sent, so that it can be taken back."""

COLLECTING = (20_000, 20, 20)
"""How many new objects, and how many lesser collections, begin one of the three collections of garbage."""

LAST_SENDING = 30
"""Tenths of a second that leaving waits for the last acts to be sent."""

AT_ONCE = frozenset({"claim", "take_over", "release"})
"""Commands that others must see without delay."""


class CommandGiven(Message):
    """The person has given a command."""

    def __init__(self, command: str) -> None:
        super().__init__()
        self.command = command


class CacheChanged(Message):
    """Something was written into the cache after a while without changes."""


class Workstation(Places):
    """The application of one person. It begins at a ``seat``, a ``desk``, or the ``entrance``.

    ``lock_after``: seconds without a key after which it locks itself; None for never.
    """

    # The first screen that is made is the one to work on: none has to be laid out and drawn before it.
    DEFAULT_MODE = "queues"
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("app")
    CSS = """
    * { scrollbar-size-vertical: 1; scrollbar-size-horizontal: 1; }
    /* What is said lies over the status line and the head, never over what is being worked on. */
    ToastRack { dock: top; align: right top; margin: 0; }
    Toast { width: 62; max-width: 80%; padding: 0 1; margin: 0; }
    """
    ENABLE_COMMAND_PALETTE = False
    PAUSE_GC_ON_SCROLL = True

    def __init__(
        self,
        desk: Desk | None = None,
        exchange: Exchange | None = None,
        *,
        seat: Seat | None = None,
        entrance: Entrance | None = None,
        theme: str | None = None,
        remember_theme: Callable[[str], object] | None = None,
        notice: str | None = None,
        lock_after: float | None = None,
    ) -> None:
        super().__init__()
        self.stylesheet = KeepingStylesheet(variables=self.get_css_variables())
        self._place = seat.place if seat else None
        self._desk = seat.desk if seat else desk
        self._exchange = seat.exchange if seat else exchange or Exchange()
        self._entrance = entrance
        self.add_mode("queues", self._first_screen)
        self._remember_theme = remember_theme
        self._notice = notice
        self._lock_after = lock_after
        self._lock: StationLock | None = None
        self._held: list[Callable[[], object]] = []
        self.ended_access: tuple[Access, bytes] | None = None
        """The access that the office has ended when nothing of it may be kept here, and the office's key."""
        self._is_warned = False
        self._is_touched = True
        self._touched_at = 0.0
        self._guard = TerminalGuard()
        self._gathered: Change | None = None
        self._gathering = threading.Lock()
        self._last_state = SyncState()
        self._stop_listening: Callable[[], None] = lambda: None
        for known in THEMES:
            self.register_theme(known)
        self.theme = theme if theme in self.available_themes else DARK.name
        self.title = _("Regional management centre")

    @property
    def is_locked(self) -> bool:
        """Whether the screens are covered and the cache is closed."""
        return self._lock is not None

    @property
    def desk(self) -> Desk:
        """The desk of the person who is signed in."""
        if self._desk is None:
            raise Refused("not_signed_in")
        return self._desk

    @property
    def has_desk(self) -> bool:
        """Whether somebody is signed in."""
        return self._desk is not None

    @property
    def damage(self) -> Exception | None:
        """The damage of the cache that has ended the application; opening it again makes the cache anew."""
        if self._exception is None:
            return None
        from cur_tui.services.explain import is_damage

        return self._exception if is_damage(self._exception) else None

    @property
    def unkept(self) -> tuple["Draft", ...]:
        """Texts that the cache did not take as they were last."""
        return () if self._desk is None else self._desk.unkept

    @property
    def exchange(self) -> Exchange:
        """The exchange with the regional API."""
        return self._exchange

    def get_line_filters(self) -> Sequence[LineFilter]:
        """The library's filters, and the last wall before the terminal behind them."""
        return [*super().get_line_filters(), self._guard]

    async def on_event(self, event: Event) -> None:
        """Notice that somebody is there; when that was is looked up twice a second, not at each key."""
        if isinstance(event, (InputEvent, Paste)):
            self._is_touched = True
        await super().on_event(event)

    # --- life --------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Begin to work, or to sign in."""
        if self._notice is not None:
            self.say(self._notice, problem=True)
        self.set_interval(EXCHANGE_LOOK, self._look_around)
        # Whoever comes back from an editor was working there.
        self.app_resume_signal.subscribe(self, lambda _app: setattr(self, "_is_touched", True))
        if self._desk is not None:
            self._attend(self._desk)
            self.start(self._tell_news())
        elif self._entrance is not None:
            self.start(self._enter(self._entrance))

    def on_unmount(self) -> None:
        """Stop exchanging and close what was opened here."""
        self._stop_listening()
        self._exchange.stop()
        with self._gathering:
            self._gathered = None  # a repaint that is already on its way finds nothing to read
        if self._place is not None:
            self._place.close()

    async def _enter(self, entrance: Entrance) -> None:
        from screens.entering import enter

        await self._tell_news()
        seat = await enter(self, entrance)
        if seat is None:
            self.exit()
            return
        self._place, self._exchange, self._desk = seat.place, seat.exchange, seat.desk
        await self.push_screen(self._first_screen())
        self._attend(seat.desk)
        await self._tell_news()

    async def _tell_news(self) -> None:
        """Tell what was put right on the way in; each sentence stays until the person has read it."""
        for sentence in self._entrance.news() if self._entrance is not None else ():
            from screens.outcome import OutcomeScreen

            await self.push_screen_wait(OutcomeScreen(sentence, ()))

    def _first_screen(self) -> Screen[None]:
        """The queues, or an empty screen under the questions of the entrance."""
        if self._desk is None:
            return Screen()
        from screens.queues import QueuesScreen

        return QueuesScreen()

    def _attend(self, desk: Desk) -> None:
        """Follow what is given and what changes; begin everything else after the first paint."""
        desk.tell_given(self._command_given)
        self._stop_listening = desk.on_change(self._cache_changed)
        # By the screen and not by the application, which would be told before the screen is there.
        self.screen.call_after_refresh(lambda: self.set_timer(SETTLE, self._painted))

    def _painted(self) -> None:
        """After the first paint: exchange, load what writes, leave the start's objects alone for good."""
        self.has_painted = True
        self.painted.publish(None)
        self.run_worker(self._warm_up, thread=True, exit_on_error=False)
        gc.collect()
        gc.freeze()
        gc.set_threshold(*COLLECTING)
        gc.enable()

    def _warm_up(self) -> None:
        """In a worker: the exchange, and what the first act would otherwise wait for."""
        from cur_tui.memory import return_what_is_freed
        from cur_tui.services.answers.editor import editor_folder, sweep

        return_what_is_freed()
        self._exchange.start()
        self.desk.warm_up()
        if self._place is not None:
            # Texts that an editor held when the program or the machine was stopped under it.
            sweep(editor_folder(self._place.cache.path))
        # What was loaded stays: looking through it again would hold a key up for a tenth of a second.
        gc.freeze()

    # --- what changes ------------------------------------------------------------------------------

    def _cache_changed(self, change: Change) -> None:
        """Called on the thread that wrote."""
        with self._gathering:
            known = self._gathered
            self._gathered = change if known is None else _merged(known, change)
        if known is None:
            self.post_message(CacheChanged())

    def on_cache_changed(self) -> None:
        """Give further changes a moment to arrive, then repaint once."""
        self.set_timer(COALESCE, self.publish_changes)

    def _command_given(self, command: str) -> None:
        """Called on the thread that gave it."""
        self.post_message(CommandGiven(command))

    def on_command_given(self, event: CommandGiven) -> None:
        """Send soon; the exchange goes through everything that waits by then."""
        if event.command in AT_ONCE:
            self._exchange.poke()
        else:
            self.set_timer(GRACE, self._exchange.poke)

    def publish_changes(self) -> None:
        """Tell the screens at once of what has changed since they were told last."""
        if self._lock is not None:
            return  # they are told when they can read it
        with self._gathering:
            change, self._gathered = self._gathered, None
        if change is None:
            return
        if Area.REFERENCE in change.areas:
            self.desk.refresh_reference()
        if Area.STATE in change.areas:
            self.desk.refresh_person()
        self.changed.publish(change)

    def _look_around(self) -> None:
        if self._lock is None:
            self._look_at_exchange()
            self._look_at_idleness()

    def _look_at_exchange(self) -> None:
        state, before = self._exchange.state(), self._last_state
        if state == before:
            return
        self._last_state = state
        self.exchanged.publish(state)
        if state.phase is Phase.SIGN_IN_NEEDED and before.phase is not Phase.SIGN_IN_NEEDED:
            self.say(_("Your session has ended. F10 signs in again; your work is kept."), problem=True)
        if state.phase is Phase.ACCESS_ENDED and before.phase is not Phase.ACCESS_ENDED:
            self._access_ended()
        if state.phase is Phase.HELD and before.phase is not Phase.HELD and state.sentence:
            self.say(state.sentence, problem=True)

    def _access_ended(self) -> None:
        """Say so; where nothing may be kept on this machine, leave, so that all of it can be destroyed."""
        ended = self._exchange.ended
        if ended is not None and ended.seal is not None and self._place is not None:
            self.start(self._leave_for_good(self._place.access, ended.seal))
        elif ended is not None:
            self.say(ended.sentence(), problem=True)

    async def _leave_for_good(self, access: "Access", office: bytes) -> None:
        """Leave with everything typed kept: what was not sent is sealed for the office."""
        from screens.locking import keep_all

        await keep_all(self.every_screen())
        self.ended_access = access, office
        self.exit(return_code=3)

    # --- the lock ----------------------------------------------------------------------------------

    def _look_at_idleness(self) -> None:
        if self._lock_after is None or not self.has_painted:
            return
        now = _idle_clock()
        if self._is_touched:
            self._is_touched, self._touched_at = False, now
        elif now - self._touched_at >= self._lock_after:
            self.action_lock()

    def action_lock(self) -> None:
        """Hide everything and close the cache until the person is back."""
        from screens.locking import StationLock, may_cover

        if self._lock is None and self._place is not None and self._entrance is not None and self.has_painted:
            if not may_cover(self.screen_stack):
                self._is_touched = True
                return
            self._lock = StationLock(self, self._entrance.lock_of(self._place), self._place.account.name)
            self.start(self._lock.close())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is nothing to lock before somebody has signed in."""
        if action == "lock":
            return self._place is not None and self._entrance is not None
        return super().check_action(action, parameters)

    def every_screen(self) -> list[Screen[object]]:
        """The screens of all modes."""
        return [screen for stack in self._screen_stacks.values() for screen in stack]

    def cover(self, screen: Callable[[], Screen[None]], clear: str) -> str:
        """Write ``clear`` to the terminal and show ``screen`` alone; returns the mode that was left."""
        from screens.locking import MODE

        behind = self.current_mode
        self.clear_notifications()
        if self._driver is not None:
            self._driver.write(clear)
        self.add_mode(MODE, screen)
        self.switch_mode(MODE)
        return behind

    def uncover(self, mode: str) -> None:
        """Go back to ``mode`` and exchange again; the screens look at everything anew."""
        from screens.locking import MODE

        place = self._place
        assert place is not None, "only a workplace is locked"
        self._lock, self._is_touched = None, True
        self._exchange = Exchange(make=place.runner)
        self.switch_mode(mode)
        self.remove_mode(MODE)
        self._cache_changed(Change(0, frozenset(Area)))
        self.publish_changes()
        self.run_worker(self._exchange.start, thread=True, exit_on_error=False)
        held, self._held = self._held, []
        for call in held:
            call()

    def when_open(self, call: Callable[[], object]) -> None:
        """Call now, or as soon as the workstation is not locked any more."""
        if self._lock is None:
            call()
        else:
            self._held.append(call)

    def say(self, sentence: str, *, problem: bool = False) -> None:
        """Tell the person one sentence; nothing is told to whoever stands before a locked workstation."""
        if self._lock is None:
            super().say(sentence, problem=problem)

    async def attempt(self, act: Callable[[], T], *, is_told: bool = True) -> T | None:
        """The result of ``act``; what goes on behind the lock waits for its end."""
        if self._lock is not None:
            await self._lock.ended.wait()
        result = await super().attempt(act, is_told=is_told)
        if self._lock is not None:
            await self._lock.ended.wait()
        return result

    # --- actions of every screen -------------------------------------------------------------------

    async def action_quit(self) -> None:
        """Leave; what waits is offered to the server first, for a moment, since others may need it.

        With a text that could not be kept only the second time.
        """
        if self._lock is None:
            from screens.locking import keep_all

            await keep_all(self.every_screen())
            is_warned, self._is_warned = self._is_warned, bool(self.unkept)
            if self._is_warned and not is_warned:
                self.say(
                    _("What you typed last could not be kept. Ctrl+Q once more leaves all the same."),
                    problem=True,
                )
                return
            await self.send_last()
        self.exit()

    async def send_last(self) -> None:
        """Offer what waits to the server, for a moment."""
        if self._desk is not None and self._exchange.in_contact and self._desk.outbox():
            self.say(_("What waits is being sent …"))
            self._exchange.poke()
            for _step in range(LAST_SENDING):
                await asyncio.sleep(0.1)
                if not self._desk.outbox() or not self._exchange.in_contact:
                    break

    def action_sync_now(self) -> None:
        """Exchange now."""
        self._exchange.poke()
        self.say(_("Exchange begins."))

    def action_sign_in(self) -> None:
        """Sign in again."""
        from screens.entering import sign_in_again

        if self._place is not None:
            self.start(sign_in_again(self, self._place))

    def action_theme(self) -> None:
        """Next theme."""
        self.theme = next_theme(self.theme)
        if self._remember_theme is not None:
            remember, name = self._remember_theme, self.theme
            self.run_worker(lambda: remember(name), thread=True, exit_on_error=False)

    def action_help_quit(self) -> None:
        """Ctrl+C does nothing by itself; say how to leave."""
        self.say(_("Ctrl+Q leaves the program."))


def _idle_clock() -> float:
    """Seconds on a clock that goes on while the machine sleeps, where the system has one."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)


def _merged(known: Change, change: Change) -> Change:
    return Change(change.number, known.areas | change.areas, known.pks | change.pks)
