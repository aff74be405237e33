"""A screen in two halves: what the server lists, and all about the entry that the cursor rests on."""

from abc import abstractmethod
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.timer import Timer
from textual.widgets import OptionList, Static

from screens.base import DeskScreen
from widgets.entry_list import EntryList
from widgets.key_line import KeyLine
from widgets.ledger import Ledger
from widgets.status_line import StatusLine

WIDE = 110
REST = 0.25
"""Seconds on an entry after which its details are asked for: running over the list asks for none."""


class HalvesScreen(DeskScreen):
    """``#state`` says what there is, ``#lines`` lists it; ``#about`` and ``#parts`` tell of one entry."""

    CSS_PATH = "halves.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]
    SCOPE: ClassVar[str]
    """Whose keys stand in the last line."""
    LABELS: ClassVar[int]
    """Cells for the labels of the list."""
    NAMES: ClassVar[int]
    """Cells for the labels of the parts of one entry."""

    _resting: Timer | None = None

    def compose(self) -> ComposeResult:
        """How many there are, the list, one of them, the keys."""
        yield StatusLine()
        yield Static("", id="state", markup=False)
        with Horizontal(id="halves"):
            yield EntryList(self.LABELS, id="lines")
            with VerticalScroll(id="detail"):
                yield Static("", id="about", markup=False)
                yield Ledger(label_width=self.NAMES, id="parts")
        yield KeyLine(self.SCOPE)

    def on_mount(self) -> None:
        """Show that nothing has been heard yet."""
        super().on_mount()
        self.draw_list()
        self.query_one(EntryList).focus()

    @abstractmethod
    def draw_list(self) -> None:
        """Show what there is, and the entry under the cursor."""

    @abstractmethod
    def draw_detail(self) -> None:
        """Show as much as is known of the entry under the cursor."""

    @abstractmethod
    async def read_detail(self) -> object:
        """Have the server tell all of the entry under the cursor, and show it."""

    @property
    def at(self) -> int | None:
        """The entry under the cursor, counted from the first; None for none."""
        return self.query_one(EntryList).highlighted if self.is_mounted else None

    @on(OptionList.OptionHighlighted)
    def _moved(self) -> None:
        self.draw_detail()
        self.refresh_bindings()
        if self._resting is not None:
            self._resting.stop()
        self._resting = self.after(REST, lambda: self.station.start(self.read_detail()))
