"""Server time, the only time that decides anything."""

from datetime import UTC, datetime


def now() -> datetime:
    """The instant, aware, in UTC, to the millisecond: what fits every clock and every JSON reader."""
    instant = datetime.now(UTC)
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def stamp(instant: datetime) -> str:
    """RFC 3339 in UTC with milliseconds, as the wire and the journal write it."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def seconds(instant: datetime) -> int:
    """Whole seconds since 1970, as the tables keep instants."""
    return int(instant.timestamp())
