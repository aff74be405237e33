"""Проверка доказательства / verification of an evidence archive.

    python3 verify.py EVIDENCE.zip [--head N:HASH]

Needs only the standard library of Python 3.9 or later. The same file checks on the server's side
(``regional-api evidence verify``) and lies in every archive; VERIFY.md says how to check by hand.
Exit code: 0 nothing is wrong, 1 something is, 2 wrong use.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

FORMAT = "cur-evidence-1"
MANIFEST, LINE, PAYLOAD, CHAIN, HEAD = (
    "manifest.json",
    "seal/line.json",
    "seal/payload.json",
    "seal/chain.txt",
    "seal/head.txt",
)
ORIGINAL, RECORD, TEXT = "original/message.bin", "record.json", "message.txt"
REGISTER, IMPORT, ERASE = "register", "import", "erase"
"""What the journal calls the acts that vouch for a message, or for its absence."""
SEAL = (MANIFEST, LINE, PAYLOAD, CHAIN, HEAD)
MAX_FILE = 2**30
"""No file of an archive is read further: the archive comes from strangers."""

SENTENCES = {
    "unreadable": ("архив не читается или повреждён", "the archive cannot be read or is damaged"),
    "format": ("это не доказательство известного вида", "this is not evidence of a known form"),
    "twice": ("файл встречается в архиве дважды", "the file is in the archive twice"),
    "missing": ("файла из описи нет", "a file of the manifest is missing"),
    "foreign": ("файла нет в описи", "the file is not in the manifest"),
    "changed": ("содержание не то, что в описи", "the content is not the one in the manifest"),
    "seal": ("строка журнала скрепляет не эту опись", "the journal's line seals another manifest"),
    "chain": ("строки нет, она изменена или не на месте", "a line is missing, altered or not in its place"),
    "head": ("цепочка не приходит к своей голове", "the chain does not end at its head"),
    "kept": ("цепочка не проходит через данную голову", "the chain does not run through the given head"),
    "line": ("строка журнала не об этом обращении", "the line of the journal is not about this appeal"),
    "payload": ("содержание строки журнала не то", "the content of the journal's line is another"),
    "text": ("текст ответа не тот, что был подписан", "the text of the answer is not the one submitted"),
    "original": ("сообщение не то, что зарегистрировано", "the message is not the one registered"),
    "message": ("текст не тот, что зарегистрирован", "the text is not the one registered"),
    "imprint": (
        "сообщение или его текст не те, что были загружены",
        "the message or its text is not the one that was imported",
    ),
    "gone": (
        "сообщения нет, а строки журнала о его стирании тоже нет",
        "the message is not there, and no line of the journal tells of its erasure",
    ),
}
REMARKS = {
    "original": (
        "ни одна строка журнала не называет хеш сообщения: не доказано, что до выдачи его не изменили",
        "no line of the journal names the digest of the message: that nobody altered it before the export "
        "is not proven",
    ),
    "message": (
        "ни одна строка журнала не называет хеш текста в карточке: сравните его с сообщением",
        "no line of the journal names the digest of the text in the record: compare it with the message",
    ),
    "erased": (
        "сообщение и тексты стёрты, о чём говорит строка журнала: сравнивать нечего",
        "the message and the texts have been erased, as a line of the journal tells: there is nothing to "
        "compare",
    ),
}
"""What holds and still does not prove everything."""


class Finding(Exception):
    """What is wrong, by code, and with which file or line."""

    def __init__(self, code: str, place: str = "") -> None:
        super().__init__(code, place)
        self.code, self.place = code, place

    def sentence(self, russian: bool) -> str:
        """What is wrong, for people."""
        return (self.place + ": " if self.place else "") + SENTENCES[self.code][0 if russian else 1]


@dataclass
class Told:
    """What the lines of the journal say of the appeal."""

    digests: dict[str, str] = field(default_factory=dict)
    """Which digest each answer has, by its id."""
    registered: dict[str, Any] | None = None
    """The digests of the message and of its text, as the line of its registration has them."""
    imprint: str | None = None
    """That of the message and its text together, as the line of an import has it."""
    is_erased: bool = False


def imprint(command: str, original: str, text: str) -> str:
    """The digest by which the line of an import vouches for a message and its text.

    ``original`` is the SHA-256 of the message as received, empty when there is none. ``command`` is the id of
    the appeal's first event: without it nobody can try out what another appeal of the same line may say.
    """
    return _sha256(f"{command}\n{original}\n{_sha256(text.encode())}\n".encode())


def verify(path: str, kept: str | None = None) -> dict[str, Any]:
    """Facts of the evidence at ``path``; raises Finding with the first thing that is wrong.

    ``kept``: "N:HASH", a head of the journal that was kept elsewhere; the chain must run through it.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return _verify(_Files(archive), kept)
    except Finding:
        raise
    except Exception as error:  # zipfile and zlib have errors of their own for each kind of damage
        raise Finding("unreadable", type(error).__name__) from error


