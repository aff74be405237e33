"""What the picture of problems consists of: every number with its change and the query behind it."""

from datetime import date

import msgspec


class Figure(msgspec.Struct, frozen=True):
    """A number of appeals, that of the period before if it is known, and the query of just these appeals."""

    value: int
    before: int | None
    query: str

    @property
    def change(self) -> int | None:
        """How many more than before."""
        return None if self.before is None else self.value - self.before


class TopProblem(msgspec.Struct, frozen=True):
    """A topic among the top of its block; ``share`` of the block's appeals."""

    topic: str
    all: Figure
    share: float
    open: Figure
    overdue: Figure
    repeats: Figure


class BlockPicture(msgspec.Struct, frozen=True):
    """A block (None: of none yet): its top, its residual appeals and those without a topic.

    ``residual_share``: of those with a topic; None when none has.
    """

    block: str | None
    all: Figure
    top: tuple[TopProblem, ...]
    residual: Figure
    residual_share: float | None
    unsorted: Figure


class PlacePicture(msgspec.Struct, frozen=True):
    """A municipality. The heat, 0 to 4, is that of ``all`` among the municipalities."""

    municipality: str | None
    all: Figure
    open: Figure
    overdue: Figure
    repeats: Figure
    heat: int


class Signal(msgspec.Struct, frozen=True):
    """Something that should be rare: ``repeats``, ``conflicts`` or ``communication_errors``."""

    code: str
    all: Figure


class Burst(msgspec.Struct, frozen=True):
    """A topic and a place with more open appeals of the last hours than chance explains."""

    topic: str
    municipality: str
    all: Figure
    usual: float


class ProblemPicture(msgspec.Struct, frozen=True):
    """The problems of a period, or of all time; ``block``: of this block only.

    What was before is of the days from ``against_first`` to ``against_last``.
    """

    period: str
    first: date | None
    last: date | None
    against_first: date | None
    against_last: date | None
    block: str | None
    blocks: tuple[BlockPicture, ...]
    places: tuple[PlacePicture, ...]
    signals: tuple[Signal, ...]
    bursts: tuple[Burst, ...]
    burst_hours: int


class Example(msgspec.Struct, frozen=True):
    """One text, neutralised and with personal numbers masked."""

    number: str
    text: str


class ResidualGroup(msgspec.Struct, frozen=True):
    """Residual appeals that say ``phrase``.

    ``in_sample``: of the texts read, each counted in one group; ``found``: all that say it, in any group, at
    least so many when not ``exact``. ``topic``: what they probably belong to.
    """

    phrase: str
    in_sample: int
    found: int
    exact: bool
    query: str
    topic: str | None
    words: tuple[str, ...]
    examples: tuple[Example, ...]


class ResidualPicture(msgspec.Struct, frozen=True):
    """The residual appeals of a period taken apart by ``read`` of their texts, spread evenly over ``all``.

    ``rest``: of those read, how many are in no group.
    """

    all: Figure
    read: int
    groups: tuple[ResidualGroup, ...]
    rest: int


class HotSpot(msgspec.Struct, frozen=True):
    """An address of several appeals. The query finds ``problems.LISTED`` at most."""

    municipality: str | None
    address: str
    all: Figure


class AddressPicture(msgspec.Struct, frozen=True):
    """The addresses of the latest ``read`` of ``total`` appeals."""

    total: int
    read: int
    spots: tuple[HotSpot, ...]
