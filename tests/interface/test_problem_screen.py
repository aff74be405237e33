"""The problems on the screen: every view, on both sizes, in either layout, to the queue behind a number."""

from collections.abc import Callable

import pytest
from textual.coordinate import Coordinate
from textual.pilot import Pilot
from textual.widgets import DataTable

from cur_tui.app import Workstation
from cur_tui.domain.evolve import replace
from cur_tui.domain.model import Appeal
from screens.picker import Picker
from screens.problems import Answer, ProblemsScreen
from screens.queues import QueuesScreen
from screens.supervisor import SupervisorScreen
from tests.interface.appeals import HOSTILE, assert_harmless, drawn, told, until, until_drawn
from tests.interface.office import OPERATOR, SUPERVISOR, Office, appeals
from widgets.queue_table import QueueTable

Make = Callable[..., Workstation]


def left_over() -> list[Appeal]:
    """Residual appeals of two kinds, all marked as conflicts."""
    texts = ("Бродячие собаки у школы", f"Бродячие собаки {HOSTILE}", "Кошки живут в подвале")
    return [
        replace(
            one,
            id=f"0199-{n:08d}",
            number=f"INC-20261120-{9_000 + n}",
            text=texts[n % 3],
            topic="utilities.other",
            block="utilities",
            essence=None,
            flags=("conflict",),
        )
        for n, one in enumerate(appeals(20))
    ]


@pytest.fixture
def told_office(office: Office) -> Office:
    office.server_says(*left_over())
    return office


def screen_of(pilot: Pilot[None]) -> ProblemsScreen:
    screen = pilot.app.screen
    assert isinstance(screen, ProblemsScreen)
    return screen


async def opened(pilot: Pilot[None], view: str = "t") -> Answer:
    await pilot.press("f3")
    await until(pilot, lambda: isinstance(pilot.app.screen, SupervisorScreen))
    await pilot.press("p")
    await until(pilot, lambda: isinstance(pilot.app.screen, ProblemsScreen))
    await pilot.press(view)
    return await counted(pilot)


async def counted(pilot: Pilot[None]) -> Answer:
    screen = screen_of(pilot)
    await until(pilot, lambda: screen.figures is not None and screen.figures.asked == screen._asked)
    await pilot.pause()
    assert screen.figures is not None
    return screen.figures


@pytest.mark.parametrize("size", [(80, 24), (160, 45)])
async def test_each_view_says_what_it_shows(
    workstation: Make, told_office: Office, size: tuple[int, int]
) -> None:
    shown = {
        "t": ("Главные проблемы по блокам", "прочее: разобрать", "1. ", "▲", "█"),
        "r": ("прочитано 20 из 20", "«бродячие собаки»", "Пишут", "[@click=app.quit]"),
        "m": ("Благовещенск", "███", "▲"),
        "a": ("прочитаны последние",),
        "s": ("Конфликтные ситуации", "Повторные обращения", "20"),
    }
    async with workstation(SUPERVISOR).run_test(size=size) as pilot:
        await opened(pilot)
        for key, words in shown.items():
            await pilot.press(key)
            await counted(pilot)
            picture = drawn(pilot)
            for word in words:
                assert word in picture, (key, word)
            assert_harmless(pilot)


@pytest.mark.parametrize(
    ("view", "at", "number"),
    [
        ("t", (0, 1), lambda found: found.blocks[0].all.value),
        ("t", (1, 4), lambda found: found.blocks[0].top[0].overdue.value),
        ("к", (0, 0), lambda found: found.groups[0].found),
        ("ь", (0, 0), lambda found: found.places[0].all.value),
        ("ы", (1, 1), lambda found: found.signals[1].all.value),
    ],
    ids=["block", "overdue", "phrase", "tile", "signal"],
)
async def test_enter_opens_exactly_the_appeals_of_a_number(
    workstation: Make, told_office: Office, view: str, at: tuple[int, int], number: Callable[..., int]
) -> None:
    async with workstation(SUPERVISOR).run_test() as pilot:
        answer = await opened(pilot, view)
        wanted = number(answer.picture)
        assert wanted
        pilot.app.screen.query_one(DataTable).cursor_coordinate = Coordinate(*at)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, QueuesScreen))
        await until(pilot, lambda: pilot.app.screen.query_one(QueueTable).count == wanted)


async def test_the_block_and_the_period_are_chosen(workstation: Make, told_office: Office) -> None:
    async with workstation(SUPERVISOR).run_test(size=(160, 45)) as pilot:
        await opened(pilot)
        for key, words, title in (("b", "Дорожн", "Дорожная"), ("з", "2026-11", "01.11.2026 – 30.11.2026")):
            await pilot.press(key)
            await until(pilot, lambda: isinstance(pilot.app.screen, Picker))
            await pilot.press(*words, "enter")
            await until(pilot, lambda: isinstance(pilot.app.screen, ProblemsScreen))
            await counted(pilot)
            await until_drawn(pilot, title)
        answer = await counted(pilot)
        assert (answer.asked.block, answer.asked.period) == ("roads", "2026-11")
        assert "Жилищно" not in drawn(pilot)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, SupervisorScreen))


async def test_who_does_not_supervise_is_told_so(workstation: Make, told_office: Office) -> None:
    async with workstation(OPERATOR).run_test() as pilot:
        pilot.app.switch_mode("problems")
        await until(pilot, lambda: bool(told(pilot)))
        assert pilot.app.screen.query_one(DataTable).row_count == 0
