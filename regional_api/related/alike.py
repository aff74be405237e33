"""Probable duplicates among appeals: keys are looked up, candidates compared, pairs and keys written down."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import BigInteger, Connection, bindparam, delete, or_, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from cur_tui.contract.codec import decode_appeal
from cur_tui.contract.packing import unpack
from cur_tui.domain.model import Appeal
from cur_tui.domain.profile.profile import DuplicateRule
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.related.likeness import keys_of, keys_within, numbers_of
from cur_tui.domain.related.same_matter import compare
from regional_api.clock import seconds
from regional_api.database.connections import upsert
from regional_api.database.tables import APPEAL
from regional_api.related.tables import LIKENESS_KEY, LIKENESS_PAIR, LIKENESS_SEEN

BUCKET: Final = 24
"""Appeals that share one key at most: thousands of «Спасибо!» must not be compared with each other."""
_LOOKED_AT: Final = 8
"""Candidates that are compared word by word, those with the most common keys first."""
_PROPOSED: Final = 3
"""Pairs of one new appeal."""

_ON_SQLITE = text(
    "SELECT key, pk FROM likeness_key WHERE key IN (SELECT value FROM json_each(:keys)) ORDER BY key, pk"
)
_ON_POSTGRES = text("SELECT key, pk FROM likeness_key WHERE key = ANY(:keys) ORDER BY key, pk").bindparams(
    bindparam("keys", type_=ARRAY(BigInteger()))
)
_DOCUMENTS = select(APPEAL.c.pk, APPEAL.c.doc, APPEAL.c.applicant).where(
    APPEAL.c.pk.in_(bindparam("keys", expanding=True))
)
_STILL_THERE = select(APPEAL.c.pk).where(
    APPEAL.c.pk.in_(bindparam("keys", expanding=True)), APPEAL.c.erased_at.is_(None)
)


@dataclass(frozen=True, slots=True)
class Fresh:
    """An appeal that was not compared yet, with its keys."""

    pk: int
    appeal: Appeal
    keys: tuple[int, ...]


@dataclass(slots=True)
class Found:
    """What is to be written of a group of fresh appeals."""

    seen: list[int]
    keys: list[tuple[int, int]] = field(default_factory=list)
    pairs: list[dict[str, Any]] = field(default_factory=list)


def keys_of_appeal(appeal: Appeal, rulebook: Rulebook) -> tuple[int, ...]:
    """The keys of an appeal; its day is that of the region."""
    day = appeal.registered_at.astimezone(ZoneInfo(rulebook.region.time_zone)).date()
    return keys_of(appeal.text, numbers_of(appeal.text, appeal.place.address), day)


def read_fresh(connection: Connection, pks: Sequence[int], rulebook: Rulebook) -> list[Fresh]:
    """These appeals with their keys, in the order of ``pks``."""
    known = _read(connection, pks)
    return [Fresh(pk, known[pk], keys_of_appeal(known[pk], rulebook)) for pk in pks if pk in known]


def find_pairs(connection: Connection, group: Sequence[Fresh], rule: DuplicateRule, now: datetime) -> Found:
    """Compare ``group`` with all that was compared before, and among itself. Writes nothing."""
    buckets = _buckets(connection, {key for one in group for key in keys_within(one.keys, rule.days)})
    found = Found([one.pk for one in group])
    candidates: dict[int, list[int]] = {}
    for one in group:
        shared: Counter[int] = Counter()
        for key in keys_within(one.keys, rule.days):
            shared.update(buckets.get(key, ()))
        shared.pop(one.pk, None)
        ordered = sorted(shared, key=lambda pk: (-shared[pk], pk))
        candidates[one.pk] = ordered[:_LOOKED_AT]
        for key in dict.fromkeys(one.keys):
            bucket = buckets.setdefault(key, [])
            if len(bucket) < BUCKET:
                bucket.append(one.pk)
                found.keys.append((key, one.pk))
    own = {one.pk: one.appeal for one in group}
    others = {pk for pks in candidates.values() for pk in pks} - own.keys()
    appeals = own | _read(connection, sorted(others))
    partners = _partners(connection, [*others, *own])
    for one in group:
        found.pairs += _pairs_of(one, candidates[one.pk], appeals, partners, rule, now)
    return found


def write(connection: Connection, found: Found) -> int:
    """Put ``found`` down; how many pairs are new. What was erased meanwhile leaves no trace.

    The caller takes turns with those who erase (:func:`regional_api.database.lease.take_turns`): no appeal is
    locked by this, or «next» would pass over it.
    """
    named = {*found.seen, *(pair[side] for pair in found.pairs for side in ("newer", "older"))}
    there = set(connection.execute(_STILL_THERE, {"keys": sorted(named)}).scalars()) if named else set()
    if found.seen:
        seen = upsert(connection, LIKENESS_SEEN).on_conflict_do_nothing()
        connection.execute(seen, [{"pk": pk} for pk in found.seen])
    keys = [{"key": key, "pk": pk} for key, pk in found.keys if pk in there]
    if keys:
        connection.execute(upsert(connection, LIKENESS_KEY).on_conflict_do_nothing(), keys)
    new = 0
    for pair in found.pairs:
        if pair["newer"] not in there or pair["older"] not in there:
            continue
        made = upsert(connection, LIKENESS_PAIR).values(**pair).on_conflict_do_nothing()
        new += len(connection.execute(made.returning(LIKENESS_PAIR.c.n)).all())
    return new


def decide(connection: Connection, one: int, other: int, state: str) -> None:
    """Remember what a person said of two appeals, whichever is the newer one: ``linked`` or ``apart``."""
    values = {"newer": max(one, other), "older": min(one, other), "likeness": 0.0, "kind": "", "found_at": 0}
    said = upsert(connection, LIKENESS_PAIR).values(**values, same_author=None, state=state)
    # Two people may say it at the same moment: the later word counts, as it does at any other.
    connection.execute(said.on_conflict_do_update(index_elements=["newer", "older"], set_={"state": state}))


def forget(connection: Connection, pk: int, appeal: Appeal, rulebook: Rulebook) -> None:
    """Remove what tells of the text of an appeal that is erased."""
    keys = list(keys_of_appeal(appeal, rulebook))
    connection.execute(delete(LIKENESS_KEY).where(LIKENESS_KEY.c.key.in_(keys), LIKENESS_KEY.c.pk == pk))
    pair = LIKENESS_PAIR.c
    connection.execute(delete(LIKENESS_PAIR).where(or_(pair.newer == pk, pair.older == pk)))


def forget_keys(connection: Connection) -> None:
    """Remove all keys and marks, to be made anew by other rules; what people decided stays."""
    connection.execute(delete(LIKENESS_KEY))
    connection.execute(delete(LIKENESS_SEEN))


def _buckets(connection: Connection, keys: Iterable[int]) -> dict[int, list[int]]:
    wanted = sorted(keys)
    if connection.dialect.name == "postgresql":
        rows = connection.execute(_ON_POSTGRES, {"keys": wanted})
    else:
        rows = connection.execute(_ON_SQLITE, {"keys": msgspec.json.encode(wanted).decode()})
    buckets: dict[int, list[int]] = {}
    for key, pk in rows:
        buckets.setdefault(key, []).append(pk)
    return buckets


def _read(connection: Connection, pks: Sequence[int]) -> dict[int, Appeal]:
    if not pks:
        return {}
    rows = connection.execute(_DOCUMENTS, {"keys": list(pks)})
    return {pk: decode_appeal(unpack(bytes(doc)), bytes(applicant)) for pk, doc, applicant in rows}


def _partners(connection: Connection, pks: Iterable[int]) -> dict[int, set[int]]:
    """The older ones that each of ``pks`` is paired with already."""
    partners: dict[int, set[int]] = {}
    wanted = list(pks)
    if wanted:
        pair = LIKENESS_PAIR.c
        for newer, older in connection.execute(select(pair.newer, pair.older).where(pair.newer.in_(wanted))):
            partners.setdefault(newer, set()).add(older)
    return partners


def _pairs_of(
    one: Fresh,
    candidates: Sequence[int],
    appeals: Mapping[int, Appeal],
    partners: dict[int, set[int]],
    rule: DuplicateRule,
    now: datetime,
) -> list[dict[str, Any]]:
    """The pairs of a fresh appeal: with the first of a group that is alike in itself, not with each of it."""
    alike = []
    for pk in candidates:
        other = appeals.get(pk)
        if other is None:
            continue
        older, newer = sorted((one.appeal, other), key=lambda appeal: appeal.registered_at)
        how = compare(newer, older, rule)
        if how is not None:
            alike.append((how, pk))
    alike.sort(key=lambda found: (-found[0].likeness, found[1]))
    chosen: list[int] = []
    pairs = []
    for how, pk in alike:
        if len(chosen) == _PROPOSED or any(
            pk in partners.get(known, ()) or known in partners.get(pk, ()) for known in chosen
        ):
            continue
        chosen.append(pk)
        partners.setdefault(one.pk, set()).add(pk)
        pairs.append(
            {
                "newer": max(one.pk, pk),
                "older": min(one.pk, pk),
                "likeness": how.likeness,
                "kind": how.kind.value,
                "same_author": None if how.same_author is None else int(how.same_author),
                "state": "proposed",
                "found_at": seconds(now),
            }
        )
    return pairs
