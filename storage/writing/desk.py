"""What belongs to the operator alone: drafts, saved views, settled refusals and the state of the sync."""

from datetime import UTC, datetime
from typing import Final

from msgspec.structs import replace

from storage.changes import Area
from storage.database.statements import upsert
from storage.entries import Draft, SavedView
from storage.writing.core import WriterCore
from storage.writing.texts import drop_draft, drop_unsent, put_draft

_PUT_VIEW: Final = upsert("saved_view", ["code", "title", "query", "position"], ["code"])


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
            drop_draft(unit, appeal_id, kind)

    def discard_unsent(self, command_id: str, keep: Draft | None = None) -> None:
        """Forget a refused command; the appeal loses its mark with the last one.

        Its text is kept in ``keep`` with it: else a stop between the two would have it given twice.
        """
        with self._transaction(durable=True) as unit:
            if keep is not None:
                put_draft(unit, keep)
            drop_unsent(unit, command_id)

    def save_view(self, view: SavedView) -> None:
        """Keep a view under its code."""
        with self._transaction(durable=True) as unit:
            unit.connection.execute(_PUT_VIEW, (view.code, view.title, view.query, view.position))
            unit.areas.add(Area.VIEWS)

    def delete_view(self, code: str) -> None:
        """Forget a view."""
        with self._transaction(durable=True) as unit:
            unit.connection.execute("DELETE FROM saved_view WHERE code=?", (code,))
            unit.areas.add(Area.VIEWS)

    def set_state(self, key: str, value: str) -> None:
        """Keep one value of the synchronisation's state, which the server's next answer would give again."""
        with self._transaction(durable=False) as unit:
            unit.set_state(key, value)
