"""The log: one JSON object a line, made of named facts only.

No text of a citizen or an operator, no name, no parameter of a statement and no message of an exception ever
gets here; an unexpected failure is told by its type and the places in the code it came through.
"""

import json
import logging
import os
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

_logger: Final = logging.getLogger("regional_api")
_SOURCES: Final = tuple(
    str(Path(__file__).parents[1] / package) + os.sep for package in ("regional_api", "cur_tui")
)


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        facts = getattr(record, "facts", None) or {"logger": record.name}
        instant = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        event = record.msg if hasattr(record, "facts") else "message"
        return json.dumps({"at": instant, "level": record.levelname.lower(), "event": event, **facts})


def configure_log(level: str = "INFO") -> None:
    """Write the server's log to standard error; of libraries only warnings, without their texts."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLines())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    _logger.setLevel(level)


def log_event(event: str, **facts: str | int | float | bool | None) -> None:
    """One line. Facts are codes, counts, ids and durations."""
    _logger.info(event, extra={"facts": facts})


def log_failure(incident: str, error: BaseException) -> None:
    """An unexpected failure, without anything it might quote."""
    frames = traceback.extract_tb(error.__traceback__)
    # A database's library is twenty frames deep: what led there is in our own.
    own = [frame for frame in frames if frame.filename.startswith(_SOURCES)] or frames
    places = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(own[-8:]))
    _logger.error(
        "failure", extra={"facts": {"incident": incident, "type": type(error).__name__, "at_code": places}}
    )
