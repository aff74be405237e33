"""Slowing down who guesses passwords, over all server processes and their restarts.

Each attempt is counted *before* the password is looked at, so that guesses sent at once do not slip through
together; one that fits is taken back. Three counts hold back a device that the account never signed in from:
by name and address, by name alone (a guess spread over many addresses), by address alone (one password tried
on many names). A device that the account has used before has a count of its own and none of the others: its
random id is known to nobody else, so nobody can keep a colleague out of a workstation that is theirs.

Names and addresses are kept as keyed hashes: people type passwords into the field of the name.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, delete, func, select, tuple_, update

from regional_api.centre import Centre
from regional_api.clock import now, seconds
from regional_api.database.connections import upsert
from regional_api.database.tables import ATTEMPT, SESSION
from regional_api.problems import RefusedWith

MAX_ROWS: Final = 20_000
"""Counts that are kept; those with the fewest failures go first, the oldest of them before the others."""
_KEEP_PART: Final = 0.9
_DOUBLINGS: Final = 30


@dataclass(frozen=True, slots=True)
class Patience:
    """``free`` failures cost nothing; each further one doubles the wait, from a second up to ``longest``.

    All are forgotten ``memory`` seconds after the last.
    """

    free: int
    longest: int
    memory: int

    def wait(self, failures: int) -> int:
        """Seconds to wait after so many failures."""
        excess = failures - self.free
        return 0 if excess < 0 else min(1 << min(excess, _DOUBLINGS), self.longest)


OF_PAIR: Final = Patience(free=5, longest=900, memory=3_600)
"""One name from one device of its own, or from one address."""
OF_NAME: Final = Patience(free=20, longest=900, memory=86_400)
"""One name from wherever: hundreds of addresses together get a hundred guesses a day."""
OF_ADDRESS: Final = Patience(free=100, longest=60, memory=3_600)
"""Many names from one address, behind which a whole office may sit."""
OF_QUESTION: Final = Patience(free=0, longest=60, memory=3_600)
"""One question that is asked again until there is an answer: its pace comes with it, nothing doubles."""


@dataclass(frozen=True, slots=True)
class Count:
    """One count that an attempt goes by."""

    name: str
    origin: str
    patience: Patience


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt that may go on, counted as a failure until it is taken back."""

    counts: tuple[Count, ...]


def begin(centre: Centre, name: str, device: str, peer: str) -> Attempt:
    """Count a sign-in. Raises ``too_many_attempts`` while one of its counts must wait, and counts nothing."""
    with centre.database.reading() as connection:
        own = _is_known(connection, name, device)
    if own:
        return _take(centre, (Count(_key(centre, "name", name), _key(centre, "device", device), OF_PAIR),))
    by_name, by_peer = _key(centre, "name", name), _key(centre, "peer", peer)
    return _take(
        centre,
        (Count(by_name, by_peer, OF_PAIR), Count(by_name, "", OF_NAME), Count("", by_peer, OF_ADDRESS)),
    )


def begin_elsewhere(centre: Centre, peer: str) -> Attempt:
    """Count a sign-in whose name is told to somebody else, by its address alone; raises like the other."""
    return _take(centre, elsewhere(centre, peer).counts)


def elsewhere(centre: Centre, peer: str) -> Attempt:
    """What :func:`begin_elsewhere` has counted."""
    return Attempt((Count("", _key(centre, "peer", peer), OF_ADDRESS),))


def is_early(centre: Centre, question: str, pace: int) -> bool:
    """Whether ``question`` comes sooner than ``pace`` seconds behind the last time that it was not early."""
    instant = seconds(now())
    count = Count("", _key(centre, "question", question), OF_QUESTION)
    with centre.database.writing() as connection:
        [(_, until)] = _held(connection, (count,), instant)
        if until > instant:
            return True
        here = (ATTEMPT.c.name == count.name) & (ATTEMPT.c.origin == count.origin)
        connection.execute(update(ATTEMPT).where(here).values(until=instant + pace, at=instant))
    return False


