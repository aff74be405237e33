"""Why a text did not arrive, as the server tells it: a code that every reader says in its own language.

It is kept where a person's reason is kept, so it has a form that nobody types.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

_FORM = re.compile(r"delivery:([a-z_]{1,40})(?::([0-9A-Za-z .-]{1,40}))?")


class FailureCode(StrEnum):
    """What went wrong. The ones that may have been delivered all the same are :data:`MAY_HAVE_ARRIVED`."""

    NO_CONNECTION = "no_connection"
    NO_ANSWER = "no_answer"
    """The receiver did not answer in time, or its answer was cut off."""
    REFUSED = "refused"
    """The receiver said no; the detail is the status of HTTP or SMTP."""
    REDIRECTED = "redirected"
    """The receiver named another address, which nobody has allowed."""
    BAD_ANSWER = "bad_answer"
    """An answer that is too long or no answer at all."""
    NOT_TRUSTED = "not_trusted"
    """The certificate of the receiver does not hold."""
    NOT_ALLOWED = "not_allowed"
    """Its name leads to an address inside a network that the settings do not open."""
    NO_ADDRESS = "no_address"
    """The appeal holds no address that this channel could use."""
    UNLAWFUL = "unlawful"
    """The policy does not let such appeals be answered by this channel."""
    OFF = "off"
    """The settings know no such channel, or its secret cannot be read."""
    FILE_MISSING = "file_missing"
    """A file that the answer names is not there."""
    FILES_TOO_LARGE = "files_too_large"
    BOUNCED = "bounced"
    """The letter was taken and came back; the detail is the status of RFC 3463."""
    UNCERTAIN = "uncertain"
    """The connection ended after the letter was handed over and before it was taken: only a person may
    decide to send it once more."""


MAY_HAVE_ARRIVED = frozenset({FailureCode.NO_ANSWER, FailureCode.BAD_ANSWER, FailureCode.UNCERTAIN})


@dataclass(frozen=True, slots=True)
class DeliveryFailure:
    """One failure. ``detail`` is a status or nothing, and never a text of the other side."""

    code: FailureCode
    detail: str = ""

    def __str__(self) -> str:
        return f"delivery:{self.code.value}:{self.detail}" if self.detail else f"delivery:{self.code.value}"


def parse_failure(text: str) -> DeliveryFailure | None:
    """The failure that ``text`` stands for; None for a reason that a person wrote, or of a newer server."""
    found = _FORM.fullmatch(text)
    if found is None or found[1] not in {code.value for code in FailureCode}:
        return None
    return DeliveryFailure(FailureCode(found[1]), found[2] or "")
