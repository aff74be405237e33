"""The first screen where nobody is signed in yet: which server, who, and the password."""

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static
from textual.worker import get_current_worker

from cur_tui.i18n import _
from cur_tui.services.access.entrance import Entrance, ProfileLine
from cur_tui.services.access.sso import Prompt, Rest
from cur_tui.services.access.workplace import Workplace
from cur_tui.services.explain import explain_error
from cur_tui.services.forms import Choice, FieldKind, FormField
from screens.choice_field import ChoiceField
from screens.fields import Fields
from screens.picker import Picker
from screens.sso import SsoScreen
from widgets.key_line import hint
from widgets.show import show_line
from widgets.text_field import line_of

NEW = ""
"""The choice of a server that is not known yet."""


class SignInScreen(Fields[Workplace | None]):
    """Answers with the opened workplace; None when the person leaves."""

    CSS_PATH = "sign_in.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("f2", "sso", show=False, priority=True)]

    def __init__(self, entrance: Entrance, problem: str = "") -> None:
        super().__init__()
        self._entrance = entrance
        self._problem = problem
        self._lines = entrance.lines()
        self._busy = False

    def compose(self) -> ComposeResult:
        """Title, what to do, the fields, what is wrong, the keys."""
        first = self._lines[0] if self._lines else None
        with Vertical(id="box"):
            yield Static(Content(_("Regional management centre")), id="title")
            yield Static("", id="advice", markup=False)
            with VerticalScroll(id="fields", can_focus=False):
                if self._lines:
                    yield Static(Content(_("Server")), classes="label")
                    yield ChoiceField(_servers(self._lines), id="server", classes="field")
                with Vertical(id="new-server"):
                    yield Static(Content(_("Address of the server")), classes="label")
                    yield Input(placeholder="https://", id="address", classes="field", compact=True)
                    yield Static(
                        Content(_("Certificate file of your authority (if needed)")), classes="label"
                    )
                    yield Input(id="ca-file", classes="field", compact=True)
                yield Static(Content(_("Your name in the system")), classes="label")
                yield Input(line_of(first.user) if first else "", id="user", classes="field", compact=True)
                yield Static(Content(_("Password")), classes="label")
                yield Input(password=True, id="password", classes="field", compact=True)
            yield Static(show_line(self._problem), id="problem", markup=False)
            keys = _("Enter: sign in   F2: single sign-on   Tab: next field   Esc: leave")
            yield Static(hint(keys), id="keys")

    def on_mount(self) -> None:
        """Begin where something has to be typed."""
        self._show_profile()
        self.query_one("#password" if self._line else "#address").focus()

    @property
    def _line(self) -> ProfileLine | None:
        """The chosen profile; None for a new server."""
        if not self._lines:
            return None
        chosen = self.query_one(ChoiceField).value
        return next((line for line in self._lines if line.name == chosen), None)

    def _show_profile(self) -> None:
        line = self._line
        self.query_one("#new-server").display = line is None
        self.query_one("#user", Input).disabled = bool(line and line.user)
        if line is not None:
            self.query_one("#user", Input).value = line_of(line.user)
        self.query_one("#advice", Static).update(Content(_advice(line, first=not self._lines)))

    @on(ChoiceField.Opened)
    def _choose_server(self, event: ChoiceField.Opened) -> None:
        field = event.field

        def chosen(code: str | None) -> None:
            if code is not None:
                field.choose(code)
                self._show_profile()
                self.query_one("#password" if self._line and self._line.user else "#address").focus()

        if self.is_current:
            self.app.push_screen(Picker(_("Server"), field.field.choices, field.value), chosen)

    def action_accept(self) -> None:
        """Sign in, or open what is on this machine when no password is given."""
        if self._busy:
            return
        line = self._line
        typed = {
            name: self.query_one(f"#{name}", Input).value
            for name in ("address", "ca-file", "user", "password")
        }
        missing = self._missing(line, typed)
        if missing is not None:
            identity, sentence = missing
            self._tell(sentence)
            self.query_one(f"#{identity}").focus()
            return
        self._busy = True
        self._tell(
            _("The server is asked …") if typed["password"] else _("Your data are opened …"), wrong=False
        )
        self.run_worker(lambda: self._enter(line, typed), thread=True, exit_on_error=False)

    def action_sso(self) -> None:
        """Sign in at the region's identity provider instead of with a password."""
        line, address = self._line, self.query_one("#address", Input).value
        if self._busy:
            return
        if line is None and not address.strip():
            self._tell(_("Write the address of the server; your administrator knows it."))
            self.query_one("#address").focus()
            return
        ca_file = self.query_one("#ca-file", Input).value.strip()

        def sign_in(show: Callable[[Prompt], None], rest: Rest) -> Workplace:
            name = line.name if line else self._entrance.add(address, ca_file)
            return self._entrance.sign_in_through(name, show, rest)

        self.app.push_screen(SsoScreen(sign_in, Workplace.close), self._signed_in)

    def _signed_in(self, answer: Workplace | str | None) -> None:
        if isinstance(answer, Workplace):
            self.dismiss(answer)
        elif answer is not None:
            self._tell(answer)

    def _missing(self, line: ProfileLine | None, typed: dict[str, str]) -> tuple[str, str] | None:
        if line is None and not typed["address"].strip():
            return "address", _("Write the address of the server; your administrator knows it.")
        if not typed["user"].strip():
            return "user", _("Write your name in the system.")
        if not typed["password"] and not (line and line.ready):
            return "password", _("Write your password.")
        return None

    def _enter(self, line: ProfileLine | None, typed: dict[str, str]) -> None:
        """In a thread: open the workplace and answer with it."""
        worker = get_current_worker()
        try:
            name = line.name if line else self._entrance.add(typed["address"], typed["ca-file"].strip())
            if typed["password"]:
                place = self._entrance.sign_in(name, typed["user"].strip(), typed["password"])
            else:
                place = self._entrance.open(name)
        except Exception as error:
            sentence = explain_error(error)
            if sentence is None:
                raise
            self.app.call_from_thread(self._failed, sentence, typed["password"])
            return
        if worker.is_cancelled:
            place.close()
        else:
            self.app.call_from_thread(self.dismiss, place)

    def _failed(self, sentence: str, refused: str) -> None:
        self._busy = False
        self._tell(sentence)
        password = self.query_one("#password", Input)
        if password.value == refused:  # else another one is being typed already
            password.value = ""
        password.focus()

    def _tell(self, sentence: str, *, wrong: bool = True) -> None:
        style = "$error" if wrong else "$text-muted"
        self.query_one("#problem", Static).update(show_line(sentence, 400, style))


def _servers(lines: tuple[ProfileLine, ...]) -> FormField:
    choices = tuple(Choice(line.name, f"{line.server}  {line.user}".rstrip()) for line in lines)
    new = Choice(NEW, _("another server …"))
    return FormField("server", "", FieldKind.CHOICE, True, (*choices, new), lines[0].name)


def _advice(line: ProfileLine | None, *, first: bool) -> str:
    if first:
        return _(
            "Welcome. Name the server of your region and sign in once; afterwards work starts without this."
        )
    if line is None:
        return _("Name the server and sign in.")
    if line.ready:
        return _("Sign in, or leave the password empty to work with the data that are on this machine.")
    return _("Sign in.")
