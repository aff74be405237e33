"""The menu of everything that can be done with an appeal or with many, and how many of many take it."""

from collections.abc import Sequence
from typing import Final

from cur_tui.domain.lifecycle import TRANSITIONS
from cur_tui.domain.model import Appeal
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.formats import format_number
from cur_tui.i18n import _
from cur_tui.services.actions import ANSWER_COMMANDS, CHECKLIST_COMMANDS, actions_of
from cur_tui.services.forms import MENU, Choice, FieldKind, form_for
from cur_tui.services.permitted import possible_commands, refusing
from screens.acts import FORESEEN, act_title, found_here, give, title_of
from screens.base import DeskApp
from screens.picker import Picker
from widgets.key_line import key_name

IMPORTANCE: Final = "importance"
"""An entry of the menu, beside the commands: of the command «classify» nothing but the importance."""
PRIORITY: Final = "priority"


async def choose_command(station: DeskApp, keys: Sequence[str]) -> bool:
    """The menu of everything that state and rights allow on any of the appeals, then the chosen command."""
    looked = await station.attempt(lambda: _look(station, keys)) if keys else None
    if looked is None:
        return False
    appeal, choices = looked
    command = await station.push_screen_wait(Picker(act_title("", appeal, len(keys)), choices))
    if command is None:
        return False
    if command in ANSWER_COMMANDS:
        station.open_answer(appeal.id)
        return True
    if command in CHECKLIST_COMMANDS:
        station.open_checklist(appeal.id)
        return True
    if command == IMPORTANCE:
        return await give(station, "classify", keys, only=PRIORITY)
    return await give(station, command, keys)


def _look(station: DeskApp, keys: Sequence[str]) -> tuple[Appeal, tuple[Choice, ...]]:
    """The first appeal, and the commands that any of them can take; of many it says how many do."""
    desk = station.desk
    first = desk.appeal(keys[0])
    if len(keys) == 1:
        possible = possible_commands(first, desk.actor, desk.rulebook)
        own = ANSWER_COMMANDS | CHECKLIST_COMMANDS
        offered = (one for one in possible if one in own or _is_offered(one, first, desk.rulebook))
        return first, tuple(choice for one in offered for choice in _entries(one, ""))
    appeals = [first, *found_here(station, keys[1:FORESEEN])]
    takers: dict[str, list[Appeal]] = {}
    for appeal in appeals:
        for command in possible_commands(appeal, desk.actor, desk.rulebook):
            takers.setdefault(command, []).append(appeal)
    choices = []
    for command in dict.fromkeys(row.command for row in TRANSITIONS):
        able = takers.get(command, [])
        taking = len(able) - refusing(command, able, desk.actor, desk.rulebook, desk.now())
        if taking and _is_offered(command, able[0], desk.rulebook):
            choices += _entries(command, _part(taking, len(appeals)) if len(keys) <= FORESEEN else "")
    return first, tuple(choices)


def _entries(command: str, told: str) -> list[Choice]:
    """A command in the menu; beside the topic stands the part of it that is most often changed alone."""
    hint = "  ".join(part for part in (told, _key_of(command)) if part)
    entry = Choice(command, title_of(command), hint, keywords=command)
    if command != "classify":
        return [entry]
    return [entry, Choice(IMPORTANCE, _("Change the importance"), told, keywords=PRIORITY)]


def _part(taking: int, of: int) -> str:
    """How many of several take a command; nothing where all do."""
    if taking == of:
        return ""
    return _("{part} of {whole}").format(part=format_number(taking), whole=format_number(of))


def _key_of(command: str) -> str:
    """The key that gives the command without the menu."""
    keys = (action.keys for action in actions_of("appeal") if action.command == command)
    return key_name(next(keys, "").partition(",")[0])


def _is_offered(command: str, appeal: Appeal, rulebook: Rulebook) -> bool:
    """Whether the menu can give it, and each field that must be chosen has something to choose: no delivery
    without a text.
    """
    if command not in MENU:
        return False
    form = form_for(command, appeal, rulebook)
    fields = form.fields if form else ()
    return all(field.choices for field in fields if field.required and field.kind is FieldKind.CHOICE)
