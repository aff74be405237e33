"""Names of sources that people have confirmed: what each means here, kept from one import to the next."""

import tomllib
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec
from sqlalchemy import Connection, select

from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.vocabulary import GENERAL_BLOCK
from regional_api.database.connections import Database
from regional_api.database.schema import write_meta
from regional_api.database.tables import META
from regional_api.importers.cells import folded
from regional_api.importers.files.table import FileError
from regional_api.record import journal
from regional_api.unit_of_work import unit_of_work

KINDS: Final = ("authority", "municipality", "block", "topic")
CONFIRM_NAMES: Final = "confirm_names"
"""The line of the journal about what names mean from now on; null for those that mean nothing any more."""
_KEY: Final = "import_names"


class Aliases(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person has confirmed: label of the source → code of the region."""

    authority: dict[str, str] = {}
    municipality: dict[str, str] = {}
    block: dict[str, str] = {}
    """Topic groups or categories."""
    topic: dict[str, str] = {}

    def of(self, kind: str) -> dict[str, str]:
        """The names of one of :data:`KINDS`."""
        names: dict[str, str] = getattr(self, kind)
        return names

    def with_names(self, others: "Aliases") -> "Aliases":
        """These names and ``others``, which count where both have one."""
        kinds = {}
        for kind in KINDS:
            newer = others.of(kind)
            said = {folded(label) for label in newer}
            kinds[kind] = {
                label: c for label, c in self.of(kind).items() if folded(label) not in said
            } | newer
        return Aliases(**kinds)

    def within(self, rulebook: Rulebook) -> "Aliases":
        """Those whose codes the region still has."""
        codes = codes_of(rulebook)
        return Aliases(
            **{kind: {label: c for label, c in self.of(kind).items() if c in codes[kind]} for kind in KINDS}
        )

    def check(self, rulebook: Rulebook) -> None:
        """Raises :class:`FileError` (``bad_alias``) for a code that the region does not have."""
        codes = codes_of(rulebook)
        for kind in KINDS:
            for label, code in self.of(kind).items():
                if code not in codes[kind]:
                    raise FileError("bad_alias", kind=kind, label=label, code=code)


NO_ALIASES: Final = Aliases()


def codes_of(rulebook: Rulebook) -> Mapping[str, Collection[str]]:
    """What names of each kind may mean in the region."""
    return {
        "authority": rulebook.authorities,
        "municipality": rulebook.municipalities,
        "block": {*rulebook.blocks, GENERAL_BLOCK},
        "topic": rulebook.topics,
    }


def load_aliases(path: Path) -> Aliases:
    """The aliases in a TOML file. Raises :class:`FileError` that says what is wrong with it."""
    try:
        return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Aliases)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise FileError("bad_mapping", file=path.name, reason=str(error)) from None


def kept_names(connection: Connection, *, lock: bool = False) -> Aliases:
    """The names that are kept, also those whose codes an edition of the profile has taken away."""
    query = select(META.c.value).where(META.c.key == _KEY)
    value = connection.execute(query.with_for_update() if lock else query).scalar_one_or_none()
    return NO_ALIASES if value is None else msgspec.json.decode(value, type=Aliases)


def keep_names(database: Database, rulebook: Rulebook, names: Aliases, by: str = "") -> None:
    """Keep ``names`` for every import to come; the journal tells what is new, and who confirmed it.

    Raises :class:`FileError` (``bad_alias``).
    """
    names.check(rulebook)
    with unit_of_work(database, rulebook) as work:
        known = kept_names(work.connection, lock=True)
        after = known.with_names(names)
        if after != known:
            _write(work.connection, after)
            told = {kind: names.of(kind) for kind in KINDS if names.of(kind)}
            work.record(_entry(work.now, told, by))


def forget_names(database: Database, rulebook: Rulebook, names: Iterable[tuple[str, str]]) -> int:
    """Keep these (kind, label) no longer; how many there were."""
    wanted = {(kind, folded(label)) for kind, label in names}
    with unit_of_work(database, rulebook) as work:
        known = kept_names(work.connection, lock=True)
        gone = {
            kind: dict.fromkeys(label for label in known.of(kind) if (kind, folded(label)) in wanted)
            for kind in KINDS
        }
        left = {
            kind: {label: code for label, code in known.of(kind).items() if label not in gone[kind]}
            for kind in KINDS
        }
        if any(gone.values()):
            _write(work.connection, Aliases(**left))
            told = {kind: labels for kind, labels in gone.items() if labels}
            work.record(_entry(work.now, told, ""))
    return sum(map(len, gone.values()))


def _write(connection: Connection, names: Aliases) -> None:
    write_meta(connection, _KEY, msgspec.json.encode(names).decode())


def _entry(now: datetime, told: Mapping[str, object], by: str) -> journal.Entry:
    return journal.entry_of(now, CONFIRM_NAMES, {"names": told, **({"by": by} if by else {})})
