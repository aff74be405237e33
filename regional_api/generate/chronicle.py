"""The history of one appeal, made by real commands of invented people at plausible times."""

from datetime import datetime, timedelta
from random import Random

from cur_tui.domain.commands import Arguments, Command, ReleaseClaim
from cur_tui.domain.decisions import decide
from cur_tui.domain.model import Appeal
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.rights import Actor

_STRETCH = 12
"""Working time takes at most so many times its length by the clock, with nights and weekends."""
_HOLIDAYS = timedelta(days=12)
_SHORTEST = timedelta(seconds=4)


def make_id(at: datetime, rng: Random) -> str:
    """A UUIDv7 of the instant ``at``; random as ``rng`` is, so that the same seed gives the same ids."""
    milliseconds = int(at.timestamp() * 1000)
    noise = rng.getrandbits(74)
    value = milliseconds << 80 | 7 << 76 | (noise >> 62) << 64 | 2 << 62 | noise & (1 << 62) - 1
    digits = f"{value:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


class Chronicle:
    """Applies commands one after another, each later than the one before and none after ``now``.

    A delay that would run past the present is cut to a part of what is left, so that a story always fits.
    """

    def __init__(self, appeal: Appeal, rulebook: Rulebook, rng: Random, now: datetime) -> None:
        self.appeal = appeal
        self.rulebook = rulebook
        self.now = now
        self.at = appeal.registered_at
        self._rng = rng
        self._holder: Actor | None = None

    def wait(self, minutes: float, *, round_the_clock: bool = False) -> None:
        """Let about ``minutes`` pass, of working time unless ``round_the_clock``."""
        delay = timedelta(seconds=int(minutes * 60 * self._rng.uniform(0.4, 1.8)) + 5)
        if self.now - self.at > delay * _STRETCH + _HOLIDAYS:
            self.at = self.at + delay if round_the_clock else self.rulebook.time.add_working(self.at, delay)
            return
        left = self.rulebook.time.working_between(self.at, self.now)
        if round_the_clock or left < timedelta(minutes=1):
            left = self.now - self.at
            round_the_clock = True
        delay = max(min(delay, left * self._rng.uniform(0.1, 0.5)), min(_SHORTEST, left))
        later = self.at + delay if round_the_clock else self.rulebook.time.add_working(self.at, delay)
        self.at = min(later, self.now).replace(microsecond=0)

    def advance(self, minutes: float) -> None:
        """Let so many minutes pass by the clock on the wall, up to the present."""
        self.at = min(self.at + timedelta(seconds=round(minutes * 60)), self.now)

    def do(self, arguments: Arguments, actor: Actor) -> None:
        """Apply the command now. Whoever else holds the appeal gives it back first."""
        claim = self.appeal.claim
        if claim is not None and claim.holder != actor.account and claim.until > self.at and self._holder:
            self._apply(ReleaseClaim(), self._holder)
        self._apply(arguments, actor)
        if self.appeal.claim is not None and self.appeal.claim.holder == actor.account:
            self._holder = actor

    def release(self) -> None:
        """Give the appeal back, if somebody holds it."""
        if self.appeal.claim is not None and self._holder is not None:
            self._apply(ReleaseClaim(), self._holder)

    def _apply(self, arguments: Arguments, actor: Actor) -> None:
        command = Command(
            id=make_id(self.at, self._rng),
            appeal=self.appeal.id,
            arguments=arguments,
            base=self.appeal.version,
            device_at=self.at,
        )
        self.appeal = decide(self.appeal, command, actor, self.rulebook, self.at)
