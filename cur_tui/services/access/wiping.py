"""Destroying a profile on this machine: its keys first, which makes its data noise, then its files.

Works without a network. What the server knows is not touched; the profile's device id goes with it, since the
numbering of its commands was in the cache.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from cur_tui.files import destroy
from cur_tui.services.access.profiles import Profiles
from cur_tui.services.answers.editor import editor_folder, sweep
from storage.database.lock import FileLock

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from cur_tui.paths import Home
    from cur_tui.services.access.signin import SignIn
    from storage.entries import Draft, OutboxEntry, UnsentEntry, Upload


class Unsent(msgspec.Struct, frozen=True):
    """What exists on this machine only."""

    pending: list[OutboxEntry]
    refused: list[UnsentEntry]
    drafts: list[Draft]
    files: list[Upload]

    def __bool__(self) -> bool:
        return bool(self.pending or self.refused or self.drafts or self.files)


def unsent_of(signin: SignIn, name: str) -> Unsent:
    """What a wipe would lose. Raises :class:`CacheError` and :class:`VaultError` when nobody can tell."""
    if not signin.profiles.cache_path(name).exists():
        return Unsent([], [], [], [])
    cache = signin.open_cache(name, read_only=True)
    try:
        reader = cache.reader
        return Unsent(reader.outbox(), reader.unsent(), reader.drafts(), reader.uploads())
    finally:
        cache.close()


def contents_of(signin: SignIn, name: str, files: Sequence[Upload]) -> dict[str, bytes]:
    """The bytes of files that wait to be sent, by their ids; raises like :func:`unsent_of`."""
    cache = signin.open_cache(name, read_only=True)
    try:
        return {file.id: cache.reader.upload_piece(file.id, 0, file.size) for file in files}
    finally:
        cache.close()


def wipe(home: Home, signin: SignIn, name: str) -> None:
    """Destroy the keys and the data of the profile ``name`` and forget it.

    Raises :class:`CacheBusy` while a workstation has it open, and :class:`VaultError` when its keys cannot be
    reached; nothing has been destroyed then.
    """
    profiles = signin.profiles
    path = profiles.cache_path(name)
    lock = FileLock.take(path.with_name(path.name + ".lock"))
    try:
        signin.secrets_of(name).forget()
        _remove_files(home, name, path)
    finally:
        lock.release()
    profiles.remove(name)
    if not profiles.names():
        _forget_vault(home)


def wipe_without_secrets(home: Home, name: str) -> bool:
    """Destroy the only profile when its secrets cannot be opened: the file with its keys goes as a whole.

    False, and nothing is touched, where other profiles share the file, or the keys are in the keyring.
    """
    profiles = Profiles(home)
    if profiles.names() != [name] or not home.secrets_file.exists():
        return False
    path = profiles.cache_path(name)
    lock = FileLock.take(path.with_name(path.name + ".lock"))
    try:
        destroy(home.secrets_file)
        _remove_files(home, name, path)
    finally:
        lock.release()
    profiles.remove(name)
    _forget_vault(home)
    return True


def _remove_files(home: Home, name: str, path: Path) -> None:
    """The cache with its log, with copies that were set aside, and what an editor has left."""
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink(missing_ok=True)
    (home.config_dir / f".{name}.lock").unlink(missing_ok=True)
    sweep(editor_folder(path))


def _forget_vault(home: Home) -> None:
    """Nothing is kept any more, so the next profile may choose anew where its secrets go."""
    destroy(home.secrets_file)
    Profiles(home).remember_vault(None)
