"""Statements that are all made alike, as text: the writer prepares them on the driver's own connection."""

from collections.abc import Sequence


def insert(table: str, columns: Sequence[str]) -> str:
    """A new row."""
    marks = ",".join("?" * len(columns))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608


def upsert(table: str, columns: Sequence[str], key: Sequence[str], *, kept: Sequence[str] = ()) -> str:
    """A new row, or other values for the row with its ``key``; the columns ``kept`` then stay as they are."""
    changed = (f"{name}=excluded.{name}" for name in columns if name not in (*key, *kept))
    return f"{insert(table, columns)} ON CONFLICT ({', '.join(key)}) DO UPDATE SET {', '.join(changed)}"
