"""The versions of an answer as entries: its text, its way to the applicant, what a reviewer said."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from textual.content import Content

from cur_tui.domain.model import Answer
from cur_tui.domain.vocabulary import AnswerStatus, ReworkReason
from cur_tui.formats import format_datetime
from cur_tui.i18n import _
from cur_tui.services.answers.delivery_words import failure_words
from cur_tui.services.labels import label, label_of
from cur_tui.services.words import outcome_words, status_badge
from widgets.ledger import Entry
from widgets.show import show, show_line

LABELS = 16
"""Width of the column of kinds."""

_STYLES: dict[AnswerStatus, str] = {
    AnswerStatus.FAILED: "bold $error",
    AnswerStatus.RETURNED: "bold $warning",
    AnswerStatus.SUBMITTED: "bold $accent",
    AnswerStatus.CONFIRMED: "bold $success",
}


def answer_entries(answers: Iterable[Answer], zone: ZoneInfo) -> tuple[Entry, ...]:
    """One entry a version, the latest first."""
    numbered = list(enumerate(answers, start=1))
    return tuple(_entry(n, answer, zone) for n, answer in reversed(numbered))


def rework_words(answer: Answer) -> Content:
    """Why a version came back, and what its reviewer wrote."""
    reasons = ", ".join(label_of(ReworkReason, reason) for reason in answer.rework_reasons)
    head = Content.assemble(
        Content.styled(_("Returned: "), "bold $warning"),
        show_line(reasons),
        (" — " if answer.reviewer_name else "", "$text-muted"),
        show_line(answer.reviewer_name, style="$text-muted"),
    )
    return Content.assemble(head, "\n", show(answer.review_text)) if answer.review_text else head


def _entry(n: int, answer: Answer, zone: ZoneInfo) -> Entry:
    head = Content.styled(status_badge(answer.status), _STYLES.get(answer.status, "bold"))
    outcome = outcome_words(answer)
    if outcome:
        head = Content.assemble(head, Content.styled(f"  {outcome}", "$text-muted"))
    lines = [head, _moment(_("written by {name}, {moment}"), answer.author_name, answer.submitted_at, zone)]
    if answer.rework_reasons:
        lines.append(rework_words(answer))
    elif answer.reviewed_at is not None:
        name = answer.reviewer_name or ""
        lines.append(_moment(_("approved by {name}, {moment}"), name, answer.reviewed_at, zone))
    if answer.sent_at is not None:
        lines.append(_moment(_("sent {moment}"), "", answer.sent_at, zone))
    if answer.confirmed_at is not None:
        lines.append(_moment(_("delivered {moment}"), "", answer.confirmed_at, zone))
    if answer.failure:
        why = show_line(failure_words(answer.failure))
        lines.append(Content.assemble(Content.styled("✗ ", "bold $error"), why))
    if answer.external_ref:
        lines.append(show_line(answer.external_ref, style="$text-muted"))
    if answer.evidence:
        lines.append(
            Content.assemble((_("evidence: "), "$text-muted"), show_line(", ".join(answer.evidence)))
        )
    lines.append(show(answer.text))
    return Entry(f"{n}. {label(answer.kind)}", Content("\n").join(lines))


def _moment(pattern: str, name: str, at: datetime, zone: ZoneInfo) -> Content:
    return show_line(pattern.format(name=name, moment=format_datetime(at, zone)), style="$text-muted")
