"""Who sends: a thread of one of the server's processes, or a command that looks once.

Any number of processes may do this at the same time: an attempt belongs to whoever began it. The lease only
spares the others the looking.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final

from sqlalchemy import Connection

from cur_tui.domain.rights import Permission, can
from regional_api.centre import Centre
from regional_api.clock import now
from regional_api.database.lease import Lease
from regional_api.delivering.attempts import begin, bury, find_dead, find_unroutable, refuse
from regional_api.delivering.routing import route_all
from regional_api.delivering.sending import send
from regional_api.delivering.settings import DeliverySettings, read_settings
from regional_api.identity.callers import Caller, find_actor
from regional_api.log import log_event, log_failure

LEASE: Final = "delivery"
AT_ONCE: Final = 4
"""Attempts that run at once for one receiver; one that hangs holds nobody else's up."""
_PARTING: Final = 3.0
"""Seconds that attempts get to end when the server does."""
_BEFORE_FIRST: Final = 0.5
_IDLE: Final = 10.0
"""Seconds between looks whether the region delivers by itself, while it does not."""


class NoAccountError(Exception):
    """The account of the settings is missing, closed, or may not deliver."""


def courier(connection: Connection, centre: Centre, settings: DeliverySettings) -> Caller:
    """In whose name the server says what became of a text. Raises :class:`NoAccountError`."""
    actor = find_actor(connection, settings.account, centre.region)
    if actor is None or not can(centre.region, actor, Permission.DELIVER):
        raise NoAccountError
    return Caller(actor, centre.region)


def prepare(centre: Centre, settings: DeliverySettings, caller: Caller) -> None:
    """Everything but the sending: find the way of new texts, fail what has none, end what was cut off."""
    route_all(centre.database, settings)
    for attempt, outcome in find_unroutable(centre):
        refuse(centre, settings, caller, attempt, outcome)
    for attempt in find_dead(centre):
        bury(centre, settings, caller, attempt)


def deliver_due(centre: Centre, settings: DeliverySettings) -> int:
    """Send everything that is due now; how many attempts that were. Raises :class:`NoAccountError`."""
    with centre.database.reading() as connection:
        caller = courier(connection, centre, settings)
    made = 0
    with ThreadPoolExecutor(max(AT_ONCE * len(settings.receivers), 1), "delivery") as threads:
        while True:
            prepare(centre, settings, caller)
            begun = [one for name in settings.receivers for one in begin(centre, settings, name, AT_ONCE)]
            if not begun:
                return made
            made += len(begun)
            for done in [threads.submit(send, centre, settings, caller, one) for one in begun]:
                done.result()


class DeliveryWorker:
    """The thread of a server's process. It begins nothing unless its process holds the lease."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        self._lease = Lease(centre.database, LEASE)
        self._stopping = threading.Event()
        self._running: dict[str, list[threading.Thread]] = {}
        self._trouble = ""
        self._thread = threading.Thread(target=self._run, name="deliveries", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Begin nothing any more and let another process take over. What runs gets a moment to end; what
        takes longer is found by the others.
        """
        self._stopping.set()
        ends = time.monotonic() + _PARTING
        running = (thread for threads in self._running.values() for thread in threads)
        for thread in (self._thread, *running):
            if thread.is_alive():
                thread.join(max(ends - time.monotonic(), 0))

    def _run(self) -> None:
        pause = _BEFORE_FIRST
        while not self._stopping.wait(pause):
            try:
                pause = self._look()
            except Exception as error:
                # The database is away or full: later will do, but there must be a later.
                log_failure("", error)
                pause = _IDLE
        try:
            self._lease.drop()
        except Exception as error:
            log_failure("", error)

    def _look(self) -> float:
        with self._centre.database.reading() as connection:
            settings = read_settings(connection)
        if settings is None or not settings.receivers:
            return _IDLE
        if not self._lease.take(now(), settings.lease):
            return settings.look_every
        try:
            with self._centre.database.reading() as connection:
                caller = courier(connection, self._centre, settings)
        except NoAccountError:
            self._say("no_account")
            return _IDLE
        self._say("")
        prepare(self._centre, settings, caller)
        for name in settings.receivers:
            free = AT_ONCE - len(self._alive(name))
            if free > 0:
                for attempt in begin(self._centre, settings, name, free):
                    self._start(name, partial(send, self._centre, settings, caller, attempt))
        return settings.look_every

    def _alive(self, receiver: str) -> list[threading.Thread]:
        self._running[receiver] = [one for one in self._running.get(receiver, ()) if one.is_alive()]
        return self._running[receiver]

    def _start(self, receiver: str, work: Callable[[], None]) -> None:
        # A daemon: an attempt that hangs must not keep a server from ending.
        thread = threading.Thread(target=work, name=f"delivery {receiver}", daemon=True)
        self._running[receiver].append(thread)
        thread.start()

    def _say(self, trouble: str) -> None:
        if trouble and trouble != self._trouble:
            log_event("deliveries_rest", reason=trouble)
        self._trouble = trouble
