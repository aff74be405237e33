"""The answer of an appeal: written by its author, reviewed by a colleague, read by everybody else."""

from collections.abc import Coroutine
from functools import partial

from textual import work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Button, Static

from cur_tui.domain.model import Answer, Appeal
from cur_tui.domain.refusal import Refused
from cur_tui.domain.vocabulary import State
from cur_tui.i18n import _
from cur_tui.services.answers.answering import AnswerDesk, Mode, mode_of, returned_answer
from cur_tui.services.desk import Area, Change
from cur_tui.services.form_texts import Place, begun, keep
from cur_tui.services.labels import label
from cur_tui.services.words import outcome_words
from screens.answer_writing import WritingSheet
from screens.base import DeskScreen
from screens.rework import TEXT, ReworkScreen
from widgets import answers
from widgets.answer_findings import AnswerFindings
from widgets.badges import appeal_header, hidden_badge
from widgets.key_line import KeyLine
from widgets.keys import bindings_for
from widgets.ledger import Ledger
from widgets.section import Section
from widgets.show import show, show_line
from widgets.status_line import StatusLine

WIDE = 110

_OF_MODE: dict[Mode, frozenset[str]] = {
    Mode.AUTHOR: frozenset(
        {"submit", "template", "editor", "interim", "outcome", "checklist", "next_remark", "previous_remark"}
    ),
    Mode.REVIEW: frozenset({"approve", "rework", "checklist"}),
    Mode.READ: frozenset({"checklist"}),
}
_ALWAYS = frozenset({"back", "beside"})
_OURS = frozenset.union(*_OF_MODE.values()) | _ALWAYS


