"""Letters as a sheet: one ``.eml``, or a mailbox (mbox) with many, each letter a row."""

import email.policy
import hashlib
from collections.abc import Iterator
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from pathlib import Path

from cur_tui.domain.texts.intake import decode_text
from regional_api.importers.files.table import MAX_CELL, Line

COLUMNS = ("Message-ID", "Date", "From", "Subject", "Text", "Attachments")
_MAX_LETTER = 32 << 20
_HEAD = 32_768
_MAX_WORK = 20_000_000
"""Lines of a letter times its boundaries: two seconds of the parser, thirty parts of the largest letter."""


class MailSheet:
    """The letters of a file. ``n`` counts them from 1; the names of the columns are line 0."""

    name = ""
    dates_from_1904 = False

    def __init__(self, path: Path) -> None:
        self._path = path

    def lines(self) -> Iterator[Line]:
        """The names of the columns, then the letters."""
        yield Line(0, COLUMNS)
        for n, raw in enumerate(self.letters(), 1):
            if len(raw) > _MAX_LETTER:
                yield Line(n, _head(raw), "too_long")
                continue
            if is_tangled(raw):
                yield Line(n, _head(raw), "broken_row")
                continue
            try:
                yield Line(n, _row(raw))
            except (MessageError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
                # The parser of the standard library fails in many ways on letters made to break it.
                yield Line(n, _head(raw), "broken_row")

    def letters(self) -> Iterator[bytes]:
        """The letters as bytes; what exceeds the measure is read past, not kept."""
        letter = bytearray()
        blank_before = True
        with self._path.open("rb") as file:
            while line := file.readline(MAX_CELL):
                if blank_before and line.startswith(b"From ") and letter:
                    yield bytes(letter)
                    letter.clear()
                blank_before = line in (b"\n", b"\r\n")
                if not (line.startswith(b"From ") and not letter) and len(letter) <= _MAX_LETTER:
                    letter += line[1:] if line.startswith(b">From ") else line
        if letter.strip():
            yield bytes(letter)


def is_tangled(raw: bytes) -> bool:
    """Whether a letter is made to keep the parser busy, which holds each line against every open boundary."""
    return raw.lower().count(b"boundary") * raw.count(b"\n") > _MAX_WORK


def _head(raw: bytes) -> list[str]:
    """A letter that cannot be read: its first few pages in the place of its text."""
    text, _ = decode_text(raw[:_HEAD])
    return [text if name == "Text" else "" for name in COLUMNS]


def _row(raw: bytes) -> list[str]:
    letter = BytesParser(policy=email.policy.default).parsebytes(raw)
    assert isinstance(letter, EmailMessage)  # the policy makes no other
    names = [part.get_filename() or "?" for part in letter.iter_attachments()]
    return [
        _header(letter, "Message-ID") or "sha256:" + hashlib.sha256(raw).hexdigest()[:32],
        _date(letter),
        _header(letter, "From"),
        _header(letter, "Subject"),
        _text(letter)[:MAX_CELL],
        ", ".join(names),
    ]


def _header(letter: EmailMessage, name: str) -> str:
    value = str(letter.get(name, ""))
    try:
        return str(make_header(decode_header(value))) if "=?" in value else value
    except (MessageError, LookupError, ValueError):
        return value


def _date(letter: EmailMessage) -> str:
    try:
        return parsedate_to_datetime(str(letter.get("Date", ""))).isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return ""


def _text(letter: EmailMessage) -> str:
    """The body: plain text if there is one, else HTML, which is cleaned like that of any other source."""
    body = letter.get_body(("plain", "html"))
    if body is None:
        return ""
    payload = body.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    try:
        return data.decode(body.get_content_charset() or "utf-8")
    except (UnicodeDecodeError, LookupError):
        return decode_text(data)[0]
