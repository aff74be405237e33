"""Puts a new edition of the profile in force: checked against what is stored, in one transaction.

The transaction holds every other change back for as long as it takes, so nothing can begin to use what the
edition lacks between the check and the commit. What takes long, reading the documents of all appeals, is
done before it; inside only those are read that changed since.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec
from sqlalchemy import Connection

from cur_tui.domain.profile.load import region_to_document
from cur_tui.domain.profile.profile import Region
from cur_tui.domain.profile.rulebook import Rulebook
from regional_api.centre import Centre
from regional_api.edition import KIND, rulebook_in_force
from regional_api.lists.query_sql import vocabulary_of
from regional_api.profiles.differences import (
    Released,
    changed_releases,
    codes_of,
    lacking,
    opened_and_closed,
)
from regional_api.profiles.refitting import begin_refit, is_refit_due, refit_next
from regional_api.profiles.uses import Use, as_uses, uses_inside, uses_of
from regional_api.record import journal
from regional_api.unit_of_work import horizon, unit_of_work

Reason = Literal["other_region", "older", "same_version", "released", "in_use", "overtaken"]


class EditionRefused(Exception):
    """An edition that cannot take the place of the one in force; nothing has changed.

    ``known`` and ``given`` are the numbers of both editions, or the codes of both regions (``other_region``).
    """

    def __init__(
        self,
        reason: Reason,
        known: str,
        given: str,
        *,
        uses: Sequence[Use] = (),
        released: Sequence[Released] = (),
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.known = known
        self.given = given
        self.uses = tuple(uses)
        self.released = tuple(released)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came of an edition: the numbers before and after, how many codes came and went by kind, and the
    topics that became restricted or stopped being so. ``changed`` False: it was in force already.
    """

    before: int
    version: int
    changed: bool
    added: dict[str, int]
    removed: dict[str, int]
    restriction: tuple[str, ...]


def load_edition(
    centre: Centre, fresh: Region, *, dry: bool = False, told: Callable[[int], None] = lambda _: None
) -> Loaded:
    """Put ``fresh`` in force. ``dry``: only check it. ``told`` hears how many appeals were read.

    Raises :class:`EditionRefused`. Appeals that are to take a new place wait for :func:`finish_refit`.
    """
    with centre.database.reading() as connection:
        known = rulebook_in_force(connection, None).region
        loaded = _compared(known, fresh)
        if not loaded.changed:
            return loaded
        position = horizon(connection, known.code)
        _check_uses(connection, known, fresh, told=told)
    if dry:
        return loaded
    with unit_of_work(centre.database, centre.rulebook, alone=True) as work:
        if work.rulebook.region != known:
            raise EditionRefused("overtaken", str(work.rulebook.region.version), str(fresh.version))
        _check_uses(work.connection, known, fresh, after=position)
        document = region_to_document(fresh)
        work.refer(KIND, fresh.code, fresh.version, document)
        begin_refit(
            work.connection,
            opened_and_closed(known, fresh),
            everything=known.time_zone != fresh.time_zone,
        )
        digest = hashlib.sha256(msgspec.json.encode(document, order="deterministic")).hexdigest()
        facts = {"region": fresh.code, "profile_version": fresh.version, "sha256": digest}
        work.record(
            journal.entry_of(work.now, "load_profile", facts, before=known.version, after=fresh.version)
        )
    centre.follow_edition()
    return loaded


def finish_refit(centre: Centre, told: Callable[[int], None] = lambda _: None) -> int:
    """Do what an edition has left to do, step by step; how many appeals took a new place."""
    done = 0
    while (step := refit_next(centre.database, centre.rulebook)) is not None:
        done += step
        told(done)
    return done


def is_unfinished(centre: Centre) -> bool:
    """Whether appeals still wait for their new place."""
    with centre.database.reading() as connection:
        return is_refit_due(connection)


def _compared(known: Region, fresh: Region) -> Loaded:
    """What the edition changes. Raises :class:`EditionRefused` for all that the two tell by themselves."""
    if fresh.code != known.code:
        raise EditionRefused("other_region", known.code, fresh.code)
    versions = str(known.version), str(fresh.version)
    if fresh.version < known.version:
        raise EditionRefused("older", *versions)
    if fresh.version == known.version and fresh != known:
        raise EditionRefused("same_version", *versions)
    released = changed_releases(known, fresh)
    if released:
        raise EditionRefused("released", *versions, released=released)
    return Loaded(
        known.version,
        fresh.version,
        changed=fresh != known,
        added=_counted(lacking(fresh, known)),
        removed=_counted(lacking(known, fresh)),
        restriction=tuple(sorted(opened_and_closed(known, fresh))),
    )


def _counted(names: dict[str, dict[str, str]]) -> dict[str, int]:
    return {kind: len(codes) for kind, codes in names.items()}


def _check_uses(
    connection: Connection,
    known: Region,
    fresh: Region,
    *,
    after: int = 0,
    told: Callable[[int], None] = lambda _: None,
) -> None:
    """Raises :class:`EditionRefused` if anything stored uses what ``fresh`` lacks. Of what only documents
    tell, those are read that changed since the position ``after`` of the feed.
    """
    gone = lacking(known, fresh)
    inside = uses_inside(connection, gone, after, told)
    uses = [*uses_of(connection, gone, vocabulary_of(Rulebook(fresh))), *as_uses(inside, gone)]
    if uses:
        raise EditionRefused("in_use", str(known.version), str(fresh.version), uses=uses)


def size_of(region: Region) -> dict[str, int]:
    """How many entries a profile has, by kind."""
    return {kind: len(codes) for kind, codes in codes_of(region).items()} | {
        "escalation": len(region.escalation),
        "staffing": len(region.staffing),
        "ranking": len(region.ranking),
        "retention": len(region.retention),
    }
