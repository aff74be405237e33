"""Rows of the failure matrix in which the clocks, two people or the whole region are at fault."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from uuid6 import uuid7

import regional_api.clock
from cur_tui.domain.commands import Assign, ClaimAppeal, SubmitAnswer
from cur_tui.domain.evolve import replace
from cur_tui.domain.refusal import Refused
from cur_tui.domain.vocabulary import AnswerStatus, Outcome
from cur_tui.sync.clock import ServerClock
from regional_api.database.epoch import settle_epoch
from regional_api.database.store import load
from regional_api.unit_of_work import unit_of_work
from tests.sync.office import Desk, Region, region_in

ANSWER = "Здравствуйте! Бригада заменила участок трубы, вода подана. {}"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[tuple[Region, Desk, Desk]]:
    """A region of its own with an operator and a supervisor who have read everything."""
    with region_in(tmp_path) as region:
        region.register(3)
        desks = [region.desk(tmp_path / f"{name}.db", name) for name in ("operator", "supervisor")]
        for desk in desks:
            desk.load()
        yield region, desks[0], desks[1]
        for desk in desks:
            desk.close()


def first(region: Region) -> str:
    return min(region.appeals())


def answer(text: str) -> SubmitAnswer:
    return SubmitAnswer(str(uuid7()), ANSWER.format(text), outcome=Outcome.EXPLAINED)


def set_server_clock(patch: pytest.MonkeyPatch, ahead: timedelta) -> None:
    wrong = SimpleNamespace(now=lambda zone: datetime.now(zone) + ahead)
    patch.setattr(regional_api.clock, "datetime", wrong)


@pytest.mark.failure(16)
def test_an_appeal_that_is_deleted_while_it_is_worked_on(office: tuple[Region, Desk, Desk]) -> None:
    region, desk, _ = office
    appeal = first(region)
    desk.note(appeal, "написано по удалённому")
    with unit_of_work(region.database, region.rulebook) as work:
        work.delete(load(work.connection, [appeal])[appeal])
    desk.sync()
    assert desk.cache.reader.appeal(appeal) is None
    [unsent] = desk.cache.reader.unsent()
    assert (unsent.code, unsent.text) == ("not_found", "написано по удалённому")
    assert desk.cache.reader.outbox() == []


@pytest.mark.failure(21)
def test_a_backup_that_is_restored_twice_is_another_region_each_time(tmp_path: Path) -> None:
    """Between the two nothing is shown beyond its numbers: they alone would not tell."""
    with region_in(tmp_path) as region:
        region.register(2)
        region.stop()
        region.database.close()
        backup = tmp_path / "backup.db"
        shutil.copy(region.path, backup)
        epochs = [settle_epoch(region.database, "amur")[0]]
        region.register(1)
        region.start()
        desk = region.desk(tmp_path / "a.db", "supervisor")
        desk.load()
        desk.close()
        for _ in range(2):
            region.stop()
            region.database.close()
            for leftover in tmp_path.glob("region.db-*"):
                leftover.unlink()
            shutil.copy(backup, region.path)
            epochs.append(settle_epoch(region.database, "amur")[0])
            assert settle_epoch(region.database, "amur")[0] == epochs[-1], "an ordinary start changes nothing"
        assert len(set(epochs)) == 3


@pytest.mark.failure(21)
def test_what_only_an_answer_to_a_command_has_shown_counts_as_shown(tmp_path: Path) -> None:
    with region_in(tmp_path) as region:
        region.register(2)
        desk = region.desk(tmp_path / "a.db", "supervisor")
        desk.load()
        region.stop()
        region.database.close()
        shutil.copy(region.path, tmp_path / "backup.db")
        region.start()
        desk.note(first(region), "после копии")
        desk.push()
        desk.close()
        region.stop()
        region.database.close()
        epoch = settle_epoch(region.database, "amur")[0]
        region.database.close()
        for name in ("region.db-wal", "region.db-shm"):
            (tmp_path / name).unlink(missing_ok=True)
        shutil.copy(tmp_path / "backup.db", region.path)
        assert settle_epoch(region.database, "amur")[0] != epoch


@pytest.mark.failure(25)
@pytest.mark.parametrize("days", [-1, 1])
def test_a_workstation_whose_clock_is_a_day_wrong(office: tuple[Region, Desk, Desk], days: int) -> None:
    region, desk, other = office
    desk.clock = ServerClock(lambda: datetime.now(UTC) + timedelta(days=days))
    desk.restart()
    appeal = first(region)
    other.note(appeal, "первая")
    other.push()
    desk.load()
    desk.do(appeal, ClaimAppeal())
    desk.note(appeal, "вторая")
    desk.push()
    assert desk.clock.is_skewed
    assert [note.text for note in region.appeal(appeal).notes] == ["первая", "вторая"]
    claim = region.appeal(appeal).claim
    assert claim is not None
    assert abs(claim.until - datetime.now(UTC) - timedelta(minutes=15)) < timedelta(minutes=1)
    assert abs(desk.clock.now() - datetime.now(UTC)) < timedelta(minutes=1)


@pytest.mark.failure(26)
@pytest.mark.parametrize("hours", [-3, 3])
def test_a_server_whose_clock_is_set(
    office: tuple[Region, Desk, Desk], monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    """Numbers go on, nothing is missed, and the claim has one holder: the lease ends by the new clock."""
    region, desk, other = office
    appeal = first(region)
    desk.do(appeal, ClaimAppeal())
    desk.sync()
    set_server_clock(monkeypatch, timedelta(hours=hours))
    region.expire_tokens()
    other.sync()
    other.note(appeal, "после перевода часов")
    if hours < 0:
        with pytest.raises(Refused, match="claimed_by_other"):
            other.do(appeal, ClaimAppeal())
    else:
        other.do(appeal, ClaimAppeal())
    for one in (other, desk, other):
        one.sync()
    claim = region.appeal(appeal).claim
    assert claim is not None
    assert claim.holder == ("operator" if hours < 0 else "supervisor")
    assert desk.shown() == other.shown() == region.appeals()


@pytest.mark.failure(28)
def test_an_answer_written_offline_beyond_the_claim(
    office: tuple[Region, Desk, Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    region, desk, other = office
    appeal = first(region)
    desk.do(appeal, Assign("amur_utilities"))
    desk.do(appeal, ClaimAppeal())
    desk.sync()
    desk.do(appeal, answer("Написано без сети."))
    set_server_clock(monkeypatch, timedelta(minutes=20))
    region.expire_tokens()
    other.sync()
    other.do(appeal, answer("Отвечено раньше."))
    other.push()
    desk.sync()
    [unsent] = desk.cache.reader.unsent()
    assert unsent.code == "version_conflict"
    assert (unsent.params["by"], unsent.params["what"]) == ("Некто supervisor", "submit")
    assert datetime.fromisoformat(unsent.params["at"]) > datetime.now(UTC)
    draft = desk.cache.reader.draft(appeal)
    assert draft is not None
    assert draft.text == unsent.text == ANSWER.format("Написано без сети.")
    assert [one.text for one in region.appeal(appeal).answers] == [ANSWER.format("Отвечено раньше.")]


@pytest.mark.failure(29)
def test_one_person_answers_from_two_workstations(office: tuple[Region, Desk, Desk], tmp_path: Path) -> None:
    region, desk, _ = office
    laptop = Desk(region, tmp_path / "laptop.db", "operator")
    laptop.sign_in()
    laptop.load()
    appeal = first(region)
    desk.do(appeal, Assign("amur_utilities"))
    desk.sync()
    laptop.sync()
    for one in (desk, laptop):
        one.do(appeal, answer(f"С машины {one.path.stem}."))
    for one in (desk, laptop, desk):
        one.sync()
    [kept] = region.appeal(appeal).answers
    assert (kept.text, kept.status) == (ANSWER.format("С машины operator."), AnswerStatus.SUBMITTED)
    assert [entry.text for entry in laptop.cache.reader.unsent()] == [ANSWER.format("С машины laptop.")]
    assert laptop.cache.reader.outbox() == []
    laptop.close()


@pytest.mark.failure(35)
def test_a_change_of_everything_comes_once_in_pages(office: tuple[Region, Desk, Desk]) -> None:
    region, desk, _ = office
    region.register(240)
    desk.sync()
    for _ in range(3):
        for ids in (sorted(region.appeals())[n : n + 40] for n in range(0, 243, 40)):
            with unit_of_work(region.database, region.rulebook) as work:
                for stored in load(work.connection, ids, lock=True).values():
                    work.change(stored, replace(stored.appeal, version=stored.appeal.version + 1))
    desk.engine._changes_size.lines = 60
    pages = []
    while (pulled := desk.engine.pull_once()).more:
        pages.append(pulled.lines)
    pages.append(pulled.lines)
    assert sum(pages) == 243, "three changes of a record are one line"
    assert len(pages) > 1
    assert desk.shown() == region.appeals()
