"""The command palette: every action that is possible here by its name, and any appeal by its number."""

import re
from dataclasses import dataclass
from typing import Final

from textual.dom import DOMNode

from cur_tui.i18n import _
from cur_tui.services.actions import all_actions
from cur_tui.services.forms import Choice
from screens.base import DeskApp, DeskScreen
from screens.picker import Picker
from widgets.key_line import key_name

_NUMBER: Final = re.compile(r"\w{2,6}-\d{8}-\d{1,8}|\d{8}-\d{1,8}")
GO_TO: Final = "number:"
USUAL_PREFIX: Final = "INC-"
_NOT_OFFERED: Final = frozenset({"app.palette"})


@dataclass(frozen=True, slots=True)
class _Possible:
    action: str
    """What is to be run, as the binding names it."""
    node: DOMNode


def scopes_here(app: DeskApp) -> set[str]:
    """The scopes of the registry whose keys work at this moment."""
    return {
        active.binding.id.partition(".")[0]
        for active in app.screen.active_bindings.values()
        if active.binding.id
    }


async def open_palette(app: DeskApp) -> None:
    """Choose a command and run it where its key would have run."""
    possible = {
        active.binding.id: _Possible(active.binding.action, active.node)
        for active in app.screen.active_bindings.values()
        if active.binding.id and active.enabled
    }
    choices = tuple(
        Choice(action.id, _(action.help), key_name(action.keys.partition(",")[0]), _(action.title))
        for action in sorted(all_actions(), key=lambda action: action.scope == "app")
        if action.id in possible and action.id not in _NOT_OFFERED
    )
    code = await app.push_screen_wait(Picker(_("Commands"), choices, typed=number_choice))
    if code is None:
        return
    if code.startswith(GO_TO):
        await go_to(app, code.removeprefix(GO_TO))
        return
    chosen = possible[code]
    await app.run_action(chosen.action, default_namespace=chosen.node)


async def ask_number(app: DeskApp) -> None:
    """Ask for a number and open its appeal."""
    code = await app.push_screen_wait(
        Picker(_("Go to number"), (), typed=number_choice, placeholder=_("For example 20261120-0042"))
    )
    if code is not None:
        await go_to(app, code.removeprefix(GO_TO))


async def go_to(app: DeskApp, number: str) -> None:
    """Go to the appeal with this number: in the list that is shown, or else on a screen of its own."""
    if isinstance(app.screen, DeskScreen) and await app.screen.find_here(number):
        return
    appeal = await app.attempt(lambda: app.desk.appeal(number))
    if appeal is not None:
        app.open_appeal(appeal.id)


def number_choice(typed: str) -> Choice | None:
    """The offer to go to the appeal whose number was typed; the usual beginning may be left out."""
    number = typed.strip().upper()
    if not _NUMBER.fullmatch(number):
        return None
    if number[0].isdigit():
        number = USUAL_PREFIX + number
    return Choice(GO_TO + number, _("Open {number}").format(number=number))
