"""Writing and reviewing an answer: what it starts from, what is kept, what stops it, what is sent."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

from uuid6 import uuid7

from cur_tui.domain.answers.lint import Finding, blocks, lint
from cur_tui.domain.answers.rendering import Rendered, unresolved
from cur_tui.domain.commands import Approve, SendToRework, SubmitAnswer
from cur_tui.domain.model import Answer, Appeal
from cur_tui.domain.profile.profile import AnswerTemplate
from cur_tui.domain.refusal import Refused
from cur_tui.domain.texts.text import neutralise
from cur_tui.domain.vocabulary import AnswerKind, AnswerStatus, Outcome, ReworkReason, State
from cur_tui.services.answers.editor import editor_folder
from cur_tui.services.answers.templates import INTERIM_KINDS, OUTCOME_OF, fill, ranked
from cur_tui.services.desk import Desk, Done
from storage.entries import Draft

_ANSWERABLE = {
    AnswerKind.FINAL: frozenset({State.ASSIGNED, State.IN_PROGRESS, State.REVISION_REQUIRED}),
    AnswerKind.INTERIM: frozenset({State.ASSIGNED, State.IN_PROGRESS}),
}
FINAL_OUTCOMES = (
    Outcome.SOLVED,
    Outcome.EXPLAINED,
    Outcome.PLANNED,
    Outcome.NOT_SOLVED,
    Outcome.FORWARDED,
    Outcome.REJECTED,
)
"""What an author may say came of the appeal. Deferral is a state of the work, not an answer."""


class Mode(StrEnum):
    """What a person may do with the answer of an appeal now."""

    AUTHOR = "author"
    REVIEW = "review"
    READ = "read"


@dataclass(frozen=True, slots=True)
class Composition:
    """An answer while it is written. ``id`` is the one it will be submitted under.

    ``promised`` and ``evidence`` are kept as typed; ``template`` names the last template that was used.
    """

    id: str
    kind: AnswerKind
    text: str = ""
    outcome: Outcome | None = None
    template: str | None = None
    template_version: int | None = None
    promised: str = ""
    evidence: str = ""

    @property
    def missing(self) -> tuple[str, ...]:
        """The placeholders that a person still has to fill in, in the order of the text."""
        return unresolved(self.text)


class Blocked(Exception):
    """An answer that its own findings keep from being submitted; nothing has changed."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__(", ".join(finding.rule for finding in findings))
        self.findings = findings


def mode_of(desk: Desk, appeal: Appeal) -> Mode:
    """Whether the person writes, reviews or only reads the answer of ``appeal``."""
    waiting = appeal.pending_answer
    if appeal.state is State.IN_REVIEW and waiting is not None:
        own = waiting.author == desk.actor.account
        return Mode.REVIEW if desk.may("approve") and not own else Mode.READ
    writable = any(appeal.state in states for states in _ANSWERABLE.values())
    return Mode.AUTHOR if writable and desk.may("answer") else Mode.READ


def may_be_interim(appeal: Appeal) -> bool:
    """Whether an interim answer is possible from the present state."""
    return appeal.state in _ANSWERABLE[AnswerKind.INTERIM]


def returned_answer(appeal: Appeal) -> Answer | None:
    """The version that came back for rework, while that is what the work is about."""
    if appeal.state not in (State.REVISION_REQUIRED, State.IN_PROGRESS, State.ASSIGNED):
        return None
    finals = [answer for answer in appeal.answers if answer.kind is AnswerKind.FINAL]
    last = finals[-1] if finals else None
    return last if last is not None and last.status is AnswerStatus.RETURNED else None


