"""What the workstation says in logs and when it fails: places in the code, never anybody's data."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from cur_tui.cli import outbox
from cur_tui.cli.main import main as cur
from cur_tui.sync.faults import NoContact
from regional_api.cli import init
from regional_api.cli.main import main as regional_api
from screens.crash import crash_words
from tests.sync.office import PASSWORD, Region, region_in

MARK = "метка31415"


@pytest.fixture
def region(tmp_path: Path) -> Iterator[Region]:
    folder = tmp_path / "region"
    folder.mkdir()
    with region_in(folder) as running:
        yield running


def test_the_log_of_an_exchange_holds_nobody(
    region: Region, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """A reading, a command, a refusal, a failure in the middle; with every logger at its most talkative."""
    caplog.set_level(1)
    region.register(2, "utilities")
    desk = region.desk(tmp_path / "cache.db", "operator")
    desk.load()
    desk.note(sorted(desk.shown())[0], MARK)
    desk.push()
    region.stop()
    with pytest.raises(NoContact):
        desk.pull()
    desk.close()
    said = "".join(capfd.readouterr()) + "".join(record.getMessage() for record in caplog.records)
    assert "regional_api" in {record.name for record in caplog.records}
    assert not [secret for secret in (MARK, PASSWORD) if secret in said]


def test_what_a_crash_leaves_behind_is_places_only() -> None:
    def reading(text: str) -> None:
        kept = [text, PASSWORD]
        raise ValueError(f"cannot read {text} {kept}")

    with pytest.raises(ValueError, match=MARK) as caught:
        reading(MARK)
    left = crash_words(caught.value).plain
    assert "test_client_log.py" in left
    assert MARK not in left
    assert PASSWORD not in left


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such limits")
def test_a_crash_leaves_no_dump() -> None:
    asked = "import resource; from cur_tui.cli.main import main; main(['--home', '/dev/null', 'queues']); "
    asked += "print(resource.getrlimit(resource.RLIMIT_CORE))"
    done = subprocess.run([sys.executable, "-c", asked], check=True, capture_output=True, text=True)
    assert done.stdout.strip() in ("(1, 1)", "(0, 0)")


@pytest.mark.parametrize(
    ("main", "act", "words"),
    [(cur, outbox, ["outbox"]), (regional_api, init, ["init", "--region", "amur", "--database", "r.db"])],
    ids=["cur", "regional-api"],
)
def test_a_command_that_ends_by_a_mistake_tells_places_only(
    main: Callable[[list[str]], int],
    act: ModuleType,
    words: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What it says lands in the log of whatever starts it by the clock."""

    def fail(_: object) -> None:
        raise ValueError(f"cannot read \x1b[31m{MARK}")

    monkeypatch.setattr(act, "run", fail)
    assert main(words) == 1
    said = "".join(capsys.readouterr())
    assert "test_client_log.py" in said
    assert not [raw for raw in (MARK, "\x1b") if raw in said]
