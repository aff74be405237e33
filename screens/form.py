"""The form of a command: fields drawn from its description, accepted as a whole or not at all."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static, TextArea

from cur_tui.i18n import _
from cur_tui.services.forms import Choice, FieldKind, Form, FormField, days_ahead
from screens.base import DeskApp
from screens.choice_field import ChoiceField
from screens.kept_fields import KeptFields
from screens.picker import Picker
from widgets.key_line import hint
from widgets.show import show_line
from widgets.text_field import TextField, line_of


class FormScreen(ModalScreen[dict[str, object] | None], KeptFields[dict[str, object] | None]):
    """Answers with the arguments entered, or None. Fields left as they were are not among them.

    ``entered`` is what was entered before and has to be looked at again: it stands in the fields at first.
    """

    CSS_PATH = "form.tcss"

    def __init__(
        self, title: str, form: Form, now: datetime, entered: Mapping[str, str] | None = None
    ) -> None:
        super().__init__()
        self._begun = entered or {}
        self._title = title
        self._form = form
        self._now = now

    def compose(self) -> ComposeResult:
        """Title, one labelled field after another, the keys."""
        with Vertical(id="box"):
            yield Static(show_line(self._title), id="title")
            with VerticalScroll(id="fields", can_focus=False):
                for field in self._form.fields:
                    mark = (" *", "bold $accent") if field.required else ("", "")
                    with Horizontal(classes="row"):
                        yield Static(Content.assemble(_(field.label), mark), classes="label")
                        yield _widget(replace(field, initial=self._begun.get(field.name, field.initial)))
            yield Static("", id="problem", markup=False)
            yield Static(hint(_("Ctrl+S: accept   Esc: cancel   Tab: next field   * needed")), id="keys")

    def on_mount(self) -> None:
        """Begin with the first field; where nothing but a list can begin, with that list."""
        first = self.query(".field").first()
        first.focus(scroll_visible=False)
        if isinstance(first, ChoiceField) and not first.value:
            self.call_after_refresh(self._choose, first, is_all=first.field.required)

    @on(ChoiceField.Opened)
    def _open(self, event: ChoiceField.Opened) -> None:
        if isinstance(self.app.screen, Picker):
            self.app.screen.type_on(event.typed)  # typed before the list was there
        else:
            self._choose(event.field, typed=event.typed)

    def _choose(self, field: ChoiceField, *, typed: str = "", is_all: bool = False) -> None:
        """Show the list of a field; ``is_all``: without a choice from it the form makes no sense."""

        def chosen(code: str | None) -> None:
            if code is not None:
                field.choose(code)
                self.focus_next()
            elif is_all:
                self.action_cancel()

        self.app.push_screen(
            Picker(_(field.field.label), with_none(field.field), field.value, begun=typed), chosen
        )

    def action_accept(self) -> None:
        """Check the fields and answer with them."""
        self.left = self.typed()
        values: dict[str, object] = dict(self._form.fixed)
        for field in self._form.fields:
            entered = self._entered(field)
            if field.required and not entered:
                self._complain(field, _("Fill in «{field}».").format(field=_(field.label)))
                return
            if entered == field.initial and not field.required:
                continue
            try:
                values[field.name] = self._typed(field, entered)
            except ValueError:
                self._complain(field, _("«{value}» is not a suitable number.").format(value=entered))
                return
        self.dismiss(values)

    def typed(self) -> dict[str, str]:
        """What stands in each field."""
        return {field.name: self._entered(field) for field in self._form.fields}

    def _entered(self, field: FormField) -> str:
        widget = self.query_one(f"#field-{field.name}")
        if isinstance(widget, TextArea):
            return widget.text.strip()
        if isinstance(widget, (Input, ChoiceField)):
            return widget.value.strip()
        raise TypeError(type(widget))

    def _typed(self, field: FormField, entered: str) -> object:
        if field.kind is FieldKind.NUMBER:
            return int(entered)
        if field.kind is FieldKind.DAYS_AHEAD:
            return (self._now + days_ahead(entered)).isoformat()
        return entered

    def _complain(self, field: FormField, sentence: str) -> None:
        self.query_one("#problem", Static).update(show_line(sentence))
        self.query_one(f"#field-{field.name}").focus()


async def fill_in(
    station: DeskApp,
    title: str,
    form: Form,
    take: Callable[[dict[str, object]], Awaitable[bool]],
    *,
    entered: Mapping[str, str] | None = None,
    keep: Callable[[dict[str, str]], None] | None = None,
) -> bool:
    """Do ``take`` with what a person enters, until it is taken or the form is left; whether it was taken.

    ``entered`` stands in the fields at first, and what was refused stands there again. ``keep`` keeps it.
    """
    while True:
        screen = FormScreen(title, form, station.desk.now(), entered)
        screen.keep = keep
        values = await station.push_screen_wait(screen)
        await screen.end_keeping()
        if values is not None and await take(values):
            return True
        entered = screen.left
        if keep is not None:
            await station.attempt(partial(keep, entered))
        if values is None:
            return False


def with_none(field: FormField) -> tuple[Choice, ...]:
    """The choices of a field; one that is not needed may also be left open."""
    return field.choices if field.required else (*field.choices, Choice("", _("— none —")))


def _widget(field: FormField) -> Input | TextArea | ChoiceField:
    identity = f"field-{field.name}"
    if field.kind is FieldKind.CHOICE:
        widget: Input | TextArea | ChoiceField = ChoiceField(field, id=identity)
    elif field.kind is FieldKind.TEXT:
        widget = TextField(field.initial, id=identity)
    else:
        widget = Input(line_of(field.initial), id=identity, compact=True)
    widget.add_class("field")
    return widget
