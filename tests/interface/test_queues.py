"""The queues at work on a real cache: look, filter, act on one and on many, take back, keep a view."""

from collections.abc import Callable

import pytest
from textual.events import Key
from textual.pilot import Pilot
from textual.widgets import Input, OptionList, TextArea

from cur_tui.app import Workstation
from cur_tui.domain.query.query import FlagTerm
from cur_tui.services.lists.views import OWN_WORK
from screens.appeal import AppealScreen
from screens.choice_field import ChoiceField
from screens.form import FormScreen
from screens.outcome import OutcomeScreen
from screens.picker import Picker
from screens.queues import QueuesScreen
from tests.interface.appeals import until_drawn
from tests.interface.office import COLLEAGUE, NOW, Office, act
from widgets.filter_line import FilterLine
from widgets.queue_table import QueueTable
from widgets.view_list import ViewList

Make = Callable[..., Workstation]


async def settled(pilot: Pilot[None]) -> QueuesScreen:
    """Wait until what follows the first paint, workers and messages are done; the queues."""
    await until(pilot, lambda: isinstance(pilot.app, Workstation) and pilot.app.has_painted)
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()
    screen = pilot.app.screen
    assert isinstance(screen, QueuesScreen)
    return screen


async def until(pilot: Pilot[None], condition: Callable[[], bool]) -> None:
    """Let the application work until ``condition`` holds."""
    for _ in range(400):
        if condition():
            return
        await pilot.pause(0.02)
    raise AssertionError("it never came to that")


def toasts(pilot: Pilot[None]) -> list[str]:
    return [notification.message for notification in pilot.app._notifications]


async def test_opens_on_the_first_queue_of_the_role(workstation: Make) -> None:
    async with workstation().run_test(size=(120, 30)) as pilot:
        screen = await settled(pilot)
        assert screen.view.code == "mine"
        assert screen.focused is screen.table
        assert screen.window is not None
        assert screen.window.count == len(screen.desk.lists.open(screen.desk.lists.parse("mine open")).keys)
        counts = screen.counts
        assert counts["all_open"].number == 60


async def test_digits_and_the_list_open_queues(workstation: Make) -> None:
    async with workstation().run_test(size=(120, 30)) as pilot:
        screen = await settled(pilot)
        views = screen.query_one(ViewList).views
        await pilot.press("2")
        assert screen.view == views[1]
        await pilot.press("h", "down", "enter")
        assert screen.view == views[2]
        assert screen.focused is screen.table


async def test_on_a_narrow_terminal_the_list_comes_over_the_table(workstation: Make) -> None:
    async with workstation().run_test(size=(80, 24)) as pilot:
        screen = await settled(pilot)
        assert not screen.query_one(ViewList).display
        await pilot.press("h")
        await pilot.pause()
        assert screen.query_one(ViewList).display
        await pilot.press("escape")
        await pilot.pause()
        assert not screen.query_one(ViewList).display
        assert screen.focused is screen.table


async def test_moves_by_keys_of_both_layouts(workstation: Make) -> None:
    async with workstation().run_test(size=(80, 24)) as pilot:
        screen = await settled(pilot)
        await pilot.press("9", "j", "о", "down")
        assert screen.table.cursor == 3
        await pilot.press("G")
        assert screen.table.cursor == 59
        await pilot.press("п")
        assert screen.table.cursor == 0
        await pilot.press("pagedown")
        assert screen.table.cursor == screen.table.page


async def test_filters_by_the_query_language(workstation: Make) -> None:
    async with workstation().run_test(size=(120, 30)) as pilot:
        screen = await settled(pilot)
        await pilot.press("9", "slash", *"лифт блок:жкх")
        await pilot.press("enter")
        screen = await settled(pilot)
        window = screen.window
        assert window is not None
        assert 0 < window.count < 60
        rows = [window.row(index) for index in range(window.count)]
        assert {row.row.topic for row in rows if row} == {"utilities.lifts"}
        assert screen.extra == "лифт блок:жкх"
        await pilot.press("escape")
        assert screen.extra == ""
        assert screen.window is not None
        assert screen.window.count == 60


async def test_a_faulty_filter_says_where_and_is_not_applied(workstation: Make) -> None:
    async with workstation().run_test(size=(120, 30)) as pilot:
        screen = await settled(pilot)
        await pilot.press("9", "slash", *"блк:жкх", "enter")
        await pilot.pause()
        hint = str(screen.query_one("#filter-hint").render())
        assert "Знак 1" in hint
        assert "блок" in hint
        assert screen.query_one(FilterLine).is_open
        assert screen.extra == ""
        await pilot.press("escape")
        assert screen.focused is screen.table


async def test_tab_completes_and_the_arrows_remember(workstation: Make) -> None:
    async with workstation().run_test(size=(120, 30)) as pilot:
        screen = await settled(pilot)
        await pilot.press("slash", *"просроч", "tab", "enter")
        screen = await settled(pilot)
        assert screen.query_now().terms[-1] == FlagTerm(screen.desk.lists.parse("overdue").terms[0].flag)
        await pilot.press("escape", "slash", "up")
        assert screen.query_one("#filter-input", Input).value == screen.query_one(FilterLine)._history[-1]


