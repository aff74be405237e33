"""What a command leaves unsaid and the appeal itself can tell: the answer it means, its digest, a new id.

The screen knows what the person looks at; a command line often does not say it. Nothing is guessed here
that could mean two things: where several texts fit, the person must name one.
"""

from datetime import datetime

from uuid6 import uuid7

from cur_tui.domain.decisions.delivery import CAN_LEAVE, IN_DELIVERY
from cur_tui.domain.model import Answer, Appeal
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.refusal import Refused
from cur_tui.domain.vocabulary import AnswerKind, State
from cur_tui.services.answers.templates import OUTCOME_OF, fill

_DELIVERY = {
    "queue_delivery": CAN_LEAVE,
    "mark_sent": CAN_LEAVE,
    "confirm_delivery": IN_DELIVERY,
    "fail_delivery": IN_DELIVERY,
}
"""Of what standing a text must be, by the command that names it."""


def completed(
    name: str, appeal: Appeal, rulebook: Rulebook, now: datetime, values: dict[str, object]
) -> dict[str, object]:
    """``values`` with what the command ``name`` needs and did not get."""
    if name == "submit":
        return _submission(appeal, rulebook, now, values)
    if name in ("approve", "rework"):
        waiting = _named(appeal, values) or appeal.pending_answer
        if waiting is None and name == "rework":
            waiting = _approved(appeal)
        if waiting is None:
            return values
        values = {"answer": waiting.id, **values}
        return {"digest": waiting.digest, **values} if name == "approve" else values
    if name in _DELIVERY and "answer" not in values:
        texts = [answer for answer in appeal.answers if answer.status in _DELIVERY[name]]
        if len(texts) > 1:
            raise Refused("several_texts", answers=", ".join(answer.id for answer in texts))
        return {"answer": texts[0].id, **values} if texts else values
    return values


def _named(appeal: Appeal, values: dict[str, object]) -> Answer | None:
    return appeal.answer(str(values["answer"])) if "answer" in values else None


def _approved(appeal: Appeal) -> Answer | None:
    """The text whose approval can be taken back."""
    if appeal.state is not State.APPROVED:
        return None
    final = (answer for answer in reversed(appeal.answers) if answer.kind is AnswerKind.FINAL)
    return next((answer for answer in final if answer.status in CAN_LEAVE), None)


def _submission(
    appeal: Appeal, rulebook: Rulebook, now: datetime, values: dict[str, object]
) -> dict[str, object]:
    values = {"answer": str(uuid7()), **values}
    code = values.get("template")
    template = rulebook.templates.get(str(code)) if code else None
    if template is None:
        return values
    values = {"template_version": template.version, **values}
    if template.kind in OUTCOME_OF:
        values = {"outcome": OUTCOME_OF[template.kind].value, **values}
    if "text" not in values:
        values["text"] = fill(template, appeal, rulebook, now).text
    return values
