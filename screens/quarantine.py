"""The quarantine: rows that no import could take, why, and mending them in place."""

from datetime import datetime

from textual import on
from textual.content import Content
from textual.widgets import OptionList, Static

from cur_tui.contract.importing import QuarantineAct, QuarantineLine, QuarantineOutcome, QuarantineRow
from cur_tui.domain.texts.text import neutralise
from cur_tui.formats import format_datetime, format_number
from cur_tui.i18n import N_, _
from cur_tui.services.exchange.import_words import became_words
from cur_tui.services.exchange.importing import path_of, save_rows
from cur_tui.services.forms import FieldKind, Form, FormField
from screens.acts import ask
from screens.halves import HalvesScreen
from widgets.entry_list import EntryList
from widgets.keys import bindings_for
from widgets.ledger import Entry, Ledger
from widgets.show import line_text, show, show_line
from widgets.text_field import line_of

LABELS = 9
COLUMNS = 18
"""Cells for the names of columns beside the cells of a row."""
EXCERPT = 60
"""Letters of a row under its fault: one line in the narrowest list, since all of it stands beside."""
BLAMED = "bold $warning"
PAGE = 100
EMPTY = ("", "-")
"""What stands in cells that hold nothing."""
SHORT = 60
"""Letters of a cell that fit into a field of one line."""


