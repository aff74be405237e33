"""Asking for a secret: the passphrase of a machine without a keyring, or the password once more."""

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from cur_tui.i18n import _
from cur_tui.services.secrets.vault import MIN_PASSPHRASE, Occasion
from screens.fields import Fields
from widgets.key_line import hint
from widgets.show import show_line


class SecretScreen(ModalScreen[str | None], Fields[str | None]):
    """Answers with what was typed, or None. A ``new`` secret is asked for twice and must be long enough."""

    CSS_PATH = "secret.tcss"

    def __init__(self, title: str, advice: str, *, new: bool = False) -> None:
        super().__init__()
        self._title = title
        self._advice = advice
        self._new = new

    def compose(self) -> ComposeResult:
        """Why it is asked, one or two fields, what is wrong, the keys."""
        with Vertical(id="box"):
            yield Static(show_line(self._title), id="title")
            yield Static(show_line(self._advice), id="advice")
            yield Input(password=True, id="first", classes="field", compact=True)
            if self._new:
                yield Static(Content(_("The same once more")), classes="label")
                yield Input(password=True, id="second", classes="field", compact=True)
            yield Static("", id="problem", markup=False)
            yield Static(hint(_("Enter: go on   Esc: cancel")), id="keys")

    def on_mount(self) -> None:
        """Begin to type."""
        self.query_one("#first").focus()

    def action_accept(self) -> None:
        """Check what can be checked here and answer."""
        first = self.query_one("#first", Input).value
        problem = ""
        if self._new and len(first) < MIN_PASSPHRASE:
            problem = _("At least {limit} characters are needed.").format(limit=MIN_PASSPHRASE)
        elif self._new and self.query_one("#second", Input).value != first:
            problem = _("The two are not the same.")
        if problem or not first:
            self.query_one("#problem", Static).update(Content(problem))
            return
        self.dismiss(first)


def passphrase_screen(occasion: Occasion) -> SecretScreen:
    """The question for the passphrase of this machine's secrets."""
    if occasion == "new":
        advice = _(
            "This system has no keyring. Choose a passphrase: it protects your data on this machine and is "
            "asked at each start. Nobody can restore it."
        )
    elif occasion == "wrong":
        advice = _("That was not the passphrase. Try again; nothing has changed.")
    elif occasion == "unlock":
        advice = _("It opens your data on this machine.")
    else:
        return _unlocking_screen(again=occasion == "locked_wrong")
    return SecretScreen(_("Passphrase"), advice, new=occasion == "new")


def _unlocking_screen(*, again: bool) -> SecretScreen:
    advice = _("The workstation was locked. The password of your last sign-in opens it.")
    if again:
        advice = _("That was not the password. Each further attempt takes longer.")
    return SecretScreen(_("Password"), advice)
