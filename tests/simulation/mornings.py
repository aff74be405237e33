"""Workstations as they are in the morning, read in full the evening before and signed in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.simulation.person import Machine, Person, Pocket
from tests.simulation.server import STAFF, Server
from tests.sync.faulty import Made

MACHINES = (
    *(Machine(one.account, one.account) for one in STAFF),
    # Two people have a second workstation.
    Machine("operator.laptop", "operator"),
    Machine("agent.laptop", "agent"),
)


@dataclass(frozen=True)
class _Kept:
    cache: bytes
    token: str | None


class Mornings:
    """Ready workstations, made once, since a first reading costs as much as half a day."""

    def __init__(self, server: Server, folder: Path) -> None:
        self._kept = {machine: self._prepared(server, folder, machine) for machine in MACHINES}
        server.keep_as_morning()

    def lay_out(self, path: Path, machine: Machine, *, empty: bool) -> Pocket:
        """Put the cache of ``machine`` in place, or see that there is none; what it has in its pocket."""
        for side in ("", "-wal", "-shm"):
            path.with_name(path.name + side).unlink(missing_ok=True)
        kept = self._kept[machine]
        if not empty:
            path.write_bytes(kept.cache)
            path.chmod(0o600)
        return Pocket(kept.token)

    def _prepared(self, server: Server, folder: Path, machine: Machine) -> _Kept:
        def carry(_: Person, request: httpx.Request) -> Made:
            return server.answer(request, request.read(), True, lambda: None)

        path = folder / f"{machine.name}.morning"
        person = Person(server.stage, path, machine, carry)
        person.sign_in()
        person.exchange_all()
        desk = person.desk()
        assert desk is not None
        desk.warm_up()
        person.close()
        return _Kept(path.read_bytes(), person.pocket.token)
