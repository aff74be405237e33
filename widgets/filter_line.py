"""The line in which a filter is typed: read at every letter, completed by Tab, remembered by the arrows."""

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from cur_tui.i18n import _, current
from cur_tui.services.lists.query_sentences import query_sentence
from widgets.key_line import hint as key_hint
from widgets.keys import bindings_for
from widgets.show import show_line

if TYPE_CHECKING:
    from cur_tui.domain.query.complete import Completion
    from cur_tui.domain.query.parse import Reading
    from cur_tui.domain.query.vocabulary import Vocabulary

HISTORY_KEPT = 100
PROPOSED = 8
"""How many completions are shown under the line."""

Read = Callable[[str], "Reading"]


class FilterInput(Input):
    """The typed line; its keys are those of the scope «filter»."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings_for("filter"),
        Binding("up", "history(-1)", show=False),
        Binding("down", "history(1)", show=False),
    ]

    class Asked(Message):
        """A key of the line was pressed: ``apply``, ``cancel``, ``complete``, ``older`` or ``newer``."""

        def __init__(self, what: str) -> None:
            super().__init__()
            self.what = what

    def action_apply(self) -> None:
        """Apply the filter."""
        self.post_message(self.Asked("apply"))

    def action_cancel(self) -> None:
        """Leave the line as it was."""
        self.post_message(self.Asked("cancel"))

    def action_complete(self) -> None:
        """Complete the word."""
        self.post_message(self.Asked("complete"))

    def action_history(self, step: int) -> None:
        """An older or newer filter."""
        self.post_message(self.Asked("older" if step < 0 else "newer"))


class FilterLine(Vertical):
    """The line with what is wrong or possible under it. Hidden while nobody types."""

    DEFAULT_CSS = """
    FilterLine { height: auto; display: none; background: $panel; padding: 0 1; }
    FilterLine Horizontal { height: 1; }
    FilterLine #filter-label { width: auto; color: $primary; text-style: bold; }
    FilterLine FilterInput { width: 1fr; background: $panel; }
    FilterLine #filter-hint { height: 1; color: $text-muted; }
    """

    class Applied(Message):
        """A filter that could be read, or an empty line."""

        def __init__(self, line: str) -> None:
            super().__init__()
            self.line = line

    class Typed(Message):
        """The line has changed; ``line`` is it as far as it can be read. Whoever lists can try it."""

        def __init__(self, line: str) -> None:
            super().__init__()
            self.line = line

        def can_replace(self, message: Message) -> bool:
            """Only what is typed last matters."""
            return isinstance(message, FilterLine.Typed)

    class Left(Message):
        """The person went back without applying."""

    def __init__(self, read: Read, vocabulary: Callable[[], "Vocabulary"], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._read = read
        self._vocabulary = vocabulary
        self._history: list[str] = []
        self._at = 0
        self._proposals: list[Completion] = []
        self._proposed = -1
        self._completing = False

    def compose(self) -> ComposeResult:
        """The line and its hint."""
        with Horizontal():
            yield Static(Content(_("Filter: ")), id="filter-label")
            yield FilterInput(compact=True, id="filter-input", select_on_focus=False)
        yield Static("", id="filter-hint", markup=False)

    @property
    def _input(self) -> FilterInput:
        return self.query_one(FilterInput)

    def open(self, line: str) -> None:
        """Begin to type; ``line`` is the filter in force."""
        self.display = True  # no class: for one, all rules are looked through for each widget here
        self._at = len(self._history)
        self._input.value = line
        self._input.cursor_position = len(line)
        self._input.focus()
        self._hint()

    @property
    def is_open(self) -> bool:
        """Whether somebody types."""
        return bool(self.display)

    def close(self) -> None:
        """Hide the line. Whoever hears :class:`Applied` or :class:`Left` does so, with what follows."""
        self.display = False

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        if not self._completing:
            self._proposals, self._proposed = [], -1
        self._completing = False
        self._hint()
        if self.is_open:
            errors = self._read(event.value).errors
            readable = event.value[: errors[0].position] if errors else event.value
            self.post_message(self.Typed(readable.strip()))

    @on(FilterInput.Asked)
    def _asked(self, event: FilterInput.Asked) -> None:
        event.stop()
        match event.what:
            case "apply":
                self._apply()
            case "cancel":
                self.post_message(self.Left())
            case "complete":
                self._complete()
            case "older":
                self._recall(-1)
            case _:
                self._recall(1)

    def _apply(self) -> None:
        line = self._input.value.strip()
        errors = self._read(line).errors
        if errors:
            self._input.cursor_position = errors[0].position
            self._hint()
            return
        if line and (not self._history or self._history[-1] != line):
            self._history = [*self._history[1 - HISTORY_KEPT :], line]
        self.post_message(self.Applied(line))

    def _recall(self, step: int) -> None:
        at = max(0, min(self._at + step, len(self._history)))
        if at != self._at:
            self._at = at
            line = self._history[at] if at < len(self._history) else ""
            self._input.value = line
            self._input.cursor_position = len(line)

    def _complete(self) -> None:
        field = self._input
        if not self._proposals:
            self._base = (field.value, field.cursor_position)
            self._proposals = self._possible()
        if not self._proposals:
            return
        self._proposed = (self._proposed + 1) % len(self._proposals)
        line, cursor = self._base
        chosen = self._proposals[self._proposed]
        completed = line[: chosen.start] + chosen.text
        if completed + line[cursor:] != field.value:
            self._completing = True
            field.value = completed + line[cursor:]
        field.cursor_position = len(completed)
        if len(self._proposals) == 1:
            self._proposals, self._proposed = [], -1

    def _possible(self) -> "list[Completion]":
        from cur_tui.domain.query.complete import complete  # nobody types before the first paint

        field = self._input
        return complete(field.value, field.cursor_position, self._vocabulary(), current().language)

    def _hint(self) -> None:
        hint = self.query_one("#filter-hint", Static)
        errors = self._read(self._input.value).errors
        proposals = self._proposals or self._possible()
        unfinished = (
            bool(errors)
            and bool(proposals)
            and errors[0].position + errors[0].length >= len(self._input.value)
        )
        if errors and not unfinished:
            words = show_line(f"▲ {query_sentence(errors[0])}", 300, "$error")
        elif proposals:
            proposed = "  ".join(proposal.text for proposal in proposals[:PROPOSED])
            words = show_line(_("Tab: {words}").format(words=proposed), 300)
        else:
            words = key_hint(_("Enter: apply   Esc: back   ↑: earlier filters   F1: the words of the filter"))
        hint.update(words, layout=False)
