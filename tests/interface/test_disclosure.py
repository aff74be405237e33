"""Personal data by need on the screen of an appeal, and what is shown of an erased one."""

from dataclasses import replace
from typing import cast

from textual.pilot import Pilot
from textual.widgets import Input, Static

from cur_tui.app import Workstation
from cur_tui.domain.model import NO_APPLICANT, Appeal
from cur_tui.domain.privacy.erasure import erased
from cur_tui.domain.rights import Actor
from cur_tui.domain.vocabulary import Role, State
from cur_tui.services.exchange.exchange import Exchange, Runner
from cur_tui.sync.state import Phase, SyncState
from screens.disclosure import DisclosureScreen
from screens.form import FormScreen
from tests.interface.office import NOW, OPERATOR, Office
from tests.interface.test_application import StandingRunner, until
from widgets.ledger import Ledger

CURATOR = Actor("k.gordeev", "Гордеев Е. С.", Role.CURATOR, frozenset(), None)
KEY = "0197-00000002"


class OpeningRunner(StandingRunner):
    """An exchange whose server opens personal data and remembers why."""

    def __init__(self, state: SyncState, opened: Appeal) -> None:
        super().__init__(state)
        self.opened = opened
        self.reasons: list[str] = []

    def disclose(self, appeal: str, reason: str) -> Appeal:
        self.reasons.append(reason)
        return self.opened


def workstation(office: Office, actor: Actor, phase: Phase) -> tuple[Workstation, OpeningRunner]:
    whole = office.desk(actor).appeal(KEY)
    office.server_says(replace(whole, applicant=NO_APPLICANT, version=whole.version + 1))
    runner = OpeningRunner(SyncState(phase), whole)
    return Workstation(office.desk(actor), Exchange(cast("Runner", runner))), runner


def said(pilot: Pilot[None]) -> list[str]:
    app = pilot.app
    assert isinstance(app, Workstation)
    return [notification.message for notification in app._notifications]


async def test_personal_data_are_opened_for_a_reason_and_gone_with_the_window(office: Office) -> None:
    app, runner = workstation(office, CURATOR, Phase.IDLE)
    async with app.run_test(size=(100, 40)) as pilot:
        app.open_appeal(KEY)
        await pilot.pause()
        await pilot.press("d")
        await until(pilot, lambda: isinstance(app.screen, FormScreen))
        app.screen.query_one("#field-reason", Input).value = "Личный приём"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, DisclosureScreen))
        await pilot.pause()
        told = str(app.screen.query_one("#applicant", Ledger).render())
        assert "Зимин Павел Кириллович" in told
        assert "+7 900 000-00-00" in told
        assert runner.reasons == ["Личный приём"]
        await pilot.press("escape")
        await pilot.pause()
        facts = str(app.screen.query_one("#facts Ledger", Ledger).render())
        assert "Зимин" not in facts


async def test_without_contact_a_sentence_says_so(office: Office) -> None:
    app, runner = workstation(office, CURATOR, Phase.OFFLINE)
    async with app.run_test(size=(100, 40)) as pilot:
        app.open_appeal(KEY)
        await pilot.pause()
        await pilot.press("d")
        await until(pilot, lambda: isinstance(app.screen, FormScreen))
        app.screen.query_one("#field-reason", Input).value = "Личный приём"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: bool(said(pilot)))
        assert "связи" in said(pilot)[-1]
        assert runner.reasons == []


async def test_who_sees_personal_data_anyway_is_told_so(office: Office) -> None:
    app, runner = workstation(office, OPERATOR, Phase.IDLE)
    async with app.run_test(size=(100, 40)) as pilot:
        app.open_appeal(KEY)
        await pilot.pause()
        await pilot.press("d")
        await until(pilot, lambda: bool(said(pilot)))
        assert not isinstance(app.screen, FormScreen)
        assert runner.reasons == []


async def test_erased_appeal_says_what_became_of_it(office: Office) -> None:
    desk = office.desk()
    closed = replace(desk.appeal(KEY), state=State.RESOLVED, claim=None)
    office.server_says(erased(closed, command="e-1", now=NOW))
    app = Workstation(desk, Exchange())
    async with app.run_test(size=(100, 40)) as pilot:
        app.open_appeal(KEY)
        await pilot.pause()
        assert "персональные данные удалены" in str(app.screen.query_one("#text Static", Static).render())
