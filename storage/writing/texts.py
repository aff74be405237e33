"""What people typed outlives the fate of the command it was typed into."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

import msgspec

from cur_tui.domain.commands import REGISTER, WRITTEN, RegisterAppeal, SubmitAnswer
from storage.changes import Area
from storage.database.statements import upsert
from storage.decoding import command_of
from storage.entries import Draft, OutboxEntry
from storage.errors import UndoRefused
from storage.writing.core import Unit
from storage.writing.withdrawn import withdraw

_COLUMNS: Final = (
    "appeal",
    "kind",
    "number",
    "answer",
    "text",
    "outcome",
    "template",
    "template_version",
    "promised_date",
    "evidence",
    "saved_at",
)
_PUT: Final = upsert("draft", _COLUMNS, ["appeal", "kind"])

BETWEEN: Final = "\n\n———\n\n"
"""Stands between a draft and an earlier text that is kept below it."""
FORM: Final = ("-", REGISTER)
"""Place and kind of the draft of the form in which an appeal is taken down: there is no appeal yet."""


_WORDS: Final = ("text", "name", "phone", "address", "post_address", "email")
"""The fields of that form in which people write."""


def is_begun(form: Draft | None) -> bool:
    """Whether anything was written into the form; where it was only looked at, its choices stand there."""
    return form is not None and any(map(msgspec.json.decode(form.text, type=dict[str, str]).get, _WORDS))


def form_draft(arguments: Mapping[str, object]) -> Draft:
    """A registration as the form that it came from."""
    typed = {name: str(value) for name, value in arguments.items() if value and name != "received_at"}
    return Draft(*FORM, msgspec.json.encode(typed).decode())


def put_draft(unit: Unit, draft: Draft) -> None:
    """Keep ``draft`` in place of the one of its kind for the appeal."""
    values = [getattr(draft, name) for name in _COLUMNS[:-1]]
    saved_at = int((draft.saved_at or datetime.now(UTC)).timestamp())
    unit.connection.execute(_PUT, (*values, saved_at))
    unit.areas.add(Area.DRAFTS)


def drop_draft(unit: Unit, appeal_id: str, kind: str) -> None:
    """Forget a draft."""
    unit.connection.execute("DELETE FROM draft WHERE appeal=? AND kind=?", (appeal_id, kind))
    unit.areas.add(Area.DRAFTS)


def keep_as_draft(unit: Unit, entry: OutboxEntry, *, below: bool = False) -> None:
    """Give the text of an answer that will not be sent back to its draft.

    A newer draft is left as it is; with ``below`` the text is put under it, as nothing else holds it. Then
    what was written in other forms goes back to its draft as well, and a registration into its form: raises
    :class:`UndoRefused` ``undo_form`` while another one stands there.
    """
    draft = _draft_of(entry, is_kept_elsewhere=not below)
    if draft is None:
        return
    newer = unit.one("SELECT text FROM draft WHERE appeal=? AND kind=?", (draft.appeal, draft.kind))
    if draft.kind == REGISTER and newer is not None and is_begun(Draft(*FORM, newer[0])):
        raise UndoRefused("undo_form")
    if newer is None or draft.kind == REGISTER:
        put_draft(unit, draft)
    elif below and draft.text.strip() not in newer[0]:
        unit.connection.execute(
            "UPDATE draft SET text=? WHERE appeal=? AND kind=?",
            (f"{newer[0].rstrip()}{BETWEEN}{draft.text.strip()}", draft.appeal, draft.kind),
        )
        unit.areas.add(Area.DRAFTS)


def _draft_of(entry: OutboxEntry, *, is_kept_elsewhere: bool) -> Draft | None:
    """The draft that a command goes back to; None for one without a text, or whose refusal holds it."""
    arguments = command_of(entry).arguments
    if isinstance(arguments, SubmitAnswer):
        return Draft(
            appeal=entry.appeal,
            kind=arguments.kind.value,
            text=arguments.text,
            number=entry.number,
            answer=arguments.answer,
            outcome=arguments.outcome.value if arguments.outcome else None,
            template=arguments.template,
            template_version=arguments.template_version,
            promised_date=arguments.promised_date.isoformat() if arguments.promised_date else None,
            evidence=", ".join(arguments.evidence),
        )
    if is_kept_elsewhere:
        return None
    if isinstance(arguments, RegisterAppeal):
        return form_draft(entry.arguments)
    text = str(entry.arguments.get(WRITTEN.get(entry.type, "")) or "")
    return Draft(entry.appeal, entry.type, text, entry.number) if text else None


def drop_unsent(unit: Unit, command_id: str) -> None:
    """Forget a refused command, if it is there; the appeal loses its mark with the last one."""
    found = unit.one("DELETE FROM unsent WHERE cid=? RETURNING appeal", (command_id,))
    if found is None:
        return
    unit.areas.add(Area.UNSENT)
    withdraw(unit, command_id)
    if unit.one("SELECT 1 FROM unsent WHERE appeal=? LIMIT 1", found) is None:
        unit.touch(pk for (pk,) in unit.all("UPDATE appeal SET conflict=0 WHERE id=? RETURNING pk", found))
