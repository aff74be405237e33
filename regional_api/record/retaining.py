"""Retention: which appeals need not be kept any longer, by the rules of the region profile."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select

from cur_tui.contract.codec import decode_appeal
from cur_tui.contract.packing import unpack
from cur_tui.domain.model import Appeal
from cur_tui.domain.privacy.retention import erasable_from, newest_expired
from cur_tui.domain.vocabulary import LinkKind
from regional_api.centre import Centre
from regional_api.clock import seconds
from regional_api.database.tables import APPEAL

_CHUNK: Final = 1_000


@dataclass(slots=True)
class Expired:
    """What may be erased, by id, and how many of each regime. ``held`` are kept for a later letter."""

    ids: list[str] = field(default_factory=list)
    regimes: Counter[str] = field(default_factory=Counter)
    held: int = 0


def find_expired(centre: Centre, now: datetime) -> Expired:
    """The appeals whose term is over at ``now``.

    One that a later letter repeats is kept as long as that one: the term of repeated letters counts from the
    last of them.
    """
    region = centre.region
    today = now.astimezone(ZoneInfo(region.time_zone)).date()
    limit = newest_expired(today, region)
    if limit is None:
        return Expired()
    closed = (APPEAL.c.is_open == 0) & (APPEAL.c.registered_at < seconds(limit))
    over: dict[str, str] = {}
    for appeal in _kept(centre, closed):
        first = erasable_from(appeal, region)
        if first is not None and first <= today:
            over[appeal.id] = appeal.regime.value
    held = _held(_repeats(centre), over)
    free = [id for id in over if id not in held]
    return Expired(free, Counter(over[id] for id in free), len(held))


def _repeats(centre: Centre) -> dict[str, list[str]]:
    """The appeals that each later letter repeats."""
    repeats: dict[str, list[str]] = defaultdict(list)
    for appeal in _kept(centre, APPEAL.c.is_repeat == 1):
        repeats[appeal.id] += (link.appeal for link in appeal.links if link.kind is LinkKind.REPEAT)
    return repeats


def _held(repeats: dict[str, list[str]], over: dict[str, str]) -> set[str]:
    """Of ``over``, what a letter repeats that is kept itself, over any number of letters in between."""
    held: set[str] = set()
    waiting = [earlier for later, all_ in repeats.items() if later not in over for earlier in all_]
    while waiting:
        id = waiting.pop()
        if id in over and id not in held:
            held.add(id)
            waiting += repeats.get(id, ())
    return held


def _kept(centre: Centre, condition: ColumnElement[bool]) -> Iterator[Appeal]:
    """The appeals that still have their texts, in short transactions."""
    last = 0
    while True:
        with centre.database.reading() as connection:
            rows = connection.execute(
                select(APPEAL.c.pk, APPEAL.c.doc)
                .where(APPEAL.c.pk > last, APPEAL.c.erased_at.is_(None), condition)
                .order_by(APPEAL.c.pk)
                .limit(_CHUNK)
            ).all()
        for row in rows:
            yield decode_appeal(unpack(bytes(row.doc)))
        if len(rows) < _CHUNK:
            return
        last = rows[-1].pk
