"""What belongs to the operator alone: drafts, saved views, settled refusals and the state of the sync."""

from datetime import UTC, datetime

from msgspec.structs import replace
from sqlalchemy import delete
from sqlalchemy.dialects.sqlite import insert
from sqlmodel import col, select

from storage.changes import Area
from storage.entries import Draft, SavedView
from storage.tables import DraftTable, UnsentTable, ViewTable
from storage.texts import has_unsent, put_draft
from storage.writer_core import WriterCore


class DeskTexts(WriterCore):
    """Small writes of single values; those of texts survive a power cut."""

    def save_draft(self, draft: Draft) -> Draft:
        """Keep ``draft`` in place of the one of its kind for its appeal; returns it with its time."""
        kept = replace(draft, saved_at=draft.saved_at or datetime.now(UTC))
        with self._transaction(durable=True) as unit:
            put_draft(unit, kept)
        return kept

    def delete_draft(self, appeal_id: str, kind: str = "final") -> None:
        """Forget a draft: it was sent, or the operator threw it away."""
        with self._transaction(durable=True) as unit:
            unit.connection.execute(
                delete(DraftTable).where(col(DraftTable.appeal) == appeal_id, col(DraftTable.kind) == kind)
            )
            unit.areas.add(Area.DRAFTS)

    def discard_unsent(self, command_id: str) -> None:
        """Forget a refused command; the appeal loses its mark with the last one."""
        with self._transaction(durable=True) as unit:
            of_command = col(UnsentTable.cid) == command_id
            appeal = unit.connection.execute(
                select(UnsentTable.appeal).where(of_command)
            ).scalar_one_or_none()
            if appeal is None:
                return
            unit.connection.execute(delete(UnsentTable).where(of_command))
            unit.areas.add(Area.UNSENT)
            if not has_unsent(unit, appeal):
                pk = unit.connection.exec_driver_sql(
                    "UPDATE appeal SET conflict=0 WHERE id=? RETURNING pk", (appeal,)
                ).scalar()
                if pk is not None:
                    unit.touch(int(pk))

    def save_view(self, view: SavedView) -> None:
        """Keep a view under its code."""
        statement = insert(ViewTable).values(
            code=view.code, title=view.title, query=view.query, position=view.position
        )
        changed = {name: statement.excluded[name] for name in ("title", "query", "position")}
        with self._transaction(durable=True) as unit:
            unit.connection.execute(statement.on_conflict_do_update(index_elements=["code"], set_=changed))
            unit.areas.add(Area.VIEWS)

    def delete_view(self, code: str) -> None:
        """Forget a view."""
        with self._transaction(durable=True) as unit:
            unit.connection.execute(delete(ViewTable).where(col(ViewTable.code) == code))
            unit.areas.add(Area.VIEWS)

    def set_state(self, key: str, value: str) -> None:
        """Keep one value of the synchronisation's state."""
        with self._transaction(durable=True) as unit:
            unit.set_state(key, value)
