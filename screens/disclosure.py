"""Personal data by need: the reason, then who wrote and what, for as long as the window is open."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from cur_tui.domain.model import Appeal
from cur_tui.domain.rights import Permission
from cur_tui.i18n import N_, _
from cur_tui.services.forms import FieldKind, Form, FormField
from screens.acts import ask
from screens.base import DeskApp
from widgets.facts import LABELS, applicant_facts
from widgets.key_line import hint
from widgets.ledger import Entry, Ledger
from widgets.show import show, show_line


async def disclose(station: DeskApp, key: str) -> None:
    """Ask for the reason and show the personal data of the appeal ``key``; nothing of them is kept here."""
    desk = station.desk
    if desk.may(Permission.SEE_PERSONAL_DATA):
        station.say(_("Your role sees personal data: they stand among the facts."))
        return
    if not desk.may(Permission.DISCLOSE_PERSONAL_DATA):
        station.say(_("Your role does not open personal data."), problem=True)
        return
    appeal = await station.attempt(lambda: desk.appeal(key))
    if appeal is None:
        return
    title = _("{number}: open personal data").format(number=appeal.number)
    reason = FormField("reason", N_("Reason for the journal"), FieldKind.LINE)

    async def open_for(values: dict[str, object]) -> bool:
        opened = await station.attempt(lambda: station.exchange.disclose(appeal.id, str(values["reason"])))
        if opened is not None:
            await station.push_screen_wait(DisclosureScreen(opened))
        return opened is not None

    await ask(station, title, Form("disclose", (reason,)), open_for)


class DisclosureScreen(ModalScreen[None]):
    """Who wrote, and the text as it was written."""

    CSS_PATH = "disclosure.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter,escape", "close", show=False)]

    def __init__(self, appeal: Appeal) -> None:
        super().__init__()
        self._appeal = appeal

    def compose(self) -> ComposeResult:
        """The number, the applicant, the text, the keys."""
        with Vertical(id="box"):
            yield Static(show_line(self._appeal.number), id="title")
            with VerticalScroll(id="lines"):
                yield Ledger(label_width=LABELS, id="applicant")
                yield Static(Content.assemble("\n", show(self._appeal.text)), id="text", markup=False)
            yield Static(hint(_("Enter: close   ↑↓: scroll")), id="keys")

    def on_mount(self) -> None:
        """Fill it, and let the arrows scroll."""
        known = applicant_facts(self._appeal.applicant)
        entries = tuple(Entry(name, value) for name, value in known if value.plain)
        self.query_one("#applicant", Ledger).show(entries)
        self.query_one("#lines").focus()

    def action_close(self) -> None:
        """Go back."""
        self.dismiss(None)
