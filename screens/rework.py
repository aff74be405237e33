"""Why an answer goes back to its author: one reason at least, and words of the reviewer's own."""

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import SelectionList, Static, TextArea
from textual.widgets.selection_list import Selection

from cur_tui.domain.vocabulary import ReworkReason
from cur_tui.i18n import _
from cur_tui.services.labels import label
from screens.kept_fields import KeptFields
from widgets.key_line import hint
from widgets.text_field import TextField

Given = tuple[tuple[ReworkReason, ...], str] | None
TEXT = "text"


class ReworkScreen(ModalScreen[Given], KeptFields[Given]):
    """Answers with the reasons and the text, or None. What was written before stands there at first."""

    CSS_PATH = "rework.tcss"

    def __init__(self, text: str = "", reasons: tuple[ReworkReason, ...] = ()) -> None:
        super().__init__()
        self._reasons, self._text = reasons, text

    def typed(self) -> dict[str, str]:
        """The text."""
        return {TEXT: self.query_one(TextArea).text.strip()}

    def compose(self) -> ComposeResult:
        """The reasons, the text, the keys."""
        with Vertical(id="box"):
            yield Static(Content(_("Return for rework")), id="title")
            yield Static(Content(_("Reasons (Space marks)")), classes="label")
            yield SelectionList[ReworkReason](
                *(Selection(Content(label(one)), one, one in self._reasons) for one in ReworkReason),
                id="reasons",
                compact=True,
            )
            yield Static(Content(_("What to change (if needed)")), classes="label")
            yield TextField(self._text, id="words")
            yield Static("", id="problem", markup=False)
            yield Static(hint(_("Ctrl+S: return to the author   Esc: cancel   Tab: next field")), id="keys")

    def on_mount(self) -> None:
        """Begin with the reasons."""
        self.query_one("#reasons").focus()

    def action_accept(self) -> None:
        """Answer with what was chosen."""
        chosen: SelectionList[ReworkReason] = self.query_one("#reasons", SelectionList)
        # In the order of the list, whatever the order of the marks.
        reasons = tuple(reason for reason in ReworkReason if reason in chosen.selected)
        if not reasons:
            self.query_one("#problem", Static).update(Content(_("Choose one reason at least.")))
            chosen.focus()
            return
        self.dismiss((reasons, self.typed()[TEXT]))
