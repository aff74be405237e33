"""Personal data by need, from the server to the cache: opened for a moment, erased for good."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from cur_tui.domain.commands import Reject
from cur_tui.domain.intake import Incoming
from cur_tui.domain.model import NO_APPLICANT, Applicant
from cur_tui.domain.refusal import Refused
from cur_tui.domain.vocabulary import Regime, RejectionReason, Role, Source
from cur_tui.services.exchange.exchange import Exchange
from cur_tui.sync.faults import NoContact, ServerProblem
from regional_api.appeals.intake import Original
from regional_api.database.tables import ACCOUNT
from regional_api.record.erasing import erase
from tests.sync.office import Desk, Region, region_in

WHO = Applicant(name="Ветрова Алла Кузьминична", phone="+7 000 000-00-01")
TEXT = "Я, Ветрова Алла, прошу: нет воды. Звоните +7 000 000-00-01."


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Region]:
    """A region with a curator, who sees personal data by need."""
    with region_in(tmp_path_factory.mktemp("need")) as region:
        region.hire("curator", Role.CURATOR, "*")
        yield region


@pytest.fixture
def appeal(office: Region) -> str:
    """A new appeal whose author stands in its text."""
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5)
    before = set(office.appeals())
    incoming = Incoming(
        regime=Regime.OPEN_SOURCE,
        source=Source.SOCIAL,
        text=TEXT,
        received_at=at,
        registered_at=at,
        applicant=WHO,
        block="utilities",
    )
    list(office.intake.register([(incoming, Original(TEXT.encode()))]))
    (id,) = set(office.appeals()) - before
    return id


def _kept(desk: Desk, appeal: str) -> tuple[str, Applicant]:
    kept = desk.cache.reader.appeal(appeal)
    assert kept is not None
    return kept.text, kept.applicant


def test_what_is_opened_for_a_reason_does_not_stay_in_the_cache(
    office: Region, appeal: str, tmp_path: Path
) -> None:
    desk = office.desk(tmp_path / "curator.db", "curator")
    desk.load()
    shown, author = _kept(desk, appeal)
    assert ("Ветров" in shown, "000-00-01" in shown, "нет воды" in shown) == (False, False, True)
    assert author == NO_APPLICANT
    opened = desk.engine.disclose(appeal, "Личный приём")
    assert (opened.text, opened.applicant) == (TEXT, WHO)
    assert _kept(desk, appeal) == (shown, NO_APPLICANT)
    with pytest.raises(ServerProblem, match="empty_field"):
        desk.engine.disclose(appeal, " ")
    desk.close()


def test_nothing_is_opened_without_contact(office: Region, appeal: str, tmp_path: Path) -> None:
    desk = office.desk(tmp_path / "curator.db", "curator")
    desk.load()
    office.stop()
    try:
        with pytest.raises(NoContact):
            desk.engine.disclose(appeal, "Личный приём")
        with pytest.raises(Refused, match="disclosure_needs_contact"):
            Exchange().disclose(appeal, "Личный приём")
    finally:
        office.start()
        desk.close()


def test_erasure_reaches_the_cache_and_its_search(office: Region, appeal: str, tmp_path: Path) -> None:
    desk = office.desk(tmp_path / "operator.db", "operator")
    desk.load()
    assert _kept(desk, appeal) == (TEXT, WHO)
    desk.do(appeal, Reject(RejectionReason.ADVERTISING_LINKS))
    desk.push()
    desk.pull()
    assert erase(office.centre, [appeal], "Решение 12-р") == 1
    desk.pull()
    assert _kept(desk, appeal) == ("", NO_APPLICANT)
    kept = desk.cache.reader.appeal(appeal)
    assert kept is not None
    assert kept.erased_at is not None
    row = desk.cache.reader.row(appeal)
    assert row is not None
    assert row.row.title == ""
    desk.close()


def test_who_loses_the_right_is_left_with_masked_texts(office: Region, appeal: str, tmp_path: Path) -> None:
    desk = office.desk(tmp_path / "supervisor.db", "supervisor")
    desk.load()
    assert _kept(desk, appeal) == (TEXT, WHO)

    def become(role: Role) -> None:
        with office.database.writing() as connection:
            query = update(ACCOUNT).where(ACCOUNT.c.account == "supervisor").values(role=role.value)
            connection.execute(query)

    become(Role.OBSERVER)
    try:
        desk.pull()
        text, author = _kept(desk, appeal)
        assert "Ветров" not in text
        assert author == NO_APPLICANT
    finally:
        become(Role.SUPERVISOR)
    desk.pull()
    assert _kept(desk, appeal) == (TEXT, WHO)
    desk.close()