class QuarantineScreen(HalvesScreen):
    """The open rows, and the cells of the one under the cursor. All of it is the server's."""

    BINDINGS = bindings_for("quarantine")
    SCOPE = "quarantine"
    LABELS = LABELS
    NAMES = COLUMNS

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[QuarantineLine] = []
        self._shown: list[QuarantineLine | None] = []
        """What each entry of the list stands for; None for the name of a file."""
        self._next: int | None = None
        self._count = 0
        self._row: QuarantineRow | None = None
        self._is_read = False

    def on_mount(self) -> None:
        """Read the first rows."""
        super().on_mount()
        self.station.start(self._read(0))

    # --- reading -----------------------------------------------------------------------------------

    async def _read(self, after: int) -> None:
        exchange = self.station.exchange
        page = await self.station.attempt(lambda: exchange.imports.rows("open", after, PAGE))
        if page is None or not self.is_attached:
            return
        self._lines = [*(self._lines if after else ()), *page.items]
        self._next, self._count, self._is_read = page.next, page.count, True
        self.draw_list()

    async def read_detail(self) -> QuarantineRow | None:
        """The row under the cursor with its cells."""
        chosen, exchange = self._chosen, self.station.exchange
        if chosen is None:
            return None
        if self._row is None or self._row.line != chosen:
            row = await self.station.attempt(lambda: exchange.imports.row(chosen.n))
            if row is not None and self.is_attached:
                self._row = row
                self.draw_detail()
        return self._row

    # --- drawing -----------------------------------------------------------------------------------

    def draw_list(self) -> None:
        """Show the rows by their files, and how many there are."""
        told = _("Rows that no import could take: {n}").format(n=format_number(self._count))
        if self._is_read and not self._count:
            told = _("✓ The quarantine is empty.")
        elif not self._is_read:
            told = _("The quarantine: the server is asked …")
        self.query_one("#state", Static).update(Content.styled(told, "bold"))
        entries, self._shown = [], []
        for line in self._lines:
            if not self._shown or (before := self._shown[-1]) is None or before.job != line.job:
                entries.append(Entry("", show_line(line.file, 80)))
                self._shown.append(None)
            entries.append(self._entry(line))
            self._shown.append(line)
        if self._next is not None:
            entries.append(Entry("…", Content.styled(_("Enter: more rows"), "$text-muted")))
        self.query_one(EntryList).show(tuple(entries))
        self.draw_detail()
        self.refresh_bindings()

    def _entry(self, line: QuarantineLine) -> Entry:
        head = Content.assemble(show_line(line.column, 40, "bold"), "  ", show_line(line.advice))
        said = show_line(line.excerpt, EXCERPT, "$text-muted")
        label = _("row {row}").format(row=line.row)
        return Entry(line_text(label, LABELS), Content.assemble(head, "\n", said), "$warning")

    def draw_detail(self) -> None:
        """Show the fault of the row, and its cells."""
        row, chosen = self._row, self._chosen
        self.query_one("#detail").display = chosen is not None
        if chosen is None:
            return
        at = format_datetime(datetime.fromisoformat(chosen.at), self.desk.zone)
        why = Content.assemble(
            show_line(chosen.file, 80, "bold $primary"), f"  {at}\n",
            show_line(chosen.column, 80, "bold"), "  ", show(chosen.advice, "bold $warning"),
        )  # fmt: skip
        self.query_one("#about", Static).update(why)
        cells = zip(row.header, row.cells, strict=False) if row is not None and row.line.n == chosen.n else ()
        # The blamed cell first: it is what one looks for, and may stand behind thirty others.
        ordered = sorted(cells, key=lambda one: one[0] != chosen.column)
        entries = (
            Entry(line_text(name, 60), show(cell), BLAMED if name == chosen.column else "$text-muted")
            for name, cell in ordered
            if cell.strip() not in EMPTY or name == chosen.column
        )
        self.query_one("#parts", Ledger).show(tuple(entries))

    # --- the chosen row ----------------------------------------------------------------------------

    @property
    def _chosen(self) -> QuarantineLine | None:
        at = self.at
        return self._shown[at] if at is not None and at < len(self._shown) else None

    @on(OptionList.OptionSelected)
    def _selected(self) -> None:
        self.action_mend()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what can be done with the row under the cursor."""
        if action in ("set_aside", "save"):
            return self._chosen is not None
        return super().check_action(action, parameters)

    # --- acts --------------------------------------------------------------------------------------

    def action_mend(self) -> None:
        """Mend the row in a form, or read on behind the last one."""
        if self._chosen is not None:
            self.station.start(self._mend())
        elif self._next is not None:
            self.station.start(self._read(self._lines[-1].n))

    async def _mend(self) -> None:
        row = await self.read_detail()
        if row is None:
            return

        async def settle(values: dict[str, object]) -> bool:
            cells = list(row.cells)
            for name, value in values.items():
                cells[int(name.removeprefix("c"))] = str(value)
            return await self._settle(row.line, QuarantineAct(cells=tuple(cells)))

        title = f"{line_text(row.line.file, 40)} · {_('row {row}').format(row=row.line.row)}"
        await ask(self.station, title, Form("mend", _fields(row)), settle)

    async def _settle(self, line: QuarantineLine, act: QuarantineAct) -> bool:
        """Have the server try; False when the row is still wrong, so that the form comes again."""
        exchange = self.station.exchange
        outcome = await self.station.attempt(lambda: exchange.imports.settle(line.n, act))
        if outcome is None:
            return False
        self._row = outcome.row
        if outcome.row is not None:
            self._lines = [outcome.row.line if one.n == line.n else one for one in self._lines]
            wrong = outcome.row.line
            told = f"{line_text(wrong.column, 60)}: {wrong.advice}" if wrong.column else wrong.advice
            self.station.say(told, problem=True)
            self.draw_list()
            return False
        self._lines = [one for one in self._lines if one.n != line.n]
        self._count -= 1
        self.station.say(_settled(outcome))
        self.station.exchange.poke()
        self.draw_list()
        return True

    def action_set_aside(self) -> None:
        """Do not want the row, for a reason; it stays with the server."""
        line = self._chosen
        if line is None:
            return
        reason = FormField("reason", N_("Reason for the journal"), FieldKind.LINE)

        async def settle(values: dict[str, object]) -> bool:
            return await self._settle(line, QuarantineAct(set_aside=str(values["reason"])))

        self.station.start(ask(self.station, _("Set the row aside"), Form("set_aside", (reason,)), settle))

    def action_save(self) -> None:
        """Save the open rows of this import for a spreadsheet."""
        line, exchange = self._chosen, self.station.exchange
        if line is None:
            return
        path = FormField("path", N_("Path of the new file"), FieldKind.LINE, True, (), "~/quarantine.csv")

        async def save(values: dict[str, object]) -> bool:
            target = path_of(str(values["path"]))
            saved = await self.station.attempt(lambda: save_rows(exchange.imports, line.job, target))
            if saved is not None:
                words = _("Saved: {path}. Mend it and import it; only you may read it.")
                self.station.say(words.format(path=saved))
            return saved is not None

        self.station.start(ask(self.station, _("Save the rows"), Form("save", (path,)), save))

    def action_back(self) -> None:
        """Back to the imports."""
        self.dismiss()


def _settled(outcome: QuarantineOutcome) -> str:
    told = became_words(outcome.became)
    return _("{number}: {became}.").format(number=outcome.number, became=told) if outcome.number else told


def _fields(row: QuarantineRow) -> tuple[FormField, ...]:
    """The blamed column first, then those that are filled; the rest of a wide table would only be in the way.

    What stands in a field is neutral already, so that a cell which nobody touches is left as it came.
    """
    blamed = row.line.column
    columns = [(name, n) for n, name in enumerate(row.header) if name]
    shown = [one for one in columns if one[0] == blamed]
    shown += [one for one in columns if one[0] != blamed and row.cells[one[1]].strip() not in EMPTY]
    return tuple(_field(name, n, row.cells[n]) for name, n in shown or columns)


def _field(name: str, n: int, cell: str) -> FormField:
    is_long = len(cell) > SHORT or "\n" in cell
    initial = neutralise(cell).strip() if is_long else line_of(cell).strip()
    kind = FieldKind.TEXT if is_long else FieldKind.LINE
    return FormField(f"c{n}", line_text(name, 40), kind, False, (), initial)
