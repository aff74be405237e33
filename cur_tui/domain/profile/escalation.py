"""What supervision works by in a region profile: who is alerted of what, and what a block can carry."""

from dataclasses import dataclass

from cur_tui.domain.vocabulary import (
    AlertChannel,
    ClockKind,
    EscalationEvent,
    Priority,
    Regime,
    Role,
    TimeUnit,
)

EVERY_BLOCK = "*"
"""The block of a staffing norm that counts wherever a block has none of its own."""


@dataclass(frozen=True, slots=True)
class EscalationRule:
    """One step of escalation: what it watches for, and who is alerted when that comes true.

    Of the measures only the one that ``event`` needs is given: ``share`` in per cent of a term; ``amount`` of
    ``unit`` past a control date or in distribution; ``times`` for returns; ``rating``, the best one that
    counts as low. Empty ``clocks``, ``regimes`` and ``priorities`` mean all of them.
    """

    code: str
    title: str
    event: EscalationEvent
    to: tuple[Role, ...]
    """Roles that are alerted, each within what it may see."""
    source: str
    worker: bool = False
    """Whether the person who works on the appeal is alerted too."""
    share: int | None = None
    amount: int | None = None
    unit: TimeUnit | None = None
    times: int | None = None
    rating: int | None = None
    clocks: tuple[ClockKind, ...] = ()
    regimes: tuple[Regime, ...] = ()
    priorities: tuple[Priority, ...] = ()
    quiet: bool = True
    """Held outside working time until the next working moment; False for what cannot wait till morning."""
    reopen: bool = False
    """Whether a low rating opens the appeal again by itself."""
    channels: tuple[AlertChannel, ...] = ()
    """By what the alert leaves the workstations as well."""


@dataclass(frozen=True, slots=True)
class StaffingNorm:
    """What a staffing proposal reckons with for ``block`` (Kursk 958-па cl. 3.5, ЕАО cl. 3.1(5в), 4.1(8))."""

    block: str
    minutes_per_item: int
    """Working minutes that one appeal takes, from distribution to delivery."""
    utilisation: int
    """Per cent of the working time that goes into appeals."""
    source: str
