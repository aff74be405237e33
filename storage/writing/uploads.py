"""Files that wait to be sent, until the command that attaches them has taken their place."""

from datetime import UTC, datetime
from typing import Final

import msgspec

from cur_tui.domain.commands import Attach, Command
from cur_tui.domain.refusal import Refused
from storage.changes import Area
from storage.database.statements import insert
from storage.decoding import UPLOAD_COLUMNS, upload
from storage.entries import Upload
from storage.writing.core import Unit
from storage.writing.local import LocalCommands
from storage.writing.rebase import load_server_state
from storage.writing.records import known_appeals
from storage.writing.withdrawn import withdraw

_KEEP: Final = insert(
    "upload", ["id", "appeal", "number", "sha256", "name", "size", "media_type", "data", "at"]
)


class Uploads(LocalCommands):
    """A file is here, or its command is in the outbox: never both, never neither."""

    def keep_upload(self, file: Upload, data: bytes) -> None:
        """Keep a file, durably. One that waits for the same appeal already is replaced: it is the same."""
        with self._transaction(durable=True) as unit:
            unit.connection.execute(
                "DELETE FROM upload WHERE appeal=? AND sha256=?", (file.appeal, file.sha256)
            )
            values = (file.id, file.appeal, file.number, file.sha256, file.name, file.size, file.media_type)
            at = int(datetime.now(UTC).timestamp() * 1000)
            unit.connection.execute(_KEEP, (*values, data, at))
            unit.areas.add(Area.OUTBOX)

    def finish_upload(self, upload_id: str, media_type: str) -> None:
        """The server has the file: give the command that attaches it and let the file go, in one transaction.

        Should the rules refuse the command by now, the file stays with the reason. Nothing happens for a
        file that is not here any more.
        """
        with self._transaction(durable=True) as unit:
            file = self._upload(unit, upload_id)
            if file is None:
                return
            try:
                self._enact(unit, self._attaching(unit, file, media_type), None)
            except Refused as refused:
                self._mark(unit, upload_id, refused.code, refused.params)
            else:
                unit.connection.execute("DELETE FROM upload WHERE id=?", (upload_id,))
            unit.areas.add(Area.OUTBOX)

    def refuse_upload(self, upload_id: str, code: str, params: dict[str, str]) -> None:
        """The server will not take this file: it stays here, and says why."""
        with self._transaction(durable=True) as unit:
            self._mark(unit, upload_id, code, params)
            unit.areas.add(Area.OUTBOX)

    def drop_upload(self, upload_id: str) -> None:
        """The person does not want the file to be sent any more."""
        with self._transaction(durable=True) as unit:
            unit.connection.execute("DELETE FROM upload WHERE id=?", (upload_id,))
            withdraw(unit, upload_id)
            unit.areas.add(Area.OUTBOX)

    def _attaching(self, unit: Unit, file: Upload, media_type: str) -> Command:
        known = known_appeals(unit.connection, [file.appeal]).get(file.appeal)
        if known is None:
            raise Refused("not_found")
        return Command(
            id=file.id,
            appeal=file.appeal,
            arguments=Attach(file.sha256, file.name, file.size, media_type),
            base=load_server_state(unit, known).row.version,
            device_at=datetime.now(UTC),
        )

    def _upload(self, unit: Unit, upload_id: str) -> Upload | None:
        found = unit.one(f"SELECT {UPLOAD_COLUMNS} FROM upload WHERE id=?", (upload_id,))  # noqa: S608
        return None if found is None else upload(found)

    def _mark(self, unit: Unit, upload_id: str, code: str, params: dict[str, str]) -> None:
        unit.connection.execute(
            "UPDATE upload SET code=?, params=? WHERE id=?",
            (code, msgspec.json.encode(params).decode(), upload_id),
        )
