"""The reference of the interface: an almost empty Textual application. Run as a program."""

import sys
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.screen import Screen
from textual.widgets import DataTable, Footer, Header, Static


class Other(Screen[None]):
    """Something to open."""

    BINDINGS: ClassVar[list[BindingType]] = [("escape", "dismiss", "Back")]

    def compose(self) -> ComposeResult:
        """Heading, a text, footer."""
        yield Header()
        yield Static("text " * 200)
        yield Footer()


class Empty(App[None]):
    """Header, table, footer. The argument: how many rows, 50 without one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("o", "open", "Open"),
        ("r", "fill(50)", "Few"),
        ("a", "all", "All"),
    ]

    def compose(self) -> ComposeResult:
        """Nothing that costs."""
        yield Header()
        yield DataTable(cursor_type="row")
        yield Footer()

    def on_mount(self) -> None:
        """Columns and rows."""
        table = self.query_one(DataTable)
        for column in range(7):
            table.add_column(f"column {column}", width=15)
        self.action_all()

    def action_all(self) -> None:
        """The whole list."""
        self.action_fill(int(sys.argv[1]) if len(sys.argv) > 1 else 50)

    def action_fill(self, rows: int) -> None:
        """Show ``rows`` rows and no others."""
        table = self.query_one(DataTable)
        table.clear()
        for row in range(rows):
            table.add_row(*(f"ROW-{row} cell {column}" for column in range(7)))

    def action_open(self) -> None:
        """Another screen over this one."""
        self.push_screen(Other())


if __name__ == "__main__":
    Empty().run()
