"""Making the evidence of one appeal: its files, their manifest, and the journal's seal on it.

The manifest's hash is written into the journal as a line of its own before the archive exists. So the
archive cannot be changed later without the journal telling, and handing an appeal's personal data out leaves
its trace (152-ФЗ art. 19 part 2 item 8).
"""

import hashlib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files as packaged
from typing import IO, Any, Final

import msgspec
from sqlalchemy import Connection, Row, select
from uuid6 import uuid7

from cur_tui.contract.packing import unpack
from cur_tui.domain.refusal import Refused
from regional_api.centre import Centre
from regional_api.database.tables import APPEAL, APPEAL_FILE, BLOB, JOURNAL, JOURNAL_PAYLOAD, ORIGINAL
from regional_api.record import journal
from regional_api.record.chain import GENESIS, canonical, link
from regional_api.record.evidence import verify
from regional_api.record.evidence.batch import line_of_batch
from regional_api.unit_of_work import unit_of_work

_CHUNK: Final = 5_000
_CHAINED: Final = tuple(JOURNAL.c[name] for name in journal.CHAINED)
_PROGRAM: Final = (("VERIFY.md", "VERIFY.txt"), ("verify.py", "verify.py"))
"""What every archive brings along to be verified with, and under which name it lies here."""


@dataclass(frozen=True, slots=True)
class Made:
    """What an archive holds, in files and lines of the journal, and the head that vouches for it."""

    files: int
    lines: int
    head: journal.Head


def export(centre: Centre, number: str, target: IO[bytes]) -> Made:
    """Write the evidence of appeal ``number`` to ``target``. Raises ``not_found``.

    The line that seals it is in the journal before the first byte is written.
    """
    with centre.database.snapshot() as connection:
        row = _appeal(connection, number)
        contents = dict(_contents(connection, row))
        lines = _lines(connection, row.id)
        batch = None
        if not any(line.type == verify.REGISTER for line in lines):
            batch = line_of_batch(connection, row.pk, row.number)
    part = lines if batch is None else [batch, *lines]
    contents |= _files_of(part)
    manifest = _json(
        {
            "format": verify.FORMAT,
            "region": centre.shard,
            "number": row.number,
            "id": row.id,
            "version": row.version,
            "lines": [line.n for line in lines],
            "import": None if batch is None else batch.n,
            "files": {
                name: {"size": len(data), "sha256": _sha256(data)} for name, data in sorted(contents.items())
            },
        }
    )
    seal, payload = _seal(centre, row, manifest)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(verify.MANIFEST, manifest)
        for name, data in sorted(contents.items()):
            archive.writestr(name, data)
        archive.writestr(verify.LINE, canonical(_said(seal)))
        archive.writestr(verify.PAYLOAD, payload)
        with archive.open(verify.CHAIN, "w", force_zip64=True) as file:
            for rows in _chain(centre, part[0].n if part else seal.n, seal.n):
                file.write(rows)
        archive.writestr(verify.HEAD, f"{seal.n}:{seal.hash}\n")
    return Made(len(contents), len(part), journal.Head(seal.n, seal.hash))


def _appeal(connection: Connection, number: str) -> Row[*tuple[Any, ...]]:
    names = ("pk", "id", "number", "version", "doc", "applicant")
    query = select(*(APPEAL.c[name] for name in names)).where(APPEAL.c.number == number)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise Refused("not_found", number=number)
    return row


def _contents(connection: Connection, row: Row[*tuple[Any, ...]]) -> Iterator[tuple[str, bytes]]:
    """The record, what lies beside it, and what to verify it with."""
    document = unpack(bytes(row.doc))
    yield (
        "record.json",
        _json({"appeal": msgspec.Raw(document), "applicant": msgspec.Raw(bytes(row.applicant))}),
    )
    appeal = msgspec.json.decode(document)
    if appeal["text"]:
        yield "message.txt", appeal["text"].encode()
    for n, answer in enumerate(appeal.get("answers", ()), start=1):
        if answer["text"]:
            yield f"answers/{n:02}-{answer['kind']}-{answer['status']}.txt", answer["text"].encode()
    original = connection.execute(select(ORIGINAL.c.data).where(ORIGINAL.c.appeal == row.id)).scalar()
    if original is not None:
        yield verify.ORIGINAL, bytes(original)
    blobs = (
        select(BLOB.c.sha256, BLOB.c.data)
        .join_from(APPEAL_FILE, BLOB, BLOB.c.sha256 == APPEAL_FILE.c.sha256)
        .where(APPEAL_FILE.c.appeal == row.id)
    )
    for sha256, data in connection.execute(blobs):
        yield f"attachments/{sha256}", bytes(data)
    for name, here in _PROGRAM:
        yield name, packaged("regional_api.record.evidence").joinpath(here).read_bytes()


def _lines(connection: Connection, appeal: str) -> list[Row[*tuple[Any, ...]]]:
    """The journal's lines about the appeal, with the payloads that have not been erased."""
    query = (
        select(*_CHAINED, JOURNAL_PAYLOAD.c.data)
        .join_from(JOURNAL, JOURNAL_PAYLOAD, JOURNAL_PAYLOAD.c.n == JOURNAL.c.n, isouter=True)
        .where(JOURNAL.c.appeal == appeal)
        .order_by(JOURNAL.c.n)
    )
    return list(connection.execute(query).all())


def _files_of(lines: list[Row[*tuple[Any, ...]]]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for line in lines:
        found[f"journal/{line.n}.json"] = canonical(_said(line))
        if line.data is not None:
            found[f"journal/{line.n}.payload"] = bytes(line.data)
    return found


def _seal(centre: Centre, row: Row[*tuple[Any, ...]], manifest: bytes) -> tuple[Row[*tuple[Any, ...]], bytes]:
    """Write the line that names the manifest into the journal; the line and its payload."""
    act = str(uuid7())
    with unit_of_work(centre.database, centre.rulebook) as work:
        entry = journal.entry_of(
            work.now,
            "evidence",
            {"manifest_sha256": _sha256(manifest)},
            appeal=row.id,
            number=row.number,
            before=row.version,
            after=row.version,
            command=act,
        )
        work.record(entry)
    with centre.database.reading() as connection:
        line = connection.execute(
            select(JOURNAL).where(JOURNAL.c.appeal == row.id, JOURNAL.c.command == act)
        ).one()
    return line, entry.payload


def _chain(centre: Centre, first: int, last: int) -> Iterator[bytes]:
    """The rows of chain.txt, from the line before ``first`` to ``last``, read in short transactions.

    A line of another appeal is told by its digest alone. Lines of the old form have none and stand as they
    are, which shows acts, accounts and numbers, but nothing that a citizen or an operator wrote.
    """
    with centre.database.reading() as connection:
        before = select(JOURNAL.c.hash).where(JOURNAL.c.n == first - 1)
        previous = connection.execute(before).scalar() or GENESIS
    yield f"{first - 1} {previous}\n".encode()
    while first <= last:
        until = min(first + _CHUNK - 1, last)
        with centre.database.reading() as connection:
            query = select(*_CHAINED, JOURNAL.c.hash).where(JOURNAL.c.n.between(first, until))
            rows = connection.execute(query.order_by(JOURNAL.c.n)).all()
        for row in rows:
            said = canonical(_said(row))
            new = row.hash == link(previous, said)
            yield b"%d %s\n" % (row.n, _sha256(said).encode() if new else said)
            previous = row.hash
        first = until + 1


def _said(row: Row[*tuple[Any, ...]]) -> dict[str, object]:
    return {name: row._mapping[name] for name in journal.CHAINED}


def _json(value: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=1)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
