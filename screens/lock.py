"""The locked workstation: a clock, whose it is, and one field. Nothing here comes from the cache."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import ClassVar, Protocol

import msgspec
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Center, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Digits, Input, Static

from cur_tui.formats import format_long_date
from cur_tui.i18n import _, ngettext
from widgets.key_line import hint
from widgets.keys import bindings_for
from widgets.show import show_line

SECOND = 1.0


class LockFacts(msgspec.Struct, frozen=True):
    """What may be shown: no appeal and no citizen. ``waiting``: acts that were not sent before the lock."""

    person: str
    region: str
    by_passphrase: bool
    waiting: int


class Opening(Protocol):
    """Tries a secret; answers with what is wrong, or with nothing once everything is open."""

    def __call__(self, secret: str, *, ask_server: bool) -> Awaitable[str]: ...


class LockScreen(ModalScreen[None]):
    """Takes the passphrase or the password. ``wait``: seconds that the next attempt has to wait."""

    CSS_PATH = "lock.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings_for("lock"),
        # Nothing of the application reaches a modal screen but this.
        Binding("ctrl+q", "quit", show=False, priority=True),
    ]

    def __init__(
        self,
        facts: LockFacts,
        now: Callable[[], datetime],
        unlock: Opening,
        wait: Callable[[], Awaitable[float]],
    ) -> None:
        super().__init__()
        self._facts = facts
        self._now = now
        self._unlock = unlock
        self._wait = wait
        self._left = 0
        self._is_waiting = False
        self._busy = False

    def compose(self) -> ComposeResult:
        """The clock, whose workstation it is, the field, what is wrong, what goes on, the keys."""
        facts = self._facts
        with Vertical(id="box"):
            yield Static(show_line(facts.region), id="region")
            with Center():
                yield Digits("", id="clock")
            yield Static("", id="day", markup=False)
            yield Static(Content(_("The workstation is locked")), id="title")
            yield Static(show_line(facts.person), id="person")
            yield Input(
                password=True,
                id="secret",
                compact=True,
                placeholder=_("Passphrase") if facts.by_passphrase else _("Password"),
            )
            yield Static("", id="problem", markup=False)
            yield Static(Content(_state(facts.waiting)), id="state")
            yield Static(hint(_keys(by_passphrase=facts.by_passphrase)), id="keys")

    def on_mount(self) -> None:
        """Begin to tell the time, and to wait for the person."""
        self._tick()
        self.set_interval(SECOND, self._tick)
        self.query_one(Input).focus()

    def _tick(self) -> None:
        now = self._now()
        self.query_one(Digits).update(f"{now:%H:%M}")
        self.query_one("#day", Static).update(Content(format_long_date(now.date())))
        if self._left:
            self._left -= 1
            if self._is_waiting:
                self._tell_wait()

    def action_unlock(self) -> None:
        """Try what was typed."""
        self._try(ask_server=False)

    def action_server(self) -> None:
        """Have the server check what was typed: the password was changed, or none is known here."""
        self._try(ask_server=True)

    def action_quit(self) -> None:
        """Leave the program; the next start asks for the same secret."""
        self.app.exit()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The server knows passwords only."""
        if action == "server":
            return not self._facts.by_passphrase
        return super().check_action(action, parameters)

    def _try(self, *, ask_server: bool) -> None:
        secret = self.query_one(Input).value
        if self._busy or not secret:
            return
        if self._left:
            self._tell_wait()
            return
        self._busy = True
        self._tell(_("The server is asked …") if ask_server else _("Checking …"), wrong=False)
        self.run_worker(self._tried(secret, ask_server=ask_server), exit_on_error=False)

    async def _tried(self, secret: str, *, ask_server: bool) -> None:
        problem = ""
        try:
            problem = await self._unlock(secret, ask_server=ask_server)
            if problem:
                self._left = round(await self._wait())
        finally:
            # Whatever went wrong: nobody is to believe that something is still being checked.
            self._busy = False
            if self.is_attached:
                self.query_one(Input).value = ""
                self._tell(problem)

    def _tell_wait(self) -> None:
        self._is_waiting = self._left > 0
        if not self._is_waiting:
            self._tell("")
            return
        sentence = ngettext(
            "The next attempt is possible in {count} second.",
            "The next attempt is possible in {count} seconds.",
            self._left,
        )
        self._tell(sentence.format(count=self._left))

    def _tell(self, sentence: str, *, wrong: bool = True) -> None:
        style = "$error" if wrong else "$text-muted"
        self.query_one("#problem", Static).update(show_line(sentence, 400, style))


def _state(waiting: int) -> str:
    kept = _("What was typed is kept. The exchange rests until you are back.")
    if not waiting:
        return kept
    sentence = ngettext("{count} act has not been sent yet.", "{count} acts have not been sent yet.", waiting)
    return f"{kept} {sentence.format(count=waiting)}"


def _keys(*, by_passphrase: bool) -> str:
    if by_passphrase:
        return _("Enter: unlock   Ctrl+Q: leave")
    return _("Enter: unlock   F10: ask the server   Ctrl+Q: leave")
