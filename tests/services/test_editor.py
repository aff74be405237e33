"""The person's own editor: which one is started, what it gets, what is left of it."""

from pathlib import Path

import pytest

from cur_tui.i18n import LANGUAGES, set_language
from cur_tui.services.answers.editor import PROBLEMS, EditorProblem, edit, editor_command


def script(folder: Path, body: str) -> str:
    path = folder / "an editor.sh"
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    path.chmod(0o700)
    return str(path)


def test_visual_comes_before_editor_and_may_have_arguments() -> None:
    assert editor_command({"VISUAL": "code --wait", "EDITOR": "nano"}) == ["code", "--wait"]
    assert editor_command({"VISUAL": " ", "EDITOR": "'my editor' -x"}) == ["my editor", "-x"]


@pytest.mark.parametrize("environ", [{}, {"EDITOR": ""}, {"EDITOR": "'unclosed"}])
def test_no_editor_is_guessed(environ: dict[str, str]) -> None:
    with pytest.raises(EditorProblem) as problem:
        editor_command(environ)
    assert problem.value.code == "editor_unset"


def test_the_text_comes_back_with_unix_line_ends_and_nothing_that_acts(tmp_path: Path) -> None:
    command = script(tmp_path, r'printf "\357\273\277раз\r\nдва\r\033[31m\n\n" > "$2"')
    folder = tmp_path / "texts"
    assert edit("было", folder, {"EDITOR": f"'{command}' -x"}) == "раз\nдва\n␛[31m\n"
    assert list(folder.iterdir()) == []
    assert folder.stat().st_mode & 0o777 == 0o700


def test_an_untouched_text_comes_back_as_it_was(tmp_path: Path) -> None:
    text = "  Здравствуйте!\n\n\tконец "
    assert edit(text, tmp_path / "texts", {"EDITOR": "true"}) == text


def test_what_a_stopped_editor_left_is_removed(tmp_path: Path) -> None:
    folder = tmp_path / "texts"
    folder.mkdir(mode=0o700)
    (folder / "0123.txt").write_text("чужая тайна", encoding="utf-8")
    (folder / "0123.txt~").write_text("чужая тайна", encoding="utf-8")
    edit("текст", folder, {"EDITOR": "true"})
    assert list(folder.iterdir()) == []


def test_a_link_in_the_place_of_the_file_is_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("тайна", encoding="utf-8")
    command = script(tmp_path, f'rm "$1"; ln -s "{secret}" "$1"')
    with pytest.raises(EditorProblem) as problem:
        edit("текст", tmp_path / "texts", {"EDITOR": f"'{command}'"})
    assert problem.value.code == "editor_no_file"
    assert secret.read_text(encoding="utf-8") == "тайна"


def test_a_folder_that_others_may_write_to_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "texts"
    folder.mkdir()
    folder.chmod(0o777)
    with pytest.raises(EditorProblem) as problem:
        edit("текст", folder, {"EDITOR": "true"})
    assert problem.value.code == "editor_no_file"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_trouble_has_its_sentence(language: str) -> None:
    set_language(language)
    try:
        for code in PROBLEMS:
            said = EditorProblem(code, editor="ed", status="3", limit="9", reason="—").sentence
            assert "{" not in said
    finally:
        set_language("ru")


def test_a_killed_editor_leaves_nothing_of_the_text(tmp_path: Path) -> None:
    held = tmp_path / "held"
    body = (
        f'd=$(dirname "$1"); b=$(basename "$1"); ln "$1" "{held}"\n'
        'cp "$1" "$d/.$b.swp"; cp "$1" "$1~"; cp "$1" "$d/#$b#"; kill -9 $$'
    )
    folder = tmp_path / "texts"
    with pytest.raises(EditorProblem) as problem:
        edit("чужая тайна", folder, {"EDITOR": f"'{script(tmp_path, body)}'"})
    assert problem.value.code == "editor_failed"
    assert list(folder.iterdir()) == []
    assert held.read_bytes() == bytes(len("чужая тайна".encode())), "the text was not overwritten"
