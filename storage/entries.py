"""What the cache hands out: plain values, so that no caller depends on a table or a driver."""

from datetime import datetime
from typing import Literal

import msgspec

from cur_tui.contract.row import AppealRow

OutboxState = Literal["pending", "sending"]


class CachedRow(msgspec.Struct, frozen=True):
    """One line of a list: the appeal's projection as the operator sees it, with what waits to be sent."""

    pk: int
    row: AppealRow
    pending: int
    """How many commands on it wait for the server."""
    conflict: bool
    """Whether a command on it was refused and waits for the operator's decision."""


class OutboxEntry(msgspec.Struct, frozen=True):
    """A command on its way. ``dseq`` is None until it was handed to the transport for the first time.

    ``doubt`` is the code of the rule that would refuse it on the state last seen; the server still decides.
    """

    id: str
    dseq: int | None
    type: str
    appeal: str
    number: str
    base: int
    arguments: dict[str, object]
    state: OutboxState
    doubt: str | None
    device_at: datetime


class UnsentEntry(msgspec.Struct, frozen=True):
    """A command that was finally refused, with everything the operator had typed.

    ``text`` is the most laboured of the texts among its ``arguments``, which hold them all; ``code`` and
    ``params`` say why, ``detail`` is the server's own sentence.
    """

    id: str
    type: str
    appeal: str
    number: str
    code: str
    params: dict[str, str]
    detail: str
    text: str
    arguments: dict[str, object]
    at: datetime


class Upload(msgspec.Struct, frozen=True):
    """A file that waits to be sent and then attached by the command ``id``; its content stays in the cache.

    ``code`` and ``params`` say why the server refused it; it is not tried again by itself then.
    """

    id: str
    appeal: str
    number: str
    sha256: str
    name: str
    size: int
    media_type: str
    code: str | None = None
    params: dict[str, str] = {}


class Draft(msgspec.Struct, frozen=True):
    """A text that an operator is writing. ``answer`` is the id it will be submitted under.

    ``kind`` is ``final``, ``interim`` or ``note``; an appeal has at most one draft of each.
    """

    appeal: str
    kind: str
    text: str
    number: str = ""
    answer: str = ""
    outcome: str | None = None
    template: str | None = None
    template_version: int | None = None
    promised_date: str | None = None
    evidence: str = ""
    saved_at: datetime | None = None


class SavedView(msgspec.Struct, frozen=True):
    """A query that an operator keeps under a name."""

    code: str
    title: str
    query: str
    position: int = 0


class ReferenceEntry(msgspec.Struct, frozen=True):
    """A document of reference data as the server sent it."""

    kind: str
    id: str
    version: int
    doc: bytes


class Count(msgspec.Struct, frozen=True):
    """How many; ``exact`` is False when counting stopped at a bound."""

    number: int
    exact: bool = True


class BandCounts(msgspec.Struct, frozen=True):
    """Open appeals of one block by how soon their control date is.

    ``soon``: within two working hours; ``paused``: put off, and no clock runs; ``none``: no clock runs for
    another reason, such as an answer under way; ``provisional``: of all of these, those whose date may move,
    since the calendar of its year is not loaded.
    """

    overdue: int = 0
    soon: int = 0
    today: int = 0
    tomorrow: int = 0
    later: int = 0
    paused: int = 0
    none: int = 0
    provisional: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        dated = self.overdue + self.soon + self.today + self.tomorrow + self.later
        return dated + self.paused + self.none


class Settled(msgspec.Struct, frozen=True):
    """What became of a batch: ids of the commands that were applied, and the refused ones."""

    applied: tuple[str, ...]
    refused: tuple[UnsentEntry, ...]
