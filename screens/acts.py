"""Giving a command from a screen: its form if it has one, the act on one or many appeals, what came of it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from cur_tui.domain.model import Appeal
from cur_tui.formats import format_number
from cur_tui.i18n import _, ngettext
from cur_tui.services import form_texts
from cur_tui.services.desk import Desk, Done, Failed
from cur_tui.services.explain import explain_refusal
from cur_tui.services.form_texts import Place
from cur_tui.services.forms import FORMLESS, Choice, FieldKind, Form, FormField, form_for
from cur_tui.services.labels import command_label
from cur_tui.services.permitted import check, possible_commands, refusing
from cur_tui.services.related import name_appeals
from screens.base import DeskApp
from screens.bulk import BulkScreen
from screens.form import fill_in, with_none
from screens.outcome import OutcomeScreen
from screens.picker import Picker

SAMPLE: Final = 50
"""How many of the marked appeals are looked at to decide what the form must ask."""

FORESEEN: Final = 1_000
"""Of how many marked appeals it is looked up beforehand whether they will refuse."""
TELLING: Final = frozenset({"remind", "take_over"})
"""Commands without a form that concern others: on many appeals they are asked back first."""


async def give(station: DeskApp, command: str, keys: Sequence[str], *, only: str = "") -> bool:
    """Ask what ``command`` needs and give it on the appeals ``keys`` (ids or numbers); True when any took it.

    ``only``: the one field of its form that is asked for. It waits for the person: run it by
    :meth:`screens.base.DeskApp.start`.
    """
    if not keys:
        station.say(_("No appeal is chosen."), problem=True)
        return False
    refused = 0
    if len(keys) > 1:
        refused = await station.attempt(lambda: _refusing(station, command, keys[:FORESEEN])) or 0
    if command in FORMLESS:
        if len(keys) > 1 and command in TELLING:
            title = act_title(title_of(command), None, len(keys), refused)
            picker = Picker(title, (Choice(command, title_of(command)),))
            if await station.push_screen_wait(picker) is None:
                return False
        return await act(station, command, keys, {})
    sample = await station.attempt(lambda: _sample(station, command, keys))
    form = form_for(command, sample, station.desk.rulebook) if sample is not None else None
    if sample is None or form is None:
        return False
    form = _narrowed(form, only)
    named = _(form.fields[0].label) if only else title_of(command)
    title = act_title(named, sample, len(keys), refused)
    shown = _blank(form) if len(keys) > 1 else form

    place = Place(sample.id, command, sample.number) if len(keys) == 1 else Place(form_texts.MANY, command)

    async def take(values: dict[str, object]) -> bool:
        told = await station.attempt(lambda: name_appeals(station.desk, form, values))
        return told is not None and await act(station, command, keys, told, named, place)

    return await ask(station, title, shown, take, place)


async def ask(
    station: DeskApp,
    title: str,
    form: Form,
    take: Callable[[dict[str, object]], Awaitable[bool]],
    place: Place | None = None,
) -> bool:
    """Do ``take`` with what a person enters in a form; where that is one choice, the list itself is the form.

    What was entered stands in the form again when ``take`` refused it: no text goes with a refusal. What was
    written is kept in ``place`` while it is written, and stands in the form again whenever it is opened.
    """
    field = form.fields[0]
    if len(form.fields) == 1 and field.kind is FieldKind.CHOICE:
        code = await station.push_screen_wait(Picker(title, with_none(field), field.initial))
        return code is not None and await take({**form.fixed, field.name: code})
    desk, keep, entered = station.desk, None, None
    written = form_texts.text_field(form) if place is not None else None
    if place is not None and written is not None:
        keep = partial(_keep, desk, place, written)
        text = await station.attempt(lambda: form_texts.begun(desk, place))
        entered = {written.name: text} if text else None
    return await fill_in(station, title, form, take, entered=entered, keep=keep)


def _keep(desk: Desk, place: Place, written: FormField, left: dict[str, str]) -> None:
    text = left[written.name]
    form_texts.keep(desk, place, "" if text == written.initial.strip() else text)


async def undo(station: DeskApp) -> None:
    """Take back the person's latest act that has not left yet, and say which."""
    entries = await station.attempt(station.desk.undo)
    if entries:
        whom = entries[0].number if len(entries) == 1 else _count(len(entries))
        what = command_label(entries[0].type)
        station.say(_("Taken back: {command}, {number}").format(command=what, number=whom))