class AnswerDesk:
    """The writing side of one desk. It keeps nothing in memory: each text lives in the cache's drafts."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def today(self) -> date:
        """The region's date."""
        return self._desk.now().astimezone(ZoneInfo(self._desk.rulebook.region.time_zone)).date()

    @property
    def editor_folder(self) -> Path:
        """Where texts lie while the person's own editor has them: private, beside the cache."""
        return editor_folder(self._desk.cache.path)

    # --- drafts ------------------------------------------------------------------------------------

    def begin(self, appeal: Appeal, kind: AnswerKind = AnswerKind.FINAL) -> Composition:
        """What to write on: the kept draft, else the version that was returned, else an empty sheet.

        A draft whose answer has been submitted is spent; it comes back to life when the submission is
        taken back or refused, because then the appeal has no such answer. One that was gone on with while
        its submission seemed lost, and which has arrived after all, is another answer.
        """
        kept = self._desk.draft(appeal.id, kind.value)
        if kept is not None and not _is_spent(appeal, kept):
            written = _from_draft(kept)
            return written if appeal.answer(written.id) is None else replace(written, id=_new_id())
        returned = returned_answer(appeal)
        if kind is AnswerKind.FINAL and returned is not None:
            return Composition(
                id=_new_id(),
                kind=kind,
                text=returned.text,
                outcome=returned.outcome,
                template=returned.template,
                template_version=returned.template_version,
                promised=returned.promised_date.isoformat() if returned.promised_date else "",
                evidence=", ".join(returned.evidence),
            )
        return Composition(id=_new_id(), kind=kind)

    def keep(self, appeal: Appeal, written: Composition) -> None:
        """Store what has been written, at once and durably."""
        self._desk.save_draft(as_draft(appeal.id, appeal.number, written))

    # --- templates ---------------------------------------------------------------------------------

    def templates(self, appeal: Appeal) -> tuple[AnswerTemplate, ...]:
        """The templates that fit, the best first."""
        return ranked(appeal, self._desk.rulebook, self.today())

    def preview(self, template: AnswerTemplate, appeal: Appeal) -> Rendered:
        """The template's text with everything that the appeal itself can tell."""
        return fill(template, appeal, self._desk.rulebook, self._desk.now())

    def use(self, written: Composition, template: AnswerTemplate, appeal: Appeal) -> Composition:
        """``written`` with the template's text, and the outcome that the template speaks of."""
        interim = template.kind in INTERIM_KINDS and may_be_interim(appeal)
        kind = AnswerKind.INTERIM if interim else AnswerKind.FINAL
        sheet = written if kind is written.kind else self.begin(appeal, kind)
        return replace(
            sheet,
            text=self.preview(template, appeal).text,
            outcome=None if interim else OUTCOME_OF.get(template.kind, sheet.outcome),
            template=template.code,
            template_version=template.version,
        )

    # --- checks and acts ---------------------------------------------------------------------------

    def findings(self, appeal: Appeal, written: Composition) -> tuple[Finding, ...]:
        """The remarks about a text as it stands."""
        return lint(
            written.text,
            kind=written.kind,
            outcome=written.outcome,
            regime=appeal.regime,
            source=appeal.source,
            promised_date=parse_day(written.promised, self.today()),
            has_evidence=bool(written.evidence.strip()) or bool(appeal.attachments),
        )

    def findings_of(self, appeal: Appeal, answer: Answer) -> tuple[Finding, ...]:
        """The remarks about a submitted version, as its reviewer sees them."""
        return lint(
            answer.text,
            kind=answer.kind,
            outcome=answer.outcome,
            regime=appeal.regime,
            source=appeal.source,
            promised_date=answer.promised_date,
            has_evidence=bool(answer.evidence) or bool(appeal.attachments),
        )

    def submit(self, appeal: Appeal, written: Composition) -> Done:
        """Send the text for approval, or queue an interim one for delivery.

        Raises :class:`Blocked` with the findings that forbid it, and :class:`Refused`. The draft stays
        until :meth:`forget_spent`, so that no way back loses the text.
        """
        self.keep(appeal, written)
        if written.kind is AnswerKind.FINAL and written.outcome is None:
            raise Refused("empty_field", field="outcome")
        findings = self.findings(appeal, written)
        if blocks(findings):
            raise Blocked(tuple(found for found in findings if blocks([found])))
        planned = written.outcome is Outcome.PLANNED
        arguments = SubmitAnswer(
            answer=written.id,
            text=written.text,
            kind=written.kind,
            outcome=written.outcome,
            template=written.template,
            template_version=written.template_version,
            promised_date=parse_day(written.promised, self.today()) if planned else None,
            evidence=tuple(part.strip() for part in written.evidence.split(",") if part.strip()),
        )
        return self._desk.give(appeal, arguments)

    def approve(self, appeal: Appeal, answer: Answer) -> Done:
        """Approve exactly the text that was read."""
        return self._desk.give(appeal, Approve(answer.id, answer.digest))

    def rework(self, appeal: Appeal, answer: Answer, reasons: tuple[ReworkReason, ...], text: str) -> Done:
        """Return the text to its author; the draft of the remarks goes with it."""
        return self._desk.give(appeal, SendToRework(answer.id, reasons, text), form=(appeal.id, "rework"))

    def forget_spent(self, appeal: Appeal) -> None:
        """Delete the drafts of answers that the server has taken."""
        waiting = {entry.appeal for entry in self._desk.outbox() if entry.type == "submit"}
        if appeal.id in waiting:
            return
        for kind in (AnswerKind.FINAL, AnswerKind.INTERIM):
            kept = self._desk.draft(appeal.id, kind.value)
            if kept is not None and _is_spent(appeal, kept):
                self._desk.cache.writer.delete_draft(appeal.id, kind.value)


