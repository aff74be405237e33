"""Taking down an appeal: the form, then what to tell the citizen, with the number as soon as it is known."""

from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from cur_tui.domain.rights import Permission
from cur_tui.i18n import _
from cur_tui.services.desk import Change, Done
from cur_tui.services.receiving import acceptance, begun, keep, number_of, reception_form, take_down
from screens.base import DeskApp, station
from screens.form import fill_in
from widgets.key_line import hint
from widgets.show import show, show_line


async def take_down_appeal(app: DeskApp) -> None:
    """Ask for everything and register it; what was typed survives a refusal, an escape and a power cut."""
    desk = app.desk
    if not desk.may(Permission.TRIAGE):
        app.say(_("Your role does not register appeals."), problem=True)
        return
    typed = await app.attempt(lambda: begun(desk))
    if typed is None:
        return
    since = desk.now()

    async def take(values: dict[str, object]) -> bool:
        given = {name: str(value) for name, value in values.items()}
        done = await app.attempt(partial(take_down, desk, given, since))
        if done is not None:
            await app.push_screen_wait(AcceptedScreen(done))
        return done is not None

    form = reception_form(desk)
    await fill_in(app, _("A new appeal"), form, take, entered=typed, keep=partial(keep, desk))


class AcceptedScreen(ModalScreen[None]):
    """What the citizen is to be told."""

    CSS_PATH = "reception.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,escape", "close", show=False),
        Binding("w", "copy", show=False),
    ]

    def __init__(self, done: Done) -> None:
        super().__init__()
        self._done = done
        self._number: str | None = None
        self._text = ""

    def compose(self) -> ComposeResult:
        """The number or where it will come from, the text, the keys."""
        with Vertical(id="box"):
            yield Static("", id="title", markup=False)
            with VerticalScroll(id="lines"):
                yield Static("", id="text", markup=False)
            yield Static(hint(_("Enter: close   W: copy the text")), id="keys")

    def on_mount(self) -> None:
        """Draw, and follow the exchange."""
        app = station(self)
        app.changed.subscribe(self, self._changed)
        app.exchange.poke()
        self._draw()
        self.query_one("#lines").focus()

    def _changed(self, _change: Change) -> None:
        if self._number is None:
            self._draw()

    def _draw(self) -> None:
        desk = station(self).desk
        self._number = number_of(desk, self._done.command)
        if self._number == "":
            title = show_line(
                _("The server has refused the registration: see the exchange, F6."), style="bold $error"
            )
        elif self._number is None:
            told = _("Taken down. It gets its number as soon as the server has it.")
            title = show_line(told, style="bold $warning")
        else:
            told = _("Registered under the number {number}").format(number=self._number)
            title = Content.assemble(show_line(told, style="bold $success"))
        self._text = acceptance(desk, self._done.appeal, self._number)
        self.query_one("#title", Static).update(title)
        self.query_one("#text", Static).update(show(self._text))

    def action_copy(self) -> None:
        """Copy the text."""
        self.app.copy_to_clipboard(self._text)
        station(self).say(_("Copied."))

    def action_close(self) -> None:
        """Go back."""
        self.dismiss(None)
