"""A workstation's home with a filled cache: what is there after a first reading, made without a server."""

import contextlib
import itertools
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from bench.data.plain import Row, stored_rows
from cur_tui.contract.wire import Account, Put, Reference
from cur_tui.domain.profile.load import region_to_document
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.rights import Actor
from cur_tui.domain.vocabulary import Role
from cur_tui.files import write_private
from cur_tui.paths import Home
from cur_tui.services.access.profiles import Profiles
from cur_tui.services.access.signin import SignIn
from cur_tui.services.lists.lists import Lists
from cur_tui.services.reference import ReferenceData
from cur_tui.services.secrets.vault import PASSPHRASE_FILE, ProfileSecrets, open_vault
from cur_tui.services.secrets.vault_file import KdfCost
from cur_tui.sync.person import remember_account
from storage.cache import Cache
from storage.database.schema import BOOTSTRAP, COMPLETE

PROFILE: Final = "bench"
NOBODY: Final = "http://127.0.0.1:9"
"""A server that refuses every connection: the workstation works on its cache, as on a journey."""

LIGHT: Final = KdfCost(memory=64, passes=1, lanes=1)
"""The passphrase's quarter of a second is a choice and no waste; machines with a keyring do not pay it."""

# An approver's first queue has rows, and their sixth, by the key 6, is the archive: the long list.
PERSON: Final = Account("approver", "Соснин А. Г.", Role.APPROVER.value, ("*",), None, ())
ACTOR: Final = Actor(PERSON.account, PERSON.name, Role.APPROVER, frozenset(), None)
PAGE: Final = 2_000


@dataclass(frozen=True, slots=True)
class FilledHome:
    """The home, and the environment in which programs find it."""

    path: Path
    rulebook: Rulebook

    @property
    def env(self) -> dict[str, str]:
        """The environment of a program that works here."""
        own = {"CUR_HOME": str(self.path), PASSPHRASE_FILE: str(self.path / "passphrase"), "CUR_LANG": "ru"}
        return {**os.environ, **own}

    @property
    def program(self) -> list[str]:
        """The workstation's command."""
        return [str(Path(sys.executable).with_name("cur"))]

    @property
    def cache_path(self) -> Path:
        """The file of the cache."""
        return Profiles(Home.at(self.path)).cache_path(PROFILE)

    @property
    def cache_key(self) -> bytes:
        """Its key."""
        return self.signin.secrets_of(PROFILE).cache_key(create=False)

    def rows(self, columns: str = "*") -> Iterator[Row]:
        """What lists read: ``columns`` of the rows without the documents, one at a time."""
        return stored_rows(self.cache_path, self.cache_key, columns)

    @contextlib.contextmanager
    def cache(self, *, read_only: bool = True) -> Iterator[Cache]:
        """The cache, opened beside the workstation or, for writing, instead of it."""
        cache = self.signin.open_cache(PROFILE, read_only=read_only)
        try:
            yield cache
        finally:
            cache.close()

    @contextlib.contextmanager
    def lists(self) -> Iterator[Lists]:
        """The lists of the person, as the workstation reads them."""
        zone = ZoneInfo(self.rulebook.region.time_zone)
        with self.cache() as cache:
            yield Lists(cache, ACTOR, ReferenceData(cache), now=lambda: datetime.now(zone))

    @property
    def signin(self) -> SignIn:
        """Who works here."""
        home = Home.at(self.path)
        return SignIn(home, open_vault(home, environ=self.env))


def new_home(path: Path, rulebook: Rulebook, server: str) -> FilledHome:
    """A home in ``path`` with a profile of ``server`` and a place for its secrets."""
    made = FilledHome(path, rulebook)
    home = Home.at(path)
    home.prepare()
    write_private(path / "passphrase", b"a long passphrase of nobody\n")
    open_vault(home, environ=made.env, cost=LIGHT)
    Profiles(home).add(PROFILE, server, user=PERSON.account)
    return made


def fill_home(path: Path, rulebook: Rulebook, lines: Iterable[Put]) -> FilledHome:
    """Make a home in ``path`` whose person is signed in and whose cache holds the appeals of ``lines``."""
    filled = new_home(path, rulebook, NOBODY)
    home = Home.at(path)
    vault = open_vault(home, environ=filled.env, cost=LIGHT)
    ProfileSecrets(vault, PROFILE, _lock(path)).save("a token that no server will see")
    cache = SignIn(home, vault).open_cache(PROFILE)
    try:
        remember_account(cache, PERSON)
        cache.replay_with(lambda appeal, command: appeal)
        _fill(cache, rulebook, lines)
    finally:
        cache.close()
    return filled


def _lock(path: Path) -> Path:
    return path / f".{PROFILE}.lock"


def _fill(cache: Cache, rulebook: Rulebook, lines: Iterable[Put]) -> None:
    writer = cache.writer
    writer.begin_generation("bench")
    region = rulebook.region
    profile = msgspec.Raw(msgspec.json.encode(region_to_document(region)))
    writer.apply_snapshot_page([Reference(1, "profile", region.code, 1, profile)], "0")
    source = iter(lines)
    while page := list(itertools.islice(source, PAGE)):
        writer.apply_snapshot_page(page, "1")
    while writer.index_archive(PAGE):
        pass
    writer.set_state(BOOTSTRAP, COMPLETE)
    ReferenceData(cache).keep()
