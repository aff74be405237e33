"""Evidence of one appeal: it verifies, anywhere, and no byte of it can be changed without being found."""

import hashlib
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select, update
from uuid6 import uuid7

from cur_tui.contract.packing import pack, unpack
from cur_tui.domain.vocabulary import Regime, Source
from regional_api.centre import open_centre
from regional_api.cli.main import main
from regional_api.database.connections import Database
from regional_api.database.tables import APPEAL, ORIGINAL
from regional_api.record import journal
from regional_api.record.erasing import erase, find
from regional_api.record.evidence.export import export
from regional_api.record.evidence.verify import CHAIN, HEAD, LINE, MANIFEST, PAYLOAD, Finding, verify
from tests.server.office import Seat, on_both_engines, register

Take = Callable[..., Seat]
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n"
FOREIGN = "Улица Садовая чужая"


@pytest.fixture
def number(address: str, seat: Take) -> str:
    """An appeal with a note and a file, and others around it with texts of their own."""
    mine, other = register(address, 2, regime=Regime.OPEN_SOURCE, source=Source.SOCIAL)
    operator = seat()
    rows = {line["row"][1]: line["row"][0] for line in operator.snapshot() if line["_"] == "put"}
    sha256 = hashlib.sha256(PDF).hexdigest()
    described = operator.http.put(f"/v1/blobs/{sha256}", content=PDF).json()
    for act in (
        operator.envelope("note", rows[mine], 1, text="Звонили в службу"),
        operator.envelope("note", rows[other], 1, text=FOREIGN),
        operator.envelope("attach", rows[mine], 2, name="акт.pdf", **described),
        operator.envelope("reject", rows[other], 2, reason="advertising_links", text=FOREIGN),
        operator.envelope("tag", rows[mine], 3, add=["проверено"]),
    ):
        assert operator.send(act).json()["results"][0]["status"] == "applied"
    register(address, 3)
    return mine


def made(address: str, number: str, path: Path) -> str:
    database = Database(address)
    try:
        with path.open("wb") as file:
            done = export(open_centre(database), number, file)
        assert journal.verify(database, open_centre(database).shard).ok
    finally:
        database.close()
    return f"{done.head.n}:{done.head.hash}"


def files_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def found(path: Path, kept: str | None = None) -> str:
    with pytest.raises(Finding) as told:
        verify(str(path), kept)
    return told.value.code


@on_both_engines
def test_evidence_is_whole_and_holds_nothing_of_others(address: str, number: str, tmp_path: Path) -> None:
    path = tmp_path / "e.zip"
    head = made(address, number, path)
    facts = verify(str(path), head)
    assert (facts["number"], facts["version"], facts["head"]) == (number, 4, head)
    files = files_of(path)
    assert files["original/message.bin"].decode("cp1251") == files["message.txt"].decode()
    assert files[f"attachments/{hashlib.sha256(PDF).hexdigest()}"] == PDF
    assert json.loads(files["record.json"])["applicant"]["name"] == "Ветрова Алла Кузьминична"
    notes = [json.loads(data).get("text") for name, data in files.items() if name.endswith(".payload")]
    assert "Звонили в службу" in notes
    everything = b"\n".join(files.values())
    assert FOREIGN.encode() not in everything
    own = {
        json.loads(files[name])["appeal"] for name in files if name.startswith("journal/") and "json" in name
    }
    assert len(own) == 1
    # The lines in between are told by digests only.
    assert b"{" not in files[CHAIN]
    assert len(files[CHAIN].splitlines()) > facts["lines"] + 2


