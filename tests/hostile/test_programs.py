"""What the command line prints of hostile data, plain and as JSON; and what is copied, edited and logged."""

import argparse
import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from cur_tui.app import Workstation
from cur_tui.cli import list_command, outbox, queues, show, templates
from cur_tui.services.answers.editor import edit
from tests.hostile.corpus import ENCODABLE, TEXTS, bundled
from tests.hostile.harmless import unsafe
from tests.hostile.station import STAGES, Station
from tests.interface.office import Office

COMMANDS: dict[str, tuple[ModuleType, list[str]]] = {
    "list": (list_command, ["--limit", "200", "--query", ""]),
    "queues": (queues, []),
    "outbox": (outbox, []),
    "templates": (templates, []),
    **{f"show {stage}": (show, [stage]) for stage in (*STAGES, "text-1", "text-3")},
}


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    """One cache of hostile documents for all commands, which only read it."""
    opened = Station.open(tmp_path_factory.mktemp("station"), bundled(size=200))
    opened.refuse_something()
    yield opened
    opened.cache.close()


@pytest.mark.parametrize("as_json", [False, True], ids=["plain", "json"])
@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_prints_nothing_raw(
    station: Station,
    name: str,
    as_json: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    module, words = COMMANDS[name]
    parser = argparse.ArgumentParser()
    module.add_arguments(parser)
    desk = Office(station.cache).desk(station.actor)

    @contextlib.contextmanager
    def here(_: argparse.Namespace) -> Iterator[SimpleNamespace]:
        yield SimpleNamespace(desk=desk, cache=station.cache)

    # The way to a cache asks for a passphrase, which takes a second; the cache is a real one.
    monkeypatch.setattr(module, "open_to_read", here)
    assert module.run(parser.parse_args([*words, *(["--json"] if as_json else [])])) == 0
    shown = capsys.readouterr()
    assert shown.out
    assert not unsafe(shown.out, "\n\t")
    assert not unsafe(shown.err, "\n\t")
    if as_json:
        assert json.loads(shown.out)


def test_the_editor_gets_and_gives_harmless_texts(tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    command = tmp_path / "editor"
    command.write_text(f'#!/bin/sh\ncat "$1" >> {seen}\n')
    command.chmod(0o700)
    short = [case.text for case in TEXTS if len(case.text) < 1_000]
    texts = ["\n".join(short[at : at + 300]) for at in range(0, len(short), 300)]
    for text in texts:
        assert not unsafe(edit(text, tmp_path / "texts", {"EDITOR": str(command)}), "\n\t")
    assert not unsafe(seen.read_text(encoding="utf-8"), "\n\t")


def test_what_is_copied_is_harmless_and_runs_nothing(tmp_path: Path) -> None:
    station = Station.open(tmp_path, [])
    app = Workstation(Office(station.cache).desk(station.actor), station.exchange())
    for case in ENCODABLE:
        if len(case.text) < 10_000:
            app.copy_to_clipboard(case.text + "\n")
            assert not unsafe(app.clipboard, "\n\t"), case
            assert not app.clipboard.endswith("\n"), case
    station.cache.close()
