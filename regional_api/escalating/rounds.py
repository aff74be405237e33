"""The rounds of escalation: whoever has the lease follows the feed, fires what is due and sends it."""

from datetime import datetime
from typing import Final

from regional_api.centre import Centre
from regional_api.clock import now
from regional_api.database.lease import Lease
from regional_api.escalating.firing import Fired, fire
from regional_api.escalating.following import follow
from regional_api.escalating.sending import send_next
from regional_api.log import log_event
from regional_api.process.standing import StandingWork

LEASE: Final = "escalation"
LASTS: Final = 90
"""Seconds that a process which was killed keeps the others waiting."""


class Rounds:
    """One process's part in escalation. A round may be cut off anywhere; the next one goes on."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        self._lease = Lease(centre.database, LEASE)
        self._stopped = False

    def go(self, at: datetime | None = None) -> Fired | None:
        """Everything that is due by ``at`` (now); None while another process has the lease."""
        fired = Fired()
        if not self._centre.region.escalation:
            return fired
        while not self._stopped:
            moment = at or now()
            if not self._lease.take(moment, LASTS):
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
        self._lease.drop()


def keep_escalating(centre: Centre, every: float) -> StandingWork:
    """A round every so many seconds."""
    rounds = Rounds(centre)

    def step() -> float:
        rounds.go()
        return every

    return StandingWork("escalation", step, after_failure=every, interrupt=rounds.stop, leave=rounds.leave)
