"""Satisfaction as the desk shows it, and the low ratings whose comments are to be read."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

import msgspec

from cur_tui.domain.figures.satisfaction import Satisfaction
from cur_tui.domain.figures.satisfaction import satisfaction_of as gathered
from cur_tui.domain.time.periods import Basis

if TYPE_CHECKING:
    from cur_tui.domain.time.periods import Period
    from cur_tui.services.desk import Desk

MOST = 200
"""Low ratings that are shown at once."""
_DAY = timedelta(days=1)


class LowRating(msgspec.Struct, frozen=True):
    """A low rating with what the applicant wrote. ``is_open``: the appeal is in work again."""

    number: str
    title: str
    block: str | None
    authority: str | None
    rating: int
    comment: str | None
    is_open: bool
    is_read: bool
    """Whether somebody has acknowledged the alert of it."""


def satisfaction_of(desk: Desk, first: date, last: date) -> Satisfaction:
    """The ratings of answers delivered from ``first`` to ``last``, in region time. Call it in a worker."""
    begins, until = (datetime.combine(day, time(), desk.zone) for day in (first, last + _DAY))
    return gathered(desk.cache.reader.ratings(int(begins.timestamp()), int(until.timestamp())))


def ratings_query(period: Period, source: str | None, ratings: str = "") -> str:
    """The query behind a number: the answers by a channel, of all where None; ``ratings``: those with that
    one, with ``any``, with a ``positive`` one.
    """
    rated = {"": "", "any": "-rating:none", "positive": "rating:4,5"}.get(ratings, f"rating:{ratings}")
    channel = "" if source is None else f"source:{source}"
    return " ".join(part for part in (period.query(Basis.DONE), "answered", channel, rated) if part)


def low_ratings(desk: Desk, first: date, last: date) -> list[LowRating]:
    """The low ratings of answers to appeals registered in that time, the latest first."""
    period = f"registered:{first.isoformat()}..{last.isoformat()}"
    query = desk.lists.parse(f"rating:<3 {period} sort:-registered")
    found = []
    for listed in desk.lists.page(query, MOST)[0]:
        appeal = desk.find(listed.row.id)
        if appeal is None or appeal.rating is None:
            continue
        alerts = [alert for alert in appeal.alerts if alert.event == "low_rating"]
        found.append(
            LowRating(
                number=appeal.number,
                title=listed.row.title,
                block=appeal.block,
                authority=appeal.assignments[-1].authority if appeal.assignments else None,
                rating=appeal.rating,
                comment=appeal.rating_comment,
                is_open=appeal.state.is_open,
                is_read=bool(alerts) and all(alert.acknowledged_at is not None for alert in alerts),
            )
        )
    return found
