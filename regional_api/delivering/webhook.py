"""One attempt to hand a text to a program of the region, over HTTP.

The same id and the same body go with every attempt of a delivery, so that a receiver which has seen it
answers as it did before. No redirect is followed, nothing of the environment is trusted, of the answer a
little is read.
"""

import io
import socket
from http.client import HTTPConnection, HTTPException
from typing import Final
from urllib.parse import urlsplit

import msgspec

from cur_tui.domain.answers.delivery_failures import DeliveryFailure, FailureCode
from cur_tui.domain.texts.text import neutralise, one_line
from regional_api.delivering.network import CannotConnectError, Line
from regional_api.delivering.outcome import GivenUp, Missed, Outcome, Taken
from regional_api.delivering.settings import Webhook
from regional_api.delivering.signing import read_keys, sign

MAX_ANSWER: Final = 65_536
"""Bytes that are read of an answer."""
_MAX_REFERENCE: Final = 200
_LATER: Final = frozenset({408, 409, 421, 423, 425, 429})
"""Answers that say no for now: the receiver is busy, also with an earlier attempt of the same delivery."""
_MAX_WAIT: Final = 86_400


class Receipt(msgspec.Struct, frozen=True):
    """What a receiver says of a delivery: ``accepted``, ``delivered`` or ``failed``; empty where it leaves
    that to the status of its answer.
    """

    status: str = ""
    external_ref: str = ""
    reason: str = ""

    @property
    def reference(self) -> str:
        """What the receiver calls it, fit to be kept and shown."""
        return one_line(neutralise(self.external_ref), _MAX_REFERENCE)


def post(hook: Webhook, delivery: str, body: bytes, now: int) -> Outcome:
    """Try once."""
    parts = urlsplit(hook.url)
    host, is_plain = parts.hostname or "", parts.scheme == "http"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        headers = {
            "Content-Type": "application/json",
            "Accept": "application/json",
            "User-Agent": "regional-api",
            "Idempotency-Key": f'"{delivery}"',
            **sign(read_keys(hook.secret_files), delivery, now, body),
        }
        with Line(host, parts.port or (80 if is_plain else 443), hook.networks, hook.timeout) as line:
            if not is_plain:
                line.secure(hook.ca_file)
            return _ask(line, parts.netloc, path, body, headers)
    except CannotConnectError as error:
        return Missed(error.failure)


def read_receipt(data: bytes) -> Receipt | None:
    """What stands in ``data``; None when it is no receipt."""
    try:
        receipt = msgspec.json.decode(data, type=Receipt)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return receipt if receipt.status in ("", "accepted", "delivered", "failed") else None


class _WholeLines(io.BufferedReader):
    """Lines that came whole. The library takes the end of a connection that was cut among the headers for the
    end of the headers, and so half an answer for a yes.
    """

    def readline(self, size: int | None = -1) -> bytes:
        read = super().readline(size)
        if not read:
            raise ConnectionResetError
        return read


class _Wire:
    """What the library needs of a connection."""

    def __init__(self, connection: socket.socket) -> None:
        self.sendall = connection.sendall
        self.close = connection.close
        self._connection = connection

    def makefile(self, mode: str) -> io.BufferedReader:
        """What it reads from."""
        return _WholeLines(self._connection.makefile(mode, buffering=0))  # type: ignore[call-overload]


def _ask(line: Line, host: str, path: str, body: bytes, headers: dict[str, str]) -> Outcome:
    line.socket.settimeout(line.left)
    connection = HTTPConnection(host)
    connection.sock = _Wire(line.socket)
    try:
        connection.request("POST", path, body, {**headers, "Host": host, "Connection": "close"})
        response = connection.getresponse()
        answer = response.read(MAX_ANSWER + 1)
    except (OSError, HTTPException, ValueError):
        return Missed(DeliveryFailure(FailureCode.NO_ANSWER))
    if response.length and len(answer) <= MAX_ANSWER:
        return Missed(DeliveryFailure(FailureCode.NO_ANSWER))
    return _outcome(response.status, response.getheader("Retry-After"), answer)


def _outcome(status: int, retry_after: str | None, answer: bytes) -> Outcome:
    if 200 <= status < 300:
        return _taken(answer)
    if 300 <= status < 400:
        return GivenUp(DeliveryFailure(FailureCode.REDIRECTED, str(status)))
    refused = DeliveryFailure(FailureCode.REFUSED, str(status))
    if status in _LATER or status >= 500:
        wait = int(retry_after) if retry_after and retry_after.isascii() and retry_after.isdigit() else 0
        return Missed(refused, min(wait, _MAX_WAIT))
    return GivenUp(refused)


def _taken(answer: bytes) -> Outcome:
    if len(answer) > MAX_ANSWER:
        return Missed(DeliveryFailure(FailureCode.BAD_ANSWER))
    # A plain «yes» without a word is one as well: the status says it.
    receipt = read_receipt(answer) or Receipt()
    if receipt.status == "failed":
        return GivenUp(DeliveryFailure(FailureCode.REFUSED))
    return Taken(receipt.reference, receipt.status == "delivered")
