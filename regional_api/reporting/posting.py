"""Letters with reports: each to each address once, through the region's mail server.

As with answers, a letter is marked before it is handed over: if the process dies then, nobody sends it again.
"""

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, and_, select, update

from cur_tui.reports.order import Format
from cur_tui.reports.writing import MEDIA_TYPES
from regional_api.centre import Centre
from regional_api.clock import seconds, stamp
from regional_api.delivering import mail
from regional_api.delivering.letter import MAX_FILES, Letter, LetterFile, UnsendableError
from regional_api.delivering.outcome import GivenUp, Missed, Outcome, Taken
from regional_api.log import log_event
from regional_api.reporting.settings import ReportSettings
from regional_api.reporting.tables import FAILED, HANDED, REPORT_LETTER, REPORT_RUN, SENT, WAITING

_ATTEMPT: Final = 900
"""Seconds after which an attempt counts as dead: more than any timeout."""


class _NotOursError(Exception):
    """The attempt slept past its time, and another one has the letter."""


def send_next(centre: Centre, settings: ReportSettings, now: datetime) -> bool:
    """Try the letter that is due first; False when none is."""
    with centre.database.writing() as connection:
        row = connection.execute(
            select(REPORT_LETTER, REPORT_RUN.c.files)
            .join(
                REPORT_RUN,
                (REPORT_RUN.c.id == REPORT_LETTER.c.run) & (REPORT_RUN.c.due == REPORT_LETTER.c.due),
            )
            .where(REPORT_LETTER.c.state == WAITING, REPORT_LETTER.c.next_at <= seconds(now))
            .order_by(REPORT_LETTER.c.next_at, REPORT_LETTER.c.id)
            .limit(1)
            .with_for_update(skip_locked=True, of=REPORT_LETTER)
        ).one_or_none()
        if row is None:
            return False
        mine = update(REPORT_LETTER).where(REPORT_LETTER.c.id == row.id)
        connection.execute(mine.values(tries=row.tries + 1, next_at=seconds(now) + _ATTEMPT))
    try:
        outcome = _post(centre, settings, row, now)
    except _NotOursError:
        return True
    with centre.database.writing() as connection:
        _settle(connection, settings, row, outcome, now)
    return True


def _post(centre: Centre, settings: ReportSettings, row: Row[Any], now: datetime) -> Outcome | str:
    """How the attempt ended; a text is the reason why there was none."""
    if settings.email is None or not settings.may_mail(row.recipient):
        return "recipient"
    try:
        contents = {name: Path(settings.folder, name).read_bytes() for name in row.files.split("\n")}
    except OSError:
        return "file_missing"
    if sum(map(len, contents.values())) > MAX_FILES:
        return "files_too_large"
    letter, bodies = _letter(row, contents, now)

    def handing_over() -> None:
        with centre.database.writing() as connection:
            if not _set(connection, row, (WAITING,), state=HANDED):
                raise _NotOursError

    sender = msgspec.structs.replace(settings.email, subject=row.subject)
    try:
        return mail.post(sender, letter, mail.message_of(sender, letter, bodies), handing_over)
    except UnsendableError as error:
        return GivenUp(error.failure)


def _letter(row: Row[Any], contents: dict[str, bytes], now: datetime) -> tuple[Letter, dict[str, bytes]]:
    files, bodies = [], {}
    for name, content in contents.items():
        digest = hashlib.sha256(content).hexdigest()
        format: Format = msgspec.convert(name.rpartition(".")[2], Format)
        files.append(LetterFile(digest, name, len(content), MEDIA_TYPES[format].partition(";")[0]))
        bodies[digest] = content
    letter = Letter(
        delivery=row.id,
        appeal="",
        number="",
        regime="",
        source="",
        kind="report",
        text=row.text,
        digest="",
        outcome=None,
        submitted_at=stamp(now),
        external_ids={},
        post=None,
        files=tuple(files),
        to=row.recipient,
    )
    return letter, bodies


def _settle(
    connection: Connection, settings: ReportSettings, row: Row[Any], outcome: Outcome | str, now: datetime
) -> None:
    match outcome:
        case Taken():
            _set(connection, row, state=SENT, reason=None)
        case Missed(failure=failure, after=after) if row.tries + 1 < settings.tries:
            wait = max(after, settings.first_wait * 2**row.tries)
            _set(connection, row, state=WAITING, next_at=seconds(now) + wait, reason=str(failure.code))
        case Missed(failure=failure) | GivenUp(failure=failure):
            _give_up(connection, row, str(failure.code))
        case str():
            _give_up(connection, row, outcome)


def _give_up(connection: Connection, row: Row[Any], reason: str) -> None:
    if _set(connection, row, state=FAILED, reason=reason):
        log_event("report_not_mailed", report=row.run, reason=reason)


def _set(
    connection: Connection, row: Row[Any], states: tuple[str, ...] = (WAITING, HANDED), **values: object
) -> bool:
    """Change the letter of ``row`` in one of ``states``; False when the attempt is not ours any more."""
    changed = update(REPORT_LETTER).where(_of_attempt(row), REPORT_LETTER.c.state.in_(states))
    return connection.execute(changed.values(**values)).rowcount == 1


def _of_attempt(row: Row[Any]) -> ColumnElement[bool]:
    """The letter of ``row`` in the attempt that began with it."""
    return and_(REPORT_LETTER.c.id == row.id, REPORT_LETTER.c.tries == row.tries + 1)
