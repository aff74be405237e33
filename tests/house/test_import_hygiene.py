"""What a start costs: the headless program must not load the libraries of the interface and of the server."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAVY = {"textual", "rich", "fastapi", "starlette", "uvicorn", "sqlmodel", "sqlalchemy", "pydantic", "httpx"}
HEAVY |= {"jinja2", "keyring", "cryptography", "babel", "psycopg", "argon2"}
INTERFACE = {"textual", "rich"}
SERVER = {"fastapi", "starlette", "uvicorn", "psycopg", "argon2"}


def loaded_by(code: str) -> set[str]:
    """Top-level names of the modules that a fresh interpreter has loaded after ``code``."""
    script = f"{code}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)), file=sys.stderr)"
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert run.returncode == 0, run.stderr
    names: list[str] = json.loads(run.stderr.splitlines()[-1])
    return {name.split(".")[0] for name in names}


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
