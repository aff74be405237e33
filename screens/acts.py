"""Giving a command from a screen: its form if it has one, the act on one or many appeals, what came of it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from cur_tui.domain.model import Appeal
from cur_tui.domain.rulebook import Rulebook
from cur_tui.formats import format_number
from cur_tui.i18n import _, ngettext
from cur_tui.services.actions import ANSWER_COMMANDS, CHECKLIST_COMMANDS
from cur_tui.services.desk import Done, Failed
from cur_tui.services.explain import explain_refusal
from cur_tui.services.forms import FORMLESS, MENU, Choice, FieldKind, Form, form_for, possible_commands
from cur_tui.services.labels import command_label
from screens.base import DeskApp
from screens.bulk import BulkScreen
from screens.form import FormScreen
from screens.outcome import OutcomeScreen
from screens.picker import Picker

SAMPLE: Final = 50
"""How many of the marked appeals are looked at to decide what the form must ask."""


async def give(station: DeskApp, command: str, keys: Sequence[str]) -> bool:
    """Ask what ``command`` needs and give it on the appeals ``keys`` (ids or numbers); True when any took it.

    Run it by :meth:`screens.base.DeskApp.start`: it waits for the person.
    """
    if not keys:
        station.say(_("No appeal is chosen."), problem=True)
        return False
    values: dict[str, object] | None = {}
    if command not in FORMLESS:
        sample = await station.attempt(lambda: _sample(station, keys))
        if sample is None:
            return False
        form = form_for(command, sample, station.desk.rulebook)
        if form is not None:
            many = len(keys) > 1
            values = await station.push_screen_wait(
                FormScreen(
                    _title(command, sample, len(keys)), _blank(form) if many else form, station.desk.now()
                )
            )
    if values is None:
        return False
    return await _act(station, command, keys, values)


async def choose_command(station: DeskApp, keys: Sequence[str]) -> bool:
    """The menu of everything that state and rights allow on an appeal, then the chosen command."""
    appeal = await station.attempt(lambda: _sample(station, keys)) if keys else None
    if appeal is None:
        return False
    possible = possible_commands(appeal, station.desk.actor, station.desk.rulebook)
    choices = tuple(
        Choice(command, _named(command), keywords=command)
        for command in possible
        if (command in MENU and _can_be_filled(command, appeal, station.desk.rulebook))
        or (len(keys) == 1 and command in ANSWER_COMMANDS | CHECKLIST_COMMANDS)
    )
    command = await station.push_screen_wait(Picker(_title("", appeal, len(keys)), choices))
    if command is None:
        return False
    if command in ANSWER_COMMANDS:
        station.open_answer(appeal.id)
        return True
    if command in CHECKLIST_COMMANDS:
        station.open_checklist(appeal.id)
        return True
    return await give(station, command, keys)


async def undo(station: DeskApp) -> None:
    """Take back the person's latest act that has not left yet, and say which."""
    entries = await station.attempt(station.desk.undo)
    if entries:
        whom = entries[0].number if len(entries) == 1 else _count(len(entries))
        what = command_label(entries[0].type)
        station.say(_("Taken back: {command}, {number}").format(command=what, number=whom))


async def _act(station: DeskApp, command: str, keys: Sequence[str], values: dict[str, object]) -> bool:
    if len(keys) == 1:
        done = await station.attempt(lambda: station.desk.do(command, keys[0], **values))
        if done is None:
            return False
        station.say(_said(command, done))
        return True
    steps = station.desk.each(command, keys, **values)
    outcome = await station.push_screen_wait(BulkScreen(_title(command, None, len(keys)), len(keys), steps))
    station.publish_changes()
    took, failed = outcome.took, outcome.failed
    if failed:
        await station.push_screen_wait(OutcomeScreen(_summary(command, took, len(failed)), _lines(failed)))
    else:
        station.say(_summary(command, took, 0))
    return took > 0


def _sample(station: DeskApp, keys: Sequence[str]) -> Appeal:
    """The appeal whose form asks the most: one that has an executing body already, else the first."""
    first = station.desk.appeal(keys[0])
    if len(keys) > 1 and first.assignment is None:
        for key in keys[1:SAMPLE]:
            appeal = station.desk.appeal(key)
            if appeal.assignment is not None:
                return appeal
    return first


def _blank(form: Form) -> Form:
    """The form for many appeals: no field shows what one of them has, so that nothing is copied unseen."""
    return replace(
        form,
        fields=tuple(replace(field, initial="") if not field.required else field for field in form.fields),
    )


def _count(count: int) -> str:
    return ngettext("{count} appeal", "{count} appeals", count).format(count=format_number(count))


def _title(command: str, appeal: Appeal | None, count: int) -> str:
    what = _named(command)
    whom = appeal.number if appeal is not None and count == 1 else _count(count)
    return f"{what} · {whom}" if what else whom


def _named(command: str) -> str:
    """The command's label as a sentence begins."""
    words = command_label(command)
    return words[:1].upper() + words[1:]


def _can_be_filled(command: str, appeal: Appeal, rulebook: Rulebook) -> bool:
    """Whether each field that must be chosen has something to choose: no delivery without a text."""
    form = form_for(command, appeal, rulebook)
    fields = form.fields if form else ()
    return all(field.choices for field in fields if field.required and field.kind is FieldKind.CHOICE)


def _said(command: str, done: Done) -> str:
    return _("{number}: {command}. U takes it back.").format(
        number=done.appeal.number, command=command_label(command)
    )


def _summary(command: str, took: int, failed: int) -> str:
    sentence = _("{command}: done for {done}").format(command=_named(command), done=_count(took))
    if not failed:
        return sentence
    return _("{done}; refused for {count}").format(done=sentence, count=failed)


def _lines(failed: list[Failed]) -> tuple[tuple[str, str], ...]:
    return tuple((item.number, explain_refusal(item.refused)) for item in failed)
