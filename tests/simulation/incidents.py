"""What people do with several appeals at once: take one down, lead a mass incident, join one, leave it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cur_tui.domain.commands import KeepApart, LeadIncident, LinkAppeal
from cur_tui.domain.model import Appeal
from cur_tui.domain.refusal import Refused
from cur_tui.domain.vocabulary import HEAD_FLAG, LinkKind, Source
from cur_tui.services import receiving
from tests.simulation.person import Person

if TYPE_CHECKING:
    from tests.simulation.acts import Hands

_CHANNELS = (Source.HOTLINE, Source.IN_PERSON, Source.POST)
_TOPICS = ("", "roads.potholes", "utilities.heating")
_KINDS = (*[LinkKind.MASS_INCIDENT] * 4, LinkKind.DUPLICATE, LinkKind.REPEAT)


def heads(appeals: list[Appeal]) -> list[Appeal]:
    """Those that lead a mass incident."""
    return [appeal for appeal in appeals if HEAD_FLAG in appeal.flags]


def lead(hands: Hands, person: Person, appeal: Appeal) -> str:
    """Make it a head; now and then, no longer one."""
    return hands.give(person, appeal, LeadIncident(leads=hands.rng.random() < 0.85))


def join(hands: Hands, person: Person, appeal: Appeal) -> str:
    """Link it, mostly to a head if there is one."""
    others = [other for other in person.appeals() if other.id != appeal.id]
    if not others:
        return "nothing to link it to"
    leading = heads(others)
    target = hands.rng.choice(leading if leading and hands.rng.random() < 0.8 else others)
    return hands.give(person, appeal, LinkAppeal(hands.rng.choice(_KINDS), target.id, target.number))


def part(hands: Hands, person: Person, appeal: Appeal) -> str:
    """It has nothing to do with what it is linked to, or with any other."""
    if appeal.links:
        link = hands.rng.choice(appeal.links)
        return hands.give(person, appeal, KeepApart(link.appeal, link.number))
    others = [other for other in person.appeals() if other.id != appeal.id]
    if not others:
        return "nothing to keep it apart from"
    other = hands.rng.choice(others)
    return hands.give(person, appeal, KeepApart(other.id, other.number))


def take_down(hands: Hands, person: Person) -> str:
    """A conversation: the form is kept while it lasts, given at its end, or left until later."""
    desk = person.desk()
    if desk is None:
        return "cannot take anything down yet"
    typed = hands.mark(person)
    begun = receiving.begun(desk)
    sheet = {
        "source": str(hands.rng.choice(_CHANNELS).value),
        "topic": hands.rng.choice(_TOPICS),
        "name": "Ветрова Алла Кузьминична",
        **begun,
        "text": f"{begun.get('text', 'Во дворе нет света.')} {typed.mark}",
    }
    if hands.rng.random() < 0.6:
        try:
            receiving.keep(desk, sheet)
        except BaseException:
            hands.forget_unkept(person, typed)
            raise
        if hands.rng.random() < 0.3:
            return f"leaves {typed.mark} in the form"
    since = person.stage.machine_time()
    try:
        done = receiving.take_down(desk, sheet, since)
    except Refused as refused:
        hands.forget_unkept(person, typed)
        return f"takes nothing down: {refused.code}"
    except BaseException:
        hands.forget_unkept(person, typed)
        raise
    for one in person.typed.values():
        if one.mark in sheet["text"]:
            one.command = done.command
    return f"takes {typed.mark} down"
