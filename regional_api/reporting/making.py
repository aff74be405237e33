"""A report for somebody: made with their rights, and journaled where it shows who wrote."""

from datetime import datetime
from typing import Final

from cur_tui.domain.decisions.case import required_text
from cur_tui.domain.refusal import Refused
from cur_tui.domain.texts.text import neutralise
from cur_tui.reports.building import build
from cur_tui.reports.document import Report
from cur_tui.reports.order import Order
from regional_api.centre import Centre
from regional_api.figures.statistics import Counted
from regional_api.identity.callers import Caller
from regional_api.record import journal
from regional_api.record.disclosing import MAX_REASON
from regional_api.reporting.source import ServerSource
from regional_api.unit_of_work import unit_of_work

ACT: Final = "report"
_CHUNK: Final = 500
"""Lines of the journal that are written at once, so that no writer waits long."""


def make_report(
    centre: Centre,
    caller: Caller,
    order: Order,
    instant: datetime,
    *,
    counted: Counted | None = None,
    reason: str | None = None,
) -> Report:
    """The report as of ``instant``, within the scope of ``caller``.

    ``reason``: with personal data, and why. Each appeal whose texts or applicant are then shown is a line of
    the journal before the report is handed out (152-ФЗ art. 19 part 2 item 8). Raises :class:`Refused`:
    ``not_permitted``, ``invalid_value``, and ``empty_field`` or ``too_long`` for the reason.
    """
    why = None if reason is None else required_text("reason", neutralise(reason))
    if why is not None and len(why) > MAX_REASON:
        raise Refused("too_long", field="reason", limit=str(MAX_REASON))
    source = ServerSource(centre, caller, instant, counted=counted, personal_data=why is not None)
    report = build(source, order)
    if why is not None:
        _tell(centre, caller, order, why, source.disclosed)
    return report


def _tell(
    centre: Centre, caller: Caller, order: Order, why: str, disclosed: dict[str, tuple[str, int]]
) -> None:
    shown = sorted(disclosed.items())
    for start in range(0, len(shown), _CHUNK):
        with unit_of_work(centre.database, centre.rulebook) as work:
            for id, (number, version) in shown[start : start + _CHUNK]:
                work.record(
                    journal.entry_of(
                        work.now,
                        "disclose",
                        {"reason": why, "report": order.kind.value},
                        account=caller.actor.account,
                        role=caller.actor.role.value,
                        appeal=id,
                        number=number,
                        before=version,
                        after=version,
                    )
                )
