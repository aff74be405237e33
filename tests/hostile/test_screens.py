"""Every screen beside a malicious server, with its widgets bare: they must not rely on the last wall."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from textual.filter import LineFilter

from cur_tui.app import Workstation
from cur_tui.domain.rights import Actor
from tests.hostile.corpus import SOAK, bundled
from tests.hostile.harmless import unsafe
from tests.hostile.station import STAGES, WAYS, Station, every_screen, preview_all, walk
from tests.interface.appeals import AGENT
from tests.interface.office import APPROVER, OPERATOR, Office
from widgets.guard import TerminalGuard


class Unguarded(Workstation):
    """The workstation without its last wall."""

    def get_line_filters(self) -> Sequence[LineFilter]:
        return [each for each in super().get_line_filters() if not isinstance(each, TerminalGuard)]


def test_every_screen_has_its_way() -> None:
    assert every_screen() == set(WAYS)


def look(app: Workstation, name: str, found: dict[str, set[str]]) -> None:
    """Note what acts in the lines as the widgets gave them to the driver."""
    for strip in app.screen._compositor.render_strips():
        for segment in strip:
            if bad := unsafe(segment.text, ""):
                found.setdefault(name, set()).update(bad)
            if segment.control is not None or (segment.style is not None and segment.style.link is not None):
                found.setdefault(name, set()).add(repr(segment))


PEOPLE = [
    pytest.param(OPERATOR, tuple(WAYS), id="operator", marks=pytest.mark.skipif(not SOAK, reason="a soak")),
    pytest.param(AGENT, ("AnswerScreen",), id="author"),
    pytest.param(APPROVER, ("AnswerScreen",), id="approver"),
]
"""An operator's screens are walked through in a real terminal (tests/e2e); a soak does it here too, with
every text."""


@pytest.mark.parametrize(("actor", "names"), PEOPLE)
async def test_a_malicious_server_draws_nothing_harmful(
    tmp_path: Path, actor: Actor, names: tuple[str, ...]
) -> None:
    station = Station.open(tmp_path, bundled() if SOAK else [], actor)
    found: dict[str, set[str]] = {}
    app = Unguarded(Office(station.cache).desk(actor), station.exchange())
    async with app.run_test(size=(110, 60), notifications=True) as pilot:
        if actor is OPERATOR:
            seen = await preview_all(pilot, station, lambda name: look(app, name, found))
            assert seen == len(station.texts) + len(STAGES)
        await walk(pilot, station, lambda name: look(app, name, found), names)
    station.cache.close()
    assert not found