def test_every_change_is_found(address: str, number: str, tmp_path: Path) -> None:
    path = tmp_path / "e.zip"
    made(address, number, path)
    honest, other = files_of(path), tmp_path / "other.zip"
    for name, data in honest.items():
        for at in {0, len(data) // 2, len(data) - 1}:
            changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
            assert found(packed(other, {**honest, name: changed})), (name, at)
        assert found(packed(other, {**honest, name: data + b"\n"})), name
        without = {kept: value for kept, value in honest.items() if kept != name}
        assert found(packed(other, without)) == "missing", name
    assert found(packed(other, {**honest, "journal/9999.json": b"{}"})) == "foreign"
    rows = honest[CHAIN].splitlines(keepends=True)
    removed = [*rows[:3], *rows[4:]]
    added = [*rows, b"%d %s\n" % (int(rows[-1].split()[0]) + 1, b"0" * 64)]
    swapped = [*rows[:3], rows[4], rows[3], *rows[5:]]
    renumbered = [
        b"%d %s" % (int(rows[0].split()[0]) + i, row.split(b" ", 1)[1]) for i, row in enumerate(swapped)
    ]
    for chain, code in (
        (removed, "chain"),
        (swapped, "chain"),
        (renumbered, "chain"),
        (rows[:-1], "chain"),
        (added, "chain"),
    ):
        assert found(packed(other, {**honest, CHAIN: b"".join(chain)})) == code
    lines = sorted(name for name in honest if name.startswith("journal/") and name.endswith(".json"))
    one, two = lines[0], lines[1]
    assert found(packed(other, {**honest, one: honest[two], two: honest[one]})) == "changed"


def test_a_wholly_remade_archive_is_found_by_a_kept_head(address: str, number: str, tmp_path: Path) -> None:
    path, other = tmp_path / "e.zip", tmp_path / "other.zip"
    head = made(address, number, path)
    files = files_of(path)
    # Somebody who is careful: the file, its line of the manifest, the seal, the chain and its head.
    manifest = json.loads(files[MANIFEST])
    files["record.json"] = files["record.json"].replace("Ветрова".encode(), "Кедрова".encode())
    manifest["files"]["record.json"] = {
        "size": len(files["record.json"]),
        "sha256": hashlib.sha256(files["record.json"]).hexdigest(),
    }
    files[MANIFEST] = json.dumps(manifest).encode()
    assert found(packed(other, files)) == "seal"
    files[PAYLOAD] = json.dumps({"manifest_sha256": hashlib.sha256(files[MANIFEST]).hexdigest()}).encode()
    assert found(packed(other, files)) == "seal"
    line = json.loads(files[LINE]) | {"payload_sha256": hashlib.sha256(files[PAYLOAD]).hexdigest()}
    files[LINE] = json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    assert found(packed(other, files)) == "chain"
    rows = files[CHAIN].decode().splitlines()
    rows[-1] = f"{line['n']} {hashlib.sha256(files[LINE]).hexdigest()}"
    files[CHAIN] = ("\n".join(rows) + "\n").encode()
    assert found(packed(other, files)) == "head"
    previous = rows[0].split(" ")[1]
    for row in rows[1:]:
        previous = hashlib.sha256((previous + row.split(" ", 1)[1]).encode()).hexdigest()
    files[HEAD] = f"{line['n']}:{previous}\n".encode()
    verify(str(packed(other, files)))
    assert found(other, head) == "kept"


def test_erased_appeal_gives_what_is_left(address: str, number: str, seat: Take, tmp_path: Path) -> None:
    operator = seat()
    id = next(
        line["row"][0] for line in operator.snapshot() if line["_"] == "put" and line["row"][1] == number
    )
    assert operator.do("reject", id, 4, reason="advertising_links", text="Повтор")["status"] == "applied"
    database = Database(address)
    centre = open_centre(database)
    assert erase(centre, [one.id for one in find(centre, number)], "решение 7") == 1
    database.close()
    path = tmp_path / "e.zip"
    head = made(address, number, path)
    verify(str(path), head)
    files = files_of(path)
    assert "message.txt" not in files
    assert "Звонили".encode() not in b"".join(files.values())
    # Absent without the line that tells of the erasure, a content is missed.
    erasure = next(n for n, data in files.items() if n.startswith("journal/") and b'"erase"' in data)
    manifest = json.loads(files[MANIFEST])
    manifest["lines"].remove(int(erasure[8:-5]))
    files[MANIFEST] = json.dumps(manifest).encode()
    assert found(packed(tmp_path / "other.zip", files)) == "seal"


def test_what_an_operator_took_down_is_proven_by_its_registration(
    address: str, seat: Take, tmp_path: Path
) -> None:
    told = {"received_at": "2026-11-20T01:00:00Z", "source": "hotline", "text": "Третий день нет воды"}
    number = seat("op.zarechnaya").do("register", str(uuid7()), 0, **told)["number"]
    path = tmp_path / "e.zip"
    head = made(address, number, path)
    assert verify(str(path), head)["lines"] == 1
    with Database(address).writing() as connection:
        connection.execute(update(ORIGINAL).values(data=b"{}"))
    made(address, number, path)
    assert found(path) == "original"


def test_an_answer_put_into_the_record_past_the_journal_is_found(
    address: str, number: str, seat: Take, tmp_path: Path
) -> None:
    operator = seat()
    id = next(
        line["row"][0] for line in operator.snapshot() if line["_"] == "put" and line["row"][1] == number
    )
    answer, path = str(uuid7()), tmp_path / "e.zip"
    utilities = "amur_utilities"
    assert operator.do("assign", id, 4, authority=utilities)["status"] == "applied"
    given = {"answer": answer, "text": " Воду дадут завтра. ", "outcome": "solved"}
    assert operator.do("submit", id, 5, **given)["status"] == "applied"
    verify(str(path), made(address, number, path))
    for is_gone in (False, True):
        database = Database(address)
        with database.writing() as connection:
            stored = connection.execute(select(APPEAL.c.doc).where(APPEAL.c.id == id)).scalar_one()
            doc = json.loads(unpack(bytes(stored)))
            other = {"text": "Иначе", "digest": hashlib.sha256("Иначе".encode()).hexdigest()}
            doc["answers"] = [] if is_gone else [{**doc["answers"][0], **other}]
            changed = update(APPEAL).where(APPEAL.c.id == id).values(doc=pack(json.dumps(doc).encode()))
            connection.execute(changed)
        database.close()
        made(address, number, path)
        assert found(path) == "text"


def test_the_documented_commands_work_on_a_bare_python(
    address: str, number: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "e.zip"
    assert main(["evidence", number, "--out", str(path), "--database", address]) == 0
    head = capsys.readouterr().out.strip()
    assert path.stat().st_mode & 0o077 == 0
    assert main(["evidence", number, "--out", str(path), "--database", address]) == 1, "never overwritten"
    assert main(["evidence", "00000", "--out", str(tmp_path / "x"), "--database", address]) == 1
    assert not (tmp_path / "x").exists()
    assert main(["evidence", "verify", str(path), "--head", head]) == 0
    files = files_of(path)
    script = tmp_path / "verify.py"
    script.write_bytes(files["verify.py"])
    bare = [sys.executable, "-I", "-S", str(script), str(path), "--head", head]
    assert subprocess.run(bare, check=False, capture_output=True).returncode == 0
    packed(path, {**files, "record.json": files["record.json"] + b" "})
    assert subprocess.run(bare, check=False, capture_output=True).returncode == 1
    assert main(["evidence", "verify", str(path)]) == 1
    path.write_bytes(b"PK\x03\x04 nothing")
    assert main(["evidence", "verify", str(path)]) == 1
