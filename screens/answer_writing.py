"""The sheet on which an answer is written: its text, what belongs to it, and the remarks as it grows."""

import asyncio
import os
from contextlib import suppress
from dataclasses import replace
from typing import TypeVar

from textual import on, work
from textual.app import ComposeResult, SuspendNotSupported
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Input, Static, TextArea
from textual.widgets.text_area import Selection

from cur_tui.domain.answers.lint import Finding
from cur_tui.domain.model import Appeal
from cur_tui.domain.profile.profile import AnswerTemplate
from cur_tui.domain.vocabulary import AnswerKind, Outcome
from cur_tui.formats import format_number
from cur_tui.i18n import _, ngettext
from cur_tui.services.answers.answering import (
    FINAL_OUTCOMES,
    AnswerDesk,
    Blocked,
    Composition,
    may_be_interim,
)
from cur_tui.services.answers.editor import EditorProblem, edit
from cur_tui.services.desk import CacheError, Done
from cur_tui.services.forms import enum_choices
from cur_tui.services.labels import label
from screens.base import station
from screens.picker import Picker
from screens.template_picker import TemplatePicker
from widgets.answer_findings import AnswerFindings
from widgets.text_field import TextField, line_of

PAUSE = 0.3
"""Seconds without a key after which the draft is kept and the text is checked."""

R = TypeVar("R")


