"""A workstation's home with a filled cache: what is there after a first reading, made without a server."""

import itertools
import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from bench.appeals import records
from bench.plain import Rows, stored_rows
from cur_tui.contract.wire import Account, Reference
from cur_tui.domain.model import Appeal
from cur_tui.domain.profile_load import region_to_document
from cur_tui.domain.query_parse import parse_query
from cur_tui.domain.rulebook import Rulebook
from cur_tui.domain.vocabulary import Role
from cur_tui.files import write_private
from cur_tui.paths import Home
from cur_tui.services.front_page import front_page_of
from cur_tui.services.profiles import Profiles
from cur_tui.services.reference import ReferenceData
from cur_tui.services.signin import SignIn
from cur_tui.services.vault import PASSPHRASE_FILE, ProfileSecrets, open_vault
from cur_tui.services.vault_file import KdfCost
from cur_tui.services.vocabulary import vocabulary_of
from cur_tui.sync.engine import BOOTSTRAP, COMPLETE
from cur_tui.sync.person import remember_account
from storage.cache import Cache
from storage.filters import CompiledView, compile_view

PROFILE: Final = "bench"
NOBODY: Final = "http://127.0.0.1:9"
"""A server that refuses every connection: the workstation works on its cache, as on a journey."""

LIGHT: Final = KdfCost(memory=64, passes=1, lanes=1)
"""The passphrase's quarter of a second is a choice and no waste; machines with a keyring do not pay it."""

# An approver's first queue has rows, and their sixth, by the key 6, is the archive: the long list.
PERSON: Final = Account("approver", "Соснин А. Г.", Role.APPROVER.value, ("*",), None, ())
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

    def cache(self) -> Cache:
        """The cache, opened for reading."""
        home = Home.at(self.path)
        signin = SignIn(home, open_vault(home, environ=self.env))
        return signin.open_cache(PROFILE, read_only=True)

    def rows(self) -> Rows:
        """What lists read: the rows without the documents, which are ten times as much."""
        home = Home.at(self.path)
        key = ProfileSecrets(open_vault(home, environ=self.env), PROFILE, _lock(self.path)).cache_key(
            create=False
        )
        return stored_rows(Profiles(home).cache_path(PROFILE), key, ["appeal"])

    def view(self, query: str, now: datetime) -> CompiledView:
        """A list of the person, as the desk compiles it."""
        parsed = parse_query(query, vocabulary_of(front_page_of(self.rulebook.region, ())))
        return compile_view(parsed, now=now, me=PERSON.account)


def fill_home(path: Path, rulebook: Rulebook, appeals: Iterable[Appeal]) -> FilledHome:
    """Make a home in ``path`` whose person is signed in and whose cache holds ``appeals``."""
    filled = FilledHome(path, rulebook)
    home = Home.at(path)
    home.prepare()
    write_private(path / "passphrase", b"a long passphrase of nobody\n")
    vault = open_vault(home, environ=filled.env, cost=LIGHT)
    signin = SignIn(home, vault)
    Profiles(home).add(PROFILE, NOBODY, user=PERSON.account)
    ProfileSecrets(vault, PROFILE, _lock(path)).save("a token that no server will see")
    cache = signin.open_cache(PROFILE)
    try:
        remember_account(cache, PERSON)
        cache.replay_with(lambda appeal, command: appeal)
        _fill(cache, rulebook, appeals)
    finally:
        cache.close()
    return filled


def _lock(path: Path) -> Path:
    return path / f".{PROFILE}.lock"


def _fill(cache: Cache, rulebook: Rulebook, appeals: Iterable[Appeal]) -> None:
    writer = cache.writer
    writer.begin_generation("bench")
    region = rulebook.region
    profile = msgspec.Raw(msgspec.json.encode(region_to_document(region)))
    writer.apply_snapshot_page([Reference(1, "profile", region.code, 1, profile)], "0")
    lines = records(appeals)
    while page := list(itertools.islice(lines, PAGE)):
        writer.apply_snapshot_page(page, "1")
    while writer.index_archive(PAGE):
        pass
    writer.set_state(BOOTSTRAP, COMPLETE)
    ReferenceData(cache).keep()
