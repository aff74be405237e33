"""The rounds of escalation: whoever has the lease follows the feed, fires what is due and sends it."""

import asyncio
import secrets
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from regional_api.centre import Centre
from regional_api.clock import now
from regional_api.escalating.firing import Fired, fire
from regional_api.escalating.following import follow
from regional_api.escalating.lease import drop_lease, take_lease
from regional_api.escalating.sending import send_next
from regional_api.http.apart import Apart
from regional_api.log import log_event, log_failure


class Rounds:
    """One process's part in escalation. A round may be cut off anywhere; the next one goes on."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        self._holder = secrets.token_hex(8)
        self._stopped = False

    def go(self, at: datetime | None = None) -> Fired | None:
        """Everything that is due by ``at`` (now); None while another process has the lease."""
        fired = Fired()
        if not self._centre.region.escalation:
            return fired
        while not self._stopped:
            moment = at or now()
            if not take_lease(self._centre.database, self._centre.shard, self._holder, moment):
                return None
            if follow(self._centre, moment):
                continue
            step = fire(self._centre, moment)
            fired += step
            if not step.looked and not send_next(self._centre, moment):
                break
        if fired.alerts:
            log_event("escalated", appeals=fired.looked, alerts=fired.alerts)
        return fired

    def stop(self) -> None:
        """Begin nothing more; from any thread."""
        self._stopped = True

    def leave(self) -> None:
        """Let another process go on at once."""
        self.stop()
        drop_lease(self._centre.database, self._centre.shard, self._holder)


class RoundsKeeper:
    """A round every so many seconds, for as long as the server runs."""

    def __init__(self, centre: Centre, every: float) -> None:
        self._centre = centre
        self._every = every
        self._rounds = Rounds(centre)
        self._thread = Apart("escalation", 1)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, in the running event loop."""
        self._task = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """End after the step that is under way."""
        if self._task is not None:
            self._task.cancel()
        self._rounds.stop()
        await self._thread.do(self._rounds.leave)
        self._thread.close()

    async def _keep(self) -> None:
        while True:
            try:
                await self._thread.do(self._rounds.go)
            except SQLAlchemyError as error:
                # The database was busy or away: the alarms are still there.
                log_failure("", error)
            await asyncio.sleep(self._every)
