"""One appeal as a reader may see it: what is not there and what may not be seen are one answer."""

from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, select

from cur_tui.contract.wire import Put
from regional_api.database.store import put_columns, put_of
from regional_api.database.tables import APPEAL
from regional_api.identity.callers import Scope


def read_visible(connection: Connection, scope: Scope, id: str) -> Put | None:
    """The appeal ``id`` as a line of the feed; None when there is none within ``scope``."""
    row = connection.execute(_statement(scope), {"id": id}).one_or_none()
    return None if row is None else put_of(row, scope.personal_data)


@lru_cache(maxsize=256)
def _statement(scope: Scope) -> Select[Any]:
    """Written once for each scope: writing it costs several times what it takes to run."""
    return select(*put_columns(scope.personal_data)).where(APPEAL.c.id == bindparam("id"), scope.where())
