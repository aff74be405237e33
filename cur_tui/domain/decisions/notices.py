"""Notices: the letters that a step owes the applicant, queued for delivery like any answer."""

from cur_tui.domain.decisions.case import Case, text_digest
from cur_tui.domain.evolve import replace
from cur_tui.domain.model import Answer, Appeal
from cur_tui.domain.vocabulary import AnswerKind, AnswerStatus


def with_notice(appeal: Appeal, case: Case, text: str) -> Appeal:
    """``appeal`` with a queued notice; its id is the command's, so that a command owes one notice at most."""
    notice = Answer(
        id=case.command.id,
        kind=AnswerKind.NOTICE,
        text=text,
        digest=text_digest(text),
        author=case.actor.account,
        author_name=case.actor.name,
        submitted_at=case.now,
        status=AnswerStatus.QUEUED,
    )
    case.details["notice"] = notice.digest
    return replace(appeal, answers=(*appeal.answers, notice))
