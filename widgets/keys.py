"""Bindings made from the registry of actions."""

from collections.abc import Iterator

from textual.binding import Binding, BindingType

from cur_tui.i18n import _
from cur_tui.services.actions import ACTIONS, Action, actions_of


def bindings_for(scope: str) -> list[BindingType]:
    """The bindings of one scope. Each carries its action's id, so that a keymap file can change it."""
    return [binding for action in actions_of(scope) for binding in _bindings(action)]


def binding_of(identity: str, method: str) -> Binding:
    """The keys of one action for a widget that does it in its own way, by ``method``."""
    action = next(action for action in ACTIONS if action.id == identity)
    return _binding(action, action.keys, method, identity)


def _bindings(action: Action) -> Iterator[Binding]:
    if not action.by_key:
        yield _binding(action, action.keys, action.method, action.id)
        return
    for key in action.keys.split(","):
        yield _binding(action, key, f"{action.method}({key!r})", f"{action.id}.{key}")


def _binding(action: Action, keys: str, method: str, identity: str) -> Binding:
    return Binding(
        keys,
        method,
        _(action.title),
        show=action.footer,
        priority=action.priority,
        tooltip=_(action.help),
        id=identity,
    )
