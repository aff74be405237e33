"""Taking down an appeal by a form: its fields, what was typed so far, and what to tell the citizen."""

import re
from datetime import datetime
from typing import Final

import msgspec

from cur_tui.contract.codec import parse_arguments
from cur_tui.domain.answers.rendering import TemplateError
from cur_tui.domain.commands import REGISTER, RegisterAppeal
from cur_tui.domain.evolve import replace
from cur_tui.domain.model import Appeal
from cur_tui.domain.reception import CHANNELS
from cur_tui.domain.vocabulary import ItemKind, Priority, Regime, Source, TemplateKind
from cur_tui.i18n import N_, _
from cur_tui.services.answers.templates import notice_text
from cur_tui.services.desk import Desk, Done
from cur_tui.services.forms import (
    FieldKind,
    Form,
    FormField,
    enum_choices,
    municipality_choices,
    topic_choices,
)
from storage.entries import Draft
from storage.writing.texts import FORM, form_draft, is_begun

_GAP: Final = "⟦"
"""Begins what a notice could not fill in: nobody is responsible yet, no term is known."""
_SENTENCE_END: Final = re.compile(r"(?<=[.!?]) +(?=[А-ЯЁA-Z])")
_A_CALL: Final = N_("By law a telephone call is no official appeal: it is taken down as information.")
_TOLD: Final = N_("By law this is no official appeal: it is taken down as information.")
_LAWFUL: Final = N_(
    "To get an answer within the term of the law, choose what suits you: the portal «Госуслуги», the "
    "official site of the authority, a letter by post or personal reception."
)


def reception_form(desk: Desk) -> Form:
    """The fields, in the order in which a conversation goes."""
    rulebook = desk.rulebook
    regimes = tuple(dict.fromkeys(regime for lawful in CHANNELS.values() for regime in lawful))
    return Form(
        REGISTER,
        (
            FormField("source", N_("How it came"), FieldKind.CHOICE, True, enum_choices(CHANNELS)),
            FormField("name", N_("Surname, name, patronymic"), FieldKind.LINE, False),
            FormField("phone", N_("Telephone"), FieldKind.LINE, False),
            FormField("text", N_("What it is about"), FieldKind.TEXT),
            FormField("address", N_("Address of the problem"), FieldKind.LINE, False),
            FormField(
                "municipality", N_("Municipality"), FieldKind.CHOICE, False, municipality_choices(rulebook)
            ),
            FormField("topic", N_("Topic"), FieldKind.CHOICE, False, topic_choices(rulebook)),
            FormField("post_address", N_("Address for the answer"), FieldKind.LINE, False),
            FormField("email", N_("E-mail"), FieldKind.LINE, False),
            FormField(
                "regime", N_("Regime, if not the usual one"), FieldKind.CHOICE, False, enum_choices(regimes)
            ),
            FormField("item_kind", N_("Kind"), FieldKind.CHOICE, False, enum_choices(ItemKind)),
            FormField(
                "priority", N_("Importance"), FieldKind.CHOICE, False, enum_choices(Priority), "normal"
            ),
        ),
    )


def begun(desk: Desk) -> dict[str, str]:
    """What was typed into the form and not given."""
    draft = desk.draft(*FORM)
    return msgspec.json.decode(draft.text, type=dict[str, str]) if draft is not None else {}


def keep(desk: Desk, typed: dict[str, str]) -> None:
    """Keep what is typed, durably."""
    desk.save_draft(Draft(*FORM, msgspec.json.encode(typed).decode()))


def taken_down(desk: Desk, arguments: dict[str, object]) -> Draft | None:
    """A registration that was not taken as the form that it came from; None where that holds another one."""
    return None if is_begun(desk.draft(*FORM)) else form_draft(arguments)


def take_down(desk: Desk, typed: dict[str, str], since: datetime) -> Done:
    """Register what stands in the form; ``since`` is when the conversation began. Raises :class:`Refused`."""
    given = {name: value for name, value in typed.items() if value}
    taken = parse_arguments(REGISTER, {**given, "received_at": since.isoformat()}, strict=False)
    assert isinstance(taken, RegisterAppeal), "the parser goes by the name"
    return desk.register(taken, form=FORM)


def number_of(desk: Desk, command: str) -> str | None:
    """The number that the server has given; empty when it refused, None while nobody knows."""
    settled = desk.cache.reader.settled_as(command)
    if settled is None:
        return None
    number, is_refused = settled
    return "" if is_refused else number


def acceptance(desk: Desk, appeal: Appeal, number: str | None) -> str:
    """What to read out or hand over; a telephone call lodges no appeal, so it gets the lawful channels."""
    told = _("[the number comes with the next exchange]")
    numbered = replace(appeal, number=number or told)
    heard = _("Your message is taken down under the number {number}.").format(number=numbered.number)
    try:
        text = _whole(notice_text(TemplateKind.REGISTERED, numbered, desk.rulebook)) or heard
    except TemplateError:  # the region's text is at fault, and the citizen is waiting
        text = heard
    if appeal.regime is Regime.INFORMATION:
        why = _(_A_CALL) if appeal.source is Source.HOTLINE else _(_TOLD)
        text = f"{text}\n\n{why}\n\n{_(_LAWFUL)}"
    return text


def _whole(notice: str) -> str:
    """The sentences of a notice that are complete: what has a gap cannot be read out to anybody."""
    paragraphs = notice.split("\n\n")
    told = (
        " ".join(one for one in _SENTENCE_END.split(paragraph) if _GAP not in one) for paragraph in paragraphs
    )
    return "\n\n".join(filter(None, told))
