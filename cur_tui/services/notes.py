"""A note that is being written: what was left or refused is there again when the form is opened anew."""

from typing import Final

from cur_tui.domain.commands import AddNote
from cur_tui.domain.model import Appeal
from cur_tui.services.desk import Desk, Done
from storage.entries import Draft

NOTE: Final = "note"
"""The command, and the kind of its draft."""


def begun(desk: Desk, appeal: Appeal) -> str:
    """What was written for the appeal and not given."""
    draft = desk.draft(appeal.id, NOTE)
    return draft.text if draft is not None else ""


def keep(desk: Desk, appeal: Appeal, text: str) -> None:
    """Keep what is written, durably; nothing written forgets the draft."""
    if text:
        desk.save_draft(Draft(appeal.id, NOTE, text, appeal.number))
    elif desk.draft(appeal.id, NOTE) is not None:
        desk.cache.writer.delete_draft(appeal.id, NOTE)


def give(desk: Desk, appeal: Appeal, text: str) -> Done:
    """Give the note, on the appeal as it is now; its draft goes with it. Raises ``Refused``."""
    return desk.give(desk.appeal(appeal.id), AddNote(text), form=(appeal.id, NOTE))
