"""One attempt to hand a letter to the region's mail server, over SMTP.

Mail knows no key that makes a repeat harmless. So the moment is noted at which the letter is handed over:
before it every failure is certain and may be tried again, behind it only the server's own word counts. If
that word does not come, nobody but a person may send the letter once more; its Message-ID is then the same,
and whoever gets it twice can tell.
"""

import hashlib
import re
import smtplib
from collections.abc import Callable, Mapping
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Final

from cur_tui.domain.answers.delivery_failures import DeliveryFailure, FailureCode
from cur_tui.domain.texts.text import one_line
from regional_api.delivering.letter import Letter, UnsendableError
from regional_api.delivering.network import CannotConnectError, Line
from regional_api.delivering.outcome import GivenUp, Missed, Outcome, Taken
from regional_api.delivering.settings import Mail

_GO_ON: Final = 354
"""The server's word that it is ready for the letter."""
_MAX_NAME: Final = 100
_LEADING_DOT: Final = re.compile(rb"(?m)^\.")
_UNSAFE: Final = re.compile(r"[\x00-\x1f\x7f\u0080-\u009f\u2028\u2029]+")


def message_id(mail: Mail, delivery: str) -> str:
    """What every copy of a letter is called."""
    return f"<{delivery}@{mail.sender.rpartition('@')[2]}>"


def message_of(mail: Mail, letter: Letter, contents: Mapping[str, bytes]) -> bytes:
    """The letter as it goes over the wire; the same for the same letter. Raises
    :class:`~regional_api.delivering.letter.UnsendableError` for an address that no header can hold.
    """
    message = EmailMessage(policy=SMTP)
    try:
        message["From"] = Address(_header(mail.sender_name), addr_spec=mail.sender)
        message["To"] = Address(_header(letter.to_name or ""), addr_spec=letter.to or "")
    except (ValueError, IndexError, MessageError):
        raise UnsendableError(FailureCode.NO_ADDRESS) from None
    message["Subject"] = _header(mail.subject.replace("{number}", letter.number))
    message["Message-ID"] = message_id(mail, letter.delivery)
    message["Date"] = datetime.fromisoformat(letter.submitted_at)
    message.set_content(letter.text, cte="base64")
    for file in letter.files:
        main, _, sub = file.media_type.partition("/")
        message.add_attachment(contents[file.sha256], maintype=main, subtype=sub, filename=file.name)
    if letter.files:
        # Chance would make another letter of it each time.
        message.set_boundary(hashlib.sha256(letter.delivery.encode()).hexdigest()[:40])
    return message.as_bytes()


def post(mail: Mail, letter: Letter, message: bytes, handing_over: Callable[[], None]) -> Outcome:
    """Try once. ``handing_over`` is called when nothing but the letter itself is left to be sent."""
    try:
        with Line(mail.host, mail.port, mail.networks, mail.timeout) as line:
            if mail.tls == "implicit":
                line.secure(mail.ca_file)
            return _Conversation(mail, line).hand_over(letter, message, handing_over)
    except CannotConnectError as error:
        return Missed(error.failure)


class _Conversation:
    """What is said to the mail server, up to its word about the letter."""

    def __init__(self, mail: Mail, line: Line) -> None:
        self._mail = mail
        self._line = line
        self._smtp = smtplib.SMTP(local_hostname=mail.sender.rpartition("@")[2])
        self._smtp.sock = line.socket
        line.socket.settimeout(line.left)

    def hand_over(self, letter: Letter, message: bytes, handing_over: Callable[[], None]) -> Outcome:
        """Say everything. The letter is the last thing said."""
        try:
            refusal = self._introduce() or self._address(letter)
        except (OSError, smtplib.SMTPException, ValueError):
            return Missed(DeliveryFailure(FailureCode.NO_ANSWER))
        if refusal is not None:
            return refusal
        handing_over()
        try:
            self._smtp.send(_LEADING_DOT.sub(b"..", message) + b".\r\n")
            code, _ = self._smtp.getreply()
        except (OSError, smtplib.SMTPException):
            code = 0
        if not 200 <= code < 600:
            return GivenUp(DeliveryFailure(FailureCode.UNCERTAIN))
        return _refused(code) or Taken(message_id(self._mail, letter.delivery))

    def _introduce(self) -> Outcome | None:
        smtp = self._smtp
        code, _ = smtp.getreply()
        if code != 220:
            return Missed(DeliveryFailure(FailureCode.REFUSED, str(code)))
        smtp.ehlo_or_helo_if_needed()
        if self._mail.tls == "starttls":
            self._start_tls()
        if self._mail.user is not None:
            try:
                smtp.login(self._mail.user, _password(self._mail))
            except smtplib.SMTPAuthenticationError as error:
                return Missed(DeliveryFailure(FailureCode.REFUSED, str(error.smtp_code)))
        return None

    def _start_tls(self) -> None:
        smtp = self._smtp
        if not smtp.has_extn("starttls") or smtp.docmd("STARTTLS")[0] != 220:
            raise CannotConnectError(FailureCode.NOT_TRUSTED)
        if smtp.file is not None:
            # What came in plain text ahead of the key is nobody's word.
            smtp.file.close()
            smtp.file = None
        self._line.secure(self._mail.ca_file)
        smtp.sock = self._line.socket
        smtp.helo_resp = smtp.ehlo_resp = None
        smtp.esmtp_features = {}
        smtp.does_esmtp = False
        smtp.ehlo()

    def _address(self, letter: Letter) -> Outcome | None:
        smtp = self._smtp
        refusal = _refused(smtp.mail(self._mail.sender)[0]) or _refused(smtp.rcpt(letter.to or "")[0])
        if refusal is not None:
            return refusal
        code, _ = smtp.docmd("DATA")
        return None if code == _GO_ON else _refused(code) or Missed(DeliveryFailure(FailureCode.BAD_ANSWER))


def _refused(code: int) -> Outcome | None:
    """What an answer means: 2xx is a yes, 4xx a no for now, everything else a no for good."""
    if 200 <= code < 300:
        return None
    failure = DeliveryFailure(FailureCode.REFUSED, str(code))
    return Missed(failure) if 400 <= code < 500 else GivenUp(failure)


def _password(mail: Mail) -> str:
    try:
        return Path(mail.password_file or "").read_text(encoding="utf-8").split("\n", 1)[0].strip()
    except (OSError, UnicodeDecodeError):
        raise CannotConnectError(FailureCode.OFF) from None


def _header(text: str) -> str:
    """``text`` as one line of a header: whatever would end it or act in it is a blank."""
    return one_line(_UNSAFE.sub(" ", text), _MAX_NAME).strip()
