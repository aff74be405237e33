"""What left long ago is forgotten day by day, and nothing that is still needed."""

from typing import Any

from sqlalchemy import Connection, Table, insert, select

from regional_api.centre import open_centre
from regional_api.clock import now, seconds
from regional_api.database.connections import Database
from regional_api.escalating.forgetting import KEPT_SECONDS, forget_messages
from regional_api.escalating.tables import ALERT_MESSAGE
from regional_api.reporting.forgetting import forget_runs
from regional_api.reporting.tables import REPORT_LETTER, REPORT_RUN
from tests.server.office import on_both_engines


def put(connection: Connection, table: Table, *rows: dict[str, Any]) -> None:
    blank = {column.name: None if column.nullable else "" for column in table.columns}
    numbers = {
        column.name: 0 for column in table.columns if column.name in ("tries", "due", "until", "next_at")
    }
    connection.execute(insert(table), [{**blank, **numbers, **row} for row in rows])


@on_both_engines
def test_what_left_long_ago_is_forgotten(address: str) -> None:
    old, new = seconds(now()) - KEPT_SECONDS - 60, seconds(now()) - KEPT_SECONDS + 600
    database = Database(address)
    centre = open_centre(database)
    with database.writing() as connection:
        put(
            connection,
            ALERT_MESSAGE,
            {"id": "sent", "state": "sent", "next_at": old},
            {"id": "withdrawn", "state": "withdrawn", "next_at": old},
            {"id": "waits", "state": "waiting", "next_at": old},
            {"id": "lately", "state": "sent", "next_at": new},
        )
        put(
            connection,
            REPORT_RUN,
            {"id": "weekly", "due": old - 60, "state": "done"},
            {"id": "weekly", "due": old - 50, "state": "failed"},
            {"id": "weekly", "due": old, "state": "done"},
            {"id": "daily", "due": old, "state": "done"},
            {"id": "daily", "due": old + 1, "state": "done"},
            {"id": "daily", "due": new, "state": "done"},
        )
        put(
            connection,
            REPORT_LETTER,
            {"id": "gone", "run": "weekly", "due": old - 60, "state": "sent"},
            {"id": "stays", "run": "daily", "due": old, "state": "waiting"},
            {"id": "fresh", "run": "daily", "due": new, "state": "sent"},
        )
    forget_messages(centre)
    forget_runs(centre)
    with database.reading() as connection:
        messages = set(connection.execute(select(ALERT_MESSAGE.c.id)).scalars())
        runs = {tuple(row) for row in connection.execute(select(REPORT_RUN.c.id, REPORT_RUN.c.due))}
        letters = set(connection.execute(select(REPORT_LETTER.c.id)).scalars())
    database.close()
    assert messages == {"waits", "lately"}
    assert runs == {("weekly", old), ("daily", old), ("daily", new)}, (
        "the last of each, and one whose letter waits"
    )
    assert letters == {"stays", "fresh"}
