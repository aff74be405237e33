"""What people typed outlives the fate of the command it was typed into."""

from datetime import UTC, datetime
from typing import Final

from sqlalchemy.dialects.sqlite import insert
from sqlmodel import col, select

from cur_tui.domain.commands import SubmitAnswer
from storage.changes import Area
from storage.decoding import command_of
from storage.entries import Draft, OutboxEntry
from storage.tables import DraftTable, UnsentTable
from storage.writer_core import Unit

_KEY: Final = ["appeal", "kind"]


def put_draft(unit: Unit, draft: Draft, *, replace: bool = True) -> None:
    """Keep ``draft``; without ``replace`` only if there is none of its kind for the appeal."""
    statement = insert(DraftTable).values(
        appeal=draft.appeal,
        kind=draft.kind,
        number=draft.number,
        answer=draft.answer,
        text=draft.text,
        outcome=draft.outcome,
        template=draft.template,
        template_version=draft.template_version,
        promised_date=draft.promised_date,
        evidence=draft.evidence,
        saved_at=int((draft.saved_at or datetime.now(UTC)).timestamp()),
    )
    if replace:
        changed = {c.name: statement.excluded[c.name] for c in statement.excluded if c.name not in _KEY}
        statement = statement.on_conflict_do_update(index_elements=_KEY, set_=changed)
    else:
        statement = statement.on_conflict_do_nothing(index_elements=_KEY)
    unit.connection.execute(statement)
    unit.areas.add(Area.DRAFTS)


def keep_as_draft(unit: Unit, entry: OutboxEntry) -> None:
    """Give the text of an answer that will not be sent back to its draft; a newer draft is left as it is."""
    arguments = command_of(entry).arguments
    if not isinstance(arguments, SubmitAnswer):
        return
    draft = Draft(
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
    put_draft(unit, draft, replace=False)


def has_unsent(unit: Unit, appeal: str) -> bool:
    """Whether a refused command on the appeal waits for the operator."""
    found = unit.connection.execute(
        select(UnsentTable.cid).where(col(UnsentTable.appeal) == appeal).limit(1)
    ).first()
    return found is not None