class AnswerScreen(DeskScreen):
    """One screen for the three things that people do with an answer; :class:`Mode` says which."""

    CSS_PATH = "answer.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]
    BINDINGS = bindings_for("answer")

    def __init__(self, key: str) -> None:
        super().__init__()
        self._key = key
        self._mode = Mode.READ
        self._appeal: Appeal | None = None

    # --- composition -------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        """The header, the answer in the way its mode wants it, the citizen's text beside it."""
        appeal = self._appeal = self.desk.find(self._key)
        if appeal is None:
            return
        self._mode = mode_of(self.desk, appeal)
        self.set_class(self._mode is Mode.AUTHOR, "-author")
        # Where there is no room for both, an author sees first why the text came back.
        self.set_class(self._mode is Mode.AUTHOR and returned_answer(appeal) is not None, "-letter")
        yield StatusLine()
        yield Static("", id="header", markup=False)
        with Horizontal(id="halves"):
            if self._mode is Mode.AUTHOR:
                yield WritingSheet(appeal, self._answers)
            elif self._mode is Mode.REVIEW and appeal.pending_answer is not None:
                yield from self._compose_review(appeal, appeal.pending_answer)
            else:
                yield from self._compose_reading(appeal)
            with VerticalScroll(id="beside"):
                yield from self._compose_beside(appeal)
        yield KeyLine("answer")

    def _compose_review(self, appeal: Appeal, answer: Answer) -> ComposeResult:
        with Vertical(id="sheet"):
            what = f"{label(answer.kind).capitalize()} · {outcome_words(answer)} · {answer.author_name}"
            hidden = hidden_badge(answer.text)
            yield Static(Content.assemble(show_line(what), "  ", hidden), id="what")
            with VerticalScroll(id="text"):
                yield Static(show(answer.text))
            with Horizontal(id="buttons"):
                yield Button(Content(_("Approve  Ctrl+Y")), id="approve", variant="success", compact=True)
                yield Button(Content(_("Rework  Ctrl+R")), id="rework", variant="warning", compact=True)
            yield AnswerFindings(id="findings")

    def _compose_reading(self, appeal: Appeal) -> ComposeResult:
        with VerticalScroll(id="sheet"):
            yield Static(Content(_why_reading(appeal, self.desk.actor.account)), id="what")
            ledger = Ledger(label_width=answers.LABELS)
            ledger.show(answers.answer_entries(appeal.answers, self.desk.zone))
            yield ledger

    def _compose_beside(self, appeal: Appeal) -> ComposeResult:
        returned = returned_answer(appeal) if self._mode is Mode.AUTHOR else None
        if returned is not None:
            yield Section(_("What the reviewer said"), Static(answers.rework_words(returned)), id="review")
        yield Section(_("What the citizen wrote"), Static(show(appeal.text)), id="citizen")
        if appeal.essence:
            yield Section(_("Essence"), Static(show(appeal.essence)), id="essence")
        if returned is not None:
            yield Section(_("The returned text"), Static(show(returned.text)), id="returned")
        earlier = [answer for answer in appeal.answers if answer is not appeal.pending_answer]
        if self._mode is Mode.REVIEW and earlier:
            ledger = Ledger(label_width=answers.LABELS)
            ledger.show(answers.answer_entries(earlier, self.desk.zone))
            yield Section(_("Earlier versions"), ledger, id="earlier")

    @property
    def _answers(self) -> AnswerDesk:
        return AnswerDesk(self.desk)

    def on_mount(self) -> None:
        """Say which appeal this is, and show the remarks to a reviewer."""
        super().on_mount()
        self._filled()
        self._tidy()

    @work(thread=True, exit_on_error=False)
    def _tidy(self) -> None:
        """Forget the drafts of answers that the server has taken."""
        appeal = self._appeal
        if appeal is not None:
            self._answers.forget_spent(appeal)

    def _filled(self) -> None:
        appeal = self._appeal
        if appeal is None:
            self.gone(Refused("not_found", number=self._key))
            return
        self._draw_header(appeal)
        badge = hidden_badge(appeal.text)
        if badge.plain:
            title = Content.assemble(_("What the citizen wrote"), "  ", badge)
            self.query_one("#citizen", Section).border_title = title
        waiting = appeal.pending_answer
        if self._mode is Mode.REVIEW and waiting is not None:
            findings = self._answers.findings_of(appeal, waiting)
            self.query_one(AnswerFindings).show(findings, waiting.text)
            self.query_one("#text").focus()
        elif self._mode is Mode.READ:
            self.query_one("#sheet").focus()
        self.refresh_bindings()

    def _draw_header(self, appeal: Appeal) -> None:
        desk, members = self.desk, self.desk.members_of(appeal)
        header = appeal_header(appeal, desk.actor.account, desk.now(), desk.zone, members=members)
        self.query_one("#header", Static).update(header)

    # --- what changes ------------------------------------------------------------------------------

    def on_data(self, change: Change) -> None:
        """Show the appeal anew when others moved it; what is being written is kept first."""
        if Area.APPEALS not in change.areas or self._appeal is None:
            return
        pk = self.desk.lists.position_key(self._key)
        if pk is not None and pk not in change.pks:
            return
        try:
            appeal = self.desk.appeal(self._key)
        except Refused as refused:
            self.gone(refused)
            return
        if appeal.state is not self._appeal.state or appeal.answers != self._appeal.answers:
            self.station.start(self._anew())
        elif appeal != self._appeal:
            self._appeal = appeal
            for sheet in self.query(WritingSheet):
                sheet.appeal = appeal
            self._draw_header(appeal)

    async def _anew(self) -> None:
        for sheet in self.query(WritingSheet):
            await sheet.leave()
            self.station.say(_("The appeal has changed meanwhile. Your text is kept as a draft."))
        await self.recompose()
        self._filled()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what the mode allows, so that the footer and the keys agree."""
        if action in _OURS:
            return action in _OF_MODE[self._mode] | _ALWAYS
        return super().check_action(action, parameters)

    # --- acts --------------------------------------------------------------------------------------

    def _write(self, task: Coroutine[None, None, object]) -> None:
        self.station.start(task)

    @property
    def _sheet(self) -> WritingSheet:
        return self.query_one(WritingSheet)

    def action_submit(self) -> None:
        """Submit for approval."""
        self._write(self._submit())

    async def _submit(self) -> None:
        done = await self._sheet.submit()
        if done is not None:
            interim = done.appeal.state is State.INTERIM_PUBLISHED
            said = _("The interim answer is on its way.") if interim else _("Submitted for approval.")
            self.station.say(said)
            self._close()

    def action_template(self) -> None:
        """Choose a template."""
        self._write(self._sheet.choose_template())

    def action_outcome(self) -> None:
        """Say what came of the appeal."""
        self._write(self._sheet.choose_outcome())

    def action_interim(self) -> None:
        """Switch between an interim and a final answer."""
        self._write(self._sheet.switch_kind())

    def action_editor(self) -> None:
        """Write in the person's own editor."""
        self._write(self._sheet.use_editor())

    def action_next_remark(self) -> None:
        """Go to the next remark."""
        self._sheet.point(1)

    def action_previous_remark(self) -> None:
        """Go to the previous remark."""
        self._sheet.point(-1)

    def action_approve(self) -> None:
        """Approve exactly this text."""
        self._write(self._approve())

    async def _approve(self) -> None:
        appeal = self._appeal
        waiting = appeal.pending_answer if appeal else None
        if appeal is None or waiting is None:
            return
        done = await self.station.attempt(lambda: self._answers.approve(appeal, waiting))
        if done is not None:
            self.station.say(_("Approved. U takes it back."))
            self._close()

    def action_rework(self) -> None:
        """Return the text to its author."""
        self._write(self._rework())

    async def _rework(self) -> None:
        appeal = self._appeal
        waiting = appeal.pending_answer if appeal else None
        if appeal is None or waiting is None:
            return
        attempt, place = self.station.attempt, Place(appeal.id, "rework", appeal.number)
        screen = ReworkScreen(await attempt(lambda: begun(self.desk, place)) or "")
        while True:
            screen.keep = lambda typed: keep(self.desk, place, typed[TEXT])
            given = await self.station.push_screen_wait(screen)
            await screen.end_keeping()
            if given is None:
                await attempt(partial(keep, self.desk, place, screen.left[TEXT]))
                return
            reasons, text = given
            act = partial(self._answers.rework, appeal, waiting, reasons, text)
            if await attempt(act) is not None:
                break
            screen = ReworkScreen(text, reasons)  # what was written does not go with a refusal
        self.station.say(_("Returned to its author. U takes it back."))
        self._close()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """The buttons do what their keys do."""
        if event.button.id == "approve":
            self.action_approve()
        else:
            self.action_rework()

    def action_checklist(self) -> None:
        """Open the fast track."""
        self.station.open_checklist(self._key)

    def action_beside(self) -> None:
        """Show the citizen's text instead of the remarks, where there is no room for both."""
        self.toggle_class("-letter")

    def action_back(self) -> None:
        """Keep the draft and go back."""
        self._write(self._back())

    async def _back(self) -> None:
        for sheet in self.query(WritingSheet):
            await sheet.leave()
        self._close()

    def _close(self) -> None:
        """Close this screen, whatever the person has opened over it since."""
        screens: list[Screen[object]] = list(self.app.screen_stack)
        if screens[-1] is self:
            self.dismiss()


def _why_reading(appeal: Appeal, me: str) -> str:
    """Why there is nothing to write or to review here."""
    waiting = appeal.pending_answer
    if waiting is not None and waiting.author == me:
        return _("Your answer awaits approval by a colleague.")
    if waiting is not None:
        return _("The answer awaits approval.")
    if appeal.state in (State.NEW, State.DISTRIBUTION):
        return _("There is nobody who must answer yet: assign the appeal first (A).")
    if appeal.answers:
        return _("Versions of the answer, the latest first.")
    return _("In the state «{state}» no answer is written.").format(state=label(appeal.state))
