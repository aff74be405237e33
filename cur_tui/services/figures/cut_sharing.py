"""Sharing a cut with everybody who supervises: what is asked, and what becomes of the answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from cur_tui.domain.figures.cuts import Cut, SavedCut, Schedule, check_title
from cur_tui.i18n import N_, _
from cur_tui.services.forms import Choice, FieldKind, Form, FormField

_NEVER: Final = "-"
_ALL: Final = "xlsx,html,md"
_AT: Final = "08:30"
_EVERY: Final = {
    _NEVER: N_("never: only to look at"),
    "day": N_("every day"),
    "week": N_("every week"),
    "cur_week": N_("every ЦУР week"),
    "month": N_("every month"),
}
_FORMATS: Final = {"xlsx": "XLSX", "html": "HTML", "md": "Markdown", _ALL: N_("all of them")}


def sharing_form(title: str, known: SavedCut | None = None) -> Form:
    """The form: name, and when and to whom the cut is reported; what is ``known`` stands in it first."""
    schedule = known.schedule if known else None
    return Form(
        "cut_share",
        (
            FormField("title", N_("Name of the cut"), FieldKind.LINE, initial=title),
            FormField(
                "every",
                N_("Report"),
                FieldKind.CHOICE,
                choices=_choices(_EVERY),
                initial=schedule.every if schedule else _NEVER,
            ),
            FormField(
                "at", N_("At, in region time"), FieldKind.LINE, initial=schedule.at if schedule else _AT
            ),
            FormField(
                "formats",
                N_("As"),
                FieldKind.CHOICE,
                choices=_choices(_FORMATS),
                initial=_formats_of(schedule),
            ),
            FormField(
                "recipients",
                N_("To: addresses, by commas"),
                FieldKind.LINE,
                required=False,
                initial=", ".join(schedule.recipients) if schedule else "",
            ),
        ),
    )


def cut_to_share(values: Mapping[str, object], cut: Cut, known: SavedCut | None, id: str) -> SavedCut:
    """The cut as the form has it: the ``known`` one anew, else one of this ``id``. Raises ``Refused``."""
    every = str(values["every"])
    schedule = None
    if every != _NEVER:
        recipients = (part.strip() for part in str(values.get("recipients") or "").split(","))
        document = {
            "every": every,
            "at": str(values["at"]).strip(),
            "formats": str(values["formats"]).split(","),
            "recipients": [recipient for recipient in recipients if recipient],
        }
        schedule = msgspec.convert(document, Schedule)
    title = check_title(str(values["title"]))
    return SavedCut(
        known.id if known else id, title, cut, owner=known.owner if known else "", schedule=schedule
    )


def schedule_words(saved: SavedCut) -> str:
    """When a cut is reported; empty for one that is not."""
    if saved.schedule is None:
        return ""
    return _("{every} at {time}").format(every=_(_EVERY[saved.schedule.every]), time=saved.schedule.at)


def _formats_of(schedule: Schedule | None) -> str:
    formats = ",".join(schedule.formats) if schedule else "xlsx"
    return formats if formats in _FORMATS else _ALL


def _choices(titles: Mapping[str, str]) -> tuple[Choice, ...]:
    return tuple(Choice(code, _(title)) for code, title in titles.items())
