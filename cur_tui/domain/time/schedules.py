"""When a report is due by its schedule: in region time, whatever the clocks of the server show."""

import re
from datetime import date, datetime, time, timedelta
from typing import Final

from cur_tui.domain.figures.cuts import Schedule
from cur_tui.domain.refusal import Refused
from cur_tui.domain.time.periods import PeriodKind, period_of

_TIME: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")


def time_of(schedule: Schedule) -> time:
    """The time of day. Raises :class:`Refused` ``invalid_value`` for what is none."""
    found = _TIME.fullmatch(schedule.at)
    if found is None:
        raise Refused("invalid_value", field="at", value=schedule.at[:80])
    return time(int(found[1]), int(found[2]))


def latest_due(schedule: Schedule, now: datetime) -> datetime:
    """The last moment not after ``now``, in region time, at which a report was due.

    Each period is reported on its first day: a week on Monday, the ЦУР week on Thursday, a month on the 1st,
    since what came before is then complete.
    """
    kind = PeriodKind(schedule.every)
    due = _due_on(schedule, period_of(kind, now.date()).first, now)
    return (
        due if due <= now else _due_on(schedule, period_of(kind, due.date() - timedelta(days=1)).first, now)
    )


def _due_on(schedule: Schedule, day: date, now: datetime) -> datetime:
    return datetime.combine(day, time_of(schedule), now.tzinfo)
