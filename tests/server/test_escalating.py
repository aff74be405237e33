"""Escalation at work on both engines: each alert once, whoever looks, whatever is killed; only while true."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import func, select, update

from cur_tui.contract.row import AppealRow
from cur_tui.domain.evolve import replace as evolve
from cur_tui.domain.model import Appeal
from cur_tui.domain.profile.load import region_to_document
from cur_tui.domain.vocabulary import EscalationEvent
from regional_api.centre import Centre, open_centre
from regional_api.cli.main import main
from regional_api.database.connections import Database
from regional_api.database.lease import Lease
from regional_api.database.store import load
from regional_api.database.tables import APPEAL, REFERENCE
from regional_api.escalating import firing
from regional_api.escalating.following import follow
from regional_api.escalating.rounds import LASTS, LEASE, Rounds
from regional_api.escalating.tables import ESCALATION
from regional_api.record import journal
from regional_api.unit_of_work import unit_of_work
from tests.server.office import Seat, on_both_engines, read_lines, register

MORNING = datetime(2026, 11, 17, 1, 0, tzinfo=UTC)
"""Tuesday, 10:00 in Blagoveshchensk: the messages of the tests come in."""
AFTERNOON = datetime(2026, 11, 17, 6, 0, tzinfo=UTC)
"""15:00: four working hours, without lunch, that nobody distributed them."""


FLAGS = AppealRow.__struct_fields__.index("flags")


@pytest.fixture
def centre(address: str) -> Iterator[Centre]:
    opened = open_centre(Database(address))
    yield opened
    opened.database.close()


def come_in(address: str, amount: int = 1, at: datetime = MORNING, **overrides: Any) -> None:
    register(address, amount, received_at=at, registered_at=at, **overrides)


def appeals(centre: Centre) -> list[Appeal]:
    with centre.database.reading() as connection:
        ids = connection.execute(select(APPEAL.c.id).order_by(APPEAL.c.pk)).scalars().all()
        found = load(connection, ids)
    return [found[id].appeal for id in ids]


def told(centre: Centre) -> list[str]:
    return [alert.rule for appeal in appeals(centre) for alert in appeal.alerts]


def alarms(centre: Centre) -> int:
    with centre.database.reading() as connection:
        return connection.execute(select(func.count()).select_from(ESCALATION)).scalar_one()


@on_both_engines
def test_an_alert_is_told_once_and_goes_with_the_feed(
    address: str, centre: Centre, seat: Callable[..., Seat]
) -> None:
    come_in(address, 2)
    supervisor = seat("su.polev")
    cursor = supervisor.hello()["cursor"]
    rounds = Rounds(centre)
    assert rounds.go(AFTERNOON - timedelta(seconds=1)) == firing.Fired(0, 0)
    assert rounds.go(AFTERNOON) == firing.Fired(2, 2)
    assert rounds.go(AFTERNOON + timedelta(hours=1)) == firing.Fired(0, 0)
    assert told(centre) == ["unassigned", "unassigned"]
    lines = [line for line in read_lines(supervisor.changes(cursor)) if line["_"] == "put"]
    assert {line["row"][FLAGS] for line in lines} == {"escalated"}
    assert [line["doc"]["alerts"][0]["rule"] for line in lines] == ["unassigned", "unassigned"]
    assert journal.verify(centre.database, centre.shard).bad is None
    page = supervisor.http.get("/v1/appeals", params={"query": "escalated", "count": 1}).json()
    assert page["count"] == 2


def test_taking_it_on(address: str, centre: Centre, seat: Callable[..., Seat]) -> None:
    come_in(address)
    Rounds(centre).go(AFTERNOON)
    (appeal,) = appeals(centre)
    operator, supervisor = seat("op.zarechnaya"), seat("su.polev")
    refused = operator.do("acknowledge", appeal.id, appeal.version)
    assert (refused["status"], refused["problem"]["code"]) == ("rejected", "no_alert")
    assert (
        supervisor.do("acknowledge", appeal.id, appeal.version, alert=appeal.alerts[0].id)["status"]
        == "applied"
    )
    (appeal,) = appeals(centre)
    assert appeal.alerts[0].acknowledged_by == "su.polev"
    assert supervisor.http.get("/v1/appeals", params={"query": "escalated"}).json()["items"] == []


def test_what_was_done_meanwhile_is_not_told_of(
    address: str, centre: Centre, seat: Callable[..., Seat]
) -> None:
    come_in(address)
    rounds = Rounds(centre)
    rounds.go(MORNING)
    assert alarms(centre) == 1
    (appeal,) = appeals(centre)
    assert seat("op.zarechnaya").do("assign", appeal.id, 1, authority="amur_utilities")["status"] == "applied"
    # The alarm rings without anybody having followed the feed: what is true now decides.
    assert firing.fire(centre, AFTERNOON) == firing.Fired(1, 0)
    assert told(centre) == []


def test_nobody_is_told_in_the_night(address: str, centre: Centre) -> None:
    friday_evening = datetime(2026, 11, 13, 6, 30, tzinfo=UTC)  # 15:30, an hour and a half before the close
    come_in(address, at=friday_evening)
    rounds = Rounds(centre)
    for hours in range(0, 64, 4):
        assert rounds.go(friday_evening + timedelta(hours=hours)) == firing.Fired(0, 0)
    assert rounds.go(datetime(2026, 11, 16, 2, 30, tzinfo=UTC)) == firing.Fired(1, 1)  # Monday, 11:30


@on_both_engines
def test_many_processes_tell_each_alert_once(address: str, centre: Centre) -> None:
    come_in(address, 12)
    while follow(centre, MORNING):
        pass
    # Without the lease, as if the clocks of all of them differed.
    others = [open_centre(Database(address)) for _ in range(3)]
    threads = [threading.Thread(target=firing.fire, args=(one, AFTERNOON)) for one in [*others, centre]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one in others:
        one.database.close()
    assert told(centre) == ["unassigned"] * 12
    assert journal.verify(centre.database, centre.shard).bad is None


def test_one_process_at_a_time(address: str, centre: Centre) -> None:
    come_in(address)
    another = Lease(centre.database, LEASE)
    assert another.take(MORNING, LASTS)
    rounds = Rounds(centre)
    assert rounds.go(MORNING + timedelta(seconds=LASTS - 1)) is None
    assert rounds.go(MORNING + timedelta(seconds=LASTS)) == firing.Fired(0, 0)
    assert not another.take(MORNING + timedelta(seconds=LASTS), LASTS)
    rounds.leave()
    assert another.take(MORNING + timedelta(seconds=LASTS), LASTS)


_KILLED = """
import os, signal, sys
from datetime import datetime
from regional_api.centre import open_centre
from regional_api.database.connections import Database
from regional_api.escalating import {module}
from regional_api.escalating.rounds import Rounds
def die(*_): os.kill(os.getpid(), signal.SIGKILL)
{module}.{name} = die
Rounds(open_centre(Database(sys.argv[1]))).go(datetime.fromisoformat(sys.argv[2]))
"""


@pytest.mark.parametrize(("module", "name"), [("firing", "_record"), ("following", "write_meta")])
def test_a_killed_process_loses_nothing_and_tells_nothing_twice(
    address: str, centre: Centre, module: str, name: str
) -> None:
    come_in(address, 3)
    program = _KILLED.format(module=module, name=name)
    killed = subprocess.run([sys.executable, "-c", program, address, AFTERNOON.isoformat()], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert told(centre) == []
    rounds = Rounds(centre)
    assert rounds.go(AFTERNOON) is None, "its lease still runs"
    assert rounds.go(AFTERNOON + timedelta(seconds=LASTS)) == firing.Fired(3, 3)
    assert told(centre) == ["unassigned"] * 3


def test_new_rules_go_through_the_open_appeals_again(address: str, centre: Centre) -> None:
    come_in(address)
    assert Rounds(centre).go(MORNING + timedelta(hours=1)) == firing.Fired(0, 0)
    (patient,) = [rule for rule in centre.region.escalation if rule.event is EscalationEvent.UNASSIGNED]
    region = evolve(centre.region, escalation=(evolve(patient, amount=1),))
    document = msgspec.json.encode(region_to_document(region))
    with centre.database.writing() as connection:
        connection.execute(update(REFERENCE).where(REFERENCE.c.kind == "profile").values(doc=document))
    sharper = open_centre(Database(address))
    try:
        assert Rounds(sharper).go(MORNING + timedelta(hours=1, seconds=LASTS)) == firing.Fired(1, 1)
    finally:
        sharper.database.close()


def test_a_deleted_appeal_leaves_no_alarm(address: str, centre: Centre) -> None:
    come_in(address)
    rounds = Rounds(centre)
    rounds.go(MORNING)
    with unit_of_work(centre.database, centre.rulebook) as work:
        (stored,) = load(work.connection, [appeals(centre)[0].id], lock=True).values()
        work.delete(stored)
    assert rounds.go(AFTERNOON) == firing.Fired(1, 0)
    assert alarms(centre) == 0


def test_the_command_line(address: str, centre: Centre, capsys: pytest.CaptureFixture[str]) -> None:
    come_in(address, 2, at=datetime.now(UTC).replace(microsecond=0) - timedelta(days=5))
    command = ["escalate", "run", "--database", address]
    assert main([*command, "--dry-run"]) == 0
    expected = msgspec.json.decode(capsys.readouterr().out)
    assert told(centre) == []
    done = subprocess.run(
        [sys.executable, "-m", "regional_api.cli.main", *command],
        capture_output=True,
        check=True,
        env={**os.environ, "LANG": "C"},
    )
    assert msgspec.json.decode(done.stdout) == expected
    assert len(told(centre)) == expected["alerts"]
