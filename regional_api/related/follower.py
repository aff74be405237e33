"""Follows the feed of the region and draws what follows from it: pairs that are alike, bursts, mass answers.

It reads behind its own position, a group of rows at a time, and moves on in the transaction that writes what
it found. Numbers of the feed are in the order of commits, so nothing is stepped over; whatever was done and
not noted is done again, without effect. One process of a region works at a time, by a lease; another takes
over when it is gone.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, or_, select

from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.related.likeness import LIKENESS_RULES
from cur_tui.domain.vocabulary import HEAD_FLAG
from regional_api.clock import now as server_now
from regional_api.database.connections import Database
from regional_api.database.lease import Lease, take_turns
from regional_api.database.schema import write_meta
from regional_api.database.store import load
from regional_api.database.tables import APPEAL, META
from regional_api.edition import rulebook_in_force
from regional_api.related import alike, bursts
from regional_api.related.spreading import give_to, spread
from regional_api.related.tables import LIKENESS_SEEN

GROUP: Final = 250
"""Rows of one step."""
POSITION_KEY: Final = "related"
RULES_KEY: Final = "related_rules"
LEASE: Final = "related"
_BEGINNING: Final = "0:0"
_LEASE_SECONDS: Final = 60
_LOOK_AGAIN: Final = 1.0
"""Seconds to wait for another process that works."""

_ROWS = (
    select(
        APPEAL.c.pk,
        APPEAL.c.id,
        APPEAL.c.seq,
        APPEAL.c.number,
        APPEAL.c.flags,
        APPEAL.c.is_open,
        APPEAL.c.mass_incident,
        APPEAL.c.erased_at,
        LIKENESS_SEEN.c.pk.label("seen"),
    )
    .join_from(APPEAL, LIKENESS_SEEN, LIKENESS_SEEN.c.pk == APPEAL.c.pk, isouter=True)
    .where(
        APPEAL.c.seq >= bindparam("seq"), or_(APPEAL.c.seq > bindparam("seq"), APPEAL.c.pk > bindparam("pk"))
    )
    .order_by(APPEAL.c.seq, APPEAL.c.pk)
    .limit(bindparam("amount"))
)


@dataclass(slots=True)
class Tally:
    """What was done: rows of the feed read, appeals compared, pairs and bursts found, mass answers given."""

    rows: int = 0
    compared: int = 0
    pairs: int = 0
    incidents: int = 0
    given: int = 0


class Follower:
    """The follower of one region in one process. Not for use by several threads.

    ``refresh_every``: seconds between two looks for bursts at least, since each reads some weeks.
    """

    def __init__(self, database: Database, rulebook: Rulebook, *, refresh_every: float = 0.0) -> None:
        self._database = database
        self._rulebook = rulebook
        self._lease = Lease(database, LEASE)
        self._refresh_every = refresh_every
        self._refreshed: float | None = None
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Let whoever follows come to an end after the step that is under way."""
        self._stopping.set()

    def catch_up(
        self,
        *,
        wait: bool = False,
        rest: float = 0.0,
        told: Callable[[Tally], None] = lambda _: None,
    ) -> Tally:
        """Follow to the end of the feed.

        ``wait``: until another process that works at it has come there; else its work is left to it.
        ``rest``: seconds of rest for each second of work, for the sake of others. ``told`` hears of every
        step.
        """
        tally = Tally()
        with self._database.reading() as connection:
            self._rulebook = rulebook_in_force(connection, self._rulebook)
        try:
            while not self._stopping.is_set():
                begun = time.monotonic()
                went_on = self._step(tally)
                if went_on is None:
                    if not wait:
                        break
                    self._stopping.wait(_LOOK_AGAIN)
                elif went_on:
                    told(tally)
                    self._stopping.wait(rest * (time.monotonic() - begun))
                else:
                    tally.incidents += self._refresh()
                    break
        finally:
            self._lease.drop()
        return tally

    def _step(self, tally: Tally) -> bool | None:
        """One group of rows; False at the end of the feed, None while another process follows it."""
        now = server_now()
        with self._database.reading() as connection:
            values = _state(connection)
            position = values.get(POSITION_KEY, _BEGINNING)
            if values.get(RULES_KEY) == str(LIKENESS_RULES) and not _read(connection, position, 1):
                return False
        if not self._lease.take(now, _LEASE_SECONDS):
            return None
        self._obey_rules()
        with self._database.reading() as connection:
            values = _state(connection)
            before = values.get(POSITION_KEY, _BEGINNING)
            rows = _read(connection, before, GROUP)
            unseen = [row.pk for row in rows if row.seen is None and row.erased_at is None]
            fresh = alike.read_fresh(connection, unseen, self._rulebook)
            found = alike.find_pairs(connection, fresh, self._rulebook.region.duplicates, now)
        tally.given += self._give(rows)
        with self._database.writing() as connection:
            take_turns(connection)
            if _state(connection).get(POSITION_KEY, _BEGINNING) != before:
                return True  # another process has taken the turn; nothing of this group is lost
            tally.pairs += alike.write(connection, found)
            self._follow_heads(connection, rows, now)
            if rows:
                write_meta(connection, POSITION_KEY, f"{rows[-1].seq}:{rows[-1].pk}")
        tally.rows += len(rows)
        tally.compared += len(fresh)
        return True

    def _refresh(self) -> int:
        moment = time.monotonic()
        if self._refreshed is not None and moment - self._refreshed < self._refresh_every:
            return 0
        self._refreshed = moment
        return bursts.refresh(self._database, self._rulebook.region.bursts, server_now())

    def _give(self, rows: list[Row[Any]]) -> int:
        given = 0
        members: dict[str, set[str]] = {}
        for row in rows:
            if HEAD_FLAG in row.flags.split():
                given += spread(self._database, self._rulebook, row.number)
            elif row.mass_incident is not None and row.is_open:
                members.setdefault(row.mass_incident, set()).add(row.id)
        for head, ids in members.items():
            given += give_to(self._database, self._rulebook, head, ids)
        return given

    def _follow_heads(self, connection: Connection, rows: list[Row[Any]], now: datetime) -> None:
        led = bursts.led_heads(connection)
        ids = [row.id for row in rows if HEAD_FLAG in row.flags.split() or row.pk in led]
        for stored in load(connection, ids).values():
            bursts.follow_head(connection, stored.pk, stored.appeal, now)

    def _obey_rules(self) -> None:
        """Begin anew when the keys were made by other rules."""
        with self._database.reading() as connection:
            if _state(connection).get(RULES_KEY) == str(LIKENESS_RULES):
                return
        with self._database.writing() as connection:
            take_turns(connection)
            if _state(connection).get(RULES_KEY) != str(LIKENESS_RULES):
                alike.forget_keys(connection)
                write_meta(connection, RULES_KEY, str(LIKENESS_RULES))
                write_meta(connection, POSITION_KEY, _BEGINNING)


def _state(connection: Connection) -> dict[str, str]:
    query = select(META.c.key, META.c.value).where(META.c.key.in_((POSITION_KEY, RULES_KEY)))
    return {row.key: row.value for row in connection.execute(query)}


def _read(connection: Connection, position: str, amount: int) -> list[Row[Any]]:
    seq, _, pk = position.partition(":")
    return list(connection.execute(_ROWS, {"seq": int(seq), "pk": int(pk), "amount": amount}))