def _verify(files: _Files, kept: str | None) -> dict[str, Any]:
    manifest = json.loads(files.read(MANIFEST))
    if manifest["format"] != FORMAT:
        raise Finding("format")
    listed = manifest["files"]
    for name in sorted(files.names - set(listed) - set(SEAL)):
        raise Finding("foreign", name)
    for name in sorted((set(listed) | set(SEAL)) - files.names):
        raise Finding("missing", name)
    for name, facts in sorted(listed.items()):
        if files.digest(name, facts["size"]) != facts["sha256"]:
            raise Finding("changed", name)
    last = _seal(files, manifest)
    hashes, rows = _chain(files.read(CHAIN).decode())
    told = _lines(files, manifest, rows, last["n"])
    told.imprint = _imported(files, manifest, rows)
    head = f"{last['n']}:{hashes[last['n']]}"
    if max(hashes) != last["n"]:
        raise Finding("chain", CHAIN)
    if files.read(HEAD).decode() != head + "\n":
        raise Finding("head", HEAD)
    if kept:
        known, _, wanted = kept.strip().lower().rpartition(":")
        if wanted not in ([hashes.get(int(known))] if known else hashes.values()):
            raise Finding("kept")
    record = json.loads(files.read(RECORD))["appeal"]
    _texts(record, listed, told.digests)
    return {
        "number": manifest["number"],
        "version": manifest["version"],
        "made_at": last["at"],
        "files": len(listed),
        "lines": len(manifest["lines"]) + (told.imprint is not None),
        "first": min(hashes),
        "head": head,
        "remarks": _message(files, record, told),
    }


def _seal(files: _Files, manifest: dict[str, Any]) -> dict[str, Any]:
    """The line of the journal that was written when the archive was made: it names the manifest's hash."""
    said, payload = files.read(LINE), files.read(PAYLOAD)
    line: dict[str, Any] = json.loads(said)
    if line["type"] != "evidence" or line["appeal"] != manifest["id"] or _canonical(line) != said:
        raise Finding("seal", LINE)
    if line["payload_sha256"] != _sha256(payload):
        raise Finding("seal", PAYLOAD)
    if json.loads(payload)["manifest_sha256"] != _sha256(files.read(MANIFEST)):
        raise Finding("seal", MANIFEST)
    return line


def _chain(text: str) -> tuple[dict[int, str], dict[int, str]]:
    """The hash of each line in chain.txt by its number, and what each row says.

    The first row is the number and hash of the line before; each further one a number and the digest of a
    line, or its JSON where the line is of the old form.
    """
    if not text.endswith("\n"):
        raise Finding("chain", CHAIN)
    first, *rest = text[:-1].split("\n")
    start, previous = first.split(" ")
    expected = int(start)
    if str(expected) != start or not re.fullmatch("[0-9a-f]{64}", previous):
        raise Finding("chain", CHAIN)
    hashes, rows = {expected: previous}, {}
    for row in rest:
        number, _, said = row.partition(" ")
        expected += 1
        if number != str(expected) or not re.fullmatch(r"[0-9a-f]{64}|\{.*\}", said):
            raise Finding("chain", CHAIN + " " + str(expected))
        previous = _sha256((previous + said).encode())
        hashes[expected], rows[expected] = previous, said
    return hashes, rows


def _lines(files: _Files, manifest: dict[str, Any], rows: dict[int, str], last: int) -> Told:
    """The lines of this appeal stand in the chain, and their contents are theirs."""
    gone = None
    found = Told()
    for n in [*manifest["lines"], last]:
        name = LINE if n == last else f"journal/{n}.json"
        line = _line(files, name, n, rows)
        if line["appeal"] != manifest["id"]:
            raise Finding("line", name)
        if line["type"] == ERASE:
            gone, found.is_erased = None, True
        content = f"journal/{n}.payload"
        if content in files.names:
            told = files.read(content)
            if _sha256(told) != line["payload_sha256"]:
                raise Finding("payload", content)
            if line["type"] == REGISTER:
                # What a person took down is the line's own content; of other messages the line has the hash.
                found.registered = {"original_sha256": line["payload_sha256"], **json.loads(told)}
            for answer, digest in _answered(line["type"], json.loads(told)):
                if found.digests.setdefault(answer, digest) != digest:
                    raise Finding("text", answer)
        elif n != last:
            gone = gone or content
    if gone:  # a content may be absent only because a later line tells of an erasure
        raise Finding("payload", gone)
    return found


def _line(files: _Files, name: str, n: int, rows: dict[int, str]) -> dict[str, Any]:
    """The line ``n``, which stands in its place in the chain."""
    said = files.read(name)
    line: dict[str, Any] = json.loads(said)
    if rows.get(n) not in (_sha256(said), said.decode()):
        raise Finding("chain", name)
    if line["n"] != n:
        raise Finding("line", name)
    return line


