"""The server's command line: what it makes, what it says, and with which exit code."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx

from tests.server.office import PASSWORD, Seat

COMMAND = [sys.executable, "-m", "regional_api.cli.main"]


def run(*arguments: str, stdin: str = "", language: str = "en") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "CUR_LANG": language},
    )


def test_region_is_made_served_and_verified(tmp_path: Path) -> None:
    path = tmp_path / "region.db"
    made = run("init", "--region", "kursk", "--database", str(path))
    assert (made.returncode, json.loads(made.stdout)["region"]) == (0, "kursk"), made.stderr
    assert path.stat().st_mode & 0o077 == 0
    added = run(
        *("user", "add", "op.zarechnaya", "--role", "supervisor", "--display-name", "Заречная В. И."),
        *("--password-stdin", "--database", f"sqlite:///{path}"),
        stdin=PASSWORD + "\n",
    )
    assert added.returncode == 0, added.stderr
    listed = json.loads(run("user", "list", "--database", str(path)).stdout)
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
    verified = run("journal", "verify", "--json", "--database", str(path))
    assert (verified.returncode, json.loads(verified.stdout)["ok"]) == (0, True)


def test_mistakes_get_one_sentence_and_change_nothing(tmp_path: Path) -> None:
    path = tmp_path / "region.db"
    unknown = run("init", "--region", "amurr", "--database", str(path))
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert "amur" in unknown.stderr
    assert not path.exists()
    assert run("init", "--region", "amur", "--database", str(path)).returncode == 0
    again = run("init", "--region", "amur", "--database", str(path))
    assert again.returncode == 1
    assert len(again.stderr.splitlines()) == 1
    for arguments, nearest in (
        (["--role", "suprvisor"], "supervisor"),
        (["--role", "block_operator", "--block", "utilitis"], "utilities"),
        (["--role", "seconded_agent", "--authority", "amur_utility"], "amur_utilities"),
    ):
        wrong = run(
            "user", "add", "x", *arguments, "--password-stdin", "--database", str(path), stdin=PASSWORD
        )
        assert wrong.returncode == 1
        assert f"«{nearest}»" in wrong.stderr
    short = run(
        *("user", "add", "x", "--role", "supervisor", "--password-stdin", "--database", str(path)),
        stdin="123",
    )
    assert short.returncode == 1
    assert run("user", "list", "--database", str(path)).stdout == ""
    assert run("nonsense").returncode == 2
    assert run("serve", "--database", str(tmp_path / "none.db")).returncode == 1


def test_broken_profile_is_told_in_the_persons_language(tmp_path: Path) -> None:
    profile = tmp_path / "own.toml"
    profile.write_text('code = "amur"\nname = 5\nnonsense = true\n')
    said = {}
    for language in ("ru", "en"):
        answer = run(
            *("init", "--region", "amur", "--profile", str(profile), "--database", str(tmp_path / "x.db")),
            language=language,
        )
        assert answer.returncode == 1
        assert "own.toml" in answer.stderr
        said[language] = answer.stderr
    assert said["ru"] != said["en"]
    assert not (tmp_path / "x.db").exists()
