"""What travels about deliveries: where they stand, the sheet for those who post by hand, and it filled in."""

from typing import Final

import msgspec

from cur_tui.i18n import N_

MAX_SHEET: Final = 16 * 1_048_576
"""The largest filled-in sheet, in bytes."""
MAX_ROWS: Final = 1_000
"""Texts that one sheet holds."""

ID_COLUMN: Final = "Доставка"
EXPORT_COLUMN: Final = "Выгрузка"
NUMBER_COLUMN: Final = "Номер"
RESULT_COLUMN: Final = "Результат"
REFERENCE_COLUMN: Final = "Ссылка или номер"
REASON_COLUMN: Final = "Причина"
"""The columns by which a filled-in sheet is known and read; the others may be gone or in another order."""

RESULTS: Final = {
    "доставлено": "confirmed",
    "да": "confirmed",
    "delivered": "confirmed",
    "yes": "confirmed",
    "отправлено": "sent",
    "опубликовано": "sent",
    "sent": "sent",
    "не доставлено": "failed",
    "не отправлено": "failed",
    "нет": "failed",
    "failed": "failed",
    "no": "failed",
}
"""What people write into the column of results, in lower case, and what it means."""

FAULTS: Final = {
    "unknown_delivery": N_("there is no such delivery among those you may see"),
    "other_number": N_("the number does not belong to the delivery: were columns sorted apart?"),
    "unknown_result": N_("the result is not one of: доставлено, отправлено, не доставлено"),
    "no_reason": N_("say why it was not delivered"),
    "broken_row": N_("the row cannot be read"),
    "no_report": N_("the letter is no delivery report: read it, and write into the sheet what it says"),
    "no_letter_named": N_("the report does not name the letter that it is about, or it is none of ours"),
    "other_recipient": N_("the report is about another address than the letter went to"),
    "not_out_by_mail": N_("the text is not on its way by e-mail: it waits, left otherwise or arrived"),
}
"""Why a row of a filled-in sheet, or a letter, was not taken; a refusal has its own code and sentence."""


class DeliveryEntry(msgspec.Struct, frozen=True):
    """One text on its way. ``channel`` None: not worked out yet. ``reason``: a code of
    :mod:`cur_tui.domain.answers.delivery_failures` about the last attempt; what a person wrote is in the
    record.

    Instants are seconds since 1970. ``next_at``: when it is tried next.
    """

    id: str
    appeal: str
    number: str
    answer: str
    kind: str
    state: str
    channel: str | None
    tries: int
    next_at: int | None
    reason: str | None
    changed_at: int
    exports: int
    exported_at: int | None


class DeliveryPage(msgspec.Struct, frozen=True):
    """A page of deliveries, the last changed first, and how many there are in each state that is not over."""

    items: tuple[DeliveryEntry, ...]
    next: str | None
    counts: dict[str, int]


class SheetRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Ask for what is to be posted by hand. ``only_new``: without what an earlier sheet held.

    ``id``: a UUID that the sheet is to have. Asked for again under it the sheet holds the same, as far as it
    still waits: whoever got no answer, or could not write it down, loses nothing.
    """

    only_new: bool = False
    id: str = ""


class SheetFile(msgspec.Struct, frozen=True):
    """A file that belongs to a text, by the hash of its content."""

    sha256: str
    name: str


class SheetRow(msgspec.Struct, frozen=True):
    """One text to be posted: ``where`` to, for ``whom``. ``exported_at``: when an earlier sheet held it."""

    delivery: str
    number: str
    kind: str
    source: str
    where: str
    whom: str
    text: str
    files: tuple[SheetFile, ...]
    exports: int
    exported_at: str | None


class DeliverySheet(msgspec.Struct, frozen=True):
    """What is to be posted by hand. ``before``: rows that earlier sheets held; ``left``: what did not fit."""

    id: str
    made_at: str
    rows: tuple[SheetRow, ...]
    before: int
    left: int


class ReceiptFault(msgspec.Struct, frozen=True):
    """A row or a letter that was not taken: its number in the file, a code, its sentence for the reader."""

    row: int
    code: str
    sentence: str


class ReceiptReport(msgspec.Struct, frozen=True):
    """What became of a filled-in sheet or of a mailbox.

    ``same``: said before; ``empty``: nothing was filled in, or a report of a delay.
    """

    confirmed: int
    sent: int
    failed: int
    same: int
    empty: int
    faults: tuple[ReceiptFault, ...]
