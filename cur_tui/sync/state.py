"""What a person may know about the exchange with the server at any moment."""

from datetime import datetime
from enum import StrEnum

import msgspec


class Phase(StrEnum):
    """What the exchange is doing."""

    IDLE = "idle"
    """In contact, waiting for changes."""
    BOOTSTRAPPING = "bootstrapping"
    """Reading everything that the person may see."""
    PAUSED = "paused"
    """The first reading waits until the person lets it go on."""
    PULLING = "pulling"
    """Reading changes."""
    PUSHING = "pushing"
    """Sending commands."""
    OFFLINE = "offline"
    """No contact; tried again by itself."""
    SIGN_IN_NEEDED = "sign_in_needed"
    """No usable token; a person has to act. Local work goes on."""
    ACCESS_ENDED = "access_ended"
    """The administrator has ended this access; nothing is exchanged. Unsent work stays here."""
    UPDATE_NEEDED = "update_needed"
    """The program is too old to send; reading goes on."""
    HELD = "held"
    """This machine keeps nothing: its disk is full, or the cache is damaged. What is here can be read."""
    STOPPED = "stopped"


class Progress(msgspec.Struct, frozen=True):
    """How far something long is: appeals ``done`` of ``total``, lately at ``rate`` appeals a second."""

    done: int
    total: int
    rate: float


class SyncState(msgspec.Struct, frozen=True):
    """One moment of the exchange. ``problem`` is a code of the faults or of the contract, with its params."""

    phase: Phase = Phase.STOPPED
    pending: int = 0
    unsent: int = 0
    last_contact: datetime | None = None
    progress: Progress | None = None
    """Of the first reading."""
    indexing: Progress | None = None
    """Of putting the archive into the search, which goes on in quiet moments."""
    problem: str | None = None
    problem_params: dict[str, str] = msgspec.field(default_factory=dict)
    sentence: str | None = None
    """The problem in the person's language."""
    clock_skewed: bool = False
