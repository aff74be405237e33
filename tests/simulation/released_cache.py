"""A cache set back to the form in which a released program left it, as the present one finds it."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from cur_tui.contract.packing import unpack
from storage.database.connection import Connection, connect
from storage.database.schema import SCOPES
from storage.search.search_state import SEARCH_RULES
from storage.writing.core import LEFTOVERS, SERVER_DSEQ
from tests.storage.conftest import KEY

_SCHEMAS = Path(__file__).parents[1] / "storage" / "schemas"
_NAME = re.compile(r"CREATE (?:VIRTUAL |UNIQUE )?(?:TABLE|INDEX) ['\"]?(\w+)")
_UNKNOWN = {
    1: (SCOPES, SEARCH_RULES, LEFTOVERS, SERVER_DSEQ),
    2: (SCOPES, SERVER_DSEQ),
    3: (SCOPES, SERVER_DSEQ),
    4: (SERVER_DSEQ,),
}
"""The values of the synchronisation's state that a program with a schema never wrote."""
_UNPACKED = 1
"""The newest schema whose programs kept documents as plain JSON."""

RELEASES = tuple(sorted(_UNKNOWN))
"""The schemas that an earlier program may have left."""


def set_back(path: Path, schema: int) -> None:
    """Give the closed cache in ``path`` the form of ``schema``. All that this form can hold stays in it."""
    connection = connect(path, KEY, writer=True)
    connection.execute("BEGIN IMMEDIATE")
    wanted = _released(schema)
    for kind in ("index", "table"):
        for name, sql in _there(connection, kind).items():
            if wanted.get(name) == sql or not _exists(connection, name):
                continue
            if kind == "index":
                connection.execute(f"DROP INDEX {name}")
            else:
                _set_table_back(connection, name, wanted.get(name))
    there = _all(connection)
    for name, sql in wanted.items():
        if name not in there:
            connection.execute(sql)
    connection.executemany("DELETE FROM sync_state WHERE k=?", [(key,) for key in _UNKNOWN[schema]])
    if schema <= _UNPACKED:
        _unpack(connection)
    connection.execute(f"PRAGMA user_version={schema}")
    assert _all(connection) == wanted
    connection.execute("COMMIT")
    connection.close()


def _set_table_back(connection: Connection, name: str, sql: str | None) -> None:
    if sql is None:
        connection.execute(f"DROP TABLE {name}")
        return
    connection.execute(f"ALTER TABLE {name} RENAME TO former")
    connection.execute(sql)
    columns = _columns(connection, name) & _columns(connection, "former")
    names = ", ".join(f'"{column}"' for column in sorted(columns))
    connection.execute(f"INSERT INTO {name} ({names}) SELECT {names} FROM former")
    connection.execute("DROP TABLE former")


def _unpack(connection: Connection) -> None:
    for table in ("appeal_doc", "shadow"):
        rows = connection.execute(f"SELECT pk, doc FROM {table}").fetchall()
        connection.executemany(
            f"UPDATE {table} SET doc=? WHERE pk=?", [(unpack(bytes(doc)), pk) for pk, doc in rows]
        )


def _columns(connection: Connection, table: str) -> set[str]:
    return {str(row[1]) for row in connection.execute(f"PRAGMA table_info({table})")}


def _exists(connection: Connection, name: str) -> bool:
    """Whether it is still there: the tables inside an index go with it."""
    return connection.execute("SELECT 1 FROM sqlite_schema WHERE name=?", (name,)).fetchone() is not None


def _there(connection: Connection, kind: str) -> dict[str, str]:
    # Virtual tables first, which take their inner tables along.
    rows = connection.execute(
        "SELECT name, sql FROM sqlite_schema WHERE type=? AND sql IS NOT NULL "
        "AND name NOT LIKE 'sqlite_stat%' ORDER BY sql NOT LIKE 'CREATE VIRTUAL%'",
        (kind,),
    ).fetchall()
    return {str(name): str(sql).strip() for name, sql in rows}


def _all(connection: Connection) -> dict[str, str]:
    return _there(connection, "table") | _there(connection, "index")


@cache
def _released(schema: int) -> dict[str, str]:
    script = (_SCHEMAS / f"{schema}.sql").read_text(encoding="utf-8")
    found: dict[str, str] = {}
    for statement in script.strip().removesuffix(";").split(";\n\n"):
        named = _NAME.match(statement)
        assert named is not None, statement
        found[named[1]] = statement
    return found
