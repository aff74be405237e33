"""The person's own keys: what a file may say, and what is told when it may not."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cur_tui.i18n import translator
from cur_tui.paths import Home
from cur_tui.services.actions import actions_of, use_keys
from cur_tui.services.keymap import KeymapError, apply_keymap, load_keymap


@pytest.fixture(autouse=True)
def built_in_keys() -> Iterator[None]:
    """Leave the registry as it was."""
    yield
    use_keys({})


def written(folder: Path, text: str) -> Path:
    """A keymap file."""
    path = folder / "keymap.toml"
    path.write_text(text, encoding="utf-8")
    return path


def keys_of(scope: str, action: str) -> str:
    """The keys in force of an action."""
    return next(known.keys for known in actions_of(scope) if known.id == action)


def test_no_file_means_the_built_in_keys(tmp_path: Path) -> None:
    assert load_keymap(tmp_path / "keymap.toml") == {}


def test_an_action_takes_the_keys_of_the_file_everywhere(tmp_path: Path) -> None:
    home = Home.at(tmp_path / "home", {})
    home.prepare()
    written(home.config_dir, '[keys]\n"queue.claim" = "b, ctrl+b"\n')
    before = keys_of("queue", "queue.open")
    assert apply_keymap(home) is None
    assert keys_of("queue", "queue.claim") == "b,ctrl+b"
    assert keys_of("queue", "queue.open") == before


@pytest.mark.parametrize(
    ("text", "code", "told"),
    [
        ('[keys]\n"queue.clam" = "b"\n', "keymap_unknown", "queue.claim"),
        ('[keys]\n"queue.claim" = "й"\n', "keymap_key", "й"),
        ('[keys]\n"queue.claim" = ""\n', "keymap_key", "queue.claim"),
        ('[keys]\n"queue.claim" = "y"\n', "keymap_key", "queue.claim"),
        ('[keys]\n"queue.claim" = "n"\n', "keymap_clash", "queue.next"),
        ("[keys\n", "keymap_unreadable", "keymap.toml"),
        ("keys = 3\n", "keymap_unreadable", "keymap.toml"),
    ],
)
def test_a_file_that_cannot_be_used_says_what_to_mend(
    tmp_path: Path, text: str, code: str, told: str
) -> None:
    with pytest.raises(KeymapError) as problem:
        load_keymap(written(tmp_path, text))
    assert problem.value.code == code
    for language in ("ru", "en"):
        assert told in problem.value.sentence(translator(language))


def test_a_broken_file_leaves_the_usual_keys_in_force(tmp_path: Path) -> None:
    home = Home.at(tmp_path / "home", {})
    home.prepare()
    before = keys_of("queue", "queue.claim")
    written(home.config_dir, '[keys]\n"queue.claim" = "b"\n"queue.next" = "b"\n')
    assert apply_keymap(home) is not None
    assert keys_of("queue", "queue.claim") == before


def test_the_screens_bind_the_persons_keys() -> None:
    code = (
        "from cur_tui.services.actions import use_keys\n"
        "use_keys({'queue.claim': 'b'})\n"
        "from screens.queues import QueuesScreen\n"
        "print([key for key, bound in QueuesScreen._merged_bindings.key_to_bindings.items()"
        " for b in bound if b.action == 'claim'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        cwd=Path(__file__).resolve().parents[2],
        env=dict(os.environ),
    )
    assert done.stdout.strip() == "['b']"
