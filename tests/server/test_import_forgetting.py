"""Rows of the quarantine that were settled long ago hold nobody's data any more, and still come only once."""

import json

from sqlalchemy import insert, select

from regional_api.centre import open_centre
from regional_api.clock import now, seconds
from regional_api.database.connections import Database
from regional_api.importing.forgetting import SETTLED_SECONDS
from regional_api.importing.jobs import forget_files
from regional_api.importing.tables import QUARANTINE

CELLS = json.dumps(["К-17", "Ветрова Алла Кузьминична"], ensure_ascii=False).encode()


def test_what_was_settled_long_ago_is_forgotten_and_open_rows_wait(address: str) -> None:
    database = Database(address)
    old, fresh = seconds(now()) - SETTLED_SECONDS - 60, seconds(now()) - SETTLED_SECONDS + 3_600
    row = {"job": "j", "form": "eds", "key": "", "row": 2, "column_name": "", "reason": "bad_date"}
    row |= {"number": "", "cells": CELLS}
    with database.writing() as connection:
        for state in ("mended", "set_aside", "open"):
            for age, at in (("old", old), ("fresh", fresh)):
                told = {"mark": f"{state} {age}", "state": state, "at": at}
                connection.execute(insert(QUARANTINE).values(**row | told))
    forget_files(open_centre(database))
    with database.reading() as connection:
        left = connection.execute(select(QUARANTINE.c.mark, QUARANTINE.c.cells)).all()
    assert {mark: bytes(cells) == CELLS for mark, cells in left} == {
        "mended fresh": True,
        "set_aside old": False,
        "set_aside fresh": True,
        "open old": True,
        "open fresh": True,
    }
    database.close()
