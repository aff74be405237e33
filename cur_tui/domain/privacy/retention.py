"""How long an appeal keeps its texts and its author: by the rules of the region profile.

Archive terms count whole years from 1 January of the year after a file was closed (Росархив, rules of
20.12.2019).
"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from cur_tui.domain.lifecycle import TRANSITIONS
from cur_tui.domain.model import Appeal
from cur_tui.domain.profile.profile import Region

CLOSING = frozenset(row.command for row in TRANSITIONS if row.to is not None and not row.to.is_open)
"""Acts that close an appeal."""


def closed_at(appeal: Appeal) -> datetime | None:
    """When the appeal was closed; None while it is open.

    The latest act that closes, be it the delivery of a notice that followed. One that came closed from
    another system, without its history, was closed at its last event.
    """
    if appeal.state.is_open:
        return None
    for event in reversed(appeal.timeline):
        if event.type in CLOSING:
            return event.at
    return appeal.timeline[-1].at if appeal.timeline else appeal.registered_at


def erasable_from(appeal: Appeal, region: Region) -> date | None:
    """The first day, in region time, on which the appeal need not be kept; None: it is kept."""
    closed = closed_at(appeal)
    years = next((rule.years for rule in region.retention if rule.regime is appeal.regime), None)
    if closed is None or years is None or appeal.erased_at is not None:
        return None
    return first_day(closed, years, region)


def first_day(closed: datetime, years: int, region: Region) -> date:
    """1 January of the year in which ``years`` whole years are over."""
    return date(closed.astimezone(ZoneInfo(region.time_zone)).year + 1 + years, 1, 1)


def newest_expired(today: date, region: Region) -> datetime | None:
    """Whatever was registered at or after this instant is kept; None when the region has no rule at all."""
    if not region.retention:
        return None
    years = min(rule.years for rule in region.retention)
    return datetime(today.year - years, 1, 1, tzinfo=ZoneInfo(region.time_zone))
