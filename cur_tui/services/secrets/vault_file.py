"""Secrets in one file under a passphrase.

Argon2id makes a key of the passphrase; that key wraps a random master key (so the passphrase can change
without touching what it protects); AES-256-GCM under the master key holds all secrets in one box, names
included. The header is authenticated with both boxes.
"""

from __future__ import annotations

import base64
import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from cur_tui.files import UntrustedFileError, destroy, exclusive, read_private, write_private
from cur_tui.services.secrets.vault_problems import VaultError

FORMAT: Final = 1
_KEY: Final = 32
_SALT: Final = 16
_NONCE: Final = 12


class KdfCost(msgspec.Struct, frozen=True):
    """Cost of Argon2id: memory in KiB, passes, lanes. The default takes about a quarter of a second."""

    memory: int = 65_536
    passes: int = 3
    lanes: int = 4


DEFAULT_COST: Final = KdfCost()
_HIGHEST: Final = KdfCost(memory=4_194_304, passes=64, lanes=64)
"""More than this in a file is damage, not caution: it would only exhaust the machine."""


class _Box(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    nonce: bytes
    sealed: bytes


class _Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: int
    cost: KdfCost
    salt: bytes
    master: _Box
    secrets: _Box


class FileVault:
    """An unlocked file. Reads and writes go to the disk each time, under a lock between processes."""

    kind = "file"

    def __init__(self, path: Path, master: bytes) -> None:
        self._path = path
        self._master = master
        self._mutex = threading.Lock()

    @classmethod
    def create(cls, path: Path, passphrase: str, cost: KdfCost = DEFAULT_COST) -> FileVault:
        """A new file under ``passphrase``. Lower costs are for tests."""
        vault = cls(path, os.urandom(_KEY))
        with _locked(path):
            if path.exists():
                raise VaultError("vault_unusable", {"path": str(path), "reason": "exists"})
            vault._write(_wrap(vault._master, passphrase, cost, {}))
        return vault

    @classmethod
    def unlock(cls, path: Path, passphrase: str) -> FileVault:
        """The vault in ``path``. Raises ``wrong_passphrase`` and leaves the file alone."""
        document = _read(path)
        key = derive(passphrase, document.salt, document.cost)
        master = _open(key, document.master, _header(document.cost, document.salt))
        if master is None or len(master) != _KEY:
            raise VaultError("wrong_passphrase")
        vault = cls(path, master)
        vault._secrets(document)
        return vault

    def get(self, name: str) -> bytes | None:
        """The secret called ``name``, or None."""
        return self._secrets(_read(self._path)).get(name)

    def set(self, name: str, secret: bytes) -> None:
        """Keep a secret, durably when this returns."""
        self._change(name, secret)

    def delete(self, name: str) -> None:
        """Forget a secret; it need not be there."""
        self._change(name, None)

    def change_passphrase(self, passphrase: str, cost: KdfCost = DEFAULT_COST) -> None:
        """Put the same secrets under another passphrase."""
        with self._mutex, _locked(self._path):
            self._write_over(_wrap(self._master, passphrase, cost, self._secrets(_read(self._path))))

    def _change(self, name: str, secret: bytes | None) -> None:
        # Read anew under the lock: another program with another profile writes to the same file.
        with self._mutex, _locked(self._path):
            document = _read(self._path)
            old = self._secrets(document)
            new = {key: value for key, value in old.items() if key != name}
            if secret is not None:
                new[name] = secret
            if new != old:
                box = _seal(self._master, msgspec.json.encode(new), _header(document.cost, document.salt))
                write = self._write if secret is not None else self._write_over
                write(msgspec.structs.replace(document, secrets=box))

    def _secrets(self, document: _Document) -> dict[str, bytes]:
        plain = _open(self._master, document.secrets, _header(document.cost, document.salt))
        if plain is None:
            raise VaultError("vault_damaged", {"path": str(self._path)})
        return msgspec.json.decode(plain, type=dict[str, bytes])

    def _write_over(self, document: _Document) -> None:
        """Write, and overwrite the file that was there: it holds what must not be found any more."""
        old = self._path.with_name(f".{self._path.name}.old")
        with contextlib.suppress(OSError):  # without links there is nothing to hold the old file by
            old.unlink(missing_ok=True)  # a second name of the present file, if a program was stopped here
            os.link(self._path, old)
        self._write(document)
        with contextlib.suppress(OSError):
            destroy(old)

    def _write(self, document: _Document) -> None:
        try:
            write_private(self._path, msgspec.json.format(msgspec.json.encode(document)) + b"\n")
        except OSError as error:
            raise _unusable(self._path, error) from error


def _wrap(master: bytes, passphrase: str, cost: KdfCost, secrets: dict[str, bytes]) -> _Document:
    salt = os.urandom(_SALT)
    header = _header(cost, salt)
    return _Document(
        format=FORMAT,
        cost=cost,
        salt=salt,
        master=_seal(derive(passphrase, salt, cost), master, header),
        secrets=_seal(master, msgspec.json.encode(secrets), header),
    )


def derive(passphrase: str, salt: bytes, cost: KdfCost) -> bytes:
    """Argon2id of a passphrase: 32 bytes."""
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

    kdf = Argon2id(salt=salt, length=_KEY, iterations=cost.passes, lanes=cost.lanes, memory_cost=cost.memory)
    return kdf.derive(passphrase.encode())


def _header(cost: KdfCost, salt: bytes) -> bytes:
    text = f"cur vault {FORMAT} argon2id {cost.memory} {cost.passes} {cost.lanes} "
    return text.encode() + base64.b64encode(salt)


def _seal(key: bytes, plain: bytes, header: bytes) -> _Box:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(_NONCE)
    return _Box(nonce, AESGCM(key).encrypt(nonce, plain, header))


def _open(key: bytes, box: _Box, header: bytes) -> bytes | None:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        return AESGCM(key).decrypt(box.nonce, box.sealed, header)
    except InvalidTag:
        return None


def _read(path: Path) -> _Document:
    try:
        content = read_private(path)
        if content is None:
            raise VaultError("vault_unusable", {"path": str(path), "reason": "ENOENT"})
        document = msgspec.json.decode(content, type=_Document)
    except UntrustedFileError as error:
        raise VaultError("vault_untrusted", {"path": str(path)}) from error
    except OSError as error:
        raise _unusable(path, error) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise VaultError("vault_damaged", {"path": str(path)}) from error
    if document.format != FORMAT or not _is_sane(document):
        raise VaultError("vault_damaged", {"path": str(path)})
    return document


def _is_sane(document: _Document) -> bool:
    cost = document.cost
    within = (
        8 * cost.lanes <= cost.memory <= _HIGHEST.memory
        and 1 <= cost.passes <= _HIGHEST.passes
        and 1 <= cost.lanes <= _HIGHEST.lanes
    )
    boxes = (document.master, document.secrets)
    return within and len(document.salt) == _SALT and all(len(box.nonce) == _NONCE for box in boxes)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    try:
        with exclusive(path.with_name(f".{path.name}.lock")):
            yield
    except OSError as error:
        raise _unusable(path, error) from error


def _unusable(path: Path, error: OSError) -> VaultError:
    return VaultError("vault_unusable", {"path": str(path), "reason": error.strerror or ""})
