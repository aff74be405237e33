"""Stored columns back into the values that the cache hands out."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import msgspec

from cur_tui.contract.row import LISTED, AppealRow
from storage.entries import CachedRow, Draft, OutboxEntry, UnsentEntry, Upload

if TYPE_CHECKING:
    from cur_tui.domain.commands import Arguments, Command

ROW_COLUMNS: Final = ", ".join(("pk", "pending", "conflict", *LISTED))
OUTBOX_COLUMNS: Final = "cid, dseq, type, appeal, number, base, document, state, doubt, device_at"
OUTBOX_ORDER: Final = "dseq IS NULL, dseq, n"
"""The order in which commands were given: a numbered one is older than any without a number."""
UNSENT_COLUMNS: Final = "cid, type, appeal, number, code, params, detail, document, at"
DRAFT_COLUMNS: Final = (
    "appeal, kind, text, number, answer, outcome, template, template_version, promised_date, "
    "evidence, saved_at"
)

UPLOAD_COLUMNS: Final = "id, appeal, number, sha256, name, size, media_type, code, params"

TEXT_FIELDS: Final = ("text", "notice", "essence", "evidence", "reason", "comment")
"""The arguments in which people write, the most laboured first."""

Stored = Sequence[Any]
"""A row of the driver, whose columns carry no types."""


def cached_row(stored: Stored) -> CachedRow:
    """From :data:`ROW_COLUMNS`."""
    return CachedRow(stored[0], AppealRow(*stored[3:]), stored[1], bool(stored[2]))


def outbox_entry(stored: Stored) -> OutboxEntry:
    """From :data:`OUTBOX_COLUMNS`."""
    cid, dseq, type_, appeal, number, base, document, state, doubt, device_at = stored
    return OutboxEntry(
        id=cid,
        dseq=dseq,
        type=type_,
        appeal=appeal,
        number=number,
        base=base,
        arguments=msgspec.json.decode(document),
        state=state,
        doubt=doubt,
        device_at=datetime.fromisoformat(device_at),
    )


def command_of(entry: OutboxEntry) -> "Command":
    """The command that an outbox entry stands for."""
    from cur_tui.domain.commands import EVERY_COMMAND, Command  # lists are read without them

    arguments: Arguments = msgspec.convert(entry.arguments, EVERY_COMMAND[entry.type])
    return Command(entry.id, entry.appeal, arguments, entry.base, entry.device_at)


def unsent_entry(stored: Stored) -> UnsentEntry:
    """From :data:`UNSENT_COLUMNS`."""
    cid, type_, appeal, number, code, params, detail, document, at = stored
    arguments: dict[str, object] = msgspec.json.decode(document)
    return UnsentEntry(
        id=cid,
        type=type_,
        appeal=appeal,
        number=number,
        code=code,
        params=msgspec.json.decode(params, type=dict[str, str]),
        detail=detail,
        text=typed_text(arguments),
        arguments=arguments,
        at=datetime.fromtimestamp(at, UTC),
    )


def draft(stored: Stored) -> Draft:
    """From :data:`DRAFT_COLUMNS`."""
    names = DRAFT_COLUMNS.split(", ")
    values = dict(zip(names, stored, strict=True))
    values["saved_at"] = datetime.fromtimestamp(values["saved_at"], UTC)
    return Draft(**values)


def typed_text(arguments: dict[str, object]) -> str:
    """The text that a person wrote into a command, or the empty text."""
    written = (arguments.get(name) for name in TEXT_FIELDS)
    return next((text for text in written if isinstance(text, str) and text), "")


def upload(stored: Stored) -> Upload:
    """From :data:`UPLOAD_COLUMNS`."""
    id_, appeal, number, sha256, name, size, media_type, code, params = stored
    return Upload(
        id=id_,
        appeal=appeal,
        number=number,
        sha256=sha256,
        name=name,
        size=size,
        media_type=media_type,
        code=code,
        params=msgspec.json.decode(params, type=dict[str, str]) if params else {},
    )
