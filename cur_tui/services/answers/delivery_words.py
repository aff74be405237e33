"""Why a text did not arrive, as a sentence: the server's codes in the person's language."""

from cur_tui.domain.answers.delivery_failures import MAY_HAVE_ARRIVED, FailureCode, parse_failure
from cur_tui.i18n import N_, _

_WORDS = {
    FailureCode.NO_CONNECTION: N_("the receiver could not be reached"),
    FailureCode.NO_ANSWER: N_("the receiver did not answer in time"),
    FailureCode.REFUSED: N_("the receiver refused it"),
    FailureCode.REDIRECTED: N_("the receiver points to another address"),
    FailureCode.BAD_ANSWER: N_("the receiver's answer could not be read"),
    FailureCode.NOT_TRUSTED: N_("the receiver's certificate does not hold"),
    FailureCode.NOT_ALLOWED: N_("the receiver's address is not allowed"),
    FailureCode.NO_ADDRESS: N_("the appeal holds no address for this channel"),
    FailureCode.UNLAWFUL: N_("such appeals may not be answered by this channel"),
    FailureCode.OFF: N_("this channel is not set up"),
    FailureCode.FILE_MISSING: N_("a file that the answer names is missing"),
    FailureCode.FILES_TOO_LARGE: N_("the files of the answer are too large for this channel"),
    FailureCode.BOUNCED: N_("the letter came back"),
    FailureCode.UNCERTAIN: N_("the connection broke while the letter was handed over"),
}


_STATES = {
    "waiting": N_("waits"),
    "in_flight": N_("is being sent"),
    "sent": N_("sent"),
    "confirmed": N_("delivered"),
    "failed": N_("not delivered"),
    "withdrawn": N_("taken back"),
}


def delivery_state_words(state: str) -> str:
    """What people read for where a delivery stands; a state of a newer server reads as itself."""
    return _(_STATES.get(state, state))


def failure_words(failure: str) -> str:
    """What people read for :attr:`~cur_tui.domain.model.Answer.failure`; a person's reason as it is."""
    known = parse_failure(failure)
    if known is None:
        return failure
    words = _(_WORDS[known.code])
    if known.detail:
        words = f"{words} ({known.detail})"
    if known.code in MAY_HAVE_ARRIVED:
        words = _("{failure}; it may have arrived all the same").format(failure=words)
    return words
