"""What may lie in the repository, and that its files agree with each other."""

from __future__ import annotations

import re
import subprocess
import tomllib
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PINNED = ("requirements.txt", "requirements-dev.txt")
LIMIT_BYTES = 1_500_000
BUILT = {".mo", ".pyc", ".db", ".sqlite", ".sqlite3", ".whl", ".egg", ".log", ".pem", ".key"}
LOCKS = {"uv.lock", "poetry.lock", "Pipfile.lock", "pdm.lock"}
# One letter of each is in brackets, so that this file does not contain what it looks for.
MACHINE_PATH = re.compile(r"(?<![\w.\-/])/(?:w[o]rk|r[o]ot|h[o]me/\w+|U[s]ers/\w+|opt/w[h]eels)/")
INDEX_HOST = re.compile(r"\b(?:p[y]pi\.|files\.python[h]osted\.|conda\.ana[c]onda\.)", re.IGNORECASE)
PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE [K]EY-----")


@cache
def tracked() -> list[Path]:
    # The build machine may have checked the files out as another user, which git refuses to read unasked.
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True)
    return [path for name in run.stdout.split("\0") if name and (path := ROOT / name).is_file()]


@cache
def texts() -> dict[Path, str]:
    found = {}
    for path in tracked():
        data = path.read_bytes()
        if b"\0" not in data:
            found[path.relative_to(ROOT)] = data.decode("utf-8")
    return found


def places(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{path}:{text.count(chr(10), 0, match.start()) + 1}: {match.group()}"
        for path, text in texts().items()
        for match in pattern.finditer(text)
    ]


@cache
def project() -> dict[str, list[Requirement]]:
    data = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = {
        "run": data["project"]["dependencies"],
        "dev": data["project"]["optional-dependencies"]["dev"],
        "build": data["build-system"]["requires"],
    }
    return {name: [Requirement(line) for line in lines] for name, lines in groups.items()}


def pins(file: str) -> dict[str, tuple[str, int]]:
    """Name -> version and number of hashes."""
    logical = (ROOT / file).read_text().replace("\\\n", " ")
    found: dict[str, tuple[str, int]] = {}
    for line in filter(None, map(str.strip, logical.splitlines())):
        if line.startswith("#"):
            continue
        spec, *hashes = line.split("--hash=sha256:")
        requirement = Requirement(spec)
        (pin,) = requirement.specifier
        assert pin.operator == "==", line
        found[canonicalize_name(requirement.name)] = (pin.version, len(hashes))
    return found


def test_nothing_built_locked_or_large_is_tracked() -> None:
    wrong = [
        str(path.relative_to(ROOT))
        for path in tracked()
        if path.suffix in BUILT or path.name in LOCKS or path.stat().st_size > LIMIT_BYTES
    ]
    assert not wrong


@pytest.mark.parametrize("pattern", [MACHINE_PATH, INDEX_HOST, PRIVATE_KEY], ids=["path", "index", "key"])
def test_no_machine_index_or_secret_is_named(pattern: re.Pattern[str]) -> None:
    assert not places(pattern)


def test_the_patterns_can_find_something() -> None:
    root, key = "/".join(["", "root", ""]), " ".join(["-----BEGIN RSA PRIVATE", "KEY-----"])
    assert MACHINE_PATH.search(f"see {root}notes")
    assert not MACHINE_PATH.search(f"https://example.org{root}x")
    assert INDEX_HOST.search("".join(["from py", "pi.", "org"]))
    assert PRIVATE_KEY.search(key)


@pytest.mark.parametrize("file", PINNED)
def test_requirements_hold_pins_with_hashes_and_no_address(file: str) -> None:
    assert not re.search(r"https?:|file:/|^-", (ROOT / file).read_text(), re.MULTILINE)
    assert [name for name, (_version, hashes) in pins(file).items() if not hashes] == []


@pytest.mark.parametrize(
    ("file", "groups"), [(PINNED[0], ("run", "build")), (PINNED[1], ("run", "build", "dev"))]
)
def test_pins_fit_the_bounds_of_the_project(file: str, groups: tuple[str, ...]) -> None:
    pinned = pins(file)
    wrong = []
    for requirement in (item for group in groups for item in project()[group]):
        version, _hashes = pinned.get(canonicalize_name(requirement.name), ("nothing", 0))
        if version == "nothing" or not requirement.specifier.contains(version):
            wrong.append(f"{requirement} is pinned to {version}")
    assert not wrong, "run `make requirements`: " + "; ".join(wrong)


def test_the_tools_run_on_the_same_versions_as_the_product() -> None:
    product, tools = pins(PINNED[0]), pins(PINNED[1])
    assert {name: tools.get(name) for name in product} == product


def test_every_dependency_is_bounded_from_both_sides() -> None:
    # tzdata is data whose version is a date: newer is always right.
    unbounded = [
        str(item)
        for group in project().values()
        for item in group
        if not {"<", "=="} & {mark.operator for mark in item.specifier} and item.name != "tzdata"
    ]
    assert not unbounded
    exact = {item.name: str(item.specifier) for item in project()["run"] if item.name in {"textual", "rich"}}
    assert exact == {"textual": "==8.2.8", "rich": "==15.0.0"}


def test_every_dependency_is_explained() -> None:
    headings = re.findall(r"^### (.+)$", (ROOT / "docs" / "decisions.md").read_text(), re.MULTILINE)
    explained = {canonicalize_name(name.strip(" `")) for heading in headings for name in heading.split(",")}
    missing = [
        item.name
        for group in project().values()
        for item in group
        if canonicalize_name(item.name) not in explained
    ]
    assert not missing, f"docs/decisions.md has no section for {missing}"


def test_the_makefile_offers_what_the_readers_are_told() -> None:
    targets = set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {"demo", "test", "lint", "bench", "catalogues", "format", "requirements", "clean"} <= targets


def test_the_ci_entry_can_be_executed() -> None:
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111
    assert "make lint test" in (ROOT / ".ci" / "run").read_text()
