"""Files are sent and fetched once and whole, whatever the network and the machine do."""

import hashlib
from collections import Counter
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select

from cur_tui.contract.attachments import check_file
from cur_tui.domain.model import Attachment
from cur_tui.domain.refusal import Refused
from cur_tui.services.exchange.attaching import save
from cur_tui.sync import files
from cur_tui.sync.faults import NoContact, ServerProblem
from regional_api.database.tables import BLOB, JOURNAL
from storage.entries import Upload
from tests.sync.faulty import Network, cut, failing, lose_answer, lose_request, problem, when
from tests.sync.office import Desk, Region

PIECE = 1_000


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "PIECE", PIECE)


def document(seed: str, size: int = 4_321) -> bytes:
    return b"%PDF-1.4\n" + (hashlib.sha256(seed.encode()).hexdigest().encode() * 100)[: size - 9]


def keep(desk: Desk, appeal: str, data: bytes, name: str = "акт.pdf") -> Upload:
    sha256 = hashlib.sha256(data).hexdigest()
    id = f"0192f000-0000-7000-8000-{sha256[:12]}"
    file = Upload(id, appeal, "INC", sha256, name, len(data), check_file(data))
    desk.cache.writer.keep_upload(file, data)
    return file


def attached(region: Region, appeal: str, file: Upload) -> int:
    """How often the file was attached, by the record and by the journal."""
    with region.database.reading() as connection:
        told = connection.execute(
            select(func.count()).select_from(JOURNAL).where(JOURNAL.c.command == file.id)
        ).scalar_one()
    held = Counter(known.sha256 for known in region.appeal(appeal).attachments)[file.sha256]
    assert told == held
    return held


def is_upload(request: httpx.Request) -> bool:
    return request.method == "PUT"


@pytest.mark.parametrize("fault", [lose_request, lose_answer, failing(503)])
def test_a_file_is_attached_once_wherever_the_network_breaks(
    region: Region, desk: Desk, network: Network, fault: object
) -> None:
    desk.load()
    appeal = next(iter(region.appeals("utilities")))
    desk.note(appeal, "до файла")
    file = keep(desk, appeal, document(repr(fault)))
    desk.restart()
    breaks = 0
    for n in range(60):
        # Every second request for the file breaks, and after every second failure the program is restarted.
        network.always = when(is_upload, fault) if n % 2 else network.__class__().always  # type: ignore[arg-type]
        try:
            if not desk.engine.push_once().more:
                break
        except (NoContact, ServerProblem):
            breaks += 1
            if breaks % 2 == 0:
                desk.restart()
    assert breaks >= 3
    assert desk.cache.reader.uploads() == []
    assert attached(region, appeal, file) == 1
    desk.pull()
    shown = desk.cache.reader.appeal(appeal)
    assert shown is not None
    assert [known.name for known in shown.attachments if known.sha256 == file.sha256] == ["акт.pdf"]
    # Only what broke was sent again.
    sent = [r.headers["Content-Range"] for r in network.requests if is_upload(r)]
    assert any(not said.startswith(("bytes 0-", "bytes *")) for said in sent)


def test_without_contact_the_file_stays_and_commands_go_first(
    region: Region, desk: Desk, network: Network
) -> None:
    desk.load()
    appeal = next(iter(region.appeals("roads")))
    file = keep(desk, appeal, document("later"))
    network.always = lose_request
    with pytest.raises(NoContact):
        desk.engine.push_once()
    assert [kept.id for kept in desk.cache.reader.uploads(appeal)] == [file.id]
    assert desk.cache.reader.outbox() == []
    desk.note(appeal, "важнее")
    network.always = type(network)().always
    network.requests.clear()
    desk.push()
    first = next(r.url.path for r in network.requests if "hello" not in r.url.path)
    assert first == "/v1/commands"
    assert attached(region, appeal, file) == 1


