"""Reports by schedule: whatever is due is made once, put into the folder, and its letters are queued.

A round may be cut off anywhere. The next one, of this process or of another, makes the report again under the
same names.
"""

import secrets
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from cur_tui.domain.figures.cuts import Schedule
from cur_tui.domain.refusal import Refused
from cur_tui.domain.time.periods import EVER, parse_period
from cur_tui.domain.time.schedules import latest_due
from cur_tui.files import write_private
from cur_tui.i18n import N_, _
from cur_tui.reports.document import Report
from cur_tui.reports.order import PERIODS, Order, ReportKind
from cur_tui.reports.writing import file_name, write
from regional_api.centre import Centre
from regional_api.clock import now, seconds
from regional_api.figures.cuts import cuts_of
from regional_api.log import log_event, log_failure
from regional_api.process.standing import StandingWork
from regional_api.reporting.lease import Run, fail, finish, take_run
from regional_api.reporting.making import make_report
from regional_api.reporting.posting import send_next
from regional_api.reporting.settings import ReportSettings, read_settings
from regional_api.reporting.source import caller_of
from regional_api.reporting.tables import WAITING

_TEXT: Final = N_("{title}\n{region}, {period}\n\nThe report is attached.\n")
_LETTERS: Final = uuid.UUID("0b6f3f0e-4f5c-5e0b-9d42-6f1f6b6a7c11")
"""The namespace of the letters' ids: the same report to the same address is the same letter."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One report with its schedule. ``name`` begins the names of its files; ``account`` gives the rights."""

    id: str
    name: str
    schedule: Schedule
    order: Order
    account: str


def planned(centre: Centre, settings: ReportSettings) -> Iterator[Planned]:
    """Every report that has a schedule: those of the settings, and the shared cuts."""
    for one in settings.schedule:
        yield Planned(
            f"report:{one.name}", one.name, one, Order(one.kind, one.period, one.query, one.by), one.account
        )
    with centre.database.reading() as connection:
        cuts = cuts_of(connection)
    for saved in cuts:
        if saved.schedule is not None:
            order = Order(ReportKind.CUT, cut=saved.cut, title=saved.title)
            yield Planned(f"cut:{saved.id}", f"cut-{saved.id}", saved.schedule, order, saved.owner)


class ReportRounds:
    """One process's part in the reports by schedule."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        self._holder = secrets.token_hex(8)
        self._stopped = False

    def go(self, at: datetime | None = None) -> int:
        """Make what is due by ``at`` (now) and let letters leave; how many reports this process made."""
        moment = at or now()
        with self._centre.database.reading() as connection:
            settings = read_settings(connection)
        if settings is None:
            return 0
        made = sum(self._made(settings, one, moment) for one in planned(self._centre, settings))
        while not self._stopped and send_next(self._centre, settings, moment):
            pass
        return made

    def stop(self) -> None:
        """Begin nothing more; from any thread."""
        self._stopped = True

    def _made(self, settings: ReportSettings, one: Planned, moment: datetime) -> bool:
        due = latest_due(one.schedule, moment.astimezone(ZoneInfo(self._centre.region.time_zone)))
        database = self._centre.database
        run = None if self._stopped else take_run(database, one.id, due, self._holder, moment)
        if run is None:
            return False
        try:
            report = make_report(
                self._centre, caller_of(self._centre, one.account), _as_of(one.order, due, moment), moment
            )
            names = _put(Path(settings.folder), one, due, report)
        except Refused as refused:
            # Rights that were withdrawn, a block that is no more: nothing that waiting would mend.
            fail(database, run, refused.code, None)
            log_event("report_failed", report=one.id, reason=refused.code)
            return False
        except OSError as error:
            is_last = run.tries + 1 >= settings.tries
            again = None if is_last else seconds(moment) + settings.first_wait * 2**run.tries
            fail(database, run, "folder", again)
            log_failure("", error)
            return False
        finish(database, run, names, list(_letters(settings, one, run, report, moment)))
        log_event("report_made", report=one.id, files=len(names))
        return True


def keep_reporting(centre: Centre, every: float) -> StandingWork:
    """A round every so many seconds; what was due while the database was away stays due."""
    rounds = ReportRounds(centre)

    def step() -> float:
        rounds.go()
        return every

    return StandingWork("reports", step, after_failure=every, interrupt=rounds.stop)


def _as_of(order: Order, due: datetime, moment: datetime) -> Order:
    """The order with its days fixed, if it is made on a later day than it was due: «yesterday» is the one
    before it was due.
    """
    if due.date() == moment.astimezone(due.tzinfo).date():
        return order
    if order.cut is not None:
        period = parse_period(order.cut.period, due.date())
        fixed = msgspec.structs.replace(order.cut, period=EVER if period is None else str(period))
        return replace(order, cut=fixed)
    usual = PERIODS.get(order.kind)
    return (
        order
        if usual is None
        else replace(order, period=str(parse_period(order.period or usual, due.date())))
    )


def _put(folder: Path, one: Planned, due: datetime, report: Report) -> list[str]:
    """Write the report in each of its formats; names begin with when it was due, which puts them in order."""
    names = []
    for format in one.schedule.formats:
        name = f"{due:%Y-%m-%d-%H%M}-{one.name}-{file_name(report, format)}"
        write_private(folder / name, write(report, format))
        names.append(name)
    return names


def _letters(
    settings: ReportSettings, one: Planned, run: Run, report: Report, moment: datetime
) -> Iterator[dict[str, object]]:
    for recipient in dict.fromkeys(one.schedule.recipients):
        if not settings.may_mail(recipient):
            log_event("report_not_mailed", report=one.id, reason="recipient")
            continue
        text = _(_TEXT).format(title=report.title, region=report.region, period=report.period)
        yield {
            "id": str(uuid.uuid5(_LETTERS, f"{run.id} {run.due} {recipient}")),
            "run": run.id,
            "due": run.due,
            "recipient": recipient,
            "subject": f"{report.title}: {report.period}",
            "text": text,
            "state": WAITING,
            "tries": 0,
            "next_at": seconds(moment),
            "reason": None,
        }
