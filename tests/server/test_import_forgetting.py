"""Rows of the quarantine that were settled long ago hold nobody's data any more, and still come only once;
those that nobody ever mended go with the shortest term for which the region keeps appeals.
"""

import json
from collections.abc import Mapping
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, select

from cur_tui.domain.privacy.retention import newest_expired
from regional_api.centre import open_centre
from regional_api.cli.main import main
from regional_api.clock import now, seconds
from regional_api.database.connections import Database
from regional_api.database.tables import JOURNAL, JOURNAL_PAYLOAD
from regional_api.importing.forgetting import SETTLED_SECONDS
from regional_api.importing.jobs import forget_files
from regional_api.importing.tables import IMPORT_JOB, QUARANTINE

CELLS = json.dumps(["К-17", "Ветрова Алла Кузьминична"], ensure_ascii=False).encode()


def keep(database: Database, rows: Mapping[str, tuple[str, int]]) -> None:
    """Rows without a key by their marks, each with its state and the second in which it came."""
    job: dict[str, object] = {"id": "j", "account": "su.polev", "role": "supervisor", "name": "заявки.csv"}
    job |= {"sha256": "ab" * 32, "state": "done", "options": b"{}", "form": "eds", "beat": 0, "at": 0}
    job |= dict.fromkeys(("size", "received", "rows_read", "settled", "total", "tries", "cancel"), 0)
    row = {"job": "j", "form": "eds", "key": "", "row": 2, "column_name": "", "reason": "bad_date"}
    row |= {"number": "", "cells": CELLS}
    with database.writing() as connection:
        connection.execute(insert(IMPORT_JOB).values(**job))
        for mark, (state, at) in rows.items():
            connection.execute(insert(QUARANTINE).values(**row, mark=mark, state=state, at=at))


def left(database: Database) -> dict[str, bool]:
    """The marks of the rows that are there, and whether each still has its cells."""
    with database.reading() as connection:
        rows = connection.execute(select(QUARANTINE.c.mark, QUARANTINE.c.cells)).all()
    return {mark: bytes(cells) == CELLS for mark, cells in rows}


def test_what_was_settled_long_ago_is_forgotten_and_open_rows_wait(address: str) -> None:
    database = Database(address)
    old, fresh = seconds(now()) - SETTLED_SECONDS - 60, seconds(now()) - SETTLED_SECONDS + 3_600
    states = ("mended", "set_aside", "open")
    rows = {f"{state} old": (state, old) for state in states}
    keep(database, rows | {f"{state} fresh": (state, fresh) for state in states})
    forget_files(open_centre(database))
    assert left(database) == {
        "mended old": False,
        "mended fresh": True,
        "set_aside old": False,
        "set_aside fresh": True,
        "open old": True,
        "open fresh": True,
    }
    database.close()


def test_what_nobody_has_mended_goes_with_the_shortest_term(
    address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    database = Database(address)
    region = open_centre(database).region
    limit = newest_expired(now().astimezone(ZoneInfo(region.time_zone)).date(), region)
    assert limit is not None
    at = seconds(limit)
    keep(database, {"over": ("open", at - 1), "kept": ("open", at), "settled": ("set_aside", at - 1)})
    assert main(["retention", "run", "--dry-run", "--database", address]) == 0
    assert json.loads(capsys.readouterr().out)["quarantine"] == 1
    assert left(database) == {"over": True, "kept": True, "settled": True}

    assert main(["retention", "run", "--database", address]) == 0
    assert left(database) == {"kept": True, "settled": True}
    with database.reading() as connection:
        lines = select(JOURNAL_PAYLOAD.c.data).join(JOURNAL, JOURNAL.c.n == JOURNAL_PAYLOAD.c.n)
        [payload] = connection.execute(lines.where(JOURNAL.c.type == "forget_rows")).scalars()
    facts = json.loads(bytes(payload))
    assert (facts["source"], facts["file_sha256"], facts["rows"]) == ("eds", "ab" * 32, 1)
    assert main(["journal", "verify", "--database", address]) == 0
    database.close()
