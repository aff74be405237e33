"""The demonstration from an empty home: a region is served, a person signs in, it ends with its parent."""

import http.client
import json
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cur_tui.cli.main import main as cur
from tests.e2e.region import call

CUR = (sys.executable, "-m", "cur_tui.cli.main")


def start(home: Path, *options: str) -> tuple["subprocess.Popen[bytes]", dict[str, Any]]:
    process = subprocess.Popen(
        [*CUR, "demo", "--home", str(home), "--no-tui", *options],
        stdout=subprocess.PIPE,
        stderr=(home.parent / "narration").open("ab"),
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, (home.parent / "narration").read_text()
    return process, json.loads(line)


def answers(url: str) -> bool:
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=5)
    try:
        connection.request("GET", "/v1/health")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def wait_until_silent(url: str) -> None:
    for _ in range(100):
        if not answers(url):
            return
        time.sleep(0.1)
    pytest.fail(f"{url} still answers")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "home"


@pytest.fixture(scope="module")
def killed(home: Path) -> dict[str, Any]:
    """What was told by the demonstration that made the region and was killed."""
    csv = home.parent / "messages.csv"
    csv.write_text("id,text,theme\n1,Знак упал на углу Луговой,Дорожные знаки\n", encoding="utf-8")
    process, facts = start(home, "--region", "eao", "--appeals", "150", "--data", str(csv))
    process.kill()
    process.wait(20)
    wait_until_silent(facts["url"])
    return facts


@pytest.fixture(scope="module")
def demo(home: Path, killed: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The demonstration that was started after it in the same home."""
    del killed
    process, facts = start(home, "--region", "eao")
    yield facts
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    wait_until_silent(facts["url"])


def run_cur(home: Path, facts: dict[str, Any], *arguments: str, given: str = "") -> str:
    env = {"CUR_PASSPHRASE_FILE": facts["passphrase_file"]}
    status, output, narration = call(cur, ["--home", str(home), *arguments], env, given)
    assert status == 0, narration
    return output


def test_the_region_is_served_and_somebody_can_work(home: Path, demo: dict[str, Any]) -> None:
    assert answers(demo["url"])
    assert set(demo["accounts"]) == {"operator", "operator2", "agency", "approver", "supervisor"}
    password = demo["accounts"]["supervisor"]
    run_cur(
        home,
        demo,
        "login",
        "--server",
        demo["url"],
        "--user",
        "supervisor",
        "--password-stdin",
        given=password,
    )
    listed = json.loads(run_cur(home, demo, "list", "--json", "--limit", "100"))["items"]
    assert len(listed) > 30
    assert {item["source"] for item in listed} & {"csv"}


def test_secrets_are_the_persons_alone(home: Path, demo: dict[str, Any]) -> None:
    for file in (home / "server" / "demo.json", Path(demo["passphrase_file"])):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_another_region_does_not_move_into_the_same_home(home: Path, demo: dict[str, Any]) -> None:
    del demo
    status, _, narration = call(cur, ["demo", "--home", str(home), "--region", "amur", "--no-tui"], {})
    assert status == 1
    assert "eao" in narration


def test_a_second_demonstration_of_the_home_uses_the_same_server(home: Path, demo: dict[str, Any]) -> None:
    process, facts = start(home, "--region", "eao")
    process.send_signal(signal.SIGTERM)
    process.wait(20)
    assert facts["url"] == demo["url"]
    assert answers(demo["url"])


def test_the_server_ends_with_a_killed_demonstration(killed: dict[str, Any], demo: dict[str, Any]) -> None:
    # That it fell silent was waited for before the next one began; what was made is used again.
    assert demo["accounts"] == killed["accounts"]
    assert answers(demo["url"])
