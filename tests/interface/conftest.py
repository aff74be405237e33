"""An office and its workstation for each test."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cur_tui.app import Workstation
from cur_tui.domain.rights import Actor
from cur_tui.services.desk import Desk
from cur_tui.services.exchange.exchange import Exchange
from cur_tui.services.lists import lists
from tests.cheap import cheap_keys
from tests.interface.office import OPERATOR, Office
from tests.interface.sharing import shared_process, shared_styles

__all__ = ["cheap_keys", "shared_process", "shared_styles"]


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """First rows are waited for: how slow the machine is, is none of a test's matters."""
    monkeypatch.setattr(lists, "PATIENCE", 60)
    monkeypatch.setattr(lists, "COUNT_PATIENCE", 60)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """Sixty appeals in a real cache."""
    made = Office.open(tmp_path)
    yield made
    made.cache.close()


@pytest.fixture
def desk(office: Office) -> Desk:
    """The desk of a block operator."""
    return office.desk()


@pytest.fixture
def workstation(office: Office) -> Callable[..., Workstation]:
    """Makes the workstation of a person of the office."""

    def make(actor: Actor = OPERATOR) -> Workstation:
        return Workstation(office.desk(actor), Exchange())

    return make
