"""One attempt from its beginning to its end: put the letter together, hand it over, say what became of it."""

from msgspec.structs import replace

from cur_tui.domain.answers.delivery_failures import DeliveryFailure, FailureCode
from cur_tui.domain.model import Appeal
from cur_tui.domain.vocabulary import DeliveryChannel
from regional_api.centre import Centre
from regional_api.clock import now, seconds
from regional_api.database.store import load
from regional_api.delivering import mail, webhook
from regional_api.delivering.attempts import Attempt, finish, hand_over, keep_letter
from regional_api.delivering.letter import Letter, UnsendableError, letter_of, read_files, webhook_body
from regional_api.delivering.outcome import GivenUp, Missed, Outcome
from regional_api.delivering.routing import email_of, rule_of
from regional_api.delivering.settings import DeliverySettings, Mail, Webhook
from regional_api.identity.callers import Caller
from regional_api.log import log_failure


class _NotOursError(Exception):
    """The attempt was given up meanwhile: whatever is to be said of it, somebody else says it."""


def send(centre: Centre, settings: DeliverySettings, caller: Caller, attempt: Attempt) -> None:
    """Make ``attempt``. A failure of the database leaves it without an end, to be found again."""
    try:
        try:
            outcome = _try(centre, settings, attempt)
        except UnsendableError as error:
            outcome = GivenUp(error.failure)
        finish(centre, settings, caller, attempt, outcome)
    except _NotOursError:
        pass
    except Exception as error:
        log_failure("", error)


def _try(centre: Centre, settings: DeliverySettings, attempt: Attempt) -> Outcome:
    receiver = settings.receivers.get(attempt.receiver)
    if receiver is None:
        return Missed(DeliveryFailure(FailureCode.OFF))
    with centre.database.reading() as connection:
        stored = load(connection, [attempt.appeal]).get(attempt.appeal)
        if stored is None:
            raise _NotOursError
        letter = _letter(settings, attempt, stored.appeal)
        contents = read_files(connection, letter)
    if letter != attempt.letter and not keep_letter(centre, attempt, letter):
        raise _NotOursError
    if isinstance(receiver, Webhook):
        body = webhook_body(letter, contents)
        if not hand_over(centre, attempt):
            raise _NotOursError
        return webhook.post(receiver, attempt.delivery, body, seconds(now()))
    return _post_letter(centre, receiver, attempt, letter, mail.message_of(receiver, letter, contents))


def _post_letter(centre: Centre, receiver: Mail, attempt: Attempt, letter: Letter, message: bytes) -> Outcome:
    def handing_over() -> None:
        if not hand_over(centre, attempt):
            raise _NotOursError

    return mail.post(receiver, letter, message, handing_over)


def _letter(settings: DeliverySettings, attempt: Attempt, appeal: Appeal) -> Letter:
    """What was sent before, or a new letter. A person who queues a text anew may have mended the address."""
    answer = appeal.answer(attempt.answer)
    if answer is None:
        raise _NotOursError
    to = None
    if attempt.channel is DeliveryChannel.EMAIL:
        if attempt.letter is not None and attempt.letter.to is not None and attempt.tries > 1:
            return attempt.letter
        to = email_of(appeal, rule_of(appeal, settings))
        if to is None:
            raise UnsendableError(FailureCode.NO_ADDRESS)
    if attempt.letter is None:
        return letter_of(attempt.delivery, appeal, answer, to)
    return replace(attempt.letter, to=to, to_name=appeal.applicant.name) if to else attempt.letter