def _imported(files: _Files, manifest: dict[str, Any], rows: dict[int, str]) -> str | None:
    """The imprint of the appeal by the line of the import that brought it, where there is such a line."""
    n = manifest.get("import")
    if n is None:
        return None
    name, content = f"journal/{n}.json", f"journal/{n}.payload"
    line = _line(files, name, n, rows)
    # It is about many appeals, so no erasure takes its content.
    if content not in files.names or _sha256(files.read(content)) != line["payload_sha256"]:
        raise Finding("payload", content)
    imprints: dict[str, str] = dict(json.loads(files.read(content)).get("imprints", ()))
    if line["type"] != IMPORT or manifest["number"] not in imprints:
        raise Finding("line", name)
    return imprints[manifest["number"]]


def _message(files: _Files, record: dict[str, Any], told: Told) -> list[str]:
    """The message and its text are those that the journal vouches for; codes of what it does not prove."""
    text = record["text"]
    if (files.read(TEXT).decode() if TEXT in files.names else "") != text:
        raise Finding("message", TEXT)
    original = _sha256(files.read(ORIGINAL)) if ORIGINAL in files.names else ""
    if told.is_erased:
        if original or text:
            raise Finding("original", ORIGINAL if original else TEXT)
        return ["erased"]
    if told.imprint is not None:
        if imprint(record["timeline"][0]["command"], original, text) == told.imprint:
            return []
        raise Finding("imprint", ORIGINAL if original else TEXT)
    if told.registered is None:
        return ["original", "message"]
    if not original:
        raise Finding("gone", ORIGINAL)
    if told.registered["original_sha256"] != original:
        raise Finding("original", ORIGINAL)
    if "text_sha256" in told.registered:
        if told.registered["text_sha256"] != _sha256(text.encode()):
            raise Finding("message", TEXT)
        return []
    return [] if told.registered.get("text", "").strip() == text else ["message"]


def _answered(kind: str, told: dict[str, Any]) -> list[tuple[str, str]]:
    """The answer and the digest that a line tells of: submitted, approved or given to a member."""
    if kind == "submit":
        return [(told["answer"], _sha256(told["text"].strip().encode()))]
    return [(told["answer"], told["digest"])] if "answer" in told and "digest" in told else []


def _texts(record: dict[str, Any], listed: dict[str, Any], digests: dict[str, str]) -> None:
    """Each answer's text has the digest under which it was submitted and approved, and none is missing."""
    unseen = dict(digests)
    for answer in record.get("answers", ()):
        digest = unseen.pop(answer["id"], answer["digest"])
        if digest != answer["digest"] or (answer["text"] and _sha256(answer["text"].encode()) != digest):
            raise Finding("text", answer["id"])
    for id in unseen:
        raise Finding("text", id)
    for file in record.get("attachments", ()):
        name = "attachments/" + file["sha256"]
        if name in listed and listed[name]["sha256"] != file["sha256"]:
            raise Finding("changed", name)


class _Files:
    """The files of an archive, none of them read further than it may be long."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        names = archive.namelist()
        self.names = set(names)
        for name in names:
            if names.count(name) > 1:
                raise Finding("twice", name)
        self._archive = archive

    def read(self, name: str) -> bytes:
        """The content of a small file."""
        if name not in self.names:
            raise Finding("missing", name)
        with self._archive.open(name) as file:
            data = file.read(MAX_FILE + 1)
        if len(data) > MAX_FILE:
            raise Finding("unreadable", name)
        return data

    def digest(self, name: str, size: int) -> str:
        """The SHA-256 of a file that is ``size`` bytes long; of one that is longer nothing more is read."""
        found = hashlib.sha256()
        with self._archive.open(name) as file:
            left = size + 1
            while left > 0:
                data = file.read(min(left, 2**20))
                if not data:
                    break
                found.update(data)
                left -= len(data)
        return found.hexdigest() if left == 1 else ""


def _canonical(line: dict[str, Any]) -> bytes:
    """RFC 8785 for what a line holds: texts, whole numbers and null under plain names."""
    return json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def main(arguments: Sequence[str]) -> int:
    """The command line."""
    if len(arguments) not in (1, 3) or (len(arguments) == 3 and arguments[1] != "--head"):
        sys.stderr.write(__doc__ + "\n")
        return 2
    try:
        facts = verify(arguments[0], arguments[2] if len(arguments) == 3 else None)
    except Finding as finding:
        for russian in (True, False):
            sys.stdout.write(printable(finding.sentence(russian)) + "\n")
        return 1
    sys.stdout.write(printable("OK " + json.dumps(facts, ensure_ascii=False)) + "\n")
    for remark in facts["remarks"]:
        for sentence in REMARKS[remark]:
            sys.stdout.write(sentence + "\n")
    return 0


def printable(text: str) -> str:
    """Names in an archive come from strangers: nothing of them may steer a terminal."""
    return "".join(char if char.isprintable() else "?" for char in text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
