"""What leaves: put together once, at the first attempt, and repeated to the byte by every later one."""

import base64
from collections.abc import Mapping
from typing import Final

import msgspec
from sqlalchemy import Connection, select

from cur_tui.domain.answers.delivery_failures import DeliveryFailure, FailureCode
from cur_tui.domain.model import Answer, Appeal, Attachment
from cur_tui.domain.texts.file_names import safe_file_name
from regional_api.clock import stamp
from regional_api.database.tables import BLOB

MAX_FILES: Final = 24 * 1_048_576
"""Bytes of the files of one letter: what common mail servers and receivers take."""


class Letter(msgspec.Struct, frozen=True):
    """One text with everything that a receiver needs to deliver it, and nothing else of the appeal.

    ``post`` is the address of the message in the open source; ``to`` and ``to_name`` are filled for e-mail
    only. ``files`` are named by their hashes; their bytes are added when it is sent.
    """

    delivery: str
    appeal: str
    number: str
    regime: str
    source: str
    kind: str
    text: str
    digest: str
    outcome: str | None
    submitted_at: str
    external_ids: dict[str, str]
    post: str | None
    files: tuple["LetterFile", ...] = ()
    to: str | None = None
    to_name: str | None = None


class LetterFile(msgspec.Struct, frozen=True):
    """A file that belongs to the text."""

    sha256: str
    name: str
    size: int
    media_type: str


class UnsendableError(Exception):
    """The text cannot leave as it is."""

    def __init__(self, code: FailureCode) -> None:
        super().__init__(code)
        self.failure = DeliveryFailure(code)


def letter_of(delivery: str, appeal: Appeal, answer: Answer, to: str | None = None) -> Letter:
    """The letter for ``answer``; ``to``: the e-mail address that it goes to."""
    return Letter(
        delivery=delivery,
        appeal=appeal.id,
        number=appeal.number,
        regime=appeal.regime.value,
        source=appeal.source.value,
        kind=answer.kind.value,
        text=answer.text,
        digest=answer.digest,
        outcome=answer.outcome.value if answer.outcome else None,
        submitted_at=stamp(answer.submitted_at),
        external_ids=appeal.external_ids,
        post=post_of(appeal),
        files=tuple(
            LetterFile(f.sha256, safe_file_name(f.name, f.media_type), f.size, f.media_type)
            for f in files_of(appeal, answer)
        ),
        to=to,
        to_name=appeal.applicant.name if to else None,
    )


def files_of(appeal: Appeal, answer: Answer) -> tuple[Attachment, ...]:
    """The files of the appeal that the answer names as its evidence, by hash or by name; the others are the
    applicant's own or for the desk alone.
    """
    found: dict[str, Attachment] = {}
    for proof in answer.evidence:
        for file in reversed(appeal.attachments):
            if proof.strip() in (file.sha256, file.name):
                found.setdefault(file.sha256, file)
                break
    return tuple(found.values())


def post_of(appeal: Appeal) -> str | None:
    """Where the message stands that is answered, or the page of who wrote it."""
    links = (appeal.external_ids.get("origin"), *appeal.external_ids.values(), appeal.applicant.profile_url)
    return next((link for link in links if link and link.startswith(("https://", "http://"))), None)


def read_files(connection: Connection, letter: Letter) -> dict[str, bytes]:
    """The bytes of the letter's files by their hashes. Raises :class:`UnsendableError`."""
    wanted = [file.sha256 for file in letter.files]
    if sum(file.size for file in letter.files) > MAX_FILES:
        raise UnsendableError(FailureCode.FILES_TOO_LARGE)
    rows = connection.execute(select(BLOB.c.sha256, BLOB.c.data).where(BLOB.c.sha256.in_(wanted)))
    found = {row.sha256: bytes(row.data) for row in rows}
    if len(found) < len(set(wanted)):
        raise UnsendableError(FailureCode.FILE_MISSING)
    return found


def webhook_body(letter: Letter, contents: Mapping[str, bytes]) -> bytes:
    """The JSON that a webhook gets; the same for the same letter."""
    document = msgspec.to_builtins(letter)
    del document["to"], document["to_name"]
    for file in document["files"]:
        file["content"] = base64.b64encode(contents[file["sha256"]]).decode()
    return msgspec.json.encode(document, order="deterministic")
