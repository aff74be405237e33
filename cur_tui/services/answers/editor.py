"""The person's own editor: a private file goes out, its text comes back; trouble leaves the text alone."""

import os
import secrets
import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path

from cur_tui.domain.answers.lint import MAX_ANSWER_CHARS
from cur_tui.domain.texts.text import neutralise
from cur_tui.files import destroy
from cur_tui.i18n import N_, _
from cur_tui.paths import HomeError, ensure_private_dir

PROBLEMS: dict[str, str] = {
    "editor_unset": N_("No editor is set. Put its name into EDITOR, for example EDITOR=nano."),
    "editor_missing": N_("The editor «{editor}» was not found. Your text is unchanged."),
    "editor_failed": N_("The editor «{editor}» ended with code {status}. Your text is unchanged."),
    "editor_too_long": N_("The edited text is longer than {limit} characters. Your text is unchanged."),
    "editor_not_text": N_("The edited file is not a text in UTF-8. Your text is unchanged."),
    "editor_no_file": N_("The editor's file cannot be used: {reason}. Your text is unchanged."),
}

_SUFFIX = ".txt"
_MAX_BYTES = 4 * MAX_ANSWER_CHARS + 4
"""UTF-8 takes four bytes a character at most."""


class EditorProblem(Exception):
    """Why the text did not come back from the editor. ``code`` is a key of :data:`PROBLEMS`."""

    def __init__(self, code: str, **params: str) -> None:
        super().__init__(code)
        self.code = code
        self.params = params

    @property
    def sentence(self) -> str:
        """What to tell the person."""
        return _(PROBLEMS[self.code]).format(**self.params)


def editor_folder(cache: Path) -> Path:
    """Where the texts of the workstation on ``cache`` lie while they are in an editor."""
    return cache.parent / "editor" / cache.stem


def editor_command(environ: Mapping[str, str]) -> list[str]:
    """The words that start the person's editor: ``VISUAL``, then ``EDITOR``, with their arguments.

    No editor is guessed: one that cannot be left would trap an operator. Raises :class:`EditorProblem`.
    """
    for name in ("VISUAL", "EDITOR"):
        try:
            words = shlex.split(environ.get(name, ""))
        except ValueError:  # an unclosed quote
            words = []
        if words:
            return words
    raise EditorProblem("editor_unset")


def edit(text: str, folder: Path, environ: Mapping[str, str]) -> str:
    """Let the person edit ``text`` in their editor; returns it with line ends made LF.

    Both ways it is neutralised: not every editor shows what stands in a file without acting on it, and what
    it wrote goes onto this screen and to the server.

    Blocks until the editor ends, so the caller gives it the terminal first. The file lies in ``folder``
    with mode 0600, is named after nothing in the text, and is gone afterwards. Raises
    :class:`EditorProblem` and then nothing has changed.
    """
    command = editor_command(environ)
    try:
        sweep(ensure_private_dir(folder))
        path = folder / f"{secrets.token_hex(8)}{_SUFFIX}"
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except (OSError, HomeError) as error:
        raise EditorProblem("editor_no_file", reason=getattr(error, "strerror", "") or str(folder)) from error
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(neutralise(text).encode())
        _run(command, path)
        return _read(path)
    finally:
        # With what the editor put beside it: a killed one leaves its swap file with the whole text.
        sweep(folder)


def sweep(folder: Path) -> None:
    """Overwrite and remove the texts in ``folder``, and the swap and backup files beside them.

    The cache's lock makes sure that no other workstation of this profile writes here.
    """
    for left in folder.glob(f"*{_SUFFIX}*"):
        destroy(left)


def _run(command: list[str], path: Path) -> None:
    try:
        # The editor is the person's own choice and gets no shell between.
        ended = subprocess.run([*command, str(path)], check=False, umask=0o077)  # noqa: S603
    except OSError as error:
        raise EditorProblem("editor_missing", editor=command[0]) from error
    if ended.returncode != 0:
        raise EditorProblem("editor_failed", editor=command[0], status=str(ended.returncode))


def _read(path: Path) -> str:
    try:
        # An editor may have put another file in this one's place; a link is not followed.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
        with os.fdopen(handle, "rb") as file:
            content = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise EditorProblem("editor_no_file", reason=error.strerror or "") from error
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if len(content) > _MAX_BYTES:
            raise EditorProblem("editor_too_long", limit=str(MAX_ANSWER_CHARS)) from error
        raise EditorProblem("editor_not_text") from error
    text = neutralise(text)
    # Every editor ends the last line; a text that had no such end gets none.
    text = text.removesuffix("\n")
    if len(text) > MAX_ANSWER_CHARS:
        raise EditorProblem("editor_too_long", limit=str(MAX_ANSWER_CHARS))
    return text
