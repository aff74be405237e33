"""Bindings made from the registry of actions."""

from textual.binding import Binding, BindingType

from cur_tui.i18n import _
from cur_tui.services.actions import actions_of


def bindings_for(scope: str) -> list[BindingType]:
    """The bindings of one scope. Each carries its action's id, so that a keymap file can change it."""
    return [
        Binding(
            action.keys,
            action.method,
            _(action.title),
            show=action.footer,
            priority=action.priority,
            tooltip=_(action.help),
            id=action.id,
        )
        for action in actions_of(scope)
    ]