async def test_claims_and_takes_back(workstation: Make, office: Office) -> None:
    async with workstation().run_test(size=(120, 30)) as pilot:
        screen = await settled(pilot)
        await pilot.press("2")
        listed = screen.table.current
        assert listed is not None
        await pilot.press("c")
        await until(pilot, lambda: bool(screen.desk.outbox()))
        await until(pilot, lambda: any(listed.row.number in toast for toast in toasts(pilot)))
        claimed = office.cache.reader.appeal(listed.row.id)
        assert claimed is not None
        assert claimed.claim is not None
        assert claimed.claim.holder == "o.larina"
        await pilot.press("u")
        await until(pilot, lambda: not screen.desk.outbox())
        given_back = office.cache.reader.appeal(listed.row.id)
        assert given_back is not None
        assert given_back.claim is None


async def test_classifies_by_the_form(workstation: Make, office: Office) -> None:
    async with workstation().run_test(size=(120, 30)) as pilot:
        screen = await settled(pilot)
        await pilot.press("2")
        listed = screen.table.current
        assert listed is not None
        await pilot.press("t")
        await until(pilot, lambda: isinstance(pilot.app.screen, FormScreen))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, Picker))
        await pilot.press(*"сосульк", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, FormScreen))
        await pilot.press("ctrl+ы")
        await until(pilot, lambda: bool(screen.desk.outbox()))
        appeal = office.cache.reader.appeal(listed.row.id)
        assert appeal is not None
        assert appeal.topic == "utilities.roof_ice"


async def test_assigns_many_and_lists_what_was_refused(workstation: Make, office: Office) -> None:
    async with workstation().run_test(size=(120, 30)) as pilot:
        screen = await settled(pilot)
        await pilot.press("9", "ctrl+a")
        assert len(screen.table.marked) == 60
        await pilot.press("a")
        await until(pilot, lambda: isinstance(pilot.app.screen, Picker))
        # Those that have a body already refuse an operator: no reason is asked for taking them away from it.
        await until_drawn(pilot, "60 обращений, откажут: 15")
        await pilot.press(*"коммунального хоз", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, OutcomeScreen))
        outcome = pilot.app.screen
        assert isinstance(outcome, OutcomeScreen)
        assert sum(len(numbers) for numbers in outcome._refused.values()) == 15
        assert len(outcome._refused) < 5, "each reason stands there once"
        assert all(
            number.startswith("INC-") and reason
            for reason, numbers in outcome._refused.items()
            for number in numbers
        )
        await pilot.press("enter")
        await until(pilot, lambda: not screen.table.marked)
        assert len(screen.desk.outbox()) == 45
        await pilot.press("u")
        await until(pilot, lambda: not screen.desk.outbox())


async def test_letters_on_a_choice_look_for_it_and_function_keys_leave_a_text_alone(
    workstation: Make,
) -> None:
    async with workstation().run_test(size=(120, 30)) as pilot:
        await settled(pilot)
        await pilot.press("2", "t")
        await until(pilot, lambda: isinstance(pilot.app.screen, FormScreen))
        form = pilot.app.screen
        topic = form.query_one("#field-topic", ChoiceField)
        for letter in "лифт":
            pilot.app.post_message(Key(letter, letter))
        await until(pilot, lambda: isinstance(pilot.app.screen, Picker))
        typed = pilot.app.screen.query_one(Input)
        await until(pilot, lambda: typed.value == "лифт")
        await pilot.press("enter")
        await until(pilot, lambda: pilot.app.screen is form)
        assert topic.value == "utilities.lifts"
        essence = form.query_one("#field-essence", TextArea)
        essence.text = "Стоит лифт"
        essence.focus()
        await pilot.press("f6", "f7")
        assert essence.selected_text == ""


async def test_next_in_ones_own_work_takes_from_everything_free(workstation: Make) -> None:
    async with workstation().run_test(size=(120, 30)) as pilot:
        screen = await settled(pilot)
        assert screen.view.code == OWN_WORK
        assert screen.table.count == 0
        await pilot.press("n")
        await until(pilot, lambda: isinstance(pilot.app.screen, AppealScreen))
        assert [entry.type for entry in screen.desk.outbox()] == ["claim"]


async def test_the_menu_offers_what_is_possible_and_leads_to_its_form(workstation: Make) -> None:
    async with workstation().run_test(size=(120, 30)) as pilot:
        screen = await settled(pilot)
        await pilot.press("2", "x")
        await until(pilot, lambda: isinstance(pilot.app.screen, Picker))
        options = pilot.app.screen.query_one(OptionList)
        assert options.option_count > 3
        await pilot.press(*"заметка", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, FormScreen))
        await pilot.press(*"звонил", "ctrl+s")
        await until(pilot, lambda: bool(screen.desk.outbox()))
        assert screen.desk.outbox()[0].arguments["text"] == "звонил"