def take_back(centre: Centre, attempt: Attempt) -> None:
    """The attempt succeeded: its pair begins anew, the wider counts are as if it had not been."""
    with centre.database.writing() as connection:
        for count in attempt.counts:
            here = (ATTEMPT.c.name == count.name) & (ATTEMPT.c.origin == count.origin)
            if count.patience is OF_PAIR:
                connection.execute(delete(ATTEMPT).where(here))
            else:
                # What a person's own sign-in proves does not excuse what others try on the same name.
                fewer = update(ATTEMPT).where(here, ATTEMPT.c.failures > 0)
                connection.execute(fewer.values(failures=ATTEMPT.c.failures - 1))


def forget(centre: Centre, connection: Connection, name: str) -> int:
    """Let ``name`` sign in at once from anywhere; how many counts were dropped."""
    return connection.execute(delete(ATTEMPT).where(ATTEMPT.c.name == _key(centre, "name", name))).rowcount


def forget_old(centre: Centre) -> None:
    """Drop what no patience remembers any more."""
    with centre.database.writing() as connection:
        connection.execute(delete(ATTEMPT).where(ATTEMPT.c.at < seconds(now()) - OF_NAME.memory))


def _is_known(connection: Connection, name: str, device: str) -> bool:
    known = select(SESSION.c.id).where(
        SESSION.c.account == name, SESSION.c.device == device, SESSION.c.by_office == 0
    )
    return connection.execute(known.limit(1)).first() is not None


def _take(centre: Centre, counts: tuple[Count, ...]) -> Attempt:
    instant = seconds(now())
    with centre.database.writing() as connection:
        known = _held(connection, counts, instant)
        wait = max((until - instant for _, until in known), default=0)
        if wait > 0:
            raise RefusedWith("too_many_attempts", headers={"Retry-After": str(wait)}, seconds=str(wait))
        for count, (failures, _) in zip(counts, known, strict=True):
            connection.execute(
                update(ATTEMPT)
                .where(ATTEMPT.c.name == count.name, ATTEMPT.c.origin == count.origin)
                .values(failures=failures + 1, until=instant + count.patience.wait(failures + 1), at=instant)
            )
    return Attempt(counts)


def _held(connection: Connection, counts: Sequence[Count], instant: int) -> list[tuple[int, int]]:
    """Failures and the end of the wait of each count, held until the transaction ends."""
    # In one order for everybody, so that two processes never wait for each other.
    ordered = sorted(counts, key=lambda count: (count.name, count.origin))
    new = 0
    for count in ordered:
        first = upsert(connection, ATTEMPT).values(
            name=count.name, origin=count.origin, failures=0, until=0, at=instant
        )
        new += connection.execute(first.on_conflict_do_nothing()).rowcount
    if new:
        _bound(connection, ordered)
    rows = connection.execute(
        select(ATTEMPT)
        .where(tuple_(ATTEMPT.c.name, ATTEMPT.c.origin).in_([(c.name, c.origin) for c in ordered]))
        .order_by(ATTEMPT.c.name, ATTEMPT.c.origin)
        .with_for_update()
    ).all()
    found = {(row.name, row.origin): row for row in rows}
    known = []
    for count in counts:
        row = found[count.name, count.origin]
        recent = row.at + count.patience.memory > instant
        known.append((row.failures, row.until) if recent else (0, 0))
    return known


def _bound(connection: Connection, spared: Sequence[Count]) -> None:
    """Keep the table small, whoever invents names: what was tried often stays."""
    total = connection.execute(select(func.count()).select_from(ATTEMPT)).scalar_one()
    if total <= MAX_ROWS:
        return
    keys = [(count.name, count.origin) for count in spared]
    least = (
        select(ATTEMPT.c.name, ATTEMPT.c.origin)
        .where(tuple_(ATTEMPT.c.name, ATTEMPT.c.origin).not_in(keys))
        .order_by(ATTEMPT.c.failures, ATTEMPT.c.at)
        .limit(total - int(MAX_ROWS * _KEEP_PART))
        .with_for_update(skip_locked=True)
    )
    connection.execute(delete(ATTEMPT).where(tuple_(ATTEMPT.c.name, ATTEMPT.c.origin).in_(least)))


def _key(centre: Centre, kind: str, value: str) -> str:
    data = f"{kind}\0{value}".encode(errors="surrogatepass")
    return hashlib.blake2b(data, digest_size=16, key=centre.cursor_key).hexdigest()
