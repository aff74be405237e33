"""Importing a file: what would become of it, the names to confirm, how far it is, what came of it."""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList, ProgressBar, Static

from cur_tui.contract.importing import STANDING, ImportJob, ImportOptions, UnmatchedName
from cur_tui.domain.rights import IMPORT_NEEDS
from cur_tui.i18n import N_, _
from cur_tui.services.exchange.import_view import (
    COLUMNS,
    CONFIRMABLE,
    Confirmed,
    can_be_imported,
    is_waiting,
    meanings,
)
from cur_tui.services.exchange.import_words import counts_words, state_words, step_words
from cur_tui.services.exchange.importing import Hand, Stage, Step, file_at, follow, send
from cur_tui.services.forms import FieldKind, Form, FormField
from screens.acts import ask
from screens.base import DeskApp, DeskScreen
from screens.import_lines import BAD, LABELS, first_rows, lines_of
from screens.picker import Picker
from widgets.entry_list import EntryList
from widgets.key_line import KeyLine
from widgets.keys import bindings_for
from widgets.show import show_line
from widgets.status_line import StatusLine

WIDE = 110
Work = Callable[[Hand], ImportJob]


def may_import(station: DeskApp) -> bool:
    """Whether the person's role imports files; who may not is told."""
    if all(station.desk.may(permission) for permission in IMPORT_NEEDS):
        return True
    station.say(_("Your role does not import files. Ask the supervisor."), problem=True)
    return False


class Stepped(Message):
    """An import has gone on. Posted from the thread that follows it."""

    def __init__(self, step: Step) -> None:
        super().__init__()
        self.step = step

    def can_replace(self, message: Message) -> bool:
        """Only the latest step is of interest."""
        return isinstance(message, Stepped)