class WritingSheet(Vertical):
    """The writing side of the answer screen. Nothing typed here is lost: each pause keeps the draft."""

    def __init__(self, appeal: Appeal, answers: AnswerDesk) -> None:
        super().__init__(id="sheet")
        self.appeal = appeal
        self._answers = answers
        self._written = answers.begin(appeal)
        self._kept = self._written
        self._keeping = asyncio.Lock()
        self._pause: Timer | None = None

    def compose(self) -> ComposeResult:
        """What the answer is, the text, what belongs to it, the remarks."""
        yield Static("", id="what", markup=False)
        yield TextField(self._written.text, id="editor")
        with Horizontal(id="promise", classes="row"):
            yield Static(Content(_("By when")), classes="label")
            yield Input(
                line_of(self._written.promised), id="promised", compact=True, placeholder=_("25.11.2026")
            )
        with Horizontal(id="proof", classes="row"):
            yield Static(Content(_("Evidence")), classes="label")
            yield Input(
                line_of(self._written.evidence),
                id="evidence",
                compact=True,
                placeholder=_("act, photographs, number of the order; by commas"),
            )
        yield AnswerFindings(id="findings")

    def on_mount(self) -> None:
        """Begin to write."""
        self.query_one(TextArea).focus()
        self._show()
        self._check()

    def on_unmount(self) -> None:
        """Keep what was typed since the last pause; the fields are gone already."""
        if self._written != self._kept:
            with suppress(CacheError):  # what the cache refuses the desk remembers
                self._answers.keep(self.appeal, self._written)

    # --- what is written ---------------------------------------------------------------------------

    @on(TextArea.Changed)
    @on(Input.Changed)
    def _changed(self) -> None:
        self._take()
        if self._pause is not None:
            self._pause.stop()
        self._pause = self.set_timer(PAUSE, self._paused)

    def _paused(self) -> None:
        self._show()
        self._keep_soon()
        self._check()

    def _take(self) -> None:
        """Read the widgets."""
        self._written = replace(
            self._written,
            text=self.query_one(TextArea).text,
            promised=self.query_one("#promised", Input).value,
            evidence=self.query_one("#evidence", Input).value,
        )

    def _put(self, written: Composition) -> None:
        """Show another composition; the way back in the editor (Ctrl+Z) stays open."""
        self._written = written
        editor = self.query_one(TextArea)
        if editor.text != written.text:
            editor.replace(written.text, editor.document.start, editor.document.end)
            editor.move_cursor((0, 0))
        self.query_one("#promised", Input).value = line_of(written.promised)
        self.query_one("#evidence", Input).value = line_of(written.evidence)
        self._paused()

    @work(group="keep", exit_on_error=False)
    async def _keep_soon(self) -> None:
        await self.keep()

    async def keep(self) -> None:
        """Keep the draft, one at a time and always the latest."""
        async with self._keeping:
            written = self._written
            if written != self._kept:
                await asyncio.to_thread(self._answers.keep, self.appeal, written)
                self._kept = written
                self._show()

    async def leave(self) -> None:
        """Keep everything before the screen goes."""
        self._take()
        await self.keep()

    # --- what is shown -----------------------------------------------------------------------------

    def _show(self) -> None:
        if not self.is_attached:
            return
        written = self._written
        final = written.kind is AnswerKind.FINAL
        template = station(self).desk.rulebook.templates.get(written.template or "")
        # Only the key that the last line has no room for: the others stand there.
        parts = [Content.assemble((label(written.kind), "bold"), (" Ctrl+N", "$accent"))]
        if final:
            named = written.outcome is not None
            outcome = label(written.outcome) if written.outcome else _("choose the outcome")
            style = "bold" if named else "bold $warning"
            parts.append(Content.assemble(_("Outcome: "), (outcome, style)))
        name = template.title if template else _("none")
        parts.append(Content.assemble(_("Template: "), (name, "bold")))
        self.query_one("#what", Static).update(Content("   ").join(parts), layout=False)
        self.query_one("#promise").display = final and written.outcome is Outcome.PLANNED
        self.query_one("#proof").display = final
        count = len(written.text)
        words = ngettext("{count} character", "{count} characters", count)
        state = _("draft kept") if written == self._kept else _("draft is being kept…")
        self.query_one(TextArea).border_title = Content(
            f"{_('Text')} · {words.format(count=format_number(count))} · {state}"
        )

    @work(group="check", exclusive=True, exit_on_error=False)
    async def _check(self) -> None:
        written = self._written
        findings = await asyncio.to_thread(self._answers.findings, self.appeal, written)
        if self.is_attached:
            self.query_one(AnswerFindings).show(findings, written.text)

    @on(AnswerFindings.Chosen)
    def _chosen(self, event: AnswerFindings.Chosen) -> None:
        self._point_at(event.finding)

    def point(self, by: int) -> None:
        """Go to the next or previous remark."""
        self._take()
        remarks = self.query_one(AnswerFindings)
        # Places are those of the text as it is this moment: with older ones the next key would overwrite
        # something else.
        finding = remarks.renewed(self._answers.findings(self.appeal, self._written), self._written.text, by)
        if finding is None:
            station(self).say(_("There are no remarks."))
        else:
            self.screen.remove_class("-letter")
            self._point_at(finding)

    def _point_at(self, finding: Finding) -> None:
        editor = self.query_one(TextArea)
        editor.focus()
        if finding.start == 0 and finding.end >= len(editor.text):
            return
        editor.selection = Selection(
            _location(editor.text, finding.start), _location(editor.text, finding.end)
        )
        editor.scroll_cursor_visible()

    # --- acts --------------------------------------------------------------------------------------

    async def submit(self) -> Done | None:
        """Submit what is written; None when something keeps it from being sent, which is told."""
        self._take()
        here = station(self)
        if (
            self._written.kind is AnswerKind.FINAL
            and self._written.outcome is None
            and self._written.text.strip()
        ):
            await self.choose_outcome()
            if self._written.outcome is None:
                return None
        written = self._written
        try:
            done = await here.attempt(lambda: self._answers.submit(self.appeal, written))
        except Blocked as blocked:
            self._kept = written
            self.screen.remove_class("-letter")
            remarks = self.query_one(AnswerFindings)
            remarks.show(await asyncio.to_thread(self._answers.findings, self.appeal, written), written.text)
            count = len(blocked.findings)
            sentence = ngettext(
                "{count} remark keeps the answer from being sent. F8 goes to it.",
                "{count} remarks keep the answer from being sent. F8 goes through them.",
                count,
            )
            here.say(sentence.format(count=count), problem=True)
            self._point_at(remarks.go_to(0))
            return None
        self._kept = written
        return done

    async def choose_template(self) -> None:
        """Replace the text by a template's."""
        self._take()
        templates = self._answers.templates(self.appeal)
        picker = TemplatePicker(templates, lambda template: self._answers.preview(template, self.appeal))
        template: AnswerTemplate | None = await self._ask(picker)
        if template is not None:
            self._put(self._answers.use(self._written, template, self.appeal))
            first = next(iter(self._written.missing), None)
            if first is not None:
                self._select(f"⟦{first}⟧")

    async def choose_outcome(self) -> None:
        """Say what came of the appeal."""
        if self._written.kind is not AnswerKind.FINAL:
            station(self).say(_("An interim answer has no outcome yet."))
            return
        now = self._written.outcome
        picker = Picker(_("What came of the appeal"), enum_choices(FINAL_OUTCOMES), now.value if now else "")
        code: str | None = await self._ask(picker)
        if code is not None:
            self._take()
            self._put(replace(self._written, outcome=Outcome(code)))
            if Outcome(code) is Outcome.PLANNED and not self._written.promised:
                self.query_one("#promised").focus()

    async def switch_kind(self) -> None:
        """Go over to the other kind of answer; each kind has a draft of its own."""
        self._take()
        if self._written.kind is AnswerKind.FINAL and not may_be_interim(self.appeal):
            station(self).say(_("An interim answer is not possible in this state."), problem=True)
            return
        await self.keep()
        other = AnswerKind.INTERIM if self._written.kind is AnswerKind.FINAL else AnswerKind.FINAL
        sheet = self._answers.begin(self.appeal, other)
        if not sheet.text:
            sheet = replace(sheet, text=self._written.text, template=self._written.template)
        self._kept = sheet
        self._put(sheet)

    async def use_editor(self) -> None:
        """Write in the person's own editor, which gets the whole terminal until it ends."""
        await self.leave()
        here = station(self)
        try:
            with here.suspend():
                text = edit(self._written.text, self._answers.editor_folder, os.environ)
        except EditorProblem as problem:
            here.say(problem.sentence, problem=True)
            return
        except SuspendNotSupported:
            here.say(_("This terminal cannot be handed over to an editor."), problem=True)
            return
        self._put(replace(self._written, text=text))

    async def _ask(self, screen: Screen[R | None]) -> R | None:
        answer = await station(self).push_screen_wait(screen)
        self.query_one(TextArea).focus()
        return answer

    def _select(self, words: str) -> None:
        editor = self.query_one(TextArea)
        at = editor.text.find(words)
        if at >= 0:
            end = at + len(words)
            editor.selection = Selection(_location(editor.text, at), _location(editor.text, end))
            editor.scroll_cursor_visible()


def _location(text: str, offset: int) -> tuple[int, int]:
    line = text.count("\n", 0, offset)
    return line, offset - (text.rfind("\n", 0, offset) + 1)
