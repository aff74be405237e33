"""The server's command line: what it makes, what it says, and with which exit code."""

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from cur_tui.i18n import set_language
from regional_api.cli.main import main
from tests.server.office import PASSWORD, Seat

Said = Callable[..., tuple[int, str, str]]
COMMAND = [sys.executable, "-m", "regional_api.cli.main"]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "CUR_LANG": "en"},
    )


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Said]:
    """Runs the program in this process: half a second less for each of its many mistakes."""

    def run_here(*arguments: str, stdin: str = "", language: str = "en") -> tuple[int, str, str]:
        set_language(language)
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        try:
            code = main(arguments)
        except SystemExit as left:
            code = int(left.code or 0)
        return code, *capsys.readouterr()

    yield run_here
    set_language("ru")


def test_region_is_made_served_and_verified(tmp_path: Path, say: Said) -> None:
    path = tmp_path / "region.db"
    made = run("init", "--region", "kursk", "--database", str(path))
    assert (made.returncode, json.loads(made.stdout)["region"]) == (0, "kursk"), made.stderr
    assert path.stat().st_mode & 0o077 == 0
    added = say(
        *("user", "add", "op.zarechnaya", "--role", "supervisor", "--display-name", "Заречная В. И."),
        *("--password-stdin", "--database", f"sqlite:///{path}"),
        stdin=PASSWORD + "\n",
    )
    assert added[0] == 0, added
    listed = json.loads(say("user", "list", "--database", str(path))[1])
    assert (listed["account"], listed["name"]) == ("op.zarechnaya", "Заречная В. И.")
    server = subprocess.Popen(
        [*COMMAND, "serve", "--database", str(path), "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None
        url = json.loads(server.stdout.readline())["url"]
        assert httpx.get(f"{url}/v1/health", trust_env=False).json()["region"] == "kursk"
        person = Seat.take(url, "op.zarechnaya")
        assert person.hello()["region"] == "kursk"
        person.http.close()
    finally:
        server.send_signal(signal.SIGTERM)
        _, log = server.communicate(timeout=20)
    events = [json.loads(line) for line in log.splitlines()]
    assert {"event": "request", "route": "/v1/hello", "status": 200}.items() <= events[-2].items()
    assert "Заречная" not in log
    assert PASSWORD not in log
    code, verdict, _ = say("journal", "verify", "--json", "--database", str(path))
    assert (code, json.loads(verdict)["ok"]) == (0, True)


def test_mistakes_get_one_sentence_and_change_nothing(tmp_path: Path, say: Said) -> None:
    path = tmp_path / "region.db"
    code, told, why = say("init", "--region", "amurr", "--database", str(path))
    assert (code, told) == (1, "")
    assert "amur" in why
    assert not path.exists()
    assert say("init", "--region", "amur", "--database", str(path))[0] == 0
    code, _, why = say("init", "--region", "amur", "--database", str(path))
    assert code == 1
    assert len(why.splitlines()) == 1
    for arguments, nearest in (
        (["--role", "suprvisor"], "supervisor"),
        (["--role", "block_operator", "--block", "utilitis"], "utilities"),
        (["--role", "seconded_agent", "--authority", "amur_utility"], "amur_utilities"),
    ):
        code, _, why = say(
            "user", "add", "x", *arguments, "--password-stdin", "--database", str(path), stdin=PASSWORD
        )
        assert code == 1
        assert f"«{nearest}»" in why
    code, _, _ = say(
        *("user", "add", "x", "--role", "supervisor", "--password-stdin", "--database", str(path)),
        stdin="123",
    )
    assert code == 1
    assert say("user", "list", "--database", str(path))[1] == ""
    # In a process of its own, since it sets up the log.
    assert run("serve", "--database", str(tmp_path / "none.db")).returncode == 1
    assert run("nonsense").returncode == 2


def test_broken_profile_is_told_in_the_persons_language(tmp_path: Path, say: Said) -> None:
    profile = tmp_path / "own.toml"
    profile.write_text('code = "amur"\nname = 5\nnonsense = true\n')
    said = {}
    for language in ("ru", "en"):
        code, _, said[language] = say(
            *("init", "--region", "amur", "--profile", str(profile), "--database", str(tmp_path / "x.db")),
            language=language,
        )
        assert code == 1
        assert "own.toml" in said[language]
    assert said["ru"] != said["en"]
    assert not (tmp_path / "x.db").exists()
