"""The home of a demonstration: a workstation's home with a region's database and its accounts beside it."""

import json
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from cur_tui.domain.profile.profile import Region
from cur_tui.domain.vocabulary import GENERAL_BLOCK
from cur_tui.files import read_private, write_private
from cur_tui.paths import APPLICATION, Home, ensure_private_dir

ROLES: Final = ("operator", "agency", "approver", "supervisor")
"""Whom ``--role`` lets one be."""
_OPERATOR_BLOCKS = ("general", "roads", "improvement", "utilities")
_AGENCY_SECTOR = "roads"


class DemoError(Exception):
    """The demonstration cannot start; ``sentence`` says why, in the person's language."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self._sentence = sentence

    def sentence(self, _translator: object = None) -> str:
        """What to tell the person."""
        return self._sentence


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An invented person who may sign in. ``password`` is random and only in this home."""

    account: str
    name: str
    role: str
    blocks: tuple[str, ...]
    authority: str | None
    password: str


_PEOPLE: Final = (
    ("operator", "block_operator", "Березина В. А."),
    ("operator2", "block_operator", "Луговой П. С."),
    ("agency", "seconded_agent", "Озёрова М. И."),
    ("approver", "approver", "Соснин А. Г."),
    ("supervisor", "supervisor", "Радужная Е. Н."),
)


@dataclass(frozen=True, slots=True)
class DemoHome:
    """The folders and files of one demonstration."""

    root: Path

    @classmethod
    def at(cls, path: Path | None, region: str) -> "DemoHome":
        """The home in ``path``, or the system's place for demonstrations of ``region``."""
        if path is not None:
            return cls(path.expanduser().absolute())
        from platformdirs import PlatformDirs

        return cls(PlatformDirs(APPLICATION, appauthor=False).user_data_path / "demo" / region)

    @property
    def workstation(self) -> Home:
        """The home of the workstation."""
        return Home.at(self.root)

    @property
    def database(self) -> Path:
        """The region's database."""
        return self.root / "server" / "region.db"

    @property
    def server_log(self) -> Path:
        """What the server says."""
        return self.root / "server" / "server.log"

    @property
    def passphrase_file(self) -> Path:
        """The passphrase of the workstation's secrets: a demonstration must not ask anybody's keyring."""
        return self.root / "server" / "passphrase"

    @property
    def _facts(self) -> Path:
        return self.root / "server" / "demo.json"

    def prepare(self) -> None:
        """Make the folders and the passphrase. Raises :class:`~cur_tui.paths.HomeError`."""
        self.workstation.prepare()
        ensure_private_dir(self.database.parent)
        if read_private(self.passphrase_file) is None:
            write_private(self.passphrase_file, (secrets.token_urlsafe(9) + "\n").encode())

    def facts(self) -> dict[str, Any]:
        """What is remembered of an earlier start: region, port, accounts. Empty before the first."""
        content = read_private(self._facts)
        known: dict[str, Any] = json.loads(content) if content else {}
        return known

    def remember(self, **facts: object) -> None:
        """Add to what is remembered."""
        merged = {**self.facts(), **facts}
        write_private(self._facts, json.dumps(merged, ensure_ascii=False, indent=1).encode())

    def accounts(self, region: Region) -> list[DemoAccount]:
        """The accounts, invented on the first call and the same ever after."""
        known = self.facts().get("accounts")
        if known is not None:
            return [DemoAccount(**{**entry, "blocks": tuple(entry["blocks"])}) for entry in known]
        made = [_invent(region, account, role, name) for account, role, name in _PEOPLE]
        self.remember(region=region.code, accounts=[asdict(account) for account in made])
        return made


def _invent(region: Region, account: str, role: str, name: str) -> DemoAccount:
    blocks: tuple[str, ...] = ()
    authority = None
    if role == "block_operator":
        known = {GENERAL_BLOCK, *(block.code for block in region.blocks)}
        blocks = tuple(block for block in _OPERATOR_BLOCKS if block in known)
    elif role == "seconded_agent":
        authority = next(body.code for body in region.authorities if _AGENCY_SECTOR in body.blocks)
    elif role == "approver":
        blocks = ("*",)
    return DemoAccount(account, name, role, blocks, authority, secrets.token_urlsafe(9))
