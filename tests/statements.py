"""What all databases of a test process share, because making it anew proves nothing: compiled statements.

Each test has databases of its own, and SQLAlchemy writes the SQL of every statement anew for every one of
them, which costs as much as all that such a small database does with it.
"""

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any, Final

import sqlalchemy
from sqlalchemy.util import LRUCache

_MAKERS: Final = ("_sqlite_engine", "_postgres_engine")
_MOST: Final = 5_000
"""More statements than the suite has."""


def share_statements() -> None:
    """Databases of the server that this process opens from now on share them, if it has loaded the server."""
    connections = sys.modules.get("regional_api.database.connections")
    if connections is not None:
        for name in _MAKERS:
            setattr(connections, name, _sharing(getattr(connections, name)))


def _sharing(make: Callable[..., sqlalchemy.Engine]) -> Callable[..., sqlalchemy.Engine]:
    first: list[sqlalchemy.Engine] = []

    @wraps(make)
    def made(*arguments: Any, **named: Any) -> sqlalchemy.Engine:
        engine = make(*arguments, **named)
        if not first:
            engine._compiled_cache = LRUCache(_MOST)
            first.append(engine)
        # A dialect knows the version of its engine since its first connection.
        elif getattr(first[0].dialect, "server_version_info", None):
            engine._compiled_cache = first[0]._compiled_cache
            engine.dialect = engine.pool._dialect = first[0].dialect
        return engine

    return made
