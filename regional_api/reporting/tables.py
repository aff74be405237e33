"""The tables of reports by schedule: which were made, and which letters take them to whom."""

from typing import Any, Final

from sqlalchemy import Column, Index, Table
from sqlmodel import Field

from regional_api.database.tables import LARGE, METADATA, ServerTable

RUNNING: Final = "running"
DONE: Final = "done"
SKIPPED: Final = "skipped"
"""It was due before anybody had ordered it."""
FAILED: Final = "failed"
WAITING: Final = "waiting"
HANDED: Final = "handed"
"""The mail server has the letter, and whether it took it is not known: only a person may send it again."""
SENT: Final = "sent"


def _large(**options: Any) -> Any:
    return Field(sa_column=Column(LARGE, **options))


class ReportRun(ServerTable, table=True):
    """One report at one moment at which it was due; the row is the lease of whoever makes it.

    ``until``: when the attempt counts as dead, or may be repeated. ``files``: their names in the folder, a
    line each. ``reason``: a code.
    """

    __tablename__ = "report_run"
    id: str = Field(primary_key=True)
    due: int = _large(primary_key=True, autoincrement=False)
    state: str
    holder: str | None
    until: int = _large(nullable=False)
    tries: int
    files: str
    reason: str | None


class ReportLetter(ServerTable, table=True):
    """One report on its way to one address. ``subject`` and ``text`` name the report and nobody."""

    __tablename__ = "report_letter"
    id: str = Field(primary_key=True)
    run: str
    due: int = _large(nullable=False)
    recipient: str
    subject: str
    text: str
    state: str
    tries: int
    next_at: int = _large(nullable=False)
    reason: str | None


REPORT_RUN: Table = METADATA.tables["report_run"]
REPORT_LETTER: Table = METADATA.tables["report_letter"]
REPORT_TABLES: Final = (REPORT_RUN, REPORT_LETTER)

Index("report_letter_due", REPORT_LETTER.c.state, REPORT_LETTER.c.next_at)
