"""What became of one attempt to deliver a text."""

from dataclasses import dataclass

from cur_tui.domain.answers.delivery_failures import DeliveryFailure


@dataclass(frozen=True, slots=True)
class Taken:
    """The receiver has it. ``reference``: what it calls it; ``arrived``: the applicant has it, it says."""

    reference: str = ""
    arrived: bool = False


@dataclass(frozen=True, slots=True)
class Missed:
    """Not this time. ``after``: seconds that the receiver wants to be left alone."""

    failure: DeliveryFailure
    after: int = 0


@dataclass(frozen=True, slots=True)
class GivenUp:
    """Trying again would change nothing, or must not be done without a person."""

    failure: DeliveryFailure


Outcome = Taken | Missed | GivenUp