async def test_what_was_typed_just_before_a_form_was_accepted_is_in_it(workstation: Make) -> None:
    """A busy machine gets keys in crowds: the last one must not overtake those before it."""
    async with workstation().run_test(size=(120, 30)) as pilot:
        screen = await settled(pilot)
        await pilot.press("2", "x")
        await until(pilot, lambda: isinstance(pilot.app.screen, Picker))
        await pilot.press(*"заметка", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, FormScreen))
        for key in "перезвонить":
            pilot.app.post_message(Key(key, key))
        pilot.app.post_message(Key("ctrl+s", None))
        await until(pilot, lambda: bool(screen.desk.outbox()))
        assert screen.desk.outbox()[0].arguments["text"] == "перезвонить"


async def test_saves_a_view_and_deletes_it(workstation: Make) -> None:
    async with workstation().run_test(size=(120, 30)) as pilot:
        screen = await settled(pilot)
        await pilot.press("9", "slash", *"лифт", "enter", "v")
        await until(pilot, lambda: isinstance(pilot.app.screen, FormScreen))
        await pilot.press(*"Лифты", "ctrl+s")
        await until(pilot, lambda: screen.view.saved)
        assert [view.title for view in screen.desk.lists.views() if view.saved] == ["Лифты"]
        assert screen.desk.lists.parse(screen.view.query).terms == screen.query_now().terms
        await pilot.press("delete")
        await until(pilot, lambda: not any(view.saved for view in screen.desk.lists.views()))
        assert screen.window is not None
        assert screen.window.count == 12


async def test_sorts_by_choice(workstation: Make) -> None:
    async with workstation().run_test(size=(120, 30)) as pilot:
        screen = await settled(pilot)
        await pilot.press("9", "s")
        await until(pilot, lambda: isinstance(pilot.app.screen, Picker))
        await pilot.press(*"номеру", "enter")
        await until(pilot, lambda: screen.query_now().sort is not None)
        window = screen.window
        assert window is not None
        numbers = [row.row.number for index in range(5) if (row := window.row(index))]
        assert numbers == sorted(numbers)


async def test_marks_survive_moving_and_leave_by_escape(workstation: Make) -> None:
    async with workstation().run_test(size=(120, 30)) as pilot:
        screen = await settled(pilot)
        await pilot.press("9", "space", "space", "shift+down")
        assert len(screen.table.marked) == 3
        await pilot.press("escape")
        assert not screen.table.marked


@pytest.mark.parametrize("depth", [5, 40], ids=["near the top", "scrolled"])
async def test_changes_of_others_arrive_under_an_unmoved_cursor(
    workstation: Make, office: Office, depth: int
) -> None:
    async with workstation().run_test(size=(80, 24)) as pilot:
        screen = await settled(pilot)
        await pilot.press("9")
        table: QueueTable = screen.table
        table.move_to(depth)
        await pilot.pause()
        above, watched = screen.window.row(0), table.current  # type: ignore[union-attr]
        assert above is not None
        assert watched is not None
        top = table.top
        gone = office.cache.reader.appeal(above.row.id)
        assert gone is not None
        office.server_says(act(gone, "forward", COLLEAGUE, to="ЖКХ", reason="не наше", notice="Передано"))
        await until(pilot, lambda: screen.window is not None and screen.window.count == 59)
        assert table.current is not None
        assert table.current.pk == watched.pk
        assert table.cursor == depth - 1
        assert table.top == max(top - 1, 0)


async def test_next_claims_the_most_urgent_free_one_without_a_network(workstation: Make) -> None:
    async with workstation().run_test(size=(120, 30)) as pilot:
        screen = await settled(pilot)
        await pilot.press("2")
        first = screen.desk.lists.first_unheld(screen.query_now())
        await pilot.press("n")
        await until(pilot, lambda: bool(screen.desk.outbox()))
        assert screen.desk.outbox()[0].appeal == first
        assert screen.desk.outbox()[0].type == "claim"


async def test_jumps_from_one_overdue_appeal_to_the_next(workstation: Make) -> None:
    async with workstation().run_test(size=(120, 30)) as pilot:
        screen = await settled(pilot)
        await pilot.press("9", "end", "o")
        listed = screen.table.current
        assert listed is not None
        assert listed.row.control_due_at is not None
        assert listed.row.control_due_at < NOW.timestamp()


@pytest.mark.parametrize(("size", "shown"), [((80, 24), False), ((100, 45), True), ((160, 45), True)])
async def test_the_preview_has_a_place_in_large_terminals(
    workstation: Make, size: tuple[int, int], shown: bool
) -> None:
    async with workstation().run_test(size=size) as pilot:
        screen = await settled(pilot)
        assert screen.query_one("#preview").display is shown
        await pilot.press("p")
        await pilot.pause()
        assert screen.query_one("#preview").display is not shown
