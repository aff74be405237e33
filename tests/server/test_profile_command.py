"""``regional-api profile``: what it shows, checks and loads, and how it says no."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cur_tui.domain.profile.load import load_region
from cur_tui.i18n import set_language
from regional_api.centre import open_centre
from regional_api.cli.main import main
from regional_api.database.connections import Database
from regional_api.database.schema import create_region
from tests.server.office import AUTHORITY

Said = Callable[..., tuple[int, str, str]]
AMUR = load_region("amur")
OWN = Path(__file__).parents[2] / "cur_tui" / "domain" / "regions" / "amur.toml"


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Iterator[Said]:
    def run_here(*arguments: str, language: str = "en") -> tuple[int, str, str]:
        set_language(language)
        try:
            code = main(["profile", *arguments])
        except SystemExit as left:
            code = int(left.code or 0)
        return code, *capsys.readouterr()

    yield run_here
    set_language("ru")


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str, str], str]:
    """A file of one's own: the packaged one with a text in it replaced."""

    def write(text: str, by: str) -> str:
        source = OWN.read_text(encoding="utf-8")
        assert source.count(text) >= 1, text
        path = tmp_path / "own.toml"
        path.write_text(source.replace(text, by), encoding="utf-8")
        return str(path)

    return write


def test_region_of_an_earlier_release_gets_the_packaged_edition(tmp_path: Path, say: Said) -> None:
    """It was founded without steps of escalation, norms of staffing and a ranking."""
    first = replace(AMUR, version=AMUR.version - 1, escalation=(), staffing=(), ranking=())
    address = str(tmp_path / "region.db")
    database = Database(address)
    create_region(database, first)
    code, out, _ = say("load", "--packaged", "amur", "--database", address)
    assert (code, f"Edition {AMUR.version} is in force" in out) == (0, True)
    assert open_centre(database).region == AMUR
    database.close()


def test_edition_is_loaded_once_and_shown(address: str, say: Said, file: Callable[[str, str], str]) -> None:
    own = file(f"version = {AMUR.version}\n", f"version = {AMUR.version + 5}\n")
    code, out, _ = say("load", own, "--database", address, "--dry-run", "--json")
    assert (code, json.loads(out)["changed"], json.loads(out)["dry_run"]) == (0, True, True)
    assert json.loads(say("show", "--database", address, "--json")[1])["version"] == AMUR.version
    code, out, _ = say("load", own, "--database", address)
    assert (code, f"Edition {AMUR.version + 5} is in force instead of {AMUR.version}." in out) == (0, True)
    code, out, _ = say("load", own, "--database", address, language="ru")
    assert (code, "делать нечего" in out) == (0, True)
    shown = json.loads(say("show", "--database", address, "--json")[1])
    assert (shown["version"], shown["unfinished"]) == (AMUR.version + 5, False)
    assert shown["entries"]["escalation"] == len(AMUR.escalation)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("lacks 1 code that is still in use", "accounts: 1", "Keep these entries")),
        ("ru", ("нет 1 кода, который ещё используется", "учётных записей: 1", "Оставьте эти записи")),
    ],
)
def test_refusal_names_the_code_and_says_what_to_do(
    address: str, say: Said, tmp_path: Path, language: str, words: tuple[str, ...]
) -> None:
    source = OWN.read_text(encoding="utf-8").replace(f"version = {AMUR.version}\n", "version = 99\n")
    entries = source.split("\n\n")
    kept = [one for one in entries if f'code = "{AUTHORITY}"' not in one]
    assert len(kept) == len(entries) - 1
    own = tmp_path / "own.toml"
    own.write_text("\n\n".join(kept).replace(f'owner_authority = "{AUTHORITY}"\n', ""), encoding="utf-8")
    code, out, told = say("load", str(own), "--database", address, "--json", language=language)
    assert code == 1
    assert [use["code"] for use in json.loads(out)["uses"]] == [AUTHORITY]
    assert all(word in told for word in (*words, AUTHORITY)), told


def test_check_tells_every_problem(say: Said, file: Callable[[str, str], str]) -> None:
    code, out, told = say(
        "check", file('time_zone = "Asia/Yakutsk"', 'time_zone = "Asia/Nowhere"\nlease_minutes = 0'), "--json"
    )
    assert (code, {one["code"] for one in json.loads(out)["problems"]}) == (
        1,
        {"unknown_time_zone", "not_positive"},
    )
    assert len(told.splitlines()) == 2
    assert say("check", "--packaged", "amur")[0] == 0
    assert "--packaged" in say("check")[2]
    code, _, told = say("check", "--packaged", "amour")
    assert (code, "«amur»" in told) == (1, True)
