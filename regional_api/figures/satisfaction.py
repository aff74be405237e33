"""How applicants rated the answers in the reader's scope, by channel."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from cur_tui.domain.figures.satisfaction import Satisfaction, satisfaction_of
from cur_tui.domain.refusal import Refused
from cur_tui.domain.rights import Permission
from regional_api.centre import Centre
from regional_api.clock import seconds
from regional_api.database.connections import follow
from regional_api.database.indexes import DONE
from regional_api.database.tables import APPEAL
from regional_api.identity.callers import Caller

_DAY = timedelta(days=1)


def read_satisfaction(centre: Centre, caller: Caller, first: date, last: date) -> Satisfaction:
    """The ratings of answers delivered from ``first`` to ``last``, in region time.

    Raises ``not_permitted`` without the right to supervise, ``invalid_value`` for days in the wrong order.
    """
    caller.must(Permission.SUPERVISE, "satisfaction")
    if last < first or last == date.max:
        raise Refused("invalid_value", field="last", value=last.isoformat())
    zone = ZoneInfo(caller.region.time_zone)
    begins, until = (seconds(datetime.combine(day, time(), zone)) for day in (first, last + _DAY))
    statement = (
        select(APPEAL.c.source, APPEAL.c.rating, func.count())
        .where(
            APPEAL.c.done_at >= begins,
            APPEAL.c.done_at < until,
            APPEAL.c.answered_at.is_not(None),
            caller.scope.where(),
        )
        .group_by(APPEAL.c.source, APPEAL.c.rating)
    )
    with centre.database.reading() as connection:
        rows = connection.execute(follow(statement, APPEAL, DONE)).all()
    return satisfaction_of((source, rating, n) for source, rating, n in rows)
