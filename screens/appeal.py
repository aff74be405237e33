"""One appeal: everything that is known of it, and every act that is possible with it."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from cur_tui.domain.model import Appeal
from cur_tui.domain.refusal import Refused
from cur_tui.i18n import _
from cur_tui.services.checklists import current_checklist, progress_of, steps_of
from cur_tui.services.desk import Area, Change
from cur_tui.services.lists.window import Window
from screens.alike_panel import AlikePanel
from screens.appeal_acts import AppealActs
from widgets import answers, clocks, facts, timeline
from widgets.badges import appeal_header, hidden_badge
from widgets.key_line import KeyLine
from widgets.keys import bindings_for
from widgets.ledger import Entry, Ledger
from widgets.section import Section
from widgets.show import erased_note, show
from widgets.status_line import StatusLine

TICK = 30
"""Seconds between two looks at the clocks."""

WIDE = 110


class AppealScreen(AppealActs):
    """An appeal, opened by its id or number; ``beside`` is the list it was opened from."""

    CSS_PATH = "appeal.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("appeal")

    def __init__(self, key: str, beside: Window | None = None) -> None:
        super().__init__()
        self._key = key
        self._beside = beside
        self._pk: int | None = None
        self._drawn: tuple[str, int, int] | None = None

    def compose(self) -> ComposeResult:
        """The header, two columns that become one on a narrow terminal, the keys."""
        yield StatusLine()
        yield Static("", id="header", markup=False)
        with VerticalScroll(id="columns"):
            with VerticalScroll(id="left", classes="column"):
                yield Section(_("Essence"), Static("", markup=False), id="essence")
                yield Section(_("What the citizen wrote"), Static("", markup=False), id="text")
                yield Section(_("Answers and notices"), Ledger(label_width=answers.LABELS), id="answers")
                yield Section(_("Notes"), Ledger(label_width=timeline.LABELS), id="notes")
            with VerticalScroll(id="right", classes="column"):
                yield Section(_("Terms"), Ledger(label_width=clocks.LABELS), id="clocks")
                yield Section(_("Fast track"), Static("", markup=False), id="checklist")
                yield AlikePanel()
                yield Section(_("Facts"), Ledger(label_width=facts.LABELS), id="facts")
                yield Section(_("Timeline"), Ledger(label_width=timeline.LABELS), id="timeline")
        yield KeyLine("appeal")

    def on_mount(self) -> None:
        """Draw, and let the clocks run."""
        super().on_mount()
        self._draw()
        self.every(TICK, self._draw)

    def on_screen_resume(self) -> None:
        """Draw anew what another screen may have changed."""
        self._draw()
        if self._drawn is not None:
            self.query_one(AlikePanel).look(self._drawn[0])

    def on_data(self, change: Change) -> None:
        """Draw anew when this appeal changed; the place on the screen stays."""
        if Area.APPEALS in change.areas and (self._pk is None or self._pk in change.pks):
            self._draw()

    # --- drawing -----------------------------------------------------------------------------------

    def _draw(self) -> None:
        if not self.is_mounted:
            return
        try:
            appeal = self.desk.appeal(self._key)
        except Refused as refused:
            self.gone(refused)
            return
        self._pk = self.desk.lists.position_key(appeal.id)
        listed = self.desk.row(appeal.id)
        pending = listed.pending if listed else 0
        self._draw_clocks(appeal, pending, listed is not None and listed.conflict)
        drawn = (appeal.id, appeal.version, pending)
        if drawn != self._drawn:
            self._drawn = drawn
            self._draw_record(appeal)

    def _draw_clocks(self, appeal: Appeal, pending: int, conflict: bool) -> None:
        desk, now = self.desk, self.desk.now()
        me, members = desk.actor.account, desk.members_of(appeal)
        header = appeal_header(appeal, me, now, desk.zone, unsent=pending, members=members)
        if conflict:
            refused = _("✗ An act on it was refused: F6 shows why")
            header = Content.assemble(header, "\n", (refused, "bold $error"))
        self.query_one("#header", Static).update(header)
        self._fill("clocks", clocks.clock_entries(appeal, now, desk.zone))
        checklist = current_checklist(appeal)
        progress = Content("")
        if checklist is not None:
            steps = steps_of(checklist, appeal, desk.rulebook, now)
            progress = facts.progress_content(checklist.title, progress_of(checklist, steps))
        self._write("checklist", progress)

    def _draw_record(self, appeal: Appeal) -> None:
        desk = self.desk
        find = self._beside.find if self._beside is not None else None
        self._write("essence", show(appeal.essence, find=find))
        self._write("text", show(appeal.text, find=find) if appeal.erased_at is None else erased_note())
        badge = hidden_badge(appeal.text)
        title = Content(_("What the citizen wrote"))
        section = self.query_one("#text", Section)
        section.border_title = Content.assemble(title, "  ", badge) if badge.plain else title
        self._fill("answers", answers.answer_entries(appeal.answers, desk.zone))
        self._fill("notes", timeline.note_entries(appeal.notes, desk.zone))
        self._fill("facts", facts.fact_entries(appeal, desk.rulebook, desk.names, desk.zone))
        self._fill("timeline", timeline.timeline_entries(appeal.timeline, desk.rulebook, desk.zone))
        self.query_one(AlikePanel).look(appeal.id)

    def _write(self, section: str, content: Content) -> None:
        part = self.query_one(f"#{section}", Section)
        part.display = bool(content.plain)
        part.query_one(Static).update(content)

    def _fill(self, section: str, entries: tuple[Entry, ...]) -> None:
        part = self.query_one(f"#{section}", Section)
        part.display = bool(entries)
        part.query_one(Ledger).show(entries)

    # --- acts --------------------------------------------------------------------------------------

    def chosen_appeals(self) -> list[str]:
        """The appeal that is open."""
        return [self._key]

    def action_answer(self) -> None:
        """Write, review or read the answer."""
        self.station.open_answer(self._key)

    def action_checklist(self) -> None:
        """Open the fast track."""
        self.station.open_checklist(self._key)

    def action_disclose(self) -> None:
        """Open the personal data, for a reason that the journal keeps."""
        from screens.disclosure import disclose

        self.station.start(disclose(self.station, self._key))

    def action_lookalikes(self) -> None:
        """Show the appeals that probably say the same."""
        self.station.open_lookalikes(self._key)

    # --- places ------------------------------------------------------------------------------------

    def action_copy_number(self) -> None:
        """Put the number, and nothing else of the record, into the terminal's clipboard."""
        number = self.desk.appeal(self._key).number
        self.app.copy_to_clipboard(number)
        self.station.say(_("Copied: {number}").format(number=number))

    def action_previous(self) -> None:
        """The appeal before this one in the list."""
        self._step(-1)

    def action_next(self) -> None:
        """The appeal after this one in the list."""
        self._step(1)

    def _step(self, by: int) -> None:
        if self._beside is None or self._pk is None:
            self.station.say(_("This appeal was not opened from a list."))
            return
        at = self._beside.index_of(self._pk)
        listed = self._beside.row(at + by) if at is not None else None
        if listed is None:
            last = _("This is the last appeal of the list.")
            self.station.say(last if by > 0 else _("This is the first appeal of the list."))
            return
        self._key = listed.row.id
        self._drawn = None
        self._draw()
        for column in self.query("#columns, .column"):
            column.scroll_home(animate=False)

    def action_section(self) -> None:
        """Scroll to the next part that is not in sight from its beginning."""
        wide = self.has_class("-wide")
        view = self.query_one("#columns", VerticalScroll)
        if wide:
            focused = self.focused
            view = focused if isinstance(focused, VerticalScroll) else self.query_one("#left", VerticalScroll)
        sections = [part for part in view.query(Section) if part.display]
        top = view.region.y + 1
        ahead = [part for part in sections if part.region.y > top]
        target = ahead[0] if ahead and view.scroll_offset.y < view.max_scroll_y else sections[0]
        view.scroll_to_widget(target, top=True, animate=False)

    def action_back(self) -> None:
        """Back to where the appeal was opened from."""
        self.dismiss()
