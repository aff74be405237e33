"""A head that was kept elsewhere finds what a chain written anew, with its own head, hides."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from regional_api.centre import Centre, open_centre
from regional_api.cli.main import main
from regional_api.database.connections import Database
from regional_api.database.tables import JOURNAL, JOURNAL_HEAD, JOURNAL_PAYLOAD
from regional_api.record import journal
from regional_api.record.chain import GENESIS, canonical, link
from tests.server.office import on_both_engines, register

Line = dict[str, Any]


@pytest.fixture
def centre(address: str) -> Centre:
    register(address, 4)
    return open_centre(Database(address))


def write_anew(centre: Centre, change: Callable[[list[Line]], Iterable[Line]]) -> None:
    """What somebody does who may write to the whole database: a chain that holds, and its head."""
    with centre.database.writing() as connection:
        lines = [dict(row._mapping) for row in connection.execute(select(JOURNAL).order_by(JOURNAL.c.n))]
        data = {row.n: row.data for row in connection.execute(select(JOURNAL_PAYLOAD))}
        previous, written, payloads = GENESIS, [], []
        for n, line in enumerate(change(lines), start=1):
            payloads.append({"n": n, "data": data[line["n"]]})
            said = canonical({name: line[name] for name in journal.CHAINED} | {"n": n})
            hash = link(previous, said)
            written.append({**line, "n": n, "prev": previous, "hash": hash})
            previous = hash
        connection.execute(delete(JOURNAL))
        connection.execute(delete(JOURNAL_PAYLOAD))
        connection.execute(insert(JOURNAL), written)
        connection.execute(insert(JOURNAL_PAYLOAD), payloads)
        connection.execute(update(JOURNAL_HEAD).values(n=len(written), hash=previous))


def edited(lines: list[Line]) -> Iterable[Line]:
    return [{**line, "account": "su.polev"} if line["n"] == 6 else line for line in lines]


def removed(lines: list[Line]) -> Iterable[Line]:
    return [line for line in lines if line["n"] != 6]


def reordered(lines: list[Line]) -> Iterable[Line]:
    return [*lines[:5], lines[6], lines[5], *lines[7:]]


def cut(lines: list[Line]) -> Iterable[Line]:
    return lines[:-1]


def filled_up(lines: list[Line]) -> Iterable[Line]:
    """A line taken out and another put at the end, so that even the count is right."""
    return [*(line for line in lines if line["n"] != 6), lines[5]]


CHANGES = {edited: "kept", removed: "cut", reordered: "kept", cut: "cut", filled_up: "kept"}


@on_both_engines
def test_a_chain_written_anew_is_found_by_the_kept_head(centre: Centre) -> None:
    kept = journal.head_of(centre.database, centre.shard)
    honest = JOURNAL, JOURNAL_PAYLOAD, JOURNAL_HEAD
    with centre.database.reading() as connection:
        rows = [[dict(row._mapping) for row in connection.execute(select(table))] for table in honest]
    for change, reason in CHANGES.items():
        assert journal.verify(centre.database, centre.shard, kept).ok
        write_anew(centre, change)
        assert journal.verify(centre.database, centre.shard).ok, "by itself such a chain is whole"
        assert journal.verify(centre.database, centre.shard, kept).reason == reason, change
        with centre.database.writing() as connection:
            for table, before in zip(honest, rows, strict=True):
                connection.execute(delete(table))
                connection.execute(insert(table), before)


def test_the_head_is_printed_kept_and_given_back(
    address: str, centre: Centre, capsys: pytest.CaptureFixture[str]
) -> None:
    def say(*arguments: str) -> tuple[int, str]:
        return main(["journal", *arguments, "--database", address]), capsys.readouterr().out

    code, kept = say("head")
    assert (code, kept.count(":")) == (0, 1)
    register(address, 2)
    assert say("verify", "--head", kept)[0] == 0
    write_anew(centre, edited)
    assert say("verify")[0] == 0
    assert say("verify", "--head", kept)[0] == 1
    assert main(["journal", "verify", "--head", "12", "--database", address]) == 1
