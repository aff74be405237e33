"""What a person writes in the form of a command: kept as it is typed, there again until it is given.

A note, a notice to an applicant, a remark for an author: each is kept in a draft of its command's name.
"""

from dataclasses import dataclass
from typing import Final

from cur_tui.domain.commands import WRITTEN
from cur_tui.services.desk import Desk
from cur_tui.services.forms import Form, FormField
from storage.entries import Draft

NOTE: Final = "note"
MANY: Final = "-"
"""Where a text is kept that is for several appeals at once."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the text of a command's form is kept: by its appeal, or for :data:`MANY`."""

    appeal: str
    command: str
    number: str = ""

    @property
    def form(self) -> tuple[str, str]:
        """The draft's key in the cache."""
        return self.appeal, self.command


def text_field(form: Form) -> FormField | None:
    """The field of ``form`` in which a person writes; None where there is none."""
    return next((field for field in form.fields if field.name == WRITTEN.get(form.command)), None)


def begun(desk: Desk, place: Place) -> str:
    """What was written there and not given."""
    draft = desk.draft(*place.form)
    return draft.text if draft is not None else ""


def keep(desk: Desk, place: Place, text: str) -> None:
    """Keep what is written, durably; nothing written forgets the draft."""
    if text:
        desk.save_draft(Draft(place.appeal, place.command, text, place.number))
    elif desk.draft(*place.form) is not None:
        desk.cache.writer.delete_draft(*place.form)
