"""When a report is due by its schedule: in region time, whatever the clocks of the server show."""

from datetime import date, datetime, time, timedelta

from cur_tui.domain.cuts import Schedule
from cur_tui.domain.periods import PeriodKind, period_of
from cur_tui.domain.refusal import Refused

_LENGTH = len("00:00")


def time_of(schedule: Schedule) -> time:
    """The time of day. Raises :class:`Refused` ``invalid_value`` for what is none."""
    try:
        if len(schedule.at) != _LENGTH:
            raise ValueError(schedule.at)
        return time.fromisoformat(schedule.at)
    except ValueError:
        raise Refused("invalid_value", field="at", value=schedule.at[:80]) from None


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
