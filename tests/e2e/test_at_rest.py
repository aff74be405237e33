"""What is left on the machine, in real files: of a workstation at work, locked, killed, and destroyed."""

import os
import re
import signal
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from cur_tui.cli.main import main as cur
from cur_tui.paths import Home
from cur_tui.services.access.signin import SignIn
from cur_tui.services.secrets.vault_file import FileVault
from tests.e2e.region import BIN, call
from tests.e2e.terminal import Terminal
from tests.sync.office import PASSWORD, Region, region_in

PASSPHRASE = "ромашка за околицей"
NEW_PASSPHRASE = "василёк за околицей"
NOTE = "Незабудковая семьдесят семь"
LETTER = "Астрагалова тридцать три"


class Machine:
    """One person's machine, with a folder for temporary files that nobody else uses."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.temporary = folder / "temporary"
        self.temporary.mkdir()
        self.passphrase = folder / "passphrase"
        self.passphrase.write_text(PASSPHRASE)
        self.passphrase.chmod(0o600)
        self.env = {
            "CUR_HOME": str(self.home),
            "CUR_PASSPHRASE_FILE": str(self.passphrase),
            "CUR_LANG": "ru",
            "TMPDIR": str(self.temporary),
        }

    def cur(self, *command: str, stdin: str = "") -> tuple[int, str, str]:
        """Exit code, output and narration of ``cur``."""
        return call(cur, command, self.env, stdin)

    def workstation(self) -> Terminal:
        return Terminal([str(BIN / "cur")], env=self.env, columns=110, rows=36)

    @property
    def unsent(self) -> str:
        return self.cur("outbox", "--json")[1]

    def secrets(self) -> list[bytes]:
        """What must stand in no file: in bytes and, of keys, as it is written in statements."""
        home = Home.at(self.home)
        signin = SignIn(home, FileVault.unlock(home.secrets_file, self.passphrase.read_text()))
        kept = signin.secrets_of(signin.profiles.current()[0])
        key = kept.cache_key(create=False)
        texts = (self.passphrase.read_text(), PASSWORD, kept.load(), NOTE, LETTER, "нет воды")
        return [key, key.hex().encode(), *(text.encode() for text in texts if text)]


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Region]:
    with region_in(tmp_path_factory.mktemp("region")) as running:
        running.register(12, "utilities")
        yield running


@pytest.fixture
def machine(region: Region, tmp_path: Path) -> Machine:
    made = Machine(tmp_path)
    login = ("login", "--server", region.address, "--user", "operator", "--password-stdin")
    status, _output, told = made.cur(*login, stdin=PASSWORD + "\n")
    assert status == 0, told
    return made


def files_below(*folders: Path) -> list[Path]:
    return [path for folder in folders for path in folder.rglob("*") if path.is_file()]


def check_files(machine: Machine, secrets: list[bytes]) -> None:
    found = files_below(machine.home, machine.temporary)
    assert len(found) >= 3
    for path in found:
        content = path.read_bytes()
        assert not [secret for secret in secrets if secret in content], path
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    for folder in (machine.home, *(path for path in machine.home.rglob("*") if path.is_dir())):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700, folder


def check_process(pid: int, secrets: list[bytes]) -> None:
    process = Path(f"/proc/{pid}")
    if not process.exists():  # another system
        return
    for name in ("cmdline", "environ"):
        shown = (process / name).read_bytes()
        assert not [secret for secret in secrets if secret in shown], name
    limit = re.search(r"Max core file size\s+(\d+)\s+(\d+)", (process / "limits").read_text())
    assert limit is not None
    # One byte: then no dump is handed to a program of the system either. None, where none was allowed before.
    assert limit.groups() in {("1", "1"), ("0", "0")}
    open_files = [str(descriptor.readlink()) for descriptor in (process / "fd").iterdir()]
    assert not [name for name in open_files if "etilqs" in name], "the engine has a temporary file"


def test_nothing_readable_is_left_by_a_workstation_that_is_locked_and_killed(machine: Machine) -> None:
    left = machine.home / "data" / "cache" / "editor" / "region" / ".0123.txt.swp"
    left.parent.mkdir(mode=0o700, parents=True)
    left.parent.parent.chmod(0o700)
    left.write_text(LETTER)
    secrets = machine.secrets()
    with machine.workstation() as desk:
        desk.wait_for("Моя работа")
        desk.press("2")
        desk.wait_for("нет воды")
        desk.press("enter")
        desk.wait_for(r"(?m)^ INC-")
        desk.press("m")
        desk.wait_for("Ctrl.S принять")
        desk.type(NOTE)
        assert not left.exists(), "what an editor left when the program was killed is still there"
        check_process(desk.pid, secrets)
        check_files(machine, secrets)
        before = len(desk.raw)
        desk.press("f12")
        desk.wait_for("Рабочее место заперто")
        written = bytes(desk.raw[before:])
        behind = written[written.index(b"\x1b[3J") :]
        assert not [text for text in (b"INC-", NOTE.encode(), "нет воды".encode()) if text in behind]
        desk.type(PASSPHRASE)
        desk.press("enter")
        desk.wait_for("Рабочее место заперто", gone=True)
        desk.wait_for(NOTE)
        os.kill(desk.pid, signal.SIGKILL)
        desk.wait_end()
    check_files(machine, machine.secrets())
    assert machine.cur("wipe")[0] == 1, "the note that was being typed at the lock is not known any more"


def test_another_key_another_passphrase_and_the_end_of_a_profile(machine: Machine, region: Region) -> None:
    number = re.findall(r"INC-\d{8}-\d{4}", machine.cur("list", "--query", "open")[1])[0]
    assert machine.cur("do", "note", number, "--text", NOTE)[0] == 0
    key = machine.secrets()[0]
    assert machine.cur("rekey")[0] == 0
    assert machine.cur("passphrase", "--new-stdin", stdin=NEW_PASSPHRASE + "\n")[0] == 0
    assert machine.cur("outbox")[0] == 3, "the old passphrase still opens"
    machine.passphrase.write_text(NEW_PASSPHRASE)
    assert machine.secrets()[0] != key
    assert NOTE in machine.unsent
    region.stop()
    try:
        status, output, told = machine.cur("wipe")
        assert status == 1
        assert number in output
        assert "--with-unsent" in told
        assert NOTE in machine.unsent
        assert machine.cur("wipe", "--with-unsent")[0] == 0
    finally:
        region.start()
    names = [path.name for path in files_below(machine.home)]
    assert not [name for name in names if "region.db" in name or name == "secrets.enc"], names
    assert machine.cur("outbox")[0] != 0
