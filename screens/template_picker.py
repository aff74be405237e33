"""Choosing an answer template by a few letters of it, with its filled text beside the list."""

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from cur_tui.domain.answers.rendering import Rendered
from cur_tui.domain.profile.profile import AnswerTemplate
from cur_tui.domain.refusal import Refused
from cur_tui.i18n import _
from cur_tui.services.answers.finding_words import placeholder_words
from cur_tui.services.explain import explain_refusal
from cur_tui.services.forms import Choice
from cur_tui.services.labels import label
from widgets.choice import matching
from widgets.key_line import hint
from widgets.keys import bindings_for
from widgets.show import show, show_line

WIDE = 100


class TemplatePicker(ModalScreen[AnswerTemplate | None]):
    """Answers with the chosen template, or None. ``render`` fills a template from the appeal."""

    CSS_PATH = "template_picker.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings_for("picker"),
        ("down", "move(1)"),
        ("up", "move(-1)"),
        ("pagedown", "move(10)"),
        ("pageup", "move(-10)"),
    ]

    def __init__(
        self, templates: tuple[AnswerTemplate, ...], fill: Callable[[AnswerTemplate], Rendered]
    ) -> None:
        super().__init__()
        self._templates = {template.code: template for template in templates}
        self._choices = tuple(
            Choice(template.code, template.title, label(template.kind), template.body)
            for template in templates
        )
        self._fill = fill
        self._shown: list[Choice] = []

    def compose(self) -> ComposeResult:
        """The line to type in, the list, the filled text."""
        with Vertical(id="box"):
            yield Static(Content(_("Template of the answer")), id="title")
            yield Input(placeholder=_("Type a few letters to find it"), id="typed", compact=True)
            with Horizontal(id="halves"):
                yield OptionList(id="list", markup=False, compact=True)
                with VerticalScroll(id="preview", can_focus=False):
                    yield Static("", id="filled", markup=False)
            yield Static("", id="missing", markup=False)
            yield Static(hint(_("Enter: choose   Esc: cancel   ↑↓: move")), id="keys")

    def on_mount(self) -> None:
        """Show everything, the best first."""
        self._list("")
        self.query_one(Input).focus()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self._list(event.value)

    def _list(self, typed: str) -> None:
        self._shown = matching(self._choices, typed)
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options([Option(_line(choice)) for choice in self._shown])
        if self._shown:
            options.highlighted = 0
        else:
            self._preview(None)

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        if event.option_index < len(self._shown):
            self._preview(self._templates[self._shown[event.option_index].code])

    def _preview(self, template: AnswerTemplate | None) -> None:
        try:
            filled = self._fill(template) if template else Rendered("", ())
        except Refused as refused:  # a template that this version cannot fill must not end the program
            filled = Rendered(explain_refusal(refused), ())
        self.query_one("#filled", Static).update(show(filled.text))
        self.query_one("#preview").scroll_home(animate=False)
        missing = self.query_one("#missing", Static)
        if filled.missing:
            names = "; ".join(f"{name} — {placeholder_words(name)}" for name in filled.missing)
            missing.update(Content(_("To fill in by hand: {names}").format(names=names)))
        else:
            missing.update(Content(_("Everything is filled in.") if template else _("Nothing found.")))

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self.action_choose()

    @on(OptionList.OptionSelected)
    def _selected(self) -> None:
        self.action_choose()

    def action_move(self, by: int) -> None:
        """Move through the list while typing goes on."""
        options = self.query_one(OptionList)
        if self._shown:
            options.highlighted = max(0, min((options.highlighted or 0) + by, len(self._shown) - 1))

    def action_choose(self) -> None:
        """Answer with the line under the cursor."""
        at = self.query_one(OptionList).highlighted
        if at is not None and at < len(self._shown):
            self.dismiss(self._templates[self._shown[at].code])

    def action_cancel(self) -> None:
        """Answer with nothing."""
        self.dismiss(None)


def _line(choice: Choice) -> Content:
    return Content.assemble(show_line(choice.title), "  ", show_line(choice.hint, style="$text-muted"))
