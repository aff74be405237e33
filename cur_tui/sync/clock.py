"""An estimate of the server's time on a machine whose own clock may be wrong.

Used for terms, for leases and for what a claim still allows; never for any order, which is the server's.
"""

import threading
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

SAMPLES: Final = 8
SKEW_LIMIT: Final = timedelta(minutes=2)
"""Beyond this the person is told that the machine's clock is wrong."""


class _Sample(msgspec.Struct, frozen=True):
    offset: timedelta
    round_trip: timedelta


def _utc_now() -> datetime:
    return datetime.now(UTC)


class ServerClock:
    """Server time from the answers seen: the offset of the quickest of the last eight, as in NTP.

    ``local`` is the machine's clock. ``remembered`` is the offset found before, for a start without network.
    Safe to use from several threads.
    """

    def __init__(
        self, local: Callable[[], datetime] = _utc_now, remembered: timedelta = timedelta(0)
    ) -> None:
        self.local = local
        self._remembered = remembered
        self._samples: deque[_Sample] = deque(maxlen=SAMPLES)
        self._lock = threading.Lock()

    def observe(self, sent: datetime, received: datetime, server_time: datetime) -> None:
        """Take in one exchange, in local instants and the server's. An impossible one is passed over."""
        round_trip = received - sent
        if round_trip < timedelta(0):
            return  # the local clock was set back meanwhile
        sample = _Sample(server_time - (sent + round_trip / 2), round_trip)
        with self._lock:
            if self._samples and self._was_set(sample):
                self._samples.clear()
            self._samples.append(sample)

    def _was_set(self, sample: _Sample) -> bool:
        """Whether one of the clocks was set since the last sample: then the older ones mislead."""
        last = self._samples[-1]
        tolerance = sample.round_trip + last.round_trip + timedelta(seconds=5)
        return abs(sample.offset - last.offset) > tolerance

    @property
    def offset(self) -> timedelta:
        """Server time minus local time."""
        with self._lock:
            best = min(self._samples, key=lambda sample: sample.round_trip, default=None)
        return self._remembered if best is None else best.offset

    @property
    def is_skewed(self) -> bool:
        """Whether the machine's clock is wrong enough to say so."""
        return abs(self.offset) > SKEW_LIMIT

    def now(self) -> datetime:
        """The server's time now, as far as it is known."""
        return self.local() + self.offset
