"""A region in the schema of every earlier release, as an operator of the server would bring it along."""

from pathlib import Path

import sqlcipher3.dbapi2 as driver

SCHEMAS = Path(__file__).parents[1] / "server" / "schemas"


def as_released(path: Path) -> dict[int, bytes]:
    """The region in ``path`` as a file of each released schema, by the schema's number."""
    return {
        int(script.stem.removeprefix("sqlite-")): _converted(path, script)
        for script in sorted(SCHEMAS.glob("sqlite-*.sql"))
    }


def _converted(path: Path, script: Path) -> bytes:
    schema = script.stem.removeprefix("sqlite-")
    old = path.with_name(f"released-{schema}.db")
    connection = driver.connect(str(old), isolation_level=None)
    connection.executescript(script.read_text(encoding="utf-8"))
    connection.execute("ATTACH ? AS present", (str(path),))
    connection.execute("BEGIN")
    # The search is made anew: what lies in its tables is not for others to copy.
    names = (
        "SELECT name FROM main.sqlite_schema WHERE type='table' AND name NOT LIKE 'search\\_%' ESCAPE '\\'"
    )
    for (table,) in connection.execute(names).fetchall():
        kept = [row[1] for row in connection.execute(f"PRAGMA main.table_info({table})")]
        there = {row[1] for row in connection.execute(f"PRAGMA present.table_info({table})")}
        columns = ", ".join(f'"{name}"' for name in kept if name in there)
        connection.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM present.{table}")
    connection.execute("UPDATE main.meta SET value=? WHERE key='schema'", (schema,))
    connection.execute("DELETE FROM main.meta WHERE key='word_rules'")
    connection.execute("COMMIT")
    connection.close()
    content = old.read_bytes()
    old.unlink()
    return content
