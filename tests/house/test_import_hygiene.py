"""What a start costs: the headless program must not load the libraries of the interface and of the server."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.data.home import FilledHome
from bench.data.stage import Stage

ROOT = Path(__file__).resolve().parents[2]
HEAVY = {"textual", "rich", "fastapi", "starlette", "uvicorn", "sqlmodel", "sqlalchemy", "pydantic", "httpx"}
HEAVY |= {"jinja2", "keyring", "cryptography", "babel", "psycopg", "argon2"}
INTERFACE = {"textual", "rich"}
SERVER = {"fastapi", "starlette", "uvicorn", "psycopg", "argon2"}
# What opens the passphrase's file, which a machine with a keyring does not have.
SECRETS = {"cryptography", "argon2"}
TELL = "import json, sys\nprint(json.dumps(sorted(sys.modules)), file=sys.stderr)"


def modules_after(code: str, home: FilledHome | None = None) -> set[str]:
    """The modules that a fresh interpreter names in the last line of its standard error."""
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=home.env if home else None,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return set(json.loads(run.stderr.splitlines()[-1]))


def packages(modules: set[str]) -> set[str]:
    """Their top-level names."""
    return {name.split(".")[0] for name in modules}


def loaded_by(code: str) -> set[str]:
    """Top-level names of the modules that a fresh interpreter has loaded after ``code``."""
    return packages(modules_after(f"{code}\n{TELL}"))


@pytest.mark.parametrize("module", ["cur_tui.i18n", "cur_tui.formats", "cur_tui.paths", "cur_tui.domain"])
def test_the_ground_floor_is_light(module: str) -> None:
    assert loaded_by(f"import {module}").isdisjoint(HEAVY)


@pytest.mark.parametrize(
    ("module", "forbidden"),
    [
        ("cur_tui.contract", HEAVY),
        ("storage", INTERFACE | SERVER | {"httpx"}),
        ("cur_tui.sync", INTERFACE | SERVER),
        ("cur_tui.services", INTERFACE | SERVER),
        ("regional_api", INTERFACE),
    ],
)
def test_packages_load_nothing_of_their_neighbours(module: str, forbidden: set[str]) -> None:
    everything = (
        f"import importlib, pkgutil, {module}\n"
        f"for item in pkgutil.walk_packages({module}.__path__, '{module}.'):\n"
        "    if not item.name.endswith('__main__'):\n"
        "        importlib.import_module(item.name)\n"
    )
    assert loaded_by(everything).isdisjoint(forbidden)


def test_the_http_library_comes_without_its_command_line() -> None:
    loaded = loaded_by("from cur_tui.sync import http_library\nhttp_library.load()")
    assert "httpx" in loaded
    assert loaded.isdisjoint({"click", "pygments", "rich"})


def test_help_of_the_headless_program_is_light() -> None:
    code = (
        "import contextlib, sys\n"
        "sys.argv = ['cur', '--help']\n"
        "from cur_tui.cli.main import main\n"
        "with contextlib.suppress(SystemExit):\n"
        "    main()\n"
    )
    heavy = loaded_by(code) & HEAVY
    assert not heavy, f"`cur --help` loads {sorted(heavy)}; import them inside the function that needs them"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> FilledHome:
    """A workstation's home with a signed-in person and some appeals."""
    with Stage(variety=150, keep=tmp_path_factory.mktemp("kept")) as stage:
        return stage.home(150)


def test_a_list_is_read_without_the_libraries_of_writing_and_of_the_network(home: FilledHome) -> None:
    code = (
        f"from cur_tui.cli.main import main\nassert main(['list', '--json', '--query', 'open']) == 0\n{TELL}"
    )
    loaded = modules_after(code, home)
    assert "storage.reader" in loaded
    heavy = packages(loaded) & (HEAVY - SECRETS)
    assert not heavy, f"`cur list` loads {sorted(heavy)}"
    later = {
        "asyncio",
        "calendar",
        "difflib",
        "getpass",
        "ssl",
        "importlib.metadata",
        "uuid6",
        "cur_tui.sync.runner",
        "cur_tui.domain.decisions",
    }
    assert not loaded & later, f"`cur list` loads {sorted(loaded & later)}"
