"""Connections to PostgreSQL that have died meanwhile are made anew before anybody needs them."""

import pytest
from sqlalchemy import text

from regional_api.database import connections as module
from regional_api.database.connections import Database
from tests.postgres import Cluster

_END = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
_BACKEND = text("SELECT pg_backend_pid()")


def test_a_connection_that_has_died_is_replaced(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_TRUSTED", -1.0)  # as if every use were long ago
    name = cluster.create()
    ours, theirs = Database(cluster.url(name)), Database(cluster.url(name))
    with ours.reading() as connection:
        before = connection.execute(_BACKEND).scalar_one()
    with theirs.reading() as connection:
        connection.execute(_END)
    with ours.reading() as connection:
        assert connection.execute(_BACKEND).scalar_one() != before
    with theirs.reading() as connection:
        connection.execute(_END)
    with ours.writing() as connection:
        connection.execute(text("CREATE TABLE kept (n int)"))
    with theirs.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM kept")).scalar_one() == 0
    ours.close()
    theirs.close()
    cluster.drop(name)
