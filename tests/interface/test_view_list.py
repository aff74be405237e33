"""The list of queues by itself: what it draws and when, moving where it does not fit, hostile titles."""

from collections.abc import Mapping

from textual.app import App, ComposeResult
from textual.events import MouseScrollDown
from textual.strip import Strip
from textual.widgets import Static

from cur_tui.services.lists.views import View
from storage.entries import Count
from widgets.queue_table import WHEEL
from widgets.view_list import ViewList

VIEWS = (
    *(View(f"work{number}", f"Очередь {number}", "open") for number in range(1, 11)),
    *(View(f"block{number}", f"Блок {number}", "open", group="blocks") for number in range(1, 4)),
)
COUNTS = {view.code: Count(7) for view in VIEWS}
BLOCKS = 11
"""The line of the second heading."""


class Watched(ViewList):
    """Writes down which lines it is asked to draw."""

    def __init__(self) -> None:
        super().__init__()
        self.drawn: list[int] = []

    def render_line(self, y: int) -> Strip:
        self.drawn.append(y)
        return super().render_line(y)


class Alone(App[None]):
    """The list with something beside it that can have the focus."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(
        self,
        views: tuple[View, ...] = VIEWS,
        counts: Mapping[str, Count] = COUNTS,
        open_code: str = "work1",
    ) -> None:
        super().__init__()
        self.list = Watched()
        self.list.show(views, counts, open_code)
        self.chosen: list[str] = []

    def compose(self) -> ComposeResult:
        yield Static("")
        yield self.list

    def on_view_list_chosen(self, event: ViewList.Chosen) -> None:
        self.chosen.append(event.view.code)

    def lines(self) -> list[str]:
        """What stands on the list's lines of the screen."""
        return [strip.text for strip in self.list.render_lines(self.list.size.region)]


async def test_only_what_has_changed_is_drawn_anew() -> None:
    app = Alone()
    async with app.run_test(size=(40, 20)) as pilot:
        shown = app.list
        await pilot.pause()
        shown.drawn.clear()

        shown.show(VIEWS, COUNTS, "work1")
        shown.show(VIEWS, dict(COUNTS), "work1")
        await pilot.pause()
        assert shown.drawn == []

        shown.show(VIEWS, {**COUNTS, "work5": Count(8)}, "work1")
        await pilot.pause()
        assert shown.drawn == [5]

        shown.drawn.clear()
        shown.show(VIEWS, {**COUNTS, "work5": Count(8)}, "block1")
        await pilot.pause()
        assert sorted(shown.drawn) == [1, BLOCKS + 1]

        shown.drawn.clear()
        await pilot.press("down")
        assert sorted(shown.drawn) == [BLOCKS + 1, BLOCKS + 2]


async def test_headings_are_passed_over_and_the_ends_meet() -> None:
    app = Alone(open_code="work10")
    async with app.run_test(size=(40, 20)) as pilot:
        for key in ("down", "up", "home", "up", "down", "end", "pageup", "pagedown"):
            await pilot.press(key, "enter")
        assert app.chosen == ["block1", "work10", "work1", "block3", "work1", "block3", "work1", "block3"]


async def test_a_click_opens_a_queue_and_no_heading() -> None:
    app = Alone()
    async with app.run_test(size=(40, 20)) as pilot:
        await pilot.click(app.list, offset=(4, BLOCKS))
        await pilot.click(app.list, offset=(4, 18))
        assert app.chosen == []
        await pilot.click(app.list, offset=(4, BLOCKS + 1))
        await pilot.pause()
        assert app.chosen == ["block1"]


async def test_where_it_does_not_fit_it_scrolls_and_headings_come_along() -> None:
    app = Alone()
    async with app.run_test(size=(40, 7)) as pilot:
        await pilot.pause()
        height = app.list.size.height
        assert "▌ Очередь 1 " in app.lines()[1]
        assert {line[-1] for line in app.lines()} == {"▐"}
        await pilot.press("end")
        assert "Блок 3" in app.lines()[-1]
        await pilot.press("up", "up")
        assert "Блок 1" in app.lines()[height - 3]
        await pilot.press("home")
        assert "Очередь 1 " in app.lines()[1]
        app.list.post_message(MouseScrollDown(app.list, 4, 0, 0, 1, 0, False, False, False))
        await pilot.pause()
        assert f"Очередь {WHEEL}" in app.lines()[0]
        await pilot.click(app.list, offset=(4, 0))
        await pilot.pause()
        assert app.chosen == [f"work{WHEEL}"]


async def test_a_title_of_ones_own_is_text_and_nothing_else() -> None:
    hostile = "[red]\x1b[31m\u202e[@click=app.quit]да"
    views = (View("own", hostile, "open", group="saved", saved=True),)
    app = Alone(views, {}, "own")
    async with app.run_test(size=(40, 7)) as pilot:
        await pilot.pause()
        line = app.lines()[1]
        assert "[red]" in line
        assert "\x1b" not in line
        assert "\u202e" not in line
        await pilot.click(app.list, offset=(20, 1))
        await pilot.pause()
        assert app.is_running
        assert app.chosen == ["own"]
