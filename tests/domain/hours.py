"""Working hours and moments for the tests of terms."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from cur_tui.domain.profile.profile import Interval, WorkingHours
from cur_tui.domain.time.calendar import load_calendar
from cur_tui.domain.time.working_time import WorkClock

MOSCOW = "Europe/Moscow"
YAKUTSK = "Asia/Yakutsk"


def intervals(*spans: str) -> tuple[Interval, ...]:
    """Intervals out of texts like "09:00-13:00"."""
    return tuple(Interval(*map(time.fromisoformat, span.split("-"))) for span in spans)


NO_LUNCH = WorkingHours(week=(intervals("09:00-18:00"),) * 5)
LUNCH = WorkingHours(week=(intervals("09:00-13:00", "14:00-18:00"),) * 5)
REGION = WorkingHours(
    week=(*(intervals("09:00-13:00", "14:00-18:00"),) * 4, intervals("09:00-13:00", "14:00-17:00"), (), ())
)
KALUGA = WorkingHours(week=(intervals("08:00-17:00"),) * 5, uses_production_calendar=False)


def clock(hours: WorkingHours = REGION, tz: str = MOSCOW) -> WorkClock:
    return WorkClock(load_calendar(), hours, tz)


def at(text: str, tz: str = MOSCOW) -> datetime:
    """The UTC instant of a region's wall time like "2026-04-29 16:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(tz)).astimezone(UTC)
