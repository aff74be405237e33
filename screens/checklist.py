"""The fast track of an appeal: choose one to start, then step after step with terms and evidence."""

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import OptionList, Static

from cur_tui.domain.model import Appeal
from cur_tui.domain.refusal import Refused
from cur_tui.domain.vocabulary import StepStatus
from cur_tui.i18n import N_, _
from cur_tui.services.checklists import (
    Progress,
    StepView,
    current_checklist,
    next_open,
    progress_of,
    startable_tracks,
    steps_of,
)
from cur_tui.services.desk import Area, Change
from cur_tui.services.forms import FieldKind, Form, FormField, fast_track_choices
from cur_tui.services.words import EVIDENCE
from screens.acts import ask, undo
from screens.base import DeskScreen
from screens.picker import Picker
from widgets import steps
from widgets.badges import appeal_header
from widgets.entry_list import EntryList
from widgets.facts import progress_content
from widgets.key_line import KeyLine
from widgets.keys import bindings_for
from widgets.status_line import StatusLine

TICK = 30
"""Seconds between two looks at the clocks."""

WIDE = 110


class ChecklistScreen(DeskScreen):
    """The steps of the appeal's fast track, or the schemes that may be started."""

    CSS_PATH = "checklist.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]
    BINDINGS = bindings_for("checklist")

    def __init__(self, key: str) -> None:
        super().__init__()
        self._key = key
        self._pk: int | None = None
        self._steps: tuple[StepView, ...] = ()
        self._tracks: tuple[str, ...] = ()

    def compose(self) -> ComposeResult:
        """The header, how far it is, the steps, the keys."""
        yield StatusLine()
        yield Static("", id="header", markup=False)
        yield Static("", id="progress", markup=False)
        yield EntryList(steps.LABELS, id="steps")
        yield KeyLine("checklist")

    def on_mount(self) -> None:
        """Draw, with the cursor on the first open step."""
        super().on_mount()
        self._draw()
        self.query_one(EntryList).highlighted = next_open(self._steps) if self._steps else 0
        self.query_one(EntryList).focus()
        self.every(TICK, self._draw)

    def on_data(self, change: Change) -> None:
        """Draw anew when this appeal changed; the cursor stays."""
        if Area.APPEALS in change.areas and self._pk in change.pks:
            self._draw()

    def _draw(self) -> None:
        try:
            appeal = self.desk.appeal(self._key)
        except Refused as refused:
            self.gone(refused)
            return
        self._pk = self.desk.lists.position_key(appeal.id)
        now = self.desk.now()
        header = appeal_header(appeal, self.desk.actor.account, now, self.desk.zone)
        self.query_one("#header", Static).update(header)
        checklist = current_checklist(appeal)
        if checklist is None:
            self._draw_tracks(appeal)
            return
        self._tracks = ()
        self._steps = steps_of(checklist, appeal, self.desk.rulebook, now)
        progress = progress_of(checklist, self._steps)
        self.query_one("#progress", Static).update(
            Content.assemble(progress_content(checklist.title, progress), self._limit(checklist.fast_track))
        )
        self.query_one(EntryList).show(steps.step_entries(self._steps, self.desk.zone))

    def _draw_tracks(self, appeal: Appeal) -> None:
        tracks = startable_tracks(appeal, self.desk.rulebook)
        self._steps, self._tracks = (), tuple(track.code for track in tracks)
        words = _("Choose the fast track to start (Enter). A star marks those made for the topic.")
        self.query_one("#progress", Static).update(Content(words))
        self.query_one(EntryList).show(steps.track_entries(tracks, appeal.topic))

    def _limit(self, code: str) -> Content:
        track = self.desk.rulebook.fast_tracks.get(code)
        return (
            Content.styled(f"\n{track.limit} — {track.limit_source}", "$text-muted") if track else Content("")
        )

    # --- acts --------------------------------------------------------------------------------------

    @property
    def _chosen(self) -> StepView | None:
        at = self.query_one(EntryList).highlighted
        return self._steps[at] if at is not None and at < len(self._steps) else None

    @on(OptionList.OptionSelected)
    def _selected(self) -> None:
        self.action_tick()

    def action_tick(self) -> None:
        """Mark the step as done, or start the chosen fast track."""
        at = self.query_one(EntryList).highlighted
        if self._tracks and at is not None:
            self._start(self._tracks[at])
        elif (view := self._chosen) is None:
            return
        elif view.status is StepStatus.DONE:
            self.station.say(_("The step is done already. R takes the mark back."))
        elif view.fulfils_itself:
            self.action_answer()
        else:
            self.station.start(self._tick(view))

    async def _tick(self, view: StepView) -> None:
        step = view.step
        if not step.evidence:
            await self._give("tick", step=step.n)
            return
        question = FormField("evidence", EVIDENCE.get(step.evidence, step.evidence), FieldKind.LINE)
        form = Form("tick", (question,), {"step": step.n})
        await ask(self.station, step.title, form, lambda values: self._give("tick", **values))

    def action_skip(self) -> None:
        """Leave the step out, with a reason."""
        view = self._chosen
        if view is None or self._tracks:
            return
        if view.status is not StepStatus.OPEN:
            self.station.say(_("The step is closed already. R takes the mark back."))
            return
        self.station.start(self._skip(view))

    async def _skip(self, view: StepView) -> None:
        field = FormField("reason", N_("Why the step is left out"), FieldKind.LINE)
        form = Form("skip", (field,), {"step": view.step.n})
        await ask(self.station, view.step.title, form, lambda values: self._give("skip", **values))

    def action_reopen(self) -> None:
        """Take the mark of the step back."""
        view = self._chosen
        if view is not None:
            self.station.start(self._give("reopen_step", step=view.step.n))

    def action_another(self) -> None:
        """Start another fast track beside the one that runs."""
        if not self._tracks:
            self.station.start(self._another())

    async def _another(self) -> None:
        choices = fast_track_choices(self.desk.rulebook, self.desk.appeal(self._key))
        code = await self.station.push_screen_wait(Picker(_("Another fast track"), choices))
        if code is not None:
            self._start(code)

    def _start(self, code: str) -> None:
        self.station.start(self._give("start_checklist", fast_track=code))

    async def _give(self, command: str, **values: object) -> bool:
        """Give the command and go on to the next step; False when it was refused, which is told."""
        done = await self.station.attempt(lambda: self.desk.do(command, self._key, **values))
        if done is None:
            return False
        self._draw()
        steps_list = self.query_one(EntryList)
        if command in ("tick", "skip") and self._steps:
            steps_list.highlighted = next_open(self._steps, steps_list.highlighted or 0)
        elif command == "start_checklist":
            steps_list.highlighted = 0
        if command in ("tick", "skip") and self._progress(done.appeal).is_ready:
            self.station.say(_("All mandatory steps are closed: you may answer (E)."))
        return True

    def _progress(self, appeal: Appeal) -> Progress:
        return progress_of(appeal.checklists[-1], self._steps)

    # --- places ------------------------------------------------------------------------------------

    def action_answer(self) -> None:
        """Go to the answer."""
        self.station.open_answer(self._key)

    def action_undo(self) -> None:
        """Take back the latest act that has not been sent yet."""
        self.station.start(undo(self.station))

    def action_back(self) -> None:
        """Back to where the fast track was opened from."""
        self.dismiss()