def test_what_the_server_refuses_stays_here_with_the_reason(
    region: Region, desk: Desk, network: Network
) -> None:
    desk.load()
    appeal = next(iter(region.appeals("utilities")))
    bad, good = keep(desk, appeal, document("bad")), keep(desk, appeal, document("good"))
    network.always = when(lambda r: bad.sha256 in r.url.path, problem(415, "type_not_allowed"))
    desk.push()
    (kept,) = desk.cache.reader.uploads()
    assert (kept.id, kept.code) == (bad.id, "type_not_allowed")
    assert (attached(region, appeal, bad), attached(region, appeal, good)) == (0, 1)
    # Given again it is tried again.
    network.always = type(network)().always
    keep(desk, appeal, document("bad"))
    desk.push()
    assert desk.cache.reader.uploads() == []


def test_a_waiting_file_is_not_readable_beside_the_cache(region: Region, desk: Desk) -> None:
    desk.load()
    data = document("secret")
    keep(desk, next(iter(region.appeals("utilities"))), data)
    desk.close()
    for path in desk.path.parent.iterdir():
        if path.is_file() and path.name.startswith(desk.path.name):
            assert data[100:140] not in path.read_bytes(), path


def test_a_file_is_saved_whole_and_over_nothing(
    region: Region, desk: Desk, network: Network, tmp_path: Path
) -> None:
    desk.load()
    appeal = next(iter(region.appeals("roads")))
    data = document("fetched", 9_000)
    file = keep(desk, appeal, data, "../\u202eакт.pdf")
    desk.push()
    found = next(known for known in region.appeal(appeal).attachments if known.sha256 == file.sha256)
    folder = tmp_path / "saved"
    folder.mkdir()
    network.requests.clear()
    network.once = [cut(4_000, silently=False)]
    first = save(desk.engine, found, folder)
    assert (first.name, first.read_bytes(), first.stat().st_mode & 0o777) == ("акт.pdf", data, 0o600)
    assert [r.headers.get("Range") for r in network.requests] == [None, "bytes=4000-"]
    assert save(desk.engine, found, folder).name == "акт (2).pdf"
    assert sorted(path.name for path in folder.iterdir()) == ["акт (2).pdf", "акт.pdf"]
    # Broken off for good, it goes on with the next call.
    network.once = [cut(5_000, silently=False), lose_request, lose_request]
    with pytest.raises(NoContact):
        save(desk.engine, found, folder, tries=1)
    network.once, network.requests[:] = [], []
    assert save(desk.engine, found, folder).read_bytes() == data
    assert network.requests[0].headers["Range"] == "bytes=5000-"


def test_a_file_that_is_not_the_one_it_should_be_is_not_saved(
    region: Region, desk: Desk, network: Network, tmp_path: Path
) -> None:
    desk.load()
    appeal = next(iter(region.appeals("roads")))
    file = keep(desk, appeal, document("whole"))
    desk.push()
    found = next(known for known in region.appeal(appeal).attachments if known.sha256 == file.sha256)
    network.once = [cut(2_000, silently=True)]
    with pytest.raises(Refused) as told:
        save(desk.engine, found, tmp_path, tries=1)
    assert told.value.code == "hash_mismatch"
    assert not list(tmp_path.glob("*.pdf")) + list(tmp_path.glob(".*.part"))
    (tmp_path / f".{file.sha256}.part").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic"):
        save(desk.engine, found, tmp_path)
    assert not (tmp_path / "elsewhere").exists()


def test_the_server_has_it_only_once(region: Region, desk: Desk) -> None:
    desk.load()
    first, second = list(region.appeals("utilities"))[:2]
    data = document("shared")
    files_of = [
        keep(desk, first, data),
        Upload(
            "0192f000-0000-7000-8000-0000000000ff",
            second,
            "INC",
            *(hashlib.sha256(data).hexdigest(), "б.pdf", len(data), "application/pdf"),
        ),
    ]
    desk.cache.writer.keep_upload(files_of[1], data)
    desk.push()
    assert [
        attached(region, appeal, file) for appeal, file in zip((first, second), files_of, strict=True)
    ] == [1, 1]
    with region.database.reading() as connection:
        held = connection.execute(
            select(func.count()).select_from(BLOB).where(BLOB.c.sha256 == files_of[0].sha256)
        ).scalar_one()
    assert held == 1
    assert isinstance(region.appeal(first).attachments[-1], Attachment)
