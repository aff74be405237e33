"""What to do with an act that the server refused: give it again on the record as it is now, or let it go."""

import dataclasses

from msgspec.structs import replace

from cur_tui.contract.codec import parse_arguments
from cur_tui.domain.commands import REGISTER, RegisterAppeal
from cur_tui.domain.vocabulary import AnswerKind, Outcome, Priority, Regime, Source
from cur_tui.services.answers.answering import Composition, as_draft, from_arguments
from cur_tui.services.desk import Desk, Done
from cur_tui.services.form_texts import NOTE
from cur_tui.services.labels import command_label, label_of
from cur_tui.services.receiving import taken_down
from storage.decoding import TEXT_FIELDS
from storage.entries import Draft, OutboxEntry, UnsentEntry
from storage.writing.texts import BETWEEN

ANSWER = "submit"
"""The command whose text goes back to the answer screen instead of being sent again blindly."""


def send_again(desk: Desk, entry: UnsentEntry) -> Done:
    """Give the refused command anew on the present record, and drop the refusal: both or neither.

    Raises ``Refused`` when the rules still forbid it; then the refusal stays with its text.
    """
    arguments = parse_arguments(entry.type, entry.arguments, strict=False)
    if isinstance(arguments, RegisterAppeal):
        return desk.register(arguments, instead_of=entry.id)
    return desk.give(desk.appeal(entry.appeal), arguments, instead_of=entry.id)


def back_to_writing(desk: Desk, entry: UnsentEntry) -> Composition:
    """Put a refused answer back on the writing desk as a draft, and drop the refusal: both or neither.

    What has been written there since then is put below it.
    """
    appeal = desk.appeal(entry.appeal)
    written = from_arguments(entry.arguments)
    newer = desk.draft(entry.appeal, written.kind.value)
    if newer is not None and newer.text.strip() not in written.text:
        written = dataclasses.replace(written, text=_together(written.text, newer.text))
    desk.cache.writer.discard_unsent(entry.id, as_draft(appeal.id, appeal.number, written))
    return written


def let_go(desk: Desk, entry: UnsentEntry) -> str:
    """Drop a refused act; returns what was typed in it and is a draft now, or nothing.

    A draft of that kind that exists already is newer and keeps its place; the refused text is put below it.
    What was taken down goes back into its form, unless another appeal is being taken down there.
    """
    text = _typed(entry)
    form = taken_down(desk, entry.arguments) if entry.type == REGISTER else None
    desk.cache.writer.discard_unsent(entry.id, form or _kept(desk, entry, text))
    return text


def take_back(desk: Desk, entry: OutboxEntry) -> OutboxEntry:
    """Take back one act that has not been sent; the cache says why when it cannot be."""
    return desk.cache.writer.undo(entry.id)


def what_was_done(type: str, arguments: dict[str, object], desk: Desk) -> str:
    """An act in one line: the command and what it says, codes of the region as their names."""
    told = []
    for name, value in arguments.items():
        if name in ("answer", "digest", "target", "template_version") or value in (None, "", []):
            continue
        told.append(_named(name, value, desk))
    return f"{command_label(type)}: {', '.join(told)}" if told else command_label(type)


def _named(name: str, value: object, desk: Desk) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(str(part) for part in value)
    text = str(value)
    rulebook = desk.rulebook
    match name:
        case "authority" if text in rulebook.authorities:
            return rulebook.authorities[text].name
        case "topic" if text in rulebook.topics:
            return rulebook.topics[text].name
        case "block" if text in rulebook.blocks:
            return rulebook.blocks[text].name
        case "fast_track" if text in rulebook.fast_tracks:
            return rulebook.fast_tracks[text].title
        case "template" if text in rulebook.templates:
            return rulebook.templates[text].title
        case "outcome":
            return label_of(Outcome, text)
        case "source":
            return label_of(Source, text)
        case "regime":
            return label_of(Regime, text)
        case "priority":
            return label_of(Priority, text)
        case "municipality" if text in rulebook.municipalities:
            return rulebook.municipalities[text].name
        case "kind" if text in set(AnswerKind):
            return label_of(AnswerKind, text)
        case _:
            return text


def _together(text: str, below: str) -> str:
    """Both texts; one that is in the other, as one that was begun and gone on with, is not repeated."""
    return below if text.strip() in below else f"{text.rstrip()}{BETWEEN}{below.strip()}"


def _typed(entry: UnsentEntry) -> str:
    """Everything that a person wrote into an act; of an answer its text, since its sheet has the rest."""
    if entry.type == ANSWER:
        return entry.text.strip()
    written = (entry.arguments.get(name) for name in TEXT_FIELDS)
    return BETWEEN.join(part.strip() for part in written if isinstance(part, str) and part.strip())


def _kept(desk: Desk, entry: UnsentEntry, text: str) -> Draft | None:
    """The draft in which the text of a refused act stays; None where one has it already, or there is none."""
    if not text:
        return None
    sheet = from_arguments(entry.arguments) if entry.type == ANSWER else None
    newer = desk.draft(entry.appeal, NOTE if sheet is None else sheet.kind.value)
    if newer is not None:
        below = replace(newer, text=f"{newer.text.rstrip()}{BETWEEN}{text}", saved_at=None)
        return None if text in newer.text else below
    if sheet is None:
        return Draft(entry.appeal, NOTE, text, entry.number)
    return as_draft(entry.appeal, entry.number, sheet)
