"""What a server process is told at its start."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """``database`` is a path or an URL; the waits are in seconds."""

    database: str
    max_wait: float = 25.0
    """The longest a reader of the feed may wait for news."""
    look_again: float = 2.0
    """How often a waiting reader looks by itself, since another process may have committed."""
    escalate_every: float | None = None
    """How often this process looks whether anybody is to be alerted; None: it leaves that to others."""
    report_every: float | None = None
    """How often this process looks whether a report is due; None: it leaves that to others."""