def as_draft(appeal: str, number: str, written: Composition) -> Draft:
    """What has been written for an appeal, named by id and number, as the cache keeps it."""
    return Draft(
        appeal=appeal,
        kind=written.kind.value,
        text=written.text,
        number=number,
        answer=written.id,
        outcome=written.outcome.value if written.outcome else None,
        template=written.template,
        template_version=written.template_version,
        promised_date=written.promised or None,
        evidence=written.evidence,
    )


def from_arguments(arguments: Mapping[str, object]) -> Composition:
    """The answer that a refused submission held, under a new id, as a sheet to write on."""

    def word(name: str) -> str:
        value = arguments.get(name)
        return value if isinstance(value, str) else ""

    def listed(name: str) -> list[str]:
        value = arguments.get(name)
        return [str(part) for part in value] if isinstance(value, list | tuple) else []

    version = arguments.get("template_version")
    return Composition(
        id=_new_id(),
        kind=AnswerKind(word("kind") or AnswerKind.FINAL.value),
        text=word("text"),
        outcome=Outcome(word("outcome")) if word("outcome") else None,
        template=word("template") or None,
        template_version=version if isinstance(version, int) else None,
        promised=word("promised_date"),
        evidence=", ".join(listed("evidence")),
    )


def parse_day(typed: str, today: date) -> date | None:
    """A day as people type it: ``25.11.2026``, ``25.11`` (the next such day) or ``2026-11-25``; else None."""
    cleaned = typed.strip().rstrip(".")
    for pattern in ("%d.%m.%Y", "%d.%m.%y", "%Y-%m-%d"):
        try:
            return datetime.strptime(cleaned, pattern).date()  # noqa: DTZ007 - a date has no zone
        except ValueError:
            continue
    try:
        # Without a year the pattern would refuse 29 February, hence a leap year is lent to it.
        short = datetime.strptime(f"{cleaned}.2000", "%d.%m.%Y").date()  # noqa: DTZ007
        this_year = short.replace(year=today.year)
        return this_year if this_year >= today else short.replace(year=today.year + 1)
    except ValueError:
        return None


def _is_spent(appeal: Appeal, kept: Draft) -> bool:
    """Whether the record has what the draft says; of an answer that is erased nothing is to stay."""
    answer = appeal.answer(kept.answer)
    if answer is None:
        return False
    return appeal.erased_at is not None or neutralise(kept.text).strip() in answer.text


def _from_draft(kept: Draft) -> Composition:
    return Composition(
        id=kept.answer or _new_id(),
        kind=AnswerKind(kept.kind),
        text=kept.text,
        outcome=Outcome(kept.outcome) if kept.outcome else None,
        template=kept.template,
        template_version=kept.template_version,
        promised=kept.promised_date or "",
        evidence=kept.evidence,
    )


def _new_id() -> str:
    return str(uuid7())