class ImportScreen(DeskScreen):
    """One import at a time; the work itself is the server's and goes on without this screen."""

    CSS_PATH = "imports.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]
    BINDINGS = bindings_for("imports")

    def __init__(self) -> None:
        super().__init__()
        self._job: ImportJob | None = None
        self._latest: tuple[ImportJob, ...] = ()
        self._names = Confirmed()
        self._name = ""
        """Of the file that is being worked on."""
        self._lines: list[object] = []
        self._ends: threading.Event | None = None
        """Set when the person wants the work to end; None while nothing is under way."""

    def compose(self) -> ComposeResult:
        """The state, the bar, what is to be looked at beside the first rows, the keys."""
        yield StatusLine()
        yield Static("", id="state", markup=False)
        yield ProgressBar(total=None, show_eta=False, id="bar")
        with Horizontal(id="halves"):
            yield EntryList(LABELS, id="lines")
            with VerticalScroll(id="rows"):
                yield Static("", id="first", markup=False)
        yield KeyLine("imports")

    def on_mount(self) -> None:
        """Look what there is already."""
        super().on_mount()
        self.query_one(ProgressBar).display = False
        self._draw()
        self.query_one(EntryList).focus()
        self.station.start(self._look())

    def on_screen_resume(self) -> None:
        """An import may have gone on without this screen."""
        if self.is_mounted and self._ends is None:
            self.station.start(self._look())

    # --- drawing -----------------------------------------------------------------------------------

    def _draw(self) -> None:
        job = self._job
        if self._ends is None:
            self.query_one("#state", Static).update(self._headline(job))
        entries, self._lines = lines_of(job, self._latest, self._names, self.desk)
        self.query_one(EntryList).show(entries)
        rows = first_rows(job, self.desk.zone)
        self.query_one("#first", Static).update(rows)
        self.query_one("#rows").display = bool(rows.plain)
        self.refresh_bindings()

    def _headline(self, job: ImportJob | None) -> Content:
        if job is None:
            return Content.assemble(
                (_("Import a file of another system: F chooses it."), "bold"),
                "\n",
                (
                    _("A spreadsheet .xlsx or .csv, JSON Lines, .eml, .mbox. First it is only looked at."),
                    "$text-muted",
                ),
            )
        head = Content.assemble(show_line(job.name, 60, "bold"), "  ", show_line(state_words(job)))
        if job.problem:
            todo = _("T: say which columns hold what   F: another file")
            problem = show_line(job.problem, style="bold $error")
            return Content.assemble(head, "\n", problem, "\n", (todo, "$text-muted"))
        if job.report is None:
            return head
        told = counts_words(job.report)
        if job.state == "checked":
            told = f"{_('This would become of it:')} {told}"
        return Content.assemble(head, "\n", show_line(told))

    def on_stepped(self, event: Stepped) -> None:
        """Show how far it is."""
        if self._ends is None:
            return
        step, bar = event.step, self.query_one(ProgressBar)
        words = Content.assemble(show_line(self._name, 60, "bold"), "\n", show_line(step_words(step)))
        if step.lost:
            words = Content.assemble(words, "\n", show_line(step.lost, style="$warning"))
        self.query_one("#state", Static).update(words)
        counted = step.stage in (Stage.SENDING, Stage.SETTLING)
        bar.update(total=step.progress.total if counted else None, progress=step.progress.done)

    # --- work --------------------------------------------------------------------------------------

    async def _look(self) -> None:
        """The latest imports, for who comes back to one; without contact there are none to show."""
        exchange = self.station.exchange
        if not exchange.in_contact or not all(self.desk.may(one) for one in IMPORT_NEEDS):
            return
        latest = await self.station.attempt(lambda: exchange.imports.latest())
        if latest is not None and self.is_attached:
            self._latest = latest.items
            self._draw()

    async def _work(self, name: str, work: Work) -> None:
        """Do something long with the file ``name``; what came of it is shown, also when it was ended."""
        self._name = name
        ends = self._ends = threading.Event()
        bar = self.query_one(ProgressBar)
        bar.update(total=None, progress=0)
        bar.display = True
        self.refresh_bindings()
        # Waiting by the event, so that whoever wants it to end does not wait for the next look.
        hand = Hand(told=lambda step: self.post_message(Stepped(step)), wants_end=ends.is_set, rest=ends.wait)
        try:
            job = await self.station.attempt(lambda: work(hand))
        finally:
            self._ends = None
        if not self.is_attached:
            return
        bar.display = False
        if job is not None:
            self._job = job
        self._draw()
        await self._look()

    def _run(self, options: ImportOptions) -> None:
        job, exchange = self._job, self.station.exchange
        if job is not None:
            self.station.start(
                self._work(job.name, lambda hand: follow(exchange.imports, job, options, hand))
            )

    # --- acts --------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what can be done now."""
        busy = self._ends is not None
        possible = {
            "file": not busy,
            "import": not busy and can_be_imported(self._job),
            "look": not busy and is_waiting(self._job),
            "columns": not busy and is_waiting(self._job),
            "stop": busy,
            "drop": not busy and is_waiting(self._job),
            "confirm": not busy and self._proposed is not None,
        }
        return possible.get(action, super().check_action(action, parameters))

    @property
    def _chosen(self) -> object:
        if not self.is_mounted:
            return None
        at = self.query_one(EntryList).highlighted
        return self._lines[at] if at is not None and at < len(self._lines) else None

    @property
    def _named(self) -> UnmatchedName | None:
        """The name under the cursor, where a meaning of it would still be used."""
        chosen = self._chosen
        if isinstance(chosen, UnmatchedName) and chosen.kind in CONFIRMABLE and is_waiting(self._job):
            return chosen
        return None

    @property
    def _proposed(self) -> UnmatchedName | None:
        """The name under the cursor, where something is proposed for it that is not kept already."""
        name, report = self._named, self._job.report if self._job is not None else None
        if name is None or name.code is None or (report is not None and name in report.confirmed):
            return None
        return name

    @on(OptionList.OptionHighlighted)
    def _moved(self) -> None:
        self.refresh_bindings()

    @on(OptionList.OptionSelected)
    def _selected(self) -> None:
        self.action_open()

    def action_file(self) -> None:
        """Choose a file and look at it: nothing is stored yet."""
        if may_import(self.station):
            self.station.start(self._choose_file())

    async def _choose_file(self) -> None:
        path = FormField("path", N_("Path of the file"), FieldKind.LINE)

        async def begin(values: dict[str, object]) -> bool:
            chosen = await self.station.attempt(lambda: file_at(str(values["path"])))
            if chosen is None:
                return False
            self._job, self._names = None, Confirmed()
            self.station.start(self._work(chosen.name, lambda hand: self._bring(chosen, hand)))
            return True

        await ask(self.station, _("Import a file"), Form("import", (path,)), begin)

    def _bring(self, path: Path, hand: Hand) -> ImportJob:
        calls = self.station.exchange.imports
        return follow(calls, send(calls, path, hand), self._names.options(dry_run=True), hand)

    def action_look(self) -> None:
        """Look at the file again with the names that were confirmed."""
        self._run(self._names.options(dry_run=True))

    def action_columns(self) -> None:
        """Say which columns hold what, then look again."""
        form = Form(
            "columns", tuple(replace(one, initial=self._names.columns.get(one.name, "")) for one in COLUMNS)
        )

        async def take(values: dict[str, object]) -> bool:
            changed = {name: str(value).strip() for name, value in values.items()}
            self._names.columns = {n: c for n, c in {**self._names.columns, **changed}.items() if c}
            self.action_look()
            return True

        self.station.start(ask(self.station, _("Which columns hold what, by their names"), form, take))

    def action_import(self) -> None:
        """Import it."""
        self._run(self._names.options(dry_run=False))

    def action_stop(self) -> None:
        """End what is under way."""
        if self._ends is not None:
            self._ends.set()

    def action_drop(self) -> None:
        """Give the file up; what was stored of it stays."""
        job, exchange = self._job, self.station.exchange
        if job is not None:
            self.station.start(self._work(job.name, lambda hand: exchange.imports.stop(job.id)))

    def action_confirm(self) -> None:
        """Take the proposed meaning of a name, or take it back."""
        name = self._proposed
        if name is not None:
            self._names.take(name, None if self._names.code_of(name) == name.code else name.code)
            self._draw()

    def action_open(self) -> None:
        """What the line is about: choose a name's meaning, go to the quarantine, come back to an import."""
        chosen, named = self._chosen, self._named
        if named is not None:
            self.station.start(self._choose_meaning(named))
        elif isinstance(chosen, ImportJob):
            self.station.start(self._return_to(chosen))
        elif chosen == BAD:
            self.action_quarantine()

    async def _choose_meaning(self, name: UnmatchedName) -> None:
        choices = meanings(name.kind, self.desk.rulebook)
        code = await self.app.push_screen_wait(Picker(name.label, choices, name.code or ""))
        if code is not None:
            self._names.take(name, code)
            self._draw()

    async def _return_to(self, job: ImportJob) -> None:
        exchange = self.station.exchange
        self._names = Confirmed()
        if job.state in STANDING:
            await self._work(job.name, lambda hand: follow(exchange.imports, job, None, hand))
        else:
            await self._work(job.name, lambda hand: exchange.imports.look(job.id))

    def action_quarantine(self) -> None:
        """The rows that no import could take."""
        if may_import(self.station):
            self.station.open_quarantine()

    def action_back(self) -> None:
        """Back to the queues; an import goes on."""
        self.app.switch_mode("queues")