async def act(
    station: DeskApp,
    command: str,
    keys: Sequence[str],
    values: dict[str, object],
    named: str = "",
    place: Place | None = None,
) -> bool:
    """Give ``command`` with what was entered for it, on one appeal or on many; True when any took it.

    ``named``: what people are told that it is, unless by its own label. The text in ``place`` goes with it.
    """
    named = named or title_of(command)
    if len(keys) == 1:
        form = None if place is None else place.form
        done = await station.attempt(lambda: station.desk.do(command, keys[0], form, **values))
        if done is None:
            return False
        station.say(_said(command, done))
        return True
    steps = station.desk.each(command, keys, **values)
    outcome = await station.push_screen_wait(BulkScreen(act_title(named, None, len(keys)), len(keys), steps))
    station.publish_changes()
    took, failed = outcome.took, outcome.failed
    if took and place is not None:
        await station.attempt(lambda: form_texts.keep(station.desk, place, ""))
    if failed:
        await station.push_screen_wait(OutcomeScreen(_summary(named, took, len(failed)), _lines(failed)))
    else:
        station.say(_summary(named, took, 0))
    return took > 0


def _sample(station: DeskApp, command: str, keys: Sequence[str]) -> Appeal:
    """The appeal whose form asks the most: of those that can take the command, one that has an executing body
    already, else the first.

    Of a single one is told at once, and not after a form was filled in, what forbids the command.
    """
    desk = station.desk
    first = desk.appeal(keys[0])
    if len(keys) == 1:
        check(command, first, desk.actor, desk.rulebook, desk.now())
        return first
    appeals = [first, *found_here(station, keys[1:SAMPLE])]
    takers = [one for one in appeals if command in possible_commands(one, desk.actor, desk.rulebook)]
    takers = takers or appeals
    return next((one for one in takers if one.assignment is not None), takers[0])


def found_here(station: DeskApp, keys: Sequence[str]) -> list[Appeal]:
    """Those of the appeals that are still here."""
    return [appeal for key in keys if (appeal := station.desk.find(key)) is not None]


def _narrowed(form: Form, only: str) -> Form:
    """The form with one of its fields, or with all."""
    if not only:
        return form
    fields = tuple(replace(field, required=True) for field in form.fields if field.name == only)
    return replace(form, fields=fields)


def _blank(form: Form) -> Form:
    """The form for many appeals: no field shows what one of them has, so that nothing is copied unseen.

    A text that is proposed for one of them greets its applicant by name.
    """
    own = (FieldKind.CHOICE, FieldKind.TEXT)
    fields = (
        replace(field, initial="") if not field.required or field.kind in own else field
        for field in form.fields
    )
    return replace(form, fields=tuple(fields))


def _count(count: int) -> str:
    return ngettext("{count} appeal", "{count} appeals", count).format(count=format_number(count))


def _refusing(station: DeskApp, command: str, keys: Sequence[str]) -> int:
    """How many of the appeals will refuse, known before anything is entered."""
    desk = station.desk
    return refusing(command, found_here(station, keys), desk.actor, desk.rulebook, desk.now())


def act_title(what: str, appeal: Appeal | None, count: int, refused: int = 0) -> str:
    whom = appeal.number if appeal is not None and count == 1 else _count(count)
    if refused:
        whom = _("{appeals}, {n} of them will refuse").format(appeals=whom, n=format_number(refused))
    return f"{what} · {whom}" if what else whom


def title_of(command: str) -> str:
    """The command's label as a sentence begins."""
    words = command_label(command)
    return words[:1].upper() + words[1:]


def _said(command: str, done: Done) -> str:
    return _("{number}: {command}. U takes it back.").format(
        number=done.appeal.number, command=command_label(command)
    )


def _summary(named: str, took: int, failed: int) -> str:
    sentence = _("{command}: done for {done}").format(command=named, done=_count(took))
    if not failed:
        return _("{done}. U takes it back.").format(done=sentence)
    return _("{done}; refused for {count}").format(done=sentence, count=failed)


def _lines(failed: list[Failed]) -> tuple[tuple[str, str], ...]:
    return tuple((item.number, explain_refusal(item.refused)) for item in failed)
