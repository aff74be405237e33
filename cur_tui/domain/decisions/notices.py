"""Notices: the letters that a step owes the applicant, queued for delivery like any answer."""

from cur_tui.domain.decisions.case import Case, text_digest
from cur_tui.domain.evolve import replace
from cur_tui.domain.model import Answer, Appeal
from cur_tui.domain.vocabulary import AnswerKind, AnswerStatus, Regime


def is_anonymous(appeal: Appeal) -> bool:
    """Whether the author left no name or no address for an answer (59-ФЗ art. 11 part 1).

    Nobody can be told then, even where a notice would be owed: of a report of a crime that is sent on, or of
    a letter that cannot be read. The message platform and open sources always have their own way back.
    """
    author = appeal.applicant
    reachable = author.name is not None and (author.address is not None or author.email is not None)
    return appeal.regime is Regime.FZ59 and not reachable


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
