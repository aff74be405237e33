"""The journal holds, and says which line does not."""

from collections.abc import Callable

import pytest
from sqlalchemy import Table, delete, select, update

from regional_api.centre import Centre, open_centre
from regional_api.database.connections import Database
from regional_api.database.tables import JOURNAL, JOURNAL_HEAD, JOURNAL_PAYLOAD
from regional_api.record import journal
from regional_api.record.chain import GENESIS, canonical, link_of_old
from regional_api.routes import journal as pages
from tests.server.office import Seat, on_both_engines, register

Take = Callable[..., Seat]


@pytest.fixture
def centre(address: str) -> Centre:
    register(address, 4)
    return open_centre(Database(address))


@on_both_engines
def test_commands_are_journaled_with_their_versions(centre: Centre, seat: Take) -> None:
    operator, supervisor = seat(), seat("su.polev")
    appeal = next(line for line in operator.snapshot() if line["_"] == "put")["row"][0]
    operator.do("note", appeal, 1, text="Первое")
    operator.do("approve", appeal, 1, answer="x", digest="y")
    lines = supervisor.http.get("/v1/journal", params={"limit": 500}).json()["items"]
    last = lines[-1]
    assert (last["type"], last["before"], last["after"], last["appeal"]) == ("note", 1, 2, appeal)
    assert (last["account"], last["role"], last["device_at"]) == (
        "op.zarechnaya",
        "block_operator",
        "2026-03-18T03:00:00.000Z",
    )
    assert last["payload"] == {"text": "Первое"}
    assert [line["n"] for line in lines] == list(range(1, len(lines) + 1))
    verdict = supervisor.http.get("/v1/journal/verify").json()
    assert (verdict["ok"], verdict["entries"], verdict["bad"]) == (True, len(lines), None)


def test_pages_of_the_journal_follow_each_other(
    centre: Centre, seat: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    supervisor = seat("su.polev")
    whole = list(range(1, journal.verify(centre.database, centre.shard).entries + 1))
    for room, most in ((pages._MAX_PAYLOADS, 5), (300, 2)):
        monkeypatch.setattr(pages, "_MAX_PAYLOADS", room)
        seen, lengths = [], []
        after: int | None = 0
        while after is not None:
            page = supervisor.http.get("/v1/journal", params={"after": after, "limit": 5}).json()
            lengths.append(len(page["items"]))
            seen += [line["n"] for line in page["items"]]
            after = page["next"]
        assert seen == whole
        assert max(lengths) == most, "a page ends at so many bytes, and never before its first line"


def _alter(table: Table, n: int, **values: object) -> Callable[[Centre], None]:
    def act(centre: Centre) -> None:
        with centre.database.writing() as connection:
            connection.execute(update(table).where(table.c.n == n).values(**values))

    return act


def _swap(centre: Centre) -> None:
    with centre.database.writing() as connection:
        for old, new in ((6, 100), (7, 6), (100, 7)):
            connection.execute(update(JOURNAL).where(JOURNAL.c.n == old).values(n=new))


def _cut(n: int) -> Callable[[Centre], None]:
    def act(centre: Centre) -> None:
        with centre.database.writing() as connection:
            connection.execute(delete(JOURNAL).where(JOURNAL.c.n >= n))

    return act


def _remove(n: int) -> Callable[[Centre], None]:
    def act(centre: Centre) -> None:
        with centre.database.writing() as connection:
            connection.execute(delete(JOURNAL).where(JOURNAL.c.n == n))

    return act


def _rewrite_all(centre: Centre) -> None:
    """Cut the end off and move the chain's own head back: only a later line's absence tells."""
    with centre.database.writing() as connection:
        hash = connection.execute(select(JOURNAL.c.hash).where(JOURNAL.c.n == 5)).scalar_one()
        connection.execute(update(JOURNAL_HEAD).values(hash=hash))
        connection.execute(delete(JOURNAL).where(JOURNAL.c.n > 5))


@pytest.mark.parametrize(
    ("tamper", "line", "reason"),
    [
        (_alter(JOURNAL, 6, account="su.polev"), 6, "altered"),
        (_alter(JOURNAL, 6, hash="0" * 64), 6, "altered"),
        (_alter(JOURNAL, 6, prev="0" * 64), 6, "order"),
        (_alter(JOURNAL_PAYLOAD, 6, data=b"{}"), 6, "payload"),
        (_swap, 6, "order"),
        (_remove(6), 6, "missing"),
        (_remove(1), 1, "missing"),
        (_cut(8), 8, "missing"),
        (_rewrite_all, 6, "missing"),
    ],
    ids=["value", "hash", "prev", "payload", "swap", "remove", "first", "cut", "head"],
)
def test_tampering_is_found_at_its_line(
    centre: Centre, tamper: Callable[[Centre], None], line: int, reason: str
) -> None:
    assert journal.verify(centre.database, centre.shard).ok
    tamper(centre)
    verdict = journal.verify(centre.database, centre.shard)
    assert (verdict.bad, verdict.reason) == (line, reason)


@on_both_engines
def test_payload_that_is_gone_is_noticed(centre: Centre) -> None:
    with centre.database.writing() as connection:
        connection.execute(delete(JOURNAL_PAYLOAD).where(JOURNAL_PAYLOAD.c.n == 6))
    verdict = journal.verify(centre.database, centre.shard)
    assert (verdict.bad, verdict.reason) == (6, "payload")


def test_lines_of_the_first_form_are_taken_beside_those_of_today(centre: Centre, seat: Take) -> None:
    """A region that is older than the digest in between has lines of both forms."""
    with centre.database.writing() as connection:
        previous = GENESIS
        for row in connection.execute(select(JOURNAL).order_by(JOURNAL.c.n)).all():
            said = canonical({name: row._mapping[name] for name in journal.CHAINED})
            hash = link_of_old(previous, said)
            connection.execute(update(JOURNAL).where(JOURNAL.c.n == row.n).values(prev=previous, hash=hash))
            previous = hash
        connection.execute(update(JOURNAL_HEAD).values(hash=previous))
    before = journal.head_of(centre.database, centre.shard)
    operator = seat()
    appeal = next(line for line in operator.snapshot() if line["_"] == "put")["row"][0]
    operator.do("note", appeal, 1, text="Новая строка")
    verdict = journal.verify(centre.database, centre.shard, before)
    assert (verdict.ok, verdict.entries > before.n) == (True, True)
    _alter(JOURNAL, 6, account="su.polev")(centre)
    assert journal.verify(centre.database, centre.shard).bad == 6
