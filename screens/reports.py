"""Ordering a report from the screen: a form, then a file whose place is told."""

from pathlib import Path
from typing import Final

from cur_tui.domain.time.periods import EVER
from cur_tui.i18n import N_, _
from cur_tui.reports.building import TITLES
from cur_tui.reports.order import FORMATS, Format, ReportKind
from cur_tui.services.figures.measure_words import PERIODS, period_title
from cur_tui.services.figures.reports import order_of, save_report
from cur_tui.services.forms import Choice, FieldKind, Form, FormField
from screens.acts import ask
from screens.base import DeskApp

_FORMATS: Final[dict[Format, str]] = {
    "xlsx": N_("workbook (xlsx)"),
    "html": N_("page to look at and print (html)"),
    "md": N_("text (md)"),
}


async def order_report(station: DeskApp) -> bool:
    """Ask which report, how and where, and make it; True when it was written.

    Run it by :meth:`screens.base.DeskApp.start`: it waits for the person.
    """
    desk = station.desk

    async def take(values: dict[str, object]) -> bool:
        given = {name: str(value or "").strip() for name, value in values.items()}
        format = next((one for one in FORMATS if one == given["format"]), FORMATS[0])

        def write() -> Path:
            order = order_of(
                desk,
                given["kind"],
                period=given.get("days") or given.get("period", ""),
                query=given.get("query", ""),
                saved=given.get("saved", ""),
            )
            return save_report(desk, order, format, Path(given["place"]).expanduser())

        path = await station.attempt(write)
        if path is not None:
            station.say(_("Written: {path}").format(path=path))
        return path is not None

    return await ask(station, _("Report"), _form(), take)


def _form() -> Form:
    kinds = tuple(Choice(kind.value, _(TITLES[kind])) for kind in ReportKind)
    formats = tuple(Choice(code, _(title)) for code, title in _FORMATS.items())
    periods = tuple(Choice(code, period_title(code), keywords=code) for code in PERIODS if code != EVER)
    return Form(
        "report",
        (
            FormField("kind", N_("Report"), FieldKind.CHOICE, choices=kinds, initial=ReportKind.DAILY.value),
            FormField("format", N_("Format"), FieldKind.CHOICE, choices=formats, initial=FORMATS[0]),
            FormField(
                "period",
                N_("Period; none: the last"),
                FieldKind.CHOICE,
                required=False,
                choices=periods,
            ),
            FormField("days", N_("Other days (2026-11-01..2026-11-15)"), FieldKind.LINE, required=False),
            FormField("query", N_("Filter"), FieldKind.LINE, required=False),
            FormField("saved", N_("Kept cut, for a cut only"), FieldKind.LINE, required=False),
            FormField("place", N_("File or folder"), FieldKind.LINE, initial=str(Path.home())),
        ),
    )
