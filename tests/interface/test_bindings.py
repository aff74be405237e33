"""Every action of the registry fires in both keyboard layouts, and no two of one scope share a key."""

from typing import ClassVar

import pytest
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.keys import _character_to_key
from textual.widgets import Input, Static, TextArea

from cur_tui.domain.layout import swap_layout
from cur_tui.services.actions import ACTIONS, SCOPES, Action, actions_of
from widgets.keys import bindings_for
from widgets.layout import RussianLayout, fold_key


def russian(key: str) -> str | None:
    """The name of the key that a terminal reports for the same physical key with ЙЦУКЕН active."""
    *modifiers, last = key.split("+")
    if len(last) != 1 or not last.isalpha():
        return None
    return "+".join([*modifiers, swap_layout(last)])


LETTERS = [(action, key) for action in ACTIONS for key in action.keys.split(",") if russian(key)]


@pytest.mark.parametrize("scope", SCOPES)
def test_no_two_actions_of_a_scope_share_a_key(scope: str) -> None:
    keys = [key for action in actions_of(scope) for key in action.keys.split(",")]
    assert len(keys) == len(set(keys))


def test_every_action_belongs_to_a_known_scope_and_has_an_id_of_its_own() -> None:
    assert {action.scope for action in ACTIONS} == set(SCOPES)
    assert all(action.id.startswith(f"{action.scope}.") for action in ACTIONS)
    assert len({action.id for action in ACTIONS}) == len(ACTIONS)


@pytest.mark.parametrize(("action", "key"), LETTERS, ids=[f"{action.id}:{key}" for action, key in LETTERS])
def test_the_russian_letter_folds_onto_the_key(action: Action, key: str) -> None:
    typed = russian(key)
    assert typed is not None
    assert fold_key(typed) == key


@pytest.mark.parametrize("scope", SCOPES)
async def test_every_binding_fires_in_both_layouts(scope: str) -> None:
    """Through the real look-up: the library names the character, the fold renames the key."""
    fired: list[str] = []
    everywhere = scope == "app"
    probed = [Binding(action.keys, f"app.fired('{action.id}')", id=action.id) for action in actions_of(scope)]

    class Place(Static, can_focus=True):
        BINDINGS = [] if everywhere else probed

    class Probe(RussianLayout):
        BINDINGS = probed if everywhere else []
        ENABLE_COMMAND_PALETTE = False

        def compose(self) -> ComposeResult:
            yield Place()

        def action_fired(self, name: str) -> None:
            fired.append(name)

    async with Probe().run_test() as pilot:
        for action in actions_of(scope):
            for key in action.keys.split(","):
                for pressed in filter(None, (key, russian(key))):
                    fired.clear()
                    await pilot.press(_key_name(pressed))
                    assert fired == [action.id], f"{pressed} fired {fired}, not {action.id}"


def _key_name(key: str) -> str:
    return _character_to_key(key) if len(key) == 1 else key


@pytest.mark.parametrize("scope", SCOPES)
def test_bindings_carry_what_the_registry_says(scope: str) -> None:
    bindings = [binding for binding in bindings_for(scope) if isinstance(binding, Binding)]
    expected = [
        (f"{action.id}.{key}" if action.by_key else action.id, key)
        for action in actions_of(scope)
        for key in (action.keys.split(",") if action.by_key else [action.keys])
    ]
    assert [(binding.id, binding.key) for binding in bindings] == expected


class Writing(RussianLayout):
    """A form with both kinds of text fields, and keys around it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "mark('c')"),
        Binding("ctrl+s", "mark('ctrl+s')", priority=True),
    ]
    ENABLE_COMMAND_PALETTE = False

    def __init__(self) -> None:
        super().__init__()
        self.marks: list[str] = []

    def compose(self) -> ComposeResult:
        yield Input()
        yield TextArea()

    def action_mark(self, name: str) -> None:
        self.marks.append(name)


@pytest.mark.parametrize("kind", [Input, TextArea])
async def test_text_fields_receive_cyrillic_while_their_ctrl_keys_fold(kind: type[Input | TextArea]) -> None:
    app = Writing()
    async with app.run_test() as pilot:
        field = app.query_one(kind)
        field.focus()
        await pilot.press("с", "ы", "Ё")
        assert (field.value if isinstance(field, Input) else field.text) == "сыЁ"
        assert app.marks == []
        await pilot.press("ctrl+ы")
        assert app.marks == ["ctrl+s"]


async def test_outside_of_text_the_same_letter_is_a_key() -> None:
    app = Writing()
    async with app.run_test() as pilot:
        app.set_focus(None)
        await pilot.press("с")
        assert app.marks == ["c"]


def test_the_fold_leaves_everything_else_alone() -> None:
    assert [fold_key(key) for key in ("q", "ctrl+c", "enter", "f1", "space", "ї", "№")] == [None] * 7


def test_no_action_answers_yes_or_no() -> None:
    """«н» for «нет» stands on the key Y: nothing may be confirmed by it."""
    assert not [action.id for action in ACTIONS if {"y", "Y"} & set(action.keys.split(","))]
